/* The compiled set gives back what the model says: look-ups against brute force, and every accessor. */
#include "set_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct opened {
    set_fixture fixture;
    char folder[256], path[300];
    fps_database *database;
    uint32_t *
        postings; /* of each posting of the model in the set: an entry, or behind them a place in the lists */
} opened;

static void open_model(opened *o, const set_fixture_shape *shape)
{
    fps_error error = {0};
    fixture_make(&o->fixture, shape);
    fixture_folder(o->folder);
    snprintf(o->path, sizeof o->path, "%s/set.fpdb", o->folder);
    if (fps__set_write(&o->fixture.model, o->path, &error) != FPS_OK)
        fail_msg("%s", error.message);
    if (fps_database_open(&o->database, o->path, &error) != FPS_OK ||
        fps_database_verify(o->database, &error) != FPS_OK)
        fail_msg("%s", error.message);
    assert_int_equal(fps_database_diagnostic_count(o->database), 0);
    const fps__set_model *model = &o->fixture.model;
    uint32_t next = model->entry_count;
    o->postings = fixture_array(&o->fixture, model->posting_count, sizeof *o->postings);
    for (uint32_t p = 0; p < model->posting_count; p++) {
        bool one = model->postings[p].count == 1;
        o->postings[p] = one ? model->postings[p].entries[0] : next;
        next += one ? 0 : model->postings[p].count + 1;
    }
}

static void close_model(opened *o)
{
    fps_database_free(o->database);
    fixture_free(&o->fixture);
    unlink(o->path);
    rmdir(o->folder);
}

/* Posting of a key by binary search in the model, the brute force of this test. A key is told by the bits that a set
 * keeps. */
static uint32_t model_posting(const opened *o, uint64_t whole_key)
{
    const fps__set_model *model = &o->fixture.model;
    uint64_t key = fps__layout_stored_key(whole_key);
    const uint64_t *found =
        model->key_count ? bsearch(&key, model->keys, model->key_count, 8, fixture_compare_keys) : NULL;
    return found ? o->postings[model->key_posting[found - model->keys]] : FPS__NONE;
}

static void check_probes(opened *o, size_t count, bool skewed)
{
    const fps__set_model *model = &o->fixture.model;
    uint64_t *keys = malloc((count + 4) * sizeof *keys);
    uint32_t *postings = malloc((count + 4) * sizeof *postings);
    assert_true(keys && postings);
    for (size_t i = 0; i < count; i++) {
        uint64_t present = model->key_count ? model->keys[fixture_random(&o->fixture) % model->key_count] : 5;
        switch (fixture_below(&o->fixture, 4)) {
        case 0:
            keys[i] = fixture_key(&o->fixture, skewed);
            break;
        case 1: /* one bit away */
            keys[i] = present ^ (uint64_t)1 << fixture_below(&o->fixture, 64);
            break;
        default:
            keys[i] = present;
        }
    }
    keys[count++] = 0;
    keys[count++] = UINT64_MAX;
    keys[count++] = 1;
    keys[count++] = ~(uint64_t)15 | 6;
    for (size_t part = 0; part <= count && part < 40;
         part++) /* every batch length around the prefetch distance */
        fps__database_probe(o->database, keys, part, postings);
    fps__database_probe(o->database, keys, count, postings);
    for (size_t i = 0; i < count; i++) {
        uint32_t wanted = model_posting(o, keys[i]);
        assert_int_equal(postings[i], wanted);
        assert_int_equal(fps__database_probe_one(o->database, keys[i]), wanted);
    }
    free(keys);
    free(postings);
    assert_int_equal(fps__database_damage(o->database), 0);
}

static void probe_shape(set_fixture_shape shape)
{
    opened o = {0};
    open_model(&o, &shape);
    check_probes(&o, 20000, shape.skewed);
    close_model(&o);
}

static void probes_of_sets_of_every_size_equal_brute_force(void **state)
{
    (void)state;
    const uint64_t sizes[] = {0, 1, 2, 3, 7, 100, 1000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        probe_shape((set_fixture_shape){i, 5, 50, 40, sizes[i], false, false});
}

static void probes_of_skewed_keys_equal_brute_force(void **state)
{
    (void)state;
    probe_shape((set_fixture_shape){11, 5, 50, 40, 1000, true, true});
    probe_shape((set_fixture_shape){12, 5, 50, 40, 100000, true, true});
}

static void probes_of_the_lowest_and_highest_key_find_them(void **state)
{
    (void)state;
    opened o = {0};
    open_model(&o, &(set_fixture_shape){13, 5, 50, 40, 5000, false, true});
    assert_int_not_equal(fps__database_probe_one(o.database, 1), FPS__NONE);
    assert_int_not_equal(fps__database_probe_one(o.database, ~(uint64_t)15 | 6), FPS__NONE);
    assert_int_equal(fps__database_probe_one(o.database, 0), FPS__NONE);
    assert_int_equal(fps__database_probe_one(o.database, UINT64_MAX), FPS__NONE);
    close_model(&o);
}

static void few_keys_with_many_postings_keep_their_posting_ids(void **state)
{
    (void)state;
    probe_shape((set_fixture_shape){14, 5, 50, 70000, 300, false, true});
}

static void keys_by_position_are_all_keys_with_their_postings(void **state)
{
    (void)state;
    opened o = {0};
    open_model(&o, &(set_fixture_shape){15, 5, 50, 40, 20000, true, true});
    const fps__set_model *model = &o.fixture.model;
    fps__set_counts counts;
    fps__database_counts(o.database, &counts);
    assert_int_equal(counts.keys, model->key_count);
    uint64_t key, before = 0;
    uint32_t posting;
    for (uint64_t i = 0; i < counts.keys; i++) {
        assert_true(fps__database_key(o.database, i, &key, &posting));
        assert_int_equal(posting, model_posting(&o, key));
        assert_true(i == 0 || (key & 15) > (before & 15) || ((key & 15) == (before & 15) && key > before));
        before = key;
    }
    assert_false(fps__database_key(o.database, counts.keys, &key, &posting));
    close_model(&o);
}

static void every_posting_and_entry_reads_back(void **state)
{
    (void)state;
    opened o = {0};
    open_model(&o, &(set_fixture_shape){16, 20, 500, 2000, 10, false, false});
    const fps__set_model *model = &o.fixture.model;
    for (uint32_t p = 0; p < model->posting_count; p++) {
        const fps__set_posting *posting = &model->postings[p];
        assert_int_equal(fps__database_posting_size(o.database, o.postings[p]), posting->count);
        for (uint32_t i = 0; i < posting->count; i++) {
            fps__set_entry entry, again;
            assert_int_equal(fps__database_posting_entry_id(o.database, o.postings[p], i),
                             posting->entries[i]);
            assert_true(fps__database_entry(o.database, o.postings[p], i, &entry));
            assert_memory_equal(&entry, &model->entries[posting->entries[i]], sizeof entry);
            assert_true(fps__database_entry_by_id(o.database, posting->entries[i], &again));
            assert_memory_equal(&entry, &again, sizeof entry);
        }
    }
    for (uint32_t b = 0; b < model->bit_set_count; b++) {
        fps__bit_set set;
        assert_true(fps__database_bit_set(o.database, b, &set));
        for (uint32_t bit = 0; bit < 128; bit++)
            assert_int_equal(fps__bit_set_has(set, bit), fps__bit_set_has(model->bit_sets[b], bit));
    }
    assert_int_equal(fps__database_damage(o.database), 0);
    close_model(&o);
}

static void every_component_release_unit_and_template_reads_back(void **state)
{
    (void)state;
    opened o = {0};
    open_model(&o, &(set_fixture_shape){17, 60, 100, 100, 10, false, false});
    const fps__set_model *model = &o.fixture.model;
    for (uint32_t c = 0; c < model->component_count; c++) {
        const fps__set_component *wanted = &model->components[c];
        fps__set_component got;
        fps_component_info info;
        assert_true(fps__database_component(o.database, c, &got));
        assert_true(fps_database_read_component(o.database, c, &info));
        assert_string_equal(got.id, wanted->id);
        assert_string_equal(info.license, wanted->license);
        assert_string_equal(got.family, wanted->family);
        assert_int_equal(got.role, wanted->role);
        assert_int_equal(got.since, wanted->since);
        assert_int_equal(got.release_count, wanted->release_count);
        assert_int_equal(got.unit_count, wanted->unit_count);
        for (uint32_t r = 0; r < got.release_count; r++) {
            bool fingerprinted;
            const fps__set_release *release = &model->releases[wanted->release_first + r];
            assert_string_equal(fps_database_release(o.database, c, r, &fingerprinted), release->version);
            assert_int_equal(fingerprinted, release->fingerprinted);
            fps__set_release read;
            assert_true(fps__database_release(o.database, wanted->release_first + r, &read));
            assert_int_equal(read.built, release->built);
        }
        assert_int_equal(got.build_count, wanted->build_count);
        for (uint32_t b = 0; b < got.build_count; b++) {
            fps__set_code_build build;
            const fps__set_code_build *expected = &model->code_builds[wanted->build_first + b];
            assert_true(fps__database_code_build(o.database, got.build_first + b, &build));
            assert_int_equal(build.release, expected->release);
            assert_int_equal(build.machine, expected->machine);
            assert_string_equal(build.toolchain, expected->toolchain);
            assert_string_equal(build.origin, expected->origin);
            assert_int_equal(build.archives, expected->archives);
        }
        for (uint32_t u = got.unit_first; u < got.unit_first + got.unit_count; u++) {
            fps__set_unit unit;
            assert_true(fps__database_unit(o.database, u, &unit));
            assert_string_equal(unit.name, model->units[u].name);
            assert_int_equal(unit.component, c);
            assert_int_equal(unit.code, model->units[u].code && model->units[u].totals);
            uint32_t length = unit.code ? got.build_count : got.release_count;
            for (uint32_t r = 0; r < length; r++)
                assert_int_equal(fps__database_unit_total(o.database, u, r),
                                 model->units[u].totals ? model->units[u].totals[r] : 0);
        }
    }
    for (uint32_t t = 0; t < model->template_count; t++) {
        fps__set_template got;
        assert_true(fps__database_template(o.database, t, &got));
        assert_string_equal(got.text, model->templates[t].text);
        assert_true(got.key == model->templates[t].key);
        assert_int_equal(got.learnt_from, model->templates[t].learnt_from);
        assert_int_equal(got.negative_hits, model->templates[t].negative_hits);
    }
    uint64_t size;
    assert_string_equal(fps__database_rules(o.database, &size), "rule a\n");
    assert_int_equal(size, 7);
    assert_null(fps_database_release(o.database, 0, 1000, NULL));
    assert_int_equal(fps__database_damage(o.database), 0);
    close_model(&o);
}

static void ids_out_of_range_give_nothing_and_count_as_damage(void **state)
{
    (void)state;
    opened o = {0};
    open_model(&o, &(set_fixture_shape){18, 5, 50, 40, 100, false, false});
    fps__set_entry entry;
    fps__set_component component;
    fps__set_release release;
    fps__set_unit unit;
    fps__bit_set set;
    fps__set_template template_;
    assert_int_equal(fps__database_posting_size(o.database, FPS__NONE), 0);
    assert_false(fps__database_entry(o.database, 0, 1000, &entry));
    assert_false(fps__database_entry_by_id(o.database, FPS__NONE, &entry));
    assert_false(fps__database_component(o.database, 5, &component));
    assert_false(fps__database_release(o.database, FPS__NONE, &release));
    assert_false(fps__database_unit(o.database, FPS__NONE, &unit));
    assert_false(fps__database_bit_set(o.database, FPS__NONE, &set));
    assert_false(fps__database_template(o.database, FPS__NONE, &template_));
    assert_int_equal(fps__database_unit_total(o.database, FPS__NONE, 0), 0);
    assert_string_equal(component.id, "");
    assert_true(fps__database_damage(o.database) >= 9);
    close_model(&o);
}

/* The ranges of a key by walking through all keys. */
static size_t model_ranges(const fps__set_histories *all, uint64_t key, uint32_t *ranges, size_t most)
{
    size_t found = 0;
    for (uint32_t i = 0; i < all->key_count; i++)
        if (all->keys[i] >> 20 == key >> 20 && found++ < most)
            ranges[found - 1] = (uint32_t)(all->keys[i] & 0xfffff);
    return found;
}

static void check_history_keys(opened *o)
{
    const fps__set_histories *all = &o->fixture.model.histories;
    enum { MOST = 3 };
    uint32_t found[MOST] = {0}, expected[MOST] = {0};
    for (uint32_t i = 0; i < 3000; i++) {
        uint64_t key = fixture_random(&o->fixture);
        if (all->key_count && i % 3)
            key = all->keys[key % all->key_count] ^ (i % 3 == 2 ? UINT64_C(1) << key % 64 : key % 0xfffff);
        if (i < 2)
            key = i ? UINT64_MAX : 0;
        size_t count = model_ranges(all, key, expected, MOST);
        assert_int_equal(fps__database_history_find(o->database, key, found, MOST), count);
        assert_memory_equal(found, expected, (count < MOST ? count : MOST) * sizeof *found);
    }
    assert_int_equal(fps__database_damage(o->database), 0);
}

static void texts_of_histories_are_found(void **state)
{
    (void)state;
    for (uint32_t components = 1; components < 400; components = components * 3 + 1)
        for (int skewed = 0; skewed < 2; skewed++) {
            opened o;
            open_model(&o, &(set_fixture_shape){components, components, 6, 9, 40, skewed, false});
            check_history_keys(&o);
            close_model(&o);
        }
}

/* The same text in many lists, of which none may be lost. */
static void a_text_of_many_lists_gives_them_all(void **state)
{
    (void)state;
    opened o;
    set_fixture fixture;
    fixture_make(&fixture, &(set_fixture_shape){1, 40, 6, 9, 40, false, false});
    fps__set_histories *all = &fixture.model.histories;
    uint64_t *keys = fixture_array(&fixture, all->range_count, sizeof *keys);
    fps__set_history_range *ranges = fixture_array(&fixture, all->range_count, sizeof *ranges);
    memcpy(ranges, all->ranges, all->range_count * sizeof *ranges);
    for (uint32_t r = 0; r < all->range_count; r++) {
        keys[r] = UINT64_C(0xabcdef) << 40 | r;
        ranges[r].texts = 1;
    }
    all->keys = keys;
    all->key_count = all->range_count;
    all->ranges = ranges;
    fixture_folder(o.folder);
    snprintf(o.path, sizeof o.path, "%s/set.fpdb", o.folder);
    assert_int_equal(fps__set_write(&fixture.model, o.path, NULL), FPS_OK);
    assert_int_equal(fps_database_open(&o.database, o.path, NULL), FPS_OK);
    assert_int_equal(fps_database_verify(o.database, NULL), FPS_OK);
    uint32_t *found = fixture_array(&fixture, all->range_count, sizeof *found);
    assert_int_equal(fps__database_history_find(o.database, UINT64_C(0xabcdef) << 40 | 1, found, 5),
                     all->range_count);
    assert_int_equal(found[5], 0);
    assert_int_equal(
        fps__database_history_find(o.database, UINT64_C(0xabcdef) << 40, found, all->range_count),
        all->range_count);
    for (uint32_t r = 0; r < all->range_count; r++)
        assert_int_equal(found[r], r);
    assert_int_equal(fps__database_history_find(o.database, UINT64_C(0xabcdee) << 40, found, 5), 0);
    o.fixture = fixture;
    close_model(&o);
}

static void every_history_reads_back(void **state)
{
    (void)state;
    opened o;
    open_model(&o, &(set_fixture_shape){1, 21, 6, 9, 40, false, false});
    const fps__set_histories *all = &o.fixture.model.histories;
    fps__set_history history;
    uint32_t next = 0;
    assert_int_equal(all->count, 10);
    assert_int_equal(fps__database_history_count(o.database), all->count);
    for (uint32_t c = 0; c < 30; c++) {
        bool known = next < all->count && all->components[next] == c;
        assert_int_equal(fps__database_history(o.database, c, &history), known);
        if (known)
            assert_memory_equal(&history, &all->items[next++], sizeof history);
    }
    for (uint32_t r = 0; r < all->release_count; r++) {
        fps__set_history_release release;
        assert_true(fps__database_history_release(o.database, r, &release));
        assert_string_equal(release.version, all->releases[r].version);
        assert_int_equal(release.day, all->releases[r].day);
    }
    for (uint32_t r = 0; r < all->range_count; r++) {
        fps__set_history_range range;
        assert_true(fps__database_history_range(o.database, r, &range));
        assert_memory_equal(&range, &all->ranges[r], sizeof range);
    }
    for (uint32_t p = 0; p < all->pair_count; p++) {
        fps__set_history_pair pair;
        assert_true(fps__database_history_pair(o.database, p, &pair.first, &pair.last));
        assert_memory_equal(&pair, &all->pairs[p], sizeof pair);
    }
    assert_int_equal(fps__database_damage(o.database), 0);
    fps__set_history_release release;
    fps__set_history_range range;
    uint32_t first, last;
    uint64_t key;
    assert_false(fps__database_history_by_index(o.database, all->count, &first, &history));
    assert_false(fps__database_history_release(o.database, all->release_count, &release));
    assert_string_equal(release.version, "");
    assert_false(fps__database_history_range(o.database, FPS__NONE, &range));
    assert_false(fps__database_history_pair(o.database, FPS__NONE, &first, &last));
    assert_false(fps__database_history_key(o.database, all->key_count, &key, &first));
    assert_int_equal(fps__database_damage(o.database), 5);
    close_model(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_of_sets_of_every_size_equal_brute_force),
        cmocka_unit_test(probes_of_skewed_keys_equal_brute_force),
        cmocka_unit_test(probes_of_the_lowest_and_highest_key_find_them),
        cmocka_unit_test(few_keys_with_many_postings_keep_their_posting_ids),
        cmocka_unit_test(keys_by_position_are_all_keys_with_their_postings),
        cmocka_unit_test(every_posting_and_entry_reads_back),
        cmocka_unit_test(every_component_release_unit_and_template_reads_back),
        cmocka_unit_test(ids_out_of_range_give_nothing_and_count_as_damage),
        cmocka_unit_test(texts_of_histories_are_found),
        cmocka_unit_test(a_text_of_many_lists_gives_them_all),
        cmocka_unit_test(every_history_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
