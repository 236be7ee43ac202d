/* Finds the functions of any bytes that open as an ELF file, with all tables and by control flow alone.
 *
 * Reaches: fps__unwind_next, fps__functions_flow
 */
#include "fuzz_functions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_functions(FPS_FORMAT_ELF, data, size);
}
