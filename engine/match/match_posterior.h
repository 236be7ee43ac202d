/* The posterior of a component's releases.
 *
 * Each hypothesis is a release, or one older or newer than all that are known, or a version that the object names and no
 * set lists. What was found multiplies its probability (the weights are natural logarithms, and add up):
 *
 *   texts       by the release history, where there is one: which sources hold what was found (match_history.c); and
 *               by the builds in the set (match_fingerprint.c)
 *   equal       an object of a release holds just what this one holds: then it is the most likely one, by
 *               POSTERIOR_EQUAL
 *   functions   by a compiler that is proved (match_build.c): a release that it built loses POSTERIOR_LACKS for each
 *               function that the build lacks, one that it did not build for us POSTERIOR_CHANGED for each function
 *               found, for it might have changed, or POSTERIOR_ABSENT where nothing says that another builder made the
 *               object; POSTERIOR_CODE and POSTERIOR_UNBUILT at most
 *   readings    a version text of the component's own gives its release POSTERIOR_READING, a number that one of its
 *               functions returns POSTERIOR_NUMBER, a bare version POSTERIOR_BARE; beside them nothing else speaks more
 *               than POSTERIOR_PATCHED against a release, for it may be a patched one
 *
 * The answer is the smallest set of hypotheses that holds POSTERIOR_MASS. Nothing excludes for sure: evidence that
 * contradicts a reading can outweigh it, and then the answer shows what it is and what was read.
 */
#ifndef FPS_MATCH_MATCH_POSTERIOR_H
#define FPS_MATCH_MATCH_POSTERIOR_H

#include "match/match_internal.h"

enum { FPS__MAX_READINGS = 32 };

/* A version of the component that the object names. */
typedef struct fps__reading {
    const char *version; /* lives in the arena */
    fps__reading_kind kind;
    uint32_t release; /* of the component, FPS__NONE: not listed */
} fps__reading;

typedef struct fps__posterior {
    const fps__merged_component *component;
    const fps__merged_set *set; /* the one that is compared, and its component */
    uint32_t set_id, local;
    uint32_t releases;   /* of the merged component: hypotheses 0 .. releases - 1 */
    uint32_t hypotheses; /* these, older, newer, and one for each reading */
    double *weight;      /* by hypothesis: logarithms; probabilities once settled */
    double *held;        /* by release: the texts that it has among those that were compared */
    double *found;       /* by release: these of them that the object has */
    fps__reading readings[FPS__MAX_READINGS];
    uint32_t reading_count;
    /* The release that all but the readings speak for, where that contradicts a reading; else FPS__NONE. */
    uint32_t fits;
    bool told; /* some evidence says something of the version */
} fps__posterior;

static inline uint32_t fps__posterior_older(const fps__posterior *p)
{
    return p->releases;
}
static inline uint32_t fps__posterior_newer(const fps__posterior *p)
{
    return p->releases + 1;
}
static inline uint32_t fps__posterior_reading(const fps__posterior *p, uint32_t reading)
{
    return p->releases + 2 + reading;
}

/* Makes room for the releases of p->component; fps__posterior_free frees it. FPS_ERROR_MEMORY. */
fps_status fps__posterior_start(fps__posterior *p);
void fps__posterior_free(fps__posterior *p);

/* The weight of the most likely release, older and newer ones included. */
double fps__posterior_most(const fps__posterior *p);

/* Adds what the readings say, once all other evidence is in. */
void fps__posterior_read(fps__posterior *p);

/* Makes probabilities of the weights and fills the answer; all its lists live in `arena`. FPS_ERROR_MEMORY. */
fps_status fps__posterior_answer(fps__posterior *p, fps__arena *arena, fps_version_answer *answer);

/* match_history.c: the texts of the object in the release history. *told is false where it says nothing: there is none, or
 * too few of its texts were found. FPS_ERROR_MEMORY. */
fps_status fps__match_history(fps__match_scratch *scratch, const fps__features *features, fps__posterior *p,
                              bool *told);

/* match_fingerprint.c: the texts of the object in the builds of the set, and whether it equals one. `history`: the release
 * history told something. FPS_ERROR_MEMORY. */
fps_status fps__match_fingerprints(const fps__match_scratch *scratch, const fps__features *features,
                                   const fps__candidate *candidate, bool history, fps__posterior *p);

/* match_build.c: the functions of the object in the builds of the set. *toolchain is the compiler of the builds that they
 * are of, where it is proved and known; else NULL. FPS_ERROR_MEMORY. */
fps_status fps__match_build(const fps__match_scratch *scratch, const fps__match_input *input,
                            const fps__candidate *candidate, fps__posterior *p, const char **toolchain);

/* match_soname.c: the release that a soname of the component says, NULL for none, and for other names. `hit` is of a name of the
 * component's own. The text lives as long as the matcher. */
const char *fps__soname_release(const fps__matcher *matcher, const fps__hit *hit,
                                const fps__feature *feature);

#endif
