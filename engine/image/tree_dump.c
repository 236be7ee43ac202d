/* Writes a tree as stable text, one name a line, for tests. */
#include "image/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE = 4 * FPS__LAYER_PATH + 64, MAX_PREVIOUS = 100 };

typedef struct dump {
    const fps__tree *tree;
    fps_status (*write)(void *user, const char *text, size_t length);
    void *user;
    fps_status status;
    FPS__ARRAY(uint32_t) waiting; /* nodes to write, the next one last */
    char path[FPS__LAYER_PATH + 1];
    char text[LINE];
} dump;

static void put(dump *to, const char *text, size_t length)
{
    if (!to->status && length)
        to->status = to->write(to->user, text, length);
}

static void put_word(dump *to, const char *text)
{
    put(to, text, strlen(text));
}

/* Hostile text: everything but printable ASCII as \xNN, in pieces that fit. */
static void put_escaped(dump *to, const char *text)
{
    size_t used = 0;
    for (; *text; text++) {
        if (used + 5 > sizeof to->text) {
            put(to, to->text, used);
            used = 0;
        }
        if (*text > ' ' && *text <= '~' && *text != '\\')
            to->text[used++] = *text;
        else
            used += (size_t)snprintf(to->text + used, 5, "\\x%02x", (unsigned char)*text);
    }
    put(to, to->text, used);
}

static void put_layer(dump *to, uint32_t layer)
{
    char number[16];
    snprintf(number, sizeof number, "%" PRIu32, layer);
    put_word(to, layer == UINT32_MAX ? "-" : number);
}

static void put_content(dump *to, uint32_t id)
{
    fps__tree_content content;
    if (!fps__tree_get_content(to->tree, id, &content))
        put_word(to, "-");
    for (int i = 0; i < MAX_PREVIOUS && fps__tree_get_content(to->tree, id, &content); i++) {
        char number[16];
        put_word(to, i ? "<" : "");
        put_layer(to, content.layer);
        snprintf(number, sizeof number, ".%" PRIu32, content.content);
        put_word(to, content.content == FPS__NO_CONTENT ? ".-" : number);
        id = content.previous;
    }
}

static void put_node(dump *to, uint32_t id, const fps__tree_node *node)
{
    static const char types[] = "fdlho";
    char start[64];
    snprintf(start, sizeof start, "%c %04" PRIo32 " ", types[node->type], node->mode);
    put_word(to, start);
    put_layer(to, node->layer);
    snprintf(start, sizeof start, " %" PRIu64 " ", node->size);
    put_word(to, start);
    put_content(to, node->content);
    put_word(to, " ");
    put_escaped(to, fps__tree_path(to->tree, id, to->path, sizeof to->path) ? to->path : "?");
    if (node->target) {
        put_word(to, " -> ");
        put_escaped(to, node->target);
    }
    put_word(to, "\n");
}

static int compare_names(const void *a, const void *b, void *user)
{
    fps__tree_node left, right;
    fps__tree_get(user, *(const uint32_t *)a, &left);
    fps__tree_get(user, *(const uint32_t *)b, &right);
    return -strcmp(left.name, right.name);
}

static bool push_children(dump *to, uint32_t id)
{
    size_t first = to->waiting.count;
    for (uint32_t at = fps__tree_child(to->tree, id); at != FPS__NO_NODE;
         at = fps__tree_sibling(to->tree, at)) {
        if (FPS__ARRAY_PUSH(&to->waiting, &at, UINT32_MAX) != FPS_OK)
            return false;
    }
    if (to->waiting.count > first)
        qsort_r(to->waiting.items + first, to->waiting.count - first, sizeof *to->waiting.items,
                compare_names, (void *)(uintptr_t)to->tree);
    return true;
}

fps_status fps__tree_dump(const fps__tree *tree,
                          fps_status (*write)(void *user, const char *text, size_t length), void *user)
{
    dump *to = calloc(1, sizeof *to);
    if (!to)
        return FPS_ERROR_MEMORY;
    to->tree = tree;
    to->write = write;
    to->user = user;
    for (uint32_t id = FPS__TREE_ROOT;;) {
        fps__tree_node node;
        if (fps__tree_get(tree, id, &node))
            put_node(to, id, &node);
        if (!to->status && !push_children(to, id))
            to->status = FPS_ERROR_MEMORY;
        if (to->status || !to->waiting.count)
            break;
        id = to->waiting.items[--to->waiting.count];
    }
    fps_status status = to->status;
    free(to->waiting.items);
    free(to);
    return status;
}
