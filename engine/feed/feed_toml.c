/* The part of TOML that advisories use, as JSON values: tables, texts, arrays, inline tables; bare values stay texts. */
#include "feed/feed.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const char *text; /* NUL-terminated, without other NULs */
    size_t at, nodes;
    unsigned line;
    json_t *root, *table;
    fps_error *error;
} reader;

static fps_status fail(reader *now, fps_status status, const char *message)
{
    return fps__fail(now->error, status, NULL, now->at, "line %u: %s", now->line, message);
}

static void skip(reader *now, bool lines)
{
    for (;; now->at++) {
        char c = now->text[now->at];
        if (c == '#')
            now->at += strcspn(now->text + now->at, "\n");
        c = now->text[now->at];
        if (c == '\n' && lines)
            now->line++;
        else if (c != ' ' && c != '\t' && c != '\r')
            return;
    }
}

/* A text in quotes, basic or literal, of one line or several. */
static fps_status read_quoted(reader *now, json_t **value)
{
    char quote = now->text[now->at];
    const char marks[4] = {quote, quote, quote, '\0'};
    bool several = !strncmp(now->text + now->at, marks, 3);
    size_t width = several ? 3 : 1, used = 0, start = now->at + width;
    const char *end = now->text + start;
    while (*end && (several ? strncmp(end, marks, 3) != 0 : *end != quote && *end != '\n')) {
        now->line += *end == '\n';
        end += *end == '\\' && quote == '"' && end[1] ? 2 : 1;
    }
    if (!*end || *end == '\n')
        return fail(now, FPS_ERROR_CORRUPT, "a text without its end");
    size_t size = (size_t)(end - now->text) - start;
    char *copy = malloc(size + 1);
    if (!copy)
        return fps__fail_memory(now->error);
    for (const char *c = now->text + start; c < end; c++) {
        bool escape = *c == '\\' && quote == '"';
        c += escape;
        copy[used++] = escape && *c == 'n' ? '\n' : escape && *c == 't' ? '\t' : *c;
    }
    *value = json_stringn(copy, used);
    free(copy);
    now->at = start + size + width;
    return *value ? FPS_OK : fail(now, FPS_ERROR_CORRUPT, "a text that is no UTF-8");
}

static fps_status read_value(reader *now, unsigned depth, json_t **value);

static fps_status read_array(reader *now, unsigned depth, json_t **value)
{
    json_t *array = json_array();
    fps_status status = array ? FPS_OK : fps__fail_memory(now->error);
    for (now->at++; !status;) {
        json_t *item = NULL;
        skip(now, true);
        if (now->text[now->at] == ']')
            break;
        status = read_value(now, depth + 1, &item);
        if (!status && json_array_append(array, item))
            status = fps__fail_memory(now->error);
        json_decref(item);
        skip(now, true);
        if (!status && now->text[now->at] == ',')
            now->at++;
        else if (!status && now->text[now->at] != ']')
            status = fail(now, FPS_ERROR_CORRUPT, "an array without its end");
    }
    now->at += !status;
    *value = array;
    return status;
}

/* A bare or quoted key; dots are part of it. */
static fps_status read_key(reader *now, char **key)
{
    *key = NULL;
    if (now->text[now->at] == '"' || now->text[now->at] == '\'') {
        json_t *text = NULL;
        fps_status status = read_quoted(now, &text);
        if (!status && !(*key = strdup(json_string_value(text))))
            status = fps__fail_memory(now->error);
        json_decref(text);
        return status;
    }
    size_t length =
        strspn(now->text + now->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    if (!length)
        return fail(now, FPS_ERROR_CORRUPT, "no key");
    *key = strndup(now->text + now->at, length);
    now->at += length;
    return *key ? FPS_OK : fps__fail_memory(now->error);
}

static fps_status read_pair(reader *now, unsigned depth, json_t *table)
{
    char *key;
    json_t *value = NULL;
    fps_status status = read_key(now, &key);
    skip(now, false);
    if (!status && now->text[now->at] != '=')
        status = fail(now, FPS_ERROR_CORRUPT, "a key without a value");
    if (!status) {
        now->at++;
        skip(now, false);
        status = read_value(now, depth, &value);
    }
    if (!status && json_object_get(table, key))
        status = fail(now, FPS_ERROR_CORRUPT, "a key that is there twice");
    if (!status && json_object_set(table, key, value))
        status = fail(now, FPS_ERROR_CORRUPT, "a key that is no UTF-8");
    json_decref(value);
    free(key);
    return status;
}

static fps_status read_inline_table(reader *now, unsigned depth, json_t **value)
{
    json_t *table = json_object();
    fps_status status = table ? FPS_OK : fps__fail_memory(now->error);
    for (now->at++; !status;) {
        skip(now, true);
        if (now->text[now->at] == '}')
            break;
        status = read_pair(now, depth + 1, table);
        skip(now, true);
        if (!status && now->text[now->at] == ',')
            now->at++;
        else if (!status && now->text[now->at] != '}')
            status = fail(now, FPS_ERROR_CORRUPT, "a table without its end");
    }
    now->at += !status;
    *value = table;
    return status;
}

/* *value is set also on failure where something was made: the caller frees it. */
static fps_status read_value(reader *now, unsigned depth, json_t **value)
{
    char c = now->text[now->at];
    if (depth > FPS__FEED_MAX_DEPTH || ++now->nodes > FPS__FEED_MAX_NODES)
        return fail(now, FPS_ERROR_LIMIT, "too many values");
    if (c == '"' || c == '\'')
        return read_quoted(now, value);
    if (c == '[')
        return read_array(now, depth, value);
    if (c == '{')
        return read_inline_table(now, depth, value);
    size_t length = strcspn(now->text + now->at, ",]}\n#");
    while (length && strchr(" \t\r", now->text[now->at + length - 1]))
        length--;
    if (!length)
        return fail(now, FPS_ERROR_CORRUPT, "no value");
    *value = json_stringn(now->text + now->at, length);
    now->at += length;
    return *value ? FPS_OK : fail(now, FPS_ERROR_CORRUPT, "a value that is no UTF-8");
}

/* "[affected.functions]": a table of the root by its whole name. */
static fps_status open_table(reader *now)
{
    char *key;
    bool list = now->text[now->at + 1] == '[';
    now->at += list ? 2 : 1;
    skip(now, false);
    fps_status status = read_key(now, &key);
    skip(now, false);
    if (!status && now->text[now->at] != ']')
        status = fail(now, FPS_ERROR_CORRUPT, "a table name without its end");
    now->at += !status;
    now->at += !status && list;
    json_t *table = status ? NULL : json_object();
    if (!status && !list && json_object_get(now->root, key))
        status = fail(now, FPS_ERROR_CORRUPT, "a table that is there twice");
    if (!status && (!table || json_object_set(now->root, key, table)))
        status = fail(now, FPS_ERROR_CORRUPT, "a table name that is no UTF-8");
    if (!status)
        now->table = table;
    json_decref(table);
    free(key);
    return status;
}

fps_status fps__toml_read(json_t **value, fps__span bytes, fps_error *error)
{
    reader now = {.line = 1, .error = error};
    *value = NULL;
    if (bytes.size && memchr(bytes.data, 0, bytes.size))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX, "a NUL in a text");
    char *text = strndup(bytes.size ? (const char *)bytes.data : "", bytes.size);
    now.text = text;
    now.root = now.table = json_object();
    fps_status status = text && now.root ? FPS_OK : fps__fail_memory(error);
    while (!status) {
        skip(&now, true);
        if (!text[now.at])
            break;
        status = text[now.at] == '[' ? open_table(&now) : read_pair(&now, 0, now.table);
        skip(&now, false);
        if (!status && text[now.at] && text[now.at] != '\n')
            status = fail(&now, FPS_ERROR_CORRUPT, "more than one value in a line");
    }
    free(text);
    if (status)
        json_decref(now.root);
    else
        *value = now.root;
    return status;
}
