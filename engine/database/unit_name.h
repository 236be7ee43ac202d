/* The names of units: made by the compiler, shown in reports, and read back here and nowhere else.
 *
 *   kind                   name                      stands for
 *   MEMBER                 libz.a(inflate.o)         an archive member: its literals, or its functions
 *   MEMBER_NAMES           libz.a(inflate.o)!        the names that an archive member exports
 *   CLUSTER                libz#0                    neighbouring literals of one shared object or program
 *   RUN                    libz#4                    neighbouring functions of one shared object or program
 *   NAMES                  libz!                     the names that one shared object or program exports
 *   SHARED_CLUSTER         libz+2                    literals that the same several objects hold
 *   SHARED_NAMES           libz!+3                   names that the same several objects export
 *   SOURCE                 inflate.c                 texts that a source file has in some releases and no build does
 */
#ifndef FPS_DATABASE_UNIT_NAME_H
#define FPS_DATABASE_UNIT_NAME_H

#include "database/set.h"

#include <stddef.h>

/* Writes the name of a unit of `kind` into name[0..size). `stem` is the object's; `number` counts the
 * clusters and runs of a stem. */
void fps__unit_name(char *name, size_t size, fps__unit_kind kind, const char *stem, uint32_t number);
/* True when names of this kind hold a number. */
bool fps__unit_is_numbered(fps__unit_kind kind);

/* The kind that a name stands for: of units of a set that does not store it. `code`: the unit is of
 * functions. */
fps__unit_kind fps__unit_kind_of_name(const char *name, bool code);

/* The file name, without version and without ".a", of the one object whose unit this is: its length, and
 * where it starts in the name. 0 for a unit that several objects share, and for a name with a '+' in it. */
size_t fps__unit_stem(const fps__set_unit *unit, const char **stem);

/* True when two units stand for parts of the same object or archive member: its literals, functions and exported names. */
bool fps__unit_is_of_same_object(const fps__set_unit *a, const fps__set_unit *b);

static inline bool fps__unit_is_member(fps__unit_kind kind)
{
    return kind == FPS__UNIT_MEMBER || kind == FPS__UNIT_MEMBER_NAMES;
}

/* Exported names vanish when a library is linked into a program. */
static inline bool fps__unit_is_of_names(fps__unit_kind kind)
{
    return kind == FPS__UNIT_MEMBER_NAMES || kind == FPS__UNIT_NAMES || kind == FPS__UNIT_SHARED_NAMES;
}

static inline bool fps__unit_is_shared(fps__unit_kind kind)
{
    return kind == FPS__UNIT_SHARED_CLUSTER || kind == FPS__UNIT_SHARED_NAMES;
}

#endif
