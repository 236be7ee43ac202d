/* Reads a JSON report back into a result: target, sets, layers, packages, drift and diagnostics. */
#include "result/result_read.h"

#include "result/result_reader.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/package_kind.h"

#include <string.h>
#include <time.h>

enum { BASE_SOURCES = 4, VISIBILITIES = 3, DRIFT_KINDS = 6, LEVELS = 2, MOST = UINT32_MAX - 1 };

static const char *base_source_name(unsigned value)
{
    return fps_base_source_name((fps_base_source)value);
}

static const char *visibility_name(unsigned value)
{
    return fps_visibility_name((fps_visibility)value);
}

static const char *package_kind_name(unsigned value)
{
    return fps_package_kind_name((fps_package_kind)value);
}

static const char *drift_kind_name(unsigned value)
{
    return fps_drift_kind_name((fps_drift_kind)value);
}

static const char *drift_level_name(unsigned value)
{
    return value == FPS_DRIFT_LEVEL_NOTE ? "note" : "drift";
}

static const char *diagnostic_level_name(unsigned value)
{
    return value == FPS_DIAGNOSTIC_NOTE ? "note" : "partial";
}

/* ---- the target ---- */

static void read_image(fps__result_reader *r, const json_t *target)
{
    const json_t *item = fps__reader_object(r, target, "image", true);
    fps_image *image = item ? fps__reader_table(r, 1, sizeof *image) : NULL;
    if (!image)
        return;
    const json_t *platform = fps__reader_object(r, item, "platform", false),
                 *base = fps__reader_object(r, item, "base", false);
    *image = (fps_image){
        .format = fps__reader_text(r, item, "format"),
        .reference = fps__reader_text(r, item, "reference"),
        .manifest = fps__reader_text(r, item, "manifest"),
        .config = fps__reader_text(r, item, "config"),
        .os = fps__reader_text(r, platform, "os"),
        .architecture = fps__reader_text(r, platform, "architecture"),
        .variant = fps__reader_text(r, platform, "variant"),
        .os_version = fps__reader_text(r, platform, "osVersion"),
        .base_source = (fps_base_source)fps__reader_name(r, base, "source", base_source_name, BASE_SOURCES),
        .base_name = fps__reader_text(r, base, "name"),
        .base_digest = fps__reader_text(r, base, "digest"),
        .base_layers = (uint32_t)fps__reader_number(r, base, "layers", UINT32_MAX),
    };
    r->result->info.image = image;
}

static void read_target(fps__result_reader *r, const json_t *root)
{
    fps_result_info *info = &r->result->info;
    const json_t *target = fps__reader_object(r, root, "target", false);
    const json_t *os = target ? fps__reader_object(r, target, "os", false) : NULL;
    if (!os)
        return;
    info->target = fps__reader_text(r, target, "path");
    info->target_type = fps__reader_text(r, target, "type");
    info->os_id = fps__reader_text(r, os, "id");
    info->os_version_id = fps__reader_text(r, os, "versionId");
    info->os_name = fps__reader_text(r, os, "name");
    info->packages_known = fps__reader_bool(r, target, "packagesKnown");
    info->digests_compared = fps__reader_bool(r, target, "digestsCompared");
    info->entries = fps__reader_number(r, target, "entries", INT64_MAX);
    info->regular_files = fps__reader_number(r, target, "regularFiles", INT64_MAX);
    info->objects = fps__reader_number(r, target, "objects", INT64_MAX);
    info->bytes = fps__reader_number(r, target, "bytes", INT64_MAX);
    info->skipped_pseudo = fps__reader_number(r, target, "skippedPseudo", INT64_MAX);
    read_image(r, target);
}

/* "2026-01-31T12:00:00Z" in seconds since 1970; -1 for null. */
static int64_t read_time(fps__result_reader *r, const json_t *root)
{
    const char *text = fps__reader_optional(r, root, "created");
    struct tm parts = {0};
    const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts) : NULL;
    if (!text)
        return -1;
    time_t seconds = end && !*end ? timegm(&parts) : -1;
    if (seconds < 0)
        fps__reader_fail(r, FPS_ERROR_CORRUPT, "created", "is no time");
    return seconds;
}

static void read_run(fps__result_reader *r, const json_t *root)
{
    fps_result_info *info = &r->result->info;
    const json_t *tool = fps__reader_object(r, root, "tool", false),
                 *shown = fps__reader_object(r, root, "shown", true);
    info->from_report = true;
    info->report_tool = fps__reader_text(r, tool, "version");
    info->report_time = read_time(r, root);
    if (shown) {
        info->report_all_layers = strcmp(fps__reader_text(r, shown, "scope"), "all-layers") == 0;
        info->omitted = fps__reader_number(r, shown, "omittedFindings", INT64_MAX);
        info->omitted_hidden = fps__reader_number(r, shown, "omittedHiddenFindings", INT64_MAX);
    }
}

static void read_sets(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "sets");
    size_t count = json_array_size(list);
    fps_database_info *sets = fps__reader_table(r, count, sizeof *sets);
    r->list = "sets";
    for (r->index = 0; sets && r->index < count && fps__reader_good(r); r->index++) {
        const json_t *item = json_array_get(list, r->index);
        fps_database_info *set = &sets[r->index];
        const char *digest = fps__reader_text(r, item, "digest");
        set->name = fps__reader_text(r, item, "name");
        set->creator = fps__reader_text(r, item, "creator");
        set->parameters = fps__reader_text(r, item, "parameters");
        set->version_major = (uint16_t)fps__reader_number(r, item, "versionMajor", UINT16_MAX);
        set->version_minor = (uint16_t)fps__reader_number(r, item, "versionMinor", UINT16_MAX);
        set->size = fps__reader_number(r, item, "size", INT64_MAX);
        set->components = fps__reader_number(r, item, "components", INT64_MAX);
        set->fingerprinted_releases = fps__reader_number(r, item, "releases", INT64_MAX);
        if (!fps__hex_read(digest, strlen(digest), set->digest, sizeof set->digest))
            fps__reader_fail(r, FPS_ERROR_CORRUPT, "digest", "is no digest");
    }
    r->list = NULL;
    r->result->info.databases = sets;
    r->result->info.database_count = sets ? count : 0;
}

static void read_layers(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "layers");
    r->list = "layers";
    for (r->index = 0; r->index < json_array_size(list) && fps__reader_good(r); r->index++) {
        const json_t *item = json_array_get(list, r->index);
        fps_layer layer = {.index = (uint32_t)fps__reader_number(r, item, "index", UINT32_MAX),
                           .digest = fps__reader_text(r, item, "digest"),
                           .diff_id = fps__reader_text(r, item, "diffID"),
                           .created_by = fps__reader_text(r, item, "createdBy"),
                           .media_type = fps__reader_text(r, item, "mediaType"),
                           .size = fps__reader_number(r, item, "size", INT64_MAX),
                           .base = fps__reader_bool(r, item, "base"),
                           .read = fps__reader_bool(r, item, "read")};
        if (FPS__ARRAY_PUSH(&r->result->layers, &layer, MOST) != FPS_OK)
            fps__reader_fail(r, FPS_ERROR_MEMORY, NULL, "");
    }
    r->list = NULL;
}

/* ---- packages ---- */

static const uint32_t *read_depends(fps__result_reader *r, const json_t *item, size_t packages, size_t *count)
{
    const json_t *list = fps__reader_list(r, item, "depends");
    uint32_t *depends = fps__reader_table(r, json_array_size(list), sizeof *depends);
    *count = depends ? json_array_size(list) : 0;
    for (size_t i = 0; i < *count; i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            (uint64_t)json_integer_value(value) >= packages)
            fps__reader_fail(r, FPS_ERROR_CORRUPT, "depends", "is no index of a package");
        depends[i] = (uint32_t)json_integer_value(value);
    }
    return depends;
}

/* What a program says of how it was linked, as lines; NULL where the report has none. */
static const char *read_properties(fps__result_reader *r, const json_t *item)
{
    if (!json_object_get(item, "properties"))
        return NULL;
    const json_t *list = fps__reader_list(r, item, "properties"), *value;
    size_t count = json_array_size(list), size = 0, used = 0, i;
    json_array_foreach(list, i, value) size += json_string_length(value) + 1;
    char *text = fps__reader_table(r, size, 1);
    for (i = 0; text && i < count && fps__reader_good(r); i++) {
        const char *line = fps__reader_value(r, json_array_get(list, i), "properties");
        size_t length = strlen(line);
        if (strchr(line, '\n'))
            fps__reader_fail(r, FPS_ERROR_CORRUPT, "properties", "is no list of texts of one line");
        memcpy(text + used, line, length);
        used += length;
        text[used++] = i + 1 < count ? '\n' : '\0';
    }
    return text;
}

static void read_packages(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "packages");
    size_t count = json_array_size(list);
    r->list = "packages";
    for (r->index = 0; r->index < count && fps__reader_good(r); r->index++) {
        const json_t *item = json_array_get(list, r->index);
        fps_package package = {.name = fps__reader_text(r, item, "name"),
                               .version = fps__reader_text(r, item, "version"),
                               .architecture = fps__reader_text(r, item, "architecture"),
                               .source = fps__reader_text(r, item, "source"),
                               .source_version = fps__reader_text(r, item, "sourceVersion"),
                               .supplier = fps__reader_text(r, item, "supplier"),
                               .license = fps__reader_text(r, item, "license"),
                               .purl = fps__reader_text(r, item, "purl"),
                               .cpe = fps__reader_optional(r, item, "cpe"),
                               .location = fps__reader_text(r, item, "location"),
                               .layer = fps__reader_index(r, item, "layer", r->result->layers.count),
                               .parent = fps__reader_index(r, item, "parent", count),
                               .owned = fps__reader_number(r, item, "owned", INT64_MAX)};
        package.kind =
            (fps_package_kind)fps__reader_name(r, item, "kind", package_kind_name, FPS__PACKAGE_KIND_COUNT);
        package.visibility =
            (fps_visibility)fps__reader_name(r, item, "visibility", visibility_name, VISIBILITIES);
        if (json_object_get(item, "state"))
            package.state = (fps_state)fps__reader_name(r, item, "state", fps__reader_state_name,
                                                        FPS_STATE_MENTIONED + 1);
        package.properties = read_properties(r, item);
        package.suppressed = fps__reader_suppressed(r, item);
        package.depends = read_depends(r, item, count, &package.depend_count);
        if (FPS__ARRAY_PUSH(&r->result->packages, &package, MOST) != FPS_OK)
            fps__reader_fail(r, FPS_ERROR_MEMORY, NULL, "");
    }
    r->list = NULL;
}

/* ---- drift and diagnostics ---- */

static void read_drift(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "drift");
    size_t count = json_array_size(list), packages = r->result->packages.count;
    r->result->drift = fps__reader_table(r, count, sizeof *r->result->drift);
    r->list = "drift";
    for (r->index = 0; r->result->drift && r->index < count && fps__reader_good(r); r->index++) {
        const json_t *item = json_array_get(list, r->index);
        r->result->drift[r->index] = (fps_drift){
            .kind = (fps_drift_kind)fps__reader_name(r, item, "kind", drift_kind_name, DRIFT_KINDS),
            .level = (fps_drift_level)fps__reader_name(r, item, "level", drift_level_name, LEVELS),
            .path = fps__reader_text(r, item, "path"),
            .file = fps__reader_index(r, item, "file", r->result->files.count),
            .package = fps__reader_index(r, item, "package", packages),
            .other = fps__reader_index(r, item, "otherPackage", packages),
            .component = fps__reader_optional(r, item, "component"),
            .claimed = fps__reader_optional(r, item, "claimed"),
            .found = fps__reader_optional(r, item, "found"),
            .message = fps__reader_text(r, item, "message"),
            .suppressed = fps__reader_suppressed(r, item),
        };
        r->result->drift_count = r->index + 1;
    }
    r->list = NULL;
}

static void read_diagnostics(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "diagnostics");
    r->list = "diagnostics";
    for (r->index = 0; r->index < json_array_size(list) && fps__reader_good(r); r->index++) {
        const json_t *item = json_array_get(list, r->index);
        fps_diagnostic diagnostic = {
            .level = (fps_diagnostic_level)fps__reader_name(r, item, "level", diagnostic_level_name, LEVELS),
            .code = fps__reader_text(r, item, "code"),
            .path = fps__reader_optional(r, item, "path"),
            .offset = fps__reader_offset(r, item, "offset"),
            .message = fps__reader_text(r, item, "message")};
        if (FPS__ARRAY_PUSH(&r->result->diagnostics, &diagnostic, MOST) != FPS_OK)
            fps__reader_fail(r, FPS_ERROR_MEMORY, NULL, "");
    }
    r->list = NULL;
}

/* ---- the document ---- */

bool fps__result_is_report(const json_t *root)
{
    const char *name = json_string_value(json_object_get(json_object_get(root, "tool"), "name"));
    return json_is_string(json_object_get(root, "schemaVersion")) && name && strcmp(name, "fpscan") == 0;
}

static fps_status read_all(fps__result_reader *r, const json_t *root)
{
    const char *version = json_string_value(json_object_get(root, "schemaVersion"));
    if (!version || strncmp(version, "2.", 2) != 0)
        return fps__fail(r->error, FPS_ERROR_VERSION, r->path, UINT64_MAX,
                         "a report by version %.20s of the schema; this program reads 2",
                         version ? version : "?");
    read_run(r, root);
    read_target(r, root);
    read_sets(r, root);
    read_layers(r, root);
    read_packages(r, root);
    fps__reader_components(r, root);
    read_drift(r, root);
    read_diagnostics(r, root);
    if (r->status == FPS_OK)
        r->status = fps__result_finish(r->result, r->error);
    if (r->status == FPS_OK)
        fps__reader_vulnerabilities(r, root);
    return r->status;
}

fps_status fps__result_read(fps_result **result, const json_t *root, const char *path, size_t memory,
                            fps_error *error)
{
    fps__result_reader r = {.path = path, .error = error, .status = FPS_OK};
    fps_status status = fps__result_create(&r.result, error);
    *result = NULL;
    if (status != FPS_OK)
        return status;
    r.result->arena.limit = memory;
    status = read_all(&r, root);
    r.result->arena.limit = 0;
    if (status == FPS_OK)
        *result = r.result;
    else
        fps_result_free(r.result);
    return status;
}
