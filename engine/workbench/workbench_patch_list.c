/* Reads a list of patches: a row with tabs between for each patch and file of the source. */
#include "workbench/workbench_patch.h"

#include "util/error.h"
#include "util/lines.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_ROWS = 1000000, MAX_WORDS = 100000, FIELDS = 6 };

typedef struct list_reading {
    const char *path;
    int folder; /* bytes of `path` before the name of the list, with the slash */
    size_t line;
    fps__arena arena;
    FPS__ARRAY(fps_workbench_patch) patches;
    fps_error *error;
} list_reading;

static fps_status fault(const list_reading *now, const char *what)
{
    return fps__fail(now->error, FPS_ERROR_CORRUPT, now->path, UINT64_MAX, "line %zu: %s", now->line, what);
}

static const char *keep(list_reading *now, fps__span text)
{
    return fps__arena_text(&now->arena, (const char *)text.data, text.size);
}

/* The words of a field as a NULL-ended list. Paths are relative to the folder of the list. */
static fps_status split_words(list_reading *now, fps__span field, const char *separators, bool paths,
                              const char *const **words)
{
    FPS__ARRAY(const char *) list = {NULL, 0, 0};
    fps__span word;
    fps_status status = FPS_OK;
    while (!status && fps__span_cut(&field, separators, &word)) {
        char *made = NULL;
        if (!word.size)
            continue;
        const int folder = paths && *word.data != '/' ? now->folder : 0;
        made = fps__arena_alloc(&now->arena, (size_t)folder + word.size + 1);
        if (made)
            snprintf(made, (size_t)folder + word.size + 1, "%.*s%.*s", folder, now->path, (int)word.size,
                     (const char *)word.data);
        status = made ? FPS__ARRAY_PUSH(&list, (const char *const *)&made, MAX_WORDS) : FPS_ERROR_MEMORY;
    }
    const char **kept = status ? NULL : fps__arena_array(&now->arena, list.count + 1, sizeof *kept);
    if (kept && list.count)
        memcpy(kept, list.items, list.count * sizeof *kept);
    free(list.items);
    *words = kept;
    if (status == FPS_ERROR_LIMIT)
        return fault(now, "too many words in one field");
    return kept ? FPS_OK : fps__fail_memory(now->error);
}

static fps_status take_row(list_reading *now, const fps__span fields[FIELDS])
{
    char place[32];
    snprintf(place, sizeof place, ":%zu", now->line);
    size_t size = strlen(now->path) + strlen(place) + 1;
    char *full = fps__arena_alloc(&now->arena, size);
    fps_workbench_patch patch = {.component = keep(now, fields[0]),
                                 .cves = keep(now, fields[1]),
                                 .origin = keep(now, fields[3]),
                                 .place = full};
    if (!full || !patch.component || !patch.cves || !patch.origin)
        return fps__fail_memory(now->error);
    snprintf(full, size, "%s%s", now->path, place);
    fps_status status =
        fps__span_is(fields[2], "-") ? FPS_OK : split_words(now, fields[2], ",", false, &patch.functions);
    if (!status && patch.functions && !*patch.functions)
        return fault(now, "no function is named; \"-\" means all whose code differs");
    if (!status)
        status = split_words(now, fields[4], " ", true, &patch.unfixed);
    if (!status)
        status = split_words(now, fields[5], " ", true, &patch.fixed);
    return status ? status
                  : fps__workbench_reserved(FPS__ARRAY_PUSH(&now->patches, &patch, MAX_ROWS), now->path,
                                            "rows", now->error);
}

static fps_status read_line(list_reading *now, fps__span line)
{
    fps__span fields[FIELDS];
    size_t count = 0, from = 0;
    char message[96];
    now->line++;
    if (!fps__span_trim(line).size || line.data[0] == '#')
        return FPS_OK;
    if (memchr(line.data, 0, line.size))
        return fault(now, "a byte is NUL");
    for (size_t i = 0; i <= line.size; i++) {
        if (i < line.size && line.data[i] != '\t')
            continue;
        if (count < FIELDS)
            fields[count] = fps__span_trim((fps__span){line.data + from, i - from});
        count++;
        from = i + 1;
    }
    if (count == FIELDS)
        return take_row(now, fields);
    snprintf(message, sizeof message,
             "%zu fields, not 6: component, CVEs, functions, origin, unfixed and fixed files", count);
    return fault(now, message);
}

fps_status fps_workbench_add_patch_list(fps_workbench *workbench, const char *path,
                                        const fps_workbench_patch_options *options,
                                        fps_workbench_patch_result *result, fps_error *error)
{
    const char *slash = strrchr(path, '/');
    list_reading now = {.path = path, .folder = slash ? (int)(slash + 1 - path) : 0, .error = error};
    fps__span text, line;
    size_t at = 0;
    fps_status status = fps__workbench_read_file(path, &text, error);
    if (status)
        return status;
    while (!status && fps__line_next(text, &at, &line))
        status = read_line(&now, line);
    free((void *)text.data);
    if (!status)
        status = fps_workbench_add_patches(workbench, now.patches.items, now.patches.count, options, result,
                                           error);
    free(now.patches.items);
    fps__arena_free(&now.arena);
    return status;
}
