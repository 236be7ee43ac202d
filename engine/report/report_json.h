/* The head of JSON documents, and the sections of a report about images, packages and drift. */
#ifndef FPS_REPORT_REPORT_JSON_H
#define FPS_REPORT_REPORT_JSON_H

#include "report/json_writer.h"
#include "report/report_view.h"

/* Begins a document: the version of its schema, its kind (NULL for a report), tool and time. */
void fps__json_head(fps__json *json, const char *schema, const char *document,
                    const fps_report_options *options);
/* A number below `count`, else null. */
void fps__json_index(fps__json *json, const char *key, uint32_t index, size_t count);
/* Members of a file and of a finding: path inside an archive, layer, visibility, owner. */
void fps__json_location(const fps__view *view, const fps_file *file, fps__json *json);
/* What the report holds, and what it leaves out. */
void fps__json_shown(const fps__view *view, fps__json *json);
void fps__json_target(const fps_result_info *info, fps__json *json);
void fps__json_layers(const fps_result *result, fps__json *json);
void fps__json_packages(const fps__view *view, fps__json *json);
/* The member "suppressed", where something is. */
void fps__json_suppressed(const fps_suppressed *suppressed, fps__json *json);
void fps__json_drift(const fps__view *view, fps__json *json);

#endif
