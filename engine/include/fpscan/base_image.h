/* A local table of known base images, by the diff IDs of their layers.
 *
 *   fps_base_image_add("base-images.json", "oci-dir:debian", &options, &error)
 *   fps_scan_options.base_images = the same file
 *
 * A scanned image whose lowest layers are those of a known base is said to be built on the longest such base.
 */
#ifndef FPSCAN_BASE_IMAGE_H
#define FPSCAN_BASE_IMAGE_H

#include <fpscan/status.h>

typedef struct fps_base_image {
    const char *name, *digest,
        *added;                  /* name; manifest digest, "" when unknown; date, "" when none was given */
    const char *const *diff_ids; /* lowest first */
    size_t layers;
} fps_base_image;

typedef struct fps_base_images fps_base_images;

/* Reads the table. FPS_ERROR_NOT_FOUND there is none; FPS_ERROR_CORRUPT; FPS_ERROR_LIMIT; FPS_ERROR_IO;
 * FPS_ERROR_MEMORY. */
FPS_API fps_status fps_base_images_open(fps_base_images **table, const char *path, fps_error *error);
FPS_API size_t fps_base_images_entry_count(const fps_base_images *table);
FPS_API const fps_base_image *fps_base_images_entry(const fps_base_images *table,
                                                    size_t index); /* sorted by name */
/* The base with the most layers that are the lowest of these; NULL when there is none. */
FPS_API const fps_base_image *fps_base_images_find(const fps_base_images *table, const char *const *diff_ids,
                                                   size_t layers);
FPS_API void fps_base_images_free(fps_base_images *table);

/* Adds the image `target` (as in fps_scan_run) under `name` (NULL: its own reference), replacing one of that
 * name. The file is written whole or not at all; the folder of `path` is made when it is missing. `platform`
 * and `image` as in fps_scan_options, or NULL. `options` may be NULL. FPS_ERROR_FORMAT not an image;
 * FPS_ERROR_ARGUMENT no name, or one that is not UTF-8; FPS_ERROR_NOT_FOUND no such target, image or
 * platform; FPS_ERROR_CORRUPT, FPS_ERROR_VERSION or FPS_ERROR_LIMIT of image or table; FPS_ERROR_IO;
 * FPS_ERROR_MEMORY. */
typedef struct fps_base_image_options {
    const char *name, *platform, *image;
    const char *added; /* day, "2026-01-31"; NULL: none */
} fps_base_image_options;
FPS_API fps_status fps_base_image_add(const char *path, const char *target,
                                      const fps_base_image_options *options, fps_error *error);
/* FPS_ERROR_NOT_FOUND when there is no table, or none of this name in it; else as reading and writing it. */
FPS_API fps_status fps_base_image_remove(const char *path, const char *name, fps_error *error);

#endif
