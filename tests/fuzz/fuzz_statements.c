/* Applies any bytes as a VEX document to the findings of a small result.
 *
 * Reaches: fps__apply_vex, fps__apply_statement
 */
#include "advisory/advisory_state.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const fps_version_answer answer = {.kind = FPS_VERSION_EXACT, .version = "1.2.11"};
    const fps_component component = {.id = "zlib",
                                     .name = "zlib",
                                     .purl = "pkg:generic/zlib",
                                     .cpe = "cpe:2.3:a:zlib:zlib",
                                     .version = &answer};
    const fps__group group = {.id = "CVE-2022-37434"};
    const fps__found found = {.component = 0, .package = FPS__NO_INDEX};
    const fps_advisory_options options = {.now = 1700000000};
    const fps_advisory_document document = {"fuzz", data, size};
    fps__matching now = {.options = &options};
    fps_error error;
    if (!fps__result_create(&now.result, &error) &&
        !FPS__ARRAY_PUSH(&now.result->components, &component, 1) &&
        !FPS__ARRAY_PUSH(&now.groups, &group, 1) && !FPS__ARRAY_PUSH(&now.found, &found, 1))
        fps__apply_vex(&now, &document, &error);
    free(now.groups.items);
    free(now.found.items);
    fps__arena_free(&now.scratch);
    fps_result_free(now.result);
    return 0;
}
