/* Looking at the bytes of one object: features, rules, match. What comes out depends on nothing else. */
#include "scan/scan_internal.h"

#include "match/match_thresholds.h"
#include "util/error.h"

#include <fpscan/object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One object while a worker looks at it. Lists grow in memory of their own and end up in worker->kept. */
typedef struct analysis {
    fps__scan_run *run;
    fps__scan_worker *worker;
    fps__span bytes;
    uint64_t deadline_ms;
    fps_file file;
    fps_object_info info;
    fps__features features;
    FPS__ARRAY(fps_finding) findings; /* texts in worker->kept; `component` is the pool's index */
    FPS__ARRAY(fps_component) facts;  /* of each finding */
    FPS__ARRAY(fps_diagnostic) remarks;
    bool cut; /* time ended it */
    bool no_memory;
} analysis;

static const char *keep(analysis *a, const char *text)
{
    const char *copy = fps__arena_string(&a->worker->kept, text ? text : "");
    if (!copy)
        a->no_memory = true;
    return copy;
}

static void diagnose(analysis *a, fps_diagnostic_level level, const char *code, uint64_t offset,
                     const char *message)
{
    if (FPS__ARRAY_RESERVE(&a->remarks, 1, 1 << 16) != FPS_OK) {
        a->no_memory = a->remarks.count < 1 << 16;
        return;
    }
    a->remarks.items[a->remarks.count++] =
        (fps_diagnostic){level, keep(a, code), NULL, offset, keep(a, message)};
}

/* ---- features ---- */

/* Opens one object and extracts its features; `base` is added to every offset. False when it is not to be
 * used. */
static bool read_object(analysis *a, fps__span bytes, uint64_t base, fps_object **object,
                        fps__features *features)
{
    fps_error error;
    fps_status status = fps_object_open(object, bytes.data, bytes.size, NULL, &error);
    if (status != FPS_OK) {
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "unreadable-object", base, error.message);
        return false;
    }
    for (size_t i = 0; i < fps_object_diagnostic_count(*object); i++) {
        const fps_diagnostic *d = fps_object_diagnostic(*object, i);
        diagnose(a, d->level, d->code, d->offset == UINT64_MAX ? d->offset : d->offset + base, d->message);
    }
    fps__feature_options options = {.exact = !a->run->scan->options.no_exact, .functions = true};
    status = fps__features_extract(*object, bytes.data, bytes.size, &options, &a->worker->scratch, features,
                                   &error);
    if (status != FPS_OK)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "too-many-features", base, error.message);
    for (size_t i = 0; i < features->diagnostic_count; i++) {
        const fps_diagnostic *d = &features->diagnostics[i];
        diagnose(a, d->level, d->code, d->offset == UINT64_MAX ? d->offset : d->offset + base, d->message);
    }
    for (size_t i = 0; base && i < features->count; i++)
        if (features->items[i].offset != UINT64_MAX)
            features->items[i].offset += base;
    return status == FPS_OK || status == FPS_ERROR_LIMIT;
}

static bool read_single(analysis *a, fps_object **object)
{
    if (!read_object(a, a->bytes, 0, object, &a->features))
        return false;
    a->info = *fps_object_get_info(*object);
    a->file.format = a->info.format;
    a->file.machine = a->info.machine_name;
    a->file.type = a->info.type;
    return true;
}

/* An archive of objects is one file with the features of all its members. */
static bool read_archive(analysis *a)
{
    fps_error error;
    fps_ar *ar;
    fps_ar_member member;
    FPS__ARRAY(fps__features) parts = {0};
    a->file.format = FPS_FORMAT_AR;
    a->info.type = FPS_OBJECT_RELOCATABLE;
    if (fps_ar_open(&ar, a->bytes.data, a->bytes.size, &error) != FPS_OK) {
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "unreadable-archive", error.offset, error.message);
        return false;
    }
    fps_status status;
    while ((status = fps_ar_next(ar, &member, &error)) == FPS_OK && !fps__deadline_passed(a->deadline_ms)) {
        fps_object *object = NULL;
        fps__features features;
        if (fps_object_identify(member.data, member.size) != FPS_FORMAT_ELF ||
            FPS__ARRAY_RESERVE(&parts, 1, 1 << 20) != FPS_OK)
            continue;
        if (read_object(a, (fps__span){member.data, member.size}, member.offset, &object, &features)) {
            parts.items[parts.count++] = features;
            if (!*a->file.machine)
                a->file.machine =
                    fps__arena_string(&a->worker->kept, fps_object_get_info(object)->machine_name);
        }
        fps_object_free(object);
    }
    if (status != FPS_OK && status != FPS_ERROR_NOT_FOUND)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "damaged-archive", error.offset, error.message);
    fps_ar_free(ar);
    bool ok = a->file.machine && fps__features_merge(parts.items, parts.count, &a->worker->scratch,
                                                     &a->features, NULL) == FPS_OK;
    free(parts.items);
    return ok;
}

/* ---- rules and match ---- */

static void take_rule_hit(void *user, const fps__rule_hit *hit)
{
    fps__scan_worker *worker = user;
    if (FPS__ARRAY_RESERVE(&worker->rule_hits, 1, 1 << 20) == FPS_OK)
        worker->rule_hits.items[worker->rule_hits.count++] = *hit;
}

static bool add_finding(analysis *a, const fps_finding *finding, const fps_component *facts)
{
    if (FPS__ARRAY_RESERVE(&a->findings, 1, UINT32_MAX) != FPS_OK ||
        FPS__ARRAY_RESERVE(&a->facts, 1, UINT32_MAX) != FPS_OK) {
        a->no_memory = true;
        return false;
    }
    a->findings.items[a->findings.count++] = *finding;
    a->facts.items[a->facts.count++] = *facts;
    return true;
}

static fps_component pool_facts(const fps__merged_component *c)
{
    return (fps_component){.id = c->id,
                           .name = c->name,
                           .purl = c->purl,
                           .cpe = c->cpe,
                           .license = c->license,
                           .family = c->family,
                           .role = c->role};
}

static void match(analysis *a)
{
    fps__scan_run *run = a->run;
    fps__scan_worker *worker = a->worker;
    worker->rule_hits.count = 0;
    for (size_t i = 0; i < run->rules_count; i++)
        fps__rules_match(run->rules[i], worker->rules[i], &a->features, take_rule_hit, worker);
    fps__match_input input = {.info = &a->info,
                              .features = &a->features,
                              .rules = worker->rule_hits.items,
                              .rule_count = worker->rule_hits.count,
                              .all_evidence = run->scan->options.all_evidence,
                              .keep_excluded = run->scan->options.keep_excluded};
    fps__match_output output = {0};
    if (fps__match_object(run->matcher, worker->match, &input, &worker->kept, &output, NULL) != FPS_OK) {
        a->no_memory = true;
        return;
    }
    a->file.code_bytes = a->features.code_bytes;
    a->file.code_attributed = output.code_attributed;
    a->file.code_generic = output.code_generic;
    for (size_t i = 0; i < output.count; i++) {
        fps_component facts = pool_facts(fps__matcher_component(run->matcher, output.findings[i].component));
        add_finding(a, &output.findings[i], &facts);
    }
}

/* ---- users' YARA rules ---- */

static bool has_finding(const analysis *a, const char *id)
{
    for (size_t i = 0; i < a->facts.count; i++)
        if (strcmp(a->facts.items[i].id, id) == 0 && a->findings.items[i].state == FPS_STATE_PRESENT)
            return true;
    return false;
}

static fps_component yara_facts(analysis *a, const fps__yara_hit *hit)
{
    uint32_t known = fps__matcher_find(a->run->matcher, hit->component);
    if (known != UINT32_MAX)
        return pool_facts(fps__matcher_component(a->run->matcher, known));
    return (fps_component){.id = keep(a, hit->component),
                           .name = keep(a, hit->component),
                           .purl = keep(a, hit->purl),
                           .cpe = keep(a, hit->cpe),
                           .license = keep(a, hit->license),
                           .family = ""};
}

static void take_yara_hit(void *user, const fps__yara_hit *hit)
{
    analysis *a = user;
    if (!hit->component || has_finding(a, hit->component))
        return;
    fps_component facts = yara_facts(a, hit);
    fps_evidence *evidence = fps__arena_alloc(&a->worker->kept, sizeof *evidence);
    const char **versions = fps__arena_array(&a->worker->kept, 2, sizeof *versions);
    char text[300];
    snprintf(text, sizeof text, "%s: %s", hit->rule, hit->text);
    if (!evidence || !versions) {
        a->no_memory = true;
        return;
    }
    *evidence = (fps_evidence){
        .kind = FPS_EVIDENCE_RULE, .offset = hit->offset, .weight = 1, .text = keep(a, text), .unit = ""};
    fps_finding finding = {.state = FPS_STATE_PRESENT,
                           .linkage = FPS_LINKAGE_EMBEDDED,
                           .confidence = FPS__CONFIDENCE_YARA,
                           .admitted_by = FPS__ADMITTED_BY_YARA,
                           .evidence = evidence,
                           .evidence_count = 1,
                           .evidence_total = 1};
    if (*hit->version) {
        versions[0] = keep(a, hit->version);
        finding.version = (fps_version_answer){.kind = FPS_VERSION_EXACT,
                                               .version = versions[0],
                                               .candidates = versions,
                                               .candidate_count = 1,
                                               .confidence = FPS__CONFIDENCE_YARA};
    }
    if (!a->no_memory)
        add_finding(a, &finding, &facts);
}

static void run_yara(analysis *a)
{
    unsigned seconds = (unsigned)(a->run->scan->options.file_timeout_ms / 1000);
    for (size_t i = 0; i < a->run->scan->yara.count; i++) {
        fps_error error;
        fps_status status = fps__yara_match(a->run->scan->yara.items[i], a->bytes.data, a->bytes.size,
                                            seconds ? seconds : 60, take_yara_hit, a, &error);
        if (status != FPS_OK) {
            diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "yara", UINT64_MAX, error.message);
            a->cut = true;
        }
    }
}

/* ---- out ---- */

/* A list in the kept arena. */
static void *keep_items(analysis *a, const void *items, size_t count, size_t size)
{
    void *copy = fps__arena_copy(&a->worker->kept, items, count, size);
    a->no_memory |= count && !copy;
    return copy;
}

static void hand_over(analysis *a, fps__analysed *found)
{
    a->file.machine = keep(a, a->file.machine);
    *found = (fps__analysed){
        .file = a->file,
        .findings = keep_items(a, a->findings.items, a->findings.count, sizeof *a->findings.items),
        .facts = keep_items(a, a->facts.items, a->facts.count, sizeof *a->facts.items),
        .count = a->findings.count,
        .diagnostics = keep_items(a, a->remarks.items, a->remarks.count, sizeof *a->remarks.items),
        .diagnostic_count = a->remarks.count,
    };
}

bool fps__scan_analyse_object(fps__scan_run *run, fps__scan_worker *worker, fps__span bytes,
                              uint64_t deadline_ms, fps__analysed *found, bool *cut)
{
    analysis a = {.run = run, .worker = worker, .bytes = bytes, .deadline_ms = deadline_ms};
    fps_object *object = NULL;
    a.file = (fps_file){.size = bytes.size,
                        .machine = "",
                        .layer = UINT32_MAX,
                        .owner = UINT32_MAX,
                        .format = fps_object_identify(bytes.data, bytes.size)};
    if (a.file.format == FPS_FORMAT_AR ? read_archive(&a) : read_single(&a, &object)) {
        if (fps__deadline_passed(deadline_ms)) {
            diagnose(&a, FPS_DIAGNOSTIC_PARTIAL, "timeout", UINT64_MAX,
                     "the time for one file ran out before it was matched");
            a.cut = true;
        } else {
            match(&a);
        }
        run_yara(&a);
    }
    hand_over(&a, found);
    fps_object_free(object);
    free(a.findings.items);
    free(a.facts.items);
    free(a.remarks.items);
    fps__arena_reset(&worker->scratch);
    *cut |= a.cut;
    return !a.no_memory;
}
