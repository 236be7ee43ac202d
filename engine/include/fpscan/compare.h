/* Compares two results: what came, went or changed between two images, directories or files.
 *
 *   fps_compare(&comparison, before, after, &options, &error)
 *   fps_comparison_add_functions(comparison, old, old_size, new, new_size, &error)     where both targets are one program
 *   fps_comparison_write(comparison, FPS_COMPARISON_TABLE, &options, write, user, &error)
 *   fps_comparison_free(comparison)
 *
 * What counts is what is there, not where: a file that has another name, and a layer that was built again with the same
 * content, are no change. Two things are the same when their names and versions are; of the rest those at one path are paired
 * first. Everything is sorted, so that the same results give the same bytes.
 */
#ifndef FPSCAN_COMPARE_H
#define FPSCAN_COMPARE_H

#include <fpscan/report.h>

FPS_BEGIN_DECLS

typedef struct fps_comparison fps_comparison;

typedef enum fps_change_kind {
    FPS_CHANGE_ADDED = 0,
    FPS_CHANGE_REMOVED = 1,
    FPS_CHANGE_CHANGED = 2,
} fps_change_kind;

/* What is compared. */
typedef enum fps_compare_section {
    FPS_COMPARE_COMPONENTS = 0,
    FPS_COMPARE_PACKAGES = 1,
    FPS_COMPARE_VULNERABILITIES = 2, /* what counts: a suppressed one is as good as absent */
    FPS_COMPARE_DRIFT = 3,
    FPS_COMPARE_CODE = 4, /* files with executable bytes */
} fps_compare_section;
enum { FPS_COMPARE_SECTIONS = 5 };

/* Where a changed thing is. A path is NULL, and a layer UINT32_MAX, on the side that lacks it; a layer also where there are none. */
typedef struct fps_change_place {
    const char *path_before, *path_after;
    uint32_t layer_before, layer_after;
} fps_change_place;

typedef struct fps_change {
    fps_compare_section section;
    fps_change_kind kind;
    /* Id of a component ("openssl or boringssl"), "deb/zlib1g", id and subject of a vulnerability, kind and component of a drift
     * item, path of a file. */
    const char *name;
    const char *before,
        *after; /* version, severity, what was found, executable bytes; NULL on the side that lacks it */
    fps_severity severity;              /* of a vulnerability */
    uint64_t bytes_before, bytes_after; /* executable bytes of a file */
    const fps_change_place *places;     /* sorted; at least one */
    size_t place_count;
} fps_change;

typedef struct fps_change_counts {
    bool compared; /* false: one side does not have what is needed, and a note says what */
    uint64_t added, removed, changed, same;
} fps_change_counts;

/* Compares `before` with `after`, which must outlive the comparison. *comparison is the caller's, to be freed by
 * fps_comparison_free; NULL on failure. `options` may be NULL; of them states, min_confidence, all_layers and the filters of
 * vulnerabilities choose what is compared (default: present and likely), tool_version, timestamp, color and width how it is
 * written. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_compare(fps_comparison **comparison, const fps_result *before, const fps_result *after,
                               const fps_report_options *options, fps_error *error);
/* Compares the functions of two programs, whose bytes are old_data and new_data, and who has them by the evidence of the two
 * results (scanned with all_evidence). The same code is found by its key (fpscan/listing.h), other code by its name,
 * else by its place between two functions that both have. The bytes are not needed afterwards. FPS_ERROR_FORMAT: one is no ELF, PE or Mach-O file; FPS_ERROR_UNSUPPORTED: their machines differ or are not
 * read; FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY. After a failure the comparison is as before, with a note. */
FPS_API fps_status fps_comparison_add_functions(fps_comparison *comparison, const void *old_data,
                                                size_t old_size, const void *new_data, size_t new_size,
                                                fps_error *error);
/* NULL is allowed. */
FPS_API void fps_comparison_free(fps_comparison *comparison);

/* By section, name, kind and values. NULL when `index` is out of range. */
FPS_API size_t fps_comparison_change_count(const fps_comparison *comparison);
FPS_API const fps_change *fps_comparison_change(const fps_comparison *comparison, size_t index);
FPS_API fps_change_counts fps_comparison_counts(const fps_comparison *comparison,
                                                fps_compare_section section);

typedef enum fps_comparison_format {
    FPS_COMPARISON_TABLE = 0,    /* for people, in 80 columns unless the terminal is wider */
    FPS_COMPARISON_JSON = 1,     /* engine/compare/comparison.schema.json */
    FPS_COMPARISON_MARKDOWN = 2, /* for comments on changes */
    FPS_COMPARISON_HTML = 3,     /* one page without scripts */
} fps_comparison_format;

/* "table", "json", "markdown", "html"; NULL when `index` is out of range. Static storage; thread-safe. */
FPS_API const char *fps_comparison_format_name(size_t index);
/* Writes a whole document. Of `options` tool_version, timestamp, color, width and all count; NULL: those that fps_compare got. `write` is
 * called with `user` for each piece. FPS_ERROR_MEMORY; or what `write` returned. */
FPS_API fps_status fps_comparison_write(const fps_comparison *comparison, fps_comparison_format format,
                                        const fps_report_options *options, fps_write_callback write,
                                        void *user, fps_error *error);

FPS_END_DECLS

#endif
