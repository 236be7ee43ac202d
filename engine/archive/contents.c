/* Containers that say where their files lie: the table of readers, and how what they list is unpacked. */
#include "archive/contents.h"

#include "util/error.h"

#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

enum { MAX_ARENA = 64 << 20, BLOCK = 64 << 10, MAX_PIECES = 1 << 22 };

typedef struct container {
    const char *what;
    fps__contents_probe *begins; /* NULL: it lies in or behind other bytes */
    fps__contents_reader *list;
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
    {"a zlib stream", fps__is_zlib, fps__list_zlib},
    {"an Alpine package", fps__is_adb, fps__list_adb},
    {"a base64 text", fps__is_base64, fps__list_base64},
    {"a uuencoded text", fps__is_uuencoded, fps__list_uuencoded},
    {"a Linux kernel", NULL, fps__list_kernel},
    {"a PyInstaller bundle", NULL, fps__list_pyinstaller},
    {"a Nuitka bundle", NULL, fps__list_nuitka},
    {"a .NET bundle", NULL, fps__list_dotnet},
    {"a Deno bundle", NULL, fps__list_deno},
    {"a Bun bundle", NULL, fps__list_bun},
};
enum { CONTAINERS = sizeof containers / sizeof *containers };

const char *fps__contents_name(fps__span data)
{
    for (size_t i = 0; i < CONTAINERS; i++)
        if (containers[i].begins && containers[i].begins(data))
            return containers[i].what;
    return NULL;
}

bool fps__contents_identify(fps__span data)
{
    return fps__contents_name(data);
}

static int compare_offsets(const void *left, const void *right)
{
    const fps__contents_piece *a = left, *b = right;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

/* Bytes between the files, which are looked at as if they were files: what a container does not list may hide there. */
static void add_gaps(fps__contents *contents, fps__span data)
{
    enum { LEAST = 512 };
    size_t count = contents->files.count;
    fps__contents_piece *taken = calloc(count + 1, sizeof *taken);
    contents->no_memory |= !taken;
    for (size_t i = 0; taken && i < count; i++)
        taken[i] = (fps__contents_piece){contents->files.items[i].offset, contents->files.items[i].size};
    if (taken)
        qsort(taken, count, sizeof *taken, compare_offsets);
    uint64_t at = contents->body;
    for (size_t i = 0; taken && i <= count; i++) {
        uint64_t next = i < count ? taken[i].offset : contents->end;
        char name[32];
        if (next > at && next - at >= LEAST) {
            int size = snprintf(name, sizeof name, "@%llu", (unsigned long long)at);
            const char *text = fps__contents_text(contents, (fps__span){(uint8_t *)name, (size_t)size});
            fps__contents_add_plain(contents, data, text, at, next - at);
        }
        if (i < count && taken[i].offset + taken[i].size > at)
            at = taken[i].offset + taken[i].size;
    }
    free(taken);
}

fps_status fps__contents_read(fps__contents *contents, fps__span data, fps_error *error)
{
    bool found = false;
    for (size_t i = 0; !found && !contents->no_memory && i < CONTAINERS; i++) {
        if (containers[i].begins && !containers[i].begins(data))
            continue;
        contents->arena.limit = MAX_ARENA;
        contents->start = contents->body = 0;
        contents->end = data.size;
        contents->what = containers[i].what;
        found = containers[i].list(contents, data);
        if (!found && !contents->no_memory) {
            contents->files.count = contents->pieces.count = 0;
            contents->fault = NULL;
        }
    }
    if (found && !contents->gaps_explained && !contents->single && contents->files.count)
        add_gaps(contents, data);
    if (contents->no_memory)
        return fps__fail_memory(error);
    return found ? FPS_OK
                 : fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "no container of a known type");
}

void fps__contents_free(fps__contents *contents)
{
    fps__arena_free(&contents->arena);
    free(contents->files.items);
    free(contents->pieces.items);
    *contents = (fps__contents){0};
}

bool fps__contents_find(fps__span data, uint64_t *start, uint64_t *end)
{
    fps__contents contents = {0};
    bool found = fps__contents_read(&contents, data, NULL) == FPS_OK;
    *start = found ? contents.start : data.size;
    *end = found ? contents.end : data.size;
    fps__contents_free(&contents);
    return found;
}

/* ---- for readers ---- */

void fps__contents_fault(fps__contents *contents, const char *what)
{
    contents->fault = contents->fault ? contents->fault : what;
}

const char *fps__contents_text(fps__contents *contents, fps__span text)
{
    size_t size = text.size ? strnlen((const char *)text.data, text.size) : 0;
    const char *copy = fps__arena_text(&contents->arena, (const char *)text.data, size);
    if (!copy && contents->arena.used + size < MAX_ARENA / 2)
        contents->no_memory = true;
    else if (!copy)
        fps__contents_fault(contents, "the names of its files take too much memory; the rest was left out");
    return copy;
}

bool fps__contents_add(fps__contents *contents, fps__span data, const fps__contained *file)
{
    if (!file->name)
        return false;
    if (!file->size)
        return true;
    if (file->storage != FPS__STORED_PIECES && !fps__span_has(data, file->offset, file->size)) {
        fps__contents_fault(contents, "a file that it lists lies outside of it");
        return false;
    }
    fps_status status = FPS__ARRAY_PUSH(&contents->files, file, FPS__MAX_CONTAINED);
    contents->no_memory |= status == FPS_ERROR_MEMORY;
    if (status == FPS_ERROR_LIMIT)
        fps__contents_fault(contents, "it lists more than 1,048,576 files; the rest was left out");
    return status == FPS_OK;
}

bool fps__contents_add_plain(fps__contents *contents, fps__span data, const char *name, uint64_t offset,
                             uint64_t size)
{
    const fps__contained file = {.name = name, .offset = offset, .size = size, .unpacked = size};
    return fps__contents_add(contents, data, &file);
}

bool fps__contents_add_stream(fps__contents *contents, fps__span data, uint64_t offset, fps__storage storage)
{
    contents->single = true;
    contents->end = offset;
    const fps__contained file = {
        .name = "", .offset = offset, .size = data.size - offset, .unpacked = UINT64_MAX, .storage = storage};
    return fps__contents_add(contents, data, &file);
}

/* ---- unpacking ---- */

/* Gives a block on, and counts it: a file must not unpack to more than it says. */
static fps_status give(const fps__contained *file, uint64_t *given, fps__span block,
                       const fps__contents_sink *sink, fps_error *error)
{
    if (block.size > file->unpacked - *given)
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, file->offset,
                         "unpacks to more than the %llu bytes that it says",
                         (unsigned long long)file->unpacked);
    *given += block.size;
    return block.size ? sink->take(sink->user, block, error) : FPS_OK;
}

static fps_status damaged(const fps__contained *file, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, file->offset,
                     "the compressed data of a file is damaged");
}

/* Where the stream ended, of a container that is nothing else; some of its bytes may wait in the state. */
static void end_at(fps__contents *contents, fps__span data, const struct inflate_state *state)
{
    if (contents->single)
        contents->end = (uint64_t)(state->next_in - data.data) - (uint64_t)state->read_in_length / 8;
}

static fps_status inflate_file(fps__contents *contents, const fps__contained *file, fps__span data,
                               uint8_t *room, const fps__contents_sink *sink, fps_error *error)
{
    fps__span packed = fps__span_part(data, file->offset, file->size);
    struct inflate_state *state = malloc(sizeof *state);
    fps_status status = state ? FPS_OK : fps__fail_memory(error);
    uint64_t given = 0;
    bool more = state;
    if (state) {
        isal_inflate_init(state);
        state->crc_flag = file->storage == FPS__STORED_ZLIB ? ISAL_ZLIB : ISAL_DEFLATE;
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
    if (!status)
        end_at(contents, data, state);
    free(state);
    return status;
}

static fps_status unpack_zstd(const fps__contained *file, fps__span packed, uint8_t *room,
                              const fps__contents_sink *sink, fps_error *error)
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

static fps_status unpack_pieces(const fps__contents *contents, const fps__contained *file, fps__span data,
                                const fps__contents_sink *sink, fps_error *error)
{
    fps_status status = FPS_OK;
    uint64_t given = 0;
    for (size_t i = 0; !status && i < file->pieces; i++) {
        const fps__contents_piece *piece = &contents->pieces.items[file->piece + i];
        fps__span block = fps__span_part(data, piece->offset, piece->size);
        status = give(file, &given, block, sink, error);
    }
    return status;
}

fps_status fps__contents_unpack(fps__contents *contents, const fps__contained *file, fps__span data,
                                const fps__contents_sink *sink, fps_error *error)
{
    fps__span packed = fps__span_part(data, file->offset, file->size);
    uint64_t given = 0;
    switch (file->storage) {
    case FPS__STORED_PLAIN:
        return give(file, &given, packed, sink, error);
    case FPS__STORED_PIECES:
        return unpack_pieces(contents, file, data, sink, error);
    case FPS__STORED_LZOP:
        return fps__lzop_unpack(packed, sink, error);
    case FPS__STORED_BASE64:
    case FPS__STORED_UUENCODED:
        return fps__letters_unpack(packed, file->storage == FPS__STORED_UUENCODED, sink, &contents->end,
                                   error);
    case FPS__STORED_SECRET:
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "encrypted file in the archive");
    default:
        break;
    }
    uint8_t *room = malloc(BLOCK);
    if (!room)
        return fps__fail_memory(error);
    fps_status status = file->storage == FPS__STORED_ZSTD
                            ? unpack_zstd(file, packed, room, sink, error)
                            : inflate_file(contents, file, data, room, sink, error);
    free(room);
    return status;
}
