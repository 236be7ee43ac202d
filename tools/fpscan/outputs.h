/* Where the documents of a scan go: standard output, or files that appear whole or not at all. */
#ifndef TOOLS_FPSCAN_OUTPUTS_H
#define TOOLS_FPSCAN_OUTPUTS_H

#include "settings.h"

#include <fpscan/compare.h>
#include <fpscan/report.h>
#include <stdio.h>

typedef struct output {
    const fps_report_format *format; /* of a report */
    fps_comparison_format compared;  /* of a comparison */
    const char *path;                /* NULL: standard output */
} output;

typedef struct output_list {
    output *items;
    size_t count;
    bool compares; /* documents are comparisons, not reports */
} output_list;

/* Writes `document` in the form of `o` to a stream. */
typedef fps_status (*output_writer)(const output *o, const void *document, const fps_report_options *options,
                                    FILE *stream, fps_error *error);

/* The file of --format FORMAT --output FILE, as other scanners have it; NULL for none. */
const char *outputs_file_of_format(const settings *s);
/* Reads --output and --format; the default is a table on standard output. Refuses at once what would fail
 * after the scan: unknown formats, two documents for one file, folders that cannot be written. False: a
 * message was printed. Freed by outputs_free. */
bool outputs_prepare(output_list *list, const settings *s);
/* The same for the formats of comparisons. */
bool outputs_prepare_comparison(output_list *list, const settings *s);
/* The same for one document without a choice of formats, whose file --output names. */
bool outputs_prepare_file(output_list *list, const settings *s);
void outputs_free(output_list *list);

/* Fills in filters, colours, width and time from settings and environment. False: a message was printed. */
bool outputs_options(fps_report_options *options, const settings *s);

/* Lets the table on a terminal say how long the scan took. Elsewhere, with --reproducible and with SOURCE_DATE_EPOCH two scans give the
 * same bytes. */
void outputs_say_time(fps_report_options *options, const settings *s, uint64_t scan_ms);

/* SOURCE_DATE_EPOCH in seconds, -1 if it is not set. False: it is not a number, and a message was printed. */
bool outputs_timestamp(int64_t *timestamp);

/* Writes all documents. False: a message was printed, and no half-written file is left. */
bool outputs_write(const output_list *list, const fps_result *result, const fps_report_options *options);

/* The same with a writer of its own. */
bool outputs_write_with(const output_list *list, output_writer write, const void *document,
                        const fps_report_options *options);

/* An fps_write_callback; `user` is a FILE. */
fps_status outputs_put(void *user, const char *text, size_t length);
/* Flushes standard output. False: a message was printed. */
bool outputs_flush(void);

#endif
