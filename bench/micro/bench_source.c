/* Micro bench of sources: walks a tree, and reads its ELF files by read(2) or by mmap(2).
 *
 *   bench_source walk DIR [REPEATS]   entries per second and peak memory
 *   bench_source read DIR [REPEATS]   CPU seconds to digest all ELF files, in pairs: read into a reused
 *                                     buffer, and mapped
 *   bench_source pool DIR [WORKERS]   CPU seconds of the workers that digest all ELF files
 */
#include "scan/workers.h"
#include "source/file.h"
#include "source/source.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MAX_REPEATS = 99 };

/* A sum over digests, which does not depend on their order. */
typedef struct totals {
    atomic_uint_fast64_t files, bytes, sum;
} totals;

static double cpu_seconds(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double wall_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* VmHWM, because ru_maxrss is not reset by exec. */
static long peak_kib(void)
{
    char line[256];
    long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtol(line + 6, NULL, 10);
    }
    if (status)
        fclose(status);
    return peak;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void add(totals *all, const void *data, size_t size)
{
    atomic_fetch_add(&all->files, 1);
    atomic_fetch_add(&all->bytes, size);
    atomic_fetch_add(&all->sum, XXH3_128bits(data, size).low64);
}

static unsigned is_elf(void *user, const fps__source_entry *entry, fps__span head)
{
    (void)user;
    (void)entry;
    return head.size >= 4 && memcmp(head.data, "\177ELF", 4) == 0;
}

static fps__source *open_source(const char *directory)
{
    fps_error error;
    fps__source *source;
    if (fps__source_open(&source, directory, NULL, &error) == FPS_OK)
        return source;
    fprintf(stderr, "bench_source: %s: %s\n", directory, error.message);
    exit(1);
}

static int bench_walk(const char *directory, unsigned repeats)
{
    double walls[MAX_REPEATS], cpus[MAX_REPEATS];
    fps__source_counts counts = {0}, first = {0};
    for (unsigned i = 0; i < repeats; i++) {
        fps__source_entry entry;
        double wall = wall_seconds(), cpu = cpu_seconds();
        fps__source *source = open_source(directory);
        while (fps__source_next(source, &entry, NULL) == FPS_OK)
            fps__source_entry_free(&entry);
        fps__source_counts_get(source, &counts);
        fps__source_close(source);
        walls[i] = wall_seconds() - wall;
        cpus[i] = cpu_seconds() - cpu;
        first = i ? first : counts;
        if (counts.entries != first.entries || counts.regular_files != first.regular_files)
            fprintf(stderr, "bench_source: the tree changes\n");
    }
    double wall = median(walls, repeats), cpu = median(cpus, repeats);
    printf("walk: %llu entries, %llu files, median of %u: %.3f s, %.3f CPU s, %.0f entries/s, peak %ld KiB\n",
           (unsigned long long)counts.entries, (unsigned long long)counts.regular_files, repeats, wall, cpu,
           (double)counts.entries / wall, peak_kib());
    return 0;
}

static void digest_by_read(const fps__source *source, const fps__source_entry *entry,
                           fps__source_content *content, totals *all)
{
    fps__source_file file;
    if (fps__source_file_open(source, entry, &file, NULL) != FPS_OK)
        return;
    if (is_elf(NULL, entry, (fps__span){file.head, file.head_size}) &&
        fps__source_file_read(&file, 0, content, NULL) == FPS_OK)
        add(all, content->bytes.data, content->bytes.size);
    fps__source_file_close(&file);
}

static void digest_by_map(const fps__root *root, const fps__source_entry *entry, totals *all)
{
    struct stat st;
    unsigned char head[4];
    int fd = fps__root_open(root, entry->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && pread(fd, head, 4, 0) == 4 && is_elf(NULL, entry, (fps__span){head, 4})) {
        void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            add(all, bytes, (size_t)st.st_size);
            munmap(bytes, (size_t)st.st_size);
        }
    }
    close(fd);
}

static double digest_tree(const char *directory, const fps__root *mapped, totals *all)
{
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    double cpu = cpu_seconds();
    fps__source *source = open_source(directory);
    while (fps__source_next(source, &entry, NULL) == FPS_OK) {
        if (mapped)
            digest_by_map(mapped, &entry, all);
        else
            digest_by_read(source, &entry, &content, all);
        fps__source_entry_free(&entry);
    }
    fps__source_release(&content);
    fps__source_close(source);
    return cpu_seconds() - cpu;
}

static int bench_read(const char *directory, unsigned repeats)
{
    double reads[MAX_REPEATS], maps[MAX_REPEATS];
    totals by_read = {0}, by_map = {0};
    fps__root root;
    fps__root_init(&root, open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    digest_tree(directory, NULL, &by_read); /* warms the page cache */
    by_read = (totals){0};
    for (unsigned i = 0; i < repeats; i++) {
        reads[i] = digest_tree(directory, NULL, &by_read);
        maps[i] = digest_tree(directory, &root, &by_map);
    }
    close(root.fd);
    double read_cpu = median(reads, repeats), map_cpu = median(maps, repeats);
    double mebibytes = (double)by_read.bytes / repeats / 1048576;
    printf(
        "read: %llu ELF files, %.1f MiB, median of %u: read %.4f CPU s, mmap %.4f CPU s, mmap/read %.2f%s\n",
        (unsigned long long)(by_read.files / repeats), mebibytes, repeats, read_cpu, map_cpu,
        map_cpu / read_cpu, by_read.sum == by_map.sum ? "" : " DIGESTS DIFFER");
    return by_read.sum == by_map.sum ? 0 : 1;
}

static void digest_content(void *user, unsigned worker, const fps__source_entry *entry,
                           const fps__source_content *content, uint64_t deadline_ms)
{
    (void)worker;
    (void)entry;
    (void)deadline_ms;
    add(user, content->bytes.data, content->bytes.size);
}

static int bench_pool(const char *directory, unsigned workers)
{
    double cpus[5];
    totals all = {0};
    for (unsigned i = 0; i < 5; i++) {
        double cpu = cpu_seconds();
        fps__source *source = open_source(directory);
        fps__workers_options options = {.workers = workers,
                                        .wants = is_elf,
                                        .analyse = digest_content,
                                        .memory_limit = 1 << 30,
                                        .user = &all};
        if (fps__workers_run(source, &options, NULL) != FPS_OK)
            return 1;
        fps__source_close(source);
        cpus[i] = cpu_seconds() - cpu;
    }
    printf("pool: %u workers, %llu ELF files, %.1f MiB, median of 5: %.4f CPU s\n", workers,
           (unsigned long long)(all.files / 5), (double)all.bytes / 5 / 1048576, median(cpus, 5));
    return 0;
}

int main(int argc, char **argv)
{
    unsigned number = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 5;
    number = number < 1 ? 1 : number > MAX_REPEATS ? MAX_REPEATS : number;
    if (argc > 2 && strcmp(argv[1], "walk") == 0)
        return bench_walk(argv[2], number);
    if (argc > 2 && strcmp(argv[1], "read") == 0)
        return bench_read(argv[2], number);
    if (argc > 2 && strcmp(argv[1], "pool") == 0)
        return bench_pool(argv[2], argc > 3 ? number : 2);
    fprintf(stderr, "usage: bench_source walk|read|pool DIR [REPEATS|WORKERS]\n");
    return 1;
}
