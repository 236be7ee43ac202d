/* Alpine's secdb, and those of distributions that write the same: which version of a package fixed which CVEs. */
#include "feed/feed_formats.h"

#include <stdio.h>
#include <string.h>

bool fps__feed_is_alpine(const json_t *value)
{
    const json_t *packages = fps__member_array(value, "packages");
    return packages && fps__member_text(value, "apkurl") &&
           (!json_array_size(packages) || fps__member_object(json_array_get(packages, 0), "pkg"));
}

/* The space of the whole file. Wolfi and Chainguard have no releases. */
static bool find_space(char space[FPS__MAX_SPACE], const json_t *value)
{
    const char *release = fps__member_text(value, "distroversion"),
               *prefix = fps__member_text(value, "urlprefix");
    const char *system = prefix && strstr(prefix, "wolfi")        ? "wolfi"
                         : prefix && strstr(prefix, "chainguard") ? "chainguard"
                                                                  : "alpine";
    if (release && !strcmp(release, "edge"))
        release = NULL;
    return fps__space_of_system(space, "apk", system, release ? release : "");
}

/* One entry of a list of fixes: names with blanks between, "CVE-2019-1 GHSA-x (+)". */
static fps_status put_fix(fps__feed *feed, const fps__subject *subject, const char *version,
                          const char *names, fps_error *error)
{
    const bool never = !strcmp(version, "0");
    const fps__feed_range range = {
        .subject = subject, .kind = never ? FPS__NOT_AFFECTED : FPS__AFFECTED, .to = never ? NULL : version};
    fps_status status = FPS_OK;
    while (!status && *names) {
        char name[FPS__MAX_ADVISORY_NAME];
        size_t length = strcspn(names, " ");
        int64_t row;
        snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, names);
        if (length > 4 && strchr(name, '-') && *name >= 'A' && *name <= 'Z') {
            status = fps__feed_put_cve(feed, name, &row, error);
            if (!status)
                status = fps__feed_put_range(feed, row, &range, error);
        }
        names += length;
        names += strspn(names, " ");
    }
    return status;
}

static fps_status read_package(fps__feed *feed, const char *space, const json_t *package, fps_error *error)
{
    const json_t *fixes = fps__member_object(package, "secfixes");
    const char *name = fps__member_text(package, "name"), *version;
    fps__subject subject;
    json_t *list;
    fps_status status = FPS_OK;
    if (!name || !fps__subject_set(&subject, space, name)) {
        fps__feed_bad(feed, "a package without a name", name);
        return FPS_OK;
    }
    json_object_foreach((json_t *)fixes, version, list)
    {
        fps__feed_count(feed);
        for (size_t i = 0; i < json_array_size(list) && !status; i++) {
            const char *names = json_string_value(json_array_get(list, i));
            status = names ? put_fix(feed, &subject, version, names, error) : FPS_OK;
        }
    }
    return status;
}

fps_status fps__feed_read_alpine(fps__feed *feed, json_t *value, fps_error *error)
{
    const json_t *packages = fps__member_array(value, "packages");
    char space[FPS__MAX_SPACE];
    fps_status status = FPS_OK;
    if (!find_space(space, value)) {
        fps__feed_bad(feed, "a release that is none", fps__member_text(value, "distroversion"));
        return FPS_OK;
    }
    for (size_t i = 0; i < json_array_size(packages) && !status; i++)
        status = read_package(feed, space, fps__member_object(json_array_get(packages, i), "pkg"), error);
    return status;
}
