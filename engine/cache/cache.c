/* The result cache: digests under its secret, what it holds, and the values that wait to be written. */
#include "cache/cache_internal.h"

#include "util/error.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>
#ifdef __x86_64__
#include <xxh_x86dispatch.h> /* the widest vectors that the processor has: 2 to 3 times the speed */
#endif

enum {
    PENDING_ITEMS = 512,
    PENDING_BYTES = 8 << 20,
    MAX_VALUE = 256 << 20, /* bytes */
    VALUE_SHARE = 8,       /* a value of more than this part of the limit is not kept */
    USED_STEP = 86400,     /* seconds: a last use is written down once a day */
    KEY_BYTES = 56,        /* kind 8, digest 32, analysis 16 */
};

/* Something to write. */
typedef struct pending {
    int64_t id, sum;
    fps__cache_statement what; /* PUT, DROP or TOUCH */
    fps__cache_kind kind;
    uint8_t *value; /* of PUT */
    size_t size;
} pending;

typedef struct batch {
    FPS__ARRAY(pending) items;
    size_t bytes;
} batch;

struct fps__cache {
    uint8_t secret[FPS__CACHE_SECRET];
    uint64_t limit;
    int64_t now; /* seconds since 1970 at opening: last uses are coarse */
    pthread_mutex_t read_lock, write_lock, batch_lock;
    fps__cache_database reader, writer; /* two: whoever writes keeps nobody from reading */
    batch batch;
    /* why the first batch could not be written, and why the first value could not be read; nothing is tried after that */
    fps_status failed, unreadable; /* under write_lock, under read_lock */
    fps_error reason, unreadable_reason;
};

/* ---- digests ---- */

static uint8_t process_secret[FPS__CACHE_SECRET];
static pthread_once_t process_secret_once = PTHREAD_ONCE_INIT;

static void make_process_secret(void)
{
    if (getrandom(process_secret, sizeof process_secret, 0) == (ssize_t)sizeof process_secret)
        return;
    struct timespec now; /* a kernel without randomness: better than the secret that everybody knows */
    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < sizeof process_secret; i += sizeof(uint64_t))
        fps__put64le(process_secret + i, XXH3_64bits_withSeed(&now, sizeof now, i));
}

static void keyed_digest(const uint8_t *secret, fps__span bytes, uint8_t id[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical,
                             XXH3_128bits_withSecret(bytes.data, bytes.size, secret, FPS__CACHE_SECRET));
    memcpy(id, canonical.digest, sizeof canonical.digest);
}

static const uint8_t *secret_of(const fps__cache *cache)
{
    if (!cache)
        pthread_once(&process_secret_once, make_process_secret);
    return cache ? cache->secret : process_secret;
}

void fps__cache_digest(const fps__cache *cache, fps__span bytes, uint8_t id[16])
{
    keyed_digest(secret_of(cache), bytes, id);
}

fps__cache_hash *fps__cache_hash_create(const fps__cache *cache)
{
    fps__cache_hash *hash = XXH3_createState();
    if (hash)
        XXH3_128bits_reset_withSecret(hash, secret_of(cache), FPS__CACHE_SECRET);
    return hash;
}

void fps__cache_hash_add(fps__cache_hash *hash, fps__span bytes)
{
    XXH3_128bits_update(hash, bytes.data, bytes.size);
}

void fps__cache_hash_finish(fps__cache_hash *hash, uint8_t id[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(hash));
    memcpy(id, canonical.digest, sizeof canonical.digest);
    XXH3_freeState(hash);
}

void fps__cache_analysis(const char *text, size_t size, uint8_t id[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(text, size));
    memcpy(id, canonical.digest, sizeof canonical.digest);
}

/* A key as bytes, with room behind it for the digest of its value. */
typedef struct key_text {
    uint8_t bytes[KEY_BYTES + 16];
} key_text;

static int64_t key_id(const fps__cache *cache, fps__cache_kind kind, const fps__cache_key *key,
                      key_text *text)
{
    fps__put64le(text->bytes, (uint64_t)kind);
    memcpy(text->bytes + 8, key->digest, sizeof key->digest);
    memcpy(text->bytes + 8 + sizeof key->digest, key->analysis, sizeof key->analysis);
    return (int64_t)XXH3_64bits_withSecret(text->bytes, KEY_BYTES, cache->secret, FPS__CACHE_SECRET);
}

/* The checksum of key and value: a row that was filed under another key does not fit either. */
static int64_t checksum(const fps__cache *cache, key_text *text, fps__span value)
{
    keyed_digest(cache->secret, value, text->bytes + KEY_BYTES);
    return (int64_t)XXH3_64bits_withSecret(text->bytes, sizeof text->bytes, cache->secret, FPS__CACHE_SECRET);
}

/* ---- writing ---- */

static void batch_free(batch *b)
{
    for (size_t i = 0; i < b->items.count; i++)
        free(b->items.items[i].value);
    free(b->items.items);
    *b = (batch){.bytes = 0};
}

static bool write_item(fps__cache *cache, const pending *item)
{
    sqlite3_stmt *statement = fps__cache_prepare(&cache->writer, item->what);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, item->id);
    sqlite3_bind_int64(statement, 2, item->sum);
    if (item->what != FPS__CACHE_DROP)
        sqlite3_bind_int64(statement, 3, cache->now);
    if (item->what == FPS__CACHE_PUT) {
        sqlite3_bind_int64(statement, 4, item->kind);
        sqlite3_bind_blob64(statement, 5, item->value, item->size, SQLITE_STATIC);
    }
    bool good = fps__cache_step(statement);
    sqlite3_clear_bindings(statement);
    return good;
}

/* Keeps what SQLite says of the last call. */
static void note_failure(fps__cache *cache)
{
    cache->failed = fps__cache_fail(&cache->writer, &cache->reason);
}

static void write_batch(fps__cache *cache, const batch *b)
{
    uint8_t secret[FPS__CACHE_SECRET];
    uint64_t bytes, used;
    if (!b->items.count || cache->failed != FPS_OK)
        return;
    if (!fps__cache_run(&cache->writer, FPS__CACHE_BEGIN)) {
        note_failure(cache);
        return;
    }
    bool good = fps__cache_read_secret(&cache->writer, secret);
    if (good && memcmp(secret, cache->secret, sizeof secret) != 0) {
        /* the cache was emptied by a newer program, and nobody could find these values */
        fps__cache_run(&cache->writer, FPS__CACHE_ROLLBACK);
        return;
    }
    for (size_t i = 0; i < b->items.count && good; i++)
        good = write_item(cache, &b->items.items[i]);
    if (!good || !fps__cache_run(&cache->writer, FPS__CACHE_COMMIT)) {
        note_failure(cache);
        fps__cache_run(&cache->writer, FPS__CACHE_ROLLBACK);
        return;
    }
    if (fps__cache_size(&cache->writer, &bytes, &used) && bytes > cache->limit)
        fps__cache_shrink(&cache->writer, cache->limit / 10 * 9);
}

/* Writes all that waits when it is enough, or when `all` is set. */
static void flush(fps__cache *cache, bool all)
{
    batch taken = {.bytes = 0};
    pthread_mutex_lock(&cache->batch_lock);
    if (all || cache->batch.items.count >= PENDING_ITEMS || cache->batch.bytes >= PENDING_BYTES) {
        taken = cache->batch;
        cache->batch = (batch){.bytes = 0};
    }
    pthread_mutex_unlock(&cache->batch_lock);
    if (!taken.items.count)
        return;
    pthread_mutex_lock(&cache->write_lock);
    write_batch(cache, &taken);
    pthread_mutex_unlock(&cache->write_lock);
    batch_free(&taken);
}

/* Takes `item` with its value. */
static void add_pending(fps__cache *cache, pending item)
{
    pthread_mutex_lock(&cache->batch_lock);
    bool room = FPS__ARRAY_PUSH(&cache->batch.items, &item, SIZE_MAX) == FPS_OK;
    if (room)
        cache->batch.bytes += item.size;
    pthread_mutex_unlock(&cache->batch_lock);
    if (room)
        flush(cache, false);
    else
        free(item.value);
}

void fps__cache_put(fps__cache *cache, fps__cache_kind kind, const fps__cache_key *key, fps__span value)
{
    key_text text;
    if (value.size > MAX_VALUE || value.size > cache->limit / VALUE_SHARE)
        return;
    uint8_t *copy = malloc(value.size ? value.size : 1);
    if (!copy)
        return;
    if (value.size)
        memcpy(copy, value.data, value.size);
    int64_t id = key_id(cache, kind, key, &text);
    add_pending(cache, (pending){.id = id,
                                 .sum = checksum(cache, &text, value),
                                 .what = FPS__CACHE_PUT,
                                 .kind = kind,
                                 .value = copy,
                                 .size = value.size});
}

/* ---- reading ---- */

typedef struct row {
    uint8_t *value; /* in the caller's arena */
    size_t size;
    int64_t sum, used;
} row;

static bool copy_value(fps__arena *arena, const void *bytes, size_t size, row *found)
{
    found->value = fps__arena_alloc(arena, size);
    if (found->value && size)
        memcpy(found->value, bytes, size);
    found->size = size;
    return found->value != NULL;
}

/* Among the values that wait to be written, the last first. */
static bool find_pending(fps__cache *cache, int64_t id, fps__arena *arena, row *found)
{
    bool good = false;
    pthread_mutex_lock(&cache->batch_lock);
    for (size_t i = cache->batch.items.count; i-- && !good;) {
        const pending *item = &cache->batch.items.items[i];
        if (item->id != id || item->what != FPS__CACHE_PUT)
            continue;
        good = copy_value(arena, item->value, item->size, found);
        found->sum = item->sum;
        found->used = cache->now;
    }
    pthread_mutex_unlock(&cache->batch_lock);
    return good;
}

static bool find_row(fps__cache *cache, int64_t id, fps__arena *arena, row *found)
{
    bool good = false;
    pthread_mutex_lock(&cache->read_lock);
    /* after a failure nobody asks again: each question to a cache that another process holds would wait */
    sqlite3_stmt *get =
        cache->unreadable == FPS_OK ? fps__cache_prepare(&cache->reader, FPS__CACHE_GET) : NULL;
    if (get) {
        sqlite3_bind_int64(get, 1, id);
        int got = sqlite3_step(get);
        if (got != SQLITE_ROW && got != SQLITE_DONE)
            cache->unreadable = fps__cache_fail(&cache->reader, &cache->unreadable_reason);
        if (got == SQLITE_ROW) {
            const void *bytes = sqlite3_column_blob(get, 0);
            good = copy_value(arena, bytes, bytes ? (size_t)sqlite3_column_bytes(get, 0) : 0, found);
            found->sum = sqlite3_column_int64(get, 1);
            found->used = sqlite3_column_int64(get, 2);
        }
        sqlite3_reset(get);
    }
    pthread_mutex_unlock(&cache->read_lock);
    return good;
}

bool fps__cache_get(fps__cache *cache, fps__cache_kind kind, const fps__cache_key *key, fps__arena *arena,
                    fps__span *value)
{
    key_text text;
    row found;
    int64_t id = key_id(cache, kind, key, &text);
    if (!find_pending(cache, id, arena, &found) && !find_row(cache, id, arena, &found))
        return false;
    *value = (fps__span){found.value, found.size};
    pending note = {.id = id, .sum = found.sum, .what = FPS__CACHE_TOUCH, .kind = kind};
    bool good = checksum(cache, &text, *value) == found.sum;
    if (!good)
        note.what = FPS__CACHE_DROP;
    if (!good || llabs(cache->now - found.used) >= USED_STEP)
        add_pending(cache, note);
    return good;
}

/* ---- opening and closing ---- */

fps_status fps__cache_open(fps__cache **cache, const char *folder, uint64_t limit, fps_error *error)
{
    *cache = NULL;
    fps__cache *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->limit = limit ? limit : FPS_CACHE_LIMIT;
    made->now = (int64_t)time(NULL);
    pthread_mutex_init(&made->read_lock, NULL);
    pthread_mutex_init(&made->write_lock, NULL);
    pthread_mutex_init(&made->batch_lock, NULL);
    fps_status status = fps__cache_database_open(&made->reader, folder, true, made->secret, error);
    if (status == FPS_OK)
        status = fps__cache_database_open(&made->writer, folder, true, NULL, error);
    if (status != FPS_OK) {
        fps__cache_close(made);
        return status;
    }
    *cache = made;
    return FPS_OK;
}

fps_status fps__cache_finish(fps__cache *cache, fps_error *error)
{
    if (!cache)
        return FPS_OK;
    flush(cache, true);
    fps_status status = cache->failed != FPS_OK ? cache->failed : cache->unreadable;
    if (status != FPS_OK && error)
        *error = cache->failed != FPS_OK ? cache->reason : cache->unreadable_reason;
    return status;
}

void fps__cache_close(fps__cache *cache)
{
    if (!cache)
        return;
    if (cache->writer.db)
        flush(cache, true);
    fps__cache_database_close(&cache->reader);
    fps__cache_database_close(&cache->writer);
    batch_free(&cache->batch);
    pthread_mutex_destroy(&cache->read_lock);
    pthread_mutex_destroy(&cache->write_lock);
    pthread_mutex_destroy(&cache->batch_lock);
    free(cache);
}
