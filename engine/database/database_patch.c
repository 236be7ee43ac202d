/* Patches of an open set: the checked accessors, and the part of the full check. */
#include "database/database_internal.h"
#include "util/error.h"
#include "util/search.h"

#include <string.h>

/* The component of patch `id`, which is there. */
static uint32_t component_of(const fps__section_view *patches, uint64_t id)
{
    return fps__get32le(patches->data + id * patches->item_size + FPS__PATCH_COMPONENT);
}

void fps__database_patches_of(const fps_database *database, uint32_t component, uint32_t *first,
                              uint32_t *count)
{
    const fps__section_view *patches = &database->sections[FPS__SECTION_PATCHES];
    uint64_t low, end;
    FPS__LOWER_BOUND(low, patches->count, at, component_of(patches, at) < component);
    FPS__LOWER_BOUND(end, patches->count, at, component_of(patches, at) <= component);
    *first = (uint32_t)low;
    *count = end > low ? (uint32_t)(end - low) : 0;
}

bool fps__database_patch(const fps_database *database, uint32_t id, fps__set_patch *patch)
{
    *patch = (fps__set_patch){.component = FPS__NONE, .cve = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_PATCHES, id);
    if (!item)
        return false;
    uint32_t component = fps__get32le(item + FPS__PATCH_COMPONENT),
             first = fps__get32le(item + FPS__PATCH_FUNCTION_FIRST),
             count = fps__get32le(item + FPS__PATCH_FUNCTION_COUNT);
    if (component >= database->sections[FPS__SECTION_COMPONENTS].count ||
        !fps__database_has(database, FPS__SECTION_PATCH_FUNCTIONS, first, count)) {
        fps__database_damaged(database);
        return false;
    }
    *patch = (fps__set_patch){component, fps__database_text(database, fps__get32le(item + FPS__PATCH_CVE)),
                              first, count};
    return true;
}

bool fps__database_patch_function(const fps_database *database, uint32_t id,
                                  fps__set_patch_function *function)
{
    *function = (fps__set_patch_function){.name = "", .toolchain = "", .origin = ""};
    const uint8_t *item = fps__database_item(database, FPS__SECTION_PATCH_FUNCTIONS, id);
    if (!item)
        return false;
    uint16_t state = fps__get16le(item + FPS__PATCH_FUNCTION_STATE);
    if (state > FPS__PATCH_FIXED) {
        fps__database_damaged(database);
        return false;
    }
    *function = (fps__set_patch_function){
        .key = fps__get64le(item + FPS__PATCH_FUNCTION_KEY),
        .name = fps__database_text(database, fps__get32le(item + FPS__PATCH_FUNCTION_NAME)),
        .toolchain = fps__database_text(database, fps__get32le(item + FPS__PATCH_FUNCTION_TOOLCHAIN)),
        .origin = fps__database_text(database, fps__get32le(item + FPS__PATCH_FUNCTION_ORIGIN)),
        .machine = fps__get16le(item + FPS__PATCH_FUNCTION_MACHINE),
        .fixed = state == FPS__PATCH_FIXED};
    return true;
}

/* ---- the public list of patches ---- */

size_t fps_database_patch_count(const fps_database *database)
{
    return (size_t)database->sections[FPS__SECTION_PATCHES].count;
}

bool fps_database_read_patch(const fps_database *database, size_t index, fps_patch_info *info)
{
    fps__set_patch patch;
    fps__set_component component;
    *info = (fps_patch_info){.component = NULL};
    if (index >= fps_database_patch_count(database) ||
        !fps__database_patch(database, (uint32_t)index, &patch) ||
        !fps__database_component(database, patch.component, &component))
        return false;
    *info = (fps_patch_info){component.id, patch.cve, patch.count};
    return true;
}

/* ---- the full check ---- */

static fps_status fault(const fps_database *database, const char *what, uint64_t id, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, database->path, UINT64_MAX, "%s (item %llu)", what,
                     (unsigned long long)id);
}

static fps_status verify_functions(const fps_database *database, const fps__set_patch *patch,
                                   fps_error *error)
{
    uint64_t before = 0;
    for (uint32_t i = 0; i < patch->count; i++) {
        fps__set_patch_function function;
        if (!fps__database_patch_function(database, patch->first + i, &function))
            return fault(database, "patch function is damaged", patch->first + i, error);
        if (fps__feature_kind_of(function.key) != FPS__FEATURE_FUNCTION || (i && function.key <= before))
            return fault(database, "patch functions are not ascending by key, or are no functions",
                         patch->first + i, error);
        before = function.key;
    }
    return FPS_OK;
}

fps_status fps__database_verify_patches(const fps_database *database, fps_error *error)
{
    const uint64_t count = database->sections[FPS__SECTION_PATCHES].count,
                   damage = fps__database_damage(database);
    uint64_t functions = 0;
    fps__set_patch before = {.cve = ""}, patch;
    fps_status status = FPS_OK;
    for (uint32_t id = 0; id < count && !status; id++, before = patch) {
        if (!fps__database_patch(database, id, &patch) || !*patch.cve)
            return fault(database, "patch is damaged", id, error);
        if (id && (patch.component < before.component ||
                   (patch.component == before.component && strcmp(before.cve, patch.cve) >= 0)))
            return fault(database, "patches are not in the order of components and names", id, error);
        if (patch.first != functions || !patch.count)
            return fault(database, "functions of a patch are not those behind the ones before", id, error);
        functions += patch.count;
        status = verify_functions(database, &patch, error);
        if (!status && fps__database_damage(database) != damage)
            status = fault(database, "patch is damaged", id, error);
    }
    if (!status && functions != database->sections[FPS__SECTION_PATCH_FUNCTIONS].count)
        return fault(database, "functions belong to no patch", count, error);
    return status;
}
