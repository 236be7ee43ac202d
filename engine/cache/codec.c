/* Structures as compact bytes and back: numbers, texts, lists, and the frame around them. */
#include "cache/codec.h"

#include "util/error.h"

#include <math.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>
#include <zstd.h>

/* Frame: format (2 bytes), form (1), size of the payload (varint), the payload, packed or not.
 * Payload: number of texts and their bytes (varints), the texts with their NULs, the fields.
 * Text in a field: 0 NULL, 1 the next of the table, 2 + n the n-th: most texts are met once, in order. */
enum {
    FORM_PLAIN = 0,
    FORM_ZSTD = 1,
    LEVEL = 1,              /* level 3 saves 2.5 % and takes 1.3 times as long (bench/micro/bench_cache.c) */
    PACK_LEAST = 64 * 1024, /* bytes: unpacking less costs more than reading it (2 to 5 % of a known root) */
    MAX_RATIO = 1024,       /* a payload that packs better is stored plain: such a frame would be a bomb */
    MAX_SIZE_PAYLOAD = 1 << 30 /* bytes; SQLite's own limit of a value */
};
enum { TEXT_NULL = 0, TEXT_NEXT = 1, TEXT_FIRST = 2 };

void fps__codec_fail(fps__codec *c, fps_status status)
{
    if (c->status == FPS_OK)
        c->status = status;
}

/* ---- bytes ---- */

/* False without memory, and when the buffer would outgrow what the cache keeps: either way the value is not
 * kept, and is found again. */
static bool append(fps__buffer *buffer, const void *data, size_t size)
{
    if (FPS__ARRAY_RESERVE(buffer, size, MAX_SIZE_PAYLOAD) != FPS_OK)
        return false;
    if (size)
        memcpy(buffer->items + buffer->count, data, size);
    buffer->count += size;
    return true;
}

static bool append_number(fps__buffer *buffer, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    for (; value > 0x7f; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    return append(buffer, bytes, size);
}

static void put(fps__codec *c, const void *data, size_t size)
{
    if (c->status == FPS_OK && !append(&c->out, data, size))
        fps__codec_fail(c, FPS_ERROR_MEMORY);
}

static void put_number(fps__codec *c, uint64_t value)
{
    if (c->status == FPS_OK && !append_number(&c->out, value))
        fps__codec_fail(c, FPS_ERROR_MEMORY);
}

/* The next `size` bytes of what is read; NULL after a fault. */
static const uint8_t *take(fps__codec *c, size_t size)
{
    if (c->status == FPS_OK && !fps__span_has(c->body, c->at, size))
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    if (c->status != FPS_OK)
        return NULL;
    const uint8_t *bytes = c->body.data + c->at;
    c->at += size;
    return bytes;
}

static uint64_t take_number(fps__codec *c)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t *byte = take(c, 1);
        if (!byte)
            return 0;
        if (shift == 63 && *byte > 1)
            break;
        value |= (uint64_t)(*byte & 0x7f) << shift;
        if (!(*byte & 0x80))
            return value;
    }
    fps__codec_fail(c, FPS_ERROR_CORRUPT);
    return 0;
}

/* ---- numbers ---- */

uint64_t fps__field_number(fps__codec *c, uint64_t value, uint64_t maximum)
{
    if (!c->reading) {
        put_number(c, value);
        return value;
    }
    value = take_number(c);
    if (value <= maximum)
        return value;
    fps__codec_fail(c, FPS_ERROR_CORRUPT);
    return 0;
}

uint32_t fps__field_u32(fps__codec *c, uint32_t value)
{
    return (uint32_t)fps__field_number(c, (uint32_t)(value + 1), UINT32_MAX) - 1;
}

uint64_t fps__field_offset(fps__codec *c, uint64_t offset)
{
    return fps__field_number(c, offset + 1, UINT64_MAX) - 1;
}

bool fps__field_bool(fps__codec *c, bool value)
{
    return fps__field_number(c, value, 1) != 0;
}

double fps__field_real(fps__codec *c, double value)
{
    uint8_t bytes[8];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    fps__put64le(bytes, bits);
    fps__field_bytes(c, bytes, sizeof bytes);
    bits = fps__get64le(bytes);
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value))
        return value;
    fps__codec_fail(c, FPS_ERROR_CORRUPT);
    return 0;
}

void fps__field_bytes(fps__codec *c, void *bytes, size_t size)
{
    if (!c->reading) {
        put(c, bytes, size);
        return;
    }
    const uint8_t *data = take(c, size);
    if (data)
        memcpy(bytes, data, size);
    else
        memset(bytes, 0, size);
}

fps__span fps__field_span(fps__codec *c, fps__span span)
{
    span.size = (size_t)fps__field_number(c, span.size, SIZE_MAX);
    if (!c->reading)
        put(c, span.data, span.size);
    else
        span.data = take(c, span.size);
    return span.data ? span : (fps__span){NULL, 0};
}

/* ---- texts ---- */

static void put_text(fps__codec *c, const char *text)
{
    if (!text) {
        put_number(c, TEXT_NULL);
        return;
    }
    size_t length = strlen(text);
    uint64_t hash = XXH3_64bits_withSeed(text, length, c->seed);
    if (fps__table_reserve(&c->table, 1) != FPS_OK) {
        fps__codec_fail(c, FPS_ERROR_MEMORY);
        return;
    }
    fps__table_slot *slot;
    FPS__TABLE_FIND(slot, &c->table, hash, id,
                    !strcmp((char *)c->texts_written.items + c->offsets.items[id - 1], text));
    if (slot->id) {
        put_number(c, TEXT_FIRST + slot->id - 1);
        return;
    }
    size_t offset = c->texts_written.count;
    if (!append(&c->texts_written, text, length + 1) ||
        FPS__ARRAY_PUSH(&c->offsets, &offset, UINT32_MAX - 1) != FPS_OK) {
        fps__codec_fail(c, FPS_ERROR_MEMORY);
        return;
    }
    fps__table_add(&c->table, slot, hash, (uint32_t)++c->text_count);
    put_number(c, TEXT_NEXT);
}

static const char *take_text(fps__codec *c)
{
    uint64_t number = take_number(c);
    if (c->status != FPS_OK || number == TEXT_NULL)
        return NULL;
    uint64_t index = number == TEXT_NEXT ? c->text_next++ : number - TEXT_FIRST;
    if (index < c->text_count)
        return c->texts[index];
    fps__codec_fail(c, FPS_ERROR_CORRUPT);
    return NULL;
}

const char *fps__field_text_or_null(fps__codec *c, const char *text)
{
    if (c->reading)
        return take_text(c);
    if (c->status == FPS_OK)
        put_text(c, text);
    return text;
}

const char *fps__field_text(fps__codec *c, const char *text)
{
    text = fps__field_text_or_null(c, text || c->reading ? text : "");
    if (text)
        return text;
    fps__codec_fail(c, FPS_ERROR_CORRUPT);
    return "";
}

/* ---- lists ---- */

size_t fps__field_count(fps__codec *c, const fps__field_type *type, size_t count)
{
    return (size_t)fps__field_number(c, count, (c->body.size - c->at) / type->least);
}

void fps__field_items(fps__codec *c, const fps__field_type *type, void *items, size_t count)
{
    _Alignas(16) uint8_t copy[FPS__MAX_FIELD_ITEM];
    for (size_t i = 0; i < count && c->status == FPS_OK; i++) {
        uint8_t *item = (uint8_t *)items + i * type->size;
        if (!c->reading)
            item = memcpy(copy, item, type->size);
        type->visit(c, item);
    }
}

void *fps__field_list(fps__codec *c, const fps__field_type *type, const void *items, size_t *count)
{
    *count = fps__field_count(c, type, *count);
    if (!c->reading) {
        fps__field_items(c, type, (void *)(uintptr_t)items, *count);
        return NULL;
    }
    void *made = fps__arena_array(c->arena, *count + 1, type->size);
    if (!made)
        fps__codec_fail(c, FPS_ERROR_MEMORY);
    fps__field_items(c, type, made, *count);
    if (c->status != FPS_OK)
        *count = 0;
    return made;
}

/* ---- the frame ---- */

void fps__codec_write(fps__codec *c)
{
    *c = (fps__codec){.status = FPS_OK};
    if (getrandom(&c->seed, sizeof c->seed, 0) != (ssize_t)sizeof c->seed)
        c->seed = (uintptr_t)c;
}

static bool make_payload(fps__codec *c, fps__buffer *payload)
{
    return c->status == FPS_OK && append_number(payload, c->text_count) &&
           append_number(payload, c->texts_written.count) &&
           append(payload, c->texts_written.items, c->texts_written.count) &&
           append(payload, c->out.items, c->out.count);
}

/* Appends the payload packed; false when that does not pay, or without memory. */
static bool append_packed(fps__buffer *out, const fps__buffer *payload)
{
    size_t bound = ZSTD_compressBound(payload->count);
    if (payload->count < PACK_LEAST || FPS__ARRAY_RESERVE(out, bound, SIZE_MAX) != FPS_OK)
        return false;
    size_t size = ZSTD_compress(out->items + out->count, bound, payload->items, payload->count, LEVEL);
    if (ZSTD_isError(size) || size >= payload->count - payload->count / 8 ||
        size < payload->count / MAX_RATIO)
        return false;
    out->count += size;
    return true;
}

static bool append_frame(fps__buffer *out, uint16_t format, const fps__buffer *payload)
{
    const uint8_t head[3] = {(uint8_t)(format >> 8), (uint8_t)format, FORM_ZSTD};
    size_t before = out->count;
    if (append(out, head, sizeof head) && append_number(out, payload->count)) {
        if (append_packed(out, payload))
            return true;
        out->items[before + 2] = FORM_PLAIN;
        if (append(out, payload->items, payload->count))
            return true;
    }
    out->count = before;
    return false;
}

bool fps__codec_write_end(fps__codec *c, uint16_t format, fps__buffer *out)
{
    fps__buffer payload = {0};
    bool good = make_payload(c, &payload) && append_frame(out, format, &payload);
    free(payload.items);
    free(c->out.items);
    free(c->texts_written.items);
    free(c->offsets.items);
    fps__table_free(&c->table);
    return good;
}

/* The payload of a frame as memory of the arena. */
static void open_frame(fps__codec *c, uint16_t format)
{
    const uint8_t *head = take(c, 3);
    if (head && (fps__get16be(head) != format || head[2] > FORM_ZSTD))
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    bool packed = c->status == FPS_OK && head[2] == FORM_ZSTD;
    size_t size = (size_t)fps__field_number(c, 0, MAX_SIZE_PAYLOAD), left = c->body.size - c->at;
    if (packed ? size / MAX_RATIO > left : size != left)
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    uint8_t *memory = c->status == FPS_OK ? fps__arena_alloc(c->arena, size) : NULL;
    if (!memory) {
        fps__codec_fail(c, FPS_ERROR_MEMORY);
        return;
    }
    if (!packed && size)
        memcpy(memory, c->body.data + c->at, size);
    if (packed && ZSTD_decompress(memory, size, c->body.data + c->at, left) != size)
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    c->body = (fps__span){memory, size};
    c->at = 0;
}

static void read_texts(fps__codec *c)
{
    size_t count = (size_t)fps__field_number(c, 0, c->body.size),
           size = (size_t)fps__field_number(c, 0, c->body.size);
    const char *text = (const char *)take(c, size);
    if (c->status != FPS_OK)
        return;
    c->texts = fps__arena_array(c->arena, count, sizeof *c->texts);
    if (!c->texts) {
        fps__codec_fail(c, FPS_ERROR_MEMORY);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *end = memchr(text, '\0', size);
        if (!end) {
            fps__codec_fail(c, FPS_ERROR_CORRUPT);
            return;
        }
        c->texts[i] = text;
        size -= (size_t)(end + 1 - text);
        text = end + 1;
    }
    if (size)
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    c->text_count = count;
}

void fps__codec_read(fps__codec *c, fps__span bytes, uint16_t format, fps__arena *arena)
{
    *c = (fps__codec){.reading = true, .arena = arena, .body = bytes};
    open_frame(c, format);
    if (c->status == FPS_OK)
        read_texts(c);
}

fps_status fps__codec_read_end(fps__codec *c, fps_error *error)
{
    if (c->status == FPS_OK && c->at != c->body.size)
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    if (c->status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    if (c->status != FPS_OK)
        return fps__fail(error, c->status, NULL, UINT64_MAX, "a kept result is damaged");
    return FPS_OK;
}
