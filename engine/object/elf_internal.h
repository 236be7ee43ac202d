/* The ELF reader's working state and the steps that read one kind of table each. */
#ifndef FPS_OBJECT_ELF_INTERNAL_H
#define FPS_OBJECT_ELF_INTERNAL_H

#include "object/object_internal.h"

#include <gelf.h>

/* A run of bytes that has an address and is in the file; size 0 when there is none. */
typedef struct fps__elf_extent {
    uint64_t address;
    uint64_t offset;
    uint64_t size;
} fps__elf_extent;

/* Tables that the dynamic section names, all clipped to the bytes in the file. */
typedef enum fps__elf_table {
    FPS__ELF_STRTAB,
    FPS__ELF_SYMTAB,
    FPS__ELF_HASH,
    FPS__ELF_GNU_HASH,
    FPS__ELF_VERSYM,
    FPS__ELF_VERDEF,
    FPS__ELF_VERNEED,
    FPS__ELF_RELA,
    FPS__ELF_REL,
    FPS__ELF_JMPREL,
    FPS__ELF_RELR,
    FPS__ELF_ANDROID_REL,
    FPS__ELF_ANDROID_RELA,
    FPS__ELF_TABLES
} fps__elf_table;

typedef struct fps__elf_dynamic {
    fps__elf_extent extent; /* of the dynamic section itself */
    fps__elf_extent tables[FPS__ELF_TABLES];
    uint64_t symbol_count;
    uint64_t flags_1;
} fps__elf_dynamic;

typedef struct fps__elf {
    fps_object *object;
    fps__span data;
    fps__arena scratch; /* freed when the object is open */
    bool wide;          /* 64-bit */
    bool big_endian;
    Elf64_Ehdr header;
    Elf64_Phdr *segments;
    size_t segment_count;
    Elf64_Shdr *sections;
    size_t section_count;
    fps__span section_names;
    fps__elf_extent
        *loads; /* what the segments map, sorted by address, no two overlapping, bytes in the file only */
    size_t load_count;
    fps__elf_dynamic dynamic;
} fps__elf;

/* elf_records.c: translation of file records by libelf, always to the 64-bit form. */
typedef enum fps__elf_record {
    FPS__ELF_EHDR,
    FPS__ELF_PHDR,
    FPS__ELF_SHDR,
    FPS__ELF_SYM,
    FPS__ELF_DYN,
} fps__elf_record;
size_t fps__elf_record_size(const fps__elf *elf, fps__elf_record record);
/* Translates `count` records at `bytes`, which must hold them, to `records` (Elf64_Sym ...). */
void fps__elf_records_read(const fps__elf *elf, fps__elf_record record, const uint8_t *bytes, size_t count,
                           void *records);
uint16_t fps__elf_get16(const fps__elf *elf, const uint8_t *p);
uint32_t fps__elf_get32(const fps__elf *elf, const uint8_t *p);
/* A word of the file's own class: 4 or 8 bytes. */
uint64_t fps__elf_get_word(const fps__elf *elf, const uint8_t *p);

/* elf_header.c: the tables that the header names. */
fps_status fps__elf_read_header(fps__elf *elf, fps_error *error);
void fps__elf_read_segments(fps__elf *elf);
void fps__elf_read_sections(fps__elf *elf);
const char *fps__elf_section_name(const fps__elf *elf,
                                  const Elf64_Shdr *section);                /* "" when it cannot be read */
const Elf64_Shdr *fps__elf_find_section(const fps__elf *elf, uint32_t type); /* the first, or NULL */

/* elf_compressed.c: the section's bytes, as far as the file has them, unpacked where they are compressed; empty, with a
 * diagnostic, where they cannot be. Unpacked bytes are the object's. */
fps__span fps__elf_section_bytes(const fps__elf *elf, const Elf64_Shdr *section);
/* The file in .gnu_debugdata, NULL when there is none; a diagnostic says when it cannot be read. Sets
 * info.has_debug_data. The caller frees the object, then *memory, by free(). */
fps_object *fps__elf_open_debug_data(const fps__elf *elf, uint8_t **memory);

/* elf_loads.c: addresses to file bytes. */
void fps__elf_read_loads(fps__elf *elf);
/* The bytes at `address`, at most `size` of them, cut where the file or the segment ends. */
fps__elf_extent fps__elf_map(const fps__elf *elf, uint64_t address, uint64_t size);
fps__span fps__elf_bytes(const fps__elf *elf, fps__elf_extent extent);

/* elf_dynamic.c: PT_DYNAMIC and the sizes of the tables it names. */
void fps__elf_read_dynamic(fps__elf *elf);

/* elf_hash.c: how many dynamic symbols there are. */
uint64_t fps__elf_count_symbols(fps__elf *elf);

/* elf_versions.c: names of symbol versions by index. */
typedef struct fps__elf_versions {
    const char **names; /* by version index, NULL where there is none */
    size_t count;
} fps__elf_versions;
/* Reads .gnu.version_d and .gnu.version_r, fills the text lists and sets the exact size of both tables. */
void fps__elf_read_versions(fps__elf *elf, fps__elf_versions *versions);

/* elf_symbols.c */
void fps__elf_read_symbols(fps__elf *elf, const fps__elf_versions *versions);

/* elf_relocations.c: of relocatable objects. */
void fps__elf_read_relocations(fps__elf *elf);

/* elf_notes.c: notes, build-id, package note, .comment, debug link. */
void fps__elf_read_notes(fps__elf *elf);
void fps__elf_read_texts(fps__elf *elf);

/* elf_regions.c */
bool fps__elf_make_regions(fps__elf *elf);

#endif
