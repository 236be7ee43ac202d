/* The names of units, made and read back. */
#include "database/unit_name.h"

#include <stdio.h>
#include <string.h>

enum { MAX_STEM = 480 }; /* bytes of a stem that are kept in a name */

/* What stands behind the stem. */
static const struct suffix {
    const char *mark;
    bool numbered;
} suffixes[FPS__UNIT_KINDS] = {
    [FPS__UNIT_SOURCE] = {"", false},
    [FPS__UNIT_MEMBER] = {"", false},
    [FPS__UNIT_MEMBER_NAMES] = {"!", false},
    [FPS__UNIT_CLUSTER] = {"#", true},
    [FPS__UNIT_RUN] = {"#", true},
    [FPS__UNIT_NAMES] = {"!", false},
    [FPS__UNIT_SHARED_CLUSTER] = {"+", true},
    [FPS__UNIT_SHARED_NAMES] = {"!+", true},
};

void fps__unit_name(char *name, size_t size, fps__unit_kind kind, const char *stem, uint32_t number)
{
    const struct suffix *suffix = &suffixes[kind];
    if (suffix->numbered)
        snprintf(name, size, "%.*s%s%u", MAX_STEM, stem, suffix->mark, number);
    else
        snprintf(name, size, "%.*s%s", MAX_STEM, stem, suffix->mark);
}

bool fps__unit_is_numbered(fps__unit_kind kind)
{
    return suffixes[kind].numbered;
}

/* Bytes of a name before its mark. */
static size_t body_length(const char *name, fps__unit_kind kind)
{
    size_t length = strlen(name);
    while (suffixes[kind].numbered && length && name[length - 1] >= '0' && name[length - 1] <= '9')
        length--;
    size_t mark = strlen(suffixes[kind].mark);
    return length > mark ? length - mark : 0;
}

/* Names are read from their end: a stem may hold any of the marks. */
fps__unit_kind fps__unit_kind_of_name(const char *name, bool code)
{
    size_t length = strlen(name), end = length;
    if (end && name[end - 1] == ')')
        return FPS__UNIT_MEMBER;
    if (end && name[end - 1] == '!')
        return end > 1 && name[end - 2] == ')' ? FPS__UNIT_MEMBER_NAMES : FPS__UNIT_NAMES;
    while (end && name[end - 1] >= '0' && name[end - 1] <= '9')
        end--;
    if (end == length || !end)
        return FPS__UNIT_SOURCE;
    if (name[end - 1] == '#')
        return code ? FPS__UNIT_RUN : FPS__UNIT_CLUSTER;
    if (name[end - 1] != '+')
        return FPS__UNIT_SOURCE;
    return end > 1 && name[end - 2] == '!' ? FPS__UNIT_SHARED_NAMES : FPS__UNIT_SHARED_CLUSTER;
}

bool fps__unit_is_of_same_object(const fps__set_unit *a, const fps__set_unit *b)
{
    size_t length = body_length(a->name, a->kind);
    return body_length(b->name, b->kind) == length && memcmp(a->name, b->name, length) == 0;
}

size_t fps__unit_stem(const fps__set_unit *unit, const char **stem)
{
    size_t length = body_length(unit->name, unit->kind);
    const char *slash = memrchr(unit->name, '/', length);
    *stem = slash ? slash + 1 : unit->name;
    length -= (size_t)(*stem - unit->name);
    const char *member = fps__unit_is_member(unit->kind) ? memchr(*stem, '(', length) : NULL;
    if (member) {
        length = (size_t)(member - *stem);
        if (length >= 2 && memcmp(member - 2, ".a", 2) == 0)
            length -= 2;
    }
    return fps__unit_is_shared(unit->kind) || memchr(*stem, '+', length) ? 0 : length;
}
