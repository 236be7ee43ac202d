/* What the readers of manifests share: JSON documents, "key: value" files, and paths that say what lies there. */
#include "inventory/manifest.h"

#include "util/cursor.h"
#include "util/json_document.h"
#include "util/lines.h"

#include <stdio.h>

enum { PATH_SIZE = 4096 };

/* ---- JSON ---- */

json_t *fps__manifest_json(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    const fps__arena *arena = &reading->inventory->arena;
    fps__span text = file->bytes;
    if (fps__inventory_late(reading))
        return NULL;
    if (arena->limit && fps__json_cost(text) > arena->limit - arena->used) {
        fps__inventory_diagnose(reading, file->path,
                                "not read: its JSON takes more memory than packages may use; raise --memory");
        return NULL;
    }
    if (text.size >= 3 && !memcmp(text.data, "\xEF\xBB\xBF", 3))
        text = fps__span_part(text, 3, text.size - 3);
    json_error_t error;
    json_t *root = fps__json_load(text, 0, &error);
    if (!root && fps__json_no_memory(&error))
        reading->no_memory = true;
    else if (!root)
        fps__manifest_damaged(reading, file);
    return root;
}

fps__span fps__manifest_text(const json_t *value)
{
    const char *text = json_string_value(value);
    return text ? (fps__span){(const uint8_t *)text, json_string_length(value)} : (fps__span){NULL, 0};
}

fps__span fps__manifest_member(const json_t *object, const char *key)
{
    return fps__manifest_text(json_object_get(object, key));
}

static void join_text(fps__cursor *out, fps__span text, const char *joiner)
{
    if (!text.size || memchr(text.data, 0, text.size))
        return;
    fps__cursor_text(out, out->used ? joiner : "");
    fps__cursor_put(out, (const char *)text.data, text.size);
}

const char *fps__manifest_join(fps__inventory_reading *reading, const json_t *list, const char *joiner)
{
    char joined[PATH_SIZE];
    fps__cursor out = {joined, sizeof joined, 0, false};
    const char *name;
    json_t *value;
    join_text(&out, fps__manifest_text(list), joiner);
    for (size_t i = 0; i < json_array_size(list) && !out.full; i++)
        join_text(&out, fps__manifest_text(json_array_get(list, i)), joiner);
    json_object_foreach((json_t *)(uintptr_t)list, name, value) join_text(&out, fps__span_of(name), joiner);
    size_t size = fps__cursor_finish(&out);
    return fps__inventory_value(reading, (fps__span){(const uint8_t *)joined, size});
}

/* ---- lines ---- */

fps__span fps__manifest_field(fps__span text, const char *key)
{
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(text, &at, &line);) {
        if (!line.size || line.data[0] <= ' ' || !fps__line_split(line, ':', &name, &value) ||
            name.size != strlen(key) || memcmp(name.data, key, name.size) != 0)
            continue;
        value = fps__span_trim(value);
        uint8_t mark = value.size ? value.data[0] : 0;
        const uint8_t *end =
            mark == '"' || mark == '\'' ? memchr(value.data + 1, mark, value.size - 1) : NULL;
        if (end)
            return fps__span_part(value, 1, (size_t)(end - value.data) - 1);
        const uint8_t *comment = value.size ? memmem(value.data, value.size, " #", 2) : NULL;
        return fps__span_trim(
            fps__span_part(value, 0, comment ? (size_t)(comment - value.data) : value.size));
    }
    return (fps__span){NULL, 0};
}

bool fps__manifest_next_quoted(fps__span text, size_t *at, fps__span *quoted)
{
    size_t braces = 0, start = SIZE_MAX;
    for (; *at < text.size; (*at)++) {
        uint8_t byte = text.data[*at];
        if (start != SIZE_MAX && byte == '\\') {
            *at += 1;
        } else if (byte == '"' && start == SIZE_MAX) {
            start = *at + 1;
        } else if (byte == '"') {
            *quoted = (fps__span){text.data + start, *at - start};
            start = SIZE_MAX;
            if (!braces) {
                (*at)++;
                return true;
            }
        } else if (start == SIZE_MAX && byte == '{') {
            braces++;
        } else if (start == SIZE_MAX && byte == '}' && braces) {
            braces--;
        }
    }
    return false;
}

bool fps__manifest_split(fps__span whole, bool last, fps__span *name, fps__span *version)
{
    bool found = false;
    for (size_t i = 1; i + 1 < whole.size && (last || !found); i++)
        if (whole.data[i] == '-' && whole.data[i + 1] >= '0' && whole.data[i + 1] <= '9') {
            *name = fps__span_part(whole, 0, i);
            *version = fps__span_part(whole, i + 1, whole.size - i - 1);
            found = true;
        }
    return found;
}

/* ---- packages ---- */

fps__inventory_package *fps__manifest_add(fps__inventory_reading *reading, fps_package_kind kind,
                                          const fps__inventory_file *file, fps__span name, fps__span version)
{
    const char *text = fps__inventory_value(reading, name);
    fps__inventory_package *package = *text ? fps__inventory_add(reading, kind) : NULL;
    if (!package)
        return NULL;
    package->facts.name = text;
    package->facts.version = fps__inventory_value(reading, version);
    package->facts.location = fps__inventory_text(reading, file->path, strlen(file->path));
    return package;
}

void fps__manifest_damaged(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__inventory_diagnose(reading, file->path, "metadata of the package is damaged");
}

fps__span fps__path_part(const char *path, unsigned from_end)
{
    size_t end = strlen(path), start = end;
    for (;; from_end--) {
        while (start && path[start - 1] != '/')
            start--;
        if (!from_end || !start)
            break;
        end = --start;
    }
    return (fps__span){(const uint8_t *)path + start, from_end ? 0 : end - start};
}

const char *fps__path_above(fps__inventory_reading *reading, const char *path, unsigned parts)
{
    size_t size = strlen(path);
    for (; parts && size; parts--)
        while (size && path[--size] != '/')
            continue;
    return fps__inventory_text(reading, path, size);
}

const char *fps__path_below(fps__inventory_reading *reading, const char *above, const char *folder,
                            fps__span name)
{
    const char *path = fps__inventory_path(reading, folder, name);
    size_t size = strlen(above);
    bool below = path && *above && !strncmp(path, above, size) && path[size] == '/';
    return below ? path : "";
}

const fps__inventory_file *fps__manifest_beside(fps__inventory_reading *reading,
                                                const fps__inventory_file *file, const char *name)
{
    char path[PATH_SIZE];
    const char *slash = strrchr(file->path, '/');
    int size =
        snprintf(path, sizeof path, "%.*s/%s", slash ? (int)(slash - file->path) : 0, file->path, name);
    return size > 0 && (size_t)size < sizeof path ? fps__inventory_find(reading, path) : NULL;
}
