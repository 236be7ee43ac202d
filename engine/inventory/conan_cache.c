/* Conan 2's cache: p/cache.sqlite3 says which package lies in which folder beside it. */
#include "inventory/manifest.h"
#include "inventory/rpm.h"
#include "inventory/sqlite_bytes.h"

#include "inventory/conan.h"
#include "util/lines.h"

#include <stdlib.h>

enum { MAX_PACKAGES = 1 << 16, MAX_TEXT = 1024 };

static fps__span text_of(sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    int size = sqlite3_column_bytes(row, column);
    return (fps__span){text, text && size > 0 && size <= MAX_TEXT ? (size_t)size : 0};
}

/* "NAME/VERSION" or "NAME/VERSION@USER/CHANNEL". False for any other text. */
static bool add_package(fps__inventory_reading *reading, const fps__inventory_file *file, fps__span reference,
                        fps__span folder)
{
    fps__span name, version, user = {NULL, 0}, channel = {NULL, 0};
    if (!fps__span_cut(&reference, "/", &name) || !fps__span_cut(&reference, "@", &version) || !name.size ||
        !version.size)
        return false;
    if (fps__span_cut(&reference, "/", &user))
        channel = reference;
    fps__inventory_package *package = fps__manifest_add(reading, FPS_PACKAGE_CONAN, file, name, version);
    if (!package)
        return true;
    package->qualifiers = fps__conan_origin(reading, user, channel);
    const char *home = fps__path_above(reading, file->path, 1);
    const char *place = fps__path_below(reading, home, home, folder);
    package->root = *place ? fps__path_below(reading, place, place, fps__span_of("p")) : "";
    return true;
}

static fps_status read_rows(fps__inventory_reading *reading, const fps__inventory_file *file,
                            fps__sqlite *base, fps_error *error)
{
    sqlite3_stmt *rows;
    size_t count = 0;
    bool good = true;
    int code = sqlite3_prepare_v2(base->db, "SELECT reference, path FROM packages NOT INDEXED ORDER BY rowid",
                                  -1, &rows, NULL);
    if (code)
        return fps__sqlite_fail(base, code, error);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW && count++ < MAX_PACKAGES && !reading->no_memory)
        good &= add_package(reading, file, text_of(rows, 0), text_of(rows, 1));
    fps_status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? FPS_OK : fps__sqlite_fail(base, code, error);
    sqlite3_finalize(rows);
    if (!good || count > MAX_PACKAGES)
        fps__inventory_diagnose(reading, file->path,
                                "database of Conan is damaged, or lists too many packages");
    return status;
}

void fps__conan_read_cache(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps_error error = {.message = ""};
    uint8_t *copy = NULL;
    size_t size;
    const char *ignored;
    fps__sqlite base = {.db = NULL};
    fps_status status = fps__rpm_apply_wal(file->bytes, (fps__span){NULL, 0}, &copy, &size, &ignored, &error);
    if (!status)
        status = fps__sqlite_open(&base, copy, size, &error);
    if (!status)
        status = fps__sqlite_check_table(&base, "packages", "name = 'reference' OR name = 'path'", 2, "Conan",
                                         &error);
    if (!status)
        status = read_rows(reading, file, &base, &error);
    sqlite3_close(base.db);
    free(copy);
    reading->no_memory |= status == FPS_ERROR_MEMORY;
    if (status && status != FPS_ERROR_MEMORY)
        fps__inventory_diagnose(reading, file->path, error.message);
}
