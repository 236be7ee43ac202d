/* The regions of a PE file: its sections, with import and export tables carved out of them. */
#include "object/pe_internal.h"

#include <stdlib.h>

typedef struct painter {
    fps__pe *pe;
    fps_region *items;
    size_t count;
} painter;

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool begins_directory(const fps__pe *pe, fps__pe_directory directory, const fps__pe_section *section)
{
    return pe->directories[directory].size && pe->directories[directory].address == section->address;
}

fps_region_kind fps__pe_section_kind(const fps__pe *pe, const fps__pe_section *section)
{
    const char *name = section->name;
    if (section->flags & (FPS__PE_EXECUTE | FPS__PE_CODE))
        return FPS_REGION_CODE;
    if (begins_directory(pe, FPS__PE_RESOURCE, section))
        return FPS_REGION_RESOURCE;
    if (begins_directory(pe, FPS__PE_BASE_RELOCATION, section))
        return FPS_REGION_RELOCATION;
    if (strcmp(name, ".xdata") == 0 || starts_with(name, ".eh_fram"))
        return FPS_REGION_UNWIND;
    if (starts_with(name, ".debug") || starts_with(name, ".zdebug") || starts_with(name, ".gnu_debug"))
        return FPS_REGION_DEBUG;
    return section->flags & (uint32_t)FPS__PE_WRITE ? FPS_REGION_DATA : FPS_REGION_READ_ONLY;
}

static int compare_runs(const void *left, const void *right)
{
    const fps__pe_run *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

/* The names of imports and exports are no literals of the program. Runs that touch, but for a byte that
 * aligns the next one, become one region. */
static bool paint_names(painter *to)
{
    fps__pe *pe = to->pe;
    to->count = 0;
    if (pe->names.count)
        qsort(pe->names.items, pe->names.count, sizeof *pe->names.items, compare_runs);
    for (size_t i = 0; i < pe->names.count; i++) {
        const fps__pe_run *run = &pe->names.items[i];
        fps_region *last = to->count ? &to->items[to->count - 1] : NULL;
        if (last && run->offset <= last->offset + last->size + 1) {
            if (run->end > last->offset + last->size)
                last->size = run->end - last->offset;
            continue;
        }
        to->items[to->count++] = (fps_region){.name = "",
                                              .address = run->address,
                                              .offset = run->offset,
                                              .size = run->end - run->offset,
                                              .kind = FPS_REGION_SYMBOL_TABLE,
                                              .loaded = true};
    }
    return fps__object_paint(pe->object, to->items, to->count, 0);
}

/* The exception directory may be a part of a section: it gets a region with the usual name, by which its readers know it. */
static bool paint_exceptions(painter *to)
{
    fps__pe *pe = to->pe;
    uint32_t address = pe->directories[FPS__PE_EXCEPTION].address;
    const fps__pe_section *section = fps__pe_find_section(pe, address);
    fps__span bytes = fps__pe_directory_bytes(pe, FPS__PE_EXCEPTION);
    if (!bytes.size || !section)
        return true;
    to->items[0] = (fps_region){.name = ".pdata",
                                .address = address,
                                .offset = section->offset + (address - section->address),
                                .size = bytes.size,
                                .kind = FPS_REGION_UNWIND,
                                .loaded = true};
    return fps__object_paint(pe->object, to->items, 1, 0);
}

static bool paint_sections(painter *to)
{
    const fps__pe *pe = to->pe;
    to->count = 0;
    for (size_t i = 0; i < pe->section_count; i++) {
        const fps__pe_section *section = &pe->sections[i];
        if (!section->size)
            continue;
        to->items[to->count++] = (fps_region){.name = section->name,
                                              .address = section->address,
                                              .offset = section->offset,
                                              .size = section->size,
                                              .kind = fps__pe_section_kind(pe, section),
                                              .loaded = true,
                                              .writable = section->flags & (uint32_t)FPS__PE_WRITE,
                                              .executable = section->flags & FPS__PE_EXECUTE};
    }
    return fps__object_paint(pe->object, to->items, to->count, 0);
}

bool fps__pe_make_regions(fps__pe *pe)
{
    painter to = {.pe = pe};
    to.items = fps__arena_array(&pe->scratch, pe->names.count + pe->section_count + 1, sizeof *to.items);
    return to.items && paint_names(&to) && paint_exceptions(&to) && paint_sections(&to);
}
