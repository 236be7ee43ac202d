/* Images: every form of archive and layout, what configs say, and every fault of a document or a layer. */
#include "image_recipe.h"

/* ---- forms ---- */

static void every_form_gives_the_same_layers(void **state)
{
    (void)state;
    static const char *const outer[][2] = {{"directory", "none"}, {"gnutar", "none"}, {"pax", "none"},
                                           {"ustar", "gzip"},     {"gnutar", "zstd"}, {"pax", "xz"},
                                           {"gnutar", "bzip2"}};
    static const char *const packings[] = {"none", "gzip", "zstd"};
    for (size_t i = 0; i < sizeof outer / sizeof *outer; i++)
        for (size_t j = 0; j < 3; j++) {
            recipe r = {.packing = packings[j], .docker_types = j == 1};
            image_files files = {.count = 0};
            make_oci(&files, &r, "");
            how h = {.format = outer[i][0], .filter = outer[i][1]};
            opened o = open_files(&files, &h);
            assert_int_equal(o.status, FPS_OK);
            assert_int_equal(o.info->kind, i ? FPS__IMAGE_OCI_ARCHIVE : FPS__IMAGE_OCI_DIRECTORY);
            assert_int_equal(probe(o.path), o.info->kind);
            assert_int_equal(strlen(o.info->manifest), DIGEST_TEXT - 1);
            assert_layers(&o, &r);
            shut(&o);
            image_files_free(&files);
        }
}

static void every_docker_archive_gives_the_same_layers(void **state)
{
    (void)state;
    static const char *const filters[] = {"none", "gzip"};
    for (int form = DOCKER_CLASSIC; form <= DOCKER_LATEST; form++)
        for (int i = 0; i < 2; i++) {
            recipe r = {.os = "linux"};
            image_files files = {.count = 0};
            make_docker(&files, &r, (docker_form)form);
            how h = {.filter = filters[i], .reference = "team/app:1.0"};
            opened o = open_files(&files, &h);
            assert_int_equal(o.status, FPS_OK);
            assert_int_equal(o.info->kind,
                             form == DOCKER_LATEST ? FPS__IMAGE_OCI_ARCHIVE : FPS__IMAGE_DOCKER_ARCHIVE);
            assert_int_equal(probe(o.path), o.info->kind);
            assert_string_equal(o.info->reference, "example.com/team/app:1.0");
            assert_layers(&o, &r);
            shut(&o);
            h.kind = FPS__IMAGE_DOCKER_ARCHIVE;
            o = open_files(&files, &h);
            assert_int_equal(o.status, FPS_OK);
            shut(&o);
            image_files_free(&files);
        }
}

static void compressed_layers_of_a_docker_archive_are_verified_by_diff_id(void **state)
{
    (void)state;
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_docker(&files, &r, DOCKER_CLASSIC);
    for (size_t i = 0; i < LAYERS; i++) {
        fixture_bytes tar = files.items[i].bytes;
        files.items[i].bytes = fixture_pack("gzip", tar.data, tar.size);
        free(tar.data);
    }
    opened o = open_files(&files, &(how){.filter = NULL});
    assert_layers(&o, &r);
    shut(&o);
    recipe wrong = {.wrong_diff = 2};
    image_files_free(&files);
    make_docker(&files, &wrong, DOCKER_CLASSIC);
    o = open_files(&files, &(how){.filter = NULL});
    assert_int_equal(fps__image_layer_verify(o.image, 0, &o.error), FPS_OK);
    assert_int_equal(fps__image_layer_verify(o.image, 1, &o.error), FPS_ERROR_CORRUPT);
    assert_non_null(strstr(o.error.message, "diff ID"));
    shut(&o);
    image_files_free(&files);
}

static void layers_of_a_compressed_archive_are_read_in_the_order_they_lie(void **state)
{
    (void)state;
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_docker(&files, &r, DOCKER_CLASSIC);
    image_file first = files.items[0];
    files.items[0] = files.items[2];
    files.items[2] = first;
    opened o = open_files(&files, &(how){.filter = "gzip"});
    static const uint32_t order[] = {2, 1, 0};
    assert_memory_equal(o.info->order, order, sizeof order);
    assert_layers(&o, &r);
    assert_layers(&o, &r); /* going back starts again */
    shut(&o);
    o = open_files(&files, &(how){.filter = "none"});
    static const uint32_t natural[] = {0, 1, 2};
    assert_memory_equal(o.info->order, natural, sizeof natural);
    shut(&o);
    image_files_free(&files);
}

static void what_is_no_image_is_none(void **state)
{
    (void)state;
    image_files files = {.count = 0};
    image_text(&files, "etc/passwd", "root");
    image_text(&files, "manifest.json", "{\"name\":\"a web application\",\"icons\":[]}");
    image_text(&files, "index.json", "[1,2]");
    static const char *const outer[][2] = {{"directory", "none"}, {"gnutar", "none"}, {"gnutar", "gzip"}};
    for (size_t i = 0; i < 3; i++) {
        how h = {.format = outer[i][0], .filter = outer[i][1]};
        opened o = open_files(&files, &h);
        assert_int_equal(o.status, FPS_ERROR_FORMAT);
        assert_int_equal(probe(o.path), FPS__IMAGE_ANY);
        shut(&o);
        h.kind = FPS__IMAGE_DOCKER_ARCHIVE;
        assert_fault(&files, &h, i ? FPS_ERROR_CORRUPT : FPS_ERROR_FORMAT,
                     i ? "is not a list of images" : NULL);
    }
    image_files_free(&files);
    fps__image_kind kind;
    bool alike;
    assert_int_equal(fps__image_probe("no such file", &kind, &alike, NULL), FPS_ERROR_NOT_FOUND);
    assert_int_equal(probe("/dev/null"), FPS__IMAGE_ANY);
    assert_int_equal(probe("/proc/self/exe"), FPS__IMAGE_ANY);
}

static void the_kind_that_was_asked_for_must_fit(void **state)
{
    (void)state;
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_oci(&files, &r, "");
    assert_fault(&files, &(how){.kind = FPS__IMAGE_OCI_DIRECTORY}, FPS_ERROR_FORMAT, "OCI layout directory");
    assert_fault(&files, &(how){.format = "directory", .kind = FPS__IMAGE_OCI_ARCHIVE}, FPS_ERROR_FORMAT,
                 "OCI archive");
    image_files_free(&files);
    make_docker(&files, &r, DOCKER_CLASSIC);
    assert_fault(&files, &(how){.kind = FPS__IMAGE_OCI_ARCHIVE}, FPS_ERROR_FORMAT, "OCI archive");
    image_files_free(&files);
    image_text(&files, "repositories", "{}");
    assert_fault(&files, &(how){.kind = FPS__IMAGE_ANY}, FPS_ERROR_UNSUPPORTED, "before 1.10");
    image_files_free(&files);
}

/* ---- what the config says ---- */

static void history_tells_who_made_each_layer_and_where_a_base_may_end(void **state)
{
    (void)state;
    recipe r = {.history = "[{\"created_by\":\"/bin/sh -c #(nop) ADD file:1 in / \",\"comment\":\"debian\"},"
                           "{\"created_by\":\"/bin/sh -c #(nop)  CMD [\\\"bash\\\"]\",\"empty_layer\":true},"
                           "{\"created_by\":\"RUN apt-get install\"},"
                           "{\"created_by\":\"ENV A=B\",\"empty_layer\":true},"
                           "{\"created_by\":\"COPY app /app\"},"
                           "{\"created_by\":\"ENTRYPOINT [\\\"/app\\\"]\",\"empty_layer\":true},"
                           "{\"created_by\":\"CMD [\\\"-v\\\"]\",\"empty_layer\":true}]",
                .labels = "{\"org.opencontainers.image.base.name\":\"example.com/debian:12\"}"};
    image_files files = {.count = 0};
    make_oci(&files, &r, "");
    opened o = open_files(&files, &(how){.reference = NULL});
    assert_string_equal(o.info->layers[0].created_by, "/bin/sh -c #(nop) ADD file:1 in / ");
    assert_string_equal(o.info->layers[0].comment, "debian");
    assert_string_equal(o.info->layers[1].created_by, "RUN apt-get install");
    assert_string_equal(o.info->layers[2].created_by, "COPY app /app");
    assert_int_equal(o.info->guessed_layers, 1);
    assert_string_equal(o.info->base_name, "example.com/debian:12");
    assert_string_equal(o.seen.codes, "");
    shut(&o);
    image_files_free(&files);
    recipe short_one = {.history = "[{\"created_by\":\"only one\"}]",
                        .annotations = "{\"org.opencontainers.image.base.name\":\"base\","
                                       "\"org.opencontainers.image.base.digest\":\"sha256:12\"}"};
    make_oci(&files, &short_one, "");
    o = open_files(&files, &(how){.reference = NULL});
    assert_string_equal(o.info->layers[0].created_by, "");
    assert_int_equal(o.info->guessed_layers, 0);
    assert_string_equal(o.info->base_name, "base");
    assert_string_equal(o.info->base_digest, "sha256:12");
    assert_string_equal(o.seen.codes, "history-mismatch ");
    shut(&o);
    image_files_free(&files);
}

static void foreign_layers_of_windows_images_are_told_from_missing_ones(void **state)
{
    (void)state;
    for (int docker = 0; docker < 2; docker++) {
        recipe r = {.os = "windows", .os_version = "10.0.20348.9", .foreign = 1, .docker_types = docker};
        image_files files = {.count = 0};
        make_oci(&files, &r, "");
        opened o = open_files(&files, &(how){.reference = NULL});
        assert_int_equal(o.status, FPS_OK);
        assert_string_equal(o.info->os, "windows");
        assert_string_equal(o.info->os_version, "10.0.20348.9");
        assert_true(o.info->layers[0].foreign);
        assert_false(o.info->layers[0].missing);
        assert_false(o.info->layers[1].foreign);
        fixture_bytes bytes;
        assert_int_equal(read_layer(&o, 0, &bytes), FPS_ERROR_NOT_FOUND);
        free(bytes.data);
        assert_int_equal(fps__image_layer_verify(o.image, 0, &o.error), FPS_ERROR_NOT_FOUND);
        assert_int_equal(fps__image_layer_verify(o.image, 1, &o.error), FPS_OK);
        char name[IMAGE_NAME];
        snprintf(name, sizeof name, "blobs/sha256/%s", o.info->layers[1].digest + 7);
        shut(&o);
        strcpy(image_find(&files, name)->name, "elsewhere");
        o = open_files(&files, &(how){.reference = NULL});
        assert_true(o.info->layers[1].missing);
        assert_false(o.info->layers[1].foreign);
        assert_int_equal(fps__image_layer_verify(o.image, 1, &o.error), FPS_ERROR_NOT_FOUND);
        assert_non_null(strstr(o.error.message, "not there"));
        shut(&o);
        image_files_free(&files);
    }
}

/* ---- faults ---- */

static void wrong_digests_and_sizes_of_layers_are_named(void **state)
{
    (void)state;
    static const struct {
        recipe recipe;
        fps_status read, verify;
        const char *text;
    } cases[] = {
        {{.wrong_digest = 2}, FPS_ERROR_CORRUPT, FPS_ERROR_CORRUPT, "the manifest says sha256:"},
        {{.wrong_diff = 2}, FPS_ERROR_CORRUPT, FPS_OK, "the config (diff ID) says sha256:"},
        {{.wrong_diff = 2, .packing = "none"},
         FPS_ERROR_CORRUPT,
         FPS_OK,
         "the config (diff ID) says sha256:"},
        {{.wrong_size = 2}, FPS_ERROR_CORRUPT, FPS_ERROR_CORRUPT, "its descriptor says"},
    };
    static const char *const outer[][2] = {{"directory", "none"}, {"gnutar", "none"}, {"gnutar", "gzip"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t j = 0; j < 3; j++) {
            image_files files = {.count = 0};
            make_oci(&files, &cases[i].recipe, "");
            opened o = open_files(&files, &(how){.format = outer[j][0], .filter = outer[j][1]});
            assert_int_equal(o.status, FPS_OK);
            fixture_bytes bytes;
            assert_int_equal(fps__image_layer_verify(o.image, 1, &o.error), cases[i].verify);
            assert_int_equal(read_layer(&o, 1, &bytes), cases[i].read);
            assert_non_null(strstr(o.error.message, cases[i].text));
            assert_string_equal(o.error.path, o.info->layers[1].digest);
            free(bytes.data);
            assert_int_equal(read_layer(&o, 2, &bytes), FPS_OK);
            free(bytes.data);
            shut(&o);
            image_files_free(&files);
        }
}

static void half_read_layers_are_not_compared(void **state)
{
    (void)state;
    recipe r = {.wrong_diff = 1};
    image_files files = {.count = 0};
    make_oci(&files, &r, "");
    opened o = open_files(&files, &(how){.reference = NULL});
    fps__stream *stream;
    fps__span block;
    assert_int_equal(fps__image_layer_open(o.image, 0, &stream, &o.error), FPS_OK);
    assert_int_equal(fps__stream_next(stream, &block, &o.error), FPS_OK);
    assert_int_equal(fps__image_layer_close(o.image, 0, stream, &o.error), FPS_OK);
    assert_int_equal(fps__image_layer_open(o.image, 99, &stream, &o.error), FPS_ERROR_ARGUMENT);
    assert_int_equal(fps__image_layer_verify(o.image, 99, &o.error), FPS_ERROR_ARGUMENT);
    shut(&o);
    image_files_free(&files);
}

/* Changes one byte of the document whose text holds `word`. */
static void spoil(image_files *files, const char *word, char from, char to)
{
    for (size_t i = 0; i < files->count; i++) {
        image_file *file = &files->items[i];
        char *found =
            file->bytes.size ? memmem(file->bytes.data, file->bytes.size, word, strlen(word)) : NULL;
        if (found && file->bytes.data[0] == '{') {
            *(char *)memchr(found, from, strlen(found)) = to;
            return;
        }
    }
    fail_msg("nothing holds %s", word);
}

static void wrong_digests_of_documents_name_both(void **state)
{
    (void)state;
    static const char *const words[] = {"\"rootfs\"", "\"layers\":["};
    for (int i = 0; i < 2; i++) {
        recipe r = {.os = "linux"};
        image_files files = {.count = 0};
        make_oci(&files, &r, "");
        spoil(&files, words[i], 'r' == words[i][1] ? 'r' : 'l', 'x');
        assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_CORRUPT, "its descriptor says sha256:");
        assert_fault(&files, &(how){.filter = "gzip"}, FPS_ERROR_CORRUPT, "its descriptor says sha256:");
        image_files_free(&files);
    }
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_docker(&files, &r, DOCKER_CLASSIC);
    spoil(&files, "\"config\":{", 'L', 'l');
    assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_CORRUPT, "its name says sha256:");
    image_files_free(&files);
}

/* An index.json as given; its status. */
static void assert_index_fault(const char *index, fps_status status, const char *text)
{
    image_files files = {.count = 0};
    image_text(&files, "index.json", "%s", index);
    add_layout(&files);
    assert_fault(&files, &(how){.reference = NULL}, status, text);
    assert_fault(&files, &(how){.filter = "gzip"}, status, text);
    image_files_free(&files);
}

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void faults_of_an_index_are_told(void **state)
{
    (void)state;
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha512:" HEX64 HEX64 "\",\"size\":1}]}",
                       FPS_ERROR_UNSUPPORTED, "sha512");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:../../../etc/passwd\",\"size\":1}]}",
                       FPS_ERROR_CORRUPT, "64 digits");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:" HEX64 "0\",\"size\":1}]}", FPS_ERROR_CORRUPT,
                       "64 digits");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:" HEX64 "\"}]}", FPS_ERROR_CORRUPT, "no size");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:" HEX64 "\",\"size\":-1}]}", FPS_ERROR_CORRUPT,
                       "no size");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:" HEX64 "\",\"size\":1,\"size\":2}]}",
                       FPS_ERROR_CORRUPT, "JSON");
    assert_index_fault("{\"manifests\":[],\"layers\":[]}", FPS_ERROR_CORRUPT, "not an image index");
    assert_index_fault("{\"manifests\":{}}", FPS_ERROR_CORRUPT, "not an image index");
    assert_index_fault("{\"manifests\":[]}", FPS_ERROR_NOT_FOUND, "holds no image");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:" HEX64 "\",\"size\":1}]}", FPS_ERROR_NOT_FOUND,
                       "not included");
    assert_index_fault("{\"manifests\":[{\"digest\":\"sha256:" HEX64
                       "\",\"size\":1,\"artifactType\":\"x\"}]}",
                       FPS_ERROR_UNSUPPORTED, "artifacts");
    assert_index_fault("{\"manifests\"", FPS_ERROR_CORRUPT, "JSON");
}

/* A manifest and a config as given, in an index. */
static void assert_manifest_fault(const char *manifest, fps_status status, const char *text)
{
    image_files files = {.count = 0};
    char descriptor[256];
    image_json(&files, OCI "manifest.v1+json", manifest, descriptor, sizeof descriptor);
    image_text(&files, "index.json", "{\"manifests\":[%s}]}", descriptor);
    add_layout(&files);
    assert_fault(&files, &(how){.reference = NULL}, status, text);
    image_files_free(&files);
}

static void faults_of_a_manifest_are_told(void **state)
{
    (void)state;
    assert_manifest_fault("{\"config\":{},\"layers\":[],\"manifests\":[]}", FPS_ERROR_CORRUPT,
                          "not an image manifest");
    assert_manifest_fault("{\"config\":{},\"layers\":{}}", FPS_ERROR_CORRUPT, "list of layers");
    assert_manifest_fault("{\"config\":{},\"layers\":[]}", FPS_ERROR_CORRUPT, "64 digits");
    assert_manifest_fault(
        "{\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\"},\"layers\":[]}",
        FPS_ERROR_UNSUPPORTED, "artifacts");
    assert_manifest_fault("{\"mediaType\":\"" DOCKER "distribution.manifest.v1+json\",\"config\":{}}",
                          FPS_ERROR_UNSUPPORTED, "schema 1");
    assert_manifest_fault("{\"config\":{\"digest\":\"sha256:" HEX64 "\",\"size\":1},\"layers\":[]}",
                          FPS_ERROR_NOT_FOUND, "not part of the image");
    assert_manifest_fault("{\"config\":{},\"layers\":[]", FPS_ERROR_CORRUPT, "JSON");
}

static void config_must_have_a_diff_id_for_each_layer(void **state)
{
    (void)state;
    image_files files = {.count = 0};
    image_text(&files, "config.json", "{\"rootfs\":{\"diff_ids\":[\"sha256:" HEX64 "\"]}}");
    image_text(&files, "manifest.json", "[{\"Config\":\"config.json\",\"Layers\":[\"a.tar\",\"b.tar\"]}]");
    assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_CORRUPT, "2 layers, the config 1 diff IDs");
    image_files_free(&files);
    image_text(&files, "config.json", "{\"rootfs\":{\"diff_ids\":[5]}}");
    image_text(&files, "manifest.json", "[{\"Config\":\"config.json\",\"Layers\":[\"a.tar\"]}]");
    assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_CORRUPT, "64 digits");
    image_files_free(&files);
}

static void documents_and_layers_have_limits(void **state)
{
    (void)state;
    enum { LARGE = 5 * 1024 * 1024, MANY = 4097 };
    image_files files = {.count = 0};
    char *large = malloc(LARGE);
    memset(large, ' ', LARGE);
    memcpy(large, "{\"manifests\":[", 14);
    memcpy(large + LARGE - 2, "]}", 2);
    image_add(&files, "index.json", large, LARGE);
    add_layout(&files);
    assert_fault(&files, &(how){.format = "directory"}, FPS_ERROR_LIMIT, "bytes");
    assert_fault(&files, &(how){.filter = NULL}, FPS_ERROR_LIMIT, "bytes");
    assert_fault(&files, &(how){.filter = "gzip"}, FPS_ERROR_LIMIT, "bytes");
    image_files_free(&files);
    size_t used = (size_t)sprintf(large, "[{\"Config\":\"config.json\",\"Layers\":[\"x\"");
    for (int i = 1; i < MANY; i++)
        used += (size_t)sprintf(large + used, ",\"x\"");
    used += (size_t)sprintf(large + used, "]}]");
    image_add(&files, "manifest.json", large, used);
    image_text(&files, "config.json", "{}");
    assert_fault(&files, &(how){.reference = NULL}, FPS_ERROR_LIMIT, "more than 4096 layers");
    image_files_free(&files);
    free(large);
}

static void a_layout_directory_is_never_left(void **state)
{
    (void)state;
    char outside[TEMPORARY_SIZE], name[IMAGE_NAME];
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_oci(&files, &r, "");
    image_file *layer = NULL;
    for (size_t i = 0; i < files.count && !layer; i++)
        if (files.items[i].bytes.size && files.items[i].bytes.data[0] == 0x1f)
            layer = &files.items[i];
    int fd = mkstemp(temporary_name(outside, "outside"));
    assert_int_equal(write(fd, layer->bytes.data, layer->bytes.size), (ssize_t)layer->bytes.size);
    close(fd);
    snprintf(name, sizeof name, "%s", layer->name);
    strcpy(layer->link, outside);
    assert_fault(&files, &(how){.format = "directory"}, FPS_ERROR_UNSUPPORTED, "symbolic link");
    layer->link[0] = '\0';
    strcpy(layer->name, "spare");
    image_link(&files, name, "/dev/zero", false);
    assert_fault(&files, &(how){.format = "directory"}, FPS_ERROR_UNSUPPORTED, "symbolic link");
    unlink(outside);
    image_files_free(&files);
}

static void links_in_an_archive_are_followed_inside_it(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        bool hard, found;
    } cases[] = {
        {"../real.tar", false, true},
        {"/real.tar", false, true},
        {"real.tar", true, true},
        {"./../b/../real.tar", false, true},
        {"../../real.tar", false, false},
        {"../a/layer.tar", false, false},
        {"../nothing", false, false},
        {"real.tar", false, false},
        {"", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int packed = 0; packed < 2; packed++) {
            recipe r = {.os = "linux"};
            image_files files = {.count = 0};
            make_docker(&files, &r, DOCKER_CLASSIC);
            char *name = files.items[0].name, manifest[IMAGE_JSON];
            image_file *list = image_find(&files, "manifest.json");
            snprintf(manifest, sizeof manifest, "%.*s", (int)list->bytes.size, (char *)list->bytes.data);
            char *place = strstr(manifest, name);
            memmove(place + strlen("a/layer.tar"), place + strlen(name), strlen(place + strlen(name)) + 1);
            memcpy(place, "a/layer.tar", strlen("a/layer.tar"));
            strcpy(name, "real.tar");
            if (*cases[i].target)
                image_link(&files, "a/layer.tar", cases[i].target, cases[i].hard);
            free(list->bytes.data);
            list->bytes = fixture_join(manifest, strlen(manifest), "", 0);
            opened o = open_files(&files, &(how){.filter = packed ? "gzip" : "none"});
            assert_int_equal(o.status, FPS_OK);
            assert_int_equal(o.info->layers[0].missing, !cases[i].found);
            if (cases[i].found)
                assert_layers(&o, &r);
            shut(&o);
            image_files_free(&files);
        }
}

static void cut_off_archives_give_what_is_there(void **state)
{
    (void)state;
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_docker(&files, &r, DOCKER_CLASSIC);
    image_file layer = files.items[1];
    memmove(&files.items[1], &files.items[2], (files.count - 2) * sizeof layer);
    files.items[files.count - 1] = layer;
    opened o = open_files(&files, &(how){.format = "ustar", .cut = 2048});
    assert_int_equal(o.status, FPS_OK);
    assert_string_equal(o.seen.codes, "damaged-archive ");
    fixture_bytes bytes;
    assert_int_equal(read_layer(&o, 0, &bytes), FPS_OK);
    free(bytes.data);
    assert_int_equal(read_layer(&o, 1, &bytes), FPS_ERROR_CORRUPT);
    free(bytes.data);
    assert_int_equal(fps__image_layer_verify(o.image, 1, &o.error), FPS_ERROR_CORRUPT);
    shut(&o);
    o = open_files(&files, &(how){.filter = "gzip", .cut = 5});
    assert_int_equal(o.status, FPS_OK);
    assert_string_equal(o.seen.codes, "damaged-archive ");
    shut(&o);
    image_files_free(&files);
    make_oci(&files, &r, "");
    assert_fault(&files, &(how){.format = "ustar", .cut = 3600, .kind = FPS__IMAGE_OCI_ARCHIVE},
                 FPS_ERROR_CORRUPT, "cut off");
    image_files_free(&files);
}

static void data_behind_the_end_of_an_archive_is_told(void **state)
{
    (void)state;
    recipe r = {.os = "linux"};
    image_files files = {.count = 0};
    make_oci(&files, &r, "");
    for (int zero = 0; zero < 2; zero++) {
        opened o = open_files(&files, &(how){.format = "ustar"});
        FILE *file = fopen(o.path, "ab");
        for (int i = 0; i < 1000; i++)
            fputc(i < 999 || zero ? 0 : 'x', file);
        fclose(file);
        fps__image_close(o.image);
        fps__image_options options = {.diagnostic = note, .user = &o.seen};
        assert_int_equal(fps__image_open(&o.image, o.path, FPS__IMAGE_ANY, &options, &o.error), FPS_OK);
        assert_string_equal(o.seen.codes, zero ? "" : "trailing-data ");
        shut(&o);
    }
    image_files_free(&files);
}

static void doubled_members_are_noted_and_the_last_one_counts(void **state)
{
    (void)state;
    recipe r = {.content = "good"};
    image_files files = {.count = 0};
    image_text(&files, "index.json", "{\"manifests\":[]}");
    make_oci(&files, &r, "");
    opened o = open_files(&files, &(how){.reference = NULL});
    assert_int_equal(o.status, FPS_OK);
    assert_string_equal(o.seen.codes, "duplicate-member ");
    assert_layers(&o, &r);
    shut(&o);
    image_files_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_the_same_layers),
        cmocka_unit_test(every_docker_archive_gives_the_same_layers),
        cmocka_unit_test(compressed_layers_of_a_docker_archive_are_verified_by_diff_id),
        cmocka_unit_test(layers_of_a_compressed_archive_are_read_in_the_order_they_lie),
        cmocka_unit_test(what_is_no_image_is_none),
        cmocka_unit_test(the_kind_that_was_asked_for_must_fit),
        cmocka_unit_test(history_tells_who_made_each_layer_and_where_a_base_may_end),
        cmocka_unit_test(foreign_layers_of_windows_images_are_told_from_missing_ones),
        cmocka_unit_test(wrong_digests_and_sizes_of_layers_are_named),
        cmocka_unit_test(half_read_layers_are_not_compared),
        cmocka_unit_test(wrong_digests_of_documents_name_both),
        cmocka_unit_test(faults_of_an_index_are_told),
        cmocka_unit_test(faults_of_a_manifest_are_told),
        cmocka_unit_test(config_must_have_a_diff_id_for_each_layer),
        cmocka_unit_test(documents_and_layers_have_limits),
        cmocka_unit_test(a_layout_directory_is_never_left),
        cmocka_unit_test(links_in_an_archive_are_followed_inside_it),
        cmocka_unit_test(cut_off_archives_give_what_is_there),
        cmocka_unit_test(data_behind_the_end_of_an_archive_is_told),
        cmocka_unit_test(doubled_members_are_noted_and_the_last_one_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
