/* Writes a result as a snapshot of GitHub's dependency submission API: a manifest for each place that lists packages or holds
 * components. Entries without a package URL are left out: the API takes none. */
#include "report/report_bom.h"
#include "report/report_format.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* An entry and the place that it is known from. */
typedef struct placed {
    fps__entry entry;
    const char *place;
    bool direct; /* nothing else in the snapshot needs or holds it */
} placed;

typedef struct snapshot {
    const fps__view *view;
    fps__json *json;
    placed *items;
    size_t count;
} snapshot;

static int compare_placed(const void *left, const void *right)
{
    const placed *a = left, *b = right;
    int order = strcmp(a->place, b->place);
    order = order ? order : FPS__COMPARE(a->entry.package == NULL, b->entry.package == NULL);
    return order ? order : FPS__COMPARE(a->entry.index, b->entry.index);
}

static void add(snapshot *s, const fps__entry *entry, const char *place, bool direct)
{
    char text[FPS__IDENTIFIER_SIZE];
    if (fps__bom_purl(entry, text, sizeof text))
        s->items[s->count++] = (placed){*entry, place, direct};
}

/* By package: true when another one needs it. NULL without memory. */
static bool *find_needed(const fps_result *result)
{
    size_t count = fps_result_package_count(result);
    bool *needed = calloc(count + 1, sizeof *needed);
    for (size_t i = 0; needed && i < count; i++) {
        const fps_package *package = fps_result_package(result, i);
        needed[i] |= package->parent < count;
        for (size_t k = 0; k < package->depend_count; k++)
            if (package->depends[k] < count)
                needed[package->depends[k]] = true;
    }
    return needed;
}

static bool gather(snapshot *s)
{
    const fps_result *result = s->view->result;
    size_t packages = fps_result_package_count(result), components = fps_result_component_count(result);
    bool *needed = find_needed(result);
    fps__entry entry;
    s->items = calloc(packages + components + 1, sizeof *s->items);
    if (!needed || !s->items) {
        free(needed);
        return false;
    }
    for (size_t next = 0; fps__bom_next(s->view, &next, &entry);)
        if (entry.package)
            add(s, &entry, entry.package->location, !needed[entry.index]);
        else
            add(s, &entry, fps_result_file(result, entry.best->file)->path,
                !fps__bom_package(s->view, s->view->links->home[entry.index], NULL));
    free(needed);
    if (s->count)
        qsort(s->items, s->count, sizeof *s->items, compare_placed);
    return true;
}

static void write_need(const snapshot *s, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    if (fps__bom_purl(entry, text, sizeof text))
        fps__json_text(s->json, NULL, text);
}

/* The doubt about a component, and the package URLs of all that it may be instead, a space between them. */
static void write_metadata(const snapshot *s, const fps__entry *entry)
{
    const fps_finding *best = entry->component ? entry->best : NULL;
    char text[FPS__IDENTIFIER_SIZE];
    if (!best || (best->doubt == FPS_DOUBT_NONE && !best->relative_count))
        return;
    fps__json_object(s->json, "metadata");
    if (best->doubt != FPS_DOUBT_NONE)
        fps__json_text(s->json, "doubt", fps_doubt_name(best->doubt));
    if (best->relative_count)
        fps__json_text_start(s->json, "candidates");
    for (size_t i = 0; i < best->relative_count; i++) {
        fps__relative_text(&best->relatives[i], text, sizeof text);
        fps__json_text_part(s->json, i ? " " : "");
        fps__json_text_part(s->json, text);
    }
    if (best->relative_count)
        fps__json_text_stop(s->json);
    fps__json_end(s->json);
}

static void write_resolved(const snapshot *s, const placed *item)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__entry other;
    fps__bom_reference(s->view, &item->entry, text, sizeof text);
    fps__json_named(s->json, text);
    fps__bom_purl(&item->entry, text, sizeof text);
    fps__json_text(s->json, "package_url", text);
    write_metadata(s, &item->entry);
    fps__json_text(s->json, "relationship", item->direct ? "direct" : "indirect");
    fps__json_text(s->json, "scope", "runtime");
    fps__json_array(s->json, "dependencies");
    const fps_package *package = item->entry.package;
    for (size_t i = 0; package && i < package->depend_count; i++)
        if (fps__bom_package(s->view, package->depends[i], &other))
            write_need(s, &other);
    for (size_t cursor = 0; package && fps__bom_next_contained(s->view, item->entry.index, &cursor, &other);)
        write_need(s, &other);
    fps__json_end(s->json);
    fps__json_end(s->json);
}

static void write_manifests(const snapshot *s)
{
    fps__json_object(s->json, "manifests");
    for (size_t first = 0, next; first < s->count; first = next) {
        const char *place = s->items[first].place;
        fps__json_named(s->json, *place ? place : "/");
        fps__json_text(s->json, "name", *place ? place : "/");
        fps__json_object(s->json, "file");
        fps__json_text(s->json, "source_location", place + strspn(place, "/"));
        fps__json_end(s->json);
        fps__json_object(s->json, "resolved");
        for (next = first; next < s->count && strcmp(s->items[next].place, place) == 0; next++)
            write_resolved(s, &s->items[next]);
        fps__json_end(s->json);
        fps__json_end(s->json);
    }
    fps__json_end(s->json);
}

/* The API wants an identifier of the job, a commit and a reference; outside of a job of a pipeline they are empty, to be
 * filled in by who sends the snapshot. */
static void write_origin(const fps__view *view, fps__json *json)
{
    static const fps_report_origin unknown = {NULL, NULL, NULL, NULL};
    const fps_report_origin *origin = view->options->origin ? view->options->origin : &unknown;
    char time[FPS__TIMESTAMP_SIZE];
    fps__json_object(json, "job");
    fps__json_text(json, "id", origin->job ? origin->job : "");
    fps__json_text(json, "correlator", origin->correlator ? origin->correlator : "fpscan");
    fps__json_end(json);
    fps__json_text(json, "sha", origin->commit ? origin->commit : "");
    fps__json_text(json, "ref", origin->reference ? origin->reference : "");
    fps__json_object(json, "detector");
    fps__json_text(json, "name", "fpscan");
    fps__json_text(json, "version", fps__tool_version(view->options));
    fps__json_text(json, "url", FPS_HOME);
    fps__json_end(json);
    fps__timestamp_text(view->options->timestamp, time);
    fps__json_text(json, "scanned", time[0] ? time : "1970-01-01T00:00:00Z");
}

static void write_github(const fps__view *view, fps__output *out)
{
    fps__json json = {.out = out};
    snapshot s = {view, &json, NULL, 0};
    if (!gather(&s)) {
        free(s.items);
        out->status = FPS_ERROR_MEMORY;
        return;
    }
    fps__json_object(&json, NULL);
    fps__json_number(&json, "version", 0);
    write_origin(view, &json);
    write_manifests(&s);
    fps__json_end(&json);
    free(s.items);
}

const fps_report_format fps__report_github = {
    .name = "github", .version = "", .states = FPS__STATES_OF_BILLS, .write = write_github};
