/* sigbuild compile, third pass: who owns a shared feature, and what a feature weighs.
 *
 * False findings come from copies of gnulib, compiler runtimes, public vocabularies, ports that keep the
 * messages, and public tables. So a feature that several components hold belongs to the runtime among them,
 * else to the one that the others carry a copy of, else to all of them, with less weight for each family
 * more; and what unrelated packages hold as well counts little or nothing.
 */
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"

#include "database/set.h"
#include "util/error.h"

#include <string.h>

static bool lists_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

bool fps__compile_declares(const fps__compilation *c, uint32_t host, uint32_t copy)
{
    return lists_word(c->components[host].facts->vendors, c->components[copy].facts->id);
}

static bool is_runtime(const fps__compilation *c, uint32_t component)
{
    return c->components[component].facts->role == FPS_COMPONENT_RUNTIME;
}

/* The share of component a's features that b holds as well. */
static double contained(const fps__compilation *c, uint32_t a, uint32_t b)
{
    uint64_t total = c->components[a].feature_total;
    return total ? (double)c->overlap[(size_t)a * c->component_count + b] / (double)total : 0;
}

/* Why a holder of a shared feature does not own it. */
typedef enum loss {
    /* It owns the feature. */
    LOSS_NONE,
    /* The catalogue says that it carries a copy of the owner: the owner is found in its files. */
    LOSS_DECLARED,
    /* A good part of the owner is in it: its own files are explained by itself. */
    LOSS_LIKENESS,
} loss;

/* What `host` loses to `copy`: the catalogue says so, or a good part of the copy is in the host and the host
 * is much more than the copy. */
static loss carries(const fps__compilation *c, uint32_t host, uint32_t copy)
{
    if (fps__compile_declares(c, host, copy))
        return LOSS_DECLARED;
    if (fps__compile_declares(c, copy, host))
        return LOSS_NONE;
    double in_host = contained(c, copy, host);
    return in_host >= FPS__CARRIED_SHARE && in_host >= FPS__CARRIED_RATIO * contained(c, host, copy)
               ? LOSS_LIKENESS
               : LOSS_NONE;
}

/* What the holder at `pair` loses to the other holders [first, end). Names are not inherited: an exported
 * name that two components share is both's interface. */
static loss loss_of(const fps__compilation *c, uint64_t pair, uint64_t first, uint64_t end, bool name)
{
    uint32_t component = c->pairs[pair], family = c->components[component].family;
    loss worst = LOSS_NONE;
    for (uint64_t other = first; other < end; other++) {
        uint32_t rival = c->pairs[other];
        if (other == pair || c->components[rival].family == family)
            continue;
        loss lost = carries(c, component, rival);
        if (lost == LOSS_NONE && is_runtime(c, rival) && !is_runtime(c, component))
            lost = LOSS_LIKENESS;
        if (lost == LOSS_DECLARED)
            return lost;
        if (lost == LOSS_LIKENESS && !name)
            worst = lost;
    }
    return worst;
}

/* Marks the owners among the holders and returns the number of families that share the feature. A text of a
 * runtime that many others hold is vocabulary (names of days, errors), not the runtime's code. */
static uint32_t choose_owners(fps__compilation *c, uint64_t first, uint64_t end, bool name)
{
    uint32_t runtimes = 0, families[FPS__MAX_FAMILIES], count = 0;
    for (uint64_t p = first; p < end; p++)
        runtimes += is_runtime(c, c->pairs[p]);
    if (runtimes && !name && end - first - runtimes > FPS__RUNTIME_OTHERS)
        return FPS__MAX_FAMILIES;
    for (uint64_t p = first; p < end; p++) {
        loss lost = loss_of(c, p, first, end, name);
        if (lost == LOSS_LIKENESS)
            fps__bits_set(c->foreign, p);
        if (lost != LOSS_NONE)
            continue;
        fps__bits_set(c->owners, p);
        uint32_t family = c->components[c->pairs[p]].family, k = 0;
        while (k < count && families[k] != family)
            k++;
        if (k == count && count < FPS__MAX_FAMILIES)
            families[count++] = family;
    }
    return count;
}

/* What the text itself is worth, of FPS__WEIGHT_FULL. */
static uint32_t text_weight(const fps__corpus_feature *feature)
{
    _Static_assert(FPS__TEXT_WORTH_FULL == FPS__WEIGHT_FULL, "both are in sixteenths");
    if (fps__feature_kind_of(feature->key) != FPS__FEATURE_LITERAL || !feature->text)
        return FPS__WEIGHT_FULL;
    return fps__text_worth(feature->text, strlen(feature->text));
}

/* The weight of a feature worth `full` that `families` families and `negative` unrelated packages hold. */
static uint32_t rarity_weight(uint32_t full, uint32_t families, uint32_t negative)
{
    enum {
        FAMILIES = sizeof FPS__FAMILY_WEIGHTS / sizeof *FPS__FAMILY_WEIGHTS,
        NEGATIVES = sizeof FPS__NEGATIVE_WEIGHTS / sizeof *FPS__NEGATIVE_WEIGHTS,
    };
    if (families == 0 || families > FAMILIES || negative >= NEGATIVES)
        return 0;
    return full * FPS__FAMILY_WEIGHTS[families - 1] * FPS__NEGATIVE_WEIGHTS[negative] /
           (FPS__WEIGHT_FULL * FPS__WEIGHT_FULL);
}

uint16_t fps__compile_weight_beside(const fps__compilation *c, uint32_t feature, uint16_t weight)
{
    fps__feature_kind kind = fps__feature_kind_of(c->corpus->features[feature].key);
    if (kind != FPS__FEATURE_LITERAL && kind != FPS__FEATURE_NAME && kind != FPS__FEATURE_FUNCTION)
        return weight;
    /* the imported weight counts unrelated files already, and maybe the same ones */
    uint32_t most =
        rarity_weight(FPS__WEIGHT_FULL, 1, fps__compile_unrelated(c, c->corpus->features[feature].key));
    return (uint16_t)(weight < most ? weight : most);
}

/* True when `against` holds the key for other families only: it stays with its owner there. */
static bool owned_elsewhere(const fps__compilation *c, uint32_t feature, uint64_t first, uint64_t end)
{
    const fps_database *against = c->options->against;
    uint32_t posting =
        against ? fps__database_probe_one(against, c->corpus->features[feature].key) : FPS__NONE;
    if (posting == FPS__NONE)
        return false;
    for (uint32_t i = 0; i < fps__database_posting_size(against, posting); i++) {
        fps__set_entry entry;
        fps__set_component owner;
        if (!fps__database_entry(against, posting, i, &entry) ||
            !fps__database_component(against, entry.component, &owner))
            continue;
        for (uint64_t p = first; p < end; p++) {
            const fps__corpus_component *facts = c->components[c->pairs[p]].facts;
            if (strcmp(facts->id, owner.id) == 0 ||
                (*owner.family && strcmp(facts->family, owner.family) == 0))
                return false;
        }
    }
    return true;
}

fps_status fps__compile_owner(fps__compilation *c, fps_error *error)
{
    uint32_t features = c->corpus->feature_count;
    uint64_t pairs = c->pair_start[features];
    c->owners = fps__arena_array(c->arena, fps__bits_words(pairs) + 1, sizeof *c->owners);
    c->foreign = fps__arena_array(c->arena, fps__bits_words(pairs) + 1, sizeof *c->foreign);
    c->weight = fps__arena_array(c->arena, (size_t)features + 1, sizeof *c->weight);
    if (!c->owners || !c->foreign || !c->weight)
        return fps__fail_memory(error);
    for (uint32_t f = 0; f < features; f++) {
        uint64_t first = c->pair_start[f], end = c->pair_start[f + 1];
        if (first == end || end - first > FPS__MAX_HOLDERS || owned_elsewhere(c, f, first, end))
            continue;
        bool name = fps__feature_kind_of(c->corpus->features[f].key) == FPS__FEATURE_NAME;
        uint32_t families = choose_owners(c, first, end, name);
        c->weight[f] =
            (uint16_t)rarity_weight(text_weight(&c->corpus->features[f]), families, c->negative[f]);
        if (!c->weight[f] && c->options->dropped_features)
            ++*c->options->dropped_features;
    }
    return FPS_OK;
}
