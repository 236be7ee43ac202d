/* Small programs for tests of what programs say of themselves: an ELF file without sections, all of it one writable segment,
 * and a 64-bit Mach-O file of one segment. */
#ifndef PROGRAM_FIXTURE_H
#define PROGRAM_FIXTURE_H

#include "program/program.h"

#include <elf.h>
#include <stdlib.h>

enum { IMAGE_SIZE = 1 << 16, IMAGE_BASE = 0x400000 };

typedef struct program_image {
    uint8_t bytes[IMAGE_SIZE];
    size_t size;
    bool wide, big;
} program_image;

static inline void image_number(program_image *image, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        image->bytes[at + (image->big ? size - 1 - i : i)] = (uint8_t)(value >> 8 * i);
}

static inline size_t image_word_size(const program_image *image)
{
    return image->wide ? 8 : 4;
}

/* Puts bytes at the next multiple of `align`; where they are. */
static inline size_t image_put(program_image *image, size_t align, const void *bytes, size_t size)
{
    size_t at = (image->size + align - 1) / align * align;
    if (size)
        memcpy(image->bytes + at, bytes, size);
    image->size = at + size;
    return at;
}

static inline void image_word(program_image *image, uint64_t value)
{
    image_number(image, image_put(image, 1, "\0\0\0\0\0\0\0\0", image_word_size(image)), value,
                 image_word_size(image));
}

static inline void image_u32(program_image *image, uint32_t value)
{
    image_number(image, image_put(image, 1, "\0\0\0\0", 4), value, 4);
}

/* The header and the program header, whose sizes image_end writes. */
static inline void image_begin(program_image *image, bool wide, bool big)
{
    size_t word = wide ? 8 : 4, header = wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    size_t entry = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), at = header;
    memset(image, 0, sizeof *image);
    image->wide = wide;
    image->big = big;
    memcpy(image->bytes, "\177ELF", 4);
    image->bytes[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
    image->bytes[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
    image->bytes[EI_VERSION] = 1;
    image_number(image, 16, ET_EXEC, 2);
    image_number(image, 18, wide ? big ? EM_S390 : EM_X86_64 : big ? EM_MIPS : EM_386, 2);
    image_number(image, 20, 1, 4);
    image_number(image, 24 + word, header, word); /* e_phoff */
    image_number(image, 28 + 3 * word, header, 2);
    image_number(image, 30 + 3 * word, entry, 2);
    image_number(image, 32 + 3 * word, 1, 2);
    image_number(image, at, PT_LOAD, 4);
    image_number(image, at + (wide ? 4 : 24), PF_R | PF_W, 4);
    image_number(image, at + (wide ? 16 : 8), IMAGE_BASE, word);
    image->size = header + entry;
}

static inline void image_end(program_image *image)
{
    size_t word = image_word_size(image), header = image->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    image_number(image, header + (image->wide ? 32 : 16), image->size, word);
    image_number(image, header + (image->wide ? 40 : 20), image->size, word);
}

/* A Mach-O program of one segment with one section, whose bytes the caller puts behind; ended by macho_end. */
static inline void macho_begin(program_image *image, const char *section)
{
    enum { SEGMENT = 72, SECTION = 80 };
    memset(image, 0, sizeof *image);
    image->wide = true;
    image_u32(image, 0xfeedfacf);
    image_u32(image, 0x0100000c);
    image_u32(image, 0);
    image_u32(image, 2);
    image_u32(image, 1);
    image_u32(image, SEGMENT + SECTION);
    image_word(image, 0);
    image_u32(image, 0x19);
    image_u32(image, SEGMENT + SECTION);
    image->size += SEGMENT + SECTION - 8;
    memcpy(image->bytes + 32 + 8, "__DATA", 6);
    image_number(image, 32 + 24, IMAGE_BASE, 8);
    image_number(image, 32 + 60, 3, 4);
    image_number(image, 32 + 64, 1, 4);
    memcpy(image->bytes + 32 + SEGMENT, section, strlen(section));
    memcpy(image->bytes + 32 + SEGMENT + 16, "__DATA", 6);
    image_number(image, 32 + SEGMENT + 32, IMAGE_BASE + image->size, 8);
    image_number(image, 32 + SEGMENT + 48, image->size, 4);
}

static inline void macho_end(program_image *image)
{
    enum { SECTION = 32 + 72 };
    image_number(image, 32 + 32, image->size, 8);
    image_number(image, 32 + 48, image->size, 8);
    image_number(image, SECTION + 40, image->size - (32 + 72 + 80), 8);
}

/* Go's build information in the form of Go 1.18 and later, at a place that is a multiple of 16. */
static inline size_t put_build_inline(program_image *image, const char *version, const char *list)
{
    size_t at = image_put(image, 16, "\xff Go buildinf:\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
    uint8_t length[3] = {(uint8_t)strlen(version)};
    image_put(image, 1, length, 1);
    image_put(image, 1, version, strlen(version));
    size_t size = strlen(list) + 32;
    length[0] = (uint8_t)(size | 0x80);
    length[1] = (uint8_t)(size >> 7 | 0x80);
    length[2] = (uint8_t)(size >> 14);
    image_put(image, 1, length, 3);
    image_put(image, 1, "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16);
    image_put(image, 1, list, strlen(list));
    image_put(image, 1, "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);
    return at;
}

/* The same in the form of Go 1.13 to 1.17: pointers to the headers of two strings. */
static inline void put_build_pointers(program_image *image, const char *version, const char *list)
{
    size_t word = image_word_size(image);
    size_t texts = image_put(image, 1, version, strlen(version));
    size_t start =
        image_put(image, 1, "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6", 16);
    image_put(image, 1, list, strlen(list));
    image_put(image, 1, "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);
    size_t end = image->size, headers = image_put(image, 16, "", 0);
    image_word(image, IMAGE_BASE + texts);
    image_word(image, strlen(version));
    image_word(image, IMAGE_BASE + start);
    image_word(image, end - start);
    uint8_t form[2] = {(uint8_t)word, image->big};
    image_put(image, 16, "\xff Go buildinf:", 14);
    image_put(image, 1, form, 2);
    image_word(image, IMAGE_BASE + headers);
    image_word(image, IMAGE_BASE + headers + 2 * word);
    image_put(image, 32, "", 0);
}

/* A table of one function, in the layout of Go 1.20: names and paths are `texts` with NULs between them. */
static inline void put_go_table(program_image *image, const void *names, size_t names_size, const void *paths,
                                size_t paths_size)
{
    size_t word = image_word_size(image), header = 8 + 8 * word;
    image_put(image, 8, "", 0);
    image_u32(image, 0xfffffff1);
    uint8_t form[4] = {0, 0, 1, (uint8_t)word};
    image_put(image, 1, form, 4);
    const uint64_t fields[] = {1,
                               1,
                               0,
                               header,
                               header + names_size,
                               header + names_size,
                               header + names_size + paths_size,
                               header + names_size + paths_size};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        image_word(image, fields[i]);
    image_put(image, 1, names, names_size);
    image_put(image, 1, paths, paths_size);
    for (size_t i = 0; i < 8; i++)
        image_u32(image, (uint32_t)i);
}

#endif
