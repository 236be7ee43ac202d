/* A container image on disk: finding out what it is, choosing one manifest, and its layers as streams.
 *
 *   fps__image_open(&image, "app.tar", FPS__IMAGE_ANY, &options, &error)
 *   info = fps__image_get_info(image)
 *   for each place 0 .. layer_count - 1:  i = info->order[place]
 *       fps__image_layer_open(image, i, &stream, &error) ... read it to its end ...
 *       fps__image_layer_close(image, i, stream, &error)          here the digests are compared
 *   fps__image_close(image)
 *
 * OCI layout directories and archives, docker archives (classic, of skopeo with links, and those that hold an
 * OCI layout). Nothing is written to disk; JSON documents and the index of an archive are all that is kept in
 * memory. Links inside an archive are followed inside it alone; a layout directory is never left. Sources:
 * OCI image-spec 1.1 (image-layout, index, manifest, config, layer), Docker image spec v1.2.
 */
#ifndef FPS_IMAGE_IMAGE_H
#define FPS_IMAGE_IMAGE_H

#include "archive/stream.h"
#include "source/source.h"

typedef struct fps__image fps__image;

typedef enum fps__image_kind {
    FPS__IMAGE_ANY = 0, /* find out */
    FPS__IMAGE_OCI_DIRECTORY,
    FPS__IMAGE_OCI_ARCHIVE,
    FPS__IMAGE_DOCKER_ARCHIVE,
    FPS__IMAGE_DOCKER_DIRECTORY, /* as skopeo's "dir:" and podman's "docker-dir" write it */
} fps__image_kind;

typedef struct fps__image_options {
    const char *platform;  /* "OS/ARCH[/VARIANT]", the OS also as "windows(10.0.17763)"; NULL: linux and the
                              host's architecture, or the only one there is */
    const char *reference; /* which of several images: tag, org.opencontainers.image.ref.name, or a digest;
                              NULL: the only one */
    fps__diagnostic_callback diagnostic; /* from the calling thread */
    void *user;
    /* Most unpacked bytes for a packed one, of each layer and of a compressed archive; 0: 200. */
    uint64_t ratio;
} fps__image_options;

typedef struct fps__image_layer {
    const char *digest; /* "sha256:..." of the blob as it lies there; "" when it is a plain tar without one */
    const char *diff_id;    /* "sha256:..." of the tar, from the config */
    const char *media_type; /* "" when not given */
    const char *created_by; /* from the history, "" when unknown */
    const char *comment;
    uint64_t size;    /* bytes of the blob */
    bool foreign;     /* its bytes are not part of the image (Windows base layers) */
    bool missing;     /* it is named and not there */
    uint8_t diff[32]; /* of diff_id */
} fps__image_layer;

typedef struct fps__image_info {
    fps__image_kind kind;
    const char *reference; /* name of the image chosen, "" when it has none */
    const char *manifest;  /* "sha256:..." of the manifest, "" for classic docker archives */
    const char *config;    /* "sha256:..." of the config */
    const char *os, *architecture, *variant, *os_version; /* "" when not given */
    const char *base_name, *base_digest; /* org.opencontainers.image.base.*, "" when not given */
    uint32_t guessed_layers; /* lowest layers that look like a base: those before the last CMD or ENTRYPOINT
                                that has a layer above it in the history; 0: no guess */
    const fps__image_layer *layers; /* lowest first */
    uint32_t layer_count;
    const uint32_t *order; /* indexes of layers in the order in which they are read best */
} fps__image_info;

/* What `path` is, by looking: FPS__IMAGE_ANY when it is no image, and then `alike` tells whether it has documents of one
 * all the same, or is a tar with layers or blobs of one: an image that is damaged or in an unknown layout. The status is
 * FPS_OK then too, and `error` has the reason. A directory with an oci-layout file, or with a manifest.json that names a
 * config that lies beside it under its digest; a tar
 * (also a compressed one) in which oci-layout, index.json or manifest.json is among the members, and says
 * what such a document says: a web application has an index.json too. FPS_ERROR_NOT_FOUND, FPS_ERROR_IO,
 * FPS_ERROR_MEMORY. */
fps_status fps__image_probe(const char *path, fps__image_kind *kind, bool *alike, fps_error *error);

/* FPS_ERROR_NOT_FOUND no such file, image or platform (the message lists what there is); FPS_ERROR_FORMAT no
 * such image format; FPS_ERROR_CORRUPT (also a manifest or config whose digest differs: both are named);
 * FPS_ERROR_LIMIT (documents above 4 MiB, an index nested deeper than 4, more than 4,096 layers);
 * FPS_ERROR_ARGUMENT (options->platform is none); FPS_ERROR_UNSUPPORTED; FPS_ERROR_IO; FPS_ERROR_MEMORY.
 * Diagnostics: "damaged-archive" and "trailing-data" (partial), "duplicate-member", "history-mismatch" and
 * "missing-index" (notes). Opening with FPS__IMAGE_ANY is cheaper than probing first: a compressed archive is
 * run over once for either. */
fps_status fps__image_open(fps__image **image, const char *path, fps__image_kind kind,
                           const fps__image_options *options, fps_error *error);
const fps__image_info *fps__image_get_info(const fps__image *image); /* lives as long as the image */
/* The unpacked bytes of layer `index`. One layer is open at a time. FPS_ERROR_NOT_FOUND when it is foreign or
 * missing. */
fps_status fps__image_layer_open(fps__image *image, uint32_t index, fps__stream **stream, fps_error *error);
/* Closes the stream, and when it was read to its end compares the blob's SHA-256 with the descriptor and the
 * tar's with the diff ID: FPS_ERROR_CORRUPT names both digests. FPS_OK when it was not read to its end. */
fps_status fps__image_layer_close(fps__image *image, uint32_t index, fps__stream *stream, fps_error *error);
/* Hashes the blob of layer `index` as it is, without unpacking, and compares: FPS_OK when the bytes are the
 * descriptor's (for an uncompressed layer that proves the diff ID too), FPS_ERROR_CORRUPT when not (both are
 * named). A layer whose blob has no digest (docker archives) is held against its diff ID, and unpacked for
 * that where it is compressed. */
fps_status fps__image_layer_verify(fps__image *image, uint32_t index, fps_error *error);
void fps__image_close(fps__image *image);

#endif
