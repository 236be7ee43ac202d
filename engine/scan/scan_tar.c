/* A root in one file as target, a tar or a file system or disk: one list of names, without whiteouts and layers. */
#include "scan/scan_layer.h"

#include "archive/volume_tar.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct tar {
    fps__scan_run *run;
    fps__stream *stream;
    uint64_t size;
} tar;

static fps_status produce(void *user, fps__workers *workers, fps_error *error)
{
    tar *t = user;
    fps__scan_layer_place place = {.total = t->size};
    fps_status status = fps__scan_read_layer(t->run, workers, t->stream, &place, error);
    fps__scan_tell_layer(t->run, 0);
    if (status == FPS_OK || status == FPS_ERROR_MEMORY || status == FPS_ERROR_CANCELLED)
        return status;
    t->run->incomplete = true;
    fps__scan_add_diagnostic(t->run, FPS_DIAGNOSTIC_PARTIAL,
                             status == FPS_ERROR_LIMIT ? "archive-limit" : "unreadable-archive", NULL,
                             error->message);
    return FPS_OK;
}

/* A stream over the whole file, while it is open. */
typedef struct tar_stream {
    const char *path;
    uint64_t ratio; /* of the options */
    int fd;
    uint64_t size;
    fps__stream_range *range;
    bool is_volume;
    fps__volume_tar *volume;
    fps__scan_run *run;
    uint64_t faults; /* of the volume that were told, or would have been */
    bool again;      /* it is read once more: its faults have been told */
} tar_stream;

enum { TOLD_FAULTS = 20 }; /* of a volume: a damaged one may have as many as files */

static void take_fault(void *user, const char *path, fps_status status, const char *message)
{
    tar_stream *t = user;
    char name[4100];
    if (t->again || ++t->faults > TOLD_FAULTS)
        return;
    snprintf(name, sizeof name, "/%s", path);
    fps__scan_add_diagnostic(t->run, FPS_DIAGNOSTIC_PARTIAL,
                             status == FPS_ERROR_LIMIT         ? "archive-limit"
                             : status == FPS_ERROR_UNSUPPORTED ? "unsupported-archive"
                                                               : "unreadable-archive",
                             *path ? name : NULL, message);
}

static void tell_more_faults(const tar_stream *t)
{
    char message[96];
    if (t->faults <= TOLD_FAULTS)
        return;
    snprintf(message, sizeof message, "%llu more entries of the file system could not be read",
             (unsigned long long)(t->faults - TOLD_FAULTS));
    fps__scan_add_diagnostic(t->run, FPS_DIAGNOSTIC_PARTIAL, "unreadable-archive", NULL, message);
}

static fps_status open_stream(void *user, uint32_t layer, fps__stream **stream, fps_error *error)
{
    tar_stream *t = user;
    fps__stream_input input;
    fps__stream_options options = {.ratio = t->ratio, .name = t->path};
    fps__volume_tar_options volume = {
        .ratio = t->ratio, .deadline_ms = t->run->deadline_ms, .fault = take_fault, .user = t};
    (void)layer;
    options.as_is = t->is_volume;
    fps_status status = t->is_volume
                            ? fps__volume_tar_create(&t->volume, t->fd, t->size, &volume, &input, error)
                            : fps__stream_range_create(&t->range, t->fd, 0, t->size, &input, error);
    if (status != FPS_OK)
        return status;
    status = fps__stream_open(stream, &input, &options, error);
    if (status != FPS_OK) {
        fps__stream_range_free(t->range);
        fps__volume_tar_free(t->volume);
    }
    return status;
}

static void close_stream(void *user, uint32_t layer, fps__stream *stream)
{
    tar_stream *t = user;
    (void)layer;
    fps__stream_close(stream);
    fps__stream_range_free(t->range);
    fps__volume_tar_free(t->volume);
    t->range = NULL;
    t->volume = NULL;
    t->again = true;
}

static fps_status read_tar(fps__scan_run *run, tar_stream *from, fps_error *error)
{
    tar t = {.run = run, .size = from->size};
    fps_status status = open_stream(from, 0, &t.stream, error);
    if (status != FPS_OK)
        return status;
    fps__workers_options workers = fps__scan_stream_workers(run, produce, &t);
    status = fps__workers_run(NULL, &workers, error);
    close_stream(from, 0, t.stream);
    tell_more_faults(from);
    return status;
}

fps_status fps__scan_tar(fps__scan_run *run, const char *path, bool volume, fps_error *error)
{
    struct stat st;
    tar_stream from = {
        .path = path, .ratio = run->scan->options.ratio_limit, .is_volume = volume, .run = run};
    fps__scan_reopen reopen = {&from, open_stream, close_stream, false, false};
    run->layers = calloc(1, sizeof *run->layers);
    if (!run->layers)
        return fps__fail_memory(error);
    run->layer_count = 1;
    from.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (from.fd < 0)
        return fps__fail_io(error, path, errno, "cannot open");
    fps_status status = FPS_OK;
    if (fstat(from.fd, &st) != 0 || !S_ISREG(st.st_mode))
        status = fps__fail(error, FPS_ERROR_UNSUPPORTED, path, UINT64_MAX, "not a regular file");
    from.size = status == FPS_OK ? (uint64_t)st.st_size : 0;
    if (status == FPS_OK)
        status = read_tar(run, &from, error);
    if (status == FPS_OK)
        status = fps__scan_merge(run, &reopen, error);
    close(from.fd);
    run->result->info.target_type = "tar";
    return status;
}
