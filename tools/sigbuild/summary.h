/* What add and compile learnt, and what of it is weak: a table of at most a screen. */
#ifndef TOOLS_SIGBUILD_SUMMARY_H
#define TOOLS_SIGBUILD_SUMMARY_H

#include "sigbuild/commands.h"

typedef struct summary_row {
    fps_workbench_learnt learnt; /* its texts are the row's own */
    unsigned weak;               /* bits, see summary.c */
} summary_row;

typedef struct summary {
    summary_row *rows;
    size_t count, capacity;
    size_t imported; /* components that are in no row: they came from compiled sets */
    bool incomplete; /* for want of memory */
} summary;

/* Takes a row; `user` is the summary. Components of compiled sets are only counted. */
void summary_learn(void *user, const fps_workbench_learnt *learnt);
/* A history in a workbench that has a build of its component is not weak for the want of one. */
void summary_find_builds(summary *now, fps_workbench *bench);
/* Prints, on standard error, weak rows first: those that fit on a screen, or `all`. */
void summary_print(const summary *now, bool all);
void summary_free(summary *now);

#endif
