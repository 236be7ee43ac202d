/* What the files of the SPDX writer share: identifiers of elements, and packages. */
#ifndef FPS_REPORT_REPORT_SPDX_H
#define FPS_REPORT_REPORT_SPDX_H

#include "report/report_bom.h"

enum { FPS__SPDX_ID_SIZE = 96 };

#define FPS__SPDX_DOCUMENT "SPDXRef-DOCUMENT"
#define FPS__SPDX_TARGET   "SPDXRef-Target"
#define FPS__SPDX_OS       "SPDXRef-OperatingSystem"

typedef struct fps__spdx {
    const fps__view *view;
    fps__json *json;
} fps__spdx;

void fps__spdx_entry_id(const fps__entry *entry, char id[FPS__SPDX_ID_SIZE]);
/* The id of the target if there is no such layer. */
void fps__spdx_layer_id(const fps__view *view, uint32_t layer, char id[FPS__SPDX_ID_SIZE]);
void fps__spdx_file_id(const fps__view *view, uint32_t file, char id[FPS__SPDX_ID_SIZE]);
/* True when a finding of the file is shown: the file is an element then. */
bool fps__spdx_shows_file(const fps__view *view, const fps_file *file);
bool fps__spdx_has_os(const fps_result_info *info);
/* A text that must be a single line. */
void fps__spdx_line(fps__json *json, const char *key, const char *text);
/* The member `packages`: target, system, layers, entries of the bill, files. */
void fps__spdx_packages(const fps__spdx *d);

#endif
