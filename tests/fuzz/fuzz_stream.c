/* Reads any bytes as a stream in blocks of several sizes; the unpacked bytes must not depend on the size.
 *
 * Reaches: fps__stream_next
 */
#include "archive/stream.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct memory {
    fps__span bytes;
    size_t step, at;
} memory;

static fps_status next_block(void *user, fps__span *block, fps_error *error)
{
    memory *m = user;
    (void)error;
    size_t left = m->bytes.size - m->at, part = left < m->step ? left : m->step;
    if (!part)
        return FPS_ERROR_NOT_FOUND;
    *block = (fps__span){m->bytes.data + m->at, part};
    m->at += part;
    return FPS_OK;
}

/* Reads the whole stream; returns the digest of the unpacked side and the final status. */
static fps_status read_all(fps__span bytes, size_t step, uint8_t unpacked[32])
{
    memory m = {.bytes = bytes, .step = step};
    fps__stream_input input = {&m, next_block, bytes.size};
    fps__stream_options options = {.hash = true, .limit = 4 << 20, .name = "fuzz"};
    fps__stream *stream;
    fps__span block;
    fps_error error;
    uint8_t packed[32];
    volatile uint8_t last = 0;
    fps_status status = fps__stream_open(&stream, &input, &options, &error);
    while (!status) {
        status = fps__stream_next(stream, &block, &error);
        if (!status)
            last = block.data[block.size - 1];
    }
    (void)last;
    if (stream && !fps__stream_digests(stream, packed, unpacked) && status == FPS_ERROR_NOT_FOUND)
        abort();
    fps__stream_close(stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t whole[32] = {0}, pieces[32] = {0};
    fps_status a = read_all((fps__span){data, size}, size + 1, whole);
    fps_status b = read_all((fps__span){data, size}, 5, pieces);
    /* libarchive may read past the end and does not return those bytes; short blocks only make that
     * stricter. What refuses both ways may see another fault first. */
    bool refused = a != FPS_ERROR_NOT_FOUND && b != FPS_ERROR_NOT_FOUND;
    if (a != b && !refused && !(a == FPS_ERROR_NOT_FOUND && b == FPS_ERROR_CORRUPT))
        abort();
    if (a == b && memcmp(whole, pieces, sizeof whole) != 0)
        abort();
    return 0;
}
