/* Whole scans of container images: layers that lack or lie, hidden files, and what the cache keeps. */
#include "image_fixture.h"
#include "package_fixture.h"
#include "scan_fixture.h"

#include <fpscan/cache.h>

#define OCI "application/vnd.oci.image."

enum { MAX_LAYERS = 4 };

/* A layer: its tar, and what is wrong with it. */
typedef struct layer {
    fps__span tar;
    bool foreign, missing;
    bool other_blob;          /* another time in the header of gzip: other bytes that unpack as before */
    bool other_diff;          /* the config names another tar */
    const char *claimed_diff; /* or this one */
    bool cut;                 /* the tar ends early, and all digests are those of the cut one; not packed */
    const char *packing;
    char digest[DIGEST_TEXT], diff_id[DIGEST_TEXT]; /* as the image says */
    char true_digest[DIGEST_TEXT], true_diff[DIGEST_TEXT];
} layer;

typedef struct image {
    layer layers[MAX_LAYERS];
    size_t count;
    const char *os; /* NULL: linux */
    char folder[TEMPORARY_SIZE];
} image;

/* ---- making images ---- */

static fps__span tar_of(const fixture_file *files, size_t count)
{
    return fixture_archive("ustar", "none", files, count);
}

/* A layer of one file with zlib 1.2 or 1.3. */
static fps__span tar_of_zlib(const char *path, const char *version)
{
    bool old = strcmp(version, "1.2") == 0;
    fps__span bytes = elf_bytes("zlib", old ? 0 : 10, old ? 50 : 60);
    const fixture_file file = {path, bytes.data, bytes.size};
    fps__span tar = tar_of(&file, 1);
    free((void *)bytes.data);
    return tar;
}

/* An empty file, as whiteouts are. */
static fps__span tar_of_mark(const char *path)
{
    const fixture_file file = fixture_text_file(path, "");
    return tar_of(&file, 1);
}

/* Writes the layer's blob and appends its descriptor and its diff ID. */
static void put_layer(image_files *files, layer *l, char *descriptors, char *diff_ids)
{
    const char *packing = l->packing ? l->packing : "gzip";
    fixture_bytes blob = strcmp(packing, "none") == 0 ? fixture_join(l->tar.data, l->tar.size, "", 0)
                                                      : fixture_pack(packing, l->tar.data, l->tar.size);
    blob.size = l->cut ? blob.size / 2 : blob.size;
    image_digest(blob.data, blob.size, l->digest);
    image_digest(l->tar.data, l->cut ? l->tar.size / 2 : l->tar.size, l->true_diff);
    strcpy(l->diff_id, l->claimed_diff ? l->claimed_diff : l->true_diff);
    if (l->other_diff)
        image_digest("other", 5, l->diff_id);
    if (l->other_blob)
        blob.data[4] ^= 1;
    image_digest(blob.data, blob.size, l->true_digest);
    if (!l->foreign && !l->missing) {
        char name[IMAGE_NAME];
        snprintf(name, sizeof name, "blobs/sha256/%s", l->digest + 7);
        if (!image_find(files, name))
            image_add(files, name, blob.data, blob.size);
    }
    const char *comma = *descriptors ? "," : "";
    snprintf(descriptors + strlen(descriptors), IMAGE_JSON - strlen(descriptors),
             "%s{\"mediaType\":\"" OCI "%s\",\"digest\":\"%s\",\"size\":%zu%s}", comma,
             l->foreign                     ? "layer.nondistributable.v1.tar+gzip"
             : strcmp(packing, "none") == 0 ? "layer.v1.tar"
                                            : "layer.v1.tar+gzip",
             l->digest, blob.size, l->foreign ? ",\"urls\":[\"https://example.com/layer\"]" : "");
    snprintf(diff_ids + strlen(diff_ids), IMAGE_JSON - strlen(diff_ids), "%s\"%s\"", comma, l->diff_id);
    free(blob.data);
}

/* Writes the image as an OCI layout into a new folder. */
static void write_image(image *im)
{
    char descriptors[IMAGE_JSON] = "", diff_ids[IMAGE_JSON] = "", text[3 * IMAGE_JSON], config[256],
         manifest[256];
    image_files files = {.count = 0};
    const char *os = im->os ? im->os : "linux";
    for (size_t i = 0; i < im->count; i++)
        put_layer(&files, &im->layers[i], descriptors, diff_ids);
    snprintf(text, sizeof text,
             "{\"os\":\"%s\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
             os, diff_ids);
    image_json(&files, OCI "config.v1+json", text, config, sizeof config);
    snprintf(text, sizeof text,
             "{\"schemaVersion\":2,\"mediaType\":\"" OCI "manifest.v1+json\",\"config\":%s},\"layers\":[%s]}",
             config, descriptors);
    image_json(&files, OCI "manifest.v1+json", text, manifest, sizeof manifest);
    image_text(
        &files, "index.json",
        "{\"schemaVersion\":2,\"manifests\":[%s,\"platform\":{\"os\":\"%s\",\"architecture\":\"amd64\"}}]}",
        manifest, os);
    image_text(&files, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    assert_non_null(mkdtemp(temporary_name(im->folder, "image")));
    image_write_directory(&files, im->folder);
    image_files_free(&files);
}

static void image_free(image *im)
{
    for (size_t i = 0; i < im->count; i++)
        free((void *)im->layers[i].tar.data);
    image_remove_directory(im->folder);
}

/* ---- scanning them ---- */

static int open_set(void **state)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .purl = "pkg:generic/zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 50, 0}));
    corpus_release(&corpus, "zlib", "1.3", TEXTS({"zlib", 10, 60, 0}));
    *state = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return 0;
}

static int close_set(void **state)
{
    fps_database_free(*state);
    return 0;
}

static fps_result *scan_cached(void **state, const image *im, const char *cache)
{
    return scan_tree(im->folder, *state,
                     &(fps_scan_options){.workers = 2,
                                         .cache_dir = cache,
                                         .platform = im->os ? "windows/amd64" : "linux/amd64"});
}

static fps_result *scan_image(void **state, image *im)
{
    write_image(im);
    return scan_cached(state, im, NULL);
}

/* The file of this path in this layer, and that it holds zlib. */
static const fps_file *zlib_at(const fps_result *result, const char *path, uint32_t in_layer)
{
    for (size_t i = 0; i < fps_result_file_count(result); i++) {
        const fps_file *file = fps_result_file(result, i);
        if (strcmp(file->path, path) == 0 && file->layer == in_layer) {
            assert_int_equal(file->findings_count, 1);
            return file;
        }
    }
    for (size_t i = 0; i < fps_result_file_count(result); i++)
        print_message("there is %s of layer %u\n", fps_result_file(result, i)->path,
                      fps_result_file(result, i)->layer);
    fail_msg("no %s of layer %u", path, in_layer);
    return NULL;
}

static const fps_diagnostic *diagnostic_of(const fps_result *result, fps_diagnostic_level level,
                                           const char *code)
{
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *d = fps_result_diagnostic(result, i);
        if (d->level == level && strcmp(d->code, code) == 0)
            return d;
    }
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        print_message("there is %s: %s\n", fps_result_diagnostic(result, i)->code,
                      fps_result_diagnostic(result, i)->message);
    fail_msg("no %s", code);
    return NULL;
}

static void assert_says(const fps_diagnostic *diagnostic, const char *text)
{
    if (!strstr(diagnostic->message, text))
        fail_msg("\"%s\" does not say \"%s\"", diagnostic->message, text);
}

static void assert_whole(const fps_result *result)
{
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++)
        print_message("%s: %s\n", fps_result_diagnostic(result, i)->code,
                      fps_result_diagnostic(result, i)->message);
    assert_int_equal(fps_result_diagnostic_count(result), 0);
    assert_false(fps_result_get_info(result)->partial);
}

/* ---- packages of lower layers ---- */

#define STATUS "var/lib/dpkg/status"
#define PARAGRAPH(name, version)                                                                             \
    "Package: " name "\nStatus: install ok installed\nVersion: " version "\nArchitecture: all\n\n"

static fps__span tar_of_text(const char *path, const char *text)
{
    const fixture_file file = fixture_text_file(path, text);
    return tar_of(&file, 1);
}

/* "NAME VERSION VISIBILITY LAYER\n" of each package. */
static const char *packages_of(const fps_result *result)
{
    static char text[1024];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        const fps_package *p = fps_result_package(result, i);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %s %s %u\n", p->name, p->version,
                                 fps_visibility_name(p->visibility), p->layer);
    }
    return text;
}

static fps_result *scan_hidden(void **state, const image *im, bool hidden)
{
    return scan_tree(im->folder, *state,
                     &(fps_scan_options){.workers = 2, .platform = "linux/amd64", .hidden_packages = hidden});
}

static void packages_that_later_layers_removed_are_listed_where_asked_for(void **state)
{
    image im = {.count = 3,
                .layers = {{.tar = tar_of_text(STATUS, PARAGRAPH("kept", "1") PARAGRAPH("gone", "1")
                                                           PARAGRAPH("old", "1"))},
                           {.tar = tar_of_text(STATUS, PARAGRAPH("kept", "1") PARAGRAPH("old", "1")
                                                           PARAGRAPH("brief", "1"))},
                           {.tar = tar_of_text(STATUS, PARAGRAPH("kept", "1") PARAGRAPH("old", "2"))}}};
    write_image(&im);
    fps_result *result = scan_hidden(state, &im, true);
    assert_string_equal(packages_of(result), "brief 1 deleted 1\ngone 1 deleted 0\nkept 1 visible 0\n"
                                             "old 1 shadowed 0\nold 2 visible 2\n");
    fps_result_free(result);
    result = scan_hidden(state, &im, false);
    assert_string_equal(packages_of(result), "kept 1 visible 2\nold 2 visible 2\n");
    fps_result_free(result);
    image_free(&im);
}

static void a_removed_package_database_is_said(void **state)
{
    image im = {.count = 2,
                .layers = {{.tar = tar_of_text(STATUS, PARAGRAPH("gone", "1"))},
                           {.tar = tar_of_mark("var/lib/.wh.dpkg")}}};
    write_image(&im);
    fps_result *result = scan_hidden(state, &im, true);
    assert_string_equal(packages_of(result), "gone 1 deleted 0\n");
    diagnostic_of(result, FPS_DIAGNOSTIC_NOTE, "no-package-database");
    fps_result_free(result);
    result = scan_hidden(state, &im, false);
    assert_string_equal(packages_of(result), "");
    assert_string_equal(diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "no-package-database")->path,
                        "/" STATUS);
    fps_result_free(result);
    image_free(&im);
}

/* ---- layers ---- */

static void a_file_of_several_layers_is_shown_in_each_and_seen_in_the_last(void **state)
{
    image im = {.count = 4,
                .layers = {{.tar = tar_of_zlib("lib/z.so", "1.2")},
                           {.tar = tar_of_zlib("lib/z.so", "1.3")},
                           {.tar = tar_of_zlib("lib/y.so", "1.2"), .packing = "none"},
                           {.tar = tar_of_mark("lib/.wh.y.so")}}};
    fps_result *result = scan_image(state, &im);
    assert_whole(result);
    assert_string_equal(fps_result_get_info(result)->target_type, "image");
    assert_int_equal(fps_result_layer_count(result), 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(fps_result_layer(result, i)->read);
        assert_string_equal(fps_result_layer(result, i)->digest, im.layers[i].true_digest);
        assert_string_equal(fps_result_layer(result, i)->diff_id, im.layers[i].true_diff);
    }
    assert_int_equal(fps_result_file_count(result), 3);
    assert_int_equal(zlib_at(result, "/lib/z.so", 0)->visibility, FPS_VISIBILITY_SHADOWED);
    assert_int_equal(zlib_at(result, "/lib/z.so", 1)->visibility, FPS_VISIBILITY_VISIBLE);
    assert_int_equal(zlib_at(result, "/lib/y.so", 2)->visibility, FPS_VISIBILITY_DELETED);
    fps_result_free(result);
    image_free(&im);
}

/* A layer that touches a file does not bring the component in; one that brings another release does. */
static void a_component_comes_from_the_layer_that_first_held_it(void **state)
{
    fps__span old = elf_bytes("zlib", 0, 50);
    uint8_t *longer = calloc(1, old.size + 16); /* other bytes, the same component */
    assert_non_null(longer);
    memcpy(longer, old.data, old.size);
    const fixture_file touched = {"lib/z.so", longer, old.size + 16};
    image im = {.count = 3,
                .layers = {{.tar = tar_of_zlib("lib/z.so", "1.3")},
                           {.tar = tar_of_zlib("lib/z.so", "1.2")},
                           {.tar = tar_of(&touched, 1)}}};
    fps_result *result = scan_image(state, &im);
    const fps_file *file = zlib_at(result, "/lib/z.so", 2);
    assert_int_equal(file->visibility, FPS_VISIBILITY_VISIBLE);
    assert_int_equal(fps_result_finding(result, file->findings_first)->introduced, 1);
    fps_result_free(result);
    image_free(&im);
    free(longer);
    free((void *)old.data);
}

static void layers_without_bytes_are_said_and_the_others_read(void **state)
{
    image im = {.count = 3,
                .layers = {{.tar = tar_of_zlib("lib/a.so", "1.2"), .foreign = true},
                           {.tar = tar_of_zlib("lib/b.so", "1.2"), .missing = true},
                           {.tar = tar_of_zlib("lib/c.so", "1.2")}}};
    fps_result *result = scan_image(state, &im);
    assert_true(fps_result_get_info(result)->partial);
    assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "foreign-layer"), "layer 0");
    assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "foreign-layer"), im.layers[0].digest);
    assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "missing-layer"), "layer 1");
    assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "missing-layer"), im.layers[1].digest);
    assert_false(fps_result_layer(result, 0)->read);
    assert_false(fps_result_layer(result, 1)->read);
    assert_true(fps_result_layer(result, 2)->read);
    assert_int_equal(fps_result_file_count(result), 1);
    zlib_at(result, "/lib/c.so", 2);
    fps_result_free(result);
    image_free(&im);
}

static void a_wrong_digest_is_said_with_both_and_the_layer_is_looked_at(void **state)
{
    for (int turn = 0; turn < 2; turn++) {
        image im = {
            .count = 1,
            .layers = {{.tar = tar_of_zlib("lib/z.so", "1.2"), .other_blob = !turn, .other_diff = turn}}};
        fps_result *result = scan_image(state, &im);
        const layer *l = &im.layers[0];
        const fps_diagnostic *d = diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "wrong-digest");
        assert_true(fps_result_get_info(result)->partial);
        assert_says(d, "layer 0");
        assert_says(d, turn ? l->diff_id : l->digest);
        assert_says(d, turn ? l->true_diff : l->true_digest);
        zlib_at(result, "/lib/z.so", 0);
        fps_result_free(result);
        image_free(&im);
    }
}

static void a_cut_layer_is_said_and_what_was_there_is_kept(void **state)
{
    fps__span first = elf_bytes("zlib", 0, 50);
    fixture_bytes rest = fixture_content(40000);
    const fixture_file files[] = {{"lib/z.so", first.data, first.size}, {"rest", rest.data, rest.size}};
    image im = {.count = 2,
                .layers = {{.tar = tar_of(files, 2), .cut = true, .packing = "none"},
                           {.tar = tar_of_zlib("lib/y.so", "1.2")}}};
    fps_result *result = scan_image(state, &im);
    assert_true(fps_result_get_info(result)->partial);
    assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "truncated-layer"), "layer 0: ");
    assert_false(fps_result_layer(result, 0)->read);
    zlib_at(result, "/lib/z.so", 0);
    zlib_at(result, "/lib/y.so", 1);
    fps_result_free(result);
    image_free(&im);
    free((void *)first.data);
    free(rest.data);
}

/* The database names a program that the layer has, or would have, behind its end. */
static image image_with_package(bool cut)
{
    static const char status[] =
        "Package: demo\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
        "Maintainer: nobody\nDescription: demo\n";
    static const char list[] = "/.\n/usr\n/usr/bin\n/usr/bin/here\n/usr/bin/tool\n";
    fps__span tool = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {fixture_text_file("var/lib/dpkg/status", status),
                                  fixture_text_file("var/lib/dpkg/info/demo.list", list),
                                  {"usr/bin/here", tool.data, tool.size},
                                  {"usr/share/other", tool.data, tool.size},
                                  {"usr/share/another", tool.data, tool.size},
                                  {"usr/share/third", tool.data, tool.size}};
    image im = {.count = 1, .layers = {{.tar = tar_of(files, 6), .cut = cut, .packing = "none"}}};
    free((void *)tool.data);
    return im;
}

/* What lay behind the end of a cut layer may have been there. */
static void what_is_missing_is_a_note_where_a_layer_ends_too_early(void **state)
{
    for (int cut = 0; cut < 2; cut++) {
        image im = image_with_package(cut);
        fps_result *result = scan_image(state, &im);
        size_t missing = 0;
        if (cut)
            assert_true(fps_result_get_info(result)->partial);
        else
            assert_whole(result);
        assert_int_equal(fps_result_package_count(result), 1);
        for (size_t i = 0; i < fps_result_drift_count(result); i++) {
            const fps_drift *drift = fps_result_drift(result, i);
            if (drift->kind != FPS_DRIFT_MISSING || strcmp(drift->path, "/usr/bin/tool") != 0)
                continue;
            assert_int_equal(drift->level, cut ? FPS_DRIFT_LEVEL_NOTE : FPS_DRIFT_LEVEL_DRIFT);
            missing++;
        }
        assert_int_equal(missing, 1);
        fps_result_free(result);
        image_free(&im);
    }
}

static void data_behind_a_tar_is_said(void **state)
{
    static const char *const packings[] = {"none", "gzip"};
    for (size_t i = 0; i < 2; i++) {
        fps__span tar = tar_of_zlib("lib/z.so", "1.2"), hidden = elf_bytes("zlib", 10, 60);
        fixture_bytes both = fixture_join(tar.data, tar.size, hidden.data, hidden.size);
        image im = {.count = 1, .layers = {{.tar = {both.data, both.size}, .packing = packings[i]}}};
        fps_result *result = scan_image(state, &im);
        diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "trailing-data");
        zlib_at(result, "/lib/z.so", 0);
        fps_result_free(result);
        image_free(&im);
        free((void *)tar.data);
        free((void *)hidden.data);
    }
}

static void the_root_of_a_windows_image_is_its_files_folder(void **state)
{
    image im = {.count = 2,
                .os = "windows",
                .layers = {{.tar = tar_of_zlib("Files/app/z.so", "1.2")},
                           {.tar = tar_of_mark("Files/app/.wh.z.so")}}};
    fps_result *result = scan_image(state, &im);
    assert_whole(result);
    assert_string_equal(fps_result_get_info(result)->image->os, "windows");
    assert_int_equal(zlib_at(result, "/app/z.so", 0)->visibility, FPS_VISIBILITY_DELETED);
    fps_result_free(result);
    image_free(&im);
    image plain = {.count = 1, .layers = {{.tar = tar_of_zlib("Files/app/z.so", "1.2")}}};
    result = scan_image(state, &plain);
    zlib_at(result, "/Files/app/z.so", 0);
    fps_result_free(result);
    image_free(&plain);
}

/* ---- the cache ---- */

static image usual_image(void)
{
    image im = {.count = 3,
                .layers = {{.tar = tar_of_zlib("lib/z.so", "1.2")},
                           {.tar = tar_of_zlib("lib/z.so", "1.3")},
                           {.tar = tar_of_zlib("opt/copy.so", "1.2")}}};
    write_image(&im);
    return im;
}

/* The report of a scan, which has no remark. */
static char *scanned_report(void **state, const image *im, const char *cache)
{
    fps_result *result = scan_cached(state, im, cache);
    assert_whole(result);
    char *report = json_of(result).text;
    fps_result_free(result);
    return report;
}

static void assert_same(char *seen, const char *expected)
{
    assert_string_equal(seen, expected);
    free(seen);
}

static void damage(const char *path, size_t at, const char *bytes, size_t size, bool cut)
{
    FILE *file = fopen(path, cut ? "wb" : "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void a_second_scan_gives_the_same_from_the_cache(void **state)
{
    char cache[256];
    fps_cache_info info, again;
    fixture_folder(cache);
    image im = usual_image();
    char *plain = scanned_report(state, &im, NULL);
    assert_same(scanned_report(state, &im, cache), plain);
    assert_int_equal(fps_cache_read_info(cache, &info, NULL), FPS_OK);
    assert_int_equal(info.files, 2);  /* two of the three are the same bytes */
    assert_int_equal(info.layers, 6); /* what is in them, and that their blobs unpack to them */
    assert_same(scanned_report(state, &im, cache), plain);
    assert_int_equal(fps_cache_read_info(cache, &again, NULL), FPS_OK);
    assert_int_equal(again.files, 2);
    assert_int_equal(again.layers, 6);
    free(plain);
    image_free(&im);
    remove_tree(cache);
}

/* Whoever makes an image can name a clean layer's diff ID beside a blob of his own. */
static void a_blob_that_lies_about_its_diff_inherits_nothing(void **state)
{
    char cache[256];
    fixture_folder(cache);
    image clean = {.count = 1, .layers = {{.tar = tar_of_mark("lib/z.so")}}};
    write_image(&clean);
    free(scanned_report(state, &clean, cache));
    image forged = {
        .count = 1,
        .layers = {{.tar = tar_of_zlib("lib/z.so", "1.2"), .claimed_diff = clean.layers[0].diff_id}}};
    write_image(&forged);
    fps_result *result = scan_cached(state, &forged, cache);
    zlib_at(result, "/lib/z.so", 0);
    assert_true(fps_result_get_info(result)->partial);
    fps_result_free(result);
    image_free(&clean);
    image_free(&forged);
    remove_tree(cache);
}

static void what_could_not_be_read_whole_is_no_layer_of_the_cache(void **state)
{
    char cache[256];
    fps_cache_info info;
    fixture_folder(cache);
    image im = {.count = 1, .layers = {{.tar = tar_of_zlib("lib/z.so", "1.2"), .other_diff = true}}};
    write_image(&im);
    for (int turn = 0; turn < 2; turn++) {
        fps_result *result = scan_cached(state, &im, cache);
        diagnostic_of(result, FPS_DIAGNOSTIC_PARTIAL, "wrong-digest");
        zlib_at(result, "/lib/z.so", 0);
        fps_result_free(result);
        assert_int_equal(fps_cache_read_info(cache, &info, NULL), FPS_OK);
        assert_int_equal(info.layers, 0);
    }
    image_free(&im);
    remove_tree(cache);
}

static void a_damaged_cache_is_a_note_or_asked_in_vain(void **state)
{
    char cache[256], path[300], garbage[8192];
    fixture_folder(cache);
    snprintf(path, sizeof path, "%s/results.db", cache);
    memset(garbage, 'g', sizeof garbage);
    image im = usual_image();
    char *plain = scanned_report(state, &im, NULL);
    free(scanned_report(state, &im, cache));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    for (size_t page = 1; page < (size_t)st.st_size / 4096; page++) { /* garbage behind the first page */
        damage(path, page * 4096 + 8, garbage, 4000, false);
        fps_result *result = scan_cached(state, &im, cache);
        char *seen = json_of(result).text;
        if (!fps_result_diagnostic_count(result))
            assert_string_equal(seen, plain);
        for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
            assert_string_equal(fps_result_diagnostic(result, i)->code, "no-cache");
            assert_int_equal(fps_result_diagnostic(result, i)->level, FPS_DIAGNOSTIC_NOTE);
        }
        zlib_at(result, "/opt/copy.so", 2);
        assert_int_equal(fps_result_file_count(result), 3);
        free(seen);
        fps_result_free(result);
    }
    damage(path, 0, garbage, sizeof garbage, true);
    fps_result *result = scan_cached(state, &im, cache);
    assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_NOTE, "no-cache"), "damaged");
    assert_false(fps_result_get_info(result)->partial);
    assert_int_equal(fps_result_file_count(result), 3);
    fps_result_free(result);
    free(plain);
    image_free(&im);
    remove_tree(cache);
}

static void a_cache_that_others_may_write_is_not_used(void **state)
{
    static const mode_t modes[] = {0770, 0707, 0777};
    char cache[256], path[300];
    fixture_folder(cache);
    snprintf(path, sizeof path, "%s/results.db", cache);
    image im = usual_image();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chmod(cache, modes[i]), 0);
        fps_result *result = scan_cached(state, &im, cache);
        assert_says(diagnostic_of(result, FPS_DIAGNOSTIC_NOTE, "no-cache"),
                    "another user can write the cache folder");
        assert_false(fps_result_get_info(result)->partial);
        assert_int_equal(fps_result_file_count(result), 3);
        assert_int_equal(access(path, F_OK), -1);
        fps_result_free(result);
    }
    assert_int_equal(chmod(cache, 0700), 0);
    free(scanned_report(state, &im, cache));
    assert_int_equal(access(path, F_OK), 0);
    image_free(&im);
    remove_tree(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packages_that_later_layers_removed_are_listed_where_asked_for),
        cmocka_unit_test(a_removed_package_database_is_said),
        cmocka_unit_test(a_file_of_several_layers_is_shown_in_each_and_seen_in_the_last),
        cmocka_unit_test(a_component_comes_from_the_layer_that_first_held_it),
        cmocka_unit_test(layers_without_bytes_are_said_and_the_others_read),
        cmocka_unit_test(a_wrong_digest_is_said_with_both_and_the_layer_is_looked_at),
        cmocka_unit_test(a_cut_layer_is_said_and_what_was_there_is_kept),
        cmocka_unit_test(what_is_missing_is_a_note_where_a_layer_ends_too_early),
        cmocka_unit_test(data_behind_a_tar_is_said),
        cmocka_unit_test(the_root_of_a_windows_image_is_its_files_folder),
        cmocka_unit_test(a_second_scan_gives_the_same_from_the_cache),
        cmocka_unit_test(a_blob_that_lies_about_its_diff_inherits_nothing),
        cmocka_unit_test(what_could_not_be_read_whole_is_no_layer_of_the_cache),
        cmocka_unit_test(a_damaged_cache_is_a_note_or_asked_in_vain),
        cmocka_unit_test(a_cache_that_others_may_write_is_not_used),
    };
    return cmocka_run_group_tests(tests, open_set, close_set);
}
