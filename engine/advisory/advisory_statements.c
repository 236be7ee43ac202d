/* What the user says of findings: which statements are about which findings, and ignore files. */
#include "advisory/advisory_state.h"

#include "util/error.h"
#include "util/lines.h"

#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REASON = 512 };

/* ---- what a statement is about ---- */

static bool has_name(const fps__group *group, const char *name)
{
    bool found = !strcmp(group->id, name);
    for (size_t i = 0; i < group->names.count && !found; i++)
        found = !strcmp(group->names.items[i], name);
    return found;
}

/* Two package URLs name the same package when their types and names do, and the versions where both have one. The release of a
 * distribution is not compared: statements leave it out. */
static bool same_package(const char *wanted, const char *purl, const char *version)
{
    fps__subject first, second;
    char wanted_version[FPS__MAX_KEY_VERSION], own_version[FPS__MAX_KEY_VERSION];
    if (!fps__subject_of_purl(&first, wanted, wanted_version) ||
        !fps__subject_of_purl(&second, purl, own_version))
        return false;
    first.space[strcspn(first.space, "@")] = '\0';
    second.space[strcspn(second.space, "@")] = '\0';
    const char *own = *own_version ? own_version : version;
    return !strcmp(first.space, second.space) && !strcmp(first.name, second.name) &&
           (!*wanted_version || !strcmp(wanted_version, own));
}

static bool same_product(const char *wanted, const char *cpe)
{
    fps__subject first, second;
    return fps__subject_of_cpe(&first, wanted, NULL, NULL) && fps__subject_of_cpe(&second, cpe, NULL, NULL) &&
           !strcmp(first.name, second.name);
}

static bool is_about_product(const fps__matching *now, const fps__found *found, const char *product)
{
    if (found->component != FPS__NO_INDEX) {
        const fps_component *component = &now->result->components.items[found->component];
        const char *version =
            component->version->kind == FPS_VERSION_EXACT ? component->version->version : "";
        return !strcmp(component->id, product) || same_package(product, component->purl, version) ||
               same_product(product, component->cpe);
    }
    for (size_t i = 0; i < found->packages.count; i++) {
        const fps_package *package = &now->result->packages.items[found->packages.items[i]];
        if (same_package(product, package->purl, package->version) || !strcmp(product, package->name))
            return true;
    }
    return false;
}

static bool is_at(const fps__matching *now, const fps__found *found, const char *pattern)
{
    for (size_t i = 0; i < found->files.count; i++)
        if (!fnmatch(pattern, now->result->files.items[found->files.items[i]].path, 0))
            return true;
    for (size_t i = 0; i < found->packages.count; i++)
        if (!fnmatch(pattern, now->result->packages.items[found->packages.items[i]].location, 0))
            return true;
    return false;
}

fps_status fps__apply_statement(fps__matching *now, const fps__statement *statement, fps_error *error)
{
    for (size_t i = 0; i < now->found.count; i++) {
        fps__found *found = &now->found.items[i];
        bool by_user = found->suppression == FPS_SUPPRESSED_NOT || found->suppression == statement->kind;
        if (!by_user || !has_name(&now->groups.items[found->group], statement->name) ||
            (statement->product && !is_about_product(now, found, statement->product)) ||
            (statement->pattern && !is_at(now, found, statement->pattern)))
            continue;
        char text[MAX_REASON];
        snprintf(text, sizeof text, "%.300s (%.180s)", statement->reason, statement->path);
        found->suppression = statement->suppresses ? statement->kind : FPS_SUPPRESSED_NOT;
        found->suppressed_by = statement->suppresses ? fps__arena_string(&now->scratch, text) : NULL;
        if (statement->suppresses && !found->suppressed_by)
            return fps__fail_memory(error);
    }
    return FPS_OK;
}

/* ---- ignore files ---- */

/* True from the day after the date on. */
static bool is_over(const fps__matching *now, const char *date)
{
    enum { DAY = 24 * 60 * 60 };
    int64_t end = fps__date_seconds(date);
    return end >= 0 && now->options->now && now->options->now >= end + DAY;
}

/* "CVE-2024-1 exp:2026-12-31 # why" */
static fps_status apply_line(fps__matching *now, fps__span line, const char *path, fps_error *error)
{
    char name[FPS__MAX_ADVISORY_NAME], reason[MAX_REASON] = "ignored";
    fps__span word, rest = line, comment = {NULL, 0};
    const uint8_t *mark = line.size ? memchr(line.data, '#', line.size) : NULL;
    if (mark) {
        comment = fps__span_trim((fps__span){mark + 1, line.size - (size_t)(mark + 1 - line.data)});
        rest.size = (size_t)(mark - line.data);
    }
    rest = fps__span_trim(rest);
    if (!fps__span_cut(&rest, " \t", &word) || !word.size || word.size >= sizeof name)
        return FPS_OK;
    memcpy(name, word.data, word.size);
    name[word.size] = '\0';
    while (fps__span_cut(&rest, " \t", &word)) {
        char date[16] = "";
        if (!fps__span_starts(word, "exp:"))
            continue;
        size_t size = word.size - 4 < sizeof date - 1 ? word.size - 4 : sizeof date - 1;
        memcpy(date, word.data + 4, size);
        if (fps__date_seconds(date) < 0)
            return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "%s: \"%s\" is no date", name, date);
        if (is_over(now, date))
            return FPS_OK;
    }
    if (comment.size)
        snprintf(reason, sizeof reason, "%.*s", (int)(comment.size < 300 ? comment.size : 300),
                 (const char *)comment.data);
    const fps__statement statement = {
        .name = name, .suppresses = true, .kind = FPS_SUPPRESSED_IGNORED, .reason = reason, .path = path};
    return fps__apply_statement(now, &statement, error);
}

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* {"ignore": [{"id": "CVE-2024-1", "reason": "...", "expires": "2026-12-31", "product": "pkg:...", "path": "/opt/..."}]} */
static fps_status apply_entry(fps__matching *now, const json_t *entry, const char *path, fps_error *error)
{
    const char *expires = member(entry, "expires");
    const fps__statement statement = {.name = member(entry, "id"),
                                      .product = member(entry, "product"),
                                      .pattern = member(entry, "path"),
                                      .suppresses = true,
                                      .kind = FPS_SUPPRESSED_IGNORED,
                                      .reason = member(entry, "reason"),
                                      .path = path};
    if (!statement.name || !statement.reason)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "an entry needs an id and a reason");
    if (expires && fps__date_seconds(expires) < 0)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "%s: \"%s\" is no date", statement.name,
                         expires);
    return expires && is_over(now, expires) ? FPS_OK : fps__apply_statement(now, &statement, error);
}

static fps_status apply_entries(fps__matching *now, const fps_advisory_document *document, fps_error *error)
{
    json_error_t reason;
    json_t *value = json_loadb(document->data, document->size, JSON_REJECT_DUPLICATES, &reason);
    const json_t *list = json_object_get(value, "ignore");
    fps_status status = FPS_OK;
    if (!value)
        status = fps__fail(error, FPS_ERROR_CORRUPT, document->path, UINT64_MAX, "line %d: %s", reason.line,
                           reason.text);
    else if (!json_is_array(list))
        status = fps__fail(error, FPS_ERROR_FORMAT, document->path, UINT64_MAX,
                           "an ignore file has a list \"ignore\"");
    for (size_t i = 0; i < json_array_size(list) && !status; i++)
        status = apply_entry(now, json_array_get(list, i), document->path, error);
    json_decref(value);
    return status;
}

fps_status fps__apply_ignore(fps__matching *now, const fps_advisory_document *document, fps_error *error)
{
    const fps__span bytes = {document->data, document->size};
    fps__span text = fps__span_trim(bytes), line;
    if (text.size && text.data[0] == '{')
        return apply_entries(now, document, error);
    fps_status status = FPS_OK;
    for (size_t at = 0; !status && fps__line_next(bytes, &at, &line);)
        status = apply_line(now, line, document->path, error);
    return status;
}

fps_status fps__apply_statements(fps__matching *now, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < now->options->vex_count && !status; i++)
        status = fps__apply_vex(now, &now->options->vex[i], error);
    for (size_t i = 0; i < now->options->ignore_count && !status; i++)
        status = fps__apply_ignore(now, &now->options->ignore[i], error);
    return status;
}
