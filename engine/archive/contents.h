/* Containers that say where their files lie: firmware images, bundles behind programs, archives of a few tools. A reader only
 * lists; what is listed is read like the files of any archive, by archive.h.
 *
 *   fps__contents contents = {0};
 *   status = fps__contents_read(&contents, data, &error)         FPS_ERROR_FORMAT: none of these containers
 *   fps__contents_unpack(&contents, &file, data, sink, &error)   the bytes of one file, block by block
 *   fps__contents_free(&contents)
 *
 * A new container is a file contents_NAME.c with a function and a line in the table of contents.c. Offsets are bytes from the
 * start of `data`. A reader adds files with fps__contents_add, which checks that they lie inside; it sets start and end, says
 * with fps__contents_fault what it could not read, and fails for lack of memory alone.
 */
#ifndef FPS_ARCHIVE_CONTENTS_H
#define FPS_ARCHIVE_CONTENTS_H

#include "util/arena.h"
#include "util/array.h"
#include "util/bytes.h"

#include <fpscan/status.h>

enum { FPS__MAX_CONTAINED = 1 << 20 };

typedef enum fps__storage {
    FPS__STORED_PLAIN,
    FPS__STORED_ZLIB,    /* RFC 1950 */
    FPS__STORED_DEFLATE, /* RFC 1951 */
    FPS__STORED_ZSTD,    /* RFC 8878 */
    FPS__STORED_LZOP,    /* the blocks of lzop, see contents_lzop.c */
    FPS__STORED_BASE64,  /* letters, see contents_letters.c */
    FPS__STORED_UUENCODED,
    FPS__STORED_PIECES, /* stored in several places */
    FPS__STORED_SECRET, /* encrypted */
} fps__storage;

typedef struct fps__contained {
    const char *name;      /* in the arena of the contents; "" for one without */
    uint64_t offset, size; /* of its stored bytes; of PIECES the first, and the sum */
    uint64_t unpacked;     /* bytes that it says to unpack to; UINT64_MAX when it does not */
    size_t piece, pieces;  /* of PIECES: the first and how many */
    fps__storage storage;
} fps__contained;

typedef struct fps__contents_piece {
    uint64_t offset, size;
} fps__contents_piece;

typedef struct fps__contents {
    const char *what; /* "an asar archive": static */
    fps__arena arena;
    FPS__ARRAY(fps__contained) files;
    FPS__ARRAY(fps__contents_piece) pieces;
    uint64_t start, end; /* the container's bytes in the data */
    uint64_t
        body; /* where its files may begin; what no file covers from there on is given as a file "@OFFSET" */
    bool single;         /* its one file is no member: it is the container, unpacked */
    bool gaps_explained; /* such bytes are the container's own */
    const char *fault;   /* what could not be read, in words, static; NULL when nothing is missing */
    bool no_memory;
    bool searched;  /* for the marks of bundles (contents_bundle.c): */
    unsigned marks; /* those that may be in the data, by bits */
} fps__contents;

/* True when the bytes begin with a container of these, by all that its header may be. Thread-safe, as the others over different
 * contents. */
bool fps__contents_identify(fps__span data);
/* What the container that the bytes begin with is called ("a FIT image"), NULL for none. */
const char *fps__contents_name(fps__span data);
/* Lists the container that `data` begins with, or else the one that a program or a file of no known type carries: behind its
 * end, or where its header says. FPS_ERROR_FORMAT for none, FPS_ERROR_MEMORY; the contents are to be freed whatever the status. */
fps_status fps__contents_read(fps__contents *contents, fps__span data, fps_error *error);
void fps__contents_free(fps__contents *contents);
/* Where the container that fps__contents_read would list lies in `data`; false when there is none, or no memory. */
bool fps__contents_find(fps__span data, uint64_t *start, uint64_t *end);

/* Takes one block of unpacked bytes; a failure ends the unpacking, and becomes its status. */
typedef struct fps__contents_sink {
    void *user;
    fps_status (*take)(void *user, fps__span block, fps_error *error);
} fps__contents_sink;

/* FPS_ERROR_CORRUPT where the bytes are damaged or unpack to more than the file says; FPS_ERROR_UNSUPPORTED for an encrypted
 * file; FPS_ERROR_MEMORY; what the sink returns. A stream that says its end only there sets that of the contents. */
fps_status fps__contents_unpack(fps__contents *contents, const fps__contained *file, fps__span data,
                                const fps__contents_sink *sink, fps_error *error);

/* ---- for readers ---- */

/* The name for a file to come: `size` bytes, copied up to the first NUL; NULL without memory, and no_memory is set. */
const char *fps__contents_text(fps__contents *contents, fps__span text);
/* Adds a file of the name (NULL: nothing is added) unless it is empty. False when it does not lie in the data, which is a
 * fault, or when there are too many or no memory. */
bool fps__contents_add(fps__contents *contents, fps__span data, const fps__contained *file);
/* The same for a file that is stored as it is. */
bool fps__contents_add_plain(fps__contents *contents, fps__span data, const char *name, uint64_t offset,
                             uint64_t size);
/* Adds the only file of a container that is a stream from `offset` on. Its end is known when it has been unpacked. */
bool fps__contents_add_stream(fps__contents *contents, fps__span data, uint64_t offset, fps__storage storage);
/* Takes note of what could not be read; the first one counts. `what` is static. */
void fps__contents_fault(fps__contents *contents, const char *what);

/* The readers: each lists `data` and returns true, or returns false where it is something else. */
typedef bool fps__contents_reader(fps__contents *contents, fps__span data);
/* The checks of headers that stand at the start. */
typedef bool fps__contents_probe(fps__span data);

/* True when a program or an archive begins in the letters of these first bytes of a text. */
bool fps__holds_letters(fps__span head);

fps__contents_probe fps__is_uimage, fps__is_device_tree, fps__is_android_boot, fps__is_lzop, fps__is_asar,
    fps__is_compound, fps__is_node_blob, fps__is_zlib, fps__is_adb, fps__is_base64, fps__is_uuencoded;
fps__contents_reader fps__list_uimage, fps__list_device_tree, fps__list_android_boot, fps__list_lzop,
    fps__list_asar, fps__list_compound, fps__list_node_blob, fps__list_zlib, fps__list_adb, fps__list_base64,
    fps__list_uuencoded;
fps__contents_reader fps__list_kernel, fps__list_pyinstaller, fps__list_nuitka, fps__list_dotnet,
    fps__list_deno, fps__list_bun;

/* Unpacks the blocks of an lzop file; see fps__contents_unpack. */
fps_status fps__lzop_unpack(fps__span blocks, const fps__contents_sink *sink, fps_error *error);
/* Gives what is written in base64, or `uu`encoded; `end`: where the letters end. */
fps_status fps__letters_unpack(fps__span text, bool uu, const fps__contents_sink *sink, uint64_t *end,
                               fps_error *error);

#endif
