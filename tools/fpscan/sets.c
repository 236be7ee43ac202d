/* Opens the signature sets that a run uses. */
#include "sets.h"

#include "base_set.h"
#include "common/message.h"
#include "common/signature.h"
#include "folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXTENSION ".fpdb"
#define BASE_SET  "base.fpdb" /* in the user's data directory, it replaces the program's */
#define KEY       ".pem"

static bool no_memory(void)
{
    message_print(PROGRAM, "out of memory");
    return false;
}

/* True if a set with the same digest is open already. */
static bool is_open(const open_sets *sets, const fps_database *database)
{
    fps_database_info info, other;
    fps_database_read_info(database, &info);
    for (size_t i = 0; i < sets->count; i++) {
        fps_database_read_info(sets->items[i].database, &other);
        if (memcmp(info.digest, other.digest, sizeof info.digest) == 0)
            return true;
    }
    return false;
}

/* Takes ownership of `database`. */
static bool add(open_sets *sets, fps_database *database, const char *path)
{
    if (is_open(sets, database)) {
        fps_database_free(database);
        return true;
    }
    open_set *items = realloc(sets->items, (sets->count + 1) * sizeof *items);
    if (items)
        sets->items = items;
    char *copy = strdup(path);
    if (!items || !copy) {
        free(copy);
        fps_database_free(database);
        return no_memory();
    }
    sets->items[sets->count++] = (open_set){database, copy};
    return true;
}

static bool open_file(open_sets *sets, const char *path)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_database *database = NULL;
    if (fps_database_open(&database, path, &error) != FPS_OK) {
        message_error(PROGRAM, path, &error);
        return false;
    }
    return add(sets, database, path);
}

bool sets_open_files(open_sets *sets, const char *const *paths)
{
    for (; paths && *paths; paths++)
        if (!open_file(sets, *paths))
            return false;
    return true;
}

static int ends_with(const struct dirent *entry, const char *extension)
{
    size_t length = strlen(entry->d_name), size = strlen(extension);
    return entry->d_name[0] != '.' && length > size && strcmp(entry->d_name + length - size, extension) == 0;
}

static int is_set_name(const struct dirent *entry)
{
    return ends_with(entry, EXTENSION);
}

static int is_key_name(const struct dirent *entry)
{
    return ends_with(entry, KEY);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Lists the files of a folder that `wanted` chooses, by name; none where there is no folder. False: a message was printed. */
static bool list(const char *folder, int (*wanted)(const struct dirent *), const char *what,
                 struct dirent ***entries, int *count)
{
    *entries = NULL;
    *count = folder ? scandir(folder, entries, wanted, compare_names) : 0;
    bool good = *count >= 0 || errno == ENOENT || errno == ENOTDIR;
    if (!good)
        message_print(PROGRAM, "%s: cannot list the %s: %s", folder, what, strerror(errno));
    *count = *count < 0 ? 0 : *count;
    return good;
}

bool sets_are_trusted(const char *path)
{
    char *folder;
    struct dirent **keys = NULL;
    int count = 0;
    bool listed = folder_keys(&folder) && list(folder, is_key_name, "keys", &keys, &count);
    bool good = listed && !count; /* without keys, each set is trusted */
    for (int i = 0; i < count; i++) {
        char *key = NULL;
        if (!good && asprintf(&key, "%s/%s", folder, keys[i]->d_name) >= 0)
            good = signature_check(PROGRAM, path, key) == SIGNATURE_GOOD;
        free(key);
        free(keys[i]);
    }
    if (listed && !good)
        message_print(PROGRAM, "%s: no key in %s has signed this set", path, folder);
    free(keys);
    free(folder);
    return good;
}

static bool open_named(open_sets *sets, const char *directory, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return no_memory();
    sets->has_base |= strcmp(name, BASE_SET) == 0;
    bool good = sets_are_trusted(path) && open_file(sets, path);
    free(path);
    return good;
}

/* Opens all sets of the user's data directory, by name. The directory need not exist. */
static bool open_data_directory(open_sets *sets)
{
    char *directory;
    struct dirent **entries = NULL;
    int count = 0;
    bool good = folder_data(&directory) && list(directory, is_set_name, "signature sets", &entries, &count);
    for (int i = 0; i < count; i++) {
        good = good && open_named(sets, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    free(directory);
    return good;
}

/* The user's own base set, where --set names the other sets. */
static bool open_replacement(open_sets *sets)
{
    char *directory, *path = NULL;
    bool good = folder_data(&directory), there = false;
    if (good && directory && asprintf(&path, "%s/%s", directory, BASE_SET) < 0) {
        path = NULL;
        good = no_memory();
    }
    good = good && folder_has(path, &there) && (!there || open_named(sets, directory, BASE_SET));
    free(path);
    free(directory);
    return good;
}

static bool open_base_set(open_sets *sets)
{
    size_t size = 0;
    const void *data = base_set_data(&size);
    fps_error error = {.offset = UINT64_MAX};
    fps_database *database = NULL;
    if (!data)
        return true;
    if (fps_database_open_memory(&database, data, size, "base set", &error) != FPS_OK) {
        message_error(PROGRAM, "the base set of the program", &error);
        return false;
    }
    return add(sets, database, "of the program");
}

static void print_sets(const open_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        fps_database_info info;
        fps_database_read_info(sets->items[i].database, &info);
        message_print(PROGRAM, "using set %s (%s): components: %llu, releases: %llu", info.name,
                      sets->items[i].path, (unsigned long long)info.components,
                      (unsigned long long)info.fingerprinted_releases);
    }
}

bool sets_open(open_sets *sets, const settings *s)
{
    bool good = s->sets.count ? sets_open_files(sets, s->sets.items) : open_data_directory(sets);
    if (good && s->sets.count && !s->no_base_set)
        good = open_replacement(sets);
    if (good && !s->no_base_set && !sets->has_base)
        good = open_base_set(sets);
    if (good && s->verbose && !s->quiet)
        print_sets(sets);
    return good;
}

void sets_free(open_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        fps_database_free(sets->items[i].database);
        free(sets->items[i].path);
    }
    free(sets->items);
    *sets = (open_sets){0};
}
