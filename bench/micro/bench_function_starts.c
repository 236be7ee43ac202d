/* Measures how many functions are found if symbols, unwind tables or both are hidden. The truth is the
 * file's own symbols, or with --truth unwind its FDEs.
 *
 *   bench_function_starts [--hide symbols|tables|both|nothing] [--truth symbols|unwind] [--missed] FILE...
 *
 * Prints a tab-separated line per file; an archive counts as one file. A start is right if a true function
 * starts there; a pair is right if start and size are.
 */
#include "code/functions.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct options {
    fps__function_options find;
    bool unwind_truth, list_missed;
} options;

typedef struct tally {
    size_t starts, pairs;             /* in the truth */
    size_t starts_found, pairs_found; /* those that were found */
    size_t candidates, entries;       /* distinct starts that were reported, and all entries */
    size_t stray;                     /* reported starts outside of all true functions, or inside one */
    uint64_t executable, covered;
    double seconds;
} tally;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t count_starts(const fps__functions *functions)
{
    size_t count = 0;
    for (size_t i = 0; i < functions->count; i++)
        count += !i || functions->items[i].offset != functions->items[i - 1].offset;
    return count;
}

/* Keeps the functions from the wanted source. */
static void keep_source(fps__functions *functions, fps__function_source source)
{
    size_t kept = 0;
    for (size_t i = 0; i < functions->count; i++) {
        if (functions->items[i].source == source)
            functions->items[kept++] = functions->items[i];
    }
    functions->count = kept;
}

static void compare(const fps__functions *truth, const fps__functions *found, const options *wanted,
                    tally *sum)
{
    size_t k = 0;
    for (size_t i = 0; i < truth->count; i++) {
        const fps__function *true_one = &truth->items[i];
        bool first = !i || true_one->offset != truth->items[i - 1].offset;
        while (k < found->count && found->items[k].offset < true_one->offset)
            k++;
        bool start = k < found->count && found->items[k].offset == true_one->offset, pair = false;
        for (size_t m = k; m < found->count && found->items[m].offset == true_one->offset; m++)
            pair |= found->items[m].size == true_one->size;
        sum->starts_found += first && start;
        sum->pairs_found += pair;
        if (wanted->list_missed && !pair) {
            printf("%s\t0x%llx\t%u\t%s", start ? "end" : "start", (unsigned long long)true_one->address,
                   (unsigned)true_one->size, true_one->name ? true_one->name : "");
            for (size_t m = k; m < found->count && found->items[m].offset == true_one->offset; m++)
                printf("\t%u", (unsigned)found->items[m].size);
            putchar('\n');
        }
    }
    sum->starts += count_starts(truth);
    sum->pairs += truth->count;
    sum->candidates += count_starts(found);
    sum->entries += found->count;
}

static bool measure_object(const void *data, size_t size, const options *wanted, tally *sum)
{
    fps_object *object;
    fps_error error;
    if (fps_object_open(&object, data, size, NULL, &error) != FPS_OK)
        return false;
    fps__arena arena = {0};
    fps__functions truth, found;
    fps__function_options only = {.no_tables = !wanted->unwind_truth, .no_symbols = wanted->unwind_truth};
    bool done = fps__functions_find(object, data, size, &only, &arena, &truth, &error) == FPS_OK;
    keep_source(&truth, wanted->unwind_truth ? FPS__FUNCTION_UNWIND : FPS__FUNCTION_SYMBOL);
    double start = now();
    done = done && fps__functions_find(object, data, size, &wanted->find, &arena, &found, &error) == FPS_OK;
    if (done) {
        sum->seconds += now() - start;
        sum->executable += found.executable_bytes;
        sum->covered += found.covered_bytes;
        compare(&truth, &found, wanted, sum);
        for (size_t i = 0; i < found.diagnostic_count && wanted->list_missed; i++)
            fprintf(stderr, "%s: %s\n", found.diagnostics[i].code, found.diagnostics[i].message);
    }
    fps__arena_free(&arena);
    fps_object_free(object);
    return done;
}

static bool measure(const void *data, size_t size, const options *wanted, tally *sum)
{
    fps_ar *ar;
    fps_ar_member member;
    fps_error error;
    if (fps_object_identify(data, size) != FPS_FORMAT_AR)
        return measure_object(data, size, wanted, sum);
    if (fps_ar_open(&ar, data, size, &error) != FPS_OK)
        return false;
    while (fps_ar_next(ar, &member, &error) == FPS_OK)
        measure_object(member.data, member.size, wanted, sum);
    fps_ar_free(ar);
    return true;
}

static bool measure_file(const char *path, const options *wanted, tally *sum)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    bool done = false;
    if (fstat(file, &info) == 0 && info.st_size > 0) {
        void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (data != MAP_FAILED) {
            done = measure(data, (size_t)info.st_size, wanted, sum);
            munmap(data, (size_t)info.st_size);
        }
    }
    close(file);
    return done;
}

static void print(const char *path, const tally *sum)
{
    double starts = sum->starts ? (double)sum->starts : 1, pairs = sum->pairs ? (double)sum->pairs : 1;
    printf("%zu\t%.4f\t%.4f\t%.2f\t%.2f\t%.3f\t%llu\t%.4f\t%s\n", sum->starts,
           (double)sum->starts_found / starts, (double)sum->pairs_found / pairs,
           (double)sum->candidates / starts, (double)sum->entries / starts,
           sum->executable ? (double)sum->covered / (double)sum->executable : 0,
           (unsigned long long)sum->executable, sum->seconds, path);
}

static void add(tally *sum, const tally *one)
{
    sum->starts += one->starts;
    sum->pairs += one->pairs;
    sum->starts_found += one->starts_found;
    sum->pairs_found += one->pairs_found;
    sum->candidates += one->candidates;
    sum->entries += one->entries;
    sum->executable += one->executable;
    sum->covered += one->covered;
    sum->seconds += one->seconds;
}

static bool read_option(char **arguments, int *at, options *wanted)
{
    const char *name = arguments[*at];
    if (strcmp(name, "--missed") == 0) {
        wanted->list_missed = true;
        return true;
    }
    const char *value = arguments[++*at];
    if (value && strcmp(name, "--hide") == 0) {
        wanted->find.no_symbols = strcmp(value, "symbols") == 0 || strcmp(value, "both") == 0;
        wanted->find.no_tables = strcmp(value, "tables") == 0 || strcmp(value, "both") == 0;
        return true;
    }
    if (value && strcmp(name, "--truth") == 0) {
        wanted->unwind_truth = strcmp(value, "unwind") == 0;
        return true;
    }
    return false;
}

int main(int count, char **arguments)
{
    options wanted = {0};
    tally total = {0};
    int files = 0, at = 1;
    for (; at < count && strncmp(arguments[at], "--", 2) == 0; at++) {
        if (!read_option(arguments, &at, &wanted)) {
            fputs("usage: bench_function_starts [--hide symbols|tables|both|nothing] [--truth "
                  "symbols|unwind] [--missed] "
                  "FILE...\n",
                  stderr);
            return 1;
        }
    }
    puts("true starts\tstarts found\tpairs found\tcandidates a start\tentries a start\tcovered\texecutable "
         "bytes\tseconds\tfile");
    for (; at < count; at++) {
        tally sum = {0};
        if (!measure_file(arguments[at], &wanted, &sum)) {
            fprintf(stderr, "%s: cannot be read\n", arguments[at]);
            continue;
        }
        print(arguments[at], &sum);
        add(&total, &sum);
        files++;
    }
    print("total", &total);
    return files ? 0 : 1;
}
