/* AArch64 instruction words: the patterns that the decoder and the normaliser share.
 *
 * Numbers and names follow the Arm Architecture Reference Manual, C4.1 "A64 instruction set encoding".
 */
#ifndef FPS_CODE_ARM64_H
#define FPS_CODE_ARM64_H

#include "code/code.h"

enum {
    FPS__ARM64_LENGTH = 4, /* bytes of every instruction */
};

/* Sign-extends the low `bits` bits of `value`; the rest of it is ignored. */
static inline int64_t fps__arm64_signed(uint32_t value, unsigned bits)
{
    uint32_t sign = UINT32_C(1) << (bits - 1);
    return (int64_t)((value & (sign | (sign - 1))) ^ sign) - (int64_t)sign;
}

/* What adr and adrp add to their address: bytes or pages. */
static inline int64_t fps__arm64_adr(uint32_t word)
{
    return fps__arm64_signed((word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3), 21);
}

/* Hints that do nothing for the program's result: nop, bti, and pointer authentication of the link register.
 * Not yield, wfe, csdb and the like. */
static inline bool fps__arm64_is_nop(uint32_t word)
{
    /* nop, xpaclri, pacia1716 .. autib1716, paciaz .. autibsp, bti .. bti jc, pacm: numbers CRm:op2 */
    const uint64_t hints = UINT64_C(0xd5ff005581);
    uint32_t number = word >> 5 & 0x7f;
    return (word & 0xfffff01f) == 0xd503201f && number < 64 && (hints >> number & 1) != 0;
}

bool fps__arm64_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction);
fps_status fps__arm64_normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result);
fps_status fps__arm64_mark(const fps__code *code, fps__code_buffer *buffer, char *marks);

#endif
