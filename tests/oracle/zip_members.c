/* Compares what fps__archive gives of zip archives with what libarchive alone gives: whole, and with one to eight bytes
 * changed.
 *
 *   zip_members CHANGED FILE...      each file as it is, and so many times changed
 */
#include "zip_oracle.h"

#include <inttypes.h>

static fps__span read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        exit(2);
    long size = ftell(file);
    uint8_t *data = malloc((size_t)size + 1);
    rewind(file);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
        exit(2);
    fclose(file);
    return (fps__span){data, (size_t)size};
}

/* `load`: see zip_oracle_compare. */
static zip_oracle compare(fps__span data, unsigned load)
{
    fps__archive_limits limits = {.ratio = 1000000};
    fps__archive_budget budget;
    fps__archive *archive;
    fps_error error;
    fps__archive_budget_init(&budget, &limits, data.size);
    if (fps__archive_open(&archive, data, &budget, &error))
        return (zip_oracle){.differs = "not opened"};
    zip_oracle found = zip_oracle_compare(archive, data, load);
    fps__archive_free(archive);
    return found;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

int main(int argc, char **argv)
{
    uint64_t files = 0, bytes = 0, changed = 0, differ = 0, random = 88172645463325252;
    int rounds = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc; i++) {
        fps__span data = read_file(argv[i]);
        uint8_t *copy = (uint8_t *)data.data;
        for (int round = 0; round <= rounds; round++) {
            uint64_t at[8];
            uint8_t before[8];
            unsigned count = round ? 1 + (unsigned)(next_random(&random) % 8) : 0;
            for (unsigned k = 0; k < count; k++) {
                at[k] = next_random(&random) % data.size;
                before[k] = copy[at[k]];
                copy[at[k]] ^= (uint8_t)(1 + next_random(&random) % 255);
            }
            zip_oracle found = compare(data, 1 + (unsigned)round % 2);
            if (found.differs)
                printf("%s: round %d: %s: %s\n", argv[i], round, found.path, found.differs);
            differ += found.differs != NULL;
            files += found.files;
            bytes += found.bytes;
            changed += round > 0;
            for (unsigned k = count; k-- > 0;)
                copy[at[k]] = before[k];
        }
        free(copy);
    }
    printf("%d archives, %" PRIu64 " changed ones, %" PRIu64 " files, %" PRIu64 " bytes: %" PRIu64
           " differ\n",
           argc - 2, changed, files, bytes, differ);
    return differ != 0;
}
