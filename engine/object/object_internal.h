/* What the readers of object formats share: the object under construction, and the helpers that fill it.
 *
 * A new format is a file with a probe and an open function, a value of fps_format, and a line in the table of
 * object.c. The rooms behind rely on ELF's notions, so every reader fills these in:
 *
 *   info.bits, big_endian   before fps__object_set_machine
 *   info.machine            an ELF number (EM_X86_64 ...): it selects the reader of code
 *   info.type               RELOCATABLE, EXECUTABLE or SHARED; addresses count from a section only in the first
 *   info.entry, soname      0 and NULL for none; the soname is the name by which others need this library
 *   regions                 every loaded byte once (fps__object_paint); a section index in relocatable objects
 *   symbols                 by fps__symbol_set_add; imports and exports are dynamic
 *   relocations             of relocatable objects and 32-bit PE files, ascending by offset in the data
 *   texts                   FPS_TEXT_NEEDED the libraries that it needs, FPS_TEXT_COMMENT what tells the compiler
 *   build_id                bytes that identify the build, NULL for none
 *
 * A reader checks each offset and count where it uses it. What it cannot read is a diagnostic; it fails only
 * for a header that it cannot read at all, and for lack of memory.
 */
#ifndef FPS_OBJECT_OBJECT_INTERNAL_H
#define FPS_OBJECT_OBJECT_INTERNAL_H

#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/error.h"

#include <fpscan/object.h>

enum {
    FPS__MAX_NAME = 4096,      /* longest name kept whole, bytes */
    FPS__MAX_TEXTS = 65536,    /* most texts in one list, notes, version strings */
    FPS__MAX_DIAGNOSTICS = 64, /* most diagnostics of one level */
    FPS__COPIES_MIN = 4 << 20, /* bytes of names that may be copied, beside a share of the file's size */
    FPS__COPIES_SHARE = 2,
};

typedef struct fps__symbol_set fps__symbol_set;

struct fps_object {
    fps__arena arena; /* names, messages, symbols: everything that lives as long as the object */
    fps__span data;
    fps_object_limits limits; /* no zeros */
    fps_object_info info;
    bool memory_failed; /* not even a diagnostic could be kept */
    bool is_inner;      /* it lies in a section of another object: it opens none itself */
    bool name_cut;      /* a diagnostic says already that a name was cut */
    size_t copied;      /* bytes of names that are copies */
    size_t level_counts[FPS_DIAGNOSTIC_PARTIAL + 1];
    fps_symbol *symbols;
    size_t symbol_count;
    size_t symbol_capacity;
    fps_relocation *relocations; /* ascending */
    size_t relocation_count;
    FPS__ARRAY(fps_region) regions;
    FPS__ARRAY(fps_gap)
    tables; /* what the headers claim for tables; any order, may overlap and leave the file */
    FPS__ARRAY(fps_gap) gaps;
    FPS__ARRAY(const char *) texts[FPS_TEXT_LISTS];
    FPS__ARRAY(fps_note) notes;
    FPS__ARRAY(fps_version_string) version_strings;
    FPS__ARRAY(fps_diagnostic) diagnostics;
};

/* One object format: the reader of what `probe` accepts. */
typedef struct fps__object_format {
    fps_format format;
    const char *name; /* as in reports */
    bool (*probe)(fps__span data);
    fps_status (*open)(fps_object *object, fps_error *error); /* NULL: known, but not an object */
} fps__object_format;

/* Opens an object that lies inside of another one. As fps_object_open, without the caller's limits being defaults. */
fps_status fps__object_open_inner(fps_object **object, fps__span data, const fps_object_limits *limits);

bool fps__elf_probe(fps__span data);
fps_status fps__elf_open(fps_object *object, fps_error *error);
bool fps__pe_probe(fps__span data);
fps_status fps__pe_open(fps_object *object, fps_error *error);
bool fps__coff_probe(fps__span data);
fps_status fps__coff_open(fps_object *object, fps_error *error);
bool fps__macho_probe(fps__span data);
fps_status fps__macho_open(fps_object *object, fps_error *error);
bool fps__ar_probe(fps__span data);
/* Of bytes that have no format of objects, or are a WebAssembly module. */
fps_status fps__flat_open(fps_object *object, fps_error *error);

/* Adds a diagnostic; `code` is static text. Beyond FPS__MAX_DIAGNOSTICS of a level they are dropped. */
void fps__object_diagnose(fps_object *object, fps_diagnostic_level level, const char *code, uint64_t offset,
                          const char *format, ...) FPS_PRINTF(5, 6);

/* Sets the machine (an ELF number) and its name; bits and byte order must be set. */
void fps__object_set_machine(fps_object *object, uint16_t machine);

/* The text at `offset` of `table`: inside the data where a NUL ends it there, else a copy. A text that is
 * longer than FPS__MAX_NAME or runs out of the table is cut, with one diagnostic. NULL when `offset` is
 * outside, or without memory. */
const char *fps__object_text_at(fps_object *object, fps__span table, uint64_t offset);

/* A copy of `length` bytes as a text; NULL without memory. A small file can name one long text many times
 * over: when copies have taken several times the file's size, the result is NULL too, with one diagnostic. */
char *fps__object_copy_text(fps_object *object, const char *text, size_t length);

/* Append to a list. `text` must live as long as the object; NULL is ignored. */
void fps__object_add_text(fps_object *object, fps_text_list list, const char *text);
void fps__object_add_note(fps_object *object, const fps_note *note);
void fps__object_add_version_string(fps_object *object, const char *name, const char *value);

/* Puts the relocations into the order of their offsets. */
void fps__object_sort_relocations(fps_object *object);

/* Paints regions: `items` (reordered, overlaps among them clipped) take the bytes that no earlier call took.
 * Runs that are shorter than `least`, or all zero where `least` is not 0, are padding and left out. False
 * without memory. */
bool fps__object_paint(fps_object *object, fps_region *items, size_t count, uint64_t least);

/* Notes that the headers claim bytes for a table that is no region. */
void fps__object_add_table(fps_object *object, uint64_t offset, uint64_t size);
/* Finds the gaps when regions and tables are known. False without memory. */
bool fps__object_find_gaps(fps_object *object);

/* Makes room for at most `count` symbols in all and gives the set that finds duplicates; NULL without memory.
 * `count` is cut to the limits, with a diagnostic. */
fps__symbol_set *fps__symbol_set_new(fps_object *object, size_t count);
/* Adds a symbol unless its (name, address, defined) is there already; then the older one takes what it lacks.
 */
void fps__symbol_set_add(fps__symbol_set *set, const fps_symbol *symbol);
void fps__symbol_set_free(fps__symbol_set *set);

#endif
