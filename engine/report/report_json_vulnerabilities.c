/* The vulnerabilities of a JSON report. */
#include "report/report_vulnerabilities.h"

#include "report/report_json.h"

static void write_list(const char *key, const char *const *items, size_t count, fps__json *json)
{
    fps__json_array(json, key);
    for (size_t i = 0; i < count; i++)
        fps__json_text(json, NULL, items[i]);
    fps__json_end(json);
}

static void write_threat(const fps_vulnerability *vulnerability, fps__json *json)
{
    if (vulnerability->epss < 0) {
        fps__json_null(json, "epss");
    } else {
        fps__json_object(json, "epss");
        fps__json_real(json, "score", vulnerability->epss);
        fps__json_real(json, "percentile", vulnerability->percentile);
        fps__json_end(json);
    }
    if (!vulnerability->known_exploited) {
        fps__json_null(json, "kev");
    } else {
        fps__json_object(json, "kev");
        fps__json_text(json, "added", vulnerability->kev_added);
        fps__json_text(json, "due", vulnerability->kev_due);
        fps__json_bool(json, "ransomware", vulnerability->ransomware);
        fps__json_end(json);
    }
    if (!*vulnerability->exploitation) {
        fps__json_null(json, "ssvc");
    } else {
        fps__json_object(json, "ssvc");
        fps__json_text(json, "exploitation", vulnerability->exploitation);
        fps__json_text(json, "automatable", vulnerability->automatable);
        fps__json_text(json, "technicalImpact", vulnerability->impact);
        fps__json_end(json);
    }
}

static void write_places(const fps__view *view, const fps_vulnerability *vulnerability, fps__json *json)
{
    fps__json_array(json, "packages");
    for (size_t i = 0; i < vulnerability->package_count; i++)
        fps__json_number(json, NULL, vulnerability->packages[i]);
    fps__json_end(json);
    fps__json_array(json, "files");
    for (size_t i = 0; i < vulnerability->file_count; i++) {
        const fps_file *file = fps_result_file(view->result, vulnerability->files[i]);
        if (!fps__view_shows_file(view, file))
            continue;
        fps__json_object(json, NULL);
        fps__json_text(json, "path", file->path);
        fps__json_location(view, file, json);
        fps__json_end(json);
    }
    fps__json_end(json);
}

static void write_vulnerability(const fps__view *view, const fps_vulnerability *vulnerability,
                                fps__json *json)
{
    const fps_component *component = fps_result_component(view->result, vulnerability->component);
    fps__json_object(json, NULL);
    fps__json_text(json, "id", vulnerability->id);
    write_list("aliases", vulnerability->names, vulnerability->name_count, json);
    fps__json_text(json, "title", vulnerability->title);
    fps__json_text(json, "link", vulnerability->link);
    fps__json_text(json, "severity", fps_severity_name(vulnerability->severity));
    fps__json_real(json, "score", vulnerability->score);
    fps__json_text(json, "vector", vulnerability->vector);
    fps__json_real(json, "risk", vulnerability->risk);
    write_threat(vulnerability, json);
    fps__json_text(json, "component", component ? component->id : NULL);
    fps__json_index(json, "package", vulnerability->package, fps_result_package_count(view->result));
    fps__json_text(json, "version", vulnerability->version);
    fps__json_text(json, "verdict", fps_verdict_name(vulnerability->verdict));
    write_list("affectedVersions", vulnerability->affected, vulnerability->affected_count, json);
    fps__json_text(json, "range", vulnerability->range);
    fps__json_text(json, "fixedVersion", *vulnerability->fixed ? vulnerability->fixed : NULL);
    fps__json_bool(json, "willNotFix", vulnerability->wont_fix);
    fps__json_text(json, "note", vulnerability->note);
    fps__json_text(json, "source", vulnerability->source);
    fps__json_text(json, "advisory", vulnerability->advisory);
    write_list("functions", vulnerability->routines, vulnerability->routine_count, json);
    fps__json_text(json, "suppression", fps_suppression_name(vulnerability->suppression));
    fps__json_text(json, "suppressedBy", vulnerability->suppressed_by);
    fps__json_text(json, "patch", fps_patch_state_name(vulnerability->patch));
    fps__json_text(json, "code", vulnerability->code);
    write_places(view, vulnerability, json);
    fps__json_end(json);
}

/* What statements of the user's suppress stays in the report: who reads it decides anew, and what is old stays old. */
static bool is_written(const fps__view *view, const fps_vulnerability *vulnerability)
{
    bool by_user = vulnerability->suppression == FPS_SUPPRESSED_IGNORED ||
                   vulnerability->suppression == FPS_SUPPRESSED_BASELINE;
    return by_user ? fps__chooses_vulnerability(view, vulnerability)
                   : fps__shows_vulnerability(view, vulnerability);
}

void fps__json_vulnerabilities(const fps__view *view, fps__json *json)
{
    const fps_result_info *info = fps_result_get_info(view->result);
    const fps_vulnerability *vulnerability;
    fps__json_bool(json, "vulnerabilitiesChecked", info->vulnerabilities_checked);
    fps__json_array(json, "advisorySources");
    for (size_t i = 0; i < info->vulnerability_source_count; i++) {
        fps__json_object(json, NULL);
        fps__json_text(json, "name", info->vulnerability_sources[i].name);
        fps__json_text(json, "format", info->vulnerability_sources[i].format);
        fps__json_text(json, "date", info->vulnerability_sources[i].date);
        fps__json_bool(json, "old", info->vulnerability_sources[i].old);
        fps__json_end(json);
    }
    fps__json_end(json);
    fps__json_array(json, "vulnerabilities");
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++)
        if (is_written(view, vulnerability))
            write_vulnerability(view, vulnerability, json);
    fps__json_end(json);
}
