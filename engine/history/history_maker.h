/* Makes a history release by release: what each file gives is kept by its id, so that it is read once.
 *
 *   fps__maker_open(&maker, &options, error)
 *   fps__maker_source(&maker, where, commit, date)
 *   for each release, oldest first:
 *       fps__maker_begin(&maker, version, tag, date, error)
 *       fps__maker_wants, fps__maker_file for each file, fps__maker_end
 *   fps__maker_finish(&maker, error), fps__maker_close
 */
#ifndef FPS_HISTORY_HISTORY_MAKER_H
#define FPS_HISTORY_HISTORY_MAKER_H

#include "history/history.h"
#include "history/history_lex.h"
#include "util/table.h"

#include <regex.h>

enum {
    FPS__MAKER_ID = 32,           /* bytes of a file's id: a digest of its bytes */
    FPS__MAKER_FILE = 6 << 20,    /* bytes of the longest file that is read */
    FPS__MAKER_ENTRIES = 2000000, /* most files of one release */
    FPS__MAKER_FILES = 4000000,   /* most different files */
    FPS__MAKER_ITEMS = 1 << 28,   /* most facts of all files */
    FPS__MAKER_TEMPLATES = 8,     /* most texts that one macro makes */
};
#define FPS__MAKER_BYTES  ((uint64_t)64 << 30) /* most bytes read of one history */
#define FPS__MAKER_MEMORY ((size_t)4 << 30)    /* most bytes of texts kept */

/* Strings, each once, by ids from 1. */
typedef struct fps__maker_string {
    const char *text; /* followed by a NUL */
    uint32_t size;
} fps__maker_string;

typedef struct fps__maker_strings {
    fps__arena arena;
    fps__table table;
    FPS__ARRAY(fps__maker_string) items;
} fps__maker_strings;

/* The id of a string, 0 without memory. */
uint32_t fps__maker_intern(fps__maker_strings *strings, const char *text, size_t size);
/* The same, 0 when it is not there. */
uint32_t fps__maker_find(const fps__maker_strings *strings, const char *text, size_t size);

/* One thing that a file holds. */
typedef struct fps__maker_item {
    uint8_t kind; /* enum fps__lex_kind */
    uint8_t index;
    bool call;
    uint32_t name, text; /* ids of strings; for literals and names `text` is an index of the maker's */
} fps__maker_item;

typedef struct fps__maker_file_facts {
    uint8_t id[FPS__MAKER_ID];
    uint32_t unit, first, count; /* of the items */
    unsigned kind;
    uint32_t release; /* the last in which it was seen, from 1 */
} fps__maker_file_facts;

/* A text or a name, and the releases that hold it. */
typedef struct fps__maker_key {
    uint32_t string; /* id */
    uint32_t own;    /* releases whose version the text holds */
    FPS__ARRAY(fps__history_range) releases;
    FPS__ARRAY(uint32_t) units; /* ascending at the end */
} fps__maker_key;

/* Of a name of a macro: what it is in the release at hand. */
typedef struct fps__maker_macro {
    uint32_t release; /* in which the rest holds, from 1; 0: in all (built in) */
    uint32_t value;   /* id of the parts of its value */
    bool has_value, several;
    uint8_t template_count;
    uint32_t templates[FPS__MAKER_TEMPLATES]; /* ids of the parts of texts that it makes of its arguments */
} fps__maker_macro;

typedef struct fps__maker {
    fps__history *history;
    const fps_history_options *options;
    fps_history_result *result;
    regex_t tag, paths, drop;
    bool has_tag, has_paths, has_drop;
    fps__maker_strings strings; /* texts, names, parts */
    FPS__ARRAY(fps__maker_key) texts;
    FPS__ARRAY(fps__maker_key) names;
    fps__key_map text_of, name_of, unit_of; /* string id to index + 1 */
    fps__key_map text_units;                /* (text, unit) */
    FPS__ARRAY(fps__maker_file_facts) files;
    fps__table file_table;
    FPS__ARRAY(fps__maker_item) items;
    FPS__ARRAY(uint32_t) here;           /* files of the release at hand */
    FPS__ARRAY(fps__maker_macro) macros; /* by string id */
    uint32_t release;                    /* at hand, from 1 */
    uint32_t entries;                    /* of the release at hand */
    uint64_t bytes;                      /* read so far */
    char build_name[256];                /* base name of the file at hand */
    char scratch[FPS__LEX_PARTS + 1];
} fps__maker;

fps_status fps__maker_open(fps__maker *maker, const fps_history_options *options, fps_history_result *result,
                           fps_error *error);
void fps__maker_close(fps__maker *maker);
fps_status fps__maker_source(fps__maker *maker, const char *where, const char *commit, const char *date,
                             fps_error *error);
fps_status fps__maker_begin(fps__maker *maker, const char *version, const char *tag, const char *date,
                            fps_error *error);
/* What the file is read for (history_rules.h), 0: not at all. Counts it. */
unsigned fps__maker_wants(fps__maker *maker, const char *path, unsigned depth);
/* A file of the release. *known: its facts are there, and no bytes are needed. Else fps__maker_read must follow. */
fps_status fps__maker_file(fps__maker *maker, const char *path, unsigned kind,
                           const uint8_t id[FPS__MAKER_ID], bool *known, fps_error *error);
fps_status fps__maker_read(fps__maker *maker, fps__span bytes, fps_error *error);
fps_status fps__maker_end(fps__maker *maker, fps_error *error);
/* Moves everything into maker->history. */
fps_status fps__maker_finish(fps__maker *maker, fps_error *error);
/* What could not be read, and counts as damaged. */
void fps__maker_diagnose(fps__maker *maker, const char *code, const char *path, const char *format, ...)
    FPS_PRINTF(4, 5);
/* A release that may not be what its tag says; it is read all the same. */
void fps__maker_doubt(fps__maker *maker, const char *format, ...) FPS_PRINTF(2, 3);

/* ---- macros, history_macro.c ---- */

/* Knows PRIu64, assert and others that no release defines itself. */
fps_status fps__macro_start(fps__maker *maker);
/* What the files of the release at hand define. */
fps_status fps__macro_define(fps__maker *maker, const fps__maker_item *item);
/* The text of an item of kind JOINED or INVOKE in the release at hand, into maker->scratch; 0: it makes none. `next`
 * counts the texts that one item makes: 0 at first, 0 when there are no more. */
size_t fps__macro_expand(fps__maker *maker, const fps__maker_item *item, unsigned *next);
/* The version that the build file of the release at hand states, in maker->scratch; NULL: none. */
const char *fps__macro_stated_version(fps__maker *maker);
/* Reads configure.ac, CMakeLists.txt or meson.build as definitions of the macros that they make. */
fps_status fps__macro_read_build(fps__span text, const char *base, fps__lex_callback callback, void *user);

/* ---- sources ---- */

/* A release that was found, before they are put in order. */
typedef struct fps__found_release {
    const char *version, *tag, *date, *path; /* `path`: of an archive; NULL: of a repository */
    const void *where;                       /* of the source's own */
    size_t source;
} fps__found_release;

typedef struct fps__found_releases {
    fps__arena arena;
    FPS__ARRAY(fps__found_release) items;
} fps__found_releases;

typedef struct fps__git fps__git;
/* Opens a repository and finds its releases. FPS_ERROR_FORMAT, FPS_ERROR_CORRUPT, FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__git_open(fps__git **git, const char *path, size_t source, fps__maker *maker,
                         fps__found_releases *found, fps_error *error);
fps_status fps__git_read(fps__git *git, const fps__found_release *release, fps__maker *maker,
                         fps_error *error);
void fps__git_free(fps__git *git); /* NULL is fine */

fps_status fps__source_archive_read(const fps__found_release *release, fps__maker *maker, fps_error *error);
/* The date of the newest file in an archive, "" when it has none. */
void fps__source_archive_date(const char *path, char date[16]);

#endif
