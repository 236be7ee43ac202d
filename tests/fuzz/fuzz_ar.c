/* Walks any bytes as an ar archive: members must lie inside the archive, and the walk must end.
 *
 * Reaches: fps_ar_next
 */
#include <fpscan/object.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_ar *ar;
    fps_ar_member member;
    fps_error error;
    if (fps_ar_open(&ar, data, size, &error) != FPS_OK)
        return 0;
    uint64_t end = 0;
    fps_status status;
    while ((status = fps_ar_next(ar, &member, &error)) == FPS_OK) {
        if (member.offset < end || member.offset > size || member.size > size - member.offset ||
            member.data != data + member.offset || strlen(member.name) > 4096)
            abort();
        end = member.offset + member.size;
    }
    if (status != FPS_ERROR_NOT_FOUND && status != FPS_ERROR_CORRUPT)
        abort();
    fps_ar_free(ar);
    return 0;
}
