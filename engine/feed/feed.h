/* Reading advisories of all formats into an advisory database: what a reader of a format gets, and what it may call.
 *
 * A format is one line in the table of feed_format.c: how its documents look, and the function that reads one. A reader puts
 * advisories, names and ranges into the store; what it cannot use it gives to fps__feed_bad with a reason, and goes on. It fails
 * only where nothing more can be done: no memory, a database that cannot be written, a document that is damaged as a whole.
 */
#ifndef FPS_FEED_FEED_H
#define FPS_FEED_FEED_H

#include "advisory/advisory_database.h"
#include "util/array.h"
#include "util/bytes.h"

#include <fpscan/advisory_build.h>
#include <jansson.h>

/* Limits of what is read, each far above what real sources have. */
enum {
    FPS__FEED_MAX_FILE = 1024 * 1024 * 1024, /* bytes of one file, unpacked: OVAL of all Red Hat has 300 MB */
    FPS__FEED_MAX_DEPTH = 64,                /* of YAML; jansson stops JSON at 2,048 */
    FPS__FEED_MAX_NODES = 4000000,           /* of one YAML document */
    FPS__FEED_MAX_TITLE = 120,               /* bytes of a title that are kept */
    FPS__FEED_MAX_NOTE = 400,                /* bytes of a condition or evidence that are kept */
    FPS__FEED_MAX_VERSIONS = 20000,          /* of one affected package */
    FPS__FEED_MAX_BAD_REASONS = 200,         /* of one source */
};

/* How the bytes of a document are read before its format is asked. */
typedef enum fps__feed_syntax {
    FPS__FEED_JSON, /* also YAML, whose documents become the same values */
    FPS__FEED_TEXT,
    FPS__FEED_BINARY,
} fps__feed_syntax;

typedef struct fps__feed fps__feed;

typedef struct fps__feed_format {
    const char *name; /* "osv": as the user and the database name it */
    fps__feed_syntax syntax;
    bool record;       /* a file is one record: a damaged one is a bad record and no bad file */
    const char *about; /* for help: "OSV, JSON or YAML" */
    /* Whether a document is of this format: JSON by its value, others by their bytes. */
    bool (*is_value)(const json_t *value);
    bool (*is_bytes)(fps__span bytes, const char *path);
    fps_status (*read_value)(fps__feed *feed, json_t *value, fps_error *error);
    fps_status (*read_bytes)(fps__feed *feed, fps__span bytes, const char *path, fps_error *error);
} fps__feed_format;

/* The formats; NULL when `index` is out of range. */
const fps__feed_format *fps__feed_format_entry(size_t index);

/* Reads one document into a database in memory that is thrown away: what an import would say of it. `wanted` may be NULL. */
fps_status fps__feed_try(const fps__feed_format *wanted, fps__span bytes, const char *path,
                         fps_advisory_import_result *result, fps_error *error);

/* ---- the store ---- */

typedef enum fps__severity {
    FPS__SEVERITY_UNKNOWN = 0,
    FPS__SEVERITY_NEGLIGIBLE = 1,
    FPS__SEVERITY_LOW = 2,
    FPS__SEVERITY_MEDIUM = 3,
    FPS__SEVERITY_HIGH = 4,
    FPS__SEVERITY_CRITICAL = 5,
} fps__severity;

/* Texts are copied; NULL means "". */
typedef struct fps__feed_advisory {
    const char *name, *title, *modified; /* modified: a date, of which the first ten characters are kept */
    fps__severity severity;              /* where there is no score */
    double score;                        /* 0..10, 0: unknown; fps__feed_severity has how it is found */
    const char *vector;
    bool withdrawn;
} fps__feed_advisory;

typedef struct fps__feed_range {
    const fps__subject *subject;
    fps__affected_kind kind;
    const char *from, *to; /* versions; NULL: no end */
    bool after;            /* `from` itself is not in the range */
    bool through;          /* `to` itself is in the range */
    const char *fixed;     /* version with the fix; NULL: `to`, unless it is in the range */
    const char *note;      /* NULL: none */
} fps__feed_range;

/* Makes the advisory of this name in the current source, or finds it and fills in what was empty. */
fps_status fps__feed_put_advisory(fps__feed *feed, const fps__feed_advisory *advisory, int64_t *id,
                                  fps_error *error);
/* A further name of an advisory: a CVE, a GHSA. Its own name is none. */
fps_status fps__feed_put_alias(fps__feed *feed, int64_t advisory, const char *name, fps_error *error);
/* A range of versions. A version that is none for its package is a bad record, and no failure. */
fps_status fps__feed_put_range(fps__feed *feed, int64_t advisory, const fps__feed_range *range,
                               fps_error *error);
/* One version. */
fps_status fps__feed_put_exact(fps__feed *feed, int64_t advisory, const fps__subject *subject,
                               fps__affected_kind kind, const char *version, fps_error *error);
/* A function that the advisory names as affected; `name` may be NULL. */
fps_status fps__feed_put_routine(fps__feed *feed, int64_t advisory, const char *name, fps_error *error);
fps_status fps__feed_put_epss(fps__feed *feed, const char *name, double score, double percentile,
                              fps_error *error);
fps_status fps__feed_put_kev(fps__feed *feed, const char *name, const char *added, const char *due,
                             bool ransomware, fps_error *error);
fps_status fps__feed_put_ssvc(fps__feed *feed, const char *name, const char *exploitation,
                              const char *automatable, const char *impact, fps_error *error);
fps_status fps__feed_put_link(fps__feed *feed, const char *component, const char *space, const char *name,
                              fps_error *error);

/* Counts a record that was read. */
void fps__feed_count(fps__feed *feed);
/* Counts a record, or a part of one, that cannot be used: `reason` is a static text in a few words, `example` names it. */
void fps__feed_bad(fps__feed *feed, const char *reason, const char *example);
/* A date that the source says of itself, "2026-08-21..."; the newest counts. */
void fps__feed_date(fps__feed *feed, const char *date);
/* The file that is being read, for examples. */
const char *fps__feed_path(const fps__feed *feed);

/* ---- helpers of readers ---- */

/* The text of a member, NULL when it is not there or no text. */
const char *fps__member_text(const json_t *object, const char *name);
/* Reads a record in JSON; of one that is none *value is NULL, and it is given to fps__feed_bad. FPS_ERROR_MEMORY. */
fps_status fps__feed_record(fps__feed *feed, fps__span text, const char *name, json_t **value,
                            fps_error *error);
/* The same through two members. */
const char *fps__member_text2(const json_t *object, const char *first, const char *second);
/* The member as an array or object, NULL when it is something else. */
json_t *fps__member_array(const json_t *object, const char *name);
json_t *fps__member_object(const json_t *object, const char *name);
/* A number, also one that is written as a text; `missing` when there is none. */
double fps__member_number(const json_t *object, const char *name, double missing);

/* "CRITICAL", "moderate", "important"; FPS__SEVERITY_UNKNOWN for other words. */
fps__severity fps__severity_of_word(const char *word);
/* By CVSS v3's table: 9.0 and more are critical. */
fps__severity fps__severity_of_score(double score);
/* The base score of a CVSS v2, v3.0 or v3.1 vector (FIRST's specifications), -1 when it is none. */
double fps__cvss_score(const char *vector);
/* "CVE-2024-12345", exactly. */
bool fps__is_cve(const char *text);
/* Finds the next CVE name in text[0..size) from `*at` on; false when there is none. */
bool fps__next_cve(fps__span text, size_t *at, char name[FPS__MAX_ADVISORY_NAME]);

/* YAML and the TOML that advisories use, as JSON values; aliases of YAML are refused. *value is the caller's. FPS_ERROR_CORRUPT,
 * FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__yaml_read(json_t **value, fps__span bytes, fps_error *error);
fps_status fps__toml_read(json_t **value, fps__span bytes, fps_error *error);

/* "< 1.2.3, >= 1.0 || = 2.0" and its like as ranges of `template`, whose ends are set: comparisons with "," or blanks between hold
 * together, "||" separates alternatives. RubyGems' "~>" and Cargo's "^" are understood. */
fps_status fps__feed_put_constraint(fps__feed *feed, int64_t advisory, const fps__feed_range *template,
                                    const char *constraint, fps_error *error);
/* What `ok` leaves out: affected are all versions that no constraint of the array allows. Used by sources that name the good
 * versions (RustSec, RubyGems). */
fps_status fps__feed_put_complement(fps__feed *feed, int64_t advisory, const fps__subject *subject,
                                    const json_t *const *ok, size_t count, fps_error *error);

#endif
