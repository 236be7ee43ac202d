/* Metadata of language packages inside archives: which files hold it, and which package they tell of. */
#include "scan/archive_metadata.h"

bool fps__metadata_wants(const char *path)
{
    (void)path;
    return false;
}

bool fps__metadata_read(const char *path, fps__span bytes, fps__arena *arena, fps_package *package,
                        const char **root)
{
    (void)path;
    (void)bytes;
    (void)arena;
    (void)package;
    (void)root;
    return false;
}
