/* Bytes of no object format that are loaded as they are, such as firmware; and WebAssembly modules, whose parts are told apart
 * (WebAssembly Core Specification 2.0, 5.5). */
#include "object/object_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HEADER = 8,
    CUSTOM = 0,
    IMPORTS = 2,
    EXPORTS = 7,
    CODE = 10,
    DATA = 11,
    FUNCTION_NAMES = 1, /* part of the section "name" */
    MAX_SEGMENTS = 1 << 20,
};

typedef struct module {
    fps_object *object;
    FPS__ARRAY(fps_region) regions;
    FPS__ARRAY(fps_symbol) symbols;
    bool no_memory, damaged;
} module;

/* Bytes that are taken one after the other; `bad` when more was asked for than there is. */
typedef struct reader {
    fps__span bytes;
    size_t at;
    bool bad;
} reader;

static uint8_t take_byte(reader *r)
{
    r->bad |= r->at >= r->bytes.size;
    return r->bad ? 0 : r->bytes.data[r->at++];
}

/* LEB128 of at most 64 bits; of a negative number the upper bits are missing. */
static uint64_t take_number(reader *r)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = take_byte(r);
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
    r->bad = true;
    return 0;
}

static fps__span take_bytes(reader *r)
{
    uint64_t size = take_number(r);
    r->bad |= !fps__span_has(r->bytes, r->at, size);
    if (r->bad)
        return (fps__span){NULL, 0};
    fps__span part = fps__span_part(r->bytes, r->at, size);
    r->at += (size_t)size;
    return part;
}

static void add_region(module *m, fps__span part, fps_region_kind kind, uint64_t address, const char *name)
{
    fps_region region = {.name = name,
                         .address = address,
                         .offset = part.size ? (uint64_t)(part.data - m->object->data.data) : 0,
                         .size = part.size,
                         .kind = kind,
                         .loaded = kind == FPS_REGION_DATA || kind == FPS_REGION_CODE,
                         .writable = kind == FPS_REGION_DATA,
                         .from_segment = true};
    if (!part.size)
        return;
    fps_status status = FPS__ARRAY_PUSH(&m->regions, &region, MAX_SEGMENTS);
    m->no_memory |= status == FPS_ERROR_MEMORY;
    m->damaged |= status == FPS_ERROR_LIMIT;
}

static void add_symbol(module *m, fps__span name, bool defined, bool dynamic)
{
    if (!name.size || name.size > FPS__MAX_NAME)
        return;
    fps_symbol symbol = {.name = fps__object_copy_text(m->object, (const char *)name.data, name.size),
                         .type = FPS_SYMBOL_FUNCTION,
                         .defined = defined,
                         .global = dynamic,
                         .dynamic = dynamic};
    if (symbol.name && FPS__ARRAY_PUSH(&m->symbols, &symbol, m->object->limits.symbols) == FPS_ERROR_MEMORY)
        m->no_memory = true;
}

/* An expression of constants up to its end: the address that it gives, 0 where it is none. */
static uint64_t take_address(reader *r)
{
    enum { I32_CONST = 0x41, I64_CONST = 0x42, GLOBAL_GET = 0x23, END = 0x0b, MOST = 16 };
    uint64_t address = 0;
    for (int i = 0; i < MOST && !r->bad; i++) {
        uint8_t opcode = take_byte(r);
        if (opcode == END)
            return address;
        if (opcode != I32_CONST && opcode != I64_CONST && opcode != GLOBAL_GET)
            break;
        uint64_t number = take_number(r);
        address = opcode == I32_CONST ? (uint32_t)number : opcode == I64_CONST ? number : 0;
    }
    r->bad = true;
    return 0;
}

static void read_data(module *m, reader *r)
{
    enum { PASSIVE = 1, WITH_MEMORY = 2 };
    uint64_t count = take_number(r);
    for (; count && !r->bad && !m->no_memory; count--) {
        uint64_t flags = take_number(r), address = 0;
        if (flags == WITH_MEMORY)
            take_number(r);
        if (flags != PASSIVE)
            address = take_address(r);
        fps__span bytes = take_bytes(r);
        if (!r->bad)
            add_region(m, bytes, FPS_REGION_DATA, address, "data");
    }
}

static void read_exports(module *m, reader *r)
{
    uint64_t count = take_number(r);
    for (; count && !r->bad && !m->no_memory; count--) {
        fps__span name = take_bytes(r);
        uint8_t kind = take_byte(r);
        take_number(r);
        if (!r->bad && kind == 0)
            add_symbol(m, name, true, true);
    }
}

/* The imports of functions, which come first in what tools write; the types of others are not read. */
static void read_imports(module *m, reader *r)
{
    uint64_t count = take_number(r);
    for (; count && !r->bad && !m->no_memory; count--) {
        take_bytes(r);
        fps__span name = take_bytes(r);
        if (r->bad || take_byte(r) != 0)
            return;
        take_number(r);
        if (!r->bad)
            add_symbol(m, name, false, true);
    }
}

/* The section "name": the names of functions. */
static void read_names(module *m, reader *r)
{
    while (!r->bad && r->at < r->bytes.size) {
        uint8_t kind = take_byte(r);
        reader part = {.bytes = take_bytes(r)};
        uint64_t count = kind == FUNCTION_NAMES && !r->bad ? take_number(&part) : 0;
        for (; count && !part.bad && !m->no_memory; count--) {
            take_number(&part);
            fps__span name = take_bytes(&part);
            if (!part.bad)
                add_symbol(m, name, true, false);
        }
        m->damaged |= part.bad;
        m->object->info.has_symbol_table = true;
    }
}

/* The section "producers" (tool-conventions, ProducersSection.md): fields with values and their versions. Each becomes a
 * comment: "processed-by: clang 14.0.6". */
static void read_producers(module *m, reader *r)
{
    uint64_t fields = take_number(r);
    for (; fields && !r->bad; fields--) {
        fps__span field = take_bytes(r);
        uint64_t values = take_number(r);
        for (; values && !r->bad && !m->no_memory; values--) {
            char text[256];
            fps__span name = take_bytes(r), version = take_bytes(r);
            if (r->bad || field.size > 60 || name.size > 90 || version.size > 90)
                continue;
            int size = snprintf(text, sizeof text, "%.*s: %.*s %.*s", (int)field.size,
                                (const char *)field.data, (int)name.size, (const char *)name.data,
                                (int)version.size, (const char *)version.data);
            fps__object_add_text(m->object, FPS_TEXT_COMMENT,
                                 fps__object_copy_text(m->object, text, (size_t)size));
        }
    }
}

static bool is_called(fps__span name, const char *wanted)
{
    return name.size == strlen(wanted) && memcmp(name.data, wanted, name.size) == 0;
}

static void read_section(module *m, uint8_t id, fps__span section)
{
    reader r = {.bytes = section};
    if (id == CUSTOM) {
        fps__span name = take_bytes(&r);
        if (is_called(name, "name"))
            read_names(m, &r);
        else if (is_called(name, "producers"))
            read_producers(m, &r);
        else if (!r.bad)
            add_region(m, fps__span_part(section, r.at, section.size - r.at), FPS_REGION_OTHER, 0, "custom");
    } else if (id == IMPORTS) {
        read_imports(m, &r);
    } else if (id == EXPORTS) {
        read_exports(m, &r);
    } else if (id == CODE) {
        add_region(m, section, FPS_REGION_OTHER, 0, "code");
    } else if (id == DATA) {
        read_data(m, &r);
    }
    m->damaged |= r.bad;
}

static void read_sections(module *m)
{
    reader r = {.bytes = m->object->data, .at = HEADER};
    while (!r.bad && r.at < r.bytes.size && !m->no_memory) {
        size_t start = r.at;
        uint8_t id = take_byte(&r);
        fps__span section = take_bytes(&r);
        if (r.bad)
            break;
        read_section(m, id, section);
        if (id != CODE && id != DATA)
            fps__object_add_table(m->object, start, r.at - start);
    }
    if (r.bad || m->damaged)
        fps__object_diagnose(m->object, FPS_DIAGNOSTIC_PARTIAL, "section-table-damaged", r.at,
                             "a section of the WebAssembly module cannot be read");
}

static void keep_symbols(module *m)
{
    fps__symbol_set *set = fps__symbol_set_new(m->object, m->symbols.count);
    m->no_memory |= !set;
    for (size_t i = 0; set && i < m->symbols.count; i++)
        fps__symbol_set_add(set, &m->symbols.items[i]);
    fps__symbol_set_free(set);
}

static bool is_wasm(fps__span data)
{
    return data.size >= HEADER && memcmp(data.data, "\0asm\1\0\0\0", HEADER) == 0;
}

fps_status fps__flat_open(fps_object *object, fps_error *error)
{
    module m = {.object = object};
    object->info.bits = 32;
    object->info.machine_name = "";
    object->info.type = FPS_OBJECT_OTHER;
    if (is_wasm(object->data)) {
        object->info.machine_name = "wasm32";
        object->info.type = FPS_OBJECT_EXECUTABLE;
        read_sections(&m);
        keep_symbols(&m);
    } else {
        add_region(&m, object->data, FPS_REGION_DATA, 0, "");
    }
    m.no_memory |= !fps__object_paint(object, m.regions.items, m.regions.count, 0);
    free(m.regions.items);
    free(m.symbols.items);
    return m.no_memory ? fps__fail_memory(error) : FPS_OK;
}
