/* Programs that carry an application behind their end or inside of them: PyInstaller, Nuitka, .NET, Deno, Bun, Node.js. */
#include "archive/contents.h"

#include "util/mark_search.h"

#include <stdio.h>
#include <zstd.h>

static const char *number_name(fps__contents *contents, const char *stem, uint64_t number)
{
    char name[40];
    int size = snprintf(name, sizeof name, "%s%llu", stem, (unsigned long long)number);
    return fps__contents_text(contents, (fps__span){(uint8_t *)name, (size_t)size});
}

static const char *fixed_name(fps__contents *contents, const char *name)
{
    return fps__contents_text(contents, (fps__span){(const uint8_t *)name, strlen(name)});
}

/* The last place of a mark; NULL where it is not. */
static const uint8_t *find_last(fps__span data, const void *mark, size_t size)
{
    const uint8_t *found = NULL, *next = data.data;
    size_t left = data.size;
    while (left >= size && (next = memmem(next, left, mark, size))) {
        found = next++;
        left = data.size - (size_t)(next - data.data);
    }
    return found;
}

/* Marks that may stand anywhere in a program. */
static const uint8_t pyinstaller_mark[8] = {'M', 'E', 'I', 014, 013, 012, 013, 016};
static const uint8_t dotnet_mark[32] = {0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93,
                                        0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae,
                                        0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae};
static const uint8_t nuitka_mark[] = {'A',  'Y',  0x28,
                                      0xb5, 0x2f, 0xfd};         /* without its 'K': this program is none */
enum { PYINSTALLER = 1 << 0, DOTNET = 1 << 1, NUITKA = 1 << 2 }; /* by their bits, in this order */

/* False when the mark of this bit is nowhere in the data: hardly any program is a bundle, and one pass tells that of all. */
static bool may_hold(fps__contents *contents, fps__span data, unsigned bit)
{
    static const fps__mark marks[] = {{pyinstaller_mark, sizeof pyinstaller_mark},
                                      {dotnet_mark, sizeof dotnet_mark},
                                      {nuitka_mark, sizeof nuitka_mark}};
    if (!contents->searched) {
        fps__mark_search search;
        fps__mark_search_init(&search, marks, sizeof marks / sizeof *marks);
        contents->marks = fps__mark_search_run(&search, data, 0);
        contents->searched = true;
    }
    return contents->marks & bit;
}

/* ---- PyInstaller (PyInstaller, bootloader/src/pyi_archive.h) ----
 *
 * A cookie near the end: magic (8), size of the archive with it, offset and size of the table of contents, version of Python: 4
 * bytes each, big-endian; name of the library (64). Offsets count from the start of the archive. An entry of the table: its own
 * size, offset, packed size, unpacked size (4 each), whether it is packed by zlib, its type, and the name. */

enum { COOKIE = 88, OLD_COOKIE = 24, PYI_ENTRY = 18 };

static bool add_pyi_entry(fps__contents *contents, fps__span data, uint64_t base, fps__span entry)
{
    const uint8_t *p = entry.data;
    fps__contained file = {.offset = base + fps__get32be(p + 4),
                           .size = fps__get32be(p + 8),
                           .unpacked = fps__get32be(p + 12),
                           .storage = p[16] == 1 ? FPS__STORED_ZLIB : FPS__STORED_PLAIN};
    char type = (char)p[17];
    if (p[16] > 1)
        file.storage = FPS__STORED_SECRET;
    if (type == 'o' || type == 'd' || !file.size) /* an option of the loader, a name of another bundle */
        return true;
    if (file.storage == FPS__STORED_PLAIN)
        file.unpacked = file.size;
    file.name = fps__contents_text(contents, fps__span_part(entry, PYI_ENTRY, entry.size - PYI_ENTRY));
    return fps__contents_add(contents, data, &file);
}

static bool list_pyi(fps__contents *contents, fps__span data, uint64_t cookie, uint64_t cookie_size)
{
    const uint8_t *p = data.data + cookie;
    uint64_t size = fps__get32be(p + 8), table = fps__get32be(p + 12), left = fps__get32be(p + 16);
    if (size > cookie + cookie_size || size < cookie_size || table > size || left > size - table ||
        left < PYI_ENTRY)
        return false;
    uint64_t base = cookie + cookie_size - size;
    fps__span rest = fps__span_part(data, base + table, left);
    contents->start = contents->body = base;
    contents->end = cookie + cookie_size;
    while (rest.size) {
        uint64_t entry = rest.size >= PYI_ENTRY ? fps__get32be(rest.data) : 0;
        if (entry <= PYI_ENTRY || entry > rest.size) {
            fps__contents_fault(contents, "its table of contents is damaged");
            break;
        }
        if (!add_pyi_entry(contents, data, base, fps__span_part(rest, 0, entry)))
            break;
        rest = fps__span_part(rest, entry, rest.size - entry);
    }
    return contents->files.count || contents->fault;
}

bool fps__list_pyinstaller(fps__contents *contents, fps__span data)
{
    const uint8_t *found = may_hold(contents, data, PYINSTALLER)
                               ? find_last(data, pyinstaller_mark, sizeof pyinstaller_mark)
                               : NULL;
    uint64_t cookie = found ? (uint64_t)(found - data.data) : 0;
    if (!found || !fps__span_has(data, cookie, OLD_COOKIE))
        return false;
    return (fps__span_has(data, cookie, COOKIE) && list_pyi(contents, data, cookie, COOKIE)) ||
           list_pyi(contents, data, cookie, OLD_COOKIE);
}

/* ---- Nuitka's "onefile" (nuitka, build/static_src/OnefileBootstrap.c) ----
 *
 * "KA", then 'X' for plain bytes or 'Y' for one stream of zstd; names and bytes of all files follow. In ELF its size stands behind it, in the
 * last 8 bytes of the file; in PE it is a resource, in Mach-O a section. Names differ between versions, so it is one file here, and what
 * lies in it is found by its headers. */

/* Adds the payload that begins at `at` with its mark and ends at `end`. */
static bool add_nuitka(fps__contents *contents, fps__span data, uint64_t at, uint64_t end)
{
    enum { MARK = 3 };
    bool packed = data.data[at + 2] == 'Y';
    const fps__contained file = {.name = fixed_name(contents, "payload"),
                                 .offset = at + MARK,
                                 .size = end - at - MARK,
                                 .unpacked = packed ? UINT64_MAX : end - at - MARK,
                                 .storage = packed ? FPS__STORED_ZSTD : FPS__STORED_PLAIN};
    contents->start = contents->body = at;
    contents->end = end;
    contents->gaps_explained = true;
    return fps__contents_add(contents, data, &file);
}

/* The end of the frame of zstd that begins at `at`; 0 for none. */
static uint64_t frame_end(fps__span data, uint64_t at)
{
    size_t size = ZSTD_findFrameCompressedSize(data.data + at, data.size - at);
    return ZSTD_isError(size) ? 0 : at + size;
}

bool fps__list_nuitka(fps__contents *contents, fps__span data)
{
    enum {
        SIZE = 8,
        MARK = 3,
        LEAST = 16,
        MOST_FRAMES = 4 /* that are followed: each may lead through all bytes, and to no end */
    };
    if (data.size < SIZE + LEAST)
        return false;
    uint64_t size = fps__get64le(data.data + data.size - SIZE);
    if (size >= LEAST && size <= data.size - SIZE) {
        uint64_t at = data.size - SIZE - size;
        const uint8_t *p = data.data + at;
        if (p[0] == 'K' && p[1] == 'A' &&
            (p[2] == 'X' || memcmp(p + 1, nuitka_mark, sizeof nuitka_mark) == 0)) {
            bool added = add_nuitka(contents, data, at, data.size - SIZE);
            contents->end = data.size;
            return added;
        }
    }
    unsigned frames = 0;
    for (uint64_t at = 1; at < data.size && frames < MOST_FRAMES && may_hold(contents, data, NUITKA);) {
        const uint8_t *found = memmem(data.data + at, data.size - at, nuitka_mark, sizeof nuitka_mark);
        if (!found)
            break;
        at = (uint64_t)(found - data.data);
        bool marked = found[-1] == 'K';
        uint64_t end = marked ? frame_end(data, at - 1 + MARK) : 0;
        frames += marked;
        if (end)
            return add_nuitka(contents, data, at - 1, end);
        at++;
    }
    return false;
}

/* ---- .NET's bundles (dotnet/runtime, src/installer/managed/Microsoft.NET.HostModel/Bundle/Manifest.cs) ----
 *
 * The host holds the offset of the header (8, little-endian) in front of a signature. Header: major and minor version, number of files
 * (4 each), id (text); since version 2 places of two files and flags (40). File: offset, size (8 each), since version 6 packed
 * size (8; 0: stored), type (1), path (text). A text has its length before it, 7 bits a byte. */

typedef struct cursor {
    fps__span bytes;
    uint64_t at;
    bool bad;
} cursor;

static uint64_t take_number(cursor *c, unsigned size)
{
    c->bad |= !fps__span_has(c->bytes, c->at, size);
    if (c->bad)
        return 0;
    const uint8_t *p = c->bytes.data + c->at;
    c->at += size;
    return size == 1 ? *p : size == 4 ? fps__get32le(p) : fps__get64le(p);
}

static fps__span take_bytes(cursor *c, uint64_t size)
{
    c->bad |= !fps__span_has(c->bytes, c->at, size);
    if (c->bad)
        return (fps__span){NULL, 0};
    c->at += size;
    return fps__span_part(c->bytes, c->at - size, size);
}

static fps__span take_text(cursor *c)
{
    uint64_t size = 0;
    for (unsigned shift = 0; shift < 21; shift += 7) {
        uint64_t byte = take_number(c, 1);
        size |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return take_bytes(c, size);
    }
    c->bad = true;
    return (fps__span){NULL, 0};
}

static bool add_dotnet_file(fps__contents *contents, cursor *c, uint64_t version)
{
    fps__contained file = {.offset = take_number(c, 8), .unpacked = take_number(c, 8)};
    uint64_t packed = version >= 6 ? take_number(c, 8) : 0;
    take_number(c, 1);
    fps__span path = take_text(c);
    if (c->bad)
        return false;
    file.size = packed ? packed : file.unpacked;
    file.storage = packed ? FPS__STORED_DEFLATE : FPS__STORED_PLAIN;
    file.name = file.size ? fps__contents_text(contents, path) : NULL;
    if (!file.size)
        return true;
    bool added = fps__contents_add(contents, c->bytes, &file);
    contents->start = added && file.offset < contents->start ? file.offset : contents->start;
    contents->end =
        added && file.offset + file.size > contents->end ? file.offset + file.size : contents->end;
    return added;
}

static bool list_dotnet(fps__contents *contents, fps__span data, uint64_t header)
{
    enum { PLACES = 40, MOST_VERSION = 64, MOST_ID = 64 };
    cursor c = {data, header, false};
    uint64_t version = take_number(&c, 4), minor = take_number(&c, 4), count = take_number(&c, 4);
    fps__span id = take_text(&c);
    if (version >= 2)
        take_bytes(&c, PLACES);
    if (c.bad || !version || version > MOST_VERSION || minor || !count || count > FPS__MAX_CONTAINED ||
        id.size > MOST_ID)
        return false;
    contents->start = header;
    contents->end = header;
    while (count && add_dotnet_file(contents, &c, version))
        count--;
    if (count)
        fps__contents_fault(contents, "its table of files is damaged");
    contents->end = c.at > contents->end ? c.at : contents->end;
    contents->body = contents->start;
    return true;
}

bool fps__list_dotnet(fps__contents *contents, fps__span data)
{
    const uint8_t *found = may_hold(contents, data, DOTNET)
                               ? memmem(data.data, data.size, dotnet_mark, sizeof dotnet_mark)
                               : NULL;
    if (!found || found - data.data < 8)
        return false;
    uint64_t header = fps__get64le(found - 8);
    return header && header < data.size && list_dotnet(contents, data, header);
}

/* ---- Deno (denoland/deno, cli/standalone/binary.rs, until 1.46) ----
 *
 * The file ends with a mark and the places (8, big-endian) of the modules, of what describes them, and in later releases of a table of
 * files and their bytes. Each part reaches to the next one. */

bool fps__list_deno(fps__contents *contents, fps__span data)
{
    enum { MOST = 5 };
    static const char mark[8] = {'d', '3', 'n', '0', 'l', '4', 'n', 'd'};
    static const char *const names[MOST] = {"modules", "metadata", "file-table", "files", "more"};
    size_t tail = data.size < sizeof mark + MOST * 8 ? data.size : sizeof mark + MOST * 8;
    const uint8_t *found = find_last(fps__span_part(data, data.size - tail, tail), mark, sizeof mark);
    size_t bytes = found ? (size_t)(data.data + data.size - found) - sizeof mark : 0;
    if (!bytes || bytes % 8)
        return false;
    uint64_t trailer = (uint64_t)(found - data.data);
    for (size_t i = 0; i < bytes / 8; i++) {
        uint64_t at = fps__get64be(found + sizeof mark + i * 8);
        uint64_t next = i + 1 < bytes / 8 ? fps__get64be(found + sizeof mark + (i + 1) * 8) : trailer;
        if (at > next || next > trailer)
            return false;
        contents->start = i ? contents->start : at;
        fps__contents_add_plain(contents, data, fixed_name(contents, names[i]), at, next - at);
    }
    contents->body = contents->start;
    return true;
}

/* ---- Bun (oven-sh/bun, src/StandaloneModuleGraph.zig) ----
 *
 * Modules, a record, a mark, and at times the size of the file (8). The record begins with the number of bytes before it (8) and
 * the place of the table of modules in them (4 and 4), little-endian; releases have records of different sizes. */

bool fps__list_bun(fps__contents *contents, fps__span data)
{
    enum { LEAST = 24, MOST = 64, BEHIND = 8 };
    static const char mark[] = "\n---- Bun! ----\n";
    size_t tail = data.size < sizeof mark - 1 + BEHIND ? data.size : sizeof mark - 1 + BEHIND;
    const uint8_t *found = find_last(fps__span_part(data, data.size - tail, tail), mark, sizeof mark - 1);
    uint64_t end = found ? (uint64_t)(found - data.data) : 0;
    for (uint64_t record = LEAST; record <= MOST && record <= end; record += 8) {
        const uint8_t *p = data.data + end - record;
        uint64_t size = fps__get64le(p), table = fps__get32le(p + 8), length = fps__get32le(p + 12);
        if (!size || size > end - record || !length || table > size || length > size - table)
            continue;
        contents->start = contents->body = end - record - size;
        contents->gaps_explained = true;
        return fps__contents_add_plain(contents, data, fixed_name(contents, "modules"), contents->start,
                                       size);
    }
    return false;
}

/* ---- Node.js's single programs (nodejs/node, src/node_sea.cc) ----
 *
 * magic, flags (4 each); path of the script, the script; by flags its compiled form, and a number (8) of assets, each a name and
 * its bytes. A text has its size (8) before it. */

enum { NODE_FLAGS = 4, NODE_HEADER = 8, NODE_CODE_CACHE = 4, NODE_ASSETS = 8, MOST_FLAGS = 0x1f };

bool fps__is_node_blob(fps__span data)
{
    enum { MOST_PATH = 4096 };
    if (!fps__span_has(data, 0, NODE_HEADER + 16) || fps__get32le(data.data) != 0x0143da20 ||
        fps__get32le(data.data + NODE_FLAGS) > MOST_FLAGS)
        return false;
    uint64_t path = fps__get64le(data.data + NODE_HEADER);
    if (!path || path > MOST_PATH || !fps__span_has(data, NODE_HEADER + 8, path + 8))
        return false;
    for (uint64_t i = 0; i < path; i++)
        if (data.data[NODE_HEADER + 8 + i] < ' ')
            return false;
    return fps__span_has(data, NODE_HEADER + 16 + path, fps__get64le(data.data + NODE_HEADER + 8 + path));
}

static bool add_node_part(fps__contents *contents, cursor *c, const char *name)
{
    fps__span part = take_bytes(c, take_number(c, 8));
    return !c->bad &&
           (!part.size || fps__contents_add_plain(contents, c->bytes, name, c->at - part.size, part.size));
}

bool fps__list_node_blob(fps__contents *contents, fps__span data)
{
    cursor c = {data, NODE_HEADER, false};
    uint32_t flags = fps__get32le(data.data + NODE_FLAGS);
    take_bytes(&c, take_number(&c, 8));
    bool good = add_node_part(contents, &c, fixed_name(contents, "main.js"));
    if (good && (flags & NODE_CODE_CACHE))
        good = add_node_part(contents, &c, fixed_name(contents, "code-cache"));
    uint64_t assets = good && (flags & NODE_ASSETS) ? take_number(&c, 8) : 0;
    for (uint64_t i = 0; good && !c.bad && i < assets; i++) {
        fps__span name = take_bytes(&c, take_number(&c, 8));
        good = !c.bad && add_node_part(contents, &c,
                                       name.size ? fps__contents_text(contents, name)
                                                 : number_name(contents, "asset", i));
    }
    if (!good || c.bad)
        fps__contents_fault(contents, "it is damaged or cut off");
    contents->end = c.at < data.size ? c.at : data.size;
    contents->gaps_explained = true;
    return true;
}
