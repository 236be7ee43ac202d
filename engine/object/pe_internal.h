/* The PE reader's working state and its steps. Offsets and constants: Microsoft "PE Format", all
 * little-endian. */
#ifndef FPS_OBJECT_PE_INTERNAL_H
#define FPS_OBJECT_PE_INTERNAL_H

#include "object/object_internal.h"

enum {
    FPS__PE_DIRECTORIES = 16,
    FPS__PE_CODE = 0x20,
    FPS__PE_EXECUTE = 0x20000000,
    FPS__PE_WRITE = (int)0x80000000u,
};

typedef enum fps__pe_directory {
    FPS__PE_EXPORT = 0,
    FPS__PE_IMPORT = 1,
    FPS__PE_RESOURCE = 2,
    FPS__PE_EXCEPTION = 3,
    FPS__PE_CERTIFICATE = 4,
    FPS__PE_BASE_RELOCATION = 5,
    FPS__PE_DEBUG = 6,
    FPS__PE_DELAY_IMPORT = 13,
} fps__pe_directory;

typedef struct fps__pe_section {
    const char *name;
    uint32_t address; /* RVA */
    uint32_t memory_size;
    uint64_t offset;
    uint64_t size; /* bytes in the file */
    uint32_t flags;
} fps__pe_section;

/* A run of names in the file that imports are spelt with. */
typedef struct fps__pe_run {
    uint64_t offset;
    uint64_t end;
    uint32_t address;
} fps__pe_run;

typedef struct fps__pe {
    fps_object *object;
    fps__span data;
    fps__arena scratch;
    bool wide; /* PE32+ */
    uint64_t image_base;
    uint32_t section_alignment;
    uint32_t header_size; /* bytes of headers that are mapped at RVA 0 */
    uint32_t coff_symbols, coff_symbol_count;
    uint8_t coff_symbol_size; /* bytes of a record: 18, or 20 in large objects */
    struct {
        uint32_t address, size;
    } directories[FPS__PE_DIRECTORIES];
    fps__pe_section *sections; /* in file order */
    size_t section_count;
    const fps__pe_section **by_address; /* those with bytes, sorted by address, no two overlapping */
    size_t mapped_count;
    size_t most_symbols;            /* the limit on symbols and names that memory allows, too */
    FPS__ARRAY(fps_symbol) symbols; /* as found, duplicates and all */
    FPS__ARRAY(fps__pe_run) names;
    bool symbols_full;
} fps__pe;

/* pe_open.c. Sets the limits; pe->object and pe->data are set. */
void fps__pe_start(fps__pe *pe);
void fps__pe_end(fps__pe *pe);
/* Gives the symbols found to the object. */
void fps__pe_merge_symbols(fps__pe *pe);

/* pe_header.c */
/* `machine` is PE's number. */
void fps__pe_set_machine(fps__pe *pe, uint16_t machine);
/* The name in a section header, which may lie in the COFF string table. Never NULL. */
const char *fps__pe_section_name(fps__pe *pe, const uint8_t *field);
fps_status fps__pe_read_headers(fps__pe *pe, fps_error *error);
/* The section whose bytes in the file hold `address` (an RVA), or NULL. */
const fps__pe_section *fps__pe_find_section(const fps__pe *pe, uint64_t address);
/* The bytes from `address` (an RVA) to the end of its section, empty when it is not in the file. */
fps__span fps__pe_map(const fps__pe *pe, uint64_t address);
/* The bytes of a directory, cut where its section ends; empty when there is none or it lies outside of the
 * file. */
fps__span fps__pe_directory_bytes(const fps__pe *pe, fps__pe_directory directory);
/* The text at an RVA, or NULL. */
const char *fps__pe_text(fps__pe *pe, uint64_t address);

/* pe_symbols.c: exports and imports; pe_coff.c: the COFF symbol table that MinGW leaves. */
void fps__pe_read_exports(fps__pe *pe);
void fps__pe_read_imports(fps__pe *pe);
void fps__pe_read_coff_symbols(fps__pe *pe);
void fps__pe_add_symbol(fps__pe *pe, const fps_symbol *symbol);
/* The name of a COFF symbol; NULL when it is outside of the file. */
const char *fps__pe_symbol_name(fps__pe *pe, const uint8_t *record);
/* The COFF string table, empty when there is none; its first four bytes are its size. */
fps__span fps__pe_coff_strings(const fps__pe *pe);

/* pe_relocations.c */
void fps__pe_read_relocations(fps__pe *pe);

/* pe_details.c: how the file was made, as it says. */
void fps__pe_read_details(fps__pe *pe);

/* pe_resource.c: the version resource. */
void fps__pe_read_version(fps__pe *pe);

/* pe_regions.c */
bool fps__pe_make_regions(fps__pe *pe);
fps_region_kind fps__pe_section_kind(const fps__pe *pe, const fps__pe_section *section);

#endif
