/* What package managers say is installed: the databases of distributions, environments and applications, packages of
 * languages, bills of materials that lie in the target, os-release.
 *
 *   for each file of the target: if (fps__inventory_wants(path, size))  keep its bytes
 *   fps__inventory_read(&inventory, files, count, &options, &error)      files sorted by path
 *   ... inventory.packages, each with the paths that it owns ...
 *   fps__inventory_free(&inventory)
 *
 * Everything is read from memory, never through a file in the target; every byte is hostile. A database that
 * cannot be read is a partial diagnostic "broken-package-database" (with its path) and the rest goes on.
 */
#ifndef FPS_INVENTORY_INVENTORY_H
#define FPS_INVENTORY_INVENTORY_H

#include "source/source.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"
#include "util/package_kind.h"

#include <fpscan/result.h>
#include <jansson.h>

typedef enum fps__digest_kind {
    FPS__DIGEST_NONE = 0,
    FPS__DIGEST_MD5,
    FPS__DIGEST_SHA1,
    FPS__DIGEST_SHA256,
    FPS__DIGEST_OTHER, /* known to be there, of a kind that is not compared */
} fps__digest_kind;

enum {
    FPS__OWNED_CONFIG = 1,     /* conffile, %config: may be changed */
    FPS__OWNED_GHOST = 2,      /* may be missing, has no bytes of its own */
    FPS__OWNED_OPTIONAL = 4,   /* documentation, %missingok, matched by a path-exclude: may be missing */
    FPS__OWNED_REGULAR = 8,    /* known to be a regular file */
    FPS__OWNED_DIRECTORY = 16, /* known to be a directory */
    FPS__OWNED_LINK = 32,      /* known to be a symbolic link */
};

/* A path that a package lists as its own. */
typedef struct fps__owned_path {
    const char *path; /* normalised, as the package names it: before usr-merge, diversions */
    uint8_t digest[32];
    uint8_t digest_kind; /* fps__digest_kind */
    uint8_t flags;       /* FPS__OWNED_ */
} fps__owned_path;

/* What only a bill of materials that is read as a whole says of an entry. Texts are "" when unknown. */
typedef struct fps__bill_facts {
    const char *reference, *above; /* of the entry, and of the one that it lies in */
    /* Of a bill of our own: a component, found by its content, with how it was found. */
    bool found;
    const char *state, *linkage, *role, *confidence, *version_kind, *version_confidence, *range, *family,
        *doubt;
    const fps_relative *candidates; /* what it may be instead; NULL for none */
    size_t candidate_count;
    bool program;
    const char *const *places; /* the files that it is in, "FILE" or "ARCHIVE!FILE" */
    size_t place_count;
} fps__bill_facts;

typedef enum fps__bill_relation {
    FPS__BILL_NEEDS,
    FPS__BILL_HOLDS,
    FPS__BILL_LICENSED,
    FPS__BILL_SUPPLIED
} fps__bill_relation;

/* "FROM needs, holds, is licensed by TO": references of a bill. */
typedef struct fps__bill_edge {
    const char *from, *to;
    fps__bill_relation kind;
} fps__bill_edge;

/* What a reference to a licence stands for. */
typedef struct fps__bill_word {
    const char *reference, *words;
} fps__bill_word;

typedef struct fps__inventory_package {
    fps_package facts; /* texts never NULL; `depends`, `layer`, `owned` are filled in later */
    const fps__owned_path *paths;
    size_t path_count;
    bool paths_known;        /* the database says which files it has (status.d without lists does not) */
    const char *depends;     /* names of what it needs, as its ecosystem writes them: "a (>= 1), b | c"; "" */
    const char *provides;    /* names it stands for, the same way; "" */
    const char *built_using; /* what it says it carries: Built-Using of dpkg, bundled(...) of rpm; "" */
    const char *root;        /* of a language package: the directory that is its own as a whole, or "" */
    bool billed, repeated;   /* a bill of materials in the target alone lists it; so does something else */
    const char
        *qualifiers; /* of the package URL beyond those of its kind: lines "key=value", not encoded; "" */
    const fps__bill_facts *bill; /* NULL unless a bill is read as a whole */
} fps__inventory_package;

static inline bool fps__is_system_package(const fps__inventory_package *package)
{
    return fps__package_kind_of(package->facts.kind)->system;
}

/* A path that dpkg-divert moved: what `by` brings stays at `from`, what all others bring is at `to`. */
typedef struct fps__diversion {
    const char *from, *to, *by; /* by: package, ":" for the administrator */
} fps__diversion;

typedef struct fps__inventory {
    fps__arena arena;
    FPS__ARRAY(fps__inventory_package) packages; /* sorted by kind, name, version, location */
    FPS__ARRAY(fps__diversion) diversions;
    FPS__ARRAY(const char *) excluded; /* path-exclude patterns of dpkg.cfg, "!" before a path-include */
    const char *os_id, *os_version_id, *os_name, *os_like; /* of os-release, "" when unknown */
    FPS__ARRAY(fps__bill_edge) edges;                      /* of a bill that is read as a whole */
    FPS__ARRAY(fps__bill_word) words;                      /* licences that it has itself */
    const char *subject;                                   /* what it is about; NULL when it does not say */
} fps__inventory;

/* A file of the target that an inventory reads. `bytes` live until fps__inventory_read returns. */
typedef struct fps__inventory_file {
    const char *path;
    fps__span bytes;
} fps__inventory_file;

/* True when the bytes of the file at `path` (normalised, `size` bytes) are needed. Thread-safe. */
bool fps__inventory_wants(const char *path, uint64_t size);
/* The files and folders that are looked for under a fixed path: a target may have a link in their place, or above them,
 * and then hands the files in as if they lay here. NULL when `index` is out of range. Thread-safe. */
const char *fps__inventory_place(size_t index);
/* Folders that systems with a read-only root have moved databases to: the folder, and in *place the one that it stands
 * for, below which its files are handed in where that does not exist. NULL when `index` is out of range. Thread-safe. */
const char *fps__inventory_moved(size_t index, const char **place);

typedef void fps__inventory_child(void *user, const char *name);

/* Zero means: no callback, no limit, no deadline. */
typedef struct fps__inventory_options {
    fps__diagnostic_callback diagnostic;
    void *user;
    size_t memory; /* most bytes of packages, paths and texts; above, FPS_ERROR_MEMORY */
    /* On the scale of util/clock.h; then the rest is left out, and a diagnostic says so. */
    uint64_t deadline_ms;
    /* Calls `child` with the name of each entry of a folder of the target, in any order; where packages are known by the
     * names of their folders alone. NULL: such packages are not found. */
    void (*children)(void *user, const char *folder, fps__inventory_child *child, void *child_user);
} fps__inventory_options;

/* Texts are copied into the inventory's arena. Takes time in proportion to the bytes, and each file is read once.
 * `options` may be NULL. FPS_ERROR_MEMORY. */
fps_status fps__inventory_read(fps__inventory *inventory, const fps__inventory_file *files, size_t count,
                               const fps__inventory_options *options, fps_error *error);
/* Reads one bill of materials as a whole: every package and component, in the order of the document, with what it says of
 * them; those without a package URL, too. `root` is the document where it is JSON, else NULL. Otherwise as above. */
fps_status fps__inventory_read_bill(fps__inventory *inventory, const fps__inventory_file *file,
                                    const json_t *root, const fps__inventory_options *options,
                                    fps_error *error);
void fps__inventory_free(fps__inventory *inventory);

/* The package URL of a package, in `arena`: its type, name, version, architecture, source package and, for packages of
 * a distribution, that. `os_id` and `os_version_id` are "" when unknown, `qualifiers` are further ones as above. "" when
 * the package has no name, when the URL is longer than 2,048 bytes, or without memory. */
const char *fps__inventory_purl(fps__arena *arena, const fps_package *facts, const char *os_id,
                                const char *os_version_id, const char *qualifiers);
/* Facts of a package about which nothing is known: texts are "". */
fps_package fps__inventory_facts(fps_package_kind kind);

#endif
