/* META-INF/MANIFEST.MF: its main section, and the fields in it that can name a jar. The format: JAR file specification. */
#include "inventory/language_java_manifest.h"

#include "util/array.h"
#include "util/lines.h"

#include <stdlib.h>

enum { MAX_VALUE = 512, /* bytes of a value that is kept: a longer one names nothing */ };

/* By the numbers of fps__manifest_field. */
static const char *const fields[FPS__MANIFEST_FIELDS] = {"Implementation-Title",
                                                         "Implementation-Version",
                                                         "Implementation-Vendor-Id",
                                                         "Implementation-Vendor",
                                                         "Specification-Title",
                                                         "Specification-Version",
                                                         "Bundle-SymbolicName",
                                                         "Bundle-Version",
                                                         "Bundle-License",
                                                         "Bundle-Name",
                                                         "Automatic-Module-Name",
                                                         "Extension-Name",
                                                         "Short-Name",
                                                         "Group-Id",
                                                         "Plugin-Version",
                                                         "Artifact-Id",
                                                         "Build-Version",
                                                         "Project-Version",
                                                         "Version",
                                                         "groupId",
                                                         "artifactId",
                                                         "Class-Folder",
                                                         "Class-Version"};

/* The main section with its continued lines put together, in `joined` of as many bytes. */
static fps__span join_lines(fps__span text, char *joined)
{
    size_t at = 0, used = 0;
    for (fps__span line; fps__line_next(text, &at, &line);) {
        if (line.size && line.data[line.size - 1] == '\r')
            line.size--;
        if (!line.size)
            break;
        bool more = line.data[0] == ' ' && used;
        if (more)
            line = fps__span_part(line, 1, line.size - 1);
        else if (used)
            joined[used++] = '\n';
        if (line.size)
            memcpy(joined + used, line.data, line.size);
        used += line.size;
    }
    return (fps__span){(const uint8_t *)joined, used};
}

fps__manifest fps__manifest_fields_of(fps__span section)
{
    fps__manifest manifest = {{{NULL, 0}}};
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(section, &at, &line);) {
        if (!fps__line_split(line, ':', &name, &value))
            continue;
        for (size_t i = 0; i < FPS__MANIFEST_FIELDS; i++)
            if (fps__span_is(name, fields[i]) && !manifest.values[i].size)
                manifest.values[i] = fps__span_trim(value);
    }
    return manifest;
}

static const char *keep(fps__arena *arena, const fps__manifest *manifest)
{
    size_t size = 1, used = 0;
    for (size_t i = 0; i < FPS__MANIFEST_FIELDS; i++)
        size += strlen(fields[i]) + manifest->values[i].size + 3;
    char *text = fps__arena_alloc(arena, size);
    for (size_t i = 0; text && i < FPS__CLASS_FOLDER; i++) {
        fps__span value = manifest->values[i];
        size_t length = strlen(fields[i]);
        if (!value.size || value.size > MAX_VALUE)
            continue;
        memcpy(text + used, fields[i], length);
        memcpy(text + used + length, ": ", 2);
        memcpy(text + used + length + 2, value.data, value.size);
        used += length + 2 + value.size;
        text[used++] = '\n';
    }
    return text;
}

const char *fps__jar_keep_manifest(fps__arena *arena, fps__span text)
{
    char *joined = malloc(text.size + 1);
    if (!joined)
        return NULL;
    fps__manifest manifest = fps__manifest_fields_of(join_lines(text, joined));
    const char *kept = keep(arena, &manifest);
    free(joined);
    return kept;
}
