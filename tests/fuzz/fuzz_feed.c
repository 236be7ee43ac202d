/* Reads any bytes as a document of an advisory source. The first byte chooses the format; one beyond the table lets the document say
 * what it is.
 *
 * Reaches: fps__feed_put_advisory, fps__feed_put_range, fps__feed_put_constraint, fps__feed_put_complement, fps__yaml_read,
 * Reaches: fps__toml_read, fps__bbolt_walk, fps__feed_put_epss, fps__feed_put_kev, fps__feed_put_ssvc, fps__feed_put_link
 */
#include "feed/feed.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_advisory_import_result result;
    fps_error error;
    if (!size)
        return 0;
    fps__feed_try(fps__feed_format_entry(data[0]), (fps__span){data + 1, size - 1}, "a.yaml", &result,
                  &error);
    return 0;
}
