/* What options*.c share. */
#ifndef TOOLS_COMMON_OPTIONS_PARTS_H
#define TOOLS_COMMON_OPTIONS_PARTS_H

#include "common/options.h"

#include <stdio.h>

/* The state of one parse. */
typedef struct option_parser {
    const option_program *program;
    unsigned char *settings;
    option_result *result;
    unsigned *used; /* by index of spec: 1 if it was on the command line */
} option_parser;

/* Makes option_free free `block` (from malloc). Without memory, frees it at once and returns false. */
bool option_own(option_result *result, void *block);
/* A copy of `length` bytes owned by `result`, NULL without memory. */
char *option_copy(option_result *result, const char *text, size_t length);

/* Stores one value (NULL for FLAG and COUNT). `origin` says in messages where it comes from: "--set",
 * "FPSCAN_SET". False: a message was printed. */
bool option_store(option_parser *parser, const option_spec *spec, const char *origin, const char *value);
bool option_takes_value(const option_spec *spec);

/* Stores what the command line did not give, from the environment and from the config file. False: a message
 * was printed. */
bool option_read_environment(option_parser *parser);
bool option_read_config(option_parser *parser);

/* Word `index` that a value may be or that completion offers, with its length; NULL after the last one. */
const char *option_word(const option_spec *spec, size_t index, size_t *length);
/* The choice that value[0..length) is, in whatever case it is typed, spelt as the table has it and of the same length; the value itself
 * where there is nothing to choose from; NULL when it is none. */
const char *option_choice(const option_spec *spec, const char *value, size_t length);

/* The option that does what `name` of another program does; NULL for none. */
const char *option_usual_name(const option_program *program, const char *name, size_t length);
/* Says that text[0..length), with its dashes, is no option, and what to type instead. */
void option_say_unknown(const option_program *program, const char *text, size_t length);
/* Says what to do instead, and returns true, when `word` is a command of another program. */
bool option_say_command(const option_program *program, const char *word);
/* Copies the first word of a command that is most like `word`; false when there is none. */
bool option_nearest_verb(const option_program *program, const char *word, char *nearest, size_t size);

/* -h and --help; `verb` is NULL for the whole program. */
void option_print_help(const option_program *program, const option_verb *verb, bool all, FILE *stream);
/* "BEFORE fpscan [scan] [OPTION]... TARGET", without newline. */
void option_print_usage(const option_program *program, const option_verb *verb, const char *before,
                        FILE *stream);
/* --man: the page in roff. */
void option_print_man(const option_program *program, FILE *stream);
/* --completion: a script for `shell`, which is "bash", "fish" or "zsh". */
void option_print_completion(const option_program *program, const char *shell, FILE *stream);

/* What an exit code means; NULL after the last row. */
typedef struct option_exit {
    int code;
    const char *text;
} option_exit;
extern const option_exit option_exits[];
/* What it means for this program. */
const char *option_exit_text(const option_program *program, const option_exit *exit);
bool option_exits_with(const option_program *program, int code);

/* Calls `visit` for each option of `verb` (NULL: of any) that has all of `flags`, the builtin ones last. */
typedef void (*option_visitor)(const option_spec *spec, FILE *stream);
void option_each(const option_program *program, const option_verb *verb, unsigned flags, option_visitor visit,
                 FILE *stream);

/* The options that every program has; they have no field. */
extern const option_spec option_builtins[];
extern const size_t option_builtin_count;

/* True when `spec` is one of the options of `verb` (NULL: of any). */
bool option_belongs(const option_program *program, const option_spec *spec, const option_verb *verb);

#endif
