/* What a program says of itself: the modules of a Go program, the crates of a Rust program.
 *
 *   fps__program program;
 *   status = fps__program_read(&program, object, bytes, deadline_ms, arena);
 *   ... program.items[i].name ...
 *
 * Build information (Go) and the list of cargo-auditable (Rust) name all that was linked. Where they are gone, the paths of
 * source files that a compiler leaves in every program name what has code in it.
 */
#ifndef FPS_PROGRAM_PROGRAM_H
#define FPS_PROGRAM_PROGRAM_H

#include "util/arena.h"
#include "util/bytes.h"

#include <fpscan/object.h>
#include <fpscan/result.h>

/* A package that was linked into a program. Texts are of the arena, without control characters, and never NULL. */
typedef struct fps__listed {
    fps_package_kind kind;
    const char *name, *version; /* as the ecosystem writes them; "" for a version that nothing tells */
    const char *properties; /* lines "KEY=VALUE": build settings, what it replaces, where it came from; "" */
    const char *purl;       /* where its kind cannot tell it, else NULL */
    bool main;              /* the program itself; one at most */
    bool likely;            /* a path alone names it */
} fps__listed;

typedef struct fps__program {
    const fps__listed *items; /* of the arena: the main one, then by kind, name and version */
    size_t count;
    const char *fault; /* what could not be read, in words, static; NULL when nothing is missing */
    uint64_t fault_offset;
    fps__span bill; /* a bill of materials that it holds, packed by gzip; empty for none */
} fps__program;

/* Lists what the object, which was opened over `bytes`, was linked from; nothing for an object of another language. `arena`
 * takes the texts. After `deadline_ms` (util/clock.h; 0: none) the list is incomplete, and says so. FPS_ERROR_MEMORY. */
fps_status fps__program_read(fps__program *program, const fps_object *object, fps__span bytes,
                             uint64_t deadline_ms, fps__arena *arena);

#endif
