/* Trivy's database: a bbolt file with a bucket "vulnerability", and one for each source with a bucket for each package. */
#include "feed/feed_formats.h"

#include "feed/bbolt.h"
#include "util/error.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool fps__feed_is_trivy(fps__span bytes, const char *path)
{
    (void)path;
    return fps__bbolt_identify(bytes);
}

typedef struct reader {
    fps__feed *feed;
    fps__bbolt base;
    char bucket[FPS__MAX_SPACE]; /* of the source: "debian 12", "pip::GitHub Security Advisory Pip" */
    char package[FPS__MAX_NAME];
} reader;

static bool copy_key(char *to, size_t size, fps__span key)
{
    bool fits = key.size < size && !memchr(key.size ? (const char *)key.data : "", 0, key.size);
    size_t length = fits ? key.size : 0;
    memcpy(to, length ? (const char *)key.data : "", length);
    to[length] = '\0';
    return length != 0;
}

/* ---- vulnerabilities ---- */

static fps_status visit_vulnerability(void *user, fps__span key, fps__span value,
                                      const fps__bbolt_bucket *bucket, fps_error *error)
{
    reader *now = user;
    char name[FPS__MAX_ADVISORY_NAME];
    if (bucket || !copy_key(name, sizeof name, key))
        return FPS_OK;
    json_t *about;
    fps_status status = fps__feed_record(now->feed, value, name, &about, error);
    if (!about)
        return status;
    const char *title = fps__member_text(about, "Title"), *source;
    fps__feed_advisory advisory = {.name = name,
                                   .title = title ? title : fps__member_text(about, "Description"),
                                   .modified = fps__member_text(about, "LastModifiedDate"),
                                   .severity = fps__severity_of_word(fps__member_text(about, "Severity"))};
    json_t *scores;
    json_object_foreach(fps__member_object(about, "CVSS"), source, scores)
    {
        double score = fps__member_number(scores, "V3Score", 0);
        if (score > advisory.score) {
            advisory.score = score;
            advisory.vector = fps__member_text(scores, "V3Vector");
        }
    }
    int64_t row;
    fps__feed_count(now->feed);
    fps__feed_date(now->feed, advisory.modified);
    status = fps__feed_put_advisory(now->feed, &advisory, &row, error);
    json_decref(about);
    return status;
}

/* ---- packages ---- */

/* The space of a bucket: "debian 12", "alpine 3.20", "Oracle Linux 8", or an ecosystem before "::". */
static bool find_space(char space[FPS__MAX_SPACE], const char *bucket)
{
    static const struct {
        const char *prefix, *type, *system; /* system NULL: type is the space */
    } spaces[] = {
        {"debian ", "deb", "debian"},
        {"ubuntu ", "deb", "ubuntu"},
        {"alpine ", "apk", "alpine"},
        {"Oracle Linux ", "rpm", "oracle"},
        {"amazon linux ", "rpm", "amazon"},
        {"rocky ", "rpm", "rocky"},
        {"alma ", "rpm", "almalinux"},
        {"Photon OS ", "rpm", "photon"},
        {"SUSE Linux Enterprise ", "rpm", "suse"},
        {"openSUSE Leap ", "rpm", "opensuse"},
        {"wolfi", "apk", "wolfi"},
        {"chainguard", "apk", "chainguard"},
        {"pip::", "pypi", NULL},
        {"npm::", "npm", NULL},
        {"go::", "golang", NULL},
        {"cargo::", "cargo", NULL},
        {"rubygems::", "gem", NULL},
        {"maven::", "maven", NULL},
        {"nuget::", "nuget", NULL},
        {"composer::", "composer", NULL},
        {"erlang::", "hex", NULL},
        {"pub::", "pub", NULL},
        {"swift::", "swift", NULL},
        {"conan::", "conan", NULL},
        {"bitnami::", "bitnami", NULL},
    };
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        size_t length = strlen(spaces[i].prefix);
        if (strncasecmp(bucket, spaces[i].prefix, length) != 0)
            continue;
        if (spaces[i].system)
            return fps__space_of_system(space, spaces[i].type, spaces[i].system, bucket + length);
        strcpy(space, spaces[i].type);
        return true;
    }
    return false;
}

static fps_status put_versions(reader *now, int64_t row, const fps__subject *subject, const json_t *about,
                               fps_error *error)
{
    const json_t *vulnerable = fps__member_array(about, "VulnerableVersions"),
                 *patched = fps__member_array(about, "PatchedVersions");
    const json_t *unaffected = fps__member_array(about, "UnaffectedVersions");
    const fps__feed_range template = {.subject = subject};
    const json_t *const ok[2] = {patched, unaffected};
    fps_status status = FPS_OK;
    if (!json_array_size(vulnerable))
        return json_array_size(patched) ? fps__feed_put_complement(now->feed, row, subject, ok, 2, error)
                                        : FPS_OK;
    for (size_t i = 0; i < json_array_size(vulnerable) && !status; i++) {
        const char *text = json_string_value(json_array_get(vulnerable, i));
        status = text ? fps__feed_put_constraint(now->feed, row, &template, text, error) : FPS_OK;
    }
    return status;
}

static fps_status visit_advisory(void *user, fps__span key, fps__span value, const fps__bbolt_bucket *bucket,
                                 fps_error *error)
{
    enum { WILL_NOT_FIX = 5, END_OF_LIFE = 7, FIX_DEFERRED = 6 }; /* trivy-db, pkg/types */
    reader *now = user;
    char name[FPS__MAX_ADVISORY_NAME], space[FPS__MAX_SPACE];
    fps__subject subject;
    if (bucket || !copy_key(name, sizeof name, key))
        return FPS_OK;
    if (!find_space(space, now->bucket) || !fps__subject_set(&subject, space, now->package)) {
        fps__feed_bad(now->feed, "an ecosystem that is not known", now->bucket);
        return FPS_OK;
    }
    json_t *about;
    fps_status status = fps__feed_record(now->feed, value, name, &about, error);
    if (!about)
        return status;
    int64_t row;
    const char *fixed = fps__member_text(about, "FixedVersion");
    double state = fps__member_number(about, "Status", 0);
    bool ignored = state == WILL_NOT_FIX || state == END_OF_LIFE || state == FIX_DEFERRED;
    status = fps__feed_put_cve(now->feed, name, &row, error);
    const fps__feed_range range = {.subject = &subject,
                                   .kind = ignored ? FPS__AFFECTED_IGNORED : FPS__AFFECTED,
                                   .to = fixed && *fixed ? fixed : NULL};
    if (!status && strchr(space, '/'))
        status = fps__feed_put_range(now->feed, row, &range, error);
    else if (!status)
        status = put_versions(now, row, &subject, about, error);
    json_decref(about);
    return status;
}

static fps_status visit_package(void *user, fps__span key, fps__span value, const fps__bbolt_bucket *bucket,
                                fps_error *error)
{
    reader *now = user;
    (void)value;
    if (!bucket || !copy_key(now->package, sizeof now->package, key))
        return FPS_OK;
    return fps__bbolt_walk(&now->base, bucket, visit_advisory, now, error);
}

static fps_status visit_source(void *user, fps__span key, fps__span value, const fps__bbolt_bucket *bucket,
                               fps_error *error)
{
    reader *now = user;
    (void)value;
    if (!bucket || !copy_key(now->bucket, sizeof now->bucket, key))
        return FPS_OK;
    if (!strcmp(now->bucket, "vulnerability"))
        return fps__bbolt_walk(&now->base, bucket, visit_vulnerability, now, error);
    char space[FPS__MAX_SPACE];
    if (!find_space(space, now->bucket)) {
        if (strchr(now->bucket, ' ') || strstr(now->bucket, "::"))
            fps__feed_bad(now->feed, "an ecosystem that is not known", now->bucket);
        return FPS_OK;
    }
    return fps__bbolt_walk(&now->base, bucket, visit_package, now, error);
}

fps_status fps__feed_read_trivy(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    reader now = {.feed = feed};
    (void)path;
    fps_status status = fps__bbolt_open(&now.base, bytes, error);
    const fps__bbolt_bucket root = {.page = now.base.root};
    return status ? status : fps__bbolt_walk(&now.base, &root, visit_source, &now, error);
}
