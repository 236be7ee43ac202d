/* Adds many files to a workbench: finds them, reads them on several threads, writes them in the order of the
 * arguments. */
#include "workbench/workbench_history.h"

#include "util/error.h"
#include "util/version.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 50000000, FOLDER_DEPTH = 256, MAX_THREADS = 256, WINDOW_FACTOR = 4, HEAD_SIZE = 512 };

/* The files found below the arguments. */
typedef struct found {
    fps__arena arena; /* owns the paths */
    FPS__ARRAY(fps__workbench_job) jobs;
    FPS__ARRAY(const char *) loose; /* of the folder in hand, relative to it */
    FPS__ARRAY(fps_diagnostic) diagnostics;
    bool histories; /* repositories, source archives and history files are release histories */
} found;

/* ---- finding files ---- */

static bool is_repository(const char *path)
{
    struct stat facts;
    return !stat(path, &facts) && S_ISDIR(facts.st_mode);
}

/* An archive that is called like a release of sources, and is one. */
static bool is_source_archive(const char *path)
{
    static const char *const suffixes[] = {".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz",
                                           ".txz",    ".zip",    ".crate",   NULL};
    size_t length = strlen(path);
    fps__span data;
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        size_t size = strlen(*suffix);
        if (length <= size || strcmp(path + length - size, *suffix) ||
            fps__workbench_read_file(path, &data, NULL))
            continue;
        bool is_one =
            fps__package_identify(data) == FPS_PACKAGE_GENERIC && fps__history_is_source_archive(data);
        free((void *)data.data);
        return is_one;
    }
    return false;
}

static fps_status add_job(found *all, const char *path, const char *const *files, size_t file_count)
{
    fps__workbench_job job = {
        .path = fps__arena_string(&all->arena, path), .files = files, .file_count = file_count};
    job.is_history = !files && all->histories && (fps__history_is_named(path) || is_repository(path));
    return job.path ? FPS__ARRAY_PUSH(&all->jobs, &job, MAX_FILES) : FPS_ERROR_MEMORY;
}

static fps_status add_diagnostic(found *all, const char *path, const char *code, const char *message)
{
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, code, fps__arena_string(&all->arena, path),
                                 UINT64_MAX, fps__arena_string(&all->arena, message)};
    if (!diagnostic.path || !diagnostic.message)
        return FPS_ERROR_MEMORY;
    return FPS__ARRAY_PUSH(&all->diagnostics, &diagnostic, MAX_FILES);
}

/* True when the file is a package of its own. Only what may be an .apk or a wheel is read whole to find out.
 */
static bool is_package(const char *path)
{
    uint8_t head[HEAD_SIZE];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = file < 0 ? -1 : read(file, head, sizeof head);
    if (file >= 0)
        close(file);
    fps__span start = {head, got > 0 ? (size_t)got : 0};
    if (start.size < 2)
        return false;
    fps_package_kind kind = fps__package_identify(start);
    bool gzip = head[0] == 0x1f && head[1] == 0x8b, zip = head[0] == 'P' && head[1] == 'K';
    fps__span data;
    if (kind != FPS_PACKAGE_GENERIC || (!gzip && !zip) || fps__workbench_read_file(path, &data, NULL))
        return kind != FPS_PACKAGE_GENERIC;
    kind = fps__package_identify(data);
    free((void *)data.data);
    return kind != FPS_PACKAGE_GENERIC;
}

static fps_status add_loose(found *all, const char *relative)
{
    const char *copy = fps__arena_string(&all->arena, relative);
    return copy ? FPS__ARRAY_PUSH(&all->loose, &copy, MAX_FILES) : FPS_ERROR_MEMORY;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_real_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static fps_status walk_folder(found *all, const char *path, size_t root, int depth);

static fps_status walk_entry(found *all, const char *path, size_t root, int depth)
{
    struct stat facts;
    if (lstat(path, &facts))
        return add_diagnostic(all, path, "unreadable-file", strerror(errno));
    if (S_ISDIR(facts.st_mode))
        return all->histories && fps__history_is_repository(path) ? add_job(all, path, NULL, 0)
                                                                  : walk_folder(all, path, root, depth + 1);
    if (!S_ISREG(facts.st_mode))
        return FPS_OK;
    if (all->histories && (fps__history_identify(path) || is_source_archive(path)))
        return add_job(all, path, NULL, 0);
    return is_package(path) ? add_job(all, path, NULL, 0) : add_loose(all, path + root);
}

/* Symbolic links are not followed. `root`: bytes of `path` that the folder given by the user takes up. */
static fps_status walk_folder(found *all, const char *path, size_t root, int depth)
{
    if (depth > FOLDER_DEPTH)
        return add_diagnostic(all, path, "folder-depth", "too many folders inside each other");
    struct dirent **names;
    int count = scandir(path, &names, is_real_name, compare_names);
    if (count < 0)
        return add_diagnostic(all, path, "unreadable-folder", strerror(errno));
    fps_status status = FPS_OK;
    for (int i = 0; i < count; i++) {
        char *entry = NULL;
        if (!status && asprintf(&entry, "%s/%s", path, names[i]->d_name) < 0)
            status = FPS_ERROR_MEMORY;
        else if (!status)
            status = walk_entry(all, entry, root, depth);
        free(entry);
        free(names[i]);
    }
    free(names);
    return status;
}

static fps_status find_folder(found *all, const char *path)
{
    size_t root = strlen(path);
    while (root > 1 && path[root - 1] == '/')
        root--;
    char *trimmed = fps__arena_text(&all->arena, path, root);
    if (!trimmed)
        return FPS_ERROR_MEMORY;
    all->loose.count = 0;
    fps_status status = walk_folder(all, trimmed, strcmp(trimmed, "/") ? root + 1 : 2, 0);
    if (status || !all->loose.count)
        return status;
    const char **files = fps__arena_array(&all->arena, all->loose.count, sizeof *files);
    if (!files)
        return FPS_ERROR_MEMORY;
    memcpy(files, all->loose.items, all->loose.count * sizeof *files);
    return add_job(all, trimmed, files, all->loose.count);
}

static fps_status find_path(found *all, const char *path)
{
    struct stat facts;
    if (stat(path, &facts))
        return add_diagnostic(all, path, "unreadable-file", strerror(errno));
    if (S_ISDIR(facts.st_mode) && all->histories && fps__history_is_repository(path))
        return add_job(all, path, NULL, 0);
    return S_ISDIR(facts.st_mode) ? find_folder(all, path) : add_job(all, path, NULL, 0);
}

static void free_found(found *all)
{
    for (size_t i = 0; i < all->jobs.count; i++)
        fps__workbench_job_clear(&all->jobs.items[i]);
    free(all->jobs.items);
    free(all->loose.items);
    free(all->diagnostics.items);
    fps__arena_free(&all->arena);
}

/* ---- what is known already ---- */

static fps_status load_known(fps_workbench *workbench, fps__workbench_plan *plan, fps_error *error)
{
    sqlite3_stmt *rows;
    fps_status status = fps__workbench_prepare(
        workbench, "SELECT digest, negative, parameters, component, version, purl, cpe, license FROM build",
        &rows, error);
    int got = SQLITE_DONE;
    while (!status && (got = sqlite3_step(rows)) == SQLITE_ROW) {
        fps__workbench_facts facts = {.parameters = fps__workbench_text(rows, 2),
                                      .component = fps__workbench_text(rows, 3),
                                      .version = fps__workbench_text(rows, 4),
                                      .purl = fps__workbench_text(rows, 5),
                                      .cpe = fps__workbench_text(rows, 6),
                                      .license = fps__workbench_text(rows, 7)};
        if (sqlite3_column_bytes(rows, 0) != FPS__SHA256_SIZE)
            continue;
        fps__workbench_known known = {.negative = sqlite3_column_int(rows, 1) != 0,
                                      .facts = fps__workbench_facts_hash(&facts)};
        memcpy(known.digest, sqlite3_column_blob(rows, 0), FPS__SHA256_SIZE);
        status = fps__workbench_reserved(FPS__ARRAY_PUSH(&plan->known, &known, MAX_FILES), workbench->path,
                                         "builds", error);
    }
    if (!status && got != SQLITE_DONE)
        status = fps__workbench_fail(workbench, error);
    sqlite3_finalize(rows);
    if (plan->known.count)
        qsort(plan->known.items, plan->known.count, sizeof *plan->known.items, fps__workbench_known_compare);
    return status;
}

/* ---- the queue ---- */

/* Readers take jobs in order, and never run further ahead of the writer than the window. */
typedef struct queue {
    const fps__workbench_plan *plan;
    fps__workbench_job *jobs;
    size_t count, next, written, window;
    bool stop;
    pthread_mutex_t lock;
    pthread_cond_t changed;
} queue;

static void *run_reader(void *user)
{
    queue *line = user;
    pthread_mutex_lock(&line->lock);
    while (!line->stop && line->next < line->count) {
        if (line->next >= line->written + line->window) {
            pthread_cond_wait(&line->changed, &line->lock);
            continue;
        }
        fps__workbench_job *job = &line->jobs[line->next++];
        pthread_mutex_unlock(&line->lock);
        fps__workbench_read(line->plan, job);
        pthread_mutex_lock(&line->lock);
        job->done = true;
        pthread_cond_broadcast(&line->changed);
    }
    pthread_mutex_unlock(&line->lock);
    return NULL;
}

static void wait_for(queue *line, const fps__workbench_job *job)
{
    pthread_mutex_lock(&line->lock);
    while (!job->done)
        pthread_cond_wait(&line->changed, &line->lock);
    pthread_mutex_unlock(&line->lock);
}

static void advance(queue *line, bool stop)
{
    pthread_mutex_lock(&line->lock);
    line->written++;
    line->stop = stop;
    pthread_cond_broadcast(&line->changed);
    pthread_mutex_unlock(&line->lock);
}

static void report_diagnostic(const fps_workbench_add_options *options, const fps_diagnostic *diagnostic,
                              fps_workbench_add_result *result)
{
    result->damaged += diagnostic->level >= FPS_DIAGNOSTIC_PARTIAL;
    if (options->diagnostic)
        options->diagnostic(options->user, diagnostic);
}

static void say_history(const fps_workbench_add_options *options, const fps__history *history)
{
    const fps_workbench_learnt learnt = {.component = history->component,
                                         .version = "",
                                         .history_releases = (uint32_t)history->releases.count,
                                         .texts = history->texts.count,
                                         .names = history->names.count};
    if (options->learnt)
        options->learnt(options->user, &learnt);
}

static void say_build(const fps_workbench_add_options *options, const fps__workbench_build *build)
{
    fps_workbench_learnt learnt = {.component = build->facts.component,
                                   .version = build->facts.version,
                                   .objects = (uint32_t)build->objects.count};
    for (size_t i = 0; i < build->features.count; i++) {
        fps__feature_kind kind = fps__feature_kind_of(build->features.items[i].key);
        learnt.texts += kind == FPS__FEATURE_LITERAL;
        learnt.names += kind == FPS__FEATURE_NAME;
        learnt.functions += kind == FPS__FEATURE_FUNCTION;
    }
    if (options->learnt && !build->facts.negative)
        options->learnt(options->user, &learnt);
}

static fps_status write_history(fps_workbench *workbench, const fps__workbench_job *job,
                                const fps_workbench_add_options *options, fps_workbench_add_result *result,
                                fps_error *error)
{
    bool known = false, replaced = false;
    const char *slash = strrchr(job->path, '/');
    if (!job->history)
        return FPS_OK;
    fps_status status = fps__workbench_write_history(workbench, job->history, slash ? slash + 1 : job->path,
                                                     &known, &replaced, error);
    result->unchanged += known;
    result->replaced += replaced;
    result->histories += !status && !known;
    if (!status && !known)
        say_history(options, job->history);
    return status;
}

static fps_status write_job(fps_workbench *workbench, const fps__workbench_job *job,
                            const fps_workbench_add_options *options, fps_workbench_add_result *result,
                            fps_error *error)
{
    for (const fps__workbench_diagnostic *item = job->diagnostics; item; item = item->next)
        report_diagnostic(options, &item->diagnostic, result);
    if (job->status) {
        if (error)
            *error = job->error;
        return job->status;
    }
    if (job->is_history)
        return write_history(workbench, job, options, result, error);
    for (const fps__workbench_build *build = job->builds; build; build = build->next) {
        bool replaced = false;
        result->skipped += build->outcome == FPS__WORKBENCH_SKIPPED;
        result->unchanged += build->outcome == FPS__WORKBENCH_UNCHANGED;
        if (build->outcome != FPS__WORKBENCH_ADD)
            continue;
        fps_status status = fps__workbench_write(workbench, build, &replaced, error);
        if (status)
            return status;
        result->packages++;
        result->replaced += replaced;
        result->objects += (uint32_t)build->objects.count;
        for (size_t i = 0; i < build->objects.count; i++)
            result->features += build->objects.items[i].feature_count;
        say_build(options, build);
    }
    return FPS_OK;
}

static fps_status write_jobs(fps_workbench *workbench, queue *line, const fps_workbench_add_options *options,
                             fps_workbench_add_result *result, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < line->count && !status; i++) {
        fps__workbench_job *job = &line->jobs[i];
        wait_for(line, job);
        status = write_job(workbench, job, options, result, error);
        if (options->progress)
            options->progress(options->user, i + 1, line->count, job->path);
        fps__workbench_job_clear(job);
        advance(line, status != FPS_OK);
    }
    return status;
}

static size_t thread_count(const fps_workbench_add_options *options, size_t jobs)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = options->parallel ? options->parallel : processors > 0 ? (size_t)processors : 1;
    count = count < jobs ? count : jobs;
    return count < MAX_THREADS ? count : MAX_THREADS;
}

static fps_status run_jobs(fps_workbench *workbench, const fps__workbench_plan *plan, found *all,
                           fps_workbench_add_result *result, fps_error *error)
{
    pthread_t threads[MAX_THREADS];
    size_t wanted = thread_count(plan->options, all->jobs.count), started = 0;
    queue line = {
        .plan = plan, .jobs = all->jobs.items, .count = all->jobs.count, .window = wanted * WINDOW_FACTOR};
    if (pthread_mutex_init(&line.lock, NULL))
        return fps__fail_memory(error);
    if (pthread_cond_init(&line.changed, NULL)) {
        pthread_mutex_destroy(&line.lock);
        return fps__fail_memory(error);
    }
    while (started < wanted && !pthread_create(&threads[started], NULL, run_reader, &line))
        started++;
    fps_status status = FPS_OK;
    if (!started && wanted)
        status = fps__fail(error, FPS_ERROR_MEMORY, NULL, UINT64_MAX, "cannot start a thread");
    else
        status = write_jobs(workbench, &line, plan->options, result, error);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&line.changed);
    pthread_mutex_destroy(&line.lock);
    return status;
}

/* ---- the public way in ---- */

/* A component that the catalogue does not know gets the facts that were given by hand. */
static fps_status write_given_component(fps_workbench *workbench, const fps_workbench_add_options *options,
                                        fps_error *error)
{
    if (!options->name || fps__catalogue_find(&workbench->catalogue, options->name))
        return FPS_OK;
    fps__catalogue_component made = {.id = options->name,
                                     .name = options->name,
                                     .purl = options->purl ? options->purl : "",
                                     .cpe = options->cpe ? options->cpe : "",
                                     .license = options->license ? options->license : "",
                                     .family = "",
                                     .sources = "",
                                     .vendors = ""};
    return fps__workbench_write_component(workbench, &made, FPS__WORKBENCH_FROM_HAND, error);
}

static fps_status check_options(const fps_workbench_add_options *options, fps_error *error)
{
    if (options->name && (!*options->name || strpbrk(options->name, " \t\n")))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "a component id is one word, not \"%s\"", options->name);
    if (options->version && (!*options->version || strlen(options->version) >= FPS__MAX_VERSION))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "a version has 1 to %d bytes",
                         FPS__MAX_VERSION - 1);
    return FPS_OK;
}

fps_status fps_workbench_add(fps_workbench *workbench, const char *const *paths, size_t count,
                             const fps_workbench_add_options *options, fps_workbench_add_result *result,
                             fps_error *error)
{
    static const fps_workbench_add_options defaults;
    fps_workbench_add_result unwanted;
    result = result ? result : &unwanted;
    *result = (fps_workbench_add_result){0};
    options = options ? options : &defaults;
    fps__workbench_plan plan = {
        .catalogue = &workbench->catalogue, .options = options, .negative = options->negative};
    fps_status status = check_options(plan.options, error);
    if (status)
        return status;
    /* A folder with a version is a build, whatever else it is. */
    found all = {.histories = !options->negative && !options->version};
    fps__workbench_parameters(plan.parameters);
    for (size_t i = 0; i < count && !status; i++)
        status = fps__workbench_reserved(find_path(&all, paths[i]), paths[i], "files", error);
    for (size_t i = 0; i < all.diagnostics.count; i++)
        report_diagnostic(plan.options, &all.diagnostics.items[i], result);
    if (!status)
        status = load_known(workbench, &plan, error);
    if (!status && !options->negative)
        status = write_given_component(workbench, plan.options, error);
    if (!status)
        status = fps__workbench_start_log(workbench, error);
    if (!status)
        status = fps__workbench_load_keys(workbench, error);
    if (!status)
        status = run_jobs(workbench, &plan, &all, result, error);
    free(plan.known.items);
    free_found(&all);
    return status;
}
