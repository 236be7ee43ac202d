/* Opening what lies below a root directory without ever following a symbolic link, however deep it is. */
#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK = PATH_MAX - 1, DIRECTORY_FLAGS = O_PATH | O_DIRECTORY };

static int open_part(bool stepwise, int fd, const char *part, int flags)
{
    flags |= O_NOFOLLOW | O_CLOEXEC;
    if (stepwise)
        return openat(fd, part, flags);
    struct open_how how = {.flags = (unsigned)flags,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, fd, part, &how, sizeof how);
}

/* Bytes of the first part of `path` that one call may be given: one component, or as many as a path may have.
 */
static size_t part_length(bool stepwise, const char *path)
{
    if (stepwise)
        return strcspn(path, "/");
    size_t length = strnlen(path, CHUNK);
    if (length < CHUNK)
        return length;
    while (length && path[length] != '/')
        length--;
    return length;
}

void fps__root_init(fps__root *root, int fd)
{
    root->fd = fd;
    root->stepwise = false;
    int probe = open_part(false, fd, ".", DIRECTORY_FLAGS);
    if (probe >= 0)
        close(probe);
    else
        root->stepwise = true;
}

static void close_unless(int fd, int kept)
{
    int saved = errno;
    if (fd != kept)
        close(fd);
    errno = saved;
}

int fps__root_open(const fps__root *root, const char *path, int flags)
{
    char part[CHUNK + 1];
    int fd = root->fd;
    while (*path == '/')
        path++;
    if (!*path)
        return openat(root->fd, ".", flags | O_CLOEXEC);
    for (;;) {
        size_t length = part_length(root->stepwise, path);
        if (length == 0 || length > CHUNK) {
            errno = ENAMETOOLONG;
            close_unless(fd, root->fd);
            return -1;
        }
        memcpy(part, path, length);
        part[length] = '\0';
        bool last = path[length] == '\0';
        int next = open_part(root->stepwise, fd, part, last ? flags : DIRECTORY_FLAGS);
        close_unless(fd, root->fd);
        if (next < 0 || last)
            return next;
        fd = next;
        path += length + 1;
    }
}
