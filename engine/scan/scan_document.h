/* Documents become results. */
#ifndef FPS_SCAN_SCAN_DOCUMENT_H
#define FPS_SCAN_SCAN_DOCUMENT_H

#include "inventory/inventory.h"
#include "result/result_build.h"

/* Fills packages, components and files of an empty result out of a bill that was read as a whole, and finishes it. `path` is
 * that of the bill. The texts of the inventory become the result's. FPS_ERROR_MEMORY. */
fps_status fps__bill_to_result(fps_result *result, fps__inventory *inventory, const char *path,
                               fps_error *error);

/* fps_document_read of bytes in memory; `path` is their name in messages. */
fps_status fps__document_read_bytes(fps_result **result, const char *path, fps__span text, size_t memory,
                                    fps_error *error);

#endif
