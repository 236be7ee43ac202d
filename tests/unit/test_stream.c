/* Streams: every compression in every shape, digests of both sides, and the limits that stop hostile data. */
#include "archive/stream.h"

#include "stream_fixture.h"
#include "temporary.h"

#include <isa-l/crc.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct outcome {
    fps_status status;
    fps_error error;
    fixture_bytes bytes;
    uint64_t packed, unpacked;
    bool digested;
    uint8_t packed_digest[32], unpacked_digest[32];
} outcome;

enum { KEPT = 1 << 20, MAX_BLOCKS = 5000 /* short blocks are slow */ };

/* Reads packed bytes to their end in blocks of `step`; the first bytes are kept. */
static outcome read_stream(const void *data, size_t size, size_t step, const fps__stream_options *options)
{
    static const fps__stream_options hashing = {.hash = true, .name = "test"};
    outcome found = {.status = FPS_OK};
    fixture_feed feed = {.bytes = {data, size}, .step = step};
    fps__stream_input input = fixture_feed_input(&feed);
    fps__stream *stream;
    fps__span block;
    found.bytes.data = malloc(KEPT);
    found.status = fps__stream_open(&stream, &input, options ? options : &hashing, &found.error);
    while (!found.status) {
        found.status = fps__stream_next(stream, &block, &found.error);
        if (found.status)
            break;
        assert_true(block.size > 0);
        if (block.size <= KEPT - found.bytes.size) {
            memcpy(found.bytes.data + found.bytes.size, block.data, block.size);
            found.bytes.size += block.size;
        }
    }
    if (stream) {
        assert_int_equal(fps__stream_next(stream, &block, NULL), found.status);
        found.packed = fps__stream_packed(stream);
        found.unpacked = fps__stream_unpacked(stream);
        found.digested = fps__stream_digests(stream, found.packed_digest, found.unpacked_digest);
    }
    fps__stream_close(stream);
    free(feed.block);
    return found;
}

static void assert_digest(const uint8_t found[32], const void *data, size_t size)
{
    uint8_t expected[32];
    EVP_Digest(data, size, expected, NULL, EVP_sha256(), NULL);
    assert_memory_equal(found, expected, 32);
}

/* Reads `packed` in blocks of several sizes and expects `content` with both digests. */
static void assert_unpacks(fixture_bytes packed, fixture_bytes content)
{
    static const size_t steps[] = {1, 7, 500, 4096, 100000, 1 << 30};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (packed.size / steps[i] > MAX_BLOCKS)
            continue;
        outcome found = read_stream(packed.data, packed.size, steps[i], NULL);
        assert_int_equal(found.status, FPS_ERROR_NOT_FOUND);
        assert_int_equal(found.bytes.size, content.size);
        assert_memory_equal(found.bytes.data, content.data, content.size);
        assert_int_equal(found.packed, packed.size);
        assert_int_equal(found.unpacked, content.size);
        assert_true(found.digested);
        assert_digest(found.packed_digest, packed.data, packed.size);
        assert_digest(found.unpacked_digest, content.data, content.size);
        free(found.bytes.data);
    }
}

static void assert_fails(const void *data, size_t size, fps_status status)
{
    static const size_t steps[] = {1, 1000, 1 << 30};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (size / steps[i] > MAX_BLOCKS)
            continue;
        outcome found = read_stream(data, size, steps[i], NULL);
        assert_int_equal(found.status, status);
        assert_int_equal(found.error.status, status);
        assert_true(found.error.offset <= size);
        assert_string_equal(found.error.path, "test");
        assert_false(found.digested);
        free(found.bytes.data);
    }
}

static const char *const filters[] = {"gzip", "zstd", "bzip2", "xz", "lzma", "lz4"};
enum { FILTERS = sizeof filters / sizeof *filters };

static void every_compression_is_unpacked_and_hashed(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(300000), nothing = {content.data, 0};
    for (size_t i = 0; i < FILTERS; i++) {
        fixture_bytes packed = fixture_pack(filters[i], content.data, content.size);
        assert_unpacks(packed, content);
        free(packed.data);
        fixture_bytes little = {content.data, 2000};
        packed = fixture_pack(filters[i], little.data, little.size);
        assert_unpacks(packed, little);
        free(packed.data);
        if (i >= 2) /* libarchive cannot do it */
            continue;
        packed = fixture_pack(filters[i], content.data, 0);
        assert_unpacks(packed, nothing);
        free(packed.data);
    }
    free(content.data);
}

static void other_bytes_pass_through(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(300000);
    assert_unpacks(content, content);
    fixture_bytes pieces[] = {{content.data, 0}, {content.data, 1}, {content.data, 13}, {content.data, 14}};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_unpacks(pieces[i], pieces[i]);
    static const char name[] = "BZh9-is-the-name-of-the-first-file-of-a-tar";
    fixture_bytes text = {(uint8_t *)name, sizeof name};
    assert_unpacks(text, text);
    free(content.data);
}

static void as_is_does_not_unpack(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(1000), packed = fixture_pack("gzip", content.data, content.size);
    fps__stream_options options = {.hash = true, .as_is = true};
    outcome found = read_stream(packed.data, packed.size, 100, &options);
    assert_int_equal(found.status, FPS_ERROR_NOT_FOUND);
    assert_int_equal(found.bytes.size, packed.size);
    assert_digest(found.unpacked_digest, packed.data, packed.size);
    free(found.bytes.data);
    free(packed.data);
    free(content.data);
}

static void members_and_frames_follow_each_other(void **state)
{
    (void)state;
    static const char *const kinds[] = {"gzip", "zstd", "xz", "bzip2"};
    fixture_bytes content = fixture_content(500000);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        fixture_bytes a = fixture_pack(kinds[i], content.data, 200000);
        fixture_bytes b = fixture_pack(kinds[i], content.data + 200000, 300000);
        fixture_bytes both = fixture_join(a.data, a.size, b.data, b.size);
        assert_unpacks(both, content);
        free(a.data);
        free(b.data);
        free(both.data);
    }
    free(content.data);
}

/* Thousands of short members, as in an eStargz layer of small files, and a last one with an extra field. */
static void many_small_gzip_members_are_one_stream(void **state)
{
    (void)state;
    static const uint8_t empty[] = {0x1f, 0x8b, 8, 4, 0,   0,   0, 0, 0, 255, 4, 0, 'S', 'G', 0,
                                    0,    1,    0, 0, 255, 255, 0, 0, 0, 0,   0, 0, 0,   0};
    fixture_bytes content = fixture_content(300000), all = {malloc(1 << 20), 0};
    for (size_t at = 0; at < content.size; at += 100) {
        fixture_bytes one = fixture_pack("gzip", content.data + at, 100);
        assert_true(all.size + one.size < (1 << 20) - sizeof empty);
        memcpy(all.data + all.size, one.data, one.size);
        all.size += one.size;
        free(one.data);
    }
    memcpy(all.data + all.size, empty, sizeof empty);
    all.size += sizeof empty;
    assert_unpacks(all, content);
    free(all.data);
    free(content.data);
}

static void skippable_zstd_frames_are_skipped(void **state)
{
    (void)state;
    static const uint8_t skippable[] = {0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 'n', 'o', 'i', 's', 'e'};
    fixture_bytes content = fixture_content(100000), frame = fixture_pack("zstd", content.data, content.size);
    fixture_bytes front = fixture_join(skippable, sizeof skippable, frame.data, frame.size);
    fixture_bytes both = fixture_join(front.data, front.size, skippable, sizeof skippable);
    assert_unpacks(front, content);
    assert_unpacks(both, content);
    assert_fails(both.data, both.size - 1, FPS_ERROR_CORRUPT);
    free(content.data);
    free(frame.data);
    free(front.data);
    free(both.data);
}

static void gzip_header_fields_are_skipped_and_its_checksum_compared(void **state)
{
    (void)state;
    static const uint8_t header[] = {0x1f, 0x8b, 8,   31,  1,   2, 3,   4,   2, 3,    3,   0,
                                     'a',  'b',  'c', 'n', 'm', 0, 'r', 'e', 0, 0x7e, 0x80};
    fixture_bytes content = fixture_content(5000), packed = fixture_pack("gzip", content.data, content.size);
    fixture_bytes made = fixture_join(header, sizeof header, packed.data + 10, packed.size - 10);
    uint32_t crc = crc32_gzip_refl(0, made.data, 21);
    made.data[21] = (uint8_t)crc;
    made.data[22] = (uint8_t)(crc >> 8);
    assert_unpacks(made, content);
    made.data[22] ^= 1;
    assert_fails(made.data, made.size, FPS_ERROR_CORRUPT);
    free(made.data);
    free(packed.data);
    free(content.data);
}

static void cut_off_data_is_corrupt_and_what_came_before_is_given(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(300000);
    for (size_t i = 0; i < FILTERS; i++) {
        fixture_bytes packed = fixture_pack(filters[i], content.data, content.size);
        assert_fails(packed.data, packed.size - 1, FPS_ERROR_CORRUPT);
        assert_fails(packed.data, packed.size / 2, FPS_ERROR_CORRUPT);
        outcome found = read_stream(packed.data, packed.size / 2, 1 << 20, NULL);
        if (i < 2)
            assert_true(found.bytes.size > 50000);
        assert_memory_equal(found.bytes.data, content.data, found.bytes.size);
        free(found.bytes.data);
        free(packed.data);
    }
    free(content.data);
}

static void every_cut_of_a_short_stream_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_bytes packed = fixture_pack(filters[i], "some text that is short", 23);
        for (size_t size = 4; size < packed.size; size++) {
            outcome found = read_stream(packed.data, size, 1 << 20, NULL);
            assert_int_equal(found.status, FPS_ERROR_CORRUPT);
            free(found.bytes.data);
        }
        free(packed.data);
    }
}

static void data_behind_the_end_is_corrupt_unless_it_is_zeros(void **state)
{
    (void)state;
    static const uint8_t zeros[3000];
    fixture_bytes content = fixture_content(100000);
    for (size_t i = 0; i < FILTERS; i++) {
        fixture_bytes packed = fixture_pack(filters[i], content.data, content.size);
        fixture_bytes padded = fixture_join(packed.data, packed.size, zeros, sizeof zeros);
        fixture_bytes followed = fixture_join(padded.data, padded.size, "x", 1);
        fixture_bytes garbage = fixture_join(packed.data, packed.size, "garbage", 7);
        if (i < 2)
            assert_unpacks(padded, content);
        assert_fails(followed.data, followed.size, FPS_ERROR_CORRUPT);
        assert_fails(garbage.data, garbage.size, FPS_ERROR_CORRUPT);
        free(packed.data);
        free(padded.data);
        free(followed.data);
        free(garbage.data);
    }
    free(content.data);
}

static void changed_bytes_are_noticed_by_the_checksum(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(100000),
                  packed = fixture_pack("gzip", content.data, content.size);
    packed.data[packed.size - 7] ^= 1; /* the checksum itself */
    assert_fails(packed.data, packed.size, FPS_ERROR_CORRUPT);
    packed.data[packed.size - 7] ^= 1;
    packed.data[packed.size - 1] ^= 1; /* the length */
    assert_fails(packed.data, packed.size, FPS_ERROR_CORRUPT);
    free(packed.data);
    free(content.data);
}

/* 1 GiB of zeros, packed by one of the filters in pieces of 32 MiB. */
static fixture_bytes make_bomb(const char *filter)
{
    enum { PIECE = 32 << 20, PIECES = 32 };
    uint8_t *zeros = calloc(1, PIECE);
    fixture_bytes piece = fixture_pack(filter, zeros, PIECE);
    fixture_bytes bomb = {malloc(piece.size * PIECES), piece.size * PIECES};
    for (size_t i = 0; i < PIECES; i++)
        memcpy(bomb.data + i * piece.size, piece.data, piece.size);
    free(piece.data);
    free(zeros);
    return bomb;
}

static void bomb_stops_within_a_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_bytes bomb = make_bomb(filters[i]);
        clock_t start = clock();
        fps__stream_options options = {.hash = true};
        outcome found = read_stream(bomb.data, bomb.size, 1 << 20, &options);
        assert_int_equal(found.status, FPS_ERROR_LIMIT);
        assert_true(found.unpacked < (uint64_t)300 << 20);
        assert_true(clock() - start < (clock_t)CLOCKS_PER_SEC * 4); /* sanitizers included */
        free(found.bytes.data);
        free(bomb.data);
    }
}

static void size_limit_stops_at_its_byte(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(100000),
                  packed = fixture_pack("gzip", content.data, content.size);
    fps__stream_options options = {.limit = 100000};
    outcome found = read_stream(packed.data, packed.size, 1000, &options);
    assert_int_equal(found.status, FPS_ERROR_NOT_FOUND);
    free(found.bytes.data);
    options.limit = 99999;
    found = read_stream(packed.data, packed.size, 1000, &options);
    assert_int_equal(found.status, FPS_ERROR_LIMIT);
    free(found.bytes.data);
    found = read_stream(content.data, content.size, 1000, &options);
    assert_int_equal(found.status, FPS_ERROR_LIMIT);
    assert_int_equal(found.bytes.size, 99000);
    free(found.bytes.data);
    free(packed.data);
    free(content.data);
}

static void large_zstd_windows_are_refused(void **state)
{
    (void)state;
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0xa0 /* 1 GiB */, 1, 0, 0};
    assert_fails(frame, sizeof frame, FPS_ERROR_LIMIT);
}

static void failures_of_the_input_are_passed_on(void **state)
{
    (void)state;
    fixture_bytes content = fixture_content(100000);
    for (size_t i = 0; i < FILTERS; i++) {
        fixture_bytes packed = fixture_pack(filters[i], content.data, content.size);
        fixture_feed feed = {.bytes = {packed.data, packed.size / 2}, .step = 1000, .fails = FPS_ERROR_IO};
        fps__stream_input input = fixture_feed_input(&feed);
        fps__stream_options options = {.hash = true};
        fps__stream *stream;
        fps__span block;
        assert_int_equal(fps__stream_open(&stream, &input, &options, NULL), FPS_OK);
        fps_status status;
        while (!(status = fps__stream_next(stream, &block, NULL)))
            ;
        assert_int_equal(status, FPS_ERROR_IO);
        fps__stream_close(stream);
        free(feed.block);
        free(packed.data);
    }
    free(content.data);
}

static void range_gives_its_bytes_and_notices_a_short_file(void **state)
{
    (void)state;
    char path[TEMPORARY_SIZE];
    int fd = mkstemp(temporary_name(path, "stream"));
    fixture_bytes content = fixture_content(3000000);
    assert_int_equal(write(fd, content.data, content.size), 3000000);
    for (int beyond = 0; beyond < 2; beyond++) {
        fps__stream_range *range;
        fps__stream_input input;
        fps_error error;
        fps__span block;
        size_t at = 1000;
        assert_int_equal(
            fps__stream_range_create(&range, fd, 1000, beyond ? 3000000 : 2998000, &input, &error), FPS_OK);
        assert_int_equal(input.size, beyond ? 3000000 : 2998000);
        fps_status status;
        while (!(status = input.next(input.user, &block, &error))) {
            assert_true(block.size <= content.size - at);
            assert_memory_equal(block.data, content.data + at, block.size);
            at += block.size;
        }
        assert_int_equal(status, beyond ? FPS_ERROR_CORRUPT : FPS_ERROR_NOT_FOUND);
        assert_int_equal(at, beyond ? 3000000 : 2999000);
        fps__stream_range_free(range);
    }
    fps__stream_range *range;
    fps__stream_input input;
    assert_int_equal(fps__stream_range_create(&range, fd, UINT64_MAX - 5, 100, &input, NULL),
                     FPS_ERROR_CORRUPT);
    close(fd);
    unlink(path);
    free(content.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_compression_is_unpacked_and_hashed),
        cmocka_unit_test(other_bytes_pass_through),
        cmocka_unit_test(as_is_does_not_unpack),
        cmocka_unit_test(members_and_frames_follow_each_other),
        cmocka_unit_test(many_small_gzip_members_are_one_stream),
        cmocka_unit_test(skippable_zstd_frames_are_skipped),
        cmocka_unit_test(gzip_header_fields_are_skipped_and_its_checksum_compared),
        cmocka_unit_test(cut_off_data_is_corrupt_and_what_came_before_is_given),
        cmocka_unit_test(every_cut_of_a_short_stream_is_noticed),
        cmocka_unit_test(data_behind_the_end_is_corrupt_unless_it_is_zeros),
        cmocka_unit_test(changed_bytes_are_noticed_by_the_checksum),
        cmocka_unit_test(bomb_stops_within_a_second),
        cmocka_unit_test(size_limit_stops_at_its_byte),
        cmocka_unit_test(large_zstd_windows_are_refused),
        cmocka_unit_test(failures_of_the_input_are_passed_on),
        cmocka_unit_test(range_gives_its_bytes_and_notices_a_short_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
