/* Links between findings and packages: which findings a package explains, which of them drift contradicts,
 * and which files are left out because later layers hide them. */
#ifndef FPS_REPORT_REPORT_PACKAGES_H
#define FPS_REPORT_REPORT_PACKAGES_H

#include <fpscan/report.h>

#define FPS__NONE UINT32_MAX

struct fps__view;

/* Tables over the indexes of one result; made for each document. */
typedef struct fps__package_links {
    uint32_t *shown_index;   /* by file: its index among the files that are shown, FPS__NONE when it is not */
    uint32_t *contradiction; /* by finding: the drift item that speaks against its package, or FPS__NONE */
    uint32_t *first;         /* by package, and one more: where its part of `findings` starts */
    uint32_t *findings;      /* shown ones in files of packages: by package, then component, then file */
    uint32_t *ordinal;       /* by package: how many before it have its kind, name and version */
    uint32_t *identity;      /* by package: the best finding that is a second identity of it, or FPS__NONE */
    uint32_t *own;    /* by component: its best finding that is none, or FPS__NONE: no entry of its own */
    uint32_t *number; /* by component: how many before it have an entry of their own */
    uint32_t *home;   /* by component: the only package that its own entry lies in, or FPS__NONE */
} fps__package_links;

/* `view` gives the result and the options. False without memory; fps__package_links_free is due in any
 * case. */
bool fps__package_links_make(fps__package_links *links, const struct fps__view *view);
void fps__package_links_free(fps__package_links *links);

/* The package that owns the finding's file, unless drift contradicts it; FPS__NONE for none. */
uint32_t fps__package_links_explainer(const struct fps__view *view, const fps_finding *finding);
/* The drift item about the finding; NULL for none. */
const fps_drift *fps__package_links_contradiction(const struct fps__view *view, const fps_finding *finding);
/* True when the finding is a second identity of the package that owns its file: the file is this component's,
 * the package explains it, and is a distribution's or has its name. */
bool fps__package_links_merges(const struct fps__view *view, const fps_finding *finding);
/* The package that owns a file, FPS__NONE for none or when the index is out of range. */
uint32_t fps__package_links_owner(const fps_result *result, const fps_file *file);

#endif
