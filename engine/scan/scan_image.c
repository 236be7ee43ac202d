/* A container image as target: its layers one after the other, those that are known from the cache. */
#include "scan/scan_layer.h"

#include "util/error.h"

#include <fpscan/base_image.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that all layers together may unpack to, whatever they are, and the same as a multiple of what is packed: each
 * stream has such a limit of its own, but begins with a free part, and a manifest can name thousands of them. */
static const uint64_t most_unpacked = (uint64_t)256 << 30, free_unpacked = (uint64_t)4 << 30;
enum { MOST_RATIO = 200 };

/* An image while its layers are read. */
typedef struct imaging {
    fps__scan_run *run;
    fps__image *image;
    const fps__image_info *info;
    uint64_t done, total;      /* bytes of blobs */
    uint64_t packed, unpacked; /* bytes of the blobs that were read, and of their tars */
    bool *fresh;               /* by layer: it was read to its end and verified, and is to be kept */
    uint8_t plain_id[16];      /* what a layer's record depends on but its bytes */
    uint8_t digests_id[16];    /* the same of records that hold digests of all files */
    uint8_t blob_id[16];       /* of "this blob unpacks to that tar" */
} imaging;

/* ---- what is known of layers ---- */

static bool name_records(imaging *im)
{
    char *text = NULL;
    size_t size = 0;
    const fps_scan_options *options = &im->run->scan->options;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return false;
    fprintf(stream, "layer 1\nwindows %d\n", strcmp(im->info->os, "windows") == 0);
    fwrite(im->run->analysis, 1, sizeof im->run->analysis, stream);
    for (size_t i = 0; options->skip_dirs && options->skip_dirs[i]; i++)
        fprintf(stream, "skip-dirs %s\n", options->skip_dirs[i]);
    for (size_t i = 0; options->skip_files && options->skip_files[i]; i++)
        fprintf(stream, "skip-files %s\n", options->skip_files[i]);
    if (fclose(stream) != 0) {
        free(text);
        return false;
    }
    fps__cache_analysis(text, size, im->plain_id);
    text[0] = 'L';
    fps__cache_analysis(text, size, im->digests_id);
    fps__cache_analysis("blob 1\n", 7, im->blob_id);
    free(text);
    return true;
}

static fps__cache_key key_of(const uint8_t digest[32], const uint8_t analysis[16])
{
    fps__cache_key key;
    memcpy(key.digest, digest, sizeof key.digest);
    memcpy(key.analysis, analysis, sizeof key.analysis);
    return key;
}

/* "sha256:..." as bytes. */
static bool parse_digest(const char *text, uint8_t digest[32])
{
    if (strncmp(text, "sha256:", 7) != 0 || strlen(text) != 7 + 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        char byte[3] = {text[7 + 2 * i], text[8 + 2 * i], '\0'}, *end;
        digest[i] = (uint8_t)strtoul(byte, &end, 16);
        if (*end)
            return false;
    }
    return true;
}

/* True when it was once seen that this blob unpacks to the tar of this diff ID. Without that, an image could
 * name a clean layer's diff ID beside a blob of its own, and inherit the clean answer. A blob that is no
 * other than the tar needs none. */
static bool blob_is_known(imaging *im, const fps__image_layer *layer)
{
    uint8_t blob[32];
    fps__span value;
    fps__arena arena = {NULL, 0, 0};
    if (!*layer->digest || strcmp(layer->digest, layer->diff_id) == 0)
        return true;
    if (!parse_digest(layer->digest, blob))
        return false;
    fps__cache_key key = key_of(blob, im->blob_id);
    bool known = fps__cache_get(im->run->cache, FPS__CACHE_LAYER, &key, &arena, &value) && value.size == 32 &&
                 memcmp(value.data, layer->diff, 32) == 0;
    fps__arena_free(&arena);
    return known;
}

/* Charges what a layer from the cache keeps in memory. */
static bool charge_layer(fps__scan_run *run, const fps__layer *layer)
{
    uint64_t captured = 0, names = fps__layer_memory(layer);
    for (size_t i = 0; i < layer->contents.count; i++)
        captured += layer->contents.items[i].captured.size;
    if (!fps__quota_take(&run->captured_left, captured))
        return false;
    if (fps__quota_take(&run->names_left, names))
        return true;
    fps__quota_give(&run->captured_left, captured);
    return false;
}

static bool load_record(imaging *im, uint32_t index, const uint8_t analysis[16])
{
    fps__span value;
    fps__arena arena = {NULL, 0, 0};
    fps__cache_key key = key_of(im->info->layers[index].diff, analysis);
    bool found = fps__cache_get(im->run->cache, FPS__CACHE_LAYER, &key, &arena, &value) &&
                 fps__layer_decode(value, &im->run->layers[index], NULL) == FPS_OK &&
                 charge_layer(im->run, &im->run->layers[index]);
    fps__arena_free(&arena);
    if (!found)
        fps__layer_free(&im->run->layers[index]);
    return found;
}

/* What the cache knows of every file of the layer that was analysed; all of it or nothing. */
static bool recall_files(imaging *im, uint32_t index)
{
    fps__scan_run *run = im->run;
    const fps__layer *layer = &run->layers[index];
    FPS__ARRAY(fps__scanned) found = {NULL, 0, 0};
    bool good = true;
    for (size_t i = 0; good && i < layer->entries.count; i++) {
        const fps__layer_entry *entry = &layer->entries.items[i];
        if (entry->content == FPS__NO_CONTENT)
            continue;
        const fps__content *content = &layer->contents.items[entry->content];
        if (!(content->flags & FPS__CONTENT_ANALYSED))
            continue;
        fps__scanned s = {.path = entry->path, .layer = index, .content = entry->content};
        memcpy(s.id, content->id, sizeof s.id);
        good = fps__scan_recall(run, s.id, &run->recalled, &s.found) &&
               (s.found.has_digests || content->digests || !fps__scan_needs_digests(run, &s.found)) &&
               FPS__ARRAY_RESERVE(&found, 1, UINT32_MAX) == FPS_OK;
        if (good)
            found.items[found.count++] = s;
    }
    pthread_mutex_lock(&run->lock);
    good = good && FPS__ARRAY_RESERVE(&run->scanned, found.count, UINT32_MAX) == FPS_OK;
    for (size_t i = 0; good && i < found.count; i++)
        run->scanned.items[run->scanned.count++] = found.items[i];
    pthread_mutex_unlock(&run->lock);
    free(found.items);
    return good;
}

/* Takes a layer from the cache: its blob is hashed, and nothing is unpacked. */
static bool recall_layer(imaging *im, uint32_t index)
{
    bool verify = im->run->scan->options.verify_digests;
    if (!im->run->cache || !blob_is_known(im, &im->info->layers[index]))
        return false;
    if (!load_record(im, index, im->digests_id) && (verify || !load_record(im, index, im->plain_id)))
        return false;
    if (fps__image_layer_verify(im->image, index, NULL) == FPS_OK && recall_files(im, index))
        return true;
    fps__layer_free(&im->run->layers[index]);
    return false;
}

/* Notes in the layers' records which of their files were analysed. */
static void complete_records(imaging *im)
{
    fps__scan_run *run = im->run;
    for (size_t i = 0; i < run->scanned.count; i++) {
        const fps__scanned *s = &run->scanned.items[i];
        fps__content *content = &run->layers[s->layer].contents.items[s->content];
        memcpy(content->id, s->id, sizeof content->id);
        content->flags |= FPS__CONTENT_ANALYSED;
    }
}

static void keep_layers(imaging *im)
{
    fps__scan_run *run = im->run;
    const uint8_t *analysis = run->scan->options.verify_digests ? im->digests_id : im->plain_id;
    complete_records(im);
    for (uint32_t i = 0; run->cache && i < run->layer_count; i++) {
        fps__buffer bytes = {NULL, 0, 0};
        uint8_t blob[32];
        const fps__image_layer *layer = &im->info->layers[i];
        if (!im->fresh[i])
            continue;
        if (fps__layer_encode(&run->layers[i], &bytes)) {
            fps__cache_key key = key_of(layer->diff, analysis);
            fps__cache_put(run->cache, FPS__CACHE_LAYER, &key, (fps__span){bytes.items, bytes.count});
        }
        free(bytes.items);
        if (parse_digest(layer->digest, blob)) {
            fps__cache_key key = key_of(blob, im->blob_id);
            fps__cache_put(run->cache, FPS__CACHE_LAYER, &key, (fps__span){layer->diff, 32});
        }
    }
}

/* ---- reading ---- */

static void fail_layer(imaging *im, uint32_t index, const char *code, const char *reason)
{
    char message[700];
    const fps__image_layer *layer = &im->info->layers[index];
    im->run->incomplete |= strcmp(code, "wrong-digest") != 0; /* then all names are there */
    snprintf(message, sizeof message, "layer %u (%.80s): %.500s", index,
             *layer->digest ? layer->digest : layer->diff_id, reason);
    fps__scan_add_diagnostic(im->run, FPS_DIAGNOSTIC_PARTIAL, code, NULL, message);
}

/* True when all that was wanted of the layer was had. */
static bool is_whole(const fps__layer *layer)
{
    for (size_t i = 0; i < layer->diagnostics.count; i++)
        if (layer->diagnostics.items[i].level == FPS_DIAGNOSTIC_PARTIAL)
            return false;
    return true;
}

/* The first layer whose blob is the same one, and says the same of its tar; the layer itself when there is none. */
static uint32_t find_same(const imaging *im, uint32_t index)
{
    const fps__image_layer *layers = im->info->layers;
    for (uint32_t place = 0; im->info->order[place] != index && *layers[index].digest; place++) {
        uint32_t other = im->info->order[place];
        if (im->run->same_as[other] == other && strcmp(layers[other].digest, layers[index].digest) == 0 &&
            memcmp(layers[other].diff, layers[index].diff, sizeof layers[index].diff) == 0)
            return other;
    }
    return index;
}

/* Reads one layer to its end. What is wrong with it is a remark; only the lack of memory and a stop are
 * failures. */
static fps_status read_layer(imaging *im, fps__workers *workers, uint32_t index, fps_error *error)
{
    fps__stream *stream;
    fps_error reason = {.offset = UINT64_MAX};
    const fps__image_layer *layer = &im->info->layers[index];
    fps__scan_layer_place place = {index, im->done, im->total, true, strcmp(im->info->os, "windows") == 0};
    if (layer->foreign || layer->missing) {
        fail_layer(im, index, layer->foreign ? "foreign-layer" : "missing-layer",
                   layer->foreign ? "its bytes are not part of the image" : "its blob is not there");
        return FPS_OK;
    }
    if (im->unpacked > most_unpacked ||
        (im->unpacked > free_unpacked && im->unpacked / MOST_RATIO > im->packed + layer->size)) {
        fail_layer(im, index, "image-limit",
                   "the layers before it unpack to more than 256 GiB, or to 200 times their size");
        return FPS_OK;
    }
    im->packed += layer->size;
    fps_status status = fps__image_layer_open(im->image, index, &stream, &reason);
    if (status != FPS_OK) {
        fail_layer(im, index, "unreadable-layer", reason.message);
        return FPS_OK;
    }
    status = fps__scan_read_layer(im->run, workers, stream, &place, &reason);
    bool whole = fps__scan_tell_layer(im->run, index);
    im->unpacked += fps__stream_unpacked(stream);
    fps_status closed = fps__image_layer_close(im->image, index, stream, status == FPS_OK ? &reason : NULL);
    if (status == FPS_ERROR_MEMORY || status == FPS_ERROR_CANCELLED) {
        if (error)
            *error = reason;
        return status;
    }
    if (status != FPS_OK)
        fail_layer(im, index, status == FPS_ERROR_LIMIT ? "layer-limit" : "damaged-layer", reason.message);
    else if (closed != FPS_OK)
        fail_layer(im, index, "wrong-digest", reason.message);
    im->run->result->layers.items[index].read = status == FPS_OK && whole;
    im->fresh[index] = status == FPS_OK && closed == FPS_OK && is_whole(&im->run->layers[index]);
    return FPS_OK;
}

static fps_status produce(void *user, fps__workers *workers, fps_error *error)
{
    imaging *im = user;
    fps_status status = FPS_OK;
    for (uint32_t place = 0; status == FPS_OK && place < im->info->layer_count; place++) {
        uint32_t index = im->info->order[place], same = find_same(im, index);
        im->run->same_as[index] = same;
        fps__workers_layer(workers, place + 1, im->info->layer_count);
        if (same != index) {
            im->run->layers[index] = im->run->layers[same];
            im->run->result->layers.items[index].read = im->run->result->layers.items[same].read;
        } else if (recall_layer(im, index))
            im->run->result->layers.items[index].read = true;
        else
            status = read_layer(im, workers, index, error);
        im->done += im->info->layers[index].size;
        fps__workers_progress(workers, im->done, im->total);
        if (status == FPS_OK && fps__workers_stopping(workers))
            status = FPS_ERROR_CANCELLED;
    }
    return status;
}

/* ---- what the result says of the image ---- */

static const char *keep(fps__scan_run *run, const char *text)
{
    const char *copy = fps__arena_string(&run->result->arena, text ? text : "");
    run->failed |= !copy;
    return copy;
}

/* The base image: by the user's table, then by what the image says, then by its history. */
static void find_base(imaging *im, fps_image *image)
{
    fps__scan_run *run = im->run;
    const fps__image_info *info = im->info;
    fps_base_images *table = NULL;
    fps_error reason = {.offset = UINT64_MAX};
    const char **diff_ids = calloc((size_t)info->layer_count + 1, sizeof *diff_ids);
    const char *path = run->scan->options.base_images;
    for (uint32_t i = 0; diff_ids && i < info->layer_count; i++)
        diff_ids[i] = info->layers[i].diff_id;
    fps_status status = path ? fps_base_images_open(&table, path, &reason) : FPS_ERROR_NOT_FOUND;
    if (status != FPS_OK && status != FPS_ERROR_NOT_FOUND)
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_NOTE, "no-base-images", NULL, reason.message);
    const fps_base_image *known =
        table && diff_ids ? fps_base_images_find(table, diff_ids, info->layer_count) : NULL;
    if (known) {
        image->base_source = FPS_BASE_TABLE;
        image->base_name = keep(run, known->name);
        image->base_digest = keep(run, known->digest);
        image->base_layers = (uint32_t)known->layers;
    } else if (*info->base_name || *info->base_digest) {
        image->base_source = FPS_BASE_ANNOTATION;
        image->base_name = keep(run, info->base_name);
        image->base_digest = keep(run, info->base_digest);
    } else if (info->guessed_layers) {
        image->base_source = FPS_BASE_GUESS;
        image->base_layers = info->guessed_layers;
    }
    fps_base_images_free(table);
    free(diff_ids);
}

static bool describe(imaging *im)
{
    static const char *const formats[] = {"", "oci-dir", "oci-archive", "docker-archive", "docker-dir"};
    fps_result *result = im->run->result;
    const fps__image_info *info = im->info;
    fps_image *image = fps__arena_alloc(&result->arena, sizeof *image);
    if (!image || FPS__ARRAY_RESERVE(&result->layers, info->layer_count, UINT32_MAX) != FPS_OK)
        return false;
    *image = (fps_image){.format = formats[info->kind],
                         .reference = keep(im->run, info->reference),
                         .manifest = keep(im->run, info->manifest),
                         .config = keep(im->run, info->config),
                         .os = keep(im->run, info->os),
                         .architecture = keep(im->run, info->architecture),
                         .variant = keep(im->run, info->variant),
                         .os_version = keep(im->run, info->os_version),
                         .base_name = "",
                         .base_digest = ""};
    find_base(im, image);
    for (uint32_t i = 0; i < info->layer_count; i++) {
        const fps__image_layer *layer = &info->layers[i];
        result->layers.items[result->layers.count++] =
            (fps_layer){.index = i,
                        .digest = keep(im->run, layer->digest),
                        .diff_id = keep(im->run, layer->diff_id),
                        .created_by = keep(im->run, layer->created_by),
                        .media_type = keep(im->run, layer->media_type),
                        .size = layer->size,
                        .base = i < image->base_layers};
        im->total += layer->size;
    }
    result->info.image = image;
    result->info.target_type = "image";
    return !im->run->failed;
}

static fps_status open_layer(void *user, uint32_t layer, fps__stream **stream, fps_error *error)
{
    imaging *im = user;
    return fps__image_layer_open(im->image, layer, stream, error);
}

static void close_layer(void *user, uint32_t layer, fps__stream *stream)
{
    imaging *im = user;
    fps__image_layer_close(im->image, layer, stream, NULL); /* the first reading has verified it */
}

static fps_status read_image(imaging *im, fps_error *error)
{
    fps__scan_run *run = im->run;
    run->layer_count = im->info->layer_count;
    run->layers = calloc((size_t)run->layer_count + 1, sizeof *run->layers);
    run->same_as = calloc((size_t)run->layer_count + 1, sizeof *run->same_as);
    im->fresh = calloc((size_t)run->layer_count + 1, sizeof *im->fresh);
    for (uint32_t i = 0; run->same_as && i < run->layer_count; i++)
        run->same_as[i] = i;
    if (!run->layers || !run->same_as || !im->fresh || !describe(im) || !name_records(im))
        return fps__fail_memory(error);
    fps__workers_options workers = fps__scan_stream_workers(run, produce, im);
    fps_status status = fps__workers_run(NULL, &workers, error);
    if (status != FPS_OK)
        return status;
    keep_layers(im);
    fps__scan_reopen reopen = {im, open_layer, close_layer, true, strcmp(im->info->os, "windows") == 0};
    return fps__scan_merge(run, &reopen, error);
}

fps_status fps__scan_image(fps__scan_run *run, const char *path, fps__image_kind kind, fps_error *error)
{
    fps__image_options options = {.platform = run->scan->options.platform,
                                  .reference = run->scan->options.image,
                                  .ratio = run->scan->options.ratio_limit,
                                  .diagnostic = fps__scan_diagnose_run,
                                  .user = run};
    imaging im = {.run = run};
    fps_status status = fps__image_open(&im.image, path, kind, &options, error);
    if (status != FPS_OK)
        return status;
    im.info = fps__image_get_info(im.image);
    status = read_image(&im, error);
    fps__image_close(im.image);
    free(im.fresh);
    return status;
}
