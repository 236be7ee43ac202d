/* The kinds of archives, for archive.c and archive_form.c. */
#ifndef FPS_ARCHIVE_ARCHIVE_FORM_H
#define FPS_ARCHIVE_ARCHIVE_FORM_H

#include "util/bytes.h"

struct archive;

typedef enum form {
    FORM_NONE,   /* no archive */
    FORM_SINGLE, /* one compressed file */
    FORM_TAR,
    FORM_CPIO,
    FORM_ZIP,
    FORM_AR,
    FORM_7Z,
    FORM_RAR,
    FORM_RAR5,
    FORM_CABINET,
    FORM_LHA,
    FORM_XAR,
    FORM_CONTENTS, /* a container that lists its files, see contents.h */
    FORM_VOLUME,   /* a file system or disk */
} form;

/* An archive of another system that libarchive unpacks. */
typedef struct fps__packed_form {
    form form;
    uint8_t length; /* of the magic */
    char bytes[9];
    int (*add)(struct archive *);
} fps__packed_form;

/* The one that begins so; NULL for none. Static. Thread-safe. */
const fps__packed_form *fps__find_packed_form(fps__span head);
/* Where the bytes of a 7z archive or cabinet say that it ends; their size where that is outside of them. */
uint64_t fps__packed_end(form of, fps__span data);
bool fps__is_tar(fps__span head);
/* True for what begins as a program, a compressed stream or an archive does. Asks less than fps__archive_identify, which asks every
 * format, and wants more than two bytes. */
bool fps__begins_content(fps__span data);

#endif
