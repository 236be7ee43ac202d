/* Parses any bytes as rules, and runs each expression over the text itself.
 *
 * Reaches: fps__expression_search
 */
#include "match/rules_text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    fps__rule_array rules = {0};
    fps__arena arena = {0};
    fps__expression_scratch scratch = {0};
    if (fps__rules_parse(&rules, &arena, text, size, NULL) == FPS_OK) {
        size_t length = size < FPS__MAX_EXPRESSION_INPUT ? size : FPS__MAX_EXPRESSION_INPUT;
        fps__expression_input input = {text, length, true, length == size};
        for (size_t i = 0; i < rules.count && i < 16; i++) {
            fps__expression_match match;
            if (fps__expression_search(rules.items[i].expression, &scratch, &input, &match) != FPS_OK)
                continue;
            if (match.start + match.length > length || match.version_start + match.version_length > length)
                __builtin_trap();
        }
    }
    fps__expression_scratch_clear(&scratch);
    fps__rules_clear(&rules);
    fps__arena_free(&arena);
    return 0;
}
