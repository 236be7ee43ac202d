/* What a file of no known type may hide: programs and archives behind a script, a picture or other data. */
#include "scan/embedded.h"

#include <elf.h>

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

static const magic containers[] = {
    {0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive"},
    {0, 6, "Rar!\x1a\x07", "a RAR archive"},
    {0, 8, "MSCF\0\0\0\0", "a cabinet"},
    {0, 8, "ISc(", "an InstallShield cabinet"},
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
    {0, 8, "MSWIM\0\0\0", "a WIM image"},
    {0, 4, "xar!", "a XAR archive"},
    {0, 6, "070707", "a cpio archive of the old format"},
    {0, 8, "!<thin>\n", "a thin archive, whose members lie elsewhere"},
    {0, 4, "LZIP", "an lzip file"},
    {0, 4, "LRZI", "an lrzip file"},
    {0, 8, "GRZipII\0", "a GRZip file"},
    {0, 9, "\x89LZO\0\r\n\x1a\n", "an lzop file"},
    {0, 7, "zPQ\x01\x01\0\0", "a ZPAQ archive"},
    {7, 7, "**ACE**", "an ACE archive"},
    {0, 4, "ITSF", "a compiled HTML archive"},
    {0, 4, "\xce\xfa\xed\xfe", "a Mach-O file"},
    {0, 4, "\xcf\xfa\xed\xfe", "a Mach-O file"},
};

static const char *find_magic(const magic *magics, size_t count, fps__span bytes)
{
    for (size_t i = 0; i < count; i++)
        if (fps__span_has(bytes, magics[i].offset, magics[i].length) &&
            memcmp(bytes.data + magics[i].offset, magics[i].bytes, magics[i].length) == 0)
            return magics[i].what;
    return NULL;
}

/* Electron's archive: a pickle of four sizes, then a header in JSON. */
static bool is_asar(fps__span head)
{
    static const char start[] = "{\"files\":";
    return fps__span_has(head, 16, sizeof start - 1) && fps__get32le(head.data) == 4 &&
           memcmp(head.data + 16, start, sizeof start - 1) == 0;
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

/* An LHA header: its method at offset 2 is "-lh0-" to "-lh7-", "-lhd-" or "-lzs-" and the like. */
static bool is_lha(fps__span head)
{
    return fps__span_has(head, 2, 5) && head.data[2] == '-' && head.data[3] == 'l' &&
           (head.data[4] == 'h' || head.data[4] == 'z') && head.data[6] == '-';
}

const char *fps__unread_container(fps__span head)
{
    const char *what = find_magic(containers, sizeof containers / sizeof *containers, head);
    if (what)
        return what;
    if (is_ext(head))
        return "an ext file system";
    if (is_lha(head))
        return "an LHA archive";
    return is_asar(head) ? "an asar archive" : NULL;
}

/* ---- what may hide something ---- */

bool fps__may_hide(fps__span head, uint64_t size)
{
    if (size > CHECKED_SCRIPT && fps__span_has(head, 0, 2) && head.data[0] == '#' && head.data[1] == '!')
        return true;
    return head.size && memchr(head.data, '\0', head.size);
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
    for (size_t at = bytes.size; at >= least + ZIP_END_SIZE; at--) {
        const uint8_t *end = bytes.data + at - ZIP_END_SIZE;
        if (end[0] == 'P' && memcmp(end, "PK\x05\x06", 4) == 0 &&
            fps__get16le(end + 20) == bytes.size - at && /* the comment reaches to the end */
            find_zip_start(bytes, at - ZIP_END_SIZE, zip))
            return true;
    }
    return false;
}

/* ---- what is hidden ---- */

/* An ELF header as the kernel and the loader take it; the four bytes of its magic alone stand in many files. */
static bool is_elf_header(fps__span bytes)
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

static bool is_xz_header(fps__span bytes)
{
    return fps__span_has(bytes, 0, 12) &&
           memcmp(bytes.data,
                  "\xfd"
                  "7zXZ\0\0",
                  7) == 0 &&
           bytes.data[7] <= 0x0f;
}

/* RFC 1952: method 8, no reserved flag, and the extra flags and systems that programs write. */
static bool is_gzip_header(fps__span bytes)
{
    const uint8_t *p = bytes.data;
    return fps__span_has(bytes, 0, 18) && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 && !(p[3] & 0xe0) &&
           (p[8] == 0 || p[8] == 2 || p[8] == 4) && (p[9] <= 13 || p[9] == 255);
}

/* A compressed stream counts where a script may have left it: right behind a line. */
static bool follows_line(fps__span bytes, size_t at)
{
    return at && bytes.data[at - 1] == '\n';
}

static bool find_first(fps__span bytes, uint8_t first, bool (*is_header)(fps__span), bool behind_line,
                       uint64_t *offset)
{
    const uint8_t *at = bytes.data, *end = bytes.data + bytes.size;
    while (at < end && (at = memchr(at, first, (size_t)(end - at)))) {
        size_t place = (size_t)(at - bytes.data);
        if (place && (!behind_line || follows_line(bytes, place)) &&
            is_header(fps__span_part(bytes, place, bytes.size - place))) {
            *offset = place;
            return true;
        }
        at++;
    }
    return false;
}

/* File systems whose magic lies behind the first page. */
static const magic far_magics[] = {
    {0x8001, 5, "CD001", "an ISO 9660 file system"},
    {0x10040, 8, "_BHRfS_M", "a btrfs file system"},
    {0x10034, 8, "ReIsErFs", "a ReiserFS file system"},
};

bool fps__find_hidden(fps__span bytes, fps__hidden *hidden)
{
    static const struct {
        uint8_t first;
        bool (*is_header)(fps__span);
        bool behind_line;
        const char *what;
    } kinds[] = {
        {0x7f, is_elf_header, false, "an ELF file"},
        {0xfd, is_xz_header, true, "an xz stream"},
        {0x1f, is_gzip_header, true, "a gzip stream"},
    };
    *hidden = (fps__hidden){.what = find_magic(far_magics, sizeof far_magics / sizeof *far_magics, bytes)};
    for (size_t i = 0; !hidden->what && i < sizeof kinds / sizeof *kinds; i++)
        if (find_first(bytes, kinds[i].first, kinds[i].is_header, kinds[i].behind_line, &hidden->offset))
            hidden->what = kinds[i].what;
    return hidden->what != NULL;
}
