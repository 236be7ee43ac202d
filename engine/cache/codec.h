/* Structures as compact bytes and back, by one description of each that serves both ways.
 *
 *   static void visit_thing(fps__codec *c, void *item)
 *   {
 *       thing *t = item;
 *       t->size = fps__field_number(c, t->size, UINT64_MAX);     writes the field, or reads it
 *       t->name = fps__field_text(c, t->name);
 *   }
 *
 *   fps__codec_write(&c); visit_thing(&c, &copy); fps__codec_write_end(&c, FORMAT, &out)
 *   fps__codec_read(&c, bytes, FORMAT, &arena); visit_thing(&c, &thing); fps__codec_read_end(&c, &error)
 *
 * Numbers are varints (LEB128), equal texts are stored once, and all of it is compressed by zstd where that
 * pays. A reading trusts nothing: each length, count, index and range is checked, and after the first fault
 * every further field reads as zero. One thread.
 */
#ifndef FPS_CACHE_CODEC_H
#define FPS_CACHE_CODEC_H

#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/table.h"

#include <fpscan/status.h>

typedef FPS__ARRAY(uint8_t) fps__buffer;

typedef struct fps__codec {
    bool reading;
    fps_status status; /* the first failure; FPS_OK so far */
    size_t text_count, text_next;
    /* reading */
    fps__arena *arena;
    fps__span body;
    size_t at;
    const char **texts;
    /* writing */
    fps__buffer out, texts_written; /* the fields, and all texts with their NUL */
    FPS__ARRAY(size_t) offsets;
    fps__table table; /* ids: place in the table of texts, plus one */
    uint64_t seed;    /* of the hashes: texts are from scanned files, which could choose collisions */
} fps__codec;

/* An element of a list. */
typedef struct fps__field_type {
    size_t size;  /* bytes in memory, at most FPS__MAX_FIELD_ITEM */
    size_t least; /* bytes that it has at least when stored, above 0: bounds what a damaged count allocates */
    void (*visit)(fps__codec *c, void *item);
} fps__field_type;
enum { FPS__MAX_FIELD_ITEM = 512 };

void fps__codec_write(fps__codec *c);
/* Appends all that was written to `out`, behind `format` (kind in the high byte, version in the low one), and
 * frees the codec's memory; false without memory, `out` is unchanged then. */
bool fps__codec_write_end(fps__codec *c, uint16_t format, fps__buffer *out);
/* Everything that is read lives in `arena`; `bytes` are not needed afterwards. */
void fps__codec_read(fps__codec *c, fps__span bytes, uint16_t format, fps__arena *arena);
/* FPS_ERROR_CORRUPT also when something is left over; FPS_ERROR_MEMORY. */
fps_status fps__codec_read_end(fps__codec *c, fps_error *error);
/* Remembers a failure that the caller met: the first one counts. */
void fps__codec_fail(fps__codec *c, fps_status status);

/* Each writes the value that it is given and returns it, or returns the value read, which is zero after a
 * fault. */
uint64_t fps__field_number(fps__codec *c, uint64_t value, uint64_t maximum);
uint32_t fps__field_u32(fps__codec *c, uint32_t value);     /* UINT32_MAX, "none", takes one byte */
uint64_t fps__field_offset(fps__codec *c, uint64_t offset); /* the same for UINT64_MAX */
bool fps__field_bool(fps__codec *c, bool value);
double fps__field_real(fps__codec *c, double value); /* finite */
const char *fps__field_text(fps__codec *c,
                            const char *text); /* never NULL when read; NULL is written as "" */
const char *fps__field_text_or_null(fps__codec *c, const char *text);
void fps__field_bytes(fps__codec *c, void *bytes, size_t size); /* of a size that is known */
fps__span fps__field_span(fps__codec *c, fps__span span);
/* A list; what is read lies in the arena, with one zeroed item behind it (a list of texts is NULL-ended). */
void *fps__field_list(fps__codec *c, const fps__field_type *type, const void *items, size_t *count);
/* The same in two steps, for memory of the caller's: how many items, and the items. */
size_t fps__field_count(fps__codec *c, const fps__field_type *type, size_t count);
void fps__field_items(fps__codec *c, const fps__field_type *type, void *items, size_t count);

#endif
