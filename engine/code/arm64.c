/* AArch64: the kind and the target of each instruction word. */
#include "code/arm64.h"

#include "util/bytes.h"

/* Branches to a register, C4.1.89 "Unconditional branch (register)": with and without authentication. */
static fps__instruction_kind register_branch_kind(uint32_t word)
{
    static const struct {
        uint32_t mask, bits;
        fps__instruction_kind kind;
    } forms[] = {
        {0xfffffc1f, 0xd61f0000, FPS__INSTRUCTION_JUMP_INDIRECT}, /* br */
        {0xfffffc1f, 0xd63f0000, FPS__INSTRUCTION_CALL_INDIRECT}, /* blr */
        {0xfffffc1f, 0xd65f0000, FPS__INSTRUCTION_RETURN},        /* ret */
        {0xfffffbff, 0xd65f0bff, FPS__INSTRUCTION_RETURN},        /* retaa, retab */
        {0xfffff81f, 0xd61f081f, FPS__INSTRUCTION_JUMP_INDIRECT}, /* braaz, brabz */
        {0xfffff81f, 0xd63f081f, FPS__INSTRUCTION_CALL_INDIRECT}, /* blraaz, blrabz */
        {0xfffff800, 0xd71f0800, FPS__INSTRUCTION_JUMP_INDIRECT}, /* braa, brab */
        {0xfffff800, 0xd73f0800, FPS__INSTRUCTION_CALL_INDIRECT}, /* blraa, blrab */
        {0xffffffff, 0xd69f03e0, FPS__INSTRUCTION_RETURN},        /* eret */
        {0xfffffbff, 0xd69f0bff, FPS__INSTRUCTION_RETURN},        /* eretaa, eretab */
        {0xffffffff, 0xd6bf03e0, FPS__INSTRUCTION_RETURN},        /* drps */
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if ((word & forms[i].mask) == forms[i].bits)
            return forms[i].kind;
    return FPS__INSTRUCTION_PLAIN;
}

/* udf, brk and hlt: none of them comes back. All zeros is udf #0, which is also how data looks. */
static bool is_trap(uint32_t word)
{
    return word >> 16 == 0 || (word & 0xffe0001f) == 0xd4200000 || (word & 0xffe0001f) == 0xd4400000;
}

bool fps__arm64_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction)
{
    *instruction = (fps__instruction){0};
    if (size < FPS__ARM64_LENGTH)
        return false;
    uint32_t word = fps__get32le(bytes);
    fps__instruction_kind kind = FPS__INSTRUCTION_PLAIN;
    instruction->length = FPS__ARM64_LENGTH;
    if ((word & 0x7c000000) == 0x14000000) { /* b, bl */
        kind = word >> 31 ? FPS__INSTRUCTION_CALL : FPS__INSTRUCTION_JUMP;
        instruction->target = fps__arm64_signed(word, 26) * FPS__ARM64_LENGTH;
    } else if ((word & 0xff000000) == 0x54000000 ||
               (word & 0x7e000000) == 0x34000000) { /* b.cond, bc.cond, cbz */
        kind = FPS__INSTRUCTION_BRANCH;
        instruction->target = fps__arm64_signed(word >> 5, 19) * FPS__ARM64_LENGTH;
    } else if ((word & 0x7e000000) == 0x36000000) { /* tbz, tbnz */
        kind = FPS__INSTRUCTION_BRANCH;
        instruction->target = fps__arm64_signed(word >> 5, 14) * FPS__ARM64_LENGTH;
    } else if ((word & 0xfe000000) == 0xd6000000) {
        kind = register_branch_kind(word);
    } else if (fps__arm64_is_nop(word)) {
        kind = FPS__INSTRUCTION_NOP;
    } else if (is_trap(word)) {
        kind = FPS__INSTRUCTION_TRAP;
    }
    instruction->kind = (uint8_t)kind;
    return true;
}
