/* What is kept of a file and of a layer: each structure described once, for writing and reading. */
#include "cache/cache_codec.h"

#include "cache/codec.h"
#include "util/package_kind.h"

#include <limits.h>

/* The low byte is the version: it changes with anything below. */
enum { FORMAT_FILE = 'F' << 8 | 7, FORMAT_LAYER = 'L' << 8 | 1 };

#define VISIT_ENUM(c, field, type, last) ((field) = (type)fps__field_number((c), (uint64_t)(field), (last)))

#define FITS(type) _Static_assert(sizeof(type) <= FPS__MAX_FIELD_ITEM, #type " is too large for a list")
FITS(fps_finding);
FITS(fps_component);
FITS(fps_evidence);
FITS(fps_version_score);
FITS(fps_patch);
FITS(fps_patch_function);
FITS(fps_package);
FITS(fps__analysed_member);
FITS(fps__layer_entry);
FITS(fps__content);

/* ---- shared ---- */

static void visit_text_item(fps__codec *c, void *item)
{
    const char **text = item;
    *text = fps__field_text(c, *text);
}
static const fps__field_type text_type = {sizeof(const char *), 1, visit_text_item};

static void visit_diagnostic(fps__codec *c, void *item)
{
    fps_diagnostic *d = item;
    VISIT_ENUM(c, d->level, fps_diagnostic_level, FPS_DIAGNOSTIC_PARTIAL);
    d->code = fps__field_text(c, d->code);
    d->path = fps__field_text_or_null(c, d->path);
    d->offset = fps__field_offset(c, d->offset);
    d->message = fps__field_text(c, d->message);
}
static const fps__field_type diagnostic_type = {sizeof(fps_diagnostic), 5, visit_diagnostic};

static void visit_digests(fps__codec *c, fps__digests *digests)
{
    fps__field_bytes(c, digests->md5, sizeof digests->md5);
    fps__field_bytes(c, digests->sha1, sizeof digests->sha1);
    fps__field_bytes(c, digests->sha256, sizeof digests->sha256);
}

static void visit_optional_digests(fps__codec *c, bool *has, fps__digests *digests)
{
    *has = fps__field_bool(c, *has);
    if (*has)
        visit_digests(c, digests);
}

/* ---- findings ---- */

static void visit_evidence(fps__codec *c, void *item)
{
    fps_evidence *e = item;
    VISIT_ENUM(c, e->kind, fps_evidence_kind, FPS_EVIDENCE_RULE);
    e->offset = fps__field_offset(c, e->offset);
    e->address = fps__field_number(c, e->address, UINT64_MAX);
    e->weight = fps__field_real(c, e->weight);
    e->text = fps__field_text(c, e->text);
    e->unit = fps__field_text(c, e->unit);
    e->instructions = (uint32_t)fps__field_number(c, e->instructions, UINT32_MAX);
    e->size = (uint32_t)fps__field_number(c, e->size, UINT32_MAX);
}
static const fps__field_type evidence_type = {sizeof(fps_evidence), 15, visit_evidence};

/* What other components of a build say of the version asks for these; the rest of a score is for explain. */
static void visit_score(fps__codec *c, void *item)
{
    fps_version_score *s = item;
    s->version = fps__field_text(c, s->version);
    s->beyond = fps__field_bool(c, s->beyond);
    s->score = fps__field_real(c, s->score);
}
static const fps__field_type score_type = {sizeof(fps_version_score), 10, visit_score};

static void visit_version(fps__codec *c, fps_version_answer *v)
{
    VISIT_ENUM(c, v->kind, fps_version_kind, FPS_VERSION_INTERVAL);
    v->version = fps__field_text_or_null(c, v->version);
    v->candidates = fps__field_list(c, &text_type, v->candidates, &v->candidate_count);
    v->open_below = fps__field_bool(c, v->open_below);
    v->open_above = fps__field_bool(c, v->open_above);
    v->confidence = fps__field_real(c, v->confidence);
    v->template_version = fps__field_text_or_null(c, v->template_version);
    v->toolchain = fps__field_text_or_null(c, v->toolchain);
    v->note = fps__field_text_or_null(c, v->note);
    v->scores = fps__field_list(c, &score_type, v->scores, &v->score_count);
}

static void visit_file_names(fps__codec *c, fps_finding *f)
{
    size_t count = 0;
    while (f->file_names && f->file_names[count])
        count++;
    if (fps__field_bool(c, f->file_names != NULL))
        f->file_names = fps__field_list(c, &text_type, f->file_names, &count);
}

static void visit_relative(fps__codec *c, void *item)
{
    fps_relative *r = item;
    const char **const texts[] = {&r->id, &r->name, &r->purl, &r->cpe};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = fps__field_text(c, *texts[i]);
}
static const fps__field_type relative_type = {sizeof(fps_relative), 16, visit_relative};

static void visit_patch_function(fps__codec *c, void *item)
{
    fps_patch_function *f = item;
    f->name = fps__field_text(c, f->name);
    f->fixed = fps__field_bool(c, f->fixed);
    f->address = fps__field_number(c, f->address, UINT64_MAX);
    f->instructions = (uint32_t)fps__field_number(c, f->instructions, UINT32_MAX);
    f->toolchain = fps__field_text(c, f->toolchain);
    f->origin = fps__field_text(c, f->origin);
}
static const fps__field_type patch_function_type = {sizeof(fps_patch_function), 6, visit_patch_function};

static void visit_patch(fps__codec *c, void *item)
{
    fps_patch *p = item;
    p->cve = fps__field_text(c, p->cve);
    VISIT_ENUM(c, p->state, fps_patch_state, FPS_PATCH_UNPATCHED);
    p->functions = fps__field_list(c, &patch_function_type, p->functions, &p->function_count);
}
static const fps__field_type patch_type = {sizeof(fps_patch), 3, visit_patch};

static void visit_finding(fps__codec *c, void *item)
{
    fps_finding *f = item;
    VISIT_ENUM(c, f->state, fps_state, FPS_STATE_MENTIONED);
    VISIT_ENUM(c, f->linkage, fps_linkage, FPS_LINKAGE_DYNAMIC);
    f->confidence = fps__field_real(c, f->confidence);
    f->coverage = fps__field_real(c, f->coverage);
    f->share = fps__field_real(c, f->share);
    visit_file_names(c, f);
    uint32_t *const counts[] = {&f->units_active, &f->units_total, &f->literals, &f->names,
                                &f->uses,         &f->functions,   &f->exact};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        *counts[i] = (uint32_t)fps__field_number(c, *counts[i], UINT32_MAX);
    visit_version(c, &f->version);
    f->evidence = fps__field_list(c, &evidence_type, f->evidence, &f->evidence_count);
    f->evidence_total = (size_t)fps__field_number(c, f->evidence_total, SIZE_MAX);
    f->against = fps__field_text_or_null(c, f->against);
    VISIT_ENUM(c, f->doubt, fps_doubt, FPS_DOUBT_SHARED);
    f->relatives = fps__field_list(c, &relative_type, f->relatives, &f->relative_count);
    f->admitted_by = fps__field_text_or_null(c, f->admitted_by);
    f->patches = fps__field_list(c, &patch_type, f->patches, &f->patch_count);
    if (c->reading)
        f->introduced = UINT32_MAX;
}
static const fps__field_type finding_type = {sizeof(fps_finding), 57, visit_finding};

static void visit_facts(fps__codec *c, void *item)
{
    fps_component *facts = item;
    const char **const texts[] = {&facts->id,  &facts->name,    &facts->purl,
                                  &facts->cpe, &facts->license, &facts->family};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = fps__field_text(c, *texts[i]);
    VISIT_ENUM(c, facts->role, fps_component_role, FPS_COMPONENT_RUNTIME);
}
static const fps__field_type facts_type = {sizeof(fps_component), 7, visit_facts};

/* ---- what one file's bytes hold ---- */

static void visit_object(fps__codec *c, fps_file *f)
{
    f->size = fps__field_number(c, f->size, UINT64_MAX);
    VISIT_ENUM(c, f->format, fps_format, FPS_FORMATS - 1);
    f->machine = fps__field_text(c, f->machine);
    VISIT_ENUM(c, f->type, fps_object_type, FPS_OBJECT_CORE);
    f->build_id = fps__field_text_or_null(c, f->build_id);
    f->claims = fps__field_text_or_null(c, f->claims);
    f->debug_link = fps__field_text_or_null(c, f->debug_link);
    f->code_bytes = fps__field_number(c, f->code_bytes, UINT64_MAX);
    f->code_attributed = fps__field_number(c, f->code_attributed, UINT64_MAX);
    f->code_generic = fps__field_number(c, f->code_generic, UINT64_MAX);
    if (c->reading)
        f->layer = f->owner = UINT32_MAX;
}

static void visit_analysed(fps__codec *c, fps__analysed *a)
{
    size_t facts = a->count;
    visit_object(c, &a->file);
    a->findings = fps__field_list(c, &finding_type, a->findings, &a->count);
    a->facts = fps__field_list(c, &facts_type, a->facts, &facts);
    if (facts != a->count)
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
    a->diagnostics = fps__field_list(c, &diagnostic_type, a->diagnostics, &a->diagnostic_count);
    a->has_sha1 = fps__field_bool(c, a->has_sha1);
    if (a->has_sha1)
        fps__field_bytes(c, a->sha1, sizeof a->sha1);
}

static void visit_member(fps__codec *c, void *item)
{
    fps__analysed_member *m = item;
    m->path = fps__field_text(c, m->path);
    m->package = fps__field_u32(c, m->package);
    visit_analysed(c, &m->analysed);
}
static const fps__field_type member_type = {sizeof(fps__analysed_member), 13, visit_member};

static void visit_index_item(fps__codec *c, void *item)
{
    uint32_t *index = item;
    *index = (uint32_t)fps__field_number(c, *index, UINT32_MAX);
}
static const fps__field_type index_type = {sizeof(uint32_t), 1, visit_index_item};

static void visit_package(fps__codec *c, void *item)
{
    fps_package *p = item;
    const char **const texts[] = {&p->name,           &p->version,   &p->architecture, &p->source,
                                  &p->source_version, &p->supplier,  &p->license,      &p->purl,
                                  &p->location,       &p->properties};
    VISIT_ENUM(c, p->kind, fps_package_kind, FPS__PACKAGE_KIND_COUNT - 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = fps__field_text(c, *texts[i]);
    VISIT_ENUM(c, p->state, fps_state, FPS_STATE_MENTIONED);
    p->parent = fps__field_u32(c, p->parent);
    p->depends = fps__field_list(c, &index_type, p->depends, &p->depend_count);
    p->owned = fps__field_number(c, p->owned, UINT64_MAX);
    if (c->reading)
        p->layer = UINT32_MAX;
}
static const fps__field_type package_type = {sizeof(fps_package), 15, visit_package};

static bool is_index(uint32_t index, size_t count)
{
    return index == UINT32_MAX || index < count;
}

/* Members and packages name packages by index. */
static void check_indexes(fps__codec *c, const fps__analysed_file *file)
{
    bool good = true;
    for (size_t i = 0; i < file->count; i++)
        good = good && is_index(file->members[i].package, file->package_count);
    for (size_t i = 0; i < file->package_count; i++) {
        const fps_package *package = &file->packages[i];
        good = good && is_index(package->parent, file->package_count);
        for (size_t k = 0; k < package->depend_count; k++)
            good = good && package->depends[k] < file->package_count;
    }
    if (!good)
        fps__codec_fail(c, FPS_ERROR_CORRUPT);
}

static void visit_file(fps__codec *c, fps__analysed_file *file)
{
    file->members = fps__field_list(c, &member_type, file->members, &file->count);
    file->packages = fps__field_list(c, &package_type, file->packages, &file->package_count);
    file->manifest = fps__field_text_or_null(c, file->manifest);
    file->diagnostics = fps__field_list(c, &diagnostic_type, file->diagnostics, &file->diagnostic_count);
    visit_optional_digests(c, &file->has_digests, &file->digests);
}

bool fps__analysed_encode(const fps__analysed_file *file, fps__buffer *out)
{
    fps__codec c;
    fps__analysed_file copy = *file;
    fps__codec_write(&c);
    visit_file(&c, &copy);
    return fps__codec_write_end(&c, FORMAT_FILE, out);
}

fps_status fps__analysed_decode(fps__span bytes, fps__arena *arena, fps__analysed_file *file,
                                fps_error *error)
{
    fps__codec c;
    *file = (fps__analysed_file){0};
    fps__codec_read(&c, bytes, FORMAT_FILE, arena);
    visit_file(&c, file);
    if (c.status == FPS_OK)
        check_indexes(&c, file);
    fps_status status = fps__codec_read_end(&c, error);
    if (status != FPS_OK)
        *file = (fps__analysed_file){0};
    return status;
}

/* ---- layers ---- */

static void visit_content_digests(fps__codec *c, fps__content *content)
{
    fps__digests digests = {{0}, {0}, {0}};
    bool has = content->digests != NULL;
    if (has)
        digests = *content->digests;
    visit_optional_digests(c, &has, &digests);
    if (!c->reading || !has)
        return;
    fps__digests *kept = fps__arena_alloc(c->arena, sizeof *kept);
    if (kept)
        *kept = digests;
    else
        fps__codec_fail(c, FPS_ERROR_MEMORY);
    content->digests = kept;
}

static void visit_content(fps__codec *c, void *item)
{
    fps__content *content = item;
    content->size = fps__field_number(c, content->size, UINT64_MAX);
    content->flags = (unsigned)fps__field_number(c, content->flags, UINT_MAX);
    fps__field_bytes(c, content->id, sizeof content->id);
    visit_content_digests(c, content);
    content->captured = fps__field_span(c, content->captured);
}
static const fps__field_type content_type = {sizeof(fps__content), 20, visit_content};

static void visit_entry(fps__codec *c, void *item)
{
    fps__layer_entry *entry = item;
    entry->path = fps__field_text(c, entry->path);
    entry->target = fps__field_text_or_null(c, entry->target);
    entry->size = fps__field_number(c, entry->size, UINT64_MAX);
    entry->mode = (uint32_t)fps__field_number(c, entry->mode, UINT32_MAX);
    entry->content = fps__field_u32(c, entry->content);
    VISIT_ENUM(c, entry->type, fps__entry_type, FPS__ENTRY_OPAQUE);
}
static const fps__field_type entry_type = {sizeof(fps__layer_entry), 6, visit_entry};

/* An FPS__ARRAY, whose memory is not the arena's. */
#define VISIT_ARRAY(c, item_type, array)                                                                     \
    do {                                                                                                     \
        size_t array_count = fps__field_count((c), (item_type), (array)->count);                             \
        if ((c)->reading && FPS__ARRAY_RESERVE((array), array_count, SIZE_MAX) != FPS_OK)                    \
            fps__codec_fail((c), FPS_ERROR_MEMORY);                                                          \
        if ((c)->reading && (c)->status == FPS_OK && array_count)                                            \
            memset((array)->items, 0, array_count * sizeof *(array)->items);                                 \
        fps__field_items((c), (item_type), (array)->items, array_count);                                     \
        (array)->count = (c)->status == FPS_OK ? array_count : 0;                                            \
    } while (0)

static void visit_layer(fps__codec *c, fps__layer *layer)
{
    VISIT_ARRAY(c, &content_type, &layer->contents);
    VISIT_ARRAY(c, &entry_type, &layer->entries);
    VISIT_ARRAY(c, &diagnostic_type, &layer->diagnostics);
}

bool fps__layer_encode(const fps__layer *layer, fps__buffer *out)
{
    fps__codec c;
    fps__layer copy = *layer;
    fps__codec_write(&c);
    visit_layer(&c, &copy);
    return fps__codec_write_end(&c, FORMAT_LAYER, out);
}

fps_status fps__layer_decode(fps__span bytes, fps__layer *layer, fps_error *error)
{
    fps__codec c;
    *layer = (fps__layer){.entries = {0}};
    fps__codec_read(&c, bytes, FORMAT_LAYER, &layer->arena);
    visit_layer(&c, layer);
    for (size_t i = 0; i < layer->entries.count; i++)
        if (!is_index(layer->entries.items[i].content, layer->contents.count))
            fps__codec_fail(&c, FPS_ERROR_CORRUPT);
    return fps__codec_read_end(&c, error);
}
