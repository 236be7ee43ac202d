/* What a file is, told from its first bytes. */
#include "scan/file_kind.h"

#include "archive/archive.h"
#include "scan/embedded.h"

#include <fpscan/object.h>
#include <isa-l/igzip_lib.h>

enum {
    UNPACKED = 1024, /* unpacked bytes that are looked at: a tar header and more */
    PACKED = 1024,   /* packed bytes that are spent on it */
};

/* The first unpacked bytes of a gzip member; fewer where its beginning is damaged. `more`: others follow behind it. */
static fps__span unpack_start(fps__span head, uint8_t *room, size_t size, bool *more)
{
    struct inflate_state state;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = (uint8_t *)head.data; /* is only read */
    state.avail_in = head.size < PACKED ? (uint32_t)head.size : PACKED;
    state.next_out = room;
    state.avail_out = (uint32_t)size;
    isal_inflate(&state);
    *more = state.block_state == ISAL_BLOCK_FINISH && state.avail_in; /* bytes behind the member */
    return (fps__span){room, size - state.avail_out};
}

unsigned fps__file_object_kind(fps__span head, bool whole)
{
    if (!whole && head.size >= 2 && head.data[0] == 'M' && head.data[1] == 'Z')
        return FPS__FILE_OBJECT;
    fps_format format = fps_object_identify(head.data, head.size);
    if (format == FPS_FORMAT_AR)
        return fps__archive_identify(head) ? 0 : FPS__FILE_OBJECT_ARCHIVE;
    return format == FPS_FORMAT_NONE ? 0 : FPS__FILE_OBJECT;
}

/* True when the bytes begin an archive, or a compressed file that may hold one or an object. */
static bool begins_archive(fps__span head)
{
    uint8_t room[UNPACKED];
    if (!fps__archive_identify(head))
        return false;
    if (head.data[0] != 0x1f || head.data[1] != 0x8b)
        return true;
    bool more;
    fps__span start = unpack_start(head, room, sizeof room, &more);
    return !start.size || more || fps__archive_identify(start) || fps__file_object_kind(start, false) ||
           fps__unread_container(start) || fps__may_hide(start, start.size);
}

unsigned fps__file_kind(fps__span head)
{
    unsigned kind = fps__file_object_kind(head, false);
    return !kind && begins_archive(head) ? FPS__FILE_ARCHIVE : kind;
}
