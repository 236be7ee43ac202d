/* Compound files ([MS-CFB]), in which Windows Installer and others keep streams: cabinets above all.
 *
 * A header of 512 bytes, then sectors. A table (FAT) names for each sector the next one of its chain; the header and a chain of
 * sectors of its own (DIFAT) say where that table lies. Entries of the directory, 128 bytes each, have a name, a first sector and a
 * size. What is smaller than a limit lies in small sectors, inside the stream of the first entry, with a table of their own. */
#include "archive/contents.h"

#include <stdlib.h>

enum {
    HEADER = 512,
    ENTRY = 128,
    IN_HEADER = 109, /* sectors of the table that the header names */
    STREAM = 2,
    ROOT = 5,
    SMALL_SHIFT = 6,
    CUTOFF = 4096,
    MAX_PIECES = 1 << 22,
    MAX_ENTRIES = 1 << 16,
};
static const uint32_t LAST = 0xfffffffa; /* numbers from here on are no sectors: end of a chain, free ... */

static const uint8_t magic[8] = {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1};

bool fps__is_compound(fps__span data)
{
    if (!fps__span_has(data, 0, HEADER) || memcmp(data.data, magic, sizeof magic) != 0)
        return false;
    uint16_t major = fps__get16le(data.data + 26), shift = fps__get16le(data.data + 30);
    return fps__get16le(data.data + 28) == 0xfffe && fps__get16le(data.data + 32) == SMALL_SHIFT &&
           ((major == 3 && shift == 9) || (major == 4 && shift == 12));
}

typedef struct compound {
    fps__contents *contents;
    fps__span data;
    unsigned shift;
    uint32_t sectors; /* that the data has, the last one perhaps not whole */
    uint32_t *next;   /* the table; `sectors` numbers */
    uint8_t *used;    /* by sector */
    uint64_t work;    /* sectors that may still be followed: those of sound chains do not cross */
    FPS__ARRAY(uint32_t) small_table;
    FPS__ARRAY(uint32_t) small_stream; /* sectors of the stream that small sectors lie in */
} compound;

static uint64_t place_of(const compound *c, uint32_t sector)
{
    return ((uint64_t)sector + 1) << c->shift;
}

/* Sector `at` of the table has the numbers of 2^shift / 4 sectors. */
static void load_table_sector(compound *c, uint32_t sector, uint64_t at)
{
    uint64_t count = ((uint64_t)1 << c->shift) / 4, first = at * count;
    fps__span bytes = fps__span_part(c->data, place_of(c, sector), count * 4);
    if (sector < c->sectors)
        c->used[sector] = 1;
    if (!bytes.data) {
        fps__contents_fault(c->contents, "its table of sectors lies outside of it");
        return;
    }
    for (uint64_t i = 0; i < count && first + i < c->sectors; i++)
        c->next[first + i] = fps__get32le(bytes.data + i * 4);
}

/* Loads the table: 109 of its sectors are named by the header, the others by sectors of a chain. */
static void load_table(compound *c)
{
    const uint8_t *p = c->data.data;
    uint64_t per_sector = ((uint64_t)1 << c->shift) / 4, at = 0;
    for (size_t i = 0; i < IN_HEADER; i++)
        if (fps__get32le(p + 76 + i * 4) < LAST)
            load_table_sector(c, fps__get32le(p + 76 + i * 4), at++);
    uint32_t sector = fps__get32le(p + 68);
    for (uint32_t steps = 0; sector < LAST && steps < c->sectors; steps++) {
        fps__span list = fps__span_part(c->data, place_of(c, sector), per_sector * 4);
        if (!list.data) {
            fps__contents_fault(c->contents, "its table of sectors lies outside of it");
            return;
        }
        c->used[sector] = 1;
        for (uint64_t i = 0; i + 1 < per_sector && at * per_sector < c->sectors; i++)
            if (fps__get32le(list.data + i * 4) < LAST)
                load_table_sector(c, fps__get32le(list.data + i * 4), at++);
        sector = fps__get32le(list.data + (per_sector - 1) * 4);
    }
}

/* Follows a chain; false at the end of it, at a sector that is not there, and where it goes round. */
static bool step(compound *c, uint32_t *sector, uint32_t *steps)
{
    if (*sector >= c->sectors || (*steps)++ >= c->sectors || !c->work) {
        if (*sector < LAST)
            fps__contents_fault(c->contents, "a chain of sectors is damaged");
        return false;
    }
    c->used[*sector] = 1;
    c->work--;
    return true;
}

/* Adds a piece to the file that is being made; one behind the last one makes that longer. */
static bool add_piece(compound *c, size_t first, uint64_t offset, uint64_t size)
{
    fps__contents *contents = c->contents;
    fps__contents_piece *last =
        contents->pieces.count > first ? &contents->pieces.items[contents->pieces.count - 1] : NULL;
    if (!fps__span_has(c->data, offset, size)) {
        fps__contents_fault(contents, "a stream ends outside of it");
        return false;
    }
    if (last && last->offset + last->size == offset) {
        last->size += size;
        return true;
    }
    const fps__contents_piece piece = {offset, size};
    fps_status status = FPS__ARRAY_PUSH(&contents->pieces, &piece, MAX_PIECES);
    contents->no_memory |= status == FPS_ERROR_MEMORY;
    if (status == FPS_ERROR_LIMIT)
        fps__contents_fault(contents, "its streams have too many pieces; the rest was left out");
    return status == FPS_OK;
}

/* The name of an entry. Windows Installer writes two characters of 64 in one (0x3800 and above), one (0x4800 and above), and a mark
 * of its tables (0x4840). */
static const char *name_of(fps__contents *contents, const uint8_t *entry)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    char text[32 * 3 + 1];
    size_t size = 0, units = fps__get16le(entry + 64) / 2;
    for (size_t i = 0; i + 1 < units && i < 31; i++) {
        uint32_t c = fps__get16le(entry + i * 2);
        if (c >= 0x3800 && c < 0x4800) {
            text[size++] = letters[(c - 0x3800) & 63];
            text[size++] = letters[((c - 0x3800) >> 6) & 63];
        } else if (c >= 0x4800 && c < 0x4840) {
            text[size++] = letters[c - 0x4800];
        } else if (c == 0x4840) {
            text[size++] = '!';
        } else {
            text[size++] = c > ' ' && c < 0x7f && c != '/' ? (char)c : '_';
        }
    }
    return fps__contents_text(contents, (fps__span){(uint8_t *)text, size});
}

/* The pieces of a stream in whole sectors. */
static void cut_stream(compound *c, size_t first, uint32_t sector, uint64_t size)
{
    uint64_t whole = (uint64_t)1 << c->shift;
    uint32_t steps = 0;
    while (size && step(c, &sector, &steps)) {
        uint64_t part = size < whole ? size : whole;
        if (!add_piece(c, first, place_of(c, sector), part))
            return;
        size -= part;
        sector = c->next[sector];
    }
}

/* The pieces of one in small sectors. */
static void cut_small(compound *c, size_t first, uint32_t sector, uint64_t size)
{
    const uint64_t small = 1 << SMALL_SHIFT;
    for (; size && sector < c->small_table.count; c->work--) {
        if (!c->work) {
            fps__contents_fault(c->contents, "a chain of sectors is damaged");
            return;
        }
        uint64_t part = size < small ? size : small, at = (uint64_t)sector << SMALL_SHIFT;
        uint64_t whole = at >> c->shift, inside = at & (((uint64_t)1 << c->shift) - 1);
        if (whole >= c->small_stream.count ||
            !add_piece(c, first, place_of(c, c->small_stream.items[whole]) + inside, part))
            return;
        size -= part;
        sector = c->small_table.items[sector];
    }
}

static void take_stream(compound *c, const uint8_t *entry)
{
    uint64_t size = c->shift == 9 ? fps__get32le(entry + 120) : fps__get64le(entry + 120);
    uint32_t sector = fps__get32le(entry + 116);
    size_t first = c->contents->pieces.count;
    if (size < CUTOFF)
        cut_small(c, first, sector, size);
    else
        cut_stream(c, first, sector, size);
    fps__contained file = {.storage = FPS__STORED_PIECES, .piece = first};
    file.pieces = c->contents->pieces.count - first;
    for (size_t i = first; i < c->contents->pieces.count; i++)
        file.size += c->contents->pieces.items[i].size;
    if (file.size < size)
        fps__contents_fault(c->contents, "a stream is shorter than its entry says");
    file.unpacked = file.size;
    file.name = file.size ? name_of(c->contents, entry) : NULL;
    fps__contents_add(c->contents, c->data, &file);
}

/* Keeps the sectors of a chain (`numbers`: what they hold instead). */
static void keep_chain(compound *c, uint32_t sector, bool numbers)
{
    uint32_t steps = 0;
    while (step(c, &sector, &steps)) {
        fps__span bytes = fps__span_part(c->data, place_of(c, sector), (uint64_t)1 << c->shift);
        fps_status status = FPS_OK;
        if (!numbers)
            status = FPS__ARRAY_PUSH(&c->small_stream, &sector, UINT32_MAX);
        for (size_t i = 0; numbers && !status && i + 4 <= bytes.size; i += 4) {
            uint32_t number = fps__get32le(bytes.data + i);
            status = FPS__ARRAY_PUSH(&c->small_table, &number, UINT32_MAX);
        }
        c->contents->no_memory |= status == FPS_ERROR_MEMORY;
        if (status)
            return;
        sector = c->next[sector];
    }
}

/* Goes over the entries of the directory of one type. */
static void walk_directory(compound *c, uint8_t type, void (*take)(compound *c, const uint8_t *entry))
{
    uint32_t sector = fps__get32le(c->data.data + 48), steps = 0;
    size_t entries = 0;
    while (!c->contents->no_memory && step(c, &sector, &steps)) {
        fps__span bytes = fps__span_part(c->data, place_of(c, sector), (uint64_t)1 << c->shift);
        for (size_t at = 0; at + ENTRY <= bytes.size; at += ENTRY)
            if (bytes.data[at + 66] == type && entries++ < MAX_ENTRIES)
                take(c, bytes.data + at);
        sector = c->next[sector];
    }
    if (entries > MAX_ENTRIES)
        fps__contents_fault(c->contents, "it has more than 65,536 streams; the rest was left out");
}

static void take_root(compound *c, const uint8_t *entry)
{
    if (!c->small_stream.count)
        keep_chain(c, fps__get32le(entry + 116), false);
}

/* Sectors of no chain, as far as they hold something: streams that were deleted, or whatever hides there. */
static void add_unused(compound *c)
{
    for (uint32_t from = 0, to; from < c->sectors; from = to + 1) {
        for (to = from; to < c->sectors && !c->used[to];)
            to++;
        uint64_t start = place_of(c, from), end = place_of(c, to);
        end = end < c->data.size ? end : c->data.size;
        if (to > from && end > start) {
            static const char name[] = "unused";
            fps__contents_add_plain(c->contents, c->data,
                                    fps__contents_text(c->contents, (fps__span){(const uint8_t *)name, 6}),
                                    start, end - start);
        }
    }
}

bool fps__list_compound(fps__contents *contents, fps__span data)
{
    compound c = {.contents = contents, .data = data, .shift = fps__get16le(data.data + 30)};
    uint64_t whole = (uint64_t)1 << c.shift;
    uint64_t sectors = data.size > whole ? (data.size - whole + whole - 1) / whole : 0;
    c.sectors = sectors < LAST ? (uint32_t)sectors : (uint32_t)LAST;
    c.work = sectors * 128; /* small sectors, at most 64 to one, are followed too */
    c.next = malloc((c.sectors + (size_t)1) * sizeof *c.next);
    c.used = calloc(c.sectors + (size_t)1, 1);
    contents->gaps_explained = true;
    if (c.next && c.used) {
        memset(c.next, 0xff, (c.sectors + (size_t)1) * sizeof *c.next);
        load_table(&c);
        walk_directory(&c, ROOT, take_root);
        keep_chain(&c, fps__get32le(data.data + 60), true);
        walk_directory(&c, STREAM, take_stream);
        add_unused(&c);
    }
    contents->no_memory |= !c.next || !c.used;
    free(c.next);
    free(c.used);
    free(c.small_table.items);
    free(c.small_stream.items);
    return true;
}
