/* Translates ELF file records of either class and byte order to native 64-bit ones, through libelf.
 *
 * Only libelf's translation functions are used: they work on bounded buffers that the caller owns, keep no
 * state and never touch the input, which may be a read-only mapping of a hostile file. Its decompression is not used: it
 * believes the size that a section claims (elf_compressed.c does not). */
#include "object/elf_internal.h"

enum { CHUNK_BYTES = 4096 };

static void widen_header(const void *from, void *to)
{
    const Elf32_Ehdr *a = from;
    Elf64_Ehdr *b = to;
    memcpy(b->e_ident, a->e_ident, sizeof b->e_ident);
    b->e_type = a->e_type;
    b->e_machine = a->e_machine;
    b->e_version = a->e_version;
    b->e_entry = a->e_entry;
    b->e_phoff = a->e_phoff;
    b->e_shoff = a->e_shoff;
    b->e_flags = a->e_flags;
    b->e_ehsize = a->e_ehsize;
    b->e_phentsize = a->e_phentsize;
    b->e_phnum = a->e_phnum;
    b->e_shentsize = a->e_shentsize;
    b->e_shnum = a->e_shnum;
    b->e_shstrndx = a->e_shstrndx;
}

static void widen_segment(const void *from, void *to)
{
    const Elf32_Phdr *a = from;
    *(Elf64_Phdr *)to = (Elf64_Phdr){.p_type = a->p_type,
                                     .p_flags = a->p_flags,
                                     .p_offset = a->p_offset,
                                     .p_vaddr = a->p_vaddr,
                                     .p_paddr = a->p_paddr,
                                     .p_filesz = a->p_filesz,
                                     .p_memsz = a->p_memsz,
                                     .p_align = a->p_align};
}

static void widen_section(const void *from, void *to)
{
    const Elf32_Shdr *a = from;
    *(Elf64_Shdr *)to = (Elf64_Shdr){.sh_name = a->sh_name,
                                     .sh_type = a->sh_type,
                                     .sh_flags = a->sh_flags,
                                     .sh_addr = a->sh_addr,
                                     .sh_offset = a->sh_offset,
                                     .sh_size = a->sh_size,
                                     .sh_link = a->sh_link,
                                     .sh_info = a->sh_info,
                                     .sh_addralign = a->sh_addralign,
                                     .sh_entsize = a->sh_entsize};
}

static void widen_symbol(const void *from, void *to)
{
    const Elf32_Sym *a = from;
    *(Elf64_Sym *)to = (Elf64_Sym){.st_name = a->st_name,
                                   .st_info = a->st_info,
                                   .st_other = a->st_other,
                                   .st_shndx = a->st_shndx,
                                   .st_value = a->st_value,
                                   .st_size = a->st_size};
}

static void widen_dynamic(const void *from, void *to)
{
    const Elf32_Dyn *a = from;
    *(Elf64_Dyn *)to = (Elf64_Dyn){.d_tag = a->d_tag, .d_un = {.d_val = a->d_un.d_val}};
}

static const struct record {
    Elf_Type type;
    size_t narrow, wide;
    void (*widen)(const void *from, void *to);
} records_of[] = {
    [FPS__ELF_EHDR] = {ELF_T_EHDR, sizeof(Elf32_Ehdr), sizeof(Elf64_Ehdr), widen_header},
    [FPS__ELF_PHDR] = {ELF_T_PHDR, sizeof(Elf32_Phdr), sizeof(Elf64_Phdr), widen_segment},
    [FPS__ELF_SHDR] = {ELF_T_SHDR, sizeof(Elf32_Shdr), sizeof(Elf64_Shdr), widen_section},
    [FPS__ELF_SYM] = {ELF_T_SYM, sizeof(Elf32_Sym), sizeof(Elf64_Sym), widen_symbol},
    [FPS__ELF_DYN] = {ELF_T_DYN, sizeof(Elf32_Dyn), sizeof(Elf64_Dyn), widen_dynamic},
};

size_t fps__elf_record_size(const fps__elf *elf, fps__elf_record record)
{
    return elf->wide ? records_of[record].wide : records_of[record].narrow;
}

static void translate(const fps__elf *elf, Elf_Type type, const uint8_t *from, size_t size, void *to)
{
    Elf_Data source = {
        .d_buf = (void *)(uintptr_t)from, .d_type = type, .d_version = EV_CURRENT, .d_size = size};
    Elf_Data target = {.d_buf = to, .d_type = type, .d_version = EV_CURRENT, .d_size = size};
    unsigned encoding = elf->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
    const Elf_Data *done =
        elf->wide ? elf64_xlatetom(&target, &source, encoding) : elf32_xlatetom(&target, &source, encoding);
    if (!done)
        memset(to, 0, size); /* cannot happen for whole records of a valid encoding */
}

void fps__elf_records_read(const fps__elf *elf, fps__elf_record record, const uint8_t *bytes, size_t count,
                           void *records)
{
    const struct record *r = &records_of[record];
    if (elf->wide) {
        if (count)
            translate(elf, r->type, bytes, count * r->wide, records);
        return;
    }
    _Alignas(16) uint8_t chunk[CHUNK_BYTES];
    uint8_t *to = records;
    while (count) {
        size_t now = CHUNK_BYTES / r->narrow;
        if (now > count)
            now = count;
        translate(elf, r->type, bytes, now * r->narrow, chunk);
        for (size_t i = 0; i < now; i++, to += r->wide)
            r->widen(chunk + i * r->narrow, to);
        bytes += now * r->narrow;
        count -= now;
    }
}

uint16_t fps__elf_get16(const fps__elf *elf, const uint8_t *p)
{
    return elf->big_endian ? fps__get16be(p) : fps__get16le(p);
}

uint32_t fps__elf_get32(const fps__elf *elf, const uint8_t *p)
{
    return elf->big_endian ? fps__get32be(p) : fps__get32le(p);
}

uint64_t fps__elf_get_word(const fps__elf *elf, const uint8_t *p)
{
    if (!elf->wide)
        return fps__elf_get32(elf, p);
    return elf->big_endian ? fps__get64be(p) : fps__get64le(p);
}
