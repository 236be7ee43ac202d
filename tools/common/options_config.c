/* Options from the environment and from a JSON config file. */
#include "common/message.h"
#include "common/options_parts.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ORIGIN_SIZE = 160 };

/* True if environment and file may set it: it is not set yet, and not reserved for the command line. */
static bool is_open(const option_parser *parser, size_t index)
{
    return !parser->result->given[index] && !(parser->program->specs[index].flags & OPTION_ONLY_COMMAND);
}

static bool store_flag(option_parser *parser, const option_spec *spec, const char *origin, const char *value)
{
    static const char *const yes[] = {"1", "true", "yes", "on"}, *const no[] = {"", "0", "false", "no",
                                                                                "off"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcmp(value, yes[i]) == 0)
            return option_store(parser, spec, origin, NULL);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (strcmp(value, no[i]) == 0)
            return true;
    message_print(parser->program->name, "%s: '%s' is neither true nor false", origin, value);
    return false;
}

/* Lists are split at ':', as PATH is. */
static bool store_environment(option_parser *parser, const option_spec *spec, const char *origin,
                              const char *value)
{
    if (!option_takes_value(spec))
        return store_flag(parser, spec, origin, value);
    if (spec->kind != OPTION_LIST)
        return option_store(parser, spec, origin, value);
    for (const char *item = value; *item;) {
        size_t length = strcspn(item, ":");
        char *copy = length ? option_copy(parser->result, item, length) : NULL;
        if (length && !copy) {
            message_print(parser->program->name, "out of memory");
            return false;
        }
        if (copy && !option_store(parser, spec, origin, copy))
            return false;
        item += length + (item[length] == ':');
    }
    return true;
}

bool option_read_environment(option_parser *parser)
{
    const option_program *program = parser->program;
    for (size_t i = 0; program->prefix && i < program->spec_count; i++) {
        const option_spec *spec = &program->specs[i];
        char name[ORIGIN_SIZE];
        snprintf(name, sizeof name, "%s_%s", program->prefix, spec->name);
        for (char *p = name; *p; p++)
            *p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
        const char *value = getenv(name);
        if (value && *value && is_open(parser, i) && !store_environment(parser, spec, name, value))
            return false;
    }
    return true;
}

/* A JSON value as the command line would have it; numbers keep their digits. NULL: not a string or number. */
static char *value_text(option_parser *parser, json_t *value)
{
    char number[40];
    if (json_is_string(value))
        return option_copy(parser->result, json_string_value(value), json_string_length(value));
    if (json_is_integer(value))
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, sizeof number, "%.10f", json_real_value(value));
    else
        return NULL;
    return option_copy(parser->result, number, strlen(number));
}

static bool wrong_type(const option_parser *parser, const char *origin)
{
    message_print(parser->program->name, "%s: the value has a type that the option does not accept", origin);
    return false;
}

static bool store_json(option_parser *parser, const option_spec *spec, const char *origin, json_t *value)
{
    if (!option_takes_value(spec)) {
        if (spec->kind == OPTION_FLAG && json_is_boolean(value))
            return json_is_true(value) ? option_store(parser, spec, origin, NULL) : true;
        json_int_t times =
            json_is_integer(value) && spec->kind == OPTION_COUNT ? json_integer_value(value) : -1;
        if (times < 0 || times > 9)
            return wrong_type(parser, origin);
        for (json_int_t i = 0; i < times; i++)
            option_store(parser, spec, origin, NULL);
        return true;
    }
    bool is_list = spec->kind == OPTION_LIST || spec->kind == OPTION_COMMA_LIST;
    size_t count = json_is_array(value) && is_list ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        char *text = value_text(parser, json_is_array(value) && is_list ? json_array_get(value, i) : value);
        if (!text)
            return wrong_type(parser, origin);
        if (!option_store(parser, spec, origin, text))
            return false;
    }
    return true;
}

static size_t find_key(const option_program *program, const char *key)
{
    for (size_t i = 0; i < program->spec_count; i++)
        if (strcmp(program->specs[i].name, key) == 0 && !(program->specs[i].flags & OPTION_ONLY_COMMAND))
            return i;
    return program->spec_count;
}

static bool store_object(option_parser *parser, const char *path, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t index = find_key(parser->program, key);
        if (index == parser->program->spec_count) {
            message_print(parser->program->name, "%s: unknown key '%.100s'", path, key);
            return false;
        }
        if (parser->result->config && !(parser->program->specs[index].flags & OPTION_HARMLESS)) {
            message_print(parser->program->name,
                          "%s: '%s' writes, hides or accepts something, which only a file that is named with "
                          "--config may set",
                          path, key);
            return false;
        }
        char origin[ORIGIN_SIZE];
        snprintf(origin, sizeof origin, "%.80s: %s", path, key);
        if (is_open(parser, index) && !store_json(parser, &parser->program->specs[index], origin, value))
            return false;
    }
    return true;
}

/* The file that --config names, else the one in the current directory if it exists; NULL for none. */
static const char *config_path(const option_parser *parser, bool *must_exist)
{
    size_t index = 0;
    while (index < parser->program->spec_count && strcmp(parser->program->specs[index].name, "config") != 0)
        index++;
    *must_exist = false;
    if (index < parser->program->spec_count) {
        const option_spec *spec = &parser->program->specs[index];
        const char *named = *(const char **)(void *)(parser->settings + spec->offset);
        *must_exist = named != NULL;
        if (named)
            return named;
    }
    const char *usual = parser->program->config;
    return usual && access(usual, F_OK) == 0 ? usual : NULL;
}

/* A file that jansson takes byte by byte. */
typedef struct config_text {
    FILE *file;
    bool no_memory;
} config_text;

/* Where memory is wanting, jansson may leave bytes out: so malloc is asked before each. */
static size_t give_byte(void *buffer, size_t room, void *user)
{
    config_text *text = user;
    text->no_memory |= errno == ENOMEM;
    int byte = room && !text->no_memory ? fgetc(text->file) : EOF;
    if (byte == EOF)
        return 0;
    *(unsigned char *)buffer = (unsigned char)byte;
    return 1;
}

bool option_read_config(option_parser *parser)
{
    bool must_exist = false;
    const char *path = config_path(parser, &must_exist);
    if (!path)
        return true;
    parser->result->config = must_exist ? NULL : path;
    FILE *file = fopen(path, "rbe");
    if (!file) {
        message_print(parser->program->name, "%s: cannot open the config file: %s", path, strerror(errno));
        return false;
    }
    json_error_t error;
    errno = 0;
    config_text text = {.file = file};
    json_t *object = json_load_callback(give_byte, &text, JSON_REJECT_DUPLICATES, &error);
    bool no_memory = text.no_memory || errno == ENOMEM, unread = ferror(file);
    fclose(file);
    bool good = false;
    if (no_memory || unread)
        message_print(parser->program->name, "%s: %s", path,
                      no_memory ? "out of memory" : "the config file cannot be read");
    else if (!object)
        message_print(parser->program->name, "%s: line %d: %s", path, error.line, error.text);
    else if (!json_is_object(object))
        message_print(parser->program->name, "%s: line 1: not a JSON object", path);
    else
        good = store_object(parser, path, object);
    json_decref(object);
    return good;
}
