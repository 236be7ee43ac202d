/* The regions of an ELF file: sections where they can be believed, the loader's tables, and segments for the
 * rest.
 *
 * A section that claims loaded bytes must agree with the segments, else the segments are believed. Bytes that
 * are loaded and that no section names are painted from the segments, so a section table that hides code
 * hides nothing. */
#include "object/elf_internal.h"

enum {
    EH_FRAME_POINTER = 4,
    SECTION_GAP_MIN = 32, /* shorter runs between sections are alignment */
};

typedef struct painter {
    fps__elf *elf;
    fps_region *items;
    size_t count;
} painter;

static const struct {
    const char *prefix;
    fps_region_kind kind;
} named_kinds[] = {
    {".debug", FPS_REGION_DEBUG},          {".zdebug", FPS_REGION_DEBUG},
    {".gnu_debug", FPS_REGION_DEBUG},      {".stab", FPS_REGION_DEBUG},
    {".gdb_index", FPS_REGION_DEBUG},      {".gnu.debuglto_", FPS_REGION_DEBUG},
    {".comment", FPS_REGION_STRING_TABLE}, {".symtab", FPS_REGION_SYMBOL_TABLE},
    {".strtab", FPS_REGION_STRING_TABLE},
};

static const char *const unwind_names[] = {".eh_frame", ".gcc_except_table", ".ARM.ex", ".debug_frame"};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static fps_region_kind kind_by_flags(bool executable, bool writable)
{
    if (executable)
        return FPS_REGION_CODE;
    return writable ? FPS_REGION_DATA : FPS_REGION_READ_ONLY;
}

/* Names decide only for what is not loaded, and for unwind tables. */
static fps_region_kind kind_of_bytes(const Elf64_Shdr *section, const char *name)
{
    for (size_t i = 0; i < sizeof unwind_names / sizeof unwind_names[0]; i++) {
        if (starts_with(name, unwind_names[i]) && !(section->sh_flags & SHF_EXECINSTR))
            return FPS_REGION_UNWIND;
    }
    if (section->sh_flags & SHF_ALLOC) {
        if (strcmp(name, ".interp") == 0)
            return FPS_REGION_OTHER;
        return kind_by_flags(section->sh_flags & SHF_EXECINSTR, section->sh_flags & SHF_WRITE);
    }
    for (size_t i = 0; i < sizeof named_kinds / sizeof named_kinds[0]; i++) {
        if (starts_with(name, named_kinds[i].prefix))
            return named_kinds[i].kind;
    }
    return FPS_REGION_OTHER;
}

/* A loaded string or symbol table is one only if the loader uses it: a section type alone could hide
 * literals. */
static bool is_table(const fps__elf *elf, const Elf64_Shdr *section)
{
    if (!(section->sh_flags & SHF_ALLOC) || !elf->load_count)
        return true;
    for (size_t i = 0; i < FPS__ELF_TABLES; i++) {
        if (elf->dynamic.tables[i].size && elf->dynamic.tables[i].offset == section->sh_offset)
            return true;
    }
    return false;
}

static fps_region_kind section_kind(const fps__elf *elf, const Elf64_Shdr *section, const char *name)
{
    uint16_t machine = elf->header.e_machine;
    switch (section->sh_type) {
    case SHT_SYMTAB:
    case SHT_DYNSYM:
    case SHT_SYMTAB_SHNDX:
    case SHT_HASH:
    case SHT_GNU_HASH:
    case SHT_GNU_versym:
    case SHT_GNU_verdef:
    case SHT_GNU_verneed:
        return is_table(elf, section) ? FPS_REGION_SYMBOL_TABLE : kind_of_bytes(section, name);
    case SHT_STRTAB:
        return is_table(elf, section) ? FPS_REGION_STRING_TABLE : kind_of_bytes(section, name);
    case SHT_REL:
    case SHT_RELA:
    case SHT_RELR:
    case 0x60000001: /* SHT_ANDROID_REL */
    case 0x60000002: /* SHT_ANDROID_RELA */
        return FPS_REGION_RELOCATION;
    case SHT_NOTE:
        return FPS_REGION_NOTE;
    case SHT_LOPROC + 1: /* SHT_X86_64_UNWIND, SHT_ARM_EXIDX */
        return machine == EM_X86_64 || machine == EM_ARM ? FPS_REGION_UNWIND : kind_of_bytes(section, name);
    case SHT_GROUP:
    case SHT_DYNAMIC:
        return FPS_REGION_OTHER;
    default:
        return kind_of_bytes(section, name);
    }
}

/* True when the segments load the section's bytes at the section's address. */
static bool agrees_with_segments(const fps__elf *elf, const Elf64_Shdr *section)
{
    if (!elf->load_count)
        return true;
    fps__elf_extent mapped = fps__elf_map(elf, section->sh_addr, section->sh_size);
    return mapped.size == section->sh_size && mapped.offset == section->sh_offset;
}

/* Clips a section to the file. Missing bytes of a loaded section count where no segment speaks for them. */
static uint64_t clip_section(const fps__elf *elf, const Elf64_Shdr *section)
{
    uint64_t size = elf->data.size;
    uint64_t left = section->sh_offset < size ? size - section->sh_offset : 0;
    if (section->sh_size <= left)
        return section->sh_size;
    bool counts = (section->sh_flags & SHF_ALLOC) && !elf->load_count;
    fps__object_diagnose(elf->object, counts ? FPS_DIAGNOSTIC_PARTIAL : FPS_DIAGNOSTIC_NOTE,
                         left ? "truncated-section" : "section-out-of-file", section->sh_offset,
                         "only %llu of %llu bytes of a section are in the file", (unsigned long long)left,
                         (unsigned long long)section->sh_size);
    return left;
}

static void add_section(painter *to, const Elf64_Shdr *section)
{
    fps__elf *elf = to->elf;
    uint64_t size = clip_section(elf, section);
    if (!size)
        return;
    bool loaded = section->sh_flags & SHF_ALLOC;
    if (loaded && size == section->sh_size && !agrees_with_segments(elf, section)) {
        fps__object_diagnose(
            elf->object, FPS_DIAGNOSTIC_NOTE, "section-mismatch", section->sh_offset,
            "a section at address 0x%llx does not agree with the segments, which are believed",
            (unsigned long long)section->sh_addr);
        return;
    }
    const char *name = fps__elf_section_name(elf, section);
    bool strings =
        (section->sh_flags & SHF_MERGE) && (section->sh_flags & SHF_STRINGS) && section->sh_entsize <= 1;
    to->items[to->count++] = (fps_region){.name = name,
                                          .address = elf->header.e_type == ET_REL ? 0 : section->sh_addr,
                                          .offset = section->sh_offset,
                                          .size = size,
                                          .kind = section_kind(elf, section, name),
                                          .loaded = loaded,
                                          .writable = section->sh_flags & SHF_WRITE,
                                          .executable = section->sh_flags & SHF_EXECINSTR,
                                          .merge_strings = strings,
                                          .section = (uint32_t)(section - elf->sections)};
}

static bool paint_sections(painter *to, bool loaded)
{
    const fps__elf *elf = to->elf;
    to->count = 0;
    for (size_t i = 0; i < elf->section_count; i++) {
        const Elf64_Shdr *section = &elf->sections[i];
        bool has_bytes = section->sh_type != SHT_NULL && section->sh_type != SHT_NOBITS && section->sh_size;
        if (has_bytes && loaded == ((section->sh_flags & SHF_ALLOC) != 0))
            add_section(to, section);
    }
    return fps__object_paint(elf->object, to->items, to->count, 0);
}

static void add_extent(painter *to, fps__elf_extent extent, fps_region_kind kind)
{
    if (extent.size && fps__span_has(to->elf->data, extent.offset, extent.size))
        to->items[to->count++] = (fps_region){.name = "",
                                              .address = extent.address,
                                              .offset = extent.offset,
                                              .size = extent.size,
                                              .kind = kind,
                                              .loaded = true,
                                              .from_segment = true};
}

static void add_tables(painter *to)
{
    static const fps_region_kind kinds[FPS__ELF_TABLES] = {
        [FPS__ELF_STRTAB] = FPS_REGION_STRING_TABLE,     [FPS__ELF_SYMTAB] = FPS_REGION_SYMBOL_TABLE,
        [FPS__ELF_HASH] = FPS_REGION_SYMBOL_TABLE,       [FPS__ELF_GNU_HASH] = FPS_REGION_SYMBOL_TABLE,
        [FPS__ELF_VERSYM] = FPS_REGION_SYMBOL_TABLE,     [FPS__ELF_VERDEF] = FPS_REGION_SYMBOL_TABLE,
        [FPS__ELF_VERNEED] = FPS_REGION_SYMBOL_TABLE,    [FPS__ELF_RELA] = FPS_REGION_RELOCATION,
        [FPS__ELF_REL] = FPS_REGION_RELOCATION,          [FPS__ELF_JMPREL] = FPS_REGION_RELOCATION,
        [FPS__ELF_RELR] = FPS_REGION_RELOCATION,         [FPS__ELF_ANDROID_REL] = FPS_REGION_RELOCATION,
        [FPS__ELF_ANDROID_RELA] = FPS_REGION_RELOCATION,
    };
    for (size_t i = 0; i < FPS__ELF_TABLES; i++)
        add_extent(to, to->elf->dynamic.tables[i], kinds[i]);
    add_extent(to, to->elf->dynamic.extent, FPS_REGION_OTHER);
}

/* .eh_frame ends with a record of length 0; its start stands in .eh_frame_hdr (pc-relative 4 bytes, as all
 * linkers write it). LSB Core 5.0, 10.6. */
static fps__elf_extent find_eh_frame(const fps__elf *elf, fps__elf_extent header)
{
    fps__elf_extent none = {0, 0, 0};
    fps__span bytes = fps__elf_bytes(elf, header);
    if (bytes.size < EH_FRAME_POINTER + 4 || bytes.data[0] != 1 || bytes.data[1] != 0x1b)
        return none;
    int32_t distance = (int32_t)fps__elf_get32(elf, bytes.data + EH_FRAME_POINTER);
    uint64_t address = header.address + EH_FRAME_POINTER + (uint64_t)(int64_t)distance;
    fps__elf_extent frame = fps__elf_map(elf, elf->wide ? address : (uint32_t)address, UINT64_MAX);
    bytes = fps__elf_bytes(elf, frame);
    uint64_t at = 0;
    while (fps__span_has(bytes, at, 4)) {
        uint64_t length = fps__elf_get32(elf, bytes.data + at);
        if (!length || length == UINT32_MAX || !fps__span_has(bytes, at + 4, length))
            break;
        at += 4 + length;
    }
    frame.size = fps__span_has(bytes, at, 4) ? at + 4 : at;
    return frame;
}

static void add_segment_tables(painter *to)
{
    const fps__elf *elf = to->elf;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        fps__elf_extent extent = fps__elf_map(elf, segment->p_vaddr, segment->p_filesz);
        bool exidx = segment->p_type == PT_ARM_EXIDX && elf->header.e_machine == EM_ARM;
        if (extent.offset != segment->p_offset)
            continue;
        if (segment->p_type == PT_NOTE)
            add_extent(to, extent, FPS_REGION_NOTE);
        else if (segment->p_type == PT_INTERP || segment->p_type == PT_PHDR)
            add_extent(to, extent, FPS_REGION_OTHER);
        else if (segment->p_type == PT_GNU_EH_FRAME || exidx)
            add_extent(to, extent, FPS_REGION_UNWIND);
    }
}

/* At most one: a hostile file names many, and each costs a walk over the frame. */
static void add_eh_frame(painter *to)
{
    const fps__elf *elf = to->elf;
    for (size_t i = 0; i < elf->segment_count; i++) {
        if (elf->segments[i].p_type != PT_GNU_EH_FRAME)
            continue;
        fps__elf_extent header = fps__elf_map(elf, elf->segments[i].p_vaddr, elf->segments[i].p_filesz);
        add_extent(to, find_eh_frame(elf, header), FPS_REGION_UNWIND);
        return;
    }
}

/* The ELF header and the program headers, where they are loaded. */
static void add_headers(painter *to)
{
    const fps__elf *elf = to->elf;
    uint64_t header_size = fps__elf_record_size(elf, FPS__ELF_EHDR);
    uint64_t table_size = fps__elf_record_size(elf, FPS__ELF_PHDR) * elf->segment_count;
    for (size_t i = 0; i < elf->load_count; i++) {
        const fps__elf_extent *load = &elf->loads[i];
        uint64_t table = elf->header.e_phoff;
        if (load->offset == 0 && load->size >= header_size)
            add_extent(to, (fps__elf_extent){load->address, 0, header_size}, FPS_REGION_OTHER);
        if (table >= load->offset && table - load->offset <= load->size &&
            load->size - (table - load->offset) >= table_size)
            add_extent(to, (fps__elf_extent){load->address + (table - load->offset), table, table_size},
                       FPS_REGION_OTHER);
    }
}

static bool paint_tables(painter *to)
{
    to->count = 0;
    add_tables(to);
    add_segment_tables(to);
    add_headers(to);
    if (!to->elf->section_count)
        add_eh_frame(to);
    return fps__object_paint(to->elf->object, to->items, to->count,
                             to->elf->section_count ? SECTION_GAP_MIN : 0);
}

static bool paint_segments(painter *to)
{
    const fps__elf *elf = to->elf;
    to->count = 0;
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        uint64_t left = segment->p_offset < elf->data.size ? elf->data.size - segment->p_offset : 0;
        uint64_t size = segment->p_filesz < left ? segment->p_filesz : left;
        if (segment->p_type != PT_LOAD || !size)
            continue;
        bool executable = segment->p_flags & PF_X, writable = segment->p_flags & PF_W;
        to->items[to->count++] = (fps_region){.name = "",
                                              .address = segment->p_vaddr,
                                              .offset = segment->p_offset,
                                              .size = size,
                                              .kind = kind_by_flags(executable, writable),
                                              .loaded = true,
                                              .writable = writable,
                                              .executable = executable,
                                              .from_segment = true};
    }
    return fps__object_paint(elf->object, to->items, to->count, elf->section_count ? SECTION_GAP_MIN : 1);
}

bool fps__elf_make_regions(fps__elf *elf)
{
    painter to = {.elf = elf};
    size_t most = elf->section_count > elf->segment_count ? elf->section_count : elf->segment_count;
    most += FPS__ELF_TABLES + 2 + 2 * elf->load_count +
            1; /* the tables, headers and frames beside the segments */
    to.items = fps__arena_array(&elf->scratch, most, sizeof *to.items);
    if (!to.items)
        return false;
    return paint_sections(&to, true) && paint_tables(&to) && paint_segments(&to) &&
           paint_sections(&to, false);
}
