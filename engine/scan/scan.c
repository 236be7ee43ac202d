/* One scan from target to result. */
#include "scan/embedded.h"
#include "scan/scan_internal.h"

#include "match/self_name.h"

#include "database/set.h"
#include "scan/target.h"
#include "util/error.h"

#include <fpscan/document.h>
#include <stdio.h>
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

/* Makes an option's text, which may be NULL, the scan's own. */
static bool copy_option(fps__arena *arena, const char **text)
{
    return !*text || (*text = fps__arena_string(arena, *text));
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
    s->options.memory_limit = s->options.memory_limit ? s->options.memory_limit : FPS_DEFAULT_MEMORY_LIMIT;
    s->options.file_timeout_ms = s->options.file_timeout_ms ? s->options.file_timeout_ms : 60000;
    bool ok = copy_patterns(&s->arena, s->options.skip_dirs, &s->options.skip_dirs) &&
              copy_patterns(&s->arena, s->options.skip_files, &s->options.skip_files) &&
              copy_option(&s->arena, &s->options.cache_dir) && copy_option(&s->arena, &s->options.platform) &&
              copy_option(&s->arena, &s->options.image) && copy_option(&s->arena, &s->options.base_images) &&
              copy_option(&s->arena, &s->options.target_name);
    if (!ok) {
        fps_scan_free(s);
        return fps__fail_memory(error);
    }
    *scan = s;
    return FPS_OK;
}

fps_status fps_scan_add_database(fps_scan *scan, const fps_database *database, fps_error *error)
{
    fps_status status = FPS__ARRAY_RESERVE(&scan->databases, 1, 1024);
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (status)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than 1024 signature sets");
    scan->databases.items[scan->databases.count++] = database;
    return FPS_OK;
}

fps_status fps_scan_compile_rules(const fps_database *database, void **bytes, size_t *size, fps_error *error)
{
    uint64_t length = 0;
    uint8_t *made = NULL;
    const char *text = fps__database_rules(database, &length);
    *bytes = NULL;
    *size = 0;
    fps_status status = text && length ? fps__rules_compile(text, length, &made, size, error) : FPS_OK;
    *bytes = made;
    return status;
}

void fps_scan_use_rules(fps_scan *scan, const void *bytes, size_t size)
{
    scan->ready_rules = (fps__span){bytes, size};
}

fps_status fps_scan_add_yara(fps_scan *scan, const char *path, fps_error *error)
{
    fps__yara *yara;
    fps_status status = fps__yara_open(&yara, path, error);
    if (status != FPS_OK)
        return status;
    status = FPS__ARRAY_RESERVE(&scan->yara, 1, 1024);
    if (status) {
        fps__yara_free(yara);
        if (status == FPS_ERROR_MEMORY)
            return fps__fail_memory(error);
        return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "more than 1024 rule files");
    }
    scan->yara.items[scan->yara.count++] = yara;
    return FPS_OK;
}

const char *fps_scan_rule_component(const fps_scan *scan, size_t index)
{
    for (size_t i = 0; i < scan->yara.count; i++)
        for (size_t r = 0; fps__yara_component(scan->yara.items[i], r); r++)
            if (index-- == 0)
                return fps__yara_component(scan->yara.items[i], r);
    return fps__self_name_component(index);
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
        FPS__ARRAY_RESERVE(&result->diagnostics, 1, UINT32_MAX) == FPS_OK)
        result->diagnostics.items[result->diagnostics.count++] = copy;
    else
        run->failed = true;
    pthread_mutex_unlock(&run->lock);
}

void fps__scan_diagnose_run(void *user, const fps_diagnostic *diagnostic)
{
    fps__scan_diagnose(user, diagnostic);
}

void fps__scan_add_diagnostic(fps__scan_run *run, fps_diagnostic_level level, const char *code,
                              const char *path, const char *message)
{
    fps__scan_diagnose(run, &(fps_diagnostic){level, code, path, UINT64_MAX, message});
}

/* ---- what a run may hold ---- */

enum {
    SHARE = 4
}; /* package databases, names of layers, names of the merged root: each this part of --memory */

uint64_t fps__scan_names_memory(const fps__scan_run *run)
{
    return run->scan->options.memory_limit / SHARE;
}

static void open_quotas(fps__scan_run *run)
{
    uint64_t part = run->scan->options.memory_limit / SHARE;
    atomic_init(&run->captured_left.left, part);
    atomic_init(&run->names_left.left, part);
}

bool fps__scan_may_capture(fps__scan_run *run, const char *path, uint64_t size)
{
    char message[160];
    uint64_t part = run->scan->options.memory_limit / SHARE;
    if (fps__quota_take(&run->captured_left, size))
        return true;
    snprintf(message, sizeof message,
             "not read: %llu bytes, and package databases may use %llu in all, a quarter of --memory",
             (unsigned long long)size, (unsigned long long)part);
    fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "inventory-limit", path, message);
    return false;
}

uint64_t fps__scan_file_limit(const fps__scan_run *run)
{
    const fps_scan_options *options = &run->scan->options;
    uint64_t part = options->memory_limit / SHARE;
    uint64_t kept = part - fps__quota_left(&run->captured_left) + part - fps__quota_left(&run->names_left);
    uint64_t room = options->memory_limit - kept;
    return room < options->file_limit ? room : options->file_limit;
}

void fps__scan_fail_memory(fps__scan_run *run)
{
    pthread_mutex_lock(&run->lock);
    run->failed = true;
    pthread_mutex_unlock(&run->lock);
}

/* ---- one run ---- */

static unsigned worker_count(const fps_scan *scan)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = scan->options.workers ? scan->options.workers : cores > 0 ? (unsigned)cores : 1;
    return wanted < FPS__MAX_WORKERS ? wanted : FPS__MAX_WORKERS;
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
        fps_status status = fps__rules_open(&run->rules[run->rules_count], text, size, scan->ready_rules,
                                            scan->options.cache_dir, fps__scan_diagnose_run, run, error);
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
        if (fps__database_damage(run->scan->databases.items[i]))
            fps__scan_add_diagnostic(
                run, FPS_DIAGNOSTIC_PARTIAL, "damaged-set", NULL,
                "a signature set holds bad values, which were passed over: check it with verify");
}

/* The cache is a help: what keeps it from being used is a note. */
static fps_status open_cache(fps__scan_run *run, fps_error *error)
{
    const fps_scan_options *options = &run->scan->options;
    fps_error reason = {.offset = UINT64_MAX};
    fps__part_filter_init(&run->part_filter);
    if (!fps__scan_identify(run, run->analysis))
        return fps__fail_memory(error);
    if (!options->cache_dir || options->all_evidence || options->keep_excluded)
        return FPS_OK;
    if (fps__cache_open(&run->cache, options->cache_dir, options->cache_limit, &reason) != FPS_OK) {
        run->cache = NULL;
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_NOTE, "no-cache", NULL, reason.message);
    }
    return FPS_OK;
}

static fps_status describe(fps__scan_run *run, fps_error *error)
{
    fps_result_info *info = &run->result->info;
    fps_database_info *databases =
        fps__arena_array(&run->result->arena, run->scan->databases.count + 1, sizeof *databases);
    const char *name = run->scan->options.target_name;
    info->target = fps__arena_string(&run->result->arena, name ? name : run->target);
    info->os_id = info->os_version_id = info->os_name = "";
    if (!databases || !info->target)
        return fps__fail_memory(error);
    for (size_t i = 0; i < run->scan->databases.count; i++)
        fps_database_read_info(run->scan->databases.items[i], &databases[i]);
    info->databases = databases;
    info->database_count = run->scan->databases.count;
    note_databases(run);
    return FPS_OK;
}

static fps_status start(fps__scan_run *run, fps_error *error)
{
    fps_status status = fps__result_create(&run->result, error);
    if (status == FPS_OK)
        status =
            fps__matcher_create(&run->matcher, run->scan->databases.items, run->scan->databases.count, error);
    if (status == FPS_OK)
        status = open_rules(run, error);
    if (status == FPS_OK)
        status = open_workers(run, error);
    if (status == FPS_OK)
        status = open_cache(run, error);
    return status == FPS_OK ? describe(run, error) : status;
}

static uint64_t file_limit_now(void *user)
{
    return fps__scan_file_limit(user);
}

fps__workers_options fps__scan_worker_options(fps__scan_run *run)
{
    const fps_scan_options *options = &run->scan->options;
    return (fps__workers_options){.workers = run->worker_count,
                                  .file_limit = options->file_limit,
                                  .file_limit_now = file_limit_now,
                                  .passed_over = fps__scan_is_preallocated,
                                  .memory_limit = options->memory_limit,
                                  .deadline_ms = run->deadline_ms,
                                  .file_timeout_ms = options->file_timeout_ms,
                                  .wants = fps__scan_wants,
                                  .try_cached = run->cache ? fps__scan_try_cached : NULL,
                                  .analyse = fps__scan_analyse,
                                  .diagnostic = fps__scan_diagnose_run,
                                  .interrupted = options->interrupted,
                                  .progress = options->progress,
                                  .progress_user = options->user,
                                  .user = run};
}

fps__workers_options fps__scan_stream_workers(fps__scan_run *run,
                                              fps_status (*produce)(void *, fps__workers *, fps_error *),
                                              void *user)
{
    enum { WAITING = 64 * 1024 * 1024 }; /* bytes that were read ahead of the workers */
    fps__workers_options stream = fps__scan_worker_options(run);
    stream.memory_limit = stream.memory_limit < WAITING ? stream.memory_limit : WAITING;
    stream.produce = produce;
    stream.produce_user = user;
    return stream;
}

static fps_status read_target(fps__scan_run *run, fps_error *error)
{
    fps__target target = run->found;
    switch (target.kind) {
    case FPS__TARGET_IMAGE:
        return fps__scan_image(run, target.path, target.image, error);
    case FPS__TARGET_TAR:
        return fps__scan_tar(run, target.path, false, error);
    case FPS__TARGET_VOLUME:
        return fps__scan_tar(run, target.path, true, error);
    case FPS__TARGET_TREE:
    case FPS__TARGET_DOCUMENT: /* read by fps_scan_run */
        break;
    }
    if (target.alike) {
        char message[700];
        snprintf(
            message, sizeof message,
            "it looks like an image, but not like a layout that is known (%.64s%s%.480s): its files were "
            "scanned as they lie there",
            target.why.path, *target.why.path ? " " : "", target.why.message);
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "unknown-layout", NULL, message);
    }
    return fps__scan_directory(run, run->target, error);
}

static void close_run(fps__scan_run *run)
{
    for (unsigned i = 0; i < run->worker_count && run->workers; i++) {
        fps__scan_worker *worker = &run->workers[i];
        for (size_t k = 0; k < run->rules_count && worker->rules; k++)
            fps__rules_scratch_free(worker->rules[k]);
        free(worker->rules);
        free(worker->rule_hits.items);
        free(worker->head_buffer);
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
    for (uint32_t i = 0; i < run->layer_count; i++)
        if (!run->same_as || run->same_as[i] == i)
            fps__layer_free(&run->layers[i]);
    free(run->layers);
    free(run->same_as);
    fps__tree_free(run->names);
    if (run->result)
        fps__arena_absorb(&run->result->arena, &run->recalled);
    fps__arena_free(&run->recalled);
    free(run->scanned.items);
    free(run->captured.items);
    fps__cache_close(run->cache);
    fps__matcher_free(run->matcher);
    pthread_mutex_destroy(&run->lock);
}

/* What could not be kept for the next scan is said: else a cache that never works would just be slow. */
static void finish_cache(fps__scan_run *run)
{
    fps_error reason;
    if (fps__cache_finish(run->cache, &reason) != FPS_OK)
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_NOTE, "cache-not-written", NULL, reason.message);
}

/* Everything that waits for the last file. */
static fps_status conclude(fps__scan_run *run, fps_error *error)
{
    note_damage(run);
    finish_cache(run);
    fps_status status = run->failed ? fps__fail_memory(error) : fps__scan_assemble(run, error);
    if (status == FPS_OK && run->failed)
        status = fps__fail_memory(error);
    if (status == FPS_OK)
        status = fps__result_finish(run->result, error);
    if (status == FPS_OK)
        status = fps__scan_packages(run, error);
    return status == FPS_OK && run->failed ? fps__fail_memory(error) : status;
}

fps_status fps_scan_run(fps_scan *scan, const char *target, fps_result **result, fps_error *error)
{
    fps__scan_run run = {.scan = scan,
                         .target = target,
                         .deadline_ms = fps__deadline_after(scan->options.timeout_ms),
                         .lock = PTHREAD_MUTEX_INITIALIZER};
    *result = NULL;
    fps_status status = fps__target_find(target, run.deadline_ms, &run.found, error);
    if (status == FPS_OK && run.found.kind == FPS__TARGET_DOCUMENT)
        return fps_document_read(result, run.found.path, scan->options.memory_limit, error);
    if (status != FPS_OK)
        return status;
    open_quotas(&run);
    status = start(&run, error);
    if (status == FPS_OK)
        status = read_target(&run, error);
    if (status == FPS_OK)
        status = conclude(&run, error);
    close_run(&run);
    if (status != FPS_OK) {
        fps_result_free(run.result);
        return status;
    }
    *result = run.result;
    return FPS_OK;
}
