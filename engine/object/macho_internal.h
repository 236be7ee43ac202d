/* The Mach-O reader's working state and its steps. Offsets and constants: Apple, mach-o/loader.h, mach-o/nlist.h. */
#ifndef FPS_OBJECT_MACHO_INTERNAL_H
#define FPS_OBJECT_MACHO_INTERNAL_H

#include "object/object_internal.h"

typedef struct fps__macho_section {
    char name[17], segment[17];
    uint64_t address, size;
    uint32_t offset, flags;
} fps__macho_section;

typedef struct fps__macho_segment {
    char name[17];
    uint64_t address, offset, size; /* bytes in the file */
    uint32_t protection;            /* VM_PROT_ of the program's start */
    size_t section_count;
} fps__macho_segment;

typedef struct fps__macho {
    fps_object *object;
    fps__span data;
    bool wide;
    fps__span commands;
    uint32_t command_count;
    FPS__ARRAY(fps__macho_segment) segments;
    FPS__ARRAY(fps__macho_section) sections; /* number 1 first, as symbols count them */
    uint32_t symbols, symbol_count, strings, string_size;
    bool no_memory;
} fps__macho;

uint32_t fps__macho_get32(const fps__macho *macho, const uint8_t *p);
/* An address or size of this object. */
uint64_t fps__macho_get_word(const fps__macho *macho, const uint8_t *p);
/* Bytes that can run: by the attributes of a section. */
bool fps__macho_is_code(const fps__macho_section *section);

/* macho_regions.c */
bool fps__macho_make_regions(fps__macho *macho);
/* macho_symbols.c */
void fps__macho_read_symbols(fps__macho *macho);

#endif
