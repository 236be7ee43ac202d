/* Finds owners and drift for packages, layers, files and findings that are made from any bytes. All paths are short and of
 * the same few names, so that packages, links, diversions and files meet.
 *
 * Reaches: fps__ownership_find, fps__drift_find, fps__drift_findings, fps__drift_digest, fps__drift_add
 */
#include "drift/drift.h"
#include "fuzz_tree.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 12, MAX_PATHS = 16, MAX_LAYERS = 4, COMPONENTS = 4, RELEASES = 4 };

static const char *const ids[COMPONENTS] = {"curl", "glibc", "openssl", "zlib"};
static const char *const releases[RELEASES] = {"1.2.8", "1.2.11", "1.2.13", "1.3"};
static const char *const names[] = {"zlib", "zlib1g", "curl", "libc6", "openssl", "base", "a", ""};
static const char *const versions[] = {"1.2.8", "1:1.2.13.dfsg-1", "1.3-r0", "1.2.11~rc1", "", "x",
                                       "2",     "1.2.13"};

typedef struct work {
    fuzz_bytes from;
    fps__inventory inventory;
    fps__ownership ownership;
    fps__tree *tree;
    fps__arena arena;
    fps_file files[MOST];
    uint32_t nodes[MOST];
    fps_finding findings[MOST];
    fps_component components[COMPONENTS];
    fps__digests digests[4];
    size_t file_count, finding_count;
} work;

static const char *take_path(work *w)
{
    char path[FUZZ_TREE_PATH];
    fuzz_take_path(&w->from, path, false);
    const char *copy = fps__arena_string(&w->arena, path);
    if (!copy)
        abort();
    return copy;
}

static const char *take_word(work *w, const char *const *words)
{
    return words[fuzz_take(&w->from) % 8u];
}

static void add_package(work *w)
{
    fps__inventory_package *package = &w->inventory.packages.items[w->inventory.packages.count++];
    fps__owned_path *paths = fps__arena_array(&w->arena, MAX_PATHS, sizeof *paths);
    uint8_t facts = fuzz_take(&w->from);
    if (!paths)
        abort();
    *package = (fps__inventory_package){
        .facts = fps__inventory_facts((fps_package_kind)(facts % FPS__PACKAGE_KIND_COUNT)),
        .paths = paths,
        .paths_known = !(facts & 128),
        .depends = "",
        .provides = "",
        .built_using = facts & 64 ? "zlib (= 1.2.13), openssl (= 1.2.8)" : "",
        .root = facts & 32 ? take_path(w) : ""};
    package->facts.name = take_word(w, names);
    package->facts.version = take_word(w, versions);
    package->facts.source = take_word(w, names);
    package->facts.source_version = take_word(w, versions);
    for (unsigned count = fuzz_take(&w->from) % (MAX_PATHS + 1u); package->path_count < count;
         package->path_count++) {
        fps__owned_path *owned = &paths[package->path_count];
        owned->path = take_path(w);
        owned->flags = fuzz_take(&w->from) & 63;
        owned->digest_kind = (uint8_t)(fuzz_take(&w->from) % (FPS__DIGEST_OTHER + 1u));
        memset(owned->digest, 'a' + fuzz_take(&w->from) % 4, sizeof owned->digest);
    }
}

static int compare_packages(const void *left, const void *right)
{
    const fps_package *a = &((const fps__inventory_package *)left)->facts,
                      *b = &((const fps__inventory_package *)right)->facts;
    int order = (int)a->kind - (int)b->kind;
    order = order ? order : strcmp(a->name, b->name);
    return order ? order : strcmp(a->version, b->version);
}

static void make_inventory(work *w)
{
    w->inventory =
        (fps__inventory){.os_id = "debian", .os_version_id = "12", .os_name = "Debian", .os_like = ""};
    if (FPS__ARRAY_RESERVE(&w->inventory.packages, MOST, MOST) != FPS_OK ||
        FPS__ARRAY_RESERVE(&w->inventory.diversions, MOST, MOST) != FPS_OK)
        abort();
    for (unsigned count = fuzz_take(&w->from) % (MOST + 1u); w->inventory.packages.count < count;)
        add_package(w);
    qsort(w->inventory.packages.items, w->inventory.packages.count, sizeof *w->inventory.packages.items,
          compare_packages);
    for (unsigned count = fuzz_take(&w->from) % 4u; w->inventory.diversions.count < count;) {
        const char *from = take_path(w), *to = take_path(w);
        w->inventory.diversions.items[w->inventory.diversions.count++] =
            (fps__diversion){from, to, fuzz_take(&w->from) & 1 ? ":" : "base"};
    }
}

static void make_tree(work *w)
{
    if (fps__tree_create(&w->tree, 10000, NULL) != FPS_OK)
        abort();
    for (unsigned index = 0, count = fuzz_take(&w->from) % (MAX_LAYERS + 1u); index < count; index++) {
        fps__layer layer = {.entries = {NULL, 0, 0}};
        while (w->from.left && fuzz_take_entry(&w->from, &layer))
            ;
        layer.contents.count = 0;
        if (fps__tree_apply(w->tree, &layer, index, NULL, NULL, NULL) != FPS_OK)
            abort();
        fps__layer_free(&layer);
    }
}

static void make_files(work *w)
{
    for (unsigned count = fuzz_take(&w->from) % (MOST + 1u); w->file_count < count; w->file_count++) {
        uint8_t facts = fuzz_take(&w->from);
        const char *path = take_path(w);
        w->files[w->file_count] = (fps_file){.path = path,
                                             .archive_path = facts & 1 ? "inner" : NULL,
                                             .format = facts & 2 ? FPS_FORMAT_PE : FPS_FORMAT_ELF,
                                             .machine = "x86-64",
                                             .type = (fps_object_type)(facts >> 2 & 3),
                                             .visibility = (fps_visibility)((facts >> 4) % 3),
                                             .owner = UINT32_MAX};
        uint32_t node = fps__tree_find(w->tree, path);
        w->nodes[w->file_count] = facts & 1 ? FPS__NO_NODE : node;
        if (node < w->ownership.count)
            w->files[w->file_count].owner = w->ownership.owner[node];
    }
}

static void make_findings(work *w)
{
    for (uint32_t file = 0; file < w->file_count && w->finding_count < MOST; file++) {
        uint8_t facts = fuzz_take(&w->from);
        if (facts & 1)
            continue;
        const char **list = fps__arena_array(&w->arena, 2, sizeof *list);
        fps_version_answer answer = {.kind = (fps_version_kind)(facts >> 1 & 3),
                                     .confidence = (facts >> 3 & 1) ? .9 : .3};
        uint8_t chosen = fuzz_take(&w->from);
        if (!list)
            abort();
        list[0] = releases[chosen % RELEASES];
        list[1] = releases[(chosen >> 2) % RELEASES];
        answer.candidates = list;
        answer.candidate_count = answer.kind == FPS_VERSION_UNKNOWN ? 0
                                 : answer.kind == FPS_VERSION_EXACT ? 1
                                                                    : 2;
        answer.version = answer.kind == FPS_VERSION_EXACT ? list[0] : NULL;
        w->findings[w->finding_count++] = (fps_finding){.component = (chosen >> 4) % COMPONENTS,
                                                        .file = file,
                                                        .state = (fps_state)((facts >> 4) % 3),
                                                        .linkage = (fps_linkage)(fuzz_take(&w->from) % 4),
                                                        .renamed = facts & 128,
                                                        .confidence = .9,
                                                        .version = answer};
    }
}

static const char *known(void *user, size_t index)
{
    (void)user;
    return index < COMPONENTS ? ids[index] : NULL;
}

static const char *sources(void *user, const char *component)
{
    static const char *const patterns[COMPONENTS] = {"debian:curl rpm:curl", "debian:glibc/libc6",
                                                     "rpm:openssl*", "debian:zlib apk:zlib pypi:zlib"};
    (void)user;
    for (size_t i = 0; i < COMPONENTS; i++)
        if (strcmp(ids[i], component) == 0)
            return patterns[i];
    return "";
}

static const char *release(void *user, const char *component, size_t index)
{
    (void)user;
    (void)component;
    return index < RELEASES ? releases[index] : NULL;
}

static const fps__digests *digests_of(void *user, uint32_t node)
{
    const work *w = user;
    return node % 5 < 4 ? &w->digests[node % 5] : NULL;
}

static uint32_t file_of(void *user, uint32_t node)
{
    const work *w = user;
    for (size_t i = 0; i < w->file_count; i++)
        if (w->nodes[i] == node && w->files[i].visibility == FPS_VISIBILITY_VISIBLE)
            return (uint32_t)i;
    return UINT32_MAX;
}

static void check_ownership(const work *w)
{
    if (w->ownership.count != fps__tree_count(w->tree))
        abort();
    for (uint32_t node = 0; node < w->ownership.count; node++)
        if (w->ownership.owner[node] != UINT32_MAX && w->ownership.owner[node] >= w->inventory.packages.count)
            abort();
}

static void check_drift(const work *w, const fps_drift *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const fps_drift *item = &items[i];
        if (!item->path || !item->message || (i && items[i - 1].kind > item->kind) ||
            (item->package != UINT32_MAX && item->package >= w->inventory.packages.count) ||
            (item->other != UINT32_MAX && item->other >= w->inventory.packages.count) ||
            (item->file != UINT32_MAX && item->file >= w->file_count))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    work w = {.from = {data, size}};
    uint8_t mode = fuzz_take(&w.from);
    fps_drift *items;
    size_t count;
    for (size_t i = 0; i < COMPONENTS; i++)
        w.components[i] = (fps_component){.id = ids[i], .name = ids[i], .role = (fps_component_role)(i % 3)};
    for (size_t i = 0; i < 4; i++)
        memset(&w.digests[i], (int)('a' + i), sizeof w.digests[i]);
    make_inventory(&w);
    make_tree(&w);
    if (fps__ownership_find(&w.ownership, &w.inventory, w.tree, 0, NULL) != FPS_OK)
        abort();
    check_ownership(&w);
    make_files(&w);
    make_findings(&w);
    const fps__drift_input input = {.inventory = &w.inventory,
                                    .ownership = &w.ownership,
                                    .tree = w.tree,
                                    .files = w.files,
                                    .file_count = w.file_count,
                                    .findings = w.findings,
                                    .finding_count = w.finding_count,
                                    .components = w.components,
                                    .component_count = COMPONENTS,
                                    .known = mode & 1 ? known : NULL,
                                    .sources = sources,
                                    .release = release,
                                    .digests = digests_of,
                                    .compute = mode & 2 ? digests_of : NULL,
                                    .file_of = file_of,
                                    .partial = mode & 4,
                                    .verify = mode & 8,
                                    .user = &w};
    if (fps__drift_find(&input, &w.arena, &items, &count, NULL) != FPS_OK)
        abort();
    check_drift(&w, items, count);
    fps__ownership_free(&w.ownership);
    fps__tree_free(w.tree);
    free(w.inventory.packages.items);
    free(w.inventory.diversions.items);
    fps__arena_free(&w.inventory.arena);
    fps__arena_free(&w.arena);
    return 0;
}
