/* Archives and packages made in memory, for the tests of what reads them. */
#ifndef TESTS_PACKAGE_FIXTURE_H
#define TESTS_PACKAGE_FIXTURE_H

#include "util/bytes.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

enum { FIXTURE_ROOM = 16 * 1024 * 1024 };

typedef struct fixture_file {
    const char *path;
    const void *data;
    size_t size;
} fixture_file;

/* An archive of `format` ("ustar", "zip", "ar", "cpio") under `filter` ("none", "gzip", "xz", "zstd"); free
 * its data. */
static inline fps__span fixture_archive(const char *format, const char *filter, const fixture_file *files,
                                        size_t count)
{
    uint8_t *room = malloc(FIXTURE_ROOM);
    size_t used = 0;
    struct archive *writer = archive_write_new();
    if (strcmp(format, "ar") == 0)
        archive_write_set_format_ar_svr4(writer);
    else
        archive_write_set_format_by_name(writer, format);
    if (strcmp(filter, "none") != 0)
        archive_write_add_filter_by_name(writer, filter);
    archive_write_set_bytes_per_block(writer, 0);
    archive_write_open_memory(writer, room, FIXTURE_ROOM, &used);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, files[i].path);
        archive_entry_set_size(entry, (int64_t)files[i].size);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_write_header(writer, entry);
        archive_write_data(writer, files[i].data, files[i].size);
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return (fps__span){room, used};
}

static inline fixture_file fixture_text_file(const char *path, const char *text)
{
    return (fixture_file){path, text, strlen(text)};
}

/* A .deb of a control text and the files of its data.tar; free its data. */
static inline fps__span fixture_deb(const char *control, const fixture_file *files, size_t count)
{
    fixture_file text = fixture_text_file("./control", control);
    fps__span control_tar = fixture_archive("ustar", "xz", &text, 1);
    fps__span data_tar = fixture_archive("ustar", "gzip", files, count);
    fixture_file parts[] = {{"debian-binary", "2.0\n", 4},
                            {"control.tar.xz", control_tar.data, control_tar.size},
                            {"data.tar.gz", data_tar.data, data_tar.size}};
    fps__span deb = fixture_archive("ar", "none", parts, 3);
    free((void *)control_tar.data);
    free((void *)data_tar.data);
    return deb;
}

#endif
