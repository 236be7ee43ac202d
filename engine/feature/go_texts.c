/* Which bytes of a Go program are Go's own texts.
 *
 * The table of functions is found by its magic number (code/pclntab.h). A record that the run time reads, runtime.moduledata,
 * begins with the table's address, and all its addresses of read-only data lie between the first and the last of Go's types
 * and strings (src/runtime/symtab.go, src/cmd/link/internal/ld/symtab.go of Go's sources). The linker of C puts what cgo
 * brings before and behind them. */
#include "feature/go_texts.h"

#include "code/pclntab.h"

enum {
    RECORD_WORDS = 48, /* of moduledata that are looked at: up to its lists in all releases */
    LEAST_CODE = 4096, /* bytes: the start files and stubs of a program that the linker of C links */
};

static bool is_data(const fps_region *region)
{
    return region->loaded && (region->kind == FPS_REGION_READ_ONLY || region->kind == FPS_REGION_DATA);
}

/* Up to Go 1.15 texts lie all over the table. */
static uint64_t texts_end(const fps__pclntab *table)
{
    size_t end = table->names_end > table->files_end ? table->names_end : table->files_end;
    return table->base && end <= table->bytes.size ? end : table->bytes.size;
}

/* False where no table can be opened; *header says whether there is the beginning of one. */
static bool find_table(const fps__collector *collector, const fps__pclntab_search *search,
                       const fps_region *region, fps__pclntab *table, bool *header)
{
    fps__span bytes = fps__span_part(collector->bytes, region->offset, region->size);
    for (size_t at = 0; (at = fps__pclntab_next(search, bytes, at)) < bytes.size; at++) {
        *header = true;
        if (fps__pclntab_open(table, (fps__span){bytes.data + at, bytes.size - at}, search->big_endian))
            return true;
    }
    return false;
}

/* ---- types and strings ---- */

static uint64_t get_word(const fps__collector *collector, const uint8_t *p, size_t word)
{
    bool big = collector->info->big_endian;
    if (word == 8)
        return big ? fps__get64be(p) : fps__get64le(p);
    return big ? fps__get32be(p) : fps__get32le(p);
}

/* Addresses of the record that lie in `region`, or just behind it, widen what is known of Go's data. The table itself, whose
 * address the record begins with, may begin there. */
static void widen(const fps__collector *collector, fps__span record, size_t word, const fps_region *region,
                  fps__go_texts *texts)
{
    uint64_t first = UINT64_MAX, last = 0, table = get_word(collector, record.data, word);
    for (size_t at = 0; at + word <= record.size; at += word) {
        uint64_t address = get_word(collector, record.data + at, word), place = address - region->address;
        if (place <= region->size && address != table) {
            first = place < first ? place : first;
            last = place > last ? place : last;
        }
    }
    if (last > first && last - first > texts->data_size) {
        texts->data = region->offset + first;
        texts->data_size = last - first;
    }
}

static bool find_data(const fps__collector *collector, uint64_t table_address, size_t word,
                      fps__go_texts *texts)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < word; i++)
        bytes[collector->info->big_endian ? word - 1 - i : i] = (uint8_t)(table_address >> 8 * i);
    for (size_t i = 0; i < fps_object_region_count(collector->object); i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        fps__span data = fps__span_part(collector->bytes, region->offset, region->size);
        const uint8_t *at = is_data(region) && data.size ? memmem(data.data, data.size, bytes, word) : NULL;
        if (!at)
            continue;
        size_t left = data.size - (size_t)(at - data.data);
        fps__span record = {at, left < RECORD_WORDS * word ? left : RECORD_WORDS * word};
        for (size_t k = 0; k < fps_object_region_count(collector->object); k++) {
            const fps_region *other = fps_object_region(collector->object, k);
            bool holds_table = texts->table - other->offset < other->size;
            if (other->kind == FPS_REGION_READ_ONLY && other->loaded && !holds_table)
                widen(collector, record, word, other, texts);
        }
        return true;
    }
    return false;
}

/* ---- all of it ---- */

/* Bytes that can run and are none of Go's functions. */
static uint64_t other_code(const fps__collector *collector, const fps__pclntab *table)
{
    fps__pclntab_function first, last;
    uint64_t code = 0, own = 0;
    if (fps__pclntab_read(table, 0, &first) && fps__pclntab_read(table, table->count - 1, &last) &&
        last.end > first.address)
        own = last.end - first.address;
    for (size_t i = 0; own && i < fps_object_region_count(collector->object); i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        code += region->executable && region->loaded ? region->size : 0;
    }
    return code > own ? code - own : 0;
}

fps__go_texts fps__go_texts_find(const fps__collector *collector)
{
    fps__go_texts texts = {.alone = false};
    bool header = false;
    fps__pclntab_search search;
    fps__pclntab_search_init(&search, collector->info->big_endian);
    for (size_t i = 0; i < fps_object_region_count(collector->object); i++) {
        const fps_region *region = fps_object_region(collector->object, i);
        fps__pclntab table;
        if (!is_data(region) || !find_table(collector, &search, region, &table, &header))
            continue;
        uint64_t place = (uint64_t)(table.bytes.data - collector->bytes.data);
        texts.table = place;
        texts.table_size = texts_end(&table);
        texts.alone = other_code(collector, &table) < LEAST_CODE;
        if (!texts.alone)
            find_data(collector, region->address + (place - region->offset), table.word, &texts);
        return texts;
    }
    texts.alone = header; /* a table that is damaged: no text can be told from Go's */
    return texts;
}

bool fps__go_texts_hold(const fps__go_texts *texts, fps__span bytes, uint64_t offset, bool first)
{
    return texts->table_size &&
           (offset - texts->table < texts->table_size || offset - texts->data < texts->data_size ||
            (!first && bytes.data[offset - 1]));
}
