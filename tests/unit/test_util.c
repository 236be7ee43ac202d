/* The small tools that everything else stands on: arrays, searches, bits, tables, deadlines, digests. */
#include "util/array.h"
#include "util/bits.h"
#include "util/clock.h"
#include "util/digest.h"
#include "util/quota.h"
#include "util/search.h"
#include "util/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_full_array_and_a_lack_of_memory_are_told_apart(void **state)
{
    (void)state;
    FPS__ARRAY(uint64_t) array = {0};
    uint64_t item = 7;
    assert_int_equal(FPS__ARRAY_PUSH(&array, &item, 2), FPS_OK);
    assert_int_equal(FPS__ARRAY_PUSH(&array, &item, 2), FPS_OK);
    assert_int_equal(FPS__ARRAY_PUSH(&array, &item, 2), FPS_ERROR_LIMIT);
    assert_int_equal(FPS__ARRAY_RESERVE(&array, 1, 2), FPS_ERROR_LIMIT);
    assert_int_equal(FPS__ARRAY_RESERVE(&array, SIZE_MAX / 4, SIZE_MAX), FPS_ERROR_MEMORY);
    assert_int_equal(array.count, 2);
    assert_int_equal(array.items[1], 7);
    free(array.items);
}

static void an_array_above_its_maximum_takes_no_more_though_it_has_room(void **state)
{
    (void)state;
    FPS__ARRAY(char) array = {0};
    assert_int_equal(FPS__ARRAY_PUSH(&array, "a", 16), FPS_OK);
    assert_true(array.capacity > 1);
    assert_int_equal(FPS__ARRAY_PUSH(&array, "b", 1), FPS_ERROR_LIMIT);
    free(array.items);
}

static void a_lower_bound_is_the_first_that_does_not_precede(void **state)
{
    (void)state;
    static const int sorted[] = {1, 3, 3, 3, 9};
    size_t found;
    FPS__LOWER_BOUND(found, 5, at, sorted[at] < 3);
    assert_int_equal(found, 1);
    FPS__LOWER_BOUND(found, 5, at, sorted[at] <= 3);
    assert_int_equal(found, 4);
    FPS__LOWER_BOUND(found, 5, at, sorted[at] < 10);
    assert_int_equal(found, 5);
    FPS__LOWER_BOUND(found, 0, at, sorted[at] < 10);
    assert_int_equal(found, 0);
}

static void bits_are_set_cleared_joined_and_counted(void **state)
{
    (void)state;
    fps__release_bits a = {{0}}, b = {{0}};
    fps__bits_set(a.words, 0);
    fps__bits_set(a.words, FPS__MAX_RELEASES - 1);
    fps__bits_set(b.words, 64);
    assert_true(fps__bits_has(a.words, FPS__MAX_RELEASES - 1));
    assert_false(fps__bits_has(a.words, 64));
    fps__bits_or(a.words, b.words, FPS__RELEASE_WORDS);
    assert_int_equal(fps__bits_count(a.words, FPS__RELEASE_WORDS), 3);
    fps__bits_clear(a.words, 0);
    fps__bits_and(a.words, b.words, FPS__RELEASE_WORDS);
    assert_int_equal(fps__bits_count(a.words, FPS__RELEASE_WORDS), 1);
    assert_int_equal(fps__bits_words(65), 2);
}

static void a_table_tells_things_of_one_hash_apart_while_it_grows(void **state)
{
    (void)state;
    enum { THINGS = 5000 };
    uint32_t *things = calloc(THINGS, sizeof *things);
    fps__table table = {0};
    for (uint32_t i = 0; i < THINGS; i++) {
        fps__table_slot *slot;
        uint64_t hash = i % 50; /* many share a slot and a tag */
        things[i] = i * 3;
        assert_int_equal(fps__table_reserve(&table, 1), FPS_OK);
        FPS__TABLE_FIND(slot, &table, hash, id, things[id - 1] == i * 3);
        assert_int_equal(slot->id, 0);
        fps__table_add(&table, slot, hash, i + 1);
    }
    for (uint32_t i = 0; i < THINGS; i += 97) {
        fps__table_slot *slot;
        FPS__TABLE_FIND(slot, &table, i % 50, id, things[id - 1] == i * 3);
        assert_int_equal(slot->id, i + 1);
    }
    fps__table_free(&table);
    free(things);
}

static void a_key_map_keeps_its_ids_while_it_grows(void **state)
{
    (void)state;
    fps__key_map map = {0};
    bool fresh;
    for (uint64_t key = 1; key < 20000; key++) {
        uint32_t *id = fps__key_map_add(&map, key << 4 | 1, &fresh);
        assert_non_null(id);
        assert_true(fresh);
        *id = (uint32_t)key;
    }
    assert_int_equal(*fps__key_map_add(&map, 77 << 4 | 1, &fresh), 77);
    assert_false(fresh);
    assert_int_equal(*fps__key_map_find(&map, 19999 << 4 | 1), 19999);
    assert_null(fps__key_map_find(&map, 1));
    fps__key_map_clear(&map);
    assert_null(fps__key_map_find(&map, 77 << 4 | 1));
    fps__key_map_free(&map);
}

static void a_deadline_passes_in_its_own_millisecond(void **state)
{
    (void)state;
    uint64_t now = fps__clock_ms();
    assert_true(fps__deadline_passed(now));
    assert_false(fps__deadline_passed(now + 600000));
    assert_false(fps__deadline_passed(0));
    assert_int_equal(fps__deadline_after(0), 0);
    assert_int_equal(fps__deadline_after(UINT64_MAX), UINT64_MAX);
    assert_int_equal(fps__deadline_earlier(0, 5), 5);
    assert_int_equal(fps__deadline_earlier(6, 0), 6);
    assert_int_equal(fps__deadline_earlier(6, 5), 5);
}

static void only_sha256_and_64_lower_case_digits_are_a_digest(void **state)
{
    (void)state;
    char text[FPS__SHA256_TEXT];
    uint8_t digest[FPS__SHA256_SIZE], again[FPS__SHA256_SIZE];
    for (int i = 0; i < FPS__SHA256_SIZE; i++)
        digest[i] = (uint8_t)(i * 9);
    fps__sha256_write(digest, text);
    assert_true(fps__sha256_read(text, again));
    assert_memory_equal(digest, again, sizeof digest);
    text[20] = 'G';
    assert_null(fps__sha256_digits(text));
    text[20] = 'A';
    assert_null(fps__sha256_digits(text));
    text[20] = '\0';
    assert_null(fps__sha256_digits(text));
    assert_null(fps__sha256_digits("sha512:00"));
    assert_false(fps__hex_read("0g", 2, again, 1));
    assert_false(fps__hex_read("012", 3, again, 1));
}

static void an_alarm_rings_from_its_deadline_on(void **state)
{
    (void)state;
    fps__alarm never = {.deadline_ms = 0}, past = {.deadline_ms = 1}, late = {.deadline_ms = UINT64_MAX};
    assert_false(fps__alarm_rings(&never));
    assert_true(fps__alarm_rings(&past));
    for (int i = 0; i < 3 * FPS__ALARM_STEPS; i++)
        assert_false(fps__alarm_rings(&late));
    late.deadline_ms = 1; /* passed: seen when the clock is looked at again */
    for (int i = 0; i < FPS__ALARM_STEPS; i++)
        fps__alarm_rings(&late);
    assert_true(fps__alarm_rings(&late));
    late.deadline_ms = UINT64_MAX;
    assert_true(fps__alarm_rings(&late));
}

static void a_quota_gives_what_it_has_and_no_more(void **state)
{
    (void)state;
    fps__quota quota;
    atomic_init(&quota.left, 10);
    assert_true(fps__quota_take(&quota, 4));
    assert_false(fps__quota_take(&quota, 7));
    assert_true(fps__quota_take(&quota, 6));
    assert_false(fps__quota_take(&quota, 1));
    assert_true(fps__quota_take(&quota, 0));
    fps__quota_give(&quota, 2);
    assert_int_equal(fps__quota_left(&quota), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_array_and_a_lack_of_memory_are_told_apart),
        cmocka_unit_test(an_array_above_its_maximum_takes_no_more_though_it_has_room),
        cmocka_unit_test(a_lower_bound_is_the_first_that_does_not_precede),
        cmocka_unit_test(bits_are_set_cleared_joined_and_counted),
        cmocka_unit_test(a_table_tells_things_of_one_hash_apart_while_it_grows),
        cmocka_unit_test(a_key_map_keeps_its_ids_while_it_grows),
        cmocka_unit_test(a_deadline_passes_in_its_own_millisecond),
        cmocka_unit_test(an_alarm_rings_from_its_deadline_on),
        cmocka_unit_test(a_quota_gives_what_it_has_and_no_more),
        cmocka_unit_test(only_sha256_and_64_lower_case_digits_are_a_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
