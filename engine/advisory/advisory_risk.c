/* The risk of a finding as one number, 0 to 100: what to look at first.
 *
 *     risk = 100 * severity * (0.4 + 0.6 * threat) * certainty
 *
 * severity   the CVSS base score / 10; without one, the middle of the word's range: critical .95, high .8, medium .55, low .25,
 *            negligible .05, unknown .5
 * threat     1 when CISA's catalogue has it as exploited, or its SSVC says "active"; else the largest of the EPSS percentile to the
 *            power of 4 (half of the scale above the 84th), .5 when SSVC says "poc", and .1 for what nothing is known of
 * certainty  1 when affected, .7 when conditional, .8 when it depends on the release; halved when none of its places is visible
 *
 * The factors stand here and in README.md; a change of one is a change of what pipelines decide.
 */
#include "advisory/advisory_state.h"

#include <string.h>

static double severity_of(const fps_vulnerability *vulnerability)
{
    static const double words[] = {0.5, 0.05, 0.25, 0.55, 0.8, 0.95};
    if (vulnerability->score > 0)
        return vulnerability->score / 10;
    return words[vulnerability->severity];
}

static double threat_of(const fps_vulnerability *vulnerability)
{
    double percentile = vulnerability->percentile > 0 ? vulnerability->percentile : 0, threat = 0.1;
    double likely = percentile * percentile * percentile * percentile;
    if (vulnerability->known_exploited || !strcmp(vulnerability->exploitation, "active"))
        return 1;
    if (!strcmp(vulnerability->exploitation, "poc"))
        threat = 0.5;
    return likely > threat ? likely : threat;
}

static bool is_visible(const fps_result *result, const fps_vulnerability *vulnerability)
{
    for (size_t i = 0; i < vulnerability->file_count; i++)
        if (result->files.items[vulnerability->files[i]].visibility == FPS_VISIBILITY_VISIBLE)
            return true;
    for (size_t i = 0; i < vulnerability->package_count; i++)
        if (result->packages.items[vulnerability->packages[i]].visibility == FPS_VISIBILITY_VISIBLE)
            return true;
    return false;
}

double fps__risk(const fps_result *result, const fps_vulnerability *vulnerability)
{
    static const double certainties[] = {1, 0.7, 0.8};
    double certainty = certainties[vulnerability->verdict] * (is_visible(result, vulnerability) ? 1 : 0.5);
    return 100 * severity_of(vulnerability) * (0.4 + 0.6 * threat_of(vulnerability)) * certainty;
}
