/* Joining hard links: all names, sorted, and a table that does not grow without bound. */
#include "source_tree.h"

#include "source/source_links.h"

static fps__source_entry named(const char *path, uint64_t inode)
{
    return (fps__source_entry){.path = strdup(path), .device = 7, .inode = inode, .size = inode};
}

static fps_status add(fps__links *links, fps__source_entry *entry, const char *path, uint64_t inode,
                      uint32_t names)
{
    *entry = named(path, inode);
    return fps__links_add(links, entry, names);
}

static void gives_an_inode_when_its_last_name_comes(void **state)
{
    fps__links links = {0};
    fps__source_entry entry;
    (void)state;
    assert_int_equal(add(&links, &entry, "/m", 1, 4), FPS_ERROR_NOT_FOUND);
    assert_int_equal(add(&links, &entry, "/other", 2, 2), FPS_ERROR_NOT_FOUND);
    assert_int_equal(add(&links, &entry, "/z", 1, 4), FPS_ERROR_NOT_FOUND);
    assert_int_equal(add(&links, &entry, "/a", 1, 4), FPS_ERROR_NOT_FOUND);
    assert_int_equal(add(&links, &entry, "/b", 1, 4), FPS_OK);
    assert_string_equal(entry.path, "/a");
    assert_int_equal(entry.link_count, 3);
    assert_string_equal(entry.links[0], "/b");
    assert_string_equal(entry.links[1], "/m");
    assert_string_equal(entry.links[2], "/z");
    fps__source_entry_free(&entry);
    assert_int_equal(fps__links_drain(&links, &entry), FPS_OK);
    assert_string_equal(entry.path, "/other");
    fps__source_entry_free(&entry);
    assert_int_equal(fps__links_drain(&links, &entry), FPS_ERROR_NOT_FOUND);
    assert_int_equal(links.memory, 0);
    fps__links_free(&links);
}

static void keeps_inodes_of_two_devices_apart(void **state)
{
    fps__links links = {0};
    fps__source_entry entry;
    (void)state;
    assert_int_equal(add(&links, &entry, "/a", 1, 2), FPS_ERROR_NOT_FOUND);
    entry = named("/b", 1);
    entry.device = 8;
    assert_int_equal(fps__links_add(&links, &entry, 2), FPS_ERROR_NOT_FOUND);
    assert_int_equal(links.count, 2);
    fps__links_free(&links);
}

static void stays_within_its_limit(void **state)
{
    fps__links links = {.limit = 100000};
    fps__source_entry entry;
    size_t held = 0, refused = 0;
    char path[64];
    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        snprintf(path, sizeof path, "/some/where/file-%llu", (unsigned long long)i);
        fps_status status = add(&links, &entry, path, i, 2);
        held += status == FPS_ERROR_NOT_FOUND;
        if (status == FPS_ERROR_LIMIT) {
            assert_string_equal(entry.path, path);
            fps__source_entry_free(&entry);
            refused++;
        }
        assert_true(links.memory <= links.limit);
    }
    assert_true(held > 100 && refused > 100);
    assert_int_equal(held + refused, 5000);
    for (size_t i = 0; i < held; i++) {
        assert_int_equal(fps__links_drain(&links, &entry), FPS_OK);
        fps__source_entry_free(&entry);
    }
    assert_int_equal(links.memory, 0);
    fps__links_free(&links);
}

static void drops_names_but_not_files_when_it_is_full(void **state)
{
    fps__links links = {.limit = 2000};
    fps__source_entry entry;
    char path[64];
    (void)state;
    for (unsigned i = 0; i < 999; i++) {
        snprintf(path, sizeof path, "/name-%03u", i);
        assert_int_equal(add(&links, &entry, path, 1, 1000), FPS_ERROR_NOT_FOUND);
        assert_true(links.memory <= 2 * links.limit);
    }
    assert_int_equal(add(&links, &entry, "/last", 1, 1000), FPS_OK);
    assert_true(entry.link_count > 10);
    assert_int_equal(entry.link_count + 1 + links.dropped, 1000);
    fps__source_entry_free(&entry);
    assert_int_equal(links.memory, 0);
    fps__links_free(&links);
}

/* The count was taken before the last link was made: a name more than there should be is a file of its own.
 */
static void takes_names_that_appear_during_the_walk(void **state)
{
    fps__links links = {0};
    fps__source_entry entry;
    (void)state;
    assert_int_equal(add(&links, &entry, "/a", 1, 2), FPS_ERROR_NOT_FOUND);
    assert_int_equal(add(&links, &entry, "/b", 1, 2), FPS_OK);
    fps__source_entry_free(&entry);
    assert_int_equal(add(&links, &entry, "/c", 1, 3), FPS_ERROR_NOT_FOUND);
    assert_int_equal(fps__links_drain(&links, &entry), FPS_OK);
    assert_string_equal(entry.path, "/c");
    fps__source_entry_free(&entry);
    fps__links_free(&links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_an_inode_when_its_last_name_comes),
        cmocka_unit_test(keeps_inodes_of_two_devices_apart),
        cmocka_unit_test(stays_within_its_limit),
        cmocka_unit_test(drops_names_but_not_files_when_it_is_full),
        cmocka_unit_test(takes_names_that_appear_during_the_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
