/* Drift: collects the differences of all kinds and puts them in order; executables that nobody owns. */
#include "drift/drift_internal.h"

#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ITEMS = 100000000 };

/* ---- what all kinds use ---- */

bool fps__is_system_package(const fps__inventory_package *package)
{
    fps_package_kind kind = package->facts.kind;
    return kind == FPS_PACKAGE_DEB || kind == FPS_PACKAGE_APK || kind == FPS_PACKAGE_RPM;
}

uint32_t fps__drift_owner(const fps__drift_work *work, size_t file)
{
    const fps__ownership *ownership = work->input->ownership;
    uint32_t node = work->node_of_file[file];
    return node < ownership->count ? ownership->owner[node] : UINT32_MAX;
}

void fps__drift_add(fps__drift_work *work, const fps_drift *item)
{
    if (FPS__ARRAY_RESERVE(&work->items, 1, MAX_ITEMS) != FPS_OK) {
        work->no_memory = true;
        return;
    }
    work->items.items[work->items.count++] = *item;
}

const char *fps__drift_text(fps__drift_work *work, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : fps__arena_alloc(work->arena, (size_t)length + 1);
    if (!text) {
        work->no_memory = true;
        return "";
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = '?';
    return text;
}

const char *fps__drift_join(fps__drift_work *work, const char *a, const char *between, const char *b)
{
    size_t size = strlen(a) + strlen(between) + strlen(b) + 1;
    char *text = fps__arena_alloc(work->arena, size);
    if (!text) {
        work->no_memory = true;
        return "";
    }
    snprintf(text, size, "%s%s%s", a, between, b);
    return text;
}

const char *fps__drift_path(fps__drift_work *work, uint32_t node)
{
    for (size_t size = 512; size <= 1 << 24; size *= 8) {
        char *path = fps__arena_alloc(work->arena, size);
        if (!path)
            break;
        if (fps__tree_path(work->input->tree, node, path, size))
            return path;
    }
    work->no_memory = true;
    return "";
}

const fps__digests *fps__drift_digests(const fps__drift_work *work, uint32_t node)
{
    return work->input->digests ? work->input->digests(work->input->user, node) : NULL;
}

/* ---- executables that nobody owns ---- */

/* A maintainer script that dpkg keeps is its own, even where it is a program. */
static bool is_maintainer_script(const char *path)
{
    static const char directory[] = "/var/lib/dpkg/info/";
    static const char *const ends[] = {".preinst", ".postinst", ".prerm", ".postrm", ".config"};
    if (strncmp(path, directory, sizeof directory - 1) != 0)
        return false;
    const char *end = strrchr(path, '.');
    for (size_t i = 0; end && i < sizeof ends / sizeof *ends; i++)
        if (strcmp(end, ends[i]) == 0)
            return true;
    return false;
}

static bool is_unowned(const fps__drift_work *work, size_t index)
{
    const fps_file *file = &work->input->files[index];
    bool program = file->format == FPS_FORMAT_ELF || file->format == FPS_FORMAT_PE;
    bool type = file->type == FPS_OBJECT_EXECUTABLE || file->type == FPS_OBJECT_SHARED;
    return program && type && file->visibility == FPS_VISIBILITY_VISIBLE && !file->archive_path &&
           fps__drift_owner(work, index) == UINT32_MAX && !is_maintainer_script(file->path) &&
           !(work->prelink && strstr(file->path, ".#prelink#"));
}

void fps__drift_unowned(fps__drift_work *work)
{
    const fps__drift_input *input = work->input;
    for (size_t i = 0; i < input->file_count && input->ownership->any_system; i++) {
        const fps_file *file = &input->files[i];
        if (!is_unowned(work, i))
            continue;
        const char *format = file->format == FPS_FORMAT_ELF ? "ELF" : "PE";
        const char *type = file->type == FPS_OBJECT_EXECUTABLE ? "executable" : "shared object";
        fps_drift item = {.kind = FPS_DRIFT_UNOWNED,
                          .level = FPS_DRIFT_LEVEL_DRIFT,
                          .path = file->path,
                          .file = (uint32_t)i,
                          .package = UINT32_MAX,
                          .other = UINT32_MAX,
                          .found = fps__drift_text(work, "%s %s", format, type),
                          .message = fps__drift_text(work, "no package claims this %s %s", format, type)};
        fps__drift_add(work, &item);
    }
}

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

static bool hand_over(fps__drift_work *work, fps_drift **items, size_t *count)
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
    if (*known == FPS__NO_NODE || !work->input->ownership->claim[*known])
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
    fps__drift_work work = {.input = input, .arena = arena, .prelink = uses_prelink(input)};
    *items = NULL;
    *count = 0;
    bool done = fps__providers_create(&work.providers, input) && find_nodes(&work);
    if (done) {
        fps__drift_unowned(&work);
        fps__drift_findings(&work);
        fps__drift_missing(&work);
        fps__drift_digest(&work);
        done = !work.no_memory && hand_over(&work, items, count);
    }
    fps__providers_free(&work.providers);
    free(work.node_of_file);
    free(work.items.items);
    return done ? FPS_OK : fps__fail_memory(error);
}
