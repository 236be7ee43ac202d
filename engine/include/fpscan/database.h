/* A compiled signature set (.fpdb): an immutable file that is mapped read-only and searched by any number of
 * threads.
 *
 *   fps_database_open(&database, "base.fpdb", &error)       or fps_database_open_memory
 *   fps_database_read_info(database, &info)
 *   fps_scan_add_database(scan, database, &error)
 *   fps_database_verify(database, &error)                   the full check: order and checksums
 *   fps_database_free(database)
 *
 * Opening validates the header, the section table, the directory and every offset that look-ups follow.
 * signatures/FORMAT.md draws the layout. An open set does not change: everything but fps_database_free is
 * thread-safe, and all texts and pointers that are handed out live as long as the database.
 */
#ifndef FPSCAN_DATABASE_H
#define FPSCAN_DATABASE_H

#include <fpscan/status.h>
#include <stdbool.h>

FPS_BEGIN_DECLS

typedef struct fps_database fps_database;

/* What a component is to the people who read a bill of materials. */
typedef enum fps_component_role {
    FPS_COMPONENT_LIBRARY = 0,
    FPS_COMPONENT_PROGRAM = 1,
    FPS_COMPONENT_RUNTIME = 2, /* C library, compiler runtime: in most files, and listed only on request */
} fps_component_role;

typedef struct fps_database_info {
    const char *name;
    const char *creator;                   /* program and version that wrote it */
    const char *parameters;                /* "name=value ..." of the program that wrote it */
    uint16_t version_major, version_minor; /* of the file format */
    uint8_t digest[16]; /* of the whole file, as recorded in its header: the identity of the set */
    uint64_t size;      /* bytes */
    uint64_t components, fingerprinted_releases, units, keys, templates;
    uint32_t refused_kinds; /* bit k: features of kind k have another parameters id and are not used */
} fps_database_info;

/* One component of a set. Texts are "" when unknown. */
typedef struct fps_component_info {
    const char *id, *name, *purl, *cpe, *license, *family, *sources;
    fps_component_role role;
    uint32_t since; /* year of the first release; 0 when unknown */
    uint32_t release_count;
} fps_component_info;

/* Opens the set at `path` by mapping it: a few hundred bytes are read, whatever its size. *database is the
 * caller's, to be freed by fps_database_free; NULL on failure. The file may be replaced by renaming another
 * over it; a process that truncates it while it is mapped ends its readers with SIGBUS, as with any mapped
 * file. FPS_ERROR_IO: also when it is not a regular file; FPS_ERROR_FORMAT: not a set; FPS_ERROR_VERSION:
 * another major version (the message names both); FPS_ERROR_CORRUPT: damaged (what and where);
 * FPS_ERROR_UNSUPPORTED: on a big-endian machine; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_database_open(fps_database **database, const char *path, fps_error *error);
/* The same for a set in memory: data[0..size) stays the caller's, must outlive the database and be aligned to
 * 8 bytes (else FPS_ERROR_ARGUMENT). `name` is used in messages and copied; NULL: none. */
FPS_API fps_status fps_database_open_memory(fps_database **database, const void *data, size_t size,
                                            const char *name, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_database_free(fps_database *database);

/* Fills *info; reads the table of releases to count them. */
FPS_API void fps_database_read_info(const fps_database *database, fps_database_info *info);
/* Reads every byte: checksums of all sections, order of keys, every id. FPS_ERROR_CORRUPT: the message names
 * the first fault; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_database_verify(const fps_database *database, fps_error *error);

/* What opening had to say: kinds of features that were refused (with both parameters ids), unknown sections
 * that were skipped. */
FPS_API size_t fps_database_diagnostic_count(const fps_database *database);
/* Diagnostic `index`; NULL when `index` is out of range. */
FPS_API const fps_diagnostic *fps_database_diagnostic(const fps_database *database, size_t index);

FPS_API size_t fps_database_component_count(const fps_database *database);
/* Decodes component `index`, in the order of ids. False when `index` is out of range; *info is zero then. */
FPS_API bool fps_database_read_component(const fps_database *database, size_t index,
                                         fps_component_info *info);
/* The version of release `release` (0 is the oldest) of component `index`; NULL when there is none.
 * *fingerprinted (may be NULL) says whether the set holds features of that release. */
FPS_API const char *fps_database_release(const fps_database *database, size_t index, size_t release,
                                         bool *fingerprinted);

/* A patch of a set: how code shows whether it has the fix of a vulnerability. */
typedef struct fps_patch_info {
    const char *component; /* an id */
    const char *cve;       /* "CVE-2022-37434" */
    uint32_t functions;    /* of both states, each build of each function */
} fps_patch_info;

FPS_API size_t fps_database_patch_count(const fps_database *database);
/* Decodes patch `index`, in the order of components and CVEs. False when `index` is out of range; *info is zero then. */
FPS_API bool fps_database_read_patch(const fps_database *database, size_t index, fps_patch_info *info);

FPS_END_DECLS

#endif
