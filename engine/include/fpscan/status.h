/* Status codes, error objects and diagnostics that every part of the library shares.
 *
 * Functions that can fail return fps_status: FPS_OK is 0, every failure is negative and its value never
 * changes. The text, path and offset of a failure go to an fps_error that the caller owns; pass NULL when
 * they are not wanted. What was wrong with a scanned file is never a failure: it is an fps_diagnostic that
 * reaches the report.
 */
#ifndef FPSCAN_STATUS_H
#define FPSCAN_STATUS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define FPS_API          __attribute__((visibility("default")))
#define FPS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define FPS_API
#define FPS_PRINTF(f, a)
/* Takes text as it is produced: text[0..length), not terminated. Returns FPS_OK to go on; anything else stops the
 * writer, which returns it. */
typedef fps_status (*fps_write_callback)(void *user, const char *text, size_t length);

#endif

typedef enum fps_status {
    FPS_OK = 0,
    FPS_ERROR_MEMORY = -1,      /* an allocation failed or a memory limit was reached */
    FPS_ERROR_IO = -2,          /* the operating system refused: open, read, write, rename */
    FPS_ERROR_FORMAT = -3,      /* the input is not of this format at all */
    FPS_ERROR_CORRUPT = -4,     /* the input is of this format and damaged */
    FPS_ERROR_VERSION = -5,     /* a format version or parameters id that this build does not know */
    FPS_ERROR_LIMIT = -6,       /* a size, count, depth, ratio or time limit was reached */
    FPS_ERROR_ARGUMENT = -7,    /* the caller passed something that is not allowed */
    FPS_ERROR_NOT_FOUND = -8,   /* the named thing does not exist */
    FPS_ERROR_UNSUPPORTED = -9, /* known, well-formed, and not handled */
    FPS_ERROR_CANCELLED = -10,  /* a callback asked to stop */
} fps_status;

/* One failure in words. Owned by the caller, reusable, needs no clean-up. */
typedef struct fps_error {
    fps_status status;
    uint64_t offset;   /* bytes from the start of the input, UINT64_MAX when it has no place */
    char path[512];    /* "" when no file is concerned; longer paths keep their end */
    char message[512]; /* one line, no newline, lower case start, no final stop */
} fps_error;

/* Gives the short English name of a status ("corrupt"), never NULL, static storage. */
FPS_API const char *fps_status_name(fps_status status);

typedef enum fps_diagnostic_level {
    FPS_DIAGNOSTIC_NOTE = 0,    /* worth knowing, nothing was missed */
    FPS_DIAGNOSTIC_PARTIAL = 1, /* bytes that could hold a program were not looked at */
} fps_diagnostic_level;

/* One remark about an input. `code` is a stable lower-case word-with-dashes such as "truncated-section". */
typedef struct fps_diagnostic {
    fps_diagnostic_level level;
    const char *code;
    const char *path;    /* path inside the target, NULL for the target itself */
    uint64_t offset;     /* UINT64_MAX when it has no place */
    const char *message; /* one line */
} fps_diagnostic;

/* Takes text as it is produced: text[0..length), not terminated. Returns FPS_OK to go on; anything else stops the
 * writer, which returns it. */
typedef fps_status (*fps_write_callback)(void *user, const char *text, size_t length);

#endif
