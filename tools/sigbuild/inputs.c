/* What the commands that take many files share: the list of paths, progress and messages. */
#include "sigbuild/inputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

bool path_list_collect(path_list *paths, const settings *chosen, const option_result *parsed)
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

void path_list_free(path_list *paths)
{
    free(paths->items);
    free(paths->text);
}

static double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

listener listener_start(const settings *chosen)
{
    return (listener){.quiet = chosen->quiet,
                      .progress = !chosen->quiet && !chosen->no_progress && isatty(STDERR_FILENO),
                      .start = clock_seconds()};
}

void listener_close_line(listener *now)
{
    if (now->line_open)
        fputs("\r\033[K", stderr);
    now->line_open = false;
}

void listener_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    listener *now = user;
    if (now->quiet)
        return;
    listener_close_line(now);
    message_print("sigbuild", "%s: %s (%s)", diagnostic->path ? diagnostic->path : "-", diagnostic->message,
                  diagnostic->code);
}

void listener_progress(void *user, uint64_t done, uint64_t total, const char *path)
{
    enum { LEAST_SECONDS = 3, LEAST_PART = 50 }; /* before, and below 1 in 50, an estimate is a guess */
    (void)path;
    listener *now = user;
    if (!now->progress)
        return;
    double passed = clock_seconds() - now->start;
    fprintf(stderr, "\r\033[K%llu of %llu", (unsigned long long)done, (unsigned long long)total);
    if (passed >= LEAST_SECONDS && done < total && done > total / LEAST_PART)
        fprintf(stderr, ", about %.0f s left", passed / (double)done * (double)(total - done));
    now->line_open = true;
}
