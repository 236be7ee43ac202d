/* Resolving a path inside the target as a program that is chrooted there would. */
#include "source/source_state.h"
#include "util/array.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINKS = 40, MAX_REST = 64 * 1024 /* bytes still to resolve */ };

typedef struct resolver {
    const fps__source *source;
    char *done; /* resolved so far, the caller's buffer: "" for the root, else starts with '/' and has no
                   links */
    size_t length, size;
    int fd;           /* of `done`; -1: must be opened */
    char *rest;       /* a path, or a link's text and what came behind the link */
    const char *next; /* component of `rest` to resolve next */
    unsigned links;
} resolver;

static void close_fd(resolver *at)
{
    if (at->fd >= 0)
        close(at->fd);
    at->fd = -1;
}

static void go_to(resolver *at, size_t length)
{
    at->length = length;
    at->done[length] = '\0';
    close_fd(at);
}

static void go_up(resolver *at)
{
    size_t length = at->length;
    while (length && at->done[--length] != '/')
        ;
    go_to(at, length);
}

static fps_status fail_path(fps_error *error, const char *path, int errno_value)
{
    if (errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ELOOP)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "no such file in the target");
    if (errno_value == ENAMETOOLONG)
        return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "the path is too long");
    return fps__fail_io(error, path, errno_value, "cannot resolve");
}

/* Puts a link's text in front of what is left to resolve. */
static fps_status follow(resolver *at, int link_fd, fps_error *error)
{
    char text[PATH_MAX];
    ssize_t got = readlinkat(link_fd, "", text, sizeof text);
    if (got < 0)
        return fail_path(error, at->done, errno);
    if (++at->links > MAX_LINKS)
        return fps__fail(error, FPS_ERROR_LIMIT, at->done, UINT64_MAX, "more than %d symbolic links",
                         MAX_LINKS);
    size_t length = (size_t)got, rest_length = strlen(at->next);
    if (length + rest_length >= MAX_REST)
        return fps__fail(error, FPS_ERROR_LIMIT, at->done, UINT64_MAX, "the path is too long");
    char *joined = malloc(length + rest_length + 1);
    if (!joined)
        return fps__fail_memory(error);
    memcpy(joined, text, length);
    memcpy(joined + length, at->next, rest_length + 1); /* empty, or starts with '/' */
    free(at->rest);
    at->rest = joined;
    at->next = joined;
    if (length && text[0] == '/')
        go_to(at, 0);
    return FPS_OK;
}

/* Makes `name` part of what is resolved, now open as `fd`. */
static fps_status descend(resolver *at, const char *name, size_t length, int fd, fps_error *error)
{
    if (at->size - at->length < length + 2) {
        close(fd);
        return fps__fail(error, FPS_ERROR_LIMIT, at->done, UINT64_MAX, "the path is too long");
    }
    close_fd(at);
    at->fd = fd;
    at->done[at->length] = '/';
    memcpy(at->done + at->length + 1, name, length);
    at->length += length + 1;
    at->done[at->length] = '\0';
    return FPS_OK;
}

/* Resolves the component of `length` bytes at `component`, behind which at->next goes on. */
static fps_status step(resolver *at, const char *component, size_t length, fps_error *error)
{
    struct stat st;
    char name[NAME_MAX + 1];
    if (length > NAME_MAX)
        return fail_path(error, at->done, ENAMETOOLONG);
    memcpy(name, component, length);
    name[length] = '\0';
    if (at->fd < 0)
        at->fd = fps__root_open(&at->source->settings.root, at->done, O_PATH | O_DIRECTORY);
    int fd = at->fd < 0 ? -1 : openat(at->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail_path(error, at->done, errno);
    fps_status status;
    if (fstat(fd, &st) != 0) {
        status = fail_path(error, at->done, errno);
    } else if (S_ISLNK(st.st_mode)) {
        status = follow(at, fd, error);
    } else if (*at->next && !S_ISDIR(st.st_mode)) {
        status = fail_path(error, at->done, ENOTDIR);
    } else {
        return descend(at, name, length, fd, error);
    }
    close(fd);
    return status;
}

static fps_status resolve_all(resolver *at, fps_error *error)
{
    fps_status status = FPS_OK;
    while (status == FPS_OK) {
        const char *component = at->next + strspn(at->next, "/");
        size_t length = strcspn(component, "/");
        at->next = component + length;
        if (length == 0)
            return FPS_OK;
        if (length == 2 && memcmp(component, "..", 2) == 0)
            go_up(at);
        else if (length != 1 || *component != '.')
            status = step(at, component, length, error);
    }
    return status;
}

fps_status fps__source_resolve(const fps__source *source, const char *path, char *resolved, size_t size,
                               fps_error *error)
{
    if (!source->walk && strcmp(path, source->single.path) != 0)
        return fail_path(error, path, ENOENT);
    if (size < 2)
        return fail_path(error, path, ENAMETOOLONG);
    resolved[0] = '\0';
    if (strlen(path) > MAX_REST)
        return fail_path(error, path, ENAMETOOLONG);
    resolver at = {.source = source, .done = resolved, .size = size, .fd = -1, .rest = strdup(path)};
    if (!at.rest)
        return fps__fail_memory(error);
    at.next = at.rest;
    fps_status status = resolve_all(&at, error);
    if (status == FPS_OK && at.length == 0)
        memcpy(resolved, "/", 2);
    close_fd(&at);
    free(at.rest);
    return status;
}
