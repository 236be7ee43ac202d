/* Reads any bytes as the table of known base images, looks bases up in it, and removes an entry.
 *
 * Reaches: fps_base_images_open, fps_base_images_find, fps__base_images_read
 */
#include "fuzz_files.h"

#include <fpscan/base_image.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const fps_base_images *table)
{
    size_t count = fps_base_images_entry_count(table);
    for (size_t i = 0; i < count; i++) {
        const fps_base_image *entry = fps_base_images_entry(table, i);
        if (!entry->name || !entry->digest || !entry->added || !entry->layers)
            abort();
        if (i && strcmp(fps_base_images_entry(table, i - 1)->name, entry->name) > 0)
            abort();
        const fps_base_image *base = fps_base_images_find(table, entry->diff_ids, entry->layers);
        if (!base || base->layers != entry->layers) /* it is its own base, or one that is equal */
            abort();
        fps_base_images_find(table, entry->diff_ids, entry->layers - 1);
    }
    if (fps_base_images_entry(table, count))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH + 16], name[FUZZ_PATH];
    fps_base_images *table;
    fps_error error = {.message = ""};
    snprintf(path, sizeof path, "%s/bases.json", fuzz_folder());
    fuzz_write(fuzz_folder(), "bases.json", data, size);
    fps_status status = fps_base_images_open(&table, path, &error);
    if (status != FPS_OK && (table || !error.message[0]))
        abort();
    if (status == FPS_OK) {
        const fps_base_image *first = fps_base_images_entry(table, 0);
        look_up(table);
        snprintf(name, sizeof name, "%s", first ? first->name : "none");
        size_t count = fps_base_images_entry_count(table);
        fps_base_images_free(table);
        if (fps_base_image_remove(path, name, &error) == FPS_OK) {
            if (fps_base_images_open(&table, path, &error) != FPS_OK ||
                fps_base_images_entry_count(table) >= count)
                abort();
            fps_base_images_free(table);
        }
    }
    unlink(path);
    return 0;
}
