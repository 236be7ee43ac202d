/* Normalised instructions: the bytes of a function in a form that is the same in an archive and in whatever
 * the linker makes of it, and the hash of that form.
 *
 * What the assembler leaves to the linker (addresses, displacements, TLS sequences, GOT loads, calls through
 * the PLT) comes out as tokens without values; padding and landing pads are dropped; all else stays byte for
 * byte. The rules of each machine stand in x86_normalise.c, i386_machine.c,
 * arm64_normalise.c and pattern_machine.c.
 */
#ifndef FPS_CODE_CODE_H
#define FPS_CODE_CODE_H

#include "code/instruction.h"

#include <fpscan/object.h>

enum {
    FPS__CODE_SUPPORT = 8,            /* instructions of a function that may support a component */
    FPS__CODE_OPEN = 16,              /* instructions of a function that may open one */
    FPS__MAX_CODE_FUNCTION = 4 << 20, /* bytes of a function that are normalised; the rest is cut off */
};

/* A piece of code to normalise. Relocations are given for relocatable objects only. */
typedef struct fps__code {
    const uint8_t *bytes;
    size_t size;      /* bytes */
    uint64_t address; /* of the first byte */
    uint64_t offset;  /* of the first byte in the object's data: what relocations count from */
    const fps_relocation *relocations; /* those inside the piece, ascending; NULL for none */
    size_t relocation_count;
} fps__code;

/* Scratch of one thread: the tokens of the function in hand. Zero it before the first use. */
typedef struct fps__code_buffer {
    uint8_t *bytes;
    size_t count, capacity;
    void *places; /* of x86-64: fps__x86_places, made when first needed */
} fps__code_buffer;
void fps__code_buffer_free(fps__code_buffer *buffer);

typedef struct fps__code_result {
    uint64_t hash;         /* XXH3-64 of the tokens, seeded with the machine's number */
    uint32_t instructions; /* that made tokens: without padding and landing pads */
    uint32_t bytes;        /* decoded; fewer than asked where it met what is no instruction */
} fps__code_result;

typedef void (*fps__address_visitor)(void *user, uint64_t address);

/* One architecture: what the finder of functions, the normaliser and listings have to know of it. Static, read-only, any
 * thread. An operation that is NULL is not there; what is missing then is said beside it.
 *
 * A new architecture is an entry like this and a line in the table of machine.c. For most, a table of bit patterns does
 * (pattern_machine.h): it gives decode, normalise and mark. Keys in existing sets depend on what normalise makes of an
 * instruction: a change of it needs another value of fps__feature_parameters(FPS__FEATURE_FUNCTION). */
typedef struct fps__machine {
    uint16_t number; /* ELF e_machine */
    const char *name;
    uint8_t bits;      /* of the objects: 32 or 64; 0: both */
    bool big_endian;   /* of their data */
    uint8_t alignment; /* of instructions, bytes: 1 or 4 (2 for Thumb and compressed RISC-V) */
    uint8_t
        unused_address_bits; /* low bits of a code address that do not belong to it: 1 for ARM, whose bit 0 chooses Thumb */
    uint8_t
        go_filler; /* the byte that Go puts between functions; 0: Go's table counts the filler to the function */
    bool lists_words;                 /* listings show words, not bytes */
    int capstone_arch, capstone_mode; /* of <capstone/capstone.h> */
    /* The mode for this code where the machine has several; NULL: always capstone_mode. */
    int (*capstone_mode_of)(const uint8_t *bytes, size_t size);

    /* Decodes one instruction; false (length 0) where there is none. Reads at most `size` bytes. Always there. */
    bool (*decode)(const uint8_t *bytes, size_t size, fps__instruction *instruction);
    /* Normalises from the first byte to the end, or to what cannot be decoded: that ends the tokens, and
     * result->bytes tells where. FPS_ERROR_MEMORY. Always there. */
    fps_status (*normalise)(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result);
    /* For listings: writes at marks[offset / alignment] of each instruction what `normalise` does to it: ' ' kept,
     * '*' masked, '-' dropped. NULL: instructions are normalised one by one, so that one alone tells.
     * FPS_ERROR_MEMORY. */
    fps_status (*mark)(const fps__code *code, fps__code_buffer *buffer, char *marks);

    /* True when a landing pad for calls starts here. NULL: the machine has none. */
    bool (*is_landing)(const uint8_t *bytes, size_t size);
    /* True for what only the first instruction of a function does. NULL: nothing is known. */
    bool (*is_prologue)(const uint8_t *bytes, size_t size);
    /* Length of the PLT stub that starts here, bytes; 0: none. NULL: stubs are known by their section alone. */
    size_t (*stub_length)(const uint8_t *bytes, size_t size);
    /* True when the instruction at `address` takes the address `*taken`. registers[32] holds what a machine must
     * remember between instructions, zeros at first. NULL: functions whose address is only taken are not found. */
    bool (*takes_address)(const uint8_t *bytes, uint64_t address, const fps__instruction *instruction,
                          uint64_t *registers, uint64_t *taken);
    /* Finds the next call in [*at, end) of code that starts at `address` by its bytes alone, without decoding; moves
     * *at behind it. NULL: calls out of code that tables cover are not followed. */
    bool (*next_call)(const uint8_t *bytes, uint64_t address, uint64_t *at, uint64_t end, uint64_t *target);
    /* Visits the addresses in [low, high) that the code of `size` bytes at `address` may refer to. It goes by the bytes
     * alone: a few of them are chance. `fixed`: the object is loaded at the addresses that it names, so that code may
     * hold them as they are. NULL: what code refers to is not known. */
    void (*references)(const uint8_t *bytes, size_t size, uint64_t address, bool fixed, uint64_t low,
                       uint64_t high, fps__address_visitor visit, void *user);
} fps__machine;

enum { FPS__MACHINE_REGISTERS = 32 }; /* of takes_address */

/* The machine of an object; NULL when code of this machine is not read. */
const fps__machine *fps__machine_find(const fps_object_info *info);
/* Length of the PLT stub that starts at the bytes; 0: none is known. `machine` may be NULL. */
static inline size_t fps__machine_stub_length(const fps__machine *machine, const uint8_t *bytes, size_t size)
{
    return machine && machine->stub_length ? machine->stub_length(bytes, size) : 0;
}
/* True when a landing pad starts at the bytes. */
static inline bool fps__machine_is_landing(const fps__machine *machine, const uint8_t *bytes, size_t size)
{
    return machine->is_landing && machine->is_landing(bytes, size);
}

extern const fps__machine fps__machine_x86_64, fps__machine_arm64, fps__machine_i386, fps__machine_arm,
    fps__machine_mips, fps__machine_mipsel, fps__machine_ppc64le, fps__machine_s390x;

/* A listing for people. `symbol` may be NULL. Each line: address, bytes, text by capstone (".byte" where it
 * refuses), and in front of it the mark of what normalisation does: ' ' kept, '*' fields masked, '-' dropped.
 * FPS_ERROR_MEMORY, FPS_ERROR_UNSUPPORTED for a machine without listing, or what `write` returns. */
fps_status fps__code_list(const fps_object_info *info, const fps__code *code, fps_write_callback write,
                          void *user);

#endif
