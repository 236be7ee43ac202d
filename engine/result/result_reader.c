/* Members of a JSON report, each checked. */
#include "result/result_reader.h"

#include "util/digest.h"
#include "util/error.h"

#include <stdio.h>
#include <string.h>

void fps__reader_fail(fps__result_reader *r, fps_status status, const char *key, const char *what)
{
    char place[160] = "";
    size_t used = 0;
    if (r->status != FPS_OK)
        return;
    r->status = status;
    if (r->list)
        used = (size_t)snprintf(place, sizeof place, "%s[%zu]", r->list, r->index);
    if (r->inner)
        used += (size_t)snprintf(place + used, sizeof place - used, ".%s[%zu]", r->inner, r->inner_index);
    if (status == FPS_ERROR_MEMORY)
        fps__fail_memory(r->error);
    else
        fps__fail(r->error, status, r->path, UINT64_MAX, "%s%s%s%s%s", place, used && key ? "." : "",
                  key ? key : "", used || key ? ": " : "", what);
}

void *fps__reader_table(fps__result_reader *r, size_t count, size_t size)
{
    void *table = count ? fps__arena_array(&r->result->arena, count, size) : NULL;
    if (count && !table)
        fps__reader_fail(r, r->result->arena.limit ? FPS_ERROR_LIMIT : FPS_ERROR_MEMORY, NULL,
                         "the report takes more memory than --memory allows");
    return table;
}

static const json_t *member(fps__result_reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is missing");
    return value;
}

const json_t *fps__reader_list(fps__result_reader *r, const json_t *object, const char *key)
{
    const json_t *value = member(r, object, key);
    if (value && !json_is_array(value))
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is no list");
    return json_is_array(value) ? value : NULL;
}

const json_t *fps__reader_object(fps__result_reader *r, const json_t *object, const char *key, bool optional)
{
    const json_t *value = json_object_get(object, key);
    if (optional && (!value || json_is_null(value)))
        return NULL;
    if (!json_is_object(value)) {
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, value ? "is no object" : "is missing");
        return NULL;
    }
    return value;
}

char *fps__reader_unescaped(fps__arena *arena, const char *text, size_t size)
{
    char *copy = fps__arena_text(arena, text, size);
    size_t used = 0;
    for (size_t i = 0; copy && i < size; i++) {
        int high = i + 3 < size && text[i] == '\\' && text[i + 1] == 'x' ? fps__hex_digit(text[i + 2]) : -1;
        int low = high < 0 ? -1 : fps__hex_digit(text[i + 3]);
        char byte = low < 0 ? '\0' : (char)(high << 4 | low);
        copy[used++] = byte ? byte : text[i];
        i += byte ? 3 : 0;
    }
    if (copy)
        copy[used] = '\0';
    return copy;
}

const char *fps__reader_value(fps__result_reader *r, const json_t *value, const char *key)
{
    if (!json_is_string(value)) {
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is no text");
        return "";
    }
    if (!json_string_length(value))
        return "";
    char *copy =
        fps__reader_unescaped(&r->result->arena, json_string_value(value), json_string_length(value));
    if (!copy)
        fps__reader_fail(r, r->result->arena.limit ? FPS_ERROR_LIMIT : FPS_ERROR_MEMORY, key,
                         "the report takes more memory than --memory allows");
    return copy ? copy : "";
}

const char *fps__reader_text(fps__result_reader *r, const json_t *object, const char *key)
{
    const json_t *value = member(r, object, key);
    return value ? fps__reader_value(r, value, key) : "";
}

const char *fps__reader_optional(fps__result_reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return !value || json_is_null(value) ? NULL : fps__reader_value(r, value, key);
}

uint64_t fps__reader_number(fps__result_reader *r, const json_t *object, const char *key, uint64_t most)
{
    const json_t *value = member(r, object, key);
    json_int_t number = json_integer_value(value);
    if (value && (!json_is_integer(value) || number < 0 || (uint64_t)number > most)) {
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is no number in its range");
        return 0;
    }
    return (uint64_t)number;
}

uint32_t fps__reader_index(fps__result_reader *r, const json_t *object, const char *key, size_t count)
{
    const json_t *value = member(r, object, key);
    if (!value || json_is_null(value))
        return UINT32_MAX;
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) >= count) {
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is no index of an item");
        return UINT32_MAX;
    }
    return (uint32_t)json_integer_value(value);
}

double fps__reader_share(fps__result_reader *r, const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);
    if (!value && otherwise >= 0)
        return otherwise;
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= 0 && number <= 1)) {
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, value ? "is no number from 0 to 1" : "is missing");
        return 0;
    }
    return number;
}

bool fps__reader_bool(fps__result_reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (value && !json_is_boolean(value))
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is neither true nor false");
    return json_is_true(value);
}

unsigned fps__reader_name(fps__result_reader *r, const json_t *object, const char *key,
                          const char *(*name)(unsigned value), unsigned count)
{
    const json_t *value = member(r, object, key);
    const char *text = json_string_value(value);
    for (unsigned i = 0; text && i < count; i++)
        if (strcmp(text, name(i)) == 0)
            return i;
    if (value)
        fps__reader_fail(r, FPS_ERROR_CORRUPT, key, "is none of the words that it can be");
    return 0;
}

uint64_t fps__reader_offset(fps__result_reader *r, const json_t *object, const char *key)
{
    return json_is_null(json_object_get(object, key)) ? UINT64_MAX
                                                      : fps__reader_number(r, object, key, INT64_MAX);
}

const fps_suppressed *fps__reader_suppressed(fps__result_reader *r, const json_t *object)
{
    const json_t *item =
        json_object_get(object, "suppressed") ? fps__reader_object(r, object, "suppressed", false) : NULL;
    fps_suppressed *suppressed = item ? fps__arena_alloc(&r->result->arena, sizeof *suppressed) : NULL;
    if (!item)
        return NULL;
    if (!suppressed) {
        fps__reader_fail(r, r->result->arena.limit ? FPS_ERROR_LIMIT : FPS_ERROR_MEMORY, "suppressed",
                         "the report takes more memory than --memory allows");
        return NULL;
    }
    const char *kind = fps__reader_text(r, item, "kind");
    bool baseline = strcmp(kind, "baseline") == 0;
    if (!baseline && strcmp(kind, "ignored") != 0)
        fps__reader_fail(r, FPS_ERROR_CORRUPT, "suppressed",
                         "has a kind that is neither baseline nor ignored");
    *suppressed =
        (fps_suppressed){fps__reader_text(r, item, "reason"), fps__reader_text(r, item, "source"), baseline};
    r->result->info.has_baseline |= suppressed->baseline;
    return suppressed;
}
