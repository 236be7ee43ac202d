/* Writes the package URLs of all entries of the bill, and of what a component may be instead, one a line, sorted, each once. */
#include "report/report_bom.h"
#include "report/report_format.h"
#include "util/array.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

typedef struct url_list {
    FPS__ARRAY(char *) urls;
} url_list;

/* A copy of `text` behind the others, unless it is empty; false without memory. */
static bool add_text(url_list *list, const char *text)
{
    char *copy = *text ? strdup(text) : NULL;
    if (!copy)
        return !*text;
    if (FPS__ARRAY_PUSH(&list->urls, &copy, UINT32_MAX) == FPS_OK)
        return true;
    free(copy);
    return false;
}

/* The package URL of the entry, and of each component that it may be instead. */
static bool add(url_list *list, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    fps__bom_purl(entry, text, sizeof text);
    bool good = add_text(list, text);
    const fps_finding *best = entry->component ? entry->best : NULL;
    for (size_t i = 0; good && best && i < best->relative_count; i++) {
        fps__purl_text(best->relatives[i].purl, NULL, text, sizeof text);
        good = add_text(list, text);
    }
    return good;
}

static bool gather(const fps__view *view, url_list *list)
{
    fps__entry entry;
    bool good = true;
    for (size_t next = 0; good && fps__bom_next(view, &next, &entry);)
        good = add(list, &entry);
    return good;
}

static void write_purls(const fps__view *view, fps__output *out)
{
    url_list list = {0};
    if (!gather(view, &list))
        out->status = FPS_ERROR_MEMORY;
    char **urls = list.urls.items;
    size_t count = list.urls.count;
    if (count)
        qsort(urls, count, sizeof *urls, compare_texts);
    for (size_t i = 0; i < count; i++) {
        if (i && strcmp(urls[i], urls[i - 1]) == 0)
            continue;
        fps__output_text(out, urls[i]); /* percent-encoded: plain ASCII */
        fps__output_text(out, "\n");
    }
    for (size_t i = 0; i < count; i++)
        free(urls[i]);
    free(urls);
}

const fps_report_format fps__report_purls = {
    .name = "purls", .version = "", .states = FPS__STATES_OF_BILLS, .write = write_purls};
