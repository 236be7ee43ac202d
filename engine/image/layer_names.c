/* Names of a tar: normalising them, what they mean in a layer, and seeing duplicates. */
#include "image/layer_state.h"

#include <stdlib.h>
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

static bool grow(fps__layer_names *names)
{
    size_t count = names->slot_count ? names->slot_count * 2 : 1024;
    fps__layer_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    if (!names->slot_count && getrandom(&names->seed, sizeof names->seed, GRND_NONBLOCK) < 0)
        names->seed = (uintptr_t)slots;
    for (size_t i = 0; i < names->slot_count; i++) {
        if (!names->slots[i].entry)
            continue;
        size_t at = names->slots[i].tag & (count - 1);
        while (slots[at].entry)
            at = (at + 1) & (count - 1);
        slots[at] = names->slots[i];
    }
    free(names->slots);
    names->slots = slots;
    names->slot_count = count;
    return true;
}

bool fps__layer_names_add(fps__layer_names *names, const fps__layer *layer, const char *path, size_t *earlier)
{
    if (names->used >= names->slot_count / 4 * 3 && !grow(names))
        return false;
    uint32_t tag = (uint32_t)XXH3_64bits_withSeed(path, strlen(path), names->seed);
    size_t mask = names->slot_count - 1, at = tag & mask;
    for (; names->slots[at].entry; at = (at + 1) & mask) {
        if (names->slots[at].tag != tag)
            continue;
        *earlier = names->slots[at].entry - 1;
        if (!strcmp(layer->entries.items[*earlier].path, path))
            return true;
    }
    names->slots[at] = (fps__layer_slot){tag, (uint32_t)layer->entries.count + 1};
    names->used++;
    return false;
}

void fps__layer_names_free(fps__layer_names *names)
{
    free(names->slots);
    *names = (fps__layer_names){0};
}
