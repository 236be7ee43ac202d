/* Packages: the metadata of each kind, and the walk through nested files. */
#include "archive/package.h"

#include "package_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static fps__span span_of(const char *text)
{
    return (fps__span){(const uint8_t *)text, strlen(text)};
}

static void control_names_package_and_source(void **state)
{
    (void)state;
    fps__arena arena = {NULL, 0, 0};
    fps__package_info info;
    static const char full[] =
        "Package: zlib1g-dev\nSource: zlib (1:1.2.13.dfsg-1)\nVersion: 1:1.2.13.dfsg-1+b1\n"
        "Architecture: amd64\nDescription: text\n Version: not this\n"
        "Built-Using: gcc-12 (= 12.2.0-14)\n\nVersion: 9\n";
    assert_int_equal(fps__package_parse_control(span_of(full), &arena, &info, NULL), FPS_OK);
    assert_string_equal(info.name, "zlib1g-dev");
    assert_string_equal(info.version, "1:1.2.13.dfsg-1+b1");
    assert_string_equal(info.source, "zlib");
    assert_string_equal(info.source_version, "1:1.2.13.dfsg-1");
    assert_string_equal(info.architecture, "amd64");
    assert_string_equal(info.built_using, "gcc-12 (= 12.2.0-14)");
    assert_int_equal(fps__package_parse_control(span_of("Package: a\r\nVersion: 1\r\n"), &arena, &info, NULL),
                     FPS_OK);
    assert_string_equal(info.source, "a");
    assert_string_equal(info.source_version, "1");
    assert_int_equal(fps__package_parse_control(span_of("Package: a\n"), &arena, &info, NULL),
                     FPS_ERROR_CORRUPT);
    assert_int_equal(fps__package_parse_control(span_of(""), &arena, &info, NULL), FPS_ERROR_CORRUPT);
    fps__arena_free(&arena);
}

static void pkginfo_and_wheel_are_read(void **state)
{
    (void)state;
    fps__arena arena = {NULL, 0, 0};
    fps__package_info info;
    static const char apk[] =
        "# Generated\npkgname = libssl3\npkgver = 3.1.4-r5\norigin = openssl\narch = x86_64\n";
    assert_int_equal(fps__package_parse_pkginfo(span_of(apk), &arena, &info, NULL), FPS_OK);
    assert_string_equal(info.name, "libssl3");
    assert_string_equal(info.version, "3.1.4-r5");
    assert_string_equal(info.source, "openssl");
    assert_string_equal(info.architecture, "x86_64");
    static const char wheel[] = "Metadata-Version: 2.1\nName: numpy\nVersion: 1.26.4\n\nName: other\n";
    assert_int_equal(fps__package_parse_wheel(span_of(wheel), &arena, &info, NULL), FPS_OK);
    assert_string_equal(info.name, "numpy");
    assert_string_equal(info.source, "numpy");
    fps__arena_free(&arena);
}

/* ---- rpm headers ---- */

typedef struct rpm_builder {
    uint8_t bytes[4096];
    size_t size;
} rpm_builder;

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

typedef struct rpm_tag {
    uint32_t tag, type;
    const char *text;
    uint32_t number;
} rpm_tag;

static void add_header(rpm_builder *rpm, const rpm_tag *tags, uint32_t count)
{
    static const uint8_t magic[] = {0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0};
    uint8_t *start = rpm->bytes + rpm->size, *index = start + 16, *data = index + 16 * count;
    uint32_t used = 0;
    memcpy(start, magic, sizeof magic);
    for (uint32_t i = 0; i < count; i++) {
        put32(index + 16 * i, tags[i].tag);
        put32(index + 16 * i + 4, tags[i].type);
        put32(index + 16 * i + 8, used);
        put32(index + 16 * i + 12, 1);
        if (tags[i].text) {
            memcpy(data + used, tags[i].text, strlen(tags[i].text) + 1);
            used += (uint32_t)strlen(tags[i].text) + 1;
        } else {
            put32(data + used, tags[i].number);
            used += 4;
        }
    }
    put32(start + 8, count);
    put32(start + 12, used);
    rpm->size = (size_t)(data - rpm->bytes) + used;
}

static void make_rpm(rpm_builder *rpm)
{
    static const rpm_tag signature[] = {{1000, 6, "abcde", 0}};
    static const rpm_tag tags[] = {{1000, 6, "openssl-libs", 0},
                                   {1001, 6, "1.1.1k", 0},
                                   {1002, 6, "12.el8_9", 0},
                                   {1003, 4, NULL, 1},
                                   {1022, 6, "x86_64", 0},
                                   {1014, 6, "OpenSSL", 0},
                                   {1044, 6, "openssl-1.1.1k-12.el8_9.src.rpm", 0}};
    memset(rpm, 0, sizeof *rpm);
    memcpy(rpm->bytes, "\xed\xab\xee\xdb", 4);
    rpm->size = 96;
    add_header(rpm, signature, 1);
    rpm->size = (rpm->size + 7) & ~(size_t)7;
    add_header(rpm, tags, sizeof tags / sizeof *tags);
}

static void rpm_header_is_read(void **state)
{
    (void)state;
    rpm_builder rpm;
    fps__arena arena = {NULL, 0, 0};
    fps__package_info info;
    make_rpm(&rpm);
    assert_int_equal(fps__package_parse_rpm((fps__span){rpm.bytes, rpm.size}, &arena, &info, NULL), FPS_OK);
    assert_string_equal(info.name, "openssl-libs");
    assert_string_equal(info.version, "1:1.1.1k-12.el8_9");
    assert_string_equal(info.source, "openssl");
    assert_string_equal(info.source_version, "1.1.1k-12.el8_9");
    assert_string_equal(info.architecture, "x86_64");
    fps__arena_free(&arena);
}

static void truncated_rpm_header_is_told(void **state)
{
    (void)state;
    rpm_builder rpm;
    make_rpm(&rpm);
    for (size_t size = 0; size < rpm.size; size++) {
        fps__arena arena = {NULL, 0, 0};
        fps__package_info info;
        uint8_t *exact = malloc(size + 1);
        memcpy(exact, rpm.bytes, size);
        assert_int_not_equal(fps__package_parse_rpm((fps__span){exact, size}, &arena, &info, NULL), FPS_OK);
        free(exact);
        fps__arena_free(&arena);
    }
    for (size_t i = 96; i < rpm.size; i++) { /* wild counts and offsets */
        fps__arena arena = {NULL, 0, 0};
        fps__package_info info;
        uint8_t kept = rpm.bytes[i];
        rpm.bytes[i] = 0xff;
        fps__package_parse_rpm((fps__span){rpm.bytes, rpm.size}, &arena, &info, NULL);
        rpm.bytes[i] = kept;
        fps__arena_free(&arena);
    }
}

/* ---- the walk ---- */

/* Writes down what happens. */
typedef struct notebook {
    char text[4096];
    const char *leave_out; /* package that begin refuses */
} notebook;

static void note(notebook *book, const char *what, const char *name)
{
    size_t used = strlen(book->text);
    snprintf(book->text + used, sizeof book->text - used, "%s%s;", what, name);
}

static fps_status on_begin(void *user, const fps__package_info *info, const char *path, fps__span bytes)
{
    notebook *book = user;
    (void)path;
    assert_true(bytes.size > 0);
    note(book, "+", info->name);
    return book->leave_out && strcmp(info->name, book->leave_out) == 0 ? FPS_ERROR_CANCELLED : FPS_OK;
}

static bool on_wanted(void *user, const char *path, fps__span head)
{
    (void)user;
    (void)path;
    return head.size >= 4 && memcmp(head.data, "WANT", 4) == 0;
}

static fps_status on_file(void *user, const char *path, fps__span bytes)
{
    assert_true(bytes.size >= 4);
    note(user, "", path);
    return FPS_OK;
}

static void on_end(void *user)
{
    note(user, "-", "");
}

static void on_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    note(user, "!", diagnostic->code);
}

static fps_status walk(fps__span bytes, notebook *book, const fps__archive_limits *limits)
{
    fps__package_visitor visitor = {book, on_begin, on_wanted, on_file, on_end, on_diagnostic, NULL, NULL};
    return fps__package_read("outer", bytes, limits, &visitor, NULL);
}

static void deb_is_walked_with_what_is_nested_in_it(void **state)
{
    (void)state;
    fixture_file inner[] = {fixture_text_file("x", "WANTx"), fixture_text_file("y", "no")};
    fps__span tar = fixture_archive("ustar", "gzip", inner, 2);
    fixture_file files[] = {fixture_text_file("./usr/lib/a.so", "WANT"),
                            {"./usr/share/b.tar.gz", tar.data, tar.size},
                            fixture_text_file("./usr/share/doc", "nothing")};
    fps__span deb = fixture_deb("Package: p\nVersion: 1\n", files, 3);
    assert_int_equal(fps__package_identify(deb), FPS_PACKAGE_DEB);
    notebook book = {.text = ""};
    assert_int_equal(walk(deb, &book, NULL), FPS_OK);
    assert_string_equal(book.text, "+p;usr/lib/a.so;usr/share/b.tar.gz!x;-;");
    fixture_file outer[] = {{"pool/p.deb", deb.data, deb.size}, fixture_text_file("loose", "WANT")};
    fps__span pool = fixture_archive("ustar", "none", outer, 2);
    book = (notebook){.text = ""};
    assert_int_equal(walk(pool, &book, NULL), FPS_OK);
    assert_string_equal(book.text, "+outer;+p;usr/lib/a.so;usr/share/b.tar.gz!x;-;loose;-;");
    book = (notebook){.text = "", .leave_out = "p"};
    assert_int_equal(walk(pool, &book, NULL), FPS_OK);
    assert_string_equal(book.text, "+outer;+p;-;loose;-;");
    free((void *)tar.data);
    free((void *)deb.data);
    free((void *)pool.data);
}

static void apk_and_wheel_are_known_by_their_content(void **state)
{
    (void)state;
    fixture_file apk_files[] = {fixture_text_file(".SIGN.RSA.key", "sig"),
                                fixture_text_file(".PKGINFO", "pkgname = a\npkgver = 1-r0\n"),
                                fixture_text_file("usr/bin/a", "WANT")};
    fps__span apk = fixture_archive("ustar", "gzip", apk_files, 3);
    assert_int_equal(fps__package_identify(apk), FPS_PACKAGE_APK);
    notebook book = {.text = ""};
    assert_int_equal(walk(apk, &book, NULL), FPS_OK);
    assert_string_equal(book.text, "+a;usr/bin/a;-;");
    fixture_file wheel_files[] = {fixture_text_file("w.libs/libz-1.so", "WANT"),
                                  fixture_text_file("w-1.dist-info/METADATA", "Name: w\nVersion: 1\n")};
    fps__span wheel = fixture_archive("zip", "none", wheel_files, 2);
    assert_int_equal(fps__package_identify(wheel), FPS_PACKAGE_PYPI);
    book = (notebook){.text = ""};
    assert_int_equal(walk(wheel, &book, NULL), FPS_OK);
    assert_string_equal(book.text, "+w;w.libs/libz-1.so;-;");
    book = (notebook){.text = ""};
    fps__archive_limits limits = {.entries = 1}; /* also hold for the search for the metadata */
    assert_int_equal(walk(wheel, &book, &limits), FPS_OK);
    assert_string_equal(book.text, "+outer;w.libs/libz-1.so;!archive-limit;-;");
    free((void *)apk.data);
    free((void *)wheel.data);
}

static void nesting_beyond_the_limit_is_told(void **state)
{
    (void)state;
    fixture_file innermost = fixture_text_file("x", "WANT");
    fps__span bytes = fixture_archive("ustar", "gzip", &innermost, 1);
    for (int depth = 0; depth < 12; depth++) {
        fixture_file file = {"t", bytes.data, bytes.size};
        fps__span outer = fixture_archive("ustar", "gzip", &file, 1);
        free((void *)bytes.data);
        bytes = outer;
    }
    notebook book = {.text = ""};
    assert_int_equal(walk(bytes, &book, NULL), FPS_OK);
    assert_string_equal(book.text, "+outer;!archive-limit;-;");
    fps__archive_limits limits = {.depth = 20};
    book = (notebook){.text = ""};
    assert_int_equal(walk(bytes, &book, &limits), FPS_OK);
    assert_string_equal(book.text, "+outer;t!t!t!t!t!t!t!t!t!t!t!t!x;-;");
    free((void *)bytes.data);
}

static void truncated_deb_is_told(void **state)
{
    (void)state;
    fixture_file files[] = {fixture_text_file("./usr/lib/a.so", "WANT")};
    fps__span deb = fixture_deb("Package: p\nVersion: 1\n", files, 1);
    for (size_t size = 30; size < deb.size - 2; size += 7) {
        notebook book = {.text = ""};
        uint8_t *exact = malloc(size);
        memcpy(exact, deb.data, size);
        assert_int_equal(walk((fps__span){exact, size}, &book, NULL), FPS_OK);
        assert_non_null(strstr(book.text, "!"));
        free(exact);
    }
    notebook book = {.text = ""};
    assert_int_equal(walk(span_of("not a package"), &book, NULL), FPS_OK);
    assert_string_equal(book.text, "");
    free((void *)deb.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_names_package_and_source),
        cmocka_unit_test(pkginfo_and_wheel_are_read),
        cmocka_unit_test(rpm_header_is_read),
        cmocka_unit_test(truncated_rpm_header_is_told),
        cmocka_unit_test(deb_is_walked_with_what_is_nested_in_it),
        cmocka_unit_test(apk_and_wheel_are_known_by_their_content),
        cmocka_unit_test(nesting_beyond_the_limit_is_told),
        cmocka_unit_test(truncated_deb_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
