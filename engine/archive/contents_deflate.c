/* Streams of deflate that no archive is around: those of zlib (RFC 1950), and Alpine's packages of version 3, whose whole is one. */
#include "archive/contents.h"

#include "archive/archive_form.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

enum { ZLIB_HEADER = 2, ADB_MAGIC = 4, HEAD = 1024 }; /* bytes; what is unpacked to see what a stream holds */

/* ---- zlib ---- */

/* RFC 1950, 2.2: method 8, a window of at most 32 KiB, no dictionary, and a check over both bytes. The first block has a type
 * that there is, and as many codes (RFC 1951, 3.2.3 to 3.2.7). Two bytes alone stand everywhere. */
static bool has_zlib_header(fps__span data)
{
    enum { LEAST = 8 };
    if (!fps__span_has(data, 0, LEAST) || fps__get16be(data.data) % 31 || (data.data[0] & 0x8f) != 8 ||
        (data.data[1] & 0x20))
        return false;
    uint32_t bits = fps__get32le(data.data + ZLIB_HEADER);
    unsigned type = bits >> 1 & 3;
    uint16_t size = fps__get16le(data.data + ZLIB_HEADER + 1);
    uint16_t inverse = fps__get16le(data.data + ZLIB_HEADER + 3);
    if (type == 0)
        return (size ^ inverse) == 0xffff;
    return type == 1 || (type == 2 && (bits >> 3 & 31) < 30 && (bits >> 8 & 31) < 30);
}

/* True when the stream begins with a program or an archive: most are pictures and text, and of no use. */
bool fps__is_zlib(fps__span data)
{
    enum { LOOKED_AT = 4096 };
    uint8_t head[HEAD];
    if (!has_zlib_header(data))
        return false;
    struct inflate_state *state = malloc(sizeof *state);
    if (!state)
        return false; /* what needs memory fails soon enough */
    isal_inflate_init(state);
    state->crc_flag = ISAL_ZLIB;
    state->next_in = (uint8_t *)data.data; /* is only read */
    state->avail_in = data.size < LOOKED_AT ? (uint32_t)data.size : LOOKED_AT;
    state->next_out = head;
    state->avail_out = HEAD;
    int result = isal_inflate(state);
    fps__span bytes = {head, HEAD - state->avail_out};
    free(state);
    return (result == ISAL_DECOMP_OK || result == ISAL_END_INPUT || result == ISAL_OUT_OVERFLOW ||
            result == ISAL_INCORRECT_CHECKSUM) &&
           fps__begins_content(bytes);
}

bool fps__list_zlib(fps__contents *contents, fps__span data)
{
    return fps__contents_add_stream(contents, data, 0, FPS__STORED_ZLIB);
}

/* ---- Alpine's packages of version 3 ---- */

/* apk-tools, src/adb.c: "ADBd", and a stream of deflate behind it. Others are as they are ("ADB."), or a zstd stream ("ADBc"), which is
 * found inside. */
bool fps__is_adb(fps__span data)
{
    return fps__span_has(data, 0, ADB_MAGIC + 1) && memcmp(data.data, "ADBd", ADB_MAGIC) == 0 &&
           (data.data[ADB_MAGIC] >> 1 & 3) != 3;
}

bool fps__list_adb(fps__contents *contents, fps__span data)
{
    return fps__contents_add_stream(contents, data, ADB_MAGIC, FPS__STORED_DEFLATE);
}
