/* File systems and disks: what is read of them, and what stops those that lie. tests/oracle/check_volumes.py compares whole images
 * of Debian's tools with their trees. */
#include "archive/package.h"
#include "volume/disk.h"
#include "volume/unpack.h"
#include "volume/utf16.h"
#include "volume/volume.h"

#include "squashfs_fixture.h"
#include "volume_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- packings ---- */

static void lzo_repeats_what_came_out_and_refuses_what_is_damaged(void **state)
{
    (void)state;
    /* "abcabcabcabcX": three literals, a repetition of nine at distance three with one literal behind it, the end. */
    static const uint8_t packed[] = {17 + 3, 'a', 'b', 'c', 32 | 7, (2 << 2) | 1, 0, 'X', 17, 0, 0};
    uint8_t out[13];
    size_t got;
    assert_true(fps__lzo_unpack((fps__span){packed, sizeof packed}, out, sizeof out, &got));
    assert_int_equal(got, 13);
    assert_memory_equal(out, "abcabcabcabcX", 13);
    assert_false(fps__lzo_unpack((fps__span){packed, sizeof packed}, out, 12, &got));
    for (size_t cut = 0; cut < sizeof packed; cut++)
        assert_false(fps__lzo_unpack((fps__span){packed, cut}, out, sizeof out, &got));
    uint8_t far[sizeof packed];
    memcpy(far, packed, sizeof far);
    far[5] = 4 << 2 | 1; /* before the first byte */
    assert_false(fps__lzo_unpack((fps__span){far, sizeof far}, out, sizeof out, &got));
}

static void rtime_repeats_what_followed_a_byte(void **state)
{
    (void)state;
    static const uint8_t packed[] = {'a', 0,   'b',
                                     0,   'a', 3}; /* "ab", and from the 'a' on what came behind it */
    uint8_t out[8];
    size_t got;
    assert_int_equal(fps__unpack(FPS__PACKING_RTIME, (fps__span){packed, sizeof packed}, out, sizeof out,
                                 false, &got, NULL),
                     FPS_OK);
    assert_int_equal(got, 6);
    assert_memory_equal(out, "ababab", 6);
    assert_int_equal(
        fps__unpack(FPS__PACKING_RTIME, (fps__span){packed, sizeof packed}, out, 5, false, &got, NULL),
        FPS_ERROR_CORRUPT);
}

static void names_in_utf16_keep_their_letters(void **state)
{
    (void)state;
    static const uint8_t units[] = {'a', 0, 0xe4, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde, 0x3d, 0xd8};
    char name[32];
    size_t length = fps__utf16_name(units, 6, false, name, sizeof name);
    assert_int_equal(length, 1 + 2 + 3 + 4 + 3);
    assert_memory_equal(name, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\xbd", length);
    assert_int_equal(fps__utf16_name(units, 6, false, name, 5), 3); /* no half letters */
}

/* ---- walking ---- */

/* The same of a squashfs that was bent. */
static char *tell_squashfs(const uint8_t *image, size_t size)
{
    purse p = {.bytes = 0};
    return tell((fps__span){image, size}, &p);
}

static void squashfs_gives_files_with_all_bytes(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    uint32_t sum = 0;
    char expected[128];
    for (size_t i = 0; i < SQUASHFS_FILE_SIZE; i++)
        sum = sum * 31 + (uint8_t)(i % 251);
    snprintf(expected, sizeof expected, "folder: 1 0 00000000\nfolder/file: 0 5000 %08x\n", sum);
    assert_string_equal(tell_squashfs(image, SQUASHFS_IMAGE), expected);
    free(image);
}

static void a_directory_that_holds_itself_is_entered_once(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    fps__put16le(image + SQUASHFS_LISTING + 12, 0); /* "folder" is the root */
    assert_string_equal(tell_squashfs(image, SQUASHFS_IMAGE),
                        "folder: ! a directory lies in two places, or in itself\n");
    free(image);
}

static void a_damaged_file_does_not_hide_what_else_is_there(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    fps__put32le(image + SQUASHFS_BLOCKS + 4, 0x01000000 | 10); /* its second block is too short */
    assert_string_equal(tell_squashfs(image, SQUASHFS_IMAGE),
                        "folder: 1 0 00000000\nfolder/file: ! a block of data unpacks to too little\n");
    fps__put32le(image + SQUASHFS_FILE + 16, SQUASHFS_IMAGE); /* it lies behind the end */
    assert_non_null(strstr(tell_squashfs(image, SQUASHFS_IMAGE), "behind the end"));
    fps__put32le(image + SQUASHFS_FILE + 16, SQUASHFS_DATA);
    fps__put32le(image + SQUASHFS_FILE + 20, 7); /* a fragment, and there is no table */
    assert_non_null(strstr(tell_squashfs(image, SQUASHFS_IMAGE), "a fragment that is not in the table"));
    image[SQUASHFS_LISTING + 21] = '/';
    assert_string_equal(tell_squashfs(image, SQUASHFS_IMAGE), ": ! a damaged name in a directory\n");
    free(image);
}

static void every_cut_of_an_image_ends(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    for (size_t size = 0; size < SQUASHFS_IMAGE;
         size += size < SQUASHFS_SUPERBLOCK || size > SQUASHFS_INODES ? 1 : 100) {
        uint8_t *cut = malloc(size + 1); /* of its own size, so that a read behind it is seen */
        memcpy(cut, image, size);
        assert_non_null(strchr(tell_squashfs(cut, size), '!'));
        free(cut);
    }
    free(image);
}

static void blocks_are_paid_for_before_they_are_unpacked(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    purse p = {.bytes = 0};
    tell((fps__span){image, SQUASHFS_IMAGE}, &p);
    assert_true(p.bytes >= 2 * SQUASHFS_BLOCK);
    assert_int_equal(p.entries, 2);
    purse poor = {.most = p.bytes - 1};
    assert_non_null(strstr(tell((fps__span){image, SQUASHFS_IMAGE}, &poor), "! too many"));
    free(image);
}

/* ---- through the archive ---- */

static void a_hole_is_charged_and_held_against_the_limits(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    fps__put32le(image + SQUASHFS_FILE + 28, 3 * SQUASHFS_BLOCK);
    fps__put32le(image + SQUASHFS_BLOCKS, 0); /* holes; the third entry is the word of zeros that follows */
    fps__put32le(image + SQUASHFS_BLOCKS + 4, 0);
    fps__archive_limits limits = {.file_size = 3 * SQUASHFS_BLOCK - 1};
    for (int large = 0; large < 2; large++, limits.file_size++) {
        fps__archive_budget budget;
        fps__archive *archive;
        fps__archive_entry entry;
        fps__span data;
        fps__archive_budget_init(&budget, &limits, SQUASHFS_IMAGE);
        assert_int_equal(fps__archive_open(&archive, (fps__span){image, SQUASHFS_IMAGE}, &budget, NULL),
                         FPS_OK);
        assert_int_equal(fps__archive_next(archive, &entry, NULL), FPS_OK);
        assert_string_equal(entry.path, "folder/file");
        assert_int_equal(entry.head.size, 4096);
        uint64_t before = budget.unpacked;
        fps_status status = fps__archive_load(archive, &data, NULL);
        assert_int_equal(status, large ? FPS_OK : FPS_ERROR_LIMIT);
        assert_int_equal(budget.unpacked >= before + 2 * SQUASHFS_BLOCK, large);
        fps__archive_free(archive);
    }
    free(image);
}

typedef struct seen {
    unsigned files, faults;
    char text[256];
} seen;

static fps_status begin(void *user, const fps__package_info *info, const char *path, fps__span bytes)
{
    (void)user, (void)info, (void)path, (void)bytes;
    return FPS_OK;
}

static bool wanted(void *user, const char *path, fps__span head)
{
    (void)user, (void)path;
    return head.size && !fps__archive_identify(head);
}

static fps_status file(void *user, const char *path, fps__span bytes)
{
    seen *s = user;
    s->files++;
    snprintf(s->text, sizeof s->text, "%s %zu", path, bytes.size);
    return FPS_OK;
}

static void end(void *user)
{
    (void)user;
}

static void fault(void *user, const fps_diagnostic *diagnostic)
{
    seen *s = user;
    s->faults++;
    snprintf(s->text, sizeof s->text, "%s %s", diagnostic->code, diagnostic->path);
}

static seen read_all(fps__span bytes)
{
    seen s = {.files = 0};
    fps__package_visitor visitor = {&s, begin, wanted, file, end, fault, NULL, NULL};
    assert_int_equal(fps__package_read("image", bytes, NULL, &visitor, NULL), FPS_OK);
    return s;
}

static void files_of_a_volume_are_members_and_faults_have_their_path(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    seen s = read_all((fps__span){image, SQUASHFS_IMAGE});
    assert_int_equal(s.files, 1);
    assert_int_equal(s.faults, 0);
    assert_string_equal(s.text, "folder/file 5000");
    fps__put32le(image + SQUASHFS_BLOCKS + 4, 0x01000000 | 10);
    s = read_all((fps__span){image, SQUASHFS_IMAGE});
    assert_int_equal(s.files, 0);
    assert_int_equal(s.faults, 1);
    assert_string_equal(s.text, "unreadable-archive folder/file");
    free(image);
}

/* ---- exFAT: no tool of Debian fills one without a mount ---- */

enum { EXFAT_SECTOR = 512, EXFAT_FAT = 8, EXFAT_HEAP = 16, EXFAT_CLUSTERS = 16 };

static uint8_t *exfat_cluster(uint8_t *image, uint32_t cluster)
{
    return image + (EXFAT_HEAP + cluster - 2) * EXFAT_SECTOR;
}

/* A file and where it is: flags 1 has a chain, 3 has none. Returns the place behind it. */
static uint8_t *put_exfat_file(uint8_t *at, const char *name, uint16_t attributes, uint8_t flags,
                               uint32_t cluster, uint64_t size, uint64_t valid)
{
    at[0] = 0x85;
    at[1] = 2;
    fps__put16le(at + 4, attributes);
    at[32] = 0xc0;
    at[33] = flags;
    at[35] = (uint8_t)strlen(name);
    fps__put64le(at + 40, valid);
    fps__put32le(at + 52, cluster);
    fps__put64le(at + 56, size);
    at[64] = 0xc1;
    for (size_t i = 0; name[i]; i++)
        at[66 + 2 * i] = (uint8_t)name[i];
    return at + 96;
}

static void exfat_gives_files_with_and_without_chains(void **state)
{
    (void)state;
    uint8_t *image = calloc(1, (EXFAT_HEAP + EXFAT_CLUSTERS) * EXFAT_SECTOR),
            *fat = image + EXFAT_FAT * EXFAT_SECTOR;
    memcpy(image,
           "\xeb\x76\x90"
           "EXFAT   ",
           11);
    fps__put64le(image + 72, EXFAT_HEAP + EXFAT_CLUSTERS);
    fps__put32le(image + 80, EXFAT_FAT);
    fps__put32le(image + 84, 1);
    fps__put32le(image + 88, EXFAT_HEAP);
    fps__put32le(image + 92, EXFAT_CLUSTERS);
    fps__put32le(image + 96, 2);
    image[108] = 9;
    image[510] = 0x55;
    image[511] = 0xaa;
    fps__put32le(fat + 2 * 4, UINT32_MAX);
    fps__put32le(fat + 7 * 4, 9);
    fps__put32le(fat + 9 * 4, UINT32_MAX);
    uint8_t *at = put_exfat_file(exfat_cluster(image, 2), "flat", 0x20, 3, 4, 700, 700);
    at = put_exfat_file(at, "chained", 0x20, 1, 7, 600, 515);
    put_exfat_file(at, "folder", 0x10, 3, 11, EXFAT_SECTOR, EXFAT_SECTOR);
    put_exfat_file(exfat_cluster(image, 11), "in it", 0x20, 3, 4, 1, 1);
    exfat_cluster(image, 4)[0] = 1;
    exfat_cluster(image, 5)[187] = 2; /* the last byte of "flat" */
    exfat_cluster(image, 9)[2] = 3;   /* the last valid byte of "chained" */
    exfat_cluster(image, 9)[3] = 4;   /* is not of the file */
    uint32_t first = 1, valid = 3;
    for (int i = 0; i < 699; i++)
        first *= 31;
    for (int i = 0; i < 85; i++)
        valid *= 31;
    char expected[256];
    snprintf(expected, sizeof expected,
             "flat: 0 700 %08x\nchained: 0 600 %08x\nfolder: 1 0 00000000\nfolder/in it: 0 1 00000001\n",
             first + 2, valid);
    purse p = {.bytes = 0};
    fps__span bytes = {image, (EXFAT_HEAP + EXFAT_CLUSTERS) * EXFAT_SECTOR};
    assert_string_equal(tell(bytes, &p), expected);
    fps__put32le(fat + 7 * 4, 7); /* a chain that does not end: the file has its size */
    assert_non_null(strstr(tell(bytes, &p), "chained: 0 600"));
    fps__put32le(fat + 7 * 4, 99); /* a cluster that is not there */
    assert_non_null(strstr(tell(bytes, &p), "chained: ! a chain of clusters that is damaged"));
    for (size_t entry = 9; entry < EXFAT_SECTOR / 32; entry++)
        exfat_cluster(image, 2)[entry * 32] = 5; /* removed; without them the directory would end here */
    /* The root goes on for ever: each of its files comes again, each folder is entered once. */
    fps__put32le(fat + 8, 2);
    assert_non_null(strstr(tell(bytes, &p), "a directory lies in two places"));
    free(image);
}

static void a_mark_alone_is_an_empty_jffs2(void **state)
{
    (void)state;
    static const uint8_t mark[] = {0x85, 0x19, 0x03, 0x20, 0x0c, 0, 0, 0, 0xb1, 0xb0, 0x1e, 0xe4};
    uint8_t *bytes = malloc(sizeof mark); /* of its own size, so that a read behind it is seen */
    memcpy(bytes, mark, sizeof mark);
    purse p = {.bytes = 0};
    assert_string_equal(tell((fps__span){bytes, sizeof mark}, &p), "");
    free(bytes);
}

/* ---- disks ---- */

enum { SECTOR = 512, DISK = 64 * SECTOR };

static void put_partition(uint8_t *sector, unsigned index, uint8_t type, uint32_t start, uint32_t length)
{
    uint8_t *p = sector + 446 + index * 16;
    p[4] = type;
    fps__put32le(p + 8, start);
    fps__put32le(p + 12, length);
    sector[510] = 0x55;
    sector[511] = 0xaa;
}

static void partitions_are_looked_into_and_the_rest_is_handed_on(void **state)
{
    (void)state;
    uint8_t *disk = calloc(1, DISK), *image = squashfs_make();
    put_partition(disk, 0, 0x83, 8, 16);
    put_partition(disk, 1, 0x05, 32, 24);
    put_partition(disk + 32 * SECTOR, 0, 0x83, 1, 4);
    put_partition(disk + 32 * SECTOR, 1, 0x05, 8, 8);
    put_partition(disk + 40 * SECTOR, 0, 0x83, 2, 4);
    memcpy(disk + 8 * SECTOR, image, SQUASHFS_IMAGE);
    memset(disk + 33 * SECTOR, 'x', SECTOR);
    memset(disk + 4 * SECTOR, 'b', 7);
    purse p = {.bytes = 0};
    char *text = tell((fps__span){disk, DISK}, &p);
    assert_non_null(strstr(text, "partition-1!folder/file: 0 5000"));
    assert_non_null(strstr(text, "disk@512: 0 3584")); /* a boot loader in front of the first one */
    assert_non_null(strstr(text, "partition-5: 0 2048"));
    assert_non_null(strstr(text, "partition-6: 0 2048"));
    put_partition(disk + 40 * SECTOR, 1, 0x05, 0x10, 8); /* leads out of what is there */
    assert_non_null(strstr(tell((fps__span){disk, DISK}, &p), "the table of partitions"));
    put_partition(disk + 40 * SECTOR, 1, 0x05, 8, 8); /* leads back to itself */
    assert_non_null(strstr(tell((fps__span){disk, DISK}, &p), "the table of partitions"));
    free(image);
    free(disk);
}

static void android_sparse_images_are_put_together(void **state)
{
    (void)state;
    enum { HEADER = 28, CHUNK = 12, BLOCK = 4096, BLOCKS = 2 };
    uint8_t *image = squashfs_make(), *sparse = calloc(1, HEADER + 3 * CHUNK + BLOCKS * BLOCK);
    fps__put32le(sparse, 0xed26ff3a);
    fps__put16le(sparse + 4, 1);
    fps__put16le(sparse + 8, HEADER);
    fps__put16le(sparse + 10, CHUNK);
    fps__put32le(sparse + 12, BLOCK);
    fps__put32le(sparse + 16, BLOCKS + 5);
    fps__put32le(sparse + 20, 2);
    fps__put16le(sparse + HEADER, 0xcac1);
    fps__put32le(sparse + HEADER + 4, BLOCKS);
    fps__put32le(sparse + HEADER + 8, CHUNK + BLOCKS * BLOCK);
    memcpy(sparse + HEADER + CHUNK, image, SQUASHFS_IMAGE);
    uint8_t *last = sparse + HEADER + CHUNK + BLOCKS * BLOCK;
    fps__put16le(last, 0xcac3);
    fps__put32le(last + 4, 5);
    fps__put32le(last + 8, CHUNK);
    size_t size = HEADER + 2 * CHUNK + BLOCKS * BLOCK;
    purse p = {.bytes = 0};
    assert_non_null(strstr(tell((fps__span){sparse, size}, &p), "folder/file: 0 5000"));
    fps__put32le(last + 8, 0);
    assert_non_null(strstr(tell((fps__span){sparse, size}, &p), "a damaged piece"));
    fps__put32le(sparse + 20, UINT32_MAX);
    assert_non_null(strstr(tell((fps__span){sparse, size}, &p), "more pieces than it can hold"));
    free(sparse);
    free(image);
}

static fps_status read_span(void *user, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    const fps__span *bytes = user;
    (void)error;
    assert_true(fps__span_has(*bytes, offset, size));
    memcpy(to, bytes->data + offset, size);
    return FPS_OK;
}

/* A compressed VMDK whose only block has no bytes: it fails, each time that it is asked for. */
static void an_empty_block_of_a_disk_image_is_damage(void **state)
{
    (void)state;
    uint8_t image[6 * SECTOR] = "KDMV";
    fps__put32le(image + 4, 3);
    fps__put32le(image + 8, 0x30001);
    fps__put64le(image + 12, 128); /* sectors of the disk and of a block */
    fps__put64le(image + 20, 128);
    fps__put32le(image + 44, 512);
    fps__put64le(image + 56, 1);
    fps__put32le(image + SECTOR, 2);
    fps__put32le(image + 2 * SECTOR, 3);
    fps__span bytes = {image, sizeof image};
    fps__medium medium;
    purse p = {.bytes = 0};
    fps__volume_budget budget = {&p, spend};
    fps__disk disk = {.image = {.read = read_span, .user = &bytes, .size = sizeof image}, .budget = &budget};
    uint8_t room[64];
    assert_ptr_equal(fps__disk_find(bytes, sizeof image), &fps__vmdk);
    assert_int_equal(fps__disk_open(&disk, &fps__vmdk, &medium, NULL), FPS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(fps__medium_copy(&medium, 0, sizeof room, room, NULL), FPS_ERROR_CORRUPT);
    fps__disk_close(&disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lzo_repeats_what_came_out_and_refuses_what_is_damaged),
        cmocka_unit_test(rtime_repeats_what_followed_a_byte),
        cmocka_unit_test(names_in_utf16_keep_their_letters),
        cmocka_unit_test(squashfs_gives_files_with_all_bytes),
        cmocka_unit_test(a_directory_that_holds_itself_is_entered_once),
        cmocka_unit_test(a_damaged_file_does_not_hide_what_else_is_there),
        cmocka_unit_test(every_cut_of_an_image_ends),
        cmocka_unit_test(blocks_are_paid_for_before_they_are_unpacked),
        cmocka_unit_test(a_hole_is_charged_and_held_against_the_limits),
        cmocka_unit_test(files_of_a_volume_are_members_and_faults_have_their_path),
        cmocka_unit_test(exfat_gives_files_with_and_without_chains),
        cmocka_unit_test(a_mark_alone_is_an_empty_jffs2),
        cmocka_unit_test(partitions_are_looked_into_and_the_rest_is_handed_on),
        cmocka_unit_test(an_empty_block_of_a_disk_image_is_damage),
        cmocka_unit_test(android_sparse_images_are_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
