/* Members of a JSON report, each checked: what the files that read one share. */
#ifndef FPS_RESULT_RESULT_READER_H
#define FPS_RESULT_RESULT_READER_H

#include "result/result_build.h"

#include <jansson.h>

typedef struct fps__result_reader {
    fps_result *result;
    const char *path; /* of the document */
    fps_error *error;
    fps_status status;        /* the first failure */
    const char *list, *inner; /* where the reader is: a list, and a list in one of its items; NULL: none */
    size_t index, inner_index;
} fps__result_reader;

/* Notes the first failure, with the place. `key` may be NULL. */
void fps__reader_fail(fps__result_reader *r, fps_status status, const char *key, const char *what);
static inline bool fps__reader_good(const fps__result_reader *r)
{
    return r->status == FPS_OK;
}

/* The list `key`, which must be there; NULL after a failure. */
const json_t *fps__reader_list(fps__result_reader *r, const json_t *object, const char *key);
/* The object `key`. With `optional` it may be null or missing, and is NULL then. */
const json_t *fps__reader_object(fps__result_reader *r, const json_t *object, const char *key, bool optional);
/* A text, in the arena. Bytes that the writer showed as \xNN are those bytes again. "" after a failure. */
const char *fps__reader_text(fps__result_reader *r, const json_t *object, const char *key);
/* text[0..size) in the arena, "\\xNN" turned back into bytes; NULL without memory. */
char *fps__reader_unescaped(fps__arena *arena, const char *text, size_t size);
/* The same of a value. */
const char *fps__reader_value(fps__result_reader *r, const json_t *value, const char *key);
/* The same; NULL when it is null or missing. */
const char *fps__reader_optional(fps__result_reader *r, const json_t *object, const char *key);
/* A whole number from 0 to `most`. */
uint64_t fps__reader_number(fps__result_reader *r, const json_t *object, const char *key, uint64_t most);
/* An index below `count`; UINT32_MAX when it is null. */
uint32_t fps__reader_index(fps__result_reader *r, const json_t *object, const char *key, size_t count);
/* A number from 0 to 1. Where it is missing, `otherwise`, which is negative when it must be there. */
double fps__reader_share(fps__result_reader *r, const json_t *object, const char *key, double otherwise);
/* True or false; missing is false. */
bool fps__reader_bool(fps__result_reader *r, const json_t *object, const char *key);
/* The value, from 0 to count - 1, whose name is the text. */
unsigned fps__reader_name(fps__result_reader *r, const json_t *object, const char *key,
                          const char *(*name)(unsigned value), unsigned count);
/* A byte offset; UINT64_MAX when it is null. */
uint64_t fps__reader_offset(fps__result_reader *r, const json_t *object, const char *key);

/* The member "suppressed"; NULL for none. */
const fps_suppressed *fps__reader_suppressed(fps__result_reader *r, const json_t *object);

/* The members `files` and `components`, once packages and layers are known. */
void fps__reader_components(fps__result_reader *r, const json_t *root);

/* The members about vulnerabilities, once fps__result_finish has sorted files and components; none in an older report. */
void fps__reader_vulnerabilities(fps__result_reader *r, const json_t *root);

const char *fps__reader_state_name(unsigned value);

#endif
