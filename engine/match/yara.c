/* Users' own YARA files: compiled once by libyara, run over a file's bytes; a match becomes a hit with the
 * rule's meta. */
#include "match/rules.h"
#include "match/rules_expression.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <yara.h>

#define MAX_SOURCE (16u << 20) /* bytes of one YARA file */

/* What a version looks like where a rule names the string that holds it and no pattern. */
static const char default_pattern[] = "(?<version>[0-9]+(?:[._-]?[0-9A-Za-z+~]+)*)";

/* libyara counts its users without a lock of its own. */
static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

/* How one rule of the file tells its version. */
typedef struct version_reader {
    const YR_RULE *rule;
    const char *string;       /* identifier with its '$', NULL: the first match of any string */
    fps__expression *pattern; /* NULL: the rule reads no version from the file */
} version_reader;

struct fps__yara {
    YR_RULES *rules;
    version_reader *readers; /* as many as rules */
    size_t count;
    bool is_started; /* this object holds a use of the library */
    XXH128_canonical_t digest;
};

/* ---- opening ---- */

static fps_status read_source(const char *path, char **text, fps_error *error)
{
    struct stat info;
    *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fps__fail_io(error, path, errno, "open YARA rules");
    fps_status status = FPS_OK;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        status = fps__fail(error, FPS_ERROR_IO, path, UINT64_MAX, "YARA rules are not a regular file");
    else if (info.st_size > MAX_SOURCE)
        status = fps__fail(error, FPS_ERROR_LIMIT, path, UINT64_MAX, "YARA rules of more than %u bytes",
                           MAX_SOURCE);
    size_t size = status == FPS_OK ? (size_t)info.st_size : 0, used = 0;
    char *data = status == FPS_OK ? malloc(size + 1) : NULL;
    if (status == FPS_OK && !data)
        status = fps__fail_memory(error);
    while (status == FPS_OK && used < size) {
        ssize_t count = read(fd, data + used, size - used);
        if (count < 0 && errno != EINTR)
            status = fps__fail_io(error, path, errno, "read YARA rules");
        if (count == 0)
            break;
        used += count > 0 ? (size_t)count : 0;
    }
    close(fd);
    if (status == FPS_OK && memchr(data, 0, used))
        status = fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "YARA rules hold a NUL byte");
    if (status != FPS_OK) {
        free(data);
        return status;
    }
    data[used] = '\0';
    *text = data;
    return FPS_OK;
}

typedef struct first_fault {
    int line;
    char message[256];
} first_fault;

static void on_compiler_message(int level, const char *file, int line, const YR_RULE *rule,
                                const char *message, void *user)
{
    first_fault *fault = user;
    (void)file;
    (void)rule;
    if (level != YARA_ERROR_LEVEL_ERROR || fault->message[0])
        return;
    fault->line = line;
    snprintf(fault->message, sizeof fault->message, "%s", message);
}

/* libyara gives no line for a fault at the end: it is the last one. */
static int fault_line(const first_fault *fault, const char *text)
{
    int line = 1;
    if (fault->line > 0)
        return fault->line;
    for (const char *end = strchr(text, '\n'); end && end[1]; end = strchr(end + 1, '\n'))
        line++;
    return line;
}

static fps_status compile_source(fps__yara *yara, const char *path, const char *text, fps_error *error)
{
    YR_COMPILER *compiler;
    first_fault fault = {0, ""};
    fps_status status = FPS_OK;
    if (yr_compiler_create(&compiler) != ERROR_SUCCESS)
        return fps__fail_memory(error);
    yr_compiler_set_callback(compiler, on_compiler_message, &fault);
    yr_compiler_set_include_callback(compiler, NULL, NULL, NULL); /* a rule file reads no other file */
    int faults = yr_compiler_add_string(compiler, text, NULL);
    if (faults && !fault.message[0])
        status = fps__fail_memory(error); /* what it does not understand it says */
    else if (faults)
        status = fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "line %d: %s",
                           fault_line(&fault, text), fault.message[0] ? fault.message : "not understood");
    else if (yr_compiler_get_rules(compiler, &yara->rules) != ERROR_SUCCESS)
        status = fps__fail_memory(error);
    yr_compiler_destroy(compiler);
    return status;
}

/* Text of a rule's meta, NULL when it has none of that name or it is a number. */
static const char *find_meta(const YR_RULE *rule, const char *name)
{
    const YR_META *meta;
    yr_rule_metas_foreach(rule, meta)
    {
        if (meta->type == META_TYPE_STRING && strcmp(meta->identifier, name) == 0)
            return meta->string[0] ? meta->string : NULL;
    }
    return NULL;
}

static fps_status read_version_meta(version_reader *reader, const char *path, fps_error *error)
{
    fps_error inner;
    const char *pattern = find_meta(reader->rule, "version_pattern");
    reader->string = find_meta(reader->rule, "version_string");
    if (!pattern && !reader->string)
        return FPS_OK;
    if (!pattern)
        pattern = default_pattern;
    fps_status status = fps__expression_compile(&reader->pattern, pattern, strlen(pattern), &inner);
    if (status == FPS_OK)
        return FPS_OK;
    return fps__fail(error, status == FPS_ERROR_MEMORY ? status : FPS_ERROR_CORRUPT, path, UINT64_MAX,
                     "rule %s: version_pattern: %s", reader->rule->identifier, inner.message);
}

static fps_status read_metas(fps__yara *yara, const char *path, fps_error *error)
{
    YR_RULE *rule;
    size_t count = 0;
    yr_rules_foreach(yara->rules, rule) count++;
    yara->readers = calloc(count + 1, sizeof *yara->readers);
    if (!yara->readers)
        return fps__fail_memory(error);
    yr_rules_foreach(yara->rules, rule)
    {
        version_reader *reader = &yara->readers[yara->count++];
        reader->rule = rule;
        fps_status status = read_version_meta(reader, path, error);
        if (status != FPS_OK)
            return status;
    }
    return FPS_OK;
}

static bool start_library(void)
{
    pthread_mutex_lock(&library_lock);
    bool started = yr_initialize() == ERROR_SUCCESS;
    pthread_mutex_unlock(&library_lock);
    return started;
}

fps_status fps__yara_open(fps__yara **yara, const char *path, fps_error *error)
{
    char *text = NULL;
    *yara = NULL;
    fps__yara *made = calloc(1, sizeof *made);
    if (!made)
        return fps__fail_memory(error);
    fps_status status = read_source(path, &text, error);
    if (status == FPS_OK) {
        XXH128_canonicalFromHash(&made->digest, XXH3_128bits(text, strlen(text)));
        made->is_started = start_library();
        if (!made->is_started)
            status = fps__fail(error, FPS_ERROR_UNSUPPORTED, path, UINT64_MAX, "libyara does not start");
    }
    if (status == FPS_OK)
        status = compile_source(made, path, text, error);
    if (status == FPS_OK)
        status = read_metas(made, path, error);
    free(text);
    if (status == FPS_OK)
        *yara = made;
    else
        fps__yara_free(made);
    return status;
}

const char *fps__yara_component(const fps__yara *yara, size_t index)
{
    const char *name = index < yara->count ? find_meta(yara->readers[index].rule, "component") : NULL;
    return index >= yara->count ? NULL : name ? name : "";
}

void fps__yara_digest(const fps__yara *yara, uint8_t digest[16])
{
    memcpy(digest, yara->digest.digest, sizeof yara->digest.digest);
}

void fps__yara_free(fps__yara *yara)
{
    if (!yara)
        return;
    for (size_t i = 0; i < yara->count; i++)
        fps__expression_free(yara->readers[i].pattern);
    free(yara->readers);
    if (yara->rules)
        yr_rules_destroy(yara->rules);
    if (yara->is_started) {
        pthread_mutex_lock(&library_lock);
        yr_finalize();
        pthread_mutex_unlock(&library_lock);
    }
    free(yara);
}

/* ---- matching ---- */

typedef struct matching {
    const fps__yara *yara;
    fps__yara_callback callback;
    void *user;
    fps__expression_scratch scratch;
    fps_status status;
} matching;

/* Copies the first match in the file of the string `identifier`, or of any string when it is NULL. libyara
 * packs its matches without alignment, so they are copied and never looked at in place. */
static bool find_first(YR_SCAN_CONTEXT *context, const YR_RULE *rule, const char *identifier, YR_MATCH *first)
{
    bool found = false;
    const YR_STRING *string;
    yr_rule_strings_foreach(rule, string)
    {
        if (identifier && strcmp(string->identifier, identifier) != 0)
            continue;
        const void *at = context->matches[string->idx].head;
        while (at) {
            YR_MATCH match;
            memcpy(&match, at, sizeof match);
            at = match.next;
            if (match.is_private || (found && match.base + match.offset >= first->base + first->offset))
                continue;
            *first = match;
            found = true;
        }
    }
    return found;
}

static void print_text(char *out, size_t size, const uint8_t *data, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length && used + 1 < size; i++)
        out[used++] = data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.';
    out[used] = '\0';
}

static fps_status read_version(matching *m, const version_reader *reader, const YR_MATCH *match, char *out,
                               size_t size)
{
    fps__expression_match found;
    size_t length = match->data_length > 0 ? (size_t)match->data_length : 0;
    if (length > FPS__MAX_EXPRESSION_INPUT)
        length = FPS__MAX_EXPRESSION_INPUT;
    fps__expression_input input = {(const char *)match->data, length, true, true};
    fps_status status = fps__expression_search(reader->pattern, &m->scratch, &input, &found);
    if (status == FPS_ERROR_NOT_FOUND)
        return FPS_OK;
    if (status != FPS_OK)
        return status;
    bool whole = !fps__expression_has_version(reader->pattern);
    print_text(out, size, match->data + (whole ? found.start : found.version_start),
               whole ? found.length : found.version_length);
    return FPS_OK;
}

static fps_status report_rule(matching *m, YR_SCAN_CONTEXT *context, const YR_RULE *rule)
{
    const version_reader *reader = NULL;
    for (size_t i = 0; i < m->yara->count && !reader; i++)
        reader = m->yara->readers[i].rule == rule ? &m->yara->readers[i] : NULL;
    fps__yara_hit hit = {
        .rule = rule->identifier,
        .component = find_meta(rule, "component"),
        .purl = find_meta(rule, "purl"),
        .cpe = find_meta(rule, "cpe"),
        .license = find_meta(rule, "license"),
    };
    const char *version = find_meta(rule, "version");
    if (version)
        print_text(hit.version, sizeof hit.version, (const uint8_t *)version, strlen(version));
    YR_MATCH match;
    if (find_first(context, rule, NULL, &match)) {
        hit.offset = (uint64_t)(match.base + match.offset);
        print_text(hit.text, sizeof hit.text, match.data, (size_t)match.data_length);
    }
    fps_status status = FPS_OK;
    if (!version && reader && reader->pattern && find_first(context, rule, reader->string, &match))
        status = read_version(m, reader, &match, hit.version, sizeof hit.version);
    if (status == FPS_OK)
        m->callback(m->user, &hit);
    return status;
}

static int on_scan_message(YR_SCAN_CONTEXT *context, int message, void *data, void *user)
{
    matching *m = user;
    if (message != CALLBACK_MSG_RULE_MATCHING)
        return CALLBACK_CONTINUE;
    m->status = report_rule(m, context, data);
    return m->status == FPS_OK ? CALLBACK_CONTINUE : CALLBACK_ERROR;
}

fps_status fps__yara_match(const fps__yara *yara, const void *data, size_t size, unsigned timeout_seconds,
                           fps__yara_callback callback, void *user, fps_error *error)
{
    matching m = {.yara = yara, .callback = callback, .user = user};
    /* Without NO_TRYCATCH libyara swaps the process's signal handlers, which other threads would feel. */
    int flags = SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING;
    int outcome =
        yr_rules_scan_mem(yara->rules, data, size, flags, on_scan_message, &m, (int)timeout_seconds);
    fps__expression_scratch_clear(&m.scratch);
    if (m.status != FPS_OK)
        return fps__fail(error, m.status, NULL, UINT64_MAX, "YARA rules: a version could not be read");
    switch (outcome) {
    case ERROR_SUCCESS:
        return FPS_OK;
    case ERROR_SCAN_TIMEOUT:
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "YARA rules took more than %u seconds",
                         timeout_seconds);
    case ERROR_INSUFFICIENT_MEMORY:
        return fps__fail_memory(error);
    default:
        return fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "libyara gave up with error %d",
                         outcome);
    }
}
