/* Imports and exports of a PE file. */
#include "object/pe_internal.h"

#include <stdio.h>

enum {
    EXPORT_DIRECTORY = 40,
    IMPORT_DESCRIPTOR = 20,
    DELAY_DESCRIPTOR = 32,
    DELAY_BY_ADDRESS = 1, /* attribute: fields are RVAs, not virtual addresses */
};

void fps__pe_add_symbol(fps__pe *pe, const fps_symbol *symbol)
{
    fps_status status = FPS__ARRAY_PUSH(&pe->symbols, symbol, pe->most_symbols);
    if (status == FPS_OK)
        return;
    if (status == FPS_ERROR_MEMORY)
        pe->object->memory_failed = true;
    else if (!pe->symbols_full)
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_PARTIAL, "symbol-limit", UINT64_MAX,
                             "only %zu symbols are read", pe->most_symbols);
    pe->symbols_full = true;
}

/* Remembers that an import or export table has `size` bytes at an address: they hold no literals of the
 * program. */
static void mark_bytes(fps__pe *pe, uint64_t address, uint64_t size)
{
    fps__span bytes = fps__pe_map(pe, address);
    if (bytes.size < size)
        size = bytes.size;
    if (!size)
        return;
    uint64_t start = (uint64_t)(bytes.data - pe->data.data), end = start + size;
    fps__pe_run *last = pe->names.count ? &pe->names.items[pe->names.count - 1] : NULL;
    if (last && start >= last->offset && start <= last->end + 1) {
        last->end = end > last->end ? end : last->end;
        return;
    }
    fps__pe_run run = {.offset = start, .end = end, .address = (uint32_t)address};
    if (FPS__ARRAY_PUSH(&pe->names, &run, pe->most_symbols) == FPS_ERROR_MEMORY)
        pe->object->memory_failed = true;
}

/* The text at an RVA, which is then known to be a name. */
static const char *take_name(fps__pe *pe, uint64_t address)
{
    const char *name = fps__pe_text(pe, address);
    if (name)
        mark_bytes(pe, address, strlen(name) + 1);
    return name;
}

static const char *ordinal_name(fps__pe *pe, uint32_t ordinal)
{
    char text[16];
    snprintf(text, sizeof text, "#%u", ordinal);
    const char *name = fps__arena_string(&pe->object->arena, text);
    pe->object->memory_failed = pe->object->memory_failed || !name;
    return name;
}

typedef struct exports {
    uint32_t base;
    fps__span functions, names, ordinals; /* 4, 4 and 2 bytes an entry */
    uint32_t start, end;                  /* of the directory: an address inside is a forwarder's text */
} exports;

static fps__span table(const fps__pe *pe, uint32_t address, uint32_t count, uint32_t entry)
{
    fps__span bytes = fps__pe_map(pe, address);
    uint64_t wanted = (uint64_t)count * entry;
    if (wanted < bytes.size)
        bytes.size = (size_t)wanted;
    else if (wanted > bytes.size)
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "export-table-damaged", UINT64_MAX,
                             "only %zu of %u export entries are in the file", bytes.size / entry, count);
    return bytes;
}

static void add_export(fps__pe *pe, const exports *from, const char *name, uint32_t function)
{
    fps__span slot = fps__span_part(from->functions, (uint64_t)function * 4, 4);
    if (!name || !name[0] || !slot.size)
        return;
    uint32_t address = fps__get32le(slot.data);
    if (!address)
        return;
    bool forwarder = address >= from->start && address < from->end;
    if (forwarder)
        take_name(pe, address); /* "LIBRARY.FUNCTION" */
    fps_symbol symbol = {.name = name,
                         .address = forwarder ? 0 : address,
                         .type = FPS_SYMBOL_OTHER,
                         .defined = true,
                         .global = true,
                         .dynamic = true};
    if (!forwarder) {
        const fps__pe_section *section = fps__pe_find_section(pe, address);
        symbol.type = section && section->flags & FPS__PE_EXECUTE ? FPS_SYMBOL_FUNCTION : FPS_SYMBOL_OBJECT;
    }
    fps__pe_add_symbol(pe, &symbol);
}

/* Functions that are exported by number alone get the name "#ORDINAL". */
static void add_nameless(fps__pe *pe, const exports *from, const uint8_t *named)
{
    size_t count = from->functions.size / 4;
    for (size_t i = 0; i < count && !pe->symbols_full; i++) {
        bool has_name = named[i / 8] & (1u << (i % 8));
        if (!has_name && fps__get32le(from->functions.data + i * 4))
            add_export(pe, from, ordinal_name(pe, from->base + (uint32_t)i), (uint32_t)i);
    }
}

void fps__pe_read_exports(fps__pe *pe)
{
    fps__span directory = fps__pe_directory_bytes(pe, FPS__PE_EXPORT);
    if (directory.size < EXPORT_DIRECTORY)
        return;
    const uint8_t *p = directory.data;
    exports from = {.base = fps__get32le(p + 16), .start = pe->directories[FPS__PE_EXPORT].address};
    uint32_t name_count = fps__get32le(p + 24);
    from.end = from.start + (uint32_t)directory.size;
    from.functions = table(pe, fps__get32le(p + 28), fps__get32le(p + 20), 4);
    from.names = table(pe, fps__get32le(p + 32), name_count, 4);
    from.ordinals = table(pe, fps__get32le(p + 36), name_count, 2);
    mark_bytes(pe, from.start, EXPORT_DIRECTORY);
    mark_bytes(pe, fps__get32le(p + 28), from.functions.size);
    mark_bytes(pe, fps__get32le(p + 32), from.names.size);
    mark_bytes(pe, fps__get32le(p + 36), from.ordinals.size);
    pe->object->info.soname = take_name(pe, fps__get32le(p + 12));
    uint8_t *named = fps__arena_alloc(&pe->scratch, from.functions.size / 32 + 1);
    if (!named) {
        pe->object->memory_failed = true;
        return;
    }
    for (size_t i = 0; fps__span_has(from.names, i * 4, 4) && fps__span_has(from.ordinals, i * 2, 2); i++) {
        uint16_t function = fps__get16le(from.ordinals.data + i * 2);
        add_export(pe, &from, take_name(pe, fps__get32le(from.names.data + i * 4)), function);
        if (function < from.functions.size / 4)
            named[function / 8] |= (uint8_t)(1u << (function % 8));
    }
    add_nameless(pe, &from, named);
}

/* One imported library: the tables of names and of addresses, as RVAs. */
typedef struct import {
    const char *library;
    uint64_t names, slots;
} import;

/* Each thunk has bytes of its own, so their number is bounded by the file; tables that overlap would go
 * beyond. */
static void read_thunks(fps__pe *pe, const import *from, uint64_t *budget)
{
    size_t size = pe->wide ? 8 : 4;
    uint64_t by_ordinal = (uint64_t)1 << (size * 8 - 1);
    fps__span thunks = fps__pe_map(pe, from->names);
    for (uint64_t i = 0; fps__span_has(thunks, i * size, size) && !pe->symbols_full; i++) {
        const uint8_t *p = thunks.data + i * size;
        uint64_t thunk = pe->wide ? fps__get64le(p) : fps__get32le(p);
        if (!thunk)
            return;
        if (!*budget) {
            fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "import-table-damaged", UINT64_MAX,
                                 "import tables overlap or never end");
            pe->symbols_full = true;
            return;
        }
        --*budget;
        fps_symbol symbol = {
            .library = from->library, .address = from->slots + i * size, .global = true, .dynamic = true};
        if (thunk & by_ordinal) {
            symbol.name = ordinal_name(pe, (uint32_t)(thunk & 0xffff));
        } else {
            mark_bytes(pe, thunk, 2); /* a hint goes before the name */
            symbol.name = take_name(pe, thunk + 2);
        }
        if (symbol.name && symbol.name[0])
            fps__pe_add_symbol(pe, &symbol);
    }
}

static bool add_library(fps__pe *pe, uint64_t name_address, import *from)
{
    from->library = take_name(pe, name_address);
    if (!from->library) {
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "import-table-damaged", UINT64_MAX,
                             "the name of an imported library is not in the file");
        return false;
    }
    fps__object_add_text(pe->object, FPS_TEXT_NEEDED, from->library);
    return true;
}

/* The table ends with a descriptor of zeros; its size in the directory is often wrong. */
static fps__span descriptors(const fps__pe *pe, fps__pe_directory directory)
{
    fps__span bytes = fps__pe_directory_bytes(pe, directory);
    return bytes.size ? fps__pe_map(pe, pe->directories[directory].address) : bytes;
}

static void read_delayed(fps__pe *pe, uint64_t *budget)
{
    fps__span table_bytes = descriptors(pe, FPS__PE_DELAY_IMPORT);
    for (size_t i = 0;
         i < FPS__MAX_TEXTS && fps__span_has(table_bytes, i * DELAY_DESCRIPTOR, DELAY_DESCRIPTOR); i++) {
        const uint8_t *p = table_bytes.data + i * DELAY_DESCRIPTOR;
        uint64_t base = fps__get32le(p) & DELAY_BY_ADDRESS ? 0 : pe->image_base;
        if (!fps__get32le(p + 4))
            return;
import from = {.slots = fps__get32le(p + 12) - base, .names = fps__get32le(p + 16) - base };
        if (add_library(pe, fps__get32le(p + 4) - base, &from))
            read_thunks(pe, &from, budget);
    }
}

void fps__pe_read_imports(fps__pe *pe)
{
    uint64_t budget = pe->data.size / (pe->wide ? 8 : 4);
    fps__span table_bytes = descriptors(pe, FPS__PE_IMPORT);
    for (size_t i = 0;
         i < FPS__MAX_TEXTS && fps__span_has(table_bytes, i * IMPORT_DESCRIPTOR, IMPORT_DESCRIPTOR); i++) {
        const uint8_t *p = table_bytes.data + i * IMPORT_DESCRIPTOR;
        uint32_t lookup = fps__get32le(p), name = fps__get32le(p + 12), slots = fps__get32le(p + 16);
        if (!name || !slots)
            break;
import from = {.names = lookup ? lookup:slots, .slots = slots };
        if (add_library(pe, name, &from))
            read_thunks(pe, &from, &budget);
    }
    read_delayed(pe, &budget);
}
