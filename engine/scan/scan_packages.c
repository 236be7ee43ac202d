/* Packages of the result, owners of its files, and drift: what package managers list, beside what was found. */
#include "scan/scan_packages.h"

#include "result/siblings.h"
#include "scan/linked_places.h"
#include "scan/scan_build_day.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- the files that inventories read ---- */

static int compare_inventory_files(const void *left, const void *right)
{
    const fps__inventory_file *a = left, *b = right;
    return strcmp(a->path, b->path);
}

static bool add_file(fps__package_work *w, const char *path, fps__span bytes)
{
    if (FPS__ARRAY_RESERVE(&w->files, 1, UINT32_MAX) != FPS_OK)
        return false;
    w->files.items[w->files.count++] = (fps__inventory_file){path, bytes};
    return true;
}

const fps__content *fps__scan_content(const fps__scan_run *run, const fps__tree *names, uint32_t id)
{
    fps__tree_node node;
    fps__tree_content content;
    if (!run->layers || !fps__tree_get(names, id, &node) ||
        !fps__tree_get_content(names, node.content, &content) || content.layer >= run->layer_count ||
        content.content >= run->layers[content.layer].contents.count)
        return NULL;
    return &run->layers[content.layer].contents.items[content.content];
}

static bool gather_layers(fps__package_work *w)
{
    fps__scan_run *run = w->run;
    char *path = malloc(1 << 16);
    bool good = path != NULL;
    for (uint32_t i = 0; good && i < w->count; i++) {
        const fps__content *content = fps__scan_content(run, run->names, i);
        if (!content)
            continue;
        w->digests[i] = content->flags & FPS__CONTENT_DIGESTS ? content->digests : NULL;
        if (!(content->flags & FPS__CONTENT_CAPTURED) || !fps__tree_path(run->names, i, path, 1 << 16))
            continue;
        const char *copy = fps__arena_string(&run->result->arena, path);
        good = copy && add_file(w, copy, content->captured);
    }
    free(path);
    return good;
}

/* Bytes of a file of a directory, which nobody wanted while it was walked. A file that cannot be read is a remark. */
static bool read_linked(fps__package_work *w, uint32_t node, fps__span *bytes)
{
    fps__scan_run *run = w->run;
    fps_error error = {.message = "the path is too long"};
    char *path = malloc(1 << 16);
    bool good = path != NULL, named = path && fps__tree_path(run->names, node, path, 1 << 16);
    fps_status status = named ? FPS_OK : FPS_ERROR_LIMIT;
    fps__tree_node found = {.size = 0};
    if (named &&
        (!fps__tree_get(run->names, node, &found) || !fps__scan_may_capture(run, path, found.size))) {
        free(path);
        return true;
    }
    if (!status && !w->source)
        status = fps__source_open(&w->source, run->target, NULL, &error);
    if (!status)
        status = fps__source_read_path(w->source, path, found.size, &w->content, &error);
    if (!status) {
        bytes->data = fps__arena_copy(&run->result->arena, w->content.bytes.data, w->content.bytes.size, 1);
        bytes->size = w->content.bytes.size;
        good = bytes->data || !bytes->size;
    } else if (good) {
        fps__scan_add_diagnostic(run, FPS_DIAGNOSTIC_PARTIAL, "broken-package-database", named ? path : NULL,
                                 error.message);
    }
    free(path);
    return good && status != FPS_ERROR_MEMORY;
}

/* A file of a package database that only links lead to. */
static bool gather_linked(void *user, const char *path, uint32_t node)
{
    fps__package_work *w = user;
    const fps__content *content = fps__scan_content(w->run, w->run->names, node);
    fps__span bytes = {NULL, 0};
    if (content && !(content->flags & FPS__CONTENT_CAPTURED))
        return true; /* there is a remark */
    if (content)
        bytes = content->captured;
    else if (!read_linked(w, node, &bytes))
        return false;
    const char *copy = fps__arena_string(&w->result->arena, path);
    return copy && add_file(w, copy, bytes);
}

static void drop_repeated_files(fps__package_work *w)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->files.count; i++)
        if (!kept || strcmp(w->files.items[kept - 1].path, w->files.items[i].path) != 0)
            w->files.items[kept++] = w->files.items[i];
    w->files.count = kept;
}

static bool gather(fps__package_work *w)
{
    fps__scan_run *run = w->run;
    bool good = (!run->layers || gather_layers(w)) && fps__find_linked_files(run->names, gather_linked, w);
    for (size_t i = 0; good && i < run->captured.count; i++)
        good = add_file(w, run->captured.items[i].path, run->captured.items[i].bytes);
    if (w->files.count)
        qsort(w->files.items, w->files.count, sizeof *w->files.items, compare_inventory_files);
    drop_repeated_files(w);
    return good;
}

/* ---- nodes ---- */

static void set_file(fps__package_work *w, const char *path, uint32_t file)
{
    uint32_t node = fps__tree_find(w->run->names, path);
    if (node < w->count)
        w->file_of[node] = file;
}

/* A plain scan of a directory compares the digests that it asks for, whatever the cache knows: what it says
 * does not depend on what was scanned before. */
static void set_scanned(fps__package_work *w, const char *path, uint32_t index)
{
    const fps__scan_run *run = w->run;
    const fps__scanned *s = &run->scanned.items[index];
    uint32_t node = fps__tree_find(run->names, path);
    if (node >= w->count)
        return;
    if (run->is_directory)
        w->scanned_of[node] = index;
    if (s->found.has_digests && (!run->is_directory || run->scan->options.verify_digests))
        w->digests[node] = &s->found.digests;
}

/* Which objects and digests stand at which node. */
static void index_nodes(fps__package_work *w)
{
    fps__scan_run *run = w->run;
    fps_result *result = w->result;
    for (uint32_t i = 0; i < result->files.count; i++) {
        const fps_file *file = &result->files.items[i];
        if (file->visibility != FPS_VISIBILITY_VISIBLE || file->archive_path)
            continue;
        set_file(w, file->path, i);
        for (size_t k = 0; k < file->link_count; k++)
            set_file(w, file->links[k], i);
    }
    for (uint32_t i = 0; i < run->scanned.count; i++) {
        const fps__scanned *s = &run->scanned.items[i];
        if (run->layers && !s->visible)
            continue;
        set_scanned(w, s->path, i);
        for (size_t k = 0; k < s->link_count; k++)
            set_scanned(w, s->links[k], i);
    }
}

/* ---- packages ---- */

static int compare_packages(const void *left, const void *right, void *user)
{
    const fps_package *list = user, *a = &list[*(const uint32_t *)left], *b = &list[*(const uint32_t *)right];
    int order = ((int)a->kind > (int)b->kind) - ((int)a->kind < (int)b->kind);
    order = order ? order : strcmp(a->name, b->name);
    order = order ? order : strcmp(a->version, b->version);
    order = order ? order : strcmp(a->location, b->location);
    order = order ? order
                  : (*(const uint32_t *)left > *(const uint32_t *)right) -
                        (*(const uint32_t *)left < *(const uint32_t *)right);
    return order;
}

static void move_index(uint32_t *index, const uint32_t *new_index)
{
    if (*index != UINT32_MAX)
        *index = new_index[*index];
}

static int compare_indexes(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Sorts the packages and updates every index into them. */
static bool sort_packages(fps_result *result)
{
    size_t count = result->packages.count;
    uint32_t *order = calloc(count + 1, sizeof *order), *new_index = calloc(count + 1, sizeof *new_index);
    fps_package *sorted = calloc(count + 1, sizeof *sorted);
    bool good = order && new_index && sorted;
    for (uint32_t i = 0; good && i < count; i++)
        order[i] = i;
    if (good)
        qsort_r(order, count, sizeof *order, compare_packages, result->packages.items);
    for (uint32_t i = 0; good && i < count; i++) {
        sorted[i] = result->packages.items[order[i]];
        new_index[order[i]] = i;
    }
    for (size_t i = 0; good && i < count; i++) {
        uint32_t *depends = (uint32_t *)sorted[i].depends; /* of this result's arena */
        move_index(&sorted[i].parent, new_index);
        for (size_t k = 0; k < sorted[i].depend_count; k++)
            move_index(&depends[k], new_index);
        if (sorted[i].depend_count)
            qsort(depends, sorted[i].depend_count, sizeof *depends, compare_indexes);
    }
    for (size_t i = 0; good && i < result->files.count; i++)
        move_index(&result->files.items[i].owner, new_index);
    for (size_t i = 0; good && i < result->drift_count; i++) {
        move_index(&result->drift[i].package, new_index);
        move_index(&result->drift[i].other, new_index);
    }
    free(order);
    free(new_index);
    if (good && count)
        memcpy(result->packages.items, sorted, count * sizeof *sorted);
    free(sorted);
    return good;
}

/* Adds the inventory's packages behind those of archives; *first is the index of the first. */
static bool add_packages(fps__package_work *w, uint32_t *first)
{
    fps_result *result = w->result;
    *first = (uint32_t)result->packages.count;
    if (FPS__ARRAY_RESERVE(&result->packages, w->inventory.packages.count, UINT32_MAX) != FPS_OK)
        return false;
    for (size_t i = 0; i < w->inventory.packages.count; i++) {
        fps_package package = w->inventory.packages.items[i].facts;
        uint32_t *depends = fps__arena_array(&result->arena, package.depend_count + 1, sizeof *depends);
        if (!depends)
            return false;
        for (size_t k = 0; k < package.depend_count; k++)
            depends[k] = *first + package.depends[k];
        package.depends = depends;
        if (package.parent != UINT32_MAX)
            package.parent += *first;
        if (!result->info.image)
            package.layer = UINT32_MAX;
        result->packages.items[result->packages.count++] = package;
    }
    return true;
}

/* The owner of each object; what lies in an archive belongs to the archive's package, else to the file's
 * owner. */
static void set_owners(fps__package_work *w, uint32_t first)
{
    fps_result *result = w->result;
    for (size_t i = 0; i < result->files.count; i++) {
        fps_file *file = &result->files.items[i];
        uint32_t node = file->visibility == FPS_VISIBILITY_VISIBLE ? fps__tree_find(w->run->names, file->path)
                                                                   : UINT32_MAX;
        if (file->owner == UINT32_MAX && node < w->ownership.count && w->ownership.owner[node] != UINT32_MAX)
            file->owner = first + w->ownership.owner[node];
    }
    for (size_t i = 0; i < first; i++) { /* an archive's package lies in the package that owns the archive */
        fps_package *package = &result->packages.items[i];
        const char *mark = strchr(package->location, '!');
        char *path = mark ? strndup(package->location, (size_t)(mark - package->location)) : NULL;
        uint32_t node = fps__tree_find(w->run->names, path ? path : package->location);
        if (package->parent == UINT32_MAX && node < w->ownership.count &&
            w->ownership.owner[node] != UINT32_MAX)
            package->parent = first + w->ownership.owner[node];
        free(path);
    }
}

/* ---- all of it ---- */

/* Lets files of one package, and components of one build, narrow each other's versions, now that owners are known. */
static fps_status narrow_versions(fps__scan_run *run, fps_error *error)
{
    return fps__siblings_narrow(run->result) && fps__scan_build_day(run)
               ? fps__result_finish(run->result, error)
               : fps__fail_memory(error);
}

/* A package database of a lower layer that is not in the finished image, NULL for none. */
static const char *removed_database(const fps__scan_run *run)
{
    for (uint32_t i = 0; run->layers && i < run->layer_count; i++)
        for (size_t k = 0; k < run->layers[i].entries.count; k++) {
            const fps__layer_entry *entry = &run->layers[i].entries.items[k];
            const char *place;
            if (entry->content == FPS__NO_CONTENT || strstr(entry->path, "/os-release") ||
                !fps__inventory_wants(entry->path, entry->size) ||
                fps__tree_resolve(run->names, entry->path, true) != FPS__NO_NODE)
                continue;
            for (size_t p = 0; (place = fps__inventory_place(p)); p++)
                if (!strncmp(entry->path, place, strlen(place)))
                    return entry->path;
        }
    return NULL;
}

/* A root that says which distribution it is has packages, and so has one that had a database; without it nobody knows
 * which. */
static void check_database(fps__package_work *w)
{
    const fps__inventory *inventory = &w->inventory;
    bool named = (inventory->os_id && *inventory->os_id) || (inventory->os_name && *inventory->os_name);
    for (size_t i = 0; i < inventory->packages.count; i++)
        if (fps__package_kind_of(inventory->packages.items[i].facts.kind)->scope != FPS__SCOPE_ADDED)
            return;
    const char *removed = removed_database(w->run);
    bool listed = w->run->scan->options.hidden_packages;
    if (removed)
        fps__scan_add_diagnostic(w->run, listed ? FPS_DIAGNOSTIC_NOTE : FPS_DIAGNOSTIC_PARTIAL,
                                 "no-package-database", removed,
                                 "a later layer removed the package database; the scope all-layers lists its "
                                 "packages");
    else if (named)
        fps__scan_add_diagnostic(
            w->run, FPS_DIAGNOSTIC_PARTIAL, "no-package-database", NULL,
            "there is an os-release, and no database of a distribution's package manager that lists "
            "a package");
}

/* In a directory the walk knows which names are of one file, and the tree does not. */
static bool share_owners(fps__package_work *w)
{
    const fps__scan_run *run = w->run;
    FPS__ARRAY(uint32_t) nodes = {NULL, 0, 0};
    bool good = true;
    for (size_t i = 0; good && run->is_directory && i < run->scanned.count; i++) {
        const fps__scanned *s = &run->scanned.items[i];
        if (!s->link_count)
            continue;
        nodes.count = 0;
        good = FPS__ARRAY_RESERVE(&nodes, s->link_count + 1, UINT32_MAX) == FPS_OK;
        for (size_t k = 0; good && k <= s->link_count; k++)
            nodes.items[nodes.count++] = fps__tree_find(run->names, k ? s->links[k - 1] : s->path);
        if (good)
            fps__ownership_share(&w->ownership, &w->inventory, nodes.items, nodes.count);
    }
    free(nodes.items);
    return good;
}

static void list_children(void *user, const char *folder, fps__inventory_child *child, void *child_user)
{
    const fps__tree *names = ((fps__scan_run *)user)->names;
    uint32_t node = fps__tree_resolve(names, folder, true);
    fps__tree_node facts;
    if (node == FPS__NO_NODE)
        return;
    for (node = fps__tree_child(names, node); node != FPS__NO_NODE; node = fps__tree_sibling(names, node))
        if (fps__tree_get(names, node, &facts))
            child(child_user, facts.name);
}

static fps_status read_packages(fps__package_work *w, fps_error *error)
{
    fps_result *result = w->result;
    uint32_t first;
    fps__scan_run *run = w->run;
    const fps__inventory_options options = {.diagnostic = fps__scan_diagnose_run,
                                            .user = run,
                                            .memory = fps__scan_names_memory(run),
                                            .deadline_ms = run->deadline_ms,
                                            .children = list_children};
    fps_status status = fps__inventory_read(&w->inventory, w->files.items, w->files.count, &options, error);
    if (status == FPS_ERROR_MEMORY) { /* what was found in the files does not depend on it */
        fps__scan_add_diagnostic(
            run, FPS_DIAGNOSTIC_PARTIAL, "inventory-limit", NULL,
            "there is not enough memory for the packages of the target, which may use a quarter of --memory: "
            "none is known");
        status = FPS_OK;
    } else if (status == FPS_OK) {
        check_database(w);
    }
    if (status == FPS_OK)
        status = fps__ownership_find(&w->ownership, &w->inventory, run->names, run->deadline_ms, error);
    if (status == FPS_OK && !share_owners(w))
        status = fps__fail_memory(error);
    if (status != FPS_OK)
        return status;
    index_nodes(w);
    if (!add_packages(w, &first))
        return fps__fail_memory(error);
    set_owners(w, first);
    status = narrow_versions(run, error);
    if (status != FPS_OK)
        return status;
    if (!fps__deadline_passed(run->deadline_ms))
        status = fps__scan_drift(w, first, error);
    if (fps__deadline_passed(run->deadline_ms))
        fps__scan_add_diagnostic(
            run, FPS_DIAGNOSTIC_PARTIAL, "timeout", NULL,
            "the time for the scan ran out before all files were compared with packages");
    result->info.packages_known = w->ownership.any_system;
    result->info.digests_compared = w->run->scan->options.verify_digests;
    result->info.os_id = w->inventory.os_id ? w->inventory.os_id : "";
    result->info.os_version_id = w->inventory.os_version_id ? w->inventory.os_version_id : "";
    result->info.os_name = w->inventory.os_name ? w->inventory.os_name : "";
    return status;
}

fps_status fps__scan_packages(fps__scan_run *run, fps_error *error)
{
    fps__package_work w = {.run = run, .result = run->result};
    fps_status status = FPS_OK;
    if (run->names) {
        w.count = fps__tree_count(run->names);
        w.file_of = malloc(((size_t)w.count + 1) * sizeof *w.file_of);
        w.scanned_of = malloc(((size_t)w.count + 1) * sizeof *w.scanned_of);
        w.digests = calloc((size_t)w.count + 1, sizeof *w.digests);
        bool good = w.file_of && w.scanned_of && w.digests;
        if (good) {
            memset(w.file_of, 0xff, ((size_t)w.count + 1) * sizeof *w.file_of);
            memset(w.scanned_of, 0xff, ((size_t)w.count + 1) * sizeof *w.scanned_of);
        }
        status = good && gather(&w) ? read_packages(&w, error) : fps__fail_memory(error);
    } else
        status = narrow_versions(run, error);
    if (status == FPS_OK)
        status = fps__scan_removed(&w, error);
    if (status == FPS_OK && !sort_packages(run->result))
        status = fps__fail_memory(error);
    fps__ownership_free(&w.ownership);
    fps__arena_absorb(&run->result->arena, &w.inventory.arena); /* texts of packages live on */
    fps__inventory_free(&w.inventory);
    fps__source_release(&w.content);
    fps__source_close(w.source);
    free(w.files.items);
    free(w.file_of);
    free(w.scanned_of);
    free(w.digests);
    fps__result_sort_diagnostics(run->result);
    return status;
}
