/* The COFF symbol table of a PE file, which MinGW's linker leaves in until strip takes it out. */
#include "object/pe_internal.h"

enum { SYMBOL = 18, EXTERNAL = 2, STATIC = 3, WEAK_EXTERNAL = 105, FUNCTION_TYPE = 0x20 };

fps__span fps__pe_coff_strings(const fps__pe *pe)
{
    fps__span none = {NULL, 0};
    uint64_t at = (uint64_t)pe->coff_symbols + (uint64_t)pe->coff_symbol_count * pe->coff_symbol_size;
    fps__span size = fps__span_part(pe->data, at, 4);
    if (!pe->coff_symbols || !size.size)
        return none;
    uint64_t claimed = fps__get32le(size.data), left = pe->data.size - at;
    return fps__span_part(pe->data, at, claimed < left ? claimed : left);
}

const char *fps__pe_symbol_name(fps__pe *pe, const uint8_t *field)
{
    if (fps__get32le(field) == 0)
        return fps__object_text_at(pe->object, fps__pe_coff_strings(pe), fps__get32le(field + 4));
    size_t length = strnlen((const char *)field, 8);
    return length < 8 ? (const char *)field
                      : fps__arena_text(&pe->object->arena, (const char *)field, length);
}

static void add_coff_symbol(fps__pe *pe, const uint8_t *record)
{
    uint16_t section = fps__get16le(record + 12), type = fps__get16le(record + 14);
    uint8_t storage = record[16];
    if (section > pe->section_count || (storage != EXTERNAL && storage != STATIC && storage != WEAK_EXTERNAL))
        return; /* absolute, debug, file names */
    const char *name = fps__pe_symbol_name(pe, record);
    if (!name || !name[0] || (storage == STATIC && name[0] == '.'))
        return; /* a section's own symbol */
    fps_symbol symbol = {.name = name,
                         .type = type == FUNCTION_TYPE ? FPS_SYMBOL_FUNCTION : FPS_SYMBOL_OTHER,
                         .defined = section != 0,
                         .global = storage != STATIC,
                         .weak = storage == WEAK_EXTERNAL};
    if (section)
        symbol.address = (uint64_t)pe->sections[section - 1].address + fps__get32le(record + 8);
    fps__pe_add_symbol(pe, &symbol);
}

void fps__pe_read_coff_symbols(fps__pe *pe)
{
    if (!pe->coff_symbols || !pe->coff_symbol_count)
        return;
    uint64_t left = pe->coff_symbols < pe->data.size ? pe->data.size - pe->coff_symbols : 0;
    uint64_t count = pe->coff_symbol_count;
    if (count > left / SYMBOL) {
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "symbol-table-damaged", pe->coff_symbols,
                             "only %llu of %llu COFF symbols are in the file",
                             (unsigned long long)(left / SYMBOL), (unsigned long long)count);
        count = left / SYMBOL;
    }
    const uint8_t *record = pe->data.data + pe->coff_symbols;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *symbol = record + i * SYMBOL;
        add_coff_symbol(pe, symbol);
        i += symbol[17]; /* auxiliary records */
    }
    pe->object->info.has_symbol_table = count > 0;
}
