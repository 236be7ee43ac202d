/* What bytes of no known type hold: programs and archives behind a script, a picture, the end of an object. */
#include "scan/embedded.h"

#include "archive/archive.h"
#include "archive/contents.h"
#include "archive/zip_layout.h"
#include "scan/file_kind.h"
#include "util/byte_filter.h"
#include "util/clock.h"

#include <elf.h>
#include <fpscan/object.h>
#include <isa-l/crc.h>
#include <xxhash.h>
#include <zstd.h>

enum {
    ZIP_END_SIZE = 22,        /* the end of central directory record (APPNOTE.TXT, 4.3.16) */
    MAX_ZIP_COMMENT = 0xffff, /* bytes behind it */
    CHECKED_SCRIPT = 4096,    /* a longer script may carry a payload */
};

/* ---- containers that are recognised and not looked into ---- */

typedef struct magic {
    uint32_t offset;
    uint8_t length;
    char bytes[12];
    const char *what;
} magic;

/* Of file systems and disk images that are read, those come here whose header is damaged. */
static const magic containers[] = {
    {0, 4, "ISc(", "an InstallShield cabinet"},
    {0, 4, "hsqs", "a squashfs file system"},
    {0, 4, "sqsh", "a squashfs file system"},
    {1024, 4, "\xe2\xe1\xf5\xe0", "an EROFS file system"},
    {0, 4, "XFSB", "an XFS file system"},
    {0, 8, "-rom1fs-", "a romfs file system"},
    {0, 4, "\x45\x3d\xcd\x28", "a cramfs file system"},
    {0, 4, "UBI#", "a UBI volume"},
    {0, 4, "\x31\x18\x10\x06", "a UBIFS file system"},
    {3, 8, "NTFS    ", "an NTFS file system"},
    {82, 5, "FAT32", "a FAT file system"},
    {54, 5, "FAT16", "a FAT file system"},
    {54, 5, "FAT12", "a FAT file system"},
    {0, 4, "QFI\xfb", "a QCOW disk image"},
    {0, 4, "KDMV", "a VMDK disk image"},
    {0, 8, "vhdxfile", "a VHDX disk image"},
    {0, 8, "conectix", "a VHD disk image"},
    {0, 6, "LUKS\xba\xbe", "an encrypted LUKS volume"},
    {512, 8, "LABELONE", "an LVM volume"},
    {0, 8, "MSWIM\0\0\0", "a WIM image"},
    {0, 8, "!<thin>\n", "a thin archive, whose members lie elsewhere"},
    {0, 4, "LZIP", "an lzip file of an unknown version"},
    {0, 9, "\x89LZO\0\r\n\x1a\n", "an lzop file of an unknown version"},
    {0, 4, "LRZI", "an lrzip file"},
    {0, 8, "GRZipII\0", "a GRZip file"},
    {0, 7, "zPQ\x01\x01\0\0", "a ZPAQ archive"},
    {0, 12, "7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0", "a ZPAQ archive"},
    {7, 7, "**ACE**", "an ACE archive"},
    {0, 4, "ITSF", "a compiled HTML archive"},
};

static const char *find_magic(const magic *magics, size_t count, fps__span bytes)
{
    for (size_t i = 0; i < count; i++)
        if (fps__span_has(bytes, magics[i].offset, magics[i].length) &&
            memcmp(bytes.data + magics[i].offset, magics[i].bytes, magics[i].length) == 0)
            return magics[i].what;
    return NULL;
}

/* The superblock of ext2 to ext4: its magic has two bytes alone, so the sizes of blocks (1 to 64 KiB) and the revision must
 * make sense too (Linux, fs/ext4/ext4.h). */
static bool is_ext(fps__span head)
{
    enum { SUPERBLOCK = 1024, LOG_BLOCK_SIZE = 24, MAGIC = 56, REVISION = 76, SIZE = 84 };
    if (!fps__span_has(head, SUPERBLOCK, SIZE))
        return false;
    const uint8_t *p = head.data + SUPERBLOCK;
    return fps__get16le(p + MAGIC) == 0xef53 && fps__get32le(p + LOG_BLOCK_SIZE) <= 6 &&
           fps__get32le(p + REVISION) <= 1;
}

/* ARJ technote: a magic, the size of the main header of 30 bytes and two names or more, its CRC-32, and no header behind it. */
static bool is_arj(fps__span head)
{
    enum { START = 4, FIXED = 30, MOST = 2600 };
    size_t size = fps__span_has(head, 0, START + FIXED) ? fps__get16le(head.data + 2) : 0;
    return size > FIXED && size <= MOST && head.data[0] == 0x60 && head.data[1] == 0xea &&
           head.data[START] >= FIXED && fps__span_has(head, START + size, 4) &&
           crc32_gzip_refl(0, head.data + START, size) == fps__get32le(head.data + START + size);
}

const char *fps__unread_container(fps__span head)
{
    const char *what = find_magic(containers, sizeof containers / sizeof *containers, head);
    if (what)
        return what;
    return is_ext(head) ? "an ext file system" : is_arj(head) ? "an ARJ archive" : NULL;
}

/* ---- what may hide something ---- */

/* Controls that no text has, and the byte of empty flash memory; everything else may be a letter of some encoding. */
static bool has_controls(fps__span head)
{
    enum { LOOKED_AT = 512 };
    for (size_t i = 0; i < head.size && i < LOOKED_AT; i++) {
        uint8_t c = head.data[i];
        if (c < ' ' ? !((c >= '\b' && c <= '\r') || c == 0x1b) : c == 0x7f || c == 0xff)
            return true;
    }
    return false;
}

bool fps__may_hide(fps__span head, uint64_t size)
{
    if (size > CHECKED_SCRIPT && fps__span_has(head, 0, 2) && head.data[0] == '#' && head.data[1] == '!')
        return true;
    return head.size &&
           (memchr(head.data, '\0', head.size) || has_controls(head) || fps__holds_letters(head));
}

/* The archive begins at the first local header that its directory names: by an offset from the start of the archive, or
 * from that of the file. */
static bool find_zip_start(fps__span bytes, size_t end, fps__span *zip)
{
    enum { ENTRY_SIZE = 46, LOCAL_OFFSET = 42 };
    uint64_t size = fps__get32le(bytes.data + end + 12), offset = fps__get32le(bytes.data + end + 16);
    if (size < ENTRY_SIZE || size + offset > end)
        return false;
    const uint8_t *entry = bytes.data + end - size;
    uint64_t before = end - size - offset, start = before + fps__get32le(entry + LOCAL_OFFSET);
    if (memcmp(entry, "PK\x01\x02", 4) != 0 || !fps__span_has(bytes, start, 4) ||
        memcmp(bytes.data + start, "PK\x03\x04", 4) != 0)
        return false;
    *zip = fps__span_part(bytes, start, bytes.size - start);
    return true;
}

bool fps__find_zip(fps__span bytes, fps__span *zip)
{
    size_t least =
        bytes.size > ZIP_END_SIZE + MAX_ZIP_COMMENT ? bytes.size - ZIP_END_SIZE - MAX_ZIP_COMMENT : 0;
    if (bytes.size < ZIP_END_SIZE || !memmem(bytes.data + least, bytes.size - least, "PK\x05\x06", 4))
        return false;
    for (size_t at = bytes.size; at >= least + ZIP_END_SIZE; at--) {
        const uint8_t *end = bytes.data + at - ZIP_END_SIZE;
        if (end[0] == 'P' && memcmp(end, "PK\x05\x06", 4) == 0 &&
            fps__get16le(end + 20) == bytes.size - at && /* the comment reaches to the end */
            find_zip_start(bytes, at - ZIP_END_SIZE, zip))
            return true;
    }
    return false;
}

/* ---- headers, each by all that its fields may be: the magic alone stands in many files ---- */

/* An ELF header as the kernel and the loader take it. */
static bool is_elf(fps__span bytes)
{
    if (!fps__span_has(bytes, 0, sizeof(Elf32_Ehdr)))
        return false;
    const uint8_t *p = bytes.data;
    bool big = p[EI_DATA] == ELFDATA2MSB, wide = p[EI_CLASS] == ELFCLASS64;
    uint16_t type = big ? fps__get16be(p + 16) : fps__get16le(p + 16);
    size_t at = wide ? offsetof(Elf64_Ehdr, e_ehsize) : offsetof(Elf32_Ehdr, e_ehsize);
    if (!fps__span_has(bytes, at, 2))
        return false;
    uint16_t size = big ? fps__get16be(p + at) : fps__get16le(p + at);
    return memcmp(p, ELFMAG, SELFMAG) == 0 && (wide || p[EI_CLASS] == ELFCLASS32) &&
           (big || p[EI_DATA] == ELFDATA2LSB) && type >= ET_REL && type <= ET_CORE &&
           size == (wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
}

/* A DOS header that leads to a PE header with an optional header of either size. */
static bool is_pe(fps__span bytes)
{
    enum { POINTER = 0x3c, COFF_SIZE = 24, PE32 = 0x10b, PE32_PLUS = 0x20b };
    if (!fps__span_has(bytes, 0, POINTER + 4) || memcmp(bytes.data, "MZ", 2) != 0)
        return false;
    fps__span header = fps__span_part(bytes, fps__get32le(bytes.data + POINTER), COFF_SIZE + 2);
    if (!header.size || memcmp(header.data, "PE\0\0", 4) != 0)
        return false;
    uint16_t optional = fps__get16le(header.data + COFF_SIZE);
    return optional == PE32 || optional == PE32_PLUS;
}

/* Whether the first bytes of what is unpacked are those of something to look at. The work for one header is bounded. */
static bool is_worth_unpacking(fps__span bytes, bool binary)
{
    enum { LOOKED_AT = 8 << 20 }; /* more than a block of any format: those of lz4 have up to 4 MiB */
    bytes = fps__span_part(bytes, 0, bytes.size < LOOKED_AT ? bytes.size : LOOKED_AT);
    fps__archive_limits limits = {.total_size = LOOKED_AT};
    fps__archive_budget budget;
    fps__archive *archive = NULL;
    fps__archive_entry entry;
    fps__archive_budget_init(&budget, &limits, bytes.size);
    bool worth = false;
    if (fps__archive_open(&archive, bytes, &budget, NULL) == FPS_OK &&
        fps__archive_next(archive, &entry, NULL) == FPS_OK)
        worth = !entry.single || fps__archive_identify(entry.head) ||
                fps__file_object_kind(entry.head, false) || fps__unread_container(entry.head) ||
                (binary && fps__may_hide(entry.head, entry.head.size));
    fps__archive_free(archive);
    return worth;
}

/* RFC 1952: method 8, no reserved flag, and the extra flags and systems that programs write. */
static bool is_gzip(fps__span bytes)
{
    const uint8_t *p = bytes.data;
    return fps__span_has(bytes, 0, 18) && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 && !(p[3] & 0xe0) &&
           (p[8] == 0 || p[8] == 2 || p[8] == 4) && (p[9] <= 13 || p[9] == 255) &&
           is_worth_unpacking(bytes, true);
}

/* The .xz File Format 1.1.0, 2.1.1: the flags have a checksum. */
static bool is_xz(fps__span bytes)
{
    static const uint8_t start[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    return fps__span_has(bytes, 0, 12) && memcmp(bytes.data, start, sizeof start) == 0 &&
           crc32_gzip_refl(0, bytes.data + 6, 2) == fps__get32le(bytes.data + 8) &&
           is_worth_unpacking(bytes, true);
}

static bool is_zstd(fps__span bytes)
{
    return fps__span_has(bytes, 0, 12) && fps__get32le(bytes.data) == ZSTD_MAGICNUMBER &&
           ZSTD_getFrameContentSize(bytes.data, bytes.size) !=
               ZSTD_CONTENTSIZE_ERROR && /* it may be unknown */
           is_worth_unpacking(bytes, true);
}

static bool is_bzip2(fps__span bytes)
{
    return fps__span_has(bytes, 0, 10) && memcmp(bytes.data, "BZh", 3) == 0 && bytes.data[3] >= '1' &&
           bytes.data[3] <= '9' && memcmp(bytes.data + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 &&
           is_worth_unpacking(bytes, true);
}

/* LZ4 Frame format 1.6.4: version 1, no reserved bit, and a checksum over the descriptor. */
static bool is_lz4(fps__span bytes)
{
    if (!fps__span_has(bytes, 0, 19) || fps__get32le(bytes.data) != 0x184d2204 ||
        (bytes.data[4] & 0xc2) != 0x40 || (bytes.data[5] & 0x8f))
        return false;
    size_t size = 2u + (bytes.data[4] & 8 ? 8u : 0u) + (bytes.data[4] & 1 ? 4u : 0u);
    return (uint8_t)(XXH32(bytes.data + 4, size, 0) >> 8) == bytes.data[4 + size] &&
           is_worth_unpacking(bytes, true);
}

/* lz4 before it had frames (lz4_Frame_format.md, "Legacy frame"): blocks of up to 8 MiB, each with its packed size. */
static bool is_old_lz4(fps__span bytes)
{
    return fps__span_has(bytes, 0, 16) && fps__get32le(bytes.data) == 0x184c2102 &&
           fps__get32le(bytes.data + 4) && fps__get32le(bytes.data + 4) < 9 << 20 &&
           is_worth_unpacking(bytes, true);
}

/* LZMA alone has no magic: usual properties, a dictionary that is a power of two, a size that is unknown or sensible, and
 * the zero that its coder begins with. */
static bool is_lzma(fps__span bytes)
{
    if (!fps__span_has(bytes, 0, 18) || bytes.data[0] != 0x5d || bytes.data[13])
        return false;
    uint32_t dictionary = fps__get32le(bytes.data + 1);
    uint64_t size = fps__get64le(bytes.data + 5);
    return dictionary >= 1 << 12 && dictionary <= 1 << 27 && !(dictionary & (dictionary - 1)) &&
           (size == UINT64_MAX || (size >= 1 << 10 && size < (uint64_t)1 << 38)) &&
           is_worth_unpacking(bytes, false);
}

/* The variants of cpio that are written in digits. */
static bool is_cpio(fps__span bytes)
{
    return fps__span_has(bytes, 0, 110) && memcmp(bytes.data, "07070", 5) == 0 &&
           fps__archive_identify(bytes);
}

/* "ustar" stands inside of the header. */
static bool has_tar_magic(fps__span bytes)
{
    enum { MAGIC = 257 };
    return fps__span_has(bytes, MAGIC, 5) && memcmp(bytes.data + MAGIC, "ustar", 5) == 0;
}

static bool is_tar(fps__span bytes)
{
    return fps__archive_has_tar_header(bytes) && has_tar_magic(bytes);
}

bool fps__is_damaged_tar(fps__span bytes)
{
    return has_tar_magic(bytes) && !fps__archive_has_tar_header(bytes);
}

/* A Mach-O header as fps_object_open takes it, of a kind of file that programs and libraries have, with load commands. Files of
 * several machines hold one for each. */
static bool is_macho(fps__span bytes)
{
    enum { TYPE = 12, COMMANDS = 16, LEAST = 32, BUNDLE = 8, MOST_COMMANDS = 4096 };
    if (!fps__span_has(bytes, 0, LEAST) || fps_object_identify(bytes.data, bytes.size) != FPS_FORMAT_MACHO)
        return false;
    bool big = bytes.data[0] == 0xfe;
    uint32_t type = big ? fps__get32be(bytes.data + TYPE) : fps__get32le(bytes.data + TYPE);
    uint32_t commands = big ? fps__get32be(bytes.data + COMMANDS) : fps__get32le(bytes.data + COMMANDS);
    return type <= BUNDLE && commands && commands <= MOST_COMMANDS;
}

static bool is_ar(fps__span bytes)
{
    return fps__span_has(bytes, 0, 68) && memcmp(bytes.data, "!<arch>\n", 8) == 0 && bytes.data[66] == '`' &&
           bytes.data[67] == '\n';
}

static bool is_rpm(fps__span bytes)
{
    return fps__span_has(bytes, 0, 96) && memcmp(bytes.data, "\xed\xab\xee\xdb", 4) == 0 &&
           bytes.data[4] >= 3 && bytes.data[4] <= 4 && bytes.data[5] <= 1;
}

/* Linux, fs/squashfs/squashfs_fs.h: versions before 4 may be big-endian, and are not read. */
static bool is_old_squashfs(fps__span bytes)
{
    return fps__span_has(bytes, 0, 96) && memcmp(bytes.data, "sqsh", 4) == 0 &&
           fps__get16be(bytes.data + 28) <= 4 && fps__get16be(bytes.data + 28) >= 1;
}

/* A file system that is read; its format knows the header. */
static bool is_volume(fps__span bytes)
{
    return fps__archive_find_volume(bytes);
}

/* 7zFormat.txt: the start header has a checksum. */
static bool is_7z(fps__span bytes)
{
    return fps__span_has(bytes, 0, 32) && memcmp(bytes.data, "7z\xbc\xaf\x27\x1c", 6) == 0 &&
           crc32_gzip_refl(0, bytes.data + 12, 20) == fps__get32le(bytes.data + 8);
}

/* RAR 4 technote: the main header has 13 bytes, type 0x73, and the lower half of a checksum. */
static bool is_rar4(fps__span header)
{
    return fps__span_has(header, 0, 13) && header.data[2] == 0x73 &&
           (crc32_gzip_refl(0, header.data + 2, 11) & 0xffff) == fps__get16le(header.data);
}

/* RAR 5.0 archive format: a checksum, and behind it the header's size in 7 bits a byte. */
static bool is_rar5(fps__span header)
{
    enum { MOST = 2048 };
    size_t size = 0, at = 4;
    for (unsigned shift = 0; at < header.size && shift < 21; shift += 7) {
        size |= (size_t)(header.data[at] & 0x7f) << shift;
        if (!(header.data[at++] & 0x80))
            break;
    }
    fps__span checked = fps__span_part(header, 4, at - 4 + size);
    return size && size <= MOST && checked.size &&
           crc32_gzip_refl(0, checked.data, checked.size) == fps__get32le(header.data);
}

static bool is_rar(fps__span bytes)
{
    if (!fps__span_has(bytes, 0, 20) || memcmp(bytes.data, "Rar!\x1a\x07", 6) != 0)
        return false;
    return bytes.data[6]
               ? bytes.data[6] == 1 && !bytes.data[7] && is_rar5(fps__span_part(bytes, 8, bytes.size - 8))
               : is_rar4(fps__span_part(bytes, 7, bytes.size - 7));
}

/* NSIS, Source/exehead/fileform.h: flags, 0xdeadbeef, a name of 12 bytes, the size of the header, and that of all. */
static bool is_nsis(fps__span bytes)
{
    return fps__span_has(bytes, 0, 28) && !(fps__get32le(bytes.data) >> 5) &&
           memcmp(bytes.data + 4, "\xef\xbe\xad\xdeNullsoftInst", 16) == 0 && fps__get32le(bytes.data + 20) &&
           fps__get32le(bytes.data + 24) >= 28 && fps__span_has(bytes, 0, fps__get32le(bytes.data + 24));
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Inno Setup, Projects/Src/Shared.Struct.pas: the id of the setup data has a version in brackets, and zeros up to 64 bytes. */
static bool is_inno(fps__span bytes)
{
    enum { SIZE = 64, ID = 23 };
    static const char id[] = "Inno Setup Setup Data (";
    if (!fps__span_has(bytes, 0, SIZE) || memcmp(bytes.data, id, ID) != 0 || !is_digit(bytes.data[ID]) ||
        bytes.data[ID + 1] != '.' || !memchr(bytes.data + ID, ')', SIZE - ID))
        return false;
    size_t end = strnlen((const char *)bytes.data, SIZE);
    while (end < SIZE && !bytes.data[end])
        end++;
    return end == SIZE && !bytes.data[SIZE - 1];
}

/* The header of an InstallShield cabinet: its version has a 1, 2 or 4 in the upper byte. */
static bool is_installshield(fps__span bytes)
{
    return fps__span_has(bytes, 0, 20) && memcmp(bytes.data, "ISc(", 4) == 0 && bytes.data[7] <= 4 &&
           fps__get32le(bytes.data + 12) >= 20 && fps__span_has(bytes, fps__get32le(bytes.data + 12), 0);
}

/* [MS-CAB] 2.3: reserved fields are zero, the version is 1.3. */
static bool is_cab(fps__span bytes)
{
    return fps__span_has(bytes, 0, 36) && memcmp(bytes.data, "MSCF\0\0\0\0", 8) == 0 &&
           fps__get32le(bytes.data + 12) == 0 && fps__get32le(bytes.data + 20) == 0 && bytes.data[24] == 3 &&
           bytes.data[25] == 1;
}

/* A zlib stream, or letters that a program is written in. */
static bool is_encoded(fps__span bytes)
{
    return fps__contents_identify(bytes) && is_worth_unpacking(bytes, true);
}

static bool is_lzip(fps__span bytes)
{
    return fps__span_has(bytes, 0, 26) && memcmp(bytes.data, "LZIP\x01", 5) == 0 &&
           (bytes.data[5] & 0x1f) >= 12 && (bytes.data[5] & 0x1f) <= 29;
}

/* ---- what is inside ---- */

typedef struct header_kind {
    char start[3]; /* bytes of the magic, by which it is found; the last may be any when `any` */
    bool any;
    uint16_t back; /* where in the header they stand */
    fps__part_kind kind;
    bool (*is_header)(fps__span bytes);
    const char *what;
} header_kind;

static const header_kind header_kinds[] = {
    {{0x7f, 'E', 'L'}, false, 0, FPS__PART_OBJECT, is_elf, "an ELF file"},
    {{'M', 'Z'}, true, 0, FPS__PART_OBJECT, is_pe, "a PE file"},
    {{(char)0xcf, (char)0xfa, (char)0xed}, false, 0, FPS__PART_OBJECT, is_macho, "a Mach-O file"},
    {{(char)0xce, (char)0xfa, (char)0xed}, false, 0, FPS__PART_OBJECT, is_macho, "a Mach-O file"},
    {{(char)0xfe, (char)0xed, (char)0xfa}, false, 0, FPS__PART_OBJECT, is_macho, "a Mach-O file"},
    {{'!', '<', 'a'}, false, 0, FPS__PART_OBJECT, is_ar, "an ar archive"},
    {{0x1f, (char)0x8b, 8}, false, 0, FPS__PART_ARCHIVE, is_gzip, "a gzip stream"},
    {{(char)0xfd, '7', 'z'}, false, 0, FPS__PART_ARCHIVE, is_xz, "an xz stream"},
    {{0x28, (char)0xb5, 0x2f}, false, 0, FPS__PART_ARCHIVE, is_zstd, "a zstd stream"},
    {{'B', 'Z', 'h'}, false, 0, FPS__PART_ARCHIVE, is_bzip2, "a bzip2 stream"},
    {{0x04, 0x22, 0x4d}, false, 0, FPS__PART_ARCHIVE, is_lz4, "an lz4 stream"},
    {{0x02, 0x21, 0x4c}, false, 0, FPS__PART_ARCHIVE, is_old_lz4, "an lz4 stream"},
    {{(char)0x89, 'L', 'Z'}, false, 0, FPS__PART_ARCHIVE, fps__contents_identify, "an lzop file"},
    {{0x27, 0x05, 0x19}, false, 0, FPS__PART_ARCHIVE, fps__contents_identify, "a U-Boot image"},
    {{(char)0xd0, 0x0d, (char)0xfe}, false, 0, FPS__PART_ARCHIVE, fps__contents_identify, "a device tree"},
    {{'A', 'N', 'D'}, false, 0, FPS__PART_ARCHIVE, fps__contents_identify, "an Android boot image"},
    {{(char)0xd0, (char)0xcf, 0x11}, false, 0, FPS__PART_ARCHIVE, fps__contents_identify, "a compound file"},
    {{0x20, (char)0xda, 0x43}, false, 0, FPS__PART_ARCHIVE, fps__contents_identify, "a Node.js application"},
    {{'{', '"', 'f'}, false, 16, FPS__PART_ARCHIVE, fps__contents_identify, "an asar archive"},
    {{0x78, 0x01}, true, 0, FPS__PART_ARCHIVE, is_encoded, "a zlib stream"},
    {{0x78, 0x5e}, true, 0, FPS__PART_ARCHIVE, is_encoded, "a zlib stream"},
    {{0x78, (char)0x9c}, true, 0, FPS__PART_ARCHIVE, is_encoded, "a zlib stream"},
    {{0x78, (char)0xda}, true, 0, FPS__PART_ARCHIVE, is_encoded, "a zlib stream"},
    {{'A', 'D', 'B'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "an Alpine package"},
    {{'f', '0', 'V'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "an ELF file in base64"},
    {{'T', 'V', 'q'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a PE file in base64"},
    {{'H', '4', 's'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a gzip stream in base64"},
    {{'U', 'E', 's'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a zip archive in base64"},
    {{'/', 'T', 'd'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "an xz stream in base64"},
    {{'K', 'L', 'U'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a zstd stream in base64"},
    {{'Q', 'l', 'p'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a bzip2 stream in base64"},
    /* names begin with "./" and a digit, or a letter */
    {{'L', 'i', '8'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a tar archive in base64"},
    {{'L', 'i', '9'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a tar archive in base64"},
    {{'b', 'e', 'g'}, false, 0, FPS__PART_ARCHIVE, is_encoded, "a uuencoded file"},
    {{0x5d, 0, 0}, false, 0, FPS__PART_ARCHIVE, is_lzma, "an LZMA stream"},
    {{'P', 'K', 3}, false, 0, FPS__PART_ARCHIVE, fps__zip_is_local_header, "a zip archive"},
    {{'0', '7', '0'}, false, 0, FPS__PART_ARCHIVE, is_cpio, "a cpio archive"},
    {{'u', 's', 't'}, false, 257, FPS__PART_ARCHIVE, is_tar, "a tar archive"},
    {{(char)0xed, (char)0xab, (char)0xee}, false, 0, FPS__PART_ARCHIVE, is_rpm, "an rpm package"},
    {{'h', 's', 'q'}, false, 0, FPS__PART_ARCHIVE, is_volume, "a squashfs file system"},
    {{(char)0xe2, (char)0xe1, (char)0xf5}, false, 1024, FPS__PART_ARCHIVE, is_volume, "an EROFS file system"},
    {{0x53, (char)0xef}, true, 1080, FPS__PART_ARCHIVE, is_volume, "an ext file system"},
    {{'-', 'r', 'o'}, false, 0, FPS__PART_ARCHIVE, is_volume, "a romfs file system"},
    {{0x45, 0x3d, (char)0xcd}, false, 0, FPS__PART_ARCHIVE, is_volume, "a cramfs file system"},
    {{'U', 'B', 'I'}, false, 0, FPS__PART_ARCHIVE, is_volume, "a UBI image"},
    {{0x31, 0x18, 0x10}, false, 0, FPS__PART_ARCHIVE, is_volume, "a UBIFS file system"},
    /* a name, an inode or a mark comes first */
    {{(char)0x85, 0x19, 0x01}, false, 0, FPS__PART_ARCHIVE, is_volume, "a JFFS2 file system"},
    {{(char)0x85, 0x19, 0x02}, false, 0, FPS__PART_ARCHIVE, is_volume, "a JFFS2 file system"},
    {{(char)0x85, 0x19, 0x03}, false, 0, FPS__PART_ARCHIVE, is_volume, "a JFFS2 file system"},
    {{0x19, (char)0x85, (char)0xe0}, false, 0, FPS__PART_ARCHIVE, is_volume, "a JFFS2 file system"},
    {{0x19, (char)0x85, 0x20}, false, 0, FPS__PART_ARCHIVE, is_volume, "a JFFS2 file system"},
    {{'s', 'q', 's'}, false, 0, FPS__PART_CONTAINER, is_old_squashfs, "a squashfs file system"},
    {{'7', 'z', (char)0xbc}, false, 0, FPS__PART_ARCHIVE, is_7z, "a 7z archive"},
    {{'R', 'a', 'r'}, false, 0, FPS__PART_ARCHIVE, is_rar, "a RAR archive"},
    {{'M', 'S', 'C'}, false, 0, FPS__PART_ARCHIVE, is_cab, "a cabinet"},
    {{'I', 'S', 'c'}, false, 0, FPS__PART_CONTAINER, is_installshield, "an InstallShield cabinet"},
    {{'I', 'n', 'n'}, false, 0, FPS__PART_CONTAINER, is_inno, "the data of an Inno Setup installer"},
    {{'N', 'u', 'l'}, false, 8, FPS__PART_CONTAINER, is_nsis, "the data of an NSIS installer"},
    {{'L', 'Z', 'I'}, false, 0, FPS__PART_ARCHIVE, is_lzip, "an lzip file"},
};

enum {
    HEADER_KINDS = sizeof header_kinds / sizeof *header_kinds,
    CHECKS_TO_CLOCK = 64, /* headers that are checked between two looks at the clock */
    MOST_BACK = 2048,     /* bytes of a header before its magic */
};

void fps__part_filter_init(fps__byte_filter *filter)
{
    *filter = (fps__byte_filter){{{0}}, {{0}}, {0}};
    for (size_t i = 0; i < HEADER_KINDS; i++)
        fps__byte_filter_add(filter, (const uint8_t *)header_kinds[i].start, header_kinds[i].any,
                             (unsigned)i % 8);
}

/* At least three bytes are there. */
static bool begins(const uint8_t *p, const header_kind *kind)
{
    return p[0] == (uint8_t)kind->start[0] && p[1] == (uint8_t)kind->start[1] &&
           (kind->any || p[2] == (uint8_t)kind->start[2]);
}

static const header_kind *check_headers(const fps__part_search *search, size_t at, uint64_t *offset)
{
    fps__span bytes = search->bytes;
    for (size_t i = 0; i < HEADER_KINDS; i++) {
        const header_kind *kind = &header_kinds[i];
        if (!begins(bytes.data + at, kind) || at < kind->back + search->from ||
            (search->no_objects && kind->kind == FPS__PART_OBJECT))
            continue;
        *offset = at - kind->back;
        if (kind->is_header(fps__span_part(bytes, *offset, bytes.size - *offset)))
            return kind;
    }
    return NULL;
}

/* File systems that are read, whose magic lies behind the first page and whose header is damaged. */
static const magic far_magics[] = {
    {0x8001, 5, "CD001", "an ISO 9660 file system"},
    {0x10040, 8, "_BHRfS_M", "a btrfs file system"},
};

/* Squashfs of router makers, in either byte order; their images begin anywhere, and others at a sector. */
static bool is_squashfs_magic(const uint8_t *p)
{
    return memcmp(p, "shsq", 4) == 0 || memcmp(p, "qshs", 4) == 0 || memcmp(p, "hsqt", 4) == 0 ||
           memcmp(p, "tqsh", 4) == 0;
}

static bool is_volume_of_sectors(fps__span bytes)
{
    enum { BTRFS_MAGIC = 0x10040 };
    bool xfs = memcmp(bytes.data, "XFSB", 4) == 0;
    bool btrfs = fps__span_has(bytes, BTRFS_MAGIC, 8) && memcmp(bytes.data + BTRFS_MAGIC, "_BHRfS_M", 8) == 0;
    return (xfs || btrfs) && is_volume(bytes);
}

/* Volumes whose magics are too short, or lie too far behind their starts, for a search at every byte: they begin where a sector does.
 * False: there is none at or behind `from`. */
static bool find_at_sectors(fps__part_search *search, size_t from, fps__part *part)
{
    enum { SECTOR = 512, STEP = 16, CLOCK = 1 << 20 };
    fps__span bytes = search->bytes;
    for (size_t at = (from + STEP - 1) & ~(size_t)(STEP - 1); at + SECTOR <= bytes.size; at += STEP) {
        if (at % SECTOR && !is_squashfs_magic(bytes.data + at))
            continue;
        if (at % CLOCK == 0 && fps__deadline_passed(search->deadline_ms)) {
            search->timed_out = true;
            return false;
        }
        fps__span rest = fps__span_part(bytes, at, bytes.size - at);
        const char *unread = fps__archive_unread_volume(rest, true);
        bool read = !unread && at % SECTOR == 0 && is_volume_of_sectors(rest);
        if (unread || read) {
            *part = (fps__part){unread ? unread : "a file system", at,
                                unread ? FPS__PART_CONTAINER : FPS__PART_ARCHIVE, unread};
            return true;
        }
    }
    return false;
}

/* What find_at_sectors finds from `from` on, which is looked for again only where the search has passed it. */
static bool next_at_sectors(fps__part_search *search, fps__part *part)
{
    if (search->no_objects)
        return false;
    if (!search->looked || (search->at_sectors.what && search->at_sectors.offset < search->from)) {
        search->at_sectors = (fps__part){.what = NULL};
        search->looked = true;
        find_at_sectors(search, search->from, &search->at_sectors);
    }
    *part = search->at_sectors;
    return part->what;
}

bool fps__find_part(fps__part_search *search, fps__part *part)
{
    fps__span bytes = search->bytes;
    fps__part sectors;
    const char *container = NULL;
    if (!search->from && !search->no_objects && fps__archive_find_volume(bytes)) {
        *part = (fps__part){.what = "a file system or disk", .kind = FPS__PART_ARCHIVE};
        return true;
    }
    if (!search->from && !search->no_objects) {
        container = find_magic(far_magics, sizeof far_magics / sizeof *far_magics, bytes);
        if (!container && !fps__archive_identify(bytes))
            container = fps__unread_container(bytes);
    }
    const char *unread =
        container || search->from || search->no_objects ? NULL : fps__archive_unread_volume(bytes, false);
    if (container || unread) {
        *part = (fps__part){container ? container : unread, 0, FPS__PART_CONTAINER, unread};
        return true;
    }
    size_t end = next_at_sectors(search, &sectors) ? (size_t)sectors.offset : bytes.size;
    if (search->timed_out)
        return false;
    for (size_t at = search->from; (at = fps__byte_filter_next(search->filter, bytes, at)) < bytes.size;
         at++) {
        if (++search->checks % CHECKS_TO_CLOCK == 0 && fps__deadline_passed(search->deadline_ms)) {
            search->timed_out = true;
            return false;
        }
        uint64_t offset;
        const header_kind *kind = check_headers(search, at, &offset);
        if (kind && offset < end) {
            *part = (fps__part){.what = kind->what, .offset = offset, .kind = kind->kind};
            return true;
        }
        if (at > end && at - end > MOST_BACK)
            break;
    }
    if (end < bytes.size)
        *part = sectors;
    return end < bytes.size;
}

bool fps__could_be_a_program(fps__span bytes)
{
    enum { LEAST = 4096 };
    return bytes.size >= LEAST && !fps__is_padding(bytes) && memchr(bytes.data, '\0', bytes.size);
}

bool fps__is_relocation_list(fps__span bytes)
{
    enum { MOST_LISTS = 4 };
    uint32_t last = 0, lists = 0;
    if (bytes.size % 4)
        return false;
    for (size_t at = 0; at < bytes.size; at += 4) {
        uint32_t word = fps__get32le(bytes.data + at);
        lists += !word;
        if (lists > MOST_LISTS || (word && word <= last))
            return false;
        last = word;
    }
    return lists;
}
