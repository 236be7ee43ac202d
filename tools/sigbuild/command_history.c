/* sigbuild history: repositories and source archives into a release history. */
#include "sigbuild/commands.h"
#include "sigbuild/inputs.h"

#include <fpscan/history.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A path, or a line "VERSION <tab> DATE <tab> PATH" of a list, whose text is cut at the tabs. */
static fps_history_source read_source(const char *text)
{
    fps_history_source source = {.path = text};
    char *first = strchr(text, '\t'), *second = first ? strchr(first + 1, '\t') : NULL;
    if (!second)
        return source;
    *first = *second = '\0';
    source.path = second + 1;
    source.version = *text ? text : NULL;
    source.date = first[1] ? first + 1 : NULL;
    return source;
}

static int make(const settings *chosen, const fps_history_source *sources, size_t count)
{
    listener now = listener_start(chosen);
    fps_history_options options = {.component = chosen->name,
                                   .source = chosen->source,
                                   .tag = chosen->tag,
                                   .paths = chosen->paths,
                                   .drop = chosen->drop,
                                   .most = (uint32_t)chosen->most,
                                   .diagnostic = listener_diagnostic,
                                   .progress = listener_progress,
                                   .user = &now};
    fps_history_result result;
    fps_error error;
    fps_status status = fps_history_make(sources, count, chosen->output, &options, &result, &error);
    listener_close_line(&now);
    if (status) {
        message_error("sigbuild", chosen->output, &error);
        return TOOL_EXIT_ERROR;
    }
    printf("releases %u\nunits %u\ntexts %llu\nnames %llu\nfiles %llu\ndamaged %u\n", result.releases,
           result.units, (unsigned long long)result.texts, (unsigned long long)result.names,
           (unsigned long long)result.files, result.damaged);
    return result.damaged ? TOOL_EXIT_PARTIAL : TOOL_EXIT_OK;
}

int command_history(const settings *chosen, const option_result *parsed)
{
    path_list paths = {NULL, 0, 0, NULL};
    int code = TOOL_EXIT_ERROR;
    if (!chosen->output) {
        message_print("sigbuild", "which history? give --output FILE");
        return code;
    }
    fps_history_source *sources = NULL;
    if (path_list_collect(&paths, chosen, parsed) && (sources = calloc(paths.count, sizeof *sources))) {
        for (size_t i = 0; i < paths.count; i++)
            sources[i] = read_source(paths.items[i]);
        code = make(chosen, sources, paths.count);
    }
    free(sources);
    path_list_free(&paths);
    return code;
}
