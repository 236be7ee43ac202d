/* Layers written as lines of text, and merged trees read back the same way.
 *
 * A line is "TYPE PATH" or "TYPE PATH TARGET", where TYPE is d, f, l (symbolic link), h (hard link), o
 * (device), w (whiteout) or q (opaque marker). The first regular file of a layer is content 0, and so on.
 */
#ifndef FPS_TESTS_LAYER_FIXTURE_H
#define FPS_TESTS_LAYER_FIXTURE_H

#include "image/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static inline fps__entry_type fixture_type(char letter)
{
    static const char letters[] = "fdlhowq";
    const char *found = strchr(letters, letter);
    assert_non_null(found);
    return (fps__entry_type)(found - letters);
}

/* One line, without its end. */
static inline void fixture_add(fps__layer *layer, const char *line, size_t length)
{
    assert_true(length > 2 && line[1] == ' ');
    const char *path = line + 2, *end = line + length;
    const char *space = memchr(path, ' ', (size_t)(end - path));
    const char *path_end = space ? space : end;
    fps__layer_entry entry = {.type = fixture_type(line[0]), .mode = 0644, .content = FPS__NO_CONTENT};
    entry.path = fps__arena_text(&layer->arena, path, (size_t)(path_end - path));
    if (space)
        entry.target = fps__arena_text(&layer->arena, space + 1, (size_t)(end - space - 1));
    if (entry.type == FPS__ENTRY_FILE) {
        entry.content = (uint32_t)layer->contents.count;
        entry.size = 1;
        assert_true(FPS__ARRAY_RESERVE(&layer->contents, 1, SIZE_MAX) == FPS_OK);
        layer->contents.items[layer->contents.count++] = (fps__content){.size = 1};
    }
    assert_true(FPS__ARRAY_RESERVE(&layer->entries, 1, SIZE_MAX) == FPS_OK);
    layer->entries.items[layer->entries.count++] = entry;
}

static inline void fixture_parse(fps__layer *layer, const char *text)
{
    *layer = (fps__layer){0};
    while (*text) {
        size_t length = strcspn(text, "\n");
        fixture_add(layer, text, length);
        text += length + (text[length] == '\n');
    }
}

typedef struct fixture_text {
    char bytes[8192];
    size_t length;
} fixture_text;

static inline fps_status fixture_write(void *user, const char *text, size_t length)
{
    fixture_text *to = user;
    assert_true(length < sizeof to->bytes - to->length);
    memcpy(to->bytes + to->length, text, length);
    to->bytes[to->length += length] = '\0';
    return FPS_OK;
}

/* The dump without permissions, sizes and the root: "TYPE LAYER CONTENT PATH". */
static inline void fixture_dump(const fps__tree *tree, fixture_text *brief)
{
    fixture_text full = {.length = 0};
    assert_int_equal(fps__tree_dump(tree, fixture_write, &full), FPS_OK);
    brief->length = 0;
    brief->bytes[0] = '\0';
    char *line = strchr(full.bytes, '\n');
    assert_non_null(line);
    for (line++; *line; line = strchr(line, '\n') + 1) {
        char type, layer[16], content[64], short_line[160];
        int rest = 0;
        assert_int_equal(sscanf(line, "%c %*s %15s %*s %63s %n", &type, layer, content, &rest), 3);
        snprintf(short_line, sizeof short_line, "%c %s %s ", type, layer, content);
        fixture_write(brief, short_line, strlen(short_line));
        fixture_write(brief, line + rest, strcspn(line + rest, "\n") + 1);
    }
}

#endif
