/* Decodes and normalises i386 code by way of capstone.
 *
 * A token is an instruction byte for byte with masked fields, zero, or: E8 for a direct call, E9 for a direct
 * jump in any size, 0F 8x for a branch. Dropped are nops of all forms, moves of a register to itself, int3
 * and endbr32.
 *
 * Masked are fields that have a relocation; what looks like an address, ADDRESS_LOW <= value < ADDRESS_HIGH,
 * in a displacement or an immediate of four bytes; displacements with %gs, which are offsets of thread-local
 * variables; and what counts from the global offset table: the immediate of add $x, %reg, and displacements
 * of four bytes where the base register was ever in the function the target of such an add. With such a base,
 * mov from memory is lea: linkers turn one into the other (R_386_GOT32X).
 */
#include "code/listing.h"

#include "code/x86_decode.h"
#include "util/array.h"
#include "util/bytes.h"

#include <elf.h>
#include <string.h>
#include <xxhash.h>

enum {
    ADDRESS_LOW = 0x08000000,
    ADDRESS_HIGH = 0x10000000,
    FIELD = 4, /* bytes of a field that a linker fills in */
    LONGEST = 15,
};

typedef struct walk {
    csh capstone;
    cs_insn *insn;
    const fps__code *code;
    const fps_relocation *relocation, *relocation_end;
    bool tables[X86_REG_ENDING]; /* registers that ever were the target of add $x, %reg */
} walk;

static bool is_endbr(const cs_insn *insn)
{
    static const uint8_t endbr32[4] = {0xf3, 0x0f, 0x1e, 0xfb};
    return insn->size == sizeof endbr32 && memcmp(insn->bytes, endbr32, sizeof endbr32) == 0;
}

/* lea 0(%reg),%reg, with or without an index, and mov %reg,%reg. */
static bool moves_nothing(const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    if (x86->op_count != 2 || x86->operands[0].type != X86_OP_REG || x86->operands[0].size != FIELD)
        return false;
    const cs_x86_op *to = &x86->operands[0], *from = &x86->operands[1];
    if (insn->id == X86_INS_MOV)
        return from->type == X86_OP_REG && from->reg == to->reg;
    return insn->id == X86_INS_LEA && from->type == X86_OP_MEM && from->mem.base == to->reg &&
           from->mem.disp == 0 && (from->mem.index == X86_REG_INVALID || from->mem.index == X86_REG_EIZ);
}

static bool has_group(const cs_insn *insn, uint8_t group)
{
    for (uint8_t i = 0; i < insn->detail->groups_count; i++)
        if (insn->detail->groups[i] == group)
            return true;
    return false;
}

static fps__instruction_kind kind_of(const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    bool direct = x86->op_count == 1 && x86->operands[0].type == X86_OP_IMM;
    if (insn->id == X86_INS_NOP || insn->id == X86_INS_INT3 || is_endbr(insn) || moves_nothing(insn))
        return FPS__INSTRUCTION_NOP;
    if (insn->id == X86_INS_UD2 || insn->id == X86_INS_HLT)
        return FPS__INSTRUCTION_TRAP;
    if (has_group(insn, CS_GRP_CALL))
        return direct ? FPS__INSTRUCTION_CALL : FPS__INSTRUCTION_CALL_INDIRECT;
    if (has_group(insn, CS_GRP_RET) || has_group(insn, CS_GRP_IRET))
        return FPS__INSTRUCTION_RETURN;
    if (!has_group(insn, CS_GRP_JUMP))
        return FPS__INSTRUCTION_PLAIN;
    if (!direct)
        return FPS__INSTRUCTION_JUMP_INDIRECT;
    return insn->id == X86_INS_JMP ? FPS__INSTRUCTION_JUMP : FPS__INSTRUCTION_BRANCH;
}

static bool looks_like_address(uint32_t value)
{
    return value >= ADDRESS_LOW && value < ADDRESS_HIGH;
}

/* Is there a relocation from `from` to `end`, bytes from the start of the function? Ascending calls only. */
static bool relocated(walk *w, uint64_t from, uint64_t end)
{
    from += w->code->offset;
    end += w->code->offset;
    while (w->relocation < w->relocation_end && w->relocation->offset < from)
        w->relocation++;
    return w->relocation < w->relocation_end && w->relocation->offset < end;
}

/* add $x, %reg with four bytes of x: the pointer to the global offset table is made so. */
static bool is_table_add(const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    return insn->id == X86_INS_ADD && x86->op_count == 2 && x86->operands[0].type == X86_OP_REG &&
           x86->operands[0].size == FIELD && x86->operands[1].type == X86_OP_IMM &&
           x86->encoding.imm_size == FIELD;
}

/* The memory operand of an instruction, NULL for none. */
static const x86_op_mem *memory_of(const cs_insn *insn)
{
    const cs_x86 *x86 = &insn->detail->x86;
    for (uint8_t i = 0; i < x86->op_count; i++)
        if (x86->operands[i].type == X86_OP_MEM)
            return &x86->operands[i].mem;
    return NULL;
}

static bool masks_displacement(walk *w, const cs_insn *insn, size_t at, uint32_t value)
{
    const x86_op_mem *memory = memory_of(insn);
    size_t field = at + insn->detail->x86.encoding.disp_offset;
    if (memory && (memory->segment == X86_REG_GS || w->tables[memory->base] || w->tables[memory->index]))
        return true;
    return looks_like_address(value) || relocated(w, field, field + FIELD);
}

/* Clears four bytes at `offset` of the token when they are a linker's. */
static void mask_fields(walk *w, size_t at, uint8_t *token)
{
    const cs_x86_encoding *encoding = &w->insn->detail->x86.encoding;
    size_t size = w->insn->size, disp = encoding->disp_offset, imm = encoding->imm_offset;
    bool moffs = w->insn->detail->x86.opcode[0] >= 0xa0 && w->insn->detail->x86.opcode[0] <= 0xa3;
    if (moffs && size >= FIELD + 1) {
        disp = size - FIELD;
        imm = 0;
    }
    if (disp > 0 && (encoding->disp_size == FIELD || moffs) && disp + FIELD <= size &&
        masks_displacement(w, w->insn, at, fps__get32le(token + disp))) {
        memset(token + disp, 0, FIELD);
        const x86_op_mem *memory = memory_of(w->insn);
        if (memory && w->tables[memory->base] && token[0] == 0x8b)
            token[0] = 0x8d;
    }
    if (imm > 0 && encoding->imm_size == FIELD && imm + FIELD <= size &&
        (is_table_add(w->insn) || looks_like_address(fps__get32le(token + imm)) ||
         relocated(w, at + imm, at + imm + FIELD)))
        memset(token + imm, 0, FIELD);
}

/* Writes the token of the instruction at `at`; its length, 0 when it is dropped. */
static size_t put_token(walk *w, size_t at, uint8_t token[LONGEST + 1])
{
    const cs_insn *insn = w->insn;
    switch (kind_of(insn)) {
    case FPS__INSTRUCTION_NOP:
        return 0;
    case FPS__INSTRUCTION_CALL:
        token[0] = 0xe8;
        return 1;
    case FPS__INSTRUCTION_JUMP:
        token[0] = 0xe9;
        return 1;
    case FPS__INSTRUCTION_BRANCH: {
        uint8_t first = insn->detail->x86.opcode[0], second = insn->detail->x86.opcode[1];
        token[0] = 0x0f;
        token[1] = first == 0x0f ? second : first >> 4 == 7 ? (uint8_t)(0x80 | (first & 15)) : first;
        return 2;
    }
    default:
        memcpy(token, insn->bytes, insn->size);
        mask_fields(w, at, token);
        return insn->size;
    }
}

/* Goes to the next instruction; false at the end or where there is none. */
static bool step(walk *w, size_t size, size_t *at)
{
    const uint8_t *bytes = w->code->bytes + *at;
    size_t left = size - *at;
    uint64_t address = w->code->address + *at;
    if (left == 0 || !cs_disasm_iter(w->capstone, &bytes, &left, &address, w->insn))
        return false;
    *at = size - left;
    return true;
}

static size_t size_of(const fps__code *code)
{
    return code->size < FPS__MAX_CODE_FUNCTION ? code->size : FPS__MAX_CODE_FUNCTION;
}

/* Starts a walk, which knows afterwards the registers that point to tables. */
static fps_status open_walk(walk *w, const fps__code *code)
{
    *w = (walk){.code = code, .relocation = code->relocations};
    if (code->relocation_count > 0)
        w->relocation_end = code->relocations + code->relocation_count;
    fps_status status = fps__capstone_open(&fps__machine_i386, code, &w->capstone);
    if (status != FPS_OK)
        return status;
    w->insn = cs_malloc(w->capstone);
    if (!w->insn) {
        cs_close(&w->capstone);
        return FPS_ERROR_MEMORY;
    }
    for (size_t at = 0; step(w, size_of(code), &at);)
        if (is_table_add(w->insn))
            w->tables[w->insn->detail->x86.operands[0].reg] = true;
    w->tables[X86_REG_INVALID] = w->tables[X86_REG_ESP] = false;
    return FPS_OK;
}

static void close_walk(walk *w)
{
    cs_free(w->insn, 1);
    cs_close(&w->capstone);
}

static fps_status normalise(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result)
{
    walk w;
    size_t size = size_of(code), at = 0;
    uint8_t token[LONGEST + 1];
    *result = (fps__code_result){0};
    buffer->count = 0;
    /* A branch of two bytes makes a token of two; nothing grows. */
    if (fps__array_reserve((void **)&buffer->bytes, 0, &buffer->capacity, size + LONGEST, 1,
                           (size_t)2 * FPS__MAX_CODE_FUNCTION) != FPS_OK)
        return FPS_ERROR_MEMORY;
    fps_status status = open_walk(&w, code);
    if (status != FPS_OK)
        return status;
    for (size_t start = 0; step(&w, size, &at); start = at) {
        size_t length = put_token(&w, start, token);
        memcpy(buffer->bytes + buffer->count, token, length);
        buffer->count += length;
        result->instructions += length > 0;
    }
    close_walk(&w);
    result->bytes = (uint32_t)at;
    result->hash = XXH3_64bits_withSeed(buffer->bytes, buffer->count, EM_386);
    return FPS_OK;
}

static fps_status mark(const fps__code *code, fps__code_buffer *buffer, char *marks)
{
    walk w;
    uint8_t token[LONGEST + 1];
    (void)buffer;
    fps_status status = open_walk(&w, code);
    if (status != FPS_OK)
        return status;
    for (size_t start = 0, at = 0; step(&w, size_of(code), &at); start = at) {
        size_t length = put_token(&w, start, token);
        bool same = length == w.insn->size && memcmp(token, w.insn->bytes, length) == 0;
        marks[start] = length == 0 ? '-' : same ? ' ' : '*';
    }
    close_walk(&w);
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
