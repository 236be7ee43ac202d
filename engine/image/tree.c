/* The names of a root in memory: records, their texts, and looking them up by (parent, name). */
#include "image/tree_state.h"
#include "util/error.h"

#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

enum {
    CHUNK_BITS = 18,
    CHUNK = 1 << CHUNK_BITS, /* bytes */
    MAX_CHUNKS = 1 << (32 - CHUNK_BITS),
    LONGEST_TEXT = 64 * 1024,
    DEFAULT_LIMIT = 4000000,
};

const char *fps__tree_text(const fps__tree *tree, uint32_t place)
{
    return tree->chunks.items[place >> CHUNK_BITS] + (place & (CHUNK - 1));
}

fps_status fps__tree_check_memory(const fps__tree *tree, fps_error *error)
{
    uint64_t used = (uint64_t)tree->chunks.count * CHUNK + tree->records.count * sizeof(fps__tree_record) +
                    tree->contents.count * sizeof(fps__tree_content);
    if (tree->memory && used > tree->memory)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "names need more memory than they may use");
    return FPS_OK;
}

static fps_status add_chunk(fps__tree *tree, fps_error *error)
{
    fps_status status = fps__tree_check_memory(tree, error);
    if (status)
        return status;
    status = FPS__ARRAY_RESERVE(&tree->chunks, 1, MAX_CHUNKS);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "names of more than 4 GiB");
    char *chunk = status == FPS_OK ? malloc(CHUNK) : NULL;
    if (!chunk)
        return fps__fail_memory(error);
    tree->chunks.items[tree->chunks.count++] = chunk;
    tree->chunk_used = 0;
    return FPS_OK;
}

fps_status fps__tree_keep(fps__tree *tree, const char *text, size_t length, uint32_t *place, fps_error *error)
{
    if (length > LONGEST_TEXT)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "a name of more than 64 KiB");
    if (!tree->chunks.count || CHUNK - tree->chunk_used <= length) {
        fps_status status = add_chunk(tree, error);
        if (status)
            return status;
    }
    char *copy = tree->chunks.items[tree->chunks.count - 1] + tree->chunk_used;
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    *place = (uint32_t)((tree->chunks.count - 1) << CHUNK_BITS | tree->chunk_used);
    tree->chunk_used += length + 1;
    return FPS_OK;
}

fps_status fps__tree_create(fps__tree **tree, uint32_t limit, fps_error *error)
{
    *tree = NULL;
    fps__tree *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    made->limit = limit && limit < FPS__NO_NODE ? limit : DEFAULT_LIMIT;
    if (getrandom(&made->seed, sizeof made->seed, GRND_NONBLOCK) != sizeof made->seed)
        made->seed = (uintptr_t)made;
    fps__tree_record root = {.parent = FPS__NO_NODE,
                             .child = FPS__NO_NODE,
                             .next = FPS__NO_NODE,
                             .before = FPS__NO_NODE,
                             .content = FPS__NO_NODE,
                             .layer = UINT32_MAX,
                             .mode = 0755,
                             .type = FPS__ENTRY_DIRECTORY};
    fps_status status = fps__tree_keep(made, "", 0, &root.name, error);
    if (!status && (fps__table_reserve(&made->names, 1) != FPS_OK ||
                    FPS__ARRAY_PUSH(&made->records, &root, made->limit) != FPS_OK))
        status = fps__fail_memory(error);
    if (status)
        fps__tree_free(made);
    else
        *tree = made;
    return status;
}

void fps__tree_set_limits(fps__tree *tree, uint64_t memory, uint64_t deadline_ms)
{
    tree->memory = memory;
    tree->deadline_ms = deadline_ms;
}

void fps__tree_free(fps__tree *tree)
{
    if (!tree)
        return;
    for (size_t i = 0; i < tree->chunks.count; i++)
        free(tree->chunks.items[i]);
    free(tree->chunks.items);
    free(tree->contents.items);
    free(tree->records.items);
    fps__table_free(&tree->names);
    free(tree);
}

static uint64_t hash_of(const fps__tree *tree, uint32_t parent, fps__span name)
{
    return XXH3_64bits_withSeed(name.data, name.size, tree->seed + parent);
}

static bool has_name(const fps__tree *tree, uint32_t id, uint32_t parent, fps__span name)
{
    const fps__tree_record *record = &tree->records.items[id];
    const char *text = fps__tree_text(tree, record->name);
    return record->parent == parent && !strncmp(text, (const char *)name.data, name.size) && !text[name.size];
}

/* The slot of the record with that name, or the free one where it belongs. */
static fps__table_slot *find_slot(const fps__tree *tree, uint32_t parent, fps__span name, uint64_t hash)
{
    fps__table_slot *slot;
    FPS__TABLE_FIND(slot, &tree->names, hash, id, has_name(tree, id, parent, name));
    return slot;
}

uint32_t fps__tree_lookup(const fps__tree *tree, uint32_t parent, const char *name, size_t length)
{
    fps__span span = {(const uint8_t *)name, length};
    uint32_t id = find_slot(tree, parent, span, hash_of(tree, parent, span))->id;
    return id && !tree->records.items[id].gone ? id : FPS__NO_NODE;
}

static fps_status add_record(fps__tree *tree, uint32_t parent, fps__span name, uint32_t *id, fps_error *error)
{
    uint64_t hash = hash_of(tree, parent, name);
    if (fps__table_reserve(&tree->names, 1) != FPS_OK)
        return fps__fail_memory(error);
    fps__table_slot *slot = find_slot(tree, parent, name, hash);
    *id = slot->id;
    if (slot->id)
        return FPS_OK;
    fps_status status = FPS__ARRAY_RESERVE(&tree->records, 1, tree->limit);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, UINT64_MAX, "more than %lu names", (unsigned long)tree->limit);
    if (status)
        return fps__fail_memory(error);
    uint32_t text;
    status = fps__tree_keep(tree, (const char *)name.data, name.size, &text, error);
    if (status)
        return status;
    *id = (uint32_t)tree->records.count++;
    fps__table_add(&tree->names, slot, hash, *id);
    tree->records.items[*id] = (fps__tree_record){.name = text, .parent = parent, .gone = true};
    return FPS_OK;
}

/* Makes a record that is gone the first child of its parent. */
static void attach(fps__tree *tree, uint32_t id)
{
    fps__tree_record *record = &tree->records.items[id], *parent = &tree->records.items[record->parent];
    record->gone = false;
    record->replaced = false;
    record->target = 0;
    record->size = 0;
    record->content = FPS__NO_NODE;
    record->type = FPS__ENTRY_OTHER;
    record->child = record->before = FPS__NO_NODE;
    record->next = parent->child;
    if (parent->child != FPS__NO_NODE)
        tree->records.items[parent->child].before = id;
    parent->child = id;
}

fps_status fps__tree_enter(fps__tree *tree, uint32_t parent, fps__span name, uint32_t *id, bool *fresh,
                           fps_error *error)
{
    fps_status status = add_record(tree, parent, name, id, error);
    if (status)
        return status;
    *fresh = tree->records.items[*id].gone;
    if (*fresh)
        attach(tree, *id);
    return FPS_OK;
}

void fps__tree_clear(fps__tree *tree, uint32_t id)
{
    fps__tree_record *records = tree->records.items;
    uint32_t at = records[id].child;
    records[id].child = FPS__NO_NODE;
    while (at != FPS__NO_NODE) {
        fps__tree_record *record = &records[at];
        if (record->child != FPS__NO_NODE) {
            at = record->child;
            record->child = FPS__NO_NODE;
            continue;
        }
        record->gone = true;
        if (record->next != FPS__NO_NODE)
            at = record->next;
        else
            at = record->parent == id ? FPS__NO_NODE : record->parent;
    }
}

void fps__tree_remove(fps__tree *tree, uint32_t id)
{
    fps__tree_record *records = tree->records.items, *record = &records[id];
    fps__tree_clear(tree, id);
    record->gone = true;
    if (record->next != FPS__NO_NODE)
        records[record->next].before = record->before;
    if (record->before != FPS__NO_NODE)
        records[record->before].next = record->next;
    else
        records[record->parent].child = record->next;
}

static const fps__tree_record *living(const fps__tree *tree, uint32_t id)
{
    bool there = id < tree->records.count && !tree->records.items[id].gone;
    return there ? &tree->records.items[id] : NULL;
}

uint32_t fps__tree_count(const fps__tree *tree)
{
    return (uint32_t)tree->records.count;
}

bool fps__tree_get(const fps__tree *tree, uint32_t id, fps__tree_node *node)
{
    const fps__tree_record *record = living(tree, id);
    if (!record)
        return false;
    bool link = record->type == FPS__ENTRY_SYMLINK;
    *node = (fps__tree_node){
        .name = fps__tree_text(tree, record->name),
        .target = link ? fps__tree_text(tree, record->target) : NULL,
        .size = record->size,
        .parent = record->parent,
        .content = record->content,
        .mode = record->mode,
        .layer = record->layer,
        .type = (fps__entry_type)record->type,
    };
    return true;
}

uint32_t fps__tree_content_count(const fps__tree *tree)
{
    return (uint32_t)tree->contents.count;
}

bool fps__tree_get_content(const fps__tree *tree, uint32_t id, fps__tree_content *content)
{
    if (id >= tree->contents.count)
        return false;
    *content = tree->contents.items[id];
    return true;
}

uint32_t fps__tree_child(const fps__tree *tree, uint32_t id)
{
    const fps__tree_record *record = living(tree, id);
    return record ? record->child : FPS__NO_NODE;
}

uint32_t fps__tree_sibling(const fps__tree *tree, uint32_t id)
{
    const fps__tree_record *record = living(tree, id);
    return record ? record->next : FPS__NO_NODE;
}

size_t fps__tree_path(const fps__tree *tree, uint32_t id, char *path, size_t size)
{
    const fps__tree_record *record = living(tree, id);
    if (!record || size < 2)
        return 0;
    if (id == FPS__TREE_ROOT) {
        memcpy(path, "/", 2);
        return 1;
    }
    size_t start = size - 1; /* written from the end, then moved to the front */
    for (; id != FPS__TREE_ROOT; id = record->parent) {
        record = &tree->records.items[id];
        const char *name = fps__tree_text(tree, record->name);
        size_t length = strlen(name);
        if (start < length + 1)
            return 0;
        start -= length + 1;
        path[start] = '/';
        memcpy(path + start + 1, name, length);
    }
    memmove(path, path + start, size - 1 - start);
    path[size - 1 - start] = '\0';
    return size - 1 - start;
}
