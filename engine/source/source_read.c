/* Reading an entry's bytes: first a head, then, if it is wanted, the rest. */
#include "source/source_state.h"
#include "util/clock.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STEP = 8 * 1024 * 1024,     /* bytes between two looks at the clock */
    SPARSE_SLACK = 1024 * 1024, /* bytes of holes that make it worth looking for them */
    PAGE = 4096,
};

/* Reads up to `size` bytes at `offset`, fewer only at the end of the file. -1 with errno. */
static ssize_t read_all(int fd, uint8_t *to, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, to + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static fps_status fail_replaced(fps_error *error, const fps__source_entry *entry)
{
    return fps__fail(error, FPS_ERROR_IO, entry->path, UINT64_MAX,
                     "the file was replaced while the target was walked");
}

/* Checks that `file->fd` is the file that the walk saw, and notes how large it is now. */
static fps_status check_file(fps__source_file *file, fps_error *error)
{
    struct stat st;
    const fps__source_entry *entry = file->entry;
    if (fstat(file->fd, &st) != 0)
        return fps__fail_io(error, entry->path, errno, "cannot look at file");
    if (!S_ISREG(st.st_mode) || st.st_dev != entry->device || st.st_ino != entry->inode)
        return fail_replaced(error, entry);
    uint64_t size = (uint64_t)st.st_size;
    file->changed = size != entry->size;
    file->size = size < entry->size ? size : entry->size;
    file->stored = (uint64_t)st.st_blocks * 512;
    return FPS_OK;
}

fps_status fps__source_file_open(const fps__source *source, const fps__source_entry *entry,
                                 fps__source_file *file, fps_error *error)
{
    file->entry = entry;
    file->head_size = 0;
    file->fd = fps__root_open(&source->settings.root, entry->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, entry->path, UINT64_MAX,
                         "the file was removed while the target was walked");
    if (file->fd < 0 && (errno == ENOTDIR || errno == ELOOP || errno == ENXIO))
        return fail_replaced(error, entry);
    if (file->fd < 0)
        return fps__fail_io(error, entry->path, errno, "cannot open file");
    fps_status status = check_file(file, error);
    if (status == FPS_OK) {
        size_t wanted = file->size < sizeof file->head ? (size_t)file->size : sizeof file->head;
        ssize_t got = read_all(file->fd, file->head, wanted, 0);
        if (got < 0)
            status = fps__fail_io(error, entry->path, errno, "cannot read file");
        else
            file->head_size = (size_t)got;
    }
    if (status != FPS_OK)
        fps__source_file_close(file);
    return status;
}

/* Memory for `size` bytes: what is there already, when it is enough. */
static bool make_room(fps__source_content *content, size_t size, bool zeroed)
{
    if (!zeroed && size <= content->capacity && content->memory)
        return true;
    free(content->memory);
    size_t wanted = size ? size : 1;
    /* The kernel copies whole pages. malloc's large blocks lie 16 bytes behind the start of one, which makes its copy several times
     * slower on some processors. */
    if (!zeroed && size >= PAGE)
        wanted = (size + PAGE - 1) / PAGE * PAGE;
    content->memory = zeroed         ? calloc(1, wanted)
                      : size >= PAGE ? aligned_alloc(PAGE, wanted)
                                     : malloc(wanted);
    content->capacity = content->memory ? wanted : 0;
    return content->memory != NULL;
}

/* Moves *offset over a hole, and gives how much is stored from there on. */
static uint64_t stored_bytes(int fd, uint64_t *offset, uint64_t size)
{
    off_t data = lseek(fd, (off_t)*offset, SEEK_DATA);
    if (data < 0)
        *offset = errno == ENXIO ? size : *offset;
    else
        *offset = (uint64_t)data < size ? (uint64_t)data : size;
    off_t hole = lseek(fd, (off_t)*offset, SEEK_HOLE);
    return hole > (off_t)*offset && (uint64_t)hole < size ? (uint64_t)hole - *offset : size - *offset;
}

fps_status fps__source_file_read(fps__source_file *file, uint64_t deadline_ms, fps__source_content *content,
                                 fps_error *error)
{
    const char *path = file->entry->path;
    bool sparse = file->size > SPARSE_SLACK && file->stored < file->size - SPARSE_SLACK;
    content->bytes = (fps__span){NULL, 0};
    content->changed = file->changed;
    if (file->size > PTRDIFF_MAX || !make_room(content, (size_t)file->size, sparse))
        return fps__fail_memory(error);
    uint8_t *bytes = content->memory;
    uint64_t offset = file->head_size;
    memcpy(bytes, file->head, file->head_size);
    while (offset < file->size) {
        if (fps__deadline_passed(deadline_ms))
            return fps__fail(error, FPS_ERROR_LIMIT, path, offset,
                             "the time ran out while the file was read");
        uint64_t step = sparse ? stored_bytes(file->fd, &offset, file->size) : file->size - offset;
        step = step < STEP ? step : STEP;
        ssize_t got = read_all(file->fd, bytes + offset, (size_t)step, offset);
        if (got < 0)
            return fps__fail_io(error, path, errno, "cannot read file");
        offset += (uint64_t)got;
        if ((uint64_t)got < step) {
            content->changed = true;
            break;
        }
    }
    content->bytes = (fps__span){bytes, (size_t)offset};
    return FPS_OK;
}

size_t fps__source_file_part(const fps__source_file *file, uint64_t offset, void *to, size_t size)
{
    ssize_t got = read_all(file->fd, to, size, offset);
    return got < 0 ? SIZE_MAX : (size_t)got;
}

void fps__source_file_close(fps__source_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

fps_status fps__source_read(const fps__source *source, const fps__source_entry *entry, uint64_t limit,
                            fps__source_content *content, fps_error *error)
{
    fps__source_file file;
    fps_status status = fps__source_file_open(source, entry, &file, error);
    if (status != FPS_OK)
        return status;
    if (file.size > limit)
        status = fps__fail(error, FPS_ERROR_LIMIT, entry->path, UINT64_MAX,
                           "the file is larger than the limit of %llu bytes", (unsigned long long)limit);
    else
        status = fps__source_file_read(&file, 0, content, error);
    fps__source_file_close(&file);
    return status;
}

bool fps__source_file_is_padding(const fps__source_file *file, uint64_t deadline_ms)
{
    uint8_t part[64 * 1024];
    if (!file->head_size)
        return false;
    for (uint64_t at = 0; at < file->size; at += sizeof part) {
        size_t size = file->size - at < sizeof part ? (size_t)(file->size - at) : sizeof part;
        bool good = !fps__deadline_passed(deadline_ms) &&
                    fps__source_file_part(file, at, part, size) == size && part[0] == file->head[0] &&
                    memcmp(part, part + 1, size - 1) == 0;
        if (!good)
            return false;
    }
    return true;
}

fps_status fps__source_read_path(const fps__source *source, const char *path, uint64_t limit,
                                 fps__source_content *content, fps_error *error)
{
    struct stat st;
    fps__source_entry entry = {.path = (char *)path}; /* is only read */
    int fd = fps__root_open(&source->settings.root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "no such file");
    if (fd < 0)
        return fps__fail_io(error, path, errno, "cannot open file");
    bool seen = fstat(fd, &st) == 0;
    close(fd);
    if (!seen)
        return fps__fail_io(error, path, errno, "cannot look at file");
    entry.size = (uint64_t)st.st_size;
    entry.device = st.st_dev;
    entry.inode = st.st_ino;
    return fps__source_read(source, &entry, limit, content, error);
}

void fps__source_release(fps__source_content *content)
{
    free(content->memory);
    *content = (fps__source_content){.bytes = {NULL, 0}};
}
