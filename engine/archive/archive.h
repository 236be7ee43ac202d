/* One level of an archive in memory, file by file, within limits that nested levels share.
 *
 *   fps__archive_open(&archive, data, size, &budget, &error)
 *   while (fps__archive_next(archive, &entry, &error) == FPS_OK)     path and first bytes of each regular file
 *       fps__archive_load(archive, &bytes, &error)                   only where the file is wanted
 *   fps__archive_rest(archive, &behind, &error)                      what lies behind the end
 *   fps__archive_free(archive)
 *
 * ar, tar, cpio, zip, 7z, RAR, cabinets, LHA, XAR, the containers of contents.h, and single files, under gzip, bzip2, xz, lzma,
 * lzip, zstd, lz4, compress and rpm; file systems and disk images (volume/). Nothing goes to disk.
 */
#ifndef FPS_ARCHIVE_ARCHIVE_H
#define FPS_ARCHIVE_ARCHIVE_H

#include "util/bytes.h"

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps__archive_limits {
    uint32_t depth;       /* most archives inside each other; 0: 8 */
    uint64_t file_size;   /* most bytes of one file; 0: 1 GiB */
    uint64_t total_size;  /* most bytes of everything unpacked; 0: 32 GiB */
    uint64_t ratio;       /* most unpacked bytes for a packed one, beyond the first 64 MiB; 0: 1,000 */
    uint64_t entries;     /* most entries; 0: 4,000,000 */
    uint64_t deadline_ms; /* of util/clock.h; 0: none */
} fps__archive_limits;

/* What has been used of the limits, by an outermost archive and all in it. */
typedef struct fps__archive_budget {
    fps__archive_limits limits; /* without zeros */
    uint64_t packed;            /* size of the outermost archive, bytes */
    uint64_t unpacked;          /* bytes so far */
    uint64_t entries;           /* so far */
} fps__archive_budget;

typedef struct fps__archive_entry {
    const char *path; /* as in the archive, without leading "/" and "./"; until the next call */
    fps__span head;   /* its first bytes, at least 512 where the file has them; until the next call */
    bool single;      /* a compressed file and no archive; path is "" */
    int64_t modified; /* seconds since 1970; 0 when the archive does not say */
} fps__archive_entry;

typedef struct fps__archive fps__archive;

/* Fills in a budget for an outermost archive of `packed` bytes; `limits` may be NULL. */
void fps__archive_budget_init(fps__archive_budget *budget, const fps__archive_limits *limits,
                              uint64_t packed);

/* True when the bytes begin like something fps__archive_open reads. An ar archive counts only when it is a
 * .deb: others hold relocatable objects. */
bool fps__archive_identify(fps__span data);

/* True when all bytes of a file are a file system or a disk image that fps__archive_open reads, also one whose first page
 * does not tell. */
bool fps__archive_find_volume(fps__span data);
/* The name of a file system, disk image or volume that all bytes of a file are and that is not read; NULL for anything else.
 * `inside`: one that may begin amid other bytes, where these begin. */
const char *fps__archive_unread_volume(fps__span data, bool inside);

/* True when the bytes begin with the header of a tar by its checksum. The magic of a tar is a word that other files have. */
bool fps__archive_has_tar_header(fps__span data);

/* `data` and `budget` must outlive the archive. FPS_ERROR_FORMAT, FPS_ERROR_CORRUPT, FPS_ERROR_MEMORY. */
fps_status fps__archive_open(fps__archive **archive, fps__span data, fps__archive_budget *budget,
                             fps_error *error);
/* The same for a zip archive, whose local headers are gone by and not its central directory. */
fps_status fps__archive_open_local(fps__archive **archive, fps__span data, fps__archive_budget *budget,
                                   fps_error *error);
/* The next regular file, or entry of another type that has bytes. FPS_ERROR_NOT_FOUND at the end; FPS_ERROR_UNSUPPORTED
 * when this one cannot be read, of which the entry has the path; FPS_ERROR_CORRUPT, FPS_ERROR_LIMIT when the rest cannot. */
fps_status fps__archive_next(fps__archive *archive, fps__archive_entry *entry, fps_error *error);
/* All bytes of the file that _next gave; they live until the next call. FPS_ERROR_LIMIT with `data` empty
 * when the file is above the file limit (the next file can be read); other failures end the archive. */
fps_status fps__archive_load(fps__archive *archive, fps__span *data, fps_error *error);
/* What lies behind the end of an archive that was read to its end; without leading zeros, which are padding. */
typedef struct fps__archive_behind {
    /* Of the first byte behind the archive in its data; their size where that is unknown. */
    uint64_t packed_offset;
    fps__span packed; /* part of its data */
    /* Of what is compressed: bytes behind the archive in it; until the archive is freed. */
    fps__span unpacked;
} fps__archive_behind;
/* After FPS_ERROR_NOT_FOUND of fps__archive_next. FPS_ERROR_LIMIT when there are more than the limits allow,
 * FPS_ERROR_CORRUPT. Of a zip archive: what lies behind the last entry that was read, see zip_layout.h. */
fps_status fps__archive_rest(fps__archive *archive, fps__archive_behind *behind, fps_error *error);
/* True when damage, of which _next or _load say FPS_ERROR_CORRUPT, is that of one file, and the next one can be read: in a
 * file system. */
bool fps__archive_survives_damage(const fps__archive *archive);
void fps__archive_free(fps__archive *archive);

#endif
