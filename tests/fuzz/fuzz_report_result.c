/* Runs writers over a result that is made from any bytes, with hostile strings and invalid indexes; the number of bytes
 * chooses which. The output must contain no terminal control characters, JSON must parse, and references must be unique.
 *
 * Reaches: fps__cyclonedx_entry, fps__bom_next_contained, fps__bom_drift, fps__summary, fps__spdx_entry_id
 */
#include "result/result_build.h"

#include <fpscan/report.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 8, MAX_FINDINGS = 16 };

typedef struct input {
    const uint8_t *bytes;
    size_t left;
    fps_result *result;
} input;

typedef struct document {
    char *bytes;
    size_t size, capacity;
} document;

static unsigned take(input *in, unsigned limit)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->bytes++ % limit;
}

/* A small number, sometimes above every count, sometimes FPS_NONE. */
static uint32_t take_index(input *in)
{
    unsigned index = take(in, 2 * MOST);
    return index == 2 * MOST - 1 ? UINT32_MAX : index;
}

static const char *take_text(input *in)
{
    static const char *const common[] = {"", "zlib", "1.2.13", "/usr/lib/libz.so.1", "MIT", "=1+1"};
    unsigned length = take(in, 24);
    if (length < sizeof common / sizeof *common)
        return common[length];
    length = length < in->left ? length : (unsigned)in->left;
    const char *text = fps__arena_text(&in->result->arena, (const char *)in->bytes, length);
    in->bytes += length;
    in->left -= length;
    return text;
}

static void *make(input *in, size_t count, size_t size)
{
    return fps__arena_array(&in->result->arena, count ? count : 1, size);
}

/* An array of the result with `count` items that the caller fills. */
#define FILL(array, item_count)                                                                              \
    do {                                                                                                     \
        (array)->count = (item_count);                                                                       \
        (array)->capacity = (array)->count + 1;                                                              \
        free((array)->items);                                                                                \
        (array)->items = calloc((array)->capacity, sizeof *(array)->items);                                  \
        if (!(array)->items)                                                                                 \
            abort();                                                                                         \
    } while (0)

static void add_files(input *in)
{
    FILL(&in->result->files, 1 + take(in, MOST));
    for (size_t i = 0; i < in->result->files.count; i++)
        in->result->files.items[i] = (fps_file){.path = take_text(in),
                                                .archive_path = take(in, 4) ? NULL : take_text(in),
                                                .size = take(in, 256),
                                                .format = FPS_FORMAT_ELF,
                                                .machine = take_text(in),
                                                .layer = take_index(in),
                                                .visibility = (fps_visibility)take(in, 3),
                                                .owner = take_index(in)};
}

static void add_components(input *in)
{
    FILL(&in->result->components, 1 + take(in, MOST));
    for (size_t i = 0; i < in->result->components.count; i++)
        in->result->components.items[i] =
            (fps_component){.id = take_text(in),
                            .name = take_text(in),
                            .purl = take(in, 2) ? take_text(in) : "pkg:generic/x",
                            .cpe = take_text(in),
                            .license = take_text(in),
                            .family = "",
                            .role = (fps_component_role)take(in, 3)};
}

static fps_version_answer take_version(input *in)
{
    fps_version_answer answer = {.kind = (fps_version_kind)take(in, 4), .confidence = take(in, 5) / 4.0};
    const char **list = make(in, 3, sizeof *list);
    if (answer.kind != FPS_VERSION_UNKNOWN)
        answer.candidate_count = answer.kind == FPS_VERSION_EXACT ? 1 : 1 + take(in, 3);
    for (size_t i = 0; i < answer.candidate_count; i++)
        list[i] = take_text(in);
    answer.candidates = list;
    answer.version = answer.kind == FPS_VERSION_EXACT ? list[0] : NULL;
    answer.note = take(in, 2) ? NULL : take_text(in);
    return answer;
}

static void add_findings(input *in)
{
    FILL(&in->result->findings, take(in, MAX_FINDINGS));
    for (size_t i = 0; i < in->result->findings.count; i++) {
        fps_evidence *evidence = make(in, 1, sizeof *evidence);
        uint32_t file = take(in, (unsigned)in->result->files.count);
        *evidence = (fps_evidence){.file = file,
                                   .kind = (fps_evidence_kind)take(in, 7),
                                   .offset = take(in, 2) ? UINT64_MAX : take(in, 256),
                                   .text = take_text(in),
                                   .unit = take_text(in)};
        in->result->findings.items[i] =
            (fps_finding){.component = take(in, (unsigned)in->result->components.count),
                          .file = file,
                          .state = (fps_state)take(in, 3),
                          .linkage = (fps_linkage)take(in, 4),
                          .introduced = take_index(in),
                          .confidence = take(in, 5) / 4.0,
                          .version = take_version(in),
                          .evidence = evidence,
                          .evidence_count = take(in, 2)};
    }
}

static void add_layers(input *in)
{
    FILL(&in->result->layers, take(in, MOST));
    for (size_t i = 0; i < in->result->layers.count; i++)
        in->result->layers.items[i] = (fps_layer){.index = (uint32_t)i,
                                                  .digest = take_text(in),
                                                  .diff_id = take_text(in),
                                                  .created_by = take_text(in),
                                                  .media_type = take_text(in),
                                                  .read = take(in, 2)};
}

/* Orders packages as result.h promises. */
static int compare_packages(const void *left, const void *right)
{
    const fps_package *a = left, *b = right;
    int order = (int)a->kind - (int)b->kind;
    order = order ? order : strcmp(a->name, b->name);
    order = order ? order : strcmp(a->version, b->version);
    return order ? order : strcmp(a->location, b->location);
}

static void add_packages(input *in)
{
    FILL(&in->result->packages, take(in, MOST));
    for (size_t i = 0; i < in->result->packages.count; i++) {
        uint32_t *depends = make(in, 2, sizeof *depends);
        depends[0] = take_index(in);
        depends[1] = depends[0] < UINT32_MAX ? depends[0] + 1 : depends[0];
        in->result->packages.items[i] = (fps_package){.kind = (fps_package_kind)take(in, 8),
                                                      .name = take_text(in),
                                                      .version = take_text(in),
                                                      .architecture = take_text(in),
                                                      .source = take_text(in),
                                                      .source_version = take_text(in),
                                                      .license = take_text(in),
                                                      .purl = take_text(in),
                                                      .location = take_text(in),
                                                      .layer = take_index(in),
                                                      .parent = take_index(in),
                                                      .depends = depends,
                                                      .depend_count = take(in, 3)};
    }
    if (in->result->packages.count)
        qsort(in->result->packages.items, in->result->packages.count, sizeof(fps_package), compare_packages);
}

static void add_drift(input *in)
{
    in->result->drift_count = take(in, MOST);
    in->result->drift = make(in, in->result->drift_count, sizeof *in->result->drift);
    for (size_t i = 0; i < in->result->drift_count; i++)
        in->result->drift[i] = (fps_drift){.kind = (fps_drift_kind)take(in, 6),
                                           .level = (fps_drift_level)take(in, 2),
                                           .path = take_text(in),
                                           .file = take_index(in),
                                           .package = take_index(in),
                                           .other = take_index(in),
                                           .component = take(in, 2) ? NULL : take_text(in),
                                           .claimed = take(in, 2) ? NULL : take_text(in),
                                           .found = take(in, 2) ? NULL : take_text(in),
                                           .message = take_text(in)};
}

static void add_image(input *in)
{
    fps_image *image = make(in, 1, sizeof *image);
    *image = (fps_image){.format = "oci-dir",
                         .reference = take_text(in),
                         .manifest = take_text(in),
                         .config = take_text(in),
                         .os = take_text(in),
                         .architecture = take_text(in),
                         .variant = "",
                         .os_version = "",
                         .base_name = take_text(in),
                         .base_digest = ""};
    in->result->info.image = take(in, 2) ? image : NULL;
    in->result->info.target = take_text(in);
    in->result->info.target_type = "image";
    in->result->info.os_id = take_text(in);
    in->result->info.os_version_id = take_text(in);
    in->result->info.os_name = take_text(in);
    in->result->info.packages_known = take(in, 2);
    in->result->info.digests_compared = take(in, 2);
}

static fps_status collect(void *user, const char *bytes, size_t size)
{
    document *d = user;
    if (d->size + size + 1 > d->capacity) {
        d->capacity = 2 * (d->size + size + 1);
        d->bytes = realloc(d->bytes, d->capacity);
        if (!d->bytes)
            abort();
    }
    memcpy(d->bytes + d->size, bytes, size);
    d->size += size;
    d->bytes[d->size] = '\0';
    return FPS_OK;
}

static void expect_printable(const document *d)
{
    for (size_t i = 0; i < d->size;) {
        /* plain characters, nearly all, without a call for each: this was most of the target's time */
        for (; d->bytes[i] >= ' ' && d->bytes[i] <= '~'; i++)
            ;
        if (i == d->size)
            break;
        size_t length = fps_report_printable(d->bytes + i, d->size - i);
        if (d->bytes[i] == '\n' || (d->bytes[i] == '\r' && d->bytes[i + 1] == '\n'))
            length = 1;
        if (!length)
            __builtin_trap();
        i += length;
    }
}

/* Adds every string under `key` in a tree of objects; a duplicate is a fault. */
static void expect_unique(const json_t *value, const char *key, json_t *seen)
{
    const char *name;
    size_t i;
    json_t *inner;
    const char *text = json_string_value(json_object_get(value, key));
    if (text && json_object_get(seen, text))
        __builtin_trap();
    if (text)
        json_object_set_new(seen, text, json_true());
    json_object_foreach((json_t *)value, name,
                        inner) if (strcmp(name, "evidence") != 0 && strcmp(name, "drift") != 0)
        expect_unique(inner, key, seen);
    json_array_foreach(value, i, inner) expect_unique(inner, key, seen);
}

static void expect_document(const document *d)
{
    expect_printable(d);
    if (!d->size || d->bytes[0] != '{')
        return;
    json_t *value = json_loadb(d->bytes, d->size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (!value)
        __builtin_trap();
    static const char *const keys[] = {"bom-ref", "SPDXID"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *seen = json_object();
        expect_unique(value, keys[i], seen);
        json_decref(seen);
    }
    json_decref(value);
}

static void write_format(const fps_result *result, const fps_report_options *options, const char *name,
                         document *d)
{
    const fps_report_format *format;
    d->size = 0;
    if (fps_report_format_find(name, &format, NULL) != FPS_OK ||
        fps_report_write(result, format, options, collect, d, NULL) != FPS_OK)
        __builtin_trap();
    expect_document(d);
}

/* Half of the writers, and one version of CycloneDX: with all of them an input took three times as long. */
static void write_some(const fps_result *result, const fps_report_options *options, size_t choice)
{
    static const char *const plain[] = {"table", "json", "csv", "spdx"};
    static const char *const versions[] = {"cyclonedx@1.4", "cyclonedx@1.5", "cyclonedx@1.6",
                                           "cyclonedx@1.7"};
    document d = {0};
    if (choice % 2) {
        for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
            write_format(result, options, plain[i], &d);
    } else {
        write_format(result, options, versions[choice / 2 % 4], &d);
        write_format(result, options, "sarif", &d);
        d.size = 0;
        if (fps_report_drift(result, options, collect, &d, NULL) != FPS_OK ||
            fps_report_explain(result, options, collect, &d, NULL) != FPS_OK)
            __builtin_trap();
        expect_document(&d);
    }
    free(d.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size, NULL};
    if (fps__result_create(&in.result, NULL) != FPS_OK)
        return 0;
    fps_report_options options = {.states = 7, .timestamp = -1, .width = take(&in, 2) ? 80 : 0};
    options.all_layers = take(&in, 2);
    options.runtime = take(&in, 2);
    add_files(&in);
    add_components(&in);
    add_findings(&in);
    if (fps__result_finish(in.result, NULL) == FPS_OK) {
        add_layers(&in);
        add_packages(&in);
        add_drift(&in);
        add_image(&in);
        write_some(in.result, &options, size);
    }
    fps_result_free(in.result);
    return 0;
}
