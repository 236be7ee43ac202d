/* Opens a COFF object, as MinGW, Clang and MSVC make them: sections, symbols, and the relocations of code (Microsoft "PE Format",
 * "COFF file header" to "COFF relocations"; the extended header of /bigobj as in winnt.h, ANON_OBJECT_HEADER_BIGOBJ). Objects of
 * link-time code generation hold no machine code and are not taken. */
#include "object/pe_internal.h"
#include "util/search.h"

#include <elf.h>
#include <stdlib.h>

enum {
    HEADER = 20,
    BIG_HEADER = 56,
    SECTION_HEADER = 40,
    SYMBOL = 18,
    BIG_SYMBOL = 20,
    RELOCATION = 10,
    EXTERNAL = 2,
    STATIC = 3,
    WEAK_EXTERNAL = 105,
    FUNCTION_TYPE = 0x20,
    UNINITIALISED = 0x80,
    DISCARDED = 0x800,             /* IMAGE_SCN_LNK_REMOVE: directives for the linker */
    MANY_RELOCATIONS = 0x01000000, /* the first relocation has their number */
    LINKED = 0x0002,               /* IMAGE_FILE_EXECUTABLE_IMAGE */
    MOST_SECTIONS = 65279,         /* IMAGE_SYM_SECTION_MAX */
};

typedef struct coff {
    fps__pe pe; /* sections, names, and the symbols found */
    bool big;
    uint64_t header;
    uint32_t section_count, symbols, symbol_count;
} coff;

static bool is_machine(uint16_t machine)
{
    return machine == 0x8664 || machine == 0x14c || machine == 0xaa64 || machine == 0x1c4 ||
           machine == 0xa641;
}

static bool is_big(fps__span data)
{
    static const uint8_t class_id[16] = {0xc7, 0xa1, 0xba, 0xd1, 0xee, 0xba, 0xa9, 0x4b,
                                         0xaf, 0x20, 0xfa, 0xf6, 0x6a, 0xa4, 0xdc, 0xb8};
    return fps__span_has(data, 0, BIG_HEADER) && fps__get32le(data.data) == 0xffff0000u &&
           fps__get16le(data.data + 4) >= 2 && is_machine(fps__get16le(data.data + 6)) &&
           memcmp(data.data + 12, class_id, sizeof class_id) == 0;
}

static void read_header(fps__span data, coff *read)
{
    const uint8_t *p = data.data;
    read->big = is_big(data);
    read->header = read->big ? BIG_HEADER : HEADER;
    read->section_count = read->big ? fps__get32le(p + 44) : fps__get16le(p + 2);
    read->symbols = fps__get32le(p + (read->big ? 48 : 8));
    read->symbol_count = fps__get32le(p + (read->big ? 52 : 12));
}

/* The header alone has no magic: its fields must fit each other, and the first section must have a name that tools give. */
bool fps__coff_probe(fps__span data)
{
    coff read;
    if (is_big(data))
        return true;
    if (!fps__span_has(data, 0, HEADER + SECTION_HEADER) || !is_machine(fps__get16le(data.data)) ||
        fps__get16le(data.data + 16) || fps__get16le(data.data + 18) & LINKED)
        return false;
    read_header(data, &read);
    const uint8_t *section = data.data + HEADER;
    uint64_t sections_end = HEADER + (uint64_t)read.section_count * SECTION_HEADER;
    bool named = (section[0] == '.' || section[0] == '/') && section[1] > ' ' && section[1] < 0x7f;
    uint32_t raw = fps__get32le(section + 20);
    return read.section_count && read.section_count <= MOST_SECTIONS && named &&
           !fps__get32le(section + 12) && (!raw || raw >= sections_end) &&
           (!read.symbol_count || read.symbols >= sections_end);
}

/* ---- sections ---- */

static void read_section(fps__pe *pe, const uint8_t *header, fps__pe_section *section)
{
    section->name = fps__pe_section_name(pe, header);
    section->offset = fps__get32le(header + 20);
    section->flags = fps__get32le(header + 36);
    section->size = section->flags & (UNINITIALISED | DISCARDED) ? 0 : fps__get32le(header + 16);
    uint64_t left = section->offset < pe->data.size ? pe->data.size - section->offset : 0;
    if (section->size <= left)
        return;
    fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_PARTIAL,
                         left ? "truncated-section" : "section-out-of-file", section->offset,
                         "only %llu of %llu bytes of a section are in the file", (unsigned long long)left,
                         (unsigned long long)section->size);
    section->size = left;
}

static fps_status read_sections(coff *c, fps_error *error)
{
    fps__pe *pe = &c->pe;
    uint64_t most = c->header < pe->data.size ? (pe->data.size - c->header) / SECTION_HEADER : 0;
    uint64_t kept = c->section_count < most ? c->section_count : most;
    if (kept > pe->object->limits.sections)
        kept = pe->object->limits.sections;
    if (kept < c->section_count)
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_PARTIAL, "truncated-section-table", c->header,
                             "only %llu of %u section headers are read", (unsigned long long)kept,
                             c->section_count);
    pe->sections = fps__arena_array(&pe->scratch, (size_t)kept + 1, sizeof *pe->sections);
    if (!pe->sections)
        return fps__fail_memory(error);
    pe->section_count = (size_t)kept;
    pe->object->info.has_sections = kept > 0;
    for (size_t i = 0; i < pe->section_count; i++)
        read_section(pe, pe->data.data + c->header + i * SECTION_HEADER, &pe->sections[i]);
    return FPS_OK;
}

static bool paint_sections(coff *c)
{
    fps__pe *pe = &c->pe;
    fps_region *items = fps__arena_array(&pe->scratch, pe->section_count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; items && i < pe->section_count; i++) {
        const fps__pe_section *section = &pe->sections[i];
        if (!section->size)
            continue;
        fps_region_kind kind = fps__pe_section_kind(pe, section);
        items[count++] = (fps_region){.name = section->name,
                                      .offset = section->offset,
                                      .size = section->size,
                                      .kind = kind,
                                      .loaded = kind != FPS_REGION_DEBUG,
                                      .writable = section->flags & (uint32_t)FPS__PE_WRITE,
                                      .executable = section->flags & FPS__PE_EXECUTE,
                                      .section = (uint32_t)i + 1};
    }
    return items && fps__object_paint(pe->object, items, count, 0);
}

/* ---- symbols ---- */

/* Names as the sources have them: compilers put '_' before each name for i386, and "__imp_" before what another library has. */
static const char *undecorated(const coff *c, const char *name)
{
    static const char imported[] = "__imp_";
    if (strncmp(name, imported, sizeof imported - 1) == 0 && name[sizeof imported - 1])
        name += sizeof imported - 1;
    return c->pe.object->info.machine == EM_386 && name[0] == '_' && name[1] ? name + 1 : name;
}

static void add_symbol(coff *c, const uint8_t *record)
{
    fps__pe *pe = &c->pe;
    const uint8_t *behind = record + (c->big ? 16 : 14);
    int64_t section = c->big ? (int32_t)fps__get32le(record + 12) : (int16_t)fps__get16le(record + 12);
    uint16_t type = fps__get16le(behind);
    uint8_t storage = behind[2];
    if (section < 0 || section > (int64_t)pe->section_count ||
        (storage != EXTERNAL && storage != STATIC && storage != WEAK_EXTERNAL))
        return; /* absolute, debug, file names */
    const char *name = fps__pe_symbol_name(pe, record);
    if (!name || !name[0] || (storage == STATIC && name[0] == '.'))
        return; /* a section's own symbol */
    bool code = section && pe->sections[section - 1].flags & FPS__PE_EXECUTE;
    fps_symbol symbol = {.name = undecorated(c, name),
                         .address = fps__get32le(record + 8),
                         .type = type == FUNCTION_TYPE && (code || !section) ? FPS_SYMBOL_FUNCTION
                                                                             : FPS_SYMBOL_OTHER,
                         .defined = section != 0,
                         .global = storage != STATIC,
                         .weak = storage == WEAK_EXTERNAL,
                         .section = (uint32_t)section};
    if (section && !code)
        symbol.type = FPS_SYMBOL_OBJECT;
    fps__pe_add_symbol(pe, &symbol);
}

static void read_symbols(coff *c)
{
    fps__pe *pe = &c->pe;
    size_t size = c->big ? BIG_SYMBOL : SYMBOL;
    uint64_t left = c->symbols < pe->data.size ? (pe->data.size - c->symbols) / size : 0,
             count = c->symbol_count;
    if (count > left) {
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", c->symbols,
                             "only %llu of %llu COFF symbols are in the file", (unsigned long long)left,
                             (unsigned long long)count);
        count = left;
    }
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *record = pe->data.data + c->symbols + i * size;
        add_symbol(c, record);
        i += record[c->big ? 19 : 17]; /* auxiliary records */
    }
    pe->object->info.has_symbol_table = count > 0;
}

static int compare_places(const void *left, const void *right)
{
    const fps_symbol *a = left, *b = right;
    if (a->section != b->section)
        return a->section < b->section ? -1 : 1;
    return FPS__COMPARE(a->address, b->address);
}

/* No symbol has a size: a function ends where the next one begins, or its section ends. */
static void set_sizes(coff *c)
{
    fps__pe *pe = &c->pe;
    fps_symbol *items = pe->symbols.items;
    size_t count = pe->symbols.count;
    if (count)
        qsort(items, count, sizeof *items, compare_places);
    const fps_symbol *next = NULL; /* the nearest function behind, of a higher address */
    for (size_t i = count; i-- > 0;) {
        if (!items[i].defined || items[i].type != FPS_SYMBOL_FUNCTION)
            continue;
        uint64_t end = pe->sections[items[i].section - 1].size;
        if (next && next->section == items[i].section)
            end = next->address > items[i].address ? next->address : next->address + next->size;
        items[i].size = end > items[i].address ? end - items[i].address : 0;
        next = &items[i];
    }
}

/* ---- relocations ---- */

/* The table of a section, without the entry that has their number. */
static fps__span relocations_of(const coff *c, size_t section)
{
    const uint8_t *header = c->pe.data.data + c->header + section * SECTION_HEADER;
    uint64_t offset = fps__get32le(header + 24), count = fps__get16le(header + 32);
    fps__span first = fps__span_part(c->pe.data, offset, RELOCATION);
    if (c->pe.sections[section].flags & MANY_RELOCATIONS && count == UINT16_MAX && first.size &&
        fps__get32le(first.data)) {
        count = (uint64_t)fps__get32le(first.data) - 1;
        offset += RELOCATION;
    }
    uint64_t left = offset < c->pe.data.size ? (c->pe.data.size - offset) / RELOCATION : 0;
    return fps__span_part(c->pe.data, offset, (count < left ? count : left) * RELOCATION);
}

/* Honest tables do not overlap: together they fit the file. */
static void read_relocations(coff *c)
{
    fps_object *object = c->pe.object;
    uint64_t count = 0, room = c->pe.data.size / RELOCATION;
    size_t sections = 0;
    for (; sections < c->pe.section_count; sections++) {
        bool code = c->pe.sections[sections].flags & FPS__PE_EXECUTE;
        uint64_t more = code ? relocations_of(c, sections).size / RELOCATION : 0;
        if (more > room - count) {
            fps__object_diagnose(object, FPS_DIAGNOSTIC_NOTE, "relocation-limit", UINT64_MAX,
                                 "relocation tables overlap: those from section %zu on are not read",
                                 sections + 1);
            break;
        }
        count += more;
    }
    object->relocations = fps__arena_array(&object->arena, (size_t)count + 1, sizeof *object->relocations);
    object->memory_failed |= !object->relocations;
    for (size_t i = 0; i < sections && object->relocations; i++) {
        const fps__pe_section *section = &c->pe.sections[i];
        fps__span table = section->flags & FPS__PE_EXECUTE ? relocations_of(c, i) : (fps__span){NULL, 0};
        for (size_t at = 0; at < table.size; at += RELOCATION) {
            uint32_t place = fps__get32le(table.data + at);
            if (place < section->size)
                object->relocations[object->relocation_count++] =
                    (fps_relocation){section->offset + place, fps__get16le(table.data + at + 8)};
        }
    }
    fps__object_sort_relocations(object);
}

fps_status fps__coff_open(fps_object *object, fps_error *error)
{
    coff c = {.pe = {.object = object, .data = object->data}};
    fps__pe *pe = &c.pe;
    fps__pe_start(pe);
    read_header(object->data, &c);
    pe->coff_symbols = c.symbols;
    pe->coff_symbol_count = c.symbol_count;
    pe->coff_symbol_size = c.big ? BIG_SYMBOL : SYMBOL;
    uint16_t machine = fps__get16le(object->data.data + (c.big ? 6 : 0));
    object->info.type = FPS_OBJECT_RELOCATABLE;
    object->info.bits = machine == 0x14c || machine == 0x1c4 ? 32 : 64;
    fps__pe_set_machine(pe, machine);
    fps_status status = read_sections(&c, error);
    if (status == FPS_OK) {
        read_symbols(&c);
        set_sizes(&c);
        fps__pe_merge_symbols(pe);
        read_relocations(&c);
        fps__object_add_table(object, 0, c.header + (uint64_t)pe->section_count * SECTION_HEADER);
        for (size_t i = 0; i < pe->section_count; i++) {
            const uint8_t *header = object->data.data + c.header + i * SECTION_HEADER;
            fps__object_add_table(object, fps__get32le(header + 24),
                                  (uint64_t)fps__get16le(header + 32) * RELOCATION);
        }
        if (c.symbols)
            fps__object_add_table(object, c.symbols,
                                  (uint64_t)c.symbol_count * pe->coff_symbol_size +
                                      fps__pe_coff_strings(pe).size);
        status = paint_sections(&c) ? FPS_OK : fps__fail_memory(error);
    }
    fps__pe_end(pe);
    return status;
}
