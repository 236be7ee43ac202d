/* Reads files, components, findings and evidence of a JSON report. */
#include "result/result_reader.h"

#include "util/digest.h"

#include <fpscan/object.h>
#include <string.h>

enum {
    STATES = 3,
    LINKAGES = 4,
    ROLES = 3,
    VERSION_KINDS = 3,
    DOUBTS = 6,
    EVIDENCE_KINDS = 7,
    VISIBILITIES = 3,
    TYPES = 5,
    PATCH_STATES = 3
};

const char *fps__reader_state_name(unsigned value)
{
    return fps_state_name((fps_state)value);
}

static const char *linkage_name(unsigned value)
{
    return fps_linkage_name((fps_linkage)value);
}

static const char *role_name(unsigned value)
{
    return fps_component_role_name((fps_component_role)value);
}

static const char *version_kind_name(unsigned value)
{
    return fps_version_kind_name((fps_version_kind)value);
}

static const char *evidence_kind_name(unsigned value)
{
    return fps_evidence_kind_name((fps_evidence_kind)value);
}

static const char *doubt_name(unsigned value)
{
    return fps_doubt_name((fps_doubt)value);
}

static const char *visibility_name(unsigned value)
{
    return fps_visibility_name((fps_visibility)value);
}

static const char *format_name(unsigned value)
{
    return fps_format_name((fps_format)value);
}

static const char *type_name(unsigned value)
{
    return fps_object_type_name((fps_object_type)value);
}

static const char *const *read_texts(fps__result_reader *r, const json_t *object, const char *key,
                                     size_t *count)
{
    const json_t *list = fps__reader_list(r, object, key);
    const char **texts = fps__reader_table(r, json_array_size(list), sizeof *texts);
    *count = texts ? json_array_size(list) : 0;
    for (size_t i = 0; i < *count; i++)
        texts[i] = fps__reader_value(r, json_array_get(list, i), key);
    return texts;
}

/* ---- files ---- */

static const uint8_t *read_sha1(fps__result_reader *r, const json_t *item)
{
    const char *hex = fps__reader_optional(r, item, "sha1");
    uint8_t *digest = hex ? fps__reader_table(r, 20, 1) : NULL;
    if (digest && !fps__hex_read(hex, strlen(hex), digest, 20))
        fps__reader_fail(r, FPS_ERROR_CORRUPT, "sha1", "is no digest");
    return digest;
}

static fps_file read_file(fps__result_reader *r, const json_t *item)
{
    const json_t *code = fps__reader_object(r, item, "code", true);
    fps_file file = {.path = fps__reader_text(r, item, "path"),
                     .archive_path = fps__reader_optional(r, item, "archivePath"),
                     .sha1 = read_sha1(r, item),
                     .size = fps__reader_number(r, item, "size", INT64_MAX),
                     .machine = fps__reader_text(r, item, "machine")};
    file.format = (fps_format)fps__reader_name(r, item, "format", format_name, FPS_FORMATS);
    file.type = (fps_object_type)fps__reader_name(r, item, "type", type_name, TYPES);
    file.visibility = (fps_visibility)fps__reader_name(r, item, "visibility", visibility_name, VISIBILITIES);
    file.layer = fps__reader_index(r, item, "layer", r->result->layers.count);
    file.owner = fps__reader_index(r, item, "owner", r->result->packages.count);
    file.links = read_texts(r, item, "links", &file.link_count);
    if (code) {
        file.code_bytes = fps__reader_number(r, code, "executable", INT64_MAX);
        file.code_attributed = fps__reader_number(r, code, "attributed", INT64_MAX);
        file.code_generic = fps__reader_number(r, code, "generic", INT64_MAX);
    }
    return file;
}

/* Files have indexes, which sorting would change. */
static bool is_after(const fps_file *file, const fps_file *before)
{
    const char *a = before->archive_path, *b = file->archive_path;
    int order = strcmp(before->path, file->path);
    if (!order)
        order = a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
    return order ? order < 0 : before->layer <= file->layer;
}

static void read_files(fps__result_reader *r, const json_t *root)
{
    const json_t *list = fps__reader_list(r, root, "files");
    r->list = "files";
    for (r->index = 0; r->index < json_array_size(list) && fps__reader_good(r); r->index++) {
        fps_file file = read_file(r, json_array_get(list, r->index));
        size_t count = r->result->files.count;
        if (count && !is_after(&file, &r->result->files.items[count - 1]))
            fps__reader_fail(r, FPS_ERROR_CORRUPT, "path", "is not in the order of paths");
        if (FPS__ARRAY_PUSH(&r->result->files, &file, UINT32_MAX - 1) != FPS_OK)
            fps__reader_fail(r, FPS_ERROR_MEMORY, NULL, "");
    }
    r->list = NULL;
}

/* ---- versions ---- */

static fps_version_answer read_version(fps__result_reader *r, const json_t *item)
{
    fps_version_answer answer = {.open_below = fps__reader_bool(r, item, "versionOpenBelow"),
                                 .open_above = fps__reader_bool(r, item, "versionOpenAbove"),
                                 .confidence = fps__reader_share(r, item, "versionConfidence", -1),
                                 .template_version = fps__reader_optional(r, item, "versionTemplate"),
                                 .toolchain = fps__reader_optional(r, item, "versionToolchain"),
                                 .note = fps__reader_optional(r, item, "versionNote"),
                                 .version = fps__reader_optional(r, item, "version")};
    answer.kind =
        (fps_version_kind)fps__reader_name(r, item, "versionKind", version_kind_name, VERSION_KINDS);
    answer.candidates = read_texts(r, item, "versions", &answer.candidate_count);
    if (answer.kind == FPS_VERSION_EXACT && (!answer.version || answer.candidate_count != 1))
        fps__reader_fail(r, FPS_ERROR_CORRUPT, "versions", "are not one release, though it is exact");
    if (answer.kind != FPS_VERSION_EXACT)
        answer.version = NULL;
    return answer;
}

/* The releases are those of the component, the rest is the finding's own; before 2.1 that was not told apart. */
static fps_version_answer own_version(fps__result_reader *r, const json_t *item,
                                      const fps_version_answer *shared)
{
    fps_version_answer answer = *shared;
    const json_t *alone = fps__reader_object(r, item, "versionAlone", true);
    if (!json_object_get(item, "versionConfidence"))
        return answer;
    answer.confidence = fps__reader_share(r, item, "versionConfidence", -1);
    answer.template_version = fps__reader_optional(r, item, "versionTemplate");
    answer.toolchain = fps__reader_optional(r, item, "versionToolchain");
    answer.note = fps__reader_optional(r, item, "versionNote");
    fps_version_answer *copy = alone ? fps__reader_table(r, 1, sizeof *copy) : NULL;
    if (copy)
        *copy = read_version(r, alone);
    answer.alone = copy;
    return answer;
}

/* ---- findings ---- */

static uint32_t read_count(fps__result_reader *r, const json_t *item, const char *key)
{
    return (uint32_t)fps__reader_number(r, item, key, UINT32_MAX);
}

/* Documents that have no member `doubt` may say the one that they knew. */
static fps_doubt read_doubt(fps__result_reader *r, const json_t *item)
{
    const json_t *doubt = fps__reader_object(r, item, "doubt", true);
    if (doubt)
        return (fps_doubt)fps__reader_name(r, doubt, "kind", doubt_name, DOUBTS);
    return fps__reader_bool(r, item, "textsOnly") ? FPS_DOUBT_TEXTS_ONLY : FPS_DOUBT_NONE;
}

/* What the component may be instead; none in documents without `candidates`. */
static const fps_relative *read_relatives(fps__result_reader *r, const json_t *item, size_t *count)
{
    *count = 0;
    if (!json_object_get(item, "candidates"))
        return NULL;
    const json_t *list = fps__reader_list(r, item, "candidates");
    size_t size = json_array_size(list);
    fps_relative *relatives = fps__reader_table(r, size, sizeof *relatives);
    r->inner = "candidates";
    for (r->inner_index = 0; relatives && r->inner_index < size; r->inner_index++) {
        const json_t *one = json_array_get(list, r->inner_index);
        relatives[r->inner_index] = (fps_relative){.id = fps__reader_text(r, one, "id"),
                                                   .name = fps__reader_text(r, one, "name"),
                                                   .purl = fps__reader_text(r, one, "purl"),
                                                   .cpe = fps__reader_text(r, one, "cpe")};
    }
    r->inner = NULL;
    *count = relatives ? size : 0;
    return relatives;
}

/* An address is a text, "0x1f00": many readers of JSON lose digits of large numbers. */
static uint64_t read_address(fps__result_reader *r, const json_t *item)
{
    const char *text = json_string_value(json_object_get(item, "address"));
    uint64_t address = 0;
    size_t digits = 0;
    for (const char *p = text && strncmp(text, "0x", 2) == 0 ? text + 2 : ""; *p && digits <= 16;
         p++, digits++) {
        int digit = fps__hex_digit(*p);
        digits += digit < 0 ? 16 : 0;
        address = address << 4 | (unsigned)(digit < 0 ? 0 : digit);
    }
    if (!digits || digits > 16)
        fps__reader_fail(r, FPS_ERROR_CORRUPT, "address", "is no address");
    return address;
}

static const char *patch_state_name(unsigned value)
{
    return fps_patch_state_name((fps_patch_state)value);
}

static fps_patch read_patch(fps__result_reader *r, const json_t *item)
{
    const json_t *list = fps__reader_list(r, item, "functions");
    fps_patch_function *functions = fps__reader_table(r, json_array_size(list), sizeof *functions);
    fps_patch patch = {
        .cve = fps__reader_text(r, item, "cve"),
        .state = (fps_patch_state)fps__reader_name(r, item, "state", patch_state_name, PATCH_STATES),
        .functions = functions,
        .function_count = functions ? json_array_size(list) : 0};
    for (size_t i = 0; i < patch.function_count && fps__reader_good(r); i++) {
        const json_t *function = json_array_get(list, i);
        functions[i] = (fps_patch_function){.name = fps__reader_text(r, function, "name"),
                                            .fixed = fps__reader_bool(r, function, "fixed"),
                                            .address = read_address(r, function),
                                            .instructions = read_count(r, function, "instructions"),
                                            .toolchain = fps__reader_text(r, function, "toolchain"),
                                            .origin = fps__reader_text(r, function, "origin")};
    }
    return patch;
}

/* Reports before 2.3 have none. */
static const fps_patch *read_patches(fps__result_reader *r, const json_t *item, size_t *count)
{
    *count = 0;
    if (!json_object_get(item, "patches"))
        return NULL;
    const json_t *list = fps__reader_list(r, item, "patches");
    fps_patch *patches = fps__reader_table(r, json_array_size(list), sizeof *patches);
    for (size_t i = 0; patches && i < json_array_size(list) && fps__reader_good(r); i++)
        patches[(*count)++] = read_patch(r, json_array_get(list, i));
    return patches;
}

static fps_finding read_finding(fps__result_reader *r, const json_t *item, const fps_version_answer *version)
{
    const json_t *features = fps__reader_object(r, item, "features", false);
    fps_finding finding = {
        .component = (uint32_t)r->index,
        .file = fps__reader_index(r, item, "file", r->result->files.count),
        .state = (fps_state)fps__reader_name(r, item, "state", fps__reader_state_name, STATES),
        .linkage = (fps_linkage)fps__reader_name(r, item, "linkage", linkage_name, LINKAGES),
        .introduced = fps__reader_index(r, item, "introducedLayer", r->result->layers.count),
        .renamed = fps__reader_bool(r, item, "renamed"),
        .doubt = read_doubt(r, item),
        .confidence = fps__reader_share(r, item, "confidence", -1),
        .coverage = fps__reader_share(r, item, "coverage", -1),
        .share = fps__reader_share(r, item, "share", -1),
        .units_active = read_count(r, item, "unitsActive"),
        .units_total = read_count(r, item, "unitsTotal"),
        .evidence_total = (size_t)fps__reader_number(r, item, "evidenceTotal", INT64_MAX),
        .against = fps__reader_optional(r, item, "against"),
        .admitted_by = fps__reader_optional(r, item, "admittedBy"),
        .suppressed = fps__reader_suppressed(r, item),
    };
    if (finding.file == UINT32_MAX)
        fps__reader_fail(r, FPS_ERROR_CORRUPT, "file", "names no file");
    finding.literals = read_count(r, features, "literals");
    finding.names = read_count(r, features, "names");
    finding.uses = read_count(r, features, "uses");
    finding.functions = read_count(r, features, "functions");
    finding.exact = read_count(r, features, "exact");
    finding.version = own_version(r, item, version);
    finding.patches = read_patches(r, item, &finding.patch_count);
    return finding;
}

static fps_evidence read_piece(fps__result_reader *r, const json_t *item)
{
    return (fps_evidence){
        .file = fps__reader_index(r, item, "file", r->result->files.count),
        .kind = (fps_evidence_kind)fps__reader_name(r, item, "kind", evidence_kind_name, EVIDENCE_KINDS),
        .offset = fps__reader_offset(r, item, "offset"),
        .address = read_address(r, item),
        .weight = fps__reader_share(r, item, "weight", -1),
        .text = fps__reader_text(r, item, "text"),
        .unit = fps__reader_text(r, item, "unit"),
        .instructions = read_count(r, item, "instructions"),
        .size = read_count(r, item, "size"),
    };
}

/* Gives each finding from `first` on its part of the list: pieces of a file follow each other, in the order of findings. */
static void read_evidence(fps__result_reader *r, const json_t *list, size_t first)
{
    size_t count = json_array_size(list), finding = first;
    fps_evidence *evidence = fps__reader_table(r, count, sizeof *evidence);
    fps_finding *findings = r->result->findings.items;
    r->inner = "evidence";
    for (r->inner_index = 0; evidence && r->inner_index < count && fps__reader_good(r); r->inner_index++) {
        fps_evidence *piece = &evidence[r->inner_index];
        *piece = read_piece(r, json_array_get(list, r->inner_index));
        while (finding < r->result->findings.count && findings[finding].file != piece->file)
            finding++;
        if (finding == r->result->findings.count) {
            fps__reader_fail(r, FPS_ERROR_CORRUPT, "file",
                             "has no finding of this component, or comes too late");
            break;
        }
        if (!findings[finding].evidence_count++)
            findings[finding].evidence = piece;
    }
    r->inner = NULL;
}

static void read_component(fps__result_reader *r, const json_t *item)
{
    fps_component component = {.id = fps__reader_text(r, item, "id"),
                               .name = fps__reader_text(r, item, "name"),
                               .purl = fps__reader_text(r, item, "purl"),
                               .cpe = fps__reader_text(r, item, "cpe"),
                               .license = fps__reader_text(r, item, "license"),
                               .family = fps__reader_text(r, item, "family")};
    component.role = (fps_component_role)fps__reader_name(r, item, "role", role_name, ROLES);
    fps_version_answer version = read_version(r, item);
    size_t relative_count;
    const fps_relative *relatives = read_relatives(r, item, &relative_count);
    const json_t *files = fps__reader_list(r, item, "files"),
                 *evidence = fps__reader_list(r, item, "evidence");
    size_t first = r->result->findings.count;
    if (FPS__ARRAY_PUSH(&r->result->components, &component, UINT32_MAX - 1) != FPS_OK)
        fps__reader_fail(r, FPS_ERROR_MEMORY, NULL, "");
    r->inner = "files";
    for (r->inner_index = 0; r->inner_index < json_array_size(files) && fps__reader_good(r);
         r->inner_index++) {
        fps_finding finding = read_finding(r, json_array_get(files, r->inner_index), &version);
        finding.relatives = relatives;
        finding.relative_count = relative_count;
        if (FPS__ARRAY_PUSH(&r->result->findings, &finding, UINT32_MAX - 1) != FPS_OK)
            fps__reader_fail(r, FPS_ERROR_MEMORY, NULL, "");
    }
    r->inner = NULL;
    if (fps__reader_good(r))
        read_evidence(r, evidence, first);
}

void fps__reader_components(fps__result_reader *r, const json_t *root)
{
    read_files(r, root);
    const json_t *list = fps__reader_list(r, root, "components");
    r->list = "components";
    for (r->index = 0; r->index < json_array_size(list) && fps__reader_good(r); r->index++)
        read_component(r, json_array_get(list, r->index));
    r->list = NULL;
}
