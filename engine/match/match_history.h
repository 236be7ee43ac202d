/* The version of a component by its release history. */
#ifndef FPS_MATCH_MATCH_HISTORY_H
#define FPS_MATCH_MATCH_HISTORY_H

#include "match/match_internal.h"

/* A version text of the component in the object. */
typedef struct fps__history_reading {
    const char *version;
    bool bare; /* a number alone, which may be another's */
} fps__history_reading;

/* What the history says. The lists live in the arena. */
typedef struct fps__history_answer {
    const char **versions; /* releases of the answer, oldest first; texts live as long as the set */
    size_t count;
    const char *newest; /* the newest release that is known */
    bool newer;         /* a release newer than all known is in the answer */
    /* The reading that stands for a release of the answer, which the history need not list; NULL. */
    const char *read;
    double confidence;               /* the mass of the answer */
    const fps_version_score *scores; /* the most likely releases, the first ones first; for explain */
    size_t score_count;
} fps__history_answer;

/* The posterior of the releases of a component of set `set_id`. *found is false when its history says nothing: there is
 * none, or too few of its texts were found. FPS_ERROR_MEMORY. */
fps_status fps__match_history(fps__match_scratch *scratch, const fps__features *features, uint32_t set_id,
                              uint32_t local, const fps__history_reading *readings, size_t reading_count,
                              fps__arena *arena, fps__history_answer *answer, bool *found);

#endif
