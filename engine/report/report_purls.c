/* Writes the package URLs of all entries of the bill, one a line, sorted, each once. */
#include "report/report_bom.h"
#include "report/report_format.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A copy of the entry's package URL behind the others; false without memory. */
static bool add(char **urls, size_t *count, const fps__entry *entry)
{
    char text[FPS__IDENTIFIER_SIZE];
    if (!fps__bom_purl(entry, text, sizeof text))
        return true;
    char *copy = strdup(text);
    if (copy)
        urls[(*count)++] = copy;
    return copy != NULL;
}

static bool gather(const fps__view *view, char **urls, size_t *count)
{
    fps__entry entry;
    bool good = true;
    for (size_t i = 0; good && i < fps_result_package_count(view->result); i++)
        if (fps__bom_package(view, i, &entry))
            good = add(urls, count, &entry);
    for (size_t i = 0; good && i < fps_result_component_count(view->result); i++)
        if (fps__bom_component(view, i, &entry))
            good = add(urls, count, &entry);
    return good;
}

static void write_purls(const fps__view *view, fps__output *out)
{
    size_t most = fps_result_package_count(view->result) + fps_result_component_count(view->result),
           count = 0;
    char **urls = calloc(most + 1, sizeof *urls);
    if (!urls || !gather(view, urls, &count))
        out->status = FPS_ERROR_MEMORY;
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
