/* What is known of CVEs besides what they affect: CISA's catalogue of exploited ones, and EPSS. */
#include "feed/feed_formats.h"

#include "util/error.h"
#include "util/lines.h"

#include <stdlib.h>
#include <string.h>

bool fps__feed_is_kev(const json_t *value)
{
    const json_t *list = fps__member_array(value, "vulnerabilities");
    return list && fps__member_text(value, "catalogVersion") &&
           (!json_array_size(list) || fps__member_text(json_array_get(list, 0), "cveID"));
}

fps_status fps__feed_read_kev(fps__feed *feed, json_t *value, fps_error *error)
{
    const json_t *list = fps__member_array(value, "vulnerabilities");
    fps_status status = FPS_OK;
    fps__feed_date(feed, fps__member_text(value, "dateReleased"));
    for (size_t i = 0; i < json_array_size(list) && !status; i++) {
        const json_t *entry = json_array_get(list, i);
        const char *name = fps__member_text(entry, "cveID"),
                   *used = fps__member_text(entry, "knownRansomwareCampaignUse");
        if (!name || !fps__is_cve(name)) {
            fps__feed_bad(feed, "a record without a CVE name", name);
            continue;
        }
        fps__feed_count(feed);
        status = fps__feed_put_kev(feed, name, fps__member_text(entry, "dateAdded"),
                                   fps__member_text(entry, "dueDate"), used && !strcmp(used, "Known"), error);
    }
    return status;
}

/* ---- EPSS ---- */

bool fps__feed_is_epss(fps__span bytes, const char *path)
{
    static const char mark[] = "#model_version:", header[] = "cve,epss,percentile";
    (void)path;
    return (bytes.size > sizeof mark && !memcmp(bytes.data, mark, sizeof mark - 1)) ||
           (bytes.size > sizeof header && !memcmp(bytes.data, header, sizeof header - 1));
}

/* A number from 0 to 1 behind a comma. */
static bool read_share(const char **text, double *share)
{
    char *end;
    if (**text != ',')
        return false;
    *share = strtod(*text + 1, &end);
    bool good = end != *text + 1 && *share >= 0 && *share <= 1;
    *text = end;
    return good;
}

static fps_status read_line(fps__feed *feed, fps__span line, fps_error *error)
{
    char text[128], name[FPS__MAX_ADVISORY_NAME];
    size_t at = 0;
    double score = 0, percentile = 0;
    bool fits = line.size < sizeof text && fps__next_cve(line, &at, name) && at == strlen(name);
    size_t size = fits ? line.size : 0;
    memcpy(text, line.data, size);
    text[size] = '\0';
    const char *rest = text + (fits ? at : 0);
    if (!fits || !read_share(&rest, &score) || !read_share(&rest, &percentile)) {
        fps__feed_bad(feed, "a line that is no score", NULL);
        return FPS_OK;
    }
    fps__feed_count(feed);
    return fps__feed_put_epss(feed, name, score, percentile, error);
}

fps_status fps__feed_read_epss(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    static const char mark[] = "score_date:";
    fps_status status = FPS_OK;
    fps__span line;
    (void)path;
    for (size_t at = 0; !status && fps__line_next(bytes, &at, &line);) {
        line = fps__span_trim(line);
        if (line.size && line.data[0] == '#') {
            const char *date = memmem(line.data, line.size, mark, sizeof mark - 1);
            char text[11];
            if (date && (size_t)((const char *)line.data + line.size - date) >= sizeof mark - 1 + 10) {
                memcpy(text, date + sizeof mark - 1, 10);
                text[10] = '\0';
                fps__feed_date(feed, text);
            }
        } else if (line.size && !fps__span_starts(line, "cve,")) {
            status = read_line(feed, line, error);
        }
    }
    return status;
}

/* ---- names of components ---- */

static const char names_mark[] = "# Names of components in advisories";

bool fps__feed_is_names(fps__span bytes, const char *path)
{
    (void)path;
    return bytes.size >= sizeof names_mark && !memcmp(bytes.data, names_mark, sizeof names_mark - 1);
}

/* "openssl: cpe/openssl:openssl oss-fuzz/openssl" */
fps_status fps__feed_read_names(fps__feed *feed, fps__span bytes, const char *path, fps_error *error)
{
    fps_status status = FPS_OK;
    fps__span line, component, rest, word;
    (void)path;
    for (size_t at = 0; !status && fps__line_next(bytes, &at, &line);) {
        line = fps__span_trim(line);
        if (!line.size || line.data[0] == '#')
            continue;
        if (!fps__line_split(line, ':', &component, &rest) || component.size >= FPS__MAX_NAME)
            return fps__fail(error, FPS_ERROR_CORRUPT, NULL, at, "a line without a component");
        char id[FPS__MAX_NAME], text[FPS__MAX_NAME];
        memcpy(id, component.data, component.size);
        id[component.size] = '\0';
        while (!status && fps__span_cut(&rest, " ", &word)) {
            fps__subject subject;
            if (!word.size || word.size >= sizeof text)
                continue;
            memcpy(text, word.data, word.size);
            text[word.size] = '\0';
            char *slash = strchr(text, '/');
            if (slash)
                *slash = '\0';
            if (!slash || !fps__subject_set(&subject, text, slash + 1))
                return fps__fail(error, FPS_ERROR_CORRUPT, NULL, at, "a name without a space");
            fps__feed_count(feed);
            status = fps__feed_put_link(feed, id, subject.space, subject.name, error);
        }
    }
    return status;
}
