/* Help texts from the table of options. */
#include "common/exit.h"
#include "common/options_parts.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { HELP_WIDTH = 100, LEAST_WIDTH = 60, HELP_INDENT = 32 };

/* Columns of a line: as many as the terminal has, where there is one, within bounds. */
static size_t help_width(FILE *stream)
{
    struct winsize window;
    if (!isatty(fileno(stream)) || ioctl(fileno(stream), TIOCGWINSZ, &window) != 0 || !window.ws_col ||
        window.ws_col > HELP_WIDTH)
        return HELP_WIDTH;
    return window.ws_col < LEAST_WIDTH ? LEAST_WIDTH : window.ws_col;
}

bool option_exits_with(const option_program *program, int code)
{
    const int *exit = program->exits;
    while (*exit >= 0 && *exit != code)
        exit++;
    return *exit >= 0;
}

const option_exit option_exits[] = {
#define X(name, code, text) {code, text},
    EXIT_CODES(X)
#undef X
        {0, NULL},
};

const char *option_exit_text(const option_program *program, const option_exit *exit)
{
    return exit->code == TOOL_EXIT_PARTIAL && program->partial ? program->partial : exit->text;
}

/* True when the program has an option of its own by this name, which then stands for the builtin one. */
static bool is_taken(const option_program *program, const char *name)
{
    for (size_t i = 0; i < program->spec_count; i++)
        if (strcmp(program->specs[i].name, name) == 0)
            return true;
    return false;
}

void option_each(const option_program *program, const option_verb *verb, unsigned flags, option_visitor visit,
                 FILE *stream)
{
    for (size_t i = 0; i < program->spec_count; i++)
        if (option_belongs(program, &program->specs[i], verb) && (program->specs[i].flags & flags) == flags)
            visit(&program->specs[i], stream);
    for (size_t i = 0; i < option_builtin_count; i++)
        if ((option_builtins[i].flags & flags) == flags && !is_taken(program, option_builtins[i].name))
            visit(&option_builtins[i], stream);
}

/* Prints `text`, wrapped; the cursor is at `column`, further lines start at `indent`. */
static void wrap(const char *text, size_t column, size_t indent, FILE *stream)
{
    const size_t width = help_width(stream);
    while (*text) {
        if (*text == '\n') {
            fputc('\n', stream);
            text++;
            column = 0;
            continue;
        }
        size_t length = strcspn(text, " \n");
        if (column > indent && column + 1 + length > width) {
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

/* What the option does, and the words that its value can be. */
static void help_text(const option_spec *spec, char *text, size_t size)
{
    size_t length, used = (size_t)snprintf(text, size, "%s", spec->help);
    bool listed = spec->choices || (spec->flags & OPTION_SHOW_WORDS);
    const char *word, *before = " (one of: ";
    for (size_t i = 0; listed && used < size && (word = option_word(spec, i, &length)); i++, before = " ")
        used += (size_t)snprintf(text + used, size - used, "%s%.*s", before, (int)length, word);
    if (listed && used < size)
        snprintf(text + used, size - used, ")");
}

static void help_spec(const option_spec *spec, FILE *stream)
{
    char left[128], help[1024];
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
    help_text(spec, help, sizeof help);
    wrap(help, HELP_INDENT, HELP_INDENT, stream);
}

void option_print_usage(const option_program *program, const option_verb *verb, const char *before,
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

static void help_sources(const option_program *program, FILE *stream)
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
    fputs(option_exits_with(program, TOOL_EXIT_GATE)
              ? "\nExit codes (1 takes precedence over 2, then 3, then 4):\n"
              : "\nExit codes:\n",
          stream);
    for (const option_exit *exit = option_exits; exit->text; exit++)
        if (option_exits_with(program, exit->code))
            fprintf(stream, "  %d  %s\n", exit->code, option_exit_text(program, exit));
}

void option_print_help(const option_program *program, const option_verb *verb, bool all, FILE *stream)
{
    if (verb) {
        option_print_usage(program, verb, "Usage: ", stream);
        fputs("\n", stream);
        wrap(verb->help, 0, 0, stream);
    } else {
        fprintf(stream, "%s %s: %s\n\n", program->name, program->version(), program->summary);
        if (program->default_verb >= 0) {
            option_print_usage(program, &program->verbs[program->default_verb], "Usage: ", stream);
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
    option_each(program, verb, all || verb ? 0 : OPTION_ON_SCREEN, help_spec, stream);
    if (all)
        help_sources(program, stream);
    else
        fprintf(stream, "\n%s --help shows everything.\n", program->name);
}
