/* sigbuild compile: what components share, as builds and sources show it.
 *
 * Builds show what was compiled together; sources show who wrote it. A literal of one component's builds that another one's
 * sources hold as well came from one to the other, or to both from a third. Whoever carries a good part of the other has it
 * from there. Where a component's own sources lack the literal, it is not its own either. What is left has no known owner: it
 * proves that one of them is there, or the third, and so it proves none of them.
 *
 * Components of a family are told apart by match/ (match.c), not here.
 */
#include "compiler/compile_share.h"

#include "compiler/compile_parameters.h"
#include "database/layout.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* ---- holders ---- */

static bool is_text(uint64_t key)
{
    fps__feature_kind kind = fps__feature_kind_of(key);
    return kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_NAME;
}

static fps_status add(fps__sharing *sharing, uint64_t key, uint32_t component, uint32_t how)
{
    const fps__holder made = {fps__layout_stored_key(key), component, how};
    return FPS__ARRAY_PUSH(&sharing->holders, &made, UINT32_MAX);
}

static fps_status add_builds(const fps__compilation *c, fps__sharing *sharing)
{
    fps_status status = FPS_OK;
    for (uint32_t f = 0; f < c->corpus->feature_count && !status; f++) {
        uint64_t key = c->corpus->features[f].key;
        if (!is_text(key) && fps__feature_kind_of(key) != FPS__FEATURE_FUNCTION)
            continue;
        for (uint64_t p = c->pair_start[f]; p < c->pair_start[f + 1] && !status; p++)
            status = add(sharing, key, c->pairs[p],
                         fps__compile_owns(c, p) ? FPS__HELD_BY_BUILD : FPS__HELD_FOREIGN);
        if (!status && c->negative[f])
            status = add(sharing, key, FPS__NONE, 0);
    }
    for (uint32_t i = 0; i < c->corpus->build_count; i++)
        if (c->build_component[i] != FPS__NONE && !c->corpus->builds[i].imported &&
            c->build_object[i + 1] > c->build_object[i])
            sharing->has_builds[c->build_component[i]] = true;
    return status;
}

static fps_status add_groups(const fps__compilation *c, fps__sharing *sharing)
{
    fps_status status = FPS_OK;
    for (uint32_t g = 0; g < c->corpus->group_count && !status; g++) {
        const fps__corpus_group *group = &c->corpus->groups[g];
        uint32_t component = fps__compile_find_component(c, group->component);
        if (component == FPS__NONE)
            continue;
        sharing->is_imported[component] = true;
        if (fps__compile_is_made_anew(c, group))
            continue;
        sharing->has_builds[component] = true;
        uint32_t how =
            group->flags & FPS__ENTRY_FOREIGN ? FPS__HELD_FOREIGN | FPS__HELD_LENT : FPS__HELD_BY_IMPORT;
        for (uint32_t i = 0; i < group->feature_count && !status; i++) {
            uint64_t key = c->corpus->features[group->features[i]].key;
            /* a function without weight may be anyone's: it tells builds apart */
            if (is_text(key) || (fps__feature_kind_of(key) == FPS__FEATURE_FUNCTION && group->weight))
                status = add(sharing, key, component, how);
        }
    }
    return status;
}

static fps_status add_histories(const fps__compilation *c, fps__sharing *sharing)
{
    fps_status status = FPS_OK;
    for (uint32_t h = 0; h < c->corpus->history_count && !status; h++) {
        const fps__corpus_history *history = &c->corpus->histories[h];
        uint32_t component = fps__compile_find_component(c, history->component);
        if (component == FPS__NONE || !fps__compile_is_whole_history(history))
            continue;
        sharing->has_sources[component] = true;
        for (uint32_t t = 0; t < history->text_count && !status; t++)
            status = add(sharing, fps__feature_key(history->texts[t].hash, FPS__FEATURE_LITERAL), component,
                         FPS__HELD_BY_SOURCE);
        for (uint32_t n = 0; n < history->name_count && !status; n++)
            status = add(sharing, fps__feature_key(history->names[n].hash, FPS__FEATURE_NAME), component,
                         FPS__HELD_BY_SOURCE);
    }
    return status;
}

static int compare_holders(const void *a, const void *b)
{
    const fps__holder *left = a, *right = b;
    return left->key != right->key ? FPS__COMPARE(left->key, right->key)
                                   : FPS__COMPARE(left->component, right->component);
}

/* Sorts the holders; one that holds a key in several ways stands once. */
static void merge_holders(fps__sharing *sharing)
{
    fps__holder *list = sharing->holders.items;
    size_t kept = 0;
    if (sharing->holders.count)
        qsort(list, sharing->holders.count, sizeof *list, compare_holders);
    for (size_t i = 0; i < sharing->holders.count; i++) {
        if (kept && compare_holders(&list[kept - 1], &list[i]) == 0)
            list[kept - 1].how |= list[i].how;
        else
            list[kept++] = list[i];
    }
    sharing->holders.count = kept;
}

/* ---- how much of one component another holds ---- */

bool fps__sharing_measures(const fps__sharing *sharing, const fps__holder *holder)
{
    return holder->component != FPS__NONE &&
           (!sharing->has_builds[holder->component] ||
            holder->how & (FPS__HELD_BY_BUILD | FPS__HELD_BY_IMPORT)) &&
           (!sharing->has_sources[holder->component] || holder->how & FPS__HELD_BY_SOURCE);
}

static void count_overlap(const fps__compilation *c, fps__sharing *sharing)
{
    const fps__holder *list = sharing->holders.items;
    for (size_t i = 0, end; i < sharing->holders.count; i = end) {
        for (end = i + 1; end < sharing->holders.count && list[end].key == list[i].key;)
            end++;
        if (fps__feature_kind_of(list[i].key) != FPS__FEATURE_LITERAL)
            continue;
        for (size_t a = i; a < end; a++) {
            if (!fps__sharing_measures(sharing, &list[a]))
                continue;
            sharing->total[list[a].component]++;
            for (size_t b = i; b < end && end - i <= FPS__OVERLAP_COMPONENTS; b++)
                if (b != a && list[b].component != FPS__NONE)
                    sharing->overlap[(size_t)list[a].component * c->component_count + list[b].component]++;
        }
    }
}

/* The share of the literals of `component` that `other` holds. */
static double part_in(const fps__compilation *c, const fps__sharing *sharing, uint32_t component,
                      uint32_t other)
{
    uint32_t total = sharing->total[component];
    return total ? sharing->overlap[(size_t)component * c->component_count + other] / (double)total : 0;
}

/* True when a good part of `copy` is in `host`, which is much more; or most of it, and less of the host in the copy; or as much of
 * the one as of the other, and only the copy was built. */
static bool carries(const fps__compilation *c, const fps__sharing *sharing, uint32_t host, uint32_t copy)
{
    double in_host = part_in(c, sharing, copy, host);
    double back = part_in(c, sharing, host, copy);
    return in_host >= FPS__CARRIED_SHARE &&
           (in_host >= FPS__CARRIED_RATIO * back || (in_host >= FPS__CARRIED_MOST && in_host > back) ||
            (in_host >= back && sharing->has_builds[copy] && !sharing->has_builds[host]));
}

/* ---- the answer ---- */

fps_status fps__compile_sharing(const fps__compilation *c, fps__sharing *sharing)
{
    size_t components = (size_t)c->component_count + 1;
    *sharing = (fps__sharing){.overlap = calloc(components * components, sizeof *sharing->overlap),
                              .total = calloc(components, sizeof *sharing->total),
                              .has_builds = calloc(components, sizeof *sharing->has_builds),
                              .has_sources = calloc(components, sizeof *sharing->has_sources),
                              .is_imported = calloc(components, sizeof *sharing->is_imported)};
    if (!sharing->overlap || !sharing->total || !sharing->has_builds || !sharing->has_sources ||
        !sharing->is_imported)
        return FPS_ERROR_MEMORY;
    fps_status status = add_builds(c, sharing);
    if (status == FPS_OK)
        status = add_groups(c, sharing);
    if (status == FPS_OK)
        status = add_histories(c, sharing);
    if (status != FPS_OK)
        return status;
    merge_holders(sharing);
    count_overlap(c, sharing);
    return FPS_OK;
}

void fps__sharing_free(fps__sharing *sharing)
{
    free(sharing->holders.items);
    free(sharing->overlap);
    free(sharing->total);
    free(sharing->has_builds);
    free(sharing->has_sources);
    free(sharing->is_imported);
    *sharing = (fps__sharing){.overlap = NULL};
}

void fps__sharing_find(const fps__sharing *sharing, uint64_t key, size_t *first, size_t *end)
{
    const fps__holder *list = sharing->holders.items;
    key = fps__layout_stored_key(key);
    FPS__LOWER_BOUND(*first, sharing->holders.count, i, list[i].key < key);
    for (*end = *first; *end < sharing->holders.count && list[*end].key == key;)
        ++*end;
}

/* What a component, which holds the literal in the ways `how`, loses to another holder. */
static fps__share lose_to(const fps__compilation *c, const fps__sharing *sharing, uint32_t component,
                          uint32_t how, const fps__holder *other)
{
    if (other->how & FPS__HELD_FOREIGN)
        return other->how & FPS__HELD_LENT && !sharing->is_imported[component] ? FPS__SHARE_COMMON
                                                                               : FPS__SHARE_OWN;
    bool by_source = other->how & FPS__HELD_BY_SOURCE;
    if (fps__compile_declares(c, other->component, component))
        return FPS__SHARE_OWN;
    if (fps__compile_declares(c, component, other->component))
        return FPS__SHARE_LENT;
    /* what a set knows stays its owner's, whoever comes new beside it */
    if (how & FPS__HELD_BY_BUILD && !by_source && other->how & FPS__HELD_BY_IMPORT)
        return FPS__SHARE_LENT;
    if (carries(c, sharing, other->component, component))
        return FPS__SHARE_OWN;
    if (sharing->has_sources[component] && !(how & FPS__HELD_BY_SOURCE) && by_source)
        return FPS__SHARE_LENT;
    if (carries(c, sharing, component, other->component))
        return FPS__SHARE_LENT;
    /* fps__compile_owner weighs what only builds share */
    return sharing->has_builds[component] && !by_source ? FPS__SHARE_OWN : FPS__SHARE_COMMON;
}

fps__share fps__compile_share(const fps__compilation *c, const fps__sharing *sharing, uint32_t component,
                              uint64_t key, const fps__holder **other)
{
    const fps__holder *list = sharing->holders.items;
    size_t first, end;
    uint32_t how = 0;
    fps__share worst = FPS__SHARE_OWN;
    bool is_literal = fps__feature_kind_of(key) == FPS__FEATURE_LITERAL;
    fps__sharing_find(sharing, key, &first, &end);
    for (size_t i = first; i < end; i++)
        how |= list[i].component == component ? list[i].how : 0;
    for (size_t i = first; i < end && worst != FPS__SHARE_LENT; i++) {
        uint32_t rival = list[i].component;
        if (rival == FPS__NONE || rival == component ||
            c->components[rival].family == c->components[component].family)
            continue;
        /* who of two imported components owns what, was settled when their set was compiled */
        if (how & FPS__HELD_BY_IMPORT && !(list[i].how & (FPS__HELD_BY_SOURCE | FPS__HELD_BY_BUILD)))
            continue;
        /* of names and functions, fps__compile_owner settled what builds share; sources tell little of them */
        if (!is_literal && !((how | list[i].how) & (FPS__HELD_BY_IMPORT | FPS__HELD_LENT)))
            continue;
        fps__share lost = lose_to(c, sharing, component, how, &list[i]);
        if (lost == FPS__SHARE_OWN || lost == worst)
            continue;
        worst = lost;
        if (other)
            *other = &list[i];
    }
    return worst;
}
