/* Both sides of the numbers of the version: each predicate is true at its value. */
#ifndef FPS_TESTS_VERSION_THRESHOLDS_H
#define FPS_TESTS_VERSION_THRESHOLDS_H

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

static inline bool history_has_newer(double x)
{
    return fps__history_newer(0) == x;
}

static inline bool history_has_few_newer(double x)
{
    return fps__history_newer(1000) == x;
}

static inline bool history_lacks_unlisted(double x)
{
    return fps__history_unlisted() == x;
}

static inline bool history_file_is_missed(double x)
{
    return fps__history_file_misses(-2 * x) == -x && fps__history_file_misses(-x) == -x;
}

static inline bool history_hears_words(double x)
{
    return fps__history_words(-2 * x, 0) == -x && fps__history_words(0, x) == -x;
}

/* ---- the builds of the set ---- */

static inline bool release_is_between(double x)
{
    return fps__release_unbuilt(false, true, false) == x && fps__release_unbuilt(false, false, false) == 0 &&
           fps__release_unbuilt(false, true, true) == 0;
}

static inline bool release_is_beyond(double x)
{
    return fps__release_unbuilt(true, false, false) == x && fps__release_unbuilt(true, false, true) == 0;
}

static inline bool distance_is_worth(double x)
{
    return fps__release_weight(1, 0) == -x;
}

static inline bool distance_counts_half(double x)
{
    return fps__release_weight(x + 1, x) == fps__release_weight(1, 0) / 2;
}

static inline bool extra_weighs(double x)
{
    return fps__release_distance(1, 0) == x && fps__release_distance(0, 1) == 1;
}

static inline bool family_member_is_whole(double x)
{
    return fps__family_member_is_whole(x, 1);
}

/* ---- the posterior ---- */

static inline bool posterior_has_mass(double x)
{
    return fps__posterior_is_enough(x);
}

static inline bool posterior_is_equal(double x)
{
    return fps__posterior_equal(0) == x;
}

static inline bool posterior_lacks(double x)
{
    return fps__posterior_lacks(1) == x;
}

static inline bool posterior_lacks_most(double x)
{
    return fps__posterior_lacks(1000) == x;
}

static inline bool posterior_may_have_changed(double x)
{
    return fps__posterior_unbuilt(1, false) == x;
}

static inline bool posterior_is_absent(double x)
{
    return fps__posterior_unbuilt(1, true) == x;
}

static inline bool posterior_is_unbuilt(double x)
{
    return fps__posterior_unbuilt(1000, true) == x && fps__posterior_unbuilt(1000, false) == x;
}

static inline bool posterior_is_patched(double x)
{
    return fps__posterior_patched(-2 * x, 0) == -x && fps__posterior_patched(0, x) == 0;
}

static inline bool posterior_is_read(double x)
{
    return fps__posterior_reading_worth(FPS__READING_TEXT) == x;
}

static inline bool posterior_is_packed(double x)
{
    return fps__posterior_reading_worth(FPS__READING_NUMBER) == x;
}

static inline bool posterior_is_bare(double x)
{
    return fps__posterior_reading_worth(FPS__READING_BARE) == x;
}

static inline bool posterior_is_less(double x)
{
    return fps__posterior_reading_less(true) == x && fps__posterior_reading_less(false) == 0;
}

static inline bool build_has_parts(double x)
{
    return fps__build_is_told((size_t)(x + .5));
}

static inline bool build_steps(double x)
{
    return fps__build_day_at(7, 2) == 7 + 2 * (uint32_t)(x + .5);
}

static inline bool build_is_early(double x)
{
    return !fps__build_is_out(1000 + (uint32_t)(x + .5), 1000);
}

static inline bool build_has_rates(double x)
{
    return fabs(fps__build_rate(FPS__BUILD_RATES - 1) - x * FPS__BUILD_CURRENT) < 1e-9;
}

static inline bool build_takes_current(double x)
{
    return fps__build_rate(0) == x && fps__build_rate(1) == 2 * x;
}

static inline bool build_ages(double x)
{
    return fps__build_age(x) == exp(-1);
}

static inline bool build_is_of_any_age(double x)
{
    return fps__build_older(0, 1) == x && fabs(fps__build_older(1, 1) - 1) < 1e-12;
}

static inline bool build_days_are_wrong(double x)
{
    return fabs(fps__build_with_error(0, 1) - x) < 1e-12;
}

#endif
