/* Reads Packages.db, the database that rpm calls ndb: a table of slots, and blobs of 16-byte blocks.
 *
 * All numbers are little-endian. The file begins with a header of 32 bytes (magic "RpmP", version,
 * generation, pages of slots) that stands in the first of the slot pages; a slot (16 bytes: magic "Slot",
 * package, first block, blocks) is in use when its first block is not 0. A blob has a head (16 bytes: magic
 * "BlbS", package, generation, length), the bytes, zeros up to a tail (12 bytes: Adler-32 of head, bytes and
 * zeros, length, magic "BlbE"). The format: lib/backend/ndb/rpmpkg.c of rpm.
 */
#include "inventory/rpm.h"

#include "util/error.h"

#include <isa-l/igzip_lib.h>

#include <inttypes.h>
#include <stdio.h>

enum {
    HEADER_SIZE = 32,
    VERSION = 0,
    SLOT_SIZE = 16,
    PAGE_SIZE = 4096,
    BLOCK_SIZE = 16,
    HEAD_SIZE = 16,
    TAIL_SIZE = 12,
};

static const uint8_t header_magic[] = {'R', 'p', 'm', 'P'}, slot_magic[] = {'S', 'l', 'o', 't'},
                     head_magic[] = {'B', 'l', 'b', 'S'}, tail_magic[] = {'B', 'l', 'b', 'E'};

static bool has_magic(const uint8_t *at, const uint8_t magic[4])
{
    return !memcmp(at, magic, 4);
}

/* The bytes of the blob that a slot points to; `*wrong` says what is wrong with it, and then they are none.
 */
static fps__span read_blob(fps__span database, const uint8_t *slot, const char **wrong)
{
    const fps__span none = {NULL, 0};
    uint64_t start = (uint64_t)fps__get32le(slot + 8) * BLOCK_SIZE;
    uint64_t size = (uint64_t)fps__get32le(slot + 12) * BLOCK_SIZE;
    fps__span blob = fps__span_part(database, start, size);
    *wrong = "runs beyond the end of the file";
    if (blob.size < HEAD_SIZE + TAIL_SIZE)
        return none;
    const uint8_t *tail = blob.data + blob.size - TAIL_SIZE;
    uint32_t length = fps__get32le(blob.data + 12);
    *wrong = "has no blob";
    if (!has_magic(blob.data, head_magic) || !has_magic(tail + 8, tail_magic))
        return none;
    if (fps__get32le(blob.data + 4) != fps__get32le(slot + 4) || length != fps__get32le(tail + 4) ||
        length > blob.size - HEAD_SIZE - TAIL_SIZE)
        return none;
    *wrong = "has a blob of another checksum";
    if (isal_adler32(1, blob.data, blob.size - TAIL_SIZE) != fps__get32le(tail))
        return none;
    *wrong = NULL;
    return fps__span_part(blob, HEAD_SIZE, length);
}

/* What the blob of a slot may still take: blobs of a sound database do not overlap, so together they are no
 * more than the file has room for. */
static fps__span take_blob(fps__span database, const uint8_t *slot, uint64_t *left, const char **wrong)
{
    uint64_t size = (uint64_t)fps__get32le(slot + 12) * BLOCK_SIZE;
    *wrong = "overlaps others";
    if (size > *left)
        return (fps__span){NULL, 0};
    *left -= size;
    return read_blob(database, slot, wrong);
}

static fps_status read_slots(fps__span database, fps__span slots, const fps__rpm_visitor *visitor,
                             fps_error *error)
{
    uint64_t left = database.size - slots.size;
    for (size_t at = HEADER_SIZE; at < slots.size; at += SLOT_SIZE) {
        const uint8_t *slot = slots.data + at;
        const char *wrong = "is in a damaged slot";
        fps__span header = {NULL, 0};
        if (has_magic(slot, slot_magic)) {
            if (!fps__get32le(slot + 8))
                continue;
            header = take_blob(database, slot, &left, &wrong);
        }
        if (wrong) {
            char message[96];
            snprintf(message, sizeof message, "package %" PRIu32 " %s", fps__get32le(slot + 4), wrong);
            visitor->fault(visitor->user, message);
        } else if (!visitor->header(visitor->user, header))
            return fps__fail(error, FPS_ERROR_CANCELLED, NULL, UINT64_MAX, "stopped");
    }
    return FPS_OK;
}

fps_status fps__rpm_read_ndb(fps__span database, const fps__rpm_visitor *visitor, fps_error *error)
{
    fps__span header = fps__span_part(database, 0, HEADER_SIZE);
    if (!header.size || !has_magic(header.data, header_magic))
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not an ndb package database");
    if (fps__get32le(header.data + 4) != VERSION)
        return fps__fail(error, FPS_ERROR_VERSION, NULL, 4, "ndb package database of version %" PRIu32,
                         fps__get32le(header.data + 4));
    uint64_t size = (uint64_t)fps__get32le(header.data + 12) * PAGE_SIZE;
    fps__span slots = fps__span_part(database, 0, size);
    if (!slots.size)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, 12,
                         "ndb package database with %" PRIu64 " bytes of slots in %zu", size, database.size);
    return read_slots(database, slots, visitor, error);
}
