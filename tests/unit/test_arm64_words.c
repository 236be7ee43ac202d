/* AArch64 words beside capstone: kind, target and masked bits, over systematic and random words.
 *
 *   test_arm64_words [FILE ...]      over the words of executable regions of ELF files instead; prints
 * differences
 */
#include "code/code.h"
#include "util/bytes.h"

#include <capstone/capstone.h>
#include <fpscan/object.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM_WORDS = 200000, EXAMPLES = 40, SAMPLES = 8 };

typedef struct oracle {
    csh capstone;
    cs_insn *insn;
    fps__code_buffer buffer;
    uint64_t words, refused, kinds, targets, masks; /* compared, not known to capstone, different */
} oracle;

static bool is_direct(unsigned kind)
{
    return kind == FPS__INSTRUCTION_CALL || kind == FPS__INSTRUCTION_JUMP || kind == FPS__INSTRUCTION_BRANCH;
}

/* Hints by the number in capstone's text: nop, pointer authentication, bti. */
static bool is_dropped_hint(const cs_insn *insn)
{
    int64_t number = insn->id == ARM64_INS_NOP ? 0 : insn->detail->arm64.operands[0].imm;
    return insn->id == ARM64_INS_NOP ||
           (insn->id == ARM64_INS_HINT && (number == 7 || number == 8 || number == 10 || number == 12 ||
                                           number == 14 || (number >= 24 && number < 32) ||
                                           (number >= 32 && number < 40 && number % 2 == 0) || number == 39));
}

static unsigned kind_of(const cs_insn *insn)
{
    switch (insn->id) {
    case ARM64_INS_BL:
        return FPS__INSTRUCTION_CALL;
    case ARM64_INS_BLR:
        return FPS__INSTRUCTION_CALL_INDIRECT;
    case ARM64_INS_BR:
        return FPS__INSTRUCTION_JUMP_INDIRECT;
    case ARM64_INS_RET:
    case ARM64_INS_ERET:
    case ARM64_INS_DRPS:
        return FPS__INSTRUCTION_RETURN;
    case ARM64_INS_BRK:
    case ARM64_INS_HLT:
        return FPS__INSTRUCTION_TRAP;
    case ARM64_INS_B:
        return insn->detail->arm64.cc == ARM64_CC_INVALID ? FPS__INSTRUCTION_JUMP : FPS__INSTRUCTION_BRANCH;
    case ARM64_INS_CBZ:
    case ARM64_INS_CBNZ:
    case ARM64_INS_TBZ:
    case ARM64_INS_TBNZ:
        return FPS__INSTRUCTION_BRANCH;
    default:
        return is_dropped_hint(insn) ? FPS__INSTRUCTION_NOP : FPS__INSTRUCTION_PLAIN;
    }
}

static bool has_offset(const cs_insn *insn)
{
    static const unsigned ids[] = {ARM64_INS_LDR,   ARM64_INS_LDRB,  ARM64_INS_LDRH, ARM64_INS_LDRSB,
                                   ARM64_INS_LDRSH, ARM64_INS_LDRSW, ARM64_INS_STR,  ARM64_INS_STRB,
                                   ARM64_INS_STRH,  ARM64_INS_PRFM};
    const cs_arm64 *arm64 = &insn->detail->arm64;
    if (arm64->op_count != 2 || arm64->writeback || arm64->operands[1].type != ARM64_OP_MEM ||
        arm64->operands[1].mem.index != ARM64_REG_INVALID)
        return false;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (insn->id == ids[i])
            return true;
    return false;
}

/* Bits that must be gone, for a word whose base register holds a page; `insn` is what capstone makes of it.
 */
static uint32_t cleared_bits(const cs_insn *insn, uint32_t word)
{
    const cs_arm64 *arm64 = &insn->detail->arm64;
    bool literal = insn->id == ARM64_INS_LDR || insn->id == ARM64_INS_LDRSW || insn->id == ARM64_INS_PRFM;
    switch (kind_of(insn)) {
    case FPS__INSTRUCTION_CALL:
    case FPS__INSTRUCTION_JUMP:
        return 0x03ffffff;
    case FPS__INSTRUCTION_BRANCH:
        return insn->id == ARM64_INS_TBZ || insn->id == ARM64_INS_TBNZ ? 0x0007ffe0 : 0x00ffffe0;
    default:
        break;
    }
    if (insn->id == ARM64_INS_ADRP)
        return 0x60ffffe0;
    if (literal && arm64->op_count == 2 && arm64->operands[1].type == ARM64_OP_IMM)
        return 0x00ffffe0;
    bool sp = (word >> 5 & 31) == 31;
    if (has_offset(insn) && !sp)
        return word >> 22 == 0xf9400000 >> 22 ? 0x687fffe0 : 0x003ffc00;
    bool move = insn->id == ARM64_INS_MOV && word >> 22 == 0x91000000 >> 22; /* add sp, xn, #0 */
    bool add = move ||
               (insn->id == ARM64_INS_ADD && arm64->op_count == 3 && arm64->operands[2].type == ARM64_OP_IMM);
    if (add && !arm64->update_flags && word >> 31 && !sp)
        return word >> 22 & 1 ? 0x003ffc00 : 0x003fffe0;
    return 0;
}

/* Words that normalisation rewrites as a whole; test_arm64.c shows how. */
static bool is_rewritten(const cs_insn *insn)
{
    return insn->id == ARM64_INS_ADR || kind_of(insn) == FPS__INSTRUCTION_NOP;
}

static bool masks_agree(oracle *o, uint32_t word)
{
    uint8_t bytes[8];
    fps__put32le(bytes, 0x90000000 | (word >> 5 & 31)); /* adrp of the base register */
    fps__put32le(bytes + 4, word);
    const fps__code code = {.bytes = bytes, .size = sizeof bytes};
    fps__code_result result;
    if (fps__machine_arm64.normalise(&code, &o->buffer, &result) != FPS_OK)
        return false;
    uint32_t expected = word & ~cleared_bits(o->insn, word);
    return o->buffer.count == 8 && fps__get32le(o->buffer.bytes + 4) == expected;
}

static uint64_t direct_target(const cs_insn *insn)
{
    return (uint64_t)insn->detail->arm64.operands[insn->detail->arm64.op_count - 1].imm;
}

/* Names what differs, NULL when nothing does. */
static const char *compare(oracle *o, uint32_t word, uint64_t address)
{
    uint8_t bytes[4];
    const uint8_t *at = bytes;
    size_t left = sizeof bytes;
    uint64_t place = address;
    fps__instruction got;
    fps__put32le(bytes, word);
    o->words++;
    if (!fps__machine_arm64.decode(bytes, sizeof bytes, &got) || got.length != 4)
        return "length";
    if (!cs_disasm_iter(o->capstone, &at, &left, &place, o->insn)) {
        o->refused++;
        return NULL;
    }
    if (got.kind != kind_of(o->insn)) {
        o->kinds++;
        return "kind";
    }
    if (is_direct(got.kind) && address + (uint64_t)got.target != direct_target(o->insn)) {
        o->targets++;
        return "target";
    }
    if (!is_rewritten(o->insn) && !masks_agree(o, word)) {
        o->masks++;
        return "mask";
    }
    return NULL;
}

static void open_oracle(oracle *o)
{
    *o = (oracle){0};
    if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &o->capstone) != CS_ERR_OK ||
        cs_option(o->capstone, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK || !(o->insn = cs_malloc(o->capstone)))
        exit(1);
}

static void close_oracle(oracle *o)
{
    cs_free(o->insn, 1);
    cs_close(&o->capstone);
    fps__code_buffer_free(&o->buffer);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void assert_agreement(oracle *o, uint32_t word)
{
    const char *difference = compare(o, word, 0x10000000);
    if (difference)
        fail_msg("%08x: %s differs: %s %s", word, difference, o->insn->mnemonic, o->insn->op_str);
}

/* Every value of the upper 13 bits with random lower ones, then random words. */
static void test_words_agree_with_capstone(void **state)
{
    uint64_t random = 183;
    oracle o;
    (void)state;
    open_oracle(&o);
    for (uint32_t top = 0; top < 1 << 13; top++)
        for (int i = 0; i < SAMPLES; i++)
            assert_agreement(&o, top << 19 | (uint32_t)(next_random(&random) & 0x7ffff));
    for (int i = 0; i < RANDOM_WORDS; i++)
        assert_agreement(&o, (uint32_t)next_random(&random));
    assert_true(o.words - o.refused > o.words / 4);
    close_oracle(&o);
}

static void compare_object(oracle *o, const fps_object *object, const uint8_t *data, const char *path)
{
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (region->kind != FPS_REGION_CODE || !region->executable)
            continue;
        for (uint64_t at = 0; at + 4 <= region->size; at += 4) {
            uint32_t word = fps__get32le(data + region->offset + at);
            const char *difference = compare(o, word, region->address + at);
            if (difference && o->kinds + o->targets + o->masks < EXAMPLES)
                printf("%s\t%s\t%#llx\t%08x\t%s %s\n", difference, path,
                       (unsigned long long)(region->address + at), word, o->insn->mnemonic, o->insn->op_str);
        }
    }
}

static void compare_file(oracle *o, const char *path)
{
    FILE *file = fopen(path, "rb");
    fps_object *object;
    if (!file || fseek(file, 0, SEEK_END) != 0)
        exit(1);
    size_t size = (size_t)ftell(file);
    uint8_t *data = malloc(size + 1);
    rewind(file);
    if (!data || fread(data, 1, size, file) != size)
        exit(1);
    fclose(file);
    if (fps_object_open(&object, data, size, NULL, NULL) == FPS_OK) {
        if (fps_object_get_info(object)->machine == fps__machine_arm64.number)
            compare_object(o, object, data, path);
        fps_object_free(object);
    }
    free(data);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_agree_with_capstone)};
    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    oracle o;
    open_oracle(&o);
    for (int i = 1; i < argc; i++)
        compare_file(&o, argv[i]);
    printf("%llu words, capstone refuses %llu; differences: %llu kinds, %llu targets, %llu masks\n",
           (unsigned long long)o.words, (unsigned long long)o.refused, (unsigned long long)o.kinds,
           (unsigned long long)o.targets, (unsigned long long)o.masks);
    close_oracle(&o);
    return o.kinds + o.targets + o.masks > 0;
}
