/* File systems, disk images and volumes that are known by their headers and not read. Each must have all that its own driver asks of it,
 * so that no random bytes pass for one. Where nothing else is named, the layout is that of Linux, under fs/. */
#include "util/output.h"
#include "volume/volume.h"

typedef struct unread_format {
    bool (*identify)(fps__span data); /* all bytes of a file */
    const char *name;
    bool inside; /* known anywhere in other bytes: the header lies near the start, and is strong */
} unread_format;

/* `size` bytes at `at`, or NULL. */
static const uint8_t *part(fps__span data, uint64_t at, size_t size)
{
    return fps__span_has(data, at, size) ? data.data + at : NULL;
}

static bool has(fps__span data, uint64_t at, const char *text, size_t size)
{
    const uint8_t *p = part(data, at, size);
    return p && memcmp(p, text, size) == 0;
}

static bool is_size(uint64_t value, uint64_t least, uint64_t most)
{
    return value >= least && value <= most && !(value & (value - 1));
}

/* ---- Linux ---- */

/* f2fs_fs.h: sectors of 512 bytes to a block make a block, blocks a segment of 2 MiB. */
static bool is_f2fs(fps__span data)
{
    const uint8_t *p = part(data, 1024, 96);
    return p && fps__get32le(p) == 0xf2f52010 && fps__get16le(p + 4) == 1 && fps__get32le(p + 8) >= 9 &&
           fps__get32le(p + 8) + fps__get32le(p + 12) == fps__get32le(p + 16) && fps__get32le(p + 16) >= 12 &&
           fps__get32le(p + 16) <= 16 && fps__get32le(p + 20) == 9 && fps__get32le(p + 24);
}

/* include/uapi/linux/nilfs2_ondisk.h */
static bool is_nilfs(fps__span data)
{
    const uint8_t *p = part(data, 1024, 280);
    return p && fps__get16le(p + 6) == 0x3434 && fps__get32le(p) == 2 && !fps__get16le(p + 4) &&
           fps__get16le(p + 8) >= 200 && fps__get16le(p + 8) <= 1024 && fps__get32le(p + 20) <= 6 &&
           fps__get64le(p + 24) && fps__get64le(p + 32) && fps__get32le(p + 48) >= 16;
}

/* jfs/jfs_superblock.h */
static bool is_jfs(fps__span data)
{
    const uint8_t *p = part(data, 32768, 184);
    return p && memcmp(p, "JFS1", 4) == 0 && fps__get32le(p + 4) >= 1 && fps__get32le(p + 4) <= 2 &&
           is_size(fps__get32le(p + 16), 512, 4096) &&
           fps__get32le(p + 16) == (uint32_t)1 << (fps__get16le(p + 20) & 15);
}

/* reiserfs/reiserfs.h; at 8 KiB before Linux 2.4 */
static bool is_reiserfs(fps__span data)
{
    static const uint32_t places[] = {65536, 8192};
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *p = part(data, places[i], 204);
        if (p && is_size(fps__get16le(p + 44), 512, 32768) &&
            (memcmp(p + 52, "ReIsErFs", 8) == 0 || memcmp(p + 52, "ReIsEr2Fs", 9) == 0 ||
             memcmp(p + 52, "ReIsEr3Fs", 9) == 0))
            return true;
    }
    return has(data, 65536, "ReIsEr4", 8);
}

/* The start of the data behind the superblock, the maps and `inodes` of `size` bytes. */
static bool fits_minix(uint32_t block, uint64_t inodes, uint64_t zones, uint64_t inode_map, uint64_t zone_map,
                       uint64_t first, uint32_t size)
{
    uint64_t bits = (uint64_t)block * 8, table = 2 + inode_map + zone_map;
    return inodes && zones > first && inode_map == (inodes + bits) / bits &&
           zone_map >= (zones - first + bits) / bits && zone_map <= (zones + bits) / bits &&
           first >= table + (inodes * size + block - 1) / block && first <= table + inodes * size / block + 2;
}

/* include/uapi/linux/minix_fs.h: its magics have two bytes, so the places of all parts must follow from the sizes. */
static bool is_minix(fps__span data)
{
    const uint8_t *p = part(data, 1024, 32);
    if (!p)
        return false;
    uint16_t magic = fps__get16le(p + 16), inode_map = fps__get16le(p + 4), zone_map = fps__get16le(p + 6);
    uint16_t first = fps__get16le(p + 8);
    if (magic == 0x137f || magic == 0x138f)
        return fits_minix(1024, fps__get16le(p), fps__get16le(p + 2), inode_map, zone_map, first, 32);
    if (magic == 0x2468 || magic == 0x2478)
        return fits_minix(1024, fps__get16le(p), fps__get32le(p + 20), inode_map, zone_map, first, 64);
    return fps__get16le(p + 24) == 0x4d5a && is_size(fps__get16le(p + 28), 1024, 4096) &&
           fits_minix(fps__get16le(p + 28), fps__get32le(p), fps__get32le(p + 20), fps__get16le(p + 6),
                      fps__get16le(p + 8), fps__get16le(p + 10), 64);
}

static bool is_bcachefs(fps__span data)
{
    return has(data, 4096 + 24, "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef", 16);
}

/* drivers/md/bcache, and bcachefs before it had a magic of its own */
static bool is_bcache(fps__span data)
{
    return has(data, 4096 + 24, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81", 16);
}

/* include/uapi/linux/gfs2_ondisk.h */
static bool is_gfs2(fps__span data)
{
    const uint8_t *p = part(data, 65536, 96);
    return p && fps__get32be(p) == 0x01161970 && fps__get32be(p + 4) == 1 && fps__get32be(p + 16) == 100 &&
           fps__get32be(p + 24) / 10 == 180;
}

/* ocfs2/ocfs2_fs.h: in the third block */
static bool is_ocfs2(fps__span data)
{
    for (uint32_t block = 512; block <= 4096; block *= 2)
        if (has(data, (uint64_t)2 * block, "OCFSV2\0\0", 8))
            return true;
    return false;
}

/* ---- yaffs2 ---- */

/* A name in UTF-8 without controls and '/'. */
static bool is_name(const uint8_t *p, size_t size)
{
    uint32_t code;
    for (size_t at = 0, length; at < size; at += length) {
        length = fps__utf8_next((const char *)p + at, size - at, &code);
        if (!length || code < ' ' || code == '/' || code == 0x7f)
            return false;
    }
    return size;
}

/* yaffs_guts.h, struct yaffs_obj_hdr, in either byte order: an image begins with the header of a file, link or directory in the root, which
 * is the object 1. There is no superblock, so the type must be that in the mode, and the name be one. */
static bool is_yaffs(fps__span data)
{
    enum { HEADER = 512, NAME = 10, MOST_NAME = 255, MODE = 268, ROOT = 1, FILE_OBJECT = 1, LINK, DIRECTORY };
    static const uint16_t modes[] = {0, 8, 10, 4}; /* of the types, without permissions */
    const uint8_t *p = part(data, 0, HEADER);
    if (!p || p[8] != 0xff || p[9] != 0xff)
        return false;
    bool big = !p[0];
    uint32_t type = big ? fps__get32be(p) : fps__get32le(p);
    uint32_t mode = big ? fps__get32be(p + MODE) : fps__get32le(p + MODE);
    if (type < FILE_OBJECT || type > DIRECTORY || (big ? fps__get32be(p + 4) : fps__get32le(p + 4)) != ROOT)
        return false;
    size_t length = strnlen((const char *)p + NAME, MOST_NAME + 1);
    return length <= MOST_NAME && mode >> 12 == modes[type] && is_name(p + NAME, length);
}

/* ---- other systems ---- */

/* Apple's TN1150: the version follows from the magic. */
static bool is_hfs_plus(fps__span data)
{
    const uint8_t *p = part(data, 1024, 512);
    return p && (memcmp(p, "H+\0\4", 4) == 0 || memcmp(p, "HX\0\5", 4) == 0) &&
           is_size(fps__get32be(p + 40), 512, 1 << 24) && fps__get32be(p + 44) &&
           fps__get32be(p + 48) <= fps__get32be(p + 44) && fps__get32be(p + 52) <= fps__get32be(p + 44);
}

/* Inside Macintosh: Files, 2-60: blocks are whole sectors, the map of them lies behind this block, the name of the volume is short. */
static bool is_hfs(fps__span data)
{
    const uint8_t *p = part(data, 1024, 162);
    return p && memcmp(p, "BD", 2) == 0 && fps__get16be(p + 14) == 3 && fps__get16be(p + 18) &&
           fps__get32be(p + 20) && fps__get32be(p + 20) % 512 == 0 && fps__get16be(p + 28) > 3 &&
           fps__get16be(p + 34) <= fps__get16be(p + 18) && p[36] >= 1 && p[36] <= 27;
}

/* Apple File System Reference, nx_superblock_t: an object of type 1. */
static bool is_apfs(fps__span data)
{
    const uint8_t *p = part(data, 0, 4096);
    return p && memcmp(p + 32, "NXSB", 4) == 0 && fps__get16le(p + 24) == 1 && !fps__get32le(p + 28) &&
           is_size(fps__get32le(p + 36), 4096, 65536) && fps__get64le(p + 40);
}

/* The trailer of Apple's disk images: its version and its own size (512 bytes, the last of the file). */
static bool is_udif(fps__span data)
{
    return data.size >= 512 && has(data, data.size - 512, "koly\0\0\0\4\0\0\2\0", 12);
}

/* Inside Macintosh: Devices, 3-12: the map of partitions is one of them. */
static bool is_apple_disk(fps__span data)
{
    const uint8_t *p = part(data, 0, 1024);
    return p && memcmp(p, "ER", 2) == 0 && is_size(fps__get16be(p + 2), 512, 4096) &&
           has(data, fps__get16be(p + 2), "PM\0\0", 4) &&
           has(data, fps__get16be(p + 2) + 48u, "Apple_partition_map", 20);
}

/* OpenZFS, include/sys/vdev_impl.h and nvpair.c: a label is a list of pairs in XDR that begins with "version". */
static bool is_zfs(fps__span data)
{
    enum { LABEL = 16384 };
    const uint8_t *p = part(data, LABEL, 64);
    return p && p[0] == 1 && p[1] <= 1 && !fps__get32be(p + 4) && fps__get32be(p + 8) == 1 &&
           memcmp(p + 20, "\0\0\0\7version", 11) == 0;
}

/* FreeBSD, sys/ufs/ffs/fs.h, in either byte order: UFS1 at 8 KiB, UFS2 at 64 KiB. Fragments make a block. */
static bool is_ufs(fps__span data)
{
    static const uint32_t places[] = {8192, 65536}, magics[] = {0x00011954, 0x19540119};
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *p = part(data, places[i], 1376);
        bool big = p && fps__get32be(p + 1372) == magics[i];
        if (!p || (!big && fps__get32le(p + 1372) != magics[i]))
            continue;
        uint64_t block = big ? fps__get32be(p + 48) : fps__get32le(p + 48);
        uint64_t fragment = big ? fps__get32be(p + 52) : fps__get32le(p + 52);
        uint64_t fragments = big ? fps__get32be(p + 56) : fps__get32le(p + 56);
        if (is_size(block, 4096, 65536) && is_size(fragment, 512, block) && fragment * fragments == block)
            return true;
    }
    return false;
}

/* [MS-FVE]; the boot sector of NTFS with another name */
static bool is_bitlocker(fps__span data)
{
    return has(data, 3, "-FVE-FS-", 8) && has(data, 510, "\x55\xaa", 2);
}

/* ECMA-167, 2/9: one descriptor begins the sequence, and one names the version. */
static bool is_udf(fps__span data)
{
    enum { FIRST = 0x8001, SECTOR = 2048, MOST = 16 };
    if (!has(data, FIRST, "BEA01", 5))
        return false;
    for (uint64_t i = 1; i < MOST; i++)
        if (has(data, FIRST + i * SECTOR, "NSR0", 4))
            return true;
    return false;
}

/* ---- disk images ---- */

/* QEMU, docs/interop/qed_spec.rst */
static bool is_qed(fps__span data)
{
    const uint8_t *p = part(data, 0, 64);
    return p && memcmp(p, "QED\0", 4) == 0 && is_size(fps__get32le(p + 4), 4096, 64 << 20) &&
           is_size(fps__get32le(p + 8), 1, 16) && fps__get32le(p + 12);
}

/* QEMU, docs/interop/parallels.txt */
static bool is_parallels(fps__span data)
{
    return (has(data, 0, "WithoutFreeSpace", 16) || has(data, 0, "WithouFreSpacExt", 16)) &&
           has(data, 16, "\2\0\0\0", 4);
}

/* QEMU, block/vmdk.c: VMDK of ESX */
static bool is_cowd(fps__span data)
{
    return has(data, 0, "COWD\1\0\0\0\3\0\0\0", 12);
}

static bool is_cloop(fps__span data)
{
    return has(data, 0, "#!/bin/sh\n#V2.0 Format\n", 23) || has(data, 0, "#!/bin/sh\n#V3.0 Format\n", 23) ||
           has(data, 0, "#!/bin/sh\n#V4.0 Format\n", 23);
}

/* libewf, documentation of the Expert Witness Compression Format */
static bool is_ewf(fps__span data)
{
    return has(data, 0, "EVF\x09\x0d\x0a\xff\0\1", 9) || has(data, 0, "LVF\x09\x0d\x0a\xff\0\1", 9);
}

static bool is_partclone(fps__span data)
{
    return has(data, 0, "partclone-image", 15);
}

/* Apple's encrypted disk images, version 2 */
static bool is_encrypted_udif(fps__span data)
{
    return has(data, 0, "encrcdsa\0\0\0\2", 12);
}

/* Apple's sparse images, version 3 */
static bool is_sparse_udif(fps__span data)
{
    return has(data, 0, "sprs\0\0\0\3", 8);
}

/* The sizes of blocks in a superblock of squashfs and their logarithm: version 4, or those before it (squashfs/squashfs_fs.h). */
static bool is_squashfs_size(const uint8_t *p, bool big)
{
    uint32_t version = big ? fps__get16be(p + 28) : fps__get16le(p + 28);
    size_t size_at = version == 4 ? 12 : 51, bits_at = version == 4 ? 22 : 34;
    uint32_t size = big ? fps__get32be(p + size_at) : fps__get32le(p + size_at);
    uint32_t bits = big ? fps__get16be(p + bits_at) : fps__get16le(p + bits_at);
    uint32_t first = big ? fps__get16be(p + 32) : fps__get16le(p + 32); /* version 1 has no other */
    return version >= 1 && version <= 4 && bits >= 12 && bits <= 20 &&
           (version == 1 ? first == 1u << bits : size == 1u << bits);
}

/* Squashfs of router makers, in either byte order, with an LZMA of their own. */
static bool is_other_squashfs(fps__span data)
{
    static const char magics[][5] = {"shsq", "qshs", "hsqt", "tqsh", "sqlz", "zlqs"};
    const uint8_t *p = part(data, 0, 96);
    for (size_t i = 0; p && i < sizeof magics / sizeof *magics; i++)
        if (memcmp(p, magics[i], 4) == 0)
            return is_squashfs_size(p, false) || is_squashfs_size(p, true);
    return false;
}

static const unread_format formats[] = {
    {is_f2fs, "an F2FS file system", true},
    {is_nilfs, "a NILFS2 file system", false},
    {is_jfs, "a JFS file system", false},
    {is_reiserfs, "a ReiserFS file system", false},
    {is_minix, "a MINIX file system", false},
    {is_bcachefs, "a bcachefs file system", false},
    {is_bcache, "a bcache device", false},
    {is_gfs2, "a GFS2 file system", false},
    {is_ocfs2, "an OCFS2 file system", false},
    {is_yaffs, "a YAFFS2 file system", true},
    {is_hfs_plus, "an HFS+ file system", true},
    {is_hfs, "an HFS file system", false},
    {is_apfs, "an APFS container", true},
    {is_udif, "an Apple disk image", false},
    {is_encrypted_udif, "an encrypted Apple disk image", false},
    {is_sparse_udif, "a sparse Apple disk image", false},
    {is_apple_disk, "a disk with Apple's map of partitions", false},
    {is_zfs, "a part of a ZFS pool", false},
    {is_ufs, "a UFS file system", false},
    {is_bitlocker, "an encrypted BitLocker volume", false},
    {is_udf, "a UDF file system", false},
    {is_qed, "a QED disk image", false},
    {is_parallels, "a Parallels disk image", false},
    {is_cowd, "a VMDK disk image of ESX", false},
    {is_cloop, "a cloop disk image", false},
    {is_ewf, "an EWF disk image", false},
    {is_partclone, "a partclone image", false},
    {is_other_squashfs, "a squashfs file system of another kind", true},
};

const char *fps__volume_unread(fps__span data, bool inside)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if ((!inside || formats[i].inside) && formats[i].identify(data))
            return formats[i].name;
    return NULL;
}
