/* A file system or disk that holds a root, in an open file, as the stream of a tar (POSIX ustar, with GNU's long names). */
#include "archive/volume_tar.h"

#include "util/clock.h"
#include "util/error.h"
#include "volume/volume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    WINDOW = 128 * 1024, /* bytes that are read at once for small requests */
    RECORD = 512,
    ROOM = 1024 * 1024,
    MARGIN = 4 * (FPS__VOLUME_PATH + 2 * RECORD), /* the most that the headers of one entry take */
    FREE_OF_RATIO = 64 * 1024 * 1024,
    DEFAULT_RATIO = 200,
    PROBED = 256 * 1024 * 1024, /* bytes that a probe may cost */
    MOST_ENTRIES = 8000000,     /* twice as many as a layer has */
};

/* A larger file is no program, and nearly always a hole (lastlog): its name is given, and what lies in it is said to be unread. */
static const uint64_t MOST_FILE = (uint64_t)4 << 30;

struct fps__volume_tar {
    int fd;
    uint64_t size; /* of the image */
    fps__volume_tar_options options;
    uint64_t spent, most, entries; /* bytes so far, and at most */
    fps__volume_budget budget;
    fps__volume_source source;
    fps__volume *volume;
    uint64_t window_at; /* in the image, plus one; 0: empty */
    size_t window_size;
    uint64_t at, left, padding; /* of the file that goes by */
    bool damaged;               /* the rest of it is zeros */
    bool ended;
    char path[FPS__VOLUME_PATH]; /* of it */
    size_t used;
    uint8_t window[WINDOW], room[ROOM];
};

/* ---- the image ---- */

static fps_status read_at(const fps__volume_tar *t, uint64_t offset, uint8_t *to, size_t size,
                          fps_error *error)
{
    while (size) {
        ssize_t got;
        do
            got = pread(t->fd, to, size, (off_t)offset);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return fps__fail_io(error, NULL, errno, "cannot read");
        if (!got)
            return fps__fail(error, FPS_ERROR_CORRUPT, NULL, offset,
                             "the file became shorter while it was read");
        to += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return FPS_OK;
}

/* Small requests are served from a window, which is moved to where the last one was. */
static fps_status read_image(void *user, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    fps__volume_tar *t = user;
    if (size >= WINDOW / 2)
        return read_at(t, offset, to, size, error);
    uint64_t start = t->window_at - 1;
    if (!t->window_at || offset < start || offset - start > t->window_size ||
        size > t->window_size - (offset - start)) {
        start = offset / RECORD * RECORD;
        t->window_at = 0;
        t->window_size = t->size - start < WINDOW ? (size_t)(t->size - start) : WINDOW;
        fps_status status = read_at(t, start, t->window, t->window_size, error);
        if (status)
            return status;
        t->window_at = start + 1;
    }
    memcpy(to, t->window + (offset - start), size);
    return FPS_OK;
}

static fps_status spend(void *user, uint64_t bytes, uint64_t entries, fps_error *error)
{
    fps__volume_tar *t = user;
    if (fps__deadline_passed(t->options.deadline_ms))
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "the time for the image ran out");
    if (bytes > t->most - t->spent)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "the image of %llu bytes unpacks to more than the limit",
                         (unsigned long long)t->size);
    t->spent += bytes;
    t->entries += entries;
    if (t->entries > MOST_ENTRIES)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %d entries", MOST_ENTRIES);
    return FPS_OK;
}

static fps_status open_image(fps__volume_tar **tar, int fd, uint64_t size,
                             const fps__volume_tar_options *options, uint64_t most, fps_error *error)
{
    fps__volume_tar *t = *tar = calloc(1, sizeof *t);
    if (!t)
        return fps__fail_memory(error);
    t->fd = fd;
    t->size = size;
    t->options = *options;
    t->most = most;
    t->budget = (fps__volume_budget){t, spend};
    t->source = (fps__volume_source){t, read_image, size};
    fps_status status = fps__volume_open_source(&t->volume, &t->source, &t->budget, error);
    if (!status && !fps__volume_choose_root(t->volume))
        status = fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "no root in the image");
    return status;
}

bool fps__volume_tar_probe(int fd, uint64_t size, uint64_t deadline_ms)
{
    fps__volume_tar *t;
    fps__volume_tar_options options = {.deadline_ms = deadline_ms};
    fps_status status = open_image(&t, fd, size, &options, PROBED, NULL);
    fps__volume_tar_free(t);
    return !status;
}

/* ---- the tar ---- */

static void put_octal(uint8_t *at, size_t digits, uint64_t value)
{
    if (value >> (3 * digits)) { /* GNU's form for what is larger: binary, with the first bit set */
        memset(at, 0, digits + 1);
        at[0] = 0x80;
        for (size_t i = digits; i > digits - 8; i--, value >>= 8)
            at[i] = (uint8_t)value;
        return;
    }
    for (size_t i = digits; i-- > 0; value >>= 3)
        at[i] = (uint8_t)('0' + (value & 7));
}

/* One header, of an entry that is complete but for its bytes. */
static void put_header(fps__volume_tar *t, char type, const char *name, const char *target,
                       const fps__volume_entry *entry, uint64_t size)
{
    enum {
        NAME = 100,
        MODE = 100,
        OWNER = 108,
        GROUP = 116,
        SIZE = 124,
        TIME = 136,
        SUM = 148,
        TYPE = 156,
        TARGET = 157,
        MAGIC = 257
    };
    uint8_t *p = t->room + t->used;
    memset(p, 0, RECORD);
    memcpy(p, name, strnlen(name, NAME));
    put_octal(p + MODE, 7, entry->mode & 07777);
    put_octal(p + OWNER, 7, 0);
    put_octal(p + GROUP, 7, 0);
    put_octal(p + SIZE, 11, size);
    put_octal(p + TIME, 11, entry->modified > 0 ? (uint64_t)entry->modified : 0);
    p[TYPE] = (uint8_t)type;
    memcpy(p + TARGET, target, strnlen(target, NAME));
    memcpy(p + MAGIC, "ustar  ", 8);
    memset(p + SUM, ' ', 8);
    uint32_t sum = 0;
    for (size_t i = 0; i < RECORD; i++)
        sum += p[i];
    put_octal(p + SUM, 6, sum);
    p[SUM + 6] = 0;
    t->used += RECORD;
}

/* A name that is too long for a header goes before it, as the bytes of an entry of its own. */
static void put_long(fps__volume_tar *t, char type, const char *text, const fps__volume_entry *entry)
{
    enum { SHORT = 100 };
    size_t size = strlen(text) + 1;
    if (size <= SHORT)
        return;
    put_header(t, type, "././@LongLink", "", entry, size);
    size_t padded = (size + RECORD - 1) / RECORD * RECORD;
    memset(t->room + t->used, 0, padded);
    memcpy(t->room + t->used, text, size);
    t->used += padded;
}

static void tell(const fps__volume_tar *t, const char *path, fps_status status, const fps_error *error)
{
    if (t->options.fault)
        t->options.fault(t->options.user, path, status, error->message);
}

static void put_entry(fps__volume_tar *t, const fps__volume_entry *entry)
{
    static const char types[] = {'0', '5', '2'};
    const char *target = entry->link ? entry->link : entry->type == FPS__VOLUME_SYMLINK ? entry->target : "";
    bool has_bytes = entry->type == FPS__VOLUME_FILE && !entry->link;
    if (entry->type == FPS__VOLUME_OTHER || !*entry->path || (entry->type == FPS__VOLUME_SYMLINK && !*target))
        return;
    if (has_bytes && entry->size > MOST_FILE) {
        fps_error error;
        fps__fail(&error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                  "a file of %llu bytes was not looked at: 4 GiB are the most",
                  (unsigned long long)entry->size);
        tell(t, entry->path, FPS_ERROR_LIMIT, &error);
        has_bytes = false;
    }
    put_long(t, 'K', target, entry);
    put_long(t, 'L', entry->path, entry);
    put_header(t, entry->link ? '1' : types[entry->type], entry->path, target, entry,
               has_bytes ? entry->size : 0);
    t->at = 0;
    t->left = has_bytes ? entry->size : 0;
    t->padding = -t->left & (RECORD - 1);
    t->damaged = false;
    snprintf(t->path, sizeof t->path, "%s", entry->path);
}

/* Puts more bytes of the current file into the room. The failures of all of the volume. */
static fps_status put_bytes(fps__volume_tar *t, size_t room, fps_error *error)
{
    size_t part = t->left < room ? (size_t)t->left : room;
    uint8_t *to = t->room + t->used;
    fps_status status = spend(t, part, 0, error);
    if (status)
        return status;
    if (!t->damaged)
        status = fps__volume_read(t->volume, t->at, to, part, error);
    if (status == FPS_ERROR_LIMIT || status == FPS_ERROR_MEMORY || status == FPS_ERROR_IO)
        return status;
    if (status)
        tell(t, t->path, status, error);
    t->damaged |= status != FPS_OK;
    if (t->damaged)
        memset(to, 0, part);
    t->used += part;
    t->at += part;
    t->left -= part;
    if (!t->left) {
        memset(t->room + t->used, 0, (size_t)t->padding);
        t->used += (size_t)t->padding;
    }
    return FPS_OK;
}

static fps_status put_next(fps__volume_tar *t, fps_error *error)
{
    fps__volume_entry entry;
    fps_status status = fps__volume_next(t->volume, &entry, error);
    if (status == FPS_ERROR_CORRUPT || status == FPS_ERROR_UNSUPPORTED) {
        tell(t, entry.path, status, error);
        return FPS_OK;
    }
    if (status == FPS_ERROR_NOT_FOUND) {
        memset(t->room + t->used, 0, 2 * RECORD);
        t->used += 2 * RECORD;
        t->ended = true;
        return FPS_OK;
    }
    if (!status)
        put_entry(t, &entry);
    return status;
}

static fps_status next_block(void *user, fps__span *block, fps_error *error)
{
    fps__volume_tar *t = user;
    fps_error failure;
    error = error ? error : &failure;
    *block = (fps__span){NULL, 0};
    t->used = 0;
    while (!t->ended && t->used + MARGIN < ROOM) {
        fps_status status = t->left ? put_bytes(t, ROOM - MARGIN - t->used, error) : put_next(t, error);
        if (status)
            return status;
    }
    *block = (fps__span){t->room, t->used};
    return t->used ? FPS_OK : FPS_ERROR_NOT_FOUND;
}

fps_status fps__volume_tar_create(fps__volume_tar **tar, int fd, uint64_t size,
                                  const fps__volume_tar_options *options, fps__stream_input *input,
                                  fps_error *error)
{
    uint64_t ratio = options->ratio ? options->ratio : DEFAULT_RATIO;
    uint64_t most = size < (UINT64_MAX - FREE_OF_RATIO) / ratio ? FREE_OF_RATIO + size * ratio : UINT64_MAX;
    fps_status status = open_image(tar, fd, size, options, most, error);
    if (status) {
        fps__volume_tar_free(*tar);
        *tar = NULL;
        return status;
    }
    *input = (fps__stream_input){*tar, next_block, UINT64_MAX};
    return FPS_OK;
}

void fps__volume_tar_free(fps__volume_tar *t)
{
    if (t)
        fps__volume_free(t->volume);
    free(t);
}
