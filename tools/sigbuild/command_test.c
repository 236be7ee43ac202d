/* sigbuild test: how right a set is on files whose components are known, and which features mislead it. */
#include "sigbuild/commands.h"

#include <fpscan/scan.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAX_BLAMED = 8 }; /* features that are named for each false finding */

/* What one folder showed. */
typedef struct tally {
    uint64_t objects; /* that were judged */
    uint64_t right;   /* positive: that show their component; negative: without a false one */
} tally;

/* Columns come from files: control characters become "?". */
static void print_cell(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void print_row(const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            putchar('\t');
        print_cell(columns[i]);
    }
    putchar('\n');
}

/* The first folder of a path below the target, which names the component. */
static size_t first_folder(const char *path, const char **name)
{
    *name = path + (*path == '/');
    return strcspn(*name, "/");
}

static bool shows(const fps_result *result, const fps_file *file, const char *id, size_t length)
{
    for (uint32_t i = 0; i < file->findings_count; i++) {
        const fps_finding *finding = fps_result_finding(result, file->findings_first + i);
        const char *found = fps_result_component(result, finding->component)->id;
        if (finding->state == FPS_STATE_PRESENT && strlen(found) == length && strncmp(found, id, length) == 0)
            return true;
    }
    return false;
}

/* Each object below DIR/COMPONENT is to show COMPONENT. */
static tally judge_positive(const fps_result *result)
{
    tally sum = {0, 0};
    for (size_t i = 0; i < fps_result_file_count(result); i++) {
        const fps_file *file = fps_result_file(result, i);
        const char *id;
        size_t length = first_folder(file->path, &id);
        if (!*file->machine || !id[length])
            continue;
        sum.objects++;
        if (shows(result, file, id, length)) {
            sum.right++;
            continue;
        }
        char component[256];
        snprintf(component, sizeof component, "%.*s", (int)(length < 255 ? length : 255), id);
        const char *columns[] = {"missed", component, file->path,
                                 file->archive_path ? file->archive_path : ""};
        print_row(columns, sizeof columns / sizeof *columns);
    }
    return sum;
}

/* Names a false finding and the features that weigh most for it. */
static void blame(const fps_result *result, const fps_file *file, const fps_finding *finding)
{
    const char *id = fps_result_component(result, finding->component)->id;
    const char *false_one[] = {"false", id, file->path, file->archive_path ? file->archive_path : "",
                               finding->admitted_by ? finding->admitted_by : ""};
    print_row(false_one, sizeof false_one / sizeof *false_one);
    for (size_t i = 0; i < finding->evidence_count && i < MAX_BLAMED; i++) {
        const fps_evidence *evidence = &finding->evidence[i];
        char weight[16];
        snprintf(weight, sizeof weight, "%.2f", evidence->weight);
        const char *columns[] = {
            "blame", id, fps_evidence_kind_name(evidence->kind), weight, evidence->unit, evidence->text};
        print_row(columns, sizeof columns / sizeof *columns);
    }
}

/* No object is to show any component. */
static tally judge_negative(const fps_result *result)
{
    tally sum = {0, 0};
    for (size_t i = 0; i < fps_result_file_count(result); i++) {
        const fps_file *file = fps_result_file(result, i);
        bool good = true;
        if (!*file->machine)
            continue;
        for (uint32_t k = 0; k < file->findings_count; k++) {
            const fps_finding *finding = fps_result_finding(result, file->findings_first + k);
            if (finding->state != FPS_STATE_PRESENT)
                continue;
            good = false;
            blame(result, file, finding);
        }
        sum.objects++;
        sum.right += good;
    }
    return sum;
}

static void say_damage(const fps_result *result)
{
    for (size_t i = 0; i < fps_result_diagnostic_count(result); i++) {
        const fps_diagnostic *diagnostic = fps_result_diagnostic(result, i);
        if (diagnostic->level == FPS_DIAGNOSTIC_PARTIAL)
            message_print("sigbuild", "%s: %s (%s)", diagnostic->path ? diagnostic->path : "-",
                          diagnostic->message, diagnostic->code);
    }
}

/* Scans a folder by features alone and judges it. FPS_OK, or why it could not be scanned. */
static fps_status judge(const fps_database *database, const char *folder,
                        tally (*judge_result)(const fps_result *), tally *sum, bool *partial,
                        fps_error *error)
{
    fps_scan *scan;
    fps_result *result = NULL;
    fps_scan_options options = {.no_exact = true};
    fps_status status = fps_scan_create(&scan, &options, error);
    if (status == FPS_OK)
        status = fps_scan_add_database(scan, database, error);
    if (status == FPS_OK)
        status = fps_scan_run(scan, folder, &result, error);
    if (status == FPS_OK) {
        *sum = judge_result(result);
        *partial |= fps_result_get_info(result)->partial;
        say_damage(result);
    }
    fps_result_free(result);
    fps_scan_free(scan);
    return status;
}

static void print_share(const char *what, tally sum, uint64_t count)
{
    printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%.4f\n", what, count, sum.objects,
           sum.objects ? (double)count / (double)sum.objects : 0);
}

int command_test(const settings *chosen, const option_result *parsed)
{
    fps_database *database;
    fps_error error;
    tally positive = {0, 0}, negative = {0, 0};
    bool partial = false;
    if (!chosen->positive && !chosen->negative) {
        message_print("sigbuild", "nothing to test with: give --positive DIR, --negative DIR or both");
        return TOOL_EXIT_ERROR;
    }
    const char *what = parsed->operands[0];
    fps_status status = fps_database_open(&database, what, &error);
    if (status == FPS_OK && chosen->positive)
        status = judge(database, what = chosen->positive, judge_positive, &positive, &partial, &error);
    if (status == FPS_OK && chosen->negative)
        status = judge(database, what = chosen->negative, judge_negative, &negative, &partial, &error);
    fps_database_free(database);
    if (status != FPS_OK) {
        message_error("sigbuild", what, &error);
        return TOOL_EXIT_ERROR;
    }
    if (chosen->positive)
        print_share("recall", positive, positive.right);
    if (chosen->negative)
        print_share("false", negative, negative.objects - negative.right);
    if ((chosen->positive && !positive.objects) || (chosen->negative && !negative.objects)) {
        message_print("sigbuild", "no ELF or PE object was found to test with");
        return TOOL_EXIT_ERROR;
    }
    return partial ? TOOL_EXIT_PARTIAL : TOOL_EXIT_OK;
}
