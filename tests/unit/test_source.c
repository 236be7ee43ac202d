/* The walk: which files it gives, under which names, and what it says about the rest. */
#include "source_tree.h"

static char root[4096];

static int enter(void **state)
{
    (void)state;
    tree_enter(root, sizeof root);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    tree_remove(root);
    return 0;
}

static void gives_every_regular_file_once(void **state)
{
    (void)state;
    make_file("a", "1");
    make_directory("d");
    make_file("d/b", "22");
    make_directory("d/e");
    make_file("d/e/c", "");
    make_directory("empty");
    seen *found = walk_target(root, (fps__source_options){0});
    assert_paths(found, (const char *[]){"/a", "/d/b", "/d/e/c", NULL});
    assert_int_equal(found->bytes, 3);
    assert_int_equal(found->counts.regular_files, 3);
    assert_int_equal(found->counts.entries, 6);
    assert_int_equal(found->remark_count, 0);
    seen_free(found);
}

static void never_follows_symbolic_links(void **state)
{
    (void)state;
    make_directory("in");
    make_file("in/real", "x");
    assert_int_equal(symlink("/etc/passwd", "in/absolute"), 0);
    assert_int_equal(symlink("../../../../../../../../etc", "in/relative"), 0);
    assert_int_equal(symlink("real", "in/alias"), 0);
    assert_int_equal(symlink(".", "in/self"), 0);
    assert_int_equal(symlink("loop2", "in/loop1"), 0);
    assert_int_equal(symlink("loop1", "in/loop2"), 0);
    seen *found = walk_target(root, (fps__source_options){0});
    assert_paths(found, (const char *[]){"/in/real", NULL});
    seen_free(found);
}

static void follows_the_target_itself(void **state)
{
    (void)state;
    make_directory("real");
    make_file("real/file", "x");
    assert_int_equal(symlink("real", "link"), 0);
    assert_int_equal(symlink("real/file", "filelink"), 0);
    seen *found = walk_target("link", (fps__source_options){0});
    assert_paths(found, (const char *[]){"/file", NULL});
    seen_free(found);
    found = walk_target("filelink", (fps__source_options){0});
    assert_paths(found, (const char *[]){"/file", NULL});
    seen_free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_every_regular_file_once, enter, leave),
        cmocka_unit_test_setup_teardown(never_follows_symbolic_links, enter, leave),
        cmocka_unit_test_setup_teardown(follows_the_target_itself, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
