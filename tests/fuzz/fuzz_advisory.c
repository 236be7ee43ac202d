/* Opens any bytes as an advisory database, and asks it about a component and a package.
 *
 * Reaches: fps__lookup_rows, fps__write_vulnerabilities
 */
#include "result/result_build.h"

#include <fpscan/advisory.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void match(fps_advisory_database *database)
{
    static const uint32_t findings[] = {0};
    static const char *const candidates[] = {"1.1.1", "1.1.1k"};
    const fps_version_answer answer = {
        .kind = FPS_VERSION_INTERVAL, .candidates = candidates, .candidate_count = 2};
    const fps_component component = {.id = "openssl",
                                     .name = "openssl",
                                     .purl = "",
                                     .cpe = "cpe:2.3:a:openssl:openssl",
                                     .version = &answer,
                                     .findings = findings,
                                     .finding_count = 1};
    const fps_file file = {.path = "/a", .layer = UINT32_MAX, .owner = 0};
    const fps_finding finding = {.state = FPS_STATE_PRESENT, .version = answer};
    const fps_package package = {.kind = FPS_PACKAGE_DEB,
                                 .name = "libssl1.1",
                                 .version = "1.1.1k-1",
                                 .source = "openssl",
                                 .source_version = "1.1.1k-1",
                                 .purl = "",
                                 .location = "/s"};
    fps_result *result;
    fps_error error;
    if (fps__result_create(&result, &error))
        return;
    result->info.os_id = "debian";
    result->info.os_version_id = "11";
    if (!FPS__ARRAY_PUSH(&result->components, &component, 1) && !FPS__ARRAY_PUSH(&result->files, &file, 1) &&
        !FPS__ARRAY_PUSH(&result->findings, &finding, 1) && !FPS__ARRAY_PUSH(&result->packages, &package, 1))
        fps_advisory_match(database, result, NULL, &error);
    fps_result_free(result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_advisory_database *database;
    fps_error error;
    if (fps_advisory_open_memory(&database, data, size, "fuzz", &error))
        return 0;
    match(database);
    fps_advisory_free(database);
    return 0;
}
