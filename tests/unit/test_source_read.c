/* Opening and reading entries: nothing outside the target, nothing that is not the file the walk saw, at any
 * depth. */
#include "source_tree.h"

#include "source/file.h"

/* The one entry of a tree with one file. */
static fps__source *open_single(fps__source_entry *entry)
{
    fps__source *source;
    assert_int_equal(fps__source_open(&source, tree_root(), NULL, NULL), FPS_OK);
    assert_int_equal(fps__source_next(source, entry, NULL), FPS_OK);
    return source;
}

static void close_single(fps__source *source, fps__source_entry *entry, fps__source_content *content)
{
    fps__source_release(content);
    fps__source_entry_free(entry);
    fps__source_close(source);
}

static void opens_only_what_is_below_without_links(void **state)
{
    static const struct {
        const char *path;
        bool opens;
    } table[] = {
        {"/", true},
        {"/d/e/f", true},
        {"d/e/f", true},
        {"/d", true},
        {"/missing", false},
        {"/link", false},
        {"/d/up/d/e/f", false},
        {"/dlink/e/f", false},
        {"/d/e/f/x", false},
        {"//d", true},
        {"/absolute/passwd", false},
    };
    (void)state;
    make_directory("d");
    make_directory("d/e");
    make_file("d/e/f", "x");
    assert_int_equal(symlink("d/e/f", "link"), 0);
    assert_int_equal(symlink("..", "d/up"), 0);
    assert_int_equal(symlink("d", "dlink"), 0);
    assert_int_equal(symlink("/etc", "absolute"), 0);
    fps__root here;
    fps__root_init(&here, open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int stepwise = here.stepwise; stepwise < 2; stepwise++) {
        here.stepwise = stepwise;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            int fd = fps__root_open(&here, table[i].path, O_RDONLY);
            if ((fd >= 0) != table[i].opens)
                fail_msg("%s, one component at a time: %d", table[i].path, stepwise);
            if (fd >= 0)
                close(fd);
        }
    }
    close(here.fd);
}

static void opens_paths_longer_than_the_system_takes(void **state)
{
    enum { LEVELS = 100, NAME = 200 };
    char name[NAME + 1], *path = calloc(LEVELS, NAME + 1);
    (void)state;
    memset(name, 'n', NAME);
    name[NAME] = '\0';
    for (int i = 0; i < LEVELS - 1; i++) {
        make_directory(name);
        assert_int_equal(chdir(name), 0);
        sprintf(path + strlen(path), "%s/", name);
    }
    make_file("leaf", "deep");
    strcat(path, "leaf");
    fps__root here;
    fps__root_init(&here, open(tree_root(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int stepwise = here.stepwise; stepwise < 2; stepwise++) {
        char text[5] = "";
        here.stepwise = stepwise;
        int fd = fps__root_open(&here, path, O_RDONLY);
        assert_true(fd >= 0);
        assert_int_equal(read(fd, text, 4), 4);
        assert_string_equal(text, "deep");
        close(fd);
    }
    close(here.fd);
    free(path);
}

static void gives_head_and_whole_at_every_size(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000, 9000000};
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = malloc(sizes[i] + 1);
        for (size_t j = 0; j < sizes[i]; j++)
            text[j] = (char)('a' + (j * 7 + j / 4096) % 26);
        text[sizes[i]] = '\0';
        make_file("file", text);
        fps__source_entry entry;
        fps__source_file file;
        fps__source *source = open_single(&entry);
        assert_int_equal(fps__source_file_open(source, &entry, &file, NULL), FPS_OK);
        assert_int_equal(file.head_size, sizes[i] < FPS__SOURCE_HEAD ? sizes[i] : FPS__SOURCE_HEAD);
        assert_memory_equal(file.head, text, file.head_size);
        assert_int_equal(fps__source_file_read(&file, 0, &content, NULL), FPS_OK);
        fps__source_file_close(&file);
        assert_int_equal(content.bytes.size, sizes[i]);
        assert_memory_equal(content.bytes.data, text, sizes[i]);
        assert_false(content.changed);
        fps__source_entry_free(&entry);
        fps__source_close(source);
        free(text);
    }
    fps__source_release(&content);
}

static void reads_holes_as_zeros(void **state)
{
    enum { SIZE = 20 * 1024 * 1024, PLACE = 11 * 1024 * 1024 + 5 };
    (void)state;
    int fd = open("sparse", O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    assert_int_equal(pwrite(fd, "ELF", 3, 0), 3);
    assert_int_equal(pwrite(fd, "island", 6, PLACE), 6);
    close(fd);
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    fps__source *source = open_single(&entry);
    assert_int_equal(fps__source_read(source, &entry, SIZE, &content, NULL), FPS_OK);
    assert_int_equal(content.bytes.size, SIZE);
    assert_false(content.changed);
    assert_memory_equal(content.bytes.data, "ELF\0", 4);
    assert_memory_equal(content.bytes.data + PLACE - 1, "\0island\0", 8);
    assert_int_equal(content.bytes.data[SIZE - 1], 0);
    close_single(source, &entry, &content);
}

static void refuses_more_than_the_limit(void **state)
{
    fps_error error;
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    make_file("file", "12345");
    fps__source *source = open_single(&entry);
    assert_int_equal(fps__source_read(source, &entry, 4, &content, &error), FPS_ERROR_LIMIT);
    assert_string_equal(error.path, "/file");
    assert_int_equal(fps__source_read(source, &entry, 5, &content, &error), FPS_OK);
    close_single(source, &entry, &content);
}

/* The file loses its end after it was opened and measured, as a log that is rotated does. */
static void survives_truncation_while_reading(void **state)
{
    enum { SIZE = 3 * 1024 * 1024 };
    char *text = malloc(SIZE + 1);
    fps__source_entry entry;
    fps__source_file file;
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    make_file("file", text);
    fps__source *source = open_single(&entry);
    assert_int_equal(fps__source_file_open(source, &entry, &file, NULL), FPS_OK);
    assert_int_equal(truncate("file", 10000), 0);
    assert_int_equal(fps__source_file_read(&file, 0, &content, NULL), FPS_OK);
    assert_int_equal(content.bytes.size, 10000);
    assert_true(content.changed);
    fps__source_file_close(&file);
    assert_int_equal(fps__source_file_open(source, &entry, &file, NULL), FPS_OK);
    assert_int_equal(truncate("file", 0), 0);
    assert_int_equal(fps__source_file_read(&file, 0, &content, NULL), FPS_OK);
    assert_int_equal(content.bytes.size, FPS__SOURCE_HEAD);
    assert_true(content.changed);
    fps__source_file_close(&file);
    free(text);
    close_single(source, &entry, &content);
}

static void reads_no_more_than_the_walk_saw_when_a_file_grows(void **state)
{
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    make_file("file", "12345");
    fps__source *source = open_single(&entry);
    int fd = open("file", O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "678", 3), 3);
    close(fd);
    assert_int_equal(fps__source_read(source, &entry, 5, &content, NULL), FPS_OK);
    assert_int_equal(content.bytes.size, 5);
    assert_true(content.changed);
    close_single(source, &entry, &content);
}

static void refuses_what_was_put_in_the_place_of_a_file(void **state)
{
    fps_error error;
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    make_file("file", "12345");
    fps__source *source = open_single(&entry);
    make_file("other", "12345");
    assert_int_equal(rename("other", "file"), 0);
    assert_int_equal(fps__source_read(source, &entry, 100, &content, &error), FPS_ERROR_IO);
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(fps__source_read(source, &entry, 100, &content, &error), FPS_ERROR_NOT_FOUND);
    assert_int_equal(symlink("/etc/passwd", "file"), 0);
    assert_int_equal(fps__source_read(source, &entry, 100, &content, &error), FPS_ERROR_IO);
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(mkfifo("file", 0644), 0); /* would block a careless reader for ever */
    assert_int_equal(fps__source_read(source, &entry, 100, &content, &error), FPS_ERROR_IO);
    close_single(source, &entry, &content);
}

static void stops_reading_at_the_deadline(void **state)
{
    fps__source_entry entry;
    fps__source_file file;
    fps__source_content content = {.bytes = {NULL, 0}};
    (void)state;
    int fd = open("file", O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    assert_int_equal(ftruncate(fd, 100000), 0);
    close(fd);
    fps__source *source = open_single(&entry);
    assert_int_equal(fps__source_file_open(source, &entry, &file, NULL), FPS_OK);
    assert_int_equal(fps__source_file_read(&file, 1, &content, NULL), FPS_ERROR_LIMIT);
    fps__source_file_close(&file);
    close_single(source, &entry, &content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_only_what_is_below_without_links, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(opens_paths_longer_than_the_system_takes, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(gives_head_and_whole_at_every_size, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(reads_holes_as_zeros, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(refuses_more_than_the_limit, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(survives_truncation_while_reading, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(reads_no_more_than_the_walk_saw_when_a_file_grows, tree_enter,
                                        tree_leave),
        cmocka_unit_test_setup_teardown(refuses_what_was_put_in_the_place_of_a_file, tree_enter, tree_leave),
        cmocka_unit_test_setup_teardown(stops_reading_at_the_deadline, tree_enter, tree_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
