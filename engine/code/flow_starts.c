/* Where functions may start in code that no table names: targets of calls, landing pads, addresses taken. */
#include "code/flow.h"

#include <elf.h>

enum {
    CALL_OPCODE = 0xe8,
    CALL_LENGTH = 5,
    LEA_OPCODE = 0x8d,
    ARM64_REGISTERS = 32,
    ALIGNMENT = 16,
    ALIGNED_SHARE = 32,    /* functions are aligned when all but one in this many starts are */
    ALIGNED_EVIDENCE = 16, /* starts without which nothing is said about alignment */
    SCAN_SHARE = 256,      /* tables that leave less than one byte in this many are not worth a scan */
};

static const uint8_t endbr64[4] = {0xf3, 0x0f, 0x1e, 0xfa};

static const uint32_t arm64_bti_c = 0xd503245f, arm64_bti_jc = 0xd50324df;
static const uint32_t arm64_paciasp = 0xd503233f, arm64_pacibsp = 0xd503237f;

static bool is_word(const uint8_t *bytes, uint64_t size, uint32_t value)
{
    return size >= 4 && fps__get32le(bytes) == value;
}

/* Signing the return address is the first thing a function does, if it does so before the frame is needed. */
static bool is_signing(const fps__flow *flow, const uint8_t *bytes, uint64_t size)
{
    return flow->machine->number == EM_AARCH64 &&
           (is_word(bytes, size, arm64_paciasp) || is_word(bytes, size, arm64_pacibsp));
}

bool fps__flow_is_landing(const fps__flow *flow, const uint8_t *bytes, uint64_t size)
{
    if (flow->machine->number == EM_X86_64)
        return size >= sizeof endbr64 && memcmp(bytes, endbr64, sizeof endbr64) == 0;
    return is_word(bytes, size, arm64_bti_c) || is_word(bytes, size, arm64_bti_jc) ||
           is_signing(flow, bytes, size);
}

bool fps__flow_target(const fps__code_region *text, uint64_t position, int64_t distance, uint64_t *target)
{
    *target = position + (uint64_t)distance;
    return *target < text->size;
}

void fps__flow_mark(const fps__flow *flow, fps__flow_bits bits, uint64_t position)
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
static fps__flow_region *find_text(const fps__flow *flow, fps__flow_region *near, uint64_t address,
                                   uint64_t *position)
{
    const fps__code_region *text = near ? near->text : NULL;
    if (!text || address < text->address || address - text->address >= text->size) {
        if (flow->finder->info->type == FPS_OBJECT_RELOCATABLE)
            return NULL;
        text = fps__finder_code(flow->finder, 0, address);
        if (!text)
            return NULL;
        near = &flow->texts[text - flow->finder->texts];
    }
    *position = address - text->address;
    return near;
}

static void mark_call(const fps__flow *flow, fps__flow_region *near, uint64_t address)
{
    uint64_t position;
    fps__flow_region *text = find_text(flow, near, address, &position);
    if (text)
        fps__flow_mark(flow, text->strong, position);
}

static void mark_pointed(const fps__flow *flow, fps__flow_region *near, uint64_t address)
{
    uint64_t position;
    fps__flow_region *text = find_text(flow, near, address, &position);
    if (text)
        fps__flow_mark(flow, text->pointed, position);
}

/* Addresses that code takes: lea, and adrp with add. `pages` holds what each arm64 register points to. */
static void mark_taken(const fps__flow *flow, fps__flow_region *text, uint64_t position,
                       const fps__instruction *instruction, uint64_t *pages)
{
    const uint8_t *bytes = text->text->bytes + position;
    uint64_t address = text->text->address + position;
    if (flow->machine->number == EM_X86_64) {
        if (instruction->rip_relative && !instruction->map && bytes[instruction->opcode] == LEA_OPCODE &&
            instruction->disp_size == 4)
            mark_pointed(flow, text,
                         address + instruction->length +
                             (uint64_t)(int64_t)(int32_t)fps__get32le(bytes + instruction->disp));
        return;
    }
    uint32_t word = fps__get32le(bytes);
    if ((word & 0x9f000000u) == 0x90000000u) { /* adrp */
        uint64_t pages_away = (uint64_t)(word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3);
        pages_away = (pages_away ^ 0x100000) - 0x100000;
        pages[word & 31] = (address & ~UINT64_C(0xfff)) + (pages_away << 12);
    } else if ((word & 0xffc00000u) == 0x91000000u && pages[word >> 5 & 31]) { /* add xD, xN, #imm */
        mark_pointed(flow, text, pages[word >> 5 & 31] + (word >> 10 & 0xfff));
    }
}

/* A call that the linker has not filled in leads to itself or to what follows it. */
static bool is_filled(const fps__instruction *instruction)
{
    return instruction->target != 0 && instruction->target != instruction->length;
}

static void mark_branch(const fps__flow *flow, fps__flow_region *text, uint64_t position, int64_t distance)
{
    uint64_t target;
    if (fps__flow_target(text->text, position, distance, &target))
        fps__flow_mark(flow, text->targets, target);
}

static void decode_gap(const fps__flow *flow, const fps__flow_gap *gap)
{
    fps__flow_region *text = &flow->texts[gap->text];
    const uint8_t *bytes = text->text->bytes;
    uint64_t pages[ARM64_REGISTERS] = {0};
    for (uint64_t at = gap->start; at < gap->end;) {
        fps__instruction instruction;
        if (!flow->machine->decode(bytes + at, (size_t)(gap->end - at), &instruction)) {
            at += flow->machine->alignment;
            continue;
        }
        if (instruction.kind == FPS__INSTRUCTION_CALL && is_filled(&instruction))
            mark_call(flow, text, text->text->address + at + (uint64_t)instruction.target);
        else if (instruction.kind == FPS__INSTRUCTION_NOP && is_signing(flow, bytes + at, gap->end - at))
            fps__flow_mark(flow, text->pointed, at);
        else if (instruction.kind == FPS__INSTRUCTION_NOP &&
                 fps__flow_is_landing(flow, bytes + at, gap->end - at))
            fps__flow_mark(flow, text->strong, at);
        else if (instruction.kind == FPS__INSTRUCTION_BRANCH || instruction.kind == FPS__INSTRUCTION_JUMP)
            mark_branch(flow, text, at, instruction.target);
        else if (instruction.kind == FPS__INSTRUCTION_PLAIN)
            mark_taken(flow, text, at, &instruction, pages);
        at += instruction.length;
    }
}

/* Calls out of code that tables name, found by their bytes alone: chance hits in the few gaps are rare. */
static void scan_x86(const fps__flow *flow, fps__flow_region *text, uint64_t start, uint64_t end)
{
    const uint8_t *bytes = text->text->bytes;
    while (end - start >= CALL_LENGTH) {
        const uint8_t *call = memchr(bytes + start, CALL_OPCODE, (size_t)(end - start - CALL_LENGTH + 1));
        if (!call)
            return;
        uint64_t at = (uint64_t)(call - bytes);
        mark_call(flow, text,
                  text->text->address + at + CALL_LENGTH +
                      (uint64_t)(int64_t)(int32_t)fps__get32le(call + 1));
        start = at + 1;
    }
}

static void scan_arm64(const fps__flow *flow, fps__flow_region *text, uint64_t start, uint64_t end)
{
    for (uint64_t at = (start + 3) & ~UINT64_C(3); at + 4 <= end; at += 4) {
        uint32_t word = fps__get32le(text->text->bytes + at);
        if ((word & 0xfc000000u) != 0x94000000u)
            continue;
        uint64_t distance = ((word & 0x3ffffffu) ^ 0x2000000u) - UINT64_C(0x2000000);
        mark_call(flow, text, text->text->address + at + (distance << 2));
    }
}

static void scan_covered(const fps__flow *flow)
{
    size_t next = 0;
    for (size_t i = 0; i < flow->finder->text_count; i++) {
        fps__flow_region *text = &flow->texts[i];
        uint64_t at = 0;
        while (at < text->text->size) {
            bool gap = next < flow->gaps.count && flow->gaps.items[next].text == i;
            uint64_t end = gap ? flow->gaps.items[next].start : text->text->size;
            if (flow->machine->number == EM_X86_64)
                scan_x86(flow, text, at, end);
            else
                scan_arm64(flow, text, at, end);
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
        bool code = symbol->type == FPS_SYMBOL_FUNCTION || symbol->type == FPS_SYMBOL_IFUNC ||
                    (symbol->type == FPS_SYMBOL_OTHER && symbol->global);
        if (!code || !symbol->defined || symbol->size)
            continue;
        const fps__code_region *text =
            fps__finder_code(finder, relocatable ? symbol->section : 0, symbol->address);
        if (text)
            fps__flow_mark(flow, flow->texts[text - finder->texts].strong, symbol->address - text->address);
    }
}

static bool starts_are_aligned(const fps__flow *flow)
{
    uint64_t count = 0, odd = 0;
    for (size_t i = 0; i < flow->gaps.count; i++) {
        const fps__flow_gap *gap = &flow->gaps.items[i];
        fps__flow_region *text = &flow->texts[gap->text];
        uint64_t at = gap->start;
        while ((at = fps__flow_next(flow, text->strong, at, gap->end)) < gap->end) {
            count++;
            odd += (text->text->address + at) % ALIGNMENT != 0;
            at += flow->machine->alignment;
        }
    }
    return count >= ALIGNED_EVIDENCE && odd <= count / ALIGNED_SHARE;
}

void fps__flow_find_starts(fps__flow *flow)
{
    uint64_t executable = 0;
    for (size_t i = 0; i < flow->finder->text_count; i++)
        executable += flow->finder->texts[i].size;
    for (size_t i = 0; i < flow->gaps.count; i++)
        decode_gap(flow, &flow->gaps.items[i]);
    if (flow->gap_bytes > executable / SCAN_SHARE)
        scan_covered(flow);
    mark_named(flow);
    flow->aligned = starts_are_aligned(flow);
}
