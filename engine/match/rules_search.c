/* Searches a text with a compiled expression: backtracking that tries each pair of instruction and position
 * once. */
#include "match/rules_expression.h"
#include "match/rules_program.h"
#include "util/array.h"
#include "util/bits.h"

#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT16_MAX

/* One state of the search: where it stands, and where the version began and ended so far. */
typedef struct fps__expression_branch {
    uint16_t instruction, position;
    uint16_t version_start, version_end;
} branch;

static fps_status prepare(const fps__expression *e, fps__expression_scratch *scratch, size_t length)
{
    size_t words = fps__bits_words(e->code_count * (length + 1));
    if (words > scratch->visited_words) {
        uint64_t *visited = realloc(scratch->visited, words * sizeof *visited);
        if (!visited)
            return FPS_ERROR_MEMORY;
        scratch->visited = visited;
        scratch->visited_words = words;
    }
    memset(scratch->visited, 0, words * sizeof *scratch->visited);
    scratch->depth = 0;
    return FPS_OK;
}

static bool visit(fps__expression_scratch *scratch, size_t pair)
{
    if (fps__bits_has(scratch->visited, pair))
        return false;
    fps__bits_set(scratch->visited, pair);
    return true;
}

static bool push(fps__expression_scratch *scratch, branch value)
{
    void *stack = scratch->stack;
    size_t maximum = (size_t)FPS__MAX_PROGRAM * (FPS__MAX_EXPRESSION_INPUT + 1);
    if (fps__array_reserve(&stack, scratch->depth, &scratch->capacity, 1, sizeof *scratch->stack, maximum) !=
        FPS_OK)
        return false;
    scratch->stack = stack;
    scratch->stack[scratch->depth++] = value;
    return true;
}

/* Does one instruction of `b` that is no SPLIT; false when this branch ends. */
static bool step(const fps__expression *e, const fps__expression_input *input, branch *b)
{
    const fps__instruction *code = &e->code[b->instruction];
    b->instruction++;
    switch ((fps__instruction_kind)code->kind) {
    case FPS__INSTRUCTION_SET:
        return b->position < input->length &&
               fps__byte_set_has(&e->sets[code->first], (uint8_t)input->text[b->position++]);
    case FPS__INSTRUCTION_JUMP:
        b->instruction = code->first;
        return true;
    case FPS__INSTRUCTION_OPEN:
        b->version_start = b->position;
        return true;
    case FPS__INSTRUCTION_CLOSE:
        b->version_end = b->position;
        return true;
    case FPS__INSTRUCTION_START:
        return b->position == 0 && input->is_start;
    case FPS__INSTRUCTION_END:
        return b->position == input->length && input->is_end;
    default:
        return false;
    }
}

/* Follows one branch until it matches (true) or ends; alternatives go onto the stack. */
static bool follow(const fps__expression *e, fps__expression_scratch *scratch,
                   const fps__expression_input *input, branch *b, fps_status *status)
{
    for (;;) {
        const fps__instruction *code = &e->code[b->instruction];
        if (!visit(scratch, b->instruction * (input->length + 1) + b->position))
            return false;
        if (code->kind == FPS__INSTRUCTION_MATCH)
            return true;
        if (code->kind == FPS__INSTRUCTION_SPLIT) {
            branch other = *b;
            other.instruction = code->second;
            if (!push(scratch, other)) {
                *status = FPS_ERROR_MEMORY;
                return false;
            }
            b->instruction = code->first;
        } else if (!step(e, input, b)) {
            return false;
        }
    }
}

fps_status fps__expression_search(const fps__expression *expression, fps__expression_scratch *scratch,
                                  const fps__expression_input *input, fps__expression_match *match)
{
    if (input->length > FPS__MAX_EXPRESSION_INPUT)
        return FPS_ERROR_ARGUMENT;
    fps_status status = prepare(expression, scratch, input->length);
    for (size_t start = 0; status == FPS_OK && start <= input->length; start++) {
        branch b = {0, (uint16_t)start, NOWHERE, NOWHERE};
        scratch->depth = 0;
        for (;;) {
            if (follow(expression, scratch, input, &b, &status)) {
                bool version = b.version_start != NOWHERE && b.version_end != NOWHERE;
                match->start = (uint32_t)start;
                match->length = (uint32_t)(b.position - start);
                match->version_start = version ? b.version_start : 0;
                match->version_length = version ? (uint32_t)(b.version_end - b.version_start) : 0;
                return FPS_OK;
            }
            if (status != FPS_OK || scratch->depth == 0)
                break;
            b = scratch->stack[--scratch->depth];
        }
    }
    return status == FPS_OK ? FPS_ERROR_NOT_FOUND : status;
}

void fps__expression_scratch_clear(fps__expression_scratch *scratch)
{
    free(scratch->visited);
    free(scratch->stack);
    memset(scratch, 0, sizeof *scratch);
}
