/* What kind of archive bytes are, told from their beginning. */
#include "archive/archive_form.h"

#include "archive/archive.h"
#include "archive/archive_cpio.h"
#include "archive/contents.h"
#include "volume/volume.h"

#include <archive.h>
#include <fpscan/object.h>

enum { TAR_RECORD = 512 }; /* bytes of a header */

bool fps__archive_has_tar_header(fps__span data)
{
    enum { CHECKSUM = 148, DIGITS = 8 };
    uint32_t sum = DIGITS * ' ', claimed = 0, digits = 0;
    if (!fps__span_has(data, 0, TAR_RECORD) || !data.data[0])
        return false;
    for (size_t i = 0; i < DIGITS; i++) {
        uint8_t c = data.data[CHECKSUM + i];
        bool digit = c >= '0' && c <= '7';
        if (!digit && c != ' ' && c != 0)
            return false;
        claimed = digit ? claimed * 8 + (uint32_t)(c - '0') : claimed;
        digits += digit;
    }
    for (size_t i = 0; i < TAR_RECORD; i++)
        sum += i < CHECKSUM || i >= CHECKSUM + DIGITS ? data.data[i] : 0;
    return digits && sum == claimed;
}

/* The oldest tars have no magic; where there is one, the first header may be damaged. */
bool fps__is_tar(fps__span head)
{
    enum { MAGIC = 257 };
    return (fps__span_has(head, MAGIC, 5) && memcmp(head.data + MAGIC, "ustar", 5) == 0) ||
           fps__archive_has_tar_header(head);
}

/* Archives of other systems that libarchive unpacks: what is in them is compressed file by file, or in solid blocks. */
static const fps__packed_form packed_forms[] = {
    {FORM_7Z, 6, "7z\xbc\xaf\x27\x1c", archive_read_support_format_7zip},
    {FORM_RAR, 7, "Rar!\x1a\x07", archive_read_support_format_rar},
    {FORM_RAR5, 8, "Rar!\x1a\x07\x01", archive_read_support_format_rar5},
    {FORM_CABINET, 8, "MSCF\0\0\0", archive_read_support_format_cab},
    {FORM_XAR, 4, "xar!", archive_read_support_format_xar},
    {FORM_LHA, 0, "", archive_read_support_format_lha},
};
enum { PACKED_FORMS = sizeof packed_forms / sizeof *packed_forms };

/* An LHA header: its method at offset 2 is "-lh0-" to "-lh7-", "-lhd-", "-lzs-" and the like; its own size before that, and the
 * level of the header behind it at 20. */
static bool is_lha(fps__span head)
{
    return fps__span_has(head, 0, 22) && head.data[0] && memcmp(head.data + 2, "-l", 2) == 0 &&
           (head.data[4] == 'h' || head.data[4] == 'z') && head.data[6] == '-' && head.data[20] <= 3;
}

const fps__packed_form *fps__find_packed_form(fps__span head)
{
    for (size_t i = 0; i < PACKED_FORMS; i++) {
        const fps__packed_form *p = &packed_forms[i];
        if (p->form == FORM_LHA
                ? is_lha(head)
                : fps__span_has(head, 0, p->length) && memcmp(head.data, p->bytes, p->length) == 0)
            return p;
    }
    return NULL;
}

/* Where an archive says that it ends: 7zFormat.txt, "Start Header"; [MS-CAB] 2.3, cbCabinet. The size of the data where that is
 * outside of it. */
uint64_t fps__packed_end(form of, fps__span data)
{
    enum { START_HEADER = 32, OFFSET = 12, SIZE = 20, CABINET_SIZE = 8 };
    if (!fps__span_has(data, 0, START_HEADER))
        return data.size;
    if (of == FORM_CABINET)
        return fps__get32le(data.data + CABINET_SIZE) < data.size ? fps__get32le(data.data + CABINET_SIZE)
                                                                  : data.size;
    uint64_t offset = fps__get64le(data.data + OFFSET), size = fps__get64le(data.data + SIZE);
    fps__span body = fps__span_part(data, START_HEADER, data.size - START_HEADER);
    return fps__span_has(body, offset, size) ? START_HEADER + offset + size : data.size;
}

/* LZMA alone has no magic (LZMA SDK, lzma.txt): the usual properties, a dictionary of 64 KiB to 128 MiB that is a power of two, a
 * size that is unknown or below 256 GiB, and the zero that its coder begins with. */
static bool is_lzma(fps__span data)
{
    if (!fps__span_has(data, 0, 14) || data.data[0] != 0x5d || data.data[13])
        return false;
    uint32_t dictionary = fps__get32le(data.data + 1);
    uint64_t size = fps__get64le(data.data + 5);
    return dictionary >= 1 << 16 && dictionary <= 1 << 27 && !(dictionary & (dictionary - 1)) &&
           (size == UINT64_MAX || size < (uint64_t)1 << 38);
}

static bool has_magic(fps__span data)
{
    static const struct {
        uint16_t offset;
        uint8_t length;
        char bytes[21];
    } magics[] = {
        {0, 5, "LZIP\1"},
        {0, 2, "\x1f\x8b"},
        {0, 3, "BZh"},
        {0, 6,
         "\xfd"
         "7zXZ"},
        {0, 4, "\x28\xb5\x2f\xfd"},
        {0, 4, "\x04\x22\x4d\x18"},
        {0, 4, "\x02\x21\x4c\x18"}, /* lz4 before it had frames: kernels */
        {0, 4, "PK\x03\x04"},
        {0, 4, "\xed\xab\xee\xdb"},
        {0, 21, "!<arch>\ndebian-binary"},
        {0, 2, "\x1f\x9d"},
        {0, 4, "PK\x05\x06"},
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (fps__span_has(data, magics[i].offset, magics[i].length) &&
            !memcmp(data.data + magics[i].offset, magics[i].bytes, magics[i].length))
            return true;
    return fps__find_packed_form(data) || fps__is_tar(data);
}

bool fps__begins_content(fps__span data)
{
    enum { COMPRESS = 0x1f9d, GZIP = 0x1f8b, DEFLATE = 8 };
    unsigned start = fps__span_has(data, 0, 3) ? fps__get16be(data.data) : COMPRESS;
    if (start == COMPRESS || (start == GZIP && data.data[2] != DEFLATE))
        return false;
    return has_magic(data) || fps_object_identify(data.data, data.size) != FPS_FORMAT_NONE;
}

/* By what it begins with; a file system may begin with anything. */
static bool begins_archive(fps__span data)
{
    return has_magic(data) || is_lzma(data) || fps__cpio_identify(data) || fps__contents_identify(data);
}

bool fps__archive_identify(fps__span data)
{
    return begins_archive(data) || fps__volume_identify(data);
}

bool fps__archive_find_volume(fps__span data)
{
    return !begins_archive(data) && fps__volume_find(data);
}

const char *fps__archive_unread_volume(fps__span data, bool inside)
{
    return fps__volume_unread(data, inside);
}
