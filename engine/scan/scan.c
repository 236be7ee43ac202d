/* One scan from target to result. */
#include "scan/scan_internal.h"

#include "index/set.h"
#include "scan/siblings.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- set up ---- */

static bool copy_patterns(fps__arena *arena, const char *const *patterns, const char *const **copy)
{
    size_t count = 0;
    *copy = NULL;
    if (!patterns)
        return true;
    while (patterns[count])
        count++;
    const char **list = fps__arena_array(arena, count + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        if (!(list[i] = fps__arena_string(arena, patterns[i])))
            return false;
    *copy = list;
    return list != NULL;
}

fps_status fps_scan_create(fps_scan **scan, const fps_scan_options *options, fps_error *error)
{
    fps_scan *s = calloc(1, sizeof *s);
    *scan = NULL;
    if (!s)
        return fps__fail_memory(error);
    if (options)
        s->options = *options;
    s->options.file_limit = s->options.file_limit ? s->options.file_limit : (uint64_t)4 << 30;
    s->options.memory_limit = s->options.memory_limit ? s->options.memory_limit : (uint64_t)1 << 30;
    s->options.file_timeout_ms = s->options.file_timeout_ms ? s->options.file_timeout_ms : 60000;
    bool ok = copy_patterns(&s->arena, s->options.skip_dirs, &s->options.skip_dirs) &&
              copy_patterns(&s->arena, s->options.skip_files, &s->options.skip_files);
    if (ok && s->options.cache_dir)
        ok = (s->options.cache_dir = fps__arena_string(&s->arena, s->options.cache_dir)) != NULL;
    if (!ok) {
        fps_scan_free(s);
        return fps__fail_memory(error);
    }
    *scan = s;
    return FPS_OK;
}

fps_status fps_scan_add_database(fps_scan *scan, const fps_database *database, fps_error *error)
{
    if (!FPS__ARRAY_ROOM(&scan->databases, 1, 1024))
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than 1024 signature sets");
    scan->databases.items[scan->databases.count++] = database;
    return FPS_OK;
}

fps_status fps_scan_add_yara(fps_scan *scan, const char *path, fps_error *error)
{
    fps__yara *yara;
    fps_status status = fps__yara_open(&yara, path, error);
    if (status != FPS_OK)
        return status;
    if (!FPS__ARRAY_ROOM(&scan->yara, 1, 1024)) {
        fps__yara_free(yara);
        return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "more than 1024 rule files");
    }
    scan->yara.items[scan->yara.count++] = yara;
    return FPS_OK;
}

void fps_scan_free(fps_scan *scan)
{
    if (!scan)
        return;
    for (size_t i = 0; i < scan->yara.count; i++)
        fps__yara_free(scan->yara.items[i]);
    free(scan->yara.items);
    free(scan->databases.items);
    fps__arena_free(&scan->arena);
    free(scan);
}

/* ---- diagnostics ---- */

static const char *copy_text(fps__arena *arena, const char *text)
{
    const char *copy = text ? fps__arena_string(arena, text) : NULL;
    return copy;
}

void fps__scan_diagnose(fps__scan_run *run, const fps_diagnostic *diagnostic)
{
    pthread_mutex_lock(&run->lock);
    fps_result *result = run->result;
    fps_diagnostic copy = *diagnostic;
    copy.code = copy_text(&result->arena, diagnostic->code);
    copy.path = copy_text(&result->arena, diagnostic->path);
    copy.message = copy_text(&result->arena, diagnostic->message);
    if (copy.code && copy.message && !copy.path == !diagnostic->path &&
        FPS__ARRAY_ROOM(&result->diagnostics, 1, UINT32_MAX))
        result->diagnostics.items[result->diagnostics.count++] = copy;
    else
        run->failed = true;
    pthread_mutex_unlock(&run->lock);
}

static void diagnose_run(void *user, const fps_diagnostic *diagnostic)
{
    fps__scan_diagnose(user, diagnostic);
}

/* ---- one run ---- */

static unsigned worker_count(const fps_scan *scan)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = scan->options.workers ? scan->options.workers : cores > 0 ? (unsigned)cores : 1;
    return wanted < FPS__POOL_WORKERS ? wanted : FPS__POOL_WORKERS;
}

static fps_status open_rules(fps__scan_run *run, fps_error *error)
{
    fps_scan *scan = run->scan;
    run->rules = calloc(scan->databases.count + 1, sizeof *run->rules);
    if (!run->rules)
        return fps__fail_memory(error);
    for (size_t i = 0; i < scan->databases.count; i++) {
        uint64_t size = 0;
        const char *text = fps__database_rules(scan->databases.items[i], &size);
        if (!text || !size)
            continue;
        fps_status status = fps__rules_open(&run->rules[run->rules_count], text, size,
                                            scan->options.cache_dir, diagnose_run, run, error);
        if (status != FPS_OK)
            return status;
        run->rules_count++;
    }
    return FPS_OK;
}

static fps_status open_workers(fps__scan_run *run, fps_error *error)
{
    run->worker_count = worker_count(run->scan);
    run->workers = calloc(run->worker_count, sizeof *run->workers);
    if (!run->workers)
        return fps__fail_memory(error);
    fps_status status = FPS_OK;
    for (unsigned i = 0; status == FPS_OK && i < run->worker_count; i++) {
        fps__scan_worker *worker = &run->workers[i];
        worker->rules = calloc(run->rules_count + 1, sizeof *worker->rules);
        if (!worker->rules)
            return fps__fail_memory(error);
        status = fps__match_scratch_create(&worker->match, run->matcher, error);
        for (size_t k = 0; status == FPS_OK && k < run->rules_count; k++)
            status = fps__rules_scratch_create(run->rules[k], &worker->rules[k], error);
    }
    return status;
}

static void note_databases(fps__scan_run *run)
{
    for (size_t i = 0; i < run->scan->databases.count; i++) {
        const fps_database *database = run->scan->databases.items[i];
        for (size_t k = 0; k < fps_database_diagnostic_count(database); k++)
            fps__scan_diagnose(run, fps_database_diagnostic(database, k));
    }
}

/* Damage that look-ups met: bad values are passed over, but never in silence. */
static void note_damage(fps__scan_run *run)
{
    for (size_t i = 0; i < run->scan->databases.count; i++)
        if (fps__database_damage(run->scan->databases.items[i])) {
            fps_diagnostic damage = {
                FPS_LEVEL_PARTIAL, "damaged-set", NULL, UINT64_MAX,
                "a signature set holds bad values, which were passed over: check it with verify"};
            fps__scan_diagnose(run, &damage);
        }
}

static fps_status start(fps__scan_run *run, const char *target, fps_error *error)
{
    fps_status status = fps__result_create(&run->result, error);
    if (status == FPS_OK)
        status =
            fps__matcher_create(&run->matcher, run->scan->databases.items, run->scan->databases.count, error);
    if (status == FPS_OK)
        status = open_rules(run, error);
    if (status == FPS_OK)
        status = open_workers(run, error);
    if (status != FPS_OK)
        return status;
    fps_result_info *info = &run->result->info;
    fps_database_info *databases =
        fps__arena_array(&run->result->arena, run->scan->databases.count + 1, sizeof *databases);
    info->target = fps__arena_string(&run->result->arena, target);
    if (!databases || !info->target)
        return fps__fail_memory(error);
    for (size_t i = 0; i < run->scan->databases.count; i++)
        fps_database_get_info(run->scan->databases.items[i], &databases[i]);
    info->databases = databases;
    info->database_count = run->scan->databases.count;
    note_databases(run);
    return FPS_OK;
}

static fps_status walk(fps__scan_run *run, const char *target, fps_error *error)
{
    const fps_scan_options *options = &run->scan->options;
    fps__source_options source_options = {.one_file_system = options->one_file_system,
                                          .skip_dirs = options->skip_dirs,
                                          .skip_files = options->skip_files,
                                          .diagnostic = diagnose_run,
                                          .user = run};
    fps__source *source;
    fps_status status = fps__source_open(&source, target, &source_options, error);
    if (status != FPS_OK)
        return status;
    fps__pool_options pool = {.workers = run->worker_count,
                              .file_limit = options->file_limit,
                              .memory_limit = options->memory_limit,
                              .timeout_ms = options->timeout_ms,
                              .file_timeout_ms = options->file_timeout_ms,
                              .wants = fps__scan_wants,
                              .analyse = fps__scan_analyse,
                              .diagnostic = diagnose_run,
                              .progress = options->progress,
                              .progress_user = options->user,
                              .user = run};
    status = fps__pool_run(source, &pool, error);
    fps__source_counts counts;
    fps__source_counts_get(source, &counts);
    fps_result_info *info = &run->result->info;
    info->entries = counts.entries;
    info->regular_files = counts.regular_files;
    info->skipped_pseudo = counts.pseudo_skipped;
    info->target_type = fps__source_is_directory(source) ? "directory" : "file";
    fps__source_close(source);
    return status;
}

static void close_run(fps__scan_run *run)
{
    for (unsigned i = 0; i < run->worker_count && run->workers; i++) {
        fps__scan_worker *worker = &run->workers[i];
        for (size_t k = 0; k < run->rules_count && worker->rules; k++)
            fps__rules_scratch_free(worker->rules[k]);
        free(worker->rules);
        free(worker->rule_hits.items);
        fps__match_scratch_free(worker->match);
        fps__arena_free(&worker->scratch);
        if (run->result)
            fps__arena_absorb(&run->result->arena, &worker->kept);
        fps__arena_free(&worker->kept);
    }
    free(run->workers);
    for (size_t i = 0; i < run->rules_count; i++)
        fps__rules_free(run->rules[i]);
    free(run->rules);
}

fps_status fps_scan_run(fps_scan *scan, const char *target, fps_result **result, fps_error *error)
{
    fps__scan_run run = {.scan = scan, .lock = PTHREAD_MUTEX_INITIALIZER};
    *result = NULL;
    fps_status status = start(&run, target, error);
    if (status == FPS_OK)
        status = walk(&run, target, error);
    if (status == FPS_OK)
        note_damage(&run);
    close_run(&run);
    if (status == FPS_OK && (run.failed || !fps__siblings_narrow(run.result)))
        status = fps__fail_memory(error);
    if (status == FPS_OK)
        status = fps__result_finish(run.result, error);
    fps__matcher_free(run.matcher);
    pthread_mutex_destroy(&run.lock);
    if (status != FPS_OK) {
        fps_result_free(run.result);
        return status;
    }
    *result = run.result;
    return FPS_OK;
}
