/* The header of an rpm package: tags with typed values, as an .rpm file and the databases of rpm hold it.
 *
 *   fps__rpm_header_open(&header, bytes, &error)                   a bare header, as databases keep it
 *   fps__rpm_header_find(&header, FPS__RPM_TAG_NAME, &value)       one tag
 *   fps__rpm_value_number(&value, i), fps__rpm_value_next(&value, &text)
 *
 * The format: RPM documentation, "RPM V4 Package format", header structure. Nothing is copied; values point
 * into the bytes that were opened. Thread-safe.
 */
#ifndef FPS_ARCHIVE_RPM_HEADER_H
#define FPS_ARCHIVE_RPM_HEADER_H

#include "util/arena.h"
#include "util/bytes.h"

#include <fpscan/status.h>

enum {
    FPS__RPM_TAG_NAME = 1000,
    FPS__RPM_TAG_VERSION = 1001,
    FPS__RPM_TAG_RELEASE = 1002,
    FPS__RPM_TAG_EPOCH = 1003,
    FPS__RPM_TAG_VENDOR = 1011,
    FPS__RPM_TAG_LICENSE = 1014,
    FPS__RPM_TAG_PACKAGER = 1015,
    FPS__RPM_TAG_ARCH = 1022,
    FPS__RPM_TAG_OLD_FILE_NAMES = 1027,
    FPS__RPM_TAG_FILE_STATES = 1029,
    FPS__RPM_TAG_FILE_MODES = 1030,
    FPS__RPM_TAG_FILE_DIGESTS = 1035,
    FPS__RPM_TAG_FILE_FLAGS = 1037,
    FPS__RPM_TAG_SOURCE_RPM = 1044,
    FPS__RPM_TAG_FILE_VERIFY_FLAGS = 1045,
    FPS__RPM_TAG_PROVIDE_NAMES = 1047,
    FPS__RPM_TAG_REQUIRE_NAMES = 1049,
    FPS__RPM_TAG_PROVIDE_VERSIONS = 1113,
    FPS__RPM_TAG_DIR_INDEXES = 1116,
    FPS__RPM_TAG_BASE_NAMES = 1117,
    FPS__RPM_TAG_DIR_NAMES = 1118,
    FPS__RPM_TAG_FILE_DIGEST_ALGORITHM = 5011,
    FPS__RPM_TAG_MODULARITY_LABEL = 5096,
};

/* An index of entries and the data that they point into. */
typedef struct fps__rpm_header {
    fps__span index, data;
} fps__rpm_header;

/* The value of one tag. */
typedef struct fps__rpm_value {
    uint32_t type, count; /* count: numbers or strings that it says it has */
    fps__span data;       /* from its first byte to the end of the header's data */
} fps__rpm_value;

/* A header without magic, as databases keep it. FPS_ERROR_CORRUPT when it does not lie inside `bytes`,
 * FPS_ERROR_LIMIT when it is larger than any rpm makes. */
fps_status fps__rpm_header_open(fps__rpm_header *header, fps__span bytes, fps_error *error);
/* A header with its magic at byte `start` of a file; `*end` is the first byte behind it. The same failures.
 */
fps_status fps__rpm_header_open_at(fps__rpm_header *header, fps__span file, size_t start, size_t *end,
                                   fps_error *error);

/* False when there is no such tag, and then the value is one of no numbers and no strings. */
bool fps__rpm_header_find(const fps__rpm_header *header, uint32_t tag, fps__rpm_value *value);
/* The text of a tag that is one string (the first of several languages), empty when it is not there. */
fps__span fps__rpm_header_text(const fps__rpm_header *header, uint32_t tag);

/* Number `index` of a value of 8-, 16- or 32-bit integers; false beyond its end and for another type. */
bool fps__rpm_value_number(const fps__rpm_value *value, uint32_t index, uint32_t *number);
/* Takes the next string off a value; false at its end and for another type. */
bool fps__rpm_value_next(fps__rpm_value *value, fps__span *text);

/* "epoch:version-release" without an epoch of 0, "" without a version; control characters become spaces.
 * NULL without memory. */
const char *fps__rpm_header_version(const fps__rpm_header *header, fps__arena *arena);
/* "zlib-1.2.11-40.el9.src.rpm" names its source package in front of the last two dashes; false when it
 * does not. */
bool fps__rpm_split_source(fps__span file, fps__span *source, fps__span *version);

#endif
