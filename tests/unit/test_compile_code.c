/* Functions in sigbuild compile: code builds, units, samples, and whose functions have a vote. */
#include "corpus_fixture.h"

#include "compiler/code_build.h"

#define CODE FPS__FEATURE_FUNCTION

static uint32_t entry_of(const fps_database *database, const char *stem, uint32_t number,
                         fps__set_entry *entry)
{
    fps__arena arena = {0};
    const texts one = {stem, number, number + 1, CODE};
    uint32_t posting = fps__database_probe_one(database, text_key(CODE, numbered_text(&arena, &one, number)));
    fps__arena_free(&arena);
    if (posting == FPS__NONE)
        return 0;
    assert_true(fps__database_entry(database, posting, 0, entry));
    return fps__database_posting_size(database, posting);
}

static fps__set_component only_component(const fps_database *database)
{
    fps__set_component component;
    assert_true(fps__database_component(database, 0, &component));
    return component;
}

static void builds_of_a_release_are_told_apart_by_machine_and_origin(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "lz"}, NULL);
    corpus.builds[corpus_build(&corpus, "lz", "1.0")].origin = "debian bookworm";
    corpus_object(&corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"lz", 0, 10, CODE}));
    corpus.builds[corpus_build(&corpus, "lz", "1.0")].origin = "debian bookworm";
    corpus.objects[corpus_object(&corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"arm", 0, 10, CODE}))].machine =
        183;
    corpus.builds[corpus_build(&corpus, "lz", "1.0")].origin = "variant clang-14";
    uint32_t variant = corpus_object(&corpus, "liblz.a(lz.o)", TEXTS({"lz", 9, 12, CODE}));
    corpus.objects[variant].toolchain = "clang-14";
    fps_database *database = corpus_set(&corpus, NULL);
    fps__set_component component = only_component(database);
    assert_int_equal(component.build_count, 3);
    static const struct {
        uint16_t machine;
        const char *toolchain, *origin;
    } expected[] = {
        {62, "", "debian bookworm"}, {62, "clang-14", "variant clang-14"}, {183, "", "debian bookworm"}};
    for (uint32_t b = 0; b < 3; b++) {
        fps__set_code_build build;
        assert_true(fps__database_code_build(database, component.build_first + b, &build));
        assert_int_equal(build.release, 0);
        assert_int_equal(build.machine, expected[b].machine);
        assert_string_equal(build.toolchain, expected[b].toolchain);
        assert_string_equal(build.origin, expected[b].origin);
        assert_true(build.archives);
    }
    fps__set_entry entry;
    fps__bit_set any;
    assert_int_equal(entry_of(database, "lz", 9, &entry), 1); /* held by both builds of x86-64 */
    assert_int_equal(entry.flags, FPS__ENTRY_CODE);
    assert_true(fps__database_bit_set(database, entry.any, &any));
    assert_true(fps__bit_set_has(any, 0) && fps__bit_set_has(any, 1) && !fps__bit_set_has(any, 2));
    fps__set_unit unit;
    assert_true(fps__database_unit(database, entry.unit, &unit) && unit.code);
    assert_string_equal(unit.name, "liblz.a(lz.o)");
    assert_int_equal(fps__database_unit_total(database, entry.unit, 0), 10 * 16);
    assert_int_equal(fps__database_unit_total(database, entry.unit, 1), 3 * 16);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void a_shared_object_is_left_out_beside_its_archive(void **state)
{
    (void)state;
    fps__corpus corpus;
    fps__set_entry entry;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "lz"}, NULL);
    corpus_build(&corpus, "lz", "1.0");
    corpus_object(&corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"member", 0, 5, CODE}));
    corpus_object(&corpus, "usr/lib/liblz.so.1", TEXTS({"shared", 0, 5, CODE}));
    corpus_object(&corpus, "usr/lib/libother.so.1", TEXTS({"other", 0, 5, CODE}));
    uint32_t program = corpus_object(&corpus, "usr/bin/lz", TEXTS({"program", 0, 5, CODE}));
    corpus.objects[program].type = FPS_OBJECT_EXECUTABLE;
    fps_database *database = corpus_set(&corpus, NULL);
    assert_int_equal(entry_of(database, "member", 0, &entry), 1);
    assert_int_equal(entry_of(database, "other", 0, &entry), 1);
    assert_int_equal(entry_of(database, "shared", 0, &entry), 0);
    assert_int_equal(entry_of(database, "program", 0, &entry), 0);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void functions_of_programs_have_no_weight(void **state)
{
    (void)state;
    fps__corpus corpus;
    fps__set_entry entry;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "tool"}, NULL);
    corpus_build(&corpus, "tool", "1.0");
    uint32_t program =
        corpus_object(&corpus, "usr/bin/tool", TEXTS({"tool", 0, 5, CODE}, {"used", 0, 1, FPS__FEATURE_USE}));
    corpus.objects[program].type = FPS_OBJECT_EXECUTABLE;
    fps_database *database = corpus_set(&corpus, NULL);
    assert_int_equal(entry_of(database, "tool", 0, &entry), 1);
    assert_int_equal(entry.weight, 0);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* What a shared object alone has is thinned out by key; what an archive has is not. */
static void large_shared_objects_are_sampled(void **state)
{
    (void)state;
    enum { FUNCTIONS = 2000 };
    fps__corpus corpus;
    fps__set_entry entry;
    fps__arena arena = {0};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "big"}, NULL);
    corpus_release(&corpus, "big", "1.0", TEXTS({"big", 0, FUNCTIONS, CODE}));
    corpus_object(&corpus, "usr/lib/libsmall.a(small.o)", TEXTS({"small", 0, 500, CODE}));
    fps_database *database = corpus_set(&corpus, NULL);
    fps__set_component component = only_component(database);
    assert_int_equal(component.sample_members, 0);
    assert_true(component.sample_others > 0);
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        const texts one = {"big", i, i + 1, CODE};
        uint64_t key = text_key(CODE, numbered_text(&arena, &one, i));
        assert_int_equal(entry_of(database, "big", i, &entry), fps__sample_has(key, component.sample_others));
    }
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(entry_of(database, "small", i, &entry), 1);
    fps__arena_free(&arena);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void a_code_build_is_one_word_and_comes_back(void **state)
{
    (void)state;
    fps__arena arena = {0};
    const fps__set_code_build builds[] = {{0, 62, "gcc-12", "debian bookworm", true},
                                          {0, 183, "", "", false}};
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        fps__set_code_build back;
        const char *version;
        uint8_t samples[2];
        char *word = fps__code_build_word(&builds[i], "1.2.3+really1", (const uint8_t[]){0, 5}, &arena);
        assert_non_null(word);
        assert_null(strchr(word, ' '));
        assert_true(fps__code_build_parse(word, &arena, &back, &version, samples));
        assert_string_equal(version, "1.2.3+really1");
        assert_int_equal(fps__code_build_compare(&back, &builds[i]), 0);
        assert_int_equal(back.archives, builds[i].archives);
        assert_int_equal(samples[0], 0);
        assert_int_equal(samples[1], 5);
    }
    static const char *const bad[] = {"", "1.0",
                                      "1.0\x1f"
                                      "62",
                                      "1.0\x1f"
                                      "x\x1f\x1f\x1f",
                                      "1.0\x1f"
                                      "99999\x1f\x1f\x1f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fps__set_code_build back;
        const char *version;
        uint8_t samples[2];
        assert_false(fps__code_build_parse(bad[i], &arena, &back, &version, samples));
    }
    fps__arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_of_a_release_are_told_apart_by_machine_and_origin),
        cmocka_unit_test(a_shared_object_is_left_out_beside_its_archive),
        cmocka_unit_test(functions_of_programs_have_no_weight),
        cmocka_unit_test(large_shared_objects_are_sampled),
        cmocka_unit_test(a_code_build_is_one_word_and_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
