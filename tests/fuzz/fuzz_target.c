/* Asks what a target is: the first byte chooses whether the rest is a file, a folder with the documents of an image,
 * or the text of the target itself.
 *
 * Reaches: fps__target_find, fps__image_probe, fps__stream_next
 */
#include "fuzz_files.h"
#include "scan/target.h"
#include "util/clock.h"

#include <fpscan/target.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEADLINE_MS = 2000 };

static void find(const char *target)
{
    fps__target found;
    fps_error error;
    fps_target_path(target);
    if (fps__target_find(target, fps__clock_ms() + DEADLINE_MS, &found, &error) == FPS_OK &&
        (!found.path || found.path < target || found.path > target + strlen(target)))
        abort();
}

/* The documents are parted by lines of "--". */
static void find_folder(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"oci-layout", "index.json", "manifest.json", "version",
                                        "repositories"};
    char folder[FUZZ_PATH + 8];
    snprintf(folder, sizeof folder, "%s/target", fuzz_folder());
    if (mkdir(folder, 0700))
        abort();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const uint8_t *end = memmem(data, size, "\n--\n", 4);
        size_t length = end ? (size_t)(end - data) : size;
        if (length)
            fuzz_write(folder, names[i], data, length);
        length += end ? 4 : 0;
        data += length;
        size -= length;
    }
    find(folder);
    fuzz_remove(AT_FDCWD, folder);
}

static void find_file(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH];
    uint8_t *copy = fuzz_copy(data, size);
    fuzz_repair_tar(copy, size);
    int fd = fuzz_memory_file(copy, size, path);
    find(path);
    close(fd);
    free(copy);
}

static void find_text(const uint8_t *data, size_t size)
{
    char text[FUZZ_PATH];
    size_t length = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = '\0';
    if (!strchr(text, '/')) /* it names nothing that is really there */
        find(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    if (data[0] == 'd')
        find_folder(data + 1, size - 1);
    else if (data[0] == 't')
        find_text(data + 1, size - 1);
    else
        find_file(data + 1, size - 1);
    return 0;
}
