/* CVE records 5.x: what the numbering authority and others (CISA's ADP) say is affected, scores, SSVC, functions. */
#include "feed/feed_formats.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_ENTRIES = 4096 }; /* version entries of one product, changes included */

bool fps__feed_is_cve(const json_t *value)
{
    const char *type = fps__member_text(value, "dataType");
    return type && !strcmp(type, "CVE_RECORD") && fps__member_object(value, "cveMetadata");
}

/* ---- what is affected ---- */

/* True if one of the names between the dots of the URL's host is `label`. */
static bool host_has_label(const char *url, const char *label)
{
    const char *scheme = strstr(url, "://"), *host = scheme ? scheme + strlen("://") : url;
    const char *end = host + strcspn(host, "/:?#");
    for (const char *next; host < end; host = next + 1) {
        next = host + strcspn(host, "./:?#");
        if ((size_t)(next - host) == strlen(label) && !strncasecmp(host, label, strlen(label)))
            return true;
    }
    return false;
}

/* Package collections whose names are those of an ecosystem, by the label that the hosts of each have: "go" is that of pkg.go.dev. */
static bool subject_of_collection(fps__subject *subject, const char *url, const char *name)
{
    static const struct {
        const char *label, *space;
    } collections[] = {
        {"pypi", "pypi"},          {"npmjs", "npm"},    {"go", "golang"},
        {"maven", "maven"},        {"crates", "cargo"}, {"rubygems", "gem"},
        {"packagist", "composer"}, {"nuget", "nuget"},  {"hex", "hex"},
    };
    for (size_t i = 0; url && name && i < sizeof collections / sizeof *collections; i++)
        if (host_has_label(url, collections[i].label))
            return fps__subject_set(subject, collections[i].space, name);
    return false;
}

/* Red Hat names a package of a release of its system: a product "... Linux 8", and versions of its own rpm. */
static bool subject_of_red_hat(fps__subject *subject, const json_t *affected)
{
    const char *url = fps__member_text(affected, "collectionURL"),
               *product = fps__member_text(affected, "product");
    const char *name = fps__member_text(affected, "packageName");
    static const char system[] = "Red Hat Enterprise Linux ";
    char space[FPS__MAX_SPACE];
    if (!url || !product || !name || !strstr(url, "access.redhat.com/downloads/content/package-browser") ||
        strncmp(product, system, sizeof system - 1))
        return false;
    char release[4] = {product[sizeof system - 1], '\0'};
    if (product[sizeof system - 1] == '1' && product[sizeof system] == '0')
        release[1] = '0';
    const char *slash = strrchr(name, '/'); /* "nodejs:18/nodejs" */
    return fps__space_of_system(space, "rpm", "redhat", release) &&
           fps__subject_set(subject, space, slash ? slash + 1 : name);
}

typedef enum entry_status { ENTRY_AFFECTED, ENTRY_UNAFFECTED, ENTRY_UNKNOWN } entry_status;

typedef struct entry {
    const char *from, *to; /* NULL: no end */
    bool through;
    entry_status status;
    uint8_t key[FPS__MAX_KEY]; /* of `from` */
    size_t size;
} entry;

typedef struct product {
    fps__feed *feed;
    int64_t advisory;
    fps__subject subject;
    const char *note;
    entry *entries; /* MAX_ENTRIES */
    size_t count;
} product;

static entry_status status_of(const char *text)
{
    return !text || !strcmp(text, "affected") ? ENTRY_AFFECTED
           : !strcmp(text, "unaffected")      ? ENTRY_UNAFFECTED
                                              : ENTRY_UNKNOWN;
}

/* "0", "*" and words for "all" are no lower end; "*" and the like no upper end. */
static bool is_open(const char *version)
{
    static const char *const words[] = {
        "", "0", "*", "-", "n/a", "unspecified", "all", "All", "all versions", "All versions"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(version, words[i]))
            return true;
    return false;
}

/* Words in the place of a version: "before 2.4.3", "1.x". What is no single version says nothing that can be compared. */
static bool is_version(const char *text)
{
    const char *at = text + (*text == 'v' || *text == 'V');
    return *at >= '0' && *at <= '9' && strlen(text) < FPS__MAX_KEY_VERSION && !strpbrk(text, " <>,*&|") &&
           !strstr(text, ".x");
}

static bool is_commit(const char *type, const char *version)
{
    return (type && !strcmp(type, "git")) ||
           (version && strlen(version) == 40 && strspn(version, "0123456789abcdef") == 40);
}

static void add_entry(product *now, entry made)
{
    if (now->count == MAX_ENTRIES) {
        fps__feed_bad(now->feed, "a product with too many versions", now->subject.name);
        return;
    }
    fps__key_scheme scheme = fps__space_scheme(now->subject.space, now->subject.name);
    made.size = made.from ? fps__version_key(scheme, made.from, made.key) : 0;
    if (made.from && !made.size)
        fps__feed_bad(now->feed, "a version that is none for its package", made.from);
    else
        now->entries[now->count++] = made;
}

/* A version, or a range with changes of the status inside: each change ends what was before it. */
static void read_entry(product *now, const json_t *version)
{
    const char *from = fps__member_text(version, "version"), *type = fps__member_text(version, "versionType");
    const char *below = fps__member_text(version, "lessThan"),
               *upto = fps__member_text(version, "lessThanOrEqual");
    const char *to = below ? below : upto;
    if (!from || is_commit(type, from) || is_commit(type, to))
        return;
    if ((!is_open(from) && !is_version(from)) || (to && !is_open(to) && !is_version(to))) {
        fps__feed_bad(now->feed, "words in the place of a version", from);
        return;
    }
    if (!to && is_open(from) && strcmp(from, "*") != 0 &&
        !strstr(from, "ll")) { /* "n/a", "-": nothing is said */
        if (strcmp(from, "0") != 0)
            return;
    }
    entry made = {.from = is_open(from) ? NULL : from,
                  .status = status_of(fps__member_text(version, "status"))};
    made.to = to ? (is_open(to) ? NULL : to) : made.from;
    made.through = to ? upto != NULL && !below : made.to != NULL;
    const json_t *changes = fps__member_array(version, "changes");
    entry rest = made;
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const char *at = fps__member_text(json_array_get(changes, i), "at");
        if (!at || !is_version(at))
            continue;
        entry before = rest;
        before.to = at;
        before.through = false;
        add_entry(now, before);
        rest.from = at;
        rest.status = status_of(fps__member_text(json_array_get(changes, i), "status"));
    }
    add_entry(now, rest);
}

static fps_status put_entry(product *now, const char *from, bool after, const char *to, bool through,
                            fps_error *error)
{
    const fps__feed_range range = {.subject = &now->subject,
                                   .kind = now->note ? FPS__AFFECTED_IF : FPS__AFFECTED,
                                   .from = from,
                                   .after = after,
                                   .to = to,
                                   .through = through,
                                   .note = now->note};
    return fps__feed_put_range(now->feed, now->advisory, &range, error);
}

static int compare_entries(const void *a, const void *b)
{
    const entry *first = a, *second = b;
    int order = memcmp(first->key, second->key, first->size < second->size ? first->size : second->size);
    return order ? order : (first->size > second->size) - (first->size < second->size);
}

/* Everything is affected but what an entry calls unaffected: the gaps between those. */
static fps_status put_rest(product *now, fps_error *error)
{
    const char *from = NULL;
    bool after = false, open = true;
    fps_status status = FPS_OK;
    qsort(now->entries, now->count, sizeof *now->entries, compare_entries);
    for (size_t i = 0; i < now->count && open && !status; i++) {
        const entry *at = &now->entries[i];
        if (at->status != ENTRY_UNAFFECTED)
            continue;
        if (at->from)
            status = put_entry(now, from, after, at->from, false, error);
        open = at->to != NULL;
        from = at->to;
        after = at->through;
    }
    return status || !open ? status : put_entry(now, from, after, NULL, false, error);
}

/* Comparisons and a few words in the place of a version, as GitHub and others write them: "< 2.9.1", ">= 1.0, < 1.5", "before version
 * 3.4.4", "4.0.18 and earlier". Writes them as comparisons; false for everything else. */
static bool read_words(const char *text, char constraint[FPS__MAX_KEY_VERSION + 8])
{
    static const char *const starts[] = {"before version ", "before ", "prior to version ", "prior to "};
    static const char *const ends[] = {" and earlier", " and prior", " and below", " and older"};
    char version[FPS__MAX_KEY_VERSION];
    size_t length = strlen(text);
    if (length >= FPS__MAX_KEY_VERSION - 4)
        return false;
    if (*text == '<' || *text == '>' || *text == '=') {
        strcpy(constraint, text);
        return true;
    }
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (!strncasecmp(text, starts[i], strlen(starts[i])) && is_version(text + strlen(starts[i]))) {
            snprintf(constraint, FPS__MAX_KEY_VERSION + 8, "< %s", text + strlen(starts[i]));
            return true;
        }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t tail = strlen(ends[i]);
        if (length <= tail || strcasecmp(text + length - tail, ends[i]) != 0)
            continue;
        memcpy(version, text, length - tail);
        version[length - tail] = '\0';
        snprintf(constraint, FPS__MAX_KEY_VERSION + 8, "<= %s", version);
        return is_version(version);
    }
    return false;
}

/* An entry that is read as comparisons; *done: it was. */
static fps_status put_words(product *now, const json_t *version, bool *done, fps_error *error)
{
    char constraint[FPS__MAX_KEY_VERSION + 8];
    const char *text = fps__member_text(version, "version");
    *done = text && !fps__member_text(version, "lessThan") && !fps__member_text(version, "lessThanOrEqual") &&
            read_words(text, constraint);
    if (!*done || status_of(fps__member_text(version, "status")) != ENTRY_AFFECTED)
        return FPS_OK;
    const fps__feed_range template = {
        .subject = &now->subject, .kind = now->note ? FPS__AFFECTED_IF : FPS__AFFECTED, .note = now->note};
    return fps__feed_put_constraint(now->feed, now->advisory, &template, constraint, error);
}

static fps_status put_entries(product *now, const json_t *affected, fps_error *error)
{
    const json_t *versions = fps__member_array(affected, "versions");
    bool all = status_of(fps__member_text(affected, "defaultStatus")) == ENTRY_AFFECTED &&
               fps__member_text(affected, "defaultStatus");
    fps_status status = FPS_OK;
    now->count = 0;
    for (size_t i = 0; i < json_array_size(versions) && !status; i++) {
        bool done;
        status = put_words(now, json_array_get(versions, i), &done, error);
        if (!done)
            read_entry(now, json_array_get(versions, i));
    }
    bool unaffected = false;
    for (size_t i = 0; i < now->count && !status; i++) {
        unaffected = unaffected || now->entries[i].status == ENTRY_UNAFFECTED;
        if (now->entries[i].status == ENTRY_AFFECTED && !all)
            status = put_entry(now, now->entries[i].from, false, now->entries[i].to, now->entries[i].through,
                               error);
    }
    return status || !all || (!unaffected && json_array_size(versions)) ? status : put_rest(now, error);
}

/* Further names of a product: those CPE names that it has besides vendor and product. */
static fps_status put_product(product *now, const json_t *affected, fps_error *error)
{
    const char *vendor = fps__member_text(affected, "vendor"), *name = fps__member_text(affected, "product");
    const json_t *cpes = fps__member_array(affected, "cpes");
    char target[FPS__MAX_NAME] = "", note[FPS__MAX_NAME + 16];
    fps__subject first = {.space = ""};
    fps_status status = FPS_OK;
    bool known = subject_of_collection(&now->subject, fps__member_text(affected, "collectionURL"),
                                       fps__member_text(affected, "packageName")) ||
                 subject_of_red_hat(&now->subject, affected) ||
                 (vendor && name && fps__subject_of_product(&now->subject, vendor, name));
    if (known) {
        first = now->subject;
        status = put_entries(now, affected, error);
    }
    for (size_t i = 0; i < json_array_size(cpes) && !status; i++) {
        const char *cpe = json_string_value(json_array_get(cpes, i));
        bool same = !cpe || !fps__subject_of_cpe(&now->subject, cpe, NULL, target) ||
                    (!strcmp(now->subject.name, first.name) && !strcmp(now->subject.space, first.space));
        if (same || (strcmp(first.space, "cpe") != 0 &&
                     *first.space)) /* a collection's versions are not those of the CPE's product */
            continue;
        first = now->subject;
        snprintf(note, sizeof note, "only for %s", target);
        now->note = *target ? note : NULL;
        status = put_entries(now, affected, error);
        now->note = NULL;
    }
    const json_t *routines = fps__member_array(affected, "programRoutines");
    for (size_t i = 0; i < json_array_size(routines) && !status; i++)
        status = fps__feed_put_routine(now->feed, now->advisory,
                                       fps__member_text(json_array_get(routines, i), "name"), error);
    return status;
}

/* ---- metrics ---- */

static void read_metric(fps__feed_advisory *advisory, const json_t *metric)
{
    static const char *const versions[] = {"cvssV3_1", "cvssV3_0", "cvssV4_0", "cvssV2_0"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const json_t *cvss = fps__member_object(metric, versions[i]);
        double score = fps__member_number(cvss, "baseScore", 0);
        if (score > 0 && !(advisory->score > 0)) {
            advisory->score = score;
            advisory->vector = fps__member_text(cvss, "vectorString");
        }
    }
    const json_t *other = fps__member_object(metric, "other");
    const char *type = fps__member_text(other, "type"), *text = fps__member_text2(other, "content", "text");
    if (type && text && strcmp(type, "ssvc") != 0 && !advisory->severity)
        advisory->severity = fps__severity_of_word(text);
}

static fps_status read_ssvc(fps__feed *feed, const char *name, const json_t *metric, fps_error *error)
{
    const json_t *other = fps__member_object(metric, "other");
    const char *type = fps__member_text(other, "type");
    const json_t *options = fps__member_array(fps__member_object(other, "content"), "options");
    if (!type || strcmp(type, "ssvc") != 0 || !options)
        return FPS_OK;
    const char *values[3] = {"", "", ""};
    static const char *const keys[3] = {"Exploitation", "Automatable", "Technical Impact"};
    for (size_t i = 0; i < json_array_size(options); i++)
        for (size_t k = 0; k < 3; k++) {
            const char *text = fps__member_text(json_array_get(options, i), keys[k]);
            values[k] = text ? text : values[k];
        }
    return fps__feed_put_ssvc(feed, name, values[0], values[1], values[2], error);
}

/* ---- the record ---- */

static const char *description(const json_t *container)
{
    const json_t *list = fps__member_array(container, "descriptions");
    return fps__member_text(json_array_get(list, 0), "value");
}

static void read_metrics(fps__feed_advisory *advisory, const json_t *container)
{
    const json_t *metrics = fps__member_array(container, "metrics");
    for (size_t i = 0; i < json_array_size(metrics); i++)
        read_metric(advisory, json_array_get(metrics, i));
}

static fps_status read_container(product *now, const char *name, const json_t *container, fps_error *error)
{
    const json_t *affected = fps__member_array(container, "affected"),
                 *metrics = fps__member_array(container, "metrics");
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(affected) && !status; i++)
        status = put_product(now, json_array_get(affected, i), error);
    for (size_t i = 0; i < json_array_size(metrics) && !status; i++)
        status = read_ssvc(now->feed, name, json_array_get(metrics, i), error);
    return status;
}

fps_status fps__feed_read_cve(fps__feed *feed, json_t *value, fps_error *error)
{
    const json_t *about = fps__member_object(value, "cveMetadata"),
                 *containers = fps__member_object(value, "containers");
    const json_t *cna = fps__member_object(containers, "cna"), *adp = fps__member_array(containers, "adp");
    const char *name = fps__member_text(about, "cveId"), *state = fps__member_text(about, "state");
    if (!name || !fps__is_cve(name))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a record without a CVE name");
    const char *title = fps__member_text(cna, "title");
    fps__feed_advisory advisory = {.name = name,
                                   .title = title ? title : description(cna),
                                   .withdrawn = state && !strcmp(state, "REJECTED")};
    advisory.modified = fps__member_text(about, "dateUpdated");
    if (!advisory.modified)
        advisory.modified = fps__member_text(cna, "datePublic");
    read_metrics(&advisory, cna);
    for (size_t i = 0; i < json_array_size(adp); i++)
        read_metrics(&advisory, json_array_get(adp, i));
    fps__feed_count(feed);
    fps__feed_date(feed, advisory.modified);
    product now = {.feed = feed, .entries = calloc(MAX_ENTRIES, sizeof(entry))};
    fps_status status = now.entries ? FPS_OK : fps__fail_memory(error);
    if (!status)
        status = fps__feed_put_advisory(feed, &advisory, &now.advisory, error);
    if (!status)
        status = read_container(&now, name, cna, error);
    for (size_t i = 0; i < json_array_size(adp) && !status; i++)
        status = read_container(&now, name, json_array_get(adp, i), error);
    free(now.entries);
    return status;
}
