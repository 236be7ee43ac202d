/* A small streaming writer of documents: objects, lists and values in the order in which they are written, whole 64-bit
 * numbers, constant memory. It writes JSON, or another form that a standard has for the same document: XML, tags and
 * values. */
#ifndef FPS_REPORT_JSON_WRITER_H
#define FPS_REPORT_JSON_WRITER_H

#include "util/output.h"

enum { FPS__JSON_DEPTH = 64 };

struct fps__json;

/* Another form of a document. Each function gets what the functions below get. A number or truth value is a text. */
typedef struct fps__json_form {
    void (*open)(struct fps__json *json, const char *key, bool is_array);
    void (*close)(struct fps__json *json);
    void (*text_start)(struct fps__json *json, const char *key);
    void (*text_bytes)(struct fps__json *json, const char *text, size_t size);
    void (*text_stop)(struct fps__json *json);
} fps__json_form;

typedef struct fps__json {
    fps__output *out;
    const fps__json_form *form; /* NULL: JSON */
    void *state;                /* of the form */
    unsigned depth;             /* at most FPS__JSON_DEPTH - 1 */
    uint64_t filled;            /* bit d: the value at depth d has members */
    uint64_t is_array;          /* bit d: it is an array */
    uint64_t is_line;           /* bit d: it is written in one line */
    bool in_page;               /* the JSON lies in an HTML page; see below */
} fps__json;

/* `key` is NULL inside an array and at the top level, otherwise trusted text. Values are untrusted: what
 * fps__is_hostile names is written as \uNNNN, and a byte that is not UTF-8 as the four characters \xNN.
 * In an HTML page, values are what a reader shall see: each byte that fps__shown refuses is the four characters \xNN. What ends a
 * script or starts a comment in HTML is written as \uNNNN (HTML, 4.12.1.3 "Restrictions for contents of script elements").
 */
void fps__json_object(fps__json *json, const char *key);
/* An object that is written in one line, and one whose key is untrusted, both in JSON alone. */
void fps__json_line(fps__json *json, const char *key);
void fps__json_row(fps__json *json, const char *key); /* an array in one line */
void fps__json_named(fps__json *json, const char *name);
void fps__json_array(fps__json *json, const char *key);
void fps__json_end(fps__json *json);
void fps__json_text(fps__json *json, const char *key, const char *text); /* NULL: null */
void fps__json_number(fps__json *json, const char *key, uint64_t number);
void fps__json_real(fps__json *json, const char *key, double value); /* rounded to 4 digits */
void fps__json_bool(fps__json *json, const char *key, bool value);
void fps__json_null(fps__json *json, const char *key);
/* A string in pieces: start, any number of (untrusted) parts, stop. */
void fps__json_text_start(fps__json *json, const char *key);
void fps__json_text_part(fps__json *json, const char *text);
void fps__json_text_bytes(fps__json *json, const char *text, size_t size);
void fps__json_text_stop(fps__json *json);

#endif
