/* Skip patterns: globs over paths inside a target, matched in time linear in pattern times path.
 *
 * fnmatch(3) is not used: it backtracks over every '*', and the paths are hostile and may be megabytes long.
 * As '*' stands for '/' too, only the last '*' ever needs another try.
 */
#include "source/source_glob.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

struct fps__glob {
    bool base_name;  /* compare with the base name only */
    char *text;      /* starts with '/' or '*' unless base_name */
    char *collapsed; /* `text` with each "**" between slashes left out, as one '/', NULL when there is none */
};

/* Compares the set at `glob` ("[...]") with `byte`. Returns what follows the set, NULL when it is not closed.
 */
static const char *match_set(const char *glob, unsigned char byte, bool *matched)
{
    const char *p = glob + 1;
    bool negated = *p == '!' || *p == '^';
    if (negated)
        p++;
    bool found = false;
    for (bool first = true; first || *p != ']'; first = false) {
        if (*p == '\\' && p[1])
            p++;
        if (!*p)
            return NULL;
        unsigned char low = (unsigned char)*p++, high = low;
        if (*p == '-' && p[1] && p[1] != ']') {
            p += p[1] == '\\' && p[2] ? 2 : 1;
            high = (unsigned char)*p++;
        }
        found = found || (low <= byte && byte <= high);
    }
    *matched = found != negated;
    return p + 1;
}

/* Compares one item of `glob`, not '*', with `byte`. Returns what follows the item, NULL when they differ. */
static const char *match_one(const char *glob, unsigned char byte)
{
    if (*glob == '?')
        return glob + 1;
    if (*glob == '[') {
        bool matched = false;
        const char *after = match_set(glob, byte, &matched);
        if (after)
            return matched ? after : NULL;
    }
    if (*glob == '\\' && glob[1])
        glob++;
    return (unsigned char)*glob == byte && byte ? glob + 1 : NULL;
}

bool fps__glob_match(const char *glob, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        if (*glob == '*') {
            star = ++glob;
            retry = text;
            continue;
        }
        const char *after = match_one(glob, (unsigned char)*text);
        if (after) {
            glob = after;
            text++;
        } else if (star) {
            glob = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return !*glob;
}

static void collapse(char *text)
{
    char *found;
    while ((found = strstr(text, "/**/")))
        memmove(found, found + 3, strlen(found + 3) + 1);
}

static fps_status glob_init(struct fps__glob *glob, const char *pattern, fps_error *error)
{
    size_t length = strlen(pattern);
    while (length > 1 && pattern[length - 1] == '/')
        length--;
    glob->base_name = !memchr(pattern, '/', length);
    bool anchor = !glob->base_name && *pattern != '/' && *pattern != '*';
    glob->text = malloc(length + 2);
    if (!glob->text)
        return fps__fail_memory(error);
    if (anchor)
        glob->text[0] = '/';
    memcpy(glob->text + anchor, pattern, length);
    glob->text[length + anchor] = '\0';
    if (!strstr(glob->text, "/**/"))
        return FPS_OK;
    glob->collapsed = strdup(glob->text);
    if (!glob->collapsed)
        return fps__fail_memory(error);
    collapse(glob->collapsed);
    return FPS_OK;
}

fps_status fps__globs_init(fps__globs *globs, const char *const *patterns, fps_error *error)
{
    size_t count = 0;
    *globs = (fps__globs){NULL, 0};
    while (patterns && patterns[count])
        count++;
    if (!count)
        return FPS_OK;
    globs->items = calloc(count, sizeof *globs->items);
    if (!globs->items)
        return fps__fail_memory(error);
    fps_status status = FPS_OK;
    for (; status == FPS_OK && globs->count < count; globs->count++)
        status = glob_init(&globs->items[globs->count], patterns[globs->count], error);
    if (status != FPS_OK)
        fps__globs_free(globs);
    return status;
}

bool fps__globs_match(const fps__globs *globs, const char *path)
{
    const char *slash = globs->count ? strrchr(path, '/') : NULL;
    const char *base = slash ? slash + 1 : path;
    for (size_t i = 0; i < globs->count; i++) {
        const struct fps__glob *glob = &globs->items[i];
        if (fps__glob_match(glob->text, glob->base_name ? base : path))
            return true;
        if (glob->collapsed && fps__glob_match(glob->collapsed, path))
            return true;
    }
    return false;
}

bool fps__globs_skip(const fps__globs *files, const fps__globs *folders, const char *path, char *scratch)
{
    if (fps__globs_match(files, path))
        return true;
    if (!folders->count)
        return false;
    strcpy(scratch, path);
    for (char *slash = strchr(scratch + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool skipped = fps__globs_match(folders, scratch);
        *slash = '/';
        if (skipped)
            return true;
    }
    return false;
}

void fps__globs_free(fps__globs *globs)
{
    for (size_t i = 0; i < globs->count; i++) {
        free(globs->items[i].text);
        free(globs->items[i].collapsed);
    }
    free(globs->items);
    *globs = (fps__globs){NULL, 0};
}
