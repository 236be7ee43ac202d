/* The entries that bills of materials share: packages of all inventories, and components that no package
 * explains. */
#include "report/report_bom.h"

#include "util/cursor.h"
#include "util/package_kind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool fps__bom_package(const fps__view *view, size_t index, fps__entry *entry)
{
    fps__entry found = {.index = index, .number = index, .package = fps_result_package(view->result, index)};
    const char *wanted = view->options->component;
    if (!found.package || (!view->options->all_layers && found.package->visibility != FPS_VISIBILITY_VISIBLE))
        return false;
    found.best = fps_result_finding(view->result, view->links->identity[index]);
    if (wanted && !found.best && strcmp(wanted, found.package->name) != 0)
        return false;
    if (entry)
        *entry = found;
    return true;
}

bool fps__bom_component(const fps__view *view, size_t index, fps__entry *entry)
{
    fps__entry found = {.index = index, .component = fps_result_component(view->result, index)};
    if (!found.component)
        return false;
    found.best = fps_result_finding(view->result, view->links->own[index]);
    found.number = view->links->number[index];
    if (entry)
        *entry = found;
    return found.best != NULL;
}

bool fps__bom_at(const fps__view *view, size_t place, fps__entry *entry)
{
    size_t packages = fps_result_package_count(view->result);
    return place < packages ? fps__bom_package(view, place, entry)
                            : fps__bom_component(view, place - packages, entry);
}

size_t fps__bom_place(const fps__view *view, const fps__entry *entry)
{
    return entry->index + (entry->package ? 0 : fps_result_package_count(view->result));
}

bool fps__bom_next(const fps__view *view, size_t *cursor, fps__entry *entry)
{
    size_t all = fps_result_package_count(view->result) + fps_result_component_count(view->result);
    while (*cursor < all)
        if (fps__bom_at(view, (*cursor)++, entry))
            return true;
    return false;
}

const fps_finding *fps__bom_next_finding(const fps__view *view, const fps__entry *entry, size_t *cursor)
{
    const fps__package_links *links = view->links;
    const uint32_t *list =
        entry->package ? links->findings + links->first[entry->index] : entry->component->findings;
    size_t count = entry->package ? links->first[entry->index + 1] - links->first[entry->index]
                                  : entry->component->finding_count;
    while (*cursor < count) {
        const fps_finding *finding = fps_result_finding(view->result, list[(*cursor)++]);
        if (finding && fps__view_shows(view, finding) &&
            fps__package_links_merges(view, finding) == (entry->package != NULL))
            return finding;
    }
    return NULL;
}

bool fps__bom_next_contained(const fps__view *view, size_t package, size_t *cursor, fps__entry *entry)
{
    const fps__package_links *links = view->links;
    const uint32_t *list = links->findings + links->first[package];
    size_t count = links->first[package + 1] - links->first[package], at = *cursor;
    while (at < count) {
        const fps_finding *finding = fps_result_finding(view->result, list[at]);
        uint32_t component = finding->component;
        bool loose = false;
        for (; at < count; at++) {
            finding = fps_result_finding(view->result, list[at]);
            if (finding->component != component)
                break;
            loose = loose || !fps__package_links_merges(view, finding);
        }
        *cursor = at;
        if (loose && fps__bom_component(view, component, entry))
            return true;
    }
    return false;
}

/* The entry that the subject of a vulnerability has in one of its files: the component's own, or that of the package that the
 * component is a second identity of there. */
static bool entry_in_file(const fps__view *view, const fps_vulnerability *vulnerability, uint32_t index,
                          fps__entry *entry)
{
    const fps_component *subject = fps_result_component(view->result, vulnerability->component);
    const fps_file *file = fps_result_file(view->result, index);
    for (uint32_t i = 0; subject && file && i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(view->result, file->findings_first + i);
        const fps_component *component = fps_result_component(view->result, finding->component);
        if (!component || strcmp(component->id, subject->id) != 0)
            continue;
        return fps__package_links_merges(view, finding)
                   ? fps__bom_package(view, fps__package_links_owner(view->result, file), entry)
                   : fps__bom_component(view, finding->component, entry);
    }
    return false;
}

bool fps__bom_next_affected(const fps__view *view, const fps_vulnerability *vulnerability, size_t *cursor,
                            fps__entry *entry)
{
    size_t packages = vulnerability->package_count, all = packages ? packages : vulnerability->file_count;
    while (*cursor < all) {
        size_t at = (*cursor)++;
        if (packages ? fps__bom_package(view, vulnerability->packages[at], entry)
                     : entry_in_file(view, vulnerability, vulnerability->files[at], entry))
            return true;
    }
    return false;
}

void fps__bom_reference(const fps__view *view, const fps__entry *entry, char *text, size_t size)
{
    if (entry->component) {
        fps__reference_text(entry->component, text, size);
        return;
    }
    const fps_package *package = entry->package;
    uint32_t ordinal = view->links->ordinal[entry->index];
    fps__cursor c = {text, size, 0, false};
    fps__cursor_format(&c, "package:%s/", fps_package_kind_name(package->kind));
    fps__cursor_encoded(&c, package->name, strlen(package->name), "/+");
    fps__cursor_put(&c, "@", 1);
    fps__cursor_encoded(&c, package->version, strlen(package->version), ":+");
    if (ordinal)
        fps__cursor_format(&c, "#%u", ordinal + 1);
    if (c.full) {
        c = (fps__cursor){text, size, 0, false};
        fps__cursor_format(&c, "package:%zu", entry->index);
    }
    fps__cursor_finish(&c);
}

const char *fps__bom_name(const fps__entry *entry)
{
    if (entry->package)
        return entry->package->name;
    return entry->component->name[0] ? entry->component->name : entry->component->id;
}

const char *fps__bom_version(const fps__entry *entry)
{
    if (entry->package)
        return entry->package->version[0] ? entry->package->version : NULL;
    const fps_version_answer *version = entry->component->version;
    return version->kind == FPS_VERSION_EXACT ? version->version : NULL;
}

bool fps__bom_has_source(const fps__entry *entry)
{
    const fps_package *package = entry->package;
    return package && package->source[0] && package->source_version[0] &&
           fps__package_kind_of(package->kind)->system &&
           (strcmp(package->source, package->name) != 0 ||
            strcmp(package->source_version, package->version) != 0);
}

const char *fps__bom_license(const fps__entry *entry)
{
    return entry->package ? entry->package->license : entry->component->license;
}

size_t fps__bom_purl(const fps__entry *entry, char *text, size_t size)
{
    if (entry->package)
        return fps__purl_text(entry->package->purl, NULL, text, size);
    return fps__purl_text(entry->component->purl, fps__bom_version(entry), text, size);
}

size_t fps__bom_cpe(const fps__entry *entry, char *text, size_t size)
{
    if (entry->component)
        return fps__cpe_text(entry->component->cpe, fps__bom_version(entry), text, size);
    return fps__cpe_whole(entry->package->cpe, text, size);
}

uint32_t fps__bom_layer(const fps__view *view, const fps__entry *entry)
{
    if (entry->component)
        return fps__introduced(view->result, entry->best);
    bool known = entry->package->layer < fps_result_layer_count(view->result);
    return known ? entry->package->layer : FPS__NONE;
}

/* Where the image can be had: "host/path". Of a name without a host nobody knows. */
static void put_repository(fps__cursor *c, const char *name, size_t length)
{
    size_t first = strcspn(name, "/");
    bool host = first < length && (memchr(name, '.', first) || memchr(name, ':', first) ||
                                   (first == 9 && strncmp(name, "localhost", 9) == 0));
    fps__cursor_text(c, host ? "&repository_url=" : "");
    for (size_t i = 0; host && i < length; i++) {
        char low = (char)tolower((unsigned char)name[i]);
        fps__cursor_encoded(c, &low, 1, ":");
    }
}

size_t fps__bom_image_purl(const fps_image *image, char *text, size_t size)
{
    char base[FPS__IDENTIFIER_SIZE];
    const char *slash = strrchr(image->reference, '/');
    const char *name = slash ? slash + 1 : image->reference;
    size_t length = strcspn(name, ":@");
    *text = '\0';
    if (!length || (!slash && !name[length]) || (!image->manifest[0] && name[length] != ':'))
        return 0;
    fps__cursor c = {base, sizeof base, 0, false};
    fps__cursor_text(&c, "pkg:oci/");
    for (size_t i = 0; i < length; i++) {
        char low = (char)tolower((unsigned char)name[i]);
        fps__cursor_put(&c, &low, 1);
    }
    size_t path = c.used;
    fps__cursor_text(&c, image->architecture[0] ? "&arch=" : "");
    fps__cursor_encoded(&c, image->architecture, strlen(image->architecture), "");
    put_repository(&c, image->reference, (size_t)(name - image->reference) + length);
    if (name[length] == ':') {
        fps__cursor_text(&c, "&tag=");
        fps__cursor_encoded(&c, name + length + 1, strcspn(name + length + 1, "@"), "");
    }
    if (!fps__cursor_finish(&c))
        return 0;
    if (base[path] == '&')
        base[path] = '?';
    return fps__purl_text(base, image->manifest[0] ? image->manifest : NULL, text, size);
}

void fps__bom_drift(const fps_drift *drift, const char *key, fps__json *json)
{
    const char *parts[] = {fps__drift_level_text(drift),
                           " ",
                           fps_drift_kind_name(drift->kind),
                           " ",
                           drift->path,
                           ": ",
                           drift->message};
    char suppressed[FPS__SUPPRESSED_SIZE];
    fps__json_text_start(json, key);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__json_text_part(json, parts[i]);
    if (fps__suppressed_text(drift->suppressed, suppressed, sizeof suppressed)) {
        fps__json_text_part(json, "; suppressed, ");
        fps__json_text_part(json, suppressed);
    }
    fps__json_text_stop(json);
}

bool fps__document_uuid(const fps__view *view,
                        void (*write)(const fps__view *view, const char *uuid, fps__output *out),
                        char text[FPS__UUID_SIZE])
{
    void *uuid = fps__uuid_create();
    fps__output hashed;
    fps_report_options options = *view->options;
    fps__view timeless = *view;
    if (!uuid)
        return false;
    options.timestamp = -1;
    timeless.options = &options;
    fps__output_start(&hashed, fps__uuid_add, uuid);
    write(&timeless, NULL, &hashed);
    bool good = fps__output_finish(&hashed, NULL) == FPS_OK;
    return fps__uuid_finish(uuid, text) && good;
}
