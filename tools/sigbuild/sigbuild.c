/* sigbuild: makes signature sets from packages, archives and builds. */
#include "sigbuild/commands.h"

#include <limits.h>
#include <stdio.h>

enum {
    FOR_ADD = 1u << VERB_ADD,
    FOR_NEGATIVE = 1u << VERB_NEGATIVE,
    FOR_COMPILE = 1u << VERB_COMPILE,
};

#define AT(field) offsetof(settings, field)

static const option_verb verbs[] = {
    [VERB_ADD] = {"add", "[FILE|DIR]...", "adds packages, archives and builds to a workbench", 0, UINT_MAX},
    [VERB_NEGATIVE] = {"negative", "[FILE|DIR]...", "adds unrelated files, which show what is common", 0,
                       UINT_MAX},
    [VERB_COMPILE] = {"compile", "", "writes the compiled set of a workbench", 0, 0},
};

static const option_spec specs[] = {
    {.name = "workbench",
     .letter = 'w',
     .kind = OPTION_TEXT,
     .offset = AT(workbench),
     .value = "FILE",
     .flags = OPTION_ON_SCREEN,
     .help = "the workbench; add and negative make it where there is none"},
    {.name = "catalogue",
     .letter = 'c',
     .kind = OPTION_TEXT,
     .offset = AT(catalogue),
     .value = "DIR",
     .flags = OPTION_ON_SCREEN,
     .help = "catalogue of components, kept in the workbench from then on"},
    {.name = "name",
     .letter = 'n',
     .kind = OPTION_TEXT,
     .offset = AT(name),
     .value = "ID",
     .verbs = FOR_ADD | FOR_COMPILE,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "add: component that the files are of; compile: name of the set"},
    {.name = "version",
     .kind = OPTION_TEXT,
     .offset = AT(version),
     .value = "VERSION",
     .verbs = FOR_ADD,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "upstream version of the files"},
    {.name = "purl",
     .kind = OPTION_TEXT,
     .offset = AT(purl),
     .value = "PURL",
     .verbs = FOR_ADD,
     .flags = OPTION_ONLY_COMMAND,
     .help = "package URL of the component, without a version"},
    {.name = "cpe",
     .kind = OPTION_TEXT,
     .offset = AT(cpe),
     .value = "CPE",
     .verbs = FOR_ADD,
     .flags = OPTION_ONLY_COMMAND,
     .help = "CPE 2.3 name of the component"},
    {.name = "license",
     .kind = OPTION_TEXT,
     .offset = AT(license),
     .value = "SPDX",
     .verbs = FOR_ADD,
     .flags = OPTION_ONLY_COMMAND,
     .help = "licence expression of the component"},
    {.name = "origin",
     .kind = OPTION_TEXT,
     .offset = AT(origin),
     .value = "TEXT",
     .verbs = FOR_ADD | FOR_NEGATIVE,
     .flags = OPTION_ONLY_COMMAND,
     .help = "where the files are from, kept with each build: \"debian bookworm\""},
    {.name = "list",
     .letter = 'l',
     .kind = OPTION_TEXT,
     .offset = AT(list),
     .value = "FILE",
     .verbs = FOR_ADD | FOR_NEGATIVE,
     .flags = OPTION_ONLY_COMMAND,
     .help = "takes paths from FILE too, one a line; - is stdin"},
    {.name = "parallel",
     .letter = 'j',
     .kind = OPTION_NUMBER,
     .offset = AT(parallel),
     .value = "N",
     .maximum = 256,
     .verbs = FOR_ADD | FOR_NEGATIVE,
     .help = "threads that read packages (0: one a processor)"},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = AT(output),
     .value = "FILE",
     .verbs = FOR_COMPILE,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "the set to write"},
    {.name = "rules",
     .letter = 'r',
     .kind = OPTION_TEXT,
     .offset = AT(rules),
     .value = "FILE",
     .verbs = FOR_COMPILE,
     .flags = OPTION_ON_SCREEN,
     .help = "version and naming rules to put into the set: a file or a folder of *.rules"},
    {.name = "against",
     .kind = OPTION_TEXT,
     .offset = AT(against),
     .value = "FILE",
     .verbs = FOR_COMPILE,
     .help = "a set that keeps what it owns, so that vendored code stays its owner's"},
    {.name = "leave-out",
     .kind = OPTION_LIST,
     .offset = AT(leave_out),
     .value = "PATTERN",
     .verbs = FOR_COMPILE,
     .help = "leaves builds out: COMPONENT=VERSION, or @PATTERN over package versions and origins"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .offset = AT(quiet),
     .flags = OPTION_ON_SCREEN,
     .help = "no progress and no remarks, only errors"},
    {.name = "no-progress",
     .kind = OPTION_FLAG,
     .offset = AT(no_progress),
     .help = "no progress line on a terminal"},
};

static const option_program program = {
    .name = "sigbuild",
    .version = FPS_VERSION,
    .summary = "makes signature sets from packages, archives and builds",
    .description = "sigbuild add reads packages into a workbench: a file that keeps the features of every "
                   "binary together"
                   " with whose they are and where they came from.",
    .verbs = verbs,
    .verb_count = sizeof verbs / sizeof *verbs,
    .default_verb = -1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .prefix = "SIGBUILD",
    .exits = 1u << TOOL_EXIT_OK | 1u << TOOL_EXIT_ERROR | 1u << TOOL_EXIT_PARTIAL,
};

static tool_exit (*const commands[])(const settings *, const option_result *) = {
    [VERB_ADD] = command_add,
    [VERB_NEGATIVE] = command_add,
    [VERB_COMPILE] = command_compile,
};

int main(int argc, char **argv)
{
    settings chosen = {.workbench = NULL};
    option_result parsed;
    tool_exit code = TOOL_EXIT_ERROR;
    switch (option_parse(&program, argc, argv, &chosen, &parsed)) {
    case OPTION_RUN:
        code = commands[parsed.verb_index](&chosen, &parsed);
        break;
    case OPTION_DONE:
        code = TOOL_EXIT_OK;
        break;
    case OPTION_FAIL:
        break;
    }
    option_free(&parsed);
    if (fflush(stdout) || ferror(stdout)) {
        message_print("sigbuild", "cannot write to standard output");
        code = TOOL_EXIT_ERROR;
    }
    return (int)code;
}
