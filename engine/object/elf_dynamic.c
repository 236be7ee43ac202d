/* The dynamic section: the loader's own view of an ELF file, which is there whatever became of the section
 * table. */
#include "object/elf_internal.h"

enum { MAX_ENTRIES = 65536 };

/* Tags that give the address and the size of a table. */
static const struct table_tag {
    int64_t address, size; /* size 0: it follows from other tables */
} table_tags[FPS__ELF_TABLES] = {
    [FPS__ELF_STRTAB] = {DT_STRTAB, DT_STRSZ},
    [FPS__ELF_SYMTAB] = {DT_SYMTAB, 0},
    [FPS__ELF_HASH] = {DT_HASH, 0},
    [FPS__ELF_GNU_HASH] = {DT_GNU_HASH, 0},
    [FPS__ELF_VERSYM] = {DT_VERSYM, 0},
    [FPS__ELF_VERDEF] = {DT_VERDEF, 0},
    [FPS__ELF_VERNEED] = {DT_VERNEED, 0},
    [FPS__ELF_RELA] = {DT_RELA, DT_RELASZ},
    [FPS__ELF_REL] = {DT_REL, DT_RELSZ},
    [FPS__ELF_JMPREL] = {DT_JMPREL, DT_PLTRELSZ},
    [FPS__ELF_RELR] = {DT_RELR, DT_RELRSZ},
    [FPS__ELF_ANDROID_REL] = {0x6000000f, 0x60000010},
    [FPS__ELF_ANDROID_RELA] = {0x60000011, 0x60000012},
};

typedef struct entries {
    Elf64_Dyn *items;
    size_t count; /* without DT_NULL */
} entries;

/* The value of the first entry with this tag. */
static bool find_tag(const entries *dynamic, int64_t tag, uint64_t *value)
{
    for (size_t i = 0; i < dynamic->count; i++) {
        if (dynamic->items[i].d_tag == tag) {
            *value = dynamic->items[i].d_un.d_val;
            return true;
        }
    }
    return false;
}

static fps__elf_extent clip(const fps__elf *elf, fps__elf_extent extent)
{
    uint64_t left = extent.offset < elf->data.size ? elf->data.size - extent.offset : 0;
    if (extent.size > left)
        extent.size = left;
    return extent;
}

/* PT_DYNAMIC as the loader finds it, by address; by offset when no segment holds the address; else
 * SHT_DYNAMIC. */
static fps__elf_extent find_dynamic(const fps__elf *elf)
{
    for (size_t i = 0; i < elf->segment_count; i++) {
        const Elf64_Phdr *segment = &elf->segments[i];
        if (segment->p_type != PT_DYNAMIC || !segment->p_filesz)
            continue;
        fps__elf_extent extent = fps__elf_map(elf, segment->p_vaddr, segment->p_filesz);
        if (!extent.size)
            extent = clip(elf, (fps__elf_extent){segment->p_vaddr, segment->p_offset, segment->p_filesz});
        if (extent.size < segment->p_filesz)
            fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "truncated-dynamic", segment->p_offset,
                                 "only %llu of %llu bytes of the dynamic section are in the file",
                                 (unsigned long long)extent.size, (unsigned long long)segment->p_filesz);
        return extent;
    }
    const Elf64_Shdr *section = elf->segment_count ? NULL : fps__elf_find_section(elf, SHT_DYNAMIC);
    if (section)
        return clip(elf, (fps__elf_extent){section->sh_addr, section->sh_offset, section->sh_size});
    return (fps__elf_extent){0, 0, 0};
}

static entries read_entries(fps__elf *elf)
{
    entries dynamic = {NULL, 0};
    fps__span bytes = fps__elf_bytes(elf, elf->dynamic.extent);
    size_t size = fps__elf_record_size(elf, FPS__ELF_DYN);
    size_t count = bytes.size / size;
    if (count > MAX_ENTRIES) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "list-limit", elf->dynamic.extent.offset,
                             "only %d of %zu dynamic entries are read", MAX_ENTRIES, count);
        count = MAX_ENTRIES;
    }
    if (!count)
        return dynamic;
    dynamic.items = fps__arena_array(&elf->scratch, count, sizeof *dynamic.items);
    if (!dynamic.items) {
        elf->object->memory_failed = true;
        return dynamic;
    }
    fps__elf_records_read(elf, FPS__ELF_DYN, bytes.data, count, dynamic.items);
    while (dynamic.count < count && dynamic.items[dynamic.count].d_tag != DT_NULL)
        dynamic.count++;
    return dynamic;
}

static void map_tables(fps__elf *elf, const entries *dynamic)
{
    for (size_t i = 0; i < FPS__ELF_TABLES; i++) {
        uint64_t address = 0, size = UINT64_MAX;
        if (!find_tag(dynamic, table_tags[i].address, &address))
            continue;
        bool sized = table_tags[i].size && find_tag(dynamic, table_tags[i].size, &size);
        fps__elf_extent extent = fps__elf_map(elf, address, size);
        elf->dynamic.tables[i] = extent;
        if (!extent.size ? size != 0 : sized && extent.size < size)
            fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "dynamic-table-damaged",
                                 elf->dynamic.extent.offset,
                                 "the table at address 0x%llx (dynamic tag 0x%llx) is not all in the file",
                                 (unsigned long long)address, (unsigned long long)table_tags[i].address);
    }
}

static void read_texts(fps__elf *elf, const entries *dynamic)
{
    fps_object *object = elf->object;
    fps__span strings = fps__elf_bytes(elf, elf->dynamic.tables[FPS__ELF_STRTAB]);
    for (size_t i = 0; i < dynamic->count; i++) {
        int64_t tag = dynamic->items[i].d_tag;
        if (tag != DT_NEEDED && tag != DT_SONAME && tag != DT_RPATH && tag != DT_RUNPATH)
            continue;
        const char *text = fps__object_text_at(object, strings, dynamic->items[i].d_un.d_val);
        if (!text)
            fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "dynamic-name-damaged",
                                 elf->dynamic.extent.offset,
                                 "a name of the dynamic section lies outside of its string table");
        else if (tag == DT_SONAME)
            object->info.soname = text;
        else
            fps__object_add_text(object, tag == DT_NEEDED ? FPS_TEXT_NEEDED : FPS_TEXT_RUNPATH, text);
    }
}

void fps__elf_read_dynamic(fps__elf *elf)
{
    fps__elf_dynamic *dynamic = &elf->dynamic;
    dynamic->extent = find_dynamic(elf);
    entries found = read_entries(elf);
    if (!found.count)
        return;
    map_tables(elf, &found);
    read_texts(elf, &found);
    uint64_t mips_symbols = 0;
    find_tag(&found, DT_FLAGS_1, &dynamic->flags_1);
    if (elf->header.e_machine == EM_MIPS && find_tag(&found, DT_MIPS_SYMTABNO, &mips_symbols))
        dynamic->symbol_count = mips_symbols;
    dynamic->symbol_count = fps__elf_count_symbols(elf);
    dynamic->tables[FPS__ELF_SYMTAB].size = dynamic->symbol_count * fps__elf_record_size(elf, FPS__ELF_SYM);
    if (dynamic->tables[FPS__ELF_VERSYM].size > dynamic->symbol_count * 2)
        dynamic->tables[FPS__ELF_VERSYM].size = dynamic->symbol_count * 2;
}
