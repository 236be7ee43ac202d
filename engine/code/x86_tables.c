/* Opcode, prefix and operand tables of x86-64: Intel's SDM volume 2, appendix A, and AMD's APM volume 3. */
#include "code/x86_decode.h"

/* Short names, for the tables to be read as the manuals print them: sixteen opcodes a row. */
#define ROLE(role) ((FPS__X86_##role) << FPS__X86_ROLE_SHIFT)
enum {
    N = 0,                 /* nothing follows */
    B = 1,                 /* a byte */
    W = 2,                 /* a word */
    E = 3,                 /* ENTER: a word and a byte */
    Z = 4,                 /* 4 bytes, 2 with prefix 66 */
    V = 5 | ROLE(MOVE),    /* the same, 8 with REX.W */
    M = FPS__X86_MODRM,    /* ModRM */
    MB = M | B,            /* ModRM and a byte */
    MZ = M | Z,            /* ModRM and 4 or 2 bytes */
    X = FPS__X86_SLOW,     /* not decided here */
    BI = M | ROLE(BINARY), /* operations of a register with memory */
    BR = B | ROLE(BRANCH),
    BL = 6 | ROLE(BRANCH),
    LP = B | ROLE(LOOP),
    CA = 6 | ROLE(CALL),
    JL = 6 | ROLE(JUMP),
    JS = B | ROLE(JUMP),
    RT = N | ROLE(RETURN),
    RW = W | ROLE(RETURN),
    TR = N | ROLE(TRAP),
    TM = M | ROLE(TRAP),
    NO = N | ROLE(NOP),
    NM = M | ROLE(NOP),
    EX = N | ROLE(EXCHANGE),
    HI = M | ROLE(HINT),
    LD = M | ROLE(LOAD),
    ST = M | ROLE(STORE),
    LE = M | ROLE(LEA),
    MG = MZ | ROLE(MOVE_GROUP),
    AA = Z | ROLE(ADD),
    G1 = MZ | ROLE(GROUP1),
    TB = MB | FPS__X86_GROUP3_TEST,
    TZ = MZ | FPS__X86_GROUP3_TEST | ROLE(GROUP3),
    G5 = M | ROLE(GROUP5),
};

const uint16_t fps__x86_opcodes[512] = {
    /* clang-format off */
    M,  M,  M,  BI, B,  AA, X,  X,  M,  M,  M,  BI, B,  Z,  X,  X,  /* 00 */
    M,  M,  M,  BI, B,  Z,  X,  X,  M,  M,  M,  BI, B,  Z,  X,  X,  /* 10 */
    M,  M,  M,  BI, B,  Z,  X,  X,  M,  M,  M,  BI, B,  Z,  X,  X,  /* 20 */
    M,  M,  M,  BI, B,  Z,  X,  X,  M,  M,  M,  BI, B,  Z,  X,  X,  /* 30 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 40: REX */
    N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  /* 50 */
    X,  X,  X,  M,  X,  X,  X,  X,  Z,  MZ, B,  MB, N,  N,  N,  N,  /* 60: EVEX is 62 */
    BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, BR, /* 70 */
    MB, G1, X,  MB, M,  BI, M,  M,  M,  ST, M,  LD, M,  LE, M,  X,  /* 80: XOP and POP are 8F */
    EX, N,  N,  N,  N,  N,  N,  N,  N,  N,  X,  N,  N,  N,  N,  N,  /* 90 */
    X,  X,  X,  X,  N,  N,  N,  N,  B,  Z,  N,  N,  N,  N,  N,  N,  /* A0: moffs */
    B,  B,  B,  B,  B,  B,  B,  B,  V,  V,  V,  V,  V,  V,  V,  V,  /* B0 */
    MB, MB, RW, RT, X,  X,  MB, MG, E,  N,  RW, RT, NO, B,  X,  RT, /* C0: VEX is C4 and C5 */
    M,  M,  M,  M,  X,  X,  X,  N,  M,  M,  M,  M,  M,  M,  M,  M,  /* D0 */
    LP, LP, LP, LP, B,  B,  B,  B,  CA, JL, X,  JS, N,  N,  N,  N,  /* E0 */
    X,  N,  X,  X,  TR, N,  TB, TZ, N,  N,  N,  N,  N,  N,  M,  G5, /* F0 */

    M,  M,  M,  M,  X,  N,  N,  RT, N,  N,  X,  TR, X,  M,  N,  X,  /* 0F 00 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  HI, NM, /* 0F 10 */
    X,  X,  X,  X,  X,  X,  X,  X,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 20: control registers */
    N,  N,  N,  N,  N,  RT, X,  N,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0F 30 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 40 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 50 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 60 */
    MB, MB, MB, MB, M,  M,  M,  N,  X,  M,  X,  X,  M,  M,  M,  M,  /* 0F 70: EXTRQ is 78 */
    BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, BL, /* 0F 80 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F 90 */
    N,  N,  N,  M,  MB, M,  M,  M,  N,  N,  RT, M,  MB, M,  M,  M,  /* 0F A0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  TM, MB, M,  M,  M,  M,  M,  /* 0F B0 */
    M,  M,  MB, M,  MB, MB, MB, M,  N,  N,  N,  N,  N,  N,  N,  N,  /* 0F C0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F D0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  /* 0F E0 */
    M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  M,  TM, /* 0F F0 */
    /* clang-format on */
};

const uint8_t fps__x86_prefixes[256] = {
    [0x66] = FPS__X86_OPERAND, [0xf2] = FPS__X86_REPNE,   [0xf3] = FPS__X86_REP,
    [0xf0] = FPS__X86_LOCK,    [0x67] = FPS__X86_ADDRESS, [0x64] = FPS__X86_FS_GS,
    [0x65] = FPS__X86_FS_GS,   [0x26] = FPS__X86_SEGMENT, [0x2e] = FPS__X86_SEGMENT,
    [0x36] = FPS__X86_SEGMENT, [0x3e] = FPS__X86_NOTRACK,
};

const uint8_t fps__x86_immediate_sizes[32] = {
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 2, 4, 4, 4, 2, 8, 8, 4, 4, 4, 4, 0, 0, 0, 0,
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
