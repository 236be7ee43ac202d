/* Normalised instructions: the bytes of a function in a form that is the same in an archive and in whatever
 * the linker makes of it, and the hash of that form.
 *
 * What the assembler leaves to the linker (addresses, displacements, TLS sequences, GOT loads, calls through
 * the PLT) comes out as tokens without values; padding and landing pads are dropped; all else stays byte for
 * byte. The rules of each machine stand in x86_normalise.c and arm64_normalise.c.
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
} fps__code_buffer;
void fps__code_buffer_free(fps__code_buffer *buffer);

typedef struct fps__code_result {
    uint64_t hash;         /* XXH3-64 of the tokens, seeded with the machine's number */
    uint32_t instructions; /* that made tokens: without padding and landing pads */
    uint32_t bytes;        /* decoded; fewer than asked where it met what is no instruction */
} fps__code_result;

/* The operations of one machine; static, read-only, any thread. */
typedef struct fps__machine {
    uint16_t number; /* ELF e_machine */
    const char *name;
    uint8_t alignment; /* of instructions, bytes: 1 or 4 (2 for Thumb and compressed RISC-V) */
    /* Decodes one instruction; false (length 0) where there is none. Reads at most `size` bytes. */
    bool (*decode)(const uint8_t *bytes, size_t size, fps__instruction *instruction);
    /* Normalises from the first byte up to the end or to what cannot be decoded: that ends the tokens and is
     * told by `result->bytes`. FPS_ERROR_MEMORY. */
    fps_status (*normalise)(const fps__code *code, fps__code_buffer *buffer, fps__code_result *result);
    /* For listings: writes at marks[offset / alignment] of each instruction what `normalise` does to it: ' '
     * kept,
     * '*' masked, '-' dropped. NULL when instructions are normalised one by one, so that one alone tells.
     * FPS_ERROR_MEMORY. */
    fps_status (*mark)(const fps__code *code, fps__code_buffer *buffer, char *marks);
} fps__machine;

/* The machine of an object; NULL when code of this machine is not read. */
const fps__machine *fps__machine_find(const fps_object_info *info);

extern const fps__machine fps__machine_x86_64, fps__machine_arm64, fps__machine_i386, fps__machine_arm,
    fps__machine_mips, fps__machine_mipsel, fps__machine_ppc64le, fps__machine_s390x;

/* A listing for people. `symbol` may be NULL. Each line: address, bytes, text by capstone (".byte" where it
 * refuses), and in front of it the mark of what normalisation does: ' ' kept, '*' fields masked, '-' dropped.
 * FPS_ERROR_MEMORY, FPS_ERROR_UNSUPPORTED for a machine without listing, or what `write` returns. */
fps_status fps__code_list(const fps_object_info *info, const fps__code *code, fps_write_callback write,
                          void *user);

#endif
