/* Parses JSON of others: what a document takes in memory is told from its bytes before it is parsed. */
#include "util/json_document.h"

#include "util/error.h"

#include <string.h>

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

json_t *fps__json_parse(fps__span text, uint64_t memory, const char *path, fps_error *error)
{
    json_error_t fault;
    uint64_t cost = fps__json_cost(text);
    if (cost > memory) {
        fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX,
                  "not read: as JSON it takes up to %llu bytes of memory, and %llu are left; raise --memory",
                  (unsigned long long)cost, (unsigned long long)memory);
        return NULL;
    }
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        text = fps__span_part(text, 3, text.size - 3);
    json_t *root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &fault);
    if (!root && json_error_code(&fault) == json_error_out_of_memory)
        fps__fail_memory(error);
    else if (!root)
        fps__fail(error, FPS_ERROR_CORRUPT, path, fault.position > 0 ? (uint64_t)fault.position : 0,
                  "no valid JSON in line %d: %s", fault.line, fault.text);
    return root;
}
