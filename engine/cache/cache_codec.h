/* Results of one file, and the entries of a layer, as bytes of the result cache and back.
 *
 * Decoding checks every length, count and index: the cache is a file that others may have damaged.
 */
#ifndef FPS_CACHE_CACHE_CODEC_H
#define FPS_CACHE_CACHE_CODEC_H

#include "cache/codec.h"
#include "image/layer.h"

#include <fpscan/result.h>

/* What the analysis of one object's bytes gave: nothing that depends on path, owner, layer or display. */
typedef struct fps__analysed {
    fps_file file; /* size, format, machine, type and code shares alone */
    const fps_finding *findings;
    const fps_component *facts; /* of each finding: id, name, purl, cpe, license, family, role */
    size_t count;
    const fps_diagnostic *diagnostics; /* path: NULL */
    size_t diagnostic_count;
    uint8_t sha1[20]; /* of the bytes, when `has_sha1` */
    bool has_sha1;
} fps__analysed;

/* A file inside an archive, or the file itself (`path` is ""). */
typedef struct fps__analysed_member {
    const char *path; /* "numpy.libs/libx.so", "a.tar!b.so" */
    uint32_t package; /* index into packages, UINT32_MAX */
    fps__analysed analysed;
} fps__analysed_member;

/* All that was found behind one file's bytes. */
typedef struct fps__analysed_file {
    const fps__analysed_member *members;
    size_t count;
    const fps_package *packages; /* that the archive is or has; `location` in it, `parent` among these */
    size_t package_count;
    /* Of a zip archive the fields of META-INF/MANIFEST.MF that can name it, "" without one; NULL for other files. */
    const char *manifest;
    const fps_diagnostic *diagnostics; /* path: inside the archive, NULL: the file itself */
    size_t diagnostic_count;
    fps__digests digests; /* of the whole file, when `has_digests` */
    bool has_digests;
} fps__analysed_file;

/* Appends the bytes to `out`, which the caller frees (out->items); false without memory. Left out, because
 * they depend on where the bytes lie or are for explain: of findings `component`, `file`, `renamed`,
 * `introduced` (UINT32_MAX when read); of version scores all but version, probability and `beyond`; of evidence `file`; of packages `layer`
 * (UINT32_MAX). NULL where the result model has no NULL is kept as "". */
bool fps__analysed_encode(const fps__analysed_file *file, fps__buffer *out);
/* Texts and tables live in `arena`. FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY. */
fps_status fps__analysed_decode(fps__span bytes, fps__arena *arena, fps__analysed_file *file,
                                fps_error *error);

/* Entries, contents (with what was captured for the inventories) and diagnostics, compressed by zstd. What
 * was read is freed with fps__layer_free, after a failure too. */
bool fps__layer_encode(const fps__layer *layer, fps__buffer *out);
fps_status fps__layer_decode(fps__span bytes, fps__layer *layer, fps_error *error);

#endif
