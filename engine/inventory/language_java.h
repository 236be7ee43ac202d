/* Jars: what in them tells their Maven coordinates, and which of it names the jar itself.
 *
 *   for each file of the jar:
 *       META-INF/MANIFEST.MF     jar.manifest = fps__jar_keep_manifest(&arena, bytes)
 *       fps__java_is_pom(path)   fps__java_read_pom(&arena, path, bytes, &poms[count++], &fault)
 *   fps__jar_identify(&arena, &jar, "demo-1.0.jar", poms, count, &facts, &main)
 *
 * Every byte is hostile: texts are copied into the caller's arena with a limit on each, and time is in proportion to the
 * bytes.
 */
#ifndef FPS_INVENTORY_LANGUAGE_JAVA_H
#define FPS_INVENTORY_LANGUAGE_JAVA_H

#include "inventory/language.h"

/* A jar apart from its poms. */
typedef struct fps__jar {
    /* Of fps__jar_keep_manifest, "" when there is none; lines "Class-Folder: org.example", the folder that all of the classes
     * lie in, and "Class-Version: 48", the highest version of the class files, may follow. */
    const char *manifest;
} fps__jar;

/* True for names that Java archives have: jar, war, ear, hpi, aar ...; thread-safe, as all functions here are. */
bool fps__java_is_archive(const char *path);

/* The fields of a manifest's main section that can name the jar, a line each, in `arena`; NULL without memory. */
const char *fps__jar_keep_manifest(fps__arena *arena, fps__span text);

/* True for META-INF/maven/GROUP/ARTIFACT/pom.properties and pom.xml, below any folder. `path` begins with '/'. */
bool fps__java_is_pom(const char *path);

/* Reads a pom.properties or pom.xml, as the end of `path` says; what it leaves out comes from GROUP and ARTIFACT in the
 * path. The name of `facts` becomes "GROUP:ARTIFACT" (without a group "ARTIFACT"); the version may be missing.
 * FPS_OK; FPS_ERROR_NOT_FOUND without any of them; FPS_ERROR_CORRUPT, and *fault says why, for a pom.xml that is no XML or
 * passes a limit: the name is then that of the path; FPS_ERROR_MEMORY. */
fps_status fps__java_read_pom(fps__arena *arena, const char *path, fps__span text, fps_package *facts,
                              const char **fault);

/* Coordinates as spans; empty where they are unknown. */
typedef struct fps__java_name {
    fps__span group, artifact, version;
} fps__java_name;

/* True for META-INF/sbom/application.cdx.json and its like; `path` is inside the jar. */
bool fps__java_is_bill(const char *path);
/* Name and version of the application that a CycloneDX bill is of. FPS_OK; FPS_ERROR_NOT_FOUND when it names none;
 * FPS_ERROR_CORRUPT when it is no JSON; FPS_ERROR_MEMORY. */
fps_status fps__java_read_bill(fps__arena *arena, fps__span text, fps_package *facts);

/* A run-time environment by the `release` file in its folder: "VENDOR/openjdk" and its version. FPS_OK; FPS_ERROR_NOT_FOUND when
 * it is not the release file of a JDK or JRE; FPS_ERROR_MEMORY. */
fps_status fps__java_read_release(fps__arena *arena, fps__span text, fps_package *facts);

/* project/groupId, artifactId and version of a pom.xml, those of its parent where it has none of its own, and properties of
 * the same file put in. The texts are in `arena` or in `text`. FPS_ERROR_CORRUPT, with *fault, and FPS_ERROR_MEMORY. No
 * external text is ever read: a document type is refused, and entities are not put in. */
fps_status fps__java_parse_pom_xml(fps__arena *arena, fps__span text, fps__java_name *name,
                                   const char **fault);

/* Splits the name of a jar, without folders: "a-b-1.0-SNAPSHOT.jar" is artifact "a-b" and version "1.0-SNAPSHOT". A `hint` is
 * a version that the jar is known to have, or empty; where it stands in the name, it decides the split. The version is empty
 * where the name has none. */
void fps__java_split_file(const char *file, fps__span hint, fps__java_name *name);

/* Which of the poms in a jar tells of the jar itself (the others are of artifacts that were copied into it), or what else
 * tells it. `file` is the jar's name with or without folders, NULL where it is unknown. *main becomes the index of the pom,
 * `count` when it is none of them; `facts` gets name ("ARTIFACT" where the group is unknown), version ("" where it is unknown)
 * and license. Texts are copied into `arena`. FPS_OK; FPS_ERROR_NOT_FOUND when nothing names the jar; FPS_ERROR_MEMORY. */
fps_status fps__jar_identify(fps__arena *arena, const fps__jar *jar, const char *file,
                             const fps_package *const *poms, size_t count, fps_package *facts, size_t *main);

/* What a jar has of the names of those who made it: "org.example.core", "okhttp3". */
typedef struct fps__java_hints {
    fps__span texts[8];
    size_t count;
    bool host; /* one of them at least is a reversed host name */
    bool old;  /* compiled for Java 1.4 or before: a group may be called as its artifact then */
} fps__java_hints;

/* The group that published packages give an artifact of this name, "" when it is not known. Of several groups the hints choose
 * one, else there is no answer; and a name of one word, which others may have too, needs a hint that agrees if the jar has a
 * reversed host name. */
const char *fps__java_group_of(fps__span artifact, const fps__java_hints *hints);

/* An artifact of a published package, and the index of its group. language_java_groups_table.c has them, sorted by name,
 * once for each group; bench/accuracy/java-groups makes it. */
typedef struct fps__java_artifact {
    const char *name;
    uint16_t group;
} fps__java_artifact;
extern const char *const fps__java_groups[];
extern const fps__java_artifact fps__java_artifacts[];
extern const size_t fps__java_artifact_count;

#endif
