/* Drift of a run: answers what drift/ asks about files, components and digests, and leaves out what was skipped. */
#include "scan/scan_packages.h"

#include "source/source_glob.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

static bool find_component(const fps__package_work *w, const char *id, const fps_database **database,
                           size_t *index)
{
    fps_component_info info;
    for (size_t i = 0; i < w->run->scan->databases.count; i++) {
        const fps_database *d = w->run->scan->databases.items[i];
        FPS__LOWER_BOUND(*index, fps_database_component_count(d), at,
                         fps_database_read_component(d, at, &info) && strcmp(info.id, id) < 0);
        *database = d;
        if (fps_database_read_component(d, *index, &info) && strcmp(info.id, id) == 0)
            return true;
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
    const fps__package_work *w = user;
    for (size_t i = 0; i < w->run->scan->databases.count; i++) {
        fps_component_info info;
        const fps_database *d = w->run->scan->databases.items[i];
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
    const fps__package_work *w = user;
    return node < w->count ? w->digests[node] : NULL;
}

/* Reads the file at a node of a directory again. */
static bool read_node(fps__package_work *w, uint32_t node)
{
    fps__scan_run *run = w->run;
    char *path = malloc(1 << 16);
    bool good = path && fps__tree_path(run->names, node, path, 1 << 16);
    if (good && !w->source)
        good = fps__source_open(&w->source, run->target, NULL, NULL) == FPS_OK;
    if (good)
        good = fps__source_read_path(w->source, path, run->scan->options.file_limit, &w->content, NULL) ==
               FPS_OK;
    free(path);
    return good;
}

/* Digests of a file of a directory that were not needed before: of the few that look like drift. They are
 * kept with what is known of the file, so that the next scan finds them. */
static const fps__digests *compute_digests(void *user, uint32_t node)
{
    fps__package_work *w = user;
    fps__scan_run *run = w->run;
    if (!run->is_directory || node >= w->count)
        return NULL;
    const fps__scanned *s =
        w->scanned_of[node] < run->scanned.count ? &run->scanned.items[w->scanned_of[node]] : NULL;
    if (s && s->found.has_digests)
        return w->digests[node] = &s->found.digests;
    fps__digests *digests = fps__arena_alloc(&w->result->arena, sizeof *digests);
    if (!digests || !read_node(w, node) || !fps__digests_compute(w->content.bytes, digests))
        return NULL;
    if (s)
        fps__scan_keep_digests(run, s->id, w->content.bytes, digests);
    return w->digests[node] = digests;
}

static uint32_t file_at(void *user, uint32_t node)
{
    const fps__package_work *w = user;
    return node < w->count ? w->file_of[node] : UINT32_MAX;
}

static fps_status find_drift(fps__package_work *w, uint32_t first, fps_error *error)
{
    fps_result *result = w->result;
    fps__drift_input input = {.inventory = &w->inventory,
                              .ownership = &w->ownership,
                              .tree = w->run->names,
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
                              .partial = w->run->incomplete,
                              .deadline_ms = w->run->deadline_ms,
                              .verify = w->run->scan->options.verify_digests,
                              .user = w};
    fps_status status = fps__drift_find(&input, &result->arena, &result->drift, &result->drift_count, error);
    for (size_t i = 0; status == FPS_OK && i < result->drift_count; i++) {
        fps_drift *drift = &result->drift[i];
        drift->package += drift->package == UINT32_MAX ? 0 : first;
        drift->other += drift->other == UINT32_MAX ? 0 : first;
    }
    return status;
}

/* What was left out of the walk is not missing. */
static fps_status drop_skipped(fps__package_work *w, fps_error *error)
{
    const fps_scan_options *options = &w->run->scan->options;
    fps_result *result = w->result;
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
        char *scratch = strdup(path);
        bool skipped = scratch && fps__globs_skip(&files, &dirs, path, scratch);
        free(scratch);
        if (result->drift[i].kind != FPS_DRIFT_MISSING || !skipped)
            result->drift[kept++] = result->drift[i];
    }
    if (status == FPS_OK)
        result->drift_count = kept;
    fps__globs_free(&dirs);
    fps__globs_free(&files);
    return status;
}

fps_status fps__scan_drift(fps__package_work *work, uint32_t first, fps_error *error)
{
    fps_status status = find_drift(work, first, error);
    return status == FPS_OK ? drop_skipped(work, error) : status;
}
