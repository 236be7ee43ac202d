/* Java packages: the manifest of a jar, and the pom.properties that Maven puts into it. */
#include "inventory/language.h"

#include "util/lines.h"

#include <stdlib.h>

bool fps__language_is_pom(const char *path)
{
    return strstr(path, "/META-INF/maven/") && fps__path_stem(path, "/pom.properties");
}

/* "GROUP:ARTIFACT" as the name; without a group the artifact alone. */
static bool take_name(fps__arena *arena, fps__span group, fps__span artifact, fps_package *facts)
{
    if (!artifact.size)
        return true;
    char *text = fps__arena_alloc(arena, group.size + artifact.size + 2);
    if (!text)
        return false;
    fps__cursor name = {text, group.size + artifact.size + 2, 0, false};
    fps__cursor_put(&name, (const char *)group.data, group.size);
    fps__cursor_put(&name, ":", group.size ? 1 : 0);
    fps__cursor_put(&name, (const char *)artifact.data, artifact.size);
    return fps__language_take(arena, (fps__span){(const uint8_t *)text, fps__cursor_finish(&name)},
                              &facts->name);
}

fps_status fps__language_parse_pom(fps__arena *arena, fps__span text, fps_package *facts)
{
    fps__span group = {NULL, 0}, artifact = {NULL, 0}, version = {NULL, 0};
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(text, &at, &line);) {
        line = fps__span_trim(line);
        if (fps__span_starts(line, "#") || !fps__line_split(line, '=', &name, &value))
            continue;
        value = fps__span_trim(value);
        if (fps__span_is(name, "groupId"))
            group = value;
        else if (fps__span_is(name, "artifactId"))
            artifact = value;
        else if (fps__span_is(name, "version"))
            version = value;
    }
    if (!take_name(arena, group, artifact, facts) || !fps__language_take(arena, version, &facts->version))
        return FPS_ERROR_MEMORY;
    return fps__language_complete(facts);
}

/* The main section with its continued lines put together, in `joined` of as many bytes. The format: JAR file
 * specification. */
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

/* A name that can be one: a title in words is none. */
static bool is_name(fps__span text)
{
    return text.size && !memchr(text.data, ' ', text.size) && !memchr(text.data, '$', text.size) &&
           !memchr(text.data, ':', text.size);
}

static fps_status parse_section(fps__arena *arena, fps__span section, fps_package *facts)
{
    fps__span vendor = {NULL, 0}, title = {NULL, 0}, version = {NULL, 0}, bundle = {NULL, 0},
              bundle_version = {NULL, 0}, license = {NULL, 0};
    const struct {
        const char *name;
        fps__span *value;
    } known[] = {{"Implementation-Vendor-Id", &vendor}, {"Implementation-Title", &title},
                 {"Implementation-Version", &version},  {"Bundle-SymbolicName", &bundle},
                 {"Bundle-Version", &bundle_version},   {"Bundle-License", &license}};
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(section, &at, &line);)
        for (size_t i = 0; fps__line_split(line, ':', &name, &value) && i < sizeof known / sizeof *known; i++)
            if (fps__span_is(name, known[i].name))
                *known[i].value = fps__span_trim(value);
    if (bundle.size)
        fps__span_cut(&(fps__span){bundle.data, bundle.size}, ";", &bundle);
    bool by_title = is_name(title) && (is_name(vendor) || !is_name(bundle));
    bool memory = take_name(arena, by_title && is_name(vendor) ? vendor : (fps__span){NULL, 0},
                            by_title          ? title
                            : is_name(bundle) ? bundle
                                              : (fps__span){NULL, 0},
                            facts) &&
                  fps__language_take(arena, version.size ? version : bundle_version, &facts->version) &&
                  fps__language_take(arena, license, &facts->license);
    return memory ? fps__language_complete(facts) : FPS_ERROR_MEMORY;
}

fps_status fps__language_parse_manifest(fps__arena *arena, fps__span text, fps_package *facts)
{
    char *joined = malloc(text.size + 1);
    if (!joined)
        return FPS_ERROR_MEMORY;
    fps_status status = parse_section(arena, join_lines(text, joined), facts);
    free(joined);
    return status;
}

static fps_status parse_pom(fps__arena *arena, fps__span text, fps_package *facts, const char **depends)
{
    (void)depends;
    return fps__language_parse_pom(arena, text, facts);
}

static void read_package(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__language_add(reading, file, FPS_PACKAGE_MAVEN, parse_pom);
}

static bool wants(const char *path, uint64_t size)
{
    return size <= FPS__MAX_METADATA && fps__language_is_pom(path);
}

static void read_packages(fps__inventory_reading *reading)
{
    fps__language_read(reading, fps__language_is_pom, read_package);
}

const fps__inventory_reader fps__reader_java = {.wants = wants, .read = read_packages};
