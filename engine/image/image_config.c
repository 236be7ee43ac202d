/* What an image's config says: platform, diff IDs, history, the guess at its base; and where its layers lie.
 */
#include "image/image_state.h"
#include "util/error.h"

#include <stdlib.h>

bool fps__image_is_config_type(const char *media_type)
{
    return !*media_type || strcmp(media_type, "application/vnd.oci.image.config.v1+json") == 0 ||
           strcmp(media_type, "application/vnd.docker.container.image.v1+json") == 0;
}

fps_status fps__image_make_layers(fps__image *image, size_t count, fps_error *error)
{
    if (count > FPS__IMAGE_LAYERS)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "an image of more than %d layers",
                         FPS__IMAGE_LAYERS);
    image->layers = fps__arena_array(&image->arena, count, sizeof *image->layers);
    image->layer_blobs = fps__arena_array(&image->arena, count, sizeof *image->layer_blobs);
    image->order = fps__arena_array(&image->arena, count, sizeof *image->order);
    if (!image->layers || !image->layer_blobs || !image->order)
        return fps__fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        image->layers[i] = (fps__image_layer){"", "", "", "", "", 0, false, false, {0}};
        image->layer_blobs[i] = (fps__layer_blob){.declared = UINT64_MAX};
    }
    image->info.layers = image->layers;
    image->info.order = image->order;
    image->info.layer_count = (uint32_t)count;
    return FPS_OK;
}

static fps_status take_diff_ids(fps__image *image, const json_t *config, fps_error *error)
{
    const json_t *ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
    if (!json_is_array(ids) || json_array_size(ids) != image->info.layer_count)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "the manifest has %u layers, the config %zu diff IDs", image->info.layer_count,
                         json_array_size(ids));
    for (uint32_t i = 0; i < image->info.layer_count; i++) {
        const char *text = json_string_value(json_array_get(ids, i));
        fps_status status = fps__image_parse_digest(text ? text : "", image->layers[i].diff, error);
        if (status)
            return status;
        image->layers[i].diff_id = fps__arena_string(&image->arena, text);
        if (!image->layers[i].diff_id)
            return fps__fail_memory(error);
    }
    return FPS_OK;
}

/* ---- history ---- */

static bool is_empty_step(const json_t *step)
{
    return json_is_true(json_object_get(step, "empty_layer"));
}

/* CMD or ENTRYPOINT, as the classic builder, buildkit and buildah write it. */
static bool sets_command(const json_t *step)
{
    static const char shell[] = "/bin/sh -c #(nop)";
    const char *text = fps__image_text(step, "created_by");
    if (strncmp(text, shell, sizeof shell - 1) == 0)
        text += sizeof shell - 1;
    text += strspn(text, " ");
    return strncmp(text, "CMD ", 4) == 0 || strncmp(text, "ENTRYPOINT ", 11) == 0;
}

/* A base usually ends with a CMD or ENTRYPOINT of its own: the last one that stands before the topmost layer.
 */
static uint32_t guess_base(const json_t *history)
{
    size_t at = json_array_size(history);
    uint32_t layers = 0;
    while (at && is_empty_step(json_array_get(history, at - 1)))
        at--;
    while (at &&
           !(is_empty_step(json_array_get(history, at - 1)) && sets_command(json_array_get(history, at - 1))))
        at--;
    for (size_t i = 0; i < at; i++)
        layers += !is_empty_step(json_array_get(history, i));
    return layers;
}

static fps_status take_history(fps__image *image, const json_t *config, fps_error *error)
{
    const json_t *history = json_object_get(config, "history");
    size_t steps = json_array_size(history), layers = 0;
    for (size_t i = 0; i < steps; i++)
        layers += !is_empty_step(json_array_get(history, i));
    if (!steps)
        return FPS_OK;
    if (layers != image->info.layer_count) {
        fps__image_diagnose(
            image, FPS_DIAGNOSTIC_NOTE, "history-mismatch", NULL,
            "the history has another number of layers than the image: who made which is not known");
        return FPS_OK;
    }
    fps__image_layer *layer = image->layers;
    for (size_t i = 0; i < steps; i++) {
        const json_t *step = json_array_get(history, i);
        if (is_empty_step(step))
            continue;
        layer->created_by = fps__image_keep(image, step, "created_by");
        layer->comment = fps__image_keep(image, step, "comment");
        if (!layer->created_by || !layer->comment)
            return fps__fail_memory(error);
        layer++;
    }
    image->info.guessed_layers = guess_base(history);
    return FPS_OK;
}

/* ---- the rest of the config ---- */

fps_status fps__image_take_base(fps__image *image, const json_t *annotations, fps_error *error)
{
    if (*image->info.base_name || *image->info.base_digest)
        return FPS_OK;
    image->info.base_name = fps__image_keep(image, annotations, "org.opencontainers.image.base.name");
    image->info.base_digest = fps__image_keep(image, annotations, "org.opencontainers.image.base.digest");
    return image->info.base_name && image->info.base_digest ? FPS_OK : fps__fail_memory(error);
}

fps_status fps__image_take_config(fps__image *image, const json_t *config, fps_error *error)
{
    fps__image_info *info = &image->info;
    if (!json_is_object(config))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "the config is not an object");
    info->os = fps__image_keep(image, config, "os");
    info->architecture = fps__image_keep(image, config, "architecture");
    info->variant = fps__image_keep(image, config, "variant");
    info->os_version = fps__image_keep(image, config, "os.version");
    if (!info->os || !info->architecture || !info->variant || !info->os_version)
        return fps__fail_memory(error);
    fps_status status = take_diff_ids(image, config, error);
    if (!status)
        status = take_history(image, config, error);
    if (!status)
        status =
            fps__image_take_base(image, json_object_get(json_object_get(config, "config"), "Labels"), error);
    return status;
}

/* ---- where the layers lie ---- */

typedef struct placed {
    uint32_t place, layer;
} placed;

static int compare_places(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->layer > y->layer) - (x->layer < y->layer);
}

static fps_status sort_layers(fps__image *image, fps_error *error)
{
    uint32_t count = image->info.layer_count;
    bool packed = fps__blobs_get_shape(image->blobs) == FPS__BLOBS_PACKED_TAR;
    placed *places = fps__arena_array(&image->arena, count, sizeof *places);
    if (!places)
        return fps__fail_memory(error);
    for (uint32_t i = 0; i < count; i++)
        places[i] = (placed){packed ? image->layer_blobs[i].place : 0, i};
    if (count)
        qsort(places, count, sizeof *places, compare_places);
    for (uint32_t i = 0; i < count; i++)
        image->order[i] = places[i].layer;
    return FPS_OK;
}

fps_status fps__image_find_layers(fps__image *image, fps_error *error)
{
    for (uint32_t i = 0; i < image->info.layer_count; i++) {
        fps__image_layer *layer = &image->layers[i];
        fps__layer_blob *blob = &image->layer_blobs[i];
        fps_status status = fps__blobs_find(image->blobs, blob->member, &layer->size, &blob->place, error);
        if (status == FPS_ERROR_NOT_FOUND) {
            layer->missing = !layer->foreign;
            layer->size = blob->declared == UINT64_MAX ? 0 : blob->declared;
            blob->member = NULL;
        } else if (status) {
            return status;
        } else {
            layer->foreign = false; /* it could have been left out, and was not */
        }
    }
    return sort_layers(image, error);
}
