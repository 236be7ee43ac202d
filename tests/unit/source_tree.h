/* Trees in a temporary directory, and what a walk finds in them, for the tests of source and pool. */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the above */
#include <cmocka.h>

#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one walk said: sorted paths, and diagnostics as "LEVEL CODE PATH". */
typedef struct seen {
    char *paths[8192];
    size_t path_count;
    char *remarks[256];
    size_t diagnostic_count;
    uint64_t links, bytes;
    fps__source_counts counts;
} seen;

/* The folder of the test that runs. */
static inline char *tree_root(void)
{
    static char path[256];
    return path;
}

/* Before a test: makes its folder and enters it. */
static inline int tree_enter(void **state)
{
    const char *parent = getenv("TMPDIR");
    (void)state;
    snprintf(tree_root(), 256, "%s/fpscan-test-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(tree_root()));
    assert_int_equal(chdir(tree_root()), 0);
    return 0;
}

/* After it: removes the folder, of any depth. */
static inline int tree_leave(void **state)
{
    char command[400];
    (void)state;
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", tree_root());
    assert_int_equal(system(command), 0);
    return 0;
}

static inline void make_file(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static inline void make_directory(const char *path)
{
    assert_int_equal(mkdir(path, 0755), 0);
}

static inline int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline void note_remark(void *user, const fps_diagnostic *diagnostic)
{
    seen *into = user;
    char text[600];
    snprintf(text, sizeof text, "%s %s %.400s",
             diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "partial" : "note", diagnostic->code,
             diagnostic->path ? diagnostic->path : "-");
    assert_true(into->diagnostic_count < sizeof into->remarks / sizeof *into->remarks);
    into->remarks[into->diagnostic_count++] = strdup(text);
}

static inline void seen_sort(seen *into)
{
    qsort(into->paths, into->path_count, sizeof *into->paths, compare_texts);
    qsort(into->remarks, into->diagnostic_count, sizeof *into->remarks, compare_texts);
}

static inline void seen_free(seen *into)
{
    for (size_t i = 0; i < into->path_count; i++)
        free(into->paths[i]);
    for (size_t i = 0; i < into->diagnostic_count; i++)
        free(into->remarks[i]);
    free(into);
}

/* Walks `target`, reads every file, and gives what was seen. */
static inline seen *walk_target(const char *target, fps__source_options options)
{
    fps_error error;
    fps__source *source;
    fps__source_entry entry;
    fps__source_content content = {.bytes = {NULL, 0}};
    seen *into = calloc(1, sizeof *into);
    assert_non_null(into);
    options.diagnostic = note_remark;
    options.user = into;
    assert_int_equal(fps__source_open(&source, target, &options, &error), FPS_OK);
    while (fps__source_next(source, &entry, &error) == FPS_OK) {
        assert_true(into->path_count < sizeof into->paths / sizeof *into->paths);
        assert_int_equal(fps__source_read(source, &entry, UINT64_MAX, &content, &error), FPS_OK);
        assert_int_equal(content.bytes.size, entry.size);
        into->bytes += content.bytes.size;
        into->links += entry.link_count;
        into->paths[into->path_count++] = strdup(entry.path);
        fps__source_entry_free(&entry);
    }
    fps__source_counts_get(source, &into->counts);
    fps__source_release(&content);
    fps__source_close(source);
    seen_sort(into);
    return into;
}

/* Compares paths with NULL-ended `expected`. */
static inline void assert_paths(const seen *found, const char *const *expected)
{
    size_t count = 0;
    for (; expected[count]; count++) {
        assert_true(count < found->path_count);
        assert_string_equal(found->paths[count], expected[count]);
    }
    assert_int_equal(found->path_count, count);
}

#endif
