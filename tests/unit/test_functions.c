/* Finding functions: symbols, unwind tables, what flow finds without them, and inputs that lie or are large.
 */
#include "../object/elf_builder.h"
#include "../object/functions_check.h"
#include "util/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum {
    EXECUTABLE = SHF_ALLOC | SHF_EXECINSTR,
    LARGE = 4 << 20,
    MAX_SECONDS = 60, /* for LARGE bytes under sanitizers on a busy machine; without a bound it takes hours */
};

static elf_builder built;

/* Three functions: the first calls the second and ends with a return, nops, the second ends with a tail jump
 * to the first, nops, the third is called by nobody. */
static const uint8_t x86_code[] = {
    0x55, 0xe8, 0x0a, 0x00, 0x00, 0x00, 0x5d, 0xc3, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00, /* 0 */
    0x85, 0xff, 0x74, 0x03, 0xff, 0xc7, 0x90, 0xeb, 0xe7, 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00, 0x90, /* 16 */
    0x31, 0xc0, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, /* 32 */
};

static const uint32_t arm64_code[] = {
    0xa9bf7bfd, 0x94000003, 0xa8c17bfd, 0xd65f03c0, /* 0: stp, bl 16, ldp, ret */
    0x34000040, 0x11000400, 0x17fffffa, 0xd503201f, /* 16: cbz +8, add, b 0; nop */
    0x52800000, 0xd65f03c0, 0x00000000, 0x00000000, /* 32: mov, ret; zeros */
};

typedef struct result {
    fps_object *object;
    fps__arena arena;
    fps__functions functions;
} result;

static result find_in(const void *data, size_t size, const fps__function_options *options)
{
    result r = {0};
    fps_error error = {0};
    if (fps_object_open(&r.object, data, size, NULL, &error) != FPS_OK)
        fail_msg("cannot be opened: %s", error.message);
    assert_int_equal(fps__functions_find(r.object, data, size, options, &r.arena, &r.functions, &error),
                     FPS_OK);
    const char *wrong = functions_check(r.object, data, &r.functions);
    if (wrong)
        fail_msg("%s", wrong);
    return r;
}

static void drop(result *r)
{
    fps__arena_free(&r->arena);
    fps_object_free(r->object);
}

static const fps__function *find_function(const result *r, uint64_t offset, uint32_t size)
{
    for (size_t i = 0; i < r->functions.count; i++) {
        const fps__function *function = &r->functions.items[i];
        if (function->offset == offset && (!size || function->size == size))
            return function;
    }
    return NULL;
}

static const fps_diagnostic *find_diagnostic(const result *r, const char *code)
{
    for (size_t i = 0; i < r->functions.diagnostic_count; i++) {
        if (strcmp(r->functions.diagnostics[i].code, code) == 0)
            return &r->functions.diagnostics[i];
    }
    return NULL;
}

/* Starts a shared object whose one executable section holds `code`; gives its offset. */
static size_t begin_code(uint16_t type, uint16_t machine, const void *code, size_t size)
{
    elf_begin(&built, true, false, type, machine);
    size_t text = elf_align(&built, 64);
    elf_put_bytes(&built, code, size);
    elf_section(&built, ".text", SHT_PROGBITS, EXECUTABLE, text, size);
    return text;
}

static size_t put_cie(void)
{
    static const uint8_t cie[] = {16, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0, 0, 0};
    elf_align(&built, 8);
    return elf_put_bytes(&built, cie, sizeof cie);
}

static void put_fde(size_t cie, size_t function, uint32_t size)
{
    elf_put(&built, 12, 4);
    elf_put(&built, built.size - cie, 4);
    elf_put(&built, function - built.size, 4);
    elf_put(&built, size, 4);
}

static void end_frame(size_t cie)
{
    elf_put(&built, 0, 4);
    elf_section(&built, ".eh_frame", SHT_PROGBITS, SHF_ALLOC, cie, built.size - cie);
}

typedef struct named {
    const char *name;
    uint64_t value, size;
    uint8_t info;
} named;

static void put_symbols(const named *symbols, size_t count)
{
    uint32_t names[16];
    size_t strings = elf_put(&built, 0, 1);
    for (size_t i = 0; i < count; i++)
        names[i] = (uint32_t)(elf_put_text(&built, symbols[i].name) - strings);
    size_t end = built.size, table = elf_align(&built, 8);
    elf_put_symbol(&built, 0, 0, 0, 0, 0);
    for (size_t i = 0; i < count; i++)
        elf_put_symbol(&built, names[i], symbols[i].value, symbols[i].size, symbols[i].info, 1);
    uint32_t text = elf_section(&built, ".strtab", SHT_STRTAB, 0, strings, end - strings);
    uint32_t section = elf_section(&built, ".symtab", SHT_SYMTAB, 0, table, built.size - table);
    built.sections[section].link = text;
}

static result find_built(const fps__function_options *options)
{
    return find_in(built.data, built.size, options);
}

static void symbols_give_names_and_aliases_are_one(void **state)
{
    (void)state;
    size_t text = begin_code(ET_DYN, EM_X86_64, x86_code, sizeof x86_code);
    uint8_t function = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
            variant = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC);
    const named symbols[] = {
        {"first", ELF_BASE + text, 8, function},
        {"alias", ELF_BASE + text, 8, function},
        {"longer", ELF_BASE + text, 16, function},
        {"second", ELF_BASE + text + 16, 9, variant},
        {"third", ELF_BASE + text + 32, 3, function},
        {"beyond", ELF_BASE + text + 40, 4000, function},
        {"nowhere", 1, 8, function},
        {"data", ELF_BASE + text, 4, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT)},
    };
    put_symbols(symbols, sizeof symbols / sizeof symbols[0]);
    elf_finish(&built);
    result r = find_built(NULL);
    assert_int_equal(r.functions.count, 5);
    assert_string_equal(find_function(&r, text, 8)->name, "alias");
    assert_string_equal(find_function(&r, text, 16)->name, "longer");
    assert_string_equal(find_function(&r, text + 16, 9)->name, "second");
    assert_int_equal(find_function(&r, text + 40, 8)->source, FPS__FUNCTION_SYMBOL); /* cut */
    assert_non_null(find_diagnostic(&r, "function-out-of-region"));
    assert_int_equal(r.functions.covered_bytes, 16 + 9 + 3 + 8);
    drop(&r);
}

static void unwind_tables_are_read_without_symbols(void **state)
{
    (void)state;
    size_t text = begin_code(ET_DYN, EM_X86_64, x86_code, sizeof x86_code), cie = put_cie();
    put_fde(cie, text, 8);
    put_fde(cie, text + 16, 9);
    put_fde(cie, text + 32, 0);           /* empty */
    put_fde(cie, text + 4096, 9);         /* nowhere */
    put_fde(cie, text + 40, 0xffffffffu); /* endless */
    end_frame(cie);
    elf_finish(&built);
    result r = find_built(NULL);
    assert_int_equal(find_function(&r, text, 8)->source, FPS__FUNCTION_UNWIND);
    assert_int_equal(find_function(&r, text + 16, 9)->source, FPS__FUNCTION_UNWIND);
    assert_int_equal(find_function(&r, text + 40, 8)->source, FPS__FUNCTION_UNWIND);
    assert_int_equal(find_function(&r, text + 32, 3)->source, FPS__FUNCTION_FLOW);
    assert_non_null(find_diagnostic(&r, "unwind-range-damaged"));
    drop(&r);
}

/* Without section headers: one segment that holds everything. */
static void frames_are_found_by_their_bytes_in_a_segment(void **state)
{
    (void)state;
    elf_begin(&built, true, false, ET_DYN, EM_X86_64);
    size_t text = elf_align(&built, 64);
    elf_put_bytes(&built, x86_code, sizeof x86_code);
    size_t cie = put_cie();
    put_fde(cie, text, 8);
    put_fde(cie, text + 16, 9);
    elf_put(&built, 0, 4);
    elf_segment(&built, PT_LOAD, PF_R | PF_X, 0, built.size);
    elf_finish(&built);
    result r = find_built(NULL);
    assert_int_equal(find_function(&r, text, 8)->source, FPS__FUNCTION_UNWIND);
    assert_int_equal(find_function(&r, text + 16, 9)->source, FPS__FUNCTION_UNWIND);
    drop(&r);
}

static void flow_alone_finds_starts_and_ends(void **state)
{
    (void)state;
    const fps__function_options bare = {.no_symbols = true, .no_tables = true};
    for (int arm = 0; arm < 2; arm++) {
        size_t text = arm ? begin_code(ET_DYN, EM_AARCH64, arm64_code, sizeof arm64_code)
                          : begin_code(ET_DYN, EM_X86_64, x86_code, sizeof x86_code);
        elf_finish(&built);
        result r = find_built(&bare);
        assert_non_null(find_function(&r, text, arm ? 16 : 8));
        assert_non_null(find_function(&r, text + 16, arm ? 12 : 9));
        assert_non_null(find_function(&r, text + 32, arm ? 8 : 3));
        assert_int_equal(r.functions.count, 3);
        assert_int_equal(r.functions.covered_bytes, 0);
        assert_int_equal(r.functions.executable_bytes, arm ? 36 : 8 + 9 + 3);
        drop(&r);
    }
}

static void stubs_are_left_out(void **state)
{
    (void)state;
    static const uint8_t stubs[] =
        {
            0xff, 0x35, 0x02, 0x10, 0,    0,    0xff, 0x25, 0x04, 0x10, 0,    0,
            0x0f, 0x1f, 0x40, 0, /* the first */
            0xff, 0x25, 0x02, 0x10, 0,    0,    0x68, 0,    0,    0,    0,    0xe9,
            0xe0, 0xff, 0xff, 0xff, 0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0x02, 0x10,
            0,    0,    0x66, 0x0f, 0x1f, 0x44, 0,    0,    0x31, 0xc0, 0xc3, 0xcc,
        };
    size_t text = begin_code(ET_DYN, EM_X86_64, stubs, sizeof stubs), cie = put_cie();
    put_fde(cie, text, 48);
    end_frame(cie);
    elf_finish(&built);
    result r = find_built(NULL);
    assert_int_equal(r.functions.count, 1);
    assert_int_equal(r.functions.items[0].offset, text + 48);
    drop(&r);
    begin_code(ET_DYN, EM_X86_64, x86_code, sizeof x86_code);
    built.sections[1].name = ".plt";
    elf_finish(&built);
    r = find_built(NULL);
    assert_int_equal(r.functions.count, 0);
    assert_int_equal(r.functions.executable_bytes, 0);
    drop(&r);
}

static void functions_of_a_relocatable_object_know_their_relocations(void **state)
{
    (void)state;
    size_t text = begin_code(ET_REL, EM_X86_64, x86_code, sizeof x86_code);
    const named symbols[] = {{"first", 0, 8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)},
                             {"second", 16, 9, ELF64_ST_INFO(STB_LOCAL, STT_FUNC)}};
    put_symbols(symbols, 2);
    size_t table = elf_align(&built, 8);
    static const uint64_t offsets[] = {2, 8, 16, 24};
    for (size_t i = 0; i < 4; i++) {
        elf_put_word(&built, offsets[i]);
        elf_put_word(&built, R_X86_64_PLT32);
        elf_put_word(&built, 0);
    }
    uint32_t section = elf_section(&built, ".rela.text", SHT_RELA, 0, table, built.size - table);
    elf_finish(&built);
    elf_set(&built, elf_section_header(&built, section) + 44, 1, 4);
    result r = find_built(NULL);
    const fps__function *first = find_function(&r, text, 8), *second = find_function(&r, text + 16, 9);
    assert_int_equal(first->address, 0);
    assert_int_equal(first->section, 1);
    fps__code code = fps__function_code(r.object, built.data, first);
    assert_int_equal(code.relocation_count, 1);
    assert_int_equal(code.relocations[0].offset, text + 2);
    code = fps__function_code(r.object, built.data, second);
    assert_int_equal(code.relocation_count, 2);
    assert_int_equal(code.relocations[1].offset, text + 24);
    drop(&r);
}

static void what_calls_do_not_return_is_learnt(void **state)
{
    (void)state;
    enum { FUNCTIONS = 24, EACH = 16 };
    uint8_t code[(FUNCTIONS + 1) * EACH];
    memset(code, 0xcc, sizeof code);
    memcpy(code, "\x0f\x0b", 2); /* ud2: does not return */
    for (size_t i = 1; i <= FUNCTIONS; i++) {
        uint8_t *function = code + i * EACH;
        uint32_t distance = 0u - (uint32_t)(i * EACH + 7 + 5);
        memcpy(function, "\x85\xff\x74\x03\x31\xc0\xc3\xe8", 8); /* test, jz to the call, xor, ret, call */
        for (size_t k = 0; k < 4; k++)
            function[8 + k] = (uint8_t)(distance >> 8 * k);
        memset(function + 12, 0x90, 4);
    }
    size_t text = begin_code(ET_DYN, EM_X86_64, code, sizeof code);
    elf_finish(&built);
    result r = find_built(NULL);
    for (size_t i = 1; i <= FUNCTIONS; i++)
        assert_non_null(find_function(&r, text + i * EACH, 12));
    drop(&r);
}

static void overlapping_functions_are_bounded(void **state)
{
    (void)state;
    static uint8_t code[4096];
    memset(code, 0x90, sizeof code);
    size_t text = begin_code(ET_DYN, EM_X86_64, code, sizeof code), cie = put_cie();
    for (uint32_t i = 0; i < 1000; i++)
        put_fde(cie, text + i, (uint32_t)sizeof code - i);
    put_fde(cie, text + 500, 10);
    end_frame(cie);
    elf_finish(&built);
    result r = find_built(NULL); /* checked there: no more than eight over a byte */
    assert_non_null(find_diagnostic(&r, "functions-overlap"));
    assert_non_null(find_function(&r, text + 500, 10)); /* the smallest stay */
    drop(&r);
}

static void the_maximum_is_told(void **state)
{
    (void)state;
    const fps__function_options two = {.maximum = 2};
    begin_code(ET_DYN, EM_X86_64, x86_code, sizeof x86_code);
    elf_finish(&built);
    result r = find_built(&two);
    assert_int_equal(r.functions.count, 2);
    assert_int_equal(find_diagnostic(&r, "function-limit")->level, FPS_DIAGNOSTIC_PARTIAL);
    drop(&r);
}

static void an_object_that_claims_another_machine_is_survived(void **state)
{
    (void)state;
    static const uint16_t machines[] = {EM_AARCH64, EM_X86_64, EM_ARM, EM_RISCV, EM_NONE, 0xffff};
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        begin_code(ET_DYN, machines[i], x86_code, sizeof x86_code - 1);
        elf_finish(&built);
        result r = find_built(NULL);
        drop(&r);
        begin_code(ET_DYN, machines[i], arm64_code, sizeof arm64_code - 2);
        elf_finish(&built);
        r = find_built(NULL);
        drop(&r);
    }
}

/* A program of LARGE bytes of `pattern` in one executable segment, to be freed; *all is its size. */
static uint8_t *make_large(const void *pattern, size_t size, uint16_t machine, size_t *all)
{
    elf_begin(&built, true, false, ET_DYN, machine);
    size_t text = elf_align(&built, 64);
    elf_segment(&built, PT_LOAD, PF_R | PF_X, 0, text + LARGE);
    elf_finish(&built);
    uint8_t *data = malloc(text + LARGE);
    assert_non_null(data);
    memcpy(data, built.data, text);
    for (size_t i = 0; i < LARGE; i++)
        data[text + i] = ((const uint8_t *)pattern)[i % size];
    *all = text + LARGE;
    return data;
}

static void measure(const char *what, const void *pattern, size_t size, uint16_t machine)
{
    size_t all;
    uint8_t *data = make_large(pattern, size, machine, &all);
    clock_t start = clock();
    result r = find_in(data, all, NULL);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (seconds > MAX_SECONDS)
        fail_msg("%s took %.0f s", what, seconds);
    drop(&r);
    free(data);
}

static void a_search_ends_at_its_deadline_and_keeps_few_functions(void **state)
{
    (void)state;
    size_t all;
    uint8_t *data = make_large("\xc3", 1, EM_X86_64, &all);
    const fps__function_options late = {.deadline_ms = 1}, generous = {.deadline_ms = UINT64_MAX};
    result none = find_in(data, all, &late), some = find_in(data, all, &generous);
    assert_int_equal(none.functions.count, 0);
    assert_int_equal(some.functions.count, 65536 + all / 32);
    assert_int_equal(find_diagnostic(&some, "function-limit")->level, FPS_DIAGNOSTIC_PARTIAL);
    drop(&none);
    drop(&some);
    free(data);
}

static void the_time_is_linear_in_the_code(void **state)
{
    (void)state;
    measure("returns", "\xc3", 1, EM_X86_64);
    measure("nops", "\x90", 1, EM_X86_64);
    measure("zeros", "", 1, EM_X86_64);
    measure("landing pads", "\xf3\x0f\x1e\xfa", 4, EM_X86_64);
    measure("calls ahead", "\xe8\x00\x01\x00\x00", 5, EM_X86_64);
    measure("calls and padding", "\xe8\xfb\xff\xff\xff\x90\x90\xc3", 8, EM_X86_64);
    measure("jumps far back", "\xc3\xe9\x00\xf0\xff\xff", 6, EM_X86_64);
    measure("branches far ahead", "\x0f\x84\x00\x00\x10\x00\xc3", 7, EM_X86_64);
    measure("indirect jumps", "\xff\xe0\x90", 3, EM_X86_64);
    measure("CIEs", "\x10\0\0\0\0\0\0\0\1zR\0\1\x78\x10\1\x1b\0\0\0", 20, EM_X86_64);
    measure("text", "The quick brown fox jumps over the lazy dog. ", 45, EM_X86_64);
    measure("text as AArch64", "The quick brown fox jumps over the lazy dog. ", 45, EM_AARCH64);
    measure("returns of AArch64", "\xc0\x03\x5f\xd6", 4, EM_AARCH64);
}

typedef struct visits {
    uint64_t count, sum;
} visits;

static void visit(void *user, uint64_t address)
{
    visits *seen = user;
    seen->count++;
    seen->sum += address;
}

enum { REFERENCES_AT = 0x401000, REFERENCES_LOW = 0x400000, REFERENCES_HIGH = 0x403000 };

/* What fps__machine.references says of x86-64, byte by byte. */
static visits references_by_bytes(const uint8_t *bytes, size_t size, bool fixed)
{
    visits seen = {0, 0};
    for (size_t at = 0; at + 4 <= size; at++) {
        uint32_t value = fps__get32le(bytes + at);
        uint64_t relative = REFERENCES_AT + at + 4 + (uint64_t)(int64_t)(int32_t)value;
        if (at && (bytes[at - 1] & 0xc7) == 5 && relative >= REFERENCES_LOW && relative < REFERENCES_HIGH)
            visit(&seen, relative);
        if (fixed && value >= REFERENCES_LOW && value < REFERENCES_HIGH)
            visit(&seen, value);
    }
    return seen;
}

static void references_are_those_of_every_byte(void **state)
{
    (void)state;
    static const uint8_t common[] = {0x05, 0x0d, 0x3d, 0x00, 0x40, 0xff, 0x10, 0x85};
    srand(1);
    for (size_t size = 0; size < 300; size++) {
        uint8_t *bytes = malloc(size ? size : 1); /* so that a read past the end is seen */
        for (size_t i = 0; i < size; i++)
            bytes[i] = rand() % 4 ? common[(size_t)rand() % sizeof common] : (uint8_t)rand();
        for (int fixed = 0; fixed < 2; fixed++) {
            visits expected = references_by_bytes(bytes, size, fixed), seen = {0, 0};
            fps__machine_x86_64.references(bytes, size, REFERENCES_AT, fixed, REFERENCES_LOW, REFERENCES_HIGH,
                                           visit, &seen);
            assert_int_equal(seen.count, expected.count);
            assert_int_equal(seen.sum, expected.sum);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_give_names_and_aliases_are_one),
        cmocka_unit_test(unwind_tables_are_read_without_symbols),
        cmocka_unit_test(frames_are_found_by_their_bytes_in_a_segment),
        cmocka_unit_test(flow_alone_finds_starts_and_ends),
        cmocka_unit_test(stubs_are_left_out),
        cmocka_unit_test(functions_of_a_relocatable_object_know_their_relocations),
        cmocka_unit_test(what_calls_do_not_return_is_learnt),
        cmocka_unit_test(references_are_those_of_every_byte),
        cmocka_unit_test(overlapping_functions_are_bounded),
        cmocka_unit_test(the_maximum_is_told),
        cmocka_unit_test(a_search_ends_at_its_deadline_and_keeps_few_functions),
        cmocka_unit_test(an_object_that_claims_another_machine_is_survived),
        cmocka_unit_test(the_time_is_linear_in_the_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
