/* The evidence of a finding: which features, at which offsets, best first. */
#include "match/match_internal.h"

#include "util/search.h"

#include <stdlib.h>
#include <string.h>

enum {
    EVIDENCE_KEPT = 64, /* items, unless all are asked for */
    MAX_TEXT = 200,     /* bytes of target text in an item */
};

const char *fps__match_text(fps__arena *arena, const char *text, size_t length)
{
    static const char hexadecimal[] = "0123456789abcdef";
    size_t taken = length < MAX_TEXT ? length : MAX_TEXT, used = 0;
    char *copy = fps__arena_alloc(arena, taken * 4 + 1);
    for (size_t i = 0; copy && i < taken; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c <= 0x7e) {
            copy[used++] = (char)c;
        } else if (c == '\n' || c == '\t') {
            copy[used++] = '\\';
            copy[used++] = c == '\n' ? 'n' : 't';
        } else {
            copy[used++] = '\\';
            copy[used++] = 'x';
            copy[used++] = hexadecimal[c >> 4];
            copy[used++] = hexadecimal[c & 15];
        }
    }
    return copy;
}

static fps_evidence_kind evidence_kind(fps__feature_kind kind)
{
    switch (kind) {
    case FPS__FEATURE_NAME:
        return FPS_EVIDENCE_NAME;
    case FPS__FEATURE_USE:
        return FPS_EVIDENCE_USE;
    case FPS__FEATURE_TEMPLATE:
        return FPS_EVIDENCE_TEMPLATE;
    case FPS__FEATURE_EXACT:
        return FPS_EVIDENCE_EXACT;
    case FPS__FEATURE_FUNCTION:
        return FPS_EVIDENCE_FUNCTION;
    default:
        return FPS_EVIDENCE_LITERAL;
    }
}

typedef struct item {
    const fps__hit *hit;
    const fps__feature *feature;
} item;

/* Heaviest first, uses last; then by position, so that the order does not depend on anything else. */
static int compare_items(const void *a, const void *b)
{
    const item *left = a, *right = b;
    bool left_use = left->hit->kind == FPS__FEATURE_USE, right_use = right->hit->kind == FPS__FEATURE_USE;
    if (left_use != right_use)
        return left_use ? 1 : -1;
    if (left->hit->weight != right->hit->weight)
        return FPS__COMPARE(right->hit->weight, left->hit->weight);
    if (left->feature->instructions != right->feature->instructions)
        return FPS__COMPARE(right->feature->instructions, left->feature->instructions);
    if (left->feature->offset != right->feature->offset)
        return FPS__COMPARE(left->feature->offset, right->feature->offset);
    if (left->hit->feature != right->hit->feature)
        return FPS__COMPARE(left->hit->feature, right->hit->feature);
    return FPS__COMPARE(left->hit->unit, right->hit->unit);
}

static size_t list_items(const fps__match_scratch *s, const fps__match_input *input, const fps__candidate *c,
                         item *list)
{
    size_t count = 0;
    for (size_t i = c->first; i < c->end; i++) {
        const fps__hit *hit = &s->hits.items[i];
        if (hit->discounted || (i > c->first && hit->feature == hit[-1].feature))
            continue;
        list[count++] = (item){hit, &input->features->items[hit->feature]};
    }
    if (count)
        qsort(list, count, sizeof *list, compare_items);
    return count;
}

fps_status fps__match_evidence(const fps__matcher *matcher, const fps__match_scratch *s,
                               const fps__match_input *input, const fps__candidate *c, fps__arena *arena,
                               fps_finding *finding)
{
    item *list = malloc((c->end - c->first + 1) * sizeof *list);
    if (!list)
        return FPS_ERROR_MEMORY;
    size_t count = list_items(s, input, c, list);
    finding->evidence_total = count;
    size_t kept = input->all_evidence || count < EVIDENCE_KEPT ? count : EVIDENCE_KEPT;
    fps_evidence *evidence = fps__arena_array(arena, kept + 1, sizeof *evidence);
    for (size_t i = 0; evidence && i < kept; i++) {
        const fps__feature *feature = list[i].feature;
        fps__set_unit unit;
        bool has_unit =
            list[i].hit->unit != FPS__NONE &&
            fps__database_unit(matcher->sets[list[i].hit->set].database, list[i].hit->unit, &unit);
        evidence[i] = (fps_evidence){.kind = evidence_kind(list[i].hit->kind),
                                     .offset = feature->offset,
                                     .address = feature->address,
                                     .weight = fps__entry_weight(list[i].hit->weight),
                                     .text = fps__match_text(arena, feature->text, feature->length),
                                     .unit = has_unit ? unit.name : "",
                                     .instructions = feature->instructions,
                                     .size = feature->size};
        if (!evidence[i].text)
            evidence = NULL;
    }
    free(list);
    finding->evidence = evidence;
    finding->evidence_count = kept;
    return evidence ? FPS_OK : FPS_ERROR_MEMORY;
}
