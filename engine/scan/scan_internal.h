/* A scan and what its workers share; private to the scan stage. */
#ifndef FPS_SCAN_SCAN_INTERNAL_H
#define FPS_SCAN_SCAN_INTERNAL_H

#include "cache/cache.h"
#include "cache/cache_codec.h"
#include "image/image.h"
#include "image/tree.h"
#include "inventory/inventory.h"
#include "match/match.h"
#include "program/program.h"
#include "result/result_build.h"
#include "scan/target.h"
#include "scan/workers.h"
#include "util/byte_filter.h"
#include "util/clock.h"
#include "util/quota.h"

#include <fpscan/scan.h>
#include <pthread.h>

#define FPS__NO_LAYER UINT32_MAX

/* What one worker keeps from file to file. */
typedef struct fps__scan_worker {
    fps__arena scratch; /* reset after each object */
    fps__arena kept;    /* becomes part of the result */
    fps__match_scratch *match;
    fps__rules_scratch **rules; /* one for each of the scan's rules */
    FPS__ARRAY(fps__rule_hit) rule_hits;
    uint8_t *head_buffer; /* room for a part of a file that may be known */
} fps__scan_worker;

struct fps_scan {
    fps__span ready_rules; /* compiled with the program; {NULL, 0}: none */
    fps__arena arena;      /* options' texts */
    fps_scan_options options;
    FPS__ARRAY(const fps_database *) databases;
    FPS__ARRAY(fps__yara *) yara;
};

/* One file whose bytes were looked at. Everything it points to lives as long as the result. */
typedef struct fps__scanned {
    const char *path;         /* in the target, or in its layer */
    const char *const *links; /* further names, of a directory that was walked */
    size_t link_count;
    uint32_t layer, content; /* place in the layers of the run; FPS__NO_LAYER in a directory */
    uint8_t id[16];          /* keyed digest of its bytes */
    bool visible;            /* in the merged root; set when it is placed */
    fps__analysed_file found;
} fps__scanned;

/* One run. */
typedef struct fps__scan_run {
    fps_scan *scan;
    const char *target;
    fps__target found;    /* what the target is */
    uint64_t deadline_ms; /* of the whole run; 0: none */
    /* What stays in memory until the end of the run is charged before it is kept, so that what is in the target never
     * takes more than --memory. Parts of it: */
    fps__quota captured_left; /* bytes of package databases */
    fps__quota names_left;    /* bytes of entries of layers; the calling thread's */
    fps__matcher *matcher;
    fps__rules **rules;
    size_t rules_count;
    fps__scan_worker *workers;
    unsigned worker_count;
    fps_result *result;
    fps__cache *cache;            /* NULL: none */
    fps__byte_filter part_filter; /* by which files are searched for others inside */
    uint8_t analysis[16];         /* id of what an analysis depends on but the bytes */
    fps__tree *names; /* of the target; NULL for a file, and when there were too many. While a directory is
                         walked it is the walking thread's */
    bool is_directory;
    bool incomplete;    /* some of its names are not there: a layer that could not be read */
    fps__layer *layers; /* of an image or tar, lowest first */
    uint32_t layer_count;
    /* By layer: the first one with the same blob, whose entries and contents it shares. A manifest can name a blob
     * thousands of times. */
    uint32_t *same_as;
    fps__arena
        recalled; /* what the cache gave for whole layers; the calling thread's; becomes part of the result */
    pthread_mutex_t lock; /* guards what follows and, while workers run, the result */
    FPS__ARRAY(fps__scanned) scanned;
    FPS__ARRAY(fps__inventory_file) captured; /* of a directory; paths and bytes in the result's arena */
    bool failed;                              /* memory ran out while results were gathered */
} fps__scan_run;

/* Adds a remark to the result; texts are copied. From any thread. */
void fps__scan_diagnose(fps__scan_run *run, const fps_diagnostic *diagnostic);
/* The same without offset; `user` is the run, for callbacks. */
void fps__scan_diagnose_run(void *user, const fps_diagnostic *diagnostic);
/* Charges the bytes of a package database before they are kept. False when too much is kept already: then there is a
 * diagnostic. From any thread. */
bool fps__scan_may_capture(fps__scan_run *run, const char *path, uint64_t size);
/* Bytes that one file may have: those of --memory that are not kept for other things, and at most the file limit. */
uint64_t fps__scan_file_limit(const fps__scan_run *run);
/* Memory for the names of the target, bytes. */
uint64_t fps__scan_names_memory(const fps__scan_run *run);
/* A partial remark or a note in short. */
void fps__scan_add_diagnostic(fps__scan_run *run, fps_diagnostic_level level, const char *code,
                              const char *path, const char *message);
/* Makes the run end with FPS_ERROR_MEMORY. Thread-safe. */
void fps__scan_fail_memory(fps__scan_run *run);

/* ---- looking at bytes (analyse*.c) ---- */

/* What a file that begins so is (fps__file_kind, FPS__FILE_OPAQUE), under the options of the run. A container that cannot
 * be looked into is a partial diagnostic "unread-container". From any thread. */
unsigned fps__scan_file_kind(fps__scan_run *run, const char *path, uint64_t size, fps__span head);
/* A swap file or a preallocated database may be larger than all the memory there is, and holds one byte again and again.
 * The first says whether a file of `size` bytes that begins so can be one, the second whether it is; it adds the remark. */
bool fps__scan_may_be_preallocated(const fps__scan_run *run, uint64_t size, fps__span head);
bool fps__scan_is_preallocated(void *user, const fps__source_file *file, uint64_t deadline_ms);
/* A place of an object where others may lie. */
enum {
    FPS__INSIDE_NO_OBJECTS = 1,  /* objects there have been read as part of this one */
    FPS__INSIDE_UNEXPLAINED = 2, /* nothing says what the bytes are for: they may not stay unsaid */
    FPS__INSIDE_FILE = 4,        /* the bytes are a file of their own, a member of an ar archive */
};
typedef struct fps__inside_place {
    uint64_t offset, size; /* bytes of the object's data */
    unsigned flags;        /* FPS__INSIDE_ */
    const char *name;      /* of a file, else "" */
} fps__inside_place;
typedef struct fps__inside {
    FPS__ARRAY(fps__inside_place) places; /* the caller frees the items */
} fps__inside;

typedef struct fps__scan_object {
    unsigned kind;   /* FPS__FILE_OBJECT, or FPS__FILE_OBJECT_ARCHIVE, which is one file */
    fps__span bytes; /* what is looked at */
    fps__span file;  /* as it lies in the target: packed, or the same */
    bool told;       /* it has been said that the object is packed */
    uint64_t deadline_ms;
    fps__inside *inside;   /* receives where to look on; NULL: nobody does */
    fps__program *program; /* receives the packages that a program lists, in the worker's kept arena */
} fps__scan_object;
/* Analyses one object. What it finds lives in the worker's kept arena. *incomplete becomes true when the
 * deadline or want of memory ended it: such an answer is not to be kept. False without memory. Called from the worker's thread. */
bool fps__scan_analyse_object(fps__scan_run *run, fps__scan_worker *worker, const fps__scan_object *what,
                              fps__analysed *found, bool *incomplete);
/* All that is in a file of this kind: objects, what archives hold, what either hides, at any depth. */
bool fps__scan_analyse_contents(fps__scan_run *run, fps__scan_worker *worker, unsigned kind, fps__span bytes,
                                uint64_t deadline_ms, fps__analysed_file *found, bool *incomplete);

/* Callbacks of the workers; `user` is the run. */
unsigned fps__scan_wants(void *user, const fps__source_entry *entry, fps__span head);
void fps__scan_analyse(void *user, unsigned worker, const fps__source_entry *entry,
                       const fps__source_content *content, uint64_t deadline_ms);
bool fps__scan_try_cached(void *user, unsigned worker, const fps__source_entry *entry,
                          const fps__source_file *file);
/* The id of everything that an analysis depends on but the bytes. False without memory. */
bool fps__scan_identify(fps__scan_run *run, uint8_t analysis[16]);
/* True when the manifest of the file's package may be asked whether it was shipped so. In a directory a file
 * can be read again for that, in a layer not. */
bool fps__scan_needs_digests(const fps__scan_run *run, const fps__analysed_file *found);
/* What the cache holds of a file's bytes, in `arena`; false when there is nothing. */
bool fps__scan_recall(fps__scan_run *run, const uint8_t id[16], fps__arena *arena, fps__analysed_file *found);
/* Adds digests to what the cache holds of a file; nothing when it holds nothing, or when the bytes that the
 * digests are of are not those of the id any more. */
void fps__scan_keep_digests(fps__scan_run *run, const uint8_t id[16], fps__span bytes,
                            const fps__digests *digests);

/* ---- targets ---- */

/* The options of the workers for this run. */
fps__workers_options fps__scan_worker_options(fps__scan_run *run);
/* The same for a target that is one stream: little of it waits in memory, since it comes in order. */
fps__workers_options fps__scan_stream_workers(fps__scan_run *run,
                                              fps_status (*produce)(void *, fps__workers *, fps_error *),
                                              void *user);
fps_status fps__scan_directory(fps__scan_run *run, const char *target, fps_error *error);
fps_status fps__scan_image(fps__scan_run *run, const char *path, fps__image_kind kind, fps_error *error);
fps_status fps__scan_tar(fps__scan_run *run, const char *path, bool volume, fps_error *error);
/* Opens the layers of a run a second time. */
typedef struct fps__scan_reopen {
    void *user;
    fps_status (*open)(void *user, uint32_t layer, fps__stream **stream, fps_error *error);
    void (*close)(void *user, uint32_t layer, fps__stream *stream);
    bool whiteouts, windows;
} fps__scan_reopen;
/* Merges the layers of a run into its tree. Only then it is known which package databases lie behind links: their layers
 * are read once more for them. */
fps_status fps__scan_merge(fps__scan_run *run, const fps__scan_reopen *reopen, fps_error *error);

/* ---- after the last file ---- */

/* Makes files, findings and remarks of the result out of what was scanned; paths, links and visibility by the
 * tree. */
fps_status fps__scan_assemble(fps__scan_run *run, fps_error *error);
/* Reads the inventories, says who owns what, and finds drift. */
fps_status fps__scan_packages(fps__scan_run *run, fps_error *error);

#endif
