/* Reads reviewed text: one file, or every file of a folder that has a suffix, in the order of their names. */
#include "util/text_files.h"

#include "util/error.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_FILE = 64 * 1024 * 1024 };

static fps_status read_file(const char *path, fps__text_file_callback callback, void *user, fps_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return fps__fail_io(error, path, errno, "cannot open");
    struct stat facts;
    if (fstat(fileno(file), &facts) || facts.st_size < 0 || facts.st_size > MAX_FILE) {
        fclose(file);
        return fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "text file of more than %d bytes",
                         MAX_FILE);
    }
    size_t size = (size_t)facts.st_size;
    uint8_t *text = malloc(size + 1);
    fps_status status = FPS_OK;
    if (!text)
        status = fps__fail_memory(error);
    else if (fread(text, 1, size, file) != size)
        status = fps__fail_io(error, path, errno, "cannot read");
    else
        status = callback(user, (fps__span){text, size}, path, error);
    free(text);
    fclose(file);
    return status;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);
    return name[0] != '.' && length > tail && !strcmp(name + length - tail, suffix);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

fps_status fps__text_files_read(const char *path, const char *suffix, fps__text_file_callback callback,
                                void *user, fps_error *error)
{
    struct stat facts;
    if (stat(path, &facts))
        return fps__fail_io(error, path, errno, "cannot open");
    if (!S_ISDIR(facts.st_mode))
        return read_file(path, callback, user, error);
    struct dirent **names;
    int count = scandir(path, &names, NULL, compare_names);
    if (count < 0)
        return fps__fail_io(error, path, errno, "cannot read the folder");
    fps_status status = FPS_OK;
    for (int i = 0; i < count; i++) {
        char *file = NULL;
        bool chosen = !status && has_suffix(names[i]->d_name, suffix);
        if (chosen && asprintf(&file, "%s/%s", path, names[i]->d_name) < 0)
            status = fps__fail_memory(error);
        else if (chosen)
            status = read_file(file, callback, user, error);
        free(file);
        free(names[i]);
    }
    free(names);
    return status;
}
