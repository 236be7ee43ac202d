/* The decoder of x86-64 and i386 against Zydis over enumerated and random encodings: what Zydis decodes, it decodes
 * alike. */
#include "x86_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 24, RANDOM_ROUNDS = 2000000, EXAMPLES = 12 };

typedef struct tally {
    const fps__machine *machine;
    ZydisDecoder decoder;
    uint64_t counts[X86_DIFFERENCES];
    uint64_t state; /* of the random numbers */
} tally;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void fill(tally *t, uint8_t *bytes, size_t from)
{
    for (size_t i = from; i < SIZE; i++)
        bytes[i] = (uint8_t)next_random(&t->state);
}

static void compare(tally *t, const uint8_t *bytes)
{
    fps__instruction ours;
    ZydisDecodedInstruction theirs;
    x86_difference class = x86_compare(t->machine, &t->decoder, bytes, SIZE, &ours, &theirs);
    if (t->counts[class]++ >= EXAMPLES || class <= X86_BOTH_REFUSE || class == X86_TAKEN)
        return;
    print_error("%s:", x86_difference_names[class]);
    for (size_t i = 0; i < 16; i++)
        print_error(" %02x", bytes[i]);
    print_error(" (%u, %u)\n", ours.length, theirs.length);
}

/* `state` of a test is its machine. */
static tally *start(void **state)
{
    tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->machine = *state;
    assert_true(x86_open(&t->decoder, t->machine));
    return t;
}

static void finish(tally *t)
{
    for (int i = X86_REFUSED; i < X86_DIFFERENCES; i++)
        if (i != X86_TAKEN && t->counts[i])
            print_error("%s: %llu\n", x86_difference_names[i], (unsigned long long)t->counts[i]);
    print_message("same %llu, both refuse %llu, taken %llu\n", (unsigned long long)t->counts[X86_SAME],
                  (unsigned long long)t->counts[X86_BOTH_REFUSE], (unsigned long long)t->counts[X86_TAKEN]);
    for (int i = X86_REFUSED; i < X86_DIFFERENCES; i++)
        assert_true(i == X86_TAKEN || t->counts[i] == 0);
    free(t);
}

/* Every opcode and ModRM byte of the legacy maps behind each set of prefixes. */
static void test_legacy_opcodes(void **state)
{
    static const char *const prefixes[] = {
        "",     "\x66", "\xf2", "\xf3",         "\x48",     "\x66\x48",     "\xf2\x4c", "\xf3\x49",
        "\x67", "\x41", "\x64", "\x3e\x67\x4f", "\x48\x66", "\x66\xf2\x40", "\xf0",     "\x66\x67"};
    static const char *const escapes[] = {"", "\x0f", "\x0f\x38", "\x0f\x3a"};
    tally *t = start(state);
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes * 4 * 65536; i++) {
        const char *prefix = prefixes[i >> 18], *escape = escapes[i >> 16 & 3];
        uint8_t bytes[SIZE];
        size_t length = (size_t)sprintf((char *)bytes, "%s%s", prefix, escape);
        fill(t, bytes, length);
        bytes[length] = (uint8_t)(i >> 8);
        bytes[length + 1] = (uint8_t)i;
        compare(t, bytes);
    }
    finish(t);
}

/* Every opcode of VEX and XOP, with each W, L and pp and some ModRM bytes. */
static void test_vex_opcodes(void **state)
{
    static const uint8_t modrms[] = {0x05, 0x04, 0x44, 0x84, 0xc1, 0x0a, 0x53, 0x9b, 0xe4, 0xf8, 0x25, 0x6c};
    tally *t = start(state);
    for (uint32_t i = 0; i < 2 << 19; i++) {
        uint8_t bytes[SIZE];
        bool xop = i >> 19 & 1;
        fill(t, bytes, 0);
        bytes[0] = xop ? 0x8f : 0xc4;
        bytes[1] = (uint8_t)((bytes[1] & 0xe0) | ((i >> 17 & 3) + (xop ? 8 : 0)));
        bytes[2] = (uint8_t)((i & 4 ? 0x78 : bytes[2] & 0x78) | (i >> 8 & 0x80) | (i >> 8 & 7));
        bytes[3] = (uint8_t)(i >> 9 & 0x7f) ^ (uint8_t)(i << 7);
        bytes[4] = modrms[next_random(&t->state) % sizeof modrms];
        compare(t, bytes);
        memmove(bytes + 1, bytes + 2, 14); /* the short form has the same bits but for the map */
        bytes[0] = 0xc5;
        compare(t, bytes);
    }
    finish(t);
}

static void test_evex_opcodes(void **state)
{
    tally *t = start(state);
    for (uint32_t i = 0; i < 4 << 19; i++) {
        uint8_t bytes[SIZE];
        fill(t, bytes, 0);
        bytes[0] = 0x62;
        bytes[1] = (uint8_t)((bytes[1] & 0xf0) | (i >> 8 & 7));
        bytes[2] = (uint8_t)((i & 1 << 20 ? 0x7c : bytes[2] & 0x78) | 4 | (i >> 11 & 0x83));
        bytes[3] = (uint8_t)(i & 1 << 19 ? 0x48 : bytes[3]);
        bytes[4] = (uint8_t)i;
        compare(t, bytes);
    }
    finish(t);
}

static void test_random_bytes(void **state)
{
    static const uint8_t heads[] = {0x66, 0xf2, 0xf3, 0xf0, 0x67, 0x64, 0x2e, 0x3e, 0x40, 0x48, 0x4f, 0x0f};
    tally *t = start(state);
    for (uint32_t i = 0; i < RANDOM_ROUNDS; i++) {
        uint8_t bytes[SIZE];
        fill(t, bytes, 0);
        uint64_t choice = next_random(&t->state);
        for (size_t k = 0; k < (choice & 15); k++)
            bytes[k] = heads[next_random(&t->state) % sizeof heads];
        compare(t, bytes);
    }
    finish(t);
}

/* A test for each machine. */
#define BOTH(test)                                                                                           \
    cmocka_unit_test_prestate(test, (void *)&fps__machine_x86_64),                                           \
        cmocka_unit_test_prestate(test, (void *)&fps__machine_i386)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_legacy_opcodes),
        BOTH(test_vex_opcodes),
        BOTH(test_evex_opcodes),
        BOTH(test_random_bytes),
    };
    return cmocka_run_group_tests_name("x86_oracle", tests, NULL, NULL);
}
