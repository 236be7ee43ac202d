/* Where fpscan keeps what it makes (XDG Base Directory Specification 0.8). */
#include "folders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* `file` (may be "") in the folder PROGRAM of the folder that the variable names, or of `fallback` in the
 * home. */
static char *find(const char *variable, const char *fallback, const char *file)
{
    const char *folder = getenv(variable), *home = getenv("HOME");
    char *path = NULL;
    int length = -1;
    if (folder && folder[0] == '/')
        length = asprintf(&path, "%s/" PROGRAM "%s", folder, file);
    else if (home && home[0] == '/')
        length = asprintf(&path, "%s/%s/" PROGRAM "%s", home, fallback, file);
    return length < 0 ? NULL : path;
}

char *folder_cache(const settings *s)
{
    return s->cache_dir ? strdup(s->cache_dir) : find("XDG_CACHE_HOME", ".cache", "");
}

char *folder_data(void)
{
    return find("XDG_DATA_HOME", ".local/share", "");
}

char *folder_base_images(void)
{
    return find("XDG_DATA_HOME", ".local/share", "/base-images.json");
}

char *folder_advisories(void)
{
    return find("XDG_DATA_HOME", ".local/share", "/advisories.fpav");
}

void folder_make(const char *folder)
{
    char *path = strdup(folder);
    for (char *slash = path ? strchr(path + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    free(path);
    mkdir(folder, 0700);
}
