/* The table of machines whose code is read, and the scratch that they share. */
#include "code/code.h"

#include <stdlib.h>

static const fps__machine *const machines[] = {
    &fps__machine_x86_64, &fps__machine_arm64,  &fps__machine_i386,    &fps__machine_arm,
    &fps__machine_mips,   &fps__machine_mipsel, &fps__machine_ppc64le, &fps__machine_s390x,
};

const fps__machine *fps__machine_find(const fps_object_info *info)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        const fps__machine *machine = machines[i];
        if (machine->number == info->machine && machine->big_endian == info->big_endian &&
            (!machine->bits || machine->bits == info->bits))
            return machine;
    }
    return NULL;
}

void fps__code_buffer_free(fps__code_buffer *buffer)
{
    free(buffer->bytes);
    free(buffer->places);
    *buffer = (fps__code_buffer){0};
}
