/* Decodes, normalises and lists any bytes as code of each machine: the first byte chooses it.
 *
 * Reaches: fps__code_list
 */
#include "code/code.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const fps_object_info machines[] = {
    {.machine = EM_AARCH64, .bits = 64},
    {.machine = EM_X86_64, .bits = 64},
    {.machine = EM_386, .bits = 32},
    {.machine = EM_ARM, .bits = 32},
    {.machine = EM_MIPS, .bits = 32, .big_endian = true},
    {.machine = EM_MIPS, .bits = 64},
    {.machine = EM_PPC64, .bits = 64},
    {.machine = EM_S390, .bits = 64, .big_endian = true},
};

static fps_status count_lines(void *user, const char *text, size_t length)
{
    if (length < 2 || text[length - 1] != '\n' || !strchr(" *-", text[0]) || memchr(text, '\0', length))
        abort();
    ++*(size_t *)user;
    return FPS_OK;
}

static void check_decode(const fps__machine *machine, const fps__code *code)
{
    for (size_t at = 0; at < code->size;) {
        fps__instruction instruction;
        bool found = machine->decode(code->bytes + at, code->size - at, &instruction);
        if (found != (instruction.length > 0) || instruction.length > code->size - at ||
            instruction.kind > FPS__INSTRUCTION_TRAP)
            abort();
        at += found ? instruction.length : machine->alignment;
    }
}

static void check_normalise(const fps__machine *machine, const fps__code *code)
{
    fps__code_buffer buffer = {0};
    fps__code_result first, again;
    for (int i = 0; i < 2; i++)
        if (machine->normalise(code, &buffer, i ? &again : &first) != FPS_OK)
            abort();
    if (first.hash != again.hash || first.bytes > code->size || first.instructions > 2 * code->size)
        abort();
    fps__code_buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 4 };
    if (size <= HEAD)
        return 0;
    const fps_object_info *info = &machines[data[0] % (sizeof machines / sizeof machines[0])];
    const fps__machine *machine = fps__machine_find(info);
    size_t lines = 0;
    fps__code code = {
        .bytes = data + HEAD, .size = size - HEAD, .address = (uint64_t)(data[1] | data[2] << 8) * 4};
    const fps_relocation relocation = {.offset = data[3], .type = 2};
    if (data[3] < code.size) {
        code.relocations = &relocation;
        code.relocation_count = 1;
    }
    if (!machine)
        abort();
    check_decode(machine, &code);
    check_normalise(machine, &code);
    if (fps__code_list(info, &code, count_lines, &lines) != FPS_OK || lines == 0)
        abort();
    return 0;
}
