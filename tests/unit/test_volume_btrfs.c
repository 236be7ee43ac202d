/* btrfs by hand: subvolumes and packed extents, which mkfs.btrfs does not make, and what makes its reader go in circles, too far, or
 * further than it has paid for. tests/oracle/check_volumes.py has whole images. */
#include "volume/volume.h"

#include "volume_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One chunk holds all: a tree of chunks, one of roots, and one for each of two subvolumes, each a leaf. */
enum {
    SUPERBLOCK = 65536,
    NODE = 4096,
    ADDRESS = 1 << 20, /* of the chunk */
    PLACE = 72 * 1024, /* of it in the image */
    CHUNKS = 0,
    ROOTS,
    TOP,
    SUB,
    DATA,
    BLOCKS = 6,
    IMAGE = PLACE + BLOCKS * NODE,
    INODE = 1,
    NAME = 96,
    EXTENT = 108,
    ROOT = 132,
    ROOT_REF = 156,
    CHUNK = 228,
    TOP_ID = 5,
    SUB_ID = 256,
    FOLDER = 256, /* inodes */
    FILE_INODE,
    LETTERS = 4 + 31 + 255 + 20 + 2, /* that the packed bytes below make */
};

static uint8_t *block(uint8_t *image, unsigned number)
{
    return image + PLACE + number * NODE;
}

static uint64_t address(unsigned number)
{
    return ADDRESS + (uint64_t)number * NODE;
}

static void put_key(uint8_t *to, uint64_t object, uint8_t type, uint64_t offset)
{
    fps__put64le(to, object);
    to[8] = type;
    fps__put64le(to + 9, offset);
}

/* Adds an item to a leaf, behind those that it has; returns its bytes, which are zero. */
static uint8_t *add(uint8_t *leaf, uint64_t object, uint8_t type, uint64_t offset, uint32_t size)
{
    uint32_t count = fps__get32le(leaf + 96);
    uint8_t *head = leaf + 101 + count * 25;
    uint32_t behind = count ? fps__get32le(head - 25 + 17) : NODE - 101;
    put_key(head, object, type, offset);
    fps__put32le(head + 17, behind - size);
    fps__put32le(head + 21, size);
    fps__put32le(leaf + 96, count + 1);
    return leaf + 101 + behind - size;
}

static uint8_t *start(uint8_t *image, unsigned number)
{
    uint8_t *leaf = block(image, number);
    memset(leaf, 0, NODE);
    fps__put64le(leaf + 48, address(number));
    return leaf;
}

static void add_inode(uint8_t *leaf, uint64_t number, uint32_t mode, uint64_t size)
{
    uint8_t *p = add(leaf, number, INODE, 0, 160);
    fps__put64le(p + 16, size);
    fps__put32le(p + 40, 1);
    fps__put32le(p + 52, mode);
}

static void add_name(uint8_t *leaf, uint64_t index, const char *name, uint64_t object, uint8_t type)
{
    size_t length = strlen(name);
    uint8_t *p = add(leaf, FOLDER, NAME, index, (uint32_t)(30 + length));
    put_key(p, object, type, type == ROOT ? UINT64_MAX : 0);
    fps__put16le(p + 27, (uint16_t)length);
    memcpy(p + 30, name, length);
}

static void add_root(uint8_t *roots, uint64_t id, unsigned number)
{
    fps__put64le(add(roots, id, ROOT, 0, 239) + 176, address(number));
}

static uint8_t *put_chunk(uint8_t *to)
{
    fps__put64le(to, BLOCKS * NODE);
    fps__put16le(to + 44, 1);
    fps__put64le(to + 48, 1); /* the device */
    fps__put64le(to + 56, PLACE);
    return to;
}

/* The extent of the file, which has 3 * 4096 bytes; `packed` of them lie in the block of data. */
static uint8_t *add_extent(uint8_t *leaf, uint8_t packing, uint64_t packed)
{
    uint8_t *p = add(leaf, FILE_INODE, EXTENT, 0, 53);
    fps__put64le(p + 8, 3 * NODE);
    p[16] = packing;
    p[20] = 1;
    fps__put64le(p + 21, address(DATA));
    fps__put64le(p + 29, packed);
    fps__put64le(p + 45, 3 * NODE);
    return p;
}

/* The top holds the subvolume "sub", which holds "file": some 'a' in LZO, and zeros behind. */
static uint8_t *make(void)
{
    static const uint8_t lzo[] = {21,  0,   0,  0, 13, 0, 0, 0,  21, 'a', 'a',
                                  'a', 'a', 32, 0, 20, 0, 0, 17, 0,  0};
    uint8_t *image = calloc(1, IMAGE), *p = image + SUPERBLOCK;
    memcpy(p + 64, "_BHRfS_M", 8);
    fps__put64le(p + 48, SUPERBLOCK);
    fps__put64le(p + 80, address(ROOTS));
    fps__put64le(p + 88, address(CHUNKS));
    fps__put64le(p + 136, 1);
    fps__put32le(p + 144, 4096);
    fps__put32le(p + 148, NODE);
    fps__put32le(p + 160, 17 + 80);
    fps__put64le(p + 201, 1);
    fps__put64le(p + 209, IMAGE);
    put_key(p + 811, 256, CHUNK, ADDRESS);
    put_chunk(p + 811 + 17);
    put_chunk(add(start(image, CHUNKS), 256, CHUNK, ADDRESS, 80));
    uint8_t *roots = start(image, ROOTS);
    add_root(roots, TOP_ID, TOP);
    fps__put64le(add(roots, TOP_ID, ROOT_REF, SUB_ID, 18), FOLDER);
    add_root(roots, SUB_ID, SUB);
    uint8_t *leaf = start(image, TOP);
    add_inode(leaf, FOLDER, 040755, 0);
    add_name(leaf, 2, "sub", SUB_ID, ROOT);
    leaf = start(image, SUB);
    add_inode(leaf, FOLDER, 040755, 0);
    add_name(leaf, 2, "file", FILE_INODE, INODE);
    add_name(leaf, 3, "stub", SUB_ID, ROOT); /* as in a snapshot: the subvolume is elsewhere */
    add_inode(leaf, FILE_INODE, 0100644, 3 * NODE);
    add_extent(leaf, 2, 4096);
    memcpy(block(image, DATA), lzo, sizeof lzo);
    return image;
}

static char *tell_all(const uint8_t *image)
{
    purse p = {.bytes = 0};
    return tell((fps__span){image, IMAGE}, &p);
}

/* What is told of a file that has `letters` of 'a' and zeros behind. */
static const char *line_of(size_t letters)
{
    static char line[80];
    uint32_t sum = 0;
    for (size_t n = 0; n < 3 * NODE; n++)
        sum = sum * 31 + (n < letters ? 'a' : 0);
    snprintf(line, sizeof line, "sub: 1 0 00000000\nsub/file: 0 %d %08x\n", 3 * NODE, sum);
    return line;
}

static void a_subvolume_is_a_folder_and_a_stub_of_one_is_nothing(void **state)
{
    (void)state;
    uint8_t *image = make();
    assert_string_equal(tell_all(image), line_of(LETTERS));
    free(image);
}

/* Paths of a volume after its root was chosen. */
static const char *rooted_paths(const uint8_t *image)
{
    static char text[500];
    purse p = {.bytes = 0};
    fps__volume_budget budget = {&p, spend};
    fps__volume *volume;
    fps__volume_entry entry;
    size_t used = 0;
    assert_int_equal(fps__volume_open(&volume, (fps__span){image, IMAGE}, &budget, NULL), FPS_OK);
    assert_true(fps__volume_choose_root(volume));
    while (fps__volume_next(volume, &entry, NULL) == FPS_OK)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s;", entry.path);
    fps__volume_free(volume);
    return text;
}

static void a_subvolume_that_holds_a_system_is_the_root(void **state)
{
    (void)state;
    enum { ETC = 300, USR, HOME };
    uint8_t *image = make(), *leaf = start(image, SUB);
    add_inode(leaf, FOLDER, 040755, 0);
    add_name(leaf, 2, "etc", ETC, INODE);
    add_name(leaf, 3, "usr", USR, INODE);
    add_inode(leaf, FILE_INODE, 0100644, 0);
    add_inode(leaf, ETC, 040755, 0);
    add_inode(leaf, USR, 040755, 0);
    uint8_t *name = add(leaf, USR, NAME, 2, 31);
    put_key(name, FILE_INODE, INODE, 0);
    fps__put16le(name + 27, 1);
    name[30] = 'f';
    leaf = block(image, TOP);
    add_name(leaf, 3, "home", HOME, INODE);
    add_inode(leaf, HOME, 040755, 0);
    assert_string_equal(rooted_paths(image), "btrfs/sub;etc;usr;usr/f;btrfs/home;");
    free(image);
}

static void a_subvolume_in_itself_is_said(void **state)
{
    (void)state;
    uint8_t *image = make(), *roots = start(image, ROOTS);
    add_root(roots, TOP_ID, TOP);
    fps__put64le(add(roots, TOP_ID, ROOT_REF, SUB_ID, 18), FOLDER);
    add_root(roots, SUB_ID, SUB);
    fps__put64le(add(roots, SUB_ID, ROOT_REF, SUB_ID, 18), FOLDER);
    assert_non_null(strstr(tell_all(image), "sub/stub: ! a directory lies in two places, or in itself\n"));
    start(image, ROOTS);
    assert_string_equal(tell_all(image), "! a subvolume that the btrfs file system does not have\n");
    free(image);
}

static void a_tree_whose_blocks_name_each_other_ends(void **state)
{
    (void)state;
    uint8_t *image = make(), *node = start(image, DATA);
    fps__put64le(block(image, ROOTS) + 101 + 101, 0);
    node[100] = 1; /* a node with two pointers to one leaf */
    fps__put32le(node + 96, 2);
    for (unsigned i = 0; i < 2; i++) {
        put_key(node + 101 + i * 33, FOLDER, INODE, i);
        fps__put64le(node + 101 + i * 33 + 17, address(SUB));
    }
    uint8_t *roots = start(image, ROOTS);
    fps__put64le(add(roots, TOP_ID, ROOT, 0, 239) + 176, address(DATA));
    block(image, ROOTS)[NODE - 239 + 238] = 1;
    assert_string_equal(tell_all(image), ": ! a damaged block of a tree of btrfs\n");
    put_key(node + 101, FOLDER, INODE, 0);
    fps__put64le(node + 101 + 17, address(DATA)); /* itself */
    fps__put32le(node + 96, 1);
    assert_string_equal(tell_all(image), ": ! a damaged block of a tree of btrfs\n");
    block(image, ROOTS)[NODE - 239 + 238] = 200;
    assert_string_equal(tell_all(image), ": ! a tree of btrfs that is too deep\n");
    free(image);
}

static void a_packed_extent_is_paid_for_once_and_before(void **state)
{
    (void)state;
    uint8_t *image = make();
    purse whole = {.bytes = 0};
    tell((fps__span){image, IMAGE}, &whole);
    purse poor = {.most = whole.bytes - 1};
    assert_non_null(strstr(tell((fps__span){image, IMAGE}, &poor), "! too many"));
    block(image, DATA)[9 + 8]++; /* LZO that reaches further back than there is */
    block(image, DATA)[15] = 0xff;
    assert_non_null(strstr(tell_all(image), "sub/file: ! a compressed block is damaged\n"));
    free(image);
}

/* The same file with another extent. */
static char *with_extent(uint8_t *image, uint32_t at, uint64_t value)
{
    uint8_t *leaf = start(image, SUB);
    add_inode(leaf, FOLDER, 040755, 0);
    add_name(leaf, 2, "file", FILE_INODE, INODE);
    add_inode(leaf, FILE_INODE, 0100644, 3 * NODE);
    fps__put64le(add_extent(leaf, at == 8 || at == 29 || at == 37 ? 2 : 0, 4096) + at, value);
    return tell_all(image);
}

static void wild_extents_are_damage_of_the_file(void **state)
{
    (void)state;
    uint8_t *image = make();
    const uint64_t far = address(BLOCKS);
    const char *damaged = "sub/file: ! a damaged extent of a btrfs file system\n";
    assert_non_null(
        strstr(with_extent(image, 21, far), "an address that the btrfs file system does not have"));
    assert_non_null(strstr(with_extent(image, 21, UINT64_MAX - 5), "sub/file: ! a"));
    assert_non_null(strstr(with_extent(image, 8, UINT64_MAX), damaged));
    assert_non_null(strstr(with_extent(image, 8, (uint64_t)1 << 40), damaged));
    assert_non_null(strstr(with_extent(image, 29, (uint64_t)1 << 40), damaged));
    assert_non_null(strstr(with_extent(image, 37, UINT64_MAX - 5), damaged));
    assert_string_equal(with_extent(image, 21, 0), line_of(0)); /* a hole */
    assert_string_equal(with_extent(image, 45, 0), line_of(0)); /* and one of no bytes */
    free(image);
}

static void what_lies_on_other_devices_is_said(void **state)
{
    (void)state;
    uint8_t *image = make(), *superblock = image + SUPERBLOCK;
    fps__put64le(superblock + 136, 2);
    assert_non_null(strstr(tell_all(image), ": ! a btrfs file system: one of several devices"));
    fps__put64le(superblock + 136, 1);
    fps__put64le(superblock + 96, address(DATA));
    assert_non_null(strstr(tell_all(image), ": ! a btrfs file system: its log is not replayed"));
    fps__put64le(superblock + 201, 7);
    assert_non_null(strstr(tell_all(image), "lies on several devices"));
    free(image);
}

static void an_extent_at_the_last_address_of_all_does_not_have_the_bytes_before_it(void **state)
{
    (void)state;
    uint8_t *image = make(), *leaf = start(image, SUB);
    add_inode(leaf, FOLDER, 040755, 0);
    add_name(leaf, 2, "file", FILE_INODE, INODE);
    add_inode(leaf, FILE_INODE, 0100644, 2 * NODE);
    uint8_t *p = add(leaf, FILE_INODE, EXTENT, 0, 21 + 21); /* in the leaf */
    fps__put64le(p + 8, NODE);
    p[16] = 2;
    memcpy(p + 21, block(image, DATA), 21);
    p = add(leaf, FILE_INODE, EXTENT, NODE, 53);
    fps__put64le(p + 8, NODE);
    p[16] = 2;
    p[20] = 1;
    fps__put64le(p + 21, UINT64_MAX);
    fps__put64le(p + 45, NODE);
    assert_non_null(strstr(tell_all(image), "sub/file: ! an address that the btrfs file system does not"));
    fps__put64le(p + 21, address(DATA)); /* what lies there can be read */
    fps__put64le(p + 29, NODE);
    assert_non_null(strstr(tell_all(image), "sub/file: 0 8192 "));
    free(image);
}

static void a_superblock_that_changes_while_it_is_read_is_damage(void **state)
{
    (void)state;
    uint8_t *image = make();
    for (unsigned at = 144; at < 152; at++) /* sizes of a sector and a block */
        assert_string_equal(tell_changing((fps__span){image, IMAGE}, SUPERBLOCK + at),
                            "a damaged superblock of btrfs");
    assert_string_equal(tell_changing((fps__span){image, IMAGE}, IMAGE - 1), "");
    free(image);
}

static void every_cut_and_every_changed_byte_ends(void **state)
{
    (void)state;
    uint8_t *image = make();
    for (size_t size = SUPERBLOCK; size < IMAGE; size += 97) {
        uint8_t *cut = malloc(size + 1); /* of its own size, so that a read behind it is seen */
        purse p = {.most = 1 << 24};
        memcpy(cut, image, size);
        tell((fps__span){cut, size}, &p);
        free(cut);
    }
    for (size_t at = SUPERBLOCK; at < IMAGE; at++) {
        purse p = {.most = 1 << 24};
        if (!image[at] && at % 7)
            continue;
        image[at] ^= 0xff;
        tell((fps__span){image, IMAGE}, &p);
        image[at] ^= 0xfe;
        tell((fps__span){image, IMAGE}, &p);
        image[at] ^= 1;
    }
    assert_string_equal(tell_all(image), line_of(LETTERS));
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subvolume_is_a_folder_and_a_stub_of_one_is_nothing),
        cmocka_unit_test(a_subvolume_that_holds_a_system_is_the_root),
        cmocka_unit_test(a_subvolume_in_itself_is_said),
        cmocka_unit_test(a_tree_whose_blocks_name_each_other_ends),
        cmocka_unit_test(a_packed_extent_is_paid_for_once_and_before),
        cmocka_unit_test(wild_extents_are_damage_of_the_file),
        cmocka_unit_test(what_lies_on_other_devices_is_said),
        cmocka_unit_test(an_extent_at_the_last_address_of_all_does_not_have_the_bytes_before_it),
        cmocka_unit_test(a_superblock_that_changes_while_it_is_read_is_damage),
        cmocka_unit_test(every_cut_and_every_changed_byte_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
