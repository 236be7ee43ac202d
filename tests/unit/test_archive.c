/* Archives: what is read of each format, and the limits that stop hostile ones. */
#include "archive/archive.h"

#include "package_fixture.h"
#include "tar_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void every_format_gives_its_files(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {{"ustar", "none"}, {"ustar", "gzip"}, {"ustar", "xz"},
                                           {"ustar", "zstd"}, {"zip", "none"},   {"newc", "bzip2"},
                                           {"newc", "none"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        fixture_file files[] = {fixture_text_file("./a/first", "one"), fixture_text_file("/second", "two!")};
        fps__span bytes = fixture_archive(kinds[i][0], kinds[i][1], files, 2);
        assert_true(fps__archive_identify(bytes));
        fps__archive_budget budget;
        fps__archive_budget_init(&budget, NULL, bytes.size);
        fps__archive *archive;
        fps__archive_entry entry;
        fps__span data;
        fps_error error;
        assert_int_equal(fps__archive_open(&archive, bytes, &budget, &error), FPS_OK);
        assert_int_equal(fps__archive_next(archive, &entry, &error), FPS_OK);
        assert_string_equal(entry.path, "a/first");
        assert_int_equal(entry.head.size, 3);
        assert_int_equal(fps__archive_next(archive, &entry, &error), FPS_OK);
        assert_string_equal(entry.path, "second");
        assert_int_equal(fps__archive_load(archive, &data, &error), FPS_OK);
        assert_int_equal(data.size, 4);
        assert_memory_equal(data.data, "two!", 4);
        assert_int_equal(fps__archive_next(archive, &entry, &error), FPS_ERROR_NOT_FOUND);
        fps__archive_free(archive);
        free((void *)bytes.data);
    }
}

/* Reads every file of an archive; the first failure, or FPS_OK. */
static fps_status read_all(fps__span bytes, const fps__archive_limits *limits, bool load, uint64_t *unpacked)
{
    fps__archive_budget budget;
    fps__archive_budget_init(&budget, limits, bytes.size);
    fps__archive *archive;
    fps__archive_entry entry;
    fps__span data;
    fps_status status = fps__archive_open(&archive, bytes, &budget, NULL);
    while (!status) {
        status = fps__archive_next(archive, &entry, NULL);
        if (!status && load)
            status = fps__archive_load(archive, &data, NULL);
    }
    fps__archive_free(archive);
    *unpacked = budget.unpacked;
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

/* A tar whose one file is `size` zero bytes, compressed while it is made. */
static fps__span make_bomb(const char *filter, uint64_t size)
{
    uint8_t *room = malloc(FIXTURE_ROOM), *zeros = calloc(1, 1 << 20);
    size_t used = 0;
    struct archive *writer = archive_write_new();
    archive_write_set_format_ustar(writer);
    archive_write_add_filter_by_name(writer, filter);
    archive_write_open_memory(writer, room, FIXTURE_ROOM, &used);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, "zeros");
    archive_entry_set_size(entry, (int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(writer, entry);
    for (uint64_t done = 0; done < size; done += 1 << 20)
        archive_write_data(writer, zeros, 1 << 20);
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    free(zeros);
    return (fps__span){room, used};
}

static void bomb_stops_long_before_its_end(void **state)
{
    (void)state;
    uint64_t unpacked;
    fps__span bomb = make_bomb("zstd", (uint64_t)400 << 20);
    assert_true(bomb.size < 100000);
    for (int load = 0; load < 2; load++) {
        assert_int_equal(read_all(bomb, NULL, load != 0, &unpacked), FPS_ERROR_LIMIT);
        assert_true(unpacked < (uint64_t)110 << 20);
    }
    free((void *)bomb.data);
}

static void file_above_the_limit_is_left_out_and_the_next_is_read(void **state)
{
    (void)state;
    uint8_t *large = calloc(1, 3 << 20);
    fixture_file files[] = {{"large", large, 3 << 20}, fixture_text_file("small", "text")};
    fps__span bytes = fixture_archive("ustar", "gzip", files, 2), data;
    fps__archive_limits limits = {.file_size = 1 << 20};
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    fps__archive_budget_init(&budget, &limits, bytes.size);
    assert_int_equal(fps__archive_open(&archive, bytes, &budget, NULL), FPS_OK);
    assert_int_equal(fps__archive_next(archive, &entry, NULL), FPS_OK);
    assert_int_equal(fps__archive_load(archive, &data, NULL), FPS_ERROR_LIMIT);
    assert_int_equal(data.size, 0);
    assert_int_equal(fps__archive_next(archive, &entry, NULL), FPS_OK);
    assert_string_equal(entry.path, "small");
    assert_int_equal(fps__archive_load(archive, &data, NULL), FPS_OK);
    assert_int_equal(data.size, 4);
    fps__archive_free(archive);
    free((void *)bytes.data);
    free(large);
}

static void too_many_entries_stop(void **state)
{
    (void)state;
    fixture_file files[] = {fixture_text_file("a", "1"), fixture_text_file("b", "2"),
                            fixture_text_file("c", "3")};
    fps__span bytes = fixture_archive("zip", "none", files, 3);
    fps__archive_limits limits = {.entries = 2};
    uint64_t unpacked;
    assert_int_equal(read_all(bytes, &limits, true, &unpacked), FPS_ERROR_LIMIT);
    limits.entries = 3;
    assert_int_equal(read_all(bytes, &limits, true, &unpacked), FPS_OK);
    free((void *)bytes.data);
}

static void total_size_counts_over_all_files(void **state)
{
    (void)state;
    uint8_t *content = malloc(600000);
    for (size_t i = 0; i < 600000; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 11);
    fixture_file files[] = {{"a", content, 600000}, {"b", content, 600000}};
    fps__span bytes = fixture_archive("ustar", "none", files, 2);
    fps__archive_limits limits = {.total_size = 1000000};
    uint64_t unpacked;
    assert_int_equal(read_all(bytes, &limits, true, &unpacked), FPS_ERROR_LIMIT);
    limits.total_size = 1300000;
    assert_int_equal(read_all(bytes, &limits, true, &unpacked), FPS_OK);
    free((void *)bytes.data);
    free(content);
}

/* Each hard link says that all of the rest are its bytes; the readers disagree on that, so they are looked at. */
static void bytes_of_entries_that_are_no_files_are_charged(void **state)
{
    (void)state;
    enum { LINKS = 2000, HEADER = 512 };
    tar_bytes tar = {NULL, 0};
    for (size_t i = 1; i <= LINKS; i++)
        tar_header(&tar, '1', "link", "file", (LINKS - i) * HEADER);
    tar_append(&tar, "", 1);
    fps__archive_limits limits = {.total_size = 100 << 20};
    uint64_t unpacked;
    assert_int_equal(read_all((fps__span){tar.data, tar.size}, &limits, true, &unpacked), FPS_ERROR_LIMIT);
    free(tar.data);
}

static void truncation_anywhere_is_told(void **state)
{
    (void)state;
    uint8_t content[5000];
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    fixture_file files[] = {{"a", content, sizeof content}};
    static const char *const filters[] = {"gzip", "xz", "zstd"};
    for (size_t f = 0; f < 3; f++) {
        fps__span bytes = fixture_archive("ustar", filters[f], files, 1);
        uint64_t unpacked;
        for (size_t size = 10; size < bytes.size / 4 * 3; size += 97)
            assert_int_not_equal(read_all((fps__span){bytes.data, size}, NULL, true, &unpacked), FPS_OK);
        free((void *)bytes.data);
    }
}

/* A log that was packed before its first line: no fault, but a stream that is cut off is one. */
static void stream_of_no_bytes_is_read_and_cut_off_it_is_told(void **state)
{
    (void)state;
    static const uint8_t nothing[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    uint64_t unpacked;
    assert_int_equal(read_all((fps__span){nothing, sizeof nothing}, NULL, true, &unpacked), FPS_OK);
    assert_int_equal(unpacked, 0);
    for (size_t size = 10; size < 12; size++)
        assert_int_not_equal(read_all((fps__span){nothing, size}, NULL, true, &unpacked), FPS_OK);
}

static void cpio_header_of_wild_sizes_takes_no_memory(void **state)
{
    (void)state;
    static const char header[] = "070701000000010000"
                                 "81A400000000000000000000000100000000";
    char text[200];
    for (int at = 54; at <= 94; at += 40) { /* the size of the file, then of its name */
        memset(text, '0', sizeof text);
        memcpy(text, header, sizeof header - 1);
        memset(text + 94, '0', 8);
        text[101] = '5';
        memcpy(text + at, "FFFFFFFF", 8);
        uint64_t unpacked;
        fps__archive_limits limits = {.file_size = 1000000};
        fps_status status =
            read_all((fps__span){(const uint8_t *)text, sizeof text}, &limits, true, &unpacked);
        assert_int_not_equal(status, FPS_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_its_files),
        cmocka_unit_test(bomb_stops_long_before_its_end),
        cmocka_unit_test(file_above_the_limit_is_left_out_and_the_next_is_read),
        cmocka_unit_test(too_many_entries_stop),
        cmocka_unit_test(total_size_counts_over_all_files),
        cmocka_unit_test(bytes_of_entries_that_are_no_files_are_charged),
        cmocka_unit_test(truncation_anywhere_is_told),
        cmocka_unit_test(stream_of_no_bytes_is_read_and_cut_off_it_is_told),
        cmocka_unit_test(cpio_header_of_wild_sizes_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
