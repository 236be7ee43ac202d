/* The compiled rules in the user's cache. Loading them is as good as running code, so nobody else may have
 * written them. */
#include "match/rules_cache.h"

#include "util/bytes.h"
#include "util/error.h"
#include "util/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAX_FILE    (256u << 20)
#define HEADER_SIZE 32 /* magic 8, size 8, XXH3-128 of the rest 16 */

static const char magic[8] = {'F', 'P', 'S', 'R', 'U', 'L', 'E', '1'};

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
    fps_status status = fstat(fd, &info) == 0
                            ? fps__private_check(&info, name, "file of compiled rules", error)
                            : fps__fail_io(error, name, errno, "look at compiled rules");
    if (status == FPS_OK && (!S_ISREG(info.st_mode) || info.st_size < HEADER_SIZE || info.st_size > MAX_FILE))
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
    fps_status status = fps__private_folder_open(folder, &fd, error);
    if (status != FPS_OK)
        return status;
    status = load_file(fd, name, data, size, error);
    close(fd);
    return status;
}

fps_status fps__rules_cache_store(const char *folder, const char *name, const void *data, size_t size,
                                  fps_error *error)
{
    uint8_t header[HEADER_SIZE];
    int fd;
    fps_status status = fps__private_folder_make(folder, error);
    if (status == FPS_OK)
        status = fps__private_folder_open(folder, &fd, error);
    if (status != FPS_OK)
        return status;
    fill_header(header, data, size);
    const fps__span parts[] = {{header, sizeof header}, {data, size}};
    const fps__whole_file file = {
        .name = name, .what = "write compiled rules", .parts = parts, .count = sizeof parts / sizeof *parts};
    status = fps__whole_file_write(fd, &file, error);
    close(fd);
    return status;
}
