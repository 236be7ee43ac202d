/* The day on which something was built, from the releases in it, and what it says of each component's version.
 *
 * Whoever builds takes of each component what is current that day, or what an older system has. So the releases in one
 * build tell its day, and the day tells which release of another component can be in it. What is known of each component
 * is a probability for each of its releases (match_posterior.h); each is judged by the others, never by itself.
 *
 *   day         each one, in steps of BUILD_DAY_STEP, is as likely as another, before anything is known
 *   current     at a day: the highest version that is out. The build has it with probability f, the same for all its components:
 *               one, two or three times BUILD_CURRENT, which are alike
 *   older ones  share what is left: those that were replaced t days ago by exp(-t / BUILD_AGE), but BUILD_OLD of it
 *               is for all alike, for a system may have any
 *   not out     BUILD_ERROR of all is for all alike, for days are those of tags, and some are wrong. A release counts as out
 *               BUILD_DAY_EARLY days before its own
 *
 * Releases without a day, and those beyond the known ones, become neither more nor less likely.
 *
 * The numbers are of match_thresholds.h. They were chosen on wheels, jars and npm packages whose versions are known (sets a and b of
 * bench/accuracy/foreign), and checked on others (set c).
 */
#ifndef FPS_MATCH_BUILD_DAY_H
#define FPS_MATCH_BUILD_DAY_H

#include <fpscan/status.h>
#include <stddef.h>
#include <stdint.h>

/* A component of the build. */
typedef struct fps__build_part {
    uint32_t count;       /* of its releases */
    const uint32_t *days; /* of each release, oldest version first: since 1970-01-01; 0: unknown */
    /* Of each release, 0 to 1: its probability, by what is known of the component itself. What their sum leaves to 1 is
     * for releases that are not listed. */
    const double *shares;
    /* Filled, for each release: how much likelier it is by the other parts; 1 on average. */
    double *factors;
    /* Filled: the build is of one of these days, by the other parts; nine times in ten. 0: they say nothing. */
    uint32_t from, to;
} fps__build_part;

/* Fills the factors and the day of each part. Where fewer than two parts have releases with a day, all factors are 1.
 * O(releases of all parts * days). Thread-safe. FPS_ERROR_MEMORY: nothing is filled. */
fps_status fps__build_day(fps__build_part *parts, size_t count);

#endif
