/* The progress line of a scan on a terminal. */
#include "progress.h"

#include <fpscan/report.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

enum { USUAL_WIDTH = 80, PATH_SIZE = 512 };

bool progress_wanted(const settings *s)
{
    const char *terminal = getenv("TERM");
    return !s->no_progress && !s->quiet && isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
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

/* "about 40 s left ", estimated from the time so far; "" while that is unreliable. */
static const char *estimate(const fps_scan_progress *progress, char *text, size_t size)
{
    static time_t start; /* one scan per process */
    time_t now = time(NULL);
    start = start ? start : now;
    double part = (double)progress->packed_done / (double)progress->packed_total,
           passed = difftime(now, start);
    text[0] = '\0';
    if (part > .02 && part < 1 && passed >= 2)
        snprintf(text, size, "about %.0f s left ", passed / part * (1 - part));
    return text;
}

void progress_show(void *user, const fps_scan_progress *progress)
{
    (void)user;
    char path[PATH_SIZE] = "";
    char counts[200], left[40];
    int length =
        snprintf(counts, sizeof counts, "%llu of %llu%s files, %llu MiB ",
                 (unsigned long long)progress->files_done, (unsigned long long)progress->files_queued,
                 progress->walk_finished ? "" : "+", (unsigned long long)(progress->bytes_done >> 20));
    size_t width = terminal_width();
    if (progress->packed_total && length > 0 && (size_t)length < sizeof counts)
        length += snprintf(counts + length, sizeof counts - (size_t)length, "%llu %% %s",
                           (unsigned long long)(progress->packed_done * 100 / progress->packed_total),
                           estimate(progress, left, sizeof left));
    if (progress->path && length > 0 && (size_t)length + 1 < width)
        copy_path(path, progress->path, width - (size_t)length - 1);
    fprintf(stderr, CLEAR_LINE "%s%s", counts, path);
    fflush(stderr);
}

void progress_clear(void)
{
    fputs(CLEAR_LINE, stderr);
    fflush(stderr);
}
