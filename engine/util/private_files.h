/* Files and folders that nobody but their owner can change, and files that appear whole or not at all.
 *
 * Symbolic links are never followed in the last part of a name. Thread-safe.
 */
#ifndef FPS_UTIL_PRIVATE_FILES_H
#define FPS_UTIL_PRIVATE_FILES_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>
#include <sys/stat.h>

/* FPS_ERROR_ARGUMENT unless it belongs to the user, and neither group nor others may write it. `what` names
 * it in the message: "cache folder". */
fps_status fps__private_check(const struct stat *info, const char *path, const char *what, fps_error *error);
/* Makes the folder and those above it, with mode 0700. FPS_ERROR_IO, FPS_ERROR_MEMORY. */
fps_status fps__private_folder_make(const char *folder, fps_error *error);
/* Opens the folder when nobody else can put a file there. FPS_ERROR_NOT_FOUND, FPS_ERROR_ARGUMENT,
 * FPS_ERROR_IO. */
fps_status fps__private_folder_open(const char *folder, int *fd, fps_error *error);

/* Locks an open folder or file, alone or with others, until it is closed. Waits at most FPS__LOCK_WAIT_MS for who has it: a
 * stopped process holds a lock for as long as it is there. A file system that knows no locks is no failure. `what` names
 * the file in the message: "result cache". FPS_ERROR_IO. */
enum { FPS__LOCK_WAIT_MS = 10000 };
fps_status fps__private_lock(int fd, bool alone, const char *path, const char *what, fps_error *error);

/* Writes `parts`, one behind the other, to the file `name` in the open folder: under a temporary name that
 * becomes the real one at the end. `sync`: the bytes have reached the disk by then. `what` names the deed in
 * messages: "write compiled rules". FPS_ERROR_IO. */
typedef struct fps__whole_file {
    const char *name, *what;
    const fps__span *parts;
    size_t count;
    bool sync;
    bool readable; /* by others too, as the user's mask allows; false: by the user alone */
} fps__whole_file;
fps_status fps__whole_file_write(int folder, const fps__whole_file *file, fps_error *error);

#endif
