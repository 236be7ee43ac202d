/* Reads a package, or the loose files of a folder, into build records: whose it is, and the features of its
 * objects. */
#include "workbench/workbench_history.h"

#include "code/toolchain.h"
#include "packed/packed.h"
#include "util/error.h"
#include "util/package_kind.h"
#include "util/search.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    MAX_FEATURES = 200000000, /* of one build */
    MAX_OBJECTS = 10000000,
    PATH_BYTES = 8192,
    MAX_UNPACKED = 1 << 30, /* bytes of memory for what a packed program unpacks to */
};

/* What one reading thread holds while it reads one job. */
typedef struct reader {
    const fps__workbench_plan *plan;
    fps__workbench_job *job;
    fps__arena scratch;               /* of one object */
    fps__workbench_build *build;      /* innermost build that has begun */
    fps__workbench_build **tail;      /* where the next build goes */
    fps__workbench_diagnostic **last; /* where the next diagnostic goes */
    fps__key_map seen;                /* keys of the object in hand */
} reader;

/* ---- files and digests ---- */

fps_status fps__workbench_read_file(const char *path, fps__span *data, fps_error *error)
{
    *data = (fps__span){NULL, 0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat facts;
    if (file < 0 || fstat(file, &facts)) {
        fps_status status = fps__fail_io(error, path, errno, "cannot open");
        if (file >= 0)
            close(file);
        return status;
    }
    size_t size = facts.st_size > 0 ? (size_t)facts.st_size : 0, used = 0;
    uint8_t *bytes = S_ISREG(facts.st_mode) ? malloc(size + 1) : NULL;
    fps_status status = FPS_OK;
    if (!S_ISREG(facts.st_mode))
        status = fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "not a regular file");
    else if (!bytes)
        status = fps__fail_memory(error);
    while (!status && used < size) {
        ssize_t got = read(file, bytes + used, size - used);
        if (got == 0)
            size = used; /* it shrank under our hands */
        else if (got > 0)
            used += (size_t)got;
        else if (errno != EINTR)
            status = fps__fail_io(error, path, errno, "cannot read");
    }
    close(file);
    if (status)
        free(bytes);
    else
        *data = (fps__span){bytes, used};
    return status;
}

fps_status fps__workbench_digest(const fps__span *parts, size_t count, uint8_t digest[FPS__SHA256_SIZE])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(context, parts[i].data, parts[i].size);
    good = good && EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    return good ? FPS_OK : FPS_ERROR_MEMORY;
}

uint64_t fps__workbench_facts_hash(const fps__workbench_facts *facts)
{
    const char *const texts[] = {facts->parameters, facts->component, facts->version,
                                 facts->purl,       facts->cpe,       facts->license};
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        hash = XXH3_64bits_withSeed(texts[i], strlen(texts[i]) + 1, hash);
    return hash;
}

void fps__workbench_parameters(char parameters[FPS__WORKBENCH_PARAMETERS])
{
    int used = 0;
    parameters[0] = '\0';
    for (int kind = 1; kind < FPS__FEATURE_KINDS; kind++) {
        uint32_t id = fps__feature_parameters((fps__feature_kind)kind);
        if (id)
            used += snprintf(parameters + used, FPS__WORKBENCH_PARAMETERS - (size_t)used, "%s%d=%08x",
                             used ? " " : "", kind, id);
    }
}

/* ---- diagnostics ---- */

static void diagnose(void *user, const fps_diagnostic *diagnostic)
{
    reader *now = user;
    fps__arena *arena = &now->job->arena;
    fps__workbench_diagnostic *made = fps__arena_alloc(arena, sizeof *made);
    char *path = NULL, *message = fps__arena_string(arena, diagnostic->message);
    if (diagnostic->path && *diagnostic->path && strcmp(diagnostic->path, now->job->path)) {
        size_t size = strlen(now->job->path) + strlen(diagnostic->path) + 3;
        path = fps__arena_alloc(arena, size);
        if (path)
            snprintf(path, size, "%s: %s", now->job->path, diagnostic->path);
    }
    if (now->build && diagnostic->path && !*diagnostic->path) /* of the package itself, not of a file in it */
        now->build->outcome = FPS__WORKBENCH_DAMAGED;
    if (!made || !message)
        return;
    made->diagnostic = *diagnostic;
    made->diagnostic.path = path ? path : now->job->path;
    made->diagnostic.message = message;
    *now->last = made;
    now->last = &made->next;
}

static void diagnose_error(reader *now, const char *path, const char *code, const fps_error *error)
{
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, code, path, error->offset, error->message};
    diagnose(now, &diagnostic);
}

static void diagnose_note(reader *now, const char *path, const char *code, const char *message)
{
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_NOTE, code, path, UINT64_MAX, message};
    diagnose(now, &diagnostic);
}

/* ---- objects ---- */

static bool wanted(void *user, const char *path, fps__span head)
{
    (void)user;
    (void)path;
    fps_format format = fps_object_identify(head.data, head.size);
    if (format == FPS_FORMAT_AR)
        return !fps__archive_identify(head);
    return format != FPS_FORMAT_NONE || (head.size >= 2 && !memcmp(head.data, "MZ", 2));
}

/* A file of debugging information alone has sections without bytes where code and data would be. */
static bool has_loaded_bytes(const fps_object *object)
{
    for (size_t i = 0; i < fps_object_region_count(object); i++) {
        const fps_region *region = fps_object_region(object, i);
        bool content = region->kind == FPS_REGION_CODE || region->kind == FPS_REGION_READ_ONLY ||
                       region->kind == FPS_REGION_DATA;
        if (content && region->loaded && region->size)
            return true;
    }
    return false;
}

/* The index of a feature in the build's list; the text is copied when the key is new there. */
static fps_status index_feature(reader *now, const fps__feature *feature, uint32_t *index)
{
    fps__workbench_build *build = now->build;
    bool fresh;
    uint32_t *id = fps__key_map_add(&build->keys, feature->key, &fresh);
    if (!id)
        return FPS_ERROR_MEMORY;
    if (fresh) {
        fps__feature_kind kind = fps__feature_kind_of(feature->key);
        bool hash = kind == FPS__FEATURE_EXACT || kind == FPS__FEATURE_FUNCTION || !feature->text;
        char *text = hash ? NULL : fps__arena_text(&now->job->arena, feature->text, feature->length);
        if (!hash && !text)
            return FPS_ERROR_MEMORY;
        fps__corpus_feature kept = {feature->key, text};
        fps_status status = FPS__ARRAY_PUSH(&build->features, &kept, MAX_FEATURES);
        if (status)
            return status;
        *id = (uint32_t)build->features.count - 1;
    }
    *index = *id;
    return FPS_OK;
}

static int compare_addresses(const void *a, const void *b)
{
    const fps__feature *first = *(const fps__feature *const *)a, *second = *(const fps__feature *const *)b;
    if (first->address != second->address)
        return first->address < second->address ? -1 : 1;
    return FPS__COMPARE(first, second);
}

/* Literals stay in file order; names are put in the order of their addresses; the rest as it is. */
static const fps__feature **order_features(const fps__features *features, fps__arena *arena)
{
    const fps__feature **order = fps__arena_array(arena, features->count + 1, sizeof *order);
    if (!order)
        return NULL;
    for (size_t i = 0; i < features->count; i++)
        order[i] = &features->items[i];
    if (features->name_count > 1)
        qsort(order + features->literal_count, features->name_count, sizeof *order, compare_addresses);
    return order;
}

static fps_status record_version_texts(reader *now, const fps__features *features,
                                       fps__workbench_object *made)
{
    size_t first = features->literal_count + features->name_count + features->use_count;
    fps__workbench_version_text *texts =
        fps__arena_array(&now->job->arena, features->template_count + 1, sizeof *texts);
    if (!texts)
        return FPS_ERROR_MEMORY;
    for (size_t i = first; i < first + features->template_count; i++) {
        const fps__feature *feature = &features->items[i];
        fps__workbench_version_text *text = &texts[made->version_text_count];
        if (!feature->version)
            continue;
        text->version = fps__arena_text(&now->job->arena, feature->version, feature->version_length);
        fps_status status = text->version ? index_feature(now, feature, &text->feature) : FPS_ERROR_MEMORY;
        if (status)
            return status;
        made->version_text_count++;
    }
    made->version_texts = texts;
    return FPS_OK;
}

/* Each key once an object, although a template may come from several literals. */
static fps_status record_features(reader *now, const fps__features *features, fps__workbench_object *made)
{
    const fps__feature **order = order_features(features, &now->scratch);
    uint32_t *indexes = fps__arena_array(&now->job->arena, features->count + 1, sizeof *indexes);
    if (!order || !indexes)
        return FPS_ERROR_MEMORY;
    fps__key_map_clear(&now->seen);
    for (size_t i = 0; i < features->count; i++) {
        bool fresh;
        if (!fps__key_map_add(&now->seen, order[i]->key, &fresh))
            return FPS_ERROR_MEMORY;
        fps_status status = fresh ? index_feature(now, order[i], &indexes[made->feature_count++]) : FPS_OK;
        if (status)
            return status;
    }
    made->features = indexes;
    return record_version_texts(now, features, made);
}

static fps_status record_object(reader *now, const fps_object *object, const fps__features *features,
                                fps__workbench_object *made)
{
    const fps_object_info *info = fps_object_get_info(object);
    fps__arena *arena = &now->job->arena;
    made->type = info->type;
    made->machine = info->machine;
    made->path = fps__arena_string(arena, made->path);
    made->source = "";
    char toolchain[FPS__MAX_TOOLCHAIN];
    fps__toolchain_name(object, toolchain);
    made->toolchain = fps__arena_string(arena, toolchain);
    if (!made->path || !made->toolchain)
        return FPS_ERROR_MEMORY;
    if (info->build_id && info->build_id_size) {
        uint8_t *id = fps__arena_alloc(arena, info->build_id_size);
        if (!id)
            return FPS_ERROR_MEMORY;
        memcpy(id, info->build_id, info->build_id_size);
        made->build_id = id;
        made->build_id_size = info->build_id_size;
    }
    fps_status status = record_features(now, features, made);
    return status ? status : FPS__ARRAY_PUSH(&now->build->objects, made, MAX_OBJECTS);
}

/* What the object reader could not read is lost to the signatures: one diagnostic an object is enough.
 */
static void diagnose_object(reader *now, const char *path, const fps_object *object)
{
    for (size_t i = 0; i < fps_object_diagnostic_count(object); i++) {
        fps_diagnostic diagnostic = *fps_object_diagnostic(object, i);
        if (diagnostic.level < FPS_DIAGNOSTIC_PARTIAL)
            continue;
        diagnostic.path = path;
        diagnose(now, &diagnostic);
        return;
    }
}

/* Bytes of a packed program say nothing of the program: they would be taken for its texts and its code. */
static bool is_packed(reader *now, const char *path, const fps_object *object, fps__span bytes)
{
    char message[200];
    const char *sign = fps__packed_sign(object, bytes);
    if (!sign)
        return false;
    snprintf(message, sizeof message, "a packed or encrypted program: %s; nothing was learnt from it", sign);
    fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, "packed-program", path, UINT64_MAX, message};
    diagnose(now, &diagnostic);
    return true;
}

/* Learns one object as it is. `unpacked`: it came out of a packed one, of which no sign has to be looked for. */
static fps_status learn_object(reader *now, const char *path, fps__span bytes, bool member, bool unpacked)
{
    fps_error error = {.message = ""};
    fps_object *object;
    fps_status status = fps_object_open(&object, bytes.data, bytes.size, NULL, &error);
    if (status) {
        if (status != FPS_ERROR_MEMORY)
            diagnose_error(now, path, "damaged-object", &error);
        return status == FPS_ERROR_MEMORY ? status : FPS_OK;
    }
    diagnose_object(now, path, object);
    fps__workbench_object made = {.path = path, .member = member, .size = bytes.size};
    fps__feature_options options = {.exact = true, .functions = true, .certain_starts_only = true};
    fps__features features;
    if (has_loaded_bytes(object) && (unpacked || !is_packed(now, path, object, bytes))) {
        status =
            fps__features_extract(object, bytes.data, bytes.size, &options, &now->scratch, &features, &error);
        if (status == FPS_ERROR_LIMIT) {
            diagnose_error(now, path, "feature-limit", &error);
            status = FPS_OK;
        }
        if (!status)
            status = record_object(now, object, &features, &made);
    }
    fps_object_free(object);
    fps__arena_reset(&now->scratch);
    return status;
}

/* Learns what a packed program unpacks to, in its place. */
static fps_status add_object(reader *now, const char *path, fps__span bytes, bool member)
{
    static const fps__packed_limits limits = {.size = MAX_UNPACKED};
    fps__unpacked unpacked = {.data = NULL};
    fps_error error = {.message = "", .offset = UINT64_MAX};
    char message[300];
    fps_status status = fps__packed_open(bytes, &limits, &unpacked, &error);
    if (status == FPS_ERROR_NOT_FOUND)
        return learn_object(now, path, bytes, member, false);
    if (status == FPS_ERROR_MEMORY)
        return status;
    if (status) {
        snprintf(message, sizeof message,
                 "packed by UPX, and not to be unpacked: %.150s; nothing was learnt from it", error.message);
        fps_diagnostic diagnostic = {FPS_DIAGNOSTIC_PARTIAL, "packed-program", path, error.offset, message};
        diagnose(now, &diagnostic);
        return FPS_OK;
    }
    snprintf(message, sizeof message, "packed by UPX (%s): the %zu bytes that it unpacks to were learnt%s%s",
             unpacked.method, unpacked.size, unpacked.lacks ? ", without " : "",
             unpacked.lacks ? unpacked.lacks : "");
    diagnose_note(now, path, "packed-program", message);
    status = learn_object(now, path, (fps__span){unpacked.data, unpacked.size}, member, true);
    free(unpacked.data);
    return status;
}

static fps_status add_members(reader *now, const char *path, fps__span bytes)
{
    fps_error error = {.message = ""};
    fps_ar *ar;
    fps_status status = fps_ar_open(&ar, bytes.data, bytes.size, &error);
    char *name = malloc(PATH_BYTES);
    if (!name)
        status = FPS_ERROR_MEMORY;
    while (!status) {
        fps_ar_member member;
        status = fps_ar_next(ar, &member, &error);
        if (status || fps_object_identify(member.data, member.size) == FPS_FORMAT_NONE)
            continue;
        snprintf(name, PATH_BYTES, "%s(%s)", path, member.name);
        status = add_object(now, name, (fps__span){member.data, member.size}, true);
    }
    free(name);
    fps_ar_free(ar);
    if (status == FPS_ERROR_NOT_FOUND || status == FPS_ERROR_MEMORY)
        return status == FPS_ERROR_NOT_FOUND ? FPS_OK : status;
    diagnose_error(now, path, "damaged-archive", &error);
    return FPS_OK;
}

static fps_status read_file(void *user, const char *path, fps__span bytes)
{
    reader *now = user;
    switch (fps_object_identify(bytes.data, bytes.size)) {
    case FPS_FORMAT_NONE:
        return FPS_OK;
    case FPS_FORMAT_AR:
        return add_members(now, path, bytes);
    default:
        return add_object(now, path, bytes, false);
    }
}

/* ---- builds ---- */

static const char *given(const char *text)
{
    return text ? text : "";
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Which component and version this is; "" when it cannot be told. */
static void choose_identity(const reader *now, const fps__package_info *info, fps__workbench_facts *facts,
                            char version[FPS__MAX_VERSION])
{
    const fps_workbench_add_options *options = now->plan->options;
    fps__catalogue_source source = {fps__package_kind_of(info->kind)->ecosystem, info->source, info->name};
    const fps__catalogue_component *found = fps__catalogue_match(now->plan->catalogue, &source);
    facts->component = options->name ? options->name : found ? found->id : "";
    version[0] = '\0';
    if (options->version)
        facts->version = options->version;
    else if (fps__version_upstream(info->source_version, fps__package_kind_of(info->kind)->version, version))
        facts->version = version;
    else
        facts->version = "";
}

static fps_status keep_texts(fps__arena *arena, fps__workbench_facts *facts)
{
    const char **texts[] = {&facts->file,    &facts->component,       &facts->version,
                            &facts->package, &facts->package_version, &facts->architecture,
                            &facts->source,  &facts->source_version,  &facts->built_using};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!(*texts[i] = fps__arena_string(arena, *texts[i])))
            return FPS_ERROR_MEMORY;
    return FPS_OK;
}

static fps_status start_build(reader *now, const fps__package_info *info, const char *path)
{
    const fps_workbench_add_options *options = now->plan->options;
    fps__workbench_build *build = fps__arena_alloc(&now->job->arena, sizeof *build);
    if (!build)
        return FPS_ERROR_MEMORY;
    build->outer = now->build;
    now->build = build;
    *now->tail = build;
    now->tail = &build->next;
    bool plain = info->kind == FPS_PACKAGE_GENERIC;
    char version[FPS__MAX_VERSION];
    fps__workbench_facts *facts = &build->facts;
    *facts = (fps__workbench_facts){.negative = now->plan->negative,
                                    .file = base_name(path),
                                    .tool = "sigbuild " FPS_VERSION,
                                    .parameters = now->plan->parameters,
                                    .origin = given(options->origin),
                                    .package = plain ? "" : info->name,
                                    .package_version = info->version,
                                    .architecture = info->architecture,
                                    .source = info->source,
                                    .source_version = info->source_version,
                                    .built_using = info->built_using,
                                    .purl = given(options->purl),
                                    .cpe = given(options->cpe),
                                    .license = given(options->license)};
    choose_identity(now, info, facts, version);
    if (facts->negative)
        facts->component = facts->version = "";
    return keep_texts(&now->job->arena, facts);
}

int fps__workbench_known_compare(const void *a, const void *b)
{
    const fps__workbench_known *first = a, *second = b;
    int order = memcmp(first->digest, second->digest, FPS__SHA256_SIZE);
    return order ? order : FPS__COMPARE(first->negative, second->negative);
}

static bool is_unchanged(const fps__workbench_plan *plan, const fps__workbench_facts *facts)
{
    fps__workbench_known wanted_one = {.negative = facts->negative};
    memcpy(wanted_one.digest, facts->digest, FPS__SHA256_SIZE);
    const fps__workbench_known *found = NULL;
    if (plan->known.count)
        found = bsearch(&wanted_one, plan->known.items, plan->known.count, sizeof *found,
                        fps__workbench_known_compare);
    return found && found->facts == fps__workbench_facts_hash(facts);
}

/* Decides what to do with a build whose facts are complete. FPS_ERROR_CANCELLED: nothing has to be read. */
static fps_status decide(reader *now, const char *path, const fps__span *parts, size_t count)
{
    fps__workbench_build *build = now->build;
    if (!build->facts.negative && (!*build->facts.component || !*build->facts.version)) {
        build->outcome = FPS__WORKBENCH_SKIPPED;
        if (*build->facts.component)
            diagnose_note(now, path, "no-version", "no version in the package, and none was given");
        return FPS_ERROR_CANCELLED;
    }
    if (fps__workbench_digest(parts, count, build->facts.digest))
        return FPS_ERROR_MEMORY;
    if (!is_unchanged(now->plan, &build->facts))
        return FPS_OK;
    build->outcome = FPS__WORKBENCH_UNCHANGED;
    return FPS_ERROR_CANCELLED;
}

static fps_status begin(void *user, const fps__package_info *info, const char *path, fps__span bytes)
{
    reader *now = user;
    fps_status status = start_build(now, info, path);
    return status ? status : decide(now, path, &bytes, 1);
}

static void end(void *user)
{
    reader *now = user;
    if (!now->build)
        return;
    fps__key_map_free(&now->build->keys);
    now->build = now->build->outer;
}

/* ---- jobs ---- */

static fps_status read_package_file(reader *now, const fps__package_visitor *visitor)
{
    fps__span data;
    fps_error error = {.message = ""};
    fps_status status = fps__workbench_read_file(now->job->path, &data, &error);
    now->job->is_history = !status && !now->plan->negative &&
                           fps__package_identify(data) == FPS_PACKAGE_GENERIC &&
                           fps__history_is_source_archive(data);
    if (now->job->is_history)
        fps__workbench_read_history(now->plan, now->job);
    else if (!status)
        status = fps__package_read(base_name(now->job->path), data, NULL, visitor, &error);
    else if (status != FPS_ERROR_MEMORY)
        diagnose_error(now, NULL, "unreadable-file", &error);
    free((void *)data.data);
    return status == FPS_ERROR_IO ? FPS_OK : status;
}

/* Path, size and digest of each loose file, in order: what stands for a folder. */
static fps_status digest_folder(reader *now, fps__span *parts)
{
    fps__workbench_job *job = now->job;
    for (size_t i = 0; i < job->file_count; i++) {
        char path[PATH_BYTES];
        fps__span data;
        fps_error error = {.message = ""};
        uint8_t *digest = fps__arena_alloc(&job->arena, FPS__SHA256_SIZE);
        if (!digest)
            return FPS_ERROR_MEMORY;
        snprintf(path, sizeof path, "%s/%s", job->path, job->files[i]);
        fps_status status = fps__workbench_read_file(path, &data, &error);
        if (!status)
            status = fps__workbench_digest(&data, 1, digest);
        free((void *)data.data);
        if (status == FPS_ERROR_MEMORY)
            return status;
        parts[2 * i] = (fps__span){(const uint8_t *)job->files[i], strlen(job->files[i]) + 1};
        parts[2 * i + 1] = (fps__span){digest, FPS__SHA256_SIZE};
    }
    return FPS_OK;
}

static fps_status read_loose_files(reader *now, const fps__package_visitor *visitor)
{
    fps__workbench_job *job = now->job;
    for (size_t i = 0; i < job->file_count; i++) {
        char path[PATH_BYTES];
        fps__span data;
        fps_error error = {.message = ""};
        snprintf(path, sizeof path, "%s/%s", job->path, job->files[i]);
        fps_status status = fps__workbench_read_file(path, &data, &error);
        if (status == FPS_ERROR_IO) {
            diagnose_error(now, job->files[i], "unreadable-file", &error);
            continue;
        }
        if (!status)
            status = fps__package_read_file(job->files[i], data, NULL, visitor, &error);
        free((void *)data.data);
        if (status)
            return status;
    }
    return FPS_OK;
}

static fps_status read_folder(reader *now, const fps__package_visitor *visitor)
{
    fps__workbench_job *job = now->job;
    fps__package_info info = {FPS_PACKAGE_GENERIC, job->path, "", "", "", "", "", ""};
    fps_status status = start_build(now, &info, job->path);
    fps__span *parts = fps__arena_array(&job->arena, job->file_count, 2 * sizeof *parts);
    if (!status && !parts)
        status = FPS_ERROR_MEMORY;
    bool known = now->plan->negative || (now->plan->options->name && now->plan->options->version);
    if (!status && known)
        status = digest_folder(now, parts);
    if (!status)
        status = decide(now, NULL, parts, 2 * job->file_count);
    if (!status)
        status = read_loose_files(now, visitor);
    end(now);
    return status == FPS_ERROR_CANCELLED ? FPS_OK : status;
}

void fps__workbench_read(const fps__workbench_plan *plan, fps__workbench_job *job)
{
    reader now = {.plan = plan, .job = job, .tail = &job->builds, .last = &job->diagnostics};
    fps__package_visitor visitor = {&now, begin, wanted, read_file, end, diagnose, NULL, NULL};
    if (job->is_history) {
        fps__workbench_read_history(plan, job);
        return;
    }
    fps_status status = job->files ? read_folder(&now, &visitor) : read_package_file(&now, &visitor);
    while (now.build)
        end(&now);
    if (!job->is_history)
        job->status =
            fps__workbench_reserved(status, job->path, "objects or features in one package", &job->error);
    fps__arena_free(&now.scratch);
    fps__key_map_free(&now.seen);
}

void fps__workbench_job_clear(fps__workbench_job *job)
{
    for (fps__workbench_build *build = job->builds; build; build = build->next) {
        free(build->objects.items);
        free(build->features.items);
        fps__key_map_free(&build->keys);
    }
    fps__arena_free(&job->arena);
    fps__history_free(job->history);
    job->history = NULL;
    job->builds = NULL;
    job->diagnostics = NULL;
}
