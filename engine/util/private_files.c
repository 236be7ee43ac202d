/* Files and folders that nobody but their owner can change, and files that appear whole or not at all. */
#include "util/private_files.h"

#include "util/clock.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

fps_status fps__private_check(const struct stat *info, const char *path, const char *what, fps_error *error)
{
    if (info->st_uid != geteuid())
        return fps__fail(error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "the %s belongs to another user", what);
    if (info->st_mode & (S_IWGRP | S_IWOTH))
        return fps__fail(error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "another user can write the %s", what);
    return FPS_OK;
}

fps_status fps__private_folder_make(const char *folder, fps_error *error)
{
    char *path = strdup(folder);
    if (!path)
        return fps__fail_memory(error);
    bool failed = false;
    for (char *at = path; !failed && *at; at++) {
        if (*at != '/' || at == path)
            continue;
        *at = '\0';
        failed = mkdir(path, 0700) != 0 && errno != EEXIST;
        *at = '/';
    }
    failed = failed || (mkdir(path, 0700) != 0 && errno != EEXIST);
    int reason = errno;
    free(path);
    return failed ? fps__fail_io(error, folder, reason, "make cache folder") : FPS_OK;
}

fps_status fps__private_folder_open(const char *folder, int *fd, fps_error *error)
{
    struct stat info;
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, folder, UINT64_MAX, "there is no such cache folder");
    if (*fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return fps__fail(error, FPS_ERROR_ARGUMENT, folder, UINT64_MAX,
                         "the cache folder is a symbolic link or no folder");
    if (*fd < 0)
        return fps__fail_io(error, folder, errno, "open cache folder");
    fps_status status = fstat(*fd, &info) == 0 ? fps__private_check(&info, folder, "cache folder", error)
                                               : fps__fail_io(error, folder, errno, "look at cache folder");
    if (status != FPS_OK)
        close(*fd);
    return status;
}

fps_status fps__private_lock(int fd, bool alone, const char *path, const char *what, fps_error *error)
{
    enum { PAUSE_US = 10000 };
    uint64_t deadline = fps__deadline_after(FPS__LOCK_WAIT_MS);
    while (flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return FPS_OK;
        if (fps__deadline_passed(deadline))
            return fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX,
                             "another process has held the lock of the %s for %d seconds", what,
                             FPS__LOCK_WAIT_MS / 1000);
        usleep(PAUSE_US);
    }
    return FPS_OK;
}

static bool write_all(int fd, fps__span part)
{
    for (size_t done = 0; done < part.size;) {
        ssize_t count = write(fd, part.data + done, part.size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        done += (size_t)count;
    }
    return true;
}

/* Opens a new file next to the real one; `temporary` receives its name. */
static int open_temporary(int folder, const fps__whole_file *file, char *temporary, size_t size)
{
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        snprintf(temporary, size, ".%.80s.%ld.%u", file->name, (long)getpid(), attempt);
        int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        file->readable ? 0666 : 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

fps_status fps__whole_file_write(int folder, const fps__whole_file *file, fps_error *error)
{
    char temporary[128];
    int fd = open_temporary(folder, file, temporary, sizeof temporary);
    if (fd < 0)
        return fps__fail_io(error, file->name, errno, file->what);
    bool written = true;
    for (size_t i = 0; i < file->count && written; i++)
        written = write_all(fd, file->parts[i]);
    written = written && (!file->sync || fsync(fd) == 0);
    int reason = errno;
    if (close(fd) != 0 && written) {
        written = false;
        reason = errno;
    }
    if (written && renameat(folder, temporary, folder, file->name) != 0) {
        written = false;
        reason = errno;
    }
    if (written)
        return FPS_OK;
    unlinkat(folder, temporary, 0);
    return fps__fail_io(error, file->name, reason, file->what);
}
