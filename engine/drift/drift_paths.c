/* Drift of owned paths: programs and libraries that are missing, and bytes that differ from the manifest. */
#include "drift/drift_internal.h"

#include "util/digest.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- places of programs and libraries ---- */

static bool ends_with(const char *text, size_t length, const char *end)
{
    size_t size = strlen(end);
    return length >= size && memcmp(text + length - size, end, size) == 0;
}

/* "libz.so", "libz.so.1.2.13" in a directory of libraries. */
static bool is_library(const char *path, size_t directory, const char *name)
{
    const char *mark = strstr(name, ".so");
    bool named = mark && (mark[3] == '\0' || mark[3] == '.');
    char copy[4096];
    if (!named || directory >= sizeof copy)
        return false;
    memcpy(copy, path, directory);
    copy[directory] = '\0';
    return strstr(copy, "/lib") != NULL;
}

/* A program or library by its place and name. */
static bool is_binary_place(const char *path)
{
    const char *name = base_name(path);
    size_t directory = (size_t)(name - path);
    if (directory < 2 || !*name)
        return false;
    directory--; /* without its '/' */
    return ends_with(path, directory, "/bin") || ends_with(path, directory, "/sbin") ||
           ends_with(path, directory, "/libexec") || memmem(path, directory, "/libexec/", 9) ||
           is_library(path, directory, name);
}

/* ---- missing ---- */

/* Claims of one package, sorted by path when first needed. */
typedef struct path_order {
    const fps__inventory_package *package;
    const fps__owned_path **sorted;
} path_order;

static int compare_paths(const void *a, const void *b)
{
    return strcmp((*(const fps__owned_path *const *)a)->path, (*(const fps__owned_path *const *)b)->path);
}

static bool sort_paths(path_order *order)
{
    size_t count = order->package->path_count;
    order->sorted = calloc(count + 1, sizeof *order->sorted);
    for (size_t i = 0; order->sorted && i < count; i++)
        order->sorted[i] = &order->package->paths[i];
    if (order->sorted)
        qsort(order->sorted, count, sizeof *order->sorted, compare_paths);
    return order->sorted != NULL;
}

/* Compares the start of `path` with "DIRECTORY/"; 0 for a path below the directory. */
static int compare_below(const char *path, const char *directory, size_t length)
{
    int order = strncmp(path, directory, length);
    return order ? order : FPS__COMPARE(path[length], '/');
}

/* A path below which the package lists another is a directory. Without memory: false. */
static bool is_parent(fps__drift_work *work, path_order *order, const char *path)
{
    size_t found, length = strlen(path);
    if (!order->sorted && !sort_paths(order)) {
        work->no_memory = true;
        return false;
    }
    FPS__LOWER_BOUND(found, order->package->path_count, at,
                     compare_below(order->sorted[at]->path, path, length) < 0);
    return found < order->package->path_count && compare_below(order->sorted[found]->path, path, length) == 0;
}

static int compare_files(const void *a, const void *b)
{
    const fps_file *first = *(const fps_file *const *)a, *second = *(const fps_file *const *)b;
    int order = strcmp(first->path, second->path);
    return order ? order : (first->layer < second->layer) - (first->layer > second->layer);
}

/* Deleted files by path, of the same path the highest layer first. */
typedef struct deleted_files {
    const fps_file **items;
    size_t count;
} deleted_files;

static bool list_deleted(deleted_files *deleted, const fps__drift_input *input)
{
    deleted->items = calloc(input->file_count + 1, sizeof *deleted->items);
    for (size_t i = 0; deleted->items && i < input->file_count; i++)
        if (input->files[i].visibility == FPS_VISIBILITY_DELETED && !input->files[i].archive_path)
            deleted->items[deleted->count++] = &input->files[i];
    if (deleted->items)
        qsort(deleted->items, deleted->count, sizeof *deleted->items, compare_files);
    return deleted->items != NULL;
}

static const fps_file *find_deleted(const deleted_files *deleted, const char *path)
{
    size_t found;
    FPS__LOWER_BOUND(found, deleted->count, at, strcmp(deleted->items[at]->path, path) < 0);
    bool same = found < deleted->count && strcmp(deleted->items[found]->path, path) == 0;
    return same ? deleted->items[found] : NULL;
}

/* The path as it would be in the tree: its directory resolved. */
static const char *path_in_tree(fps__drift_work *work, const char *path)
{
    const char *name = base_name(path);
    char *directory = fps__arena_text(work->arena, path, name > path + 1 ? (size_t)(name - path) - 1 : 1);
    if (!directory) {
        work->no_memory = true;
        return path;
    }
    uint32_t node = work->input->tree ? fps__tree_resolve(work->input->tree, directory, true) : FPS__NO_NODE;
    if (node == FPS__NO_NODE)
        return path;
    const char *parent = fps__drift_path(work, node);
    return fps__drift_join(work, strcmp(parent, "/") == 0 ? "" : parent, "/", name);
}

static void add_missing(fps__drift_work *work, const deleted_files *deleted, uint32_t package,
                        const fps__owned_path *owned)
{
    const fps_package *facts = &work->input->inventory->packages.items[package].facts;
    const char *layer = "";
    const fps_file *file = NULL;
    bool partial = work->input->partial;
    if (deleted->count) {
        file = find_deleted(deleted, owned->path);
        file = file ? file : find_deleted(deleted, path_in_tree(work, owned->path));
    }
    if (file && file->layer != UINT32_MAX)
        layer = fps__drift_text(work, "; layer %u brought it and a later layer deleted it", file->layer);
    fps_drift item = {.kind = FPS_DRIFT_MISSING,
                      .level = partial ? FPS_DRIFT_LEVEL_NOTE : FPS_DRIFT_LEVEL_DRIFT,
                      .path = owned->path,
                      .file = file ? (uint32_t)(file - work->input->files) : UINT32_MAX,
                      .package = package,
                      .other = UINT32_MAX,
                      .claimed = facts->version,
                      .message = fps__drift_text(work, "package %s %s lists it and it is not there%s%s",
                                                 facts->name, facts->version, layer,
                                                 partial ? "; but not all of the target was read" : "")};
    fps__drift_add(work, &item);
}

/* A diverted file that was never moved is still at the place that the package names. */
static bool is_at_its_name(const fps__drift_work *work, const fps__owned_path *owned)
{
    const fps__tree *tree = work->input->tree;
    return work->input->inventory->diversions.count && tree &&
           fps__tree_resolve(tree, owned->path, false) != FPS__NO_NODE;
}

/* Packages without a manifest do not say which of their paths are links; those of a package with one that are
 * not in it are no regular files. */
static bool has_manifest(const fps__inventory_package *package)
{
    for (size_t i = 0; i < package->path_count; i++)
        if (package->paths[i].flags & FPS__OWNED_REGULAR)
            return true;
    return false;
}

static void check_missing(fps__drift_work *work, const deleted_files *deleted, uint32_t id)
{
    const fps__inventory_package *package = &work->input->inventory->packages.items[id];
    const fps__ownership *ownership = work->input->ownership;
    const unsigned may = FPS__OWNED_OPTIONAL | FPS__OWNED_GHOST | FPS__OWNED_CONFIG | FPS__OWNED_DIRECTORY;
    path_order order = {.package = package};
    unsigned must = has_manifest(package) ? FPS__OWNED_REGULAR : 0;
    for (size_t i = 0; i < package->path_count && !fps__drift_stops(work); i++) {
        const fps__owned_path *owned = &package->paths[i];
        if (ownership->path_node[ownership->first_path[id] + i] != FPS__NO_NODE || (owned->flags & may) ||
            (owned->flags & must) != must || !is_binary_place(owned->path) || is_at_its_name(work, owned) ||
            (!must && is_parent(work, &order, owned->path)))
            continue;
        add_missing(work, deleted, id, owned);
    }
    free(order.sorted);
}

void fps__drift_missing(fps__drift_work *work)
{
    const fps__inventory *inventory = work->input->inventory;
    deleted_files deleted = {0};
    if (!list_deleted(&deleted, work->input)) {
        work->no_memory = true;
        return;
    }
    for (uint32_t p = 0; p < inventory->packages.count && !fps__drift_stops(work); p++)
        if (fps__is_system_package(&inventory->packages.items[p]) && inventory->packages.items[p].paths_known)
            check_missing(work, &deleted, p);
    free(deleted.items);
}

/* ---- digests ---- */

static const struct digest_kind {
    const char *name;
    size_t size;
} digest_kinds[] = {[FPS__DIGEST_MD5] = {"md5", 16},
                    [FPS__DIGEST_SHA1] = {"sha1", 20},
                    [FPS__DIGEST_SHA256] = {"sha256", 32}};

static const uint8_t *digest_of_kind(const fps__digests *digests, uint8_t kind)
{
    if (kind == FPS__DIGEST_MD5)
        return digests->md5;
    return kind == FPS__DIGEST_SHA1 ? digests->sha1 : digests->sha256;
}

static bool is_comparable(const fps__owned_path *owned)
{
    return owned->digest_kind == FPS__DIGEST_MD5 || owned->digest_kind == FPS__DIGEST_SHA1 ||
           owned->digest_kind == FPS__DIGEST_SHA256;
}

fps__comparison fps__digests_compare(const fps__owned_path *owned, const fps__digests *digests)
{
    if (!digests || !is_comparable(owned))
        return FPS__COMPARISON_NONE;
    return memcmp(owned->digest, digest_of_kind(digests, owned->digest_kind),
                  digest_kinds[owned->digest_kind].size) == 0
               ? FPS__COMPARISON_SAME
               : FPS__COMPARISON_OTHER;
}

static const char *digest_text(fps__drift_work *work, uint8_t kind, const uint8_t *digest)
{
    char text[FPS__SHA256_DIGITS + 1];
    fps__hex_write(digest, digest_kinds[kind].size, text);
    return fps__drift_text(work, "%s:%s", digest_kinds[kind].name, text);
}

static bool is_bytecode(const char *path)
{
    size_t length = strlen(path);
    return ends_with(path, length, ".pyc") || ends_with(path, length, ".pyo");
}

/* What was learnt of a node from all packages that list it. */
enum { NODE_SAME = 1, NODE_ADDED = 2 };

/* The node whose bytes can be compared with those that the package lists, FPS__NO_NODE for none. */
static uint32_t node_to_compare(const fps__drift_work *work, uint32_t package, size_t index)
{
    const fps__ownership *ownership = work->input->ownership;
    const fps__owned_path *owned = &work->input->inventory->packages.items[package].paths[index];
    uint32_t id = ownership->path_node[ownership->first_path[package] + index];
    fps__tree_node node;
    if (owned->digest_kind == FPS__DIGEST_NONE || owned->flags & (FPS__OWNED_CONFIG | FPS__OWNED_GHOST) ||
        is_bytecode(owned->path) || id >= ownership->count || !fps__tree_get(work->input->tree, id, &node))
        return FPS__NO_NODE;
    return node.type == FPS__ENTRY_FILE ? id : FPS__NO_NODE;
}

static void add_digest(fps__drift_work *work, uint32_t package, const fps__owned_path *owned, uint32_t node)
{
    const fps_package *facts = &work->input->inventory->packages.items[package].facts;
    const fps__digests *digests = fps__drift_digests(work, node);
    uint32_t file = work->input->file_of(work->input->user, node);
    bool linked = work->prelink && file < work->input->file_count;
    fps_drift item = {.kind = FPS_DRIFT_DIGEST,
                      .level = linked ? FPS_DRIFT_LEVEL_NOTE : FPS_DRIFT_LEVEL_DRIFT,
                      .path = fps__drift_path(work, node),
                      .file = file,
                      .package = package,
                      .other = UINT32_MAX,
                      .claimed = digest_text(work, owned->digest_kind, owned->digest),
                      .found =
                          digest_text(work, owned->digest_kind, digest_of_kind(digests, owned->digest_kind)),
                      .message = fps__drift_text(
                          work, "its %s differs from what package %s %s says%s",
                          digest_kinds[owned->digest_kind].name, facts->name, facts->version,
                          linked ? ", and prelink, which is installed, changes programs and libraries" : "")};
    fps__drift_add(work, &item);
}

/* One line for each package some of whose files could not be compared. */
static void add_uncompared(fps__drift_work *work, uint32_t package, const char *first, size_t count)
{
    const fps_package *facts = &work->input->inventory->packages.items[package].facts;
    if (!count)
        return;
    fps_drift item = {.kind = FPS_DRIFT_DIGEST,
                      .level = FPS_DRIFT_LEVEL_NOTE,
                      .path = first,
                      .file = UINT32_MAX,
                      .package = package,
                      .other = UINT32_MAX,
                      .message =
                          fps__drift_text(work, "not compared: %zu file%s of package %s %s, this one first",
                                          count, count == 1 ? "" : "s", facts->name, facts->version)};
    fps__drift_add(work, &item);
}

static void note_same(fps__drift_work *work, uint8_t *state, uint32_t package)
{
    const fps__inventory_package *facts = &work->input->inventory->packages.items[package];
    for (size_t i = 0; i < facts->path_count; i++) {
        uint32_t node = node_to_compare(work, package, i);
        if (node != FPS__NO_NODE &&
            fps__digests_compare(&facts->paths[i], fps__drift_digests(work, node)) == FPS__COMPARISON_SAME)
            state[node] |= NODE_SAME;
    }
}

static void check_digests(fps__drift_work *work, uint8_t *state, uint32_t package)
{
    const fps__inventory_package *facts = &work->input->inventory->packages.items[package];
    const char *first = NULL;
    size_t uncompared = 0;
    for (size_t i = 0; i < facts->path_count && !fps__drift_stops(work); i++) {
        const fps__owned_path *owned = &facts->paths[i];
        uint32_t node = node_to_compare(work, package, i);
        if (node == FPS__NO_NODE || state[node])
            continue;
        fps__comparison compared = fps__digests_compare(owned, fps__drift_digests(work, node));
        if (compared == FPS__COMPARISON_NONE && !uncompared++)
            first = owned->path;
        if (compared == FPS__COMPARISON_OTHER) {
            add_digest(work, package, owned, node);
            state[node] |= NODE_ADDED;
        }
    }
    if (work->input->verify)
        add_uncompared(work, package, first, uncompared);
}

void fps__drift_digest(fps__drift_work *work)
{
    const fps__inventory *inventory = work->input->inventory;
    uint8_t *state = calloc((size_t)work->input->ownership->count + 1, 1);
    if (!state) {
        work->no_memory = true;
        return;
    }
    for (uint32_t p = 0; p < inventory->packages.count; p++)
        note_same(work, state, p);
    for (uint32_t p = 0; p < inventory->packages.count && !fps__drift_stops(work); p++)
        check_digests(work, state, p);
    free(state);
}
