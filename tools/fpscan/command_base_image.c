/* fpscan base-image add, base-image list and base-image remove. */
#include "common/exit.h"
#include "common/message.h"
#include "folders.h"
#include "outputs.h"

#include <fpscan/base_image.h>
#include <stdlib.h>
#include <time.h>

static char *find_file(void)
{
    char *path;
    if (folder_base_images(&path) && !path)
        message_print(PROGRAM, "no folder for the table of base images: set HOME");
    return path;
}

/* Takes ownership of `path`. */
static int finish(char *path, fps_status status, const fps_error *error)
{
    if (status != FPS_OK)
        message_error(PROGRAM, path, error);
    free(path);
    return outputs_flush() && status == FPS_OK ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}

/* The day of SOURCE_DATE_EPOCH, else today. */
static bool write_date(char *text, size_t size)
{
    int64_t seconds;
    struct tm parts;
    if (!outputs_timestamp(&seconds))
        return false;
    time_t moment = seconds < 0 ? time(NULL) : (time_t)seconds;
    return gmtime_r(&moment, &parts) && strftime(text, size, "%Y-%m-%d", &parts);
}

int command_base_image_add(const settings *s, const option_result *parsed)
{
    char date[32];
    fps_error error = {.offset = UINT64_MAX};
    char *path = write_date(date, sizeof date) ? find_file() : NULL;
    if (!path)
        return TOOL_EXIT_ERROR;
    const fps_base_image_options options = {.name = parsed->operand_count > 1 ? parsed->operands[1] : NULL,
                                            .platform = s->platform,
                                            .image = s->image,
                                            .added = date};
    return finish(path, fps_base_image_add(path, parsed->operands[0], &options, &error), &error);
}

static void put_image(const fps_base_image *image)
{
    message_put_safe(stdout, image->name);
    printf("\n  %-12s %zu\n  %-12s ", "layers", image->layers, "digest");
    message_put_safe(stdout, image->digest[0] ? image->digest : "-");
    printf("\n  %-12s ", "added");
    message_put_safe(stdout, image->added[0] ? image->added : "-");
    putchar('\n');
}

int command_base_image_list(const settings *s, const option_result *parsed)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_base_images *table = NULL;
    char *path = find_file();
    (void)s;
    (void)parsed;
    if (!path)
        return TOOL_EXIT_ERROR;
    fps_status status = fps_base_images_open(&table, path, &error);
    for (size_t i = 0; status == FPS_OK && i < fps_base_images_entry_count(table); i++)
        put_image(fps_base_images_entry(table, i));
    fps_base_images_free(table);
    return finish(path, status == FPS_ERROR_NOT_FOUND ? FPS_OK : status, &error);
}

int command_base_image_remove(const settings *s, const option_result *parsed)
{
    fps_error error = {.offset = UINT64_MAX};
    char *path = find_file();
    (void)s;
    if (!path)
        return TOOL_EXIT_ERROR;
    return finish(path, fps_base_image_remove(path, parsed->operands[0], &error), &error);
}
