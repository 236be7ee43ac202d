/* The file of known base images as a document; private to the scan stage. */
#ifndef FPS_SCAN_BASE_IMAGE_INTERNAL_H
#define FPS_SCAN_BASE_IMAGE_INTERNAL_H

#include <fpscan/status.h>
#include <jansson.h>
#include <stdbool.h>

/* {"format": "fpscan-base-images", "version": 1,
 *  "images": [{"name": "debian:12", "digest": "sha256:...", "added": "2026-01-31", "layers":
 * ["sha256:..."]}]}
 */
#define FPS__BASE_IMAGES_FORMAT "fpscan-base-images"
enum { FPS__BASE_IMAGES_VERSION = 1, FPS__MAX_BASE_IMAGES = 16 << 20 /* bytes of the file */ };

/* The document at `path`, which is one of ours and has an array "images"; freed with json_decref.
 * FPS_ERROR_NOT_FOUND, FPS_ERROR_CORRUPT, FPS_ERROR_VERSION, FPS_ERROR_LIMIT, FPS_ERROR_IO. */
fps_status fps__base_images_read(const char *path, json_t **document, fps_error *error);

/* Puts an image in place of one of its name; takes `image` in any case. Failures of reading, FPS_ERROR_IO,
 * FPS_ERROR_MEMORY. */
fps_status fps__base_images_put(const char *path, const char *name, json_t *image, fps_error *error);

/* "sha256:" and 64 lower-case digits; `text` may be NULL. */
bool fps__is_diff_id(const char *text);

#endif
