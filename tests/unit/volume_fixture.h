/* What a volume says, and a budget that counts. */
#ifndef FPS_TESTS_VOLUME_FIXTURE_H
#define FPS_TESTS_VOLUME_FIXTURE_H

#include "util/error.h"
#include "volume/volume.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct purse {
    uint64_t bytes, entries; /* spent */
    uint64_t most;           /* bytes; 0: no limit */
} purse;

static inline fps_status spend(void *user, uint64_t bytes, uint64_t entries, fps_error *error)
{
    purse *p = user;
    p->bytes += bytes;
    p->entries += entries;
    return p->most && p->bytes > p->most ? fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "too many")
                                         : FPS_OK;
}

/* All that a volume says, a line an entry. Of files of 1 MiB or more nothing is read. */
static inline char *tell(fps__span data, purse *p)
{
    static char text[65536];
    fps__volume_budget budget = {p, spend};
    fps__volume *volume;
    fps__volume_entry entry;
    fps_error error = {.message = ""};
    size_t used = 0;
    text[0] = '\0';
    fps_status status = fps__volume_open(&volume, data, &budget, &error);
    if (status) {
        snprintf(text, sizeof text, "! %s\n", error.message);
        return text;
    }
    for (int i = 0; i < 1000; i++) {
        status = fps__volume_next(volume, &entry, &error);
        if (status == FPS_ERROR_NOT_FOUND)
            break;
        size_t size = entry.type == FPS__VOLUME_FILE && entry.size < 1 << 20 ? (size_t)entry.size : 0;
        uint8_t *bytes = malloc(size + 1);
        if (!status && size)
            status = fps__volume_read(volume, 0, bytes, size, &error);
        uint32_t sum = 0;
        for (size_t n = 0; !status && n < size; n++)
            sum = sum * 31 + bytes[n];
        free(bytes);
        used += (size_t)(status ? snprintf(text + used, sizeof text - used, "%s: ! %s\n", entry.path,
                                           error.message)
                                : snprintf(text + used, sizeof text - used, "%s: %d %u %08x\n", entry.path,
                                           (int)entry.type, (unsigned)entry.size, sum));
        if (status == FPS_ERROR_LIMIT)
            break;
    }
    fps__volume_free(volume);
    return text;
}

/* A file that is written to while it is read: its superblock is good at the first look, and then has other bytes at one place. */
typedef struct changing_file {
    fps__span bytes;
    uint64_t at; /* of the byte that becomes another */
    unsigned reads;
} changing_file;

static inline fps_status read_changing(void *user, uint64_t offset, uint8_t *to, size_t size,
                                       fps_error *error)
{
    changing_file *file = user;
    (void)error;
    memcpy(to, file->bytes.data + offset, size);
    if (file->reads++ && file->at >= offset && file->at - offset < size)
        to[file->at - offset] = 0xff;
    return FPS_OK;
}

/* The message of a volume that changes at a byte, "" where it can be opened. */
static inline const char *tell_changing(fps__span bytes, uint64_t at)
{
    static fps_error error;
    purse p = {.bytes = 0};
    changing_file file = {bytes, at, 0};
    fps__volume_budget budget = {&p, spend};
    fps__volume_source source = {&file, read_changing, bytes.size};
    fps__volume *volume = NULL;
    error.message[0] = '\0';
    fps__volume_open_source(&volume, &source, &budget, &error);
    fps__volume_free(volume);
    return error.message;
}

#endif
