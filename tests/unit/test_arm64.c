/* AArch64: kinds and targets of words, and that what a linker rewrites keeps its key. */
#include "code/arm64.h"

#include "util/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS = 32 };

static fps__code_result normalise_at(const uint32_t *words, size_t count, uint64_t address)
{
    uint8_t bytes[WORDS * 4];
    assert_true(count <= WORDS);
    for (size_t i = 0; i < count; i++)
        fps__put32le(bytes + 4 * i, words[i]);
    const fps__code code = {.bytes = bytes, .size = 4 * count, .address = address};
    fps__code_buffer buffer = {0};
    fps__code_result result;
    assert_int_equal(fps__machine_arm64.normalise(&code, &buffer, &result), FPS_OK);
    assert_int_equal(result.bytes, 4 * count);
    fps__code_buffer_free(&buffer);
    return result;
}

static void assert_same(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, bool same)
{
    fps__code_result x = normalise_at(a, a_count, 0), y = normalise_at(b, b_count, 0x400000);
    assert_int_equal(x.hash == y.hash, same);
    if (same)
        assert_int_equal(x.instructions, y.instructions);
}

#define COUNT(a)            (sizeof(a) / sizeof(a)[0])
#define SAME(a, b)          assert_same(a, COUNT(a), b, COUNT(b), true)
#define DIFFERENT(a, b)     assert_same(a, COUNT(a), b, COUNT(b), false)
#define WORDS_OF(name, ...) static const uint32_t name[] = {__VA_ARGS__}

static void test_kinds_and_targets(void **state)
{
    static const struct {
        uint32_t word;
        fps__instruction_kind kind;
        int64_t target;
    } cases[] = {
        {0x94000001, FPS__INSTRUCTION_CALL, 4},
        {0x97ffffff, FPS__INSTRUCTION_CALL, -4},
        {0x16000000, FPS__INSTRUCTION_JUMP, -(INT64_C(1) << 27)},
        {0x54ffffe0, FPS__INSTRUCTION_BRANCH, -4},
        {0x54000050, FPS__INSTRUCTION_BRANCH, 8}, /* bc.eq */
        {0xb4800000, FPS__INSTRUCTION_BRANCH, -(INT64_C(1) << 20)},
        {0x35000040, FPS__INSTRUCTION_BRANCH, 8},
        {0x36040000, FPS__INSTRUCTION_BRANCH, -32768},
        {0xb7000020, FPS__INSTRUCTION_BRANCH, 4},
        {0xd63f0020, FPS__INSTRUCTION_CALL_INDIRECT, 0},
        {0xd73f0821, FPS__INSTRUCTION_CALL_INDIRECT, 0}, /* blraa */
        {0xd63f0c3f, FPS__INSTRUCTION_CALL_INDIRECT, 0}, /* blrabz */
        {0xd61f0200, FPS__INSTRUCTION_JUMP_INDIRECT, 0},
        {0xd71f0a11, FPS__INSTRUCTION_JUMP_INDIRECT, 0}, /* braa */
        {0xd65f03c0, FPS__INSTRUCTION_RETURN, 0},
        {0xd65f0bff, FPS__INSTRUCTION_RETURN, 0}, /* retaa */
        {0xd69f03e0, FPS__INSTRUCTION_RETURN, 0}, /* eret */
        {0xd503201f, FPS__INSTRUCTION_NOP, 0},
        {0xd503233f, FPS__INSTRUCTION_NOP, 0},   /* paciasp */
        {0xd50320ff, FPS__INSTRUCTION_NOP, 0},   /* xpaclri */
        {0xd503245f, FPS__INSTRUCTION_NOP, 0},   /* bti c */
        {0xd503203f, FPS__INSTRUCTION_PLAIN, 0}, /* yield */
        {0xd503229f, FPS__INSTRUCTION_PLAIN, 0}, /* csdb */
        {0x00000000, FPS__INSTRUCTION_TRAP, 0},
        {0xd4200020, FPS__INSTRUCTION_TRAP, 0},  /* brk #1 */
        {0xd4400000, FPS__INSTRUCTION_TRAP, 0},  /* hlt */
        {0xd4000001, FPS__INSTRUCTION_PLAIN, 0}, /* svc */
        {0xf9400000, FPS__INSTRUCTION_PLAIN, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[4];
        fps__instruction got;
        fps__put32le(bytes, cases[i].word);
        assert_true(fps__machine_arm64.decode(bytes, 4, &got));
        assert_int_equal(got.length, 4);
        assert_int_equal(got.kind, cases[i].kind);
        assert_int_equal(got.target, cases[i].target);
        assert_false(fps__machine_arm64.decode(bytes, 3, &got));
        assert_int_equal(got.length, 0);
    }
}

static void test_calls_and_branches_lose_their_targets(void **state)
{
    (void)state;
    WORDS_OF(archive, 0x94000000, 0x14000000, 0x54000001, 0xb4000003, 0x36280004, 0x58000005);
    WORDS_OF(program, 0x97123456, 0x14000123, 0x54123401, 0xb4000123, 0x362fffe4, 0x58ffffe5);
    WORDS_OF(condition, 0x94000000, 0x14000000, 0x54000002, 0xb4000003, 0x36280004, 0x58000005);
    WORDS_OF(bit, 0x94000000, 0x14000000, 0x54000001, 0xb4000003, 0x36300004, 0x58000005);
    SAME(archive, program);
    DIFFERENT(archive, condition);
    DIFFERENT(archive, bit);
}

static void test_landing_pads_are_dropped(void **state)
{
    (void)state;
    WORDS_OF(plain, 0x52800000, 0xd65f03c0);
    WORDS_OF(padded, 0xd503245f, 0xd503233f, 0x52800000, 0xd503201f, 0xd50323bf, 0xd65f03c0);
    WORDS_OF(authenticated, 0xd503233f, 0x52800000, 0xd65f0bff);
    SAME(plain, padded);
    SAME(plain, authenticated);
}

static void test_low_bits_go_when_the_base_was_ever_a_page(void **state)
{
    (void)state;
    /* ldrb w1, [x0, #]; str q2, [x0, #]; adrp x0 behind them */
    WORDS_OF(archive, 0x39400001, 0x3d800002, 0x91000003, 0x90000000);
    WORDS_OF(program, 0x397ffc01, 0x3d912402, 0x911fbc03, 0xb0012340);
    WORDS_OF(other_base, 0x39400021, 0x3d800022, 0x91000023, 0x90000000);
    WORDS_OF(other_offset, 0x39600021, 0x3d800022, 0x91000023, 0x90000000);
    SAME(archive, program);
    DIFFERENT(archive, other_base);
    DIFFERENT(other_base, other_offset);
}

static void test_thread_local_variables_keep_their_key(void **state)
{
    (void)state;
    /* mrs x1, tpidr_el0; add x2, x1, #, lsl 12; add x2, x2, #; ldr w3, [x2, #] */
    WORDS_OF(archive, 0xd53bd041, 0x91400022, 0x91000042, 0xb9400043);
    WORDS_OF(program, 0xd53bd041, 0x91400422, 0x91004042, 0xb9401043);
    SAME(archive, program);
    /* adrp x4, :gottprel:; mov w9, #1; ldr x4, [x4] against movz, mov w9, #1, movk */
    WORDS_OF(initial, 0x90000004, 0x52800029, 0xf9400084);
    WORDS_OF(initial_linked, 0xb0000604, 0x52800029, 0xf947fc84);
    WORDS_OF(local, 0xd2a00004, 0x52800029, 0xf2800504);
    SAME(initial, initial_linked);
    SAME(initial, local);
    /* a plain movz xd, #, lsl 16 keeps its value */
    WORDS_OF(one, 0xd2a00024, 0x52800029);
    WORDS_OF(two, 0xd2a00044, 0x52800029);
    DIFFERENT(one, two);
    WORDS_OF(descriptor, 0xaa0003f3, 0x90000000, 0xf9400001, 0x91000000, 0xd63f0020, 0xaa0003e4);
    WORDS_OF(descriptor_local, 0xaa0003f3, 0xd2a00000, 0xf2800200, 0xd503201f, 0xd503201f, 0xaa0003e4);
    WORDS_OF(descriptor_initial, 0xaa0003f3, 0xb0000000, 0xf9412000, 0xd503201f, 0xd503201f, 0xaa0003e4);
    SAME(descriptor, descriptor_local);
    SAME(descriptor, descriptor_initial);
}

static void test_global_offset_table_relaxations_keep_the_key(void **state)
{
    (void)state;
    WORDS_OF(archive, 0x90000003, 0xf9400063, 0xf9400064);
    WORDS_OF(added, 0xb0001243, 0x91048063, 0xf9400064);
    WORDS_OF(near, 0xd503201f, 0x10048063, 0xf9400064);
    SAME(archive, added);
    SAME(archive, near);
    /* erratum 843419: at 0xff8 an adr to the start of a page stands for the adrp alone */
    WORDS_OF(page, 0x90000003, 0xf9400063);
    WORDS_OF(erratum, 0x10008043, 0xf9400063); /* adr x3, . + 0x1008 */
    assert_true(normalise_at(page, 2, 0).hash == normalise_at(erratum, 2, 0x10ff8).hash);
    assert_true(normalise_at(page, 2, 0).hash != normalise_at(erratum, 2, 0x10ff0).hash);
}

static void test_odd_sizes(void **state)
{
    (void)state;
    const uint8_t bytes[7] = {0x1f, 0x20, 0x03, 0xd5, 1, 2, 3};
    fps__code_buffer buffer = {0};
    fps__code_result result;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        const fps__code code = {.bytes = bytes, .size = size};
        assert_int_equal(fps__machine_arm64.normalise(&code, &buffer, &result), FPS_OK);
        assert_int_equal(result.bytes, size / 4 * 4);
        assert_int_equal(result.instructions, 0);
    }
    fps__code_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_and_targets),
        cmocka_unit_test(test_calls_and_branches_lose_their_targets),
        cmocka_unit_test(test_landing_pads_are_dropped),
        cmocka_unit_test(test_low_bits_go_when_the_base_was_ever_a_page),
        cmocka_unit_test(test_thread_local_variables_keep_their_key),
        cmocka_unit_test(test_global_offset_table_relaxations_keep_the_key),
        cmocka_unit_test(test_odd_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
