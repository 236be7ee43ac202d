/* The headers and the section table of a PE file, and the way from an address to its bytes. */
#include "object/pe_internal.h"
#include "util/search.h"

#include <elf.h>
#include <stdlib.h>

enum {
    PE_POINTER = 0x3c,
    COFF_HEADER = 20,
    SECTION_HEADER = 40,
    PE32 = 0x10b,
    PE32_PLUS = 0x20b,
    EXECUTABLE_IMAGE = 0x0002,
    DLL = 0x2000,
    SECTOR = 0x200, /* the loader rounds raw offsets down to it, and sizes in memory up to PAGE */
    PAGE = 0x1000,
};

static const struct {
    uint16_t pe, elf;
} machines[] = {
    {0x8664, EM_X86_64},    {0x014c, EM_386},       {0xaa64, EM_AARCH64}, {0xa641, EM_AARCH64},
    {0x01c0, EM_ARM},       {0x01c2, EM_ARM},       {0x01c4, EM_ARM},     {0x5032, EM_RISCV},
    {0x5064, EM_RISCV},     {0x0200, EM_IA_64},     {0x01f0, EM_PPC},     {0x0166, EM_MIPS},
    {0x6232, EM_LOONGARCH}, {0x6264, EM_LOONGARCH}, {0x01a2, EM_SH},      {0x01a6, EM_SH},
    {0x0184, EM_ALPHA},     {0x0284, EM_ALPHA},
};

static uint16_t elf_machine(uint16_t machine)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (machines[i].pe == machine)
            return machines[i].elf;
    }
    return machine;
}

void fps__pe_set_machine(fps__pe *pe, uint16_t machine)
{
    fps__object_set_machine(pe->object, elf_machine(machine));
}

static fps_object_type object_type(uint16_t characteristics)
{
    if (characteristics & DLL)
        return FPS_OBJECT_SHARED;
    return characteristics & EXECUTABLE_IMAGE ? FPS_OBJECT_EXECUTABLE : FPS_OBJECT_OTHER;
}

/* The optional header's fields lie at other places in PE32+ than in PE32. */
static bool read_optional_header(fps__pe *pe, fps__span header)
{
    uint16_t magic = header.size >= 2 ? fps__get16le(header.data) : 0;
    pe->wide = magic == PE32_PLUS;
    size_t count_at = pe->wide ? 108 : 92;
    if ((magic != PE32 && magic != PE32_PLUS) || header.size < count_at)
        return false;
    const uint8_t *p = header.data;
    pe->object->info.bits = pe->wide ? 64 : 32;
    pe->object->info.entry = fps__get32le(p + 16);
    pe->image_base = pe->wide ? fps__get64le(p + 24) : fps__get32le(p + 28);
    pe->section_alignment = fps__get32le(p + 32);
    pe->header_size = fps__get32le(p + 60);
    uint32_t count = fps__span_has(header, count_at, 4) ? fps__get32le(p + count_at) : 0;
    for (uint32_t i = 0; i < count && i < FPS__PE_DIRECTORIES; i++) {
        size_t at = count_at + 4 + (size_t)i * 8;
        if (!fps__span_has(header, at, 8))
            break;
        pe->directories[i].address = fps__get32le(p + at);
        pe->directories[i].size = fps__get32le(p + at + 4);
    }
    return true;
}

const char *fps__pe_section_name(fps__pe *pe, const uint8_t *field)
{
    size_t length = strnlen((const char *)field, 8);
    if (length > 1 && field[0] == '/') { /* "/OFFSET" into the COFF string table */
        uint64_t offset = 0;
        size_t i = 1;
        for (; i < length && field[i] >= '0' && field[i] <= '9'; i++)
            offset = offset * 10 + (uint64_t)(field[i] - '0');
        const char *name =
            i == length ? fps__object_text_at(pe->object, fps__pe_coff_strings(pe), offset) : NULL;
        if (name)
            return name;
    }
    const char *name = fps__arena_text(&pe->object->arena, (const char *)field, length);
    pe->object->memory_failed = pe->object->memory_failed || !name;
    return name ? name : "";
}

/* Where a section's bytes are, as the loader maps them, clipped to the file. */
static void read_section(fps__pe *pe, const uint8_t *header, fps__pe_section *section)
{
    uint32_t raw_size = fps__get32le(header + 16), raw_offset = fps__get32le(header + 20);
    section->name = fps__pe_section_name(pe, header);
    section->memory_size = fps__get32le(header + 8);
    section->address = fps__get32le(header + 12);
    section->flags = fps__get32le(header + 36);
    section->offset = pe->section_alignment >= PAGE ? raw_offset & ~(uint32_t)(SECTOR - 1) : raw_offset;
    section->size = raw_size;
    uint64_t in_memory = ((uint64_t)section->memory_size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (section->memory_size && section->size > in_memory)
        section->size = in_memory;
    uint64_t left = section->offset < pe->data.size ? pe->data.size - section->offset : 0;
    if (section->size > left) {
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_PARTIAL,
                             left ? "truncated-section" : "section-out-of-file", section->offset,
                             "only %llu of %llu bytes of a section are in the file", (unsigned long long)left,
                             (unsigned long long)section->size);
        section->size = left;
    }
}

static int compare_address(const void *left, const void *right)
{
    const fps__pe_section *a = *(const fps__pe_section *const *)left,
                          *b = *(const fps__pe_section *const *)right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a > b) - (a < b);
}

static void sort_sections(fps__pe *pe)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < pe->section_count; i++) {
        if (pe->sections[i].size)
            pe->by_address[count++] = &pe->sections[i];
    }
    qsort(pe->by_address, count, sizeof *pe->by_address, compare_address);
    for (size_t i = 0; i < count; i++) {
        const fps__pe_section *last = kept ? pe->by_address[kept - 1] : NULL;
        if (last && pe->by_address[i]->address < last->address + last->size)
            fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "overlapping-sections",
                                 pe->by_address[i]->offset, "two sections are loaded at address 0x%x",
                                 pe->by_address[i]->address);
        else
            pe->by_address[kept++] = pe->by_address[i];
    }
    pe->mapped_count = kept;
}

static fps_status read_sections(fps__pe *pe, uint64_t offset, uint32_t count, fps_error *error)
{
    fps_object *object = pe->object;
    uint64_t most = offset < pe->data.size ? (pe->data.size - offset) / SECTION_HEADER : 0;
    uint64_t kept = count < most ? count : most;
    if (kept > object->limits.sections)
        kept = object->limits.sections;
    if (kept < count)
        fps__object_diagnose(object, FPS_DIAGNOSTIC_PARTIAL, "truncated-section-table", offset,
                             "only %llu of %u section headers are read", (unsigned long long)kept, count);
    object->info.has_sections = kept > 0;
    pe->sections = fps__arena_array(&pe->scratch, (size_t)kept + 1, sizeof *pe->sections);
    pe->by_address = fps__arena_array(&pe->scratch, (size_t)kept + 1, sizeof *pe->by_address);
    if (!pe->sections || !pe->by_address)
        return fps__fail_memory(error);
    pe->section_count = (size_t)kept;
    for (size_t i = 0; i < pe->section_count; i++) {
        const fps__pe_section *section = &pe->sections[i];
        read_section(pe, pe->data.data + offset + i * SECTION_HEADER, &pe->sections[i]);
        if (!section->size && (section->flags & FPS__PE_EXECUTE))
            object->info.executed_room += section->memory_size;
    }
    sort_sections(pe);
    return FPS_OK;
}

fps_status fps__pe_read_headers(fps__pe *pe, fps_error *error)
{
    uint64_t start = (uint64_t)fps__get32le(pe->data.data + PE_POINTER) + 4;
    fps__span coff = fps__span_part(pe->data, start, COFF_HEADER);
    if (!coff.size)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, start, "the PE header is cut short");
    uint16_t optional_size = fps__get16le(coff.data + 16), characteristics = fps__get16le(coff.data + 18);
    uint64_t optional_at = start + COFF_HEADER, left = pe->data.size - optional_at;
    fps__span optional = fps__span_part(pe->data, optional_at, optional_size < left ? optional_size : left);
    if (!read_optional_header(pe, optional))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, optional_at,
                         "the PE optional header is unknown or cut short");
    pe->coff_symbols = fps__get32le(coff.data + 8);
    pe->coff_symbol_count = fps__get32le(coff.data + 12);
    fps__pe_set_machine(pe, fps__get16le(coff.data));
    pe->object->info.type = object_type(characteristics);
    return read_sections(pe, optional_at + optional_size, fps__get16le(coff.data + 2), error);
}

const fps__pe_section *fps__pe_find_section(const fps__pe *pe, uint64_t address)
{
    size_t after;
    FPS__LOWER_BOUND(after, pe->mapped_count, at, pe->by_address[at]->address <= address);
    const fps__pe_section *section = after ? pe->by_address[after - 1] : NULL;
    return section && address - section->address < section->size ? section : NULL;
}

fps__span fps__pe_map(const fps__pe *pe, uint64_t address)
{
    const fps__pe_section *section = fps__pe_find_section(pe, address);
    if (section) {
        uint64_t skip = address - section->address;
        return fps__span_part(pe->data, section->offset + skip, section->size - skip);
    }
    uint64_t headers = pe->header_size < pe->data.size ? pe->header_size : pe->data.size;
    return address < headers ? fps__span_part(pe->data, address, headers - address) : (fps__span){NULL, 0};
}

fps__span fps__pe_directory_bytes(const fps__pe *pe, fps__pe_directory directory)
{
    fps__span bytes = {NULL, 0};
    uint32_t address = pe->directories[directory].address, size = pe->directories[directory].size;
    if (!address || !size)
        return bytes;
    bytes = fps__pe_map(pe, address);
    if (bytes.size < size)
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "directory-out-of-file", UINT64_MAX,
                             "only %zu of %u bytes of data directory %d are in the file", bytes.size, size,
                             (int)directory);
    else
        bytes.size = size;
    return bytes;
}

const char *fps__pe_text(fps__pe *pe, uint64_t address)
{
    return fps__object_text_at(pe->object, fps__pe_map(pe, address), 0);
}
