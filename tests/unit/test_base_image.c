/* The table of known base images: what is in it, which base an image has, and what a damaged one gives. */
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fpscan/base_image.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static char folder[TEMPORARY_SIZE], path[TEMPORARY_SIZE + 32];

static int make_folder(void **state)
{
    (void)state;
    char *made = mkdtemp(temporary_name(folder, "fpscan-bases"));
    snprintf(path, sizeof path, "%s/bases.json", folder);
    return made ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[TEMPORARY_SIZE + 16];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %.60s", folder);
    return system(command);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char table_text[] =
    "{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": ["
    "{\"name\": \"two\", \"digest\": \"sha256:2\", \"added\": \"2026-01-31\", \"layers\": [\"" A "\", \"" B
    "\"]},"
    "{\"name\": \"one\", \"digest\": \"\", \"added\": \"\", \"layers\": [\"" A "\"]},"
    "{\"name\": \"other\", \"digest\": \"\", \"added\": \"\", \"layers\": [\"" B "\"]}]}";

static fps_base_images *open_table(void)
{
    fps_error error = {.message = ""};
    fps_base_images *table;
    if (fps_base_images_open(&table, path, &error) != FPS_OK)
        fail_msg("%s", error.message);
    return table;
}

static void images_are_sorted_by_name(void **state)
{
    (void)state;
    write_file(table_text);
    fps_base_images *table = open_table();
    assert_int_equal(fps_base_images_entry_count(table), 3);
    assert_string_equal(fps_base_images_entry(table, 0)->name, "one");
    assert_string_equal(fps_base_images_entry(table, 2)->name, "two");
    assert_string_equal(fps_base_images_entry(table, 2)->digest, "sha256:2");
    assert_string_equal(fps_base_images_entry(table, 2)->added, "2026-01-31");
    assert_int_equal(fps_base_images_entry(table, 2)->layers, 2);
    assert_string_equal(fps_base_images_entry(table, 2)->diff_ids[1], B);
    assert_null(fps_base_images_entry(table, 3));
    fps_base_images_free(table);
}

static const char *found(const fps_base_images *table, const char *const *ids, size_t count)
{
    const fps_base_image *image = fps_base_images_find(table, ids, count);
    return image ? image->name : "none";
}

static void the_longest_base_is_found(void **state)
{
    (void)state;
    const char *const abc[] = {A, B, C}, *const acb[] = {A, C, B}, *const c[] = {C};
    write_file(table_text);
    fps_base_images *table = open_table();
    assert_string_equal(found(table, abc, 3), "two");
    assert_string_equal(found(table, abc, 2), "two");
    assert_string_equal(found(table, abc, 1), "one");
    assert_string_equal(found(table, acb, 3), "one");
    assert_string_equal(found(table, abc + 1, 2), "other");
    assert_string_equal(found(table, c, 1), "none");
    assert_string_equal(found(table, c, 0), "none");
    fps_base_images_free(table);
}

static void an_image_is_removed_and_the_rest_stays(void **state)
{
    (void)state;
    fps_error error;
    write_file(table_text);
    assert_int_equal(fps_base_image_remove(path, "one", &error), FPS_OK);
    assert_int_equal(fps_base_image_remove(path, "one", &error), FPS_ERROR_NOT_FOUND);
    fps_base_images *table = open_table();
    assert_int_equal(fps_base_images_entry_count(table), 2);
    assert_string_equal(fps_base_images_entry(table, 1)->diff_ids[1], B);
    fps_base_images_free(table);
}

static void what_is_damaged_is_said(void **state)
{
    (void)state;
    enum { DOCUMENTS = 7 }; /* cases in which the document itself is wrong */
    static const struct {
        const char *text;
        fps_status status;
    } cases[] = {
        {"", FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base", FPS_ERROR_CORRUPT},
        {"[]", FPS_ERROR_CORRUPT},
        {"{\"format\": \"something\", \"version\": 1, \"images\": []}", FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base-images\", \"version\": 2, \"images\": []}", FPS_ERROR_VERSION},
        {"{\"format\": \"fpscan-base-images\", \"version\": \"1\", \"images\": []}", FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": {}}", FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": [7]}", FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": [{\"name\": \"x\", \"digest\": "
         "\"\","
         " \"added\": \"\", \"layers\": []}]}",
         FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": [{\"name\": \"x\", \"digest\": "
         "\"\","
         " \"added\": \"\", \"layers\": [\"sha256:12\"]}]}",
         FPS_ERROR_CORRUPT},
        {"{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": []}", FPS_OK},
    };
    fps_error error;
    fps_base_images *table;
    assert_int_equal(fps_base_images_open(&table, path, &error), FPS_ERROR_NOT_FOUND);
    assert_int_equal(fps_base_image_remove(path, "x", &error), FPS_ERROR_NOT_FOUND);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(cases[i].text);
        assert_int_equal(fps_base_images_open(&table, path, &error), cases[i].status);
        fps_base_images_free(table);
        if (i < DOCUMENTS) /* a single bad image can be removed */
            assert_int_equal(fps_base_image_remove(path, "x", &error), cases[i].status);
    }
    assert_int_equal(fps_base_images_open(&table, folder, &error), FPS_ERROR_IO);
}

static void a_table_above_its_limit_is_refused(void **state)
{
    (void)state;
    fps_error error;
    fps_base_images *table;
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 17 << 10; i++)
        fprintf(file, "%1024s", "");
    fputs("{\"format\": \"fpscan-base-images\", \"version\": 1, \"images\": []}", file);
    fclose(file);
    assert_int_equal(fps_base_images_open(&table, path, &error), FPS_ERROR_LIMIT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(images_are_sorted_by_name),
        TEST(the_longest_base_is_found),
        TEST(an_image_is_removed_and_the_rest_stays),
        TEST(what_is_damaged_is_said),
        TEST(a_table_above_its_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
