/* What a compiled signature set holds in memory: made by compile, laid out by set_write, looked up later.
 *
 * A key is a 64-bit feature hash whose low 4 bits are the feature kind (feature/feature.h); a set keeps its top 44 or
 * 48 hash bits (database/layout.h). Each key leads to a posting: a deduplicated list of entries, and each entry says (component, unit, versions, weight).
 * Versions are bit sets over the releases of the component, in the order of the catalogue; for functions,
 * which say as much of the compiler as of the version, they are bit sets over its code builds.
 */
#ifndef FPS_DATABASE_SET_H
#define FPS_DATABASE_SET_H

#include <fpscan/database.h>
#include <fpscan/object.h>
#include <fpscan/status.h>
#include <stdbool.h>
#include <stdint.h>

enum { FPS__NONE = 0xffffffffu };

typedef struct fps__set_component {
    const char *id, *name, *purl, *cpe, *license, *family; /* never NULL; "" when unknown */
    const char *sources; /* patterns of source packages, as in the catalogue: "debian:zlib debian:minizip" */
    fps_component_role role;
    uint32_t since;         /* year of the first release, 0 unknown */
    uint32_t release_first; /* its releases are release_first .. +release_count in order, oldest first */
    uint32_t release_count;
    uint32_t unit_first; /* its units are unit_first .. +unit_count */
    uint32_t unit_count;
    uint32_t build_first; /* its code builds are build_first .. +build_count */
    uint32_t build_count;
    /* Of the functions of archive members only those are in the set whose key passes fps__sample_has with
     * this number; 0: all. And the same of shared objects and programs. */
    uint8_t sample_members, sample_others;
} fps__set_component;

enum { FPS__WEIGHT_FULL = 16 }; /* of a feature that one component alone has */

/* A weight, or a sum of weights, in features of full weight. */
static inline double fps__entry_weight(uint32_t sixteenths)
{
    return sixteenths / 16.0;
}

/* One key in 2^shift passes. */
static inline bool fps__sample_has(uint64_t key, unsigned shift)
{
    return (key >> 4 & ((UINT64_C(1) << shift) - 1)) == 0;
}
enum { FPS__MAX_SAMPLE = 16 };

typedef struct fps__set_release {
    const char *version;
    bool fingerprinted; /* builds of it are in the set, or texts that its sources hold and no build does */
    bool built;         /* builds are; a built release is fingerprinted */
} fps__set_release;

/* A release as one machine's compiler made it for one origin: what functions are compared by. Sorted by
 * release, machine, origin, toolchain. */
typedef struct fps__set_code_build {
    uint32_t release;      /* counted from the first of its component */
    uint16_t machine;      /* ELF e_machine */
    const char *toolchain; /* "gcc-12", "" when nothing tells */
    const char *origin;    /* as given to add: "debian bookworm", "variant clang-14" */
    bool archives;         /* archive members are among its objects: it can be compared by them */
} fps__set_code_build;

/* What a unit stands for in the files of its component (database/unit_name.h has their names). The numbers
 * are stored in sets and do not change. */
typedef enum fps__unit_kind {
    FPS__UNIT_SOURCE = 0,         /* a source file: texts that no build holds; or the set does not say */
    FPS__UNIT_MEMBER = 1,         /* an archive member: its literals, or its functions */
    FPS__UNIT_MEMBER_NAMES = 2,   /* what an archive member exports */
    FPS__UNIT_CLUSTER = 3,        /* neighbouring literals of one shared object or program */
    FPS__UNIT_RUN = 4,            /* neighbouring functions of one shared object or program */
    FPS__UNIT_NAMES = 5,          /* what one shared object or program exports */
    FPS__UNIT_SHARED_CLUSTER = 6, /* literals that the same several objects hold */
    FPS__UNIT_SHARED_NAMES = 7,   /* what the same several objects export */
    FPS__UNIT_KINDS,
} fps__unit_kind;

/* A unit is a part of a component that a file holds as a whole or not at all: an archive member, or
 * neighbours in a shared object or program. It never spans components. */
typedef struct fps__set_unit {
    uint32_t component;
    const char *name; /* "libz.a(inflate.o)", "libz#3" */
    bool code;        /* of functions; a unit of literals may have the same name */
    /* For each release of the component, or, of a unit of functions, for each of its code builds: the summed
     * weight (sixteenths) of its features there. */
    const uint32_t *totals;
    fps__unit_kind kind;
} fps__set_unit;

/* What one component says of one key. */
typedef struct fps__set_entry {
    uint32_t component;
    uint32_t unit;   /* of that component, or FPS__NONE */
    uint32_t any;    /* bit set: releases of which some build holds the feature; of a function, code builds */
    uint32_t all;    /* bit set: releases of which every build of the unit does; of a function, as `any` */
    uint16_t weight; /* in sixteenths, 0..FPS__WEIGHT_FULL; 0: known, but too common to count as evidence */
    uint16_t flags;  /* FPS__ENTRY_... */
} fps__set_entry;

enum {
    FPS__ENTRY_TEMPLATE_BARE = 1, /* a template that is nothing but the version */
    FPS__ENTRY_FOREIGN = 2,       /* owned by another component: explains, does not vote */
    FPS__ENTRY_CODE = 4,          /* of a function: bit sets are over code builds */
};

typedef struct fps__bit_set { /* bit i of words[i / 64] is release i of the component */
    const uint64_t *words;
    uint32_t word_count;
} fps__bit_set;

typedef struct fps__set_posting {
    const uint32_t *entries; /* entry ids, ascending */
    uint32_t count;
} fps__set_posting;

/* A version template as a person reads it: "inflate {V} Copyright # M #". */
typedef struct fps__set_template {
    uint64_t key;
    const char *text;
    uint32_t component;
    uint32_t learnt_from;   /* bit set id: releases it was learnt from */
    uint32_t negative_hits; /* files of the negative corpus that hold it */
} fps__set_template;

/* A release history of a component of the set: which releases' sources hold which texts. Its releases are those of its
 * own list, which the component's own list of releases holds too, at other places. */
typedef struct fps__set_history {
    uint32_t first, count; /* its releases: ids in the section of history releases, oldest first */
    uint32_t first_range, range_count; /* its release lists: ids in the section of history ranges */
} fps__set_history;

typedef struct fps__set_history_release {
    const char *version; /* never NULL */
    uint32_t day;        /* since 1970-01-01; 0: unknown */
} fps__set_history_release;

/* A distinct list of releases that texts of the history are in; `texts` of them are in the set. */
typedef struct fps__set_history_range {
    uint32_t component;
    uint32_t unit, texts; /* a source file, told apart by its number; texts: at least 1 in a good set */
    uint32_t pairs,
        pair_count; /* its pairs: ids in the section of history pairs, ascending, with gaps between */
} fps__set_history_range;

typedef struct fps__set_history_pair {
    uint32_t first, last; /* both in it; indexes of releases counted from the history's first */
} fps__set_history_pair;

/* The histories of a model. Releases and ranges of the histories follow one another without gaps in the order of the
 * histories, the pairs in the order of the ranges. Within a history the ranges ascend by their pairs. */
typedef struct fps__set_histories {
    const uint32_t *components; /* of each history, strictly ascending */
    const fps__set_history *items;
    uint32_t count;
    const fps__set_history_release *releases;
    uint32_t release_count;
    const fps__set_history_range *ranges;
    uint32_t range_count;
    const fps__set_history_pair *pairs;
    uint32_t pair_count;
    const uint64_t *keys; /* as layout.h draws them, strictly ascending */
    uint32_t key_count;
} fps__set_histories;

/* A patch: how the code of a component shows whether it has the fix of a vulnerability. */
typedef struct fps__set_patch {
    uint32_t component;
    const char *cve;       /* "CVE-2022-37434" */
    uint32_t first, count; /* its functions: ids in the section of patch functions */
} fps__set_patch;

/* A function as one build has it, before the patch or from it on. No key is of both states of a patch. */
typedef struct fps__set_patch_function {
    uint64_t key; /* of a function, whole: nothing but this tells the states apart */
    const char *name;
    const char *toolchain; /* "gcc-12", "" when nothing tells */
    const char *origin;    /* of the build, as given: "debian bookworm gcc-12 -O2", "" when not given */
    uint16_t machine;      /* ELF e_machine */
    bool fixed;
} fps__set_patch_function;

/* The patches of a model, strictly ascending by component and CVE. Their functions follow one another without gaps in the
 * order of the patches, and within a patch ascend strictly by key. */
typedef struct fps__set_patches {
    const fps__set_patch *items;
    uint32_t count;
    const fps__set_patch_function *functions;
    uint32_t function_count;
} fps__set_patches;

/* The whole set, as set_write takes it. All arrays are the caller's and are only read. Ids are indexes. */
typedef struct fps__set_model {
    const char *name;                     /* "base" */
    const char *creator;                  /* "sigbuild 0.1.0" */
    const char *parameters;               /* one line of "name=value ..." that made the weights */
    const fps__set_component *components; /* sorted by id */
    uint32_t component_count;
    const fps__set_release *releases;
    uint32_t release_count;
    const fps__set_code_build *code_builds;
    uint32_t code_build_count;
    const fps__set_unit *units;
    uint32_t unit_count;
    const fps__bit_set *bit_sets; /* deduplicated */
    uint32_t bit_set_count;
    const fps__set_entry *entries; /* deduplicated */
    uint32_t entry_count;
    const fps__set_posting *postings; /* deduplicated */
    uint32_t posting_count;
    const uint64_t *keys;        /* strictly ascending, without the hash bits that a set does not keep */
    const uint32_t *key_posting; /* posting of each key */
    uint64_t key_count;
    const fps__set_template *templates;
    uint32_t template_count;
    const char *rules; /* text of the version and naming rules, NULL for none */
    uint64_t rules_size;
    fps__set_histories histories;
    fps__set_patches patches;
} fps__set_model;

/* Writes the set to `path` through a temporary name in the same folder and rename. Same model, same bytes.
 * The releases and units of the components follow one another in the order of the components, without gaps; a
 * unit has totals for fingerprinted releases only (NULL: none); a bit set has no bit beyond the releases of
 * the components that use it. FPS_ERROR_IO (also a full disk; nothing is left behind), FPS_ERROR_LIMIT (a
 * count that the format cannot hold), FPS_ERROR_ARGUMENT (keys not ascending or of an unknown kind, an id out
 * of range), FPS_ERROR_MEMORY. */
fps_status fps__set_write(const fps__set_model *model, const char *path, fps_error *error);

/* ---- look-up: all on an open, immutable database; any number of threads ---- */

/* Looks `count` keys up, with software prefetch in batches. postings[i] becomes a posting or FPS__NONE. A key is told
 * by its kind and by the hash bits that the set keeps (layout.h), so that rarely another one has its posting. A posting is
 * an entry, or a list of them: what follows takes both.
 * Keys of a kind that the database refuses (another parameters id) give FPS__NONE. */
void fps__database_probe(const fps_database *database, const uint64_t *keys, size_t count,
                         uint32_t *postings);
uint32_t fps__database_probe_one(const fps_database *database, uint64_t key);

/* The checked accessors, and there are no others: an id, count or offset that is out of range gives 0, false
 * or an empty value, and raises the database's damage counter. */
uint32_t fps__database_posting_size(const fps_database *database, uint32_t posting);
bool fps__database_entry(const fps_database *database, uint32_t posting, uint32_t index,
                         fps__set_entry *entry);
bool fps__database_entry_by_id(const fps_database *database, uint32_t id, fps__set_entry *entry);
/* FPS__NONE when there is none. */
uint32_t fps__database_posting_entry_id(const fps_database *database, uint32_t posting, uint32_t index);
bool fps__database_component(const fps_database *database, uint32_t id, fps__set_component *component);
bool fps__database_release(const fps_database *database, uint32_t id, fps__set_release *release);
/* Without totals. */
bool fps__database_unit(const fps_database *database, uint32_t id, fps__set_unit *unit);
/* `index`: a release of the component, of a unit of functions a code build of it. */
uint32_t fps__database_unit_total(const fps_database *database, uint32_t unit, uint32_t index);
bool fps__database_code_build(const fps_database *database, uint32_t id, fps__set_code_build *build);
/* Without zero words at its end. */
bool fps__database_bit_set(const fps_database *database, uint32_t id, fps__bit_set *set);
bool fps__database_template(const fps_database *database, uint32_t id, fps__set_template *template_);
const char *fps__database_rules(const fps_database *database, uint64_t *size); /* NULL for none */

/* The history of a component; false: there is none. O(log n) of the histories. */
bool fps__database_history(const fps_database *database, uint32_t component, fps__set_history *history);
/* The number of components with a history. */
uint32_t fps__database_history_count(const fps_database *database);
/* History `index` of them, by component. */
bool fps__database_history_by_index(const fps_database *database, uint32_t index, uint32_t *component,
                                    fps__set_history *history);
bool fps__database_history_release(const fps_database *database, uint32_t id,
                                   fps__set_history_release *release);
/* All pairs of a range that is given are there. */
bool fps__database_history_range(const fps_database *database, uint32_t id, fps__set_history_range *range);
/* Ends of a pair, first <= last. The pair does not name its history: who goes on to releases compares `last` with the
 * history's `count`. */
bool fps__database_history_pair(const fps_database *database, uint32_t pair, uint32_t *first, uint32_t *last);
/* Ids of the ranges of all texts with this literal key, ascending: at most `most` are stored; returns how many there
 * are. The key is told by its top 44 bits. O(1), also in a hostile set; no allocation. An id that is out
 * of range is left out and is damage. */
size_t fps__database_history_find(const fps_database *database, uint64_t literal_key, uint32_t *ranges,
                                  size_t most);
/* History key `position` in ascending order: the top 44 bits of the literal's key, the others 0; and the range. */
bool fps__database_history_key(const fps_database *database, uint64_t position, uint64_t *key,
                               uint32_t *range);

/* The patches of a component: ids [*first, *first + *count) of the section of patches. O(log n) of the patches. In a hostile set
 * they may be others: compare the component of each. */
void fps__database_patches_of(const fps_database *database, uint32_t component, uint32_t *first,
                              uint32_t *count);
/* All functions of a patch that is given are there. */
bool fps__database_patch(const fps_database *database, uint32_t id, fps__set_patch *patch);
bool fps__database_patch_function(const fps_database *database, uint32_t id,
                                  fps__set_patch_function *function);

/* Counts: components, releases, code builds, units, bit sets, entries, items of the posting lists, keys, templates, and
 * what belongs to histories and to patches. */
typedef struct fps__set_counts {
    uint64_t components, releases, code_builds, units, bit_sets, entries, list_items, keys, templates;
    uint64_t histories, history_releases, history_ranges, history_pairs, history_keys;
    uint64_t patches, patch_functions;
} fps__set_counts;
void fps__database_counts(const fps_database *database, fps__set_counts *counts);
/* The key at a position, by kind and then ascending, with its posting; for import and dump. The hash bits that the set
 * does not keep are 0. Keys of refused kinds are neither counted nor given. */
bool fps__database_key(const fps_database *database, uint64_t position, uint64_t *key, uint32_t *posting);
/* Writes the whole set as stable text, one fact a line; what the callback refuses with ends it and is
 * returned. */
fps_status fps__database_dump(const fps_database *database, fps_write_callback write, void *user);
uint64_t fps__database_damage(const fps_database *database); /* bad values met so far */

static inline bool fps__bit_set_has(fps__bit_set set, uint32_t index)
{
    return index / 64 < set.word_count && (set.words[index / 64] >> (index % 64) & 1);
}

/* The number of releases that a bit set speaks of: its highest bit and one, 0 for the empty set. */
static inline uint64_t fps__bit_set_length(fps__bit_set set)
{
    uint32_t words = set.word_count;
    while (words > 0 && set.words[words - 1] == 0)
        words--;
    return words ? words * UINT64_C(64) - (unsigned)__builtin_clzll(set.words[words - 1]) : 0;
}

#endif
