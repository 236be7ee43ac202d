/* The features of one object: literals, names, uses, version texts, exact hashes and functions, each a 64-bit
 * key with its place.
 *
 * A key is XXH3-64 of the text with the low 4 bits replaced by the kind, so a key of one kind never equals
 * one of another.
 */
#ifndef FPS_FEATURE_FEATURE_H
#define FPS_FEATURE_FEATURE_H

#include <fpscan/object.h>
#include <fpscan/status.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum fps__feature_kind {
    FPS__FEATURE_LITERAL = 1, /* NUL-terminated string of >= 5 printable characters */
    FPS__FEATURE_NAME =
        2,                /* defined: exported name "s:NAME", symbol version "v:NAME", soname stem "o:NAME" */
    FPS__FEATURE_USE = 3, /* used: imported name, needed library, version needed */
    FPS__FEATURE_TEMPLATE = 4, /* a literal with its version-like part replaced by a slot */
    FPS__FEATURE_EXACT = 5,    /* whole-file, section, symbol-table and build-id hashes */
    FPS__FEATURE_FUNCTION = 6, /* masked instructions of a function */
    FPS__FEATURE_CONTENT = 7,  /* all literals and names of a component in one object together: never
                                  extracted, made by  compile and by match over what a set knows */
    FPS__FEATURE_KINDS = 16,
} fps__feature_kind;

/* Parameters id of a kind: changes whenever the way its keys are made changes. 0 for unknown kinds. */
uint32_t fps__feature_parameters(fps__feature_kind kind);

static inline uint64_t fps__feature_key(uint64_t hash, fps__feature_kind kind)
{
    return (hash & ~(uint64_t)15) | (uint64_t)kind;
}
static inline fps__feature_kind fps__feature_kind_of(uint64_t key)
{
    return (fps__feature_kind)(key & 15);
}

typedef struct fps__feature {
    uint64_t key;
    uint64_t offset;  /* bytes from the start of the object */
    uint64_t address; /* virtual address, 0 when it has none */
    const char *text; /* not NUL-terminated; points into the object's bytes or the arena. Templates: the
                         normalised text with "{V}" in the slot; exact hashes: what was hashed ("file",
                         "section .text", ...); functions: the symbol's name, "" for none */
    uint32_t length;
    uint32_t ordinal;        /* templates: index in `items` of the literal it was made from */
    const char *version;     /* templates: what stands in the slot, not NUL-terminated; else NULL */
    uint32_t version_length; /* bytes, <= 63 */
    uint32_t instructions;   /* functions: without padding, >= 8; 0 for other kinds */
    uint32_t size;           /* functions: bytes; 0 for other kinds */
    bool candidate;          /* functions: neither symbols nor tables name it; its ends are guessed */
} fps__feature;

typedef struct fps__features {
    fps__feature *items; /* literals in file order first, then names, uses, templates, exact, functions in the
                           order of their places; each key once, but templates: once for each literal that
                           gives it */
    size_t count;
    /* In that order in `items`. */
    size_t literal_count, name_count, use_count, template_count, exact_count, function_count;
    uint64_t code_bytes; /* in executable regions, without stubs and padding; 0 when code was not read */
    uint64_t small_code_bytes;   /* of these, in functions too small to be features */
    fps_diagnostic *diagnostics; /* damage of tables that tell of functions; path is NULL */
    size_t diagnostic_count;
} fps__features;

typedef struct fps__feature_options {
    bool exact;          /* make exact hashes too */
    bool functions;      /* read code too: functions that symbols or tables name, and candidates elsewhere */
    bool no_candidates;  /* only functions that symbols or tables name: what signatures are made of */
    size_t literals_max; /* 0: the default of 8,000,000 */
} fps__feature_options;

/* Extracts the features of `object`, whose bytes are `data`. The result lives in `arena` and points into
 * `data`. Thread-safe over different arenas. FPS_ERROR_MEMORY; FPS_ERROR_LIMIT leaves what was found so far.
 */
struct fps__arena;
fps_status fps__features_extract(const fps_object *object, const void *data, size_t size,
                                 const fps__feature_options *options, struct fps__arena *arena,
                                 fps__features *features, fps_error *error);

/* One set of features out of those of several objects, such as the members of an archive: each key once, in
 * the order of kinds. Texts are shared with the parts. FPS_ERROR_MEMORY. */
fps_status fps__features_merge(const fps__features *parts, size_t count, struct fps__arena *arena,
                               fps__features *merged, fps_error *error);

/* Key of a literal's or name's text, as extraction makes it. */
uint64_t fps__feature_literal_key(const char *text, size_t length);
/* Key of `count` literals and names whose keys add up to `sum`, in any order. */
uint64_t fps__feature_content_key(uint64_t sum, uint64_t count);
uint64_t fps__feature_name_key(char class_letter, const char *text, size_t length);

#endif
