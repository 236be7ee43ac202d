/* Writing the index of one feature kind, or of histories: the directory of its buckets, and its keys. */
#ifndef FPS_COMPILER_SET_INDEX_H
#define FPS_COMPILER_SET_INDEX_H

#include "compiler/set_output.h"

/* What an index holds. */
typedef struct fps__set_index {
    enum fps__layout_section directory, keys_section;
    unsigned feature, hash_bits;
    uint32_t parameters;
    const uint64_t *keys;          /* ascending; only their top `hash_bits` count */
    const uint32_t *postings;      /* of each key; those of equal keys ascend */
    uint64_t count, posting_limit; /* postings are below the limit */
} fps__set_index;

/* FPS_ERROR_LIMIT: keys crowd together, as hashes do not, or there are too many postings for a record. */
fps_status fps__set_index_write(fps__set_output *output, const fps__set_index *index, fps_error *error);

#endif
