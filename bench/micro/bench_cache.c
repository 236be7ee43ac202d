/* Micro bench of the result cache: the cost of storing and reading back the results of a scan.
 *
 *   bench_cache FOLDER TARGET SET [THREADS]
 *
 * Scans TARGET with SET, stores the result of each file in a new cache below FOLDER, and reads it back.
 * Prints the CPU time of all threads for encode, put, close, open, get and decode, and the bytes. Every value
 * read is compared with the one written.
 */
#include "cache/cache.h"
#include "cache/cache_codec.h"

#include <fpscan/scan.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct kept {
    fps__cache_key key;
    fps__buffer value;
} kept;

typedef struct bench {
    const char *folder;
    fps__cache *cache;
    kept *items;
    size_t count;
    bool wrong;
} bench;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* wall time means little on a shared machine */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void say(const char *what, double taken, size_t count)
{
    printf("%-24s %9.3f ms  %8.2f us each\n", what, taken * 1e3, count ? taken * 1e6 / (double)count : 0);
}

static fps_result *scan(const char *target, const char *set, fps_database **database)
{
    fps_error error = {.message = ""};
    fps_scan *made = NULL;
    fps_result *result = NULL;
    const fps_scan_options options = {.no_archives = true};
    if (fps_database_open(database, set, &error) != FPS_OK ||
        fps_scan_create(&made, &options, &error) != FPS_OK ||
        fps_scan_add_database(made, *database, &error) != FPS_OK ||
        fps_scan_run(made, target, &result, &error) != FPS_OK) {
        fprintf(stderr, "bench_cache: %s: %s\n", error.path, error.message);
        exit(1);
    }
    fps_scan_free(made);
    return result;
}

/* The result of one file, in the form in which the scan stores it. */
static void encode_file(const fps_result *result, size_t index, kept *item)
{
    const fps_file *file = fps_result_file(result, index);
    fps_finding *findings = calloc(file->findings_count + 1, sizeof *findings);
    fps_component *facts = calloc(file->findings_count + 1, sizeof *facts);
    for (size_t i = 0; i < file->findings_count; i++) {
        findings[i] = *fps_result_finding(result, file->findings_first + i);
        facts[i] = *fps_result_component(result, findings[i].component);
    }
    const fps__analysed_member member = {
        .path = "",
        .package = UINT32_MAX,
        .analysed = {.file = *file, .findings = findings, .facts = facts, .count = file->findings_count}};
    const fps__analysed_file whole = {.members = &member, .count = 1};
    fps__put64le(item->key.digest, index);
    if (!fps__analysed_encode(&whole, &item->value))
        exit(1);
    free(findings);
    free(facts);
}

static void open_cache(bench *b)
{
    fps_error error = {.message = ""};
    if (fps__cache_open(&b->cache, b->folder, 0, &error) == FPS_OK)
        return;
    fprintf(stderr, "bench_cache: %s: %s\n", error.path, error.message);
    exit(1);
}

static void *get_all(void *user)
{
    bench *b = user;
    fps__arena arena = {0};
    for (size_t i = 0; i < b->count; i++) {
        fps__span value;
        fps__arena_reset(&arena);
        if (!fps__cache_get(b->cache, FPS__CACHE_FILE, &b->items[i].key, &arena, &value) ||
            value.size != b->items[i].value.count ||
            memcmp(value.data, b->items[i].value.items, value.size) != 0)
            b->wrong = true;
    }
    fps__arena_free(&arena);
    return NULL;
}

static void write_all(bench *b)
{
    double start = cpu_seconds();
    open_cache(b);
    say("open, new", cpu_seconds() - start, 1);
    start = cpu_seconds();
    for (size_t i = 0; i < b->count; i++)
        fps__cache_put(b->cache, FPS__CACHE_FILE, &b->items[i].key,
                       (fps__span){b->items[i].value.items, b->items[i].value.count});
    say("put", cpu_seconds() - start, b->count);
    start = cpu_seconds();
    fps__cache_close(b->cache);
    say("close", cpu_seconds() - start, 1);
}

static void read_all(bench *b, unsigned threads)
{
    pthread_t ids[64];
    double start = cpu_seconds();
    open_cache(b);
    say("open", cpu_seconds() - start, 1);
    start = cpu_seconds();
    get_all(b);
    say("get, first", cpu_seconds() - start, b->count);
    start = cpu_seconds();
    get_all(b);
    say("get, again", cpu_seconds() - start, b->count);
    start = cpu_seconds();
    for (unsigned i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, get_all, b);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    say("get, of all threads", cpu_seconds() - start, b->count * threads);
    start = cpu_seconds();
    fps__cache_close(b->cache);
    say("close, nothing new", cpu_seconds() - start, 1);
}

static void decode_all(const bench *b)
{
    double start = cpu_seconds();
    fps__arena arena = {0};
    for (size_t i = 0; i < b->count; i++) {
        fps__analysed_file file;
        fps__arena_reset(&arena);
        if (fps__analysed_decode((fps__span){b->items[i].value.items, b->items[i].value.count}, &arena, &file,
                                 NULL) != FPS_OK)
            exit(1);
    }
    say("decode", cpu_seconds() - start, b->count);
    fps__arena_free(&arena);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bench_cache FOLDER TARGET SET [THREADS]\n");
        return 2;
    }
    unsigned threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) % 65 : 2;
    fps_database *database = NULL;
    fps_result *result = scan(argv[2], argv[3], &database);
    bench b = {.folder = argv[1], .count = fps_result_file_count(result)};
    b.items = calloc(b.count + 1, sizeof *b.items);
    double start = cpu_seconds();
    for (size_t i = 0; i < b.count; i++)
        encode_file(result, i, &b.items[i]);
    say("encode", cpu_seconds() - start, b.count);
    decode_all(&b);
    fps_cache_clear(b.folder, NULL);
    write_all(&b);
    read_all(&b, threads);
    fps_cache_info info = {0};
    fps_cache_read_info(b.folder, &info, NULL);
    printf("files %zu, findings %zu, values %llu bytes, cache %llu bytes, %s\n", b.count,
           fps_result_finding_count(result), (unsigned long long)info.file_bytes,
           (unsigned long long)info.bytes, b.wrong ? "WRONG VALUES" : "all values right");
    for (size_t i = 0; i < b.count; i++)
        free(b.items[i].value.items);
    free(b.items);
    fps_result_free(result);
    fps_database_free(database);
    return b.wrong;
}
