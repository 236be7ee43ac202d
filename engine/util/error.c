/* Filling in an fps_error, for the inside of the library. */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_path(fps_error *error, const char *path)
{
    size_t length = path ? strlen(path) : 0;
    const char *start = path;
    if (length >= sizeof error->path)
        start = path + (length - (sizeof error->path - 1));
    snprintf(error->path, sizeof error->path, "%s", path ? start : "");
}

fps_status fps__fail(fps_error *error, fps_status status, const char *path, uint64_t offset,
                     const char *format, ...)
{
    if (!error)
        return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->status = status;
    error->offset = offset;
    set_path(error, path);
    return status;
}

fps_status fps__fail_io(fps_error *error, const char *path, int errno_value, const char *what)
{
    return fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "%s: %s", what, strerror(errno_value));
}

fps_status fps__fail_memory(fps_error *error)
{
    return fps__fail(error, FPS_ERROR_MEMORY, NULL, UINT64_MAX, "out of memory");
}

const char *fps_version(void)
{
    return FPS_VERSION;
}

const char *fps_status_name(fps_status status)
{
    switch (status) {
    case FPS_OK:
        return "ok";
    case FPS_ERROR_MEMORY:
        return "memory";
    case FPS_ERROR_IO:
        return "io";
    case FPS_ERROR_FORMAT:
        return "format";
    case FPS_ERROR_CORRUPT:
        return "corrupt";
    case FPS_ERROR_VERSION:
        return "version";
    case FPS_ERROR_LIMIT:
        return "limit";
    case FPS_ERROR_ARGUMENT:
        return "argument";
    case FPS_ERROR_NOT_FOUND:
        return "not-found";
    case FPS_ERROR_UNSUPPORTED:
        return "unsupported";
    case FPS_ERROR_CANCELLED:
        return "cancelled";
    }
    return "unknown";
}
