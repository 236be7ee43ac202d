/* Builds the result's files, findings and diagnostics from the scanned files; assigns paths, layers and visibility. */
#include "scan/jar_packages.h"

#include "inventory/phantom.h"
#include "source/source_glob.h"

#include "util/error.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A visible name of the bytes at (layer, content). */
typedef struct naming {
    uint64_t key; /* layer << 32 | content */
    uint32_t node;
} naming;

typedef struct assembly {
    fps__scan_run *run;
    fps_result *result;
    naming *namings; /* sorted; of images and tars */
    size_t naming_count;
    fps__globs skip_files, skip_dirs;
    bool no_memory;
} assembly;

static uint64_t key_of(uint32_t layer, uint32_t content)
{
    return (uint64_t)layer << 32 | content;
}

/* The key of the layer that holds the bytes: layers of the same blob share them. */
static uint64_t key_of_content(const fps__scan_run *run, const fps__tree_content *content)
{
    return key_of(run->same_as ? run->same_as[content->layer] : content->layer, content->content);
}

static int compare_namings(const void *left, const void *right)
{
    const naming *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

static const char *keep(assembly *a, const char *text)
{
    const char *copy = fps__arena_string(&a->result->arena, text);
    a->no_memory |= !copy;
    return copy;
}

/* ---- the names that a merged tree gives ---- */

static bool list_namings(assembly *a)
{
    const fps__tree *tree = a->run->names;
    uint32_t count = fps__tree_count(tree);
    a->namings = malloc(((size_t)count + 1) * sizeof *a->namings);
    for (uint32_t i = 0; a->namings && i < count; i++) {
        fps__tree_node node;
        fps__tree_content content;
        if (fps__tree_get(tree, i, &node) && node.content != FPS__NO_NODE &&
            fps__tree_get_content(tree, node.content, &content))
            a->namings[a->naming_count++] = (naming){key_of_content(a->run, &content), i};
    }
    if (a->namings && a->naming_count)
        qsort(a->namings, a->naming_count, sizeof *a->namings, compare_namings);
    return a->namings != NULL;
}

/* The first naming of a key, and in *count how many there are. */
static const naming *find_namings(const assembly *a, uint64_t key, size_t *count)
{
    size_t low;
    FPS__LOWER_BOUND(low, a->naming_count, at, a->namings[at].key < key);
    *count = 0;
    while (low + *count < a->naming_count && a->namings[low + *count].key == key)
        (*count)++;
    return &a->namings[low];
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Gives the file its names in the merged tree that the patterns leave in; *skipped where they leave none. Without a name
 * in the tree it is hidden and keeps that in the layer. */
static fps_visibility name_file(assembly *a, fps__scanned *s, bool *skipped)
{
    size_t count;
    const naming *found = find_namings(a, key_of(s->layer, s->content), &count);
    if (!count) {
        bool gone = fps__tree_resolve(a->run->names, s->path, false) == FPS__NO_NODE;
        s->path = keep(a, s->path);
        return gone ? FPS_VISIBILITY_DELETED : FPS_VISIBILITY_SHADOWED;
    }
    const char **names = fps__arena_array(&a->result->arena, count, sizeof *names);
    char *path = malloc(1 << 16), *scratch = malloc(1 << 16);
    size_t named = 0;
    for (size_t i = 0; names && path && scratch && i < count; i++)
        if (fps__tree_path(a->run->names, found[i].node, path, 1 << 16) &&
            !fps__globs_skip(&a->skip_files, &a->skip_dirs, path, scratch))
            names[named++] = keep(a, path);
    free(path);
    free(scratch);
    if (!names || !path || !scratch || a->no_memory || !named) {
        a->no_memory |= !names || !path || !scratch;
        *skipped = !named;
        return FPS_VISIBILITY_VISIBLE;
    }
    qsort(names, named, sizeof *names, compare_texts);
    s->path = names[0];
    s->links = names + 1;
    s->link_count = named - 1;
    return FPS_VISIBILITY_VISIBLE;
}

/* ---- files and findings ---- */

static bool add_member(assembly *a, const fps__scanned *s, const fps__analysed_member *member,
                       fps_visibility visibility, uint32_t first_package)
{
    fps_result *result = a->result;
    const fps__analysed *found = &member->analysed;
    if (FPS__ARRAY_RESERVE(&result->files, 1, UINT32_MAX) != FPS_OK ||
        FPS__ARRAY_RESERVE(&result->findings, found->count, UINT32_MAX) != FPS_OK ||
        FPS__ARRAY_RESERVE(&result->components, found->count, UINT32_MAX) != FPS_OK)
        return false;
    fps_file file = found->file;
    file.path = s->path;
    file.links = s->links;
    file.link_count = s->link_count;
    file.archive_path = *member->path ? member->path : NULL;
    file.layer = a->run->result->info.image ? s->layer : FPS__NO_LAYER;
    file.visibility = visibility;
    if (found->has_sha1 && !(file.sha1 = fps__arena_copy(&result->arena, found->sha1, sizeof found->sha1, 1)))
        return false;
    file.owner = member->package == UINT32_MAX ? UINT32_MAX : first_package + member->package;
    const char *name = file.archive_path ? file.archive_path : file.path;
    for (size_t i = 0; i < found->count; i++) {
        fps_finding *finding = &result->findings.items[result->findings.count++];
        *finding = found->findings[i];
        finding->file = (uint32_t)result->files.count;
        finding->component = (uint32_t)result->components.count;
        finding->introduced = file.layer;
        finding->renamed =
            fps__match_is_renamed(finding, name, s->links, file.archive_path ? 0 : s->link_count);
        result->components.items[result->components.count++] = found->facts[i];
    }
    result->files.items[result->files.count++] = file;
    result->info.objects++;
    result->info.bytes += file.size;
    return true;
}

/* Packages that an archive is or holds. */
static bool add_packages(assembly *a, const fps__scanned *s)
{
    fps_result *result = a->result;
    uint32_t first = (uint32_t)result->packages.count;
    if (FPS__ARRAY_RESERVE(&result->packages, s->found.package_count, UINT32_MAX) != FPS_OK)
        return false;
    for (size_t i = 0; i < s->found.package_count; i++) {
        fps_package package = s->found.packages[i];
        size_t size = strlen(s->path) + strlen(package.location) + 2;
        char *location = fps__arena_alloc(&result->arena, size);
        if (!location)
            return false;
        snprintf(location, size, "%s%s%s", s->path, *package.location ? "!" : "", package.location);
        package.location = location;
        package.layer = result->info.image ? s->layer : FPS__NO_LAYER;
        package.parent = package.parent == UINT32_MAX ? UINT32_MAX : first + package.parent;
        result->packages.items[result->packages.count++] = package;
    }
    return true;
}

/* Diagnostics get the path of the file, and of the member inside it. */
static void add_diagnostics(assembly *a, const fps__scanned *s, const char *inside,
                            const fps_diagnostic *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fps_diagnostic d = items[i];
        const char *within = d.path ? d.path : inside;
        size_t size = strlen(s->path) + strlen(within) + 2;
        char *path = fps__arena_alloc(&a->result->arena, size);
        a->no_memory |= !path;
        if (!path)
            return;
        snprintf(path, size, "%s%s%s", s->path, *within ? "!" : "", within);
        d.path = path;
        fps__scan_diagnose(a->run, &d);
    }
}

static bool add_file(assembly *a, fps__scanned *s)
{
    fps_visibility visibility = FPS_VISIBILITY_VISIBLE;
    bool skipped = false;
    if (a->run->layers && a->run->names)
        visibility = name_file(a, s, &skipped);
    else if (a->run->layers)
        s->path = keep(a, s->path); /* there were too many names to merge */
    if (a->no_memory || skipped)
        return !a->no_memory;
    uint32_t first_package = (uint32_t)a->result->packages.count;
    bool hidden = visibility != FPS_VISIBILITY_VISIBLE;
    s->visible = !hidden;
    bool packages = !hidden && !fps__path_is_test_data(s->path); /* those of the squashed root */
    if (packages && (!fps__jar_name(&s->found, s->path, &a->result->arena) || !add_packages(a, s)))
        return false;
    for (size_t i = 0; i < s->found.count; i++) {
        const fps__analysed_member *m = &s->found.members[i];
        fps__analysed_member plain = *m;
        if (!packages)
            plain.package = UINT32_MAX;
        if (!add_member(a, s, &plain, visibility, first_package))
            return false;
        add_diagnostics(a, s, m->path, m->analysed.diagnostics, m->analysed.diagnostic_count);
    }
    add_diagnostics(a, s, "", s->found.diagnostics, s->found.diagnostic_count);
    return !a->no_memory;
}

/* ---- the layer that brought a component in ---- */

typedef struct keyed {
    uint64_t key;
    uint32_t index;
} keyed;

static int compare_keyed(const void *left, const void *right)
{
    const keyed *a = left, *b = right;
    return (a->key > b->key) - (a->key < b->key);
}

static bool same_answer(const fps_version_answer *a, const fps_version_answer *b)
{
    if (a->kind != b->kind || a->candidate_count != b->candidate_count || a->open_below != b->open_below ||
        a->open_above != b->open_above)
        return false;
    for (size_t i = 0; i < a->candidate_count; i++)
        if (strcmp(a->candidates[i], b->candidates[i]) != 0)
            return false;
    return true;
}

static bool contains_component(const fps__scanned *s, const char *archive_path, const char *component,
                               const fps_version_answer *version)
{
    for (size_t m = 0; m < s->found.count; m++) {
        const fps__analysed *found = &s->found.members[m].analysed;
        if (strcmp(s->found.members[m].path, archive_path ? archive_path : "") != 0)
            continue;
        for (size_t i = 0; i < found->count; i++)
            if (strcmp(found->facts[i].id, component) == 0 &&
                same_answer(&found->findings[i].version, version))
                return true;
    }
    return false;
}

static const fps__scanned *find_scanned(const fps__scan_run *run, const keyed *list, uint64_t key)
{
    keyed wanted = {.key = key};
    const keyed *found = bsearch(&wanted, list, run->scanned.count, sizeof *list, compare_keyed);
    return found ? &run->scanned.items[found->index] : NULL;
}

/* The lowest layer from which on a file that was changed in place has held the component in this version. */
static uint32_t introduced_in(const assembly *a, const keyed *list, const fps_file *file,
                              const fps_finding *finding)
{
    const fps__tree *tree = a->run->names;
    uint32_t layer = file->layer, id = fps__tree_find(tree, file->path);
    const char *component = a->result->components.items[finding->component].id;
    fps__tree_node node;
    fps__tree_content content;
    if (!fps__tree_get(tree, id, &node) || !fps__tree_get_content(tree, node.content, &content))
        return layer;
    while (content.previous != FPS__NO_NODE && fps__tree_get_content(tree, content.previous, &content)) {
        const fps__scanned *before = find_scanned(a->run, list, key_of_content(a->run, &content));
        if (!before || !contains_component(before, file->archive_path, component, &finding->version))
            break;
        layer = content.layer;
    }
    return layer;
}

static bool find_origins(assembly *a)
{
    fps__scan_run *run = a->run;
    keyed *list = malloc((run->scanned.count + 1) * sizeof *list);
    for (size_t i = 0; list && i < run->scanned.count; i++)
        list[i] = (keyed){key_of(run->scanned.items[i].layer, run->scanned.items[i].content), (uint32_t)i};
    if (list && run->scanned.count)
        qsort(list, run->scanned.count, sizeof *list, compare_keyed);
    for (size_t i = 0; list && i < a->result->findings.count; i++) {
        fps_finding *finding = &a->result->findings.items[i];
        const fps_file *file = &a->result->files.items[finding->file];
        if (file->visibility == FPS_VISIBILITY_VISIBLE)
            finding->introduced = introduced_in(a, list, file, finding);
    }
    free(list);
    return list != NULL;
}

/* Makes the result independent of the order in which the workers finished. */
static int compare_scanned(const void *left, const void *right)
{
    const fps__scanned *a = left, *b = right;
    if (a->layer != b->layer)
        return a->layer < b->layer ? -1 : 1;
    if (a->content != b->content)
        return a->content < b->content ? -1 : 1;
    return strcmp(a->path, b->path);
}

/* Names and files of a merged root, as a walk would count them. */
static void count_names(assembly *a)
{
    fps_result_info *info = &a->result->info;
    fps__tree_node node;
    info->entries = info->regular_files = 0;
    for (uint32_t i = 1; i < fps__tree_count(a->run->names); i++)
        info->entries += fps__tree_get(a->run->names, i, &node);
    for (size_t i = 0; i < a->naming_count; i++)
        info->regular_files += !i || a->namings[i].key != a->namings[i - 1].key;
}

fps_status fps__scan_assemble(fps__scan_run *run, fps_error *error)
{
    assembly a = {.run = run, .result = run->result};
    bool merged = run->layers && run->names;
    fps_status status = fps__globs_init(&a.skip_files, run->scan->options.skip_files, error);
    if (status == FPS_OK)
        status = fps__globs_init(&a.skip_dirs, run->scan->options.skip_dirs, error);
    bool good = status == FPS_OK && (!merged || list_namings(&a));
    if (run->scanned.count)
        qsort(run->scanned.items, run->scanned.count, sizeof *run->scanned.items, compare_scanned);
    for (size_t i = 0; good && i < run->scanned.count; i++)
        good = add_file(&a, &run->scanned.items[i]);
    if (good && merged && run->result->info.image)
        good = find_origins(&a);
    if (merged)
        count_names(&a);
    free(a.namings);
    fps__globs_free(&a.skip_files);
    fps__globs_free(&a.skip_dirs);
    return good && !a.no_memory ? FPS_OK : fps__fail_memory(error);
}
