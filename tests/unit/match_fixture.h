/* One object's made-up features, matched against small sets, for the tests of the decision. */
#ifndef FPS_TESTS_MATCH_FIXTURE_H
#define FPS_TESTS_MATCH_FIXTURE_H

#include "corpus_fixture.h"

/* Open sets, what one object holds, and what the match said of it. */
typedef struct trial {
    const fps_database *databases[2];
    size_t database_count;
    fps__matcher *matcher;
    fps__match_scratch *scratch;
    fps__arena arena;
    fps__features features;
    uint32_t instructions; /* of each function; 0: 40 */
    fps__match_output output;
} trial;

/* One literal with a version in it. */
typedef struct version_literal {
    const char *pattern, *version;
} version_literal;

static inline void trial_start(trial *t, const fps_database *first, const fps_database *second)
{
    *t = (trial){.databases = {first, second}, .database_count = second ? 2 : 1};
    assert_int_equal(fps__matcher_create(&t->matcher, t->databases, t->database_count, NULL), FPS_OK);
    assert_int_equal(fps__match_scratch_create(&t->scratch, t->matcher, NULL), FPS_OK);
}

static inline void trial_end(trial *t)
{
    fps__match_scratch_free(t->scratch);
    fps__matcher_free(t->matcher);
    fps__arena_free(&t->arena);
}

static inline void add_feature(trial *t, fps__feature_kind kind, const char *text)
{
    fps__features *features = &t->features;
    features->items[features->count] = (fps__feature){.key = text_key(kind, text),
                                                      .offset = features->count * 64,
                                                      .text = text,
                                                      .length = (uint32_t)strlen(text)};
    if (kind == FPS__FEATURE_FUNCTION) {
        features->items[features->count].instructions = t->instructions ? t->instructions : 40;
        features->items[features->count].size = 100;
        features->code_bytes += 100;
    }
    features->count++;
    features->literal_count += kind == FPS__FEATURE_LITERAL;
    features->name_count += kind == FPS__FEATURE_NAME;
    features->use_count += kind == FPS__FEATURE_USE;
    features->template_count += kind == FPS__FEATURE_TEMPLATE;
    features->function_count += kind == FPS__FEATURE_FUNCTION;
}

/* Matches an object that holds these texts, which come in the order of kinds; `versions` may be NULL. */
static inline void trial_match(trial *t, const texts *some, const version_literal *version)
{
    size_t total = 1;
    for (const texts *one = some; one->stem; one++)
        total += one->end - one->first;
    t->features = (fps__features){.items = fps__arena_array(&t->arena, total, sizeof(fps__feature))};
    assert_non_null(t->features.items);
    for (const texts *one = some; one->stem; one++)
        for (uint32_t n = one->first; n < one->end; n++)
            add_feature(t, one->kind ? one->kind : FPS__FEATURE_LITERAL, numbered_text(&t->arena, one, n));
    if (version) {
        add_feature(t, FPS__FEATURE_TEMPLATE, version->pattern);
        fps__feature *feature = &t->features.items[t->features.count - 1];
        feature->version = version->version;
        feature->version_length = (uint32_t)strlen(version->version);
    }
    const fps_object_info info = {.format = FPS_FORMAT_ELF};
    const fps__match_input input = {.info = &info, .features = &t->features, .keep_excluded = true};
    assert_int_equal(fps__match_object(t->matcher, t->scratch, &input, &t->arena, &t->output, NULL), FPS_OK);
}

/* The finding of a component, NULL for none. */
static inline const fps_finding *finding_of(const trial *t, const char *id)
{
    uint32_t component = fps__matcher_find(t->matcher, id);
    for (size_t i = 0; i < t->output.count; i++)
        if (t->output.findings[i].component == component)
            return &t->output.findings[i];
    return NULL;
}

static inline bool is_present(const trial *t, const char *id)
{
    const fps_finding *finding = finding_of(t, id);
    return finding && finding->state == FPS_STATE_PRESENT;
}

static inline void assert_versions(const trial *t, const char *id, fps_version_kind kind,
                                   const char *expected)
{
    char text[256] = "";
    const fps_finding *finding = finding_of(t, id);
    assert_non_null(finding);
    for (size_t i = 0; i < finding->version.candidate_count; i++) {
        strcat(text, i ? " " : "");
        strcat(text, finding->version.candidates[i]);
    }
    assert_string_equal(text, expected);
    assert_int_equal(finding->version.kind, kind);
}

/* Releases 1.0 to 1.4, of which 1.3 was never seen. Each has 60 texts of its predecessor's and ten of its
 * own; 1.1 and 1.2 are equal. All of them hold their version in a text, and alone. */
static inline fps_database *versions_set(fps__corpus *corpus)
{
    static const char *const releases[] = {"1.0", "1.1", "1.2", "1.3", "1.4", NULL};
    static const uint32_t own[] = {0, 1, 1, 0, 3};
    corpus_make(corpus);
    corpus_component(corpus, (fps__corpus_component){.id = "zlib"}, releases);
    for (uint32_t i = 0; i < 5; i++) {
        if (i == 3)
            continue;
        uint32_t object =
            corpus_release(corpus, "zlib", releases[i], TEXTS({"zlib", own[i] * 10, own[i] * 10 + 70, 0}));
        corpus_version_text(corpus, object, "zlib {V} of the tests", releases[i]);
        corpus_version_text(corpus, object, "{V}", releases[i]);
    }
    return corpus_set(corpus, NULL);
}

#endif
