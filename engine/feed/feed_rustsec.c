/* RustSec: a Markdown file that begins with a TOML head between "```toml" and "```". */
#include "feed/feed_formats.h"

#include "util/error.h"

#include <string.h>

static const char head_mark[] = "```toml";

bool fps__feed_is_rustsec(fps__span bytes, const char *path)
{
    (void)path;
    return bytes.size > sizeof head_mark && !memcmp(bytes.data, head_mark, sizeof head_mark - 1);
}

/* The first heading behind the TOML is the title. */
static void find_title(fps__span bytes, size_t from, char title[FPS__FEED_MAX_TITLE])
{
    const uint8_t *at = bytes.data + from, *end = bytes.data + bytes.size;
    size_t used = 0;
    while (at < end && *at != '#')
        at++;
    while (at < end && (*at == '#' || *at == ' '))
        at++;
    for (; at < end && *at != '\n' && *at && used + 1 < FPS__FEED_MAX_TITLE; at++)
        title[used++] = (char)*at;
    title[used] = '\0';
}

static fps_status put_functions(fps__feed *feed, int64_t advisory, const json_t *functions, fps_error *error)
{
    const char *name;
    json_t *versions;
    fps_status status = FPS_OK;
    json_object_foreach((json_t *)functions, name, versions)
    {
        if (!status)
            status = fps__feed_put_routine(feed, advisory, name, error);
    }
    return status;
}

static fps_status put_record(fps__feed *feed, const json_t *head, const char *title, fps_error *error)
{
    const json_t *about = fps__member_object(head, "advisory"),
                 *versions = fps__member_object(head, "versions");
    const char *id = fps__member_text(about, "id"), *name = fps__member_text(about, "package"),
               *vector = fps__member_text(about, "cvss");
    fps__subject subject;
    if (!id || !name || strlen(id) >= FPS__MAX_ADVISORY_NAME)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a head without id or package");
    const char *collection = fps__member_text(about, "collection");
    if (!fps__subject_set(&subject, collection && !strcmp(collection, "rust") ? "rust" : "cargo", name))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a package name that is none");
    fps__feed_count(feed);
    fps__feed_date(feed, fps__member_text(about, "date"));
    const char *informational = fps__member_text(about, "informational");
    double score = vector ? fps__cvss_score(vector) : -1;
    const fps__feed_advisory advisory = {.name = id,
                                         .title = title,
                                         .modified = fps__member_text(about, "date"),
                                         .severity =
                                             informational ? FPS__SEVERITY_NEGLIGIBLE : FPS__SEVERITY_UNKNOWN,
                                         .score = score > 0 ? score : 0,
                                         .vector = vector,
                                         .withdrawn = json_object_get(about, "withdrawn") != NULL};
    int64_t row;
    fps_status status = fps__feed_put_advisory(feed, &advisory, &row, error);
    if (!status)
        status = fps__feed_put_names(feed, row, fps__member_array(about, "aliases"), error);
    const json_t *ok[2] = {fps__member_array(versions, "patched"), fps__member_array(versions, "unaffected")};
    if (!status)
        status = fps__feed_put_complement(feed, row, &subject, ok, 2, error);
    return status ? status : put_functions(feed, row, fps__member_object(head, "affected.functions"), error);
}

fps_status fps__feed_read_rustsec(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    (void)path;
    const uint8_t *start = bytes.data + sizeof head_mark - 1;
    const uint8_t *end = memmem(start, bytes.size - (sizeof head_mark - 1), "\n```", 4);
    if (!end)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a head without its end");
    json_t *head = NULL;
    fps_status status = fps__toml_read(&head, (fps__span){start, (size_t)(end - start)}, error);
    char title[FPS__FEED_MAX_TITLE];
    find_title(bytes, (size_t)(end - bytes.data) + 4, title);
    if (!status)
        status = put_record(feed, head, title, error);
    json_decref(head);
    return status;
}
