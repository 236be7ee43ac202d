/* Inside of reading a layer. layer_read.c is the driver; below it lie layer_file.c, layer_names.c and, at the
 * bottom, layer_stream.c. */
#ifndef FPS_IMAGE_LAYER_STATE_H
#define FPS_IMAGE_LAYER_STATE_H

#include "image/diagnostics.h"
#include "image/layer.h"
#include "source/source_glob.h"
#include "util/table.h"

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>

enum {
    FPS__TAR_RECORD = 512,                 /* bytes */
    FPS__LAYER_TAIL = 2 * FPS__TAR_RECORD, /* what libarchive may have read ahead of */
};

typedef enum fps__layer_diagnostic {
    FPS__LAYER_TRUNCATED,
    FPS__LAYER_DAMAGED,
    FPS__LAYER_LIMIT,
    FPS__LAYER_NO_END,
    FPS__LAYER_TRAILING,
    FPS__LAYER_ESCAPE,
    FPS__LAYER_DUPLICATE,
    FPS__LAYER_WHITEOUT,
    FPS__LAYER_LONG_NAME,
} fps__layer_diagnostic;

/* Paths of the entries so far, to see duplicates. */
typedef struct fps__layer_names {
    fps__table entries; /* ids: index of the entry, plus one */
    uint64_t seed;      /* of the hash: names are hostile; 0: not yet chosen */
} fps__layer_names;

typedef struct fps__layer_hashes {
    EVP_MD *kinds[3]; /* md5, sha1, sha256 */
    EVP_MD_CTX *contexts[3];
    bool usable; /* the system's policy may forbid one */
} fps__layer_hashes;

typedef struct fps__layer_reader {
    fps__layer *layer;
    fps__stream *stream;
    const fps__layer_visitor *visitor;
    fps__layer_options options; /* without zeros */
    fps_error *error;
    fps__diagnostics diagnostics;
    fps__globs skip_dirs, skip_files;
    fps__layer_names names;
    uint64_t memory; /* of all paths and targets */

    struct archive *archive;
    struct archive_entry *entry; /* of its current header */
    fps__span block;             /* of the stream, as given to the archive reader */
    uint64_t block_start;        /* bytes of the stream before it */
    uint64_t bare_end; /* where the header of an entry without bytes ended; 0 behind other entries */
    uint64_t data_end; /* where in the stream the bytes of the current entry end; padding follows */
    uint8_t tail[FPS__LAYER_TAIL]; /* the bytes before it, at the end */
    bool passing_over;             /* nobody wants the bytes of the current file */
    bool at_end;                   /* of the stream */
    fps_status status;             /* why the stream gives no more */

    fps__layer_hashes hashes;
    fps__source_content content; /* memory for the next file */
    uint64_t holes;              /* bytes of holes that were filled */
    uint8_t head[FPS__SOURCE_HEAD];
    char path[FPS__LAYER_PATH + 1], target[FPS__LAYER_PATH + 1];
} fps__layer_reader;

/* ---- the stream and the diagnostics (layer_stream.c) ---- */

void fps__layer_diagnostics_init(fps__layer_reader *reader);
/* A diagnostic of the layer, at the header that the archive reader is at. `message` may be NULL: that of its
 * kind. */
void fps__layer_diagnose(fps__layer_reader *reader, fps__layer_diagnostic kind, const char *path,
                         const char *message);
/* Makes the next block of the stream the reader's. False at the end of the stream, and when it fails
 * (reader->status). */
bool fps__layer_next_block(fps__layer_reader *reader);
/* The callback by which libarchive reads; `user` is the reader. */
la_ssize_t fps__layer_read_block(struct archive *archive, void *user, const void **data);
/* True when the bytes [from, to) of the stream are still in memory, in the tail or the block, and all zero. */
bool fps__layer_is_zero(const fps__layer_reader *reader, uint64_t from, uint64_t to);
/* True when the stream ended in the padding behind the bytes of the last entry: nothing of it is missing. */
bool fps__layer_lacks_padding(const fps__layer_reader *reader);

/* ---- names (layer_names.c) ---- */

typedef enum fps__layer_kind {
    FPS__KIND_ENTRY,
    FPS__KIND_WHITEOUT,
    FPS__KIND_OPAQUE,
    FPS__KIND_BAD_WHITEOUT, /* names nothing that could be removed */
    FPS__KIND_METADATA,     /* of aufs */
} fps__layer_kind;

/* Normalises a name of a tar into `path` of FPS__LAYER_PATH + 1 bytes. `escapes`: it would leave the root.
 * False when it is too long: `path` is its beginning. */
bool fps__layer_path(const char *name, bool windows, char *path, bool *escapes);
/* What a normalised path means in a layer; cuts it to what is to be removed or is opaque. */
fps__layer_kind fps__layer_classify(char *path);
/* True when the layer has that path already; else it is remembered as that of the next entry. False also
 * without memory. */
bool fps__layer_names_add(fps__layer_names *names, const fps__layer *layer, const char *path,
                          size_t *earlier);
void fps__layer_names_free(fps__layer_names *names);

/* ---- the bytes of one file (layer_file.c) ---- */

/* Reads the file of entry `index`, which the archive reader is at: asks the visitor, and gives it what it
 * wants. `failed`: nothing more can be read from the archive. The visitor's failure, FPS_ERROR_MEMORY. */
fps_status fps__layer_read_file(fps__layer_reader *reader, size_t index, bool *failed);
/* False without memory. */
bool fps__layer_hashes_init(fps__layer_hashes *hashes);
void fps__layer_hashes_free(fps__layer_hashes *hashes);

#endif
