/* sigbuild compile: version templates, mined from literals that hold a component's own version in its
 * builds. */
#include "compiler/compile_internal.h"
#include "compiler/compile_parameters.h"

#include "database/set.h"
#include "feature/template.h"
#include "util/error.h"
#include "util/version.h"

#include <stdlib.h>
#include <string.h>

/* A template seen in an object of a component: does its slot hold the object's version? */
typedef struct sighting {
    uint32_t feature, component, release;
    bool own_version;
} sighting;

typedef struct template_work {
    fps__compilation *c;
    FPS__ARRAY(sighting) sightings;
    uint32_t *negative_files; /* by feature */
} template_work;

static bool collect_sightings(template_work *w)
{
    const fps__corpus *corpus = w->c->corpus;
    for (uint32_t i = 0; i < corpus->version_text_count; i++) {
        const fps__corpus_version_text *text = &corpus->version_texts[i];
        const fps__corpus_object *object = &corpus->objects[text->object];
        uint32_t component = w->c->build_component[object->build];
        if (component == FPS__NONE)
            continue;
        bool own = fps__version_compare(text->version, corpus->builds[object->build].version) == 0;
        sighting seen = {text->feature, component, w->c->build_release[object->build], own};
        if (FPS__ARRAY_PUSH(&w->sightings, &seen, SIZE_MAX / sizeof seen) != FPS_OK)
            return false;
    }
    w->negative_files = calloc((size_t)corpus->feature_count + 1, sizeof *w->negative_files);
    for (uint32_t n = 0; w->negative_files && n < corpus->negative_count; n++)
        for (uint32_t i = 0; i < corpus->negatives[n].feature_count; i++)
            w->negative_files[corpus->negatives[n].features[i]]++;
    return w->negative_files != NULL;
}

static int compare_sightings(const void *a, const void *b)
{
    const sighting *left = a, *right = b;
    if (left->feature != right->feature)
        return left->feature < right->feature ? -1 : 1;
    if (left->component != right->component)
        return left->component < right->component ? -1 : 1;
    return (left->release > right->release) - (left->release < right->release);
}

/* What the sightings of one template in one component say. */
typedef struct verdict {
    uint32_t own, other;    /* sightings with the object's version, and with another one */
    uint32_t releases;      /* of the own version */
    fps__release_bits bits; /* these releases */
} verdict;

static verdict judge(const template_work *w, size_t first, size_t end)
{
    verdict v = {0};
    for (size_t i = first; i < end; i++) {
        const sighting *s = &w->sightings.items[i];
        v.own += s->own_version;
        v.other += !s->own_version;
        if (s->own_version)
            fps__bits_set(v.bits.words, s->release);
    }
    v.releases = (uint32_t)fps__bits_count(v.bits.words, FPS__RELEASE_WORDS);
    return v;
}

/* A template is learnt when nine of ten sightings hold the own version, over two releases or, where the
 * component has but one, two objects. A bare slot stands for many things in one object: there the own version
 * alone is counted. */
static bool is_learnt(const verdict *v, bool bare)
{
    if (bare)
        return v->releases >= FPS__TEMPLATE_RELEASES || v->own >= FPS__BARE_OBJECTS;
    return v->own >= FPS__TEMPLATE_RATIO * v->other &&
           (v->releases >= FPS__TEMPLATE_RELEASES || v->own >= FPS__TEMPLATE_OBJECTS);
}

static void learn(template_work *w, fps__compile_sink *sink, size_t first, size_t end, bool shared)
{
    const sighting *s = &w->sightings.items[first];
    const fps__corpus_feature *feature = &w->c->corpus->features[s->feature];
    bool bare = !feature->text || fps__template_is_bare(feature->text, strlen(feature->text));
    verdict v = judge(w, first, end);
    if (!feature->text || !is_learnt(&v, bare))
        return;
    uint32_t hits = w->negative_files[s->feature];
    fps__set_entry entry = {.component = s->component, .unit = FPS__NONE, .weight = FPS__WEIGHT_FULL};
    entry.any = fps__sink_bit_set(sink, v.bits.words, FPS__RELEASE_WORDS);
    entry.all = fps__sink_bit_set(sink, v.bits.words, 0);
    entry.flags = bare || shared || hits ? FPS__ENTRY_TEMPLATE_BARE : 0;
    fps__sink_add_entry(sink, feature->key, &entry);
    fps__sink_add_template(sink,
                           &(fps__set_template){feature->key, feature->text, s->component, entry.any, hits});
}

/* True when components of several families would learn the template [first, end). */
static bool is_shared(const template_work *w, size_t first, size_t end)
{
    uint32_t family = FPS__NONE;
    for (size_t i = first; i < end; i++) {
        const sighting *s = &w->sightings.items[i];
        if (!s->own_version)
            continue;
        if (family != FPS__NONE && w->c->components[s->component].family != family)
            return true;
        family = w->c->components[s->component].family;
    }
    return false;
}

static void learn_all(template_work *w, fps__compile_sink *sink)
{
    const sighting *s = w->sightings.items;
    for (size_t i = 0, end; i < w->sightings.count; i = end) {
        for (end = i; end < w->sightings.count && s[end].feature == s[i].feature;)
            end++;
        bool shared = is_shared(w, i, end);
        for (size_t k = i, next; k < end; k = next) {
            for (next = k; next < end && s[next].component == s[k].component;)
                next++;
            learn(w, sink, k, next, shared);
        }
    }
}

fps_status fps__compile_templates(fps__compilation *c, fps__compile_sink *sink, fps_error *error)
{
    template_work w = {.c = c};
    bool ok = collect_sightings(&w);
    if (ok && w.sightings.count)
        qsort(w.sightings.items, w.sightings.count, sizeof *w.sightings.items, compare_sightings);
    if (ok)
        learn_all(&w, sink);
    free(w.sightings.items);
    free(w.negative_files);
    return ok ? fps__sink_status(sink, error) : fps__fail_memory(error);
}
