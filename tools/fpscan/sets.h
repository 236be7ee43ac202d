/* The signature sets that a run uses. */
#ifndef TOOLS_FPSCAN_SETS_H
#define TOOLS_FPSCAN_SETS_H

#include "settings.h"

#include <fpscan/database.h>

typedef struct open_set {
    fps_database *database;
    char *path; /* as it is shown; "(base)" for the one in the program */
} open_set;

typedef struct set_pool {
    open_set *items;
    size_t count;
} set_pool;

/* Opens the sets that the settings and the environment name, and the base set. A set that is named twice is
 * opened once. False: a line was printed. The pool is freed in any case. */
bool sets_open(set_pool *pool, const settings *s);
/* Opens the files of a list, NULL-ended. */
bool sets_open_files(set_pool *pool, const char *const *paths);
void sets_free(set_pool *pool);

#endif
