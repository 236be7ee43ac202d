/* Merges the tars given as arguments, lowest first, and prints the tree; diagnostics go to stderr. */
#include "image/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static fps_status print(void *user, const char *text, size_t length)
{
    (void)user;
    return fwrite(text, 1, length, stdout) == length ? FPS_OK : FPS_ERROR_IO;
}

static void print_diagnostic(void *user, const fps_diagnostic *diagnostic)
{
    (void)user;
    fprintf(stderr, "%s %s %s\n", diagnostic->level ? "partial" : "note", diagnostic->code,
            diagnostic->path ? diagnostic->path : "");
}

static unsigned wants(void *user, const fps__layer_entry *entry, fps__span head)
{
    (void)user;
    (void)entry;
    (void)head;
    return 0;
}

static fps_status read_layer(fps__layer *layer, int fd)
{
    const fps__layer_visitor visitor = {.wants = wants};
    const fps__layer_options options = {.whiteouts = true};
    fps__stream_range *range;
    fps__stream_input input;
    fps__stream *stream;
    struct stat status_of;
    if (fstat(fd, &status_of))
        return FPS_ERROR_IO;
    fps_status status = fps__stream_range_create(&range, fd, 0, (uint64_t)status_of.st_size, &input, NULL);
    if (status)
        return status;
    status = fps__stream_open(&stream, &input, &(fps__stream_options){.as_is = true}, NULL);
    if (!status) {
        status = fps__layer_read(layer, stream, &options, &visitor, NULL);
        fps__stream_close(stream);
    }
    fps__stream_range_free(range);
    return status;
}

static fps_status merge(fps__tree *tree, const char *path, uint32_t index)
{
    fps__layer layer = {.entries = {NULL, 0, 0}};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    fps_status status = fd < 0 ? FPS_ERROR_IO : read_layer(&layer, fd);
    for (size_t i = 0; i < layer.diagnostics.count; i++)
        print_diagnostic(NULL, &layer.diagnostics.items[i]);
    if (!status)
        status = fps__tree_apply(tree, &layer, index, print_diagnostic, NULL, NULL);
    fps__layer_free(&layer);
    if (fd >= 0)
        close(fd);
    return status;
}

int main(int argc, char **argv)
{
    fps__tree *tree;
    fps_status status = fps__tree_create(&tree, 0, NULL);
    for (int i = 1; i < argc && !status; i++)
        status = merge(tree, argv[i], (uint32_t)i - 1);
    if (!status)
        status = fps__tree_dump(tree, print, NULL);
    if (status)
        fprintf(stderr, "%s\n", fps_status_name(status));
    fps__tree_free(tree);
    return status ? 1 : 0;
}
