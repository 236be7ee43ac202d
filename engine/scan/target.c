/* What a target is: by its scheme, or by looking at it. */
#include "scan/target.h"

#include "archive/reader_open.h"
#include "archive/stream.h"
#include "archive/volume_tar.h"
#include "util/clock.h"
#include "util/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fpscan/target.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PROBED_NAMES = 64, /* of a tar */
    PROBED_BYTES =
        64 * 1024 * 1024, /* unpacked, to get at these names: they lie between the bytes of the files */
};

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
    {"sbom:", FPS__TARGET_DOCUMENT, FPS__IMAGE_ANY},
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
    *found = (fps__target){.kind = known->kind, .image = known->image, .path = skip_scheme(target, length)};
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

/* The first bytes of a stream, as libarchive asks for them. */
typedef struct probe {
    fps__stream *stream;
    uint64_t deadline_ms;
} probe;

static ssize_t give_block(struct archive *reader, void *user, const void **data)
{
    probe *p = user;
    fps__span block;
    *data = NULL;
    if (fps__stream_unpacked(p->stream) > PROBED_BYTES || fps__deadline_passed(p->deadline_ms) ||
        fps__stream_next(p->stream, &block, NULL) != FPS_OK) {
        archive_set_error(reader, EIO, "no more bytes to look at");
        return -1;
    }
    *data = block.data;
    return (ssize_t)block.size;
}

/* True when the names at the start of a tar are those of a root. What lies behind PROBED_BYTES is not looked at. */
static bool names_are_of_a_root(probe *p)
{
    struct archive *reader = archive_read_new();
    struct archive_entry *entry = NULL;
    size_t names = 0, known = 0;
    if (reader && archive_read_support_format_tar(reader) == ARCHIVE_OK &&
        fps__reader_open(reader, p, give_block) == ARCHIVE_OK) {
        while (names < PROBED_NAMES && fps__reader_next(reader, &entry) == ARCHIVE_OK) {
            const char *name = archive_entry_pathname(entry);
            if (!name || !strcmp(name, ".") || !strcmp(name, "./") || !strcmp(name, "/"))
                continue;
            names++;
            known += is_root_folder(name);
        }
    }
    archive_read_free(reader);
    archive_entry_free(entry);
    return names && known == names;
}

/* A tar is a root when all of its first names are folders of one. It is unpacked as the scan will unpack it, within the
 * same limits: libarchive's own filters start other programs for some formats. */
static bool is_root_tar(const char *path, uint64_t deadline_ms)
{
    struct stat st;
    fps__stream_range *range = NULL;
    fps__stream_input input;
    fps__stream_options options = {.name = path};
    probe p = {.deadline_ms = deadline_ms};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    bool root = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                fps__stream_range_create(&range, fd, 0, (uint64_t)st.st_size, &input, NULL) == FPS_OK &&
                fps__stream_open(&p.stream, &input, &options, NULL) == FPS_OK && names_are_of_a_root(&p);
    fps__stream_close(p.stream);
    fps__stream_range_free(range);
    close(fd);
    return root;
}

/* A file system or disk with the root of a system. */
static bool is_root_volume(const char *path, uint64_t deadline_ms)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    bool root = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                fps__volume_tar_probe(fd, (uint64_t)st.st_size, deadline_ms);
    close(fd);
    return root;
}

static bool holds(const char *text, size_t size, const char *word)
{
    return memmem(text, size, word, strlen(word)) != NULL;
}

/* True when the bytes begin as a document of these formats does, and as nothing else. */
static bool begins_as_document(const char *text, size_t size)
{
    size_t at = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (bool remark = false; at < size && (remark || (strchr("# \t\r\n", text[at]) && text[at])); at++)
        remark = text[at] == '#' || (remark && text[at] != '\n'); /* before SPDX in tags and values */
    text += at;
    size -= at;
    if (size && text[0] == '{')
        return (holds(text, size, "\"bomFormat\"") && holds(text, size, "\"CycloneDX\"")) ||
               (holds(text, size, "\"spdxVersion\"") && holds(text, size, "\"SPDX-")) ||
               (holds(text, size, "\"@context\"") && holds(text, size, "spdx.org/rdf/3")) ||
               (holds(text, size, "\"schemaVersion\"") && holds(text, size, "\"fpscan\""));
    if (size && text[0] == '<')
        return holds(text, size, "cyclonedx.org/schema/bom/");
    return size > 12 && memcmp(text, "SPDXVersion:", 12) == 0;
}

/* Tells by the first bytes of the file whether it is a document. FPS_ERROR_IO: they cannot be read. */
static fps_status look_for_document(const char *path, bool *found, fps_error *error)
{
    enum { HEAD = 4096 };
    char head[HEAD];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fps__fail_io(error, path, errno, "open");
    ssize_t size = pread(fd, head, sizeof head, 0);
    int reason = errno;
    close(fd);
    *found = size > 0 && begins_as_document(head, (size_t)size);
    return size < 0 ? fps__fail_io(error, path, reason, "read") : FPS_OK;
}

fps_status fps__target_find(const char *target, uint64_t deadline_ms, fps__target *found, fps_error *error)
{
    struct stat st;
    bool has_scheme = false;
    *found = (fps__target){.path = target};
    fps_status status = follow_scheme(target, found, &has_scheme, error);
    if (status != FPS_OK || has_scheme)
        return status;
    if (stat(target, &st) != 0 || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
        return FPS_OK; /* opening it says what is wrong */
    bool document = false;
    status = S_ISREG(st.st_mode) ? look_for_document(target, &document, error) : FPS_OK;
    if (status || document) {
        found->kind = document ? FPS__TARGET_DOCUMENT : found->kind;
        return status;
    }
    if (S_ISREG(st.st_mode) && is_root_tar(target, deadline_ms)) { /* needs its first names alone */
        found->kind = FPS__TARGET_TAR;
        return FPS_OK;
    }
    if (S_ISREG(st.st_mode) && is_root_volume(target, deadline_ms)) {
        found->kind = FPS__TARGET_VOLUME;
        return FPS_OK;
    }
    status = fps__image_probe(target, &found->image, &found->alike, &found->why);
    if (status != FPS_OK && error)
        *error = found->why;
    if (status == FPS_OK && found->image != FPS__IMAGE_ANY)
        found->kind = FPS__TARGET_IMAGE;
    return status;
}
