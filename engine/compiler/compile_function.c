/* sigbuild compile: the functions of one component, their units and the code builds that hold them.
 *
 * The functions of an archive member are a unit. Those of a shared object or program are cut into runs of
 * neighbours: what the newest build has decides where the cuts are, and a function that only another build
 * has goes to the run of the known function before it.
 */
#include "compiler/compile_parameters.h"
#include "compiler/compile_share.h"
#include "compiler/compile_unit.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

typedef struct function_work {
    fps__unit_work w;
    uint32_t *build_of_object; /* code build of each object of `w` */
    bool *skipped;             /* by object: its functions are taken from the archive of the same build */
    bool *votes;               /* by feature: a library holds it, not only programs */
    bool *held;                /* by feature: this component has an entry for it, be it without weight */
    uint64_t *tuples;          /* feature << 32 | code build, sorted */
    size_t tuple_count;
} function_work;

static bool is_function(const fps__unit_work *w, uint32_t feature)
{
    return fps__feature_kind_of(w->c->corpus->features[feature].key) == FPS__FEATURE_FUNCTION;
}

/* True when this component owns a function. One that unrelated packages hold too has no weight and stays all
 * the same, unless many components have it: which functions stand side by side tells whose build it is. */
static bool owns(fps__unit_work *w, uint32_t feature)
{
    uint64_t first = w->c->pair_start[feature], end = w->c->pair_start[feature + 1];
    for (uint64_t p = first; p < end; p++) {
        if (w->c->pairs[p] != w->component || (!w->c->weight[feature] && end - first > FPS__FUNCTION_HOLDERS))
            continue;
        if (fps__compile_owns(w->c, p))
            return true;
        if (fps__compile_is_foreign(w->c, p) && w->c->weight[feature])
            fps__unit_add_foreign(w, feature, FPS__ENTRY_CODE);
    }
    return false;
}

/* ---- which objects ---- */

/* A number for the library of an object in one build, never 0. */
static uint64_t library_of(const function_work *f, size_t index)
{
    const char *name;
    size_t length = fps__object_library(&f->w.objects[index], &name);
    return XXH3_64bits_withSeed(name, length, f->build_of_object[index]) | 1;
}

/* Archives are what is linked statically, so a shared object of the same library in the same build is left
 * out, and a program is where its build has libraries. */
static void skip_objects(function_work *f, const uint64_t *archives, size_t archive_count,
                         const bool *has_library)
{
    for (size_t i = 0; i < f->w.object_count; i++) {
        const fps__corpus_object *object = f->w.objects[i].object;
        uint32_t build = f->build_of_object[i];
        if (build == FPS__NONE) {
            f->skipped[i] = true;
        } else if (object->type == FPS_OBJECT_EXECUTABLE && !object->member) {
            f->skipped[i] = has_library[build];
        } else if (!object->member && archive_count) {
            uint64_t library = library_of(f, i);
            f->skipped[i] =
                bsearch(&library, archives, archive_count, sizeof library, fps__compare_u64) != NULL;
        }
    }
}

static bool find_builds(function_work *f)
{
    fps__unit_work *w = &f->w;
    const fps__compile_component *component = &w->c->components[w->component];
    f->build_of_object = malloc((w->object_count + 1) * sizeof *f->build_of_object);
    f->skipped = calloc(w->object_count + 1, sizeof *f->skipped);
    bool *has_library = calloc((size_t)component->code_build_count + 1, sizeof *has_library);
    uint64_t *archives = malloc((w->object_count + 1) * sizeof *archives);
    bool ok = f->build_of_object && f->skipped && has_library && archives;
    size_t count = 0;
    for (size_t i = 0; ok && i < w->object_count; i++) {
        const fps__corpus_object *object = w->objects[i].object;
        fps__set_code_build build = {.release = w->objects[i].release,
                                     .machine = object->machine,
                                     .origin = w->c->corpus->builds[object->build].origin};
        f->build_of_object[i] = fps__compile_find_code_build(component, &build);
        if (f->build_of_object[i] == FPS__NONE)
            continue;
        has_library[f->build_of_object[i]] |= object->member || object->type != FPS_OBJECT_EXECUTABLE;
        if (object->member)
            archives[count++] = library_of(f, i);
    }
    if (ok) {
        qsort(archives, count, sizeof *archives, fps__compare_u64);
        skip_objects(f, archives, count, has_library);
    }
    free(has_library);
    free(archives);
    return ok;
}

/* ---- units ---- */

/* Gives each function of an object that has none yet its unit. */
static void assign_units(const function_work *f, fps__unit_work *w, const fps__object_ref *ref)
{
    bool member = ref->object->member;
    fps__stem *stem = &w->stems[ref->stem_id];
    uint32_t current = FPS__NONE, length = 0;
    for (uint32_t i = 0; i < ref->object->feature_count && w->sink->status == FPS_OK; i++) {
        uint32_t feature = ref->object->features[i];
        if (!is_function(w, feature) || !f->held[feature])
            continue;
        if (w->unit_of[feature] != FPS__NONE) {
            if (!member) {
                current = w->unit_of[feature];
                length = 0;
            }
            continue;
        }
        if (member && current == FPS__NONE)
            current = fps__unit_make(w, stem, FPS__UNIT_MEMBER, true);
        if (!member && (current == FPS__NONE || length++ >= FPS__RUN_FUNCTIONS)) {
            current = fps__unit_make(w, stem, FPS__UNIT_RUN, true);
            length = 1;
        }
        w->unit_of[feature] = current;
    }
}

/* ---- entries ---- */

static bool list_tuples(function_work *f)
{
    fps__unit_work *w = &f->w;
    size_t total = 0;
    for (size_t i = 0; i < w->object_count; i++)
        total += f->skipped[i] ? 0 : w->objects[i].object->feature_count;
    f->tuples = malloc((total + 1) * sizeof *f->tuples);
    if (!f->tuples)
        return false;
    for (size_t i = 0; i < w->object_count; i++) {
        const fps__corpus_object *object = w->objects[i].object;
        for (uint32_t k = 0; !f->skipped[i] && k < object->feature_count; k++)
            if (is_function(w, object->features[k]) && f->held[object->features[k]])
                f->tuples[f->tuple_count++] = (uint64_t)object->features[k] << 32 | f->build_of_object[i];
    }
    qsort(f->tuples, f->tuple_count, sizeof *f->tuples, fps__compare_u64);
    return true;
}

static uint32_t tuple_feature(uint64_t tuple)
{
    return (uint32_t)(tuple >> 32);
}

static uint32_t tuple_build(uint64_t tuple)
{
    return (uint32_t)tuple;
}

static void add_functions(function_work *f)
{
    fps__unit_work *w = &f->w;
    uint32_t words = (uint32_t)fps__bits_words(w->c->components[w->component].code_build_count);
    for (size_t i = 0, end; i < f->tuple_count && w->sink->status == FPS_OK; i = end) {
        uint32_t feature = tuple_feature(f->tuples[i]);
        fps__release_bits any = {{0}}; /* of code builds, of which there are no more than releases */
        for (end = i; end < f->tuple_count && tuple_feature(f->tuples[end]) == feature; end++)
            fps__bits_set(any.words, tuple_build(f->tuples[end]));
        fps__set_entry entry = {.component = w->component,
                                .unit = w->unit_of[feature],
                                .weight = f->votes[feature] ? w->weight[feature] : 0,
                                .flags = FPS__ENTRY_CODE};
        entry.any = entry.all = fps__sink_bit_set(w->sink, any.words, words);
        fps__sink_add_entry(w->sink, w->c->corpus->features[feature].key, &entry);
    }
}

static unsigned sample_of(const function_work *f, const fps__object_ref *ref)
{
    const fps__compile_component *component = &f->w.c->components[f->w.component];
    return ref->object->member ? component->sample_members : component->sample_others;
}

static bool is_shared(const fps__compilation *c, uint32_t feature)
{
    return c->pair_start[feature + 1] - c->pair_start[feature] > 1;
}

/* Drops the functions that are in no sample: of archive members, or of the others where they hold it. One
 * that several components hold stays, so that whoever is found can be given it. */
static bool drop_unsampled(function_work *f)
{
    fps__unit_work *w = &f->w;
    bool *kept = calloc((size_t)w->c->corpus->feature_count + 1, sizeof *kept);
    for (int pass = 0; kept && pass < 2; pass++) {
        for (size_t i = 0; i < w->object_count; i++) {
            const fps__corpus_object *object = w->objects[i].object;
            unsigned shift = sample_of(f, &w->objects[i]);
            for (uint32_t k = 0; !f->skipped[i] && k < object->feature_count; k++) {
                uint32_t feature = object->features[k];
                if (!is_function(w, feature))
                    continue;
                if (pass == 0)
                    kept[feature] |= is_shared(w->c, feature) ||
                                     fps__sample_has(w->c->corpus->features[feature].key, shift);
                else
                    f->held[feature] = f->held[feature] && kept[feature];
            }
        }
    }
    free(kept);
    return kept != NULL;
}

/* The shift, from `shift` on, that leaves at most `most` of `count`. */
static uint8_t choose_sample(uint32_t count, uint32_t most, uint8_t shift)
{
    while (shift < FPS__MAX_SAMPLE && count >> shift > most)
        shift++;
    return shift;
}

/* Samples by the largest build, and not finer than an imported set's. */
static bool choose_samples(function_work *f)
{
    fps__unit_work *w = &f->w;
    fps__compile_component *component = &w->c->components[w->component];
    uint32_t *counts = calloc((size_t)component->code_build_count * 2 + 2, sizeof *counts), most[2] = {0, 0};
    for (size_t i = 0; counts && i < w->object_count; i++) {
        const fps__corpus_object *object = w->objects[i].object;
        uint32_t *count = f->skipped[i] ? NULL : &counts[f->build_of_object[i] * 2 + !object->member];
        for (uint32_t k = 0; count && k < object->feature_count; k++)
            *count += is_function(w, object->features[k]) && f->held[object->features[k]];
    }
    for (uint32_t i = 0; counts && i < component->code_build_count * 2; i++)
        most[i % 2] = counts[i] > most[i % 2] ? counts[i] : most[i % 2];
    component->sample_members = choose_sample(most[0], FPS__MEMBER_FUNCTIONS, component->sample_members);
    component->sample_others = choose_sample(most[1], FPS__OTHER_FUNCTIONS, component->sample_others);
    free(counts);
    return counts != NULL;
}

/* True for an object that holds Rust's standard library: its panics name its source files. */
static bool is_rust(const fps__corpus *corpus, const fps__corpus_object *object)
{
    static const char *const marks[] = {"library/std/src/", "library/core/src/", "library/alloc/src/"};
    for (uint32_t i = 0; i < object->feature_count; i++) {
        const fps__corpus_feature *feature = &corpus->features[object->features[i]];
        bool literal = fps__feature_kind_of(feature->key) == FPS__FEATURE_LITERAL && feature->text;
        for (size_t k = 0; literal && k < sizeof marks / sizeof *marks; k++)
            if (strstr(feature->text, marks[k]))
                return true;
    }
    return false;
}

/* Whose the literals of an object are: the component's own, or of one that an imported set knows. */
typedef struct literal_owners {
    uint32_t own, imported;
} literal_owners;

static literal_owners count_literals(const function_work *f, const fps__corpus_object *object)
{
    const fps__compilation *c = f->w.c;
    literal_owners owners = {0, 0};
    for (uint32_t i = 0; i < object->feature_count; i++) {
        uint32_t feature = object->features[i];
        uint64_t key = c->corpus->features[feature].key;
        if (fps__feature_kind_of(key) != FPS__FEATURE_LITERAL || !c->weight[feature])
            continue;
        const fps__holder *other;
        if (fps__compile_share(c, c->sharing, f->w.component, key, &other) == FPS__SHARE_OWN)
            owners.own++;
        else
            owners.imported += (other->how & (FPS__HELD_BY_IMPORT | FPS__HELD_LENT)) != 0;
    }
    return owners;
}

/* True when the objects carry a copy of a component that an imported set knows. Its texts tell it, but of its functions those alone
 * that the same compiler made for that set: the others look like the component's own. */
static bool carries_imported(const function_work *f)
{
    enum { COPY = 8 }; /* literals of others in one object */
    const fps__unit_work *w = &f->w;
    bool carries = false;
    for (size_t i = 0; w->c->corpus->group_count && i < w->object_count && !carries; i++)
        carries = !f->skipped[i] && count_literals(f, w->objects[i].object).imported >= COPY;
    return carries;
}

/* Programs carry copies of what nobody links from a library (gnulib above all), what Rust makes carries Rust's standard library, and
 * a component that carries another is its own only in archive members that have texts of its own: all other functions tell versions
 * and explain their own files, but they open nothing.
 */
static bool find_votes(function_work *f)
{
    fps__unit_work *w = &f->w;
    f->votes = calloc((size_t)w->c->corpus->feature_count + 1, sizeof *f->votes);
    for (size_t i = 0; i < w->object_count; i++)
        if (is_rust(w->c->corpus, w->objects[i].object))
            return f->votes != NULL;
    bool carries = carries_imported(f);
    for (size_t i = 0; f->votes && i < w->object_count; i++) {
        const fps__corpus_object *object = w->objects[i].object;
        bool library = object->member || object->type != FPS_OBJECT_EXECUTABLE;
        if (f->skipped[i] || !library || (carries && !(object->member && count_literals(f, object).own)))
            continue;
        for (uint32_t k = 0; k < object->feature_count; k++)
            f->votes[object->features[k]] = true;
    }
    return f->votes != NULL;
}

/* Weights of all functions of the objects in hand; FPS__NONE as unit. */
static void take_weights(function_work *f)
{
    const uint32_t unseen = FPS__NONE - 1;
    fps__unit_work *w = &f->w;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < w->object_count; i++) {
            const fps__corpus_object *object = w->objects[i].object;
            for (uint32_t k = 0; !f->skipped[i] && k < object->feature_count; k++) {
                uint32_t feature = object->features[k];
                if (pass == 0) {
                    w->unit_of[feature] = unseen;
                } else if (w->unit_of[feature] == unseen && is_function(w, feature)) {
                    w->unit_of[feature] = FPS__NONE;
                    f->held[feature] = owns(w, feature);
                    w->weight[feature] = f->held[feature] ? w->c->weight[feature] : 0;
                }
            }
        }
    }
}

/* Drops code builds of which no function is kept, so that a set says nothing of them, unless imported
 * functions may name them. */
static bool drop_empty_builds(function_work *f)
{
    fps__compile_component *component = &f->w.c->components[f->w.component];
    uint32_t count = component->code_build_count, kept = 0;
    uint32_t *new_index = malloc(((size_t)count + 1) * sizeof *new_index);
    bool *used = calloc((size_t)count + 1, sizeof *used);
    bool ok = new_index && used;
    for (size_t i = 0; ok && i < f->tuple_count; i++)
        used[tuple_build(f->tuples[i])] = true;
    for (uint32_t b = 0; ok && b < count; b++) {
        new_index[b] = kept;
        if (used[b] || f->w.c->corpus->group_count)
            component->code_builds[kept++] = component->code_builds[b];
    }
    for (size_t i = 0; ok && i < f->tuple_count; i++)
        f->tuples[i] = (f->tuples[i] & ~(uint64_t)UINT32_MAX) | new_index[tuple_build(f->tuples[i])];
    if (ok)
        component->code_build_count = kept;
    free(new_index);
    free(used);
    return ok;
}

static fps_status make_functions(function_work *f, fps_error *error)
{
    fps__unit_work *w = &f->w;
    f->held = calloc((size_t)w->c->corpus->feature_count + 1, sizeof *f->held);
    if (!w->weight || !w->unit_of || !f->held)
        return fps__fail_memory(error);
    fps_status status = fps__unit_list_objects(w, true, error);
    if (status != FPS_OK)
        return status;
    if (!find_builds(f))
        return fps__fail_memory(error);
    take_weights(f);
    if (!choose_samples(f) || !find_votes(f) || !drop_unsampled(f))
        return fps__fail_memory(error);
    for (size_t i = 0; i < w->object_count; i++)
        if (!f->skipped[i])
            assign_units(f, w, &w->objects[i]);
    if (!list_tuples(f) || !drop_empty_builds(f))
        return fps__fail_memory(error);
    add_functions(f);
    return fps__sink_status(w->sink, error);
}

fps_status fps__compile_functions(fps__compilation *c, uint32_t component, fps__compile_sink *sink,
                                  fps_error *error)
{
    function_work f = {.w = {.c = c, .sink = sink, .component = component}};
    size_t features = (size_t)c->corpus->feature_count + 1;
    if (!c->components[component].code_build_count)
        return FPS_OK;
    f.w.release_count = c->components[component].release_count;
    f.w.weight = malloc(features * sizeof *f.w.weight);
    f.w.unit_of = malloc(features * sizeof *f.w.unit_of);
    fps_status status = make_functions(&f, error);
    free(f.w.weight);
    free(f.w.unit_of);
    free(f.w.objects);
    free(f.w.builds);
    free(f.build_of_object);
    free(f.skipped);
    free(f.votes);
    free(f.held);
    free(f.tuples);
    return status;
}
