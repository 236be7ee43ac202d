/* The shape of an x86-64 instruction: where its parts lie. What the decoder and the normaliser share.
 *
 * fps__x86_shape_fast takes nearly all instructions of compiled code with one table look-up for the opcode
 * and one for its operand, without branches; what it refuses goes to fps__x86_shape_slow, which knows
 * everything.
 */
#ifndef FPS_CODE_X86_DECODE_H
#define FPS_CODE_X86_DECODE_H

#include "code/instruction.h"

enum {
    FPS__X86_LENGTH_MAXIMUM = 15,
    FPS__X86_SLACK = 32, /* bytes that must be readable from the first byte of an instruction on */
};

/* Prefixes, by bits. */
enum {
    FPS__X86_OPERAND = 1,   /* 66 */
    FPS__X86_REPNE = 2,     /* F2: also bnd */
    FPS__X86_REP = 4,       /* F3 */
    FPS__X86_LOCK = 8,      /* F0 */
    FPS__X86_ADDRESS = 16,  /* 67 */
    FPS__X86_FS_GS = 32,    /* 64, 65 */
    FPS__X86_SEGMENT = 64,  /* 26, 2E, 36: without effect in 64-bit mode */
    FPS__X86_NOTRACK = 128, /* 3E */
};

/* Bits of REX. */
enum { FPS__X86_REX_B = 1, FPS__X86_REX_X = 2, FPS__X86_REX_R = 4, FPS__X86_REX_W = 8 };

/* What an opcode is to flow and to the linker. */
typedef enum fps__x86_role {
    FPS__X86_PLAIN,
    FPS__X86_CALL,       /* E8 */
    FPS__X86_JUMP,       /* E9, EB */
    FPS__X86_BRANCH,     /* 70..7F, 0F 80..8F */
    FPS__X86_LOOP,       /* E0..E3 */
    FPS__X86_RETURN,     /* C2, C3, CA, CB, CF, SYSRET, SYSEXIT, RSM */
    FPS__X86_TRAP,       /* HLT, UD0, UD1, UD2 */
    FPS__X86_NOP,        /* CC, 0F 1F */
    FPS__X86_EXCHANGE,   /* 90 */
    FPS__X86_HINT,       /* 0F 1E: ENDBR among them */
    FPS__X86_LOAD,       /* 8B */
    FPS__X86_STORE,      /* 89 */
    FPS__X86_LEA,        /* 8D */
    FPS__X86_MOVE_GROUP, /* C7 */
    FPS__X86_MOVE,       /* B8..BF */
    FPS__X86_BINARY,     /* 03, 0B ... 3B, and 85: an operation of a register with memory */
    FPS__X86_ADD,        /* 05: of an immediate to the accumulator */
    FPS__X86_GROUP1,     /* 81 */
    FPS__X86_GROUP3,     /* F7 */
    FPS__X86_GROUP5,     /* FF */
} fps__x86_role;

/* Entries of the opcode tables: the immediate's class in the low bits, flags, and the role from bit 8 on. */
enum {
    FPS__X86_IMMEDIATE = 7,    /* 0 none; 1, 2, 3 bytes; 4: 4 or 2; 5: 8, 4 or 2; 6: 4 */
    FPS__X86_MODRM = 8,        /* a ModRM byte follows */
    FPS__X86_GROUP3_TEST = 16, /* the immediate is there for /0 and /1 only */
    FPS__X86_SLOW = 32,        /* a prefix, an escape, an odd one, or no opcode at all */
    FPS__X86_ROLE_SHIFT = 8,
};

extern const uint16_t fps__x86_opcodes[512];       /* one byte, then 0F */
extern const uint8_t fps__x86_prefixes[256];       /* bits of a prefix, 0 for other bytes */
extern const uint8_t fps__x86_operands[2048];      /* by ModRM * 8 + base in SIB: length, displacement << 4 */
extern const uint8_t fps__x86_immediate_sizes[32]; /* by class * 4 + REX.W * 2 + prefix 66 */

/* Offsets count from the first byte, sizes are bytes; 0 where there is no such part. */
typedef struct fps__x86_shape {
    uint32_t length, opcode, modrm, disp, disp_size, imm, imm_size;
    uint32_t map;      /* as fps__instruction.map */
    uint32_t rex;      /* as fps__instruction.rex */
    uint32_t prefixes; /* FPS__X86_OPERAND ... */
    uint32_t role;     /* fps__x86_role */
} fps__x86_shape;

/* Tells the shape of what starts at `bytes`, of which FPS__X86_SLACK must be readable; false where that is no
 * instruction. The caller checks that `length` is not more than there is. */
bool fps__x86_shape_slow(const uint8_t *bytes, fps__x86_shape *shape);

/* As fps__x86_shape_slow for common instructions; false where it does not know. */
static inline bool fps__x86_shape_fast(const uint8_t *bytes, fps__x86_shape *shape)
{
    uint32_t prefixes = fps__x86_prefixes[bytes[0]] & (FPS__X86_OPERAND | FPS__X86_REPNE | FPS__X86_REP);
    uint32_t at = prefixes != 0;
    uint32_t has_rex = (bytes[at] & 0xf0) == 0x40;
    uint32_t rex = bytes[at] & (0U - has_rex);
    at += has_rex;
    uint32_t two_byte = bytes[at] == 0x0f;
    at += two_byte;
    uint32_t entry = fps__x86_opcodes[two_byte << 8 | bytes[at]];
    uint32_t modrm = bytes[at + 1];
    uint32_t operand = fps__x86_operands[modrm << 3 | (bytes[at + 2] & 7)] & (0U - (entry >> 3 & 1));
    uint32_t size =
        fps__x86_immediate_sizes[(entry & FPS__X86_IMMEDIATE) << 2 | (rex >> 2 & 2) | (prefixes & 1)];
    if (entry & FPS__X86_GROUP3_TEST)
        size = modrm & 0x30 ? 0 : size;
    shape->opcode = at;
    shape->modrm = entry & FPS__X86_MODRM ? at + 1 : 0;
    shape->disp_size = operand >> 4;
    shape->disp = at + 1 + (operand & 15) - (operand >> 4);
    shape->imm_size = size;
    shape->imm = at + 1 + (operand & 15);
    shape->length = at + 1 + (operand & 15) + size;
    shape->map = two_byte;
    shape->rex = rex;
    shape->prefixes = prefixes;
    shape->role = entry >> FPS__X86_ROLE_SHIFT;
    return !(entry & FPS__X86_SLOW);
}

static inline bool fps__x86_shape_read(const uint8_t *bytes, fps__x86_shape *shape)
{
    return fps__x86_shape_fast(bytes, shape) || fps__x86_shape_slow(bytes, shape);
}

/* Whether `bytes` of this shape do nothing, or mark a landing place. A displacement counts as it stands. */
bool fps__x86_is_nop(const uint8_t *bytes, const fps__x86_shape *shape);

/* fps__machine.decode of x86-64. */
bool fps__x86_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction);

/* Whether the memory operand is addressed by the instruction pointer. */
static inline bool fps__x86_rip_relative(const uint8_t *bytes, const fps__x86_shape *shape)
{
    return shape->modrm && shape->disp_size == 4 && (bytes[shape->modrm] & 0xc7) == 5;
}

#endif
