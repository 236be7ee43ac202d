/* Collects the functions of an object from its tables, in order and each once. */
#include "code/functions_internal.h"
#include "util/error.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DEFAULT_MAX_FUNCTIONS = 4000000,
    MAX_DEPTH = 8, /* functions over one byte; honest ones nest two or three deep */
};

static const char *const stub_sections[] = {".plt", ".plt.sec", ".plt.got", ".iplt"};

static bool is_stub_section(const char *name)
{
    for (size_t i = 0; i < sizeof stub_sections / sizeof stub_sections[0]; i++) {
        if (strcmp(name, stub_sections[i]) == 0)
            return true;
    }
    return false;
}

void fps__finder_diagnose(fps__finder *finder, fps__damage kind, uint64_t offset)
{
    if (!finder->damage[kind].count++)
        finder->damage[kind].offset = offset;
}

/* What texts are looked up by: the address, or the section in relocatable objects. */
static uint64_t text_key(const fps__finder *finder, const fps__code_region *text)
{
    return finder->info->type == FPS_OBJECT_RELOCATABLE ? text->section : text->address;
}

static int compare_texts(const void *left, const void *right, void *user)
{
    const fps__finder *finder = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    uint64_t x = text_key(finder, &finder->texts[a]), y = text_key(finder, &finder->texts[b]);
    return x != y ? (x < y ? -1 : 1) : (a > b) - (a < b);
}

/* The executable regions, in the order of their bytes. */
static bool collect_texts(fps__finder *finder, fps__arena *scratch)
{
    size_t count = fps_object_region_count(finder->object);
    finder->texts = fps__arena_array(scratch, count, sizeof *finder->texts);
    finder->by_address = fps__arena_array(scratch, count, sizeof *finder->by_address);
    if (count && (!finder->texts || !finder->by_address))
        return false;
    for (size_t i = 0; i < count; i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        fps__span bytes = fps__span_part(finder->data, region->offset, region->size);
        if (region->kind != FPS_REGION_CODE || !region->executable || !bytes.size)
            continue;
        finder->by_address[finder->text_count] = (uint32_t)finder->text_count;
        finder->texts[finder->text_count++] = (fps__code_region){
            .bytes = bytes.data,
            .address = region->address,
            .offset = region->offset,
            .size = region->size,
            .section = finder->info->type == FPS_OBJECT_RELOCATABLE ? region->section : 0,
            .from_segment = region->from_segment,
            .stubs = is_stub_section(region->name),
        };
    }
    qsort_r(finder->by_address, finder->text_count, sizeof *finder->by_address, compare_texts, finder);
    return true;
}

const fps__code_region *fps__finder_code(const fps__finder *finder, uint32_t section, uint64_t address)
{
    bool relocatable = finder->info->type == FPS_OBJECT_RELOCATABLE;
    uint64_t key = relocatable ? section : address;
    size_t low = 0, high = finder->text_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text_key(finder, &finder->texts[finder->by_address[middle]]) <= key)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    const fps__code_region *text = &finder->texts[finder->by_address[low - 1]];
    if (relocatable && text->section != section)
        return NULL;
    return address >= text->address && address - text->address < text->size ? text : NULL;
}

static int compare_regions(const void *left, const void *right)
{
    const fps_region *a = *(const fps_region *const *)left, *b = *(const fps_region *const *)right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static bool collect_loaded(fps__finder *finder, fps__arena *scratch)
{
    size_t count = fps_object_region_count(finder->object);
    finder->loaded = fps__arena_array(scratch, count, sizeof *finder->loaded);
    if (count && !finder->loaded)
        return false;
    for (size_t i = 0; i < count; i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        if (region->loaded && region->size)
            finder->loaded[finder->loaded_count++] = region;
    }
    if (count)
        qsort(finder->loaded, finder->loaded_count, sizeof *finder->loaded, compare_regions);
    return true;
}

const fps_region *fps__finder_region(const fps__finder *finder, uint64_t address)
{
    size_t low = 0, high = finder->loaded_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (finder->loaded[middle]->address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    const fps_region *region = low ? finder->loaded[low - 1] : NULL;
    return region && address - region->address < region->size ? region : NULL;
}

bool fps__finder_add(fps__finder *finder, const fps__function *function, uint64_t size)
{
    const fps__code_region *text = fps__finder_code(finder, function->section, function->address);
    if (!text || !size)
        return false;
    uint64_t at = function->address - text->address, left = text->size - at;
    if (text->stubs || fps__stub_length(finder->info->machine, text->bytes + at, (size_t)left))
        return true;
    if (size > left)
        size = left;
    if (finder->memory_failed)
        return true;
    if (finder->found.count >= finder->options.maximum) {
        fps__finder_diagnose(finder, FPS__MAX_DAMAGE, UINT64_MAX);
        return true;
    }
    if (FPS__ARRAY_RESERVE(&finder->found, 1, finder->options.maximum) != FPS_OK) {
        finder->memory_failed = true;
        return true;
    }
    fps__function *added = &finder->found.items[finder->found.count++];
    *added = *function;
    added->offset = text->offset + at;
    added->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
    return true;
}

/* Bit 0 of an address chooses the Thumb instruction set. */
static uint64_t code_address(const fps__finder *finder, uint64_t address)
{
    return finder->info->machine == EM_ARM ? address & ~UINT64_C(1) : address;
}

void fps__functions_symbols(fps__finder *finder)
{
    for (size_t i = 0; i < fps_object_symbol_count(finder->object); i++) {
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
        const fps__code_region *text = fps__finder_code(finder, entry.section, entry.address);
        if (!text || symbol->size > text->size - (entry.address - text->address))
            fps__finder_diagnose(finder, FPS__DAMAGE_SYMBOL_RANGE, UINT64_MAX);
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

static void drop_doubles(fps__finder *finder)
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
        fps__finder_diagnose(finder, FPS__DAMAGE_OVERLAP, items[i].offset);
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

static const struct {
    fps_diagnostic_level level;
    const char *code, *message;
} damages[FPS__DAMAGES] = {
    [FPS__DAMAGE_SYMBOL_RANGE] = {FPS_DIAGNOSTIC_NOTE, "function-out-of-region",
                                  "function symbols lie outside of the executable bytes, in part or whole"},
    [FPS__DAMAGE_UNWIND_RECORD] = {FPS_DIAGNOSTIC_NOTE, "unwind-table-damaged",
                                   "unwind records run out of their table"},
    [FPS__DAMAGE_UNWIND_ENTRY] = {FPS_DIAGNOSTIC_NOTE, "unwind-entry-damaged",
                                  "unwind entries cannot be read"},
    [FPS__DAMAGE_UNWIND_RANGE] = {FPS_DIAGNOSTIC_NOTE, "unwind-range-damaged",
                                  "unwind entries are empty or name no executable bytes"},
    [FPS__DAMAGE_TABLE_RECORD] = {FPS_DIAGNOSTIC_NOTE, "function-table-damaged",
                                  "entries of the Go function table cannot be read"},
    [FPS__DAMAGE_OVERLAP] = {FPS_DIAGNOSTIC_NOTE, "functions-overlap",
                             "functions lie over too many others and are left out"},
    [FPS__MAX_DAMAGE] = {FPS_DIAGNOSTIC_PARTIAL, "function-limit",
                         "functions above the maximum are left out"},
};

static bool report_damage(const fps__finder *finder, fps__arena *arena, fps__functions *functions)
{
    functions->diagnostics = fps__arena_array(arena, FPS__DAMAGES, sizeof *functions->diagnostics);
    if (!functions->diagnostics)
        return false;
    for (size_t i = 0; i < FPS__DAMAGES; i++) {
        if (!finder->damage[i].count)
            continue;
        char text[128];
        snprintf(text, sizeof text, "%s: %llu", damages[i].message,
                 (unsigned long long)finder->damage[i].count);
        fps_diagnostic *diagnostic = &functions->diagnostics[functions->diagnostic_count++];
        *diagnostic = (fps_diagnostic){.level = damages[i].level,
                                       .code = damages[i].code,
                                       .offset = finder->damage[i].offset,
                                       .message = fps__arena_string(arena, text)};
        if (!diagnostic->message)
            return false;
    }
    return true;
}

static void count_bytes(const fps__finder *finder, fps__functions *functions)
{
    uint64_t end = 0;
    for (size_t i = 0; i < finder->text_count; i++)
        functions->executable_bytes += finder->texts[i].stubs ? 0 : finder->texts[i].size;
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
    drop_doubles(finder);
    drop_deep(finder);
}

static bool deliver(const fps__finder *finder, fps__arena *arena, fps__functions *functions)
{
    size_t count = finder->found.count;
    functions->items = fps__arena_array(arena, count, sizeof *functions->items);
    if (count && !functions->items)
        return false;
    if (count)
        memcpy(functions->items, finder->found.items, count * sizeof *functions->items);
    functions->count = count;
    count_bytes(finder, functions);
    return report_damage(finder, arena, functions);
}

fps_status fps__functions_find(const fps_object *object, const void *data, size_t size,
                               const fps__function_options *options, fps__arena *arena,
                               fps__functions *functions, fps_error *error)
{
    fps__finder finder = {
        .object = object, .info = fps_object_get_info(object), .data = {.data = data, .size = size}};
    fps__arena scratch = {0};
    *functions = (fps__functions){0};
    if (options)
        finder.options = *options;
    if (!finder.options.maximum)
        finder.options.maximum = DEFAULT_MAX_FUNCTIONS;
    bool done = collect_texts(&finder, &scratch) && collect_loaded(&finder, &scratch);
    if (done) {
        if (!finder.options.no_symbols)
            fps__functions_symbols(&finder);
        if (!finder.options.no_tables && finder.info->type != FPS_OBJECT_RELOCATABLE) {
            fps__functions_unwind(&finder);
            fps__functions_go(&finder);
        }
        sort_found(&finder);
        size_t named = finder.found.count;
        fps__functions_flow(&finder, &scratch);
        if (finder.found.count != named)
            sort_found(&finder);
        done = !finder.memory_failed && deliver(&finder, arena, functions);
    }
    free(finder.found.items);
    fps__arena_free(&scratch);
    return done ? FPS_OK : fps__fail_memory(error);
}

fps__code fps__function_code(const fps_object *object, const void *data, const fps__function *function)
{
    size_t count, low = 0;
    const fps_relocation *relocations = fps_object_relocations(object, &count);
    fps__code code = {
        .bytes = (const uint8_t *)data + function->offset,
        .size = function->size,
        .address = function->address,
        .offset = function->offset,
    };
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (relocations[middle].offset < function->offset)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    for (size_t high = count; end < high;) {
        size_t middle = end + (high - end) / 2;
        if (relocations[middle].offset < end_of(function))
            end = middle + 1;
        else
            high = middle;
    }
    if (end > low) {
        code.relocations = relocations + low;
        code.relocation_count = end - low;
    }
    return code;
}
