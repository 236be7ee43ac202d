/* The machines whose code is read, by ELF machine number, and the scratch that they share. */
#include "code/code.h"

#include <stdlib.h>

enum { ANY_BITS = 0 };

static const struct {
    const fps__machine *machine;
    uint8_t bits;
    bool big_endian;
} machines[] = {
    {&fps__machine_x86_64, 64, false},    {&fps__machine_arm64, 64, false},
    {&fps__machine_i386, 32, false},      {&fps__machine_arm, 32, false},
    {&fps__machine_mips, ANY_BITS, true}, {&fps__machine_mipsel, ANY_BITS, false},
    {&fps__machine_ppc64le, 64, false},   {&fps__machine_s390x, 64, true},
};

const fps__machine *fps__machine_find(const fps_object_info *info)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        bool bits = machines[i].bits == ANY_BITS || machines[i].bits == info->bits;
        if (machines[i].machine->number == info->machine && bits &&
            machines[i].big_endian == info->big_endian)
            return machines[i].machine;
    }
    return NULL;
}

void fps__code_buffer_free(fps__code_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (fps__code_buffer){0};
}
