/* Skip patterns: globs over paths inside a target, matched in time linear in pattern times path. */
#ifndef FPS_SOURCE_SOURCE_GLOB_H
#define FPS_SOURCE_SOURCE_GLOB_H

#include <fpscan/status.h>
#include <stdbool.h>

typedef struct fps__globs {
    struct fps__glob *items;
    size_t count;
} fps__globs;

/* Copies NULL-ended `patterns` (NULL: none), as fps__source_options describes them. FPS_ERROR_MEMORY. */
fps_status fps__globs_init(fps__globs *globs, const char *const *patterns, fps_error *error);
/* True when a pattern matches `path`, which starts with '/'. */
bool fps__globs_match(const fps__globs *globs, const char *path);
/* True when patterns leave a file out: by itself, or with a folder that it is in. `scratch` has room for the path. */
bool fps__globs_skip(const fps__globs *files, const fps__globs *folders, const char *path, char *scratch);
void fps__globs_free(fps__globs *globs);

/* One glob against one text, both NUL-terminated bytes. */
bool fps__glob_match(const char *glob, const char *text);

#endif
