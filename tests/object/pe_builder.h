/* Builds one small DLL in memory, PE32 or PE32+, with imports, delayed imports, exports and COFF symbols. */
#ifndef PE_BUILDER_H
#define PE_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PE_HEADERS = 0x400, PE_TEXT = 0x1000, PE_DATA = 0x2000, PE_DATA_FILE = 0x600, PE_CAPACITY = 0x2000 };
#define PE_BASE 0x400000u

typedef struct pe_builder {
    uint8_t data[PE_CAPACITY];
    size_t size;
    bool wide;
    size_t optional;    /* offset of the optional header */
    size_t directories; /* offset of the data directories */
    size_t sections;    /* offset of the section table */
    size_t imports, exports, delayed;
    size_t data_end;
} pe_builder;

static inline void pe_set(pe_builder *b, size_t at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        b->data[at + i] = (uint8_t)(value >> 8 * i);
}

static inline size_t pe_put(pe_builder *b, uint64_t value, size_t bytes)
{
    pe_set(b, b->size, value, bytes);
    b->size += bytes;
    return b->size - bytes;
}

static inline size_t pe_put_text(pe_builder *b, const char *text)
{
    size_t at = b->size;
    memcpy(b->data + at, text, strlen(text) + 1);
    b->size += strlen(text) + 1;
    return at;
}

/* The address of a file offset in the data section. */
static inline uint32_t pe_address(size_t offset)
{
    return (uint32_t)(offset - PE_DATA_FILE + PE_DATA);
}

static inline void pe_section(pe_builder *b, const char *name, uint32_t address, uint32_t offset,
                              uint32_t size, uint32_t flags)
{
    size_t at = b->size;
    memcpy(b->data + at, name, strlen(name));
    pe_set(b, at + 8, size, 4);
    pe_set(b, at + 12, address, 4);
    pe_set(b, at + 16, size, 4);
    pe_set(b, at + 20, offset, 4);
    pe_set(b, at + 36, flags, 4);
    b->size += 40;
}

static inline void pe_directory(pe_builder *b, size_t index, size_t offset, size_t size)
{
    pe_set(b, b->directories + index * 8, pe_address(offset), 4);
    pe_set(b, b->directories + index * 8 + 4, size, 4);
}

/* Writes a table with one import by name and one by ordinal; returns its address. */
static inline uint32_t pe_put_thunks(pe_builder *b, const char *name, uint32_t ordinal)
{
    size_t hint = pe_put(b, 0, 2);
    pe_put_text(b, name);
    b->size = (b->size + 7) & ~(size_t)7;
    size_t word = b->wide ? 8 : 4;
    size_t at = pe_put(b, pe_address(hint), word);
    pe_put(b, ordinal | (b->wide ? (uint64_t)1 << 63 : (uint64_t)1 << 31), word);
    pe_put(b, 0, word);
    return pe_address(at);
}

static inline void pe_put_imports(pe_builder *b)
{
    uint32_t library = pe_address(pe_put_text(b, "used.dll")),
             later = pe_address(pe_put_text(b, "later.dll"));
    uint32_t thunks = pe_put_thunks(b, "used_function", 7),
             later_thunks = pe_put_thunks(b, "later_function", 8);
    b->imports = b->size;
    pe_put(b, thunks, 4);
    pe_put(b, 0, 8);
    pe_put(b, library, 4);
    pe_put(b, thunks, 4);
    b->size += 20;
    pe_directory(b, 1, b->imports, b->size - b->imports);
    b->delayed = b->size;
    pe_put(b, 1, 4);
    pe_put(b, later, 4);
    pe_put(b, 0, 4);
    pe_put(b, later_thunks, 4);
    pe_put(b, later_thunks, 4);
    b->size += 12 + 32;
    pe_directory(b, 13, b->delayed, b->size - b->delayed);
}

static inline void pe_put_exports(pe_builder *b)
{
    b->exports = b->size;
    b->size += 40;
    size_t own = pe_put_text(b, "built.dll"), first = pe_put_text(b, "first"), sent = pe_put_text(b, "sent");
    size_t forwarder = pe_put_text(b, "used.elsewhere");
    b->size = (b->size + 3) & ~(size_t)3;
    size_t functions = pe_put(b, PE_TEXT + 4, 4);
    pe_put(b, pe_address(forwarder), 4);
    pe_put(b, PE_TEXT + 8, 4); /* exported by ordinal only: 5 + 2 */
    size_t names = pe_put(b, pe_address(first), 4);
    pe_put(b, pe_address(sent), 4);
    size_t ordinals = pe_put(b, 0, 2);
    pe_put(b, 1, 2);
    size_t end = b->size;
    pe_set(b, b->exports + 12, pe_address(own), 4);
    pe_set(b, b->exports + 16, 5, 4);
    pe_set(b, b->exports + 20, 3, 4);
    pe_set(b, b->exports + 24, 2, 4);
    pe_set(b, b->exports + 28, pe_address(functions), 4);
    pe_set(b, b->exports + 32, pe_address(names), 4);
    pe_set(b, b->exports + 36, pe_address(ordinals), 4);
    pe_directory(b, 0, b->exports, end - b->exports);
}

/* Writes two COFF symbols behind the sections, with a short and a long name. */
static inline void pe_put_coff(pe_builder *b)
{
    size_t at = b->size;
    pe_set(b, 0x80 + 4 + 8, at, 4);
    pe_set(b, 0x80 + 4 + 12, 2, 4);
    memcpy(b->data + at, "short", 5);
    pe_set(b, at + 8, 4, 4);
    pe_set(b, at + 12, 1, 2);
    pe_set(b, at + 14, 0x20, 2);
    b->data[at + 16] = 2;
    at += 18;
    pe_set(b, at + 4, 4, 4);
    pe_set(b, at + 8, 8, 4);
    pe_set(b, at + 12, 1, 2);
    b->data[at + 16] = 3;
    b->size = at + 18;
    pe_put(b, 4 + sizeof "a_long_local_name", 4);
    pe_put_text(b, "a_long_local_name");
}

static inline void pe_build(pe_builder *b, bool wide)
{
    memset(b, 0, sizeof *b);
    b->wide = wide;
    memcpy(b->data, "MZ", 2);
    pe_set(b, 0x3c, 0x80, 4);
    memcpy(b->data + 0x80, "PE\0\0", 4);
    pe_set(b, 0x84, wide ? 0x8664 : 0x14c, 2);
    pe_set(b, 0x86, 2, 2);
    pe_set(b, 0x84 + 16, wide ? 240 : 224, 2);
    pe_set(b, 0x84 + 18, 0x2002, 2);
    b->optional = 0x98;
    pe_set(b, b->optional, wide ? 0x20b : 0x10b, 2);
    pe_set(b, b->optional + 16, PE_TEXT, 4);
    pe_set(b, b->optional + (wide ? 24 : 28), PE_BASE, 4);
    pe_set(b, b->optional + 32, 0x1000, 4);
    pe_set(b, b->optional + 60, PE_HEADERS, 4);
    b->directories = b->optional + (wide ? 112 : 96);
    pe_set(b, b->directories - 4, 16, 4);
    b->sections = b->size = b->directories + 16 * 8;
    pe_section(b, ".text", PE_TEXT, PE_HEADERS, 0x200, 0x60000020);
    pe_section(b, ".rdata", PE_DATA, PE_DATA_FILE, 0x400, 0x40000040);
    b->size = PE_DATA_FILE;
    pe_put_text(b, "a literal of the DLL");
    pe_put_imports(b);
    pe_put_exports(b);
    b->data_end = b->size;
    b->size = PE_DATA_FILE + 0x400;
    pe_put_coff(b);
}

#endif
