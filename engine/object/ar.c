/* Reads ar archives: System V, GNU and BSD names. */
#include "object/object_internal.h"

bool fps__ar_probe(fps__span data)
{
    return data.size >= 8 && memcmp(data.data, "!<arch>\n", 8) == 0;
}
