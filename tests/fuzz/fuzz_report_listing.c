/* Lists a function in any bytes; the last eight bytes are its address.
 *
 * Reaches: fps__code_list
 */
#include <fpscan/listing.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Limits the output: a listing of megabytes proves nothing more. */
static fps_status take(void *user, const char *text, size_t length)
{
    size_t *left = user;
    if (length && !text[0])
        __builtin_trap();
    if (length > *left)
        return FPS_ERROR_CANCELLED;
    *left -= length;
    return FPS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps_listing_location place = {0};
    size_t left = 1 << 20;
    fps_error error;
    if (size < sizeof place.address)
        return 0;
    size -= sizeof place.address;
    memcpy(&place.address, data + size, sizeof place.address);
    fps_listing_write(data, size, &place, take, &left, &error);
    return 0;
}
