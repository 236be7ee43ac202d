/* Walking a target: every regular file once, under all its names, with bytes to read.
 *
 *   fps__source_open(&source, "/rootfs", &options, &error)
 *   while (fps__source_next(source, &entry, &error) == FPS_OK)  queue entry
 *   fps__source_read(source, &entry, limit, &content, &error)  from any worker, or in steps:
 *     fps__source_file_open, fps__source_file_head (is the rest wanted?), fps__source_file_read,
 * fps__source_file_close fps__source_release(&content); fps__source_entry_free(&entry)
 *   fps__source_close(source)
 *
 * A target is walked by one thread; reading and resolving are allowed from any thread until the source is
 * closed. Symbolic links are never followed, except the target itself. Device nodes, pipes and sockets are
 * never opened. Memory does not grow with the number of entries: names of directories still to visit and
 * names of hard-linked inodes are all that is kept, and both are bounded.
 */
#ifndef FPS_SOURCE_SOURCE_H
#define FPS_SOURCE_SOURCE_H

#include "util/bytes.h"

#include <fpscan/status.h>

typedef struct fps__source fps__source;

typedef void (*fps__diagnostic_callback)(void *user, const fps_diagnostic *diagnostic);

/* A name that the walk sees, whatever it stands for. */
typedef struct fps__source_seen {
    const char *path;   /* inside the target */
    const char *target; /* of a symbolic link, as it is written; else NULL */
    uint64_t size;      /* bytes of a regular file, else 0 */
    uint32_t mode;      /* as of stat; of a directory the type alone */
} fps__source_seen;

/* The zero value means the defaults.
 *
 * Globs: `*` stands for any bytes, `/` too, `?` for one byte, `[a-z]` and `[!a-z]` for sets, `\` takes the
 * next byte literally. A glob without '/' is compared with the base name at any depth; one with a '/' with
 * the whole path inside the target, with or without its leading '/'. A "**" followed by '/' may also stand
 * for nothing ("**" "/cache" is every cache, the one at the top too). A trailing '/' is ignored. The target
 * itself is never skipped. */
typedef struct fps__source_options {
    bool one_file_system;
    const char *const *skip_dirs, *const *skip_files; /* NULL-ended globs, or NULL */
    fps__diagnostic_callback diagnostic;              /* called from the walking thread */
    bool (*interrupted)(
        void *user); /* true to leave fps__source_next early; asked often, from the walking thread */
    void (*named)(void *user, const fps__source_seen *name); /* every name, from the walking thread; may be
                                                               NULL. Texts until it returns */
    void *user;
} fps__source_options;

typedef struct fps__source_entry {
    char *path; /* inside the target, starts with '/', any bytes; malloc, freed with fps__source_entry_free */
    char **links; /* further names of the same inode, sorted; NULL when none */
    size_t link_count;
    uint64_t size; /* bytes, when the walk saw it */
    uint64_t device, inode;
    uint32_t mode;
    uint64_t tag;  /* of whoever made the entry; 0 from a walk */
    unsigned kind; /* what its reader found it to be; 0 from a walk */
} fps__source_entry;

/* A buffer with a file's bytes; zero it before its first use. Reading into it again reuses its memory. */
typedef struct fps__source_content {
    fps__span bytes;
    bool changed; /* the file grew or shrank since the walk saw it: `bytes` are what was there, never more
                     than then */
    void *memory;
    size_t capacity; /* bytes */
} fps__source_content;

typedef struct fps__source_counts {
    uint64_t entries;        /* names seen, of any type */
    uint64_t regular_files;  /* entries handed out: inodes, not names */
    uint64_t pseudo_skipped; /* mounts of pseudo file systems that were not entered */
} fps__source_counts;

/* Opens a directory or a file, with or without "dir:" or "file:" before its path. A path that exists is taken
 * as such, whatever colons it has. `options` and `error` may be NULL; the patterns of `options` are copied.
 * FPS_ERROR_NOT_FOUND, FPS_ERROR_IO, FPS_ERROR_MEMORY, FPS_ERROR_ARGUMENT (an empty target),
 * FPS_ERROR_UNSUPPORTED (another scheme, a type of file that is not read, "dir:" before a file and the
 * reverse). */
fps_status fps__source_open(fps__source **source, const char *target, const fps__source_options *options,
                            fps_error *error);
/* Replaces diagnostic, interrupted and user by those of `callbacks`, and gives those before to `previous`
 * (may be NULL). */
void fps__source_redirect(fps__source *source, const fps__source_options *callbacks,
                          fps__source_options *previous);
/* The next regular file, in no particular order. A file with several hard links comes once, with all its
 * names, when the walk has seen the last of them or at the end. FPS_ERROR_NOT_FOUND at the end,
 * FPS_ERROR_MEMORY. What cannot be read is a diagnostic, never a failure. */
fps_status fps__source_next(fps__source *source, fps__source_entry *entry, fps_error *error);
void fps__source_entry_free(fps__source_entry *entry);
void fps__source_counts_get(const fps__source *source,
                            fps__source_counts *counts); /* from the walking thread */
bool fps__source_is_directory(const fps__source *source);
void fps__source_close(fps__source *source);

enum { FPS__SOURCE_HEAD = 4096 }; /* bytes: one page, more than any probe of a format looks at */

/* An entry opened for reading. */
typedef struct fps__source_file {
    const fps__source_entry *entry; /* must outlive the file */
    int fd;
    uint64_t size;   /* bytes to read: what the walk saw, or less when the file shrank */
    uint64_t stored; /* bytes on the medium: less than `size` when the file has holes */
    bool changed;    /* the size is not the one that the walk saw */
    size_t head_size;
    uint8_t head[FPS__SOURCE_HEAD];
} fps__source_file;

/* Opens an entry below the target's root and reads its first bytes into `file->head`; never through a
 * symbolic link and never outside. FPS_ERROR_NOT_FOUND it is gone; FPS_ERROR_IO it cannot be read, or is
 * another file than the walk saw. */
fps_status fps__source_file_open(const fps__source *source, const fps__source_entry *entry,
                                 fps__source_file *file, fps_error *error);
/* Reads all of the file into `content`. `deadline_ms` is on the CLOCK_MONOTONIC scale, 0 for none.
 * FPS_ERROR_MEMORY, FPS_ERROR_IO, FPS_ERROR_LIMIT when the deadline passes. */
fps_status fps__source_file_read(fps__source_file *file, uint64_t deadline_ms, fps__source_content *content,
                                 fps_error *error);
/* Reads up to `size` bytes at `offset` into `to`; fewer only at the end. SIZE_MAX when they cannot be read.
 */
size_t fps__source_file_part(const fps__source_file *file, uint64_t offset, void *to, size_t size);
/* True when all bytes of the file are the same; false also when that is not known by the deadline. */
bool fps__source_file_is_padding(const fps__source_file *file, uint64_t deadline_ms);
void fps__source_file_close(fps__source_file *file);

/* All three steps in one. FPS_ERROR_LIMIT when the file is larger than `limit` bytes. Files are read, not
 * mapped: a mapped file that shrinks raises SIGBUS, and reading costs nothing more for small files and 0.2 ms
 * a MiB for large ones (bench/micro/bench_source.c). */
fps_status fps__source_read(const fps__source *source, const fps__source_entry *entry, uint64_t limit,
                            fps__source_content *content, fps_error *error);
/* The same by a path inside the target, whatever the walk saw there. FPS_ERROR_NOT_FOUND, FPS_ERROR_IO (also
 * when it is no regular file), FPS_ERROR_LIMIT, FPS_ERROR_MEMORY. */
fps_status fps__source_read_path(const fps__source *source, const char *path, uint64_t limit,
                                 fps__source_content *content, fps_error *error);
void fps__source_release(fps__source_content *content);

#endif
