/* Reads documents: JSON reports and bills of materials. */
#include "scan/scan_document.h"

#include "inventory/bill.h"
#include "result/result_read.h"
#include "util/error.h"
#include "util/json_document.h"
#include "util/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <fpscan/document.h>
#include <fpscan/scan.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

typedef struct bytes {
    uint8_t *data;
    size_t size, capacity;
} bytes;

/* Reads to the end, at most `most` bytes. */
static fps_status read_all(int fd, size_t most, const char *path, bytes *text, fps_error *error)
{
    for (;;) {
        if (text->size == text->capacity) {
            size_t wanted = text->capacity ? text->capacity * 2 : BLOCK;
            uint8_t *larger =
                text->capacity < most ? realloc(text->data, wanted < most ? wanted : most) : NULL;
            if (text->capacity >= most)
                return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX,
                                 "not read: a document may have %zu bytes; raise --memory", most);
            if (!larger)
                return fps__fail_memory(error);
            text->data = larger;
            text->capacity = wanted < most ? wanted : most;
        }
        ssize_t got = read(fd, text->data + text->size, text->capacity - text->size);
        if (got < 0 && errno != EINTR)
            return fps__fail_io(error, path, errno, "cannot be read");
        if (!got)
            return FPS_OK;
        text->size += got > 0 ? (size_t)got : 0;
    }
}

static fps_status read_file(const char *path, size_t most, bytes *text, fps_error *error)
{
    struct stat info;
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return fps__fail(error, FPS_ERROR_NOT_FOUND, path, UINT64_MAX, "no such file");
    if (fd < 0)
        return fps__fail_io(error, path, errno, "cannot be opened");
    fps_status status = FPS_OK;
    if (!standard && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)))
        status = fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "is no regular file");
    if (status == FPS_OK)
        status = read_all(fd, most, path, text, error);
    if (!standard)
        close(fd);
    return status;
}

/* What the readers of bills report becomes a diagnostic of the result. */
static void add_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    fps_result *result = user;
    fps_diagnostic copy = *diagnostic;
    copy.path = copy.path ? fps__arena_string(&result->arena, copy.path) : NULL;
    copy.message = fps__arena_string(&result->arena, copy.message);
    if (copy.message && FPS__ARRAY_RESERVE(&result->diagnostics, 1, UINT32_MAX) == FPS_OK)
        result->diagnostics.items[result->diagnostics.count++] = copy;
}

static fps_status read_bill(fps_result **result, const fps__inventory_file *file, const json_t *root,
                            size_t memory, fps_error *error)
{
    fps_result *made = NULL;
    fps__inventory inventory;
    fps_status status = fps__result_create(&made, error);
    if (status != FPS_OK)
        return status;
    const fps__inventory_options options = {.diagnostic = add_diagnostic, .user = made, .memory = memory};
    status = fps__inventory_read_bill(&inventory, file, root, &options, error);
    if (status == FPS_OK) {
        status = fps__bill_to_result(made, &inventory, file->path, error);
        fps__inventory_free(&inventory);
    }
    if (status == FPS_OK)
        *result = made;
    else
        fps_result_free(made);
    return status;
}

fps_status fps__document_read_bytes(fps_result **result, const char *path, fps__span text, size_t memory,
                                    fps_error *error)
{
    *result = NULL;
    fps__span start = fps__span_trim(text);
    bool json = start.size && (start.data[0] == '{' || start.data[0] == 0xEF);
    uint64_t cost = json ? fps__json_cost(text) : 0;
    json_t *root = json ? fps__json_parse(text, memory, path, error) : NULL;
    const fps__inventory_file file = {path, text};
    fps_status status;
    if (json && !root)
        return error ? error->status : FPS_ERROR_CORRUPT;
    size_t left = memory > cost ? memory - (size_t)cost : 1;
    if (fps__result_is_report(root))
        status = fps__result_read(result, root, path, left, error);
    else if (fps__bill_is_bill(text, root))
        status = read_bill(result, &file, root, left, error);
    else
        status = fps__fail(error, FPS_ERROR_FORMAT, path, UINT64_MAX,
                           "neither a JSON report of fpscan nor a bill of materials in CycloneDX or SPDX");
    json_decref(root);
    return status;
}

fps_status fps_document_read(fps_result **result, const char *path, uint64_t memory_limit, fps_error *error)
{
    fps_error own = {.offset = UINT64_MAX};
    bytes text = {NULL, 0, 0};
    size_t memory = (size_t)(memory_limit ? memory_limit : FPS_DEFAULT_MEMORY_LIMIT);
    error = error ? error : &own;
    *result = NULL;
    fps_status status = read_file(path, memory / 2, &text, error);
    if (status == FPS_OK)
        status = fps__document_read_bytes(result, path, (fps__span){text.data, text.size}, memory - text.size,
                                          error);
    free(text.data);
    return status;
}
