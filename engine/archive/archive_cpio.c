/* Reads a "newc" cpio archive from a stream of blocks. */
#include "archive/archive_cpio.h"

#include "util/digest.h"
#include "util/error.h"

enum {
    HEADER_SIZE = 110,
    AT_MODE = 14,
    AT_FILE_SIZE = 54,
    AT_NAME_SIZE = 94,
    TYPE_MASK = 0170000,
    TYPE_REGULAR = 0100000,
};

bool fps__cpio_identify(fps__span data)
{
    return data.size >= 6 && memcmp(data.data, "07070", 5) == 0 &&
           (data.data[5] == '1' || data.data[5] == '2');
}

static fps_status corrupt(fps_error *error, const char *what)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "%s", what);
}

/* Takes `size` bytes of the stream; `out` may be NULL. */
static fps_status take(fps__cpio *cpio, uint8_t *out, uint64_t size, fps_error *error)
{
    while (size) {
        if (!cpio->block.size) {
            fps_status status = cpio->next_block(cpio->user, &cpio->block, error);
            if (status == FPS_ERROR_NOT_FOUND)
                return corrupt(error, "cpio archive ends early");
            if (status)
                return status;
            continue;
        }
        size_t part = cpio->block.size < size ? cpio->block.size : (size_t)size;
        if (out) {
            memcpy(out, cpio->block.data, part);
            out += part;
        }
        cpio->block = (fps__span){cpio->block.data + part, cpio->block.size - part};
        size -= part;
    }
    return FPS_OK;
}

/* Eight hexadecimal digits. */
static bool get_hex(const uint8_t *text, uint32_t *value)
{
    uint8_t bytes[4];
    if (!fps__hex_read((const char *)text, 8, bytes, sizeof bytes))
        return false;
    *value = fps__get32be(bytes);
    return true;
}

static uint32_t padding_of(uint64_t size)
{
    return (uint32_t)(-size & 3);
}

static fps_status skip_file(fps__cpio *cpio, fps_error *error)
{
    uint64_t rest = cpio->file_left + cpio->padding;
    cpio->file_left = cpio->padding = 0;
    return take(cpio, NULL, rest, error);
}

fps_status fps__cpio_next(fps__cpio *cpio, fps_error *error)
{
    for (;;) {
        uint8_t header[HEADER_SIZE];
        uint32_t mode, size, name;
        fps_status status = skip_file(cpio, error);
        if (!status)
            status = take(cpio, header, HEADER_SIZE, error);
        if (status)
            return status;
        if (!fps__cpio_identify((fps__span){header, HEADER_SIZE}) || !get_hex(header + AT_MODE, &mode) ||
            !get_hex(header + AT_FILE_SIZE, &size) || !get_hex(header + AT_NAME_SIZE, &name))
            return corrupt(error, "damaged header in a cpio archive");
        if (!name || name > FPS__CPIO_PATH)
            return corrupt(error, "name of a file in a cpio archive is too long");
        status = take(cpio, (uint8_t *)cpio->path, name, error);
        if (!status)
            status = take(cpio, NULL, padding_of(HEADER_SIZE + name), error);
        if (status)
            return status;
        cpio->path[name] = '\0';
        if (strcmp(cpio->path, "TRAILER!!!") == 0)
            return FPS_ERROR_NOT_FOUND;
        cpio->file_left = size;
        cpio->padding = padding_of(size);
        if ((mode & TYPE_MASK) == TYPE_REGULAR && size) /* of hard links the last one holds the bytes */
            return FPS_OK;
    }
}

fps_status fps__cpio_read(fps__cpio *cpio, uint8_t *out, size_t size, fps_error *error)
{
    if (size > cpio->file_left)
        size = (size_t)cpio->file_left;
    cpio->file_left -= size;
    return take(cpio, out, size, error);
}
