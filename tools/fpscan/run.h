/* One scan as the command line asks for it: sets, rules, limits, and its exit code. */
#ifndef TOOLS_FPSCAN_RUN_H
#define TOOLS_FPSCAN_RUN_H

#include "advisories.h"
#include "sets.h"
#include "spool.h"
#include "suppressions.h"

#include <fpscan/names.h>
#include <fpscan/scan.h>

typedef struct run {
    open_sets sets;
    advisories advisories;
    fps_suppressions *suppressions;
    fps_scan *scan;
    fps_result *result; /* set if run_target succeeded */
    uint64_t scan_ms;   /* how long it took, vulnerabilities included */
    /* Filled by run_open. */
    fps_scan_options options;
    const char *target;
    char *cache, *base_images, input[SPOOL_PATH];
    /* Of a comparison. */
    const char *other;  /* a target that is read later, NULL for none: a confined process may read it, too */
    const char *writes; /* a file that is written later, NULL for none */
    bool confined;      /* an earlier run has confined the process */
    bool compares; /* files are told apart by digests, and a report keeps the vulnerabilities that it holds */
    bool compares_functions; /* all evidence is kept */
} run;

/* Scans `target`. `explain` keeps all evidence and rejected candidates. False: a message was printed. Freed
 * by run_free in any case. */
bool run_target(run *r, const settings *s, const char *target, bool explain);
/* Its two parts: what opens files of the user's, before the process is confined, and what reads the target. */
bool run_open(run *r, const settings *s, const char *target, bool explain);
bool run_scan(run *r, const settings *s);
/* Reads a JSON report or a bill of materials, "-" for standard input, instead of scanning. */
bool run_document(run *r, const settings *s, const char *path);
void run_free(run *r);
/* The names that the sets, the rules and the components of the result have, and, with `packages`, its packages. To be freed by
 * fps_names_free. NULL: a message was printed. */
fps_names *run_names(const run *r, bool packages);

/* False, and a message is printed, if options came from a config file inside the target that --config did not
 * name: a target must not decide how it is scanned. */
bool run_trusts_config(const option_result *parsed);

/* The exit code of a finished scan; prints the reason for a code other than 0. */
int run_exit_code(const run *r, const settings *s);

#endif
