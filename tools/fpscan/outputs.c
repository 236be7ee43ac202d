/* Where the documents of a scan go: standard output, or files that appear whole or not at all. */
#include "outputs.h"

#include "common/message.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Finds the format of a comparison. */
static bool find_compared(output *o, const char *name)
{
    const char *known;
    char names[128] = "";
    for (size_t i = 0; (known = fps_comparison_format_name(i)); i++) {
        size_t used = strlen(names);
        o->compared = (fps_comparison_format)i;
        if (strcmp(name, known) == 0)
            return true;
        snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", known);
    }
    message_print(PROGRAM, "a comparison has no format '%.40s'; there are: %s", name, names);
    return false;
}

/* Splits "FORMAT[=FILE]" and finds the format. */
static bool parse_output(const output_list *list, output *o, const char *text)
{
    fps_error error = {.offset = UINT64_MAX};
    const char *equals = strchr(text, '=');
    char *name = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    if (!name) {
        message_print(PROGRAM, "out of memory");
        return false;
    }
    o->path = equals && strcmp(equals + 1, "-") != 0 ? equals + 1 : NULL;
    bool good =
        list->compares ? find_compared(o, name) : fps_report_format_find(name, &o->format, &error) == FPS_OK;
    if (!good && !list->compares)
        message_error(PROGRAM, NULL, &error);
    else if (good && o->path && !o->path[0]) {
        message_print(PROGRAM, "--output: '%s' names no file", text);
        good = false;
    }
    free(name);
    return good;
}

enum { MAX_LINKS = 40 }; /* on the way to a file, as the kernel has it */

/* True when the way to `path` leads through a symbolic link that neither the user nor root made: whoever made it would
 * choose the file that is written. *links counts those that were followed. */
static bool has_foreign_link(const char *path, unsigned *links)
{
    bool foreign = false;
    size_t length = strlen(path);
    char *part = strdup(path), target[PATH_MAX];
    for (size_t end = 1; part && end <= length && !foreign; end++) {
        struct stat info;
        if (path[end] != '/' && path[end] != '\0')
            continue;
        part[end] = '\0';
        if (lstat(part, &info) == 0 && S_ISLNK(info.st_mode)) {
            ssize_t size = readlink(part, target, sizeof target - 1);
            char *next = NULL;
            target[size > 0 ? size : 0] = '\0';
            const char *slash = target[0] == '/' ? NULL : strrchr(part, '/');
            if (asprintf(&next, "%.*s%s", slash ? (int)(slash + 1 - part) : 0, part, target) < 0)
                next = NULL;
            foreign = (info.st_uid != geteuid() && info.st_uid != 0) || !next || ++*links > MAX_LINKS ||
                      has_foreign_link(next, links);
            free(next);
        }
        part[end] = path[end];
    }
    free(part);
    return foreign || !part;
}

static bool check_links(const char *path)
{
    unsigned links = 0;
    if (!has_foreign_link(path, &links))
        return true;
    message_print(PROGRAM, "%s: is not written: a symbolic link on the way to it belongs to another user",
                  path);
    return false;
}

/* Checks, before a long scan, that the folder of `path` can be written. */
static bool check_folder(const char *path)
{
    struct stat info;
    if (!check_links(path))
        return false;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        message_print(PROGRAM, "%s: cannot be written: it is a directory", path);
        return false;
    }
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    bool good = folder && access(folder, W_OK | X_OK) == 0;
    if (!good)
        message_print(PROGRAM, "%s: cannot be written: %s", path, folder ? strerror(errno) : "out of memory");
    free(folder);
    return good;
}

static bool is_taken(const output_list *list, const char *path)
{
    for (size_t i = 0; i + 1 < list->count; i++) {
        const char *other = list->items[i].path;
        if (path && other ? strcmp(path, other) == 0 : path == other)
            return true;
    }
    return false;
}

static bool add_output(output_list *list, const char *text)
{
    output *o = &list->items[list->count++];
    if (!parse_output(list, o, text) || (o->path && !check_folder(o->path)))
        return false;
    if (!is_taken(list, o->path))
        return true;
    message_print(PROGRAM, "two documents would go to %s; give each a file with -o FORMAT=FILE",
                  o->path ? o->path : "standard output");
    return false;
}

const char *outputs_file_of_format(const settings *s)
{
    const fps_report_format *format;
    bool named =
        s->format && s->outputs.count == 1 && !strchr(s->outputs.items[0], '=') && !strchr(s->format, '=');
    return named && fps_report_format_find(s->outputs.items[0], &format, NULL) != FPS_OK ? s->outputs.items[0]
                                                                                         : NULL;
}

static bool make_list(output_list *list, const settings *s, bool compares)
{
    *list = (output_list){calloc(s->outputs.count + 1, sizeof *list->items), 0, compares};
    if (!list->items)
        message_print(PROGRAM, "out of memory");
    return list->items != NULL;
}

bool outputs_prepare_file(output_list *list, const settings *s)
{
    const char *path = s->outputs.count ? s->outputs.items[0] : NULL;
    if (!make_list(list, s, false))
        return false;
    if (s->outputs.count > 1) {
        message_print(PROGRAM, "--output: one document goes to one file");
        return false;
    }
    list->items[list->count++].path = path && strcmp(path, "-") != 0 ? path : NULL;
    return !list->items[0].path || check_folder(path);
}

static bool prepare(output_list *list, const settings *s)
{
    const char *file = outputs_file_of_format(s);
    if (file) {
        output *o = &list->items[list->count++];
        if (!parse_output(list, o, s->format) || !check_folder(file))
            return false;
        o->path = file;
        return true;
    }
    for (size_t i = 0; i < s->outputs.count; i++)
        if (!add_output(list, s->outputs.items[i]))
            return false;
    if (s->format && strchr(s->format, '=')) {
        message_print(PROGRAM, "--format: '%s' holds a file name; use -o FORMAT=FILE", s->format);
        return false;
    }
    if (s->format)
        return add_output(list, s->format);
    return list->count || add_output(list, "table");
}

bool outputs_prepare(output_list *list, const settings *s)
{
    return make_list(list, s, false) && prepare(list, s);
}

bool outputs_prepare_comparison(output_list *list, const settings *s)
{
    return make_list(list, s, true) && prepare(list, s);
}

void outputs_free(output_list *list)
{
    free(list->items);
    *list = (output_list){0};
}

bool outputs_timestamp(int64_t *timestamp)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    *timestamp = -1;
    if (!text || !*text)
        return true;
    if (strlen(text) > 12 || text[strspn(text, "0123456789")]) {
        message_print(PROGRAM, "SOURCE_DATE_EPOCH: '%s' is not a number of seconds", text);
        return false;
    }
    *timestamp = strtoll(text, NULL, 10);
    return true;
}

static void read_terminal(fps_report_options *options)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    struct winsize window;
    if (!isatty(STDOUT_FILENO))
        return;
    options->color = !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0)
        options->width = window.ws_col;
}

/* What a job of GitHub's pipelines is told of itself. */
static const fps_report_origin *read_origin(void)
{
    static fps_report_origin origin;
    static char correlator[256];
    const char *workflow = getenv("GITHUB_WORKFLOW"), *job = getenv("GITHUB_JOB");
    snprintf(correlator, sizeof correlator, "%s%s%s", workflow ? workflow : "", workflow && job ? "_" : "",
             job ? job : "");
    origin = (fps_report_origin){.commit = getenv("GITHUB_SHA"),
                                 .reference = getenv("GITHUB_REF"),
                                 .job = getenv("GITHUB_RUN_ID"),
                                 .correlator = correlator[0] ? correlator : NULL};
    return &origin;
}

/* Which of the words it is, in the order of the option's choices; 0 for NULL. */
static unsigned index_of(const char *word, const char *const *words)
{
    unsigned i = 0;
    while (word && words[i] && strcmp(words[i], word) != 0)
        i++;
    return word && words[i] ? i : 0;
}

/* How the table is laid out: the words are those of the options' choices, in the order of the enums. */
static void read_layout(fps_report_options *options, const settings *s)
{
    static const char *const groups[] = {"component", "file", "package", "layer", NULL},
                             *const orders[] = {"name", "files", "risk", "layer", NULL},
                             *const columns[] = {"component", "version", "why",   "state", "confidence",
                                                 "how",       "package", "layer", "file",  NULL};
    options->group = (fps_report_group)index_of(s->group_by, groups);
    options->sort = (fps_report_sort)index_of(s->sort, orders);
    for (size_t i = 0; i < s->columns.count; i++)
        options->columns |= 1u << index_of(s->columns.items[i], columns);
}

bool outputs_options(fps_report_options *options, const settings *s)
{
    *options = (fps_report_options){.min_confidence = s->min_confidence,
                                    .component = s->component,
                                    .cve = s->cve,
                                    .runtime = s->verbose > 0,
                                    .code = s->verbose > 0,
                                    .all = s->all,
                                    .all_layers = settings_all_layers(s),
                                    .tool_version = FPS_VERSION};
    for (size_t i = 0; i < s->states.count; i++)
        for (unsigned state = FPS_STATE_PRESENT; state <= FPS_STATE_MENTIONED; state++)
            if (strcmp(s->states.items[i], fps_state_name((fps_state)state)) == 0)
                options->states |= 1u << state;
    for (size_t i = 0; i < s->severity.count; i++)
        for (unsigned severity = FPS_SEVERITY_UNKNOWN; severity <= FPS_SEVERITY_CRITICAL; severity++)
            if (strcmp(s->severity.items[i], fps_severity_name((fps_severity)severity)) == 0)
                options->severities |= 1u << severity;
    bool os = !s->vuln_type.count, library = os;
    for (size_t i = 0; i < s->vuln_type.count; i++)
        *(strcmp(s->vuln_type.items[i], "os") == 0 ? &os : &library) = true;
    options->no_os = !os;
    options->no_library = !library;
    options->ignore_unfixed = s->ignore_unfixed || s->only_fixed;
    options->suppressed = s->show_suppressed;
    for (unsigned i = 0; s->evidence && fps_report_evidence_name((fps_report_evidence)i); i++)
        if (strcmp(s->evidence, fps_report_evidence_name((fps_report_evidence)i)) == 0)
            options->evidence = (fps_report_evidence)i;
    read_layout(options, s);
    options->origin = read_origin();
    read_terminal(options);
    if (!outputs_timestamp(&options->timestamp))
        return false;
    if (options->timestamp < 0 && !s->reproducible)
        options->timestamp = time(NULL);
    return true;
}

void outputs_say_time(fps_report_options *options, const settings *s, uint64_t scan_ms)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    if (isatty(STDOUT_FILENO) && !s->reproducible && !(epoch && *epoch))
        options->scan_ms = scan_ms ? scan_ms : 1;
}

fps_status outputs_put(void *user, const char *text, size_t length)
{
    return fwrite(text, 1, length, user) == length ? FPS_OK : FPS_ERROR_IO;
}

bool outputs_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    message_print(PROGRAM, "standard output: cannot be written: %s", strerror(errno));
    return false;
}

/* What is written, and how. */
typedef struct writing {
    output_writer write;
    const void *document;
    const fps_report_options *options;
} writing;

/* Writes one document to an open stream and closes it. On failure errno is set. */
static bool write_stream(FILE *stream, const output *o, const writing *w)
{
    fps_report_options plain =
        *w->options; /* a file has neither colours nor a width, and no time: two scans give the same */
    plain.color = false;
    plain.width = 0;
    plain.scan_ms = 0;
    bool good = w->write(o, w->document, &plain, stream, NULL) == FPS_OK && fflush(stream) == 0;
    int reason = errno;
    good = fclose(stream) == 0 && good;
    if (reason)
        errno = reason;
    return good;
}

/* Opens a temporary file with the mode of the old file, or that a new file would get. */
static FILE *open_temporary(char *temporary, const struct stat *old)
{
    mode_t mask = umask(0);
    umask(mask);
    int fd = mkstemp(temporary);
    if (fd < 0)
        return NULL;
    FILE *stream = fchmod(fd, old ? old->st_mode & 0777 : 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
    if (!stream) {
        close(fd);
        unlink(temporary);
    }
    return stream;
}

/* Writes a temporary file and renames it: readers see either the old file or the whole new one. */
static bool replace_file(const char *path, const struct stat *old, const output *o, const writing *w)
{
    char *temporary = NULL;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return false;
    FILE *stream = open_temporary(temporary, old);
    bool good = stream && write_stream(stream, o, w);
    if (good && rename(temporary, path) != 0)
        good = false;
    if (stream && !good) {
        int reason = errno;
        unlink(temporary);
        errno = reason;
    }
    free(temporary);
    return good;
}

static bool write_file(const output *o, const writing *w)
{
    struct stat info;
    if (!check_links(o->path)) /* again: the scan took a while */
        return false;
    bool exists = stat(o->path, &info) == 0;
    bool good = false;
    errno = 0;
    if (exists && !S_ISREG(info.st_mode)) { /* a pipe or a device is written as it is */
        FILE *stream = fopen(o->path, "we");
        good = stream && write_stream(stream, o, w);
    } else {
        char *real = exists ? realpath(o->path, NULL) : NULL; /* a symbolic link stays one */
        good = replace_file(real ? real : o->path, exists ? &info : NULL, o, w);
        free(real);
    }
    if (!good)
        message_print(PROGRAM, "%s: cannot be written: %s", o->path,
                      errno ? strerror(errno) : "out of memory");
    return good;
}

bool outputs_write_with(const output_list *list, output_writer write, const void *document,
                        const fps_report_options *options)
{
    const writing w = {write, document, options};
    bool good = true;
    for (size_t i = 0; i < list->count; i++) {
        const output *o = &list->items[i];
        if (o->path) {
            good = write_file(o, &w) && good;
        } else {
            fps_error error;
            bool written = write(o, document, options, stdout, &error) == FPS_OK;
            bool flushed = outputs_flush(); /* says why writing failed */
            if (!written && flushed)
                message_print(PROGRAM, "standard output: the report cannot be made: %s", error.message);
            good = flushed && written && good;
        }
    }
    return good;
}

static fps_status write_report(const output *o, const void *document, const fps_report_options *options,
                               FILE *stream, fps_error *error)
{
    return fps_report_write(document, o->format, options, outputs_put, stream, error);
}

bool outputs_write(const output_list *list, const fps_result *result, const fps_report_options *options)
{
    return outputs_write_with(list, write_report, result, options);
}
