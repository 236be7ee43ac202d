/* Ignore files: lines as in .trivyignore, or JSON. */
#include "suppress/suppress_state.h"

#include "advisory/advisory_subject.h"
#include "util/error.h"
#include "util/json_document.h"
#include "util/lines.h"

#include <fpscan/diagnostic.h>
#include <stdlib.h>
#include <string.h>

enum { DRIFT_KINDS = 6, DAY = 24 * 60 * 60 };

static const unsigned everything =
    FPS__ABOUT_COMPONENTS | FPS__ABOUT_PACKAGES | FPS__ABOUT_VULNERABILITIES | FPS__ABOUT_DRIFT;

/* An entry as it is read: texts of the document. */
typedef struct words {
    const char *id, *kind, *component, *version, *product, *path, *code, *reason, *expires;
} words;

/* ---- entries ---- */

/* False for a word that is no kind. */
static bool read_kind(const char *kind, unsigned *about)
{
    static const struct {
        const char *name;
        unsigned about;
    } kinds[] = {{"component", FPS__ABOUT_COMPONENTS},
                 {"package", FPS__ABOUT_PACKAGES},
                 {"vulnerability", FPS__ABOUT_VULNERABILITIES},
                 {"partial", FPS__ABOUT_PARTIAL},
                 {"drift", FPS__ABOUT_DRIFT}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kind, kinds[i].name)) {
            *about = kinds[i].about;
            return true;
        }
    for (unsigned i = 0; !strncmp(kind, "drift/", 6) && i < DRIFT_KINDS; i++)
        if (!strcmp(kind + 6, fps_drift_kind_name((fps_drift_kind)i))) {
            *about = (unsigned)FPS__ABOUT_KIND << i;
            return true;
        }
    return false;
}

/* Why an entry cannot be used; NULL when it can. */
static const char *fault_of(const words *w, unsigned about)
{
    const char *const texts[] = {w->id, w->component, w->version, w->product, w->path, w->code};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && (!*texts[i] || strlen(texts[i]) > FPS__MAX_ENTRY_TEXT))
            return "an entry has an empty or too long text";
    if (w->id && about != FPS__ABOUT_VULNERABILITIES)
        return "only an entry on a vulnerability has an id";
    if (w->code && about != FPS__ABOUT_PARTIAL)
        return "only an entry of kind partial has a code";
    if (w->code && !fps_diagnostic_kind_find(w->code))
        return "no diagnostic has this code; fpscan help diagnostics lists them";
    if (about == FPS__ABOUT_PARTIAL && (w->component || w->version || w->product))
        return "an entry of kind partial has a path and a code alone";
    if (!w->id && !w->component && !w->product && !w->path && !w->code && about < FPS__ABOUT_KIND)
        return "an entry names an id, a component, a product, a path, a code or a kind of drift: else it would suppress all";
    if (w->expires && fps__date_seconds(w->expires) < 0)
        return "the day on which an entry expires is a date as in 2026-12-31";
    return NULL;
}

static const char *keep(fps_suppressions *list, const char *text, bool *good)
{
    const char *copy = text ? fps__arena_string(&list->arena, text) : NULL;
    *good = *good && (copy || !text);
    return copy;
}

/* True from the day after the date on. */
static bool is_over(const fps_suppressions *list, const char *date)
{
    return date && list->now && list->now >= fps__date_seconds(date) + DAY;
}

/* `line`: its number, or that of the entry. */
static fps_status add_entry(fps_suppressions *list, const words *w, const char *path, size_t line,
                            fps_error *error)
{
    unsigned about = w->id ? FPS__ABOUT_VULNERABILITIES : w->code ? FPS__ABOUT_PARTIAL : everything;
    const char *fault = w->kind && !read_kind(w->kind, &about)
                            ? "a kind is component, package, vulnerability, partial, drift or drift/KIND"
                            : fault_of(w, about);
    if (fault)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "entry %zu: %s", line, fault);
    bool good = true;
    const fps__ignore entry = {
        .about = about,
        .id = keep(list, w->id, &good),
        .component = keep(list, w->component, &good),
        .version = keep(list, w->version, &good),
        .product = keep(list, w->product, &good),
        .pattern = keep(list, w->path, &good),
        .code = keep(list, w->code, &good),
        .expires = is_over(list, w->expires) ? keep(list, w->expires, &good) : NULL,
        .suppressed = {keep(list, w->reason, &good), path, false},
    };
    if (!good)
        return fps__fail_memory(error);
    fps_status status = FPS__ARRAY_PUSH(&list->ignores, &entry, FPS__MAX_ENTRIES);
    return status == FPS_ERROR_LIMIT
               ? fps__fail(error, status, path, UINT64_MAX, "more than %d entries", FPS__MAX_ENTRIES)
           : status ? fps__fail_memory(error)
                    : FPS_OK;
}

/* ---- lines ---- */

static char *copy_span(fps_suppressions *list, fps__span text)
{
    return fps__arena_text(&list->arena, (const char *)text.data, text.size);
}

/* The member that a word with a colon sets; NULL when it is none: an id may have a colon. */
static const char **member_of(words *w, fps__span word, fps__span *value)
{
    const struct {
        const char *prefix;
        const char **member;
    } members[] = {{"exp:", &w->expires},     {"kind:", &w->kind},       {"component:", &w->component},
                   {"version:", &w->version}, {"product:", &w->product}, {"path:", &w->path},
                   {"code:", &w->code}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (fps__span_starts(word, members[i].prefix)) {
            size_t length = strlen(members[i].prefix);
            *value = (fps__span){word.data + length, word.size - length};
            return members[i].member;
        }
    return NULL;
}

/* "vulnerabilities:", "- id: CVE-2024-1": trivy has such a file too. */
static bool looks_like_yaml(fps__span entry)
{
    return entry.data[entry.size - 1] == ':' || fps__span_starts(entry, "- ");
}

/* "CVE-2024-1 exp:2026-12-31 # why" */
static fps_status read_line(fps_suppressions *list, fps__span line, const char *path, size_t number,
                            fps_error *error)
{
    words w = {.reason = "ignored"};
    fps__span word, rest = line;
    const uint8_t *mark = line.size ? memchr(line.data, '#', line.size) : NULL;
    if (mark) {
        fps__span comment = fps__span_trim((fps__span){mark + 1, line.size - (size_t)(mark + 1 - line.data)});
        rest.size = (size_t)(mark - line.data);
        if (comment.size)
            w.reason = copy_span(list, comment);
    }
    rest = fps__span_trim(rest);
    if (!rest.size)
        return FPS_OK;
    fps__span none;
    if (looks_like_yaml(rest) && !member_of(&w, rest, &none))
        return fps__fail(
            error, FPS_ERROR_CORRUPT, path, UINT64_MAX,
            "line %zu: YAML is not read: write a line for each entry, CVE-2024-1 exp:2026-12-31 # why, or JSON",
            number);
    while (fps__span_cut(&rest, " \t", &word)) {
        fps__span value = word;
        const char **member = word.size ? member_of(&w, word, &value) : NULL;
        if (!word.size)
            continue;
        if (!member && memchr(word.data, '/', word.size))
            return fps__fail(
                error, FPS_ERROR_CORRUPT, path, UINT64_MAX,
                "line %zu: \"%.*s\" is no id: write component: before a package URL, path: before a path",
                number, (int)(word.size < 60 ? word.size : 60), (const char *)word.data);
        if (!member)
            member = &w.id;
        if (*member)
            return fps__fail(
                error, FPS_ERROR_CORRUPT, path, UINT64_MAX,
                "line %zu: \"%.*s\" is one word too many: an entry has one id, and members as in path:/opt/*",
                number, (int)(word.size < 60 ? word.size : 60), (const char *)word.data);
        *member = copy_span(list, value);
        if (!*member)
            return fps__fail_memory(error);
    }
    return w.reason ? add_entry(list, &w, path, number, error) : fps__fail_memory(error);
}

/* ---- JSON ---- */

static fps_status read_entry(fps_suppressions *list, const json_t *entry, const char *path, size_t number,
                             fps_error *error)
{
    words w = {.id = NULL};
    const struct {
        const char *name;
        const char **member;
    } members[] = {{"id", &w.id},           {"kind", &w.kind},       {"component", &w.component},
                   {"version", &w.version}, {"product", &w.product}, {"path", &w.path},
                   {"code", &w.code},       {"reason", &w.reason},   {"expires", &w.expires}};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)entry, name, value)
    {
        size_t i = 0;
        while (i < sizeof members / sizeof *members && strcmp(members[i].name, name) != 0)
            i++;
        if (i == sizeof members / sizeof *members || !json_is_string(value))
            return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX,
                             "entry %zu: \"%.40s\" is no text of an entry", number, name);
        *members[i].member = json_string_value(value);
    }
    if (!w.reason)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "entry %zu: an entry needs a reason",
                         number);
    return add_entry(list, &w, path, number, error);
}

static fps_status read_json(fps_suppressions *list, const char *path, fps__span text, fps_error *error)
{
    json_error_t reason;
    json_t *value = fps__json_load(text, JSON_REJECT_DUPLICATES, &reason);
    const json_t *entries = json_object_get(value, "ignore");
    fps_status status = FPS_OK;
    if (!value && fps__json_no_memory(&reason))
        status = fps__fail_memory(error);
    else if (!value)
        status =
            fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "line %d: %s", reason.line, reason.text);
    else if (!json_is_array(entries))
        status = fps__fail(
            error, FPS_ERROR_FORMAT, path, UINT64_MAX,
            "an ignore file has a list \"ignore\", a baseline a first line with \"fpscanBaseline\", as fpscan baseline write writes it");
    for (size_t i = 0; i < json_array_size(entries) && !status; i++)
        status = read_entry(list, json_array_get(entries, i), path, i + 1, error);
    json_decref(value);
    return status;
}

fps_status fps__ignore_read(fps_suppressions *list, const char *path, fps__span text, fps_error *error)
{
    fps__span trimmed = fps__span_trim(text), line;
    fps_status status = FPS_OK;
    if (trimmed.size && trimmed.data[0] == '{')
        return read_json(list, path, text, error);
    size_t number = 1;
    for (size_t at = 0; !status && fps__line_next(text, &at, &line); number++)
        status = read_line(list, line, path, number, error);
    return status;
}
