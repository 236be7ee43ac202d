/* What the commands that take many files share: the list of paths, progress and messages. */
#ifndef TOOLS_SIGBUILD_INPUTS_H
#define TOOLS_SIGBUILD_INPUTS_H

#include "sigbuild/commands.h"

/* Paths from the command line and from --list. */
typedef struct path_list {
    const char **items;
    size_t count, capacity;
    char *text; /* of --list */
} path_list;

/* False, with a message, when a list cannot be read or there is nothing. */
bool path_list_collect(path_list *paths, const settings *chosen, const option_result *parsed);
void path_list_free(path_list *paths);

/* The state of the callbacks. */
typedef struct listener {
    bool quiet, progress;
    bool line_open; /* there is a progress line on the terminal */
    double start;   /* seconds of the clock */
} listener;

listener listener_start(const settings *chosen);
void listener_close_line(listener *now);
void listener_diagnostic(void *user, const fps_diagnostic *diagnostic);
void listener_progress(void *user, uint64_t done, uint64_t total, const char *path);

#endif
