/* Confinement of a program before it meets hostile bytes: what the kernel then refuses, no bug can do.
 *
 *   sandbox_path paths[] = {{target, SANDBOX_READ}, {cache, SANDBOX_WRITE}};
 *   sandbox_state state = sandbox_enter(paths, 2);
 *
 * Afterwards the process starts no program, opens no socket, and reads and writes files only below the named paths;
 * what is open stays open. There is no way back. It holds for the calling thread and for threads that start later, so
 * it is called before there are others. The library never confines its caller: only programs do.
 */
#ifndef FPS_TOOLS_SANDBOX_H
#define FPS_TOOLS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

typedef enum sandbox_access {
    SANDBOX_READ,  /* read files and list directories */
    SANDBOX_WRITE, /* also make, change and remove regular files */
} sandbox_access;

typedef struct sandbox_path {
    const char *
        path; /* a file, or a directory with all that lies below it; NULL or a path that is not there: nothing */
    sandbox_access access;
} sandbox_path;

/* What is in force. A kernel that lacks a part runs without it, and so does a build with AddressSanitizer. */
typedef struct sandbox_state {
    bool files; /* Landlock (Linux 5.13 and later) */
    bool calls; /* seccomp */
} sandbox_state;

sandbox_state sandbox_enter(const sandbox_path *paths, size_t count);

#endif
