/* One scan, from target to result.
 *
 *   fps_scan_create(&scan, &options, &error)
 *   fps_scan_add_database(scan, database, &error)           one or more open sets, searched together
 *   fps_scan_add_yara(scan, "rules.yar", &error)            the user's own rules, optional
 *   fps_scan_run(scan, "/some/rootfs", &result, &error)
 *   fps_report_write(result, ...)
 *   fps_result_free(result)
 *   fps_scan_free(scan)
 *   fps_database_free(database)
 *
 * A scan is used by one thread at a time; it starts worker threads of its own. The databases must outlive the
 * scan and its results.
 */
#ifndef FPSCAN_SCAN_H
#define FPSCAN_SCAN_H

#include <fpscan/result.h>

FPS_BEGIN_DECLS

typedef struct fps_scan fps_scan;

typedef struct fps_scan_progress {
    uint64_t entries_seen;               /* files, directories and others */
    uint64_t files_done, bytes_done;     /* scanned so far */
    uint64_t files_queued, bytes_queued; /* known so far, those done included */
    bool walk_finished;                  /* nothing more will be queued */
    uint64_t packed_done, packed_total;  /* bytes of an image's blobs: read so far, and of all; 0: no image */
    unsigned layer, layers; /* of an image: the layer that is being read, from 1, and how many; 0: no image */
    const char *path;       /* a file that is being scanned, or NULL; valid during the call */
} fps_scan_progress;

#define FPS_DEFAULT_MEMORY_LIMIT ((uint64_t)1 << 30) /* bytes */

/* The zero value of each member means the default. Texts and lists are copied. */
typedef struct fps_scan_options {
    unsigned workers;    /* threads, at most 64; 0: one per processor */
    uint64_t file_limit; /* bytes; a larger file is not scanned (diagnostic "too-large"); 0: 4 GiB */
    /* Bytes for all that the target makes the scan hold: buffers of files, package databases, names; 0:
     * FPS_DEFAULT_MEMORY_LIMIT. A file that does not fit is a partial diagnostic "too-large". */
    uint64_t memory_limit;
    uint64_t timeout_ms;      /* of the whole scan; files not scanned by then are diagnostics; 0: none */
    uint64_t file_timeout_ms; /* of one file; 0: 60,000 */
    bool one_file_system;     /* do not enter directories on other file systems than the target's */
    bool no_exact; /* do not use hashes of whole files, sections and symbol tables, and build-ids */
    /* Do not read versions in texts, names and numbers of a file: what is left tells how much the rest of it says. */
    bool no_version_texts;
    bool all_evidence;  /* keep every piece of evidence, not the best 64 of each finding */
    bool keep_excluded; /* keep rejected candidates, as state mentioned with `against` set: for explain */
    /* NULL-terminated globs over paths inside the target, with or without leading '/'; NULL: none. */
    const char *const *skip_dirs;
    const char *const *skip_files;
    const char *cache_dir;   /* folder for results and compiled rules; NULL: nothing is kept */
    uint64_t cache_limit;    /* bytes of results that are kept; 0: FPS_CACHE_LIMIT of cache.h */
    const char *platform;    /* of a multi-platform image, "OS/ARCH[/VARIANT]"; NULL: linux on this machine */
    const char *image;       /* which of several images, by tag, name or digest; NULL: the only one */
    const char *base_images; /* table of known base images (base_image.h); NULL: none */
    bool verify_digests;     /* compare all owned files with the digests in their packages' manifests */
    /* Of an image also packages that lower layers list and later ones removed or replaced. */
    bool finding_digests; /* compute the SHA-1 of each file with findings, for SPDX */
    bool hidden_packages;
    bool no_archives;       /* do not scan archives inside the target */
    unsigned archive_depth; /* how many archives may be nested; 0: 8 */
    unsigned ratio_limit;   /* most unpacked bytes for a packed one, of a layer or archive; 0: 200 */
    /* Asked about ten times a second, by one thread at a time, with `user`; true ends the scan as a timeout does, with what was
     * found so far, and is a partial diagnostic "interrupted". NULL: never. */
    bool (*interrupted)(void *user);
    const char *target_name; /* what the report calls the target; NULL: as it was named */
    /* Called at most ten times a second, by one thread at a time, with `user`; NULL: not wanted. */
    void (*progress)(void *user, const fps_scan_progress *progress);
    void *user;
} fps_scan_options;

/* Creates a scan. *scan is the caller's, to be freed by fps_scan_free; NULL on failure. `options` may be
 * NULL. FPS_ERROR_MEMORY. */
FPS_API fps_status fps_scan_create(fps_scan **scan, const fps_scan_options *options, fps_error *error);
/* Adds a set, which stays the caller's. FPS_ERROR_LIMIT: too many sets; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_scan_add_database(fps_scan *scan, const fps_database *database, fps_error *error);
/* Compiles the rules of a set for all processors of the architecture. *bytes is the caller's, to be freed by free(); NULL and 0 for a
 * set without rules. FPS_ERROR_MEMORY; FPS_ERROR_FORMAT: a rule that the library of patterns refuses. Thread-safe. */
FPS_API fps_status fps_scan_compile_rules(const fps_database *database, void **bytes, size_t *size,
                                          fps_error *error);
/* Gives rules that were compiled before, by fps_scan_compile_rules: sets with the same rules start without
 * compiling them. The bytes must outlive the scan. Bytes of other rules, or for another library or processor, are not used. */
FPS_API void fps_scan_use_rules(fps_scan *scan, const void *bytes, size_t size);
/* Compiles a YARA source file. FPS_ERROR_CORRUPT: the message names the line of the first error;
 * FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_scan_add_yara(fps_scan *scan, const char *path, fps_error *error);
/* The component that rule `index` of all YARA files names, "" where it names none, and behind those the ones that are known by a text
 * of their own, without a set; NULL when `index` is out of range. It lives as long as the scan. Thread-safe. */
FPS_API const char *fps_scan_rule_component(const fps_scan *scan, size_t index);
/* Scans a directory, a file, a tar of a root file system or a container image, or reads a bill of materials or a JSON report,
 * as fps_document_read does. target.h says how a target may
 * be named. *result is the caller's, to be freed by fps_result_free; NULL on failure. Damage inside the
 * target never fails the scan: it becomes a diagnostic. FPS_ERROR_NOT_FOUND: no such target, image or
 * platform; FPS_ERROR_UNSUPPORTED: a scheme that this build does not know; FPS_ERROR_ARGUMENT: an empty
 * target; FPS_ERROR_FORMAT, FPS_ERROR_CORRUPT, FPS_ERROR_VERSION, FPS_ERROR_LIMIT: an image whose documents
 * cannot be used; FPS_ERROR_IO; FPS_ERROR_MEMORY. */
FPS_API fps_status fps_scan_run(fps_scan *scan, const char *target, fps_result **result, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_scan_free(fps_scan *scan);

FPS_END_DECLS

#endif
