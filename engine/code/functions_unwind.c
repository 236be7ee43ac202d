/* Functions by unwind tables: finds .eh_frame by its name, through .eh_frame_hdr, or by looking for CIEs. */
#include "code/finder.h"
#include "code/unwind.h"

enum { CIE_AUGMENTATION = 9 }; /* offset in a CIE: length, identifier, version */

static fps__unwind_table table_of(const fps__finder *finder, const fps_region *region)
{
    return (fps__unwind_table){
        .bytes = fps__span_part(finder->data, region->offset, region->size),
        .address = region->address,
        .data_address = UINT64_MAX,
        .word = finder->info->bits / 8,
        .big_endian = finder->info->big_endian,
    };
}

static void add_entry(fps__finder *finder, const fps_region *region, const fps__unwind_entry *entry)
{
    static const fps__finder_diagnostic kinds[] = {
        [FPS__UNWIND_BAD_RECORD] = FPS__FINDER_UNWIND_RECORD,
        [FPS__UNWIND_BAD_ENTRY] = FPS__FINDER_UNWIND_ENTRY,
    };
    uint64_t place = region->offset + entry->offset;
    if (entry->event != FPS__UNWIND_FUNCTION) {
        fps__finder_diagnose(finder, kinds[entry->event], place);
        return;
    }
    fps__function function = {.address = entry->address, .source = FPS__FUNCTION_UNWIND};
    if (!fps__finder_add(finder, &function, entry->size))
        fps__finder_diagnose(finder, FPS__FINDER_UNWIND_RANGE, place);
}

static void walk_table(fps__finder *finder, const fps_region *region)
{
    fps__unwind_walk walk = {.table = table_of(finder, region)};
    fps__unwind_entry entry;
    while (!fps__alarm_rings(&finder->alarm) && fps__unwind_next(&walk, &entry))
        add_entry(finder, region, &entry);
}

/* The FDEs of the sorted table: all that there are, also where the frame's own region ends too early. */
static void walk_header(fps__finder *finder, const fps_region *region)
{
    fps__unwind_table table = table_of(finder, region);
    fps__unwind_header header;
    table.data_address = region->address;
    if (!fps__unwind_read_header(&table, &header))
        return;
    const fps_region *frame = NULL;
    fps__unwind_walk walk = {0};
    for (size_t i = 0; i < header.entries && !fps__alarm_rings(&finder->alarm); i++) {
        uint64_t address;
        if (!fps__unwind_header_entry(&table, &header, i, &address))
            break;
        if (!frame || address < frame->address || address - frame->address >= frame->size) {
            frame = fps__finder_region(finder, address);
            if (!frame) {
                fps__finder_diagnose(finder, FPS__FINDER_UNWIND_ENTRY, region->offset + header.first);
                continue;
            }
            walk = (fps__unwind_walk){.table = table_of(finder, frame)};
        }
        fps__unwind_entry entry;
        fps__unwind_read(&walk, (size_t)(address - frame->address), &entry);
        add_entry(finder, frame, &entry);
    }
}

static bool is_header(const fps__finder *finder, const fps_region *region)
{
    fps__unwind_table table = table_of(finder, region);
    fps__unwind_header header;
    table.data_address = region->address;
    return region->from_segment && fps__unwind_read_header(&table, &header);
}

/* Walks from each CIE that stands in `region`, to where the chain of records ends. */
static void scan_region(fps__finder *finder, const fps_region *region)
{
    fps__unwind_walk walk = {.table = table_of(finder, region)};
    fps__span bytes = walk.table.bytes;
    size_t at = 0;
    while (at + CIE_AUGMENTATION < bytes.size) {
        const uint8_t *found = memmem(bytes.data + at, bytes.size - at, "\0\0\0\0\1z", 6);
        if (!found)
            return;
        size_t identifier = (size_t)(found - bytes.data);
        at = identifier + 1;
        if (identifier < 4 || identifier % 4 || !fps__unwind_is_cie(&walk.table, identifier - 4))
            continue;
        walk.at = identifier - 4;
        fps__unwind_entry entry;
        bool more = false;
        while (!fps__alarm_rings(&finder->alarm) && (more = fps__unwind_next(&walk, &entry)) &&
               entry.event == FPS__UNWIND_FUNCTION)
            add_entry(finder, region, &entry);
        if (!more || finder->alarm.rang)
            return;
        if (entry.offset > at) /* what has been walked is not walked again */
            at = entry.offset;
    }
}

/* True for a region that may hold unwind tables nobody names. */
static bool may_hide_frames(const fps_region *region)
{
    bool constant = region->kind == FPS_REGION_READ_ONLY || region->kind == FPS_REGION_UNWIND ||
                    (region->kind == FPS_REGION_CODE && region->from_segment);
    return region->loaded && constant;
}

void fps__functions_unwind(fps__finder *finder)
{
    size_t before = finder->found.count, count = fps_object_region_count(finder->object);
    for (size_t i = 0; i < count; i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        if (!region->loaded || (region->kind != FPS_REGION_UNWIND && region->kind != FPS_REGION_DATA))
            continue;
        bool named = strcmp(region->name, ".eh_frame") == 0;
        bool header = strcmp(region->name, ".eh_frame_hdr") == 0 || is_header(finder, region);
        if (header && !finder->info->has_sections)
            walk_header(finder, region);
        else if (named || (region->kind == FPS_REGION_UNWIND && region->from_segment && !header))
            walk_table(finder, region);
    }
    if (finder->found.count != before)
        return;
    for (size_t i = 0; i < count; i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        if (may_hide_frames(region))
            scan_region(finder, region);
    }
}
