/* Matches made-up features against a set: the first byte chooses between a small set that is made here and one that is
 * the end of the input; then come steps of four bytes, each a run of features, a text with a version or a rule's hit.
 *
 * Reaches: fps__match_object, fps__match_version, fps__match_evidence, fps__match_code_unit, fps__match_patches
 */
#include "../unit/corpus_fixture.h"
#include "../unit/set_repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP = 4, MAX_STEPS = 48, MAX_FEATURES = 4096, SLOTS = 4 * MAX_FEATURES, MAX_HITS = 16 };

static const char *const stems[] = {"zlib", "both", "new", "program", "host", "engine", "words", "nobody"};
static const char *const versions[] = {"1.0", "1.1", "1.3", "2.0",
                                       "9.9", "",    "x",   "1.0.99999999999999999999"};
enum { STEMS = sizeof stems / sizeof *stems, VERSIONS = sizeof versions / sizeof *versions };

/* A patch that functions of the stem "new" tell, half of them of each state. */
static void add_patch(fps__corpus *corpus)
{
    enum { FUNCTIONS = 16 };
    corpus->patch_functions = corpus_array(corpus, FUNCTIONS, sizeof *corpus->patch_functions);
    for (uint32_t n = 0; n < FUNCTIONS; n++) {
        const texts one = {"new", n, n + 1, FPS__FEATURE_FUNCTION};
        const char *name = numbered_text(&corpus->arena, &one, n);
        fps__corpus_patch_function made = {.component = "zlib",
                                           .cve = "CVE-2026-1000",
                                           .name = name,
                                           .toolchain = "",
                                           .origin = "",
                                           .key = text_key(FPS__FEATURE_FUNCTION, name),
                                           .fixed = n % 2 != 0};
        uint32_t at = corpus->patch_function_count++;
        for (; at && corpus->patch_functions[at - 1].key > made.key; at--)
            corpus->patch_functions[at] = corpus->patch_functions[at - 1];
        corpus->patch_functions[at] = made;
    }
}

/* Forks of one family, a host that holds a library, members of an archive, functions, version texts, negatives. */
static fps_database *make_set(void)
{
    static const char *const releases[] = {"1.0", "1.1", "1.2", "1.3", NULL};
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "engine", .role = FPS_COMPONENT_RUNTIME}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "host", .vendors = "zlib"}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "program", .role = FPS_COMPONENT_PROGRAM}, NULL);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .family = "zlib"}, releases);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib-ng", .family = "zlib"}, NULL);
    for (uint32_t i = 0; i < 4; i++) {
        if (i == 2)
            continue;
        uint32_t object = corpus_release(&corpus, "zlib", releases[i],
                                         TEXTS({"zlib", i * 10, i * 10 + 70, 0}, {"both", 0, 40, 0},
                                               {"zlib", 0, 20, FPS__FEATURE_NAME},
                                               {"zlib", i * 4, i * 4 + 30, FPS__FEATURE_FUNCTION}));
        corpus_version_text(&corpus, object, "zlib {V} of the tests", releases[i]);
    }
    corpus_release(&corpus, "zlib-ng", "2.1", TEXTS({"both", 0, 60, 0}, {"new", 0, 30, 0}));
    corpus_release(&corpus, "host", "2", TEXTS({"host", 0, 300, 0}, {"zlib", 0, 50, 0}));
    corpus_release(&corpus, "program", "1", TEXTS({"program", 0, 200, 0}, {"words", 0, 20, 0}));
    corpus_build(&corpus, "engine", "1.0");
    corpus_object(&corpus, "usr/lib/libengine.a(run.o)",
                  TEXTS({"engine", 0, 30, 0}, {"engine", 0, 20, FPS__FEATURE_FUNCTION}));
    corpus_object(&corpus, "usr/lib/libengine.a(stop.o)", TEXTS({"engine", 30, 60, 0}));
    corpus_negative(&corpus, "unrelated", TEXTS({"words", 0, 40, 0}));
    add_patch(&corpus);
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

typedef struct object {
    const uint8_t *steps;
    size_t count; /* of steps */
    const fps_database *database;
    fps__set_counts counts;
    bool from_set; /* keys are those of the set, not those of the made-up texts */
    fps__arena arena;
    fps__features features;
    uint64_t slots[SLOTS]; /* keys that are there, 0 where none */
    fps__rule_hit hits[MAX_HITS];
    size_t hit_count;
} object;

/* An object has each key once. */
static bool is_new(object *o, uint64_t key)
{
    size_t slot = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 40) % SLOTS;
    while (o->slots[slot] && o->slots[slot] != key)
        slot = (slot + 1) % SLOTS;
    if (o->slots[slot] || !key)
        return false;
    o->slots[slot] = key;
    return true;
}

static void add(object *o, fps__feature_kind kind, uint64_t key, const char *text)
{
    fps__features *f = &o->features;
    if (f->count == MAX_FEATURES || (kind != FPS__FEATURE_TEMPLATE && !is_new(o, key)))
        return;
    fps__feature *feature = &f->items[f->count++];
    *feature = (fps__feature){
        .key = key, .offset = f->count * 64, .text = text, .length = (uint32_t)strlen(text), .ordinal = 0};
    if (kind == FPS__FEATURE_FUNCTION) {
        feature->instructions = 8 + (uint32_t)(f->count % 60);
        feature->size = 4 * feature->instructions;
        feature->uncertain_start = f->count % 5 == 0;
        f->code_bytes += feature->size;
    }
    f->literal_count += kind == FPS__FEATURE_LITERAL;
    f->name_count += kind == FPS__FEATURE_NAME;
    f->use_count += kind == FPS__FEATURE_USE;
    f->template_count += kind == FPS__FEATURE_TEMPLATE;
    f->exact_count += kind == FPS__FEATURE_EXACT;
    f->function_count += kind == FPS__FEATURE_FUNCTION;
}

/* A run of features: which, first, and how many. */
static void add_run(object *o, const uint8_t *step, fps__feature_kind kind)
{
    texts some = {stems[step[1] % STEMS], step[2], step[2] + step[3] + 1u, kind};
    for (uint32_t n = some.first; n < some.end; n++) {
        const char *text = numbered_text(&o->arena, &some, n);
        uint64_t key = text_key(kind, text);
        uint32_t posting;
        if (o->from_set && o->counts.keys) {
            fps__database_key(o->database, (step[1] * 256u + n) % o->counts.keys, &key, &posting);
            if (fps__feature_kind_of(key) != kind)
                continue;
        }
        add(o, kind, key, text);
    }
}

static void add_version(object *o, const uint8_t *step)
{
    static const char text[] = "zlib {V} of the tests";
    size_t before = o->features.count;
    add(o, FPS__FEATURE_TEMPLATE, text_key(FPS__FEATURE_TEMPLATE, text), text);
    if (o->features.count == before)
        return;
    fps__feature *feature = &o->features.items[before];
    feature->version = versions[step[1] % VERSIONS];
    feature->version_length = (uint32_t)strlen(feature->version);
    feature->ordinal = o->features.literal_count ? step[2] % (uint32_t)o->features.literal_count : 0;
}

static void add_hit(object *o, const uint8_t *step)
{
    if (o->hit_count == MAX_HITS || !o->features.literal_count)
        return;
    uint32_t literal = step[2] % (uint32_t)o->features.literal_count,
             length = o->features.items[literal].length;
    uint32_t start = length ? step[3] % length : 0;
    o->hits[o->hit_count++] = (fps__rule_hit){.rule = "rule",
                                              .component = stems[step[1] % STEMS],
                                              .effect = (fps__rule_effect)(step[1] >> 7),
                                              .needs = step[2] % 4u,
                                              .literal = literal,
                                              .version_start = start,
                                              .version_length = (length - start) % 20};
}

static void fill(object *o)
{
    static const fps__feature_kind kinds[] = {FPS__FEATURE_LITERAL, FPS__FEATURE_NAME,
                                              FPS__FEATURE_USE,     FPS__FEATURE_TEMPLATE,
                                              FPS__FEATURE_EXACT,   FPS__FEATURE_FUNCTION};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < o->count; i++) {
            const uint8_t *step = o->steps + i * STEP;
            if (step[0] % (KINDS + 1u) != kind)
                continue;
            if (kinds[kind] == FPS__FEATURE_TEMPLATE)
                add_version(o, step);
            else
                add_run(o, step, kinds[kind]);
        }
    for (size_t i = 0; i < o->count; i++)
        if (o->steps[i * STEP] % (KINDS + 1u) == KINDS)
            add_hit(o, o->steps + i * STEP);
}

/* What must hold for every finding, whatever the set says. */
static void check(const fps__match_output *output, const fps__matcher *matcher)
{
    for (size_t i = 0; i < output->count; i++) {
        const fps_finding *finding = &output->findings[i];
        if (!fps__matcher_component(matcher, finding->component) ||
            (i && finding[-1].component > finding->component) ||
            !(finding->confidence >= 0 && finding->confidence <= 1) ||
            !(finding->version.confidence >= 0 && finding->version.confidence <= 1))
            abort();
        for (size_t k = 0; k < finding->evidence_count; k++)
            for (const char *c = finding->evidence[k].text; c && *c; c++)
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                    abort();
        for (size_t k = 0; k < finding->version.candidate_count; k++)
            if (!finding->version.candidates[k])
                abort();
    }
}

static void match(object *o, unsigned mode)
{
    fps__matcher *matcher;
    fps__match_scratch *scratch;
    fps__match_output output;
    fps_error error;
    o->arena.limit = (size_t)64 << 20;
    o->features.items = fps__arena_array(&o->arena, MAX_FEATURES, sizeof *o->features.items);
    fps__database_counts(o->database, &o->counts);
    fill(o);
    const fps_object_info info = {.format = FPS_FORMAT_ELF,
                                  .type = mode & 8 ? FPS_OBJECT_EXECUTABLE : FPS_OBJECT_SHARED};
    const fps__match_input input = {.info = &info,
                                    .features = &o->features,
                                    .rules = o->hits,
                                    .rule_count = o->hit_count,
                                    .all_evidence = mode & 2,
                                    .keep_excluded = mode & 4};
    if (fps__matcher_create(&matcher, &o->database, 1, &error) == FPS_OK) {
        if (fps__match_scratch_create(&scratch, matcher, &error) == FPS_OK) {
            for (int round = 0; round < 2; round++) /* the scratch is clean for the next object */
                if (fps__match_object(matcher, scratch, &input, &o->arena, &output, &error) == FPS_OK)
                    check(&output, matcher);
            fps__match_scratch_free(scratch);
        }
        fps__matcher_free(matcher);
    }
    fps__arena_free(&o->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fps_database *made;
    static object o;
    uint8_t *set = NULL;
    fps_database *database = NULL;
    if (!size)
        return 0;
    made = made ? made : make_set();
    unsigned mode = data[0];
    data++;
    size--;
    memset(&o, 0, sizeof o);
    o.steps = data;
    o.count = size / STEP < MAX_STEPS ? size / STEP : MAX_STEPS;
    o.database = made;
    size_t used = (size_t)MAX_STEPS * STEP;
    if (mode & 1 && size > used + FPS__HEADER_SIZE && memcmp(data + used, FPS__LAYOUT_MAGIC, 8) == 0) {
        set = malloc(size - used);
        if (!set)
            abort();
        memcpy(set, data + used, size - used);
        set_repair(set, size - used);
        if (fps_database_open_memory(&database, set, size - used, "fuzz", NULL) == FPS_OK) {
            o.database = database;
            o.from_set = true;
        }
    }
    match(&o, mode);
    fps_database_free(database);
    free(set);
    return 0;
}
