/* The table of fpscan's options: parsing, help, man page and completion come from here. */
#include "settings.h"

#include "common/exit.h"

#include <fpscan/diagnostic.h>
#include <fpscan/gate.h>
#include <fpscan/target.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#define FIELD(member) .offset = offsetof(settings, member)

enum {
    ON_SCAN = 1 << VERB_SCAN | 1 << VERB_DRIFT,
    ON_WRITES = ON_SCAN | 1 << VERB_CONVERT, /* verbs that write documents */
    ON_RUNS = ON_SCAN | 1 << VERB_EXPLAIN,   /* verbs that look at a target */
    ON_CACHE = 1 << VERB_CACHE_STATS | 1 << VERB_CACHE_PRUNE | 1 << VERB_CACHE_CLEAR,
};

/* ---- words that completion offers ---- */

/* Each format once: entries of one name are neighbours. */
static const char *format_word(size_t index)
{
    const fps_report_format *format;
    const char *last = "";
    for (size_t i = 0; (format = fps_report_format_entry(i)); i++) {
        const char *name = fps_report_format_name(format);
        if (strcmp(name, last) != 0 && index-- == 0)
            return name;
        last = name;
    }
    return NULL;
}

static const char *diagnostic_word(size_t index)
{
    const fps_diagnostic_kind *kind = fps_diagnostic_kind_entry(index);
    return kind ? kind->code : NULL;
}

static const char *platform_word(size_t index)
{
    static const char *const platforms[] = {"linux/amd64",   "linux/arm64", "linux/arm/v7", "linux/386",
                                            "linux/ppc64le", "linux/s390x", "linux/riscv64"};
    return index < sizeof platforms / sizeof *platforms ? platforms[index] : NULL;
}

static const option_verb verbs[VERB_COUNT] = {
    [VERB_SCAN] = {.name = "scan",
                   .arguments = "TARGET",
                   .help = "name the components in an image, a directory or a file",
                   .least = 1,
                   .most = 1,
                   .words = fps_target_scheme,
                   .run = command_scan},
    [VERB_EXPLAIN] = {.name = "explain",
                      .arguments = "FILE",
                      .help = "show why each component was found, and why others were rejected",
                      .least = 1,
                      .most = 1,
                      .words = fps_target_scheme,
                      .run = command_explain},
    [VERB_DRIFT] = {.name = "drift",
                    .arguments = "TARGET",
                    .help = "show where files, digests included, differ from what package managers claim",
                    .least = 1,
                    .most = 1,
                    .words = fps_target_scheme,
                    .run = command_drift},
    [VERB_CONVERT] =
        {.name = "convert",
         .arguments = "REPORT",
         .help = "write a JSON report or a bill of materials in other formats; - reads standard input",
         .least = 1,
         .most = 1,
         .run = command_convert},
    [VERB_SET_LIST] = {.name = "set list",
                       .arguments = "",
                       .help = "list the signature sets that a scan would use",
                       .run = command_set_list},
    [VERB_SET_INFO] = {.name = "set info",
                       .arguments = "[FILE]...",
                       .help = "describe signature sets; -v lists their components",
                       .most = UINT_MAX,
                       .run = command_set_info},
    [VERB_SET_VERIFY] = {.name = "set verify",
                         .arguments = "[FILE]...",
                         .help = "check every byte of signature sets",
                         .most = UINT_MAX,
                         .run = command_set_verify},
    [VERB_CACHE_STATS] = {.name = "cache stats",
                          .arguments = "",
                          .help = "show how large the result cache is",
                          .run = command_cache_stats},
    [VERB_CACHE_PRUNE] = {.name = "cache prune",
                          .arguments = "",
                          .help = "remove the least recently used results",
                          .run = command_cache_prune},
    [VERB_CACHE_CLEAR] = {.name = "cache clear",
                          .arguments = "",
                          .help = "remove all results, even if the cache is damaged",
                          .run = command_cache_clear},
    [VERB_BASE_IMAGE_ADD] = {.name = "base-image add",
                             .arguments = "TARGET [NAME]",
                             .help = "remember an image as a base that others are built on",
                             .least = 1,
                             .most = 2,
                             .words = fps_target_scheme,
                             .run = command_base_image_add},
    [VERB_BASE_IMAGE_LIST] = {.name = "base-image list",
                              .arguments = "",
                              .help = "list the known base images",
                              .run = command_base_image_list},
    [VERB_BASE_IMAGE_REMOVE] = {.name = "base-image remove",
                                .arguments = "NAME",
                                .help = "forget a base image",
                                .least = 1,
                                .most = 1,
                                .run = command_base_image_remove},
    [VERB_DB_STATUS] = {.name = "db status",
                        .arguments = "",
                        .help =
                            "show the advisory database that a scan would use, and the date of each source",
                        .run = command_db_status},
    [VERB_DB_UPDATE] = {.name = "db update",
                        .arguments = "FILE",
                        .help = "check an advisory database and use it from now on",
                        .least = 1,
                        .most = 1,
                        .run = command_db_update},
    [VERB_HELP_DIAGNOSTICS] = {.name = "help diagnostics",
                               .arguments = "",
                               .help = "list what reports may say about their input, by code",
                               .run = command_help_diagnostics},
};

static const option_spec specs[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_LIST,
     FIELD(outputs),
     .value = "FORMAT[=FILE]",
     .words = format_word,
     .help = "write FORMAT, or FORMAT@VERSION, to FILE or standard output; repeatable",
     .flags = OPTION_ON_SCREEN | OPTION_SHOW_WORDS,
     .verbs = ON_WRITES},
    {.name = "format",
     .kind = OPTION_TEXT,
     FIELD(format),
     .value = "FORMAT",
     .words = format_word,
     .help = "write this format to standard output (default: table)",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_WRITES},
    {.name = "set",
     .kind = OPTION_LIST,
     FIELD(sets),
     .value = "FILE",
     .help = "use this signature set as well as the base set; repeatable",
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
     .help = "also apply the YARA rules in FILE; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS},
    {.name = "states",
     .kind = OPTION_COMMA_LIST,
     FIELD(states),
     .value = "LIST",
     .choices = "present likely mentioned",
     .help =
         "show these states; default: present,likely in table, json, markdown and html, present in others",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS | 1 << VERB_CONVERT},
    {.name = "advisories",
     .kind = OPTION_TEXT,
     FIELD(advisories),
     .value = "FILE",
     .help = "use this advisory database, as vulnbuild makes it",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN | 1 << VERB_DB_STATUS},
    {.name = "no-vulnerabilities",
     .kind = OPTION_FLAG,
     FIELD(no_vulnerabilities),
     .help = "do not look for known vulnerabilities",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "severity",
     .kind = OPTION_COMMA_LIST,
     FIELD(severity),
     .value = "LIST",
     .choices = "unknown negligible low medium high critical",
     .help = "show vulnerabilities of these severities",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "ignore-unfixed",
     .kind = OPTION_FLAG,
     FIELD(ignore_unfixed),
     .help = "show only vulnerabilities that some version fixes",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "only-fixed",
     .kind = OPTION_FLAG,
     FIELD(only_fixed),
     .help = "the same as --ignore-unfixed",
     .verbs = ON_SCAN},
    {.name = "vuln-type",
     .kind = OPTION_COMMA_LIST,
     FIELD(vuln_type),
     .value = "LIST",
     .choices = "os library",
     .help = "show vulnerabilities of system packages (os), of all else (library); default: both",
     .verbs = ON_SCAN},
    {.name = "vex",
     .kind = OPTION_LIST,
     FIELD(vex),
     .value = "FILE",
     .help =
         "suppress what this OpenVEX, CSAF or CycloneDX document says is not affected or fixed; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "ignore-file",
     .kind = OPTION_LIST,
     FIELD(ignore_file),
     .value = "FILE",
     .help = "suppress the vulnerabilities that this file lists (.trivyignore, or with reasons); repeatable",
     .verbs = ON_SCAN},
    {.name = "show-suppressed",
     .kind = OPTION_FLAG,
     FIELD(show_suppressed),
     .help = "also list vulnerabilities that do not count, with the reason and its source",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "max-db-age",
     .kind = OPTION_DURATION,
     FIELD(max_db_age),
     .value = "TIME",
     .help = "exit with 1 if the newest source of the advisory database is older (30d)",
     .flags = OPTION_HARMLESS,
     .verbs = ON_SCAN},
    {.name = "offline",
     .kind = OPTION_FLAG,
     FIELD(offline),
     .help = "accepted for other scanners' habits: fpscan never uses the network",
     .flags = OPTION_HARMLESS,
     .verbs = ON_SCAN},
    {.name = "skip-db-update",
     .kind = OPTION_FLAG,
     FIELD(skip_db_update),
     .help = "accepted for other scanners' habits: nothing is updated by itself",
     .flags = OPTION_HARMLESS,
     .verbs = ON_SCAN},
    {.name = "skip-java-db-update",
     .kind = OPTION_FLAG,
     FIELD(skip_java_db_update),
     .help = "accepted for other scanners' habits: nothing is updated by itself",
     .flags = OPTION_HARMLESS,
     .verbs = ON_SCAN},
    {.name = "min-confidence",
     .kind = OPTION_REAL,
     FIELD(min_confidence),
     .value = "X",
     .help = "show findings with at least this confidence, 0 to 1",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS | 1 << VERB_CONVERT,
     .maximum = 1},
    {.name = "evidence",
     .kind = OPTION_TEXT,
     FIELD(evidence),
     .value = "HOW",
     .choices = "some all none",
     .help =
         "how much evidence a json or html report holds: of each finding the best (some, the default), all or none",
     .verbs = ON_WRITES},
    {.name = "component",
     .kind = OPTION_TEXT,
     FIELD(component),
     .value = "NAME",
     .help = "explain only the component with this id, name or package URL",
     .verbs = 1 << VERB_EXPLAIN},
    {.name = "all",
     .kind = OPTION_FLAG,
     FIELD(all),
     .help = "show all units, evidence and releases, not only the best",
     .verbs = 1 << VERB_EXPLAIN},
    {.name = "disassemble",
     .kind = OPTION_LIST,
     FIELD(disassemble),
     .value = "ADDRESS",
     .help =
         "only list the function at ADDRESS, or with this symbol name, as it is hashed; repeatable; FILE may "
         "be ARCHIVE(MEMBER)",
     .flags = OPTION_ONLY_COMMAND,
     .verbs = 1 << VERB_EXPLAIN},
    {.name = "skip-dirs",
     .kind = OPTION_COMMA_LIST,
     FIELD(skip_dirs),
     .value = "GLOB,...",
     .help = "do not enter directories whose path matches; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "skip-files",
     .kind = OPTION_COMMA_LIST,
     FIELD(skip_files),
     .value = "GLOB,...",
     .help = "do not read files whose path matches; repeatable",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "platform",
     .kind = OPTION_TEXT,
     FIELD(platform),
     .value = "OS/ARCH",
     .words = platform_word,
     .help = "scan this platform of a multi-platform image (default: linux on this machine's architecture)",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS | 1 << VERB_BASE_IMAGE_ADD},
    {.name = "image",
     .kind = OPTION_TEXT,
     FIELD(image),
     .value = "NAME",
     .help = "scan the image with this tag, name or digest, if there are several",
     .flags = OPTION_ON_SCREEN,
     .verbs = ON_RUNS | 1 << VERB_BASE_IMAGE_ADD},
    {.name = "scope",
     .kind = OPTION_TEXT,
     FIELD(scope),
     .value = "SCOPE",
     .choices = "squashed all-layers",
     .help =
         "report only files and packages that are visible (squashed), or also those that later layers hide "
         "(all-layers)",
     .verbs = ON_RUNS | 1 << VERB_CONVERT},
    {.name = "verify-digests",
     .kind = OPTION_FLAG,
     FIELD(verify_digests),
     .help = "compare all owned files with the digests in their packages' manifests",
     .verbs = ON_SCAN,
     .flags = OPTION_HARMLESS},
    {.name = "fail-on",
     .kind = OPTION_COMMA_LIST,
     FIELD(fail_on),
     .value = "TERM,...",
     .words = fps_gate_term,
     .help =
         "exit with 2 on drift, unowned (executables), component=NAME[@RANGE], critical, high, medium, low (or more), kev or risk>=N; repeatable",
     .flags = OPTION_HARMLESS | OPTION_ON_SCREEN,
     .verbs = ON_SCAN},
    {.name = "exit-code",
     .kind = OPTION_NUMBER,
     FIELD(exit_code),
     .value = "N",
     .help = "exit with N instead of 2 when --fail-on applies",
     .verbs = ON_SCAN,
     .maximum = 255},
    {.name = "no-archives",
     .kind = OPTION_FLAG,
     FIELD(no_archives),
     .help = "do not scan archives inside the target",
     .verbs = ON_RUNS},
    {.name = "reproducible",
     .kind = OPTION_FLAG,
     FIELD(reproducible),
     .help =
         "write no time into documents: two scans of one target give the same bytes, as with SOURCE_DATE_EPOCH",
     .verbs = ON_WRITES},
    {.name = "archive-depth",
     .kind = OPTION_NUMBER,
     FIELD(archive_depth),
     .value = "N",
     .help = "how many archives may be nested (default: 8)",
     .verbs = ON_RUNS,
     .maximum = 64},
    {.name = "max-ratio",
     .kind = OPTION_NUMBER,
     FIELD(max_ratio),
     .value = "N",
     .help = "how many bytes a compressed byte may unpack to (default: 200)",
     .verbs = ON_RUNS,
     .maximum = 1000000},
    {.name = "one-file-system",
     .kind = OPTION_FLAG,
     FIELD(one_file_system),
     .help = "stay on the file system of the target",
     .verbs = ON_SCAN},
    {.name = "allow-partial",
     .kind = OPTION_COMMA_LIST,
     FIELD(allow_partial),
     .value = "KIND,...",
     .words = diagnostic_word,
     .help = "do not exit with 3 because of these kinds of diagnostics, see 'fpscan help diagnostics'",
     .flags = OPTION_ON_SCREEN | OPTION_ONLY_WORDS,
     .verbs = ON_RUNS},
    {.name = "no-exact",
     .kind = OPTION_FLAG,
     FIELD(no_exact),
     .help = "do not use hashes of files, sections and symbol tables, and build-ids",
     .verbs = ON_RUNS},
    {.name = "parallel",
     .kind = OPTION_NUMBER,
     FIELD(parallel),
     .value = "N",
     .help = "number of threads, at most 64; 0, the default: one per processor",
     .verbs = ON_RUNS,
     .maximum = 64,
     .flags = OPTION_HARMLESS},
    {.name = "memory",
     .kind = OPTION_SIZE,
     FIELD(memory),
     .value = "SIZE",
     .help =
         "memory for what the target makes the scan hold; the process needs up to 200M more (default: 1G)",
     .verbs = ON_RUNS | 1 << VERB_CONVERT,
     .flags = OPTION_HARMLESS},
    {.name = "timeout",
     .kind = OPTION_DURATION,
     FIELD(timeout),
     .value = "TIME",
     .help = "stop after this time (90s, 10m); files that were not scanned are reported",
     .flags = OPTION_HARMLESS | OPTION_ON_SCREEN,
     .verbs = ON_RUNS},
    {.name = "cache-dir",
     .kind = OPTION_TEXT,
     FIELD(cache_dir),
     .value = "DIR",
     .help = "keep results and compiled rules in this folder",
     .verbs = ON_RUNS | ON_CACHE},
    {.name = "no-cache",
     .kind = OPTION_FLAG,
     FIELD(no_cache),
     .help = "do not read or write the cache",
     .verbs = ON_RUNS},
    {.name = "no-sandbox",
     .kind = OPTION_FLAG,
     FIELD(no_sandbox),
     .help = "do not confine the program while it scans",
     .verbs = ON_RUNS | 1 << VERB_CONVERT},
    {.name = "limit",
     .kind = OPTION_SIZE,
     FIELD(cache_limit),
     .value = "SIZE",
     .help = "how much to leave in the result cache (default without --age: 2G)",
     .verbs = 1 << VERB_CACHE_PRUNE},
    {.name = "age",
     .kind = OPTION_DURATION,
     FIELD(age),
     .value = "TIME",
     .help = "remove results that were not used for this time (30d)",
     .verbs = 1 << VERB_CACHE_PRUNE},
    {.name = "config",
     .kind = OPTION_TEXT,
     FIELD(config),
     .value = "FILE",
     .help = "read options from FILE instead of fpscan.json in the current directory",
     .flags = OPTION_ONLY_COMMAND},
    {.name = "no-progress",
     .kind = OPTION_FLAG,
     FIELD(no_progress),
     .help = "do not show progress",
     .verbs = ON_RUNS,
     .flags = OPTION_HARMLESS},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     FIELD(quiet),
     .help = "print only errors on standard error",
     .flags = OPTION_ON_SCREEN},
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_COUNT,
     FIELD(verbose),
     .help = "name the sets in use; list runtime components and shares of code",
     .flags = OPTION_HARMLESS | OPTION_ON_SCREEN},
};

static const char description[] =
    "fpscan looks into every ELF, PE and Mach-O file of a container image, a directory or a single file and names "
    "the open-source components that are really inside, with their versions: statically linked, renamed or "
    "stripped, whatever the package manager says. It only reads: it never runs, extracts or changes what it "
    "looks at, and it never uses the network.\n"
    "\n"
    "The type of a target is detected, or given as a scheme before the path: dir:, file:, tar:, oci-dir:, "
    "oci-archive:, docker-archive: or sbom:, a bill of materials or JSON report whose packages and components are looked at.\n"
    "\n"
    "A component is present (its code or data is in the file), likely, or mentioned (the file refers to it, "
    "but its code was not found). A version is reported as exact, or as a range that the evidence cannot narrow "
    "further; >= and <= say that a release newer or older than all known ones may be it.\n"
    "\n"
    "Signature sets come from --set, else from FPSCAN_SET, else from the user's data directory "
    "($XDG_DATA_HOME/fpscan/*.fpdb, or ~/.local/share/fpscan/*.fpdb). The base set of the program is used as "
    "well unless --no-base-set is given.\n"
    "\n"
    "Known vulnerabilities are looked up in an advisory database: --advisories, else the one that fpscan db update put into the "
    "user's data directory, else the one of the program. What a distribution says of its packages goes before what is said of "
    "upstream's releases.\n"
    "\n"
    "Results and compiled rules are cached in $XDG_CACHE_HOME/fpscan, or ~/.cache/fpscan, unless --cache-dir "
    "names another folder or --no-cache is given.\n"
    "\n"
    "Write ./scan for a target that is named like a command. A fpscan.json inside the target is refused: a "
    "target must not decide how it is scanned.\n"
    "\n"
    "Documents name the time of the scan, or that of SOURCE_DATE_EPOCH; --reproducible names none. A dependency snapshot "
    "(github) takes commit, reference and job from GITHUB_SHA, GITHUB_REF, GITHUB_RUN_ID, GITHUB_WORKFLOW and GITHUB_JOB. "
    "NO_COLOR turns colours off.";

static bool diagnostic_row(size_t index, const char **name, const char **meaning)
{
    const fps_diagnostic_kind *kind = fps_diagnostic_kind_entry(index);
    *name = kind ? kind->code : NULL;
    *meaning = kind ? kind->meaning : NULL;
    return kind != NULL;
}

static const option_appendix diagnostics = {
    .title = "DIAGNOSTICS",
    .text =
        "These codes tell what was unusual about the input. fpscan help diagnostics shows the level of each: "
        "after a partial diagnostic, fpscan exits with 3 unless --allow-partial accepts the code.",
    .row = diagnostic_row,
};

const option_program fpscan_program = {
    .name = PROGRAM,
    .version = fps_version,
    .summary = "names the open-source components inside binaries",
    .description = description,
    .appendix = &diagnostics,
    .verbs = verbs,
    .verb_count = VERB_COUNT,
    .default_verb = VERB_SCAN,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .prefix = "FPSCAN",
    .config = "fpscan.json",
    .exits = 1u << TOOL_EXIT_OK | 1u << TOOL_EXIT_ERROR | 1u << TOOL_EXIT_GATE | 1u << TOOL_EXIT_PARTIAL |
             1u << TOOL_EXIT_EMPTY,
};
