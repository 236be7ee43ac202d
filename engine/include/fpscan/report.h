/* Writes a result as a table for people, as JSON by its schema, as a bill of materials (CycloneDX, SPDX), as
 * SARIF or as CSV.
 *
 *   fps_report_format_find("cyclonedx-json@1.6", &format, &error)
 *   fps_report_write(result, format, &options, write, user, &error)
 *
 * Every writer gives the same bytes for the same result. Thread-safe.
 */
#ifndef FPSCAN_REPORT_H
#define FPSCAN_REPORT_H

#include <fpscan/result.h>

typedef struct fps_report_format fps_report_format; /* a static table entry, never freed */

typedef struct fps_report_options {
    unsigned
        states; /* bit (1 << fps_state) for each state to show; 0: present only (table: present and likely) */
    double min_confidence; /* 0..1 */
    const char *component; /* only the component of this id or name; NULL: all */
    bool color;            /* table only */
    unsigned width;        /* columns of the terminal, 0: no limit; table and explain */
    bool all_layers; /* also files that a later layer shadows or deletes; else the squashed root alone */
    bool runtime;    /* table: also list role runtime */
    bool code;       /* table: also say how much of the executable bytes is known */
    bool all;        /* explain: every line; else the best ones, and how many there are more */
    const char *tool_version;
    int64_t timestamp; /* seconds since 1970, or -1: none is written */
} fps_report_options;

/* Finds "table", "json", "csv", "cyclonedx-json" ("cyclonedx"), "spdx-json" ("spdx") or "sarif", with an
 * optional
 * "@VERSION". FPS_ERROR_ARGUMENT names what there is. */
FPS_API fps_status fps_report_format_find(const char *name, const fps_report_format **format,
                                          fps_error *error);
/* Writes the whole document. Memory is bounded by a few bytes for each file, finding and package. `options`
 * may be NULL; `write` is called with `user` for each part. FPS_ERROR_MEMORY; what `write` gives when it
 * fails. */
FPS_API fps_status fps_report_write(const fps_result *result, const fps_report_format *format,
                                    const fps_report_options *options, fps_write_callback write, void *user,
                                    fps_error *error);
/* Why: for each file how much of its code is known, and for each finding its evidence by unit of the
 * component (best first), the table of versions and what spoke against. Statuses are those of
 * fps_report_write, and FPS_ERROR_MEMORY. */
FPS_API fps_status fps_report_explain(const fps_result *result, const fps_report_options *options,
                                      fps_write_callback write, void *user, fps_error *error);

/* Where files differ from what packages claim, as a table for people: kind, level, path, package, what it
 * claims and what is there; how many there are; and whether digests were compared. Of the options `color` and
 * `width` count. Statuses are those of fps_report_write. */
FPS_API fps_status fps_report_drift(const fps_result *result, const fps_report_options *options,
                                    fps_write_callback write, void *user, fps_error *error);

/* Length of the UTF-8 sequence at text[0..size) when it can go to a terminal as it is; 0 when it is not
 * well-formed, a control character, or one that is invisible or turns the direction of text. Such bytes are
 * shown as \xNN by every writer. */
FPS_API size_t fps_report_printable(const char *text, size_t size);

#endif
