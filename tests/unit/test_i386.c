/* What 32-bit mode of x86 decodes in its own way: lengths, fields, and where instructions lead. */
#include "code/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 16 };

typedef struct example {
    const char *what;
    uint8_t bytes[SIZE]; /* more than the instruction: the rest is not read */
    fps__instruction want;
} example;

#define SHAPE(...)                                                                                           \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

static const example examples[] = {
    {"inc is no REX", {0x48, 0x89, 0xe5}, SHAPE(.length = 1)},
    {"dec", {0x4f}, SHAPE(.length = 1)},
    {"no RIP-relative form",
     {0x8b, 0x05, 1, 2, 3, 4},
     SHAPE(.length = 6, .modrm = 1, .disp = 2, .disp_size = 4)},
    {"push es", {0x06}, SHAPE(.length = 1)},
    {"pop ds", {0x1f}, SHAPE(.length = 1)},
    {"push fs", {0x0f, 0xa0}, SHAPE(.length = 2, .opcode = 1, .map = 1)},
    {"daa", {0x27}, SHAPE(.length = 1)},
    {"aas", {0x3f}, SHAPE(.length = 1)},
    {"aam", {0xd4, 0x0a}, SHAPE(.length = 2, .imm = 1, .imm_size = 1)},
    {"salc", {0xd6}, SHAPE(.length = 1)},
    {"into", {0xce}, SHAPE(.length = 1)},
    {"pusha", {0x60}, SHAPE(.length = 1)},
    {"arpl", {0x63, 0xc8}, SHAPE(.length = 2, .modrm = 1)},
    {"add by 82", {0x82, 0xc0, 1}, SHAPE(.length = 3, .modrm = 1, .imm = 2, .imm_size = 1)},
    {"bound", {0x62, 0x48, 4}, SHAPE(.length = 3, .modrm = 1, .disp = 2, .disp_size = 1)},
    {"evex",
     {0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc0},
     SHAPE(.length = 6, .opcode = 4, .modrm = 5, .map = 1, .rex = 0x40)},
    {"les", {0xc4, 0x48, 4}, SHAPE(.length = 3, .modrm = 1, .disp = 2, .disp_size = 1)},
    {"lds", {0xc5, 0x0d, 1, 2, 3, 4}, SHAPE(.length = 6, .modrm = 1, .disp = 2, .disp_size = 4)},
    {"vzeroupper", {0xc5, 0xf8, 0x77}, SHAPE(.length = 3, .opcode = 2, .map = 1, .rex = 0x40)},
    {"vpbroadcastd",
     {0xc4, 0xe2, 0x7d, 0x58, 0xc1},
     SHAPE(.length = 5, .opcode = 3, .modrm = 4, .map = 2, .rex = 0x40)},
    {"xop",
     {0x8f, 0xe9, 0x78, 0x81, 0xc1},
     SHAPE(.length = 5, .opcode = 3, .modrm = 4, .map = 9, .rex = 0x40)},
    {"pop to memory", {0x8f, 0x04, 0x24}, SHAPE(.length = 3, .modrm = 1)},
    {"pshufb", {0x66, 0x0f, 0x38, 0x00, 0xc1}, SHAPE(.length = 5, .opcode = 3, .modrm = 4, .map = 2)},
    {"palignr",
     {0x66, 0x0f, 0x3a, 0x0f, 0xc1, 8},
     SHAPE(.length = 6, .opcode = 3, .modrm = 4, .imm = 5, .imm_size = 1, .map = 3)},
    {"moffs", {0xa1, 1, 2, 3, 4}, SHAPE(.length = 5, .disp = 1, .disp_size = 4)},
    {"moffs of 16 bits", {0x67, 0xa3, 1, 2}, SHAPE(.length = 4, .opcode = 1, .disp = 2, .disp_size = 2)},
    {"address of 16 bits",
     {0x67, 0x8b, 0x0e, 1, 2},
     SHAPE(.length = 5, .opcode = 1, .modrm = 2, .disp = 3, .disp_size = 2)},
    {"16-bit base and displacement",
     {0x67, 0x8b, 0x84, 1, 2},
     SHAPE(.length = 5, .opcode = 1, .modrm = 2, .disp = 3, .disp_size = 2)},
    {"16-bit base without SIB",
     {0x67, 0x8b, 0x44, 1},
     SHAPE(.length = 4, .opcode = 1, .modrm = 2, .disp = 3, .disp_size = 1)},
    {"immediate of 16 bits", {0x66, 0xb8, 1, 2}, SHAPE(.length = 4, .opcode = 1, .imm = 2, .imm_size = 2)},
    {"far call",
     {0x9a, 1, 2, 3, 4, 5, 6},
     SHAPE(.length = 7, .kind = FPS__INSTRUCTION_CALL_INDIRECT, .imm = 1, .imm_size = 6)},
    {"far jump of 16 bits",
     {0x66, 0xea, 1, 2, 3, 4},
     SHAPE(.length = 6, .kind = FPS__INSTRUCTION_JUMP_INDIRECT, .opcode = 1, .imm = 2, .imm_size = 4)},
    {"call of 16 bits",
     {0x66, 0xe8, 0xfc, 0xff},
     SHAPE(.length = 4, .kind = FPS__INSTRUCTION_CALL, .opcode = 1, .imm = 2, .imm_size = 2)},
    {"branch of 16 bits",
     {0x66, 0x0f, 0x84, 1, 0},
     SHAPE(.length = 5, .kind = FPS__INSTRUCTION_BRANCH, .opcode = 2, .imm = 3, .imm_size = 2, .map = 1,
           .target = 6)},
    {"jecxz",
     {0xe3, 2},
     SHAPE(.length = 2, .kind = FPS__INSTRUCTION_BRANCH, .imm = 1, .imm_size = 1, .target = 4)},
    {"jcxz",
     {0x67, 0xe3, 2},
     SHAPE(.length = 3, .kind = FPS__INSTRUCTION_BRANCH, .opcode = 1, .imm = 2, .imm_size = 1, .target = 5)},
    {"enter", {0xc8, 1, 2, 3}, SHAPE(.length = 4, .imm = 1, .imm_size = 3)},
    {"lea as padding",
     {0x8d, 0x74, 0x26, 0},
     SHAPE(.length = 4, .kind = FPS__INSTRUCTION_NOP, .modrm = 1, .disp = 3, .disp_size = 1)},
    {"move to itself", {0x89, 0xf6}, SHAPE(.length = 2, .kind = FPS__INSTRUCTION_NOP, .modrm = 1)},
    {"16-bit move to itself", {0x66, 0x89, 0xf6}, SHAPE(.length = 3, .opcode = 1, .modrm = 2)},
    {"endbr32",
     {0xf3, 0x0f, 0x1e, 0xfb},
     SHAPE(.length = 4, .kind = FPS__INSTRUCTION_NOP, .opcode = 2, .modrm = 3, .map = 1)},
    {"no opcode", {0x0f, 0x04}, SHAPE(.length = 0)},
    {"too many prefixes",
     {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90},
     SHAPE(.length = 0)},
};

static void test_32_bit_mode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const fps__instruction *want = &examples[i].want;
        fps__instruction got;
        bool found = fps__machine_i386.decode(examples[i].bytes, SIZE, &got);
        bool same = got.length == want->length && got.kind == want->kind && got.opcode == want->opcode &&
                    got.modrm == want->modrm && got.disp == want->disp && got.disp_size == want->disp_size &&
                    got.imm == want->imm && got.imm_size == want->imm_size && got.map == want->map &&
                    got.rex == want->rex && got.rip_relative == want->rip_relative &&
                    got.target == want->target;
        if (!same)
            print_error("%s: length %u\n", examples[i].what, got.length);
        assert_true(same);
        assert_int_equal(found, want->length > 0);
        assert_true(!found || !fps__machine_i386.decode(examples[i].bytes, got.length - 1U, &got));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_32_bit_mode)};
    return cmocka_run_group_tests_name("i386", tests, NULL, NULL);
}
