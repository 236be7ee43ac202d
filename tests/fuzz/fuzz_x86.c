/* Decodes any bytes as code of x86-64 and of i386 at every offset, and normalises them as a function.
 *
 * The first byte of the input is the number of relocations. One byte follows for each: its distance from the
 * previous one.
 *
 * Reaches: fps__x86_shape_read, fps__x86_decode, fps__i386_decode
 */
#include "code/code.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_RELOCATIONS = 255 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_decode(const fps__machine *machine, const uint8_t *bytes, size_t size)
{
    fps__instruction one;
    bool decoded = machine->decode(bytes, size, &one);
    check(decoded == (one.length > 0));
    check(one.length <= 15 && one.length <= size);
    check(one.opcode < one.length || !decoded);
    check(one.modrm < one.length || !decoded);
    check(one.disp + one.disp_size <= one.length && one.imm + one.imm_size <= one.length);
}

/* A copy of the bytes, so that the sanitizer sees a read past the end. */
static fps__code_result normalise(const fps__machine *machine, const uint8_t *bytes, size_t size,
                                  const fps_relocation *relocations, size_t count)
{
    uint8_t *copy = malloc(size ? size : 1);
    fps__code_buffer buffer = {0};
    fps__code_result result = {0};
    if (!copy)
        return result;
    if (size > 0)
        memcpy(copy, bytes, size);
    for (size_t at = 0; at < size; at++)
        check_decode(machine, copy + at, size - at);
    fps__code code = {.bytes = copy, .size = size, .relocations = relocations, .relocation_count = count};
    check(machine->normalise(&code, &buffer, &result) == FPS_OK);
    check(result.bytes <= size && buffer.count <= size);
    check(result.instructions <= result.bytes);
    fps__code_buffer_free(&buffer);
    free(copy);
    return result;
}

static void check_machine(const fps__machine *machine, const uint8_t *bytes, size_t size,
                          const fps_relocation *relocations, size_t count)
{
    fps__code_result all = normalise(machine, bytes, size, relocations, count);
    fps__code_result again = normalise(machine, bytes, all.bytes, relocations, count);
    check(again.bytes == all.bytes && again.hash == all.hash && again.instructions == all.instructions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_relocation relocations[MAX_RELOCATIONS];
    size_t count = size > 0 ? data[0] : 0;
    uint64_t offset = 0;
    if (size < 1 + count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        offset += data[1 + i];
        relocations[i] = (fps_relocation){.offset = offset};
    }
    const uint8_t *bytes = data + 1 + count;
    size -= 1 + count;
    check_machine(&fps__machine_x86_64, bytes, size, relocations, count);
    check_machine(&fps__machine_i386, bytes, size, relocations, count);
    return 0;
}
