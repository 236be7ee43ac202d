/* The decision over small sets: what is present, what is not, forks, copies, several sets, and versions. */
#include "match_fixture.h"
#include "set_repair.h"

/* ---- components ---- */

static void an_own_object_is_found_with_its_evidence(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "other"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "other", "1", TEXTS({"other", 0, 60, 0}));
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 60, 0}, {"zlib", 0, 20, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 60, 0}, {"zlib", 0, 20, FPS__FEATURE_NAME}), NULL);
    assert_true(is_present(&t, "zlib"));
    const fps_finding *finding = finding_of(&t, "zlib");
    assert_int_equal(finding->linkage, FPS_LINKAGE_OWN);
    assert_int_equal(finding->literals, 60);
    assert_int_equal(finding->names, 20);
    assert_true(finding->coverage > .99 && finding->share > .99 && finding->confidence > .99);
    assert_true(finding->evidence_count > 0 && finding->evidence_total >= 80);
    assert_null(finding_of(&t, "other"));
    trial_match(&t, TEXTS({"nobody", 0, 60, 0}), NULL); /* the scratch is clean for the next object */
    assert_int_equal(t.output.count, 0);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* One text in fifty of a large component, from everywhere: quotations, not code. */
static void scattered_texts_do_not_make_a_component(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    texts scattered[22] = {{"program", 0, 40, 0}};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "large"}, NULL);
    corpus_release(&corpus, "large", "1", TEXTS({"large", 0, 1000, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    for (uint32_t i = 0; i < 20; i++)
        scattered[i + 1] = (texts){"large", i * 50, i * 50 + 1, 0};
    trial_match(&t, scattered, NULL);
    assert_false(is_present(&t, "large"));
    assert_non_null(finding_of(&t, "large"));
    assert_non_null(finding_of(&t, "large")->against);
    trial_match(&t, TEXTS({"program", 0, 40, 0}, {"large", 500, 560, 0}),
                NULL); /* a part of it in one place */
    assert_true(is_present(&t, "large"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* What an object exports says what it is, however little else is known of it: but a few names alone are an interface, which
 * several libraries may have. */
static void the_exports_of_an_object_say_what_it_is(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "alpha"}, NULL);
    corpus_release(&corpus, "alpha", "1.0", TEXTS({"alpha", 0, 6, 0}, {"api", 0, 12, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"mine", 0, 90, 0}, {"api", 0, 12, FPS__FEATURE_NAME}), NULL);
    assert_true(is_present(&t, "alpha"));
    trial_match(&t, TEXTS({"mine", 0, 90, 0}, {"api", 0, 7, FPS__FEATURE_NAME}), NULL);
    assert_int_equal(finding_of(&t, "alpha")->state, FPS_STATE_LIKELY);
    assert_int_equal(finding_of(&t, "alpha")->doubt, FPS_DOUBT_INTERFACE);
    trial_match(&t, TEXTS({"mine", 0, 90, 0}, {"alpha", 0, 4, 0}, {"api", 0, 7, FPS__FEATURE_NAME}), NULL);
    assert_true(is_present(&t, "alpha"));
    /* seven of many */
    trial_match(
        &t, TEXTS({"mine", 0, 90, 0}, {"api", 0, 7, FPS__FEATURE_NAME}, {"other", 0, 40, FPS__FEATURE_NAME}),
        NULL);
    assert_false(is_present(&t, "alpha"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* All names of one source file of a large library, without its code: others may have taken the interface. */
static void a_small_part_of_the_names_is_an_interface(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "large"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "small"}, NULL);
    corpus_build(&corpus, "large", "1");
    corpus_object(&corpus, "liblarge.a(one.o)", TEXTS({"large", 0, 10, FPS__FEATURE_NAME}));
    corpus_object(&corpus, "liblarge.a(other.o)", TEXTS({"large", 10, 300, FPS__FEATURE_NAME}));
    corpus_release(&corpus, "small", "1", TEXTS({"small", 0, 20, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"large", 0, 10, FPS__FEATURE_NAME}, {"mine", 0, 90, FPS__FEATURE_NAME}), NULL);
    assert_int_equal(finding_of(&t, "large")->doubt, FPS_DOUBT_INTERFACE);
    trial_match(&t, TEXTS({"small", 0, 20, FPS__FEATURE_NAME}, {"mine", 0, 90, FPS__FEATURE_NAME}), NULL);
    assert_true(is_present(&t, "small"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Archives of a function a file: a single name says little, but not where the object exports little else. */
static void names_of_many_small_files_are_whole_where_they_are_the_exports(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    char path[32];
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "small"}, NULL);
    corpus_build(&corpus, "small", "1");
    for (uint32_t i = 0; i < 9; i++) {
        snprintf(path, sizeof path, "libsmall.a(%u.o)", i);
        corpus_object(&corpus, fps__arena_string(&corpus.arena, path),
                      TEXTS({"small", i, i + 1, FPS__FEATURE_NAME}));
    }
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"mine", 0, 90, 0}, {"small", 0, 9, FPS__FEATURE_NAME}), NULL);
    assert_true(is_present(&t, "small"));
    trial_match(
        &t,
        TEXTS({"mine", 0, 90, 0}, {"small", 0, 9, FPS__FEATURE_NAME}, {"other", 0, 90, FPS__FEATURE_NAME}),
        NULL);
    assert_false(is_present(&t, "small"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void imports_alone_are_a_mention(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 60, 0}, {"zlib", 0, 40, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"program", 0, 40, 0}, {"zlib", 0, 40, FPS__FEATURE_USE}), NULL);
    const fps_finding *finding = finding_of(&t, "zlib");
    assert_non_null(finding);
    assert_int_equal(finding->state, FPS_STATE_MENTIONED);
    assert_int_equal(finding->linkage, FPS_LINKAGE_DYNAMIC);
    assert_int_equal(finding->uses, 40);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void forks_exclude_each_other(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .family = "zlib"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib-ng", .family = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.3", TEXTS({"old", 0, 30, 0}, {"both", 0, 60, 0}));
    corpus_release(&corpus, "zlib-ng", "2.1", TEXTS({"both", 0, 60, 0}, {"new", 0, 30, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"both", 0, 60, 0}, {"new", 0, 30, 0}), NULL);
    assert_true(is_present(&t, "zlib-ng"));
    assert_false(is_present(&t, "zlib"));
    trial_match(&t, TEXTS({"old", 0, 30, 0}, {"both", 0, 60, 0}), NULL);
    assert_true(is_present(&t, "zlib"));
    assert_false(is_present(&t, "zlib-ng"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* The fork with more evidence is not admitted, for how it is scattered. The other has nothing of its own beside it. */
static void a_member_with_nothing_of_its_own_is_doubtful_beside_a_scattered_one(void **state)
{
    enum { PARTS = 30 };
    (void)state;
    fps__corpus corpus;
    trial t;
    texts found[PARTS + 5] = {{"mine", 0, 900, 0}, {"both", 0, 60, 0}, {"new", 0, 80, 0}};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "new", .family = "regex"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "old", .family = "regex"}, NULL);
    corpus_build(&corpus, "new", "10.40");
    corpus_object(&corpus, "libnew.a(error.o)", TEXTS({"both", 0, 60, 0}, {"new", 0, 80, 0}));
    for (uint32_t i = 0; i < PARTS; i++) {
        char path[64];
        uint32_t first = 100 + 20 * i;
        snprintf(path, sizeof path, "libnew.a(part%02u.o)", i);
        corpus_object(&corpus, fps__arena_string(&corpus.arena, path), TEXTS({"new", first, first + 20, 0}));
        found[i + 3] = (texts){"new", first, first + 1, 0};
    }
    corpus_build(&corpus, "old", "8.39");
    corpus_object(&corpus, "libold.a(compile.o)", TEXTS({"old", 0, 60, 0}));
    corpus_object(&corpus, "libold.a(error.o)", TEXTS({"both", 0, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, found, NULL);
    assert_false(is_present(&t, "new"));
    assert_int_equal(finding_of(&t, "old")->state, FPS_STATE_LIKELY);
    assert_int_equal(finding_of(&t, "old")->doubt, FPS_DOUBT_FORK);
    found[PARTS + 3] = (texts){"old", 0, 40, 0};
    trial_match(&t, found, NULL);
    assert_true(is_present(&t, "old"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Another's code may be most of a library, which is called by its own soname all the same. */
static void an_object_belongs_to_whom_its_soname_names(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "font"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "shaper"}, NULL);
    corpus_release(&corpus, "font", "1.0", TEXTS({"font", 0, 40, 0}, {"font.so", 0, 1, FPS__FEATURE_NAME}));
    corpus_release(&corpus, "shaper", "1.0", TEXTS({"shaper", 0, 400, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"font", 0, 38, 0}, {"shaper", 0, 390, 0}), NULL);
    assert_int_equal(finding_of(&t, "shaper")->linkage, FPS_LINKAGE_OWN);
    trial_match(&t, TEXTS({"font", 0, 38, 0}, {"font.so", 0, 1, FPS__FEATURE_NAME}, {"shaper", 0, 390, 0}),
                NULL);
    assert_int_equal(finding_of(&t, "font")->linkage, FPS_LINKAGE_OWN);
    assert_int_equal(finding_of(&t, "shaper")->linkage, FPS_LINKAGE_STATIC);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Nearly all that is there of a component is what its builds carry from another. */
static void hardly_anything_of_its_own_is_shared_parts(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "codec"}, NULL);
    corpus_build(&corpus, "codec", "1.0");
    corpus_component(&corpus, (fps__corpus_component){.id = "shader"}, NULL);
    corpus_object(&corpus, "libcodec.so", TEXTS({"codec", 0, 30, 0}, {"shader", 0, 900, 0}));
    corpus_release(&corpus, "shader", "1.0", TEXTS({"shader", 0, 900, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"codec", 0, 11, 0}, {"shader", 0, 900, 0}), NULL);
    assert_int_equal(finding_of(&t, "codec")->state, FPS_STATE_LIKELY);
    assert_int_equal(finding_of(&t, "codec")->doubt, FPS_DOUBT_SHARED);
    trial_match(&t, TEXTS({"codec", 0, 30, 0}, {"shader", 0, 900, 0}), NULL);
    assert_true(is_present(&t, "codec"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void a_library_inside_a_program_is_found_beside_it(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "program"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "program", "1", TEXTS({"program", 0, 300, 0}));
    corpus_build(&corpus, "zlib", "1.3");
    corpus_object(&corpus, "usr/lib/libz.a(deflate.o)", TEXTS({"zlib", 0, 20, 0}));
    corpus_object(&corpus, "usr/lib/libz.a(inflate.o)", TEXTS({"zlib", 20, 40, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"program", 0, 300, 0}, {"zlib", 20, 40, 0}), NULL);
    assert_true(is_present(&t, "program"));
    assert_true(is_present(&t, "zlib"));
    assert_int_equal(finding_of(&t, "program")->linkage, FPS_LINKAGE_OWN);
    assert_int_equal(finding_of(&t, "zlib")->linkage, FPS_LINKAGE_STATIC);
    assert_int_equal(finding_of(&t, "zlib")->units_active, 1);
    trial_match(&t, TEXTS({"unknown", 0, 300, 0}, {"zlib", 20, 40, 0}), NULL); /* in a program nobody knows */
    assert_true(is_present(&t, "zlib"));
    assert_int_equal(finding_of(&t, "zlib")->linkage, FPS_LINKAGE_STATIC);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A host holds a good part of a library, without the catalogue saying so: in the host's own file these texts
 * are explained, in a file of the library they do not speak for the host. */
static void foreign_texts_explain_without_a_vote(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "host"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "host", "2", TEXTS({"host", 0, 300, 0}, {"zlib", 0, 50, 0}));
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"host", 0, 300, 0}, {"zlib", 0, 50, 0}), NULL);
    assert_true(is_present(&t, "host"));
    assert_false(is_present(&t, "zlib"));
    assert_true(finding_of(&t, "host")->share > .99);
    assert_int_equal(finding_of(&t, "host")->literals, 300);
    trial_match(&t, TEXTS({"zlib", 0, 60, 0}), NULL);
    assert_true(is_present(&t, "zlib"));
    assert_false(is_present(&t, "host"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void sets_merge_by_component(void **state)
{
    (void)state;
    fps__corpus first, second;
    trial t;
    corpus_make(&first);
    corpus_component(&first, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&first, "zlib", "1.0", TEXTS({"zlib", 0, 60, 0}));
    corpus_make(&second);
    corpus_component(&second, (fps__corpus_component){.id = "another"}, NULL);
    corpus_component(&second, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&second, "another", "5", TEXTS({"another", 0, 60, 0}));
    corpus_release(&second, "zlib", "1.2", TEXTS({"zlib", 20, 90, 0}));
    fps_database *one = corpus_set(&first, NULL), *two = corpus_set(&second, NULL);
    trial_start(&t, one, two);
    assert_non_null(fps__matcher_component(t.matcher, 1));
    assert_null(fps__matcher_component(t.matcher, 2));
    const fps__merged_component *merged =
        fps__matcher_component(t.matcher, fps__matcher_find(t.matcher, "zlib"));
    assert_int_equal(merged->release_count, 2);
    assert_string_equal(merged->releases[0], "1.0");
    assert_string_equal(merged->releases[1], "1.2");
    assert_true(merged->built[0] && merged->built[1]);
    trial_match(&t, TEXTS({"zlib", 20, 90, 0}), NULL);
    assert_int_equal(t.output.count, 1); /* one finding, not one a set */
    assert_true(is_present(&t, "zlib"));
    assert_int_equal(finding_of(&t, "zlib")->literals, 70);
    trial_match(&t, TEXTS({"another", 0, 60, 0}), NULL);
    assert_true(is_present(&t, "another"));
    trial_end(&t);
    fps_database_free(one);
    fps_database_free(two);
    corpus_free(&first);
    corpus_free(&second);
}

/* ---- versions ---- */

static void versions_are_exact_only_where_neighbours_are_excluded(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = versions_set(&corpus);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 70, 0}), NULL);
    assert_versions(&t, "zlib", FPS_VERSION_EXACT, "1.0");
    trial_match(&t, TEXTS({"zlib", 10, 80, 0}), NULL); /* two releases whose builds equal the object */
    assert_versions(&t, "zlib", FPS_VERSION_INTERVAL, "1.1 1.2");
    trial_match(&t, TEXTS({"zlib", 10, 78, 0}),
                NULL); /* a build that no set has, and one file: that is little */
    assert_versions(&t, "zlib", FPS_VERSION_INTERVAL, "1.0 1.1 1.2 1.3 1.4");
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A release of an archive of six members, each of which has so many texts that are new: what one lacks is one piece of evidence. */
static void corpus_members(fps__corpus *corpus, const char *version, uint32_t new)
{
    char path[32];
    corpus_build(corpus, "zlib", version);
    for (uint32_t i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "libz.a(%u.o)", i);
        corpus_object(corpus, fps__arena_string(&corpus->arena, path),
                      TEXTS({"zlib", 10 * i, 10 * i + 10, 0}, {"new", new *i, new *i + new, 0}));
    }
}

/* Silence excludes nothing: a component that hardly changes may look the same in releases that were never
 * seen. */
static void releases_never_seen_stay_in_the_interval(void **state)
{
    (void)state;
    static const char *const releases[] = {"1.0", "1.1", "1.2", "1.3", NULL};
    fps__corpus corpus;
    trial t;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, releases);
    corpus_members(&corpus, "1.0", 0);
    corpus_members(&corpus, "1.2", 2);
    fps_database *database = corpus_set(&corpus, NULL);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 58, 0}), NULL);
    assert_versions(&t, "zlib", FPS_VERSION_INTERVAL, "1.0 1.1");
    trial_match(&t, TEXTS({"zlib", 0, 58, 0}, {"new", 0, 12, 0}), NULL);
    assert_versions(&t, "zlib", FPS_VERSION_INTERVAL, "1.1 1.2 1.3");
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void a_mixture_that_no_build_has_lies_between_two(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = versions_set(&corpus);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 100, 0}), NULL); /* texts that 1.0 dropped and 1.4 brought */
    const fps_finding *finding = finding_of(&t, "zlib");
    assert_int_equal(finding->version.kind, FPS_VERSION_INTERVAL);
    assert_null(finding->version.version);
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void templates_read_releases_that_no_set_has_seen(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = versions_set(&corpus);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 10, 80, 0}), &(version_literal){"zlib {V} of the tests", "1.2"});
    assert_versions(&t, "zlib", FPS_VERSION_EXACT, "1.2");
    trial_match(&t, TEXTS({"zlib", 40, 100, 0}), &(version_literal){"zlib {V} of the tests", "1.7"});
    assert_versions(&t, "zlib", FPS_VERSION_EXACT, "1.7");
    assert_non_null(finding_of(&t, "zlib")->version.note); /* the catalogue does not list it */
    trial_match(&t, TEXTS({"program", 0, 40, 0}), &(version_literal){"zlib {V} of the tests", "1.2"});
    assert_false(is_present(&t, "zlib")); /* a template opens nothing */
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void a_template_that_the_texts_contradict_is_a_finding(void **state)
{
    (void)state;
    fps__corpus corpus;
    trial t;
    fps_database *database = versions_set(&corpus);
    trial_start(&t, database, NULL);
    trial_match(&t, TEXTS({"zlib", 0, 70, 0}), &(version_literal){"zlib {V} of the tests", "1.4"});
    const fps_finding *finding = finding_of(&t, "zlib");
    assert_int_equal(finding->version.kind, FPS_VERSION_EXACT);
    assert_string_equal(finding->version.template_version, "1.4");
    assert_non_null(strstr(finding->version.note, "1.4"));
    assert_non_null(strstr(finding->version.note, "1.0"));
    trial_end(&t);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Compiles a corpus and changes each text `from` of the set to `to`, which is as long. */
static fps_database *changed_set(const fps__corpus *corpus, const char *from, const char *to)
{
    static uint8_t bytes[1 << 20];
    char folder[256], path[300];
    fps__compiled *compiled;
    fps_database *database;
    fixture_folder(folder);
    snprintf(path, sizeof path, "%s/test.fpdb", folder);
    assert_int_equal(fps__compile(&compiled, corpus, NULL, NULL), FPS_OK);
    assert_int_equal(fps__set_write(fps__compiled_model(compiled), path, NULL), FPS_OK);
    fps__compiled_free(compiled);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    unlink(path);
    rmdir(folder);
    for (uint8_t *at; (at = memmem(bytes, size, from, strlen(from) + 1));)
        memcpy(at, to, strlen(to));
    set_repair(bytes, size);
    assert_int_equal(fps_database_open_memory(&database, bytes, size, "changed", NULL), FPS_OK);
    return database;
}

/* A set may list its releases in any order, and one of them twice: the answer stays one of the component's. */
static void releases_out_of_order_give_an_answer_of_the_component(void **state)
{
    static const char *const releases[] = {"5.1", "5.2", "5.3", NULL};
    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        fps__corpus corpus;
        trial t;
        corpus_make(&corpus);
        corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, releases);
        for (uint32_t i = 0; i < 3; i++)
            corpus_release(&corpus, "zlib", releases[i], TEXTS({"zlib", i * 20, i * 20 + 60, 0}));
        fps_database *database = changed_set(&corpus, twice ? "5.2" : "5.3", twice ? "5.1" : "5.0");
        trial_start(&t, database, NULL);
        for (uint32_t i = 0; i < 3; i++) {
            trial_match(&t, (const texts[]){{"zlib", i * 20, i * 20 + 60, 0}, {NULL, 0, 0, 0}}, NULL);
            assert_true(is_present(&t, "zlib"));
            const fps_version_answer *answer = &finding_of(&t, "zlib")->version;
            assert_true(answer->candidate_count > 0 && answer->candidate_count <= 3);
        }
        trial_end(&t);
        fps_database_free(database);
        corpus_free(&corpus);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_out_of_order_give_an_answer_of_the_component),
        cmocka_unit_test(an_own_object_is_found_with_its_evidence),
        cmocka_unit_test(scattered_texts_do_not_make_a_component),
        cmocka_unit_test(the_exports_of_an_object_say_what_it_is),
        cmocka_unit_test(a_small_part_of_the_names_is_an_interface),
        cmocka_unit_test(names_of_many_small_files_are_whole_where_they_are_the_exports),
        cmocka_unit_test(imports_alone_are_a_mention),
        cmocka_unit_test(forks_exclude_each_other),
        cmocka_unit_test(a_member_with_nothing_of_its_own_is_doubtful_beside_a_scattered_one),
        cmocka_unit_test(an_object_belongs_to_whom_its_soname_names),
        cmocka_unit_test(hardly_anything_of_its_own_is_shared_parts),
        cmocka_unit_test(a_library_inside_a_program_is_found_beside_it),
        cmocka_unit_test(foreign_texts_explain_without_a_vote),
        cmocka_unit_test(sets_merge_by_component),
        cmocka_unit_test(versions_are_exact_only_where_neighbours_are_excluded),
        cmocka_unit_test(releases_never_seen_stay_in_the_interval),
        cmocka_unit_test(a_mixture_that_no_build_has_lies_between_two),
        cmocka_unit_test(templates_read_releases_that_no_set_has_seen),
        cmocka_unit_test(a_template_that_the_texts_contradict_is_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
