/* x86-64: what the finder of functions knows of it, and its entry in the table of machines. */
#include "code/x86_decode.h"
#include "util/bytes.h"

#include <capstone/capstone.h>
#include <elf.h>

enum {
    CALL_OPCODE = 0xe8,
    CALL_LENGTH = 5,
    LEA_OPCODE = 0x8d,
    INT3 = 0xcc,
    STUB = 16,
};

/* ---- landing pads ---- */

static bool is_landing(const uint8_t *bytes, size_t size)
{
    static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    return size >= sizeof endbr64 && memcmp(bytes, endbr64, sizeof endbr64) == 0;
}

/* ---- stubs of procedure linkage tables ---- */

/* `pattern` holds two characters a byte: hexadecimal digits, or ".." for any. */
static bool matches(const uint8_t *bytes, size_t size, const char *pattern)
{
    static const char digits[] = "0123456789abcdef";
    for (; *pattern; pattern += 2, bytes++, size--) {
        if (!size)
            return false;
        if (pattern[0] != '.' && (digits[*bytes >> 4] != pattern[0] || digits[*bytes & 15] != pattern[1]))
            return false;
    }
    return true;
}

/* The forms that GNU ld, gold and lld write (System V ABI, AMD64 supplement 0.99, 5.2 and 13.2). */
static size_t stub_length(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *pattern;
        size_t length;
    } stubs[] = {
        {"ff25........68........e9........", STUB}, /* .plt, lazy */
        {"ff35........ff25........0f1f4000", STUB}, /* .plt, the first */
        {"ff35........f2ff25........0f1f00", STUB}, /* the same, with bnd */
        {"f30f1efa68........e9........6690", STUB}, /* .plt under CET */
        {"f30f1efa68........f2e9........90", STUB}, /* the same, with bnd */
        {"f30f1efaff25........660f1f440000", STUB}, /* .plt.sec, .plt.got */
        {"f30f1efaf2ff25........0f1f440000", STUB}, /* the same, with bnd */
        {"f30f1efaff25........0f1f80000000", STUB}, /* lld */
        {"ff25........6690", STUB / 2},             /* .plt.got */
        {"f2ff25........90", STUB / 2},             /* the same, with bnd */
        {"ff25........cccccccccccccccccccc", STUB}, /* lld, .iplt */
    };
    if (size < STUB / 2 || (bytes[0] != 0xff && bytes[0] != 0xf3 && bytes[0] != 0xf2))
        return 0;
    for (size_t i = 0; i < sizeof stubs / sizeof stubs[0]; i++) {
        if (matches(bytes, size, stubs[i].pattern))
            return stubs[i].length;
    }
    return 0;
}

/* ---- addresses that code takes, and calls ---- */

static bool takes_address(const uint8_t *bytes, uint64_t address, const fps__instruction *instruction,
                          uint64_t *registers, uint64_t *taken)
{
    (void)registers;
    if (!instruction->rip_relative || instruction->map || bytes[instruction->opcode] != LEA_OPCODE ||
        instruction->disp_size != 4)
        return false;
    *taken =
        address + instruction->length + (uint64_t)(int64_t)(int32_t)fps__get32le(bytes + instruction->disp);
    return true;
}

static bool next_call(const uint8_t *bytes, uint64_t address, uint64_t *at, uint64_t end, uint64_t *target)
{
    if (end - *at < CALL_LENGTH)
        return false;
    const uint8_t *call = memchr(bytes + *at, CALL_OPCODE, (size_t)(end - *at - CALL_LENGTH + 1));
    if (!call)
        return false;
    uint64_t place = (uint64_t)(call - bytes);
    *target = address + place + CALL_LENGTH + (uint64_t)(int64_t)(int32_t)fps__get32le(call + 1);
    *at = place + 1;
    return true;
}

enum { DISTANCE = 4 }; /* bytes of a %rip-relative operand */

/* A ModRM byte of a %rip-relative operand is 05 under the mask C7. Of eight bytes, little-endian: the upper bit of each that is. */
static uint64_t relative_operands(uint64_t bytes)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t differ = (bytes & each * 0xc7) ^ each * 0x05;
    return ~(((differ & each * 0x7f) + each * 0x7f) | differ) & each * 0x80;
}

/* The distance behind a ModRM byte at `at`. */
static inline uint64_t relative_address(const uint8_t *bytes, uint64_t address, size_t at)
{
    return address + at + 1 + DISTANCE + (uint64_t)(int64_t)(int32_t)fps__get32le(bytes + at + 1);
}

/* Every four bytes are taken for the distance of a %rip-relative operand at the end of an instruction, behind a ModRM
 * byte that says so, and for an absolute address. */
static void references(const uint8_t *bytes, size_t size, uint64_t address, bool fixed, uint64_t low,
                       uint64_t high, fps__address_visitor visit, void *user)
{
    enum { BLOCK = 8 };
    uint64_t span = high - low;
    for (size_t block = 0; block + 1 + DISTANCE <= size; block += BLOCK) {
        uint8_t last[BLOCK] = {0};
        size_t left = size - DISTANCE - block; /* where a ModRM byte may stand */
        if (left < BLOCK)
            memcpy(last, bytes + block, left);
        uint64_t word = fps__get64le(left < BLOCK ? last : bytes + block);
        for (uint64_t found = relative_operands(word); found; found &= found - 1) {
            size_t at = block + (size_t)__builtin_ctzll(found) / 8;
            uint64_t relative = relative_address(bytes, address, at);
            if (relative - low < span)
                visit(user, relative);
        }
    }
    for (size_t at = 0; fixed && at + 4 <= size; at++) {
        uint32_t value = fps__get32le(bytes + at);
        if (value - low < span)
            visit(user, value);
    }
}

const fps__machine fps__machine_x86_64 = {
    .number = EM_X86_64,
    .name = "x86-64",
    .bits = 64,
    .alignment = 1,
    .capstone_arch = CS_ARCH_X86,
    .capstone_mode = CS_MODE_64,
    .go_filler = INT3,
    .decode = fps__x86_decode,
    .normalise = fps__x86_normalise,
    .is_landing = is_landing,
    .stub_length = stub_length,
    .takes_address = takes_address,
    .next_call = next_call,
    .references = references,
};
