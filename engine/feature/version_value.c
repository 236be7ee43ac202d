/* The constants that version functions return, and what they mean. */
#include "feature/version_value.h"

#include "util/bytes.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

bool fps__names_version(const char *name, size_t length)
{
    for (size_t i = 0; i + 4 <= length; i++)
        if ((name[i] | 32) == 'v' && (name[i + 1] | 32) == 'e' && (name[i + 2] | 32) == 'r' &&
            (name[i + 3] | 32) == 's')
            return true;
    return false;
}

/* ---- x86 ---- */

static bool starts_with(const uint8_t *code, size_t size, const char *bytes, size_t count)
{
    return size >= count && memcmp(code, bytes, count) == 0;
}

/* Bytes of a prologue that does nothing to the value: a landing pad, and a frame as compilers make it without
 * optimisation. */
static size_t x86_prologue(const uint8_t *code, size_t size)
{
    size_t at = 0;
    if (starts_with(code, size, "\xf3\x0f\x1e", 3) && size > 3 &&
        (code[3] & 0xfe) == 0xfa) /* endbr64, endbr32 */
        at = 4;
    if (starts_with(code + at, size - at, "\x55\x48\x89\xe5", 4)) /* push rbp; mov rbp, rsp */
        at += 4;
    else if (starts_with(code + at, size - at, "\x55\x89\xe5", 3))
        at += 3;
    return at;
}

static bool x86_returns(const uint8_t *code, size_t size)
{
    size_t at = size && code[0] == 0x5d; /* pop rbp */
    at += starts_with(code + at, size - at, "\xf3\xc3", 2);
    return at < size && code[at] == 0xc3;
}

static bool read_x86(const uint8_t *code, size_t size, uint64_t address, bool wide, fps__returned *returned)
{
    size_t at = x86_prologue(code, size);
    if (size - at > 5 && code[at] == 0xb8 &&
        x86_returns(code + at + 5, size - at - 5)) { /* mov eax, constant */
        *returned = (fps__returned){fps__get32le(code + at + 1), false};
        return true;
    }
    if (wide && size - at > 7 &&
        starts_with(code + at, size - at, "\x48\x8d\x05", 3) && /* lea rax, [rip + n] */
        x86_returns(code + at + 7, size - at - 7)) {
        int32_t away = (int32_t)fps__get32le(code + at + 3);
        *returned = (fps__returned){address + at + 7 + (uint64_t)(int64_t)away, true};
        return true;
    }
    return false;
}

/* ---- AArch64 ---- */

enum {
    ARM64_RETURN = 0xd65f03c0,
    ARM64_BTI_C = 0xd503245f,
    MOVE_SHIFT = 21, /* of the half that movz and movk fill */
};
#define ARM64_MOVZ_W0 UINT32_C(0x52800000)
#define ARM64_MOVK_W0 UINT32_C(0x72800000)
#define ARM64_ADRP_X0 UINT32_C(0x90000000)
#define ARM64_ADD_X0  UINT32_C(0x91000000)

static uint64_t page_away(uint32_t instruction)
{
    uint64_t pages = (instruction >> 5 & 0x7ffff) << 2 | (instruction >> 29 & 3); /* 21 bits, signed */
    return ((pages ^ 0x100000) - 0x100000) << 12;
}

static bool read_arm64(const uint8_t *code, size_t size, uint64_t address, fps__returned *returned)
{
    bool any = false;
    *returned = (fps__returned){0, false};
    for (size_t at = 0; at + 4 <= size && at < 20; at += 4) {
        uint32_t instruction = fps__get32le(code + at), shift = (instruction >> MOVE_SHIFT & 3) * 16;
        uint64_t half = instruction >> 5 & 0xffff;
        if (instruction == ARM64_RETURN)
            return any;
        if (instruction == ARM64_BTI_C && at == 0)
            continue;
        if ((instruction & 0xff80001f) == ARM64_MOVZ_W0 && shift < 32)
            *returned = (fps__returned){half << shift, false};
        else if ((instruction & 0xff80001f) == ARM64_MOVK_W0 && shift < 32 && any)
            returned->value = (returned->value & ~(UINT64_C(0xffff) << shift)) | half << shift;
        else if ((instruction & 0x9f00001f) == ARM64_ADRP_X0)
            *returned = (fps__returned){((address + at) & ~UINT64_C(0xfff)) + page_away(instruction), true};
        else if ((instruction & 0xffc003ff) == ARM64_ADD_X0 && returned->is_address)
            returned->value += instruction >> 10 & 0xfff;
        else
            return false;
        any = true;
    }
    return false;
}

bool fps__returned_read(const uint8_t *code, size_t size, uint64_t address, uint16_t machine,
                        fps__returned *returned)
{
    if (machine == EM_X86_64 || machine == EM_386)
        return read_x86(code, size, address, machine == EM_X86_64, returned);
    return machine == EM_AARCH64 && read_arm64(code, size, address, returned);
}

/* ---- numbers ---- */

/* How projects pack a version: each part is the number divided by its divisor, less the part before it. */
typedef struct packing {
    unsigned parts;
    uint32_t divisors[3];
    uint32_t rest; /* most that may be left over: a stage of development */
} packing;

static const packing packings[] = {
    {3, {0x10000, 0x100, 1}, 0},          /* libwebp, aom, libgcrypt */
    {3, {0x1000000, 0x10000, 0x100}, 0},  /* libevent, libheif, mbedtls */
    {3, {0x1000000, 0x1000, 1}, 0},       /* brotli */
    {3, {0x10000000, 0x100000, 0x10}, 0}, /* OpenSSL 3 */
    {3, {10000, 100, 1}, 0},              /* zstd, lz4, libpng, cairo */
    {3, {1000000, 1000, 1}, 0},           /* libjxl, libarchive, SQLite, SDL 3 */
    {3, {10000000, 10000, 10}, 2},        /* liblzma: 2 is stable */
    {2, {10000, 1}, 0},                   /* PostgreSQL */
    {2, {1000, 10}, 0},                   /* Little CMS */
};

/* OpenSSL 1: MNNFFPPS, the patch level as a letter. */
static size_t letter_version(uint64_t number, char *version)
{
    unsigned patch = number >> 4 & 0xff;
    if (number >> 28 != 1 || patch > 26)
        return 0;
    int length = snprintf(version, FPS__NUMBER_VERSION_SIZE, "1.%u.%u", (unsigned)(number >> 20 & 0xff),
                          (unsigned)(number >> 12 & 0xff));
    if (patch)
        snprintf(version + length, FPS__NUMBER_VERSION_SIZE - (size_t)length, "%c", (int)('a' + patch - 1));
    return 1;
}

/* A number whose hexadecimal digits are to be read as decimal ones, as such: 0x1100 is 1100. 0 where one is no such digit. */
static uint64_t read_coded(uint64_t number)
{
    uint64_t read = 0, scale = 1;
    for (; number; number >>= 4, scale *= 10) {
        if ((number & 15) > 9)
            return 0;
        read += (number & 15) * scale;
    }
    return read;
}

/* libde265: 0x01001100 is 1.0.11. */
static size_t coded_version(uint64_t number, char *version)
{
    uint64_t read = number & 0xff ? 0 : read_coded(number >> 8);
    if (read < 10000)
        return 0;
    snprintf(version, FPS__NUMBER_VERSION_SIZE, "%u.%u.%u", (unsigned)(read / 10000),
             (unsigned)(read / 100 % 100), (unsigned)(read % 100));
    return 1;
}

size_t fps__number_versions(uint64_t number, char versions[][FPS__NUMBER_VERSION_SIZE])
{
    size_t count = 0;
    if (number < 100 || number > UINT32_MAX)
        return 0;
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++) {
        const packing *p = &packings[i];
        uint64_t part[3] = {number / p->divisors[0], 0, 0};
        for (unsigned k = 1; k < p->parts; k++)
            part[k] = number % p->divisors[k - 1] / p->divisors[k];
        if (part[0] > 999 || number % p->divisors[p->parts - 1] > p->rest || (p->rest && !part[0]))
            continue;
        char *version = versions[count++];
        int length = snprintf(version, FPS__NUMBER_VERSION_SIZE, "%llu.%llu", (unsigned long long)part[0],
                              (unsigned long long)part[1]);
        if (p->parts == 3)
            snprintf(version + length, FPS__NUMBER_VERSION_SIZE - (size_t)length, ".%llu",
                     (unsigned long long)part[2]);
    }
    count += coded_version(number, versions[count]);
    return count + letter_version(number, versions[count]);
}
