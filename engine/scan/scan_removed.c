/* Packages that a layer of an image lists and the finished image does not: a later layer removed them, or their database.
 *
 * The layers are merged once more. Where a layer hides a file that an inventory reads, the inventories are read as they
 * were below it, and what is not in the finished image is added. */
#include "scan/scan_packages.h"

#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_STATES = 64,     /* inventories of lower layers that are read */
    MAX_STEPS = 1 << 30, /* looks at names of all states */
    PATH_SIZE = 1 << 16,
};

/* What stands in the merged layers up to one of them. */
typedef struct state {
    FPS__ARRAY(uint64_t) contents; /* of files that inventories read: layer << 32 | content, sorted */
    FPS__ARRAY(fps__inventory_file) files;
} state;

typedef struct history {
    fps__package_work *w;
    fps__tree *names; /* of the layers so far */
    bool *hides;      /* by layer: it hides a file that an inventory reads */
    fps__arena paths; /* of the files of one state */
    size_t states;
    uint64_t steps;
    uint32_t *order; /* the result's packages in the order of compare_packages */
    bool no_memory, cut;
} history;

static int compare_numbers(const void *left, const void *right)
{
    return FPS__COMPARE(*(const uint64_t *)left, *(const uint64_t *)right);
}

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const fps__inventory_file *)left)->path, ((const fps__inventory_file *)right)->path);
}

/* Lists the files that inventories read; `paths` asks for their names and bytes too. */
static bool list_state(history *h, bool paths, state *made)
{
    uint32_t count = fps__tree_count(h->names);
    char *path = malloc(PATH_SIZE);
    made->contents.count = made->files.count = 0;
    fps__arena_reset(&h->paths);
    bool good = path != NULL;
    h->steps += count;
    for (uint32_t i = 0; good && i < count; i++) {
        fps__tree_node node;
        fps__tree_content place;
        const fps__content *content = fps__scan_content(h->w->run, h->names, i);
        if (!content || !(content->flags & FPS__CONTENT_CAPTURED) || !fps__tree_get(h->names, i, &node) ||
            !fps__tree_get_content(h->names, node.content, &place))
            continue;
        uint64_t key = (uint64_t)place.layer << 32 | place.content;
        good = FPS__ARRAY_PUSH(&made->contents, &key, UINT32_MAX) == FPS_OK;
        if (!good || !paths || !fps__tree_path(h->names, i, path, PATH_SIZE))
            continue;
        fps__inventory_file file = {fps__arena_string(&h->paths, path), content->captured};
        good = file.path && FPS__ARRAY_PUSH(&made->files, &file, UINT32_MAX) == FPS_OK;
    }
    free(path);
    if (made->contents.count)
        qsort(made->contents.items, made->contents.count, sizeof *made->contents.items, compare_numbers);
    if (made->files.count)
        qsort(made->files.items, made->files.count, sizeof *made->files.items, compare_files);
    h->no_memory |= !good;
    return good;
}

static void free_state(state *made)
{
    free(made->contents.items);
    free(made->files.items);
}

/* Is some content of the first state not in the second? */
static bool lost_any(const state *before, const state *after)
{
    size_t at = 0;
    for (size_t i = 0; i < before->contents.count; i++) {
        while (at < after->contents.count && after->contents.items[at] < before->contents.items[i])
            at++;
        if (at == after->contents.count || after->contents.items[at] != before->contents.items[i])
            return true;
    }
    return false;
}

/* ---- packages ---- */

static int compare_packages(const fps_package *a, const fps_package *b, bool whole)
{
    int order = FPS__COMPARE(a->kind, b->kind);
    order = order ? order : strcmp(a->name, b->name);
    if (order || !whole)
        return order;
    order = strcmp(a->version, b->version);
    return order ? order : strcmp(a->architecture, b->architecture);
}

static int compare_indexes(const void *left, const void *right, void *user)
{
    const fps_package *list = user;
    return compare_packages(&list[*(const uint32_t *)left], &list[*(const uint32_t *)right], true);
}

static bool sort_known(history *h)
{
    fps_result *result = h->w->result;
    free(h->order);
    h->order = malloc((result->packages.count + 1) * sizeof *h->order);
    for (uint32_t i = 0; h->order && i < result->packages.count; i++)
        h->order[i] = i;
    if (h->order && result->packages.count)
        qsort_r(h->order, result->packages.count, sizeof *h->order, compare_indexes, result->packages.items);
    h->no_memory |= !h->order;
    return h->order != NULL;
}

/* The first of `count` known packages that is like this one: the same, or of the same name. */
static fps_package *find_known(const history *h, size_t count, const fps_package *package, bool whole)
{
    fps_package *list = h->w->result->packages.items;
    size_t low;
    FPS__LOWER_BOUND(low, count, at, compare_packages(&list[h->order[at]], package, whole) < 0);
    return low < count && !compare_packages(&list[h->order[low]], package, whole) ? &list[h->order[low]]
                                                                                  : NULL;
}

static bool add_missing(history *h, const fps__inventory *inventory)
{
    fps_result *result = h->w->result;
    size_t known = result->packages.count;
    if (!sort_known(h))
        return false;
    for (size_t i = 0; i < inventory->packages.count; i++) {
        fps_package package = inventory->packages.items[i].facts;
        fps_package *same = find_known(h, known, &package, true);
        if (same && !same->owned && package.layer < same->layer)
            same->layer = package.layer; /* without files, the lowest layer that lists it brought it in */
        if (same)
            continue;
        const fps_package *other = find_known(h, known, &package, false);
        bool replaced = other && other->visibility == FPS_VISIBILITY_VISIBLE;
        package.visibility = replaced ? FPS_VISIBILITY_SHADOWED : FPS_VISIBILITY_DELETED;
        package.depends = NULL;
        package.depend_count = 0;
        package.parent = UINT32_MAX;
        package.owned = 0;
        if (FPS__ARRAY_PUSH(&result->packages, &package, UINT32_MAX) != FPS_OK)
            return false;
    }
    return true;
}

/* Reads the inventories of the layers so far. What is wrong with them was said of the layer, or is of no use now. */
static fps_status read_state(history *h, const state *made, fps_error *error)
{
    fps__scan_run *run = h->w->run;
    fps__inventory inventory;
    fps__ownership ownership = {0};
    const fps__inventory_options options = {.memory = fps__scan_names_memory(run),
                                            .deadline_ms = run->deadline_ms};
    fps_status status =
        fps__inventory_read(&inventory, made->files.items, made->files.count, &options, error);
    if (status == FPS_ERROR_MEMORY) {
        h->cut = true;
        return FPS_OK;
    }
    if (status == FPS_OK)
        status = fps__ownership_find(&ownership, &inventory, h->names, run->deadline_ms, error);
    if (status == FPS_OK && !add_missing(h, &inventory))
        status = fps__fail_memory(error);
    fps__arena_absorb(&run->result->arena, &inventory.arena);
    fps__inventory_free(&inventory);
    fps__ownership_free(&ownership);
    return status;
}

/* ---- layers ---- */

/* Merges the layers one by one: first to learn which of them hide files that inventories read, then to read those. */
static fps_status merge(history *h, bool read, fps_error *error)
{
    fps__scan_run *run = h->w->run;
    state states[2] = {{.files = {NULL, 0, 0}}, {.files = {NULL, 0, 0}}};
    fps_status status = fps__tree_create(&h->names, 0, error);
    if (status == FPS_OK)
        fps__tree_set_limits(h->names, fps__scan_names_memory(run), run->deadline_ms);
    for (uint32_t i = 0; status == FPS_OK && !h->cut && i < run->layer_count; i++) {
        state *now = &states[i % 2], *before = &states[1 - i % 2];
        status = fps__tree_apply(h->names, &run->layers[i], i, NULL, NULL, error);
        bool reads = read && i + 1 < run->layer_count && h->hides[i + 1];
        if (status != FPS_OK || (read && !reads))
            continue;
        if (!list_state(h, reads, now))
            break;
        if (reads)
            status = read_state(h, now, error);
        else if (i && lost_any(before, now))
            h->hides[i] = ++h->states <= MAX_STATES;
        h->cut |= h->states > MAX_STATES || h->steps > MAX_STEPS || fps__deadline_passed(run->deadline_ms);
    }
    free_state(&states[0]);
    free_state(&states[1]);
    fps__tree_free(h->names);
    h->names = NULL;
    h->cut |= status == FPS_ERROR_LIMIT;
    return status == FPS_ERROR_LIMIT ? FPS_OK : h->no_memory ? fps__fail_memory(error) : status;
}

fps_status fps__scan_removed(fps__package_work *w, fps_error *error)
{
    const fps__scan_run *run = w->run;
    history h = {.w = w};
    if (!run->layers || !run->result->info.image || !run->scan->options.hidden_packages)
        return FPS_OK;
    h.hides = calloc((size_t)run->layer_count + 1, sizeof *h.hides);
    fps_status status = h.hides ? merge(&h, false, error) : fps__fail_memory(error);
    if (status == FPS_OK && h.states)
        status = merge(&h, true, error);
    if (h.cut)
        fps__scan_add_diagnostic(
            w->run, FPS_DIAGNOSTIC_PARTIAL, "inventory-limit", NULL,
            "the package databases of lower layers take too much time or memory: packages that "
            "later layers removed are missing");
    fps__arena_free(&h.paths);
    free(h.hides);
    free(h.order);
    return status;
}
