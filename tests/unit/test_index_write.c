/* Writing a set: the same bytes each time, bad models are refused, and nothing half-written stays. */
#include "set_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

typedef struct place {
    set_fixture fixture;
    char folder[256], path[300];
    fps_error error;
} place;

static void enter(place *p)
{
    memset(p, 0, sizeof *p);
    fixture_make(&p->fixture, &(set_fixture_shape){5, 8, 60, 50, 20000, false, true});
    fixture_folder(p->folder);
    snprintf(p->path, sizeof p->path, "%s/set.fpdb", p->folder);
}

static size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream));)
        count += entry->d_name[0] != '.';
    closedir(stream);
    return count;
}

static void leave(place *p)
{
    unlink(p->path);
    assert_int_equal(files_in(p->folder), 0);
    assert_int_equal(rmdir(p->folder), 0);
    fixture_free(&p->fixture);
}

static void the_same_model_gives_the_same_bytes(void **state)
{
    (void)state;
    place p;
    size_t size[2];
    uint8_t *bytes[2];
    for (int i = 0; i < 2; i++) {
        enter(&p);
        assert_int_equal(fps__set_write(&p.fixture.model, p.path, &p.error), FPS_OK);
        assert_int_equal(files_in(p.folder), 1);
        bytes[i] = fixture_read(p.path, &size[i]);
        leave(&p);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void a_set_replaces_the_one_before_and_readers_keep_theirs(void **state)
{
    (void)state;
    place p;
    enter(&p);
    fps_database *database;
    assert_int_equal(fps__set_write(&p.fixture.model, p.path, &p.error), FPS_OK);
    assert_int_equal(fps_database_open(&database, p.path, &p.error), FPS_OK);
    p.fixture.model.name = "another";
    assert_int_equal(fps__set_write(&p.fixture.model, p.path, &p.error), FPS_OK);
    fps_database_info info;
    fps_database_read_info(database, &info);
    assert_string_equal(info.name, "fixture");
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    assert_int_equal(fps_database_open(&database, p.path, &p.error), FPS_OK);
    fps_database_read_info(database, &info);
    assert_string_equal(info.name, "another");
    fps_database_free(database);
    struct stat facts;
    assert_int_equal(stat(p.path, &facts), 0);
    assert_int_equal(facts.st_mode & 0600, 0600);
    leave(&p);
}

/* The file size limit stands for a full disk: writing fails in the middle, with EFBIG instead of ENOSPC. */
static void a_full_disk_leaves_the_old_set_and_nothing_else(void **state)
{
    (void)state;
    place p;
    enter(&p);
    size_t before, after;
    struct rlimit limit, small;
    assert_int_equal(fps__set_write(&p.fixture.model, p.path, &p.error), FPS_OK);
    uint8_t *old = fixture_read(p.path, &before);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    const rlim_t sizes[] = {0, 1, 64, 100000};
    p.fixture.model.name = "another";
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        small = (struct rlimit){sizes[i], limit.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        fps_status status = fps__set_write(&p.fixture.model, p.path, &p.error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(status, FPS_ERROR_IO);
        assert_string_equal(p.error.path, p.path);
        assert_non_null(strstr(p.error.message, "cannot write"));
        assert_int_equal(files_in(p.folder), 1);
    }
    signal(SIGXFSZ, handler);
    uint8_t *kept = fixture_read(p.path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(old, kept, before);
    free(old);
    free(kept);
    leave(&p);
}

static void a_folder_that_is_not_there_is_an_io_error(void **state)
{
    (void)state;
    place p;
    enter(&p);
    assert_int_equal(fps__set_write(&p.fixture.model, "/nonexistent/set.fpdb", &p.error), FPS_ERROR_IO);
    assert_string_equal(p.error.path, "/nonexistent/set.fpdb");
    leave(&p);
}

/* One bad thing each, done to a copy of the arrays that it touches. */
typedef void (*spoiler)(place *p, fps__set_model *model);

static void *copied(place *p, const void *items, size_t count, size_t size)
{
    void *copy = fixture_array(&p->fixture, count, size);
    memcpy(copy, items, count * size);
    return copy;
}

#define COPY(MODEL_FIELD, COUNT_FIELD)                                                                       \
    copied(p, model->MODEL_FIELD, (size_t)model->COUNT_FIELD, sizeof *model->MODEL_FIELD)

static void equal_keys(place *p, fps__set_model *model)
{
    uint64_t *keys = COPY(keys, key_count);
    keys[100] = keys[99];
    model->keys = keys;
}
static void key_with_bits_that_are_not_kept(place *p, fps__set_model *model)
{
    uint64_t *keys = COPY(keys, key_count);
    keys[100] |= 16;
    model->keys = keys;
}
static void template_with_bits_that_are_not_kept(place *p, fps__set_model *model)
{
    fps__set_template *templates = COPY(templates, template_count);
    templates[0].key |= 16;
    model->templates = templates;
}
static void key_of_unknown_kind(place *p, fps__set_model *model)
{
    uint64_t *keys = COPY(keys, key_count);
    keys[model->key_count - 1] |= 15;
    model->keys = keys;
}
static void key_without_posting(place *p, fps__set_model *model)
{
    uint32_t *postings = COPY(key_posting, key_count);
    postings[7] = model->posting_count;
    model->key_posting = postings;
}
static void posting_out_of_order(place *p, fps__set_model *model)
{
    static const uint32_t entries[] = {5, 3};
    fps__set_posting *postings = COPY(postings, posting_count);
    postings[4] = (fps__set_posting){entries, 2};
    model->postings = postings;
}
static void posting_without_entry(place *p, fps__set_model *model)
{
    static const uint32_t entries[] = {60};
    fps__set_posting *postings = COPY(postings, posting_count);
    postings[4] = (fps__set_posting){entries, 1};
    model->postings = postings;
}
static void entry_of_unknown_component(place *p, fps__set_model *model)
{
    fps__set_entry *entries = COPY(entries, entry_count);
    entries[3].component = model->component_count;
    model->entries = entries;
}
static void entry_with_the_unit_of_another(place *p, fps__set_model *model)
{
    fps__set_entry *entries = COPY(entries, entry_count);
    entries[3].unit = model->units[0].component == entries[3].component ? model->unit_count - 1 : 0;
    model->entries = entries;
}
static void entry_with_unknown_bit_set(place *p, fps__set_model *model)
{
    fps__set_entry *entries = COPY(entries, entry_count);
    entries[3].all = model->bit_set_count;
    model->entries = entries;
}
static void entry_that_weighs_too_much(place *p, fps__set_model *model)
{
    fps__set_entry *entries = COPY(entries, entry_count);
    entries[3].weight = 17;
    model->entries = entries;
}
static void bit_beyond_the_releases(place *p, fps__set_model *model)
{
    static const uint64_t words[] = {0, UINT64_C(1) << 63};
    fps__bit_set *sets = COPY(bit_sets, bit_set_count);
    sets[model->entries[3].any] = (fps__bit_set){words, 2};
    model->bit_sets = sets;
}
static void components_out_of_order(place *p, fps__set_model *model)
{
    fps__set_component *components = COPY(components, component_count);
    components[1].id = "a";
    model->components = components;
}
static void component_without_id(place *p, fps__set_model *model)
{
    fps__set_component *components = COPY(components, component_count);
    components[0].id = "";
    model->components = components;
}
static void releases_that_overlap(place *p, fps__set_model *model)
{
    fps__set_component *components = COPY(components, component_count);
    components[1].release_first = 0;
    model->components = components;
}
static void releases_of_nobody(place *p, fps__set_model *model)
{
    (void)p;
    model->release_count--;
}
static void unit_among_those_of_another(place *p, fps__set_model *model)
{
    fps__set_unit *units = COPY(units, unit_count);
    units[0].component++;
    model->units = units;
}
static void total_of_a_release_without_fingerprint(place *p, fps__set_model *model)
{
    fps__set_release *releases = COPY(releases, release_count);
    const fps__set_component *component = &model->components[model->units[0].component];
    for (uint32_t r = 0; r < component->release_count; r++)
        releases[component->release_first + r].fingerprinted = releases[component->release_first + r].built =
            false;
    model->releases = releases;
}
static void built_release_without_fingerprint(place *p, fps__set_model *model)
{
    fps__set_release *releases = COPY(releases, release_count);
    releases[0] = (fps__set_release){releases[0].version, false, true};
    model->releases = releases;
}
static void template_of_unknown_component(place *p, fps__set_model *model)
{
    fps__set_template *templates = COPY(templates, template_count);
    templates[0].component = model->component_count;
    model->templates = templates;
}

static void patches_out_of_order(place *p, fps__set_model *model)
{
    fps__set_patch *patches = COPY(patches.items, patches.count);
    patches[1].cve = patches[0].cve;
    model->patches.items = patches;
}
static void patch_of_unknown_component(place *p, fps__set_model *model)
{
    fps__set_patch *patches = COPY(patches.items, patches.count);
    patches[model->patches.count - 1].component = model->component_count;
    model->patches.items = patches;
}
static void patch_with_the_functions_of_another(place *p, fps__set_model *model)
{
    fps__set_patch *patches = COPY(patches.items, patches.count);
    patches[1].first = 0;
    model->patches.items = patches;
}
static void patch_functions_with_one_key(place *p, fps__set_model *model)
{
    fps__set_patch_function *functions = COPY(patches.functions, patches.function_count);
    functions[1].key = functions[0].key;
    model->patches.functions = functions;
}
static void patch_function_that_is_a_literal(place *p, fps__set_model *model)
{
    fps__set_patch_function *functions = COPY(patches.functions, patches.function_count);
    functions[0].key ^= FPS__FEATURE_FUNCTION ^ FPS__FEATURE_LITERAL;
    model->patches.functions = functions;
}
static void patch_functions_of_nobody(place *p, fps__set_model *model)
{
    (void)p;
    model->patches.function_count--;
}

static void a_model_that_breaks_a_rule_is_refused(void **state)
{
    (void)state;
    static const spoiler spoilers[] = {
        equal_keys,
        key_with_bits_that_are_not_kept,
        template_with_bits_that_are_not_kept,
        key_of_unknown_kind,
        key_without_posting,
        posting_out_of_order,
        posting_without_entry,
        entry_of_unknown_component,
        entry_with_the_unit_of_another,
        entry_with_unknown_bit_set,
        entry_that_weighs_too_much,
        bit_beyond_the_releases,
        components_out_of_order,
        component_without_id,
        releases_that_overlap,
        releases_of_nobody,
        unit_among_those_of_another,
        total_of_a_release_without_fingerprint,
        built_release_without_fingerprint,
        template_of_unknown_component,
        patches_out_of_order,
        patch_of_unknown_component,
        patch_with_the_functions_of_another,
        patch_functions_with_one_key,
        patch_function_that_is_a_literal,
        patch_functions_of_nobody,
    };
    place p;
    enter(&p);
    for (size_t i = 0; i < sizeof spoilers / sizeof *spoilers; i++) {
        fps__set_model model = p.fixture.model;
        spoilers[i](&p, &model);
        if (fps__set_write(&model, p.path, &p.error) != FPS_ERROR_ARGUMENT)
            fail_msg("spoiler %zu was not found", i);
        assert_true(p.error.message[0]);
        assert_int_equal(files_in(p.folder), 0);
    }
    leave(&p);
}

static void counts_that_the_format_cannot_hold_are_a_limit(void **state)
{
    (void)state;
    place p;
    enter(&p);
    fps__set_model model = p.fixture.model;
    model.key_count = UINT64_C(1) << 32;
    assert_int_equal(fps__set_write(&model, p.path, &p.error), FPS_ERROR_LIMIT);
    model = p.fixture.model;
    model.entry_count = UINT32_C(1) << 31;
    assert_int_equal(fps__set_write(&model, p.path, &p.error), FPS_ERROR_LIMIT);
    leave(&p);
}

/* As no hash does: 256 keys with the same top bits would need more buckets than a directory has. */
static void keys_that_crowd_together_are_a_limit(void **state)
{
    (void)state;
    enum { MOST = 255 };
    place p;
    enter(&p);
    fps__set_model model = p.fixture.model;
    uint64_t *keys = fixture_array(&p.fixture, MOST + 1, sizeof *keys);
    for (uint32_t i = 0; i <= MOST; i++)
        keys[i] = UINT64_C(0x123456789) << 28 | (uint64_t)i << 20 | 1;
    model.keys = keys;
    model.key_posting = fixture_array(&p.fixture, MOST + 1, sizeof *model.key_posting);
    model.key_count = MOST;
    assert_int_equal(fps__set_write(&model, p.path, &p.error), FPS_OK);
    model.key_count = MOST + 1;
    assert_int_equal(fps__set_write(&model, p.path, &p.error), FPS_ERROR_LIMIT);
    assert_non_null(strstr(p.error.message, "256 keys"));
    leave(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_model_gives_the_same_bytes),
        cmocka_unit_test(a_set_replaces_the_one_before_and_readers_keep_theirs),
        cmocka_unit_test(a_full_disk_leaves_the_old_set_and_nothing_else),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_io_error),
        cmocka_unit_test(a_model_that_breaks_a_rule_is_refused),
        cmocka_unit_test(counts_that_the_format_cannot_hold_are_a_limit),
        cmocka_unit_test(keys_that_crowd_together_are_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
