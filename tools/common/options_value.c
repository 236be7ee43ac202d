/* Converts and stores option values: numbers, sizes, durations, lists. */
#include "common/message.h"
#include "common/options_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct option_memory {
    void **blocks;
    size_t count, capacity;
};

bool option_own(option_result *result, void *block)
{
    struct option_memory *memory = result->memory;
    if (!memory)
        memory = result->memory = calloc(1, sizeof *memory);
    if (memory && memory->count == memory->capacity) {
        size_t capacity = memory->capacity ? memory->capacity * 2 : 16;
        void **blocks = realloc(memory->blocks, capacity * sizeof *blocks);
        if (blocks) {
            memory->blocks = blocks;
            memory->capacity = capacity;
        }
    }
    if (!memory || memory->count == memory->capacity) {
        free(block);
        return false;
    }
    memory->blocks[memory->count++] = block;
    return true;
}

void option_free(option_result *result)
{
    struct option_memory *memory = result->memory;
    for (size_t i = 0; memory && i < memory->count; i++)
        free(memory->blocks[i]);
    if (memory)
        free(memory->blocks);
    free(memory);
    *result = (option_result){0};
}

char *option_copy(option_result *result, const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return option_own(result, copy) ? copy : NULL;
}

bool option_takes_value(const option_spec *spec)
{
    return spec->kind != OPTION_FLAG && spec->kind != OPTION_COUNT;
}

/* Reads a plain number with an optional fraction; no sign, no hexadecimal, no exponent. */
static bool read_number(const char *text, double *value, const char **end)
{
    size_t digits = strspn(text, "0123456789");
    size_t length = digits;
    if (digits && text[digits] == '.') {
        size_t fraction = strspn(text + digits + 1, "0123456789");
        length = digits + 1 + fraction;
        if (!fraction)
            return false;
    }
    if (!digits || length > 40)
        return false;
    *value = strtod(text, NULL); /* the programs never leave the C locale */
    *end = text + length;
    return isfinite(*value);
}

typedef struct unit {
    const char *name;
    double factor;
} unit;

static const unit size_units[] = {{"", 1},
                                  {"K", 1024.0},
                                  {"M", 1024.0 * 1024},
                                  {"G", 1024.0 * 1024 * 1024},
                                  {"T", 1024.0 * 1024 * 1024 * 1024},
                                  {NULL, 0}};
static const unit duration_units[] = {{"", 1000},    {"ms", 1},      {"s", 1000}, {"m", 60e3},
                                      {"h", 3600e3}, {"d", 86400e3}, {NULL, 0}};

static bool read_with_unit(const char *text, const unit *units, uint64_t *value)
{
    double number = 0;
    const char *end = text;
    if (!read_number(text, &number, &end))
        return false;
    for (; units->name; units++) {
        if (strcmp(end, units->name) != 0)
            continue;
        number *= units->factor;
        if (number > 9e15) /* above this a double no longer holds every integer */
            return false;
        *value = (uint64_t)number;
        return true;
    }
    return false;
}

/* The sum of numbers with units, as Go writes durations ("5m0s"); the last one may have no unit. */
static bool read_with_units(const char *text, const unit *units, uint64_t *value)
{
    enum { MOST = 8, LONGEST = 48 };
    uint64_t part, sum = 0;
    for (int i = 0; i < MOST && *text; i++) {
        size_t length = strspn(text, "0123456789.");
        length += strcspn(text + length, "0123456789.");
        char one[LONGEST];
        bool whole = !i && !text[length];
        if (length >= sizeof one || (!whole && (text[length - 1] <= '9' || text[length - 1] == '.')))
            return false;
        memcpy(one, text, length);
        one[length] = '\0';
        if (!read_with_unit(one, units, &part) || sum + part > (uint64_t)9e15)
            return false;
        sum += part;
        text += length;
    }
    *value = sum;
    return !*text;
}

static bool in_range(const option_spec *spec, double value)
{
    return (spec->minimum == 0 && spec->maximum == 0) || (value >= spec->minimum && value <= spec->maximum);
}

static bool store_number(const option_spec *spec, const char *value, void *field)
{
    double number = 0;
    const char *end = value;
    uint64_t whole = 0;
    switch (spec->kind) {
    case OPTION_SIZE:
        if (!read_with_unit(value, size_units, &whole))
            return false;
        break;
    case OPTION_DURATION:
        if (!*value || !read_with_units(value, duration_units, &whole))
            return false;
        break;
    case OPTION_NUMBER:
        errno = 0;
        if (!value[0] || value[strspn(value, "0123456789")])
            return false;
        whole = strtoull(value, NULL, 10);
        if (errno || !in_range(spec, (double)whole))
            return false;
        break;
    default:
        if (!read_number(value, &number, &end) || *end || !in_range(spec, number))
            return false;
        memcpy(field, &number, sizeof number);
        return true;
    }
    memcpy(field, &whole, sizeof whole);
    return true;
}

const char *option_word(const option_spec *spec, size_t index, size_t *length)
{
    const char *word = spec->choices;
    if (!word) {
        word = spec->words ? spec->words(index) : NULL;
        *length = word ? strlen(word) : 0;
        return word;
    }
    for (; index && *word; index--) {
        word += strcspn(word, " ");
        word += *word == ' ';
    }
    *length = strcspn(word, " ");
    return *length ? word : NULL;
}

const char *option_choice(const option_spec *spec, const char *value, size_t length)
{
    size_t size;
    const char *word;
    if (!spec->choices && !(spec->flags & OPTION_ONLY_WORDS))
        return value;
    for (size_t i = 0; (word = option_word(spec, i, &size)); i++)
        if (size == length && strncasecmp(word, value, length) == 0)
            return word;
    return NULL;
}

/* Lists double their room at each power of two; old tables stay with `result` until the end. */
static bool append(option_result *result, option_list *list, const char *text, size_t length)
{
    char *copy = option_copy(result, text, length);
    if (!copy)
        return false;
    if ((list->count & (list->count + 1)) == 0) {
        const char **items = calloc(2 * (list->count + 1), sizeof *items);
        if (!items || !option_own(result, items))
            return false;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
    }
    list->items[list->count++] = copy;
    list->items[list->count] = NULL;
    return true;
}

/* How many characters must be added, removed or replaced to make `a` of `b`; long words are compared by their
 * start. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    enum { LONGEST = 64 };
    size_t row[LONGEST + 1];
    a_length = a_length > LONGEST ? LONGEST : a_length;
    b_length = b_length > LONGEST ? LONGEST : b_length;
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            size_t changed = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < changed ? replaced : changed;
        }
    }
    return row[b_length];
}

/* Says that value[0..length) is none of the words, and which of them it may be meant to be. */
static bool unknown_word(const option_parser *parser, const option_spec *spec, const char *origin,
                         const char *value, size_t length)
{
    size_t size, nearest = length / 2 + 1;
    const char *word, *guess = NULL;
    for (size_t i = 0; (word = option_word(spec, i, &size)); i++) {
        size_t distance = edit_distance(value, length, word, size);
        if (distance < nearest) {
            nearest = distance;
            guess = word;
        }
    }
    message_print(parser->program->name, "%s: '%.*s' is not a known value%s%s%s", origin, (int)length, value,
                  guess ? "; did you mean '" : "", guess ? guess : "", guess ? "'?" : "");
    return false;
}

static bool bad_value(const option_parser *parser, const option_spec *spec, const char *origin,
                      const char *value)
{
    const char *name = parser->program->name;
    if (spec->choices)
        message_print(name, "%s: '%s' is not one of: %s", origin, value, spec->choices);
    else if (spec->flags & OPTION_ONLY_WORDS)
        unknown_word(parser, spec, origin, value, strcspn(value, ","));
    else if (spec->kind == OPTION_SIZE)
        message_print(name, "%s: '%s' is not a size such as 512M or 2G", origin, value);
    else if (spec->kind == OPTION_DURATION)
        message_print(name, "%s: '%s' is not a time such as 90s, 10m or 1h30m", origin, value);
    else if (spec->minimum != 0 || spec->maximum != 0)
        message_print(name, "%s: '%s' is not a number from %g to %g", origin, value, spec->minimum,
                      spec->maximum);
    else
        message_print(name, "%s: '%s' is not a number", origin, value);
    return false;
}

static bool no_memory(const option_parser *parser)
{
    message_print(parser->program->name, "out of memory");
    return false;
}

static bool store_comma_list(option_parser *parser, const option_spec *spec, const char *origin,
                             const char *value)
{
    option_list *list = (option_list *)(void *)(parser->settings + spec->offset);
    for (const char *item = value; *item;) {
        size_t length = strcspn(item, ",");
        const char *word = option_choice(spec, item, length);
        if (length && !word)
            return bad_value(parser, spec, origin, item);
        if (length && !append(parser->result, list, word, length))
            return no_memory(parser);
        item += length + (item[length] == ',');
    }
    return true;
}

bool option_store(option_parser *parser, const option_spec *spec, const char *origin, const char *value)
{
    void *field = parser->settings + spec->offset;
    const char *word;
    parser->result->given[spec - parser->program->specs] = true;
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_COUNT:
        *(unsigned *)field += 1;
        return true;
    case OPTION_COMMA_LIST:
        return store_comma_list(parser, spec, origin, value);
    case OPTION_TEXT:
    case OPTION_LIST:
        word = option_choice(spec, value, strlen(value));
        if (!word)
            return bad_value(parser, spec, origin, value);
        if (spec->kind == OPTION_LIST)
            return append(parser->result, field, word, strlen(value)) || no_memory(parser);
        *(const char **)field = option_copy(parser->result, word, strlen(value));
        return *(const char **)field || no_memory(parser);
    default:
        return store_number(spec, value, field) || bad_value(parser, spec, origin, value);
    }
}
