/* The walk over a function that the normalisers of x86-64 and i386 share: each brings its rules, which are constants
 * where the walk is compiled. */
#ifndef FPS_CODE_X86_WALK_H
#define FPS_CODE_X86_WALK_H

#include "code/x86_decode.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    FPS__X86_COPY = 16,   /* bytes copied for every instruction, however short */
    FPS__X86_CLOSER = 64, /* no index of a token: to be looked at closer */
};

/* A function on its way. */
typedef struct fps__x86_walk {
    const fps_relocation *relocation, *relocation_end; /* the first that is not behind us */
    uint64_t offset;                                   /* of the instruction in hand, in the object's data */
    uint8_t *out;                                      /* where the next token goes */
    uint32_t count;                                    /* instructions that made tokens */
    /* x86-64 */
    bool framed;              /* %rbp was seen to be made the frame's base */
    const uint8_t *thread_at; /* `out` right behind mov %fs:0,%rax; else somewhere before */
    /* i386: registers, by bits */
    uint32_t tables; /* that are the target of add $x, %reg */
    uint32_t used;   /* that addressed memory with a displacement of four bytes */
    bool again;      /* one of `used` has become one of `tables`: what was written before is wrong */
} fps__x86_walk;

/* An instruction with what the rules ask of it. */
typedef struct fps__x86_piece {
    const uint8_t *bytes; /* FPS__X86_SLACK are readable */
    uint32_t left;        /* bytes of the function from here on */
    fps__x86_shape shape;
} fps__x86_piece;

/* What a machine makes of instructions. */
typedef struct fps__x86_rules {
    fps__x86_mode mode;
    uint16_t machine;      /* ELF e_machine, which seeds the hash */
    const uint8_t *tokens; /* pairs of bytes by FPS__X86_INDEX_ */
    uint32_t last_index;   /* opcodes of later ones are copied */
    /* A second look at what may have a field, in code without relocations: the index of its token, 0 to copy it as it
     * is, FPS__X86_CLOSER to think. */
    uint32_t (*look)(fps__x86_walk *w, const uint8_t *bytes, const fps__x86_head *head);
    /* Writes the tokens of what starts at `bytes` and needs thought; the length taken, 0 where that is no instruction or
     * the walk is to end. */
    uint32_t (*step)(fps__x86_walk *w, const uint8_t *bytes, uint32_t left);
} fps__x86_rules;

#define FPS__X86_INLINE static inline __attribute__((always_inline))

/* Reads the instruction in hand and leaves the relocations before it behind; false where there is none. */
FPS__X86_INLINE bool fps__x86_piece_read(fps__x86_walk *w, const uint8_t *bytes, uint32_t left,
                                         fps__x86_mode mode, fps__x86_piece *p)
{
    p->bytes = bytes;
    p->left = left;
    if (!fps__x86_shape_read(bytes, mode, &p->shape) || p->shape.length > left)
        return false;
    while (w->relocation < w->relocation_end && w->relocation->offset < w->offset)
        w->relocation++;
    return true;
}

/* Whether a relocation lies on one of the `size` bytes at `at` of the instruction in hand. */
static inline bool fps__x86_relocated(const fps__x86_walk *w, uint32_t at, uint32_t size)
{
    const fps_relocation *r = w->relocation;
    while (r < w->relocation_end && r->offset < w->offset + at)
        r++;
    return r < w->relocation_end && r->offset - (w->offset + at) < size;
}

/* Walks over `bytes`, which has FPS__X86_SLACK readable bytes from all places before `end` on, up to `end` or
 * to where there is no instruction; `left` counts from the first byte to the end of the function. Returns
 * bytes taken: more than `left` where the last instruction runs out of it.
 *
 * Most instructions are copied, or replaced by the token of their opcode, with few branches that depend on
 * them: a mispredicted one costs more than the rest. */
FPS__X86_INLINE uint32_t fps__x86_walk_over(const fps__x86_rules *rules, fps__x86_walk *w,
                                            const uint8_t *bytes, uint32_t end, uint32_t left)
{
    const bool linked = w->relocation == w->relocation_end;
    const uint64_t offset = w->offset;
    uint32_t at = 0, count = 0;
    uint8_t *out = w->out;
    while (at < end) {
        const uint8_t *here = bytes + at;
        fps__x86_head head = fps__x86_head_read(here, rules->mode);
        uint32_t entry = (uint32_t)head.entry, index = entry >> FPS__X86_TOKEN_SHIFT;
        index = index > rules->last_index ? 0 : index;
        uint32_t odd = entry >> FPS__X86_ODD_SHIFT & fps__x86_odd[head.modrm];
        if ((entry & (FPS__X86_UNREAD(rules->mode) | FPS__X86_SPECIAL | FPS__X86_FIELD)) |
            (head.operand & 0x40) | odd) {
            index = linked && !odd ? rules->look(w, here, &head) : FPS__X86_CLOSER;
            if (index == FPS__X86_CLOSER) {
                w->offset = offset + at;
                w->out = out;
                uint32_t length = rules->step(w, here, left - at);
                if (length == 0)
                    break;
                out = w->out;
                at += length;
                continue;
            }
        }
        uint32_t pair = index < FPS__X86_INDEX_CALL || index > FPS__X86_INDEX_RETURN;
        uint32_t kept = index != FPS__X86_INDEX_NOTHING;
        memcpy(out, index ? rules->tokens + 2 * index : here, FPS__X86_COPY);
        out += index ? pair + kept : head.length;
        count += kept;
        at += head.length;
    }
    w->offset = offset + at;
    w->out = out;
    w->count += count;
    return at;
}

/* The same, and never over the end. */
FPS__X86_INLINE uint32_t fps__x86_walk_with_care(const fps__x86_rules *rules, fps__x86_walk *w,
                                                 const uint8_t *bytes, uint32_t end)
{
    const uint64_t offset = w->offset;
    uint32_t at = 0, length = 1;
    while (at < end && length > 0) {
        w->offset = offset + at;
        length = rules->step(w, bytes + at, end - at);
        at += length;
    }
    return at;
}

/* The last bytes of a function, fewer than FPS__X86_SLACK and an instruction. */
FPS__X86_INLINE uint32_t fps__x86_walk_tail(const fps__x86_rules *rules, fps__x86_walk *w,
                                            const uint8_t *bytes, uint32_t size)
{
    uint8_t tail[2 * FPS__X86_SLACK + FPS__MAX_X86_LENGTH] = {0};
    const fps__x86_walk before = *w;
    memcpy(tail, bytes, size);
    uint32_t done = fps__x86_walk_over(rules, w, tail, size, size);
    if (done <= size)
        return done;
    *w = before;
    return fps__x86_walk_with_care(rules, w, tail, size);
}

static inline fps_status fps__x86_reserve(fps__code_buffer *buffer, size_t size)
{
    buffer->count = 0;
    if (size <= buffer->capacity)
        return FPS_OK;
    uint8_t *grown = realloc(buffer->bytes, size * 2);
    if (!grown)
        return FPS_ERROR_MEMORY;
    buffer->bytes = grown;
    buffer->capacity = size * 2;
    return FPS_OK;
}

/* fps__machine.normalise by these rules. Of what is in `w` only `tables` counts; afterwards it says how the walk ended. */
FPS__X86_INLINE fps_status fps__x86_walk_all(const fps__x86_rules *rules, const fps__code *code,
                                             fps__x86_walk *w, fps__code_buffer *buffer,
                                             fps__code_result *result)
{
    uint32_t size = (uint32_t)(code->size < FPS__MAX_CODE_FUNCTION ? code->size : FPS__MAX_CODE_FUNCTION);
    uint32_t done = 0, body = size > FPS__X86_SLACK ? size - FPS__X86_SLACK + 1 : 0;
    *result = (fps__code_result){0};
    if (fps__x86_reserve(buffer, (size_t)size + FPS__X86_COPY) != FPS_OK)
        return FPS_ERROR_MEMORY;
    *w = (fps__x86_walk){.offset = code->offset, .out = buffer->bytes, .tables = w->tables};
    if (code->relocation_count > 0) {
        w->relocation = code->relocations;
        w->relocation_end = code->relocations + code->relocation_count;
    }
    if (body > 0)
        done = fps__x86_walk_over(rules, w, code->bytes, body, size);
    if (done >= body && done < size)
        done += fps__x86_walk_tail(rules, w, code->bytes + done, size - done);
    buffer->count = (size_t)(w->out - buffer->bytes);
    result->hash = XXH3_64bits_withSeed(buffer->bytes, buffer->count, rules->machine);
    result->instructions = w->count;
    result->bytes = done;
    return FPS_OK;
}

#endif
