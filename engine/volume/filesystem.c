/* What all file systems share: the bytes under them, and the children of the directories that are listed. */
#include "volume/filesystem.h"

#include "util/error.h"

enum {
    MOST_CHILDREN =
        4 << 20, /* of the directories on one path: as many as entries of an archive, see archive.c */
    MOST_NAMES = 256 << 20, /* bytes of their names */
};

/* ---- media ---- */

fps__medium fps__medium_part(const fps__medium *medium, uint64_t offset, uint64_t size)
{
    fps__medium part = *medium;
    offset = offset < medium->size ? offset : medium->size;
    part.size = size < medium->size - offset ? size : medium->size - offset;
    part.start = medium->start + offset;
    if (!medium->read)
        part.span = fps__span_part(medium->span, offset, part.size);
    return part;
}

static fps_status fail_behind(uint64_t offset, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, offset, "bytes that lie behind the end of the image");
}

fps_status fps__medium_copy(const fps__medium *medium, uint64_t offset, size_t size, uint8_t *to,
                            fps_error *error)
{
    if (offset > medium->size || size > medium->size - offset)
        return fail_behind(offset, error);
    if (medium->read)
        return medium->read(medium->user, medium->start + offset, to, size, error);
    if (size)
        memcpy(to, medium->span.data + offset, size);
    return FPS_OK;
}

fps_status fps__medium_get(const fps__medium *medium, uint64_t offset, size_t size, uint8_t *room,
                           const uint8_t **bytes, fps_error *error)
{
    *bytes = room;
    if (medium->read)
        return fps__medium_copy(medium, offset, size, room, error);
    if (offset > medium->size || size > medium->size - offset)
        return fail_behind(offset, error);
    *bytes = medium->span.data + offset;
    return FPS_OK;
}

/* ---- file systems ---- */

fps_status fps__filesystem_corrupt(fps_error *error, uint64_t offset, const char *what)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, offset, "%s", what);
}

fps_status fps__filesystem_unsupported(fps_error *error, const char *what)
{
    return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "%s: fpscan cannot read that", what);
}

fps_status fps__filesystem_spend(const fps__filesystem *fs, uint64_t bytes, fps_error *error)
{
    return fs->budget->spend(fs->budget->user, bytes, 0, error);
}

static fps_status fail_full(fps_status status, fps_error *error)
{
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    return fps__fail(error, status, NULL, UINT64_MAX, "directories with too many names");
}

fps_status fps__filesystem_add(fps__filesystem *fs, const char *name, size_t length, uint64_t node,
                               fps_error *error)
{
    if ((length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.'))
        return FPS_OK;
    if (!length || memchr(name, '/', length) || memchr(name, '\0', length))
        return fps__filesystem_corrupt(error, UINT64_MAX, "a damaged name in a directory");
    fps_status status = fs->budget->spend(fs->budget->user, length, 1, error);
    if (status)
        return status;
    status = FPS__ARRAY_RESERVE(&fs->children, 1, MOST_CHILDREN);
    if (!status)
        status = FPS__ARRAY_RESERVE(&fs->names, length + 1, MOST_NAMES);
    if (status)
        return fail_full(status, error);
    fs->children.items[fs->children.count++] = (fps__child){node, (uint32_t)fs->names.count};
    memcpy(fs->names.items + fs->names.count, name, length);
    fs->names.items[fs->names.count + length] = '\0';
    fs->names.count += length + 1;
    return FPS_OK;
}
