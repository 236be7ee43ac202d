/* Patches in a workbench: the functions of object files, and the rows that are made of them. */
#ifndef FPS_WORKBENCH_WORKBENCH_PATCH_H
#define FPS_WORKBENCH_WORKBENCH_PATCH_H

#include "workbench/workbench_internal.h"

/* The fewest instructions of a function that tells whether a patch is there. Of the functions of 312 source packages of Debian 12, written
 * in C and for unrelated projects, these shares have a key that a function of another name in another package has, too: .1 to .5 % of
 * those of 8 to 39 instructions (getters, calls with a list of arguments), .06 % of 40 to 49, .016 % of 50 to 63, .002 % of more; from 50 on
 * nearly all that were looked at are copies of the same source. */
enum { FPS__PATCH_INSTRUCTIONS = 50 };

/* A function with a name, in a file that symbols are in. */
typedef struct fps__named_function {
    const char *name;
    const char *toolchain; /* "gcc-12", "" when nothing tells */
    uint64_t key;
    uint32_t instructions;
    uint16_t machine; /* ELF e_machine */
} fps__named_function;

typedef FPS__ARRAY(fps__named_function) fps__named_functions;

/* Appends the functions of an object file, or of all objects of an ar archive. Texts live in `arena`. FPS_ERROR_IO;
 * FPS_ERROR_FORMAT: neither of both; FPS_ERROR_CORRUPT: damaged; FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__workbench_read_functions(const char *path, fps__arena *arena, fps__named_functions *functions,
                                         fps_error *error);

extern const char fps__workbench_patch_schema[];

/* A patch function as it is stored. Texts are the caller's. */
typedef fps__corpus_patch_function fps__patch_row;

/* Writes a row, unless it is there; inside a transaction. */
fps_status fps__workbench_store_patch_row(fps_workbench *workbench, const fps__patch_row *row,
                                          fps_error *error);
/* Takes in all patches of another workbench, in a transaction of its own. */
fps_status fps__workbench_merge_patches(fps_workbench *workbench, fps_workbench *other, fps_error *error);

#endif
