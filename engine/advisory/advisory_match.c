/* Looks up every component and package of a result in an advisory database. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OLD_DAYS = 30, DAY = 24 * 60 * 60 };

static void free_matching(fps__matching *now)
{
    for (size_t i = 0; i < now->groups.count; i++) {
        free((void *)now->groups.items[i].names.items);
        free((void *)now->groups.items[i].routines.items);
    }
    for (size_t i = 0; i < now->found.count; i++) {
        free(now->found.items[i].files.items);
        free(now->found.items[i].packages.items);
    }
    free(now->groups.items);
    free(now->facts.items);
    free(now->sets.items);
    free(now->found.items);
    fps__table_free(&now->group_table);
    fps__key_map_free(&now->advisory_groups);
    fps__key_map_free(&now->set_keys);
    fps__lookup_close(&now->lookup);
    fps__arena_free(&now->scratch);
}

/* Groups that some finding has: their scores and titles; a CVE that was rejected counts no more. */
static fps_status finish_groups(fps__matching *now, fps_error *error)
{
    bool *done = fps__arena_array(&now->scratch, now->groups.count + 1, sizeof *done);
    fps_status status = done ? FPS_OK : fps__fail_memory(error);
    for (size_t i = 0; i < now->found.count && !status; i++) {
        fps__found *found = &now->found.items[i];
        fps__group *group = &now->groups.items[found->group];
        if (!done[found->group])
            status = fps__group_finish(now, group, error);
        done[found->group] = true;
        if (!status && group->withdrawn && found->suppression == FPS_SUPPRESSED_NOT) {
            found->suppression = FPS_SUPPRESSED_WITHDRAWN;
            found->suppressed_by = group->withdrawn;
        }
    }
    return status;
}

int64_t fps__date_seconds(const char *date)
{
    char day[11];
    struct tm parts = {.tm_isdst = 0};
    if (strlen(date) < 10)
        return -1;
    memcpy(day, date, 10);
    day[10] = '\0';
    const char *end = strptime(day, "%Y-%m-%d", &parts);
    return end && !*end ? (int64_t)timegm(&parts) : -1;
}

static fps_status write_sources(fps__matching *now, fps_error *error)
{
    const fps_advisory_database *database = now->lookup.database;
    fps_vulnerability_source *sources =
        fps__arena_array(&now->result->arena, database->source_count + 1, sizeof *sources);
    if (!sources)
        return fps__fail_memory(error);
    for (size_t i = 0; i < database->source_count; i++) {
        const fps_advisory_source *from = &database->sources[i];
        int64_t date = fps__date_seconds(from->date);
        sources[i] = (fps_vulnerability_source){
            fps__keep(now, from->name), fps__keep(now, from->format), fps__keep(now, from->date),
            now->options->now && date >= 0 && now->options->now - date > (int64_t)OLD_DAYS * DAY};
        if (!sources[i].name || !sources[i].format || !sources[i].date)
            return fps__fail_memory(error);
    }
    now->result->info.vulnerability_sources = sources;
    now->result->info.vulnerability_source_count = database->source_count;
    now->result->info.vulnerabilities_checked = true;
    return FPS_OK;
}

fps_status fps_advisory_match(fps_advisory_database *database, fps_result *result,
                              const fps_advisory_options *options, fps_error *error)
{
    static const fps_advisory_options defaults = {.now = 0};
    fps__matching now = {.result = result, .options = options ? options : &defaults};
    fps_status status = fps__lookup_open(&now.lookup, database, error);
    if (!status)
        status = fps__match_packages(&now, error);
    if (!status)
        status = fps__match_components(&now, error);
    if (!status)
        status = finish_groups(&now, error);
    if (!status)
        status = fps__apply_statements(&now, error);
    if (!status)
        status = fps__write_vulnerabilities(&now, error);
    if (!status)
        status = write_sources(&now, error);
    free_matching(&now);
    return status;
}
