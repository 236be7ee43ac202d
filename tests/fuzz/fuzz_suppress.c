/* Reads any bytes as an ignore file or a baseline, applies what it says to a small result, and writes that as a baseline and a
 * comparison.
 *
 * Reaches: fps__ignore_read, fps__ignore_apply, fps__baseline_read, fps__baseline_apply
 */
#include "suppress/suppress_state.h"

#include <fpscan/compare.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static fps_status drop(void *user, const char *text, size_t size)
{
    (void)user;
    (void)text;
    (void)size;
    return FPS_OK;
}

/* One of each thing that a statement can be about. */
static bool fill(fps_result *result)
{
    static const char *const candidates[] = {"1.2.11"}, *const names[] = {"GHSA-1"};
    static const uint32_t first = 0;
    static const fps_file file = {
        .path = "/opt/app.whl", .archive_path = "libz.so", .code_bytes = 64, .layer = UINT32_MAX};
    static const fps_component component = {.id = "zlib",
                                            .name = "zlib",
                                            .purl = "pkg:generic/zlib",
                                            .cpe = "cpe:2.3:a:zlib:zlib",
                                            .license = "",
                                            .family = ""};
    static const fps_package package = {.kind = FPS_PACKAGE_DEB,
                                        .name = "zlib1g",
                                        .version = "1:1.2.11",
                                        .architecture = "amd64",
                                        .source = "zlib",
                                        .purl = "pkg:deb/debian/zlib1g@1:1.2.11",
                                        .location = "/var/lib/dpkg/status"};
    static const fps_vulnerability vulnerability = {.id = "CVE-2024-1",
                                                    .names = names,
                                                    .name_count = 1,
                                                    .component = 0,
                                                    .package = UINT32_MAX,
                                                    .version = "1.2.11",
                                                    .files = &first,
                                                    .file_count = 1,
                                                    .suppressed_by = "",
                                                    .code = "",
                                                    .fixed = "",
                                                    .note = ""};
    static const fps_drift drift[] = {{.kind = FPS_DRIFT_VERSION,
                                       .level = FPS_DRIFT_LEVEL_DRIFT,
                                       .path = "/opt/app.whl",
                                       .package = 0,
                                       .other = UINT32_MAX,
                                       .component = "zlib",
                                       .claimed = "1.3",
                                       .found = "1.2.11",
                                       .message = "m"},
                                      {.kind = FPS_DRIFT_UNOWNED,
                                       .level = FPS_DRIFT_LEVEL_DRIFT,
                                       .path = "/opt/x",
                                       .file = UINT32_MAX,
                                       .package = UINT32_MAX,
                                       .other = UINT32_MAX,
                                       .message = "m"}};
    static const fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, "unreadable-archive", "/srv/x.7z", 1,
                                              "m"};
    const fps_finding finding = {
        .version = {
            .kind = FPS_VERSION_EXACT, .version = "1.2.11", .candidates = candidates, .candidate_count = 1}};
    fps_drift *copy = fps__arena_copy(&result->arena, drift, 2, sizeof *drift);
    result->drift = copy;
    result->drift_count = copy ? 2 : 0;
    result->info.vulnerabilities_checked = true;
    return copy && !FPS__ARRAY_PUSH(&result->files, &file, 9) &&
           !FPS__ARRAY_PUSH(&result->components, &component, 9) &&
           !FPS__ARRAY_PUSH(&result->findings, &finding, 9) &&
           !FPS__ARRAY_PUSH(&result->packages, &package, 9) &&
           !FPS__ARRAY_PUSH(&result->diagnostics, &diagnostic, 9) && !fps__result_finish(result, NULL) &&
           !FPS__ARRAY_PUSH(&result->vulnerabilities, &vulnerability, 9);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_suppressions *list;
    fps_result *result = NULL;
    fps_comparison *comparison;
    fps_error error;
    if (!fps_suppressions_create(&list, 1700000000, &error) && !fps__result_create(&result, &error) &&
        fill(result)) {
        fps_suppressions_read(list, "fuzz", data, size, &error);
        fps_suppressions_apply(list, result, &error);
        fps_baseline_write(result, NULL, drop, NULL, &error);
        if (!fps_compare(&comparison, result, result, NULL, &error)) {
            if (fps_comparison_change_count(comparison))
                abort(); /* nothing differs from itself */
            fps_comparison_free(comparison);
        }
    }
    fps_suppressions_free(list);
    fps_result_free(result);
    return 0;
}
