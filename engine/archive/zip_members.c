/* The bytes of deflated members of a zip archive, inflated by isa-l. */
#include "archive/zip_members.h"

#include "archive/zip_directory.h"
#include "util/array.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

typedef struct member {
    uint64_t offset; /* of its bytes, in the data */
    uint32_t packed, unpacked, checksum;
} member;

struct fps__zip_members {
    fps__span data;
    FPS__ARRAY(member) list; /* by offset; each once */
    const member *current;
    uint64_t unpacked; /* bytes of the current one so far */
    uint32_t checksum; /* of these */
    struct inflate_state inflate;
};

/* libarchive takes what a local header leaves open from the directory. */
static bool is_same_or_zero(uint64_t local, uint64_t central)
{
    return local == central || !local;
}

/* Where libarchive finds no directory, as it looks less far for one, a member has the size of its local header, or ends by itself. */
static bool has_size(const fps__zip_entry *central, const fps__zip_entry *local)
{
    return local->packed == central->packed || (!local->packed && (local->flags & FPS__ZIP_DESCRIPTOR));
}

static bool is_plain(const fps__zip_entry *central, const fps__zip_entry *local)
{
    return central->method == FPS__ZIP_DEFLATED && local->method == FPS__ZIP_DEFLATED &&
           !((central->flags | local->flags) & FPS__ZIP_ENCRYPTED) && central->packed &&
           central->packed < UINT32_MAX && central->unpacked < UINT32_MAX && has_size(central, local) &&
           is_same_or_zero(local->unpacked, central->unpacked) &&
           is_same_or_zero(local->checksum, central->checksum);
}

static fps_status add_members(fps__zip_members *members, const fps__zip_directory *directory)
{
    fps__zip_entry central, local;
    uint64_t at = directory->start, end = directory->start + directory->size;
    fps_status status = FPS_OK;
    for (; !status && at < end && fps__zip_read_entry(directory, at, &central); at += central.size) {
        uint64_t place =
            central.offset <= UINT64_MAX - directory->base ? central.offset + directory->base : UINT64_MAX;
        if (!fps__zip_read_local(members->data, place, &local) || !is_plain(&central, &local) ||
            !fps__span_has(members->data, place + local.size, central.packed))
            continue;
        member found = {place + local.size, (uint32_t)central.packed, central.unpacked, central.checksum};
        status = FPS__ARRAY_PUSH(&members->list, &found, SIZE_MAX);
    }
    return status;
}

static int compare_members(const void *left, const void *right)
{
    const member *a = left, *b = right;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

static bool is_same(const member *a, const member *b)
{
    return a->packed == b->packed && a->unpacked == b->unpacked && a->checksum == b->checksum;
}

/* Entries that share their bytes are one member; where they contradict each other, none. */
static void join_members(fps__zip_members *members)
{
    member *items = members->list.items;
    size_t kept = 0;
    if (members->list.count)
        qsort(items, members->list.count, sizeof *items, compare_members);
    for (size_t first = 0, next; first < members->list.count; first = next) {
        bool same = true;
        for (next = first + 1; next < members->list.count && items[next].offset == items[first].offset;
             next++)
            same &= is_same(&items[next], &items[first]);
        if (same)
            items[kept++] = items[first];
    }
    members->list.count = kept;
}

fps_status fps__zip_members_open(fps__zip_members **members, fps__span data)
{
    fps__zip_directory directory;
    bool displaced;
    fps__zip_members *made = malloc(sizeof *made);
    *members = made;
    if (!made)
        return FPS_ERROR_MEMORY;
    made->data = data;
    made->list.items = NULL;
    made->list.count = made->list.capacity = 0;
    made->current = NULL;
    fps_status status =
        fps__zip_find_directory(&directory, data, &displaced) ? add_members(made, &directory) : FPS_OK;
    join_members(made);
    return status;
}

void fps__zip_members_free(fps__zip_members *members)
{
    if (!members)
        return;
    free(members->list.items);
    free(members);
}

bool fps__zip_members_begin(fps__zip_members *members, uint64_t offset)
{
    if (!members || !members->list.count)
        return false;
    member wanted = {.offset = offset};
    members->current =
        bsearch(&wanted, members->list.items, members->list.count, sizeof wanted, compare_members);
    if (!members->current)
        return false;
    members->unpacked = 0;
    members->checksum = 0;
    isal_inflate_init(&members->inflate);
    members->inflate.next_in = (uint8_t *)members->data.data + offset;
    members->inflate.avail_in = members->current->packed;
    return true;
}

uint64_t fps__zip_members_offset(const fps__zip_members *members)
{
    uint64_t read = (uint64_t)(members->inflate.next_in - members->data.data);
    return read - (uint64_t)members->inflate.read_in_length / 8; /* bytes that it holds and has not used */
}

bool fps__zip_members_next(fps__zip_members *members, uint8_t *room, size_t *size, bool *at_end)
{
    struct inflate_state *z = &members->inflate;
    const member *m = members->current;
    z->next_out = room;
    z->avail_out = FPS__ZIP_BLOCK;
    int got = isal_inflate(z);
    *size = FPS__ZIP_BLOCK - z->avail_out;
    members->unpacked += *size;
    members->checksum = crc32_gzip_refl(members->checksum, room, *size);
    *at_end = z->block_state == ISAL_BLOCK_FINISH;
    if (got != ISAL_DECOMP_OK || members->unpacked > m->unpacked)
        return false;
    if (!*at_end)
        return z->avail_out == 0; /* else the packed bytes ended before */
    return members->unpacked == m->unpacked && members->checksum == m->checksum &&
           fps__zip_members_offset(members) == m->offset + m->packed;
}
