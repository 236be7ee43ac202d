/* Both sides of the numbers of the posterior by a release history: each predicate is true at its value. */
#ifndef FPS_TESTS_HISTORY_THRESHOLDS_H
#define FPS_TESTS_HISTORY_THRESHOLDS_H

#include "match/match_formula.h"

static inline bool history_is_told(double x)
{
    return fps__history_is_told((uint32_t)x);
}

static inline bool history_unit_is_active(double x)
{
    return fps__history_unit_is_active(100 * x, 100);
}

static inline bool history_is_by_chance(double x)
{
    return fps__history_by_chance(1) == x && fps__history_by_chance(2) < x;
}

static inline bool history_is_left_out(double x)
{
    return fps__history_is_missed(0) == x && fps__history_is_missed(1) == 1;
}

static inline bool history_stays(double x)
{
    return fps__history_stays(true) == x && fps__history_stays(false) == 1 - x;
}

static inline bool history_is_tempered(double x)
{
    return fps__history_temper(1) == x;
}

static inline bool history_has_mass(double x)
{
    return fps__history_is_enough(x);
}

static inline bool history_has_newer(double x)
{
    return fps__history_newer(0) == x;
}

static inline bool history_has_few_newer(double x)
{
    return fps__history_newer(1000) == x;
}

static inline bool history_is_read(double x)
{
    return fps__history_reading_worth(false) == x;
}

static inline bool history_is_bare(double x)
{
    return fps__history_reading_worth(true) == x;
}

#endif
