/* What a JSON document costs before it is read. */
#include "util/json_cost.h"

/* Bytes that jansson takes for an object, a list, a member and an item, measured from above on 64-bit machines. */
enum { OBJECT_COST = 384, LIST_COST = 192, MEMBER_COST = 160, ITEM_COST = 80, TEXT_COST = 2 };

uint64_t fps__json_cost(fps__span text)
{
    uint64_t cost = (uint64_t)text.size * TEXT_COST + LIST_COST;
    for (size_t i = 0; i < text.size; i++)
        switch (text.data[i]) {
        case '{':
            cost += OBJECT_COST;
            break;
        case '[':
            cost += LIST_COST;
            break;
        case ':':
            cost += MEMBER_COST;
            break;
        case ',':
            cost += ITEM_COST;
            break;
        default:
            break;
        }
    return cost;
}
