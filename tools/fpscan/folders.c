/* Where fpscan keeps what it makes (XDG Base Directory Specification 0.8). */
#include "folders.h"

#include "common/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* `file` (may be "") in the folder PROGRAM of the folder that the variable names, or of `fallback` in the
 * home. */
static bool find(char **path, const char *variable, const char *fallback, const char *file)
{
    const char *folder = getenv(variable), *home = getenv("HOME");
    int length = 0;
    *path = NULL;
    if (folder && folder[0] == '/')
        length = asprintf(path, "%s/" PROGRAM "%s", folder, file);
    else if (home && home[0] == '/')
        length = asprintf(path, "%s/%s/" PROGRAM "%s", home, fallback, file);
    if (length >= 0)
        return true;
    *path = NULL;
    message_print(PROGRAM, "out of memory");
    return false;
}

bool folder_cache(char **path, const settings *s)
{
    if (!s->cache_dir)
        return find(path, "XDG_CACHE_HOME", ".cache", "");
    *path = strdup(s->cache_dir);
    if (!*path)
        message_print(PROGRAM, "out of memory");
    return *path != NULL;
}

bool folder_data(char **path)
{
    return find(path, "XDG_DATA_HOME", ".local/share", "");
}

bool folder_base_images(char **path)
{
    return find(path, "XDG_DATA_HOME", ".local/share", "/base-images.json");
}

bool folder_advisories(char **path)
{
    return find(path, "XDG_DATA_HOME", ".local/share", "/advisories.fpav");
}

bool folder_keys(char **path)
{
    return find(path, "XDG_DATA_HOME", ".local/share", "/keys");
}

bool folder_has(const char *path, bool *there)
{
    *there = path && access(path, F_OK) == 0;
    if (!path || *there || errno == ENOENT || errno == ENOTDIR)
        return true;
    message_print(PROGRAM, "%s: %s", path, strerror(errno));
    return false;
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
