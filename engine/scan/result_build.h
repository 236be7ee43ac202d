/* Building an fps_result: filled by the scan, sorted and indexed by finish, then read-only. */
#ifndef FPS_SCAN_RESULT_BUILD_H
#define FPS_SCAN_RESULT_BUILD_H

#include "util/arena.h"
#include "util/array.h"

#include <fpscan/result.h>

struct fps_result {
    fps__arena arena; /* owns every text and table below */
    fps_result_info info;
    FPS__ARRAY(fps_file) files;
    FPS__ARRAY(fps_finding) findings;
    FPS__ARRAY(fps_component) components;
    FPS__ARRAY(fps_diagnostic) diagnostics;
};

#endif
