/* A compiled signature set (.fpdb): an immutable file that is mapped read-only and looked up by any number of
 * threads.
 *
 *   fps_database_open(&database, "base.fpdb", &error)   or fps_database_open_memory
 *   fps_database_read_info(database, &info)
 *   ... hand it to fps_scan_add_database ...
 *   fps_database_verify(database, ...)                  the full check: order and checksums
 *   fps_database_free(database)
 *
 * Opening validates the header, the section table, the directory and every offset that look-ups follow.
 * signatures/FORMAT.md draws the layout.
 */
#ifndef FPSCAN_DATABASE_H
#define FPSCAN_DATABASE_H

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps_database fps_database;

/* What a component is to the people who read a bill of materials. */
typedef enum fps_component_role {
    FPS_COMPONENT_LIBRARY = 0,
    FPS_COMPONENT_PROGRAM = 1,
    FPS_COMPONENT_RUNTIME = 2, /* background: C library, compiler runtime; present in most files */
} fps_component_role;

typedef struct fps_database_info {
    const char *name;       /* lives as long as the database */
    const char *creator;    /* program and version that wrote it */
    const char *parameters; /* "name=value ..." */
    uint16_t version_major, version_minor;
    uint8_t digest[16]; /* of the whole file as recorded in its header: the identity of the set */
    uint64_t size;      /* bytes */
    uint64_t components, fingerprinted_releases, units, keys, templates;
    uint32_t refused_kinds; /* bit k: features of kind k are of another parameters id and are not used */
} fps_database_info;

/* Opens a set by mapping it: a few hundred bytes are read, whatever its size. The file may be replaced by
 * renaming another over it; a process that cuts it off while it is mapped ends the reader with SIGBUS, as
 * with any mapped file. FPS_ERROR_IO (also when it is not a regular file); FPS_ERROR_FORMAT not a set;
 * FPS_ERROR_VERSION another major version (both are named in the message); FPS_ERROR_CORRUPT damaged (what
 * and where); FPS_ERROR_UNSUPPORTED on a big-endian machine; FPS_ERROR_MEMORY. *database is NULL then. */
FPS_API fps_status fps_database_open(fps_database **database, const char *path, fps_error *error);
/* The same over `size` bytes of the caller, which must outlive the database and be aligned to 8 bytes
 * (FPS_ERROR_ARGUMENT). `name` is for messages, is copied, and may be NULL. */
FPS_API fps_status fps_database_open_memory(fps_database **database, const void *data, size_t size,
                                            const char *name, fps_error *error);
/* NULL is fine. Nothing that was got from the database may be used after. */
FPS_API void fps_database_free(fps_database *database);
/* Fills *info. Thread-safe, as is everything below: an open set does not change. */
FPS_API void fps_database_read_info(const fps_database *database, fps_database_info *info);
/* Reads every byte: checksums of all sections, order of keys, every id. FPS_ERROR_CORRUPT names the first
 * fault. */
FPS_API fps_status fps_database_verify(const fps_database *database, fps_error *error);
/* Remarks made while opening: kinds that were refused (both parameters ids), unknown sections that were
 * skipped. They live as long as the database; NULL for an index that is too large. */
FPS_API size_t fps_database_diagnostic_count(const fps_database *database);
FPS_API const fps_diagnostic *fps_database_diagnostic(const fps_database *database, size_t index);

/* One component of the set, for listing. Texts live as long as the database. */
typedef struct fps_component_info {
    const char *id, *name, *purl, *cpe, *license, *family, *sources;
    fps_component_role role;
    uint32_t since;
    uint32_t release_count;
} fps_component_info;
/* Components are in the order of their ids. False, and *info is empty, when there is no such component. */
FPS_API size_t fps_database_component_count(const fps_database *database);
FPS_API bool fps_database_read_component(const fps_database *database, size_t index,
                                         fps_component_info *info);
/* Version of release `release` (0 is the oldest) of component `index`, NULL when there is none; it lives as
 * long as the database. *fingerprinted, which may be NULL: whether a build of it is in the set. */
FPS_API const char *fps_database_release(const fps_database *database, size_t index, size_t release,
                                         bool *fingerprinted);

#endif
