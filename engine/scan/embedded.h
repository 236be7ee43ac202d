/* What a file of no known type may hide: programs and archives behind a script, a picture or other data. */
#ifndef FPS_SCAN_EMBEDDED_H
#define FPS_SCAN_EMBEDDED_H

#include "util/bytes.h"

/* The name of a container that fpscan recognises and cannot look into ("a 7z archive"), NULL for anything else. `head`
 * is all of a file or its first FPS__SOURCE_HEAD bytes. Thread-safe. */
const char *fps__unread_container(fps__span head);

/* True when a file that begins so may hide something: it is binary, or a script that is longer than a page. Text is what
 * most files are, and nothing starts it. */
bool fps__may_hide(fps__span head, uint64_t size);

/* The zip archive that the bytes end with, whatever they begin with: jar loaders and unzip go by the end. */
bool fps__find_zip(fps__span bytes, fps__span *zip);

/* Something that is not looked at. */
typedef struct fps__hidden {
    const char *what; /* "an ELF file" */
    uint64_t offset;  /* bytes from the start */
} fps__hidden;

/* The first program, file system or compressed stream inside the bytes, which begin with something else. False: none. */
bool fps__find_hidden(fps__span bytes, fps__hidden *hidden);

#endif
