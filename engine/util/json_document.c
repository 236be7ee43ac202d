/* Parses JSON of others: what a document takes in memory is told from its bytes before it is parsed. */
#include "util/json_document.h"

#include "util/error.h"

#include <errno.h>
#include <stdlib.h>
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

/* A text that jansson takes byte by byte. */
typedef struct feed {
    fps__span text;
    size_t at;
    bool no_memory;
} feed;

/* A token that does not grow is missed by jansson, which then has another text: so malloc is asked before each byte of it. */
static size_t give_byte(void *buffer, size_t room, void *user)
{
    feed *f = user;
    f->no_memory |= errno == ENOMEM;
    if (!room || f->no_memory || f->at >= f->text.size)
        return 0;
    *(uint8_t *)buffer = f->text.data[f->at++];
    return 1;
}

json_t *fps__json_load(fps__span text, size_t flags, json_error_t *fault)
{
    feed from = {.text = text};
    void *room = malloc((size_t)fps__json_cost(text)); /* most of what it may take is there */
    json_t *root = NULL;
    from.no_memory = !room;
    free(room);
    errno = 0;
    if (!from.no_memory)
        root = json_load_callback(give_byte, &from, flags, fault);
    if (!from.no_memory && errno != ENOMEM)
        return root;
    json_decref(root);
    *fault = (json_error_t){.line = -1, .column = -1, .text = "not enough memory"};
    fault->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_out_of_memory;
    return NULL;
}

bool fps__json_no_memory(const json_error_t *fault)
{
    return json_error_code(fault) == json_error_out_of_memory;
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
    json_t *root = fps__json_load(text, JSON_REJECT_DUPLICATES, &fault);
    if (!root && fps__json_no_memory(&fault))
        fps__fail_memory(error);
    else if (!root)
        fps__fail(error, FPS_ERROR_CORRUPT, path, fault.position > 0 ? (uint64_t)fault.position : 0,
                  "no valid JSON in line %d: %s", fault.line, fault.text);
    return root;
}
