/* Symbols of an ELF file: the dynamic table as the loader sees it, then .symtab where it was not stripped. */
#include "object/elf_internal.h"

#include <stdlib.h>

enum { CHUNK = 64, FIRST_VERSION = 2 };

typedef struct source {
    fps__elf *elf;
    fps__symbol_set *set;
    fps__span symbols, names;
    fps__span versions;      /* DT_VERSYM, empty for .symtab */
    fps__span wide_sections; /* SHT_SYMTAB_SHNDX, empty where there is none */
    const fps__elf_versions *version_names;
    uint64_t offset; /* of the table, bytes from the start of the file */
    bool dynamic;
    size_t damaged; /* symbols whose name cannot be read */
} source;

static fps_symbol_type symbol_type(unsigned type)
{
    switch (type) {
    case STT_FUNC:
        return FPS_SYMBOL_FUNCTION;
    case STT_OBJECT:
    case STT_COMMON:
        return FPS_SYMBOL_OBJECT;
    case STT_TLS:
        return FPS_SYMBOL_TLS;
    case STT_GNU_IFUNC:
        return FPS_SYMBOL_IFUNC;
    default:
        return FPS_SYMBOL_OTHER;
    }
}

static const char *version_of(const source *from, size_t index)
{
    if (!fps__span_has(from->versions, (uint64_t)index * 2, 2))
        return NULL;
    uint16_t version = fps__elf_get16(from->elf, from->versions.data + index * 2) & 0x7fff;
    return version >= FIRST_VERSION && version < from->version_names->count
               ? from->version_names->names[version]
               : NULL;
}

/* .symtab spells versions as NAME@VERSION (needed) and NAME@@VERSION (defined). */
static void split_version(fps_object *object, fps_symbol *symbol)
{
    const char *at = strchr(symbol->name, '@');
    if (!at || at == symbol->name)
        return;
    const char *version = at[1] == '@' ? at + 2 : at + 1;
    const char *name = fps__object_copy_text(object, symbol->name, (size_t)(at - symbol->name));
    if (!name)
        return;
    symbol->name = name;
    symbol->version = *version ? version : NULL;
}

static void add_symbol(source *from, const Elf64_Sym *raw, size_t index)
{
    if (!raw->st_name)
        return;
    fps_object *object = from->elf->object;
    unsigned bind = ELF64_ST_BIND(raw->st_info), visibility = ELF64_ST_VISIBILITY(raw->st_other);
    fps_symbol symbol = {
        .name = fps__object_text_at(object, from->names, raw->st_name),
        .address = raw->st_value,
        .size = raw->st_size,
        .type = symbol_type(ELF64_ST_TYPE(raw->st_info)),
        .defined = raw->st_shndx != SHN_UNDEF,
        .global = bind == STB_GLOBAL || bind == STB_WEAK || bind == STB_GNU_UNIQUE,
        .weak = bind == STB_WEAK,
        .dynamic = from->dynamic,
        .hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL,
        .section = raw->st_shndx,
    };
    if (!symbol.name) {
        from->damaged++;
        return;
    }
    if (!symbol.name[0])
        return;
    if (raw->st_shndx == SHN_XINDEX && fps__span_has(from->wide_sections, (uint64_t)index * 4, 4))
        symbol.section = fps__elf_get32(from->elf, from->wide_sections.data + index * 4);
    if (from->dynamic)
        symbol.version = version_of(from, index);
    else
        split_version(object, &symbol);
    fps__symbol_set_add(from->set, &symbol);
}

static void add_all(source *from)
{
    size_t size = fps__elf_record_size(from->elf, FPS__ELF_SYM);
    size_t count = from->symbols.size / size;
    Elf64_Sym chunk[CHUNK];
    for (size_t first = 1; first < count; first += CHUNK) { /* symbol 0 is reserved */
        size_t now = count - first < CHUNK ? count - first : CHUNK;
        fps__elf_records_read(from->elf, FPS__ELF_SYM, from->symbols.data + first * size, now, chunk);
        for (size_t i = 0; i < now; i++)
            add_symbol(from, &chunk[i], first + i);
    }
    if (from->damaged)
        fps__object_diagnose(from->elf->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", from->offset,
                             "%zu of %zu symbols have a name outside of the string table", from->damaged,
                             count);
}

/* The section's bytes, as far as the file has them; what is missing is noted. */
static fps__span section_bytes(const fps__elf *elf, const Elf64_Shdr *section)
{
    uint64_t left = section->sh_offset < elf->data.size ? elf->data.size - section->sh_offset : 0;
    if (section->sh_size > left)
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", section->sh_offset,
                             "only %llu of %llu bytes of a symbol or string table are in the file",
                             (unsigned long long)left, (unsigned long long)section->sh_size);
    return fps__elf_section_bytes(elf, section);
}

/* Finds the tables of a symbol section; false when it names no string table. */
static bool from_section(source *from, const Elf64_Shdr *section)
{
    const fps__elf *elf = from->elf;
    if (section->sh_link >= elf->section_count || elf->sections[section->sh_link].sh_type != SHT_STRTAB) {
        fps__object_diagnose(elf->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", section->sh_offset,
                             "a symbol table names section %u, which is no string table",
                             (unsigned)section->sh_link);
        return false;
    }
    from->symbols = section_bytes(elf, section);
    from->offset = section->sh_offset;
    from->names = section_bytes(elf, &elf->sections[section->sh_link]);
    for (size_t i = 0; i < elf->section_count; i++) {
        const Elf64_Shdr *other = &elf->sections[i];
        if (other->sh_type == SHT_SYMTAB_SHNDX && other->sh_link == (size_t)(section - elf->sections)) {
            from->wide_sections = section_bytes(elf, other);
            break;
        }
    }
    return true;
}

/* Functions and data that .gnu_debugdata names; the addresses are those of this file. */
static void add_debug_data(fps__elf *elf, fps__symbol_set *set, const fps_object *inner)
{
    for (size_t i = 0; inner && i < inner->symbol_count; i++) {
        fps_symbol symbol = inner->symbols[i];
        if (!symbol.defined || symbol.type == FPS_SYMBOL_OTHER)
            continue;
        symbol.name = fps__object_copy_text(elf->object, symbol.name, strlen(symbol.name));
        symbol.version = NULL;
        symbol.dynamic = false;
        symbol.section = 0; /* sections are counted otherwise there */
        if (!symbol.name)
            return;
        fps__symbol_set_add(set, &symbol);
    }
}

void fps__elf_read_symbols(fps__elf *elf, const fps__elf_versions *versions)
{
    source dynamic = {.elf = elf, .version_names = versions, .dynamic = true};
    source full = {.elf = elf, .version_names = versions};
    const Elf64_Shdr *dynamic_section = fps__elf_find_section(elf, SHT_DYNSYM);
    const Elf64_Shdr *section = fps__elf_find_section(elf, SHT_SYMTAB);
    if (elf->dynamic.symbol_count) {
        dynamic.symbols = fps__elf_bytes(elf, elf->dynamic.tables[FPS__ELF_SYMTAB]);
        dynamic.offset = elf->dynamic.tables[FPS__ELF_SYMTAB].offset;
        dynamic.names = fps__elf_bytes(elf, elf->dynamic.tables[FPS__ELF_STRTAB]);
        dynamic.versions = fps__elf_bytes(elf, elf->dynamic.tables[FPS__ELF_VERSYM]);
    } else if (dynamic_section && !elf->dynamic.extent.size) {
        from_section(&dynamic, dynamic_section);
    }
    if (section)
        elf->object->info.has_symbol_table = from_section(&full, section) && full.symbols.size > 0;
    size_t size = fps__elf_record_size(elf, FPS__ELF_SYM);
    uint8_t *memory;
    fps_object *inner = fps__elf_open_debug_data(elf, &memory);
    fps__symbol_set *set =
        fps__symbol_set_new(elf->object, dynamic.symbols.size / size + full.symbols.size / size +
                                             (inner ? inner->symbol_count : 0));
    if (!set) {
        elf->object->memory_failed = true;
        goto out;
    }
    dynamic.set = full.set = set;
    add_all(&dynamic);
    add_all(&full);
    add_debug_data(elf, set, inner);
    fps__symbol_set_free(set);
out:
    fps_object_free(inner);
    free(memory);
}
