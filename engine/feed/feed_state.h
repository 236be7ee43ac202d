/* What one import holds: for feed.c and feed_store.c. */
#ifndef FPS_FEED_FEED_STATE_H
#define FPS_FEED_FEED_STATE_H

#include "feed/feed.h"
#include "util/table.h"

#include <fpscan/advisory_build.h>

typedef enum fps__feed_statement {
    FPS__FEED_ADD_PACKAGE,
    FPS__FEED_FIND_PACKAGE,
    FPS__FEED_ADD_ADVISORY,
    FPS__FEED_FIND_ADVISORY,
    FPS__FEED_FILL_ADVISORY,
    FPS__FEED_ADD_ALIAS,
    FPS__FEED_ADD_RANGE,
    FPS__FEED_ADD_ROUTINE,
    FPS__FEED_ADD_EPSS,
    FPS__FEED_ADD_KEV,
    FPS__FEED_ADD_SSVC,
    FPS__FEED_ADD_LINK,
    FPS__FEED_STATEMENTS,
} fps__feed_statement;

typedef struct fps__feed_reason {
    const char *text; /* static */
    uint64_t count;
    char example[200];
} fps__feed_reason;

/* One format within the source that is being imported. */
typedef struct fps__feed_part {
    const fps__feed_format *format;
    int64_t id; /* row of `source`, 0: not there yet */
    uint64_t files, records, bad;
    char date[11];
    FPS__ARRAY(fps__feed_reason) reasons;
} fps__feed_part;

enum { FPS__FEED_MAX_PARTS = 64 };

struct fps__feed {
    sqlite3 *db;
    const char *database; /* path, for messages */
    const char *source;   /* name */
    const fps_advisory_import_options *options;
    sqlite3_stmt *statements[FPS__FEED_STATEMENTS];
    fps__feed_part parts[FPS__FEED_MAX_PARTS];
    size_t part_count;
    fps__feed_part *part; /* of the file that is being read */
    const char *path;     /* of it */
    uint8_t digest[16];   /* over all that was read */
    struct fps__feed_digest *hash;
    fps__key_map packages; /* hash of space and name: id */
    uint64_t ranges, names;
};

/* A statement, reset and without bindings; NULL on failure. */
sqlite3_stmt *fps__feed_prepare(fps__feed *feed, fps__feed_statement which, fps_error *error);
void fps__feed_finalize(fps__feed *feed);
/* Makes sure that `feed->part` has a row. */
fps_status fps__feed_start_part(fps__feed *feed, fps_error *error);
/* Writes the counts and bad reasons of all parts. */
fps_status fps__feed_write_parts(fps__feed *feed, fps_error *error);
/* Removes all rows of the sources with this name; *found: there were some. Inside a transaction. */
fps_status fps__feed_remove(sqlite3 *db, const char *path, const char *source, bool *found, fps_error *error);

#endif
