/* Opening what lies below a root directory without ever following a symbolic link, however deep it is. */
#ifndef FPS_SOURCE_FILE_H
#define FPS_SOURCE_FILE_H

#include <stdbool.h>

/* The directory that paths start from. Read-only after fps__root_init, so any thread may use it. */
typedef struct fps__root {
    int fd;
    bool stepwise; /* openat2 is not to be had (an old kernel, a sandbox): one component is opened after the
                      other */
} fps__root;

/* Takes over `fd`, an open directory, and finds out what the kernel offers. */
void fps__root_init(fps__root *root, int fd);
/* Opens `path` (leading '/' optional, no "." or ".." components, any length, "/" for the root itself) with
 * `flags`, to which O_NOFOLLOW and O_CLOEXEC are added. Returns a file descriptor, or -1 with errno set:
 * ELOOP or ENOTDIR when a component is a symbolic link. */
int fps__root_open(const fps__root *root, const char *path, int flags);

#endif
