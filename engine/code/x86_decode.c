/* Decodes instructions of x86-64 and i386: all maps and prefixes, what it takes to tell length and fields. */
#include "code/x86_decode.h"

#include "util/bytes.h"

#include <string.h>

enum { MAP_3DNOW = 4, MAP_XOP = 8 };

/* Entries of opcodes that have no table: ModRM with an immediate of so many bytes, whatever the prefixes are.
 */
#define OPERAND_ONLY FPS__X86_MODRM
#define OPERAND_BYTE (FPS__X86_MODRM | FPS__X86_SIZES(1, 1, 1, 1))
#define OPERAND_WORD (FPS__X86_MODRM | FPS__X86_SIZES(2, 2, 2, 2))
#define OPERAND_LONG (FPS__X86_MODRM | FPS__X86_SIZES(4, 4, 4, 4))

/* Length of ModRM and displacement where addresses have 16 bits, and the displacement's size << 4. */
static uint32_t small_operand(uint32_t modrm)
{
    uint32_t mode = modrm >> 6;
    uint32_t size = mode == 3 ? 0 : mode == 0 ? ((modrm & 7) == 6 ? 2 : 0) : mode;
    return (1 + size) | size << 4;
}

/* Reads ModRM, SIB and displacement behind the opcode, then the immediate of a class; sets the length. */
static void finish(const uint8_t *bytes, uint64_t entry, fps__x86_shape *shape)
{
    uint32_t at = shape->opcode + 1;
    if (entry & FPS__X86_MODRM) {
        bool small = shape->mode == FPS__X86_MODE_32 && (shape->prefixes & FPS__X86_ADDRESS);
        uint32_t operand =
            small ? small_operand(bytes[at]) : fps__x86_operands[bytes[at] << 3 | (bytes[at + 1] & 7)];
        shape->modrm = at;
        at += operand & 15;
        shape->disp_size = operand >> 4;
        shape->disp = at - shape->disp_size;
    }
    shape->imm = at;
    bool wide = shape->mode == FPS__X86_MODE_64 && (shape->rex & FPS__X86_REX_W);
    uint32_t shift = wide ? 8 : (shape->prefixes & FPS__X86_OPERAND) * fps__x86_small_shift(shape->mode);
    shape->imm_size = (uint32_t)(entry >> shift) & FPS__X86_SIZE_MASK;
    if ((entry & FPS__X86_GROUP3_TEST) && bytes[shape->modrm] & 0x30)
        shape->imm_size = 0;
    shape->length = at + shape->imm_size;
    shape->role = (uint32_t)(entry >> FPS__X86_ROLE_SHIFT);
}

static bool set_bit(const uint32_t bits[8], uint32_t number)
{
    return bits[number >> 5] >> (number & 31) & 1;
}

/* 0F 38 and 0F 3A: those opcodes that are defined. */
static bool read_three_byte(const uint8_t *bytes, fps__x86_shape *shape, uint32_t map)
{
    static const uint32_t defined[2][8] = {
        {0x70b10fff, 0xffbf0f3f, 0x00000003, 0, 0x00000007, 0, 0xf900bf00, 0x1f630000},
        {0x00f0ff00, 0x00000007, 0x00000017, 0x0000000f, 0, 0, 0x8000d000, 0x00010000},
    };
    shape->map = map;
    shape->opcode++;
    if (!set_bit(defined[map - 2], bytes[shape->opcode]))
        return false;
    finish(bytes, map == 2 ? OPERAND_ONLY : OPERAND_BYTE, shape);
    return true;
}

/* 0F 0F: operands first, then a byte that is the opcode. */
static void read_3dnow(const uint8_t *bytes, fps__x86_shape *shape)
{
    finish(bytes, OPERAND_BYTE, shape);
    shape->map = MAP_3DNOW;
    shape->opcode = shape->imm;
    shape->imm_size = 0;
}

static bool read_two_byte(const uint8_t *bytes, fps__x86_shape *shape)
{
    uint32_t opcode = bytes[++shape->opcode];
    shape->map = 1;
    switch (opcode) {
    case 0x38:
    case 0x3a:
        return read_three_byte(bytes, shape, opcode == 0x38 ? 2 : 3);
    case 0x0f:
        read_3dnow(bytes, shape);
        return true;
    case 0x20: /* control and debug registers: ModRM names registers, whatever its mode says */
    case 0x21:
    case 0x22:
    case 0x23:
        finish(bytes, 0, shape);
        shape->modrm = shape->opcode + 1;
        shape->length++;
        return true;
    case 0x78: /* VMREAD; EXTRQ and INSERTQ with two bytes */
        finish(bytes, shape->prefixes & (FPS__X86_OPERAND | FPS__X86_REPNE) ? OPERAND_WORD : OPERAND_ONLY,
               shape);
        return true;
    }
    uint64_t entry = fps__x86_opcodes[256 | opcode];
    finish(bytes, entry, shape);
    return !(entry & FPS__X86_UNREAD(shape->mode));
}

/* The immediate of VEX and EVEX opcodes: those of 0F, none in the other maps but 0F 3A. */
static uint64_t vector_entry(uint32_t map, uint32_t opcode)
{
    if (map == 3)
        return OPERAND_BYTE;
    if (map != 1)
        return OPERAND_ONLY;
    bool immediate =
        (opcode >= 0x70 && opcode <= 0x73) || opcode == 0xc2 || (opcode >= 0xc4 && opcode <= 0xc6);
    return immediate ? OPERAND_BYTE : OPERAND_ONLY;
}

/* VEX of two and three bytes, and XOP, which has the form of the latter. `first` is the prefix byte. */
static bool read_vex(const uint8_t *bytes, fps__x86_shape *shape, uint32_t first)
{
    const uint32_t forbidden = FPS__X86_OPERAND | FPS__X86_REPNE | FPS__X86_REP | FPS__X86_LOCK;
    uint32_t second = bytes[shape->opcode + 1], third = bytes[shape->opcode + 2];
    if (shape->rex || (shape->prefixes & forbidden))
        return false;
    if (first == 0xc5) {
        shape->rex = 0x40 | (~second >> 5 & FPS__X86_REX_R);
        shape->map = 1;
        shape->opcode += 2;
    } else {
        shape->rex = 0x40 | (~second >> 5 & 7) | (third >> 4 & FPS__X86_REX_W);
        shape->map = second & 31;
        shape->opcode += 3;
    }
    uint32_t opcode = bytes[shape->opcode];
    if (first == 0x8f) {
        if (shape->map > MAP_XOP + 2)
            return false;
        static const uint64_t entries[] = {OPERAND_BYTE, OPERAND_ONLY, OPERAND_LONG};
        finish(bytes, entries[shape->map - MAP_XOP], shape);
        return true;
    }
    if (shape->map < 1 || shape->map > 3)
        return false;
    bool plain = shape->map == 1 && opcode == 0x77; /* VZEROUPPER, VZEROALL */
    finish(bytes, plain ? 0 : vector_entry(shape->map, opcode), shape);
    return true;
}

static bool read_evex(const uint8_t *bytes, fps__x86_shape *shape)
{
    const uint32_t forbidden = FPS__X86_OPERAND | FPS__X86_REPNE | FPS__X86_REP | FPS__X86_LOCK;
    const uint8_t *payload = bytes + shape->opcode + 1;
    uint32_t map = payload[0] & 7;
    if (shape->rex || (shape->prefixes & forbidden) || (payload[0] & 8) || !(payload[1] & 4))
        return false;
    if (map == 0 || map == 4 || map == 7)
        return false;
    shape->rex = 0x40 | (~(uint32_t)payload[0] >> 5 & 7) | (payload[1] >> 4 & FPS__X86_REX_W);
    shape->map = map;
    shape->opcode += 4;
    finish(bytes, vector_entry(map, bytes[shape->opcode]), shape);
    return true;
}

static bool read_one_byte(const uint8_t *bytes, fps__x86_shape *shape)
{
    uint32_t opcode = bytes[shape->opcode];
    switch (opcode) {
    case 0x0f:
        return read_two_byte(bytes, shape);
    case 0x62: /* in 32-bit mode BOUND, LES and LDS, whose operand must be memory */
    case 0xc4:
    case 0xc5:
        if (shape->mode == FPS__X86_MODE_32 && bytes[shape->opcode + 1] < 0xc0) {
            finish(bytes, OPERAND_ONLY, shape);
            return true;
        }
        return opcode == 0x62 ? read_evex(bytes, shape) : read_vex(bytes, shape, opcode);
    case 0x8f:
        if ((bytes[shape->opcode + 1] & 31) >= MAP_XOP)
            return read_vex(bytes, shape, opcode);
        finish(bytes, OPERAND_ONLY, shape);
        return !(bytes[shape->modrm] & 0x38);
    case 0xa0: /* moffs */
    case 0xa1:
    case 0xa2:
    case 0xa3:
        shape->disp = shape->opcode + 1;
        shape->disp_size = shape->mode == FPS__X86_MODE_64 ? 8 : 4;
        if (shape->prefixes & FPS__X86_ADDRESS)
            shape->disp_size /= 2;
        shape->length = shape->disp + shape->disp_size;
        return true;
    }
    uint64_t entry = fps__x86_opcodes[opcode];
    finish(bytes, entry, shape);
    return !(entry & FPS__X86_UNREAD(shape->mode));
}

/* One copy for each mode, which is a constant there. */
static inline __attribute__((always_inline)) bool read_shape(const uint8_t *bytes, fps__x86_mode mode,
                                                             fps__x86_shape *shape)
{
    fps__x86_head head = fps__x86_head_read(bytes, mode);
    if (head.entry & FPS__X86_UNREAD(mode))
        return fps__x86_shape_slow(bytes, mode, shape);
    fps__x86_head_shape(&head, mode, shape);
    return true;
}

bool fps__x86_shape_read(const uint8_t *bytes, fps__x86_mode mode, fps__x86_shape *shape)
{
    return mode == FPS__X86_MODE_64 ? read_shape(bytes, FPS__X86_MODE_64, shape)
                                    : read_shape(bytes, FPS__X86_MODE_32, shape);
}

bool fps__x86_shape_slow(const uint8_t *bytes, fps__x86_mode mode, fps__x86_shape *shape)
{
    const uint32_t segments = FPS__X86_FS_GS | FPS__X86_SEGMENT;
    uint32_t at = 0;
    *shape = (fps__x86_shape){.mode = mode};
    for (; at < FPS__MAX_X86_LENGTH; at++) {
        uint32_t prefix = fps__x86_prefixes[bytes[at]];
        if (mode == FPS__X86_MODE_32 && (prefix & segments))
            shape->prefixes &= ~segments; /* the last one counts */
        if (prefix)
            shape->rex = 0; /* REX counts only right before the opcode */
        else if (mode == FPS__X86_MODE_64 && (bytes[at] & 0xf0) == 0x40)
            shape->rex = bytes[at];
        else
            break;
        shape->prefixes |= prefix;
    }
    shape->opcode = at;
    return at < FPS__MAX_X86_LENGTH && read_one_byte(bytes, shape) && shape->length <= FPS__MAX_X86_LENGTH;
}

/* Whether a general register is written whole: as wide as addresses are. */
static bool is_whole(const fps__x86_shape *shape)
{
    return shape->mode == FPS__X86_MODE_64 ? shape->rex & FPS__X86_REX_W
                                           : !(shape->prefixes & FPS__X86_OPERAND);
}

/* MOV of a register to itself. */
static bool is_idle_move(const uint8_t *bytes, const fps__x86_shape *shape)
{
    uint32_t modrm = bytes[shape->modrm];
    return is_whole(shape) && modrm >= 0xc0 && (modrm >> 3 & 7) == (modrm & 7) &&
           !(shape->rex >> 2 & 1) == !(shape->rex & 1);
}

/* LEA of a register's own value: `lea 0(%rsi),%rsi`. */
static bool is_idle_lea(const uint8_t *bytes, const fps__x86_shape *shape)
{
    uint32_t modrm = bytes[shape->modrm], base = modrm & 7, sib = bytes[shape->modrm + 1];
    static const uint8_t zero[4];
    if (!is_whole(shape) || (shape->prefixes & FPS__X86_ADDRESS) || modrm >= 0xc0)
        return false;
    if (base == 4) {
        if ((sib & 0x38) != 0x20 || (shape->rex & FPS__X86_REX_X) || ((sib & 7) == 5 && modrm < 0x40))
            return false;
        base = sib & 7;
    } else if (base == 5 && modrm < 0x40) {
        return false;
    }
    return base == (modrm >> 3 & 7) && !(shape->rex >> 2 & 1) == !(shape->rex & 1) &&
           memcmp(bytes + shape->disp, zero, shape->disp_size) == 0;
}

bool fps__x86_is_nop(const uint8_t *bytes, const fps__x86_shape *shape)
{
    switch (shape->role) {
    case FPS__X86_NOP:
        return true;
    case FPS__X86_EXCHANGE: /* not PAUSE, nor an exchange with R8 */
        return !(shape->prefixes & FPS__X86_REP) && !(shape->rex & FPS__X86_REX_B);
    case FPS__X86_HINT: /* ENDBR64, ENDBR32 */
        return (shape->prefixes & FPS__X86_REP) && (bytes[shape->modrm] | 1) == 0xfb;
    case FPS__X86_LOAD:
    case FPS__X86_STORE:
        return is_idle_move(bytes, shape);
    case FPS__X86_LEA:
        return is_idle_lea(bytes, shape);
    default:
        return false;
    }
}

static inline __attribute__((always_inline)) fps__instruction_kind kind_of(const uint8_t *bytes,
                                                                           const fps__x86_shape *shape)
{
    uint32_t reg = bytes[shape->modrm] >> 3 & 7;
    if (shape->role == FPS__X86_PLAIN) /* most are */
        return FPS__INSTRUCTION_PLAIN;
    switch (shape->role) {
    case FPS__X86_CALL:
        return FPS__INSTRUCTION_CALL;
    case FPS__X86_JUMP:
        return FPS__INSTRUCTION_JUMP;
    case FPS__X86_BRANCH:
    case FPS__X86_LOOP:
        return FPS__INSTRUCTION_BRANCH;
    case FPS__X86_RETURN:
        return FPS__INSTRUCTION_RETURN;
    case FPS__X86_FAR_CALL:
        return FPS__INSTRUCTION_CALL_INDIRECT;
    case FPS__X86_FAR_JUMP:
        return FPS__INSTRUCTION_JUMP_INDIRECT;
    case FPS__X86_TRAP:
        return FPS__INSTRUCTION_TRAP;
    case FPS__X86_MOVE_GROUP: /* XBEGIN */
        return bytes[shape->modrm] == 0xf8 ? FPS__INSTRUCTION_BRANCH : FPS__INSTRUCTION_PLAIN;
    case FPS__X86_GROUP5:
        if (reg == 2 || reg == 3)
            return FPS__INSTRUCTION_CALL_INDIRECT;
        return reg == 4 || reg == 5 ? FPS__INSTRUCTION_JUMP_INDIRECT : FPS__INSTRUCTION_PLAIN;
    default:
        return fps__x86_is_nop(bytes, shape) ? FPS__INSTRUCTION_NOP : FPS__INSTRUCTION_PLAIN;
    }
}

static bool is_direct(fps__instruction_kind kind)
{
    return kind == FPS__INSTRUCTION_CALL || kind == FPS__INSTRUCTION_JUMP || kind == FPS__INSTRUCTION_BRANCH;
}

/* The operand of a relative branch; two bytes only in XBEGIN and with prefix 66 in 32-bit mode. */
static int64_t relative(const uint8_t *field, uint32_t size)
{
    if (size == 1)
        return (int8_t)field[0];
    return size == 2 ? (int16_t)fps__get16le(field) : (int32_t)fps__get32le(field);
}

static inline __attribute__((always_inline)) bool decode(const uint8_t *bytes, size_t size,
                                                         fps__x86_mode mode, fps__instruction *instruction)
{
    uint8_t padded[FPS__X86_SLACK] = {0};
    fps__x86_shape shape;
    *instruction = (fps__instruction){0};
    if (size < FPS__X86_SLACK) {
        if (size > 0)
            memcpy(padded, bytes, size);
        bytes = padded;
    }
    if (!read_shape(bytes, mode, &shape) || shape.length > size)
        return false;
    fps__instruction_kind kind = kind_of(bytes, &shape);
    *instruction = (fps__instruction){
        .length = (uint8_t)shape.length,
        .kind = (uint8_t)kind,
        .opcode = (uint8_t)shape.opcode,
        .modrm = (uint8_t)shape.modrm,
        .disp = (uint8_t)(shape.disp_size ? shape.disp : 0),
        .disp_size = (uint8_t)shape.disp_size,
        .imm = (uint8_t)(shape.imm_size ? shape.imm : 0),
        .imm_size = (uint8_t)shape.imm_size,
        .map = (uint8_t)shape.map,
        .rex = (uint8_t)shape.rex,
        .rip_relative = fps__x86_rip_relative(bytes, &shape),
    };
    if (is_direct(kind)) {
        instruction->target = shape.length + relative(bytes + shape.imm, shape.imm_size);
    }
    return true;
}

bool fps__x86_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction)
{
    return decode(bytes, size, FPS__X86_MODE_64, instruction);
}

bool fps__i386_decode(const uint8_t *bytes, size_t size, fps__instruction *instruction)
{
    return decode(bytes, size, FPS__X86_MODE_32, instruction);
}
