/* What programs say of themselves: Go's build information in all forms, Go's table of functions, lists and paths of Rust. */
#include "program_fixture.h"

#include "program/rust_releases.h"

#include <isa-l/igzip_lib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static program_image image;
static fps__arena arena;

/* Reads a copy of just the image's size, so that a read behind it is seen. */
static fps__program read_image(void)
{
    fps__program program;
    fps_object *object;
    fps__arena_free(&arena);
    static uint8_t *copy;
    free(copy);
    copy = malloc(image.size);
    assert_non_null(copy);
    memcpy(copy, image.bytes, image.size);
    assert_int_equal(fps_object_open(&object, copy, image.size, NULL, NULL), FPS_OK);
    assert_int_equal(fps__program_read(&program, object, (fps__span){copy, image.size}, 0, &arena), FPS_OK);
    fps_object_free(object);
    return program;
}

/* "name@version" of each package, '*' before the main one and '?' before likely ones. */
static const char *listed(void)
{
    static char text[4096];
    fps__program program = read_image();
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < program.count; i++) {
        const fps__listed *item = &program.items[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s%s@%s", i ? " " : "",
                                 item->main ? "*" : "", item->likely ? "?" : "", item->name, item->version);
    }
    return text;
}

static const char *property_of(const char *name)
{
    fps__program program = read_image();
    for (size_t i = 0; i < program.count; i++)
        if (strcmp(program.items[i].name, name) == 0)
            return program.items[i].properties;
    return NULL;
}

#define LIST                                                                                                 \
    "path\texample.org/app/cmd\n"                                                                            \
    "mod\texample.org/app\t(devel)\t\n"                                                                      \
    "dep\tgithub.com/BurntSushi/toml\tv1.4.0\th1:abc=\n"                                                     \
    "dep\texample.org/old\tv1.0.0\n"                                                                         \
    "=>\texample.org/fork\tv1.0.9\th1:def=\n"                                                                \
    "dep\texample.org/local\tv2.0.0\n"                                                                       \
    "=>\t../local\t(devel)\t\n"                                                                              \
    "build\t-ldflags=\"-s -w\"\n"                                                                            \
    "build\tvcs.revision=0123456789abcdef0123\n"                                                             \
    "build\tvcs.time=2024-01-02T03:04:05Z\n"                                                                 \
    "build\tvcs.modified=true\n"
#define PACKAGES                                                                                             \
    "*example.org/app@v0.0.0-20240102030405-0123456789ab+dirty example.org/fork@v1.0.9 "                     \
    "example.org/local@ github.com/BurntSushi/toml@v1.4.0 stdlib@1.21.3"

static void build_information_is_read_in_its_inline_form(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        image_begin(&image, form & 1, form & 2);
        put_build_inline(&image, "go1.21.3 X:boringcrypto", LIST);
        image_end(&image);
        assert_string_equal(listed(), PACKAGES);
    }
    macho_begin(&image, "__go_buildinfo");
    put_build_inline(&image, "go1.21.3", LIST);
    macho_end(&image);
    assert_string_equal(listed(), PACKAGES);
}

static void build_information_is_read_in_its_pointer_form(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        image_begin(&image, form & 1, form & 2);
        put_build_pointers(&image, "go1.21.3", LIST);
        image_end(&image);
        assert_string_equal(listed(), PACKAGES);
    }
}

static void a_replacement_names_what_is_in_the_program(void **state)
{
    (void)state;
    image_begin(&image, true, false);
    put_build_inline(&image, "go1.21.3", LIST);
    image_end(&image);
    assert_string_equal(property_of("example.org/fork"), "replaces=example.org/old@v1.0.0\n");
    assert_string_equal(property_of("example.org/local"), "replacedBy=../local\n");
    assert_non_null(strstr(property_of("example.org/app"), "-ldflags=-s -w\n"));
}

static void no_version_is_made_up(void **state)
{
    (void)state;
    image_begin(&image, true, false);
    put_build_inline(&image, "devel go1.99-0123456 Thu Jan 1 00:00:00 1970",
                     "mod\texample.org/app\t(devel)\n");
    image_end(&image);
    assert_string_equal(listed(), "*example.org/app@ stdlib@");
}

static void a_copy_of_the_magic_number_is_passed_over(void **state)
{
    (void)state;
    image_begin(&image, true, false);
    image_put(&image, 16, "\xff Go buildinf:\x08\x02 is what a program begins with that reads them", 60);
    put_build_inline(&image, "go1.21.3", "mod\texample.org/app\tv1.2.3\n");
    image_end(&image);
    assert_string_equal(listed(), "*example.org/app@v1.2.3 stdlib@1.21.3");
}

static void a_list_is_found_by_its_marks_alone(void **state)
{
    (void)state;
    image_begin(&image, true, false);
    size_t at = put_build_inline(&image, "go1.21.3", "mod\texample.org/app\tv1.2.3\n");
    memset(image.bytes + at, 'x', 14);
    image_end(&image);
    assert_string_equal(listed(), "*example.org/app@v1.2.3 stdlib@");
}

static void names_and_paths_tell_modules_where_build_information_is_gone(void **state)
{
    static const char names[] =
        "main.main\0fmt.Println\0vendor/golang.org/x/text.Do\0github.com/foo/bar/v2/baz.Do\0"
        "gopkg.in/yaml%2ev2.Unmarshal\0example.org/own/internal.(*T[go.shape.a/b.c]).Do\0"
        "github.com/ven/dored/deep.Do\0example.com/cached/a.Do\0type:.eq.github.com/no/no.T";
    static const char paths[] =
        "/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22.3.linux-amd64/src/fmt/print.go\0"
        "/go/pkg/mod/github.com/foo/bar/v2@v2.3.4/baz/baz.go\0"
        "/go/pkg/mod/github.com/!burnt!sushi/toml@v1.4.0/decode.go\0"
        "gopkg.in/yaml.v2@v2.4.0/yaml.go\0"
        "/srv/u.v/cache/example.com/cached@v1.0.0-!alpha/a/a.go\0"
        "/src/own/vendor/github.com/ven/dored/deep/a.go\0/src/own/main.go";
    (void)state;
    for (unsigned form = 0; form < 4; form++) {
        image_begin(&image, form & 1, form & 2);
        put_go_table(&image, names, sizeof names, paths, sizeof paths);
        image_end(&image);
        assert_string_equal(listed(), "example.com/cached@v1.0.0-Alpha ?example.org/own@ "
                                      "github.com/BurntSushi/toml@v1.4.0 github.com/foo/bar/v2@v2.3.4 "
                                      "?github.com/ven/dored@ gopkg.in/yaml.v2@v2.4.0 stdlib@1.22.3");
    }
}

/* A list of cargo-auditable, compressed. */
static size_t put_rust_list(const char *json)
{
    static uint8_t packed[4096];
    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.gzip_flag = IGZIP_ZLIB;
    stream.next_in = (uint8_t *)(uintptr_t)json;
    stream.avail_in = (uint32_t)strlen(json);
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    stream.end_of_stream = 1;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    return image_put(&image, 8, packed, stream.total_out);
}

#define PUBLIC                                                                                               \
    "crates"                                                                                                 \
    ".io"
#define CRATES                                                                                               \
    "{\"packages\":[{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\",\"root\":true},"            \
    "{\"name\":\"cc\",\"version\":\"1.0.0\",\"kind\":\"build\"},"                                            \
    "{\"name\":\"syn\",\"version\":\"1.0.1\",\"source\":\"" PUBLIC "\"},"                                    \
    "{\"name\":\"syn\",\"version\":\"2.0.1\",\"source\":\"git\"}]}"

static void a_list_of_crates_is_read_without_build_dependencies(void **state)
{
    (void)state;
    image_begin(&image, true, false);
    put_rust_list(CRATES);
    image_end(&image);
    assert_string_equal(listed(), "*app@0.1.0 syn@1.0.1 syn@2.0.1");
    assert_string_equal(property_of("app"), "source=local");
    macho_begin(&image, ".dep-v0");
    put_rust_list(CRATES);
    macho_end(&image);
    assert_string_equal(listed(), "*app@0.1.0 syn@1.0.1 syn@2.0.1");
}

static void a_list_behind_all_segments_is_found(void **state)
{
    (void)state;
    image_begin(&image, true, false);
    image_put(&image, 8, "the end of what is loaded", 26);
    image_end(&image);
    put_rust_list(CRATES);
    assert_string_equal(listed(), "*app@0.1.0 syn@1.0.1 syn@2.0.1");
}

static void a_damaged_list_of_crates_is_said(void **state)
{
    (void)state;
    macho_begin(&image, ".dep-v0");
    size_t at = put_rust_list(CRATES);
    image.bytes[at + 30] ^= 0x55;
    macho_end(&image);
    fps__program program = read_image();
    assert_int_equal(program.count, 0);
    assert_non_null(program.fault);
    assert_int_equal(program.fault_offset, at);
}

static void a_list_of_crates_that_unpacks_to_too_much_is_said(void **state)
{
    enum { ZEROS = 64 << 20 };
    (void)state;
    char *zeros = malloc(ZEROS);
    uint8_t *packed = malloc(ZEROS);
    struct isal_zstream stream;
    assert_true(zeros && packed);
    memset(zeros, ' ', ZEROS);
    memcpy(zeros, "{\"packages\":", 12);
    isal_deflate_stateless_init(&stream);
    stream.gzip_flag = IGZIP_ZLIB;
    stream.next_in = (uint8_t *)zeros;
    stream.avail_in = ZEROS;
    stream.next_out = packed;
    stream.avail_out = ZEROS;
    stream.end_of_stream = 1;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    macho_begin(&image, ".dep-v0");
    image_put(&image, 8, packed, stream.total_out < IMAGE_SIZE / 2 ? stream.total_out : IMAGE_SIZE / 2);
    macho_end(&image);
    free(zeros);
    free(packed);
    assert_non_null(read_image().fault);
}

static void put_texts(const char *const *texts)
{
    image_begin(&image, true, false);
    for (; *texts; texts++)
        image_put(&image, 1, *texts, strlen(*texts));
    image_end(&image);
}

static void crates_are_known_by_paths_of_panic_locations(void **state)
{
    char standard[128];
    snprintf(standard, sizeof standard, "/rustc/%s/library/core/src/fmt/mod.rs",
             fps__rust_releases[0].commit);
    const char *const texts[] = {
        "called `Option::unwrap()` on a `None` value",
        "/cargo/registry/src/index.example.org-6f17d22bba15001f/windows-sys-0.48.0/src/lib.rs",
        "/cargo/registry/src/index.example.org-6f17d22bba15001f/sha-1-0.10.0-rc.1/src/lib.rs",
        "C:\\Users\\u\\.cargo\\registry\\src\\github.com-1ecc6299db9ec823\\adler-1.0.2\\src\\algo.rs",
        "/cargo/git/checkouts/tools-0123456789abcdef/89abcde/crates/inner/src/lib.rs",
        "/cargo/git/checkouts/alone-0123456789abcdef/89abcde/src/lib.rs",
        "/src/app/vendor/named/src/lib.rs",
        "/rust/deps/hashbrown-0.14.3/src/raw/mod.rs",
        standard,
        "src/main.rs",
        NULL};
    char wanted[512];
    (void)state;
    put_texts(texts);
    snprintf(wanted, sizeof wanted,
             "?adler@1.0.2 ?alone@ ?inner@ ?named@ ?sha-1@0.10.0-rc.1 ?std@%s ?windows-sys@0.48.0",
             fps__rust_releases[0].version);
    assert_string_equal(listed(), wanted);
    assert_string_equal(property_of("inner"), "source=git\nrevision=89abcde");
}

static void the_standard_library_of_a_distribution_says_its_release(void **state)
{
    static const char *const texts[] = {"/usr/src/rustc-1.63.0/library/core/src/str/mod.rs",
                                        "/usr/src/rustc-1.63.0/vendor/hashbrown/src/raw/mod.rs", NULL};
    (void)state;
    put_texts(texts);
    assert_string_equal(listed(), "?std@1.63.0");
}

static void paths_alone_make_no_rust_program(void **state)
{
    static const char *const texts[] = {"see /src/app/vendor/named/src/lib.rs", "main.rs", "a/b-c/d.rs",
                                        NULL};
    (void)state;
    put_texts(texts);
    assert_string_equal(listed(), "");
}

static void releases_are_sorted_by_commit(void **state)
{
    (void)state;
    for (size_t i = 0; i < fps__rust_release_count; i++) {
        assert_int_equal(strlen(fps__rust_releases[i].commit), 40);
        assert_true(!i || strcmp(fps__rust_releases[i - 1].commit, fps__rust_releases[i].commit) < 0);
    }
}

/* Wild bytes anywhere, and an end anywhere, read nothing outside of the copy (the sanitizers see it). */
static void damage_is_survived(void **state)
{
    static const char names[] = "main.main\0github.com/foo/bar.Do";
    static const char paths[] = "/go/pkg/mod/github.com/foo/bar@v2.3.4/baz.go\0x.go";
    static program_image whole;
    (void)state;
    for (unsigned form = 0; form < 3; form++) {
        image_begin(&image, true, false);
        if (form == 0)
            put_build_pointers(&image, "go1.21.3", LIST);
        else if (form == 1)
            put_build_inline(&image, "go1.21.3", LIST);
        else
            put_go_table(&image, names, sizeof names, paths, sizeof paths);
        image_end(&image);
        whole = image;
        for (size_t at = 120; at < whole.size; at++) {
            image = whole;
            image.bytes[at] ^= 0xff;
            read_image();
            image.size = at;
            read_image();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build_information_is_read_in_its_inline_form),
        cmocka_unit_test(build_information_is_read_in_its_pointer_form),
        cmocka_unit_test(a_replacement_names_what_is_in_the_program),
        cmocka_unit_test(no_version_is_made_up),
        cmocka_unit_test(a_copy_of_the_magic_number_is_passed_over),
        cmocka_unit_test(a_list_is_found_by_its_marks_alone),
        cmocka_unit_test(names_and_paths_tell_modules_where_build_information_is_gone),
        cmocka_unit_test(a_list_of_crates_is_read_without_build_dependencies),
        cmocka_unit_test(a_list_behind_all_segments_is_found),
        cmocka_unit_test(a_damaged_list_of_crates_is_said),
        cmocka_unit_test(a_list_of_crates_that_unpacks_to_too_much_is_said),
        cmocka_unit_test(crates_are_known_by_paths_of_panic_locations),
        cmocka_unit_test(the_standard_library_of_a_distribution_says_its_release),
        cmocka_unit_test(paths_alone_make_no_rust_program),
        cmocka_unit_test(releases_are_sorted_by_commit),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
