/* sigbuild compile: from a loaded workbench to the model of a set. */
#include "compiler/code_build.h"
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"
#include "compiler/compile_share.h"
#include "compiler/compile_unit.h"

#include "database/unit_name.h"
#include "util/bits.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

struct fps__compiled {
    fps__arena arena;
    fps__compile_sink sink;
    fps__set_model model;
};

/* ---- imported sets: their groups of features become entries as they are, but for unrelated files that came later ---- */

static bool read_releases(const fps__compile_component *component, const char *const *versions,
                          uint32_t count, fps__release_bits *bits)
{
    *bits = (fps__release_bits){{0}};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t release = fps__compile_find_release(component, versions[i]);
        if (release >= FPS__MAX_RELEASES)
            return false;
        fps__bits_set(bits->words, release);
    }
    return true;
}

/* The same for functions, whose lists are of code builds. */
static bool read_code_builds(fps__arena *scratch, const fps__compile_component *component,
                             const fps__corpus_group *group, fps__release_bits *bits)
{
    *bits = (fps__release_bits){{0}};
    for (uint32_t i = 0; i < group->any_count; i++) {
        fps__set_code_build build;
        const char *version;
        uint8_t samples[2];
        if (!fps__code_build_parse(group->any[i], scratch, &build, &version, samples))
            return false;
        build.release = fps__compile_find_release(component, version);
        uint32_t index = fps__compile_find_code_build(component, &build);
        if (index >= FPS__MAX_RELEASES)
            return false;
        fps__bits_set(bits->words, index);
    }
    fps__arena_reset(scratch);
    return true;
}

static bool read_group(fps__arena *scratch, const fps__compile_component *component,
                       const fps__corpus_group *group, fps__release_bits *any, fps__release_bits *all)
{
    if (!(group->flags & FPS__ENTRY_CODE))
        return read_releases(component, group->any, group->any_count, any) &&
               read_releases(component, group->all, group->all_count, all);
    if (!read_code_builds(scratch, component, group, any))
        return false;
    *all = *any;
    return true;
}

/* True for a literal or function that is not the component's own, as others' sources and builds show. It counts for the version
 * and for what equals an object of a build, and not as evidence. */
static bool is_lent(const fps__compilation *c, uint32_t component, const fps__corpus_group *group,
                    uint64_t key)
{
    fps__feature_kind kind = fps__feature_kind_of(key);
    return (kind == FPS__FEATURE_LITERAL || kind == FPS__FEATURE_FUNCTION) && group->weight &&
           !(group->flags & FPS__ENTRY_FOREIGN) &&
           fps__compile_share(c, c->sharing, component, key, NULL) != FPS__SHARE_OWN;
}

static fps_status import_group(fps__compilation *c, const fps__corpus_group *group, fps__arena *scratch,
                               fps__compile_sink *sink, fps_error *error)
{
    fps__release_bits any, all;
    uint32_t component = fps__compile_find_component(c, group->component);
    if (component == FPS__NONE || !read_group(scratch, &c->components[component], group, &any, &all))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "imported features of %s name a release that the workbench does not know",
                         group->component);
    fps__set_entry entry = {.component = component, .unit = FPS__NONE, .flags = group->flags};
    bool code = group->flags & FPS__ENTRY_CODE;
    if (*group->unit)
        entry.unit =
            fps__sink_unit(sink, &(fps__set_unit){.component = component,
                                                  .name = group->unit,
                                                  .code = code,
                                                  .kind = fps__unit_kind_of_name(group->unit, code)});
    entry.any = fps__sink_bit_set(sink, any.words, FPS__RELEASE_WORDS);
    entry.all = fps__sink_bit_set(sink, all.words, FPS__RELEASE_WORDS);
    for (uint32_t i = 0; i < group->feature_count && sink->status == FPS_OK; i++) {
        uint32_t feature = group->features[i];
        entry.weight = is_lent(c, component, group, c->corpus->features[feature].key)
                           ? 0
                           : fps__compile_weight_beside(c, feature, group->weight);
        fps__sink_add_entry(sink, c->corpus->features[feature].key, &entry);
    }
    return fps__sink_status(sink, error);
}

static fps_status import_template(fps__compilation *c, const fps__corpus_template *t, fps__compile_sink *sink,
                                  fps_error *error)
{
    fps__release_bits bits;
    uint32_t component = fps__compile_find_component(c, t->component);
    if (component == FPS__NONE ||
        !read_releases(&c->components[component], t->learnt_from, t->learnt_from_count, &bits))
        return fps__fail(error, FPS_ERROR_CORRUPT, NULL, UINT64_MAX,
                         "imported template of %s names an unknown release", t->component);
    fps__sink_add_template(
        sink, &(fps__set_template){.key = t->key,
                                   .text = t->text,
                                   .component = component,
                                   .learnt_from = fps__sink_bit_set(sink, bits.words, FPS__RELEASE_WORDS),
                                   .negative_hits = t->negative_hits});
    return fps__sink_status(sink, error);
}

static fps_status import_sets(fps__compilation *c, fps__compile_sink *sink, fps_error *error)
{
    fps__arena scratch = {0};
    fps_status status = FPS_OK;
    for (uint32_t i = 0; status == FPS_OK && i < c->corpus->group_count; i++)
        if (!fps__compile_is_made_anew(c, &c->corpus->groups[i]))
            status = import_group(c, &c->corpus->groups[i], &scratch, sink, error);
    fps__arena_free(&scratch);
    for (uint32_t i = 0; status == FPS_OK && i < c->corpus->template_count; i++)
        status = import_template(c, &c->corpus->templates[i], sink, error);
    return status;
}

/* ---- the tables of the model ---- */

/* A build without objects that stands for a release of a set (workbench_import.c), of which nothing is left. */
static bool is_replaced(const fps__compilation *c, uint32_t build)
{
    return c->corpus->builds[build].imported && c->made_anew[c->build_component[build]];
}

/* Marks the releases of which some build or imported group is there, and those that stand for the sources. A variant has no texts
 * that a release could be compared with. */
static void mark_fingerprinted(const fps__compilation *c, const fps__set_component *components,
                               fps__set_release *releases)
{
    for (uint32_t i = 0; i < c->corpus->build_count; i++)
        if (c->build_component[i] != FPS__NONE && !is_replaced(c, i) &&
            !fps__unit_is_variant(&c->corpus->builds[i]))
            releases[components[c->build_component[i]].release_first + c->build_release[i]].built = true;
    for (uint32_t i = 0; i < c->corpus->group_count; i++) {
        const fps__corpus_group *group = &c->corpus->groups[i];
        uint32_t component = fps__compile_find_component(c, group->component);
        /* functions are a code build's; what is in no unit, as the digests of files are, says nothing of what a release has */
        bool texts = !(group->flags & FPS__ENTRY_CODE) && group->unit[0];
        bool left_out = fps__compile_is_made_anew(c, group);
        for (uint32_t k = 0; component != FPS__NONE && texts && !left_out && k < group->any_count; k++) {
            uint32_t release = fps__compile_find_release(&c->components[component], group->any[k]);
            if (release != FPS__NONE)
                releases[components[component].release_first + release].fingerprinted = true;
        }
    }
    for (uint32_t i = 0; i < c->component_count; i++)
        for (uint32_t r = 0; r < c->components[i].release_count; r++) {
            fps__set_release *release = &releases[components[i].release_first + r];
            release->fingerprinted |=
                release->built || (c->components[i].from_sources && c->components[i].from_sources[r]);
        }
}

static bool make_tables(const fps__compilation *c, fps__set_model *model, fps__set_component **components,
                        fps__set_release **releases)
{
    uint32_t total = 0, builds = 0;
    for (uint32_t i = 0; i < c->component_count; i++) {
        total += c->components[i].release_count;
        builds += c->components[i].code_build_count;
    }
    fps__set_code_build *code_builds = fps__arena_array(c->arena, (size_t)builds + 1, sizeof *code_builds);
    *components = fps__arena_array(c->arena, c->component_count, sizeof **components);
    *releases = fps__arena_array(c->arena, (size_t)total + 1, sizeof **releases);
    if (!*components || !*releases || !code_builds)
        return false;
    uint32_t next = 0;
    builds = 0;
    for (uint32_t i = 0; i < c->component_count; i++) {
        const fps__corpus_component *f = c->components[i].facts;
        (*components)[i] = (fps__set_component){.id = f->id,
                                                .name = f->name,
                                                .purl = f->purl,
                                                .cpe = f->cpe,
                                                .license = f->license,
                                                .family = f->family,
                                                .sources = f->sources,
                                                .role = f->role,
                                                .since = f->since,
                                                .release_first = next,
                                                .release_count = c->components[i].release_count,
                                                .build_first = builds,
                                                .build_count = c->components[i].code_build_count,
                                                .sample_members = c->components[i].sample_members,
                                                .sample_others = c->components[i].sample_others};
        for (uint32_t b = 0; b < c->components[i].code_build_count; b++)
            code_builds[builds++] = c->components[i].code_builds[b];
        for (uint32_t r = 0; r < c->components[i].release_count; r++)
            (*releases)[next++].version = c->components[i].releases[r];
    }
    model->component_count = c->component_count;
    model->release_count = total;
    model->code_builds = code_builds;
    model->code_build_count = builds;
    mark_fingerprinted(c, *components, *releases);
    return true;
}

/* ---- the passes ---- */

/* What a component has of one that it declares to carry does not explain its files: that one is found in them. */
static void settle_share(fps__compilation *c, uint64_t pair, uint64_t key)
{
    const fps__holder *other = NULL;
    uint32_t component = c->pairs[pair];
    fps__share share = fps__compile_share(c, c->sharing, component, key, &other);
    if (share == FPS__SHARE_OWN)
        return;
    fps__bits_clear(c->owners, pair);
    if (share != FPS__SHARE_LENT || !fps__compile_declares(c, component, other->component))
        fps__bits_set(c->foreign, pair);
}

/* Takes from components what their builds have of others: it explains their files, and is no evidence of them. */
static fps_status settle_shares(fps__compilation *c, fps__sharing *sharing, fps_error *error)
{
    if (fps__compile_sharing(c, sharing) != FPS_OK)
        return fps__fail_memory(error);
    c->sharing = sharing;
    for (uint32_t f = 0; f < c->corpus->feature_count; f++) {
        uint64_t key = c->corpus->features[f].key;
        for (uint64_t p = c->pair_start[f]; p < c->pair_start[f + 1]; p++)
            if (fps__compile_owns(c, p))
                settle_share(c, p, key);
    }
    return FPS_OK;
}

fps_status fps__compile_shares(fps__compilation *c, fps__sharing *sharing, fps_error *error)
{
    fps_status status = fps__compile_components(c, error);
    if (status == FPS_OK)
        status = fps__compile_incidence(c, error);
    if (status == FPS_OK)
        status = fps__compile_negative(c, error);
    if (status == FPS_OK)
        status = fps__compile_owner(c, error);
    return status == FPS_OK ? settle_shares(c, sharing, error) : status;
}

static fps_status compile_features(fps__compilation *c, fps__compile_sink *sink, fps_error *error)
{
    fps__sharing sharing = {.overlap = NULL};
    fps_status status = fps__compile_shares(c, &sharing, error);
    if (status == FPS_OK)
        status = fps__compile_code_builds(c, error);
    for (uint32_t i = 0; status == FPS_OK && i < c->component_count; i++)
        if (c->components[i].builds.count)
            status = fps__compile_units(c, i, sink, error);
    for (uint32_t i = 0; status == FPS_OK && i < c->component_count; i++)
        status = fps__compile_functions(c, i, sink, error);
    if (status == FPS_OK)
        status = fps__compile_templates(c, sink, error);
    if (status == FPS_OK)
        status = import_sets(c, sink, error);
    if (status == FPS_OK)
        status = fps__compile_sources(c, sink, error);
    fps__sharing_free(&sharing);
    c->sharing = NULL;
    return status;
}

void fps__compilation_end(fps__compilation *c)
{
    for (uint32_t i = 0; i < c->component_count && c->components; i++)
        free(c->components[i].builds.items);
}

fps_status fps__compile(fps__compiled **compiled, const fps__corpus *corpus,
                        const fps__compile_options *options, fps_error *error)
{
    static const fps__compile_options defaults = {0};
    *compiled = calloc(1, sizeof **compiled);
    if (!*compiled)
        return fps__fail_memory(error);
    fps__compiled *result = *compiled;
    result->sink.arena = &result->arena;
    fps__compilation c = {
        .corpus = corpus, .options = options ? options : &defaults, .arena = &result->arena};
    fps__set_component *components = NULL;
    fps__set_release *releases = NULL;
    fps_status status = compile_features(&c, &result->sink, error);
    if (status == FPS_OK && !make_tables(&c, &result->model, &components, &releases))
        status = fps__fail_memory(error);
    if (status == FPS_OK)
        status = fps__sink_finish(&result->sink, components, releases, &result->model, error);
    if (status == FPS_OK)
        status = fps__compile_histories(&c, &result->model, error);
    if (status == FPS_OK)
        status = fps__compile_patches(&c, &result->model, error);
    fps__compilation_end(&c);
    if (status != FPS_OK) {
        fps__compiled_free(result);
        *compiled = NULL;
        return status;
    }
    result->model.name = c.options->name ? c.options->name : "base";
    result->model.creator = "sigbuild " FPS_VERSION;
    result->model.parameters = fps__compile_parameters();
    result->model.rules = c.options->rules ? c.options->rules : corpus->rules;
    result->model.rules_size = result->model.rules ? strlen(result->model.rules) : 0;
    return FPS_OK;
}

const fps__set_model *fps__compiled_model(const fps__compiled *compiled)
{
    return &compiled->model;
}

void fps__compiled_free(fps__compiled *compiled)
{
    if (!compiled)
        return;
    fps__sink_free(&compiled->sink);
    fps__arena_free(&compiled->arena);
    free(compiled);
}
