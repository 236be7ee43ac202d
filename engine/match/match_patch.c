/* What the code of an object says of the patches of a component that is present in it.
 *
 * A function is looked for by its whole key: functions of so many instructions have the same only if they are the same code. One
 * that another component holds as well is no evidence, since its copy may be the one that is there. Where functions of both states
 * are there (two copies of the component, or a patch of which a part was taken) nothing is said.
 */
#include "match/match_internal.h"

#include "util/search.h"

#include <stdlib.h>
#include <string.h>

/* A function of a patch in the object, or a patch of which none is there. */
struct fps__seen_patch {
    const char *cve;
    fps_patch_function function; /* name NULL: none */
    bool counts;                 /* with enough others of its state */
};

/* A function of a patch, and its place in the features plus 1 when the object has it. */
struct fps__sought_function {
    fps__set_patch_function function;
    uint32_t place;
};

typedef struct looking {
    const fps__matcher *matcher;
    fps__match_scratch *scratch;
    const fps__match_input *input;
    const fps_finding *finding;
} looking;

/* Maps the keys of the object's functions to their places in the features, plus 1. */
static fps_status index_functions(looking *now)
{
    const fps__features *features = now->input->features;
    fps__match_scratch *s = now->scratch;
    if (s->functions_known)
        return FPS_OK;
    fps__key_map_clear(&s->functions);
    fps_status status = fps__key_map_reserve(&s->functions, features->function_count);
    for (size_t i = features->count - features->function_count; i < features->count && !status; i++) {
        bool fresh;
        uint32_t *place = fps__key_map_add(&s->functions, features->items[i].key, &fresh);
        if (place)
            *place = (uint32_t)i + 1;
        status = place ? FPS_OK : FPS_ERROR_MEMORY;
    }
    s->functions_known = !status;
    return status;
}

/* True for the finding's component and for those that it may be instead. */
static bool is_meant(const looking *now, uint32_t component)
{
    const char *id = now->matcher->components[component].id;
    bool meant = component == now->finding->component;
    for (size_t i = 0; i < now->finding->relative_count && !meant; i++)
        meant = strcmp(now->finding->relatives[i].id, id) == 0;
    return meant;
}

/* True when a set knows the function as another component's own. */
static bool is_elsewhere(const looking *now, uint64_t key)
{
    for (uint32_t s = 0; s < now->matcher->set_count; s++) {
        const fps__merged_set *set = &now->matcher->sets[s];
        uint32_t posting = fps__database_probe_one(set->database, key);
        uint32_t count = posting == FPS__NONE ? 0 : fps__database_posting_size(set->database, posting);
        for (uint32_t i = 0; i < count; i++) {
            fps__set_entry entry;
            if (!fps__database_entry(set->database, posting, i, &entry) || entry.flags & FPS__ENTRY_FOREIGN ||
                entry.component >= set->component_count || set->component[entry.component] == FPS__NONE)
                continue;
            if (!is_meant(now, set->component[entry.component]))
                return true;
        }
    }
    return false;
}

static fps_status add_seen(looking *now, const char *cve, const struct fps__sought_function *sought,
                           bool counts)
{
    struct fps__seen_patch seen = {.cve = cve, .counts = counts};
    if (sought)
        seen.function =
            (fps_patch_function){.name = sought->function.name,
                                 .fixed = sought->function.fixed,
                                 .address = now->input->features->items[sought->place - 1].address,
                                 .instructions = now->input->features->items[sought->place - 1].instructions,
                                 .toolchain = sought->function.toolchain,
                                 .origin = sought->function.origin};
    return FPS__ARRAY_PUSH(&now->scratch->seen_patches, &seen, SIZE_MAX / sizeof seen);
}

/* By state and build; then by name, those that are there first. */
static int compare_sought(const void *a, const void *b)
{
    const struct fps__sought_function *left = a, *right = b;
    const fps__set_patch_function *l = &left->function, *r = &right->function;
    int order = FPS__COMPARE(l->fixed, r->fixed);
    order = order ? order : strcmp(l->origin, r->origin);
    order = order ? order : strcmp(l->toolchain, r->toolchain);
    order = order ? order : strcmp(l->name, r->name);
    return order ? order : (right->place > 0) - (left->place > 0);
}

static bool is_same_build(const fps__set_patch_function *a, const fps__set_patch_function *b)
{
    return a->fixed == b->fixed && !strcmp(a->origin, b->origin) && !strcmp(a->toolchain, b->toolchain);
}

/* Whether enough of the functions that some build of a state has are there: enough[fixed]. The functions are sorted. */
static void find_enough(const struct fps__sought_function *items, size_t count, bool enough[2])
{
    for (size_t first = 0, end; first < count; first = end) {
        size_t names = 0, there = 0;
        for (end = first; end < count && is_same_build(&items[first].function, &items[end].function); end++) {
            bool again = end > first && !strcmp(items[end - 1].function.name, items[end].function.name);
            names += !again;
            there += !again && items[end].place;
        }
        enough[items[first].function.fixed] |= fps__patch_is_told(there, names);
    }
}

/* Adds the functions that are there, each with whether its state has enough of them. */
static fps_status add_all_seen(looking *now, const char *cve)
{
    struct fps__sought_function *items = now->scratch->sought_functions.items;
    size_t count = now->scratch->sought_functions.count;
    bool enough[2] = {false, false};
    fps_status status = FPS_OK;
    if (count)
        qsort(items, count, sizeof *items, compare_sought);
    find_enough(items, count, enough);
    for (size_t i = 0; i < count && !status; i++)
        if (items[i].place)
            status = add_seen(now, cve, &items[i], enough[items[i].function.fixed]);
    return status;
}

/* Looks for the functions of one patch of a set. */
static fps_status look_for(looking *now, const fps_database *database, const fps__set_patch *patch)
{
    const uint16_t machine = now->input->info->machine;
    fps_status status = now->input->keep_excluded ? add_seen(now, patch->cve, NULL, false) : FPS_OK;
    bool any = false;
    now->scratch->sought_functions.count = 0;
    for (uint32_t i = 0; i < patch->count && !status; i++) {
        struct fps__sought_function sought = {.place = 0};
        if (!fps__database_patch_function(database, patch->first + i, &sought.function) ||
            (machine && sought.function.machine != machine))
            continue;
        const uint32_t *place = fps__key_map_find(&now->scratch->functions, sought.function.key);
        if (place && !is_elsewhere(now, sought.function.key))
            sought.place = *place;
        any |= sought.place > 0;
        status = FPS__ARRAY_PUSH(&now->scratch->sought_functions, &sought, SIZE_MAX / sizeof sought);
    }
    return status || !any ? status : add_all_seen(now, patch->cve);
}

/* Looks for all patches that a set has of one component. */
static fps_status look_in_set(looking *now, const fps__merged_set *set, uint32_t component)
{
    uint32_t local = set->local ? set->local[component] : FPS__NONE, first, count;
    if (local == FPS__NONE)
        return FPS_OK;
    fps__database_patches_of(set->database, local, &first, &count);
    fps_status status = count ? index_functions(now) : FPS_OK;
    for (uint32_t i = 0; i < count && !status; i++) {
        fps__set_patch patch;
        if (fps__database_patch(set->database, first + i, &patch) && patch.component == local)
            status = look_for(now, set->database, &patch);
    }
    return status;
}

static fps_status look_for_all(looking *now)
{
    fps_status status = FPS_OK;
    now->scratch->seen_patches.count = 0;
    for (uint32_t s = 0; s < now->matcher->set_count && !status; s++) {
        const fps__merged_set *set = &now->matcher->sets[s];
        if (!set->local)
            continue;
        status = look_in_set(now, set, now->finding->component);
        for (size_t i = 0; i < now->finding->relative_count && !status; i++) {
            uint32_t relative = fps__matcher_find(now->matcher, now->finding->relatives[i].id);
            if (relative != FPS__NONE)
                status = look_in_set(now, set, relative);
        }
    }
    return status;
}

/* ---- the answer ---- */

/* By CVE; one without a function first; then by place, name, state and build. */
static int compare_seen(const void *a, const void *b)
{
    const struct fps__seen_patch *left = a, *right = b;
    const fps_patch_function *l = &left->function, *r = &right->function;
    int order = strcmp(left->cve, right->cve);
    if (order || !l->name || !r->name)
        return order ? order : (l->name != NULL) - (r->name != NULL);
    order = FPS__COMPARE(l->address, r->address);
    order = order ? order : strcmp(l->name, r->name);
    order = order ? order : FPS__COMPARE(l->fixed, r->fixed);
    order = order ? order : strcmp(l->origin, r->origin);
    return order ? order : strcmp(l->toolchain, r->toolchain);
}

static bool is_same_function(const fps_patch_function *a, const fps_patch_function *b)
{
    return a->address == b->address && a->fixed == b->fixed && strcmp(a->name, b->name) == 0;
}

/* One patch of seen ones [first, end), whose functions go to `functions`, each once. */
static fps_patch make_patch(const struct fps__seen_patch *first, const struct fps__seen_patch *end,
                            fps_patch_function *functions)
{
    fps_patch made = {.cve = first->cve, .functions = functions};
    bool states[2] = {false, false}, there[2] = {false, false};
    for (const struct fps__seen_patch *one = first; one < end; one++) {
        if (!one->function.name)
            continue;
        there[one->function.fixed] = true;
        states[one->function.fixed] |= one->counts;
        if (!made.function_count || !is_same_function(&functions[made.function_count - 1], &one->function))
            functions[made.function_count++] = one->function;
    }
    if (there[0] != there[1] && states[0] != states[1])
        made.state = states[1] ? FPS_PATCH_PATCHED : FPS_PATCH_UNPATCHED;
    return made;
}

fps_status fps__match_patches(const fps__matcher *matcher, fps__match_scratch *s,
                              const fps__match_input *input, fps__arena *arena, fps_finding *finding)
{
    looking now = {matcher, s, input, finding};
    if (finding->state != FPS_STATE_PRESENT)
        return FPS_OK;
    fps_status status = look_for_all(&now);
    size_t count = s->seen_patches.count;
    if (status || !count)
        return status;
    fps_patch *patches = fps__arena_array(arena, count, sizeof *patches);
    fps_patch_function *functions = fps__arena_array(arena, count, sizeof *functions);
    if (!patches || !functions)
        return FPS_ERROR_MEMORY;
    const struct fps__seen_patch *seen = s->seen_patches.items;
    qsort(s->seen_patches.items, count, sizeof *s->seen_patches.items, compare_seen);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && strcmp(seen[end].cve, seen[first].cve) == 0;)
            end++;
        patches[finding->patch_count++] = make_patch(seen + first, seen + end, functions + first);
    }
    finding->patches = patches;
    return FPS_OK;
}
