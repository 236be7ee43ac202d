/* The cache key for everything except file content. Anything that can change a result must be part of it. */
#include "build_id.h"
#include "scan/scan_internal.h"

#include <stdio.h>
#include <stdlib.h>

static void put_hex(FILE *text, const char *name, const uint8_t *bytes, size_t size)
{
    fprintf(text, "%s ", name);
    for (size_t i = 0; i < size; i++)
        fprintf(text, "%02x", bytes[i]);
    fputc('\n', text);
}

bool fps__scan_identify(fps__scan_run *run, uint8_t analysis[16])
{
    char *memory = NULL;
    size_t size = 0;
    const fps_scan *scan = run->scan;
    FILE *text = open_memstream(&memory, &size);
    if (!text)
        return false;
    fprintf(text, "build %s\n", FPS_BUILD_ID);
    for (size_t i = 0; i < scan->databases.count; i++) {
        fps_database_info info;
        fps_database_read_info(scan->databases.items[i], &info);
        put_hex(text, "set", info.digest, sizeof info.digest);
    }
    for (size_t i = 0; i < scan->yara.count; i++) {
        uint8_t digest[16];
        fps__yara_digest(scan->yara.items[i], digest);
        put_hex(text, "yara", digest, sizeof digest);
    }
    fprintf(text, "digests %d\n", scan->options.finding_digests);
    fprintf(text, "exact %d\nreadings %d\narchives %d\ndepth %u\nratio %u\nmemory %llu\nfile %llu\n",
            !scan->options.no_exact, !scan->options.no_version_texts, !scan->options.no_archives,
            scan->options.archive_depth, scan->options.ratio_limit,
            (unsigned long long)scan->options.memory_limit, (unsigned long long)scan->options.file_limit);
    bool good = !ferror(text);
    good = fclose(text) == 0 && good;
    if (good)
        fps__cache_analysis(memory, size, analysis);
    free(memory);
    return good;
}
