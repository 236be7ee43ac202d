/* sigbuild add and negative: packages, archives and builds into a workbench. */
#include "sigbuild/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Paths from the command line and from --list. */
typedef struct path_list {
    const char **items;
    size_t count, capacity;
    char *text; /* of --list */
} path_list;

static bool append(path_list *paths, const char *path)
{
    if (paths->count == paths->capacity) {
        size_t capacity = paths->capacity ? paths->capacity * 2 : 64;
        const char **items = realloc(paths->items, capacity * sizeof *items);
        if (!items) {
            message_print("sigbuild", "out of memory");
            return false;
        }
        paths->items = items;
        paths->capacity = capacity;
    }
    paths->items[paths->count++] = path;
    return true;
}

static char *read_all(FILE *file)
{
    size_t used = 0, room = 65536;
    char *text = malloc(room);
    while (text) {
        used += fread(text + used, 1, room - used - 1, file);
        if (used < room - 1)
            break;
        char *grown = realloc(text, room *= 2);
        if (!grown)
            free(text);
        text = grown;
    }
    if (text && ferror(file)) {
        free(text);
        return NULL;
    }
    if (text)
        text[used] = '\0';
    return text;
}

static bool read_list(path_list *paths, const char *name)
{
    FILE *file = strcmp(name, "-") ? fopen(name, "rb") : stdin;
    if (!file) {
        message_print("sigbuild", "%s: cannot open the list: %s", name, strerror(errno));
        return false;
    }
    paths->text = read_all(file);
    if (file != stdin)
        fclose(file);
    if (!paths->text) {
        message_print("sigbuild", "%s: cannot read the list", name);
        return false;
    }
    for (char *line = strtok(paths->text, "\n"); line; line = strtok(NULL, "\n"))
        if (!append(paths, line))
            return false;
    return true;
}

static bool collect_paths(path_list *paths, const settings *chosen, const option_result *parsed)
{
    for (size_t i = 0; i < parsed->operand_count; i++)
        if (!append(paths, parsed->operands[i]))
            return false;
    if (chosen->list && !read_list(paths, chosen->list))
        return false;
    if (!paths->count)
        message_print("sigbuild", "nothing to add: give files or folders, or --list FILE");
    return paths->count > 0;
}

/* The state of the callbacks. */
typedef struct listener {
    bool quiet, progress;
    bool line_open; /* there is a progress line on the terminal */
} listener;

static void close_line(listener *now)
{
    if (now->line_open)
        fputs("\r\033[K", stderr);
    now->line_open = false;
}

static void show_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    listener *now = user;
    if (now->quiet)
        return;
    close_line(now);
    message_print("sigbuild", "%s: %s (%s)", diagnostic->path ? diagnostic->path : "-", diagnostic->message,
                  diagnostic->code);
}

static void show_progress(void *user, uint64_t done, uint64_t total, const char *path)
{
    (void)path;
    listener *now = user;
    if (!now->progress)
        return;
    fprintf(stderr, "\r%llu of %llu", (unsigned long long)done, (unsigned long long)total);
    now->line_open = true;
}

static void print_result(const fps_workbench_add_result *result)
{
    printf("added %u\nreplaced %u\nunchanged %u\nskipped %u\nobjects %u\nfeatures %llu\ndamaged %u\n",
           result->packages, result->replaced, result->unchanged, result->skipped, result->objects,
           (unsigned long long)result->features, result->damaged);
}

static int add(const settings *chosen, const option_result *parsed, bool negative)
{
    path_list paths = {NULL, 0, 0, NULL};
    fps_workbench *bench = NULL;
    int code = TOOL_EXIT_ERROR;
    if (collect_paths(&paths, chosen, parsed))
        bench = command_open(chosen, true);
    if (bench) {
        listener now = {chosen->quiet, !chosen->quiet && !chosen->no_progress && isatty(STDERR_FILENO),
                        false};
        fps_workbench_add_options options = {.name = chosen->name,
                                             .version = chosen->version,
                                             .purl = chosen->purl,
                                             .cpe = chosen->cpe,
                                             .license = chosen->license,
                                             .origin = chosen->origin,
                                             .negative = negative,
                                             .parallel = (unsigned)chosen->parallel,
                                             .diagnostic = show_diagnostic,
                                             .progress = show_progress,
                                             .user = &now};
        fps_workbench_add_result result;
        fps_error error;
        fps_status status = fps_workbench_add(bench, paths.items, paths.count, &options, &result, &error);
        close_line(&now);
        if (status) {
            message_error("sigbuild", chosen->workbench, &error);
        } else {
            print_result(&result);
            code = result.damaged ? TOOL_EXIT_PARTIAL : TOOL_EXIT_OK;
        }
    }
    fps_workbench_free(bench);
    free(paths.items);
    free(paths.text);
    return code;
}

int command_add(const settings *chosen, const option_result *parsed)
{
    return add(chosen, parsed, false);
}

int command_negative(const settings *chosen, const option_result *parsed)
{
    return add(chosen, parsed, true);
}
