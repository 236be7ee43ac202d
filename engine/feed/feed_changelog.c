/* Draws from Debian changelogs which version of a source package says that it fixes which CVE. */
#include "feed/feed.h"

#include "feed/feed_walk.h"
#include "util/error.h"
#include "util/lines.h"

#include <fpscan/advisory_build.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_ITEM = 64 * 1024 }; /* bytes of one item of an entry */

typedef struct reading {
    fps_advisory_fact_callback callback;
    void *user;
    uint64_t changelogs;
    char source[FPS__MAX_NAME], version[FPS__MAX_KEY_VERSION], distribution[FPS__MAX_NAME];
    char item[MAX_ITEM];
    size_t used;
} reading;

/* "openssl (3.0.9-1) unstable; urgency=medium"; the name counts only in the first header, because packages are renamed. */
static bool read_header(reading *now, fps__span line, bool first)
{
    const char *text = (const char *)line.data;
    if (!line.size || text[0] == ' ' || text[0] == '\t')
        return false;
    const char *open = memchr(text, '(', line.size), *end = text + line.size;
    const char *close = open ? memchr(open, ')', (size_t)(end - open)) : NULL,
               *semicolon = close ? memchr(close, ';', (size_t)(end - close)) : NULL;
    if (!semicolon || open < text + 2 || open[-1] != ' ')
        return false;
    size_t name = (size_t)(open - text) - 1, version = (size_t)(close - open) - 1;
    fps__span distribution =
        fps__span_trim((fps__span){(const uint8_t *)close + 1, (size_t)(semicolon - close) - 1});
    if (name >= sizeof now->source || version >= sizeof now->version ||
        distribution.size >= sizeof now->distribution || !version)
        return false;
    if (first) {
        memcpy(now->source, text, name);
        now->source[name] = '\0';
    }
    memcpy(now->version, open + 1, version);
    now->version[version] = '\0';
    memcpy(now->distribution, distribution.size ? (const char *)distribution.data : "", distribution.size);
    now->distribution[distribution.size] = '\0';
    return true;
}

/* Words that say that a CVE is named for another reason than its fix. */
static bool is_negative(const char *item)
{
    static const char *const words[] = {"not affected",    "not vulnerable", "doesn't affect",
                                        "does not affect", "already fixed",  "revert",
                                        "drop the fix",    "introduced by",  "not yet fixed",
                                        "unfixed",         "no longer fix",  "not applicable"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(item, words[i]))
            return true;
    return false;
}

static fps_status take_name(reading *now, const char *cve)
{
    const fps_advisory_fact fact = {now->source, now->version, now->distribution, cve,
                                    is_negative(now->item)};
    return now->callback(now->user, &fact);
}

/* Takes the names of lists in short: "CVE-2025-{49794,49796}". */
static fps_status take_short_lists(reading *now)
{
    static const char digits[] = "0123456789";
    char cve[FPS__MAX_ADVISORY_NAME];
    fps_status status = FPS_OK;
    for (const char *name = now->item; !status && (name = strcasestr(name, "CVE-")) != NULL; name += 4) {
        if (strspn(name + 4, digits) != 4 || name[8] != '-' || name[9] != '{')
            continue;
        for (const char *number = name + 10; !status && *number && *number != '}';) {
            size_t length = strspn(number, digits);
            if (length && length < sizeof cve - sizeof "CVE-2025-") {
                snprintf(cve, sizeof cve, "CVE-%.4s-%.*s", name + 4, (int)length, number);
                status = fps__is_cve(cve) ? take_name(now, cve) : FPS_OK;
            }
            number += length ? length : 1;
        }
    }
    return status;
}

static fps_status end_item(reading *now)
{
    char cve[FPS__MAX_ADVISORY_NAME];
    now->item[now->used] = '\0';
    const fps__span text = {(const uint8_t *)now->item, now->used};
    fps_status status = take_short_lists(now);
    for (size_t at = 0; !status && fps__next_cve(text, &at, cve);)
        status = take_name(now, cve);
    now->used = 0;
    return status;
}

/* A name that is cut at its dash goes on in the next line: "CVE-2011-" and "3389". */
static void add_line(reading *now, fps__span line)
{
    bool joined = now->used && now->item[now->used - 1] == '-';
    if (now->used && !joined && now->used + 1 < MAX_ITEM)
        now->item[now->used++] = ' ';
    size_t size = line.size < MAX_ITEM - 1 - now->used ? line.size : MAX_ITEM - 1 - now->used;
    memcpy(now->item + now->used, line.data, size);
    now->used += size;
}

static fps_status read_changelog(reading *now, fps__span bytes)
{
    fps_status status = FPS_OK;
    bool inside = false, any = false;
    fps__span line;
    now->used = 0;
    for (size_t at = 0; !status && fps__line_next(bytes, &at, &line);) {
        fps__span text = fps__span_trim(line);
        bool header = read_header(now, line, !any);
        bool item = inside && text.size && strchr("*-+[", text.data[0]) && text.data[0];
        if (header || item || (line.size > 3 && !memcmp(line.data, " -- ", 4)))
            status = end_item(now);
        any = any || header;
        inside = header || (inside && (!line.size || line.data[0] == ' '));
        if (inside && !header && text.size && !status)
            add_line(now, text);
    }
    now->changelogs += any;
    return status ? status : end_item(now);
}

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), tail = strlen(end);
    return length >= tail && !strcmp(path + length - tail, end);
}

static fps_status take_file(void *user, fps__span bytes, const char *path, bool alone, fps_error *error)
{
    (void)error;
    bool named = ends_with(path, "debian/changelog") || ends_with(path, "changelog.Debian") ||
                 ends_with(path, "changelog.Debian.gz");
    return alone || named ? read_changelog(user, bytes) : FPS_OK;
}

fps_status fps_advisory_changelog(const char *const *paths, size_t count, fps_advisory_fact_callback fact,
                                  void *user, fps_error *error)
{
    reading *now = calloc(1, sizeof *now);
    fps_status status = now ? FPS_OK : fps__fail_memory(error);
    if (now) {
        now->callback = fact;
        now->user = user;
    }
    for (size_t i = 0; i < count && !status; i++)
        status = fps__feed_walk(paths[i], true, take_file, now, error);
    if (!status && !now->changelogs)
        status = fps__fail(error, FPS_ERROR_FORMAT, count ? paths[0] : NULL, UINT64_MAX,
                           "no changelog of a Debian package");
    free(now);
    return status;
}
