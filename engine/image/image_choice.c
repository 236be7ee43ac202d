/* Choosing one manifest of several, by reference and by platform. */
#include "image/image_choice.h"

#include "util/digest.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum {
    LIST_SIZE = 360,
    SHORT_DIGEST = FPS__SHA256_PREFIX + 12, /* characters, as people write it */
    SHORTEST_PREFIX = 4,
};

/* ---- lists in messages ---- */

typedef struct list {
    char text[LIST_SIZE];
    size_t used, items, left_out;
} list;

/* Adds an item unless it was the last one; bytes that would spoil a line are replaced. */
static void add_item(list *l, const char *item)
{
    size_t length = strnlen(item, 80);
    if (l->used + length + 24 > LIST_SIZE) {
        l->left_out++;
        return;
    }
    if (l->items++) {
        memcpy(l->text + l->used, ", ", 2);
        l->used += 2;
    }
    for (size_t i = 0; i < length; i++)
        l->text[l->used++] = (unsigned char)item[i] < 0x20 || item[i] == 0x7f ? '?' : item[i];
    l->text[l->used] = '\0';
}

static const char *list_end(const list *l)
{
    return l->left_out ? " and more" : "";
}

/* ---- names ---- */

static const char *best_name(const fps__choices *choices, uint32_t image)
{
    for (size_t i = 0; i < choices->names.count; i++)
        if (choices->names.items[i].image == image)
            return choices->names.items[i].text;
    return "";
}

/* How well a name fits a reference: 3 the same; 2 the reference without the leading parts or the tag
 * "latest"; 1 the reference is its tag. */
static int name_fit(const char *name, const char *reference)
{
    size_t length = strlen(name), wanted = strlen(reference);
    if (strcmp(name, reference) == 0)
        return 3;
    static const char latest[] = ":latest";
    if (length >= sizeof latest && strcmp(name + length - (sizeof latest - 1), latest) == 0 &&
        length - (sizeof latest - 1) >= wanted && !strchr(reference, ':'))
        length -= sizeof latest - 1;
    if (length == wanted && strncmp(name, reference, wanted) == 0)
        return 2;
    if (length <= wanted || strncmp(name + length - wanted, reference, wanted) != 0)
        return 0;
    char before = name[length - wanted - 1];
    return before == '/' ? 2 : before == ':' && name[length] == '\0' ? 1 : 0;
}

static bool digest_fits(const char *digest, const char *reference)
{
    size_t length = strlen(reference);
    if (strncmp(reference, "sha256:", FPS__SHA256_PREFIX) == 0)
        return length >= FPS__SHA256_PREFIX + SHORTEST_PREFIX && strncmp(digest, reference, length) == 0;
    return length >= SHORTEST_PREFIX && strlen(digest) > FPS__SHA256_PREFIX &&
           strncmp(digest + FPS__SHA256_PREFIX, reference, length) == 0;
}

/* ---- choosing ---- */

typedef struct chooser {
    const fps__choices *choices;
    bool *possible; /* for each choice */
    const char *reference_found;
} chooser;

static fps_status fail_list(const chooser *c, bool all, const char *what, fps_error *error)
{
    list l = {.used = 0};
    const fps__choices *choices = c->choices;
    for (size_t i = 0; i < choices->items.count; i++) {
        const fps__choice *choice = &choices->items.items[i];
        bool said = false;
        for (size_t j = 0; j < i && !said; j++)
            said = (all || c->possible[j]) && choices->items.items[j].image == choice->image;
        const char *name = best_name(choices, choice->image);
        char digest[SHORT_DIGEST + 1] = "";
        strncat(digest, *choice->top_digest ? choice->top_digest : choice->config, SHORT_DIGEST);
        if (!said && (all || c->possible[i]))
            add_item(&l, *name ? name : digest);
    }
    return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX, "%s: there is %s%s", what, l.text,
                     list_end(&l));
}

static fps_status fail_platform(const chooser *c, const char *what, fps_error *error)
{
    list l = {.used = 0};
    char text[FPS__PLATFORM_TEXT + 40];
    for (size_t i = 0; i < c->choices->items.count; i++) {
        const fps__choice *choice = &c->choices->items.items[i];
        if (!c->possible[i])
            continue;
        fps__platform_print(&choice->platform, text);
        if (!choice->present)
            strcat(text, " (not included)");
        add_item(&l, text);
    }
    return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX, "%s: there is %s%s", what, l.text,
                     list_end(&l));
}

/* Leaves those possible that the reference means. */
static fps_status choose_reference(chooser *c, const char *reference, fps_error *error)
{
    const fps__choices *choices = c->choices;
    int best = 0;
    size_t count = 0;
    for (size_t i = 0; i < choices->names.count; i++) {
        int fit = name_fit(choices->names.items[i].text, reference);
        if (fit > best) {
            best = fit;
            c->reference_found = choices->names.items[i].text;
        }
    }
    for (size_t i = 0; i < choices->items.count; i++) {
        const fps__choice *choice = &choices->items.items[i];
        bool fits = false;
        for (size_t j = 0; best && j < choices->names.count && !fits; j++)
            fits = choices->names.items[j].image == choice->image &&
                   name_fit(choices->names.items[j].text, reference) == best;
        if (!best)
            fits = digest_fits(choice->digest, reference) || digest_fits(choice->top_digest, reference) ||
                   digest_fits(choice->config, reference);
        c->possible[i] = fits;
        count += fits;
    }
    return count ? FPS_OK : fail_list(c, true, "no image of that name", error);
}

/* Without a reference all manifests must be of one image: of one name, or none with a name. */
static fps_status check_one_image(const chooser *c, fps_error *error)
{
    const fps__choices *choices = c->choices;
    for (size_t i = 1; i < choices->items.count; i++) {
        uint32_t first = choices->items.items[0].image, image = choices->items.items[i].image;
        if (first != image && strcmp(best_name(choices, first), best_name(choices, image)) != 0)
            return fail_list(c, true, "several images, of which one must be chosen", error);
    }
    return FPS_OK;
}

/* Leaves those with the best fit. Returns how many different manifests these are. */
static size_t choose_platform(chooser *c, const fps__platform *wanted, bool present)
{
    const fps__choices *choices = c->choices;
    int best = 0;
    size_t count = 0;
    const fps__choice *first = NULL;
    for (size_t i = 0; i < choices->items.count; i++) {
        const fps__choice *choice = &choices->items.items[i];
        int fit =
            c->possible[i] && choice->present == present ? fps__platform_fit(wanted, &choice->platform) : 0;
        best = fit > best ? fit : best;
    }
    for (size_t i = 0; best && i < choices->items.count; i++) {
        const fps__choice *choice = &choices->items.items[i];
        c->possible[i] = c->possible[i] && choice->present == present &&
                         fps__platform_fit(wanted, &choice->platform) == best;
        if (!c->possible[i])
            continue;
        bool same = first && *choice->digest && strcmp(choice->digest, first->digest) == 0;
        count += !same;
        first = choice;
    }
    return count;
}

static const fps__choice *only_one(const chooser *c)
{
    const fps__choice *found = NULL;
    for (size_t i = 0; i < c->choices->items.count; i++) {
        const fps__choice *choice = &c->choices->items.items[i];
        if (!c->possible[i] || !choice->present)
            continue;
        if (found && (!*choice->digest || strcmp(found->digest, choice->digest) != 0))
            return NULL;
        found = choice;
    }
    return found;
}

static const fps__choice *first_possible(const chooser *c)
{
    size_t i = 0;
    while (!c->possible[i])
        i++;
    return &c->choices->items.items[i];
}

/* The manifest for the platform among those that are possible. */
static fps_status find_platform(chooser *c, const char *platform, const fps__choice **choice,
                                fps_error *error)
{
    fps__platform wanted;
    fps__platform_host(&wanted);
    if (platform && !fps__platform_parse(platform, &wanted))
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, UINT64_MAX,
                         "a platform is OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT");
    size_t count = choose_platform(c, &wanted, true);
    if (count == 1) {
        *choice = first_possible(c);
        return FPS_OK;
    }
    if (count > 1)
        return fail_platform(c, "several manifests fit that platform", error);
    *choice = platform ? NULL : only_one(c);
    if (*choice)
        return FPS_OK;
    return fail_platform(
        c, platform ? "no manifest for that platform" : "no manifest for the host's platform", error);
}

fps_status fps__choices_choose(const fps__choices *choices, const char *reference, const char *platform,
                               const fps__choice **choice, const char **reference_found, fps_error *error)
{
    chooser c = {.choices = choices, .reference_found = ""};
    if (!choices->items.count)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX, "it holds no image");
    c.possible = calloc(choices->items.count, sizeof *c.possible);
    if (!c.possible)
        return fps__fail_memory(error);
    memset(c.possible, true, choices->items.count);
    fps_status status =
        reference && *reference ? choose_reference(&c, reference, error) : check_one_image(&c, error);
    if (!status)
        status = find_platform(&c, platform, choice, error);
    if (!status)
        *reference_found = *c.reference_found ? c.reference_found : best_name(choices, (*choice)->image);
    free(c.possible);
    return status;
}

void fps__choices_free(fps__choices *choices)
{
    free(choices->items.items);
    free(choices->names.items);
}
