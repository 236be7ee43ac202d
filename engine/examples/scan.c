/* A complete program on libfpscan: scans a target with one signature set, prints the components that are
 * present with their versions, and writes the JSON report to a file.
 *
 *   cc scan.c -o scan $(pkg-config --cflags --libs fpscan)
 *   ./scan base.fpdb /some/rootfs report.json
 *
 * It exits with 0 when all was scanned, with 3 when some files could not be, and with 1 after an error. It is
 * C11 and C++ alike.
 */
#include <fpscan/database.h>
#include <fpscan/report.h>
#include <fpscan/scan.h>
#include <fpscan/version.h>
#include <stdio.h>
#include <string.h>

/* Names and messages contain bytes of the target: only what is safe goes to the terminal. */
static void print_safe(FILE *stream, const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size;) {
        size_t length = fps_report_printable(text + i, size - i);
        if (length)
            fwrite(text + i, 1, length, stream);
        else
            fprintf(stream, "\\x%02x", (unsigned char)text[i]);
        i += length ? length : 1;
    }
}

static int fail(const char *what, const fps_error *error)
{
    fprintf(stderr, "scan: ");
    print_safe(stderr, error->path[0] ? error->path : what);
    fprintf(stderr, ": %s: ", fps_status_name(error->status));
    print_safe(stderr, error->message);
    fputc('\n', stderr);
    return 1;
}

/* "1.2.13" for one release, "1.2.11 .. 1.3.1" for several. */
static void print_version(const fps_version_answer *version)
{
    size_t count = version->candidate_count;
    if (!count) {
        printf("unknown version");
        return;
    }
    print_safe(stdout, version->candidates[0]);
    if (count > 1) {
        printf(" .. ");
        print_safe(stdout, version->candidates[count - 1]);
    }
    if (version->open_below || version->open_above)
        printf(" or %s", !version->open_above ? "older" : version->open_below ? "another" : "newer");
}

static void print_components(const fps_result *result)
{
    for (size_t i = 0; i < fps_result_component_count(result); i++) {
        const fps_component *component = fps_result_component(result, i);
        if (component->state != FPS_STATE_PRESENT)
            continue;
        print_safe(stdout, component->name);
        putchar(' ');
        print_version(component->version);
        printf(" (%s, %s)\n", fps_component_role_name(component->role), fps_linkage_name(component->linkage));
    }
}

static fps_status write_to_file(void *user, const char *text, size_t length)
{
    return fwrite(text, 1, length, (FILE *)user) == length ? FPS_OK : FPS_ERROR_IO;
}

static fps_status write_report(const fps_result *result, const char *path, fps_error *error)
{
    const fps_report_format *json = NULL;
    FILE *file = fopen(path, "w");
    fps_status status = fps_report_format_find("json", &json, error);
    if (!file) {
        perror(path);
        return FPS_ERROR_IO;
    }
    if (status == FPS_OK)
        status = fps_report_write(result, json, NULL, write_to_file, file, error);
    return fclose(file) == 0 ? status : FPS_ERROR_IO;
}

/* Scans, prints and writes; the database must outlive the result. */
static int scan_target(const fps_database *database, const char *target, const char *report)
{
    fps_error error;
    fps_scan *scan = NULL;
    fps_result *result = NULL;
    int code = 1;
    memset(&error, 0, sizeof error);
    fps_status status = fps_scan_create(&scan, NULL, &error);
    if (status == FPS_OK)
        status = fps_scan_add_database(scan, database, &error);
    if (status == FPS_OK)
        status = fps_scan_run(scan, target, &result, &error);
    if (status == FPS_OK) {
        print_components(result);
        status = write_report(result, report, &error);
        code = fps_result_get_info(result)->partial ? 3 : 0;
    }
    if (status != FPS_OK)
        code = fail(target, &error);
    fps_result_free(result);
    fps_scan_free(scan);
    return code;
}

int main(int argc, char **argv)
{
    fps_error error;
    fps_database *database = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: scan SET TARGET REPORT\nlibfpscan %s\n", fps_version());
        return 1;
    }
    if (fps_database_open(&database, argv[1], &error) != FPS_OK)
        return fail(argv[1], &error);
    int code = scan_target(database, argv[2], argv[3]);
    fps_database_free(database);
    return code;
}
