/* Reads any bytes as what names a jar. NULs separate the name of its file, its manifest, a pom.properties, a pom.xml, a bill and
 * the release file of a run-time.
 *
 * Reaches: fps__java_parse_pom_xml, fps__java_group_of
 */
#include "inventory/language_java.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_NAME, MANIFEST, PROPERTIES, XML, BILL, RELEASE, PARTS };

static void cut(const uint8_t *data, size_t size, fps__span parts[PARTS])
{
    for (int i = 0; i < PARTS; i++) {
        const uint8_t *end = size && i + 1 < PARTS ? memchr(data, 0, size) : NULL;
        parts[i] = (fps__span){data, end ? (size_t)(end - data) : size};
        size_t used = parts[i].size + (end ? 1 : 0);
        data += used;
        size -= used;
    }
}

/* What every answer must be: texts that end, and a name where there is one at all. */
static void check(fps_status status, const fps_package *facts)
{
    if ((status == FPS_OK) != (*facts->name != '\0') && status != FPS_ERROR_CORRUPT)
        abort();
    if (strlen(facts->name) > 1024)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fps__span parts[PARTS];
    fps__arena arena = {.limit = 64 << 20};
    cut(data, size, parts);
    const char *file = fps__arena_text(&arena, (const char *)parts[FILE_NAME].data, parts[FILE_NAME].size);
    fps__jar jar = {fps__jar_keep_manifest(&arena, parts[MANIFEST])};
    fps_package poms[4], facts = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    const fps_package *pointers[4] = {&poms[0], &poms[1], &poms[2], &poms[3]};
    const char *fault = "";
    size_t count = 0, main = 0;
    for (size_t i = 0; i < 4; i++)
        poms[i] = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    count += !fps__java_read_pom(&arena, "/META-INF/maven/a/b/pom.properties", parts[PROPERTIES],
                                 &poms[count], &fault);
    count += !fps__java_read_pom(&arena, "/META-INF/maven/c/d/pom.xml", parts[XML], &poms[count], &fault);
    count += !fps__java_read_bill(&arena, parts[BILL], &poms[count]);
    fps_package release = fps__inventory_facts(FPS_PACKAGE_GENERIC);
    check(fps__java_read_release(&arena, parts[RELEASE], &release), &release);
    if (file && jar.manifest) {
        check(fps__jar_identify(&arena, &jar, file, pointers, count, &facts, &main), &facts);
        if (main > count)
            abort();
    }
    fps__arena_free(&arena);
    return 0;
}
