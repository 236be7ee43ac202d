/* OpenVEX as a source of advisories: what its author says of releases of a product. */
#include "feed/feed_formats.h"

#include "util/error.h"

#include <string.h>

bool fps__feed_is_openvex(const json_t *value)
{
    const char *context = fps__member_text(value, "@context");
    return context && strstr(context, "openvex") && fps__member_array(value, "statements");
}

static fps_status put_product(fps__feed *feed, int64_t advisory, const char *purl,
                              const fps__feed_range *template, fps_error *error)
{
    fps__subject subject;
    char version[FPS__MAX_KEY_VERSION];
    fps__feed_range range = *template;
    if (!purl || !fps__subject_of_purl(&subject, purl, version)) {
        fps__feed_bad(feed, "a product without a package URL", purl);
        return FPS_OK;
    }
    range.subject = &subject;
    range.from = range.to = *version ? version : NULL;
    range.through = true;
    return fps__feed_put_range(feed, advisory, &range, error);
}

static fps_status read_statement(fps__feed *feed, const json_t *statement, fps_error *error)
{
    const json_t *vulnerability = json_object_get(statement, "vulnerability"),
                 *products = fps__member_array(statement, "products");
    const char *name = json_is_string(vulnerability) ? json_string_value(vulnerability)
                                                     : fps__member_text(vulnerability, "name");
    const char *state = fps__member_text(statement, "status"),
               *why = fps__member_text(statement, "justification");
    fps__feed_range range = {.kind = FPS__NOT_AFFECTED, .note = why ? why : state};
    if (!name || !state || !*name || strlen(name) >= FPS__MAX_ADVISORY_NAME) {
        fps__feed_bad(feed, "a statement without a name or status", name);
        return FPS_OK;
    }
    if (!strcmp(state, "affected"))
        range = (fps__feed_range){.kind = FPS__AFFECTED};
    else if (strcmp(state, "fixed") != 0 && strcmp(state, "not_affected") != 0)
        return FPS_OK;
    fps__feed_count(feed);
    const fps__feed_advisory advisory = {.name = name,
                                         .title = fps__member_text(vulnerability, "description"),
                                         .modified = fps__member_text(statement, "timestamp")};
    int64_t row;
    fps_status status = fps__feed_put_advisory(feed, &advisory, &row, error);
    if (!status)
        status = fps__feed_put_names(feed, row, fps__member_array(vulnerability, "aliases"), error);
    for (size_t i = 0; i < json_array_size(products) && !status; i++) {
        const json_t *product = json_array_get(products, i);
        const char *id =
            json_is_string(product) ? json_string_value(product) : fps__member_text(product, "@id");
        const char *purl = fps__member_text2(product, "identifiers", "purl");
        status = put_product(feed, row, purl ? purl : id, &range, error);
    }
    return status;
}

fps_status fps__feed_read_openvex(fps__feed *feed, json_t *value, fps_error *error)
{
    const json_t *statements = fps__member_array(value, "statements");
    fps_status status = FPS_OK;
    fps__feed_date(feed, fps__member_text(value, "timestamp"));
    for (size_t i = 0; i < json_array_size(statements) && !status; i++)
        status = read_statement(feed, json_array_get(statements, i), error);
    return status;
}
