/* The parts of an HTML report: the page's own style sheet and script, and the data that the script shows. */
#ifndef FPS_REPORT_REPORT_HTML_H
#define FPS_REPORT_REPORT_HTML_H

#include "report/report_view.h"
#include "util/bytes.h"

/* Bytes of engine/report/html/: the style sheet, and all scripts in the order in which they are needed. Static storage. */
fps__span fps__page_style(void);
fps__span fps__page_script(void);

/* What a Content-Security-Policy says of the bytes: "'sha256-BASE64'" (CSP Level 3, 2.3.1), with its NUL. */
enum { FPS__PAGE_HASH_SIZE = 56 };
/* False without memory. */
bool fps__page_hash(fps__span bytes, char text[FPS__PAGE_HASH_SIZE]);

/* Writes the result as JSON for the page's script (html/model.js says how it reads it). */
void fps__page_data(const fps__view *view, fps__output *out);

/* A link that a page may have: "https://" and printable ASCII without quotes and blanks; else "". */
const char *fps__page_link(const char *link);

#endif
