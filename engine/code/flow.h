/* Following code that no table names: the places where functions may start, and how far each goes.
 *
 * What is left between the functions that tables name are gaps. First every byte of them is decoded once for
 * the places where functions start for sure (targets of calls, landing pads) or perhaps (places whose address
 * is taken). Then the gaps are walked from start to start; see flow.c. Both take time in proportion to the
 * bytes. */
#ifndef FPS_CODE_FLOW_H
#define FPS_CODE_FLOW_H

#include "code/finder.h"

/* One bit a possible instruction of a region. */
typedef struct fps__flow_bits {
    uint64_t *words;
    uint64_t count;
} fps__flow_bits;

typedef struct fps__flow_region {
    const fps__code_region *code;
    fps__flow_bits strong;  /* functions start here */
    fps__flow_bits pointed; /* an address that is taken, or a sign that is not sure */
    fps__flow_bits targets; /* of any jump or branch */
} fps__flow_region;

/* A run of bytes that no table names; positions count from the region's first byte. */
typedef struct fps__flow_gap {
    size_t region; /* index in flow.regions */
    uint64_t start, end;
    uint8_t *seen; /* of each place its instruction, as fps__flow_decode reads it; NULL: not remembered */
} fps__flow_gap;

/* How far a function goes: each way of linking chunks gives an end. */
typedef enum fps__flow_link {
    FPS__FLOW_BRANCH,   /* conditional branches ahead stay inside, jumps ahead may leave */
    FPS__FLOW_JUMP,     /* jumps ahead stay inside too */
    FPS__FLOW_EXTENDED, /* so do indirect jumps; what jumps back, or nothing announces, is inside */
    FPS__FLOW_LINKS
} fps__flow_link;

/* A run of instructions, to where a path has ended and no branch leads on. */
typedef struct fps__flow_chunk {
    uint64_t start, end; /* without padding at the end */
    uint64_t reach[2];   /* the furthest target ahead: of conditional branches; of jumps too */
    size_t join;         /* the first chunk that this one jumps back into, by index; its own for none */
    bool indirect;       /* ended by an indirect jump: what follows may belong to it */
    bool announced;      /* something says that a function may start here */
    bool adjoining;      /* no padding between it and the chunk before */
    bool resumes;        /* straight to a call that does not return, as the cleanup of an exception does */
    size_t last[FPS__FLOW_LINKS]; /* the last chunk of the function that starts here, by index */
    size_t lowest;                /* while chunks are linked: what that function jumps back into, */
    uint64_t far;                 /* and how far it reaches */
} fps__flow_chunk;

typedef struct fps__flow_callee fps__flow_callee;

typedef struct fps__flow {
    fps__finder *finder;
    const fps__machine *machine;
    unsigned shift;            /* bytes to positions in bits: 0 or 2 */
    fps__flow_region *regions; /* as finder.regions */
    FPS__ARRAY(fps__flow_gap) gaps;
    FPS__ARRAY(fps__flow_chunk) chunks; /* of the interval in hand */
    fps__flow_callee *callees;          /* a hash table */
    size_t callee_places;
    uint64_t gap_bytes;
    uint64_t padding; /* bytes between functions, and stubs */
    bool aligned;     /* functions start at multiples of 16 */
} fps__flow;

/* Where a direct branch at `position` leads, as a position of the same region; false when it leads out. */
bool fps__flow_target(const fps__code_region *code, uint64_t position, int64_t distance, uint64_t *target);

static inline bool fps__flow_has(const fps__flow *flow, fps__flow_bits bits, uint64_t position)
{
    uint64_t bit = position >> flow->shift;
    return bits.words[bit / 64] >> (bit % 64) & 1;
}

/* Decodes what is at `position` of a gap and ends at `end` or before. What the first pass over the gap has seen there is not decoded
 * again where length and kind are all that anybody asks: of all but calls and direct branches. */
static inline bool fps__flow_decode(const fps__flow *flow, const fps__flow_gap *gap, uint64_t position,
                                    uint64_t end, fps__instruction *instruction)
{
    enum { LENGTH = 15, KIND_SHIFT = 4 };
    const uint8_t *bytes = flow->regions[gap->region].code->bytes + position;
    uint64_t place = (position - gap->start) >> flow->shift;
    bool met = gap->seen && gap->start + (place << flow->shift) == position; /* gaps need not be aligned */
    uint8_t seen = met ? gap->seen[place] : 0;
    if (!seen)
        return flow->machine->decode(bytes, (size_t)(end - position), instruction);
    *instruction = (fps__instruction){.length = seen & LENGTH, .kind = seen >> KIND_SHIFT};
    return instruction->length <= end - position;
}
/* Remembers it for the next time. */
static inline void fps__flow_remember(const fps__flow *flow, const fps__flow_gap *gap, uint64_t position,
                                      const fps__instruction *instruction)
{
    const unsigned asked = 1u << FPS__INSTRUCTION_CALL | 1u << FPS__INSTRUCTION_CALL_INDIRECT |
                           1u << FPS__INSTRUCTION_JUMP | 1u << FPS__INSTRUCTION_BRANCH;
    if (gap->seen && !(asked >> instruction->kind & 1))
        gap->seen[(position - gap->start) >> flow->shift] =
            (uint8_t)(instruction->length | instruction->kind << 4);
}

/* The first set place in [position, limit), else `limit`. */
uint64_t fps__flow_next(const fps__flow *flow, fps__flow_bits bits, uint64_t position, uint64_t limit);

/* The first place in [position, end) that is neither padding nor a stub. */
uint64_t fps__flow_skip(const fps__flow *flow, const fps__code_region *code, uint64_t position, uint64_t end);

/* flow_starts.c: fills the bits. */
void fps__flow_find_starts(fps__flow *flow);

/* flow_returns.c: what is called and does not return. False without memory. */
bool fps__flow_learn_returns(fps__flow *flow, fps__arena *scratch);
/* True unless the call at `position` is known not to return. */
bool fps__flow_returns(const fps__flow *flow, const fps__code_region *code, uint64_t position,
                       const fps__instruction *instruction);

#endif
