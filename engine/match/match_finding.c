/* A decided component as a finding: linkage, confidence, name, and what spoke against it. */
#include "match/match_internal.h"

#include "database/unit_name.h"

#include <stdio.h>
#include <string.h>

/* True when the object is called, or is to the last text, as one of the component's. */
static bool is_identified(const fps__candidate *c)
{
    return c->equal || c->texts.soname;
}

/* The present component whose object this may be, NULL for none: one that it is called as, or else the one that explains most of
 * it. A small library may carry a large one. */
static const fps__candidate *find_dominant(const fps__match_scratch *s)
{
    const fps__candidate *best = NULL;
    for (size_t i = 0; i < s->candidates.count; i++) {
        const fps__candidate *c = &s->candidates.items[i];
        if (!c->shown || c->state != FPS_STATE_PRESENT)
            continue;
        bool more = best && is_identified(c) != is_identified(best)
                        ? is_identified(c)
                        : !best || c->texts.worth > best->texts.worth;
        best = more ? c : best;
    }
    return best;
}

/* True when the object is a module that an interpreter loads and the component has no such module: it belongs to another
 * project, whatever it is made of. */
static bool is_foreign_module(const fps__match_scratch *s, const fps__candidate *c,
                              const fps__features *features)
{
    static const char *const entries[] = {"PyInit_",  "napi_register_module", "Java_", "JNI_OnLoad",
                                          "luaopen_", "node_register_module"};
    size_t first = features->literal_count, end = first + features->name_count;
    for (size_t i = first; i < end; i++) {
        const fps__feature *name = &features->items[i];
        for (size_t k = 0; k < sizeof entries / sizeof *entries; k++)
            if (name->length >= strlen(entries[k]) &&
                memcmp(name->text, entries[k], strlen(entries[k])) == 0 &&
                s->owner.items[i] != c->component + 1)
                return true;
    }
    return false;
}

/* True when the object is one of the component's own, and not another's that holds the component: it has its soname, or the
 * component explains much of it, its exports included. */
static bool is_own(const fps__match_scratch *s, const fps__candidate *c, const fps__features *features,
                   bool executable)
{
    if (is_foreign_module(s, c, features))
        return false;
    /* A runtime may be most of a small static program, which is not its own for that. */
    if (c->runtime && executable && !c->equal)
        return false;
    return is_identified(c) ||
           fps__is_the_export(c->texts.exports, c->texts.name_count, features->name_count) ||
           (fps__explains_object(c->share) &&
            (!features->name_count || fps__explains_exports(c->texts.name_count, features->name_count)));
}

fps_linkage fps__match_linkage(const fps__match_scratch *s, const fps__candidate *c,
                               const fps__features *features, bool dominant, bool executable)
{
    if (c->state == FPS_STATE_MENTIONED)
        return FPS_LINKAGE_DYNAMIC;
    if (dominant && is_own(s, c, features, executable))
        return FPS_LINKAGE_OWN;
    uint32_t active = c->texts.units_active + c->code.units_active;
    uint32_t touched = c->texts.units_touched + c->code.units_touched;
    return active * FPS__STATIC_UNITS >= touched ? FPS_LINKAGE_STATIC : FPS_LINKAGE_EMBEDDED;
}

static const char *why_not(const fps__candidate *c, fps__arena *arena)
{
    char text[256];
    if (c->state == FPS_STATE_PRESENT)
        return NULL;
    if (c->doubt != FPS_DOUBT_NONE)
        return fps_doubt_text(c->doubt);
    snprintf(
        text, sizeof text,
        "%u literals and %u names in %u units, of which %u are covered to .%02.0f; %u functions in %u units, "
        "of which %u are active; evidence %.1f of %.1f, share %.2f; %u uses",
        c->texts.literal_count, c->texts.name_count, c->texts.units_touched, c->texts.units_active,
        FPS__UNIT_COVERAGE * 100, c->code.count, c->code.units_touched, c->code.units_active,
        fps__candidate_evidence(c), FPS__ADMIT_LITERALS, c->share, c->texts.use_count);
    return fps__arena_string(arena, text);
}

/* Stems of the objects whose own units were found, NULL-ended: a file that carries none of them is called
 * something else than it is. *names is NULL when nothing can be said: no such object is there as a whole, or most of what was
 * found is in several objects, as of programs that differ in little but their names. */
static fps_status list_file_names(const fps__match_scratch *s, const fps__candidate *c, fps__arena *arena,
                                  const char *const **names)
{
    enum { MAX_NAMES = 1024 };
    const char *found[MAX_NAMES + 1], *stem;
    size_t count = 0;
    bool whole = false;
    double single = 0, shared = 0; /* weight of units of one object, of several */
    *names = NULL;
    for (size_t i = c->first; i < c->end && count < MAX_NAMES;) {
        fps__unit_sum sum;
        fps__set_unit unit;
        fps__match_unit(s->matcher, s->hits.items, i, c->end, &sum);
        i = sum.end;
        if (!sum.hits || !fps__database_unit(s->matcher->sets[sum.set].database, sum.unit, &unit))
            continue;
        size_t length = fps__unit_stem(&unit, &stem);
        *(length ? &single : &shared) += sum.weight;
        if (!length)
            continue;
        whole |= fps__unit_tells_name(sum.hits, sum.coverage);
        if (count && strlen(found[count - 1]) == length && strncmp(found[count - 1], stem, length) == 0)
            continue;
        if (!(found[count++] = fps__arena_text(arena, stem, length)))
            return FPS_ERROR_MEMORY;
    }
    if (!whole || shared > single)
        return FPS_OK;
    const char **list = fps__arena_array(arena, count + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        list[i] = found[i];
    *names = list;
    return list ? FPS_OK : FPS_ERROR_MEMORY;
}

/* Where the name of a tool begins behind the machine that it is for: "nm" in "x86_64-linux-gnu-nm". */
static const char *behind_machine(const char *name)
{
    static const char *const systems[] = {"-linux-gnu-",
                                          "-linux-gnueabi-",
                                          "-linux-gnueabihf-",
                                          "-linux-gnuabi64-",
                                          "-linux-musl-",
                                          "-mingw32-",
                                          "-elf-",
                                          "-eabi-"};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        const char *system = strstr(name, systems[i]);
        if (system && system[strlen(systems[i])])
            return system + strlen(systems[i]);
    }
    return name;
}

/* True when one of two names begins with the other, as "node" and "nodejs" do, or a library and its name with a version; "lib"
 * in front is not told apart. */
static bool are_alike(const char *left, const char *right)
{
    left += strncmp(left, "lib", strlen("lib")) == 0 ? strlen("lib") : 0;
    right += strncmp(right, "lib", strlen("lib")) == 0 ? strlen("lib") : 0;
    size_t left_length = strlen(left), right_length = strlen(right);
    return strncmp(left, right, left_length < right_length ? left_length : right_length) == 0;
}

/* True when the last part of `path` is like one of the names. */
static bool is_like_one(const char *const *names, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = behind_machine(slash ? slash + 1 : path);
    for (size_t i = 0; names[i]; i++)
        if (are_alike(name, behind_machine(names[i])))
            return true;
    return false;
}

bool fps__match_is_renamed(const fps_finding *finding, const char *path, const char *const *links,
                           size_t link_count)
{
    if (!finding->file_names || is_like_one(finding->file_names, path))
        return false;
    for (size_t i = 0; i < link_count; i++)
        if (is_like_one(finding->file_names, links[i]))
            return false;
    return true;
}

/* Lists the members of its family that nothing tells apart from it. */
static fps_status list_relatives(const fps__match_scratch *s, const fps__candidate *c, fps__arena *arena,
                                 fps_finding *f)
{
    for (size_t i = 0; i < s->candidates.count; i++)
        f->relative_count += s->candidates.items[i].leader == c->component;
    if (!f->relative_count)
        return FPS_OK;
    fps_relative *list = fps__arena_array(arena, f->relative_count, sizeof *list);
    if (!list)
        return FPS_ERROR_MEMORY;
    size_t count = 0;
    for (size_t i = 0; i < s->candidates.count; i++) {
        if (s->candidates.items[i].leader != c->component)
            continue;
        const fps__merged_component *member =
            fps__matcher_component(s->matcher, s->candidates.items[i].component);
        list[count++] = (fps_relative){member->id, member->name, member->purl, member->cpe};
    }
    f->relatives = list;
    return FPS_OK;
}

fps_status fps__match_finding(const fps__matcher *matcher, fps__match_scratch *s,
                              const fps__match_input *input, const fps__candidate *c, fps__arena *arena,
                              fps_finding *f)
{
    const fps__text_sums *texts = &c->texts;
    bool executable = input->info->type == FPS_OBJECT_EXECUTABLE;
    *f =
        (fps_finding){.component = c->component,
                      .state = c->state,
                      .linkage = fps__match_linkage(s, c, input->features, c == find_dominant(s), executable),
                      .confidence = fps__component_confidence(fps__candidate_evidence(c), c->share, c->state),
                      .coverage = texts->expected > 0 ? texts->found / texts->expected : 0,
                      .share = c->share,
                      .units_active = texts->units_active + c->code.units_active,
                      .units_total = texts->units_touched + c->code.units_touched,
                      .literals = texts->literal_count,
                      .names = texts->name_count,
                      .uses = texts->use_count,
                      .functions = c->code.count,
                      .exact = texts->exact_count,
                      .against = why_not(c, arena),
                      .doubt = c->doubt,
                      .admitted_by = c->admitted_by};
    fps_status status = list_relatives(s, c, arena, f);
    /* Of a file without code, as one with nothing but symbols for debuggers, the name says nothing. */
    if (status == FPS_OK && f->linkage == FPS_LINKAGE_OWN && input->features->code_bytes)
        status = list_file_names(s, c, arena, &f->file_names);
    if (status == FPS_OK)
        status = fps__match_version(matcher, s, input, c, arena, &f->version);
    if (status == FPS_OK)
        status = fps__match_patches(matcher, s, input, arena, f);
    return status == FPS_OK ? fps__match_evidence(matcher, s, input, c, arena, f) : status;
}
