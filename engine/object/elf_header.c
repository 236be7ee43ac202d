/* The ELF header, the program headers and the section headers. */
#include "object/elf_internal.h"

fps_status fps__elf_read_header(fps__elf *elf, fps_error *error)
{
    if (elf->data.size < EI_NIDENT)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, 0, "the ELF header is cut short");
    const uint8_t *ident = elf->data.data;
    if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, EI_CLASS, "ELF class %u is unknown",
                         ident[EI_CLASS]);
    if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, EI_DATA, "ELF byte order %u is unknown",
                         ident[EI_DATA]);
    elf->wide = ident[EI_CLASS] == ELFCLASS64;
    elf->big_endian = ident[EI_DATA] == ELFDATA2MSB;
    if (elf->data.size < fps__elf_record_size(elf, FPS__ELF_EHDR))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, 0, "the ELF header is cut short");
    fps__elf_records_read(elf, FPS__ELF_EHDR, elf->data.data, 1, &elf->header);
    fps_object_info *info = &elf->object->info;
    info->bits = elf->wide ? 64 : 32;
    info->big_endian = elf->big_endian;
    fps__object_set_machine(elf->object, elf->header.e_machine);
    info->entry = elf->header.e_entry;
    return FPS_OK;
}

/* A table of the header: where it claims to be, and the words for it in diagnostics. */
typedef struct claim {
    fps__elf_record record;
    uint64_t offset, count, entry_size;
    const char *damaged, *truncated; /* codes */
    fps_diagnostic_level level;      /* when it cannot be read */
} claim;

/* Reads as many records of the table as the file holds. */
static void *read_table(fps__elf *elf, const claim *table, size_t *count)
{
    fps_object *object = elf->object;
    size_t size = fps__elf_record_size(elf, table->record);
    *count = 0;
    if (table->entry_size != size || table->offset >= elf->data.size) {
        fps__object_diagnose(object, table->level, table->damaged, table->offset,
                             "a table of %llu entries of %llu bytes cannot be at %llu in a file of %zu bytes",
                             (unsigned long long)table->count, (unsigned long long)table->entry_size,
                             (unsigned long long)table->offset, elf->data.size);
        return NULL;
    }
    uint64_t most = (elf->data.size - table->offset) / size;
    uint64_t kept = table->count < most ? table->count : most;
    if (kept > object->limits.sections)
        kept = object->limits.sections;
    if (kept < table->count)
        fps__object_diagnose(object, table->level, table->truncated, table->offset,
                             "only %llu of %llu entries are read", (unsigned long long)kept,
                             (unsigned long long)table->count);
    size_t native = table->record == FPS__ELF_PHDR ? sizeof(Elf64_Phdr) : sizeof(Elf64_Shdr);
    void *records = fps__arena_array(&elf->scratch, (size_t)kept, native);
    if (!records) {
        object->memory_failed = true;
        return NULL;
    }
    fps__elf_records_read(elf, table->record, elf->data.data + table->offset, (size_t)kept, records);
    *count = (size_t)kept;
    return records;
}

/* The first section header holds the counts that do not fit the header's 16 bits. False when it is not there.
 */
static bool first_section(const fps__elf *elf, Elf64_Shdr *section)
{
    size_t size = fps__elf_record_size(elf, FPS__ELF_SHDR);
    if (!elf->header.e_shoff || !fps__span_has(elf->data, elf->header.e_shoff, size))
        return false;
    fps__elf_records_read(elf, FPS__ELF_SHDR, elf->data.data + elf->header.e_shoff, 1, section);
    return true;
}

void fps__elf_read_segments(fps__elf *elf)
{
    const Elf64_Ehdr *header = &elf->header;
    uint64_t count = header->e_phnum;
    Elf64_Shdr first;
    if (count == PN_XNUM && first_section(elf, &first) && first.sh_info)
        count = first.sh_info;
    if (!count)
        return;
    claim table = {FPS__ELF_PHDR,         header->e_phoff,           count,
                   header->e_phentsize,   "program-headers-damaged", "truncated-program-headers",
                   FPS_DIAGNOSTIC_PARTIAL};
    elf->segments = read_table(elf, &table, &elf->segment_count);
}

static void find_section_names(fps__elf *elf)
{
    uint32_t index = elf->header.e_shstrndx == SHN_XINDEX ? elf->sections[0].sh_link : elf->header.e_shstrndx;
    if (index < elf->section_count && elf->sections[index].sh_type == SHT_STRTAB) {
        const Elf64_Shdr *names = &elf->sections[index];
        uint64_t left = names->sh_offset < elf->data.size ? elf->data.size - names->sh_offset : 0;
        elf->section_names =
            fps__span_part(elf->data, names->sh_offset, names->sh_size < left ? names->sh_size : left);
    }
    if (!elf->section_names.size)
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "section-names-damaged", UINT64_MAX,
                             "section %u holds no section names", (unsigned)index);
}

void fps__elf_read_sections(fps__elf *elf)
{
    const Elf64_Ehdr *header = &elf->header;
    uint64_t count = header->e_shnum;
    Elf64_Shdr first;
    if (!header->e_shoff)
        return;
    if (!count && first_section(elf, &first))
        count = first.sh_size;
    claim table = {FPS__ELF_SHDR,
                   header->e_shoff,
                   count,
                   header->e_shentsize,
                   "section-table-damaged",
                   "truncated-section-table",
                   elf->segment_count ? FPS_DIAGNOSTIC_NOTE : FPS_DIAGNOSTIC_PARTIAL};
    elf->sections = read_table(elf, &table, &elf->section_count);
    bool usable = false;
    for (size_t i = 0; i < elf->section_count && !usable; i++)
        usable = elf->sections[i].sh_type != SHT_NULL;
    if (!usable)
        elf->section_count = 0;
    elf->object->info.has_sections = usable;
    if (usable)
        find_section_names(elf);
}

const char *fps__elf_section_name(const fps__elf *elf, const Elf64_Shdr *section)
{
    const char *name = fps__object_text_at(elf->object, elf->section_names, section->sh_name);
    return name ? name : "";
}

const Elf64_Shdr *fps__elf_find_section(const fps__elf *elf, uint32_t type)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        if (elf->sections[i].sh_type == type)
            return &elf->sections[i];
    }
    return NULL;
}
