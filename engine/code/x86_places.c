/* Tells what begins at each byte of x86-64 code, by vector instructions. */
#include "code/x86_places.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Of an opcode; the size of its immediate is in the low bits. */
enum {
    TRAIT_SIZE = 7,
    TRAIT_MODRM = 8,
    TRAIT_FIELD = 16,  /* its immediate may be an address */
    TRAIT_BINARY = 32, /* of one byte: FPS__X86_BINARY */
    TRAIT_VECTOR = 32, /* behind 0F: with VEX it has an immediate */
    TRAIT_GROUP3 = 64,
};

/* Of a ModRM byte; the length of the operand is in the low bits. */
enum {
    OPERAND_LENGTH = 15,
    OPERAND_ODD_LEA = 0x20,  /* its base is the register */
    OPERAND_DISTANCE = 0x40, /* a displacement of four bytes */
    OPERAND_ODD_MOVE = 0x80, /* both registers are the same, or it makes a frame */
};

enum {
    BLOCK = 64,
    GIVEN = 60, /* places of a block that are told: the last ones may have their opcode behind it */
};

static void add_opcode(fps__x86_places *places, uint32_t number)
{
    uint64_t entry = fps__x86_opcodes[number];
    uint32_t map = number >> 8, opcode = number & 255, role = (uint32_t)(entry >> FPS__X86_ROLE_SHIFT);
    uint32_t index = (uint32_t)entry >> FPS__X86_TOKEN_SHIFT;
    bool closer = entry & (FPS__X86_UNREAD(FPS__X86_MODE_64) | FPS__X86_SPECIAL);
    bool vector =
        map && ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 || (opcode >= 0xc4 && opcode <= 0xc6));
    places->traits[map][opcode] =
        (uint8_t)((entry & TRAIT_SIZE) | (entry & FPS__X86_MODRM ? TRAIT_MODRM : 0) |
                  (entry & FPS__X86_FIELD ? TRAIT_FIELD : 0) | (role == FPS__X86_BINARY ? TRAIT_BINARY : 0) |
                  (vector ? TRAIT_VECTOR : 0) | (entry & FPS__X86_GROUP3_TEST ? TRAIT_GROUP3 : 0));
    places->tokens[map][opcode] = (uint8_t)(closer ? FPS__X86_PLACE_CLOSER : index);
}

fps__x86_places *fps__x86_places_new(void)
{
    fps__x86_places *places = aligned_alloc(BLOCK, (sizeof *places + BLOCK - 1) / BLOCK * BLOCK);
    if (!places)
        return NULL;
    for (uint32_t number = 0; number < 512; number++)
        add_opcode(places, number);
    for (uint32_t modrm = 0; modrm < 256; modrm++) {
        uint32_t operand = fps__x86_operands[modrm << 3], reg = modrm >> 3 & 7, rm = modrm & 7;
        bool odd_lea = reg == rm && rm != 4; /* with SIB its base is what counts */
        places->operands[modrm] = (uint8_t)((operand & OPERAND_LENGTH) | (operand & OPERAND_DISTANCE) |
                                            (odd_lea ? OPERAND_ODD_LEA : 0) |
                                            (fps__x86_odd[modrm] & FPS__X86_ODD_MOVE ? OPERAND_ODD_MOVE : 0));
    }
    return places;
}

#if defined(__x86_64__)

#define VECTOR static inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vbmi")))

bool fps__x86_places_supported(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
}

/* 64 bytes, and which quarter of a table each one is in. */
typedef struct bytes64 {
    __m512i value;
    __mmask64 quarter[4];
} bytes64;

VECTOR bytes64 load(const uint8_t *bytes, size_t size, size_t at)
{
    size_t left = size > at ? size - at : 0;
    __mmask64 there = left < BLOCK ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0);
    bytes64 b = {.value = _mm512_maskz_loadu_epi8(there, bytes + at)};
    __mmask64 high = _mm512_movepi8_mask(b.value);
    __mmask64 odd = _mm512_test_epi8_mask(b.value, _mm512_set1_epi8(0x40));
    b.quarter[1] = odd & ~high;
    b.quarter[2] = high & ~odd;
    b.quarter[3] = high & odd;
    return b;
}

/* table[byte] of each. */
VECTOR __m512i look_up(const uint8_t table[256], const bytes64 *b)
{
    __m512i value = _mm512_permutexvar_epi8(b->value, _mm512_load_si512(table));
    for (int i = 1; i < 4; i++)
        value = _mm512_mask_permutexvar_epi8(value, b->quarter[i], b->value,
                                             _mm512_load_si512(table + BLOCK * i));
    return value;
}

VECTOR __mmask64 is(__m512i bytes, uint8_t value)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)value));
}

VECTOR __mmask64 is_under(__m512i bytes, uint8_t mask, uint8_t value)
{
    return is(_mm512_and_si512(bytes, _mm512_set1_epi8((char)mask)), value);
}

VECTOR __mmask64 has(__m512i bytes, uint8_t bits)
{
    return _mm512_test_epi8_mask(bytes, _mm512_set1_epi8((char)bits));
}

VECTOR __m512i choose(__m512i otherwise, __mmask64 where, uint8_t value)
{
    return _mm512_mask_mov_epi8(otherwise, where, _mm512_set1_epi8((char)value));
}

VECTOR __m512i plus(__m512i a, __m512i b)
{
    return _mm512_add_epi8(a, b);
}

/* What begins at each place if that is an opcode (or behind 0F, or with VEX), and there is no prefix. */
typedef struct part {
    __m512i length, kind;
} part;

/* What a ModRM byte behind the opcode says. */
typedef struct operand {
    __m512i modrm, reg, length, traits;
    __mmask64 absolute, relative, distance;
} operand;

/* The next places' part, a prefix of one to three bytes further on. */
VECTOR __m512i from(__m512i bytes, int distance)
{
    static const uint8_t places[BLOCK + 3] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
        23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45,
        46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 63, 63, 63};
    return _mm512_permutexvar_epi8(_mm512_loadu_si512(places + distance), bytes);
}

VECTOR part part_from(part p, int distance)
{
    return (part){from(p.length, distance), from(p.kind, distance)};
}

VECTOR part with_prefix(part otherwise, __mmask64 where, part behind, uint8_t size)
{
    return (part){_mm512_mask_add_epi8(otherwise.length, where, behind.length, _mm512_set1_epi8((char)size)),
                  _mm512_mask_mov_epi8(otherwise.kind, where, behind.kind)};
}

/* `kind` where there is a displacement of four bytes: it ends the instruction, or is to be looked at closer. */
VECTOR __m512i with_displacement(__m512i kind, const operand *o, __mmask64 where, __mmask64 immediate)
{
    where &= o->distance;
    kind = choose(kind, where, FPS__X86_PLACE_DISPLACEMENT);
    kind = choose(kind, where & o->relative, FPS__X86_PLACE_RELATIVE);
    return choose(kind, where & immediate, FPS__X86_PLACE_CLOSER);
}

VECTOR operand read_operand(const fps__x86_places *places, const uint8_t *bytes, size_t size, size_t at)
{
    bytes64 modrm = load(bytes, size, at + 1);
    __m512i sib = load(bytes, size, at + 2).value;
    operand o = {.modrm = modrm.value, .traits = look_up(places->operands, &modrm)};
    o.reg = _mm512_and_si512(_mm512_srli_epi16(modrm.value, 3), _mm512_set1_epi8(7));
    o.length = _mm512_and_si512(o.traits, _mm512_set1_epi8(OPERAND_LENGTH));
    o.absolute = is_under(modrm.value, 0xc7, 4) & is_under(sib, 7, 5);
    o.relative = is_under(modrm.value, 0xc7, 5);
    o.distance = has(o.traits, OPERAND_DISTANCE);
    /* LEA of what is based on its own register, by SIB */
    __mmask64 same = _mm512_testn_epi8_mask(_mm512_xor_si512(o.reg, sib), _mm512_set1_epi8(7));
    __mmask64 odd = has(o.traits, OPERAND_ODD_LEA) | (is_under(modrm.value, 7, 4) & same);
    o.traits =
        _mm512_mask_mov_epi8(o.traits, odd, _mm512_or_si512(o.traits, _mm512_set1_epi8(OPERAND_ODD_LEA)));
    return o;
}

VECTOR part read_one_byte(const fps__x86_places *places, const bytes64 *opcode, const operand *o,
                          __m512i *wide)
{
    __m512i traits = look_up(places->traits[0], opcode), kind = look_up(places->tokens[0], opcode);
    traits = choose(traits, has(traits, TRAIT_GROUP3) & has(o->modrm, 0x30), TRAIT_MODRM);
    __mmask64 modrm = has(traits, TRAIT_MODRM), field = has(traits, TRAIT_FIELD);
    __mmask64 load = is(opcode->value, 0x8b), lea = is(opcode->value, 0x8d);
    __m512i length = plus(_mm512_and_si512(traits, _mm512_set1_epi8(TRAIT_SIZE)), _mm512_set1_epi8(1));
    length = _mm512_mask_add_epi8(length, modrm, length, o->length);
    __mmask64 copied = is(kind, 0);
    kind = choose(kind, field, FPS__X86_PLACE_IMMEDIATE);
    kind = choose(kind, field & is(o->modrm, 0xf8), FPS__X86_PLACE_CLOSER);
    kind = with_displacement(kind, o, modrm & copied, has(traits, TRAIT_SIZE));
    kind = choose(kind, modrm & o->absolute, FPS__X86_PLACE_CLOSER);
    __mmask64 odd = (lea & has(o->traits, OPERAND_ODD_LEA)) |
                    ((load | is(opcode->value, 0x89)) & has(o->traits, OPERAND_ODD_MOVE)) |
                    (has(traits, TRAIT_BINARY) & o->relative) | is_under(opcode->value, 0xf8, 0xb8);
    *wide = choose(kind, is(kind, FPS__X86_PLACE_IMMEDIATE), FPS__X86_PLACE_WIDE);
    *wide = choose(*wide, odd, FPS__X86_PLACE_CLOSER);
    *wide = _mm512_mask_add_epi8(*wide, (load | lea) & o->relative, o->reg,
                                 _mm512_set1_epi8(FPS__X86_INDEX_ADDRESS));
    return (part){length, kind};
}

/* The opcodes behind 0F, and what they are with VEX. */
VECTOR part read_two_bytes(const fps__x86_places *places, const bytes64 *opcode, const operand *o,
                           __mmask64 *vector)
{
    __m512i traits = look_up(places->traits[1], opcode), kind = look_up(places->tokens[1], opcode);
    __mmask64 modrm = has(traits, TRAIT_MODRM);
    __m512i length = plus(_mm512_and_si512(traits, _mm512_set1_epi8(TRAIT_SIZE)), _mm512_set1_epi8(1));
    length = _mm512_mask_add_epi8(length, modrm, length, o->length);
    kind = with_displacement(kind, o, modrm & is(kind, 0), has(traits, TRAIT_SIZE));
    kind = choose(kind, modrm & o->absolute, FPS__X86_PLACE_CLOSER);
    *vector = has(traits, TRAIT_VECTOR);
    return (part){length, kind};
}

/* VEX: `immediate` says which opcodes of the first map have one. */
VECTOR part with_vex(part all, const bytes64 *opcode, const operand *o, __mmask64 immediate)
{
    __mmask64 none = is(opcode->value, 0x77), two = is(opcode->value, 0xc5), three = is(opcode->value, 0xc4);
    __m512i map = _mm512_and_si512(o->modrm, _mm512_set1_epi8(31));
    part first = {plus(o->length, _mm512_set1_epi8(1)), _mm512_setzero_si512()};
    first.kind = with_displacement(first.kind, o, ~UINT64_C(0), 0);
    first.kind = choose(first.kind, o->absolute, FPS__X86_PLACE_CLOSER);
    part second = first, third = first;
    first.length = _mm512_mask_add_epi8(first.length, immediate, first.length, _mm512_set1_epi8(1));
    first.kind = choose(first.kind, immediate & o->distance, FPS__X86_PLACE_CLOSER);
    first.length = choose(first.length, none, 1);
    first.kind = choose(first.kind, none, 0);
    third.length = plus(third.length, _mm512_set1_epi8(1));
    third.kind = choose(third.kind, o->distance, FPS__X86_PLACE_CLOSER);
    all = with_prefix(all, two, part_from(first, 2), 2);
    all = with_prefix(all, three & is(map, 1), part_from(first, 3), 3);
    all = with_prefix(all, three & is(map, 2), part_from(second, 3), 3);
    return with_prefix(all, three & is(map, 3), part_from(third, 3), 3);
}

/* REX, then 66, F2 or F3 before it. */
VECTOR part with_prefixes(part all, __m512i wide, __m512i opcode)
{
    __mmask64 rex = is_under(opcode, 0xf0, 0x40), addresses, prefix;
    part behind = part_from(all, 1);
    behind.kind = _mm512_mask_mov_epi8(behind.kind, has(opcode, FPS__X86_REX_W), from(wide, 1));
    addresses = _mm512_cmpge_epu8_mask(behind.kind, _mm512_set1_epi8(FPS__X86_INDEX_ADDRESS)) &
                _mm512_cmplt_epu8_mask(behind.kind, _mm512_set1_epi8(FPS__X86_FIRST_FIELD));
    behind.kind = _mm512_mask_add_epi8(behind.kind, addresses & has(opcode, FPS__X86_REX_R), behind.kind,
                                       _mm512_set1_epi8(8));
    all = with_prefix(all, rex, behind, 1);
    prefix = is(opcode, 0x66) | is_under(opcode, 0xfe, 0xf2);
    behind = part_from(all, 1);
    addresses = (_mm512_cmpge_epu8_mask(behind.kind, _mm512_set1_epi8(FPS__X86_INDEX_ADDRESS)) &
                 _mm512_cmplt_epu8_mask(behind.kind, _mm512_set1_epi8(FPS__X86_FIRST_FIELD))) |
                is(behind.kind, FPS__X86_PLACE_IMMEDIATE) | is(behind.kind, FPS__X86_PLACE_WIDE);
    behind.kind = choose(behind.kind, addresses, FPS__X86_PLACE_CLOSER);
    return with_prefix(all, prefix, behind, 1);
}

__attribute__((target("avx512f,avx512bw,avx512vbmi"))) void fps__x86_places_read(fps__x86_places *places,
                                                                                 const uint8_t *bytes,
                                                                                 size_t size, size_t count)
{
    for (size_t at = 0; at < count; at += GIVEN) {
        bytes64 opcode = load(bytes, size, at);
        operand o = read_operand(places, bytes, size, at);
        __m512i wide;
        __mmask64 vector, escape = is(opcode.value, 0x0f);
        part all = read_one_byte(places, &opcode, &o, &wide);
        part two = read_two_bytes(places, &opcode, &o, &vector), behind = part_from(two, 1);
        all = with_prefix(all, escape, behind, 1);
        wide = _mm512_mask_mov_epi8(wide, escape, behind.kind);
        part vex = with_vex(all, &opcode, &o, vector);
        all = with_prefixes(all, wide, opcode.value);
        __mmask64 has_vex = is_under(opcode.value, 0xfe, 0xc4);
        _mm512_storeu_si512(places->lengths + at, _mm512_mask_mov_epi8(all.length, has_vex, vex.length));
        _mm512_storeu_si512(places->kinds + at, _mm512_mask_mov_epi8(all.kind, has_vex, vex.kind));
    }
}

#else

bool fps__x86_places_supported(void)
{
    return false;
}

void fps__x86_places_read(fps__x86_places *places, const uint8_t *bytes, size_t size, size_t count)
{
    (void)places;
    (void)bytes;
    (void)size;
    (void)count;
}

#endif
