/* The signature sets that a run uses. */
#ifndef TOOLS_FPSCAN_SETS_H
#define TOOLS_FPSCAN_SETS_H

#include "settings.h"

#include <fpscan/database.h>

typedef struct open_set {
    fps_database *database;
    char *path; /* as shown to users; "of the program" for the one in it */
} open_set;

typedef struct open_sets {
    open_set *items;
    size_t count;
    bool has_base; /* a set of the user is there in place of the base set of the program */
} open_sets;

/* Opens the sets that settings and environment name, and the base set. A set that is named twice is opened
 * once. False: a message was printed. sets_free is due in any case. */
bool sets_open(open_sets *sets, const settings *s);
/* Opens the files of a NULL-terminated list. */
bool sets_open_files(open_sets *sets, const char *const *paths);
/* True unless there are keys in the user's data directory (keys/NAME.pem) and none of them has signed the set: then a message was
 * printed. */
bool sets_are_trusted(const char *path);
void sets_free(open_sets *sets);

#endif
