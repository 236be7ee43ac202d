/* From addresses to file bytes: the loaded segments, cleaned up so that a look-up is a binary search. */
#include "object/elf_internal.h"
#include "util/search.h"

#include <stdlib.h>

static int compare_loads(const void *left, const void *right)
{
    const fps__elf_extent *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Cuts the claim to the file; a segment whose bytes are missing is a part of the program that nobody looks
 * at. */
static bool clip_to_file(fps__elf *elf, fps__elf_extent *load)
{
    uint64_t size = elf->data.size;
    if (load->offset >= size) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_PARTIAL, "segment-out-of-file", load->offset,
                             "%llu bytes of a segment lie behind the end of the file",
                             (unsigned long long)load->size);
        return false;
    }
    if (load->size > size - load->offset) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_PARTIAL, "truncated-segment", load->offset,
                             "a segment of %llu bytes is cut to %llu by the end of the file",
                             (unsigned long long)load->size, (unsigned long long)(size - load->offset));
        load->size = size - load->offset;
    }
    if (load->address > UINT64_MAX - load->size)
        load->size = UINT64_MAX - load->address;
    return load->size > 0;
}

static void add_segments(fps__elf *elf)
{
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        fps__elf_extent load = {segment->p_vaddr, segment->p_offset, segment->p_filesz};
        if (segment->p_type == PT_LOAD && segment->p_filesz && clip_to_file(elf, &load))
            elf->loads[elf->load_count++] = load;
    }
}

/* Without usable program headers the section headers say what lies where. */
static void add_sections(fps__elf *elf)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        const Elf64_Shdr *section = &elf->sections[i];
        fps__elf_extent load = {section->sh_addr, section->sh_offset, section->sh_size};
        bool mapped = (section->sh_flags & SHF_ALLOC) && section->sh_type != SHT_NOBITS && section->sh_size;
        if (mapped && load.offset < elf->data.size && clip_to_file(elf, &load))
            elf->loads[elf->load_count++] = load;
    }
}

static void drop_overlaps(fps__elf *elf)
{
    size_t kept = 0;
    for (size_t i = 0; i < elf->load_count; i++) {
        const fps__elf_extent *last = kept ? &elf->loads[kept - 1] : NULL;
        if (last && elf->loads[i].address < last->address + last->size) {
            fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "overlapping-segments",
                                 elf->loads[i].offset, "two segments are loaded at address 0x%llx",
                                 (unsigned long long)elf->loads[i].address);
            continue;
        }
        elf->loads[kept++] = elf->loads[i];
    }
    elf->load_count = kept;
}

void fps__elf_read_loads(fps__elf *elf)
{
    size_t most = elf->segment_count > elf->section_count ? elf->segment_count : elf->section_count;
    if (elf->header.e_type == ET_REL || !most)
        return;
    elf->loads = fps__arena_array(&elf->scratch, most, sizeof *elf->loads);
    if (!elf->loads) {
        elf->object->memory_failed = true;
        return;
    }
    add_segments(elf);
    if (!elf->load_count)
        add_sections(elf);
    qsort(elf->loads, elf->load_count, sizeof *elf->loads, compare_loads);
    drop_overlaps(elf);
}

fps__elf_extent fps__elf_map(const fps__elf *elf, uint64_t address, uint64_t size)
{
    fps__elf_extent none = {address, 0, 0};
    size_t after;
    FPS__LOWER_BOUND(after, elf->load_count, at, elf->loads[at].address <= address);
    if (!after)
        return none;
    const fps__elf_extent *load = &elf->loads[after - 1];
    uint64_t skip = address - load->address;
    if (skip >= load->size)
        return none;
    uint64_t left = load->size - skip;
    return (fps__elf_extent){address, load->offset + skip, size < left ? size : left};
}

fps__span fps__elf_bytes(const fps__elf *elf, fps__elf_extent extent)
{
    return fps__span_part(elf->data, extent.offset, extent.size);
}
