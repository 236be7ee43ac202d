/* Choosing one manifest of several, by reference and by platform; what there is, in words, when none or
 * several fit. */
#ifndef FPS_IMAGE_IMAGE_CHOICE_H
#define FPS_IMAGE_IMAGE_CHOICE_H

#include "image/image_platform.h"
#include "util/array.h"

#include <fpscan/status.h>

/* One manifest. All texts outlive the choices. */
typedef struct fps__choice {
    uint32_t image;         /* manifests of one image differ by platform */
    const char *digest;     /* of the manifest, "" when there is none */
    const char *top_digest; /* of the index that leads to it, or its own */
    const char *config;     /* digest of its config, "" when not known */
    uint64_t size;          /* bytes of the manifest */
    size_t place;           /* for the one who collects */
    bool present;           /* its bytes are there */
    fps__platform platform;
} fps__choice;

typedef struct fps__choice_name {
    uint32_t image;
    const char *text;
} fps__choice_name;

typedef struct fps__choices {
    FPS__ARRAY(fps__choice) items;
    FPS__ARRAY(fps__choice_name) names; /* an image's first one is its best */
} fps__choices;

/* `reference` and `platform` may be NULL. `*reference_found` is the name that fits, or the image's best, ""
 * when it has none. FPS_ERROR_NOT_FOUND none or several fit: the message lists them; FPS_ERROR_ARGUMENT
 * `platform` is none. */
fps_status fps__choices_choose(const fps__choices *choices, const char *reference, const char *platform,
                               const fps__choice **choice, const char **reference_found, fps_error *error);
void fps__choices_free(fps__choices *choices);

#endif
