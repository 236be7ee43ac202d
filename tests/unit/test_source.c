/* The walk: which files it gives, under which names, and what it says about the rest. */
#include "source_tree.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static void gives_every_regular_file_once(void **state)
{
    (void)state;
    make_file("a", "1");
    make_directory("d");
    make_file("d/b", "22");
    make_directory("d/e");
    make_file("d/e/c", "");
    make_directory("empty");
    seen *found = walk_target(tree_root(), (fps__source_options){0});
    assert_paths(found, (const char *[]){"/a", "/d/b", "/d/e/c", NULL});
    assert_int_equal(found->bytes, 3);
    assert_int_equal(found->counts.regular_files, 3);
    assert_int_equal(found->counts.entries, 6);
    assert_int_equal(found->diagnostic_count, 0);
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
    seen *found = walk_target(tree_root(), (fps__source_options){0});
    assert_paths(found, (const char *[]){"/in/real", NULL});
    assert_int_equal(found->counts.entries, 8);
    seen_free(found);
}

static void follows_the_target_itself(void **state)
{
    (void)state;
    make_directory("real");
    make_file("real/file", "x");
    assert_int_equal(symlink("real", "link"), 0);
    assert_int_equal(symlink("real/file", "filelink"), 0);
    static const char *const targets[] = {"link",     "link/",          "dir:link",
                                          "filelink", "file:real/file", "./real/file"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        seen *found = walk_target(targets[i], (fps__source_options){0});
        assert_paths(found, (const char *[]){"/file", NULL});
        seen_free(found);
    }
}

static void refuses_targets_that_it_cannot_read(void **state)
{
    static const struct {
        const char *target;
        fps_status status;
    } table[] = {
        {"missing", FPS_ERROR_NOT_FOUND},
        {"file/x", FPS_ERROR_NOT_FOUND},
        {"dir:missing", FPS_ERROR_NOT_FOUND},
        {"", FPS_ERROR_ARGUMENT},
        {"dir:", FPS_ERROR_ARGUMENT},
        {"dir:file", FPS_ERROR_UNSUPPORTED},
        {"file:.", FPS_ERROR_UNSUPPORTED},
        {"oci-dir:image", FPS_ERROR_UNSUPPORTED},
        {"docker-archive:x.tar", FPS_ERROR_UNSUPPORTED},
        {"/dev/null", FPS_ERROR_UNSUPPORTED},
        {"fifo", FPS_ERROR_UNSUPPORTED},
        {"dangling", FPS_ERROR_NOT_FOUND},
    };
    (void)state;
    make_file("file", "x");
    assert_int_equal(mkfifo("fifo", 0644), 0);
    assert_int_equal(symlink("nothing", "dangling"), 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        fps_error error = {.message = ""};
        fps__source *source;
        fps_status status = fps__source_open(&source, table[i].target, NULL, &error);
        if (status != table[i].status)
            fail_msg("\"%s\": %s", table[i].target, fps_status_name(status));
        assert_null(source);
        assert_true(error.message[0] != '\0');
    }
}

static void takes_an_existing_path_with_a_colon_as_a_path(void **state)
{
    (void)state;
    make_directory("oci-dir:image");
    make_file("oci-dir:image/file", "x");
    seen *found = walk_target("oci-dir:image", (fps__source_options){0});
    assert_paths(found, (const char *[]){"/file", NULL});
    seen_free(found);
}

static void joins_the_names_of_hard_links(void **state)
{
    fps__source *source;
    fps__source_entry entry;
    (void)state;
    make_directory("in");
    make_directory("in/d");
    make_file("in/m", "linked");
    assert_int_equal(link("in/m", "in/a"), 0);
    assert_int_equal(link("in/m", "in/d/z"), 0);
    make_file("in/half", "outside too");
    assert_int_equal(link("in/half", "elsewhere"), 0);
    assert_int_equal(fps__source_open(&source, "in", NULL, NULL), FPS_OK);
    bool joined = false, half = false;
    while (fps__source_next(source, &entry, NULL) == FPS_OK) {
        if (entry.size == 6) {
            assert_false(joined);
            joined = true;
            assert_string_equal(entry.path, "/a");
            assert_int_equal(entry.link_count, 2);
            assert_string_equal(entry.links[0], "/d/z");
            assert_string_equal(entry.links[1], "/m");
        } else {
            half = true;
            assert_string_equal(entry.path, "/half");
            assert_int_equal(entry.link_count, 0);
        }
        fps__source_entry_free(&entry);
    }
    assert_true(joined && half);
    fps__source_close(source);
}

static void frees_links_that_were_never_handed_out(void **state)
{
    fps__source *source;
    fps__source_entry entry;
    char name[32];
    (void)state;
    make_directory("in");
    for (int i = 0; i < 600; i++) {
        snprintf(name, sizeof name, "in/f%d", i);
        make_file(name, "x");
        assert_int_equal(link(name, name + 3), 0); /* beside "in": half of each pair is never seen */
    }
    make_file("in/single", "x");
    assert_int_equal(fps__source_open(&source, "in", NULL, NULL), FPS_OK);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(fps__source_next(source, &entry, NULL), FPS_OK);
        fps__source_entry_free(&entry);
    }
    fps__source_close(source);
}

static void never_opens_what_is_not_a_regular_file(void **state)
{
    (void)state;
    make_file("file", "x");
    assert_int_equal(mkfifo("fifo", 0644), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    if (mknod("device", S_IFCHR | 0600, makedev(1, 5)) != 0)
        print_message("no device node made: %s\n", strerror(errno));
    seen *found = walk_target(tree_root(), (fps__source_options){0});
    close(fd);
    assert_paths(found, (const char *[]){"/file", NULL});
    assert_int_equal(found->diagnostic_count, 0);
    seen_free(found);
}

static void says_what_is_unreadable(void **state)
{
    bool privileged = geteuid() == 0;
    fps_error error;
    fps__source *source;
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    make_file("secret", "x");
    make_directory("closed");
    make_file("closed/inside", "x");
    assert_int_equal(chmod("secret", 0), 0);
    assert_int_equal(chmod("closed", 0), 0);
    assert_int_equal(chmod(".", 0755), 0);
    seen *into = calloc(1, sizeof *into);
    fps__source_options options = {.diagnostic = note_remark, .user = into};
    if (privileged && seteuid(65534) != 0)
        skip();
    assert_int_equal(fps__source_open(&source, tree_root(), &options, &error), FPS_OK);
    assert_int_equal(fps__source_next(source, &entry, &error), FPS_OK);
    assert_int_equal(fps__source_read(source, &entry, 100, &content, &error), FPS_ERROR_IO);
    assert_string_equal(error.path, "/secret");
    fps__source_entry_free(&entry);
    assert_int_equal(fps__source_next(source, &entry, &error), FPS_ERROR_NOT_FOUND);
    fps__source_close(source);
    assert_int_equal(fps__source_open(&source, "secret", NULL, &error), FPS_ERROR_IO);
    assert_int_equal(fps__source_open(&source, "closed", NULL, &error), FPS_ERROR_IO);
    if (privileged)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod("closed", 0755), 0);
    assert_int_equal(into->diagnostic_count, 1);
    assert_string_equal(into->remarks[0], "partial unreadable /closed");
    seen_free(into);
}

/* Each level holds a file and two directories, so that the walk must come back to every one of them. */
static void walks_ten_thousand_levels_with_few_descriptors(void **state)
{
    enum { LEVELS = 10000 };
    struct rlimit before, few = {.rlim_cur = 100};
    fps__source *source;
    fps__source_entry entry;
    size_t files = 0, longest = 0;
    (void)state;
    for (int i = 0; i < LEVELS; i++) {
        make_directory("down");
        if (i % 10 == 0) {
            make_directory("beside");
            make_file("beside/leaf", "x");
        }
        assert_int_equal(chdir("down"), 0);
    }
    make_file("bottom", "deep");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    seen *into = calloc(1, sizeof *into);
    fps__source_options options = {.diagnostic = note_remark, .user = into};
    assert_int_equal(fps__source_open(&source, tree_root(), &options, NULL), FPS_OK);
    while (fps__source_next(source, &entry, NULL) == FPS_OK) {
        size_t length = strlen(entry.path);
        longest = length > longest ? length : longest;
        if (entry.size == 4) {
            fps__source_content content = {.bytes = {NULL, 0}};
            assert_int_equal(fps__source_read(source, &entry, 10, &content, NULL), FPS_OK);
            assert_memory_equal(content.bytes.data, "deep", 4);
            fps__source_release(&content);
        }
        files++;
        fps__source_entry_free(&entry);
    }
    fps__source_close(source);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(files, LEVELS / 10 + 1);
    assert_int_equal(longest, LEVELS * strlen("/down") + strlen("/bottom"));
    assert_int_equal(into->diagnostic_count, 0);
    seen_free(into);
}

static void keeps_names_as_bytes(void **state)
{
    char name[256], expected[258];
    (void)state;
    memset(name, 'L', 255);
    name[255] = '\0';
    snprintf(expected, sizeof expected, "/%s", name);
    make_file(name, "x");
    make_file("\xff\xfe\n\t\"", "x");
    make_file("...", "x");
    make_file("..x", "x");
    make_file(" ", "x");
    seen *found = walk_target(tree_root(), (fps__source_options){0});
    assert_paths(found, (const char *[]){"/ ", "/...", "/..x", expected, "/\xff\xfe\n\t\"", NULL});
    seen_free(found);
}

static void skips_what_the_globs_name(void **state)
{
    (void)state;
    make_directory("var");
    make_directory("var/cache");
    make_file("var/cache/x", "x");
    make_directory("cache");
    make_file("cache/y", "x");
    make_file("var/a.pyc", "x");
    make_file("b.pyc", "x");
    make_file("keep", "x");
    fps__source_options options = {.skip_dirs = (const char *[]){"/var/cache", NULL}};
    seen *found = walk_target(tree_root(), options);
    assert_paths(found, (const char *[]){"/b.pyc", "/cache/y", "/keep", "/var/a.pyc", NULL});
    seen_free(found);
    options = (fps__source_options){.skip_dirs = (const char *[]){"cache", NULL},
                                    .skip_files = (const char *[]){"*.pyc", "kee?", NULL}};
    found = walk_target(tree_root(), options);
    assert_paths(found, (const char *[]){NULL});
    assert_int_equal(found->diagnostic_count, 0);
    seen_free(found);
}

static void does_not_enter_a_pseudo_file_system(void **state)
{
    (void)state;
    if (access("/proc/self/stat", R_OK) != 0)
        skip();
    seen *found = walk_target("/proc", (fps__source_options){0});
    assert_int_equal(found->path_count, 0);
    assert_int_equal(found->counts.pseudo_skipped, 1);
    assert_int_equal(found->diagnostic_count, 1);
    assert_string_equal(found->remarks[0], "note pseudo-file-system /");
    seen_free(found);
}

static bool interrupt(void *user)
{
    return ++*(unsigned *)user > 3;
}

/* Also where there is no file for long: the caller's clock must not stand still. */
static void can_be_interrupted_between_directories(void **state)
{
    char name[32];
    unsigned asked = 0;
    fps__source *source;
    fps__source_entry entry;
    fps__source_options options = {.interrupted = interrupt, .user = &asked};
    (void)state;
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "d%d", i);
        make_directory(name);
    }
    assert_int_equal(fps__source_open(&source, tree_root(), &options, NULL), FPS_OK);
    assert_int_equal(fps__source_next(source, &entry, NULL), FPS_ERROR_CANCELLED);
    assert_int_equal(asked, 4);
    fps__source_redirect(source, &(fps__source_options){0}, NULL);
    assert_int_equal(fps__source_next(source, &entry, NULL), FPS_ERROR_NOT_FOUND);
    fps__source_close(source);
}

/* Gives this process mounts of its own. */
static bool may_mount(void)
{
    if (unshare(CLONE_NEWNS) != 0) {
        print_message("no mounts may be made here: %s\n", strerror(errno));
        return false;
    }
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void bounds_mounts_of_a_tree_into_itself(void **state)
{
    (void)state;
    make_directory("in");
    make_file("in/file", "x");
    make_directory("in/again");
    if (!may_mount() || mount("in", "in/again", NULL, MS_BIND, NULL) != 0)
        skip();
    seen *found = walk_target("in", (fps__source_options){0});
    assert_int_equal(umount("in/again"), 0);
    assert_paths(found, (const char *[]){"/file", NULL});
    assert_int_equal(found->diagnostic_count, 1);
    assert_string_equal(found->remarks[0], "note directory-loop /again");
    seen_free(found);
}

static void stays_on_one_file_system_when_asked(void **state)
{
    (void)state;
    make_directory("in");
    make_directory("in/other");
    make_file("in/file", "x");
    make_file("in/covered", "x");
    make_directory("in/kernel");
    if (!may_mount() || mount("none", "in/other", "tmpfs", 0, NULL) != 0)
        skip();
    make_file("in/other/there", "x");
    make_file("in/other/bytes", "22");
    assert_int_equal(mount("in/other/bytes", "in/covered", NULL, MS_BIND, NULL), 0);
    bool kernel = mount("/proc", "in/kernel", NULL, MS_BIND | MS_REC, NULL) == 0;
    seen *all = walk_target("in", (fps__source_options){0});
    seen *one = walk_target("in", (fps__source_options){.one_file_system = true});
    umount2("in/kernel", MNT_DETACH);
    umount2("in/covered", MNT_DETACH);
    umount2("in/other", MNT_DETACH);
    assert_paths(all, (const char *[]){"/covered", "/file", "/other/bytes", "/other/there", NULL});
    assert_int_equal(all->counts.pseudo_skipped, kernel);
    if (kernel)
        assert_string_equal(all->remarks[0], "note pseudo-file-system /kernel");
    assert_paths(one, (const char *[]){"/file", NULL});
    assert_int_equal(one->diagnostic_count, 2 + kernel);
    assert_string_equal(one->remarks[0], "note other-file-system /covered");
    seen_free(all);
    seen_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_every_regular_file_once, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(never_follows_symbolic_links, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(follows_the_target_itself, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(refuses_targets_that_it_cannot_read, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(takes_an_existing_path_with_a_colon_as_a_path, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(joins_the_names_of_hard_links, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(frees_links_that_were_never_handed_out, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(never_opens_what_is_not_a_regular_file, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(says_what_is_unreadable, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(walks_ten_thousand_levels_with_few_descriptors, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(keeps_names_as_bytes, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(skips_what_the_globs_name, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(does_not_enter_a_pseudo_file_system, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(can_be_interrupted_between_directories, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(bounds_mounts_of_a_tree_into_itself, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(stays_on_one_file_system_when_asked, tree_enter, tree_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
