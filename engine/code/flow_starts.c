/* Where functions may start in code that no table names: targets of calls, landing pads, addresses taken. */
#include "code/flow.h"

enum {
    ALIGNMENT = 16,
    ALIGNED_SHARE = 32,    /* functions are aligned when all but one in this many starts are */
    ALIGNED_EVIDENCE = 16, /* starts without which nothing is said about alignment */
    SCAN_SHARE = 256,      /* tables that leave less than one byte in this many are not worth a scan */
};

bool fps__flow_target(const fps__code_region *code, uint64_t position, int64_t distance, uint64_t *target)
{
    *target = position + (uint64_t)distance;
    return *target < code->size;
}

/* Sets the bit of a position, if an instruction may start there. */
static void mark(const fps__flow *flow, fps__flow_bits bits, uint64_t position)
{
    uint64_t bit = position >> flow->shift;
    if (bit << flow->shift == position && bit < bits.count)
        bits.words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

uint64_t fps__flow_next(const fps__flow *flow, fps__flow_bits bits, uint64_t position, uint64_t limit)
{
    uint64_t bit = (position + (UINT64_C(1) << flow->shift) - 1) >> flow->shift;
    while (bit < bits.count && bit << flow->shift < limit) {
        uint64_t word = bits.words[bit / 64] >> (bit % 64);
        if (word) {
            uint64_t found = (bit + (uint64_t)__builtin_ctzll(word)) << flow->shift;
            return found < limit ? found : limit;
        }
        bit = (bit / 64 + 1) * 64;
    }
    return limit;
}

/* The bits of the region at `address`, and the place there; NULL when it is not executable. */
static fps__flow_region *find_region(const fps__flow *flow, fps__flow_region *near, uint64_t address,
                                     uint64_t *position)
{
    const fps__code_region *code = near ? near->code : NULL;
    if (!code || address < code->address || address - code->address >= code->size) {
        if (flow->finder->info->type == FPS_OBJECT_RELOCATABLE)
            return NULL;
        code = fps__finder_code(flow->finder, 0, address);
        if (!code)
            return NULL;
        near = &flow->regions[code - flow->finder->regions];
    }
    *position = address - code->address;
    return near;
}

static void mark_call(const fps__flow *flow, fps__flow_region *near, uint64_t address)
{
    uint64_t position;
    fps__flow_region *region = find_region(flow, near, address, &position);
    if (region)
        mark(flow, region->strong, position);
}

static void mark_pointed(const fps__flow *flow, fps__flow_region *near, uint64_t address)
{
    uint64_t position;
    fps__flow_region *region = find_region(flow, near, address, &position);
    if (region)
        mark(flow, region->pointed, position);
}

/* A call that the linker has not filled in leads to itself or to what follows it. */
static bool is_filled(const fps__instruction *instruction)
{
    return instruction->target != 0 && instruction->target != instruction->length;
}

static void mark_branch(const fps__flow *flow, fps__flow_region *region, uint64_t position, int64_t distance)
{
    uint64_t target;
    if (fps__flow_target(region->code, position, distance, &target))
        mark(flow, region->targets, target);
}

/* What one instruction says about where functions start; `registers` belongs to machine->takes_address. */
static void learn_from(const fps__flow *flow, const fps__flow_gap *gap, uint64_t at,
                       const fps__instruction *instruction, uint64_t *registers)
{
    const fps__machine *machine = flow->machine;
    fps__flow_region *region = &flow->regions[gap->region];
    const uint8_t *bytes = region->code->bytes + at;
    size_t left = (size_t)(gap->end - at);
    uint64_t address = region->code->address + at, taken;
    switch (instruction->kind) {
    case FPS__INSTRUCTION_CALL:
        if (is_filled(instruction))
            mark_call(flow, region, address + (uint64_t)instruction->target);
        break;
    case FPS__INSTRUCTION_NOP:
        if (machine->is_prologue && machine->is_prologue(bytes, left))
            mark(flow, region->pointed, at);
        else if (fps__machine_is_landing(machine, bytes, left))
            mark(flow, region->strong, at);
        break;
    case FPS__INSTRUCTION_BRANCH:
    case FPS__INSTRUCTION_JUMP:
        mark_branch(flow, region, at, instruction->target);
        break;
    case FPS__INSTRUCTION_PLAIN:
        if (machine->takes_address && machine->takes_address(bytes, address, instruction, registers, &taken))
            mark_pointed(flow, region, taken);
        break;
    default:
        break;
    }
}

static void decode_gap(const fps__flow *flow, const fps__flow_gap *gap)
{
    const uint8_t *bytes = flow->regions[gap->region].code->bytes;
    uint64_t registers[FPS__MACHINE_REGISTERS] = {0};
    for (uint64_t at = gap->start; at < gap->end && !fps__alarm_rings(&flow->finder->alarm);) {
        fps__instruction instruction;
        if (!flow->machine->decode(bytes + at, (size_t)(gap->end - at), &instruction)) {
            at += flow->machine->alignment;
            continue;
        }
        fps__flow_remember(flow, gap, at, &instruction);
        learn_from(flow, gap, at, &instruction, registers);
        at += instruction.length;
    }
}

/* Calls out of code that tables name, found by their bytes alone: chance hits in the few gaps are rare. */
static void scan_calls(const fps__flow *flow, fps__flow_region *region, uint64_t start, uint64_t end)
{
    uint64_t target, address = region->code->address;
    while (flow->machine->next_call(region->code->bytes, address, &start, end, &target))
        mark_call(flow, region, target);
}

static void scan_covered(const fps__flow *flow)
{
    size_t next = 0;
    if (!flow->machine->next_call)
        return;
    for (size_t i = 0; i < flow->finder->region_count; i++) {
        fps__flow_region *region = &flow->regions[i];
        uint64_t at = 0;
        while (at < region->code->size) {
            bool gap = next < flow->gaps.count && flow->gaps.items[next].region == i;
            uint64_t end = gap ? flow->gaps.items[next].start : region->code->size;
            scan_calls(flow, region, at, end);
            at = gap ? flow->gaps.items[next++].end : end;
        }
    }
}

/* The entry point, and symbols of functions that say no size. */
static void mark_named(const fps__flow *flow)
{
    const fps__finder *finder = flow->finder;
    bool relocatable = finder->info->type == FPS_OBJECT_RELOCATABLE;
    if (!relocatable && finder->info->entry)
        mark_call(flow, NULL, finder->info->entry);
    for (size_t i = 0; i < fps_object_symbol_count(finder->object) && !finder->options.no_symbols; i++) {
        const fps_symbol *symbol = fps_object_symbol(finder->object, i);
        bool callable = symbol->type == FPS_SYMBOL_FUNCTION || symbol->type == FPS_SYMBOL_IFUNC ||
                        (symbol->type == FPS_SYMBOL_OTHER && symbol->global);
        if (!callable || !symbol->defined || symbol->size)
            continue;
        const fps__code_region *code =
            fps__finder_code(finder, relocatable ? symbol->section : 0, symbol->address);
        if (code)
            mark(flow, flow->regions[code - finder->regions].strong, symbol->address - code->address);
    }
}

static bool starts_are_aligned(const fps__flow *flow)
{
    uint64_t count = 0, odd = 0;
    for (size_t i = 0; i < flow->gaps.count; i++) {
        const fps__flow_gap *gap = &flow->gaps.items[i];
        fps__flow_region *region = &flow->regions[gap->region];
        uint64_t at = gap->start;
        while ((at = fps__flow_next(flow, region->strong, at, gap->end)) < gap->end) {
            count++;
            odd += (region->code->address + at) % ALIGNMENT != 0;
            at += flow->machine->alignment;
        }
    }
    return count >= ALIGNED_EVIDENCE && odd <= count / ALIGNED_SHARE;
}

void fps__flow_find_starts(fps__flow *flow)
{
    uint64_t executable = 0;
    for (size_t i = 0; i < flow->finder->region_count; i++)
        executable += flow->finder->regions[i].size;
    for (size_t i = 0; i < flow->gaps.count; i++)
        decode_gap(flow, &flow->gaps.items[i]);
    if (flow->gap_bytes > executable / SCAN_SHARE)
        scan_covered(flow);
    mark_named(flow);
    flow->aligned = starts_are_aligned(flow);
}
