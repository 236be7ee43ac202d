/* The parameters of the compiler as a line of text. */
#include "compiler/compile_parameters.h"

#define TEXT(...)                 TEXT_OF(__VA_ARGS__)
#define TEXT_OF(...)              #__VA_ARGS__
#define ITEM(constant, name, ...) " " name "=" TEXT(__VA_ARGS__)
#define GIVEN_ITEM(name, value)   " " name "=" TEXT(value)

const char *fps__compile_parameters(void)
{
    static const char line[] = FPS__COMPILE_PARAMETERS(ITEM, ITEM, ITEM, GIVEN_ITEM);
    return line + 1;
}
