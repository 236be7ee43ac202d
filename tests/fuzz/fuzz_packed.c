/* Unpacks any bytes as a packed program, within 16 MiB, and opens what comes out; asks for the signs of one.
 *
 * Reaches: fps__upx_open_elf, fps__upx_open_pe, fps__upx_expand_nrv, fps__upx_unfilter, fps__upx_guess_filter, fps__upx_rebuild
 */
#include "packed/packed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_for_signs(const uint8_t *data, size_t size)
{
    fps_object *object;
    if (fps_object_open(&object, data, size, NULL, NULL))
        return;
    const char *sign = fps__packed_sign(object, (fps__span){data, size});
    if (sign && !*sign)
        abort();
    fps_object_free(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__packed_limits limits = {.size = 16 << 20};
    fps__unpacked out;
    fps_error error = {.message = ""};
    look_for_signs(data, size);
    if (fps__packed_open((fps__span){data, size}, &limits, &out, &error)) {
        if (out.data)
            abort();
        return 0;
    }
    if (!out.data || !out.method || out.size > limits.size || out.start >= size || out.end > size ||
        out.foreign > size)
        abort();
    look_for_signs(out.data, out.size);
    free(out.data);
    return 0;
}
