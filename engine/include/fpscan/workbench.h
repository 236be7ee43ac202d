/* The signature workbench: an SQLite file that packages, archives and builds are added to, and from which
 * sets are compiled.
 *
 *   fps_workbench_open(&bench, "w.db", &error)
 *   fps_workbench_load_catalogue(bench, "signatures/catalogue", &error)
 *   fps_workbench_add(bench, paths, count, &options, &result, &error)               as often as needed
 *   fps_workbench_compile(bench, "base.fpdb", &compile_options, &compiled, &error)
 *   fps_workbench_free(bench)
 *
 * Adding a package a second time changes nothing. A workbench is used by one thread at a time; callbacks run
 * on that thread. All functions that return a status may return FPS_ERROR_IO, FPS_ERROR_CORRUPT (the
 * workbench is damaged) and FPS_ERROR_MEMORY; further ones are named at each.
 */
#ifndef FPSCAN_WORKBENCH_H
#define FPSCAN_WORKBENCH_H

#include <fpscan/database.h>
#include <fpscan/status.h>
#include <stdbool.h>

FPS_BEGIN_DECLS

typedef struct fps_workbench fps_workbench;

/* What was learnt of a component: by add of one build or history, by compile of all of them. */
typedef struct fps_workbench_learnt {
    const char *component;     /* an id */
    const char *version;       /* add: of the build; "" for a history, and for compile */
    uint32_t objects;          /* add: of the build */
    uint32_t history_releases; /* of its release history; 0: there is none */
    /* Features: add counts those of the build, or the texts and names of the history; compile those that are evidence. */
    uint64_t texts, names, functions;
    /* The rest is of compile. */
    uint32_t releases; /* with a build */
    uint32_t alike;    /* of these: no feature and no text of the history tells them from another one */
    uint64_t built_texts, unrelated_texts; /* texts of its builds; those that unrelated files hold, too */
    bool imported; /* all of it is from compiled sets; `releases` and `alike` are 0 then */
} fps_workbench_learnt;

/* Receives one of them; all of it is valid during the call. */
typedef void (*fps_workbench_learnt_callback)(void *user, const fps_workbench_learnt *learnt);

/* What is added, where the package does not say it or says it wrongly. NULL: as the package says. */
typedef struct fps_workbench_add_options {
    const char *name;    /* component id */
    const char *version; /* upstream version */
    const char *purl, *cpe, *license;
    const char
        *origin; /* where the packages come from ("debian bookworm"), kept with each build; NULL: nothing */
    /* Of git repositories and source archives, see fps_history_options. */
    const char *tag, *paths, *drop;
    uint32_t most;
    bool negative;     /* unrelated files, which show what many programs have in common */
    unsigned parallel; /* threads that read packages; 0: one per processor */
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic);              /* may be NULL */
    void (*progress)(void *user, uint64_t done, uint64_t total, const char *path); /* may be NULL */
    fps_workbench_learnt_callback learnt; /* of each build and history that was added; may be NULL */
    void *user;
} fps_workbench_add_options;

typedef struct fps_workbench_add_result {
    uint32_t packages;  /* packages, archives and folders that were added */
    uint32_t replaced;  /* of these: known before, with other parameters */
    uint32_t unchanged; /* known before, by digest and parameters */
    uint32_t skipped;   /* packages of no known component */
    uint32_t objects;
    uint64_t features; /* of the objects that were added, each counted once per object */
    /* Files and parts of files that could not be read; each gave a diagnostic. A package of which a part
     * could not be read is left out as a whole. */
    uint32_t damaged;
    /* Release histories that were added; those that replaced one count in `replaced`, too. */
    uint32_t histories;
} fps_workbench_add_result;

typedef struct fps_workbench_compile_options {
    const char *name;    /* of the set; NULL: "base" */
    const char *rules;   /* file, or folder of *.rules; NULL: those of an imported set, if any */
    const char *against; /* path of a set whose components keep the features they own; NULL: none */
    /* Builds to leave out: NULL-terminated list of "COMPONENT=VERSION", or "@PATTERN" over package versions
     * and origins; NULL: none. */
    const char *const *leave_out;
    /* Of each component of the set, in the order of ids, before it is written; may be NULL. Takes some seconds for a large set. */
    fps_workbench_learnt_callback learnt;
    void *user;
} fps_workbench_compile_options;

typedef struct fps_workbench_compile_result {
    size_t dropped_features; /* features that no component owns; they are not in the set */
    size_t histories;        /* release histories in the set */
    size_t history_texts;    /* their texts */
    size_t patches;          /* patches of vulnerabilities in the set */
    size_t patch_functions;  /* their functions */
    size_t patches_left_out; /* patches of components that the set does not have */
} fps_workbench_compile_result;

/* Opens the workbench at `path`, and creates it where there is none. *bench is the caller's, to be freed by
 * fps_workbench_free; NULL on failure. FPS_ERROR_FORMAT: not a workbench; FPS_ERROR_VERSION: made by a newer
 * program (the message names both versions). */
FPS_API fps_status fps_workbench_open(fps_workbench **bench, const char *path, fps_error *error);
/* The same for a workbench that must exist: FPS_ERROR_IO when it does not. */
FPS_API fps_status fps_workbench_open_existing(fps_workbench **bench, const char *path, fps_error *error);
/* NULL is allowed. */
FPS_API void fps_workbench_free(fps_workbench *bench);

/* Reads catalogue text: a file, or every *.txt of a folder. FPS_ERROR_CORRUPT: the message names file and
 * line of the first fault. */
FPS_API fps_status fps_workbench_load_catalogue(fps_workbench *bench, const char *path, fps_error *error);
/* Adds packages, archives, objects and folders, with everything that is nested in them, in the order of
 * paths[0..count) whatever the number of threads. Nothing is extracted to disk. `options` and `result` may be
 * NULL. A file that cannot be read is a diagnostic. FPS_ERROR_ARGUMENT: an option that is not allowed;
 * FPS_ERROR_LIMIT. */
FPS_API fps_status fps_workbench_add(fps_workbench *bench, const char *const *paths, size_t count,
                                     const fps_workbench_add_options *options,
                                     fps_workbench_add_result *result, fps_error *error);
/* Takes in a compiled set: a workbench that contains nothing else compiles to the same bytes. Importing a set
 * again changes nothing. Keys come without the hash bits that a set does not keep; compile takes them for those of
 * the same features in builds. FPS_ERROR_VERSION: the set was made with other feature parameters;
 * FPS_ERROR_CORRUPT. */
FPS_API fps_status fps_workbench_import(fps_workbench *bench, const fps_database *database, fps_error *error);
/* Takes in all of another workbench. What is in both stays as it is here. Statuses are those of opening the
 * other. */
FPS_API fps_status fps_workbench_merge(fps_workbench *bench, const char *other_path, fps_error *error);

/* A patch of a vulnerability, by object files and archives with symbols of one source file or of a whole component. All that a
 * build had before the patch are `unfixed`, all from the patch on are `fixed`. */
typedef struct fps_workbench_patch {
    const char *component; /* an id that the workbench knows */
    const char *cves;      /* "CVE-2022-37434", or several with commas between */
    /* The functions that the patch changed, ended by NULL. NULL: all whose code differs, which is right where the two
     * states differ by the patch alone. */
    const char *const *functions;
    const char
        *origin; /* of the build, kept with each function: "debian bookworm gcc-12 -O2"; NULL: nothing */
    const char *const *unfixed, *const *fixed; /* paths, ended by NULL; at least one of each */
    const char *place; /* where this is said, for messages: "list.tsv:7"; NULL: nowhere */
} fps_workbench_patch;

typedef struct fps_workbench_patch_options {
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic); /* may be NULL */
    void *user;
} fps_workbench_patch_options;

typedef struct fps_workbench_patch_result {
    size_t rows;    /* that were read */
    size_t empty;   /* CVEs of rows that gave nothing; each gave a diagnostic */
    size_t patches; /* components and CVEs that a function was learnt of */
    size_t
        functions; /* that tell the states apart, each counted once in a row, whether known before or not */
    size_t small;  /* that differ and are too small to tell anything */
} fps_workbench_patch_result;

/* Learns patches[0..count), all or none of them. What is known already stays, and the same patch again changes nothing.
 * `options` and `result` may be NULL. FPS_ERROR_NOT_FOUND: the workbench does not know a component, and the message suggests
 * the nearest; FPS_ERROR_ARGUMENT: no CVE, no files; FPS_ERROR_FORMAT: a file that is no object; FPS_ERROR_LIMIT. */
FPS_API fps_status fps_workbench_add_patches(fps_workbench *bench, const fps_workbench_patch *patches,
                                             size_t count, const fps_workbench_patch_options *options,
                                             fps_workbench_patch_result *result, fps_error *error);
/* The same for a list: a line for each patch, with tabs between component, CVEs, functions (with commas between; "-": all),
 * origin, unfixed and fixed files (with spaces between, relative to the folder of the list). "#" starts a comment line.
 * Also FPS_ERROR_CORRUPT: the message names the line. */
FPS_API fps_status fps_workbench_add_patch_list(fps_workbench *bench, const char *path,
                                                const fps_workbench_patch_options *options,
                                                fps_workbench_patch_result *result, fps_error *error);

/* Writes the set to `path` through a temporary file; after a failure an existing file is as it was. `options`
 * and `result` may be NULL. FPS_ERROR_CORRUPT: rules that cannot be read; FPS_ERROR_LIMIT: more of something
 * than a set can contain. */
FPS_API fps_status fps_workbench_compile(fps_workbench *bench, const char *path,
                                         const fps_workbench_compile_options *options,
                                         fps_workbench_compile_result *result, fps_error *error);
/* Compiles with the same options and compares the outcome with the set at `path`. FPS_ERROR_CORRUPT: the
 * message names the first byte that differs. */
FPS_API fps_status fps_workbench_verify(fps_workbench *bench, const char *path,
                                        const fps_workbench_compile_options *options, fps_error *error);

typedef struct fps_workbench_stats {
    uint64_t components;    /* with known facts */
    uint64_t fingerprinted; /* components with a build */
    uint64_t versions;      /* of components, with a build */
    uint64_t builds, negative_builds;
    uint64_t objects, negative_objects; /* archive members count */
    uint64_t features;                  /* distinct */
    uint64_t object_features;           /* counted once per object */
    uint64_t version_texts;
    uint64_t imported_sets, imported_groups;
    uint64_t histories, history_releases, history_texts, history_names; /* rows of release histories */
    uint64_t patches, patch_functions; /* functions: different keys, in each patch and state */
} fps_workbench_stats;

/* Counts; fills *stats. */
FPS_API fps_status fps_workbench_read_stats(fps_workbench *bench, fps_workbench_stats *stats,
                                            fps_error *error);

/* Lists and their columns. */
typedef enum fps_workbench_list_kind {
    FPS_WORKBENCH_COMPONENTS = 0, /* component, name, versions, builds */
    FPS_WORKBENCH_VERSIONS = 1,   /* component, version, builds, architectures */
    /* component, version, package, its version, architecture, source, origin, file, sha256, objects */
    FPS_WORKBENCH_BUILDS = 2,
    FPS_WORKBENCH_NEGATIVES = 3, /* source, package, its version, architecture, file, sha256, objects */
    FPS_WORKBENCH_UNITS = 4,     /* component, unit, weight of its features in the release that has most */
    FPS_WORKBENCH_TEMPLATES =
        5, /* component, text, versions it was learnt from, negative files that contain it */
    /* component, file, releases, oldest release, newest release, its date, texts, names, sources */
    FPS_WORKBENCH_HISTORIES = 6,
    /* Literals that components have from others: component, other, "lent" or "common", literals, of so many, source files. Most
     * literals first. */
    FPS_WORKBENCH_DONORS = 7,
    /* Who holds a feature, which stands in place of the component: component, how, place, releases, weight, "own", "lent" or
     * "common". FPS_ERROR_ARGUMENT: no feature. */
    FPS_WORKBENCH_OWNERS = 8,
    /* component, CVE, keys of unfixed and of fixed functions that tell the states apart, names of the functions, builds */
    FPS_WORKBENCH_PATCHES = 9,
} fps_workbench_list_kind;

/* Receives one row: columns[0..count), valid during the call. Returns FPS_OK to go on; any other status ends
 * the list, which returns it. */
typedef fps_status (*fps_workbench_row_callback)(void *user, const char *const *columns, size_t count);

/* Hands every row of a list to `row`, in a stable order. `component` (an id) selects the rows of one
 * component; NULL: all. UNITS, TEMPLATES, DONORS and OWNERS compile first. FPS_ERROR_NOT_FOUND: no such component; or what
 * `row` returned. */
FPS_API fps_status fps_workbench_list(fps_workbench *bench, fps_workbench_list_kind kind,
                                      const char *component, fps_workbench_row_callback row, void *user,
                                      fps_error *error);

FPS_END_DECLS

#endif
