/* What sigbuild donors and sigbuild owners say: rows of columns, one fact each. */
#ifndef FPS_COMPILER_COMPILE_REPORT_H
#define FPS_COMPILER_COMPILE_REPORT_H

#include "compiler/corpus.h"

/* Receives a row: columns[0..count), valid during the call. Another status than FPS_OK ends the list, which returns it. */
typedef fps_status (*fps__report_row)(void *user, const char *const *columns, size_t count);

/* Lists which literals of a component are not its own, by the other component that decides: component, other, "lent" (the
 * other's, or the component carries a copy of it) or "common" (a third gave it to both), literals, of so many of the
 * component, and up to three source files that hold most of them. Most literals first. `component` selects the rows of
 * one, NULL all. FPS_ERROR_MEMORY, or what `row` returned. */
fps_status fps__report_donors(const fps__corpus *corpus, const char *component, fps__report_row row,
                              void *user, fps_error *error);

/* Lists who holds one feature: component ("-" for unrelated files), how ("build", "import", "foreign", "source",
 * "unrelated"), the unit, object, source files or source package, the releases, and the weight that a set would give it
 * with "own", "lent" or "common" ("" where that does not apply). `feature` is a literal as it stands in the file, "name:" and an
 * exported name, or "0x" and a key. FPS_ERROR_ARGUMENT: no feature; else as above. */
fps_status fps__report_owners(const fps__corpus *corpus, const char *feature, fps__report_row row, void *user,
                              fps_error *error);

#endif
