/* Opens a PE file. */
#include "object/object_internal.h"

bool fps__pe_probe(fps__span data)
{
    (void)data;
    return false;
}

fps_status fps__pe_open(fps_object *object, fps_error *error)
{
    (void)object;
    return fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not a PE file");
}
