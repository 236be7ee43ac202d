/* The index of a tar: names in every dialect, links, sizes, and hostile headers. */
#include "image/tar_index.h"

#include "image_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- tars made by hand ---- */

typedef struct tar {
    uint8_t *data;
    size_t size, at;
} tar;

enum { ROOM = 1 << 20 };

static void seal(uint8_t *header)
{
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
}

/* Appends a member; `size` is what the header says, `text` what follows. Returns the header. */
static uint8_t *append(tar *t, char type, const char *name, uint64_t size, const char *text)
{
    if (!t->data)
        t->data = calloc(1, ROOM);
    uint8_t *header = t->data + t->size;
    snprintf((char *)header, 100, "%s", name);
    memcpy(header + 100, "0000644\0", 8);
    snprintf((char *)header + 124, 12, "%011llo", (unsigned long long)size);
    header[156] = (uint8_t)type;
    memcpy(header + 257, "ustar\00000", 8);
    seal(header);
    memcpy(header + 512, text, strlen(text));
    t->size += 512 + (strlen(text) + 511) / 512 * 512;
    return header;
}

static fps_status tar_read(void *user, uint8_t *bytes, size_t size, fps_error *error)
{
    tar *t = user;
    if (t->at >= t->size)
        return FPS_ERROR_NOT_FOUND;
    if (size > t->size - t->at) {
        if (error)
            *error = (fps_error){.status = FPS_ERROR_CORRUPT};
        return FPS_ERROR_CORRUPT;
    }
    memcpy(bytes, t->data + t->at, size);
    t->at += size;
    return FPS_OK;
}

static fps_status tar_skip(void *user, uint64_t size, fps_error *error)
{
    tar *t = user;
    (void)error;
    if (size > t->size - t->at)
        return FPS_ERROR_CORRUPT;
    t->at += (size_t)size;
    return FPS_OK;
}

/* Reads the tar and frees it. */
static fps_status read_tar(tar *t, bool keep, fps__tar_index *index)
{
    fps__tar_reader reader = {t, tar_read, tar_skip, keep};
    fps_status status = fps__tar_index_read(index, &reader, NULL);
    free(t->data);
    *t = (tar){NULL, 0, 0};
    return status;
}

/* ---- tests ---- */

static void long_names_of_every_dialect_are_read(void **state)
{
    (void)state;
    static const char *const formats[] = {"gnutar", "pax", "ustar"};
    char name[IMAGE_NAME], target[IMAGE_NAME];
    memset(name, 'n', sizeof name);
    memset(target, 't', sizeof target);
    name[70] = '/';
    name[130] = '\0';
    target[140] = '\0';
    for (size_t i = 0; i < 3; i++) {
        char path[TEMPORARY_SIZE];
        image_files files = {.count = 0};
        image_text(&files, name, "{\"a\":1}");
        image_text(&files, "./short//x/", "text");
        if (i < 2)
            image_link(&files, "link", target, false);
        close(mkstemp(temporary_name(path, "tar")));
        image_write_archive(&files, path, formats[i], "none");
        tar t = {.data = malloc(ROOM)};
        FILE *file = fopen(path, "rb");
        t.size = fread(t.data, 1, ROOM, file);
        fclose(file);
        unlink(path);
        fps__tar_index index;
        assert_int_equal(read_tar(&t, true, &index), FPS_OK);
        const fps__tar_member *found = fps__tar_index_find(&index, name);
        assert_non_null(found);
        assert_int_equal(found->size, 7);
        assert_int_equal(found->content.size, 7);
        assert_memory_equal(found->content.data, "{\"a\":1}", 7);
        found = fps__tar_index_resolve(&index, "./short/x");
        assert_non_null(found);
        assert_int_equal(found->content.size, 0);
        if (i < 2)
            assert_string_equal(fps__tar_index_find(&index, "link")->link, target);
        assert_null(fps__tar_index_find(&index, "nothing"));
        fps__tar_index_free(&index);
        image_files_free(&files);
    }
}

static void sizes_in_base_256_and_in_pax_headers_count(void **state)
{
    (void)state;
    tar t = {.size = 0};
    fps__tar_index index;
    uint8_t *header = append(&t, '0', "a", 0, "four");
    memset(header + 124, 0, 12);
    header[124] = 0x80;
    header[135] = 4;
    seal(header);
    append(&t, 'x', "pax", 10, "10 size=4\n");
    append(&t, '0', "b", 0, "four");
    append(&t, '5', "directory/", 77777, "");
    append(&t, '0', "c", 4, "four");
    assert_int_equal(read_tar(&t, false, &index), FPS_OK);
    assert_int_equal(index.members.count, 4);
    assert_int_equal(fps__tar_index_find(&index, "a")->size, 4);
    assert_int_equal(fps__tar_index_find(&index, "b")->size, 4);
    assert_int_equal(fps__tar_index_find(&index, "b")->offset, 5 * 512);
    assert_int_equal(fps__tar_index_find(&index, "c")->offset, 8 * 512);
    fps__tar_index_free(&index);
}

static void hostile_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        char type;
        const char *text;
        uint64_t size;
        fps_status status;
    } cases[] = {
        {'x', "9 size=4\n", 9, FPS_OK},
        {'x', "9 size=x\n", 9, FPS_ERROR_CORRUPT},
        {'x', "11 size=-1\n", 11, FPS_ERROR_CORRUPT},
        {'x', "26 size=99999999999999999\n", 26, FPS_OK},
        {'x', "29 size=99999999999999999999\n", 29, FPS_ERROR_CORRUPT},
        {'x', "99 path=a\n", 10, FPS_ERROR_CORRUPT},
        {'x', "99999999999999999999999 path=a\n", 31, FPS_ERROR_CORRUPT},
        {'x', "10 path=ab", 10, FPS_ERROR_CORRUPT},
        {'x', "10 pathab\n", 10, FPS_ERROR_CORRUPT},
        {'x', "2 path=ab\n", 10, FPS_ERROR_CORRUPT},
        {'x', "0 path=ab\n", 10, FPS_ERROR_CORRUPT},
        {'x', "path", 4, FPS_ERROR_CORRUPT},
        {'x', "", (uint64_t)2 << 20, FPS_ERROR_LIMIT},
        {'L', "", (uint64_t)8 << 30, FPS_ERROR_LIMIT},
        {'0', "", 1000, FPS_ERROR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tar t = {.size = 0};
        fps__tar_index index;
        append(&t, '0', "first", 4, "four");
        append(&t, cases[i].type, "x", cases[i].size, cases[i].text);
        assert_int_equal(read_tar(&t, true, &index), cases[i].status);
        assert_non_null(fps__tar_index_find(&index, "first"));
        fps__tar_index_free(&index);
    }
    tar t = {.size = 0};
    fps__tar_index index;
    append(&t, '0', "first", 0, "");
    append(&t, '0', "second", 0, "")[0] ^= 1;
    assert_int_equal(read_tar(&t, true, &index), FPS_ERROR_CORRUPT);
    assert_int_equal(index.members.count, 1);
    fps__tar_index_free(&index);
    append(&t, '0', "first", 0, "")[0] ^= 1;
    assert_int_equal(read_tar(&t, true, &index), FPS_ERROR_FORMAT);
    fps__tar_index_free(&index);
    uint8_t *header = append(&t, '0', "first", 0, "");
    memset(header + 124, 0xff, 12);
    seal(header);
    assert_int_equal(read_tar(&t, true, &index), FPS_ERROR_CORRUPT);
    fps__tar_index_free(&index);
}

/* A name of 5,000 bytes, which begins like a document's. */
static void names_that_are_too_long_are_left_out(void **state)
{
    (void)state;
    char name[5001] = "index.json";
    tar t = {.size = 0};
    fps__tar_index index;
    memset(name + 10, '/', 4989);
    name[4999] = 'x';
    append(&t, 'L', "long", sizeof name, name);
    append(&t, '0', "short", 2, "{}");
    append(&t, '0', "b", 2, "{}");
    assert_int_equal(read_tar(&t, true, &index), FPS_OK);
    assert_null(fps__tar_index_find(&index, "index.json"));
    assert_null(fps__tar_index_find(&index, "short"));
    assert_non_null(fps__tar_index_resolve(&index, "b"));
    fps__tar_index_free(&index);
}

static void extension_headers_have_a_limit_together(void **state)
{
    (void)state;
    tar t = {.data = calloc(1, 8 << 20)};
    fps__tar_index index;
    for (int i = 0; i < 6; i++) {
        append(&t, 'L', "long", 900000, "x");
        t.size += 900000 / 512 * 512;
    }
    append(&t, '0', "a", 0, "");
    assert_int_equal(read_tar(&t, true, &index), FPS_ERROR_LIMIT);
    fps__tar_index_free(&index);
}

static void link_cycles_end(void **state)
{
    (void)state;
    tar t = {.size = 0};
    fps__tar_index index;
    strcpy((char *)append(&t, '2', "a", 0, "") + 157, "b");
    seal(t.data);
    uint8_t *header = append(&t, '1', "b", 0, "");
    strcpy((char *)header + 157, "a");
    seal(header);
    header = append(&t, '2', "c", 0, "");
    strcpy((char *)header + 157, "c");
    seal(header);
    assert_int_equal(read_tar(&t, true, &index), FPS_OK);
    assert_null(fps__tar_index_resolve(&index, "a"));
    assert_null(fps__tar_index_resolve(&index, "b"));
    assert_null(fps__tar_index_resolve(&index, "c"));
    fps__tar_index_free(&index);
}

static void of_equal_names_the_last_is_found(void **state)
{
    (void)state;
    tar t = {.size = 0};
    fps__tar_index index;
    append(&t, '0', "a", 1, "1");
    append(&t, '0', "b", 2, "22");
    append(&t, '0', "./a", 3, "333");
    assert_int_equal(read_tar(&t, true, &index), FPS_OK);
    assert_int_equal(index.duplicates, 1);
    assert_int_equal(fps__tar_index_find(&index, "a")->size, 3);
    fps__tar_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_names_of_every_dialect_are_read),
        cmocka_unit_test(sizes_in_base_256_and_in_pax_headers_count),
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(names_that_are_too_long_are_left_out),
        cmocka_unit_test(extension_headers_have_a_limit_together),
        cmocka_unit_test(link_cycles_end),
        cmocka_unit_test(of_equal_names_the_last_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
