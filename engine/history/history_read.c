/* Reads a history file, which may be a stranger's: line by line, each number checked before it is used. */
#include "history/history.h"

#include "archive/stream.h"
#include "util/digest.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FIELDS = 8, STREAM_RATIO = 2000 };

typedef struct parser {
    fps__history *history;
    const char *name;
    uint64_t line;
    FPS__ARRAY(char) carry; /* of a line that is not whole yet */
    FPS__ARRAY(fps__history_range) ranges;
    fps_error *error;
} parser;

static fps_status FPS_PRINTF(3, 4) fault(parser *now, fps_status status, const char *format, ...)
{
    char message[256];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    return fps__fail(now->error, status, now->name, UINT64_MAX, "line %llu: %s",
                     (unsigned long long)now->line, message);
}

static fps_status damaged(parser *now, const char *what)
{
    return fault(now, FPS_ERROR_CORRUPT, "%s", what);
}

/* FPS_OK, or the failure of an array in words. */
static fps_status stored(parser *now, fps_status status, const char *what)
{
    return status == FPS_ERROR_LIMIT ? fault(now, status, "too many %s", what)
           : status                  ? fps__fail_memory(now->error)
                                     : FPS_OK;
}

/* ---- fields ---- */

static bool read_number(fps__span field, uint32_t *number)
{
    uint64_t value = 0;
    if (!field.size || field.size > 10 || (field.size > 1 && field.data[0] == '0'))
        return false;
    for (size_t i = 0; i < field.size; i++) {
        if (field.data[i] < '0' || field.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(field.data[i] - '0');
    }
    *number = (uint32_t)value;
    return value < UINT32_MAX;
}

static bool read_hash(fps__span field, uint64_t *hash)
{
    *hash = 0;
    for (size_t i = 0; i < field.size; i++) {
        int digit = fps__hex_digit((char)field.data[i]);
        if (digit < 0 || (field.data[i] >= 'A' && field.data[i] <= 'F'))
            return false;
        *hash = *hash << 4 | (uint64_t)digit;
    }
    return field.size == 16;
}

/* A text that is kept: valid when it is short and has no control characters. */
static fps_status keep(parser *now, fps__span field, size_t most, const char *what, const char **kept)
{
    if (field.size > most)
        return fault(now, FPS_ERROR_LIMIT, "%s has more than %zu bytes", what, most);
    for (size_t i = 0; i < field.size; i++)
        if (field.data[i] < ' ' || field.data[i] == 0x7f)
            return fault(now, FPS_ERROR_CORRUPT, "%s has control characters", what);
    *kept = fps__arena_text(&now->history->arena, (const char *)field.data, field.size);
    return *kept ? FPS_OK : fps__fail_memory(now->error);
}

static fps_status read_list(parser *now, fps__span field, size_t limit, const char *what, uint32_t *list)
{
    size_t at = 0;
    now->ranges.count = 0;
    while (at < field.size) {
        size_t end = at, dash = 0;
        while (end < field.size && field.data[end] != ',') {
            if (field.data[end] == '-' && !dash)
                dash = end;
            end++;
        }
        fps__history_range range = {0, 0};
        size_t first = (dash ? dash : end) - at;
        bool good = read_number((fps__span){field.data + at, first}, &range.first);
        range.last = range.first;
        if (good && dash)
            good = read_number((fps__span){field.data + dash + 1, end - dash - 1}, &range.last) &&
                   range.last > range.first;
        if (!good || (end < field.size && end + 1 == field.size))
            return fault(now, FPS_ERROR_CORRUPT, "the list of %s is damaged", what);
        if (range.last >= limit)
            return fault(now, FPS_ERROR_CORRUPT, "%u is none of the %zu %s", range.last, limit, what);
        if (now->ranges.count && now->ranges.items[now->ranges.count - 1].last + 1 >= range.first)
            return fault(now, FPS_ERROR_CORRUPT, "the list of %s is not in order", what);
        fps_status status = stored(now, FPS__ARRAY_PUSH(&now->ranges, &range, FPS__HISTORY_UNITS), "ranges");
        if (status)
            return status;
        at = end + 1;
    }
    if (!now->ranges.count)
        return fault(now, FPS_ERROR_CORRUPT, "the list of %s is empty", what);
    return stored(now, fps__history_intern(now->history, now->ranges.items, now->ranges.count, list),
                  "lists");
}

/* ---- rows ---- */

static fps_status read_component(parser *now, const fps__span *fields)
{
    if (now->history->component)
        return damaged(now, "a second component");
    fps_status status = keep(now, fields[1], FPS__MAX_VERSION, "the component", &now->history->component);
    if (!status && (!*now->history->component || strchr(now->history->component, ' ')))
        status = damaged(now, "a component id is one word");
    return status;
}

static fps_status read_source(parser *now, const fps__span *fields)
{
    fps__history_source source;
    fps_status status = keep(now, fields[1], FPS__HISTORY_NAME, "the source", &source.where);
    if (!status)
        status = keep(now, fields[2], FPS__MAX_VERSION, "the commit", &source.commit);
    if (!status)
        status = keep(now, fields[3], 32, "the date", &source.date);
    return status ? status
                  : stored(now, FPS__ARRAY_PUSH(&now->history->sources, &source, FPS__HISTORY_RELEASES),
                           "sources");
}

static fps_status read_release(parser *now, const fps__span *fields)
{
    fps__history_release release;
    uint32_t index;
    if (!read_number(fields[1], &index) || index != now->history->releases.count)
        return damaged(now, "releases are not counted from 0");
    if (now->history->texts.count || now->history->names.count)
        return damaged(now, "a release behind the texts");
    fps_status status = keep(now, fields[2], FPS__MAX_VERSION - 1, "the version", &release.version);
    if (!status && !*release.version)
        status = damaged(now, "a release without a version");
    if (!status)
        status = keep(now, fields[3], FPS__HISTORY_NAME, "the tag", &release.tag);
    if (!status)
        status = keep(now, fields[4], 32, "the date", &release.date);
    return status ? status
                  : stored(now, FPS__ARRAY_PUSH(&now->history->releases, &release, FPS__HISTORY_RELEASES),
                           "releases");
}

static fps_status read_unit(parser *now, const fps__span *fields)
{
    const char *unit;
    uint32_t index;
    if (!read_number(fields[1], &index) || index != now->history->units.count)
        return damaged(now, "units are not counted from 0");
    if (now->history->texts.count)
        return damaged(now, "a unit behind the texts");
    fps_status status = keep(now, fields[2], FPS__HISTORY_NAME, "the unit", &unit);
    return status ? status
                  : stored(now, FPS__ARRAY_PUSH(&now->history->units, &unit, FPS__HISTORY_UNITS), "units");
}

static fps_status read_text(parser *now, const fps__span *fields)
{
    fps__history_text text;
    uint32_t text_class;
    if (!read_hash(fields[1], &text.hash))
        return damaged(now, "a key is not 16 hexadecimal digits");
    if (!read_number(fields[2], &text.length) || !text.length || text.length > FPS__HISTORY_FILE)
        return damaged(now, "the length of a text is none");
    if (!read_number(fields[3], &text_class) || text_class >= FPS__HISTORY_CLASSES)
        return damaged(now, "the class of a text is unknown");
    text.text_class = (uint8_t)text_class;
    fps_status status = read_list(now, fields[4], now->history->units.count, "units", &text.units);
    if (!status)
        status = read_list(now, fields[5], now->history->releases.count, "releases", &text.releases);
    return status ? status
                  : stored(now, FPS__ARRAY_PUSH(&now->history->texts, &text, FPS__HISTORY_KEYS), "texts");
}

static fps_status read_name(parser *now, const fps__span *fields)
{
    fps__history_name name;
    if (!read_hash(fields[1], &name.hash))
        return damaged(now, "a key is not 16 hexadecimal digits");
    fps_status status = read_list(now, fields[2], now->history->releases.count, "releases", &name.releases);
    return status ? status
                  : stored(now, FPS__ARRAY_PUSH(&now->history->names, &name, FPS__HISTORY_KEYS), "names");
}

static const struct {
    const char *word;
    size_t fields;
    fps_status (*read)(parser *now, const fps__span *fields);
} rows[] = {
    {"t", 6, read_text},          {"n", 3, read_name},        {"unit", 3, read_unit},
    {"release", 5, read_release}, {"source", 4, read_source}, {"component", 2, read_component},
};

static size_t split(fps__span line, fps__span fields[MAX_FIELDS])
{
    size_t count = 0, from = 0;
    for (size_t i = 0; i <= line.size; i++)
        if (i == line.size || line.data[i] == '\t') {
            if (count == MAX_FIELDS)
                return MAX_FIELDS + 1;
            fields[count++] = (fps__span){line.data + from, i - from};
            from = i + 1;
        }
    return count;
}

static fps_status read_line(parser *now, fps__span line)
{
    static const char magic[] = FPS__HISTORY_MAGIC;
    fps__span fields[MAX_FIELDS];
    now->line++;
    if (now->line == 1) {
        if (line.size == sizeof magic - 2 && !memcmp(line.data, magic, line.size))
            return FPS_OK;
        bool other = line.size > 15 && !memcmp(line.data, magic, 15);
        return other ? fault(now, FPS_ERROR_VERSION, "a history of another version than 1")
                     : fault(now, FPS_ERROR_FORMAT, "not a history");
    }
    size_t count = split(line, fields);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (fields[0].size != strlen(rows[i].word) || memcmp(fields[0].data, rows[i].word, fields[0].size))
            continue;
        if (count != rows[i].fields)
            return fault(now, FPS_ERROR_CORRUPT, "a row \"%s\" has %zu fields, not %zu", rows[i].word, count,
                         rows[i].fields);
        return rows[i].read(now, fields);
    }
    return damaged(now, "an unknown kind of row");
}

/* Takes the next bytes: all lines that end in them, and the beginning of one more. */
static fps_status feed(parser *now, fps__span bytes)
{
    fps_status status = FPS_OK;
    while (bytes.size && !status) {
        const uint8_t *end = memchr(bytes.data, '\n', bytes.size);
        size_t size = end ? (size_t)(end - bytes.data) : bytes.size;
        if (now->carry.count || !end) {
            status = FPS__ARRAY_RESERVE(&now->carry, size + 1, FPS__HISTORY_LINE);
            if (status) {
                now->line++;
                return status == FPS_ERROR_LIMIT
                           ? fault(now, status, "longer than %d bytes", FPS__HISTORY_LINE)
                           : fps__fail_memory(now->error);
            }
            memcpy(now->carry.items + now->carry.count, bytes.data, size);
            now->carry.count += size;
        }
        if (end) {
            bool carried = now->carry.count > 0;
            fps__span whole = {(const uint8_t *)now->carry.items, now->carry.count};
            status = read_line(now, carried ? whole : (fps__span){bytes.data, size});
            now->carry.count = 0;
            size++;
        }
        bytes = (fps__span){bytes.data + size, bytes.size - size};
    }
    return status;
}

static fps_status start(parser *now, const char *name, fps_error *error)
{
    *now = (parser){.history = fps__history_create(), .name = name, .error = error};
    return now->history ? FPS_OK : fps__fail_memory(error);
}

static fps_status finish(parser *now, fps_status status, fps__history **history)
{
    if (!status && now->carry.count) {
        now->line++;
        status = damaged(now, "cut off");
    }
    if (!status && !now->line)
        status = fps__fail(now->error, FPS_ERROR_FORMAT, now->name, UINT64_MAX, "not a history");
    if (!status && !now->history->component)
        status = damaged(now, "no component");
    if (!status && !now->history->releases.count)
        status = damaged(now, "no releases");
    free(now->carry.items);
    free(now->ranges.items);
    *history = status ? NULL : now->history;
    if (status)
        fps__history_free(now->history);
    return status;
}

fps_status fps__history_parse(fps__span text, const char *name, fps__history **history, fps_error *error)
{
    parser now;
    *history = NULL;
    fps_status status = start(&now, name, error);
    return status ? status : finish(&now, feed(&now, text), history);
}

/* ---- files ---- */

/* Calls `take` with the unpacked bytes of a file, block by block, until it fails. */
typedef fps_status (*block_callback)(void *user, fps__span block);

static fps_status read_blocks(const char *path, block_callback take, void *user, fps_error *error)
{
    struct stat facts;
    fps__stream_range *range = NULL;
    fps__stream *stream = NULL;
    fps__stream_input input;
    fps__stream_options options = {.limit = FPS__HISTORY_FILE, .ratio = STREAM_RATIO, .name = path};
    fps__span block;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &facts) || !S_ISREG(facts.st_mode)) {
        int reason = fd < 0 ? errno : EINVAL;
        if (fd >= 0)
            close(fd);
        return fps__fail_io(error, path, reason, "cannot open");
    }
    fps_status status = fps__stream_range_create(&range, fd, 0, (uint64_t)facts.st_size, &input, error);
    if (!status)
        status = fps__stream_open(&stream, &input, &options, error);
    while (!status && !(status = fps__stream_next(stream, &block, error)))
        status = take(user, block);
    fps__stream_close(stream);
    fps__stream_range_free(range);
    close(fd);
    return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
}

static fps_status feed_block(void *user, fps__span block)
{
    return feed(user, block);
}

fps_status fps__history_read(const char *path, fps__history **history, fps_error *error)
{
    parser now;
    *history = NULL;
    fps_status status = start(&now, path, error);
    if (status)
        return status;
    status = read_blocks(path, feed_block, &now, error);
    /* The stream says where it failed; a cut file is known by its last line. */
    if (status && error && !*error->path)
        snprintf(error->path, sizeof error->path, "%s", path);
    return finish(&now, status, history);
}

/* The first bytes of a file, and whether that is enough. */
static fps_status take_head(void *user, fps__span block)
{
    bool *found = user;
    size_t size = sizeof "fpscan-history\t" - 1;
    *found = block.size >= size && !memcmp(block.data, FPS__HISTORY_MAGIC, size);
    return FPS_ERROR_CANCELLED;
}

bool fps__history_is_named(const char *path)
{
    static const char *const suffixes[] = {".tsv", ".tsv.xz", ".tsv.gz", ".tsv.zst", NULL};
    size_t length = strlen(path);
    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        size_t size = strlen(*suffix);
        if (length > size && !strcmp(path + length - size, *suffix))
            return true;
    }
    return false;
}

bool fps__history_identify(const char *path)
{
    bool found = false;
    if (!fps__history_is_named(path))
        return false;
    fps_status status = read_blocks(path, take_head, &found, NULL);
    return found || (status && status != FPS_ERROR_CANCELLED);
}
