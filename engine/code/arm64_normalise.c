/* AArch64: a function as tokens that a linker does not change.
 *
 * A token is an instruction word of four bytes, little-endian. Relocations are not looked at: what follows
 * holds for the zero fields of an archive and for the filled ones of a program alike.
 *
 * Dropped: nop, bti, paciasp and their kind (fps__arm64_is_nop). retaa and retab are ret.
 *
 * Masked, that is zero, are imm26 of b and bl, so that a call is one token wherever it leads; imm19 and imm14
 * of b.cond, cbz, tbz and ldr (literal); the page of adrp; and imm12 of ldr, str, prfm and the 64-bit add
 * where their base register was, at any place in the function, the target of adrp or adr, or held the thread
 * pointer: by mrs tpidr_el0, or by an add to that of an immediate shifted by 12. At any place, for the order
 * of the words is not that of control flow. Where such an instruction loads 64 bits or is the add, its base
 * register goes too and the two are one token: linkers turn `adrp, ldr` of the global offset table into
 * `adrp, add`.
 *
 * Before that, what linkers made shorter is made long again:
 *
 *   movz xd, #, lsl 16 .. movk xd, #       adrp xd .. ldr xd, [xd]    TLS, initial to local exec
 *   adrp x0, ldr xn [x0], add x0, blr xn   adrp x0, ldr x0, [x0]      TLS descriptors
 *   adr xd                                 adrp xd, add xd, xd        `nop, adr` stands for `adrp, add`
 *
 * An adr that replaces an adrp alone (erratum 843419 of the Cortex-A53) sits in the last two words of a page
 * and leads to the start of one. The veneers against that erratum, a `b` in place of a load, cannot be undone
 * here, nor the nop in place of a call to an undefined weak symbol.
 */
#include "code/arm64.h"

#include "util/array.h"
#include "util/bytes.h"

#include <elf.h>
#include <xxhash.h>

/* Bits of a word that are cleared, by its top ten bits: always, and where its base register holds a page. */
typedef struct mask {
    uint32_t always, based;
} mask;

enum {
    IMM26 = 0x03ffffff,
    IMM19 = 0x00ffffe0,
    IMM14 = 0x0007ffe0,
    PAGE = 0x60ffffe0,             /* immlo and immhi of adr and adrp */
    OFFSET = 0x003ffc00,           /* imm12 */
    LOAD_64 = 0x684003e0 | OFFSET, /* ldr (64 bit) as an add of the same target register */
    ADD_64 = 0x000003e0 | OFFSET,
};

#define TOP(word) ((uint32_t)(word) >> 22)
/* clang-format off */
/* All words of the same top eight or six bits. */
#define TOP_8(byte) [(byte) * 4 ... (byte) * 4 + 3]
#define TOP_6(byte) [(byte) * 4 ... (byte) * 4 + 15]

static const mask masks[1024] = {
    TOP_6(0x14) = {IMM26, 0},  TOP_6(0x94) = {IMM26, 0},                             /* b, bl */
    TOP_8(0x54) = {IMM19, 0},                                                        /* b.cond, bc.cond */
    TOP_8(0x34) = {IMM19, 0},  TOP_8(0x35) = {IMM19, 0},                             /* cbz, cbnz */
    TOP_8(0xb4) = {IMM19, 0},  TOP_8(0xb5) = {IMM19, 0},  TOP_8(0x36) = {IMM14, 0},  /* tbz, tbnz */
    TOP_8(0x37) = {IMM14, 0},  TOP_8(0xb6) = {IMM14, 0},  TOP_8(0xb7) = {IMM14, 0},  /* */
    TOP_8(0x18) = {IMM19, 0},  TOP_8(0x58) = {IMM19, 0},  TOP_8(0x98) = {IMM19, 0},  /* ldr (literal) */
    TOP_8(0xd8) = {IMM19, 0},  TOP_8(0x1c) = {IMM19, 0},  TOP_8(0x5c) = {IMM19, 0},  /* prfm, SIMD */
    TOP_8(0x9c) = {IMM19, 0},                                                        /* */
    TOP_8(0x90) = {PAGE, 0},   TOP_8(0xb0) = {PAGE, 0},   TOP_8(0xd0) = {PAGE, 0},   /* adrp */
    TOP_8(0xf0) = {PAGE, 0},                                                         /* */
    [TOP(0x91000000)] = {0, ADD_64},  [TOP(0x91400000)] = {0, OFFSET},               /* add, add lsl 12 */
    TOP_8(0x39) = {0, OFFSET}, TOP_8(0x79) = {0, OFFSET}, TOP_8(0xb9) = {0, OFFSET}, /* ldr, str */
    TOP_8(0x3d) = {0, OFFSET}, TOP_8(0x7d) = {0, OFFSET}, TOP_8(0xbd) = {0, OFFSET}, /* SIMD */
    TOP_8(0xfd) = {0, OFFSET},                                                       /* */
    [TOP(0xf9000000)] = {0, OFFSET}, [TOP(0xf9400000)] = {0, LOAD_64}, [TOP(0xf9800000)] = {0, OFFSET}, /* prfm */
};

/* Words that the first pass must look at, by their top ten bits. */
static const bool notable[1024] = {
    TOP_8(0x10) = true, TOP_8(0x30) = true, TOP_8(0x50) = true, TOP_8(0x70) = true, /* adr */
    TOP_8(0x90) = true, TOP_8(0xb0) = true, TOP_8(0xd0) = true, TOP_8(0xf0) = true, /* adrp */
    [TOP(0xd2800000)] = true, [TOP(0xf2800000)] = true,                             /* movz, movk (64 bit) */
    [TOP(0xaa0003e0)] = true,                                                       /* mov (64 bit) */
    [TOP(0xd5032000)] = true,                                                       /* hints, mrs */
    [TOP(0xd63f0000)] = true, [TOP(0xd65f0000)] = true,                             /* blr, ret */
};
/* clang-format on */

/* The words of one function on their way to be tokens. */
typedef struct stream {
    uint8_t *bytes;
    size_t count;       /* words written so far */
    uint32_t pages;     /* registers that adrp or adr ever wrote */
    uint32_t copies;    /* registers that these were ever moved to */
    uint32_t threads;   /* registers that ever held the thread pointer */
    uint32_t moved[32]; /* by register: the word behind the last `movz xd, #, lsl 16`, 0 for none */
} stream;

static uint32_t word_at(const stream *s, size_t index)
{
    return fps__get32le(s->bytes + index * FPS__ARM64_LENGTH);
}

static void put_at(stream *s, size_t index, uint32_t word)
{
    fps__put32le(s->bytes + index * FPS__ARM64_LENGTH, word);
}

static void put(stream *s, uint32_t word)
{
    put_at(s, s->count++, word);
}

static uint32_t adrp_of(uint32_t target)
{
    return 0x90000000 | target;
}

static uint32_t load_of(uint32_t target)
{
    return 0xf9400000 | target << 5 | target;
}

/* True for the adr that a linker put for an adrp against erratum 843419. */
static bool is_erratum_adr(uint32_t word, uint64_t address)
{
    return (address & 0xfff) >= 0xff8 && ((address + (uint64_t)fps__arm64_adr(word)) & 0xfff) == 0;
}

/* `movk xd, #` ends what was `adrp xd .. ldr xd` when a `movz xd, #, lsl 16` went before. */
static void undo_local_exec(stream *s, uint32_t word)
{
    uint32_t target = word & 31;
    if ((word & 0xffe00000) != 0xf2800000 || s->moved[target] == 0) {
        put(s, word);
        return;
    }
    put_at(s, s->moved[target] - 1, adrp_of(target));
    put(s, load_of(target));
    s->pages |= UINT32_C(1) << target;
}

/* `blr xn` may end the call of a TLS descriptor: adrp x0; ldr xn, [x0, #]; add x0, x0, #; blr xn. */
static void undo_descriptor(stream *s, uint32_t word)
{
    uint32_t callee = word >> 5 & 31;
    bool found = (word & 0xfffffc1f) == 0xd63f0000 && s->count >= 3 &&
                 (word_at(s, s->count - 3) & 0x9f00001f) == adrp_of(0) &&
                 (word_at(s, s->count - 2) & 0xffc003ff) == (0xf9400000 | callee) &&
                 (word_at(s, s->count - 1) & 0xffc003ff) == 0x91000000;
    if (!found) {
        put(s, word);
        return;
    }
    s->count -= 2;
    put(s, load_of(0));
}

/* Takes in a word that is `notable`: registers are noted, and what linkers shortened is written long. */
static void put_notable(stream *s, uint32_t word, uint64_t address)
{
    uint32_t target = word & 31;
    switch (word >> 24) {
    case 0x10:
    case 0x30:
    case 0x50:
    case 0x70:
        s->pages |= UINT32_C(1) << target;
        put(s, adrp_of(target));
        if (!is_erratum_adr(word, address))
            put(s, 0x91000000 | target << 5 | target);
        break;
    case 0x90:
    case 0xb0:
    case 0xd0:
    case 0xf0:
        s->pages |= UINT32_C(1) << target;
        put(s, word);
        break;
    case 0xaa:
        if ((word & 0xffe0ffe0) == 0xaa0003e0 && s->pages >> (word >> 16 & 31) & 1)
            s->copies |= UINT32_C(1) << target;
        put(s, word);
        break;
    case 0xd2:
        put(s, word);
        if ((word & 0xffe00000) == 0xd2a00000)
            s->moved[target] = (uint32_t)s->count;
        break;
    case 0xf2:
        undo_local_exec(s, word);
        break;
    case 0xd5:
        if ((word & 0xffffffe0) == 0xd53bd040) /* mrs xd, tpidr_el0 */
            s->threads |= UINT32_C(1) << target;
        if (!fps__arm64_is_nop(word))
            put(s, word);
        break;
    default: /* blr, ret */
        if ((word & 0xfffffbff) == 0xd65f0bff)
            word = 0xd65f03c0;
        undo_descriptor(s, word);
    }
}

/* Registers that an `add xd, xn, #imm, lsl 12` to a thread pointer ever wrote are thread pointers too. */
static void spread_thread_pointer(stream *s)
{
    for (uint32_t before = 0; before != s->threads;) {
        before = s->threads;
        for (size_t i = 0; i < s->count; i++) {
            uint32_t word = word_at(s, i);
            if ((word & 0xffc00000) == 0x91400000 && s->threads >> (word >> 5 & 31) & 1)
                s->threads |= UINT32_C(1) << (word & 31);
        }
    }
}

/* Masks 64-bit loads by way of a register that a page was moved to. */
static void mask_copied(stream *s)
{
    for (size_t i = 0; i < s->count; i++) {
        uint32_t word = word_at(s, i);
        if ((word & 0xffc00000) == 0xf9400000 && s->copies >> (word >> 5 & 31) & 1)
            put_at(s, i, word & ~(uint32_t)LOAD_64);
    }
}

static void mask_words(stream *s)
{
    /* Register 31 is the stack pointer as a base, and nothing that adrp writes. */
    uint32_t bases = (s->pages | s->threads) & 0x7fffffff;
    for (size_t i = 0; i < s->count; i++) {
        uint32_t word = word_at(s, i);
        const mask *m = &masks[TOP(word)];
        uint32_t based = 0 - (bases >> (word >> 5 & 31) & 1);
        put_at(s, i, word & ~(m->always | (m->based & based)));
    }
}

fps_status fps__arm64_normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result)
{
    size_t size = code->size < FPS__CODE_FUNCTION_MAXIMUM ? code->size : FPS__CODE_FUNCTION_MAXIMUM;
    size -= size % FPS__ARM64_LENGTH;
    *result = (fps__code_result){.bytes = (uint32_t)size};
    buffer->count = 0;
    /* An adr makes two words. */
    if (!fps__array_reserve((void **)&buffer->bytes, 0, &buffer->capacity, 2 * size, 1,
                            (size_t)2 * FPS__CODE_FUNCTION_MAXIMUM))
        return FPS_ERROR_MEMORY;
    stream s = {.bytes = buffer->bytes};
    for (size_t at = 0; at < size; at += FPS__ARM64_LENGTH) {
        uint32_t word = fps__get32le(code->bytes + at);
        if (notable[TOP(word)])
            put_notable(&s, word, code->address + at);
        else
            put(&s, word);
    }
    if (s.threads)
        spread_thread_pointer(&s);
    s.copies &= ~s.pages & 0x7fffffff;
    if (s.copies)
        mask_copied(&s);
    mask_words(&s);
    buffer->count = s.count * FPS__ARM64_LENGTH;
    result->instructions = (uint32_t)s.count;
    result->hash = XXH3_64bits_withSeed(buffer->bytes, buffer->count, EM_AARCH64);
    return FPS_OK;
}
