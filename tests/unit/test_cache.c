/* The result cache: values come back whole or not at all, whoever else writes, is killed, or damaged the
 * file.
 */
#include "cache/cache.h"
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[TEMPORARY_SIZE];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(temporary_name(folder, "fpscan-cache")) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[2 * TEMPORARY_SIZE + 32];
    (void)state;
    snprintf(command, sizeof command, "chmod -R u+rwX %s; rm -rf %s", folder, folder);
    return system(command);
}

static const char *file_path(void)
{
    static char path[TEMPORARY_SIZE + 16];
    snprintf(path, sizeof path, "%s/results.db", folder);
    return path;
}

static fps__cache *open_cache(uint64_t limit)
{
    fps_error error = {.message = ""};
    fps__cache *cache;
    if (fps__cache_open(&cache, folder, limit, &error) != FPS_OK)
        fail_msg("%s: %s", error.path, error.message);
    return cache;
}

static fps__cache_key key_of(uint64_t number)
{
    fps__cache_key key = {{0}, {1, 2, 3}};
    fps__put64le(key.digest, number);
    return key;
}

/* The value that belongs to a number: its size and bytes tell it from all others. */
static size_t value_of(uint64_t number, uint8_t *bytes, size_t most)
{
    size_t size = (size_t)(number * 2654435761u % most);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number * 31 + i * (number | 1));
    return size;
}

enum { VALUE_MOST = 20000 };

static void put_number(fps__cache *cache, uint64_t number)
{
    static _Thread_local uint8_t bytes[VALUE_MOST];
    fps__cache_key key = key_of(number);
    fps__cache_put(cache, FPS__CACHE_FILE, &key, (fps__span){bytes, value_of(number, bytes, VALUE_MOST)});
}

/* 1 the right value, 0 none, -1 a wrong one. */
static int get_number(fps__cache *cache, uint64_t number)
{
    static _Thread_local uint8_t bytes[VALUE_MOST];
    fps__arena arena = {0};
    fps__span value;
    fps__cache_key key = key_of(number);
    int found = fps__cache_get(cache, FPS__CACHE_FILE, &key, &arena, &value);
    size_t size = value_of(number, bytes, VALUE_MOST);
    if (found && (value.size != size || (size && memcmp(value.data, bytes, size) != 0)))
        found = -1;
    fps__arena_free(&arena);
    return found;
}

static void execute(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file_path(), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int64_t ask(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(file_path(), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return number;
}

static void values_come_back_before_and_after_they_are_written(void **state)
{
    (void)state;
    fps__cache *cache = open_cache(0);
    assert_int_equal(get_number(cache, 1), 0);
    for (uint64_t i = 0; i < 1500; i++)
        put_number(cache, i);
    for (uint64_t i = 0; i < 1500; i++)
        assert_int_equal(get_number(cache, i), 1);
    fps__cache_close(cache);
    cache = open_cache(0);
    for (uint64_t i = 0; i < 1500; i++)
        assert_int_equal(get_number(cache, i), 1);
    assert_int_equal(get_number(cache, 1500), 0);
    fps__cache_close(cache);
    assert_int_equal(ask("PRAGMA auto_vacuum"), 2);
    assert_int_equal(ask("SELECT count(*) FROM result"), 1500);
}

static void kind_digest_and_analysis_are_all_part_of_the_key(void **state)
{
    (void)state;
    fps__cache *cache = open_cache(0);
    fps__arena arena = {0};
    fps__span value;
    fps__cache_key key = key_of(7), other = key;
    other.analysis[15] = 1;
    fps__cache_put(cache, FPS__CACHE_FILE, &key, (fps__span){(const uint8_t *)"file", 4});
    assert_false(fps__cache_get(cache, FPS__CACHE_LAYER, &key, &arena, &value));
    assert_false(fps__cache_get(cache, FPS__CACHE_FILE, &other, &arena, &value));
    fps__cache_put(cache, FPS__CACHE_LAYER, &key, (fps__span){(const uint8_t *)"layer", 5});
    fps__cache_put(cache, FPS__CACHE_FILE, &other, (fps__span){NULL, 0});
    assert_true(fps__cache_get(cache, FPS__CACHE_LAYER, &key, &arena, &value));
    assert_int_equal(value.size, 5);
    assert_true(fps__cache_get(cache, FPS__CACHE_FILE, &other, &arena, &value));
    assert_int_equal(value.size, 0);
    assert_true(fps__cache_get(cache, FPS__CACHE_FILE, &key, &arena, &value));
    assert_memory_equal(value.data, "file", 4);
    fps__cache_close(cache);
    fps__arena_free(&arena);
}

static void the_digest_depends_on_the_secret_of_the_cache(void **state)
{
    (void)state;
    const fps__span bytes = {(const uint8_t *)"some bytes", 10};
    uint8_t first[16], again[16], other[16], none[16], none_again[16];
    fps__cache *cache = open_cache(0);
    fps__cache_digest(cache, bytes, first);
    fps__cache_close(cache);
    cache = open_cache(0);
    fps__cache_digest(cache, bytes, again);
    fps__cache_close(cache);
    assert_int_equal(fps_cache_clear(folder, NULL), FPS_OK);
    cache = open_cache(0);
    fps__cache_digest(cache, bytes, other);
    fps__cache_close(cache);
    fps__cache_digest(NULL, bytes, none);
    fps__cache_digest(NULL, bytes, none_again);
    assert_memory_equal(first, again, 16);
    assert_memory_not_equal(first, other, 16);
    assert_memory_not_equal(first, none, 16);
    assert_memory_equal(none, none_again, 16);
}

static void a_changed_value_is_a_miss_and_forgotten(void **state)
{
    (void)state;
    fps__cache *cache = open_cache(0);
    for (uint64_t i = 0; i < 4; i++)
        put_number(cache, i + 10);
    fps__cache_close(cache);
    execute(
        "UPDATE result SET value = zeroblob(length(value)) WHERE rowid = (SELECT min(rowid) FROM result)");
    execute("UPDATE result SET value = (SELECT value FROM result ORDER BY id DESC LIMIT 1),"
            " sum = (SELECT sum FROM result ORDER BY id DESC LIMIT 1)"
            " WHERE id = (SELECT id FROM result ORDER BY id LIMIT 1 OFFSET 1)");
    cache = open_cache(0);
    int found = 0;
    for (uint64_t i = 0; i < 4; i++) {
        int got = get_number(cache, i + 10);
        assert_int_not_equal(got, -1);
        found += got;
    }
    assert_int_equal(found, 2);
    fps__cache_close(cache);
    assert_int_equal(ask("SELECT count(*) FROM result"), 2);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode & 07777;
}

static void expect_refused(const char *words)
{
    fps_error error = {.message = ""};
    fps__cache *cache;
    assert_int_equal(fps__cache_open(&cache, folder, 0, &error), FPS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, words));
}

static void what_others_can_write_is_refused(void **state)
{
    (void)state;
    char real[TEMPORARY_SIZE + 16];
    fps__cache_close(open_cache(0));
    assert_int_equal(mode_of(folder), 0700);
    assert_int_equal(mode_of(file_path()), 0600);
    assert_int_equal(chmod(file_path(), 0644), 0);
    fps__cache_close(open_cache(0));
    assert_int_equal(mode_of(file_path()), 0600);
    assert_int_equal(chmod(file_path(), 0660), 0);
    expect_refused("another user can write the result cache");
    assert_int_equal(chmod(file_path(), 0600), 0);
    assert_int_equal(chmod(folder, 0770), 0);
    expect_refused("another user can write the cache folder");
    assert_int_equal(chmod(folder, 0700), 0);
    snprintf(real, sizeof real, "%s/real.db", folder);
    assert_int_equal(rename(file_path(), real), 0);
    assert_int_equal(symlink("real.db", file_path()), 0);
    expect_refused("no regular file");
}

static void a_folder_that_is_a_link_is_refused(void **state)
{
    (void)state;
    char link[TEMPORARY_SIZE + 8];
    fps_error error;
    fps__cache *cache;
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink("real", link), 0);
    assert_int_equal(fps__cache_open(&cache, link, 0, &error), FPS_ERROR_ARGUMENT);
    snprintf(link, sizeof link, "%s/real", folder);
    assert_int_equal(mkdir(link, 0700), 0);
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(fps__cache_open(&cache, link, 0, &error), FPS_ERROR_ARGUMENT);
}

static void a_damaged_file_is_corrupt_and_clearing_mends_it(void **state)
{
    (void)state;
    fps_error error;
    fps__cache *cache;
    FILE *file = fopen(file_path(), "w");
    for (int i = 0; i < 2000; i++)
        fputs("no database", file);
    fclose(file);
    chmod(file_path(), 0600);
    assert_int_equal(fps__cache_open(&cache, folder, 0, &error), FPS_ERROR_CORRUPT);
    assert_non_null(strstr(error.message, "fpscan cache clear"));
    fps_cache_info info;
    assert_int_equal(fps_cache_read_info(folder, &info, &error), FPS_ERROR_CORRUPT);
    assert_int_equal(fps_cache_prune(folder, 0, 0, &info, &error), FPS_ERROR_CORRUPT);
    assert_int_equal(fps_cache_clear(folder, &error), FPS_OK);
    fps__cache_close(open_cache(0));
    execute("DROP TABLE secret");
    assert_int_equal(fps__cache_open(&cache, folder, 0, &error), FPS_ERROR_CORRUPT);
    execute("PRAGMA application_id = 5");
    assert_int_equal(fps__cache_open(&cache, folder, 0, &error), FPS_ERROR_CORRUPT);
}

/* Bytes of the middle of the file are overwritten: what is there is right or missing. */
static void damaged_pages_are_misses(void **state)
{
    (void)state;
    uint8_t noise[8192];
    fps__cache *cache = open_cache(0);
    for (uint64_t i = 0; i < 300; i++)
        put_number(cache, i);
    fps__cache_close(cache);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(i * i >> 3);
    struct stat info;
    assert_int_equal(stat(file_path(), &info), 0);
    int fd = open(file_path(), O_WRONLY);
    for (off_t at = 64 * 1024; at + (off_t)sizeof noise < info.st_size; at += 128 * 1024)
        assert_int_equal(pwrite(fd, noise, sizeof noise, at), sizeof noise);
    close(fd);
    fps_error error;
    if (fps__cache_open(&cache, folder, 0, &error) != FPS_OK)
        return;
    for (uint64_t i = 0; i < 300; i++)
        assert_int_not_equal(get_number(cache, i), -1);
    for (uint64_t i = 0; i < 300; i++)
        put_number(cache, i);
    fps__cache_close(cache);
}

static void a_newer_version_is_refused_and_an_older_one_emptied(void **state)
{
    (void)state;
    fps_error error;
    fps__cache *cache = open_cache(0);
    put_number(cache, 3);
    fps__cache_close(cache);
    execute("PRAGMA user_version = 99");
    assert_int_equal(fps__cache_open(&cache, folder, 0, &error), FPS_ERROR_VERSION);
    execute("PRAGMA user_version = 0");
    cache = open_cache(0);
    assert_int_equal(get_number(cache, 3), 0);
    fps__cache_close(cache);
    assert_int_equal(ask("SELECT count(*) FROM result"), 0);
}

static void put_range(uint64_t first, uint64_t count, uint64_t limit)
{
    fps__cache *cache = open_cache(limit);
    for (uint64_t i = 0; i < count; i++)
        put_number(cache, first + i);
    fps__cache_close(cache);
}

/* 4 MiB: what 200 new values, of 10,000 bytes each, push out are values that were not used for a day. */
static void the_file_stays_below_its_limit_and_keeps_what_is_used(void **state)
{
    (void)state;
    enum { LIMIT = 4 << 20, NEW = 200 };
    struct stat info;
    put_range(5, 1, LIMIT);
    for (uint64_t round = 1; round < 6; round++) {
        execute("UPDATE result SET used = used - 100000");
        fps__cache *cache = open_cache(LIMIT);
        assert_int_equal(get_number(cache, 5), 1);
        fps__cache_close(cache);
        put_range(round * 1000, NEW, LIMIT);
        assert_int_equal(stat(file_path(), &info), 0);
        assert_true(info.st_size <= LIMIT);
        assert_int_equal(ask("SELECT count(*) FROM result WHERE used > strftime('%s') - 1000"), NEW + 1);
    }
}

static void a_value_beyond_its_share_is_not_kept(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(1, 200000);
    fps__cache *cache = open_cache(1 << 20);
    fps__arena arena = {0};
    fps__span value;
    fps__cache_key key = key_of(1);
    fps__cache_put(cache, FPS__CACHE_LAYER, &key, (fps__span){bytes, 200000});
    assert_false(fps__cache_get(cache, FPS__CACHE_LAYER, &key, &arena, &value));
    fps__cache_put(cache, FPS__CACHE_LAYER, &key, (fps__span){bytes, 100000});
    assert_true(fps__cache_get(cache, FPS__CACHE_LAYER, &key, &arena, &value));
    fps__cache_close(cache);
    fps__arena_free(&arena);
    free(bytes);
}

static void stats_prune_and_clear_say_what_is_there(void **state)
{
    (void)state;
    fps_cache_info info;
    fps_error error;
    assert_int_equal(fps_cache_read_info(folder, &info, &error), FPS_ERROR_NOT_FOUND);
    assert_int_equal(fps_cache_prune(folder, 0, 0, NULL, &error), FPS_ERROR_NOT_FOUND);
    assert_int_equal(fps_cache_clear(folder, &error), FPS_OK);
    fps__cache *cache = open_cache(0);
    for (uint64_t i = 0; i < 100; i++)
        put_number(cache, i);
    fps__cache_key key = key_of(1);
    fps__cache_put(cache, FPS__CACHE_LAYER, &key, (fps__span){(const uint8_t *)"layer", 5});
    fps__cache_close(cache);
    assert_int_equal(fps_cache_read_info(folder, &info, &error), FPS_OK);
    assert_int_equal(info.files, 100);
    assert_int_equal(info.layers, 1);
    assert_int_equal(info.layer_bytes, 5);
    assert_true(info.bytes > info.file_bytes && info.oldest && info.oldest <= info.newest);
    execute("UPDATE result SET used = used - 5000 WHERE kind = 0");
    assert_int_equal(fps_cache_prune(folder, UINT64_MAX, 4000, &info, &error), FPS_OK);
    assert_int_equal(info.files, 0);
    assert_int_equal(info.layers, 1);
    assert_int_equal(fps_cache_prune(folder, 0, 0, &info, &error), FPS_OK);
    assert_int_equal(info.layers, 0);
    assert_int_equal(info.oldest, 0);
    assert_int_equal(fps_cache_clear(folder, &error), FPS_OK);
    assert_int_equal(access(file_path(), F_OK), -1);
    assert_int_equal(fps_cache_read_info(folder, &info, &error), FPS_ERROR_NOT_FOUND);
}

/* A scan that has the cache open when it is cleared, and one that starts after. */
static void clearing_beside_a_scan_harms_neither(void **state)
{
    (void)state;
    fps__cache *before = open_cache(0);
    put_number(before, 1);
    assert_int_equal(fps_cache_clear(folder, NULL), FPS_OK);
    fps__cache *after = open_cache(0);
    put_number(after, 2);
    assert_int_equal(get_number(before, 1), 1);
    fps__cache_close(before);
    fps__cache_close(after);
    after = open_cache(0);
    assert_int_equal(get_number(after, 1), 0);
    assert_int_equal(get_number(after, 2), 1);
    fps__cache_close(after);
    assert_int_equal(ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

enum { THREADS = 8, THREAD_VALUES = 400 };

static void *use_from_thread(void *user)
{
    fps__cache *cache = user;
    intptr_t wrong = 0;
    for (uint64_t i = 0; i < THREAD_VALUES; i++) {
        put_number(cache, i);
        wrong += get_number(cache, (i * 7) % THREAD_VALUES) < 0;
    }
    return (void *)wrong;
}

static void any_thread_may_get_and_put(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    fps__cache *cache = open_cache(0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_from_thread, cache), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    for (uint64_t i = 0; i < THREAD_VALUES; i++)
        assert_int_equal(get_number(cache, i), 1);
    fps__cache_close(cache);
}

enum { PROCESSES = 4, KILLS = 20 };

/* Opens, puts and gets until it is killed; exits with 1 on a wrong value, 2 when the cache is refused. */
static void use_until_killed(unsigned seed)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* and with a test that fails */
    for (uint64_t round = 0;; round++) {
        fps__cache *cache;
        fps_error error;
        if (fps__cache_open(&cache, folder, 3 << 20, &error) != FPS_OK) {
            fprintf(stderr, "%s: %s\n", error.path, error.message);
            _exit(2);
        }
        for (uint64_t i = 0; i < 700; i++) {
            uint64_t number = (seed * 7919 + round * 131 + i * 17) % 1500;
            put_number(cache, number);
            if (get_number(cache, (number * 5) % 1500) < 0)
                _exit(1);
        }
        fps__cache_close(cache);
    }
}

static pid_t start_process(unsigned seed)
{
    pid_t child = fork();
    if (child == 0)
        use_until_killed(seed);
    return child;
}

static void end_process(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it had not ended by itself */
}

/* Until something was written: a slow machine, or a sanitizer, would be killed before. */
static void wait_for_values(void)
{
    char path[TEMPORARY_SIZE + 24];
    struct stat info;
    snprintf(path, sizeof path, "%s-wal", file_path());
    for (int i = 0; i < 600 && (stat(path, &info) != 0 || info.st_size < 1 << 20); i++)
        usleep(50000);
}

static void killed_processes_leave_a_whole_cache(void **state)
{
    (void)state;
    pid_t children[PROCESSES];
    unsigned seed = 1;
    for (int i = 0; i < PROCESSES; i++)
        children[i] = start_process(seed++);
    wait_for_values();
    for (int i = 0; i < KILLS; i++) {
        usleep(20000 + 13000 * (useconds_t)(i % 7));
        end_process(children[i % PROCESSES]);
        children[i % PROCESSES] = start_process(seed++);
    }
    usleep(300000);
    for (int i = 0; i < PROCESSES; i++)
        end_process(children[i]);
    assert_int_equal(ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    fps__cache *cache = open_cache(0);
    for (uint64_t i = 0; i < 1500; i++)
        assert_int_not_equal(get_number(cache, i), -1);
    for (uint64_t i = 0; i < 100; i++) /* and it is as good as before */
        put_number(cache, i);
    fps__cache_close(cache);
    cache = open_cache(0);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(get_number(cache, i), 1);
    fps__cache_close(cache);
}

/* Many processes make the cache at the same moment: all have one secret. */
static void those_who_start_at_once_agree_on_the_secret(void **state)
{
    (void)state;
    int ends[2];
    uint8_t first[16], id[16];
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < 6; i++) {
        if (fork())
            continue;
        fps__cache *cache;
        bool good = fps__cache_open(&cache, folder, 0, NULL) == FPS_OK;
        fps__cache_digest(good ? cache : NULL, (fps__span){(const uint8_t *)"x", 1}, id);
        _exit(write(ends[1], id, sizeof id) != sizeof id);
    }
    for (int i = 0; i < 6; i++) {
        int status;
        assert_int_equal(read(ends[0], i ? id : first, 16), 16);
        assert_true(wait(&status) > 0 && status == 0);
        if (i)
            assert_memory_equal(first, id, 16);
    }
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_before_and_after_they_are_written),
        TEST(kind_digest_and_analysis_are_all_part_of_the_key),
        TEST(the_digest_depends_on_the_secret_of_the_cache),
        TEST(a_changed_value_is_a_miss_and_forgotten),
        TEST(what_others_can_write_is_refused),
        TEST(a_folder_that_is_a_link_is_refused),
        TEST(a_damaged_file_is_corrupt_and_clearing_mends_it),
        TEST(damaged_pages_are_misses),
        TEST(a_newer_version_is_refused_and_an_older_one_emptied),
        TEST(the_file_stays_below_its_limit_and_keeps_what_is_used),
        TEST(a_value_beyond_its_share_is_not_kept),
        TEST(stats_prune_and_clear_say_what_is_there),
        TEST(clearing_beside_a_scan_harms_neither),
        TEST(any_thread_may_get_and_put),
        TEST(killed_processes_leave_a_whole_cache),
        TEST(those_who_start_at_once_agree_on_the_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
