/* Code builds: their order, and each as one word for the lists of an imported set. */
#include "compiler/code_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BETWEEN = 0x1f, SPACE = 0x1e, MACHINE_DIGITS = 5, PARTS = 6, SAMPLE_DIGITS = 7 };

int fps__code_build_compare(const void *a, const void *b)
{
    const fps__set_code_build *left = a, *right = b;
    if (left->release != right->release)
        return left->release < right->release ? -1 : 1;
    if (left->machine != right->machine)
        return left->machine < right->machine ? -1 : 1;
    int order = strcmp(left->origin, right->origin);
    return order ? order : strcmp(left->toolchain, right->toolchain);
}

static void exchange(char *text, char from, char to)
{
    for (; *text; text++)
        if (*text == from)
            *text = to;
}

char *fps__code_build_word(const fps__set_code_build *build, const char *version, const uint8_t samples[2],
                           fps__arena *arena)
{
    size_t size = strlen(version) + strlen(build->toolchain) + strlen(build->origin) + MACHINE_DIGITS +
                  SAMPLE_DIGITS + 7;
    char *word = fps__arena_alloc(arena, size);
    if (!word)
        return NULL;
    snprintf(word, size, "%s%c%u%c%s%c%u.%u%c%s%c%s", version, BETWEEN, build->machine, BETWEEN,
             build->archives ? "a" : "", BETWEEN, samples ? samples[0] : 0u, samples ? samples[1] : 0u,
             BETWEEN, build->toolchain, BETWEEN, build->origin);
    exchange(word, ' ', SPACE);
    return word;
}

bool fps__code_build_parse(const char *word, fps__arena *arena, fps__set_code_build *build,
                           const char **version, uint8_t samples[2])
{
    char *parts[PARTS], *end;
    parts[0] = fps__arena_string(arena, word);
    if (!parts[0])
        return false;
    exchange(parts[0], SPACE, ' ');
    for (int i = 1; i < PARTS; i++) {
        parts[i] = strchr(parts[i - 1], BETWEEN);
        if (!parts[i])
            return false;
        *parts[i]++ = '\0';
    }
    unsigned long machine = strtoul(parts[1], &end, 10);
    if (end == parts[1] || *end || machine > UINT16_MAX)
        return false;
    for (int i = 0; i < 2; i++) {
        unsigned long shift = strtoul(i ? end + 1 : parts[3], &end, 10);
        if (shift > FPS__MAX_SAMPLE || *end != (i ? '\0' : '.'))
            return false;
        samples[i] = (uint8_t)shift;
    }
    *version = parts[0];
    *build = (fps__set_code_build){
        .machine = (uint16_t)machine, .archives = *parts[2] != 0, .toolchain = parts[4], .origin = parts[5]};
    return true;
}
