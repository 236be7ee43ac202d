/* Where fpscan keeps what it makes (XDG Base Directory Specification 0.8). */
#ifndef TOOLS_FPSCAN_FOLDERS_H
#define TOOLS_FPSCAN_FOLDERS_H

#include "settings.h"

/* Each gives a path that the caller frees, NULL where there is none: no variable names a home. False without memory, and a message was
 * printed: what lies there is not to be passed over. */
bool folder_cache(char **path,
                  const settings *s); /* of results and compiled rules; --cache-dir names another */
bool folder_data(char **path);        /* of the user's signature sets and base images */
bool folder_base_images(char **path); /* the file of known base images in it */
bool folder_advisories(char **path);  /* the advisory database in it */
bool folder_keys(char **path);        /* of the public keys that sets are to be signed with */

/* Tells whether `path` is there; NULL is not. False when nothing tells, and a message was printed. */
bool folder_has(const char *path, bool *there);

/* Copies a file under another name in the folder of `to`, and renames it: `to` is whole or as it was. False: errno tells why. */
bool folder_copy_file(const char *from, const char *to);
/* Creates a folder and those above it. A failure shows when the folder is used. */
void folder_make(const char *folder);

#endif
