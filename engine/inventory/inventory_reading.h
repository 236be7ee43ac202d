/* What the readers of package databases share; each of them is a file of its own.
 *
 *   package = fps__inventory_add(reading, FPS_PACKAGE_DEB);           a package
 *   package->facts.name = fps__inventory_value(reading, value);       its facts
 *   path = fps__inventory_path(reading, "/", line);                   each of its files
 *   owned = fps__inventory_add_path(reading, path);
 *   fps__inventory_end_paths(reading, package);
 *   fps__inventory_diagnose(reading, file->path, message);            what cannot be read
 *
 * A reader keeps indexes of packages, not pointers: the array moves when it grows.
 */
#ifndef FPS_INVENTORY_INVENTORY_READING_H
#define FPS_INVENTORY_INVENTORY_READING_H

#include "inventory/inventory.h"
#include "util/clock.h"

/* What a reader appends to; it calls fps__inventory_diagnose for what it cannot read. */
typedef struct fps__inventory_reading {
    fps__inventory *inventory;
    const fps__inventory_file *files; /* all, sorted by path */
    size_t count;
    fps__diagnostic_callback diagnostic;
    void *user;
    const fps__inventory_options *options;
    FPS__ARRAY(fps__owned_path) paths; /* of the package that is being read */
    size_t paths_total;                /* that packages already have */
    uint8_t *taken;                    /* by file: what it lists was given to a package */
    fps__alarm alarm;
    bool whole; /* one bill of materials is read as a whole */
    bool no_memory;
    bool full; /* a limit was reached, and there is a diagnostic for it */
} fps__inventory_reading;

void fps__inventory_diagnose(fps__inventory_reading *reading, const char *path, const char *message);
/* True when room was reserved in an array. Without memory the reading fails; at a limit the rest is left
 * out, and a diagnostic says so, for the first limit that is reached. */
bool fps__inventory_room(fps__inventory_reading *reading, fps_status reserved, const char *limit_message);
/* The file of this path, NULL when it is not there. */
const fps__inventory_file *fps__inventory_find(const fps__inventory_reading *reading, const char *path);
/* The same, and once alone: a list that two packages name is the first one's. */
const fps__inventory_file *fps__inventory_take(fps__inventory_reading *reading, const char *path);
/* True when the time is up: what is not read by then is left out, and a diagnostic says so. */
bool fps__inventory_late(fps__inventory_reading *reading);
/* Index of the first file whose path is not below `prefix` in byte order; files of a folder follow each other
 * from there as long as their paths begin with it. */
size_t fps__inventory_first(const fps__inventory_reading *reading, const char *prefix);
/* Adds an empty package whose texts are ""; NULL at the limit, when the time is up, and without memory (and
 * reading->no_memory is set). */
fps__inventory_package *fps__inventory_add(fps__inventory_reading *reading, fps_package_kind kind);
/* A copy in the inventory's arena; "" for NULL and without memory. */
const char *fps__inventory_text(fps__inventory_reading *reading, const char *text, size_t length);
/* A trimmed copy on one line: control characters become spaces. The first gives NULL without memory, the
 * second
 * "". */
const char *fps__inventory_copy(fps__arena *arena, fps__span value);
/* The same of a person, without the quotes that RFC 5322 puts around some names before an address; NULL without memory. */
const char *fps__inventory_person(fps__arena *arena, fps__span value);
const char *fps__inventory_value(fps__inventory_reading *reading, fps__span value);
/* A licence in the words of a database: SPDX where these are certain, else the words, copied in the same way. */
const char *fps__inventory_license(fps__inventory_reading *reading, fps__span words);
/* The normalised path of `name` as seen from the directory `base`, a copy; ".." never leaves the root. NULL
 * for the root itself, a name with NUL or of more than 4,096 bytes, and without memory. */
const char *fps__inventory_path(fps__inventory_reading *reading, const char *base, fps__span name);

/* Adds a path to reading->paths; NULL for a NULL path, above the limit, when the time is up and without memory. */
fps__owned_path *fps__inventory_add_path(fps__inventory_reading *reading, const char *path);
/* Gives reading->paths to the package, sorted by path and each path once, and empties them. */
void fps__inventory_end_paths(fps__inventory_reading *reading, fps__inventory_package *package);
/* Reads the digest of `size` bytes written in hexadecimal or base64 (either alphabet, padding or not). */
bool fps__owned_path_hex(fps__owned_path *owned, fps__digest_kind kind, fps__span text);
bool fps__owned_path_base64(fps__owned_path *owned, fps__digest_kind kind, fps__span text);

/* What reads the installed packages of a kind: either by patterns, file by file, or by functions of its own. */
typedef struct fps__inventory_reader {
    /* True when the bytes of the file at `path` are needed, which has `size` of them. Thread-safe. NULL: by `patterns`. */
    bool (*wants)(const char *path, uint64_t size);
    /* NULL: read_file for each file that a pattern fits. */
    void (*read)(fps__inventory_reading *reading);
    /* The files and folders that `wants` knows by a fixed path, up to NULL; NULL: none. See fps__inventory_place. */
    const char *const *places;
    const char *const *patterns; /* as fps__path_is_like reads them, up to NULL; NULL: none */
    void (*read_file)(fps__inventory_reading *reading, const fps__inventory_file *file);
} fps__inventory_reader;

/* True when the last parts of `path` are those of the pattern: "conda-meta/" with a '*' and ".json" behind it fits
 * "/opt/x/conda-meta/zlib.json". A '*' stands for any bytes of one part, at most once in a part. A pattern that begins
 * with '/' is of the whole path. Thread-safe. */
bool fps__path_is_like(const char *path, const char *pattern);

/* fps__reader_dpkg and all others that the table of package kinds names. */
#define FPS__READER(kind, name, ecosystem, scope, version, purl, space, arch, upstream, ends, reader)        \
    extern const fps__inventory_reader fps__reader_##reader;
FPS__PACKAGE_KINDS(FPS__READER)
#undef FPS__READER

/* Which distribution the target is: not a kind of packages, but read in the same way and before them. */
extern const fps__inventory_reader fps__reader_os_release;

/* Run after all readers, on sorted packages: facts.depends out of depends and provides. */
void fps__inventory_link(fps__inventory_reading *reading);

#endif
