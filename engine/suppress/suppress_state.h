/* The statements of one list. Texts live in its arena. */
#ifndef FPS_SUPPRESS_SUPPRESS_STATE_H
#define FPS_SUPPRESS_SUPPRESS_STATE_H

#include "compare/compare_state.h"
#include "result/result_build.h"
#include "util/bytes.h"

#include <fpscan/suppress.h>

/* What an entry is about: bits. */
enum {
    FPS__ABOUT_COMPONENTS = 1,
    FPS__ABOUT_PACKAGES = 2,
    FPS__ABOUT_VULNERABILITIES = 4,
    FPS__ABOUT_PARTIAL = 8,
    FPS__ABOUT_DRIFT = 16, /* of any kind; of one kind: 32 << kind */
    FPS__ABOUT_KIND = 32,
    FPS__MAX_ENTRIES = 10000,
    FPS__MAX_BASELINE = 2000000,
    FPS__MAX_ENTRY_TEXT = 1024, /* bytes of a pattern or name: matching takes pattern times path */
};

/* An entry of an ignore file. NULL: it does not ask for that. */
typedef struct fps__ignore {
    unsigned about;
    const char *id, *component, *version, *product, *pattern, *code;
    const char *expires; /* it has expired, on this day; NULL: it applies */
    fps_suppressed suppressed;
} fps__ignore;

struct fps_suppressions {
    fps__arena arena;
    int64_t now;
    FPS__ARRAY(fps__ignore) ignores;
    fps__items baseline[FPS_COMPARE_SECTIONS]; /* the last stays empty; `layer`: index into names */
    FPS__ARRAY(const char *) names;            /* of baselines */
};

/* Reads an ignore file. */
fps_status fps__ignore_read(fps_suppressions *list, const char *path, fps__span text, fps_error *error);
/* True when the text is a baseline; reads one. */
bool fps__is_baseline(fps__span text);
fps_status fps__baseline_read(fps_suppressions *list, const char *path, fps__span text, fps_error *error);

/* Marks in the result what entries of ignore files, and what baselines, are about. `expired`: notes on entries that no longer apply. */
fps_status fps__ignore_apply(const fps_suppressions *list, fps_result *result, fps_error *error);
fps_status fps__baseline_apply(const fps_suppressions *list, fps_result *result, fps_error *error);
/* A copy of a statement in the arena of the result; NULL without memory. */
const fps_suppressed *fps__suppressed_copy(fps_result *result, const char *reason, const char *source,
                                           bool baseline);
/* Suppresses a vulnerability. */
fps_status fps__suppress_vulnerability(fps_result *result, fps_vulnerability *vulnerability,
                                       const fps_suppressed *why, fps_error *error);

#endif
