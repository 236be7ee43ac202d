/* Reading the rows of one package for one version: prepared once, used for all packages of a result. */
#ifndef FPS_ADVISORY_ADVISORY_LOOKUP_H
#define FPS_ADVISORY_ADVISORY_LOOKUP_H

#include "advisory/advisory_database.h"

/* A row of a package. Texts are valid during the call. */
typedef struct fps__advisory_row {
    int64_t advisory;
    fps__affected_kind kind;
    const char *range, *fixed, *note;
    const char *name; /* of the advisory */
    const char *source, *format;
    bool withdrawn;
    bool inside;       /* the version is in the range */
    bool begins, ends; /* of a range that has it: older, or newer, versions are out of it */
} fps__advisory_row;

typedef fps_status (*fps__advisory_row_callback)(void *user, const fps__advisory_row *row, fps_error *error);

typedef struct fps__lookup {
    fps_advisory_database *database;
    sqlite3_stmt *package, *rows, *names, *kin, *links, *routines, *own, *epss, *kev, *ssvc;
} fps__lookup;

fps_status fps__lookup_open(fps__lookup *lookup, fps_advisory_database *database, fps_error *error);
void fps__lookup_close(fps__lookup *lookup);

/* The row of a package and its scheme; 0 when there is none. */
fps_status fps__lookup_package(fps__lookup *lookup, const fps__subject *subject, int64_t *package,
                               fps__key_scheme *scheme, fps_error *error);
/* Gives the rows of a package whose range has the key, and, of those that speak of fixes, whose range lies below it
 * (`inside` false). The index gives them; at most FPS__MAX_ROWS_OF_PACKAGE. */
fps_status fps__lookup_rows(fps__lookup *lookup, int64_t package, const uint8_t *key, size_t size,
                            fps__advisory_row_callback row, void *user, fps_error *error);
/* Steps a prepared statement: FPS_ERROR_NOT_FOUND at the end. */
fps_status fps__lookup_step(fps__lookup *lookup, sqlite3_stmt *statement, fps_error *error);

#endif
