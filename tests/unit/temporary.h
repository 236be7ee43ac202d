/* Names for temporary files of the tests: below TMPDIR, or /tmp where it is not set. */
#ifndef FPS_TESTS_TEMPORARY_H
#define FPS_TESTS_TEMPORARY_H

#include <stdio.h>
#include <stdlib.h>

enum { TEMPORARY_SIZE = 64 };

/* Writes a template for mkstemp or mkdtemp, TEMPORARY_SIZE bytes, into `path` and returns it. A TMPDIR that
 * does not fit is passed over. */
static inline char *temporary_name(char *path, const char *name)
{
    const char *folder = getenv("TMPDIR");
    int length = snprintf(path, TEMPORARY_SIZE, "%s/%s-XXXXXX", folder ? folder : "/tmp", name);
    if (length < 0 || length >= TEMPORARY_SIZE)
        snprintf(path, TEMPORARY_SIZE, "/tmp/%s-XXXXXX", name);
    return path;
}

/* "FOLDER/NAME" in one of eight buffers that take turns. For one thread. */
static inline const char *temporary_path(const char *folder, const char *name)
{
    static char paths[8][TEMPORARY_SIZE + 96];
    static int used;
    char *path = paths[used++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

#endif
