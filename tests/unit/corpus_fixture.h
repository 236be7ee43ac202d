/* Small corpora made by hand, the sets compiled from them and the features of made-up objects, for the tests
 * of compile and match.
 *
 * Texts are numbered: {"zlib", 0, 60} stands for 60 literals that hold the word zlib and a number, so that a
 * test says which part of what an object carries. Everything lives in the corpus' arena.
 */
#ifndef FPS_TESTS_CORPUS_FIXTURE_H
#define FPS_TESTS_CORPUS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the above */
#include <cmocka.h>

#include "compiler/compile.h"
#include "feature/feature.h"
#include "feature/template.h"
#include "match/match.h"
#include "set_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

enum { FIXTURE_FEATURES = 8192, FIXTURE_OBJECTS = 128, FIXTURE_COMPONENTS = 32 };

/* Numbered texts [first, end) of a stem. */
typedef struct texts {
    const char *stem;
    uint32_t first, end;
    fps__feature_kind kind; /* 0: literals */
} texts;

#define TEXTS(...)                                                                                           \
    (const texts[])                                                                                          \
    {                                                                                                        \
        __VA_ARGS__,                                                                                         \
        {                                                                                                    \
            NULL, 0, 0, 0                                                                                    \
        }                                                                                                    \
    }

static inline void *corpus_array(fps__corpus *corpus, size_t count, size_t size)
{
    void *memory = fps__arena_array(&corpus->arena, count, size);
    assert_non_null(memory);
    return memory;
}

static inline void corpus_make(fps__corpus *corpus)
{
    memset(corpus, 0, sizeof *corpus);
    corpus->features = corpus_array(corpus, FIXTURE_FEATURES, sizeof *corpus->features);
    corpus->builds = corpus_array(corpus, FIXTURE_OBJECTS, sizeof *corpus->builds);
    corpus->objects = corpus_array(corpus, FIXTURE_OBJECTS, sizeof *corpus->objects);
    corpus->version_texts = corpus_array(corpus, FIXTURE_OBJECTS, sizeof *corpus->version_texts);
    corpus->negatives = corpus_array(corpus, FIXTURE_OBJECTS, sizeof *corpus->negatives);
    corpus->components = corpus_array(corpus, FIXTURE_COMPONENTS, sizeof *corpus->components);
}

static inline void corpus_free(fps__corpus *corpus)
{
    fps__arena_free(&corpus->arena);
}

/* ---- texts and their keys ---- */

static inline const char *numbered_text(fps__arena *arena, const texts *some, uint32_t number)
{
    char text[128];
    bool literal = !some->kind || some->kind == FPS__FEATURE_LITERAL;
    snprintf(text, sizeof text, literal ? "%s says number %u to its user" : "%s_call_%u", some->stem, number);
    const char *copy = fps__arena_string(arena, text);
    assert_non_null(copy);
    return copy;
}

static inline uint64_t text_key(fps__feature_kind kind, const char *text)
{
    if (kind == FPS__FEATURE_NAME)
        return fps__feature_name_key('s', text, strlen(text));
    if (kind == FPS__FEATURE_USE)
        return fps__feature_key(fps__feature_name_key('s', text, strlen(text)), FPS__FEATURE_USE);
    if (kind == FPS__FEATURE_FUNCTION)
        return fps__feature_key(XXH3_64bits(text, strlen(text)), FPS__FEATURE_FUNCTION);
    if (kind == FPS__FEATURE_TEMPLATE)
        return fps__feature_key(XXH3_64bits(text, strlen(text)), FPS__FEATURE_TEMPLATE);
    return fps__feature_literal_key(text, strlen(text));
}

static inline uint32_t corpus_feature(fps__corpus *corpus, fps__feature_kind kind, const char *text)
{
    uint64_t key = text_key(kind, text);
    for (uint32_t i = 0; i < corpus->feature_count; i++)
        if (corpus->features[i].key == key)
            return i;
    assert_true(corpus->feature_count < FIXTURE_FEATURES);
    corpus->features[corpus->feature_count] = (fps__corpus_feature){key, text};
    return corpus->feature_count++;
}

static inline const uint32_t *corpus_features(fps__corpus *corpus, const texts *some, uint32_t *count)
{
    size_t total = 0;
    for (const texts *t = some; t->stem; t++)
        total += t->end - t->first;
    uint32_t *features = corpus_array(corpus, total + 1, sizeof *features);
    *count = 0;
    for (const texts *t = some; t->stem; t++)
        for (uint32_t n = t->first; n < t->end; n++)
            features[(*count)++] = corpus_feature(corpus, t->kind, numbered_text(&corpus->arena, t, n));
    return features;
}

/* ---- what a corpus holds; components by id, builds by component, objects by build ---- */

/* `facts` needs an id; other texts that are NULL become "". `releases` is NULL-ended, or NULL. */
static inline void corpus_component(fps__corpus *corpus, fps__corpus_component facts,
                                    const char *const *releases)
{
    const char **fields[] = {&facts.name,   &facts.purl,    &facts.cpe,    &facts.license,
                             &facts.family, &facts.sources, &facts.vendors};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = *fields[i] ? *fields[i] : "";
    facts.family = *facts.family ? facts.family : facts.id;
    facts.releases = corpus_array(corpus, 64, sizeof *facts.releases);
    while (releases && releases[facts.release_count]) {
        facts.releases[facts.release_count] = releases[facts.release_count];
        facts.release_count++;
    }
    assert_true(corpus->component_count < FIXTURE_COMPONENTS);
    assert_true(!corpus->component_count ||
                strcmp(corpus->components[corpus->component_count - 1].id, facts.id) < 0);
    corpus->components[corpus->component_count++] = facts;
}

static inline uint32_t corpus_build(fps__corpus *corpus, const char *component, const char *version)
{
    assert_true(corpus->build_count < FIXTURE_OBJECTS);
    corpus->builds[corpus->build_count] = (fps__corpus_build){.component = component,
                                                              .version = version,
                                                              .package = "package",
                                                              .package_version = version,
                                                              .architecture = "amd64",
                                                              .source = component,
                                                              .purl = "",
                                                              .cpe = "",
                                                              .license = "",
                                                              .origin = ""};
    return corpus->build_count++;
}

/* An object of the newest build. A path with "(" is a member of an archive. */
static inline uint32_t corpus_object(fps__corpus *corpus, const char *path, const texts *some)
{
    assert_true(corpus->object_count < FIXTURE_OBJECTS && corpus->build_count > 0);
    fps__corpus_object *object = &corpus->objects[corpus->object_count];
    *object = (fps__corpus_object){.build = corpus->build_count - 1,
                                   .path = path,
                                   .type = FPS_OBJECT_SHARED,
                                   .machine = 62,
                                   .member = strchr(path, '(') != NULL,
                                   .toolchain = ""};
    object->features = corpus_features(corpus, some, &object->feature_count);
    return corpus->object_count++;
}

/* A build of one object: what most tests need. */
static inline uint32_t corpus_release(fps__corpus *corpus, const char *component, const char *version,
                                      const texts *some)
{
    char path[128];
    snprintf(path, sizeof path, "usr/lib/lib%s.so.%s", component, version);
    corpus_build(corpus, component, version);
    return corpus_object(corpus, fps__arena_string(&corpus->arena, path), some);
}

/* A literal of an object with a version in it; `pattern` holds "{V}" in its place. */
static inline void corpus_version_text(fps__corpus *corpus, uint32_t object, const char *pattern,
                                       const char *version)
{
    assert_true(corpus->version_text_count < FIXTURE_OBJECTS);
    corpus->version_texts[corpus->version_text_count++] =
        (fps__corpus_version_text){object, corpus_feature(corpus, FPS__FEATURE_TEMPLATE, pattern), version};
}

static inline void corpus_negative(fps__corpus *corpus, const char *source, const texts *some)
{
    assert_true(corpus->negative_count < FIXTURE_OBJECTS);
    fps__corpus_negative *file = &corpus->negatives[corpus->negative_count++];
    *file = (fps__corpus_negative){.source = source, .path = "usr/bin/unrelated"};
    file->features = corpus_features(corpus, some, &file->feature_count);
}

/* ---- sets ---- */

/* Compiles a corpus, writes it to disk and opens it. */
static inline fps_database *corpus_set(const fps__corpus *corpus, const fps__compile_options *options)
{
    char folder[256], path[300];
    fps__compiled *compiled;
    fps_database *database;
    fps_error error = {0};
    fixture_folder(folder);
    snprintf(path, sizeof path, "%s/test.fpdb", folder);
    assert_int_equal(fps__compile(&compiled, corpus, options, &error), FPS_OK);
    assert_int_equal(fps__set_write(fps__compiled_model(compiled), path, &error), FPS_OK);
    assert_int_equal(fps_database_open(&database, path, &error), FPS_OK);
    assert_int_equal(fps_database_verify(database, &error), FPS_OK);
    fps__compiled_free(compiled);
    unlink(path);
    rmdir(folder);
    return database;
}

#endif
