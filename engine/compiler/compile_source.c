/* sigbuild compile: components that are known from their sources alone.
 *
 * A component with a release history and no build is found by the texts of its sources. Its units are the source files. Of
 * its releases a few that are spread over the history stand for all; which release it is, the history tells
 * (match/match_history.c).
 *
 * Nobody compiled it, so nothing shows what a build of it shares with others. It gets only what is its own: a text that no
 * other component holds, neither in a build nor in its sources, but those that carry a copy of it (compile_share.c) and those of
 * its family. What it shares with the family is its own as well, for else a fork would pass for its origin: of two that hold
 * the same, the one that explains more of an object takes it (match/match.c).
 */
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"
#include "compiler/compile_share.h"

#include "feature/text_worth.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_UNIT_NAME = 120 }; /* bytes of a component's id in the name of a unit */

typedef struct sourcing {
    fps__compilation *c;
    fps__compile_sink *sink;
    /* Of the history in hand: */
    const fps__corpus_history *history;
    uint32_t component;
    /* The release of the component for each of the history; FPS__NONE for those that do not stand for others. */
    uint32_t *release;
} sourcing;

/* True when no component of another family holds the key, and no unrelated file. */
static bool is_nobody_elses(const sourcing *now, uint64_t key)
{
    const fps__sharing *sharing = now->c->sharing;
    size_t first, end;
    fps__sharing_find(sharing, key, &first, &end);
    for (size_t i = first; i < end; i++) {
        uint32_t component = sharing->holders.items[i].component;
        if (component == FPS__NONE ||
            now->c->components[component].family != now->c->components[now->component].family)
            return false;
    }
    return true;
}

/* True for a literal that no unrelated file holds, and of other components' only those that carry a copy of this one. */
static bool is_own(const sourcing *now, uint64_t key)
{
    const fps__sharing *sharing = now->c->sharing;
    size_t first, end;
    fps__sharing_find(sharing, key, &first, &end);
    /* NONE stands behind all components */
    return (first == end || sharing->holders.items[end - 1].component != FPS__NONE) &&
           fps__compile_share(now->c, sharing, now->component, key, NULL) == FPS__SHARE_OWN;
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

const char *fps__compile_source_file(const fps__corpus_history *history, const fps__corpus_history_text *text)
{
    fps__corpus_list ranges = history->lists[text->units];
    for (uint32_t i = 0; i < ranges.count; i++) {
        fps__corpus_range range = history->ranges[ranges.first + i];
        for (uint32_t u = range.first; u <= range.last && u < history->unit_count; u++)
            if (fps__compile_is_source_file(history->units[u]))
                return history->units[u];
    }
    return NULL;
}

uint32_t fps__compile_source_worth(const fps__corpus_history_text *text)
{
    if (!(text->text_class & FPS__CORPUS_TEXT_LETTERS))
        return 0;
    if (text->text_class & FPS__CORPUS_TEXT_WORDS)
        return FPS__TEXT_WORTH_FULL;
    return text->length >= FPS__HISTORY_LENGTH ? FPS__TEXT_WORTH_SHORT : 0;
}

/* True when a member of the component's family, of those with builds or those without, has the literal. */
static bool is_relatives(const sourcing *now, uint64_t key, bool with_builds)
{
    const fps__sharing *sharing = now->c->sharing;
    size_t first, end;
    fps__sharing_find(sharing, key, &first, &end);
    for (size_t i = first; i < end; i++) {
        uint32_t member = sharing->holders.items[i].component;
        if (member != FPS__NONE && member != now->component && sharing->has_builds[member] == with_builds &&
            now->c->components[member].family == now->c->components[now->component].family)
            return true;
    }
    return false;
}

/* Says a literal that explains the component's files and is no evidence of it. */
static void add_explanation(sourcing *now, uint64_t key, uint32_t weight)
{
    static const uint64_t none[1] = {0};
    fps__set_entry entry = {.component = now->component,
                            .unit = FPS__NONE,
                            .weight = (uint16_t)weight,
                            .flags = FPS__ENTRY_FOREIGN};
    entry.any = entry.all = fps__sink_bit_set(now->sink, none, 1);
    fps__sink_add_entry(now->sink, key, &entry);
}

static void add_texts(sourcing *now)
{
    for (uint32_t t = 0; t < now->history->text_count; t++) {
        const fps__corpus_history_text *text = &now->history->texts[t];
        uint64_t key = fps__feature_key(text->hash, FPS__FEATURE_LITERAL);
        const char *file = fps__compile_source_file(now->history, text);
        fps__release_bits bits;
        if (!fps__compile_source_worth(text))
            continue;
        if (file && read_releases(now, text->releases, &bits) && is_own(now, key))
            add_key(now, key, file, FPS__UNIT_OTHER, fps__compile_source_worth(text), &bits);
        else if (is_relatives(now, key, true))
            add_explanation(now, key, fps__compile_source_worth(text));
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
        if (read_releases(now, now->history->names[n].releases, &bits) && is_nobody_elses(now, key))
            add_key(now, key, unit, FPS__UNIT_NAMES, 0, &bits);
    }
}

static bool has_build_entry(const sourcing *now, uint64_t key)
{
    const fps__sharing *sharing = now->c->sharing;
    size_t first, end;
    fps__sharing_find(sharing, key, &first, &end);
    for (size_t i = first; i < end; i++)
        if (sharing->holders.items[i].component == now->component)
            return (sharing->holders.items[i].how & ~(uint32_t)FPS__HELD_BY_SOURCE) != 0;
    return false;
}

/* A component whose builds are of few releases has in other releases' sources what its forks took from there. It explains
 * these literals as the forks do, or else the forks would pass for it. They are no evidence of it. */
static void add_shared_with_relatives(sourcing *now)
{
    for (uint32_t t = 0; t < now->history->text_count; t++) {
        const fps__corpus_history_text *text = &now->history->texts[t];
        uint64_t key = fps__feature_key(text->hash, FPS__FEATURE_LITERAL);
        if (!fps__compile_source_worth(text) || !is_relatives(now, key, false) || has_build_entry(now, key))
            continue;
        add_explanation(now, key, fps__compile_source_worth(text));
    }
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
    bool good = true;
    for (uint32_t h = 0; h < c->corpus->history_count && good; h++) {
        now.history = &c->corpus->histories[h];
        now.component = fps__compile_find_component(c, now.history->component);
        if (now.component == FPS__NONE || !fps__compile_is_whole_history(now.history))
            continue;
        if (c->sharing->has_builds[now.component])
            add_shared_with_relatives(&now);
        else
            good = add_component(&now, &scratch);
    }
    fps__arena_free(&scratch);
    return good ? fps__sink_status(sink, error) : fps__fail_memory(error);
}
