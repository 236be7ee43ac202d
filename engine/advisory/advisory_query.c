/* What the rows of one package say of one version, for people who look at a database. */
#include "advisory/advisory_lookup.h"

#include "util/error.h"

#include <string.h>

typedef struct query {
    fps__lookup lookup;
    fps_advisory_answer_callback answer;
    void *user;
    bool system; /* of a distribution: fixes below the version are said, too */
} query;

/* The CVE among the names of an advisory, its own name when there is none. Copied: the statement is used again. */
static fps_status find_id(fps__lookup *lookup, const fps__advisory_row *row, char id[FPS__MAX_ADVISORY_NAME],
                          fps_error *error)
{
    strncpy(id, row->name, FPS__MAX_ADVISORY_NAME - 1);
    id[FPS__MAX_ADVISORY_NAME - 1] = '\0';
    if (!strncmp(id, "CVE-", 4))
        return FPS_OK;
    sqlite3_reset(lookup->names);
    sqlite3_bind_int64(lookup->names, 1, row->advisory);
    fps_status status;
    while (!(status = fps__lookup_step(lookup, lookup->names, error))) {
        const char *name = fps__advisory_text(lookup->names, 0);
        if (!strncmp(name, "CVE-", 4) && strlen(name) < FPS__MAX_ADVISORY_NAME) {
            strcpy(id, name);
            break;
        }
    }
    sqlite3_reset(lookup->names);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status give(void *user, const fps__advisory_row *row, fps_error *error)
{
    static const char *const verdicts[] = {"affected", "conditional", "not-affected", "affected", "ignored"};
    query *now = user;
    char id[FPS__MAX_ADVISORY_NAME];
    bool below = !row->inside && row->kind != FPS__FIXED_FROM && (!now->system || row->kind != FPS__AFFECTED);
    if (below || (row->inside && row->kind == FPS__FIXED_FROM))
        return FPS_OK;
    fps_status status = find_id(&now->lookup, row, id, error);
    if (status)
        return status;
    const fps_advisory_answer answer = {.id = id,
                                        .name = row->name,
                                        .source = row->source,
                                        .verdict = row->inside ? verdicts[row->kind] : "fixed",
                                        .range = row->range,
                                        .fixed = row->fixed,
                                        .note = row->note,
                                        .withdrawn = row->withdrawn};
    return now->answer(now->user, &answer);
}

/* "deb/debian@12/openssl": the space is what stands before the last "/", or before the first one where that is a known space
 * without parts. */
static bool read_subject(fps__subject *subject, const char *text, char version[FPS__MAX_KEY_VERSION])
{
    *version = '\0';
    if (fps__subject_of_purl(subject, text, version) || fps__subject_of_cpe(subject, text, version, NULL))
        return true;
    char space[FPS__MAX_SPACE];
    bool system = !strncmp(text, "deb/", 4) || !strncmp(text, "apk/", 4) || !strncmp(text, "rpm/", 4);
    const char *slash = strchr(text, '/'), *second = slash && system ? strchr(slash + 1, '/') : NULL,
               *end = second ? second : slash;
    if (!end || (size_t)(end - text) >= sizeof space)
        return false;
    memcpy(space, text, (size_t)(end - text));
    space[end - text] = '\0';
    return fps__subject_set(subject, space, end + 1);
}

fps_status fps_advisory_query(fps_advisory_database *database, const char *text, const char *version,
                              fps_advisory_answer_callback answer, void *user, fps_error *error)
{
    query now = {.answer = answer, .user = user};
    fps__subject subject;
    char own[FPS__MAX_KEY_VERSION];
    uint8_t key[FPS__MAX_KEY];
    int64_t package = 0;
    fps__key_scheme scheme = FPS__KEY_GENERIC;
    if (!read_subject(&subject, text, own))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "\"%s\" is no package URL, CPE name or SPACE/NAME", text);
    version = version ? version : own;
    now.system = strchr(subject.space, '/') != NULL;
    fps__key_scheme own_scheme = fps__space_scheme(subject.space, subject.name);
    size_t size = now.system ? fps__version_key(own_scheme, version, key)
                             : fps__version_key_exact(own_scheme, version, key);
    if (!size)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX, "\"%s\" is no version of %s/%s",
                         version, subject.space, subject.name);
    fps_status status = fps__lookup_open(&now.lookup, database, error);
    if (!status)
        status = fps__lookup_package(&now.lookup, &subject, &package, &scheme, error);
    if (!status && package)
        status = fps__lookup_rows(&now.lookup, package, key, size, give, &now, error);
    fps__lookup_close(&now.lookup);
    return status;
}
