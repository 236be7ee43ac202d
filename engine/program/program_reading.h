/* What the readers of programs share; private to this room.
 *
 *   program.c      the driver, and the helpers below
 *   go_build.c     Go's build information
 *   go_paths.c     names and paths in Go's table of functions
 *   go_names.c     module paths: how they are written, and where they end
 *   rust_list.c    the list of cargo-auditable
 *   rust_paths.c   paths of panic locations
 *   marks.c        versions that compilers and generators leave, and packages of Haskell
 *   runtimes.c     run times that are linked into programs: OCaml, Swift, Nim, Zig, D, .NET compiled ahead of time, Nuitka
 *   python_archive.c   modules of Python that a bundle has frozen
 *   native_bill.c  the bill of materials in a native image of GraalVM
 */
#ifndef FPS_PROGRAM_PROGRAM_READING_H
#define FPS_PROGRAM_PROGRAM_READING_H

#include "program/program.h"
#include "util/array.h"
#include "util/clock.h"
#include "util/table.h"

enum { FPS__MAX_LISTED = 1 << 16 }; /* packages of one program */

/* Marks that readers look for, by bits of fps__program_reading.marks. */
typedef enum fps__program_mark {
    FPS__MARK_GO_BUILD = 1 << 0,    /* the magic number of Go's build information */
    FPS__MARK_GO_LIST = 1 << 1,     /* what stands before the list of Go's modules */
    FPS__MARK_RUST = 1 << 2,        /* "/rust", in paths of the standard library */
    FPS__MARK_CYTHON = 1 << 3,      /* "_cython_" */
    FPS__MARK_PASCAL = 1 << 4,      /* "FPC " */
    FPS__MARK_GHC_PACKAGE = 1 << 5, /* names that every program of Haskell has */
    FPS__MARK_GHC_MODULE = 1 << 6,
} fps__program_mark;

typedef struct fps__program_reading {
    const fps_object *object;
    const fps_object_info *info;
    fps__span bytes;
    unsigned marks;      /* that may be in its data (fps__program_data); the others are not */
    uint64_t image_base; /* added to the addresses of regions: those of PE files count from it */
    fps__arena *arena;
    fps__alarm alarm;
    FPS__ARRAY(fps__listed) items;
    fps__table known; /* indexes of items + 1, by kind, name and version */
    const char *fault;
    uint64_t fault_offset;
    bool no_memory;
} fps__program_reading;

/* Takes note of what could not be read, once; `what` is static text. */
void fps__program_fault(fps__program_reading *reading, const char *what, uint64_t offset);
/* A copy on one line: control characters become spaces. "" without memory. */
const char *fps__program_text(fps__program_reading *reading, fps__span text);
/* Adds a package unless it is listed with this version; an empty name is none. Its name and version must be of the arena. */
void fps__program_add(fps__program_reading *reading, const fps__listed *listed);
/* The bytes that are loaded at an address, `size` of them; empty where they are not in the file. */
fps__span fps__program_at(const fps__program_reading *reading, uint64_t address, uint64_t size);
/* The bytes of a loaded region of data; empty for regions that hold none. */
fps__span fps__program_data(const fps__program_reading *reading, size_t region);

/* The length of "1.2.3" at the start, with `dot` between the numbers; 0 without two numbers. */
size_t fps__program_version_length(fps__span text, uint8_t dot);
/* Adds a package with a version in which `dot` stands for dots; `purl` may be NULL, and an empty version is none. */
void fps__program_add_version(fps__program_reading *reading, fps_package_kind kind, const char *name,
                              const char *purl, fps__span version, uint8_t dot);
/* Whether a text stands alone between zeros. It is given in brackets, "[text]", so that this program does not hold what it looks
 * for. */
bool fps__program_holds(fps__span bytes, const char *bracketed);

/* True, and in *version, the release in "go1.22.3 X:something": "1.22.3". False for a version of no release. */
bool fps__go_release(fps__span text, fps__span *version);
/* The first bytes of a package path that are its module's: "github.com/a/b/c" gives "github.com/a/b". A guess by the habits
 * of the hosts; empty where the path has no host, as those of the standard library. */
fps__span fps__go_module_of(fps__span package);

/* The magic number of Go's build information, and what stands before the list of modules. */
enum { FPS__GO_MAGIC = 14, FPS__GO_MARK = 16 }; /* bytes */
extern const char fps__go_magic[FPS__GO_MAGIC + 1];
extern const uint8_t fps__go_begin_mark[FPS__GO_MARK];

/* True when the object has build information with modules. */
bool fps__go_build_read(fps__program_reading *reading);
/* What names and paths in the table of functions tell. `version` is that of Go ("go1.22.3"), empty where it is not known yet.
 * False when the object has no such table. */
bool fps__go_paths_read(fps__program_reading *reading, fps__span version);
/* True when the object has a list that could be read. */
bool fps__rust_list_read(fps__program_reading *reading);
/* What paths of panic locations tell: the standard library, and crates where `crates` is set. */
void fps__rust_paths_read(fps__program_reading *reading, bool crates);

/* What marks of compilers and generators tell. */
void fps__marks_read(fps__program_reading *reading);
/* Run times of languages, by what each leaves in a stripped program. */
void fps__runtimes_read(fps__program_reading *reading);
/* The packages of an archive of Python modules, which reading->bytes are; there is no object. */
void fps__python_archive_list(fps__program_reading *reading);
/* The packed bill of a native image, a part of reading->bytes; empty for none. */
fps__span fps__native_bill(const fps__program_reading *reading);

#endif
