/* sigbuild compile: the functions that tell whether a patch is in the code.
 *
 * A key that some build has before the patch and some build from it on tells nothing: that is so where the patch is
 * compiled to nothing, or where it changes only what a key does not hold. Of several builds with the same key the first one is named.
 */
#include "compiler/compile_internal.h"

#include "util/error.h"

#include <string.h>

typedef struct gathering {
    fps__set_patch *patches;
    fps__set_patch_function *functions;
    uint32_t patch_count, function_count;
} gathering;

static bool is_same_patch(const fps__corpus_patch_function *a, const fps__corpus_patch_function *b)
{
    return strcmp(a->component, b->component) == 0 && strcmp(a->cve, b->cve) == 0;
}

/* Takes the functions of one patch, [first, end) of the corpus; the patch is there if one of them tells something. */
static void gather_patch(gathering *now, const fps__corpus_patch_function *first,
                         const fps__corpus_patch_function *end, uint32_t component)
{
    fps__set_patch patch = {component, first->cve, now->function_count, 0};
    for (const fps__corpus_patch_function *one = first, *next; one < end; one = next) {
        bool both = false;
        for (next = one; next < end && next->key == one->key; next++)
            both |= next->fixed != one->fixed;
        if (!both)
            now->functions[now->function_count++] = (fps__set_patch_function){
                one->key, one->name, one->toolchain, one->origin, one->machine, one->fixed};
    }
    patch.count = now->function_count - patch.first;
    if (patch.count)
        now->patches[now->patch_count++] = patch;
}

/* Components without anything else in the set cannot be found, and have no patches in it. */
fps_status fps__compile_patches(fps__compilation *c, fps__set_model *model, fps_error *error)
{
    const uint32_t count = c->corpus->patch_function_count;
    const fps__corpus_patch_function *all = c->corpus->patch_functions;
    gathering now = {.patches = fps__arena_array(c->arena, (size_t)count + 1, sizeof *now.patches),
                     .functions = fps__arena_array(c->arena, (size_t)count + 1, sizeof *now.functions)};
    if (!now.patches || !now.functions)
        return fps__fail_memory(error);
    for (uint32_t first = 0, end; first < count; first = end) {
        uint32_t component = fps__compile_find_component(c, all[first].component);
        for (end = first + 1; end < count && is_same_patch(&all[first], &all[end]);)
            end++;
        if (component != FPS__NONE)
            gather_patch(&now, all + first, all + end, component);
    }
    model->patches = (fps__set_patches){now.patches, now.patch_count, now.functions, now.function_count};
    return FPS_OK;
}
