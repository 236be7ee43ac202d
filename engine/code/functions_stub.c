/* Knows the stubs of procedure linkage tables by their bytes, for files whose sections have no names. */
#include "code/functions_internal.h"

#include <elf.h>

enum {
    STUB = 16,
    ARM64_STUB = 16,
    ARM64_FIRST_STUB = 32,
    ARM64_LANDING_STUB = 24,
    ARM64_BTI_C = (int)0xd503245f,
};

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
static size_t x86_stub_length(const uint8_t *bytes, size_t size)
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

static bool is_page_address(uint32_t word, uint32_t target)
{
    return (word & 0x9f000000u) == 0x90000000u && (word & 31) == target;
}

/* adrp x16; ldr x17, [x16, #n]; add x16, x16, #n; br x17 (ELF for the Arm 64-bit architecture, 2023Q3). */
static bool is_arm64_stub(const uint8_t *bytes)
{
    return is_page_address(fps__get32le(bytes), 16) &&
           (fps__get32le(bytes + 4) & 0xffc003ffu) == 0xf9400211u &&
           (fps__get32le(bytes + 8) & 0xffc003ffu) == 0x91000210u && fps__get32le(bytes + 12) == 0xd61f0220u;
}

static size_t arm64_stub_length(const uint8_t *bytes, size_t size)
{
    if (size < ARM64_STUB)
        return 0;
    if (is_arm64_stub(bytes))
        return ARM64_STUB;
    uint32_t first = fps__get32le(bytes);
    if (first == (uint32_t)ARM64_BTI_C && size >= ARM64_LANDING_STUB && is_arm64_stub(bytes + 4))
        return ARM64_LANDING_STUB;
    size_t skip = first == (uint32_t)ARM64_BTI_C ? 4 : 0;
    bool pushes = size >= ARM64_FIRST_STUB && fps__get32le(bytes + skip) == 0xa9bf7bf0u; /* stp x16, x30 */
    return pushes && is_arm64_stub(bytes + skip + 4) ? ARM64_FIRST_STUB : 0;
}

size_t fps__stub_length(uint16_t machine, const uint8_t *bytes, size_t size)
{
    if (machine == EM_X86_64)
        return x86_stub_length(bytes, size);
    return machine == EM_AARCH64 ? arm64_stub_length(bytes, size) : 0;
}
