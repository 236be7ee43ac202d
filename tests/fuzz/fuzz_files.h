/* Files of a fuzz target: in memory where a path is enough, else in a folder in memory that goes with the process.
 */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FUZZ_PATH = 256 };

/* Corrects the checksums of tar headers. Mutation breaks them, and a reader would stop at the first wrong one. */
static inline void fuzz_repair_tar(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + 512 <= size; at += 512) {
        unsigned sum = 0;
        if (memcmp(data + at + 257, "ustar", 5) != 0)
            continue;
        memset(data + at + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
            sum += data[at + i];
        snprintf((char *)data + at + 148, 8, "%06o", sum & 0777777);
    }
}

/* A copy that the caller frees, directly followed by a red zone of the sanitizer; never NULL. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    return copy;
}

/* A file in memory with these bytes; `path` is its name until the caller closes the descriptor. */
static inline int fuzz_memory_file(const void *data, size_t size, char path[FUZZ_PATH])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, FUZZ_PATH, "/proc/self/fd/%d", fd);
    return fd;
}

static inline void fuzz_remove(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            fuzz_remove(fd, entry->d_name);
    if (folder)
        closedir(folder);
    unlinkat(parent, name, folder ? AT_REMOVEDIR : 0);
}

static inline char *fuzz_folder_name(void)
{
    static char name[FUZZ_PATH];
    return name;
}

static inline void fuzz_folder_remove(void)
{
    fuzz_remove(AT_FDCWD, fuzz_folder_name());
}

/* The folder of this process, mode 0700, removed at its end. */
static inline const char *fuzz_folder(void)
{
    char *name = fuzz_folder_name();
    if (*name)
        return name;
    snprintf(name, FUZZ_PATH, "/dev/shm/fpscan-fuzz-XXXXXX");
    if (!mkdtemp(name)) {
        snprintf(name, FUZZ_PATH, "/tmp/fpscan-fuzz-XXXXXX");
        if (!mkdtemp(name))
            abort();
    }
    atexit(fuzz_folder_remove);
    return name;
}

/* Writes a file below `folder` and makes the folders that its name needs. A name that is taken stays as it is. */
static inline void fuzz_write(const char *folder, const char *name, const void *data, size_t size)
{
    char path[2 * FUZZ_PATH];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path)
        abort();
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (write(fd, data, size) != (ssize_t)size)
        abort();
    close(fd);
}

#endif
