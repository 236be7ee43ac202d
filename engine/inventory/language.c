/* Packages of languages: which of their files are wanted, and the readers of each. */
#include "inventory/language.h"

enum { METADATA_MAX = 4 * 1024 * 1024 }; /* bytes; of lists of files any number */

static bool ends(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);
    return size > tail && !strcmp(path + size - tail, suffix);
}

bool fps__inventory_wants_language(const char *path, uint64_t size)
{
    if (ends(path, ".dist-info/RECORD") || ends(path, ".egg-info/installed-files.txt"))
        return true;
    return size <= METADATA_MAX &&
           (ends(path, ".dist-info/METADATA") || ends(path, ".egg-info/PKG-INFO") || ends(path, ".egg-info"));
}

void fps__inventory_read_language(fps__inventory_reading *reading)
{
    fps__inventory_read_python(reading);
}
