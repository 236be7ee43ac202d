/* Packages and drift of one run: the tables that both use. */
#ifndef FPS_SCAN_SCAN_PACKAGES_H
#define FPS_SCAN_SCAN_PACKAGES_H

#include "drift/drift.h"
#include "scan/scan_internal.h"

/* Lookup tables indexed by tree node, and what they are made from. */
typedef struct fps__package_work {
    fps__scan_run *run;
    fps_result *result;
    fps__inventory inventory;
    fps__ownership ownership;
    FPS__ARRAY(fps__inventory_file) files; /* sorted by path */
    uint32_t *file_of;                     /* index of the object at a node */
    uint32_t *scanned_of;                  /* index of what was looked at there, in a directory */
    const fps__digests **digests;          /* of the bytes of a node */
    uint32_t count;                        /* nodes */
    fps__source *source;                   /* of a directory, once a digest was asked for */
    fps__source_content content;
} fps__package_work;

/* The content of a layer that a node of `names` stands for, NULL in a directory that was walked. */
const fps__content *fps__scan_content(const fps__scan_run *run, const fps__tree *names, uint32_t id);
/* Adds packages that only lower layers of an image list, with their visibility, where the options ask for them. */
fps_status fps__scan_removed(fps__package_work *work, fps_error *error);
/* Finds drift and puts it into the result; `first` is the index of the inventory's first package there. */
fps_status fps__scan_drift(fps__package_work *work, uint32_t first, fps_error *error);

#endif
