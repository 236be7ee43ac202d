/* The compiled rules in the user's cache. Loading them is as good as running code, so nobody else may have
 * written them. */
#include "match/rules_cache.h"

#include "util/bytes.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define FILE_MAX    (256u << 20)
#define HEADER_SIZE 32 /* magic 8, size 8, XXH3-128 of the rest 16 */

static const char magic[8] = {'F', 'P', 'S', 'R', 'U', 'L', 'E', '1'};

static fps_status check_owner(const struct stat *info, const char *path, const char *what, fps_error *error)
{
    if (info->st_uid != geteuid())
        return fps__fail(error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "the %s belongs to another user", what);
    if (info->st_mode & (S_IWGRP | S_IWOTH))
        return fps__fail(error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "another user can write the %s", what);
    return FPS_OK;
}

/* Opens the folder when nobody else can put a file there. */
static fps_status open_folder(const char *folder, int *fd, fps_error *error)
{
    struct stat info;
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, folder, UINT64_MAX, "there is no such cache folder");
    if (*fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return fps__fail(error, FPS_ERROR_ARGUMENT, folder, UINT64_MAX,
                         "the cache folder is a symbolic link or no folder");
    if (*fd < 0)
        return fps__fail_io(error, folder, errno, "open cache folder");
    fps_status status = fstat(*fd, &info) == 0 ? check_owner(&info, folder, "cache folder", error)
                                               : fps__fail_io(error, folder, errno, "look at cache folder");
    if (status != FPS_OK)
        close(*fd);
    return status;
}

/* Makes the folder and those above it. */
static fps_status make_folder(const char *folder, fps_error *error)
{
    char *path = strdup(folder);
    if (!path)
        return fps__fail_memory(error);
    bool failed = false;
    for (char *at = path; !failed && *at; at++) {
        if (*at != '/' || at == path)
            continue;
        *at = '\0';
        failed = mkdir(path, 0700) != 0 && errno != EEXIST;
        *at = '/';
    }
    failed = failed || (mkdir(path, 0700) != 0 && errno != EEXIST);
    int reason = errno;
    free(path);
    return failed ? fps__fail_io(error, folder, reason, "make cache folder") : FPS_OK;
}

static bool read_all(int fd, uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = read(fd, data + done, size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        done += (size_t)count;
    }
    return true;
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(fd, data + done, size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        done += (size_t)count;
    }
    return true;
}

static void fill_header(uint8_t header[HEADER_SIZE], const void *data, size_t size)
{
    XXH128_canonical_t sum;
    XXH128_canonicalFromHash(&sum, XXH3_128bits(data, size));
    memcpy(header, magic, sizeof magic);
    fps__put64le(header + 8, size);
    memcpy(header + 16, sum.digest, 16);
}

/* Reads what follows the header of the open file into *data. */
static fps_status read_body(int fd, const char *name, size_t file_size, void **data, fps_error *error)
{
    uint8_t header[HEADER_SIZE], expected[HEADER_SIZE];
    size_t size = file_size - HEADER_SIZE;
    uint8_t *body = malloc(size ? size : 1);
    if (!body)
        return fps__fail_memory(error);
    if (!read_all(fd, header, sizeof header) || !read_all(fd, body, size)) {
        free(body);
        return fps__fail(error, FPS_ERROR_IO, name, UINT64_MAX, "read compiled rules");
    }
    fill_header(expected, body, size);
    if (memcmp(header, expected, sizeof header) != 0) {
        free(body);
        return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "the compiled rules are damaged");
    }
    *data = body;
    return FPS_OK;
}

static fps_status load_file(int folder, const char *name, void **data, size_t *size, fps_error *error)
{
    struct stat info;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, name, UINT64_MAX, "not in the cache");
    if (fd < 0 && errno == ELOOP)
        return fps__fail(error, FPS_ERROR_ARGUMENT, name, UINT64_MAX,
                         "the compiled rules are a symbolic link");
    if (fd < 0)
        return fps__fail_io(error, name, errno, "open compiled rules");
    fps_status status = fstat(fd, &info) == 0 ? check_owner(&info, name, "file of compiled rules", error)
                                              : fps__fail_io(error, name, errno, "look at compiled rules");
    if (status == FPS_OK && (!S_ISREG(info.st_mode) || info.st_size < HEADER_SIZE || info.st_size > FILE_MAX))
        status = fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "the compiled rules are damaged");
    if (status == FPS_OK)
        status = read_body(fd, name, (size_t)info.st_size, data, error);
    if (status == FPS_OK)
        *size = (size_t)info.st_size - HEADER_SIZE;
    close(fd);
    return status;
}

fps_status fps__rules_cache_load(const char *folder, const char *name, void **data, size_t *size,
                                 fps_error *error)
{
    int fd;
    *data = NULL;
    fps_status status = open_folder(folder, &fd, error);
    if (status != FPS_OK)
        return status;
    status = load_file(fd, name, data, size, error);
    close(fd);
    return status;
}

/* Opens a new file next to `name`; `temporary` receives its name. */
static int open_temporary(int folder, const char *name, char *temporary, size_t size)
{
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        snprintf(temporary, size, ".%.80s.%ld.%u", name, (long)getpid(), attempt);
        int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

fps_status fps__rules_cache_store(const char *folder, const char *name, const void *data, size_t size,
                                  fps_error *error)
{
    uint8_t header[HEADER_SIZE];
    char temporary[128];
    int folder_fd;
    fps_status status = make_folder(folder, error);
    if (status == FPS_OK)
        status = open_folder(folder, &folder_fd, error);
    if (status != FPS_OK)
        return status;
    int fd = open_temporary(folder_fd, name, temporary, sizeof temporary);
    if (fd < 0) {
        status = fps__fail_io(error, folder, errno, "write compiled rules");
        close(folder_fd);
        return status;
    }
    fill_header(header, data, size);
    bool written = write_all(fd, header, sizeof header) && write_all(fd, data, size);
    int reason = errno;
    if (close(fd) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && renameat(folder_fd, temporary, folder_fd, name) != 0) {
        written = false;
        reason = errno;
    }
    if (!written) {
        unlinkat(folder_fd, temporary, 0);
        status = fps__fail_io(error, folder, reason, "write compiled rules");
    }
    close(folder_fd);
    return status;
}
