/* Merging layers into a tree by the rules of the OCI image-spec, and adding the names of a walked directory.
 *
 * A layer is merged in three steps: its whiteouts and opaque markers are looked up in what lower layers left,
 * then take effect; its entries are placed in their order; then the hard links that come before their targets
 * get what is at the end of their chain of links.
 *
 * A hard link is another name of the file that its target names when a runtime makes the link: what an earlier
 * entry of the layer put there, else what lower layers left, also where a whiteout of the same layer removes
 * that name or a later entry replaces it.
 */
#include "image/diagnostics.h"
#include "image/tree_state.h"
#include "util/clock.h"
#include "util/error.h"

#include <stdlib.h>

/* A whiteout or opaque marker, and what it acts on. */
typedef struct removal {
    uint32_t node;
    bool children; /* only those */
} removal;

/* What the target of a hard link named before the whiteouts of the layer acted. */
typedef struct lower_target {
    const fps__layer_entry *entry; /* the link */
    fps__tree_record record;
} lower_target;

typedef enum link_state { LINK_NEW = 0, LINK_VISITED, LINK_RESOLVED } link_state;

/* A hard link stays a mere name (of type HARDLINK) until all entries are placed. */
typedef struct hard_link {
    uint32_t node;
    uint32_t entry;
    uint32_t previous; /* content that it replaced in place, or FPS__NO_NODE */
    uint32_t target;   /* node, of one that comes before its target */
    link_state state;
    bool dangling;        /* once resolved: it is another name of nothing */
    fps__tree_record end; /* once resolved: of this */
} hard_link;

typedef enum merge_diagnostic { DANGLING_LINK, BAD_WHITEOUT, BAD_PARENT, TOO_MANY_LINKS } merge_diagnostic;

typedef struct merger {
    fps__tree *tree;
    const fps__layer *layer;
    uint32_t index;
    fps_error *error;
    fps__alarm alarm;
    fps__diagnostics diagnostics;
    FPS__ARRAY(removal) removals;
    FPS__ARRAY(uint32_t) replaced;          /* links with that mark */
    FPS__ARRAY(lower_target) lower_targets; /* in the order of entries */
    size_t next_target;                     /* the first of them whose entry was not placed yet */
    FPS__ARRAY(hard_link) links;
} merger;

static const fps__diagnostic_kind diagnostic_kinds[] = {
    [DANGLING_LINK] = {FPS_DIAGNOSTIC_NOTE, "dangling-hard-link", "the target of a hard link is not there"},
    [BAD_WHITEOUT] = {FPS_DIAGNOSTIC_NOTE, "bad-whiteout", "a whiteout names nothing that lower layers have"},
    [BAD_PARENT] = {FPS_DIAGNOSTIC_NOTE, "bad-parent",
                    "links to the parent go in circles or to a path that is too long"},
    [TOO_MANY_LINKS] = {FPS_DIAGNOSTIC_PARTIAL, "too-many-links",
                        "paths of the layer lead through more links than are followed: names are lost"},
};

static void diagnose(merger *merge, merge_diagnostic kind, const char *path)
{
    fps__diagnostics_add(&merge->diagnostics, kind, path, UINT64_MAX, NULL);
}

/* ---- targets of hard links ---- */

/* What a node is: of a hard link, what it is another name of. False when that is nothing, a directory, or not known
 * yet. */
static bool find_end(const merger *merge, uint32_t node, fps__tree_record *end)
{
    if (node == FPS__NO_NODE)
        return false;
    *end = merge->tree->records.items[node];
    if (end->type == FPS__ENTRY_HARDLINK) {
        const hard_link *link = &merge->links.items[end->content];
        if (link->state != LINK_RESOLVED || link->dangling)
            return false;
        *end = link->end;
    }
    return end->type != FPS__ENTRY_DIRECTORY;
}

/* The node that the target of a hard link names now. */
static uint32_t target_of(merger *merge, const fps__layer_entry *link)
{
    return link->target ? fps__tree_resolve_lower(merge->tree, link->target, false, false) : FPS__NO_NODE;
}

static fps_status keep_lower_targets(merger *merge)
{
    for (size_t i = 0; i < merge->layer->entries.count; i++) {
        lower_target lower = {.entry = &merge->layer->entries.items[i]};
        if (lower.entry->type == FPS__ENTRY_HARDLINK &&
            find_end(merge, target_of(merge, lower.entry), &lower.record) &&
            FPS__ARRAY_PUSH(&merge->lower_targets, &lower, UINT32_MAX) != FPS_OK)
            return fps__fail_memory(merge->error);
    }
    return FPS_OK;
}

/* The same at the link's turn among the entries: by the names of now, else by those that whiteouts removed. */
static bool find_target_in_turn(merger *merge, const fps__layer_entry *link, fps__tree_record *target)
{
    const lower_target *lower = NULL;
    if (merge->next_target < merge->lower_targets.count &&
        merge->lower_targets.items[merge->next_target].entry == link)
        lower = &merge->lower_targets.items[merge->next_target++];
    if (find_end(merge, target_of(merge, link), target))
        return true;
    if (lower)
        *target = lower->record;
    return lower != NULL;
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
    fps_status status = fps__tree_check_memory(tree, merge->error);
    if (status)
        return status;
    *id = (uint32_t)tree->contents.count;
    if (FPS__ARRAY_PUSH(&tree->contents, &added, UINT32_MAX - 1) != FPS_OK)
        return fps__fail_memory(merge->error);
    return FPS_OK;
}

static fps_status add_link(merger *merge, uint32_t node, const fps__layer_entry *entry, uint32_t previous,
                           const fps__tree_record *end)
{
    hard_link link = {.node = node,
                      .entry = (uint32_t)(entry - merge->layer->entries.items),
                      .previous = previous,
                      .target = FPS__NO_NODE,
                      .state = end ? LINK_RESOLVED : LINK_NEW};
    if (end)
        link.end = *end;
    if (FPS__ARRAY_PUSH(&merge->links, &link, UINT32_MAX - 1) != FPS_OK)
        return fps__fail_memory(merge->error);
    merge->tree->records.items[node].content = (uint32_t)merge->links.count - 1;
    return FPS_OK;
}

/* Gives a living node what an entry says; `target` is what a hard link is another name of, NULL when nothing is there
 * yet. */
static fps_status fill(merger *merge, uint32_t id, const fps__layer_entry *entry,
                       const fps__tree_record *target)
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
        const char *text = entry->target ? entry->target : "";
        return fps__tree_keep(tree, text, strlen(text), &record->target, merge->error);
    }
    if (entry->type != FPS__ENTRY_HARDLINK)
        return FPS_OK;
    return add_link(merge, id, entry, previous, target);
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
    fps__tree_record target;
    bool linked = entry->type == FPS__ENTRY_HARDLINK && find_target_in_turn(merge, entry, &target);
    fps_status status = find_place(merge, entry, &id);
    if (status || id == FPS__NO_NODE || (id == FPS__TREE_ROOT && entry->type != FPS__ENTRY_DIRECTORY))
        return status;
    return fill(merge, id, entry, linked ? &target : NULL);
}

/* ---- hard links before their targets ---- */

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
    fps__tree_record end = {.type = FPS__ENTRY_DIRECTORY};
    uint32_t at = first;
    bool found = false;
    while (links[at].state == LINK_NEW) {
        links[at].state = LINK_VISITED;
        found = find_end(merge, links[at].target, &end);
        if (!leads_on(merge, links[at].target, &at))
            break;
    }
    for (at = first; links[at].state == LINK_VISITED;) {
        hard_link *link = &links[at];
        link->state = LINK_RESOLVED;
        link->dangling = !found;
        link->end = end;
        if (!leads_on(merge, link->target, &at))
            break;
    }
}

/* Makes a node another name of what `target` is; `previous` is the content that it had in lower layers. */
static void share(fps__tree *tree, uint32_t node, const fps__tree_record *target, uint32_t previous)
{
    fps__tree_record *record = &tree->records.items[node];
    record->type = target->type;
    record->mode = target->mode;
    record->size = target->size;
    record->target = target->target;
    record->content = target->content;
    if (target->type != FPS__ENTRY_FILE)
        return;
    fps__tree_content *content = &tree->contents.items[target->content];
    if (content->layer == record->layer && content->previous == FPS__NO_NODE)
        content->previous = previous;
}

static void finish_links(merger *merge)
{
    uint32_t count = (uint32_t)merge->links.count;
    for (uint32_t i = 0; i < count; i++) {
        hard_link *link = &merge->links.items[i];
        if (is_current(merge, i) && link->state == LINK_NEW)
            link->target = target_of(merge, &merge->layer->entries.items[link->entry]);
    }
    for (uint32_t i = 0; i < count; i++)
        if (is_current(merge, i))
            resolve_link(merge, i);
    for (uint32_t i = 0; i < count; i++) {
        const hard_link *link = &merge->links.items[i];
        if (!is_current(merge, i))
            continue;
        if (!link->dangling) {
            share(merge->tree, link->node, &link->end, link->previous);
            continue;
        }
        diagnose(merge, DANGLING_LINK, merge->layer->entries.items[link->entry].path);
        fps__tree_remove(merge->tree, link->node);
    }
}

fps_status fps__tree_apply(fps__tree *tree, const fps__layer *layer, uint32_t index,
                           fps__diagnostic_callback diagnostic, void *user, fps_error *error)
{
    merger merge = {.tree = tree,
                    .layer = layer,
                    .index = index,
                    .error = error,
                    .alarm = {.deadline_ms = tree->deadline_ms},
                    .diagnostics = {diagnostic_kinds, diagnostic, user, {0}}};
    tree->link_steps = 0;
    fps_status status = keep_lower_targets(&merge);
    if (!status)
        status = remove_lower(&merge);
    for (size_t i = 0; i < layer->entries.count && !status; i++) {
        if (fps__alarm_rings(&merge.alarm))
            status =
                fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "the time to merge the layers ran out");
        else if (!is_marker(&layer->entries.items[i]))
            status = place(&merge, &layer->entries.items[i]);
    }
    if (!status) {
        finish_links(&merge);
        if (tree->link_steps > FPS__TREE_MAX_LINK_STEPS)
            diagnose(&merge, TOO_MANY_LINKS, NULL);
        fps__diagnostics_finish(&merge.diagnostics);
    }
    free(merge.removals.items);
    free(merge.replaced.items);
    free(merge.lower_targets.items);
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
    status = fill(&merge, id, &name, NULL);
    if (!status && target != FPS__NO_NODE)
        share(tree, id, &tree->records.items[target], FPS__NO_NODE);
    return status;
}
