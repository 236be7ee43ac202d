/* Standard input as a target: an image or tar is read in any order, so that its bytes go to a file first. */
#include "spool.h"

#include "common/message.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Removes the file when this process has ended, however it did: a confined program cannot remove its own folder. */
static bool start_cleaner(const char *folder, const char *file)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid_t child = fork();
    if (child > 0)
        close(ends[0]); /* the other end stays open until the program ends */
    if (child != 0)
        return child > 0;
    char byte;
    setsid();
    close(ends[1]);
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        close(fd);
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {
    }
    unlink(file);
    rmdir(folder);
    _exit(0);
}

/* A file in a folder of its own, which nobody else can enter. -1: errno tells why. */
static int open_file(const char *folder, char path[SPOOL_PATH])
{
    char own[SPOOL_PATH - 16];
    int length = snprintf(own, sizeof own, "%s/fpscan-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof own) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (!mkdtemp(own))
        return -1;
    snprintf(path, SPOOL_PATH, "%s/stdin", own);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && start_cleaner(own, path))
        return fd;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    unlink(path);
    rmdir(own);
    errno = reason;
    return -1;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* False: errno tells why. */
static bool copy_input(int fd)
{
    enum { BLOCK = 1 << 20 };
    char *block = malloc(BLOCK);
    ssize_t size = block ? 1 : -1;
    while (size > 0) {
        size = read(STDIN_FILENO, block, BLOCK);
        if (size < 0 && errno == EINTR)
            size = 1;
        else if (size > 0 && !write_all(fd, block, (size_t)size))
            size = -1;
    }
    int reason = errno;
    free(block);
    errno = reason;
    return size == 0;
}

bool spool_input(char path[SPOOL_PATH])
{
    const char *folder = getenv("TMPDIR");
    folder = folder && *folder ? folder : "/tmp";
    if (isatty(STDIN_FILENO)) {
        message_print(
            PROGRAM,
            "-: standard input is a terminal; give it an image or tar: docker save IMAGE | fpscan -");
        return false;
    }
    int fd = open_file(folder, path);
    bool good = fd >= 0 && copy_input(fd) && close(fd) == 0;
    if (!good)
        message_print(PROGRAM, "-: cannot keep standard input in %s: %s; TMPDIR names another folder", folder,
                      strerror(errno));
    return good;
}
