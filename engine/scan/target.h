/* What a target is: by its scheme, or by looking at it. */
#ifndef FPS_SCAN_TARGET_H
#define FPS_SCAN_TARGET_H

#include "image/image.h"

typedef enum fps__target_kind {
    FPS__TARGET_TREE = 0, /* a directory or a single file, as source.h opens it */
    FPS__TARGET_TAR,      /* a tar of a root, plain or compressed */
    FPS__TARGET_VOLUME,   /* a file system or disk that holds a root */
    FPS__TARGET_IMAGE,
    FPS__TARGET_DOCUMENT, /* a bill of materials, or a JSON report */
} fps__target_kind;

typedef struct fps__target {
    fps__target_kind kind;
    fps__image_kind image;
    bool alike;       /* it looks like an image, and cannot be opened as one */
    const char *path; /* without scheme, inside the text of the target */
    fps_error why;    /* when `alike`: the reason */
} fps__target;

/* A path that exists is taken as such, whatever colons it has. Without a scheme a directory with an
 * oci-layout file and a tar with an image's documents are images, a tar with the folders of a root is a root,
 * and so is a file system or disk that holds one; a file that begins as a bill of materials or a JSON report does is one.
 * Looking ends at the deadline; 0: none. FPS_ERROR_UNSUPPORTED names the schemes that there are; FPS_ERROR_NOT_FOUND, FPS_ERROR_IO,
 * FPS_ERROR_MEMORY. */
fps_status fps__target_find(const char *target, uint64_t deadline_ms, fps__target *found, fps_error *error);

#endif
