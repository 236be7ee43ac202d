/* Which things of a result the entries of ignore files are about. */
#include "suppress/suppress_state.h"

#include "advisory/advisory_subject.h"
#include "report/called.h"
#include "source/source_glob.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE = 1024 };

/* ---- what an entry asks for ---- */

static bool is_at(const fps__ignore *entry, const char *path)
{
    return !entry->pattern || (path && fps__glob_match(entry->pattern, path));
}

/* A file by its path, and inside an archive by "ARCHIVE!MEMBER" as well. */
static bool is_in_file(const fps__ignore *entry, const fps_file *file)
{
    if (!file || is_at(entry, file->path) || !file->archive_path)
        return file ? is_at(entry, file->path) : !entry->pattern;
    size_t size = strlen(file->path) + strlen(file->archive_path) + 2;
    char *whole = malloc(size);
    if (!whole)
        return false;
    snprintf(whole, size, "%s!%s", file->path, file->archive_path);
    bool found = is_at(entry, whole);
    free(whole);
    return found;
}

static bool has_version(const fps__ignore *entry, const char *version)
{
    return !entry->version || (version && !strcmp(entry->version, version));
}

static bool is_component(const fps__ignore *entry, const fps_component *component,
                         const fps_version_answer *answer)
{
    const char *version = answer->kind == FPS_VERSION_EXACT ? answer->version : NULL;
    return (!entry->component || fps__means_component(entry->component, component)) &&
           (!entry->product || fps__same_package(entry->product, component->purl, version ? version : "") ||
            fps__same_product(entry->product, component->cpe));
}

static bool is_package(const fps__ignore *entry, const fps_package *package)
{
    return (!entry->component || fps__means_package(entry->component, package)) &&
           (!entry->product || fps__same_package(entry->product, package->purl, package->version));
}

static bool is_finding(const fps__ignore *entry, const fps_result *result, const fps_finding *finding)
{
    char version[FPS__COMPARE_TEXT];
    if (!(entry->about & FPS__ABOUT_COMPONENTS) ||
        !is_component(entry, fps_result_component(result, finding->component), &finding->version))
        return false;
    fps__version_text(&finding->version, version, sizeof version);
    return has_version(entry, version) && is_in_file(entry, fps_result_file(result, finding->file));
}

static bool is_listed(const fps__ignore *entry, const fps_package *package)
{
    return (entry->about & FPS__ABOUT_PACKAGES) && has_version(entry, package->version) &&
           is_package(entry, package) && is_at(entry, package->location);
}

static bool is_drift(const fps__ignore *entry, const fps_result *result, const fps_drift *drift)
{
    const fps_package *package = fps_result_package(result, drift->package);
    bool kind = entry->about & (FPS__ABOUT_DRIFT | (unsigned)FPS__ABOUT_KIND << drift->kind);
    bool named = !entry->component || (drift->component && !strcmp(entry->component, drift->component)) ||
                 (!drift->component && package && fps__means_package(entry->component, package));
    return kind && named && is_at(entry, drift->path) &&
           (has_version(entry, drift->found) || has_version(entry, drift->claimed)) &&
           (!entry->product ||
            (package && fps__same_package(entry->product, package->purl, package->version)));
}

static bool is_called(const fps__ignore *entry, const fps_vulnerability *vulnerability)
{
    bool found = !entry->id || !strcmp(entry->id, vulnerability->id);
    for (size_t i = 0; i < vulnerability->name_count && !found; i++)
        found = !strcmp(entry->id, vulnerability->names[i]);
    return found;
}

static bool is_at_place(const fps__ignore *entry, const fps_result *result,
                        const fps_vulnerability *vulnerability)
{
    bool found = !entry->pattern;
    for (size_t i = 0; i < vulnerability->file_count && !found; i++)
        found = is_in_file(entry, fps_result_file(result, vulnerability->files[i]));
    for (size_t i = 0; i < vulnerability->package_count && !found; i++)
        found = is_at(entry, fps_result_package(result, vulnerability->packages[i])->location);
    return found;
}

static bool is_vulnerability(const fps__ignore *entry, const fps_result *result,
                             const fps_vulnerability *vulnerability)
{
    const fps_component *component = fps_result_component(result, vulnerability->component);
    if (!(entry->about & FPS__ABOUT_VULNERABILITIES) || !is_called(entry, vulnerability) ||
        !has_version(entry, vulnerability->version) || !is_at_place(entry, result, vulnerability))
        return false;
    if (component)
        return is_component(entry, component, component->version);
    bool found = !entry->component && !entry->product;
    for (size_t i = 0; i < vulnerability->package_count && !found; i++)
        found = is_package(entry, fps_result_package(result, vulnerability->packages[i]));
    return found;
}

/* ---- marking ---- */

/* The first entry that has not expired and of which TEST is true; NULL for none. TEST is an expression over `entry`. */
#define FIND_ENTRY(found, list, entry, test)                                                                 \
    do {                                                                                                     \
        (found) = NULL;                                                                                      \
        for (size_t fps__i = 0; fps__i < (list)->ignores.count && !(found); fps__i++) {                      \
            const fps__ignore *entry = &(list)->ignores.items[fps__i];                                       \
            if (!entry->expires && (test))                                                                   \
                (found) = entry;                                                                             \
        }                                                                                                    \
    } while (0)

/* A copy of why the entry says so; *why is NULL where there is no entry. */
static fps_status say(fps_result *result, const fps__ignore *entry, const fps_suppressed **why,
                      fps_error *error)
{
    *why = entry ? fps__suppressed_copy(result, entry->suppressed.reason, entry->suppressed.source, false)
                 : NULL;
    return entry && !*why ? fps__fail_memory(error) : FPS_OK;
}

static fps_status apply_findings(const fps_suppressions *list, fps_result *result, fps_error *error)
{
    const fps__ignore *found;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < result->findings.count && !status; i++) {
        fps_finding *finding = &result->findings.items[i];
        FIND_ENTRY(found, list, entry, is_finding(entry, result, finding));
        if (found)
            status = say(result, found, &finding->suppressed, error);
    }
    for (size_t i = 0; i < result->packages.count && !status; i++) {
        fps_package *package = &result->packages.items[i];
        FIND_ENTRY(found, list, entry, is_listed(entry, package));
        if (found)
            status = say(result, found, &package->suppressed, error);
    }
    for (size_t i = 0; i < result->drift_count && !status; i++) {
        fps_drift *drift = &result->drift[i];
        FIND_ENTRY(found, list, entry, is_drift(entry, result, drift));
        if (found)
            status = say(result, found, &drift->suppressed, error);
    }
    return status;
}

static fps_status apply_vulnerabilities(const fps_suppressions *list, fps_result *result, fps_error *error)
{
    const fps__ignore *found;
    fps_status status = FPS_OK;
    for (size_t i = 0; i < result->vulnerabilities.count && !status; i++) {
        fps_vulnerability *vulnerability = &result->vulnerabilities.items[i];
        if (vulnerability->suppression != FPS_SUPPRESSED_NOT)
            continue;
        FIND_ENTRY(found, list, entry, is_vulnerability(entry, result, vulnerability));
        if (found)
            status = fps__suppress_vulnerability(result, vulnerability, &found->suppressed, error);
    }
    return status;
}

/* What could not be looked at and need not be becomes a note with the reason. */
static fps_status apply_diagnostics(const fps_suppressions *list, fps_result *result, fps_error *error)
{
    const fps__ignore *found;
    for (size_t i = 0; i < result->diagnostics.count; i++) {
        fps_diagnostic *diagnostic = &result->diagnostics.items[i];
        char text[MESSAGE];
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL)
            continue;
        FIND_ENTRY(found, list, entry,
                   (entry->about & FPS__ABOUT_PARTIAL) &&
                       (!entry->code || !strcmp(entry->code, diagnostic->code)) &&
                       is_at(entry, diagnostic->path));
        if (!found)
            continue;
        snprintf(text, sizeof text, "%.500s; suppressed: %.300s (%.180s)", diagnostic->message,
                 found->suppressed.reason, found->suppressed.source);
        diagnostic->level = FPS_DIAGNOSTIC_NOTE;
        diagnostic->message = fps__arena_string(&result->arena, text);
        if (!diagnostic->message)
            return fps__fail_memory(error);
    }
    return FPS_OK;
}

/* What an expired entry was about, in a few words. */
static const char *subject_of(const fps__ignore *entry)
{
    return entry->id          ? entry->id
           : entry->component ? entry->component
           : entry->product   ? entry->product
           : entry->pattern   ? entry->pattern
           : entry->code      ? entry->code
                              : "a kind of drift";
}

static fps_status report_expired(const fps_suppressions *list, fps_result *result, fps_error *error)
{
    for (size_t i = 0; i < list->ignores.count; i++) {
        const fps__ignore *entry = &list->ignores.items[i];
        char text[MESSAGE];
        if (!entry->expires)
            continue;
        snprintf(text, sizeof text, "the entry on %.200s in %.200s expired after %.10s and does not apply",
                 subject_of(entry), entry->suppressed.source, entry->expires);
        const fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_NOTE, "ignore-expired", NULL, UINT64_MAX,
                                           fps__arena_string(&result->arena, text)};
        if (!diagnostic.message || FPS__ARRAY_PUSH(&result->diagnostics, &diagnostic, UINT32_MAX))
            return fps__fail_memory(error);
    }
    return FPS_OK;
}

fps_status fps__ignore_apply(const fps_suppressions *list, fps_result *result, fps_error *error)
{
    fps_status status = apply_findings(list, result, error);
    if (!status)
        status = apply_vulnerabilities(list, result, error);
    if (!status)
        status = apply_diagnostics(list, result, error);
    return status ? status : report_expired(list, result, error);
}
