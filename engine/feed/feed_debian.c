/* Debian: the security tracker's JSON, its lists of DSA, DLA and CVEs, and facts of changelogs. */
#include "feed/feed_formats.h"

#include "util/error.h"
#include "util/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fps_status fps__feed_put_cve(fps__feed *feed, const char *name, int64_t *id, fps_error *error)
{
    const fps__feed_advisory advisory = {.name = name};
    return fps__feed_put_advisory(feed, &advisory, id, error);
}

static bool set_debian(fps__subject *subject, const char *source, const char *release)
{
    /* Suites beside a release ("bookworm-security") have its packages. */
    static const char *const suites[] = {"-security", "-updates", "-proposed-updates", "-backports"};
    char space[FPS__MAX_SPACE], name[FPS__MAX_SPACE];
    snprintf(name, sizeof name, "%.90s", release);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        char *suite = strstr(name, suites[i]);
        if (suite)
            *suite = '\0';
    }
    return fps__space_of_system(space, "deb", "debian", name) && fps__subject_set(subject, space, source);
}

/* ---- the tracker's JSON ---- */

bool fps__feed_is_debian_tracker(const json_t *value)
{
    const json_t *package = json_object_iter_value(json_object_iter((json_t *)value));
    const json_t *entry = json_object_iter_value(json_object_iter((json_t *)package));
    return json_is_object(package) && json_is_object(entry) && fps__member_object(entry, "releases");
}

static fps_status put_release(fps__feed *feed, int64_t advisory, const fps__subject *subject,
                              const json_t *release, fps_error *error)
{
    const char *state = fps__member_text(release, "status"),
               *fixed = fps__member_text(release, "fixed_version");
    const char *reason = fps__member_text(release, "nodsa_reason"),
               *nodsa = fps__member_text(release, "nodsa");
    fps__feed_range range = {.subject = subject, .note = nodsa};
    if (state && !strcmp(state, "resolved")) {
        bool never = fixed && !strcmp(fixed, "0");
        if (!fixed)
            return FPS_OK;
        range.kind = never ? FPS__NOT_AFFECTED : FPS__AFFECTED;
        range.to = never ? NULL : fixed;
    } else if (state && !strcmp(state, "open")) {
        range.kind = nodsa || reason ? FPS__AFFECTED_IGNORED : FPS__AFFECTED;
    } else {
        return FPS_OK; /* undetermined: nothing is said */
    }
    return fps__feed_put_range(feed, advisory, &range, error);
}

static fps_status read_entry(fps__feed *feed, const char *source, const char *name, const json_t *entry,
                             fps_error *error)
{
    const json_t *releases = fps__member_object(entry, "releases");
    fps__feed_advisory advisory = {.name = name, .title = fps__member_text(entry, "description")};
    const char *release;
    json_t *facts;
    json_object_foreach((json_t *)releases, release, facts)
    {
        fps__severity severity = fps__severity_of_word(fps__member_text(facts, "urgency"));
        advisory.severity = severity > advisory.severity ? severity : advisory.severity;
    }
    int64_t row;
    fps_status status = fps__feed_put_advisory(feed, &advisory, &row, error);
    json_object_foreach((json_t *)releases, release, facts)
    {
        fps__subject subject;
        if (!status && set_debian(&subject, source, release))
            status = put_release(feed, row, &subject, facts, error);
    }
    return status;
}

fps_status fps__feed_read_debian_tracker(fps__feed *feed, json_t *value, fps_error *error)
{
    const char *source, *name;
    json_t *entries, *entry;
    fps_status status = FPS_OK;
    json_object_foreach(value, source, entries)
    {
        json_object_foreach(entries, name, entry)
        {
            if (status)
                return status;
            fps__feed_count(feed);
            if (strlen(name) < FPS__MAX_ADVISORY_NAME && fps__member_object(entry, "releases"))
                status = read_entry(feed, source, name, entry, error);
            else
                fps__feed_bad(feed, "an entry without releases", name);
        }
    }
    return status;
}

/* ---- the lists ---- */

enum { MAX_CVES = 2000 }; /* of one DSA: chromium's have 50 */

/* One entry: an advisory with its CVEs, or a CVE. */
typedef struct list_entry {
    char name[FPS__MAX_ADVISORY_NAME];
    char title[FPS__FEED_MAX_TITLE];
    char (*cves)[FPS__MAX_ADVISORY_NAME]; /* MAX_CVES */
    size_t count;
    bool advisory; /* a DSA or DLA */
} list_entry;

static bool is_advisory_line(fps__span line)
{
    static const char *const kinds[] = {"DSA-", "DLA-", "DTSA-", "ELA-"};
    const uint8_t *end = line.size && line.data[0] == '[' ? memchr(line.data, ']', line.size) : NULL;
    for (size_t i = 0; end && i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i]), left = line.size - (size_t)(end - line.data);
        if (left > length + 2 && !memcmp(end + 2, kinds[i], length))
            return true;
    }
    return false;
}

static bool is_cve_line(fps__span line)
{
    size_t at = 0;
    char name[FPS__MAX_ADVISORY_NAME];
    return line.size > 4 && !memcmp(line.data, "CVE-", 4) && fps__next_cve(line, &at, name) &&
           (at == line.size || line.data[at] == ' ');
}

bool fps__feed_is_debian_list(fps__span bytes, const char *path)
{
    fps__span line;
    size_t at = 0;
    (void)path;
    return fps__line_next(bytes, &at, &line) && line.size < 4096 &&
           (is_advisory_line(line) || is_cve_line(line));
}

static void copy_span(char *to, size_t size, fps__span text)
{
    size_t length = text.size < size - 1 ? text.size : size - 1;
    memcpy(to, text.data ? (const char *)text.data : "", length);
    to[length] = '\0';
}

/* "[29 Mar 2023] DSA-5380-1 xorg-server - security update" */
static void start_advisory(fps__feed *feed, list_entry *entry, fps__span line)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char date[32], month[4] = "", text[40];
    int day = 0, year = 0;
    copy_span(date, sizeof date, line);
    if (sscanf(date, "[%2d %3[A-Za-z] %4d]", &day, month, &year) == 3 && strlen(month) == 3 &&
        strstr(months, month)) {
        snprintf(text, sizeof text, "%04u-%02u-%02u", (unsigned)year % 10000,
                 (unsigned)(strstr(months, month) - months) / 3 + 1, (unsigned)day % 100);
        fps__feed_date(feed, text);
    }
    const uint8_t *close = memchr(line.data, ']', line.size);
    fps__span rest = fps__span_trim((fps__span){close + 1, line.size - (size_t)(close + 1 - line.data)}),
              name;
    entry->advisory = true;
    entry->count = 0;
    if (fps__span_cut(&rest, " ", &name))
        copy_span(entry->name, sizeof entry->name, name);
    copy_span(entry->title, sizeof entry->title, fps__span_trim(rest));
}

static void start_cve(list_entry *entry, fps__span line)
{
    size_t at = 0;
    entry->advisory = false;
    entry->count = fps__next_cve(line, &at, entry->cves[0]) ? 1 : 0;
    fps__span rest = fps__span_trim(fps__span_part(line, at, line.size - at));
    if (rest.size > 2 && (rest.data[0] == '(' || rest.data[0] == '['))
        rest = fps__span_part(rest, 1, rest.size - 2);
    copy_span(entry->title, sizeof entry->title, rest);
    entry->name[0] = '\0';
}

/* What stands in the place of a version: "<unfixed>" and its like; false for a version. */
static bool read_mark(fps__span text, fps__feed_range *range, bool *nothing)
{
    static const struct {
        const char *mark;
        fps__affected_kind kind;
        bool nothing;
    } marks[] = {
        {"<unfixed>", FPS__AFFECTED, false},
        {"<not-affected>", FPS__NOT_AFFECTED, false},
        {"<no-dsa>", FPS__AFFECTED_IGNORED, false},
        {"<postponed>", FPS__AFFECTED_IGNORED, false},
        {"<ignored>", FPS__AFFECTED_IGNORED, false},
        {"<end-of-life>", FPS__AFFECTED_IGNORED, false},
        {"<undetermined>", FPS__AFFECTED, true},
        {"<removed>", FPS__AFFECTED, true},
        {"<itp>", FPS__AFFECTED, true},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (fps__span_starts(text, marks[i].mark)) {
            range->kind = marks[i].kind;
            *nothing = marks[i].nothing;
            return true;
        }
    return false;
}

/* "[bullseye] - xorg-server 2:1.20.11-1+deb11u6", "- openssl 3.0.9-1 (low; bug #1)". */
static fps_status read_fact(fps__feed *feed, const list_entry *entry, fps__span line, fps_error *error)
{
    char release[FPS__MAX_SPACE] = "", source[FPS__MAX_NAME], version[FPS__MAX_KEY_VERSION],
         note[FPS__FEED_MAX_NOTE];
    fps__span name, text;
    if (line.data[0] == '[') {
        fps__span_cut(&line, "]", &name);
        copy_span(release, sizeof release, fps__span_part(name, 1, name.size - 1));
        line = fps__span_trim(line);
    }
    if (line.size < 3 || line.data[0] != '-' || line.data[1] != ' ')
        return FPS_OK; /* notes, and what is not for Debian */
    line = fps__span_trim(fps__span_part(line, 1, line.size - 1));
    if (!fps__span_cut(&line, " ", &name) || !fps__span_cut(&line, " ", &text))
        return FPS_OK;
    copy_span(source, sizeof source, name);
    copy_span(version, sizeof version, text);
    fps__subject subject;
    bool nothing = false;
    fps__feed_range range = {.subject = &subject, .note = entry->advisory ? entry->name : NULL};
    if (!read_mark(text, &range, &nothing))
        range.to = version;
    else if (range.kind == FPS__AFFECTED_IGNORED && line.size) {
        copy_span(note, sizeof note, text);
        strncat(note, " ", sizeof note - strlen(note) - 1);
        size_t used = strlen(note);
        copy_span(note + used, sizeof note - used, fps__span_trim(line));
        range.note = note;
    }
    if (nothing || !set_debian(&subject, source, release))
        return FPS_OK;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < (entry->count ? entry->count : 1) && !status; i++) {
        int64_t row;
        const fps__feed_advisory advisory = {.name = entry->count ? entry->cves[i] : entry->name,
                                             .title = entry->advisory ? "" : entry->title};
        status = *advisory.name ? fps__feed_put_advisory(feed, &advisory, &row, error) : FPS_ERROR_CANCELLED;
        if (status == FPS_ERROR_CANCELLED)
            return FPS_OK;
        if (!status)
            status = fps__feed_put_range(feed, row, &range, error);
    }
    return status;
}

static void read_names(fps__feed *feed, list_entry *entry, fps__span line)
{
    size_t at = 0;
    while (entry->advisory && entry->count < MAX_CVES && fps__next_cve(line, &at, entry->cves[entry->count]))
        entry->count++;
    if (entry->count == MAX_CVES)
        fps__feed_bad(feed, "an advisory with too many CVEs", entry->name);
}

fps_status fps__feed_read_debian_list(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    list_entry entry = {.cves = calloc(MAX_CVES, sizeof *entry.cves)};
    fps_status status = entry.cves ? FPS_OK : fps__fail_memory(error);
    fps__span line;
    (void)path;
    for (size_t at = 0; !status && fps__line_next(bytes, &at, &line);) {
        bool inner = line.size && (line.data[0] == '\t' || line.data[0] == ' ');
        fps__span text = fps__span_trim(line);
        if (!text.size)
            continue;
        if (inner && text.data[0] == '{') {
            read_names(feed, &entry, text);
        } else if (inner) {
            status = read_fact(feed, &entry, text, error);
        } else if (is_advisory_line(line) || is_cve_line(line)) {
            fps__feed_count(feed);
            if (line.data[0] == '[')
                start_advisory(feed, &entry, line);
            else
                start_cve(&entry, line);
        } else {
            fps__feed_bad(feed, "a line that is no entry", NULL);
            entry.count = 0;
            entry.name[0] = '\0';
        }
    }
    free(entry.cves);
    return status;
}

/* ---- facts of changelogs ---- */

static const char facts_mark[] = "#release\tsource\tversion\t";

bool fps__feed_is_facts(fps__span bytes, const char *path)
{
    (void)path;
    return bytes.size >= sizeof facts_mark && !memcmp(bytes.data, facts_mark, sizeof facts_mark - 1);
}

/* release, source, version, distribution, CVE, 1 where the entry speaks of something else than a fix */
static fps_status read_fact_line(fps__feed *feed, fps__span line, fps_error *error)
{
    enum { RELEASE, SOURCE, VERSION, DISTRIBUTION, CVE, NEGATIVE, COLUMNS };
    char columns[COLUMNS][FPS__MAX_KEY_VERSION], note[FPS__FEED_MAX_NOTE];
    for (int i = 0; i < COLUMNS; i++) {
        size_t length = 0;
        while (length < line.size && line.data[length] != '\t')
            length++;
        copy_span(columns[i], sizeof columns[i], fps__span_trim(fps__span_part(line, 0, length)));
        line = fps__span_part(line, length + (length < line.size), line.size - length - (length < line.size));
    }
    fps__subject subject;
    if (!fps__is_cve(columns[CVE]) || !set_debian(&subject, columns[SOURCE], columns[RELEASE])) {
        fps__feed_bad(feed, "a fact without a CVE or a source", columns[CVE]);
        return FPS_OK;
    }
    fps__feed_count(feed);
    if (columns[NEGATIVE][0] != '0')
        return FPS_OK;
    snprintf(note, sizeof note, "changelog of %.100s", columns[SOURCE]);
    int64_t row;
    const fps__feed_range range = {
        .subject = &subject, .kind = FPS__FIXED_FROM, .to = columns[VERSION], .note = note};
    fps_status status = fps__feed_put_cve(feed, columns[CVE], &row, error);
    return status ? status : fps__feed_put_range(feed, row, &range, error);
}

fps_status fps__feed_read_facts(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    fps_status status = FPS_OK;
    fps__span line;
    (void)path;
    for (size_t at = 0; !status && fps__line_next(bytes, &at, &line);) {
        static const char date_mark[] = "#date\t";
        if (line.size > sizeof date_mark + 9 && !memcmp(line.data, date_mark, sizeof date_mark - 1)) {
            char date[11];
            copy_span(date, sizeof date, fps__span_part(line, sizeof date_mark - 1, 10));
            fps__feed_date(feed, date);
        } else if (line.size && line.data[0] != '#') {
            status = read_fact_line(feed, line, error);
        }
    }
    return status;
}
