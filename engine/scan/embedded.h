/* What bytes of no known type hold: programs and archives behind a script, a picture, the end of an object. */
#ifndef FPS_SCAN_EMBEDDED_H
#define FPS_SCAN_EMBEDDED_H

#include "util/byte_filter.h"

/* The name of a container that fpscan recognises and cannot look into ("a 7z archive"), NULL for anything else. `head`
 * is all of a file or its first FPS__SOURCE_HEAD bytes. Thread-safe. */
const char *fps__unread_container(fps__span head);

/* True when a file that begins so may hide something: it is binary, or a script that is longer than a page. Text is what
 * most files are, and nothing starts it. */
bool fps__may_hide(fps__span head, uint64_t size);

/* The zip archive that the bytes end with, whatever they begin with: jar loaders and unzip go by the end. */
bool fps__find_zip(fps__span bytes, fps__span *zip);

/* Something inside other bytes, known by all fields of its header. */
typedef enum fps__part_kind {
    FPS__PART_OBJECT,    /* ELF, PE, Mach-O, or an archive of objects */
    FPS__PART_ARCHIVE,   /* an archive or compressed stream that can be read */
    FPS__PART_CONTAINER, /* what cannot */
} fps__part_kind;

typedef struct fps__part {
    const char *what; /* "an ELF file" */
    uint64_t offset;  /* bytes from the start */
    fps__part_kind kind;
    bool
        go_on; /* of a container: what lies in it is to be searched like other bytes, since its files may lie there as they are */
} fps__part;

/* What a search needs of all searches; made once. */
void fps__part_filter_init(fps__byte_filter *filter);

/* A search through bytes; the caller sets the first group, and moves `from` behind what was found. */
typedef struct fps__part_search {
    const fps__byte_filter *filter; /* of fps__part_filter_init */
    fps__span bytes;
    size_t from;          /* where to begin */
    bool no_objects;      /* objects do not count, nor what only the whole of a file can be */
    uint64_t deadline_ms; /* of util/clock.h; 0: none */
    uint64_t checks;      /* headers that were checked so far */
    fps__part at_sectors; /* the next volume that begins where a sector does; `what` NULL: there is none */
    bool looked;          /* for it */
    bool timed_out;
} fps__part_search;

/* The first part at or behind `from`. False: there is none, or the time ran out. Of compressed streams those count that
 * hold an object, an archive or binary data. About 0.2 ns a byte. */
bool fps__find_part(fps__part_search *search, fps__part *part);

/* True when the bytes begin like a tar whose first header has a wrong checksum. */
bool fps__is_damaged_tar(fps__span bytes);

/* True when bytes that nothing explains could be a program: more than a page, no padding, no text. */
bool fps__could_be_a_program(fps__span bytes);

/* True for the relocations of a Linux kernel, which lie behind it (Linux, arch/x86/tools/relocs.c): a few lists of addresses that
 * rise, 4 bytes each, with a zero before each list. They hold no code. */
bool fps__is_relocation_list(fps__span bytes);

#endif
