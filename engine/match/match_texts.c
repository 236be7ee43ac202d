/* Whether the texts of a component are used by the object's code, or only lie there. */
#include "match/match_internal.h"

#include "code/references.h"
#include "util/search.h"

#include <stdlib.h>

typedef struct text_uses {
    FPS__ARRAY(uint64_t) addresses; /* of the candidate's literals, ascending, each once */
    FPS__ARRAY(uint64_t) used;      /* bit by address */
} text_uses;

static int compare_addresses(const void *left, const void *right)
{
    return FPS__COMPARE(*(const uint64_t *)left, *(const uint64_t *)right);
}

/* Lists where the candidate's literals lie. False without memory. */
static bool list_addresses(text_uses *uses, const fps__match_scratch *s, const fps__features *features,
                           const fps__candidate *c)
{
    size_t kept = 0;
    for (size_t i = c->first; i < c->end; i++) {
        const fps__hit *hit = &s->hits.items[i];
        uint64_t address = features->items[hit->feature].address;
        if (hit->kind == FPS__FEATURE_LITERAL && !hit->discounted && address &&
            FPS__ARRAY_PUSH(&uses->addresses, &address, SIZE_MAX / sizeof address) != FPS_OK)
            return false;
    }
    uint64_t *items = uses->addresses.items;
    if (uses->addresses.count)
        qsort(items, uses->addresses.count, sizeof *items, compare_addresses);
    for (size_t i = 0; i < uses->addresses.count; i++)
        if (!kept || items[kept - 1] != items[i])
            items[kept++] = items[i];
    uses->addresses.count = kept;
    size_t words = fps__bits_words(kept);
    if (FPS__ARRAY_RESERVE(&uses->used, words, SIZE_MAX / sizeof *uses->used.items) != FPS_OK)
        return false;
    if (words)
        memset(uses->used.items, 0, words * sizeof *uses->used.items);
    return true;
}

static void mark_used(void *user, uint64_t address)
{
    text_uses *uses = user;
    size_t at;
    FPS__LOWER_BOUND(at, uses->addresses.count, i, uses->addresses.items[i] < address);
    if (at < uses->addresses.count && uses->addresses.items[at] == address)
        fps__bits_set(uses->used.items, at);
}

/* Executable bytes of the object, whatever its machine. */
static uint64_t code_size(const fps_object *object)
{
    uint64_t size = 0;
    for (size_t i = 0; i < fps_object_region_count(object); i++)
        size += fps_object_region(object, i)->executable ? fps_object_region(object, i)->size : 0;
    return size;
}

/* True for texts that are a small part of a built component, with nothing else of it, and of which code uses a share of `used`,
 * hardly any. */
static bool are_a_table(const fps__match_scratch *s, const fps__candidate *c, double used)
{
    const fps__hit *hit = fps__match_main_hit(s->hits.items, c->first, c->end);
    return c->texts.names <= 0 && c->rule_worth <= 0 && !c->code.admitting &&
           !fps__match_is_known_by_sources(s, c) &&
           fps__texts_are_a_table(used, fps__match_part(s->matcher, hit, c->texts.found, false), c->share);
}

static bool is_unused(text_uses *uses, const fps__match_scratch *s, const fps__match_input *input,
                      const fps__candidate *c)
{
    size_t count = uses->addresses.count;
    if (!count)
        return false;
    if (!fps__code_references(input->object, input->data, input->size, uses->addresses.items[0],
                              uses->addresses.items[count - 1] + 1, mark_used, uses))
        return fps__code_is_too_small(count, code_size(input->object));
    size_t used = fps__bits_count(uses->used.items, fps__bits_words(count));
    return fps__texts_are_unused(count, used) || are_a_table(s, c, (double)used / (double)count);
}

bool fps__match_has_texts_only(const fps__match_scratch *scratch, const fps__match_input *input,
                               const fps__candidate *c)
{
    text_uses uses = {.addresses = {NULL, 0, 0}};
    if (!input->object || c->texts.exports || c->texts.literal_count < FPS__TEXTS_TOLD ||
        c->code.admitting >= FPS__SENTENCES_FUNCTIONS)
        return false;
    bool unused = list_addresses(&uses, scratch, input->features, c) && is_unused(&uses, scratch, input, c);
    free(uses.addresses.items);
    free(uses.used.items);
    return unused;
}
