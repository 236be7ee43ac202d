/* What the code of an object refers to: each executable region, by its machine. */
#include "code/references.h"

#include "util/bytes.h"

enum { FIRST_FIXED = 0x10000 }; /* Linux loads nothing below (vm.mmap_min_addr) */

/* Objects that can be loaded anywhere begin at address 0. */
static bool is_fixed(const fps_object *object)
{
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        if (region->loaded && region->address < lowest)
            lowest = region->address;
    }
    return lowest >= FIRST_FIXED && lowest != UINT64_MAX;
}

bool fps__code_references(const fps_object *object, const void *data, size_t size, uint64_t low,
                          uint64_t high, fps__address_visitor visit, void *user)
{
    const fps_object_info *info = fps_object_get_info(object);
    const fps__machine *machine = fps__machine_find(info);
    if (!machine || !machine->references || info->type == FPS_OBJECT_RELOCATABLE)
        return false;
    bool fixed = is_fixed(object);
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        fps__span bytes = fps__span_part((fps__span){data, size}, region->offset, region->size);
        if (region->executable && bytes.size)
            machine->references(bytes.data, bytes.size, region->address, fixed, low, high, visit, user);
    }
    return true;
}
