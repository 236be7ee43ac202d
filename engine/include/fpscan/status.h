/* Status codes, error objects and diagnostics that every part of the library shares.
 *
 *   fps_error error;
 *   if (fps_database_open(&database, "base.fpdb", &error) != FPS_OK)
 *       fprintf(stderr, "%s: %s: %s\n", error.path, fps_status_name(error.status), error.message);
 *
 * A function that can fail returns fps_status: FPS_OK is 0, every failure is negative, and the values never
 * change. The message, path and offset of a failure go to an fps_error that the caller owns; pass NULL when
 * they are not wanted. Damage in a scanned file is never a failure: it is an fps_diagnostic, which reaches
 * the report.
 */
#ifndef FPSCAN_STATUS_H
#define FPSCAN_STATUS_H

#include <fpscan/version.h>
#include <stddef.h>
#include <stdint.h>

FPS_BEGIN_DECLS

typedef enum fps_status {
    FPS_OK = 0,
    FPS_ERROR_MEMORY = -1,      /* an allocation failed */
    FPS_ERROR_IO = -2,          /* the operating system refused: open, read, write, rename */
    FPS_ERROR_FORMAT = -3,      /* the input is not of this format at all */
    FPS_ERROR_CORRUPT = -4,     /* the input is of this format and damaged */
    FPS_ERROR_VERSION = -5,     /* a format version or parameters id that this build does not know */
    FPS_ERROR_LIMIT = -6,       /* a size, count, depth, ratio, memory or time limit was reached */
    FPS_ERROR_ARGUMENT = -7,    /* the caller passed something that is not allowed */
    FPS_ERROR_NOT_FOUND = -8,   /* the named thing does not exist */
    FPS_ERROR_UNSUPPORTED = -9, /* known and well-formed, but not supported */
    FPS_ERROR_CANCELLED = -10,  /* a callback asked to stop */
} fps_status;

/* One failure in words. The caller owns it; it can be reused and needs no clean-up. It says something only
 * after a function returned a failure. */
typedef struct fps_error {
    fps_status status;
    uint64_t offset;   /* bytes from the start of the input; UINT64_MAX when the failure has no position */
    char path[512];    /* "" when no file is concerned; a longer path keeps its end */
    char message[512]; /* one line without newline; starts in lower case, has no final full stop */
} fps_error;

/* Returns the short English name of a status ("corrupt"): static storage, never NULL. Thread-safe. */
FPS_API const char *fps_status_name(fps_status status);

typedef enum fps_diagnostic_level {
    FPS_DIAGNOSTIC_NOTE = 0,    /* worth knowing; nothing was missed */
    FPS_DIAGNOSTIC_PARTIAL = 1, /* bytes that may contain code could not be scanned */
} fps_diagnostic_level;

/* One observation about an input. It belongs to whoever handed it out: an object, a database, a result. */
typedef struct fps_diagnostic {
    fps_diagnostic_level level;
    const char
        *code; /* stable lower-case word with dashes, "truncated-segment"; diagnostic.h lists them all */
    const char *path;    /* path inside the target; NULL for the target itself */
    uint64_t offset;     /* bytes from the start of the file; UINT64_MAX when it has no position */
    const char *message; /* one line; may quote untrusted bytes of the input */
} fps_diagnostic;

/* Receives output as it is produced: text[0..length), not NUL-terminated. Returns FPS_OK to go on; any other
 * status stops the writer, which returns that status. */
typedef fps_status (*fps_write_callback)(void *user, const char *text, size_t length);

FPS_END_DECLS

#endif
