/* The advisories of rubysec: YAML files under gems/ and rubies/. */
#include "feed/feed_formats.h"

#include "util/error.h"

#include <stdio.h>
#include <string.h>

bool fps__feed_is_ruby(const json_t *value)
{
    return (fps__member_text(value, "gem") || fps__member_text(value, "engine")) &&
           fps__member_text(value, "title");
}

/* The names that a record has: "CVE-2013-0269", "GHSA-...", "OSVDB-101137". False when it has none. */
static const struct {
    const char *member, *prefix;
} names[] = {{"cve", "CVE-"}, {"ghsa", "GHSA-"}, {"osvdb", "OSVDB-"}};

static bool find_name(const json_t *value, size_t which, char name[FPS__MAX_ADVISORY_NAME])
{
    const char *text = fps__member_text(value, names[which].member);
    if (!text || !*text || strlen(text) + 8 >= FPS__MAX_ADVISORY_NAME)
        return false;
    snprintf(name, FPS__MAX_ADVISORY_NAME, "%s%s",
             strncmp(text, names[which].prefix, strlen(names[which].prefix)) ? names[which].prefix : "",
             text);
    return true;
}

/* Files without any name in other lists are called by their own. */
static void name_of_file(const char *path, char name[FPS__MAX_ADVISORY_NAME])
{
    const char *last = strrchr(path, '/');
    snprintf(name, FPS__MAX_ADVISORY_NAME, "%.50s", last ? last + 1 : path);
    char *dot = strchr(name, '.');
    if (dot)
        *dot = '\0';
}

fps_status fps__feed_read_ruby(fps__feed *feed, json_t *value, fps_error *error)
{
    char name[FPS__MAX_ADVISORY_NAME], further[FPS__MAX_ADVISORY_NAME];
    size_t first = 0;
    while (first < 3 && !find_name(value, first, name))
        first++;
    if (first == 3)
        name_of_file(fps__feed_path(feed), name);
    const char *gem = fps__member_text(value, "gem"), *engine = fps__member_text(value, "engine");
    fps__subject subject;
    if (!fps__subject_set(&subject, gem ? "gem" : "generic", gem ? gem : engine))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a gem name that is none");
    double newer = fps__member_number(value, "cvss_v3", 0), older = fps__member_number(value, "cvss_v2", 0);
    const fps__feed_advisory advisory = {.name = name,
                                         .title = fps__member_text(value, "title"),
                                         .modified = fps__member_text(value, "date"),
                                         .score = newer > 0   ? newer
                                                  : older > 0 ? older
                                                              : 0};
    int64_t row;
    fps__feed_count(feed);
    fps__feed_date(feed, advisory.modified);
    fps_status status = fps__feed_put_advisory(feed, &advisory, &row, error);
    for (size_t i = first + 1; i < 3 && !status; i++)
        if (find_name(value, i, further))
            status = fps__feed_put_alias(feed, row, further, error);
    const json_t *ok[2] = {fps__member_array(value, "patched_versions"),
                           fps__member_array(value, "unaffected_versions")};
    return status ? status : fps__feed_put_complement(feed, row, &subject, ok, 2, error);
}
