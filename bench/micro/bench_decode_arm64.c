/* Decoding and normalising AArch64 code: GB/s of one core, with and without the hash.
 *
 *   bench_decode_arm64 FILE ...      AArch64 ELF files; reads their executable regions
 *
 *   decode     kind and target of every word
 *   normalise  tokens and hash of every function that symbols or unwind tables name
 *
 * Times are medians of CPU time of the single thread. Sums over kinds, targets and keys must be the same in
 * each repeat.
 */
#include "code/functions.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEATS = 7 };

typedef struct bench {
    const char *path;
    uint8_t *data;
    size_t size;
    fps_object *object;
    fps__arena arena;
    fps__functions functions;
    fps__code_buffer buffer;
} bench;

typedef struct answer {
    uint64_t bytes, count, sum;
} answer;

static void die(const bench *b, const char *what)
{
    fprintf(stderr, "bench_decode_arm64: %s: %s\n", b->path, what);
    exit(1);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare_doubles(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

static void open_file(bench *b, const char *path)
{
    *b = (bench){.path = path};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die(b, "cannot be read");
    b->size = (size_t)ftell(file);
    rewind(file);
    b->data = malloc(b->size + 1);
    if (!b->data || fread(b->data, 1, b->size, file) != b->size)
        die(b, "cannot be read");
    fclose(file);
    if (fps_object_open(&b->object, b->data, b->size, NULL, NULL) != FPS_OK ||
        fps_object_get_info(b->object)->machine != EM_AARCH64)
        die(b, "not an AArch64 object");
    if (fps__functions_find(b->object, b->data, b->size, NULL, &b->arena, &b->functions, NULL) != FPS_OK)
        die(b, "out of memory");
}

static answer decode_all(bench *b)
{
    answer a = {0};
    for (size_t i = 0; i < fps_object_region_count(b->object); i++) {
        const fps_region *region = fps_object_region(b->object, i);
        if (region->kind != FPS_REGION_CODE || !region->executable)
            continue;
        fps__instruction instruction;
        for (size_t at = 0; at < region->size; at += instruction.length) {
            if (!fps__machine_arm64.decode(b->data + region->offset + at, region->size - at, &instruction))
                break;
            a.sum += instruction.kind + (uint64_t)instruction.target;
            a.count++;
            a.bytes += instruction.length;
        }
    }
    return a;
}

static answer normalise_all(bench *b)
{
    answer a = {0};
    for (size_t i = 0; i < b->functions.count; i++) {
        fps__code code = fps__function_code(b->object, b->data, &b->functions.items[i]);
        fps__code_result result;
        if (fps__machine_arm64.normalise(&code, &b->buffer, &result) != FPS_OK)
            die(b, "out of memory");
        a.sum += result.hash;
        a.count++;
        a.bytes += result.bytes;
    }
    return a;
}

static void measure(bench *b, const char *what, answer (*pass)(bench *))
{
    double times[REPEATS];
    answer first = pass(b);
    for (int i = 0; i < REPEATS; i++) {
        double start = cpu_seconds();
        answer again = pass(b);
        times[i] = cpu_seconds() - start;
        if (again.sum != first.sum || again.count != first.count)
            die(b, "answers differ");
    }
    qsort(times, REPEATS, sizeof times[0], compare_doubles);
    printf("%-10s %12llu bytes %10llu %-12s %7.3f GB/s  (%d repeats, %.3f .. %.3f)\n", what,
           (unsigned long long)first.bytes, (unsigned long long)first.count,
           pass == decode_all ? "instructions" : "functions", (double)first.bytes / times[REPEATS / 2] * 1e-9,
           REPEATS, (double)first.bytes / times[REPEATS - 1] * 1e-9, (double)first.bytes / times[0] * 1e-9);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_decode_arm64 FILE ...\n");
        return 1;
    }
    printf("built by %s\n", __VERSION__);
    for (int i = 1; i < argc; i++) {
        bench b;
        open_file(&b, argv[i]);
        printf("%s\n", argv[i]);
        measure(&b, "decode", decode_all);
        measure(&b, "normalise", normalise_all);
        fps__code_buffer_free(&b.buffer);
        fps__arena_free(&b.arena);
        fps_object_free(b.object);
        free(b.data);
    }
    return 0;
}
