/* Reads source archives: one is one release. They go through archive/ and its limits. */
#include "history/history_maker.h"
#include "history/history_rules.h"

#include "archive/archive.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const fps__archive_limits limits = {.file_size = FPS__MAKER_FILE,
                                           .total_size = (uint64_t)8 << 30,
                                           .ratio = 200,
                                           .entries = FPS__MAKER_ENTRIES};

static fps_status map_file(const char *path, fps__span *data, fps_error *error)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *data = (fps__span){NULL, 0};
    if (fd < 0 || fstat(fd, &facts))
        return fps__fail_io(error, path, errno, "cannot open");
    void *bytes = S_ISREG(facts.st_mode) && facts.st_size > 0
                      ? mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
                      : MAP_FAILED;
    close(fd);
    if (bytes == MAP_FAILED)
        return fps__fail(error, FPS_ERROR_FORMAT, path, UINT64_MAX,
                         "neither a git repository nor an archive");
    *data = (fps__span){bytes, (size_t)facts.st_size};
    return FPS_OK;
}

static bool is_object(fps__span head)
{
    return head.size >= 4 && (!memcmp(head.data,
                                      "\x7f"
                                      "ELF",
                                      4) ||
                              !memcmp(head.data, "!<ar", 4) || !memcmp(head.data, "\xed\xab\xee\xdb", 4));
}

bool fps__history_is_source_archive(fps__span data)
{
    static const char *const suffixes[] = {".c", ".cc", ".cpp", ".cxx", NULL};
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    bool sources = false, objects = false;
    fps__archive_budget_init(&budget, &limits, data.size);
    if (!fps__archive_identify(data) || fps__archive_open(&archive, data, &budget, NULL))
        return false;
    for (;;) {
        fps_status status = fps__archive_next(archive, &entry, NULL);
        if (status == FPS_ERROR_UNSUPPORTED)
            continue;
        if (status || entry.single)
            break;
        objects |= is_object(entry.head);
        size_t length = strlen(entry.path);
        for (const char *const *suffix = suffixes; !sources && *suffix; suffix++)
            sources = length > strlen(*suffix) && !strcmp(entry.path + length - strlen(*suffix), *suffix) &&
                      fps__history_file_kind(entry.path, 0);
    }
    fps__archive_free(archive);
    return sources && !objects;
}

static fps_status read_entry(fps__archive *archive, const fps__archive_entry *entry, fps__maker *maker,
                             unsigned kind, fps_error *error)
{
    uint8_t id[EVP_MAX_MD_SIZE];
    bool known;
    fps__span bytes;
    char *path = strdup(entry->path);
    if (!path)
        return fps__fail_memory(error);
    fps_status status = fps__archive_load(archive, &bytes, error);
    if (!status &&
        !EVP_Digest(bytes.data ? bytes.data : (const uint8_t *)"", bytes.size, id, NULL, EVP_sha256(), NULL))
        status = fps__fail_memory(error);
    if (!status)
        status = fps__maker_file(maker, path, kind, id, &known, error);
    if (!status && !known)
        status = fps__maker_read(maker, bytes, error);
    free(path);
    return status;
}

fps_status fps__source_archive_read(const fps__found_release *release, fps__maker *maker, fps_error *error)
{
    fps__span data;
    fps__archive_budget budget;
    fps__archive *archive = NULL;
    fps__archive_entry entry;
    fps_error own = {.path = ""};
    fps_status status = map_file(release->path, &data, error);
    if (status)
        return status;
    fps__archive_budget_init(&budget, &limits, data.size);
    status = fps__archive_identify(data)
                 ? fps__archive_open(&archive, data, &budget, &own)
                 : fps__fail(&own, FPS_ERROR_FORMAT, NULL, UINT64_MAX, "not an archive");
    bool failed = false; /* by the machine, not by the archive */
    while (!status) {
        status = fps__archive_next(archive, &entry, &own);
        if (status == FPS_ERROR_UNSUPPORTED) {
            fps__maker_diagnose(maker, "unsupported-archive", release->path, "%s: %s", entry.path,
                                own.message);
            status = FPS_OK;
            continue;
        }
        unsigned kind = status || entry.single ? 0 : fps__maker_wants(maker, entry.path, 1);
        if (kind) {
            uint64_t before = budget.unpacked;
            status = read_entry(archive, &entry, maker, kind, &own);
            failed = status == FPS_ERROR_MEMORY;
            /* Above the limit of one file: git's histories pass over such files, too. */
            if (status == FPS_ERROR_LIMIT && budget.unpacked - before <= FPS__MAKER_FILE + limits.file_size &&
                budget.unpacked < budget.limits.total_size && maker->bytes <= FPS__MAKER_BYTES &&
                strstr(own.message, "file of more"))
                status = FPS_OK;
        }
    }
    fps__archive_free(archive);
    munmap((void *)data.data, data.size);
    if (status == FPS_ERROR_NOT_FOUND)
        return FPS_OK;
    if (failed)
        return fps__fail_memory(error);
    if (error)
        *error = own;
    return fps__fail(error, status, release->path, UINT64_MAX, "%s", own.message);
}

void fps__source_archive_date(const char *path, char date[16])
{
    fps__span data;
    fps__archive_budget budget;
    fps__archive *archive;
    fps__archive_entry entry;
    int64_t newest = 0;
    struct tm parts;
    date[0] = '\0';
    if (map_file(path, &data, NULL))
        return;
    fps__archive_budget_init(&budget, &limits, data.size);
    if (fps__archive_identify(data) && !fps__archive_open(&archive, data, &budget, NULL)) {
        for (;;) {
            fps_status status = fps__archive_next(archive, &entry, NULL);
            if (status && status != FPS_ERROR_UNSUPPORTED)
                break;
            if (!status && entry.modified > newest)
                newest = entry.modified;
        }
        fps__archive_free(archive);
    }
    munmap((void *)data.data, data.size);
    time_t seconds = (time_t)newest;
    if (newest > 0 && gmtime_r(&seconds, &parts) && parts.tm_year < 8100)
        strftime(date, 16, "%Y-%m-%d", &parts);
}
