/* The parts of sigbuild compile, in the order in which they run; private to compile_*.c. */
#ifndef FPS_COMPILER_COMPILE_INTERNAL_H
#define FPS_COMPILER_COMPILE_INTERNAL_H

#include "compiler/compile.h"
#include "database/set.h"
#include "feature/feature.h"
#include "util/array.h"
#include "util/bits.h"
#include "util/table.h"

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
    bool *from_sources; /* by release: it stands for others by its sources; NULL: there are none */
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
    /* By corpus object: a static program, which says more of its libraries than of its component. */
    bool *left_out;
    uint64_t *pair_start; /* feature_count + 1 offsets into pairs */
    uint32_t *pairs;      /* components that hold a feature, ascending */
    uint16_t *negative;   /* distinct unrelated source packages that hold a feature, saturated */
    /* The features that some hold, ascending by what a set stores of their keys: an imported feature has no more of it. */
    uint32_t *unrelated;
    uint32_t unrelated_count;
    uint16_t *weight;  /* of each feature for its owners: 0..16 */
    uint32_t *overlap; /* component_count^2: features that two components share */
    uint64_t *foreign; /* bit per pair: another component owns it, but this one's files explain it */
    uint64_t *owners;  /* bit per pair: this component owns the feature */
    bool *has_history; /* by component: its release history is here */
    bool *made_anew;   /* by component: so it is, and imported sets know it from its sources alone */
    const struct fps__sharing
        *sharing; /* compile_share.h; lives through the passes behind fps__compile_owner */
} fps__compilation;

/* What a component says of a feature, before equal ones are merged. */
typedef struct fps__compile_key_entry {
    uint64_t key;
    uint32_t entry;
} fps__compile_key_entry;

typedef struct fps__compile_sink fps__compile_sink;

fps_status fps__compile_components(fps__compilation *c, fps_error *error); /* releases, which builds count */
fps_status fps__compile_incidence(fps__compilation *c, fps_error *error);  /* pairs, totals, overlap */
fps_status fps__compile_negative(fps__compilation *c, fps_error *error); /* unrelated packages per feature */
fps_status fps__compile_owner(fps__compilation *c, fps_error *error);    /* owners and weights */

/* True for the name of a source file; a set keeps numbers instead (workbench_import.c). */
bool fps__compile_is_source_file(const char *unit);
/* The first source file of a history that holds a text; NULL for none. */
const char *fps__compile_source_file(const fps__corpus_history *history,
                                     const fps__corpus_history_text *text);
/* What a text of a history is worth, of FPS__WEIGHT_FULL; 0 for one that is no text of a person's. */
uint32_t fps__compile_source_worth(const fps__corpus_history_text *text);
/* True when a group of an imported set is left out, since it is made anew from the component's history. */
bool fps__compile_is_made_anew(const fps__compilation *c, const fps__corpus_group *group);
/* True when the catalogue says that `host` carries a copy of another component. */
bool fps__compile_declares(const fps__compilation *c, uint32_t host, uint32_t copy);
/* Distinct unrelated source packages that hold a feature of which no more is known than a set stores. */
uint32_t fps__compile_unrelated(const fps__compilation *c, uint64_t key);
/* What is left of the weight of a text or name, since unrelated files hold it. */
uint16_t fps__compile_weight_beside(const fps__compilation *c, uint32_t feature, uint16_t weight);

static inline bool fps__compile_owns(const fps__compilation *c, uint64_t pair)
{
    return fps__bits_has(c->owners, pair);
}
static inline bool fps__compile_is_foreign(const fps__compilation *c, uint64_t pair)
{
    return fps__bits_has(c->foreign, pair);
}

/* FPS__NONE when there is none. */
uint32_t fps__compile_find_component(const fps__compilation *c, const char *id);
uint32_t fps__compile_find_release(const fps__compile_component *component, const char *version);

/* The model under construction. Units, bit sets, entries and postings are interned: equal ones have one
 * id. */
struct fps__compile_sink {
    fps__arena *arena;
    FPS__ARRAY(fps__set_unit) units;
    FPS__ARRAY(fps__bit_set) bit_sets;
    FPS__ARRAY(fps__set_entry) entries;
    FPS__ARRAY(fps__set_posting) postings;
    FPS__ARRAY(fps__compile_key_entry) key_entries;
    FPS__ARRAY(fps__set_template) templates;
    fps__table unit_table, bit_set_table, entry_table, posting_table;
    fps_status
        status; /* of the first failure: FPS_ERROR_MEMORY, or FPS_ERROR_LIMIT for more than a set holds */
};

/* These return ids, FPS__NONE once the sink has failed. What they are given is copied. */
uint32_t fps__sink_bit_set(fps__compile_sink *sink, const uint64_t *words, uint32_t word_count);
uint32_t fps__sink_unit(fps__compile_sink *sink, const fps__set_unit *unit);
/* Says `entry` of a feature, whose key is cut to the bits that a set keeps: one that was imported is the same. */
void fps__sink_add_entry(fps__compile_sink *sink, uint64_t key, const fps__set_entry *entry);
void fps__sink_add_template(fps__compile_sink *sink, const fps__set_template *template_);
/* The status of the sink, with a message. */
fps_status fps__sink_status(const fps__compile_sink *sink, fps_error *error);
/* Sorts units, bit sets, entries and keys into their final order, makes postings, sums up the units, and
 * fills the model, whose components, releases and code builds are already there. The sink's arrays are the
 * model's: free the sink after the model was written. */
fps_status fps__sink_finish(fps__compile_sink *sink, fps__set_component *components,
                            fps__set_release *releases, fps__set_model *model, fps_error *error);
void fps__sink_free(fps__compile_sink *sink);

/* Units, releases and entries of the literals and names of one component. */
fps_status fps__compile_units(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                              fps_error *error);
/* Code builds of all components; units, code builds and entries of the functions of one. */
fps_status fps__compile_code_builds(fps__compilation *c, fps_error *error);
fps_status fps__compile_functions(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                                  fps_error *error);
/* Units and entries of the components that have a history and nothing else. */
fps_status fps__compile_sources(fps__compilation *c, fps__compile_sink *sink, fps_error *error);
/* The code build of the same release, machine and origin, or FPS__NONE. */
uint32_t fps__compile_find_code_build(const fps__compile_component *component,
                                      const fps__set_code_build *build);
/* Release histories: what is kept of them, for a model whose keys and entries are there. */
fps_status fps__compile_histories(fps__compilation *c, fps__set_model *model, fps_error *error);
/* Patches: the functions that tell their states apart. */
fps_status fps__compile_patches(fps__compilation *c, fps__set_model *model, fps_error *error);
/* The version templates of all components. */
fps_status fps__compile_templates(fps__compilation *c, fps__compile_sink *sink, fps_error *error);

#endif
