/* Containers that say where their files lie: the table of readers, and how what they list is unpacked. */
#include "archive/listing.h"

#include "util/error.h"

#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

enum { MAX_ARENA = 64 << 20, BLOCK = 64 << 10, MAX_PIECES = 1 << 22 };

typedef struct container {
    const char *what;
    fps__listing_probe *begins; /* NULL: it lies in or behind other bytes */
    fps__listing_reader *list;
} container;

/* Those with a header at the start come first. */
static const container containers[] = {
    {"a U-Boot image", fps__is_uimage, fps__list_uimage},
    {"a device tree or FIT image", fps__is_device_tree, fps__list_device_tree},
    {"an Android boot image", fps__is_android_boot, fps__list_android_boot},
    {"an lzop file", fps__is_lzop, fps__list_lzop},
    {"an asar archive", fps__is_asar, fps__list_asar},
    {"a compound file", fps__is_compound, fps__list_compound},
    {"a Node.js application", fps__is_node_blob, fps__list_node_blob},
    {"a Linux kernel", NULL, fps__list_kernel},
    {"a PyInstaller bundle", NULL, fps__list_pyinstaller},
    {"a .NET bundle", NULL, fps__list_dotnet},
    {"a Deno bundle", NULL, fps__list_deno},
    {"a Bun bundle", NULL, fps__list_bun},
};
enum { CONTAINERS = sizeof containers / sizeof *containers };

const char *fps__listing_name(fps__span data)
{
    for (size_t i = 0; i < CONTAINERS; i++)
        if (containers[i].begins && containers[i].begins(data))
            return containers[i].what;
    return NULL;
}

bool fps__listing_identify(fps__span data)
{
    return fps__listing_name(data);
}

static int compare_offsets(const void *left, const void *right)
{
    const fps__listing_piece *a = left, *b = right;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Bytes between the files, which are looked at as if they were files: what a container does not list may hide there. */
static void add_gaps(fps__listing *listing, fps__span data)
{
    enum { LEAST = 512 };
    size_t count = listing->files.count;
    fps__listing_piece *taken = calloc(count + 1, sizeof *taken);
    listing->no_memory |= !taken;
    for (size_t i = 0; taken && i < count; i++)
        taken[i] = (fps__listing_piece){listing->files.items[i].offset, listing->files.items[i].size};
    if (taken)
        qsort(taken, count, sizeof *taken, compare_offsets);
    uint64_t at = listing->body;
    for (size_t i = 0; taken && i <= count; i++) {
        uint64_t next = i < count ? taken[i].offset : listing->end;
        char name[32];
        if (next > at && next - at >= LEAST) {
            int size = snprintf(name, sizeof name, "@%llu", (unsigned long long)at);
            const char *text = fps__listing_text(listing, (fps__span){(uint8_t *)name, (size_t)size});
            fps__listing_add_plain(listing, data, text, at, next - at);
        }
        if (i < count && taken[i].offset + taken[i].size > at)
            at = taken[i].offset + taken[i].size;
    }
    free(taken);
}

fps_status fps__listing_read(fps__listing *listing, fps__span data, fps_error *error)
{
    bool found = false;
    for (size_t i = 0; !found && !listing->no_memory && i < CONTAINERS; i++) {
        if (containers[i].begins && !containers[i].begins(data))
            continue;
        listing->arena.limit = MAX_ARENA;
        listing->start = listing->body = 0;
        listing->end = data.size;
        listing->what = containers[i].what;
        found = containers[i].list(listing, data);
        if (!found && !listing->no_memory) {
            listing->files.count = listing->pieces.count = 0;
            listing->fault = NULL;
        }
    }
    if (found && !listing->gaps_explained && !listing->single && listing->files.count)
        add_gaps(listing, data);
    if (listing->no_memory)
        return fps__fail_memory(error);
    return found ? FPS_OK
                 : fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "no container of a known type");
}

void fps__listing_free(fps__listing *listing)
{
    fps__arena_free(&listing->arena);
    free(listing->files.items);
    free(listing->pieces.items);
    *listing = (fps__listing){0};
}

bool fps__listing_find(fps__span data, uint64_t *start, uint64_t *end)
{
    fps__listing listing = {0};
    bool found = fps__listing_read(&listing, data, NULL) == FPS_OK;
    *start = found ? listing.start : data.size;
    *end = found ? listing.end : data.size;
    fps__listing_free(&listing);
    return found;
}

/* ---- for readers ---- */

void fps__listing_fault(fps__listing *listing, const char *what)
{
    listing->fault = listing->fault ? listing->fault : what;
}

const char *fps__listing_text(fps__listing *listing, fps__span text)
{
    size_t size = text.size ? strnlen((const char *)text.data, text.size) : 0;
    const char *copy = fps__arena_text(&listing->arena, (const char *)text.data, size);
    if (!copy && listing->arena.used + size < MAX_ARENA / 2)
        listing->no_memory = true;
    else if (!copy)
        fps__listing_fault(listing, "the names of its files take too much memory; the rest was left out");
    return copy;
}

bool fps__listing_add(fps__listing *listing, fps__span data, const fps__listed_file *file)
{
    if (!file->name)
        return false;
    if (!file->size)
        return true;
    if (file->packing != FPS__PACKING_PIECES && !fps__span_has(data, file->offset, file->size)) {
        fps__listing_fault(listing, "a file that it lists lies outside of it");
        return false;
    }
    fps_status status = FPS__ARRAY_PUSH(&listing->files, file, FPS__MAX_LISTED_FILES);
    listing->no_memory |= status == FPS_ERROR_MEMORY;
    if (status == FPS_ERROR_LIMIT)
        fps__listing_fault(listing, "it lists more than 1,048,576 files; the rest was left out");
    return status == FPS_OK;
}

bool fps__listing_add_plain(fps__listing *listing, fps__span data, const char *name, uint64_t offset,
                            uint64_t size)
{
    const fps__listed_file file = {.name = name, .offset = offset, .size = size, .unpacked = size};
    return fps__listing_add(listing, data, &file);
}

/* ---- unpacking ---- */

/* Gives a block on, and counts it: a file must not unpack to more than it says. */
static fps_status give(const fps__listed_file *file, uint64_t *given, fps__span block,
                       const fps__listing_sink *sink, fps_error *error)
{
    if (block.size > file->unpacked - *given)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, file->offset,
                         "unpacks to more than the %llu bytes that it says",
                         (unsigned long long)file->unpacked);
    *given += block.size;
    return block.size ? sink->take(sink->user, block, error) : FPS_OK;
}

static fps_status damaged(const fps__listed_file *file, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, file->offset,
                     "the compressed data of a file is damaged");
}

static fps_status inflate_file(const fps__listed_file *file, fps__span packed, uint8_t *room,
                               const fps__listing_sink *sink, fps_error *error)
{
    struct inflate_state *state = malloc(sizeof *state);
    fps_status status = state ? FPS_OK : fps__fail_memory(error);
    uint64_t given = 0;
    bool more = state;
    if (state) {
        isal_inflate_init(state);
        state->crc_flag = file->packing == FPS__PACKING_ZLIB ? ISAL_ZLIB : ISAL_DEFLATE;
    }
    while (!status && more) {
        if (!state->avail_in) {
            uint32_t part = packed.size < 1 << 30 ? (uint32_t)packed.size : 1 << 30;
            state->next_in = (uint8_t *)packed.data; /* is only read */
            state->avail_in = part;
            packed = (fps__span){packed.data + part, packed.size - part};
        }
        state->next_out = room;
        state->avail_out = BLOCK;
        int result = isal_inflate(state);
        fps__span block = {room, BLOCK - state->avail_out};
        more = state->block_state != ISAL_BLOCK_FINISH || !state->avail_out;
        status = give(file, &given, block, sink, error);
        if (!status &&
            (result != ISAL_DECOMP_OK || (more && !block.size && !state->avail_in && !packed.size)))
            status = damaged(file, error);
    }
    free(state);
    return status;
}

static fps_status unpack_zstd(const fps__listed_file *file, fps__span packed, uint8_t *room,
                              const fps__listing_sink *sink, fps_error *error)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed.data, packed.size, 0};
    fps_status status = context ? FPS_OK : fps__fail_memory(error);
    uint64_t given = 0;
    size_t left = 1;
    while (!status && left) {
        ZSTD_outBuffer out = {room, BLOCK, 0};
        size_t before = in.pos;
        left = ZSTD_decompressStream(context, &out, &in);
        status = ZSTD_isError(left) ? damaged(file, error)
                                    : give(file, &given, (fps__span){room, out.pos}, sink, error);
        if (!status && left && in.pos == before && !out.pos)
            status = damaged(file, error);
    }
    ZSTD_freeDCtx(context);
    return status;
}

static fps_status unpack_pieces(const fps__listing *listing, const fps__listed_file *file, fps__span data,
                                const fps__listing_sink *sink, fps_error *error)
{
    fps_status status = FPS_OK;
    uint64_t given = 0;
    for (size_t i = 0; !status && i < file->pieces; i++) {
        const fps__listing_piece *piece = &listing->pieces.items[file->piece + i];
        fps__span block = fps__span_part(data, piece->offset, piece->size);
        status = give(file, &given, block, sink, error);
    }
    return status;
}

fps_status fps__listing_unpack(const fps__listing *listing, const fps__listed_file *file, fps__span data,
                               const fps__listing_sink *sink, fps_error *error)
{
    fps__span packed = fps__span_part(data, file->offset, file->size);
    uint64_t given = 0;
    switch (file->packing) {
    case FPS__PACKING_NONE:
        return give(file, &given, packed, sink, error);
    case FPS__PACKING_PIECES:
        return unpack_pieces(listing, file, data, sink, error);
    case FPS__PACKING_LZO:
        return fps__lzop_unpack(packed, sink, error);
    case FPS__PACKING_SECRET:
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "encrypted file in the archive");
    default:
        break;
    }
    uint8_t *room = malloc(BLOCK);
    if (!room)
        return fps__fail_memory(error);
    fps_status status = file->packing == FPS__PACKING_ZSTD ? unpack_zstd(file, packed, room, sink, error)
                                                           : inflate_file(file, packed, room, sink, error);
    free(room);
    return status;
}
