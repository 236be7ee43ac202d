/* fpscan diff: what changed between two targets or reports. */
#include "common/exit.h"
#include "common/message.h"
#include "gates.h"
#include "outputs.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <fpscan/compare.h>
#include <fpscan/target.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BEFORE, AFTER, SIDES };
static const uint64_t default_limit = (uint64_t)1 << 29; /* bytes of a program whose functions are compared */

/* A program in memory. data is NULL where the target is something else. */
typedef struct program {
    unsigned char *data;
    size_t size;
} program;

typedef struct difference {
    run runs[SIDES];
    program programs[SIDES];
    fps_comparison *comparison;
} difference;

/* Reads `size` bytes, or up to the end of a file that has become shorter. False: errno tells why. */
static bool read_bytes(int fd, program *p, size_t size)
{
    p->data = malloc(size + 1);
    while (p->data && p->size < size) {
        ssize_t got = read(fd, p->data + p->size, size - p->size);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return false;
        p->size += got > 0 ? (size_t)got : 0;
    }
    return p->data != NULL;
}

/* Reads the target if it is a single program: an image, a folder, an archive or a report is none, and no error. */
static bool read_program(program *p, const char *target, uint64_t limit)
{
    struct stat info;
    const char *path = fps_target_path(target);
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) || (uint64_t)info.st_size > limit)
        return true; /* what cannot be scanned is said by the scan */
    unsigned char head[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t got = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    fps_format format = got > 0 ? fps_object_identify(head, (size_t)got) : FPS_FORMAT_NONE;
    bool good = got >= 0;
    if (format == FPS_FORMAT_ELF || format == FPS_FORMAT_PE || format == FPS_FORMAT_MACHO)
        good = read_bytes(fd, p, (size_t)info.st_size);
    if (!good)
        message_print(PROGRAM, "%s: cannot be read: %s", target, strerror(errno));
    if (fd >= 0)
        close(fd);
    return good;
}

/* Scans or reads both sides. The process is confined once, and may read both. */
static bool run_both(difference *d, const settings *s, const option_result *parsed)
{
    uint64_t limit = s->memory ? s->memory / 2 : default_limit;
    for (size_t i = 0; i < SIDES; i++)
        if (!read_program(&d->programs[i], parsed->operands[i], limit))
            return false;
    bool functions = d->programs[BEFORE].data && d->programs[AFTER].data;
    for (size_t i = 0; i < SIDES; i++) {
        run *r = &d->runs[i];
        r->other = parsed->operands[SIDES - 1 - i];
        r->compares = true;
        r->compares_functions = functions;
        if (!run_open(r, s, parsed->operands[i], false))
            return false;
    }
    d->runs[BEFORE].other = d->runs[AFTER].target;
    if (!run_scan(&d->runs[BEFORE], s))
        return false;
    d->runs[AFTER].confined = d->runs[BEFORE].confined;
    return run_scan(&d->runs[AFTER], s);
}

static bool compare(difference *d, const fps_report_options *options)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_status status =
        fps_compare(&d->comparison, d->runs[BEFORE].result, d->runs[AFTER].result, options, &error);
    if (!status && d->programs[BEFORE].data && d->programs[AFTER].data) {
        status =
            fps_comparison_add_functions(d->comparison, d->programs[BEFORE].data, d->programs[BEFORE].size,
                                         d->programs[AFTER].data, d->programs[AFTER].size, &error);
        status = status == FPS_ERROR_MEMORY ? status : FPS_OK; /* the document has a note */
    }
    if (status)
        message_error(PROGRAM, NULL, &error);
    return !status;
}

static fps_status write_comparison(const output *o, const void *document, const fps_report_options *options,
                                   FILE *stream, fps_error *error)
{
    return fps_comparison_write(document, o->compared, options, outputs_put, stream, error);
}

/* Gates look at what is new: what was there before is a baseline for what is there after. */
static int check_gates(difference *d, const settings *s, const gate_list *gates,
                       const fps_report_options *options)
{
    run *after = &d->runs[AFTER];
    fps_error error = {.offset = UINT64_MAX};
    fps_status status = gates->count ? fps_suppressions_add_result(after->suppressions, "before",
                                                                   d->runs[BEFORE].result, options, &error)
                                     : FPS_OK;
    if (status) {
        message_error(PROGRAM, NULL, &error);
        return TOOL_EXIT_ERROR;
    }
    if (!gates->count)
        return s->exit_code && fps_comparison_change_count(d->comparison) ? (int)s->exit_code : TOOL_EXIT_OK;
    return suppressions_apply(after->suppressions, s, after->result) ? gates_check(gates, s, after, options)
                                                                     : TOOL_EXIT_ERROR;
}

int command_diff(const settings *s, const option_result *parsed)
{
    difference d = {.comparison = NULL};
    output_list outputs;
    gate_list gates = {NULL, 0};
    fps_report_options options;
    int code = TOOL_EXIT_ERROR;
    if (outputs_prepare_comparison(&outputs, s) && gates_prepare(&gates, s, true) &&
        run_trusts_config(parsed) && outputs_options(&options, s) && run_both(&d, s, parsed) &&
        compare(&d, &options) && outputs_write_with(&outputs, write_comparison, d.comparison, &options)) {
        int before = run_exit_code(&d.runs[BEFORE], s), after = run_exit_code(&d.runs[AFTER], s);
        code = check_gates(&d, s, &gates, &options);
        code = code ? code : before ? before : after;
    }
    gates_free(&gates);
    outputs_free(&outputs);
    fps_comparison_free(d.comparison);
    for (size_t i = 0; i < SIDES; i++) {
        run_free(&d.runs[i]);
        free(d.programs[i].data);
    }
    return code;
}
