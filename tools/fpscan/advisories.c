/* The advisory database of a run, and the user's VEX documents. */
#include "advisories.h"

#include "common/message.h"
#include "documents.h"
#include "folders.h"
#include "outputs.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef FPS_HAS_ADVISORIES
extern const unsigned char fps_advisories_start[], fps_advisories_end[]; /* advisories_data.S */

static const void *built_in(size_t *size)
{
    *size = (size_t)(fps_advisories_end - fps_advisories_start);
    return fps_advisories_start;
}
#else
static const void *built_in(size_t *size)
{
    *size = 0;
    return NULL;
}
#endif

static bool open_file(advisories *a, const char *path)
{
    fps_error error = {.offset = UINT64_MAX};
    a->path = strdup(path);
    if (!a->path)
        message_print(PROGRAM, "%s: out of memory", path);
    else if (fps_advisory_open(&a->database, path, &error) != FPS_OK)
        message_error(PROGRAM, path, &error);
    return a->database != NULL;
}

/* --advisories, else the user's, else the one of the program. */
static bool open_database(advisories *a, const settings *s)
{
    size_t size;
    const void *data = built_in(&size);
    fps_error error = {.offset = UINT64_MAX};
    if (s->advisories)
        return open_file(a, s->advisories);
    char *own;
    bool there = false;
    bool good = folder_advisories(&own) && folder_has(own, &there) && (!there || open_file(a, own));
    free(own);
    if (!good || there || !data)
        return good;
    a->path = strdup("(built in)");
    if (!a->path)
        message_print(PROGRAM, "the advisories of the program: out of memory");
    else if (fps_advisory_open_memory(&a->database, data, size, "built-in advisories", &error) != FPS_OK)
        message_error(PROGRAM, "the advisories of the program", &error);
    return a->database != NULL;
}

/* ---- documents ---- */

static bool read_documents(advisories *a, const settings *s)
{
    a->documents = calloc(s->vex.count + 1, sizeof *a->documents);
    bool good = a->documents != NULL;
    if (!good)
        message_print(PROGRAM, "out of memory");
    for (size_t i = 0; good && i < s->vex.count; i++)
        if ((good = document_read(&a->documents[a->vex_count], s->vex.items[i])))
            a->vex_count++;
    return good;
}

bool advisories_open(advisories *a, const settings *s)
{
    *a = (advisories){NULL, NULL, NULL, 0};
    return s->no_vulnerabilities || (open_database(a, s) && read_documents(a, s));
}

/* ---- matching ---- */

/* Days since the newest source, -1 when no source has a date. */
static int64_t age_in_days(const fps_advisory_database *database, int64_t now)
{
    const fps_advisory_source *source;
    int64_t newest = -1;
    for (size_t i = 0; (source = fps_advisory_source_entry(database, i)); i++) {
        struct tm parts = {.tm_isdst = 0};
        const char *end = strptime(source->date, "%Y-%m-%d", &parts);
        int64_t date = end && !*end ? (int64_t)timegm(&parts) : -1;
        newest = date > newest ? date : newest;
    }
    return newest < 0 ? -1 : (now - newest) / (24 * 60 * 60);
}

static bool check_age(const advisories *a, const settings *s, int64_t now)
{
    enum { WARN_DAYS = 30 };
    static bool said; /* once, however many targets there are */
    int64_t days = age_in_days(a->database, now);
    bool old = s->max_db_age && (days < 0 || (uint64_t)days > s->max_db_age / (24 * 60 * 60 * 1000ull));
    if (old)
        message_print(PROGRAM, "%s: the advisories are %lld days old: --max-db-age", a->path,
                      (long long)days);
    else if (days > WARN_DAYS && !s->quiet && !said)
        message_print(PROGRAM,
                      "%s: the newest advisories are %lld days old; fpscan db update FILE takes newer ones",
                      a->path, (long long)days);
    said = true;
    return !old;
}

bool advisories_match(advisories *a, const settings *s, fps_result *result)
{
    int64_t now;
    fps_error error = {.offset = UINT64_MAX};
    if (!a->database)
        return true;
    if (!outputs_timestamp(&now))
        return false;
    now = now < 0 ? time(NULL) : now;
    if (!check_age(a, s, now))
        return false;
    const fps_advisory_options options = {
        .keep_suppressed = true, .vex = a->documents, .vex_count = a->vex_count, .now = now};
    if (fps_advisory_match(a->database, result, &options, &error) == FPS_OK)
        return true;
    message_error(PROGRAM, a->path, &error);
    return false;
}

void advisories_free(advisories *a)
{
    for (size_t i = 0; a->documents && i < a->vex_count; i++)
        free((void *)a->documents[i].data);
    free(a->documents);
    free(a->path);
    fps_advisory_free(a->database);
    *a = (advisories){NULL, NULL, NULL, 0};
}
