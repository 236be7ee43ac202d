/* Opens any bytes as an image archive; if they open, reads and verifies the layers.
 *
 * Reaches: fps__stream_digests, fps__image_take_config
 */
#include "fuzz_files.h"
#include "image/image.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH];
    size_t seen = 0;
    fps__image_kind kind;
    bool alike;
    uint8_t *copy = fuzz_copy(data, size);
    fuzz_repair_tar(copy, size);
    int fd = fuzz_memory_file(copy, size, path);
    free(copy);
    fps__image_probe(path, &kind, &alike, NULL);
    fps__image_options options = {.diagnostic = note, .user = &seen};
    read_image(path, &options);
    options.platform = "linux/arm64";
    options.reference = "app";
    read_image(path, &options);
    close(fd);
    return 0;
}
