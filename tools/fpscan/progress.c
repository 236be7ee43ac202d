/* How far a scan is: a line on a terminal, or JSON objects for other programs. */
#include "progress.h"

#include <fpscan/report.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

enum { USUAL_WIDTH = 80, PATH_SIZE = 512, MIB = 1 << 20 };
#define LEAST_PART    .02 /* of the work: before, an estimate is a guess */
#define LEAST_SECONDS 2.

static bool is_json(const settings *s)
{
    return s->progress && strcmp(s->progress, "json") == 0;
}

/* A line that is written again and again: stderr is a terminal, and the settings allow it. */
static bool is_line_wanted(const settings *s)
{
    const char *terminal = getenv("TERM");
    bool never = s->no_progress || s->quiet || (s->progress && strcmp(s->progress, "none") == 0);
    return !never && isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static size_t terminal_width(void)
{
    struct winsize window;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col ? window.ws_col : USUAL_WIDTH;
}

/* The end of `path` in at most `columns` columns, one per byte, with '?' for bytes that must not reach a
 * terminal. */
static void copy_path(char *text, const char *path, size_t columns)
{
    size_t size = strlen(path), used = 0;
    if (columns > PATH_SIZE - 1)
        columns = PATH_SIZE - 1;
    for (size_t i = size > columns ? size - columns : 0; i < size;) {
        size_t length = fps_report_printable(path + i, size - i);
        if (length)
            memcpy(text + used, path + i, length);
        else
            text[used] = '?';
        used += length ? length : 1;
        i += length ? length : 1;
    }
    text[used] = '\0';
}

/* Seconds since the first call: one scan per process. */
static double seconds_passed(void)
{
    static struct timespec start;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!start.tv_sec)
        start = now;
    return (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9;
}

/* The share of the work that is done: of the bytes of an image's blobs, else of the files once all are known. -1: unknown. */
static double part_done(const fps_scan_progress *progress)
{
    if (progress->packed_total)
        return (double)progress->packed_done / (double)progress->packed_total;
    if (progress->walk_finished && progress->bytes_queued)
        return (double)progress->bytes_done / (double)progress->bytes_queued;
    return -1;
}

/* Seconds that are left, as far as the time so far tells; -1: too early to say. */
static double seconds_left(const fps_scan_progress *progress, double passed)
{
    double part = part_done(progress);
    return part > LEAST_PART && part < 1 && passed >= LEAST_SECONDS ? passed / part * (1 - part) : -1;
}

static void show_line(void *user, const fps_scan_progress *progress)
{
    (void)user;
    char path[PATH_SIZE] = "";
    char text[240];
    double passed = seconds_passed(), left = seconds_left(progress, passed), part = part_done(progress);
    int length =
        snprintf(text, sizeof text, "%llu of %llu%s files, %llu MiB ",
                 (unsigned long long)progress->files_done, (unsigned long long)progress->files_queued,
                 progress->walk_finished ? "" : "+", (unsigned long long)(progress->bytes_done / MIB));
    if (passed >= LEAST_SECONDS)
        length += snprintf(text + length, sizeof text - (size_t)length, "%.0f MiB/s ",
                           (double)progress->bytes_done / MIB / passed);
    if (part >= 0)
        length += snprintf(text + length, sizeof text - (size_t)length, "%.0f %% ", part * 100);
    if (left >= 0)
        length += snprintf(text + length, sizeof text - (size_t)length, "about %.0f s left ", left);
    if (progress->layers)
        length += snprintf(text + length, sizeof text - (size_t)length, "layer %u of %u ", progress->layer,
                           progress->layers);
    size_t width = terminal_width();
    if ((size_t)length + 1 > width)
        text[width - 1] = '\0';
    else if (progress->path)
        copy_path(path, progress->path, width - (size_t)length - 1);
    fprintf(stderr, CLEAR_LINE "%s%s", text, path);
    fflush(stderr);
}

/* One object a line; "left" and "layer" are there when they are known. Bytes of paths that are no UTF-8 are left out. */
static void write_json(void *user, const fps_scan_progress *progress)
{
    (void)user;
    double passed = seconds_passed(), left = seconds_left(progress, passed);
    json_t *object = json_pack(
        "{s:f,s:I,s:I,s:I,s:I,s:b}", "seconds", passed, "filesDone", (json_int_t)progress->files_done,
        "files", (json_int_t)progress->files_queued, "bytesDone", (json_int_t)progress->bytes_done, "bytes",
        (json_int_t)progress->bytes_queued, "allFilesKnown", (int)progress->walk_finished);
    if (object && left >= 0)
        json_object_set_new(object, "left", json_real(left));
    if (object && progress->layers) {
        json_object_set_new(object, "layer", json_integer(progress->layer));
        json_object_set_new(object, "layers", json_integer(progress->layers));
    }
    if (object && progress->path)
        json_object_set_new(object, "path", json_string(progress->path)); /* not set when it is no UTF-8 */
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    if (text)
        fprintf(stderr, "%s\n", text);
    free(text);
    json_decref(object);
}

progress_function progress_callback(const settings *s)
{
    seconds_passed();
    if (is_json(s))
        return write_json;
    return is_line_wanted(s) ? show_line : NULL;
}

void progress_clear(const settings *s)
{
    if (is_json(s) || !is_line_wanted(s))
        return;
    fputs(CLEAR_LINE, stderr);
    fflush(stderr);
}
