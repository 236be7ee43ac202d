/* Makes the sizes and checksums of a set fit its bytes again, so that a change inside it gets past them. */
#ifndef FPS_TESTS_SET_REPAIR_H
#define FPS_TESTS_SET_REPAIR_H

#include "database/layout.h"
#include "util/bytes.h"

#include <xxhash.h>

/* `set` has at least FPS__HEADER_SIZE bytes. The table is taken from the end, where the number of sections
 * puts it. */
static inline void set_repair(uint8_t *set, size_t size)
{
    uint32_t count = fps__get32le(set + FPS__HEADER_SECTION_COUNT);
    uint64_t table_size = (uint64_t)count * FPS__TABLE_ENTRY_SIZE;
    fps__put64le(set + FPS__HEADER_FILE_SIZE, size);
    if (count <= FPS__MAX_LAYOUT_SECTIONS && table_size <= size - FPS__HEADER_SIZE) {
        uint8_t *table = set + size - table_size;
        fps__put64le(set + FPS__HEADER_TABLE_OFFSET, size - table_size);
        for (uint32_t i = 0; i < count; i++) {
            uint8_t *entry = table + (size_t)i * FPS__TABLE_ENTRY_SIZE;
            uint64_t offset = fps__get64le(entry + FPS__TABLE_OFFSET),
                     items = fps__get64le(entry + FPS__TABLE_COUNT);
            uint64_t bytes = size;
            if (items < FPS__MAX_ITEMS)
                bytes = fps__layout_bytes(items, fps__get32le(entry + FPS__TABLE_ITEM_SIZE),
                                          fps__get16le(entry + FPS__TABLE_WIDTH));
            if (offset < size - table_size && bytes <= size - table_size - offset)
                fps__put64le(entry + FPS__TABLE_CHECKSUM, XXH3_64bits(set + offset, (size_t)bytes));
        }
        fps__put64le(set + FPS__HEADER_TABLE_CHECKSUM, XXH3_64bits(table, (size_t)table_size));
    }
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(set + FPS__HEADER_SIZE, size - FPS__HEADER_SIZE));
    memcpy(set + FPS__HEADER_DIGEST, digest.digest, sizeof digest.digest);
    fps__put64le(set + FPS__HEADER_CHECKSUM, XXH3_64bits(set, FPS__HEADER_CHECKSUM));
}

/* The table entry of a section kind (the first, of several), NULL when there is none. */
static inline uint8_t *set_table_entry(uint8_t *set, uint32_t kind)
{
    uint32_t count = fps__get32le(set + FPS__HEADER_SECTION_COUNT);
    uint8_t *entry = set + fps__get64le(set + FPS__HEADER_TABLE_OFFSET);
    for (uint32_t i = 0; i < count; i++, entry += FPS__TABLE_ENTRY_SIZE) {
        if (fps__get32le(entry + FPS__TABLE_KIND) == kind)
            return entry;
    }
    return NULL;
}

/* The first byte of a section. */
static inline uint8_t *set_section(uint8_t *set, uint32_t kind)
{
    uint8_t *entry = set_table_entry(set, kind);
    return entry ? set + fps__get64le(entry + FPS__TABLE_OFFSET) : NULL;
}

#endif
