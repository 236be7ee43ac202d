/* Follows the code of gaps from start to start and gives each start up to three ends.
 *
 * Between two sure starts code falls into chunks: a chunk goes on while a branch ahead leads behind the point
 * where it would end. A chunk that a later one jumps back into, or that nothing announces as a start, is part
 * of the function before it. Ends are ambiguous where a jump ahead may leave the function, behind indirect
 * jumps (of tables), and behind calls that do not return: then more than one end is given, and the look-up of
 * the function's hash decides. */
#include "code/flow.h"
#include "util/search.h"

#include <stdlib.h>

enum {
    MAX_CHUNKS = 1 << 16, /* of one interval; longer ones are cut */
    ALIGNMENT = 16,
    MAX_NESTING = 2,           /* functions over one place, of each kind of link */
    MAX_REMEMBERED = 16 << 20, /* bytes, one for each place of an instruction */
};

typedef struct interval {
    const fps__flow_gap *gap;
    fps__flow_region *region;
    uint64_t start, limit;
} interval;

static bool is_filler(const fps__flow *flow, const uint8_t *bytes, uint64_t size)
{
    if (flow->machine->alignment == 1)
        return bytes[0] == 0;
    return size >= 4 && fps__get32le(bytes) == 0;
}

uint64_t fps__flow_skip(const fps__flow *flow, const fps__code_region *code, uint64_t position, uint64_t end)
{
    while (position < end) {
        const uint8_t *bytes = code->bytes + position;
        size_t left = (size_t)(end - position);
        fps__instruction instruction;
        size_t stub = fps__machine_stub_length(flow->machine, bytes, left);
        if (stub) {
            position += stub < left ? stub : left;
        } else if (is_filler(flow, bytes, left)) {
            position += flow->machine->alignment;
        } else if (!fps__machine_is_landing(flow->machine, bytes, left) &&
                   flow->machine->decode(bytes, left, &instruction) &&
                   instruction.kind == FPS__INSTRUCTION_NOP) {
            position += instruction.length;
        } else {
            break;
        }
    }
    return position < end ? position : end;
}

static bool ends_path(const fps__flow *flow, const fps__code_region *code, uint64_t position,
                      const fps__instruction *instruction)
{
    uint8_t kind = instruction->kind;
    if (kind == FPS__INSTRUCTION_CALL || kind == FPS__INSTRUCTION_CALL_INDIRECT)
        return !fps__flow_returns(flow, code, position, instruction);
    return kind == FPS__INSTRUCTION_RETURN || kind == FPS__INSTRUCTION_JUMP ||
           kind == FPS__INSTRUCTION_JUMP_INDIRECT || kind == FPS__INSTRUCTION_TRAP;
}

/* The chunk that holds `position`; there is one at or before it. */
static size_t find_chunk(const fps__flow *flow, uint64_t position)
{
    size_t after;
    FPS__LOWER_BOUND(after, flow->chunks.count, at, flow->chunks.items[at].start <= position);
    return after - 1;
}

static void follow_branch(fps__flow *flow, const interval *in, fps__flow_chunk *chunk, uint64_t position,
                          const fps__instruction *instruction)
{
    uint64_t target;
    if (!fps__flow_target(in->region->code, position, instruction->target, &target))
        return;
    if (target < in->start || target >= in->limit)
        return; /* out of the function */
    if (target < chunk->start) {
        if (!flow->chunks.count || target < flow->chunks.items[0].start)
            return; /* the interval was cut there */
        size_t index = find_chunk(flow, target);
        if (flow->chunks.items[index].start != target && index < chunk->join)
            chunk->join = index; /* to a start it may be a tail call */
    } else {
        if (target > chunk->reach[FPS__FLOW_JUMP])
            chunk->reach[FPS__FLOW_JUMP] = target;
        if (instruction->kind == FPS__INSTRUCTION_BRANCH && target > chunk->reach[FPS__FLOW_BRANCH])
            chunk->reach[FPS__FLOW_BRANCH] = target;
    }
}

/* Walks one chunk from `position`; returns where it stopped, padding included. A chunk ends with a path,
 * unless a branch from somewhere leads to what comes next. */
static uint64_t walk_chunk(fps__flow *flow, const interval *in, uint64_t position, fps__flow_chunk *chunk)
{
    const fps__code_region *code = in->region->code;
    bool straight = true;
    *chunk = (fps__flow_chunk){.start = position, .end = position, .join = flow->chunks.count};
    while (position < in->limit) {
        fps__instruction instruction;
        if (fps__alarm_rings(&flow->finder->alarm) ||
            !fps__flow_decode(flow, in->gap, position, in->limit, &instruction))
            break;
        if (instruction.kind == FPS__INSTRUCTION_BRANCH || instruction.kind == FPS__INSTRUCTION_JUMP)
            follow_branch(flow, in, chunk, position, &instruction);
        bool ends = ends_path(flow, code, position, &instruction);
        position += instruction.length;
        if (instruction.kind != FPS__INSTRUCTION_NOP)
            chunk->end = position;
        if (!ends)
            continue;
        chunk->indirect = instruction.kind == FPS__INSTRUCTION_JUMP_INDIRECT;
        chunk->resumes = straight && instruction.kind == FPS__INSTRUCTION_CALL;
        straight = false;
        uint64_t next = fps__flow_skip(flow, code, position, in->limit);
        if (chunk->reach[FPS__FLOW_JUMP] < position || next == in->limit ||
            !fps__flow_has(flow, in->region->targets, next) ||
            (next > position && fps__flow_has(flow, in->region->pointed, next)))
            return position;
    }
    position += flow->machine->alignment; /* no instruction */
    return position < in->limit ? position : in->limit;
}

/* True when something says that a function starts at `position`, which lies behind the chunk that ended at
 * `before`. */
static bool is_announced(const fps__flow *flow, const interval *in, uint64_t position, uint64_t before)
{
    if (fps__flow_has(flow, in->region->pointed, position) ||
        fps__flow_has(flow, in->region->targets, position))
        return true;
    if (flow->aligned)
        return (in->region->code->address + position) % ALIGNMENT == 0;
    return position != before || flow->machine->alignment != 1;
}

/* Adds a candidate; padding at its end is not part of it. */
static void add_candidate(fps__flow *flow, const interval *in, uint64_t start, uint64_t end)
{
    const fps__code_region *code = in->region->code;
    fps__function function = {
        .address = code->address + start,
        .section = code->section,
        .source = FPS__FUNCTION_FLOW,
    };
    if (end > start)
        fps__finder_add(flow->finder, &function, end - start);
}

/* True when the function at `chunk`, which holds the chunks up to `last` so far, goes on with the next one.
 */
static bool is_linked(const fps__flow_chunk *chunk, const fps__flow_chunk *last, size_t index,
                      fps__flow_link link)
{
    const fps__flow_chunk *next = last + 1;
    if (chunk->far >= next->start)
        return true;
    if (link != FPS__FLOW_EXTENDED)
        return false;
    return last->indirect || !next->announced || (next->adjoining && next->resumes) || next->lowest <= index;
}

/* Finds the last chunk of the function that starts at each, from the back: whole functions are taken in, so
 * that each is looked at once. */
static void link_chunks(fps__flow *flow, fps__flow_link link)
{
    fps__flow_chunk *chunks = flow->chunks.items;
    size_t count = flow->chunks.count;
    for (size_t i = count; i-- > 0;) {
        fps__flow_chunk *chunk = &chunks[i];
        size_t last = i;
        chunk->far = chunk->reach[link == FPS__FLOW_BRANCH ? FPS__FLOW_BRANCH : FPS__FLOW_JUMP];
        chunk->lowest = chunk->join;
        while (last + 1 < count && is_linked(chunk, &chunks[last], last, link)) {
            const fps__flow_chunk *next = &chunks[last + 1];
            if (next->far > chunk->far)
                chunk->far = next->far;
            if (next->lowest < chunk->lowest)
                chunk->lowest = next->lowest;
            last = next->last[link];
        }
        chunk->last[link] = last;
    }
}

/* The functions that go on over the chunk in hand, by the way that they are linked. */
typedef struct nesting {
    size_t last[MAX_NESTING]; /* ascending from the inside out */
    size_t depth;
} nesting;

/* True when one more function may start inside of those that are open; `last` is its last chunk. */
static bool nest(nesting *open, size_t chunk, size_t last)
{
    while (open->depth && open->last[open->depth - 1] < chunk)
        open->depth--;
    if (last == chunk)
        return true;
    if (open->depth == MAX_NESTING)
        return false;
    open->last[open->depth++] = last;
    return true;
}

/* Gives the functions of an interval their ends. The arms of a switch are many starts, each of which would go
 * on to the end: what a conditional branch leads over is no start, and of the rest only the outermost go far.
 */
static void add_chunks(fps__flow *flow, const interval *in)
{
    nesting open[FPS__FLOW_LINKS] = {0};
    for (fps__flow_link link = 0; link < FPS__FLOW_LINKS; link++)
        link_chunks(flow, link);
    size_t inside = 0; /* chunks up to this one are in a function by conditional branches */
    for (size_t i = 0; i < flow->chunks.count; i++) {
        const fps__flow_chunk *chunk = &flow->chunks.items[i];
        size_t previous = SIZE_MAX;
        bool pointed = !chunk->adjoining && fps__flow_has(flow, in->region->pointed, chunk->start);
        if (i && !pointed && i <= inside)
            continue;
        for (fps__flow_link link = 0; link < FPS__FLOW_LINKS; link++) {
            size_t last = chunk->last[link];
            if (last != previous && nest(&open[link], i, last))
                add_candidate(flow, in, chunk->start, flow->chunks.items[last].end);
            previous = last;
        }
        if (chunk->last[FPS__FLOW_BRANCH] > inside)
            inside = chunk->last[FPS__FLOW_BRANCH];
    }
    flow->chunks.count = 0;
}

static void walk_interval(fps__flow *flow, const interval *in)
{
    uint64_t at = in->start, before = in->start;
    while (at < in->limit && !flow->finder->memory_failed && !flow->finder->alarm.rang) {
        fps__flow_chunk chunk;
        if (flow->chunks.count == MAX_CHUNKS)
            add_chunks(flow, in);
        uint64_t stop = walk_chunk(flow, in, at, &chunk);
        chunk.adjoining = at == before;
        chunk.announced = is_announced(flow, in, at, before);
        if (FPS__ARRAY_RESERVE(&flow->chunks, 1, MAX_CHUNKS) != FPS_OK) {
            flow->finder->memory_failed = true;
            break;
        }
        flow->chunks.items[flow->chunks.count++] = chunk;
        before = stop;
        at = fps__flow_skip(flow, in->region->code, stop, in->limit);
        flow->padding += at - stop;
    }
    if (flow->chunks.count)
        add_chunks(flow, in);
}

static void walk_gap(fps__flow *flow, const fps__flow_gap *gap)
{
    interval in = {.gap = gap, .region = &flow->regions[gap->region], .start = gap->start};
    while (in.start < gap->end && !flow->finder->alarm.rang) {
        in.limit = fps__flow_next(flow, in.region->strong, in.start + 1, gap->end);
        walk_interval(flow, &in);
        in.start = in.limit;
    }
}

/* Adds what lies between `start` and `end` of a region, if it is more than padding. */
static bool add_gap(fps__flow *flow, size_t region, uint64_t start, uint64_t end)
{
    uint64_t first = fps__flow_skip(flow, &flow->finder->regions[region], start, end);
    flow->padding += first - start;
    if (first == end)
        return true;
    if (FPS__ARRAY_RESERVE(&flow->gaps, 1, SIZE_MAX) != FPS_OK)
        return false;
    flow->gaps.items[flow->gaps.count++] = (fps__flow_gap){region, first, end, NULL};
    flow->gap_bytes += end - first;
    return true;
}

/* What the functions found so far leave out. They are sorted. */
static bool find_gaps(fps__flow *flow)
{
    const fps__finder *finder = flow->finder;
    size_t next = 0;
    for (size_t i = 0; i < finder->region_count; i++) {
        const fps__code_region *code = &finder->regions[i];
        uint64_t at = 0;
        while (next < finder->found.count && finder->found.items[next].offset < code->offset + code->size) {
            const fps__function *function = &finder->found.items[next++];
            uint64_t start = function->offset - code->offset;
            if (start > at && !code->stubs && !add_gap(flow, i, at, start))
                return false;
            if (start + function->size > at)
                at = start + function->size;
        }
        if (at < code->size && !code->stubs && !add_gap(flow, i, at, code->size))
            return false;
    }
    return true;
}

static bool make_bits(const fps__flow *flow, fps__arena *scratch, uint64_t size, fps__flow_bits *bits)
{
    bits->count = (size >> flow->shift) + 1;
    bits->words = fps__arena_array(scratch, (size_t)(bits->count / 64 + 1), sizeof *bits->words);
    return bits->words != NULL;
}

static bool make_regions(fps__flow *flow, fps__arena *scratch)
{
    size_t count = flow->finder->region_count;
    flow->regions = fps__arena_array(scratch, count, sizeof *flow->regions);
    if (!flow->regions)
        return false;
    for (size_t i = 0; i < count; i++) {
        fps__flow_region *region = &flow->regions[i];
        region->code = &flow->finder->regions[i];
        if (!make_bits(flow, scratch, region->code->size, &region->strong) ||
            !make_bits(flow, scratch, region->code->size, &region->pointed) ||
            !make_bits(flow, scratch, region->code->size, &region->targets))
            return false;
    }
    return true;
}

/* Room for what the first pass sees, as far as it may be had: gaps are walked three times. A machine of several modes tells the mode
 * by all bytes up to the end, which is not always the same. */
static bool make_memory(fps__flow *flow, fps__arena *scratch)
{
    uint64_t left = flow->machine->capstone_mode_of ? 0 : MAX_REMEMBERED;
    for (size_t i = 0; i < flow->gaps.count; i++) {
        fps__flow_gap *gap = &flow->gaps.items[i];
        uint64_t places = ((gap->end - gap->start) >> flow->shift) + 1;
        if (places > left)
            continue;
        left -= places;
        gap->seen = fps__arena_array(scratch, (size_t)places, sizeof *gap->seen);
        if (!gap->seen)
            return false;
    }
    return true;
}

static bool walk_gaps(fps__flow *flow, fps__arena *scratch)
{
    if (!make_regions(flow, scratch) || !make_memory(flow, scratch))
        return false;
    fps__flow_find_starts(flow);
    if (!fps__flow_learn_returns(flow, scratch))
        return false;
    for (size_t i = 0; i < flow->gaps.count && !flow->finder->memory_failed && !flow->finder->alarm.rang; i++)
        walk_gap(flow, &flow->gaps.items[i]);
    return !flow->finder->memory_failed;
}

void fps__functions_flow(fps__finder *finder, fps__arena *scratch)
{
    fps__flow flow = {.finder = finder, .machine = fps__machine_find(finder->info)};
    if (!flow.machine || !finder->region_count)
        return;
    flow.shift = flow.machine->alignment == 4 ? 2 : 0;
    if (!find_gaps(&flow)) {
        finder->memory_failed = true;
    } else if (flow.gaps.count) {
        finder->memory_failed = !walk_gaps(&flow, scratch);
    }
    finder->padding = flow.padding;
    free(flow.gaps.items);
    free(flow.chunks.items);
}
