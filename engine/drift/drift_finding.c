/* Drift of findings: components in owned files that the package does not explain, in other versions than
 * packages say, or in the place of what the package is.
 */
#include "drift/drift_internal.h"

#include <string.h>
#include <strings.h>

/* A finding in an owned file, with what is known around it. */
typedef struct finding_case {
    const fps_finding *finding;
    const fps_file *file;
    const fps_component *component;
    uint32_t owner;
    const fps__inventory_package *package; /* the owner, NULL for none */
    uint32_t component_id;                 /* among the providers' */
    const char *found;                     /* version in words, NULL when unknown */
} finding_case;

static const fps_package *facts_of(const fps__drift_work *work, uint32_t package)
{
    return &work->input->inventory->packages.items[package].facts;
}

/* "zlib 1.2.8 (exact, confidence 0.99)" */
static const char *describe_found(fps__drift_work *work, const finding_case *c)
{
    const fps_version_answer *answer = &c->finding->version;
    char name[256];
    fps_family_text(name, sizeof name, c->component->name, c->finding->relatives, c->finding->relative_count,
                    true);
    if (!c->found)
        return fps__drift_text(work, "%s of an unknown version", name);
    return fps__drift_text(work, "%s %s (%s, confidence %.2f)", name, c->found,
                           fps_version_kind_name(answer->kind), answer->confidence);
}

static const char *source_version(const fps_package *facts)
{
    return *facts->source_version ? facts->source_version : facts->version;
}

/* The bytes of the file, or of the archive that it lies in, and the manifest of its package. */
static fps__comparison compare_file(const fps__drift_work *work, const finding_case *c)
{
    const fps__drift_input *input = work->input;
    uint32_t node = work->node_of_file[c->file - input->files];
    const fps__owned_path *stated = input->ownership->owned_path[node]; /* an owned file has a node */
    if (!stated)
        return FPS__COMPARISON_NONE;
    const fps__digests *digests = fps__drift_digests(work, node);
    if (!digests && input->compute)
        digests = input->compute(input->user, node);
    return fps__digests_compare(stated, digests);
}

/* A note where the package ships it so, or where there is no manifest that could say otherwise: packages of
 * languages that own a folder as a whole carry native libraries as a rule. */
static fps_drift_level level_of(const fps__drift_work *work, const finding_case *c)
{
    const fps__drift_input *input = work->input;
    const fps__owned_path *owned = input->ownership->owned_path[work->node_of_file[c->file - input->files]];
    bool listed = owned && owned->digest_kind != FPS__DIGEST_NONE;
    bool shipped = compare_file(work, c) == FPS__COMPARISON_SAME;
    return shipped || (!listed && !fps__is_system_package(c->package)) ? FPS_DRIFT_LEVEL_NOTE
                                                                       : FPS_DRIFT_LEVEL_DRIFT;
}

static void add(fps__drift_work *work, const finding_case *c, fps_drift_kind kind, uint32_t other,
                const char *claimed, const char *message)
{
    const char *path = c->file->path;
    if (c->file->archive_path)
        path = fps__drift_join(work, path, "!", c->file->archive_path);
    fps_drift item = {.kind = kind,
                      .level = level_of(work, c),
                      .path = path,
                      .file = (uint32_t)(c->file - work->input->files),
                      .package = c->owner,
                      .other = other,
                      .component = c->component->id,
                      .claimed = claimed,
                      .found = c->found,
                      .message = message};
    fps__drift_add(work, &item);
}

/* Is the package's source the component, or one that it may be instead? */
static bool is_of_source(const fps__drift_input *input, const fps_package *facts, const fps_finding *finding)
{
    bool found = fps__source_provides(input, facts, input->components[finding->component].id);
    for (size_t i = 0; i < finding->relative_count && !found; i++)
        found = fps__source_provides(input, facts, finding->relatives[i].id);
    return found;
}

/* What the package says that it carries of the component, or of one that it may be instead. */
static fps__carried find_carried(const fps__drift_input *input, const finding_case *c)
{
    fps__carried found = fps__carried_find(input, c->package, c->component->id);
    for (size_t i = 0; i < c->finding->relative_count && !found.named; i++)
        found = fps__carried_find(input, c->package, c->finding->relatives[i].id);
    return found;
}

/* ---- versions ---- */

/* The version is that of one of the candidates: of a component that can be another nothing contradicts a package. */
static bool contradicts(const fps__drift_work *work, const finding_case *c, uint32_t package, bool apart)
{
    if (c->finding->relative_count)
        return false;
    const fps_package *facts = facts_of(work, package);
    const fps__package_version stated = {facts->kind, source_version(facts), apart};
    return fps__drift_contradicts(work->input, c->component->id, &c->finding->version, &stated);
}

static void add_version(fps__drift_work *work, const finding_case *c, uint32_t other)
{
    const fps_package *owner = &c->package->facts, *says = facts_of(work, other);
    const char *found = describe_found(work, c), *claimed = source_version(says);
    const char *message =
        other == c->owner
            ? fps__drift_text(work, "contains %s; its own package %s says %s", found, says->name, claimed)
            : fps__drift_text(work, "contains %s in a file of %s %s; package %s says %s", found, owner->name,
                              owner->version, says->name, claimed);
    add(work, c, FPS_DRIFT_VERSION, other, claimed, message);
}

/* The system packages that are the component. */
static const uint32_t *providers_of(const fps__drift_work *work, const finding_case *c, size_t *count)
{
    const fps__providers *providers = &work->providers;
    *count = 0;
    if (c->component_id == UINT32_MAX)
        return NULL;
    *count = providers->first[c->component_id + 1] - providers->first[c->component_id];
    return providers->packages + providers->first[c->component_id];
}

static bool same_source(const fps_package *a, const fps_package *b)
{
    return a->kind == b->kind && strcmp(fps__source_name_of(a).source, fps__source_name_of(b).source) == 0;
}

/* A file of a package whose source is the component: of what the source says of its own version. Bytes that
 * the package says are its own are of its version, whatever they look like (perl 5.40.1 has modules that say
 * 5.40.0); a neighbouring release is no contradiction, and one further away a note. Where nobody knows, a
 * neighbour may be such a case too. */
static void check_own_version(fps__drift_work *work, const finding_case *c)
{
    uint32_t says = UINT32_MAX;
    size_t count;
    const uint32_t *packages = providers_of(work, c, &count);
    if (c->component_id != UINT32_MAX && work->providers.component_of[c->owner] == c->component_id)
        says = c->owner;
    for (size_t i = 0; says == UINT32_MAX && i < count; i++)
        if (same_source(facts_of(work, packages[i]), &c->package->facts))
            says = packages[i];
    if (says == UINT32_MAX || !contradicts(work, c, says, false))
        return;
    if (compare_file(work, c) == FPS__COMPARISON_OTHER || contradicts(work, c, says, true))
        add_version(work, c, says);
}

/* A copy that the package says it carries: of the version that it says, when it does. */
static void check_carried(fps__drift_work *work, const finding_case *c, const fps__carried *carried)
{
    const fps_package *owner = &c->package->facts;
    const fps__package_version stated = {owner->kind, carried->version, false};
    if (!*carried->version || c->finding->relative_count ||
        !fps__drift_contradicts(work->input, c->component->id, &c->finding->version, &stated))
        return;
    const char *found = describe_found(work, c), *claimed = fps__drift_text(work, "%s", carried->version);
    add(work, c, FPS_DRIFT_VERSION, UINT32_MAX, claimed,
        fps__drift_text(work, "contains %s; package %s %s says that it was built with %s", found, owner->name,
                        owner->version, claimed));
}

/* ---- another program in its place ---- */

/* Is the file named as the component is: libverto.so.1 as verto or libverto? */
static bool has_component_name(const fps_file *file, const fps_component *component)
{
    const char *slash = strrchr(file->path, '/'), *name = slash ? slash + 1 : file->path;
    const char *const texts[] = {component->id, component->name};
    for (size_t i = 0; i < 2; i++) {
        const char *text = texts[i], *at = name;
        if (strncasecmp(text, "lib", 3) == 0 && text[3])
            text += 3;
        if (strncasecmp(at, "lib", 3) == 0)
            at += 3;
        if (*text && strncasecmp(at, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

/* Is some component of that source found in the file, in whatever state? */
static bool owner_is_found(const fps__drift_work *work, const finding_case *c)
{
    const fps__drift_input *input = work->input;
    const fps_finding *first = c->finding, *end = input->findings + input->finding_count;
    while (first > input->findings && first[-1].file == c->finding->file)
        first--;
    for (; first < end && first->file == c->finding->file; first++)
        if (first->component < input->component_count && is_of_source(input, &c->package->facts, first))
            return true;
    return false;
}

/* Does a package that is a known component bring something else, under the name of what it is? */
static bool is_replaced(const fps__drift_work *work, const finding_case *c)
{
    if (c->finding->linkage != FPS_LINKAGE_OWN || c->file->archive_path ||
        !fps__is_system_package(c->package))
        return false;
    if (work->providers.component_of[c->owner] == UINT32_MAX)
        return false;
    if (!c->finding->renamed && has_component_name(c->file, c->component))
        return false;
    return !owner_is_found(work, c) && compare_file(work, c) != FPS__COMPARISON_SAME;
}

static void add_replaced(fps__drift_work *work, const finding_case *c)
{
    const fps_package *owner = &c->package->facts;
    const char *expected = work->providers.ids[work->providers.component_of[c->owner]];
    add(work, c, FPS_DRIFT_REPLACED, UINT32_MAX, owner->version,
        fps__drift_text(work, "is %s; package %s %s is %s, of which nothing was found in it",
                        describe_found(work, c), owner->name, owner->version, expected));
}

/* ---- copies ---- */

/* A copy that nothing explains; another version than the system's own is said as such. */
static void check_copy(fps__drift_work *work, const finding_case *c)
{
    const fps_package *owner = &c->package->facts;
    size_t count, against = 0;
    const uint32_t *packages = providers_of(work, c, &count);
    for (size_t i = 0; i < count; i++)
        against += contradicts(work, c, packages[i], false);
    if (count && against == count) {
        add_version(work, c, packages[0]);
        return;
    }
    uint32_t other = count ? packages[0] : UINT32_MAX;
    const char *found = describe_found(work, c), *claimed = NULL, *beside = "";
    if (count) {
        claimed = source_version(facts_of(work, other));
        beside = fps__drift_text(work, "; package %s says %s", facts_of(work, other)->name, claimed);
    }
    add(work, c, FPS_DRIFT_COMPONENT, other, claimed,
        fps__drift_text(work, "contains %s, which package %s %s does not explain%s", found, owner->name,
                        owner->version, beside));
}

/* A file that nobody owns, with a component of which the system's own packages say another version. */
static void check_unowned(fps__drift_work *work, const finding_case *c)
{
    size_t count;
    const uint32_t *packages = providers_of(work, c, &count);
    if (!count || c->component->role == FPS_COMPONENT_RUNTIME || c->file->archive_path)
        return; /* what lies in an archive is not installed */
    for (size_t i = 0; i < count; i++)
        if (!contradicts(work, c, packages[i], false))
            return;
    const fps_package *says = facts_of(work, packages[0]);
    const char *claimed = source_version(says);
    fps_drift item = {
        .kind = FPS_DRIFT_VERSION,
        .level = FPS_DRIFT_LEVEL_DRIFT,
        .path = c->file->path,
        .file = (uint32_t)(c->file - work->input->files),
        .package = UINT32_MAX,
        .other = packages[0],
        .component = c->component->id,
        .claimed = claimed,
        .found = c->found,
        .message = fps__drift_text(work, "contains %s in a file that no package claims; package %s says %s",
                                   describe_found(work, c), says->name, claimed)};
    fps__drift_add(work, &item);
}

static bool start_case(const fps__drift_work *work, const fps_finding *finding, finding_case *c)
{
    const fps__drift_input *input = work->input;
    if (finding->state != FPS_STATE_PRESENT || finding->linkage == FPS_LINKAGE_DYNAMIC ||
        finding->file >= input->file_count || finding->component >= input->component_count)
        return false;
    const fps_file *file = &input->files[finding->file];
    uint32_t owner = fps__drift_owner(work, finding->file);
    bool owned = owner < input->inventory->packages.count;
    if (file->visibility != FPS_VISIBILITY_VISIBLE || (!owned && !input->ownership->any_system))
        return false;
    *c = (finding_case){.finding = finding,
                        .file = file,
                        .component = &input->components[finding->component],
                        .owner = owner,
                        .package = owned ? &input->inventory->packages.items[owner] : NULL};
    c->component_id = fps__providers_find(&work->providers, c->component->id);
    c->found = fps__drift_version_text(work->arena, &finding->version);
    return true;
}

void fps__drift_findings(fps__drift_work *work)
{
    const fps__drift_input *input = work->input;
    for (size_t i = 0; i < input->finding_count && !fps__drift_stops(work); i++) {
        finding_case c;
        if (!start_case(work, &input->findings[i], &c))
            continue;
        if (!c.package) {
            check_unowned(work, &c);
            continue;
        }
        if (is_of_source(input, &c.package->facts, c.finding)) {
            check_own_version(work, &c);
            continue;
        }
        fps__carried carried = find_carried(input, &c);
        if (c.component->role == FPS_COMPONENT_RUNTIME)
            continue;
        if (carried.named)
            check_carried(work, &c, &carried);
        else if (is_replaced(work, &c))
            add_replaced(work, &c);
        else
            check_copy(work, &c);
    }
}
