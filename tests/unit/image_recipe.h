/* Recipes of container images, and opening them from a temporary file or directory, for tests of images. */
#ifndef FPS_TESTS_IMAGE_RECIPE_H
#define FPS_TESTS_IMAGE_RECIPE_H

#include "image/image.h"
#include "image_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

enum { LAYERS = 3 };

/* What an image is made of; the zero value is a plain one for linux/amd64. */
typedef struct recipe {
    const char *os, *architecture, *variant, *os_version;
    const char *packing;                      /* of the layers: "none", "gzip", "zstd"; NULL: gzip */
    const char *history;                      /* JSON list, NULL: none */
    const char *labels;                       /* JSON object */
    const char *annotations;                  /* of the manifest, JSON object */
    const char *content;                      /* of the lowest layer's file: makes images differ */
    int foreign;                              /* number of the layer that is foreign, 0: none */
    int wrong_size, wrong_digest, wrong_diff; /* numbers of layers with such a fault, from 1; 0: none */
    bool docker_types;
} recipe;

static const char * or (const char *text, const char *other)
{
    return text ? text : other;
}

/* The layers' tars: files a, b and c. */
static inline fixture_bytes layer_tar(const recipe *r, int i)
{
    char name[] = {(char)('a' + i), '\0'};
    return image_layer_tar(name, i ? "upper" : or (r->content, "lowest"));
}

static inline void make_config(const recipe *r, char text[IMAGE_JSON])
{
    char ids[LAYERS][DIGEST_TEXT];
    for (int i = 0; i < LAYERS; i++) {
        fixture_bytes tar = layer_tar(r, i);
        if (r->wrong_diff == i + 1)
            tar.data[0] ^= 1;
        image_digest(tar.data, tar.size, ids[i]);
        free(tar.data);
    }
    snprintf(text, IMAGE_JSON,
             "{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\",\"os.version\":\"%s\",\"config\":{"
             "\"Labels\":%s},"
             "\"history\":%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\",\"%s\"]}}",
             or (r->os, "linux"), or (r->architecture, "amd64"), or (r->variant, ""), or (r->os_version, ""),
             or (r->labels, "{}"), or (r->history, "[]"), ids[0], ids[1], ids[2]);
}

/* Adds the blobs of one layer and appends its descriptor to `list`. */
static inline void add_layer(image_files *files, const recipe *r, int i, char *list)
{
    char digest[DIGEST_TEXT];
    const char *packing = or (r->packing, "gzip");
    fixture_bytes tar = layer_tar(r, i), blob = tar;
    if (strcmp(packing, "none") != 0)
        blob = fixture_pack(packing, tar.data, tar.size);
    image_digest(blob.data, blob.size, digest);
    if (r->foreign != i + 1) {
        image_file *file = image_blob(files, blob.data, blob.size, digest);
        if (r->wrong_digest == i + 1) /* another time in the gzip header: the bytes unpack as before */
            file->bytes.data[4] ^= 1;
    }
    bool foreign = r->foreign == i + 1;
    snprintf(list + strlen(list), IMAGE_JSON - strlen(list),
             "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}", i ? "," : "",
             r->docker_types ? (foreign ? DOCKER "image.rootfs.foreign.diff.tar.gzip"
                                        : DOCKER "image.rootfs.diff.tar.gzip")
             : foreign       ? OCI "layer.nondistributable.v1.tar+gzip"
                             : OCI "layer.v1.tar+gzip",
             digest, blob.size + (r->wrong_size == i + 1),
             foreign ? ",\"urls\":[\"https://example.com/layer\"]" : "");
    if (blob.data != tar.data)
        free(blob.data);
    free(tar.data);
}

/* Adds a manifest with all it needs; `descriptor` lacks its last brace. */
static inline void add_manifest(image_files *files, const recipe *r, char descriptor[256])
{
    char config[IMAGE_JSON], config_descriptor[256], layers[IMAGE_JSON] = "", manifest[2 * IMAGE_JSON + 1024];
    make_config(r, config);
    image_json(files, r->docker_types ? DOCKER "container.image.v1+json" : OCI "config.v1+json", config,
               config_descriptor, sizeof config_descriptor);
    for (int i = 0; i < LAYERS; i++)
        add_layer(files, r, i, layers);
    const char *type = r->docker_types ? DOCKER "distribution.manifest.v2+json" : OCI "manifest.v1+json";
    snprintf(manifest, sizeof manifest,
             "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s},\"layers\":[%s],\"annotations\":%s}",
             type, config_descriptor, layers, or (r->annotations, "{}"));
    image_json(files, type, manifest, descriptor, 256);
}

static inline void add_layout(image_files *files)
{
    image_text(files, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
}

/* An OCI layout of one image; the manifest's descriptor in index.json ends with `rest`. */
static inline void make_oci(image_files *files, const recipe *r, const char *rest)
{
    char descriptor[256];
    add_manifest(files, r, descriptor);
    image_text(files, "index.json", "{\"schemaVersion\":2,\"manifests\":[%s%s}]}", descriptor, rest);
    add_layout(files);
}

typedef enum docker_form { DOCKER_CLASSIC, DOCKER_SKOPEO, DOCKER_LATEST } docker_form;

/* A docker archive of one image. */
static inline void make_docker(image_files *files, const recipe *r, docker_form form)
{
    char config[IMAGE_JSON], config_digest[DIGEST_TEXT], name[IMAGE_NAME], list[IMAGE_JSON] = "";
    make_config(r, config);
    image_digest(config, strlen(config), config_digest);
    for (int i = 0; i < LAYERS; i++) {
        fixture_bytes tar = layer_tar(r, i);
        char digest[DIGEST_TEXT], target[IMAGE_NAME];
        image_digest(tar.data, tar.size, digest);
        snprintf(name, sizeof name, "%064d/layer.tar", i);
        snprintf(target, sizeof target, "%s.tar", digest + 7);
        if (form == DOCKER_LATEST)
            snprintf(name, sizeof name, "blobs/sha256/%s", digest + 7);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s\"%s\"", i ? "," : "", name);
        image_add(files, form == DOCKER_SKOPEO ? target : name, tar.data, tar.size);
        if (form == DOCKER_SKOPEO) {
            snprintf(target, sizeof target, "../%s.tar", digest + 7);
            image_link(files, name, target, false);
        }
        free(tar.data);
    }
    if (form == DOCKER_LATEST) {
        recipe plain = *r;
        plain.packing = "none";
        image_files layout = {.count = 0};
        make_oci(&layout, &plain, "");
        for (size_t i = 0; i < layout.count; i++)
            if (!image_find(files, layout.items[i].name))
                image_add(files, layout.items[i].name, layout.items[i].bytes.data,
                          layout.items[i].bytes.size);
        image_files_free(&layout);
    }
    snprintf(name, sizeof name, form == DOCKER_LATEST ? "blobs/sha256/%s" : "%s.json", config_digest + 7);
    if (!image_find(files, name))
        image_add(files, name, config, strlen(config));
    image_text(
        files, "manifest.json",
        "[{\"Config\":\"%s\",\"RepoTags\":[\"example.com/team/app:1.0\",\"app:latest\"],\"Layers\":[%s]}]",
        name, list);
}

/* ---- opening ---- */

typedef struct seen {
    char codes[512]; /* of diagnostics, each with a blank behind it */
} seen;

static inline void note(void *user, const fps_diagnostic *diagnostic)
{
    seen *all = user;
    strncat(all->codes, diagnostic->code, 100);
    strcat(all->codes, " ");
}

/* An image that lies on disk until it is closed. */
typedef struct opened {
    fps__image *image;
    const fps__image_info *info;
    fps_status status;
    fps_error error;
    seen seen;
    char path[TEMPORARY_SIZE];
    bool directory;
} opened;

typedef struct how {
    const char *format; /* "directory", or a format of tar; NULL: "gnutar" */
    const char *filter; /* NULL: "none" */
    const char *platform, *reference;
    fps__image_kind kind;
    size_t cut; /* bytes to take away from the end of the file */
} how;

static inline opened open_files(const image_files *files, const how *h)
{
    opened o = {.image = NULL};
    temporary_name(o.path, "image");
    o.directory = h->format && strcmp(h->format, "directory") == 0;
    if (o.directory) {
        assert_non_null(mkdtemp(o.path));
        image_write_directory(files, o.path);
    } else {
        close(mkstemp(o.path));
        image_write_archive(files, o.path, or (h->format, "gnutar"), or (h->filter, "none"));
    }
    struct stat st;
    assert_int_equal(stat(o.path, &st), 0);
    if (h->cut)
        assert_int_equal(truncate(o.path, st.st_size - (off_t)h->cut), 0);
    fps__image_options options = {h->platform, h->reference, note, &o.seen, 0};
    o.status = fps__image_open(&o.image, o.path, h->kind, &options, &o.error);
    o.info = o.status ? NULL : fps__image_get_info(o.image);
    return o;
}

static inline void shut(opened *o)
{
    fps__image_close(o->image);
    if (o->directory)
        image_remove_directory(o->path);
    else
        unlink(o->path);
}

/* Reads a layer to its end; the status of opening, reading or closing, and what was read. */
static inline fps_status read_layer(opened *o, uint32_t i, fixture_bytes *bytes)
{
    fps__stream *stream;
    fps__span block;
    *bytes = (fixture_bytes){malloc(65536), 0};
    fps_status status = fps__image_layer_open(o->image, i, &stream, &o->error);
    if (status)
        return status;
    while (!(status = fps__stream_next(stream, &block, &o->error))) {
        assert_true(block.size <= 65536 - bytes->size);
        memcpy(bytes->data + bytes->size, block.data, block.size);
        bytes->size += block.size;
    }
    if (status != FPS_ERROR_NOT_FOUND) {
        fps__image_layer_close(o->image, i, stream, NULL);
        return status;
    }
    return fps__image_layer_close(o->image, i, stream, &o->error);
}

static inline void assert_layers(opened *o, const recipe *r)
{
    assert_int_equal(o->info->layer_count, LAYERS);
    bool met[LAYERS] = {false};
    for (uint32_t place = 0; place < LAYERS; place++) {
        uint32_t i = o->info->order[place];
        fixture_bytes found, tar = layer_tar(r, (int)i);
        assert_false(met[i]);
        met[i] = true;
        assert_int_equal(read_layer(o, i, &found), FPS_OK);
        assert_int_equal(found.size, tar.size);
        assert_memory_equal(found.data, tar.data, tar.size);
        assert_int_equal(fps__image_layer_verify(o->image, i, &o->error), FPS_OK);
        free(found.data);
        free(tar.data);
    }
}

static inline void assert_fault(const image_files *files, const how *h, fps_status status, const char *text)
{
    opened o = open_files(files, h);
    assert_int_equal(o.status, status);
    assert_int_equal(o.error.status, status);
    if (text && !strstr(o.error.message, text))
        fail_msg("\"%s\" does not say \"%s\"", o.error.message, text);
    assert_null(o.image);
    shut(&o);
}

static inline fps__image_kind probe(const char *path)
{
    fps__image_kind kind;
    bool alike;
    assert_int_equal(fps__image_probe(path, &kind, &alike, NULL), FPS_OK);
    return kind;
}

#endif
