/* Drift: collects the differences of all kinds and puts them in order. */
#include "drift/drift_internal.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- order ---- */

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_items(const void *a, const void *b)
{
    const fps_drift *first = a, *second = b;
    if (first->kind != second->kind)
        return first->kind < second->kind ? -1 : 1;
    int order = strcmp(first->path, second->path);
    order = order ? order : compare_texts(first->component, second->component);
    if (!order && first->package != second->package)
        return first->package < second->package ? -1 : 1;
    order = order ? order : strcmp(first->message, second->message);
    return order;
}

/* The same path missing for two packages (of two architectures) is one thing missing. */
static bool is_repeated(const fps_drift *item, const fps_drift *before)
{
    if (item->kind != before->kind || strcmp(item->path, before->path) != 0 ||
        compare_texts(item->component, before->component) != 0)
        return false;
    return item->kind == FPS_DRIFT_MISSING || strcmp(item->message, before->message) == 0;
}

static bool keep_items(fps__drift_work *work, fps_drift **items, size_t *count)
{
    fps_drift *made = fps__arena_array(work->arena, work->items.count + 1, sizeof *made);
    if (!made)
        return false;
    if (work->items.count)
        qsort(work->items.items, work->items.count, sizeof *work->items.items, compare_items);
    size_t kept = 0;
    for (size_t i = 0; i < work->items.count; i++)
        if (!kept || !is_repeated(&work->items.items[i], &made[kept - 1]))
            made[kept++] = work->items.items[i];
    *items = made;
    *count = kept;
    return true;
}

/* ---- all of it ---- */

static bool uses_prelink(const fps__drift_input *input)
{
    if (!input->tree || fps__tree_find(input->tree, "/etc/prelink.cache") == FPS__NO_NODE)
        return false;
    for (size_t p = 0; p < input->inventory->packages.count; p++) {
        const fps__inventory_package *package = &input->inventory->packages.items[p];
        if (fps__is_system_package(package) && strcmp(package->facts.name, "prelink") == 0)
            return true;
    }
    return false;
}

/* Of several names of a file, one that is claimed. */
static void take_node(fps__drift_work *work, uint32_t file, uint32_t node)
{
    uint32_t *known = &work->node_of_file[file];
    if (*known == FPS__NO_NODE || !work->input->ownership->owned_path[*known])
        *known = node;
}

static bool find_nodes(fps__drift_work *work)
{
    const fps__drift_input *input = work->input;
    work->node_of_file = calloc(input->file_count + 1, sizeof *work->node_of_file);
    if (!work->node_of_file)
        return false;
    for (size_t i = 0; i < input->file_count; i++)
        work->node_of_file[i] = FPS__NO_NODE;
    for (uint32_t node = 0; node < input->ownership->count; node++) {
        uint32_t file = input->file_of(input->user, node);
        if (file < input->file_count)
            take_node(work, file, node);
    }
    for (uint32_t i = 0; i < input->file_count && input->tree; i++) {
        const fps_file *file = &input->files[i];
        uint32_t node = file->archive_path && file->visibility == FPS_VISIBILITY_VISIBLE
                            ? fps__tree_find(input->tree, file->path)
                            : FPS__NO_NODE;
        if (node < input->ownership->count)
            take_node(work, i, node);
    }
    return true;
}

fps_status fps__drift_find(const fps__drift_input *input, fps__arena *arena, fps_drift **items, size_t *count,
                           fps_error *error)
{
    fps__drift_work work = {.input = input,
                            .arena = arena,
                            .prelink = uses_prelink(input),
                            .alarm = {.deadline_ms = input->deadline_ms}};
    *items = NULL;
    *count = 0;
    bool done = fps__providers_create(&work.providers, input) && find_nodes(&work);
    if (done) {
        fps__drift_unowned(&work);
        fps__drift_findings(&work);
        fps__drift_missing(&work);
        fps__drift_digest(&work);
        done = !work.no_memory && keep_items(&work, items, count);
    }
    fps__providers_free(&work.providers);
    free(work.node_of_file);
    free(work.items.items);
    return done ? FPS_OK : fps__fail_memory(error);
}
