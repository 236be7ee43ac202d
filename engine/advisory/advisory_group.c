/* Vulnerabilities by their names: advisories of several sources that speak of one are one group. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* CVEs go before all other names, GHSAs before those of single sources. */
static int rank_of(const char *name)
{
    return !strncmp(name, "CVE-", 4) ? 0 : !strncmp(name, "GHSA-", 5) ? 1 : 2;
}

/* True when `a` names a vulnerability better than `b`. */
static bool is_better(const char *a, const char *b)
{
    int first = rank_of(a), second = rank_of(b);
    return first < second || (first == second && first < 2 && strcmp(a, b) < 0);
}

static fps_status add_name(fps__matching *now, fps__group *group, const char *name, fps_error *error)
{
    for (size_t i = 0; i < group->names.count; i++)
        if (!strcmp(group->names.items[i], name))
            return FPS_OK;
    const char *copy = fps__arena_string(&now->scratch, name);
    fps_status status =
        copy ? FPS__ARRAY_PUSH(&group->names, &copy, FPS__MAX_VULNERABILITY_NAMES) : FPS_ERROR_MEMORY;
    return status == FPS_ERROR_MEMORY ? fps__fail_memory(error) : FPS_OK;
}

/* A name that is no CVE may have one in another advisory: one step, so that names in a circle do no harm. */
static fps_status find_elsewhere(fps__matching *now, char id[FPS__MAX_ADVISORY_NAME], fps_error *error)
{
    int64_t rows[16];
    size_t count = 0;
    sqlite3_stmt *kin = now->lookup.kin, *names = now->lookup.names;
    sqlite3_reset(kin);
    sqlite3_bind_text(kin, 1, id, -1, SQLITE_TRANSIENT);
    fps_status status;
    while (count < 16 && !(status = fps__lookup_step(&now->lookup, kin, error)))
        rows[count++] = sqlite3_column_int64(kin, 0);
    sqlite3_reset(kin);
    for (size_t i = 0; i < count; i++) {
        sqlite3_reset(names);
        sqlite3_bind_int64(names, 1, rows[i]);
        while (!(status = fps__lookup_step(&now->lookup, names, error))) {
            const char *name = fps__advisory_text(names, 0);
            if (strlen(name) < FPS__MAX_ADVISORY_NAME && is_better(name, id))
                strcpy(id, name);
        }
        sqlite3_reset(names);
        if (status != FPS_ERROR_NOT_FOUND)
            return status;
    }
    return FPS_OK;
}

static fps_status intern(fps__matching *now, const char *id, uint32_t *index, fps_error *error)
{
    uint64_t hash = XXH3_64bits(id, strlen(id));
    fps__table_slot *slot;
    if (fps__table_reserve(&now->group_table, 1))
        return fps__fail_memory(error);
    FPS__TABLE_FIND(slot, &now->group_table, hash, candidate,
                    !strcmp(now->groups.items[candidate - 1].id, id));
    if (!slot->id) {
        const fps__group made = {.id = fps__arena_string(&now->scratch, id), .vector = "", .title = ""};
        fps_status status =
            made.id ? FPS__ARRAY_PUSH(&now->groups, &made, FPS__MAX_GROUPS) : FPS_ERROR_MEMORY;
        if (status)
            return status == FPS_ERROR_LIMIT
                       ? fps__fail(error, status, NULL, UINT64_MAX, "too many vulnerabilities")
                       : fps__fail_memory(error);
        fps__table_add(&now->group_table, slot, hash, (uint32_t)now->groups.count);
    }
    *index = slot->id - 1;
    return FPS_OK;
}

/* Reads the names of an advisory twice: first for the best one, then into the group. */
static fps_status read_names(fps__matching *now, int64_t advisory, const char *name, uint32_t *index,
                             fps_error *error)
{
    char id[FPS__MAX_ADVISORY_NAME];
    sqlite3_stmt *names = now->lookup.names;
    strncpy(id, name, sizeof id - 1);
    id[sizeof id - 1] = '\0';
    fps_status status;
    sqlite3_reset(names);
    sqlite3_bind_int64(names, 1, advisory);
    while (!(status = fps__lookup_step(&now->lookup, names, error))) {
        const char *other = fps__advisory_text(names, 0);
        if (strlen(other) < sizeof id && is_better(other, id))
            strcpy(id, other);
    }
    if (status == FPS_ERROR_NOT_FOUND)
        status = rank_of(id) ? find_elsewhere(now, id, error) : FPS_OK;
    if (!status)
        status = intern(now, id, index, error);
    if (!status && strcmp(name, id) != 0)
        status = add_name(now, &now->groups.items[*index], name, error);
    if (status)
        return status;
    sqlite3_reset(names);
    sqlite3_bind_int64(names, 1, advisory);
    while (!status && !(status = fps__lookup_step(&now->lookup, names, error)))
        if (strcmp(fps__advisory_text(names, 0), id) != 0)
            status = add_name(now, &now->groups.items[*index], fps__advisory_text(names, 0), error);
    sqlite3_reset(names);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

fps_status fps__group_find(fps__matching *now, int64_t advisory, const char *name, uint32_t *group,
                           fps_error *error)
{
    bool fresh;
    uint32_t *known = fps__key_map_add(&now->advisory_groups, (uint64_t)advisory, &fresh);
    if (!known)
        return fps__fail_memory(error);
    if (!fresh && *known) {
        *group = *known - 1;
        return FPS_OK;
    }
    fps_status status = read_names(now, advisory, name, group, error);
    if (!status)
        *known = *group + 1;
    return status;
}

/* ---- what is known of a group ---- */

static bool speaks_for_cve(const char *format)
{
    return !strcmp(format, "cve") || !strncmp(format, "nvd", 3);
}

static fps_status take_kin(fps__matching *now, fps__group *group, const char *name, fps_error *error)
{
    sqlite3_stmt *kin = now->lookup.kin;
    sqlite3_reset(kin);
    sqlite3_bind_text(kin, 1, name, -1, SQLITE_TRANSIENT);
    fps_status status;
    while (!(status = fps__lookup_step(&now->lookup, kin, error))) {
        int severity = sqlite3_column_int(kin, 1);
        double score = sqlite3_column_double(kin, 2);
        const char *title = fps__advisory_text(kin, 6), *vector = fps__advisory_text(kin, 3);
        bool better = score > group->score && score <= 10;
        if (better) {
            group->score = score;
            group->vector = fps__arena_string(&now->scratch, vector);
        }
        if (severity > (int)group->severity && severity <= FPS_SEVERITY_CRITICAL &&
            (better || !(group->score > 0)))
            group->severity = (fps_severity)severity;
        if (!*group->title && *title)
            group->title = fps__arena_string(&now->scratch, title);
        if (sqlite3_column_int(kin, 5) && speaks_for_cve(fps__advisory_text(kin, 8)) && !rank_of(name))
            group->withdrawn = fps__arena_string(&now->scratch, fps__advisory_text(kin, 7));
        if (!group->vector || !group->title)
            return fps__fail_memory(error);
    }
    sqlite3_reset(kin);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

/* The functions that the advisories of a name say are affected. */
static fps_status take_routines(fps__matching *now, fps__group *group, const char *name, fps_error *error)
{
    sqlite3_stmt *rows = now->lookup.routines;
    sqlite3_reset(rows);
    sqlite3_bind_text(rows, 1, name, -1, SQLITE_TRANSIENT);
    fps_status status;
    while (group->routines.count < FPS__MAX_ROUTINES &&
           !(status = fps__lookup_step(&now->lookup, rows, error))) {
        const char *copy = fps__arena_string(&now->scratch, fps__advisory_text(rows, 0));
        if (!copy || FPS__ARRAY_PUSH(&group->routines, &copy, FPS__MAX_ROUTINES))
            return fps__fail_memory(error);
    }
    sqlite3_reset(rows);
    return FPS_OK;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Several advisories of a group name the same function. */
static void sort_routines(fps__group *group)
{
    const char **names = group->routines.items;
    size_t kept = 0;
    if (group->routines.count)
        qsort((void *)names, group->routines.count, sizeof *names, compare_texts);
    for (size_t i = 0; i < group->routines.count; i++)
        if (!kept || strcmp(names[kept - 1], names[i]) != 0)
            names[kept++] = names[i];
    group->routines.count = kept;
}

fps_status fps__group_finish(fps__matching *now, fps__group *group, fps_error *error)
{
    if (group->names.count)
        qsort((void *)group->names.items, group->names.count, sizeof *group->names.items, compare_texts);
    fps_status status = take_kin(now, group, group->id, error);
    for (size_t i = 0; i < group->names.count && !status; i++)
        status = take_kin(now, group, group->names.items[i], error);
    if (!status)
        status = take_routines(now, group, group->id, error);
    for (size_t i = 0; i < group->names.count && !status; i++)
        status = take_routines(now, group, group->names.items[i], error);
    sort_routines(group);
    return status;
}
