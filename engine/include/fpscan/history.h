/* Release histories: which release's sources of a component hold which texts and names, read without a build.
 *
 *   fps_history_source sources[] = {{"zlib.git", NULL, NULL}};
 *   fps_history_options options = {.component = "zlib"};
 *   fps_history_make(sources, 1, "zlib.tsv.xz", &options, &result, &error)
 *
 * The file is taken into a workbench by fps_workbench_add, which takes repositories and archives directly,
 * too. Nothing of the sources is kept but hashes, lengths, base names of files and numbers of releases.
 */
#ifndef FPSCAN_HISTORY_H
#define FPSCAN_HISTORY_H

#include <fpscan/status.h>

FPS_BEGIN_DECLS

/* One source: a git repository, bare or with a working tree, all of whose tags are releases; or an archive (tar
 * under any compression, zip) of the sources of one release. */
typedef struct fps_history_source {
    const char *path;
    const char *version; /* of an archive; NULL: as its file name says */
    const char *date;    /* of an archive, YYYY-MM-DD; NULL: its newest file's */
} fps_history_source;

/* The zero value means the defaults; all texts may be NULL. */
typedef struct fps_history_options {
    const char *component; /* id; NULL: the name of the first source, without version and suffix */
    const char *source;    /* where the sources come from, kept in the file: "github:madler/zlib" */
    const char
        *tag; /* extended regular expression (POSIX) for the tags that count; its groups, if it has any,
                        are the version, joined with "." */
    const char *paths; /* extended regular expression for the paths of files that count; NULL: all */
    const char *drop;  /* the same for files that do not count */
    uint32_t most;     /* newest releases to keep of each repository; 0: 400 */
    void (*diagnostic)(void *user, const fps_diagnostic *diagnostic);
    void (*progress)(void *user, uint64_t done, uint64_t total, const char *release);
    void *user;
} fps_history_options;

typedef struct fps_history_result {
    uint32_t releases, units;
    uint64_t texts, names;
    uint64_t files;   /* that were read; the same bytes under the same name count once */
    uint32_t damaged; /* releases, files and parts of files that could not be read; each gave a diagnostic */
} fps_history_result;

/* Reads sources[0..count) and writes the history to the file at `output`, packed with xz when its name ends in
 * .xz; the file appears whole or not at all. `options` and `result` may be NULL. FPS_ERROR_NOT_FOUND: there is
 * no release in the sources; FPS_ERROR_ARGUMENT: a source or an option that is not allowed; FPS_ERROR_LIMIT;
 * FPS_ERROR_IO; FPS_ERROR_MEMORY. Thread-safe. */
FPS_API fps_status fps_history_make(const fps_history_source *sources, size_t count, const char *output,
                                    const fps_history_options *options, fps_history_result *result,
                                    fps_error *error);

FPS_END_DECLS

#endif
