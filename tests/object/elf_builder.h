/* Builds small ELF images in memory, of either class and byte order, for tests that damage them.
 *
 *   elf_builder b;
 *   elf_begin(&b, wide, big, ET_DYN, machine);
 *   size_t at = elf_put_text(&b, "...");           bytes at their final offsets; also elf_put16 ...
 *   elf_segment(&b, type, flags, offset, size);
 *   elf_section(&b, name, type, flags, offset, size, link, entry_size);
 *   elf_finish(&b);                                writes the tables; b.data and b.size are the file
 *
 * Addresses are ELF_BASE + offset. Sections are optional. */
#ifndef ELF_BUILDER_H
#define ELF_BUILDER_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ELF_BASE = 0x10000, ELF_CAPACITY = 1 << 17, ELF_TABLE = 32 };

typedef struct elf_builder {
    uint8_t data[ELF_CAPACITY];
    size_t size;
    bool wide, big;
    uint16_t type;
    size_t segment_count, section_count;
    struct {
        uint32_t type, flags;
        size_t offset, size;
    } segments[ELF_TABLE];
    struct {
        const char *name;
        uint32_t type, flags, link, entry;
        size_t offset, size;
    } sections[ELF_TABLE];
    size_t section_table; /* offset, after elf_finish */
} elf_builder;

static inline void elf_set(elf_builder *b, size_t at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        b->data[at + i] = (uint8_t)(value >> 8 * (b->big ? bytes - 1 - i : i));
}

static inline size_t elf_put(elf_builder *b, uint64_t value, size_t bytes)
{
    elf_set(b, b->size, value, bytes);
    b->size += bytes;
    return b->size - bytes;
}

static inline size_t elf_word(const elf_builder *b)
{
    return b->wide ? 8 : 4;
}

static inline size_t elf_put_word(elf_builder *b, uint64_t value)
{
    return elf_put(b, value, elf_word(b));
}

static inline size_t elf_put_bytes(elf_builder *b, const void *bytes, size_t size)
{
    memcpy(b->data + b->size, bytes, size);
    b->size += size;
    return b->size - size;
}

static inline size_t elf_put_text(elf_builder *b, const char *text)
{
    return elf_put_bytes(b, text, strlen(text) + 1);
}

static inline size_t elf_align(elf_builder *b, size_t to)
{
    b->size = (b->size + to - 1) / to * to;
    return b->size;
}

static inline size_t elf_header_size(const elf_builder *b)
{
    return b->wide ? 64 : 52;
}

static inline size_t elf_segment_size(const elf_builder *b)
{
    return b->wide ? 56 : 32;
}

static inline size_t elf_section_size(const elf_builder *b)
{
    return b->wide ? 64 : 40;
}

/* Offsets of header fields that tests damage. */
static inline size_t elf_shoff_at(const elf_builder *b)
{
    return b->wide ? 40 : 32;
}
static inline size_t elf_phnum_at(const elf_builder *b)
{
    return b->wide ? 56 : 44;
}
static inline size_t elf_shnum_at(const elf_builder *b)
{
    return b->wide ? 60 : 48;
}

static inline void elf_begin(elf_builder *b, bool wide, bool big, uint16_t type, uint16_t machine)
{
    static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};
    memset(b, 0, sizeof *b);
    b->wide = wide;
    b->big = big;
    b->type = type;
    elf_put_bytes(b, magic, 4);
    elf_put(b, wide ? ELFCLASS64 : ELFCLASS32, 1);
    elf_put(b, big ? ELFDATA2MSB : ELFDATA2LSB, 1);
    elf_put(b, EV_CURRENT, 1);
    b->size = EI_NIDENT;
    elf_put(b, type, 2);
    elf_put(b, machine, 2);
    elf_put(b, EV_CURRENT, 4);
    b->size = elf_header_size(b) + ELF_TABLE * elf_segment_size(b); /* room for the program headers */
    b->section_count = 1;
}

static inline void elf_segment(elf_builder *b, uint32_t type, uint32_t flags, size_t offset, size_t size)
{
    size_t i = b->segment_count++;
    b->segments[i].type = type;
    b->segments[i].flags = flags;
    b->segments[i].offset = offset;
    b->segments[i].size = size;
}

/* Returns the section's number. */
static inline uint32_t elf_section(elf_builder *b, const char *name, uint32_t type, uint32_t flags,
                                   size_t offset, size_t size)
{
    size_t i = b->section_count++;
    b->sections[i].name = name;
    b->sections[i].type = type;
    b->sections[i].flags = flags;
    b->sections[i].offset = offset;
    b->sections[i].size = size;
    return (uint32_t)i;
}

static inline void elf_write_segments(elf_builder *b)
{
    size_t end = b->size;
    b->size = elf_header_size(b);
    for (size_t i = 0; i < b->segment_count; i++) {
        elf_put(b, b->segments[i].type, 4);
        if (b->wide)
            elf_put(b, b->segments[i].flags, 4);
        elf_put_word(b, b->segments[i].offset);
        elf_put_word(b, ELF_BASE + b->segments[i].offset);
        elf_put_word(b, ELF_BASE + b->segments[i].offset);
        elf_put_word(b, b->segments[i].size);
        elf_put_word(b, b->segments[i].size);
        if (!b->wide)
            elf_put(b, b->segments[i].flags, 4);
        elf_put_word(b, 4);
    }
    b->size = end;
}

static inline void elf_write_sections(elf_builder *b)
{
    uint32_t names[ELF_TABLE] = {0};
    size_t table = elf_put(b, 0, 1);
    for (size_t i = 1; i < b->section_count; i++)
        names[i] = (uint32_t)(elf_put_text(b, b->sections[i].name) - table);
    uint32_t own = elf_section(b, ".shstrtab", SHT_STRTAB, 0, table, b->size - table);
    names[own] = 0;
    b->section_table = elf_align(b, 8);
    for (size_t i = 0; i < b->section_count; i++) {
        bool loaded = b->sections[i].flags & SHF_ALLOC;
        elf_put(b, names[i], 4);
        elf_put(b, b->sections[i].type, 4);
        elf_put_word(b, b->sections[i].flags);
        elf_put_word(b, loaded && b->type != ET_REL ? ELF_BASE + b->sections[i].offset : 0);
        elf_put_word(b, b->sections[i].offset);
        elf_put_word(b, b->sections[i].size);
        elf_put(b, b->sections[i].link, 4);
        elf_put(b, 0, 4);
        elf_put_word(b, 1);
        elf_put_word(b, b->sections[i].entry);
    }
    elf_set(b, elf_shoff_at(b), b->section_table, elf_word(b));
    elf_set(b, elf_shnum_at(b), b->section_count, 2);
    elf_set(b, elf_shnum_at(b) + 2, own, 2);
}

static inline void elf_finish(elf_builder *b)
{
    size_t word = elf_word(b);
    elf_set(b, 24 + word, elf_header_size(b), word);
    elf_set(b, elf_phnum_at(b) - 4, elf_header_size(b), 2);
    elf_set(b, elf_phnum_at(b) - 2, elf_segment_size(b), 2);
    elf_set(b, elf_phnum_at(b), b->segment_count, 2);
    elf_set(b, elf_phnum_at(b) + 2, elf_section_size(b), 2);
    elf_write_segments(b);
    if (b->section_count > 1)
        elf_write_sections(b);
}

/* Offset of a section's header. */
static inline size_t elf_section_header(const elf_builder *b, uint32_t index)
{
    return b->section_table + index * elf_section_size(b);
}

static inline void elf_put_symbol(elf_builder *b, uint32_t name, uint64_t value, uint64_t size, uint8_t info,
                                  uint16_t section)
{
    elf_put(b, name, 4);
    if (!b->wide) {
        elf_put(b, value, 4);
        elf_put(b, size, 4);
    }
    elf_put(b, info, 1);
    elf_put(b, 0, 1);
    elf_put(b, section, 2);
    if (b->wide) {
        elf_put(b, value, 8);
        elf_put(b, size, 8);
    }
}

static inline void elf_put_dynamic(elf_builder *b, uint64_t tag, uint64_t value)
{
    elf_put_word(b, tag);
    elf_put_word(b, value);
}

#endif
