/* The man page from the table of options. */
#include "common/exit.h"
#include "common/options_parts.h"

#include <string.h>

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

/* The words that a value can be, where help lists them. */
static void man_words(const option_spec *spec, FILE *stream)
{
    const char *word, *before = " (one of:";
    size_t length;
    if (!spec->choices && !(spec->flags & OPTION_SHOW_WORDS))
        return;
    for (size_t i = 0; (word = option_word(spec, i, &length)); i++, before = "") {
        char text[64];
        snprintf(text, sizeof text, "%s %.*s", before, (int)length, word);
        roff(text, stream);
    }
    fputc(')', stream);
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
    man_words(spec, stream);
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

static void man_sources(const option_program *program, FILE *stream)
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
    fputs(".SH EXIT STATUS\n", stream);
    if (option_exits_with(program, TOOL_EXIT_GATE))
        fputs("If several apply, 1 takes precedence over 2, then 3, then 4.\n", stream);
    for (const option_exit *exit = option_exits; exit->text; exit++)
        if (option_exits_with(program, exit->code))
            fprintf(stream, ".TP\n\\fB%d\\fR\n%s.\n", exit->code, option_exit_text(program, exit));
}

static void man_appendix(const option_appendix *appendix, FILE *stream)
{
    const char *name, *meaning;
    fprintf(stream, ".SH %s\n", appendix->title);
    roff(appendix->text, stream);
    fputc('\n', stream);
    for (size_t i = 0; appendix->row(i, &name, &meaning); i++) {
        fputs(".TP\n\\fB", stream);
        roff(name, stream);
        fputs("\\fR\n", stream);
        roff(meaning, stream);
        fputs(".\n", stream);
    }
}

void option_print_man(const option_program *program, FILE *stream)
{
    fprintf(stream, ".TH %s 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n%s \\- ", program->name,
            program->name, program->version(), program->name);
    roff(program->summary, stream);
    fputs("\n.SH SYNOPSIS\n.nf\n", stream);
    for (size_t v = 0; v < program->verb_count; v++) {
        option_print_usage(program, &program->verbs[v], "", stream);
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
    option_each(program, NULL, 0, man_spec, stream);
    man_sources(program, stream);
    if (program->appendix)
        man_appendix(program->appendix, stream);
}
