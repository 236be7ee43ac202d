/* What the writers show of a result: the filter of states, confidence and layers, and versions in words. */
#ifndef FPS_REPORT_REPORT_VIEW_H
#define FPS_REPORT_REPORT_VIEW_H

#include "report/report_packages.h"
#include "util/output.h"

typedef struct fps__view {
    const fps_result *result;
    const fps_report_options *options;
    unsigned states;                        /* bits of the states that are shown */
    const struct fps_report_format *format; /* NULL for a document that is no format */
    const fps__package_links *links;
} fps__view;

/* True unless a later layer hides the file and only visible files are asked for. */
bool fps__view_shows_file(const fps__view *view, const fps_file *file);
bool fps__view_shows(const fps__view *view, const fps_finding *finding);
/* The best shown finding of a component; NULL if none is shown. */
const fps_finding *fps__view_best(const fps__view *view, const fps_component *component);
/* Iterates over the components that are shown, each with its best shown finding; NULL after the last. *cursor starts at 0, and is one
 * above the index of the component then. */
const fps_component *fps__view_next(const fps__view *view, size_t *cursor, const fps_finding **best);

/* Adds the findings that are not shown: in files that later layers hide, and all others. */
void fps__view_count_omitted(const fps__view *view, uint64_t *others, uint64_t *hidden);

/* "1.2.13"; "1.2.11, 1.2.13"; "1.2.11 .. 1.3.1"; ">= 1.3.1"; "<= 1.2.3"; "?". Returns what snprintf would; `text`
 * is untrusted. */
size_t fps__version_text(const fps_version_answer *version, char *text, size_t size);
/* The same for programs, as a version range specifier: "vers:generic/>=1.2.11|<=1.3.1", "vers:generic/>=1.3.1",
 * "vers:generic/1.2.13"; "vers:generic/" and a star where nothing is known. Its length; 0 and "" when it does not fit. */
size_t fps__version_range(const fps_version_answer *version, char *text, size_t size);
/* How the executable bytes of a file divide: no byte is counted twice, and the sum is the whole. */
typedef struct fps__code_share {
    uint64_t executable, attributed, generic, unknown; /* bytes; all 0 when none were looked at */
} fps__code_share;
fps__code_share fps__code_share_of(const fps_file *file);
/* A share as "0.97"; "1.00" only when it is 1, so that nothing is rounded up to certainty. */
void fps__share_text(double share, char *text, size_t size);
/* True when the file hides what it is: it has another name, and no package of the component owns it. */
bool fps__is_renamed(const fps__view *view, const fps_finding *finding);
/* How a component got into a file, for people: "own", "renamed", "linked", "embedded", "mentioned"; of a likely one the doubt
 * in short: "texts only", "one file only" ... */
const char *fps__how(const fps__view *view, const fps_finding *finding);
/* What fps__how gives, in the order of tables; NULL out of range. */
const char *fps__how_word(size_t index);
/* A relative for programs: its package URL, its id where it has none. Returns the length, less than `size`. */
size_t fps__relative_text(const fps_relative *relative, char *text, size_t size);
/* Index of the layer that introduced the component; FPS__NONE when unknown. */
uint32_t fps__introduced(const fps_result *result, const fps_finding *finding);
/* A package's name, its version and, where there is one, its architecture: "zlib1g 1:1.2.13 amd64". Returns
 * what snprintf would; `text` is untrusted. */
size_t fps__package_text(const fps_package *package, char *text, size_t size);
/* Why a statement of the user's suppresses something: "reason (source)", "baseline: ... (source)"; NULL and "" for NULL. text[0..size) gets
 * it, and is returned. */
const char *fps__suppressed_text(const fps_suppressed *suppressed, char *text, size_t size);
enum { FPS__SUPPRESSED_SIZE = 512, FPS__NOTED_SIZE = 2048 };
/* A note of a row, NULL for none, with why the row is suppressed behind it. Returns `note` where nothing suppresses it, else text[0..size). */
const char *fps__noted_text(const char *note, const fps_suppressed *suppressed, char *text, size_t size);
/* Why all shown findings of a component are suppressed: the reason of the first; NULL when one counts. */
const fps_suppressed *fps__component_suppressed(const fps__view *view, const fps_component *component);
const char *fps__drift_level_text(const fps_drift *drift); /* "note", "drift" */
/* The version of the program that a document names as its tool. */
const char *fps__tool_version(const fps_report_options *options);
/* A timestamp as bills of materials write it; "" when there is none (-1) or it is out of range. */
enum { FPS__TIMESTAMP_SIZE = 24 };
void fps__timestamp_text(int64_t seconds, char text[FPS__TIMESTAMP_SIZE]);

#endif
