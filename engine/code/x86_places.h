/* What begins at each byte of x86-64 code: 60 places at a time, whether an instruction begins there or not.
 *
 * Else the length of an instruction is known only when the one before is read, and a processor waits for it. Here the
 * tables are asked for all places at once by vector instructions (AVX-512 with VBMI: Intel from Ice Lake, AMD from Zen 4
 * on), so that the walk over instructions reads a length and adds it. What is found for places where no instruction begins
 * is thrown away. Other processors, and code with relocations, take the walk of x86_walk.h, with the same tokens.
 */
#ifndef FPS_CODE_X86_PLACES_H
#define FPS_CODE_X86_PLACES_H

#include "code/x86_decode.h"

/* Beside the indexes of tokens (FPS__X86_INDEX_..., 0 for a copy), what a place may hold. */
enum {
    FPS__X86_FIRST_FIELD =
        37, /* those below are copies and tokens; of the rest a field of four bytes ends the instruction */
    FPS__X86_PLACE_RELATIVE = 37,     /* a displacement by the instruction pointer: masked */
    FPS__X86_PLACE_DISPLACEMENT = 38, /* one to a register: masked if its value says so */
    FPS__X86_PLACE_IMMEDIATE = 39,    /* an immediate, copied unless it may be an address */
    FPS__X86_PLACE_WIDE = 40,         /* the same with REX.W: it may be an offset or overlong as well */
    FPS__X86_PLACE_CLOSER = 63,       /* to be looked at closer, and the length is not known */
};

enum {
    FPS__X86_PLACES = 2048,    /* that are read together */
    FPS__X86_PLACE_SLACK = 64, /* bytes that are written behind them */
};

/* Scratch of one thread, and the tables in the form that vector instructions look them up. */
typedef struct fps__x86_places {
    uint8_t kinds[FPS__X86_PLACES + FPS__X86_PLACE_SLACK];   /* an index of a token or FPS__X86_PLACE_... */
    uint8_t lengths[FPS__X86_PLACES + FPS__X86_PLACE_SLACK]; /* bytes of the instruction */
    uint8_t traits[2][256];                                  /* of opcodes of one byte, and behind 0F */
    uint8_t tokens[2][256]; /* index of a token, 0 or FPS__X86_PLACE_CLOSER */
    uint8_t operands[256];  /* by ModRM */
} fps__x86_places;

/* Whether this processor can. */
bool fps__x86_places_supported(void);

/* Makes the tables, by those of x86_tables.c. Its memory is free()'d; NULL when there is none. */
fps__x86_places *fps__x86_places_new(void);

/* Tells of the first `count` places of `bytes`, at most FPS__X86_PLACES, what begins there. `size` bytes are there; behind them
 * it reads zeros. An instruction may still run over the end. Only where fps__x86_places_supported. */
void fps__x86_places_read(fps__x86_places *places, const uint8_t *bytes, size_t size, size_t count);

#endif
