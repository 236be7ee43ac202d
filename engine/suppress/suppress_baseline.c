/* Baselines: what a result had, as lines of JSON, and what of it another one still has.
 *
 *   {"fpscanBaseline": 1, "target": "app.tar", "components": 2, "packages": 90, "vulnerabilities": 12, "drift": 1}
 *   {"kind": "components", "name": "zlib", "value": "1.2.11", "path": "/usr/lib/libz.so.1"}
 */
#include "suppress/suppress_state.h"

#include "report/json_writer.h"
#include "result/result_reader.h"
#include "util/error.h"
#include "util/json_document.h"
#include "util/lines.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, SECTIONS = FPS_COMPARE_CODE, STEPS = 3, MAX_LINE = 1 << 16 };

/* The fields in which a thing must agree with one of a baseline, step by step; 0: no step. A file that has not changed is old, also
 * where another signature set says something else of it. */
static const unsigned steps[SECTIONS][STEPS] = {
    [FPS_COMPARE_COMPONENTS] = {FPS__KEY | FPS__VALUE | FPS__PLACE, FPS__KEY | FPS__VALUE,
                                FPS__KEY | FPS__PLACE | FPS__DIGEST},
    [FPS_COMPARE_PACKAGES] = {FPS__KEY | FPS__VALUE | FPS__PLACE, FPS__KEY | FPS__VALUE},
    [FPS_COMPARE_DRIFT] = {FPS__KEY | FPS__VALUE | FPS__PLACE, FPS__KEY | FPS__VALUE | FPS__CONTENT,
                           FPS__KEY | FPS__PLACE | FPS__DIGEST},
};

/* ---- writing ---- */

static void write_item(fps__output *out, unsigned section, const fps__item *item)
{
    fps__json json = {.out = out};
    fps__json_line(&json, NULL);
    fps__json_text(&json, "kind", fps__section_name(section));
    fps__json_text(&json, "name", item->key);
    fps__json_text(&json, "value", item->value);
    if (*item->content)
        fps__json_text(&json, "content", item->content);
    else if (*item->digest)
        fps__json_text(&json, "digest", item->digest);
    fps__json_text(&json, "path", item->place);
    fps__json_end(&json);
}

static void write_head(fps__output *out, const fps_result *result, const fps__items *items)
{
    fps__json json = {.out = out};
    const char *target = fps_result_get_info(result)->target;
    fps__json_line(&json, NULL);
    fps__json_number(&json, "fpscanBaseline", VERSION);
    fps__json_text(&json, "target", target ? target : "");
    for (unsigned section = 0; section < SECTIONS; section++)
        fps__json_number(&json, fps__section_name(section), items[section].count);
    fps__json_end(&json);
}

fps_status fps_baseline_write(const fps_result *result, const fps_report_options *options,
                              fps_write_callback write, void *user, fps_error *error)
{
    fps_comparison now = {.with_old = true};
    fps__items items[SECTIONS] = {{NULL, 0, 0}};
    fps__output out;
    fps_status status = FPS_OK;
    fps__comparison_start(&now, result, result, options);
    for (unsigned section = 0; section < SECTIONS && !status; section++) {
        status = fps__items_of(&now, FPS__AFTER, (fps_compare_section)section, &items[section], error);
        fps__items_sort(&items[section]);
    }
    if (!status) {
        fps__output_start(&out, write, user);
        write_head(&out, result, items);
        for (unsigned section = 0; section < SECTIONS; section++)
            for (size_t i = 0; i < items[section].count; i++)
                write_item(&out, section, &items[section].items[i]);
        status = fps__output_finish(&out, error);
    }
    for (unsigned section = 0; section < SECTIONS; section++)
        free(items[section].items);
    fps__comparison_stop(&now);
    return status;
}

/* ---- reading ---- */

bool fps__is_baseline(fps__span text)
{
    static const char key[] = "\"fpscanBaseline\"";
    enum { HEAD = 64 };
    return text.size > sizeof key && text.data[0] == '{' &&
           memmem(text.data, text.size < HEAD ? text.size : HEAD, key, sizeof key - 1) != NULL;
}

static fps_status add_name(fps_suppressions *list, const char *name, uint32_t *index, fps_error *error)
{
    *index = (uint32_t)list->names.count;
    if (FPS__ARRAY_PUSH(&list->names, &name, FPS__MAX_ENTRIES))
        return fps__fail(error, FPS_ERROR_LIMIT, name, UINT64_MAX, "more than %d baselines",
                         FPS__MAX_ENTRIES);
    return FPS_OK;
}

/* A text of a line, in the arena; NULL, and *fault is set, where it is none. */
static const char *text_of(fps_suppressions *list, const json_t *line, const char *key, bool optional,
                           const char **fault)
{
    const json_t *value = json_object_get(line, key);
    if (optional && !value)
        return "";
    if (!json_is_string(value)) {
        *fault = "a line has the texts kind, name, value and path";
        return NULL;
    }
    return fps__reader_unescaped(&list->arena, json_string_value(value), json_string_length(value));
}

static fps_status read_item(fps_suppressions *list, const json_t *line, uint32_t source, size_t number,
                            fps_error *error)
{
    const char *kind = json_string_value(json_object_get(line, "kind")), *fault = NULL;
    unsigned section = 0;
    while (section < SECTIONS && (!kind || strcmp(kind, fps__section_name(section)) != 0))
        section++;
    fps__item item = {.layer = source, .mate = UINT32_MAX};
    if (section == SECTIONS)
        fault = "a kind is components, packages, vulnerabilities or drift";
    else {
        item.key = text_of(list, line, "name", false, &fault);
        item.value = text_of(list, line, "value", false, &fault);
        item.content = text_of(list, line, "content", true, &fault);
        item.digest = text_of(list, line, "digest", true, &fault);
        item.place = text_of(list, line, "path", false, &fault);
    }
    if (fault)
        return fps__fail(error, FPS_ERROR_CORRUPT, list->names.items[source], UINT64_MAX, "line %zu: %s",
                         number, fault);
    if (!item.key || !item.value || !item.content || !item.digest || !item.place)
        return fps__fail_memory(error);
    fps_status status = FPS__ARRAY_PUSH(&list->baseline[section], &item, FPS__MAX_BASELINE);
    return status == FPS_ERROR_LIMIT ? fps__fail(error, status, list->names.items[source], UINT64_MAX,
                                                 "more than %d lines", FPS__MAX_BASELINE)
           : status                  ? fps__fail_memory(error)
                                     : FPS_OK;
}

static fps_status read_line(fps_suppressions *list, fps__span line, uint32_t source, size_t number,
                            fps_error *error)
{
    const char *name = list->names.items[source];
    json_error_t reason;
    if (line.size > MAX_LINE)
        return fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "line %zu: it is too long", number);
    json_t *value = fps__json_load(line, JSON_REJECT_DUPLICATES, &reason);
    const json_t *version = json_object_get(value, "fpscanBaseline");
    fps_status status = FPS_OK;
    if (!value && fps__json_no_memory(&reason))
        status = fps__fail_memory(error);
    else if (!json_is_object(value))
        status = fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "line %zu: %s", number,
                           value ? "is no object" : reason.text);
    else if (number > 1)
        status = read_item(list, value, source, number, error);
    else if (!json_is_integer(version) || json_integer_value(version) < 1)
        status = fps__fail(error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "line 1: fpscanBaseline is no number");
    else if (json_integer_value(version) != VERSION)
        status = fps__fail(error, FPS_ERROR_VERSION, name, UINT64_MAX,
                           "a baseline of version %lld; this program reads %d",
                           (long long)json_integer_value(version), VERSION);
    json_decref(value);
    return status;
}

fps_status fps__baseline_read(fps_suppressions *list, const char *path, fps__span text, fps_error *error)
{
    fps__span line;
    uint32_t source;
    size_t number = 1;
    fps_status status = add_name(list, path, &source, error);
    for (size_t at = 0; !status && fps__line_next(text, &at, &line); number++)
        if (fps__span_trim(line).size)
            status = read_line(list, line, source, number, error);
    return status;
}

static const char *keep(fps_suppressions *list, const char *text)
{
    return fps__arena_string(&list->arena, text);
}

fps_status fps_suppressions_add_result(fps_suppressions *suppressions, const char *name,
                                       const fps_result *result, const fps_report_options *options,
                                       fps_error *error)
{
    fps_comparison now = {.with_old = true};
    uint32_t source = 0;
    const char *copy = keep(suppressions, name);
    fps_status status = copy ? add_name(suppressions, copy, &source, error) : fps__fail_memory(error);
    fps__comparison_start(&now, result, result, options);
    for (unsigned section = 0; section < SECTIONS && !status; section++) {
        fps__items items = {NULL, 0, 0};
        status = fps__items_of(&now, FPS__AFTER, (fps_compare_section)section, &items, error);
        for (size_t i = 0; i < items.count && !status; i++) {
            const fps__item *from = &items.items[i];
            const fps__item item = {.key = keep(suppressions, from->key),
                                    .value = keep(suppressions, from->value),
                                    .content = keep(suppressions, from->content),
                                    .digest = keep(suppressions, from->digest),
                                    .place = keep(suppressions, from->place),
                                    .layer = source,
                                    .mate = UINT32_MAX};
            if (!item.key || !item.value || !item.content || !item.digest || !item.place ||
                FPS__ARRAY_PUSH(&suppressions->baseline[section], &item, FPS__MAX_BASELINE))
                status = fps__fail_memory(error);
        }
        free(items.items);
    }
    fps__comparison_stop(&now);
    return status;
}

/* ---- applying ---- */

static fps_status mark(const fps_suppressions *list, fps_result *result, unsigned section,
                       const fps__item *item, uint32_t source, fps_error *error)
{
    const fps_suppressed *why =
        fps__suppressed_copy(result, "it was there before", list->names.items[source], true);
    const fps_suppressed **place =
        section == FPS_COMPARE_COMPONENTS ? &result->findings.items[item->index].suppressed
        : section == FPS_COMPARE_PACKAGES ? &result->packages.items[item->index].suppressed
        : section == FPS_COMPARE_DRIFT    ? &result->drift[item->index].suppressed
                                          : NULL;
    if (!why)
        return fps__fail_memory(error);
    if (!place)
        return fps__suppress_vulnerability(result, &result->vulnerabilities.items[item->index], why, error);
    if (!*place)
        *place = why;
    return FPS_OK;
}

/* A thing of a baseline excuses all things of its name: vulnerabilities. */
static void join_names(const fps__items *known, fps__items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        size_t place;
        FPS__LOWER_BOUND(place, known->count, at, strcmp(known->items[at].key, items->items[i].key) < 0);
        if (place < known->count && !strcmp(known->items[place].key, items->items[i].key))
            items->items[i].mate = (uint32_t)place;
    }
}

/* One thing of a baseline excuses one thing of the result, but all vulnerabilities of its name. */
static fps_status apply_section(const fps_suppressions *list, fps_comparison *now, fps_result *result,
                                unsigned section, fps_error *error)
{
    const fps__items *from = &list->baseline[section];
    fps__items items = {NULL, 0, 0},
               known = {fps__arena_copy(&now->arena, from->items, from->count, sizeof *from->items),
                        from->count, 0};
    fps_status status = known.items || !from->count ? FPS_OK : fps__fail_memory(error);
    if (!status)
        status = fps__items_of(now, FPS__AFTER, (fps_compare_section)section, &items, error);
    bool by_name = section == FPS_COMPARE_VULNERABILITIES;
    if (by_name && !status) {
        fps__items_sort(&known);
        join_names(&known, &items);
    }
    for (size_t step = 0; step < STEPS && !by_name && !status; step++)
        if (steps[section][step])
            status = fps__items_join(&known, &items, steps[section][step], error);
    for (size_t i = 0; i < items.count && !status; i++)
        if (items.items[i].mate != UINT32_MAX)
            status =
                mark(list, result, section, &items.items[i], known.items[items.items[i].mate].layer, error);
    free(items.items);
    return status;
}

fps_status fps__baseline_apply(const fps_suppressions *list, fps_result *result, fps_error *error)
{
    const fps_report_options options = {.states = UINT32_MAX, .all_layers = true, .timestamp = -1};
    fps_comparison now = {.note_count = 0};
    fps_status status = FPS_OK;
    if (!list->names.count)
        return FPS_OK;
    fps__comparison_start(&now, result, result, &options);
    for (unsigned section = 0; section < SECTIONS && !status; section++)
        status = apply_section(list, &now, result, section, error);
    fps__comparison_stop(&now);
    result->info.has_baseline = !status;
    return status;
}
