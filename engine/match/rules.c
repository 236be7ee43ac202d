/* Opens rules (from the cache or by compiling them) and matches them over the literals of an object. */
#include "match/rules.h"

#include "match/rules_cache.h"
#include "match/rules_expression.h"
#include "match/rules_text.h"
#include "util/arena.h"
#include "util/digest.h"
#include "util/error.h"
#include "util/search.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define BATCH_SIZE (128u << 10) /* bytes of literals handed to vectorscan at once; longer ones go alone */
#define MAX_BATCH  16384        /* literals in one batch */
#define NONE       UINT32_MAX

enum {
    MAX_CACHE_NAME = 64,
    /* Of a literal that is longer than an expression looks at, bytes before the end of what vectorscan
     * found. */
    INPUT_BEFORE = FPS__MAX_EXPRESSION_INPUT / 4 * 3,
};

struct fps__rules {
    fps__arena arena;
    fps__rule_array items;
    hs_database_t *database; /* NULL when there are no rules */
};

struct fps__rules_scratch {
    hs_scratch_t *hs;
    fps__expression_scratch expression;
    uint32_t *last_literal; /* for each rule the literal that it looked at last, NONE at first */
    uint32_t *looked_to;    /* and up to which byte of it */
    char *batch;            /* literals, each with a newline behind it */
    uint32_t *starts;       /* where each literal of the batch starts */
    uint32_t *literals;     /* its index in the features */
};

/* What one call of fps__rules_match works on. */
typedef struct matching {
    const fps__rules *rules;
    fps__rules_scratch *scratch;
    const fps__features *features;
    fps__rule_callback callback;
    void *user;
    const char *text; /* what vectorscan looks at: the batch or one literal */
    uint32_t used;    /* bytes of it */
    uint32_t count;   /* literals in it */
    fps_status status;
} matching;

/* ---- opening ---- */

/* `platform`: what the processor is to have; NULL: what this one has. */
static fps_status compile_database(const fps__rules *rules, const hs_platform_info_t *platform,
                                   hs_database_t **database, fps_error *error)
{
    size_t count = rules->items.count;
    const char **texts = malloc(count * sizeof *texts);
    unsigned *flags = malloc(count * sizeof *flags);
    unsigned *ids = malloc(count * sizeof *ids);
    hs_compile_error_t *fault = NULL;
    fps_status status = FPS_OK;
    if (!texts || !flags || !ids) {
        status = fps__fail_memory(error);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        texts[i] = rules->items.items[i].match;
        flags[i] = HS_FLAG_DOTALL | HS_FLAG_MULTILINE;
        ids[i] = (unsigned)i;
    }
    if (hs_compile_multi(texts, flags, ids, (unsigned)count, HS_MODE_BLOCK, platform, database, &fault) !=
        HS_SUCCESS) {
        bool one = fault && fault->expression >= 0 && (size_t)fault->expression < count;
        status = fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "rules: line %u: %s",
                           one ? rules->items.items[fault->expression].line : 0,
                           fault ? fault->message : "no memory");
    }
out:
    hs_free_compile_error(fault);
    free(texts);
    free(flags);
    free(ids);
    return status;
}

/* File name of the compiled form: a digest of everything that it depends on. */
static void cache_name(char name[MAX_CACHE_NAME], const char *text, size_t size)
{
    hs_platform_info_t platform;
    const char *version = hs_version();
    XXH128_canonical_t digest;
    uint64_t seed = XXH3_64bits(version, strlen(version));
    memset(&platform, 0, sizeof platform);
    if (hs_populate_platform(&platform) == HS_SUCCESS)
        seed ^= XXH3_64bits(&platform, sizeof platform) + 1;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_withSeed(text, size, seed));
    char digits[2 * sizeof digest.digest + 1];
    fps__hex_write(digest.digest, sizeof digest.digest, digits);
    snprintf(name, MAX_CACHE_NAME, "rules-%s.hsdb", digits);
}

typedef struct listener {
    void (*call)(void *user, const fps_diagnostic *diagnostic);
    void *user;
} listener;

static void note(const listener *heard_by, const char *code, const fps_error *error)
{
    if (!heard_by->call)
        return;
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_NOTE, code, error->path[0] ? error->path : NULL, UINT64_MAX,
                                 error->message};
    heard_by->call(heard_by->user, &diagnostic);
}

/* True when the database came out of the cache. */
static bool load_database(fps__rules *rules, const char *folder, const char *name, const listener *heard_by)
{
    fps_error error;
    void *bytes = NULL;
    size_t size;
    fps_status status = fps__rules_cache_load(folder, name, &bytes, &size, &error);
    if (status == FPS_OK && hs_deserialize_database(bytes, size, &rules->database) != HS_SUCCESS) {
        rules->database = NULL;
        status = fps__fail(&error, FPS_ERROR_CORRUPT, name, UINT64_MAX, "the compiled rules are damaged");
    }
    free(bytes);
    if (status != FPS_OK && status != FPS_ERROR_NOT_FOUND)
        note(heard_by, "rules-cache-refused", &error);
    return status == FPS_OK;
}

static void store_database(const fps__rules *rules, const char *folder, const char *name,
                           const listener *heard_by)
{
    fps_error error;
    char *bytes = NULL;
    size_t size = 0;
    if (hs_serialize_database(rules->database, &bytes, &size) != HS_SUCCESS)
        return;
    if (fps__rules_cache_store(folder, name, bytes, size, &error) != FPS_OK)
        note(heard_by, "rules-cache-not-written", &error);
    free(bytes);
}

/* ---- rules that were compiled with the program ---- */

enum { READY_HEADER = 16 }; /* XXH3-128 of the rules and the library's version; the rest is vectorscan's */

static void ready_header(uint8_t header[READY_HEADER], const char *text, size_t size)
{
    const char *version = hs_version();
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest,
                             XXH3_128bits_withSeed(text, size, XXH3_64bits(version, strlen(version))));
    memcpy(header, digest.digest, READY_HEADER);
}

/* False when the bytes are of other rules, another library or another architecture. */
static bool take_ready(fps__rules *rules, fps__span ready, const char *text, size_t size)
{
    uint8_t header[READY_HEADER];
    ready_header(header, text, size);
    if (ready.size <= READY_HEADER || memcmp(ready.data, header, READY_HEADER) != 0)
        return false;
    bool good = hs_deserialize_database((const char *)ready.data + READY_HEADER, ready.size - READY_HEADER,
                                        &rules->database) == HS_SUCCESS;
    if (!good)
        rules->database = NULL;
    return good;
}

fps_status fps__rules_compile(const char *text, size_t size, uint8_t **bytes, size_t *bytes_size,
                              fps_error *error)
{
    const hs_platform_info_t any = {.tune = HS_TUNE_FAMILY_GENERIC};
    fps__rules made = {.database = NULL};
    char *packed = NULL;
    size_t packed_size = 0;
    *bytes = NULL;
    fps_status status = fps__rules_parse(&made.items, &made.arena, text, size, error);
    if (status == FPS_OK)
        status = compile_database(&made, &any, &made.database, error);
    if (status == FPS_OK && (hs_serialize_database(made.database, &packed, &packed_size) != HS_SUCCESS ||
                             !(*bytes = malloc(READY_HEADER + packed_size))))
        status = fps__fail_memory(error);
    if (status == FPS_OK) {
        ready_header(*bytes, text, size);
        memcpy(*bytes + READY_HEADER, packed, packed_size);
        *bytes_size = READY_HEADER + packed_size;
    }
    free(packed);
    hs_free_database(made.database);
    fps__rules_clear(&made.items);
    fps__arena_free(&made.arena);
    return status;
}

fps_status fps__rules_open(fps__rules **rules, const char *text, size_t size, fps__span ready,
                           const char *cache_dir,
                           void (*diagnostic)(void *user, const fps_diagnostic *diagnostic), void *user,
                           fps_error *error)
{
    char name[MAX_CACHE_NAME];
    listener heard_by = {diagnostic, user};
    *rules = NULL;
    fps__rules *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    fps_status status = fps__rules_parse(&made->items, &made->arena, text, size, error);
    if (status == FPS_OK && made->items.count > 0) {
        if (hs_valid_platform() != HS_SUCCESS) {
            status = fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX,
                               "rules: vectorscan does not run on this CPU");
        } else if (!take_ready(made, ready, text, size)) {
            cache_name(name, text, size);
            if (!cache_dir || !load_database(made, cache_dir, name, &heard_by)) {
                status = compile_database(made, NULL, &made->database, error);
                if (status == FPS_OK && cache_dir)
                    store_database(made, cache_dir, name, &heard_by);
            }
        }
    }
    if (status == FPS_OK)
        *rules = made;
    else
        fps__rules_free(made);
    return status;
}

void fps__rules_free(fps__rules *rules)
{
    if (!rules)
        return;
    fps__rules_clear(&rules->items);
    fps__arena_free(&rules->arena);
    hs_free_database(rules->database);
    free(rules);
}

size_t fps__rules_count(const fps__rules *rules)
{
    return rules->items.count;
}

/* ---- matching ---- */

fps_status fps__rules_scratch_create(const fps__rules *rules, fps__rules_scratch **scratch, fps_error *error)
{
    size_t count = rules->items.count;
    fps__rules_scratch *made = calloc(1, sizeof *made);
    *scratch = NULL;
    if (!made)
        return fps__fail_memory(error);
    made->last_literal = malloc((count + 1) * sizeof *made->last_literal);
    made->looked_to = calloc(count + 1, sizeof *made->looked_to);
    made->batch = malloc(BATCH_SIZE);
    made->starts = malloc(MAX_BATCH * sizeof *made->starts);
    made->literals = malloc(MAX_BATCH * sizeof *made->literals);
    if (!made->last_literal || !made->looked_to || !made->batch || !made->starts || !made->literals ||
        (rules->database && hs_alloc_scratch(rules->database, &made->hs) != HS_SUCCESS)) {
        fps__rules_scratch_free(made);
        return fps__fail_memory(error);
    }
    *scratch = made;
    return FPS_OK;
}

void fps__rules_scratch_free(fps__rules_scratch *scratch)
{
    if (!scratch)
        return;
    hs_free_scratch(scratch->hs);
    fps__expression_scratch_clear(&scratch->expression);
    free(scratch->last_literal);
    free(scratch->looked_to);
    free(scratch->batch);
    free(scratch->starts);
    free(scratch->literals);
    free(scratch);
}

/* Runs the rule's own expression over the literal around byte `end` of it, and reports a hit. */
static fps_status confirm(matching *m, uint32_t rule, uint32_t literal, uint32_t end)
{
    const fps__rule *item = &m->rules->items.items[rule];
    const fps__feature *feature = &m->features->items[literal];
    uint32_t *looked_to = &m->scratch->looked_to[rule];
    if (m->scratch->last_literal[rule] == literal && end <= *looked_to)
        return FPS_OK;
    bool cut_off = end > INPUT_BEFORE && feature->length > FPS__MAX_EXPRESSION_INPUT;
    uint32_t start = cut_off ? end - INPUT_BEFORE : 0;
    uint32_t length = feature->length - start;
    if (length > FPS__MAX_EXPRESSION_INPUT)
        length = FPS__MAX_EXPRESSION_INPUT;
    m->scratch->last_literal[rule] = literal;
    *looked_to = start + length;
    fps__expression_input input = {feature->text + start, length, start == 0,
                                   start + length == feature->length};
    fps__expression_match found;
    fps_status status = fps__expression_search(item->expression, &m->scratch->expression, &input, &found);
    if (status == FPS_ERROR_NOT_FOUND)
        return FPS_OK;
    if (status != FPS_OK)
        return status;
    *looked_to = NONE; /* one hit of a rule in a literal is enough */
    fps__rule_hit hit = {
        .rule = item->name,
        .component = item->component,
        .effect = item->effect,
        .needs = item->needs,
        .literal = literal,
        .version_start = found.version_length ? start + found.version_start : 0,
        .version_length = found.version_length,
    };
    m->callback(m->user, &hit);
    return FPS_OK;
}

/* Vectorscan found rule `id` ending before byte `to` of the batch: finds the literal. */
static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    matching *m = context;
    const uint32_t *starts = m->scratch->starts;
    size_t next;
    (void)from;
    (void)flags;
    FPS__LOWER_BOUND(next, m->count, at, starts[at] < to);
    size_t literal = next ? next - 1 : 0; /* the last one that starts before the end of the match */
    m->status = confirm(m, id, m->scratch->literals[literal], (uint32_t)to - starts[literal]);
    return m->status != FPS_OK;
}

static fps_status flush(matching *m)
{
    if (m->count == 0)
        return FPS_OK;
    hs_error_t outcome = hs_scan(m->rules->database, m->text, m->used, 0, m->scratch->hs, on_match, m);
    m->count = 0;
    m->used = 0;
    m->text = m->scratch->batch;
    if (m->status == FPS_OK && outcome != HS_SUCCESS && outcome != HS_SCAN_TERMINATED)
        m->status = outcome == HS_NOMEM ? FPS_ERROR_MEMORY : FPS_ERROR_UNSUPPORTED;
    return m->status;
}

/* A literal that no batch holds is looked at where it lies. */
static fps_status match_alone(matching *m, uint32_t literal)
{
    fps_status status = flush(m);
    m->text = m->features->items[literal].text;
    m->used = m->features->items[literal].length;
    m->scratch->starts[0] = 0;
    m->scratch->literals[0] = literal;
    m->count = 1;
    return status == FPS_OK ? flush(m) : status;
}

static fps_status add_literal(matching *m, uint32_t literal)
{
    const fps__feature *feature = &m->features->items[literal];
    if (feature->length >= BATCH_SIZE)
        return match_alone(m, literal);
    if (m->count == MAX_BATCH || BATCH_SIZE - m->used < feature->length + 1) {
        fps_status status = flush(m);
        if (status != FPS_OK)
            return status;
    }
    fps__rules_scratch *scratch = m->scratch;
    scratch->starts[m->count] = m->used;
    scratch->literals[m->count++] = literal;
    memcpy(scratch->batch + m->used, feature->text, feature->length);
    m->used += feature->length;
    scratch->batch[m->used++] = '\n';
    return FPS_OK;
}

fps_status fps__rules_match(const fps__rules *rules, fps__rules_scratch *scratch,
                            const fps__features *features, fps__rule_callback callback, void *user)
{
    matching m = {
        .rules = rules, .scratch = scratch, .features = features, .callback = callback, .user = user};
    if (rules->items.count == 0)
        return FPS_OK;
    for (size_t i = 0; i < rules->items.count; i++)
        scratch->last_literal[i] = NONE;
    m.text = scratch->batch;
    size_t literals = features->literal_count < NONE ? features->literal_count : NONE - 1;
    fps_status status = FPS_OK;
    for (uint32_t i = 0; i < literals && status == FPS_OK; i++)
        status = add_literal(&m, i);
    return status == FPS_OK ? flush(&m) : status;
}
