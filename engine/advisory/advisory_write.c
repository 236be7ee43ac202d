/* Writes findings into the result: names, scores, links, places, risk; sorted. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINK = 512 };

const char *fps__keep(fps__matching *now, const char *text)
{
    return text && *text ? fps__arena_string(&now->result->arena, text) : "";
}

/* Where people read about an advisory. */
static const char *link_of(fps__matching *now, const char *id)
{
    static const struct {
        const char *prefix, *url;
    } links[] = {
        {"CVE-", "https://nvd.nist.gov/vuln/detail/"},
        {"GHSA-", "https://github.com/advisories/"},
        {"GO-", "https://pkg.go.dev/vuln/"},
        {"RUSTSEC-", "https://rustsec.org/advisories/"},
        {"PYSEC-", "https://osv.dev/vulnerability/"},
        {"OSV-", "https://osv.dev/vulnerability/"},
        {"DSA-", "https://security-tracker.debian.org/tracker/"},
        {"DLA-", "https://security-tracker.debian.org/tracker/"},
    };
    char text[MAX_LINK];
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (!strncmp(id, links[i].prefix, strlen(links[i].prefix))) {
            snprintf(text, sizeof text, "%s%s", links[i].url, id);
            return fps__keep(now, text);
        }
    return "";
}

/* "1.2.11, 1.2.13", or "1.2.11 .. 1.3.1" for more than three. */
static const char *version_words(fps__matching *now, const fps_version_answer *answer)
{
    char text[FPS__MAX_KEY_VERSION * 4] = "";
    size_t count = answer->candidate_count;
    const char *const *all = answer->candidates;
    if (answer->kind == FPS_VERSION_EXACT || count == 1)
        snprintf(text, sizeof text, "%s%s",
                 answer->open_above   ? ">= "
                 : answer->open_below ? "<= "
                                      : "",
                 all[0]);
    else if (count <= 3)
        snprintf(text, sizeof text, "%s, %s%s%s", all[0], all[1], count == 3 ? ", " : "",
                 count == 3 ? all[2] : "");
    else
        snprintf(text, sizeof text, "%s .. %s", all[0], all[count - 1]);
    return fps__keep(now, text);
}

static const char *const *keep_list(fps__matching *now, const char *const *items, size_t count, bool *failed)
{
    const char **list = count ? fps__arena_array(&now->result->arena, count, sizeof *list) : NULL;
    for (size_t i = 0; i < count && list; i++) {
        list[i] = fps__keep(now, items[i]);
        *failed = *failed || !list[i];
    }
    *failed = *failed || (count && !list);
    return list;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

/* A sorted copy without duplicates. */
static const uint32_t *keep_numbers(fps__matching *now, uint32_t *items, size_t *count, bool *failed)
{
    size_t kept = 0;
    if (!*count)
        return NULL;
    qsort(items, *count, sizeof *items, compare_numbers);
    for (size_t i = 0; i < *count; i++)
        if (!kept || items[kept - 1] != items[i])
            items[kept++] = items[i];
    *count = kept;
    const uint32_t *list = fps__arena_copy(&now->result->arena, items, kept, sizeof *items);
    *failed = *failed || !list;
    return list;
}

/* ---- scores of CVEs ---- */

static fps_status read_epss(fps__matching *now, const char *id, fps_vulnerability *made, fps_error *error)
{
    sqlite3_stmt *row = now->lookup.epss;
    made->epss = made->percentile = -1;
    sqlite3_reset(row);
    sqlite3_bind_text(row, 1, id, -1, SQLITE_TRANSIENT);
    fps_status status = fps__lookup_step(&now->lookup, row, error);
    if (!status && sqlite3_column_type(row, 0) != SQLITE_NULL) {
        double score = sqlite3_column_double(row, 0), percentile = sqlite3_column_double(row, 1);
        made->epss = score >= 0 && score <= 1 ? score : -1;
        made->percentile = percentile >= 0 && percentile <= 1 ? percentile : -1;
    }
    sqlite3_reset(row);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status read_kev(fps__matching *now, const char *id, fps_vulnerability *made, fps_error *error)
{
    sqlite3_stmt *row = now->lookup.kev;
    made->kev_added = made->kev_due = "";
    sqlite3_reset(row);
    sqlite3_bind_text(row, 1, id, -1, SQLITE_TRANSIENT);
    fps_status status = fps__lookup_step(&now->lookup, row, error);
    if (!status) {
        made->known_exploited = true;
        made->kev_added = fps__keep(now, fps__advisory_text(row, 0));
        made->kev_due = fps__keep(now, fps__advisory_text(row, 1));
        made->ransomware = sqlite3_column_int(row, 2) != 0;
    }
    sqlite3_reset(row);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status read_ssvc(fps__matching *now, const char *id, fps_vulnerability *made, fps_error *error)
{
    sqlite3_stmt *row = now->lookup.ssvc;
    made->exploitation = made->automatable = made->impact = "";
    sqlite3_reset(row);
    sqlite3_bind_text(row, 1, id, -1, SQLITE_TRANSIENT);
    fps_status status = fps__lookup_step(&now->lookup, row, error);
    if (!status) {
        made->exploitation = fps__keep(now, fps__advisory_text(row, 0));
        made->automatable = fps__keep(now, fps__advisory_text(row, 1));
        made->impact = fps__keep(now, fps__advisory_text(row, 2));
    }
    sqlite3_reset(row);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

/* ---- one finding ---- */

static fps_status add(fps__matching *now, fps__found *from, fps_error *error)
{
    fps__group *group = &now->groups.items[from->group];
    bool failed = false;
    fps_vulnerability made = {.id = fps__keep(now, group->id),
                              .name_count = group->names.count,
                              .title = fps__keep(now, group->title),
                              .link = link_of(now, group->id),
                              .severity = group->severity,
                              .score = group->score,
                              .vector = fps__keep(now, group->vector),
                              .component = from->component,
                              .package = from->package,
                              .verdict = from->verdict,
                              .affected = from->affected,
                              .affected_count = from->affected_count,
                              .range = fps__keep(now, from->fact.range),
                              .fixed = fps__keep(now, from->fact.fixed),
                              .note = fps__keep(now, from->fact.note),
                              .wont_fix = from->fact.wont_fix,
                              .source = fps__keep(now, from->fact.source),
                              .advisory = fps__keep(now, from->fact.advisory),
                              .suppression = from->suppression,
                              .patch = from->patch,
                              .code = fps__patch_words(now, from),
                              .package_count = from->packages.count,
                              .file_count = from->files.count};
    bool by_code = from->suppression == FPS_SUPPRESSED_FIXED && from->patch == FPS_PATCH_PATCHED;
    made.suppressed_by = by_code ? made.code : fps__keep(now, from->suppressed_by);
    made.names = keep_list(now, group->names.items, group->names.count, &failed);
    made.packages = keep_numbers(now, from->packages.items, &made.package_count, &failed);
    made.files = keep_numbers(now, from->files.items, &made.file_count, &failed);
    made.version = from->component == FPS__NO_INDEX
                       ? from->version
                       : version_words(now, now->result->components.items[from->component].version);
    made.routine_count = group->routines.count;
    made.routines = keep_list(now, group->routines.items, group->routines.count, &failed);
    fps_status status = read_epss(now, group->id, &made, error);
    if (!status)
        status = read_kev(now, group->id, &made, error);
    if (!status)
        status = read_ssvc(now, group->id, &made, error);
    const char *const texts[] = {
        made.id,        made.title,   made.link,         made.vector,        made.range, made.fixed,
        made.note,      made.source,  made.advisory,     made.suppressed_by, made.code,  made.version,
        made.kev_added, made.kev_due, made.exploitation, made.automatable,   made.impact};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        failed = failed || !texts[i];
    if (status || failed)
        return status ? status : fps__fail_memory(error);
    made.risk = fps__risk(now->result, &made);
    return FPS__ARRAY_PUSH(&now->result->vulnerabilities, &made, FPS__MAX_FOUND) ? fps__fail_memory(error)
                                                                                 : FPS_OK;
}

static int compare_vulnerabilities(const void *a, const void *b)
{
    const fps_vulnerability *first = a, *second = b;
    bool first_hidden = first->suppression != FPS_SUPPRESSED_NOT,
         second_hidden = second->suppression != FPS_SUPPRESSED_NOT;
    if (first_hidden != second_hidden)
        return first_hidden ? 1 : -1;
    if (first->risk < second->risk || first->risk > second->risk)
        return first->risk < second->risk ? 1 : -1;
    int order = strcmp(first->id, second->id);
    if (!order && first->package != second->package)
        return first->package < second->package ? -1 : 1;
    if (!order && first->component != second->component)
        return first->component < second->component ? -1 : 1;
    return order ? order : strcmp(first->suppressed_by, second->suppressed_by);
}

void fps__sort_vulnerabilities(fps_result *result)
{
    if (result->vulnerabilities.count)
        qsort(result->vulnerabilities.items, result->vulnerabilities.count,
              sizeof *result->vulnerabilities.items, compare_vulnerabilities);
}

fps_status fps__write_vulnerabilities(fps__matching *now, fps_error *error)
{
    fps_status status = FPS_OK;
    now->result->vulnerabilities.count = 0; /* those of a report that is looked up again */
    for (size_t i = 0; i < now->found.count && !status; i++) {
        fps__found *found = &now->found.items[i];
        if (found->suppression == FPS_SUPPRESSED_NOT || now->options->keep_suppressed)
            status = add(now, found, error);
    }
    if (!status)
        fps__sort_vulnerabilities(now->result);
    return status;
}
