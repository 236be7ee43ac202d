/* A directory or a single file as target: the walk, its names, and what is read a second time for its
 * digests. */
#include "scan/scan_internal.h"

#include "util/error.h"

#include <sys/stat.h>

/* Names are kept until there are too many; then there is no tree, and nothing is said about packages. */
static void take_name(void *user, const fps__source_seen *name)
{
    fps__scan_run *run = user;
    fps__layer_entry entry = {.path = name->path,
                              .target = name->target,
                              .size = name->size,
                              .mode = name->mode & 07777,
                              .content = FPS__NO_CONTENT,
                              .type = S_ISREG(name->mode)   ? FPS__ENTRY_FILE
                                      : S_ISDIR(name->mode) ? FPS__ENTRY_DIRECTORY
                                      : S_ISLNK(name->mode) ? FPS__ENTRY_SYMLINK
                                                            : FPS__ENTRY_OTHER};
    fps_error error = {.offset = UINT64_MAX};
    fps_status status = run->names ? fps__tree_add(run->names, &entry, &error) : FPS_OK;
    if (status == FPS_OK)
        return;
    if (status == FPS_ERROR_MEMORY) {
        fps__scan_fail_memory(run);
        return;
    }
    fps__scan_add_diagnostic(
        run, FPS_DIAGNOSTIC_NOTE, "too-many-names", NULL,
        "more names than are kept: files were looked at, but not compared with packages");
    fps__tree_free(run->names);
    run->names = NULL;
}

fps_status fps__scan_directory(fps__scan_run *run, const char *target, fps_error *error)
{
    const fps_scan_options *options = &run->scan->options;
    fps__source_options source_options = {.one_file_system = options->one_file_system,
                                          .skip_dirs = options->skip_dirs,
                                          .skip_files = options->skip_files,
                                          .diagnostic = fps__scan_diagnose_run,
                                          .named = take_name,
                                          .user = run};
    fps__source *source;
    fps_status status = fps__source_open(&source, target, &source_options, error);
    if (status != FPS_OK)
        return status;
    run->is_directory = fps__source_is_directory(source);
    if (run->is_directory)
        status = fps__tree_create(&run->names, 0, error);
    if (run->names)
        fps__tree_set_limits(run->names, fps__scan_names_memory(run), 0);
    fps__workers_options workers = fps__scan_worker_options(run);
    if (status == FPS_OK)
        status = fps__workers_run(source, &workers, error);
    fps__source_counts counts;
    fps__source_counts_get(source, &counts);
    fps_result_info *info = &run->result->info;
    info->entries = counts.entries;
    info->regular_files = counts.regular_files;
    info->skipped_pseudo = counts.pseudo_skipped;
    info->target_type = run->is_directory ? "directory" : "file";
    fps__source_close(source);
    return status;
}
