/* Base relocations of a 32-bit PE file: the addresses in its code, which change when it is loaded elsewhere (Microsoft "PE
 * Format", ".reloc section"). 64-bit code counts from its own place instead. */
#include "object/pe_internal.h"

enum { BLOCK_HEADER = 8, ENTRY = 2, OFFSET_MASK = 0xfff, HIGH_LOW = 3, FIELD = 4 };

/* One entry of a block: the place of a field in code, in data offsets; false for every other entry. */
static bool read_entry(const fps__pe *pe, uint32_t page, const uint8_t *p, uint64_t *offset)
{
    uint16_t entry = fps__get16le(p);
    uint64_t address = (uint64_t)page + (entry & OFFSET_MASK);
    const fps__pe_section *section = entry >> 12 == HIGH_LOW ? fps__pe_find_section(pe, address) : NULL;
    if (!section || !(section->flags & FPS__PE_EXECUTE) ||
        section->size - (address - section->address) < FIELD)
        return false;
    *offset = section->offset + (address - section->address);
    return true;
}

/* Walks all blocks; writes the relocations unless `items` is NULL. Returns how many there are. */
static size_t walk_blocks(const fps__pe *pe, fps__span table, fps_relocation *items)
{
    size_t count = 0, at = 0;
    while (fps__span_has(table, at, BLOCK_HEADER)) {
        uint32_t page = fps__get32le(table.data + at), size = fps__get32le(table.data + at + 4);
        if (size < BLOCK_HEADER || size > table.size - at)
            break; /* padding, or damage: what is behind it has no beginning */
        for (size_t i = at + BLOCK_HEADER; i + ENTRY <= at + size; i += ENTRY) {
            uint64_t offset;
            if (!read_entry(pe, page, table.data + i, &offset))
                continue;
            if (items)
                items[count] = (fps_relocation){offset, HIGH_LOW};
            count++;
        }
        at += size;
    }
    return count;
}

void fps__pe_read_relocations(fps__pe *pe)
{
    fps_object *object = pe->object;
    fps__span table = fps__pe_directory_bytes(pe, FPS__PE_BASE_RELOCATION);
    if (pe->wide || !table.size)
        return;
    size_t count = walk_blocks(pe, table, NULL); /* at most one for two bytes of the file */
    object->relocations = fps__arena_array(&object->arena, count + 1, sizeof *object->relocations);
    object->memory_failed |= !object->relocations;
    if (object->relocations)
        object->relocation_count = walk_blocks(pe, table, object->relocations);
    fps__object_sort_relocations(object);
}
