/* Finds which things of two lists are the same. */
#include "compare/compare_state.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* What two things must agree in. The order of bits is that of comparing. */
enum { KEY = 1, VALUE = 2, PLACE = 4 };

typedef struct order {
    const fps__item *items;
    unsigned fields;
} order;

static int compare_fields(const fps__item *a, const fps__item *b, unsigned fields)
{
    int result = fields & KEY ? strcmp(a->key, b->key) : 0;
    if (!result && fields & VALUE)
        result = strcmp(a->value, b->value);
    if (!result && fields & PLACE)
        result = strcmp(a->place, b->place);
    return result;
}

static int compare_indexes(const void *left, const void *right, void *user)
{
    const order *by = user;
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    int result = compare_fields(&by->items[l], &by->items[r], by->fields);
    if (!result)
        result = compare_fields(&by->items[l], &by->items[r], KEY | PLACE);
    if (!result)
        result = compare_fields(&by->items[l], &by->items[r], VALUE);
    return result ? result : (l > r) - (l < r);
}

/* Indexes of the things without a mate, in the order of the fields; their number. */
static size_t sort_single(const fps__items *list, unsigned fields, uint32_t *indexes)
{
    order by = {list->items, fields};
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].mate == UINT32_MAX)
            indexes[count++] = (uint32_t)i;
    if (count)
        qsort_r(indexes, count, sizeof *indexes, compare_indexes, &by);
    return count;
}

static void join(fps__items *before, fps__items *after, unsigned fields, uint32_t *left, uint32_t *right)
{
    size_t lefts = sort_single(before, fields, left), rights = sort_single(after, fields, right);
    for (size_t l = 0, r = 0; l < lefts && r < rights;) {
        fps__item *a = &before->items[left[l]], *b = &after->items[right[r]];
        int difference = compare_fields(a, b, fields);
        if (!difference) {
            a->mate = right[r];
            b->mate = left[l];
        }
        l += difference <= 0;
        r += difference >= 0;
    }
}

fps_status fps__items_pair(fps__items *before, fps__items *after, bool rest, fps_error *error)
{
    uint32_t *left = calloc(before->count + 1, sizeof *left),
             *right = calloc(after->count + 1, sizeof *right);
    fps_status status = left && right ? FPS_OK : fps__fail_memory(error);
    if (!status) {
        join(before, after, KEY | VALUE | PLACE, left, right);
        join(before, after, KEY | VALUE, left, right);
        join(before, after, KEY | PLACE, left, right);
        if (rest)
            join(before, after, KEY, left, right);
    }
    free(left);
    free(right);
    return status;
}
