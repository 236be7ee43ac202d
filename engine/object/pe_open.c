/* Opens a PE file: every step reads one kind of table and notes what it cannot read. */
#include "object/pe_internal.h"

#include <stdlib.h>

enum {
    PE_POINTER = 0x3c,
    CODEVIEW = 2,
    DEBUG_ENTRY = 28,
    MAX_DEBUG_ENTRIES = 64,
    GUID_AND_AGE = 20,
    COFF_SYMBOL = 18
};

bool fps__pe_probe(fps__span data)
{
    if (data.size < PE_POINTER + 4 || data.data[0] != 'M' || data.data[1] != 'Z')
        return false;
    fps__span header = fps__span_part(data, fps__get32le(data.data + PE_POINTER), 4);
    return header.size && memcmp(header.data, "PE\0\0", 4) == 0;
}

void fps__pe_start(fps__pe *pe)
{
    const fps_object_limits *limits = &pe->object->limits;
    size_t most = limits->memory / 4 / sizeof(fps_symbol); /* they are kept twice while the file is read */
    pe->most_symbols = most < limits->symbols ? most : limits->symbols;
    pe->scratch.limit = limits->memory;
    pe->coff_symbol_size = COFF_SYMBOL;
}

void fps__pe_end(fps__pe *pe)
{
    free(pe->symbols.items);
    free(pe->names.items);
    fps__arena_free(&pe->scratch);
}

/* The CodeView record "RSDS": GUID, age, and the path of the debug file. */
static void read_codeview(fps__pe *pe)
{
    fps__span entries = fps__pe_directory_bytes(pe, FPS__PE_DEBUG);
    for (size_t i = 0; i < MAX_DEBUG_ENTRIES && fps__span_has(entries, i * DEBUG_ENTRY, DEBUG_ENTRY); i++) {
        const uint8_t *entry = entries.data + i * DEBUG_ENTRY;
        if (fps__get32le(entry + 12) != CODEVIEW)
            continue;
        fps__span record = fps__span_part(pe->data, fps__get32le(entry + 24), fps__get32le(entry + 16));
        if (record.size < 4 + GUID_AND_AGE || memcmp(record.data, "RSDS", 4) != 0)
            continue;
        pe->object->info.build_id = record.data + 4;
        pe->object->info.build_id_size = GUID_AND_AGE;
        pe->object->info.debug_link = fps__object_text_at(pe->object, record, 4 + GUID_AND_AGE);
        return;
    }
}

void fps__pe_merge_symbols(fps__pe *pe)
{
    fps__symbol_set *set = fps__symbol_set_new(pe->object, pe->symbols.count);
    if (!set) {
        pe->object->memory_failed = true;
        return;
    }
    for (size_t i = 0; i < pe->symbols.count; i++)
        fps__symbol_set_add(set, &pe->symbols.items[i]);
    fps__symbol_set_free(set);
}

/* Headers, certificates (their directory holds an offset and no address), symbols with their names, and debug records. */
static void add_tables(const fps__pe *pe)
{
    fps_object *object = pe->object;
    uint64_t symbols = (uint64_t)pe->coff_symbol_count * pe->coff_symbol_size;
    fps__span entries = fps__pe_directory_bytes(pe, FPS__PE_DEBUG);
    fps__object_add_table(object, 0, pe->header_size);
    fps__object_add_table(object, pe->directories[FPS__PE_CERTIFICATE].address,
                          pe->directories[FPS__PE_CERTIFICATE].size);
    if (pe->coff_symbols)
        fps__object_add_table(object, pe->coff_symbols, symbols + fps__pe_coff_strings(pe).size);
    for (size_t i = 0; i < MAX_DEBUG_ENTRIES && fps__span_has(entries, i * DEBUG_ENTRY, DEBUG_ENTRY); i++) {
        const uint8_t *entry = entries.data + i * DEBUG_ENTRY;
        fps__object_add_table(object, fps__get32le(entry + 24), fps__get32le(entry + 16));
    }
}

fps_status fps__pe_open(fps_object *object, fps_error *error)
{
    fps__pe pe = {.object = object, .data = object->data};
    fps__pe_start(&pe);
    fps_status status = fps__pe_read_headers(&pe, error);
    if (status != FPS_OK)
        goto out;
    fps__pe_read_exports(&pe);
    fps__pe_read_imports(&pe);
    fps__pe_read_coff_symbols(&pe);
    fps__pe_merge_symbols(&pe);
    fps__pe_read_version(&pe);
    fps__pe_read_relocations(&pe);
    fps__pe_read_details(&pe);
    read_codeview(&pe);
    add_tables(&pe);
    if (!fps__pe_make_regions(&pe))
        status = fps__fail_memory(error);
out:
    fps__pe_end(&pe);
    return status;
}
