/* The central directory of a zip archive and its local headers, as they are: nothing is checked against each other. */
#ifndef FPS_ARCHIVE_ZIP_DIRECTORY_H
#define FPS_ARCHIVE_ZIP_DIRECTORY_H

#include "util/bytes.h"

#include <stdbool.h>

enum {
    FPS__ZIP_LOCAL_SIZE = 30, /* bytes of a local header before its name */
    FPS__ZIP_ENTRY_SIZE = 46, /* of an entry of the directory before its name */
    FPS__ZIP_ENCRYPTED = 1,   /* flags of an entry */
    FPS__ZIP_DESCRIPTOR = 8,  /* sizes and checksum stand behind the entry */
    FPS__ZIP_DEFLATED = 8,    /* the method */
};

typedef struct fps__zip_directory {
    fps__span data;
    uint64_t start, size; /* of the entries, in the data */
    uint64_t base;        /* what offsets count from */
    uint64_t end_record;
} fps__zip_directory;

/* One entry, as the directory has it or a local header. */
typedef struct fps__zip_entry {
    uint16_t flags, method, name_length;
    uint32_t checksum;
    uint64_t packed, offset;
    uint32_t unpacked; /* as the header has it */
    uint16_t made_by;
    uint32_t attributes; /* of the system that the directory says the entry was made on */
    const uint8_t *name;
    size_t size; /* of header, name, extra field and comment */
} fps__zip_entry;

/* Finds the end record whose comment ends the data, else the last one that leads to a directory. `displaced`: the directory
 * does not lie right before its end record. False when there is none. */
bool fps__zip_find_directory(fps__zip_directory *directory, fps__span data, bool *displaced);
/* Reads the entry of the directory at `at` in the data; false when there is none. */
bool fps__zip_read_entry(const fps__zip_directory *directory, uint64_t at, fps__zip_entry *entry);
/* Reads the local header at `at`; false when there is none. */
bool fps__zip_read_local(fps__span data, uint64_t at, fps__zip_entry *entry);
/* True when the four bytes of a signature stand at `at`. */
bool fps__zip_is_signature(fps__span data, uint64_t at, const char *signature);

#endif
