/* Spans of bytes and bounded little- and big-endian reads; no struct is ever cast over file bytes. */
#ifndef FPS_UTIL_BYTES_H
#define FPS_UTIL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct fps__span {
    const uint8_t *data;
    size_t size;
} fps__span;

/* True when [offset, offset + size) lies inside `span`; no overflow. */
static inline bool fps__span_has(fps__span span, uint64_t offset, uint64_t size)
{
    return offset <= span.size && size <= span.size - offset;
}

/* The part [offset, offset + size) of `span`, empty when it does not lie inside. */
static inline fps__span fps__span_part(fps__span span, uint64_t offset, uint64_t size)
{
    fps__span part = {NULL, 0};
    if (span.data && fps__span_has(span, offset, size)) { /* C knows no NULL + 0 */
        part.data = span.data + offset;
        part.size = (size_t)size;
    }
    return part;
}

static inline uint16_t fps__get16le(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t fps__get32le(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t fps__get64le(const uint8_t *p)
{
    return (uint64_t)fps__get32le(p) | (uint64_t)fps__get32le(p + 4) << 32;
}
static inline uint16_t fps__get16be(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t fps__get32be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}
static inline uint64_t fps__get64be(const uint8_t *p)
{
    return (uint64_t)fps__get32be(p) << 32 | (uint64_t)fps__get32be(p + 4);
}
static inline void fps__put16le(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}
static inline void fps__put32le(uint8_t *p, uint32_t v)
{
    fps__put16le(p, (uint16_t)v);
    fps__put16le(p + 2, (uint16_t)(v >> 16));
}
static inline void fps__put64le(uint8_t *p, uint64_t v)
{
    fps__put32le(p, (uint32_t)v);
    fps__put32le(p + 4, (uint32_t)(v >> 32));
}

#endif
