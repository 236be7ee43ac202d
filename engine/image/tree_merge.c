/* Merging layers into a tree by the rules of the OCI image-spec, and adding the names of a walked directory.
 *
 * A layer is merged in three steps: its whiteouts and opaque markers are looked up in what lower layers left,
 * then take effect; its entries are placed in their order, hard links as a mere name; then each hard link
 * gets what is at the end of its chain of links.
 */
#include "image/diagnostics.h"
#include "image/tree_state.h"
#include "util/error.h"

#include <stdlib.h>

/* A whiteout or opaque marker, and what it acts on. */
typedef struct removal {
    uint32_t node;
    bool children; /* only those */
} removal;

typedef enum link_state { LINK_NEW = 0, LINK_VISITED, LINK_RESOLVED } link_state;

typedef struct hard_link {
    uint32_t node;
    uint32_t entry;
    uint32_t previous; /* content that it replaced in place, or FPS__NO_NODE */
    uint32_t target;   /* node; once resolved, the end of the chain; FPS__NO_NODE: dangling */
    link_state state;
} hard_link;

typedef enum merge_diagnostic { DANGLING_LINK, BAD_WHITEOUT, BAD_PARENT } merge_diagnostic;

typedef struct merger {
    fps__tree *tree;
    const fps__layer *layer;
    uint32_t index;
    fps_error *error;
    fps__diagnostics diagnostics;
    FPS__ARRAY(removal) removals;
    FPS__ARRAY(uint32_t) replaced; /* links with that mark */
    FPS__ARRAY(hard_link) links;
} merger;

static const fps__diagnostic_kind diagnostic_kinds[] = {
    [DANGLING_LINK] = {FPS_DIAGNOSTIC_NOTE, "dangling-hard-link", "the target of a hard link is not there"},
    [BAD_WHITEOUT] = {FPS_DIAGNOSTIC_NOTE, "bad-whiteout", "a whiteout names nothing that lower layers have"},
    [BAD_PARENT] = {FPS_DIAGNOSTIC_NOTE, "bad-parent",
                    "links to the parent go in circles or to a path that is too long"},
};

static void diagnose(merger *merge, merge_diagnostic kind, const char *path)
{
    fps__diagnostics_add(&merge->diagnostics, kind, path, UINT64_MAX, NULL);
}

/* ---- whiteouts ---- */

static bool is_marker(const fps__layer_entry *entry)
{
    return entry->type == FPS__ENTRY_WHITEOUT || entry->type == FPS__ENTRY_OPAQUE;
}

/* Marks the links of lower layers that this one removes or has something else for: what lies behind them is
 * not what a whiteout below the same name means. */
static fps_status mark_replaced(merger *merge)
{
    fps__tree_record *records = merge->tree->records.items;
    for (size_t i = 0; i < merge->layer->entries.count; i++) {
        const fps__layer_entry *entry = &merge->layer->entries.items[i];
        if (entry->type == FPS__ENTRY_OPAQUE || entry->type == FPS__ENTRY_SYMLINK)
            continue;
        uint32_t id = fps__tree_resolve_lower(merge->tree, entry->path, false, false);
        if (id == FPS__NO_NODE || records[id].type != FPS__ENTRY_SYMLINK || records[id].replaced)
            continue;
        if (FPS__ARRAY_PUSH(&merge->replaced, &id, UINT32_MAX) != FPS_OK)
            return fps__fail_memory(merge->error);
        records[id].replaced = true;
    }
    return FPS_OK;
}

static fps_status find_removals(merger *merge)
{
    for (size_t i = 0; i < merge->layer->entries.count; i++) {
        const fps__layer_entry *entry = &merge->layer->entries.items[i];
        if (!is_marker(entry))
            continue;
        bool children = entry->type == FPS__ENTRY_OPAQUE;
        uint32_t id = fps__tree_resolve_lower(merge->tree, entry->path, children, true);
        if (!children && (id == FPS__NO_NODE || id == FPS__TREE_ROOT))
            diagnose(merge, BAD_WHITEOUT, entry->path);
        if (id == FPS__NO_NODE || (!children && id == FPS__TREE_ROOT))
            continue;
        if (FPS__ARRAY_PUSH(&merge->removals, (&(removal){id, children}), UINT32_MAX) != FPS_OK)
            return fps__fail_memory(merge->error);
    }
    return FPS_OK;
}

static bool has_markers(const fps__layer *layer)
{
    for (size_t i = 0; i < layer->entries.count; i++)
        if (is_marker(&layer->entries.items[i]))
            return true;
    return false;
}

static fps_status remove_lower(merger *merge)
{
    if (!has_markers(merge->layer))
        return FPS_OK;
    fps_status status = mark_replaced(merge);
    if (!status)
        status = find_removals(merge);
    fps__tree_record *records = merge->tree->records.items;
    for (size_t i = 0; i < merge->replaced.count; i++)
        records[merge->replaced.items[i]].replaced = false;
    for (size_t i = 0; i < merge->removals.count && !status; i++) {
        const removal *act = &merge->removals.items[i];
        if (records[act->node].gone)
            continue;
        if (act->children)
            fps__tree_clear(merge->tree, act->node);
        else
            fps__tree_remove(merge->tree, act->node);
    }
    return status;
}

/* ---- entries ---- */

/* The content of a lower layer that an entry of this one takes the place of. */
static uint32_t replaced_content(const merger *merge, const fps__tree_record *record)
{
    if (record->type == FPS__ENTRY_HARDLINK)
        return merge->links.items[record->content].previous;
    if (record->type != FPS__ENTRY_FILE)
        return FPS__NO_NODE;
    const fps__tree_content *content = &merge->tree->contents.items[record->content];
    return content->layer == merge->index ? content->previous : record->content;
}

static fps_status add_content(merger *merge, uint32_t content, uint32_t previous, uint32_t *id)
{
    fps__tree *tree = merge->tree;
    const fps__tree_content added = {merge->index, content, previous};
    *id = (uint32_t)tree->contents.count;
    if (FPS__ARRAY_PUSH(&tree->contents, &added, UINT32_MAX - 1) != FPS_OK)
        return fps__fail_memory(merge->error);
    return FPS_OK;
}

static fps_status add_link(merger *merge, uint32_t node, const fps__layer_entry *entry, uint32_t previous)
{
    uint32_t index = (uint32_t)(entry - merge->layer->entries.items);
    const hard_link link = {node, index, previous, FPS__NO_NODE, LINK_NEW};
    if (FPS__ARRAY_PUSH(&merge->links, &link, UINT32_MAX - 1) != FPS_OK)
        return fps__fail_memory(merge->error);
    merge->tree->records.items[node].content = (uint32_t)merge->links.count - 1;
    return FPS_OK;
}

/* Gives a living node what an entry says. */
static fps_status fill(merger *merge, uint32_t id, const fps__layer_entry *entry)
{
    fps__tree *tree = merge->tree;
    fps__tree_record *record = &tree->records.items[id];
    uint32_t previous = replaced_content(merge, record);
    if (entry->type != FPS__ENTRY_DIRECTORY)
        fps__tree_clear(tree, id);
    record->type = (uint8_t)entry->type;
    record->mode = (uint16_t)(entry->mode & 07777);
    record->layer = merge->index;
    record->size = 0;
    record->target = 0;
    record->content = FPS__NO_NODE;
    if (entry->type == FPS__ENTRY_FILE) {
        record->size = entry->size;
        return add_content(merge, entry->content, previous, &record->content);
    }
    if (entry->type == FPS__ENTRY_SYMLINK) {
        const char *target = entry->target ? entry->target : "";
        return fps__tree_keep(tree, target, strlen(target), &record->target, merge->error);
    }
    return entry->type == FPS__ENTRY_HARDLINK ? add_link(merge, id, entry, previous) : FPS_OK;
}

/* The node of an entry, living; FPS__NO_NODE when it has no place in the tree. */
static fps_status find_place(merger *merge, const fps__layer_entry *entry, uint32_t *id)
{
    fps__span path = {(const uint8_t *)entry->path, strlen(entry->path)};
    uint32_t parent;
    bool fresh;
    *id = FPS__NO_NODE;
    fps_status status = fps__tree_make_parent(merge->tree, path, merge->index, &parent, merge->error);
    if (status == FPS_ERROR_NOT_FOUND)
        diagnose(merge, BAD_PARENT, entry->path);
    if (status)
        return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
    const char *slash = strrchr(entry->path, '/'), *name = slash ? slash + 1 : entry->path;
    if (!*name) {
        *id = FPS__TREE_ROOT;
        return FPS_OK;
    }
    path = (fps__span){(const uint8_t *)name, strlen(name)};
    return fps__tree_enter(merge->tree, parent, path, id, &fresh, merge->error);
}

static fps_status place(merger *merge, const fps__layer_entry *entry)
{
    uint32_t id;
    fps_status status = find_place(merge, entry, &id);
    if (status || id == FPS__NO_NODE || (id == FPS__TREE_ROOT && entry->type != FPS__ENTRY_DIRECTORY))
        return status;
    return fill(merge, id, entry);
}

/* ---- hard links ---- */

/* The node is still what the hard link made of it. */
static bool is_current(const merger *merge, uint32_t link)
{
    const fps__tree_record *record = &merge->tree->records.items[merge->links.items[link].node];
    return !record->gone && record->type == FPS__ENTRY_HARDLINK && record->content == link;
}

static bool leads_on(const merger *merge, uint32_t node, uint32_t *link)
{
    if (node == FPS__NO_NODE || merge->tree->records.items[node].type != FPS__ENTRY_HARDLINK)
        return false;
    *link = merge->tree->records.items[node].content;
    return true;
}

/* Walks a chain of links to its end, which all of them get; a circle ends nowhere. */
static void resolve_link(merger *merge, uint32_t first)
{
    hard_link *links = merge->links.items;
    uint32_t at = first, end;
    for (;;) {
        if (links[at].state != LINK_NEW) {
            end = links[at].state == LINK_RESOLVED ? links[at].target : FPS__NO_NODE;
            break;
        }
        links[at].state = LINK_VISITED;
        end = links[at].target;
        if (!leads_on(merge, end, &at))
            break;
    }
    if (end != FPS__NO_NODE && merge->tree->records.items[end].type == FPS__ENTRY_DIRECTORY)
        end = FPS__NO_NODE;
    for (at = first; links[at].state == LINK_VISITED;) {
        uint32_t target = links[at].target, here = at;
        bool on = leads_on(merge, target, &at);
        links[here].state = LINK_RESOLVED;
        links[here].target = end;
        if (!on)
            break;
    }
}

/* Makes the node of a resolved link another name of the link's target. */
static void share(fps__tree *tree, const hard_link *link)
{
    const fps__tree_record *target = &tree->records.items[link->target];
    fps__tree_record *record = &tree->records.items[link->node];
    record->type = target->type;
    record->mode = target->mode;
    record->size = target->size;
    record->target = target->target;
    record->content = target->content;
    if (target->type != FPS__ENTRY_FILE)
        return;
    fps__tree_content *content = &tree->contents.items[target->content];
    if (content->layer == record->layer && content->previous == FPS__NO_NODE)
        content->previous = link->previous;
}

static void finish_links(merger *merge)
{
    uint32_t count = (uint32_t)merge->links.count;
    for (uint32_t i = 0; i < count; i++) {
        hard_link *link = &merge->links.items[i];
        const char *target = merge->layer->entries.items[link->entry].target;
        if (is_current(merge, i) && target)
            link->target = fps__tree_resolve_lower(merge->tree, target, false, false);
    }
    for (uint32_t i = 0; i < count; i++)
        if (is_current(merge, i))
            resolve_link(merge, i);
    for (uint32_t i = 0; i < count; i++) {
        const hard_link *link = &merge->links.items[i];
        if (!is_current(merge, i))
            continue;
        if (link->target != FPS__NO_NODE) {
            share(merge->tree, link);
            continue;
        }
        diagnose(merge, DANGLING_LINK, merge->layer->entries.items[link->entry].path);
        fps__tree_remove(merge->tree, link->node);
    }
}

fps_status fps__tree_apply(fps__tree *tree, const fps__layer *layer, uint32_t index,
                           fps__diagnostic_callback diagnostic, void *user, fps_error *error)
{
    merger merge = {tree, layer, index, error, .diagnostics = {diagnostic_kinds, diagnostic, user, {0}}};
    tree->link_steps = 0;
    fps_status status = remove_lower(&merge);
    for (size_t i = 0; i < layer->entries.count && !status; i++)
        if (!is_marker(&layer->entries.items[i]))
            status = place(&merge, &layer->entries.items[i]);
    if (!status) {
        finish_links(&merge);
        fps__diagnostics_finish(&merge.diagnostics);
    }
    free(merge.removals.items);
    free(merge.replaced.items);
    free(merge.links.items);
    return status;
}

/* ---- a walked directory ---- */

fps_status fps__tree_add(fps__tree *tree, const fps__layer_entry *entry, fps_error *error)
{
    merger merge = {
        .tree = tree, .index = UINT32_MAX, .error = error, .diagnostics = {.kinds = diagnostic_kinds}};
    fps__layer_entry name = *entry;
    uint32_t target = FPS__NO_NODE, id;
    if (is_marker(entry))
        return fps__fail(error, FPS_ERROR_ARGUMENT, entry->path, UINT64_MAX, "a whiteout in a directory");
    if (entry->type == FPS__ENTRY_HARDLINK) {
        target = entry->target ? fps__tree_find(tree, entry->target) : FPS__NO_NODE;
        if (target == FPS__NO_NODE || tree->records.items[target].type == FPS__ENTRY_DIRECTORY)
            return fps__fail(error, FPS_ERROR_NOT_FOUND, entry->path, UINT64_MAX, "no target of a hard link");
        name.type = FPS__ENTRY_OTHER;
    }
    tree->link_steps = 0;
    fps_status status = find_place(&merge, &name, &id);
    if (!status && id == FPS__NO_NODE)
        status = fps__fail(error, FPS_ERROR_NOT_FOUND, entry->path, UINT64_MAX, "no place for the name");
    if (status || id == target || (id == FPS__TREE_ROOT && name.type != FPS__ENTRY_DIRECTORY))
        return status;
    status = fill(&merge, id, &name);
    if (!status && target != FPS__NO_NODE)
        share(tree, &(hard_link){.node = id, .previous = FPS__NO_NODE, .target = target});
    return status;
}
