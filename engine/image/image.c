/* Container images on disk: what a path is, opening it, and its layers as verified streams. */
#include "image/image.h"

#include "image/image_state.h"
#include "util/error.h"

#include <stdlib.h>

/* ---- what it is ---- */

static bool exists(fps__image *image, const char *name)
{
    return fps__blobs_find(image->blobs, name, NULL, NULL, NULL) != FPS_ERROR_NOT_FOUND;
}

static bool has_document(fps__image *image, const char *name, bool (*fits)(const json_t *document))
{
    json_t *document;
    if (fps__image_read_json(image, name, NULL, &document, NULL, NULL))
        return false;
    bool found = fits(document);
    json_decref(document);
    return found;
}

static bool is_layout(const json_t *document)
{
    return json_is_string(json_object_get(document, "imageLayoutVersion"));
}

static bool is_index(const json_t *document)
{
    const json_t *manifests = json_object_get(document, "manifests");
    const json_t *first = json_array_get(manifests, 0);
    return json_is_array(manifests) && (!first || json_is_string(json_object_get(first, "digest")));
}

static bool is_docker_manifest(const json_t *document)
{
    const json_t *first = json_array_get(document, 0);
    return json_is_string(json_object_get(first, "Config")) &&
           json_is_array(json_object_get(first, "Layers"));
}

static bool is_manifest(const json_t *document)
{
    return json_is_array(json_object_get(document, "layers")) &&
           json_is_string(json_object_get(json_object_get(document, "config"), "digest"));
}

/* True when manifest.json is that of one image, whose config lies beside it. */
static bool holds_config(fps__image *image)
{
    json_t *document;
    fps__descriptor config;
    if (fps__image_read_json(image, "manifest.json", NULL, &document, NULL, NULL))
        return false;
    bool found = is_manifest(document) &&
                 !fps__image_parse_descriptor(json_object_get(document, "config"), &config, NULL) &&
                 !fps__blobs_find(image->blobs, config.digest + FPS__SHA256_PREFIX, NULL, NULL, NULL);
    json_decref(document);
    return found;
}

/* Names of members that archives of images alone have. */
static bool is_part_of_image(const char *name)
{
    static const char blobs[] = "blobs/sha256/", layer[] = "/layer.tar", digits[] = "0123456789abcdef";
    const char *slash = strchr(name, '/');
    if (strcmp(name, "oci-layout") == 0 || (slash && strcmp(slash, layer) == 0))
        return true;
    bool blob = strncmp(name, blobs, sizeof blobs - 1) == 0;
    name += blob ? sizeof blobs - 1 : 0;
    if (strspn(name, digits) != FPS__SHA256_DIGITS)
        return false;
    const char *end = name + FPS__SHA256_DIGITS;
    return blob ? !*end : strcmp(end, ".tar") == 0 || strcmp(end, ".tar.gz") == 0;
}

/* Documents of an image that is not laid out as any that is known, or an archive that has layers or blobs where an image
 * has them: its documents may be damaged. A manifest.json or index.json alone may be a web application's. */
static bool is_alike(fps__image *image)
{
    return fps__blobs_holds(image->blobs, is_part_of_image) || has_document(image, "oci-layout", is_layout) ||
           has_document(image, "index.json", is_index) ||
           has_document(image, "manifest.json", is_docker_manifest) ||
           has_document(image, "manifest.json", is_manifest) ||
           has_document(image, "manifest.json", is_index);
}

/* A root file system may hold files of these names too: what is in them decides. */
static fps__image_kind find_kind(fps__image *image)
{
    bool directory = fps__blobs_get_shape(image->blobs) == FPS__BLOBS_DIRECTORY;
    if (directory && has_document(image, "oci-layout", is_layout))
        return FPS__IMAGE_OCI_DIRECTORY;
    if (directory)
        return holds_config(image) ? FPS__IMAGE_DOCKER_DIRECTORY : FPS__IMAGE_ANY;
    if (has_document(image, "index.json", is_index) || has_document(image, "oci-layout", is_layout))
        return FPS__IMAGE_OCI_ARCHIVE;
    return has_document(image, "manifest.json", is_docker_manifest) ? FPS__IMAGE_DOCKER_ARCHIVE
                                                                    : FPS__IMAGE_ANY;
}

/* Why what looks like an image cannot be opened as one. */
static void explain(fps__image *image, fps_error *reason)
{
    static const char *const names[] = {"oci-layout", "index.json", "manifest.json"};
    json_t *document;
    fps_status status = fps__blobs_fault(image->blobs, reason);
    if (status && reason)
        reason->path[0] = '\0'; /* the target's own */
    for (size_t i = 0; !status && i < sizeof names / sizeof *names; i++) {
        status = fps__image_read_json(image, names[i], NULL, &document, NULL, reason);
        json_decref(document);
        status = status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
    }
    if (status)
        return;
    bool there = exists(image, "manifest.json") || exists(image, "index.json");
    fps__fail(reason, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "%s",
              there ? "its manifest.json or index.json does not name a config and layers as an image's does"
                    : "it has neither manifest.json nor index.json");
}

fps_status fps__image_probe(const char *path, fps__image_kind *kind, bool *alike, fps_error *error)
{
    fps__image image = {.document_bytes = 0};
    *kind = FPS__IMAGE_ANY;
    *alike = false;
    fps_status status = fps__blobs_open(&image.blobs, path, 0, error);
    if (status == FPS_ERROR_FORMAT)
        return FPS_OK;
    if (status)
        return status;
    *kind = find_kind(&image);
    *alike = *kind == FPS__IMAGE_ANY && is_alike(&image);
    if (*alike)
        explain(&image, error);
    fps__blobs_close(image.blobs);
    fps__arena_free(&image.arena);
    return FPS_OK;
}

/* ---- opening ---- */

/* Whether what was asked for can be: a docker archive may hold an OCI layout too. */
static bool kind_fits(fps__image_kind wanted, fps__image_kind found)
{
    return wanted == FPS__IMAGE_ANY || wanted == found ||
           (wanted == FPS__IMAGE_DOCKER_ARCHIVE && found == FPS__IMAGE_OCI_ARCHIVE);
}

static fps_status decide_kind(fps__image *image, fps__image_kind wanted, fps_error *error)
{
    static const char *const names[] = {"an image", "an OCI layout directory", "an OCI archive",
                                        "a docker archive", "a directory of a docker image"};
    bool directory = fps__blobs_get_shape(image->blobs) == FPS__BLOBS_DIRECTORY;
    fps__image_kind found = find_kind(image);
    /* one whose documents are damaged, and whose user says what it is, gets as far as the document that is at
     * fault */
    if (found == FPS__IMAGE_ANY && directory == (wanted == FPS__IMAGE_OCI_DIRECTORY) &&
        wanted != FPS__IMAGE_ANY &&
        exists(image, wanted == FPS__IMAGE_DOCKER_ARCHIVE ? "manifest.json" : "index.json"))
        found = wanted;
    if (found != FPS__IMAGE_ANY && kind_fits(wanted, found)) {
        image->info.kind = found;
        return FPS_OK;
    }
    /* a damaged archive may be an image all the same, if its user says so */
    fps_status fault = wanted == FPS__IMAGE_ANY ? FPS_OK : fps__blobs_fault(image->blobs, error);
    if (fault)
        return fault;
    if (exists(image, "repositories") && !directory)
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                         "a docker archive without manifest.json, as Docker before 1.10 wrote it");
    return fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "not %s", names[wanted]);
}

/* Faults of the archive as such. */
static void report_archive(fps__image *image)
{
    fps_error fault;
    if (fps__blobs_fault(image->blobs, &fault))
        fps__image_diagnose(image, FPS_DIAGNOSTIC_PARTIAL, "damaged-archive", NULL, fault.message);
    if (fps__blobs_goes_on(image->blobs))
        fps__image_diagnose(image, FPS_DIAGNOSTIC_PARTIAL, "trailing-data", NULL,
                            "the archive is followed by data that belongs to none of its members");
    if (fps__blobs_duplicates(image->blobs))
        fps__image_diagnose(image, FPS_DIAGNOSTIC_NOTE, "duplicate-member", NULL,
                            "the archive has several members of one name: the last one counts");
}

static fps_status open_image(fps__image *image, const char *path, fps__image_kind kind, fps_error *error)
{
    fps_status status = fps__blobs_open(&image->blobs, path, image->options.ratio, error);
    if (!status)
        status = decide_kind(image, kind, error);
    if (status)
        return status;
    report_archive(image);
    if (image->info.kind == FPS__IMAGE_DOCKER_DIRECTORY)
        return fps__image_open_directory(image, error);
    return image->info.kind == FPS__IMAGE_DOCKER_ARCHIVE ? fps__image_open_docker(image, error)
                                                         : fps__image_open_oci(image, error);
}

fps_status fps__image_open(fps__image **image, const char *path, fps__image_kind kind,
                           const fps__image_options *options, fps_error *error)
{
    fps__image *made = calloc(1, sizeof *made);
    *image = NULL;
    if (!made)
        return fps__fail_memory(error);
    made->info = (fps__image_info){.reference = "",
                                   .manifest = "",
                                   .config = "",
                                   .os = "",
                                   .architecture = "",
                                   .variant = "",
                                   .os_version = "",
                                   .base_name = "",
                                   .base_digest = ""};
    if (options)
        made->options = *options;
    fps_status status = open_image(made, path, kind, error);
    made->options.platform = made->options.reference = NULL; /* the caller's */
    if (status) {
        fps__image_close(made);
        return status;
    }
    *image = made;
    return FPS_OK;
}

const fps__image_info *fps__image_get_info(const fps__image *image)
{
    return &image->info;
}

void fps__image_close(fps__image *image)
{
    if (!image)
        return;
    fps__blobs_close(image->blobs);
    fps__arena_free(&image->arena);
    free(image);
}

/* ---- layers ---- */

static fps_status open_layer(fps__image *image, uint32_t index, bool as_is, fps__stream **stream,
                             fps_error *error)
{
    *stream = NULL;
    if (index >= image->info.layer_count)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "the image has no layer %u", index);
    const fps__image_layer *layer = &image->layers[index];
    const fps__layer_blob *blob = &image->layer_blobs[index];
    const char *name = *layer->digest ? layer->digest : layer->diff_id;
    if (!blob->member)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, name, UINT64_MAX,
                         layer->foreign ? "the layer is foreign: its bytes are not part of the image"
                                        : "the layer is named and not there");
    if (blob->declared != UINT64_MAX && blob->declared != layer->size)
        return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX,
                         "has %llu bytes, its descriptor says %llu", (unsigned long long)layer->size,
                         (unsigned long long)blob->declared);
    if (strstr(layer->media_type, "+encrypted"))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, name, UINT64_MAX, "the layer is encrypted");
    fps__stream_input input;
    fps__stream_options options = {.hash = true, .as_is = as_is, .ratio = image->options.ratio, .name = name};
    fps_status status = fps__blobs_blob_open(image->blobs, blob->member, &input, error);
    if (!status)
        status = fps__stream_open(stream, &input, &options, error);
    if (status)
        fps__blobs_blob_close(image->blobs);
    return status;
}

fps_status fps__image_layer_open(fps__image *image, uint32_t index, fps__stream **stream, fps_error *error)
{
    return open_layer(image, index, false, stream, error);
}

static fps_status differs(const fps__image_layer *layer, const uint8_t found[32], const char *wanted,
                          const char *whose, fps_error *error)
{
    char text[FPS__SHA256_TEXT];
    fps__sha256_write(found, text);
    return fps__fail(error, FPS_ERROR_CORRUPT, *layer->digest ? layer->digest : layer->diff_id, UINT64_MAX,
                     "the layer's bytes have digest %s, %s says %s", text, whose, wanted);
}

fps_status fps__image_layer_close(fps__image *image, uint32_t index, fps__stream *stream, fps_error *error)
{
    uint8_t packed[32], unpacked[32];
    bool at_end = stream && fps__stream_digests(stream, packed, unpacked);
    fps__stream_close(stream);
    fps__blobs_blob_close(image->blobs);
    if (!at_end || index >= image->info.layer_count)
        return FPS_OK;
    const fps__image_layer *layer = &image->layers[index];
    const fps__layer_blob *blob = &image->layer_blobs[index];
    if (blob->digested && memcmp(packed, blob->digest, 32) != 0)
        return differs(layer, packed, layer->digest, "the manifest", error);
    if (memcmp(unpacked, layer->diff, 32) != 0)
        return differs(layer, unpacked, layer->diff_id, "the config (diff ID)", error);
    return FPS_OK;
}

fps_status fps__image_layer_verify(fps__image *image, uint32_t index, fps_error *error)
{
    fps__stream *stream;
    fps__span block;
    uint8_t packed[32], unpacked[32];
    /* without a digest of the blob only the diff ID says what its bytes must be */
    bool as_is = index < image->info.layer_count && image->layer_blobs[index].digested;
    fps_status status = open_layer(image, index, as_is, &stream, error);
    if (status)
        return status;
    while (!status)
        status = fps__stream_next(stream, &block, error);
    bool at_end = fps__stream_digests(stream, packed, unpacked);
    fps__stream_close(stream);
    fps__blobs_blob_close(image->blobs);
    if (status != FPS_ERROR_NOT_FOUND || !at_end)
        return status;
    const fps__image_layer *layer = &image->layers[index];
    if (as_is && memcmp(packed, image->layer_blobs[index].digest, 32) != 0)
        return differs(layer, packed, layer->digest, "the manifest", error);
    if (!as_is && memcmp(unpacked, layer->diff, 32) != 0)
        return differs(layer, unpacked, layer->diff_id, "the config (diff ID)", error);
    return FPS_OK;
}
