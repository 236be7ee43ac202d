/* Narrowing versions by what else is in the same build. */
#ifndef FPS_SCAN_SCAN_BUILD_DAY_H
#define FPS_SCAN_SCAN_BUILD_DAY_H

#include "scan/scan_internal.h"

/* A build is a package, or a file that no package owns. Its components tell the day on which it was built, and the day tells which
 * of the releases that each one allows are likely (match/build_day.h): an interval becomes narrower where some of them are not.
 * Exact answers stay, and so do those with a contradiction. The answer says what narrowed it, and keeps what the file
 * alone allows. Owners must be known; call fps__result_finish again afterwards. Nothing more is narrowed once the time of the
 * scan is over. False without memory. */
bool fps__scan_build_day(fps__scan_run *run);

#endif
