/* Reads Go's table of functions, pclntab: every Go program carries it, stripped or not.
 *
 * The layouts are those of Go 1.2, 1.16, 1.18 and 1.20 (src/debug/gosym/pclntab.go and
 * src/internal/abi/symtab.go of Go's sources). */
#ifndef FPS_CODE_PCLNTAB_H
#define FPS_CODE_PCLNTAB_H

#include "util/byte_filter.h"

typedef struct fps__pclntab {
    fps__span bytes; /* from the magic number to the end of what was given */
    bool big_endian;
    uint8_t word;          /* bytes of an address: 4 or 8 */
    uint8_t field;         /* bytes of an entry's halves */
    bool relative;         /* entries count from text_start, which a position-independent program leaves 0 */
    uint64_t text_start;   /* 0 when it is not known */
    size_t count;          /* functions, as far as they lie inside the bytes */
    size_t entries, names; /* offsets of the table of functions and of the names */
    size_t base;           /* what the functions' records count from */
    size_t names_end;      /* of the names; equal to `names` where they are not kept together */
    size_t files, files_end; /* offsets of the paths, or (Go 1.2) of the list of where they are */
} fps__pclntab;

typedef struct fps__pclntab_function {
    uint64_t address, end; /* the next function's start; padding is before it */
    const char *name;      /* NUL-terminated inside the bytes; NULL when it cannot be read */
} fps__pclntab_function;

/* True, and the table, when `bytes` starts with one. */
bool fps__pclntab_open(fps__pclntab *table, fps__span bytes, bool big_endian);

/* The function with number `index`, which must be below table->count; false when its entry cannot be read. */
bool fps__pclntab_read(const fps__pclntab *table, size_t index, fps__pclntab_function *function);

/* The next path of a source file, from *at on, which is 0 at first. False when there are no more. */
bool fps__pclntab_next_file(const fps__pclntab *table, size_t *at, fps__span *path);

/* The next name of a function or inlined function, from *at on, which is 0 at first; only where names are kept together, in
 * Go 1.16 and later. False when there are no more. */
bool fps__pclntab_next_name(const fps__pclntab *table, size_t *at, fps__span *name);

/* What searches for tables share; made once for an object. */
typedef struct fps__pclntab_search {
    fps__byte_filter filter;
    bool big_endian;
} fps__pclntab_search;
void fps__pclntab_search_init(fps__pclntab_search *search, bool big_endian);
/* The first place from `offset` on where a table may start; bytes.size for none. */
size_t fps__pclntab_next(const fps__pclntab_search *search, fps__span bytes, size_t offset);

#endif
