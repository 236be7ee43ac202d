/* The executable regions of an object, and the functions and diagnostics that its finders add. */
#include "code/finder.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const stub_sections[] = {".plt", ".plt.sec", ".plt.got", ".iplt"};

static bool is_stub_section(const char *name)
{
    for (size_t i = 0; i < sizeof stub_sections / sizeof stub_sections[0]; i++) {
        if (strcmp(name, stub_sections[i]) == 0)
            return true;
    }
    return false;
}

void fps__finder_diagnose(fps__finder *finder, fps__finder_diagnostic kind, uint64_t offset)
{
    if (!finder->diagnostics[kind].count++)
        finder->diagnostics[kind].offset = offset;
}

/* What regions are looked up by: the address, or the section in relocatable objects. */
static uint64_t region_key(const fps__finder *finder, const fps__code_region *code)
{
    return finder->info->type == FPS_OBJECT_RELOCATABLE ? code->section : code->address;
}

static int compare_code(const void *left, const void *right, void *user)
{
    const fps__finder *finder = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    uint64_t x = region_key(finder, &finder->regions[a]), y = region_key(finder, &finder->regions[b]);
    return x != y ? (x < y ? -1 : 1) : FPS__COMPARE(a, b);
}

/* The executable regions, in the order of their bytes. */
static bool collect_code(fps__finder *finder, fps__arena *scratch)
{
    size_t count = fps_object_region_count(finder->object);
    finder->regions = fps__arena_array(scratch, count, sizeof *finder->regions);
    finder->by_address = fps__arena_array(scratch, count, sizeof *finder->by_address);
    if (count && (!finder->regions || !finder->by_address))
        return false;
    for (size_t i = 0; i < count; i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        fps__span bytes = fps__span_part(finder->data, region->offset, region->size);
        if (region->kind != FPS_REGION_CODE || !region->executable || !bytes.size)
            continue;
        finder->by_address[finder->region_count] = (uint32_t)finder->region_count;
        finder->regions[finder->region_count++] = (fps__code_region){
            .bytes = bytes.data,
            .address = region->address,
            .offset = region->offset,
            .size = region->size,
            .section = finder->info->type == FPS_OBJECT_RELOCATABLE ? region->section : 0,
            .from_segment = region->from_segment,
            .stubs = is_stub_section(region->name),
        };
    }
    qsort_r(finder->by_address, finder->region_count, sizeof *finder->by_address, compare_code, finder);
    return true;
}

const fps__code_region *fps__finder_code(const fps__finder *finder, uint32_t section, uint64_t address)
{
    bool relocatable = finder->info->type == FPS_OBJECT_RELOCATABLE;
    uint64_t key = relocatable ? section : address;
    size_t after;
    FPS__LOWER_BOUND(after, finder->region_count, at,
                     region_key(finder, &finder->regions[finder->by_address[at]]) <= key);
    if (!after)
        return NULL;
    const fps__code_region *code = &finder->regions[finder->by_address[after - 1]];
    if (relocatable && code->section != section)
        return NULL;
    return address >= code->address && address - code->address < code->size ? code : NULL;
}

static int compare_regions(const void *left, const void *right)
{
    const fps_region *a = *(const fps_region *const *)left, *b = *(const fps_region *const *)right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return FPS__COMPARE(a->offset, b->offset);
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

bool fps__finder_open(fps__finder *finder, fps__arena *scratch)
{
    return collect_code(finder, scratch) && collect_loaded(finder, scratch);
}

const fps_region *fps__finder_region(const fps__finder *finder, uint64_t address)
{
    size_t after;
    FPS__LOWER_BOUND(after, finder->loaded_count, at, finder->loaded[at]->address <= address);
    const fps_region *region = after ? finder->loaded[after - 1] : NULL;
    return region && address - region->address < region->size ? region : NULL;
}

bool fps__finder_add(fps__finder *finder, const fps__function *function, uint64_t size)
{
    const fps__code_region *code = fps__finder_code(finder, function->section, function->address);
    if (!code || !size)
        return false;
    uint64_t at = function->address - code->address, left = code->size - at;
    if (code->stubs || fps__machine_stub_length(finder->machine, code->bytes + at, (size_t)left))
        return true;
    if (size > left)
        size = left;
    if (finder->memory_failed)
        return true;
    if (finder->found.count >= finder->options.maximum) {
        fps__finder_diagnose(finder, FPS__FINDER_LIMIT, UINT64_MAX);
        return true;
    }
    fps__function added = *function;
    added.offset = code->offset + at;
    added.size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
    finder->memory_failed = FPS__ARRAY_PUSH(&finder->found, &added, finder->options.maximum) != FPS_OK;
    return true;
}

static const struct {
    fps_diagnostic_level level;
    const char *code, *message;
} messages[FPS__FINDER_DIAGNOSTICS] = {
    [FPS__FINDER_SYMBOL_RANGE] = {FPS_DIAGNOSTIC_NOTE, "function-out-of-region",
                                  "function symbols lie outside of the executable bytes, in part or whole"},
    [FPS__FINDER_UNWIND_RECORD] = {FPS_DIAGNOSTIC_NOTE, "unwind-table-damaged",
                                   "unwind records run out of their table"},
    [FPS__FINDER_UNWIND_ENTRY] = {FPS_DIAGNOSTIC_NOTE, "unwind-entry-damaged",
                                  "unwind entries cannot be read"},
    [FPS__FINDER_UNWIND_RANGE] = {FPS_DIAGNOSTIC_NOTE, "unwind-range-damaged",
                                  "unwind entries are empty or name no executable bytes"},
    [FPS__FINDER_TABLE_RECORD] = {FPS_DIAGNOSTIC_NOTE, "function-table-damaged",
                                  "entries of the Go function table cannot be read"},
    [FPS__FINDER_OVERLAP] = {FPS_DIAGNOSTIC_NOTE, "functions-overlap",
                             "functions lie over too many others and are left out"},
    [FPS__FINDER_LIMIT] = {FPS_DIAGNOSTIC_PARTIAL, "function-limit",
                           "functions above the maximum are left out"},
};

bool fps__finder_report(const fps__finder *finder, fps__arena *arena, fps__functions *functions)
{
    functions->diagnostics = fps__arena_array(arena, FPS__FINDER_DIAGNOSTICS, sizeof *functions->diagnostics);
    if (!functions->diagnostics)
        return false;
    for (size_t i = 0; i < FPS__FINDER_DIAGNOSTICS; i++) {
        if (!finder->diagnostics[i].count)
            continue;
        char text[128];
        snprintf(text, sizeof text, "%s: %llu", messages[i].message,
                 (unsigned long long)finder->diagnostics[i].count);
        fps_diagnostic *diagnostic = &functions->diagnostics[functions->diagnostic_count++];
        *diagnostic = (fps_diagnostic){.level = messages[i].level,
                                       .code = messages[i].code,
                                       .offset = finder->diagnostics[i].offset,
                                       .message = fps__arena_string(arena, text)};
        if (!diagnostic->message)
            return false;
    }
    return true;
}
