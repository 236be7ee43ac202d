/* Ownership: which package owns which node of the tree. */
#include "drift/drift.h"

#include "util/clock.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

typedef struct finder {
    fps__ownership *ownership;
    fps__inventory *inventory;
    const fps__tree *tree;
    const fps__diversion **diversions; /* sorted by `from` */
    size_t diversion_count;
    uint8_t *system_directory; /* by node: some system package lists it as a directory */
    uint32_t *root;            /* by node: package whose root it is, or lies in */
    fps__alarm alarm;
} finder;

static uint32_t *new_indexes(size_t count, uint32_t value)
{
    uint32_t *items = calloc(count + 1, sizeof *items);
    for (size_t i = 0; items && i < count; i++)
        items[i] = value;
    return items;
}

/* ---- the nodes of paths ---- */

static int compare_diversions(const void *a, const void *b)
{
    const fps__diversion *first = *(const fps__diversion *const *)a;
    const fps__diversion *second = *(const fps__diversion *const *)b;
    int order = strcmp(first->from, second->from);
    order = order ? order : strcmp(first->to, second->to);
    return order ? order : strcmp(first->by, second->by);
}

static bool sort_diversions(finder *f)
{
    f->diversion_count = f->inventory->diversions.count;
    f->diversions = calloc(f->diversion_count + 1, sizeof *f->diversions);
    if (!f->diversions)
        return false;
    for (size_t i = 0; i < f->diversion_count; i++)
        f->diversions[i] = &f->inventory->diversions.items[i];
    qsort(f->diversions, f->diversion_count, sizeof *f->diversions, compare_diversions);
    return true;
}

static const fps__diversion *find_diversion(const finder *f, const char *path)
{
    size_t found;
    FPS__LOWER_BOUND(found, f->diversion_count, at, strcmp(f->diversions[at]->from, path) < 0);
    bool same = found < f->diversion_count && strcmp(f->diversions[found]->from, path) == 0;
    return same ? f->diversions[found] : NULL;
}

static uint32_t node_of_path(const finder *f, const fps__inventory_package *package, const char *path)
{
    if (package->facts.kind == FPS_PACKAGE_DEB) {
        const fps__diversion *diversion = find_diversion(f, path);
        if (diversion && strcmp(diversion->by, package->facts.name) != 0)
            path = diversion->to;
    }
    return fps__tree_resolve(f->tree, path, false);
}

static bool has_type(const fps__owned_path *owned, fps__entry_type type)
{
    unsigned known = owned->flags & (FPS__OWNED_REGULAR | FPS__OWNED_DIRECTORY | FPS__OWNED_LINK);
    unsigned wanted = type == FPS__ENTRY_FILE      ? FPS__OWNED_REGULAR
                      : type == FPS__ENTRY_SYMLINK ? FPS__OWNED_LINK
                                                   : 0;
    return !known || known == wanted;
}

/* Does a later package that lists the node go before the owner so far? */
static bool is_better(const finder *f, uint32_t node, fps__entry_type type, uint32_t package,
                      const fps__owned_path *owned)
{
    uint32_t owner = f->ownership->owner[node];
    if (owner == UINT32_MAX)
        return true;
    bool fits = has_type(owned, type), fitted = has_type(f->ownership->owned_path[node], type);
    if (fits != fitted)
        return fits;
    bool system = fps__is_system_package(&f->inventory->packages.items[package]);
    bool was_system = fps__is_system_package(&f->inventory->packages.items[owner]);
    return system == was_system || system;
}

static void take_path(finder *f, uint32_t package, const fps__owned_path *owned, uint32_t id)
{
    fps__tree_node node;
    if (id >= f->ownership->count || !fps__tree_get(f->tree, id, &node))
        return;
    if (node.type == FPS__ENTRY_DIRECTORY) {
        f->system_directory[id] |= fps__is_system_package(&f->inventory->packages.items[package]);
    } else if (!(owned->flags & FPS__OWNED_DIRECTORY) && is_better(f, id, node.type, package, owned)) {
        f->ownership->owner[id] = package;
        f->ownership->owned_path[id] = owned;
    }
}

static void take_paths(finder *f)
{
    for (uint32_t p = 0; p < f->inventory->packages.count; p++) {
        const fps__inventory_package *package = &f->inventory->packages.items[p];
        uint32_t *nodes = f->ownership->path_node + f->ownership->first_path[p];
        for (size_t i = 0; f->tree && i < package->path_count && !fps__alarm_rings(&f->alarm); i++) {
            nodes[i] = node_of_path(f, package, package->paths[i].path);
            take_path(f, p, &package->paths[i], nodes[i]);
        }
        f->ownership->any_system |=
            fps__is_system_package(package) && package->paths_known && package->path_count;
    }
}

/* ---- what belongs to a package as a whole ---- */

static bool mark_roots(finder *f)
{
    bool any = false;
    for (uint32_t p = 0; p < f->inventory->packages.count; p++) {
        const char *path = f->inventory->packages.items[p].root;
        if (!path || !*path)
            continue;
        uint32_t node = fps__tree_resolve(f->tree, path, true);
        if (node == FPS__TREE_ROOT || node >= f->ownership->count || f->system_directory[node])
            continue;
        f->root[node] = p;
        any = true;
    }
    return any;
}

/* The node after `node` in a walk that has been below it: a sibling of it or of what it lies in. */
static uint32_t next_beside(const fps__tree *tree, uint32_t node)
{
    while (node != FPS__TREE_ROOT) {
        fps__tree_node facts;
        uint32_t sibling = fps__tree_sibling(tree, node);
        if (sibling != FPS__NO_NODE)
            return sibling;
        if (!fps__tree_get(tree, node, &facts))
            break;
        node = facts.parent;
    }
    return FPS__NO_NODE;
}

static void take_roots(finder *f)
{
    if (!f->tree || !mark_roots(f))
        return;
    uint32_t node = fps__tree_child(f->tree, FPS__TREE_ROOT);
    while (node < f->ownership->count) {
        fps__tree_node facts;
        if (!fps__tree_get(f->tree, node, &facts))
            return;
        if (f->root[node] == UINT32_MAX)
            f->root[node] = f->root[facts.parent];
        if (facts.type != FPS__ENTRY_DIRECTORY && f->ownership->owner[node] == UINT32_MAX)
            f->ownership->owner[node] = f->root[node];
        uint32_t child = fps__tree_child(f->tree, node);
        node = child != FPS__NO_NODE ? child : next_beside(f->tree, node);
    }
}

/* ---- names of the same bytes ---- */

/* The content of a regular file, FPS__NO_NODE for any other node. */
static uint32_t content_of(const finder *f, uint32_t id)
{
    fps__tree_node node;
    if (!fps__tree_get(f->tree, id, &node) || node.type != FPS__ENTRY_FILE)
        return FPS__NO_NODE;
    return node.content;
}

static bool share_links(finder *f)
{
    uint32_t count = f->tree ? fps__tree_content_count(f->tree) : 0;
    fps__ownership *ownership = f->ownership;
    uint32_t *first = new_indexes(count, FPS__NO_NODE); /* by content: the first of its names that is owned */
    if (!first)
        return false;
    for (uint32_t id = 0; id < ownership->count; id++) {
        uint32_t content = ownership->owner[id] != UINT32_MAX ? content_of(f, id) : FPS__NO_NODE;
        if (content < count && first[content] == FPS__NO_NODE)
            first[content] = id;
    }
    for (uint32_t id = 0; id < ownership->count; id++) {
        uint32_t content = ownership->owner[id] == UINT32_MAX ? content_of(f, id) : FPS__NO_NODE;
        if (content >= count || first[content] == FPS__NO_NODE)
            continue;
        ownership->owner[id] = ownership->owner[first[content]];
        ownership->owned_path[id] = ownership->owned_path[first[content]];
    }
    free(first);
    return true;
}

/* ---- layers ---- */

static void keep_lowest(uint32_t *layer, uint32_t other)
{
    if (other < *layer)
        *layer = other;
}

/* The layer of the file that lists a package: a database, or the archive that its metadata lies in. */
static uint32_t layer_of_location(const finder *f, const char *location)
{
    char path[4096];
    size_t length = strcspn(location, "!");
    fps__tree_node node;
    uint32_t id = f->tree && *location ? fps__tree_resolve(f->tree, location, true) : FPS__NO_NODE;
    if (id == FPS__NO_NODE && f->tree && location[length] && length < sizeof path) {
        memcpy(path, location, length);
        path[length] = '\0';
        id = fps__tree_resolve(f->tree, path, true);
    }
    return id != FPS__NO_NODE && fps__tree_get(f->tree, id, &node) ? node.layer : UINT32_MAX;
}

static bool find_layers(finder *f)
{
    size_t packages = f->inventory->packages.count;
    uint32_t *config = new_indexes(packages, UINT32_MAX);
    if (!config)
        return false;
    for (size_t p = 0; p < packages; p++) {
        f->inventory->packages.items[p].facts.layer = UINT32_MAX;
        f->inventory->packages.items[p].facts.owned = 0;
    }
    for (uint32_t id = 0; id < f->ownership->count; id++) {
        uint32_t owner = f->ownership->owner[id];
        uint32_t content = owner != UINT32_MAX ? content_of(f, id) : FPS__NO_NODE;
        fps__tree_content bytes;
        if (content == FPS__NO_NODE || !fps__tree_get_content(f->tree, content, &bytes))
            continue;
        fps_package *facts = &f->inventory->packages.items[owner].facts;
        const fps__owned_path *owned = f->ownership->owned_path[id];
        bool is_config = owned && owned->flags & (FPS__OWNED_CONFIG | FPS__OWNED_GHOST);
        keep_lowest(is_config ? &config[owner] : &facts->layer, bytes.layer);
        facts->owned++;
    }
    for (size_t p = 0; p < packages; p++) {
        fps_package *facts = &f->inventory->packages.items[p].facts;
        if (facts->layer == UINT32_MAX)
            facts->layer = config[p];
        if (facts->layer == UINT32_MAX)
            facts->layer = layer_of_location(f, facts->location);
    }
    free(config);
    return true;
}

/* ---- all of it ---- */

static bool create(finder *f)
{
    fps__ownership *ownership = f->ownership;
    size_t packages = f->inventory->packages.count, paths = 0;
    ownership->count = f->tree ? fps__tree_count(f->tree) : 0;
    ownership->first_path = calloc(packages + 1, sizeof *ownership->first_path);
    if (!ownership->first_path)
        return false;
    for (size_t p = 0; p < packages; p++) {
        ownership->first_path[p] = paths;
        paths += f->inventory->packages.items[p].path_count; /* each is an object in memory: no overflow */
    }
    ownership->first_path[packages] = paths;
    ownership->path_node = new_indexes(paths, FPS__NO_NODE);
    ownership->owner = new_indexes(ownership->count, UINT32_MAX);
    ownership->owned_path = calloc((size_t)ownership->count + 1, sizeof *ownership->owned_path);
    f->system_directory = calloc((size_t)ownership->count + 1, 1);
    f->root = new_indexes(ownership->count, UINT32_MAX);
    return ownership->path_node && ownership->owner && ownership->owned_path && f->system_directory &&
           f->root && sort_diversions(f);
}

fps_status fps__ownership_find(fps__ownership *ownership, fps__inventory *inventory, const fps__tree *tree,
                               uint64_t deadline_ms, fps_error *error)
{
    *ownership = (fps__ownership){0};
    finder f = {
        .ownership = ownership, .inventory = inventory, .tree = tree, .alarm = {.deadline_ms = deadline_ms}};
    bool done = create(&f);
    if (done) {
        take_paths(&f);
        take_roots(&f);
        done = share_links(&f) && find_layers(&f);
    }
    free(f.diversions);
    free(f.system_directory);
    free(f.root);
    if (done)
        return FPS_OK;
    fps__ownership_free(ownership);
    return fps__fail_memory(error);
}

void fps__ownership_share(fps__ownership *ownership, fps__inventory *inventory, const uint32_t *nodes,
                          size_t count)
{
    uint32_t owned = FPS__NO_NODE;
    for (size_t i = 0; i < count && owned == FPS__NO_NODE; i++)
        if (nodes[i] < ownership->count && ownership->owner[nodes[i]] != UINT32_MAX)
            owned = nodes[i];
    for (size_t i = 0; i < count && owned != FPS__NO_NODE; i++)
        if (nodes[i] < ownership->count && ownership->owner[nodes[i]] == UINT32_MAX) {
            ownership->owner[nodes[i]] = ownership->owner[owned];
            ownership->owned_path[nodes[i]] = ownership->owned_path[owned];
            inventory->packages.items[ownership->owner[owned]].facts.owned++;
        }
}

void fps__ownership_free(fps__ownership *ownership)
{
    if (!ownership)
        return;
    free(ownership->owner);
    free(ownership->owned_path);
    free(ownership->first_path);
    free(ownership->path_node);
    *ownership = (fps__ownership){0};
}
