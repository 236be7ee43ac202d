/* Learns which called functions do not return, from what stands behind the calls.
 *
 * Behind a call that does not return comes the start of another function, padding, or nothing; behind the
 * calls of any other function that is hardly ever so. __stack_chk_fail alone ends a third of the functions of
 * a hardened library, and without its name only this tells. */
#include "code/flow.h"

enum {
    TABLE_MIN = 1 << 10,
    MAX_TABLE = 1 << 20, /* places; later targets are not learnt */
    BYTES_A_PLACE = 32,  /* of code, for each place in the table */
    ENDED_MIN = 2,       /* calls that end a function, at least */
    ENDED_SHARE = 4,     /* and one in this many of all */
};

typedef struct fps__flow_callee {
    uint64_t address; /* of the function, or of the pointer that the call goes through; 0: free */
    uint32_t ended, went_on;
} fps__flow_callee;

static size_t place_of(const fps__flow *flow, uint64_t address)
{
    size_t mask = flow->callee_places - 1;
    size_t place = (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (flow->callees[place].address && flow->callees[place].address != address)
        place = (place + 1) & mask;
    return place;
}

/* What a call goes to; 0 when that is not known. */
static uint64_t callee_of(const fps__flow *flow, const fps__code_region *code, uint64_t position,
                          const fps__instruction *instruction)
{
    uint64_t address = code->address + position;
    if (instruction->kind == FPS__INSTRUCTION_CALL)
        return address + (uint64_t)instruction->target;
    if (instruction->kind != FPS__INSTRUCTION_CALL_INDIRECT || !instruction->rip_relative ||
        instruction->disp_size != 4 || flow->machine->alignment != 1)
        return 0;
    uint32_t distance = fps__get32le(code->bytes + position + instruction->disp);
    return address + instruction->length + (uint64_t)(int64_t)(int32_t)distance;
}

bool fps__flow_returns(const fps__flow *flow, const fps__code_region *code, uint64_t position,
                       const fps__instruction *instruction)
{
    uint64_t address = callee_of(flow, code, position, instruction);
    if (!address || !flow->callees)
        return true;
    const fps__flow_callee *callee = &flow->callees[place_of(flow, address)];
    uint64_t all = (uint64_t)callee->ended + callee->went_on;
    return callee->ended < ENDED_MIN || (uint64_t)callee->ended * ENDED_SHARE < all;
}

/* Counts what stands at `position`, behind a call: +1 the end of a function, -1 more of it, 0 nobody knows.
 */
static int judge(const fps__flow *flow, const fps__flow_gap *gap, uint64_t position)
{
    const fps__flow_region *region = &flow->regions[gap->region];
    uint64_t next = fps__flow_skip(flow, region->code, position, gap->end);
    if (next == gap->end || fps__flow_has(flow, region->strong, next))
        return 1;
    if (fps__flow_has(flow, region->targets, next))
        return 0;
    return next > position || fps__flow_has(flow, region->pointed, next) ? 1 : -1;
}

static void learn_gap(fps__flow *flow, const fps__flow_gap *gap, size_t *used)
{
    const fps__code_region *code = flow->regions[gap->region].code;
    for (uint64_t at = gap->start; at < gap->end && !fps__alarm_rings(&flow->finder->alarm);) {
        fps__instruction instruction;
        if (!fps__flow_decode(flow, gap, at, gap->end, &instruction)) {
            at += flow->machine->alignment;
            continue;
        }
        uint64_t address = callee_of(flow, code, at, &instruction);
        at += instruction.length;
        if (!address)
            continue;
        fps__flow_callee *callee = &flow->callees[place_of(flow, address)];
        if (!callee->address) {
            if (*used >= flow->callee_places / 2)
                continue;
            callee->address = address;
            ++*used;
        }
        int verdict = judge(flow, gap, at);
        callee->ended += verdict > 0;
        callee->went_on += verdict < 0;
    }
}

bool fps__flow_learn_returns(fps__flow *flow, fps__arena *scratch)
{
    size_t used = 0;
    flow->callee_places = TABLE_MIN;
    while (flow->callee_places < MAX_TABLE && flow->callee_places < flow->gap_bytes / BYTES_A_PLACE)
        flow->callee_places *= 2;
    flow->callees = fps__arena_array(scratch, flow->callee_places, sizeof *flow->callees);
    if (!flow->callees)
        return false;
    for (size_t i = 0; i < flow->gaps.count; i++)
        learn_gap(flow, &flow->gaps.items[i], &used);
    return true;
}
