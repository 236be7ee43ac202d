/* sigbuild: makes signature sets from packages, archives and builds. */
#include "sigbuild/commands.h"

#include <limits.h>
#include <stdio.h>

typedef enum verb_id {
    VERB_ADD,
    VERB_HISTORY,
    VERB_NEGATIVE,
    VERB_COMPILE,
    VERB_IMPORT,
    VERB_MERGE,
    VERB_LIST,
    VERB_DONORS,
    VERB_OWNERS,
    VERB_STATS,
    VERB_VERIFY,
    VERB_TEST,
} verb_id;

enum {
    FOR_ADD = 1u << VERB_ADD,
    FOR_HISTORY = 1u << VERB_HISTORY,
    FOR_NEGATIVE = 1u << VERB_NEGATIVE,
    FOR_COMPILE = 1u << VERB_COMPILE,
    FOR_LIST = 1u << VERB_LIST,
    FOR_VERIFY = 1u << VERB_VERIFY,
    FOR_TEST = 1u << VERB_TEST,
};

#define AT(field) offsetof(settings, field)

static const option_verb verbs[] = {
    [VERB_ADD] = {.name = "add",
                  .arguments = "[FILE|DIR]...",
                  .help = "add packages, builds, repositories and histories to a workbench",
                  .least = 0,
                  .most = UINT_MAX,
                  .run = command_add},
    [VERB_HISTORY] = {.name = "history",
                      .arguments = "[SOURCE]...",
                      .help = "write which texts each release of a repository or of archives holds",
                      .least = 0,
                      .most = UINT_MAX,
                      .run = command_history},
    [VERB_NEGATIVE] = {.name = "negative",
                       .arguments = "[FILE|DIR]...",
                       .help = "add unrelated files, which show what programs have in common",
                       .least = 0,
                       .most = UINT_MAX,
                       .run = command_negative},
    [VERB_COMPILE] = {.name = "compile",
                      .arguments = "",
                      .help = "write the compiled set of a workbench",
                      .least = 0,
                      .most = 0,
                      .run = command_compile},
    [VERB_IMPORT] = {.name = "import",
                     .arguments = "SET",
                     .help = "take a compiled set into a workbench",
                     .least = 1,
                     .most = 1,
                     .run = command_import},
    [VERB_MERGE] = {.name = "merge",
                    .arguments = "WORKBENCH...",
                    .help = "take other workbenches into a workbench",
                    .least = 1,
                    .most = UINT_MAX,
                    .run = command_merge},
    [VERB_LIST] = {.name = "list",
                   .arguments = "[COMPONENT]",
                   .help = "list components, or what the options say",
                   .least = 0,
                   .most = 1,
                   .run = command_list},
    [VERB_DONORS] = {.name = "donors",
                     .arguments = "[COMPONENT]",
                     .help = "list what components have from others, or both from a third",
                     .least = 0,
                     .most = 1,
                     .run = command_donors},
    [VERB_OWNERS] = {.name = "owners",
                     .arguments = "FEATURE",
                     .help = "list who holds a literal, a name (name:NAME) or a key (0xKEY), and whose it is",
                     .least = 1,
                     .most = 1,
                     .run = command_owners},
    [VERB_STATS] = {.name = "stats",
                    .arguments = "",
                    .help = "count what is in a workbench",
                    .least = 0,
                    .most = 0,
                    .run = command_stats},
    [VERB_VERIFY] = {.name = "verify",
                     .arguments = "SET",
                     .help = "check every byte of a set; with a workbench, rebuild and compare it",
                     .least = 1,
                     .most = 1,
                     .run = command_verify},
    [VERB_TEST] = {.name = "test",
                   .arguments = "SET",
                   .help = "judge a set on files whose components are known, and name what misleads it",
                   .least = 1,
                   .most = 1,
                   .run = command_test},
};

static const option_spec specs[] = {
    {.name = "workbench",
     .letter = 'w',
     .kind = OPTION_TEXT,
     .offset = AT(workbench),
     .value = "FILE",
     .flags = OPTION_ON_SCREEN,
     .help = "the workbench; add and negative create it if it does not exist"},
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
     .verbs = FOR_ADD | FOR_HISTORY | FOR_COMPILE,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "add, history: the component that the files belong to; compile: the name of the set"},
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
     .help = "where the files come from, kept with each build: \"debian bookworm\""},
    {.name = "list",
     .letter = 'l',
     .kind = OPTION_TEXT,
     .offset = AT(list),
     .value = "FILE",
     .verbs = FOR_ADD | FOR_NEGATIVE | FOR_HISTORY,
     .flags = OPTION_ONLY_COMMAND,
     .help =
         "also read paths from FILE, one per line; - is standard input; history: also VERSION, DATE and path, with tabs between"},
    {.name = "parallel",
     .letter = 'j',
     .kind = OPTION_NUMBER,
     .offset = AT(parallel),
     .value = "N",
     .maximum = 256,
     .verbs = FOR_ADD | FOR_NEGATIVE,
     .help = "threads that read packages; 0, the default: one per processor"},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = AT(output),
     .value = "FILE",
     .verbs = FOR_COMPILE | FOR_VERIFY | FOR_HISTORY,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "the set or history to write"},
    {.name = "tag",
     .kind = OPTION_TEXT,
     .offset = AT(tag),
     .value = "PATTERN",
     .verbs = FOR_ADD | FOR_HISTORY,
     .flags = OPTION_ONLY_COMMAND,
     .help =
         "expression for the tags that are releases; its groups, if any, are the version: '^v([0-9.]+)$'"},
    {.name = "source",
     .kind = OPTION_TEXT,
     .offset = AT(source),
     .value = "TEXT",
     .verbs = FOR_HISTORY,
     .flags = OPTION_ONLY_COMMAND,
     .help = "where the sources come from, kept in the history: \"github:madler/zlib\""},
    {.name = "paths",
     .kind = OPTION_TEXT,
     .offset = AT(paths),
     .value = "PATTERN",
     .verbs = FOR_ADD | FOR_HISTORY,
     .flags = OPTION_ONLY_COMMAND,
     .help = "expression for the source files that count"},
    {.name = "drop",
     .kind = OPTION_TEXT,
     .offset = AT(drop),
     .value = "PATTERN",
     .verbs = FOR_ADD | FOR_HISTORY,
     .flags = OPTION_ONLY_COMMAND,
     .help = "expression for the source files that do not count"},
    {.name = "most",
     .kind = OPTION_NUMBER,
     .offset = AT(most),
     .value = "N",
     .maximum = 4096,
     .verbs = FOR_ADD | FOR_HISTORY,
     .flags = OPTION_ONLY_COMMAND,
     .help = "newest releases to read of each repository; 0, the default: 400"},
    {.name = "rules",
     .letter = 'r',
     .kind = OPTION_TEXT,
     .offset = AT(rules),
     .value = "FILE",
     .verbs = FOR_COMPILE | FOR_VERIFY,
     .flags = OPTION_ON_SCREEN,
     .help = "version and naming rules for the set: a file or a folder of *.rules"},
    {.name = "against",
     .kind = OPTION_TEXT,
     .offset = AT(against),
     .value = "FILE",
     .verbs = FOR_COMPILE | FOR_VERIFY,
     .help = "a set that keeps what it owns, so that vendored code stays its owner's"},
    {.name = "leave-out",
     .kind = OPTION_LIST,
     .offset = AT(leave_out),
     .value = "PATTERN",
     .verbs = FOR_COMPILE | FOR_VERIFY,
     .help = "leaves builds out: COMPONENT=VERSION, or @PATTERN over package versions and origins"},
    {.name = "versions",
     .kind = OPTION_FLAG,
     .offset = AT(versions),
     .verbs = FOR_LIST,
     .flags = OPTION_ON_SCREEN,
     .help = "list versions: component, version, builds, architectures"},
    {.name = "histories",
     .kind = OPTION_FLAG,
     .offset = AT(histories),
     .verbs = FOR_LIST,
     .flags = OPTION_ON_SCREEN,
     .help = "list release histories: component, file, releases, oldest, newest, texts, names, sources"},
    {.name = "builds",
     .kind = OPTION_FLAG,
     .offset = AT(builds),
     .verbs = FOR_LIST,
     .flags = OPTION_ON_SCREEN,
     .help = "list builds, with the package and file of each"},
    {.name = "negatives",
     .kind = OPTION_FLAG,
     .offset = AT(negatives),
     .verbs = FOR_LIST,
     .help = "list the unrelated files"},
    {.name = "units",
     .kind = OPTION_FLAG,
     .offset = AT(units),
     .verbs = FOR_LIST,
     .help = "list units: component, unit, weight of its features"},
    {.name = "templates",
     .kind = OPTION_FLAG,
     .offset = AT(templates),
     .verbs = FOR_LIST,
     .help = "list version templates: component, text, versions it was learnt from, matching negative files"},
    {.name = "positive",
     .kind = OPTION_TEXT,
     .offset = AT(positive),
     .verbs = FOR_TEST,
     .value = "DIR",
     .help = "each object below DIR/COMPONENT is to show COMPONENT; those that do not are listed"},
    {.name = "negative",
     .kind = OPTION_TEXT,
     .offset = AT(negative),
     .verbs = FOR_TEST,
     .value = "DIR",
     .help = "no object in DIR is to show a component; each that does is listed, with the features to blame"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .offset = AT(quiet),
     .flags = OPTION_ON_SCREEN,
     .help = "print only errors"},
    {.name = "no-progress", .kind = OPTION_FLAG, .offset = AT(no_progress), .help = "do not show progress"},
};

static const int exits[] = {TOOL_EXIT_OK, TOOL_EXIT_ERROR, TOOL_EXIT_PARTIAL, -1};

static const option_program program = {
    .name = "sigbuild",
    .version = fps_version,
    .summary = "makes signature sets from packages, archives and builds",
    .description =
        "sigbuild add reads packages into a workbench: a file that keeps the features of every binary, "
        "with the component that they belong to and where they came from. sigbuild compile turns a "
        "workbench into a signature set for fpscan.",
    .verbs = verbs,
    .verb_count = sizeof verbs / sizeof *verbs,
    .default_verb = -1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .prefix = "SIGBUILD",
    .exits = exits,
};

fps_workbench *command_open(const settings *chosen, bool create)
{
    fps_workbench *bench = NULL;
    fps_error error;
    if (!chosen->workbench) {
        message_print("sigbuild", "which workbench? give --workbench FILE");
        return NULL;
    }
    fps_status status = create ? fps_workbench_open(&bench, chosen->workbench, &error)
                               : fps_workbench_open_existing(&bench, chosen->workbench, &error);
    if (status)
        message_error("sigbuild", chosen->workbench, &error);
    else if (chosen->catalogue && (status = fps_workbench_load_catalogue(bench, chosen->catalogue, &error)))
        message_error("sigbuild", NULL, &error);
    if (!status)
        return bench;
    fps_workbench_free(bench);
    return NULL;
}

int main(int argc, char **argv)
{
    settings chosen = {.workbench = NULL};
    option_result parsed;
    int code = TOOL_EXIT_ERROR;
    switch (option_parse(&program, argc, argv, &chosen, &parsed)) {
    case OPTION_RUN:
        code = parsed.verb->run(&chosen, &parsed);
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
    return code;
}
