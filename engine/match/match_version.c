/* The version of a component: gathers what the object says of it, and asks for the posterior (match_posterior.h). */
#include "match/match_posterior.h"

#include "feature/template.h"
#include "feature/version_value.h"
#include "util/search.h"
#include "util/version.h"

#include <stdlib.h>
#include <string.h>

typedef struct resolver {
    fps__match_scratch *scratch;
    const fps__match_input *input;
    const fps__candidate *c;
    fps__arena *arena;
    fps__posterior p;
} resolver;

/* ---- version texts ---- */

static uint32_t find_release(const fps__merged_component *component, const char *version)
{
    const char **list = component->releases;
    size_t found;
    FPS__LOWER_BOUND(found, component->release_count, at, fps__version_compare(list[at], version) < 0);
    bool listed = found < component->release_count && fps__version_compare(list[found], version) == 0;
    return listed ? (uint32_t)found : FPS__NONE;
}

/* Takes a reading once, as the best of its kinds. */
static bool add_reading(resolver *r, const char *text, size_t length, fps__reading_kind kind)
{
    fps__posterior *p = &r->p;
    for (uint32_t i = 0; i < p->reading_count; i++) {
        if (strlen(p->readings[i].version) == length && memcmp(p->readings[i].version, text, length) == 0) {
            if (kind < p->readings[i].kind)
                p->readings[i].kind = kind;
            return true;
        }
    }
    if (p->reading_count == FPS__MAX_READINGS)
        return true;
    const char *copy = fps__arena_text(r->arena, text, length);
    if (!copy)
        return false;
    p->readings[p->reading_count++] = (fps__reading){copy, kind, find_release(p->component, copy)};
    return true;
}

/* A bare number is read only where it is the component's own. */
static bool is_at_home(const resolver *r, uint32_t literal)
{
    uint32_t neighbours = 0;
    for (size_t i = r->c->first; i < r->c->end && !fps__is_at_home(r->c->share, neighbours); i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        uint32_t distance = hit->feature > literal ? hit->feature - literal : literal - hit->feature;
        neighbours += hit->kind == FPS__FEATURE_LITERAL && !(hit->flags & FPS__ENTRY_FOREIGN) &&
                      fps__is_neighbour(distance);
    }
    return fps__is_at_home(r->c->share, neighbours);
}

/* A number that a function of the component returns, or holds in a variable: of what it can mean, what is a release. Of two
 * parts alone many numbers can be one. */
static bool read_number(resolver *r, const char *digits, size_t length)
{
    char versions[FPS__NUMBER_VERSIONS][FPS__NUMBER_VERSION_SIZE];
    uint64_t number = 0;
    for (size_t i = 0; i < length && length <= 10; i++)
        number = number * 10 + (uint64_t)(digits[i] - '0');
    size_t count = fps__number_versions(number, versions);
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(versions[i]);
        bool listed = find_release(r->p.component, versions[i]) != FPS__NONE;
        if (!listed && size > 2 && strcmp(versions[i] + size - 2, ".0") == 0) { /* 1.2.0 may be called 1.2 */
            versions[i][size -= 2] = 0;
            listed = find_release(r->p.component, versions[i]) != FPS__NONE;
        }
        bool two_parts = strchr(versions[i], '.') == strrchr(versions[i], '.');
        if (listed && !add_reading(r, versions[i], size, two_parts ? FPS__READING_BARE : FPS__READING_NUMBER))
            return false;
    }
    return true;
}

/* True for a version that can be a release of the component, known or not: it counts as they do. The version of a standard
 * or of an interface does not. */
static bool may_be_release(const resolver *r, const char *version)
{
    for (uint32_t i = 0; i < r->p.component->release_count; i++)
        if (strtoul(r->p.component->releases[i], NULL, 10) == strtoul(version, NULL, 10))
            return true;
    return false;
}

/* What a name of the component that says "version" stands for. */
static bool read_name(resolver *r, const fps__feature *feature)
{
    size_t start, size, digits = 0;
    if (!feature->version)
        return true;
    while (digits < feature->version_length && feature->version[digits] >= '0' &&
           feature->version[digits] <= '9')
        digits++;
    if (digits == feature->version_length)
        return read_number(r, feature->version, digits);
    return !fps__version_text_find(feature->version, feature->version_length, 0, &start, &size) ||
           !may_be_release(r, feature->version + start) ||
           add_reading(r, feature->version + start, size, FPS__READING_TEXT);
}

static bool read_soname(resolver *r, const fps__hit *hit, const fps__feature *feature)
{
    const char *release = fps__soname_release(r->scratch->matcher, hit, feature);
    return !release || add_reading(r, release, strlen(release), FPS__READING_BARE);
}

static bool read_versions(resolver *r)
{
    for (size_t i = r->c->first; i < r->c->end; i++) {
        const fps__hit *hit = &r->scratch->hits.items[i];
        const fps__feature *feature = &r->input->features->items[hit->feature];
        /* the names of what a component carries tell that one's version */
        bool named = hit->kind == FPS__FEATURE_NAME && !(hit->flags & FPS__ENTRY_FOREIGN);
        if (named && (!read_name(r, feature) || !read_soname(r, hit, feature)))
            return false;
        if (hit->kind != FPS__FEATURE_TEMPLATE)
            continue;
        bool bare = hit->flags & FPS__ENTRY_TEMPLATE_BARE;
        if (!feature->version || (bare && !is_at_home(r, feature->ordinal)))
            continue;
        if (!add_reading(r, feature->version, feature->version_length,
                         bare ? FPS__READING_BARE : FPS__READING_TEXT))
            return false;
    }
    return !r->c->rule_version ||
           add_reading(r, r->c->rule_version, r->c->rule_version_length, FPS__READING_TEXT);
}

/* Bare numbers count where no text of the component's own names a version, and where they are releases: else they are other
 * things' numbers. */
static void drop_strays(fps__posterior *p)
{
    uint32_t kept = 0;
    bool own = false;
    for (uint32_t i = 0; i < p->reading_count; i++)
        own |= p->readings[i].kind != FPS__READING_BARE;
    for (uint32_t i = 0; i < p->reading_count; i++)
        if (p->readings[i].kind != FPS__READING_BARE || (!own && p->readings[i].release != FPS__NONE))
            p->readings[kept++] = p->readings[i];
    p->reading_count = kept;
}

/* ---- the answer ---- */

static fps_status resolve(resolver *r, fps_version_answer *answer)
{
    bool told = false;
    const fps__features *features = r->input->features;
    fps_status status = fps__match_history(r->scratch, features, &r->p, &told);
    r->p.told |= told;
    if (status == FPS_OK)
        status = fps__match_fingerprints(r->scratch, features, r->c, told, &r->p);
    if (status == FPS_OK)
        status = fps__match_build(r->scratch, r->input, r->c, &r->p, &answer->toolchain);
    if (status != FPS_OK)
        return status;
    fps__posterior_read(&r->p);
    return fps__posterior_answer(&r->p, r->arena, answer);
}

fps_status fps__match_version(const fps__matcher *matcher, fps__match_scratch *scratch,
                              const fps__match_input *input, const fps__candidate *candidate,
                              fps__arena *arena, fps_version_answer *answer)
{
    *answer = (fps_version_answer){.kind = FPS_VERSION_UNKNOWN};
    if (candidate->state == FPS_STATE_MENTIONED)
        return FPS_OK;
    const fps__hit *hit = fps__match_main_hit(scratch->hits.items, candidate->first, candidate->end);
    resolver r = {.scratch = scratch,
                  .input = input,
                  .c = candidate,
                  .arena = arena,
                  .p = {.component = fps__matcher_component(matcher, candidate->component),
                        .set = &matcher->sets[hit->set],
                        .set_id = hit->set,
                        .local = hit->local}};
    if (!input->no_readings && !read_versions(&r))
        return FPS_ERROR_MEMORY;
    drop_strays(&r.p);
    fps_status status = fps__posterior_start(&r.p);
    if (status == FPS_OK)
        status = resolve(&r, answer);
    fps__posterior_free(&r.p);
    return status;
}
