/* Help texts, man page and shell completion out of the table of options. */
#include "common/exit.h"
#include "common/options_parts.h"

#include <string.h>

enum { HELP_WIDTH = 100, HELP_INDENT = 32 };

typedef struct exit_text {
    int code;
    const char *text;
} exit_text;

static const exit_text exit_texts[] = {
#define X(name, code, text) {code, text},
    EXIT_CODES(X)
#undef X
};

typedef void (*spec_visitor)(const option_spec *spec, FILE *stream);

/* True when the program has an option of its own by this name, which then stands for the builtin one. */
static bool is_taken(const option_program *program, const char *name)
{
    for (size_t i = 0; i < program->spec_count; i++)
        if (strcmp(program->specs[i].name, name) == 0)
            return true;
    return false;
}

static void each_spec(const option_program *program, const option_verb *verb, unsigned flags,
                      spec_visitor visit, FILE *stream)
{
    for (size_t i = 0; i < program->spec_count; i++)
        if (option_belongs(program, &program->specs[i], verb) && (program->specs[i].flags & flags) == flags)
            visit(&program->specs[i], stream);
    for (size_t i = 0; i < option_builtin_count; i++)
        if ((option_builtins[i].flags & flags) == flags && !is_taken(program, option_builtins[i].name))
            visit(&option_builtins[i], stream);
}

/* Prints `text` wrapped at HELP_WIDTH; the cursor is at `column`, further lines start at `indent`. */
static void wrap(const char *text, size_t column, size_t indent, FILE *stream)
{
    while (*text) {
        if (*text == '\n') {
            fputc('\n', stream);
            text++;
            column = 0;
            continue;
        }
        size_t length = strcspn(text, " \n");
        if (column > indent && column + 1 + length > HELP_WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column == 0 && indent) {
            fprintf(stream, "%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', stream);
            column++;
        }
        fwrite(text, 1, length, stream);
        column += length;
        text += length + (text[length] == ' ');
    }
    fputc('\n', stream);
}

static void help_spec(const option_spec *spec, FILE *stream)
{
    char left[128], help[512];
    char letter[8] = "    ";
    if (spec->letter)
        snprintf(letter, sizeof letter, "-%c, ", spec->letter);
    int length = snprintf(left, sizeof left, "  %s--%s%s%s", letter, spec->name, spec->value ? " " : "",
                          spec->value ? spec->value : "");
    size_t column = length > 0 ? (size_t)length : 0;
    fputs(left, stream);
    if (column + 2 > HELP_INDENT)
        fprintf(stream, "\n%*s", HELP_INDENT, "");
    else
        fprintf(stream, "%*s", (int)(HELP_INDENT - column), "");
    snprintf(help, sizeof help, "%s%s%s%s", spec->help, spec->choices ? " (one of: " : "",
             spec->choices ? spec->choices : "", spec->choices ? ")" : "");
    wrap(help, HELP_INDENT, HELP_INDENT, stream);
}

static void usage_line(const option_program *program, const option_verb *verb, const char *before,
                       FILE *stream)
{
    bool optional = program->default_verb >= 0 && verb == &program->verbs[program->default_verb];
    fprintf(stream, "%s%s %s%s%s [OPTION]...%s%s", before, program->name, optional ? "[" : "", verb->name,
            optional ? "]" : "", verb->arguments[0] ? " " : "", verb->arguments);
}

static void help_verbs(const option_program *program, FILE *stream)
{
    fputs("\nCommands:\n", stream);
    for (size_t v = 0; v < program->verb_count; v++) {
        const option_verb *verb = &program->verbs[v];
        int length = fprintf(stream, "  %s %s", verb->name, verb->arguments);
        size_t column = length > 0 ? (size_t)length : 0;
        int gap = column + 2 > HELP_INDENT ? 2 : (int)(HELP_INDENT - column);
        fprintf(stream, "%*s", gap, "");
        wrap(verb->help, column + (size_t)gap, HELP_INDENT, stream);
    }
}

static void help_places(const option_program *program, FILE *stream)
{
    if (program->prefix)
        fprintf(stream,
                "\nEnvironment: %s_NAME stands for --name where it is not given (in capitals, '_' for '-'; "
                "lists are split\n"
                "at ':', comma lists at ','; flags are true or false).\n",
                program->prefix);
    if (program->config)
        fprintf(stream,
                "Config file: %s in the current directory, or --config FILE: a JSON object with option names "
                "as keys.\n",
                program->config);
    fputs("\nExit codes, the first that applies of 1 2 3 4 0:\n", stream);
    for (size_t i = 0; i < sizeof exit_texts / sizeof *exit_texts; i++)
        if (program->exits >> exit_texts[i].code & 1)
            fprintf(stream, "  %d  %s\n", exit_texts[i].code, exit_texts[i].text);
}

void option_print_help(const option_program *program, const option_verb *verb, bool all, FILE *stream)
{
    if (verb) {
        usage_line(program, verb, "Usage: ", stream);
        fputs("\n", stream);
        wrap(verb->help, 0, 0, stream);
    } else {
        fprintf(stream, "%s %s: %s\n\n", program->name, program->version, program->summary);
        if (program->default_verb >= 0) {
            usage_line(program, &program->verbs[program->default_verb], "Usage: ", stream);
            fputs("\n", stream);
        }
        fprintf(stream, "%s%s COMMAND [OPTION]... [ARGUMENT]...\n",
                program->default_verb >= 0 ? "       " : "Usage: ", program->name);
        if (all && program->description) {
            fputs("\n", stream);
            wrap(program->description, 0, 0, stream);
        }
        help_verbs(program, stream);
    }
    fputs("\nOptions:\n", stream);
    each_spec(program, verb, all || verb ? 0 : OPTION_ON_SCREEN, help_spec, stream);
    if (all)
        help_places(program, stream);
    else
        fprintf(stream, "\n%s --help shows everything.\n", program->name);
}

/* Text for roff: '-' and '\' escaped, no line that starts with a control character. */
static void roff(const char *text, FILE *stream)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", stream);
        if (*text == '-' || *text == '\\')
            fputc('\\', stream);
        if (*text == '\n' && text[1] == '\n') {
            fputs("\n.PP", stream);
            start = true;
            continue;
        }
        fputc(*text, stream);
        start = *text == '\n';
    }
}

static void man_spec(const option_spec *spec, FILE *stream)
{
    fputs(".TP\n", stream);
    if (spec->letter)
        fprintf(stream, "\\fB\\-%c\\fR, ", spec->letter);
    fputs("\\fB\\-\\-", stream);
    roff(spec->name, stream);
    fputs("\\fR", stream);
    if (spec->value)
        fprintf(stream, " \\fI%s\\fR", spec->value);
    fputc('\n', stream);
    roff(spec->help, stream);
    if (spec->choices) {
        fputs(" (one of: ", stream);
        roff(spec->choices, stream);
        fputs(")", stream);
    }
    fputs(".\n", stream);
}

static void man_verbs(const option_program *program, FILE *stream)
{
    fputs(".SH COMMANDS\n", stream);
    for (size_t v = 0; v < program->verb_count; v++) {
        fprintf(stream, ".TP\n\\fB%s\\fR %s\n", program->verbs[v].name, program->verbs[v].arguments);
        roff(program->verbs[v].help, stream);
        fputs(".\n", stream);
    }
}

static void man_places(const option_program *program, FILE *stream)
{
    if (program->prefix)
        fprintf(stream,
                ".SH ENVIRONMENT\n.TP\n\\fB%s_NAME\\fR\nStands for \\fB\\-\\-name\\fR where the option is "
                "not given. Dashes become "
                "underscores; lists are split at colons, comma lists at commas; flags are true or false.\n",
                program->prefix);
    if (program->config)
        fprintf(stream,
                ".SH FILES\n.TP\n\\fB%s\\fR\nRead from the current directory unless \\fB\\-\\-config\\fR "
                "names another: a JSON "
                "object with option names as keys. Command line and environment win over it.\n",
                program->config);
    fputs(".SH EXIT STATUS\nThe first that applies of 1, 2, 3, 4, 0.\n", stream);
    for (size_t i = 0; i < sizeof exit_texts / sizeof *exit_texts; i++)
        if (program->exits >> exit_texts[i].code & 1)
            fprintf(stream, ".TP\n\\fB%d\\fR\n%s.\n", exit_texts[i].code, exit_texts[i].text);
}

void option_print_man(const option_program *program, FILE *stream)
{
    fprintf(stream, ".TH %s 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n%s \\- ", program->name,
            program->name, program->version, program->name);
    roff(program->summary, stream);
    fputs("\n.SH SYNOPSIS\n.nf\n", stream);
    for (size_t v = 0; v < program->verb_count; v++) {
        usage_line(program, &program->verbs[v], "", stream);
        fputc('\n', stream);
    }
    fputs(".fi\n", stream);
    if (program->description) {
        fputs(".SH DESCRIPTION\n", stream);
        roff(program->description, stream);
        fputc('\n', stream);
    }
    man_verbs(program, stream);
    fputs(".SH OPTIONS\n", stream);
    each_spec(program, NULL, 0, man_spec, stream);
    man_places(program, stream);
}

static void bash_name(const option_spec *spec, FILE *stream)
{
    fprintf(stream, " --%s", spec->name);
}

static void bash_value(const option_spec *spec, FILE *stream)
{
    if (!option_takes_value(spec))
        return;
    fprintf(stream, "        --%s", spec->name);
    if (spec->letter)
        fprintf(stream, "|-%c", spec->letter);
    if (spec->choices)
        fprintf(stream, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", spec->choices);
    else if (spec->value && strcmp(spec->value, "DIR") == 0)
        fputs(") COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n", stream);
    else if (spec->value && strcmp(spec->value, "FILE") == 0)
        fputs(") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", stream);
    else
        fputs(") return ;;\n", stream);
}

/* First words of the verbs, each once; second words behind their first. */
static void bash_verbs(const option_program *program, const char *first, FILE *stream)
{
    const char *last = "";
    for (size_t v = 0; v < program->verb_count; v++) {
        const char *name = program->verbs[v].name;
        size_t length = strcspn(name, " ");
        bool under = first && strlen(first) >= length && strncmp(first, name, length) == 0 && name[length];
        if (first ? under : strncmp(last, name, length) != 0)
            fprintf(stream, " %.*s", first ? 64 : (int)length, first ? name + length + 1 : name);
        last = name;
    }
}

static void bash_second_words(const option_program *program, FILE *stream)
{
    const char *last = "";
    for (size_t v = 0; v < program->verb_count; v++) {
        const char *name = program->verbs[v].name;
        size_t length = strcspn(name, " ");
        if (!name[length] || strncmp(last, name, length) == 0)
            continue;
        fprintf(stream, "        %.*s) COMPREPLY=($(compgen -W '", (int)length, name);
        bash_verbs(program, name, stream);
        fputs("' -- \"$cur\")); return ;;\n", stream);
        last = name;
    }
}

void option_print_bash(const option_program *program, FILE *stream)
{
    fprintf(stream,
            "# bash completion of %s\n_%s() {\n"
            "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n    case $prev in\n",
            program->name, program->name);
    each_spec(program, NULL, 0, bash_value, stream);
    bash_second_words(program, stream);
    fputs("    esac\n    if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W '", stream);
    each_spec(program, NULL, 0, bash_name, stream);
    fputs("' -- \"$cur\"))\n        return\n    fi\n    local words=\n    [[ $COMP_CWORD == 1 ]] && words='",
          stream);
    bash_verbs(program, NULL, stream);
    fprintf(stream,
            "'\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\") $(compgen -f -- \"$cur\"))\n}\n"
            "complete -o filenames -F _%s %s\n",
            program->name, program->name);
}
