/* Volumes that are named and not read: the smallest headers that pass, and that none of their fields may be anything else. The formats'
 * own tools made the images that the recognition was tried with: mkfs.f2fs, mkfs.minix, mkfs.nilfs2, mkfs.jfs, mkfs.reiserfs, mkudffs,
 * hformat, zpool and qemu-img. */
#include "util/bytes.h"
#include "volume/volume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SIZE = 72 * 1024 };
static uint8_t image[SIZE];

/* One field of a header: bytes at a place, which must be as they are. */
typedef struct field {
    uint32_t at;
    uint8_t size;
    char bytes[20];
} field;

typedef struct header {
    const char *name;
    field fields[10];
} header;

static const header headers[] = {
    {"an F2FS file system",
     {{1024, 4, "\x10\x20\xf5\xf2"},
      {1028, 2, "\1"},
      {1032, 1, "\x9"},
      {1036, 1, "\3"},
      {1040, 1, "\xc"},
      {1044, 1, "\x9"},
      {1048, 1, "\1"}}},
    {"a NILFS2 file system",
     {{1024, 4, "\2\0\0\0"},
      {1030, 2, "\x34\x34"},
      {1033, 1, "\1"},
      {1048, 1, "\1"},
      {1056, 1, "\1"},
      {1073, 1, "\x8"}}},
    {"a JFS file system", {{32768, 5, "JFS1\1"}, {32784, 2, "\0\x10"}, {32788, 1, "\xc"}}},
    {"a ReiserFS file system", {{65536 + 44, 2, "\0\x10"}, {65536 + 52, 9, "ReIsEr2Fs"}}},
    {"a ReiserFS file system", {{8192 + 44, 2, "\0\x10"}, {8192 + 52, 8, "ReIsErFs"}}},
    /* 32 inodes, 1024 blocks: boot block, superblock, two maps, one block of inodes */
    {"a MINIX file system",
     {{1024, 1, "\x20"},
      {1027, 1, "\4"},
      {1028, 1, "\1"},
      {1030, 1, "\1"},
      {1032, 1, "\5"},
      {1040, 2, "\x7f\x13"}}},
    {"a bcachefs file system",
     {{4120, 16, "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef"}}},
    {"a bcache device", {{4120, 16, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"}}},
    {"a GFS2 file system",
     {{65536, 4, "\x01\x16\x19\x70"}, {65543, 1, "\1"}, {65555, 1, "\x64"}, {65562, 2, "\x07\x09"}}},
    {"an OCFS2 file system", {{8192, 8, "OCFSV2\0"}}},
    {"a YAFFS2 file system",
     {{0, 1, "\3"}, {4, 1, "\1"}, {8, 2, "\xff\xff"}, {10, 1, "e"}, {269, 2, "\x41"}}},
    {"an HFS+ file system", {{1024, 4, "H+\0\4"}, {1066, 1, "\x10"}, {1071, 1, "\x9"}}},
    {"an HFS file system",
     {{1024, 2, "BD"},
      {1039, 1, "\3"},
      {1043, 1, "\x9"},
      {1046, 1, "\2"},
      {1053, 1, "\x9"},
      {1060, 1, "\3"}}},
    {"an APFS container", {{24, 1, "\1"}, {32, 4, "NXSB"}, {37, 1, "\x10"}, {40, 1, "\1"}}},
    {"an Apple disk image", {{SIZE - 512, 12, "koly\0\0\0\4\0\0\2"}}},
    {"an encrypted Apple disk image", {{0, 12, "encrcdsa\0\0\0\2"}}},
    {"a sparse Apple disk image", {{0, 8, "sprs\0\0\0\3"}}},
    {"a disk with Apple's map of partitions",
     {{0, 3, "ER\2"}, {512, 3, "PM"}, {560, 20, "Apple_partition_map"}}},
    {"a part of a ZFS pool", {{16384, 1, "\1"}, {16395, 1, "\1"}, {16407, 8, "\7version"}}},
    {"a UFS file system",
     {{65536 + 49, 1, "\x40"},
      {65536 + 53, 1, "\x8"},
      {65536 + 56, 1, "\x8"},
      {65536 + 1372, 4, "\x19\1\x54\x19"}}},
    {"an encrypted BitLocker volume", {{3, 8, "-FVE-FS-"}, {510, 2, "\x55\xaa"}}},
    {"a UDF file system", {{0x8001, 5, "BEA01"}, {0x8801, 4, "NSR0"}}},
    {"a QED disk image", {{0, 3, "QED"}, {6, 1, "\1"}, {8, 1, "\4"}, {12, 1, "\1"}}},
    {"a Parallels disk image", {{0, 17, "WithoutFreeSpace\2"}}},
    {"a VMDK disk image of ESX", {{0, 12, "COWD\1\0\0\0\3"}}},
    {"a cloop disk image", {{0, 20, "#!/bin/sh\n#V2.0 Form"}, {20, 3, "at\n"}}},
    {"an EWF disk image", {{0, 9, "EVF\x09\x0d\x0a\xff\0\1"}}},
    {"a partclone image", {{0, 15, "partclone-image"}}},
    {"a squashfs file system of another kind",
     {{0, 4, "shsq"}, {28, 1, "\3"}, {34, 1, "\x10"}, {53, 1, "\1"}}},
};
enum {
    HEADERS = sizeof headers / sizeof *headers,
    FIELDS = sizeof headers->fields / sizeof *headers->fields
};

static fps__span make(const header *made)
{
    memset(image, 0, sizeof image);
    for (size_t i = 0; i < FIELDS; i++)
        memcpy(image + made->fields[i].at, made->fields[i].bytes, made->fields[i].size);
    return (fps__span){image, SIZE};
}

static void each_volume_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < HEADERS; i++)
        assert_string_equal(fps__volume_unread(make(&headers[i]), false), headers[i].name);
}

static void a_byte_that_is_wrong_makes_it_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < HEADERS; i++)
        for (size_t n = 0; n < FIELDS; n++)
            for (size_t at = 0; at < headers[i].fields[n].size; at++) {
                fps__span bytes = make(&headers[i]);
                image[headers[i].fields[n].at + at] = headers[i].fields[n].bytes[at] ? 0 : 0xff;
                if (fps__volume_unread(bytes, false))
                    fail_msg("%s with a wrong byte at %u", headers[i].name,
                             (unsigned)(headers[i].fields[n].at + at));
            }
}

static void a_header_that_is_cut_is_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < HEADERS; i++) {
        make(&headers[i]);
        for (size_t size = 0; size < SIZE - 512; size += size < 2048 ? 1 : 701) {
            uint8_t *cut = malloc(size + 1); /* of its own size, so that a read behind it is seen */
            memcpy(cut, image, size);
            (void)fps__volume_unread((fps__span){cut, size}, false);
            free(cut);
        }
    }
}

/* What was taken for one in the libraries of a Debian system before all fields were asked. */
static void tables_and_texts_are_no_volumes(void **state)
{
    (void)state;
    static const uint8_t table[] = {4,    0,    0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff,
                                    0xff, 0x28, 0, 0, 0, 8, 0, 0, 0,    16};
    memset(image, 0, sizeof image);
    memcpy(image, table, sizeof table);
    assert_null(fps__volume_unread((fps__span){image, SIZE}, true));
    image[0] = 3;
    assert_null(fps__volume_unread((fps__span){image, SIZE}, true));
    memset(image, 0, sizeof image);
    memcpy(image, "sqlz\x08*.sql.j2z\x0c*.sql.jinja2z\3", 25);
    assert_null(fps__volume_unread((fps__span){image, SIZE}, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_volume_has_a_name),
        cmocka_unit_test(a_byte_that_is_wrong_makes_it_nothing),
        cmocka_unit_test(a_header_that_is_cut_is_nothing),
        cmocka_unit_test(tables_and_texts_are_no_volumes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
