/* Ranges that are written as comparisons: "< 1.2.3, >= 1.0 || = 2.0", "~> 1.5.5", "^0.6.4"; and what they leave out. */
#include "feed/feed.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INTERVALS = 256 }; /* that one list of constraints makes */

typedef struct interval {
    char from[FPS__MAX_KEY_VERSION], to[FPS__MAX_KEY_VERSION]; /* "": no end */
    bool after, through;
} interval;

/* Increments the number at index `keep` of a version and drops what follows: ("1.5.5", 1) gives "1.6". */
static bool bump(char to[FPS__MAX_KEY_VERSION], const char *version, size_t keep)
{
    size_t at = 0;
    for (size_t i = 0; i < keep; i++) {
        at += strspn(version + at, "0123456789");
        if (version[at] != '.')
            return false;
        at++;
    }
    size_t digits = strspn(version + at, "0123456789");
    if (!digits || digits > 15)
        return false;
    unsigned long long number = strtoull(version + at, NULL, 10);
    int length = snprintf(to, FPS__MAX_KEY_VERSION, "%.*s%llu", (int)at, version, number + 1);
    return length > 0 && length < FPS__MAX_KEY_VERSION;
}

static size_t count_numbers(const char *version)
{
    size_t count = 0;
    while (*version >= '0' && *version <= '9') {
        count++;
        version += strspn(version, "0123456789");
        if (*version != '.')
            break;
        version++;
    }
    return count;
}

/* RubyGems: "~> 1.5.5" is at least that and below 1.6. Cargo: "^1.2.3" is below 2, "^0.6.4" below 0.7; "~1.2.3" is below 1.3. */
static bool set_compatible(interval *range, const char *op, const char *version)
{
    size_t numbers = count_numbers(version), keep = 0;
    snprintf(range->from, sizeof range->from, "%s", version);
    range->after = false;
    if (!strcmp(op, "~>"))
        keep = numbers >= 2 ? numbers - 2 : 0;
    else if (!strcmp(op, "~"))
        keep = numbers >= 2 ? 1 : 0;
    else
        for (const char *at = version; keep + 1 < numbers && *at == '0' && at[1] == '.'; at += 2)
            keep++;
    range->through = false;
    return numbers && bump(range->to, version, keep);
}

static bool set_comparison(interval *range, const char *op, const char *version)
{
    if (!strcmp(op, "<") || !strcmp(op, "<=")) {
        snprintf(range->to, sizeof range->to, "%s", version);
        range->through = op[1] == '=';
    } else if (!strcmp(op, ">") || !strcmp(op, ">=")) {
        snprintf(range->from, sizeof range->from, "%s", version);
        range->after = op[1] != '=';
    } else if (!strcmp(op, "=") || !strcmp(op, "==") || !*op) {
        snprintf(range->from, sizeof range->from, "%s", version);
        snprintf(range->to, sizeof range->to, "%s", version);
        range->after = false;
        range->through = true;
    } else {
        return false;
    }
    return true;
}

/* One alternative: comparisons that hold together. */
static bool read_interval(interval *range, const char *text, size_t length)
{
    *range = (interval){.after = false};
    const char *end = text + length;
    bool any = false;
    while (text < end) {
        char op[3] = "", version[FPS__MAX_KEY_VERSION];
        size_t used = 0;
        while (text < end && strchr(" ,", *text))
            text++;
        while (text < end && strchr("<>=~^!", *text) && used < 2)
            op[used++] = *text++;
        while (text < end && *text == ' ')
            text++;
        for (used = 0; text < end && !strchr(" ,", *text) && used + 1 < sizeof version;)
            version[used++] = *text++;
        version[used] = '\0';
        if (!used && !*op)
            break;
        any = true;
        if (!strcmp(version, "*") && !*op)
            continue;
        bool compatible = op[0] == '~' || op[0] == '^';
        if (!used || !(compatible ? set_compatible(range, op, version) : set_comparison(range, op, version)))
            return false;
    }
    return any;
}

/* Reads the alternatives of a constraint; false when it has one that is not understood. */
static bool read_constraint(const char *text, interval *ranges, size_t *count)
{
    for (;;) {
        const char *bar = strstr(text, "||");
        size_t length = bar ? (size_t)(bar - text) : strlen(text);
        if (*count == MAX_INTERVALS || !read_interval(&ranges[*count], text, length))
            return false;
        ++*count;
        if (!bar)
            return true;
        text = bar + 2;
    }
}

static void set_range(fps__feed_range *range, const interval *from)
{
    range->from = *from->from ? from->from : NULL;
    range->to = *from->to ? from->to : NULL;
    range->after = from->after;
    range->through = from->through;
}

fps_status fps__feed_put_constraint(fps__feed *feed, int64_t advisory, const fps__feed_range *template,
                                    const char *constraint, fps_error *error)
{
    interval *ranges = calloc(MAX_INTERVALS, sizeof *ranges);
    if (!ranges)
        return fps__fail_memory(error);
    size_t count = 0;
    fps_status status = FPS_OK;
    if (!read_constraint(constraint, ranges, &count)) {
        fps__feed_bad(feed, "a range that is not understood", constraint);
        count = 0;
    }
    for (size_t i = 0; i < count && !status; i++) {
        fps__feed_range range = *template;
        set_range(&range, &ranges[i]);
        status = fps__feed_put_range(feed, advisory, &range, error);
    }
    free(ranges);
    return status;
}

/* ---- complements ---- */

/* An interval with its ends as keys, see advisory_database.h. */
typedef struct keyed {
    interval range;
    uint8_t lo[FPS__MAX_KEY + 1], hi[FPS__MAX_KEY + 1];
    size_t lo_size, hi_size;
} keyed;

static int compare_keys(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int compare_starts(const void *a, const void *b)
{
    const keyed *first = a, *second = b;
    return compare_keys(first->lo, first->lo_size, second->lo, second->lo_size);
}

static bool make_keys(keyed *made, fps__key_scheme scheme)
{
    made->lo_size = *made->range.from ? fps__version_key(scheme, made->range.from, made->lo) : 0;
    made->hi_size = *made->range.to ? fps__version_key(scheme, made->range.to, made->hi) : 1;
    if ((*made->range.from && !made->lo_size) || !made->hi_size)
        return false;
    if (!*made->range.to)
        made->hi[0] = 0xff;
    if (made->lo_size && made->range.after)
        made->lo[made->lo_size++] = 0;
    if (*made->range.to && made->range.through)
        made->hi[made->hi_size++] = 0;
    return true;
}

/* The gaps between what is good, from the oldest version on. */
static fps_status put_gaps(fps__feed *feed, int64_t advisory, const fps__subject *subject, const keyed *good,
                           size_t count, fps_error *error)
{
    const keyed *last = NULL; /* the one that reaches furthest */
    fps_status status = FPS_OK;
    for (size_t i = 0; i <= count && !status; i++) {
        bool open = last && !*last->range.to;
        bool gap = !open && (i == count ||
                             (last ? compare_keys(last->hi, last->hi_size, good[i].lo, good[i].lo_size) < 0
                                   : good[i].lo_size > 0));
        if (gap) {
            const interval *next = i < count ? &good[i].range : NULL;
            const fps__feed_range range = {.subject = subject,
                                           .from = last ? last->range.to : NULL,
                                           .after = last && last->range.through,
                                           .to = next ? next->from : NULL,
                                           .through = next && next->after};
            status = fps__feed_put_range(feed, advisory, &range, error);
        }
        if (i < count && (!last || compare_keys(last->hi, last->hi_size, good[i].hi, good[i].hi_size) < 0))
            last = &good[i];
    }
    return status;
}

fps_status fps__feed_put_complement(fps__feed *feed, int64_t advisory, const fps__subject *subject,
                                    const json_t *const *ok, size_t count, fps_error *error)
{
    interval *ranges = calloc(MAX_INTERVALS, sizeof *ranges);
    keyed *good = calloc(MAX_INTERVALS, sizeof *good);
    size_t found = 0, kept = 0;
    bool understood = ranges && good;
    fps_status status = understood ? FPS_OK : fps__fail_memory(error);
    for (size_t i = 0; i < count && understood; i++)
        for (size_t k = 0; k < json_array_size(ok[i]) && understood; k++) {
            const char *text = json_string_value(json_array_get(ok[i], k));
            understood = text && read_constraint(text, ranges, &found);
        }
    fps__key_scheme scheme = fps__space_scheme(subject->space, subject->name);
    for (; understood && kept < found; kept++) {
        good[kept].range = ranges[kept];
        understood = make_keys(&good[kept], scheme);
    }
    if (!status && !understood)
        fps__feed_bad(feed, "a range that is not understood", fps__feed_path(feed));
    if (!status && understood) {
        qsort(good, kept, sizeof *good, compare_starts);
        status = put_gaps(feed, advisory, subject, good, kept, error);
    }
    free(ranges);
    free(good);
    return status;
}
