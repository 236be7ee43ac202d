/* Reads any bytes as C source and as an export list, and as the tag and the file name of a release.
 *
 * Reaches: fps__lex_source, fps__lex_exports, fps__history_tag_version
 */
#include "history/history_lex.h"
#include "history/history_rules.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parts must be whole: kinds that are known, and texts that end. */
static void check_parts(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        char kind = text[at];
        if (kind < FPS__LEX_TEXT || kind > FPS__LEX_UNKNOWN)
            abort();
        for (int texts = kind == FPS__LEX_CALL ? 2 : 1; texts; texts--) {
            const char *end = memchr(text + at + 1, 0, size - at - 1);
            if (!end)
                abort();
            at = (size_t)(end - text);
        }
        at++;
    }
}

static fps_status take(void *user, const fps__lex_event *event)
{
    size_t *left = user;
    if (event->kind == FPS__LEX_JOINED || event->kind == FPS__LEX_DEFINE)
        check_parts(event->text, event->size);
    else if (event->size && memchr(event->text, 0, event->size))
        abort();
    return --*left ? FPS_OK : FPS_ERROR_LIMIT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t left = 100000;
    char version[FPS__MAX_VERSION], name[FPS__MAX_VERSION], tag[512];
    fps__lex_source((fps__span){data, size}, take, &left);
    left = 100000;
    fps__lex_exports((fps__span){data, size}, take, &left);
    size_t length = size < sizeof tag - 1 ? size : sizeof tag - 1;
    if (length)
        memcpy(tag, data, length);
    tag[length] = '\0';
    if (fps__history_tag_version(tag, NULL, "acme", version) && !*version)
        abort();
    fps__history_archive_name(tag, name, version);
    fps__history_file_kind(tag, 1);
    return 0;
}
