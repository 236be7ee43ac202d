/* The advisory database of a run, and the user's VEX documents. */
#ifndef TOOLS_FPSCAN_ADVISORIES_H
#define TOOLS_FPSCAN_ADVISORIES_H

#include "settings.h"

#include <fpscan/advisory.h>

typedef struct advisories {
    fps_advisory_database *database;  /* NULL: there is none, or --no-vulnerabilities */
    char *path;                       /* as shown: "(built in)" */
    fps_advisory_document *documents; /* of --vex */
    size_t vex_count;
} advisories;

/* Opens the database and reads the user's documents, before the program is confined. False: a message was printed. Freed by
 * advisories_free in any case. */
bool advisories_open(advisories *a, const settings *s);
/* Looks the result up; does nothing without a database. False: a message was printed. */
bool advisories_match(advisories *a, const settings *s, fps_result *result);
void advisories_free(advisories *a);

#endif
