/* Names of Go: releases, and which bytes of a package path are its module's. */
#include "program/program_reading.h"

#include "util/lines.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

bool fps__go_release(fps__span text, fps__span *version)
{
    size_t end = 2;
    if (text.size < 4 || memcmp(text.data, "go", 2) != 0 || !is_digit(text.data[2]))
        return false;
    while (end < text.size && text.data[end] > ' ' && text.data[end] < 0x7f)
        end++;
    *version = fps__span_part(text, 2, end - 2);
    return memchr(version->data, '.', version->size) != NULL;
}

/* How many parts of a package path are its module's, by host; a "vN" behind them belongs to it, too. Modules of other hosts
 * have two: that is what most vanity hosts serve. */
static const struct {
    const char *host;
    unsigned parts;
} hosts[] = {
    {"github.com", 3},   {"gitlab.com", 3}, {"bitbucket.org", 3}, {"golang.org", 3},
    {"codeberg.org", 3}, {"gitee.com", 3},  {"git.sr.ht", 3},
};

/* "v2", "v10" */
static bool is_major(fps__span part)
{
    bool good = part.size > 1 && part.data[0] == 'v';
    for (size_t i = 1; good && i < part.size; i++)
        good = is_digit(part.data[i]);
    return good;
}

/* The part of a path that begins at `at`. */
static fps__span part_at(fps__span path, size_t at)
{
    fps__span rest = fps__span_part(path, at, at < path.size ? path.size - at : 0);
    const uint8_t *slash = rest.size ? memchr(rest.data, '/', rest.size) : NULL;
    return (fps__span){rest.data, slash ? (size_t)(slash - rest.data) : rest.size};
}

fps__span fps__go_module_of(fps__span package)
{
    fps__span host = part_at(package, 0);
    unsigned parts = 2;
    size_t end = host.size;
    if (!host.size || host.data[0] == '.' || !memchr(host.data, '.', host.size))
        return (fps__span){NULL, 0};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (host.size == strlen(hosts[i].host) && !memcmp(host.data, hosts[i].host, host.size))
            parts = hosts[i].parts;
    fps__span next = part_at(package, end + 1);
    /* gopkg.in/NAME.vN and gopkg.in/USER/NAME.vN */
    if (fps__span_is(host, "gopkg.in") && next.size && !memmem(next.data, next.size, ".v", 2))
        parts = 3;
    for (unsigned i = 1; i < parts && next.size; i++) {
        end += 1 + next.size;
        next = part_at(package, end + 1);
    }
    if (is_major(next))
        end += 1 + next.size;
    return fps__span_part(package, 0, end);
}
