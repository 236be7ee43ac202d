/* What the finders of functions share: the executable regions of an object, the functions found so far, and
 * what could not be read.
 *
 *   functions.c         the driver, and functions by symbols
 *   functions_unwind.c  by unwind tables
 *   functions_pdata.c   by the exception directory of PE files
 *   functions_go.c      by Go's function table
 *   flow.c              by control flow, in what these leave
 */
#ifndef FPS_CODE_FINDER_H
#define FPS_CODE_FINDER_H

#include "code/functions.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/clock.h"

/* An executable region. */
typedef struct fps__code_region {
    const uint8_t *bytes;
    uint64_t address, offset, size;
    uint32_t section; /* in relocatable objects, else 0 */
    bool from_segment;
    bool stubs; /* a PLT by its name */
} fps__code_region;

/* Kinds of diagnostics; each is reported once with a count. */
typedef enum fps__finder_diagnostic {
    FPS__FINDER_SYMBOL_RANGE,  /* a function symbol that runs out of its region */
    FPS__FINDER_UNWIND_RECORD, /* a record that runs out of the table */
    FPS__FINDER_UNWIND_ENTRY,  /* a CIE, an FDE or an entry of .pdata that cannot be read */
    FPS__FINDER_UNWIND_RANGE,  /* one outside of the executable regions, or empty */
    FPS__FINDER_TABLE_RECORD,  /* pclntab */
    FPS__FINDER_OVERLAP,       /* functions over functions over functions */
    FPS__FINDER_LIMIT,         /* more functions than the maximum */
    FPS__FINDER_DIAGNOSTICS
} fps__finder_diagnostic;

typedef struct fps__finder {
    const fps_object *object;
    const fps_object_info *info;
    const fps__machine *machine; /* NULL: code of this machine is not read */
    fps__span data;
    fps__function_options options; /* no zeros */
    fps__code_region *regions;     /* by offset, no two overlapping */
    uint32_t *by_address;          /* indexes of regions, ascending by address, or by section */
    size_t region_count;
    const fps_region **loaded; /* ascending by address */
    size_t loaded_count;
    FPS__ARRAY(fps__function) found;
    struct {
        uint64_t count, offset; /* offset of the first one in the data, UINT64_MAX for none */
    } diagnostics[FPS__FINDER_DIAGNOSTICS];
    uint64_t padding; /* bytes between functions, and stubs outside of stub sections */
    bool memory_failed;
    fps__alarm alarm; /* when it rings, each finder ends with what it has */
} fps__finder;

/* Collects the executable and the loaded regions; object, info, machine, data and options are set. The arrays
 * live in `scratch`, and finder->found.items is the caller's to free. False without memory. */
bool fps__finder_open(fps__finder *finder, fps__arena *scratch);

/* The executable region that contains `address`; NULL for none. `section` counts in relocatable objects
 * only. */
const fps__code_region *fps__finder_code(const fps__finder *finder, uint32_t section, uint64_t address);

/* Adds a function of `size` bytes, but not beyond its region. PLT stubs are not added, nor functions above
 * the maximum, which is a diagnostic. False where there is no code. */
bool fps__finder_add(fps__finder *finder, const fps__function *function, uint64_t size);

/* Counts a diagnostic; the offset of the first of its kind is kept. */
void fps__finder_diagnose(fps__finder *finder, fps__finder_diagnostic kind, uint64_t offset);

/* Writes the diagnostics of a finder into `functions`; they live in `arena`. False without memory. */
bool fps__finder_report(const fps__finder *finder, fps__arena *arena, fps__functions *functions);

/* The loaded region that contains `address`; NULL for none. */
const fps_region *fps__finder_region(const fps__finder *finder, uint64_t address);

/* The finders: each adds what its table names. */
void fps__functions_unwind(fps__finder *finder);
void fps__functions_pdata(fps__finder *finder);
void fps__functions_go(fps__finder *finder);
/* Adds functions in what is left; those found so far must be sorted. */
void fps__functions_flow(fps__finder *finder, fps__arena *scratch);

#endif
