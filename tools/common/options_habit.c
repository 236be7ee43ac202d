/* What people type who are used to other programs, or in a hurry: other names of options and commands, and the nearest names. */
#include "common/options_parts.h"

#include "common/message.h"

#include <fpscan/names.h>
#include <string.h>

static const option_habit *find_in(const option_habit *habits, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(habits[i].name) == length && memcmp(habits[i].name, name, length) == 0)
            return &habits[i];
    return NULL;
}

static const option_habit *find_habit(const option_program *program, const char *name, size_t length)
{
    return find_in(program->habits, program->habit_count, name, length);
}

bool option_say_command(const option_program *program, const char *word)
{
    const option_habit *habit =
        find_in(program->command_habits, program->command_habit_count, word, strlen(word));
    if (habit)
        message_print(program->name, "there is no command '%s': %s", word, habit->say);
    return habit != NULL;
}

const char *option_usual_name(const option_program *program, const char *name, size_t length)
{
    const option_habit *habit = find_habit(program, name, length);
    return habit ? habit->usual : NULL;
}

static void add(fps_names *names, const char *name)
{
    fps_names_add(names, name, NULL);
}

/* Copies the name that is most like `text` into `nearest`; false when there is none. */
static bool find_nearest(fps_names *names, const char *text, char *nearest, size_t size)
{
    const char *found = names ? fps_names_nearest(names, text) : NULL;
    bool fits = found && strlen(found) < size;
    if (fits)
        memcpy(nearest, found, strlen(found) + 1);
    fps_names_free(names);
    return fits;
}

void option_say_unknown(const option_program *program, const char *text, size_t length)
{
    char name[64], nearest[64];
    fps_names *names = NULL;
    int shown = (int)(length > 200 ? 200 : length);
    size_t dashes = length > 2 && text[0] == '-' && text[1] == '-' ? 2 : 0;
    const option_habit *habit = dashes ? find_habit(program, text + dashes, length - dashes) : NULL;
    if (habit && habit->say) {
        message_print(program->name, "unknown option '%.*s': %s", shown, text, habit->say);
        return;
    }
    if (dashes && length - dashes < sizeof name && fps_names_create(&names, NULL) == FPS_OK) {
        memcpy(name, text + dashes, length - dashes);
        name[length - dashes] = '\0';
        for (size_t i = 0; i < program->spec_count; i++)
            add(names, program->specs[i].name);
        for (size_t i = 0; i < option_builtin_count; i++)
            add(names, option_builtins[i].name);
        if (find_nearest(names, name, nearest, sizeof nearest)) {
            message_print(program->name, "unknown option '%.*s': did you mean --%s?", shown, text, nearest);
            return;
        }
    }
    message_print(program->name, "unknown option '%.*s'; %s --help lists them all", shown, text,
                  program->name);
}

bool option_nearest_verb(const option_program *program, const char *word, char *nearest, size_t size)
{
    static const char *const builtin[] = {"version", "help", "completion"};
    fps_names *names = NULL;
    if (fps_names_create(&names, NULL) != FPS_OK)
        return false;
    for (size_t v = 0; v < program->verb_count; v++) {
        char first[32];
        size_t length = strcspn(program->verbs[v].name, " ");
        if (length < sizeof first) {
            memcpy(first, program->verbs[v].name, length);
            first[length] = '\0';
            add(names, first);
        }
        for (const char *const *other = program->verbs[v].aliases; other && *other; other++)
            add(names, *other);
    }
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
        add(names, builtin[i]);
    return find_nearest(names, word, nearest, size);
}
