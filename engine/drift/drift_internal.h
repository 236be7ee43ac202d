/* What the files of drift share: the work in progress, providers of components, versions. */
#ifndef FPS_DRIFT_DRIFT_INTERNAL_H
#define FPS_DRIFT_DRIFT_INTERNAL_H

#include "drift/drift.h"
#include "util/clock.h"

#include "util/source_pattern.h"

/* ---- which packages are which component ---- */

/* Packages as components, by the patterns of the catalogue. */
typedef struct fps__providers {
    const char **ids; /* known components, sorted */
    size_t id_count;
    uint32_t *component_of; /* by package: index into ids of what fits best, UINT32_MAX for none */
    size_t *first;          /* by component, and one more: place of its first package in `packages` */
    uint32_t *packages;     /* system packages by component, in the order of the inventory */
} fps__providers;

/* False without memory; to be freed either way. */
bool fps__providers_create(fps__providers *providers, const fps__drift_input *input);
void fps__providers_free(fps__providers *providers);
/* Index of a component id, UINT32_MAX when it is not known. */
uint32_t fps__providers_find(const fps__providers *providers, const char *id);
/* What patterns are matched against: ecosystem, source, and the binary package. */
fps__source_name fps__source_name_of(const fps_package *facts);
/* Does the source of the package, with any of its binary packages, provide the component? Where the catalogue
 * does not say what the component is called in the package's ecosystem, a source of about the same name as
 * elsewhere does. */
bool fps__source_provides(const fps__drift_input *input, const fps_package *facts, const char *component);

/* A component that a package says it carries: Built-Using, bundled(...). */
typedef struct fps__carried {
    bool named;
    char version[128]; /* as the package writes it, "" when it does not say */
} fps__carried;
fps__carried fps__carried_find(const fps__drift_input *input, const fps__inventory_package *package,
                               const char *component);

/* ---- versions ---- */

/* What a package says of its own version. */
typedef struct fps__package_version {
    fps_package_kind kind; /* whose rules the version is written by */
    const char *version;
    bool apart; /* a release beside the answer does not contradict it: some known release must lie between */
} fps__package_version;
/* Can the answer not be what the package states? False wherever that is not certain: an answer below .9, a snapshot,
 * a version that has no place among the known releases. */
bool fps__drift_contradicts(const fps__drift_input *input, const char *component,
                            const fps_version_answer *answer, const fps__package_version *stated);
/* The answer in words: "1.2.8", "1.2.8 to 1.2.11"; NULL when it is unknown. Lives in the arena. */
const char *fps__drift_version_text(fps__arena *arena, const fps_version_answer *answer);

/* ---- the work ---- */

typedef struct fps__drift_work {
    const fps__drift_input *input;
    fps__arena *arena;
    fps__providers providers;
    uint32_t *node_of_file; /* by file: its node, or that of the archive that it lies in; FPS__NO_NODE when it
                               is not in the tree (deleted, shadowed) */
    bool prelink;           /* the package prelink is there and has been run */
    FPS__ARRAY(fps_drift) items;
    fps__alarm alarm;
    bool no_memory;
} fps__drift_work;

/* True without memory, and when the time is up. */
static inline bool fps__drift_stops(fps__drift_work *work)
{
    return work->no_memory || fps__alarm_rings(&work->alarm);
}

/* The package that owns a file, UINT32_MAX for none. */
uint32_t fps__drift_owner(const fps__drift_work *work, size_t file);
void fps__drift_add(fps__drift_work *work, const fps_drift *item);
/* A formatted text in the arena, control characters made "?"; "" without memory, which is noted. */
const char *fps__drift_text(fps__drift_work *work, const char *format, ...) FPS_PRINTF(2, 3);
/* `a`, `between` and `b` as they are, one after the other, in the arena; "" without memory. */
const char *fps__drift_join(fps__drift_work *work, const char *a, const char *between, const char *b);
/* Path of a node in the arena. */
const char *fps__drift_path(fps__drift_work *work, uint32_t node);
const fps__digests *fps__drift_digests(const fps__drift_work *work, uint32_t node);

typedef enum fps__comparison {
    FPS__COMPARISON_NONE = 0, /* nothing to compare with, or nothing to compare */
    FPS__COMPARISON_SAME,
    FPS__COMPARISON_OTHER,
} fps__comparison;
/* `digests` may be NULL. */
fps__comparison fps__digests_compare(const fps__owned_path *owned, const fps__digests *digests);

/* The kinds, each family in a file of its own. */
void fps__drift_unowned(fps__drift_work *work);  /* UNOWNED */
void fps__drift_findings(fps__drift_work *work); /* COMPONENT, VERSION, REPLACED */
void fps__drift_missing(fps__drift_work *work);  /* MISSING */
void fps__drift_digest(fps__drift_work *work);   /* DIGEST */

#endif
