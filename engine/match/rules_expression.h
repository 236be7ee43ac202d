/* A small regular expression for rules: finds one match in a literal and cuts out the group named "version".
 *
 * Vectorscan finds candidates fast but has no groups, and the C library's matcher depends on the locale and
 * locks. This one understands the subset that rules need: bytes, escapes (\d \w \s \t \n \r \xHH and escaped
 * punctuation), [classes], the dot, ( ), (?: ), (?<version> ), |, ^, $ and the quantifiers ? * + {m} {m,}
 * {m,n}, each also lazy with a further ?. Time is bounded by instructions times bytes: each pair is tried
 * once (the "bit state" search of RE2).
 */
#ifndef FPS_MATCH_RULES_EXPRESSION_H
#define FPS_MATCH_RULES_EXPRESSION_H

#include <fpscan/status.h>
#include <stdbool.h>

#define FPS__MAX_EXPRESSION_TEXT  1024 /* bytes of an expression */
#define FPS__MAX_EXPRESSION_INPUT 1024 /* bytes of one searched text */

typedef struct fps__expression fps__expression;

/* One per thread; zero is ready for use. */
typedef struct fps__expression_scratch {
    uint64_t *visited; /* one bit for each pair of instruction and position */
    size_t visited_words;
    struct fps__expression_branch *stack;
    size_t depth, capacity;
} fps__expression_scratch;

typedef struct fps__expression_input {
    const char *text;      /* any bytes */
    size_t length;         /* at most FPS__MAX_EXPRESSION_INPUT, else FPS_ERROR_ARGUMENT */
    bool is_start, is_end; /* ^ holds before the first byte, $ behind the last */
} fps__expression_input;

typedef struct fps__expression_match {
    uint32_t start, length;                 /* in the input, bytes */
    uint32_t version_start, version_length; /* length 0 when the group took no part */
} fps__expression_match;

/* Compiles `length` bytes. FPS_ERROR_FORMAT names the first fault and its offset; FPS_ERROR_LIMIT: too long,
 * too deep or too large once repeats are written out; FPS_ERROR_MEMORY. */
fps_status fps__expression_compile(fps__expression **expression, const char *text, size_t length,
                                   fps_error *error);
void fps__expression_free(fps__expression *expression);
bool fps__expression_has_version(const fps__expression *expression);

/* Finds the leftmost match, quantifiers deciding its length as in Perl. FPS_OK; FPS_ERROR_NOT_FOUND;
 * FPS_ERROR_MEMORY. The expression may be shared by threads, the scratch not. */
fps_status fps__expression_search(const fps__expression *expression, fps__expression_scratch *scratch,
                                  const fps__expression_input *input, fps__expression_match *match);
void fps__expression_scratch_clear(fps__expression_scratch *scratch);

#endif
