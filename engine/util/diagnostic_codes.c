/* The table of diagnostic codes, for users of the library. */
#include "util/diagnostic_codes.h"

#include <fpscan/diagnostic.h>
#include <string.h>

static const fps_diagnostic_kind kinds[] = {
#define X(code, level, meaning) {code, FPS_DIAGNOSTIC_##level, meaning},
    FPS__DIAGNOSTIC_CODES(X)
#undef X
};
enum { KINDS = sizeof kinds / sizeof *kinds };

size_t fps_diagnostic_kind_count(void)
{
    return KINDS;
}

const fps_diagnostic_kind *fps_diagnostic_kind_entry(size_t index)
{
    return index < KINDS ? &kinds[index] : NULL;
}

const fps_diagnostic_kind *fps_diagnostic_kind_find(const char *code)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].code, code) == 0)
            return &kinds[i];
    return NULL;
}
