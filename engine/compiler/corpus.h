/* A workbench loaded into memory: what sigbuild compile works on.
 *
 * Feature ids are indexes into `features`; the features of an object are in the order of their addresses, so
 * that neighbours in the list are neighbours in the file.
 */
#ifndef FPS_COMPILER_CORPUS_H
#define FPS_COMPILER_CORPUS_H

#include "util/arena.h"

#include <fpscan/database.h>
#include <fpscan/object.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct fps__corpus_feature {
    uint64_t key;     /* an imported one has only the hash bits that a set keeps */
    const char *text; /* literals, names and templates: the text (templates: with the slot filled as "{V}");
                         else NULL */
} fps__corpus_feature;

/* One build of one component-version: a package of one architecture and release, an archive, a folder. */
typedef struct fps__corpus_build {
    const char *component;                                         /* catalogue id */
    const char *version;                                           /* upstream version */
    const char *package, *package_version, *architecture, *source; /* "" when unknown */
    const char *purl, *cpe, *license;                              /* as given by hand, "" otherwise */
    bool imported;                                                 /* taken from a compiled set */
    const char *origin; /* where it was taken from, as given to add ("debian bookworm"), "" when unknown */
} fps__corpus_build;

typedef struct fps__corpus_object {
    uint32_t build;
    /* in the package; "libz.a(inflate.o)" for an archive member; the unit's name when imported */
    const char *path;
    fps_object_type type;
    uint16_t machine;
    bool member;           /* of an ar archive: a unit of its own */
    const char *toolchain; /* "gcc-12", "" when nothing tells */
    const uint32_t *features;
    uint32_t feature_count;
} fps__corpus_object;

/* A version text found in an object: template feature, and the text that stood in its slot. */
typedef struct fps__corpus_version_text {
    uint32_t object;
    uint32_t feature; /* of kind template */
    const char *version;
} fps__corpus_version_text;

/* An unrelated file of the negative corpus. */
typedef struct fps__corpus_negative {
    const char *source; /* source package, or the path when it has none */
    const char *path;
    const uint32_t *features;
    uint32_t feature_count;
} fps__corpus_negative;

/* Facts of a component as the catalogue or an imported set gives them; texts are "" when unknown. */
typedef struct fps__corpus_component {
    const char *id, *name, *purl, *cpe, *license, *family, *sources,
        *vendors; /* vendors: component ids, space-separated */
    fps_component_role role;
    uint32_t since;
    const char **releases; /* known releases in order, oldest first */
    uint32_t release_count;
} fps__corpus_component;

/* Features that an imported set says the same of: one entry of that set. Taken over by compile as they are.
 * Of functions `any` and `all` are code builds as compiler/code_build.h writes them. */
typedef struct fps__corpus_group {
    const char *component, *unit;
    const char **any, **all; /* versions; see fps__set_entry */
    uint32_t any_count, all_count;
    uint16_t weight, flags;
    const uint32_t *features;
    uint32_t feature_count;
} fps__corpus_group;

/* A template of an imported set. */
typedef struct fps__corpus_template {
    const char *component, *text;
    uint64_t key;
    const char **learnt_from;
    uint32_t learnt_from_count;
    uint32_t negative_hits;
} fps__corpus_template;

/* A release history. Lists of units and of releases are ranges, ascending, with gaps between. */
typedef struct fps__corpus_range {
    uint32_t first, last; /* both in it */
} fps__corpus_range;

typedef struct fps__corpus_list {
    uint32_t first, count; /* in the history's ranges */
} fps__corpus_list;

enum { FPS__CORPUS_TEXT_LETTERS = 1, FPS__CORPUS_TEXT_WORDS = 2, FPS__CORPUS_TEXT_OWN_VERSION = 4 };

typedef struct fps__corpus_history_text {
    uint64_t hash; /* of which the key of the literal is made; an imported one has only its top 44 bits */
    uint32_t length;
    uint32_t units, releases; /* lists */
    uint8_t text_class;       /* sum of FPS__CORPUS_TEXT_... */
} fps__corpus_history_text;

/* A function that the sources declare or define. */
typedef struct fps__corpus_history_name {
    uint64_t hash; /* of which the key of the name is made */
    uint32_t releases;
} fps__corpus_history_name;

typedef struct fps__corpus_history {
    const char *component;
    const char **versions; /* of its releases, oldest first */
    const uint32_t *days;  /* of them, since 1970-01-01, 0 unknown */
    uint32_t release_count;
    const fps__corpus_list *lists;
    const fps__corpus_range *ranges;
    const fps__corpus_history_text *texts; /* ascending by hash */
    uint32_t text_count;
    const fps__corpus_history_name *names; /* ascending by hash */
    uint32_t name_count;
    const char **units; /* base names of source files; those of an imported history are empty */
    uint32_t unit_count;
} fps__corpus_history;

/* A function as a build has it, before the patch of a vulnerability or from it on. A function that the patch does not change is there
 * in both states. */
typedef struct fps__corpus_patch_function {
    const char *component, *cve, *name, *toolchain, *origin; /* toolchain and origin: "" when unknown */
    uint64_t key;
    uint16_t machine;
    bool fixed;
} fps__corpus_patch_function;

typedef struct fps__corpus {
    fps__arena arena; /* owns everything below */
    fps__corpus_feature *features;
    uint32_t feature_count;
    fps__corpus_build *builds;
    uint32_t build_count;
    fps__corpus_object *objects; /* grouped by build, in a stable order */
    uint32_t object_count;
    fps__corpus_version_text *version_texts; /* grouped by object */
    uint32_t version_text_count;
    fps__corpus_negative *negatives;
    uint32_t negative_count;
    fps__corpus_component
        *components; /* sorted by id: catalogue facts, then imported ones, then what add was told by hand */
    uint32_t component_count;
    fps__corpus_group *groups; /* from import */
    uint32_t group_count;
    fps__corpus_template *templates; /* from import */
    uint32_t template_count;
    fps__corpus_history *histories; /* sorted by component, one of each */
    uint32_t history_count;
    /* Ascending by component, CVE, key, state; then in a stable order. */
    fps__corpus_patch_function *patch_functions;
    uint32_t patch_function_count;
    const char *rules; /* text of the rules of an imported set, NULL for none */
} fps__corpus;

#endif
