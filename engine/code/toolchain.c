/* The compiler that made an object: .comment holds "GCC: (Debian 12.2.0-14) 12.2.0", "Debian clang version
 * 14.0.6", "rustc version 1.63.0 (...)". */
#include "code/toolchain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct maker {
    const char *mark, *name;
    bool last;  /* the version is the last word, as GCC's, else the first behind the mark */
    bool minor; /* keeps the minor version */
} maker;

static const maker makers[] = {
    {"rustc version ", "rustc", false, true},
    {"clang version ", "clang", false, false},
    {"GCC: ", "gcc", true, false},
};

static const char *version_text(const maker *m, const char *comment, const char *mark)
{
    if (!m->last)
        return mark + strlen(m->mark);
    const char *space = strrchr(comment, ' ');
    return space ? space + 1 : comment;
}

/* The place of the maker of a comment in the list, or the number of makers. */
static size_t read_comment(const char *comment, char name[FPS__MAX_TOOLCHAIN])
{
    size_t count = sizeof makers / sizeof *makers;
    for (size_t i = 0; i < count; i++) {
        const char *mark = strstr(comment, makers[i].mark);
        if (!mark)
            continue;
        char *end;
        const char *version = version_text(&makers[i], comment, mark);
        unsigned long major = strtoul(version, &end, 10);
        if (end == version || major > 999)
            continue;
        unsigned long minor = makers[i].minor && *end == '.' ? strtoul(end + 1, NULL, 10) : 1000;
        if (minor < 1000)
            snprintf(name, FPS__MAX_TOOLCHAIN, "%s-%lu.%lu", makers[i].name, major, minor);
        else
            snprintf(name, FPS__MAX_TOOLCHAIN, "%s-%lu", makers[i].name, major);
        return i;
    }
    return count;
}

void fps__toolchain_name(const fps_object *object, char name[FPS__MAX_TOOLCHAIN])
{
    size_t best = sizeof makers / sizeof *makers;
    name[0] = '\0';
    for (size_t i = 0; i < fps_object_text_count(object, FPS_TEXT_COMMENT); i++) {
        char found[FPS__MAX_TOOLCHAIN] = "";
        size_t place = read_comment(fps_object_text(object, FPS_TEXT_COMMENT, i), found);
        if (place < best) {
            best = place;
            memcpy(name, found, sizeof found);
        }
    }
}
