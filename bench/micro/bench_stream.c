/* Micro bench of streams: unpacks a file and hashes both sides, compared with igzip and openssl doing the
 * same.
 *
 *   bench_stream PACKED UNPACKED [REPEATS]   PACKED is a .gz file, UNPACKED a file with its contents
 *
 * Measures in pairs the CPU seconds of `igzip -dc PACKED`, `openssl dgst -sha256 PACKED` and `openssl dgst
 * -sha256 UNPACKED` together, and of one stream that does all three; also of a stream that only unpacks, and
 * of one that only hashes.
 */
#include "archive/stream.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_REPEATS = 99 };

static void die(const char *what)
{
    fprintf(stderr, "bench_stream: %s\n", what);
    exit(1);
}

static double seconds(const struct rusage *use)
{
    return (double)(use->ru_utime.tv_sec + use->ru_stime.tv_sec) +
           (double)(use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1e6;
}

/* CPU seconds of a program; `text` receives the start of its output, or is NULL. */
static double run(const char *const *arguments, char *text, size_t size)
{
    int ends[2], status;
    struct rusage use;
    if (pipe(ends) != 0)
        die("no pipe");
    pid_t child = fork();
    if (child == 0) {
        int out = text ? ends[1] : open("/dev/null", O_WRONLY);
        dup2(out, 1);
        close(ends[0]);
        close(ends[1]);
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    close(ends[1]);
    if (text) {
        ssize_t got = read(ends[0], text, size - 1);
        text[got > 0 ? got : 0] = '\0';
    }
    if (child < 0 || wait4(child, &status, 0, &use) != child || status != 0)
        die("igzip or openssl failed");
    close(ends[0]);
    return seconds(&use);
}

static void check_digest(const char *path, const uint8_t digest[32])
{
    const char *const arguments[] = {"openssl", "dgst", "-sha256", "-r", path, NULL};
    char printed[256], expected[65];
    run(arguments, printed, sizeof printed);
    for (size_t i = 0; i < 32; i++)
        snprintf(expected + 2 * i, 3, "%02x", digest[i]);
    if (strncmp(printed, expected, 64) != 0)
        die("openssl gives another digest");
}

/* CPU seconds of one stream over the file. */
static double stream(const char *path, const fps__stream_options *options, uint8_t packed[32],
                     uint8_t unpacked[32])
{
    struct rusage before, after;
    fps__stream_range *range;
    fps__stream_input input;
    fps__stream *made;
    fps__span block;
    fps_error error = {.message = ""};
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        die("cannot open the file");
    getrusage(RUSAGE_SELF, &before);
    fps_status status = fps__stream_range_create(&range, fd, 0, (uint64_t)st.st_size, &input, &error);
    if (!status)
        status = fps__stream_open(&made, &input, options, &error);
    while (!status)
        status = fps__stream_next(made, &block, &error);
    if (status != FPS_ERROR_NOT_FOUND)
        die(error.message);
    if (options->hash && !fps__stream_digests(made, packed, unpacked))
        die("no digests");
    fps__stream_close(made);
    fps__stream_range_free(range);
    getrusage(RUSAGE_SELF, &after);
    close(fd);
    return seconds(&after) - seconds(&before);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        die("usage: bench_stream PACKED UNPACKED [REPEATS]");
    size_t repeats = argc > 3 ? strtoul(argv[3], NULL, 10) : 5;
    repeats = repeats < 1 ? 1 : repeats > MAX_REPEATS ? MAX_REPEATS : repeats;
    const char *const unpack[] = {"igzip", "-dc", argv[1], NULL};
    const char *const hash_packed[] = {"openssl", "dgst", "-sha256", argv[1], NULL};
    const char *const hash_unpacked[] = {"openssl", "dgst", "-sha256", argv[2], NULL};
    static const fps__stream_options both = {.hash = true}, bare = {.hash = false},
                                     verify = {.hash = true, .as_is = true};
    double ours[MAX_REPEATS], theirs[MAX_REPEATS], ratios[MAX_REPEATS], bares[MAX_REPEATS],
        verifies[MAX_REPEATS];
    uint8_t packed[32], unpacked[32], ignored[32];
    stream(argv[1], &both, packed, unpacked); /* warms the page cache */
    check_digest(argv[1], packed);
    check_digest(argv[2], unpacked);
    for (size_t i = 0; i < repeats; i++) {
        theirs[i] = run(unpack, NULL, 0) + run(hash_packed, NULL, 0) + run(hash_unpacked, NULL, 0);
        ours[i] = stream(argv[1], &both, packed, unpacked);
        bares[i] = stream(argv[1], &bare, packed, unpacked);
        verifies[i] = stream(argv[1], &verify, packed, ignored);
        ratios[i] = ours[i] / theirs[i];
    }
#ifndef __OPTIMIZE__
    printf("build: NOT optimised, so the figures mean nothing\n");
#endif
    printf("igzip + 2 x openssl %.3f CPU s, one stream %.3f, ratio %.3f; unpacking alone %.3f, hashing the "
           "packed side "
           "%.3f; medians of %zu, in pairs\n",
           median(theirs, repeats), median(ours, repeats), median(ratios, repeats), median(bares, repeats),
           median(verifies, repeats), repeats);
    return 0;
}
