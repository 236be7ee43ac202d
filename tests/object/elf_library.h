/* Builds a small shared object for the tests with every table that one can have, with or without section
 * headers. */
#ifndef ELF_LIBRARY_H
#define ELF_LIBRARY_H

#include "elf_builder.h"

typedef enum library_hash { LIBRARY_SYSV, LIBRARY_GNU, LIBRARY_NO_HASH } library_hash;

typedef struct library_options {
    bool wide, big;
    library_hash hash;
    bool sections;
} library_options;

/* The offsets of the parts. */
typedef struct library {
    elf_builder b;
    size_t interp, note, dynstr, dynstr_size, dynsym, hash, hash_size, versym, verdef, verneed, rela, text,
        rodata, data;
    size_t dynamic, dynamic_end, end;
} library;

enum { LIBRARY_SYMBOLS = 5 }; /* with the reserved one: 2 imports, 2 exports */
#define LIBRARY_LITERAL "a literal of the library"

static inline uint32_t library_name(const library *l, const char *name)
{
    for (size_t at = l->dynstr; at < l->dynstr + l->dynstr_size;
         at += strlen((const char *)l->b.data + at) + 1) {
        if (strcmp((const char *)l->b.data + at, name) == 0)
            return (uint32_t)(at - l->dynstr);
    }
    return 0;
}

static inline void library_put_names(library *l)
{
    static const char *const names[] = {"",          "libtest.so.1", "libneeded.so.2", "imported",
                                        "used_data", "exported",     "exported_data",  "TEST_1.0",
                                        "TEST_2.0",  "NEED_1.0",     "/opt/test"};
    l->dynstr = l->b.size;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        elf_put_text(&l->b, names[i]);
    l->dynstr_size = l->b.size - l->dynstr;
}

static inline void library_put_symbols(library *l)
{
    elf_builder *b = &l->b;
    l->dynsym = elf_align(b, 8);
    elf_put_symbol(b, 0, 0, 0, 0, 0);
    elf_put_symbol(b, library_name(l, "imported"), 0, 0, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), SHN_UNDEF);
    elf_put_symbol(b, library_name(l, "used_data"), 0, 0, ELF64_ST_INFO(STB_WEAK, STT_OBJECT), SHN_UNDEF);
    elf_put_symbol(b, library_name(l, "exported"), ELF_BASE + l->text, 4, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                   1);
    elf_put_symbol(b, library_name(l, "exported_data"), ELF_BASE + l->data, 8,
                   ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 2);
}

static inline void library_put_hash(library *l, library_hash kind)
{
    elf_builder *b = &l->b;
    l->hash = elf_align(b, 8);
    if (kind == LIBRARY_SYSV) {
        static const uint32_t words[] = {1, LIBRARY_SYMBOLS, 1, 0, 2, 3, 4, 0};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            elf_put(b, words[i], 4);
    } else if (kind == LIBRARY_GNU) {
        static const uint32_t words[] = {1, 3, 1, 6}; /* 1 bucket, hashed from symbol 3 on, 1 bloom word */
        for (size_t i = 0; i < 4; i++)
            elf_put(b, words[i], 4);
        elf_put_word(b, UINT64_MAX);
        elf_put(b, 3, 4);
        elf_put(b, 0x1234, 4);
        elf_put(b, 0x4321, 4); /* odd: the last of its chain */
    }
    l->hash_size = b->size - l->hash;
}

static inline void library_put_versions(library *l)
{
    static const uint16_t indexes[LIBRARY_SYMBOLS] = {0, 4, 1, 2, 3 | 0x8000};
    static const char *const defined[] = {"libtest.so.1", "TEST_1.0", "TEST_2.0"};
    elf_builder *b = &l->b;
    l->versym = elf_align(b, 2);
    for (size_t i = 0; i < LIBRARY_SYMBOLS; i++)
        elf_put(b, indexes[i], 2);
    l->verdef = elf_align(b, 4);
    for (size_t i = 0; i < 3; i++) {
        elf_put(b, 1, 2);
        elf_put(b, i == 0 ? VER_FLG_BASE : 0, 2);
        elf_put(b, i == 0 ? 1 : i + 1, 2);
        elf_put(b, 1, 2);
        elf_put(b, 0, 4);
        elf_put(b, 20, 4);
        elf_put(b, i == 2 ? 0 : 28, 4);
        elf_put(b, library_name(l, defined[i]), 4);
        elf_put(b, 0, 4);
    }
    l->verneed = b->size;
    elf_put(b, 1, 2);
    elf_put(b, 1, 2);
    elf_put(b, library_name(l, "libneeded.so.2"), 4);
    elf_put(b, 16, 4);
    elf_put(b, 0, 4);
    elf_put(b, 0, 4);
    elf_put(b, 0, 2);
    elf_put(b, 4, 2);
    elf_put(b, library_name(l, "NEED_1.0"), 4);
    elf_put(b, 0, 4);
}

static inline void library_put_note(library *l)
{
    static const uint8_t id[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    elf_builder *b = &l->b;
    l->note = elf_align(b, 4);
    elf_put(b, 4, 4);
    elf_put(b, sizeof id, 4);
    elf_put(b, NT_GNU_BUILD_ID, 4);
    elf_put_text(b, "GNU");
    elf_put_bytes(b, id, sizeof id);
    static const char json[] = "{\"name\":\"test\"}";
    elf_put(b, 4, 4);
    elf_put(b, sizeof json, 4);
    elf_put(b, 0xcafe1a7e, 4);
    elf_put_text(b, "FDO");
    elf_put_bytes(b, json, sizeof json);
    elf_align(b, 4);
}

static inline void library_put_dynamic(library *l, library_hash hash)
{
    elf_builder *b = &l->b;
    l->dynamic = elf_align(b, 8);
    elf_put_dynamic(b, DT_SONAME, library_name(l, "libtest.so.1"));
    elf_put_dynamic(b, DT_NEEDED, library_name(l, "libneeded.so.2"));
    elf_put_dynamic(b, DT_RUNPATH, library_name(l, "/opt/test"));
    elf_put_dynamic(b, DT_STRTAB, ELF_BASE + l->dynstr);
    elf_put_dynamic(b, DT_STRSZ, l->dynstr_size);
    elf_put_dynamic(b, DT_SYMTAB, ELF_BASE + l->dynsym);
    elf_put_dynamic(b, DT_VERSYM, ELF_BASE + l->versym);
    elf_put_dynamic(b, DT_VERDEF, ELF_BASE + l->verdef);
    elf_put_dynamic(b, DT_VERDEFNUM, 3);
    elf_put_dynamic(b, DT_VERNEED, ELF_BASE + l->verneed);
    elf_put_dynamic(b, DT_VERNEEDNUM, 1);
    elf_put_dynamic(b, DT_RELA, ELF_BASE + l->rela);
    elf_put_dynamic(b, DT_RELASZ, 48);
    if (hash != LIBRARY_NO_HASH)
        elf_put_dynamic(b, hash == LIBRARY_SYSV ? DT_HASH : DT_GNU_HASH, ELF_BASE + l->hash);
    elf_put_dynamic(b, DT_NULL, 0);
    l->dynamic_end = b->size;
}

static inline void library_add_sections(library *l, library_hash hash)
{
    elf_builder *b = &l->b;
    size_t symbol = b->wide ? 24 : 16;
    const uint32_t a = SHF_ALLOC;
    elf_section(b, ".text", SHT_PROGBITS, a | SHF_EXECINSTR, l->text, 16);
    elf_section(b, ".data", SHT_PROGBITS, a | SHF_WRITE, l->data, 16);
    uint32_t strings = elf_section(b, ".dynstr", SHT_STRTAB, a, l->dynstr, l->dynstr_size);
    uint32_t symbols = elf_section(b, ".dynsym", SHT_DYNSYM, a, l->dynsym, LIBRARY_SYMBOLS * symbol);
    b->sections[symbols].link = strings;
    b->sections[symbols].entry = (uint32_t)symbol;
    if (hash != LIBRARY_NO_HASH)
        elf_section(b, ".hash", hash == LIBRARY_SYSV ? SHT_HASH : SHT_GNU_HASH, a, l->hash, l->hash_size);
    elf_section(b, ".gnu.version", SHT_GNU_versym, a, l->versym, LIBRARY_SYMBOLS * 2);
    elf_section(b, ".gnu.version_d", SHT_GNU_verdef, a, l->verdef, l->verneed - l->verdef);
    elf_section(b, ".gnu.version_r", SHT_GNU_verneed, a, l->verneed, 32);
    elf_section(b, ".rela.dyn", SHT_RELA, a, l->rela, 48);
    elf_section(b, ".note", SHT_NOTE, a, l->note, l->dynstr - l->note);
    elf_section(b, ".rodata", SHT_PROGBITS, a, l->rodata, sizeof LIBRARY_LITERAL);
    elf_section(b, ".dynamic", SHT_DYNAMIC, a | SHF_WRITE, l->dynamic, l->dynamic_end - l->dynamic);
    static const char comment[] = "Compiler 1.0\0Other 2.0";
    size_t at = elf_put_bytes(b, comment, sizeof comment);
    elf_section(b, ".comment", SHT_PROGBITS, 0, at, sizeof comment);
    at = elf_put_text(b, "test.debug");
    elf_section(b, ".gnu_debuglink", SHT_PROGBITS, 0, at, sizeof "test.debug");
}

/* Fills `l`; the caller may change l->b.data afterwards. */
static inline void library_build(library *l, const library_options *options)
{
    static const uint8_t code[16] = {0xc3, 0x90, 0x90, 0x90, 0xc3, 0x90, 0x90, 0x90};
    elf_builder *b = &l->b;
    elf_begin(b, options->wide, options->big, ET_DYN, options->wide ? EM_X86_64 : EM_386);
    library_put_note(l);
    library_put_names(l);
    elf_align(b, 16);
    l->text = elf_put_bytes(b, code, sizeof code);
    l->rodata = elf_put_text(b, LIBRARY_LITERAL);
    l->data = elf_align(b, 16);
    elf_put_text(b, "data of 16 byte");
    library_put_symbols(l);
    library_put_versions(l); /* its start bounds the symbols if no hash table gives their number */
    library_put_hash(l, options->hash);
    l->rela = elf_align(b, 8);
    b->size += 48;
    library_put_dynamic(l, options->hash);
    l->end = b->size;
    elf_segment(b, PT_LOAD, PF_R | PF_X, 0, l->data);
    elf_segment(b, PT_LOAD, PF_R | PF_W, l->data, l->end - l->data);
    elf_segment(b, PT_DYNAMIC, PF_R | PF_W, l->dynamic, l->dynamic_end - l->dynamic);
    elf_segment(b, PT_NOTE, PF_R, l->note, l->dynstr - l->note);
    if (options->sections)
        library_add_sections(l, options->hash);
    elf_finish(b);
}

#endif
