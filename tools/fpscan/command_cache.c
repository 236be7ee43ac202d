/* fpscan cache stats, cache prune and cache clear. */
#include "common/exit.h"
#include "common/message.h"
#include "folders.h"
#include "outputs.h"

#include <fpscan/cache.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

static char *find_folder(const settings *s)
{
    char *folder;
    if (folder_cache(&folder, s) && !folder)
        message_print(PROGRAM, "no cache folder: give one with --cache-dir, or set HOME");
    return folder;
}

static void put_moment(const char *name, int64_t seconds)
{
    char text[32] = "-";
    time_t moment = (time_t)seconds;
    struct tm parts;
    if (seconds && gmtime_r(&moment, &parts))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
    printf("  %-12s %s\n", name, text);
}

static void put_info(const char *folder, const fps_cache_info *info)
{
    message_put_safe(stdout, folder);
    printf("\n  %-12s %" PRIu64 "\n", "bytes", info->bytes);
    printf("  %-12s %" PRIu64 " (%" PRIu64 " bytes)\n", "files", info->files, info->file_bytes);
    printf("  %-12s %" PRIu64 " (%" PRIu64 " bytes)\n", "layers", info->layers, info->layer_bytes);
    put_moment("oldest use", info->oldest);
    put_moment("newest use", info->newest);
}

/* Takes ownership of `folder`. A cache that does not exist is empty. */
static int finish(char *folder, fps_status status, const fps_cache_info *info, const fps_error *error)
{
    bool good = status == FPS_OK || status == FPS_ERROR_NOT_FOUND;
    if (!good)
        message_error(PROGRAM, folder, error);
    else if (info)
        put_info(folder, info);
    free(folder);
    return outputs_flush() && good ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}

int command_cache_stats(const settings *s, const option_result *parsed)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_cache_info info = {0};
    char *folder = find_folder(s);
    (void)parsed;
    if (!folder)
        return TOOL_EXIT_ERROR;
    return finish(folder, fps_cache_read_info(folder, &info, &error), &info, &error);
}

int command_cache_prune(const settings *s, const option_result *parsed)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_cache_info info = {0};
    char *folder = find_folder(s);
    (void)parsed;
    if (!folder)
        return TOOL_EXIT_ERROR;
    uint64_t limit = s->cache_limit ? s->cache_limit : s->age ? UINT64_MAX : FPS_CACHE_LIMIT;
    uint64_t age = (s->age + 999) / 1000;
    return finish(folder, fps_cache_prune(folder, limit, age, &info, &error), &info, &error);
}

int command_cache_clear(const settings *s, const option_result *parsed)
{
    fps_error error = {.offset = UINT64_MAX};
    char *folder = find_folder(s);
    (void)parsed;
    if (!folder)
        return TOOL_EXIT_ERROR;
    return finish(folder, fps_cache_clear(folder, &error), NULL, &error);
}
