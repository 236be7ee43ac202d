/* The dump of a set equals what a second reader, written in Python from FORMAT.md alone, reads. */
#include "set_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void reader_command(char *command, size_t size, const char *path)
{
    const char *source = getenv("FPS_SOURCE");
    snprintf(command, size, "/usr/bin/python3 '%s/tests/index/read_fpdb.py' '%s'", source ? source : ".",
             path);
}

typedef struct comparison {
    FILE *reader;
    size_t compared;
} comparison;

static fps_status compare(void *user, const char *text, size_t length)
{
    comparison *c = user;
    char other[65536];
    assert_true(length <= sizeof other);
    size_t got = fread(other, 1, length, c->reader);
    for (size_t i = 0; i < length; i++) {
        if (i >= got || text[i] != other[i])
            fail_msg("byte %zu differs: \"%.60s\" and \"%.60s\"", c->compared + i, text + i,
                     i < got ? other + i : "");
    }
    c->compared += length;
    return FPS_OK;
}

static void compare_readers(const set_fixture_shape *shape)
{
    set_fixture fixture;
    fps_database *database;
    char folder[256], path[300], command[1200];
    fixture_make(&fixture, shape);
    fixture_folder(folder);
    snprintf(path, sizeof path, "%s/set.fpdb", folder);
    assert_int_equal(fps__set_write(&fixture.model, path, NULL), FPS_OK);
    assert_int_equal(fps_database_open(&database, path, NULL), FPS_OK);
    reader_command(command, sizeof command, path);
    comparison c = {popen(command, "r"), 0};
    assert_non_null(c.reader);
    assert_int_equal(fps__database_dump(database, compare, &c), FPS_OK);
    assert_int_equal(fgetc(c.reader), EOF);
    assert_int_equal(pclose(c.reader), 0);
    assert_true(c.compared > 0);
    fps_database_free(database);
    unlink(path);
    rmdir(folder);
    fixture_free(&fixture);
}

static void a_reader_written_from_the_format_page_reads_the_same(void **state)
{
    (void)state;
    compare_readers(&(set_fixture_shape){0, 0, 0, 0, 0, false, false});
    compare_readers(&(set_fixture_shape){1, 1, 1, 1, 1, false, false});
    compare_readers(&(set_fixture_shape){2, 20, 200, 300, 5000, false, true});
    compare_readers(&(set_fixture_shape){3, 20, 200, 300, 5000, true, true});
}

static fps_status refuse(void *user, const char *text, size_t length)
{
    (void)text;
    (void)length;
    ++*(int *)user;
    return FPS_ERROR_CANCELLED;
}

static void a_dump_ends_when_its_callback_refuses(void **state)
{
    (void)state;
    set_fixture fixture;
    fps_database *database;
    char folder[256], path[300];
    int calls = 0;
    fixture_make(&fixture, &(set_fixture_shape){4, 20, 200, 300, 5000, false, false});
    fixture_folder(folder);
    snprintf(path, sizeof path, "%s/set.fpdb", folder);
    assert_int_equal(fps__set_write(&fixture.model, path, NULL), FPS_OK);
    assert_int_equal(fps_database_open(&database, path, NULL), FPS_OK);
    assert_int_equal(fps__database_dump(database, refuse, &calls), FPS_ERROR_CANCELLED);
    assert_int_equal(calls, 1);
    fps_database_free(database);
    unlink(path);
    rmdir(folder);
    fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_written_from_the_format_page_reads_the_same),
        cmocka_unit_test(a_dump_ends_when_its_callback_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
