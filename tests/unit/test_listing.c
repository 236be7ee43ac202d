/* Listings: text, marks, and bytes that capstone or our decoders refuse; machines without a decoder of their
 * own. */
#include "code/code.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef struct text {
    char bytes[4096];
    size_t length;
} text;

static fps_status append(void *user, const char *bytes, size_t length)
{
    text *t = user;
    assert_true(length < sizeof t->bytes - t->length);
    memcpy(t->bytes + t->length, bytes, length);
    t->length += length;
    t->bytes[t->length] = '\0';
    return FPS_OK;
}

static fps_status refuse(void *user, const char *bytes, size_t length)
{
    (void)user, (void)bytes, (void)length;
    return FPS_ERROR_CANCELLED;
}

static fps_object_info info_of(uint16_t machine, uint8_t bits, bool big_endian)
{
    return (fps_object_info){
        .format = FPS_FORMAT_ELF, .machine = machine, .bits = bits, .big_endian = big_endian};
}

static void assert_listing(fps_object_info info, const uint8_t *bytes, size_t size, const char *expected)
{
    text t = {.length = 0};
    const fps__code code = {.bytes = bytes, .size = size, .address = 0x1000};
    assert_int_equal(fps__code_list(&info, &code, append, &t), FPS_OK);
    assert_string_equal(t.bytes, expected);
}

static void test_arm64(void **state)
{
    static const uint8_t bytes[] = {
        0x5f, 0x24, 0x03, 0xd5, 0x00, 0x00, 0x00, 0xb0, 0x00, 0x20, 0x40, 0xf9, 0x21, 0x00, 0x80,
        0x52, 0x02, 0x00, 0x00, 0x94, 0xc0, 0x03, 0x5f, 0xd6, 0xff, 0xff, 0xff, 0xff, 0x01,
    };
    (void)state;
    assert_listing(info_of(EM_AARCH64, 64, false), bytes, sizeof bytes,
                   "-     1000  5f2403d5  hint #0x22\n"
                   "*     1004  000000b0  adrp x0, #0x2000\n"
                   "*     1008  002040f9  ldr x0, [x0, #0x40]\n"
                   "      100c  21008052  movz w1, #0x1\n"
                   "*     1010  02000094  bl #0x1018\n"
                   "      1014  c0035fd6  ret\n"
                   "      1018  ffffffff  .word 0xffffffff\n"
                   "      101c  01        .byte 0x01\n");
}

static void test_arm64_descriptor_call(void **state)
{
    static const uint8_t bytes[] = {
        0x00, 0x00, 0x00, 0x90, 0x01, 0x00, 0x40, 0xf9, 0x1f, 0x20, 0x03, 0xd5,
        0x00, 0x00, 0x00, 0x91, 0x20, 0x00, 0x3f, 0xd6, 0xe1, 0x03, 0x00, 0xaa,
    };
    (void)state;
    assert_listing(info_of(EM_AARCH64, 64, false), bytes, sizeof bytes,
                   "*     1000  00000090  adrp x0, #0x1000\n"
                   "*     1004  010040f9  ldr x1, [x0]\n"
                   "-     1008  1f2003d5  nop\n"
                   "-     100c  00000091  add x0, x0, #0\n"
                   "-     1010  20003fd6  blr x1\n"
                   "      1014  e10300aa  mov x1, x0\n");
}

static void test_x86(void **state)
{
    static const uint8_t bytes[] = {0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x89, 0xf8, 0xe8,
                                    0x10, 0x00, 0x00, 0x00, 0xc3, 0x90, 0x06};
    (void)state;
    assert_listing(info_of(EM_X86_64, 64, false), bytes, sizeof bytes,
                   "-     1000  f30f1efa                endbr64\n"
                   "      1004  4889f8                  mov rax, rdi\n"
                   "*     1007  e810000000              call 0x101c\n"
                   "      100c  c3                      ret\n"
                   "-     100d  90                      nop\n"
                   "      100e  06                      .byte 0x06\n");
}

static void test_i386(void **state)
{
    static const uint8_t bytes[] = {0x8d, 0xb6, 0,    0,    0, 0, 0x55, 0x81, 0xc3, 0x10, 0x20, 0,    0,
                                    0x8d, 0x83, 0x44, 0x33, 0, 0, 0xb8, 0x10, 0,    0,    0,    0xeb, 0xfe};
    (void)state;
    assert_listing(info_of(EM_386, 32, false), bytes, sizeof bytes,
                   "-     1000  8db600000000            lea esi, [esi]\n"
                   "      1006  55                      push ebp\n"
                   "*     1007  81c310200000            add ebx, 0x2010\n"
                   "*     100d  8d8344330000            lea eax, [ebx + 0x3344]\n"
                   "      1013  b810000000              mov eax, 0x10\n"
                   "*     1018  ebfe                    jmp 0x1018\n");
}

static void test_machines_of_patterns(void **state)
{
    static const uint8_t mips[] = {0x3c, 0x1c, 0,    1,    0x8f, 0x99, 0x80, 0x18,
                                   0x03, 0x20, 0xf8, 0x09, 0,    0,    0,    0};
    static const uint8_t ppc[] = {1, 0, 0x4c, 0x3c, 0x10, 0, 0x42, 0x38, 1, 0, 0, 0x48, 0x20, 0, 0x80, 0x4e};
    static const uint8_t s390[] = {0xc0, 0xe5, 0, 0, 0, 8, 0x07, 0x07, 0x07, 0xfe, 0xb9, 0x04, 0, 0x24};
    static const uint8_t arm[] = {8, 0, 0x1f, 0xe5, 0x1e, 0xff, 0x2f, 0xe1, 0, 0, 0xa0, 0xe1, 1, 0, 0, 0xeb};
    static const uint8_t thumb[] = {0x00, 0x48, 0x70, 0x47, 1, 2, 3, 4};
    (void)state;
    assert_listing(info_of(EM_MIPS, 32, true), mips, sizeof mips,
                   "*     1000  3c1c0001                lui $gp, 1\n"
                   "*     1004  8f998018                lw $t9, -0x7fe8($gp)\n"
                   "*     1008  0320f809                jalr $t9\n"
                   "-     100c  00000000                nop\n");
    assert_listing(info_of(EM_PPC64, 64, false), ppc, sizeof ppc,
                   "-     1000  01004c3c                addis r2, r12, 1\n"
                   "-     1004  10004238                addi r2, r2, 0x10\n"
                   "*     1008  01000048                bl 0x1008\n"
                   "      100c  2000804e                blr\n");
    assert_listing(info_of(EM_S390, 64, true), s390, sizeof s390,
                   "*     1000  c0e500000008            brasl %r14, 0x1010\n"
                   "-     1006  0707                    bcr 0, %r7\n"
                   "      1008  07fe                    br %r14\n"
                   "      100a  b9040024                lgr %r2, %r4\n");
    assert_listing(info_of(EM_ARM, 32, false), arm, sizeof arm,
                   "-     1000  08001fe5                ldr r0, [pc, #-8]\n"
                   "      1004  1eff2fe1                bx lr\n"
                   "-     1008  0000a0e1                mov r0, r0\n"
                   "*     100c  010000eb                bl #0x1018\n");
    assert_listing(info_of(EM_ARM, 32, false), thumb, sizeof thumb,
                   "*     1000  0048                    ldr r0, [pc, #0]\n"
                   "      1002  7047                    bx lr\n"
                   "-     1004  0102                    lsls r1, r0, #8\n"
                   "-     1006  0304                    lsls r3, r0, #0x10\n");
}

static void test_refusals(void **state)
{
    static const uint8_t bytes[4] = {0xc0, 0x03, 0x5f, 0xd6};
    const fps__code code = {.bytes = bytes, .size = sizeof bytes};
    fps_object_info arm64 = info_of(EM_AARCH64, 64, false), none = info_of(EM_68K, 32, true);
    text t = {.length = 0};
    (void)state;
    assert_int_equal(fps__code_list(&none, &code, append, &t), FPS_ERROR_UNSUPPORTED);
    assert_int_equal(fps__code_list(&arm64, &code, refuse, NULL), FPS_ERROR_CANCELLED);
    assert_int_equal(fps__code_list(&arm64, &(fps__code){.bytes = bytes}, append, &t), FPS_OK);
    assert_int_equal(t.length, 0);
}

static uint64_t key_of(fps_object_info info, const uint8_t *bytes, size_t size)
{
    const fps__code code = {.bytes = bytes, .size = size, .address = 0x400000};
    const fps__machine *machine = fps__machine_find(&info);
    fps__code_buffer buffer = {0};
    fps__code_result result;
    assert_non_null(machine);
    assert_int_equal(machine->normalise(&code, &buffer, &result), FPS_OK);
    fps__code_buffer_free(&buffer);
    return result.hash;
}

static void test_keys_without_linked_fields(void **state)
{
    /* addis r3, r2; ld r4, (r3) against nop; addi r4, r2 */
    static const uint8_t ppc_archive[] = {0, 0, 0x62, 0x3c, 0, 0, 0x83, 0xe8, 0x20, 0, 0x80, 0x4e};
    static const uint8_t ppc_linked[] = {0, 0, 0, 0x60, 0x18, 0x80, 0x82, 0x38, 0x20, 0, 0x80, 0x4e};
    static const uint8_t mips_archive[] = {0x8f, 0x82, 0, 0, 0x24, 0x44, 0, 0, 0x03, 0x20, 0xf8, 0x09};
    static const uint8_t mips_linked[] = {0x8f, 0x82, 0x80, 8, 0x24, 0x44, 0x12, 0x34, 0x04, 0x11, 1, 2};
    static const uint8_t mips_other[] = {0x8f, 0xa2, 0x80, 8, 0x24, 0x44, 0x12, 0x34, 0x04, 0x11, 1, 2};
    static const uint8_t i386_archive[] = {0x81, 0xc3, 2, 0,    0,    0,   0x8b, 0x83, 0,
                                           0,    0,    0, 0xe8, 0xfc, 255, 255,  255};
    static const uint8_t i386_linked[] = {0x81, 0xc3, 2, 9, 0, 0, 0x8d, 0x83, 0, 1, 0, 0, 0xe8, 1, 2, 3, 0};
    fps_object_info ppc = info_of(EM_PPC64, 64, false), mips = info_of(EM_MIPS, 64, true);
    fps_object_info i386 = info_of(EM_386, 32, false);
    (void)state;
    assert_true(key_of(ppc, ppc_archive, sizeof ppc_archive) == key_of(ppc, ppc_linked, sizeof ppc_linked));
    assert_true(key_of(mips, mips_archive, sizeof mips_archive) ==
                key_of(mips, mips_linked, sizeof mips_linked));
    assert_true(key_of(mips, mips_other, sizeof mips_other) != key_of(mips, mips_linked, sizeof mips_linked));
    assert_true(key_of(i386, i386_archive, sizeof i386_archive) ==
                key_of(i386, i386_linked, sizeof i386_linked));
}

static void test_kinds(void **state)
{
    static const struct {
        uint16_t machine;
        uint8_t bits;
        bool big_endian;
        uint8_t bytes[6];
        uint8_t length, kind;
        int64_t target;
    } cases[] = {
        {EM_386, 32, false, {0xe8, 0xfb, 0xff, 0xff, 0xff}, 5, FPS__INSTRUCTION_CALL, 0},
        {EM_386, 32, false, {0x75, 0x10}, 2, FPS__INSTRUCTION_BRANCH, 0x12},
        {EM_386, 32, false, {0x40, 0xc3}, 1, FPS__INSTRUCTION_PLAIN, 0},
        {EM_ARM, 32, false, {0xfe, 0xff, 0xff, 0xea}, 4, FPS__INSTRUCTION_JUMP, 0},
        {EM_ARM, 32, false, {0xff, 0xf7, 0xfe, 0xff}, 4, FPS__INSTRUCTION_CALL, 0},
        {EM_ARM, 32, false, {0x01, 0xd0}, 2, FPS__INSTRUCTION_BRANCH, 6},
        {EM_ARM, 32, false, {0x3f, 0xf4, 0xfe, 0xaf}, 4, FPS__INSTRUCTION_BRANCH, 0},
        {EM_ARM, 32, false, {0x08, 0xb1}, 2, FPS__INSTRUCTION_BRANCH, 6},
        {EM_MIPS, 32, true, {0x10, 0x00, 0xff, 0xff}, 4, FPS__INSTRUCTION_JUMP, 0},
        {EM_MIPS, 64, false, {0x02, 0x00, 0x40, 0x14}, 4, FPS__INSTRUCTION_BRANCH, 12},
        {EM_PPC64, 64, false, {0x09, 0x00, 0x00, 0x48}, 4, FPS__INSTRUCTION_CALL, 8},
        {EM_PPC64, 64, false, {0xfc, 0xff, 0x82, 0x41}, 4, FPS__INSTRUCTION_BRANCH, -4},
        {EM_S390, 64, true, {0xa7, 0xf4, 0xff, 0xfe}, 4, FPS__INSTRUCTION_JUMP, -4},
        {EM_S390, 64, true, {0xec, 0x12, 0x00, 0x08, 0x80, 0x64}, 6, FPS__INSTRUCTION_BRANCH, 16},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fps_object_info info = info_of(cases[i].machine, cases[i].bits, cases[i].big_endian);
        const fps__machine *machine = fps__machine_find(&info);
        fps__instruction got;
        assert_true(machine->decode(cases[i].bytes, cases[i].length, &got));
        assert_int_equal(got.length, cases[i].machine == EM_386 && i == 2 ? 1 : cases[i].length);
        assert_int_equal(got.kind, cases[i].kind);
        assert_int_equal(got.target, cases[i].target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arm64),
        cmocka_unit_test(test_arm64_descriptor_call),
        cmocka_unit_test(test_x86),
        cmocka_unit_test(test_i386),
        cmocka_unit_test(test_machines_of_patterns),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_keys_without_linked_fields),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
