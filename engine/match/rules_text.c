/* Parses the text of rules: stanzas of "Key: value" lines, parted by empty lines; a line that starts with #
 * is a remark. */
#include "match/rules_text.h"

#include "match/match_thresholds.h"
#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RULES     16384
#define MAX_TEXT      (4u << 20)
#define MAX_NAME_SIZE 128
#define MAX_NEEDS     1000000

typedef struct parser {
    fps__rule_array *rules;
    fps__arena *arena;
    fps__rule open; /* the stanza that is being read */
    bool has_stanza, has_effect, has_needs;
    uint32_t line;
    fps_error *error;
} parser;

typedef struct field {
    const char *text;
    size_t length;
} field;

static fps_status fault(const parser *p, const char *message)
{
    return fps__fail(p->error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "rules: line %u: %s", p->line, message);
}

static field trim(field value)
{
    while (value.length && (value.text[0] == ' ' || value.text[0] == '\t'))
        value = (field){value.text + 1, value.length - 1};
    while (value.length && strchr(" \t\r", value.text[value.length - 1]))
        value.length--;
    return value;
}

static bool is(field value, const char *text)
{
    return strlen(text) == value.length && memcmp(text, value.text, value.length) == 0;
}

static fps_status keep(parser *p, const char **slot, field value, size_t maximum)
{
    if (*slot)
        return fault(p, "the same key twice in one rule");
    if (value.length == 0 || value.length > maximum || memchr(value.text, 0, value.length))
        return fault(p, "a value that is empty, too long or not text");
    *slot = fps__arena_text(p->arena, value.text, value.length);
    return *slot ? FPS_OK : fps__fail_memory(p->error);
}

static fps_status set_effect(parser *p, field value)
{
    static const char *const effects[] = {
        [FPS__RULE_VERSION] = "version", [FPS__RULE_NAME] = "name", [FPS__RULE_PORT] = "port"};
    for (size_t i = 0; !p->has_effect && i < sizeof effects / sizeof *effects; i++) {
        if (is(value, effects[i])) {
            p->has_effect = true;
            p->open.effect = (fps__rule_effect)i;
            return FPS_OK;
        }
    }
    return fault(p, "Effect is version, name or port, once");
}

static fps_status set_needs(parser *p, field value)
{
    uint32_t number = 0;
    for (size_t i = 0; i < value.length && number <= MAX_NEEDS; i++) {
        if (value.text[i] < '0' || value.text[i] > '9')
            return fault(p, "Needs is a number");
        number = number * 10 + (uint32_t)(value.text[i] - '0');
    }
    if (value.length == 0 || number > MAX_NEEDS || p->has_needs)
        return fault(p, "Needs is a number up to 1000000, once");
    p->has_needs = true;
    p->open.needs = number;
    return FPS_OK;
}

/* What vendors put behind a version: -fips, +quic, -dev. Every rule reads it where its text goes on behind the version, so
 * that a suffix that nobody foresaw does not lose the version. */
#define SUFFIX "(?:[-+~][A-Za-z][A-Za-z0-9+~_]*(?:[.-][A-Za-z0-9]+)*)??"

/* The end of the group named version: the index of its ")"; 0 when there is no such group. */
static size_t end_of_version(field value)
{
    static const char opening[] = "(?<version>";
    const char *group = memmem(value.text, value.length, opening, sizeof opening - 1);
    bool in_class = false;
    unsigned depth = 1;
    for (size_t i = group ? (size_t)(group - value.text) + sizeof opening - 1 : value.length;
         i < value.length; i++) {
        char c = value.text[i];
        if (c == '\\')
            i++;
        else if (in_class || c == '[')
            in_class = c != ']';
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            return i;
    }
    return 0;
}

/* The expression with room for a suffix at the end of its version. Keeps it. */
static fps_status keep_match(parser *p, field *value)
{
    size_t end = end_of_version(*value);
    char text[FPS__MAX_EXPRESSION_TEXT + sizeof SUFFIX];
    if (value->length > FPS__MAX_EXPRESSION_TEXT || !end)
        return keep(p, &p->open.match, *value, FPS__MAX_EXPRESSION_TEXT);
    int length = snprintf(text, sizeof text, "%.*s" SUFFIX "%.*s", (int)end, value->text,
                          (int)(value->length - end), value->text + end);
    fps_status status = keep(p, &p->open.match, (field){text, (size_t)length}, FPS__MAX_EXPRESSION_TEXT);
    if (status == FPS_OK)
        *value = (field){p->open.match, (size_t)length};
    return status;
}

static fps_status set_match(parser *p, field value)
{
    fps_status status = keep_match(p, &value);
    if (status != FPS_OK)
        return status;
    fps_error inner;
    status = fps__expression_compile(&p->open.expression, value.text, value.length, &inner);
    if (status != FPS_OK)
        return fps__fail(p->error, status, NULL, UINT64_MAX, "rules: line %u: %s", p->line, inner.message);
    return FPS_OK;
}

/* A stanza ends: checks that it is whole and keeps it. */
static fps_status close_stanza(parser *p)
{
    if (!p->has_stanza)
        return FPS_OK;
    if (!p->open.name || !p->open.component || !p->open.match || !p->has_effect)
        return fault(p, "the rule above lacks one of Rule, Component, Match, Effect");
    if (p->open.effect == FPS__RULE_VERSION && !fps__expression_has_version(p->open.expression))
        return fault(p, "the rule above reads a version and its expression has no group named version");
    if (!p->has_needs)
        p->open.needs = p->open.effect == FPS__RULE_VERSION ? FPS__RULE_NEEDS : 0;
    if (FPS__ARRAY_RESERVE(p->rules, 1, MAX_RULES) != FPS_OK)
        return p->rules->count == MAX_RULES
                   ? fps__fail(p->error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "rules: more than %d", MAX_RULES)
                   : fps__fail_memory(p->error);
    p->rules->items[p->rules->count++] = p->open;
    memset(&p->open, 0, sizeof p->open);
    p->has_stanza = p->has_effect = p->has_needs = false;
    return FPS_OK;
}

static fps_status read_line(parser *p, field line)
{
    line = trim(line);
    if (line.length == 0)
        return close_stanza(p);
    if (line.text[0] == '#')
        return FPS_OK;
    const char *colon = memchr(line.text, ':', line.length);
    if (!colon)
        return fault(p, "neither \"Key: value\" nor a remark");
    field key = trim((field){line.text, (size_t)(colon - line.text)});
    field value = trim((field){colon + 1, line.length - (size_t)(colon + 1 - line.text)});
    if (!p->has_stanza) {
        p->has_stanza = true;
        p->open.line = p->line;
    }
    if (is(key, "Rule"))
        return keep(p, &p->open.name, value, MAX_NAME_SIZE);
    if (is(key, "Component"))
        return keep(p, &p->open.component, value, MAX_NAME_SIZE);
    if (is(key, "Match"))
        return set_match(p, value);
    if (is(key, "Effect"))
        return set_effect(p, value);
    if (is(key, "Needs"))
        return set_needs(p, value);
    return fault(p, "a key other than Rule, Component, Match, Effect, Needs");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every rule is told apart by its name. */
static fps_status check_names(const parser *p)
{
    size_t count = p->rules->count;
    const char **names = malloc((count + 1) * sizeof *names);
    if (!names)
        return fps__fail_memory(p->error);
    for (size_t i = 0; i < count; i++)
        names[i] = p->rules->items[i].name;
    qsort(names, count, sizeof *names, compare_names);
    fps_status status = FPS_OK;
    for (size_t i = 1; i < count && status == FPS_OK; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            status = fps__fail(p->error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "rules: two rules are named %s",
                               names[i]);
    }
    free(names);
    return status;
}

fps_status fps__rules_parse(fps__rule_array *rules, fps__arena *arena, const char *text, size_t size,
                            fps_error *error)
{
    parser p = {.rules = rules, .arena = arena, .error = error};
    fps_status status = FPS_OK;
    if (size > MAX_TEXT)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "rules: more than %u bytes of text",
                         MAX_TEXT);
    for (size_t at = 0; at < size && status == FPS_OK;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - (text + at)) : size - at;
        p.line++;
        status = read_line(&p, (field){text + at, length});
        at += length + 1;
    }
    if (status == FPS_OK)
        status = close_stanza(&p);
    if (status == FPS_OK)
        status = check_names(&p);
    if (status != FPS_OK) {
        fps__expression_free(p.open.expression);
        fps__rules_clear(rules);
    }
    return status;
}

void fps__rules_clear(fps__rule_array *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        fps__expression_free(rules->items[i].expression);
    free(rules->items);
    memset(rules, 0, sizeof *rules);
}
