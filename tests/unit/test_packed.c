/* Packed programs: methods and filters of UPX against a packer of our own, whole files against their originals, damage, and the
 * signs of programs that nothing unpacks. */
#include "packed_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zstd.h>

enum { TEXT = 20000 };

static const fps__packed_limits roomy = {.size = 64 << 20};

static void fill(uint8_t *to, size_t size)
{
    uint32_t random = 12345;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525 + 1013904223;
        to[i] = i % 4000 > 3000 ? (uint8_t)(random >> 24)
                                : (uint8_t) "some words that come again "[i % 27 % (1 + i % 7)];
    }
}

/* ---- methods ---- */

static void check_method(unsigned method, const uint8_t *packed, size_t size, const uint8_t *text)
{
    uint8_t *out = malloc(TEXT), *part = malloc(size);
    assert_non_null(out);
    assert_non_null(part);
    fps__upx_run run = {
        .method = method, .packed = {packed, size}, .out = out, .room = TEXT, .memory = 64 << 20};
    assert_int_equal(fps__upx_expand(&run), FPS_OK);
    assert_int_equal(run.made, TEXT);
    assert_memory_equal(out, text, TEXT);
    assert_true(fps__upx_knows(method));
    for (size_t cut = 0; cut < size; cut += 97) { /* in memory of its own: what reads too far is seen */
        memcpy(part, packed, cut);
        run.packed = (fps__span){part, cut};
        if (!fps__upx_expand(&run) && size - cut >= 16) /* LZMA knows its last bytes early */
            fail_msg("method %u: %zu of %zu bytes are enough", method, cut, size);
    }
    run.packed = (fps__span){packed, size};
    run.room = TEXT / 2;
    fps_status status = fps__upx_expand(&run);
    assert_true(status == FPS_ERROR_CORRUPT || method == FPS__UPX_LZMA); /* whose end is that of the room */
    assert_true(run.made <= run.room);
    free(part);
    free(out);
}

static void each_method_gives_the_bytes_that_were_packed(void **state)
{
    static uint8_t text[TEXT], packed[2 * TEXT];
    (void)state;
    fill(text, TEXT);
    for (unsigned method = FPS__UPX_NRV2B_LE32; method <= FPS__UPX_NRV2E_LE16; method++)
        check_method(method, packed, nrv_pack(method, text, TEXT, packed), text);
    check_method(FPS__UPX_ZSTD, packed, ZSTD_compress(packed, sizeof packed, text, TEXT, 3), text);

    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.next_in = text;
    stream.avail_in = TEXT;
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    stream.end_of_stream = 1;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    check_method(FPS__UPX_DEFLATE, packed, stream.total_out, text);

    lzma_options_lzma options;
    assert_false(lzma_lzma_preset(&options, 6));
    options.lc = 2;
    options.lp = 1;
    options.pb = 1;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t used = 2;
    packed[0] = (uint8_t)((options.lc + options.lp) << 3 | options.pb);
    packed[1] = (uint8_t)(options.lp << 4 | options.lc);
    assert_int_equal(lzma_raw_buffer_encode(filters, NULL, text, TEXT, packed, &used, sizeof packed),
                     LZMA_OK);
    check_method(FPS__UPX_LZMA, packed, used, text);
}

static void a_method_that_is_not_known_or_needs_too_much_is_refused(void **state)
{
    uint8_t out[100], packed[100] = {0x1a, 0x03};
    (void)state;
    fps__upx_run run = {.method = 11, .packed = {packed, 100}, .out = out, .room = 100, .memory = 1000};
    assert_int_equal(fps__upx_expand(&run), FPS_ERROR_UNSUPPORTED);
    assert_false(fps__upx_knows(11));
    run.method = FPS__UPX_LZMA;
    packed[0] = 0x1b; /* its sum of literal bits is 3: allowed, but not the memory */
    assert_int_equal(fps__upx_expand(&run), FPS_ERROR_LIMIT);
    packed[0] = 0x23; /* the sum is wrong */
    assert_int_equal(fps__upx_expand(&run), FPS_ERROR_CORRUPT);
}

/* ---- filters ---- */

/* What UPX does to a branch: its distance becomes a target with the mark, in big-endian order. */
static void mark_branches(uint8_t *b, size_t size, uint8_t mark, bool conditions)
{
    size_t behind = 0;
    for (size_t i = 0; i + 5 < size; i++) {
        bool condition = conditions && i && i != behind && b[i - 1] == 0x0f && (b[i] & 0xf0) == 0x80;
        if (b[i] != 0xe8 && b[i] != 0xe9 && !condition)
            continue;
        uint32_t target = fps__get32le(b + i + 1) + (uint32_t)i + 1;
        if (target >= size)
            continue;
        target += (uint32_t)mark << 24;
        for (unsigned k = 0; k < 4; k++)
            b[i + 1 + k] = (uint8_t)(target >> 8 * (3 - k));
        i += 4;
        behind = i + 1;
    }
}

/* Code of `size` bytes: calls, jumps and conditional jumps into it, between bytes without any. */
static void make_code(uint8_t *b, size_t size)
{
    memset(b, 0x90, size);
    for (size_t i = 20; i + 40 < size; i += 24) {
        static const uint8_t opcodes[3] = {0xe8, 0xe9, 0x85};
        b[i] = opcodes[i / 24 % 3];
        b[i - 1] = b[i] == 0x85 ? 0x0f : 0x90;
        fps__put32le(b + i + 1, (uint32_t)(i * 37 % size - i - 1));
    }
}

static void marked_branches_become_distances_again(void **state)
{
    enum { SIZE = 6000, MARK = 0x37 };
    uint8_t code[SIZE], changed[SIZE];
    (void)state;
    make_code(code, SIZE);
    static const unsigned ids[] = {0x26, 0x36, 0x46, 0x49};
    for (size_t i = 0; i < 4; i++) {
        memcpy(changed, code, SIZE);
        mark_branches(changed, SIZE, MARK, ids[i] == 0x49);
        assert_memory_not_equal(changed, code, SIZE);
        fps__upx_filter guess = fps__upx_guess_filter(changed, SIZE, 0);
        assert_int_equal(guess.mark, MARK);
        assert_int_equal(guess.id, ids[i] == 0x49 ? 0x49 : 0x26); /* three of them are undone alike */
        assert_true(fps__upx_unfilter(&(fps__upx_filter){ids[i], MARK, 0}, changed, SIZE));
        assert_memory_equal(changed, code, SIZE);
    }
    assert_int_equal(fps__upx_guess_filter(code, SIZE, 0).id, 0);
}

static void other_filters_are_undone(void **state)
{
    (void)state;
    /* a call to 0x105 from 5, whose place and base are added: big-endian 0x16 and 0x14, little-endian 0x13 */
    uint8_t call[16] = {0x90, 0x90, 0x90, 0x90, 0xe8, 0x00, 0x00, 0x11, 0x05};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x16, 0, 0x1000}, call, sizeof call));
    assert_int_equal(fps__get32le(call + 5), 0x100);
    fps__put32le(call + 5, 0x1105);
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x13, 0, 0x1000}, call, sizeof call));
    assert_int_equal(fps__get32le(call + 5), 0x100);
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x12, 0, 0}, call, sizeof call)); /* jumps alone */
    assert_int_equal(fps__get32le(call + 5), 0x100);
    /* BL of ARM at word 2, little- and big-endian; of AArch64; of PowerPC */
    uint8_t arm[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 0, 0xeb};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x50, 0, 0}, arm, sizeof arm));
    assert_int_equal(fps__get32le(arm + 8), 0xeb000010);
    uint8_t big[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0xeb, 0, 0, 0x12};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x51, 0, 0}, big, sizeof big));
    assert_int_equal(fps__get32be(big + 8), 0xeb000010);
    uint8_t wide[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x94};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x52, 0, 0}, wide, sizeof wide));
    assert_int_equal(fps__get32le(wide + 8), 0x97fffffe);
    uint8_t ppc[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0x48, 0x40, 0x01, 0x01};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0xd0, 1, 0}, ppc, sizeof ppc));
    assert_int_equal(fps__get32be(ppc + 8), 0x480000f9);
    uint8_t sums[6] = {1, 10, 1, 10, 1, 10};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0x91, 0, 0}, sums, sizeof sums));
    assert_memory_equal(sums, "\1\12\2\24\3\36", 6);
    uint8_t none[8] = {0};
    assert_true(fps__upx_unfilter(&(fps__upx_filter){0, 0, 0}, none, sizeof none));
    assert_false(fps__upx_unfilter(&(fps__upx_filter){0x60, 0, 0}, none, sizeof none));
    for (unsigned id = 0; id < 256; id++) /* no size is too small */
        for (size_t size = 0; size <= sizeof none; size++)
            fps__upx_unfilter(&(fps__upx_filter){id, 0, 0}, none, size);
}

static void recent_destinations_are_remembered(void **state)
{
    (void)state;
    /* 0x85: calls by recent destinations (6 is 020 in threes), jumps and conditions by target */
    enum { SIZE = 64, MARK = 0x40 };
    uint8_t code[SIZE];
    memset(code, 0x90, SIZE);
    static const uint8_t new[] = {0xe8, MARK, 0, 0, 0x30 << 1 | 1}, old[] = {0xe8, MARK, 0, 0, 0};
    memcpy(code + 4, new, 5);
    memcpy(code + 20, old, 5);
    fps__upx_filter filter = {0x81, MARK, 0}; /* digits 2 and 0: calls are remembered, the rest stays */
    assert_true(fps__upx_unfilter(&filter, code, SIZE));
    assert_int_equal(fps__get32le(code + 5), 0x30 - 5);
    assert_int_equal(fps__get32le(code + 21), 0x30 - 21);
    code[4] = 0xe8;
    memcpy(code + 5, "\x40\0\0\x7e", 4); /* the 63rd of 32 */
    assert_false(fps__upx_unfilter(&filter, code, SIZE));
}

/* ---- ELF ---- */

static void check_elf(const packed_file *f, fps__span bytes)
{
    fps__unpacked out;
    fps_error error = {.message = ""};
    fps_status status = fps__packed_open(bytes, &roomy, &out, &error);
    if (status)
        fail_msg("%d: %s", status, error.message);
    assert_int_equal(out.size, INNER_SIZE);
    assert_memory_equal(out.data, f->inner, INNER_SIZE);
    assert_null(out.lacks);
    assert_int_equal(out.start, f->first);
    assert_in_range(out.foreign, 400, 700); /* the loader and the words before the blocks */
    free(out.data);
}

static void programs_of_any_class_and_byte_order_are_unpacked(void **state)
{
    static packed_file f;
    (void)state;
    static const struct {
        bool wide, big;
        uint16_t machine;
        unsigned method;
    } kinds[] = {{true, false, EM_X86_64, 8}, {false, false, EM_386, 2},   {true, false, EM_AARCH64, 9},
                 {false, true, EM_MIPS, 5},   {false, true, EM_PPC, 6},    {false, false, EM_ARM, 3},
                 {true, true, EM_PPC64, 4},   {false, false, EM_MIPS, 10}, {true, false, EM_PPC64, 7}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        packed_make(&f, kinds[i].wide, kinds[i].big, kinds[i].machine, kinds[i].method);
        check_elf(&f, (fps__span){f.bytes, f.size});
    }
}

static void marks_are_not_needed(void **state)
{
    static packed_file f;
    (void)state;
    packed_make(&f, true, false, EM_X86_64, 8);
    memset(f.bytes + f.first - 24, 0, 20); /* l_info and p_info but the size of blocks */
    memset(f.bytes + f.size - 44, 0x55, 44);
    fps__unpacked out;
    assert_int_equal(fps__packed_open((fps__span){f.bytes, f.size}, &roomy, &out, NULL), FPS_OK);
    assert_memory_equal(out.data, f.inner, INNER_CODE + 4000); /* nothing tells how long the rest is */
    free(out.data);
}

static void another_program_that_carries_a_packed_one_is_told_by_its_own_bytes(void **state)
{
    static packed_file f;
    static uint8_t large[400000];
    (void)state;
    packed_make(&f, true, false, EM_X86_64, 8);
    memset(large, 0xcc, sizeof large);
    memcpy(large, f.bytes, f.size);
    fps__put64le(large + 64 + 32, sizeof large); /* the first segment has code of its own */
    fps__unpacked out;
    assert_int_equal(fps__packed_open((fps__span){large, sizeof large}, &roomy, &out, NULL), FPS_OK);
    assert_true(out.foreign > FPS__PACKED_LOADER);
    free(out.data);
}

static void damage_is_an_error_and_never_a_crash(void **state)
{
    static packed_file f;
    fps__unpacked out;
    fps_error error = {.message = ""};
    (void)state;
    packed_make(&f, true, false, EM_X86_64, 8);
    f.bytes[f.second + 8] = 11; /* a method that does not exist */
    assert_int_equal(fps__packed_open((fps__span){f.bytes, f.size}, &roomy, &out, &error), FPS_ERROR_CORRUPT);
    assert_int_equal(error.offset, f.second);
    assert_null(out.data);
    packed_make(&f, true, false, EM_X86_64, 8);
    for (size_t i = 0; i < f.size; i += 3) {
        uint8_t kept = f.bytes[i];
        f.bytes[i] ^= 0xff;
        if (!fps__packed_open((fps__span){f.bytes, f.size}, &roomy, &out, &error))
            free(out.data);
        f.bytes[i] = kept;
    }
    uint8_t *copy = malloc(f.size);
    assert_non_null(copy);
    for (size_t size = 0; size < f.size; size += 5) {
        memcpy(copy + f.size - size, f.bytes, size); /* what is read behind the end is behind the memory */
        if (!fps__packed_open((fps__span){copy + f.size - size, size}, &roomy, &out, &error))
            free(out.data);
    }
    free(copy);
}

static void what_unpacks_to_more_than_the_limit_is_refused(void **state)
{
    static packed_file f;
    fps__unpacked out;
    fps_error error = {.message = ""};
    (void)state;
    packed_make(&f, true, false, EM_X86_64, 8);
    fps__packed_limits tight = {.size = INNER_SIZE - 1000};
    assert_int_equal(fps__packed_open((fps__span){f.bytes, f.size}, &tight, &out, &error), FPS_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "limits"));
    tight = (fps__packed_limits){.size = 64 << 20, .deadline_ms = 1};
    assert_int_not_equal(fps__packed_open((fps__span){f.bytes, f.size}, &tight, &out, &error), FPS_OK);
}

/* ---- real files ---- */

/* Rows of tests/packed/make-packed. */
static const struct {
    const char *name;
    size_t size, offset, part;
    uint32_t digest;
} parts[] = {
    {"program", 8840, 0, 344, 0xb1562871},         {"program", 8840, 4096, 967, 0xed409cf1},
    {"program", 8840, 8192, 248, 0x7be0a18e},      {"program", 8840, 8448, 40, 0x9b09218b},
    {"library.so", 13496, 0, 1160, 0xc76ad255},    {"library.so", 13496, 4096, 1024, 0xabdb8140},
    {"library.so", 13496, 8192, 120, 0x1959864f},  {"library.so", 13496, 11824, 520, 0x7737ec2d},
    {"library.dll", 5632, 1024, 1536, 0xc0cb6b34}, {"library.dll", 5632, 2560, 512, 0xf7a80d48},
    {"library.dll", 5632, 3072, 512, 0x565a9a5e},  {"library.dll", 5632, 3584, 512, 0xab087351},
    {"library.dll", 5632, 4096, 512, 0xb7ba7a6f},  {"library.dll", 5632, 4608, 512, 0x3fab4e27},
    {"library.dll", 5632, 5120, 512, 0x4b13018a},  {"program.exe", 5120, 1024, 1536, 0x3b409b5b},
    {"program.exe", 5120, 2560, 512, 0x4b1732d1},  {"program.exe", 5120, 3072, 512, 0x080b7e81},
    {"program.exe", 5120, 3584, 512, 0x6debace0},  {"program.exe", 5120, 4096, 512, 0x899e11e0},
    {"program.exe", 5120, 4608, 512, 0x17ea7fbc},
};

static uint8_t *read_packed(const char *name, size_t *size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/packed/files/%s", getenv("FPS_SOURCE"), name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *bytes = malloc(16384);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 16384, file);
    fclose(file);
    return bytes;
}

static void check_real(const char *name, const uint8_t *bytes, size_t size)
{
    fps__unpacked out;
    fps_error error = {.message = ""};
    if (fps__packed_open((fps__span){bytes, size}, &roomy, &out, &error))
        fail_msg("%s: %s", name, error.message);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].name, name) != 0)
            continue;
        assert_true(out.size == parts[i].size);
        if (crc32_gzip_refl(0, out.data + parts[i].offset, parts[i].part) != parts[i].digest)
            fail_msg("%s: the part at %zu differs", name, parts[i].offset);
    }
    assert_null(out.lacks);
    assert_true(out.foreign < 4096);
    free(out.data);
}

static const char *const real_names[] = {"program", "library.so", "library.dll", "program.exe"};

static void files_of_upx_have_the_segments_of_their_originals(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t size;
        uint8_t *bytes = read_packed(real_names[i], &size);
        check_real(real_names[i], bytes, size);
        free(bytes);
    }
}

static void pe_files_need_no_marks(void **state)
{
    (void)state;
    for (size_t i = 2; i < 4; i++) {
        size_t size;
        uint8_t *bytes = read_packed(real_names[i], &size);
        uint8_t *mark = memmem(bytes, size, "UPX!", 4);
        assert_non_null(mark);
        memset(mark, 0, 32);
        for (uint8_t *name = bytes; (name = memmem(name, size - (size_t)(name - bytes), "UPX", 3));)
            memcpy(name, "abc", 3);
        check_real(real_names[i], bytes, size);
        free(bytes);
    }
}

static void damaged_pe_files_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 1; i < 4; i++) {
        size_t size;
        uint8_t *bytes = read_packed(real_names[i], &size);
        for (size_t at = 0; at < size; at += 3) {
            fps__unpacked out;
            uint8_t kept = bytes[at];
            bytes[at] = (uint8_t)(at % 2 ? 0xff : kept + 1);
            if (!fps__packed_open((fps__span){bytes, size}, &roomy, &out, NULL))
                free(out.data);
            bytes[at] = kept;
        }
        free(bytes);
    }
}

/* ---- signs ---- */

static const char *sign_of(fps__span bytes)
{
    fps_object *object;
    assert_int_equal(fps_object_open(&object, bytes.data, bytes.size, NULL, NULL), FPS_OK);
    const char *sign = fps__packed_sign(object, bytes);
    fps_object_free(object);
    return sign;
}

/* A program whose only segment has `size` bytes of this kind. */
static fps__span program_of(uint8_t *file, size_t size, bool random)
{
    packed_file f = {.wide = true, .big = false};
    uint32_t segments[1][3] = {{0, (uint32_t)size, PF_R | PF_X}};
    make_code(file, size);
    uint64_t seed = 88172645463325252ull;
    for (size_t i = 0; random && i < size; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        file[i] = (uint8_t)(seed >> 32);
    }
    packed_headers(&f, file, EM_X86_64, 1, segments);
    return (fps__span){file, size};
}

static void a_program_of_random_code_is_packed_or_encrypted(void **state)
{
    static uint8_t file[40000];
    (void)state;
    assert_null(sign_of(program_of(file, sizeof file, false)));
    assert_non_null(sign_of(program_of(file, sizeof file, true)));
    assert_null(sign_of(program_of(file, 4096, true))); /* too short to judge */
}

static void files_of_upx_have_signs_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t size;
        uint8_t *bytes = read_packed(real_names[i], &size);
        assert_non_null(sign_of((fps__span){bytes, size}));
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_method_gives_the_bytes_that_were_packed),
        cmocka_unit_test(a_method_that_is_not_known_or_needs_too_much_is_refused),
        cmocka_unit_test(marked_branches_become_distances_again),
        cmocka_unit_test(other_filters_are_undone),
        cmocka_unit_test(recent_destinations_are_remembered),
        cmocka_unit_test(programs_of_any_class_and_byte_order_are_unpacked),
        cmocka_unit_test(marks_are_not_needed),
        cmocka_unit_test(another_program_that_carries_a_packed_one_is_told_by_its_own_bytes),
        cmocka_unit_test(damage_is_an_error_and_never_a_crash),
        cmocka_unit_test(what_unpacks_to_more_than_the_limit_is_refused),
        cmocka_unit_test(files_of_upx_have_the_segments_of_their_originals),
        cmocka_unit_test(pe_files_need_no_marks),
        cmocka_unit_test(damaged_pe_files_do_no_harm),
        cmocka_unit_test(a_program_of_random_code_is_packed_or_encrypted),
        cmocka_unit_test(files_of_upx_have_signs_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
