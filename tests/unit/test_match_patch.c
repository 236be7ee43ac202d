/* What code says of patches: which functions tell a state, which do not, and what becomes of them in sets and findings. */
#include "match_fixture.h"

#define CODE FPS__FEATURE_FUNCTION

/* Function `number` of `stem` in a state of a patch; to be given in the order of components, CVEs and keys. */
static void patch_function(fps__corpus *corpus, const char *component, const char *cve, const char *stem,
                           uint32_t number, bool fixed)
{
    enum { MOST = 32 };
    if (!corpus->patch_functions)
        corpus->patch_functions = corpus_array(corpus, MOST, sizeof *corpus->patch_functions);
    assert_true(corpus->patch_function_count < MOST);
    const texts one = {stem, number, number + 1, CODE};
    fps__corpus_patch_function made = {.component = component,
                                       .cve = cve,
                                       .name = numbered_text(&corpus->arena, &one, number),
                                       .toolchain = "gcc-12",
                                       .origin = fixed ? "after" : "before",
                                       .machine = 62,
                                       .fixed = fixed};
    made.key = text_key(CODE, made.name);
    corpus->patch_functions[corpus->patch_function_count++] = made;
}

static int compare_rows(const void *a, const void *b)
{
    const fps__corpus_patch_function *l = a, *r = b;
    int order = strcmp(l->component, r->component);
    order = order ? order : strcmp(l->cve, r->cve);
    order = order ? order : (l->key > r->key) - (l->key < r->key);
    return order ? order : l->fixed - r->fixed;
}

/* A library of 40 functions and texts, another one that holds one of the functions, and patches of the first:
 * CVE-1 changed old 0 into new 0; of CVE-2 the function lz 1 is in both states; CVE-3 is told by a function that the other holds. */
static fps_database *make_set(fps__corpus *corpus, bool patches)
{
    corpus_make(corpus);
    corpus_component(corpus, (fps__corpus_component){.id = "lz"}, NULL);
    corpus_component(corpus, (fps__corpus_component){.id = "other"}, NULL);
    corpus_build(corpus, "lz", "1.0");
    corpus_object(corpus, "usr/lib/liblz.a(lz.o)", TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}));
    corpus_build(corpus, "other", "1");
    corpus_object(corpus, "usr/lib/libother.a(other.o)", TEXTS({"other", 0, 60, 0}, {"other", 0, 40, CODE}));
    if (patches) {
        patch_function(corpus, "lz", "CVE-2026-0001", "old", 0, false);
        patch_function(corpus, "lz", "CVE-2026-0001", "new", 0, true);
        patch_function(corpus, "lz", "CVE-2026-0002", "lz", 1, false);
        patch_function(corpus, "lz", "CVE-2026-0002", "lz", 1, true);
        patch_function(corpus, "lz", "CVE-2026-0003", "other", 2, true);
        patch_function(corpus, "nobody", "CVE-2026-0004", "old", 1, true);
        qsort(corpus->patch_functions, corpus->patch_function_count, sizeof *corpus->patch_functions,
              compare_rows);
    }
    return corpus_set(corpus, NULL);
}

static const fps_patch *patch_of(const trial *t, const char *component, const char *cve)
{
    const fps_finding *finding = finding_of(t, component);
    for (size_t i = 0; finding && i < finding->patch_count; i++)
        if (strcmp(finding->patches[i].cve, cve) == 0)
            return &finding->patches[i];
    return NULL;
}

static void assert_state(const trial *t, const char *cve, fps_patch_state state, size_t functions)
{
    const fps_patch *patch = patch_of(t, "lz", cve);
    assert_non_null(patch);
    assert_int_equal(patch->state, state);
    assert_int_equal(patch->function_count, functions);
}

static void a_set_keeps_the_functions_that_tell_something(void **state)
{
    (void)state;
    fps__corpus corpus;
    fps_database *database = make_set(&corpus, true);
    fps_database_info info;
    fps_patch_info patch;
    fps_database_read_info(database, &info);
    assert_int_equal(info.version_minor, 2);
    assert_int_equal(fps_database_patch_count(database), 2);
    assert_true(fps_database_read_patch(database, 0, &patch));
    assert_string_equal(patch.component, "lz");
    assert_string_equal(patch.cve, "CVE-2026-0001");
    assert_int_equal(patch.functions, 2);
    assert_true(fps_database_read_patch(database, 1, &patch));
    assert_string_equal(
        patch.cve,
        "CVE-2026-0003"); /* a function of both states tells nothing, and nobody is not in the set */
    fps_database_free(database);
    corpus_free(&corpus);
    database = make_set(&corpus, false);
    fps_database_read_info(database, &info);
    assert_int_equal(info.version_minor, 1); /* the bytes of a set without patches are those of before */
    fps_database_free(database);
    corpus_free(&corpus);
}

static void functions_of_one_state_tell_it(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_set(&corpus, true);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}, {"new", 0, 1, CODE}), NULL);
    assert_true(is_present(&t, "lz"));
    assert_state(&t, "CVE-2026-0001", FPS_PATCH_PATCHED, 1);
    const fps_patch_function *function = patch_of(&t, "lz", "CVE-2026-0001")->functions;
    assert_string_equal(function->name, "new_call_0");
    assert_string_equal(function->origin, "after");
    assert_string_equal(function->toolchain, "gcc-12");
    assert_int_equal(function->instructions, 40);
    assert_true(function->fixed);
    trial_match(&t, TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}, {"old", 0, 1, CODE}), NULL);
    assert_state(&t, "CVE-2026-0001", FPS_PATCH_UNPATCHED, 1);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void functions_of_both_states_or_none_tell_nothing(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_set(&corpus, true);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}, {"old", 0, 1, CODE}, {"new", 0, 1, CODE}),
                NULL);
    assert_state(&t, "CVE-2026-0001", FPS_PATCH_UNKNOWN, 2);
    trial_match(&t, TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}), NULL);
    assert_state(&t, "CVE-2026-0001", FPS_PATCH_UNKNOWN, 0);
    assert_null(patch_of(&t, "lz", "CVE-2026-0002"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Whose copy of the function it is cannot be told. */
static void a_function_that_another_component_holds_is_no_evidence(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_set(&corpus, true);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}, {"other", 2, 3, CODE}), NULL);
    assert_state(&t, "CVE-2026-0003", FPS_PATCH_UNKNOWN, 0);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void only_a_component_that_is_present_is_asked_about(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = make_set(&corpus, true);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"other", 0, 60, 0}, {"lz", 0, 3, 0}, {"other", 0, 40, CODE}, {"new", 0, 1, CODE}),
                NULL);
    assert_true(is_present(&t, "other"));
    assert_false(is_present(&t, "lz"));
    assert_null(patch_of(&t, "lz", "CVE-2026-0001"));
    assert_null(patch_of(&t, "other", "CVE-2026-0001"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* One set knows the component, the other its patches, at another place in its list. */
static void open_sets_join_their_patches(void **state)
{
    (void)state;
    fps__corpus corpora[2];
    trial t;
    fps_database *plain = make_set(&corpora[0], false), *patches;
    corpus_make(&corpora[1]);
    corpus_component(&corpora[1], (fps__corpus_component){.id = "aa"}, NULL);
    corpus_component(&corpora[1], (fps__corpus_component){.id = "lz"}, NULL);
    corpus_release(&corpora[1], "aa", "1", TEXTS({"aa", 0, 30, 0}));
    corpus_release(&corpora[1], "lz", "1", TEXTS({"lz", 0, 30, 0}));
    patch_function(&corpora[1], "lz", "CVE-2026-0009", "new", 9, true);
    patches = corpus_set(&corpora[1], NULL);
    trial_start(&t, plain, patches);
    trial_match(&t, TEXTS({"lz", 0, 40, 0}, {"lz", 0, 40, CODE}, {"new", 9, 10, CODE}), NULL);
    assert_state(&t, "CVE-2026-0009", FPS_PATCH_PATCHED, 1);
    assert_null(patch_of(&t, "lz", "CVE-2026-0001"));
    trial_end(&t);
    fps_database_free(plain);
    fps_database_free(patches);
    corpus_free(&corpora[0]);
    corpus_free(&corpora[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_keeps_the_functions_that_tell_something),
        cmocka_unit_test(functions_of_one_state_tell_it),
        cmocka_unit_test(functions_of_both_states_or_none_tell_nothing),
        cmocka_unit_test(a_function_that_another_component_holds_is_no_evidence),
        cmocka_unit_test(only_a_component_that_is_present_is_asked_about),
        cmocka_unit_test(open_sets_join_their_patches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
