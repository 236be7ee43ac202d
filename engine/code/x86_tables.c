/* Opcode, prefix and operand tables of x86-64 and i386: Intel's SDM volume 2, appendix A, and AMD's APM volume 3. */
#include "code/x86_decode.h"

/* Short names, for the tables to be read as the manuals print them: sixteen opcodes a row. */
#define ROLE(role)   ((uint64_t)(FPS__X86_##role) << FPS__X86_ROLE_SHIFT)
#define ONLY_32      FPS__X86_ONLY_32
#define TOKEN(index) ((uint32_t)(index) << FPS__X86_TOKEN_SHIFT)
#define CODED(name)  (ROLE(name) | TOKEN(FPS__X86_INDEX_##name))
#define ODDS(name)   (FPS__X86_ODD_##name << FPS__X86_ODD_SHIFT)
#define LOOK         FPS__X86_SPECIAL

#define N             0                          /* nothing follows */
#define B             FPS__X86_SIZES(1, 1, 1, 1) /* a byte */
#define W             FPS__X86_SIZES(2, 2, 2, 2) /* a word */
#define R             FPS__X86_SIZES(4, 4, 4, 2) /* a distance: 4 bytes, 2 with prefix 66 in 32-bit mode */
#define F             (FPS__X86_SIZES(6, 4, 6, 4) | ONLY_32)        /* a far address */
#define E             FPS__X86_SIZES(3, 3, 3, 3)                    /* ENTER: a word and a byte */
#define Z             (FPS__X86_SIZES(4, 2, 4, 2) | FPS__X86_FIELD) /* 4 bytes, 2 with prefix 66 */
#define V             (FPS__X86_SIZES(4, 2, 8, 2) | FPS__X86_FIELD | ROLE(MOVE)) /* the same, 8 with REX.W */
#define M             FPS__X86_MODRM                                             /* ModRM */
#define MB            (M | B)                                                    /* ModRM and a byte */
#define MZ            (M | Z)                                                    /* ModRM and 4 or 2 bytes */
#define X             FPS__X86_SLOW                                              /* not decided here */
#define NL            (N | ONLY_32) /* N, B and MB, lost in 64-bit mode */
#define BY            (B | ONLY_32)
#define XB            (MB | ONLY_32)
#define BI            (M | ROLE(BINARY)) /* operations of a register with memory */
#define BR(condition) (B | ROLE(BRANCH) | TOKEN(FPS__X86_INDEX_BRANCH + (condition)))
#define BL(condition) (R | ROLE(BRANCH) | TOKEN(FPS__X86_INDEX_BRANCH + (condition)))
#define CA            (R | CODED(CALL))
#define JL            (R | CODED(JUMP))
#define JS            (B | CODED(JUMP))
#define FC            (F | ROLE(FAR_CALL))
#define FJ            (F | ROLE(FAR_JUMP))
#define RT            (N | CODED(RETURN))
#define RO            (N | ROLE(RETURN) | LOOK) /* other returns */
#define RW            (W | ROLE(RETURN) | LOOK)
#define LP            (B | ROLE(LOOP) | LOOK)
#define TR            (N | ROLE(TRAP))
#define TM            (M | ROLE(TRAP))
#define NO            (N | ROLE(NOP) | TOKEN(FPS__X86_INDEX_NOTHING))
#define NM            (M | ROLE(NOP) | TOKEN(FPS__X86_INDEX_NOTHING))
#define EX            (N | ROLE(EXCHANGE) | LOOK)
#define HI            (M | ROLE(HINT) | LOOK)
#define LD            (M | ROLE(LOAD) | FPS__X86_ADDRESS_LOAD | ODDS(MOVE))
#define ST            (M | ROLE(STORE) | ODDS(MOVE))
#define LE            (M | ROLE(LEA) | FPS__X86_ADDRESS_LOAD | ODDS(LEA))
#define MG            (MZ | ROLE(MOVE_GROUP))
#define AA            (Z | ROLE(ADD))
#define G1            (MZ | ROLE(GROUP1))
#define TB            (MB | FPS__X86_GROUP3_TEST)
#define TZ            (MZ | FPS__X86_GROUP3_TEST | ROLE(GROUP3))
#define G5            (M | ROLE(GROUP5) | LOOK)

#define EACH(F)                                                                                              \
    F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15)

const uint64_t fps__x86_opcodes[512] = {
    /* clang-format off */
    M,  M,  M,  BI, B,  AA, NL, NL, M,  M,  M,  BI, B,  Z,  NL, X,  /* 00 */
    M,  M,  M,  BI, B,  Z,  NL, NL, M,  M,  M,  BI, B,  Z,  NL, NL, /* 10 */
    M,  M,  M,  BI, B,  Z,  X,  NL, M,  M,  M,  BI, B,  Z,  X,  NL, /* 20: segments are 26, 2E, 36, 3E */
    M,  M,  M,  BI, B,  Z,  X,  NL, M,  M,  M,  BI, B,  Z,  X,  NL, /* 30 */
    NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, NL, /* 40: REX in 64-bit mode */
    N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  /* 50 */
    NL, NL, X,  M,  X,  X,  X,  X,  Z,  MZ, B,  MB, N,  N,  N,  N,  /* 60: EVEX and BOUND are 62 */
    EACH(BR),                                                   /* 70 */
    MB, G1, XB, MB, M,  BI, M,  M,  M,  ST, M,  LD, M,  LE, M,  X,  /* 80: XOP and POP are 8F */
    EX, N,  N,  N,  N,  N,  N,  N,  N,  N,  FC, N,  N,  N,  N,  N,  /* 90 */
    X,  X,  X,  X,  N,  N,  N,  N,  B,  Z,  N,  N,  N,  N,  N,  N,  /* A0: moffs */
    B,  B,  B,  B,  B,  B,  B,  B,  V,  V,  V,  V,  V,  V,  V,  V,  /* B0 */
    MB, MB, RW, RT, X,  X,  MB, MG, E,  N,  RW, RO, NO, B,  NL, RO, /* C0: VEX, LES and LDS are C4 and C5 */
    M,  M,  M,  M,  BY, BY, NL, N,  M,  M,  M,  M,  M,  M,  M,  M,  /* D0 */
    LP, LP, LP, LP, B,  B,  B,  B,  CA, JL, FJ, JS, N,  N,  N,  N,  /* E0 */
    X,  N,  X,  X,  TR, N,  TB, TZ, N,  N,  N,  N,  N,  N,  M,  G5, /* F0 */

    M,  M,  M,  M,  X,  N,  N,  RO, N,  N,  X,  TR, X,  M,  N,  X,  /* 0F 00 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  HI, NM, /* 0F 10 */
    X,  X,  X,  X,  X,  X,  X,  X,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 20: control registers */
    N,  N,  N,  N,  N,  RO, X,  N,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0F 30 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 40 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 50 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 60 */
    MB, MB, MB, MB, M,  M,  M,  N,  X,  M,  X,  X,  M,  M,  M,  M,  /* 0F 70: EXTRQ is 78 */
    EACH(BL),                                                   /* 0F 80 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 90 */
    N,  N,  N,  M,  MB, M,  M,  M,  N,  N,  RO, M,  MB, M,  M,  M,  /* 0F A0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  TM, MB, M,  M,  M,  M,  M,  /* 0F B0 */
    M,  M,  MB, M,  MB, MB, MB, M,  N,  N,  N,  N,  N,  N,  N,  N,  /* 0F C0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F D0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F E0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  TM, /* 0F F0 */
    /* clang-format on */
};

const uint8_t fps__x86_prefixes[256] = {
    [0x66] = FPS__X86_OPERAND, [0xf2] = FPS__X86_REPNE,   [0xf3] = FPS__X86_REP,
    [0xf0] = FPS__X86_LOCK,    [0x67] = FPS__X86_ADDRESS, [0x64] = FPS__X86_FS,
    [0x65] = FPS__X86_GS,      [0x26] = FPS__X86_SEGMENT, [0x2e] = FPS__X86_SEGMENT,
    [0x36] = FPS__X86_SEGMENT, [0x3e] = FPS__X86_SEGMENT,
};

/* Length of ModRM, SIB and displacement, and the displacement's size, for the eight bases that SIB may name.
 */
#define OPERAND(length, disp) ((length) | (disp) << 4)
#define TIMES4(...)           __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__
#define TIMES8(...)           TIMES4(__VA_ARGS__), TIMES4(__VA_ARGS__)
#define SAME(length, disp)    TIMES8(OPERAND(length, disp))
#define NO_BASE                                                                                              \
    OPERAND(2, 0), OPERAND(2, 0), OPERAND(2, 0), OPERAND(2, 0), OPERAND(2, 0), OPERAND(6, 4), OPERAND(2, 0), \
        OPERAND(2, 0)

const uint8_t fps__x86_operands[2048] = {
    /* clang-format off */
    TIMES8(TIMES4(SAME(1, 0)), NO_BASE, SAME(5, 4), SAME(1, 0), SAME(1, 0)),
    TIMES8(TIMES4(SAME(2, 1)), SAME(3, 1), SAME(2, 1), SAME(2, 1), SAME(2, 1)),
    TIMES8(TIMES4(SAME(5, 4)), SAME(6, 4), SAME(5, 4), SAME(5, 4), SAME(5, 4)),
    TIMES8(TIMES8(SAME(1, 0))),
    /* clang-format on */
};

/* By index; with room to copy more than the last. */
#define CONDITION(number) FPS__X86_TOKEN_BRANCH, number
#define REGISTER(number)  FPS__X86_TOKEN_ADDRESS, number
const uint8_t fps__x86_tokens[100] = {
    /* clang-format off */
    0, 0, EACH(CONDITION), FPS__X86_TOKEN_CALL, 0, FPS__X86_TOKEN_JUMP, 0, 0, 0, FPS__X86_TOKEN_RETURN, 0, EACH(REGISTER),
    /* clang-format on */
};

#define ODD(mode, reg, rm)                                                                                   \
    (((mode) == 3 && ((reg) == (rm) || ((reg) == 4 && (rm) == 5)) ? FPS__X86_ODD_MOVE : 0) |                 \
     ((reg) == (rm) || (rm) == 4 ? FPS__X86_ODD_LEA : 0))
#define ODD_ROW(mode, reg)                                                                                   \
    ODD(mode, reg, 0), ODD(mode, reg, 1), ODD(mode, reg, 2), ODD(mode, reg, 3), ODD(mode, reg, 4),           \
        ODD(mode, reg, 5), ODD(mode, reg, 6), ODD(mode, reg, 7)
#define ODD_MODE(mode)                                                                                       \
    ODD_ROW(mode, 0), ODD_ROW(mode, 1), ODD_ROW(mode, 2), ODD_ROW(mode, 3), ODD_ROW(mode, 4),                \
        ODD_ROW(mode, 5), ODD_ROW(mode, 6), ODD_ROW(mode, 7)

const uint8_t fps__x86_odd[256] = {ODD_MODE(0), ODD_MODE(1), ODD_MODE(2), ODD_MODE(3)};
