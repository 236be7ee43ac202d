/* Adding an image to the table of known base images. */
#include "scan/base_image_internal.h"
#include "scan/target.h"
#include "util/error.h"

#include <errno.h>
#include <fpscan/base_image.h>
#include <unistd.h>

/* An image as an object of the table; NULL when a text is not UTF-8, or without memory. */
static json_t *describe(const fps__image_info *info, const char *name, const char *added)
{
    json_t *image =
        json_pack("{s:s, s:s, s:s, s:[]}", "name", name, "digest", info->manifest, "added", added, "layers");
    for (uint32_t i = 0; i < info->layer_count; i++)
        if (json_array_append_new(json_object_get(image, "layers"), json_string(info->layers[i].diff_id))) {
            json_decref(image);
            return NULL;
        }
    return image;
}

static fps_status store(const char *path, const fps__image_info *info, const char *name, const char *added,
                        fps_error *error)
{
    json_t *image = describe(info, name, added);
    return image ? fps__base_images_put(path, name, image, error)
                 : fps__fail(error, FPS_ERROR_ARGUMENT, name, UINT64_MAX,
                             "the name of a base image is not UTF-8");
}

/* Checks what an image says of itself before it goes into the table. */
static fps_status check_image(const fps__image_info *info, const char *target, const char *name,
                              fps_error *error)
{
    if (!name[0])
        return fps__fail(error, FPS_ERROR_ARGUMENT, target, UINT64_MAX,
                         "the image has no name of its own; give one");
    if (!info->layer_count)
        return fps__fail(error, FPS_ERROR_CORRUPT, target, UINT64_MAX, "the image has no layers");
    for (uint32_t i = 0; i < info->layer_count; i++)
        if (!fps__is_diff_id(info->layers[i].diff_id))
            return fps__fail(error, FPS_ERROR_CORRUPT, target, UINT64_MAX, "layer %u has no diff ID", i);
    return FPS_OK;
}

fps_status fps_base_image_add(const char *path, const char *target, const fps_base_image_options *options,
                              fps_error *error)
{
    static const fps_base_image_options none;
    fps__target found;
    fps__image *image;
    fps_status status = fps__target_find(target, 0, &found, error);
    if (status != FPS_OK)
        return status;
    if (access(found.path, F_OK) != 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, target, UINT64_MAX, "no such file or directory");
    if (found.kind != FPS__TARGET_IMAGE)
        return fps__fail(error, FPS_ERROR_FORMAT, target, UINT64_MAX, "not an image");
    options = options ? options : &none;
    const fps__image_options opening = {.platform = options->platform, .reference = options->image};
    status = fps__image_open(&image, found.path, found.image, &opening, error);
    if (status != FPS_OK)
        return status;
    const fps__image_info *info = fps__image_get_info(image);
    const char *name = options->name ? options->name : info->reference;
    status = check_image(info, target, name, error);
    if (status == FPS_OK)
        status = store(path, info, name, options->added ? options->added : "", error);
    fps__image_close(image);
    return status;
}
