/* Databases of rpm for tests: the kept ones of tests/inventory/rpm, and headers and databases made in memory.
 */
#ifndef TESTS_RPM_FIXTURE_H
#define TESTS_RPM_FIXTURE_H

#include "archive/rpm_header.h"
#include "inventory/rpm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sqlite_fixture.h"
#include <archive.h>
#include <isa-l/igzip_lib.h>

enum { KEPT_ROOM = 1 << 20, HEADER_ROOM = 1 << 18, TAGS_ROOM = 32, TOLD_ROOM = 4096 };

/* ---- kept databases ---- */

/* The unpacked bytes of a database of tests/inventory/rpm; the caller frees them. */
static inline fps__span kept(const char *name)
{
    char path[4096];
    const char *tests = getenv("FPS_OBJECT_TESTS");
    snprintf(path, sizeof path, "%s/../inventory/rpm/%s.gz", tests ? tests : "tests/object", name);
    struct archive *reader = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_filter_gzip(reader);
    archive_read_support_format_raw(reader);
    assert_int_equal(archive_read_open_filename(reader, path, 65536), ARCHIVE_OK);
    assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_OK);
    uint8_t *bytes = malloc(KEPT_ROOM);
    assert_non_null(bytes);
    la_ssize_t size = archive_read_data(reader, bytes, KEPT_ROOM);
    assert_true(size > 0 && size < KEPT_ROOM);
    archive_read_free(reader);
    return (fps__span){bytes, (size_t)size};
}

static inline void drop(fps__span bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

/* ---- reading ---- */

/* An inventory of databases, and what was said of them: "PATH: MESSAGE\n" for each fault. */
typedef struct rpm_read {
    fps__inventory inventory;
    char told[TOLD_ROOM];
} rpm_read;

static inline void tell_fault(void *user, const fps_diagnostic *diagnostic)
{
    rpm_read *read = user;
    size_t used = strlen(read->told);
    assert_string_equal(diagnostic->code, "broken-package-database");
    assert_int_equal(diagnostic->level, FPS_DIAGNOSTIC_PARTIAL);
    snprintf(read->told + used, sizeof read->told - used, "%s: %s\n", diagnostic->path, diagnostic->message);
}

static inline void read_files(rpm_read *read, const fps__inventory_file *files, size_t count)
{
    memset(read, 0, sizeof *read);
    assert_int_equal(fps__inventory_read(&read->inventory, files, count,
                                         &(fps__inventory_options){.diagnostic = tell_fault, .user = read},
                                         NULL),
                     FPS_OK);
}

static inline void read_one(rpm_read *read, const char *path, fps__span bytes)
{
    read_files(read, &(fps__inventory_file){path, bytes}, 1);
}

static inline const fps__inventory_package *package_of(const rpm_read *read, const char *name)
{
    const fps__inventory_package *found = NULL;
    for (size_t i = 0; i < read->inventory.packages.count; i++)
        if (!strcmp(read->inventory.packages.items[i].facts.name, name)) {
            assert_null(found);
            found = &read->inventory.packages.items[i];
        }
    return found;
}

static inline const fps__owned_path *path_of(const fps__inventory_package *package, const char *path)
{
    assert_non_null(package);
    for (size_t i = 0; i < package->path_count; i++)
        if (!strcmp(package->paths[i].path, path))
            return &package->paths[i];
    return NULL;
}

/* ---- headers made in memory ---- */

typedef struct made_header {
    uint8_t index[TAGS_ROOM * 16], data[HEADER_ROOM];
    size_t tags, used;
} made_header;

static inline void put32be(uint8_t *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline void make_tag(made_header *header, uint32_t tag, uint32_t type, size_t count)
{
    assert_true(header->tags < TAGS_ROOM);
    uint8_t *entry = header->index + 16 * header->tags++;
    put32be(entry, tag);
    put32be(entry + 4, type);
    put32be(entry + 8, header->used);
    put32be(entry + 12, count);
}

static inline void make_bytes(made_header *header, const void *bytes, size_t size)
{
    assert_true(size <= HEADER_ROOM - header->used);
    memcpy(header->data + header->used, bytes, size);
    header->used += size;
}

static inline void make_text(made_header *header, uint32_t tag, const char *text)
{
    make_tag(header, tag, 6, 1);
    make_bytes(header, text, strlen(text) + 1);
}

/* `texts` ends with NULL. */
static inline void make_texts(made_header *header, uint32_t tag, const char *const *texts)
{
    size_t count = 0;
    while (texts[count])
        count++;
    make_tag(header, tag, 8, count);
    for (size_t i = 0; i < count; i++)
        make_bytes(header, texts[i], strlen(texts[i]) + 1);
}

/* Numbers of `width` bytes: 1, 2 or 4. */
static inline void make_numbers(made_header *header, uint32_t tag, size_t width, const uint32_t *numbers,
                                size_t count)
{
    make_tag(header, tag, width == 4 ? 4 : width == 2 ? 3 : 1, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        put32be(bytes, numbers[i]);
        make_bytes(header, bytes + 4 - width, width);
    }
}

static inline void make_package(made_header *header, const char *name)
{
    memset(header, 0, sizeof *header);
    make_text(header, FPS__RPM_TAG_NAME, name);
    make_text(header, FPS__RPM_TAG_VERSION, "1.0");
    make_text(header, FPS__RPM_TAG_RELEASE, "2");
    make_text(header, FPS__RPM_TAG_ARCH, "x86_64");
}

/* The bytes of the header, which the caller frees. */
static inline fps__span finish_header(const made_header *header)
{
    size_t size = 8 + 16 * header->tags + header->used;
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    put32be(bytes, header->tags);
    put32be(bytes + 4, header->used);
    memcpy(bytes + 8, header->index, 16 * header->tags);
    memcpy(bytes + 8 + 16 * header->tags, header->data, header->used);
    return (fps__span){bytes, size};
}

/* ---- databases made in memory ---- */

/* An ndb of the headers; the caller frees it. */
static inline fps__span make_ndb(const fps__span *headers, size_t count)
{
    uint8_t *bytes = calloc(KEPT_ROOM, 1);
    assert_non_null(bytes);
    size_t at = 4096;
    memcpy(bytes, "RpmP", 4);
    fps__put32le(bytes + 12, 1);
    for (size_t i = 0; i < 254; i++)
        memcpy(bytes + 32 + 16 * i, "Slot", 4);
    for (size_t i = 0; i < count; i++) {
        uint8_t *slot = bytes + 32 + 16 * i, *blob = bytes + at;
        size_t size = (16 + headers[i].size + 12 + 15) & ~(size_t)15;
        assert_true(at + size <= KEPT_ROOM);
        fps__put32le(slot + 4, (uint32_t)i + 1);
        fps__put32le(slot + 8, (uint32_t)(at / 16));
        fps__put32le(slot + 12, (uint32_t)(size / 16));
        memcpy(blob, "BlbS", 4);
        fps__put32le(blob + 4, (uint32_t)i + 1);
        fps__put32le(blob + 12, (uint32_t)headers[i].size);
        memcpy(blob + 16, headers[i].data, headers[i].size);
        fps__put32le(blob + size - 12, isal_adler32(1, blob, size - 12));
        fps__put32le(blob + size - 8, (uint32_t)headers[i].size);
        memcpy(blob + size - 4, "BlbE", 4);
        at += size;
    }
    return (fps__span){bytes, at};
}

#endif
