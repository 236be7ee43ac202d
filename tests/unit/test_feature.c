/* Literals against the byte loop, version texts and templates against tables. */
#include "../object/elf_builder.h"
#include "../object/pe_builder.h"
#include "feature/feature.h"
#include "feature/template.h"
#include "literal_oracle.h"
#include "util/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct found {
    size_t count, starts[4096], lengths[4096];
} found;

static bool remember(void *user, size_t start, size_t length)
{
    found *f = user;
    f->starts[f->count] = start;
    f->lengths[f->count++] = length;
    return f->count < 4096;
}

/* Bytes that are mostly printable, with zeros and others between, so that runs of every length cross every
 * block border. */
static void fill(uint8_t *bytes, size_t size, unsigned rarity)
{
    for (size_t i = 0; i < size; i++) {
        unsigned r = (unsigned)rand() % rarity;
        bytes[i] = r == 0 ? 0 : r == 1 ? (uint8_t)rand() : (uint8_t)('a' + r % 26);
    }
}

static void literals_equal_the_byte_loop(void **state)
{
    (void)state;
    static found fast, slow, baseline;
    srand(1);
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[300];
        size_t size = (size_t)rand() % sizeof bytes;
        fill(bytes, size, 4 + round % 60);
        uint8_t *copy = malloc(size ? size : 1); /* so that a read past the end is seen */
        memcpy(copy, bytes, size);
        fast.count = slow.count = baseline.count = 0;
        fps__literal_scan((fps__span){copy, size}, remember, &fast);
        fps__literal_scan_baseline((fps__span){copy, size}, remember, &baseline);
        scan_byte_by_byte((fps__span){copy, size}, remember, &slow);
        assert_int_equal(fast.count, slow.count);
        assert_memory_equal(fast.starts, slow.starts, fast.count * sizeof *fast.starts);
        assert_memory_equal(fast.lengths, slow.lengths, fast.count * sizeof *fast.lengths);
        assert_int_equal(baseline.count, slow.count);
        assert_memory_equal(baseline.starts, slow.starts, slow.count * sizeof *slow.starts);
        assert_memory_equal(baseline.lengths, slow.lengths, slow.count * sizeof *slow.lengths);
        free(copy);
    }
}

static void every_printable_byte_is_known(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t bytes[70];
        memset(bytes, 'x', sizeof bytes);
        bytes[66] = (uint8_t)c;
        bytes[69] = 0;
        found fast = {.count = 0}, slow = {.count = 0};
        fps__literal_scan((fps__span){bytes, sizeof bytes}, remember, &fast);
        scan_byte_by_byte((fps__span){bytes, sizeof bytes}, remember, &slow);
        assert_int_equal(fast.count, slow.count);
        assert_int_equal(fast.count, c == 0 || (c >= 9 && c <= 13) || (c >= 0x20 && c <= 0x7e));
    }
}

static void version_texts_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version, *template_;
    } cases[] = {
        {" inflate 1.2.13 Copyright 1995-2022 Mark Adler ", "1.2.13",
         " inflate {V} Copyright #-# Mark Adler "},
        {"OpenSSL 1.1.1t  7 Feb 2023", "1.1.1t", "OpenSSL {V} # M #"},
        {"OpenSSL 1.1.1n 15 Mar 2022", "1.1.1n", "OpenSSL {V} # M #"},
        {"OpenSSH_9.2p1 Debian", "9.2p1", "OpenSSH_{V} Debian"},
        {"expat_2.5.0", "2.5.0", "expat_{V}"},
        {"3.0.0-beta1", "3.0.0-beta1", "{V}"},
        {"libcurl/7.88.1", "7.88.1", "libcurl/{V}"},
        {"no version 12 here", NULL, NULL},
        {"trailing dot 12. end", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = strlen(cases[i].text), start = 0, size = 0;
        bool is_found = fps__version_text_find(cases[i].text, length, 0, &start, &size);
        assert_int_equal(is_found, cases[i].version != NULL);
        if (!is_found)
            continue;
        assert_int_equal(size, strlen(cases[i].version));
        assert_memory_equal(cases[i].text + start, cases[i].version, size);
        char out[FPS__TEMPLATE_TEXT_SIZE];
        size_t used = fps__template_text(cases[i].text, length, start, size, out);
        assert_int_equal(used, strlen(cases[i].template_));
        assert_memory_equal(out, cases[i].template_, used);
    }
}

static void bare_templates_are_told_apart(void **state)
{
    (void)state;
    assert_true(fps__template_is_bare("{V}", 3));
    assert_true(fps__template_is_bare("v{V}\n", 5));
    assert_false(fps__template_is_bare("libcurl/{V}", 11));
}

/* Features of a shared object whose one read-only segment holds `texts`, NULL-ended, and then `tail`. */
static void extract_texts(const char *const *texts, const void *tail, size_t tail_size, elf_builder *b,
                          fps_object **object, fps__arena *arena, fps__features *features)
{
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    elf_align(b, 16);
    elf_put(b, 0, 1);
    for (size_t i = 0; texts[i]; i++)
        elf_put_text(b, texts[i]);
    elf_put_bytes(b, tail, tail_size);
    elf_segment(b, PT_LOAD, PF_R, 0, b->size);
    elf_finish(b);
    assert_int_equal(fps_object_open(object, b->data, b->size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__features_extract(*object, b->data, b->size, NULL, arena, features, NULL), FPS_OK);
}

static bool has_literal(const fps__features *features, const char *text)
{
    for (size_t i = 0; i < features->literal_count; i++)
        if (features->items[i].key == fps__feature_literal_key(text, strlen(text)))
            return true;
    return false;
}

static bool reads_version(const fps__features *features, const char *version)
{
    for (size_t i = 0; i < features->count; i++) {
        const fps__feature *feature = &features->items[i];
        if (feature->version && feature->version_length == strlen(version) &&
            memcmp(feature->version, version, feature->version_length) == 0)
            return true;
    }
    return false;
}

static void function_names_and_short_versions_are_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"int demo_open(demo *, const char *)", "9.1", "demo 1.2.3 of today",
                                        "7.", NULL};
    elf_builder *b = malloc(sizeof *b);
    fps__arena arena = {0};
    fps__features features;
    fps_object *object;
    extract_texts(texts, "", 1, b, &object, &arena, &features);
    assert_true(has_literal(&features, texts[0]));
    assert_true(has_literal(&features, "demo_open")); /* as GCC stores it */
    assert_false(has_literal(&features, "9.1"));
    assert_true(reads_version(&features, "9.1"));
    assert_true(reads_version(&features, "1.2.3"));
    assert_false(reads_version(&features, "7."));
    fps_object_free(object);
    fps__arena_free(&arena);
    free(b);
}

/* Puts a dynamic symbol for the byte at `offset`, and returns the place of its name in `names`. */
static void put_symbol(elf_builder *b, const char *names, const char *name, size_t offset, uint8_t type)
{
    const char *at = names;
    while (strcmp(at, name) != 0)
        at += strlen(at) + 1;
    elf_put_symbol(b, (uint32_t)(at - names), ELF_BASE + offset, 8, (uint8_t)(STB_GLOBAL << 4 | type), 1);
}

/* A library with a function that returns a number, one that returns a text, a text, and a pointer that a relocation sets. */
static void names_that_say_version_have_values(void **state)
{
    (void)state;
    static const char names[] =
        "\0lib_version_number\0lib_version\0lib_version_text\0lib_version_pointer\0other";
    elf_builder *b = malloc(sizeof *b);
    fps__arena arena = {0};
    fps__features features;
    fps_object *object;
    elf_begin(b, true, false, ET_DYN, EM_X86_64);
    elf_align(b, 16);
    size_t text = elf_put_text(b, "lib 4.5.6");
    size_t other_text = elf_put_text(b, "7.8.9");
    elf_align(b, 8);
    size_t pointer = elf_put(b, 0, 8);
    size_t code = elf_put_bytes(b, "\xb8\x0b\x29\x00\x00\xc3\x90\x90", 8);
    size_t returns = elf_put_bytes(b, "\x48\x8d\x05", 3);
    elf_put(b, (uint32_t)(text - (returns + 7)), 4);
    elf_put(b, 0xc3, 1);
    size_t code_end = b->size;
    elf_align(b, 8);
    size_t table = elf_put(b, ELF_BASE + pointer, 8);
    elf_put(b, R_X86_64_RELATIVE, 8);
    elf_put(b, ELF_BASE + other_text, 8);
    size_t strings = elf_put_bytes(b, names, sizeof names);
    elf_align(b, 8);
    size_t symbols = b->size;
    elf_put_symbol(b, 0, 0, 0, 0, 0);
    put_symbol(b, names, "lib_version_number", code, STT_FUNC);
    put_symbol(b, names, "lib_version", returns, STT_FUNC);
    put_symbol(b, names, "lib_version_text", text, STT_OBJECT);
    put_symbol(b, names, "lib_version_pointer", pointer, STT_OBJECT);
    put_symbol(b, names, "other", text, STT_OBJECT);
    size_t symbols_end = b->size;
    elf_segment(b, PT_LOAD, PF_R | PF_X, 0, b->size);
    elf_section(b, ".rodata", SHT_PROGBITS, SHF_ALLOC, text, pointer - text);
    elf_section(b, ".data.rel.ro", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, pointer, 8);
    elf_section(b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, code_end - code);
    elf_section(b, ".rela.dyn", SHT_RELA, SHF_ALLOC, table, 24);
    uint32_t link = elf_section(b, ".dynstr", SHT_STRTAB, SHF_ALLOC, strings, sizeof names);
    uint32_t dynamic = elf_section(b, ".dynsym", SHT_DYNSYM, SHF_ALLOC, symbols, symbols_end - symbols);
    b->sections[dynamic].link = link;
    elf_finish(b);
    assert_int_equal(fps_object_open(&object, b->data, b->size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__features_extract(object, b->data, b->size, NULL, &arena, &features, NULL), FPS_OK);
    assert_int_equal(features.name_count, 5);
    static const char *const expected[] = {"10507", "lib 4.5.6", "lib 4.5.6", "7.8.9", NULL};
    for (size_t i = 0; i < 5; i++) {
        const fps__feature *name = &features.items[features.literal_count + i];
        if (!expected[i]) {
            assert_null(name->version);
            continue;
        }
        assert_non_null(name->version);
        assert_int_equal(name->version_length, strlen(expected[i]));
        assert_memory_equal(name->version, expected[i], name->version_length);
    }
    fps_object_free(object);
    fps__arena_free(&arena);
    free(b);
}

static void go_programs_have_no_literals(void **state)
{
    (void)state;
    static const char *const texts[] = {"runtime.gcWriteBarrier", "9.1", NULL};
    static const uint8_t table[] = {0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8},
                         other[] = {0xf1, 0xff, 0xff, 0xff, 0, 0, 3, 8};
    elf_builder *b = malloc(sizeof *b);
    fps__arena arena = {0};
    fps__features features;
    fps_object *object;
    extract_texts(texts, table, sizeof table, b, &object, &arena, &features);
    assert_int_equal(features.literal_count, 0);
    assert_false(reads_version(&features, "9.1"));
    fps_object_free(object);
    extract_texts(texts, other, sizeof other, b, &object, &arena,
                  &features); /* no such instruction quantum */
    assert_true(has_literal(&features, texts[0]));
    fps_object_free(object);
    fps__arena_free(&arena);
    free(b);
}

/* A Go program with 8 KiB of other code: a table of one function with the name "main.main", a record that says where Go's
 * strings are, and texts. */
static void texts_of_c_in_go_programs_are_literals(void **state)
{
    enum { HEADER = 8 + 8 * 8, NAMES = 16, FILES = 8, CODE = 8192 };
    static const char go_texts[] = "a text of Go\0a second text of Go\0",
                      c_texts[] = "\0a text of C, 1.2.11\0";
    (void)state;
    elf_builder *b = malloc(sizeof *b);
    fps__arena arena = {0};
    fps__features features;
    fps_object *object;
    assert_non_null(b);
    elf_begin(b, true, false, ET_EXEC, EM_X86_64);
    size_t code = b->size;
    for (size_t i = 0; i < CODE; i++)
        elf_put_bytes(b, "\xc3", 1);
    elf_align(b, 8);
    size_t own = elf_put_bytes(b, go_texts, sizeof go_texts);
    size_t foreign = elf_put_bytes(b, c_texts, sizeof c_texts);
    elf_align(b, 8);
    size_t texts_end = b->size, table = elf_put_bytes(b, "\xf1\xff\xff\xff\0\0\1\x08", 8);
    const uint64_t fields[] = {1,
                               1,
                               ELF_BASE + code,
                               HEADER,
                               HEADER + NAMES,
                               HEADER + NAMES,
                               HEADER + NAMES + FILES,
                               HEADER + NAMES + FILES};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        elf_put(b, fields[i], 8);
    elf_put_bytes(b, "main.main\0\0\0\0\0\0\0main.go", NAMES + FILES);
    const uint32_t entries[] = {0, 0, 16, 0, 0, 0};
    elf_put_bytes(b, entries, sizeof entries);
    elf_align(b, 8);
    size_t table_end = b->size, record = elf_put(b, ELF_BASE + table, 8);
    elf_put(b, ELF_BASE + own, 8);
    elf_put(b, ELF_BASE + foreign, 8);
    size_t end = b->size;
    elf_segment(b, PT_LOAD, PF_R | PF_X, 0, b->size);
    elf_section(b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, code, CODE);
    elf_section(b, ".rodata", SHT_PROGBITS, SHF_ALLOC, own, texts_end - own);
    elf_section(b, ".gopclntab", SHT_PROGBITS, SHF_ALLOC, table, table_end - table);
    elf_section(b, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, record, end - record);
    elf_finish(b);
    assert_int_equal(fps_object_open(&object, b->data, b->size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__features_extract(object, b->data, b->size, NULL, &arena, &features, NULL), FPS_OK);
    assert_true(has_literal(&features, "a text of C, 1.2.11"));
    assert_false(has_literal(&features, "a second text of Go"));
    assert_false(has_literal(&features, "main.main"));
    fps_object_free(object);
    fps__arena_free(&arena);
    free(b);
}

static void put_wide(pe_builder *b, const char *text, bool ends)
{
    for (; *text; text++)
        pe_put(b, (uint8_t)*text, 2);
    if (ends)
        pe_put(b, 0, 2);
}

/* Windows has texts in UTF-16: those of a PE file's data have the keys of the same texts in bytes, in file order. */
static void wide_texts_of_pe_files_are_literals(void **state)
{
    (void)state;
    static pe_builder b;
    pe_build(&b, true);
    b.size = (b.data_end + 1) & ~(size_t)1;
    put_wide(&b, "a wide literal", true);
    put_wide(&b, "four", true);
    pe_put(&b, 0x263a, 2);
    put_wide(&b, "behind a sign", true);
    pe_put_text(&b, "a narrow one");
    b.size = (b.size + 1) & ~(size_t)1;
    put_wide(&b, "without an end", false);
    pe_put(&b, 0xffff, 2);
    fps_object *object;
    fps__features features;
    fps__arena arena = {0};
    assert_int_equal(fps_object_open(&object, b.data, sizeof b.data, NULL, NULL), FPS_OK);
    assert_int_equal(fps__features_extract(object, b.data, sizeof b.data, NULL, &arena, &features, NULL),
                     FPS_OK);
    static const char *const expected[] = {"a literal of the DLL", "a wide literal", "behind a sign",
                                           "a narrow one"};
    assert_int_equal(features.literal_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(features.items[i].length, strlen(expected[i]));
        assert_memory_equal(features.items[i].text, expected[i], strlen(expected[i]));
        assert_int_equal(features.items[i].key, fps__feature_literal_key(expected[i], strlen(expected[i])));
    }
    fps__arena_free(&arena);
    fps_object_free(object);
}

static bool has_name(const fps__features *features, const char *name)
{
    for (size_t i = 0; i < features->count; i++)
        if (features->items[i].length == strlen(name) &&
            memcmp(features->items[i].text, name, strlen(name)) == 0 &&
            fps__feature_kind_of(features->items[i].key) == FPS__FEATURE_NAME)
            return true;
    return false;
}

/* A COFF symbol of eight letters has no zero at its end in the file, so that the object has a copy of it. */
static void names_outlive_their_object(void **state)
{
    (void)state;
    static pe_builder b;
    pe_build(&b, true);
    uint8_t *name = memmem(b.data, b.size, "short\0\0\0", 8);
    assert_non_null(name);
    memcpy(name, "shortest", 8);
    fps_object *object;
    fps__features features;
    fps__arena arena = {0};
    assert_int_equal(fps_object_open(&object, b.data, sizeof b.data, NULL, NULL), FPS_OK);
    const fps__feature_options options = {.functions = true};
    assert_int_equal(fps__features_extract(object, b.data, sizeof b.data, &options, &arena, &features, NULL),
                     FPS_OK);
    fps_object_free(object);
    assert_true(has_name(&features, "shortest"));
    fps__arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_equal_the_byte_loop),
        cmocka_unit_test(names_that_say_version_have_values),
        cmocka_unit_test(every_printable_byte_is_known),
        cmocka_unit_test(version_texts_are_found),
        cmocka_unit_test(bare_templates_are_told_apart),
        cmocka_unit_test(function_names_and_short_versions_are_read),
        cmocka_unit_test(go_programs_have_no_literals),
        cmocka_unit_test(texts_of_c_in_go_programs_are_literals),
        cmocka_unit_test(wide_texts_of_pe_files_are_literals),
        cmocka_unit_test(names_outlive_their_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
