/* Drift, executables and shared objects that no package owns. */
#include "drift/drift_internal.h"

#include <string.h>

/* A maintainer script that dpkg keeps is its own, even where it is a program. */
static bool is_maintainer_script(const char *path)
{
    static const char directory[] = "/var/lib/dpkg/info/";
    static const char *const ends[] = {".preinst", ".postinst", ".prerm", ".postrm", ".config"};
    if (strncmp(path, directory, sizeof directory - 1) != 0)
        return false;
    const char *end = strrchr(path, '.');
    for (size_t i = 0; end && i < sizeof ends / sizeof *ends; i++)
        if (strcmp(end, ends[i]) == 0)
            return true;
    return false;
}

static bool is_unowned(const fps__drift_work *work, size_t index)
{
    const fps_file *file = &work->input->files[index];
    bool program = file->format == FPS_FORMAT_ELF || file->format == FPS_FORMAT_PE;
    bool type = file->type == FPS_OBJECT_EXECUTABLE || file->type == FPS_OBJECT_SHARED;
    return program && type && file->visibility == FPS_VISIBILITY_VISIBLE && !file->archive_path &&
           fps__drift_owner(work, index) == UINT32_MAX && !is_maintainer_script(file->path) &&
           !(work->prelink && strstr(file->path, ".#prelink#"));
}

void fps__drift_unowned(fps__drift_work *work)
{
    const fps__drift_input *input = work->input;
    for (size_t i = 0; i < input->file_count && input->ownership->any_system; i++) {
        const fps_file *file = &input->files[i];
        if (!is_unowned(work, i))
            continue;
        const char *format = file->format == FPS_FORMAT_ELF ? "ELF" : "PE";
        const char *type = file->type == FPS_OBJECT_EXECUTABLE ? "executable" : "shared object";
        fps_drift item = {.kind = FPS_DRIFT_UNOWNED,
                          .level = FPS_DRIFT_LEVEL_DRIFT,
                          .path = file->path,
                          .file = (uint32_t)i,
                          .package = UINT32_MAX,
                          .other = UINT32_MAX,
                          .found = fps__drift_text(work, "%s %s", format, type),
                          .message = fps__drift_text(work, "no package claims this %s %s", format, type)};
        fps__drift_add(work, &item);
    }
}
