/* META-INF/sbom/application.cdx.json: the bill that Spring Boot builds put into their jars. Its metadata name the application;
 * the jars that it lists are read themselves. The format: CycloneDX JSON, metadata.component. */
#include "inventory/language_java.h"

#include "util/cursor.h"
#include "util/json_document.h"
#include "util/lines.h"

enum { MAX_NAME = 1024 };

bool fps__java_is_bill(const char *path)
{
    return fps__path_stem(path, ".cdx.json") || fps__path_stem(path, "/bom.json");
}

fps_status fps__java_read_bill(fps__arena *arena, fps__span text, fps_package *facts)
{
    json_error_t error;
    json_t *root = fps__json_load(text, 0, &error);
    const json_t *component = json_object_get(json_object_get(root, "metadata"), "component");
    const char *group = json_string_value(json_object_get(component, "group")),
               *artifact = json_string_value(json_object_get(component, "name")),
               *version = json_string_value(json_object_get(component, "version"));
    char name[MAX_NAME];
    fps__cursor cursor = {name, sizeof name, 0, false};
    fps__cursor_text(&cursor, group ? group : "");
    fps__cursor_text(&cursor, group && *group ? ":" : "");
    fps__cursor_text(&cursor, artifact ? artifact : "");
    size_t size = artifact && *artifact ? fps__cursor_finish(&cursor) : 0;
    bool memory = fps__language_take(arena, (fps__span){(const uint8_t *)name, size}, &facts->name) &&
                  fps__language_take(arena, fps__span_of(version ? version : ""), &facts->version);
    json_decref(root);
    if (!memory || (!root && fps__json_no_memory(&error)))
        return FPS_ERROR_MEMORY;
    return !root ? FPS_ERROR_CORRUPT : *facts->name ? FPS_OK : FPS_ERROR_NOT_FOUND;
}
