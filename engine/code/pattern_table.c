/* Bit patterns of 32-bit ARM, Thumb, MIPS, PPC64LE and s390x instructions.
 *
 * Sources: Arm Architecture Reference Manual ARMv7-A (A5, A6); MIPS32 Architecture volume II; Power ISA 3.0B;
 * z/Architecture Principles of Operation, appendix B; the ELF supplements of each.
 */
#include "code/pattern_machine.h"

#include <elf.h>

#define COUNT(a)       (sizeof(a) / sizeof(a)[0])
#define WORD(w)        ((uint64_t)(uint32_t)(w) << 16)
#define HALF(h)        ((uint64_t)(h) << 32)
#define THREE(a, b, c) (HALF(a) | (uint64_t)(b) << 16 | (uint64_t)(c))
#define ALL            UINT64_C(0xffffffffffff)

#define PLAIN     FPS__INSTRUCTION_PLAIN
#define NOP       FPS__INSTRUCTION_NOP
#define CALL      FPS__INSTRUCTION_CALL
#define CALLS     FPS__INSTRUCTION_CALL_INDIRECT
#define JUMP      FPS__INSTRUCTION_JUMP
#define JUMPS     FPS__INSTRUCTION_JUMP_INDIRECT
#define BRANCH    FPS__INSTRUCTION_BRANCH
#define RETURN    FPS__INSTRUCTION_RETURN
#define TRAP      FPS__INSTRUCTION_TRAP
#define TARGET(t) FPS__BRANCH_##t
#define ROLE(r)   FPS__PATTERN_ROLE_##r

/* clang-format off */
static const fps__pattern arm[] = {
    {WORD(0xffffffff), WORD(0xe1a00000), NOP, 0, 0, 0, 0},                              /* mov r0, r0 */
    {WORD(0xffffffff), WORD(0xe320f000), NOP, 0, 0, 0, 0},                              /* nop */
    {WORD(0xfe000000), WORD(0xfa000000), CALL, TARGET(ARM), 0, ALL, WORD(0xeb000000)},  /* blx #: linkers change bl */
    {WORD(0x0f000000), WORD(0x0b000000), CALL, TARGET(ARM), 0, WORD(0x00ffffff), 0},    /* bl */
    {WORD(0xff000000), WORD(0xea000000), JUMP, TARGET(ARM), 0, WORD(0x00ffffff), 0},    /* b */
    {WORD(0x0f000000), WORD(0x0a000000), BRANCH, TARGET(ARM), 0, WORD(0x00ffffff), 0},  /* b<cond> */
    {WORD(0xffffffff), WORD(0xe12fff1e), RETURN, 0, 0, 0, 0},                           /* bx lr */
    {WORD(0xffffffff), WORD(0xe1a0f00e), RETURN, 0, 0, 0, 0},                           /* mov pc, lr */
    {WORD(0xffff8000), WORD(0xe8bd8000), RETURN, 0, 0, 0, 0},                           /* pop {.., pc} */
    {WORD(0xffffffff), WORD(0xe49df004), RETURN, 0, 0, 0, 0},                           /* pop {pc} */
    {WORD(0xfffffff0), WORD(0xe12fff10), JUMPS, 0, 0, 0, 0},                            /* bx */
    {WORD(0x0ffffff0), WORD(0x012fff30), CALLS, 0, 0, 0, 0},                            /* blx */
    {WORD(0xfff0f0f0), WORD(0xe7f000f0), TRAP, 0, 0, 0, 0},                             /* udf */
    {WORD(0x0f7f0000), WORD(0x051f0000), PLAIN, 0, ROLE(LITERAL), WORD(0x00800fff), 0}, /* ldr (literal) */
    {WORD(0x0f3f0e00), WORD(0x0d1f0a00), PLAIN, 0, ROLE(LITERAL), WORD(0x008000ff), 0}, /* vldr (literal) */
    {WORD(0x0fbf0000), WORD(0x028f0000), PLAIN, 0, 0, WORD(0x00c00fff), 0},             /* adr */
    {WORD(0x0ff00000), WORD(0x03000000), PLAIN, 0, 0, WORD(0x000f0fff), 0},             /* movw */
    {WORD(0x0ff00000), WORD(0x03400000), PLAIN, 0, 0, WORD(0x000f0fff), 0},             /* movt */
};

static const fps__pattern thumb[] = {
    {HALF(0xffff), HALF(0xbf00), NOP, 0, 0, 0, 0},                                      /* nop */
    {HALF(0xffff), HALF(0x46c0), NOP, 0, 0, 0, 0},                                      /* mov r8, r8 */
    {THREE(0xffff, 0xffff, 0), THREE(0xf3af, 0x8000, 0), NOP, 0, 0, 0, 0},              /* nop.w */
    {HALF(0xffff), HALF(0x4770), RETURN, 0, 0, 0, 0},                                   /* bx lr */
    {HALF(0xff00), HALF(0xbd00), RETURN, 0, 0, 0, 0},                                   /* pop {.., pc} */
    {THREE(0xffff, 0x8000, 0), THREE(0xe8bd, 0x8000, 0), RETURN, 0, 0, 0, 0},           /* pop.w {.., pc} */
    {THREE(0xffff, 0xffff, 0), THREE(0xf85d, 0xfb04, 0), RETURN, 0, 0, 0, 0},           /* ldr pc, [sp], #4 */
    {HALF(0xff87), HALF(0x4700), JUMPS, 0, 0, 0, 0},                                    /* bx */
    {HALF(0xff87), HALF(0x4780), CALLS, 0, 0, 0, 0},                                    /* blx */
    {HALF(0xff00), HALF(0xde00), TRAP, 0, 0, 0, 0},                                     /* udf */
    {HALF(0xff00), HALF(0xdf00), PLAIN, 0, 0, 0, 0},                                    /* svc */
    {HALF(0xf000), HALF(0xd000), BRANCH, TARGET(THUMB_8), 0, HALF(0x00ff), 0},          /* b<cond> */
    {HALF(0xf800), HALF(0xe000), JUMP, TARGET(THUMB_11), 0, HALF(0x07ff), 0},           /* b */
    {HALF(0xf500), HALF(0xb100), BRANCH, TARGET(THUMB_6), 0, HALF(0x02f8), 0},          /* cbz, cbnz */
    {HALF(0xf800), HALF(0x4800), PLAIN, 0, ROLE(LITERAL), HALF(0x00ff), 0},             /* ldr (literal) */
    {HALF(0xf800), HALF(0xa000), PLAIN, 0, 0, HALF(0x00ff), 0},                         /* adr */
    {THREE(0xf800, 0xc000, 0), THREE(0xf000, 0xc000, 0), CALL, TARGET(THUMB_24), 0, ALL,
     THREE(0xf000, 0xd000, 0)},                                                         /* bl, blx */
    {THREE(0xf800, 0xd000, 0), THREE(0xf000, 0x9000, 0), JUMP, TARGET(THUMB_24), 0,
     THREE(0x07ff, 0x2fff, 0), 0},                                                      /* b.w */
    {THREE(0xfb80, 0xd000, 0), THREE(0xf380, 0x8000, 0), PLAIN, 0, 0, 0, 0},            /* msr, hints, barriers */
    {THREE(0xf800, 0xd000, 0), THREE(0xf000, 0x8000, 0), BRANCH, TARGET(THUMB_20), 0,
     THREE(0x043f, 0x2fff, 0), 0},                                                      /* b<cond>.w */
    {THREE(0xfbf0, 0x8000, 0), THREE(0xf240, 0, 0), PLAIN, 0, 0, THREE(0x040f, 0x70ff, 0), 0}, /* movw */
    {THREE(0xfbf0, 0x8000, 0), THREE(0xf2c0, 0, 0), PLAIN, 0, 0, THREE(0x040f, 0x70ff, 0), 0}, /* movt */
    {HALF(0xff7f), HALF(0xf85f), PLAIN, 0, ROLE(LITERAL), THREE(0x0080, 0x0fff, 0), 0}, /* ldr.w (literal) */
    {THREE(0xff3f, 0x0e00, 0), THREE(0xed1f, 0x0a00, 0), PLAIN, 0, ROLE(LITERAL), THREE(0x0080, 0x00ff, 0), 0},
};

static const fps__pattern mips[] = {
    {WORD(0xffffffff), WORD(0x00000000), NOP, 0, 0, 0, 0},                              /* nop */
    {WORD(0xffffffff), WORD(0x03e00008), RETURN, 0, 0, 0, 0},                           /* jr ra */
    /* Linkers make `bal` of `jalr t9` and `b` of `jr t9`. */
    {WORD(0xffffffff), WORD(0x0320f809), CALLS, 0, 0, ALL, WORD(0x04110000)},           /* jalr t9 */
    {WORD(0xffffffff), WORD(0x03200008), JUMPS, 0, 0, ALL, WORD(0x10000000)},           /* jr t9 */
    {WORD(0xfc1fffff), WORD(0x00000008), JUMPS, 0, 0, 0, 0},                            /* jr */
    {WORD(0xfc1f003f), WORD(0x00000009), CALLS, 0, 0, 0, 0},                            /* jalr */
    {WORD(0xfc00003f), WORD(0x0000000d), TRAP, 0, 0, 0, 0},                             /* break */
    {WORD(0xffff0000), WORD(0x04110000), CALL, TARGET(MIPS), 0, WORD(0xffff), 0},       /* bal */
    {WORD(0xffff0000), WORD(0x10000000), JUMP, TARGET(MIPS), 0, WORD(0xffff), 0},       /* b */
    /* The upper bits of these two come from the address of the delay slot, which a decoder does not know. */
    {WORD(0xfc000000), WORD(0x08000000), JUMPS, 0, 0, ALL, WORD(0x10000000)},           /* j */
    {WORD(0xfc000000), WORD(0x0c000000), CALLS, 0, 0, ALL, WORD(0x04110000)},           /* jal */
    {WORD(0xfc0c0000), WORD(0x04000000), BRANCH, TARGET(MIPS), 0, WORD(0xffff), 0},     /* bltz, bltzal .. */
    {WORD(0xb0000000), WORD(0x10000000), BRANCH, TARGET(MIPS), 0, WORD(0xffff), 0},     /* beq .. bgtzl */
    {WORD(0xffe00000), WORD(0x45000000), BRANCH, TARGET(MIPS), 0, WORD(0xffff), 0},     /* bc1f, bc1t */
    {WORD(0xffe00000), WORD(0x3c000000), PLAIN, 0, ROLE(WRITES), WORD(0xffff), 0},      /* lui */
    {WORD(0xfc000000), WORD(0x8c000000), PLAIN, 0, ROLE(LOADS), WORD(0xffff), 0},       /* lw */
    {WORD(0xfc000000), WORD(0xdc000000), PLAIN, 0, ROLE(LOADS), WORD(0xffff), 0},       /* ld */
    {WORD(0xfc000000), WORD(0x24000000), PLAIN, 0, ROLE(BASED), WORD(0xffff), 0},       /* addiu */
    {WORD(0xfc000000), WORD(0x64000000), PLAIN, 0, ROLE(BASED), WORD(0xffff), 0},       /* daddiu */
    {WORD(0x80000000), WORD(0x80000000), PLAIN, 0, ROLE(BASED), WORD(0xffff), 0},       /* loads and stores */
};

static const fps__pattern ppc[] = {
    {WORD(0xffffffff), WORD(0x60000000), NOP, 0, 0, 0, 0},                              /* nop */
    {WORD(0xffffffff), WORD(0xe8410018), NOP, 0, 0, 0, 0}, /* ld r2, 24(r1): put for the nop behind a call */
    {WORD(0xffff0000), WORD(0x3c4c0000), NOP, 0, 0, 0, 0}, /* addis r2, r12, #: the entry of a function */
    {WORD(0xffff0000), WORD(0x3c400000), NOP, 0, 0, 0, 0}, /* lis r2, #: what the linker makes of it */
    {WORD(0xffff0000), WORD(0x38420000), NOP, 0, 0, 0, 0}, /* addi r2, r2, # */
    {WORD(0xfc000003), WORD(0x48000000), JUMP, TARGET(PPC_24), 0, WORD(0x03fffffc), 0}, /* b */
    {WORD(0xfc000003), WORD(0x48000001), CALL, TARGET(PPC_24), 0, WORD(0x03fffffc), 0}, /* bl */
    {WORD(0xfc000003), WORD(0x40000000), BRANCH, TARGET(PPC_14), 0, WORD(0xfffc), 0},   /* bc */
    {WORD(0xffffffff), WORD(0x4e800020), RETURN, 0, 0, 0, 0},                           /* blr */
    {WORD(0xffffffff), WORD(0x4e800420), JUMPS, 0, 0, 0, 0},                            /* bctr */
    {WORD(0xffffffff), WORD(0x4e800421), CALLS, 0, 0, 0, 0},                            /* bctrl */
    {WORD(0xffffffff), WORD(0x7fe00008), TRAP, 0, 0, 0, 0},                             /* trap */
    /* Linkers make nops of these where the upper half is 0, and the lower one starts from r2 or r13. */
    {WORD(0xfc1f0000), WORD(0x3c020000), NOP, 0, ROLE(WRITES), 0, 0},                   /* addis rt, r2, # */
    {WORD(0xfc1f0000), WORD(0x3c0d0000), NOP, 0, ROLE(WRITES), 0, 0},                   /* addis rt, r13, # */
    {WORD(0xfc000000), WORD(0x38000000), PLAIN, 0, ROLE(BASED), WORD(0x001fffff), 0},   /* addi */
    {WORD(0xfc000003), WORD(0xe8000000), PLAIN, 0, ROLE(LOADS), WORD(0xfc1fffff), WORD(0x38000000)}, /* ld */
    {WORD(0xfc000000), WORD(0xe8000000), PLAIN, 0, ROLE(BASED), WORD(0x001ffffc), 0},   /* lwa, ldu */
    {WORD(0xfc000000), WORD(0xf8000000), PLAIN, 0, ROLE(BASED), WORD(0x001ffffc), 0},   /* std, stdu */
    {WORD(0xfc000000), WORD(0xf4000000), PLAIN, 0, ROLE(BASED), WORD(0x001ffff0), 0},   /* lxv, stxv */
    {WORD(0xe0000000), WORD(0x80000000), PLAIN, 0, ROLE(BASED), WORD(0x001fffff), 0},   /* lwz .. stmw */
    {WORD(0xe0000000), WORD(0xc0000000), PLAIN, 0, ROLE(BASED), WORD(0x001fffff), 0},   /* lfs .. stfdu */
};

static const fps__pattern s390x[] = {
    {HALF(0xfff0), HALF(0x0700), NOP, 0, 0, 0, 0},                                      /* nopr */
    {HALF(0xfff0), HALF(0x4700), NOP, 0, 0, 0, 0},                                      /* nop */
    {HALF(0xffff), HALF(0xc004), NOP, 0, 0, 0, 0},                                      /* jgnop */
    {HALF(0xffff), HALF(0xa704), NOP, 0, 0, 0, 0},                                      /* jnop */
    {HALF(0xffff), HALF(0x07fe), RETURN, 0, 0, 0, 0},                                   /* br r14 */
    {HALF(0xfff0), HALF(0x07f0), JUMPS, 0, 0, 0, 0},                                    /* br */
    {HALF(0xff0f), HALF(0x0d00), PLAIN, 0, 0, 0, 0},                                    /* basr r, 0 */
    {HALF(0xff00), HALF(0x0d00), CALLS, 0, 0, 0, 0},                                    /* basr */
    {HALF(0xffff), HALF(0x0000), TRAP, 0, 0, 0, 0},
    {HALF(0xff0f), HALF(0xc005), CALL, TARGET(S390_32), 0, THREE(0, 0xffff, 0xffff), 0}, /* brasl */
    {HALF(0xffff), HALF(0xc0f4), JUMP, TARGET(S390_32), 0, THREE(0, 0xffff, 0xffff), 0}, /* jg */
    {HALF(0xff0f), HALF(0xc004), BRANCH, TARGET(S390_32), 0, THREE(0, 0xffff, 0xffff), 0}, /* brcl */
    {HALF(0xff0f), HALF(0xa705), CALL, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},     /* bras */
    {HALF(0xffff), HALF(0xa7f4), JUMP, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},     /* j */
    {HALF(0xff0f), HALF(0xa704), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},   /* brc */
    {HALF(0xff0e), HALF(0xa706), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},   /* brct, brctg */
    {HALF(0xfe00), HALF(0x8400), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},   /* brxh, brxle */
    {THREE(0xff00, 0, 0x00fe), THREE(0xec00, 0, 0x0044), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},
    {THREE(0xff00, 0, 0x00fe), THREE(0xec00, 0, 0x0064), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},
    {THREE(0xff00, 0, 0x00fe), THREE(0xec00, 0, 0x0076), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},
    {THREE(0xff00, 0, 0x00fc), THREE(0xec00, 0, 0x007c), BRANCH, TARGET(S390_16), 0, THREE(0, 0xffff, 0), 0},
    {HALF(0xff0f), HALF(0xc000), PLAIN, 0, 0, THREE(0, 0xffff, 0xffff), 0},             /* larl */
    /* Linkers make larl of this where it loads from the global offset table. */
    {HALF(0xff0f), HALF(0xc408), PLAIN, 0, 0, THREE(0xff0f, 0xffff, 0xffff), HALF(0xc000)}, /* lgrl */
    {HALF(0xfd00), HALF(0xc400), PLAIN, 0, 0, THREE(0, 0xffff, 0xffff), 0},             /* other relative long */
};
/* clang-format on */

const fps__dialect fps__dialect_arm = {arm, COUNT(arm), EM_ARM, FPS__LENGTH_WORD, 16, 12, false, 0};
const fps__dialect fps__dialect_thumb = {thumb, COUNT(thumb), EM_ARM, FPS__LENGTH_THUMB, 16, 12, false, 0};
const fps__dialect fps__dialect_mips = {mips, COUNT(mips), EM_MIPS, FPS__LENGTH_WORD,
                                        21,   16,          true,    UINT32_C(1) << 28};
const fps__dialect fps__dialect_mipsel = {mips, COUNT(mips), EM_MIPS, FPS__LENGTH_WORD,
                                          21,   16,          false,   UINT32_C(1) << 28};
const fps__dialect fps__dialect_ppc64le = {ppc, COUNT(ppc), EM_PPC64, FPS__LENGTH_WORD,
                                           16,  21,         false,    UINT32_C(1) << 2 | UINT32_C(1) << 13};
const fps__dialect fps__dialect_s390x = {s390x, COUNT(s390x), EM_S390, FPS__LENGTH_S390, 0, 0, true, 0};
