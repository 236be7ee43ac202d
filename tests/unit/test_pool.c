/* The worker pool: the same files whatever the number of workers, within budget and time, and nothing lost
 * silently. */
#include "source_tree.h"

#include "scan/pool.h"

#include <pthread.h>
#include <stdatomic.h>

static char root[4096];

typedef struct run {
    seen *seen;
    pthread_mutex_t lock;
    atomic_uint_fast64_t in_memory, most_in_memory;
    unsigned delay_us;
} run;

static int enter(void **state)
{
    (void)state;
    tree_enter(root, sizeof root);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    tree_remove(root);
    return 0;
}

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
static run *run_pool(fps__pool_options options, unsigned delay_us, fps_status expected)
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
    assert_int_equal(fps__source_open(&source, root, NULL, &error), FPS_OK);
    assert_int_equal(fps__pool_run(source, &options, &error), expected);
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
    run *one = run_pool((fps__pool_options){.workers = 1}, 0, FPS_OK);
    assert_int_equal(one->seen->path_count, 600);
    for (unsigned workers = 2; workers <= 8; workers *= 2) {
        run *many = run_pool((fps__pool_options){.workers = workers}, 0, FPS_OK);
        assert_int_equal(many->seen->path_count, 600);
        assert_int_equal(many->seen->bytes, one->seen->bytes);
        for (size_t i = 0; i < 600; i++)
            assert_string_equal(many->seen->paths[i], one->seen->paths[i]);
        run_free(many);
    }
    run_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_the_same_files_with_any_number_of_workers, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
