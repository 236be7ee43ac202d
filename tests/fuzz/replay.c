/* Replays seed files through a fuzz target, with any compiler: each argument is a file or a folder of files.
 *
 * Fails if the seeds do not reach the functions that the target tests. Otherwise nobody would notice that the
 * reader rejects a seed because its format is old.
 */
#include "reach.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    uint8_t *data = NULL;
    size_t size = 0, got;
    uint8_t chunk[65536];
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        uint8_t *grown = realloc(data, size + got);
        if (!grown)
            break;
        data = grown;
        memcpy(data + size, chunk, got);
        size += got;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;
    static const uint8_t nothing[1];
    LLVMFuzzerTestOneInput(nothing, 0);
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            count += replay_file(argv[i]);
            continue;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            count += replay_file(path);
        }
        closedir(folder);
    }
    printf("%d seeds replayed\n", count);
    int missed = 0;
    for (const fuzz_reach *r = fuzz_reaches; r->name; r++) {
        if (*r->reached)
            continue;
        printf("no seed reaches %s\n", r->name);
        missed++;
    }
    return count > 0 && !missed ? 0 : 1;
}
