/* fpscan config init. */
#include "common/exit.h"
#include "common/message.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

/* What an option has when nobody sets it; NULL: a file that says nothing is better. */
static json_t *default_of(const option_spec *spec)
{
    switch (spec->kind) {
    case OPTION_FLAG:
        return json_false();
    case OPTION_COUNT:
        return json_integer(0);
    case OPTION_LIST:
    case OPTION_COMMA_LIST:
        return json_array();
    default:
        return NULL;
    }
}

/* The options that a file in the current directory may set; all others need --config. */
static char *make_config(void)
{
    json_t *object = json_object();
    for (size_t i = 0; object && i < fpscan_program.spec_count; i++) {
        const option_spec *spec = &fpscan_program.specs[i];
        json_t *value = spec->flags & OPTION_HARMLESS ? default_of(spec) : NULL;
        if (value)
            json_object_set_new(object, spec->name, value);
    }
    char *text = object ? json_dumps(object, JSON_INDENT(4)) : NULL;
    json_decref(object);
    return text;
}

int command_config_init(const settings *s, const option_result *parsed)
{
    const char *path = parsed->operand_count ? parsed->operands[0] : fpscan_program.config;
    char *text = make_config();
    int fd = text ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good = file && fprintf(file, "%s\n", text) > 0;
    int reason = errno;
    if (file && fclose(file) != 0)
        good = false;
    free(text);
    if (!good)
        message_print(PROGRAM, "%s: cannot be written: %s", path, strerror(reason));
    else if (!s->quiet)
        printf(
            "%s has what a file in the current directory may set, with the defaults. Other keys are the long names of options; a "
            "file with them is named with --config.\n",
            path);
    return good ? TOOL_EXIT_OK : TOOL_EXIT_ERROR;
}
