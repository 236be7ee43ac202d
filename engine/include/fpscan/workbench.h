/* The signature workbench: a SQLite file that packages, archives and builds are added to and that sets are
 * compiled from.
 *
 *   fps_workbench_open(&bench, "w.db", &error)
 *   fps_workbench_load_catalogue(bench, "signatures/catalogue", &error)
 *   fps_workbench_add(bench, "zlib1g_1.2.13.dfsg-1_amd64.deb", &options, &result, &error)     again and
 * again, idempotent fps_workbench_add_negative(bench, "somewhere/", ...) fps_workbench_compile(bench,
 * "base.fpdb", &compile_options, &error) fps_workbench_free(bench)
 *
 * A workbench is used by one thread at a time.
 */
#ifndef FPSCAN_WORKBENCH_H
#define FPSCAN_WORKBENCH_H

#include <fpscan/database.h>
#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps_workbench fps_workbench;

/* What is added, where the package does not say it or says it wrongly. NULL: take it from the package. */
typedef struct fps_workbench_add_options {
    const char *name;    /* component id */
    const char *version; /* upstream version */
    const char *purl, *cpe, *license;
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic); /* may be NULL; on the calling thread */
    void *user;
    const char
        *origin; /* where the packages are from ("debian bookworm"), kept with each build; may be NULL */
    unsigned parallel; /* threads that read packages; 0: one a processor */
    void (*progress)(void *user, uint64_t done, uint64_t total,
                     const char *path); /* may be NULL; on the calling thread */
} fps_workbench_add_options;

typedef struct fps_workbench_add_result {
    uint32_t packages;  /* packages, archives or folders that were added */
    uint32_t unchanged; /* already there, by digest and parameters */
    uint32_t objects;
    uint32_t skipped;  /* packages of no known component */
    uint64_t features; /* features of the objects that were added, each once an object */
    uint32_t replaced; /* of the packages that were added: known before, with other parameters */
    uint32_t damaged;  /* files and parts of files that could not be read; each gave a diagnostic. A package
                           of which the rest could not be read is left out whole */
} fps_workbench_add_result;

typedef struct fps_workbench_compile_options {
    const char *name;             /* of the set; NULL: "base" */
    const char *rules;            /* file, or folder of *.rules; NULL: those of an imported set, if any */
    const char *against;          /* path of a set whose features keep their owner; NULL: none */
    const char *const *leave_out; /* builds to leave out: NULL-ended list of "COMPONENT=VERSION", or
                                     "@PATTERN" over package versions and origins; NULL: none */
    size_t *dropped_features;     /* out: features that no component owns; may be NULL */
} fps_workbench_compile_options;

/* Opens or creates. FPS_ERROR_IO; FPS_ERROR_FORMAT not a workbench; FPS_ERROR_VERSION made by a newer program
 * (both versions are named); FPS_ERROR_CORRUPT. */
FPS_API fps_status fps_workbench_open(fps_workbench **bench, const char *path, fps_error *error);
/* The same for a file that must be there: FPS_ERROR_IO when it is not. */
FPS_API fps_status fps_workbench_open_existing(fps_workbench **bench, const char *path, fps_error *error);
FPS_API void fps_workbench_free(fps_workbench *bench);
/* Reads catalogue text (a file, or every *.txt of a folder). FPS_ERROR_CORRUPT names file and line of the
 * first fault. */
FPS_API fps_status fps_workbench_load_catalogue(fps_workbench *bench, const char *path, fps_error *error);
/* Adds one package, archive, object or folder, with everything nested in it. Nothing is extracted to disk. */
FPS_API fps_status fps_workbench_add(fps_workbench *bench, const char *path,
                                     const fps_workbench_add_options *options,
                                     fps_workbench_add_result *result, fps_error *error);
/* Adds many, in the order of `paths` whatever the number of threads. Files that cannot be read are
 * diagnostics. */
FPS_API fps_status fps_workbench_add_all(fps_workbench *bench, const char *const *paths, size_t count,
                                         bool negative, const fps_workbench_add_options *options,
                                         fps_workbench_add_result *result, fps_error *error);
FPS_API fps_status fps_workbench_add_negative(fps_workbench *bench, const char *path,
                                              const fps_workbench_add_options *options,
                                              fps_workbench_add_result *result, fps_error *error);
/* Takes in a compiled set: a workbench that holds nothing else compiles to the same bytes. The same set again
 * changes nothing. FPS_ERROR_VERSION: made with other feature parameters; FPS_ERROR_CORRUPT. */
FPS_API fps_status fps_workbench_import(fps_workbench *bench, const fps_database *database, fps_error *error);
/* Takes in all of another workbench. What is in both stays as it is here. */
FPS_API fps_status fps_workbench_merge(fps_workbench *bench, const char *other_path, fps_error *error);
/* Writes the set through a temporary name; a failure leaves an existing file as it was. */
FPS_API fps_status fps_workbench_compile(fps_workbench *bench, const char *path,
                                         const fps_workbench_compile_options *options, fps_error *error);

/* Compiles with the same options and compares with the set at `path` to the byte. FPS_ERROR_CORRUPT names the
 * first place that differs. */
FPS_API fps_status fps_workbench_verify(fps_workbench *bench, const char *path,
                                        const fps_workbench_compile_options *options, fps_error *error);

typedef struct fps_workbench_stats {
    uint64_t components;    /* that facts are known of */
    uint64_t fingerprinted; /* components with a build */
    uint64_t versions;      /* component-versions with a build */
    uint64_t builds, negative_builds;
    uint64_t objects, negative_objects; /* archive members count */
    uint64_t features;                  /* distinct */
    uint64_t object_features;           /* each once an object */
    uint64_t version_texts;
    uint64_t imported_sets, imported_groups;
} fps_workbench_stats;
FPS_API fps_status fps_workbench_read_stats(fps_workbench *bench, fps_workbench_stats *stats,
                                            fps_error *error);

/* Lists, each with its columns. */
typedef enum fps_workbench_list_kind {
    FPS_WORKBENCH_COMPONENTS = 0, /* component, name, versions, builds */
    FPS_WORKBENCH_VERSIONS = 1,   /* component, version, builds, architectures */
    FPS_WORKBENCH_BUILDS =
        2, /* component, version, package, its version, architecture, source, origin, file, sha256, objects */
    FPS_WORKBENCH_NEGATIVES = 3, /* source, package, its version, architecture, file, sha256, objects */
    FPS_WORKBENCH_UNITS = 4,     /* component, unit, weight of its features in the release that has most */
    FPS_WORKBENCH_TEMPLATES =
        5, /* component, text, versions it was learnt from, files of the negative corpus that hold it */
} fps_workbench_list_kind;

typedef struct fps_list_receiver {
    fps_status (*row)(void *user, const char *const *columns, size_t count); /* a failure ends the list */
    void *user;
} fps_list_receiver;

/* Hands every row of a list to `receiver`, in a stable order. `component` NULL: all. UNITS and TEMPLATES
 * compile first. */
FPS_API fps_status fps_workbench_list(fps_workbench *bench, fps_workbench_list_kind which,
                                      const char *component, const fps_list_receiver *receiver,
                                      fps_error *error);

#endif
