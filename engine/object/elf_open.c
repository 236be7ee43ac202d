/* Opens an ELF file: every step reads one kind of table and notes what it cannot read. */
#include "object/elf_internal.h"

bool fps__elf_probe(fps__span data)
{
    return data.size >= SELFMAG && memcmp(data.data, ELFMAG, SELFMAG) == 0;
}

static bool has_segment(const fps__elf *elf, uint32_t type)
{
    for (size_t i = 0; i < elf->segment_count; i++) {
        if (elf->segments[i].p_type == type)
            return true;
    }
    return false;
}

/* ET_DYN is a program or a library. libc.so.6 has an interpreter and an entry but is a library: the soname
 * tells. */
static fps_object_type classify(const fps__elf *elf)
{
    const fps_object_info *info = &elf->object->info;
    switch (elf->header.e_type) {
    case ET_REL:
        return FPS_OBJECT_RELOCATABLE;
    case ET_EXEC:
        return FPS_OBJECT_EXECUTABLE;
    case ET_CORE:
        return FPS_OBJECT_CORE;
    case ET_DYN:
        if (elf->dynamic.flags_1 & DF_1_PIE)
            return FPS_OBJECT_EXECUTABLE;
        if (info->soname)
            return FPS_OBJECT_SHARED;
        if (info->has_interpreter || (info->entry && !elf->object->texts[FPS_TEXT_NEEDED].count))
            return FPS_OBJECT_EXECUTABLE;
        return FPS_OBJECT_SHARED;
    default:
        return FPS_OBJECT_OTHER;
    }
}

/* Memory that is executed and comes from no byte of the file: something is unpacked to it. */
static uint64_t count_room(const fps__elf *elf)
{
    uint64_t room = 0;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) && !segment->p_filesz)
            room += segment->p_memsz;
    }
    return room;
}

/* The tables that the header names, and the notes of a core file. */
static void add_tables(const fps__elf *elf)
{
    fps_object *object = elf->object;
    fps__object_add_table(object, 0, fps__elf_record_size(elf, FPS__ELF_EHDR));
    fps__object_add_table(object, elf->header.e_phoff,
                          elf->segment_count * fps__elf_record_size(elf, FPS__ELF_PHDR));
    fps__object_add_table(object, elf->header.e_shoff,
                          elf->section_count * fps__elf_record_size(elf, FPS__ELF_SHDR));
    for (size_t i = 0; i < elf->segment_count; i++)
        if (elf->segments[i].p_type == PT_NOTE)
            fps__object_add_table(object, elf->segments[i].p_offset, elf->segments[i].p_filesz);
}

fps_status fps__elf_open(fps_object *object, fps_error *error)
{
    fps__elf elf = {.object = object, .data = object->data};
    elf.scratch.limit = object->limits.memory;
    fps_status status = fps__elf_read_header(&elf, error);
    if (status != FPS_OK)
        goto out;
    fps__elf_versions versions = {NULL, 0};
    fps__elf_read_segments(&elf);
    fps__elf_read_sections(&elf);
    fps__elf_read_loads(&elf);
    object->info.executed_room = count_room(&elf);
    object->info.has_interpreter = has_segment(&elf, PT_INTERP);
    fps__elf_read_dynamic(&elf);
    object->info.type = classify(&elf);
    fps__elf_read_versions(&elf, &versions);
    fps__elf_read_symbols(&elf, &versions);
    fps__elf_read_relocations(&elf);
    fps__elf_read_notes(&elf);
    fps__elf_read_texts(&elf);
    add_tables(&elf);
    if (!fps__elf_make_regions(&elf))
        status = fps__fail_memory(error);
out:
    fps__arena_free(&elf.scratch);
    return status;
}
