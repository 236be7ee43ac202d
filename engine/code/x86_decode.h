/* The shape of an instruction of x86-64 or i386: where its parts lie. What the decoder and the normalisers share.
 *
 * fps__x86_head_read takes nearly all instructions of compiled code with one table look-up for the opcode
 * and one for its operand, without branches; what it refuses goes to fps__x86_shape_slow, which knows
 * everything. Both modes share the tables: an entry says which opcodes 64-bit mode has lost, and how long an
 * immediate is with prefix 66 in each. The mode is a constant where speed matters.
 */
#ifndef FPS_CODE_X86_DECODE_H
#define FPS_CODE_X86_DECODE_H

#include "code/code.h"
#include "util/bytes.h"

enum {
    FPS__MAX_X86_LENGTH = 15,
    FPS__X86_SLACK = 32, /* bytes that must be readable from the first byte of an instruction on */
};

typedef enum fps__x86_mode {
    FPS__X86_MODE_64,
    FPS__X86_MODE_32,
} fps__x86_mode;

/* Prefixes, by bits. */
enum {
    FPS__X86_OPERAND = 1,   /* 66 */
    FPS__X86_REPNE = 2,     /* F2: also bnd */
    FPS__X86_REP = 4,       /* F3 */
    FPS__X86_LOCK = 8,      /* F0 */
    FPS__X86_ADDRESS = 16,  /* 67 */
    FPS__X86_FS = 32,       /* 64 */
    FPS__X86_GS = 64,       /* 65 */
    FPS__X86_SEGMENT = 128, /* 26, 2E, 36, 3E: without effect in 64-bit mode */
    FPS__X86_FS_GS = FPS__X86_FS | FPS__X86_GS,
};

/* Bits of REX. */
enum { FPS__X86_REX_B = 1, FPS__X86_REX_X = 2, FPS__X86_REX_R = 4, FPS__X86_REX_W = 8 };

/* What an opcode is to flow and to the linker. */
typedef enum fps__x86_role {
    FPS__X86_PLAIN,
    FPS__X86_CALL,       /* E8 */
    FPS__X86_JUMP,       /* E9, EB */
    FPS__X86_FAR_CALL,   /* 9A */
    FPS__X86_FAR_JUMP,   /* EA */
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

/* Entries of the opcode tables: sizes of the immediate in the low bits (plain, with prefix 66 in 64-bit mode, with
 * REX.W), flags, what the normaliser may do without looking closer, and the role from bit FPS__X86_ROLE_SHIFT on. */
enum {
    FPS__X86_SIZE_MASK = 15,
    FPS__X86_MODRM_SHIFT = 12,
    FPS__X86_MODRM =
        0x7f << FPS__X86_MODRM_SHIFT, /* a ModRM byte follows: the mask of its entry in the operand table */
    FPS__X86_GROUP3_TEST = 1 << 19,   /* the immediate is there for /0 and /1 only */
    FPS__X86_SLOW = 1 << 20,          /* a prefix, an escape, an odd one, or no opcode at all */
    FPS__X86_SPECIAL = 1 << 21,       /* always to be looked at closer */
    FPS__X86_FIELD = 1 << 22,         /* an immediate that may be an address */
    FPS__X86_ONLY_32 = 1 << 23,       /* in 64-bit mode what FPS__X86_SLOW is */
    FPS__X86_ODD_SHIFT = 24,          /* bits of fps__x86_odd that are to be looked at closer */
    FPS__X86_TOKEN_SHIFT = 26,        /* index into fps__x86_tokens, 0 for none: 6 bits */
    FPS__X86_SMALL_SHIFT = 32,        /* size of the immediate with prefix 66 in 32-bit mode */
    FPS__X86_ROLE_SHIFT = 40,
};

/* Sizes of the immediate, as above; the last is that of 32-bit mode. */
#define FPS__X86_SIZES(plain, small, wide, small_32)                                                         \
    ((plain) | (small) << 4 | (wide) << 8 | (uint64_t)(small_32) << FPS__X86_SMALL_SHIFT)
/* Loads of addresses, when by the instruction pointer. */
#define FPS__X86_ADDRESS_LOAD (UINT64_C(1) << 36)
/* The flags of entries that fps__x86_head_read does not read. */
#define FPS__X86_UNREAD(mode) (FPS__X86_SLOW | ((mode) == FPS__X86_MODE_64 ? FPS__X86_ONLY_32 : 0))

/* ModRM bytes of moves that may do nothing or make a frame, and of LEAs that may do nothing. */
enum { FPS__X86_ODD_MOVE = 1, FPS__X86_ODD_LEA = 2 };

/* Indexes into fps__x86_tokens, which holds pairs of bytes: 1..16 the BRANCH tokens of each condition. */
enum {
    FPS__X86_INDEX_BRANCH =
        1, /* those below INDEX_CALL are two bytes, those below INDEX_ADDRESS one or none */
    FPS__X86_INDEX_CALL = 17,
    FPS__X86_INDEX_JUMP = 18,
    FPS__X86_INDEX_NOTHING = 19,
    FPS__X86_INDEX_RETURN = 20,
    FPS__X86_INDEX_ADDRESS = 21, /* of %rax; the other registers follow */
};

/* First bytes of tokens (see x86_normalise.c): no opcodes in 64-bit mode. */
enum {
    FPS__X86_TOKEN_CALL = 0x06,
    FPS__X86_TOKEN_JUMP = 0x07,
    FPS__X86_TOKEN_BRANCH = 0x0e,
    FPS__X86_TOKEN_ADDRESS = 0x16,
    FPS__X86_TOKEN_IMMEDIATE = 0x17,
    FPS__X86_TOKEN_BINARY = 0x1e,
    FPS__X86_TOKEN_THREAD = 0x1f,
    FPS__X86_TOKEN_RETURN = 0x27,
};

#pragma GCC visibility push(hidden)           /* or the loops look their addresses up */
extern const uint64_t fps__x86_opcodes[512];  /* one byte, then 0F */
extern const uint8_t fps__x86_prefixes[256];  /* bits of a prefix, 0 for other bytes */
extern const uint8_t fps__x86_operands[2048]; /* by ModRM * 8 + base in SIB: length, displacement << 4 */
extern const uint8_t fps__x86_odd[256];       /* bits of a ModRM byte: FPS__X86_ODD_MOVE, FPS__X86_ODD_LEA */
extern const uint8_t fps__x86_tokens[100];    /* pairs of bytes */
#pragma GCC visibility pop

/* Offsets count from the first byte, sizes are bytes; 0 where there is no such part. */
typedef struct fps__x86_shape {
    uint32_t length, opcode, modrm, disp, disp_size, imm, imm_size;
    uint32_t map;      /* as fps__instruction.map */
    uint32_t rex;      /* as fps__instruction.rex */
    uint32_t prefixes; /* FPS__X86_OPERAND ... */
    uint32_t role;     /* fps__x86_role */
    uint32_t mode;     /* fps__x86_mode that it was read in */
} fps__x86_shape;

/* Tells the shape of what starts at `bytes`, of which FPS__X86_SLACK must be readable; false where that is no
 * instruction. The caller checks that `length` is not more than there is. */
bool fps__x86_shape_slow(const uint8_t *bytes, fps__x86_mode mode, fps__x86_shape *shape);

/* The same, by way of fps__x86_head_read. */
bool fps__x86_shape_read(const uint8_t *bytes, fps__x86_mode mode, fps__x86_shape *shape);

/* What one look at the tables gives: a shape in the making. */
typedef struct fps__x86_head {
    uint64_t entry;   /* of the opcode; with FPS__X86_UNREAD(mode) the rest is worth nothing */
    uint32_t opcode;  /* offset of the opcode byte */
    uint32_t modrm;   /* the ModRM byte, if there is one */
    uint32_t operand; /* an entry of fps__x86_operands, 0 for none */
    uint32_t imm_size, rex, prefixes, two_byte;
    uint32_t length;
} fps__x86_head;

/* Where an entry has the size of the immediate with prefix 66. */
static inline uint32_t fps__x86_small_shift(uint32_t mode)
{
    return mode == FPS__X86_MODE_64 ? 4 : FPS__X86_SMALL_SHIFT;
}

/* Reads common instructions: one prefix of 66, F2, F3, then REX, then one or two bytes of opcode. Branches
 * only where they are mostly foreseen; REX is in every second instruction. FPS__X86_SLACK must be readable.
 */
static inline fps__x86_head fps__x86_head_read(const uint8_t *bytes, fps__x86_mode mode)
{
    fps__x86_head head = {.prefixes = 0};
    uint32_t at = 0, shift = 0;
    if (bytes[0] == 0x66 || (bytes[0] | 1) == 0xf3) {
        head.prefixes = fps__x86_prefixes[bytes[0]];
        shift = (head.prefixes & FPS__X86_OPERAND) * fps__x86_small_shift(mode);
        at = 1;
    }
    if (mode == FPS__X86_MODE_64) {
        uint32_t has_rex = (bytes[at] & 0xf0) == 0x40;
        head.rex = bytes[at] & (0U - has_rex);
        at += has_rex;
    }
    head.entry = fps__x86_opcodes[bytes[at]];
    if (bytes[at] == 0x0f) {
        head.two_byte = 1;
        head.entry = fps__x86_opcodes[256 | bytes[++at]];
    }
    head.opcode = at;
    head.modrm = bytes[at + 1];
    head.operand = fps__x86_operands[head.modrm << 3 | (bytes[at + 2] & 7)] &
                   (uint32_t)(head.entry >> FPS__X86_MODRM_SHIFT) & 0x7f;
    shift = head.rex & FPS__X86_REX_W ? 8 : shift;
    head.imm_size = (uint32_t)(head.entry >> shift) & FPS__X86_SIZE_MASK;
    if ((head.entry & FPS__X86_GROUP3_TEST) && (head.modrm & 0x30))
        head.imm_size = 0;
    head.length = at + 1 + (head.operand & 15) + head.imm_size;
    return head;
}

/* The shape that a head stands for. */
static inline void fps__x86_head_shape(const fps__x86_head *head, fps__x86_mode mode, fps__x86_shape *shape)
{
    uint32_t end = head->opcode + 1 + (head->operand & 15);
    *shape = (fps__x86_shape){
        .length = head->length,
        .opcode = head->opcode,
        .modrm = head->entry & FPS__X86_MODRM ? head->opcode + 1 : 0,
        .disp = end - (head->operand >> 4),
        .disp_size = head->operand >> 4,
        .imm = end,
        .imm_size = head->imm_size,
        .map = head->two_byte,
        .rex = head->rex,
        .prefixes = head->prefixes,
        .role = (uint32_t)(head->entry >> FPS__X86_ROLE_SHIFT),
        .mode = mode,
    };
}

/* Whether `bytes` of this shape do nothing, or mark a landing place. A displacement counts as it stands. */
bool fps__x86_is_nop(const uint8_t *bytes, const fps__x86_shape *shape);

/* fps__machine.normalise of x86-64. */
fps_status fps__x86_normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result);
/* fps__machine.decode of x86-64 and of i386. */
bool fps__x86_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction);
bool fps__i386_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction);

/* Whether the memory operand is addressed by the instruction pointer. */
static inline bool fps__x86_rip_relative(const uint8_t *bytes, const fps__x86_shape *shape)
{
    return shape->mode == FPS__X86_MODE_64 && shape->modrm && shape->disp_size == 4 &&
           (bytes[shape->modrm] & 0xc7) == 5;
}

#endif
