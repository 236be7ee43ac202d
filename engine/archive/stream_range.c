/* A range of an open file as the input of a stream. */
#include "archive/stream.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 1024 * 1024 };

struct fps__stream_range {
    int fd;
    uint64_t at, left;
    uint8_t room[];
};

static fps_status next_block(void *user, fps__span *block, fps_error *error)
{
    fps__stream_range *range = user;
    *block = (fps__span){NULL, 0};
    if (!range->left)
        return FPS_ERROR_NOT_FOUND;
    size_t wanted = range->left < BLOCK ? (size_t)range->left : BLOCK;
    ssize_t got;
    do
        got = pread(range->fd, range->room, wanted, (off_t)range->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return fps__fail_io(error, NULL, errno, "cannot read");
    if (got == 0)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, range->at, "the file ends %llu bytes too early",
                         (unsigned long long)range->left);
    range->at += (uint64_t)got;
    range->left -= (uint64_t)got;
    *block = (fps__span){range->room, (size_t)got};
    return FPS_OK;
}

fps_status fps__stream_range_create(fps__stream_range **range, int fd, uint64_t offset, uint64_t size,
                                    fps__stream_input *input, fps_error *error)
{
    *range = NULL;
    if (offset > INT64_MAX || size > INT64_MAX - offset)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, offset, "a range beyond any file");
    fps__stream_range *made = malloc(sizeof *made + BLOCK);
    if (!made)
        return fps__fail_memory(error);
    made->fd = fd;
    made->at = offset;
    made->left = size;
    *input = (fps__stream_input){made, next_block, size};
    *range = made;
    return FPS_OK;
}

void fps__stream_range_free(fps__stream_range *range)
{
    free(range);
}
