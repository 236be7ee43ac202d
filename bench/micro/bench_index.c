/* Index probes: nanoseconds per look-up in a compiled set of random keys, compared with SQLite over the same
 * keys.
 *
 *   bench_index [FOLDER [KEYS ...]]      default: . 1000000 10000000
 *
 * Size and times are those of the index alone: each posting is an entry of its own, and entries are not counted.
 * 100000000 keys need 2.5 GB of memory and 1 GB of disk. Times are medians of CPU time of the single thread;
 * every answer of every run is checked.
 */
#include "database/layout.h"
#include "database/set.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    REPEATS = 7,
    QUERIES = 2000000,
    SQLITE_QUERIES = 200000,
    SQLITE_KEYS_MAX = 10000000,
    STRATA = 4096,
    ENTRY_BITS = 2 /* of a set of one component and one attribute */
};

typedef struct bench {
    char set_path[512], sqlite_path[512];
    uint64_t random;
    uint64_t key_count;
    uint64_t *keys;
    uint32_t *postings;
    uint64_t *queries;
    uint32_t *answers, *got;
} bench;

static void die(const char *what)
{
    fprintf(stderr, "bench_index: %s\n", what);
    exit(1);
}

static void *allocate(uint64_t count, size_t size)
{
    void *memory = calloc((size_t)count + 1, size);
    if (!memory)
        die("out of memory");
    return memory;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(bench *b)
{
    uint64_t z = b->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t random_key(bench *b)
{
    uint64_t hash = next_random(b);
    return fps__layout_stored_key((hash & ~(uint64_t)15) | (1 + hash % 6));
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, REPEATS, sizeof *values, compare_doubles);
    return values[REPEATS / 2];
}

/* Random distinct keys in order. Each of 4,096 strata of the key space gets the same number of keys,
 * sorted per stratum. */
static void make_keys(bench *b, uint64_t count, uint32_t posting_count)
{
    uint64_t made = 0, filled = 0;
    b->keys = allocate(count, sizeof *b->keys);
    b->postings = allocate(count, sizeof *b->postings);
    for (uint64_t s = 0; s < STRATA; s++) {
        uint64_t end = count * (s + 1) / STRATA, first = made;
        for (; filled < end; filled++)
            b->keys[made++] = next_random(b) >> 12 | s << 52;
        for (uint64_t i = first; i < made; i++)
            b->keys[i] = fps__layout_stored_key((b->keys[i] & ~(uint64_t)15) | (1 + b->keys[i] % 6));
        qsort(b->keys + first, (size_t)(made - first), sizeof *b->keys, compare_keys);
        uint64_t kept = first;
        for (uint64_t i = first; i < made; i++) {
            if (i == first || b->keys[i] != b->keys[kept - 1])
                b->keys[kept++] = b->keys[i];
        }
        made = kept;
    }
    b->key_count = made;
    for (uint64_t i = 0; i < made; i++)
        b->postings[i] = (uint32_t)(next_random(b) % posting_count);
}

static void write_set(const bench *b, uint32_t posting_count)
{
    static const uint64_t word = 1;
    fps_error error = {0};
    fps__set_posting *postings = allocate(posting_count, sizeof *postings);
    fps__set_entry *entries = allocate(posting_count, sizeof *entries);
    uint32_t *ids = allocate(posting_count, sizeof *ids);
    for (uint32_t i = 0; i < posting_count; i++) {
        ids[i] = i;
        entries[i].unit = FPS__NONE;
        postings[i] = (fps__set_posting){&ids[i], 1};
    }
    fps__set_model model = {
        .name = "bench",
        .components = &(fps__set_component){.id = "bench", .release_count = 1},
        .component_count = 1,
        .releases = &(fps__set_release){"1", true, true},
        .release_count = 1,
        .bit_sets = &(fps__bit_set){&word, 1},
        .bit_set_count = 1,
        .entries = entries,
        .entry_count = posting_count,
        .postings = postings,
        .posting_count = posting_count,
        .keys = b->keys,
        .key_posting = b->postings,
        .key_count = b->key_count,
    };
    if (fps__set_write(&model, b->set_path, &error) != FPS_OK)
        die(error.message);
    free(postings);
    free(entries);
    free(ids);
}

/* Queries with their expected answers; `percent` of them are in the set. */
static void make_queries(bench *b, unsigned percent)
{
    for (size_t i = 0; i < QUERIES; i++) {
        if (next_random(b) % 100 < percent) {
            uint64_t position = next_random(b) % b->key_count;
            b->queries[i] = b->keys[position];
            b->answers[i] = b->postings[position];
            continue;
        }
        b->queries[i] = random_key(b);
        const uint64_t *found = bsearch(&b->queries[i], b->keys, (size_t)b->key_count, 8, compare_keys);
        b->answers[i] = found ? b->postings[found - b->keys] : FPS__NONE;
    }
}

static void check(bench *b, size_t count)
{
    if (memcmp(b->got, b->answers, count * sizeof *b->got) != 0)
        die("a wrong answer");
    memset(b->got, 0x55, count * sizeof *b->got);
}

static double time_probes(bench *b, const fps_database *database, bool batched)
{
    double times[REPEATS];
    for (int r = 0; r < REPEATS; r++) {
        double start = cpu_seconds();
        if (batched) {
            fps__database_probe(database, b->queries, QUERIES, b->got);
        } else {
            for (size_t i = 0; i < QUERIES; i++)
                b->got[i] = fps__database_probe_one(database, b->queries[i]);
        }
        times[r] = (cpu_seconds() - start) / QUERIES * 1e9;
        check(b, QUERIES);
    }
    return median(times);
}

static void run_sql(sqlite3 *sqlite, const char *sql)
{
    if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(sqlite));
}

/* A rowid table with the keys, which SQLite orders as signed numbers. */
static sqlite3 *make_sqlite(const bench *b)
{
    sqlite3 *sqlite;
    sqlite3_stmt *insert;
    unlink(b->sqlite_path);
    if (sqlite3_open(b->sqlite_path, &sqlite) != SQLITE_OK)
        die("cannot open the SQLite file");
    run_sql(sqlite, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                    "CREATE TABLE k(key INTEGER PRIMARY KEY, posting INTEGER); BEGIN");
    sqlite3_prepare_v2(sqlite, "INSERT INTO k VALUES(?, ?)", -1, &insert, NULL);
    uint64_t negative = b->key_count;
    while (negative > 0 && b->keys[negative - 1] >> 63)
        negative--;
    for (uint64_t i = 0; i < b->key_count; i++) {
        uint64_t at = (negative + i) % b->key_count;
        sqlite3_bind_int64(insert, 1, (sqlite3_int64)b->keys[at]);
        sqlite3_bind_int64(insert, 2, b->postings[at]);
        sqlite3_step(insert);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    run_sql(sqlite, "COMMIT; PRAGMA mmap_size=4000000000; BEGIN");
    return sqlite;
}

static double time_sqlite(bench *b, sqlite3 *sqlite)
{
    double times[REPEATS];
    sqlite3_stmt *select;
    sqlite3_prepare_v2(sqlite, "SELECT posting FROM k WHERE key = ?", -1, &select, NULL);
    for (int r = 0; r < REPEATS; r++) {
        double start = cpu_seconds();
        for (size_t i = 0; i < SQLITE_QUERIES; i++) {
            sqlite3_bind_int64(select, 1, (sqlite3_int64)b->queries[i]);
            b->got[i] =
                sqlite3_step(select) == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(select, 0) : FPS__NONE;
            sqlite3_reset(select);
        }
        times[r] = (cpu_seconds() - start) / SQLITE_QUERIES * 1e9;
        check(b, SQLITE_QUERIES);
    }
    sqlite3_finalize(select);
    return median(times);
}

static void print_open(const bench *b)
{
    double times[REPEATS];
    fps_database *database;
    for (int r = 0; r < REPEATS; r++) {
        double start = cpu_seconds();
        if (fps_database_open(&database, b->set_path, NULL) != FPS_OK)
            die("cannot open the set");
        times[r] = (cpu_seconds() - start) * 1e6;
        fps_database_free(database);
    }
    printf(", opened in %.0f us", median(times));
}

static void run_size(bench *b, uint64_t count)
{
    uint32_t posting_count = count / 4 < 1000000 ? (uint32_t)(count / 4) + 1 : 1000000;
    fps_database *database;
    fps_database_info info;
    make_keys(b, count, posting_count);
    write_set(b, posting_count);
    if (fps_database_open(&database, b->set_path, NULL) != FPS_OK)
        die("cannot open the set");
    fps_database_read_info(database, &info);
    uint64_t payload = ((uint64_t)posting_count * ENTRY_BITS + 7) / 8;
    printf("\n%llu keys: %.2f bytes a key with its posting", (unsigned long long)b->key_count,
           (double)(info.size - payload) / (double)b->key_count);
    print_open(b);
    printf("\n%12s %12s %12s %12s\n", "hits", "single ns", "batched ns", "SQLite ns");
    sqlite3 *sqlite = count <= SQLITE_KEYS_MAX ? make_sqlite(b) : NULL;
    const unsigned hits[] = {0, 10, 100};
    for (size_t i = 0; i < sizeof hits / sizeof *hits; i++) {
        make_queries(b, hits[i]);
        printf("%10u %% %12.1f %12.1f", hits[i], time_probes(b, database, false),
               time_probes(b, database, true));
        if (sqlite)
            printf(" %12.0f", time_sqlite(b, sqlite));
        printf("\n");
        fflush(stdout);
    }
    sqlite3_close(sqlite);
    fps_database_free(database);
    unlink(b->set_path);
    unlink(b->sqlite_path);
    free(b->keys);
    free(b->postings);
}

static void print_machine(void)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "model name", 10) == 0) {
            printf("CPU: %s", strchr(line, ':') ? strchr(line, ':') + 2 : line);
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
    printf(", compiler %s, SQLite %s; %d queries, medians of %d, CPU time of one thread\n", __VERSION__,
           sqlite3_libversion(), QUERIES, REPEATS);
}

int main(int argc, char **argv)
{
    bench b = {.random = 1};
    const char *folder = argc > 1 ? argv[1] : ".";
    snprintf(b.set_path, sizeof b.set_path, "%s/bench_index.fpdb", folder);
    snprintf(b.sqlite_path, sizeof b.sqlite_path, "%s/bench_index.sqlite", folder);
    b.queries = allocate(QUERIES, sizeof *b.queries);
    b.answers = allocate(QUERIES, sizeof *b.answers);
    b.got = allocate(QUERIES, sizeof *b.got);
    print_machine();
    if (argc < 3) {
        run_size(&b, 1000000);
        run_size(&b, 10000000);
    }
    for (int i = 2; i < argc; i++) {
        uint64_t count = strtoull(argv[i], NULL, 10);
        if (count < 1000)
            die("at least 1000 keys");
        run_size(&b, count);
    }
    free(b.queries);
    free(b.answers);
    free(b.got);
    return 0;
}
