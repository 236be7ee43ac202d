/* YAML as JSON values: libyaml parses, limits are ours. Anchors and aliases are refused: they make a bomb of a few lines. */
#include "feed/feed.h"

#include "util/error.h"

#include <string.h>
#include <yaml.h>

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    json_t *stack[FPS__FEED_MAX_DEPTH]; /* the collections that are open; borrowed from the root */
    char *key[FPS__FEED_MAX_DEPTH]; /* of the value that comes next in a mapping; NULL: a key comes next */
    size_t depth, nodes;
    json_t *root;
    fps_error *error;
} reader;

static fps_status fail(reader *now, fps_status status, const char *message)
{
    return fps__fail(now->error, status, NULL, now->event.start_mark.index, "line %zu: %s",
                     now->event.start_mark.line + 1, message);
}

/* Plain scalars that are null or true are no texts; numbers stay texts, because "1.10" is a version. */
static json_t *scalar_value(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (!length || !strcmp(text, "null") || !strcmp(text, "~"))
            return json_null();
        if (!strcmp(text, "true") || !strcmp(text, "false"))
            return json_boolean(text[0] == 't');
    }
    return json_stringn(text, length);
}

/* Puts a value where it belongs; takes it over. */
static fps_status add(reader *now, json_t *value)
{
    if (!value)
        return fail(now, FPS_ERROR_CORRUPT, "a text that is no UTF-8");
    if (++now->nodes > FPS__FEED_MAX_NODES) {
        json_decref(value);
        return fail(now, FPS_ERROR_LIMIT, "too many values");
    }
    if (!now->depth) {
        bool second = now->root != NULL;
        json_decref(second ? value : NULL);
        now->root = second ? now->root : value;
        return second ? fail(now, FPS_ERROR_CORRUPT, "more than one document") : FPS_OK;
    }
    json_t *parent = now->stack[now->depth - 1];
    char **key = &now->key[now->depth - 1];
    if (json_is_array(parent))
        return json_array_append_new(parent, value) ? fps__fail_memory(now->error) : FPS_OK;
    if (!*key) {
        const char *text = json_string_value(value);
        bool known = text && json_object_get(parent, text);
        *key = text && !known ? strdup(text) : NULL;
        json_decref(value);
        return *key ? FPS_OK
                    : fail(now, FPS_ERROR_CORRUPT,
                           known ? "a key that is there twice" : "a key that is no text");
    }
    int failed = json_object_set_new(parent, *key, value);
    free(*key);
    *key = NULL;
    return failed ? fail(now, FPS_ERROR_CORRUPT, "a key that is no UTF-8") : FPS_OK;
}

static fps_status open_collection(reader *now, json_t *value)
{
    if (now->depth == FPS__FEED_MAX_DEPTH) {
        json_decref(value);
        return fail(now, FPS_ERROR_LIMIT, "too many values inside each other");
    }
    bool as_key = now->depth && json_is_object(now->stack[now->depth - 1]) && !now->key[now->depth - 1];
    if (as_key) {
        json_decref(value);
        return fail(now, FPS_ERROR_CORRUPT, "a key that is no text");
    }
    fps_status status = add(now, value);
    if (status)
        return status;
    now->key[now->depth] = NULL;
    now->stack[now->depth++] = value;
    return FPS_OK;
}

static fps_status take_event(reader *now, bool *end)
{
    const yaml_event_t *event = &now->event;
    switch (event->type) {
    case YAML_STREAM_END_EVENT:
        *end = true;
        return FPS_OK;
    case YAML_ALIAS_EVENT:
        return fail(now, FPS_ERROR_LIMIT, "aliases are not read");
    case YAML_SCALAR_EVENT: {
        bool key = now->depth && json_is_object(now->stack[now->depth - 1]) && !now->key[now->depth - 1];
        return add(now, key ? json_stringn((const char *)event->data.scalar.value, event->data.scalar.length)
                            : scalar_value(event));
    }
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(now, json_array());
    case YAML_MAPPING_START_EVENT:
        return open_collection(now, json_object());
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        now->depth--;
        return FPS_OK;
    default:
        return FPS_OK;
    }
}

fps_status fps__yaml_read(json_t **value, fps__span bytes, fps_error *error)
{
    reader now = {.error = error};
    *value = NULL;
    if (!yaml_parser_initialize(&now.parser))
        return fps__fail_memory(error);
    yaml_parser_set_input_string(&now.parser, bytes.data, bytes.size);
    fps_status status = FPS_OK;
    for (bool end = false; !status && !end;) {
        if (!yaml_parser_parse(&now.parser, &now.event)) {
            status = fps__fail(error, FPS_ERROR_CORRUPT, NULL, now.parser.problem_offset, "line %zu: %s",
                               now.parser.problem_mark.line + 1,
                               now.parser.problem ? now.parser.problem : "not YAML");
            break;
        }
        status = take_event(&now, &end);
        yaml_event_delete(&now.event);
    }
    yaml_parser_delete(&now.parser);
    for (size_t i = 0; i < FPS__FEED_MAX_DEPTH; i++)
        free(now.key[i]);
    if (!status && !now.root)
        status = fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "an empty document");
    if (status)
        json_decref(now.root);
    else
        *value = now.root;
    return status;
}
