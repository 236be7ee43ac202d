/* What a file is, told from its first bytes. It is asked once; the answer travels with the file. */
#ifndef FPS_SCAN_FILE_KIND_H
#define FPS_SCAN_FILE_KIND_H

#include "util/bytes.h"

/* Why the bytes of a file are wanted; 0: they are not. */
enum {
    FPS__FILE_OBJECT = 1,         /* an ELF, PE or Mach-O file */
    FPS__FILE_OBJECT_ARCHIVE = 2, /* an ar archive of objects */
    FPS__FILE_ARCHIVE = 4,        /* an archive or a compressed file, which is looked into */
    FPS__FILE_PACKAGES = 8,       /* a database of a package manager */
    FPS__FILE_DIGESTS = 16,       /* a file whose digests are compared */
    FPS__FILE_OPAQUE = 32,        /* a file of no known type that may hide something, see embedded.h */
    FPS__FILE_ANALYSED = FPS__FILE_OBJECT | FPS__FILE_OBJECT_ARCHIVE | FPS__FILE_ARCHIVE | FPS__FILE_OPAQUE,
};

/* FPS__FILE_OBJECT, FPS__FILE_OBJECT_ARCHIVE or 0. `head` is the whole file, or its first FPS__SOURCE_HEAD bytes: then
 * "MZ" alone makes an object, because the PE header may lie behind them. A .deb is no archive of objects, though it is
 * an ar archive. Thread-safe. */
unsigned fps__file_object_kind(fps__span head, bool whole);
/* The same for the first bytes of a file, or FPS__FILE_ARCHIVE. A gzip file is unpacked a little: most of those in a
 * root are documentation. */
unsigned fps__file_kind(fps__span head);

#endif
