/* The version resource of a PE file: numbers and texts such as ProductVersion. */
#include "object/pe_internal.h"

#include <stdio.h>

enum {
    DIRECTORY_HEADER = 16,
    DIRECTORY_ENTRY = 8,
    SUBDIRECTORY = (int)0x80000000u,
    RT_VERSION = 16,
    TREE_DEPTH = 3, /* type, name, language */
    NODE_HEADER = 6,
    FIXED_INFO = 52,
    MAX_UTF16 = 4096, /* units of a text that are read */
};
#define FIXED_MAGIC 0xfeef04bdu

/* The entry with this id, or the first one when `id` is 0. */
static bool find_entry(fps__span resources, uint32_t directory, uint32_t id, uint32_t *target)
{
    fps__span header = fps__span_part(resources, directory, DIRECTORY_HEADER);
    if (!header.size)
        return false;
    uint32_t count = (uint32_t)fps__get16le(header.data + 12) + fps__get16le(header.data + 14);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = (uint64_t)directory + DIRECTORY_HEADER + (uint64_t)i * DIRECTORY_ENTRY;
        fps__span entry = fps__span_part(resources, at, DIRECTORY_ENTRY);
        if (!entry.size)
            return false;
        if (!id || fps__get32le(entry.data) == id) {
            *target = fps__get32le(entry.data + 4);
            return true;
        }
    }
    return false;
}

static fps__span find_version(fps__pe *pe)
{
    fps__span none = {NULL, 0}, resources = {NULL, 0};
    if (fps__pe_directory_bytes(pe, FPS__PE_RESOURCE).size)
        resources = fps__pe_map(pe, pe->directories[FPS__PE_RESOURCE].address);
    uint32_t target = 0;
    for (int depth = 0; depth < TREE_DEPTH; depth++) {
        uint32_t directory = target & ~(uint32_t)SUBDIRECTORY;
        if (!find_entry(resources, directory, depth == 0 ? RT_VERSION : 0, &target))
            return none;
        bool deeper = target & (uint32_t)SUBDIRECTORY;
        if (deeper != (depth + 1 < TREE_DEPTH))
            return none;
    }
    fps__span entry = fps__span_part(resources, target, 8);
    if (!entry.size)
        return none;
    fps__span bytes = fps__pe_map(pe, fps__get32le(entry.data));
    uint32_t size = fps__get32le(entry.data + 4);
    if (size < bytes.size)
        bytes.size = size;
    return bytes;
}

static size_t put_utf8(char *to, uint32_t point)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        to[0] = (char)(0xc0 | point >> 6);
        to[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = (char)(0xe0 | point >> 12);
        to[1] = (char)(0x80 | (point >> 6 & 0x3f));
        to[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | point >> 18);
    to[1] = (char)(0x80 | (point >> 12 & 0x3f));
    to[2] = (char)(0x80 | (point >> 6 & 0x3f));
    to[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

/* UTF-16 up to a NUL or the end, as UTF-8; broken surrogates become U+FFFD. `units` gets the length without
 * the NUL. */
static const char *utf8_text(fps_object *object, fps__span bytes, size_t *units)
{
    size_t count = 0, length = 0;
    while (count < bytes.size / 2 && count < MAX_UTF16 && fps__get16le(bytes.data + count * 2))
        count++;
    *units = count;
    char *text = fps__arena_alloc(&object->arena, count * 3 + 1);
    if (!text) {
        object->memory_failed = true;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t point = fps__get16le(bytes.data + i * 2);
        if (point >= 0xd800 && point < 0xe000) {
            uint32_t low = i + 1 < count ? fps__get16le(bytes.data + (i + 1) * 2) : 0;
            bool pair = point < 0xdc00 && low >= 0xdc00 && low < 0xe000;
            point = pair ? 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff) : 0xfffd;
            i += pair;
        }
        length += put_utf8(text + length, point);
    }
    return text;
}

/* A node of the version tree: length, value length, type, key, value, children; each part aligned to 4. */
typedef struct node {
    const char *key;
    fps__span value;    /* to the end of the node for texts: writers disagree on units */
    fps__span children; /* what follows the value */
    size_t size;        /* of the whole node, aligned */
} node;

static size_t align4(size_t value)
{
    return (value + 3) & ~(size_t)3;
}

static bool read_node(fps_object *object, fps__span bytes, node *out)
{
    if (bytes.size < NODE_HEADER + 2)
        return false;
    size_t length = fps__get16le(bytes.data), value_length = fps__get16le(bytes.data + 2), units;
    bool text = fps__get16le(bytes.data + 4) == 1;
    if (length < NODE_HEADER + 2)
        return false;
    if (length > bytes.size)
        length = bytes.size;
    bytes.size = length;
    out->key = utf8_text(object, fps__span_part(bytes, NODE_HEADER, length - NODE_HEADER), &units);
    size_t value_at = align4(NODE_HEADER + units * 2 + 2);
    size_t value_size = text ? value_length * 2 : value_length;
    if (value_at > length)
        value_at = length;
    if (value_size > length - value_at)
        value_size = length - value_at;
    size_t children_at = align4(value_at + value_size);
    if (children_at > length)
        children_at = length;
    out->value = fps__span_part(bytes, value_at, text ? length - value_at : value_size);
    out->children = fps__span_part(bytes, children_at, length - children_at);
    out->size = align4(length);
    return out->key != NULL;
}

static void add_number(fps_object *object, const char *name, const uint8_t *p)
{
    char text[32];
    uint32_t high = fps__get32le(p), low = fps__get32le(p + 4);
    snprintf(text, sizeof text, "%u.%u.%u.%u", high >> 16, high & 0xffff, low >> 16, low & 0xffff);
    const char *value = fps__arena_string(&object->arena, text);
    object->memory_failed = object->memory_failed || !value;
    fps__object_add_version_string(object, name, value);
}

/* The strings of one StringTable. */
static void add_strings(fps_object *object, fps__span table)
{
    node string;
    while (read_node(object, table, &string)) {
        size_t units;
        fps__object_add_version_string(object, string.key, utf8_text(object, string.value, &units));
        if (string.size >= table.size)
            return;
        table = fps__span_part(table, string.size, table.size - string.size);
    }
}

/* StringFileInfo holds one table a language: the first is enough, the others translate it. */
static void add_string_info(fps_object *object, fps__span info)
{
    node child, table;
    while (read_node(object, info, &child)) {
        if (strcmp(child.key, "StringFileInfo") == 0) {
            if (read_node(object, child.children, &table))
                add_strings(object, table.children);
            return;
        }
        if (child.size >= info.size)
            return;
        info = fps__span_part(info, child.size, info.size - child.size);
    }
}

void fps__pe_read_version(fps__pe *pe)
{
    fps__span bytes = find_version(pe);
    node root;
    if (!bytes.size)
        return;
    if (!read_node(pe->object, bytes, &root) || strcmp(root.key, "VS_VERSION_INFO") != 0) {
        fps__object_diagnose(pe->object, FPS_DIAGNOSTIC_NOTE, "version-resource-damaged",
                             (uint64_t)(bytes.data - pe->data.data), "the version resource cannot be read");
        return;
    }
    if (root.value.size >= FIXED_INFO && fps__get32le(root.value.data) == FIXED_MAGIC) {
        add_number(pe->object, "FixedFileVersion", root.value.data + 8);
        add_number(pe->object, "FixedProductVersion", root.value.data + 16);
    }
    add_string_info(pe->object, root.children);
}
