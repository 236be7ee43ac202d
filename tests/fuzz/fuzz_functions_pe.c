/* Finds the functions of any bytes that open as a PE file, with all tables and by control flow alone.
 *
 * Reaches: fps__functions_flow, fps__functions_find
 */
#include "fuzz_functions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_functions(FPS_FORMAT_PE, data, size);
}
