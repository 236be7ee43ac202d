/* Compares the functions of two programs by the keys of their code. */
#include "code/functions.h"
#include "compare/compare_state.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

typedef struct function {
    uint64_t hash, offset, address;
    uint32_t size, instructions;
    const char *name, *component; /* "" when unknown */
    bool same, moved;
    uint32_t mate;
} function;

typedef struct function_list {
    fps_object *object;
    fps__arena arena;
    FPS__ARRAY(function) list;
} function_list;

/* ---- reading ---- */

static const char *text_of(fps_comparison *now, const char *text)
{
    return text && *text ? fps__arena_string(&now->arena, text) : "";
}

/* Functions with their keys. Where the end of a function is a guess, several stand at one start: the longest is taken. */
static fps_status read_functions(fps_comparison *now, function_list *f, const void *data, size_t size,
                                 fps_error *error)
{
    fps__functions found;
    fps__code_buffer buffer = {0};
    fps_status status = fps_object_open(&f->object, data, size, NULL, error);
    const fps__machine *machine = status ? NULL : fps__machine_find(fps_object_get_info(f->object));
    if (!status && !machine)
        status =
            fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "code of this machine is not read");
    if (!status)
        status = fps__functions_find(f->object, data, size, NULL, &f->arena, &found, error);
    for (size_t i = 0; !status && i < found.count; i++) {
        const fps__function *item = &found.items[i];
        const fps__code code = fps__function_code(f->object, data, item);
        fps__code_result result = {0, 0, 0};
        if (i + 1 < found.count && found.items[i + 1].offset == item->offset)
            continue;
        if (machine->normalise(&code, &buffer, &result))
            status = fps__fail_memory(error);
        const function made = {.hash = result.hash,
                               .offset = item->offset,
                               .address = item->address,
                               .size = item->size,
                               .instructions = result.instructions,
                               .name = text_of(now, item->name),
                               .component = "",
                               .mate = UINT32_MAX};
        if (!status && result.instructions &&
            (!made.name || FPS__ARRAY_PUSH(&f->list, &made, FPS__MAX_CHANGES)))
            status = fps__fail_memory(error);
    }
    fps__code_buffer_free(&buffer);
    return status;
}

/* Evidence says whose a function is. Functions are ascending by offset. */
static void find_owners(fps_comparison *now, unsigned side, function_list *f)
{
    const fps_result *result = now->sides[side];
    for (size_t i = 0; i < fps_result_finding_count(result); i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        const fps_component *component = fps_result_component(result, finding->component);
        for (size_t e = 0; finding->state <= FPS_STATE_LIKELY && e < finding->evidence_count; e++) {
            const fps_evidence *evidence = &finding->evidence[e];
            size_t place;
            if (evidence->kind != FPS_EVIDENCE_FUNCTION)
                continue;
            FPS__LOWER_BOUND(place, f->list.count, at, f->list.items[at].offset < evidence->offset);
            if (place < f->list.count && f->list.items[place].offset == evidence->offset)
                f->list.items[place].component = component->id;
        }
    }
}

/* ---- pairing ---- */

static int compare_hashes(const void *left, const void *right)
{
    const function *a = *(const function *const *)left, *b = *(const function *const *)right;
    int order = FPS__COMPARE(a->hash, b->hash);
    order = order ? order : FPS__COMPARE(a->instructions, b->instructions);
    order = order ? order : strcmp(a->name, b->name);
    return order ? order : FPS__COMPARE(a->offset, b->offset);
}

static int compare_names(const void *left, const void *right)
{
    const function *a = *(const function *const *)left, *b = *(const function *const *)right;
    int order = strcmp(a->name, b->name);
    return order ? order : FPS__COMPARE(a->offset, b->offset);
}

static size_t choose(function_list *f, bool named, function **chosen,
                     int (*compare)(const void *, const void *))
{
    size_t count = 0;
    for (size_t i = 0; i < f->list.count; i++)
        if (f->list.items[i].mate == UINT32_MAX && (!named || *f->list.items[i].name))
            chosen[count++] = &f->list.items[i];
    if (count)
        qsort(chosen, count, sizeof(function *), compare);
    return count;
}

/* Pairs what has one key, the same names first where several have it; with `by_name`, what has one name. */
static void pair(function_list *before, function_list *after, bool by_name, function **left, function **right)
{
    size_t lefts = choose(before, by_name, left, by_name ? compare_names : compare_hashes),
           rights = choose(after, by_name, right, by_name ? compare_names : compare_hashes);
    for (size_t l = 0, r = 0; l < lefts && r < rights;) {
        function *a = left[l], *b = right[r];
        int order = by_name ? strcmp(a->name, b->name) : FPS__COMPARE(a->hash, b->hash);
        if (!by_name && !order)
            order = FPS__COMPARE(a->instructions, b->instructions);
        if (!order) {
            a->mate = (uint32_t)(b - after->list.items);
            b->mate = (uint32_t)(a - before->list.items);
            a->same = b->same = !by_name;
            a->moved = b->moved = a->address != b->address;
        }
        l += order <= 0;
        r += order >= 0;
    }
}

/* What stands alone between two functions that have mates, in both programs and in the same number, is the same functions with other
 * code: a patch changes code where it is. Functions are ascending by offset. */
static void pair_neighbours(function_list *before, function_list *after)
{
    function *a = before->list.items, *b = after->list.items;
    size_t count = before->list.count, next;
    for (size_t first = 0; first < count; first = next) {
        for (next = first; next < count && a[next].mate == UINT32_MAX;)
            next++;
        size_t start = first ? (size_t)a[first - 1].mate + 1 : 0,
               end = next < count ? a[next].mate : after->list.count, run = next - first;
        bool fits = run && start <= end && end - start == run;
        for (size_t i = 0; i < run && fits; i++)
            fits = b[start + i].mate == UINT32_MAX;
        for (size_t i = 0; i < run && fits; i++) {
            a[first + i].mate = (uint32_t)(start + i);
            b[start + i].mate = (uint32_t)(first + i);
        }
        next += next < count && next == first;
    }
}

static fps_status pair_all(function_list *before, function_list *after, fps_error *error)
{
    function **left = calloc(before->list.count + 1, sizeof(function *)),
             **right = calloc(after->list.count + 1, sizeof(function *));
    if (left && right) {
        pair(before, after, false, left, right);
        pair(before, after, true, left, right);
        pair_neighbours(before, after);
    }
    fps_status status = left && right ? FPS_OK : fps__fail_memory(error);
    free((void *)left);
    free((void *)right);
    return status;
}

/* ---- counting ---- */

static fps_status add_change(fps_comparison *now, const function *before, const function *after,
                             fps_error *error)
{
    const function *any = after ? after : before;
    const fps__function_change change = {
        .kind = !before  ? FPS_CHANGE_ADDED
                : !after ? FPS_CHANGE_REMOVED
                         : FPS_CHANGE_CHANGED,
        .component = *any->component ? any->component
                     : before        ? before->component
                                     : "",
        .name = any->name,
        .address_before = before ? before->address : 0,
        .address_after = after ? after->address : 0,
        .bytes_before = before ? before->size : 0,
        .bytes_after = after ? after->size : 0,
        .instructions_before = before ? before->instructions : 0,
        .instructions_after = after ? after->instructions : 0,
    };
    return FPS__ARRAY_PUSH(&now->function_changes, &change, FPS__MAX_CHANGES) ? fps__fail_memory(error)
                                                                              : FPS_OK;
}

/* The counts of a component; there are few. NULL without memory. */
static fps__function_counts *counts_of(fps_comparison *now, const char *component)
{
    for (size_t i = 0; i < now->function_components.count; i++)
        if (!strcmp(now->function_components.items[i].component, component))
            return &now->function_components.items[i];
    const fps__function_counts counts = {.component = component};
    if (FPS__ARRAY_PUSH(&now->function_components, &counts, FPS__MAX_CHANGES))
        return NULL;
    return &now->function_components.items[now->function_components.count - 1];
}

static fps_status count(fps_comparison *now, const function *before, const function *after, fps_error *error)
{
    const char *component = after && *after->component ? after->component : before ? before->component : "";
    fps__function_counts *both[2] = {&now->functions, counts_of(now, component)};
    if (!both[1])
        return fps__fail_memory(error);
    for (size_t i = 0; i < 2; i++) {
        both[i]->added += !before;
        both[i]->removed += !after;
        both[i]->same += before && after && before->same;
        both[i]->moved += before && after && before->same && before->moved;
        both[i]->changed += before && after && !before->same;
    }
    return before && after && before->same ? FPS_OK : add_change(now, before, after, error);
}

static int compare_counts(const void *left, const void *right)
{
    const fps__function_counts *a = left, *b = right;
    return strcmp(a->component, b->component);
}

static int compare_changes(const void *left, const void *right)
{
    const fps__function_change *a = left, *b = right;
    int order = strcmp(a->component, b->component);
    order = order ? order : FPS__COMPARE(a->kind, b->kind);
    order = order ? order : strcmp(a->name, b->name);
    order = order ? order : FPS__COMPARE(a->address_after, b->address_after);
    return order ? order : FPS__COMPARE(a->address_before, b->address_before);
}

static fps_status count_all(fps_comparison *now, const function_list *before, const function_list *after,
                            fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < before->list.count && !status; i++) {
        const function *old = &before->list.items[i];
        status = count(now, old, old->mate == UINT32_MAX ? NULL : &after->list.items[old->mate], error);
    }
    for (size_t i = 0; i < after->list.count && !status; i++)
        if (after->list.items[i].mate == UINT32_MAX)
            status = count(now, NULL, &after->list.items[i], error);
    if (now->function_components.count)
        qsort(now->function_components.items, now->function_components.count,
              sizeof *now->function_components.items, compare_counts);
    if (now->function_changes.count)
        qsort(now->function_changes.items, now->function_changes.count, sizeof *now->function_changes.items,
              compare_changes);
    return status;
}

fps_status fps_comparison_add_functions(fps_comparison *comparison, const void *old_data, size_t old_size,
                                        const void *new_data, size_t new_size, fps_error *error)
{
    function_list before = {.object = NULL}, after = {.object = NULL};
    fps_status status = read_functions(comparison, &before, old_data, old_size, error);
    if (!status)
        status = read_functions(comparison, &after, new_data, new_size, error);
    if (!status && fps_object_get_info(before.object)->machine != fps_object_get_info(after.object)->machine)
        status = fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "the machines differ");
    if (!status) {
        find_owners(comparison, FPS__BEFORE, &before);
        find_owners(comparison, FPS__AFTER, &after);
        status = pair_all(&before, &after, error);
    }
    if (!status)
        status = count_all(comparison, &before, &after, error);
    comparison->has_functions = !status;
    if (status && status != FPS_ERROR_MEMORY)
        fps__compare_note(comparison, fps__compare_text(comparison, "functions are not compared: %s",
                                                        error ? error->message : fps_status_name(status)));
    free(before.list.items);
    free(after.list.items);
    fps_object_free(before.object);
    fps_object_free(after.object);
    fps__arena_free(&before.arena);
    fps__arena_free(&after.arena);
    return status;
}
