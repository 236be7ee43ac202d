/* Compiles an expression of a rule: text to a tree, the tree to a program with its repeats written out. */
#include "match/rules_expression.h"

#include "match/rules_program.h"
#include "util/array.h"
#include "util/digest.h"
#include "util/error.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NODES   1024
#define MAX_DEPTH   32
#define MAX_REPEAT  255
#define MAX_EMITTED 65536 /* tree nodes written out; without it nested repeats of nothing would never end */
#define UNBOUNDED   UINT16_MAX

typedef enum node_kind {
    NODE_EMPTY,
    NODE_SET,
    NODE_START,
    NODE_END,
    NODE_SEQUENCE, /* first, then second */
    NODE_CHOICE,   /* first, else second */
    NODE_REPEAT,   /* first, minimum to maximum times */
    NODE_VERSION,  /* first, remembered */
} node_kind;

typedef struct node {
    node_kind kind;
    uint16_t first, second; /* nodes; for a set its index in the expression */
    uint16_t minimum, maximum;
    bool lazy;
} node;

typedef struct compiler {
    const char *text;
    size_t length, at;
    node nodes[MAX_NODES];
    uint16_t node_count;
    unsigned depth, emitted;
    fps__expression *expression;
    fps_error *error;
    fps_status status; /* of the first fault */
} compiler;

static void add_bytes(fps__byte_set *set, unsigned first, unsigned last)
{
    for (unsigned byte = first; byte <= last; byte++)
        set->bits[byte >> 6] |= (uint64_t)1 << (byte & 63);
}

static bool fault(compiler *c, fps_status status, const char *message)
{
    if (c->status == FPS_OK)
        c->status = fps__fail(c->error, status, NULL, c->at, "expression: %s at byte %zu", message, c->at);
    return false;
}

static bool add_node(compiler *c, node value, uint16_t *index)
{
    if (c->node_count == MAX_NODES)
        return fault(c, FPS_ERROR_LIMIT, "too many parts");
    *index = c->node_count;
    c->nodes[c->node_count++] = value;
    return true;
}

static bool add_set(compiler *c, const fps__byte_set *set, uint16_t *index)
{
    fps__expression *e = c->expression;
    void *sets = e->sets;
    if (fps__array_reserve(&sets, e->set_count, &e->set_capacity, 1, sizeof *e->sets, MAX_NODES) != FPS_OK)
        return fault(c, FPS_ERROR_MEMORY, "out of memory");
    e->sets = sets;
    e->sets[e->set_count] = *set;
    node value = {.kind = NODE_SET, .first = (uint16_t)e->set_count++};
    return add_node(c, value, index);
}

static bool next_is(const compiler *c, char byte)
{
    return c->at < c->length && c->text[c->at] == byte;
}

static bool take(compiler *c, char byte)
{
    if (!next_is(c, byte))
        return false;
    c->at++;
    return true;
}

static bool take_text(compiler *c, const char *text)
{
    size_t length = strlen(text);
    if (c->length - c->at < length || memcmp(c->text + c->at, text, length) != 0)
        return false;
    c->at += length;
    return true;
}

static bool parse_hex(compiler *c, fps__byte_set *set)
{
    int high = c->length - c->at >= 2 ? fps__hex_digit(c->text[c->at]) : -1;
    int low = high >= 0 ? fps__hex_digit(c->text[c->at + 1]) : -1;
    if (low < 0)
        return fault(c, FPS_ERROR_FORMAT, "\\x wants two hexadecimal digits");
    c->at += 2;
    add_bytes(set, (unsigned)(high * 16 + low), (unsigned)(high * 16 + low));
    return true;
}

/* Adds what the escape behind a backslash stands for. */
static bool parse_escape(compiler *c, fps__byte_set *set)
{
    if (c->at >= c->length)
        return fault(c, FPS_ERROR_FORMAT, "a lone backslash");
    unsigned char byte = (unsigned char)c->text[c->at++];
    switch (byte) {
    case 'w':
        add_bytes(set, 'a', 'z');
        add_bytes(set, 'A', 'Z');
        add_bytes(set, '_', '_');
        add_bytes(set, '0', '9');
        return true;
    case 'd':
        add_bytes(set, '0', '9');
        return true;
    case 's':
        add_bytes(set, '\t', '\r');
        add_bytes(set, ' ', ' ');
        return true;
    case 't':
        byte = '\t';
        break;
    case 'n':
        byte = '\n';
        break;
    case 'r':
        byte = '\r';
        break;
    case 'x':
        return parse_hex(c, set);
    default:
        if (byte >= 128 || !ispunct(byte))
            return fault(c, FPS_ERROR_FORMAT, "an escape that rules do not know");
    }
    add_bytes(set, byte, byte);
    return true;
}

static int single_byte(const fps__byte_set *set)
{
    int found = -1;
    for (int byte = 0; byte < 256; byte++) {
        if (!fps__byte_set_has(set, (uint8_t)byte))
            continue;
        if (found >= 0)
            return -1;
        found = byte;
    }
    return found;
}

/* One byte or escape inside brackets. */
static bool parse_class_item(compiler *c, fps__byte_set *item)
{
    memset(item, 0, sizeof *item);
    if (c->at >= c->length)
        return fault(c, FPS_ERROR_FORMAT, "a bracket that is never closed");
    if (take(c, '\\'))
        return parse_escape(c, item);
    if (next_is(c, '[') && c->at + 1 < c->length && strchr(":.=", c->text[c->at + 1]))
        return fault(c, FPS_ERROR_FORMAT, "named classes are not known");
    unsigned char byte = (unsigned char)c->text[c->at++];
    add_bytes(item, byte, byte);
    return true;
}

static bool parse_class(compiler *c, uint16_t *index)
{
    fps__byte_set set = {{0}};
    bool negated = take(c, '^');
    for (bool first = true; first || !next_is(c, ']'); first = false) {
        fps__byte_set item, last;
        if (!parse_class_item(c, &item))
            return false;
        if (next_is(c, '-') && c->at + 1 < c->length && c->text[c->at + 1] != ']') {
            c->at++;
            if (!parse_class_item(c, &last))
                return false;
            int from = single_byte(&item), to = single_byte(&last);
            if (from < 0 || to < from)
                return fault(c, FPS_ERROR_FORMAT, "a range without order");
            add_bytes(&item, (unsigned)from, (unsigned)to);
        }
        for (int i = 0; i < 4; i++)
            set.bits[i] |= item.bits[i];
    }
    c->at++;
    for (int i = 0; negated && i < 4; i++)
        set.bits[i] = ~set.bits[i];
    return add_set(c, &set, index);
}

static bool parse_choice(compiler *c, uint16_t *index);

static bool parse_group(compiler *c, uint16_t *index)
{
    bool version = take_text(c, "?<version>");
    if (!version && !take_text(c, "?:") && next_is(c, '?'))
        return fault(c, FPS_ERROR_FORMAT, "a group other than ( ), (?: ) and (?<version> )");
    if (version && c->expression->has_version)
        return fault(c, FPS_ERROR_FORMAT, "a second group named version");
    c->expression->has_version |= version;
    if (++c->depth > MAX_DEPTH)
        return fault(c, FPS_ERROR_LIMIT, "groups too deep");
    if (!parse_choice(c, index))
        return false;
    c->depth--;
    if (!take(c, ')'))
        return fault(c, FPS_ERROR_FORMAT, "a group that is never closed");
    node value = {.kind = NODE_VERSION, .first = *index};
    return !version || add_node(c, value, index);
}

static bool parse_atom(compiler *c, uint16_t *index)
{
    fps__byte_set set = {{0}};
    char byte = c->text[c->at++];
    switch (byte) {
    case '(':
        return parse_group(c, index);
    case '[':
        return parse_class(c, index);
    case '^':
        return add_node(c, (node){.kind = NODE_START}, index);
    case '$':
        return add_node(c, (node){.kind = NODE_END}, index);
    case '.':
        add_bytes(&set, 0, 255);
        return add_set(c, &set, index);
    case '\\':
        return parse_escape(c, &set) && add_set(c, &set, index);
    case '*':
    case '+':
    case '?':
    case '{':
        return fault(c, FPS_ERROR_FORMAT, "a quantifier with nothing before it");
    default:
        add_bytes(&set, (unsigned char)byte, (unsigned char)byte);
        return add_set(c, &set, index);
    }
}

static bool parse_number(compiler *c, uint16_t *number)
{
    unsigned value = 0;
    size_t start = c->at;
    while (c->at < c->length && c->text[c->at] >= '0' && c->text[c->at] <= '9' && value <= MAX_REPEAT)
        value = value * 10 + (unsigned)(c->text[c->at++] - '0');
    if (c->at == start)
        return fault(c, FPS_ERROR_FORMAT, "a repeat without a number");
    if (value > MAX_REPEAT)
        return fault(c, FPS_ERROR_LIMIT, "a repeat above 255");
    *number = (uint16_t)value;
    return true;
}

static bool parse_braces(compiler *c, node *repeat)
{
    if (!parse_number(c, &repeat->minimum))
        return false;
    repeat->maximum = repeat->minimum;
    if (take(c, ',')) {
        repeat->maximum = UNBOUNDED;
        if (!next_is(c, '}') && !parse_number(c, &repeat->maximum))
            return false;
    }
    if (!take(c, '}') || repeat->maximum < repeat->minimum)
        return fault(c, FPS_ERROR_FORMAT, "a repeat that is not {m}, {m,} or {m,n}");
    return true;
}

/* The quantifier behind the atom `index`, if there is one. */
static bool parse_quantifier(compiler *c, uint16_t *index)
{
    node repeat = {.kind = NODE_REPEAT, .first = *index, .minimum = 0, .maximum = UNBOUNDED};
    if (take(c, '?'))
        repeat.maximum = 1;
    else if (take(c, '+'))
        repeat.minimum = 1;
    else if (take(c, '{')) {
        if (!parse_braces(c, &repeat))
            return false;
    } else if (!take(c, '*'))
        return true;
    repeat.lazy = take(c, '?');
    return add_node(c, repeat, index);
}

static bool parse_sequence(compiler *c, uint16_t *index)
{
    if (!add_node(c, (node){.kind = NODE_EMPTY}, index))
        return false;
    while (c->at < c->length && !next_is(c, '|') && !next_is(c, ')')) {
        uint16_t atom;
        if (!parse_atom(c, &atom) || !parse_quantifier(c, &atom))
            return false;
        node value = {.kind = NODE_SEQUENCE, .first = *index, .second = atom};
        if (!add_node(c, value, index))
            return false;
    }
    return true;
}

static bool parse_choice(compiler *c, uint16_t *index)
{
    if (!parse_sequence(c, index))
        return false;
    while (take(c, '|')) {
        node value = {.kind = NODE_CHOICE, .first = *index};
        if (!parse_sequence(c, &value.second) || !add_node(c, value, index))
            return false;
    }
    return true;
}

/* ---- the tree becomes a program ---- */

static bool emit(compiler *c, fps__instruction_kind kind, size_t first, size_t second)
{
    fps__expression *e = c->expression;
    if (e->code_count == FPS__MAX_PROGRAM)
        return fault(c, FPS_ERROR_LIMIT, "too large once its repeats are written out");
    void *code = e->code;
    if (fps__array_reserve(&code, e->code_count, &e->code_capacity, 1, sizeof *e->code, FPS__MAX_PROGRAM) !=
        FPS_OK)
        return fault(c, FPS_ERROR_MEMORY, "out of memory");
    e->code = code;
    e->code[e->code_count++] = (fps__instruction){(uint16_t)kind, (uint16_t)first, (uint16_t)second};
    return true;
}

static bool emit_node(compiler *c, uint16_t index);

/* SPLIT at `place` goes into the part behind it first, or past it first when lazy. */
static void set_split(compiler *c, size_t place, size_t past, bool lazy)
{
    fps__instruction *split = &c->expression->code[place];
    split->first = (uint16_t)(lazy ? past : place + 1);
    split->second = (uint16_t)(lazy ? place + 1 : past);
}

static bool emit_repeat(compiler *c, const node *repeat)
{
    fps__expression *e = c->expression;
    for (unsigned i = 0; i < repeat->minimum; i++) {
        if (!emit_node(c, repeat->first))
            return false;
    }
    if (repeat->maximum == UNBOUNDED) {
        size_t split = e->code_count;
        if (!emit(c, FPS__INSTRUCTION_SPLIT, 0, 0) || !emit_node(c, repeat->first) ||
            !emit(c, FPS__INSTRUCTION_JUMP, split, 0))
            return false;
        set_split(c, split, e->code_count, repeat->lazy);
        return true;
    }
    for (unsigned i = repeat->minimum; i < repeat->maximum; i++) {
        size_t split = e->code_count;
        if (!emit(c, FPS__INSTRUCTION_SPLIT, 0, 0) || !emit_node(c, repeat->first))
            return false;
        set_split(c, split, e->code_count, repeat->lazy);
    }
    return true;
}

static bool emit_choice(compiler *c, const node *choice)
{
    fps__expression *e = c->expression;
    size_t split = e->code_count, jump;
    if (!emit(c, FPS__INSTRUCTION_SPLIT, 0, 0) || !emit_node(c, choice->first))
        return false;
    jump = e->code_count;
    if (!emit(c, FPS__INSTRUCTION_JUMP, 0, 0))
        return false;
    set_split(c, split, e->code_count, false);
    if (!emit_node(c, choice->second))
        return false;
    e->code[jump].first = (uint16_t)e->code_count;
    return true;
}

/* Recursion is as deep as the tree: groups are at most MAX_DEPTH deep, sequences at most MAX_NODES long. */
static bool emit_node(compiler *c, uint16_t index)
{
    const node *n = &c->nodes[index];
    if (++c->emitted > MAX_EMITTED)
        return fault(c, FPS_ERROR_LIMIT, "too large once its repeats are written out");
    switch (n->kind) {
    case NODE_EMPTY:
        return true;
    case NODE_SET:
        return emit(c, FPS__INSTRUCTION_SET, n->first, 0);
    case NODE_START:
        return emit(c, FPS__INSTRUCTION_START, 0, 0);
    case NODE_END:
        return emit(c, FPS__INSTRUCTION_END, 0, 0);
    case NODE_SEQUENCE:
        return emit_node(c, n->first) && emit_node(c, n->second);
    case NODE_CHOICE:
        return emit_choice(c, n);
    case NODE_REPEAT:
        return emit_repeat(c, n);
    case NODE_VERSION:
        return emit(c, FPS__INSTRUCTION_OPEN, 0, 0) && emit_node(c, n->first) &&
               emit(c, FPS__INSTRUCTION_CLOSE, 0, 0);
    }
    return false;
}

fps_status fps__expression_compile(fps__expression **expression, const char *text, size_t length,
                                   fps_error *error)
{
    uint16_t root;
    *expression = NULL;
    if (length > FPS__MAX_EXPRESSION_TEXT)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "expression: longer than %d bytes",
                         FPS__MAX_EXPRESSION_TEXT);
    compiler *c = calloc(1, sizeof *c);
    fps__expression *e = calloc(1, sizeof *e);
    if (!c || !e) {
        free(c);
        free(e);
        return fps__fail_memory(error);
    }
    c->text = text;
    c->length = length;
    c->expression = e;
    c->error = error;
    if (parse_choice(c, &root) && c->at < length)
        fault(c, FPS_ERROR_FORMAT, "a closing parenthesis without an opening one");
    if (c->status == FPS_OK && emit_node(c, root))
        emit(c, FPS__INSTRUCTION_MATCH, 0, 0);
    fps_status status = c->status;
    free(c);
    if (status == FPS_OK)
        *expression = e;
    else
        fps__expression_free(e);
    return status;
}

void fps__expression_free(fps__expression *expression)
{
    if (!expression)
        return;
    free(expression->code);
    free(expression->sets);
    free(expression);
}

bool fps__expression_has_version(const fps__expression *expression)
{
    return expression->has_version;
}
