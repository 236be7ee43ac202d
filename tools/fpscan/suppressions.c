/* The ignore files and baselines of a run. */
#include "suppressions.h"

#include "common/message.h"
#include "documents.h"
#include "outputs.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool read_file(fps_suppressions *list, const char *path)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_advisory_document document;
    if (!document_read(&document, path))
        return false;
    fps_status status = fps_suppressions_read(list, path, document.data, document.size, &error);
    free((void *)document.data);
    if (status)
        message_error(PROGRAM, path, &error);
    return !status;
}

static bool read_files(fps_suppressions *list, const option_list *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (!read_file(list, files->items[i]))
            return false;
    return true;
}

/* Reads `name` in the folder of `beside`, NULL: the current one, if it is there and the folder is the user's own. */
static bool read_default(fps_suppressions *list, const char *name, const char *beside,
                         const char *const *targets, size_t count)
{
    const char *slash = beside ? strrchr(beside, '/') : NULL;
    char *folder = slash ? strndup(beside, (size_t)(slash - beside) + 1) : strdup("./"), *path = NULL;
    bool own = true, good = folder != NULL;
    for (size_t i = 0; good && own && i < count; i++)
        good = document_is_own(folder, targets[i], &own);
    good = good && (!own || asprintf(&path, "%s%s", slash ? folder : "", name) >= 0);
    if (!good)
        message_print(PROGRAM, "out of memory");
    if (own && good && access(path, R_OK) == 0)
        good = read_file(list, path);
    free(path);
    free(folder);
    return good;
}

bool suppressions_open(fps_suppressions **list, const settings *s, const char *const *targets, size_t count)
{
    fps_error error = {.offset = UINT64_MAX};
    int64_t now;
    *list = NULL;
    if (!outputs_timestamp(&now))
        return false;
    if (fps_suppressions_create(list, now < 0 ? time(NULL) : now, &error) != FPS_OK) {
        message_error(PROGRAM, NULL, &error);
        return false;
    }
    return read_files(*list, &s->ignore_file) && read_files(*list, &s->ignore) &&
           read_default(*list, ".trivyignore", NULL, targets, count) &&
           read_default(*list, ".fpscanignore", s->config, targets, count) && read_files(*list, &s->baseline);
}

/* Entries that have expired, once: the report has them as well. */
static void say_expired(const fps_result *result)
{
    static bool said;
    const fps_diagnostic *diagnostic;
    for (size_t i = 0; !said && (diagnostic = fps_result_diagnostic(result, i)); i++)
        if (strcmp(diagnostic->code, "ignore-expired") == 0)
            message_print(PROGRAM, "%s", diagnostic->message);
    said = true;
}

bool suppressions_apply(const fps_suppressions *list, const settings *s, fps_result *result)
{
    fps_error error = {.offset = UINT64_MAX};
    if (!list || fps_suppressions_apply(list, result, &error) == FPS_OK) {
        if (list && !s->quiet)
            say_expired(result);
        return true;
    }
    message_error(PROGRAM, NULL, &error);
    return false;
}
