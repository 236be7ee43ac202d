/* Reads reviewed text: one file, or every file of a folder that has a suffix, in the order of their names. */
#ifndef FPS_UTIL_TEXT_FILES_H
#define FPS_UTIL_TEXT_FILES_H

#include "util/bytes.h"

#include <fpscan/status.h>

/* Called with the bytes of each file (not NUL-terminated, freed afterwards) and its path. A failure ends the
 * reading. */
typedef fps_status (*fps__text_file_callback)(void *user, fps__span text, const char *path, fps_error *error);

/* `suffix` (".txt") chooses files of a folder; a file given by name is read whatever it is called. Hidden
 * files are left out. FPS_ERROR_IO; FPS_ERROR_LIMIT above 64 MiB; what the callback returns. */
fps_status fps__text_files_read(const char *path, const char *suffix, fps__text_file_callback callback,
                                void *user, fps_error *error);

#endif
