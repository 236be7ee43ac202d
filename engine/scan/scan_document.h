/* A bill of materials becomes a result. */
#ifndef FPS_SCAN_SCAN_DOCUMENT_H
#define FPS_SCAN_SCAN_DOCUMENT_H

#include "inventory/inventory.h"
#include "result/result_build.h"

/* Fills packages, components and files of an empty result out of a bill that was read as a whole, and finishes it. `path` is
 * that of the bill. The texts of the inventory become the result's. FPS_ERROR_MEMORY. */
fps_status fps__bill_to_result(fps_result *result, fps__inventory *inventory, const char *path,
                               fps_error *error);

#endif
