/* Whole scans of archives: objects inside them with their packages, and remarks where an archive cannot be
 * read. */
#include "package_fixture.h"
#include "scan_fixture.h"
#include "tar_fixture.h"

#include <time.h>

static fps_database *one_component(void)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .purl = "pkg:generic/zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 50, 0}));
    fps_database *database = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return database;
}

static int open_set(void **state)
{
    *state = one_component();
    return 0;
}

static int close_set(void **state)
{
    fps_database_free(*state);
    return 0;
}

static fixture_file member(const char *path, fps__span bytes)
{
    return (fixture_file){path, bytes.data, bytes.size};
}

static void let_go(fps__span bytes)
{
    free((void *)bytes.data);
}

/* Scans a directory with one file of these bytes, which are freed. */
static fps_result *scan_file(void **state, const char *name, fps__span bytes, const fps_scan_options *options)
{
    static const fps_scan_options defaults = {.workers = 1};
    char folder[256];
    fixture_folder(folder);
    write_bytes(folder, name, bytes.data, bytes.size);
    fps_result *result = scan_tree(folder, *state, options ? options : &defaults);
    remove_tree(folder);
    let_go(bytes);
    return result;
}

static const fps_file *find_member(const fps_result *result, const char *archive_path)
{
    for (size_t i = 0; i < fps_result_file_count(result); i++) {
        const fps_file *file = fps_result_file(result, i);
        if (file->archive_path && strcmp(file->archive_path, archive_path) == 0)
            return file;
    }
    for (size_t i = 0; i < fps_result_file_count(result); i++) {
        const fps_file *file = fps_result_file(result, i);
        print_message("there is %s ! %s\n", file->path, file->archive_path ? file->archive_path : "-");
    }
    fail_msg("no %s", archive_path);
    return NULL;
}

/* The one finding of a member is zlib. */
static const fps_file *assert_zlib(const fps_result *result, const char *path, const char *archive_path)
{
    const fps_file *file = find_member(result, archive_path);
    assert_string_equal(file->path, path);
    assert_int_equal(file->findings_count, 1);
    const fps_finding *finding = fps_result_finding(result, file->findings_first);
    assert_int_equal(finding->state, FPS_STATE_PRESENT);
    assert_string_equal(fps_result_component(result, finding->component)->id, "zlib");
    return file;
}

static void assert_package(const fps_package *package, fps_package_kind kind, const char *purl,
                           const char *location)
{
    assert_non_null(package);
    assert_int_equal(package->kind, kind);
    assert_string_equal(package->purl, purl);
    assert_string_equal(package->location, location);
}

static const fps_package *owner_of(const fps_result *result, const fps_file *file)
{
    assert_int_not_equal(file->owner, UINT32_MAX);
    return fps_result_package(result, file->owner);
}

static void assert_whole(const fps_result *result)
{
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *d = fps_result_diagnostic(result, i);
        fail_msg("%s: %s: %s", d->code, d->path ? d->path : "-", d->message);
    }
    assert_false(fps_result_get_info(result)->partial);
}

static void assert_partial(const fps_result *result, const char *code, const char *path, const char *message)
{
    assert_true(fps_result_get_info(result)->partial);
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *d = fps_result_diagnostic(result, i);
        if (d->level == FPS_DIAGNOSTIC_PARTIAL && strcmp(d->code, code) == 0 && d->path &&
            strcmp(d->path, path) == 0 && strstr(d->message, message))
            return;
        print_message("there is %s: %s: %s\n", d->code, d->path ? d->path : "-", d->message);
    }
    fail_msg("no %s: %s: %s", code, path, message);
}

/* ---- packages of languages ---- */

static const char wheel_metadata[] = "Metadata-Version: 2.1\nName: Demo.Pkg\nVersion: 1.4\nLicense: MIT\n";

static fps__span make_wheel(void)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {fixture_text_file("demo/__init__.py", "import demo.core\n"),
                                  member("demo/core.so", bytes), member("demo.libs/libz-12ab.so.1", bytes),
                                  fixture_text_file("demo_pkg-1.4.dist-info/METADATA", wheel_metadata)};
    fps__span wheel = fixture_archive("zip", "none", files, sizeof files / sizeof *files);
    let_go(bytes);
    return wheel;
}

static void a_wheel_is_a_package_that_owns_its_libraries(void **state)
{
    fps_result *result = scan_file(state, "x.whl", make_wheel(), NULL);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 1);
    assert_package(fps_result_package(result, 0), FPS_PACKAGE_PYPI, "pkg:pypi/demo-pkg@1.4", "/x.whl");
    assert_string_equal(fps_result_package(result, 0)->name, "Demo.Pkg");
    assert_int_equal(fps_result_package(result, 0)->parent, UINT32_MAX);
    assert_int_equal(assert_zlib(result, "/x.whl", "demo.libs/libz-12ab.so.1")->owner, 0);
    assert_int_equal(assert_zlib(result, "/x.whl", "demo/core.so")->owner, 0);
    assert_int_equal(fps_result_get_info(result)->objects, 2);
    fps_result_free(result);
}

static void a_wheel_in_a_zip_has_both_paths_and_the_rest_of_the_zip_no_owner(void **state)
{
    fps__span wheel = make_wheel(), bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {member("app/demo.whl", wheel), member("app/tool", bytes)};
    fps_result *result = scan_file(state, "app.zip", fixture_archive("zip", "none", files, 2), NULL);
    let_go(wheel);
    let_go(bytes);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 1);
    const fps_file *core = assert_zlib(result, "/app.zip", "app/demo.whl!demo/core.so");
    assert_package(owner_of(result, core), FPS_PACKAGE_PYPI, "pkg:pypi/demo-pkg@1.4",
                   "/app.zip!app/demo.whl");
    assert_int_equal(assert_zlib(result, "/app.zip", "app/tool")->owner, UINT32_MAX);
    fps_result_free(result);
}

static const char jar_manifest[] = "Manifest-Version: 1.0\r\nImplementation-Title: demo\r\n"
                                   "Implementation-Version: 9.9\r\n\r\n";
static const char pom_path[] = "META-INF/maven/org.example/demo/pom.properties";
static const char pom[] = "#made\nversion=2.1\ngroupId=org.example\nartifactId=demo\n";

static void a_jar_is_one_package_and_its_pom_knows_best(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    fixture_file files[] = {fixture_text_file("META-INF/MANIFEST.MF", jar_manifest),
                            fixture_text_file(pom_path, pom), member("native/libdemo.so", bytes)};
    for (int turn = 0; turn < 2; turn++) {
        fps_result *result = scan_file(state, "demo.jar", fixture_archive("zip", "none", files, 3), NULL);
        assert_whole(result);
        assert_int_equal(fps_result_package_count(result), 1);
        const fps_file *file = assert_zlib(result, "/demo.jar", "native/libdemo.so");
        assert_package(owner_of(result, file), FPS_PACKAGE_MAVEN, "pkg:maven/org.example/demo@2.1",
                       "/demo.jar!META-INF/maven/org.example/demo/pom.properties");
        fps_result_free(result);
        fixture_file first = files[0]; /* the same in another order */
        files[0] = files[1];
        files[1] = first;
    }
    let_go(bytes);
}

static void a_jar_in_a_jar_is_a_package_in_a_package(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file in[] = {fixture_text_file("META-INF/MANIFEST.MF", jar_manifest),
                               member("native/libdemo.so", bytes)};
    fps__span inner = fixture_archive("zip", "none", in, 2);
    const fixture_file out[] = {fixture_text_file(pom_path, pom), member("BOOT-INF/lib/demo.jar", inner),
                                member("libouter.so", bytes)};
    fps_result *result = scan_file(state, "app.jar", fixture_archive("zip", "none", out, 3), NULL);
    let_go(bytes);
    let_go(inner);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 2);
    const fps_file *file = assert_zlib(result, "/app.jar", "BOOT-INF/lib/demo.jar!native/libdemo.so");
    const fps_file *outer = assert_zlib(result, "/app.jar", "libouter.so");
    assert_string_equal(owner_of(result, file)->version, "9.9");
    assert_string_equal(owner_of(result, outer)->version, "2.1");
    assert_int_equal(owner_of(result, file)->parent, outer->owner);
    assert_int_equal(owner_of(result, outer)->parent, UINT32_MAX);
    fps_result_free(result);
}

static void an_npm_tarball_is_a_package(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {
        fixture_text_file("package/package.json",
                          "{\"name\":\"@demo/left\",\"version\":\"3.0.1\",\"license\":\"ISC\"}"),
        member("package/prebuilds/linux-x64/left.node", bytes), member("elsewhere/tool", bytes)};
    fps_result *result = scan_file(state, "left.tgz", fixture_archive("ustar", "gzip", files, 3), NULL);
    let_go(bytes);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 1);
    const fps_file *file = assert_zlib(result, "/left.tgz", "package/prebuilds/linux-x64/left.node");
    assert_package(owner_of(result, file), FPS_PACKAGE_NPM, "pkg:npm/%40demo/left@3.0.1",
                   "/left.tgz!package/package.json");
    assert_int_equal(assert_zlib(result, "/left.tgz", "elsewhere/tool")->owner, UINT32_MAX);
    fps_result_free(result);
}

static void metadata_that_is_none_names_no_package(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {fixture_text_file("package/package.json", "{\"name\":"),
                                  fixture_text_file("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"),
                                  fixture_text_file(pom_path, "version\n"),
                                  member("package/left.node", bytes)};
    fps_result *result = scan_file(state, "left.tgz", fixture_archive("ustar", "gzip", files, 4), NULL);
    let_go(bytes);
    assert_int_equal(fps_result_package_count(result), 0);
    assert_int_equal(assert_zlib(result, "/left.tgz", "package/left.node")->owner, UINT32_MAX);
    fps_result_free(result);
}

/* As functions for a cloud are packed: nothing says which package a library belongs to. */
static void packages_that_share_a_folder_do_not_own_each_others_files(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {fixture_text_file("python/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
                                  fixture_text_file("python/b-2.dist-info/METADATA", "Name: b\nVersion: 2\n"),
                                  member("python/b/core.so", bytes)};
    fps_result *result = scan_file(state, "function.zip", fixture_archive("zip", "none", files, 3), NULL);
    let_go(bytes);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(fps_result_package(result, i)->parent, UINT32_MAX);
    assert_int_equal(assert_zlib(result, "/function.zip", "python/b/core.so")->owner, UINT32_MAX);
    fps_result_free(result);
}

static void what_a_wheel_carries_along_is_a_package_in_it(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {
        fixture_text_file("demo/vendor/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
        fixture_text_file("other-3.egg-info", "Name: other\nVersion: 3\n"),
        member("demo/vendor/a/core.so", bytes), member("demo/core.so", bytes),
        fixture_text_file("demo_pkg-1.4.dist-info/METADATA", wheel_metadata)};
    fps_result *result = scan_file(state, "x.whl", fixture_archive("zip", "none", files, 5), NULL);
    let_go(bytes);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 3);
    const fps_file *outer = assert_zlib(result, "/x.whl", "demo/core.so");
    const fps_file *inner = assert_zlib(result, "/x.whl", "demo/vendor/a/core.so");
    assert_string_equal(owner_of(result, outer)->name, "Demo.Pkg");
    assert_string_equal(owner_of(result, inner)->name, "a");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fps_result_package(result, i)->parent,
                         i == outer->owner ? UINT32_MAX : outer->owner);
    fps_result_free(result);
}

/* ---- other archives ---- */

static void a_deb_is_a_package_with_its_source(void **state)
{
    static const char control[] = "Package: demo-tools\nVersion: 1:2.0-3\nArchitecture: amd64\n"
                                  "Source: demo (1:2.0-2)\nMaintainer: nobody\nDescription: demo\n";
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file file = member("./usr/lib/libdemo.so.2", bytes);
    fps_result *result = scan_file(state, "demo.deb", fixture_deb(control, &file, 1), NULL);
    let_go(bytes);
    assert_whole(result);
    assert_int_equal(fps_result_package_count(result), 1);
    const fps_file *found = assert_zlib(result, "/demo.deb", "usr/lib/libdemo.so.2");
    const fps_package *package = owner_of(result, found);
    assert_int_equal(package->kind, FPS_PACKAGE_DEB);
    assert_string_equal(package->name, "demo-tools");
    assert_string_equal(package->version, "1:2.0-3");
    assert_string_equal(package->architecture, "amd64");
    assert_string_equal(package->source, "demo");
    assert_string_equal(package->source_version, "1:2.0-2");
    assert_string_equal(package->location, "/demo.deb");
    fps_result_free(result);
}

static void tars_in_tars_and_single_files_are_looked_into(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file file = member("./usr/lib/libdemo.so", bytes);
    fps__span inner = fixture_archive("ustar", "xz", &file, 1);
    const fixture_file packed = member("parts/inner.tar.xz", inner);
    fps_result *result = scan_file(state, "outer.tar.gz", fixture_archive("ustar", "gzip", &packed, 1), NULL);
    let_go(inner);
    assert_whole(result);
    assert_zlib(result, "/outer.tar.gz", "parts/inner.tar.xz!usr/lib/libdemo.so");
    assert_int_equal(fps_result_package_count(result), 0);
    fps_result_free(result);
    static const char *const filters[] = {"xz", "gzip", "zstd"};
    const fixture_file alone = member("tool", bytes);
    for (size_t i = 0; i < 3; i++) {
        result = scan_file(state, "tool.packed", fixture_archive("raw", filters[i], &alone, 1), NULL);
        assert_whole(result);
        assert_int_equal(fps_result_file_count(result), 1);
        assert_zlib(result, "/tool.packed", "uncompressed");
        fps_result_free(result);
    }
    let_go(bytes);
}

static void archives_are_left_alone_when_it_is_asked_for(void **state)
{
    fps_result *result =
        scan_file(state, "x.whl", make_wheel(), &(fps_scan_options){.workers = 1, .no_archives = true});
    assert_whole(result);
    assert_int_equal(fps_result_file_count(result), 0);
    assert_int_equal(fps_result_package_count(result), 0);
    fps_result_free(result);
}

/* ---- limits and damage ---- */

/* "0.tar" is in "1.tar" is in ... `depth` archives. */
static fps__span nested(unsigned depth)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    char name[16] = "tool";
    for (unsigned i = 0; i < depth; i++) {
        const fixture_file file = member(name, bytes);
        fps__span outer = fixture_archive("ustar", "none", &file, 1);
        let_go(bytes);
        bytes = outer;
        snprintf(name, sizeof name, "%u.tar", i);
    }
    return bytes;
}

static void archives_deeper_than_the_limit_are_said(void **state)
{
    fps_scan_options options = {.workers = 1, .archive_depth = 3};
    fps_result *result = scan_file(state, "x.tar", nested(3), &options);
    assert_whole(result);
    assert_zlib(result, "/x.tar", "1.tar!0.tar!tool");
    fps_result_free(result);
    result = scan_file(state, "x.tar", nested(4), &options);
    assert_partial(result, "archive-limit", "/x.tar!2.tar!1.tar!0.tar",
                   "more than 3 archives inside each other");
    assert_int_equal(fps_result_get_info(result)->objects, 0);
    fps_result_free(result);
    result = scan_file(state, "x.tar", nested(8), NULL); /* as many as by default */
    assert_whole(result);
    assert_int_equal(fps_result_get_info(result)->objects, 1);
    fps_result_free(result);
    result = scan_file(state, "x.tar", nested(9), NULL);
    assert_true(fps_result_get_info(result)->partial);
    fps_result_free(result);
}

/* A tar of one file of a GiB, under gzip: about a MB. */
static fps__span bomb(const char *start)
{
    enum { PART = 16 * 1024 * 1024, PARTS = 64 };
    tar_bytes tar = {NULL, 0};
    tar_header(&tar, '0', "bomb", NULL, (size_t)PART * PARTS);
    tar_append(&tar, start, 512);
    uint8_t *zeros = calloc(1, PART);
    assert_non_null(zeros);
    const fixture_file head = {"head", tar.data, tar.size}, part = {"part", zeros, PART};
    fps__span first = fixture_archive("raw", "gzip", &head, 1),
              rest = fixture_archive("raw", "gzip", &part, 1);
    uint8_t *data = malloc(first.size + PARTS * rest.size);
    assert_non_null(data);
    memcpy(data, first.data, first.size);
    for (size_t i = 0; i < PARTS; i++)
        memcpy(data + first.size + i * rest.size, rest.data, rest.size);
    fps__span bytes = {data, first.size + PARTS * rest.size};
    let_go(first);
    let_go(rest);
    free(zeros);
    free(tar.data);
    return bytes;
}

static void a_bomb_is_stopped_and_said(void **state)
{
    static const char starts[2][512] = {"nothing", "\177ELF\2\1\1"}; /* skipped, and loaded */
    for (size_t i = 0; i < 2; i++) {
        fps__span bytes = bomb(starts[i]);
        assert_true(bytes.size < 2 * 1024 * 1024);
        clock_t start = clock();
        fps_result *result = scan_file(state, "bomb.tar.gz", bytes, NULL);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        assert_partial(result, "archive-limit", "/bomb.tar.gz!bomb",
                       "unpacks to more than 200 times its size");
        assert_int_equal(fps_result_get_info(result)->objects, 0);
        if (seconds > 3)
            fail_msg("%.1f seconds", seconds);
        fps_result_free(result);
    }
}

/* A zip of an object that says it is encrypted, in the header before it and in the directory, and one that is
 * not. */
static fps__span encrypted_zip(void)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {member("in/closed.so", bytes), member("open.so", bytes)};
    fps__span zip = fixture_archive("zip", "none", files, 2);
    uint8_t *data = (uint8_t *)zip.data, *entry = memmem(data, zip.size, "PK\1\2", 4);
    assert_non_null(entry);
    data[6] |= 1;
    entry[8] |= 1;
    let_go(bytes);
    return zip;
}

static void an_encrypted_file_is_said_and_the_rest_is_read(void **state)
{
    fps_result *result = scan_file(state, "closed.zip", encrypted_zip(), NULL);
    assert_partial(result, "unsupported-archive", "/closed.zip!in/closed.so", "encrypted");
    assert_zlib(result, "/closed.zip", "open.so");
    assert_int_equal(fps_result_get_info(result)->objects, 1);
    fps_result_free(result);
}

static void a_cut_archive_is_said_with_the_path_inside(void **state)
{
    fps__span bytes = elf_bytes("zlib", 0, 50);
    const fixture_file files[] = {member("first.so", bytes), member("second.so", bytes)};
    fps__span whole = fixture_archive("ustar", "none", files, 2);
    whole.size = 512 + ((bytes.size + 511) & ~(size_t)511) + 512 + 600; /* in the second file */
    const fixture_file outer = member("in/cut.tar", whole);
    fps_result *result = scan_file(state, "x.zip", fixture_archive("zip", "none", &outer, 1), NULL);
    assert_partial(result, "unreadable-archive", "/x.zip!in/cut.tar!second.so", "");
    assert_zlib(result, "/x.zip", "in/cut.tar!first.so");
    fps_result_free(result);
    result = scan_file(state, "cut.tar", whole, NULL);
    assert_partial(result, "unreadable-archive", "/cut.tar!second.so", "");
    assert_zlib(result, "/cut.tar", "first.so");
    fps_result_free(result);
    fps__span packed = fixture_archive("ustar", "gzip", files, 2);
    packed.size = packed.size / 2;
    result = scan_file(state, "cut.tar.gz", packed, NULL);
    assert_true(fps_result_get_info(result)->partial);
    fps_result_free(result);
    let_go(bytes);
}

/* The same result with the cache: what is known of an archive's members, packages and remarks. */
static void a_known_archive_gives_the_same_again(void **state)
{
    char cache[256];
    fixture_folder(cache);
    assert_int_equal(rmdir(cache), 0);
    fps__span wheel = make_wheel(), closed = encrypted_zip();
    const fixture_file files[] = {member("demo.whl", wheel), member("closed.zip", closed)};
    for (int turn = 0; turn < 2; turn++) {
        fps_result *result = scan_file(state, "x.tar", fixture_archive("ustar", "none", files, 2),
                                       &(fps_scan_options){.workers = 1, .cache_dir = cache});
        assert_partial(result, "unsupported-archive", "/x.tar!closed.zip!in/closed.so", "encrypted");
        const fps_file *core = assert_zlib(result, "/x.tar", "demo.whl!demo/core.so");
        assert_package(owner_of(result, core), FPS_PACKAGE_PYPI, "pkg:pypi/demo-pkg@1.4", "/x.tar!demo.whl");
        assert_zlib(result, "/x.tar", "closed.zip!open.so");
        assert_int_equal(fps_result_get_info(result)->objects, 3);
        assert_int_equal(fps_result_package_count(result), 1);
        fps_result_free(result);
    }
    let_go(wheel);
    let_go(closed);
    remove_tree(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wheel_is_a_package_that_owns_its_libraries),
        cmocka_unit_test(a_wheel_in_a_zip_has_both_paths_and_the_rest_of_the_zip_no_owner),
        cmocka_unit_test(a_jar_is_one_package_and_its_pom_knows_best),
        cmocka_unit_test(a_jar_in_a_jar_is_a_package_in_a_package),
        cmocka_unit_test(an_npm_tarball_is_a_package),
        cmocka_unit_test(metadata_that_is_none_names_no_package),
        cmocka_unit_test(packages_that_share_a_folder_do_not_own_each_others_files),
        cmocka_unit_test(what_a_wheel_carries_along_is_a_package_in_it),
        cmocka_unit_test(a_deb_is_a_package_with_its_source),
        cmocka_unit_test(tars_in_tars_and_single_files_are_looked_into),
        cmocka_unit_test(archives_are_left_alone_when_it_is_asked_for),
        cmocka_unit_test(archives_deeper_than_the_limit_are_said),
        cmocka_unit_test(a_bomb_is_stopped_and_said),
        cmocka_unit_test(an_encrypted_file_is_said_and_the_rest_is_read),
        cmocka_unit_test(a_cut_archive_is_said_with_the_path_inside),
        cmocka_unit_test(a_known_archive_gives_the_same_again),
    };
    return cmocka_run_group_tests(tests, open_set, close_set);
}
