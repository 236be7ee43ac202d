/* Normalised x86-64: tokens that are the same in an object file and in what the linker made of it.
 *
 * A token is an instruction byte for byte, with masked fields, or one of these. Their first byte begins no instruction
 * of 64-bit mode.
 *
 *   token        name       stands for
 *   -----------  ---------  ---------------------------------------------------------------------------------
 *   06           CALL       call rel32; addr32 call rel32; call *disp(%rip)
 *   07           JUMP       jmp rel8; jmp rel32; jmp *disp(%rip)
 *   0E cc        BRANCH     jcc of condition cc (0..F) in either size; cc = 10..13 is loopne, loope, loop, jrcxz;
 *                           cc + 4 with prefix 67
 *   16 reg       ADDRESS    mov disp(%rip),%r64; lea disp(%rip),%r64; mov $address,%r64
 *   17 reg       IMMEDIATE  mov $address,%r32
 *   1E n reg     BINARY     n = 0..7 is add, or, adc, sbb, and, sub, xor, cmp; n = 8 is test:
 *                           op disp(%rip),%r64; op $address,%r64; lea offset(%r),%r counts as an add
 *   1F           THREAD     the address of a thread-local variable in %rax: the general dynamic sequence, and what
 *                           becomes of it (mov %fs:0,%rax, and ADD to %rax)
 *   27           RETURN     ret (C3); the other returns are kept byte for byte
 *
 * Why: the linker relaxes loads from the GOT (R_X86_64_GOTPCRELX, REX_GOTPCRELX), calls through it, and all sequences
 * of thread-local storage (ELF x86-64 psABI 1.0, sections 4.4.1 and B.2; Drepper, "ELF Handling For Thread-Local
 * Storage", 2013, section 5). Local dynamic (lea, call) comes out as ADDRESS of %rdi and CALL.
 *
 * Dropped: nop in all sizes, int3, endbr64, moves of a register to itself, notrack and bnd prefixes of branches, and the
 * call of a TLS descriptor, which the linker makes a nop. What is dropped does not count as an instruction.
 *
 * Masked, to four or eight bytes that hold MASK, which no kept field can hold:
 *
 *   - displacements by the instruction pointer, and with %fs or %gs;
 *   - fields that have a relocation;
 *   - displacements, 32-bit and 64-bit immediates that look like an address: ADDRESS_LOW <= value < ADDRESS_HIGH, where
 *     programs that are not position independent lie;
 *   - displacements of four bytes that fit in one: the assembler left the room for the linker;
 *   - displacements of -MAX_OFFSET..-1 to a register other than %rsp and %rbp: offsets of thread-local variables.
 *
 * All of these look at the value as well as at relocations, because the linked side has only the values. Targets of
 * branches are never kept.
 */
#include "code/code.h"
#include "code/x86_places.h"
#include "code/x86_walk.h"
#include "util/bytes.h"

#include <elf.h>

enum {
    ADDRESS_LOW = 0x200000, /* below the base that linkers give programs of fixed address */
    ADDRESS_HIGH = 0x10000000,
    MAX_OFFSET = 0x10000, /* thread-local storage of one module, bytes */
    MASK = 0x600000,      /* lies in the window, so that a field that holds it is always masked */
    BINARY_ADD = 0,
    BINARY_TEST = 8,
    REGISTER_ACCUMULATOR = 0,
    REGISTER_STACK = 4,
    REGISTER_FRAME = 5,
    REGISTER_DESTINATION = 7, /* %rdi */
};

typedef fps__x86_walk walk;
typedef fps__x86_piece piece;

static bool looks_like_address(int64_t value)
{
    return value >= ADDRESS_LOW && value < ADDRESS_HIGH;
}

static bool looks_like_offset(int64_t value)
{
    return value < 0 && value >= -MAX_OFFSET;
}

/* Whether a relocation lies on the field at `at` of the instruction in hand. */
static bool relocated(const walk *w, uint32_t at)
{
    return fps__x86_relocated(w, at, 1);
}

static int64_t field_value(const uint8_t *field, uint32_t size)
{
    return size == 8 ? (int64_t)fps__get64le(field) : (int32_t)fps__get32le(field);
}

/* The register that a ModRM byte names in its last bits. */
static uint32_t operand_register(const piece *p)
{
    return (p->bytes[p->shape.modrm] & 7) | (p->shape.rex & FPS__X86_REX_B) << 3;
}

static uint32_t reg_register(const piece *p)
{
    return (p->bytes[p->shape.modrm] >> 3 & 7) | (p->shape.rex & FPS__X86_REX_R) << 1;
}

/* The base register of a memory operand that has one (mode 1 or 2). */
static uint32_t base_register(const piece *p)
{
    uint32_t base = p->bytes[p->shape.modrm] & 7;
    if (base == 4)
        base = p->bytes[p->shape.modrm + 1] & 7;
    return base | (p->shape.rex & FPS__X86_REX_B) << 3;
}

static bool masks_displacement(const walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if (shape->disp_size < 4)
        return false;
    if (fps__x86_rip_relative(p->bytes, shape) || (shape->prefixes & FPS__X86_FS_GS))
        return true;
    int64_t value = field_value(p->bytes + shape->disp, shape->disp_size);
    if (looks_like_address(value) || relocated(w, shape->disp))
        return true;
    if (!shape->modrm || p->bytes[shape->modrm] >> 6 != 2)
        return false;
    if (value == (int8_t)value)
        return true;
    uint32_t base = base_register(p);
    return looks_like_offset(value) && base != REGISTER_STACK && !(base == REGISTER_FRAME && w->framed);
}

static bool masks_immediate(const walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if (shape->imm_size != 4 && shape->imm_size != 8)
        return false;
    return looks_like_address(field_value(p->bytes + shape->imm, shape->imm_size)) ||
           relocated(w, shape->imm);
}

static void mask(uint8_t *field, uint32_t size)
{
    if (size == 8)
        fps__put64le(field, MASK);
    else
        fps__put32le(field, MASK);
}

/* The instruction itself, with masked fields. */
static void put_instruction(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    memcpy(w->out, p->bytes, FPS__X86_COPY);
    if (masks_displacement(w, p))
        mask(w->out + shape->disp, shape->disp_size);
    if (masks_immediate(w, p))
        mask(w->out + shape->imm, shape->imm_size);
    w->out += shape->length;
    w->count++;
}

/* The same for an indirect branch or a return, without notrack and bnd. */
static void put_branch(walk *w, const piece *p)
{
    uint8_t *start = w->out;
    put_instruction(w, p);
    size_t length = (size_t)(w->out - start), kept = 0;
    for (size_t i = 0; i < length; i++) {
        bool dropped = i < p->shape.opcode && (start[i] == 0x3e || start[i] == 0xf2);
        start[kept] = start[i];
        kept += !dropped;
    }
    w->out = start + kept;
}

static void put_token(walk *w, uint8_t token)
{
    *w->out++ = token;
    w->count++;
}

static void put_register(walk *w, uint8_t token, uint32_t reg)
{
    put_token(w, token);
    *w->out++ = (uint8_t)reg;
}

/* An operation; what adds to the thread's base becomes a thread-local address. */
static void put_binary(walk *w, uint32_t operation, uint32_t reg)
{
    enum { BASE_LENGTH = 9 }; /* of mov %fs:0,%rax */
    if (operation == BINARY_ADD && reg == REGISTER_ACCUMULATOR && w->thread_at == w->out) {
        w->out -= BASE_LENGTH;
        put_token(w, FPS__X86_TOKEN_THREAD);
        return;
    }
    put_token(w, FPS__X86_TOKEN_BINARY);
    *w->out++ = (uint8_t)operation;
    *w->out++ = (uint8_t)reg;
}

/* mov with %fs: `mov %fs:0,%rax` is remembered; with prefixes 66 it is all that is left of local dynamic. */
static bool take_thread_base(walk *w, const piece *p)
{
    static const uint8_t operand[] = {0x8b, 0x04, 0x25, 0, 0, 0, 0};
    const fps__x86_shape *shape = &p->shape;
    if (!(shape->prefixes & FPS__X86_FS_GS) || shape->rex != (0x40 | FPS__X86_REX_W) ||
        memcmp(p->bytes + shape->opcode, operand, sizeof operand) != 0)
        return false;
    if (shape->prefixes & FPS__X86_OPERAND) {
        put_register(w, FPS__X86_TOKEN_ADDRESS, REGISTER_DESTINATION);
        put_token(w, FPS__X86_TOKEN_CALL);
        return true;
    }
    put_instruction(w, p);
    if (!(shape->prefixes & ~(uint32_t)FPS__X86_FS_GS) && shape->opcode == 2)
        w->thread_at = w->out;
    return true;
}

static void put_load(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if (take_thread_base(w, p))
        return;
    if ((shape->rex & FPS__X86_REX_W) && !(shape->prefixes & FPS__X86_FS_GS) &&
        fps__x86_rip_relative(p->bytes, shape))
        put_register(w, FPS__X86_TOKEN_ADDRESS, reg_register(p));
    else if (!fps__x86_is_nop(p->bytes, shape))
        put_instruction(w, p);
}

/* The length of the call that follows `data16 lea x@tlsgd(%rip),%rdi`; 0 where that is no such sequence. */
static uint32_t general_dynamic_call(const piece *p)
{
    static const uint8_t load[] = {0x66, 0x48, 0x8d, 0x3d};
    enum { SEQUENCE = 16 };
    if (memcmp(p->bytes, load, sizeof load) != 0)
        return 0;
    for (uint32_t at = p->shape.length; at < SEQUENCE - 4; at++) {
        uint8_t byte = p->bytes[at];
        if (byte == 0xe8 || (byte == 0xff && p->bytes[at + 1] == 0x15)) {
            uint32_t end = at + (byte == 0xe8 ? 5 : 6);
            return end <= p->left ? end - p->shape.length : 0;
        }
        if (byte != 0x66 && byte != 0x67 && byte != 0x48)
            return 0;
    }
    return 0;
}

static void put_lea(walk *w, piece *p)
{
    fps__x86_shape *shape = &p->shape;
    uint32_t modrm = p->bytes[shape->modrm], reg = reg_register(p);
    bool wide = shape->rex & FPS__X86_REX_W;
    if (wide && fps__x86_rip_relative(p->bytes, shape)) {
        uint32_t call = general_dynamic_call(p);
        if (call > 0) {
            shape->length += call;
            w->count++;
            put_token(w, FPS__X86_TOKEN_THREAD);
            return;
        }
        put_register(w, FPS__X86_TOKEN_ADDRESS, reg);
        return;
    }
    bool indexed =
        (modrm & 7) == 4 && ((p->bytes[shape->modrm + 1] & 0x38) != 0x20 || (shape->rex & FPS__X86_REX_X));
    if (wide && modrm >> 6 == 2 && !indexed && base_register(p) == reg && reg != REGISTER_STACK) {
        int64_t value = field_value(p->bytes + shape->disp, 4);
        bool linked = masks_displacement(w, p);
        if (value == 0 && !relocated(w, shape->disp))
            return; /* padding */
        if (linked || looks_like_offset(value)) {
            put_binary(w, BINARY_ADD, reg);
            return;
        }
    }
    if (!fps__x86_is_nop(p->bytes, shape))
        put_instruction(w, p);
}

/* C7: mov of an address, or of an offset in thread-local storage, to a register. Assemblers write a 0 in a
 * shorter way: it is the address of a weak symbol that nobody defined. */
static void put_move_group(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if ((shape->rex & FPS__X86_REX_W) && p->bytes[shape->modrm] >> 3 == 0x18) {
        int64_t value = field_value(p->bytes + shape->imm, 4);
        if (value == 0 || looks_like_offset(value) || masks_immediate(w, p)) {
            put_register(w, FPS__X86_TOKEN_ADDRESS, operand_register(p));
            return;
        }
    }
    if (p->bytes[shape->modrm] == 0xf8 && shape->imm_size == 4) { /* XBEGIN */
        memcpy(w->out, p->bytes, shape->imm);
        w->out += shape->imm;
        w->count++;
        return;
    }
    put_instruction(w, p);
}

static void put_move(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if (shape->imm_size == 4 && masks_immediate(w, p))
        put_register(w, FPS__X86_TOKEN_IMMEDIATE,
                     (p->bytes[shape->opcode] & 7) | (shape->rex & FPS__X86_REX_B) << 3);
    else
        put_instruction(w, p);
}

static void put_memory_binary(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    uint32_t opcode = p->bytes[shape->opcode];
    if ((shape->rex & FPS__X86_REX_W) && !(shape->prefixes & FPS__X86_FS_GS) &&
        fps__x86_rip_relative(p->bytes, shape))
        put_binary(w, opcode == 0x85 ? BINARY_TEST : opcode >> 3, reg_register(p));
    else
        put_instruction(w, p);
}

/* 81 and F7 /0 with a register. A 32-bit immediate that fits in a byte is one that the linker filled in. */
static void put_immediate_binary(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    bool test = shape->role == FPS__X86_GROUP3;
    uint32_t modrm = p->bytes[shape->modrm], reg = operand_register(p);
    uint32_t operation = test ? BINARY_TEST : modrm >> 3 & 7;
    if ((shape->rex & FPS__X86_REX_W) && modrm >= 0xc0 && shape->imm_size == 4) {
        int64_t value = field_value(p->bytes + shape->imm, 4);
        bool offset = operation == BINARY_ADD && reg != REGISTER_STACK && looks_like_offset(value);
        bool overlong = test ? value == 0 : value == (int8_t)value;
        if (offset || overlong || masks_immediate(w, p)) {
            put_binary(w, operation, reg);
            return;
        }
    }
    put_instruction(w, p);
}

/* The short form of an addition to %rax. */
static void put_add(walk *w, const piece *p)
{
    const fps__x86_shape *shape = &p->shape;
    if ((shape->rex & FPS__X86_REX_W) &&
        (looks_like_offset(field_value(p->bytes + shape->imm, 4)) || masks_immediate(w, p)))
        put_binary(w, BINARY_ADD, REGISTER_ACCUMULATOR);
    else
        put_instruction(w, p);
}

static void put_group5(walk *w, const piece *p)
{
    uint32_t operation = p->bytes[p->shape.modrm] >> 3 & 7;
    if (operation != 2 && operation != 4)
        put_instruction(w, p);
    else if (fps__x86_rip_relative(p->bytes, &p->shape))
        put_token(w, operation == 2 ? FPS__X86_TOKEN_CALL : FPS__X86_TOKEN_JUMP);
    else if (!relocated(w, 0)) /* R_X86_64_TLSDESC_CALL */
        put_branch(w, p);
}

static void put_condition(walk *w, const piece *p)
{
    uint32_t condition = p->bytes[p->shape.opcode] & 15;
    if (p->shape.role == FPS__X86_LOOP)
        condition = 16 + (condition & 3) + (p->shape.prefixes & FPS__X86_ADDRESS ? 4 : 0);
    put_register(w, FPS__X86_TOKEN_BRANCH, condition);
}

/* Tokens of one instruction of a role that needs thought; lengthens it where it takes the next one in. */
static void put_role(walk *w, piece *p)
{
    static const uint8_t frame[] = {0x48, 0x89, 0xe5}; /* mov %rsp,%rbp */
    switch (p->shape.role) {
    case FPS__X86_CALL:
        put_token(w, FPS__X86_TOKEN_CALL);
        return;
    case FPS__X86_JUMP:
        put_token(w, FPS__X86_TOKEN_JUMP);
        return;
    case FPS__X86_BRANCH:
    case FPS__X86_LOOP:
        put_condition(w, p);
        return;
    case FPS__X86_RETURN:
        if (p->bytes[p->shape.opcode] == 0xc3)
            put_token(w, FPS__X86_TOKEN_RETURN);
        else
            put_branch(w, p);
        return;
    case FPS__X86_LOAD:
        put_load(w, p);
        return;
    case FPS__X86_LEA:
        put_lea(w, p);
        return;
    case FPS__X86_MOVE_GROUP:
        put_move_group(w, p);
        return;
    case FPS__X86_MOVE:
        put_move(w, p);
        return;
    case FPS__X86_BINARY:
        put_memory_binary(w, p);
        return;
    case FPS__X86_GROUP1:
    case FPS__X86_GROUP3:
        put_immediate_binary(w, p);
        return;
    case FPS__X86_ADD:
        put_add(w, p);
        return;
    case FPS__X86_GROUP5:
        put_group5(w, p);
        return;
    case FPS__X86_STORE:
        w->framed |= memcmp(p->bytes, frame, sizeof frame) == 0;
        break;
    }
    if (!fps__x86_is_nop(p->bytes, &p->shape))
        put_instruction(w, p);
}

static uint32_t step(walk *w, const uint8_t *bytes, uint32_t left)
{
    piece p;
    if (!fps__x86_piece_read(w, bytes, left, FPS__X86_MODE_64, &p))
        return 0;
    put_role(w, &p);
    return p.shape.length;
}

static inline uint32_t look_at_fields(walk *w, const uint8_t *bytes, const fps__x86_head *head)
{
    (void)w;
    const uint32_t wide = head->rex & FPS__X86_REX_W;
    if (head->entry & (FPS__X86_UNREAD(FPS__X86_MODE_64) | FPS__X86_SPECIAL))
        return FPS__X86_CLOSER;
    if (head->operand & 0x40) {
        bool rip = (head->modrm & 0xc7) == 5;
        if (rip && (head->entry & FPS__X86_ADDRESS_LOAD) && wide && !head->prefixes)
            return FPS__X86_INDEX_ADDRESS + ((head->modrm >> 3 & 7) | (head->rex & FPS__X86_REX_R) << 1);
        return FPS__X86_CLOSER;
    }
    if (!(head->entry & FPS__X86_FIELD) || wide || head->modrm == 0xf8 || head->imm_size != 4)
        return FPS__X86_CLOSER;
    uint32_t value = fps__get32le(bytes + head->length - 4);
    return value - ADDRESS_LOW < ADDRESS_HIGH - ADDRESS_LOW ? FPS__X86_CLOSER : 0;
}

static const fps__x86_rules rules = {
    .mode = FPS__X86_MODE_64,
    .machine = EM_X86_64,
    .tokens = fps__x86_tokens,
    .last_index = FPS__X86_CLOSER - 1,
    .look = look_at_fields,
    .step = step,
};

/* ---- the same walk where the processor tells what begins at each place ---- */

/* Copies an instruction that ends in a field of four bytes, masked if need be; false where it is to be looked at closer. */
static inline bool copy_with_field(uint8_t *out, const uint8_t *bytes, uint32_t kind, uint32_t length)
{
    const uint8_t *field = bytes + length - 4;
    uint32_t value = fps__get32le(field);
    bool address = value - ADDRESS_LOW < ADDRESS_HIGH - ADDRESS_LOW;
    bool offset = value + MAX_OFFSET < MAX_OFFSET - 128;
    memcpy(out, bytes, FPS__X86_COPY);
    if (kind == FPS__X86_PLACE_IMMEDIATE)
        return !address;
    if (kind == FPS__X86_PLACE_WIDE)
        return !address && value + MAX_OFFSET >= MAX_OFFSET + 128;
    if (kind == FPS__X86_PLACE_DISPLACEMENT && offset)
        return false;
    if (kind == FPS__X86_PLACE_RELATIVE || address || value + 128 < 256)
        fps__put32le(out + length - 4, MASK);
    return true;
}

/* A function, or its last bytes with zeros behind them: places are counted from the start of the function. */
typedef struct stretch {
    const uint8_t *bytes;
    uint32_t base; /* the place of the first byte */
    uint32_t size; /* of the function */
} stretch;

/* Walks over it from `at` up to `end`, of which `places` tells from `first` on. Returns where it stopped: at `end` or behind
 * it, else before what is no instruction. */
static uint32_t walk_places(walk *w, const fps__x86_places *places, const stretch *over, uint32_t first,
                            uint32_t at, uint32_t end)
{
    const uint64_t offset = w->offset;
    const uint32_t base = over->base, size = over->size;
    const uint8_t *bytes = over->bytes;
    uint8_t *out = w->out;
    uint32_t count = 0;
    while (at < end) {
        const uint8_t *here = bytes + (at - base);
        uint32_t kind = places->kinds[at - first], length = places->lengths[at - first];
        if (kind < FPS__X86_FIRST_FIELD) {
            if (at + length > size)
                break;
            uint32_t pair = kind < FPS__X86_INDEX_CALL || kind > FPS__X86_INDEX_RETURN;
            uint32_t kept = kind != FPS__X86_INDEX_NOTHING;
            memcpy(out, kind ? fps__x86_tokens + 2 * kind : here, FPS__X86_COPY);
            out += kind ? pair + kept : length;
            count += kept;
        } else if (kind < FPS__X86_PLACE_CLOSER && at + length <= size &&
                   copy_with_field(out, here, kind, length)) {
            out += length;
            count++;
        } else {
            w->offset = offset + at;
            w->out = out;
            length = step(w, here, size - at);
            if (length == 0)
                break;
            out = w->out;
        }
        at += length;
    }
    w->offset = offset;
    w->out = out;
    w->count += count;
    return at;
}

/* fps__x86_walk_over for all of a function without relocations. */
static uint32_t walk_linked(walk *w, fps__x86_places *places, const uint8_t *bytes, uint32_t size)
{
    uint8_t tail[2 * FPS__X86_SLACK + FPS__MAX_X86_LENGTH] = {0};
    uint32_t body = size > FPS__X86_SLACK ? size - FPS__X86_SLACK + 1 : 0, at = 0;
    memcpy(tail, bytes + body, size - body);
    const stretch all = {bytes, 0, size}, last = {tail, body, size};
    while (at < size) {
        uint32_t first = at, count = size - at < FPS__X86_PLACES ? size - at : FPS__X86_PLACES;
        fps__x86_places_read(places, bytes + at, size - at, count);
        uint32_t end = first + count, middle = end < body ? end : body;
        if (at < middle)
            at = walk_places(w, places, &all, first, at, middle);
        if (at < middle)
            break;
        if (at < end && at >= body)
            at = walk_places(w, places, &last, first, at, end);
        if (at < end)
            break;
    }
    return at;
}

/* fps__machine.normalise of code without relocations, where the processor can. */
static fps_status normalise_linked(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result)
{
    uint32_t size = (uint32_t)(code->size < FPS__MAX_CODE_FUNCTION ? code->size : FPS__MAX_CODE_FUNCTION);
    *result = (fps__code_result){0};
    if (!buffer->places)
        buffer->places = fps__x86_places_new();
    if (!buffer->places || fps__x86_reserve(buffer, (size_t)size + FPS__X86_COPY) != FPS_OK)
        return FPS_ERROR_MEMORY;
    walk w = {.offset = code->offset, .out = buffer->bytes};
    result->bytes = walk_linked(&w, buffer->places, code->bytes, size);
    result->instructions = w.count;
    buffer->count = (size_t)(w.out - buffer->bytes);
    result->hash = XXH3_64bits_withSeed(buffer->bytes, buffer->count, rules.machine);
    return FPS_OK;
}

fps_status fps__x86_normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result)
{
    if (code->size > 0 && code->relocation_count == 0 && fps__x86_places_supported())
        return normalise_linked(code, buffer, result);
    walk w = {.tables = 0};
    return fps__x86_walk_all(&rules, code, &w, buffer, result);
}
