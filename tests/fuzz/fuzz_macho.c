/* Opens any bytes as a Mach-O file and checks what must hold for every object.
 *
 * Reaches: fps__macho_read_symbols, fps__macho_make_regions
 */
#include "fuzz_object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_object(FPS_FORMAT_MACHO, data, size);
}
