/* What a PE file says of how it was made: the Rich header of Microsoft's linker, the certificate, and the assembly of .NET with its
 * references. All of it is said by the file: a hint, no proof.
 *
 * Rich header: between the DOS stub and the PE header, XORed with a key that stands behind the word "Rich"; decoded it begins with
 * "DanS" and three words of padding, then pairs follow: product << 16 | build, and number of objects. Undocumented by Microsoft; as
 * linkers have written it since Visual Studio 97.
 * CLR header and metadata: ECMA-335, II.25.3.3 (header), II.24.2 (root and streams), II.22 (tables). */
#include "object/pe_internal.h"

#include <stdio.h>

enum { PE_POINTER = 0x3c, MOST_RICH = 4096, PAIR = 8, RICH_START = 16 };

/* "Rich" as a little-endian word, and "DanS". */
#define RICH 0x68636952u
#define DANS 0x536e6144u

static void add_comment(fps__pe *pe, const char *text)
{
    const char *copy = fps__arena_string(&pe->object->arena, text);
    pe->object->memory_failed |= !copy;
    fps__object_add_text(pe->object, FPS_TEXT_COMMENT, copy);
}

static void read_rich(fps__pe *pe)
{
    uint32_t end = fps__get32le(pe->data.data + PE_POINTER);
    fps__span stub = fps__span_part(pe->data, 0, end < MOST_RICH ? end : MOST_RICH);
    size_t rich = stub.size & ~(size_t)3;
    while (rich >= PAIR && fps__get32le(stub.data + rich - PAIR) != RICH)
        rich -= 4;
    if (rich < PAIR + RICH_START)
        return;
    uint32_t key = fps__get32le(stub.data + rich - 4);
    size_t first = rich - PAIR;
    while (first >= 4 && (fps__get32le(stub.data + first - 4) ^ key) != DANS)
        first -= 4;
    if (first < 4)
        return;
    for (size_t at = first - 4 + RICH_START; at + PAIR <= rich - PAIR; at += PAIR) {
        char text[80];
        uint32_t id = fps__get32le(stub.data + at) ^ key, count = fps__get32le(stub.data + at + 4) ^ key;
        snprintf(text, sizeof text, "Rich: product %u, build %u, objects %u", id >> 16, id & 0xffff, count);
        add_comment(pe, text);
    }
}

/* ---- .NET ---- */

enum {
    CLR_DIRECTORY = 14,
    CLR_HEADER = 72,
    TABLES = 0x2d,
    ASSEMBLY = 0x20,
    ASSEMBLY_REF = 0x23,
    MOST_STREAMS = 16,
};

/* Columns of the tables up to AssemblyRef, one letter each: 2 or 4 bytes; S, G, B an index into the heap of strings, GUIDs or blobs;
 * a digit behind '#' and lower-case letters: an index into a table or a choice of tables, see `choices` and `single`. */
static const char *const columns[ASSEMBLY_REF + 1] = {
    [0x00] = "2SGGG",     [0x01] = "aSS",    [0x02] = "4SSbfm",    [0x03] = "f",    [0x04] = "2SB",
    [0x05] = "m",         [0x06] = "422SBp", [0x07] = "p",         [0x08] = "22S",  [0x09] = "tb",
    [0x0a] = "cSB",       [0x0b] = "2dB",    [0x0c] = "ehB",       [0x0d] = "iB",   [0x0e] = "2jB",
    [0x0f] = "24t",       [0x10] = "4f",     [0x11] = "B",         [0x12] = "tv",   [0x13] = "v",
    [0x14] = "2Sb",       [0x15] = "tr",     [0x16] = "r",         [0x17] = "2SB",  [0x18] = "2mk",
    [0x19] = "tll",       [0x1a] = "S",      [0x1b] = "B",         [0x1c] = "2nSq", [0x1d] = "4f",
    [0x1e] = "44",        [0x1f] = "4",      [0x20] = "422224BSS", [0x21] = "4",    [0x22] = "444",
    [0x23] = "22224BSSB",
};

/* Tables that an index may be of, and the bits that choose among them (II.24.2.6); 0xff ends a list. */
static const struct {
    char letter;
    uint8_t bits;
    uint8_t tables[23];
} choices[] = {
    {'f', 0, {0x04, 0xff}},
    {'m', 0, {0x06, 0xff}},
    {'p', 0, {0x08, 0xff}},
    {'t', 0, {0x02, 0xff}},
    {'v', 0, {0x14, 0xff}},
    {'r', 0, {0x17, 0xff}},
    {'q', 0, {0x1a, 0xff}},
    {'a', 2, {0x00, 0x1a, 0x23, 0x01, 0xff}},
    {'b', 2, {0x02, 0x01, 0x1b, 0xff}},
    {'c', 3, {0x02, 0x01, 0x1a, 0x06, 0x1b, 0xff}},
    {'d', 2, {0x04, 0x08, 0x17, 0xff}},
    {'e', 5, {0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x00, 0x0e, 0x17, 0x14, 0x11,
              0x1a, 0x1b, 0x20, 0x23, 0x26, 0x27, 0x28, 0x2a, 0x2c, 0x2b, 0xff}},
    {'h', 3, {0x06, 0x0a, 0xff}},
    {'i', 1, {0x04, 0x08, 0xff}},
    {'j', 2, {0x02, 0x06, 0x20, 0xff}},
    {'k', 1, {0x14, 0x17, 0xff}},
    {'l', 1, {0x06, 0x0a, 0xff}},
    {'n', 1, {0x04, 0x06, 0xff}},
};

typedef struct metadata {
    fps__span tables, strings; /* the rows, and the heap of names */
    uint32_t rows[TABLES + 1];
    uint8_t heaps; /* bits of heaps with indexes of 4 bytes: strings, GUIDs, blobs */
} metadata;

static size_t column_size(const metadata *m, char column)
{
    static const char heaps[] = "SGB";
    const char *heap = strchr(heaps, column);
    if (column == '2' || column == '4')
        return (size_t)(column - '0');
    if (heap)
        return m->heaps >> (heap - heaps) & 1 ? 4 : 2;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        uint32_t most = 0;
        if (choices[i].letter != column)
            continue;
        for (const uint8_t *table = choices[i].tables; *table != 0xff; table++)
            if (*table <= TABLES && m->rows[*table] > most)
                most = m->rows[*table];
        return most >= 1u << (16 - choices[i].bits) ? 4 : 2;
    }
    return 2;
}

static size_t row_size(const metadata *m, size_t table)
{
    size_t size = 0;
    for (const char *column = columns[table]; *column; column++)
        size += column_size(m, *column);
    return size;
}

/* The rows of a table; empty where they are not in the file. */
static fps__span rows_of(const metadata *m, size_t table)
{
    uint64_t at = 0;
    for (size_t i = 0; i < table; i++)
        at += (uint64_t)m->rows[i] * row_size(m, i);
    return fps__span_part(m->tables, at, (uint64_t)m->rows[table] * row_size(m, table));
}

/* "NAME 1.2.3.4" of a row of Assembly or AssemblyRef; `before`: bytes before the version. NULL where there is no name. */
static const char *identity(fps__pe *pe, const metadata *m, const uint8_t *row, size_t before)
{
    const uint8_t *version = row + before;
    size_t blob = column_size(m, 'B'), name_at = before + 8 + 4 + blob;
    uint32_t index = column_size(m, 'S') == 4 ? fps__get32le(row + name_at) : fps__get16le(row + name_at);
    const char *name = fps__object_text_at(pe->object, m->strings, index);
    char text[512];
    if (!name || !*name)
        return NULL;
    snprintf(text, sizeof text, "%.400s %u.%u.%u.%u", name, fps__get16le(version), fps__get16le(version + 2),
             fps__get16le(version + 4), fps__get16le(version + 6));
    const char *copy = fps__arena_string(&pe->object->arena, text);
    pe->object->memory_failed |= !copy;
    return copy;
}

/* The head of the stream of tables: heap sizes, which tables there are, and their rows. */
static bool read_tables(metadata *m, fps__span stream)
{
    if (!fps__span_has(stream, 0, 24))
        return false;
    m->heaps = stream.data[6] & 7;
    uint64_t valid = fps__get64le(stream.data + 8);
    size_t at = 24;
    for (size_t i = 0; i < 64; i++) {
        if (!(valid >> i & 1))
            continue;
        if (!fps__span_has(stream, at, 4))
            return false;
        if (i <= TABLES)
            m->rows[i] = fps__get32le(stream.data + at) & 0xffffff; /* a token has 24 bits for a row */
        at += 4;
    }
    m->tables = fps__span_part(stream, at, stream.size - at);
    return true;
}

/* Finds the streams "#~" and "#Strings" by the root of the metadata. */
static bool read_streams(metadata *m, fps__span root)
{
    if (!fps__span_has(root, 0, 20) || memcmp(root.data, "BSJB", 4) != 0)
        return false;
    uint64_t at = 16 + (uint64_t)((fps__get32le(root.data + 12) + 3) & ~3u);
    if (!fps__span_has(root, at, 4))
        return false;
    uint16_t count = fps__get16le(root.data + at + 2);
    bool tables = false;
    at += 4;
    for (uint16_t i = 0; i < count && i < MOST_STREAMS && fps__span_has(root, at, 8 + 4); i++) {
        const char *name = (const char *)root.data + at + 8;
        size_t length = strnlen(name, (size_t)(root.size - at - 8));
        fps__span stream =
            fps__span_part(root, fps__get32le(root.data + at), fps__get32le(root.data + at + 4));
        if (length == 2 && memcmp(name, "#~", 2) == 0)
            tables = read_tables(m, stream);
        else if (length == 8 && memcmp(name, "#Strings", 8) == 0)
            m->strings = stream;
        at += 8 + (length / 4 + 1) * 4;
    }
    return tables && m->strings.size;
}

static void read_assembly(fps__pe *pe)
{
    metadata m = {.heaps = 0};
    fps__span header = fps__pe_directory_bytes(pe, (fps__pe_directory)CLR_DIRECTORY);
    if (header.size < CLR_HEADER)
        return;
    fps__span root = fps__pe_map(pe, fps__get32le(header.data + 8));
    uint32_t size = fps__get32le(header.data + 12);
    root.size = root.size < size ? root.size : size;
    if (!read_streams(&m, root)) {
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "clr-metadata-damaged", UINT64_MAX,
                             "the metadata of a .NET assembly cannot be read");
        return;
    }
    fps__span assembly = rows_of(&m, ASSEMBLY), references = rows_of(&m, ASSEMBLY_REF);
    pe->object->info.assembly = assembly.size ? identity(pe, &m, assembly.data, 4) : NULL;
    for (size_t at = 0, row = row_size(&m, ASSEMBLY_REF); at + row <= references.size; at += row)
        fps__object_add_text(pe->object, FPS_TEXT_REFERENCE, identity(pe, &m, references.data + at, 0));
}

void fps__pe_read_details(fps__pe *pe)
{
    read_rich(pe);
    read_assembly(pe);
    fps__span certificate = fps__span_part(pe->data, pe->directories[FPS__PE_CERTIFICATE].address,
                                           pe->directories[FPS__PE_CERTIFICATE].size);
    pe->object->info.has_certificate = certificate.size > 8;
}
