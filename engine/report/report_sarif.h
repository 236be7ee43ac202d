/* What the files of the SARIF writer share. */
#ifndef FPS_REPORT_REPORT_SARIF_H
#define FPS_REPORT_REPORT_SARIF_H

#include "report/json_writer.h"

/* {"text": ...} under `key`. */
void fps__sarif_message(fps__json *json, const char *key, const char *text);
/* The member physicalLocation of a path in the target. */
void fps__sarif_artifact(const char *path, fps__json *json);

#endif
