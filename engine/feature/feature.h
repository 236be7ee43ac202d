/* The features of one object: what can be recognised again in another file, as a 64-bit key with a location.
 *
 *   kind      what it is                                                     its key is XXH3-64 of
 *   --------  -------------------------------------------------------------  -----------------------------
 *   LITERAL   a NUL-terminated string of at least 5 printable characters     the string
 *   NAME      a name that is defined: symbol, symbol version, soname, stem   the name, seeded with its class
 *   USE       a name that is used: import, needed version, needed library    the name, seeded with its class
 *   TEMPLATE  a literal with a slot in place of its version                  the text (template.h)
 *   EXACT     the whole file, a section, a table of symbols, the build-id    the bytes
 *   FUNCTION  a function                                                     its tokens (code/code.h)
 *   CONTENT   all literals and names of a component in one object            the sum and number of their keys
 *
 * The kind replaces the low four bits of the hash, so that a key of one kind never equals one of another.
 */
#ifndef FPS_FEATURE_FEATURE_H
#define FPS_FEATURE_FEATURE_H

#include <fpscan/object.h>
#include <fpscan/status.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum fps__feature_kind {
    FPS__FEATURE_LITERAL = 1,
    FPS__FEATURE_NAME = 2,
    FPS__FEATURE_USE = 3,
    FPS__FEATURE_TEMPLATE = 4,
    FPS__FEATURE_EXACT = 5,
    FPS__FEATURE_FUNCTION = 6,
    FPS__FEATURE_CONTENT =
        7, /* never extracted: the compiler and the matcher make it over what a set knows */
    FPS__FEATURE_KINDS = 16,
} fps__feature_kind;

/* Parameters id of a kind, 0 for unknown kinds. It must change whenever the way its keys are made changes, so
 * that a set with the old keys is refused. */
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
    uint64_t offset;  /* bytes from the start of the object, UINT64_MAX when it has no single location */
    uint64_t address; /* virtual address, 0 when it has none */
    /* Not NUL-terminated; points into the object's bytes or the arena. Templates: the normalised text with
     * "{V}" in the slot. Exact hashes: what was hashed ("file", "code section", ...). Functions: the symbol's
     * name, or "". */
    const char *text;
    uint32_t length;  /* of `text`, bytes */
    uint32_t ordinal; /* templates: index in `items` of the literal it was made from */
    /* Templates: what stands in the slot. Names that say "version": the text, or the number in decimal digits, that is there
     * or that the function returns. Not NUL-terminated; else NULL. */
    const char *version;
    uint32_t version_length; /* bytes, <= 63 */
    uint32_t instructions;   /* functions: without padding, >= 8; 0 for other kinds */
    uint32_t size;           /* functions: bytes; 0 for other kinds */
    bool uncertain_start;    /* functions: found by control flow alone, so that start and end are guesses */
} fps__feature;

typedef struct fps__features {
    /* Literals in file order, then names, uses, templates, exact hashes and functions. Each key occurs once,
     * except templates: they occur once for each literal that gives them. */
    fps__feature *items;
    size_t count;
    /* How many of each kind, in the order of `items`. */
    size_t literal_count, name_count, use_count, template_count, exact_count, function_count;
    uint64_t code_bytes; /* in executable regions, without stubs and padding; 0 when code was not read */
    uint64_t small_code_bytes;   /* of these, in functions too small to be features */
    fps_diagnostic *diagnostics; /* what could not be read in the tables of functions; path is NULL */
    size_t diagnostic_count;
} fps__features;

typedef struct fps__feature_options {
    bool exact;               /* make exact hashes too */
    bool functions;           /* read code too */
    bool certain_starts_only; /* only functions that symbols or tables give: what signatures are made of */
    size_t max_features;      /* 0: the default of 8,000,000 */
    /* On the scale of util/clock.h; 0: none. Then the features found so far are given. */
    uint64_t deadline_ms;
} fps__feature_options;

struct fps__arena;

/* Extracts the features of `object`, whose bytes are `data`. `options` and `error` may be NULL. The result
 * lives in `arena` and points into `data`, and needs the object no more. Thread-safe over different arenas. FPS_ERROR_LIMIT: there are more
 * than the maximum; `features` holds those found so far. FPS_ERROR_MEMORY: `features` is empty. */
fps_status fps__features_extract(const fps_object *object, const void *data, size_t size,
                                 const fps__feature_options *options, struct fps__arena *arena,
                                 fps__features *features, fps_error *error);

/* Makes one set of features out of those of several objects, such as the members of an archive: each key
 * once, in the order of kinds. Texts are shared with the parts. FPS_ERROR_MEMORY. */
fps_status fps__features_merge(const fps__features *parts, size_t count, struct fps__arena *arena,
                               fps__features *merged, fps_error *error);

/* The key of a literal, as extraction makes it. */
uint64_t fps__feature_literal_key(const char *text, size_t length);
/* The key of a name that an object defines. `class_letter`: 's' symbol, 'v' symbol version, 'o' soname. */
uint64_t fps__feature_name_key(char class_letter, const char *text, size_t length);
/* The key of `count` literals and names whose keys add up to `sum`. */
uint64_t fps__feature_content_key(uint64_t sum, uint64_t count);

#endif
