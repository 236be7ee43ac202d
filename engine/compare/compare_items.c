/* What a result has, section by section, as things with a name, a value and a place. */
#include "compare/compare_state.h"
#include "report/report_vulnerabilities.h"
#include "util/digest.h"
#include "util/error.h"

#include <stdio.h>
#include <string.h>

static fps_status add(fps__items *items, fps__item item, fps_error *error)
{
    item.mate = UINT32_MAX;
    item.name = item.name ? item.name : item.key;
    item.content = item.content ? item.content : "";
    item.digest = item.digest ? item.digest : "";
    if (!item.key || !item.value || !item.shown || !item.place)
        return fps__fail_memory(error);
    return FPS__ARRAY_PUSH(items, &item, FPS__MAX_CHANGES) ? fps__fail_memory(error) : FPS_OK;
}

static const char *path_of(fps_comparison *now, const fps_file *file)
{
    return file->archive_path ? fps__compare_text(now, "%s!%s", file->path, file->archive_path) : file->path;
}

/* The digest of a file; "" where it is not known. NULL without memory. */
static const char *digest_of(fps_comparison *now, const fps_file *file)
{
    char hex[41];
    if (!file || !file->sha1 || !now->digests)
        return "";
    fps__hex_write(file->sha1, 20, hex);
    return fps__compare_text(now, "%s", hex);
}

/* What tells the content of a file: its digest where both sides have digests, else its sizes. NULL without memory. */
static const char *content_of(fps_comparison *now, const fps_file *file)
{
    const char *digest = digest_of(now, file);
    if (!digest || *digest)
        return digest;
    return fps__compare_text(now, "%llu %s %llu %llu %llu", (unsigned long long)file->size,
                             file->machine ? file->machine : "", (unsigned long long)file->code_bytes,
                             (unsigned long long)file->code_attributed,
                             (unsigned long long)file->code_generic);
}

/* ---- components and packages ---- */

static fps_status add_components(fps_comparison *now, unsigned side, fps__items *items, fps_error *error)
{
    const fps_result *result = now->sides[side];
    const fps__view view = fps__compare_view(now, side);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < fps_result_finding_count(result) && !status; i++) {
        const fps_finding *finding = fps_result_finding(result, i);
        const fps_component *component = fps_result_component(result, finding->component);
        char name[FPS__COMPARE_TEXT], version[FPS__COMPARE_TEXT];
        if (!fps__view_shows(&view, finding))
            continue;
        fps_family_text(name, sizeof name, component->id, finding->relatives, finding->relative_count, false);
        fps__version_text(&finding->version, version, sizeof version);
        const char *value = fps__compare_text(now, "%s%s", version,
                                              finding->state == FPS_STATE_PRESENT  ? ""
                                              : finding->state == FPS_STATE_LIKELY ? " (likely)"
                                                                                   : " (mentioned)");
        status = add(items,
                     (fps__item){.key = fps__compare_text(now, "%s", name),
                                 .value = value,
                                 .shown = value,
                                 .place = path_of(now, fps_result_file(result, finding->file)),
                                 .digest = digest_of(now, fps_result_file(result, finding->file)),
                                 .index = (uint32_t)i,
                                 .layer = fps__introduced(result, finding)},
                     error);
    }
    return status;
}

static fps_status add_packages(fps_comparison *now, unsigned side, fps__items *items, fps_error *error)
{
    const fps_result *result = now->sides[side];
    fps_status status = FPS_OK;
    for (size_t i = 0; i < fps_result_package_count(result) && !status; i++) {
        const fps_package *package = fps_result_package(result, i);
        if (!now->options.all_layers && package->visibility != FPS_VISIBILITY_VISIBLE)
            continue;
        status = add(items,
                     (fps__item){.key = fps__compare_text(
                                     now, "%s/%s%s%s", fps_package_kind_name(package->kind), package->name,
                                     *package->architecture ? " " : "", package->architecture),
                                 .name = fps__compare_text(now, "%s/%s", fps_package_kind_name(package->kind),
                                                           package->name),
                                 .value = package->version,
                                 .shown = *package->version ? package->version : "?",
                                 .place = package->location,
                                 .layer = package->layer},
                     error);
    }
    return status;
}

/* ---- vulnerabilities and drift ---- */

static fps_status add_vulnerabilities(fps_comparison *now, unsigned side, fps__items *items, fps_error *error)
{
    const fps_result *result = now->sides[side];
    const fps__view view = fps__compare_view(now, side);
    const fps_vulnerability *vulnerability;
    fps_status status = FPS_OK;
    for (size_t i = 0; (vulnerability = fps_result_vulnerability(result, i)) && !status; i++) {
        bool old = now->with_old && vulnerability->suppression == FPS_SUPPRESSED_BASELINE;
        if ((vulnerability->suppression != FPS_SUPPRESSED_NOT && !old) ||
            !fps__chooses_vulnerability(&view, vulnerability))
            continue;
        const char *value =
            fps__compare_text(now, "%s%s%s", fps_severity_name(vulnerability->severity),
                              vulnerability->verdict == FPS_VERDICT_AFFECTED ? "" : ", ",
                              vulnerability->verdict == FPS_VERDICT_AFFECTED  ? ""
                              : vulnerability->verdict == FPS_VERDICT_DEPENDS ? "depends on the release"
                                                                              : "conditional");
        status = add(items,
                     (fps__item){.key = fps__compare_text(now, "%s %s", vulnerability->id,
                                                          fps__vulnerability_subject(result, vulnerability)),
                                 .value = value,
                                 .shown = value,
                                 .place = fps__vulnerability_path(result, vulnerability),
                                 .layer = fps__vulnerability_layer(result, vulnerability),
                                 .index = (uint32_t)i,
                                 .severity = vulnerability->severity},
                     error);
    }
    return status;
}

static const char *drift_value(fps_comparison *now, const fps_drift *drift)
{
    return fps__compare_text(now, "%s: %s%s%s", fps__drift_level_text(drift),
                             drift->found ? drift->found : "", drift->claimed ? ", not " : "",
                             drift->claimed ? drift->claimed : "");
}

static const char *drift_shown(fps_comparison *now, const fps_drift *drift)
{
    const char *note = drift->level == FPS_DRIFT_LEVEL_NOTE ? " (note)" : "";
    if (drift->claimed && drift->found)
        return fps__compare_text(now, "%s, not %s%s", drift->found, drift->claimed, note);
    return fps__compare_text(now, "%s%s", drift->found ? drift->found : fps_drift_kind_name(drift->kind),
                             note);
}

static fps_status add_drift(fps_comparison *now, unsigned side, fps__items *items, fps_error *error)
{
    const fps_result *result = now->sides[side];
    fps_status status = FPS_OK;
    for (size_t i = 0; i < fps_result_drift_count(result) && !status; i++) {
        const fps_drift *drift = fps_result_drift(result, i);
        const fps_file *file = fps_result_file(result, drift->file);
        const fps_package *package = fps_result_package(result, drift->package);
        status = add(items,
                     (fps__item){.key = fps__compare_text(now, "%s%s%s", fps_drift_kind_name(drift->kind),
                                                          drift->component ? " " : "",
                                                          drift->component ? drift->component : ""),
                                 .value = drift_value(now, drift),
                                 .content = file && !drift->component ? content_of(now, file) : "",
                                 .digest = digest_of(now, file),
                                 .index = (uint32_t)i,
                                 .shown = drift_shown(now, drift),
                                 .place = drift->path,
                                 .layer = file      ? file->layer
                                          : package ? package->layer
                                                    : UINT32_MAX},
                     error);
    }
    return status;
}

/* ---- code ---- */

static fps_status add_code(fps_comparison *now, unsigned side, fps__items *items, fps_error *error)
{
    const fps_result *result = now->sides[side];
    const fps__view view = fps__compare_view(now, side);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < fps_result_file_count(result) && !status; i++) {
        const fps_file *file = fps_result_file(result, i);
        if (!file->code_bytes || !fps__view_shows_file(&view, file))
            continue;
        const fps__code_share share = fps__code_share_of(file);
        status = add(items,
                     (fps__item){.key = "",
                                 .value = content_of(now, file),
                                 .shown = fps__compare_text(now, "%llu bytes, %llu unknown",
                                                            (unsigned long long)share.executable,
                                                            (unsigned long long)share.unknown),
                                 .place = path_of(now, file),
                                 .layer = file->layer,
                                 .index = (uint32_t)i,
                                 .bytes = share.executable},
                     error);
    }
    return status;
}

fps_status fps__items_of(fps_comparison *comparison, unsigned side, fps_compare_section section,
                         fps__items *items, fps_error *error)
{
    static fps_status (*const lists[FPS_COMPARE_SECTIONS])(fps_comparison *, unsigned, fps__items *,
                                                           fps_error *) = {
        [FPS_COMPARE_COMPONENTS] = add_components,
        [FPS_COMPARE_PACKAGES] = add_packages,
        [FPS_COMPARE_VULNERABILITIES] = add_vulnerabilities,
        [FPS_COMPARE_DRIFT] = add_drift,
        [FPS_COMPARE_CODE] = add_code,
    };
    return lists[section](comparison, side, items, error);
}
