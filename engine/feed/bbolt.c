/* Reads a bbolt file in memory. */
#include "feed/bbolt.h"

#include "util/error.h"

enum {
    PAGE_HEADER = 16, /* id 8, flags 2, count 2, overflow 4 */
    META_SIZE =
        64, /* magic 4, version 4, page size 4, flags 4, root 16, freelist 8, high water 8, transaction 8, checksum 8 */
    ELEMENT = 16,       /* leaf: flags, position, key size, value size; branch: position, key size, page 8 */
    BUCKET_HEADER = 16, /* root page 8, sequence 8 */
    FLAG_BRANCH = 1,
    FLAG_LEAF = 2,
    FLAG_META = 4,
    LEAF_IS_BUCKET = 1,
    MAX_DEPTH = 32,
};
#define MAGIC UINT32_C(0xED0CDAED)

static fps_status corrupt(uint64_t offset, const char *what, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, offset, "a bbolt file: %s", what);
}

bool fps__bbolt_identify(fps__span bytes)
{
    return bytes.size >= PAGE_HEADER + META_SIZE && fps__get32le(bytes.data + PAGE_HEADER) == MAGIC &&
           fps__get32le(bytes.data + PAGE_HEADER + 4) == 2 && (fps__get16le(bytes.data + 8) & FLAG_META);
}

/* The newer of the two meta pages that is whole. */
fps_status fps__bbolt_open(fps__bbolt *base, fps__span bytes, fps_error *error)
{
    *base = (fps__bbolt){.bytes = bytes};
    if (!fps__bbolt_identify(bytes))
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "not a bbolt file");
    base->page_size = fps__get32le(bytes.data + PAGE_HEADER + 8);
    if (base->page_size < 512 || base->page_size > 1024 * 1024 || bytes.size < 2 * (uint64_t)base->page_size)
        return corrupt(PAGE_HEADER + 8, "a page size that is none", error);
    uint64_t newest = 0;
    bool found = false;
    for (uint64_t i = 0; i < 2; i++) {
        fps__span meta = fps__span_part(bytes, i * base->page_size + PAGE_HEADER, META_SIZE);
        if (!meta.size || fps__get32le(meta.data) != MAGIC || fps__get32le(meta.data + 8) != base->page_size)
            continue;
        uint64_t transaction = fps__get64le(meta.data + 48);
        if (!found || transaction > newest)
            base->root = fps__get64le(meta.data + 16);
        newest = transaction > newest ? transaction : newest;
        found = true;
    }
    base->pages_left = bytes.size / base->page_size + 1;
    return found ? FPS_OK : corrupt(0, "no meta page", error);
}

/* A page with what overflows from it. */
static fps_status get_page(fps__bbolt *base, uint64_t number, fps__span *page, fps_error *error)
{
    if (!base->pages_left)
        return corrupt(UINT64_MAX, "pages in a circle", error);
    base->pages_left--;
    uint64_t pages = base->bytes.size / base->page_size;
    if (number < 2 || number >= pages)
        return corrupt(UINT64_MAX, "a page outside of the file", error);
    uint64_t offset = number * base->page_size, overflow = fps__get32le(base->bytes.data + offset + 12);
    if (overflow >= pages - number)
        return corrupt(offset, "a page that is longer than the file", error);
    *page = fps__span_part(base->bytes, offset, (overflow + 1) * base->page_size);
    return FPS_OK;
}

static fps_status visit_leaf(fps__span page, size_t at, fps__bbolt_visit visit, void *user, fps_error *error)
{
    uint32_t flags = fps__get32le(page.data + at), position = fps__get32le(page.data + at + 4);
    uint64_t key_size = fps__get32le(page.data + at + 8), value_size = fps__get32le(page.data + at + 12),
             start = at + position;
    if (!fps__span_has(page, start, key_size + value_size))
        return corrupt(UINT64_MAX, "an element outside of its page", error);
    fps__span key = fps__span_part(page, start, key_size),
              value = fps__span_part(page, start + key_size, value_size);
    if (!(flags & LEAF_IS_BUCKET))
        return visit(user, key, value, NULL, error);
    if (value.size < BUCKET_HEADER)
        return corrupt(UINT64_MAX, "a bucket without a header", error);
    const fps__bbolt_bucket bucket = {.page = fps__get64le(value.data),
                                      .inline_page =
                                          fps__span_part(value, BUCKET_HEADER, value.size - BUCKET_HEADER)};
    return visit(user, key, (fps__span){NULL, 0}, &bucket, error);
}

static fps_status walk_page(fps__bbolt *base, fps__span page, unsigned depth, fps__bbolt_visit visit,
                            void *user, fps_error *error)
{
    if (page.size < PAGE_HEADER || depth > MAX_DEPTH)
        return corrupt(
            UINT64_MAX,
            page.size < PAGE_HEADER ? "a page that is cut off" : "pages too deep inside each other", error);
    uint16_t flags = fps__get16le(page.data + 8), count = fps__get16le(page.data + 10);
    if (!fps__span_has(page, PAGE_HEADER, (uint64_t)count * ELEMENT) || !(flags & (FLAG_BRANCH | FLAG_LEAF)))
        return corrupt(UINT64_MAX, "a page that is no tree's", error);
    fps_status status = FPS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        size_t at = PAGE_HEADER + i * ELEMENT;
        fps__span inner;
        if (flags & FLAG_LEAF)
            status = visit_leaf(page, at, visit, user, error);
        else if (!(status = get_page(base, fps__get64le(page.data + at + 8), &inner, error)))
            status = walk_page(base, inner, depth + 1, visit, user, error);
    }
    return status;
}

fps_status fps__bbolt_walk(fps__bbolt *base, const fps__bbolt_bucket *bucket, fps__bbolt_visit visit,
                           void *user, fps_error *error)
{
    fps__span page = bucket->inline_page;
    fps_status status = bucket->page ? get_page(base, bucket->page, &page, error) : FPS_OK;
    return status ? status : walk_page(base, page, 0, visit, user, error);
}
