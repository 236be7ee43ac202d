/* One scan as the command line asks for it: sets, rules, limits, and its exit code. */
#include "run.h"

#include "base_set.h"
#include "common/exit.h"
#include "common/message.h"
#include "common/sandbox.h"
#include "folders.h"
#include "interrupt.h"
#include "outputs.h"
#include "progress.h"
#include "spool.h"

#include <errno.h>
#include <fpscan/document.h>
#include <fpscan/target.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool add_all(run *r, const settings *s)
{
    fps_error error = {.offset = UINT64_MAX};
    for (size_t i = 0; i < r->sets.count; i++) {
        if (fps_scan_add_database(r->scan, r->sets.items[i].database, &error) != FPS_OK) {
            message_error(PROGRAM, r->sets.items[i].path, &error);
            return false;
        }
    }
    for (size_t i = 0; i < s->rules.count; i++) {
        if (fps_scan_add_yara(r->scan, s->rules.items[i], &error) != FPS_OK) {
            message_error(PROGRAM, s->rules.items[i], &error);
            return false;
        }
    }
    return true;
}

/* SPDX wants the SHA-1 of each file that it names, and a JSON report holds what SPDX shows. */
static bool writes_digests(const settings *s)
{
    static const char *const formats[] = {"spdx", "json"};
    bool found = false;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        size_t length = strlen(formats[f]);
        found |= s->format && strncmp(s->format, formats[f], length) == 0;
        for (size_t i = 0; i < s->outputs.count; i++)
            found |= strncmp(s->outputs.items[i], formats[f], length) == 0;
    }
    return found;
}

static fps_scan_options scan_options(const run *r, const settings *s, const char *cache, bool explain)
{
    return (fps_scan_options){
        .workers = (unsigned)s->parallel,
        .memory_limit = s->memory,
        .timeout_ms = s->timeout,
        .file_timeout_ms = s->file_timeout,
        .file_limit = s->max_file_size,
        .one_file_system = s->one_file_system,
        .no_exact = s->no_exact,
        .no_version_texts = s->no_version_texts,
        .all_evidence = explain || r->compares_functions || (s->evidence && strcmp(s->evidence, "all") == 0),
        .keep_excluded = explain,
        .skip_dirs = s->skip_dirs.items,
        .skip_files = s->skip_files.items,
        .cache_dir = cache,
        .platform = s->platform,
        .image = s->image,
        .verify_digests = s->verify_digests,
        .hidden_packages = settings_all_layers(s),
        .finding_digests = r->compares || s->baseline.count || writes_digests(s),
        .no_archives = s->no_archives,
        .archive_depth = (unsigned)s->archive_depth,
        .ratio_limit = (unsigned)s->max_ratio,
        .progress = progress_callback(s),
        .interrupted = interrupt_came,
    };
}

/* The folder that a file lies in, to be freed: a document is written under another name there and renamed. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

/* From here on hostile bytes are read. Everything that was opened before (sets, rules) stays open. False without memory: nothing is
 * read then, and a message was printed. */
static bool confine(run *r, const settings *s, const char *target, const fps_scan_options *options)
{
    enum { FIXED = 5 };
    size_t count = FIXED;
    if (s->no_sandbox || r->confined)
        return true;
    sandbox_path *paths = calloc(FIXED + s->outputs.count + 1, sizeof *paths);
    if (!paths) {
        message_print(PROGRAM, "out of memory");
        return false;
    }
    r->confined = true;
    paths[0] = (sandbox_path){target ? fps_target_path(target) : NULL, SANDBOX_READ};
    paths[1] = (sandbox_path){options->base_images, SANDBOX_READ};
    paths[2] = (sandbox_path){options->cache_dir, SANDBOX_WRITE};
    paths[3] = (sandbox_path){"/dev/urandom", SANDBOX_READ}; /* SQLite's seed */
    paths[4] = (sandbox_path){r->other ? fps_target_path(r->other) : NULL, SANDBOX_READ};
    for (size_t i = 0; i < s->outputs.count; i++) {
        const char *equals = strchr(s->outputs.items[i], '=');
        if (equals && strcmp(equals + 1, "-") != 0)
            paths[count++] = (sandbox_path){folder_of(equals + 1), SANDBOX_WRITE};
    }
    const char *file = r->writes ? r->writes : outputs_file_of_format(s);
    if (file)
        paths[count++] = (sandbox_path){folder_of(file), SANDBOX_WRITE};
    sandbox_state state = sandbox_enter(paths, count);
    if (s->verbose && !s->quiet)
        message_print(PROGRAM, "sandbox: %s, %s",
                      state.files ? "files by Landlock" : "no Landlock in this kernel",
                      state.calls ? "system calls by seccomp" : "no seccomp in this kernel");
    for (size_t i = FIXED; i < count; i++)
        free((char *)paths[i].path);
    free(paths);
    return true;
}

/* The kernel holds the process to --memory, whatever a parser may miss: an allocation beyond fails, the file that asked
 * for it is named as not looked at, and the scan goes on. Mapped files (the program, the base set, libraries) are not
 * counted, and make up for the rest of the 200 MB that the manual allows above --memory. */
static void limit_memory(const run *r, const settings *s)
{
#ifdef FPS_SANITIZED /* shadow memory would count */
    (void)r;
    (void)s;
#else
    enum { OWN = 96 * 1024 * 1024, STACK = 2 * 1024 * 1024, THREADS = 66 };
    uint64_t memory = s->memory ? s->memory : FPS_DEFAULT_MEMORY_LIMIT;
    if (r->compares && memory <= UINT64_MAX / 2)
        memory *= 2; /* two results */
    pthread_attr_t attributes;
    struct rlimit limit;
    if (pthread_attr_init(&attributes) == 0) {
        pthread_attr_setstacksize(&attributes, STACK); /* a stack counts as a whole */
        pthread_setattr_default_np(&attributes);
        pthread_attr_destroy(&attributes);
    }
    uint64_t threads = s->parallel && s->parallel < THREADS ? s->parallel + 2 : THREADS;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && memory < RLIM_INFINITY - OWN - threads * STACK &&
        memory + OWN + threads * STACK < limit.rlim_cur) {
        limit.rlim_cur = memory + OWN + threads * STACK;
        setrlimit(RLIMIT_DATA, &limit);
    }
#endif
}

/* True for what could be the name of an image in a registry ("nginx:1.25"), and is no path. */
static bool looks_like_reference(const char *target)
{
    const char *scheme, *mark = strpbrk(target, ":@");
    for (size_t i = 0; (scheme = fps_target_scheme(i)); i++)
        if (strncmp(target, scheme, strlen(scheme)) == 0)
            return false;
    return mark && mark[1] && !strchr("./", *target) && access(target, F_OK) != 0 &&
           !target[strspn(target, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@")];
}

/* A reference without what other scanners and container tools have before it to say where the image is: "docker:nginx". A number, or
 * "latest", is the tag of an image of that name: "registry:2". */
static const char *bare_reference(const char *target)
{
    static const char *const places[] = {"docker",     "docker-daemon", "podman",
                                         "containerd", "registry",      "image"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t length = strlen(places[i]);
        if (strncmp(target, places[i], length) != 0 || target[length] != ':')
            continue;
        const char *rest = target + length + 1;
        rest += strspn(rest, "/");
        bool tag = strspn(rest, "0123456789") || strcmp(rest, "latest") == 0;
        return tag ? target : rest;
    }
    return target;
}

/* Makes the scan ready. */
static bool create_scan(run *r, const settings *s)
{
    fps_error error = {.offset = UINT64_MAX};
    if (fps_scan_create(&r->scan, &r->options, &error) != FPS_OK) {
        message_error(PROGRAM, NULL, &error);
        return false;
    }
    size_t size;
    const void *rules = base_rules_data(&size);
    fps_scan_use_rules(r->scan, rules, size);
    return add_all(r, s);
}

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool run_scan(run *r, const settings *s)
{
    fps_error error = {.offset = UINT64_MAX};
    if (!confine(r, s, r->target, &r->options))
        return false;
    limit_memory(r, s);
    interrupt_catch();
    uint64_t start = clock_ms();
    fps_status status = fps_scan_run(r->scan, r->target, &r->result, &error);
    if (r->options.progress)
        progress_clear(s);
    if (status != FPS_OK)
        message_error(PROGRAM, r->target, &error);
    if (status != FPS_OK && looks_like_reference(r->target))
        message_print(
            PROGRAM,
            "images are not pulled: skopeo copy docker://%s oci-archive:image.tar, then fpscan image.tar",
            bare_reference(r->target));
    bool has_vulnerabilities =
        status == FPS_OK && r->compares && fps_result_get_info(r->result)->vulnerabilities_checked;
    bool good = status == FPS_OK && (has_vulnerabilities || advisories_match(&r->advisories, s, r->result)) &&
                suppressions_apply(r->suppressions, s, r->result);
    r->scan_ms = clock_ms() - start;
    return good;
}

bool run_document(run *r, const settings *s, const char *path)
{
    fps_error error = {.offset = UINT64_MAX};
    const fps_scan_options none = {.workers = 0};
    if (!confine(r, s, strcmp(path, "-") == 0 ? NULL : path, &none))
        return false;
    limit_memory(r, s);
    if (fps_document_read(&r->result, path, s->memory, &error) == FPS_OK)
        return true;
    message_error(PROGRAM, path, &error);
    return false;
}

/* True, and a message is printed, for a file without a byte: what a command that failed leaves behind, and no image is. */
static bool is_empty_file(const run *r, const char *target)
{
    struct stat st;
    if (fps_target_path(target) != target || stat(r->target, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size)
        return false;
    if (strcmp(target, "-") == 0)
        message_print(PROGRAM, "-: standard input is empty; has the command before it failed?");
    else
        message_print(PROGRAM,
                      "%s: is empty; has the command that wrote it failed? file:%s looks at it anyway",
                      target, target);
    return true;
}

bool run_open(run *r, const settings *s, const char *target, bool explain)
{
    const char *const targets[] = {target, r->other};
    if (!sets_open(&r->sets, s) || ((!explain || s->cve) && !advisories_open(&r->advisories, s)) ||
        (!explain && !suppressions_open(&r->suppressions, s, targets, r->other ? 2 : 1)))
        return false;
    if (!r->sets.count && !s->rules.count) {
        message_print(PROGRAM, "no signature set: %s; give --set FILE",
                      s->no_base_set ? "the base set is turned off" : "there is no base set in this build");
        return false;
    }
    if (!s->no_cache && !folder_cache(&r->cache, s))
        return false;
    if (r->cache)
        folder_make(r->cache); /* now: a confined process makes none */
    if (s->cache_dir && !s->no_cache && access(s->cache_dir, W_OK | X_OK) != 0) {
        message_print(PROGRAM, "%s: cannot keep a cache there: %s", s->cache_dir, strerror(errno));
        return false;
    }
    if (!folder_base_images(&r->base_images))
        return false;
    r->options = scan_options(r, s, r->cache, explain);
    r->options.base_images = r->base_images;
    r->target = target;
    if (strcmp(target, "-") == 0) {
        r->options.target_name = target;
        r->target = r->input;
        if (!spool_input(r->input))
            return false;
    }
    return !is_empty_file(r, target) && create_scan(r, s);
}

bool run_target(run *r, const settings *s, const char *target, bool explain)
{
    return run_open(r, s, target, explain) && run_scan(r, s);
}

static bool trusts_config(const option_result *parsed, const char *operand)
{
    errno = 0;
    char *target = realpath(fps_target_path(operand), NULL), *config = realpath(parsed->config, NULL);
    bool no_memory = (!target || !config) && errno == ENOMEM;
    size_t length = target ? strlen(target) : 0;
    if (length == 1) /* "/" */
        length = 0;
    bool inside = target && config && strncmp(config, target, length) == 0 && config[length] == '/';
    if (inside)
        message_print(
            PROGRAM, "%s: is inside the target, which is not trusted; name it with --config to use it anyway",
            parsed->config);
    if (no_memory)
        message_print(PROGRAM, "out of memory");
    free(target);
    free(config);
    return !inside && !no_memory;
}

bool run_trusts_config(const option_result *parsed)
{
    bool trusts = true;
    for (size_t i = 0; parsed->config && i < parsed->operand_count; i++)
        trusts = trusts_config(parsed, parsed->operands[i]) && trusts;
    return trusts;
}

void run_free(run *r)
{
    fps_result_free(r->result);
    fps_scan_free(r->scan);
    sets_free(&r->sets);
    advisories_free(&r->advisories);
    fps_suppressions_free(r->suppressions);
    free(r->cache);
    free(r->base_images);
}

fps_names *run_names(const run *r, bool packages)
{
    fps_error error = {.offset = UINT64_MAX};
    fps_names *names;
    const char *rule;
    fps_status status = fps_names_create(&names, &error);
    for (size_t i = 0; status == FPS_OK && i < r->sets.count; i++)
        status = fps_names_add_database(names, r->sets.items[i].database, &error);
    for (size_t i = 0; status == FPS_OK && (rule = fps_scan_rule_component(r->scan, i)); i++)
        status = fps_names_add(names, rule, &error);
    if (status == FPS_OK)
        status = fps_names_add_components(names, r->result, &error);
    if (status == FPS_OK && packages)
        status = fps_names_add_packages(names, r->result, &error);
    if (status == FPS_OK)
        return names;
    message_error(PROGRAM, NULL, &error);
    fps_names_free(names);
    return NULL;
}

static bool is_allowed(const settings *s, const char *code)
{
    for (size_t i = 0; i < s->allow_partial.count; i++)
        if (strcmp(s->allow_partial.items[i], code) == 0)
            return true;
    return false;
}

int run_exit_code(const run *r, const settings *s)
{
    size_t partial = 0;
    const fps_diagnostic *first = NULL;
    for (size_t i = 0; i < fps_result_diagnostic_count(r->result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(r->result, i);
        if (diagnostic->level != FPS_DIAGNOSTIC_PARTIAL || is_allowed(s, diagnostic->code))
            continue;
        first = first ? first : diagnostic;
        partial++;
    }
    if (interrupt_came(NULL)) {
        message_print(PROGRAM, "interrupted: what was found so far is shown");
        return TOOL_EXIT_INTERRUPTED;
    }
    if (partial) {
        if (!s->quiet)
            message_print(PROGRAM, "partial: %zu %s could not be scanned; the first is %s: %s: %s", partial,
                          partial == 1 ? "place" : "places", first->path ? first->path : "the target",
                          first->code, first->message);
        return TOOL_EXIT_PARTIAL;
    }
    const fps_result_info *info = fps_result_get_info(r->result);
    if (info->regular_files || info->objects) /* an image that deletes all its files has objects only */
        return TOOL_EXIT_OK;
    if (!s->quiet)
        message_print(PROGRAM, "the target contains no regular file");
    return TOOL_EXIT_EMPTY;
}
