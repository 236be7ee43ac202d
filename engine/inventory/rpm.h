/* The three databases that rpm keeps its package headers in, each read from memory.
 *
 *   fps__rpm_read_sqlite(database, wal, &visitor, &error)      rpmdb.sqlite, rpmdb.sqlite-wal: since rpm 4.16
 *   fps__rpm_read_ndb(database, &visitor, &error)              Packages.db: SUSE
 *   fps__rpm_read_bdb(database, &visitor, &error)              Packages: a hash of Berkeley DB, up to
 * rpm 4.15
 *
 * A reader gives every header that it can reach, in no particular order, and calls `fault` for each that it
 * cannot. It does work and takes memory in proportion to the bytes it is given. Thread-safe.
 */
#ifndef FPS_INVENTORY_RPM_H
#define FPS_INVENTORY_RPM_H

#include "inventory/inventory_reading.h"

typedef struct fps__rpm_visitor {
    void *user;
    /* One header, without magic; the bytes live until it returns. False stops the reading. */
    bool (*header)(void *user, fps__span header);
    /* Something could not be read, and the rest goes on. */
    void (*fault)(void *user, const char *message);
} fps__rpm_visitor;

/* All three: FPS_ERROR_FORMAT and FPS_ERROR_CORRUPT when it is no such database, or is damaged so that
 * nothing of it can be read; FPS_ERROR_UNSUPPORTED when it is one that rpm does not make; FPS_ERROR_LIMIT;
 * FPS_ERROR_MEMORY; FPS_ERROR_CANCELLED when `header` stopped it. `wal` is empty when there is none. */
fps_status fps__rpm_read_sqlite(fps__span database, fps__span wal, const fps__rpm_visitor *visitor,
                                fps_error *error);
fps_status fps__rpm_read_ndb(fps__span database, const fps__rpm_visitor *visitor, fps_error *error);
fps_status fps__rpm_read_bdb(fps__span database, const fps__rpm_visitor *visitor, fps_error *error);

/* The database with the committed frames of its write-ahead log applied, marked as one without such a log.
 * `*copy` is the caller's to free. `*ignored` names what of the log could not be used, NULL for nothing. */
fps_status fps__rpm_apply_wal(fps__span database, fps__span wal, uint8_t **copy, size_t *size,
                              const char **ignored, fps_error *error);

/* What packages of one database are added with. */
typedef struct fps__rpm_adding {
    fps__inventory_reading *reading;
    const char *location; /* path of the database */
    uint64_t budget;      /* bytes of paths that may still be added; goes down */
    size_t bad_names;     /* names of files that are no absolute paths; goes up */
} fps__rpm_adding;

/* Adds the package of one header; a public key (gpg-pubkey) is none and is left out. FPS_ERROR_CORRUPT for a
 * header without name and version; FPS_ERROR_LIMIT when its paths go beyond the budget: the package is there
 * with those that fit; FPS_ERROR_MEMORY. */
fps_status fps__rpm_add_package(fps__rpm_adding *adding, fps__span header, fps_error *error);

#endif
