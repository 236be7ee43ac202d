/* Finds which things of two lists are the same. */
#include "compare/compare_state.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

enum { ALL = FPS__KEY | FPS__VALUE | FPS__CONTENT | FPS__PLACE | FPS__DIGEST };

typedef struct order {
    const fps__item *items;
    unsigned fields;
} order;

static int compare_fields(const fps__item *a, const fps__item *b, unsigned fields)
{
    int result = fields & FPS__KEY ? strcmp(a->key, b->key) : 0;
    if (!result && fields & FPS__VALUE)
        result = strcmp(a->value, b->value);
    if (!result && fields & FPS__CONTENT)
        result = strcmp(a->content, b->content);
    if (!result && fields & FPS__PLACE)
        result = strcmp(a->place, b->place);
    if (!result && fields & FPS__DIGEST)
        result = strcmp(a->digest, b->digest);
    return result;
}

static int compare_indexes(const void *left, const void *right, void *user)
{
    const order *by = user;
    uint32_t l = *(const uint32_t *)left, r = *(const uint32_t *)right;
    int result = compare_fields(&by->items[l], &by->items[r], by->fields);
    if (!result)
        result = compare_fields(&by->items[l], &by->items[r], FPS__KEY | FPS__PLACE);
    if (!result)
        result = compare_fields(&by->items[l], &by->items[r], ALL);
    return result ? result : FPS__COMPARE(l, r);
}

static int compare_items(const void *left, const void *right)
{
    return compare_fields(left, right, ALL);
}

void fps__items_sort(fps__items *items)
{
    if (items->count)
        qsort(items->items, items->count, sizeof *items->items, compare_items);
}

/* Indexes of the things without a mate, in the order of the fields; their number. */
static size_t sort_single(const fps__items *list, unsigned fields, uint32_t *indexes)
{
    order by = {list->items, fields};
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].mate == UINT32_MAX && (!(fields & FPS__DIGEST) || *list->items[i].digest))
            indexes[count++] = (uint32_t)i;
    if (count)
        qsort_r(indexes, count, sizeof *indexes, compare_indexes, &by);
    return count;
}

fps_status fps__items_join(fps__items *before, fps__items *after, unsigned fields, fps_error *error)
{
    uint32_t *left = calloc(before->count + 1, sizeof *left),
             *right = calloc(after->count + 1, sizeof *right);
    if (!left || !right) {
        free(left);
        free(right);
        return fps__fail_memory(error);
    }
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
    free(left);
    free(right);
    return FPS_OK;
}

fps_status fps__items_pair(fps__items *before, fps__items *after, bool rest, fps_error *error)
{
    static const unsigned steps[] = {FPS__KEY | FPS__VALUE | FPS__PLACE, FPS__KEY | FPS__VALUE | FPS__CONTENT,
                                     FPS__KEY | FPS__PLACE, FPS__KEY};
    fps_status status = FPS_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps - !rest && !status; i++)
        status = fps__items_join(before, after, steps[i], error);
    return status;
}
