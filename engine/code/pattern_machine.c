/* Decodes and normalises code of machines that a table of bit patterns describes.
 *
 * Tokens are the bytes of an instruction as pattern_machine.h reads it, big-endian, with the fields cleared
 * that the pattern names. Dropped are nops, and the words of data that the code itself reads (literal pools
 * of ARM): they hold addresses.
 */
#include "code/pattern_machine.h"

#include "util/array.h"
#include "util/bytes.h"

#include <capstone/capstone.h>
#include <elf.h>
#include <string.h>
#include <xxhash.h>

enum { LONGEST = 6, SAMPLE = 64 /* words that tell ARM from Thumb */ };

/* One instruction of a dialect, as a number of 48 bits. */
typedef struct reading {
    uint64_t value;
    unsigned length;             /* bytes */
    const fps__pattern *pattern; /* NULL when none fits: it is kept as it is */
} reading;

const fps__dialect *fps__arm_dialect(const uint8_t *bytes, size_t size)
{
    size_t words = size / 4 < SAMPLE ? size / 4 : SAMPLE, always = 0;
    for (size_t i = 0; i < words; i++)
        always += bytes[4 * i + 3] >> 4 == 14;
    return words > 0 && 2 * always >= words ? &fps__dialect_arm : &fps__dialect_thumb;
}

static unsigned thumb_length(unsigned first)
{
    return first >> 11 >= 0x1d ? 4 : 2;
}

static unsigned s390_length(unsigned first)
{
    static const uint8_t lengths[4] = {2, 4, 4, 6};
    return lengths[first >> 14];
}

/* False when the instruction runs out of the bytes. */
static bool read_value(const fps__dialect *dialect, const uint8_t *bytes, size_t size, reading *r)
{
    *r = (reading){0};
    if (dialect->length == FPS__LENGTH_WORD) {
        if (size < 4)
            return false;
        r->length = 4;
        r->value = (uint64_t)(dialect->big_endian ? fps__get32be(bytes) : fps__get32le(bytes)) << 16;
        return true;
    }
    if (size < 2)
        return false;
    unsigned first = dialect->big_endian ? fps__get16be(bytes) : fps__get16le(bytes);
    r->length = dialect->length == FPS__LENGTH_THUMB ? thumb_length(first) : s390_length(first);
    if (size < r->length)
        return false;
    for (unsigned i = 0; i < r->length; i += 2) {
        uint64_t half = dialect->big_endian ? fps__get16be(bytes + i) : fps__get16le(bytes + i);
        r->value |= half << (32 - 8 * i);
    }
    return true;
}

static bool read_instruction(const fps__dialect *dialect, const uint8_t *bytes, size_t size, reading *r)
{
    if (!read_value(dialect, bytes, size, r))
        return false;
    for (size_t i = 0; i < dialect->count && !r->pattern; i++)
        if ((r->value & dialect->patterns[i].mask) == dialect->patterns[i].bits)
            r->pattern = &dialect->patterns[i];
    return true;
}

static int64_t sign_extend(uint64_t value, unsigned bits)
{
    uint64_t sign = UINT64_C(1) << (bits - 1);
    return (int64_t)((value & (sign | (sign - 1))) ^ sign) - (int64_t)sign;
}

/* Displacement of b.w, bl and blx: S:I1:I2:imm10:imm11, where I is J xor S, negated. */
static int64_t thumb_24(uint64_t value)
{
    uint64_t first = value >> 32, second = value >> 16 & 0xffff;
    uint64_t sign = first >> 10 & 1, i1 = (second >> 13 & 1) ^ sign ^ 1, i2 = (second >> 11 & 1) ^ sign ^ 1;
    return sign_extend(sign << 24 | i1 << 23 | i2 << 22 | (first & 0x3ff) << 12 | (second & 0x7ff) << 1, 25);
}

/* Displacement of b<cond>.w: S:J2:J1:imm6:imm11. */
static int64_t thumb_20(uint64_t value)
{
    uint64_t first = value >> 32, second = value >> 16 & 0xffff;
    return sign_extend((first >> 10 & 1) << 20 | (second >> 11 & 1) << 19 | (second >> 13 & 1) << 18 |
                           (first & 0x3f) << 12 | (second & 0x7ff) << 1,
                       21);
}

/* From the first byte of the instruction to where it leads. */
static int64_t target_of(fps__pattern_target target, uint64_t value)
{
    uint32_t word = (uint32_t)(value >> 16);
    uint64_t half = value >> 32;
    switch (target) {
    case FPS__BRANCH_ARM:
        return 8 + 4 * sign_extend(word, 24);
    case FPS__BRANCH_THUMB_8:
        return 4 + 2 * sign_extend(half, 8);
    case FPS__BRANCH_THUMB_11:
        return 4 + 2 * sign_extend(half, 11);
    case FPS__BRANCH_THUMB_20:
        return 4 + thumb_20(value);
    case FPS__BRANCH_THUMB_24:
        return 4 + thumb_24(value);
    case FPS__BRANCH_THUMB_6:
        return 4 + (int64_t)((half >> 9 & 1) << 6 | (half >> 3 & 31) << 1);
    case FPS__BRANCH_MIPS:
        return 4 + 4 * sign_extend(word, 16);
    case FPS__BRANCH_PPC_24:
        return 4 * sign_extend(word >> 2, 24);
    case FPS__BRANCH_PPC_14:
        return 4 * sign_extend(word >> 2, 14);
    case FPS__BRANCH_S390_16:
        return 2 * sign_extend(word, 16);
    case FPS__BRANCH_S390_32:
        return 2 * sign_extend(value, 32);
    default:
        return 0;
    }
}

static bool decode(const fps__dialect *dialect, const uint8_t *bytes, size_t size,
                   fps__instruction *instruction)
{
    reading r;
    *instruction = (fps__instruction){0};
    if (!read_instruction(dialect, bytes, size, &r))
        return false;
    instruction->length = (uint8_t)r.length;
    if (r.pattern) {
        instruction->kind = r.pattern->kind;
        instruction->target = target_of((fps__pattern_target)r.pattern->target, r.value);
    }
    return true;
}

/* What is known of a function before its tokens are made. */
typedef struct survey {
    const fps__dialect *dialect;
    uint32_t bases; /* registers that ever held the upper part of an address */
    uint8_t *data;  /* a bit for each two bytes: data that the code reads */
    size_t size;
} survey;

static bool is_data(const survey *s, size_t at)
{
    return s->data[at / 16] >> (at / 2 & 7) & 1;
}

/* Notes the bytes that a load by the program counter reads; see the "literal" forms of ldr and vldr. */
static void note_literal(survey *s, const reading *r, uint64_t address, size_t at)
{
    bool thumb = s->dialect->length == FPS__LENGTH_THUMB;
    uint32_t word = (uint32_t)(r->value >> 16);
    bool vector = (word & 0x0e000000) == 0x0c000000;
    int64_t offset = vector ? (word & 0xff) * 4 : word & 0xfff;
    size_t width = vector && (word & 0x100) ? 8 : 4;
    if (r->length == 2)
        offset = (int64_t)(r->value >> 32 & 0xff) * 4;
    else if (!(word & 0x00800000))
        offset = -offset;
    uint64_t counter = (address + at + (thumb ? 4 : 8)) & ~UINT64_C(3);
    uint64_t place = counter + (uint64_t)offset - address;
    for (size_t i = 0; i < width && place < s->size && i < s->size - place; i += 2)
        s->data[(place + i) / 16] |= (uint8_t)(1 << ((place + i) / 2 & 7));
}

static void look_over(survey *s, const fps__code *code)
{
    const fps__dialect *dialect = s->dialect;
    reading r;
    for (size_t at = 0; at < s->size; at += r.length) {
        if (!read_instruction(dialect, code->bytes + at, s->size - at, &r))
            break;
        if (!r.pattern)
            continue;
        uint32_t word = (uint32_t)(r.value >> 16), bit = UINT32_C(1) << (word >> dialect->target & 31);
        bool by_table = dialect->tables >> (word >> dialect->base & 31) & 1;
        if (r.pattern->role == FPS__PATTERN_ROLE_WRITES ||
            (r.pattern->role == FPS__PATTERN_ROLE_LOADS && by_table))
            s->bases |= bit;
        else if (r.pattern->role == FPS__PATTERN_ROLE_LITERAL)
            note_literal(s, &r, code->address, at);
    }
    s->bases = (s->bases | dialect->tables) & ~UINT32_C(1); /* number 0 is no register, as a base */
}

/* Does a linker change fields of this instruction? */
static bool is_masked(const survey *s, const reading *r)
{
    if (!r->pattern || !r->pattern->clear)
        return false;
    unsigned base = (unsigned)(r->value >> 16 >> s->dialect->base) & 31;
    bool by_base = r->pattern->role == FPS__PATTERN_ROLE_BASED || r->pattern->role == FPS__PATTERN_ROLE_LOADS;
    return !by_base || (s->bases >> base & 1) != 0;
}

static bool is_dropped(const reading *r)
{
    return r->pattern && r->pattern->kind == FPS__INSTRUCTION_NOP;
}

static fps_status survey_code(const fps__dialect *dialect, const fps__code *code, fps__code_buffer *buffer,
                              survey *s)
{
    size_t size = code->size < FPS__MAX_CODE_FUNCTION ? code->size : FPS__MAX_CODE_FUNCTION;
    *s = (survey){.dialect = dialect, .size = size};
    buffer->count = 0;
    if (fps__array_reserve((void **)&buffer->bytes, 0, &buffer->capacity, size + size / 16 + 1, 1,
                           (size_t)2 * FPS__MAX_CODE_FUNCTION) != FPS_OK)
        return FPS_ERROR_MEMORY;
    s->data = buffer->bytes + size;
    memset(s->data, 0, size / 16 + 1);
    look_over(s, code);
    return FPS_OK;
}

static fps_status normalise(const fps__dialect *dialect, const fps__code *code, fps__code_buffer *buffer,
                            fps__code_result *result)
{
    survey s;
    size_t at = 0;
    *result = (fps__code_result){0};
    if (survey_code(dialect, code, buffer, &s) != FPS_OK)
        return FPS_ERROR_MEMORY;
    while (at < s.size) {
        reading r;
        if (is_data(&s, at)) {
            at += s.size - at < 2 ? 1 : 2;
            continue;
        }
        if (!read_instruction(dialect, code->bytes + at, s.size - at, &r))
            break;
        at += r.length;
        if (is_dropped(&r))
            continue;
        uint64_t token = is_masked(&s, &r) ? (r.value & ~r.pattern->clear) | r.pattern->put : r.value;
        for (unsigned i = 0; i < r.length; i++)
            buffer->bytes[buffer->count++] = (uint8_t)(token >> (40 - 8 * i));
        result->instructions++;
    }
    result->bytes = (uint32_t)at;
    result->hash = XXH3_64bits_withSeed(buffer->bytes, buffer->count, dialect->number);
    return FPS_OK;
}

static fps_status mark(const fps__dialect *dialect, size_t alignment, const fps__code *code,
                       fps__code_buffer *buffer, char *marks)
{
    survey s;
    reading r;
    if (survey_code(dialect, code, buffer, &s) != FPS_OK)
        return FPS_ERROR_MEMORY;
    for (size_t at = 0; at < s.size; at += r.length) {
        if (!read_instruction(dialect, code->bytes + at, s.size - at, &r))
            break;
        bool dropped = is_dropped(&r) || is_data(&s, at);
        marks[at / alignment] = dropped ? '-' : is_masked(&s, &r) ? '*' : ' ';
    }
    return FPS_OK;
}

/* A machine by its table; `choice` gives its dialect from `bytes` and `size`, the rest are members of its entry. */
#define MACHINE(id, machine, text, unit, choice, ...)                                                        \
    static bool decode_##id(const uint8_t *bytes, size_t size, fps__instruction *instruction)                \
    {                                                                                                        \
        return decode(choice(id, bytes, size), bytes, size, instruction);                                    \
    }                                                                                                        \
    static fps_status normalise_##id(const fps__code *code, fps__code_buffer *buffer,                        \
                                     fps__code_result *result)                                               \
    {                                                                                                        \
        return normalise(choice(id, code->bytes, code->size), code, buffer, result);                         \
    }                                                                                                        \
    static fps_status mark_##id(const fps__code *code, fps__code_buffer *buffer, char *marks)                \
    {                                                                                                        \
        return mark(choice(id, code->bytes, code->size), unit, code, buffer, marks);                         \
    }                                                                                                        \
    const fps__machine fps__machine_##id = {.number = machine,                                               \
                                            .name = text,                                                    \
                                            .alignment = unit,                                               \
                                            .decode = decode_##id,                                           \
                                            .normalise = normalise_##id,                                     \
                                            .mark = mark_##id,                                               \
                                            __VA_ARGS__}

#define FIXED(id, bytes, size)   (&fps__dialect_##id)
#define BY_CODE(id, bytes, size) (fps__arm_dialect(bytes, size))

static int arm_mode(const uint8_t *bytes, size_t size)
{
    return fps__arm_dialect(bytes, size) == &fps__dialect_thumb ? CS_MODE_THUMB : CS_MODE_ARM;
}

MACHINE(arm, EM_ARM, "arm", 2, BY_CODE, .bits = 32, .unused_address_bits = 1, .capstone_arch = CS_ARCH_ARM,
        .capstone_mode = CS_MODE_ARM, .capstone_mode_of = arm_mode);
MACHINE(mips, EM_MIPS, "mips", 4, FIXED, .big_endian = true, .capstone_arch = CS_ARCH_MIPS,
        .capstone_mode = (int)(CS_MODE_MIPS64 | CS_MODE_BIG_ENDIAN));
MACHINE(mipsel, EM_MIPS, "mipsel", 4, FIXED, .capstone_arch = CS_ARCH_MIPS, .capstone_mode = CS_MODE_MIPS64);
MACHINE(ppc64le, EM_PPC64, "ppc64le", 4, FIXED, .bits = 64, .capstone_arch = CS_ARCH_PPC,
        .capstone_mode = CS_MODE_64);
MACHINE(s390x, EM_S390, "s390x", 2, FIXED, .bits = 64, .big_endian = true, .capstone_arch = CS_ARCH_SYSZ,
        .capstone_mode = (int)CS_MODE_BIG_ENDIAN);
