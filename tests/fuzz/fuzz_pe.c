/* Opens any bytes as a PE file and checks what must hold for every object.
 *
 * Reaches: fps__pe_read_imports, fps__pe_read_version
 */
#include "fuzz_object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_object(FPS_FORMAT_PE, data, size);
}
