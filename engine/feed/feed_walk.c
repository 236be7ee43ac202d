/* Walks what is imported: files, folders, and what archives hold. */
#include "feed/feed_walk.h"

#include "archive/archive.h"
#include "feed/feed.h"
#include "util/error.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
    MAX_FOLDERS = 32, /* inside each other */
    MAX_ARCHIVES = 3, /* inside each other: a .gz in a .tar in a .zip */
    MAX_PATH_TEXT = 4096,
};

typedef struct walk {
    fps__feed_file_callback callback;
    void *user;
    bool unpack;
    fps__archive_budget budget;
} walk;

/* Documents that begin as an archive does are none; a zip may be one of Java, which no source of advisories is. */
static fps_status walk_bytes(walk *now, fps__span bytes, const char *path, bool alone, unsigned depth,
                             fps_error *error)
{
    if (!now->unpack || depth > MAX_ARCHIVES || !fps__archive_identify(bytes))
        return now->callback(now->user, bytes, path, alone, error);
    fps__archive *archive = NULL;
    fps__archive_entry entry;
    fps_status status = fps__archive_open(&archive, bytes, &now->budget, error);
    while (!status && !(status = fps__archive_next(archive, &entry, error))) {
        fps__span data;
        char name[MAX_PATH_TEXT];
        snprintf(name, sizeof name, "%s%s%s", path, entry.single ? "" : "!", entry.path);
        const char *last = strrchr(entry.path, '/');
        bool hidden = !entry.single && (last ? last[1] : entry.path[0]) == '.', single = entry.single;
        if (hidden)
            continue;
        status = fps__archive_load(archive, &data, error);
        if (!status)
            status = walk_bytes(now, data, name, alone && single, depth + 1, error);
    }
    fps__archive_free(archive);
    if (status == FPS_ERROR_NOT_FOUND)
        return FPS_OK;
    if (status && error && !error->path[0])
        snprintf(error->path, sizeof error->path, "%.500s", path);
    return status;
}

static fps_status read_all(FILE *file, const char *path, size_t size, uint8_t **bytes, fps_error *error)
{
    *bytes = malloc(size + 1);
    if (!*bytes)
        return fps__fail_memory(error);
    if (fread(*bytes, 1, size, file) != size)
        return fps__fail_io(error, path, errno, "cannot read");
    return FPS_OK;
}

static fps_status walk_file(walk *now, const char *path, bool alone, fps_error *error)
{
    FILE *file = fopen(path, "rb");
    struct stat facts;
    uint8_t *bytes = NULL;
    if (!file)
        return fps__fail_io(error, path, errno, "cannot open");
    fps_status status = FPS_OK;
    if (fstat(fileno(file), &facts) || facts.st_size < 0 || facts.st_size > FPS__FEED_MAX_FILE)
        status = fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "a file of more than %d bytes",
                           FPS__FEED_MAX_FILE);
    if (!status)
        status = read_all(file, path, (size_t)facts.st_size, &bytes, error);
    fclose(file);
    if (!status) {
        const fps__archive_limits limits = {.depth = MAX_ARCHIVES, .file_size = FPS__FEED_MAX_FILE};
        fps__archive_budget_init(&now->budget, &limits, (uint64_t)facts.st_size);
        status = walk_bytes(now, (fps__span){bytes, (size_t)facts.st_size}, path, alone, 0, error);
    }
    free(bytes);
    return status;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static fps_status walk_path(walk *now, const char *path, unsigned depth, fps_error *error)
{
    struct stat facts;
    if (depth ? lstat(path, &facts) : stat(path, &facts))
        return fps__fail_io(error, path, errno, "cannot open");
    if (S_ISREG(facts.st_mode))
        return walk_file(now, path, depth == 0, error);
    if (!S_ISDIR(facts.st_mode))
        return depth ? FPS_OK
                     : fps__fail(error, FPS_ERROR_ARGUMENT, path, UINT64_MAX, "neither a file nor a folder");
    if (depth == MAX_FOLDERS)
        return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "more than %d folders inside each other",
                         MAX_FOLDERS);
    struct dirent **names;
    int count = scandir(path, &names, NULL, compare_names);
    if (count < 0)
        return fps__fail_io(error, path, errno, "cannot read the folder");
    fps_status status = FPS_OK;
    for (int i = 0; i < count; i++) {
        char *inner = NULL;
        bool chosen = !status && names[i]->d_name[0] != '.';
        if (chosen && asprintf(&inner, "%s/%s", path, names[i]->d_name) < 0)
            status = fps__fail_memory(error);
        else if (chosen)
            status = walk_path(now, inner, depth + 1, error);
        free(chosen ? inner : NULL);
        free(names[i]);
    }
    free(names);
    return status;
}

fps_status fps__feed_walk(const char *path, bool unpack, fps__feed_file_callback callback, void *user,
                          fps_error *error)
{
    walk now = {.callback = callback, .user = user, .unpack = unpack};
    return walk_path(&now, path, 0, error);
}
