/* A small streaming JSON writer: keys in the order in which they are written, whole 64-bit numbers, constant
 * memory. */
#ifndef FPS_REPORT_JSON_WRITER_H
#define FPS_REPORT_JSON_WRITER_H

#include "util/output.h"

typedef struct fps__json {
    fps__output *out;
    unsigned depth;    /* at most 63 */
    uint64_t filled;   /* bit d: the value at depth d has members */
    uint64_t is_array; /* bit d: it is an array */
} fps__json;

/* `key` is NULL inside an array and at the top level, otherwise trusted text. Values are untrusted: what
 * fps__is_hostile names is written as \uNNNN, and a byte that is not UTF-8 as the four characters \xNN.
 */
void fps__json_object(fps__json *json, const char *key);
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
