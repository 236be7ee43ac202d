/* The walk over a directory tree: names and inodes, one directory at a time, at any depth, with few open
 * descriptors. */
#ifndef FPS_SOURCE_WALK_H
#define FPS_SOURCE_WALK_H

#include "source/file.h"
#include "source/source.h"
#include "source/source_glob.h"

typedef struct fps__walk fps__walk;

/* What a walk is told; shared with the source, which owns it. */
typedef struct fps__walk_settings {
    fps__root root;
    bool one_file_system;
    fps__globs skip_dirs, skip_files;
    fps__diagnostic_callback diagnostic;
    bool (*interrupted)(void *user);
    void (*named)(void *user, const fps__source_seen *name);
    void *named_user;
    void *user;
    fps__source_counts counts; /* entries and pseudo_skipped are counted by the walk */
} fps__walk_settings;

/* `settings` must outlive the walk. FPS_ERROR_MEMORY. */
fps_status fps__walk_open(fps__walk **walk, fps__walk_settings *settings, fps_error *error);
/* The next name of a regular file, and how many names its inode has. FPS_ERROR_NOT_FOUND at the end,
 * FPS_ERROR_MEMORY. */
fps_status fps__walk_next(fps__walk *walk, fps__source_entry *entry, uint32_t *names, fps_error *error);
void fps__walk_close(fps__walk *walk);

/* Sends one diagnostic, in the thread that walks. */
void fps__walk_report(const fps__walk_settings *settings, fps_diagnostic_level level, const char *code,
                      const char *path, const char *message);

/* The name of the pseudo file system that `fd` lies on ("proc"), NULL when files there have bytes of their
 * own. */
const char *fps__source_pseudo_name(int fd);

#endif
