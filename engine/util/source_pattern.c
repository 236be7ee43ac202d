/* Patterns of source packages: matches them, and says how well they fit. */
#include "util/source_pattern.h"

#include <stdint.h>
#include <string.h>

/* A "*" takes up as little as it can and is given more only as far as the next "*": linear in practice, never
 * exponential. */
static bool wildcard(const char *pattern, size_t size, const char *text)
{
    size_t at = 0, star = SIZE_MAX;
    const char *retry = NULL;
    while (*text) {
        if (at < size && pattern[at] == '*') {
            star = at++;
            retry = text;
        } else if (at < size && pattern[at] == *text) {
            at++;
            text++;
        } else if (star != SIZE_MAX) {
            at = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (at < size && pattern[at] == '*')
        at++;
    return at == size;
}

bool fps__wildcard_match(const char *pattern, const char *text)
{
    return wildcard(pattern, strlen(pattern), text);
}

size_t fps__source_pattern_rate(const char *pattern, size_t size, const fps__source_name *source)
{
    const char *colon = memchr(pattern, ':', size);
    if (colon) {
        size_t prefix = (size_t)(colon - pattern);
        if (strlen(source->ecosystem) != prefix || memcmp(source->ecosystem, pattern, prefix))
            return 0;
        pattern += prefix + 1;
        size -= prefix + 1;
    }
    const char *slash = memchr(pattern, '/', size);
    size_t name = slash ? (size_t)(slash - pattern) : size;
    if (!wildcard(pattern, name, source->source))
        return 0;
    if (slash && source->package && !wildcard(slash + 1, size - name - 1, source->package))
        return 0;
    size_t exact = memchr(pattern, '*', size) ? 0 : 1;
    return 1 + size + exact * 1000 + (slash ? 10000 : 0);
}

const char *fps__source_pattern_next(const char **list, size_t *size)
{
    const char *pattern = *list + strspn(*list, " \t");
    *size = strcspn(pattern, " \t");
    *list = pattern + *size;
    return *size ? pattern : NULL;
}
