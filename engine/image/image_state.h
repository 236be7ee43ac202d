/* The inside of an image, for the files that implement it. */
#ifndef FPS_IMAGE_IMAGE_STATE_H
#define FPS_IMAGE_IMAGE_STATE_H

#include "image/image.h"
#include "image/image_blobs.h"
#include "util/arena.h"
#include "util/digest.h"

#include <jansson.h>

enum {
    FPS__IMAGE_LAYERS = 4096,
    FPS__IMAGE_MANIFESTS = 4096,
    FPS__IMAGE_NESTING = 4,
};

/* Where the bytes of a layer are, and what they must be. */
typedef struct fps__layer_blob {
    const char *member; /* name for fps__blobs; NULL when foreign or missing */
    uint64_t declared;  /* bytes that the descriptor states; UINT64_MAX: none */
    uint32_t place;
    bool digested; /* `digest` is set */
    uint8_t digest[32];
} fps__layer_blob;

struct fps__image {
    fps__arena arena;
    fps__blobs *blobs;
    fps__image_options options;
    fps__image_info info;
    fps__image_layer *layers;
    fps__layer_blob *layer_blobs;
    uint32_t *order;
    uint64_t document_bytes; /* of all documents read so far */
};

/* ---- documents (image_document.c) ---- */

typedef struct fps__descriptor {
    const char *media_type, *digest; /* owned by the JSON; media_type "" when not given */
    uint8_t hash[32];
    uint64_t size;
} fps__descriptor;

/* FPS_ERROR_CORRUPT; FPS_ERROR_UNSUPPORTED for another algorithm than SHA-256. */
fps_status fps__image_parse_digest(const char *digest, uint8_t hash[32], fps_error *error);
fps_status fps__image_parse_descriptor(const json_t *json, fps__descriptor *descriptor, fps_error *error);
/* Where the layout keeps a blob: "blobs/sha256/...", or its digest alone. In the image's arena; NULL without memory. */
char *fps__image_blob_name(fps__image *image, const char *digest);
/* Reads and parses a document; free with json_decref. `expected` (may be NULL): FPS_ERROR_CORRUPT, with both,
 * when size or digest differ. `digest` (may be NULL) is what the bytes have. */
fps_status fps__image_read_json(fps__image *image, const char *name, const fps__descriptor *expected,
                                json_t **json, char digest[FPS__SHA256_TEXT], fps_error *error);
/* A text member, "" when it is not there or no text. Owned by the JSON. */
const char *fps__image_text(const json_t *object, const char *key);
/* The same, copied into the image's arena. NULL without memory. */
const char *fps__image_keep(fps__image *image, const json_t *object, const char *key);
void fps__image_diagnose(const fps__image *image, fps_diagnostic_level level, const char *code,
                         const char *path, const char *message);

/* ---- layers and config (image_config.c) ---- */

fps_status fps__image_make_layers(fps__image *image, size_t count, fps_error *error);
/* Takes over what a config says: platform, diff IDs, history, base. As many diff IDs as layers, or
 * FPS_ERROR_CORRUPT. */
fps_status fps__image_take_config(fps__image *image, const json_t *config, fps_error *error);
/* Base image annotations of a manifest, or labels of a config; the first that are there count. */
fps_status fps__image_take_base(fps__image *image, const json_t *annotations, fps_error *error);
/* Finds the blobs of the layers, and the order in which they lie. */
fps_status fps__image_find_layers(fps__image *image, fps_error *error);
bool fps__image_is_config_type(const char *media_type); /* also true of "" */

/* ---- the two kinds ---- */

/* image_oci.c: an OCI layout with index.json. */
fps_status fps__image_open_oci(fps__image *image, fps_error *error);
/* The same of one image alone, whose manifest and blobs lie in one directory. */
fps_status fps__image_open_directory(fps__image *image, fps_error *error);
/* image_docker.c: an archive with manifest.json. */
fps_status fps__image_open_docker(fps__image *image, fps_error *error);
/* Calls `entry` with each RepoTags name of manifest.json and the name of its config's member. A manifest.json
 * that is not there or no such thing has none. */
typedef fps_status (*fps__image_tag_callback)(void *user, const char *tag, const char *config,
                                              fps_error *error);
fps_status fps__image_docker_tags(fps__image *image, fps__image_tag_callback callback, void *user,
                                  fps_error *error);

#endif
