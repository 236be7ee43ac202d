/* What a document states of vulnerabilities, so that no two of its statements contradict each other. */
#include "report/report_statements.h"
#include "report/report_vulnerabilities.h"

#include "util/cursor.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* That an entry has a vulnerability, while nobody speaks for it. */
typedef struct candidate {
    const char *id;
    size_t entry, vulnerability;
    int rank; /* the least speaks */
} candidate;

typedef FPS__ARRAY(candidate) candidates;

static int rank_of(const fps_vulnerability *vulnerability)
{
    static const int ranks[] = {[FPS__VEX_AFFECTED] = 0,
                                [FPS__VEX_INVESTIGATED] = 1,
                                [FPS__VEX_FIXED] = 2,
                                [FPS__VEX_NOT_AFFECTED] = 3};
    return ranks[fps__vulnerability_status(vulnerability)];
}

static int compare_candidates(const void *left, const void *right)
{
    const candidate *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    order = order ? order : FPS__COMPARE(a->entry, b->entry);
    order = order ? order : FPS__COMPARE(a->rank, b->rank);
    return order ? order : FPS__COMPARE(a->vulnerability, b->vulnerability);
}

static bool is_other(const fps__statement *item)
{
    return item->vulnerability != item->speaker;
}

static int compare_statements(const void *left, const void *right)
{
    const fps__statement *a = left, *b = right;
    int order = FPS__COMPARE(a->speaker, b->speaker);
    order = order ? order : FPS__COMPARE(is_other(a), is_other(b));
    order = order ? order : FPS__COMPARE(a->vulnerability, b->vulnerability);
    return order ? order : FPS__COMPARE(a->entry, b->entry);
}

static fps_status find_candidates(const fps__view *view, candidates *all)
{
    const fps_vulnerability *vulnerability;
    fps_status status = FPS_OK;
    for (size_t i = 0; !status && (vulnerability = fps_result_vulnerability(view->result, i)); i++) {
        fps__entry entry;
        if (!fps__chooses_vulnerability(view, vulnerability))
            continue;
        for (size_t cursor = 0; !status && fps__bom_next_affected(view, vulnerability, &cursor, &entry);) {
            const candidate found = {vulnerability->id, fps__bom_place(view, &entry), i,
                                     rank_of(vulnerability)};
            status = FPS__ARRAY_PUSH(all, &found, SIZE_MAX / sizeof found);
        }
    }
    return status;
}

bool fps__statements_make(fps__statements *made, const fps__view *view)
{
    candidates all = {NULL, 0, 0};
    *made = (fps__statements){.view = view};
    fps_status status = find_candidates(view, &all);
    if (all.count)
        qsort(all.items, all.count, sizeof *all.items, compare_candidates);
    for (size_t i = 0, first = 0; i < all.count && !status; i++) {
        const candidate *at = &all.items[i], *speaker = &all.items[first];
        if (at->entry != speaker->entry || strcmp(at->id, speaker->id) != 0) {
            first = i;
            speaker = at;
        }
        const fps__statement item = {speaker->vulnerability, at->vulnerability, at->entry};
        status = FPS__ARRAY_PUSH(&made->items, &item, SIZE_MAX / sizeof item);
    }
    if (made->items.count)
        qsort(made->items.items, made->items.count, sizeof *made->items.items, compare_statements);
    free(all.items);
    return !status;
}

void fps__statements_free(fps__statements *made)
{
    free(made->items.items);
    *made = (fps__statements){.view = NULL};
}

/* The next item of a speaker, its own or another's; NULL for none. The cursor is one above an index, 0 before the first. */
static const fps__statement *next_item(const fps__statements *made, size_t speaker, bool other,
                                       size_t *cursor)
{
    const fps__statement *items = made->items.items;
    size_t at = *cursor;
    if (!at)
        FPS__LOWER_BOUND(at, made->items.count, i,
                         items[i].speaker < speaker ||
                             (items[i].speaker == speaker && is_other(&items[i]) < other));
    if (at >= made->items.count || items[at].speaker != speaker || is_other(&items[at]) != other)
        return NULL;
    *cursor = at + 1;
    return &items[at];
}

bool fps__statements_entry(const fps__statements *made, size_t vulnerability, size_t *cursor,
                           fps__entry *entry)
{
    size_t before = *cursor ? made->items.items[*cursor - 1].entry : SIZE_MAX;
    const fps__statement *item;
    while ((item = next_item(made, vulnerability, false, cursor)))
        if (item->entry != before)
            return fps__bom_at(made->view, item->entry, entry);
    return false;
}

const fps_vulnerability *fps__statements_other(const fps__statements *made, size_t vulnerability,
                                               size_t *cursor)
{
    size_t before = *cursor ? made->items.items[*cursor - 1].vulnerability : SIZE_MAX;
    const fps__statement *item;
    while ((item = next_item(made, vulnerability, true, cursor)))
        if (item->vulnerability != before)
            return fps_result_vulnerability(made->view->result, item->vulnerability);
    return NULL;
}

bool fps__statements_has(const fps__statements *made, size_t vulnerability)
{
    size_t cursor = 0;
    return next_item(made, vulnerability, false, &cursor) != NULL;
}

void fps__statements_remark(const fps__statements *made, size_t vulnerability, char *text, size_t size)
{
    enum { REMARK = 1024 };
    char remark[REMARK];
    const fps_vulnerability *other;
    fps__vulnerability_remark(fps_result_vulnerability(made->view->result, vulnerability), text, size);
    for (size_t cursor = 0, used = strlen(text);
         (other = fps__statements_other(made, vulnerability, &cursor)); used = strlen(text)) {
        fps__vulnerability_remark(other, remark, sizeof remark);
        fps__cursor more = {.text = text + used, .size = size - used};
        fps__cursor_text(&more, used ? "; elsewhere: " : "elsewhere: ");
        fps__cursor_text(&more, remark);
        if (*remark)
            fps__cursor_finish(&more);
        else
            text[used] = '\0';
    }
}
