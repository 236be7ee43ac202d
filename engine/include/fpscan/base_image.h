/* A local table of known base images, identified by the diff IDs of their layers.
 *
 *   fps_base_image_add("base-images.json", "oci-dir:debian", &options, &error)
 *   fps_scan_options.base_images = "base-images.json"
 *
 *   fps_base_images_open(&table, "base-images.json", &error)
 *   for (size_t i = 0; i < fps_base_images_entry_count(table); i++)
 *       puts(fps_base_images_entry(table, i)->name);
 *   fps_base_images_free(table)
 *
 * A scanned image is said to be built on the base whose layers are its lowest ones; of several such bases, on
 * the one with the most layers. An open table is read-only and may be used by several threads.
 */
#ifndef FPSCAN_BASE_IMAGE_H
#define FPSCAN_BASE_IMAGE_H

#include <fpscan/status.h>

FPS_BEGIN_DECLS

typedef struct fps_base_image {
    const char *name;
    const char *digest;          /* of the manifest, "sha256:..."; "" when unknown */
    const char *added;           /* day, "2026-01-31"; "" when none was given */
    const char *const *diff_ids; /* "sha256:...", the lowest layer first */
    size_t layers;               /* number of diff_ids */
} fps_base_image;

typedef struct fps_base_images fps_base_images;

/* Reads the table at `path`. *table is the caller's, to be freed by fps_base_images_free; NULL on failure.
 * FPS_ERROR_NOT_FOUND: there is no such file; FPS_ERROR_CORRUPT; FPS_ERROR_VERSION; FPS_ERROR_LIMIT;
 * FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_base_images_open(fps_base_images **table, const char *path, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_base_images_free(fps_base_images *table);

FPS_API size_t fps_base_images_entry_count(const fps_base_images *table);
/* Entry `index` in the order of names; it lives as long as the table. NULL when `index` is out of range. */
FPS_API const fps_base_image *fps_base_images_entry(const fps_base_images *table, size_t index);
/* The base with the most layers that are the lowest of diff_ids[0..layers); NULL when there is none. */
FPS_API const fps_base_image *fps_base_images_find(const fps_base_images *table, const char *const *diff_ids,
                                                   size_t layers);

typedef struct fps_base_image_options {
    const char *name;             /* of the entry; NULL: the image's own reference */
    const char *platform, *image; /* as in fps_scan_options; may be NULL */
    const char *added;            /* day, "2026-01-31"; NULL: none */
} fps_base_image_options;

/* Adds the image `target`, named as for fps_scan_run, to the table at `path`, in the place of an entry of the
 * same name. The file is replaced as a whole or not at all, and created with its folder where it is missing.
 * `options` may be NULL. FPS_ERROR_FORMAT: not an image; FPS_ERROR_ARGUMENT: no name, or one that is not
 * UTF-8; FPS_ERROR_NOT_FOUND: no such target, image or platform; FPS_ERROR_CORRUPT, FPS_ERROR_VERSION or
 * FPS_ERROR_LIMIT of the image or the table; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_base_image_add(const char *path, const char *target,
                                      const fps_base_image_options *options, fps_error *error);
/* Removes the entry `name`. FPS_ERROR_NOT_FOUND: there is no table, or no such entry in it; else as
 * fps_base_images_open, and FPS_ERROR_IO when the table cannot be written. */
FPS_API fps_status fps_base_image_remove(const char *path, const char *name, fps_error *error);

FPS_END_DECLS

#endif
