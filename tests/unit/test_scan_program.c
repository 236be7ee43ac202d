/* Whole scans of Go and Rust programs: whose their packages are, alone, in an archive, beside a package manager, from the
 * cache, and in files of several machines. */
#include "package_fixture.h"
#include "program_fixture.h"
#include "scan_fixture.h"

static program_image image;
static char folder[256];

#define LIST "mod\texample.org/app\tv1.0.0\ndep\tgithub.com/foo/bar\tv1.2.3\th1:x=\n"

static int open_set(void **state)
{
    fps__corpus corpus;
    corpus_make(&corpus);
    corpus_component(&corpus, (fps__corpus_component){.id = "zlib", .purl = "pkg:generic/zlib"}, NULL);
    corpus_release(&corpus, "zlib", "1.2", TEXTS({"zlib", 0, 50, 0}));
    *state = corpus_set(&corpus, NULL);
    corpus_free(&corpus);
    return 0;
}

static int close_set(void **state)
{
    fps_database_free(*state);
    return 0;
}

/* All packages, a line each: "PURL at LOCATION in PARENT-PURL". */
static void assert_packages(fps_result *result, const char *wanted)
{
    char text[4096] = "";
    for (size_t i = 0; i < fps_result_package_count(result); i++) {
        const fps_package *package = fps_result_package(result, i),
                          *parent = fps_result_package(result, package->parent);
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s at %s%s%s\n", package->purl, package->location,
                 parent ? " in " : "", parent ? parent->purl : "");
    }
    assert_string_equal(text, wanted);
    fps_result_free(result);
}

static void build_program(void)
{
    image_begin(&image, true, false);
    put_build_inline(&image, "go1.21.3", LIST);
    image_end(&image);
}

static fps_result *scan_once(void **state, const char *cache)
{
    return scan_tree(folder, *state, &(fps_scan_options){.workers = 1, .cache_dir = cache});
}

static void the_main_module_is_the_parent_of_the_others(void **state)
{
    char cache[256];
    build_program();
    fixture_folder(folder);
    fixture_folder(cache);
    write_bytes(folder, "app", image.bytes, image.size);
    for (unsigned run = 0; run < 2; run++) /* the second one asks the cache */
        assert_packages(scan_once(state, cache), "pkg:golang/example.org/app@v1.0.0 at /app\n"
                                                 "pkg:golang/github.com/foo/bar@v1.2.3 at /app in "
                                                 "pkg:golang/example.org/app@v1.0.0\n"
                                                 "pkg:golang/stdlib@1.21.3 at /app in "
                                                 "pkg:golang/example.org/app@v1.0.0\n");
    remove_tree(folder);
    remove_tree(cache);
}

static void a_program_in_an_archive_belongs_to_what_the_archive_is(void **state)
{
    static const char metadata[] = "Metadata-Version: 2.1\nName: tool\nVersion: 3\n";
    build_program();
    const fixture_file files[] = {{"tool/bin/app", image.bytes, image.size},
                                  {"tool-3.dist-info/METADATA", metadata, sizeof metadata - 1}};
    fps__span wheel = fixture_archive("zip", "none", files, 2);
    fixture_folder(folder);
    write_bytes(folder, "tool.whl", wheel.data, wheel.size);
    assert_packages(
        scan_once(state, NULL),
        "pkg:pypi/tool@3 at /tool.whl\n"
        "pkg:golang/example.org/app@v1.0.0 at /tool.whl!tool/bin/app in pkg:pypi/tool@3\n"
        "pkg:golang/github.com/foo/bar@v1.2.3 at /tool.whl!tool/bin/app in "
        "pkg:golang/example.org/app@v1.0.0\n"
        "pkg:golang/stdlib@1.21.3 at /tool.whl!tool/bin/app in pkg:golang/example.org/app@v1.0.0\n");
    free((void *)wheel.data);
    remove_tree(folder);
}

static void paths_make_a_package_likely(void **state)
{
    static const char path[] = "/usr/src/rustc-1.63.0/library/core/src/str/mod.rs";
    image_begin(&image, true, false);
    image_put(&image, 1, path, sizeof path - 1);
    image_end(&image);
    fixture_folder(folder);
    write_bytes(folder, "app", image.bytes, image.size);
    fps_result *result = scan_once(state, NULL);
    assert_int_equal(fps_result_package_count(result), 1);
    assert_string_equal(fps_result_package(result, 0)->purl, "pkg:cargo/std@1.63.0");
    assert_int_equal(fps_result_package(result, 0)->state, FPS_STATE_LIKELY);
    fps_result_free(result);
    remove_tree(folder);
}

static void a_file_of_several_machines_holds_a_program_for_each(void **state)
{
    enum { ALIGN = 4096 };
    static uint8_t fat[4 * ALIGN];
    static const uint8_t head[] = {0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2};
    macho_begin(&image, "__go_buildinfo");
    put_build_inline(&image, "go1.21.3", LIST);
    macho_end(&image);
    memcpy(fat, head, sizeof head);
    memcpy(fat + ALIGN, image.bytes, image.size);
    memcpy(fat + 2 * ALIGN, image.bytes, image.size);
    fixture_folder(folder);
    write_bytes(folder, "app", fat, sizeof fat);
    fps_result *result = scan_once(state, NULL);
    assert_int_equal(fps_result_package_count(result), 6);
    assert_string_equal(fps_result_package(result, 0)->location, "/app!@4096");
    assert_string_equal(fps_result_package(result, 1)->location, "/app!@8192");
    assert_int_equal(fps_result_diagnostic_count(result), 0);
    fps_result_free(result);
    remove_tree(folder);
}

static void a_damaged_list_makes_the_result_partial(void **state)
{
    macho_begin(&image, ".dep-v0");
    image_put(&image, 8, "\x78\x9c no list at all", 18);
    macho_end(&image);
    fixture_folder(folder);
    write_bytes(folder, "app", image.bytes, image.size);
    fps_result *result = scan_once(state, NULL);
    assert_true(fps_result_get_info(result)->partial);
    assert_string_equal(fps_result_diagnostic(result, 0)->code, "broken-dependency-list");
    fps_result_free(result);
    remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_main_module_is_the_parent_of_the_others),
        cmocka_unit_test(a_program_in_an_archive_belongs_to_what_the_archive_is),
        cmocka_unit_test(paths_make_a_package_likely),
        cmocka_unit_test(a_file_of_several_machines_holds_a_program_for_each),
        cmocka_unit_test(a_damaged_list_makes_the_result_partial),
    };
    return cmocka_run_group_tests(tests, open_set, close_set);
}
