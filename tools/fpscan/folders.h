/* Where fpscan keeps what it makes (XDG Base Directory Specification 0.8). */
#ifndef TOOLS_FPSCAN_FOLDERS_H
#define TOOLS_FPSCAN_FOLDERS_H

#include "settings.h"

/* Each returns a path that the caller frees, or NULL if there is none or no memory. */
char *folder_cache(const settings *s); /* of results and compiled rules; --cache-dir names another */
char *folder_data(void);               /* of the user's signature sets and base images */
char *folder_base_images(void);        /* the file of known base images in it */
char *folder_advisories(void);         /* the advisory database in it */

char *folder_keys(void); /* of the public keys that sets are to be signed with */

/* Copies a file under another name in the folder of `to`, and renames it: `to` is whole or as it was. False: errno tells why. */
bool folder_copy_file(const char *from, const char *to);
/* Creates a folder and those above it. A failure shows when the folder is used. */
void folder_make(const char *folder);

#endif
