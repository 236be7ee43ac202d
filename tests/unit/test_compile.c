/* Compiling small corpora: who owns a shared text, what it weighs, its unit, its releases, templates, and the
 * same bytes each time. */
#include "compiler/compile_parameters.h"
#include "corpus_fixture.h"
#include "database/layout.h"
#include "database/unit_name.h"
#include "util/search.h"

#include <fpscan/workbench.h>

/* What a set says of one numbered text for a component; false when it says nothing. */
static bool find_entry(const fps_database *database, const char *component, const texts *some,
                       fps__set_entry *entry)
{
    fps__arena arena = {0};
    fps__feature_kind kind = some->kind ? some->kind : FPS__FEATURE_LITERAL;
    uint32_t posting =
        fps__database_probe_one(database, text_key(kind, numbered_text(&arena, some, some->first)));
    bool found = false;
    for (uint32_t i = 0; posting != FPS__NONE && i < fps__database_posting_size(database, posting) && !found;
         i++) {
        fps__set_component owner;
        assert_true(fps__database_entry(database, posting, i, entry));
        assert_true(fps__database_component(database, entry->component, &owner));
        found = strcmp(owner.id, component) == 0;
    }
    fps__arena_free(&arena);
    return found;
}

/* The weight of one text for a component, -1 when the set does not give it to that component. */
static int weight_of(const fps_database *database, const char *component, const char *stem, uint32_t number)
{
    fps__set_entry entry;
    const texts one = {stem, number, number + 1, 0};
    return find_entry(database, component, &one, &entry) ? entry.weight : -1;
}

static unsigned flags_of(const fps_database *database, const char *component, const char *stem,
                         uint32_t number)
{
    fps__set_entry entry;
    const texts one = {stem, number, number + 1, 0};
    assert_true(find_entry(database, component, &one, &entry));
    return entry.flags;
}

static void a_declared_copy_belongs_to_its_component(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "host", .vendors = "other zlib"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "host", "2.0", TEXTS({"host", 0, 40, 0}, {"zlib", 0, 60, 0}));
    corpus_release(&corpus, "zlib", "1.2.13", TEXTS({"zlib", 0, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    assert_int_equal(weight_of(database, "zlib", "zlib", 7), 16);
    assert_int_equal(weight_of(database, "host", "zlib", 7), -1);
    assert_int_equal(weight_of(database, "host", "host", 7), 16);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void a_copy_is_known_by_its_likeness(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "host"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "host", "2.0", TEXTS({"host", 0, 300, 0}, {"zlib", 0, 50, 0}));
    corpus_release(&corpus, "zlib", "1.2.13", TEXTS({"zlib", 0, 60, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    assert_int_equal(weight_of(database, "zlib", "zlib", 7), 16);
    assert_int_equal(weight_of(database, "host", "zlib", 7), 0);
    assert_true(flags_of(database, "host", "zlib", 7) & FPS__ENTRY_FOREIGN);
    assert_false(flags_of(database, "zlib", "zlib", 7) & FPS__ENTRY_FOREIGN);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* Three programs with texts of a runtime: "shared" is in two of them, "common" in all. */
static void a_runtime_owns_what_few_share_and_nobody_what_many_do(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "a"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "b"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "c"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "libc", .role = FPS_COMPONENT_RUNTIME}, NULL);
    corpus_release(&corpus, "a", "1", TEXTS({"a", 0, 90, 0}, {"shared", 0, 3, 0}, {"common", 0, 3, 0}));
    corpus_release(&corpus, "b", "1", TEXTS({"b", 0, 90, 0}, {"shared", 0, 3, 0}, {"common", 0, 3, 0}));
    corpus_release(&corpus, "c", "1", TEXTS({"c", 0, 90, 0}, {"common", 0, 3, 0}));
    corpus_release(&corpus, "libc", "2.36",
                   TEXTS({"libc", 0, 400, 0}, {"shared", 0, 3, 0}, {"common", 0, 3, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    assert_int_equal(weight_of(database, "libc", "shared", 1), 16);
    assert_int_equal(weight_of(database, "a", "shared", 1), 0);
    assert_true(flags_of(database, "a", "shared", 1) & FPS__ENTRY_FOREIGN);
    assert_int_equal(weight_of(database, "libc", "common", 1), -1);
    assert_int_equal(weight_of(database, "c", "common", 1), -1);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void vocabulary_loses_weight_with_each_family(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    static const char *const ids[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++)
        corpus_component(&corpus, (fps__corpus_component){.id = ids[i]}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "y", .family = "fork"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "z", .family = "fork"}, NULL);
    for (uint32_t i = 0; i < 4; i++) /* text 0 is in four, 1 in three, 2 in two, 3 in one */
        corpus_release(&corpus, ids[i], "1", TEXTS({ids[i], 0, 90, 0}, {"shared", 0, 4 - i, 0}));
    corpus_release(&corpus, "y", "1", TEXTS({"y", 0, 90, 0}, {"fork", 0, 4, 0}));
    corpus_release(&corpus, "z", "1", TEXTS({"z", 0, 90, 0}, {"fork", 0, 4, 0}));
    size_t dropped = 0;
    fps_database *database = corpus_set(&corpus, &(fps__compile_options){.dropped_features = &dropped});
    assert_int_equal(weight_of(database, "a", "shared", 0), -1);
    assert_int_equal(weight_of(database, "a", "shared", 1), 1);
    assert_int_equal(weight_of(database, "c", "shared", 1), 1);
    assert_int_equal(weight_of(database, "b", "shared", 2), 4);
    assert_int_equal(weight_of(database, "a", "shared", 3), 16);
    assert_int_equal(weight_of(database, "y", "fork", 0), 16); /* a family counts once */
    assert_int_equal(weight_of(database, "z", "fork", 0), 16);
    assert_int_equal(dropped, 1);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void unrelated_files_take_weight_but_not_those_with_a_copy(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 100, 0}));
    corpus_negative(&corpus, "one", TEXTS({"zlib", 1, 4, 0}));
    corpus_negative(&corpus, "one", TEXTS({"zlib", 1, 4, 0})); /* the same package again */
    corpus_negative(&corpus, "three", TEXTS({"zlib", 3, 4, 0}));
    corpus_negative(&corpus, "two", TEXTS({"zlib", 2, 4, 0}));
    corpus_negative(&corpus, "with-a-copy", TEXTS({"zlib", 0, 80, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    assert_int_equal(weight_of(database, "zlib", "zlib", 0), 16);
    assert_int_equal(weight_of(database, "zlib", "zlib", 50), 16);
    assert_int_equal(weight_of(database, "zlib", "zlib", 1), 6);
    assert_int_equal(weight_of(database, "zlib", "zlib", 2), 2);
    assert_int_equal(weight_of(database, "zlib", "zlib", 3), -1);
    fps_database_free(database);
    corpus_free(&corpus);
}

static fps__set_entry entry_of(const fps_database *database, const char *stem, uint32_t number,
                               fps__feature_kind kind)
{
    fps__set_entry entry;
    const texts one = {stem, number, number + 1, kind};
    assert_true(find_entry(database, "zlib", &one, &entry));
    return entry;
}

static void units_stay_from_release_to_release(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.2.11", TEXTS({"zlib", 0, 90, 0}));
    corpus_release(
        &corpus, "zlib", "1.2.13", /* eight texts more, in the middle */
        TEXTS({"zlib", 0, 40, 0}, {"new", 0, 8, 0}, {"zlib", 40, 90, 0}, {"zlib", 0, 9, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    fps__set_unit unit;
    fps__set_entry first = entry_of(database, "zlib", 0, 0), late = entry_of(database, "zlib", 89, 0),
                   inserted = entry_of(database, "new", 5, 0),
                   name = entry_of(database, "zlib", 3, FPS__FEATURE_NAME);
    assert_true(fps__database_unit(database, first.unit, &unit));
    assert_string_equal(unit.name, "libzlib#0");
    assert_int_equal(inserted.unit, first.unit); /* what is new belongs to its neighbours */
    assert_int_not_equal(late.unit, first.unit);
    assert_true(fps__database_unit(database, name.unit, &unit));
    assert_string_equal(unit.name, "libzlib!");
    /* what an object of each release should show of the first unit */
    uint32_t old = 0, brought = 0;
    for (uint32_t i = 0; i < 90; i++)
        old += entry_of(database, "zlib", i, 0).unit == first.unit;
    for (uint32_t i = 0; i < 8; i++)
        brought += entry_of(database, "new", i, 0).unit == first.unit;
    assert_int_equal(fps__database_unit_total(database, first.unit, 0), old * 16);
    assert_int_equal(fps__database_unit_total(database, first.unit, 1), (old + brought) * 16);
    fps__bit_set any;
    assert_true(fps__database_bit_set(database, inserted.any, &any));
    assert_false(fps__bit_set_has(any, 0));
    assert_true(fps__bit_set_has(any, 1));
    assert_true(fps__database_bit_set(database, first.any, &any));
    assert_true(fps__bit_set_has(any, 0) && fps__bit_set_has(any, 1));
    fps_database_free(database);
    corpus_free(&corpus);
}

static void members_of_archives_are_units(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_build(&corpus, "zlib", "1.2.13");
    corpus_object(&corpus, "usr/lib/libz.a(deflate.o)", TEXTS({"zlib", 0, 120, 0}));
    corpus_object(&corpus, "usr/lib/libz.a(inflate.o)", TEXTS({"zlib", 120, 130, 0}));
    corpus_build(&corpus, "zlib", "1.2.13"); /* the shared object of the same texts keeps their units */
    corpus_object(&corpus, "usr/lib/libz.so.1.2.13", TEXTS({"zlib", 0, 130, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    fps__set_unit unit;
    assert_true(fps__database_unit(database, entry_of(database, "zlib", 119, 0).unit, &unit));
    assert_string_equal(unit.name, "libz.a(deflate.o)");
    assert_true(fps__database_unit(database, entry_of(database, "zlib", 121, 0).unit, &unit));
    assert_string_equal(unit.name, "libz.a(inflate.o)");
    fps_database_free(database);
    corpus_free(&corpus);
}

static void any_and_all_tell_some_builds_from_every_build(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    static const char *const releases[] = {"1.0", "1.1", "1.2", NULL};
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, releases);
    corpus_release(&corpus, "zlib", "1.0", TEXTS({"zlib", 0, 30, 0}));
    corpus_release(&corpus, "zlib", "1.0", TEXTS({"zlib", 0, 20, 0})); /* another architecture lacks ten */
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 30, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    fps__bit_set any, all;
    fps__set_entry entry = entry_of(database, "zlib", 25, 0);
    assert_true(fps__database_bit_set(database, entry.any, &any));
    assert_true(fps__database_bit_set(database, entry.all, &all));
    assert_true(fps__bit_set_has(any, 0) && !fps__bit_set_has(any, 1) && fps__bit_set_has(any, 2));
    assert_true(!fps__bit_set_has(all, 0) && !fps__bit_set_has(all, 1) && fps__bit_set_has(all, 2));
    bool fingerprinted;
    assert_string_equal(fps_database_release(database, 0, 1, &fingerprinted), "1.1");
    assert_false(fingerprinted);
    assert_string_equal(fps_database_release(database, 0, 2, &fingerprinted), "1.2");
    assert_true(fingerprinted);
    fps_database_free(database);
    corpus_free(&corpus);
}

static bool find_template(const fps_database *database, const char *text, fps__set_template *found)
{
    fps__set_counts counts;
    fps__database_counts(database, &counts);
    for (uint32_t i = 0; i < counts.templates; i++)
        if (fps__database_template(database, i, found) && strcmp(found->text, text) == 0)
            return true;
    return false;
}

static unsigned template_flags(const fps_database *database, const char *text)
{
    fps__set_entry entry;
    uint32_t posting = fps__database_probe_one(database, text_key(FPS__FEATURE_TEMPLATE, text));
    assert_int_not_equal(posting, FPS__NONE);
    assert_true(fps__database_entry(database, posting, 0, &entry));
    return entry.flags;
}

static void templates_are_learnt_where_they_hold_the_own_version(void **state)
{
    (void)state;
    fps__corpus corpus;
    fps__set_template found;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    static const char *const versions[] = {"1.2.11", "1.2.13"};
    for (size_t i = 0; i < 2; i++) {
        uint32_t object = corpus_release(&corpus, "zlib", versions[i], TEXTS({"zlib", 0, 30, 0}));
        corpus_version_text(&corpus, object, " inflate {V} Copyright", versions[i]);
        corpus_version_text(&corpus, object, "needs glibc {V}", "2.17"); /* always another one's version */
        corpus_version_text(&corpus, object, "{V}", versions[i]);
        corpus_version_text(&corpus, object, "version {V}", versions[i]);
    }
    corpus_negative(&corpus, "other", TEXTS({"nothing", 0, 1, 0}));
    corpus.negatives[0].features =
        (const uint32_t[]){corpus_feature(&corpus, FPS__FEATURE_TEMPLATE, "version {V}")};
    fps_database *database = corpus_set(&corpus, NULL);
    assert_true(find_template(database, " inflate {V} Copyright", &found));
    assert_int_equal(found.negative_hits, 0);
    assert_int_equal(template_flags(database, " inflate {V} Copyright"), 0);
    assert_false(find_template(database, "needs glibc {V}", &found));
    assert_int_equal(template_flags(database, "{V}"), FPS__ENTRY_TEMPLATE_BARE);
    assert_true(find_template(database, "version {V}", &found));
    assert_int_equal(found.negative_hits, 1); /* others print it as well: it counts like a bare number */
    assert_int_equal(template_flags(database, "version {V}"), FPS__ENTRY_TEMPLATE_BARE);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A corpus with something of everything. */
static void make_full(fps__corpus *corpus)
{
    static const char *const releases[] = {"1.0", "1.1", "1.2", NULL};
    corpus_make(corpus);
    corpus_component(corpus, (fps__corpus_component){.id = "host", .purl = "pkg:generic/host", .since = 2001},
                     NULL);
    corpus_component(corpus, (fps__corpus_component){.id = "libc", .role = FPS_COMPONENT_RUNTIME}, NULL);
    corpus_component(corpus, (fps__corpus_component){.id = "zlib", .license = "Zlib"}, releases);
    corpus_release(corpus, "host", "2",
                   TEXTS({"host", 0, 300, 0}, {"zlib", 0, 50, 0}, {"host", 0, 20, FPS__FEATURE_NAME}));
    corpus_release(corpus, "libc", "2.36", TEXTS({"libc", 0, 200, 0}));
    for (uint32_t i = 0; i < 3; i += 2) {
        uint32_t object =
            corpus_release(corpus, "zlib", releases[i],
                           TEXTS({"zlib", i * 5, 60 + i * 10, 0}, {"zlib", 0, 9, FPS__FEATURE_NAME}));
        corpus_version_text(corpus, object, "zlib version {V} of the tests", releases[i]);
    }
    corpus_negative(corpus, "other", TEXTS({"zlib", 20, 22, 0}, {"libc", 5, 8, 0}));
}

static uint8_t *compile_to_bytes(const fps__corpus *corpus, const char *path, size_t *size)
{
    fps__compiled *compiled;
    assert_int_equal(fps__compile(&compiled, corpus, NULL, NULL), FPS_OK);
    assert_int_equal(fps__set_write(fps__compiled_model(compiled), path, NULL), FPS_OK);
    fps__compiled_free(compiled);
    uint8_t *bytes = fixture_read(path, size);
    unlink(path);
    return bytes;
}

static void the_same_corpus_gives_the_same_bytes(void **state)
{
    (void)state;
    char folder[256], path[300];
    size_t sizes[2];
    uint8_t *bytes[2];
    fixture_folder(folder);
    snprintf(path, sizeof path, "%s/same.fpdb", folder);
    for (size_t i = 0; i < 2; i++) {
        fps__corpus corpus;
        make_full(&corpus);
        bytes[i] = compile_to_bytes(&corpus, path, &sizes[i]);
        corpus_free(&corpus);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
    rmdir(folder);
}

typedef struct dump_text {
    char *text;
    size_t size;
} dump_text;

static fps_status take_dump(void *user, const char *data, size_t size)
{
    dump_text *dump = user;
    dump->text = realloc(dump->text, dump->size + size + 1);
    assert_non_null(dump->text);
    memcpy(dump->text + dump->size, data, size);
    dump->size += size;
    dump->text[dump->size] = '\0';
    return FPS_OK;
}

static dump_text dump_set(const char *path)
{
    dump_text dump = {NULL, 0};
    fps_database *database;
    assert_int_equal(fps_database_open(&database, path, NULL), FPS_OK);
    assert_int_equal(fps__database_dump(database, take_dump, &dump), FPS_OK);
    fps_database_free(database);
    return dump;
}

static void an_imported_set_compiles_to_itself(void **state)
{
    (void)state;
    char folder[256], first[300], bench_path[300], second[300];
    fixture_folder(folder);
    snprintf(first, sizeof first, "%s/first.fpdb", folder);
    snprintf(second, sizeof second, "%s/second.fpdb", folder);
    snprintf(bench_path, sizeof bench_path, "%s/bench.db", folder);
    fps__corpus corpus;
    fps__compiled *compiled;
    fps_database *database;
    fps_workbench *bench;
    make_full(&corpus);
    assert_int_equal(fps__compile(&compiled, &corpus, NULL, NULL), FPS_OK);
    assert_int_equal(fps__set_write(fps__compiled_model(compiled), first, NULL), FPS_OK);
    assert_int_equal(fps_database_open(&database, first, NULL), FPS_OK);
    assert_int_equal(fps_workbench_open(&bench, bench_path, NULL), FPS_OK);
    assert_int_equal(fps_workbench_import(bench, database, NULL), FPS_OK);
    fps_error error = {0};
    assert_int_equal(fps_workbench_compile(bench, second, NULL, NULL, &error), FPS_OK);
    dump_text before = dump_set(first), after = dump_set(second);
    assert_string_equal(before.text, after.text);
    free(before.text);
    free(after.text);
    fps_workbench_free(bench);
    fps_database_free(database);
    fps__compiled_free(compiled);
    corpus_free(&corpus);
    unlink(first);
    unlink(second);
    unlink(bench_path);
    assert_int_equal(rmdir(folder), 0);
}

/* A group of features that zlib's imported unit has in these releases, and in the first `all_count` of them always. */
static fps__corpus_group imported_group(const char **any, uint32_t any_count, uint32_t all_count)
{
    return (fps__corpus_group){.component = "zlib",
                               .unit = "libz#0",
                               .any = any,
                               .any_count = any_count,
                               .all = any,
                               .all_count = all_count,
                               .weight = 6};
}

/* What import takes from a compiled set says what it said there, without builds. */
static void imported_features_keep_what_was_said_of_them(void **state)
{
    (void)state;
    fps__corpus corpus;
    static const char *const releases[] = {"1.0", "1.1", "1.2", NULL}, *both[] = {"1.0", "1.2"};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, releases);
    fps__corpus_group group = imported_group(both, 2, 1);
    group.features = corpus_features(&corpus, TEXTS({"zlib", 0, 30, 0}), &group.feature_count);
    corpus.groups = &group;
    corpus.group_count = 1;
    fps_database *database = corpus_set(&corpus, NULL);
    fps__set_entry entry = entry_of(database, "zlib", 12, 0);
    fps__set_unit unit;
    fps__bit_set any, all;
    assert_int_equal(entry.weight, 6);
    assert_true(fps__database_unit(database, entry.unit, &unit));
    assert_string_equal(unit.name, "libz#0");
    assert_true(fps__database_bit_set(database, entry.any, &any));
    assert_true(fps__database_bit_set(database, entry.all, &all));
    assert_true(fps__bit_set_has(any, 0) && !fps__bit_set_has(any, 1) && fps__bit_set_has(any, 2));
    assert_true(fps__bit_set_has(all, 0) && !fps__bit_set_has(all, 2));
    bool fingerprinted;
    assert_non_null(fps_database_release(database, 0, 2, &fingerprinted));
    assert_true(fingerprinted);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* A set gives keys back without the bits that it does not keep. Beside builds that hold the whole keys they are the same
 * ones; what stands for a whole object is made from the whole keys alone. */
static void an_imported_key_is_that_of_the_whole_feature(void **state)
{
    (void)state;
    fps__corpus corpus;
    static const char *const releases[] = {"1.0", "1.1", NULL}, *newer[] = {"1.1"};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, releases);
    uint32_t object = corpus_release(&corpus, "zlib", "1.0", TEXTS({"zlib", 0, 30, 0}));
    const uint32_t *whole = corpus.objects[object].features, count = corpus.objects[object].feature_count;
    uint32_t *cut = corpus_array(&corpus, count, sizeof *cut);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = corpus.features[whole[i]].key;
        sum += key;
        cut[i] = corpus.feature_count;
        corpus.features[corpus.feature_count++] = (fps__corpus_feature){fps__layout_stored_key(key), NULL};
        assert_true(corpus.features[cut[i]].key != key);
    }
    fps__corpus_group group = imported_group(newer, 1, 1);
    group.features = cut;
    group.feature_count = count;
    corpus.groups = &group;
    corpus.group_count = 1;
    fps_database *database = corpus_set(&corpus, NULL);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t posting = fps__database_probe_one(database, corpus.features[whole[i]].key);
        assert_int_equal(fps__database_posting_size(database, posting), 2);
    }
    fps__set_counts counts;
    fps__database_counts(database, &counts);
    assert_int_equal(counts.keys, count + 1);
    assert_int_not_equal(fps__database_probe_one(database, fps__feature_content_key(sum, count)), FPS__NONE);
    fps_database_free(database);
    corpus_free(&corpus);
}

static void imported_features_of_unknown_releases_are_refused(void **state)
{
    (void)state;
    fps__corpus corpus;
    fps__compiled *compiled;
    const char *wrong = "9.9";
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus.groups = &(fps__corpus_group){.component = "zlib", .unit = "", .any = &wrong, .any_count = 1};
    corpus.group_count = 1;
    assert_int_equal(fps__compile(&compiled, &corpus, NULL, NULL), FPS_ERROR_CORRUPT);
    corpus_free(&corpus);
}

static void features_stay_with_their_owner_in_another_set(void **state)
{
    (void)state;
    fps__corpus base, own;
    corpus_make(&base);
    corpus_component(&base, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&base, "zlib", "1.2.13", TEXTS({"zlib", 0, 60, 0}));
    fps_database *against = corpus_set(&base, NULL);
    corpus_make(&own);
    corpus_component(&own, (fps__corpus_component){.id = "ours"}, NULL);
    corpus_release(&own, "ours", "1", TEXTS({"ours", 0, 60, 0}, {"zlib", 0, 60, 0}));
    fps_database *alone = corpus_set(&own, NULL);
    fps_database *beside = corpus_set(&own, &(fps__compile_options){.against = against});
    assert_int_equal(weight_of(alone, "ours", "zlib", 3), 16);
    assert_true(weight_of(beside, "ours", "zlib", 3) <= 0);
    assert_int_equal(weight_of(beside, "ours", "ours", 3), 16);
    fps_database_free(alone);
    fps_database_free(beside);
    fps_database_free(against);
    corpus_free(&own);
    corpus_free(&base);
}

static void builds_can_be_left_out(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.0", TEXTS({"zlib", 0, 30, 0}));
    corpus_release(&corpus, "zlib", "1.1", TEXTS({"zlib", 30, 60, 0}));
    corpus.builds[0].origin = "debian bullseye";
    static const char *const by_version[] = {"zlib=1.0", NULL}, *const by_origin[] = {"@debian bull*", NULL};
    fps_database *one = corpus_set(&corpus, &(fps__compile_options){.leave_out = by_version});
    fps_database *two = corpus_set(&corpus, &(fps__compile_options){.leave_out = by_origin});
    assert_int_equal(weight_of(one, "zlib", "zlib", 3), -1);
    assert_int_equal(weight_of(two, "zlib", "zlib", 3), -1);
    assert_int_equal(weight_of(one, "zlib", "zlib", 33), 16);
    assert_int_equal(weight_of(two, "zlib", "zlib", 33), 16);
    fps_database_free(one);
    fps_database_free(two);
    corpus_free(&corpus);
}

static void a_corpus_without_components_is_refused(void **state)
{
    (void)state;
    fps__corpus corpus;
    fps__compiled *compiled;
    fps_error error = {0};
    corpus_make(&corpus);
    assert_int_equal(fps__compile(&compiled, &corpus, NULL, &error), FPS_ERROR_ARGUMENT);
    assert_null(compiled);
    assert_true(error.message[0] != '\0');
    corpus_free(&corpus);
}

/* A corpus of one component with `count` shared objects of different names. */
static fps_status compile_objects(uint32_t count, fps_error *error)
{
    fps__corpus corpus;
    fps__compiled *compiled;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "many"}, NULL);
    corpus_release(&corpus, "many", "1", TEXTS({"many", 0, 9, 0}));
    fps__corpus_object first = corpus.objects[0], *objects = corpus_array(&corpus, count, sizeof *objects);
    for (uint32_t i = 0; i < count; i++) {
        char path[64];
        snprintf(path, sizeof path, "usr/lib/a%ux.so", i);
        objects[i] = first;
        objects[i].path = fps__arena_string(&corpus.arena, path);
    }
    corpus.objects = objects;
    corpus.object_count = count;
    fps_status status = fps__compile(&compiled, &corpus, NULL, error);
    if (status == FPS_OK)
        fps__compiled_free(compiled);
    corpus_free(&corpus);
    return status;
}

static void more_objects_than_can_be_told_apart_are_a_limit(void **state)
{
    (void)state;
    fps_error error = {0};
    assert_int_equal(compile_objects(65536, &error), FPS_OK);
    assert_int_equal(compile_objects(65537, &error), FPS_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "many has 65537 objects"));
}

static void units_have_the_kind_that_their_name_tells(void **state)
{
    (void)state;
    fps__corpus corpus;
    unsigned seen[FPS__UNIT_KINDS] = {0};
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_build(&corpus, "zlib", "1");
    corpus_object(&corpus, "usr/lib/libz.a(a.o)",
                  TEXTS({"a", 0, 9, 0}, {"a", 0, 9, FPS__FEATURE_NAME}, {"a", 0, 9, FPS__FEATURE_FUNCTION}));
    corpus_object(&corpus, "usr/lib/libone.so.1",
                  TEXTS({"one", 0, 9, 0}, {"both", 0, 9, 0}, {"one", 0, 9, FPS__FEATURE_NAME},
                        {"both", 0, 9, FPS__FEATURE_NAME}, {"one", 0, 9, FPS__FEATURE_FUNCTION}));
    corpus_object(&corpus, "usr/lib/libtwo.so.1",
                  TEXTS({"both", 0, 9, 0}, {"both", 0, 9, FPS__FEATURE_NAME}));
    fps_database *database = corpus_set(&corpus, NULL);
    fps__set_counts counts;
    fps__database_counts(database, &counts);
    for (uint32_t id = 0; id < counts.units; id++) {
        fps__set_unit unit;
        assert_true(fps__database_unit(database, id, &unit));
        assert_int_equal(unit.kind, fps__unit_kind_of_name(unit.name, unit.code));
        seen[unit.kind]++;
    }
    for (int kind = FPS__UNIT_MEMBER; kind < FPS__UNIT_KINDS; kind++)
        assert_int_not_equal(seen[kind], 0);
    assert_int_equal(seen[FPS__UNIT_SOURCE], 0);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* ---- parameters ---- */

static void put_number(char *line, const char *name, double value)
{
    sprintf(line + strlen(line), "%s%s=%.*f", *line ? " " : "", name, value == (int)value ? 0 : 2, value);
}

static void put_list(char *line, const char *name, const uint32_t *values, size_t count)
{
    sprintf(line + strlen(line), " %s=", name);
    for (size_t i = 0; i < count; i++)
        sprintf(line + strlen(line), i ? ",%u" : "%u", values[i]);
}

static void the_line_of_parameters_is_made_of_the_constants(void **state)
{
    (void)state;
    fps__corpus corpus;
    char line[2048] = "";
#define NUMBER(constant, name, value) put_number(line, name, FPS__##constant);
#define LIST(constant, name, ...)                                                                            \
    put_list(line, name, FPS__##constant, sizeof FPS__##constant / sizeof(uint32_t));
#define GIVEN(name, value) put_number(line, name, value);
    FPS__COMPILE_PARAMETERS(NUMBER, NUMBER, LIST, GIVEN)
    assert_string_equal(fps__compile_parameters(), line);
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1", TEXTS({"zlib", 0, 9, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    fps_database_info info;
    fps_database_read_info(database, &info);
    assert_string_equal(info.parameters, line);
    fps_database_free(database);
    corpus_free(&corpus);
}

/* ---- release histories ---- */

enum { HISTORY_TEXTS_MOST = 64 };

typedef struct history_maker {
    fps__corpus *corpus;
    fps__corpus_history *history;
    fps__corpus_history_text *texts;
} history_maker;

static int compare_texts(const void *a, const void *b)
{
    return FPS__COMPARE(((const fps__corpus_history_text *)a)->hash,
                        ((const fps__corpus_history_text *)b)->hash);
}

/* A history of releases 1.0 to 4.0, with lists 0 to 3: all, 0-1, 2, 0 and 3. */
static history_maker start_history(fps__corpus *corpus, const char *component)
{
    static const char *versions[] = {"1.0", "2.0", "3.0", "4.0"};
    static const uint32_t days[] = {0, 11000, 12000, 13000};
    static const fps__corpus_range ranges[] = {{0, 3}, {0, 1}, {2, 2}, {0, 0}, {3, 3}, {1, 2}};
    static const fps__corpus_list lists[] = {{0, 1}, {1, 1}, {2, 1}, {3, 2}, {5, 1}};
    if (!corpus->histories)
        corpus->histories = corpus_array(corpus, 4, sizeof *corpus->histories);
    history_maker maker = {corpus, &corpus->histories[corpus->history_count++],
                           corpus_array(corpus, HISTORY_TEXTS_MOST, sizeof(fps__corpus_history_text))};
    *maker.history = (fps__corpus_history){.component = component,
                                           .versions = versions,
                                           .days = days,
                                           .release_count = 4,
                                           .lists = lists,
                                           .ranges = ranges,
                                           .texts = maker.texts};
    return maker;
}

static uint64_t add_text(history_maker *maker, const char *text, uint32_t units, uint32_t releases,
                         uint8_t class)
{
    assert_true(maker->history->text_count < HISTORY_TEXTS_MOST);
    uint64_t hash = text_key(FPS__FEATURE_LITERAL, text);
    maker->texts[maker->history->text_count++] =
        (fps__corpus_history_text){hash, (uint32_t)strlen(text), units, releases, class};
    qsort(maker->texts, maker->history->text_count, sizeof *maker->texts, compare_texts);
    return hash;
}

/* The ends of the first pair of the one range of a text, as 100 * first + last; 9999 when it has none. */
static uint32_t range_of(const fps_database *set, uint64_t key)
{
    uint32_t id, first, last;
    fps__set_history_range range;
    size_t count = fps__database_history_find(set, key, &id, 1);
    assert_true(count < 2);
    if (!count)
        return 9999;
    assert_true(fps__database_history_range(set, id, &range));
    assert_true(fps__database_history_pair(set, range.pairs, &first, &last));
    return 100 * first + last;
}

static void histories_go_into_a_set(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "alpha"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "beta"}, NULL);
    corpus_release(&corpus, "alpha", "1.0", TEXTS({"alpha", 0, 20, 0}));
    corpus_release(&corpus, "beta", "1.0", TEXTS({"beta", 0, 20, 0}));
    history_maker alpha = start_history(&corpus, "alpha"), gamma = start_history(&corpus, "gamma");
    uint64_t all = add_text(&alpha, "a text of many words", 0, 0, 3),
             old = add_text(&alpha, "an old text here", 0, 1, 3),
             two = add_text(&alpha, "one that went and came", 0, 3, 3),
             own = add_text(&alpha, "alpha says number 3 to its user", 0, 2, 3),
             long_word = add_text(&alpha, "very_long_word", 0, 2, 1),
             word = add_text(&alpha, "word", 0, 2, 1), version = add_text(&alpha, "3.0", 0, 2, 4),
             few = add_text(&alpha, "%s: %d of %d", 0, 2, 2),
             others = add_text(&alpha, "beta says number 3 to its user", 0, 2, 3),
             shared = add_text(&alpha, "also in the third one", 0, 2, 3);
    add_text(&gamma, "also in the third one", 0, 2, 3);
    fps_database *set = corpus_set(&corpus, NULL);
    fps__set_history history;
    fps__set_history_release release;
    assert_int_equal(fps__database_history_count(set), 1);
    assert_true(fps__database_history(set, 0, &history));
    assert_int_equal(history.count, 4);
    assert_int_equal(history.range_count, 4);
    assert_true(fps__database_history_release(set, history.first + 2, &release));
    assert_string_equal(release.version, "3.0");
    assert_int_equal(release.day, 12000);
    assert_int_equal(range_of(set, all), 3);
    assert_int_equal(range_of(set, old), 1);
    assert_int_equal(range_of(set, two), 0);
    assert_int_equal(range_of(set, own), 202);
    assert_int_equal(range_of(set, long_word), 202);
    assert_int_equal(range_of(set, version), 202);
    assert_int_equal(range_of(set, word), 9999);
    assert_int_equal(range_of(set, few), 9999);
    assert_int_equal(range_of(set, others), 202);
    assert_int_equal(range_of(set, shared), 202);
    fps_database_free(set);
    corpus_free(&corpus);
}

/* Of 40 texts of one unit and 3 of another, those 3 are kept and as many of the first as there is room for; each unit has
 * a range of its own. */
static void a_history_keeps_few_texts_of_each_list_from_all_units(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "alpha"}, NULL);
    corpus_release(&corpus, "alpha", "1.0", TEXTS({"alpha", 0, 20, 0}));
    history_maker alpha = start_history(&corpus, "alpha");
    uint64_t rare[3];
    char text[64];
    for (uint32_t i = 0; i < 43; i++) {
        snprintf(text, sizeof text, "the text with number %u", i);
        uint64_t hash = add_text(&alpha, text, i >= 40 ? 2 : 0, 1, 3);
        if (i >= 40)
            rare[i - 40] = hash;
    }
    fps_database *set = corpus_set(&corpus, NULL);
    fps__set_counts counts;
    fps__set_history_range range;
    fps__database_counts(set, &counts);
    assert_int_equal(counts.history_keys, 8);
    assert_int_equal(counts.history_ranges, 2);
    assert_true(fps__database_history_range(set, 0, &range));
    assert_int_equal(range.texts, 5);
    assert_int_equal(range.unit, 0);
    assert_true(fps__database_history_range(set, 1, &range));
    assert_int_equal(range.texts, 3);
    assert_int_equal(range.unit, 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(range_of(set, rare[i]), 1);
    fps_database_free(set);
    corpus_free(&corpus);
}

/* An imported text has 44 bits of its hash: with the whole one beside it, it is one text, in the releases of both. */
static void an_imported_text_joins_the_one_it_was_made_of(void **state)
{
    (void)state;
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "alpha"}, NULL);
    corpus_release(&corpus, "alpha", "1.0", TEXTS({"alpha", 0, 20, 0}));
    history_maker alpha = start_history(&corpus, "alpha");
    uint64_t hash = add_text(&alpha, "a text of many words", 0, 3, 3);
    alpha.texts[1] = alpha.texts[0];
    alpha.texts[0].hash = hash >> 20 << 20;
    alpha.texts[0].releases = 4;
    alpha.history->text_count = 2;
    fps_database *set = corpus_set(&corpus, NULL);
    assert_int_equal(range_of(set, hash), 3);
    fps_database_free(set);
    corpus_free(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_declared_copy_belongs_to_its_component),
        cmocka_unit_test(a_copy_is_known_by_its_likeness),
        cmocka_unit_test(a_runtime_owns_what_few_share_and_nobody_what_many_do),
        cmocka_unit_test(vocabulary_loses_weight_with_each_family),
        cmocka_unit_test(unrelated_files_take_weight_but_not_those_with_a_copy),
        cmocka_unit_test(units_stay_from_release_to_release),
        cmocka_unit_test(members_of_archives_are_units),
        cmocka_unit_test(any_and_all_tell_some_builds_from_every_build),
        cmocka_unit_test(templates_are_learnt_where_they_hold_the_own_version),
        cmocka_unit_test(the_same_corpus_gives_the_same_bytes),
        cmocka_unit_test(an_imported_set_compiles_to_itself),
        cmocka_unit_test(imported_features_keep_what_was_said_of_them),
        cmocka_unit_test(an_imported_key_is_that_of_the_whole_feature),
        cmocka_unit_test(imported_features_of_unknown_releases_are_refused),
        cmocka_unit_test(features_stay_with_their_owner_in_another_set),
        cmocka_unit_test(builds_can_be_left_out),
        cmocka_unit_test(a_corpus_without_components_is_refused),
        cmocka_unit_test(more_objects_than_can_be_told_apart_are_a_limit),
        cmocka_unit_test(units_have_the_kind_that_their_name_tells),
        cmocka_unit_test(the_line_of_parameters_is_made_of_the_constants),
        cmocka_unit_test(histories_go_into_a_set),
        cmocka_unit_test(a_history_keeps_few_texts_of_each_list_from_all_units),
        cmocka_unit_test(an_imported_text_joins_the_one_it_was_made_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
