/* The table of known base images: a JSON file of the user's, read whole and checked. */
#include "scan/base_image_internal.h"
#include "util/arena.h"
#include "util/error.h"
#include "util/json_document.h"

#include <errno.h>
#include <fcntl.h>
#include <fpscan/base_image.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_LAYERS = 4096, /* of one image, as in source/image.h */
    DIFF_ID = 7 + 64,  /* characters of "sha256:" and its digits */
};

struct fps_base_images {
    fps__arena arena;
    fps_base_image *items; /* sorted by name */
    size_t count;
};

static fps_status damaged(const char *path, const char *what, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "table of base images: %s", what);
}

/* ---- reading ---- */

/* A text of an object; NULL unless it is one. */
static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Reads the file from `fd` into new memory, at most one byte more than the table may have. False: errno tells why. */
static bool read_bytes(int fd, size_t expected, uint8_t **bytes, size_t *size)
{
    size_t room = (expected < FPS__MAX_BASE_IMAGES ? expected : FPS__MAX_BASE_IMAGES) + 1;
    *size = 0;
    *bytes = malloc(room);
    while (*bytes && *size < room) {
        ssize_t got = read(fd, *bytes + *size, room - *size);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return false;
        *size += got > 0 ? (size_t)got : 0;
    }
    return *bytes != NULL;
}

static fps_status parse(const char *path, fps__span text, json_t **document, fps_error *error)
{
    json_error_t fault;
    if (text.size > FPS__MAX_BASE_IMAGES)
        return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "table of base images: above %d bytes",
                         FPS__MAX_BASE_IMAGES);
    *document = fps__json_load(text, JSON_REJECT_DUPLICATES, &fault);
    if (*document)
        return FPS_OK;
    if (fps__json_no_memory(&fault))
        return fps__fail_memory(error);
    return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "table of base images: line %d: %s",
                     fault.line, fault.text);
}

static fps_status load(const char *path, json_t **document, fps_error *error)
{
    struct stat info;
    uint8_t *bytes = NULL;
    size_t size;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "there is no table of base images");
    if (fd < 0)
        return fps__fail_io(error, path, errno, "read base images");
    fps_status status;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        status = fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "table of base images: no regular file");
    else if (!read_bytes(fd, (uint64_t)info.st_size, &bytes, &size))
        status =
            errno == ENOMEM ? fps__fail_memory(error) : fps__fail_io(error, path, errno, "read base images");
    else
        status = parse(path, (fps__span){bytes, size}, document, error);
    free(bytes);
    close(fd);
    return status;
}

fps_status fps__base_images_read(const char *path, json_t **document, fps_error *error)
{
    *document = NULL;
    fps_status status = load(path, document, error);
    if (status != FPS_OK)
        return status;
    const char *format = text_of(*document, "format");
    json_int_t version = json_integer_value(json_object_get(*document, "version"));
    if (!format || strcmp(format, FPS__BASE_IMAGES_FORMAT) != 0)
        status = damaged(path, "not of this format", error);
    else if (version > FPS__BASE_IMAGES_VERSION)
        status = fps__fail(error, FPS_ERROR_VERSION, path, UINT64_MAX,
                           "table of base images of version %lld; this program knows version %d",
                           (long long)version, FPS__BASE_IMAGES_VERSION);
    else if (version != FPS__BASE_IMAGES_VERSION || !json_is_array(json_object_get(*document, "images")))
        status = damaged(path, "no version, or no images", error);
    if (status != FPS_OK) {
        json_decref(*document);
        *document = NULL;
    }
    return status;
}

bool fps__is_diff_id(const char *text)
{
    return text && strlen(text) == DIFF_ID && strncmp(text, "sha256:", 7) == 0 &&
           strspn(text + 7, "0123456789abcdef") == DIFF_ID - 7;
}

static fps_status read_image(fps_base_images *table, const json_t *object, const char *path, fps_error *error)
{
    const char *name = text_of(object, "name"), *digest = text_of(object, "digest"),
               *added = text_of(object, "added");
    const json_t *layers = json_object_get(object, "layers");
    size_t count = json_array_size(layers);
    if (!name || !digest || !added || !count || count > MAX_LAYERS)
        return damaged(path, "an image without name, digest, date or layers", error);
    const char **ids = fps__arena_array(&table->arena, count, sizeof *ids);
    fps_base_image made = {.name = fps__arena_string(&table->arena, name),
                           .digest = fps__arena_string(&table->arena, digest),
                           .added = fps__arena_string(&table->arena, added),
                           .diff_ids = ids,
                           .layers = count};
    if (!ids || !made.name || !made.digest || !made.added)
        return fps__fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const char *id = json_string_value(json_array_get(layers, i));
        if (!fps__is_diff_id(id))
            return damaged(path, "a layer that is no diff ID", error);
        ids[i] = fps__arena_string(&table->arena, id);
        if (!ids[i])
            return fps__fail_memory(error);
    }
    table->items[table->count++] = made;
    return FPS_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const fps_base_image *)a)->name, ((const fps_base_image *)b)->name);
}

fps_status fps_base_images_open(fps_base_images **table, const char *path, fps_error *error)
{
    json_t *document = NULL;
    *table = NULL;
    fps_status status = fps__base_images_read(path, &document, error);
    if (status != FPS_OK)
        return status;
    const json_t *images = json_object_get(document, "images");
    size_t count = json_array_size(images);
    fps_base_images *made = calloc(1, sizeof *made);
    if (made)
        made->items = fps__arena_array(&made->arena, count, sizeof *made->items);
    status = made && made->items ? FPS_OK : fps__fail_memory(error);
    for (size_t i = 0; i < count && status == FPS_OK; i++)
        status = read_image(made, json_array_get(images, i), path, error);
    json_decref(document);
    if (status != FPS_OK) {
        fps_base_images_free(made);
        return status;
    }
    qsort(made->items, made->count, sizeof *made->items, compare_names);
    *table = made;
    return FPS_OK;
}

size_t fps_base_images_entry_count(const fps_base_images *table)
{
    return table->count;
}

const fps_base_image *fps_base_images_entry(const fps_base_images *table, size_t index)
{
    return index < table->count ? &table->items[index] : NULL;
}

static bool is_base(const fps_base_image *image, const char *const *diff_ids, size_t layers)
{
    bool same = image->layers <= layers;
    for (size_t i = 0; same && i < image->layers; i++)
        same = strcmp(image->diff_ids[i], diff_ids[i]) == 0;
    return same;
}

const fps_base_image *fps_base_images_find(const fps_base_images *table, const char *const *diff_ids,
                                           size_t layers)
{
    const fps_base_image *best = NULL;
    for (size_t i = 0; i < table->count; i++)
        if ((!best || table->items[i].layers > best->layers) && is_base(&table->items[i], diff_ids, layers))
            best = &table->items[i];
    return best;
}

void fps_base_images_free(fps_base_images *table)
{
    if (!table)
        return;
    fps__arena_free(&table->arena);
    free(table);
}
