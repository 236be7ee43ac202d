/* Command lines: one table of options feeds parsing, help, the man page, completion, environment and config
 * file.
 *
 *   struct settings { bool quiet; option_list sets; const char *name; uint64_t memory; };
 *
 *   #define AT(field) offsetof(struct settings, field)
 *   static const option_verb verbs[] = {
 *       {.name = "scan", .arguments = "TARGET", .help = "scan", .least = 1, .most = 1, .run = command_scan},
 *   };
 *   static const option_spec specs[] = {
 *       {.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .offset = AT(quiet), .help = "..."},
 *       {.name = "set", .kind = OPTION_LIST, .offset = AT(sets), .value = "FILE", .help = "..."},
 *   };
 *   static const option_program program = {.name = "fpscan", .verbs = verbs, ..., .specs = specs, ...};
 *
 *   struct settings s = {.memory = 1 << 30};                  the defaults
 *   option_result parsed;
 *   switch (option_parse(&program, argc, argv, &s, &parsed)) {
 *   case OPTION_RUN:
 *       code = parsed.verb->run(&s, &parsed);
 *   ...
 *   option_free(&parsed);                                     frees the texts and lists of `s` as well
 *
 * The parser adds --help, -h, --version, --man and --completion SHELL, and the same as words: help [COMMAND], version,
 * completion SHELL. It accepts
 *
 *   --name VALUE, --name=VALUE, -n VALUE, -nVALUE             an option with its value
 *   -qv                                                       flags together
 *   TARGET -q                                                 options after operands
 *   --                                                        only operands follow
 *   -                                                         an operand
 *
 * An option that the command line does not give is taken from the environment variable PREFIX_NAME (lists are
 * split at ':', comma lists at ','), then from the config file: a JSON object with long names as keys.
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
    OPTION_SHOW_WORDS = 4,   /* help lists `words` */
    OPTION_ONLY_WORDS = 8,   /* values must be one of `words` */
    OPTION_HARMLESS = 16, /* writes, hides and accepts nothing: a config file that nobody named may set it */
};

/* `items` is ended by a NULL that `count` leaves out, or is NULL when the list is empty. */
typedef struct option_list {
    const char **items;
    size_t count;
} option_list;

/* Word `index` of a list, NULL after the last one. */
typedef const char *(*option_words)(size_t index);

typedef struct option_spec {
    const char *name; /* long name without dashes */
    char letter;      /* short name, 0 for none */
    option_kind kind;
    size_t offset;     /* of the field in the settings */
    const char *value; /* word for the value in help; "FILE" and "DIR" complete to paths; NULL: takes none */
    const char *choices;     /* the words that are allowed, separated by spaces; NULL: any */
    option_words words;      /* words that completion offers, without `choices`; NULL: none */
    const char *help;        /* lower-case start, no final full stop */
    unsigned flags;          /* OPTION_ON_SCREEN ... */
    unsigned verbs;          /* bit v: verb v takes it; 0: all do */
    double minimum, maximum; /* of a NUMBER or REAL; both 0: any */
} option_spec;

struct settings; /* each program defines its own */
struct option_result;

typedef struct option_verb {
    const char *name;           /* one or two words: "scan", "set list" */
    const char *const *aliases; /* other words for it, as other programs have; ended by NULL; NULL: none */
    const char *arguments;      /* as shown in the usage line, "" for none */
    const char *help;
    unsigned least, most; /* number of operands; most UINT_MAX: any */
    option_words words;   /* what operands may start with, for completion; NULL: nothing in particular */
    /* Runs the verb and returns the exit code; errors have been reported on stderr then. */
    int (*run)(const struct settings *settings, const struct option_result *parsed);
} option_verb;

/* An option of another program. */
typedef struct option_habit {
    const char *name;  /* long name without dashes */
    const char *usual; /* the option that does the same; NULL: none does */
    const char *say;   /* what to type instead, where `usual` is NULL */
} option_habit;

/* A table for the man page: a title, a paragraph, and rows of a name and its meaning. */
typedef struct option_appendix {
    const char *title; /* "DIAGNOSTICS" */
    const char *text;
    bool (*row)(size_t index, const char **name, const char **meaning); /* false after the last row */
} option_appendix;

typedef struct option_program {
    const char *name, *summary; /* summary: one line, lower-case start */
    const char *(*version)(void);
    const char *description;         /* paragraphs for --help and the man page, separated by empty lines */
    const option_appendix *appendix; /* NULL for none */
    const option_verb *verbs;
    size_t verb_count;
    int default_verb; /* index of the verb that may be left out, -1 for none */
    const option_spec *specs;
    size_t spec_count;
    const option_habit *habits; /* NULL for none */
    size_t habit_count;
    const option_habit
        *command_habits; /* commands of other programs, of which `say` is what to do; NULL for none */
    size_t command_habit_count;
    const char *partial; /* what exit code 3 means, where it is not what EXIT_CODES says; NULL */
    const char *prefix;  /* of environment names: "FPSCAN"; NULL: none are read */
    /* File in the current directory: "fpscan.json"; NULL: none. A TEXT option "config" names another. */
    const char *config;
    const int *exits; /* the exit codes (exit.h) that are possible and documented, ended by -1 */
} option_program;

typedef enum option_status {
    OPTION_RUN,  /* go on */
    OPTION_DONE, /* help or the like was printed to stdout: exit with 0 */
    OPTION_FAIL, /* a line went to stderr: exit with 1 */
} option_status;

typedef struct option_result {
    const option_verb *verb;     /* set when OPTION_RUN */
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
