/* Keys of features: how the hash of a text becomes a key of its kind. */
#include "feature/feature.h"

#include <xxhash.h>

uint32_t fps__feature_parameters(fps__feature_kind kind)
{
    static const uint32_t parameters[FPS__FEATURE_KINDS] = {
        [FPS__FEATURE_LITERAL] = 3,  [FPS__FEATURE_NAME] = 2,  [FPS__FEATURE_USE] = 1,
        [FPS__FEATURE_TEMPLATE] = 2, [FPS__FEATURE_EXACT] = 1, [FPS__FEATURE_FUNCTION] = 1,
        [FPS__FEATURE_CONTENT] = 1,
    };
    return (unsigned)kind < FPS__FEATURE_KINDS ? parameters[kind] : 0;
}

uint64_t fps__feature_literal_key(const char *text, size_t length)
{
    return fps__feature_key(XXH3_64bits(text, length), FPS__FEATURE_LITERAL);
}

uint64_t fps__feature_name_key(char class_letter, const char *text, size_t length)
{
    return fps__feature_key(XXH3_64bits_withSeed(text, length, (uint8_t)class_letter), FPS__FEATURE_NAME);
}

uint64_t fps__feature_content_key(uint64_t sum, uint64_t count)
{
    uint64_t both[2] = {sum, count};
    return fps__feature_key(XXH3_64bits(both, sizeof both), FPS__FEATURE_CONTENT);
}
