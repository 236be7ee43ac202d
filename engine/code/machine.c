/* The machines whose code is read, by ELF machine number, and the scratch that they share. */
#include "code/code.h"

#include <stdlib.h>

static const fps__machine *const machines[] = {
    &fps__machine_x86_64,
    &fps__machine_arm64,
};

const fps__machine *fps__machine_find(const fps_object_info *info)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
        if (machines[i]->number == info->machine && info->bits == 64 && !info->big_endian)
            return machines[i];
    return NULL;
}

void fps__code_buffer_free(fps__code_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (fps__code_buffer){0};
}
