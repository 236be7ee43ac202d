/* Reads a document that describes a scan, or a list of software: a JSON report of fpscan, or a bill of materials.
 *
 *   fps_document_read(&result, "bom.json", 0, &error)
 *   fps_report_write(result, ...)          the document in another format
 *   fps_result_free(result)
 *
 * A report gives the result that it was written from, as far as it holds it: every format comes out of it as out of the scan.
 * A bill (CycloneDX in JSON and XML, SPDX 2.x in JSON and as tags and values, SPDX 3.0 in JSON-LD) gives a result with its
 * packages and components.
 */
#ifndef FPSCAN_DOCUMENT_H
#define FPSCAN_DOCUMENT_H

#include <fpscan/result.h>

FPS_BEGIN_DECLS

/* Reads the document at `path`, "-" for standard input, of any of these formats: it is recognised by its bytes. *result is the
 * caller's, to be freed by fps_result_free; NULL on failure. `memory_limit`: bytes that the document and the result may take;
 * 0: FPS_DEFAULT_MEMORY_LIMIT of scan.h. What a bill has beyond the limits of packages is a partial diagnostic of the result.
 * FPS_ERROR_NOT_FOUND, FPS_ERROR_IO; FPS_ERROR_FORMAT: none of these formats; FPS_ERROR_VERSION: a report by another major
 * version of the schema; FPS_ERROR_CORRUPT: damaged, and the message says where; FPS_ERROR_LIMIT; FPS_ERROR_MEMORY.
 * Thread-safe. */
FPS_API fps_status fps_document_read(fps_result **result, const char *path, uint64_t memory_limit,
                                     fps_error *error);

FPS_END_DECLS

#endif
