/* Relocations of the executable sections of a relocatable ELF object, in data offsets. */
#include "object/elf_internal.h"

#include <stdlib.h>

enum { NARROW_TYPE_MASK = 0xff };

/* The section that `table` relocates, when both are plain bytes in the file; else NULL. */
static const Elf64_Shdr *relocated_section(const fps__elf *elf, const Elf64_Shdr *table)
{
    bool relocations = table->sh_type == SHT_RELA || table->sh_type == SHT_REL;
    if (!relocations || (table->sh_flags & SHF_COMPRESSED) || table->sh_info >= elf->section_count)
        return NULL;
    const Elf64_Shdr *target = &elf->sections[table->sh_info];
    if (!(target->sh_flags & SHF_EXECINSTR) || (target->sh_flags & SHF_COMPRESSED) ||
        target->sh_type == SHT_NOBITS)
        return NULL;
    return target->sh_offset < elf->data.size ? target : NULL;
}

static size_t entry_size(const fps__elf *elf, const Elf64_Shdr *table)
{
    size_t word = elf->wide ? 8 : 4;
    return table->sh_type == SHT_RELA ? 3 * word : 2 * word;
}

/* The entries of `table` that are in the file. */
static fps__span table_bytes(const fps__elf *elf, const Elf64_Shdr *table)
{
    uint64_t left = table->sh_offset < elf->data.size ? elf->data.size - table->sh_offset : 0;
    uint64_t size = table->sh_size < left ? table->sh_size : left;
    size -= size % entry_size(elf, table);
    return fps__span_part(elf->data, table->sh_offset, size);
}

/* The number of entries of all tables. Honest tables do not overlap, so that together they fit the file; a
 * table that the others leave no room for is left out, with all behind it. */
static size_t count_relocations(const fps__elf *elf, size_t *tables)
{
    size_t count = 0;
    uint64_t room = elf->data.size;
    for (*tables = 0; *tables < elf->section_count; ++*tables) {
        const Elf64_Shdr *table = &elf->sections[*tables];
        if (!relocated_section(elf, table))
            continue;
        fps__span bytes = table_bytes(elf, table);
        if (bytes.size > room) {
            fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "relocation-limit", table->sh_offset,
                                 "relocation tables overlap: those from section %zu on are not read",
                                 *tables);
            break;
        }
        room -= bytes.size;
        count += bytes.size / entry_size(elf, table);
    }
    return count;
}

static void add_table(fps__elf *elf, const Elf64_Shdr *table, const Elf64_Shdr *target)
{
    fps_object *object = elf->object;
    fps__span bytes = table_bytes(elf, table);
    size_t size = entry_size(elf, table), word = elf->wide ? 8 : 4, outside = 0;
    uint64_t left = elf->data.size - target->sh_offset;
    uint64_t limit = target->sh_size < left ? target->sh_size : left;
    for (size_t at = 0; at + size <= bytes.size; at += size) {
        uint64_t place = fps__elf_get_word(elf, bytes.data + at);
        uint64_t info = fps__elf_get_word(elf, bytes.data + at + word);
        if (place >= limit) {
            outside++;
            continue;
        }
        object->relocations[object->relocation_count++] = (fps_relocation){
            .offset = target->sh_offset + place,
            .type = (uint32_t)(elf->wide ? info : info & NARROW_TYPE_MASK),
        };
    }
    if (outside || bytes.size < table->sh_size)
        fps__object_diagnose(
            object, FPS_DIAGNOSTIC_NOTE, "relocations-damaged", table->sh_offset,
            "%zu relocations lie outside of their section, %llu bytes of the table cannot be read", outside,
            (unsigned long long)(table->sh_size - bytes.size));
}

void fps__elf_read_relocations(fps__elf *elf)
{
    fps_object *object = elf->object;
    if (object->info.type != FPS_OBJECT_RELOCATABLE)
        return;
    size_t tables, count = count_relocations(elf, &tables);
    if (!count)
        return;
    object->relocations = fps__arena_array(&object->arena, count, sizeof *object->relocations);
    if (!object->relocations) {
        object->memory_failed = true;
        return;
    }
    for (size_t i = 0; i < tables; i++) {
        const Elf64_Shdr *target = relocated_section(elf, &elf->sections[i]);
        if (target)
            add_table(elf, &elf->sections[i], target);
    }
    fps__object_sort_relocations(object);
}
