/* Opening a target and handing out its regular files. */
#include "source/source.h"

#include "source/source_state.h"
#include "util/error.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum scheme { SCHEME_ANY, SCHEME_DIRECTORY, SCHEME_FILE } scheme;

/* True when `target` starts with a word and a colon, as "oci-dir:image" does. */
static bool has_scheme(const char *target)
{
    size_t length = 0;
    while (isalnum((unsigned char)target[length]) || target[length] == '-' || target[length] == '+')
        length++;
    return length && target[length] == ':';
}

static bool path_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* Splits the scheme off; *path points into `target`. */
static fps_status split_target(const char *target, scheme *kind, const char **path, fps_error *error)
{
    *kind = SCHEME_ANY;
    *path = target;
    if (!path_exists(target)) {
        if (strncmp(target, "dir:", 4) == 0) {
            *kind = SCHEME_DIRECTORY;
            *path = target + 4 + (strncmp(target + 4, "//", 2) == 0 ? 2 : 0);
        } else if (strncmp(target, "file:", 5) == 0) {
            *kind = SCHEME_FILE;
            *path = target + 5 + (strncmp(target + 5, "//", 2) == 0 ? 2 : 0);
        } else if (has_scheme(target)) {
            return fps__fail(error, FPS_ERROR_UNSUPPORTED, target, UINT64_MAX,
                             "this build reads directories and files");
        }
    }
    if (!**path)
        return fps__fail(error, FPS_ERROR_ARGUMENT, target, UINT64_MAX, "the target is empty");
    return FPS_OK;
}

static fps_status fail_target(fps_error *error, const char *path, int errno_value)
{
    if (errno_value == ENOENT || errno_value == ENOTDIR)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "no such file or directory");
    return fps__fail_io(error, path, errno_value, "cannot open");
}

static fps_status open_directory(fps__source *source, const char *path, fps_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_target(error, path, errno);
    fps__root_init(&source->settings.root, fd);
    return fps__walk_open(&source->walk, &source->settings, error);
}

/* A file is an entry of the directory that it lies in, and that directory is the root. */
static fps_status open_file(fps__source *source, const char *path, fps_error *error)
{
    struct stat st;
    char *real = realpath(path, NULL);
    if (!real)
        return fail_target(error, path, errno);
    char *base = strrchr(real, '/');
    source->single.path = strdup(base);
    base[base == real] = '\0';
    int directory = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(real);
    if (directory < 0)
        return fail_target(error, path, errno);
    fps__root_init(&source->settings.root, directory);
    if (!source->single.path)
        return fps__fail_memory(error);
    int fd = fps__root_open(&source->settings.root, source->single.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fail_target(error, path, errno);
    bool known = fstat(fd, &st) == 0;
    close(fd);
    if (!known || !S_ISREG(st.st_mode))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, path, UINT64_MAX, "not a regular file");
    source->single.size = (uint64_t)st.st_size;
    source->single.device = st.st_dev;
    source->single.inode = st.st_ino;
    source->single.mode = st.st_mode;
    return FPS_OK;
}

static fps_status open_path(fps__source *source, const char *path, scheme kind, fps_error *error)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return fail_target(error, path, errno);
    if (kind == SCHEME_DIRECTORY && !S_ISDIR(st.st_mode))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, path, UINT64_MAX, "not a directory");
    if (kind == SCHEME_FILE && S_ISDIR(st.st_mode))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, path, UINT64_MAX, "a directory, not a file");
    if (S_ISDIR(st.st_mode))
        return open_directory(source, path, error);
    if (!S_ISREG(st.st_mode))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, path, UINT64_MAX, "not a directory or a regular file");
    return open_file(source, path, error);
}

fps_status fps__source_open(fps__source **source, const char *target, const fps__source_options *options,
                            fps_error *error)
{
    static const fps__source_options defaults;
    const char *path;
    scheme kind;
    *source = NULL;
    options = options ? options : &defaults;
    fps_status status = split_target(target, &kind, &path, error);
    if (status != FPS_OK)
        return status;
    fps__source *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->settings.root.fd = -1;
    made->settings.one_file_system = options->one_file_system;
    made->settings.named = options->named;
    made->settings.named_user = options->user;
    fps__source_redirect(made, options, NULL);
    status = fps__globs_init(&made->settings.skip_dirs, options->skip_dirs, error);
    if (status == FPS_OK)
        status = fps__globs_init(&made->settings.skip_files, options->skip_files, error);
    if (status == FPS_OK)
        status = open_path(made, path, kind, error);
    if (status == FPS_OK)
        *source = made;
    else
        fps__source_close(made);
    return status;
}

void fps__source_redirect(fps__source *source, const fps__source_options *callbacks,
                          fps__source_options *previous)
{
    fps__walk_settings *settings = &source->settings;
    if (previous)
        *previous = (fps__source_options){
            .diagnostic = settings->diagnostic, .interrupted = settings->interrupted, .user = settings->user};
    settings->diagnostic = callbacks->diagnostic;
    settings->interrupted = callbacks->interrupted;
    settings->user = callbacks->user;
}

static fps_status next_single(fps__source *source, fps__source_entry *entry, fps_error *error)
{
    if (source->single_given)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX, "no more entries");
    *entry = source->single;
    entry->path = strdup(source->single.path);
    source->single_given = true;
    source->settings.counts.entries = 1;
    return entry->path ? FPS_OK : fps__fail_memory(error);
}

/* Gives the entry on, or holds it back until its inode's other names are seen (FPS_ERROR_NOT_FOUND). */
static fps_status join_links(fps__source *source, fps__source_entry *entry, uint32_t names)
{
    if (names < 2)
        return FPS_OK;
    fps_status status = fps__links_add(&source->links, entry, names);
    bool full = status == FPS_ERROR_LIMIT || source->links.dropped;
    if (full && !source->links_full_said) {
        source->links_full_said = true;
        fps__walk_report(&source->settings, FPS_DIAGNOSTIC_NOTE, "hard-links-not-joined", NULL,
                         "too many hard links to remember: some names of files are missing, or stand for "
                         "files of their own");
    }
    return status == FPS_ERROR_LIMIT ? FPS_OK : status;
}

fps_status fps__source_next(fps__source *source, fps__source_entry *entry, fps_error *error)
{
    uint32_t names;
    fps_status status;
    if (!source->walk) {
        status = next_single(source, entry, error);
    } else {
        do {
            status = fps__walk_next(source->walk, entry, &names, error);
        } while (status == FPS_OK && join_links(source, entry, names) != FPS_OK);
        if (status == FPS_ERROR_NOT_FOUND)
            status = fps__links_drain(&source->links, entry);
    }
    if (status == FPS_OK)
        source->settings.counts.regular_files++;
    return status;
}

void fps__source_entry_free(fps__source_entry *entry)
{
    for (size_t i = 0; i < entry->link_count; i++)
        free(entry->links[i]);
    free(entry->links);
    free(entry->path);
    *entry = (fps__source_entry){0};
}

void fps__source_counts_get(const fps__source *source, fps__source_counts *counts)
{
    *counts = source->settings.counts;
}

bool fps__source_is_directory(const fps__source *source)
{
    return source->walk != NULL;
}

void fps__source_close(fps__source *source)
{
    if (!source)
        return;
    fps__walk_close(source->walk);
    fps__links_free(&source->links);
    fps__globs_free(&source->settings.skip_dirs);
    fps__globs_free(&source->settings.skip_files);
    fps__source_entry_free(&source->single);
    if (source->settings.root.fd >= 0)
        close(source->settings.root.fd);
    free(source);
}
