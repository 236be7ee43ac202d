/* File systems and disks that were made to make their reader read too far, or to cost more than they are charged. */
#include "volume/volume.h"

#include "squashfs_fixture.h"
#include "volume_fixture.h"

#include "util/clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <isa-l/crc.h>

enum { SECTOR = 512 };

/* The same of bytes that the caller does not need any more. */
static char *tell_once(uint8_t *image, size_t size, purse *p)
{
    char *text = tell((fps__span){image, size}, p);
    free(image);
    return text;
}

/* ---- ISO 9660 ---- */

enum { ISO_SECTOR = 2048, ISO_ROOT = 18, ISO_FILE = 19, ISO_SECTORS = 20 };

/* A record of a directory; returns its end. `fields` stand behind the name. */
static uint8_t *put_record(uint8_t *at, const char *name, size_t name_size, uint32_t sector, uint32_t size,
                           uint8_t flags, const char *fields, size_t fields_size)
{
    size_t behind = 33 + name_size + !(name_size & 1);
    at[0] = (uint8_t)(behind + fields_size);
    fps__put32le(at + 2, sector);
    fps__put32le(at + 10, size);
    at[25] = flags;
    at[32] = (uint8_t)name_size;
    memcpy(at + 33, name, name_size);
    if (fields_size)
        memcpy(at + behind, fields, fields_size);
    return at + behind + fields_size;
}

/* A table of addresses has the magic of ext, and numbers that no file system has. */
static void numbers_that_make_no_sense_are_no_ext(void **state)
{
    (void)state;
    static const uint16_t fields[] = {36, 40}; /* clusters and inodes of a group */
    uint8_t image[4096] = {0}, *superblock = image + 1024;
    fps__put32le(superblock, 64);        /* inodes */
    fps__put32le(superblock + 4, 256);   /* blocks, of 1 KiB */
    fps__put32le(superblock + 16, 50);   /* free inodes */
    fps__put32le(superblock + 20, 1);    /* first block */
    fps__put32le(superblock + 32, 8192); /* blocks of a group */
    fps__put32le(superblock + 36, 8192);
    fps__put32le(superblock + 40, 64);
    superblock[56] = 0x53;
    superblock[57] = 0xef;
    assert_non_null(fps__volume_identify((fps__span){image, sizeof image}));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        uint32_t good = fps__get32le(superblock + fields[i]);
        fps__put32le(superblock + fields[i], 0x3ef53);
        assert_null(fps__volume_identify((fps__span){image, sizeof image}));
        fps__put32le(superblock + fields[i], good);
    }
    fps__put32le(superblock + 16, 65);
    assert_null(fps__volume_identify((fps__span){image, sizeof image}));
}

static void a_file_of_an_iso_that_has_the_target_of_a_link_has_its_extents(void **state)
{
    (void)state;
    static const char rock_ridge[] = "SP\x07\x01\xbe\xef\0", fields[] = "NM\x09\x01\0fileSL\x0a\x01\0\0\x03"
                                                                        "abc";
    uint8_t *image = calloc(ISO_SECTORS, ISO_SECTOR), *volume = image + 16 * ISO_SECTOR;
    volume[0] = 1;
    memcpy(volume + 1, "CD001", 5);
    fps__put32le(volume + 80, ISO_SECTORS);
    fps__put16le(volume + 128, ISO_SECTOR);
    put_record(volume + 156, "", 1, ISO_ROOT, ISO_SECTOR, 2, "", 0);
    uint8_t *at = put_record(image + ISO_ROOT * ISO_SECTOR, "", 1, ISO_ROOT, ISO_SECTOR, 2, rock_ridge, 7);
    at = put_record(at, "\1", 1, ISO_ROOT, ISO_SECTOR, 2, "", 0);
    put_record(at, "F;1", 3, ISO_FILE, ISO_SECTOR, 0, fields, sizeof fields - 1);
    image[ISO_SECTORS * ISO_SECTOR - 1] = 7; /* the last byte of the file */
    purse p = {.bytes = 0};
    assert_string_equal(tell_once(image, ISO_SECTORS * ISO_SECTOR, &p), "file: 0 2048 00000007\n");
}

/* ---- tables of partitions ---- */

static void a_full_table_of_partitions_with_gaps_on_all_sides_is_read(void **state)
{
    (void)state;
    enum { COUNT = 256, FIRST = 68, TABLE = COUNT * 128 / SECTOR, SECTORS = FIRST + 2 * COUNT + TABLE + 1 };
    uint8_t *disk = calloc(SECTORS, SECTOR), *header = disk + SECTOR;
    memcpy(header, "EFI PART", 8);
    fps__put64le(header + 72, 2);
    fps__put32le(header + 80, COUNT);
    fps__put32le(header + 84, 128);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint8_t *entry = disk + 2 * SECTOR + i * 128;
        entry[0] = 1;
        fps__put64le(entry + 32, FIRST + 2 * i);
        fps__put64le(entry + 40, FIRST + 2 * i);
    }
    for (uint32_t i = 0; i <= COUNT; i++)
        disk[(FIRST + 2 * i - 1) * SECTOR] = 1;
    purse p = {.bytes = 0};
    char *text = tell_once(disk, SECTORS * SECTOR, &p);
    size_t lines = 0;
    for (char *line = text; (line = strchr(line, '\n')); line++)
        lines++;
    assert_int_equal(lines, COUNT + COUNT + 1);
    assert_non_null(strstr(text, "partition-256: 0 512"));
    assert_non_null(strstr(text, "disk@296448: 0 512")); /* behind the last one */
}

static void gaps_between_partitions_are_looked_at_within_one_limit(void **state)
{
    (void)state;
    enum { GAP = 10 << 20, DISK = 2 * GAP + 2 * SECTOR };
    uint8_t *disk = calloc(1, DISK);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *entry = disk + 446 + i * 16;
        entry[4] = 0x83;
        fps__put32le(entry + 8, (i + 1) * (GAP / SECTOR));
        fps__put32le(entry + 12, 1);
    }
    disk[510] = 0x55;
    disk[511] = 0xaa;
    purse p = {.bytes = 0};
    char *text = tell_once(disk, DISK, &p);
    assert_null(strstr(text, "disk@512:"));
    assert_non_null(strstr(text, "disk@10486272: 0 10485248")); /* it may be empty: nobody has looked */
}

/* ---- names that cost nothing ---- */

static void each_header_of_a_romfs_is_paid_for(void **state)
{
    (void)state;
    enum { IMAGE = 1024, ROOT = 32 };
    uint8_t *image = calloc(1, IMAGE);
    memcpy(image, "-rom1fs-\0\0\x04\0", 12);
    memcpy(image + ROOT, "\0\0\0\x21", 4); /* a directory, and behind it comes itself */
    image[ROOT + 16] = '.';
    uint32_t sum = 0;
    for (size_t i = 0; i < 512; i += 4)
        sum += fps__get32be(image + i);
    for (unsigned i = 0; i < 4; i++)
        image[12 + i] = (uint8_t)(-sum >> (24 - 8 * i));
    purse p = {.bytes = 0};
    assert_string_equal(tell_once(image, IMAGE, &p), ": ! a directory of romfs without an end\n");
    assert_true(p.bytes >= IMAGE);
}

static void each_inode_of_a_cramfs_is_paid_for(void **state)
{
    (void)state;
    enum { ROOT = 64, LISTING = 76, ENTRY = 16, ENTRIES = 100, IMAGE = LISTING + ENTRIES * ENTRY };
    uint8_t *image = calloc(1, IMAGE);
    fps__put32le(image, 0x28cd3d45);
    memcpy(image + 16, "Compressed ROMFS", 16);
    fps__put16le(image + ROOT, 040755);
    fps__put32le(image + ROOT + 4, ENTRIES * ENTRY);
    fps__put32le(image + ROOT + 8, LISTING / 4 << 6);
    for (size_t i = 0; i < ENTRIES; i++) {
        fps__put32le(image + LISTING + i * ENTRY + 8, 1); /* a name of four bytes */
        image[LISTING + i * ENTRY + 12] = '.';
    }
    purse p = {.bytes = 0};
    assert_string_equal(tell_once(image, IMAGE, &p), "");
    assert_true(p.bytes >= ENTRIES * 12);
}

static void each_run_of_a_squashfs_directory_is_paid_for(void **state)
{
    (void)state;
    purse p = {.bytes = 0};
    tell_once(squashfs_make(), SQUASHFS_IMAGE, &p);
    /* the blocks of tables and data, two runs of one entry, and two names */
    assert_int_equal(p.bytes % SQUASHFS_BLOCK, 2 * (12 + 8) + strlen("folder") + strlen("file"));
}

static void a_table_at_the_last_byte_of_all_is_not_there(void **state)
{
    (void)state;
    uint8_t *image = squashfs_make();
    fps__put64le(image + 64, UINT64_MAX);
    purse p = {.bytes = 0};
    assert_non_null(strstr(tell_once(image, SQUASHFS_IMAGE, &p), "behind the end of the image"));
}

/* ---- maps and logs ---- */

static void the_map_of_a_file_of_erofs_is_paid_for(void **state)
{
    (void)state;
    enum { BLOCK = 512, METADATA = 2048, LISTING = 24 * BLOCK, IMAGE = 32 * BLOCK, CLUSTERS = 1024 };
    uint8_t *image = calloc(1, IMAGE), *super = image + 1024, *root = image + METADATA + 32,
            *file = image + METADATA + 128;
    fps__put32le(super, 0xe0f5e1e2);
    super[12] = 9;
    fps__put16le(super + 14, 1);
    fps__put64le(super + 16, 2);
    fps__put32le(super + 36, IMAGE / BLOCK);
    fps__put32le(super + 40, METADATA / BLOCK);
    fps__put16le(root + 4, 040755);
    fps__put32le(root + 8, 13);
    fps__put32le(root + 16, LISTING / BLOCK);
    fps__put64le(image + LISTING, 4);
    fps__put16le(image + LISTING + 8, 12);
    image[LISTING + 12] = 'f';
    fps__put16le(file, 1 << 1);
    fps__put16le(file + 4, 0100644);
    fps__put32le(file + 8, CLUSTERS * BLOCK);
    fps__put16le(file + 32 + 4, 8); /* the last extent lies behind the map */
    for (size_t i = 0; i < CLUSTERS; i++) {
        uint8_t *entry = file + 48 + i * 8;
        fps__put16le(entry, 2); /* it belongs to the cluster before */
        fps__put16le(entry + 4, 1);
    }
    purse p = {.bytes = 0};
    assert_string_equal(tell_once(image, IMAGE, &p), "f: ! a damaged map of a file of EROFS\n");
    assert_true(p.bytes >= CLUSTERS * 8);
}

static uint32_t jffs2_checksum(const uint8_t *bytes, size_t size)
{
    return ~crc32_gzip_refl(UINT32_MAX, bytes, size);
}

static void put_jffs2_header(uint8_t *p, uint16_t type, uint32_t size)
{
    fps__put16le(p, 0x1985);
    fps__put16le(p + 2, type);
    fps__put32le(p + 4, size);
    fps__put32le(p + 8, jffs2_checksum(p, 8));
}

/* As many names of one file of JFFS2 as it has pieces: to count these for each name takes minutes. */
static void names_of_a_file_of_many_pieces_are_looked_at_at_once(void **state)
{
    (void)state;
    enum { COUNT = 150000, NAME = 40, NAME_SPACE = 48, PIECE = 68, SIZE = COUNT * (NAME_SPACE + PIECE) };
    uint8_t *image = calloc(1, SIZE), *at = image;
    for (uint32_t i = 0; i < COUNT; i++, at += NAME_SPACE) {
        put_jffs2_header(at, 0xe001, NAME + 6);
        fps__put32le(at + 12, 1);
        fps__put32le(at + 20, 2);
        at[28] = 6;
        char name[7];
        snprintf(name, sizeof name, "%06u", (unsigned)i);
        memcpy(at + NAME, name, 6);
        fps__put32le(at + 32, jffs2_checksum(at, 32));
        fps__put32le(at + 36, jffs2_checksum(at + NAME, 6));
    }
    for (uint32_t i = 0; i < COUNT; i++, at += PIECE) {
        put_jffs2_header(at, 0xe002, PIECE);
        fps__put32le(at + 12, 2);
        fps__put32le(at + 16, i);
        fps__put32le(at + 20, 0100644);
        fps__put32le(at + 64, jffs2_checksum(at, 60));
    }
    purse p = {.bytes = 0};
    fps__volume_budget budget = {&p, spend};
    fps__volume *volume;
    fps__volume_entry entry;
    uint64_t start = fps__clock_ms(), names = 0;
    assert_int_equal(fps__volume_open(&volume, (fps__span){image, SIZE}, &budget, NULL), FPS_OK);
    while (fps__volume_next(volume, &entry, NULL) == FPS_OK && fps__clock_ms() - start < 8000)
        names++;
    assert_int_equal(names, COUNT);
    fps__volume_free(volume);
    free(image);
}

/* ---- disk images ---- */

static void a_vdi_has_blocks_of_a_sector_at_least(void **state)
{
    (void)state;
    uint8_t *image = calloc(2, SECTOR);
    fps__put32le(image + 0x40, 0xbeda107f);
    fps__put32le(image + 0x44, 0x00010001);
    fps__put32le(image + 76, 1);
    fps__put64le(image + 368, 1 << 20);
    fps__put32le(image + 376, 1);
    purse p = {.bytes = 0};
    assert_string_equal(tell_once(image, 2 * SECTOR, &p), "! a damaged header of a VDI disk image\n");
}

static void the_pieces_of_an_android_sparse_image_are_paid_for(void **state)
{
    (void)state;
    enum { HEADER = 28, CHUNK = 12, CHUNKS = 100, IMAGE = HEADER + CHUNKS * CHUNK };
    uint8_t *image = calloc(1, IMAGE);
    fps__put32le(image, 0xed26ff3a);
    fps__put16le(image + 4, 1);
    fps__put16le(image + 8, HEADER);
    fps__put16le(image + 10, CHUNK);
    fps__put32le(image + 12, 4096);
    fps__put32le(image + 20, CHUNKS);
    purse p = {.most = 1000};
    assert_string_equal(tell_once(image, IMAGE, &p), "! too many\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_that_make_no_sense_are_no_ext),
        cmocka_unit_test(a_file_of_an_iso_that_has_the_target_of_a_link_has_its_extents),
        cmocka_unit_test(a_full_table_of_partitions_with_gaps_on_all_sides_is_read),
        cmocka_unit_test(gaps_between_partitions_are_looked_at_within_one_limit),
        cmocka_unit_test(each_header_of_a_romfs_is_paid_for),
        cmocka_unit_test(each_inode_of_a_cramfs_is_paid_for),
        cmocka_unit_test(each_run_of_a_squashfs_directory_is_paid_for),
        cmocka_unit_test(a_table_at_the_last_byte_of_all_is_not_there),
        cmocka_unit_test(the_map_of_a_file_of_erofs_is_paid_for),
        cmocka_unit_test(names_of_a_file_of_many_pieces_are_looked_at_at_once),
        cmocka_unit_test(a_vdi_has_blocks_of_a_sector_at_least),
        cmocka_unit_test(the_pieces_of_an_android_sparse_image_are_paid_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
