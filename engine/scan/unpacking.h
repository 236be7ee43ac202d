/* One file while all that it holds is looked at; private to analyse_archive.c (archives, packages) and analyse_inside.c
 * (objects, and what other bytes hold). */
#ifndef FPS_SCAN_UNPACKING_H
#define FPS_SCAN_UNPACKING_H

#include "archive/package.h"
#include "scan/scan_internal.h"

/* Where a package's own files begin, as a path inside the outermost archive. */
typedef struct fps__unpacking_root {
    const char *path; /* every file whose path begins so is the package's */
    size_t length;
    bool repeated; /* said better by another */
    bool main;     /* the package is the archive or program itself, whatever in it tells of it */
    bool listed;   /* a program lists it: part of the main package at this root, and never said twice */
} fps__unpacking_root;

/* A Java archive inside the outermost one, or what its manifest says; several for one root are the same jar. */
typedef struct fps__unpacking_jar {
    const char
        *root; /* what the paths of its files begin with: "a.war!WEB-INF/lib/b.jar!", "" for the outermost */
    size_t length;
    const char *manifest; /* of fps__jar_keep_manifest, "" when there is none */
    const char *folder;   /* that its classes lie in, "" when there is none */
    unsigned version;     /* the highest version of its class files, 0 when there are none */
} fps__unpacking_jar;

/* The folder that all classes of one archive lie in, while they go by. */
typedef struct fps__unpacking_folder {
    char root[1024]; /* the archive, inside the package that was begun last */
    char path[256];
    size_t root_length, length;
    unsigned version; /* the highest of the class files */
    bool any;
} fps__unpacking_folder;

/* Lists end up in worker->kept. */
typedef struct fps__unpacking {
    fps__scan_run *run;
    fps__scan_worker *worker;
    uint64_t deadline_ms;
    FPS__ARRAY(fps__analysed_member) members;
    FPS__ARRAY(fps_package) packages;
    FPS__ARRAY(fps__unpacking_root) roots; /* of each package */
    FPS__ARRAY(fps__unpacking_jar) jars;
    fps__unpacking_folder folder; /* of the classes that are read now */
    const char *manifest;         /* of the outermost file, NULL when it has none */
    FPS__ARRAY(fps_diagnostic) remarks;
    FPS__ARRAY(const char *) prefixes; /* of the packages that have begun: "a/b.whl!" */
    fps__package_reading *reading;     /* by which parts are read on */
    fps__span whole;                   /* the outermost file ... */
    unsigned kind;                     /* ... and what it is, FPS__FILE_ of file_kind.h */
    uint32_t objects;                  /* that are inside each other */
    bool timed_out, no_memory;
    bool full;       /* of packages; the rest is left out */
    bool incomplete; /* a member took too long or too much memory; the others were looked at */
} fps__unpacking;

/* A copy in the kept arena; NULL without memory, and u->no_memory is set. */
const char *fps__unpacking_keep(fps__unpacking *u, const char *text);
/* The path inside the outermost file of one inside the package that was begun last, kept. */
const char *fps__unpacking_path(fps__unpacking *u, const char *path);
/* Takes note of a package whose files begin with `root`; both are kept. Returns its place, to be filled by the caller; valid until the
 * next one is added. NULL: without memory, and u->no_memory is set; or there are 65,536 already, and a remark says so. */
fps__unpacking_root *fps__unpacking_add_package(fps__unpacking *u, const fps_package *package,
                                                const char *root);
void fps__unpacking_remark(void *user, const fps_diagnostic *diagnostic);
/* The same for a path inside the outermost file. */
void fps__unpacking_remark_at(fps__unpacking *u, const fps_diagnostic *diagnostic);

/* One object at `path` and what lies inside of it. *used becomes the offset of what lies behind it in `bytes`, their size
 * where nothing does; NULL: that is looked at too. */
fps_status fps__unpacking_object(fps__unpacking *u, const char *path, unsigned kind, fps__span bytes,
                                 uint64_t *used);
/* A file of no known type: the zip archive at its end, and whatever else lies in it. */
fps_status fps__unpacking_opaque(fps__unpacking *u, const char *path, fps__span bytes);
/* The parts of `bytes`, which lie at `offset` of the file at `path`. `flags`: FPS__INSIDE_. */
fps_status fps__unpacking_parts(fps__unpacking *u, const char *path, fps__span bytes, uint64_t offset,
                                unsigned flags);

#endif
