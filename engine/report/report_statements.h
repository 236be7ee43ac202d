/* What a document states of vulnerabilities, so that no two of its statements contradict each other.
 *
 * A consumer joins a vulnerability and an entry of the bill by their names, and takes one state of the two: CycloneDX and OpenVEX have
 * no word for "this file, but not that one". A result may have several findings of one vulnerability in one entry: a file whose code
 * has the fix and one whose has not, a version that is affected and one that may be. The entry is as bad as its worst file: affected
 * goes before open, open before fixed, fixed before not affected. The finding of the worst file states it; the others are remarks
 * beside it. A finding that states nothing has no statement of its own.
 *
 *   fps__statements made;
 *   if (!fps__statements_make(&made, view)) ... no memory
 *   for (size_t cursor = 0; fps__statements_entry(&made, i, &cursor, &entry);)  the entries that finding i speaks for
 *   for (size_t cursor = 0; (other = fps__statements_other(&made, i, &cursor));) what others would say of them
 *   fps__statements_free(&made);
 */
#ifndef FPS_REPORT_REPORT_STATEMENTS_H
#define FPS_REPORT_REPORT_STATEMENTS_H

#include "report/report_bom.h"
#include "util/array.h"

typedef struct fps__statement {
    size_t speaker;       /* the finding that speaks for the entry */
    size_t vulnerability; /* one that has the entry: the speaker itself, or another */
    size_t entry;         /* its fps__bom_place */
} fps__statement;

typedef struct fps__statements {
    const fps__view *view;
    FPS__ARRAY(fps__statement)
    items; /* by speaker; its own first, then the others, by vulnerability and entry */
} fps__statements;

/* Of all vulnerabilities that fps__chooses_vulnerability chooses. False without memory; fps__statements_free is due in any case. */
bool fps__statements_make(fps__statements *made, const fps__view *view);
void fps__statements_free(fps__statements *made);
/* Iterates over the entries that a vulnerability, by its index in the result, speaks for, each once; false after the last. *cursor
 * starts at 0. */
bool fps__statements_entry(const fps__statements *made, size_t vulnerability, size_t *cursor,
                           fps__entry *entry);
/* Iterates over the vulnerabilities for which this one speaks as well, each once; NULL after the last. *cursor starts at 0. */
const fps_vulnerability *fps__statements_other(const fps__statements *made, size_t vulnerability,
                                               size_t *cursor);
/* True when it speaks for an entry. */
bool fps__statements_has(const fps__statements *made, size_t vulnerability);
/* fps__vulnerability_remark of it, and of each for which it speaks: "why; elsewhere: why". "" for nothing, and what does not fit is left out. */
void fps__statements_remark(const fps__statements *made, size_t vulnerability, char *text, size_t size);

#endif
