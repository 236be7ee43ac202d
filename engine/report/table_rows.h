/* The rows of the table for people: findings gathered under what the reader wants to see together. */
#ifndef FPS_REPORT_TABLE_ROWS_H
#define FPS_REPORT_TABLE_ROWS_H

#include "report/report_view.h"
#include "util/array.h"

/* Why a row needs attention; the first that applies counts. */
typedef enum fps__attention {
    FPS__ATTENTION_CONTRADICTED, /* drift speaks against the package of its file */
    FPS__ATTENTION_UNEXPLAINED,  /* no package explains it, though packages are known */
    FPS__ATTENTION_VULNERABLE,   /* it has vulnerabilities of its own, high ones or exploited */
    FPS__ATTENTION_UNKNOWN,      /* its version is unknown */
    FPS__ATTENTION_NONE,
} fps__attention;

typedef struct fps__row {
    const fps_component *component;
    const fps_finding *best; /* of its findings, by confidence */
    size_t files;
    size_t relatives; /* that it may be instead */
    fps__attention attention;
    const fps_drift *drift; /* that contradicts, NULL for none */
    uint32_t package;       /* that explains the best finding, FPS__NONE for none */
    uint32_t group;         /* what it is gathered under: index of a file, package or layer; FPS__NONE */
    size_t vulnerabilities; /* shown ones of the component or its package */
    fps_severity worst;     /* of these */
    bool exploited;         /* one of these is known to be */
    double risk;            /* the highest of these */
} fps__row;

typedef struct fps__rows {
    FPS__ARRAY(fps__row) items;
} fps__rows;

/* Gathers what the view shows, in the order of its options: by groups, then attention, then what `sort` says. False without memory;
 * free rows->items.items in any case. */
bool fps__rows_make(const fps__view *view, fps__rows *rows);

#endif
