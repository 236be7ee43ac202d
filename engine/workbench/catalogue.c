/* The catalogue: parses its stanzas and finds the component of a source package. */
#include "workbench/catalogue.h"

#include "util/error.h"
#include "util/search.h"
#include "util/text_files.h"
#include "util/version.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_COMPONENTS = 1000000, MAX_RELEASES = 100000 };

typedef enum field_id {
    FIELD_COMPONENT,
    FIELD_NAME,
    FIELD_PURL,
    FIELD_CPE,
    FIELD_LICENSE,
    FIELD_FAMILY,
    FIELD_SINCE,
    FIELD_ROLE,
    FIELD_SOURCES,
    FIELD_VENDORS,
    FIELD_RELEASES,
    FIELD_NOTE,
    FIELD_COUNT,
} field_id;

static const char *const field_names[FIELD_COUNT] = {"Component", "Name",    "Purl",     "Cpe",
                                                     "License",   "Family",  "Since",    "Role",
                                                     "Sources",   "Vendors", "Releases", "Note"};

/* One stanza while it is read. */
typedef struct stanza {
    const char *file;
    uint32_t line; /* of its first field, 0 while there is none */
    char *values[FIELD_COUNT];
    uint32_t lines[FIELD_COUNT];
    int last; /* field that a continuation line belongs to, -1 for none */
} stanza;

static fps_status fail_at(fps_error *error, const char *file, uint32_t line, const char *text,
                          const char *what)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "%s:%u: %s%s%s", file, line, text,
                     *what ? " " : "", what);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Appends trimmed text to a value, behind a space where there is one already. */
static char *join_value(fps__arena *arena, const char *value, const char *text, size_t length)
{
    while (length && is_space(text[0])) {
        text++;
        length--;
    }
    while (length && is_space(text[length - 1]))
        length--;
    size_t before = value ? strlen(value) : 0;
    char *joined = fps__arena_alloc(arena, before + length + 2);
    if (!joined)
        return NULL;
    if (before)
        memcpy(joined, value, before);
    if (before && length)
        joined[before++] = ' ';
    memcpy(joined + before, text, length);
    return joined;
}

static bool same_name(const char *name, const char *text, size_t length)
{
    if (strlen(name) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((name[i] | 32) != (text[i] | 32))
            return false;
    return true;
}

static fps_status read_field(fps__catalogue *catalogue, stanza *now, uint32_t line, const char *text,
                             size_t length, fps_error *error)
{
    const char *colon = memchr(text, ':', length);
    if (!colon)
        return fail_at(error, now->file, line, "a field has the form \"Name: value\"", "");
    size_t name = (size_t)(colon - text);
    int id = 0;
    while (id < FIELD_COUNT && !same_name(field_names[id], text, name))
        id++;
    if (id == FIELD_COUNT) {
        char copy[64];
        snprintf(copy, sizeof copy, "\"%.*s\"", (int)(name < 40 ? name : 40), text);
        return fail_at(error, now->file, line, "unknown field", copy);
    }
    if (now->values[id])
        return fail_at(error, now->file, line, "field given twice:", field_names[id]);
    now->values[id] = join_value(&catalogue->arena, NULL, colon + 1, length - name - 1);
    now->lines[id] = line;
    now->last = id;
    now->line = now->line ? now->line : line;
    return now->values[id] ? FPS_OK : fps__fail_memory(error);
}

static int compare_releases(const void *a, const void *b)
{
    const char *first = *(const char *const *)a, *second = *(const char *const *)b;
    int order = fps__version_compare(first, second);
    return order ? order : strcmp(first, second);
}

/* Cuts `text` into words in place; the array lives in the arena. */
static fps_status split_words(fps__arena *arena, char *text, const char ***words, uint32_t *count)
{
    size_t found = 0, at = 0;
    for (size_t i = 0; text[i]; i++)
        found += !is_space(text[i]) && (i == 0 || is_space(text[i - 1]));
    *count = 0;
    *words = fps__arena_array(arena, found + 1, sizeof **words);
    if (!*words || found > MAX_RELEASES)
        return FPS_ERROR_MEMORY;
    while (text[at]) {
        if (is_space(text[at])) {
            text[at++] = '\0';
            continue;
        }
        (*words)[(*count)++] = text + at;
        while (text[at] && !is_space(text[at]))
            at++;
    }
    return FPS_OK;
}

static fps_status read_releases(fps__catalogue *catalogue, fps__catalogue_component *component, char *text)
{
    const char **words;
    uint32_t count, kept = 0;
    fps_status status = split_words(&catalogue->arena, text, &words, &count);
    if (status)
        return status;
    qsort(words, count, sizeof *words, compare_releases);
    for (uint32_t i = 0; i < count; i++)
        if (!kept || strcmp(words[kept - 1], words[i]))
            words[kept++] = words[i];
    component->releases = words;
    component->release_count = kept;
    return FPS_OK;
}

static fps_status read_facts(const stanza *now, fps__catalogue_component *component, fps_error *error)
{
    static const char *const roles[] = {"library", "program", "runtime"};
    const char *role = now->values[FIELD_ROLE], *since = now->values[FIELD_SINCE];
    if (role) {
        int found = 0;
        while (found < 3 && strcmp(roles[found], role))
            found++;
        if (found == 3)
            return fail_at(error, now->file, now->lines[FIELD_ROLE],
                           "Role is library, program or runtime, not", role);
        component->role = (fps_component_role)found;
    }
    if (since) {
        char *end;
        long year = strtol(since, &end, 10);
        if (end == since || *end || year < 1950 || year > 2200)
            return fail_at(error, now->file, now->lines[FIELD_SINCE], "Since is a year, not", since);
        component->since = (uint32_t)year;
    }
    return FPS_OK;
}

static const char *value_or(const stanza *now, field_id id, const char *otherwise)
{
    return now->values[id] ? now->values[id] : otherwise;
}

static fps_status finish_stanza(fps__catalogue *catalogue, stanza *now, fps_error *error)
{
    if (!now->line)
        return FPS_OK;
    const char *id = now->values[FIELD_COMPONENT];
    if (!id || !*id)
        return fail_at(error, now->file, now->line, "stanza without a Component", "");
    if (strpbrk(id, " \t"))
        return fail_at(error, now->file, now->lines[FIELD_COMPONENT], "a component id is one word, not", id);
    fps__catalogue_component made = {.id = id,
                                     .name = value_or(now, FIELD_NAME, id),
                                     .purl = value_or(now, FIELD_PURL, ""),
                                     .cpe = value_or(now, FIELD_CPE, ""),
                                     .license = value_or(now, FIELD_LICENSE, ""),
                                     .family = value_or(now, FIELD_FAMILY, ""),
                                     .sources = value_or(now, FIELD_SOURCES, ""),
                                     .vendors = value_or(now, FIELD_VENDORS, ""),
                                     .note = value_or(now, FIELD_NOTE, ""),
                                     .file = now->file,
                                     .line = now->line};
    fps_status status = read_facts(now, &made, error);
    if (!status && now->values[FIELD_RELEASES] &&
        read_releases(catalogue, &made, now->values[FIELD_RELEASES]))
        status = fps__fail_memory(error);
    if (status)
        return status;
    status = FPS__ARRAY_PUSH(&catalogue->components, &made, MAX_COMPONENTS);
    if (status == FPS_ERROR_LIMIT)
        return fail_at(error, now->file, now->line, "too many components", "");
    if (status)
        return fps__fail_memory(error);
    *now = (stanza){.file = now->file, .last = -1};
    return FPS_OK;
}

static fps_status read_line(fps__catalogue *catalogue, stanza *now, uint32_t line, const char *text,
                            size_t length, fps_error *error)
{
    size_t blank = 0;
    while (blank < length && is_space(text[blank]))
        blank++;
    if (blank == length)
        return finish_stanza(catalogue, now, error);
    if (text[0] == '#')
        return FPS_OK;
    if (memchr(text, '\0', length))
        return fail_at(error, now->file, line, "NUL byte", "");
    if (!blank)
        return read_field(catalogue, now, line, text, length, error);
    if (now->last < 0)
        return fail_at(error, now->file, line, "a continuation line without a field before it", "");
    char *joined = join_value(&catalogue->arena, now->values[now->last], text, length);
    if (!joined)
        return fps__fail_memory(error);
    now->values[now->last] = joined;
    return FPS_OK;
}

static int compare_components(const void *a, const void *b)
{
    const fps__catalogue_component *first = a, *second = b;
    int order = strcmp(first->id, second->id);
    if (order)
        return order;
    order = strcmp(first->file, second->file);
    return order ? order : FPS__COMPARE(first->line, second->line);
}

static fps_status sort_components(fps__catalogue *catalogue, fps_error *error)
{
    fps__catalogue_component *items = catalogue->components.items;
    if (catalogue->components.count)
        qsort(items, catalogue->components.count, sizeof *items, compare_components);
    for (size_t i = 1; i < catalogue->components.count; i++)
        if (!strcmp(items[i - 1].id, items[i].id))
            return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                             "%s:%u: component \"%s\" stands at %s:%u already", items[i].file, items[i].line,
                             items[i].id, items[i - 1].file, items[i - 1].line);
    return FPS_OK;
}

fps_status fps__catalogue_parse(fps__catalogue *catalogue, fps__span text, const char *file, fps_error *error)
{
    stanza now = {.file = fps__arena_string(&catalogue->arena, file), .last = -1};
    if (!now.file)
        return fps__fail_memory(error);
    fps_status status = FPS_OK;
    uint32_t line = 1;
    for (size_t at = 0; at < text.size && !status; line++) {
        const uint8_t *start = text.data + at, *end = memchr(start, '\n', text.size - at);
        size_t length = end ? (size_t)(end - start) : text.size - at;
        status = read_line(catalogue, &now, line, (const char *)start, length, error);
        at += length + 1;
    }
    if (!status)
        status = finish_stanza(catalogue, &now, error);
    return status ? status : sort_components(catalogue, error);
}

static fps_status parse_file(void *user, fps__span text, const char *path, fps_error *error)
{
    return fps__catalogue_parse(user, text, path, error);
}

fps_status fps__catalogue_load(fps__catalogue *catalogue, const char *path, fps_error *error)
{
    return fps__text_files_read(path, ".txt", parse_file, catalogue, error);
}

void fps__catalogue_free(fps__catalogue *catalogue)
{
    free(catalogue->components.items);
    fps__arena_free(&catalogue->arena);
    *catalogue = (fps__catalogue){0};
}

/* ---- look-up ---- */

const fps__catalogue_component *fps__catalogue_find(const fps__catalogue *catalogue, const char *id)
{
    const fps__catalogue_component *items = catalogue->components.items;
    size_t count = catalogue->components.count, found;
    FPS__LOWER_BOUND(found, count, at, strcmp(items[at].id, id) < 0);
    return found < count && !strcmp(items[found].id, id) ? &items[found] : NULL;
}

static size_t rate_component(const fps__catalogue_component *component, const fps__catalogue_source *source)
{
    const char *list = component->sources, *pattern;
    size_t best = 0, size;
    while ((pattern = fps__source_pattern_next(&list, &size))) {
        size_t rate = fps__source_pattern_rate(pattern, size, source);
        best = rate > best ? rate : best;
    }
    return best;
}

const fps__catalogue_component *fps__catalogue_match(const fps__catalogue *catalogue,
                                                     const fps__catalogue_source *source)
{
    const fps__catalogue_component *best = NULL;
    size_t best_rate = 0;
    if (!*source->source)
        return NULL;
    for (size_t i = 0; i < catalogue->components.count; i++) {
        size_t rate = rate_component(&catalogue->components.items[i], source);
        if (rate > best_rate) {
            best_rate = rate;
            best = &catalogue->components.items[i];
        }
    }
    return best;
}
