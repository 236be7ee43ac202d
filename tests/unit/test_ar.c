/* Reading ar archives: names of each dialect, thin and damaged archives. */
#include <fpscan/object.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CAPACITY = 4096 };

typedef struct archive {
    char data[CAPACITY];
    size_t size;
} archive;

static void begin(archive *to, const char *magic)
{
    memcpy(to->data, magic, 8);
    to->size = 8;
}

/* A member header as written by ar; `size` is what it claims. */
static void put_header(archive *to, const char *name, const char *size)
{
    char header[80];
    snprintf(header, sizeof header, "%-16s%-12s%-6s%-6s%-8s%-10s`\n", name, "0", "0", "0", "644", size);
    memcpy(to->data + to->size, header, 60);
    to->size += 60;
}

static void put_member(archive *to, const char *name, const char *content, size_t length)
{
    char size[24];
    snprintf(size, sizeof size, "%zu", length);
    put_header(to, name, size);
    memcpy(to->data + to->size, content, length);
    to->size += length;
    if (to->size & 1)
        to->data[to->size++] = '\n';
}

static fps_ar *open_archive(const archive *from)
{
    fps_ar *ar;
    fps_error error;
    assert_int_equal(fps_ar_open(&ar, from->data, from->size, &error), FPS_OK);
    return ar;
}

static void expect_member(fps_ar *ar, const archive *from, const char *name, const char *content)
{
    fps_ar_member member;
    fps_error error;
    assert_int_equal(fps_ar_next(ar, &member, &error), FPS_OK);
    assert_string_equal(member.name, name);
    assert_int_equal(member.size, strlen(content));
    assert_memory_equal(member.data, content, member.size);
    assert_ptr_equal(member.data, from->data + member.offset);
}

static void expect_end(fps_ar *ar, fps_status status)
{
    fps_ar_member member;
    fps_error error;
    assert_int_equal(fps_ar_next(ar, &member, &error), status);
    assert_int_equal(fps_ar_next(ar, &member, &error), status);
    fps_ar_free(ar);
}

static void names_of_gnu_archives(void **state)
{
    (void)state;
    archive made;
    begin(&made, "!<arch>\n");
    put_member(&made, "/", "\0\0\0\0", 4);
    put_member(&made, "//", "a-very-long-member-name.o/\nanother-very-long-name.o/\n", 53);
    put_member(&made, "short.o/", "odd", 3);
    put_member(&made, "/0", "first", 5);
    put_member(&made, "/27", "second", 6);
    put_member(&made, "/9999", "", 0);
    fps_ar *ar = open_archive(&made);
    expect_member(ar, &made, "short.o", "odd");
    expect_member(ar, &made, "a-very-long-member-name.o", "first");
    expect_member(ar, &made, "another-very-long-name.o", "second");
    expect_member(ar, &made, "/9999", ""); /* a name that is not there */
    expect_end(ar, FPS_ERROR_NOT_FOUND);
}

static void names_of_bsd_and_system_v_archives(void **state)
{
    (void)state;
    archive made;
    begin(&made, "!<arch>\n");
    put_member(&made, "#1/20", "__.SYMDEF SORTED\0\0\0\0rest", 24);
    put_member(&made, "#1/24", "a-long-member-name.o\0\0\0\0content", 31);
    put_member(&made, "plain.o", "text", 4);
    put_member(&made, "/SYM64/", "\0", 1);
    fps_ar *ar = open_archive(&made);
    expect_member(ar, &made, "a-long-member-name.o", "content");
    expect_member(ar, &made, "plain.o", "text");
    expect_end(ar, FPS_ERROR_NOT_FOUND);
}

static void thin_archives_have_no_bytes(void **state)
{
    (void)state;
    archive made;
    begin(&made, "!<thin>\n");
    put_header(&made, "member.o/", "1234");
    assert_int_equal(fps_object_identify(made.data, made.size), FPS_FORMAT_AR);
    expect_end(open_archive(&made), FPS_ERROR_NOT_FOUND);
}

static void a_member_that_is_cut_short_is_given_and_then_said(void **state)
{
    (void)state;
    archive made;
    begin(&made, "!<arch>\n");
    put_header(&made, "cut.o/", "100");
    memcpy(made.data + made.size, "some", 4);
    made.size += 4;
    fps_ar *ar = open_archive(&made);
    expect_member(ar, &made, "cut.o", "some");
    expect_end(ar, FPS_ERROR_CORRUPT);
}

static void damaged_headers_are_corrupt(void **state)
{
    (void)state;
    static const char *const sizes[] = {"12x", "", "-4", "0x10"};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        archive made;
        begin(&made, "!<arch>\n");
        put_member(&made, "good.o/", "content!", 8);
        put_header(&made, "bad.o/", sizes[i]);
        fps_ar *ar = open_archive(&made);
        expect_member(ar, &made, "good.o", "content!");
        expect_end(ar, FPS_ERROR_CORRUPT);
    }
    archive made;
    begin(&made, "!<arch>\n");
    put_member(&made, "#1/99", "short", 5);
    fps_ar_member member;
    fps_ar *ar = open_archive(&made);
    assert_int_equal(fps_ar_next(ar, &member, NULL), FPS_ERROR_CORRUPT);
    fps_ar_free(ar);
    assert_int_equal(fps_ar_open(&ar, "no archive", 10, NULL), FPS_ERROR_FORMAT);
    assert_int_equal(fps_ar_open(&ar, NULL, 0, NULL), FPS_ERROR_FORMAT);
}

static void an_archive_cut_anywhere_ends(void **state)
{
    (void)state;
    archive made;
    begin(&made, "!<arch>\n");
    put_member(&made, "//", "a-very-long-member-name.o/\n", 27);
    put_member(&made, "/0", "first", 5);
    put_member(&made, "#1/8", "bsd-nameabc", 11);
    for (size_t size = 8; size <= made.size; size++) {
        char *copy = malloc(size);
        fps_ar *ar;
        fps_ar_member member;
        fps_status status;
        assert_non_null(copy);
        memcpy(copy, made.data, size);
        assert_int_equal(fps_ar_open(&ar, copy, size, NULL), FPS_OK);
        while ((status = fps_ar_next(ar, &member, NULL)) == FPS_OK)
            assert_true(member.offset + member.size <= size);
        assert_true(status == FPS_ERROR_NOT_FOUND || status == FPS_ERROR_CORRUPT);
        fps_ar_free(ar);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_gnu_archives),
        cmocka_unit_test(names_of_bsd_and_system_v_archives),
        cmocka_unit_test(thin_archives_have_no_bytes),
        cmocka_unit_test(a_member_that_is_cut_short_is_given_and_then_said),
        cmocka_unit_test(damaged_headers_are_corrupt),
        cmocka_unit_test(an_archive_cut_anywhere_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
