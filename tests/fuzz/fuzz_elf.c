/* Opens any bytes as an ELF file and checks what must hold for every object.
 *
 * Reaches: fps__elf_read_versions, fps__elf_read_relocations
 */
#include "fuzz_object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_object(FPS_FORMAT_ELF, data, size);
}
