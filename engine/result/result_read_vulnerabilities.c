/* Reads the vulnerabilities of a JSON report, once files and components are in their final order. */
#include "result/result_reader.h"

#include "util/search.h"

#include <string.h>

enum { SEVERITIES = 6, VERDICTS = 3, SUPPRESSIONS = 7, PATCH_STATES = 3, MOST = 2000000 };

static const char *severity_name(unsigned value)
{
    return fps_severity_name((fps_severity)value);
}

static const char *verdict_name(unsigned value)
{
    return fps_verdict_name((fps_verdict)value);
}

static const char *suppression_name(unsigned value)
{
    return fps_suppression_name((fps_suppression)value);
}

static const char *patch_state_name(unsigned value)
{
    return fps_patch_state_name((fps_patch_state)value);
}

static double read_real(fps__result_reader *r, const json_t *item, const char *key, double most)
{
    const json_t *value = json_object_get(item, key);
    double number = json_number_value(value);
    if (json_is_number(value) && number >= 0 && number <= most)
        return number;
    fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is no number in its range");
    return 0;
}

static const char *const *read_texts(fps__result_reader *r, const json_t *item, const char *key,
                                     size_t *count)
{
    const json_t *list = fps__reader_list(r, item, key);
    const char **texts = fps__reader_table(r, json_array_size(list), sizeof *texts);
    *count = texts ? json_array_size(list) : 0;
    for (size_t i = 0; i < *count; i++)
        texts[i] = fps__reader_value(r, json_array_get(list, i), key);
    return texts;
}

/* ---- what has it, and where ---- */

static int compare_place(const fps_file *file, const char *path, const char *archive, uint32_t layer)
{
    int order = strcmp(file->path, path);
    if (!order && (!file->archive_path || !archive))
        order = (file->archive_path != NULL) - (archive != NULL);
    else if (!order)
        order = strcmp(file->archive_path, archive);
    return order ? order : FPS__COMPARE(file->layer, layer);
}

static void read_files(fps__result_reader *r, const json_t *item, fps_vulnerability *vulnerability)
{
    const json_t *list = fps__reader_list(r, item, "files");
    const fps_file *files = r->result->files.items;
    uint32_t *table = fps__reader_table(r, json_array_size(list), sizeof *table);
    vulnerability->files = table;
    for (size_t i = 0; table && i < json_array_size(list) && fps__reader_good(r); i++) {
        const json_t *place = json_array_get(list, i);
        const char *path = fps__reader_text(r, place, "path"),
                   *archive = fps__reader_optional(r, place, "archivePath");
        uint32_t layer = fps__reader_index(r, place, "layer", r->result->layers.count);
        size_t found;
        FPS__LOWER_BOUND(found, r->result->files.count, at,
                         compare_place(&files[at], path, archive, layer) < 0);
        if (found < r->result->files.count && !compare_place(&files[found], path, archive, layer))
            table[vulnerability->file_count++] = (uint32_t)found;
    }
}

static void read_packages(fps__result_reader *r, const json_t *item, fps_vulnerability *vulnerability)
{
    const json_t *list = fps__reader_list(r, item, "packages");
    uint32_t *table = fps__reader_table(r, json_array_size(list), sizeof *table);
    vulnerability->packages = table;
    for (size_t i = 0; table && i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            (uint64_t)json_integer_value(value) >= r->result->packages.count)
            fps__reader_fail(r, FPS_ERROR_CORRUPT, "packages", "is no index of a package");
        else
            table[vulnerability->package_count++] = (uint32_t)json_integer_value(value);
    }
}

/* The component of this id; where answers on its version differ, the one in the first place of the vulnerability. */
static uint32_t find_component(const fps__result_reader *r, const char *id,
                               const fps_vulnerability *vulnerability)
{
    const fps_component *components = r->result->components.items;
    const fps_finding *findings = r->result->findings.items;
    size_t first, at_file, count = r->result->components.count;
    FPS__LOWER_BOUND(first, count, at, strcmp(components[at].id, id) < 0);
    if (first == count || strcmp(components[first].id, id) != 0)
        return UINT32_MAX;
    if (vulnerability->file_count) {
        const fps_file *file = &r->result->files.items[vulnerability->files[0]];
        findings += file->findings_count ? file->findings_first : 0;
        FPS__LOWER_BOUND(at_file, file->findings_count, at,
                         strcmp(components[findings[at].component].id, id) < 0);
        if (at_file < file->findings_count && !strcmp(components[findings[at_file].component].id, id))
            return findings[at_file].component;
    }
    return (uint32_t)first;
}

/* ---- one vulnerability ---- */

static void read_threat(fps__result_reader *r, const json_t *item, fps_vulnerability *vulnerability)
{
    const json_t *epss = fps__reader_object(r, item, "epss", true),
                 *kev = fps__reader_object(r, item, "kev", true),
                 *ssvc = fps__reader_object(r, item, "ssvc", true);
    vulnerability->epss = epss ? fps__reader_share(r, epss, "score", -1) : -1;
    vulnerability->percentile = epss ? fps__reader_share(r, epss, "percentile", -1) : -1;
    vulnerability->known_exploited = kev != NULL;
    vulnerability->kev_added = kev ? fps__reader_text(r, kev, "added") : "";
    vulnerability->kev_due = kev ? fps__reader_text(r, kev, "due") : "";
    vulnerability->ransomware = kev && fps__reader_bool(r, kev, "ransomware");
    vulnerability->exploitation = ssvc ? fps__reader_text(r, ssvc, "exploitation") : "";
    vulnerability->automatable = ssvc ? fps__reader_text(r, ssvc, "automatable") : "";
    vulnerability->impact = ssvc ? fps__reader_text(r, ssvc, "technicalImpact") : "";
}

static void read_vulnerability(fps__result_reader *r, const json_t *item)
{
    const char *fixed = fps__reader_optional(r, item, "fixedVersion"),
               *by = fps__reader_optional(r, item, "suppressedBy"),
               *code = fps__reader_optional(r, item, "code"),
               *component = fps__reader_optional(r, item, "component");
    fps_vulnerability v = {
        .id = fps__reader_text(r, item, "id"),
        .title = fps__reader_text(r, item, "title"),
        .link = fps__reader_text(r, item, "link"),
        .severity = (fps_severity)fps__reader_name(r, item, "severity", severity_name, SEVERITIES),
        .score = read_real(r, item, "score", 10),
        .vector = fps__reader_text(r, item, "vector"),
        .risk = read_real(r, item, "risk", 100),
        .component = UINT32_MAX,
        .package = fps__reader_index(r, item, "package", r->result->packages.count),
        .version = fps__reader_text(r, item, "version"),
        .verdict = (fps_verdict)fps__reader_name(r, item, "verdict", verdict_name, VERDICTS),
        .range = fps__reader_text(r, item, "range"),
        .fixed = fixed ? fixed : "",
        .wont_fix = fps__reader_bool(r, item, "willNotFix"),
        .note = fps__reader_text(r, item, "note"),
        .source = fps__reader_text(r, item, "source"),
        .advisory = fps__reader_text(r, item, "advisory"),
        .suppression =
            (fps_suppression)fps__reader_name(r, item, "suppression", suppression_name, SUPPRESSIONS),
        .suppressed_by = by ? by : "",
        .code = code ? code : "",
    };
    if (code) /* since 2.3 */
        v.patch = (fps_patch_state)fps__reader_name(r, item, "patch", patch_state_name, PATCH_STATES);
    v.names = read_texts(r, item, "aliases", &v.name_count);
    v.affected = read_texts(r, item, "affectedVersions", &v.affected_count);
    v.routines = read_texts(r, item, "functions", &v.routine_count);
    read_threat(r, item, &v);
    read_files(r, item, &v);
    read_packages(r, item, &v);
    if (component)
        v.component = find_component(r, component, &v);
    if (!fps__reader_good(r))
        return;
    if (v.component == UINT32_MAX && v.package == UINT32_MAX)
        r->result->info.omitted++; /* of a component that the report does not show */
    else if (FPS__ARRAY_PUSH(&r->result->vulnerabilities, &v, MOST) != FPS_OK)
        fps__reader_fail(r, FPS_ERROR_LIMIT, NULL, "there are too many");
}

static void read_sources(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "advisorySources");
    fps_vulnerability_source *sources = fps__reader_table(r, json_array_size(list), sizeof *sources);
    r->list = "advisorySources";
    for (r->index = 0; sources && r->index < json_array_size(list) && fps__reader_good(r); r->index++) {
        const json_t *item = json_array_get(list, r->index);
        sources[r->index] =
            (fps_vulnerability_source){fps__reader_text(r, item, "name"), fps__reader_text(r, item, "format"),
                                       fps__reader_text(r, item, "date"), fps__reader_bool(r, item, "old")};
    }
    r->list = NULL;
    r->result->info.vulnerability_sources = sources;
    r->result->info.vulnerability_source_count = sources ? json_array_size(list) : 0;
}

void fps__reader_vulnerabilities(fps__result_reader *r, const json_t *root)
{
    if (!fps__reader_bool(r, root, "vulnerabilitiesChecked"))
        return;
    const json_t *list = fps__reader_list(r, root, "vulnerabilities");
    read_sources(r, root);
    r->list = "vulnerabilities";
    for (r->index = 0; r->index < json_array_size(list) && fps__reader_good(r); r->index++)
        read_vulnerability(r, json_array_get(list, r->index));
    r->list = NULL;
    r->result->info.vulnerabilities_checked = fps__reader_good(r);
}
