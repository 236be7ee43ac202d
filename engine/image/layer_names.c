/* Names of a tar: normalising them, what they mean in a layer, and seeing duplicates. */
#include "image/layer_state.h"

#include <sys/random.h>
#include <xxhash.h>

bool fps__layer_path(const char *name, bool windows, char *path, bool *escapes)
{
    size_t length = 0;
    bool fits = true;
    *escapes = false;
    for (size_t part; *name; name += part) {
        part = strcspn(name, "/");
        if (!part) {
            name++;
            continue;
        }
        if (part == 1 && name[0] == '.')
            continue;
        if (part == 2 && name[0] == '.' && name[1] == '.') {
            *escapes = *escapes || !length;
            while (length && path[--length] != '/')
                ;
            continue;
        }
        if (windows && !length && part == 5 && !memcmp(name, "Files", 5)) {
            windows = false;
            continue;
        }
        windows = false;
        if (length + 1 >= FPS__LAYER_PATH) {
            fits = false;
            break;
        }
        size_t room = FPS__LAYER_PATH - length - 1, taken = part < room ? part : room;
        path[length++] = '/';
        memcpy(path + length, name, taken);
        length += taken;
        fits = fits && taken == part;
    }
    if (!length)
        path[length++] = '/';
    path[length] = '\0';
    return fits;
}

fps__layer_kind fps__layer_classify(char *path)
{
    static const char prefix[] = ".wh.", metadata[] = ".wh..wh.";
    char *name = strrchr(path, '/') + 1;
    if (!strcmp(name, ".wh..wh..opq")) {
        name[name - 1 > path ? -1 : 0] = '\0';
        return FPS__KIND_OPAQUE;
    }
    for (const char *part = path; part; part = strchr(part, '/'))
        if (!strncmp(++part, metadata, sizeof metadata - 1))
            return FPS__KIND_METADATA;
    if (strncmp(name, prefix, sizeof prefix - 1))
        return FPS__KIND_ENTRY;
    const char *removed = name + sizeof prefix - 1;
    if (!*removed || !strcmp(removed, ".") || !strcmp(removed, ".."))
        return FPS__KIND_BAD_WHITEOUT;
    memmove(name, removed, strlen(removed) + 1);
    return FPS__KIND_WHITEOUT;
}

bool fps__layer_names_add(fps__layer_names *names, const fps__layer *layer, const char *path, size_t *earlier)
{
    if (fps__table_reserve(&names->entries, 1) != FPS_OK)
        return false;
    if (!names->seed && getrandom(&names->seed, sizeof names->seed, GRND_NONBLOCK) < 0)
        names->seed = (uintptr_t)names->entries.slots;
    uint64_t hash = XXH3_64bits_withSeed(path, strlen(path), names->seed);
    fps__table_slot *slot;
    FPS__TABLE_FIND(slot, &names->entries, hash, id, !strcmp(layer->entries.items[id - 1].path, path));
    if (!slot->id) {
        fps__table_add(&names->entries, slot, hash, (uint32_t)layer->entries.count + 1);
        return false;
    }
    *earlier = slot->id - 1;
    return true;
}

void fps__layer_names_free(fps__layer_names *names)
{
    fps__table_free(&names->entries);
    *names = (fps__layer_names){0};
}
