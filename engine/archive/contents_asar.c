/* asar, the archive of Electron (electron/asar, README, "Format"): four words, then a header in JSON, then the bytes of the files.
 *
 *   4, size of the header with its two words, size without the first, length of the text: 4 bytes each, little-endian
 *   {"files": {"a": {"files": {...}}, "b": {"size": 5, "offset": "0"}, "c": {"size": 5, "unpacked": true}}}
 *
 * Offsets count from the end of the header. A file that is unpacked lies beside the archive. */
#include "archive/contents.h"

#include "util/json_document.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    WORDS = 16,
    MAX_COST = 256 << 20, /* bytes of memory that the header may take */
    MAX_DEPTH = 64,       /* folders inside each other */
    MAX_PATH = 4096,
};

bool fps__is_asar(fps__span data)
{
    static const char start[] = "{\"files\":";
    if (!fps__span_has(data, WORDS, sizeof start - 1) || fps__get32le(data.data) != 4 ||
        memcmp(data.data + WORDS, start, sizeof start - 1) != 0)
        return false;
    uint64_t header = fps__get32le(data.data + 4), text = fps__get32le(data.data + 12);
    return header >= 8 && text <= header - 8;
}

/* One archive while its header is walked. */
typedef struct asar {
    fps__contents *contents;
    fps__span data;
    uint64_t base; /* where offsets count from */
    char path[MAX_PATH];
} asar;

/* A number that may be written as a text: JavaScript's numbers have 53 bits. */
static bool get_number(const json_t *object, const char *key, uint64_t *number)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *number = (uint64_t)json_integer_value(value);
        return true;
    }
    if (!text || *text < '0' || *text > '9')
        return false;
    char *end;
    *number = strtoull(text, &end, 10);
    return !*end;
}

static void add_file(asar *a, const json_t *file)
{
    uint64_t size, offset;
    if (json_is_true(json_object_get(file, "unpacked")) || json_object_get(file, "link"))
        return;
    if (!get_number(file, "size", &size) || !get_number(file, "offset", &offset) ||
        offset > UINT64_MAX - a->base) {
        fps__contents_fault(a->contents, "a file has no size or no offset");
        return;
    }
    const char *name = fps__contents_text(a->contents, (fps__span){(uint8_t *)a->path, strlen(a->path)});
    fps__contents_add_plain(a->contents, a->data, name, a->base + offset, size);
}

/* `length`: of the path of this folder. */
static void walk_folder(asar *a, const json_t *folder, size_t length, unsigned depth)
{
    json_t *files = json_object_get(folder, "files");
    void *at = files ? json_object_iter(files) : NULL;
    for (; at && !a->contents->no_memory; at = json_object_iter_next(files, at)) {
        const json_t *entry = json_object_iter_value(at);
        int size = snprintf(a->path + length, sizeof a->path - length, "%s%s", length ? "/" : "",
                            json_object_iter_key(at));
        if (size < 0 || (size_t)size >= sizeof a->path - length || depth >= MAX_DEPTH)
            fps__contents_fault(a->contents, "its folders are nested too deeply");
        else if (json_object_get(entry, "files"))
            walk_folder(a, entry, length + (size_t)size, depth + 1);
        else
            add_file(a, entry);
        a->path[length] = '\0';
    }
}

bool fps__list_asar(fps__contents *contents, fps__span data)
{
    fps_error error;
    asar *a = calloc(1, sizeof *a);
    contents->no_memory |= !a;
    if (!a)
        return false;
    *a = (asar){contents, data, 8 + (uint64_t)fps__get32le(data.data + 4), ""};
    fps__span text = fps__span_part(data, WORDS, fps__get32le(data.data + 12));
    json_t *root = text.data ? fps__json_parse(text, MAX_COST, NULL, &error) : NULL;
    if (root)
        walk_folder(a, root, 0, 0);
    else
        fps__contents_fault(contents, "its header cannot be read");
    contents->body = a->base < data.size ? a->base : data.size;
    contents->end = contents->body;
    for (size_t i = 0; i < contents->files.count; i++) {
        uint64_t end = contents->files.items[i].offset + contents->files.items[i].size;
        contents->end = end > contents->end ? end : contents->end;
    }
    json_decref(root);
    free(a);
    return true;
}
