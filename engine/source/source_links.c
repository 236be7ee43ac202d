/* Joins the names of hard-linked files, in bounded memory. */
#include "source/source_links.h"

#include <stdlib.h>

enum { FIRST_BUCKETS = 256, DEFAULT_LIMIT = 256 * 1024 * 1024 };

struct fps__link_node {
    fps__link_node *next;
    fps__source_entry entry;
    size_t capacity;  /* of entry.links */
    uint32_t missing; /* names not seen yet */
};

static size_t bucket_of(const fps__links *links, uint64_t device, uint64_t inode)
{
    uint64_t hash = (inode ^ device << 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 32) & (links->bucket_count - 1);
}

static bool grow(fps__links *links)
{
    fps__links grown = *links;
    grown.bucket_count = links->bucket_count ? links->bucket_count * 2 : FIRST_BUCKETS;
    grown.buckets = calloc(grown.bucket_count, sizeof *grown.buckets);
    if (!grown.buckets)
        return false;
    for (size_t i = 0; i < links->bucket_count; i++) {
        for (fps__link_node *node = links->buckets[i], *next; node; node = next) {
            size_t bucket = bucket_of(&grown, node->entry.device, node->entry.inode);
            next = node->next;
            node->next = grown.buckets[bucket];
            grown.buckets[bucket] = node;
        }
    }
    free(links->buckets);
    *links = grown;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Makes the first name in byte order the path, and the others the links. */
static void sort_names(fps__source_entry *entry)
{
    if (!entry->link_count)
        return;
    qsort(entry->links, entry->link_count, sizeof *entry->links, compare_names);
    if (strcmp(entry->links[0], entry->path) > 0)
        return;
    char *path = entry->links[0];
    entry->links[0] = entry->path;
    entry->path = path;
    qsort(entry->links, entry->link_count, sizeof *entry->links, compare_names);
}

static void take_out(fps__links *links, fps__link_node **place, fps__source_entry *entry)
{
    fps__link_node *node = *place;
    *place = node->next;
    *entry = node->entry;
    links->count--;
    links->memory -= sizeof *node + node->capacity * sizeof *entry->links + strlen(entry->path);
    for (size_t i = 0; i < entry->link_count; i++)
        links->memory -= strlen(entry->links[i]);
    sort_names(entry);
    free(node);
}

static bool add_node(fps__links *links, const fps__source_entry *entry, uint32_t names)
{
    if (links->count >= links->bucket_count && !grow(links))
        return false;
    fps__link_node *node = calloc(1, sizeof *node);
    if (!node)
        return false;
    size_t bucket = bucket_of(links, entry->device, entry->inode);
    *node = (fps__link_node){.next = links->buckets[bucket], .entry = *entry, .missing = names - 1};
    links->buckets[bucket] = node;
    links->count++;
    links->memory += sizeof *node + strlen(entry->path);
    return true;
}

/* Adds a name to a node, which takes over `path`; without room for it the name is dropped. */
static void add_name(fps__links *links, fps__link_node *node, char *path, bool full)
{
    char **grown = node->entry.links;
    node->missing--;
    if (!full && node->entry.link_count == node->capacity) {
        size_t wanted = node->capacity ? node->capacity * 2 : 2;
        grown = realloc(node->entry.links, wanted * sizeof *grown);
        if (grown) {
            links->memory += (wanted - node->capacity) * sizeof *grown;
            node->entry.links = grown;
            node->capacity = wanted;
        }
    }
    if (full || !grown) {
        free(path);
        links->dropped++;
        return;
    }
    links->memory += strlen(path);
    grown[node->entry.link_count++] = path;
}

fps_status fps__links_add(fps__links *links, fps__source_entry *entry, uint32_t names)
{
    fps__link_node **place = NULL;
    if (links->bucket_count) {
        place = &links->buckets[bucket_of(links, entry->device, entry->inode)];
        while (*place && ((*place)->entry.device != entry->device || (*place)->entry.inode != entry->inode))
            place = &(*place)->next;
    }
    size_t limit = links->limit ? links->limit : DEFAULT_LIMIT;
    bool full = links->memory + strlen(entry->path) + sizeof(fps__link_node) > limit;
    if (!place || !*place)
        return !full && add_node(links, entry, names) ? FPS_ERROR_NOT_FOUND : FPS_ERROR_LIMIT;
    add_name(links, *place, entry->path, full);
    entry->path = NULL;
    if ((*place)->missing)
        return FPS_ERROR_NOT_FOUND;
    take_out(links, place, entry);
    return FPS_OK;
}

fps_status fps__links_drain(fps__links *links, fps__source_entry *entry)
{
    for (; links->drained < links->bucket_count; links->drained++) {
        if (links->buckets[links->drained]) {
            take_out(links, &links->buckets[links->drained], entry);
            return FPS_OK;
        }
    }
    return FPS_ERROR_NOT_FOUND;
}

void fps__links_free(fps__links *links)
{
    fps__source_entry entry;
    while (fps__links_drain(links, &entry) == FPS_OK)
        fps__source_entry_free(&entry);
    free(links->buckets);
    *links = (fps__links){0};
}
