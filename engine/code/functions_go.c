/* Functions by Go's pclntab: finds the table by its section or by its magic number. */
#include "code/finder.h"
#include "code/pclntab.h"

enum {
    MAX_TABLES = 4,
    PROBES = 16, /* functions that must lie in code before a table is believed */
};

/* Where the code starts when the table does not say: the largest executable region. */
static uint64_t guess_text_start(const fps__finder *finder)
{
    const fps__code_region *largest = NULL;
    for (size_t i = 0; i < finder->region_count; i++) {
        if (!largest || finder->regions[i].size > largest->size)
            largest = &finder->regions[i];
    }
    return largest ? largest->address : 0;
}

/* Most of the first functions must lie in code: a magic number alone is eight bytes by chance. */
static bool is_believable(const fps__finder *finder, const fps__pclntab *table)
{
    size_t count = table->count < PROBES ? table->count : PROBES, good = 0;
    for (size_t i = 0; i < count; i++) {
        fps__pclntab_function function;
        good += fps__pclntab_read(table, i, &function) && fps__finder_code(finder, 0, function.address);
    }
    return good * 2 > count;
}

/* Cuts the filler up to the next function, where the machine has one. */
static uint64_t trim(const fps__finder *finder, uint64_t address, uint64_t end)
{
    const fps__code_region *code = fps__finder_code(finder, 0, address);
    uint8_t filler = finder->machine ? finder->machine->go_filler : 0;
    if (!code || !filler)
        return end;
    uint64_t at = address - code->address, stop = end - code->address;
    if (stop > code->size)
        stop = code->size;
    while (stop > at + 1 && code->bytes[stop - 1] == filler)
        stop--;
    return stop + code->address;
}

static void add_table(fps__finder *finder, const fps__pclntab *table, uint64_t offset)
{
    for (size_t i = 0; i < table->count && !fps__alarm_rings(&finder->alarm); i++) {
        fps__pclntab_function entry;
        fps__function function = {.source = FPS__FUNCTION_TABLE};
        if (!fps__pclntab_read(table, i, &entry)) {
            fps__finder_diagnose(finder, FPS__FINDER_TABLE_RECORD, offset);
            continue;
        }
        function.address = entry.address;
        function.name = entry.name;
        if (!fps__finder_add(finder, &function, trim(finder, entry.address, entry.end) - entry.address))
            fps__finder_diagnose(finder, FPS__FINDER_TABLE_RECORD, offset);
    }
}

/* The tables in `region`; returns how many there were, at most `most`. */
static size_t search_region(fps__finder *finder, const fps__pclntab_search *search, const fps_region *region,
                            size_t most)
{
    fps__span bytes = fps__span_part(finder->data, region->offset, region->size);
    size_t found = 0, at = 0;
    while (found < most && !fps__alarm_rings(&finder->alarm)) {
        at = fps__pclntab_next(search, bytes, at);
        if (at >= bytes.size)
            break;
        fps__pclntab table;
        fps__span rest = {bytes.data + at, bytes.size - at};
        if (fps__pclntab_open(&table, rest, finder->info->big_endian)) {
            if (table.relative && !fps__finder_code(finder, 0, table.text_start))
                table.text_start = guess_text_start(finder);
            if (is_believable(finder, &table)) {
                add_table(finder, &table, region->offset + at);
                found++;
            }
        }
        at++;
    }
    return found;
}

void fps__functions_go(fps__finder *finder)
{
    size_t left = MAX_TABLES;
    fps__pclntab_search search;
    fps__pclntab_search_init(&search, finder->info->big_endian);
    for (size_t i = 0; i < fps_object_region_count(finder->object) && left; i++) {
        const fps_region *region = fps_object_region(finder->object, i);
        bool holds = region->kind == FPS_REGION_READ_ONLY || region->kind == FPS_REGION_DATA ||
                     (region->kind == FPS_REGION_CODE && region->from_segment);
        if (region->loaded && holds)
            left -= search_region(finder, &search, region, left);
    }
}
