/* The bytes of one file of a layer: its first ones for the visitor to choose by, then what the visitor wants.
 */
#include "image/layer_state.h"
#include "util/error.h"

#include <stdlib.h>

enum {
    ZEROS = 64 * 1024,
    KEPT_MEMORY = 1024 * 1024, /* bytes that are kept for the next file */
    /* Bytes between two hashes, two blocks of each. MD5 and the instructions for SHA wait for themselves in each round, so
     * that a processor works on the next hash meanwhile, if it comes soon enough: 17 % less than one after the other. */
    HASH_STEP = 128,
};
/* Bytes of holes to fill in a layer: they cost nothing to make. */
static const uint64_t most_holes = (uint64_t)1 << 30;

bool fps__layer_hashes_init(fps__layer_hashes *hashes)
{
    static const char *const names[3] = {"MD5", "SHA1", "SHA256"};
    hashes->usable = true;
    for (int i = 0; i < 3; i++) {
        hashes->kinds[i] = EVP_MD_fetch(NULL, names[i], NULL);
        hashes->contexts[i] = EVP_MD_CTX_new();
        if (!hashes->contexts[i])
            return false;
        hashes->usable = hashes->usable && hashes->kinds[i];
    }
    return true;
}

void fps__layer_hashes_free(fps__layer_hashes *hashes)
{
    for (int i = 0; i < 3; i++) {
        EVP_MD_CTX_free(hashes->contexts[i]);
        EVP_MD_free(hashes->kinds[i]);
    }
}

static void hashes_start(fps__layer_hashes *hashes)
{
    for (int i = 0; i < 3 && hashes->usable; i++)
        hashes->usable = EVP_DigestInit_ex(hashes->contexts[i], hashes->kinds[i], NULL) == 1;
}

static void hashes_update(fps__layer_hashes *hashes, fps__span bytes)
{
    for (size_t at = 0; at < bytes.size && hashes->usable; at += HASH_STEP) {
        size_t step = bytes.size - at < HASH_STEP ? bytes.size - at : HASH_STEP;
        for (int i = 0; i < 3; i++)
            hashes->usable =
                hashes->usable && EVP_DigestUpdate(hashes->contexts[i], bytes.data + at, step) == 1;
    }
}

static bool hashes_finish(fps__layer_hashes *hashes, fps__digests *digests)
{
    uint8_t *const places[3] = {digests->md5, digests->sha1, digests->sha256};
    for (int i = 0; i < 3 && hashes->usable; i++)
        hashes->usable = EVP_DigestFinal_ex(hashes->contexts[i], places[i], NULL) == 1;
    return hashes->usable;
}

bool fps__digests_compute(fps__span bytes, fps__digests *digests)
{
    fps__layer_hashes hashes = {.usable = false};
    bool done = fps__layer_hashes_init(&hashes);
    if (done) {
        hashes_start(&hashes);
        hashes_update(&hashes, bytes);
        done = hashes_finish(&hashes, digests);
    }
    fps__layer_hashes_free(&hashes);
    return done;
}

static fps_status keep_digests(fps__layer_reader *reader, fps__content *content)
{
    if (!reader->hashes.usable)
        return FPS_OK;
    fps__digests *digests = fps__arena_alloc(&reader->layer->arena, sizeof *digests);
    if (!digests)
        return fps__fail_memory(reader->error);
    if (!hashes_finish(&reader->hashes, digests))
        return FPS_OK;
    content->digests = digests;
    content->flags |= FPS__CONTENT_DIGESTS;
    return FPS_OK;
}

/* ---- pieces of the file, in order and without holes ---- */

typedef enum piece_state { PIECE_GOT, PIECE_END, PIECE_FAILED, PIECE_HOLES } piece_state;

typedef struct file {
    fps__layer_reader *reader;
    uint64_t size, at; /* at: bytes given so far */
    fps__span block;   /* what is left of the last block, */
    uint64_t start;    /* and where it belongs */
    bool ended;        /* no blocks are left */
} file;

static piece_state next_block(file *from)
{
    const void *data = NULL;
    size_t size = 0;
    la_int64_t offset = 0;
    int got = archive_read_data_block(from->reader->archive, &data, &size, &offset);
    from->block = (fps__span){NULL, 0};
    if (got == ARCHIVE_EOF) {
        from->ended = true;
        from->start = from->size;
        return PIECE_END;
    }
    if (got < ARCHIVE_WARN || offset < 0 || (uint64_t)offset < from->at)
        return PIECE_FAILED;
    from->block = (fps__span){data, size};
    from->start = (uint64_t)offset;
    return PIECE_GOT;
}

/* The next bytes; a hole comes as zeros. */
static piece_state next_piece(file *from, fps__span *piece)
{
    static const uint8_t zeros[ZEROS];
    uint64_t left = from->size - from->at;
    if (!left)
        return PIECE_END; /* without a look at the padding, which may be missing */
    while (!from->ended && !from->block.size)
        if (next_block(from) == PIECE_FAILED)
            return PIECE_FAILED;
    if (from->start > from->at) {
        uint64_t hole = from->start - from->at;
        hole = hole < left ? hole : left;
        if (hole > most_holes - from->reader->holes)
            return PIECE_HOLES;
        piece->data = zeros;
        piece->size = hole < ZEROS ? (size_t)hole : ZEROS;
        from->reader->holes += piece->size;
    } else {
        *piece = from->block;
        piece->size = piece->size < left ? piece->size : (size_t)left;
        from->block.data += piece->size;
        from->block.size -= piece->size;
        from->start += piece->size;
    }
    from->at += piece->size;
    return PIECE_GOT;
}

/* ---- what the visitor wants ---- */

typedef struct taking {
    fps__span copied; /* the beginning, when it came in more than one piece */
    fps__span piece;  /* what comes behind it */
    unsigned wanted;
    bool mixed;    /* bytes that differ from the first were seen */
    uint8_t first; /* of the file */
    uint64_t used; /* bytes in the reader's content */
} taking;

/* The first bytes, without copying where they come in one piece. */
static piece_state read_head(file *from, taking *take, fps__span *head)
{
    fps__layer_reader *reader = from->reader;
    size_t wanted = from->size < FPS__SOURCE_HEAD ? (size_t)from->size : FPS__SOURCE_HEAD, used = 0;
    *take = (taking){.copied = {reader->head, 0}};
    *head = (fps__span){reader->head, 0};
    while (used < wanted) {
        fps__span *piece = &take->piece;
        piece_state state = next_piece(from, piece);
        if (state != PIECE_GOT)
            return state == PIECE_END ? PIECE_FAILED : state;
        if (!used && piece->size >= wanted) {
            *head = (fps__span){piece->data, wanted};
            return PIECE_GOT;
        }
        size_t part = piece->size < wanted - used ? piece->size : wanted - used;
        memcpy(reader->head + used, piece->data, part);
        used += part;
        piece->data += part;
        piece->size -= part;
    }
    take->copied.size = head->size = used;
    return PIECE_GOT;
}

static void take_piece(fps__layer_reader *reader, taking *take, fps__span piece)
{
    if (take->wanted & FPS__WANT_DIGESTS)
        hashes_update(&reader->hashes, piece);
    if ((take->wanted & FPS__WANT_PADDING) && piece.size)
        take->mixed |=
            piece.data[0] != take->first || memcmp(piece.data, piece.data + 1, piece.size - 1) != 0;
    if (!(take->wanted & FPS__WANT_BYTES) || !piece.size)
        return;
    memcpy((uint8_t *)reader->content.memory + take->used, piece.data, piece.size);
    take->used += piece.size;
}

static piece_state take_all(file *from, taking *take)
{
    fps__layer_reader *reader = from->reader;
    piece_state state = PIECE_GOT;
    take_piece(reader, take, take->copied);
    for (fps__span piece = take->piece; state == PIECE_GOT; state = next_piece(from, &piece))
        take_piece(reader, take, piece);
    return state == PIECE_END && from->at < from->size ? PIECE_FAILED : state;
}

static bool make_room(fps__source_content *content, uint64_t size)
{
    if (content->memory && size <= content->capacity)
        return true;
    fps__source_release(content);
    if (size >= SIZE_MAX)
        return false;
    content->capacity = size ? (size_t)size : 1;
    content->memory = malloc(content->capacity);
    return content->memory;
}

static void lose(fps__layer_reader *reader, const fps__layer_entry *entry)
{
    reader->layer->contents.items[entry->content].flags |= FPS__CONTENT_LOST;
    if (reader->visitor->lost)
        reader->visitor->lost(reader->visitor->user, entry);
}

static fps_status give_bytes(fps__layer_reader *reader, const fps__layer_entry *entry)
{
    fps__source_content *content = &reader->content;
    content->bytes = (fps__span){content->memory, (size_t)entry->size};
    fps_status status = reader->visitor->bytes(reader->visitor->user, reader->layer, entry, content);
    if (content->capacity > KEPT_MEMORY)
        fps__source_release(content);
    return status;
}

/* Reads what is wanted of the file. `state` says how that ended. */
static fps_status take_wanted(file *from, taking *take, size_t index, piece_state *state)
{
    fps__layer_reader *reader = from->reader;
    const fps__layer_entry *entry = &reader->layer->entries.items[index];
    bool too_large = (take->wanted & FPS__WANT_BYTES) && entry->size > reader->options.file_limit;
    if (too_large) {
        fps__layer_diagnose(reader, FPS__LAYER_LIMIT, entry->path, "a file is larger than the limit");
        lose(reader, entry);
        take->wanted &= ~(unsigned)FPS__WANT_BYTES;
    }
    if ((take->wanted & FPS__WANT_BYTES) && !make_room(&reader->content, entry->size)) {
        lose(reader, entry);
        return fps__fail_memory(reader->error);
    }
    if (take->wanted & FPS__WANT_DIGESTS)
        hashes_start(&reader->hashes);
    *state = take->wanted ? take_all(from, take) : PIECE_END;
    if (*state != PIECE_END) {
        if (take->wanted & FPS__WANT_BYTES)
            lose(reader, entry);
        return FPS_OK;
    }
    fps_status status = FPS_OK;
    if (take->wanted & FPS__WANT_DIGESTS)
        status = keep_digests(reader, &reader->layer->contents.items[entry->content]);
    if (status && (take->wanted & FPS__WANT_BYTES))
        lose(reader, entry);
    return status || !(take->wanted & FPS__WANT_BYTES) ? status : give_bytes(reader, entry);
}

fps_status fps__layer_read_file(fps__layer_reader *reader, size_t index, bool *failed)
{
    const fps__layer_entry *entry = &reader->layer->entries.items[index];
    file from = {.reader = reader, .size = entry->size};
    taking take;
    fps__span head;
    fps_status status = FPS_OK;
    piece_state state = read_head(&from, &take, &head);
    if (state == PIECE_GOT) {
        take.wanted = reader->visitor->wants(reader->visitor->user, entry, head);
        take.first = head.size ? head.data[0] : 0;
        state = PIECE_END;
        reader->passing_over = !(take.wanted & FPS__WANT_BYTES);
        if (take.wanted)
            status = take_wanted(&from, &take, index, &state);
    } else {
        reader->layer->contents.items[entry->content].flags |= FPS__CONTENT_LOST;
    }
    if (take.mixed)
        fps__layer_diagnose(
            reader, FPS__LAYER_LIMIT, entry->path,
            "a file that begins with a page of one byte goes on with others, and is too large to look at");
    if (state == PIECE_HOLES)
        fps__layer_diagnose(reader, FPS__LAYER_LIMIT, entry->path, "holes of more than 1 GiB");
    *failed = state == PIECE_FAILED;
    if (!*failed && !status)
        *failed = archive_read_data_skip(reader->archive) < ARCHIVE_WARN && !fps__layer_lacks_padding(reader);
    reader->passing_over = false;
    return status;
}
