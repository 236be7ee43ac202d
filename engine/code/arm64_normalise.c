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
#include <endian.h>
#include <xxhash.h>

/* What is done to a word. The order counts: take_words compares. */
enum {
    WORD_KEPT,
    WORD_IMM26,
    WORD_IMM19,
    WORD_IMM14,
    WORD_NOTABLE, /* see put_notable */
    WORD_PAGE,    /* these two tell which registers hold pages */
    WORD_MOVE,
    WORD_OFFSET, /* from here on masking depends on the base register */
    WORD_ADD,
    WORD_LOAD,
    WORD_KINDS
};

enum { IMM12 = 0x003ffc00, BASE = 0x000003e0 };

/* Register 31: as a base it is the stack pointer, which no page is written to. */
static const uint32_t STACK_POINTER = UINT32_C(1) << 31;

/* Bits that are cleared always, and those where the base register holds a page. */
static const uint32_t always[WORD_KINDS] = {
    [WORD_IMM26] = 0x03ffffff,
    [WORD_IMM19] = 0x00ffffe0,
    [WORD_IMM14] = 0x0007ffe0,
    [WORD_PAGE] = 0x60ffffe0,
};
static const uint32_t based[WORD_KINDS] = {
    [WORD_OFFSET] = IMM12,
    [WORD_ADD] = IMM12 | BASE,
    [WORD_LOAD] = IMM12 | BASE | (0xf9400000 & ~0x91000000), /* becomes an add of the same target */
};

/* clang-format off */
/* All words of the same top six, eight, ten or eleven bits. */
#define TOP_6(byte) [(byte) * 8 ... (byte) * 8 + 31]
#define TOP_8(byte) [(byte) * 8 ... (byte) * 8 + 7]
#define TOP_10(half) [(half) >> 5 ... ((half) >> 5) + 1]
#define TOP_11(half) [(half) >> 5]

static const uint8_t word_kinds[2048] = {
    TOP_6(0x14) = WORD_IMM26, TOP_6(0x94) = WORD_IMM26,                           /* b, bl */
    TOP_8(0x54) = WORD_IMM19,                                                     /* b.cond, bc.cond */
    TOP_8(0x34) = WORD_IMM19, TOP_8(0x35) = WORD_IMM19,                           /* cbz, cbnz */
    TOP_8(0xb4) = WORD_IMM19, TOP_8(0xb5) = WORD_IMM19,                           /* cbz, cbnz */
    TOP_8(0x36) = WORD_IMM14, TOP_8(0x37) = WORD_IMM14,                           /* tbz, tbnz */
    TOP_8(0xb6) = WORD_IMM14, TOP_8(0xb7) = WORD_IMM14,                           /* tbz, tbnz */
    TOP_8(0x18) = WORD_IMM19, TOP_8(0x58) = WORD_IMM19, TOP_8(0x98) = WORD_IMM19, /* ldr (literal) */
    TOP_8(0x1c) = WORD_IMM19, TOP_8(0x5c) = WORD_IMM19, TOP_8(0x9c) = WORD_IMM19, /* the same, SIMD */
    TOP_8(0xd8) = WORD_IMM19,                                                     /* prfm (literal) */
    TOP_8(0x90) = WORD_PAGE, TOP_8(0xb0) = WORD_PAGE,                             /* adrp */
    TOP_8(0xd0) = WORD_PAGE, TOP_8(0xf0) = WORD_PAGE,                             /* adrp */
    TOP_10(0x9100) = WORD_ADD, TOP_10(0x9140) = WORD_OFFSET,                      /* add, add lsl 12 */
    TOP_8(0x39) = WORD_OFFSET, TOP_8(0x79) = WORD_OFFSET, TOP_8(0xb9) = WORD_OFFSET, /* ldr, str */
    TOP_8(0x3d) = WORD_OFFSET, TOP_8(0x7d) = WORD_OFFSET, TOP_8(0xbd) = WORD_OFFSET, /* the same, SIMD */
    TOP_8(0xfd) = WORD_OFFSET,                                                    /* the same, SIMD */
    TOP_10(0xf900) = WORD_OFFSET, TOP_10(0xf940) = WORD_LOAD, TOP_10(0xf980) = WORD_OFFSET, /* prfm */
    TOP_11(0xaa00) = WORD_MOVE,                                                   /* mov and all orr lsl */
    TOP_8(0x10) = WORD_NOTABLE, TOP_8(0x30) = WORD_NOTABLE,                       /* adr */
    TOP_8(0x50) = WORD_NOTABLE, TOP_8(0x70) = WORD_NOTABLE,                       /* adr */
    TOP_11(0xd2a0) = WORD_NOTABLE, TOP_11(0xf280) = WORD_NOTABLE,                 /* movz lsl 16, movk (64 bit) */
    TOP_11(0xd500) = WORD_NOTABLE, TOP_11(0xd520) = WORD_NOTABLE,                 /* hints, mrs */
    TOP_11(0xd620) = WORD_NOTABLE, TOP_11(0xd640) = WORD_NOTABLE,                 /* blr, ret */
};
/* clang-format on */

static unsigned kind_of(uint32_t word)
{
    return word_kinds[word >> 21];
}

/* The words of one function on their way to be tokens. */
typedef struct stream {
    uint32_t *words;   /* little-endian, with what is always masked already gone */
    uint32_t *places;  /* indices of words whose masking depends on their base register */
    uint32_t *writers; /* adrp and mov */
    size_t count, place_count, writer_count;
    uint32_t pages;     /* registers that adrp or adr ever wrote */
    uint32_t copies;    /* registers that these were ever moved to */
    uint32_t threads;   /* registers that ever held the thread pointer */
    uint32_t moved[32]; /* by register: the word behind the last `movz xd, #, lsl 16`, 0 for none */
} stream;

static uint32_t word_at(const stream *s, size_t index)
{
    return le32toh(s->words[index]);
}

static void put_at(stream *s, size_t index, uint32_t word)
{
    s->words[index] = htole32(word);
}

static void put(stream *s, uint32_t word)
{
    if (kind_of(word) >= WORD_OFFSET)
        s->places[s->place_count++] = (uint32_t)s->count;
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
    if (s->moved[target] == 0) {
        put(s, word);
        return;
    }
    put_at(s, s->moved[target] - 1, adrp_of(target));
    put(s, load_of(target));
    s->pages |= UINT32_C(1) << target;
}

/* The call of a TLS descriptor: adrp x0; ldr xn, [x0, #]; add x0, x0, #; blr xn. */
static bool is_descriptor_call(uint32_t page, uint32_t load, uint32_t add, uint32_t call)
{
    return (page & 0x9f00001f) == adrp_of(0) && (load & 0xffc003ff) == (0xf9400000 | (call >> 5 & 31)) &&
           (add & 0xffc003ff) == 0x91000000 && (call & 0xfffffc1f) == 0xd63f0000;
}

static void undo_descriptor(stream *s, uint32_t word)
{
    if (s->count < 3 || !is_descriptor_call(word_at(s, s->count - 3), word_at(s, s->count - 2),
                                            word_at(s, s->count - 1), word)) {
        put(s, word);
        return;
    }
    s->count -= 2; /* ldr and add: the last two places also */
    s->place_count -= 2;
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
    case 0xd2:
        put(s, word);
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

/* Takes in the bytes of a function. No branch here depends on the more frequent words: that would cost more
 * than all else. */
static void take_words(stream *s, const uint8_t *bytes, size_t size, uint64_t address)
{
    uint32_t *words = s->words, *places = s->places, *writers = s->writers;
    size_t count = 0, place_count = 0, writer_count = 0;
    for (size_t at = 0; at < size; at += FPS__ARM64_LENGTH) {
        uint32_t word = fps__get32le(bytes + at);
        unsigned kind = kind_of(word);
        if (kind == WORD_NOTABLE) {
            s->count = count;
            s->place_count = place_count;
            put_notable(s, word, address + at);
            count = s->count;
            place_count = s->place_count;
            continue;
        }
        places[place_count] = (uint32_t)count;
        place_count += kind >= WORD_OFFSET;
        writers[writer_count] = word;
        writer_count += kind == WORD_PAGE || kind == WORD_MOVE;
        words[count++] = htole32(word & ~always[kind]);
    }
    s->count = count;
    s->place_count = place_count;
    s->writer_count = writer_count;
}

/* Notes the registers that adrp ever wrote, and then those that these were ever moved to. */
static void collect_pages(stream *s)
{
    for (size_t i = 0; i < s->writer_count; i++)
        s->pages |= (uint32_t)(kind_of(s->writers[i]) == WORD_PAGE) << (s->writers[i] & 31);
    for (size_t i = 0; s->pages && i < s->writer_count; i++) {
        uint32_t word = s->writers[i];
        uint32_t is_move = (word & 0xffe0ffe0) == 0xaa0003e0;
        s->copies |= (is_move & s->pages >> (word >> 16 & 31)) << (word & 31);
    }
}

static void mask_places(stream *s)
{
    uint32_t bases = (s->pages | s->threads) & ~STACK_POINTER;
    uint32_t loads = (bases | s->copies) & ~STACK_POINTER;
    if (!loads)
        return;
    for (size_t i = 0; i < s->place_count; i++) {
        uint32_t word = word_at(s, s->places[i]);
        unsigned kind = kind_of(word);
        uint32_t registers = kind == WORD_LOAD ? loads : bases;
        uint32_t in = 0 - (registers >> (word >> 5 & 31) & 1);
        put_at(s, s->places[i], word & ~(based[kind] & in));
    }
}

/* Room for the tokens, of which an adr makes two, their places, and the writers. One more of each, for
 * take_words writes before it knows whether to keep. */
static bool make_room(fps__code_buffer *buffer, size_t size, stream *s)
{
    size_t words = size / FPS__ARM64_LENGTH;
    buffer->count = 0;
    if (fps__array_reserve((void **)&buffer->bytes, 0, &buffer->capacity, (5 * words + 3) * sizeof(uint32_t),
                           1, (size_t)6 * FPS__MAX_CODE_FUNCTION) != FPS_OK)
        return false;
    s->words = (uint32_t *)(void *)buffer->bytes;
    s->places = s->words + 2 * words + 1;
    s->writers = s->places + 2 * words + 1;
    return true;
}

fps_status fps__arm64_normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result)
{
    size_t size = code->size < FPS__MAX_CODE_FUNCTION ? code->size : FPS__MAX_CODE_FUNCTION;
    size -= size % FPS__ARM64_LENGTH;
    *result = (fps__code_result){.bytes = (uint32_t)size};
    stream s = {0};
    if (!make_room(buffer, size, &s))
        return FPS_ERROR_MEMORY;
    take_words(&s, code->bytes, size, code->address);
    if (s.threads)
        spread_thread_pointer(&s);
    collect_pages(&s);
    mask_places(&s);
    buffer->count = s.count * FPS__ARM64_LENGTH;
    result->instructions = (uint32_t)s.count;
    result->hash = XXH3_64bits_withSeed(buffer->bytes, buffer->count, EM_AARCH64);
    return FPS_OK;
}

/* Finds the next word from `at` on that makes tokens; UINT32_MAX, no descriptor's word, at the end. */
static uint32_t next_word(const fps__code *code, size_t size, size_t *at)
{
    while (*at < size) {
        uint32_t word = fps__get32le(code->bytes + *at);
        *at += FPS__ARM64_LENGTH;
        if (!fps__arm64_is_nop(word))
            return word;
    }
    return UINT32_MAX;
}

static bool descriptor_starts(const fps__code *code, size_t size, size_t at)
{
    uint32_t words[4];
    for (int i = 0; i < 4; i++)
        words[i] = next_word(code, size, &at);
    return is_descriptor_call(words[0], words[1], words[2], words[3]);
}

/* Walks over words and tokens side by side. */
fps_status fps__arm64_mark(const fps__code *code, fps__code_buffer *buffer, char *marks)
{
    fps__code_result result;
    if (fps__arm64_normalise(code, buffer, &result) != FPS_OK)
        return FPS_ERROR_MEMORY;
    const uint8_t *token = buffer->bytes;
    unsigned merged = 0; /* words left of the call of a descriptor */
    for (size_t at = 0; at < result.bytes; at += FPS__ARM64_LENGTH) {
        uint32_t word = fps__get32le(code->bytes + at);
        char *mark = &marks[at / FPS__ARM64_LENGTH];
        *mark = '-';
        if (fps__arm64_is_nop(word))
            continue;
        if (!merged && descriptor_starts(code, result.bytes, at))
            merged = 4;
        if (merged && merged-- <= 2)
            continue;
        *mark = fps__get32le(token) == word && kind_of(word) != WORD_PAGE ? ' ' : '*';
        token += FPS__ARM64_LENGTH;
        if ((word & 0x9f000000) == 0x10000000 && !is_erratum_adr(word, code->address + at))
            token += FPS__ARM64_LENGTH;
    }
    return FPS_OK;
}
