/* The result of a scan: access to what was found, and the names of its enumerations. */
#include "result/result_build.h"
#include "util/error.h"
#include "util/package_kind.h"

#include <stdlib.h>

fps_status fps__result_create(fps_result **result, fps_error *error)
{
    *result = calloc(1, sizeof **result);
    return *result ? FPS_OK : fps__fail_memory(error);
}

void fps_result_free(fps_result *result)
{
    if (!result)
        return;
    free(result->files.items);
    free(result->findings.items);
    free(result->components.items);
    free(result->diagnostics.items);
    free(result->layers.items);
    free(result->packages.items);
    free(result->vulnerabilities.items);
    fps__arena_free(&result->arena);
    free(result);
}

const fps_result_info *fps_result_get_info(const fps_result *result)
{
    return &result->info;
}

size_t fps_result_file_count(const fps_result *result)
{
    return result->files.count;
}

const fps_file *fps_result_file(const fps_result *result, size_t index)
{
    return index < result->files.count ? &result->files.items[index] : NULL;
}

size_t fps_result_finding_count(const fps_result *result)
{
    return result->findings.count;
}

const fps_finding *fps_result_finding(const fps_result *result, size_t index)
{
    return index < result->findings.count ? &result->findings.items[index] : NULL;
}

size_t fps_result_component_count(const fps_result *result)
{
    return result->components.count;
}

const fps_component *fps_result_component(const fps_result *result, size_t index)
{
    return index < result->components.count ? &result->components.items[index] : NULL;
}

size_t fps_result_layer_count(const fps_result *result)
{
    return result->layers.count;
}

const fps_layer *fps_result_layer(const fps_result *result, size_t index)
{
    return index < result->layers.count ? &result->layers.items[index] : NULL;
}

size_t fps_result_package_count(const fps_result *result)
{
    return result->packages.count;
}

const fps_package *fps_result_package(const fps_result *result, size_t index)
{
    return index < result->packages.count ? &result->packages.items[index] : NULL;
}

size_t fps_result_drift_count(const fps_result *result)
{
    return result->drift_count;
}

const fps_drift *fps_result_drift(const fps_result *result, size_t index)
{
    return index < result->drift_count ? &result->drift[index] : NULL;
}

size_t fps_result_vulnerability_count(const fps_result *result)
{
    return result->vulnerabilities.count;
}

const fps_vulnerability *fps_result_vulnerability(const fps_result *result, size_t index)
{
    return index < result->vulnerabilities.count ? &result->vulnerabilities.items[index] : NULL;
}

size_t fps_result_diagnostic_count(const fps_result *result)
{
    return result->diagnostics.count;
}

const fps_diagnostic *fps_result_diagnostic(const fps_result *result, size_t index)
{
    return index < result->diagnostics.count ? &result->diagnostics.items[index] : NULL;
}

const char *fps_state_name(fps_state state)
{
    switch (state) {
    case FPS_STATE_PRESENT:
        return "present";
    case FPS_STATE_LIKELY:
        return "likely";
    case FPS_STATE_MENTIONED:
        return "mentioned";
    }
    return "unknown";
}

const char *fps_linkage_name(fps_linkage linkage)
{
    switch (linkage) {
    case FPS_LINKAGE_OWN:
        return "own";
    case FPS_LINKAGE_STATIC:
        return "static";
    case FPS_LINKAGE_EMBEDDED:
        return "embedded";
    case FPS_LINKAGE_DYNAMIC:
        return "dynamic";
    }
    return "unknown";
}

const char *fps_component_role_name(fps_component_role role)
{
    switch (role) {
    case FPS_COMPONENT_LIBRARY:
        return "library";
    case FPS_COMPONENT_PROGRAM:
        return "program";
    case FPS_COMPONENT_RUNTIME:
        return "runtime";
    }
    return "unknown";
}

const char *fps_version_kind_name(fps_version_kind kind)
{
    switch (kind) {
    case FPS_VERSION_UNKNOWN:
        return "unknown";
    case FPS_VERSION_EXACT:
        return "exact";
    case FPS_VERSION_INTERVAL:
        return "interval";
    }
    return "unknown";
}

const char *fps_evidence_kind_name(fps_evidence_kind kind)
{
    switch (kind) {
    case FPS_EVIDENCE_LITERAL:
        return "literal";
    case FPS_EVIDENCE_NAME:
        return "name";
    case FPS_EVIDENCE_USE:
        return "use";
    case FPS_EVIDENCE_TEMPLATE:
        return "template";
    case FPS_EVIDENCE_EXACT:
        return "exact";
    case FPS_EVIDENCE_FUNCTION:
        return "function";
    case FPS_EVIDENCE_RULE:
        return "rule";
    }
    return "unknown";
}

/* The name at `index` of a table, "unknown" outside it. */
static const char *name_of(const char *const *names, size_t count, unsigned index)
{
    return index < count ? names[index] : "unknown";
}

const char *fps_doubt_name(fps_doubt doubt)
{
    static const char *const names[] = {"none", "texts-only", "interface", "one-file",
                                        "fork", "port",       "shared"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)doubt);
}

const char *fps_visibility_name(fps_visibility visibility)
{
    static const char *const names[] = {"visible", "shadowed", "deleted"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)visibility);
}

const char *fps_package_kind_name(fps_package_kind kind)
{
    return fps__package_kind_of(kind)->name;
}

const char *fps_drift_kind_name(fps_drift_kind kind)
{
    static const char *const names[] = {"unowned", "component", "version", "replaced", "missing", "digest"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)kind);
}

const char *fps_base_source_name(fps_base_source source)
{
    static const char *const names[] = {"none", "table", "annotation", "guess"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)source);
}

const char *fps_severity_name(fps_severity severity)
{
    static const char *const names[] = {"unknown", "negligible", "low", "medium", "high", "critical"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)severity);
}

const char *fps_verdict_name(fps_verdict verdict)
{
    static const char *const names[] = {"affected", "conditional", "depends"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)verdict);
}

const char *fps_patch_state_name(fps_patch_state state)
{
    static const char *const names[] = {"unknown", "patched", "unpatched"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)state);
}

const char *fps_suppression_name(fps_suppression suppression)
{
    static const char *const names[] = {"none", "fixed",   "not-affected", "withdrawn",
                                        "vex",  "ignored", "baseline"};
    return name_of(names, sizeof names / sizeof *names, (unsigned)suppression);
}
