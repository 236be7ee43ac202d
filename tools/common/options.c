/* Parses a command line by a table of options. */
#include "common/options.h"

#include "common/message.h"
#include "common/options_parts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const option_spec option_builtins[] = {
    {.name = "help",
     .letter = 'h',
     .help = "show help: -h on one screen, --help all of it",
     .flags = OPTION_ON_SCREEN},
    {.name = "version", .help = "show the version"},
    {.name = "man", .help = "print the man page (roff)"},
    {.name = "completion",
     .kind = OPTION_TEXT,
     .value = "SHELL",
     .choices = "bash fish zsh",
     .help = "print a completion script"},
};
const size_t option_builtin_count = sizeof option_builtins / sizeof *option_builtins;

/* What the builtin options asked for. */
typedef struct wish {
    bool screen, help, version, man;
    const char *completion; /* name of the shell, NULL for none */
} wish;

typedef struct arguments {
    option_parser parser;
    int argc;
    char **argv;
    int next;
    const char **operands;
    size_t operand_count;
    size_t before_dashes; /* operands before "--": only these can be a verb */
    wish wish;
} arguments;

bool option_belongs(const option_program *program, const option_spec *spec, const option_verb *verb)
{
    return !verb || !spec->verbs || (spec->verbs >> (verb - program->verbs) & 1);
}

static const option_spec *find_in(const option_spec *specs, size_t count, const char *name, size_t length,
                                  char letter)
{
    for (size_t i = 0; i < count; i++) {
        bool same = letter ? specs[i].letter == letter
                           : strlen(specs[i].name) == length && memcmp(specs[i].name, name, length) == 0;
        if (same)
            return &specs[i];
    }
    return NULL;
}

static const option_spec *find(const option_program *program, const char *name, size_t length, char letter)
{
    const option_spec *spec = find_in(program->specs, program->spec_count, name, length, letter);
    return spec ? spec : find_in(option_builtins, option_builtin_count, name, length, letter);
}

static bool is_builtin(const option_spec *spec)
{
    return spec >= option_builtins && spec < option_builtins + option_builtin_count;
}

static bool use_builtin(arguments *a, const option_spec *spec, bool is_short, const char *value)
{
    wish *w = &a->wish;
    if (strcmp(spec->name, "help") == 0)
        *(is_short ? &w->screen : &w->help) = true;
    else if (strcmp(spec->name, "version") == 0)
        w->version = true;
    else if (strcmp(spec->name, "man") == 0)
        w->man = true;
    else if (option_choice(spec, value, strlen(value)))
        w->completion = value;
    else {
        message_print(a->parser.program->name, "--completion: '%s' is not one of: %s", value, spec->choices);
        return false;
    }
    return true;
}

/* Uses `spec`; `value` is what follows '=' or the short letter, NULL if nothing does. */
static bool use(arguments *a, const option_spec *spec, const char *origin, bool is_short, const char *value)
{
    if (option_takes_value(spec) && !value) {
        if (a->next >= a->argc) {
            message_print(a->parser.program->name, "%s needs a value (%s)", origin, spec->value);
            return false;
        }
        value = a->argv[a->next++];
    }
    if (is_builtin(spec))
        return use_builtin(a, spec, is_short, value);
    a->parser.used[spec - a->parser.program->specs] = 1;
    return option_store(&a->parser, spec, origin, value);
}

static bool unknown(const arguments *a, const char *text, size_t length)
{
    option_say_unknown(a->parser.program, text, length);
    return false;
}

static bool parse_long(arguments *a, const char *argument)
{
    const char *name = argument + 2;
    size_t length = strcspn(name, "=");
    const option_spec *spec = find(a->parser.program, name, length, 0);
    const char *usual = spec ? NULL : option_usual_name(a->parser.program, name, length);
    if (usual)
        spec = find(a->parser.program, usual, strlen(usual), 0);
    if (!spec)
        return unknown(a, argument, length + 2);
    bool has_value = name[length] == '=';
    if (has_value && !option_takes_value(spec)) {
        message_print(a->parser.program->name, "--%s takes no value", spec->name);
        return false;
    }
    char origin[64];
    snprintf(origin, sizeof origin, "--%.50s", usual ? argument + 2 : spec->name);
    origin[2 + length < sizeof origin ? 2 + length : sizeof origin - 1] = '\0';
    return use(a, spec, origin, false, has_value ? name + length + 1 : NULL);
}

static bool parse_short(arguments *a, const char *argument)
{
    for (const char *p = argument + 1; *p; p++) {
        const option_spec *spec = find(a->parser.program, NULL, 0, *p);
        char origin[3] = {'-', *p, '\0'};
        if (!spec)
            return unknown(a, origin, 2);
        bool takes = option_takes_value(spec);
        if (!use(a, spec, origin, true, takes && p[1] ? p + 1 : NULL))
            return false;
        if (takes)
            return true;
    }
    return true;
}

static bool parse_all(arguments *a)
{
    bool dashes = false;
    while (a->next < a->argc) {
        const char *argument = a->argv[a->next++];
        bool is_operand = dashes || argument[0] != '-' || !argument[1];
        if (is_operand) {
            a->operands[a->operand_count++] = argument;
            a->before_dashes += !dashes;
        } else if (strcmp(argument, "--") == 0) {
            dashes = true;
        } else if (!(argument[1] == '-' ? parse_long(a, argument) : parse_short(a, argument))) {
            return false;
        }
    }
    return true;
}

/* Number of leading operands that spell the verb's name, 0 if they do not. */
static size_t spelled(const arguments *a, const option_verb *verb)
{
    size_t words = 0;
    /* alone, it is what a target is called, where there is one */
    bool may = a->before_dashes > 1 || (a->before_dashes == 1 && access(a->operands[0], F_OK) != 0);
    for (const char *const *other = verb->aliases; other && *other && may; other++)
        if (strcmp(a->operands[0], *other) == 0)
            return 1;
    for (const char *word = verb->name; *word; words++) {
        size_t length = strcspn(word, " ");
        if (words >= a->before_dashes || strlen(a->operands[words]) != length ||
            memcmp(a->operands[words], word, length) != 0)
            return 0;
        word += length + (word[length] == ' ');
    }
    return words;
}

/* True when the first operand is the first word of a verb of two words; prints what may follow it. */
static bool is_half_verb(const arguments *a)
{
    const option_program *program = a->parser.program;
    char list[256] = "";
    size_t used = 0;
    for (size_t v = 0; v < program->verb_count && a->before_dashes; v++) {
        size_t length = strcspn(program->verbs[v].name, " ");
        const char *second = program->verbs[v].name + length;
        if (!*second || strlen(a->operands[0]) != length ||
            memcmp(a->operands[0], program->verbs[v].name, length) != 0)
            continue;
        int n = snprintf(list + used, sizeof list - used, "%s%s", used ? "," : "", second);
        used += n > 0 && (size_t)n < sizeof list - used ? (size_t)n : 0;
    }
    if (used)
        message_print(program->name, "'%s' needs one of:%s", a->operands[0], list);
    return used > 0;
}

/* Finds the verb and removes its words from the operands. */
static const option_verb *take_verb(arguments *a)
{
    const option_program *program = a->parser.program;
    for (size_t v = 0; v < program->verb_count; v++) {
        size_t words = spelled(a, &program->verbs[v]);
        if (!words)
            continue;
        a->operands += words;
        a->operand_count -= words;
        return &program->verbs[v];
    }
    return program->default_verb >= 0 ? &program->verbs[program->default_verb] : NULL;
}

static bool has_verb_words(const arguments *a)
{
    return a->operands != a->parser.result->operands;
}

/* The options that were used must belong to the verb, and it must accept this number of operands. */
static bool check_use(const arguments *a, const option_verb *verb)
{
    const option_program *program = a->parser.program;
    if (a->operand_count && !has_verb_words(a) && access(a->operands[0], F_OK) != 0 &&
        option_say_command(program, a->operands[0]))
        return false;
    for (size_t i = 0; i < program->spec_count; i++) {
        if (a->parser.used[i] && !option_belongs(program, &program->specs[i], verb)) {
            message_print(program->name, "--%s is not an option of '%s %s'", program->specs[i].name,
                          program->name, verb->name);
            return false;
        }
    }
    if (a->operand_count >= verb->least && a->operand_count <= verb->most)
        return true;
    char nearest[64];
    if (a->operand_count > verb->most && !has_verb_words(a) &&
        option_nearest_verb(program, a->operands[0], nearest, sizeof nearest)) {
        message_print(program->name, "unknown command '%.100s': did you mean %s?", a->operands[0], nearest);
        return false;
    }
    bool optional = program->default_verb >= 0 && verb == &program->verbs[program->default_verb];
    message_print(program->name, "%s; usage: %s %s%s%s [OPTION]... %s%s",
                  a->operand_count < verb->least ? "an argument is missing" : "too many arguments",
                  program->name, optional ? "[" : "", verb->name, optional ? "]" : "", verb->arguments,
                  optional && !a->operand_count ? "; -h shows a screen of help" : "");
    return false;
}

/* `verb`: the one that help was asked of, NULL for the whole program. */
static option_status show(const arguments *a, const option_verb *verb)
{
    const option_program *program = a->parser.program;
    if (a->wish.help || a->wish.screen)
        option_print_help(program, verb, a->wish.help, stdout);
    else if (a->wish.version)
        printf("%s %s\n", program->name, program->version());
    else if (a->wish.man)
        option_print_man(program, stdout);
    else
        option_print_completion(program, a->wish.completion, stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return OPTION_DONE;
    message_print(program->name, "cannot write to standard output");
    return OPTION_FAIL;
}

/* The builtin options as words: version, help [COMMAND], completion SHELL. False: a message was printed. */
static bool take_builtin_word(arguments *a)
{
    size_t count = a->before_dashes;
    const char *word = count ? a->operands[0] : "";
    bool completion = strcmp(word, "completion") == 0;
    if (strcmp(word, "version") == 0 && count == 1)
        a->wish.version = true;
    else if (strcmp(word, "help") == 0)
        a->wish.help = true;
    else if (completion && count == 2) {
        if (!use_builtin(a, find_in(option_builtins, option_builtin_count, word, strlen(word), 0), false,
                         a->operands[1]))
            return false;
    } else if (completion && count == 1) {
        message_print(a->parser.program->name, "completion needs the name of a shell: bash, fish or zsh");
        return false;
    } else
        return true;
    a->operands++; /* what follows "help" is the command */
    a->operand_count--;
    a->before_dashes--;
    return true;
}

static bool is_verb(const arguments *a)
{
    for (size_t v = 0; v < a->parser.program->verb_count; v++)
        if (spelled(a, &a->parser.program->verbs[v]))
            return true;
    return false;
}

static option_status finish(arguments *a)
{
    const option_program *program = a->parser.program;
    option_result *result = a->parser.result;
    if (!is_verb(a) && !take_builtin_word(a))
        return OPTION_FAIL;
    const char *const *words = a->operands;
    const option_verb *verb = take_verb(a);
    const wish *w = &a->wish;
    if (w->help || w->screen || w->version || w->man || w->completion)
        return show(a, a->operands != words ? verb : NULL);
    if (!has_verb_words(a) && is_half_verb(a))
        return OPTION_FAIL;
    if (!verb) {
        message_print(program->name,
                      a->operand_count ? "unknown command '%s'; see %s -h" : "%sno command given; see %s -h",
                      a->operand_count ? a->operands[0] : "", program->name);
        return OPTION_FAIL;
    }
    if (!check_use(a, verb) || !option_read_environment(&a->parser) || !option_read_config(&a->parser))
        return OPTION_FAIL;
    result->verb = verb;
    result->operands = a->operands;
    result->operand_count = a->operand_count;
    return OPTION_RUN;
}

option_status option_parse(const option_program *program, int argc, char **argv, void *settings,
                           option_result *result)
{
    *result = (option_result){0};
    unsigned *used = calloc(program->spec_count + 1, sizeof *used);
    bool *given = calloc(program->spec_count + 1, sizeof *given);
    const char **operands = calloc((size_t)(argc > 0 ? argc : 0) + 1, sizeof *operands);
    bool owned = option_own(result, used);
    owned = option_own(result, given) && owned;
    owned = option_own(result, operands) && owned;
    if (!owned || !used || !given || !operands) {
        message_print(program->name, "out of memory");
        return OPTION_FAIL;
    }
    result->given = given;
    result->operands = operands;
    arguments a = {.parser = {program, settings, result, used},
                   .argc = argc,
                   .argv = argv,
                   .next = 1,
                   .operands = operands};
    return parse_all(&a) ? finish(&a) : OPTION_FAIL;
}
