/* Reads any bytes as an archive of Python modules.
 *
 * Reaches: fps__python_archive_list, fps__python_is_standard, fps__python_distribution
 *
 * Seeds: test_program_marks writes them, see there.
 */
#include "program/python_archive.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__program program;
    fps__arena arena = {NULL, 0, 0};
    if (fps__python_archive_read(&program, (fps__span){data, size}, 0, &arena) != FPS_OK)
        abort();
    for (size_t i = 0; i < program.count; i++)
        if (!*program.items[i].name || !*program.items[i].version)
            abort();
    fps__arena_free(&arena);
    return 0;
}
