/* The catalogue: reviewed text that says which components there are, and which source packages they are.
 *
 *   Component: zlib
 *   Name: zlib
 *   Sources: debian:zlib debian:minizip rpm:zlib apk:zlib
 *   Releases: 1.2.11 1.2.12 1.2.13
 *    1.3 1.3.1
 *
 * Stanzas are separated by empty lines; "#" begins a comment line; a line that begins with a space continues
 * the field before.
 */
#ifndef FPS_WORKBENCH_CATALOGUE_H
#define FPS_WORKBENCH_CATALOGUE_H

#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/source_pattern.h"

#include <fpscan/database.h>
#include <fpscan/status.h>

typedef struct fps__catalogue_component {
    const char *id, *name, *purl, *cpe, *license, *family, *sources, *vendors, *note; /* "" when not given */
    fps_component_role role;
    uint32_t since;
    const char **releases; /* in upstream order, oldest first, each once */
    uint32_t release_count;
    const char *file; /* where it stands, for messages */
    uint32_t line;
} fps__catalogue_component;

/* Zero is the empty catalogue. Everything lives in the arena. */
typedef struct fps__catalogue {
    fps__arena arena;
    FPS__ARRAY(fps__catalogue_component) components; /* sorted by id */
} fps__catalogue;

/* Reads one file's text and adds its stanzas; `file` is for messages. FPS_ERROR_CORRUPT names file and line
 * of the first fault: an unknown field, a field twice, a stanza without Component, a bad number or role, a
 * component given twice. */
fps_status fps__catalogue_parse(fps__catalogue *catalogue, fps__span text, const char *file,
                                fps_error *error);
/* Reads a file, or every *.txt of a folder in the order of their names. */
fps_status fps__catalogue_load(fps__catalogue *catalogue, const char *path, fps_error *error);
void fps__catalogue_free(fps__catalogue *catalogue);

/* NULL when there is none of this id. */
const fps__catalogue_component *fps__catalogue_find(const fps__catalogue *catalogue, const char *id);

/* A source package, as patterns are matched against. */
typedef fps__source_name fps__catalogue_source;

/* The component whose pattern matches best; of two that match as well, the one with the smaller id. */
const fps__catalogue_component *fps__catalogue_match(const fps__catalogue *catalogue,
                                                     const fps__catalogue_source *source);

#endif
