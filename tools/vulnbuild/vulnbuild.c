/* vulnbuild: makes advisory databases from the files of their sources. */
#include "vulnbuild/commands.h"

#include <limits.h>
#include <stdio.h>

typedef enum verb_id {
    VERB_IMPORT,
    VERB_CHANGELOG,
    VERB_REMOVE,
    VERB_PACK,
    VERB_LIST,
    VERB_STATS,
    VERB_SHOW,
    VERB_QUERY,
    VERB_DIFF,
    VERB_VERIFY,
} verb_id;

enum {
    FOR_IMPORT = 1u << VERB_IMPORT,
    FOR_CHANGELOG = 1u << VERB_CHANGELOG,
    FOR_PACK = 1u << VERB_PACK,
    FOR_LIST = 1u << VERB_LIST,
};

#define AT(field) offsetof(settings, field)

static const option_verb verbs[] = {
    [VERB_IMPORT] = {.name = "import",
                     .arguments = "FILE|DIR...",
                     .help =
                         "read files, folders and archives of one source; what it brought before is replaced",
                     .least = 1,
                     .most = UINT_MAX,
                     .run = command_import},
    [VERB_CHANGELOG] = {.name = "changelog",
                        .arguments = "FILE|DIR...",
                        .help = "write which version of a Debian source package says that it fixes which CVE",
                        .least = 1,
                        .most = UINT_MAX,
                        .run = command_changelog},
    [VERB_REMOVE] = {.name = "remove",
                     .arguments = "SOURCE...",
                     .help = "take sources out of a database",
                     .least = 1,
                     .most = UINT_MAX,
                     .run = command_remove},
    [VERB_PACK] = {.name = "pack",
                   .arguments = "",
                   .help = "write what fpscan needs of a database",
                   .least = 0,
                   .most = 0,
                   .run = command_pack},
    [VERB_LIST] = {.name = "list",
                   .arguments = "",
                   .help = "list sources: name, format, date, files, records, bad records",
                   .least = 0,
                   .most = 0,
                   .run = command_list},
    [VERB_STATS] = {.name = "stats",
                    .arguments = "",
                    .help = "count what is in a database",
                    .least = 0,
                    .most = 0,
                    .run = command_stats},
    [VERB_SHOW] = {.name = "show",
                   .arguments = "CVE",
                   .help = "show all that is known of a CVE, or of an advisory of another name",
                   .least = 1,
                   .most = 1,
                   .run = command_show},
    [VERB_QUERY] = {.name = "query",
                    .arguments = "PURL|CPE|SPACE/NAME [VERSION]",
                    .help = "list what is said of one version of a package",
                    .least = 1,
                    .most = 2,
                    .run = command_query},
    [VERB_DIFF] = {.name = "diff",
                   .arguments = "OLD NEW",
                   .help = "list what one database says and another one does not",
                   .least = 2,
                   .most = 2,
                   .run = command_diff},
    [VERB_VERIFY] = {.name = "verify",
                     .arguments = "[DATABASE]",
                     .help = "check every row of a database",
                     .least = 0,
                     .most = 1,
                     .run = command_verify},
};

static const char *format_word(size_t index)
{
    return fps_advisory_format_name(index);
}

static const option_spec specs[] = {
    {.name = "database",
     .letter = 'd',
     .kind = OPTION_TEXT,
     .offset = AT(database),
     .value = "FILE",
     .flags = OPTION_ON_SCREEN,
     .help = "the database; import creates it if it does not exist"},
    {.name = "source",
     .letter = 's',
     .kind = OPTION_TEXT,
     .offset = AT(source),
     .value = "NAME",
     .verbs = FOR_IMPORT | FOR_CHANGELOG,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "import: name of the source; default: that of the file; changelog: source package of the files"},
    {.name = "format",
     .letter = 'f',
     .kind = OPTION_TEXT,
     .offset = AT(format),
     .value = "NAME",
     .verbs = FOR_IMPORT,
     .words = format_word,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND | OPTION_SHOW_WORDS | OPTION_ONLY_WORDS,
     .help = "format of the files; default: each says what it is"},
    {.name = "date",
     .kind = OPTION_TEXT,
     .offset = AT(date),
     .value = "YYYY-MM-DD",
     .verbs = FOR_IMPORT | FOR_CHANGELOG,
     .flags = OPTION_ONLY_COMMAND,
     .help = "date of the source; default: of its newest record"},
    {.name = "force",
     .kind = OPTION_FLAG,
     .offset = AT(force),
     .verbs = FOR_IMPORT,
     .flags = OPTION_ONLY_COMMAND,
     .help = "import again what is there with the same bytes"},
    {.name = "release",
     .kind = OPTION_TEXT,
     .offset = AT(release),
     .value = "NAME",
     .verbs = FOR_CHANGELOG,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "release of Debian that the packages are of: bookworm"},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = AT(output),
     .value = "FILE",
     .verbs = FOR_PACK,
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_COMMAND,
     .help = "the packed database to write"},
    {.name = "catalogue",
     .letter = 'c',
     .kind = OPTION_TEXT,
     .offset = AT(catalogue),
     .value = "DIR",
     .verbs = FOR_PACK,
     .flags = OPTION_ON_SCREEN,
     .help = "keep, of what is known by CPE names alone, the products of this catalogue"},
    {.name = "bad",
     .kind = OPTION_FLAG,
     .offset = AT(bad),
     .verbs = FOR_LIST,
     .flags = OPTION_ON_SCREEN,
     .help = "list the records that were skipped: source, format, reason, count, an example"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .offset = AT(quiet),
     .flags = OPTION_ON_SCREEN,
     .help = "print only errors"},
};

static const int exits[] = {TOOL_EXIT_OK, TOOL_EXIT_ERROR, TOOL_EXIT_PARTIAL, -1};

static const option_program program = {
    .name = "vulnbuild",
    .version = fps_version,
    .summary = "makes advisory databases for fpscan",
    .description =
        "vulnbuild import reads advisories of many formats into one database, source by source; vulnbuild pack writes what fpscan "
        "needs of it. A source is there as a whole or not at all. A record that cannot be used is counted, named and skipped, "
        "and the exit code is 3 then; a file that is damaged as a whole is an error.",
    .verbs = verbs,
    .verb_count = sizeof verbs / sizeof *verbs,
    .default_verb = -1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .prefix = "VULNBUILD",
    .exits = exits,
    .partial = "partial: some records could not be used; vulnbuild list --bad names them",
};

const char *command_database(const settings *chosen)
{
    if (!chosen->database)
        message_print("vulnbuild", "which database? give --database FILE");
    return chosen->database;
}

int command_fail(const char *what, const fps_error *error)
{
    message_error("vulnbuild", what, error);
    return TOOL_EXIT_ERROR;
}

int main(int argc, char **argv)
{
    settings chosen = {.database = NULL};
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
        message_print("vulnbuild", "cannot write to standard output");
        code = TOOL_EXIT_ERROR;
    }
    return code;
}
