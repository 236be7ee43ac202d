/* Merges the tars that are its arguments, lowest first, and prints the tree; diagnostics go to stderr.
 * "--bench" prints times and memory instead, "--digests" hashes each file. */
#include "source/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static fps_status print(void *user, const char *text, size_t length)
{
    (void)user;
    return fwrite(text, 1, length, stdout) == length ? FPS_OK : FPS_ERROR_IO;
}

static void print_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    (void)user;
    fprintf(stderr, "%s %s %s\n", diagnostic->level ? "partial" : "note", diagnostic->code,
            diagnostic->path ? diagnostic->path : "");
}

static unsigned wants(void *user, const fps__layer_entry *entry, fps__span head)
{
    (void)entry;
    (void)head;
    return *(unsigned *)user;
}

static fps_status take_bytes(void *user, fps__layer *layer, const fps__layer_entry *entry,
                             fps__source_content *content)
{
    (void)user;
    (void)layer;
    (void)entry;
    (void)content;
    return FPS_OK;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Reads nothing but the stream: what the layer's reading is compared with. */
static fps_status drain(fps__stream *stream)
{
    fps__span block;
    fps_status status;
    while (!(status = fps__stream_next(stream, &block, NULL)))
        ;
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status with_stream(const char *path, unsigned want, bool bare, fps__layer *layer)
{
    const fps__layer_visitor visitor = {&want, wants, take_bytes, NULL, NULL};
    const fps__layer_options options = {.whiteouts = true};
    const fps__stream_options as_is = {.as_is = true};
    fps__stream_range *range;
    fps__stream_input input;
    fps__stream *stream;
    struct stat status_of;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status_of))
        return FPS_ERROR_IO;
    fps_status status = fps__stream_range_create(&range, fd, 0, (uint64_t)status_of.st_size, &input, NULL);
    if (!status)
        status = fps__stream_open(&stream, &input, &as_is, NULL);
    if (!status) {
        status = bare ? drain(stream) : fps__layer_read(layer, stream, &options, &visitor, NULL);
        fps__stream_close(stream);
    }
    fps__stream_range_free(range);
    close(fd);
    return status;
}

static fps_status merge(fps__tree *tree, const char *path, uint32_t index, unsigned want, bool bench)
{
    fps__layer layer = {.entries = {NULL, 0, 0}};
    double start = cpu_seconds();
    fps_status status = bench ? with_stream(path, want, true, &layer) : FPS_OK;
    double bare = cpu_seconds();
    if (!status)
        status = with_stream(path, want, false, &layer);
    double read = cpu_seconds();
    for (size_t i = 0; i < layer.diagnostics.count && !bench; i++)
        print_diagnostic(NULL, &layer.diagnostics.items[i]);
    if (!status)
        status = fps__tree_apply(tree, &layer, index, bench ? NULL : print_diagnostic, NULL, NULL);
    if (bench)
        printf("%zu entries: stream %.3f s, layer %.3f s, tree %.3f s of CPU; %s\n", layer.entries.count,
               bare - start, read - bare, cpu_seconds() - read, path);
    fps__layer_free(&layer);
    return status;
}

int main(int argc, char **argv)
{
    unsigned want = 0;
    bool bench = false;
    uint32_t index = 0;
    fps__tree *tree;
    fps_status status = fps__tree_create(&tree, 0, NULL);
    for (int i = 1; i < argc && !status; i++) {
        if (!strcmp(argv[i], "--bench"))
            bench = true;
        else if (!strcmp(argv[i], "--digests"))
            want |= FPS__WANT_DIGESTS;
        else if (!strcmp(argv[i], "--bytes"))
            want |= FPS__WANT_BYTES;
        else
            status = merge(tree, argv[i], index++, want, bench);
    }
    if (!status && bench) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        printf("%" PRIu32 " names, most memory %ld KiB\n", fps__tree_count(tree), usage.ru_maxrss);
    } else if (!status) {
        status = fps__tree_dump(tree, print, NULL);
    }
    if (status)
        fprintf(stderr, "%s\n", fps_status_name(status));
    fps__tree_free(tree);
    return status ? 1 : 0;
}
