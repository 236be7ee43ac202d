/* Decodes and normalises any bytes as AArch64 code and checks what must hold for every function.
 *
 * Reaches: fps__array_reserve
 */
#include "code/code.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_decode(const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size; at += 4) {
        fps__instruction instruction;
        bool found = fps__machine_arm64.decode(data + at, size - at, &instruction);
        if (found != (size - at >= 4) || instruction.length != (found ? 4 : 0))
            abort();
        if (instruction.kind > FPS__INSTRUCTION_TRAP || instruction.target % 4 != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t address = 0;
    if (size >= 2)
        address = (uint64_t)(data[0] | data[1] << 8) * 4;
    const fps__code code = {.bytes = data, .size = size, .address = address};
    fps__code_buffer buffer = {0};
    fps__code_result first, again;
    check_decode(data, size);
    for (int i = 0; i < 2; i++) {
        if (fps__machine_arm64.normalise(&code, &buffer, i ? &again : &first) != FPS_OK)
            abort();
    }
    if (first.hash != again.hash || first.bytes != size / 4 * 4 || first.instructions > size / 2 ||
        buffer.count != first.instructions * (size_t)4)
        abort();
    fps__code_buffer_free(&buffer);
    return 0;
}
