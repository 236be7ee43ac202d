/* The form of SPDX documents as tags and values. */
#ifndef FPS_REPORT_REPORT_SPDX_TAGS_H
#define FPS_REPORT_REPORT_SPDX_TAGS_H

#include "report/json_writer.h"

typedef struct fps__spdx_tags {
    const char *keys
        [FPS__JSON_DEPTH]; /* of the open values; of an item of a list that of the list, "" of the document */
    const char *after;     /* what ends the open value; NULL: it has no tag and is left out */
    bool lines;            /* the open value may have several lines */
    char last;             /* the last byte that was written of it */
} fps__spdx_tags;

/* `state` of the writer is an fps__spdx_tags. Files come before packages: a file behind a package would belong to it. */
extern const fps__json_form fps__spdx_tags_form;

#endif
