/* What many items of a set share, each once: the attributes of entries and the totals of units; and where each posting
 * is. */
#ifndef FPS_COMPILER_SET_TABLES_H
#define FPS_COMPILER_SET_TABLES_H

#include "database/set.h"
#include "util/array.h"
#include "util/table.h"

/* Where the totals of a unit are. */
typedef struct fps__set_totals {
    uint32_t first; /* FPS__NONE: all of them are zero */
    uint32_t size;  /* items */
    bool wide;      /* two items a number, the low half first */
} fps__set_totals;

/* What an entry says, apart from its owner. */
typedef struct fps__set_attribute {
    uint32_t any, all;
    uint16_t weight, flags;
} fps__set_attribute;

typedef struct fps__set_tables {
    FPS__ARRAY(fps__set_attribute) attributes;
    FPS__ARRAY(uint16_t) totals;
    uint32_t *entry_attribute;    /* of each entry of the model */
    fps__set_totals *unit_totals; /* of each unit */
    uint32_t
        *postings; /* of each posting: its one entry, or the number of entries and an index into the lists */
    uint32_t list_items;
} fps__set_tables;

/* Of a model that fps__set_check has found good. FPS_ERROR_MEMORY, FPS_ERROR_LIMIT. Free the tables in every case. */
fps_status fps__set_tables_make(fps__set_tables *tables, const fps__set_model *model, fps_error *error);
void fps__set_tables_free(fps__set_tables *tables);

#endif
