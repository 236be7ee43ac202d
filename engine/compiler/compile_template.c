/* sigbuild compile: version templates, mined from literals that hold a component's own version in its builds.
 */
#include "compiler/compile_internal.h"

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
        if (FPS__ARRAY_RESERVE(&w->sightings, 1, SIZE_MAX / sizeof(sighting)) != FPS_OK)
            return false;
        bool own = fps__version_compare(text->version, corpus->builds[object->build].version) == 0;
        w->sightings.items[w->sightings.count++] =
            (sighting){text->feature, component, w->c->build_release[object->build], own};
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

/* What the sightings [first, end) of one template in one component say. */
typedef struct verdict {
    uint32_t own, other, releases;
    uint64_t bits[64];
} verdict;

static void judge(const template_work *w, size_t first, size_t end, verdict *v)
{
    memset(v, 0, sizeof *v);
    for (size_t i = first; i < end; i++) {
        const sighting *s = &w->sightings.items[i];
        v->own += s->own_version;
        v->other += !s->own_version;
        uint64_t bit = (uint64_t)1 << (s->release % 64);
        if (s->own_version && s->release / 64 < 64 && !(v->bits[s->release / 64] & bit)) {
            v->bits[s->release / 64] |= bit;
            v->releases++;
        }
    }
}

/* A template is learnt when nine of ten sightings hold the own version, over two releases or, where the
 * component has but one, two objects. A bare slot stands for many things in one object: two releases with the
 * own version are enough. */
static bool is_learnt(const verdict *v, bool bare)
{
    if (bare)
        return v->releases >= 2 || v->own >= 4;
    return v->own >= 9 * v->other && (v->releases >= 2 || v->own >= 2);
}

static bool learn(template_work *w, fps__compile_sink *sink, size_t first, size_t end, bool shared)
{
    const sighting *s = &w->sightings.items[first];
    const fps__corpus_feature *feature = &w->c->corpus->features[s->feature];
    bool bare = !feature->text || fps__template_is_bare(feature->text, strlen(feature->text));
    verdict v;
    judge(w, first, end, &v);
    if (!feature->text || !is_learnt(&v, bare))
        return true;
    uint32_t words = (w->c->components[s->component].release_count + 63) / 64;
    uint64_t none[64] = {0};
    fps__set_entry entry = {.component = s->component, .unit = FPS__NONE, .weight = FPS__WEIGHT_FULL};
    entry.any = fps__sink_bit_set(sink, v.bits, words < 64 ? words : 64);
    entry.all = fps__sink_bit_set(sink, none, 0);
    entry.flags = bare || shared || w->negative_files[s->feature] ? FPS__ENTRY_TEMPLATE_BARE : 0;
    fps__sink_add_entry(sink, feature->key, &entry);
    if (sink->no_memory || FPS__ARRAY_RESERVE(&sink->templates, 1, UINT32_MAX) != FPS_OK)
        return false;
    sink->templates.items[sink->templates.count++] = (fps__set_template){
        feature->key, feature->text, s->component, entry.any, w->negative_files[s->feature]};
    return true;
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

static bool learn_all(template_work *w, fps__compile_sink *sink)
{
    const sighting *s = w->sightings.items;
    for (size_t i = 0, end; i < w->sightings.count; i = end) {
        for (end = i; end < w->sightings.count && s[end].feature == s[i].feature;)
            end++;
        bool shared = is_shared(w, i, end);
        for (size_t k = i, next; k < end; k = next) {
            for (next = k; next < end && s[next].component == s[k].component;)
                next++;
            if (!learn(w, sink, k, next, shared))
                return false;
        }
    }
    return true;
}

fps_status fps__compile_templates(fps__compilation *c, fps__compile_sink *sink, fps_error *error)
{
    template_work w = {.c = c};
    bool ok = collect_sightings(&w);
    if (ok && w.sightings.count)
        qsort(w.sightings.items, w.sightings.count, sizeof *w.sightings.items, compare_sightings);
    ok = ok && learn_all(&w, sink);
    free(w.sightings.items);
    free(w.negative_files);
    return ok ? FPS_OK : fps__fail_memory(error);
}
