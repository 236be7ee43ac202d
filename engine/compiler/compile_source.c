/* sigbuild compile: components that are known from their sources alone.
 *
 * A component with a release history and no build is found by the texts of its sources. Its units are the source files. Of
 * its releases a few that are spread over the history stand for all; which release it is, the history tells
 * (match/match_history.c).
 *
 * Nobody compiled it, so nothing shows what a build of it shares with others. It gets only what is its own: a text or name
 * that no other component holds, neither in a build nor in its sources, but those of its family. What it shares with
 * these is its own as well, for else a fork would pass for its origin: of two that hold the same, the one that explains more
 * of an object takes it (match/match.c).
 */
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"
#include "database/layout.h"

#include "feature/text_worth.h"
#include "util/error.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_UNIT_NAME = 120 }; /* bytes of a component's id in the name of a unit */

/* What a set stores of a key, and the family of the component that holds it. Same keys stand together. */
typedef struct holder {
    uint64_t key;
    uint32_t family;
} holder;

typedef struct sourcing {
    fps__compilation *c;
    fps__compile_sink *sink;
    FPS__ARRAY(holder) holders;
    bool *known; /* by component: builds or an imported set say what is in it */
    /* Of the history in hand: */
    const fps__corpus_history *history;
    uint32_t component;
    /* The release of the component for each of the history; FPS__NONE for those that do not stand for others. */
    uint32_t *release;
} sourcing;

static int compare_holders(const void *a, const void *b)
{
    const holder *left = a, *right = b;
    return left->key != right->key ? FPS__COMPARE(left->key, right->key)
                                   : FPS__COMPARE(left->family, right->family);
}

static fps_status add_holder(sourcing *now, uint64_t key, uint32_t component)
{
    const holder made = {fps__layout_stored_key(key),
                         component == FPS__NONE ? FPS__NONE : now->c->components[component].family};
    return FPS__ARRAY_PUSH(&now->holders, &made, UINT32_MAX);
}

static bool is_wanted(uint64_t key)
{
    fps__feature_kind kind = fps__feature_kind_of(key);
    return kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_NAME;
}

/* Who holds which text or name: builds, imported sets, unrelated files (no family), sources. */
static fps_status gather_holders(sourcing *now)
{
    const fps__compilation *c = now->c;
    const fps__corpus *corpus = c->corpus;
    fps_status status = FPS_OK;
    for (uint32_t f = 0; f < corpus->feature_count && !status; f++) {
        uint64_t key = corpus->features[f].key;
        for (uint64_t p = c->pair_start[f]; p < c->pair_start[f + 1] && is_wanted(key) && !status; p++)
            status = add_holder(now, key, c->pairs[p]);
        if (!status && is_wanted(key) && c->negative[f])
            status = add_holder(now, key, FPS__NONE);
    }
    for (uint32_t g = 0; g < corpus->group_count && !status; g++) {
        const fps__corpus_group *group = &corpus->groups[g];
        uint32_t component = fps__compile_find_component(c, group->component);
        for (uint32_t i = 0; i < group->feature_count && !status; i++)
            if (is_wanted(corpus->features[group->features[i]].key))
                status = add_holder(now, corpus->features[group->features[i]].key, component);
    }
    for (uint32_t h = 0; h < corpus->history_count && !status; h++) {
        const fps__corpus_history *history = &corpus->histories[h];
        uint32_t component = fps__compile_find_component(c, history->component);
        for (uint32_t t = 0; t < history->text_count && !status; t++)
            status =
                add_holder(now, fps__feature_key(history->texts[t].hash, FPS__FEATURE_LITERAL), component);
        for (uint32_t n = 0; n < history->name_count && !status; n++)
            status = add_holder(now, fps__feature_key(history->names[n].hash, FPS__FEATURE_NAME), component);
    }
    if (!status && now->holders.count)
        qsort(now->holders.items, now->holders.count, sizeof *now->holders.items, compare_holders);
    return status;
}

/* True when no component of another family holds the key, and no unrelated file. */
static bool is_own(const sourcing *now, uint64_t key)
{
    uint32_t family = now->c->components[now->component].family;
    const holder *list = now->holders.items;
    size_t at;
    key = fps__layout_stored_key(key);
    FPS__LOWER_BOUND(at, now->holders.count, i, list[i].key < key);
    for (; at < now->holders.count && list[at].key == key; at++)
        if (list[at].family != family)
            return false;
    return true;
}

/* ---- releases ---- */

/* Chooses the releases that stand for all: the newest, and others in even steps back over three quarters of the history. */
static bool choose_releases(sourcing *now, fps__arena *scratch)
{
    uint32_t count = now->history->release_count, span = count - count / 4;
    uint32_t step = span / FPS__SOURCE_RELEASES ? span / FPS__SOURCE_RELEASES : 1;
    now->release = fps__arena_array(scratch, (size_t)count + 1, sizeof *now->release);
    for (uint32_t r = 0; now->release && r < count; r++) {
        uint32_t back = count - 1 - r;
        bool stands = back % step == 0 && back / step < FPS__SOURCE_RELEASES;
        now->release[r] =
            stands ? fps__compile_find_release(&now->c->components[now->component], now->history->versions[r])
                   : FPS__NONE;
    }
    return now->release != NULL;
}

/* The chosen releases in a list of the history. False when there is none. */
static bool read_releases(const sourcing *now, uint32_t list, fps__release_bits *bits)
{
    fps__corpus_list ranges = now->history->lists[list];
    bool any = false;
    *bits = (fps__release_bits){{0}};
    for (uint32_t i = 0; i < ranges.count; i++) {
        fps__corpus_range range = now->history->ranges[ranges.first + i];
        for (uint32_t r = range.first; r <= range.last && r < now->history->release_count; r++) {
            if (now->release[r] >= FPS__MAX_RELEASES)
                continue;
            fps__bits_set(bits->words, now->release[r]);
            any = true;
        }
    }
    return any;
}

/* ---- texts and names ---- */

/* Says a key of the component: `unit` is the name of its unit. */
static void add_key(sourcing *now, uint64_t key, const char *unit, fps__unit_kind kind, uint32_t weight,
                    const fps__release_bits *bits)
{
    fps__set_entry entry = {.component = now->component, .weight = (uint16_t)weight};
    entry.unit = fps__sink_unit(
        now->sink, &(fps__set_unit){.component = now->component, .name = unit, .code = false, .kind = kind});
    entry.any = entry.all = fps__sink_bit_set(now->sink, bits->words, FPS__RELEASE_WORDS);
    fps__sink_add_entry(now->sink, key, &entry);
}

/* What a text is worth, of FPS__WEIGHT_FULL; 0 for one that is no text of a person's. */
static uint32_t worth_of(const fps__corpus_history_text *text)
{
    if (!(text->text_class & FPS__CORPUS_TEXT_LETTERS))
        return 0;
    if (text->text_class & FPS__CORPUS_TEXT_WORDS)
        return FPS__TEXT_WORTH_FULL;
    return text->length >= FPS__HISTORY_LENGTH ? FPS__TEXT_WORTH_SHORT : 0;
}

static void add_texts(sourcing *now)
{
    for (uint32_t t = 0; t < now->history->text_count; t++) {
        const fps__corpus_history_text *text = &now->history->texts[t];
        uint64_t key = fps__feature_key(text->hash, FPS__FEATURE_LITERAL);
        fps__corpus_list units = now->history->lists[text->units];
        uint32_t unit = units.count ? now->history->ranges[units.first].first : UINT32_MAX;
        fps__release_bits bits;
        if (worth_of(text) && unit < now->history->unit_count && *now->history->units[unit] &&
            read_releases(now, text->releases, &bits) && is_own(now, key))
            add_key(now, key, now->history->units[unit], FPS__UNIT_OTHER, worth_of(text), &bits);
    }
}

/* The functions that headers declare are no evidence: sources bring other people's headers along. But what a function of the
 * component returns can be its version. */
static void add_names(sourcing *now)
{
    char unit[MAX_UNIT_NAME + 2];
    snprintf(unit, sizeof unit, "%.*s!", MAX_UNIT_NAME, now->history->component);
    for (uint32_t n = 0; n < now->history->name_count; n++) {
        uint64_t key = fps__feature_key(now->history->names[n].hash, FPS__FEATURE_NAME);
        fps__release_bits bits;
        if (read_releases(now, now->history->names[n].releases, &bits) && is_own(now, key))
            add_key(now, key, unit, FPS__UNIT_NAMES, 0, &bits);
    }
}

static bool mark_known(sourcing *now)
{
    const fps__compilation *c = now->c;
    now->known = calloc((size_t)c->component_count + 1, sizeof *now->known);
    for (uint32_t i = 0; now->known && i < c->component_count; i++)
        now->known[i] = c->components[i].builds.count > 0;
    for (uint32_t g = 0; now->known && g < c->corpus->group_count; g++) {
        uint32_t component = fps__compile_find_component(c, c->corpus->groups[g].component);
        if (component != FPS__NONE)
            now->known[component] = true;
    }
    return now->known != NULL;
}

/* Marks the releases that stand for all, as those of builds are marked. */
static void mark_releases(const sourcing *now)
{
    bool *marks = now->c->components[now->component].from_sources;
    for (uint32_t r = 0; r < now->history->release_count; r++)
        if (now->release[r] != FPS__NONE)
            marks[now->release[r]] = true;
}

static bool add_component(sourcing *now, fps__arena *scratch)
{
    fps__compile_component *component = &now->c->components[now->component];
    component->from_sources =
        fps__arena_array(now->c->arena, (size_t)component->release_count + 1, sizeof(bool));
    if (!component->from_sources || !choose_releases(now, scratch))
        return false;
    add_texts(now);
    add_names(now);
    mark_releases(now);
    fps__arena_reset(scratch);
    return true;
}

fps_status fps__compile_sources(fps__compilation *c, fps__compile_sink *sink, fps_error *error)
{
    sourcing now = {.c = c, .sink = sink};
    fps__arena scratch = {0};
    fps_status status = FPS_OK;
    bool any = false, good = mark_known(&now);
    for (uint32_t h = 0; h < c->corpus->history_count && good && !status; h++) {
        now.history = &c->corpus->histories[h];
        now.component = fps__compile_find_component(c, now.history->component);
        if (now.component == FPS__NONE || now.known[now.component])
            continue;
        if (!any)
            status = gather_holders(&now);
        any = true;
        good = status || add_component(&now, &scratch);
    }
    free(now.holders.items);
    free(now.known);
    fps__arena_free(&scratch);
    return status || !good ? fps__fail_memory(error) : fps__sink_status(sink, error);
}
