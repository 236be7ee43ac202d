/* Opens any bytes as an image archive; if they open, reads and verifies the layers.
 *
 * Reaches: fps__stream_digests, fps__image_take_config
 */
#include "image/image.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(void *user, const fps_diagnostic *diagnostic)
{
    *(size_t *)user += strlen(diagnostic->message);
}

static void read_layer(fps__image *image, uint32_t index)
{
    fps__stream *stream;
    fps__span block;
    fps_error error;
    uint64_t total = 0;
    if (fps__image_layer_open(image, index, &stream, &error))
        return;
    while (total < 1 << 20 && !fps__stream_next(stream, &block, &error))
        total += block.size;
    fps__image_layer_close(image, index, stream, &error);
}

static void read_image(const char *path, const fps__image_options *options)
{
    fps__image *image;
    fps_error error;
    if (fps__image_open(&image, path, FPS__IMAGE_ANY, options, &error))
        return;
    const fps__image_info *info = fps__image_get_info(image);
    if (info->layer_count > 4096)
        abort();
    for (uint32_t place = 0; place < info->layer_count && place < 8; place++) {
        if (info->order[place] >= info->layer_count)
            abort();
        read_layer(image, info->order[place]);
        fps__image_layer_verify(image, info->order[place], &error);
    }
    fps__image_close(image);
}

/* Corrects the checksums of tar headers. Mutation breaks them, and the reader would stop at the first
 * wrong one. */
static void repair(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 512 <= size; at += 512) {
        unsigned sum = 0;
        if (memcmp(data + at + 257, "ustar", 5) != 0)
            continue;
        memset(data + at + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
            sum += data[at + i];
        snprintf((char *)data + at + 148, 8, "%06o", sum);
    }
}

static int open_memory(const uint8_t *data, size_t size)
{
    int fd = memfd_create("image", MFD_CLOEXEC);
    uint8_t *copy = malloc(size + 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    repair(copy, size);
    if (fd < 0 || write(fd, copy, size) != (ssize_t)size)
        abort();
    free(copy);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    size_t seen = 0;
    fps__image_kind kind;
    bool alike;
    int fd = open_memory(data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fps__image_probe(path, &kind, &alike, NULL);
    fps__image_options options = {.diagnostic = note, .user = &seen};
    read_image(path, &options);
    options.platform = "linux/arm64";
    options.reference = "app";
    read_image(path, &options);
    close(fd);
    return 0;
}
