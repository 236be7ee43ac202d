/* Reading an image's files by name out of a directory, a tar or a compressed tar. */
#include "image/image_blobs.h"

#include "image/tar_index.h"
#include "source/file.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A compressed tar on its way forward. */
typedef struct forward {
    fps__stream_range *range;
    fps__stream *stream;
    fps__span block; /* unpacked and not yet used */
    uint64_t at;     /* of the first unused byte */
    uint64_t left;   /* bytes of the blob that is open */
} forward;

struct fps__blobs {
    fps__blobs_shape shape;
    char *path;
    int fd; /* of the archive; -1 for a directory, whose descriptor is the root's */
    uint64_t size;
    uint64_t ratio; /* of a compressed archive, see stream.h */
    fps__root root;
    fps__tar_index index;
    bool goes_on; /* behind the end of the archive */
    fps_status fault;
    fps_error fault_error;
    forward forward;
    fps__stream_range *range; /* the open blob of a directory or a tar */
    int blob_fd;              /* of a directory */
};

/* ---- a compressed tar, forward ---- */

static void forward_close(forward *f)
{
    fps__stream_close(f->stream);
    fps__stream_range_free(f->range);
    *f = (forward){.at = 0};
}

static fps_status forward_start(fps__blobs *blobs, fps_error *error)
{
    forward *f = &blobs->forward;
    fps__stream_input input;
    fps__stream_options options = {.ratio = blobs->ratio, .name = blobs->path};
    forward_close(f);
    fps_status status = fps__stream_range_create(&f->range, blobs->fd, 0, blobs->size, &input, error);
    return status ? status : fps__stream_open(&f->stream, &input, &options, error);
}

/* The next bytes, at most `most`. FPS_ERROR_NOT_FOUND at the end. */
static fps_status forward_next(forward *f, uint64_t most, fps__span *part, fps_error *error)
{
    if (!f->block.size) {
        fps_status status = fps__stream_next(f->stream, &f->block, error);
        if (status)
            return status;
    }
    size_t size = f->block.size < most ? f->block.size : (size_t)most;
    *part = (fps__span){f->block.data, size};
    f->block.data += size;
    f->block.size -= size;
    f->at += size;
    return FPS_OK;
}

static fps_status forward_cut_off(const forward *f, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, f->at, "the archive is cut off");
}

static fps_status forward_skip(void *user, uint64_t size, fps_error *error)
{
    forward *f = &((fps__blobs *)user)->forward;
    fps__span part;
    while (size) {
        fps_status status = forward_next(f, size, &part, error);
        if (status)
            return status == FPS_ERROR_NOT_FOUND ? forward_cut_off(f, error) : status;
        size -= part.size;
    }
    return FPS_OK;
}

static fps_status forward_read(void *user, uint8_t *bytes, size_t size, fps_error *error)
{
    forward *f = &((fps__blobs *)user)->forward;
    fps__span part;
    for (size_t done = 0; done < size; done += part.size) {
        fps_status status = forward_next(f, size - done, &part, error);
        if (status)
            return status == FPS_ERROR_NOT_FOUND && done ? forward_cut_off(f, error) : status;
        memcpy(bytes + done, part.data, part.size);
    }
    return FPS_OK;
}

static fps_status forward_blob_next(void *user, fps__span *block, fps_error *error)
{
    forward *f = user;
    if (!f->left)
        return FPS_ERROR_NOT_FOUND;
    fps_status status = forward_next(f, f->left, block, error);
    if (status)
        return status == FPS_ERROR_NOT_FOUND ? forward_cut_off(f, error) : status;
    f->left -= block->size;
    return FPS_OK;
}

static fps_status forward_blob_open(fps__blobs *blobs, const fps__tar_member *member,
                                    fps__stream_input *input, fps_error *error)
{
    forward *f = &blobs->forward;
    if (!f->stream || member->offset < f->at) {
        fps_status status = forward_start(blobs, error);
        if (status)
            return status;
    }
    fps_status status = forward_skip(blobs, member->offset - f->at, error);
    f->left = member->size;
    /* the header's word for the size bounds no ratio: hence unknown */
    *input = (fps__stream_input){f, forward_blob_next, UINT64_MAX};
    return status;
}

/* ---- a plain tar, with seeking ---- */

typedef struct seeker {
    fps__blobs *blobs;
    uint64_t at;
} seeker;

static fps_status seek_read(void *user, uint8_t *bytes, size_t size, fps_error *error)
{
    seeker *s = user;
    for (size_t done = 0; done < size;) {
        ssize_t got =
            s->at > INT64_MAX - size ? 0 : pread(s->blobs->fd, bytes + done, size - done, (off_t)s->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fps__fail_io(error, s->blobs->path, errno, "cannot read");
        if (got == 0 && !done)
            return FPS_ERROR_NOT_FOUND;
        if (got == 0)
            return fps__fail(error, FPS_ERROR_CORRUPT, s->blobs->path, s->at, "the archive is cut off");
        done += (size_t)got;
        s->at += (uint64_t)got;
    }
    return FPS_OK;
}

static fps_status seek_skip(void *user, uint64_t size, fps_error *error)
{
    seeker *s = user;
    if (s->at > s->blobs->size || size > s->blobs->size - s->at)
        return fps__fail(error, FPS_ERROR_CORRUPT, s->blobs->path, s->blobs->size, "the archive is cut off");
    s->at += size;
    return FPS_OK;
}

/* ---- behind the end of the archive ---- */

enum { MAX_PADDING = 64 * 1024 * 1024 };

static bool is_zero(fps__span bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i])
            return false;
    return true;
}

/* Reads what is left, which also makes a compressed archive's own checksum be compared. `next` gives blocks.
 */
static fps_status read_rest(fps__blobs *blobs, void *user,
                            fps_status (*next)(void *, fps__span *, fps_error *), fps_error *error)
{
    fps__span block;
    fps_status status = FPS_OK;
    for (uint64_t seen = 0; !blobs->goes_on; seen += block.size) {
        status = next(user, &block, error);
        if (status)
            break;
        blobs->goes_on = seen > MAX_PADDING || !is_zero(block);
    }
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status forward_rest_next(void *user, fps__span *block, fps_error *error)
{
    return forward_next(user, UINT64_MAX, block, error);
}

static fps_status read_rest_of_file(fps__blobs *blobs, fps_error *error)
{
    fps__stream_range *range;
    fps__stream_input input;
    uint64_t at = blobs->index.end;
    if (at >= blobs->size)
        return FPS_OK;
    fps_status status = fps__stream_range_create(&range, blobs->fd, at, blobs->size - at, &input, error);
    if (!status)
        status = read_rest(blobs, input.user, input.next, error);
    fps__stream_range_free(range);
    return status;
}

/* ---- opening ---- */

static fps_status index_archive(fps__blobs *blobs, fps_error *error)
{
    seeker seeking = {.blobs = blobs};
    fps__tar_reader reader = {&seeking, seek_read, seek_skip, false};
    fps_status status = fps__tar_index_read(&blobs->index, &reader, error);
    if (status != FPS_ERROR_FORMAT)
        return status ? status : read_rest_of_file(blobs, error);
    fps__tar_index_free(&blobs->index);
    blobs->shape = FPS__BLOBS_PACKED_TAR;
    status = forward_start(blobs, error);
    if (status)
        return status;
    reader = (fps__tar_reader){blobs, forward_read, forward_skip, true};
    status = fps__tar_index_read(&blobs->index, &reader, error);
    if (!status)
        status = read_rest(blobs, &blobs->forward, forward_rest_next, error);
    forward_close(&blobs->forward);
    return status;
}

static fps_status open_archive(fps__blobs *blobs, int fd, const struct stat *st, fps_error *error)
{
    blobs->fd = fd;
    blobs->size = (uint64_t)st->st_size;
    blobs->shape = FPS__BLOBS_TAR;
    fps_status status = index_archive(blobs, error);
    if (status == FPS_OK || status == FPS_ERROR_MEMORY || status == FPS_ERROR_FORMAT ||
        status == FPS_ERROR_IO)
        return status;
    if (!blobs->index.members.count)
        return fps__fail(error, FPS_ERROR_FORMAT, blobs->path, UINT64_MAX, "not a tar archive");
    blobs->fault = status;
    if (error)
        blobs->fault_error = *error;
    return FPS_OK;
}

static fps_status open_path(fps__blobs *blobs, const char *path, fps_error *error)
{
    struct stat st = {.st_mode = 0};
    blobs->path = strdup(path);
    if (!blobs->path)
        return fps__fail_memory(error);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "no such file");
    if (fd < 0)
        return fps__fail_io(error, path, errno, "cannot open");
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        blobs->shape = FPS__BLOBS_DIRECTORY;
        fps__root_init(&blobs->root, fd);
        return FPS_OK;
    }
    if (S_ISREG(st.st_mode))
        return open_archive(blobs, fd, &st, error);
    close(fd);
    return fps__fail(error, FPS_ERROR_FORMAT, path, UINT64_MAX, "neither a directory nor a regular file");
}

fps_status fps__blobs_open(fps__blobs **blobs, const char *path, uint64_t ratio, fps_error *error)
{
    fps_error local;
    *blobs = NULL;
    fps__blobs *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->fd = made->blob_fd = made->root.fd = -1;
    made->ratio = ratio;
    fps_status status = open_path(made, path, &local);
    if (status) {
        if (error)
            *error = local;
        fps__blobs_close(made);
        return status;
    }
    *blobs = made;
    return FPS_OK;
}

void fps__blobs_close(fps__blobs *blobs)
{
    if (!blobs)
        return;
    fps__blobs_blob_close(blobs);
    forward_close(&blobs->forward);
    fps__tar_index_free(&blobs->index);
    if (blobs->fd >= 0)
        close(blobs->fd);
    if (blobs->root.fd >= 0)
        close(blobs->root.fd);
    free(blobs->path);
    free(blobs);
}

fps__blobs_shape fps__blobs_get_shape(const fps__blobs *blobs)
{
    return blobs->shape;
}

fps_status fps__blobs_fault(const fps__blobs *blobs, fps_error *error)
{
    if (blobs->fault && error)
        *error = blobs->fault_error;
    return blobs->fault;
}

uint32_t fps__blobs_duplicates(const fps__blobs *blobs)
{
    return blobs->index.duplicates;
}

bool fps__blobs_goes_on(const fps__blobs *blobs)
{
    return blobs->goes_on;
}

bool fps__blobs_holds(const fps__blobs *blobs, bool (*is_meant)(const char *name))
{
    for (size_t i = 0; i < blobs->index.members.count; i++)
        if (is_meant(blobs->index.members.items[i].name))
            return true;
    return false;
}

/* ---- finding and reading ---- */

static fps_status missing(const char *name, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_NOT_FOUND, name, UINT64_MAX, "is not part of the image");
}

static bool is_plain_name(const char *name)
{
    if (!*name || *name == '/')
        return false;
    for (const char *part = name;; part++) {
        size_t size = strcspn(part, "/");
        if (size == 0 || (size == 1 && *part == '.') || (size == 2 && memcmp(part, "..", 2) == 0))
            return false;
        part += size;
        if (!*part)
            return true;
    }
}

/* Opens a regular file below the layout directory. */
static fps_status open_below(fps__blobs *blobs, const char *name, int *fd, uint64_t *size, fps_error *error)
{
    struct stat st;
    *fd = is_plain_name(name) ? fps__root_open(&blobs->root, name, O_RDONLY | O_NONBLOCK | O_NOCTTY) : -1;
    if (*fd < 0 && (!is_plain_name(name) || errno == ENOENT))
        return missing(name, error);
    if (*fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, name, UINT64_MAX,
                         "is or lies behind a symbolic link, which is not followed");
    if (*fd < 0)
        return fps__fail_io(error, name, errno, "cannot open");
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(*fd);
        *fd = -1;
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, name, UINT64_MAX, "is not a regular file");
    }
    *size = (uint64_t)st.st_size;
    return FPS_OK;
}

fps_status fps__blobs_find(fps__blobs *blobs, const char *name, uint64_t *size, uint32_t *place,
                           fps_error *error)
{
    uint64_t bytes;
    uint32_t order = 0;
    if (blobs->shape == FPS__BLOBS_DIRECTORY) {
        int fd;
        fps_status status = open_below(blobs, name, &fd, &bytes, error);
        if (status)
            return status;
        close(fd);
    } else {
        const fps__tar_member *member = fps__tar_index_resolve(&blobs->index, name);
        if (!member)
            return missing(name, error);
        bytes = member->size;
        order = member->place;
    }
    if (size)
        *size = bytes;
    if (place)
        *place = order;
    return FPS_OK;
}

static fps_status read_range(int fd, uint64_t offset, uint8_t *bytes, size_t size, fps_error *error)
{
    fps__stream_range *range;
    fps__stream_input input;
    fps__span block;
    size_t done = 0;
    fps_status status = fps__stream_range_create(&range, fd, offset, size, &input, error);
    if (status)
        return status;
    while (!(status = input.next(input.user, &block, error))) {
        memcpy(bytes + done, block.data, block.size);
        done += block.size;
    }
    fps__stream_range_free(range);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

fps_status fps__blobs_read(fps__blobs *blobs, const char *name, fps__span *document, fps_error *error)
{
    const fps__tar_member *member = NULL;
    uint64_t size;
    int fd = blobs->fd;
    fps_status status = FPS_OK;
    *document = (fps__span){NULL, 0};
    if (blobs->shape == FPS__BLOBS_DIRECTORY) {
        status = open_below(blobs, name, &fd, &size, error);
    } else {
        member = fps__tar_index_resolve(&blobs->index, name);
        size = member ? member->size : 0;
        status = member ? FPS_OK : missing(name, error);
    }
    if (status)
        return status;
    uint8_t *bytes = NULL;
    if (size > FPS__TAR_DOCUMENT)
        status = fps__fail(error, FPS_ERROR_LIMIT, name, UINT64_MAX, "a document of more than %d bytes",
                           FPS__TAR_DOCUMENT);
    else if (blobs->shape == FPS__BLOBS_PACKED_TAR && !member->content.size)
        status = fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "is not a JSON document");
    else if (!(bytes = malloc((size_t)size + 1)))
        status = fps__fail_memory(error);
    else if (blobs->shape == FPS__BLOBS_PACKED_TAR)
        memcpy(bytes, member->content.data, (size_t)size);
    else
        status = read_range(fd, member ? member->offset : 0, bytes, (size_t)size, error);
    if (!member)
        close(fd);
    if (status) {
        free(bytes);
        return status;
    }
    *document = (fps__span){bytes, (size_t)size};
    return FPS_OK;
}

fps_status fps__blobs_blob_open(fps__blobs *blobs, const char *name, fps__stream_input *input,
                                fps_error *error)
{
    fps__blobs_blob_close(blobs);
    if (blobs->shape == FPS__BLOBS_DIRECTORY) {
        uint64_t size;
        fps_status status = open_below(blobs, name, &blobs->blob_fd, &size, error);
        return status ? status
                      : fps__stream_range_create(&blobs->range, blobs->blob_fd, 0, size, input, error);
    }
    const fps__tar_member *member = fps__tar_index_resolve(&blobs->index, name);
    if (!member)
        return missing(name, error);
    if (blobs->shape == FPS__BLOBS_PACKED_TAR)
        return forward_blob_open(blobs, member, input, error);
    return fps__stream_range_create(&blobs->range, blobs->fd, member->offset, member->size, input, error);
}

void fps__blobs_blob_close(fps__blobs *blobs)
{
    fps__stream_range_free(blobs->range);
    blobs->range = NULL;
    if (blobs->blob_fd >= 0)
        close(blobs->blob_fd);
    blobs->blob_fd = -1;
}
