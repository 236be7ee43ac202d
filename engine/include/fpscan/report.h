/* Writes a result as a table for people, as JSON, as a bill of materials (CycloneDX, SPDX), as SARIF, CSV and more.
 *
 *   fps_report_format_find("cyclonedx-json@1.6", &format, &error)
 *   fps_report_write(result, format, &options, write, user, &error)
 *
 * Every writer gives the same bytes for the same result and options. Everything here is thread-safe.
 */
#ifndef FPSCAN_REPORT_H
#define FPSCAN_REPORT_H

#include <fpscan/result.h>

FPS_BEGIN_DECLS

/* One version of an output format: an entry of a static table, never freed. */
typedef struct fps_report_format fps_report_format;

/* How much evidence a JSON report holds. */
typedef enum fps_report_evidence {
    FPS_REPORT_EVIDENCE_SOME = 0, /* of each finding the best pieces, and what other formats show */
    FPS_REPORT_EVIDENCE_ALL = 1,  /* all that the scan kept */
    FPS_REPORT_EVIDENCE_NONE = 2,
} fps_report_evidence;

/* "some", "all", "none"; NULL when `evidence` is out of range. Static storage; thread-safe. */
FPS_API const char *fps_report_evidence_name(fps_report_evidence evidence);

/* Where a pipeline runs, for a dependency snapshot; each may be NULL. */
typedef struct fps_report_origin {
    const char *commit, *reference; /* of the repository: 40 hexadecimal digits, "refs/heads/main" */
    const char *job, *correlator;   /* the run, and a name that all runs of the same job share */
} fps_report_origin;

/* What rows of the table are gathered under. */
typedef enum fps_report_group {
    FPS_REPORT_GROUP_COMPONENT = 0, /* what needs attention, then the rest */
    FPS_REPORT_GROUP_FILE = 1,
    FPS_REPORT_GROUP_PACKAGE = 2, /* that explains the component */
    FPS_REPORT_GROUP_LAYER = 3,   /* that brought it in */
} fps_report_group;

/* The order of rows of the table, behind what needs attention. */
typedef enum fps_report_sort {
    FPS_REPORT_SORT_NAME = 0,
    FPS_REPORT_SORT_FILES = 1, /* the most first */
    FPS_REPORT_SORT_RISK = 2,  /* of its vulnerabilities, the highest first */
    FPS_REPORT_SORT_LAYER = 3,
} fps_report_sort;

/* Bits of fps_report_options.columns. */
enum {
    FPS_REPORT_COLUMN_COMPONENT = 1,
    FPS_REPORT_COLUMN_VERSION = 2,
    FPS_REPORT_COLUMN_WHY = 4, /* it needs attention */
    FPS_REPORT_COLUMN_STATE = 8,
    FPS_REPORT_COLUMN_CONFIDENCE = 16,
    FPS_REPORT_COLUMN_HOW = 32,
    FPS_REPORT_COLUMN_PACKAGE = 64,
    FPS_REPORT_COLUMN_LAYER = 128,
    FPS_REPORT_COLUMN_FILE = 256,
};

/* The zero value of each member but `timestamp` means the default. */
typedef struct fps_report_options {
    fps_report_group group; /* table */
    fps_report_sort sort;   /* table */
    unsigned columns;       /* table: sum of FPS_REPORT_COLUMN_...; 0: those that say something */
    /* Bit (1 << fps_state) for each state to show; 0: present alone; in table, json, markdown and html also likely. */
    unsigned states;
    double min_confidence; /* 0..1: findings below it are left out */
    const char *component; /* only the component of this id or name; NULL: all */
    /* explain: what the code and the advisories say of this vulnerability alone; NULL: everything */
    const char *cve;
    bool color;       /* table and drift: terminal colours */
    unsigned width;   /* table, drift and explain: columns of the terminal; 0: no limit */
    uint64_t scan_ms; /* table: how long the scan took, in milliseconds; 0: not said */
    bool all_layers;  /* also files that a later layer replaces or deletes; else the visible ones alone */
    bool runtime;     /* table: also components of role runtime */
    bool code;        /* table: also how much of the executable bytes is attributed */
    bool all;         /* explain: every line; else the best ones, and how many more there are */
    /* Vulnerabilities: bit (1 << fps_severity) for each severity to show; 0: all. */
    unsigned severities;
    bool ignore_unfixed;             /* only those that some version fixes */
    bool no_os, no_library;          /* not those of packages of a system; not those of anything else */
    bool suppressed;                 /* table: also those that do not count, with the reason */
    fps_report_evidence evidence;    /* json, html */
    const char *tool_version;        /* of the program that writes; NULL: that of the library */
    int64_t timestamp;               /* seconds since 1970; -1: the document names no time */
    const fps_report_origin *origin; /* github: where the snapshot comes from; NULL: unknown */
} fps_report_options;

/* The formats, in the order in which programs list them. Entries of one name, for several versions, are
 * neighbours; the first of them is the default. */
FPS_API size_t fps_report_format_count(void);
/* Format `index`; NULL when `index` is out of range. */
FPS_API const fps_report_format *fps_report_format_entry(size_t index);
/* The name ("cyclonedx-json") and the version ("1.6", "" for none) of a format; static storage. */
FPS_API const char *fps_report_format_name(const fps_report_format *format);
FPS_API const char *fps_report_format_version(const fps_report_format *format);
/* Puts into *format the format NAME or NAME@VERSION, where NAME is one of the table, or the short "cyclonedx"
 * or "spdx". FPS_ERROR_ARGUMENT: no such format or version; the message lists those that exist. */
FPS_API fps_status fps_report_format_find(const char *name, const fps_report_format **format,
                                          fps_error *error);

/* Writes a whole document. `options` may be NULL: the defaults, and no time. `write` is called with `user`
 * for each piece. Needs a few bytes of memory for each file, finding and package. FPS_ERROR_MEMORY; or what
 * `write` returned. */
FPS_API fps_status fps_report_write(const fps_result *result, const fps_report_format *format,
                                    const fps_report_options *options, fps_write_callback write, void *user,
                                    fps_error *error);

/* Explains, for people: how much of each file's code is attributed, and for each finding its evidence by unit
 * of the component (best first), its table of versions, and why it was rejected if it was. Arguments and
 * statuses are those of fps_report_write; the scan needs all_evidence and keep_excluded to have all of it. */
FPS_API fps_status fps_report_explain(const fps_result *result, const fps_report_options *options,
                                      fps_write_callback write, void *user, fps_error *error);

/* Lists, as a table for people, where files differ from what package managers claim: kind, level, path,
 * package, what was claimed and what was found; then the counts, and whether digests were compared. Of the
 * options `color` and `width` count. Arguments and statuses are those of fps_report_write. */
FPS_API fps_status fps_report_drift(const fps_result *result, const fps_report_options *options,
                                    fps_write_callback write, void *user, fps_error *error);

/* Length in bytes (1..4) of the UTF-8 sequence at text[0..size) when it can go to a terminal as it is; 0 when
 * it is not well-formed, a control character, invisible, or changes the direction of text. The writers show
 * such bytes as \xNN. */
FPS_API size_t fps_report_printable(const char *text, size_t size);

FPS_END_DECLS

#endif
