/* What is kept of files and layers comes back as it was, and damaged bytes never get past their limits. */
#include "cache/cache_codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- random structures ---- */

typedef struct source {
    uint64_t state;
    fps__arena arena;
} source;

/* splitmix64 */
static uint64_t next(source *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(source *s, size_t bound)
{
    return (size_t)(next(s) % bound);
}

static uint64_t any_number(source *s)
{
    unsigned form = (unsigned)below(s, 10);
    return form == 0 ? 0 : form == 1 ? UINT64_MAX : next(s) >> below(s, 64);
}

static uint32_t any_u32(source *s)
{
    return (uint32_t)any_number(s);
}

static double any_real(source *s)
{
    return (double)next(s) / (double)UINT64_MAX;
}

static const char *any_text(source *s)
{
    static const char *const common[] = {"", "demo", "libz", "gcc-12", "zlib/deflate", "1.2.13", "x86_64"};
    if (below(s, 3))
        return common[below(s, sizeof common / sizeof *common)];
    size_t length = below(s, 40);
    char *text = fps__arena_alloc(&s->arena, length + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(1 + below(s, 255));
    return text;
}

static const char *text_or_null(source *s)
{
    return below(s, 3) ? any_text(s) : NULL;
}

static void any_bytes(source *s, void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)next(s);
}

static void *room(source *s, size_t count, size_t size)
{
    return count ? fps__arena_array(&s->arena, count, size) : NULL;
}

static const char *const *any_texts(source *s, size_t count)
{
    const char **texts = fps__arena_array(&s->arena, count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = any_text(s);
    return texts;
}

static fps_diagnostic *any_diagnostics(source *s, size_t *count)
{
    *count = below(s, 4);
    fps_diagnostic *list = room(s, *count, sizeof *list);
    for (size_t i = 0; i < *count; i++)
        list[i] = (fps_diagnostic){.level = (fps_diagnostic_level)below(s, 2),
                                   .code = any_text(s),
                                   .path = text_or_null(s),
                                   .offset = any_number(s),
                                   .message = any_text(s)};
    return list;
}

static fps_evidence *any_evidence(source *s, size_t count)
{
    fps_evidence *list = room(s, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (fps_evidence){.kind = (fps_evidence_kind)below(s, FPS_EVIDENCE_RULE + 1),
                                 .offset = any_number(s),
                                 .address = any_number(s),
                                 .weight = any_real(s),
                                 .text = any_text(s),
                                 .unit = any_text(s),
                                 .instructions = any_u32(s),
                                 .size = any_u32(s)};
    return list;
}

static fps_relative *any_relatives(source *s, size_t count)
{
    fps_relative *list = room(s, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (fps_relative){any_text(s), any_text(s), any_text(s), any_text(s)};
    return list;
}

static fps_patch *any_patches(source *s, size_t count)
{
    fps_patch *list = room(s, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        fps_patch_function *functions = room(s, 3, sizeof *functions);
        size_t function_count = below(s, 4);
        for (size_t k = 0; k < function_count; k++)
            functions[k] = (fps_patch_function){any_text(s), below(s, 2), any_number(s),
                                                any_u32(s),  any_text(s), any_text(s)};
        list[i] = (fps_patch){any_text(s), (fps_patch_state)below(s, 3), functions, function_count};
    }
    return list;
}

static const fps_version_score *any_scores(source *s, size_t count)
{
    fps_version_score *scores = room(s, count, sizeof *scores);
    for (size_t i = 0; i < count; i++)
        scores[i] = (fps_version_score){.version = any_text(s), .beyond = below(s, 2), .score = any_real(s)};
    return scores;
}

static fps_finding any_finding(source *s)
{
    fps_finding f = {.state = (fps_state)below(s, 3),
                     .linkage = (fps_linkage)below(s, 4),
                     .introduced = UINT32_MAX,
                     .confidence = any_real(s),
                     .coverage = any_real(s),
                     .share = any_real(s),
                     .file_names = below(s, 2) ? any_texts(s, below(s, 3)) : NULL,
                     .units_active = any_u32(s),
                     .units_total = any_u32(s),
                     .literals = any_u32(s),
                     .names = any_u32(s),
                     .uses = any_u32(s),
                     .functions = any_u32(s),
                     .exact = any_u32(s),
                     .evidence_count = below(s, 6),
                     .evidence_total = (size_t)any_number(s),
                     .against = text_or_null(s),
                     .doubt = (fps_doubt)below(s, FPS_DOUBT_SHARED + 1),
                     .relative_count = below(s, 3),
                     .admitted_by = text_or_null(s),
                     .patch_count = below(s, 3)};
    f.evidence = any_evidence(s, f.evidence_count);
    f.relatives = any_relatives(s, f.relative_count);
    f.patches = any_patches(s, f.patch_count);
    f.version = (fps_version_answer){.kind = (fps_version_kind)below(s, 3),
                                     .version = text_or_null(s),
                                     .candidate_count = below(s, 5),
                                     .open_below = below(s, 2),
                                     .open_above = below(s, 2),
                                     .confidence = any_real(s),
                                     .template_version = text_or_null(s),
                                     .toolchain = text_or_null(s),
                                     .note = text_or_null(s),
                                     .score_count = below(s, 4)};
    f.version.candidates = any_texts(s, f.version.candidate_count);
    f.version.scores = any_scores(s, f.version.score_count);
    return f;
}

static fps_component any_facts(source *s)
{
    return (fps_component){.id = any_text(s),
                           .name = any_text(s),
                           .purl = any_text(s),
                           .cpe = any_text(s),
                           .license = any_text(s),
                           .family = any_text(s),
                           .role = (fps_component_role)below(s, 3)};
}

static bool any_digests(source *s, fps__digests *digests)
{
    bool has = below(s, 2);
    if (has)
        any_bytes(s, digests, sizeof *digests);
    return has;
}

static fps__analysed any_analysed(source *s)
{
    fps__analysed a = {.file = {.size = any_number(s),
                                .format = (fps_format)below(s, 4),
                                .machine = any_text(s),
                                .type = (fps_object_type)below(s, 5),
                                .code_bytes = any_number(s),
                                .code_attributed = any_number(s),
                                .code_generic = any_number(s)},
                       .count = below(s, 4)};
    fps_finding *findings = room(s, a.count, sizeof *findings);
    fps_component *facts = room(s, a.count, sizeof *facts);
    for (size_t i = 0; i < a.count; i++) {
        findings[i] = any_finding(s);
        facts[i] = any_facts(s);
    }
    a.findings = findings;
    a.facts = facts;
    a.diagnostics = any_diagnostics(s, &a.diagnostic_count);
    a.has_sha1 = below(s, 2);
    if (a.has_sha1)
        any_bytes(s, a.sha1, sizeof a.sha1);
    return a;
}

static uint32_t any_index(source *s, size_t count)
{
    return count && below(s, 2) ? (uint32_t)below(s, count) : UINT32_MAX;
}

static fps_package any_package(source *s, size_t count)
{
    fps_package p = {.kind = (fps_package_kind)below(s, 8),
                     .name = any_text(s),
                     .version = any_text(s),
                     .architecture = any_text(s),
                     .source = any_text(s),
                     .source_version = any_text(s),
                     .license = any_text(s),
                     .purl = any_text(s),
                     .location = any_text(s),
                     .layer = UINT32_MAX,
                     .parent = any_index(s, count),
                     .depend_count = below(s, 3),
                     .owned = any_number(s)};
    uint32_t *depends = room(s, p.depend_count, sizeof *depends);
    for (size_t i = 0; i < p.depend_count; i++)
        depends[i] = (uint32_t)below(s, count);
    p.depends = depends;
    return p;
}

static fps__analysed_file any_file(source *s)
{
    fps__analysed_file f = {.count = below(s, 4), .package_count = below(s, 3)};
    fps__analysed_member *members = room(s, f.count, sizeof *members);
    fps_package *packages = room(s, f.package_count, sizeof *packages);
    for (size_t i = 0; i < f.count; i++)
        members[i] = (fps__analysed_member){any_text(s), any_index(s, f.package_count), any_analysed(s)};
    for (size_t i = 0; i < f.package_count; i++)
        packages[i] = any_package(s, f.package_count);
    f.members = members;
    f.packages = packages;
    f.diagnostics = any_diagnostics(s, &f.diagnostic_count);
    f.has_digests = any_digests(s, &f.digests);
    return f;
}

/* ---- comparing ---- */

static void same_text(const char *a, const char *b)
{
    assert_int_equal(!a, !b);
    if (a)
        assert_string_equal(a, b);
}

static void same_texts(const char *const *a, const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        same_text(a[i], b[i]);
}

static void same_diagnostics(const fps_diagnostic *a, const fps_diagnostic *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(a[i].level, b[i].level);
        assert_true(a[i].offset == b[i].offset);
        same_text(a[i].code, b[i].code);
        same_text(a[i].path, b[i].path);
        same_text(a[i].message, b[i].message);
    }
}

static void same_evidence(const fps_evidence *a, const fps_evidence *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(a[i].kind == b[i].kind && a[i].offset == b[i].offset && a[i].address == b[i].address &&
                    a[i].instructions == b[i].instructions && a[i].size == b[i].size);
        assert_memory_equal(&a[i].weight, &b[i].weight, sizeof a[i].weight);
        same_text(a[i].text, b[i].text);
        same_text(a[i].unit, b[i].unit);
    }
}

static void same_version(const fps_version_answer *a, const fps_version_answer *b)
{
    assert_true(a->kind == b->kind && a->candidate_count == b->candidate_count &&
                a->score_count == b->score_count);
    assert_memory_equal(&a->confidence, &b->confidence, sizeof a->confidence);
    same_texts(a->candidates, b->candidates, a->candidate_count);
    same_text(a->version, b->version);
    assert_int_equal(a->open_below, b->open_below);
    same_text(a->template_version, b->template_version);
    same_text(a->toolchain, b->toolchain);
    same_text(a->note, b->note);
    for (size_t i = 0; i < a->score_count; i++) {
        same_text(a->scores[i].version, b->scores[i].version);
        assert_memory_equal(&a->scores[i].score, &b->scores[i].score, sizeof a->scores[i].score);
        assert_int_equal(a->scores[i].beyond, b->scores[i].beyond);
    }
}

static void same_patch(const fps_patch *a, const fps_patch *b)
{
    same_text(a->cve, b->cve);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->function_count, b->function_count);
    for (size_t i = 0; i < a->function_count; i++) {
        const fps_patch_function *first = &a->functions[i], *second = &b->functions[i];
        assert_true(first->fixed == second->fixed && first->address == second->address &&
                    first->instructions == second->instructions);
        same_text(first->name, second->name);
        same_text(first->toolchain, second->toolchain);
        same_text(first->origin, second->origin);
    }
}

static void same_finding(const fps_finding *a, const fps_finding *b)
{
    size_t names = 0;
    assert_true(a->state == b->state && a->linkage == b->linkage && a->introduced == b->introduced);
    assert_true(a->units_active == b->units_active && a->units_total == b->units_total);
    assert_true(a->literals == b->literals && a->names == b->names && a->uses == b->uses &&
                a->functions == b->functions && a->exact == b->exact);
    assert_memory_equal(&a->confidence, &b->confidence, sizeof a->confidence);
    assert_memory_equal(&a->coverage, &b->coverage, sizeof a->coverage);
    assert_memory_equal(&a->share, &b->share, sizeof a->share);
    assert_int_equal(!a->file_names, !b->file_names);
    while (a->file_names && a->file_names[names])
        names++;
    if (a->file_names)
        same_texts(a->file_names, b->file_names, names + 1);
    same_version(&a->version, &b->version);
    assert_true(a->evidence_count == b->evidence_count && a->evidence_total == b->evidence_total);
    same_evidence(a->evidence, b->evidence, a->evidence_count);
    same_text(a->against, b->against);
    assert_int_equal(a->doubt, b->doubt);
    assert_int_equal(a->relative_count, b->relative_count);
    for (size_t i = 0; i < a->relative_count; i++)
        assert_string_equal(a->relatives[i].id, b->relatives[i].id);
    same_text(a->admitted_by, b->admitted_by);
    assert_int_equal(a->patch_count, b->patch_count);
    for (size_t i = 0; i < a->patch_count; i++)
        same_patch(&a->patches[i], &b->patches[i]);
}

static void same_facts(const fps_component *a, const fps_component *b)
{
    same_text(a->id, b->id);
    same_text(a->name, b->name);
    same_text(a->purl, b->purl);
    same_text(a->cpe, b->cpe);
    same_text(a->license, b->license);
    same_text(a->family, b->family);
    assert_int_equal(a->role, b->role);
}

static void same_digests(bool has_a, const fps__digests *a, bool has_b, const fps__digests *b)
{
    assert_int_equal(has_a, has_b);
    if (has_a)
        assert_memory_equal(a, b, sizeof *a);
}

static void same_member(const fps__analysed_member *a, const fps__analysed_member *b)
{
    const fps__analysed *x = &a->analysed, *y = &b->analysed;
    same_text(a->path, b->path);
    assert_int_equal(a->package, b->package);
    assert_true(x->file.size == y->file.size && x->file.format == y->file.format &&
                x->file.type == y->file.type && x->file.code_bytes == y->file.code_bytes &&
                x->file.code_attributed == y->file.code_attributed &&
                x->file.code_generic == y->file.code_generic);
    assert_true(y->file.layer == UINT32_MAX && y->file.owner == UINT32_MAX);
    same_text(x->file.machine, y->file.machine);
    assert_int_equal(x->count, y->count);
    for (size_t i = 0; i < x->count; i++) {
        same_finding(&x->findings[i], &y->findings[i]);
        same_facts(&x->facts[i], &y->facts[i]);
    }
    assert_int_equal(x->diagnostic_count, y->diagnostic_count);
    same_diagnostics(x->diagnostics, y->diagnostics, x->diagnostic_count);
    assert_int_equal(x->has_sha1, y->has_sha1);
    if (x->has_sha1)
        assert_memory_equal(x->sha1, y->sha1, sizeof x->sha1);
}

static void same_package(const fps_package *a, const fps_package *b)
{
    assert_true(a->kind == b->kind && a->layer == b->layer && a->parent == b->parent &&
                a->depend_count == b->depend_count && a->owned == b->owned);
    same_text(a->name, b->name);
    same_text(a->version, b->version);
    same_text(a->architecture, b->architecture);
    same_text(a->source, b->source);
    same_text(a->source_version, b->source_version);
    same_text(a->license, b->license);
    same_text(a->purl, b->purl);
    same_text(a->location, b->location);
    for (size_t i = 0; i < a->depend_count; i++)
        assert_int_equal(a->depends[i], b->depends[i]);
}

static void same_file(const fps__analysed_file *a, const fps__analysed_file *b)
{
    assert_true(a->count == b->count && a->package_count == b->package_count &&
                a->diagnostic_count == b->diagnostic_count);
    for (size_t i = 0; i < a->count; i++)
        same_member(&a->members[i], &b->members[i]);
    for (size_t i = 0; i < a->package_count; i++)
        same_package(&a->packages[i], &b->packages[i]);
    same_diagnostics(a->diagnostics, b->diagnostics, a->diagnostic_count);
    same_digests(a->has_digests, &a->digests, b->has_digests, &b->digests);
}

/* ---- tests ---- */

static void files_come_back_as_they_were(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        source s = {.state = seed};
        fps__analysed_file file = any_file(&s), back;
        fps__buffer bytes = {0};
        fps__arena arena = {0};
        fps_error error;
        assert_true(fps__analysed_encode(&file, &bytes));
        assert_int_equal(fps__analysed_decode((fps__span){bytes.items, bytes.count}, &arena, &back, &error),
                         FPS_OK);
        free(bytes.items); /* nothing points into it */
        same_file(&file, &back);
        fps__arena_free(&arena);
        fps__arena_free(&s.arena);
    }
}

static void add_entry(fps__layer *layer, source *s, size_t number)
{
    char path[128];
    int length = snprintf(path, sizeof path, "/usr/share/folder%zu/python3.%zu/dist-packages/file_%zu.py",
                          number / 40, number % 3, number);
    fps__content content = {.size = any_number(s), .flags = (unsigned)below(s, 16)};
    fps__layer_entry entry = {.path = fps__arena_text(&layer->arena, path, (size_t)length),
                              .size = content.size,
                              .mode = 0644,
                              .content = FPS__NO_CONTENT,
                              .type = (fps__entry_type)below(s, FPS__ENTRY_OPAQUE + 1)};
    assert_true(FPS__ARRAY_RESERVE(&layer->entries, 1, SIZE_MAX) == FPS_OK &&
                FPS__ARRAY_RESERVE(&layer->contents, 1, SIZE_MAX) == FPS_OK);
    if (entry.type == FPS__ENTRY_SYMLINK || entry.type == FPS__ENTRY_HARDLINK)
        entry.target = any_text(s);
    if (below(s, 4)) {
        entry.type = FPS__ENTRY_FILE;
        entry.content = (uint32_t)layer->contents.count;
        any_bytes(s, content.id, sizeof content.id);
        if (content.flags & FPS__CONTENT_DIGESTS) {
            fps__digests *digests = fps__arena_alloc(&s->arena, sizeof *digests);
            any_bytes(s, digests, sizeof *digests);
            content.digests = digests;
        }
        if (number % 50 == 0) {
            content.captured.size = below(s, 3000);
            content.captured.data = (const uint8_t *)any_texts(s, content.captured.size / 8 + 1);
            any_bytes(s, (void *)(uintptr_t)content.captured.data, content.captured.size);
        }
        layer->contents.items[layer->contents.count++] = content;
    }
    layer->entries.items[layer->entries.count++] = entry;
}

static void layer_of(fps__layer *layer, source *s, size_t count)
{
    *layer = (fps__layer){.entries = {0}};
    for (size_t i = 0; i < count; i++)
        add_entry(layer, s, i);
    size_t remarks;
    fps_diagnostic *list = any_diagnostics(s, &remarks);
    for (size_t i = 0; i < remarks; i++) {
        assert_true(FPS__ARRAY_RESERVE(&layer->diagnostics, 1, SIZE_MAX) == FPS_OK);
        layer->diagnostics.items[layer->diagnostics.count++] = list[i];
    }
}

static void free_layer(fps__layer *layer)
{
    free(layer->entries.items);
    free(layer->contents.items);
    free(layer->diagnostics.items);
    fps__arena_free(&layer->arena);
}

static void same_layer(const fps__layer *a, const fps__layer *b)
{
    assert_int_equal(a->entries.count, b->entries.count);
    assert_int_equal(a->contents.count, b->contents.count);
    assert_int_equal(a->diagnostics.count, b->diagnostics.count);
    for (size_t i = 0; i < a->entries.count; i++) {
        const fps__layer_entry *x = &a->entries.items[i], *y = &b->entries.items[i];
        same_text(x->path, y->path);
        same_text(x->target, y->target);
        assert_true(x->size == y->size && x->mode == y->mode && x->content == y->content &&
                    x->type == y->type);
    }
    for (size_t i = 0; i < a->contents.count; i++) {
        const fps__content *x = &a->contents.items[i], *y = &b->contents.items[i];
        assert_true(x->size == y->size && x->flags == y->flags && x->captured.size == y->captured.size);
        assert_memory_equal(x->id, y->id, sizeof x->id);
        same_digests(x->digests, x->digests, y->digests, y->digests);
        if (x->captured.size)
            assert_memory_equal(x->captured.data, y->captured.data, x->captured.size);
    }
    same_diagnostics(a->diagnostics.items, b->diagnostics.items, a->diagnostics.count);
}

static void layers_come_back_as_they_were(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        source s = {.state = seed};
        fps__layer layer, back;
        fps__buffer bytes = {0};
        fps_error error;
        layer_of(&layer, &s, seed * 7);
        assert_true(fps__layer_encode(&layer, &bytes));
        assert_int_equal(fps__layer_decode((fps__span){bytes.items, bytes.count}, &back, &error), FPS_OK);
        free(bytes.items);
        same_layer(&layer, &back);
        free_layer(&layer);
        free_layer(&back);
        fps__arena_free(&s.arena);
    }
}

static void a_layer_of_twenty_thousand_entries_is_small(void **state)
{
    (void)state;
    source s = {.state = 1};
    fps__layer layer;
    fps__buffer bytes = {0};
    layer_of(&layer, &s, 20000);
    assert_true(fps__layer_encode(&layer, &bytes));
    assert_true(bytes.count < 2000000);
    free(bytes.items);
    free_layer(&layer);
    fps__arena_free(&s.arena);
}

static void decode_both(const uint8_t *data, size_t size)
{
    fps__arena arena = {0};
    fps__analysed_file file;
    fps__layer layer;
    fps_error error;
    fps_status status = fps__analysed_decode((fps__span){data, size}, &arena, &file, &error);
    assert_true(status == FPS_OK || status == FPS_ERROR_CORRUPT);
    status = fps__layer_decode((fps__span){data, size}, &layer, &error);
    assert_true(status == FPS_OK || status == FPS_ERROR_CORRUPT);
    free_layer(&layer);
    fps__arena_free(&arena);
}

static void cut_and_changed_bytes_are_corrupt_or_other_values(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        source s = {.state = seed};
        fps__analysed_file file = any_file(&s);
        fps__layer layer;
        fps__buffer bytes = {0};
        layer_of(&layer, &s, seed);
        assert_true(seed % 2 ? fps__analysed_encode(&file, &bytes) : fps__layer_encode(&layer, &bytes));
        for (int i = 0; i < 200; i++) {
            uint8_t *copy = malloc(bytes.count);
            size_t size = i % 2 ? below(&s, bytes.count) : bytes.count;
            memcpy(copy, bytes.items, bytes.count);
            copy[below(&s, bytes.count)] ^= (uint8_t)(1 << below(&s, 8));
            decode_both(copy, size);
            free(copy);
        }
        free(bytes.items);
        free_layer(&layer);
        fps__arena_free(&s.arena);
    }
}

static void a_file_is_not_taken_for_a_layer(void **state)
{
    (void)state;
    fps__analysed_file file = {.count = 0};
    fps__buffer bytes = {0};
    fps__layer layer;
    fps_error error;
    assert_true(fps__analysed_encode(&file, &bytes));
    assert_int_equal(fps__layer_decode((fps__span){bytes.items, bytes.count}, &layer, &error),
                     FPS_ERROR_CORRUPT);
    free_layer(&layer);
    free(bytes.items);
}

static void a_null_where_none_belongs_comes_back_as_the_empty_text(void **state)
{
    (void)state;
    fps__analysed_member member = {.path = NULL, .package = UINT32_MAX};
    fps__analysed_file file = {.members = &member, .count = 1}, back;
    fps__buffer bytes = {0};
    fps__arena arena = {0};
    assert_true(fps__analysed_encode(&file, &bytes));
    assert_int_equal(fps__analysed_decode((fps__span){bytes.items, bytes.count}, &arena, &back, NULL),
                     FPS_OK);
    assert_string_equal(back.members[0].path, "");
    assert_string_equal(back.members[0].analysed.file.machine, "");
    fps__arena_free(&arena);
    free(bytes.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_back_as_they_were),
        cmocka_unit_test(layers_come_back_as_they_were),
        cmocka_unit_test(a_layer_of_twenty_thousand_entries_is_small),
        cmocka_unit_test(cut_and_changed_bytes_are_corrupt_or_other_values),
        cmocka_unit_test(a_file_is_not_taken_for_a_layer),
        cmocka_unit_test(a_null_where_none_belongs_comes_back_as_the_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
