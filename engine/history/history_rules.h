/* What counts in a history: which files of a source tree, which tags and archives, and what version they are of. */
#ifndef FPS_HISTORY_HISTORY_RULES_H
#define FPS_HISTORY_HISTORY_RULES_H

#include "util/bytes.h"
#include "util/version.h"

#include <regex.h>

/* What a file is read for: the sum of these; 0: it is not read. */
enum {
    FPS__HISTORY_SOURCE = 1,  /* texts */
    FPS__HISTORY_HEADER = 2,  /* names of declared functions */
    FPS__HISTORY_EXPORTS = 4, /* an export list: every name in it */
    FPS__HISTORY_BUILD =
        8, /* a build file that says the version: configure.ac, CMakeLists.txt, meson.build */
};

/* `path` is in the source tree, without a leading "./". `depth`: folders around the tree itself in the path (an archive
 * has one mostly). Tests, examples, documentation and folders of other people's code do not count. */
unsigned fps__history_file_kind(const char *path, unsigned depth);
/* The file name behind the last slash. */
const char *fps__history_base_name(const char *path);

/* The version that a tag stands for. `pattern` may be NULL; its groups are the version, joined with ".". A prefix
 * that is the component's name is passed over. False for release candidates and what has no version. */
bool fps__history_tag_version(const char *tag, const regex_t *pattern, const char *component,
                              char version[FPS__MAX_VERSION]);
/* Splits the file name of an archive: "zlib-1.3.1.tar.gz" and "zlib_1.3.1+dfsg.orig.tar.xz" into "zlib" and "1.3.1".
 * `version` is "" where there is none. */
void fps__history_archive_name(const char *path, char name[FPS__MAX_VERSION], char version[FPS__MAX_VERSION]);

/* Bits of fps__history_text.text_class but for the version. */
uint8_t fps__history_text_class(const char *text, size_t size);
/* True when the text holds the version, and no longer number around it. */
bool fps__history_has_version(const char *text, size_t size, const char *version);

#endif
