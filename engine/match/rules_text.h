/* The text of rules, parsed: one entry a stanza. */
#ifndef FPS_MATCH_RULES_TEXT_H
#define FPS_MATCH_RULES_TEXT_H

#include "match/rules.h"
#include "match/rules_expression.h"
#include "util/arena.h"
#include "util/array.h"

typedef struct fps__rule {
    const char *name, *component, *match; /* in the arena of the rules */
    fps__rule_effect effect;
    uint32_t needs;
    uint32_t line; /* where its stanza starts, from 1 */
    fps__expression *expression;
} fps__rule;

typedef FPS__ARRAY(fps__rule) fps__rule_array;

/* Parses `size` bytes of rule text. On failure the message holds the line and `rules` is empty.
 * FPS_ERROR_FORMAT for a fault in the text, FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__rules_parse(fps__rule_array *rules, fps__arena *arena, const char *text, size_t size,
                            fps_error *error);
void fps__rules_clear(fps__rule_array *rules);

#endif
