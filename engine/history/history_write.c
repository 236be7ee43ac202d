/* Writes a history as the text of its file, packed with xz where its name asks for it. */
#include "history/history.h"

#include "util/error.h"
#include "util/private_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct rendering {
    FPS__ARRAY(char) text;
    fps_status status; /* the first failure; nothing is written behind it */
} rendering;

static void put(rendering *now, const char *text)
{
    size_t size = strlen(text);
    if (!now->status)
        now->status = FPS__ARRAY_RESERVE(&now->text, size, FPS__HISTORY_FILE);
    if (now->status)
        return;
    memcpy(now->text.items + now->text.count, text, size);
    now->text.count += size;
}

static void put_list(rendering *now, const fps__history *history, uint32_t list)
{
    fps__history_list found = history->lists.items[list];
    char text[32];
    for (uint32_t i = 0; i < found.count; i++) {
        const fps__history_range *range = &history->ranges.items[found.first + i];
        put(now, i ? "," : "\t");
        snprintf(text, sizeof text, range->first == range->last ? "%u" : "%u-%u", range->first, range->last);
        put(now, text);
    }
    if (!found.count)
        put(now, "\t");
}

/* A field: what would break the line becomes "?". */
static void put_field(rendering *now, const char *field)
{
    size_t from = now->text.count + 1;
    put(now, "\t");
    put(now, field);
    for (; !now->status && from < now->text.count; from++)
        if ((unsigned char)now->text.items[from] < ' ' || now->text.items[from] == 0x7f)
            now->text.items[from] = '?';
}

fps_status fps__history_render(const fps__history *history, char **text, size_t *size, fps_error *error)
{
    rendering now = {.status = FPS_OK};
    char number[64];
    put(&now, FPS__HISTORY_MAGIC "component");
    put_field(&now, history->component);
    put(&now, "\n");
    for (size_t i = 0; i < history->sources.count; i++) {
        put(&now, "source");
        put_field(&now, history->sources.items[i].where);
        put_field(&now, history->sources.items[i].commit);
        put_field(&now, history->sources.items[i].date);
        put(&now, "\n");
    }
    for (size_t i = 0; i < history->releases.count; i++) {
        snprintf(number, sizeof number, "release\t%zu", i);
        put(&now, number);
        put_field(&now, history->releases.items[i].version);
        put_field(&now, history->releases.items[i].tag);
        put_field(&now, history->releases.items[i].date);
        put(&now, "\n");
    }
    for (size_t i = 0; i < history->units.count; i++) {
        snprintf(number, sizeof number, "unit\t%zu", i);
        put(&now, number);
        put_field(&now, history->units.items[i]);
        put(&now, "\n");
    }
    for (size_t i = 0; i < history->texts.count; i++) {
        const fps__history_text *row = &history->texts.items[i];
        snprintf(number, sizeof number, "t\t%016" PRIx64 "\t%u\t%u", row->hash, row->length, row->text_class);
        put(&now, number);
        put_list(&now, history, row->units);
        put_list(&now, history, row->releases);
        put(&now, "\n");
    }
    for (size_t i = 0; i < history->names.count; i++) {
        snprintf(number, sizeof number, "n\t%016" PRIx64, history->names.items[i].hash);
        put(&now, number);
        put_list(&now, history, history->names.items[i].releases);
        put(&now, "\n");
    }
    if (now.status) {
        free(now.text.items);
        return now.status == FPS_ERROR_LIMIT ? fps__fail(error, now.status, NULL, UINT64_MAX,
                                                         "a history of more than %d bytes", FPS__HISTORY_FILE)
                                             : fps__fail_memory(error);
    }
    *text = now.text.items;
    *size = now.text.count;
    return FPS_OK;
}

/* Packs text[0..size) with xz, into memory that the caller frees. */
static fps_status pack(const char *text, size_t size, char **packed, size_t *used, fps_error *error)
{
    size_t room = size + size / 3 + 65536; /* xz stores what it cannot pack */
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    *packed = malloc(room);
    bool good = writer && entry && *packed && archive_write_add_filter_xz(writer) == ARCHIVE_OK &&
                archive_write_set_filter_option(writer, "xz", "compression-level", "6") == ARCHIVE_OK &&
                archive_write_set_format_raw(writer) == ARCHIVE_OK &&
                archive_write_set_bytes_in_last_block(writer, 1) == ARCHIVE_OK &&
                archive_write_open_memory(writer, *packed, room, used) == ARCHIVE_OK;
    if (good) {
        archive_entry_set_filetype(entry, AE_IFREG);
        good = archive_write_header(writer, entry) == ARCHIVE_OK &&
               archive_write_data(writer, text, size) == (la_ssize_t)size &&
               archive_write_close(writer) == ARCHIVE_OK;
    }
    archive_entry_free(entry);
    archive_write_free(writer);
    if (good)
        return FPS_OK;
    free(*packed);
    *packed = NULL;
    return fps__fail(error, FPS_ERROR_MEMORY, NULL, UINT64_MAX, "cannot pack with xz");
}

static fps_status write_file(const char *path, fps__span bytes, fps_error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder)
        return fps__fail_memory(error);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fps_status status = fd < 0 ? fps__fail_io(error, path, errno, "cannot open the folder") : FPS_OK;
    if (!status) {
        fps__whole_file file = {.name = slash ? slash + 1 : path,
                                .what = "cannot write the history",
                                .parts = &bytes,
                                .count = 1,
                                .readable = true};
        status = fps__whole_file_write(fd, &file, error);
        close(fd);
    }
    free(folder);
    return status;
}

fps_status fps__history_write(const fps__history *history, const char *path, fps_error *error)
{
    char *text = NULL, *packed = NULL;
    size_t size = 0, used = 0, length = strlen(path);
    bool xz = length > 3 && !strcmp(path + length - 3, ".xz");
    fps_status status = fps__history_render(history, &text, &size, error);
    if (!status && xz)
        status = pack(text, size, &packed, &used, error);
    if (!status)
        status =
            write_file(path, (fps__span){(const uint8_t *)(xz ? packed : text), xz ? used : size}, error);
    free(packed);
    free(text);
    return status;
}
