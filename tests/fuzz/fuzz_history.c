/* Reads any bytes as a release history; what is read is written back and read again, and joined with itself.
 *
 * Reaches: fps__history_intern, fps__history_merge
 */
#include "history/history.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__history *history, *again, *merged;
    fps_error error;
    char *text;
    size_t written;
    if (fps__history_parse((fps__span){data, size}, "fuzz", &history, &error))
        return 0;
    /* Rows may have stood in another order; what is written can be read, and stays as it is. */
    if (fps__history_render(history, &text, &written, &error))
        abort();
    if (fps__history_parse((fps__span){(const uint8_t *)text, written}, "fuzz", &again, &error))
        abort();
    const fps__history *parts[] = {history, history};
    if (!fps__history_merge(parts, 2, &merged, &error) && merged->releases.count > history->releases.count)
        abort();
    fps__history_free(merged);
    fps__history_free(again);
    free(text);
    fps__history_free(history);
    return 0;
}
