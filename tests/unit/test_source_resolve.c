/* Resolving paths inside a target as a chrooted program does. */
#include "source_tree.h"

static int enter(void **state)
{
    (void)state;
    tree_enter(state);
    make_directory("usr");
    make_directory("usr/lib");
    make_directory("usr/lib/x");
    make_file("usr/lib/libz.so.1.3", "z");
    make_file("passwd", "p");
    assert_int_equal(symlink("libz.so.1.3", "usr/lib/libz.so.1"), 0);
    assert_int_equal(symlink("/usr/lib/libz.so.1", "usr/lib/libz.so"), 0);
    assert_int_equal(symlink("usr/lib", "lib"), 0);
    assert_int_equal(symlink("../../../../../../passwd", "usr/up"), 0);
    assert_int_equal(symlink("/", "usr/root"), 0);
    assert_int_equal(symlink("/etc/passwd", "outside"), 0);
    assert_int_equal(symlink("loop2", "loop1"), 0);
    assert_int_equal(symlink("loop1", "loop2"), 0);
    assert_int_equal(symlink("passwd/", "slash"), 0);
    return 0;
}

static void resolves_the_table(void **state)
{
    static const struct {
        const char *path, *expected;
        fps_status status;
    } table[] = {
        {"/", "/", FPS_OK},
        {"", "/", FPS_OK},
        {"..", "/", FPS_OK},
        {"/../../passwd", "/passwd", FPS_OK},
        {"passwd", "/passwd", FPS_OK},
        {"/usr/lib/libz.so", "/usr/lib/libz.so.1.3", FPS_OK},
        {"/lib/libz.so.1", "/usr/lib/libz.so.1.3", FPS_OK},
        {"/lib/../lib/./x//", "/usr/lib/x", FPS_OK},
        {"/lib/..", "/usr", FPS_OK},
        {"/usr/up", "/passwd", FPS_OK},
        {"/usr/root", "/", FPS_OK},
        {"/usr/root/usr/root/usr/root/lib/x", "/usr/lib/x", FPS_OK},
        {"/outside", NULL, FPS_ERROR_NOT_FOUND},
        {"/missing", NULL, FPS_ERROR_NOT_FOUND},
        {"/missing/..", NULL, FPS_ERROR_NOT_FOUND},
        {"/passwd/x", NULL, FPS_ERROR_NOT_FOUND},
        {"/passwd/", NULL, FPS_ERROR_NOT_FOUND},
        {"/slash", NULL, FPS_ERROR_NOT_FOUND},
        {"/loop1", NULL, FPS_ERROR_LIMIT},
        {"/loop1/x", NULL, FPS_ERROR_LIMIT},
    };
    fps__source *source;
    (void)state;
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, NULL), FPS_OK);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char resolved[256];
        fps_error error;
        fps_status status = fps__source_resolve(source, table[i].path, resolved, sizeof resolved, &error);
        if (status != table[i].status)
            fail_msg("%s: status %s", table[i].path, fps_status_name(status));
        if (status == FPS_OK)
            assert_string_equal(resolved, table[i].expected);
    }
    fps__source_close(source);
}

static void refuses_paths_that_do_not_fit(void **state)
{
    fps__source *source;
    char small[12], name[300];
    (void)state;
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, NULL), FPS_OK);
    assert_int_equal(fps__source_resolve(source, "/usr/lib/x", small, sizeof small, NULL), FPS_OK);
    assert_int_equal(fps__source_resolve(source, "/usr/lib/libz.so.1", small, sizeof small, NULL),
                     FPS_ERROR_LIMIT);
    assert_int_equal(fps__source_resolve(source, "/", small, 1, NULL), FPS_ERROR_LIMIT);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    char resolved[1024];
    assert_int_equal(fps__source_resolve(source, name, resolved, sizeof resolved, NULL), FPS_ERROR_LIMIT);
    fps__source_close(source);
}

static void a_file_target_holds_nothing_but_itself(void **state)
{
    fps__source *source;
    char resolved[256];
    (void)state;
    assert_int_equal(fps__source_open(&source, "usr/lib/libz.so.1", NULL, NULL), FPS_OK);
    assert_false(fps__source_is_directory(source));
    assert_int_equal(fps__source_resolve(source, "/libz.so.1.3", resolved, sizeof resolved, NULL), FPS_OK);
    assert_string_equal(resolved, "/libz.so.1.3");
    assert_int_equal(fps__source_resolve(source, "/x", resolved, sizeof resolved, NULL), FPS_ERROR_NOT_FOUND);
    fps__source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolves_the_table),
        cmocka_unit_test(refuses_paths_that_do_not_fit),
        cmocka_unit_test(a_file_target_holds_nothing_but_itself),
    };
    return cmocka_run_group_tests(tests, enter, tree_leave);
}
