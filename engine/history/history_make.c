/* Makes a history of repositories and archives: finds their releases, puts them in order, reads each. */
#include "history/history_maker.h"
#include "history/history_rules.h"

#include "util/error.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_SOURCES = 10000, DEFAULT_MOST = 400 };

typedef struct making {
    fps__maker *maker;
    const fps_history_source *sources;
    size_t count;
    fps__git **repositories; /* NULL for an archive */
    fps__found_releases found;
    fps_error *error;
} making;

/* The id of the first source: its file name in lower case, without version, suffix and what is no word. */
static fps_status name_component(making *now)
{
    char name[FPS__MAX_VERSION], version[FPS__MAX_VERSION], *real = NULL;
    const char *given = now->maker->options->component, *path = now->sources[0].path;
    if (!given) {
        real = realpath(path, NULL);
        snprintf(name, sizeof name, "%s", fps__history_base_name(real ? real : path));
        if (!now->repositories[0] && !fps__history_is_repository(path))
            fps__history_archive_name(real ? real : path, name, version);
        size_t length = strlen(name);
        if (length > 4 && !strcmp(name + length - 4, ".git"))
            name[length - 4] = '\0';
        for (char *c = name; *c; c++)
            *c = isalnum((unsigned char)*c) || strchr(".+_-", *c) ? (char)tolower((unsigned char)*c) : '-';
        given = name;
    }
    free(real);
    if (!*given || strpbrk(given, " \t\r\n") || strlen(given) > FPS__MAX_VERSION)
        return fps__fail(now->error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "\"%s\" is no component id",
                         given);
    now->maker->history->component = fps__arena_string(&now->maker->history->arena, given);
    return now->maker->history->component ? FPS_OK : fps__fail_memory(now->error);
}

static fps_status find_archive(making *now, size_t index)
{
    const fps_history_source *source = &now->sources[index];
    char name[FPS__MAX_VERSION], version[FPS__MAX_VERSION], date[16], where[FPS__HISTORY_NAME];
    fps__history_archive_name(source->path, name, version);
    const char *given = source->version ? source->version : version;
    if (!*given || strlen(given) >= FPS__MAX_VERSION)
        return fps__fail(now->error, FPS_ERROR_ARGUMENT, source->path, UINT64_MAX,
                         "the name of the archive does not say its version, and none is given");
    fps__source_archive_date(source->path, date);
    fps__arena *arena = &now->found.arena;
    fps__found_release made = {.version = fps__arena_string(arena, given),
                               .tag = fps__arena_string(arena, fps__history_base_name(source->path)),
                               .date = fps__arena_string(arena, source->date ? source->date : date),
                               .path = source->path,
                               .source = index};
    if (!made.version || !made.tag || !made.date || FPS__ARRAY_PUSH(&now->found.items, &made, UINT32_MAX))
        return fps__fail_memory(now->error);
    if (now->maker->options->source && index)
        return FPS_OK;
    snprintf(where, sizeof where, "archive:%.1000s", fps__history_base_name(source->path));
    return fps__maker_source(now->maker, now->maker->options->source ? now->maker->options->source : where,
                             "", "", now->error);
}

static fps_status find_releases(making *now)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < now->count && !status; i++) {
        struct stat facts;
        if (stat(now->sources[i].path, &facts))
            return fps__fail_io(now->error, now->sources[i].path, errno, "cannot open");
        bool folder = S_ISDIR(facts.st_mode);
        status = folder ? fps__git_open(&now->repositories[i], now->sources[i].path, i, now->maker,
                                        &now->found, now->error)
                        : find_archive(now, i);
    }
    return status;
}

/* By version; of two tags of one version the shorter, which is the plain one, then the first by name. */
static int compare_found(const void *a, const void *b)
{
    const fps__found_release *left = a, *right = b;
    int order = fps__version_compare(left->version, right->version);
    if (order)
        return order;
    size_t first = strlen(left->tag), second = strlen(right->tag);
    if (first != second)
        return first < second ? -1 : 1;
    order = strcmp(left->tag, right->tag);
    return order ? order : (left->source > right->source) - (left->source < right->source);
}

/* Leaves one of each version, and the newest of them. */
static fps_status choose_releases(making *now)
{
    size_t kept = 0, most = now->maker->options->most ? now->maker->options->most : DEFAULT_MOST;
    fps__found_release *items = now->found.items.items;
    if (!now->found.items.count)
        return fps__fail(now->error, FPS_ERROR_NOT_FOUND, now->sources[0].path, UINT64_MAX,
                         "no release: no tag reads as a version; --tag says which part of a tag is one");
    qsort(items, now->found.items.count, sizeof *items, compare_found);
    for (size_t i = 0; i < now->found.items.count; i++)
        if (!kept || fps__version_compare(items[kept - 1].version, items[i].version))
            items[kept++] = items[i];
    most = most < FPS__HISTORY_RELEASES ? most : FPS__HISTORY_RELEASES;
    size_t dropped = kept > most ? kept - most : 0;
    memmove(items, items + dropped, (kept - dropped) * sizeof *items);
    now->found.items.count = kept - dropped;
    return FPS_OK;
}

static fps_status read_releases(making *now)
{
    fps_status status = FPS_OK;
    const fps_history_options *options = now->maker->options;
    for (size_t i = 0; i < now->found.items.count && !status; i++) {
        const fps__found_release *release = &now->found.items.items[i];
        status = fps__maker_begin(now->maker, release->version, release->tag, release->date, now->error);
        if (!status)
            status = release->path
                         ? fps__source_archive_read(release, now->maker, now->error)
                         : fps__git_read(now->repositories[release->source], release, now->maker, now->error);
        if (!status)
            status = fps__maker_end(now->maker, now->error);
        if (options->progress)
            options->progress(options->user, i + 1, now->found.items.count, release->version);
    }
    return status;
}

static void count_result(const fps__history *history, fps_history_result *result)
{
    result->releases = (uint32_t)history->releases.count;
    result->units = (uint32_t)history->units.count;
    result->texts = history->texts.count;
    result->names = history->names.count;
}

fps_status fps__history_make(const fps_history_source *sources, size_t count,
                             const fps_history_options *options, fps__history **history,
                             fps_history_result *result, fps_error *error)
{
    static const fps_history_options defaults;
    fps_history_result unwanted;
    result = result ? result : &unwanted;
    *result = (fps_history_result){0};
    *history = NULL;
    if (!count || count > MAX_SOURCES)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "1 to %d sources make a history",
                         MAX_SOURCES);
    making now = {.maker = calloc(1, sizeof(fps__maker)), .sources = sources, .count = count, .error = error};
    now.repositories = calloc(count, sizeof *now.repositories);
    fps_status status = now.maker && now.repositories ? FPS_OK : fps__fail_memory(error);
    if (!status)
        status = fps__maker_open(now.maker, options ? options : &defaults, result, error);
    if (!status)
        status = name_component(&now);
    if (!status)
        status = find_releases(&now);
    if (!status)
        status = choose_releases(&now);
    if (!status)
        status = read_releases(&now);
    if (!status)
        status = fps__maker_finish(now.maker, error);
    if (!status) {
        *history = now.maker->history;
        now.maker->history = NULL;
        count_result(*history, result);
    }
    for (size_t i = 0; now.repositories && i < count; i++)
        fps__git_free(now.repositories[i]);
    free(now.repositories);
    fps__arena_free(&now.found.arena);
    free(now.found.items.items);
    if (now.maker)
        fps__maker_close(now.maker);
    free(now.maker);
    return status;
}

fps_status fps_history_make(const fps_history_source *sources, size_t count, const char *output,
                            const fps_history_options *options, fps_history_result *result, fps_error *error)
{
    fps__history *history;
    fps_status status = fps__history_make(sources, count, options, &history, result, error);
    if (!status)
        status = fps__history_write(history, output, error);
    fps__history_free(history);
    return status;
}
