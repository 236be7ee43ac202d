/* Drift of versions: whether what was found in a file can be what a package says of itself. */
#include "drift/drift_internal.h"

#include "util/package_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTAIN 0.9 /* confidence of an answer that may contradict a package */

/* A state of the sources between releases: what it holds is not told by its number. */
static bool is_snapshot(const char *upstream)
{
    static const char *const words[] = {"git", "svn", "bzr", "cvs", "hg", "snapshot"};
    if (strpbrk(upstream, "+~^"))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(upstream, words[i]))
            return true;
    return false;
}

/* First and last release of an answer. */
static void ends_of(const fps_version_answer *answer, const char **first, const char **last)
{
    *first = answer->candidates[0];
    *last = answer->candidates[answer->candidate_count - 1];
    for (size_t i = 0; i < answer->candidate_count; i++) {
        if (fps__version_compare(answer->candidates[i], *first) < 0)
            *first = answer->candidates[i];
        if (fps__version_compare(answer->candidates[i], *last) > 0)
            *last = answer->candidates[i];
    }
}

static bool covers(const fps_version_answer *answer, const char *upstream)
{
    const char *first, *last;
    ends_of(answer, &first, &last);
    return ((answer->open_below || fps__version_compare(first, upstream) <= 0) &&
            (answer->open_above || fps__version_compare(upstream, last) <= 0)) ||
           (answer->template_version && fps__version_compare(answer->template_version, upstream) == 0);
}

static bool same_major(const char *a, const char *b)
{
    char *a_end, *b_end;
    unsigned long first = strtoul(a, &a_end, 10), second = strtoul(b, &b_end, 10);
    return a_end != a && b_end != b && first == second;
}

/* A version outside the answer has a place among the known releases when it is one of them, or lies between
 * two and one of these parts it from the answer: else it may be what the answer is nearest to, or be counted
 * in another way than the releases are. The newest package may be ahead of the sets within its major version.
 */
static bool has_place(const fps__drift_input *input, const char *component, const fps_version_answer *answer,
                      const char *upstream, bool apart)
{
    const char *first, *last, *release, *newest = NULL;
    bool below = false, above = false, parted = false, listed = false;
    ends_of(answer, &first, &last);
    for (size_t i = 0; (release = input->release(input->user, component, i)); i++) {
        int order = fps__version_compare(release, upstream);
        listed |= order == 0;
        below |= order < 0;
        above |= order > 0;
        parted |= (order > 0 && fps__version_compare(release, first) < 0) ||
                  (order < 0 && fps__version_compare(release, last) > 0);
        newest = release;
    }
    if (listed)
        return parted || !apart;
    return parted && below && (above || same_major(newest, upstream));
}

/* The number in front of "+really": what the package would be by its name. */
static bool nominal_version(const char *version, fps__version_scheme scheme, char nominal[FPS__MAX_VERSION])
{
    const char *really = strstr(version, "really");
    char front[FPS__MAX_VERSION];
    size_t length = really ? (size_t)(really - version) : 0;
    if (!really || length >= sizeof front)
        return false;
    memcpy(front, version, length);
    front[length] = '\0';
    return fps__version_upstream(front, scheme, nominal);
}

bool fps__drift_contradicts(const fps__drift_input *input, const char *component,
                            const fps_version_answer *answer, const fps__package_version *stated)
{
    char upstream[FPS__MAX_VERSION], nominal[FPS__MAX_VERSION];
    fps__version_scheme scheme = fps__package_kind_of(stated->kind)->version;
    if (answer->kind == FPS_VERSION_UNKNOWN || answer->candidate_count == 0 || answer->confidence < CERTAIN)
        return false;
    if (!fps__version_upstream(stated->version, scheme, upstream) || is_snapshot(upstream))
        return false;
    if (covers(answer, upstream))
        return false;
    if (nominal_version(stated->version, scheme, nominal) && covers(answer, nominal))
        return false;
    return has_place(input, component, answer, upstream, stated->apart);
}

const char *fps__drift_version_text(fps__arena *arena, const fps_version_answer *answer)
{
    const char *first, *last;
    char text[2 * FPS__MAX_VERSION + 16];
    if (answer->kind == FPS_VERSION_UNKNOWN || answer->candidate_count == 0)
        return NULL;
    ends_of(answer, &first, &last);
    if (strcmp(first, last) == 0)
        snprintf(text, sizeof text, "%s", first);
    else
        snprintf(text, sizeof text, "%s to %s", first, last);
    return fps__arena_string(arena, text);
}
