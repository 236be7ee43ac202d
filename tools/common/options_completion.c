/* Completion scripts for bash, fish and zsh from the table of options. */
#include "common/options_parts.h"

#include <string.h>
#include <strings.h>

/* What the value of an option is completed to. */
typedef enum value_kind { VALUE_NONE, VALUE_UNKNOWN, VALUE_FILE, VALUE_DIRECTORY, VALUE_WORDS } value_kind;

static value_kind kind_of_value(const option_spec *spec)
{
    if (!option_takes_value(spec))
        return VALUE_NONE;
    if (spec->choices || spec->words)
        return VALUE_WORDS;
    if (strcmp(spec->value, "FILE") == 0)
        return VALUE_FILE;
    return strcmp(spec->value, "DIR") == 0 ? VALUE_DIRECTORY : VALUE_UNKNOWN;
}

/* The words of a value, each with a space before it. */
static void put_words(const option_spec *spec, FILE *stream)
{
    const char *word;
    size_t length;
    for (size_t i = 0; (word = option_word(spec, i, &length)); i++)
        fprintf(stream, " %.*s", (int)length, word);
}

/* Text inside single quotes; characters of `special` get a backslash. All three shells end a quoted text, add
 * an escaped quote and begin anew; fish reads that in the same way. */
static void put_quoted(const char *text, const char *special, FILE *stream)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            fputc('\\', stream);
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
}

static size_t first_word(const option_verb *verb)
{
    return strcspn(verb->name, " ");
}

static bool shares_first_word(const option_verb *a, const option_verb *b)
{
    size_t length = first_word(a);
    return length == first_word(b) && memcmp(a->name, b->name, length) == 0;
}

/* True for the first verb of each first word: verbs of one word are neighbours. */
static bool opens_group(const option_program *program, size_t v)
{
    return v == 0 || !shares_first_word(&program->verbs[v - 1], &program->verbs[v]);
}

/* First words of the verbs, each once, each with a space before it. */
static void put_first_words(const option_program *program, FILE *stream)
{
    for (size_t v = 0; v < program->verb_count; v++)
        if (opens_group(program, v))
            fprintf(stream, " %.*s", (int)first_word(&program->verbs[v]), program->verbs[v].name);
}

/* Second words behind the first word of verb `v`. */
static void put_second_words(const option_program *program, size_t v, FILE *stream)
{
    for (size_t other = v; other < program->verb_count; other++)
        if (shares_first_word(&program->verbs[v], &program->verbs[other]))
            fputs(program->verbs[other].name + first_word(&program->verbs[other]), stream);
}

static bool has_second_words(const option_program *program, size_t v)
{
    return opens_group(program, v) && program->verbs[v].name[first_word(&program->verbs[v])];
}

/* What operands of any verb may start with ("dir:"), each with a space before it. */
static void put_operand_words(const option_program *program, FILE *stream)
{
    const option_verb *verb = program->verbs;
    while (verb < program->verbs + program->verb_count && !verb->words)
        verb++;
    if (verb == program->verbs + program->verb_count)
        return;
    const char *word;
    for (size_t i = 0; (word = verb->words(i)); i++)
        fprintf(stream, " %s", word);
}

/* ---- bash ---- */

static void bash_name(const option_spec *spec, FILE *stream)
{
    fprintf(stream, " --%s", spec->name);
}

static void bash_value(const option_spec *spec, FILE *stream)
{
    value_kind kind = kind_of_value(spec);
    if (kind == VALUE_NONE)
        return;
    fprintf(stream, "        --%s", spec->name);
    if (spec->letter)
        fprintf(stream, "|-%c", spec->letter);
    fputs(") ", stream);
    if (kind == VALUE_WORDS) {
        fputs("_option_words '", stream);
        put_words(spec, stream);
        fputs("'; ", stream);
    } else if (kind != VALUE_UNKNOWN) {
        fprintf(stream, "COMPREPLY=($(compgen -%c -- \"$cur\")); ", kind == VALUE_FILE ? 'f' : 'd');
    }
    fputs("return ;;\n", stream);
}

/* Values of lists are completed behind the last comma; what ends in ':' or '=' goes on without a space. */
static const char bash_words[] = "() {\n"
                                 "    local before=\n"
                                 "    [[ $cur == *,* ]] && before=${cur%,*},\n"
                                 "    COMPREPLY=($(compgen -P \"$before\" -W \"$1\" -- \"${cur##*,}\"))\n"
                                 "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:=] ]] &&\n"
                                 "        compopt -o nospace 2>/dev/null\n"
                                 "}\n";

/* Bash splits words at '=' as well: before a value that follows '=', the option is two words away. */
static const char bash_head[] = "() {\n"
                                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                                "    [[ $cur == = ]] && cur=\n"
                                "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                                "    case $prev in\n";

static void print_bash(const option_program *program, FILE *stream)
{
    fprintf(stream, "# bash completion of %s\n_option_words%s_%s%s", program->name, bash_words, program->name,
            bash_head);
    option_each(program, NULL, 0, bash_value, stream);
    for (size_t v = 0; v < program->verb_count; v++) {
        if (!has_second_words(program, v))
            continue;
        fprintf(stream, "        %.*s) _option_words '", (int)first_word(&program->verbs[v]),
                program->verbs[v].name);
        put_second_words(program, v, stream);
        fputs("'; return ;;\n", stream);
    }
    fputs("    esac\n    if [[ $cur == -* ]]; then\n        _option_words '", stream);
    option_each(program, NULL, 0, bash_name, stream);
    fputs("'\n        return\n    fi\n    local words='", stream);
    put_operand_words(program, stream);
    fputs("'\n    [[ $COMP_CWORD == 1 ]] && words+='", stream);
    put_first_words(program, stream);
    fprintf(stream,
            "'\n    _option_words \"$words\"\n    COMPREPLY+=($(compgen -f -- \"$cur\"))\n}\n"
            "complete -o filenames -F _%s %s\n",
            program->name, program->name);
}

/* ---- fish ---- */

/* The visitor of options has no room for the name of the program: $command holds it. */
static void fish_option(const option_spec *spec, FILE *stream)
{
    value_kind kind = kind_of_value(spec);
    bool is_list = spec->kind == OPTION_COMMA_LIST;
    fprintf(stream, "complete -c $command -l %s", spec->name);
    if (spec->letter)
        fprintf(stream, " -s %c", spec->letter);
    if (kind == VALUE_FILE)
        fputs(" -r -F", stream);
    else if (kind == VALUE_DIRECTORY)
        fputs(" -x -a '(__fish_complete_directories)'", stream);
    else if (kind == VALUE_UNKNOWN)
        fputs(" -x", stream);
    else if (kind == VALUE_WORDS) {
        fputs(is_list ? " -x -a '(__fish_complete_list , \"string split -n \\' \\' \\'" : " -x -a '", stream);
        put_words(spec, stream);
        fputs(is_list ? "\\'\")'" : "'", stream);
    }
    fputs(" -d '", stream);
    put_quoted(spec->help, "\\", stream);
    fputs("'\n", stream);
}

static void fish_verbs(const option_program *program, FILE *stream)
{
    for (size_t v = 0; v < program->verb_count; v++) {
        const option_verb *verb = &program->verbs[v];
        size_t length = first_word(verb);
        if (opens_group(program, v)) {
            fprintf(stream, "complete -c $command -n __fish_use_subcommand -a %.*s", (int)length, verb->name);
            if (!verb->name[length]) {
                fputs(" -d '", stream);
                put_quoted(verb->help, "\\", stream);
                fputs("'", stream);
            }
            fputc('\n', stream);
        }
        if (!verb->name[length])
            continue;
        fprintf(stream, "complete -c $command -n '__fish_seen_subcommand_from %.*s' -a %s -d '", (int)length,
                verb->name, verb->name + length + 1);
        put_quoted(verb->help, "\\", stream);
        fputs("'\n", stream);
    }
}

static void print_fish(const option_program *program, FILE *stream)
{
    fprintf(stream, "# fish completion of %s\nset -l command %s\n", program->name, program->name);
    fish_verbs(program, stream);
    fputs("complete -c $command -a '", stream);
    put_operand_words(program, stream);
    fputs("'\n", stream);
    option_each(program, NULL, 0, fish_option, stream);
}

/* ---- zsh ---- */

static void zsh_value(const option_spec *spec, FILE *stream)
{
    value_kind kind = kind_of_value(spec);
    if (kind == VALUE_NONE)
        return;
    fputc(':', stream);
    put_quoted(spec->value, ":", stream);
    fputc(':', stream);
    if (kind == VALUE_FILE)
        fputs("_files", stream);
    else if (kind == VALUE_DIRECTORY)
        fputs("_files -/", stream);
    else if (kind == VALUE_WORDS) {
        fputs(spec->kind == OPTION_COMMA_LIST ? "_sequence compadd - " : "compadd - ", stream);
        put_words(spec, stream);
    } else
        fputc(' ', stream);
}

/* '*--name=[help]:VALUE:action' once a spelling. All may be repeated: the last one wins, or a list grows. */
static void zsh_option(const option_spec *spec, FILE *stream)
{
    bool takes = option_takes_value(spec);
    for (int is_short = 0; is_short <= (spec->letter != 0); is_short++) {
        if (is_short)
            fprintf(stream, "        '*-%c%s[", spec->letter, takes ? "+" : "");
        else
            fprintf(stream, "        '*--%s%s[", spec->name, takes ? "=" : "");
        put_quoted(spec->help, "[]\\", stream);
        fputc(']', stream);
        zsh_value(spec, stream);
        fputs("' \\\n", stream);
    }
}

/* The two words of a verb stand first, or behind options; what else is there is a file. */
static void zsh_operands(const option_program *program, FILE *stream)
{
    fprintf(stream, "_%s_operand() {\n    local -a choices\n    case ${words[CURRENT-1]} in\n",
            program->name);
    for (size_t v = 0; v < program->verb_count; v++) {
        if (!has_second_words(program, v))
            continue;
        fprintf(stream, "        %.*s) choices=(", (int)first_word(&program->verbs[v]),
                program->verbs[v].name);
        put_second_words(program, v, stream);
        fputs(" ) ;;\n", stream);
    }
    fputs("    esac\n    (( CURRENT == 2 )) && choices=(", stream);
    put_first_words(program, stream);
    fputs(" )\n    compadd -a choices\n", stream);
    fputs("    compadd -S '' --", stream);
    put_operand_words(program, stream);
    fputs("\n    _files\n}\n", stream);
}

static void print_zsh(const option_program *program, FILE *stream)
{
    fprintf(stream, "#compdef %s\n", program->name);
    zsh_operands(program, stream);
    fprintf(stream, "_%s() {\n    _arguments -s -S : \\\n", program->name);
    option_each(program, NULL, 0, zsh_option, stream);
    fprintf(stream, "        '*:operand:_%s_operand'\n}\n_%s \"$@\"\n", program->name, program->name);
}

void option_print_completion(const option_program *program, const char *shell, FILE *stream)
{
    if (strcasecmp(shell, "fish") == 0)
        print_fish(program, stream);
    else if (strcasecmp(shell, "zsh") == 0)
        print_zsh(program, stream);
    else
        print_bash(program, stream);
}
