/* What the finders of functions share: the executable regions of an object, the functions found so far, and
 * the counts of what was damaged. */
#ifndef FPS_CODE_FUNCTIONS_INTERNAL_H
#define FPS_CODE_FUNCTIONS_INTERNAL_H

#include "code/functions.h"
#include "util/array.h"
#include "util/bytes.h"

/* An executable region. */
typedef struct fps__code_region {
    const uint8_t *bytes;
    uint64_t address, offset, size;
    uint32_t section; /* in relocatable objects, else 0 */
    bool from_segment;
    bool stubs; /* a PLT by its name */
} fps__code_region;

/* Kinds of damage, each told once with a count. */
typedef enum fps__damage {
    FPS__DAMAGE_SYMBOL_RANGE,  /* a function symbol that runs out of its region */
    FPS__DAMAGE_UNWIND_RECORD, /* a record that runs out of the table */
    FPS__DAMAGE_UNWIND_ENTRY,  /* a CIE or an FDE that cannot be read */
    FPS__DAMAGE_UNWIND_RANGE,  /* an FDE outside of the executable regions, or empty */
    FPS__DAMAGE_TABLE_RECORD,  /* pclntab */
    FPS__DAMAGE_OVERLAP,       /* functions over functions over functions */
    FPS__MAX_DAMAGE,           /* more functions than the maximum */
    FPS__DAMAGES
} fps__damage;

typedef struct fps__finder {
    const fps_object *object;
    const fps_object_info *info;
    const fps__machine *machine; /* NULL: code of this machine is not read */
    fps__span data;
    fps__function_options options; /* no zeros */
    fps__code_region *texts;       /* by offset, no two overlapping */
    uint32_t *by_address;          /* indexes of texts, ascending by address, or by section */
    size_t text_count;
    const fps_region **loaded; /* ascending by address */
    size_t loaded_count;
    FPS__ARRAY(fps__function) found;
    struct {
        uint64_t count, offset; /* the first one's place in the data, UINT64_MAX for none */
    } damage[FPS__DAMAGES];
    uint64_t padding; /* bytes between functions, and stubs outside of stub sections */
    bool memory_failed;
} fps__finder;

/* The executable region that holds `address`; NULL for none. `section` counts in relocatable objects only. */
const fps__code_region *fps__finder_code(const fps__finder *finder, uint32_t section, uint64_t address);

/* Adds a function at `address`, cut to its region; nothing for PLT stubs. False where there is no code. */
bool fps__finder_add(fps__finder *finder, const fps__function *function, uint64_t size);

void fps__finder_diagnose(fps__finder *finder, fps__damage kind, uint64_t offset);

/* The bytes of a loaded region at `address`, up to the region's end; NULL for none. */
const fps_region *fps__finder_region(const fps__finder *finder, uint64_t address);

/* The finders: each adds what its table names. */
void fps__functions_symbols(fps__finder *finder);
void fps__functions_unwind(fps__finder *finder);
void fps__functions_go(fps__finder *finder);
/* Adds candidates in what is left; the functions found so far must be sorted. */
void fps__functions_flow(fps__finder *finder, fps__arena *scratch);

#endif
