/* Packages of distributions and languages: what their own metadata says, and the files in them, however they
 * are nested.
 *
 *   fps__package_read("zlib1g_1.2.13.deb", data, &limits, &visitor, &error)
 *       visitor.begin(info, bytes)     a package begins; its metadata is known
 *       visitor.wanted(path, head)     is a file worth reading, by its name and first bytes?
 *       visitor.file(path, bytes)      each wanted file in it
 *       visitor.end()
 *
 * .deb, .rpm, .apk and wheels are packages; every other archive, compressed file or single object is a plain
 * package without metadata. A package inside another is a package of its own: its begin and end come between
 * those of the outer one.
 */
#ifndef FPS_ARCHIVE_PACKAGE_H
#define FPS_ARCHIVE_PACKAGE_H

#include "archive/archive.h"
#include "util/arena.h"

#include <fpscan/result.h>

/* What a package says of itself; texts are "" when it does not. */
typedef struct fps__package_info {
    fps_package_kind kind; /* FPS_PACKAGE_GENERIC: a plain one */
    const char *name, *version, *architecture;
    const char *source, *source_version; /* source package; the package itself where it names none */
    const char *built_using;             /* Debian: "SOURCE (= VERSION), ..." of what was linked in */
    const char *license;
} fps__package_info;

/* The reading that a visitor is in the middle of. */
typedef struct fps__package_reading fps__package_reading;

typedef struct fps__package_visitor {
    void *user;
    /* A package begins; `info` and `bytes` live until its end. FPS_ERROR_CANCELLED: leave its files out (end
     * is called). Any other failure stops the reading. */
    fps_status (*begin)(void *user, const fps__package_info *info, const char *path, fps__span bytes);
    /* Whether a file goes to `file`, by the path that `file` would get and its first bytes (512 where it has
     * them). Archives need not be wanted. */
    bool (*wanted)(void *user, const char *path, fps__span head);
    /* One wanted file; `path` is in the package, "a.tar!b" inside an archive in it. A failure stops the
     * reading. */
    fps_status (*file)(void *user, const char *path, fps__span bytes);
    void (*end)(void *user);
    /* What could not be read. `path` as above. */
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic);
    /* Bytes that are part of no entry of the archive at `path`: behind its end, or between what the directory of a zip
     * names; never all zero. `offset` is where they are in the archive. May be NULL: nobody looks for them. */
    fps_status (*rest)(void *user, const char *path, fps__span bytes, uint64_t offset);
    /* Called first, by fps__package_read alone; `reading` lives until that returns. May be NULL. */
    void (*started)(void *user, fps__package_reading *reading);
} fps__package_visitor;

/* Reads `data`, which is called `name` in messages and as the name of a plain package. `limits` may be NULL.
 * Damage inside is a diagnostic and FPS_OK; a failure is one of the visitor's or FPS_ERROR_MEMORY. A file
 * that is neither an archive nor wanted gives no package. */
fps_status fps__package_read(const char *name, fps__span data, const fps__archive_limits *limits,
                             const fps__package_visitor *visitor, fps_error *error);
/* The same without a plain package around it: `path` is a file of a package that the caller has begun. */
fps_status fps__package_read_file(const char *path, fps__span data, const fps__archive_limits *limits,
                                  const fps__package_visitor *visitor, fps_error *error);

/* Goes into an archive that the visitor found inside of a file or a rest, under the limits of the reading: its files are
 * called `path`!NAME. *used becomes the offset of the first byte behind it, the size of `data` where that is unknown. */
fps_status fps__package_read_part(fps__package_reading *reading, const char *path, fps__span data,
                                  uint64_t *used);

/* Which kind of package the bytes are, FPS_PACKAGE_GENERIC for a plain one; looks into gzip and zip. */
fps_package_kind fps__package_identify(fps__span data);

/* ---- the readers of metadata; texts are copied into `arena` ---- */

/* A Debian control paragraph, without a terminating NUL. FPS_ERROR_CORRUPT without Package and Version. */
fps_status fps__package_parse_control(fps__span text, fps__arena *arena, fps__package_info *info,
                                      fps_error *error);
/* The "name = value" lines of Alpine's .PKGINFO. */
fps_status fps__package_parse_pkginfo(fps__span text, fps__arena *arena, fps__package_info *info,
                                      fps_error *error);
/* The header fields of a wheel's METADATA. */
fps_status fps__package_parse_wheel(fps__span text, fps__arena *arena, fps__package_info *info,
                                    fps_error *error);
/* The lead, signature and header of an .rpm. The format: RPM documentation, "RPM V4 Package format". */
fps_status fps__package_parse_rpm(fps__span data, fps__arena *arena, fps__package_info *info,
                                  fps_error *error);

#endif
