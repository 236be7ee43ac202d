/* Looking at the bytes of one object: features, rules, match. What comes out depends on nothing else. */
#include "archive/archive.h"
#include "match/match_thresholds.h"
#include "match/self_name.h"
#include "packed/packed.h"
#include "scan/embedded.h"
#include "scan/file_kind.h"
#include "scan/scan_internal.h"

#include "util/error.h"

#include <fpscan/object.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_MEMBERS = 1 << 20,     /* of an archive of objects */
    MAX_RULE_HITS = 1 << 20,   /* in one object */
    MAX_DIAGNOSTICS = 1 << 16, /* of one object: a note a byte would cost more memory than the object */
    YARA_SECONDS = 60,         /* for one file, when no limit is set */
};

/* One object while a worker looks at it. Lists grow in memory of their own and end up in worker->kept. */
typedef struct analysis {
    fps__scan_run *run;
    fps__scan_worker *worker;
    fps__span bytes;
    uint64_t deadline_ms;
    fps_file file;
    fps_object_info info;
    const fps_object *object; /* NULL for an archive of objects */
    fps__features features;
    FPS__ARRAY(fps_finding) findings; /* texts in worker->kept; `component` is the merged set's index */
    FPS__ARRAY(fps_component) facts;  /* of each finding */
    FPS__ARRAY(fps_diagnostic) diagnostics;
    fps__inside *inside; /* where the object may hold others; NULL: nobody asks */
    bool told;           /* that it is packed */
    bool flat;           /* bytes of no object format */
    bool incomplete, too_many_hits, unknown_machine;
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
    fps_diagnostic diagnostic = {level, keep(a, code), NULL, offset, keep(a, message)};
    if (FPS__ARRAY_PUSH(&a->diagnostics, &diagnostic, MAX_DIAGNOSTICS) == FPS_ERROR_MEMORY)
        a->no_memory = true;
}

/* ---- features ---- */

/* A place of the object at `base`; its own magic is not to be found again. */
static void add_place(analysis *a, uint64_t base, uint64_t offset, uint64_t size, unsigned flags)
{
    enum { LEAST = 64, MAGIC = 4 }; /* bytes; no header is shorter */
    uint64_t skipped = offset ? 0 : MAGIC;
    fps__inside_place place = {base + offset + skipped, size - skipped, flags, ""};
    if (size >= LEAST + skipped &&
        FPS__ARRAY_PUSH(&a->inside->places, &place, MAX_MEMBERS) == FPS_ERROR_MEMORY)
        a->no_memory = true;
}

/* What of an object no feature is read from: bytes of no region, and regions that are not loaded. Loaded regions may hold
 * compressed data; objects in them have been read as part of this one. */
static void note_places(analysis *a, const fps_object *object, uint64_t base)
{
    uint64_t start = 0, end = 0; /* a run of loaded regions */
    if (!a->inside)
        return;
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        bool read = region->loaded && region->kind != FPS_REGION_RESOURCE;
        if (!read) {
            if (fps_object_get_info(object)->has_debug_data && strcmp(region->name, ".gnu_debugdata") == 0)
                continue; /* its symbols are this object's, and nothing else is in it */
            add_place(a, base, region->offset, region->size, 0);
            continue;
        }
        if (region->offset != end) {
            add_place(a, base, start, end - start, FPS__INSIDE_NO_OBJECTS);
            start = region->offset;
        }
        end = region->offset + region->size;
    }
    add_place(a, base, start, end - start, FPS__INSIDE_NO_OBJECTS);
    for (size_t i = 0; i < fps_object_gap_count(object); i++) {
        const fps_gap *gap = fps_object_gap(object, i);
        add_place(a, base, gap->offset, gap->size, gap->table ? 0 : FPS__INSIDE_UNEXPLAINED);
    }
}

static void check_machine(analysis *a, const fps_object *object, uint64_t base)
{
    const fps_object_info *info = fps_object_get_info(object);
    if (a->unknown_machine || strncmp(info->machine_name, "machine-", 8) != 0)
        return;
    a->unknown_machine = true;
    diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "unknown-machine", base,
             "code of an unknown machine: the object was searched for texts and names alone");
}

/* Opens one object and extracts its features; `base` is added to every offset. False when it is not to be
 * used. */
static bool read_object(analysis *a, fps__span bytes, uint64_t base, fps_object **object,
                        fps__features *features)
{
    fps_error error;
    fps_status status =
        (a->flat ? fps_object_open_flat : fps_object_open)(object, bytes.data, bytes.size, NULL, &error);
    a->incomplete |= status == FPS_ERROR_MEMORY;
    if (status != FPS_OK) {
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "unreadable-object", base, error.message);
        return false;
    }
    for (size_t i = 0; i < fps_object_diagnostic_count(*object); i++) {
        const fps_diagnostic *d = fps_object_diagnostic(*object, i);
        diagnose(a, d->level, d->code, d->offset == UINT64_MAX ? d->offset : d->offset + base, d->message);
    }
    check_machine(a, *object, base);
    note_places(a, *object, base);
    fps__feature_options options = {
        .exact = !a->run->scan->options.no_exact, .functions = true, .deadline_ms = a->deadline_ms};
    status = fps__features_extract(*object, bytes.data, bytes.size, &options, &a->worker->scratch, features,
                                   &error);
    a->incomplete |= status == FPS_ERROR_MEMORY;
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
    if (!read_object(a, a->bytes, 0, object, &a->features)) {
        a->file.format =
            fps_object_identify(a->bytes.data, a->bytes.size); /* what its magic says, for the report */
        return false;
    }
    a->object = *object;
    a->info = *fps_object_get_info(*object);
    a->file.format = a->info.format;
    a->file.machine = a->info.machine_name;
    a->file.type = a->info.type;
    const char *sign = a->told ? NULL : fps__packed_sign(*object, a->bytes);
    if (sign) {
        char message[200];
        snprintf(message, sizeof message, "a packed or encrypted program: %s; fpscan cannot look into it",
                 sign);
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "packed-program", UINT64_MAX, message);
    }
    return true;
}

/* The members of an archive of objects, while it is read. */
typedef struct members {
    FPS__ARRAY(fps__features) read;
    uint64_t others, first_other; /* members that are no objects, and where the first is */
    bool unread;                  /* some of them are no text, and cannot be looked into */
    bool full;
} members;

/* A member that is no ELF file: an archive in it is looked into, text is nothing to look at. */
static void take_other(analysis *a, const fps_ar_member *member, members *m)
{
    fps__span bytes = {member->data, member->size};
    bool archive = a->inside && fps__archive_identify(bytes);
    if (archive || (a->inside && fps__unread_container(bytes))) {
        fps__inside_place place = {member->offset, member->size, FPS__INSIDE_FILE, keep(a, member->name)};
        a->no_memory |= FPS__ARRAY_PUSH(&a->inside->places, &place, MAX_MEMBERS) == FPS_ERROR_MEMORY;
        return;
    }
    m->first_other = m->others++ ? m->first_other : member->offset;
    m->unread |=
        fps__could_be_a_program(bytes) || fps_object_identify(bytes.data, bytes.size) != FPS_FORMAT_NONE;
}

static void read_member(analysis *a, const fps_ar_member *member, members *m)
{
    fps_object *object = NULL;
    fps__features features;
    fps_format format = fps_object_identify(member->data, member->size);
    if (format == FPS_FORMAT_NONE || format == FPS_FORMAT_AR) {
        take_other(a, member, m);
        return;
    }
    if (read_object(a, (fps__span){member->data, member->size}, member->offset, &object, &features)) {
        fps_status status = FPS__ARRAY_PUSH(&m->read, &features, MAX_MEMBERS);
        m->full |= status == FPS_ERROR_LIMIT;
        a->no_memory |= status == FPS_ERROR_MEMORY;
        if (!*a->file.machine)
            a->file.machine = keep(a, fps_object_get_info(object)->machine_name);
    }
    fps_object_free(object);
}

static void diagnose_members(analysis *a, const members *m)
{
    char message[100];
    if (m->full)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "too-many-members", UINT64_MAX,
                 "the archive has more than 1,048,576 objects; those behind them were not looked at");
    if (!m->others)
        return;
    snprintf(message, sizeof message, "%llu member%s that are no objects %s not looked at",
             (unsigned long long)m->others, m->others == 1 ? "" : "s", m->others == 1 ? "was" : "were");
    diagnose(a, m->unread ? FPS_DIAGNOSTIC_PARTIAL : FPS_DIAGNOSTIC_NOTE, "other-members", m->first_other,
             message);
}

/* An archive of objects is one file with the features of all its members. */
static bool read_archive(analysis *a)
{
    fps_error error;
    fps_ar *ar;
    fps_ar_member member;
    members m = {.full = false};
    a->file.format = FPS_FORMAT_AR;
    a->info.type = FPS_OBJECT_RELOCATABLE;
    if (a->bytes.size >= 8 && memcmp(a->bytes.data, "!<thin>\n", 8) == 0)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "unread-container", 0,
                 "a thin archive, whose members lie elsewhere: they were not looked at as its members");
    fps_status status = fps_ar_open(&ar, a->bytes.data, a->bytes.size, &error);
    a->incomplete |= status == FPS_ERROR_MEMORY;
    if (status != FPS_OK) {
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "unreadable-archive", error.offset, error.message);
        return false;
    }
    while (!m.full && !a->no_memory && !fps__deadline_passed(a->deadline_ms) &&
           (status = fps_ar_next(ar, &member, &error)) == FPS_OK)
        read_member(a, &member, &m);
    if (status != FPS_OK && status != FPS_ERROR_NOT_FOUND)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "damaged-archive", error.offset, error.message);
    fps_ar_free(ar);
    diagnose_members(a, &m);
    if (!a->no_memory &&
        fps__features_merge(m.read.items, m.read.count, &a->worker->scratch, &a->features, NULL) != FPS_OK)
        a->no_memory = true;
    free(m.read.items);
    return !a->no_memory;
}

/* ---- rules and match ---- */

static void take_rule_hit(void *user, const fps__rule_hit *hit)
{
    analysis *a = user;
    fps_status status = FPS__ARRAY_PUSH(&a->worker->rule_hits, hit, MAX_RULE_HITS);
    a->no_memory |= status == FPS_ERROR_MEMORY;
    a->too_many_hits |= status == FPS_ERROR_LIMIT;
}

static void add_finding(analysis *a, const fps_finding *finding, const fps_component *facts)
{
    if (FPS__ARRAY_PUSH(&a->findings, finding, UINT32_MAX) != FPS_OK ||
        FPS__ARRAY_PUSH(&a->facts, facts, UINT32_MAX) != FPS_OK)
        a->no_memory = true;
}

static fps_component merged_facts(const fps__merged_component *c)
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
        fps__rules_match(run->rules[i], worker->rules[i], &a->features, take_rule_hit, a);
    if (a->too_many_hits)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "too-many-rule-hits", UINT64_MAX,
                 "version rules matched more than 1,048,576 times; the matches behind them were not used");
    fps__match_input input = {.info = &a->info,
                              .object = a->object,
                              .data = a->bytes.data,
                              .size = a->bytes.size,
                              .features = &a->features,
                              .rules = worker->rule_hits.items,
                              .rule_count = worker->rule_hits.count,
                              .no_readings = run->scan->options.no_version_texts,
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
        fps_component facts =
            merged_facts(fps__matcher_component(run->matcher, output.findings[i].component));
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
        return merged_facts(fps__matcher_component(a->run->matcher, known));
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
                                            seconds ? seconds : YARA_SECONDS, take_yara_hit, a, &error);
        if (status != FPS_OK) {
            diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "yara", UINT64_MAX, error.message);
            a->incomplete = true;
        }
    }
}

/* ---- what an object says that it is ---- */

static bool is_listed(const char *const *ids, const char *id)
{
    for (; ids && *ids; ids++)
        if (strcmp(*ids, id) == 0)
            return true;
    return false;
}

/* Whether the object is what it names, or has it linked in. */
static fps_linkage self_linkage(const analysis *a, const fps__self_name *name)
{
    const char *soname = a->object ? fps_object_get_info(a->object)->soname : NULL;
    bool other = name->soname && (!soname || strncmp(soname, name->soname, strlen(name->soname)) != 0);
    return other ? FPS_LINKAGE_STATIC : FPS_LINKAGE_OWN;
}

/* Takes out components that have code from the one that the object names, and are not in it. Others are parts of it. */
static void drop_receivers(analysis *a, const fps__self_name *name)
{
    bool own = self_linkage(a, name) == FPS_LINKAGE_OWN;
    size_t kept = 0;
    for (size_t i = 0; i < a->findings.count; i++) {
        if (is_listed(name->donates, a->facts.items[i].id))
            continue;
        if (own && a->findings.items[i].linkage == FPS_LINKAGE_OWN &&
            strcmp(a->facts.items[i].id, name->id) != 0)
            a->findings.items[i].linkage = FPS_LINKAGE_STATIC;
        a->findings.items[kept] = a->findings.items[i];
        a->facts.items[kept++] = a->facts.items[i];
    }
    a->findings.count = a->facts.count = kept;
}

static void take_self_name(analysis *a, const fps__self_name *name)
{
    fps_evidence *evidence = fps__arena_alloc(&a->worker->kept, sizeof *evidence);
    const char **versions = fps__arena_array(&a->worker->kept, 1, sizeof *versions);
    uint32_t known = fps__matcher_find(a->run->matcher, name->id);
    drop_receivers(a, name);
    if (has_finding(a, name->id))
        return;
    if (!evidence || !versions) {
        a->no_memory = true;
        return;
    }
    const char *text = fps__match_text(&a->worker->kept, name->text, name->length);
    a->no_memory |= !text;
    *evidence = (fps_evidence){
        .kind = FPS_EVIDENCE_RULE, .offset = name->offset, .weight = 1, .text = text, .unit = ""};
    versions[0] = keep(a, name->version);
    fps_component facts = {.id = name->id,
                           .name = name->name,
                           .purl = name->purl,
                           .cpe = name->cpe,
                           .license = name->license,
                           .family = ""};
    if (known != UINT32_MAX)
        facts = merged_facts(fps__matcher_component(a->run->matcher, known));
    fps_finding finding = {.state = FPS_STATE_PRESENT,
                           .linkage = self_linkage(a, name),
                           .confidence = name->confidence,
                           .admitted_by = FPS__ADMITTED_BY_ITSELF,
                           .evidence = evidence,
                           .evidence_count = 1,
                           .evidence_total = 1,
                           .version = {.kind = FPS_VERSION_EXACT,
                                       .version = versions[0],
                                       .candidates = versions,
                                       .candidate_count = 1,
                                       .confidence = name->confidence}};
    if (!a->no_memory)
        add_finding(a, &finding, &facts);
}

static void take_self_names(analysis *a)
{
    fps__self_name names[FPS__SELF_NAMES];
    size_t count = fps__self_names(&a->features, names);
    for (size_t i = 0; i < count; i++)
        take_self_name(a, &names[i]);
}

/* ---- what a program lists ---- */

static void list_packages(analysis *a, fps__program *program)
{
    *program = (fps__program){NULL, 0, NULL, UINT64_MAX, {NULL, 0}};
    if (!a->object)
        return;
    a->no_memory |=
        fps__program_read(program, a->object, a->bytes, a->deadline_ms, &a->worker->kept) != FPS_OK;
    bool late = program->fault && fps__deadline_passed(a->deadline_ms);
    if (program->fault && !late)
        diagnose(a, FPS_DIAGNOSTIC_PARTIAL, "broken-dependency-list", program->fault_offset, program->fault);
    a->incomplete |= late;
}

/* ---- out ---- */

/* A list in the kept arena. */
static void *keep_items(analysis *a, const void *items, size_t count, size_t size)
{
    void *copy = fps__arena_copy(&a->worker->kept, items, count, size);
    a->no_memory |= count && !copy;
    return copy;
}

/* The names by which debugging information is found. */
static void keep_debug_names(analysis *a)
{
    enum { MOST = 64 }; /* bytes of a build ID, as the readers take it */
    char digits[2 * MOST + 1];
    size_t size = a->object ? a->info.build_id_size : 0;
    if (size > MOST)
        size = MOST;
    for (size_t i = 0; i < size; i++)
        snprintf(digits + 2 * i, 3, "%02x", a->info.build_id[i]);
    a->file.build_id = size ? keep(a, digits) : NULL;
    a->file.debug_link = a->object && a->info.debug_link ? keep(a, a->info.debug_link) : NULL;
}

static const char *version_string(const analysis *a, const char *name)
{
    const fps_version_string *string;
    for (size_t i = 0; (string = fps_object_version_string(a->object, i)); i++)
        if (strcmp(string->name, name) == 0)
            return string->value;
    return NULL;
}

/* What the file says of itself. Anyone can write it there. */
static void take_claims(analysis *a)
{
    char text[600];
    if (!a->object)
        return;
    const char *product = version_string(a, "ProductName"), *version = version_string(a, "ProductVersion");
    size_t references = fps_object_text_count(a->object, FPS_TEXT_REFERENCE), used = 0;
    if (product || version)
        used += (size_t)snprintf(text, sizeof text, "%.150s %.60s", product ? product : "?",
                                 version ? version : "");
    if (a->info.assembly)
        used += (size_t)snprintf(text + used, sizeof text - used, "%sassembly %.200s, %zu references",
                                 used ? "; " : "", a->info.assembly, references);
    if (a->info.has_certificate)
        used += (size_t)snprintf(text + used, sizeof text - used, "%sa certificate, which is not checked",
                                 used ? "; " : "");
    a->file.claims = used ? keep(a, text) : NULL;
}

static void finish(analysis *a, fps__analysed *found)
{
    a->file.machine = keep(a, a->file.machine);
    keep_debug_names(a);
    take_claims(a);
    *found = (fps__analysed){
        .file = a->file,
        .findings = keep_items(a, a->findings.items, a->findings.count, sizeof *a->findings.items),
        .facts = keep_items(a, a->facts.items, a->facts.count, sizeof *a->facts.items),
        .count = a->findings.count,
        .diagnostics =
            keep_items(a, a->diagnostics.items, a->diagnostics.count, sizeof *a->diagnostics.items),
        .diagnostic_count = a->diagnostics.count,
    };
}

bool fps__scan_analyse_object(fps__scan_run *run, fps__scan_worker *worker, const fps__scan_object *what,
                              fps__analysed *found, bool *incomplete)
{
    fps__span bytes = what->bytes;
    uint64_t deadline_ms = what->deadline_ms;
    unsigned kind = what->kind;
    analysis a = {.run = run,
                  .worker = worker,
                  .bytes = bytes,
                  .deadline_ms = deadline_ms,
                  .inside = what->inside,
                  .told = what->told,
                  .flat = kind & FPS__FILE_OPAQUE};
    fps_object *object = NULL;
    a.file = (fps_file){.size = what->file.size, .machine = "", .layer = UINT32_MAX, .owner = UINT32_MAX};
    if (kind & FPS__FILE_OBJECT_ARCHIVE ? read_archive(&a) : read_single(&a, &object)) {
        if (fps__deadline_passed(deadline_ms)) {
            diagnose(&a, FPS_DIAGNOSTIC_PARTIAL, "timeout", UINT64_MAX,
                     "the time for one file ran out before it was matched");
            a.incomplete = true;
        } else {
            match(&a);
            take_self_names(&a);
        }
        run_yara(&a);
        list_packages(&a, what->program);
    }
    finish(&a, found);
    if (run->scan->options.finding_digests && found->count) {
        found->has_sha1 = EVP_Digest(what->file.data, what->file.size, found->sha1, NULL, EVP_sha1(), NULL);
        a.no_memory |= !found->has_sha1; /* a digest of bytes fails for nothing else */
    }
    fps_object_free(object);
    free(a.findings.items);
    free(a.facts.items);
    free(a.diagnostics.items);
    fps__arena_reset(&worker->scratch);
    *incomplete |= a.incomplete;
    return !a.no_memory;
}
