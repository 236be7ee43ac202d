/* Vulnerabilities as SARIF 2.1.0: a rule for each, with the score that code scanning sorts by, and a result for each finding. */
#include "report/report_sarif.h"
#include "report/report_vulnerabilities.h"

#include "report/report_identifier.h"
#include "util/table.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static const char *level_of(const fps_vulnerability *vulnerability)
{
    return vulnerability->severity >= FPS_SEVERITY_HIGH     ? "error"
           : vulnerability->severity == FPS_SEVERITY_MEDIUM ? "warning"
                                                            : "note";
}

/* Code scanning wants a number for every rule: the middle of the severity's range where there is no score. */
static double score_of(const fps_vulnerability *vulnerability)
{
    static const double words[] = {0.1, 0.1, 2.5, 5.5, 8, 9.5};
    return vulnerability->score > 0 ? vulnerability->score : words[vulnerability->severity];
}

static void write_rule(const fps_vulnerability *vulnerability, fps__json *json)
{
    char score[16];
    const char *title = *vulnerability->title ? vulnerability->title : vulnerability->id;
    snprintf(score, sizeof score, "%.1f", score_of(vulnerability));
    fps__json_object(json, NULL);
    fps__json_text(json, "id", vulnerability->id);
    fps__json_text(json, "name", "KnownVulnerability");
    fps__sarif_message(json, "shortDescription", title);
    fps__sarif_message(json, "fullDescription", title);
    if (*vulnerability->link)
        fps__json_text(json, "helpUri", vulnerability->link);
    fps__json_object(json, "defaultConfiguration");
    fps__json_text(json, "level", level_of(vulnerability));
    fps__json_end(json);
    fps__json_object(json, "properties");
    fps__json_text(json, "security-severity", score);
    fps__json_array(json, "tags");
    fps__json_text(json, NULL, "security");
    fps__json_text(json, NULL, "vulnerability");
    fps__json_text(json, NULL, fps_severity_name(vulnerability->severity));
    fps__json_end(json);
    fps__json_end(json);
    fps__json_end(json);
}

void fps__sarif_vulnerability_rules(const fps__view *view, fps__json *json)
{
    fps__key_map seen = {NULL, NULL, 0, 0};
    const fps_vulnerability *vulnerability;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++) {
        bool fresh;
        if (!fps__chooses_vulnerability(view, vulnerability))
            continue;
        uint64_t key = XXH3_64bits(vulnerability->id, strlen(vulnerability->id));
        if (!fps__key_map_add(&seen, key ? key : 1, &fresh))
            json->out->status = FPS_ERROR_MEMORY;
        else if (fresh)
            write_rule(vulnerability, json);
    }
    fps__key_map_free(&seen);
}

static void write_text(const fps__view *view, const fps_vulnerability *vulnerability, fps__json *json)
{
    char remark[1024];
    const char *parts[] = {fps__vulnerability_subject(view->result, vulnerability),
                           " ",
                           vulnerability->version,
                           ": ",
                           vulnerability->id,
                           *vulnerability->fixed ? ", fixed in " : ", not fixed",
                           vulnerability->fixed};
    fps__vulnerability_remark(vulnerability, remark, sizeof remark);
    fps__json_object(json, "message");
    fps__json_text_start(json, "text");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fps__json_text_part(json, parts[i]);
    if (*remark) {
        fps__json_text_part(json, "; ");
        fps__json_text_part(json, remark);
    }
    fps__json_text_stop(json);
    fps__json_end(json);
}

/* The same as long as the same component has the same vulnerability in the same place. */
static bool make_fingerprint(const fps__view *view, const fps_vulnerability *vulnerability, char *text)
{
    const char *parts[] = {vulnerability->id, fps__vulnerability_subject(view->result, vulnerability),
                           fps__vulnerability_path(view->result, vulnerability),
                           fps_verdict_name(vulnerability->verdict)};
    void *uuid = fps__uuid_create();
    for (size_t i = 0; uuid && i < sizeof parts / sizeof *parts; i++)
        fps__uuid_add(uuid, parts[i], strlen(parts[i]) + 1);
    return uuid && fps__uuid_finish(uuid, text);
}

static void write_result(const fps__view *view, const fps_vulnerability *vulnerability, fps__json *json)
{
    char fingerprint[FPS__UUID_SIZE];
    fps__json_object(json, NULL);
    fps__json_text(json, "ruleId", vulnerability->id);
    fps__json_text(json, "level", level_of(vulnerability));
    write_text(view, vulnerability, json);
    fps__json_array(json, "locations");
    fps__json_object(json, NULL);
    fps__sarif_artifact(fps__vulnerability_path(view->result, vulnerability), json);
    fps__json_end(json);
    fps__json_end(json);
    if (make_fingerprint(view, vulnerability, fingerprint)) {
        fps__json_object(json, "partialFingerprints");
        fps__json_text(json, "fpscanVulnerability/v1", fingerprint + strlen("urn:uuid:"));
        fps__json_end(json);
    } else {
        json->out->status = FPS_ERROR_MEMORY;
    }
    if (vulnerability->suppression != FPS_SUPPRESSED_NOT) {
        fps__json_array(json, "suppressions");
        fps__json_object(json, NULL);
        fps__json_text(json, "kind", "external");
        fps__json_text(json, "justification", vulnerability->suppressed_by);
        fps__json_end(json);
        fps__json_end(json);
    }
    fps__json_object(json, "properties");
    fps__json_text(json, "package", fps__vulnerability_purl(view->result, vulnerability));
    fps__json_text(json, "version", vulnerability->version);
    fps__json_text(json, "fixedVersion", vulnerability->fixed);
    fps__json_real(json, "risk", vulnerability->risk);
    fps__json_end(json);
    fps__json_end(json);
}

void fps__sarif_vulnerability_results(const fps__view *view, fps__json *json)
{
    const fps_vulnerability *vulnerability;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(view->result, i)); i++)
        if (fps__chooses_vulnerability(view, vulnerability))
            write_result(view, vulnerability, json);
}
