/* Changing the table of known base images: read, changed and written whole, under a lock. */
#include "scan/base_image_internal.h"
#include "util/error.h"
#include "util/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <fpscan/base_image.h>
#include <stdlib.h>
#include <unistd.h>

/* The file's folder, locked: two programs that change the table at once do so one behind the other. */
typedef struct place {
    int folder;
    const char *name; /* of the file in the folder */
} place;

static fps_status place_open(place *at, const char *path, bool create, fps_error *error)
{
    const char *slash = strrchr(path, '/');
    at->name = slash ? slash + 1 : path;
    at->folder = -1;
    char *folder = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    if (!folder)
        return fps__fail_memory(error);
    fps_status status = create ? fps__private_folder_make(folder, error) : FPS_OK;
    if (status == FPS_OK) {
        at->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (at->folder < 0 && errno == ENOENT)
            status =
                fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "there is no table of base images");
        else if (at->folder < 0)
            status = fps__fail_io(error, folder, errno, "open folder");
        else
            status = fps__private_lock(at->folder, true, path, "table of base images", error);
    }
    if (status != FPS_OK && at->folder >= 0)
        close(at->folder);
    free(folder);
    return status;
}

static fps_status write_document(const place *at, const json_t *document, fps_error *error)
{
    char *text = json_dumps(document, JSON_INDENT(1));
    if (!text)
        return fps__fail_memory(error);
    const fps__span parts[] = {{(const uint8_t *)text, strlen(text)}, {(const uint8_t *)"\n", 1}};
    const fps__whole_file file = {.name = at->name,
                                  .what = "write base images",
                                  .parts = parts,
                                  .count = sizeof parts / sizeof *parts,
                                  .sync = true};
    fps_status status = parts[0].size < FPS__MAX_BASE_IMAGES
                            ? fps__whole_file_write(at->folder, &file, error)
                            : fps__fail(error, FPS_ERROR_LIMIT, at->name, UINT64_MAX,
                                        "table of base images: above %d bytes", FPS__MAX_BASE_IMAGES);
    free(text);
    return status;
}

/* Removes the image of this name; false when there is none. */
static bool drop(json_t *document, const char *name)
{
    json_t *images = json_object_get(document, "images");
    for (size_t i = 0; i < json_array_size(images); i++) {
        const char *other = json_string_value(json_object_get(json_array_get(images, i), "name"));
        if (other && strcmp(other, name) == 0)
            return json_array_remove(images, i) == 0;
    }
    return false;
}

/* The document of `path`, or an empty one. */
static fps_status read_or_make(const char *path, json_t **document, fps_error *error)
{
    fps_error fault = {.status = FPS_OK};
    fps_status status = fps__base_images_read(path, document, &fault);
    if (status == FPS_ERROR_NOT_FOUND) {
        *document = json_pack("{s:s, s:i, s:[]}", "format", FPS__BASE_IMAGES_FORMAT, "version",
                              FPS__BASE_IMAGES_VERSION, "images");
        return *document ? FPS_OK : fps__fail_memory(error);
    }
    if (status != FPS_OK && error)
        *error = fault;
    return status;
}

fps_status fps__base_images_put(const char *path, const char *name, json_t *image, fps_error *error)
{
    place at;
    json_t *document = NULL;
    fps_status status = place_open(&at, path, true, error);
    if (status != FPS_OK) {
        json_decref(image);
        return status;
    }
    status = read_or_make(path, &document, error);
    if (status == FPS_OK) {
        drop(document, name);
        status = json_array_append(json_object_get(document, "images"), image) == 0
                     ? write_document(&at, document, error)
                     : fps__fail_memory(error);
    }
    json_decref(image);
    json_decref(document);
    close(at.folder);
    return status;
}

fps_status fps_base_image_remove(const char *path, const char *name, fps_error *error)
{
    place at;
    json_t *document = NULL;
    fps_status status = place_open(&at, path, false, error);
    if (status != FPS_OK)
        return status;
    status = fps__base_images_read(path, &document, error);
    if (status == FPS_OK && drop(document, name))
        status = write_document(&at, document, error);
    else if (status == FPS_OK)
        status =
            fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "no base image is called '%s'", name);
    json_decref(document);
    close(at.folder);
    return status;
}
