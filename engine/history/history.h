/* A release history: which release's sources hold which texts and names, of one component.
 *
 *   fps__history_make(&sources, count, &options, &history, &error)      from git repositories or archives
 *   fps__history_read(path, &history, &error)                           from a file
 *   fps__history_write(history, path, &error)                           to a file, whole or not at all
 *   fps__history_free(history)
 *
 * Facts are kept, no text: hashes, lengths, base names of files, numbers of releases. The format of the file:
 * signatures/HISTORY.md. One owner at a time.
 */
#ifndef FPS_HISTORY_HISTORY_H
#define FPS_HISTORY_HISTORY_H

#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/version.h"

#include <fpscan/history.h>
#include <fpscan/status.h>

#define FPS__HISTORY_MAGIC "fpscan-history\t1\n"

enum {
    FPS__HISTORY_RELEASES = 4096,       /* most of one history */
    FPS__HISTORY_UNITS = 1 << 20,       /* most of one history */
    FPS__HISTORY_KEYS = 1 << 24,        /* most texts, and most names, of one history */
    FPS__HISTORY_LINE = 1 << 20,        /* bytes of the longest line */
    FPS__HISTORY_NAME = 4096,           /* bytes of the longest name, tag or place */
    FPS__HISTORY_TEXT = 65535,          /* bytes of the longest text */
    FPS__HISTORY_FILE = 1 << 30,        /* unpacked bytes of the longest file */
    FPS__HISTORY_LIST_ITEMS = 64 << 20, /* ranges of all distinct lists of one history */
};

/* What a text is: the sum of these. */
enum {
    FPS__HISTORY_LETTERS = 1,
    FPS__HISTORY_WORDS = 2,
    FPS__HISTORY_OWN_VERSION = 4,
    FPS__HISTORY_CLASSES = 8
};

typedef struct fps__history_source {
    const char *where, *commit, *date; /* never NULL */
} fps__history_source;

typedef struct fps__history_release {
    const char *version, *tag, *date; /* never NULL; the date is YYYY-MM-DD, or "" */
} fps__history_release;

/* One range of indexes, both ends in it. */
typedef struct fps__history_range {
    uint32_t first, last;
} fps__history_range;

/* A list of indexes: ranges [first, first + count) of the history's `ranges`, ascending, with gaps between. */
typedef struct fps__history_list {
    uint32_t first, count;
} fps__history_list;

typedef struct fps__history_text {
    uint64_t hash; /* XXH3-64 of the text up to its first NUL; fps__feature_key makes the key of it */
    uint32_t length;
    uint32_t units, releases; /* indexes in `lists` */
    uint8_t text_class;
} fps__history_text;

typedef struct fps__history_name {
    uint64_t hash; /* XXH3-64 with the seed 's' */
    uint32_t releases;
} fps__history_name;

/* Texts and names are in the order of the file. Each list is there once. */
typedef struct fps__history {
    fps__arena arena; /* of all strings */
    const char *component;
    FPS__ARRAY(fps__history_source) sources;
    FPS__ARRAY(fps__history_release) releases;
    FPS__ARRAY(const char *) units;
    FPS__ARRAY(fps__history_text) texts;
    FPS__ARRAY(fps__history_name) names;
    FPS__ARRAY(fps__history_list) lists;
    FPS__ARRAY(fps__history_range) ranges;
    struct fps__history_lists *interned; /* while it is made */
} fps__history;

/* An empty history; NULL without memory. */
fps__history *fps__history_create(void);
void fps__history_free(fps__history *history); /* NULL is fine */

/* The index of the list that holds these ranges, ascending and with gaps between. FPS_ERROR_LIMIT,
 * FPS_ERROR_MEMORY. */
fps_status fps__history_intern(fps__history *history, const fps__history_range *ranges, size_t count,
                               uint32_t *list);

/* True when the file is called like a history: *.tsv, *.tsv.xz, *.tsv.gz, *.tsv.zst. */
bool fps__history_is_named(const char *path);
/* True when it is also one by its first bytes, or they cannot be read. */
bool fps__history_identify(const char *path);
/* True when the folder is a git repository, bare or with its working tree. */
bool fps__history_is_repository(const char *path);
/* True when the archive holds C sources and neither objects nor packages: one that a release is published
 * as. */
bool fps__history_is_source_archive(fps__span data);

/* Reads a history file. FPS_ERROR_FORMAT: it is none; FPS_ERROR_CORRUPT, FPS_ERROR_LIMIT: the message names
 * the line; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
fps_status fps__history_read(const char *path, fps__history **history, fps_error *error);
/* The same for the unpacked bytes; `name` is for messages. */
fps_status fps__history_parse(fps__span text, const char *name, fps__history **history, fps_error *error);

/* Writes the file under a temporary name and renames it; packs it with xz when `path` ends in .xz.
 * FPS_ERROR_IO, FPS_ERROR_MEMORY: nothing is left behind. */
fps_status fps__history_write(const fps__history *history, const char *path, fps_error *error);
/* The text of the file, unpacked, in memory that the caller frees. FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__history_render(const fps__history *history, char **text, size_t *size, fps_error *error);

/* Makes a history of git repositories and source archives. `options` as in fps_history_make. What could not
 * be read is a diagnostic. FPS_ERROR_NOT_FOUND: there is no release; FPS_ERROR_LIMIT; FPS_ERROR_ARGUMENT;
 * FPS_ERROR_MEMORY. */
fps_status fps__history_make(const fps_history_source *sources, size_t count,
                             const fps_history_options *options, fps__history **history,
                             fps_history_result *result, fps_error *error);

/* The union of several histories of one component: releases by version, in their order. FPS_ERROR_LIMIT,
 * FPS_ERROR_MEMORY. */
fps_status fps__history_merge(const fps__history *const *parts, size_t count, fps__history **merged,
                              fps_error *error);

#endif
