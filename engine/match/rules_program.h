/* The program that an expression becomes: what its compiler writes and its search reads. */
#ifndef FPS_MATCH_RULES_PROGRAM_H
#define FPS_MATCH_RULES_PROGRAM_H

#include "match/rules_expression.h"

#define FPS__MAX_PROGRAM 2048 /* instructions */

typedef enum fps__instruction_kind {
    FPS__INSTRUCTION_SET,   /* one byte of set `first`, then the next instruction */
    FPS__INSTRUCTION_SPLIT, /* try `first`, then `second` */
    FPS__INSTRUCTION_JUMP,  /* go on at `first` */
    FPS__INSTRUCTION_OPEN,  /* the version starts here */
    FPS__INSTRUCTION_CLOSE, /* and ends here */
    FPS__INSTRUCTION_START, /* holds at the start of the text */
    FPS__INSTRUCTION_END,   /* holds at its end */
    FPS__INSTRUCTION_MATCH,
} fps__instruction_kind;

typedef struct fps__instruction {
    uint16_t kind, first, second;
} fps__instruction;

typedef struct fps__byte_set {
    uint64_t bits[4];
} fps__byte_set;

struct fps__expression {
    fps__instruction *code;
    size_t code_count, code_capacity;
    fps__byte_set *sets;
    size_t set_count, set_capacity;
    bool has_version;
};

static inline bool fps__byte_set_has(const fps__byte_set *set, uint8_t byte)
{
    return (set->bits[byte >> 6] >> (byte & 63) & 1) != 0;
}

#endif
