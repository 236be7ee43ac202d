/* What a target is: by its scheme, or by looking at it. */
#include "scan/target.h"

#include "util/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <fpscan/target.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LOOKED_AT = 64 }; /* names of a tar */

typedef struct scheme {
    const char *name;
    fps__target_kind kind;
    fps__image_kind image;
} scheme;

static const scheme schemes[] = {
    {"dir:", FPS__TARGET_TREE, FPS__IMAGE_ANY},
    {"file:", FPS__TARGET_TREE, FPS__IMAGE_ANY},
    {"tar:", FPS__TARGET_TAR, FPS__IMAGE_ANY},
    {"oci-dir:", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_DIRECTORY},
    {"oci-archive:", FPS__TARGET_IMAGE, FPS__IMAGE_OCI_ARCHIVE},
    {"docker-archive:", FPS__TARGET_IMAGE, FPS__IMAGE_DOCKER_ARCHIVE},
};

enum { SCHEMES = sizeof schemes / sizeof *schemes };

size_t fps_target_scheme_count(void)
{
    return SCHEMES;
}

const char *fps_target_scheme(size_t index)
{
    return index < SCHEMES ? schemes[index].name : NULL;
}

/* Length of the scheme with its colon, as in "oci-dir:image"; 0 when there is none, or a file has the whole
 * name. */
static size_t scheme_length(const char *target)
{
    size_t length = 0;
    struct stat st;
    while (isalnum((unsigned char)target[length]) || target[length] == '-' || target[length] == '+')
        length++;
    return length && target[length] == ':' && stat(target, &st) != 0 ? length + 1 : 0;
}

static const scheme *find_scheme(const char *target, size_t length)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (strlen(schemes[i].name) == length && strncmp(schemes[i].name, target, length) == 0)
            return &schemes[i];
    return NULL;
}

static const char *skip_scheme(const char *target, size_t length)
{
    const char *path = target + length;
    return strncmp(path, "//", 2) == 0 ? path + 2 : path;
}

const char *fps_target_path(const char *target)
{
    size_t length = scheme_length(target);
    return length && find_scheme(target, length) ? skip_scheme(target, length) : target;
}

static fps_status fail_scheme(const char *target, fps_error *error)
{
    char list[256] = "";
    for (size_t i = 0, used = 0; i < SCHEMES && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0            ? ""
                                 : i + 1 < SCHEMES ? ", "
                                                   : " and ",
                                 schemes[i].name);
    return fps__fail(error, FPS_ERROR_UNSUPPORTED, target, UINT64_MAX,
                     "no such file, and no such scheme; there are %s", list);
}

/* Follows the scheme of a target that has one; else *found stays as it is. */
static fps_status follow_scheme(const char *target, fps__target *found, bool *has_scheme, fps_error *error)
{
    size_t length = scheme_length(target);
    const scheme *known = length ? find_scheme(target, length) : NULL;
    *has_scheme = length > 0;
    if (!length)
        return FPS_OK;
    if (!known)
        return fail_scheme(target, error);
    *found = (fps__target){known->kind, known->image, skip_scheme(target, length)};
    if (!*found->path)
        return fps__fail(error, FPS_ERROR_ARGUMENT, target, UINT64_MAX, "the target is empty");
    return FPS_OK;
}

/* True when the first part of a name in a tar is a folder of a root. */
static bool is_root_folder(const char *path)
{
    static const char *const folders[] = {"bin",   "boot",   "dev",   "etc", "home", "lib",  "lib32",
                                          "lib64", "libx32", "media", "mnt", "opt",  "proc", "root",
                                          "run",   "sbin",   "srv",   "sys", "tmp",  "usr",  "var"};
    while (*path == '/' || (path[0] == '.' && path[1] == '/'))
        path += *path == '/' ? 1 : 2;
    size_t length = strcspn(path, "/");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strlen(folders[i]) == length && strncmp(folders[i], path, length) == 0)
            return true;
    return false;
}

/* A tar is a root when all of its first names are folders of one. */
static bool is_root_tar(const char *path)
{
    struct archive *reader = archive_read_new();
    struct archive_entry *entry;
    size_t names = 0, known = 0;
    if (!reader)
        return false;
    archive_read_support_filter_all(reader);
    archive_read_support_format_tar(reader);
    if (archive_read_open_filename(reader, path, 1 << 16) == ARCHIVE_OK) {
        while (names < LOOKED_AT && archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
            const char *name = archive_entry_pathname(entry);
            if (!name || !strcmp(name, ".") || !strcmp(name, "./") || !strcmp(name, "/"))
                continue;
            names++;
            known += is_root_folder(name);
        }
    }
    archive_read_free(reader);
    return names && known == names;
}

fps_status fps__target_find(const char *target, fps__target *found, fps_error *error)
{
    struct stat st;
    bool has_scheme = false;
    *found = (fps__target){.path = target};
    fps_status status = follow_scheme(target, found, &has_scheme, error);
    if (status != FPS_OK || has_scheme)
        return status;
    if (stat(target, &st) != 0 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
        return FPS_OK;                                /* opening it says what is wrong */
    if (S_ISREG(st.st_mode) && is_root_tar(target)) { /* needs its first names alone */
        found->kind = FPS__TARGET_TAR;
        return FPS_OK;
    }
    status = fps__image_probe(target, &found->image, error);
    if (status == FPS_OK && found->image != FPS__IMAGE_ANY)
        found->kind = FPS__TARGET_IMAGE;
    return status;
}
