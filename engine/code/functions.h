/* The functions of an object, with or without symbols, unwind tables and section headers. */
#ifndef FPS_CODE_FUNCTIONS_H
#define FPS_CODE_FUNCTIONS_H

#include "code/code.h"
#include "util/arena.h"

typedef enum fps__function_source {
    FPS__FUNCTION_SYMBOL = 1, /* .symtab or .dynsym, with a size */
    FPS__FUNCTION_UNWIND = 2, /* an FDE of .eh_frame */
    FPS__FUNCTION_TABLE = 3,  /* pclntab of Go */
    FPS__FUNCTION_FLOW = 4, /* the target of a call, a start behind padding, a landing pad: a candidate, whose
                               end comes from following its branches */
} fps__function_source;

typedef struct fps__function {
    uint64_t address; /* virtual; in relocatable objects the offset in its section */
    uint64_t offset;  /* of the first byte in the object's data */
    uint32_t size;    /* bytes, >= 1, inside one executable region */
    uint32_t section; /* ELF section index in relocatable objects, else 0 */
    fps__function_source source;
    const char *name; /* of a symbol, NULL for none; lives as long as the object */
} fps__function;

typedef struct fps__functions {
    fps__function
        *items; /* ascending by offset, then size; each (offset, size) once. Candidates of source FLOW may
                   overlap each other, with several ends for one start; others may not be doubled */
    size_t count;
    uint64_t executable_bytes;   /* in executable regions, without PLT stubs and padding between functions */
    uint64_t covered_bytes;      /* inside functions that symbols or tables name */
    fps_diagnostic *diagnostics; /* damaged tables and limits that bit; path is NULL */
    size_t diagnostic_count;
} fps__functions;

typedef struct fps__function_options {
    size_t maximum; /* functions; 0: one for 32 bytes of the object and 65,536 more, at most 4,000,000 */
    /* On the scale of util/clock.h; 0: none. Then the functions found so far are given. */
    uint64_t deadline_ms;
    bool no_symbols; /* as if the symbols were stripped */
    bool no_tables;  /* as if there were no unwind tables and no pclntab */
} fps__function_options;

/* Finds the functions of `object`, whose bytes are `data`: symbols with sizes, FDEs, pclntab; in executable
 * bytes that these leave out, starts by call targets, landing pads and padding. PLT stubs are left out. The
 * result lives in `arena`. Work is bounded by a constant times the size of the executable bytes and tables.
 * Objects of machines that have no reader (fps__machine_find) give tables and symbols only. Thread-safe over
 * different arenas. `options` may be NULL. FPS_ERROR_MEMORY; damage is a diagnostic, not an error. */
fps_status fps__functions_find(const fps_object *object, const void *data, size_t size,
                               const fps__function_options *options, fps__arena *arena,
                               fps__functions *functions, fps_error *error);

/* The code of a function, ready to normalise; its relocations are found in the object's. */
fps__code fps__function_code(const fps_object *object, const void *data, const fps__function *function);

#endif
