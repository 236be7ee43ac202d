/* CSAF 2.0, VEX and advisories: products of a tree and their relationships, and what is said of them. */
#include "feed/feed_formats.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_TREE_DEPTH = 32,
    MAX_PRODUCTS = 500000,
};

bool fps__feed_is_csaf(const json_t *value)
{
    const char *version = fps__member_text2(value, "document", "csaf_version");
    return version && version[0] == '2' && fps__member_text2(value, "document", "category");
}

/* What the tree says of one product id. Texts live as long as the document. */
typedef struct product {
    const char *id;
    const char *vendor, *name, *version; /* of the branches above it */
    bool range;                          /* `version` is a range in words */
    const char *purl, *cpe;
    const char *reference, *platform; /* of a relationship: the ids that it ties together */
} product;

typedef struct document {
    fps__feed *feed;
    FPS__ARRAY(product) products; /* sorted by id before they are looked up */
    fps_status status;            /* of collecting them */
} document;

/* ---- the tree ---- */

static void keep(document *now, product made, const json_t *value)
{
    made.id = fps__member_text(value, "product_id");
    const json_t *helper = fps__member_object(value, "product_identification_helper");
    made.purl = fps__member_text(helper, "purl");
    made.cpe = fps__member_text(helper, "cpe");
    if (!made.name)
        made.name = fps__member_text(value, "name");
    if (made.id && !now->status)
        now->status = FPS__ARRAY_PUSH(&now->products, &made, MAX_PRODUCTS);
}

static void read_branch(document *now, const json_t *branch, product above, unsigned depth)
{
    const char *category = fps__member_text(branch, "category"), *name = fps__member_text(branch, "name");
    const json_t *inner = fps__member_array(branch, "branches");
    if (depth > MAX_TREE_DEPTH) {
        fps__feed_bad(now->feed, "too many branches inside each other", name);
        return;
    }
    if (category && name && !strcmp(category, "vendor"))
        above.vendor = name;
    else if (category && name && !strcmp(category, "product_name"))
        above.name = name;
    else if (category && name && !strncmp(category, "product_version", 15)) {
        above.version = name;
        above.range = category[15] != '\0';
    }
    if (fps__member_object(branch, "product"))
        keep(now, above, fps__member_object(branch, "product"));
    for (size_t i = 0; i < json_array_size(inner); i++)
        read_branch(now, json_array_get(inner, i), above, depth + 1);
}

static int compare_ids(const void *a, const void *b)
{
    const product *first = a, *second = b;
    return strcmp(first->id, second->id);
}

static fps_status read_tree(document *now, const json_t *tree, fps_error *error)
{
    const json_t *branches = fps__member_array(tree, "branches"),
                 *names = fps__member_array(tree, "full_product_names");
    const json_t *relations = fps__member_array(tree, "relationships");
    for (size_t i = 0; i < json_array_size(branches); i++)
        read_branch(now, json_array_get(branches, i), (product){.id = NULL}, 0);
    for (size_t i = 0; i < json_array_size(names); i++)
        keep(now, (product){.id = NULL}, json_array_get(names, i));
    for (size_t i = 0; i < json_array_size(relations); i++) {
        const json_t *relation = json_array_get(relations, i);
        const product made = {.reference = fps__member_text(relation, "product_reference"),
                              .platform = fps__member_text(relation, "relates_to_product_reference")};
        keep(now, made, fps__member_object(relation, "full_product_name"));
    }
    if (now->status == FPS_ERROR_LIMIT)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "more than %d products", MAX_PRODUCTS);
    if (now->status)
        return fps__fail_memory(error);
    if (now->products.count)
        qsort(now->products.items, now->products.count, sizeof *now->products.items, compare_ids);
    return FPS_OK;
}

static const product *find_product(const document *now, const char *id)
{
    const product wanted = {.id = id};
    return id && now->products.count
               ? bsearch(&wanted, now->products.items, now->products.count, sizeof wanted, compare_ids)
               : NULL;
}

/* ---- subjects ---- */

/* The release of a system from the CPE name of the platform, "cpe:/o:redhat:enterprise_linux:8::baseos", or from the name of the
 * product. */
static bool system_space(char space[FPS__MAX_SPACE], const char *vendor, const product *platform)
{
    char version[FPS__MAX_KEY_VERSION];
    fps__subject subject;
    const char *name = platform && platform->name ? platform->name : "";
    const char *system = strstr(vendor, "suse") ? "suse" : vendor;
    if (platform && platform->cpe && fps__subject_of_cpe(&subject, platform->cpe, version, NULL) && *version)
        return fps__space_of_system(space, "rpm", system, version);
    const char *digit = strpbrk(name, "0123456789"), *pack = strstr(name, " SP");
    if (!digit)
        return false;
    char release[16];
    size_t used = strspn(digit, "0123456789.");
    used = used < 8 ? used : 8;
    memcpy(release, digit, used);
    if (pack && pack[3] >= '0' && pack[3] <= '9') { /* "15 SP4" is 15.4 in os-release */
        release[used++] = '.';
        release[used++] = pack[3];
    }
    release[used] = '\0';
    return fps__space_of_system(space, "rpm", system, release);
}

/* What a statement of a product id is about: subject, and version or range. `version` points into `buffer` or the document. */
static bool find_subject(const document *now, const char *id, fps__subject *subject, const char **version,
                         bool *range, char buffer[FPS__MAX_KEY_VERSION])
{
    const product *found = find_product(now, id), *platform = NULL;
    if (found && found->reference) {
        platform = find_product(now, found->platform);
        const product *inner = find_product(now, found->reference);
        found = inner ? inner : found;
    }
    *version = NULL;
    *range = false;
    if (!found)
        return false;
    if (found->purl && fps__subject_of_purl(subject, found->purl, buffer)) {
        char space[FPS__MAX_SPACE];
        *version = *buffer ? buffer : found->version;
        *range = !*buffer && found->range;
        bool system = !strncmp(subject->space, "rpm/", 4) && !strchr(subject->space, '@');
        return !system || (system_space(space, subject->space + 4, platform) &&
                           fps__subject_set(subject, space, subject->name));
    }
    *version = found->version;
    *range = found->range;
    if (found->cpe && fps__subject_of_cpe(subject, found->cpe, buffer, NULL)) {
        *version = *version ? *version : *buffer ? buffer : NULL;
        return true;
    }
    return found->vendor && found->name && fps__subject_of_product(subject, found->vendor, found->name);
}

/* ---- statements ---- */

typedef struct statement {
    document *document;
    int64_t advisory;
    fps__affected_kind kind;
    bool fixed; /* the version is one with the fix */
    const char *note;
} statement;

static fps_status put_product(const statement *now, const char *id, fps_error *error)
{
    fps__subject subject;
    const char *version;
    char buffer[FPS__MAX_KEY_VERSION];
    bool is_range;
    fps__feed *feed = now->document->feed;
    if (!find_subject(now->document, id, &subject, &version, &is_range, buffer)) {
        fps__feed_bad(feed, "a product that is not described", id);
        return FPS_OK;
    }
    fps__feed_range range = {.subject = &subject, .kind = now->kind, .note = now->note};
    bool system = strchr(subject.space, '@') != NULL;
    if (is_range && version) {
        const char *slash = !strncmp(version, "vers:", 5) ? strchr(version, '/') : NULL; /* "vers:rpm/<1.2" */
        return fps__feed_put_constraint(feed, now->advisory, &range, slash ? slash + 1 : version, error);
    }
    if (now->fixed && system && version) { /* all before it are affected, if any is */
        range.kind = FPS__AFFECTED;
        range.to = version;
    } else if (version) {
        range.from = range.to = version;
        range.through = true;
    } else if (now->fixed) {
        return FPS_OK;
    }
    return fps__feed_put_range(feed, now->advisory, &range, error);
}

static fps_status put_products(document *now, int64_t advisory, const json_t *vulnerability, fps_error *error)
{
    static const struct {
        const char *member;
        fps__affected_kind kind;
        bool fixed;
    } states[] = {
        {"known_affected", FPS__AFFECTED, false}, {"first_affected", FPS__AFFECTED, false},
        {"last_affected", FPS__AFFECTED, false},  {"known_not_affected", FPS__NOT_AFFECTED, false},
        {"fixed", FPS__NOT_AFFECTED, true},       {"first_fixed", FPS__NOT_AFFECTED, true},
    };
    const json_t *status_object = fps__member_object(vulnerability, "product_status");
    const char *flag =
        fps__member_text(json_array_get(fps__member_array(vulnerability, "flags"), 0), "label");
    fps_status status = FPS_OK;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        const json_t *ids = fps__member_array(status_object, states[i].member);
        const statement put = {.document = now,
                               .advisory = advisory,
                               .kind = states[i].kind,
                               .fixed = states[i].fixed,
                               .note = states[i].kind == FPS__NOT_AFFECTED && !states[i].fixed ? flag : NULL};
        for (size_t k = 0; k < json_array_size(ids) && !status; k++) {
            const char *id = json_string_value(json_array_get(ids, k));
            status = id ? put_product(&put, id, error) : FPS_OK;
        }
    }
    return status;
}

static fps_status read_vulnerability(document *now, const json_t *root, const json_t *vulnerability,
                                     size_t index, fps_error *error)
{
    const json_t *score = json_array_get(fps__member_array(vulnerability, "scores"), 0);
    const json_t *cvss = fps__member_object(score, "cvss_v3") ? fps__member_object(score, "cvss_v3")
                                                              : fps__member_object(score, "cvss_v2");
    const json_t *about = fps__member_object(root, "document"),
                 *tracking = fps__member_object(about, "tracking");
    const char *name = fps__member_text(vulnerability, "cve"),
               *title = fps__member_text(vulnerability, "title");
    const char *tracked = fps__member_text(tracking, "id");
    if (!name)
        name = fps__member_text(json_array_get(fps__member_array(vulnerability, "ids"), 0), "text");
    if (!name && !index)
        name = tracked;
    if (!name || !*name || strlen(name) >= FPS__MAX_ADVISORY_NAME) {
        fps__feed_bad(now->feed, "a vulnerability without a name", tracked);
        return FPS_OK;
    }
    const fps__feed_advisory advisory = {
        .name = name,
        .title = title ? title : fps__member_text(about, "title"),
        .modified = fps__member_text(tracking, "current_release_date"),
        .severity = fps__severity_of_word(fps__member_text2(about, "aggregate_severity", "text")),
        .score = fps__member_number(cvss, "baseScore", 0),
        .vector = fps__member_text(cvss, "vectorString")};
    int64_t row;
    fps__feed_count(now->feed);
    fps_status status = fps__feed_put_advisory(now->feed, &advisory, &row, error);
    return status ? status : put_products(now, row, vulnerability, error);
}

fps_status fps__feed_read_csaf(fps__feed *feed, json_t *value, fps_error *error)
{
    document now = {.feed = feed};
    const json_t *list = fps__member_array(value, "vulnerabilities");
    fps__feed_date(
        feed, fps__member_text2(fps__member_object(value, "document"), "tracking", "current_release_date"));
    fps_status status = read_tree(&now, fps__member_object(value, "product_tree"), error);
    for (size_t i = 0; i < json_array_size(list) && !status; i++)
        status = read_vulnerability(&now, value, json_array_get(list, i), i, error);
    free(now.products.items);
    return status;
}
