/* What one comparison holds. Texts live in its arena or in the two results. */
#ifndef FPS_COMPARE_COMPARE_STATE_H
#define FPS_COMPARE_COMPARE_STATE_H

#include "report/report_view.h"
#include "util/arena.h"
#include "util/array.h"

#include <fpscan/compare.h>

enum {
    FPS__BEFORE,
    FPS__AFTER,
    FPS__SIDES,
    FPS__MAX_CHANGES = 20000000,
    FPS__MAX_NOTES = 32,
    FPS__COMPARE_TEXT = 1024, /* of a value or name that is made of parts; longer ones are cut */
};

/* A thing on one side. */
typedef struct fps__item {
    const char *key;     /* what names it: the same thing has the same key on both sides */
    const char *name;    /* the key as readers see it */
    const char *value;   /* what it is: things that agree in it have not changed */
    const char *content; /* what must be the same, too, at another place; "" for nothing */
    const char *digest;  /* of the file that it is in; "" where it is not known */
    const char *shown;   /* the value as readers see it */
    const char *place;   /* path */
    uint32_t layer;      /* UINT32_MAX for none */
    fps_severity severity;
    uint64_t bytes;
    uint32_t
        index; /* in the result's list of the section: findings, packages, vulnerabilities, drift, files */
    uint32_t mate; /* index on the other side, UINT32_MAX for none */
} fps__item;

/* What two things agree in. */
enum { FPS__KEY = 1, FPS__VALUE = 2, FPS__CONTENT = 4, FPS__PLACE = 8, FPS__DIGEST = 16 };

typedef struct fps__items {
    fps__item *items;
    size_t count, capacity;
} fps__items;

/* Functions that share a fate: of one component, "" for unknown ones. */
typedef struct fps__function_counts {
    const char *component;
    uint64_t same, moved, changed, added, removed; /* `moved` of `same`: at another address */
} fps__function_counts;

typedef struct fps__function_change {
    fps_change_kind kind;
    const char *component, *name; /* "" when unknown */
    uint64_t address_before, address_after;
    uint32_t bytes_before, bytes_after, instructions_before, instructions_after;
} fps__function_change;

/* Executable bytes that came with a layer, or went with one. */
typedef struct fps__layer_bytes {
    unsigned side;
    uint32_t layer;
    uint64_t added, removed, changed; /* changed: bytes of files that have others on the other side */
} fps__layer_bytes;

struct fps_comparison {
    fps__arena arena;
    const fps_result *sides[FPS__SIDES];
    fps_report_options options;
    unsigned states;
    bool digests; /* both sides have digests of files */
    bool
        with_old; /* also vulnerabilities that a baseline suppresses: what is old stays old in the next baseline */
    FPS__ARRAY(fps_change) changes;
    fps_change_counts counts[FPS_COMPARE_SECTIONS];
    uint64_t code[FPS__SIDES][3]; /* executable bytes of files by fps_change_kind */
    FPS__ARRAY(fps__layer_bytes) layers;
    const char *notes[FPS__MAX_NOTES];
    size_t note_count;
    bool has_functions;
    fps__function_counts functions; /* of all */
    FPS__ARRAY(fps__function_counts) function_components;
    FPS__ARRAY(fps__function_change) function_changes;
};

/* "components", "packages", "vulnerabilities", "drift", "code". */
const char *fps__section_name(unsigned section);
/* "added", "removed", "changed". */
const char *fps__change_name(fps_change_kind kind);
/* The view of one side. */
fps__view fps__compare_view(const fps_comparison *comparison, unsigned side);
/* A formatted text in the arena, cut to FPS__COMPARE_TEXT; NULL without memory. */
const char *fps__compare_text(fps_comparison *comparison, const char *format, ...) FPS_PRINTF(2, 3);
/* Adds a note to the comparison; further ones than FPS__MAX_NOTES are dropped: each is written once in the code. */
fps_status fps__compare_note(fps_comparison *comparison, const char *note);

/* Lists the things of one side of a section. */
fps_status fps__items_of(fps_comparison *comparison, unsigned side, fps_compare_section section,
                         fps__items *items, fps_error *error);
/* Finds the mates of things on both sides: first those that agree in all, then in key, value and content, then in key and place, at last,
 * with `rest`, in the key alone, in the order of places. Takes O(n log n). FPS_ERROR_MEMORY. */
fps_status fps__items_pair(fps__items *before, fps__items *after, bool rest, fps_error *error);
/* One step of it: things that have no mate and agree in the fields become mates, each with one. What has no
 * digest agrees in none. */
fps_status fps__items_join(fps__items *before, fps__items *after, unsigned fields, fps_error *error);
/* In the order of keys, values and places. */
void fps__items_sort(fps__items *items);

/* Fills in the sides and options of an empty comparison, which fps__comparison_stop empties again. */
void fps__comparison_start(fps_comparison *comparison, const fps_result *before, const fps_result *after,
                           const fps_report_options *options);
void fps__comparison_stop(fps_comparison *comparison);

void fps__comparison_table(const fps_comparison *comparison, fps__output *out);
void fps__comparison_json(const fps_comparison *comparison, fps__output *out);
void fps__comparison_markdown(const fps_comparison *comparison, fps__output *out);
void fps__comparison_html(const fps_comparison *comparison, fps__output *out);

/* One line on the counts of a section: "2 added, 1 removed, 3 changed, 40 the same". text[0..size). */
void fps__counts_text(const fps_change_counts *counts, char *text, size_t size);
/* The place that readers see: the path after, else before. */
const char *fps__change_path(const fps_change *change);
uint32_t fps__change_layer(const fps_change *change);
/* Titles of sections and columns for people. */
const char *fps__section_title(unsigned section);
const char *fps__side_title(const fps_comparison *comparison, unsigned side);

#endif
