/* Reads any bytes as a JSON report or a bill of materials, and writes what came out in every format. The output must contain no
 * control characters of terminals, a JSON report of it must be read back, and give the same report again.
 *
 * Reaches: fps__result_read, fps__reader_components, fps__reader_vulnerabilities, fps__bill_to_result, fps__bill_read_cyclonedx, fps__bill_read_cyclonedx_xml, fps__bill_read_spdx, fps__bill_read_spdx3, fps__bill_read_spdx_tags
 */
#include "scan/scan_document.h"

#include <fpscan/report.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 16 << 20 };

typedef struct text {
    char *bytes;
    size_t size, capacity;
} text;

static fps_status collect(void *user, const char *bytes, size_t size)
{
    text *t = user;
    if (t->size + size > t->capacity) {
        t->capacity = (t->size + size) * 2;
        t->bytes = realloc(t->bytes, t->capacity);
        if (!t->bytes)
            abort();
    }
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    return FPS_OK;
}

static text write_format(const fps_result *result, const fps_report_format *format)
{
    const fps_report_options options = {
        .states = 7, .timestamp = -1, .all_layers = true, .tool_version = "1"};
    text t = {NULL, 0, 0};
    if (fps_report_write(result, format, &options, collect, &t, NULL) != FPS_OK)
        abort();
    for (size_t i = 0; i < t.size; i++)
        if ((unsigned char)t.bytes[i] < ' ' && t.bytes[i] != '\n' && t.bytes[i] != '\r')
            abort();
    return t;
}

static void check_report(const fps_result *result)
{
    const fps_report_format *json = NULL;
    fps_result *again = NULL;
    if (fps_report_format_find("json", &json, NULL) != FPS_OK)
        abort();
    text first = write_format(result, json);
    if (fps__document_read_bytes(&again, "again", (fps__span){(uint8_t *)first.bytes, first.size},
                                 (size_t)MEMORY * 64, NULL) != FPS_OK)
        abort();
    text second = write_format(again, json);
    if (first.size != second.size || memcmp(first.bytes, second.bytes, first.size) != 0)
        abort();
    free(first.bytes);
    free(second.bytes);
    fps_result_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_result *result = NULL;
    fps_status status = fps__document_read_bytes(&result, "input", (fps__span){data, size}, MEMORY, &error);
    if (status != FPS_OK) {
        if (result || !error.message[0] || error.status != status)
            abort();
        return 0;
    }
    for (size_t i = 0; i < fps_report_format_count(); i++)
        free(write_format(result, fps_report_format_entry(i)).bytes);
    check_report(result);
    fps_result_free(result);
    return 0;
}
