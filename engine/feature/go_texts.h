/* Which bytes of a Go program are Go's own texts: they are no literals, because lengths cut them. */
#ifndef FPS_FEATURE_GO_TEXTS_H
#define FPS_FEATURE_GO_TEXTS_H

#include "feature/collect.h"

/* Runs of bytes of the object; a run of size 0 is not known. */
typedef struct fps__go_texts {
    uint64_t table, table_size; /* the texts of its table of functions; size 0: the object is no Go program */
    uint64_t data, data_size;   /* its types and strings */
    bool alone;                 /* there is no code but Go's, so that nothing uses texts of C */
} fps__go_texts;

/* Looks for the table of functions in the data of an object. */
fps__go_texts fps__go_texts_find(const fps__collector *collector);
/* True when the text at `offset` of the object cannot be one of C: it is among Go's texts, or has another one before it. */
bool fps__go_texts_hold(const fps__go_texts *texts, fps__span bytes, uint64_t offset, bool first);

#endif
