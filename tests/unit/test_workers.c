/* The worker pool: the same files whatever the number of workers, within budget and time, and nothing lost
 * silently. */
#include "source_tree.h"

#include "scan/workers.h"
#include "util/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

typedef struct run {
    seen *seen;
    pthread_mutex_t lock;
    atomic_uint_fast64_t in_memory, most_in_memory;
    unsigned delay_us;
} run;

static void note_file(void *user, unsigned worker, const fps__source_entry *entry,
                      const fps__source_content *content, uint64_t deadline_ms)
{
    run *at = user;
    (void)worker;
    (void)deadline_ms;
    uint64_t now = atomic_fetch_add(&at->in_memory, content->bytes.size) + content->bytes.size;
    uint64_t most = atomic_load(&at->most_in_memory);
    while (now > most && !atomic_compare_exchange_weak(&at->most_in_memory, &most, now))
        ;
    if (at->delay_us)
        usleep(at->delay_us);
    pthread_mutex_lock(&at->lock);
    at->seen->paths[at->seen->path_count++] = strdup(entry->path);
    at->seen->bytes += content->bytes.size;
    pthread_mutex_unlock(&at->lock);
    atomic_fetch_sub(&at->in_memory, content->bytes.size);
}

static void note_pool_remark(void *user, const fps_diagnostic *diagnostic)
{
    note_remark(((run *)user)->seen, diagnostic);
}

/* Runs the pool over the tree; options.user is filled in. */
static run *run_pool(fps__workers_options options, unsigned delay_us, fps_status expected)
{
    fps_error error;
    fps__source *source;
    run *at = calloc(1, sizeof *at);
    at->seen = calloc(1, sizeof *at->seen);
    at->delay_us = delay_us;
    pthread_mutex_init(&at->lock, NULL);
    options.user = at;
    options.analyse = note_file;
    options.diagnostic = note_pool_remark;
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, &error), FPS_OK);
    assert_int_equal(fps__workers_run(source, &options, &error), expected);
    fps__source_close(source);
    seen_sort(at->seen);
    return at;
}

static void run_free(run *at)
{
    pthread_mutex_destroy(&at->lock);
    seen_free(at->seen);
    free(at);
}

static void make_files(unsigned count, size_t size)
{
    char path[64], *text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    for (unsigned i = 0; i < count; i++) {
        snprintf(path, sizeof path, "d%u", i % 7);
        mkdir(path, 0755);
        snprintf(path, sizeof path, "d%u/f%u", i % 7, i);
        make_file(path, text + i % (size + 1));
    }
    free(text);
}

static void gives_the_same_files_with_any_number_of_workers(void **state)
{
    (void)state;
    make_files(600, 5000);
    run *one = run_pool((fps__workers_options){.workers = 1}, 0, FPS_OK);
    assert_int_equal(one->seen->path_count, 600);
    for (unsigned workers = 2; workers <= 8; workers *= 2) {
        run *many = run_pool((fps__workers_options){.workers = workers}, 0, FPS_OK);
        assert_int_equal(many->seen->path_count, 600);
        assert_int_equal(many->seen->bytes, one->seen->bytes);
        for (size_t i = 0; i < 600; i++)
            assert_string_equal(many->seen->paths[i], one->seen->paths[i]);
        run_free(many);
    }
    run_free(one);
}

static unsigned wants_elf(void *user, const fps__source_entry *entry, fps__span head)
{
    (void)user;
    (void)entry;
    return head.size >= 4 && memcmp(head.data, "\177ELF", 4) == 0;
}

static void reads_only_what_is_wanted(void **state)
{
    (void)state;
    make_files(40, 20000);
    make_file("program", "\177ELF and more");
    make_file("empty", "");
    run *found =
        run_pool((fps__workers_options){.workers = 2, .wants = wants_elf, .file_limit = 100}, 0, FPS_OK);
    assert_paths(found->seen, (const char *[]){"/program", NULL});
    assert_int_equal(found->seen->diagnostic_count, 0); /* a large file that nobody wants is not missed */
    run_free(found);
}

static void says_which_files_are_too_large(void **state)
{
    (void)state;
    make_file("small", "12345");
    make_file("large", "123456");
    run *found = run_pool((fps__workers_options){.workers = 2, .file_limit = 5}, 0, FPS_OK);
    assert_paths(found->seen, (const char *[]){"/small", NULL});
    assert_int_equal(found->seen->diagnostic_count, 1);
    assert_string_equal(found->seen->remarks[0], "partial too-large /large");
    run_free(found);
}

static void says_which_files_are_unreadable(void **state)
{
    bool privileged = geteuid() == 0;
    (void)state;
    make_file("open", "x");
    make_file("secret", "x");
    make_directory("closed");
    assert_int_equal(chmod("secret", 0), 0);
    assert_int_equal(chmod("closed", 0), 0);
    assert_int_equal(chmod(".", 0755), 0);
    if (privileged && seteuid(65534) != 0)
        skip();
    run *found = run_pool((fps__workers_options){.workers = 2}, 0, FPS_OK);
    if (privileged)
        assert_int_equal(seteuid(0), 0);
    assert_paths(found->seen, (const char *[]){"/open", NULL});
    assert_int_equal(chmod("closed", 0755), 0);
    assert_int_equal(found->seen->diagnostic_count, 2);
    assert_string_equal(found->seen->remarks[0], "partial unreadable /closed"); /* from the walk */
    assert_string_equal(found->seen->remarks[1], "partial unreadable /secret"); /* from a worker */
    run_free(found);
}

/* Changes the tree under the pool's hands: the file asked about loses its end, "gone" goes, "other" is
 * exchanged. */
static unsigned wants_and_disturbs(void *user, const fps__source_entry *entry, fps__span head)
{
    (void)user;
    (void)head;
    if (strcmp(entry->path, "/first") == 0) {
        assert_int_equal(truncate("first", 5000), 0);
        assert_int_equal(unlink("gone"), 0);
        assert_int_equal(rename("new", "other"), 0);
    }
    return true;
}

static bool is_seen(const seen *found, const char *path)
{
    for (size_t i = 0; i < found->path_count; i++)
        if (strcmp(found->paths[i], path) == 0)
            return true;
    return false;
}

static bool is_remarked(const seen *found, const char *text)
{
    for (size_t i = 0; i < found->diagnostic_count; i++)
        if (strstr(found->remarks[i], text))
            return true;
    return false;
}

static void says_what_changed_during_the_scan(void **state)
{
    char text[20001];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    make_file("first", text); /* the largest, so that it is */
    make_file("gone", "x");
    make_file("other", "x");
    make_file("new", "");
    run *found = run_pool((fps__workers_options){.wants = wants_and_disturbs}, 0, FPS_OK);
    static const char *const files[] = {"/first", "/gone", "/new", "/other"};
    for (size_t i = 0; i < 4; i++) /* a slow walk may have had the small ones looked at before */
        assert_int_equal(is_seen(found->seen, files[i]) + is_remarked(found->seen, files[i]), 1 + (i == 0));
    assert_true(is_remarked(found->seen, "partial changed-while-read /first"));
    assert_false(is_remarked(found->seen, "partial vanished"));
    run_free(found);
}

static void keeps_all_workers_within_one_budget(void **state)
{
    (void)state;
    make_files(60, 30000);
    fps__workers_options options = {.workers = 8, .memory_limit = 70000};
    run *found = run_pool(options, 500, FPS_OK);
    assert_int_equal(found->seen->path_count, 60);
    assert_true(atomic_load(&found->most_in_memory) <= 70000);
    assert_true(atomic_load(&found->most_in_memory) > 30000); /* two at once did fit */
    run_free(found);
}

static void runs_a_file_larger_than_the_budget_alone(void **state)
{
    (void)state;
    make_files(30, 3000);
    char *text = malloc(50001);
    memset(text, 'y', 50000);
    text[50000] = '\0';
    make_file("larger", text);
    make_file("larger2", text);
    free(text);
    run *found = run_pool((fps__workers_options){.workers = 4, .memory_limit = 10000}, 200, FPS_OK);
    assert_int_equal(found->seen->path_count, 32);
    assert_int_equal(atomic_load(&found->most_in_memory), 50000);
    run_free(found);
}

static void accounts_for_every_waiting_file_when_the_time_runs_out(void **state)
{
    size_t late = 0, walks = 0;
    (void)state;
    make_files(150, 10);
    run *found = run_pool((fps__workers_options){.workers = 1, .deadline_ms = fps__deadline_after(400)},
                          10000, FPS_OK);
    for (size_t i = 0; i < found->seen->diagnostic_count; i++) {
        late += strncmp(found->seen->remarks[i], "partial timeout /", 17) == 0;
        walks += strcmp(found->seen->remarks[i], "partial timeout -") == 0;
    }
    assert_int_equal(late + walks, found->seen->diagnostic_count);
    assert_true(late > 0);
    assert_true(found->seen->path_count > 0);
    assert_int_equal(late + found->seen->path_count, 150);
    run_free(found);
}

static void note_deadline(void *user, unsigned worker, const fps__source_entry *entry,
                          const fps__source_content *content, uint64_t deadline_ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    (void)worker;
    (void)entry;
    (void)content;
    *(uint64_t *)user = deadline_ms ? deadline_ms - now_ms : 0;
}

static uint64_t deadline_given(uint64_t timeout_ms, uint64_t file_timeout_ms)
{
    fps__source *source;
    uint64_t left = UINT64_MAX;
    fps__workers_options options = {.deadline_ms = fps__deadline_after(timeout_ms),
                                    .file_timeout_ms = file_timeout_ms,
                                    .analyse = note_deadline,
                                    .user = &left};
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, NULL), FPS_OK);
    assert_int_equal(fps__workers_run(source, &options, NULL), FPS_OK);
    fps__source_close(source);
    return left;
}

static void gives_each_file_the_nearer_deadline(void **state)
{
    (void)state;
    make_file("file", "x");
    assert_int_equal(deadline_given(0, 0), 0);
    assert_true(deadline_given(0, 50000) <= 50000);
    assert_true(deadline_given(0, 50000) > 25000);
    assert_true(deadline_given(20000, 50000) <= 20000);
    assert_true(deadline_given(90000, 50000) <= 50000);
}

typedef struct order {
    uint64_t sizes[400];
    size_t count;
} order;

static void note_order(void *user, unsigned worker, const fps__source_entry *entry,
                       const fps__source_content *content, uint64_t deadline_ms)
{
    order *at = user;
    (void)worker;
    (void)content;
    (void)deadline_ms;
    if (!at->count)
        usleep(300000); /* meanwhile the walk sees everything */
    at->sizes[at->count++] = entry->size;
}

static void takes_the_largest_of_the_window_first(void **state)
{
    enum { FILES = 400, FIRST = 64 }; /* what was there before the walk had seen everything */
    fps__source *source;
    order taken = {.count = 0};
    fps__workers_options options = {.analyse = note_order, .user = &taken};
    (void)state;
    make_files(FILES, 3 * FILES);
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, NULL), FPS_OK);
    assert_int_equal(fps__workers_run(source, &options, NULL), FPS_OK);
    fps__source_close(source);
    assert_int_equal(taken.count, FILES);
    for (size_t i = FIRST + 1; i < FILES; i++)
        assert_true(taken.sizes[i] <= taken.sizes[i - 1]);
}

static bool cancel_soon(void *user)
{
    run *at = user;
    pthread_mutex_lock(&at->lock);
    bool enough = at->seen->path_count >= 5;
    pthread_mutex_unlock(&at->lock);
    return enough;
}

static void stops_when_it_is_cancelled(void **state)
{
    (void)state;
    make_files(150, 10);
    run *found =
        run_pool((fps__workers_options){.workers = 2, .cancelled = cancel_soon}, 10000, FPS_ERROR_CANCELLED);
    assert_true(found->seen->path_count >= 5);
    assert_true(found->seen->path_count < 150);
    assert_int_equal(found->seen->diagnostic_count, 0);
    run_free(found);
}

static bool interrupt_at_once(void *user)
{
    (void)user;
    return true;
}

/* What was found stays, and each file that was not looked at is named. */
static void an_interrupted_run_ends_like_a_timeout(void **state)
{
    (void)state;
    make_files(150, 10);
    run *found =
        run_pool((fps__workers_options){.workers = 2, .interrupted = interrupt_at_once}, 10000, FPS_OK);
    assert_true(found->seen->path_count < 150);
    assert_true(found->seen->diagnostic_count > 0);
    for (size_t i = 0; i < found->seen->diagnostic_count; i++)
        assert_int_equal(strncmp(found->seen->remarks[i], "partial interrupted ", 20), 0);
    run_free(found);
}

typedef struct shown {
    pthread_t thread;
    unsigned calls;
    bool same_thread, ordered;
    fps_scan_progress last;
} shown;

static void note_progress(void *user, const fps_scan_progress *progress)
{
    shown *at = user;
    at->calls++;
    at->same_thread = at->same_thread && pthread_equal(at->thread, pthread_self());
    at->ordered = at->ordered && progress->files_done >= at->last.files_done &&
                  progress->files_queued >= progress->files_done;
    at->last = *progress;
    at->last.path = NULL;
}

static void shows_progress_from_one_thread_and_not_too_often(void **state)
{
    struct timespec start, end;
    (void)state;
    make_files(60, 10);
    shown progress = {.thread = pthread_self(), .same_thread = true, .ordered = true};
    clock_gettime(CLOCK_MONOTONIC, &start);
    run *found =
        run_pool((fps__workers_options){.workers = 2, .progress = note_progress, .progress_user = &progress},
                 10000, FPS_OK);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    assert_true(progress.calls >= 2);
    assert_true((double)progress.calls <= seconds * 10 + 2);
    assert_true(progress.same_thread && progress.ordered);
    assert_true(progress.last.walk_finished);
    assert_int_equal(progress.last.files_done, 60);
    assert_int_equal(progress.last.files_queued, 60);
    assert_int_equal(progress.last.bytes_done, progress.last.bytes_queued);
    run_free(found);
}

static void an_empty_target_is_done_at_once(void **state)
{
    (void)state;
    run *found = run_pool((fps__workers_options){.workers = 64}, 0, FPS_OK);
    assert_int_equal(found->seen->path_count, 0);
    run_free(found);
}

/* More entries than the window holds. */
static void drains_more_than_one_window(void **state)
{
    (void)state;
    make_files(FPS__WORKERS_WINDOW + 1000, 3);
    run *found = run_pool((fps__workers_options){.workers = 3}, 0, FPS_OK);
    assert_int_equal(found->seen->path_count, FPS__WORKERS_WINDOW + 1000);
    run_free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_the_same_files_with_any_number_of_workers, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(reads_only_what_is_wanted, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(says_which_files_are_too_large, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(says_which_files_are_unreadable, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(says_what_changed_during_the_scan, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(keeps_all_workers_within_one_budget, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(runs_a_file_larger_than_the_budget_alone, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(accounts_for_every_waiting_file_when_the_time_runs_out, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(gives_each_file_the_nearer_deadline, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(takes_the_largest_of_the_window_first, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(stops_when_it_is_cancelled, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(an_interrupted_run_ends_like_a_timeout, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(shows_progress_from_one_thread_and_not_too_often, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(an_empty_target_is_done_at_once, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(drains_more_than_one_window, tree_enter, tree_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
