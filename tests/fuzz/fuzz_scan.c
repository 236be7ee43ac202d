/* Scans a small directory as a whole and writes the report: the input is its files, parted by a mark and a letter that
 * chooses the name. The file with the letter 'S' is the set that the scan uses.
 *
 * Reaches: fps_scan_run, fps__match_object, fps__drift_find, fps__inventory_read, fps__ownership_find
 */
#include "../unit/set_repair.h"
#include "fuzz_files.h"

#include <fpscan/database.h>
#include <fpscan/report.h>
#include <fpscan/scan.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MARK = 3, MAX_FILES = 32 };
static const uint8_t mark[MARK] = {0xf5, 0xf6, 0xf7};

static const char *name_of(uint8_t letter)
{
    static const struct {
        char letter;
        const char *name;
    } names[] = {
        {'a', "usr/lib/liba.so"},
        {'b', "usr/lib/libb.so.1"},
        {'c', "usr/bin/program"},
        {'d', "var/lib/dpkg/status"},
        {'e', "var/lib/dpkg/info/a.list"},
        {'f', "var/lib/dpkg/info/a.md5sums"},
        {'g', "var/lib/dpkg/diversions"},
        {'h', "lib/apk/db/installed"},
        {'i', "var/lib/rpm/rpmdb.sqlite"},
        {'j', "var/lib/pacman/local/a-1-1/desc"},
        {'k', "etc/os-release"},
        {'l', "usr/lib/python3/dist-packages/a-1.dist-info/METADATA"},
        {'m', "usr/lib/python3/dist-packages/a-1.dist-info/RECORD"},
        {'n', "app/node_modules/a/package.json"},
        {'o', "app/a.jar"},
        {'p', "app/a.tar"},
        {'q', "app/a.zip"},
        {'r', "app/liba.a"},
        {'s', "app/a.tar.gz"},
        {'t', "oci-layout"},
        {'u', "index.json"},
        {'v', "manifest.json"},
        {'w', "usr/share/doc/a/copyright"},
        {'x', "app/a.gem"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].letter == (char)letter)
            return names[i].name;
    return "data";
}

/* Takes the next file off the input; NULL at the end. */
static const uint8_t *next_file(const uint8_t **data, size_t *size, uint8_t *letter, size_t *length)
{
    const uint8_t *start = memmem(*data, *size, mark, MARK);
    size_t left = start ? *size - (size_t)(start - *data) : 0;
    if (left <= MARK)
        return NULL;
    *letter = start[MARK];
    start += MARK + 1;
    left -= MARK + 1;
    const uint8_t *end = memmem(start, left, mark, MARK);
    *length = end ? (size_t)(end - start) : left;
    *data = start + *length;
    *size = left - *length;
    return start;
}

static fps_status pass(void *user, const char *bytes, size_t size)
{
    volatile char last = size ? bytes[size - 1] : 0;
    (void)user;
    (void)last;
    return FPS_OK;
}

static void report(const fps_result *result)
{
    static const char *const formats[] = {"json", "table"};
    const fps_report_format *format;
    const fps_report_options options = {.states = 7, .timestamp = -1};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (fps_report_format_find(formats[i], &format, NULL) != FPS_OK ||
            fps_report_write(result, format, &options, pass, NULL, NULL) != FPS_OK)
            abort();
}

static void scan_folder(const char *folder, const fps_database *database)
{
    const fps_scan_options options = {.workers = 1,
                                      .file_limit = 1 << 20,
                                      .memory_limit = 32 << 20,
                                      .timeout_ms = 5000,
                                      .file_timeout_ms = 3000,
                                      .verify_digests = true,
                                      .keep_excluded = true,
                                      .archive_depth = 3};
    fps_scan *scan;
    fps_result *result = NULL;
    fps_error error;
    if (fps_scan_create(&scan, &options, &error) != FPS_OK)
        abort();
    if (database && fps_scan_add_database(scan, database, &error) != FPS_OK)
        abort();
    if (fps_scan_run(scan, folder, &result, &error) == FPS_OK)
        report(result);
    else if (!error.message[0])
        abort(); /* a failure without a reason */
    fps_result_free(result);
    fps_scan_free(scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[FUZZ_PATH + 8];
    const uint8_t *bytes;
    uint8_t letter, *set = NULL;
    size_t length, files = 0;
    fps_database *database = NULL;
    snprintf(folder, sizeof folder, "%s/root", fuzz_folder());
    if (mkdir(folder, 0700))
        abort();
    while (files++ < MAX_FILES && (bytes = next_file(&data, &size, &letter, &length))) {
        uint8_t *copy = fuzz_copy(bytes, length);
        fuzz_repair_tar(copy, length);
        if (letter != 'S')
            fuzz_write(folder, name_of(letter), copy, length);
        if (letter != 'S' || set || length < FPS__HEADER_SIZE || memcmp(copy, FPS__LAYOUT_MAGIC, 8) != 0) {
            free(copy);
            continue;
        }
        set = copy;
        set_repair(set, length);
        fps_database_open_memory(&database, set, length, "fuzz", NULL);
    }
    scan_folder(folder, database);
    fps_database_free(database);
    free(set);
    fuzz_remove(AT_FDCWD, folder);
    return 0;
}
