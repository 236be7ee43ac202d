/* Reads the functions that unwind tables name: .eh_frame records and the table of .eh_frame_hdr.
 *
 * The format is that of the Linux Standard Base Core specification 5.0, 10.6, and of DWARF 4, 6.4.1; only
 * what leads to the ranges is read. */
#ifndef FPS_CODE_UNWIND_H
#define FPS_CODE_UNWIND_H

#include "util/bytes.h"

/* A run of bytes with unwind records. */
typedef struct fps__unwind_table {
    fps__span bytes;
    uint64_t address;      /* of the first byte */
    uint64_t data_address; /* base of data-relative pointers; UINT64_MAX: unknown, they are refused */
    uint8_t word;          /* bytes of an address: 4 or 8 */
    bool big_endian;
} fps__unwind_table;

typedef enum fps__unwind_event {
    FPS__UNWIND_FUNCTION = 0,
    FPS__UNWIND_BAD_RECORD = 1, /* a length that runs out of the table: the walk ends */
    FPS__UNWIND_BAD_ENTRY = 2,  /* an FDE, or its CIE, that cannot be read: it is skipped */
} fps__unwind_event;

/* What a walk tells: `offset` is the record's place in the table; address and size are of a function only. */
typedef struct fps__unwind_entry {
    fps__unwind_event event;
    size_t offset;
    uint64_t address, size;
} fps__unwind_entry;

/* A walk; `table` and `at` are set by the caller, the rest is zero. */
typedef struct fps__unwind_walk {
    fps__unwind_table table;
    size_t at;        /* where the next record is read */
    size_t cie;       /* the CIE in hand, + 1; 0 for none */
    uint8_t encoding; /* of its pointers */
    bool readable;    /* whether that CIE can be read */
} fps__unwind_walk;

/* The next FDE or what is wrong; false at the end. Zero lengths, which end the part of one object file, are
 * stepped over. Each call takes time in proportion to the records it passes. */
bool fps__unwind_next(fps__unwind_walk *walk, fps__unwind_entry *entry);

/* The one FDE at `offset` of the walk's table. */
bool fps__unwind_read(fps__unwind_walk *walk, size_t offset, fps__unwind_entry *entry);

/* True when a CIE stands at `offset`, as compilers write it: a cheap test for scanning. */
bool fps__unwind_is_cie(const fps__unwind_table *table, size_t offset);

/* .eh_frame_hdr: where .eh_frame is, and its sorted table of (function, FDE) addresses. */
typedef struct fps__unwind_header {
    uint64_t frame_address;
    size_t entries; /* that lie inside the header's bytes; 0 when there is no table of a known form */
    size_t first;   /* offset of the first entry */
    uint8_t width;  /* bytes of each half of an entry: 2, 4 or 8 */
    uint8_t encoding;
} fps__unwind_header;

/* Reads the header; its table's data_address must be that of its first byte. False when it is none. */
bool fps__unwind_read_header(const fps__unwind_table *table, fps__unwind_header *header);
/* The address of the FDE that entry `index` of the header's table names. */
bool fps__unwind_header_entry(const fps__unwind_table *table, const fps__unwind_header *header, size_t index,
                              uint64_t *fde);

#endif
