/* Deflated members of zip archives: which of them isa-l inflates, and that libarchive's reader takes over where one is not
 * as it should be. What each test sees is compared with libarchive alone.
 */
#include "../oracle/zip_oracle.h"
#include "archive/zip_members.h"

#include "package_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { LARGE = 900 * 1024, LOCAL_SIZE = 30 };

/* Text that deflates well, and whose blocks do not end where members end. */
static uint8_t *large_text(void)
{
    uint8_t *text = malloc(LARGE);
    uint32_t random = 1;
    assert_non_null(text);
    for (size_t i = 0; i < LARGE; i++) {
        random = random * 1664525 + 1013904223;
        text[i] = (uint8_t)('a' + (random >> 28));
    }
    return text;
}

static fps__span make_zip(uint8_t *text)
{
    fixture_file files[] = {
        {"large", text, LARGE}, {"empty", "", 0}, {"small", text, 700}, {"last", text, 9}};
    return fixture_archive("zip", "none", files, 4);
}

static void assert_as_libarchive(fps__span zip, uint64_t files)
{
    fps__archive_budget budget;
    fps__archive *archive;
    fps_error error;
    for (unsigned load = 1; load <= 2; load++) {
        fps__archive_budget_init(&budget, NULL, zip.size);
        assert_int_equal(fps__archive_open(&archive, zip, &budget, &error), FPS_OK);
        zip_oracle found = zip_oracle_compare(archive, zip, load);
        fps__archive_free(archive);
        if (found.differs)
            fail_msg("%s: %s", found.path, found.differs);
        if (files != UINT64_MAX)
            assert_int_equal(found.files, files);
    }
}

/* Where the bytes of the first member begin. */
static uint64_t first_offset(fps__span zip)
{
    return LOCAL_SIZE + fps__get16le(zip.data + 26) + (uint64_t)fps__get16le(zip.data + 28);
}

static bool begins(fps__span zip, uint64_t offset)
{
    fps__zip_members *members;
    assert_int_equal(fps__zip_members_open(&members, zip), FPS_OK);
    bool begun = fps__zip_members_begin(members, offset);
    fps__zip_members_free(members);
    return begun;
}

static void members_are_those_of_libarchive_with_blocks_that_end_amid_them(void **state)
{
    (void)state;
    uint8_t *text = large_text(), *room = malloc(FPS__ZIP_BLOCK);
    fps__span zip = make_zip(text);
    assert_as_libarchive(zip, 4);
    fps__zip_members *members;
    assert_int_equal(fps__zip_members_open(&members, zip), FPS_OK);
    assert_true(fps__zip_members_begin(members, first_offset(zip)));
    size_t size, total = 0;
    bool at_end = false;
    while (!at_end) {
        assert_true(fps__zip_members_next(members, room, &size, &at_end));
        assert_memory_equal(room, text + total, size);
        total += size;
    }
    assert_int_equal(total, LARGE);
    assert_false(fps__zip_members_begin(members, first_offset(zip) + 1));
    fps__zip_members_free(members);
    free((void *)zip.data);
    free(room);
    free(text);
}

static void a_wrong_checksum_or_size_leaves_the_member_to_libarchive(void **state)
{
    (void)state;
    uint8_t *text = large_text();
    static const uint8_t fields[][2] = {
        {14, 16}, {18, 20}, {22, 24}}; /* local, central: checksum, packed, unpacked */
    for (size_t i = 0; i < 3; i++) {
        fps__span zip = make_zip(text);
        uint8_t *data = (uint8_t *)zip.data, *central = memmem(data, zip.size, "PK\1\2", 4);
        assert_non_null(central);
        central[fields[i][1]] ^= 1;
        assert_false(begins(zip, first_offset(zip)) && fps__get32le(data + fields[i][0]));
        assert_as_libarchive(zip, UINT64_MAX);
        data[fields[i][0]] ^= 1; /* now they agree, and both are wrong */
        assert_as_libarchive(zip, UINT64_MAX);
        free(data);
    }
    free(text);
}

static void damaged_bytes_are_told_in_the_words_of_libarchive(void **state)
{
    (void)state;
    uint8_t *text = large_text();
    fps__span zip = make_zip(text);
    uint8_t *data = (uint8_t *)zip.data;
    uint32_t random = 7;
    for (unsigned round = 0; round < 300; round++) {
        random = random * 1664525 + 1013904223;
        size_t at = random % zip.size;
        uint8_t before = data[at];
        data[at] ^= (uint8_t)(1 + (random >> 24) % 255);
        if (memcmp(data, "PK\3\4", 4) == 0)
            assert_as_libarchive(zip, UINT64_MAX);
        data[at] = before;
    }
    free(data);
    free(text);
}

static void encrypted_members_are_not_inflated(void **state)
{
    (void)state;
    uint8_t *text = large_text();
    fps__span zip = make_zip(text);
    uint8_t *data = (uint8_t *)zip.data, *central = memmem(data, zip.size, "PK\1\2", 4);
    assert_non_null(central);
    data[6] |= 1;
    assert_false(begins(zip, first_offset(zip)));
    central[8] |= 1;
    assert_false(begins(zip, first_offset(zip)));
    free(data);
    free(text);
}

static void a_budget_ends_a_member_between_its_blocks(void **state)
{
    (void)state;
    uint8_t *text = large_text();
    fps__span zip = make_zip(text), bytes;
    static const fps__archive_limits limits[] = {{.total_size = 700 * 1024}, {.file_size = 600 * 1024}};
    for (size_t i = 0; i < 2; i++) {
        fps__archive_budget budget;
        fps__archive *archive;
        fps__archive_entry entry;
        fps_error error;
        fps__archive_budget_init(&budget, &limits[i], zip.size);
        assert_int_equal(fps__archive_open(&archive, zip, &budget, &error), FPS_OK);
        assert_int_equal(fps__archive_next(archive, &entry, &error), FPS_OK);
        assert_int_equal(fps__archive_load(archive, &bytes, &error), FPS_ERROR_LIMIT);
        assert_null(bytes.data);
        assert_int_equal(fps__archive_next(archive, &entry, &error), i ? FPS_OK : FPS_ERROR_LIMIT);
        fps__archive_free(archive);
    }
    free((void *)zip.data);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_those_of_libarchive_with_blocks_that_end_amid_them),
        cmocka_unit_test(a_wrong_checksum_or_size_leaves_the_member_to_libarchive),
        cmocka_unit_test(damaged_bytes_are_told_in_the_words_of_libarchive),
        cmocka_unit_test(encrypted_members_are_not_inflated),
        cmocka_unit_test(a_budget_ends_a_member_between_its_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
