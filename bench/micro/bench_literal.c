/* Literal extraction over real bytes: GB/s of one core, compared with a byte loop and memchr over the same
 * bytes.
 *
 *   bench_literal [FILE-OR-FOLDER ...]     named files, and the ELF files in folders; default: made-up bytes
 *
 *   memchr     finds every occurrence of the rarest byte; costs about as much as reading the bytes
 *   scan       starts and lengths of all literals
 *   scan+hash  the same, with the key of each literal
 *   baseline   scan+hash without instructions that some processors lack
 *   byte loop  the same answer, one byte at a time
 *   features   opens the object and extracts literals, names, uses and templates (ELF files only)
 *
 * Times are medians of CPU time of the single thread. The count, and a sum over offsets and keys, must be the
 * same in each repeat.
 */
#include "../../tests/unit/literal_oracle.h"
#include "feature/feature.h"
#include "util/arena.h"

#include <fpscan/object.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 7, MADE_UP_SIZE = 32 << 20 };
static const uint64_t MAX_BYTES = UINT64_C(1) << 30;

typedef struct buffer {
    uint8_t *data;
    size_t size;
    bool elf;
} buffer;

typedef struct bench {
    buffer *buffers;
    size_t count, capacity;
    uint64_t bytes;
    int rarest; /* byte */
} bench;

/* The result of a pass over the bytes; equal for all methods that find the same literals. */
typedef struct answer {
    uint64_t count, characters, sum;
    const uint8_t *data;
} answer;

static void die(const char *what)
{
    fprintf(stderr, "bench_literal: %s\n", what);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void take(bench *b, uint8_t *data, size_t size)
{
    if (b->count == b->capacity) {
        b->capacity = b->capacity * 2 + 64;
        b->buffers = realloc(b->buffers, b->capacity * sizeof *b->buffers);
        if (!b->buffers)
            die("out of memory");
    }
    bool elf = size >= 64 && memcmp(data, "\177ELF", 4) == 0;
    b->buffers[b->count++] = (buffer){data, size, elf};
    b->bytes += size;
}

/* Bytes with the density of literals in libraries of Debian 12: 1.7 literals per kilobyte with 24
 * characters each, in runs as in .rodata. Bytes of code lie between the runs; a third of them are
 * printable. */
static void make_up(bench *b)
{
    uint64_t state = 1;
    uint8_t *data = malloc(MADE_UP_SIZE);
    if (!data)
        die("out of memory");
    for (size_t i = 0; i < MADE_UP_SIZE;) {
        bool text = i % 65536 < 3072; /* the .rodata of each 64 KiB */
        size_t length = text ? 5 + next_random(&state) % 39 : 1 + next_random(&state) % 4;
        for (; length > 0 && i + 2 < MADE_UP_SIZE; length--)
            data[i++] = (uint8_t)(' ' + next_random(&state) % 95);
        data[i++] = text ? 0 : (uint8_t)(0x7f + next_random(&state) % 129);
        if (!text && i < MADE_UP_SIZE)
            data[i++] = next_random(&state) % 3 ? (uint8_t)(0x7f + next_random(&state) % 129) : 0;
    }
    take(b, data, MADE_UP_SIZE);
}

static void read_file(bench *b, const char *path, bool any)
{
    FILE *file = fopen(path, "rb");
    uint8_t magic[4];
    if (!file || (!any && (fread(magic, 1, 4, file) != 4 || memcmp(magic, "\177ELF", 4) != 0))) {
        if (file)
            fclose(file);
        return;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    if (size > 0 && b->bytes + size <= MAX_BYTES) {
        uint8_t *data = malloc(size);
        if (!data || fread(data, 1, size, file) != size)
            die("cannot read a file");
        take(b, data, size);
    }
    fclose(file);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void read_all(bench *b, char **paths)
{
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW, by_name);
    if (!tree)
        die("cannot walk");
    for (FTSENT *entry; (entry = fts_read(tree));) {
        if (entry->fts_info == FTS_F)
            read_file(b, entry->fts_accpath, entry->fts_level == 0);
    }
    fts_close(tree);
    if (b->count == 0)
        die("no ELF file there");
}

static void find_rarest(bench *b)
{
    uint64_t histogram[256] = {0};
    for (size_t i = 0; i < b->count; i++)
        for (size_t j = 0; j < b->buffers[i].size; j++)
            histogram[b->buffers[i].data[j]]++;
    for (int byte = 1; byte < 256; byte++)
        b->rarest = histogram[byte] < histogram[b->rarest] ? byte : b->rarest;
}

static bool add_place(void *user, size_t start, size_t length)
{
    answer *found = user;
    found->count++;
    found->characters += length;
    found->sum += start ^ length << 40;
    return true;
}

static bool add_key(void *user, size_t start, size_t length)
{
    answer *found = user;
    add_place(user, start, length);
    found->sum += fps__feature_literal_key((const char *)found->data + start, length);
    return true;
}

static void pass_memchr(const bench *b, const buffer *one, answer *found)
{
    const uint8_t *at = one->data, *end = one->data + one->size;
    while ((at = memchr(at, b->rarest, (size_t)(end - at)))) {
        found->count++;
        at++;
    }
}

static void pass_scan(const bench *b, const buffer *one, answer *found)
{
    (void)b;
    fps__literal_scan((fps__span){one->data, one->size}, add_place, found);
}

static void pass_hash(const bench *b, const buffer *one, answer *found)
{
    (void)b;
    found->data = one->data;
    fps__literal_scan((fps__span){one->data, one->size}, add_key, found);
}

static void pass_baseline(const bench *b, const buffer *one, answer *found)
{
    (void)b;
    found->data = one->data;
    fps__literal_scan_baseline((fps__span){one->data, one->size}, add_key, found);
}

static void pass_slow(const bench *b, const buffer *one, answer *found)
{
    (void)b;
    found->data = one->data;
    scan_byte_by_byte((fps__span){one->data, one->size}, add_key, found);
}

static void pass_features(const bench *b, const buffer *one, answer *found)
{
    (void)b;
    fps_object *object;
    fps__arena arena = {0};
    fps__features features;
    if (!one->elf || fps_object_open(&object, one->data, one->size, NULL, NULL) != FPS_OK)
        return;
    if (fps__features_extract(object, one->data, one->size, &(fps__feature_options){0}, &arena, &features,
                              NULL) == FPS_OK)
        found->count += features.count;
    fps_object_free(object);
    fps__arena_free(&arena);
}

typedef void pass_function(const bench *b, const buffer *one, answer *found);

/* Runs one method over all bytes and prints its speed; every repeat must give the same answer. */
static answer measure(const bench *b, const char *name, pass_function *pass, double *seconds)
{
    double times[REPEATS] = {0}, undisturbed = 0;
    double *least = calloc(b->count, sizeof *least);
    answer first = {0};
    if (!least)
        die("out of memory");
    for (int r = 0; r < REPEATS; r++) {
        answer found = {0};
        for (size_t i = 0; i < b->count; i++) {
            double start = cpu_seconds();
            pass(b, &b->buffers[i], &found);
            double spent = cpu_seconds() - start;
            times[r] += spent;
            least[i] = r && least[i] < spent ? least[i] : spent;
        }
        first = r ? first : found;
        if (found.count != first.count || found.sum != first.sum)
            die("answers differ between repeats");
    }
    for (size_t i = 0; i < b->count; i++)
        undisturbed += least[i];
    free(least);
    qsort(times, REPEATS, sizeof *times, compare_doubles);
    *seconds = times[REPEATS / 2];
    printf("%-10s %8.2f GB/s %8.2f undisturbed %12llu found\n", name, (double)b->bytes / *seconds * 1e-9,
           (double)b->bytes / undisturbed * 1e-9, (unsigned long long)first.count);
    return first;
}

static void print_machine(void)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "model name", 10) == 0) {
            printf("CPU: %s", strchr(line, ':') + 2);
            break;
        }
    }
    if (file)
        fclose(file);
#ifdef __OPTIMIZE__
    printf("build: optimised");
#else
    printf("build: NOT optimised, so the figures mean nothing");
#endif
    double load = 0;
    getloadavg(&load, 1);
    printf(", compiler %s; load %.1f; medians of %d, CPU time of one thread\n", __VERSION__, load, REPEATS);
}

int main(int argc, char **argv)
{
    bench b = {0};
    double bare, hashed, baseline, slow, chr, all;
    if (argc > 1)
        read_all(&b, argv + 1);
    else
        make_up(&b);
    find_rarest(&b);
    print_machine();
    printf("%zu buffers, %llu bytes\n", b.count, (unsigned long long)b.bytes);
    measure(&b, "memchr", pass_memchr, &chr);
    measure(&b, "scan", pass_scan, &bare);
    answer fast = measure(&b, "scan+hash", pass_hash, &hashed);
    answer plain = measure(&b, "baseline", pass_baseline, &baseline);
    answer oracle = measure(&b, "byte loop", pass_slow, &slow);
    if (argc > 1)
        measure(&b, "features", pass_features, &all);
    if (fast.count != oracle.count || fast.sum != oracle.sum || fast.characters != oracle.characters ||
        plain.count != oracle.count || plain.sum != oracle.sum)
        die("the byte loop gives another answer");
    printf("same answer as the byte loop: %.2f literals a KiB, %.1f characters each; %.1f times its speed, "
           "%.2f of memchr's\n",
           (double)fast.count / ((double)b.bytes / 1024), (double)fast.characters / (double)fast.count,
           slow / hashed, chr / hashed);
    for (size_t i = 0; i < b.count; i++)
        free(b.buffers[i].data);
    free(b.buffers);
    return 0;
}
