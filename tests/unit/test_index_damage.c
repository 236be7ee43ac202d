/* Damaged, cut-off, foreign and newer sets: the status each must give, and that they do no harm. */
#include "feature/feature.h"
#include "set_fixture.h"
#include "set_repair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

static bytes make_bytes(const set_fixture_shape *shape)
{
    set_fixture fixture;
    char folder[256], path[300];
    fps_error error = {0};
    bytes made;
    fixture_make(&fixture, shape);
    fixture_folder(folder);
    snprintf(path, sizeof path, "%s/set.fpdb", folder);
    if (fps__set_write(&fixture.model, path, &error) != FPS_OK)
        fail_msg("%s", error.message);
    made.data = fixture_read(path, &made.size);
    unlink(path);
    rmdir(folder);
    fixture_free(&fixture);
    return made;
}

static const set_fixture_shape small_shape = {1, 3, 6, 9, 40, false, true};

static fps_status refuse(void *user, const char *text, size_t length)
{
    (void)text;
    size_t *left = user;
    return length > *left ? FPS_ERROR_CANCELLED : (*left -= length, FPS_OK);
}

/* Everything that can be read of a set, good or bad. */
static void use(const fps_database *database)
{
    size_t left = 1000000;
    uint32_t postings[64];
    uint64_t keys[64];
    fps__set_counts counts;
    fps__database_counts(database, &counts);
    for (uint64_t i = 0; i < 64; i++) {
        fps__database_key(database, i, &keys[i], &postings[i]);
        keys[i] = i % 2 ? keys[i] : (i << 58 | i % 7);
    }
    fps__database_probe(database, keys, 64, postings);
    for (uint32_t i = 0; i < 64; i++) {
        fps__set_entry entry;
        assert_int_equal(fps__database_probe_one(database, keys[i]), postings[i]);
        fps__database_entry(database, postings[i], i % 3, &entry);
    }
    for (uint64_t i = 0; i < 64; i++) {
        fps__set_history history;
        uint32_t ranges[2], range;
        fps__database_history_key(database, i, &keys[i], &range);
        size_t found = fps__database_history_find(database, i % 3 == 2 ? ~keys[i] : keys[i], ranges, 2);
        for (size_t r = 0; r < found && r < 2; r++)
            assert_true(ranges[r] < counts.history_ranges);
        fps__database_history(database, (uint32_t)i, &history);
    }
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t first, count;
        fps__set_patch patch;
        fps_patch_info info;
        fps__database_patches_of(database, i, &first, &count);
        assert_true((uint64_t)first + count <= counts.patches);
        if (fps__database_patch(database, first, &patch))
            assert_true((uint64_t)patch.first + patch.count <= counts.patch_functions);
        fps_database_read_patch(database, i, &info);
    }
    fps__database_dump(database, refuse, &left);
}

/* Opens and checks bytes at the very end of their memory; gives the status of the first of open and verify
 * that fails. */
static fps_status try_bytes(const uint8_t *data, size_t size, fps_error *error)
{
    fps_database *database;
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    fps_status status = fps_database_open_memory(&database, copy, size, "test", error);
    if (status == FPS_OK) {
        use(database);
        status = fps_database_verify(database, error);
        fps_database_free(database);
    } else {
        assert_null(database);
    }
    free(copy);
    return status;
}

static void a_flip_of_any_byte_is_found_and_does_no_harm(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_error error = {0};
    assert_int_equal(try_bytes(set.data, set.size, &error), FPS_OK);
    for (size_t i = 0; i < set.size; i++) {
        set.data[i] ^= (uint8_t)(1 + i % 255);
        fps_status status = try_bytes(set.data, set.size, &error);
        if (status == FPS_OK)
            fail_msg("flip at %zu of %zu was not found", i, set.size);
        fps_status wanted = i < 8 ? FPS_ERROR_FORMAT : i < 10 ? FPS_ERROR_VERSION : FPS_ERROR_CORRUPT;
        assert_int_equal(status, wanted);
        set.data[i] ^= (uint8_t)(1 + i % 255);
    }
    free(set.data);
}

static void a_flip_behind_the_checksums_does_no_harm(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_error error = {0};
    for (size_t i = 8; i < set.size; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            uint8_t *changed = malloc(set.size);
            assert_non_null(changed);
            memcpy(changed, set.data, set.size);
            changed[i] = (uint8_t)(j == 0 ? 0 : j == 1 ? 0xff : changed[i] ^ 1 << i % 8);
            set_repair(changed, set.size);
            try_bytes(changed, set.size, &error);
            free(changed);
        }
    }
    free(set.data);
}

static void a_set_cut_off_at_any_length_is_refused(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_error error = {0};
    for (size_t size = 0; size < set.size; size++) {
        assert_int_equal(try_bytes(set.data, size, &error), size < 8 ? FPS_ERROR_FORMAT : FPS_ERROR_CORRUPT);
        if (size >= FPS__HEADER_SIZE) { /* and with sizes that fit again */
            uint8_t *copy = malloc(size);
            assert_non_null(copy);
            memcpy(copy, set.data, size);
            set_repair(copy, size);
            assert_int_not_equal(try_bytes(copy, size, &error), FPS_OK);
            free(copy);
        }
    }
    free(set.data);
}

static void another_major_version_is_refused_with_both_versions(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_error error = {0};
    fps__put16le(set.data + FPS__HEADER_MAJOR, 7);
    fps__put16le(set.data + FPS__HEADER_MINOR, 3);
    assert_int_equal(try_bytes(set.data, set.size, &error), FPS_ERROR_VERSION);
    assert_non_null(strstr(error.message, "7.3"));
    assert_non_null(strstr(error.message, "3.x"));
    free(set.data);
}

static void a_kind_with_other_parameters_is_refused_and_the_rest_is_used(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_database *database;
    uint8_t *entry = set_table_entry(set.data, FPS__SECTION_KEYS);
    uint32_t kind = entry[FPS__TABLE_FEATURE];
    fps__put32le(entry + FPS__TABLE_PARAMETERS, 4711);
    set_repair(set.data, set.size);
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    assert_int_equal(fps_database_diagnostic_count(database), 1);
    const fps_diagnostic *note = fps_database_diagnostic(database, 0);
    assert_string_equal(note->code, "refused-kind");
    assert_non_null(strstr(note->message, "4711"));
    char here[64];
    snprintf(here, sizeof here, " %u in this build", fps__feature_parameters((fps__feature_kind)kind));
    assert_non_null(strstr(note->message, here));
    fps_database_info info;
    fps_database_read_info(database, &info);
    assert_int_equal(info.refused_kinds, 1u << kind);
    assert_true(info.keys > 0 && info.keys < 40);
    assert_int_equal(fps__database_probe_one(database, kind),
                     FPS__NONE); /* the lowest key of kinds 1 and 6 is in */
    assert_int_not_equal(fps__database_probe_one(database, 7 - kind), FPS__NONE);
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    free(set.data);
}

static void sections_and_feature_kinds_of_the_future_are_skipped_with_a_note(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_database *database;
    fps__put16le(set.data + FPS__HEADER_MINOR, 9);
    fps__put32le(set_table_entry(set.data, FPS__SECTION_RULES) + FPS__TABLE_KIND, 99);
    set_table_entry(set.data, FPS__SECTION_KEYS)[FPS__TABLE_FEATURE] = 9;
    set_table_entry(set.data, FPS__SECTION_DIRECTORY)[FPS__TABLE_FEATURE] = 9;
    set_repair(set.data, set.size);
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    assert_int_equal(fps_database_diagnostic_count(database), 2);
    assert_string_equal(fps_database_diagnostic(database, 0)->code, "unknown-section");
    assert_string_equal(fps_database_diagnostic(database, 1)->code, "refused-kind");
    fps_database_info info;
    fps_database_read_info(database, &info);
    assert_int_equal(info.version_minor, 9);
    assert_int_equal(info.refused_kinds, 1u << 9);
    uint64_t size;
    assert_null(fps__database_rules(database, &size));
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    free(set.data);
}

/* A set of a later minor version, whose meta record has four bytes more: there is room, the next section
 * starts 64 on. */
static void records_with_added_fields_are_read(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_error error = {0};
    fps__put32le(set_table_entry(set.data, FPS__SECTION_META) + FPS__TABLE_ITEM_SIZE, FPS__META_SIZE + 4);
    set_repair(set.data, set.size);
    assert_int_equal(try_bytes(set.data, set.size, &error), FPS_OK);
    fps__put32le(set_table_entry(set.data, FPS__SECTION_META) + FPS__TABLE_ITEM_SIZE, FPS__META_SIZE - 4);
    set_repair(set.data, set.size);
    assert_int_equal(try_bytes(set.data, set.size, &error), FPS_ERROR_CORRUPT);
    free(set.data);
}

/* A set of version 3.0: its releases do not say whether they were built, and those that are fingerprinted were. */
static void releases_of_the_first_version_are_built(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_database *database;
    uint8_t *releases = set_section(set.data, FPS__SECTION_RELEASES);
    uint8_t *entry = set_table_entry(set.data, FPS__SECTION_RELEASES);
    uint64_t count = fps__get64le(entry + FPS__TABLE_COUNT);
    uint32_t fingerprinted = 0;
    for (uint64_t r = 0; r < count; r++)
        memmove(releases + r * FPS__RELEASE_SIZE_0, releases + r * FPS__RELEASE_SIZE, FPS__RELEASE_SIZE_0);
    memset(releases + count * FPS__RELEASE_SIZE_0, 0, count * (FPS__RELEASE_SIZE - FPS__RELEASE_SIZE_0));
    fps__put32le(entry + FPS__TABLE_ITEM_SIZE, FPS__RELEASE_SIZE_0);
    set_repair(set.data, set.size);
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    for (uint32_t r = 0; r < count; r++) {
        fps__set_release release;
        assert_true(fps__database_release(database, r, &release));
        assert_int_equal(release.built, release.fingerprinted);
        fingerprinted += release.fingerprinted;
    }
    assert_true(fingerprinted > 0 && fingerprinted < count);
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    free(set.data);
}

/* The width of a field that names an item of a section. */
static unsigned field_bits(uint8_t *set, uint32_t section)
{
    return fps__layout_bits(fps__get64le(set_table_entry(set, section) + FPS__TABLE_COUNT));
}

/* Changes a field of a packed section, at a bit of its first item. */
static void set_field(uint8_t *set, uint32_t section, unsigned position, unsigned bits, uint64_t value)
{
    uint8_t *items = set_section(set, section);
    for (unsigned i = 0; i < bits; i++) {
        unsigned at = position + i;
        items[at / 8] = (uint8_t)((items[at / 8] & ~(1 << at % 8)) | (int)(value >> i & 1) << at % 8);
    }
}

static void kinds_of_units_of_the_future_are_unknown(void **state)
{
    (void)state;
    bytes set = make_bytes(&small_shape);
    fps_database *database;
    fps__set_unit unit;
    set_field(set.data, FPS__SECTION_UNITS, field_bits(set.data, FPS__SECTION_COMPONENTS),
              FPS__UNIT_KIND_BITS, FPS__UNIT_KINDS);
    set_repair(set.data, set.size);
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    assert_true(fps__database_unit(database, 0, &unit));
    assert_int_equal(unit.kind, FPS__UNIT_SOURCE);
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    free(set.data);
}

static uint8_t *copy_of(const bytes *set)
{
    uint8_t *copy = malloc(set->size);
    assert_non_null(copy);
    memcpy(copy, set->data, set->size);
    return copy;
}

/* A set that was changed behind its checksums must be found to be damaged. */
static void expect_damage(uint8_t *changed, size_t size, size_t number)
{
    fps_error error = {0};
    set_repair(changed, size);
    if (try_bytes(changed, size, &error) != FPS_ERROR_CORRUPT)
        fail_msg("case %zu was not found", number);
    assert_true(error.message[0]);
}

/* Each case breaks one rule of FORMAT.md; checksums are right, so that only the rule itself can find it. */
static void each_broken_rule_is_found_by_the_full_check(void **state)
{
    (void)state;
    static const struct {
        uint32_t section, offset, value;
    } cases[] = {
        {FPS__SECTION_COMPONENTS, FPS__COMPONENT_ID, 0},
        {FPS__SECTION_COMPONENTS, FPS__COMPONENT_CPE, 0x7fffffff},
        {FPS__SECTION_COMPONENTS, FPS__COMPONENT_ROLE, 3},
        {FPS__SECTION_COMPONENTS, FPS__COMPONENT_RELEASE_FIRST, 1},
        {FPS__SECTION_COMPONENTS, FPS__COMPONENT_RELEASE_COUNT, 0x10000},
        {FPS__SECTION_COMPONENTS, FPS__COMPONENT_UNIT_COUNT, 0xffffffff},
        {FPS__SECTION_RELEASES, FPS__RELEASE_VERSION, 0x7fffffff},
        {FPS__SECTION_RELEASES, FPS__RELEASE_RANK, 77},
        {FPS__SECTION_RELEASES, FPS__RELEASE_BUILT, 2},
        {FPS__SECTION_BIT_SETS, 0, 1},
        {FPS__SECTION_BIT_SETS, 4, 0x7fffffff},
        {FPS__SECTION_BIT_WORDS, 4, 0xffffffff},
        {FPS__SECTION_ATTRIBUTES, FPS__ATTRIBUTE_ANY, 0x7fffffff},
        {FPS__SECTION_ATTRIBUTES, FPS__ATTRIBUTE_ALL, 0x7fffffff},
        {FPS__SECTION_ATTRIBUTES, FPS__ATTRIBUTE_WEIGHT, 17},
        {FPS__SECTION_TEMPLATES, FPS__TEMPLATE_COMPONENT, 77},
        {FPS__SECTION_TEMPLATES, FPS__TEMPLATE_LEARNT_FROM, 0xffffffff},
        {FPS__SECTION_TEMPLATES, FPS__TEMPLATE_TEXT, 0xffffffff},
        {FPS__SECTION_DIRECTORY, FPS__GROUP_FIRST, 1},
        {FPS__SECTION_DIRECTORY, FPS__GROUP_BOUNDS, 0xffffffff},
        {FPS__SECTION_DIRECTORY, FPS__GROUP_BOUNDS + 13, 0},
        {FPS__SECTION_DIRECTORY, FPS__GROUP_SIZE, 0xffffffff},
        {FPS__SECTION_HISTORY_DIRECTORY, FPS__GROUP_FIRST, 1},
        {FPS__SECTION_HISTORY_DIRECTORY, FPS__GROUP_BOUNDS + 13, 0},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_COMPONENT, 77},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_COMPONENT, 4},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RELEASE_FIRST, 1},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RELEASE_FIRST, 0xffffffff},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RELEASE_COUNT, 0xffffffff},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RELEASE_COUNT, 3},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RANGE_FIRST, 0xffffffff},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RANGE_FIRST, 1},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RANGE_COUNT, 0xffffffff},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_RANGE_COUNT, 1},
        {FPS__SECTION_HISTORIES, FPS__HISTORY_SIZE + FPS__HISTORY_COMPONENT, 0},
        {FPS__SECTION_HISTORY_RELEASES, FPS__HISTORY_RELEASE_VERSION, 0x7fffffff},
        {FPS__SECTION_PATCHES, FPS__PATCH_COMPONENT, 77},
        {FPS__SECTION_PATCHES, FPS__PATCH_COMPONENT, 4},
        {FPS__SECTION_PATCHES, FPS__PATCH_CVE, 0x7fffffff},
        {FPS__SECTION_PATCHES, FPS__PATCH_CVE, 0},
        {FPS__SECTION_PATCHES, FPS__PATCH_FUNCTION_FIRST, 1},
        {FPS__SECTION_PATCHES, FPS__PATCH_FUNCTION_FIRST, 0xffffffff},
        {FPS__SECTION_PATCHES, FPS__PATCH_FUNCTION_COUNT, 0},
        {FPS__SECTION_PATCHES, FPS__PATCH_FUNCTION_COUNT, 3},
        {FPS__SECTION_PATCHES, FPS__PATCH_FUNCTION_COUNT, 0xffffffff},
        {FPS__SECTION_PATCHES, FPS__PATCH_SIZE + FPS__PATCH_CVE, 0},
        {FPS__SECTION_PATCH_FUNCTIONS, FPS__PATCH_FUNCTION_KEY, 1},
        {FPS__SECTION_PATCH_FUNCTIONS, FPS__PATCH_FUNCTION_KEY + 4, 0xffffffff},
        {FPS__SECTION_PATCH_FUNCTIONS, FPS__PATCH_FUNCTION_NAME, 0x7fffffff},
        {FPS__SECTION_PATCH_FUNCTIONS, FPS__PATCH_FUNCTION_TOOLCHAIN, 0x7fffffff},
        {FPS__SECTION_PATCH_FUNCTIONS, FPS__PATCH_FUNCTION_ORIGIN, 0x7fffffff},
        {FPS__SECTION_PATCH_FUNCTIONS, FPS__PATCH_FUNCTION_MACHINE, 0x2003e},
    };
    bytes set = make_bytes(&(set_fixture_shape){3, 5, 20, 12, 300, false, false});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *changed = copy_of(&set);
        fps__put32le(set_section(changed, cases[i].section) + cases[i].offset, cases[i].value);
        expect_damage(changed, set.size, i);
        free(changed);
    }
    free(set.data);
}

/* The same of packed sections. */
static void each_broken_rule_of_a_packed_section_is_found(void **state)
{
    (void)state;
    bytes set = make_bytes(&(set_fixture_shape){3, 5, 20, 12, 300, false, false});
    const unsigned component = field_bits(set.data, FPS__SECTION_COMPONENTS),
                   text = field_bits(set.data, FPS__SECTION_STRINGS),
                   totals = field_bits(set.data, FPS__SECTION_TOTALS),
                   attribute = field_bits(set.data, FPS__SECTION_ATTRIBUTES),
                   entry = field_bits(set.data, FPS__SECTION_ENTRIES),
                   pair = field_bits(set.data, FPS__SECTION_HISTORY_PAIRS),
                   name = component + FPS__UNIT_KIND_BITS;
    const unsigned owner =
        fps__get16le(set_table_entry(set.data, FPS__SECTION_ENTRIES) + FPS__TABLE_WIDTH) - attribute;
    const unsigned end =
        fps__get16le(set_table_entry(set.data, FPS__SECTION_HISTORY_PAIRS) + FPS__TABLE_WIDTH) / 2;
    const uint64_t most = UINT32_MAX,
                   entries = fps__get64le(set_table_entry(set.data, FPS__SECTION_ENTRIES) + FPS__TABLE_COUNT);
    const struct {
        uint32_t section, position, bits;
        uint64_t value;
    } cases[] = {
        {FPS__SECTION_UNITS, 0, component, most},
        {FPS__SECTION_UNITS, 0, component, 4},
        {FPS__SECTION_UNITS, name, text, most},
        {FPS__SECTION_UNITS, name + text, totals,
         fps__get64le(set_table_entry(set.data, FPS__SECTION_TOTALS) + FPS__TABLE_COUNT) - 1},
        {FPS__SECTION_ENTRIES, 0, owner, most},
        {FPS__SECTION_ENTRIES, owner, attribute, most},
        {FPS__SECTION_POSTING_LISTS, 0, entry, most},
        {FPS__SECTION_POSTING_LISTS, entry, entry, most},
        {FPS__SECTION_POSTING_LISTS, 2 * entry, entry, 0},
        {FPS__SECTION_KEYS, 0, 8, entries + 1},
        {FPS__SECTION_KEYS, 0, 32, most},
        {FPS__SECTION_HISTORY_RANGES, 0, pair, 1},
        {FPS__SECTION_HISTORY_RANGES, 0, pair, most},
        {FPS__SECTION_HISTORY_RANGES, pair, FPS__RANGE_TEXTS_BITS, 0},
        {FPS__SECTION_HISTORY_RANGES, pair, FPS__RANGE_TEXTS_BITS, 255},
        {FPS__SECTION_HISTORY_RANGES, pair + FPS__RANGE_TEXTS_BITS + FPS__RANGE_UNIT_BITS, pair, 0},
        {FPS__SECTION_HISTORY_PAIRS, 0, end, most},
        {FPS__SECTION_HISTORY_PAIRS, end, end, most},
        {FPS__SECTION_HISTORY_KEYS, 0, 8, most},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *changed = copy_of(&set);
        set_field(changed, cases[i].section, cases[i].position, cases[i].bits, cases[i].value);
        expect_damage(changed, set.size, i);
        free(changed);
    }
    free(set.data);
}

/* Widths, hash bits and counts that do not fit the other sections are found when a set is opened. */
static void shapes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t section, offset;
        int change;
    } cases[] = {
        {FPS__SECTION_UNITS, FPS__TABLE_WIDTH, -1},
        {FPS__SECTION_ENTRIES, FPS__TABLE_WIDTH, -1},
        {FPS__SECTION_POSTING_LISTS, FPS__TABLE_WIDTH, -1},
        {FPS__SECTION_KEYS, FPS__TABLE_WIDTH, -1},
        {FPS__SECTION_KEYS, FPS__TABLE_WIDTH, 1},
        {FPS__SECTION_KEYS, FPS__TABLE_HASH_BITS, -1},
        {FPS__SECTION_KEYS, FPS__TABLE_HASH_BITS, -44},
        {FPS__SECTION_KEYS, FPS__TABLE_COUNT, -1},
        {FPS__SECTION_KEYS, FPS__TABLE_ITEM_SIZE, 8},
        {FPS__SECTION_DIRECTORY, FPS__TABLE_COUNT, -1},
        {FPS__SECTION_DIRECTORY, FPS__TABLE_WIDTH, 8},
        {FPS__SECTION_HISTORY_RANGES, FPS__TABLE_WIDTH, -1},
        {FPS__SECTION_HISTORY_PAIRS, FPS__TABLE_WIDTH, -1},
        {FPS__SECTION_HISTORY_KEYS, FPS__TABLE_COUNT, -1},
        {FPS__SECTION_HISTORY_DIRECTORY, FPS__TABLE_COUNT, -1},
        {FPS__SECTION_META, FPS__TABLE_WIDTH, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes set = make_bytes(&small_shape);
        fps_database *database;
        uint8_t *byte = set_table_entry(set.data, cases[i].section) + cases[i].offset;
        *byte = (uint8_t)(*byte + cases[i].change);
        set_repair(set.data, set.size);
        if (fps_database_open_memory(&database, set.data, set.size, "test", NULL) != FPS_ERROR_CORRUPT)
            fail_msg("case %zu was not found", i);
        free(set.data);
    }
}

static void what_is_not_a_set_is_refused(void **state)
{
    (void)state;
    fps_database *database;
    fps_error error = {0};
    assert_int_equal(fps_database_open(&database, "/nonexistent/set.fpdb", &error), FPS_ERROR_IO);
    assert_string_equal(error.path, "/nonexistent/set.fpdb");
    assert_int_equal(fps_database_open(&database, "/", &error), FPS_ERROR_IO);
    assert_int_equal(fps_database_open(&database, "/dev/null", &error), FPS_ERROR_IO);
    assert_int_equal(fps_database_open(&database, "/proc/self/exe", &error), FPS_ERROR_FORMAT);
    assert_int_equal(fps_database_open_memory(&database, NULL, 0, NULL, &error), FPS_ERROR_ARGUMENT);
    fps_database_free(NULL);
}

/* They come and go together; with keys of literals that this build makes in another way, none of them is used. */
static void histories_are_whole_or_not_there(void **state)
{
    (void)state;
    fps_error error = {0};
    for (uint32_t kind = FPS__SECTION_HISTORIES; kind <= FPS__SECTION_HISTORY_KEYS; kind++) {
        bytes set = make_bytes(&small_shape);
        fps__put32le(set_table_entry(set.data, kind) + FPS__TABLE_KIND, 99);
        set_repair(set.data, set.size);
        assert_int_equal(try_bytes(set.data, set.size, &error), FPS_ERROR_CORRUPT);
        assert_non_null(strstr(error.message, "release histories are missing"));
        free(set.data);
    }
    bytes set = make_bytes(&small_shape);
    fps_database *database;
    fps__set_history history;
    uint32_t range;
    fps__put32le(set_table_entry(set.data, FPS__SECTION_HISTORY_KEYS) + FPS__TABLE_PARAMETERS, 77);
    set_repair(set.data, set.size);
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    assert_int_equal(fps_database_diagnostic_count(database), 1);
    assert_string_equal(fps_database_diagnostic(database, 0)->code, "refused-kind");
    assert_int_equal(fps_database_diagnostic(database, 0)->level, FPS_DIAGNOSTIC_PARTIAL);
    assert_int_equal(fps__database_history_count(database), 0);
    assert_false(fps__database_history(database, 1, &history));
    assert_int_equal(fps__database_history_find(database, 1, &range, 1), 0);
    assert_int_equal(fps__database_damage(database), 0);
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    free(set.data);
}

/* The same of patches, and of keys of functions. */
static void patches_are_whole_or_not_there(void **state)
{
    (void)state;
    fps_error error = {0};
    for (uint32_t kind = FPS__SECTION_PATCHES; kind <= FPS__SECTION_PATCH_FUNCTIONS; kind++) {
        bytes set = make_bytes(&small_shape);
        fps__put32le(set_table_entry(set.data, kind) + FPS__TABLE_KIND, 99);
        set_repair(set.data, set.size);
        assert_int_equal(try_bytes(set.data, set.size, &error), FPS_ERROR_CORRUPT);
        assert_non_null(strstr(error.message, "patch"));
        assert_non_null(strstr(error.message, "is missing"));
        free(set.data);
    }
    bytes set = make_bytes(&small_shape);
    fps_database *database;
    uint32_t first, count;
    fps__put32le(set_table_entry(set.data, FPS__SECTION_PATCH_FUNCTIONS) + FPS__TABLE_PARAMETERS, 77);
    set_repair(set.data, set.size);
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    assert_int_equal(fps_database_diagnostic_count(database), 1);
    assert_string_equal(fps_database_diagnostic(database, 0)->code, "refused-kind");
    assert_int_equal(fps_database_diagnostic(database, 0)->level, FPS_DIAGNOSTIC_PARTIAL);
    assert_int_equal(fps_database_patch_count(database), 0);
    fps__database_patches_of(database, 0, &first, &count);
    assert_int_equal(count, 0);
    assert_int_equal(fps_database_verify(database, NULL), FPS_OK);
    fps_database_free(database);
    free(set.data);
}

/* A component that is not there has no patches, and patches out of order are not given as another component's. */
static void patches_are_found_by_component(void **state)
{
    (void)state;
    bytes set = make_bytes(&(set_fixture_shape){3, 5, 20, 12, 300, false, false});
    fps_database *database;
    fps_patch_info info;
    assert_int_equal(fps_database_open_memory(&database, set.data, set.size, "test", NULL), FPS_OK);
    for (uint32_t c = 0; c < 7; c++) {
        uint32_t first, count;
        fps__set_patch patch;
        fps__database_patches_of(database, c, &first, &count);
        assert_int_equal(count, c < 5 && c % 2 == 0 ? 3 : 0);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(fps__database_patch(database, first + i, &patch));
            assert_int_equal(patch.component, c);
            assert_int_equal(patch.count, 4);
        }
    }
    assert_int_equal(fps_database_patch_count(database), 9);
    assert_true(fps_database_read_patch(database, 4, &info));
    assert_string_equal(info.component, "component-000002");
    assert_string_equal(info.cve, "CVE-2026-000001");
    assert_false(fps_database_read_patch(database, 9, &info));
    assert_int_equal(fps__database_damage(database), 0);
    fps_database_free(database);
    free(set.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flip_of_any_byte_is_found_and_does_no_harm),
        cmocka_unit_test(a_flip_behind_the_checksums_does_no_harm),
        cmocka_unit_test(a_set_cut_off_at_any_length_is_refused),
        cmocka_unit_test(another_major_version_is_refused_with_both_versions),
        cmocka_unit_test(a_kind_with_other_parameters_is_refused_and_the_rest_is_used),
        cmocka_unit_test(sections_and_feature_kinds_of_the_future_are_skipped_with_a_note),
        cmocka_unit_test(records_with_added_fields_are_read),
        cmocka_unit_test(releases_of_the_first_version_are_built),
        cmocka_unit_test(kinds_of_units_of_the_future_are_unknown),
        cmocka_unit_test(each_broken_rule_is_found_by_the_full_check),
        cmocka_unit_test(each_broken_rule_of_a_packed_section_is_found),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused),
        cmocka_unit_test(histories_are_whole_or_not_there),
        cmocka_unit_test(patches_are_whole_or_not_there),
        cmocka_unit_test(patches_are_found_by_component),
        cmocka_unit_test(what_is_not_a_set_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
