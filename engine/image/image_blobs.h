/* Where an image's documents and blobs lie: in a layout directory, a tar, or a compressed tar; read by name.
 *
 * A compressed tar is run over once when it is opened: documents and the list of members are kept. Blobs are
 * then streamed forward; going back starts again at its beginning. One blob is open at a time.
 */
#ifndef FPS_IMAGE_IMAGE_BLOBS_H
#define FPS_IMAGE_IMAGE_BLOBS_H

#include "archive/stream.h"

typedef struct fps__blobs fps__blobs;

typedef enum fps__blobs_shape {
    FPS__BLOBS_DIRECTORY,
    FPS__BLOBS_TAR,
    FPS__BLOBS_PACKED_TAR,
} fps__blobs_shape;

/* FPS_ERROR_NOT_FOUND, FPS_ERROR_IO; FPS_ERROR_FORMAT neither a directory nor a tar; FPS_ERROR_MEMORY. A tar
 * that is damaged or cut off is opened all the same: fps__blobs_fault tells. */
fps_status fps__blobs_open(fps__blobs **blobs, const char *path, uint64_t ratio, fps_error *error);
void fps__blobs_close(fps__blobs *blobs);
fps__blobs_shape fps__blobs_get_shape(const fps__blobs *blobs);
/* What kept the archive from being read to its end; FPS_OK when nothing did. */
fps_status fps__blobs_fault(const fps__blobs *blobs, fps_error *error);
/* Names that come more than once; the last one counts. */
uint32_t fps__blobs_duplicates(const fps__blobs *blobs);
/* Whether anything but zeros lies behind the end of the archive. */
bool fps__blobs_goes_on(const fps__blobs *blobs);

/* Whether an archive has a member whose name `is_meant`; false for a directory. */
bool fps__blobs_holds(const fps__blobs *blobs, bool (*is_meant)(const char *name));

/* A regular file called `name` (no leading '/', no ".." parts). `place` orders blobs as they lie; either may
 * be NULL. FPS_ERROR_NOT_FOUND; FPS_ERROR_UNSUPPORTED a symbolic link in a directory; FPS_ERROR_IO. */
fps_status fps__blobs_find(fps__blobs *blobs, const char *name, uint64_t *size, uint32_t *place,
                           fps_error *error);
/* All bytes of a document, malloc; free(document->data). FPS_ERROR_LIMIT above 4 MiB, and what find returns.
 */
fps_status fps__blobs_read(fps__blobs *blobs, const char *name, fps__span *document, fps_error *error);
/* The bytes of a blob, until fps__blobs_blob_close. */
fps_status fps__blobs_blob_open(fps__blobs *blobs, const char *name, fps__stream_input *input,
                                fps_error *error);
void fps__blobs_blob_close(fps__blobs *blobs);

#endif
