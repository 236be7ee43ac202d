/* Docker archives: manifest.json, configs and layers by the names that it gives. */
#include "image/image_choice.h"
#include "image/image_state.h"
#include "util/error.h"

#include <stdlib.h>

static const char manifest_name[] = "manifest.json";
enum { MAX_TAGS = 4 * FPS__IMAGE_MANIFESTS };

static fps_status fail_count(fps_error *error)
{
    return fps__fail(error, FPS_ERROR_LIMIT, manifest_name, UINT64_MAX, "more than %d images or %d names",
                     FPS__IMAGE_MANIFESTS, MAX_TAGS);
}

/* The digest that a config's or blob's name states: "blobs/sha256/HEX", "HEX.json", "sha256:HEX", "HEX". */
static bool name_states_digest(const char *name, uint8_t hash[32])
{
    static const char *const fronts[] = {"blobs/sha256/", "sha256:"};
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
        if (strncmp(name, fronts[i], strlen(fronts[i])) == 0) {
            name += strlen(fronts[i]);
            break;
        }
    size_t length = strspn(name, "0123456789abcdef");
    bool ends = !name[length] || strcmp(name + length, ".json") == 0;
    return ends && fps__hex_read(name, length, hash, FPS__SHA256_SIZE);
}

/* ---- what there is ---- */

static fps_status collect_entry(fps__image *image, fps__choices *choices, const json_t *entry,
                                fps_error *error)
{
    const char *config_name = fps__image_text(entry, "Config");
    uint32_t number = (uint32_t)choices->items.count;
    fps__choice choice = {.image = number, .digest = "", .top_digest = "", .config = "", .place = number};
    const json_t *tags = json_object_get(entry, "RepoTags");
    json_t *config;
    char digest[FPS__SHA256_TEXT];
    choice.present = !fps__blobs_find(image->blobs, config_name, NULL, NULL, NULL);
    if (choice.present && !fps__image_read_json(image, config_name, NULL, &config, digest, NULL)) {
        fps__platform_set(&choice.platform, fps__image_text(config, "os"),
                          fps__image_text(config, "architecture"), fps__image_text(config, "variant"));
        strncat(choice.platform.os_version, fps__image_text(config, "os.version"),
                sizeof choice.platform.os_version - 1);
        choice.config = fps__arena_string(&image->arena, digest);
        json_decref(config);
    }
    if (!choice.config)
        return fps__fail_memory(error);
    fps_status status = FPS__ARRAY_PUSH(&choices->items, &choice, FPS__IMAGE_MANIFESTS);
    if (!status)
        status = FPS__ARRAY_RESERVE(&choices->names, json_array_size(tags), MAX_TAGS);
    if (status)
        return status == FPS_ERROR_LIMIT ? fail_count(error) : fps__fail_memory(error);
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const char *tag = json_string_value(json_array_get(tags, i));
        char *copy = fps__arena_string(&image->arena, tag ? tag : "");
        if (!copy)
            return fps__fail_memory(error);
        choices->names.items[choices->names.count++] = (fps__choice_name){number, copy};
    }
    return FPS_OK;
}

fps_status fps__image_docker_tags(fps__image *image, fps__image_tag_callback callback, void *user,
                                  fps_error *error)
{
    json_t *manifest;
    if (fps__image_read_json(image, manifest_name, NULL, &manifest, NULL, NULL))
        return FPS_OK;
    fps_status status = FPS_OK;
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(manifest) && !status; i++) {
        const json_t *entry = json_array_get(manifest, i), *tags = json_object_get(entry, "RepoTags");
        const char *config = fps__image_text(entry, "Config");
        for (size_t j = 0; j < json_array_size(tags) && !status; j++) {
            const char *tag = json_string_value(json_array_get(tags, j));
            if (++count > MAX_TAGS)
                status = fail_count(error);
            else if (tag)
                status = callback(user, tag, config, error);
        }
    }
    json_decref(manifest);
    return status;
}

/* ---- the image ---- */

/* The config, which must be what its name says. */
static fps_status read_config(fps__image *image, const char *name, json_t **config, fps_error *error)
{
    char digest[FPS__SHA256_TEXT], stated_text[FPS__SHA256_TEXT];
    uint8_t stated[32];
    fps_status status = fps__image_read_json(image, name, NULL, config, digest, error);
    if (status)
        return status;
    image->info.config = fps__arena_string(&image->arena, digest);
    if (!image->info.config)
        return fps__fail_memory(error);
    if (!name_states_digest(name, stated))
        return FPS_OK;
    fps__sha256_write(stated, stated_text);
    if (strcmp(stated_text, digest) != 0)
        return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "has digest %s, its name says %s",
                         digest, stated_text);
    return FPS_OK;
}

/* What manifest.json may know of a layer that is foreign: a descriptor under its diff ID. */
static void take_source(fps__image *image, const json_t *sources, uint32_t i)
{
    const json_t *source = json_object_get(sources, image->layers[i].diff_id);
    const char *type = fps__image_text(source, "mediaType");
    image->layers[i].foreign = strstr(type, ".foreign.") || strstr(type, ".nondistributable.");
}

static fps_status take_layers(fps__image *image, const json_t *entry, const json_t *config, fps_error *error)
{
    const json_t *layers = json_object_get(entry, "Layers");
    fps_status status = fps__image_make_layers(image, json_array_size(layers), error);
    for (uint32_t i = 0; !status && i < image->info.layer_count; i++) {
        const char *name = json_string_value(json_array_get(layers, i));
        fps__layer_blob *blob = &image->layer_blobs[i];
        char digest[FPS__SHA256_TEXT];
        blob->member = fps__arena_string(&image->arena, name ? name : "");
        blob->digested = name && strncmp(name, "blobs/", 6) == 0 && name_states_digest(name, blob->digest);
        if (blob->digested) {
            fps__sha256_write(blob->digest, digest);
            image->layers[i].digest = fps__arena_string(&image->arena, digest);
        }
        if (!blob->member || !image->layers[i].digest)
            status = fps__fail_memory(error);
    }
    if (!status)
        status = fps__image_take_config(image, config, error);
    for (uint32_t i = 0; !status && i < image->info.layer_count; i++)
        take_source(image, json_object_get(entry, "LayerSources"), i);
    return status ? status : fps__image_find_layers(image, error);
}

static fps_status take_entry(fps__image *image, const json_t *entry, fps_error *error)
{
    json_t *config = NULL;
    fps_status status = read_config(image, fps__image_text(entry, "Config"), &config, error);
    if (!status && !json_is_array(json_object_get(entry, "Layers")))
        status = fps__fail(error, FPS_ERROR_CORRUPT, manifest_name, UINT64_MAX,
                           "an image without a list of layers");
    if (!status)
        status = take_layers(image, entry, config, error);
    json_decref(config);
    return status;
}

static fps_status choose_entry(fps__image *image, const json_t *manifest, fps_error *error)
{
    fps__choices choices = {.items = {NULL, 0, 0}};
    const fps__choice *choice;
    fps_status status = FPS_OK;
    if (!json_is_array(manifest))
        status = fps__fail(error, FPS_ERROR_CORRUPT, manifest_name, UINT64_MAX, "is not a list of images");
    for (size_t i = 0; i < json_array_size(manifest) && !status; i++)
        status = collect_entry(image, &choices, json_array_get(manifest, i), error);
    if (!status)
        status = fps__choices_choose(&choices, image->options.reference, image->options.platform, &choice,
                                     &image->info.reference, error);
    if (!status)
        status = take_entry(image, json_array_get(manifest, choice->place), error);
    fps__choices_free(&choices);
    return status;
}

fps_status fps__image_open_docker(fps__image *image, fps_error *error)
{
    json_t *manifest;
    fps_status status = fps__image_read_json(image, manifest_name, NULL, &manifest, NULL, error);
    if (!status)
        status = choose_entry(image, manifest, error);
    json_decref(manifest);
    return status;
}
