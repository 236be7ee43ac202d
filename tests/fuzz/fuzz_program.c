/* Opens any bytes as an object and reads what it says of itself: Go's build information and table of functions, lists and
 * paths of Rust.
 *
 * Reaches: fps__go_build_read, fps__go_paths_read, fps__rust_list_read, fps__rust_paths_read, fps__go_module_of
 * Reaches: fps__marks_read, fps__native_bill
 */
#include "program/program.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const fps_object_limits limits = {.symbols = 20000, .sections = 2000, .memory = (size_t)32 << 20};
    fps_object *object;
    fps__program program;
    fps__arena arena = {NULL, 0, 0};
    if (fps_object_open(&object, data, size, &limits, NULL) != FPS_OK)
        return 0;
    if (fps__program_read(&program, object, (fps__span){data, size}, 0, &arena) != FPS_OK)
        abort();
    for (size_t i = 0; i < program.count; i++)
        if (!*program.items[i].name || !program.items[i].version || !program.items[i].properties ||
            (i && program.items[i].main))
            abort();
    fps__arena_free(&arena);
    fps_object_free(object);
    return 0;
}
