/* The inside of a workbench: its SQLite schema, the record of one build on its way into it, and who does
 * what.
 *
 *   workbench.c         open, close, catalogue
 *   workbench_schema.c  tables, statements, SQLite failures
 *   workbench_keys.c    feature key to row id, in memory
 *   workbench_read.c    a package or folder to build records (worker threads; touches no SQLite)
 *   workbench_add.c     the queue of files to read, in order
 *   workbench_write.c   a build record to rows, one transaction each
 *   corpus_load.c       all rows to what compile works on
 */
#ifndef FPS_WORKBENCH_WORKBENCH_INTERNAL_H
#define FPS_WORKBENCH_WORKBENCH_INTERNAL_H

#include "archive/package.h"
#include "compiler/corpus.h"
#include "feature/feature.h"
#include "util/arena.h"
#include "util/array.h"
#include "workbench/catalogue.h"

#include <fpscan/object.h>
#include <fpscan/workbench.h>
#include <sqlite3.h>

enum {
    FPS__BENCH_APPLICATION = 0x46505357, /* "FPSW" */
    FPS__BENCH_VERSION = 2,
    FPS__BENCH_DIGEST = 32,          /* bytes of a SHA-256 */
    FPS__BENCH_PARAMETERS = 16 * 20, /* bytes of the longest parameters text */
};

/* ---- feature keys ---- */

/* Open addressing with linear probing; zero is the empty table. Key 0 is never stored. */
typedef struct fps__workbench_keys {
    uint64_t *keys;
    uint32_t *ids;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
} fps__workbench_keys;

/* The place of `key`: its id, or where *fresh an id of the caller's to fill in. NULL without memory. */
uint32_t *fps__workbench_keys_place(fps__workbench_keys *keys, uint64_t key, bool *fresh);
bool fps__workbench_keys_reserve(fps__workbench_keys *keys, size_t count);
void fps__workbench_keys_clear(fps__workbench_keys *keys); /* empties it, keeps its memory */
void fps__workbench_keys_free(fps__workbench_keys *keys);

/* ---- records on their way in ---- */

typedef struct fps__workbench_version_text {
    uint32_t feature; /* index in the features of the build */
    const char *version;
} fps__workbench_version_text;

typedef struct fps__workbench_object {
    const char *path;
    const char *source; /* source package where it differs from the build's, else "" */
    fps_object_type type;
    uint16_t machine;
    bool member;
    const char *toolchain; /* "gcc-12", "" when nothing tells */
    const uint8_t *build_id;
    size_t build_id_size;
    uint64_t size; /* bytes */
    const uint32_t
        *features; /* indexes in the features of the build, in the order of addresses within a kind */
    uint32_t feature_count;
    const fps__workbench_version_text *version_texts;
    uint32_t version_text_count;
} fps__workbench_object;

typedef enum fps__workbench_outcome {
    FPS__BENCH_ADD = 0,
    FPS__BENCH_UNCHANGED = 1,
    FPS__BENCH_SKIPPED = 2, /* no known component, or no version */
    FPS__BENCH_DAMAGED = 3, /* could not be read to its end: half a package would pass for a whole one */
} fps__workbench_outcome;

/* Who a build is of and where it is from; texts are never NULL. */
typedef struct fps__workbench_facts {
    uint8_t digest[FPS__BENCH_DIGEST];
    bool negative;
    bool imported;
    const char *file; /* name of the added file, without folders */
    const char *tool, *parameters, *origin;
    const char *component, *version; /* "" for negatives */
    const char *package, *package_version, *architecture, *source, *source_version, *built_using;
    const char *purl, *cpe, *license; /* as given by hand */
} fps__workbench_facts;

typedef struct fps__workbench_build {
    struct fps__workbench_build *next, *outer;
    fps__workbench_facts facts;
    fps__workbench_outcome outcome;
    FPS__ARRAY(fps__workbench_object) objects;
    FPS__ARRAY(fps__corpus_feature) features; /* each key once */
    fps__workbench_keys keys;                 /* key to index in `features` while reading */
} fps__workbench_build;

/* What is known of a build already: enough to leave it alone. */
typedef struct fps__workbench_known {
    uint8_t digest[FPS__BENCH_DIGEST];
    bool negative;
    uint64_t facts; /* hash of what decides whether it is still the same build */
} fps__workbench_known;

int fps__workbench_known_compare(const void *a, const void *b); /* by digest, then negative */
uint64_t fps__workbench_facts_hash(const fps__workbench_facts *facts);

/* Everything the reading threads share, read-only while they run. */
typedef struct fps__workbench_plan {
    const fps__catalogue *catalogue;
    const fps_workbench_add_options *options;
    bool negative;
    char parameters[FPS__BENCH_PARAMETERS];
    FPS__ARRAY(fps__workbench_known) known; /* sorted */
} fps__workbench_plan;

void fps__workbench_parameters(char parameters[FPS__BENCH_PARAMETERS]);

typedef struct fps__workbench_diagnose {
    struct fps__workbench_diagnose *next;
    fps_diagnostic diagnostic;
} fps__workbench_diagnose;

/* One file to read, or the loose files of one folder, and what came of it. */
typedef struct fps__workbench_job {
    const char *path;         /* file, or folder of loose files */
    const char *const *files; /* loose files below `path`, sorted, relative; NULL for a single file */
    size_t file_count;
    fps__arena arena;                 /* owns the records */
    fps__workbench_build *builds;     /* in the order in which they began */
    fps__workbench_diagnose *remarks; /* in order */
    fps_status status;
    fps_error error;
    bool done;
} fps__workbench_job;

/* Reads one job. What cannot be read is a remark; job->status is set for want of memory only. */
void fps__workbench_read(const fps__workbench_plan *plan, fps__workbench_job *job);
void fps__workbench_job_clear(fps__workbench_job *job);

/* SHA-256 of the parts, one behind the other. FPS_ERROR_MEMORY. */
fps_status fps__workbench_digest(const fps__span *parts, size_t count, uint8_t digest[FPS__BENCH_DIGEST]);
/* Reads a whole file into memory that the caller frees. */
fps_status fps__workbench_read_file(const char *path, fps__span *data, fps_error *error);

/* ---- the database ---- */

typedef enum fps__workbench_statement {
    FPS__BENCH_BEGIN,
    FPS__BENCH_COMMIT,
    FPS__BENCH_ROLLBACK,
    FPS__BENCH_DATA_VERSION,
    FPS__BENCH_FIND_BUILD,
    FPS__BENCH_DELETE_TEXTS,
    FPS__BENCH_DELETE_OBJECTS,
    FPS__BENCH_DELETE_BUILD,
    FPS__BENCH_INSERT_BUILD,
    FPS__BENCH_INSERT_OBJECT,
    FPS__BENCH_INSERT_FEATURE,
    FPS__BENCH_INSERT_TEXT,
    FPS__BENCH_INSERT_COMPONENT,
    FPS__BENCH_FIND_SET,
    FPS__BENCH_INSERT_SET,
    FPS__BENCH_INSERT_LIST,
    FPS__BENCH_INSERT_GROUP,
    FPS__BENCH_INSERT_TEMPLATE,
    FPS__BENCH_STATEMENTS,
} fps__workbench_statement;

struct fps_workbench {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *statements[FPS__BENCH_STATEMENTS];
    fps__catalogue catalogue;
    fps__workbench_keys keys; /* every feature row, once keys_loaded */
    bool keys_loaded;
    int64_t data_version;  /* of SQLite when the keys were loaded: changes when another program writes */
    bool logging;          /* SQLite's write-ahead log is on */
    uint32_t next_feature; /* id of the next feature row */
};

/* Where facts of a component are from; a smaller number wins. */
enum { FPS__BENCH_FROM_CATALOGUE = 0, FPS__BENCH_FROM_SET = 1, FPS__BENCH_FROM_HAND = 2 };

/* Opens the file with the checks that a stranger's file needs, and makes the tables of a new one. */
fps_status fps__workbench_open_database(fps_workbench *bench, bool create, fps_error *error);
/* Many small transactions follow: a write-ahead log takes them without a sync each. A crash of the program
 * loses nothing, a crash of the machine the last packages, neither the file. Ends when the workbench is
 * closed. */
fps_status fps__workbench_start_log(fps_workbench *bench, fps_error *error);
/* Checks a database that is open already, and makes the tables of an empty one. */
fps_status fps__workbench_check_database(fps_workbench *bench, fps_error *error);
/* A failure of SQLite in words: FPS_ERROR_IO, FPS_ERROR_CORRUPT, FPS_ERROR_FORMAT or FPS_ERROR_MEMORY. */
fps_status fps__workbench_fail(const fps_workbench *bench, fps_error *error);
fps_status fps__workbench_execute(fps_workbench *bench, const char *sql, fps_error *error);
fps_status fps__workbench_prepare(fps_workbench *bench, const char *sql, sqlite3_stmt **statement,
                                  fps_error *error);
/* The prepared statement, reset and without bindings. NULL without memory or with a damaged schema. */
sqlite3_stmt *fps__workbench_statement_get(fps_workbench *bench, fps__workbench_statement which,
                                           fps_error *error);
/* Steps a statement that gives no rows, and resets it. */
fps_status fps__workbench_run(fps_workbench *bench, sqlite3_stmt *statement, fps_error *error);
fps_status fps__workbench_run_named(fps_workbench *bench, fps__workbench_statement which, fps_error *error);
/* Ends a transaction: commits when `status` is FPS_OK, else rolls back and forgets keys that may be gone. */
fps_status fps__workbench_end(fps_workbench *bench, fps_status status, fps_error *error);
void fps__workbench_bind_text(sqlite3_stmt *statement, int index, const char *text);
/* Column text, never NULL; until the next step. */
const char *fps__workbench_text(sqlite3_stmt *statement, int column);

/* Feature lists as they are stored: zigzag varints of the differences between row ids. `out` has room for 5
 * bytes an id. */
size_t fps__workbench_encode(uint8_t *out, const uint32_t *ids, size_t count);
/* False unless the list holds exactly `count` ids, each in 1..limit-1. */
bool fps__workbench_decode(const uint8_t *list, size_t size, uint32_t *ids, size_t count, uint32_t limit);

fps_status fps__workbench_load_keys(fps_workbench *bench, fps_error *error);
fps_status fps__workbench_insert_build(fps_workbench *bench, const fps__workbench_facts *facts, int64_t *id,
                                       fps_error *error);
/* Begins a transaction in which rows are written, with the keys up to date. fps__workbench_end ends it. */
fps_status fps__workbench_begin(fps_workbench *bench, fps_error *error);
/* Row ids of features; new ones are inserted. Inside a transaction. */
fps_status fps__workbench_resolve(fps_workbench *bench, const fps__corpus_feature *features, size_t count,
                                  uint32_t *rows, fps_error *error);
/* Writes one build in its own transaction, in place of one of the same digest. */
fps_status fps__workbench_write(fps_workbench *bench, const fps__workbench_build *build, bool *replaced,
                                fps_error *error);
/* Facts of one component from `origin`; releases is a text of words. */
fps_status fps__workbench_write_component(fps_workbench *bench, const fps__catalogue_component *component,
                                          int origin, fps_error *error);

/* Loads everything for compile, in an order that does not depend on the order of adding. */
fps_status fps__workbench_load(fps_workbench *bench, fps__corpus *corpus, fps_error *error);
void fps__corpus_free(fps__corpus *corpus);

#endif
