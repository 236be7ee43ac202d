/* The parts of sigbuild compile, in the order in which they run; private to compile_*.c. */
#ifndef FPS_COMPILER_COMPILE_INTERNAL_H
#define FPS_COMPILER_COMPILE_INTERNAL_H

#include "compiler/compile.h"
#include "database/set.h"
#include "feature/feature.h"
#include "util/array.h"

enum { FPS__WEIGHT_FULL = 16 };

/* A component while the set is made. */
typedef struct fps__compile_component {
    const fps__corpus_component *facts;
    uint32_t family;       /* index of the first component of its family */
    const char **releases; /* known and built ones, oldest first */
    uint32_t release_count;
    FPS__ARRAY(uint32_t) builds;      /* indexes of corpus builds that are compiled */
    uint64_t feature_total;           /* distinct literals and names over all builds */
    fps__set_code_build *code_builds; /* sorted */
    uint32_t code_build_count;
    uint8_t sample_members, sample_others; /* as in fps__set_component */
} fps__compile_component;

typedef struct fps__compilation {
    const fps__corpus *corpus;
    const fps__compile_options *options;
    fps__arena *arena;
    fps__compile_component *components;
    uint32_t component_count;
    uint32_t *build_component; /* component of each corpus build, FPS__NONE when it is left out */
    uint32_t *build_release;   /* release of each corpus build in its component */
    uint32_t *build_object;    /* build_count + 1 offsets into the corpus's objects */
    bool *left_out;       /* by corpus object: a static program, which says more of its libraries than of its
                             component */
    uint64_t *pair_start; /* feature_count + 1 offsets into pairs */
    uint32_t *pairs;      /* components that hold a feature, ascending */
    uint16_t *negative;   /* distinct unrelated source packages that hold a feature, saturated */
    uint16_t *weight;     /* of each feature for its owners: 0..16 */
    uint32_t *overlap;    /* component_count^2: features that two components share */
    uint64_t *foreign;    /* bit per pair: another component owns it, but this one's files explain it */
    uint64_t *owners;     /* bit per pair: this component owns the feature */
} fps__compilation;

/* What a component says of a feature, before equal ones are merged. */
typedef struct fps__compile_key_entry {
    uint64_t key;
    uint32_t entry;
} fps__compile_key_entry;

typedef struct fps__compile_sink fps__compile_sink;

fps_status fps__compile_components(fps__compilation *c,
                                   fps_error *error); /* components, releases, which builds count */
fps_status fps__compile_incidence(fps__compilation *c, fps_error *error); /* pairs, totals, overlap */
fps_status fps__compile_negative(fps__compilation *c, fps_error *error);  /* unrelated packages per feature */
fps_status fps__compile_owner(fps__compilation *c, fps_error *error);     /* owners and weights */

static inline bool fps__compile_owns(const fps__compilation *c, uint64_t pair)
{
    return c->owners[pair / 64] >> (pair % 64) & 1;
}
static inline bool fps__compile_is_foreign(const fps__compilation *c, uint64_t pair)
{
    return c->foreign[pair / 64] >> (pair % 64) & 1;
}

uint32_t fps__compile_find_component(const fps__compilation *c, const char *id); /* FPS__NONE when unknown */
uint32_t fps__compile_find_release(const fps__compile_component *component,
                                   const char *version); /* or FPS__NONE */

/* The model under construction: interning of texts, bit sets, entries and postings. */
typedef struct fps__compile_table { /* open addressing from a hash to an id */
    uint64_t *hashes;
    uint32_t *ids;
    size_t size, count;
} fps__compile_table;

struct fps__compile_sink {
    fps__arena *arena;
    FPS__ARRAY(fps__set_unit) units;
    FPS__ARRAY(fps__bit_set) bit_sets;
    FPS__ARRAY(fps__set_entry) entries;
    FPS__ARRAY(fps__set_posting) postings;
    FPS__ARRAY(fps__compile_key_entry) claims;
    FPS__ARRAY(fps__set_template) templates;
    fps__compile_table unit_table, bit_set_table, entry_table, posting_table;
    bool no_memory;
};

/* Ids of equal values are equal. FPS__NONE, and sink->no_memory, without memory. */
uint32_t fps__sink_bit_set(fps__compile_sink *sink, const uint64_t *words, uint32_t word_count);
void fps__sink_add_entry(fps__compile_sink *sink, uint64_t key, const fps__set_entry *entry);
uint32_t fps__sink_unit(fps__compile_sink *sink, uint32_t component, const char *name, bool code);
/* The sink's arrays are the model's: free it after the model was written. Sorts units, bit sets, entries and
 * claims into their final order, makes keys and postings, sums up the units, and fills the model, whose
 * components, releases and code builds are already there. */
fps_status fps__sink_finish(fps__compile_sink *sink, fps__set_component *components,
                            fps__set_release *releases, fps__set_model *model, fps_error *error);
void fps__sink_free(fps__compile_sink *sink);

/* Units, versions and claims of one component; its version templates; what was imported. */
fps_status fps__compile_units(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                              fps_error *error);
/* Code builds of all components; units, code builds and claims of the functions of one. */
fps_status fps__compile_code_builds(fps__compilation *c, fps_error *error);
fps_status fps__compile_functions(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                                  fps_error *error);
/* The code build of the same release, machine and origin, or FPS__NONE. */
uint32_t fps__compile_find_code_build(const fps__compile_component *component,
                                      const fps__set_code_build *build);
fps_status fps__compile_templates(fps__compilation *c, fps__compile_sink *sink, fps_error *error);
fps_status fps__compile_imported(fps__compilation *c, fps__compile_sink *sink, fps_error *error);

/* "usr/lib/x86_64-linux-gnu/libz.so.1.2.13" gives "libz.so": the name under which builds of one object are
 * compared. */
char *fps__object_stem(const char *path, bool member, fps__arena *arena);

#endif
