/* OCI layouts: index.json and indexes inside it, the manifest chosen, its config and layers. */
#include "image/image_choice.h"
#include "image/image_state.h"
#include "util/error.h"

#include <stdlib.h>

enum { MAX_NAMES = 4 * FPS__IMAGE_MANIFESTS };

typedef struct collector {
    fps__image *image;
    fps__choices choices;
    FPS__ARRAY(const char *) tops; /* digests of what index.json lists: an image each */
    size_t documents;              /* manifests and indexes seen */
    size_t others;                 /* artifacts and attestations */
    uint32_t current;              /* image that is collected */
    const char *top;               /* its digest */
} collector;

/* ---- what a descriptor is ---- */

typedef enum kind { KIND_UNKNOWN, KIND_INDEX, KIND_MANIFEST, KIND_OLD, KIND_OTHER } kind;

static kind kind_of(const char *media_type)
{
    static const struct {
        const char *type;
        kind kind;
    } types[] = {
        {"", KIND_UNKNOWN},
        {"application/vnd.oci.image.index.v1+json", KIND_INDEX},
        {"application/vnd.docker.distribution.manifest.list.v2+json", KIND_INDEX},
        {"application/vnd.oci.image.manifest.v1+json", KIND_MANIFEST},
        {"application/vnd.docker.distribution.manifest.v2+json", KIND_MANIFEST},
        {"application/vnd.docker.distribution.manifest.v1+json", KIND_OLD},
        {"application/vnd.docker.distribution.manifest.v1+prettyjws", KIND_OLD},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(media_type, types[i].type) == 0)
            return types[i].kind;
    return KIND_OTHER;
}

/* By content; a document that could be read both ways is neither (CVE-2021-41190). */
static kind kind_of_document(const json_t *document)
{
    bool index = json_object_get(document, "manifests") != NULL;
    bool manifest = json_object_get(document, "layers") || json_object_get(document, "config");
    if (index == manifest)
        return KIND_OTHER;
    return index ? KIND_INDEX : KIND_MANIFEST;
}

/* A type of artifact that is none of an image: descriptors of images may state their config's type there. */
static bool is_artifact_type(const char *type)
{
    return !fps__image_is_config_type(type);
}

/* Attestations and other artifacts, which an index lists beside images. */
static bool is_artifact(const json_t *descriptor)
{
    const json_t *annotations = json_object_get(descriptor, "annotations");
    const json_t *platform = json_object_get(descriptor, "platform");
    return *fps__image_text(annotations, "vnd.docker.reference.type") ||
           is_artifact_type(fps__image_text(descriptor, "artifactType")) ||
           (strcmp(fps__image_text(platform, "os"), "unknown") == 0 &&
            strcmp(fps__image_text(platform, "architecture"), "unknown") == 0);
}

/* Reads the document of a descriptor, which must be what its descriptor says. */
static fps_status read_document(fps__image *image, const fps__descriptor *descriptor, kind wanted,
                                json_t **json, fps_error *error)
{
    *json = NULL;
    const char *name = fps__image_blob_name(image, descriptor->digest);
    if (!name)
        return fps__fail_memory(error);
    fps_status status = fps__image_read_json(image, name, descriptor, json, NULL, error);
    if (status)
        return status;
    kind stated = kind_of(fps__image_text(*json, "mediaType")), found = kind_of_document(*json);
    if (found == wanted && (stated == wanted || stated == KIND_UNKNOWN))
        return FPS_OK;
    json_decref(*json);
    *json = NULL;
    if (stated == KIND_OLD)
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, name, UINT64_MAX, "a manifest of Docker's schema 1");
    return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "is not %s",
                     wanted == KIND_INDEX ? "an image index" : "an image manifest");
}

/* ---- collecting what there is ---- */

static void set_platform(fps__platform *platform, const json_t *json)
{
    fps__platform_set(platform, fps__image_text(json, "os"), fps__image_text(json, "architecture"),
                      fps__image_text(json, "variant"));
    strncat(platform->os_version, fps__image_text(json, "os.version"), sizeof platform->os_version - 1);
}

/* Looks into a manifest for its config's digest, and into the config for a platform that the index does not
 * state. What cannot be read is told when the manifest is chosen. False for an artifact. */
static bool look_into(fps__image *image, const fps__descriptor *descriptor, fps__choice *choice)
{
    json_t *manifest, *config = NULL;
    fps__descriptor inner;
    bool is_image = true;
    if (read_document(image, descriptor, KIND_MANIFEST, &manifest, NULL))
        return true;
    if (is_artifact_type(fps__image_text(manifest, "artifactType")) ||
        is_artifact_type(fps__image_text(json_object_get(manifest, "config"), "mediaType"))) {
        is_image = false;
    } else if (!fps__image_parse_descriptor(json_object_get(manifest, "config"), &inner, NULL)) {
        char *digest = fps__arena_string(&image->arena, inner.digest);
        char *name = fps__image_blob_name(image, inner.digest);
        choice->config = digest ? digest : "";
        if (name && !choice->platform.os[0] &&
            !fps__image_read_json(image, name, &inner, &config, NULL, NULL))
            set_platform(&choice->platform, config);
    }
    json_decref(config);
    json_decref(manifest);
    return is_image;
}

/* A list of an image has more than the limit, or there is no memory for it. */
static fps_status fail_array(fps_status status, const char *what, int limit, fps_error *error)
{
    if (status != FPS_ERROR_LIMIT)
        return fps__fail_memory(error);
    return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %d %s", limit, what);
}

static fps_status count_document(collector *c, fps_error *error)
{
    if (++c->documents <= FPS__IMAGE_MANIFESTS)
        return FPS_OK;
    return fail_array(FPS_ERROR_LIMIT, "manifests", FPS__IMAGE_MANIFESTS, error);
}

static fps_status collect_manifest(collector *c, const json_t *json, const fps__descriptor *descriptor,
                                   fps_error *error)
{
    fps__image *image = c->image;
    fps__choice choice = {.image = c->current, .top_digest = c->top, .config = "", .size = descriptor->size};
    choice.digest = fps__arena_string(&image->arena, descriptor->digest);
    char *name = fps__image_blob_name(image, descriptor->digest);
    if (!choice.digest || !name)
        return fps__fail_memory(error);
    set_platform(&choice.platform, json_object_get(json, "platform"));
    choice.present = !fps__blobs_find(image->blobs, name, NULL, NULL, NULL);
    if (choice.present && !look_into(image, descriptor, &choice)) {
        c->others++;
        return FPS_OK;
    }
    fps_status status = FPS__ARRAY_PUSH(&c->choices.items, &choice, FPS__IMAGE_MANIFESTS);
    return status ? fail_array(status, "manifests", FPS__IMAGE_MANIFESTS, error) : FPS_OK;
}

static fps_status collect_index(collector *c, const json_t *index, unsigned depth, fps_error *error);

static fps_status collect_nested(collector *c, const fps__descriptor *descriptor, unsigned depth,
                                 fps_error *error)
{
    json_t *nested;
    if (depth >= FPS__IMAGE_NESTING)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "indexes nested deeper than %d",
                         FPS__IMAGE_NESTING);
    fps_status status = read_document(c->image, descriptor, KIND_INDEX, &nested, error);
    if (status == FPS_ERROR_NOT_FOUND) {
        fps__image_diagnose(c->image, FPS_DIAGNOSTIC_NOTE, "missing-index", descriptor->digest,
                            "an index that is named is not part of the image");
        return FPS_OK;
    }
    if (!status)
        status = collect_index(c, nested, depth + 1, error);
    json_decref(nested);
    return status;
}

/* A descriptor without a type, or with one that is not known, is looked at; what is no manifest is left out.
 */
static kind find_kind(collector *c, const fps__descriptor *descriptor)
{
    json_t *document;
    kind found = kind_of(descriptor->media_type);
    if (found != KIND_UNKNOWN)
        return found;
    const char *name = fps__image_blob_name(c->image, descriptor->digest);
    if (!name || fps__image_read_json(c->image, name, descriptor, &document, NULL, NULL))
        return KIND_MANIFEST;
    found = kind_of_document(document);
    json_decref(document);
    return found;
}

static fps_status collect_one(collector *c, const json_t *json, unsigned depth, fps_error *error)
{
    fps__descriptor descriptor;
    fps_status status = count_document(c, error);
    if (status || is_artifact(json)) {
        c->others++;
        return status;
    }
    status = fps__image_parse_descriptor(json, &descriptor, error);
    if (status)
        return status;
    switch (find_kind(c, &descriptor)) {
    case KIND_INDEX:
        return collect_nested(c, &descriptor, depth, error);
    case KIND_MANIFEST:
    case KIND_OLD:
        return collect_manifest(c, json, &descriptor, error);
    default:
        c->others++;
        return FPS_OK;
    }
}

static fps_status collect_index(collector *c, const json_t *index, unsigned depth, fps_error *error)
{
    const json_t *manifests = json_object_get(index, "manifests");
    fps_status status = FPS_OK;
    if (!json_is_array(manifests))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "an index without a list of manifests");
    for (size_t i = 0; i < json_array_size(manifests) && !status; i++)
        status = collect_one(c, json_array_get(manifests, i), depth, error);
    return status;
}

/* ---- index.json: images and their names ---- */

static fps_status add_name(collector *c, uint32_t image, const char *text, fps_error *error)
{
    if (!*text)
        return FPS_OK;
    const char *copy = fps__arena_string(&c->image->arena, text);
    if (!copy)
        return fps__fail_memory(error);
    fps__choice_name name = {image, copy};
    fps_status status = FPS__ARRAY_PUSH(&c->choices.names, &name, MAX_NAMES);
    return status ? fail_array(status, "names", MAX_NAMES, error) : FPS_OK;
}

/* One entry of index.json. The same digest listed again is the same image under another name. */
static fps_status collect_top(collector *c, const json_t *json, fps_error *error)
{
    const json_t *annotations = json_object_get(json, "annotations");
    const char *digest = fps__arena_string(&c->image->arena, fps__image_text(json, "digest"));
    if (!digest)
        return fps__fail_memory(error);
    fps_status status = FPS__ARRAY_RESERVE(&c->tops, 1, FPS__IMAGE_MANIFESTS);
    if (status)
        return fail_array(status, "entries of index.json", FPS__IMAGE_MANIFESTS, error);
    uint32_t image = 0;
    while (image < c->tops.count && strcmp(c->tops.items[image], digest) != 0)
        image++;
    if (image == c->tops.count) {
        c->tops.items[c->tops.count++] = digest;
        c->current = image;
        c->top = digest;
        status = collect_one(c, json, 0, error);
    }
    if (!status)
        status = add_name(c, image, fps__image_text(annotations, "io.containerd.image.name"), error);
    if (!status)
        status = add_name(c, image, fps__image_text(annotations, "org.opencontainers.image.ref.name"), error);
    return status;
}

/* A name that manifest.json beside index.json gives to the image with that config. */
static fps_status collect_tag(void *user, const char *tag, const char *config, fps_error *error)
{
    collector *c = user;
    static const char folder[] = "blobs/sha256/";
    if (strncmp(config, folder, sizeof folder - 1) != 0)
        return FPS_OK;
    for (size_t i = 0; i < c->choices.items.count; i++) {
        const fps__choice *choice = &c->choices.items.items[i];
        if (*choice->config && strcmp(choice->config + 7, config + sizeof folder - 1) == 0)
            return add_name(c, choice->image, tag, error);
    }
    return FPS_OK;
}

static fps_status collect_all(collector *c, fps_error *error)
{
    json_t *index;
    fps_status status = fps__image_read_json(c->image, "index.json", NULL, &index, NULL, error);
    if (status)
        return status;
    const json_t *manifests = json_object_get(index, "manifests");
    if (!json_is_array(manifests) || json_object_get(index, "layers") || json_object_get(index, "config"))
        status = fps__fail(error, FPS_ERROR_CORRUPT, "index.json", UINT64_MAX, "is not an image index");
    for (size_t i = 0; i < json_array_size(manifests) && !status; i++)
        status = collect_top(c, json_array_get(manifests, i), error);
    if (!status)
        status = fps__image_docker_tags(c->image, collect_tag, c, error);
    json_decref(index);
    if (!status && !c->choices.items.count && c->others)
        status = fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                           "it holds artifacts or attestations, and no image");
    return status;
}

/* ---- the manifest ---- */

static bool is_foreign(const char *media_type)
{
    return strstr(media_type, ".nondistributable.") || strstr(media_type, ".foreign.");
}

static fps_status take_layer(fps__image *image, const json_t *json, uint32_t i, fps_error *error)
{
    fps__descriptor descriptor;
    fps__image_layer *layer = &image->layers[i];
    fps__layer_blob *blob = &image->layer_blobs[i];
    fps_status status = fps__image_parse_descriptor(json, &descriptor, error);
    if (status)
        return status;
    layer->digest = fps__arena_string(&image->arena, descriptor.digest);
    layer->media_type = fps__arena_string(&image->arena, descriptor.media_type);
    layer->foreign = is_foreign(descriptor.media_type);
    blob->member = fps__image_blob_name(image, descriptor.digest);
    blob->declared = descriptor.size;
    blob->digested = true;
    memcpy(blob->digest, descriptor.hash, sizeof blob->digest);
    return layer->digest && layer->media_type && blob->member ? FPS_OK : fps__fail_memory(error);
}

static fps_status take_config_of(fps__image *image, const json_t *manifest, fps_error *error)
{
    fps__descriptor descriptor;
    const json_t *json = json_object_get(manifest, "config");
    if (!fps__image_is_config_type(fps__image_text(json, "mediaType")))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                         "an artifact of type %.100s, not an image", fps__image_text(json, "mediaType"));
    fps_status status = fps__image_parse_descriptor(json, &descriptor, error);
    if (status)
        return status;
    json_t *config;
    char *name = fps__image_blob_name(image, descriptor.digest);
    image->info.config = fps__arena_string(&image->arena, descriptor.digest);
    if (!name || !image->info.config)
        return fps__fail_memory(error);
    status = fps__image_read_json(image, name, &descriptor, &config, NULL, error);
    if (!status)
        status = fps__image_take_config(image, config, error);
    json_decref(config);
    return status;
}

static fps_status take_manifest(fps__image *image, const json_t *manifest, fps_error *error)
{
    const json_t *layers = json_object_get(manifest, "layers");
    fps_status status = json_is_array(layers) ? fps__image_make_layers(image, json_array_size(layers), error)
                                              : fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                                                          "a manifest without a list of layers");
    for (uint32_t i = 0; !status && i < image->info.layer_count; i++)
        status = take_layer(image, json_array_get(layers, i), i, error);
    if (!status)
        status = fps__image_take_base(image, json_object_get(manifest, "annotations"), error);
    return status ? status : take_config_of(image, manifest, error);
}

static fps_status take_choice(fps__image *image, const fps__choice *choice, fps_error *error)
{
    json_t *manifest;
    fps__descriptor descriptor = {"", choice->digest, {0}, choice->size};
    fps_status status = fps__image_parse_digest(choice->digest, descriptor.hash, error);
    if (!status)
        status = read_document(image, &descriptor, KIND_MANIFEST, &manifest, error);
    if (status)
        return status;
    image->info.manifest = choice->digest;
    status = take_manifest(image, manifest, error);
    json_decref(manifest);
    return status ? status : fps__image_find_layers(image, error);
}

fps_status fps__image_open_oci(fps__image *image, fps_error *error)
{
    collector c = {.image = image, .top = ""};
    const fps__choice *choice;
    fps_status status = collect_all(&c, error);
    if (!status)
        status = fps__choices_choose(&c.choices, image->options.reference, image->options.platform, &choice,
                                     &image->info.reference, error);
    if (!status)
        status = take_choice(image, choice, error);
    fps__choices_free(&c.choices);
    free(c.tops.items);
    return status;
}

fps_status fps__image_open_directory(fps__image *image, fps_error *error)
{
    json_t *manifest;
    char digest[FPS__SHA256_TEXT];
    fps_status status = fps__image_read_json(image, "manifest.json", NULL, &manifest, digest, error);
    if (status)
        return status;
    image->info.manifest = fps__arena_string(&image->arena, digest);
    image->info.reference = "";
    status = image->info.manifest ? take_manifest(image, manifest, error) : fps__fail_memory(error);
    json_decref(manifest);
    return status ? status : fps__image_find_layers(image, error);
}
