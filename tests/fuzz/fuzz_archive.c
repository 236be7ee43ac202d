/* Opens any bytes as an archive and reads every file in it, within small limits.
 *
 * Reaches: fps__archive_load
 */
#include "archive/archive.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__archive_limits limits = {.file_size = 1 << 20, .total_size = 4 << 20, .entries = 200};
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_budget_init(&budget, &limits, size);
    if (fps__archive_open(&archive, (fps__span){data, size}, &budget, NULL))
        return 0;
    fps__archive_entry entry;
    fps_error error;
    volatile uint8_t last = 0;
    for (int i = 0; i < 300 && !fps__archive_next(archive, &entry, &error); i++) {
        fps__span file;
        if (entry.head.size)
            last = entry.head.data[entry.head.size - 1];
        if (i % 2 == 0 && !fps__archive_load(archive, &file, &error) && file.size)
            last = file.data[file.size - 1];
    }
    (void)last;
    fps__archive_free(archive);
    return 0;
}
