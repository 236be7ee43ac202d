/* Micro bench of layers and trees.
 *
 *   bench_tree names COUNT [REPEATS]   CPU seconds to merge a synthetic layer and to find each name, and the
 *                                      bytes per name
 *   bench_tree layer TAR [REPEATS]     CPU seconds to read a tar: the bare stream, its entries, also the
 *                                      bytes of all files, also their digests
 */
#include "image/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_REPEATS = 99, FILES_OF_DIRECTORY = 16, NAME = 64 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *status = fopen("/proc/self/statm", "r");
    if (status && fscanf(status, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (status)
        fclose(status);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return values[count / 2];
}

/* A layer of `count` names: directories, and files in them. */
static bool make_layer(fps__layer *layer, uint32_t count)
{
    if (FPS__ARRAY_RESERVE(&layer->entries, count, UINT32_MAX) != FPS_OK)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        char name[NAME];
        bool directory = i % FILES_OF_DIRECTORY == 0;
        uint32_t group = i / FILES_OF_DIRECTORY;
        int length = snprintf(name, sizeof name, "/usr/share/%02x/package-%05x", group % 251, group);
        if (!directory)
            length += snprintf(name + length, sizeof name - (size_t)length, "/module_%06x.py", i);
        const char *path = fps__arena_text(&layer->arena, name, (size_t)length);
        if (!path)
            return false;
        fps__layer_entry entry = {.path = path, .mode = 0644, .content = FPS__NO_CONTENT};
        entry.type = directory ? FPS__ENTRY_DIRECTORY : FPS__ENTRY_FILE;
        if (!directory)
            entry.content = (uint32_t)layer->contents.count++;
        layer->entries.items[layer->entries.count++] = entry;
    }
    return true;
}

static bool find_all(const fps__tree *tree, const fps__layer *layer)
{
    for (size_t i = 0; i < layer->entries.count; i++)
        if (fps__tree_find(tree, layer->entries.items[i].path) == FPS__NO_NODE)
            return false;
    return true;
}

static int bench_names(uint32_t count, int repeats)
{
    fps__layer layer = {.entries = {NULL, 0, 0}};
    double merge[MAX_REPEATS], find[MAX_REPEATS];
    long bytes = 0;
    if (!make_layer(&layer, count))
        return 1;
    for (int i = 0; i < repeats; i++) {
        fps__tree *tree;
        long before = resident_kib();
        double start = cpu_seconds();
        if (fps__tree_create(&tree, 2 * count, NULL) || fps__tree_apply(tree, &layer, 0, NULL, NULL, NULL))
            return 1;
        double merged = cpu_seconds();
        merge[i] = merged - start;
        bytes = i ? bytes : (resident_kib() - before) * 1024;
        if (!find_all(tree, &layer))
            return 1;
        find[i] = cpu_seconds() - merged;
        fps__tree_free(tree);
    }
    printf("%u names, %d repeats, medians: merge %.3f s, find all %.3f s of CPU; %.1f bytes a name\n", count,
           repeats, median(merge, repeats), median(find, repeats), (double)bytes / count);
    layer.contents.count = 0;
    fps__layer_free(&layer);
    return 0;
}

typedef enum mode { BARE, ENTRIES, BYTES, DIGESTS, MODES } mode;

static unsigned wants(void *user, const fps__layer_entry *entry, fps__span head)
{
    static const unsigned wanted[MODES] = {0, 0, FPS__WANT_BYTES, FPS__WANT_DIGESTS};
    (void)entry;
    (void)head;
    return wanted[*(const mode *)user];
}

static fps_status take_bytes(void *user, fps__layer *layer, const fps__layer_entry *entry,
                             fps__source_content *content)
{
    (void)user;
    (void)layer;
    return content->bytes.size == entry->size ? FPS_OK : FPS_ERROR_CORRUPT;
}

static fps_status read_stream(fps__stream *stream, mode how, size_t *entries)
{
    const fps__layer_visitor visitor = {&how, wants, take_bytes, NULL, NULL};
    fps__layer layer;
    fps__span block;
    fps_status status = FPS_OK;
    if (how == BARE) {
        while (!status)
            status = fps__stream_next(stream, &block, NULL);
        return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
    }
    status = fps__layer_read(&layer, stream, NULL, &visitor, NULL);
    *entries = layer.entries.count;
    fps__layer_free(&layer);
    return status;
}

static fps_status read_tar(int fd, uint64_t size, mode how, size_t *entries)
{
    const fps__stream_options as_is = {.as_is = true};
    fps__stream_range *range;
    fps__stream_input input;
    fps__stream *stream;
    fps_status status = fps__stream_range_create(&range, fd, 0, size, &input, NULL);
    if (status)
        return status;
    status = fps__stream_open(&stream, &input, &as_is, NULL);
    if (!status) {
        status = read_stream(stream, how, entries);
        fps__stream_close(stream);
    }
    fps__stream_range_free(range);
    return status;
}

static int bench_layer(const char *path, int repeats)
{
    static const char *const names[MODES] = {"stream", "entries", "bytes", "digests"};
    double seconds[MODES][MAX_REPEATS];
    size_t entries = 0;
    struct stat status_of;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status_of))
        return 1;
    for (int i = 0; i < repeats; i++) {
        for (int how = BARE; how < MODES; how++) {
            double start = cpu_seconds();
            if (read_tar(fd, (uint64_t)status_of.st_size, (mode)how, &entries))
                return 1;
            seconds[how][i] = cpu_seconds() - start;
        }
    }
    close(fd);
    printf("%zu entries, %.1f MB, %d repeats, medians of CPU:", entries, (double)status_of.st_size / 1e6,
           repeats);
    for (int how = BARE; how < MODES; how++)
        printf(" %s %.3f s", names[how], median(seconds[how], repeats));
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    int repeats = argc > 3 ? atoi(argv[3]) : 5;
    repeats = repeats < 1 ? 1 : repeats > MAX_REPEATS ? MAX_REPEATS : repeats;
    if (argc > 2 && !strcmp(argv[1], "names"))
        return bench_names((uint32_t)strtoul(argv[2], NULL, 10), repeats);
    if (argc > 2 && !strcmp(argv[1], "layer"))
        return bench_layer(argv[2], repeats);
    fprintf(stderr, "usage: bench_tree names COUNT | layer TAR [REPEATS]\n");
    return 1;
}
