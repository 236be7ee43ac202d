/* Vulnerabilities and what the code shows of their patches.
 *
 * The code is asked only about what the advisories say of a component by its version, and a vulnerability never comes of it. Each file
 * that holds the component answers for itself, and is a place of the vulnerability:
 *
 *   - A file of a package whose distribution says something stays with what that says, whatever the code shows.
 *   - Files whose code has the fix make one finding that is suppressed as fixed. So a vulnerability of a component in several files
 *     is gone only if each of them has the fix; where they differ, it stays with those that do not show it.
 *   - A file whose code is that before the fix is affected, although its version alone leaves that open. A condition (a platform,
 *     another product) stays one: the code does not say whether it holds.
 *   - Of a file that shows nothing, or both, the version decides as ever.
 *
 * A family answer has the patches of each candidate: what is there is the same code, whichever of them it is called.
 */
#include "advisory/advisory_state.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_SIZE = 1024 };

static bool is_called(const fps__group *group, const char *cve)
{
    bool found = !strcmp(group->id, cve);
    for (size_t i = 0; i < group->names.count && !found; i++)
        found = !strcmp(group->names.items[i], cve);
    return found;
}

const fps_patch *fps__patch_of(const fps_finding *finding, const fps__group *group)
{
    for (size_t i = 0; i < finding->patch_count; i++)
        if (finding->patches[i].state != FPS_PATCH_UNKNOWN && is_called(group, finding->patches[i].cve))
            return &finding->patches[i];
    return NULL;
}

void fps__note_patch(fps__found *found, const fps_patch *patch, uint32_t file)
{
    if (!found->shown_count++) {
        found->patch = patch->state;
        found->shown_by = patch;
        found->shown_in = file;
    }
}

/* "patched: inflate at 0x1f00 in /usr/bin/tool is as in builds with the fix (debian bookworm gcc-12)" */
const char *fps__patch_words(fps__matching *now, const fps__found *found)
{
    char text[WORDS_SIZE], more[64] = "", functions[64] = "";
    const fps_patch *patch = found->shown_by;
    if (!patch || !patch->function_count)
        return "";
    const fps_patch_function *first = &patch->functions[0];
    const fps_file *file = &now->result->files.items[found->shown_in];
    if (patch->function_count > 1)
        snprintf(functions, sizeof functions, " and %zu more", patch->function_count - 1);
    if (found->shown_count > 1)
        snprintf(more, sizeof more, "; also in %zu other file%s", found->shown_count - 1,
                 found->shown_count > 2 ? "s" : "");
    snprintf(text, sizeof text, "%s: %.120s at 0x%llx%s in %.300s%s%.200s: the code of builds %s (%.120s)%s",
             fps_patch_state_name(patch->state), first->name, (unsigned long long)first->address, functions,
             file->path, file->archive_path ? "!" : "", file->archive_path ? file->archive_path : "",
             first->fixed ? "with the fix" : "before the fix",
             *first->origin ? first->origin : first->toolchain, more);
    return fps__keep(now, text);
}
