/* One layer, or a plain root, as a list of entries; and the reader that makes it from a tar stream.
 *
 *   fps__layer_read(&layer, stream, &options, &visitor, &error)
 *   ... layer.entries in the order of the tar; regular files have a place in layer.contents ...
 *   fps__layer_free(&layer)
 *
 * Paths are normalised: they start with '/', have no ".", "..", empty parts or trailing '/'. A name that
 * would leave the root is an entry below the root and a diagnostic. Names are bytes, not UTF-8.
 */
#ifndef FPS_IMAGE_LAYER_H
#define FPS_IMAGE_LAYER_H

#include "archive/stream.h"
#include "source/source.h"
#include "util/arena.h"
#include "util/array.h"

#define FPS__NO_CONTENT UINT32_MAX
enum { FPS__LAYER_PATH = 4097 }; /* bytes: a name of 4,096 and its '/', the longest path there is */

typedef enum fps__entry_type {
    FPS__ENTRY_FILE = 0, /* regular */
    FPS__ENTRY_DIRECTORY,
    FPS__ENTRY_SYMLINK,
    FPS__ENTRY_HARDLINK,
    FPS__ENTRY_OTHER,    /* device, pipe, socket */
    FPS__ENTRY_WHITEOUT, /* `path` is what it removes */
    FPS__ENTRY_OPAQUE,   /* `path` is the directory whose lower children it hides */
} fps__entry_type;

typedef struct fps__layer_entry {
    const char *path;
    const char *target; /* SYMLINK: as written; HARDLINK: normalised path; else NULL */
    uint64_t size;      /* bytes of a regular file */
    uint32_t mode;      /* permission bits */
    uint32_t content;   /* index into contents, FPS__NO_CONTENT unless a regular file */
    fps__entry_type type;
} fps__layer_entry;

/* What packages' manifests are compared with. */
typedef struct fps__digests {
    uint8_t md5[16], sha1[20], sha256[32];
} fps__digests;
/* Computes all of them. False without memory, or where the library of hashes has none of them. Thread-safe. */
bool fps__digests_compute(fps__span bytes, fps__digests *digests);

/* The bytes of one regular file. */
enum {
    FPS__CONTENT_ANALYSED = 1, /* an object or archive: `id` says which */
    FPS__CONTENT_DIGESTS = 2,  /* `digests` is set */
    FPS__CONTENT_CAPTURED = 4, /* `captured` holds all of it, for the inventories */
    FPS__CONTENT_LOST = 8,     /* wanted and not had: there is a diagnostic */
    FPS__CONTENT_SKIPPED = 16, /* left out by the patterns, under the name of its entry */
};
typedef struct fps__content {
    uint64_t size;
    unsigned flags;
    uint8_t id[16];              /* keyed digest, as the result cache computes it */
    const fps__digests *digests; /* in the layer's arena */
    fps__span captured;          /* in the layer's arena */
} fps__content;

typedef struct fps__layer {
    fps__arena arena;
    FPS__ARRAY(fps__layer_entry) entries;
    FPS__ARRAY(fps__content) contents;
    /* of reading the tar; texts in the arena; path inside the layer or NULL */
    FPS__ARRAY(fps_diagnostic) diagnostics;
} fps__layer;
void fps__layer_free(fps__layer *layer);
/* Bytes of memory that its entries and their names need. */
uint64_t fps__layer_memory(const fps__layer *layer);

/* What the reader of a layer is to do with a regular file. */
enum {
    FPS__WANT_BYTES = 1, /* give all bytes to `bytes` */
    FPS__WANT_PADDING =
        4, /* see whether all bytes are the same: if not, that is a partial diagnostic "layer-limit" */
    FPS__WANT_DIGESTS = 2, /* compute md5, sha1 and sha256 while they pass */
};
typedef struct fps__layer_visitor {
    void *user;
    /* Called for each regular file with its first bytes (FPS__SOURCE_HEAD, or all). May block until there is
     * memory for entry->size bytes. FPS__WANT_ bits. Asked for files above the file limit too: of those only
     * digests can be had. */
    unsigned (*wants)(void *user, const fps__layer_entry *entry, fps__span head);
    /* All bytes of a file of which bytes were wanted, its digests already in its content; may take
     * `content->memory` over by zeroing *content. A failure ends the reading with it. */
    fps_status (*bytes)(void *user, fps__layer *layer, const fps__layer_entry *entry,
                        fps__source_content *content);
    /* The bytes of a wanted file are not to be had after all (the tar is damaged, the file too large). May be
     * NULL. */
    void (*lost)(void *user, const fps__layer_entry *entry);
    bool (*interrupted)(void *user); /* true to stop early; may be NULL */
} fps__layer_visitor;

typedef struct fps__layer_options {
    bool whiteouts; /* .wh. names have their meaning (OCI layers), and eStargz' landmarks are left out; false:
                       they are names */
    bool windows;   /* Files/ is the root, Hives/ stays beside it as /Hives; names are compared as they are */
    uint64_t entries;             /* most entries; 0: 4,000,000 */
    uint64_t memory;              /* most bytes of entries and their names; 0: 1 GiB */
    uint64_t file_limit;          /* most bytes of a wanted file; a larger one is lost; 0: 4 GiB */
    const char *const *skip_dirs; /* globs as in source.h: such files are entries, never wanted */
    const char *const *skip_files;
} fps__layer_options;

/* `options` and `error` may be NULL. Reads the stream to its end (also behind the end of the tar, where
 * anything but zeros is a partial diagnostic "trailing-data"). Faults of the tar are diagnostics in `layer`,
 * partial where bytes were lost: "truncated-layer", "no-end-mark" (a note: all entries are whole),
 * "damaged-layer", "layer-limit", "path-escape" (a note), "duplicate-path" (a note), "bad-whiteout" (a note),
 * "name-too-long" (a note: over 4,096 bytes, and cut there); of each kind the first 20 and how many more.
 * Returns the stream's failure when it cannot be read on (what was read stays), the visitor's,
 * FPS_ERROR_CANCELLED when interrupted, FPS_ERROR_MEMORY. */
fps_status fps__layer_read(fps__layer *layer, fps__stream *stream, const fps__layer_options *options,
                           const fps__layer_visitor *visitor, fps_error *error);

#endif
