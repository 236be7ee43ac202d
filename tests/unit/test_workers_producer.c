/* The worker pool with a producer in the place of the walk: bytes that are handed over, the budget they are
 * counted in, and what happens to them when the run stops. */
#include "source_tree.h"

#include "scan/workers.h"
#include "util/clock.h"

#include <pthread.h>
#include <stdatomic.h>

enum { GIVEN_UP_AFTER = 60 }; /* seconds: a run that waits for ever fails the test */

/* One run: what its producer does, and what the workers were given. */
typedef struct run {
    void (*produce)(struct run *at, fps__workers *pool);
    fps_status produced; /* what the producer returns */
    unsigned delay_us;   /* for each file */
    unsigned cancel_after;
    atomic_uint_fast64_t held; /* bytes that were reserved and not yet looked at */
    atomic_uint analysed, wrong;
    unsigned pushed;
    uint64_t most_held;
    seen *remarks;
} run;

static fps_status produce(void *user, fps__workers *pool, fps_error *error)
{
    run *at = user;
    at->produce(at, pool);
    if (error && at->produced)
        *error = (fps_error){.status = at->produced, .message = "the producer's own"};
    return at->produced;
}

/* A file that was handed over is full of the low byte of its tag. */
static void look(void *user, unsigned worker, const fps__source_entry *entry,
                 const fps__source_content *content, uint64_t deadline_ms)
{
    run *at = user;
    (void)worker;
    (void)deadline_ms;
    bool right = content->bytes.size == entry->size;
    for (size_t i = 0; right && i < content->bytes.size; i++)
        right = content->bytes.data[i] == (uint8_t)entry->tag;
    atomic_fetch_add(&at->wrong, !right);
    if (at->delay_us)
        usleep(at->delay_us);
    atomic_fetch_sub(&at->held, entry->size);
    atomic_fetch_add(&at->analysed, 1);
}

static bool is_cancelled(void *user)
{
    run *at = user;
    return at->cancel_after && atomic_load(&at->analysed) >= at->cancel_after;
}

static void take_remark(void *user, const fps_diagnostic *diagnostic)
{
    note_remark(((run *)user)->remarks, diagnostic);
}

static void run_pool(run *at, fps__source *source, fps__workers_options options, fps_status expected)
{
    fps_error error = {.message = ""};
    at->remarks = calloc(1, sizeof *at->remarks);
    assert_non_null(at->remarks);
    options.produce = produce;
    options.produce_user = options.user = at;
    options.analyse = look;
    options.cancelled = is_cancelled;
    options.diagnostic = take_remark;
    alarm(GIVEN_UP_AFTER);
    assert_int_equal(fps__workers_run(source, &options, &error), expected);
    alarm(0);
    assert_int_equal(atomic_load(&at->wrong), 0);
    if (expected)
        assert_int_equal(error.status, expected);
    seen_sort(at->remarks);
}

/* A file with bytes, which were reserved. */
static void push(run *at, fps__workers *pool, uint64_t size)
{
    char path[32];
    fps__source_content content = {.memory = malloc(size ? size : 1), .capacity = size};
    assert_non_null(content.memory);
    snprintf(path, sizeof path, "/f%05u", at->pushed);
    fps__source_entry entry = {.path = strdup(path), .size = size, .tag = at->pushed};
    memset(content.memory, (int)(at->pushed & 255), size);
    content.bytes = (fps__span){content.memory, size};
    at->pushed++;
    fps__workers_push(pool, &entry, &content);
    assert_null(entry.path);
    assert_null(content.memory);
    assert_null(content.bytes.data);
}

/* False when the run stops. */
static bool reserve_and_push(run *at, fps__workers *pool, uint64_t size)
{
    if (!fps__workers_reserve(pool, size))
        return false;
    uint64_t held = atomic_fetch_add(&at->held, size) + size;
    at->most_held = held > at->most_held ? held : at->most_held;
    push(at, pool, size);
    return true;
}

/* ---- what is handed over ---- */

enum { BUDGET = 100000 };

/* All of the budget can be had once more: nothing is left reserved, and no more was given back than taken. */
static void assert_balanced(fps__workers *pool)
{
    fps__workers_drain(pool);
    for (int i = 0; i < 2; i++) {
        assert_true(fps__workers_reserve(pool, BUDGET));
        fps__workers_unreserve(pool, BUDGET);
    }
}

static void push_many(run *at, fps__workers *pool)
{
    for (unsigned i = 0; i < 300; i++) {
        assert_true(reserve_and_push(at, pool, i * 37 % 40000));
        if (i % 50 == 49) {
            fps__workers_drain(pool);
            assert_int_equal(atomic_load(&at->analysed), i + 1);
        }
    }
    assert_balanced(pool);
}

static void bytes_are_looked_at_within_the_budget(void **state)
{
    (void)state;
    for (unsigned workers = 1; workers <= 4; workers += 3) {
        run at = {.produce = push_many, .delay_us = 100};
        run_pool(&at, NULL, (fps__workers_options){.workers = workers, .memory_limit = BUDGET}, FPS_OK);
        assert_int_equal(atomic_load(&at.analysed), 300);
        assert_true(at.most_held <= BUDGET);
        assert_true(at.most_held > BUDGET / 2); /* several did fit at once */
        assert_int_equal(at.remarks->diagnostic_count, 0);
        seen_free(at.remarks);
    }
}

static void push_larger_ones(run *at, fps__workers *pool)
{
    for (unsigned i = 0; i < 40; i++) {
        uint64_t size = i % 4 == 3 ? 3 * BUDGET : BUDGET / 3;
        assert_true(fps__workers_reserve(pool, size));
        if (size > BUDGET)
            assert_int_equal(atomic_load(&at->held), 0);
        atomic_fetch_add(&at->held, size);
        push(at, pool, size);
    }
    assert_balanced(pool);
}

static void what_is_above_the_whole_budget_is_held_alone(void **state)
{
    (void)state;
    run at = {.produce = push_larger_ones, .delay_us = 300};
    run_pool(&at, NULL, (fps__workers_options){.workers = 3, .memory_limit = BUDGET}, FPS_OK);
    assert_int_equal(atomic_load(&at.analysed), 40);
    seen_free(at.remarks);
}

static void lose_some(run *at, fps__workers *pool)
{
    for (unsigned i = 0; i < 200; i++) {
        assert_true(fps__workers_reserve(pool, BUDGET / 2 + 1));
        if (i % 2) {
            fps__workers_unreserve(pool, BUDGET / 2 + 1);
            continue;
        }
        atomic_fetch_add(&at->held, BUDGET / 2 + 1);
        push(at, pool, BUDGET / 2 + 1);
    }
    assert_balanced(pool);
}

static void bytes_that_never_came_are_given_back(void **state)
{
    (void)state;
    run at = {.produce = lose_some};
    run_pool(&at, NULL, (fps__workers_options){.workers = 2, .memory_limit = BUDGET}, FPS_OK);
    assert_int_equal(atomic_load(&at.analysed), 100);
    seen_free(at.remarks);
}

static void push_a_window(run *at, fps__workers *pool)
{
    while (at->pushed < FPS__WORKERS_WINDOW + 500)
        assert_true(reserve_and_push(at, pool, 3));
}

static void more_files_than_the_window_holds_are_waited_for(void **state)
{
    (void)state;
    run at = {.produce = push_a_window, .delay_us = 10};
    run_pool(&at, NULL, (fps__workers_options){.workers = 2}, FPS_OK);
    assert_int_equal(atomic_load(&at.analysed), FPS__WORKERS_WINDOW + 500);
    seen_free(at.remarks);
}

/* ---- files without bytes ---- */

static void push_names(run *at, fps__workers *pool)
{
    static const struct {
        const char *path;
        uint64_t size;
    } files[] = {{"/small", 3}, {"/large", 6}, {"/gone", 1}};
    for (size_t i = 0; i < 3; i++) {
        struct stat st = {.st_size = 0};
        stat(files[i].path + 1, &st);
        fps__source_entry entry = {.path = strdup(files[i].path),
                                   .size = files[i].size,
                                   .device = st.st_dev,
                                   .inode = st.st_ino,
                                   .mode = S_IFREG | 0644,
                                   .tag = 'x'};
        fps__workers_push(pool, &entry, NULL);
        at->pushed++;
    }
    assert_balanced(pool);
}

static void files_without_bytes_are_read_and_only_those_that_were_pushed(void **state)
{
    fps__source *source;
    run at = {.produce = push_names};
    (void)state;
    make_file("small", "xxx");
    make_file("large", "xxxxxx");
    make_file("other", "yyy"); /* looking at it would be wrong */
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, NULL), FPS_OK);
    run_pool(&at, source, (fps__workers_options){.workers = 2, .file_limit = 5, .memory_limit = BUDGET},
             FPS_OK);
    fps__source_close(source);
    assert_int_equal(atomic_load(&at.analysed), 1);
    assert_int_equal(at.remarks->diagnostic_count, 2);
    assert_string_equal(at.remarks->remarks[0], "note vanished /gone");
    assert_string_equal(at.remarks->remarks[1], "partial too-large /large");
    seen_free(at.remarks);
}

/* ---- progress ---- */

typedef struct shown {
    uint64_t done, total;
    unsigned calls;
    bool falls;
} shown;

static void note_progress(void *user, const fps_scan_progress *progress)
{
    shown *at = user;
    at->falls |= progress->packed_done < at->done;
    at->calls++;
    at->done = progress->packed_done;
    at->total = progress->packed_total;
}

static void push_and_advance(run *at, fps__workers *pool)
{
    for (uint64_t i = 1; i <= 30; i++) {
        assert_true(reserve_and_push(at, pool, 10));
        fps__workers_progress(pool, 100 * i, 3000);
        usleep(10000);
        assert_false(fps__workers_stopping(pool));
    }
}

static void progress_says_how_far_the_producer_is(void **state)
{
    shown progress = {.calls = 0};
    run at = {.produce = push_and_advance};
    (void)state;
    run_pool(&at, NULL, (fps__workers_options){.progress = note_progress, .progress_user = &progress},
             FPS_OK);
    assert_true(progress.calls >= 3);
    assert_false(progress.falls);
    assert_int_equal(progress.done, 3000);
    assert_int_equal(progress.total, 3000);
    seen_free(at.remarks);
}

/* ---- stops ---- */

enum { STOP_FILES = 200, STOP_SIZE = 1000 };

static void push_all(run *at, fps__workers *pool)
{
    for (unsigned i = 0; i < STOP_FILES; i++) {
        atomic_fetch_add(&at->held, STOP_SIZE);
        push(at, pool, STOP_SIZE); /* without a memory limit nothing has to be reserved first */
    }
    while (!fps__workers_stopping(pool))
        usleep(1000);
    assert_false(fps__workers_reserve(pool, 5)); /* and nothing is held */
    push(at, pool, STOP_SIZE);                   /* is taken and given up at once */
    fps__workers_drain(pool);                    /* returns though files wait */
}

static void each_file_that_waits_when_the_time_is_up_is_a_remark(void **state)
{
    size_t files = 0, ends = 0;
    run at = {.produce = push_all, .delay_us = 10000};
    (void)state;
    run_pool(&at, NULL, (fps__workers_options){.workers = 2, .deadline_ms = fps__deadline_after(200)},
             FPS_OK);
    for (size_t i = 0; i < at.remarks->diagnostic_count; i++) {
        files += strncmp(at.remarks->remarks[i], "partial timeout /f", 18) == 0;
        ends += strcmp(at.remarks->remarks[i], "partial timeout -") == 0;
    }
    assert_int_equal(files + ends, at.remarks->diagnostic_count);
    assert_int_equal(ends, 1);
    assert_int_equal(files + atomic_load(&at.analysed), STOP_FILES + 1);
    assert_true(atomic_load(&at.analysed) > 0 && files > 1);
    for (size_t i = 1; i < at.remarks->diagnostic_count; i++)
        assert_string_not_equal(at.remarks->remarks[i - 1], at.remarks->remarks[i]);
    seen_free(at.remarks);
}

static void a_cancelled_run_says_so_and_frees_what_waits(void **state)
{
    run at = {.produce = push_all, .delay_us = 1000, .cancel_after = 5};
    (void)state;
    run_pool(&at, NULL, (fps__workers_options){.workers = 2}, FPS_ERROR_CANCELLED);
    assert_true(atomic_load(&at.analysed) >= 5 && atomic_load(&at.analysed) < STOP_FILES);
    assert_int_equal(at.remarks->diagnostic_count, 0);
    seen_free(at.remarks);
}

static void push_until_stopped(run *at, fps__workers *pool)
{
    while (reserve_and_push(at, pool, BUDGET / 4))
        ;
    assert_true(fps__workers_stopping(pool));
}

static void a_producer_that_waits_for_memory_learns_of_the_end(void **state)
{
    (void)state;
    for (int cancels = 0; cancels < 2; cancels++) {
        run at = {.produce = push_until_stopped,
                  .produced = FPS_ERROR_CANCELLED,
                  .delay_us = 5000,
                  .cancel_after = cancels ? 5 : 0};
        run_pool(&at, NULL,
                 (fps__workers_options){.workers = 2,
                                        .memory_limit = BUDGET,
                                        .deadline_ms = fps__deadline_after(cancels ? 0 : 150)},
                 cancels ? FPS_ERROR_CANCELLED : FPS_OK);
        assert_true(at.most_held <= BUDGET);
        size_t late = at.remarks->diagnostic_count;
        if (cancels)
            assert_int_equal(late, 0);
        else
            assert_int_equal(late - 1 + atomic_load(&at.analysed),
                             at.pushed); /* one says that the end was not seen */
        seen_free(at.remarks);
    }
}

static void push_some(run *at, fps__workers *pool)
{
    for (unsigned i = 0; i < 20; i++)
        assert_true(reserve_and_push(at, pool, STOP_SIZE));
}

static void a_producers_failure_is_that_of_the_run_after_what_it_pushed(void **state)
{
    static const fps_status failures[] = {FPS_ERROR_MEMORY, FPS_ERROR_CORRUPT, FPS_ERROR_CANCELLED};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        run at = {.produce = push_some, .produced = failures[i], .delay_us = 1000};
        run_pool(&at, NULL, (fps__workers_options){.workers = 2}, failures[i]);
        assert_int_equal(atomic_load(&at.analysed), 20);
        assert_int_equal(at.remarks->diagnostic_count, 0);
        seen_free(at.remarks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_looked_at_within_the_budget),
        cmocka_unit_test(what_is_above_the_whole_budget_is_held_alone),
        cmocka_unit_test(bytes_that_never_came_are_given_back),
        cmocka_unit_test(more_files_than_the_window_holds_are_waited_for),
        cmocka_unit_test_setup_teardown(files_without_bytes_are_read_and_only_those_that_were_pushed,
                                        tree_enter, tree_leave),
        cmocka_unit_test(progress_says_how_far_the_producer_is),
        cmocka_unit_test(each_file_that_waits_when_the_time_is_up_is_a_remark),
        cmocka_unit_test(a_cancelled_run_says_so_and_frees_what_waits),
        cmocka_unit_test(a_producer_that_waits_for_memory_learns_of_the_end),
        cmocka_unit_test(a_producers_failure_is_that_of_the_run_after_what_it_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
