/* Scans targets in one process, for bench/robust/run: reads a path a line, answers with one line of JSON.
 *
 *   robust_server SET MEMORY-BYTES TIMEOUT-MS
 *
 * An answer holds the status with its reason, the codes of the diagnostics, a hash of what was found, CPU seconds and the
 * most memory that the scan had in use at once. A sanitizer's report ends the process, and so does nothing else.
 */
#include <fpscan/database.h>
#include <fpscan/report.h>
#include <fpscan/scan.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

typedef struct settings {
    fps_database *database;
    uint64_t memory, timeout_ms;
} settings;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A line of /proc/self/status in KiB; 0 when it is not there. */
static long memory_kib(const char *name)
{
    char line[256];
    long value = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return value;
}

/* Lets the peak start again at what is in use now. */
static void reset_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}

static fps_status add_to_hash(void *user, const char *bytes, size_t size)
{
    XXH3_64bits_update(user, bytes, size);
    return FPS_OK;
}

/* What all writers say of the result, and what was found without files and diagnostics. */
static void describe(const fps_result *result, json_t *answer)
{
    static const char *const formats[] = {"json", "cyclonedx@1.6", "spdx", "sarif", "csv", "table"};
    const fps_report_options options = {.states = 7, .timestamp = -1};
    const fps_report_format *format;
    char text[24];
    XXH3_state_t *all = XXH3_createState();
    if (!all)
        abort();
    XXH3_64bits_reset(all);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (fps_report_format_find(formats[i], &format, NULL) != FPS_OK ||
            fps_report_write(result, format, &options, add_to_hash, all, NULL) != FPS_OK)
            abort();
    snprintf(text, sizeof text, "%016llx", (unsigned long long)XXH3_64bits_digest(all));
    XXH3_freeState(all);
    json_object_set_new(answer, "report", json_string(text));
    json_t *codes = json_array();
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        json_array_append_new(
            codes,
            json_sprintf("%s%s", diagnostic->level == FPS_DIAGNOSTIC_PARTIAL ? "!" : "", diagnostic->code));
    }
    json_object_set_new(answer, "diagnostics", codes);
    json_object_set_new(answer, "findings", json_integer((json_int_t)fps_result_finding_count(result)));
    json_object_set_new(answer, "packages", json_integer((json_int_t)fps_result_package_count(result)));
    json_object_set_new(answer, "files", json_integer((json_int_t)fps_result_file_count(result)));
}

static void scan(const settings *s, const char *target, json_t *answer)
{
    const fps_scan_options options = {
        .workers = 1,
        .memory_limit = s->memory,
        /* The size that a header claims is asked for at once, and the sanitizer writes
                                       * an eighth of it, which the program alone would not. */
        .file_limit = 2 * s->memory,
        .timeout_ms = s->timeout_ms,
        .file_timeout_ms = s->timeout_ms / 2,
        .platform = "linux/amd64",
        .verify_digests = true};
    fps_scan *made;
    fps_result *result = NULL;
    fps_error error = {.message = ""};
    if (fps_scan_create(&made, &options, &error) != FPS_OK ||
        fps_scan_add_database(made, s->database, &error) != FPS_OK)
        abort();
    fps_status status = fps_scan_run(made, target, &result, &error);
    json_object_set_new(answer, "status", json_integer(status));
    if (status == FPS_OK)
        describe(result, answer);
    else
        json_object_set_new(answer, "reason", json_sprintf("%.100s", error.message[0] ? error.message : ""));
    fps_result_free(result);
    fps_scan_free(made);
}

int main(int argc, char **argv)
{
    char line[4096];
    fps_error error;
    settings s = {NULL, 0, 0};
    if (argc != 4 || fps_database_open(&s.database, argv[1], &error) != FPS_OK) {
        fprintf(stderr, "usage: robust_server SET MEMORY-BYTES TIMEOUT-MS\n");
        return 1;
    }
    s.memory = strtoull(argv[2], NULL, 10);
    s.timeout_ms = strtoull(argv[3], NULL, 10);
    while (fgets(line, sizeof line, stdin)) {
        json_t *answer = json_object();
        line[strcspn(line, "\n")] = '\0';
        reset_peak();
        long memory = memory_kib("VmRSS:");
        double start = cpu_seconds();
        scan(&s, line, answer);
        json_object_set_new(answer, "cpu", json_real(cpu_seconds() - start));
        json_object_set_new(answer, "memory", json_integer((memory_kib("VmHWM:") - memory) * 1024));
        json_dumpf(answer, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        putchar('\n');
        fflush(stdout);
        json_decref(answer);
    }
    fps_database_free(s.database);
    return 0;
}
