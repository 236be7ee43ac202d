/* What VEX documents of the user say: which statements are about which findings. */
#include "advisory/advisory_state.h"

#include "util/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REASON = 512 };

/* ---- what a statement is about ---- */

static bool has_name(const fps__group *group, const char *name)
{
    bool found = !strcmp(group->id, name);
    for (size_t i = 0; i < group->names.count && !found; i++)
        found = !strcmp(group->names.items[i], name);
    return found;
}

bool fps__same_package(const char *wanted, const char *purl, const char *version)
{
    fps__subject first, second;
    char wanted_version[FPS__MAX_KEY_VERSION], own_version[FPS__MAX_KEY_VERSION];
    if (!fps__subject_of_purl(&first, wanted, wanted_version) ||
        !fps__subject_of_purl(&second, purl, own_version))
        return false;
    first.space[strcspn(first.space, "@")] = '\0';
    second.space[strcspn(second.space, "@")] = '\0';
    const char *own = *own_version ? own_version : version;
    return !strcmp(first.space, second.space) && !strcmp(first.name, second.name) &&
           (!*wanted_version || !strcmp(wanted_version, own));
}

bool fps__same_product(const char *wanted, const char *cpe)
{
    fps__subject first, second;
    return fps__subject_of_cpe(&first, wanted, NULL, NULL) && fps__subject_of_cpe(&second, cpe, NULL, NULL) &&
           !strcmp(first.name, second.name);
}

static bool is_about_product(const fps__matching *now, const fps__found *found, const char *product)
{
    if (found->component != FPS__NO_INDEX) {
        const fps_component *component = &now->result->components.items[found->component];
        const char *version =
            component->version->kind == FPS_VERSION_EXACT ? component->version->version : "";
        return !strcmp(component->id, product) || fps__same_package(product, component->purl, version) ||
               fps__same_product(product, component->cpe);
    }
    for (size_t i = 0; i < found->packages.count; i++) {
        const fps_package *package = &now->result->packages.items[found->packages.items[i]];
        if (fps__same_package(product, package->purl, package->version) || !strcmp(product, package->name))
            return true;
    }
    return false;
}

fps_status fps__apply_statement(fps__matching *now, const fps__statement *statement, fps_error *error)
{
    for (size_t i = 0; i < now->found.count; i++) {
        fps__found *found = &now->found.items[i];
        bool by_user = found->suppression == FPS_SUPPRESSED_NOT || found->suppression == statement->kind;
        if (!by_user || !has_name(&now->groups.items[found->group], statement->name) ||
            (statement->product && !is_about_product(now, found, statement->product)))
            continue;
        char text[MAX_REASON];
        snprintf(text, sizeof text, "%.300s (%.180s)", statement->reason, statement->path);
        found->suppression = statement->suppresses ? statement->kind : FPS_SUPPRESSED_NOT;
        found->suppressed_by = statement->suppresses ? fps__arena_string(&now->scratch, text) : NULL;
        if (statement->suppresses && !found->suppressed_by)
            return fps__fail_memory(error);
    }
    return FPS_OK;
}

fps_status fps__apply_statements(fps__matching *now, fps_error *error)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; i < now->options->vex_count && !status; i++)
        status = fps__apply_vex(now, &now->options->vex[i], error);
    return status;
}
