/* What package managers claim, beside what was found: packages of the result, owners of files, drift. */
#include "scan/scan_internal.h"

#include "drift/drift.h"
#include "source/source_glob.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* Everything by node of the tree of names. */
typedef struct claiming {
    fps__scan_run *run;
    fps_result *result;
    fps__inventory inventory;
    fps__ownership ownership;
    FPS__ARRAY(fps__inventory_file) files; /* sorted by path */
    uint32_t *file_of;                     /* index of the object at a node */
    uint32_t *scanned_of;                  /* index of what was looked at there, in a directory */
    const fps__digests **digests;          /* of the bytes of a node */
    uint32_t count;                        /* nodes */
    fps__source *source;                   /* of a directory, once a digest was asked for */
    fps__source_content content;
} claiming;

/* ---- the files that inventories read ---- */

static int compare_inventory_files(const void *left, const void *right)
{
    const fps__inventory_file *a = left, *b = right;
    return strcmp(a->path, b->path);
}

static bool add_file(claiming *c, const char *path, fps__span bytes)
{
    if (FPS__ARRAY_RESERVE(&c->files, 1, UINT32_MAX) != FPS_OK)
        return false;
    c->files.items[c->files.count++] = (fps__inventory_file){path, bytes};
    return true;
}

/* The content of a layer that a node stands for, NULL in a directory that was walked. */
static const fps__content *content_of(const fps__scan_run *run, uint32_t id)
{
    fps__tree_node node;
    fps__tree_content content;
    if (!run->layers || !fps__tree_get(run->names, id, &node) ||
        !fps__tree_get_content(run->names, node.content, &content) || content.layer >= run->layer_count ||
        content.content >= run->layers[content.layer].contents.count)
        return NULL;
    return &run->layers[content.layer].contents.items[content.content];
}

static bool gather_layers(claiming *c)
{
    fps__scan_run *run = c->run;
    char *path = malloc(1 << 16);
    bool good = path != NULL;
    for (uint32_t i = 0; good && i < c->count; i++) {
        const fps__content *content = content_of(run, i);
        if (!content)
            continue;
        c->digests[i] = content->flags & FPS__CONTENT_DIGESTS ? content->digests : NULL;
        if (!(content->flags & FPS__CONTENT_CAPTURED) || !fps__tree_path(run->names, i, path, 1 << 16))
            continue;
        const char *copy = fps__arena_string(&run->result->arena, path);
        good = copy && add_file(c, copy, content->captured);
    }
    free(path);
    return good;
}

static bool gather(claiming *c)
{
    fps__scan_run *run = c->run;
    bool good = !run->layers || gather_layers(c);
    for (size_t i = 0; good && i < run->captured.count; i++)
        good = add_file(c, run->captured.items[i].path, run->captured.items[i].bytes);
    if (c->files.count)
        qsort(c->files.items, c->files.count, sizeof *c->files.items, compare_inventory_files);
    return good;
}

/* ---- nodes ---- */

static void set_file(claiming *c, const char *path, uint32_t file)
{
    uint32_t node = fps__tree_find(c->run->names, path);
    if (node < c->count)
        c->file_of[node] = file;
}

/* A plain scan of a directory compares the digests that it asks for, whatever the cache knows: what it says
 * does not depend on what was scanned before. */
static void set_scanned(claiming *c, const char *path, uint32_t index)
{
    const fps__scan_run *run = c->run;
    const fps__scanned *s = &run->scanned.items[index];
    uint32_t node = fps__tree_find(run->names, path);
    if (node >= c->count)
        return;
    if (run->is_directory)
        c->scanned_of[node] = index;
    if (s->found.has_digests && (!run->is_directory || run->scan->options.verify_digests))
        c->digests[node] = &s->found.digests;
}

/* Which objects and digests stand at which node. */
static void place_nodes(claiming *c)
{
    fps__scan_run *run = c->run;
    fps_result *result = c->result;
    for (uint32_t i = 0; i < result->files.count; i++) {
        const fps_file *file = &result->files.items[i];
        if (file->visibility != FPS_VISIBILITY_VISIBLE || file->archive_path)
            continue;
        set_file(c, file->path, i);
        for (size_t k = 0; k < file->link_count; k++)
            set_file(c, file->links[k], i);
    }
    for (uint32_t i = 0; i < run->scanned.count; i++) {
        const fps__scanned *s = &run->scanned.items[i];
        if (run->layers && !s->visible)
            continue;
        set_scanned(c, s->path, i);
        for (size_t k = 0; k < s->link_count; k++)
            set_scanned(c, s->links[k], i);
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

static void move_index(uint32_t *index, const uint32_t *place)
{
    if (*index != UINT32_MAX)
        *index = place[*index];
}

static int compare_indexes(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Sorts the packages and points everything at their new places. */
static bool sort_packages(fps_result *result)
{
    size_t count = result->packages.count;
    uint32_t *order = calloc(count + 1, sizeof *order), *place = calloc(count + 1, sizeof *place);
    fps_package *sorted = calloc(count + 1, sizeof *sorted);
    bool good = order && place && sorted;
    for (uint32_t i = 0; good && i < count; i++)
        order[i] = i;
    if (good)
        qsort_r(order, count, sizeof *order, compare_packages, result->packages.items);
    for (uint32_t i = 0; good && i < count; i++) {
        sorted[i] = result->packages.items[order[i]];
        place[order[i]] = i;
    }
    for (size_t i = 0; good && i < count; i++) {
        uint32_t *depends = (uint32_t *)sorted[i].depends; /* of this result's arena */
        move_index(&sorted[i].parent, place);
        for (size_t k = 0; k < sorted[i].depend_count; k++)
            move_index(&depends[k], place);
        if (sorted[i].depend_count)
            qsort(depends, sorted[i].depend_count, sizeof *depends, compare_indexes);
    }
    for (size_t i = 0; good && i < result->files.count; i++)
        move_index(&result->files.items[i].owner, place);
    for (size_t i = 0; good && i < result->drift_count; i++) {
        move_index(&result->drift[i].package, place);
        move_index(&result->drift[i].other, place);
    }
    free(order);
    free(place);
    if (good && count)
        memcpy(result->packages.items, sorted, count * sizeof *sorted);
    free(sorted);
    return good;
}

/* Adds the inventory's packages behind those of archives; *first is the index of the first. */
static bool add_packages(claiming *c, uint32_t *first)
{
    fps_result *result = c->result;
    *first = (uint32_t)result->packages.count;
    if (FPS__ARRAY_RESERVE(&result->packages, c->inventory.packages.count, UINT32_MAX) != FPS_OK)
        return false;
    for (size_t i = 0; i < c->inventory.packages.count; i++) {
        fps_package package = c->inventory.packages.items[i].facts;
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
static void set_owners(claiming *c, uint32_t first)
{
    fps_result *result = c->result;
    for (size_t i = 0; i < result->files.count; i++) {
        fps_file *file = &result->files.items[i];
        uint32_t node = file->visibility == FPS_VISIBILITY_VISIBLE ? fps__tree_find(c->run->names, file->path)
                                                                   : UINT32_MAX;
        if (file->owner == UINT32_MAX && node < c->ownership.count && c->ownership.owner[node] != UINT32_MAX)
            file->owner = first + c->ownership.owner[node];
    }
    for (size_t i = 0; i < first; i++) { /* an archive's package lies in the package that owns the archive */
        fps_package *package = &result->packages.items[i];
        const char *mark = strchr(package->location, '!');
        char *path = mark ? strndup(package->location, (size_t)(mark - package->location)) : NULL;
        uint32_t node = fps__tree_find(c->run->names, path ? path : package->location);
        if (package->parent == UINT32_MAX && node < c->ownership.count &&
            c->ownership.owner[node] != UINT32_MAX)
            package->parent = first + c->ownership.owner[node];
        free(path);
    }
}

/* ---- what drift asks for ---- */

static bool find_component(const claiming *c, const char *id, const fps_database **database, size_t *index)
{
    for (size_t i = 0; i < c->run->scan->databases.count; i++) {
        fps_component_info info;
        const fps_database *d = c->run->scan->databases.items[i];
        size_t low = 0, high = fps_database_component_count(d);
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            int order = fps_database_read_component(d, middle, &info) ? strcmp(info.id, id) : 1;
            if (!order) {
                *database = d;
                *index = middle;
                return true;
            }
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
    }
    return false;
}

static const char *sources_of(void *user, const char *component)
{
    const fps_database *database;
    size_t index;
    fps_component_info info;
    bool found = find_component(user, component, &database, &index) &&
                 fps_database_read_component(database, index, &info);
    return found ? info.sources : "";
}

static const char *known_component(void *user, size_t index)
{
    const claiming *c = user;
    for (size_t i = 0; i < c->run->scan->databases.count; i++) {
        fps_component_info info;
        const fps_database *d = c->run->scan->databases.items[i];
        if (fps_database_read_component(d, index, &info))
            return info.id;
        index -= fps_database_component_count(d);
    }
    return NULL;
}

static const char *release_of(void *user, const char *component, size_t release)
{
    const fps_database *database;
    size_t index;
    return find_component(user, component, &database, &index)
               ? fps_database_release(database, index, release, NULL)
               : NULL;
}

static const fps__digests *digests_of(void *user, uint32_t node)
{
    const claiming *c = user;
    return node < c->count ? c->digests[node] : NULL;
}

/* Reads the file at a node of a directory again. */
static bool read_node(claiming *c, uint32_t node)
{
    fps__scan_run *run = c->run;
    char *path = malloc(1 << 16);
    bool good = path && fps__tree_path(run->names, node, path, 1 << 16);
    if (good && !c->source)
        good = fps__source_open(&c->source, run->target, NULL, NULL) == FPS_OK;
    if (good)
        good = fps__source_read_path(c->source, path, run->scan->options.file_limit, &c->content, NULL) ==
               FPS_OK;
    free(path);
    return good;
}

/* Digests of a file of a directory that were not needed before: of the few that look like drift. They are
 * kept with what is known of the file, so that the next scan finds them. */
static const fps__digests *compute_digests(void *user, uint32_t node)
{
    claiming *c = user;
    fps__scan_run *run = c->run;
    if (!run->is_directory || node >= c->count)
        return NULL;
    const fps__scanned *s =
        c->scanned_of[node] < run->scanned.count ? &run->scanned.items[c->scanned_of[node]] : NULL;
    if (s && s->found.has_digests)
        return c->digests[node] = &s->found.digests;
    fps__digests *digests = fps__arena_alloc(&c->result->arena, sizeof *digests);
    if (!digests || !read_node(c, node) || !fps__scan_digests(c->content.bytes, digests))
        return NULL;
    if (s)
        fps__scan_keep_digests(run, s->id, c->content.bytes, digests);
    return c->digests[node] = digests;
}

static uint32_t file_at(void *user, uint32_t node)
{
    const claiming *c = user;
    return node < c->count ? c->file_of[node] : UINT32_MAX;
}

static fps_status find_drift(claiming *c, uint32_t first, fps_error *error)
{
    fps_result *result = c->result;
    fps__drift_input input = {.inventory = &c->inventory,
                              .ownership = &c->ownership,
                              .tree = c->run->names,
                              .files = result->files.items,
                              .file_count = result->files.count,
                              .findings = result->findings.items,
                              .finding_count = result->findings.count,
                              .components = result->components.items,
                              .component_count = result->components.count,
                              .known = known_component,
                              .sources = sources_of,
                              .release = release_of,
                              .digests = digests_of,
                              .compute = compute_digests,
                              .file_of = file_at,
                              .partial = c->run->incomplete,
                              .verify = c->run->scan->options.verify_digests,
                              .user = c};
    fps_status status = fps__drift_find(&input, &result->arena, &result->drift, &result->drift_count, error);
    for (size_t i = 0; status == FPS_OK && i < result->drift_count; i++) {
        fps_drift *drift = &result->drift[i];
        drift->package += drift->package == UINT32_MAX ? 0 : first;
        drift->other += drift->other == UINT32_MAX ? 0 : first;
    }
    return status;
}

/* What was left out of the walk is not missing. */
static fps_status drop_skipped(claiming *c, fps_error *error)
{
    const fps_scan_options *options = &c->run->scan->options;
    fps_result *result = c->result;
    fps__globs dirs, files;
    size_t kept = 0;
    if (!options->skip_dirs && !options->skip_files)
        return FPS_OK;
    fps_status status = fps__globs_init(&dirs, options->skip_dirs, error);
    if (status != FPS_OK)
        return status;
    status = fps__globs_init(&files, options->skip_files, error);
    for (size_t i = 0; status == FPS_OK && i < result->drift_count; i++) {
        const char *path = result->drift[i].path;
        char *folder = strdup(path);
        bool skipped = fps__globs_match(&files, path);
        for (char *slash = folder ? strrchr(folder, '/') : NULL; slash && slash != folder && !skipped;
             slash = strrchr(folder, '/')) {
            *slash = '\0';
            skipped = fps__globs_match(&dirs, folder);
        }
        free(folder);
        if (result->drift[i].kind != FPS_DRIFT_MISSING || !skipped)
            result->drift[kept++] = result->drift[i];
    }
    if (status == FPS_OK)
        result->drift_count = kept;
    fps__globs_free(&dirs);
    fps__globs_free(&files);
    return status;
}

/* ---- all of it ---- */

static fps_status read_claims(claiming *c, fps_error *error)
{
    fps_result *result = c->result;
    uint32_t first;
    fps_status status = fps__inventory_read(&c->inventory, c->files.items, c->files.count,
                                            fps__scan_diagnose_run, c->run, error);
    if (status == FPS_OK)
        status = fps__ownership_find(&c->ownership, &c->inventory, c->run->names, error);
    if (status != FPS_OK)
        return status;
    place_nodes(c);
    if (!add_packages(c, &first))
        return fps__fail_memory(error);
    set_owners(c, first);
    status = find_drift(c, first, error);
    if (status == FPS_OK)
        status = drop_skipped(c, error);
    result->info.packages_known = c->ownership.any_system;
    result->info.digests_compared = c->run->scan->options.verify_digests;
    result->info.os_id = c->inventory.os_id ? c->inventory.os_id : "";
    result->info.os_version_id = c->inventory.os_version_id ? c->inventory.os_version_id : "";
    result->info.os_name = c->inventory.os_name ? c->inventory.os_name : "";
    return status;
}

fps_status fps__scan_packages(fps__scan_run *run, fps_error *error)
{
    claiming c = {.run = run, .result = run->result};
    fps_status status = FPS_OK;
    if (run->names) {
        c.count = fps__tree_count(run->names);
        c.file_of = malloc(((size_t)c.count + 1) * sizeof *c.file_of);
        c.scanned_of = malloc(((size_t)c.count + 1) * sizeof *c.scanned_of);
        c.digests = calloc((size_t)c.count + 1, sizeof *c.digests);
        bool good = c.file_of && c.scanned_of && c.digests;
        if (good) {
            memset(c.file_of, 0xff, ((size_t)c.count + 1) * sizeof *c.file_of);
            memset(c.scanned_of, 0xff, ((size_t)c.count + 1) * sizeof *c.scanned_of);
        }
        status = good && gather(&c) ? read_claims(&c, error) : fps__fail_memory(error);
    }
    if (status == FPS_OK && !sort_packages(run->result))
        status = fps__fail_memory(error);
    fps__ownership_free(&c.ownership);
    fps__arena_absorb(&run->result->arena, &c.inventory.arena); /* texts of packages live on */
    fps__inventory_free(&c.inventory);
    fps__source_release(&c.content);
    fps__source_close(c.source);
    free(c.files.items);
    free(c.file_of);
    free(c.scanned_of);
    free(c.digests);
    fps__result_sort_diagnostics(run->result);
    return status;
}
