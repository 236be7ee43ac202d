/* Compares two results section by section. */
#include "compare/compare_state.h"
#include "util/error.h"
#include "util/search.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- shared by the parts ---- */

const char *fps__section_name(unsigned section)
{
    static const char *const names[FPS_COMPARE_SECTIONS] = {"components", "packages", "vulnerabilities",
                                                            "drift", "code"};
    return section < FPS_COMPARE_SECTIONS ? names[section] : "";
}

const char *fps__change_name(fps_change_kind kind)
{
    static const char *const names[] = {"added", "removed", "changed"};
    return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "";
}

fps__view fps__compare_view(const fps_comparison *comparison, unsigned side)
{
    return (fps__view){
        .result = comparison->sides[side], .options = &comparison->options, .states = comparison->states};
}

const char *fps__compare_text(fps_comparison *comparison, const char *format, ...)
{
    char text[FPS__COMPARE_TEXT];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : fps__arena_string(&comparison->arena, text);
}

fps_status fps__compare_note(fps_comparison *comparison, const char *note)
{
    if (!note)
        return FPS_ERROR_MEMORY;
    if (comparison->note_count < FPS__MAX_NOTES)
        comparison->notes[comparison->note_count++] = note;
    return FPS_OK;
}

/* ---- changes ---- */

static int compare_texts(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_names(const fps_change *a, const fps_change *b)
{
    int order = strcmp(a->name, b->name);
    order = order ? order : FPS__COMPARE(a->kind, b->kind);
    order = order ? order : compare_texts(a->before, b->before);
    return order ? order : compare_texts(a->after, b->after);
}

static int compare_changes(const void *left, const void *right)
{
    const fps_change *a = left, *b = right;
    int order = FPS__COMPARE(a->section, b->section);
    if (!order) /* vulnerabilities: the worst first */
        order = FPS__COMPARE(b->severity, a->severity);
    order = order ? order : compare_names(a, b);
    order = order ? order : compare_texts(a->places->path_after, b->places->path_after);
    order = order ? order : compare_texts(a->places->path_before, b->places->path_before);
    order = order ? order : FPS__COMPARE(a->places->layer_after, b->places->layer_after);
    return order ? order : FPS__COMPARE(a->places->layer_before, b->places->layer_before);
}

/* Adds what happened to a thing; `before` or `after` is NULL where it is not. */
static fps_status add_change(fps_comparison *now, fps_compare_section section, const fps__item *before,
                             const fps__item *after, fps_error *error)
{
    const fps__item *any = after ? after : before;
    fps_change_place *place = fps__arena_alloc(&now->arena, sizeof *place);
    if (!place)
        return fps__fail_memory(error);
    *place = (fps_change_place){before ? before->place : NULL, after ? after->place : NULL,
                                before ? before->layer : UINT32_MAX, after ? after->layer : UINT32_MAX};
    const fps_change change = {
        .section = section,
        .kind = !before  ? FPS_CHANGE_ADDED
                : !after ? FPS_CHANGE_REMOVED
                         : FPS_CHANGE_CHANGED,
        .name = section == FPS_COMPARE_CODE ? any->place : any->name,
        .before = before ? before->shown : NULL,
        .after = after ? after->shown : NULL,
        .severity = any->severity,
        .bytes_before = before ? before->bytes : 0,
        .bytes_after = after ? after->bytes : 0,
        .places = place,
        .place_count = 1,
    };
    fps_change_counts *counts = &now->counts[section];
    *(before ? after ? &counts->changed : &counts->removed : &counts->added) += 1;
    return FPS__ARRAY_PUSH(&now->changes, &change, FPS__MAX_CHANGES) ? fps__fail_memory(error) : FPS_OK;
}

/* The layers of one side stand behind those of the other. */
static fps__layer_bytes *layer_of(fps_comparison *now, unsigned side, uint32_t layer)
{
    size_t first = side == FPS__BEFORE ? 0 : fps_result_layer_count(now->sides[FPS__BEFORE]);
    return layer < fps_result_layer_count(now->sides[side]) ? &now->layers.items[first + layer] : NULL;
}

static fps_status make_layers(fps_comparison *now, fps_error *error)
{
    for (unsigned side = 0; side < FPS__SIDES; side++)
        for (size_t i = 0; i < fps_result_layer_count(now->sides[side]); i++) {
            const fps__layer_bytes layer = {.side = side, .layer = (uint32_t)i};
            if (FPS__ARRAY_PUSH(&now->layers, &layer, FPS__MAX_CHANGES))
                return fps__fail_memory(error);
        }
    return FPS_OK;
}

/* Sums the executable bytes of changed files, in all and by layer. */
static void sum_code(fps_comparison *now, const fps__item *before, const fps__item *after)
{
    const fps__item *items[FPS__SIDES] = {before, after};
    fps_change_kind kind = !before ? FPS_CHANGE_ADDED : !after ? FPS_CHANGE_REMOVED : FPS_CHANGE_CHANGED;
    for (unsigned side = 0; side < FPS__SIDES; side++) {
        fps__layer_bytes *layer = items[side] ? layer_of(now, side, items[side]->layer) : NULL;
        if (items[side])
            now->code[side][kind] += items[side]->bytes;
        if (layer)
            *(kind == FPS_CHANGE_ADDED     ? &layer->added
              : kind == FPS_CHANGE_REMOVED ? &layer->removed
                                           : &layer->changed) += items[side]->bytes;
    }
}

static fps_status add_changes(fps_comparison *now, fps_compare_section section, const fps__items *before,
                              const fps__items *after, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < before->count && !status; i++) {
        const fps__item *old = &before->items[i],
                        *new = old->mate == UINT32_MAX ? NULL : &after->items[old->mate];
        if (new && !strcmp(old->value, new->value)) {
            now->counts[section].same++;
            continue;
        }
        if (section == FPS_COMPARE_CODE)
            sum_code(now, old, new);
        status = add_change(now, section, old, new, error);
    }
    for (size_t i = 0; i < after->count && !status; i++) {
        if (after->items[i].mate != UINT32_MAX)
            continue;
        if (section == FPS_COMPARE_CODE)
            sum_code(now, NULL, &after->items[i]);
        status = add_change(now, section, NULL, &after->items[i], error);
    }
    return status;
}

/* Components and packages that changed in the same way at several places become one change with these places. */
static fps_status group_changes(fps_comparison *now, fps_error *error)
{
    fps_change *changes = now->changes.items;
    size_t count = now->changes.count, written = 0;
    if (count)
        qsort(changes, count, sizeof *changes, compare_changes);
    for (size_t first = 0, next; first < count; first = next) {
        bool groups = changes[first].section <= FPS_COMPARE_PACKAGES;
        for (next = first + 1; groups && next < count && changes[next].section == changes[first].section &&
                               !compare_names(&changes[first], &changes[next]);)
            next++;
        fps_change_place *places = fps__arena_array(&now->arena, next - first, sizeof *places);
        if (!places)
            return fps__fail_memory(error);
        for (size_t i = first; i < next; i++)
            places[i - first] = *changes[i].places;
        changes[written] = changes[first];
        changes[written].places = places;
        changes[written++].place_count = next - first;
    }
    now->changes.count = written;
    return FPS_OK;
}

/* ---- what cannot be compared ---- */

/* A bill lists packages and components, no files. */
static bool is_bill(const fps_result *result)
{
    const char *type = fps_result_get_info(result)->target_type;
    return type && !strcmp(type, "bill");
}

static size_t count_partial(const fps_result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        count += fps_result_diagnostic(result, i)->level == FPS_DIAGNOSTIC_PARTIAL;
    return count;
}

static bool same_sets(const fps_result_info *a, const fps_result_info *b)
{
    bool same = a->database_count == b->database_count;
    for (size_t i = 0; i < a->database_count && same; i++)
        same = !memcmp(a->databases[i].digest, b->databases[i].digest, sizeof a->databases[i].digest);
    return same;
}

/* The sides that lack something in words; NULL for none. */
static const char *lacking(bool before, bool after, const char *const *sides)
{
    return before ? after ? NULL : sides[1] : after ? sides[0] : sides[2];
}

static bool same_advisories(const fps_result_info *a, const fps_result_info *b)
{
    bool same = a->vulnerability_source_count == b->vulnerability_source_count;
    for (size_t i = 0; i < a->vulnerability_source_count && same; i++)
        same = !strcmp(a->vulnerability_sources[i].name, b->vulnerability_sources[i].name) &&
               !strcmp(a->vulnerability_sources[i].date, b->vulnerability_sources[i].date);
    return same;
}

static fps_status add_notes(fps_comparison *now, fps_error *error)
{
    static const char *const sides[] = {"before", "after", "before and after"};
    const fps_result_info *infos[FPS__SIDES] = {fps_result_get_info(now->sides[FPS__BEFORE]),
                                                fps_result_get_info(now->sides[FPS__AFTER])};
    fps_status status = FPS_OK;
    const char *unchecked =
        lacking(infos[0]->vulnerabilities_checked, infos[1]->vulnerabilities_checked, sides);
    const char *unknown = lacking(infos[0]->packages_known, infos[1]->packages_known, sides);
    if (unchecked)
        status = fps__compare_note(
            now,
            fps__compare_text(now, "vulnerabilities are not compared: none were looked up %s", unchecked));
    if (unknown && !status)
        status = fps__compare_note(
            now,
            fps__compare_text(now, "drift is not compared: no package database says which files there are %s",
                              unknown));
    for (unsigned side = 0; side < FPS__SIDES && !status; side++) {
        size_t partial = count_partial(now->sides[side]);
        if (partial)
            status =
                fps__compare_note(now, fps__compare_text(now, "%zu %s could not be looked at %s", partial,
                                                         partial == 1 ? "place" : "places", sides[side]));
    }
    if (!status && infos[0]->packages_known && infos[1]->packages_known &&
        infos[0]->digests_compared != infos[1]->digests_compared)
        status = fps__compare_note(now, "digests with manifests were compared on one side alone");
    if (!status && infos[0]->database_count && infos[1]->database_count && !same_sets(infos[0], infos[1]))
        status = fps__compare_note(now, "the two scans used other signature sets: a change may be theirs");
    if (!status && infos[0]->vulnerabilities_checked && infos[1]->vulnerabilities_checked &&
        !same_advisories(infos[0], infos[1]))
        status = fps__compare_note(
            now, "the two sides used other advisories: a vulnerability may be new to them alone");
    if (!status && (is_bill(now->sides[FPS__BEFORE]) || is_bill(now->sides[FPS__AFTER])))
        status = fps__compare_note(
            now, "code is not compared: a bill of materials lists no code, and what a package "
                 "explains it lists as the package alone");
    else if (!status && !now->digests)
        status = fps__compare_note(now, "one side has no digests: contents were compared by their sizes");
    return status ? fps__fail_memory(error) : FPS_OK;
}

static bool can_compare(const fps_comparison *now, fps_compare_section section)
{
    const fps_result_info *before = fps_result_get_info(now->sides[FPS__BEFORE]),
                          *after = fps_result_get_info(now->sides[FPS__AFTER]);
    if (section == FPS_COMPARE_VULNERABILITIES)
        return before->vulnerabilities_checked && after->vulnerabilities_checked;
    if (section == FPS_COMPARE_CODE)
        return !is_bill(now->sides[FPS__BEFORE]) && !is_bill(now->sides[FPS__AFTER]);
    return section != FPS_COMPARE_DRIFT || (before->packages_known && after->packages_known);
}

static bool has_digests(const fps_result *result)
{
    for (size_t i = 0; i < fps_result_file_count(result); i++)
        if (fps_result_file(result, i)->sha1)
            return true;
    return !fps_result_file_count(result);
}

/* ---- the comparison ---- */

static fps_status compare_section(fps_comparison *now, fps_compare_section section, fps_error *error)
{
    fps__items before = {NULL, 0, 0}, after = {NULL, 0, 0};
    /* A file at another path with other bytes is another file, and so is drift in it. */
    bool rest = section == FPS_COMPARE_COMPONENTS || section == FPS_COMPARE_PACKAGES ||
                section == FPS_COMPARE_VULNERABILITIES;
    fps_status status = FPS_OK;
    now->counts[section].compared = can_compare(now, section);
    if (!now->counts[section].compared)
        return FPS_OK;
    status = fps__items_of(now, FPS__BEFORE, section, &before, error);
    if (!status)
        status = fps__items_of(now, FPS__AFTER, section, &after, error);
    rest |= before.count == 1 && after.count == 1; /* two programs of different names */
    if (!status)
        status = fps__items_pair(&before, &after, rest, error);
    if (!status)
        status = add_changes(now, section, &before, &after, error);
    free(before.items);
    free(after.items);
    return status;
}

void fps__comparison_start(fps_comparison *comparison, const fps_result *before, const fps_result *after,
                           const fps_report_options *options)
{
    static const fps_report_options defaults = {.timestamp = -1};
    comparison->sides[FPS__BEFORE] = before;
    comparison->sides[FPS__AFTER] = after;
    comparison->options = options ? *options : defaults;
    comparison->states = comparison->options.states ? comparison->options.states
                                                    : 1u << FPS_STATE_PRESENT | 1u << FPS_STATE_LIKELY;
    comparison->digests = has_digests(before) && has_digests(after);
}

void fps__comparison_stop(fps_comparison *comparison)
{
    free(comparison->changes.items);
    free(comparison->layers.items);
    free(comparison->function_components.items);
    free(comparison->function_changes.items);
    fps__arena_free(&comparison->arena);
}

fps_status fps_compare(fps_comparison **comparison, const fps_result *before, const fps_result *after,
                       const fps_report_options *options, fps_error *error)
{
    fps_comparison *now = calloc(1, sizeof *now);
    *comparison = NULL;
    if (!now)
        return fps__fail_memory(error);
    fps__comparison_start(now, before, after, options);
    fps_status status = make_layers(now, error);
    for (unsigned section = 0; section < FPS_COMPARE_SECTIONS && !status; section++)
        status = compare_section(now, (fps_compare_section)section, error);
    if (!status)
        status = group_changes(now, error);
    if (!status)
        status = add_notes(now, error);
    if (status)
        fps_comparison_free(now);
    else
        *comparison = now;
    return status;
}

void fps_comparison_free(fps_comparison *comparison)
{
    if (!comparison)
        return;
    fps__comparison_stop(comparison);
    free(comparison);
}

size_t fps_comparison_change_count(const fps_comparison *comparison)
{
    return comparison->changes.count;
}

const fps_change *fps_comparison_change(const fps_comparison *comparison, size_t index)
{
    return index < comparison->changes.count ? &comparison->changes.items[index] : NULL;
}

fps_change_counts fps_comparison_counts(const fps_comparison *comparison, fps_compare_section section)
{
    static const fps_change_counts none;
    return (unsigned)section < FPS_COMPARE_SECTIONS ? comparison->counts[section] : none;
}
