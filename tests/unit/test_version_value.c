/* What version functions return, what packed numbers mean, and what the decision makes of both. */
#include "feature/template.h"
#include "feature/version_value.h"
#include "match_fixture.h"

#include <elf.h>

static bool read_code(const char *code, size_t size, uint16_t machine, fps__returned *returned)
{
    uint8_t *copy = malloc(size ? size : 1); /* so that a read past the end is seen */
    assert_non_null(copy);
    memcpy(copy, code, size);
    bool read = fps__returned_read(copy, size, 0x1000, machine, returned);
    free(copy);
    return read;
}
#define CODE(bytes) bytes, sizeof(bytes) - 1

static void constants_and_addresses_are_read(void **state)
{
    static const struct {
        const char *code;
        size_t size;
        uint16_t machine;
        uint64_t value;
        bool is_address;
    } cases[] = {
        {CODE("\xb8\x00\x04\x01\x00\xc3"), EM_X86_64, 0x10400, false},
        {CODE("\xf3\x0f\x1e\xfa\xb8\x09\x00\x00\x01\xc3"), EM_X86_64, 0x1000009, false},
        {CODE("\x55\x48\x89\xe5\xb8\x0b\x29\x00\x00\x5d\xc3"), EM_X86_64, 10507, false},
        {CODE("\x55\x89\xe5\xb8\x0b\x29\x00\x00\x5d\xc3"), EM_386, 10507, false},
        {CODE("\xb8\x0b\x29\x00\x00\xf3\xc3"), EM_386, 10507, false},
        {CODE("\x48\x8d\x05\x10\x00\x00\x00\xc3"), EM_X86_64, 0x1017, true},
        {CODE("\x48\x8d\x05\xf0\xff\xff\xff\xc3"), EM_X86_64, 0xff7, true},
        {CODE("\x00\x80\x80\x52\x20\x00\xa0\x72\xc0\x03\x5f\xd6"), EM_AARCH64, 0x10400, false},
        {CODE("\x5f\x24\x03\xd5\x60\x21\x85\x52\xc0\x03\x5f\xd6"), EM_AARCH64, 10507, false},
        {CODE("\x00\x00\x00\xb0\x00\x40\x00\x91\xc0\x03\x5f\xd6"), EM_AARCH64, 0x2010, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fps__returned returned;
        if (!read_code(cases[i].code, cases[i].size, cases[i].machine, &returned))
            fail_msg("case %zu is not read", i);
        assert_int_equal(returned.value, cases[i].value);
        assert_int_equal(returned.is_address, cases[i].is_address);
        for (size_t size = 0; size < cases[i].size; size++)
            assert_false(read_code(cases[i].code, size, cases[i].machine, &returned));
    }
}

static void functions_that_do_more_are_not_read(void **state)
{
    fps__returned returned;
    (void)state;
    assert_false(
        read_code(CODE("\xb8\x00\x04\x01\x00\x83\xc0\x01\xc3"), EM_X86_64, &returned));  /* add eax, 1 */
    assert_false(read_code(CODE("\x8b\x05\x10\x00\x00\x00\xc3"), EM_X86_64, &returned)); /* a load */
    assert_false(read_code(CODE("\x48\x8d\x05\x10\x00\x00\x00\xc3"), EM_386, &returned));
    assert_false(read_code(CODE("\xc0\x03\x5f\xd6"), EM_AARCH64, &returned));
    assert_false(read_code(CODE("\x20\x00\xa0\x72\xc0\x03\x5f\xd6"), EM_AARCH64, &returned)); /* movk alone */
    assert_false(read_code(CODE("\xb8\x00\x04\x01\x00\xc3"), EM_ARM, &returned));
}

static bool can_mean(uint64_t number, const char *version)
{
    char versions[FPS__NUMBER_VERSIONS][FPS__NUMBER_VERSION_SIZE];
    size_t count = fps__number_versions(number, versions);
    assert_true(count <= FPS__NUMBER_VERSIONS);
    for (size_t i = 0; i < count; i++)
        if (strcmp(versions[i], version) == 0)
            return true;
    return false;
}

static void packed_numbers_are_unpacked(void **state)
{
    (void)state;
    assert_true(can_mean(0x010400, "1.4.0"));    /* WebPGetDecoderVersion */
    assert_true(can_mean(0x02010c00, "2.1.12")); /* event_get_version_number */
    assert_true(can_mean(0x1000009, "1.0.9"));   /* BrotliDecoderVersion */
    assert_true(can_mean(0x30000130, "3.0.19")); /* OpenSSL_version_num */
    assert_true(can_mean(0x1010117f, "1.1.1w")); /* the same, of 1.1.1 */
    assert_true(can_mean(0x1010100f, "1.1.1"));  /* without a letter */
    assert_true(can_mean(10507, "1.5.7"));       /* ZSTD_versionNumber */
    assert_true(can_mean(10002, "0.10.2"));      /* JxlDecoderVersion */
    assert_true(can_mean(50020042, "5.2.4"));    /* lzma_version_number */
    assert_true(can_mean(150004, "15.4"));       /* PQlibVersion */
    assert_true(can_mean(2120, "2.12"));         /* cmsGetEncodedCMMversion */
    assert_true(can_mean(0x01001100, "1.0.11")); /* de265_get_version_number, in coded digits */
    assert_true(can_mean(0x01001100, "1.0.17")); /* or not */
    assert_false(can_mean(0x1000009, "1.0.0"));  /* nothing may be left over */
    assert_false(can_mean(7, "0.0.7"));          /* the version of an interface */
    assert_false(can_mean(UINT64_MAX, "1.0.0"));
    for (uint64_t number = 0; number < UINT64_C(0x200000000); number += 0x10007) /* no length is exceeded */
        can_mean(number, "");
}

static void names_that_say_version_are_told(void **state)
{
    (void)state;
    assert_true(fps__names_version("zlibVersion", 11));
    assert_true(fps__names_version("LZ4_VERSION_STRING", 18));
    assert_false(fps__names_version("zlibVersion", 7));
    assert_false(fps__names_version("", 0));
    assert_false(fps__names_version("vendor", 6));
}

static void vendors_suffixes_are_measured(void **state)
{
    static const struct {
        const char *text;
        size_t end, suffix;
    } cases[] = {{"OpenSSL 1.1.1k-fips  25 Mar 2021", 14, 5},
                 {"3.1.4+quic", 5, 5},
                 {"1.1.1u-dev.", 6, 4},
                 {"1.2~deb9u1-x ", 3, 9},
                 {"1.2.3", 5, 0},
                 {"1.2.3-", 5, 0},
                 {"1.2.3-4", 5, 0},
                 {"1.2.3 - fips", 5, 0},
                 {"1.0+aaaaaaaaaabbbbbbbbbbccccccccccd", 3, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(fps__version_text_suffix(cases[i].text, strlen(cases[i].text), cases[i].end),
                         cases[i].suffix);
}

/* ---- what the decision makes of it ---- */

/* Matches an object that holds texts of releases 1.1 to 1.3 of versions_set, with a name of zlib's that stands for `value`. */
static const fps_version_answer *match_name(trial *t, const char *value)
{
    const texts some[] = {{"zlib", 10, 78, 0}, {"zlib_version", 0, 1, FPS__FEATURE_NAME}, {NULL, 0, 0, 0}};
    size_t total = 100;
    t->features = (fps__features){.items = fps__arena_array(&t->arena, total, sizeof(fps__feature))};
    for (const texts *one = some; one->stem; one++)
        for (uint32_t n = one->first; n < one->end; n++)
            add_feature(t, one->kind ? one->kind : FPS__FEATURE_LITERAL, numbered_text(&t->arena, one, n));
    fps__feature *name = &t->features.items[t->features.count - 1];
    name->version = value;
    name->version_length = (uint32_t)strlen(value);
    const fps_object_info info = {.format = FPS_FORMAT_ELF};
    const fps__match_input input = {.info = &info, .features = &t->features};
    assert_int_equal(fps__match_object(t->matcher, t->scratch, &input, &t->arena, &t->output, NULL), FPS_OK);
    return &finding_of(t, "zlib")->version;
}

static void what_a_version_function_returns_is_read(void **state)
{
    static const char *const releases[] = {"1.0.0", "1.1.0", "1.2.0", "1.3.0", NULL};
    fps__corpus corpus;
    trial t;
    (void)state;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, releases);
    for (uint32_t i = 0; i < 2; i++)
        corpus_release(&corpus, "zlib", releases[i],
                       TEXTS({"zlib", 0, 80, 0}, {"zlib_version", 0, 1, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    assert_string_equal(match_name(&t, "1.2.0")->version, "1.2.0"); /* a text */
    assert_string_equal(match_name(&t, "66304")->version, "1.3.0"); /* 0x10300 */
    assert_string_equal(match_name(&t, "1.2.0-fork")->template_version, "1.2.0");
    assert_int_equal(match_name(&t, "1.9.9")->kind, FPS_VERSION_EXACT); /* no release that is listed */
    assert_non_null(match_name(&t, "1.9.9")->note);
    assert_null(match_name(&t, "15.0.0")->template_version); /* a standard's */
    assert_null(match_name(&t, "123")->template_version);    /* a number that means none */
    assert_null(match_name(&t, "no version at all")->template_version);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_and_addresses_are_read),
        cmocka_unit_test(functions_that_do_more_are_not_read),
        cmocka_unit_test(packed_numbers_are_unpacked),
        cmocka_unit_test(names_that_say_version_are_told),
        cmocka_unit_test(vendors_suffixes_are_measured),
        cmocka_unit_test(what_a_version_function_returns_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
