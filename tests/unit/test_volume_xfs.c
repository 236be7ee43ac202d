/* XFS by hand: what makes its reader read in circles, too far, or more than it has paid for. tests/oracle/check_volumes.py has whole
 * images. */
#include "volume/volume.h"

#include "volume_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One group of blocks of 4 KiB: the superblock, inodes, a log that was closed, and blocks for the tests. */
enum {
    BLOCK = 4096,
    INODE = 512,
    CORE = 176,
    BLOCKS = 16,
    INODES = 1,
    LOG = 2,
    TREE = 4,
    DATA = 5,
    ROOT_INODE = INODES * BLOCK / INODE,
    FILE_INODE,
    IMAGE = BLOCKS * BLOCK,
};

static void put_be(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint8_t *inode_of(uint8_t *image, uint64_t number)
{
    return image + number * INODE;
}

static uint8_t *put_inode(uint8_t *image, uint64_t number, uint32_t mode, uint8_t format, uint64_t size)
{
    uint8_t *p = inode_of(image, number);
    memcpy(p, "IN", 2);
    put_be(p + 2, mode, 2);
    p[4] = 3;
    p[5] = format;
    put_be(p + 16, 1, 4); /* links */
    put_be(p + 56, size, 8);
    return p + CORE;
}

static void put_extent(uint8_t *to, uint64_t first, uint64_t block, uint64_t count, bool unwritten)
{
    put_be(to, (uint64_t)unwritten << 63 | first << 9 | block >> 43, 8);
    put_be(to + 8, block << 21 | count, 8);
}

/* A root with the file "file", which has 10,000 bytes: a block, a hole, and the rest of a block. */
static uint8_t *make(void)
{
    uint8_t *image = calloc(BLOCKS, BLOCK), *p = image, *log = image + LOG * BLOCK;
    memcpy(p, "XFSB", 4);
    put_be(p + 4, BLOCK, 4);
    put_be(p + 8, BLOCKS, 8);
    put_be(p + 48, LOG, 8);
    put_be(p + 56, ROOT_INODE, 8);
    put_be(p + 84, BLOCKS, 4);
    put_be(p + 88, 1, 4);
    put_be(p + 96, 1, 4);       /* blocks of the log */
    put_be(p + 100, 0xb4a5, 2); /* version 5 */
    put_be(p + 104, INODE, 2);
    p[120] = 12;
    p[122] = 9;
    p[123] = 3;
    p[124] = 4;
    put_be(p + 216, 1, 4); /* directories have types */
    put_be(log, 0xfeedbabe, 4);
    put_be(log + 4, 1, 4);
    put_be(log + 8, 1, 4);
    put_be(log + 12, 512, 4);
    put_be(log + 40, 1, 4);
    put_be(log + 512, 1, 4);
    log[512 + 9] = 0x20; /* an unmount */
    uint8_t *root = put_inode(image, ROOT_INODE, 040755, 1, 16);
    root[0] = 1;
    put_be(root + 2, ROOT_INODE, 4);
    root[6] = 4;
    memcpy(root + 9, "file\1", 5);
    put_be(root + 14, FILE_INODE, 4);
    put_inode(image, ROOT_INODE, 040755, 1, 18);
    uint8_t *file = put_inode(image, FILE_INODE, 0100644, 2, 10000);
    put_be(inode_of(image, FILE_INODE) + 76, 2, 4);
    put_extent(file, 0, DATA, 1, false);
    put_extent(file + 16, 2, DATA + 1, 1, false);
    image[DATA * BLOCK + BLOCK - 1] = 1;
    image[(DATA + 1) * BLOCK + 10000 - 2 * BLOCK - 1] = 2;
    return image;
}

static char *tell_all(const uint8_t *image)
{
    purse p = {.bytes = 0};
    return tell((fps__span){image, IMAGE}, &p);
}

/* The sum that `tell` makes of the file, and its line. */
static const char *good_line(void)
{
    static char line[64];
    uint32_t sum = 0;
    for (size_t n = 0; n < 10000; n++)
        sum = sum * 31 + (n == BLOCK - 1 ? 1 : n == 9999 ? 2 : 0);
    snprintf(line, sizeof line, "file: 0 10000 %08x\n", sum);
    return line;
}

static void a_file_has_extents_holes_and_zeros(void **state)
{
    (void)state;
    uint8_t *image = make();
    assert_string_equal(tell_all(image), good_line());
    put_extent(inode_of(image, FILE_INODE) + CORE, 0, DATA, 1, true); /* is not written */
    put_extent(inode_of(image, FILE_INODE) + CORE + 16, 2, DATA, 1, true);
    assert_string_equal(tell_all(image), "file: 0 10000 00000000\n");
    free(image);
}

/* Moves the extents of the file to a block below a root in the inode. */
static uint8_t *put_tree(uint8_t *image)
{
    uint8_t *fork = inode_of(image, FILE_INODE) + CORE, *leaf = image + TREE * BLOCK;
    size_t most = (INODE - CORE - 4) / 16;
    memcpy(leaf, "BMA3\0\0\0\2", 8);
    memcpy(leaf + 72, fork, 32);
    memset(fork, 0, INODE - CORE);
    inode_of(image, FILE_INODE)[5] = 3;
    put_be(fork, 1, 2);
    put_be(fork + 2, 1, 2);
    put_be(fork + 4 + most * 8, TREE, 8);
    return leaf;
}

static void a_tree_of_extents_is_paid_for_once(void **state)
{
    (void)state;
    uint8_t *image = make();
    purse before = {.bytes = 0}, with_tree = {.bytes = 0};
    tell((fps__span){image, IMAGE}, &before);
    put_tree(image);
    assert_string_equal(tell((fps__span){image, IMAGE}, &with_tree), good_line());
    assert_int_equal(with_tree.bytes, before.bytes + BLOCK);
    purse poor = {.most = with_tree.bytes - 1};
    assert_non_null(strstr(tell((fps__span){image, IMAGE}, &poor), "! too many"));
    free(image);
}

static void a_tree_in_a_circle_ends(void **state)
{
    (void)state;
    uint8_t *image = make(), *leaf = put_tree(image);
    put_be(leaf + 4, 1, 2); /* a node that names itself */
    put_be(leaf + 72 + (BLOCK - 72) / 16 * 8, TREE, 8);
    assert_string_equal(tell_all(image), "file: ! a damaged tree of extents\n");
    put_be(inode_of(image, FILE_INODE) + CORE, 60000, 2);
    assert_string_equal(tell_all(image), "file: ! a tree of extents that is too deep\n");
    free(image);
}

static void wild_extents_are_damage_of_the_file(void **state)
{
    (void)state;
    uint8_t *image = make(), *extents = inode_of(image, FILE_INODE) + CORE;
    put_extent(extents, 0, BLOCKS, 1, false);
    assert_string_equal(tell_all(image), "file: ! a block that the XFS file system does not have\n");
    put_extent(extents, 0, BLOCKS - 1, 2, false);
    assert_string_equal(tell_all(image), "file: ! an extent that does not lie in the XFS file system\n");
    put_extent(extents, 0, (uint64_t)1 << 51, 1, false);
    assert_string_equal(tell_all(image), "file: ! a block that the XFS file system does not have\n");
    put_extent(extents, 5, DATA, 1, false);
    put_extent(extents + 16, 0, DATA, 1, false);
    assert_non_null(strstr(tell_all(image), "file: "));
    put_be(inode_of(image, FILE_INODE) + 76, UINT32_MAX, 4); /* more than there is room for: zeros behind */
    put_extent(extents, 0, DATA, 1, false);
    assert_non_null(strstr(tell_all(image), "file: "));
    free(image);
}

static void a_directory_that_is_damaged_or_holds_itself_is_said(void **state)
{
    (void)state;
    uint8_t *image = make(), *root = inode_of(image, ROOT_INODE) + CORE;
    put_be(root + 14, ROOT_INODE, 4);
    assert_string_equal(tell_all(image), "file: ! a directory lies in two places, or in itself\n");
    put_be(root + 14, UINT32_MAX, 4);
    assert_string_equal(tell_all(image), "file: ! a block that the XFS file system does not have\n");
    root[0] = 255;
    assert_non_null(strstr(tell_all(image), ": ! a damaged directory of an XFS file system\n"));
    /* A block whose index takes more than there is. */
    put_inode(image, ROOT_INODE, 040755, 2, BLOCK);
    put_be(inode_of(image, ROOT_INODE) + 76, 1, 4);
    put_extent(root, 0, DATA + 2, 1, false);
    memcpy(image + (DATA + 2) * BLOCK, "XDB3", 4);
    put_be(image + (DATA + 3) * BLOCK - 8, UINT32_MAX, 4);
    assert_string_equal(tell_all(image), "");
    put_be(image + (DATA + 3) * BLOCK - 8, 0, 4);
    put_be(image + (DATA + 2) * BLOCK + 64, 0xffff0004, 4); /* a free piece that does not move on */
    assert_string_equal(tell_all(image), ": ! a damaged directory of an XFS file system\n");
    put_inode(image, ROOT_INODE, 040755, 2, INT64_MAX); /* a directory of holes */
    put_extent(root, 0, DATA + 2, 1, true);
    assert_string_equal(tell_all(image), "");
    free(image);
}

static void a_log_that_was_not_closed_is_said(void **state)
{
    (void)state;
    uint8_t *image = make();
    image[LOG * BLOCK + 512 + 9] = 0;
    assert_non_null(strstr(tell_all(image), ": ! an XFS file system: its log is not replayed"));
    put_be(image + 48, (uint64_t)1 << 60, 8);
    assert_non_null(strstr(tell_all(image), ": ! an XFS file system: its log is not replayed"));
    put_be(image + 48, 0, 8);
    assert_non_null(strstr(tell_all(image), "its log lies on another device"));
    free(image);
}

static void sizes_that_do_not_agree_are_no_xfs(void **state)
{
    (void)state;
    static const uint8_t fields[] = {4, 8, 84, 88, 104, 120, 122, 123, 124};
    uint8_t *image = make();
    assert_string_equal(fps__volume_identify((fps__span){image, IMAGE}), "an XFS file system");
    for (size_t i = 0; i < sizeof fields; i++) {
        image[fields[i]] ^= 0x40;
        assert_null(fps__volume_identify((fps__span){image, IMAGE}));
        image[fields[i]] ^= 0x40;
    }
    image[192] = 9; /* blocks of directories */
    assert_string_equal(tell_all(image), "! an XFS superblock whose sizes make no sense\n");
    free(image);
}

static void a_superblock_that_changes_while_it_is_read_is_damage(void **state)
{
    (void)state;
    static const unsigned sizes[] = {4,   7,   104, 105,
                                     120, 122, 124}; /* of a block, an inode, and their logarithms */
    uint8_t *image = make();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_string_equal(tell_changing((fps__span){image, IMAGE}, sizes[i]),
                            "a damaged superblock of XFS");
    assert_string_equal(tell_changing((fps__span){image, IMAGE}, IMAGE - 1), "");
    free(image);
}

static void every_cut_and_every_changed_byte_ends(void **state)
{
    (void)state;
    uint8_t *image = make();
    put_tree(image);
    for (size_t size = 0; size < IMAGE; size += size < 2 * BLOCK ? 13 : 511) {
        uint8_t *cut = malloc(size + 1); /* of its own size, so that a read behind it is seen */
        purse p = {.most = 1 << 24};
        memcpy(cut, image, size);
        tell((fps__span){cut, size}, &p);
        free(cut);
    }
    for (size_t at = 0; at < IMAGE; at += at < 512 || (at >= BLOCK && at < BLOCK + 2 * INODE) ? 1 : 37) {
        purse p = {.most = 1 << 24};
        image[at] ^= 0xff;
        tell((fps__span){image, IMAGE}, &p);
        image[at] ^= 0xff;
    }
    assert_string_equal(tell_all(image), good_line());
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_extents_holes_and_zeros),
        cmocka_unit_test(a_tree_of_extents_is_paid_for_once),
        cmocka_unit_test(a_tree_in_a_circle_ends),
        cmocka_unit_test(wild_extents_are_damage_of_the_file),
        cmocka_unit_test(a_directory_that_is_damaged_or_holds_itself_is_said),
        cmocka_unit_test(a_log_that_was_not_closed_is_said),
        cmocka_unit_test(sizes_that_do_not_agree_are_no_xfs),
        cmocka_unit_test(a_superblock_that_changes_while_it_is_read_is_damage),
        cmocka_unit_test(every_cut_and_every_changed_byte_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
