/* The members of a tar archive by their headers alone: names, types, sizes and where their bytes lie.
 *
 * For archives that hold an image, whose members are then read by name. ustar, pax, GNU long names and
 * base-256 sizes. Layers are read elsewhere (layer.h).
 */
#ifndef FPS_IMAGE_TAR_INDEX_H
#define FPS_IMAGE_TAR_INDEX_H

#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"

#include <fpscan/status.h>

typedef enum fps__tar_type {
    FPS__TAR_FILE = 0,
    FPS__TAR_SYMLINK,
    FPS__TAR_HARDLINK,
    FPS__TAR_OTHER,
} fps__tar_type;

typedef struct fps__tar_member {
    const char *name; /* without a leading "/" or "./" and without a trailing "/" */
    const char *link; /* as written; NULL unless a link */
    uint64_t offset;  /* of its bytes, from the start of the archive */
    uint64_t size;    /* bytes */
    uint32_t place;   /* how many members come before it */
    fps__tar_type type;
    fps__span content; /* kept when the reader's `keep` asked for it */
} fps__tar_member;

/* Bytes of the archive in order. `read` fills `bytes`: FPS_ERROR_NOT_FOUND when the archive ends before the
 * first of them, FPS_ERROR_CORRUPT when it ends inside. `skip` passes over bytes; it may pass the end. */
typedef struct fps__tar_reader {
    void *user;
    fps_status (*read)(void *user, uint8_t *bytes, size_t size, fps_error *error);
    fps_status (*skip)(void *user, uint64_t size, fps_error *error);
    bool keep; /* JSON documents are kept: members that begin with a bracket, up to FPS__TAR_DOCUMENT bytes */
} fps__tar_reader;

enum { FPS__TAR_DOCUMENT = 4 * 1024 * 1024 };

typedef struct fps__tar_index {
    fps__arena arena;
    FPS__ARRAY(fps__tar_member) members; /* sorted by name after reading; of equal names the last is found */
    uint64_t kept;                       /* bytes of documents */
    uint32_t duplicates;                 /* names that come more than once */
    uint64_t end;                        /* bytes of the archive that were read over */
} fps__tar_index;

/* Reads to the end of the archive. FPS_ERROR_FORMAT when it does not begin like a tar; FPS_ERROR_CORRUPT
 * damaged or cut off, FPS_ERROR_LIMIT more than 200,000 members or 64 MiB of documents (what was read is
 * there all the same and sorted); the reader's failures; FPS_ERROR_MEMORY. */
fps_status fps__tar_index_read(fps__tar_index *index, const fps__tar_reader *reader, fps_error *error);
void fps__tar_index_free(fps__tar_index *index);

/* The member of that name; NULL when there is none. */
const fps__tar_member *fps__tar_index_find(const fps__tar_index *index, const char *name);
/* The regular file that `name` leads to, by links inside the archive; NULL when there is none, the links
 * leave the archive, or are more than 16. */
const fps__tar_member *fps__tar_index_resolve(const fps__tar_index *index, const char *name);

#endif
