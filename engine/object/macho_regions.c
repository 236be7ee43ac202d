/* The regions of a Mach-O file: its sections, and what of its segments no section names. */
#include "object/macho_internal.h"

#include <stdlib.h>

enum {
    TYPE = 0xff, /* of a section's flags */
    ZERO_FILL = 1,
    CSTRINGS = 2,
    STUBS = 8,
    LARGE_ZERO_FILL = 0xc,
    THREAD_ZERO_FILL = 0x12,
    DEBUG = 0x02000000,
    SOME_INSTRUCTIONS = 0x400,
    PURE_INSTRUCTIONS = (int)0x80000000u,
    WRITE = 2, /* VM_PROT_ */
    EXECUTE = 4,
};

static const struct {
    const char *name;
    fps_region_kind kind;
} named[] = {
    {"__unwind_info", FPS_REGION_UNWIND},    {"__eh_frame", FPS_REGION_UNWIND},
    {"__gcc_except_tab", FPS_REGION_UNWIND}, {"__gcc_except_tab__TEXT", FPS_REGION_UNWIND},
    {"__compact_unwind", FPS_REGION_UNWIND},
};

bool fps__macho_is_code(const fps__macho_section *section)
{
    return section->flags & ((uint32_t)PURE_INSTRUCTIONS | SOME_INSTRUCTIONS);
}

static bool has_bytes(const fps__macho_section *section)
{
    uint32_t type = section->flags & TYPE;
    return section->size && type != ZERO_FILL && type != LARGE_ZERO_FILL && type != THREAD_ZERO_FILL;
}

/* The segment that a section lies in by its name; NULL for none, and in relocatable objects. */
static const fps__macho_segment *segment_of(const fps__macho *macho, const fps__macho_section *section)
{
    for (size_t i = 0; i < macho->segments.count; i++)
        if (strcmp(macho->segments.items[i].name, section->segment) == 0)
            return &macho->segments.items[i];
    return NULL;
}

static bool is_writable(const fps__macho *macho, const fps__macho_section *section)
{
    const fps__macho_segment *segment = segment_of(macho, section);
    return segment ? segment->protection & WRITE : strcmp(section->segment, "__DATA") == 0;
}

static fps_region_kind kind_of(const fps__macho *macho, const fps__macho_section *section)
{
    if (fps__macho_is_code(section))
        return FPS_REGION_CODE;
    if ((section->flags & DEBUG) || strcmp(section->segment, "__DWARF") == 0)
        return FPS_REGION_DEBUG;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(section->name, named[i].name) == 0)
            return named[i].kind;
    bool data = is_writable(macho, section) && (section->flags & TYPE) != CSTRINGS;
    return data ? FPS_REGION_DATA : FPS_REGION_READ_ONLY;
}

/* How much of [offset, offset + size) is in the file; what is missing is noted. */
static uint64_t clip(fps__macho *macho, uint64_t offset, uint64_t size, const char *code)
{
    uint64_t left = offset < macho->data.size ? macho->data.size - offset : 0;
    if (size > left)
        fps__object_diagnose(macho->object, FPS_DIAGNOSTIC_PARTIAL, code, offset,
                             "only %llu of %llu bytes are in the file", (unsigned long long)left,
                             (unsigned long long)size);
    return size < left ? size : left;
}

static bool paint_sections(fps__macho *macho, fps_region *items)
{
    size_t count = 0;
    bool relocatable = macho->object->info.type == FPS_OBJECT_RELOCATABLE;
    for (size_t i = 0; i < macho->sections.count; i++) {
        const fps__macho_section *section = &macho->sections.items[i];
        uint64_t size =
            has_bytes(section) ? clip(macho, section->offset, section->size, "truncated-section") : 0;
        fps_region_kind kind = kind_of(macho, section);
        const char *name =
            size ? fps__object_copy_text(macho->object, section->name, strlen(section->name)) : NULL;
        if (!size)
            continue;
        items[count++] = (fps_region){.name = name ? name : "",
                                      .address = relocatable ? 0 : section->address,
                                      .offset = section->offset,
                                      .size = size,
                                      .kind = kind,
                                      .loaded = kind != FPS_REGION_DEBUG,
                                      .writable = is_writable(macho, section),
                                      .executable = kind == FPS_REGION_CODE,
                                      .merge_strings = (section->flags & TYPE) == CSTRINGS,
                                      .section = (uint32_t)i + 1};
    }
    return fps__object_paint(macho->object, items, count, 0);
}

/* Headers and padding beside sections, the tables of __LINKEDIT; all bytes of a segment whose sections are gone. */
static bool paint_segments(fps__macho *macho, fps_region *items)
{
    size_t count = 0;
    for (size_t i = 0; i < macho->segments.count; i++) {
        const fps__macho_segment *segment = &macho->segments.items[i];
        uint64_t size = segment->size ? clip(macho, segment->offset, segment->size, "truncated-segment") : 0;
        bool tables = segment->section_count || strcmp(segment->name, "__LINKEDIT") == 0;
        bool code = !tables && (segment->protection & EXECUTE), data = segment->protection & WRITE;
        if (!size)
            continue;
        items[count++] = (fps_region){.name = "",
                                      .address = segment->address,
                                      .offset = segment->offset,
                                      .size = size,
                                      .kind = tables ? FPS_REGION_OTHER
                                              : code ? FPS_REGION_CODE
                                              : data ? FPS_REGION_DATA
                                                     : FPS_REGION_READ_ONLY,
                                      .loaded = true,
                                      .writable = data,
                                      .executable = code,
                                      .from_segment = true};
    }
    return fps__object_paint(macho->object, items, count, 1);
}

bool fps__macho_make_regions(fps__macho *macho)
{
    fps_region *items = calloc(macho->sections.count + macho->segments.count + 1, sizeof *items);
    bool good = items && paint_sections(macho, items) && paint_segments(macho, items);
    free(items);
    return good;
}
