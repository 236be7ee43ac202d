/* One decoded instruction: length, the fields that a normaliser masks, and where it may lead. The decoders of
 * all machines give this one form. */
#ifndef FPS_CODE_INSTRUCTION_H
#define FPS_CODE_INSTRUCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum fps__instruction_kind {
    FPS__INSTRUCTION_PLAIN = 0,
    FPS__INSTRUCTION_NOP = 1,  /* no effect, or a landing pad: nop, endbr64, bti, paciasp, int3 padding */
    FPS__INSTRUCTION_CALL = 2, /* direct: `target` is set */
    FPS__INSTRUCTION_CALL_INDIRECT = 3,
    FPS__INSTRUCTION_JUMP = 4, /* direct and unconditional: `target` is set */
    FPS__INSTRUCTION_JUMP_INDIRECT = 5,
    FPS__INSTRUCTION_BRANCH = 6, /* conditional, direct: `target` is set */
    FPS__INSTRUCTION_RETURN = 7,
    FPS__INSTRUCTION_TRAP = 8, /* ends a path: ud2, hlt, brk, udf */
} fps__instruction_kind;

typedef struct fps__instruction {
    uint8_t length; /* bytes, 1..15; 0: no instruction, or it runs out of the bytes */
    uint8_t kind;   /* fps__instruction_kind */
    /* x86 only, 0 elsewhere: offsets from the first byte, sizes in bytes, 0 where there is no such field. */
    uint8_t opcode;    /* offset of the opcode byte proper, behind prefixes and escapes */
    uint8_t modrm;     /* offset of the ModRM byte */
    uint8_t disp;      /* offset of the displacement */
    uint8_t disp_size; /* 1, 2, 4 or 8 (moffs) */
    uint8_t imm;       /* offset of the first immediate, or of a relative branch's operand */
    uint8_t imm_size;  /* of all immediates together: 1, 2, 3 (enter), 4, 6 (far), 8 */
    uint8_t map;       /* 0 one byte, 1 0F, 2 0F38, 3 0F3A, 4 3DNow!, 5 and 6 EVEX maps, 8..10 XOP */
    uint8_t rex;       /* REX byte, 0 for none; of VEX, EVEX and XOP the same bits in REX's places */
    bool rip_relative; /* memory operand by the instruction pointer */
    int64_t target;    /* direct branches: bytes from the first byte of this instruction */
} fps__instruction;

#endif
