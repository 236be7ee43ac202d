/* Walking a target: every regular file once, under all its names, with bytes to read.
 *
 *   fps__source_open(&source, "/rootfs", &options, &error)
 *   while (fps__source_next(source, &entry, &error) == FPS_OK)  queue entry
 *   fps__source_map(&entry, ..., &content, &error)  from any worker
 *   fps__source_close(source)
 */
#ifndef FPS_SOURCE_SOURCE_H
#define FPS_SOURCE_SOURCE_H

#include "util/bytes.h"

#include <fpscan/status.h>

typedef struct fps__source fps__source;

typedef struct fps__source_options {
    bool one_file_system;
    const char *const *skip_dirs, *const *skip_files; /* NULL-ended globs, or NULL */
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic); /* called from the walking thread */
    void *user;
} fps__source_options;

typedef struct fps__source_entry {
    char *path;   /* inside the target, starts with '/'; malloc, the receiver frees it with fps__source_entry_free */
    char **links; /* further names of the same inode, sorted; NULL when none */
    size_t link_count;
    uint64_t size;
    uint64_t device, inode;
    uint32_t mode;
} fps__source_entry;

typedef struct fps__source_content {
    fps__span bytes;
    void *mapping;      /* NULL: `bytes` is malloc memory */
    size_t mapping_size;
} fps__source_content;

typedef struct fps__source_counts {
    uint64_t entries, regular_files, pseudo_skipped;
} fps__source_counts;

/* FPS_ERROR_NOT_FOUND, FPS_ERROR_IO, FPS_ERROR_UNSUPPORTED (a scheme or a type of target that is not read). */
fps_status fps__source_open(fps__source **source, const char *target, const fps__source_options *options,
                            fps_error *error);
/* The next regular file; hard-linked files come once, with all names, after the walk has seen the last of them or at the end.
 * FPS_ERROR_NOT_FOUND at the end. What cannot be read is a diagnostic, never a failure. */
fps_status fps__source_next(fps__source *source, fps__source_entry *entry, fps_error *error);
void fps__source_entry_free(fps__source_entry *entry);
/* Opens an entry's bytes below the target's root, never through a symlink and never outside; refuses anything but a regular
 * file of the same device and inode; reads files that change size safely (a small file is read, a large one is mapped only when
 * it can be done without a SIGBUS reaching the caller: else it is read too). Thread-safe. */
fps_status fps__source_read(const fps__source *source, const fps__source_entry *entry, uint64_t limit,
                            fps__source_content *content, fps_error *error);
void fps__source_release(fps__source_content *content);
void fps__source_counts_get(const fps__source *source, fps__source_counts *counts);
bool fps__source_is_directory(const fps__source *source);
void fps__source_close(fps__source *source);

/* Resolves `path` inside the target as a chrooted program would (absolute links against the root, ".." never leaves it).
 * Writes the resolved path; FPS_ERROR_NOT_FOUND, FPS_ERROR_LIMIT (40 links), FPS_ERROR_IO. */
fps_status fps__source_resolve(const fps__source *source, const char *path, char *resolved, size_t size, fps_error *error);

#endif
