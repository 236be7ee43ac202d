/* The inside of a workbench: its SQLite schema, and the record of one build on its way into it.
 *
 *   workbench.c          opens, closes, keeps the catalogue
 *   workbench_schema.c   tables, statements, failures of SQLite
 *   workbench_add.c      finds the files to add and queues them in order
 *   workbench_read.c     reads a package or a folder into build records (worker threads; no SQLite)
 *   workbench_write.c    writes a build record as rows, one transaction each
 *   workbench_import.c   takes a compiled set in
 *   workbench_merge.c    takes another workbench in
 *   workbench_history.c  release histories as rows; workbench_history_read.c reads them from sources
 *   workbench_patch.c    patches as rows; workbench_patch_list.c reads lists of them, workbench_patch_read.c functions
 *   workbench_list.c     lists and counts for people
 *   workbench_compile.c  compiles a set and writes it
 *   workbench_learnt.c   counts what the set learnt of each component
 *   corpus_load.c        loads all rows as the corpus that the compiler works on
 *   catalogue.c          reads the catalogue's text
 */
#ifndef FPS_WORKBENCH_WORKBENCH_INTERNAL_H
#define FPS_WORKBENCH_WORKBENCH_INTERNAL_H

#include "archive/package.h"
#include "compiler/corpus.h"
#include "database/set.h"
#include "feature/feature.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/digest.h"
#include "util/table.h"
#include "workbench/catalogue.h"

#include <fpscan/object.h>
#include <fpscan/workbench.h>
#include <sqlite3.h>

enum {
    FPS__WORKBENCH_APPLICATION = 0x46505357, /* "FPSW" */
    FPS__WORKBENCH_VERSION = 4,
    FPS__WORKBENCH_WITHOUT_HISTORIES = 2, /* the version that 3 adds the tables of histories to */
    FPS__WORKBENCH_WITHOUT_PATCHES = 3,   /* the version that 4 adds the table of patches to */
    FPS__WORKBENCH_PARAMETERS = 16 * 20,  /* bytes of the longest parameters text */
};

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
    FPS__WORKBENCH_ADD = 0,
    FPS__WORKBENCH_UNCHANGED = 1,
    FPS__WORKBENCH_SKIPPED = 2, /* no known component, or no version */
    FPS__WORKBENCH_DAMAGED = 3, /* could not be read to its end: half a package would pass for a whole one */
} fps__workbench_outcome;

/* What a build is of, and where it comes from; texts are never NULL. */
typedef struct fps__workbench_facts {
    uint8_t digest[FPS__SHA256_SIZE];
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
    fps__key_map keys;                        /* key to index in `features` while reading */
} fps__workbench_build;

/* What is known of a build already: enough to leave it alone. */
typedef struct fps__workbench_known {
    uint8_t digest[FPS__SHA256_SIZE];
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
    char parameters[FPS__WORKBENCH_PARAMETERS];
    FPS__ARRAY(fps__workbench_known) known; /* sorted */
} fps__workbench_plan;

void fps__workbench_parameters(char parameters[FPS__WORKBENCH_PARAMETERS]);

typedef struct fps__workbench_diagnostic {
    struct fps__workbench_diagnostic *next;
    fps_diagnostic diagnostic;
} fps__workbench_diagnostic;

/* One file to read, or the loose files of one folder, or a repository, and what came of it. */
typedef struct fps__workbench_job {
    const char *path;             /* file, folder of loose files, or repository */
    bool is_history;              /* a history file, a repository or a source archive */
    struct fps__history *history; /* that was read; NULL: none */
    const char *const *files;     /* loose files below `path`, sorted, relative; NULL for a single file */
    size_t file_count;
    fps__arena arena;                       /* owns the records */
    fps__workbench_build *builds;           /* in the order in which they began */
    fps__workbench_diagnostic *diagnostics; /* in order */
    fps_status status;
    fps_error error;
    bool done;
} fps__workbench_job;

/* Reads one job. What cannot be read is a diagnostic. job->status is FPS_ERROR_MEMORY, or FPS_ERROR_LIMIT
 * when one package has more objects or features than a record holds. */
void fps__workbench_read(const fps__workbench_plan *plan, fps__workbench_job *job);
void fps__workbench_job_clear(fps__workbench_job *job);

/* SHA-256 of the parts, one behind the other. FPS_ERROR_MEMORY. */
fps_status fps__workbench_digest(const fps__span *parts, size_t count, uint8_t digest[FPS__SHA256_SIZE]);
/* Reads a whole file into memory that the caller frees. */
fps_status fps__workbench_read_file(const char *path, fps__span *data, fps_error *error);

/* ---- the database ---- */

typedef enum fps__workbench_statement {
    FPS__WORKBENCH_BEGIN,
    FPS__WORKBENCH_COMMIT,
    FPS__WORKBENCH_ROLLBACK,
    FPS__WORKBENCH_DATA_VERSION,
    FPS__WORKBENCH_FIND_BUILD,
    FPS__WORKBENCH_DELETE_TEXTS,
    FPS__WORKBENCH_DELETE_OBJECTS,
    FPS__WORKBENCH_DELETE_BUILD,
    FPS__WORKBENCH_INSERT_BUILD,
    FPS__WORKBENCH_INSERT_OBJECT,
    FPS__WORKBENCH_INSERT_FEATURE,
    FPS__WORKBENCH_INSERT_TEXT,
    FPS__WORKBENCH_INSERT_COMPONENT,
    FPS__WORKBENCH_FIND_SET,
    FPS__WORKBENCH_INSERT_SET,
    FPS__WORKBENCH_INSERT_LIST,
    FPS__WORKBENCH_INSERT_GROUP,
    FPS__WORKBENCH_INSERT_TEMPLATE,
    FPS__WORKBENCH_FIND_COMPONENT,
    FPS__WORKBENCH_FIND_HISTORY,
    FPS__WORKBENCH_DELETE_HISTORY,
    FPS__WORKBENCH_DELETE_HISTORY_SOURCES,
    FPS__WORKBENCH_DELETE_HISTORY_RELEASES,
    FPS__WORKBENCH_DELETE_HISTORY_UNITS,
    FPS__WORKBENCH_DELETE_HISTORY_TEXTS,
    FPS__WORKBENCH_DELETE_HISTORY_NAMES,
    FPS__WORKBENCH_INSERT_HISTORY,
    FPS__WORKBENCH_INSERT_HISTORY_SOURCE,
    FPS__WORKBENCH_INSERT_HISTORY_RELEASE,
    FPS__WORKBENCH_INSERT_HISTORY_UNIT,
    FPS__WORKBENCH_INSERT_HISTORY_LIST,
    FPS__WORKBENCH_FIND_HISTORY_LIST,
    FPS__WORKBENCH_READ_HISTORY_LIST,
    FPS__WORKBENCH_INSERT_HISTORY_TEXT,
    FPS__WORKBENCH_INSERT_HISTORY_NAME,
    FPS__WORKBENCH_INSERT_PATCH_FUNCTION,
    FPS__WORKBENCH_STATEMENTS,
} fps__workbench_statement;

struct fps_workbench {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *statements[FPS__WORKBENCH_STATEMENTS];
    fps__catalogue catalogue;
    fps__key_map
        keys; /* of every feature row to its id, once keys_loaded; SQLite would write a random page a key */
    bool keys_loaded;
    int64_t data_version;  /* of SQLite when the keys were loaded: changes when another program writes */
    bool logging;          /* SQLite's write-ahead log is on */
    uint32_t next_feature; /* id of the next feature row */
};

/* Where the facts of a component come from; a smaller number wins. */
enum { FPS__WORKBENCH_FROM_CATALOGUE = 0, FPS__WORKBENCH_FROM_SET = 1, FPS__WORKBENCH_FROM_HAND = 2 };

/* Opens the file, which may be a stranger's, and makes the tables of a new one. */
fps_status fps__workbench_open_database(fps_workbench *workbench, bool create, fps_error *error);
/* Turns the write-ahead log on, so that many small transactions need no sync each. A crash of the program
 * loses nothing; a crash of the machine loses the last packages, never the file. The log ends when the
 * workbench is closed. */
fps_status fps__workbench_start_log(fps_workbench *workbench, fps_error *error);
/* Checks a database that is open already, and makes the tables of an empty one. */
fps_status fps__workbench_check_database(fps_workbench *workbench, fps_error *error);
/* A failed reservation or push as a failure with a message: FPS_ERROR_MEMORY, or FPS_ERROR_LIMIT for more
 * than the maximum of `what` in the file at `path`. FPS_OK stays FPS_OK. */
fps_status fps__workbench_reserved(fps_status status, const char *path, const char *what, fps_error *error);
/* A failure of SQLite in words: FPS_ERROR_IO, FPS_ERROR_CORRUPT, FPS_ERROR_FORMAT or FPS_ERROR_MEMORY. */
fps_status fps__workbench_fail(const fps_workbench *workbench, fps_error *error);
/* A value in the file is damaged, `what` says which; FPS_ERROR_MEMORY where SQLite had no memory to give it. */
fps_status fps__workbench_damaged(const fps_workbench *workbench, const char *what, fps_error *error);
fps_status fps__workbench_execute(fps_workbench *workbench, const char *sql, fps_error *error);
fps_status fps__workbench_prepare(fps_workbench *workbench, const char *sql, sqlite3_stmt **statement,
                                  fps_error *error);
/* The prepared statement, reset and without bindings. NULL without memory or with a damaged schema. */
sqlite3_stmt *fps__workbench_statement_get(fps_workbench *workbench, fps__workbench_statement which,
                                           fps_error *error);
/* Steps a statement that gives no rows, and resets it. */
fps_status fps__workbench_run(fps_workbench *workbench, sqlite3_stmt *statement, fps_error *error);
fps_status fps__workbench_run_named(fps_workbench *workbench, fps__workbench_statement which,
                                    fps_error *error);
/* Ends a transaction: commits when `status` is FPS_OK, else rolls back and forgets keys that may be gone. */
fps_status fps__workbench_end(fps_workbench *workbench, fps_status status, fps_error *error);
void fps__workbench_bind_text(sqlite3_stmt *statement, int index, const char *text);
/* Column text, never NULL; until the next step. */
const char *fps__workbench_text(sqlite3_stmt *statement, int column);

/* Feature lists as they are stored: zigzag varints of the differences between row ids. `out` has room for 5
 * bytes an id. */
size_t fps__workbench_encode(uint8_t *out, const uint32_t *ids, size_t count);
/* False unless the list holds exactly `count` ids, each in 1..limit-1. */
bool fps__workbench_decode(const uint8_t *list, size_t size, uint32_t *ids, size_t count, uint32_t limit);

fps_status fps__workbench_load_keys(fps_workbench *workbench, fps_error *error);
fps_status fps__workbench_insert_build(fps_workbench *workbench, const fps__workbench_facts *facts,
                                       int64_t *id, fps_error *error);
/* Begins a transaction in which rows are written, with the keys up to date. fps__workbench_end ends it. */
fps_status fps__workbench_begin(fps_workbench *workbench, fps_error *error);
/* Row ids of features; new ones are inserted. Inside a transaction. */
fps_status fps__workbench_resolve(fps_workbench *workbench, const fps__corpus_feature *features, size_t count,
                                  uint32_t *rows, fps_error *error);
/* Writes one build in its own transaction, in place of one of the same digest. */
fps_status fps__workbench_write(fps_workbench *workbench, const fps__workbench_build *build, bool *replaced,
                                fps_error *error);
/* Facts of one component from `origin`; releases is a text of words. */
fps_status fps__workbench_write_component(fps_workbench *workbench, const fps__catalogue_component *component,
                                          int origin, fps_error *error);

/* Loads everything for compile, in an order that does not depend on the order of adding. */
fps_status fps__workbench_load(fps_workbench *workbench, fps__corpus *corpus, fps_error *error);
void fps__corpus_free(fps__corpus *corpus);

/* Says of each component what the set that was made of `corpus` learnt. FPS_ERROR_MEMORY. */
fps_status fps__workbench_say_learnt(const fps__corpus *corpus, const fps__set_model *model,
                                     const fps_workbench_compile_options *options, fps_error *error);

#endif
