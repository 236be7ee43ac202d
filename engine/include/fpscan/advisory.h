/* Advisories: which known vulnerabilities the components and packages of a result have.
 *
 *   fps_advisory_open(&advisories, "advisories.fpav", &error)
 *   fps_scan_run(scan, target, &result, &error)
 *   fps_advisory_match(advisories, result, &options, &error)      adds fps_result_vulnerability to the result
 *   fps_report_write(result, ...)
 *   fps_advisory_free(advisories)
 *
 * The database is a file that vulnbuild makes; nothing is ever fetched. What a distribution says of its own packages goes before
 * what is said of upstream's releases. A version that is not known exactly gives FPS_VERDICT_DEPENDS with the releases that are
 * affected, never a guess.
 */
#ifndef FPSCAN_ADVISORY_H
#define FPSCAN_ADVISORY_H

#include <fpscan/result.h>

FPS_BEGIN_DECLS

typedef struct fps_advisory_database fps_advisory_database;

/* Where advisories in a database come from. Texts live as long as the database. */
typedef struct fps_advisory_source {
    const char *name;   /* as imported: "oss-fuzz-vulns" */
    const char *format; /* "osv", "nvd" ... */
    const char *date;   /* of its newest record, "2026-08-21"; "" when it says none */
    uint64_t records;
    uint64_t bad; /* records that could not be read when it was imported */
} fps_advisory_source;

/* Opens a database for reading. *database is the caller's, to be freed by fps_advisory_free; NULL on failure. FPS_ERROR_IO: it
 * cannot be opened; FPS_ERROR_FORMAT: no advisory database; FPS_ERROR_VERSION: made by a newer program; FPS_ERROR_CORRUPT;
 * FPS_ERROR_MEMORY. Used by one thread at a time. */
FPS_API fps_status fps_advisory_open(fps_advisory_database **database, const char *path, fps_error *error);
/* The same for bytes in memory, which must outlive the database and are not changed. `name` stands in messages. */
FPS_API fps_status fps_advisory_open_memory(fps_advisory_database **database, const void *data, size_t size,
                                            const char *name, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_advisory_free(fps_advisory_database *database);
/* The sources, by name and format. NULL when `index` is out of range. */
FPS_API size_t fps_advisory_source_count(const fps_advisory_database *database);
FPS_API const fps_advisory_source *fps_advisory_source_entry(const fps_advisory_database *database,
                                                             size_t index);

/* A document of the user's, in memory. */
typedef struct fps_advisory_document {
    const char *path; /* for messages and reasons */
    const void *data;
    size_t size; /* bytes */
} fps_advisory_document;

/* The zero value of each member means the default. */
typedef struct fps_advisory_options {
    bool keep_suppressed; /* keep findings that something suppresses, with the reason */
    /* Statements of the user's that suppress findings: OpenVEX, CSAF and CycloneDX documents. Ignore files: fpscan/suppress.h. */
    const fps_advisory_document *vex;
    size_t vex_count;
    int64_t now; /* seconds since 1970, for the age of the sources; 0: it is not looked at */
} fps_advisory_options;

/* Looks up every component and package of `result` and adds what it finds to it. Call it once, before the result is shared by
 * threads. `options` may be NULL. FPS_ERROR_CORRUPT: the database, or a file of the options, is damaged; FPS_ERROR_IO;
 * FPS_ERROR_FORMAT: a VEX document is none; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_advisory_match(fps_advisory_database *database, fps_result *result,
                                      const fps_advisory_options *options, fps_error *error);

/* One answer of a query. */
typedef struct fps_advisory_answer {
    const char *id;      /* the CVE where there is one */
    const char *name;    /* of the advisory: "GHSA-..." */
    const char *source;  /* "curl-osv" */
    const char *verdict; /* "affected", "conditional", "fixed", "not-affected", "ignored" */
    const char *range;   /* in words: "from 1.2 before 1.3" */
    const char *fixed;   /* version with the fix, "" for none */
    const char *note;    /* condition or evidence, "" for none */
    bool withdrawn;
} fps_advisory_answer;

/* Called for each answer, whose texts are valid during the call. Returns FPS_OK to go on. */
typedef fps_status (*fps_advisory_answer_callback)(void *user, const fps_advisory_answer *answer);

/* What the rows of one package say of one version, without any judgement between them. `subject` is a package URL, a CPE 2.3 name,
 * or SPACE/NAME as `vulnbuild stats` names them; `version` may be NULL when the subject names one. FPS_ERROR_ARGUMENT: no subject,
 * or a version that is none; FPS_ERROR_CORRUPT; or what `answer` returned. */
FPS_API fps_status fps_advisory_query(fps_advisory_database *database, const char *subject,
                                      const char *version, fps_advisory_answer_callback answer, void *user,
                                      fps_error *error);

FPS_END_DECLS

#endif
