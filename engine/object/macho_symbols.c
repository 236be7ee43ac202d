/* The symbol table of a Mach-O file. Names of C have a '_' in front, which others do not have. */
#include "object/macho_internal.h"

enum {
    RECORD = 12,
    WIDE_RECORD = 16,
    STAB = 0xe0, /* of n_type: any of these bits: for debuggers */
    TYPE = 0x0e,
    PRIVATE = 0x10,
    EXTERNAL = 0x01,
    IN_SECTION = 0x0e,
    WEAK_REFERENCE = 0x40, /* of n_desc */
    WEAK_DEFINITION = 0x80,
};

typedef struct table {
    fps__macho *macho;
    fps__symbol_set *set;
    fps__span names;
    size_t damaged;
} table;

static void add_symbol(table *t, const uint8_t *p)
{
    fps__macho *macho = t->macho;
    uint32_t name = fps__macho_get32(macho, p);
    uint8_t type = p[4], number = p[5];
    uint16_t description = macho->object->info.big_endian ? fps__get16be(p + 6) : fps__get16le(p + 6);
    bool defined = (type & TYPE) == IN_SECTION, external = type & EXTERNAL;
    const fps__macho_section *section =
        defined && number && number <= macho->sections.count ? &macho->sections.items[number - 1] : NULL;
    if ((type & STAB) || !name || (!section && (defined || !external)))
        return;
    fps_symbol symbol = {.name = fps__object_text_at(macho->object, t->names, name),
                         .address = defined ? fps__macho_get_word(macho, p + 8) : 0,
                         .type = !section                      ? FPS_SYMBOL_OTHER
                                 : fps__macho_is_code(section) ? FPS_SYMBOL_FUNCTION
                                                               : FPS_SYMBOL_OBJECT,
                         .defined = defined,
                         .global = external,
                         .weak = description & (defined ? WEAK_DEFINITION : WEAK_REFERENCE),
                         .dynamic = external && !(type & PRIVATE),
                         .hidden = type & PRIVATE,
                         .section = defined ? number : 0};
    if (!symbol.name) {
        t->damaged++;
        return;
    }
    symbol.name += symbol.name[0] == '_';
    if (macho->object->info.type == FPS_OBJECT_RELOCATABLE && section)
        symbol.address -= section->address;
    if (symbol.name[0])
        fps__symbol_set_add(t->set, &symbol);
}

void fps__macho_read_symbols(fps__macho *macho)
{
    size_t size = macho->wide ? WIDE_RECORD : RECORD;
    uint64_t left = macho->symbols < macho->data.size ? macho->data.size - macho->symbols : 0;
    size_t count = (uint64_t)macho->symbol_count * size <= left ? macho->symbol_count : (size_t)(left / size);
    uint64_t names = macho->strings < macho->data.size ? macho->data.size - macho->strings : 0;
    table t = {.macho = macho, .set = fps__symbol_set_new(macho->object, count)};
    t.names =
        fps__span_part(macho->data, macho->strings, macho->string_size < names ? macho->string_size : names);
    if (!t.set) {
        macho->no_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_symbol(&t, macho->data.data + macho->symbols + i * size);
    fps__symbol_set_free(t.set);
    macho->object->info.has_symbol_table = count > 0;
    if (t.damaged || count < macho->symbol_count)
        fps__object_diagnose(macho->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", macho->symbols,
                             "%llu of %u symbols cannot be read, or have a name outside of the string table",
                             (unsigned long long)(t.damaged + macho->symbol_count - count),
                             macho->symbol_count);
}
