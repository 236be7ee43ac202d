/* Command lines: one table of options feeds parsing, help, the man page, shell completion, environment and
 * config file.
 *
 *   typedef struct settings { bool quiet; option_list sets; const char *name; uint64_t memory; } settings;
 *   static const option_verb verbs[] = {{"scan", "TARGET", "scans a directory or a file", 1, 1}, ...};
 *   static const option_spec specs[] = {
 *       {.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .offset = offsetof(settings, quiet), .help =
 * "..."},
 *       {.name = "set", .kind = OPTION_LIST, .offset = offsetof(settings, sets), .value = "FILE", .help =
 * "..."}, ...}; static const option_program program = {.name = "fpscan", .verbs = verbs, ..., .specs = specs,
 * ...};
 *
 *   settings s = {.memory = 1 << 30};                        defaults stand in the struct
 *   option_result parsed;
 *   switch (option_parse(&program, argc, argv, &s, &parsed)) { case OPTION_RUN: ... parsed.verb,
 * parsed.operands ... } option_free(&parsed);                                    frees every text and list
 * that went into `s`, too
 *
 * The parser adds --help, -h, --version, --man and --completion SHELL itself. Accepted are --name VALUE,
 * --name=VALUE, -n VALUE, -nVALUE, clusters of flags (-qv), options after operands, `--` (all that follows
 * are operands) and `-` (an operand). An option that is not on the command line is taken from PREFIX_NAME in
 * the environment (lists are split at ':', comma lists at ','), then from the config file: a JSON object with
 * long names as keys.
 */
#ifndef TOOLS_COMMON_OPTIONS_H
#define TOOLS_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The field at `offset` has the type in brackets. */
typedef enum option_kind {
    OPTION_FLAG,       /* [bool] no value */
    OPTION_COUNT,      /* [unsigned] no value, each use adds one */
    OPTION_TEXT,       /* [const char *] the last one wins */
    OPTION_LIST,       /* [option_list] repeatable, each value is an item */
    OPTION_COMMA_LIST, /* [option_list] repeatable, values are split at commas */
    OPTION_NUMBER,     /* [uint64_t] decimal, within minimum..maximum */
    OPTION_REAL,       /* [double] within minimum..maximum */
    OPTION_SIZE,       /* [uint64_t] bytes, with K, M, G or T (powers of 1024) behind it */
    OPTION_DURATION,   /* [uint64_t] milliseconds, given with ms, s (also the default), m, h or d */
} option_kind;

enum {
    OPTION_ON_SCREEN = 1,    /* shown by -h; all are shown by --help */
    OPTION_ONLY_COMMAND = 2, /* not taken from environment and config file */
};

/* `items` is ended by a NULL that `count` leaves out, or is NULL when the list is empty. */
typedef struct option_list {
    const char **items;
    size_t count;
} option_list;

typedef struct option_spec {
    const char *name; /* long name without dashes */
    char letter;      /* short name, 0 for none */
    option_kind kind;
    size_t offset; /* of the field in the settings */
    const char
        *value; /* word for the value in help; "FILE" and "DIR" complete to paths; NULL without a value */
    const char *choices;     /* words that are allowed, separated by spaces; NULL: any */
    const char *help;        /* lower-case start, no final stop */
    unsigned flags;          /* OPTION_ON_SCREEN ... */
    unsigned verbs;          /* bit v: verb v takes it; 0: all do */
    double minimum, maximum; /* of a NUMBER or REAL; both 0: any */
} option_spec;

typedef struct option_verb {
    const char *name;      /* one or two words: "scan", "set list" */
    const char *arguments; /* as shown in the usage line, "" for none */
    const char *help;
    unsigned least, most; /* operands; most UINT_MAX: any number */
} option_verb;

typedef struct option_program {
    const char *name, *version, *summary; /* summary: one line, lower-case start */
    const char *description; /* paragraphs for --help and the man page, separated by empty lines */
    const option_verb *verbs;
    size_t verb_count;
    int default_verb; /* index of the verb that may be left out, -1 for none */
    const option_spec *specs;
    size_t spec_count;
    const char *prefix; /* of environment names: "FPSCAN"; NULL: none are read */
    const char *config; /* file in the current directory: "fpscan.json"; NULL: none. A TEXT option "config"
                           names another */
    unsigned exits;     /* bit c: exit code c (exit.h) is possible and documented */
} option_program;

typedef enum option_status {
    OPTION_RUN,  /* go on */
    OPTION_DONE, /* help or the like was printed to stdout: exit with 0 */
    OPTION_FAIL, /* a line went to stderr: exit with 1 */
} option_status;

typedef struct option_result {
    const option_verb *verb; /* set when OPTION_RUN */
    size_t verb_index;
    const char *const *operands; /* pointers into argv */
    size_t operand_count;
    bool *given;                  /* by index of spec: somebody set it */
    const char *config;           /* the config file that was read without being named, NULL for none */
    struct option_memory *memory; /* owns texts and lists */
} option_result;

/* Fills `settings` from argv, environment and config file. `settings` holds the defaults on entry. Texts that
 * went into it are owned by `result`, or point into argv, until option_free. Not thread-safe against changes
 * of the environment. */
option_status option_parse(const option_program *program, int argc, char **argv, void *settings,
                           option_result *result);
void option_free(option_result *result);

#endif
