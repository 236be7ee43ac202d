/* Normalised x86-64 and i386: what the linker rewrites comes out the same, what differs stays different. */
#include "code/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_CODE = 64 };

/* Code in hex; in an object file "<" stands before each field that has a relocation. */
typedef struct example {
    const char *what, *object, *linked;
} example;

static const example same[] = {
    {"call", "e8 <00000000", "e8 12345678"},
    {"addr32 call", "ff15 <00000000", "67e8 12345678"},
    {"call through the GOT that stays", "e8 <00000000", "ff15 12345678"},
    {"jump", "ff25 <00000000", "e9 12345678 90"},
    {"short jump", "eb05", "e9 12345678"},
    {"branch in both sizes", "7405", "0f8412345678"},
    {"branch with hint and bnd", "7405", "3ef20f8412345678"},
    {"return with bnd", "c3", "f2c3"},
    {"notrack", "ffe0", "3effe0"},
    {"landing pad and padding", "c3", "f30f1efa c3 6690 0f1f440000 662e0f1f840000000000 cc"},
    {"long pads", "c3",
     "c3 488db600000000 4889f6 488d7600 488d742600 488db42600000000 6666662e0f1f840000000000"},
    {"GOT load to lea", "488b1d <00000000", "488d1d 12345678"},
    {"GOT load to mov", "488b1d <00000000", "48c7c3 00504000"},
    {"GOT load to mov, register above 7", "4c8b1d <00000000", "49c7c3 00504000"},
    {"GOT load of an absent weak symbol", "488b1d <00000000", "48c7c3 00000000"},
    {"initial exec to local exec, mov", "488b1d <00000000", "48c7c3 f8ffffff"},
    {"initial exec to local exec, add", "480325 <00000000", "4881c4 00504000"},
    {"initial exec to local exec, lea", "48031d <00000000", "488d9b f0ffffff"},
    {"initial exec to local exec, add to r12", "4c0325 <00000000", "4981c4 f0ffffff"},
    {"binary operation from the GOT", "48031d <00000000", "4881c3 00504000"},
    {"cmp from the GOT", "4c3b1d <00000000", "4981fb 00504000"},
    {"cmp of an absent weak symbol", "483b3d <00000000", "4881ff 00000000"},
    {"test from the GOT", "48851d <00000000", "48f7c3 00504000"},
    {"general dynamic", "66488d3d <00000000 666648e8 <00000000", "64488b042500000000 488d80 f0ffffff"},
    {"general dynamic to initial exec", "66488d3d <00000000 666648e8 <00000000",
     "64488b042500000000 480305 12345678"},
    {"general dynamic without PLT", "66488d3d <00000000 6648ff15 <00000000",
     "64488b042500000000 488d80 f0ffffff"},
    {"initial exec, base first", "64488b042500000000 480305 <00000000", "64488b042500000000 488d80 f0ffffff"},
    {"local exec in an object", "64488b042500000000 488d80 <00000000", "64488b042500000000 488d80 f0ffffff"},
    {"local dynamic", "488d3d <00000000 e8 <00000000", "66666664488b042500000000"},
    {"local dynamic without PLT", "488d3d <00000000 ff15 <00000000", "6666666664488b042500000000"},
    {"offset in local dynamic", "8b80 <00000000", "8b80 f0ffffff"},
    {"offset in local dynamic, lea", "488d80 <00000000", "488d80 f0ffffff"},
    {"offset in local dynamic, add", "4805 <00000000", "4805 f0f0ffff"},
    {"offset in local dynamic, from rbp", "8b8d <00000000", "8b8d f0f0ffff"},
    {"TLS descriptor", "488d05 <00000000 <ff10", "48c7c0 f0ffffff 6690"},
    {"thread-local operand", "648b0425 <00000000", "648b0425 f0ffffff"},
    {"address in a register", "bf <00000000", "bf 00504000"},
    {"address on the stack", "68 <00000000", "68 00504000"},
    {"address in 64 bits", "48b8 <0000000000000000", "48b8 0050400000000000"},
    {"address compared", "4881fb <00000000", "4881fb 00504000"},
    {"address compared in 32 bits", "81fb <00000000", "81fb 00504000"},
    {"address stored", "48c70424 <00000000", "48c70424 00504000"},
    {"table", "ff24c5 <00000000", "ff24c5 00504000"},
    {"table with notrack", "ff24c5 <00000000", "3eff24c5 00504000"},
    {"array", "8b84c3 <00000000", "8b84c3 00504000"},
    {"array with EVEX", "62f17c4858 843d <00000000", "62f17c4858 843d 00504000"},
    {"memory by the instruction pointer", "0f2805 <00000000", "0f2805 12345678"},
    {"store of an immediate", "c705 <00000000 07000000", "c705 12345678 07000000"},
};

static const example other[] = {
    {"condition", "7405", "7505"},
    {"call and jump", "e800000000", "e900000000"},
    {"registers", "488b1d <00000000", "488b3d <00000000"},
    {"extended registers", "488b1d <00000000", "4c8b1d <00000000"},
    {"operation", "480305 <00000000", "483b05 <00000000"},
    {"small immediate", "b805000000", "b806000000"},
    {"negative immediate", "4881c380000000", "4881eb80000000"},
    {"short displacement", "8b4304", "8b4308"},
    {"long displacement", "8b8300010000", "8b8300020000"},
    {"stack displacement", "488b8424 f0feffff", "488b8424 f0fdffff"},
    {"frame displacement", "4889e5 488b85 f0feffff", "4889e5 488b85 f0fdffff"},
    {"pause", "f390", "90"},
    {"exchange with r8", "4990", "90"},
    {"stored immediate", "c705 <00000000 07000000", "c705 <00000000 08000000"},
    {"mask and a field of the same value", "c705 <00000000 <00000000", "c705 <00000000 00000000"},
};

static const example same_i386[] = {
    {"call", "e8 <fcffffff", "e8 12345678"},
    {"call and jump of 16 bits", "e8 <fcffffff e9 <fcffffff", "66e8 1234 66e9 1234"},
    {"short jump", "eb05", "e9 12345678"},
    {"branch in three sizes", "7405 7405", "0f8412345678 660f841234"},
    {"jcxz and jecxz", "e305", "67e307"},
    {"xbegin in both sizes", "c7f805000000", "66c7f80700"},
    {"landing pad and padding", "c3",
     "f30f1efb c3 90 6690 8d7600 8d742600 8db42600000000 89f6 cc 0f1f8000000000"},
    {"call through the GOT", "81c3 <02000000 ff93 <00000000", "81c3 12340000 ff93 f8ffffff"},
    {"GOT load to lea", "81c3 <02000000 8b83 <00000000", "81c3 12340000 8d83 34120000"},
    {"the table is made behind its use", "8b83 <00000000 81c3 <02000000", "8d83 34120000 81c3 12340000"},
    {"two tables behind their use", "8b83 <00000000 8b8e <00000000 81c3 <00000000 81c6 <00000000",
     "8d83 34120000 8d8e 78560000 81c3 12340000 81c6 12340000"},
    {"table in the index", "81c3 <02000000 8b8498 <00000000", "81c3 12340000 8b8498 00010000"},
    {"table in eax", "05 <01000000 8d80 <00000000", "05 12340000 8d80 00010000"},
    {"thread-local operand", "658b0d <00000000", "658b0d f8ffffff"},
    {"thread-local operand in eax", "65a1 <00000000", "65a1 f8ffffff"},
    {"address in a register", "bf <00000000", "bf 00500408"},
    {"address on the stack", "68 <00000000", "68 00500408"},
    {"address of memory", "a1 <00000000", "a1 00500408"},
    {"address and immediate", "c705 <00000000 07000000", "c705 00500408 07000000"},
    {"table of a switch", "ff2485 <00000000", "ff2485 00500408"},
    {"table of a switch with notrack", "3eff2485 <00000000", "3eff2485 00500408"},
    {"relocation inside a field", "8b83 1122<3344", "8b83 00500408"},
};

static const example other_i386[] = {
    {"condition", "7405", "7505"},
    {"call and jump", "e800000000", "e900000000"},
    {"loops", "e2fe", "e1fe"},
    {"inc and dec", "40", "48"},
    {"displacement without a table", "8b8300010000", "8b8300020000"},
    {"no table in the stack pointer", "81c4 00010000 8b842400010000", "81c4 00010000 8b842400020000"},
    {"16-bit add makes no table", "6681c30001 8b8300010000", "6681c30001 8b8300020000"},
    {"vectors are no table", "81c3 00010000 c4e27d90849800010000", "81c3 00010000 c4e27d90849800020000"},
    {"other segments", "648b0d00010000", "648b0d00020000"},
    {"the last segment counts", "6564a100010000", "6564a100020000"},
    {"moves of 16 bits", "6689f6", "89f6"},
    {"lea with 16-bit addresses", "678d5c00", "8d742600"},
    {"far calls", "9a112233445566", "9a112233445567"},
    {"return with rep", "f3c3", "c3"},
    {"pause", "f390", "90"},
};

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static fps__code_result normalise(const fps__machine *machine, const char *hex, uint64_t offset)
{
    uint8_t bytes[MAX_CODE];
    fps_relocation relocations[MAX_CODE];
    fps__code code = {.bytes = bytes, .offset = offset, .relocations = relocations};
    fps__code_buffer buffer = {0};
    fps__code_result result;
    for (; *hex; hex++) {
        if (*hex == '<')
            relocations[code.relocation_count++] = (fps_relocation){.offset = offset + code.size};
        else if (*hex != ' ') {
            bytes[code.size++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
            hex++;
        }
    }
    assert_int_equal(machine->normalise(&code, &buffer, &result), FPS_OK);
    assert_int_equal(result.bytes, code.size);
    fps__code_buffer_free(&buffer);
    return result;
}

static void check_examples(const fps__machine *machine, const example *examples, size_t count, bool same_key)
{
    for (size_t i = 0; i < count; i++) {
        fps__code_result object = normalise(machine, examples[i].object, 1000);
        fps__code_result linked = normalise(machine, examples[i].linked, 77);
        bool same_count = object.instructions == linked.instructions;
        bool right = same_key ? object.hash == linked.hash && same_count : object.hash != linked.hash;
        if (!right)
            print_error("%s\n", examples[i].what);
        assert_true(right);
    }
}

static void test_linked_forms_are_the_same(void **state)
{
    (void)state;
    check_examples(&fps__machine_x86_64, same, sizeof same / sizeof *same, true);
    check_examples(&fps__machine_i386, same_i386, sizeof same_i386 / sizeof *same_i386, true);
}

static void test_other_code_is_other(void **state)
{
    (void)state;
    check_examples(&fps__machine_x86_64, other, sizeof other / sizeof *other, false);
    check_examples(&fps__machine_i386, other_i386, sizeof other_i386 / sizeof *other_i386, false);
}

/* All places of an instruction in a function, so that both the body and the padded tail see it. */
static void test_place_does_not_matter(void **state)
{
    (void)state;
    static const struct {
        const fps__machine *machine;
        const char *hex;
    } codes[] = {{&fps__machine_x86_64, "488b1d12345678"}, {&fps__machine_i386, "8b830010000081c312345678"}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char hex[400];
        strcpy(hex, codes[i].hex);
        uint64_t hash = normalise(codes[i].machine, hex, 0).hash;
        for (size_t nops = 0; nops < 50; nops++) {
            strcat(hex, "90");
            assert_true(normalise(codes[i].machine, hex, 0).hash == hash);
        }
    }
}

static void test_stops_at_what_is_no_instruction(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x90, 0x50, 0x06, 0x50};
    fps__code code = {.bytes = bytes, .size = sizeof bytes};
    fps__code_buffer buffer = {0};
    fps__code_result result, empty;
    assert_int_equal(fps__machine_x86_64.normalise(&code, &buffer, &result), FPS_OK);
    assert_int_equal(result.bytes, 2);
    assert_int_equal(result.instructions, 1);
    code.size = 0;
    assert_int_equal(fps__machine_x86_64.normalise(&code, &buffer, &empty), FPS_OK);
    assert_int_equal(empty.bytes, 0);
    assert_int_equal(empty.instructions, 0);
    fps__code_buffer_free(&buffer);
}

/* A byte as code has them: prefixes, common opcodes, fields that are nearly addresses, or any. */
static uint8_t likely_byte(uint32_t *random)
{
    static const uint8_t common[] = {0x66, 0xf2, 0xf3, 0x40, 0x41, 0x48, 0x49, 0x4c, 0x4f, 0x0f, 0x89, 0x8b,
                                     0x8d, 0xc7, 0x81, 0xf7, 0xf6, 0xb8, 0xe8, 0x05, 0x85, 0xc4, 0xc5, 0xe5,
                                     0xf8, 0x84, 0x24, 0x25, 0x1f, 0x10, 0x20, 0x00, 0x00, 0xff, 0xff, 0x77,
                                     0xc0, 0x2b, 0xe1, 0xe2, 0xe3, 0x70, 0x90, 0xcc, 0xc3, 0x2e, 0x64, 0xff};
    *random = *random * 1664525 + 1013904223;
    uint8_t any = (uint8_t)(*random >> 24);
    return *random >> 10 & 3 ? common[any % sizeof common] : any;
}

/* A relocation that lies far behind changes nothing, but code with relocations is walked one instruction after the other. */
static void test_all_places_at_once_give_the_same(void **state)
{
    enum { ROUNDS = 20000, LONG = 5000 };
    (void)state;
    static uint8_t bytes[LONG];
    const fps_relocation far_behind = {.offset = UINT64_MAX / 2};
    fps__code_buffer buffer = {0};
    uint32_t random = 1;
    for (size_t round = 0; round < ROUNDS; round++) {
        fps__code code = {.bytes = bytes, .size = round % 100 ? 1 + round % 90 : LONG};
        fps__code_result one, all;
        for (size_t i = 0; i < code.size; i++) /* those that go on longer are of bytes that decode */
            bytes[i] = round % 100 || i % 4 == 0 ? likely_byte(&random) : (uint8_t)(0x50 + i % 8);
        for (size_t first = 0; first < code.size;) {
            fps__code rest = code;
            rest.bytes += first;
            rest.size -= first;
            assert_int_equal(fps__machine_x86_64.normalise(&rest, &buffer, &all), FPS_OK);
            rest.relocations = &far_behind;
            rest.relocation_count = 1;
            assert_int_equal(fps__machine_x86_64.normalise(&rest, &buffer, &one), FPS_OK);
            assert_int_equal(all.bytes, one.bytes);
            assert_int_equal(all.instructions, one.instructions);
            assert_true(all.hash == one.hash);
            first += all.bytes + 1;
        }
    }
    fps__code_buffer_free(&buffer);
}

static void test_machine_is_found(void **state)
{
    (void)state;
    fps_object_info info = {.machine = 62, .bits = 64};
    assert_ptr_equal(fps__machine_find(&info), &fps__machine_x86_64);
    info.bits = 32;
    assert_null(fps__machine_find(&info));
    info = (fps_object_info){.machine = 4, .bits = 64};
    assert_null(fps__machine_find(&info));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linked_forms_are_the_same),
        cmocka_unit_test(test_other_code_is_other),
        cmocka_unit_test(test_place_does_not_matter),
        cmocka_unit_test(test_stops_at_what_is_no_instruction),
        cmocka_unit_test(test_all_places_at_once_give_the_same),
        cmocka_unit_test(test_machine_is_found),
    };
    return cmocka_run_group_tests_name("x86_normalise", tests, NULL, NULL);
}
