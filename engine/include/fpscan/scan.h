/* One scan from target to result.
 *
 *   fps_scan_create(&scan, &options, &error)
 *   fps_scan_add_database(scan, database, &error)     one or more open sets: one candidate pool
 *   fps_scan_add_yara(scan, "rules.yar", &error)      a user's own rules, optional
 *   fps_scan_run(scan, "/some/rootfs", &result, &error)
 *   ... fps_report_write(result, ...) ...
 *   fps_result_free(result); fps_scan_free(scan); fps_database_free(database)
 *
 * A scan is used by one thread at a time; it makes threads of its own. The databases must outlive scan and
 * result.
 */
#ifndef FPSCAN_SCAN_H
#define FPSCAN_SCAN_H

#include <fpscan/result.h>

typedef struct fps_scan fps_scan;

typedef struct fps_scan_progress {
    uint64_t entries_seen, files_done, bytes_done;
    uint64_t files_queued, bytes_queued; /* known so far */
    bool walk_finished;
    uint64_t packed_done,
        packed_total; /* bytes of an image's blobs that were gone through, and of all; 0: no image */
    const char *path; /* a file that is being looked at, or NULL */
} fps_scan_progress;

/* The zero value means the defaults. */
typedef struct fps_scan_options {
    unsigned workers;      /* threads, 0: one a core, at most 64 */
    uint64_t file_limit;   /* bytes; a larger file is a partial diagnostic; 0: 4 GiB */
    uint64_t memory_limit; /* bytes for buffers of all workers together, 0: 1 GiB */
    uint64_t timeout_ms; /* of the whole scan, 0: none. Files not looked at by then are partial diagnostics */
    uint64_t file_timeout_ms; /* of one file, 0: 60,000 */
    bool one_file_system;
    bool no_exact;      /* do not use whole-file, section, symbol-table and build-id hashes */
    bool all_evidence;  /* keep every piece of evidence, not the best 64 */
    bool keep_excluded; /* keep candidates that were turned down, as state mentioned with `against` set: for
                           explain */
    const char *const
        *skip_dirs; /* NULL-ended globs over paths inside the target, with or without leading '/' */
    const char *const *skip_files; /* the same for files */
    const char *cache_dir;         /* for compiled rules and results; NULL: nothing is kept */
    uint64_t cache_limit;          /* most bytes of results that are kept, 0: 2 GiB */
    const char *
        platform; /* of a multi-platform image, "OS/ARCH[/VARIANT]"; NULL: linux on the host's architecture */
    const char *image;       /* which of several images, by tag, name or digest; NULL: the only one */
    const char *base_images; /* file of known base images (fps_base_image_add); NULL: none */
    bool verify_digests;     /* compare all owned files with their packages' manifests */
    bool no_archives;        /* do not look into archives inside the target */
    unsigned archive_depth;  /* most archives inside each other, 0: 8 */
    void (*progress)(void *user,
                     const fps_scan_progress *progress); /* at most ten times a second, from one thread */
    void *user;
} fps_scan_options;

FPS_API fps_status fps_scan_create(fps_scan **scan, const fps_scan_options *options, fps_error *error);
FPS_API fps_status fps_scan_add_database(fps_scan *scan, const fps_database *database, fps_error *error);
/* Compiles a YARA source file. FPS_ERROR_CORRUPT names the line of the first fault. */
FPS_API fps_status fps_scan_add_yara(fps_scan *scan, const char *path, fps_error *error);
/* Scans a directory, a file, a tar of a root or a container image, with or without a scheme before it:
 * "dir:", "file:", "tar:", "oci-dir:", "oci-archive:", "docker-archive:" (each also with "//" behind it).
 * FPS_ERROR_NOT_FOUND no such target; FPS_ERROR_IO; FPS_ERROR_UNSUPPORTED a scheme that this build does not
 * read. What is wrong inside the target never fails the scan. */
FPS_API fps_status fps_scan_run(fps_scan *scan, const char *target, fps_result **result, fps_error *error);
FPS_API void fps_scan_free(fps_scan *scan);

#endif
