/* The result cache: analyses of files by keyed digest, layers by diff ID, in a SQLite file of the user's
 * cache directory.
 *
 *   fps__cache_open(&cache, folder, limit, &error)
 *   fps__cache_digest(cache, bytes, id)                               XXH3-128 with this cache's secret
 *   fps__cache_get(cache, FPS__CACHE_FILE, &key, &arena, &value)
 *   fps__cache_put(cache, FPS__CACHE_FILE, &key, value)
 *   fps__cache_finish(cache, &error)                                  writes what is pending
 *   fps__cache_close(cache)
 *
 * A key is the digest of the bytes (or a diff ID) together with an analysis id (fps__cache_analysis): the
 * versions of the stages, the digests of all sets and rule files, and the limits in force. Values are whole
 * or absent: each carries a checksum, and one that does not fit is forgotten. Several processes may use one
 * cache; kill -9 at any moment loses nothing but what was pending. Any thread may call get and put. A cache
 * that cannot be used (another owner, writable by others, damaged, made by a newer program) is
 * FPS_ERROR_ARGUMENT, FPS_ERROR_CORRUPT, FPS_ERROR_VERSION or FPS_ERROR_IO at opening and a note in the
 * report, never a failed scan.
 */
#ifndef FPS_CACHE_CACHE_H
#define FPS_CACHE_CACHE_H

#include "util/arena.h"
#include "util/bytes.h"

#include <fpscan/cache.h>

typedef struct fps__cache fps__cache;

typedef enum fps__cache_kind {
    FPS__CACHE_FILE = 0,  /* what one file's bytes hold */
    FPS__CACHE_LAYER = 1, /* the entries of a layer and what was wanted of them */
} fps__cache_kind;

typedef struct fps__cache_key {
    uint8_t digest[32];   /* of the bytes: a keyed digest (16 bytes, the rest zero) or a diff ID */
    uint8_t analysis[16]; /* fps__cache_analysis */
} fps__cache_key;

/* `limit`: most bytes of the file, 0: 2 GiB; what was not used for longest goes when it grows beyond. Makes
 * the folder (0700), the file and its random secret of 192 bytes (0600). */
fps_status fps__cache_open(fps__cache **cache, const char *folder, uint64_t limit, fps_error *error);
/* XXH3-128 of `bytes` under the secret: with the public secret anybody could make two files of one digest.
 * NULL cache: a secret of its own for this process. */
void fps__cache_digest(const fps__cache *cache, fps__span bytes, uint8_t id[16]);
/* The same digest of bytes that come in parts. NULL without memory; finish frees the hash. One thread at a
 * time. */
typedef struct XXH3_state_s fps__cache_hash;
fps__cache_hash *fps__cache_hash_create(const fps__cache *cache);
void fps__cache_hash_add(fps__cache_hash *hash, fps__span bytes);
void fps__cache_hash_finish(fps__cache_hash *hash, uint8_t id[16]);
/* The id of everything that an analysis depends on but the bytes: `text` names it all, one line each. */
void fps__cache_analysis(const char *text, size_t size, uint8_t id[16]);
/* Copies the value into `arena`; false when there is none. */
bool fps__cache_get(fps__cache *cache, fps__cache_kind kind, const fps__cache_key *key, fps__arena *arena,
                    fps__span *value);
/* Takes note of a copy of a value; written in batches. A value above an eighth of the limit or 256 MiB is not
 * kept. The first batch that cannot be written (a full disk, another process that holds the cache) is the last that is
 * tried: nobody waits for each. */
void fps__cache_put(fps__cache *cache, fps__cache_kind kind, const fps__cache_key *key, fps__span value);
/* Writes what is pending. FPS_ERROR_IO, FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY: why some value could not be written or read
 * since the cache was opened; the scan is none the worse for it. One thread, after the last put. NULL is fine. */
fps_status fps__cache_finish(fps__cache *cache, fps_error *error);
void fps__cache_close(fps__cache *cache); /* NULL is fine */

#endif
