/* OSV to schema 1.7: JSON, and the YAML of OSS-Fuzz and PyPA. */
#include "feed/feed_formats.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_EVENTS = 4096,   /* of one range */
    MAX_SPLIT = 1 << 16, /* CVEs times packages of one record: each CVE gets rows for each package */
};

bool fps__feed_is_osv(const json_t *value)
{
    return fps__member_text(value, "id") &&
           (fps__member_array(value, "affected") || fps__member_text(value, "schema_version")) &&
           (fps__member_text(value, "modified") || fps__member_text(value, "published"));
}

/* ---- ranges ---- */

typedef enum event_kind { EVENT_FIXED, EVENT_LAST_AFFECTED, EVENT_LIMIT, EVENT_INTRODUCED } event_kind;

typedef struct event {
    event_kind kind;
    const char *version;
    uint8_t key[FPS__MAX_KEY];
    size_t size; /* 0: from the start */
} event;

static int compare_events(const void *a, const void *b)
{
    const event *first = a, *second = b;
    int order = memcmp(first->key, second->key, first->size < second->size ? first->size : second->size);
    if (!order)
        order = (first->size > second->size) - (first->size < second->size);
    return order ? order : (int)first->kind - (int)second->kind;
}

/* An event has one member; "0" is the start of all versions. */
static bool read_event(event *made, const json_t *value, fps__key_scheme scheme)
{
    static const char *const names[] = {"fixed", "last_affected", "limit", "introduced"};
    for (int i = 0; i < 4; i++) {
        const char *text = fps__member_text(value, names[i]);
        if (!text)
            continue;
        made->kind = (event_kind)i;
        made->version = text;
        bool start = i == EVENT_INTRODUCED && !strcmp(text, "0");
        made->size = start ? 0 : fps__version_key(scheme, text, made->key);
        return start || made->size;
    }
    return false;
}

/* The events of a range in the order of their versions; `events` has MAX_EVENTS. */
static size_t read_events(fps__feed *feed, const json_t *list, fps__key_scheme scheme, event *events)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (count == MAX_EVENTS) {
            fps__feed_bad(feed, "a range with too many events", "");
            break;
        }
        if (read_event(&events[count], json_array_get(list, i), scheme))
            count++;
        else
            fps__feed_bad(feed, "an event that is not understood",
                          fps__member_text(json_array_get(list, i), "introduced"));
    }
    qsort(events, count, sizeof *events, compare_events);
    return count;
}

/* What one affected package has: where ranges go, and which of them there are. */
typedef struct affected_package {
    fps__feed *feed;
    int64_t advisory;
    fps__subject subject;
    fps__key_scheme scheme;
    event *events; /* MAX_EVENTS; those of the range that was read last */
    size_t count;
    bool ordered;     /* some range goes by the order of versions */
    const char *note; /* NULL, or what names the record */
} affected_package;

static fps_status put_between(affected_package *now, const event *from, const event *to, fps_error *error)
{
    const fps__feed_range range = {.subject = &now->subject,
                                   .from = from->size ? from->version : NULL,
                                   .to = to ? to->version : NULL,
                                   .through = to && to->kind == EVENT_LAST_AFFECTED,
                                   .note = now->note};
    return fps__feed_put_range(now->feed, now->advisory, &range, error);
}

/* The schema's evaluation: sort, and be affected from each "introduced" to what comes next and ends it. */
static fps_status sweep(affected_package *now, fps_error *error)
{
    const event *open = NULL;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < now->count && !status; i++) {
        const event *at = &now->events[i];
        if (at->kind == EVENT_INTRODUCED) {
            open = open ? open : at;
        } else if (open) {
            status = put_between(now, open, at, error);
            open = NULL;
        }
    }
    return status || !open ? status : put_between(now, open, NULL, error);
}

/* True when the order of the last range says already that a version is affected. */
static bool is_covered(const affected_package *now, const char *version)
{
    event wanted = {.kind = EVENT_INTRODUCED, .version = version};
    wanted.size = fps__version_key(now->scheme, version, wanted.key);
    bool open = false;
    for (size_t i = 0; wanted.size && i < now->count; i++) {
        const event *at = &now->events[i];
        event same = *at;
        same.kind = EVENT_INTRODUCED;
        int order = compare_events(&same, &wanted);
        if (order > 0 || (order == 0 && at->kind == EVENT_LAST_AFFECTED))
            break;
        open = at->kind == EVENT_INTRODUCED;
    }
    return open;
}

/* ---- Go's ranges of releases ---- */

/* What the range of a Go module says of releases. The Go vulnerability database (its documentation, "custom_ranges") has ranges of
 * versions that the module proxy knows, and beside them ranges in the numbers of the project: its releases. Where the proxy knows
 * none of these, the first is as good as nothing: "all versions", or up to a commit, which is before any release. */
typedef enum go_reach {
    GO_RELEASES, /* it ends at a release: it says all but, sometimes, the first one */
    GO_COMMITS,  /* it ends at commits that are before any release, "0.0.0-20240708073652-5a492a3f0036" */
    GO_FLOOR,    /* it begins at a release, and does not end */
    GO_WHOLE,    /* everything */
} go_reach;

#define FIRST_RELEASE "0.0.0"

static go_reach reach_of(const affected_package *now)
{
    bool ends = false, releases = false;
    for (size_t i = 0; i < now->count; i++) {
        const event *at = &now->events[i];
        ends = ends || at->kind != EVENT_INTRODUCED;
        releases = releases || (at->kind != EVENT_INTRODUCED && strncmp(at->version, "0.0.0-", 6) != 0);
    }
    return releases                                                                              ? GO_RELEASES
           : ends                                                                                ? GO_COMMITS
           : now->count && (now->events[0].size && strncmp(now->events[0].version, "0.0.0-", 6)) ? GO_FLOOR
                                                                                                 : GO_WHOLE;
}

/* Leaves, of the range that was read last, what is not before a version: the events before it only tell whether it is inside. */
static void begin_at(affected_package *now, const char *version)
{
    event first = {.kind = EVENT_INTRODUCED, .version = version};
    size_t kept = 0;
    bool open = false;
    first.size = fps__version_key(now->scheme, version, first.key);
    for (; kept < now->count && compare_events(&now->events[kept], &first) <= 0; kept++)
        open = now->events[kept].kind == EVENT_INTRODUCED;
    if (open)
        now->events[--kept] = first;
    now->count -= kept;
    memmove(now->events, now->events + kept, now->count * sizeof *now->events);
}

/* A range that begins at 0, because the proxy does not know the release in which the fault came, begins there. */
static void begin_first_at(affected_package *now, const char *version)
{
    event first = {.kind = EVENT_INTRODUCED, .version = version};
    first.size = fps__version_key(now->scheme, version, first.key);
    if (now->count > 1 && !now->events[0].size && first.size && compare_events(&first, &now->events[1]) < 0)
        now->events[0] = first;
}

/* The first version of a range of releases that has no end; NULL for one that has. */
static const char *only_start(const json_t *range)
{
    const json_t *events = fps__member_array(range, "events");
    return json_array_size(events) == 1 ? fps__member_text(json_array_get(events, 0), "introduced") : NULL;
}

/* One range of releases, beside one that says nothing of releases. One that does not end, while the other ends at a commit, has an end
 * that is not known. */
static fps_status put_releases(affected_package *now, const json_t *range, go_reach reach, const char *floor,
                               fps_error *error)
{
    const char *start = reach == GO_COMMITS ? only_start(range) : NULL;
    const fps__feed_range open = {.subject = &now->subject,
                                  .kind = FPS__AFFECTED_IF,
                                  .from = start && strcmp(start, "0") != 0 ? start : FIRST_RELEASE,
                                  .note = "the advisory does not know the first release with the fix"};
    if (start)
        return fps__feed_put_range(now->feed, now->advisory, &open, error);
    now->count = read_events(now->feed, fps__member_array(range, "events"), now->scheme, now->events);
    begin_at(now, floor);
    return sweep(now, error);
}

/* The range that was read last, with those of releases beside it. */
static fps_status sweep_go(affected_package *now, const json_t *customs, fps_error *error)
{
    go_reach reach = reach_of(now);
    const char *floor = reach == GO_FLOOR ? now->events[0].version : FIRST_RELEASE;
    const char *start = json_array_size(customs) == 1 ? only_start(json_array_get(customs, 0)) : NULL;
    if (reach == GO_RELEASES && start)
        begin_first_at(now, start);
    if (reach == GO_RELEASES || !json_array_size(customs))
        return sweep(now, error);
    fps_status status = reach == GO_COMMITS ? sweep(now, error) : FPS_OK;
    for (size_t i = 0; i < json_array_size(customs) && !status; i++)
        status = put_releases(now, json_array_get(customs, i), reach, floor, error);
    const fps__feed_range commits = {.subject = &now->subject,
                                     .kind = FPS__AFFECTED_IF,
                                     .to = FIRST_RELEASE,
                                     .fixed = "", /* which release has the fix is another question */
                                     .note = "a commit: the advisory knows releases"};
    return status || reach != GO_WHOLE ? status
                                       : fps__feed_put_range(now->feed, now->advisory, &commits, error);
}

static fps_status read_ranges(affected_package *now, const json_t *affected, fps_error *error)
{
    const json_t *ranges = fps__member_array(affected, "ranges");
    const json_t *customs =
        now->scheme == FPS__KEY_GO && json_array_size(ranges) == 1
            ? fps__member_array(json_object_get(affected, "ecosystem_specific"), "custom_ranges")
            : NULL;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(ranges) && !status; i++) {
        const json_t *range = json_array_get(ranges, i);
        const char *type = fps__member_text(range, "type");
        if (!type || !strcmp(type, "GIT")) /* commits say nothing of a binary: `versions` does */
            continue;
        now->count = read_events(now->feed, fps__member_array(range, "events"), now->scheme, now->events);
        now->ordered = true;
        status = sweep_go(now, customs, error);
    }
    return status;
}

/* A tag of a repository as a version: "curl-7_79_1" is "7.79.1". False for tags that are no releases. */
static bool version_of_tag(char to[FPS__MAX_KEY_VERSION], const char *tag, const char *project)
{
    static const char *const others[] = {"android", "test", "abi", "fuzz", "poc"};
    size_t length = strlen(project), used = 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcasestr(tag, others[i]))
            return false;
    if (!strncasecmp(tag, project, length) && tag[length] && strchr("-_/v", tag[length]))
        tag += length;
    tag += strcspn(tag, "0123456789");
    for (; *tag && used + 1 < FPS__MAX_KEY_VERSION; tag++) {
        bool between = used && to[used - 1] >= '0' && to[used - 1] <= '9' && tag[1] >= '0' && tag[1] <= '9';
        to[used++] = (*tag == '_' || *tag == '-') && between ? '.' : *tag;
    }
    to[used] = '\0';
    return used && !*tag;
}

static fps_status read_versions(affected_package *now, const json_t *affected, fps_error *error)
{
    const json_t *versions = fps__member_array(affected, "versions");
    bool tags = !strcmp(now->subject.space, "oss-fuzz");
    fps_status status = FPS_OK;
    size_t count = json_array_size(versions);
    if (count > FPS__FEED_MAX_VERSIONS) {
        fps__feed_bad(now->feed, "a list of too many versions", now->subject.name);
        count = FPS__FEED_MAX_VERSIONS;
    }
    for (size_t i = 0; i < count && !status; i++) {
        char tag[FPS__MAX_KEY_VERSION];
        const char *version = json_string_value(json_array_get(versions, i));
        if (!version || (tags && !version_of_tag(tag, version, now->subject.name)))
            continue;
        version = tags ? tag : version;
        if (!now->ordered || !is_covered(now, version))
            status =
                fps__feed_put_exact(now->feed, now->advisory, &now->subject, FPS__AFFECTED, version, error);
    }
    return status;
}

static bool find_subject(fps__subject *subject, const json_t *affected)
{
    const json_t *package = json_object_get(affected, "package");
    const char *ecosystem = fps__member_text(package, "ecosystem"), *name = fps__member_text(package, "name"),
               *purl = fps__member_text(package, "purl");
    return (ecosystem && name && fps__subject_of_osv(subject, ecosystem, name)) ||
           (purl && fps__subject_of_purl(subject, purl, NULL));
}

static fps_status read_affected(affected_package *now, const json_t *affected, fps_error *error)
{
    now->count = 0;
    now->ordered = false;
    if (!find_subject(&now->subject, affected)) {
        const char *ecosystem = fps__member_text2(affected, "package", "ecosystem");
        fps__feed_bad(now->feed, ecosystem ? "an ecosystem that is not known" : "affected without a package",
                      ecosystem);
        return FPS_OK;
    }
    now->scheme = fps__space_scheme(now->subject.space, now->subject.name);
    fps_status status = read_ranges(now, affected, error);
    const json_t *imports = fps__member_array(json_object_get(affected, "ecosystem_specific"), "imports");
    for (size_t i = 0; i < json_array_size(imports) && !status;
         i++) { /* Go: the functions that are affected */
        const json_t *symbols = fps__member_array(json_array_get(imports, i), "symbols");
        for (size_t k = 0; k < json_array_size(symbols) && !status; k++)
            status = fps__feed_put_routine(now->feed, now->advisory,
                                           json_string_value(json_array_get(symbols, k)), error);
    }
    return status ? status : read_versions(now, affected, error);
}

/* ---- the record ---- */

static void read_severity(fps__feed_advisory *advisory, const json_t *value)
{
    static const char *const places[] = {"database_specific", "ecosystem_specific"};
    const json_t *list = fps__member_array(value, "severity");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *type = fps__member_text(json_array_get(list, i), "type"),
                   *text = fps__member_text(json_array_get(list, i), "score");
        if (!type || !text)
            continue;
        double score = strncmp(type, "CVSS", 4) ? -1 : fps__cvss_score(text);
        bool older = !strcmp(type, "CVSS_V2") && advisory->score > 0;
        if (score > 0 && !older) {
            advisory->score = score;
            advisory->vector = text;
        } else if (!advisory->vector && !strncmp(type, "CVSS", 4)) {
            advisory->vector = text;
        } else if (strncmp(type, "CVSS", 4) != 0) {
            advisory->severity = fps__severity_of_word(text);
        }
    }
    const json_t *affected = json_array_get(fps__member_array(value, "affected"), 0);
    for (size_t i = 0; i < 2 && !advisory->severity; i++)
        advisory->severity = fps__severity_of_word(fps__member_text2(value, places[i], "severity"));
    for (size_t i = 0; i < 2 && !advisory->severity; i++)
        advisory->severity = fps__severity_of_word(fps__member_text2(affected, places[i], "severity"));
}

fps_status fps__feed_put_names(fps__feed *feed, int64_t advisory, const json_t *names, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(names) && !status; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        status = name ? fps__feed_put_alias(feed, advisory, name, error) : FPS_OK;
    }
    return status;
}

static bool is_cve(const json_t *name)
{
    return json_is_string(name) && !strncmp(json_string_value(name), "CVE-", 4);
}

static size_t count_cves(const json_t *names)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(names); i++)
        count += is_cve(json_array_get(names, i));
    return count;
}

/* What an advisory fixes. AlmaLinux and Rocky Linux name it as related, with no alias and nothing upstream; what is related to an
 * advisory of a language's package may be any other fault. */
static const json_t *fixed_by(const json_t *value)
{
    const json_t *upstream = fps__member_array(value, "upstream");
    fps__subject subject;
    if (json_array_size(upstream) || json_array_size(fps__member_array(value, "aliases")) ||
        !find_subject(&subject, json_array_get(fps__member_array(value, "affected"), 0)))
        return upstream;
    bool system = !strncmp(subject.space, "rpm/", 4) || !strncmp(subject.space, "deb/", 4) ||
                  !strncmp(subject.space, "apk/", 4);
    const json_t *related = fps__member_array(value, "related");
    return system ? related : upstream;
}

/* The further names of a vulnerability; of what is related, faults alone. */
static fps_status put_names(fps__feed *feed, int64_t advisory, const json_t *value, fps_error *error)
{
    const json_t *fixed = fixed_by(value);
    bool all = fixed == fps__member_array(value, "upstream");
    fps_status status = fps__feed_put_names(feed, advisory, fps__member_array(value, "aliases"), error);
    for (size_t i = 0; i < json_array_size(fixed) && !status; i++) {
        const json_t *name = json_array_get(fixed, i);
        if (is_cve(name) || (all && json_is_string(name)))
            status = fps__feed_put_alias(feed, advisory, json_string_value(name), error);
    }
    return status;
}

/* All that a record says is affected, under the name of an advisory; `note` names the record where that is another name. */
static fps_status put_record(fps__feed *feed, const fps__feed_advisory *advisory, const char *note,
                             const json_t *value, fps_error *error)
{
    const json_t *affected = fps__member_array(value, "affected");
    event *events = calloc(MAX_EVENTS, sizeof *events);
    affected_package now = {.feed = feed, .events = events, .note = note};
    fps_status status =
        events ? fps__feed_put_advisory(feed, advisory, &now.advisory, error) : fps__fail_memory(error);
    if (!status && !note)
        status = put_names(feed, now.advisory, value, error);
    for (size_t i = 0; i < json_array_size(affected) && !status; i++)
        status = read_affected(&now, json_array_get(affected, i), error);
    free(events);
    return status;
}

/* An advisory that fixes several CVEs, and is none itself: each is a vulnerability of its own, as in the lists of distributions. */
static bool fixes_several(const fps__feed_advisory *advisory, const json_t *value)
{
    size_t cves = count_cves(fixed_by(value)),
           affected = json_array_size(fps__member_array(value, "affected"));
    return cves > 1 && cves * (affected + 1) <= MAX_SPLIT && !advisory->withdrawn &&
           strncmp(advisory->name, "CVE-", 4) != 0 && !count_cves(fps__member_array(value, "aliases"));
}

fps_status fps__feed_read_osv(fps__feed *feed, json_t *value, fps_error *error)
{
    const char *id = fps__member_text(value, "id"), *summary = fps__member_text(value, "summary");
    if (!id || !*id || strlen(id) >= FPS__MAX_ADVISORY_NAME)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a record without an id");
    fps__feed_advisory advisory = {.name = id,
                                   .title =
                                       summary && *summary ? summary : fps__member_text(value, "details"),
                                   .modified = fps__member_text(value, "modified"),
                                   .withdrawn = fps__member_text(value, "withdrawn") != NULL};
    read_severity(&advisory, value);
    fps__feed_count(feed);
    fps__feed_date(feed, advisory.modified);
    if (!fixes_several(&advisory, value))
        return put_record(feed, &advisory, NULL, value, error);
    const json_t *fixed = fixed_by(value);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(fixed) && !status; i++) {
        advisory.name = json_string_value(json_array_get(fixed, i));
        if (is_cve(json_array_get(fixed, i)) && strlen(advisory.name) < FPS__MAX_ADVISORY_NAME)
            status = put_record(feed, &advisory, id, value, error);
    }
    return status;
}
