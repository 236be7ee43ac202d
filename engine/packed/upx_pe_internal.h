/* A PE file packed by UPX: its headers, and the tables of the original that are built again. */
#ifndef FPS_PACKED_UPX_PE_INTERNAL_H
#define FPS_PACKED_UPX_PE_INTERNAL_H

#include "util/bytes.h"

enum {
    FPS__UPX_PE_SECTIONS = 96, /* the most that Windows loads */
    FPS__UPX_PE_SECTION = 40,  /* bytes of a section header */
    FPS__UPX_PE_EXPORT = 0,    /* data directories */
    FPS__UPX_PE_IMPORT = 1,
    FPS__UPX_PE_RESOURCE = 2,
    FPS__UPX_PE_RELOCATION = 5,
};

typedef struct fps__upx_pe {
    fps__span bytes;
    uint64_t offset;   /* of "PE" */
    uint64_t sections; /* of the section headers */
    uint32_t size;     /* bytes from "PE" to the end of 16 data directories */
    unsigned count;    /* sections */
    uint16_t machine, flags;
    bool wide; /* PE32+ */
} fps__upx_pe;

typedef struct fps__upx_section {
    uint32_t room, address, size, offset, flags; /* VirtualSize, VirtualAddress, SizeOfRawData ... */
} fps__upx_section;

typedef struct fps__upx_directory {
    uint32_t address, size;
} fps__upx_directory;

/* Reads the headers at `offset`; false when they are none, or not whole. */
bool fps__upx_pe_read(fps__span bytes, uint64_t offset, fps__upx_pe *pe);
/* `index` is below pe->count, or below 16. */
fps__upx_section fps__upx_pe_section(const fps__upx_pe *pe, unsigned index);
fps__upx_directory fps__upx_pe_directory(const fps__upx_pe *pe, unsigned index);

/* The memory of the original, whose tables are to be built again. */
typedef struct fps__upx_image {
    const fps__upx_pe *outer, *inner; /* inner->bytes is the image: its headers lie in it */
    uint8_t *bytes;
    size_t size;
    uint32_t base; /* address of the first byte */
    uint64_t deadline_ms;
} fps__upx_image;

/* Builds imports, relocations, exports and resources. NULL, or what could not be built (static). */
const char *fps__upx_rebuild(fps__upx_image *image);

#endif
