/* Machines that a table of bit patterns describes: 32-bit ARM, MIPS, PPC64LE and s390x.
 *
 * An instruction of two, four or six bytes is read as a number of 48 bits that starts with its first
 * halfword: the one at the lowest address on Thumb and s390x, the upper half of the word on the others. The
 * first pattern that fits tells its kind and what the linker may change in it.
 */
#ifndef FPS_CODE_PATTERN_MACHINE_H
#define FPS_CODE_PATTERN_MACHINE_H

#include "code/code.h"

typedef enum fps__pattern_target {
    FPS__BRANCH_NONE,
    FPS__BRANCH_ARM,      /* imm24, words */
    FPS__BRANCH_THUMB_8,  /* b<cond>.n */
    FPS__BRANCH_THUMB_11, /* b.n */
    FPS__BRANCH_THUMB_20, /* b<cond>.w */
    FPS__BRANCH_THUMB_24, /* b.w, bl, blx */
    FPS__BRANCH_THUMB_6,  /* cbz, cbnz */
    FPS__BRANCH_MIPS,     /* 16 bits, words behind the delay slot's address */
    FPS__BRANCH_PPC_24,
    FPS__BRANCH_PPC_14,
    FPS__BRANCH_S390_16, /* halfwords */
    FPS__BRANCH_S390_32,
} fps__pattern_target;

typedef enum fps__pattern_role {
    FPS__PATTERN_ROLE_PLAIN,  /* `clear` always */
    FPS__PATTERN_ROLE_WRITES, /* the same; a register takes the upper part of an address */
    FPS__PATTERN_ROLE_BASED, /* `clear` and `put` where the base register ever held the upper part of an address */
    FPS__PATTERN_ROLE_LOADS, /* the same; loaded by way of a table pointer, the register is such a part itself */
    FPS__PATTERN_ROLE_LITERAL, /* reads a word of data that lies in the code */
} fps__pattern_role;

typedef struct fps__pattern {
    uint64_t mask, bits;
    uint8_t kind;   /* fps__instruction_kind; a NOP is dropped */
    uint8_t target; /* fps__pattern_target */
    uint8_t role;   /* fps__pattern_role */
    uint64_t clear, put;
} fps__pattern;

typedef enum fps__pattern_length {
    FPS__LENGTH_WORD,
    FPS__LENGTH_THUMB,
    FPS__LENGTH_S390,
} fps__pattern_length;

typedef struct fps__dialect {
    const fps__pattern *patterns;
    size_t count;
    uint16_t number;      /* ELF e_machine */
    uint8_t length;       /* fps__pattern_length */
    uint8_t base, target; /* places of register numbers of 5 bits in an instruction word of 32 bits */
    bool big_endian;
    uint32_t tables; /* registers that always point to tables of addresses: gp, r2 */
} fps__dialect;

extern const fps__dialect fps__dialect_arm, fps__dialect_thumb, fps__dialect_mips, fps__dialect_mipsel,
    fps__dialect_ppc64le, fps__dialect_s390x;

/* ARM or Thumb, told by the bytes: nearly every word of ARM code is unconditional, its top four bits 14. */
const fps__dialect *fps__arm_dialect(const uint8_t *bytes, size_t size);

#endif
