/* Where fpscan keeps what it makes (XDG Base Directory Specification 0.8). */
#include "folders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

char *folder_keys(void)
{
    return find("XDG_DATA_HOME", ".local/share", "/keys");
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

bool folder_copy_file(const char *from, const char *to)
{
    char *temporary = NULL, block[65536];
    FILE *in = fopen(from, "rb"), *out = NULL;
    int fd = in && asprintf(&temporary, "%s.XXXXXX", to) >= 0 ? mkstemp(temporary) : -1;
    bool good = fd >= 0 && (out = fdopen(fd, "wb")) != NULL;
    for (size_t size; good && (size = fread(block, 1, sizeof block, in)) > 0;)
        good = fwrite(block, 1, size, out) == size;
    good = good && !ferror(in) && fflush(out) == 0 && fsync(fd) == 0;
    if (out)
        good = fclose(out) == 0 && good;
    if (in)
        fclose(in);
    good = good && rename(temporary, to) == 0;
    if (!good && temporary)
        unlink(temporary);
    free(temporary);
    return good;
}
