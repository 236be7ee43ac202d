/* Parses any bytes as a catalogue and looks up components in it.
 *
 * Reaches: fps__version_compare, fps__source_pattern_rate
 */
#include "util/version.h"
#include "workbench/catalogue.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__catalogue catalogue = {.arena = {0}};
    fps_error error;
    fps_status status = fps__catalogue_parse(&catalogue, (fps__span){data, size}, "fuzz", &error);
    const fps__catalogue_source source = {"debian", "zlib", "zlib1g"};
    const fps__catalogue_component *found = fps__catalogue_match(&catalogue, &source);
    if (!status && found && fps__catalogue_find(&catalogue, found->id) != found)
        abort();
    for (size_t i = 0; i < catalogue.components.count; i++) {
        const fps__catalogue_component *component = &catalogue.components.items[i];
        for (uint32_t r = 1; r < component->release_count; r++)
            if (fps__version_compare(component->releases[r - 1], component->releases[r]) > 0)
                abort();
    }
    fps__catalogue_free(&catalogue);
    return 0;
}
