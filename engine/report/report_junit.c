/* Writes a result as JUnit XML, as CI servers show it: a test case for each item of drift, each vulnerability, and each place
 * that could not be looked at. What is as it should be is a case that passes, so that an empty list never looks like one that was not
 * made. */
#include "report/report_format.h"
#include "report/report_vulnerabilities.h"
#include "report/xml_text.h"

#include <stdio.h>
#include <string.h>

/* What a case comes to: the element inside it, NULL for none. */
typedef struct outcome {
    const char *element, *type, *message;
} outcome;

typedef struct counts {
    size_t tests, failures, errors, skipped;
} counts;

static void put_attribute(fps__output *out, const char *name, const char *value)
{
    fps__output_text(out, " ");
    fps__output_text(out, name);
    fps__output_text(out, "=\"");
    fps__xml_text(out, value);
    fps__output_text(out, "\"");
}

static void put_case(fps__output *out, const char *class_name, const char *name, const outcome *end)
{
    fps__output_text(out, "    <testcase");
    put_attribute(out, "classname", class_name);
    put_attribute(out, "name", name);
    if (!end->element) {
        fps__output_text(out, "/>\n");
        return;
    }
    fps__output_format(out, ">\n      <%s", end->element);
    if (end->type)
        put_attribute(out, "type", end->type);
    put_attribute(out, "message", end->message);
    fps__output_text(out, "/>\n    </testcase>\n");
}

static void put_suite(fps__output *out, const char *name, const counts *n, const char *time)
{
    fps__output_text(out, "  <testsuite");
    put_attribute(out, "name", name);
    fps__output_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", n->tests,
                       n->failures, n->errors, n->skipped);
    if (*time)
        fps__output_format(out, " timestamp=\"%.19s\"", time);
    fps__output_text(out, ">\n");
}

static counts count_drift(const fps_result *result)
{
    counts n = {0};
    for (size_t i = 0; i < fps_result_drift_count(result); i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        bool note = drift->level == FPS_DRIFT_LEVEL_NOTE || drift->suppressed;
        n.tests++;
        n.skipped += note;
        n.failures += !note;
    }
    if (!n.tests) {
        n.tests = 1;
        n.skipped = !fps_result_get_info(result)->packages_known;
    }
    return n;
}

static void put_drift(const fps_result *result, fps__output *out)
{
    const size_t count = fps_result_drift_count(result);
    static const outcome unknown = {"skipped", NULL,
                                    "no package database in the target says which files it has"};
    static const outcome passed = {NULL, NULL, NULL};
    if (!count)
        put_case(out, "fpscan.drift", "files are as packages say",
                 fps_result_get_info(result)->packages_known ? &passed : &unknown);
    for (size_t i = 0; i < count; i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        bool note = drift->level == FPS_DRIFT_LEVEL_NOTE || drift->suppressed;
        char why[FPS__SUPPRESSED_SIZE];
        const char *suppressed = fps__suppressed_text(drift->suppressed, why, sizeof why);
        put_case(out, fps_drift_kind_name(drift->kind), drift->path,
                 &(outcome){note ? "skipped" : "failure", note ? NULL : fps_drift_kind_name(drift->kind),
                            suppressed ? suppressed : drift->message});
    }
}

static counts count_vulnerabilities(const fps__view *view)
{
    counts n = {0};
    const fps_vulnerability *item;
    for (size_t i = 0; (item = fps_result_vulnerability(view->result, i)); i++) {
        if (!fps__chooses_vulnerability(view, item))
            continue;
        n.tests++;
        n.skipped += item->suppression != FPS_SUPPRESSED_NOT;
        n.failures += item->suppression == FPS_SUPPRESSED_NOT;
    }
    if (!n.tests) {
        n.tests = 1;
        n.skipped = !fps_result_get_info(view->result)->vulnerabilities_checked;
    }
    return n;
}

static void put_vulnerability(const fps__view *view, const fps_vulnerability *item, fps__output *out)
{
    char name[1024], message[2048], remark[1024];
    fps__vulnerability_remark(item, remark, sizeof remark);
    snprintf(name, sizeof name, "%s in %s %s: %s", item->id, fps__vulnerability_subject(view->result, item),
             item->version, fps__vulnerability_path(view->result, item));
    snprintf(message, sizeof message, "%s%s%s%s%s%s", *item->fixed ? "fixed in " : "not fixed", item->fixed,
             *remark ? "; " : "", remark, *item->title ? ": " : "", item->title);
    bool open = item->suppression == FPS_SUPPRESSED_NOT;
    put_case(out, "fpscan.vulnerability", name,
             &(outcome){open ? "failure" : "skipped", open ? fps_severity_name(item->severity) : NULL,
                        open ? message : item->suppressed_by});
}

static void put_vulnerabilities(const fps__view *view, fps__output *out)
{
    static const outcome unknown = {"skipped", NULL, "vulnerabilities: not checked"};
    static const outcome passed = {NULL, NULL, NULL};
    const fps_vulnerability *item;
    size_t written = 0;
    for (size_t i = 0; (item = fps_result_vulnerability(view->result, i)); i++) {
        if (!fps__chooses_vulnerability(view, item))
            continue;
        put_vulnerability(view, item, out);
        written++;
    }
    if (!written)
        put_case(out, "fpscan.vulnerability", "no known vulnerability",
                 fps_result_get_info(view->result)->vulnerabilities_checked ? &passed : &unknown);
}

static counts count_scan(const fps_result *result)
{
    counts n = {0};
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        n.errors += fps_result_diagnostic(result, i)->level == FPS_DIAGNOSTIC_PARTIAL;
    n.tests = n.errors ? n.errors : 1;
    return n;
}

static void put_scan(const fps_result *result, fps__output *out)
{
    size_t written = 0;
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL)
            continue;
        put_case(out, "fpscan.scan", diagnostic->path ? diagnostic->path : "the target",
                 &(outcome){"error", diagnostic->code, diagnostic->message});
        written++;
    }
    if (!written)
        put_case(out, "fpscan.scan", "everything that could hold a program was looked at",
                 &(outcome){NULL, NULL, NULL});
}

static void write_junit(const fps__view *view, fps__output *out)
{
    const fps_result *result = view->result;
    const char *target = fps_result_get_info(result)->target;
    char time[FPS__TIMESTAMP_SIZE];
    counts drift = count_drift(result), scan = count_scan(result), known = count_vulnerabilities(view);
    fps__timestamp_text(view->options->timestamp, time);
    fps__output_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    put_attribute(out, "name", target && *target ? target : "target");
    fps__output_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
                       drift.tests + scan.tests + known.tests, drift.failures + known.failures, scan.errors,
                       drift.skipped + known.skipped);
    put_suite(out, "scan", &scan, time);
    put_scan(result, out);
    fps__output_text(out, "  </testsuite>\n");
    put_suite(out, "drift", &drift, time);
    put_drift(result, out);
    fps__output_text(out, "  </testsuite>\n");
    put_suite(out, "vulnerabilities", &known, time);
    put_vulnerabilities(view, out);
    fps__output_text(out, "  </testsuite>\n</testsuites>\n");
}

const fps_report_format fps__report_junit = {
    .name = "junit", .version = "", .states = FPS__STATES_OF_BILLS, .write = write_junit};
