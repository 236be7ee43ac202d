/* The table of fpscan's options: parsing, help, man page and completion come from here. */
#include "settings.h"

#include "common/exit.h"

#include <limits.h>
#include <stddef.h>

#define FIELD(member) .offset = offsetof(settings, member)

enum {
    ON_SCAN = 1 << VERB_SCAN,
    ON_RUNS = 1 << VERB_SCAN | 1 << VERB_EXPLAIN, /* verbs that look at a target */
    ON_CACHE = 1 << VERB_CACHE_STATS | 1 << VERB_CACHE_PRUNE | 1 << VERB_CACHE_CLEAR,
};

static const option_verb verbs[VERB_COUNT] = {
    {"scan", "TARGET", "name the components in a directory or a file", 1, 1},
    {"explain", "FILE", "show why each component was found, and what spoke against it", 1, 1},
    {"set list", "", "list the signature sets that a scan would use", 0, 0},
    {"set info", "[FILE]...", "describe signature sets; -v lists their components", 0, UINT_MAX},
    {"set verify", "[FILE]...", "read every byte of signature sets and check it", 0, UINT_MAX},
    {"cache stats", "", "say how much the result cache holds", 0, 0},
    {"cache prune", "", "forget the results that were not used for longest", 0, 0},
    {"cache clear", "", "remove all results, also of a damaged cache", 0, 0},
    {"base-image list", "", "list the known base images", 0, 0},
    {"base-image remove", "NAME", "forget a base image", 1, 1},
};

static const option_spec specs[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_LIST,
     FIELD(outputs),
     .value = "FORMAT[=FILE]",
     .help = "write table, json, csv, cyclonedx-json[@VERSION], spdx-json or sarif to FILE or standard "
             "output; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "format",
     .kind = OPTION_TEXT,
     FIELD(format),
     .value = "FORMAT",
     .help = "write this format to standard output (table)",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "set",
     .kind = OPTION_LIST,
     FIELD(sets),
     .value = "FILE",
     .help = "use this set beside the base set; repeatable",
     .flags = OPTION_ON_SCREEN},
    {.name = "no-base-set",
     .kind = OPTION_FLAG,
     FIELD(no_base_set),
     .help = "do not use the base set that is part of the program",
     .flags = OPTION_ON_SCREEN},
    {.name = "rules",
     .kind = OPTION_LIST,
     FIELD(rules),
     .value = "FILE",
     .help = "use the YARA rules in FILE too; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS},
    {.name = "states",
     .kind = OPTION_COMMA_LIST,
     FIELD(states),
     .value = "LIST",
     .choices = "present likely mentioned",
     .help = "show these states; tables show present,likely, documents present",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS},
    {.name = "min-confidence",
     .kind = OPTION_REAL,
     FIELD(min_confidence),
     .value = "X",
     .help = "show findings of at least this confidence, 0 to 1",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS,
     .maximum = 1},
    {.name = "component",
     .kind = OPTION_TEXT,
     FIELD(component),
     .value = "NAME",
     .help = "explain only the component of this id or name",
     .verbs = 1 << VERB_EXPLAIN},
    {.name = "all",
     .kind = OPTION_FLAG,
     FIELD(all),
     .help = "show all units, pieces of evidence and releases, not the best alone",
     .verbs = 1 << VERB_EXPLAIN},
    {.name = "disassemble",
     .kind = OPTION_LIST,
     FIELD(disassemble),
     .value = "ADDRESS",
     .help =
         "list the function at ADDRESS, or of this symbol, as its key sees it, and nothing else; repeatable; "
         "FILE may be ARCHIVE(MEMBER)",
     .flags = OPTION_ONLY_COMMAND,
     .verbs = 1 << VERB_EXPLAIN},
    {.name = "skip-dirs",
     .kind = OPTION_COMMA_LIST,
     FIELD(skip_dirs),
     .value = "GLOB,...",
     .help = "do not enter directories of a matching path; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "skip-files",
     .kind = OPTION_COMMA_LIST,
     FIELD(skip_files),
     .value = "GLOB,...",
     .help = "do not read files of a matching path; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "one-file-system",
     .kind = OPTION_FLAG,
     FIELD(one_file_system),
     .help = "stay on the file system of the target",
     .verbs = ON_SCAN},
    {.name = "allow-partial",
     .kind = OPTION_COMMA_LIST,
     FIELD(allow_partial),
     .value = "KIND,...",
     .help = "accept these kinds of partial remarks without exit code 3",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS},
    {.name = "no-exact",
     .kind = OPTION_FLAG,
     FIELD(no_exact),
     .help = "use no hashes of files, sections and symbol tables, and no build-ids",
     .verbs = ON_RUNS},
    {.name = "parallel",
     .kind = OPTION_NUMBER,
     FIELD(parallel),
     .value = "N",
     .help = "number of threads, at most 64; 0, the default: one a core",
     .verbs = ON_RUNS,
     .maximum = 64},
    {.name = "memory",
     .kind = OPTION_SIZE,
     FIELD(memory),
     .value = "SIZE",
     .help = "most memory for the buffers of all threads together (1G)",
     .verbs = ON_RUNS},
    {.name = "timeout",
     .kind = OPTION_DURATION,
     FIELD(timeout),
     .value = "TIME",
     .help = "stop after this time (90s, 10m); what was not looked at is reported",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS},
    {.name = "cache-dir",
     .kind = OPTION_TEXT,
     FIELD(cache_dir),
     .value = "DIR",
     .help = "keep compiled rules and results here, not in the usual folder",
     .verbs = ON_RUNS | ON_CACHE},
    {.name = "no-cache",
     .kind = OPTION_FLAG,
     FIELD(no_cache),
     .help = "keep nothing between runs",
     .verbs = ON_RUNS},
    {.name = "limit",
     .kind = OPTION_SIZE,
     FIELD(cache_limit),
     .value = "SIZE",
     .help = "most bytes to leave in the result cache; without --limit and --age: 2G",
     .verbs = 1 << VERB_CACHE_PRUNE},
    {.name = "age",
     .kind = OPTION_DURATION,
     FIELD(age),
     .value = "TIME",
     .help = "forget results that were not used for this time (30d)",
     .verbs = 1 << VERB_CACHE_PRUNE},
    {.name = "config",
     .kind = OPTION_TEXT,
     FIELD(config),
     .value = "FILE",
     .help = "read options from FILE, not from fpscan.json in the current directory",
     .flags = OPTION_ONLY_COMMAND},
    {.name = "no-progress",
     .kind = OPTION_FLAG,
     FIELD(no_progress),
     .help = "show no progress line",
     .verbs = ON_RUNS},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     FIELD(quiet),
     .help = "say nothing on standard error but errors",
     .flags = OPTION_ON_SCREEN},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_COUNT,
     FIELD(verbose),
     .help = "say which sets are used, list runtime components and shares of code",
     .flags = OPTION_ON_SCREEN},
};

static const char description[] =
    "fpscan looks into every ELF and PE file of a directory, or into one file, and names the open-source "
    "components that are "
    "really inside, with their versions: linked statically, renamed or stripped, whatever a package manager "
    "says. It reads "
    "and never runs, extracts or changes what it looks at, and it never goes to the network.\n\n"
    "A component is present (its code or data is in the file), likely, or mentioned (its texts or its "
    "interface are used, its "
    "code is not shown to be there). A version is one release, an interval that the evidence cannot tell "
    "apart, or the "
    "nearest known releases, and is said to be so.\n\n"
    "Signature sets come from --set, else from FPSCAN_SET, else from the user's data directory "
    "($XDG_DATA_HOME/fpscan/*.fpdb, "
    "else ~/.local/share/fpscan/*.fpdb); the base set of the program is used beside them unless "
    "--no-base-set is given.\n\n"
    "Compiled rules and results are kept in $XDG_CACHE_HOME/fpscan, else ~/.cache/fpscan, unless --cache-dir "
    "names another folder or --no-cache is given. Known base images are listed in "
    "$XDG_DATA_HOME/fpscan/base-images.json, else ~/.local/share/fpscan/base-images.json.\n\n"
    "A target that is called like a command is given as ./scan. A fpscan.json that lies in the target is "
    "refused: what is "
    "scanned must not choose how.\n\n"
    "Documents carry a time only when SOURCE_DATE_EPOCH is set. NO_COLOR turns colours off.";

const option_program fpscan_program = {
    .name = PROGRAM,
    .version = FPS_VERSION,
    .summary = "names the open-source components inside binaries",
    .description = description,
    .verbs = verbs,
    .verb_count = VERB_COUNT,
    .default_verb = VERB_SCAN,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .prefix = "FPSCAN",
    .config = "fpscan.json",
    .exits = 1u << TOOL_EXIT_OK | 1u << TOOL_EXIT_ERROR | 1u << TOOL_EXIT_PARTIAL | 1u << TOOL_EXIT_EMPTY,
};
