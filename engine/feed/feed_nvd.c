/* NVD 2.0: configurations of CPE matches. What holds only together with something else is kept as conditional. */
#include "feed/feed_formats.h"

#include "util/cursor.h"
#include "util/error.h"

#include <string.h>

enum {
    MAX_NODES_DEPTH = 8, /* "children" of feeds of version 1.1 */
    MAX_MATCHES = 50000, /* of one CVE: Linux distributions, firmware */
};

typedef struct record {
    fps__feed *feed;
    int64_t advisory;
    size_t matches;
} record;

bool fps__feed_is_nvd(const json_t *value)
{
    const json_t *list = fps__member_array(value, "vulnerabilities");
    const char *format = fps__member_text(value, "format");
    return list &&
           ((format && !strncmp(format, "NVD", 3)) || fps__member_object(json_array_get(list, 0), "cve"));
}

bool fps__feed_is_nvd_override(const json_t *value)
{
    return fps__member_object(value, "_annotation") && fps__member_text2(value, "_annotation", "cve_id");
}

static bool is_operator(const json_t *node, const char *word)
{
    const char *text = fps__member_text(node, "operator");
    return text && !strcmp(text, word);
}

/* Puts the products of a node into a note. */
static void name_products(fps__cursor *note, const json_t *node)
{
    const json_t *matches = fps__member_array(node, "cpeMatch");
    fps__subject subject;
    for (size_t i = 0; i < json_array_size(matches); i++) {
        const char *criteria = fps__member_text(json_array_get(matches, i), "criteria");
        if (!criteria || !fps__subject_of_cpe(&subject, criteria, NULL, NULL) ||
            note->used > FPS__FEED_MAX_NOTE / 2 ||
            (note->used && memmem(note->text, note->used, subject.name, strlen(subject.name))))
            continue;
        fps__cursor_text(note, note->used ? ", " : "only with ");
        fps__cursor_text(note, subject.name);
    }
}

static fps_status put_match(record *now, const json_t *match, const char *condition, fps_error *error)
{
    const char *criteria = fps__member_text(match, "criteria"),
               *from = fps__member_text(match, "versionStartIncluding");
    const char *after = fps__member_text(match, "versionStartExcluding"),
               *through = fps__member_text(match, "versionEndIncluding");
    const char *to = fps__member_text(match, "versionEndExcluding");
    char version[FPS__MAX_KEY_VERSION], target[FPS__MAX_NAME], note[FPS__FEED_MAX_NOTE];
    fps__subject subject;
    if (!json_is_true(json_object_get(match, "vulnerable")))
        return FPS_OK;
    if (++now->matches > MAX_MATCHES) {
        if (now->matches == MAX_MATCHES + 1)
            fps__feed_bad(now->feed, "a record with too many matches", fps__feed_path(now->feed));
        return FPS_OK;
    }
    if (!criteria || !fps__subject_of_cpe(&subject, criteria, version, target)) {
        fps__feed_bad(now->feed, "a CPE name that is none", criteria);
        return FPS_OK;
    }
    fps__cursor words = {.text = note, .size = sizeof note};
    fps__cursor_text(&words, condition);
    if (*target) {
        fps__cursor_text(&words, *condition ? "; only for " : "only for ");
        fps__cursor_text(&words, target);
    }
    fps__cursor_finish(&words);
    fps__feed_range range = {.subject = &subject,
                             .kind = *note ? FPS__AFFECTED_IF : FPS__AFFECTED,
                             .from = from ? from : after,
                             .after = !from && after,
                             .to = to ? to : through,
                             .through = !to && through,
                             .note = note};
    if (*version && !range.from && !range.to) {
        range.from = range.to = version;
        range.through = true;
    }
    return fps__feed_put_range(now->feed, now->advisory, &range, error);
}

static fps_status put_node(record *now, const json_t *node, const char *condition, unsigned depth,
                           fps_error *error)
{
    const json_t *matches = fps__member_array(node, "cpeMatch"),
                 *children = fps__member_array(node, "children");
    bool negated = json_is_true(json_object_get(node, "negate"));
    fps_status status = FPS_OK;
    if (depth > MAX_NODES_DEPTH) {
        fps__feed_bad(now->feed, "too many nodes inside each other", fps__feed_path(now->feed));
        return FPS_OK;
    }
    for (size_t i = 0; i < json_array_size(matches) && !status; i++)
        status = put_match(now, json_array_get(matches, i),
                           negated ? "all but the named configuration" : condition, error);
    for (size_t i = 0; i < json_array_size(children) && !status; i++)
        status = put_node(now, json_array_get(children, i), condition, depth + 1, error);
    return status;
}

/* Of nodes that must hold together, each is conditional on the others; the same within a node of matches that must. */
static fps_status put_configuration(record *now, const json_t *configuration, fps_error *error)
{
    const json_t *nodes = fps__member_array(configuration, "nodes");
    size_t count = json_array_size(nodes);
    bool together = is_operator(configuration, "AND") && count > 1;
    bool negated = json_is_true(json_object_get(configuration, "negate"));
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        const json_t *node = json_array_get(nodes, i);
        char condition[FPS__FEED_MAX_NOTE] = "";
        fps__cursor note = {.text = condition, .size = sizeof condition};
        for (size_t k = 0; together && k < count; k++)
            if (k != i)
                name_products(&note, json_array_get(nodes, k));
        if (!together && is_operator(node, "AND") && json_array_size(fps__member_array(node, "cpeMatch")) > 1)
            name_products(&note, node);
        if (negated)
            fps__cursor_text(&note,
                             note.used ? "; not in that configuration" : "not in the named configuration");
        fps__cursor_finish(&note);
        status = put_node(now, node, condition, 0, error);
    }
    return status;
}

static fps_status put_configurations(record *now, const json_t *list, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(list) && !status; i++)
        status = put_configuration(now, json_array_get(list, i), error);
    return status;
}

static void read_metrics(fps__feed_advisory *advisory, const json_t *metrics)
{
    static const char *const versions[] = {"cvssMetricV31", "cvssMetricV30", "cvssMetricV40", "cvssMetricV2"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions && !(advisory->score > 0); i++) {
        const json_t *cvss =
            fps__member_object(json_array_get(fps__member_array(metrics, versions[i]), 0), "cvssData");
        advisory->score = fps__member_number(cvss, "baseScore", 0);
        advisory->vector = fps__member_text(cvss, "vectorString");
    }
}

static fps_status read_cve(fps__feed *feed, const json_t *cve, fps_error *error)
{
    const char *name = fps__member_text(cve, "id"), *status_word = fps__member_text(cve, "vulnStatus");
    record now = {.feed = feed};
    if (!name || !fps__is_cve(name)) {
        fps__feed_bad(feed, "a record without a CVE name", name);
        return FPS_OK;
    }
    fps__feed_advisory advisory = {
        .name = name,
        .title = fps__member_text(json_array_get(fps__member_array(cve, "descriptions"), 0), "value"),
        .modified = fps__member_text(cve, "lastModified"),
        .withdrawn = status_word && !strcmp(status_word, "Rejected")};
    read_metrics(&advisory, fps__member_object(cve, "metrics"));
    fps__feed_count(feed);
    fps__feed_date(feed, advisory.modified);
    fps_status status = fps__feed_put_advisory(feed, &advisory, &now.advisory, error);
    return status ? status : put_configurations(&now, fps__member_array(cve, "configurations"), error);
}

fps_status fps__feed_read_nvd(fps__feed *feed, json_t *value, fps_error *error)
{
    const json_t *list = fps__member_array(value, "vulnerabilities");
    fps_status status = FPS_OK;
    for (size_t i = 0; i < json_array_size(list) && !status; i++)
        status = read_cve(feed, fps__member_object(json_array_get(list, i), "cve"), error);
    return status;
}

/* An override without configurations says that the CVE was rejected. */
fps_status fps__feed_read_nvd_override(fps__feed *feed, json_t *value, fps_error *error)
{
    const json_t *about = fps__member_object(value, "_annotation"), *cve = fps__member_object(value, "cve");
    const char *name = fps__member_text(about, "cve_id");
    record now = {.feed = feed};
    if (!fps__is_cve(name))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a record without a CVE name");
    const fps__feed_advisory advisory = {.name = name,
                                         .title = fps__member_text(about, "description"),
                                         .modified = fps__member_text(about, "modified"),
                                         .withdrawn = !json_object_size(cve)};
    fps__feed_count(feed);
    fps__feed_date(feed, advisory.modified);
    fps_status status = fps__feed_put_advisory(feed, &advisory, &now.advisory, error);
    return status ? status : put_configurations(&now, fps__member_array(cve, "configurations"), error);
}
