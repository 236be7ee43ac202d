/* What a text is worth as evidence. */
#include "feature/text_worth.h"

unsigned fps__text_worth(const char *text, size_t length)
{
    size_t letters = 0;
    for (size_t i = 0; i < length && letters < FPS__TEXT_LETTERS; i++)
        letters = (text[i] | 32) >= 'a' && (text[i] | 32) <= 'z' ? letters + 1 : 0;
    if (letters < FPS__TEXT_LETTERS)
        return FPS__TEXT_WORTH_FEW;
    return length < FPS__TEXT_LENGTH ? FPS__TEXT_WORTH_SHORT : FPS__TEXT_WORTH_FULL;
}
