/* The decision: which components of the open sets are in an object, in which versions, and why.
 *
 *   fps__matcher_create(&matcher, databases, count, &error)      open sets as one; equal component ids merge
 *   fps__match_scratch_create(&scratch, matcher, &error)         one for each thread
 *   fps__match_object(matcher, scratch, &input, arena, &output, &error)
 *
 * A matcher is read-only and shared by all threads.
 */
#ifndef FPS_MATCH_MATCH_H
#define FPS_MATCH_MATCH_H

#include "feature/feature.h"
#include "match/rules.h"
#include "util/arena.h"

#include <fpscan/database.h>
#include <fpscan/result.h>

typedef struct fps__matcher fps__matcher;
typedef struct fps__match_scratch fps__match_scratch;

fps_status fps__matcher_create(fps__matcher **matcher, const fps_database *const *databases, size_t count,
                               fps_error *error);
void fps__matcher_free(fps__matcher *matcher);

/* A component of the open sets. Texts live as long as the databases. */
typedef struct fps__merged_component {
    const char *id, *name, *purl, *cpe, *license, *family;
    fps_component_role role;
    uint32_t since;        /* year of the first release, 0 unknown */
    const char **releases; /* of all sets, oldest first */
    bool *built;           /* by release: some set has a build of it */
    uint32_t release_count;
} fps__merged_component;
/* NULL when `index` is out of range. */
const fps__merged_component *fps__matcher_component(const fps__matcher *matcher, size_t index);
/* The day on which each release of component `index` came out, since 1970-01-01, as the release histories have it: days[0 ..
 * release_count), 0 for one without a day. Releases in the histories and in the component are walked once. */
void fps__matcher_days(const fps__matcher *matcher, size_t index, uint32_t *days);
/* Index of a component id, UINT32_MAX when no set has it. */
uint32_t fps__matcher_find(const fps__matcher *matcher, const char *id);

fps_status fps__match_scratch_create(fps__match_scratch **scratch, const fps__matcher *matcher,
                                     fps_error *error);
void fps__match_scratch_free(fps__match_scratch *scratch);

typedef struct fps__match_input {
    const fps_object_info *info;
    const fps__features *features;
    /* The object and its bytes, for what its code refers to; NULL where there are several (an archive). */
    const fps_object *object;
    const void *data;
    size_t size;
    const fps__rule_hit *rules;
    size_t rule_count;
    bool no_readings; /* versions that the object names do not count */
    bool all_evidence, keep_excluded;
} fps__match_input;

typedef struct fps__match_output {
    fps_finding *findings; /* sorted by component; `component` is the matcher's index, `file` is 0 */
    size_t count;
    uint64_t code_attributed, code_generic; /* bytes of functions, as in fps_file */
} fps__match_output;

/* Everything in `output` lives in `arena` or in the databases; texts of evidence are copied and made
 * printable. FPS_ERROR_MEMORY. */
fps_status fps__match_object(const fps__matcher *matcher, fps__match_scratch *scratch,
                             const fps__match_input *input, fps__arena *arena, fps__match_output *output,
                             fps_error *error);

/* A printable copy of at most 200 bytes of target text, as evidence shows it, in `arena`; NULL without memory. */
const char *fps__match_text(fps__arena *arena, const char *text, size_t length);

/* fps_finding.admitted_by of what a user's YARA rule names. */
#define FPS__ADMITTED_BY_YARA "yara-rule"

/* Whether a file of these names is called something else than what the finding says it is. A finding depends
 * on the bytes alone; this is asked once its file's names are known. */
bool fps__match_is_renamed(const fps_finding *finding, const char *path, const char *const *links,
                           size_t link_count);

#endif
