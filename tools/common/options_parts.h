/* What the files behind options.h share. */
#ifndef TOOLS_COMMON_OPTIONS_PARTS_H
#define TOOLS_COMMON_OPTIONS_PARTS_H

#include "common/options.h"

#include <stdio.h>

/* One parse under way. */
typedef struct option_parser {
    const option_program *program;
    unsigned char *settings;
    option_result *result;
    unsigned *used; /* by index of spec: 1 when it was on the command line */
} option_parser;

/* Takes note of `block` (malloc) to be freed by option_free. False and freed when there is no memory. */
bool option_own(option_result *result, void *block);
/* A copy of `length` bytes owned by `result`, NULL without memory. */
char *option_copy(option_result *result, const char *text, size_t length);

/* Stores one value (NULL for FLAG and COUNT). `origin` names the place for messages: "--set", "FPSCAN_SET".
 * False: a message was printed. */
bool option_store(option_parser *parser, const option_spec *spec, const char *origin, const char *value);
bool option_takes_value(const option_spec *spec);

/* What is not on the command line, from the environment and from the config file. False: a message was
 * printed. */
bool option_read_environment(option_parser *parser);
bool option_read_config(option_parser *parser);

/* -h, --help, --man, --completion. `verb` is NULL for the whole program. */
void option_print_help(const option_program *program, const option_verb *verb, bool all, FILE *stream);
void option_print_man(const option_program *program, FILE *stream);
void option_print_bash(const option_program *program, FILE *stream);

/* The options that every program has; they have no field. */
extern const option_spec option_builtins[];
extern const size_t option_builtin_count;

/* True when `spec` is one of the options of `verb` (NULL: of any). */
bool option_belongs(const option_program *program, const option_spec *spec, const option_verb *verb);

#endif
