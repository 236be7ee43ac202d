/* Normalised i386: tokens that are the same in an object file and in what the linker made of it.
 *
 * A token is an instruction byte for byte with masked fields, zero, or: E8 for a direct call, E9 for a direct
 * jump in any size, 0F 8x for a branch, 0F E3 for jcxz and jecxz, 0F C7 for xbegin. Dropped are nops of all forms,
 * moves of a register to itself, int3 and endbr32. Nothing makes loop longer or shorter: it is kept with its distance.
 *
 * Masked are fields of four bytes that have a relocation in them; what looks like an address, ADDRESS_LOW <= value <
 * ADDRESS_HIGH; displacements with %gs, which are offsets of thread-local variables; and what counts from the global
 * offset table: the immediate of add $x, %reg, and displacements of four bytes where the base or index register is
 * anywhere in the function the target of such an add. With such a base, mov from memory is lea: linkers turn one into
 * the other (R_386_GOT32X).
 *
 * One pass does for most functions, because they make the pointer to the table before they use it. Where a register
 * is used first, the walk starts again, and now knows the register: at most once for each.
 */
#include "code/x86_walk.h"

#include <capstone/capstone.h>
#include <elf.h>

enum {
    ADDRESS_LOW = 0x08000000,
    ADDRESS_HIGH = 0x10000000,
    FIELD = 4, /* bytes of a field that a linker fills in */
    REGISTER_ACCUMULATOR = 0,
    REGISTER_STACK = 4,
    NO_INDEX = 4,
    NO_BASE = 5,   /* in mode 0 */
    XBEGIN = 0xf8, /* ModRM of C7 */
};

typedef fps__x86_walk walk;
typedef fps__x86_piece piece;

static inline bool looks_like_address(uint32_t value)
{
    return value - ADDRESS_LOW < ADDRESS_HIGH - ADDRESS_LOW;
}

/* The base register of a memory operand with a displacement of four bytes, as a bit; 0 for none. */
static inline uint32_t base_of(uint32_t modrm, uint32_t sib)
{
    uint32_t base = (modrm & 7) == 4 ? sib & 7 : modrm & 7;
    return modrm < 0x40 && base == NO_BASE ? 0 : 1U << base;
}

static inline uint32_t index_of(uint32_t modrm, uint32_t sib)
{
    return (modrm & 7) == 4 && (sib >> 3 & 7) != NO_INDEX ? 1U << (sib >> 3 & 7) : 0;
}

/* Whether SIB names a vector register as the index: gathers, scatters and their prefetches. */
static bool has_vector_index(const piece *p)
{
    uint32_t opcode = p->bytes[p->shape.opcode];
    return p->shape.map == 2 && p->shape.rex &&
           ((opcode & 0xfc) == 0x90 || (opcode & 0xfc) == 0xa0 || (opcode & 0xfe) == 0xc6);
}

static uint32_t registers_of(const piece *p)
{
    const uint8_t *operand = p->bytes + p->shape.modrm;
    if (!p->shape.modrm)
        return 0;
    uint32_t index = has_vector_index(p) ? 0 : index_of(operand[0], operand[1]);
    return base_of(operand[0], operand[1]) | index;
}

static bool masks_displacement(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if (shape->disp_size != FIELD)
        return false;
    uint32_t registers = registers_of(p);
    w->used |= registers;
    return (shape->prefixes & FPS__X86_GS) || (registers & w->tables) ||
           looks_like_address(fps__get32le(p->bytes + shape->disp)) ||
           fps__x86_relocated(w, shape->disp, FIELD);
}

/* add $x, %reg with four bytes of x: the pointer to the global offset table is made so. */
static bool is_table_add(const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    return shape->imm_size == FIELD && (shape->role == FPS__X86_ADD || (shape->role == FPS__X86_GROUP1 &&
                                                                        p->bytes[shape->modrm] >> 3 == 0x18));
}

static void learn_table(walk *w, const piece *p)
{
    uint32_t reg = p->shape.role == FPS__X86_ADD ? REGISTER_ACCUMULATOR : p->bytes[p->shape.modrm] & 7;
    uint32_t bit = reg == REGISTER_STACK ? 0 : 1U << reg;
    w->again |= (w->used & ~w->tables & bit) != 0;
    w->tables |= bit;
}

static bool masks_immediate(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if (shape->imm_size != FIELD)
        return false;
    if (is_table_add(p)) {
        learn_table(w, p);
        return true;
    }
    return looks_like_address(fps__get32le(p->bytes + shape->imm)) ||
           fps__x86_relocated(w, shape->imm, FIELD);
}

static void put_instruction(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    memcpy(w->out, p->bytes, FPS__X86_COPY);
    if (masks_displacement(w, p)) {
        fps__put32le(w->out + shape->disp, 0);
        bool table =
            shape->modrm && (base_of(p->bytes[shape->modrm], p->bytes[shape->modrm + 1]) & w->tables);
        if (table && p->bytes[0] == 0x8b)
            w->out[0] = 0x8d;
    }
    if (masks_immediate(w, p))
        fps__put32le(w->out + shape->imm, 0);
    w->out += shape->length;
    w->count++;
}

static void put_token(walk *w, const uint8_t *token, uint32_t length)
{
    memcpy(w->out, token, length);
    w->out += length;
    w->count++;
}

static void put_branch(walk *w, uint32_t second)
{
    put_token(w, (const uint8_t[]){0x0f, (uint8_t)second}, 2);
}

static void put_role(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    uint32_t opcode = p->bytes[shape->opcode];
    switch (shape->role) {
    case FPS__X86_CALL:
        put_token(w, (const uint8_t[]){0xe8}, 1);
        return;
    case FPS__X86_JUMP:
        put_token(w, (const uint8_t[]){0xe9}, 1);
        return;
    case FPS__X86_FAR_CALL: /* segment and offset, which no linker fills in */
    case FPS__X86_FAR_JUMP:
        put_token(w, p->bytes, shape->length);
        return;
    case FPS__X86_BRANCH:
        put_branch(w, 0x80 | (opcode & 15));
        return;
    case FPS__X86_LOOP:
        if (opcode != 0xe3)
            break;
        put_branch(w, opcode);
        return;
    case FPS__X86_MOVE_GROUP:
        if (p->bytes[shape->modrm] != XBEGIN)
            break;
        put_branch(w, opcode);
        return;
    }
    /* lea 0(%reg),%reg does something when the linker fills the 0 in. */
    if (!fps__x86_is_nop(p->bytes, shape) || fps__x86_relocated(w, shape->disp, shape->disp_size))
        put_instruction(w, p);
}

static uint32_t step(walk *w, const uint8_t *bytes, uint32_t left)
{
    piece p;
    if (!fps__x86_piece_read(w, bytes, left, FPS__X86_MODE_32, &p))
        return 0;
    put_role(w, &p);
    return w->again ? 0 : p.shape.length;
}

static inline uint32_t look_at_fields(walk *w, const uint8_t *bytes, const fps__x86_head *head)
{
    const uint32_t role = (uint32_t)(head->entry >> FPS__X86_ROLE_SHIFT);
    if (head->entry & FPS__X86_UNREAD(FPS__X86_MODE_32))
        return FPS__X86_CLOSER;
    if ((head->entry & FPS__X86_SPECIAL) && role != FPS__X86_GROUP5 && role != FPS__X86_RETURN)
        return FPS__X86_CLOSER;
    if (head->operand & 0x40) {
        const uint8_t *operand = bytes + head->opcode + 1;
        uint32_t registers = base_of(head->modrm, operand[1]) | index_of(head->modrm, operand[1]);
        w->used |= registers;
        if ((registers & w->tables) ||
            looks_like_address(fps__get32le(bytes + head->length - head->imm_size - 4)))
            return FPS__X86_CLOSER;
        if (role == FPS__X86_NOP)
            return FPS__X86_INDEX_NOTHING;
    }
    if (role == FPS__X86_MOVE_GROUP && head->modrm == XBEGIN)
        return FPS__X86_CLOSER;
    if (!(head->entry & FPS__X86_FIELD) || head->imm_size != FIELD)
        return 0;
    bool closer = role == FPS__X86_ADD || role == FPS__X86_GROUP1;
    return closer || looks_like_address(fps__get32le(bytes + head->length - FIELD)) ? FPS__X86_CLOSER : 0;
}

#define CONDITION(number) 0x0f, 0x80 | (number)
#define FOUR(number)                                                                                         \
    CONDITION(number), CONDITION((number) + 1), CONDITION((number) + 2), CONDITION((number) + 3)
static const uint8_t tokens[2 * FPS__X86_INDEX_NOTHING + FPS__X86_COPY] = {
    0, 0, FOUR(0), FOUR(4), FOUR(8), FOUR(12), 0xe8, 0, 0xe9, 0,
};

static const fps__x86_rules rules = {
    .mode = FPS__X86_MODE_32,
    .machine = EM_386,
    .tokens = tokens,
    .last_index = FPS__X86_INDEX_NOTHING,
    .look = look_at_fields,
    .step = step,
};

static fps_status walk_until_known(const fps__code *code, walk *w, fps__code_buffer *buffer,
                                   fps__code_result *result)
{
    fps_status status;
    *w = (walk){.tables = 0};
    do
        status = fps__x86_walk_all(&rules, code, w, buffer, result);
    while (status == FPS_OK && w->again);
    return status;
}

static fps_status normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result)
{
    walk w;
    return walk_until_known(code, &w, buffer, result);
}

static fps_status mark(const fps__code *code, fps__code_buffer *buffer, char *marks)
{
    walk w;
    fps__code_result result;
    fps_status status = walk_until_known(code, &w, buffer, &result);
    if (status != FPS_OK)
        return status;
    w.relocation = code->relocations;
    for (uint32_t at = 0, length; at < result.bytes; at += length) {
        uint8_t bytes[FPS__X86_SLACK] = {0}, token[FPS__X86_COPY];
        uint32_t left = result.bytes - at;
        memcpy(bytes, code->bytes + at, left < sizeof bytes ? left : sizeof bytes);
        w.out = token;
        w.offset = code->offset + at;
        length = step(&w, bytes, left);
        size_t made = (size_t)(w.out - token);
        marks[at] = made == 0 ? '-' : made == length && memcmp(token, bytes, length) == 0 ? ' ' : '*';
    }
    return FPS_OK;
}

const fps__machine fps__machine_i386 = {
    .number = EM_386,
    .name = "i386",
    .bits = 32,
    .alignment = 1,
    .capstone_arch = CS_ARCH_X86,
    .capstone_mode = CS_MODE_32,
    .decode = fps__i386_decode,
    .normalise = normalise,
    .mark = mark,
};
