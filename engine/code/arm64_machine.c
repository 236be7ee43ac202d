/* AArch64: what the finder of functions knows of it, and its entry in the table of machines. */
#include "code/arm64.h"
#include "util/bytes.h"

#include <capstone/capstone.h>
#include <elf.h>

enum { STUB = 16, FIRST_STUB = 32, LANDING_STUB = 24 };

/* Hints: Arm Architecture Reference Manual, C6.2 "BTI", "PACIASP". */
#define BTI_C   UINT32_C(0xd503245f)
#define BTI_JC  UINT32_C(0xd50324df)
#define PACIASP UINT32_C(0xd503233f)
#define PACIBSP UINT32_C(0xd503237f)

static bool is_word(const uint8_t *bytes, size_t size, uint32_t value)
{
    return size >= FPS__ARM64_LENGTH && fps__get32le(bytes) == value;
}

/* Signing the return address is the first thing a function does, if it does so before the frame is needed. */
static bool is_prologue(const uint8_t *bytes, size_t size)
{
    return is_word(bytes, size, PACIASP) || is_word(bytes, size, PACIBSP);
}

static bool is_landing(const uint8_t *bytes, size_t size)
{
    return is_word(bytes, size, BTI_C) || is_word(bytes, size, BTI_JC) || is_prologue(bytes, size);
}

/* ---- stubs of procedure linkage tables ---- */

static bool is_page_address(uint32_t word, uint32_t target)
{
    return (word & 0x9f000000u) == 0x90000000u && (word & 31) == target;
}

/* adrp x16; ldr x17, [x16, #n]; add x16, x16, #n; br x17 (ELF for the Arm 64-bit architecture, 2023Q3). */
static bool is_stub(const uint8_t *bytes)
{
    return is_page_address(fps__get32le(bytes), 16) &&
           (fps__get32le(bytes + 4) & 0xffc003ffu) == 0xf9400211u &&
           (fps__get32le(bytes + 8) & 0xffc003ffu) == 0x91000210u && fps__get32le(bytes + 12) == 0xd61f0220u;
}

static size_t stub_length(const uint8_t *bytes, size_t size)
{
    if (size < STUB)
        return 0;
    if (is_stub(bytes))
        return STUB;
    uint32_t first = fps__get32le(bytes);
    if (first == BTI_C && size >= LANDING_STUB && is_stub(bytes + 4))
        return LANDING_STUB;
    size_t skip = first == BTI_C ? 4 : 0;
    bool pushes = size >= FIRST_STUB && fps__get32le(bytes + skip) == 0xa9bf7bf0u; /* stp x16, x30 */
    return pushes && is_stub(bytes + skip + 4) ? FIRST_STUB : 0;
}

/* ---- addresses that code takes, and calls ---- */

static bool takes_address(const uint8_t *bytes, uint64_t address, const fps__instruction *instruction,
                          uint64_t *registers, uint64_t *taken)
{
    (void)instruction;
    uint32_t word = fps__get32le(bytes);
    if ((word & 0x9f000000u) == 0x90000000u) { /* adrp: the register points to a page */
        registers[word & 31] = (address & ~UINT64_C(0xfff)) + ((uint64_t)fps__arm64_adr(word) << 12);
        return false;
    }
    uint64_t page = registers[word >> 5 & 31];
    if ((word & 0xffc00000u) != 0x91000000u || !page) /* add xD, xN, #imm */
        return false;
    *taken = page + (word >> 10 & 0xfff);
    return true;
}

static bool next_call(const uint8_t *bytes, uint64_t address, uint64_t *at, uint64_t end, uint64_t *target)
{
    for (*at = (*at + 3) & ~UINT64_C(3); *at + FPS__ARM64_LENGTH <= end; *at += FPS__ARM64_LENGTH) {
        uint32_t word = fps__get32le(bytes + *at);
        if ((word & 0xfc000000u) != 0x94000000u) /* bl */
            continue;
        *target = address + *at + (uint64_t)(fps__arm64_signed(word, 26) * FPS__ARM64_LENGTH);
        *at += FPS__ARM64_LENGTH;
        return true;
    }
    return false;
}

/* Pages by adrp with what add or a load puts on top, and adr. */
static void references(const uint8_t *bytes, size_t size, uint64_t address, bool fixed, uint64_t low,
                       uint64_t high, fps__address_visitor visit, void *user)
{
    (void)fixed;
    uint64_t registers[FPS__MACHINE_REGISTERS] = {0}, span = high - low, taken;
    for (size_t at = 0; at + FPS__ARM64_LENGTH <= size; at += FPS__ARM64_LENGTH) {
        uint32_t word = fps__get32le(bytes + at);
        if ((word & 0x9f000000u) == 0x10000000u) /* adr */
            taken = address + at + (uint64_t)fps__arm64_adr(word);
        else if (!takes_address(bytes + at, address + at, NULL, registers, &taken))
            continue;
        if (taken - low < span)
            visit(user, taken);
    }
}

const fps__machine fps__machine_arm64 = {
    .number = EM_AARCH64,
    .name = "aarch64",
    .bits = 64,
    .alignment = FPS__ARM64_LENGTH,
    .capstone_arch = CS_ARCH_ARM64,
    .capstone_mode = CS_MODE_LITTLE_ENDIAN,
    .lists_words = true,
    .decode = fps__arm64_decode,
    .normalise = fps__arm64_normalise,
    .mark = fps__arm64_mark,
    .is_landing = is_landing,
    .is_prologue = is_prologue,
    .stub_length = stub_length,
    .takes_address = takes_address,
    .next_call = next_call,
    .references = references,
};
