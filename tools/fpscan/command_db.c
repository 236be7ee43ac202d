/* fpscan db status and fpscan db update. */
#include "advisories.h"
#include "common/exit.h"
#include "common/message.h"
#include "folders.h"
#include "outputs.h"

#include <errno.h>
#include <fpscan/advisory_build.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void put_source(const fps_advisory_source *source, int64_t now)
{
    struct tm parts = {.tm_isdst = 0};
    const char *end = strptime(source->date, "%Y-%m-%d", &parts);
    int64_t days = end && !*end ? (now - (int64_t)timegm(&parts)) / (24 * 60 * 60) : -1;
    printf("  %-22s ", source->name);
    printf("%-14s %-10s %9llu records", source->format, *source->date ? source->date : "-",
           (unsigned long long)source->records);
    printf(days > 30 ? ", %lld days old\n" : "\n", (long long)days);
}

int command_db_status(const settings *s, const option_result *parsed)
{
    advisories a;
    const fps_advisory_source *source;
    int64_t now;
    (void)parsed;
    bool good = outputs_timestamp(&now) && advisories_open(&a, s);
    now = now < 0 ? time(NULL) : now;
    if (good && !a.database)
        message_print(PROGRAM, "there are no advisories in this build; give --advisories FILE");
    if (good && a.database) {
        printf("advisories\n  ");
        message_put_safe(stdout, a.path);
        printf("\nsources\n");
        for (size_t i = 0; (source = fps_advisory_source_entry(a.database, i)); i++)
            put_source(source, now);
    }
    bool found = good && a.database;
    advisories_free(&a);
    return outputs_flush() && found ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}

int command_db_update(const settings *s, const option_result *parsed)
{
    const char *from = parsed->operands[0];
    char *folder, *path = NULL;
    bool good = folder_data(&folder) && folder_advisories(&path);
    fps_error error = {.offset = UINT64_MAX};
    int code = TOOL_EXIT_ERROR;
    (void)s;
    if (good && !path) {
        message_print(PROGRAM, "no folder for advisories: set HOME");
    } else if (good && fps_advisory_verify(from, &error) != FPS_OK) {
        message_error(PROGRAM, from, &error);
    } else if (good) {
        folder_make(folder);
        code = folder_copy_file(from, path) ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
        if (code != TOOL_EXIT_OK)
            message_print(PROGRAM, "%s: cannot be written: %s", path, strerror(errno));
    }
    free(folder);
    free(path);
    return code;
}
