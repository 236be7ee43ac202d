/* Compares the decoder of x86-64 and i386 with Zydis, and classifies the difference for one instruction. */
#ifndef FPS_TESTS_X86_ORACLE_H
#define FPS_TESTS_X86_ORACLE_H

#include "code/code.h"

#include <Zydis/Zydis.h>

typedef enum x86_difference {
    X86_SAME,
    X86_BOTH_REFUSE,
    X86_REFUSED, /* Zydis decodes it */
    X86_TAKEN,   /* Zydis refuses it */
    X86_LENGTH,
    X86_OPCODE, /* map or opcode byte */
    X86_REX,
    X86_MODRM,
    X86_DISPLACEMENT,
    X86_IMMEDIATE,
    X86_RIP_RELATIVE,
    X86_KIND,
    X86_TARGET,
    X86_DIFFERENCES
} x86_difference;

static const char *const x86_difference_names[X86_DIFFERENCES] = {
    "same",  "both refuse",  "refused",   "taken",        "length", "opcode", "rex",
    "modrm", "displacement", "immediate", "rip relative", "kind",   "target",
};

/* The opcode map, numbered as in fps__instruction. */
static inline unsigned x86_map(const ZydisDecodedInstruction *z)
{
    static const unsigned maps[] = {
        [ZYDIS_OPCODE_MAP_0F] = 1,   [ZYDIS_OPCODE_MAP_0F38] = 2, [ZYDIS_OPCODE_MAP_0F3A] = 3,
        [ZYDIS_OPCODE_MAP_0F0F] = 4, [ZYDIS_OPCODE_MAP_MAP5] = 5, [ZYDIS_OPCODE_MAP_MAP6] = 6,
        [ZYDIS_OPCODE_MAP_XOP8] = 8, [ZYDIS_OPCODE_MAP_XOP9] = 9, [ZYDIS_OPCODE_MAP_XOPA] = 10,
    };
    return maps[z->opcode_map];
}

static inline unsigned x86_rex_bits(unsigned w, unsigned r, unsigned x, unsigned b)
{
    return 0x40U | w << 3 | r << 2 | x << 1 | b;
}

static inline unsigned x86_rex(const ZydisDecodedInstruction *z)
{
    const ZydisDecodedInstructionRawVex *vex = &z->raw.vex;
    const ZydisDecodedInstructionRawXop *xop = &z->raw.xop;
    const ZydisDecodedInstructionRawEvex *evex = &z->raw.evex;
    const ZydisDecodedInstructionRawRex *rex = &z->raw.rex;
    switch (z->encoding) {
    case ZYDIS_INSTRUCTION_ENCODING_VEX:
        return x86_rex_bits(vex->W, vex->R == 0, vex->X == 0, vex->B == 0);
    case ZYDIS_INSTRUCTION_ENCODING_XOP:
        return x86_rex_bits(xop->W, xop->R == 0, xop->X == 0, xop->B == 0);
    case ZYDIS_INSTRUCTION_ENCODING_EVEX:
        return x86_rex_bits(evex->W, evex->R == 0, evex->X == 0, evex->B == 0);
    default:
        return z->attributes & ZYDIS_ATTRIB_HAS_REX ? x86_rex_bits(rex->W, rex->R, rex->X, rex->B) : 0;
    }
}

/* The kind by Zydis' category; PLAIN if the category does not concern control flow. */
static inline fps__instruction_kind x86_kind(const ZydisDecodedInstruction *z)
{
    bool direct = z->raw.imm[0].is_relative;
    if (z->mnemonic == ZYDIS_MNEMONIC_XABORT || z->mnemonic == ZYDIS_MNEMONIC_XEND)
        return FPS__INSTRUCTION_PLAIN;
    switch (z->meta.category) {
    case ZYDIS_CATEGORY_CALL:
        return direct ? FPS__INSTRUCTION_CALL : FPS__INSTRUCTION_CALL_INDIRECT;
    case ZYDIS_CATEGORY_UNCOND_BR:
        return direct ? FPS__INSTRUCTION_JUMP : FPS__INSTRUCTION_JUMP_INDIRECT;
    case ZYDIS_CATEGORY_COND_BR:
        return FPS__INSTRUCTION_BRANCH;
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_SYSRET:
        return FPS__INSTRUCTION_RETURN;
    default:
        return FPS__INSTRUCTION_PLAIN;
    }
}

static inline bool x86_same_kind(const fps__instruction *ours, const ZydisDecodedInstruction *z)
{
    fps__instruction_kind kind = x86_kind(z);
    if (ours->kind == FPS__INSTRUCTION_NOP || ours->kind == FPS__INSTRUCTION_TRAP)
        return kind == FPS__INSTRUCTION_PLAIN;
    return ours->kind == kind;
}

/* The first field of `ours` that differs from Zydis. */
static inline x86_difference x86_compare_fields(const uint8_t *bytes, const fps__instruction *ours,
                                                const ZydisDecodedInstruction *z)
{
    unsigned imm_size = (unsigned)(z->raw.imm[0].size + z->raw.imm[1].size) / 8;
    if (ours->length != z->length)
        return X86_LENGTH;
    if (ours->map != x86_map(z) || bytes[ours->opcode] != z->opcode)
        return X86_OPCODE;
    if (ours->rex != x86_rex(z))
        return X86_REX;
    if (ours->modrm != (z->attributes & ZYDIS_ATTRIB_HAS_MODRM ? z->raw.modrm.offset : 0))
        return X86_MODRM;
    if (ours->disp_size != z->raw.disp.size / 8 || ours->disp != z->raw.disp.offset)
        return X86_DISPLACEMENT;
    if (ours->imm_size != imm_size || ours->imm != (imm_size ? z->raw.imm[0].offset : 0))
        return X86_IMMEDIATE;
    bool rip = z->machine_mode == ZYDIS_MACHINE_MODE_LONG_64 && ours->modrm && z->raw.modrm.mod == 0 &&
               z->raw.modrm.rm == 5 && z->raw.disp.size == 32;
    if (ours->rip_relative != rip)
        return X86_RIP_RELATIVE;
    if (!x86_same_kind(ours, z))
        return X86_KIND;
    if (z->raw.imm[0].is_relative && ours->target != (int64_t)z->raw.imm[0].value.s + z->length)
        return X86_TARGET;
    return X86_SAME;
}

/* Encodings that only Knights Corner had, which ran no common code: MVEX, and VEX in front of branches. */
static inline bool x86_is_knights_corner(const ZydisDecodedInstruction *z)
{
    return z->encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX ||
           (z->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX && z->raw.imm[0].is_relative);
}

/* The decoder of a machine; false when there is none. */
static inline bool x86_open(ZydisDecoder *decoder, const fps__machine *machine)
{
    bool wide = machine->bits == 64;
    return ZYAN_SUCCESS(ZydisDecoderInit(decoder,
                                         wide ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
                                         wide ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32));
}

/* Decodes `size` bytes with both decoders. `ours` and `theirs` have length 0 if the instruction was
 * refused. */
static inline x86_difference x86_compare(const fps__machine *machine, const ZydisDecoder *decoder,
                                         const uint8_t *bytes, size_t size, fps__instruction *ours,
                                         ZydisDecodedInstruction *theirs)
{
    ZydisDecoderContext context;
    bool here = machine->decode(bytes, size, ours);
    bool there = ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(decoder, &context, bytes, size, theirs));
    there = there && !x86_is_knights_corner(theirs);
    if (!here || !there) {
        if (!there)
            theirs->length = 0;
        return here ? X86_TAKEN : there ? X86_REFUSED : X86_BOTH_REFUSE;
    }
    return x86_compare_fields(bytes, ours, theirs);
}

#endif
