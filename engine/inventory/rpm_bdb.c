/* Reads Packages, a hash database of Berkeley DB: every pair of package number and header on its pages.
 *
 * Numbers have the byte order of the machine that wrote it. Page 0 describes the database; every page begins
 * with 26 bytes (log position, own number, previous and next page, entries, offset of free space, level,
 * type). A hash page then has 16-bit offsets of its items, which fill the page from its end: keys at even
 * places, values at odd ones. A value that does not fit is a chain of overflow pages. Buckets need not be
 * known: each page that is in use says what it is. The format: dbinc/db_page.h of Berkeley DB 4.
 */
#include "inventory/rpm.h"

#include "util/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    META_SIZE = 72, /* the part of page 0 that is the same for all kinds of database */
    HASH_MAGIC = 0x061561,
    VERSION_FIRST = 5,     /* Berkeley DB 3.0 */
    VERSION_LAST_PAGE = 8, /* Berkeley DB 4.1: the first page knows the last one */
    VERSION_LAST = 10,
    MAX_PAGES = 1 << 30,
    PAGE_MIN = 512,
    MAX_PAGE = 65536,
    META_CHECKSUMS = 1, /* flag: pages have checksums, and longer headers */
    PAGE_HEADER = 26,
    ITEM_OFF_PAGE_SIZE = 12,
    NUMBER_SIZE = 4,               /* of a package */
    MAX_VALUE = 257 * 1024 * 1024, /* a header of rpm has at most 256 MiB of data and 1 MiB of index */
};

typedef enum page_type {
    PAGE_HASH_UNSORTED = 2,
    PAGE_OVERFLOW = 7,
    PAGE_HASH = 13,
} page_type;

typedef enum item_type {
    ITEM_DATA = 1,
    ITEM_DUPLICATES = 2,
    ITEM_OFF_PAGE = 3,
} item_type;

typedef struct hash_reader {
    fps__span bytes;
    uint32_t page_size, page_count;
    bool big_endian;
    uint8_t *used; /* a bit for each page that is part of some value: no page is part of two */
    const fps__rpm_visitor *visitor;
    FPS__ARRAY(uint8_t) value; /* what was put together last */
} hash_reader;

static uint16_t get16(const hash_reader *reader, const uint8_t *at)
{
    return reader->big_endian ? fps__get16be(at) : fps__get16le(at);
}

static uint32_t get32(const hash_reader *reader, const uint8_t *at)
{
    return reader->big_endian ? fps__get32be(at) : fps__get32le(at);
}

static fps__span page_at(const hash_reader *reader, uint32_t number)
{
    return fps__span_part(reader->bytes, (uint64_t)number * reader->page_size, reader->page_size);
}

/* ---- the first page ---- */

static fps_status read_meta(hash_reader *reader, fps_error *error)
{
    fps__span meta = fps__span_part(reader->bytes, 0, META_SIZE);
    if (!meta.size)
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not a Berkeley DB hash database");
    reader->big_endian = fps__get32be(meta.data + 12) == HASH_MAGIC;
    if (get32(reader, meta.data + 12) != HASH_MAGIC)
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, 12, "not a Berkeley DB hash database");
    uint32_t version = get32(reader, meta.data + 16), size = get32(reader, meta.data + 20);
    if (version < VERSION_FIRST || version > VERSION_LAST)
        return fps__fail(error, FPS_ERROR_VERSION, NULL, 16, "Berkeley DB hash database of version %" PRIu32,
                         version);
    if (size < PAGE_MIN || size > MAX_PAGE || size & (size - 1))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, 20, "Berkeley DB pages of %" PRIu32 " bytes", size);
    if (meta.data[24] || meta.data[26] & META_CHECKSUMS)
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, 24,
                         "Berkeley DB database with encryption or checksums");
    uint64_t pages = reader->bytes.size / size, wanted = (uint64_t)get32(reader, meta.data + 32) + 1;
    reader->page_size = size;
    reader->page_count = (uint32_t)(pages < MAX_PAGES ? pages : MAX_PAGES);
    if (version >= VERSION_LAST_PAGE && pages < wanted)
        reader->visitor->fault(reader->visitor->user, "the database is cut short");
    return FPS_OK;
}

/* ---- values ---- */

static bool is_used(const hash_reader *reader, uint32_t number)
{
    return reader->used[number / 8] & 1u << number % 8;
}

/* Appends what one overflow page holds. Says what is wrong, NULL when nothing is. */
static const char *append_overflow(hash_reader *reader, uint32_t number, uint32_t left, uint32_t *next)
{
    fps__span page = page_at(reader, number);
    if (number >= reader->page_count || page.data[25] != PAGE_OVERFLOW)
        return "leads to a page that is no overflow page";
    if (is_used(reader, number))
        return "shares overflow pages";
    reader->used[number / 8] |= (uint8_t)(1u << number % 8);
    fps__span part = fps__span_part(page, PAGE_HEADER, get16(reader, page.data + 22));
    if (!part.size || part.size > left)
        return "has overflow pages of another length";
    memcpy(reader->value.items + reader->value.count, part.data, part.size);
    reader->value.count += part.size;
    *next = get32(reader, page.data + 16);
    return NULL;
}

/* Puts a chain of overflow pages together. */
static const char *read_chain(hash_reader *reader, fps__span item, fps_status *status)
{
    if (item.size < ITEM_OFF_PAGE_SIZE)
        return "is cut short";
    uint32_t number = get32(reader, item.data + 4), length = get32(reader, item.data + 8);
    if (length > MAX_VALUE || length > reader->bytes.size)
        return "is longer than the database";
    reader->value.count = 0;
    *status = FPS__ARRAY_RESERVE(&reader->value, length, MAX_VALUE);
    if (*status)
        return NULL;
    while (reader->value.count < length) {
        const char *wrong = append_overflow(reader, number, length - (uint32_t)reader->value.count, &number);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static fps_status give(const hash_reader *reader, const uint8_t *bytes, size_t size)
{
    bool more = reader->visitor->header(reader->visitor->user, (fps__span){bytes, size});
    return more ? FPS_OK : FPS_ERROR_CANCELLED;
}

/* Several values of one key stand in one item, each between two copies of its length. */
static const char *give_duplicates(const hash_reader *reader, fps__span item, fps_status *status)
{
    for (uint64_t at = 1; at < item.size && !*status;) {
        fps__span length = fps__span_part(item, at, 2);
        uint32_t size = length.size ? get16(reader, length.data) : UINT32_MAX;
        fps__span value = fps__span_part(item, at + 2, size);
        if (value.size != size)
            return "has a value that is cut short";
        *status = give(reader, value.data, value.size);
        at += (uint64_t)size + 4;
    }
    return NULL;
}

/* Gives the header, or headers, that one item stands for. */
static const char *give_item(hash_reader *reader, fps__span item, fps_status *status)
{
    switch (item.data[0]) {
    case ITEM_DATA:
        *status = give(reader, item.data + 1, item.size - 1);
        return NULL;
    case ITEM_DUPLICATES:
        return give_duplicates(reader, item, status);
    case ITEM_OFF_PAGE: {
        const char *wrong = read_chain(reader, item, status);
        if (!wrong && !*status)
            *status = give(reader, reader->value.items, reader->value.count);
        return wrong;
    }
    default:
        return "is stored in a way that rpm does not use";
    }
}

/* ---- pages ---- */

/* Item `index` of a hash page: it lies in front of the one before it. Empty when it does not. */
static fps__span item_at(const hash_reader *reader, fps__span page, uint32_t index)
{
    const uint8_t *offset = page.data + PAGE_HEADER + 2 * index;
    uint32_t start = get16(reader, offset), end = index ? get16(reader, offset - 2) : (uint32_t)page.size;
    if (start >= end)
        return (fps__span){NULL, 0};
    return fps__span_part(page, start, end - start);
}

static void tell(const hash_reader *reader, uint32_t page, const char *wrong)
{
    char message[128];
    snprintf(message, sizeof message, "a package on page %" PRIu32 " %s", page, wrong);
    reader->visitor->fault(reader->visitor->user, message);
}

/* Package 0 is no package: its value is the number of the next one. */
static bool is_counter(const hash_reader *reader, fps__span key)
{
    return key.size == 1 + NUMBER_SIZE && key.data[0] == ITEM_DATA && !get32(reader, key.data + 1);
}

static fps_status read_page(hash_reader *reader, uint32_t number)
{
    fps__span page = page_at(reader, number);
    if (page.data[25] != PAGE_HASH && page.data[25] != PAGE_HASH_UNSORTED)
        return FPS_OK;
    uint32_t entries = get16(reader, page.data + 20), room = (reader->page_size - PAGE_HEADER) / 2;
    if (entries > room || entries % 2)
        tell(reader, number, "has no place");
    entries = entries > room ? 0 : entries & ~1u;
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < entries && !status; i += 2) {
        fps__span key = item_at(reader, page, i), item = item_at(reader, page, i + 1);
        const char *wrong = key.size && item.size ? NULL : "has no place";
        if (!wrong && is_counter(reader, key))
            continue;
        if (!wrong)
            wrong = give_item(reader, item, &status);
        if (wrong)
            tell(reader, number, wrong);
    }
    return status;
}

/* Pages of values that nothing leads to: what led there is damaged. */
static void tell_lost(const hash_reader *reader)
{
    uint32_t lost = 0;
    for (uint32_t number = 1; number < reader->page_count; number++)
        lost += page_at(reader, number).data[25] == PAGE_OVERFLOW && !is_used(reader, number);
    char message[96];
    snprintf(message, sizeof message, "%" PRIu32 " pages belong to packages that were not found", lost);
    if (lost)
        reader->visitor->fault(reader->visitor->user, message);
}

fps_status fps__rpm_read_bdb(fps__span database, const fps__rpm_visitor *visitor, fps_error *error)
{
    hash_reader reader = {.bytes = database, .visitor = visitor};
    fps_status status = read_meta(&reader, error);
    if (status)
        return status;
    reader.used = calloc(reader.page_count / 8 + 1, 1);
    if (!reader.used)
        return fps__fail_memory(error);
    for (uint32_t number = 1; number < reader.page_count && !status; number++)
        status = read_page(&reader, number);
    if (!status)
        tell_lost(&reader);
    free(reader.used);
    free(reader.value.items);
    if (status == FPS_ERROR_MEMORY)
        return fps__fail_memory(error);
    return status ? fps__fail(error, status, NULL, UINT64_MAX, "stopped") : FPS_OK;
}
