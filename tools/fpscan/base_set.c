/* The base set that is part of the program. */
#include "base_set.h"

#ifdef FPS_HAS_BASE_SET
extern const unsigned char fps_base_set_start[], fps_base_set_end[]; /* base_set_data.S */

const void *base_set_data(size_t *size)
{
    *size = (size_t)(fps_base_set_end - fps_base_set_start);
    return fps_base_set_start;
}
#else
const void *base_set_data(size_t *size)
{
    *size = 0;
    return NULL;
}
#endif

#ifdef FPS_HAS_BASE_RULES
extern const unsigned char fps_base_rules_start[], fps_base_rules_end[]; /* base_rules_data.S */

const void *base_rules_data(size_t *size)
{
    *size = (size_t)(fps_base_rules_end - fps_base_rules_start);
    return fps_base_rules_start;
}
#else
const void *base_rules_data(size_t *size)
{
    *size = 0;
    return NULL;
}
#endif
