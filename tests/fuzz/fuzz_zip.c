/* Reads any bytes as a zip archive and compares what it gives with what libarchive alone gives: what isa-l inflates must
 * not differ, and damage must be told in the same words.
 *
 * Reaches: fps__zip_members_begin fps__zip_members_next
 */
#include "../oracle/zip_oracle.h"
#include "archive/archive_form.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* liblzma allocates whatever dictionary a member of method 14 or 95 asks for: that is not what this target looks for. */
static bool asks_liblzma(fps__span data)
{
    enum { METHOD = 8, LZMA = 14, XZ = 95 };
    for (uint64_t at = 0; fps__span_has(data, at, METHOD + 2); at++)
        if (memcmp(data.data + at, "PK\3\4", 4) == 0 &&
            (data.data[at + METHOD] == LZMA || data.data[at + METHOD] == XZ))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__span bytes = {data, size};
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_budget_init(&budget, NULL, size);
    if (size < 4 || memcmp(data, "PK", 2) != 0 || asks_liblzma(bytes) || fps__is_tar(bytes) ||
        fps__find_packed_form(bytes) || fps__archive_find_volume(bytes) ||
        fps__archive_open(&archive, bytes, &budget, NULL))
        return 0;
    zip_oracle found = zip_oracle_compare(archive, bytes, 1 + size % 2);
    fps__archive_free(archive);
    if (found.differs) {
        fprintf(stderr, "%s: %s\n", found.path, found.differs);
        abort();
    }
    return 0;
}
