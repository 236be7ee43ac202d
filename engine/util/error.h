/* Filling in an fps_error, for the inside of the library. */
#ifndef FPS_UTIL_ERROR_H
#define FPS_UTIL_ERROR_H

#include <fpscan/status.h>

/* Sets *error (which may be NULL) and returns `status`, so that a failure is one return statement.
 * `path` may be NULL; `offset` is UINT64_MAX when there is no place. */
fps_status fps__fail(fps_error *error, fps_status status, const char *path, uint64_t offset,
                     const char *format, ...) FPS_PRINTF(5, 6);

/* The same for a failed system call: appends strerror(errno_value). */
fps_status fps__fail_io(fps_error *error, const char *path, int errno_value, const char *what);

/* The same for a failed allocation. */
fps_status fps__fail_memory(fps_error *error);

#endif
