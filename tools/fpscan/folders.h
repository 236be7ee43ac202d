/* Where fpscan keeps what it makes (XDG Base Directory Specification 0.8). */
#ifndef TOOLS_FPSCAN_FOLDERS_H
#define TOOLS_FPSCAN_FOLDERS_H

#include "settings.h"

/* Each is NULL when there is none, or no memory, and freed by the caller. */
char *folder_cache(const settings *s); /* of results and compiled rules; --cache-dir names another */
char *folder_data(void);               /* of the user's signature sets and base images */
char *folder_base_images(void);        /* the file of known base images in it */

/* Makes the cache folder and the one above it; what fails is said by the one who uses it. */
void folder_make(const char *folder);

#endif
