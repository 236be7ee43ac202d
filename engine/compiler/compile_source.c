/* sigbuild compile: what is known of components from their sources alone.
 *
 * Builds are of a few releases, one system and one configuration. What a component's other releases and files hold, its release
 * history tells: a component is found by the texts of its sources that none of its builds has, and one without a build by all of
 * them. Their units are the source files. Of the releases a few that are spread over the history stand for all; which release it
 * is, the history tells (match/match_history.c).
 *
 * Nobody compiled these texts, so nothing shows what a build of them shares with others. A component gets only what is its own: a
 * text that no other component holds, neither in a build nor in its sources, but those that carry a copy of it (compile_share.c)
 * and those of its family. What it shares with the family is its own as well, for else a fork would pass for its origin: of two
 * that hold the same, the one that explains more of an object takes it (match/match.c). Beside builds, only sentences
 * count, and only those that nobody else holds in any way: single words of sources are often public names, such as those of
 * OpenGL's extensions, and a file that has moved to another component takes its texts along.
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

/* Says a key of the component, and marks its releases: `unit` is the name of its unit. */
static void add_key(sourcing *now, uint64_t key, const char *unit, fps__unit_kind kind, uint32_t weight,
                    const fps__release_bits *bits)
{
    fps__set_entry entry = {.component = now->component, .weight = (uint16_t)weight};
    entry.unit = fps__sink_unit(
        now->sink, &(fps__set_unit){.component = now->component, .name = unit, .code = false, .kind = kind});
    entry.any = entry.all = fps__sink_bit_set(now->sink, bits->words, FPS__RELEASE_WORDS);
    fps__sink_add_entry(now->sink, key, &entry);
    fps__compile_component *component = &now->c->components[now->component];
    for (uint32_t r = 0; r < component->release_count; r++)
        component->from_sources[r] |= r < FPS__MAX_RELEASES && fps__bits_has(bits->words, r);
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

/* True when a member of the component's family has the literal; `built`: one of those with builds, else one without. */
static bool is_relatives(const sourcing *now, uint64_t key, bool built)
{
    const fps__sharing *sharing = now->c->sharing;
    size_t first, end;
    fps__sharing_find(sharing, key, &first, &end);
    for (size_t i = first; i < end; i++) {
        uint32_t member = sharing->holders.items[i].component;
        if (member != FPS__NONE && member != now->component && sharing->has_builds[member] == built &&
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

/* Says a text of a component without builds. */
static void add_text(sourcing *now, const fps__corpus_history_text *text, uint64_t key, uint32_t worth)
{
    const char *file = fps__compile_source_file(now->history, text);
    fps__release_bits bits;
    if (file && read_releases(now, text->releases, &bits) && is_own(now, key))
        add_key(now, key, file, FPS__UNIT_SOURCE, worth, &bits);
    else if (is_relatives(now, key, true))
        add_explanation(now, key, worth);
}

/* Says a text that no build of the component has. What its forks took from it explains its files as it does theirs, or else the
 * forks would pass for it, and is no evidence of either. */
static void add_text_beside_builds(sourcing *now, const fps__corpus_history_text *text, uint64_t key,
                                   uint32_t worth)
{
    const char *file = fps__compile_source_file(now->history, text);
    fps__release_bits bits;
    if (has_build_entry(now, key))
        return;
    if (is_relatives(now, key, false))
        add_explanation(now, key, worth);
    else if (file && worth == FPS__TEXT_WORTH_FULL && !is_relatives(now, key, true) &&
             read_releases(now, text->releases, &bits) && is_nobody_elses(now, key))
        add_key(now, key, file, FPS__UNIT_SOURCE, worth, &bits);
}

static void add_texts(sourcing *now, bool built)
{
    for (uint32_t t = 0; t < now->history->text_count; t++) {
        const fps__corpus_history_text *text = &now->history->texts[t];
        uint32_t worth = fps__compile_source_worth(text);
        uint64_t key = fps__feature_key(text->hash, FPS__FEATURE_LITERAL);
        if (worth && built)
            add_text_beside_builds(now, text, key, worth);
        else if (worth)
            add_text(now, text, key, worth);
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

static bool add_component(sourcing *now, fps__arena *scratch)
{
    fps__compile_component *component = &now->c->components[now->component];
    bool built = now->c->sharing->has_builds[now->component];
    component->from_sources =
        fps__arena_array(now->c->arena, (size_t)component->release_count + 1, sizeof(bool));
    if (!component->from_sources || !choose_releases(now, scratch))
        return false;
    add_texts(now, built);
    if (!built)
        add_names(now);
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
        if (now.component != FPS__NONE && fps__compile_is_whole_history(now.history))
            good = add_component(&now, &scratch);
    }
    fps__arena_free(&scratch);
    return good ? fps__sink_status(sink, error) : fps__fail_memory(error);
}
