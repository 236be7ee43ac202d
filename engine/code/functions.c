/* Finds the functions of an object: asks one finder after the other, sorts, and keeps each function once. */
#include "code/finder.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>

enum {
    /* When the options do not say: so many at most, and of an object no more than the free ones and one for so many
     * bytes. What is kept of functions is then at most a few times the object. */
    MAX_FUNCTIONS = 4000000,
    FREE_FUNCTIONS = 65536,
    BYTES_A_FUNCTION = 32,
    MAX_DEPTH = 8, /* functions over one byte; honest ones nest two or three deep */
};

static uint64_t code_address(const fps__finder *finder, uint64_t address)
{
    unsigned unused = finder->machine ? finder->machine->unused_address_bits : 0;
    return address >> unused << unused;
}

static void add_symbols(fps__finder *finder)
{
    for (size_t i = 0; i < fps_object_symbol_count(finder->object) && !fps__alarm_rings(&finder->alarm);
         i++) {
        const fps_symbol *symbol = fps_object_symbol(finder->object, i);
        bool function = symbol->type == FPS_SYMBOL_FUNCTION || symbol->type == FPS_SYMBOL_IFUNC;
        if (!function || !symbol->defined || !symbol->size)
            continue;
        fps__function entry = {
            .address = code_address(finder, symbol->address),
            .section = finder->info->type == FPS_OBJECT_RELOCATABLE ? symbol->section : 0,
            .source = FPS__FUNCTION_SYMBOL,
            .name = symbol->name,
        };
        const fps__code_region *code = fps__finder_code(finder, entry.section, entry.address);
        if (!code || symbol->size > code->size - (entry.address - code->address))
            fps__finder_diagnose(finder, FPS__FINDER_SYMBOL_RANGE, UINT64_MAX);
        fps__finder_add(finder, &entry, symbol->size);
    }
}

/* By place; of the same bytes the best source first, and of that the name that was there first. */
static int compare_functions(const void *left, const void *right)
{
    const fps__function *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (!a->name || !b->name)
        return (a->name == NULL) - (b->name == NULL);
    return strcmp(a->name, b->name);
}

/* Keeps the first of the functions with the same bytes. */
static void drop_duplicates(fps__finder *finder)
{
    fps__function *items = finder->found.items;
    size_t kept = 0;
    for (size_t i = 0; i < finder->found.count; i++) {
        const fps__function *last = kept ? &items[kept - 1] : NULL;
        if (last && last->offset == items[i].offset && last->size == items[i].size)
            continue;
        items[kept++] = items[i];
    }
    finder->found.count = kept;
}

static uint64_t end_of(const fps__function *function)
{
    return function->offset + function->size;
}

/* Bounds what comes after: no byte stays in more than MAX_DEPTH functions. The longest are dropped. */
static void drop_deep(fps__finder *finder)
{
    fps__function *items = finder->found.items, *open[MAX_DEPTH];
    size_t depth = 0, kept = 0;
    for (size_t i = 0; i < finder->found.count; i++) {
        size_t left = 0, longest = 0;
        for (size_t k = 0; k < depth; k++) {
            if (end_of(open[k]) > items[i].offset)
                open[left++] = open[k];
        }
        depth = left;
        if (depth < MAX_DEPTH) {
            open[depth++] = &items[i];
            continue;
        }
        for (size_t k = 1; k < depth; k++) {
            if (end_of(open[k]) > end_of(open[longest]))
                longest = k;
        }
        fps__finder_diagnose(finder, FPS__FINDER_OVERLAP, items[i].offset);
        fps__function *dropped = &items[i];
        if (end_of(open[longest]) > end_of(&items[i])) {
            dropped = open[longest];
            open[longest] = &items[i];
        }
        dropped->size = 0;
    }
    for (size_t i = 0; i < finder->found.count; i++) {
        if (items[i].size)
            items[kept++] = items[i];
    }
    finder->found.count = kept;
}

static void count_bytes(const fps__finder *finder, fps__functions *functions)
{
    uint64_t end = 0;
    for (size_t i = 0; i < finder->region_count; i++)
        functions->executable_bytes += finder->regions[i].stubs ? 0 : finder->regions[i].size;
    functions->executable_bytes -= finder->padding;
    for (size_t i = 0; i < finder->found.count; i++) {
        const fps__function *function = &finder->found.items[i];
        uint64_t start = function->offset > end ? function->offset : end;
        if (function->source == FPS__FUNCTION_FLOW || end_of(function) <= start)
            continue;
        end = end_of(function);
        functions->covered_bytes += end - start;
    }
}

static bool is_sorted(const fps__finder *finder)
{
    for (size_t i = 1; i < finder->found.count; i++) {
        if (compare_functions(&finder->found.items[i - 1], &finder->found.items[i]) > 0)
            return false;
    }
    return true;
}

static void sort_found(fps__finder *finder)
{
    if (!is_sorted(finder))
        qsort(finder->found.items, finder->found.count, sizeof *finder->found.items, compare_functions);
    drop_duplicates(finder);
    drop_deep(finder);
}

/* Copies what was found into the result. False without memory. */
static bool fill_result(const fps__finder *finder, fps__arena *arena, fps__functions *functions)
{
    size_t count = finder->found.count;
    functions->items = fps__arena_array(arena, count, sizeof *functions->items);
    if (count && !functions->items)
        return false;
    if (count)
        memcpy(functions->items, finder->found.items, count * sizeof *functions->items);
    functions->count = count;
    count_bytes(finder, functions);
    return fps__finder_report(finder, arena, functions);
}

static size_t default_maximum(size_t bytes)
{
    size_t maximum = FREE_FUNCTIONS + bytes / BYTES_A_FUNCTION;
    return maximum < MAX_FUNCTIONS ? maximum : MAX_FUNCTIONS;
}

fps_status fps__functions_find(const fps_object *object, const void *data, size_t size,
                               const fps__function_options *options, fps__arena *arena,
                               fps__functions *functions, fps_error *error)
{
    fps__finder finder = {.object = object,
                          .info = fps_object_get_info(object),
                          .machine = fps__machine_find(fps_object_get_info(object)),
                          .data = {.data = data, .size = size}};
    fps__arena scratch = {0};
    *functions = (fps__functions){0};
    if (options)
        finder.options = *options;
    if (!finder.options.maximum)
        finder.options.maximum = default_maximum(size);
    finder.alarm.deadline_ms = finder.options.deadline_ms;
    bool done = fps__finder_open(&finder, &scratch);
    if (done) {
        if (!finder.options.no_symbols)
            add_symbols(&finder);
        if (!finder.options.no_tables && finder.info->type != FPS_OBJECT_RELOCATABLE) {
            fps__functions_unwind(&finder);
            fps__functions_pdata(&finder);
            fps__functions_go(&finder);
        }
        sort_found(&finder);
        size_t named = finder.found.count;
        fps__functions_flow(&finder, &scratch);
        if (finder.found.count != named)
            sort_found(&finder);
        done = !finder.memory_failed && fill_result(&finder, arena, functions);
    }
    free(finder.found.items);
    fps__arena_free(&scratch);
    return done ? FPS_OK : fps__fail_memory(error);
}

fps__code fps__function_code(const fps_object *object, const void *data, const fps__function *function)
{
    size_t count = fps_object_relocation_count(object);
    const fps_relocation *relocations = fps_object_relocation(object, 0);
    fps__code code = {
        .bytes = (const uint8_t *)data + function->offset,
        .size = function->size,
        .address = function->address,
        .offset = function->offset,
    };
    size_t first, end;
    FPS__LOWER_BOUND(first, count, at, relocations[at].offset < function->offset);
    FPS__LOWER_BOUND(end, count - first, at, relocations[first + at].offset < end_of(function));
    code.relocations = end ? relocations + first : NULL;
    code.relocation_count = end;
    return code;
}
