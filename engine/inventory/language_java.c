/* Java packages of a root: Maven's metadata in unpacked applications, and the run-time environments themselves. What lies in
 * jars is read where archives are (scan/jar_packages.c). */
#include "inventory/language_java.h"

#include "util/cursor.h"
#include "util/lines.h"

#include <stdlib.h>

enum {
    MAX_NAME = 1024,         /* bytes of "GROUP:ARTIFACT" */
    MAX_RELEASE = 64 * 1024, /* bytes of a run-time's `release` file */
};

static const char maven_folder[] = "/META-INF/maven/";

bool fps__java_is_pom(const char *path)
{
    return strstr(path, maven_folder) &&
           (fps__path_stem(path, "/pom.properties") || fps__path_stem(path, "/pom.xml"));
}

/* ---- poms ---- */

static fps_status take_name(fps__arena *arena, const fps__java_name *name, fps_package *facts)
{
    char text[MAX_NAME];
    fps__cursor cursor = {text, sizeof text, 0, false};
    if (!name->artifact.size)
        return FPS_ERROR_NOT_FOUND;
    fps__cursor_put(&cursor, (const char *)name->group.data, name->group.size);
    fps__cursor_put(&cursor, ":", name->group.size ? 1 : 0);
    fps__cursor_put(&cursor, (const char *)name->artifact.data, name->artifact.size);
    fps__span joined = {(const uint8_t *)text, fps__cursor_finish(&cursor)};
    if (!joined.size)
        return FPS_ERROR_NOT_FOUND;
    bool memory = fps__language_take(arena, joined, &facts->name) &&
                  fps__language_take(arena, name->version, &facts->version);
    return memory ? FPS_OK : FPS_ERROR_MEMORY;
}

/* GROUP and ARTIFACT of META-INF/maven/GROUP/ARTIFACT/pom.xml. */
static void name_by_path(const char *path, fps__java_name *name)
{
    const char *group = "", *folder = maven_folder + 1; /* at the top of an archive no '/' comes before it */
    for (const char *next = strstr(path, folder); next; next = strstr(group, folder))
        group = next + strlen(folder);
    const char *middle = strchr(group, '/'), *end = middle ? strchr(middle + 1, '/') : NULL;
    if (!end)
        return;
    if (!name->group.size)
        name->group = (fps__span){(const uint8_t *)group, (size_t)(middle - group)};
    if (!name->artifact.size)
        name->artifact = (fps__span){(const uint8_t *)middle + 1, (size_t)(end - middle - 1)};
}

/* A value that Maven did not fill in is none. */
static fps__span filled(fps__span value)
{
    value = fps__span_trim(value);
    return value.size && memchr(value.data, '$', value.size) ? (fps__span){NULL, 0} : value;
}

static void parse_properties(fps__span text, fps__java_name *found)
{
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(text, &at, &line);) {
        line = fps__span_trim(line);
        if (fps__span_starts(line, "#") || !fps__line_split(line, '=', &name, &value))
            continue;
        if (fps__span_is(name, "groupId"))
            found->group = filled(value);
        else if (fps__span_is(name, "artifactId"))
            found->artifact = filled(value);
        else if (fps__span_is(name, "version"))
            found->version = filled(value);
    }
}

fps_status fps__java_read_pom(fps__arena *arena, const char *path, fps__span text, fps_package *facts,
                              const char **fault)
{
    fps__java_name name = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    fps_status parsed = FPS_OK;
    if (fps__path_stem(path, "/pom.xml"))
        parsed = fps__java_parse_pom_xml(arena, text, &name, fault);
    else
        parse_properties(text, &name);
    if (parsed == FPS_ERROR_MEMORY)
        return parsed;
    if (!parsed && !name.group.size && !name.artifact.size && !name.version.size)
        return FPS_ERROR_NOT_FOUND;
    name_by_path(path, &name);
    fps_status taken = take_name(arena, &name, facts);
    return taken ? taken : parsed;
}

/* ---- run-time environments ---- */

/* The value of NAME="VALUE"; empty where there is none. */
static fps__span release_value(fps__span text, const char *wanted)
{
    size_t at = 0;
    for (fps__span line, name, value; fps__line_next(text, &at, &line);) {
        if (!fps__line_split(line, '=', &name, &value) || !fps__span_is(name, wanted))
            continue;
        value = fps__span_trim(value);
        if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
            value = fps__span_part(value, 1, value.size - 2);
        return value;
    }
    return (fps__span){NULL, 0};
}

/* "Eclipse Adoptium" as a part of a package URL: "eclipse-adoptium". */
static void put_vendor(fps__cursor *cursor, fps__span vendor)
{
    bool gap = false;
    for (size_t i = 0; i < vendor.size; i++) {
        char c = (char)vendor.data[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter && gap && cursor->used)
            fps__cursor_put(cursor, "-", 1);
        if (letter)
            fps__cursor_put(cursor, &c, 1);
        gap = !letter;
    }
}

/* VENDOR/openjdk, VENDOR/graalvm, or VENDOR/jdk for what is sold: what `release` in the folder of a JDK or JRE says (JEP 223 and 322). */
fps_status fps__java_read_release(fps__arena *arena, fps__span text, fps_package *facts)
{
    fps__span version = release_value(text, "JAVA_VERSION"), vendor = release_value(text, "IMPLEMENTOR");
    bool graal = release_value(text, "GRAALVM_VERSION").size > 0,
         commercial = fps__span_is(release_value(text, "BUILD_TYPE"), "commercial");
    char name[MAX_NAME];
    fps__cursor cursor = {name, sizeof name, 0, false};
    if (!version.size)
        return FPS_ERROR_NOT_FOUND;
    put_vendor(&cursor, vendor);
    fps__cursor_text(&cursor, cursor.used ? "/" : "");
    fps__cursor_text(&cursor, graal ? "graalvm" : commercial ? "jdk" : "openjdk");
    fps__span joined = {(const uint8_t *)name, fps__cursor_finish(&cursor)};
    bool memory = fps__language_take(arena, joined, &facts->name) &&
                  fps__language_take(arena, version, &facts->version);
    return memory ? fps__language_complete(facts) : FPS_ERROR_MEMORY;
}

/* ---- the inventory ---- */

/* `release` in a folder whose path has a word for a run-time: other files have that name too. */
static bool is_release(const char *path)
{
    static const char *const words[] = {"java", "jdk",      "jre",     "jvm",    "graal",
                                        "zulu", "corretto", "temurin", "runtime"};
    size_t stem = fps__path_stem(path, "/release");
    for (size_t i = 0; stem && i < sizeof words / sizeof *words; i++) {
        const char *found = strcasestr(path, words[i]);
        if (found && (size_t)(found - path) < stem)
            return true;
    }
    return false;
}

/* What does not parse has its reason here, for the diagnostic. */
static void add_pom(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps_package facts = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    const char *fault = "";
    fps_status status =
        fps__java_read_pom(&reading->inventory->arena, file->path, file->bytes, &facts, &fault);
    if (status == FPS_ERROR_CORRUPT)
        fps__inventory_diagnose(reading, file->path, fault);
    reading->no_memory |= status == FPS_ERROR_MEMORY;
    bool named = status == FPS_OK || status == FPS_ERROR_CORRUPT;
    fps__inventory_package *package = named ? fps__inventory_add(reading, FPS_PACKAGE_MAVEN) : NULL;
    if (!package)
        return;
    package->facts = facts;
    package->facts.location = fps__inventory_text(reading, file->path, strlen(file->path));
}

/* pom.xml says less surely what pom.properties beside it says. */
static bool has_properties(const fps__inventory_reading *reading, const char *path)
{
    size_t stem = fps__path_stem(path, "pom.xml"), size = stem + sizeof "pom.properties";
    char *beside = stem ? malloc(size) : NULL;
    if (!beside)
        return false;
    memcpy(beside, path, stem);
    memcpy(beside + stem, "pom.properties", sizeof "pom.properties");
    bool found = fps__inventory_find(reading, beside) != NULL;
    free(beside);
    return found;
}

static void read_pom(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    if (!has_properties(reading, file->path))
        add_pom(reading, file);
}

static fps_status parse_release(fps__arena *arena, fps__span text, fps_package *facts, const char **depends)
{
    (void)depends;
    return fps__java_read_release(arena, text, facts);
}

static void read_release(fps__inventory_reading *reading, const fps__inventory_file *file)
{
    fps__language_add(reading, file, FPS_PACKAGE_GENERIC, parse_release);
}

static bool wants(const char *path, uint64_t size)
{
    return (size <= FPS__MAX_METADATA && fps__java_is_pom(path)) || (size <= MAX_RELEASE && is_release(path));
}

static void read_packages(fps__inventory_reading *reading)
{
    fps__language_read(reading, fps__java_is_pom, read_pom);
    fps__language_read(reading, is_release, read_release);
}

const fps__inventory_reader fps__reader_java = {.wants = wants, .read = read_packages};
