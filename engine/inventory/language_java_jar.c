/* Which coordinates are the jar's own: a decision among its poms, its manifest and its file name. */
#include "inventory/language_java.h"
#include "inventory/language_java_manifest.h"

#include "util/cursor.h"
#include "util/lines.h"

enum { MAX_NAME = 1024 }; /* bytes of "GROUP:ARTIFACT" */

/* All that is known of the jar while it is identified. */
typedef struct evidence {
    fps__manifest manifest;
    fps__java_name file;   /* of the file's name; empty where that is unknown */
    fps__span stem;        /* the artifact and version of `file` as they stand in the name */
    char vendor[64];       /* "org.example" where the vendor is called "Example.org", else "" */
    fps__java_name nebula; /* of a title "GROUP#ARTIFACT;VERSION", as Netflix's builds write it */
} evidence;

static bool same(fps__span a, fps__span b)
{
    return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0);
}

static bool ends_with(fps__span text, fps__span end)
{
    return text.size >= end.size && same(fps__span_part(text, text.size - end.size, end.size), end);
}

/* A name that can be one: a title in words is none. */
static bool is_name(fps__span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f || strchr("$:;,/\\{}()\"'<>@#%&", text.data[i]))
            return false;
    return text.size > 0;
}

/* A version that can be one: "${version}" and "(unknown)" are none. */
static bool is_version(fps__span text)
{
    bool digit = false;
    for (size_t i = 0; i < text.size; i++)
        digit |= text.data[i] >= '0' && text.data[i] <= '9';
    return digit && is_name(text);
}

/* ---- the parts of a pom's name ---- */

static void split_name(const char *name, fps__span *group, fps__span *artifact)
{
    const char *colon = strchr(name, ':');
    *group = (fps__span){(const uint8_t *)name, colon ? (size_t)(colon - name) : 0};
    *artifact = fps__span_of(colon ? colon + 1 : name);
}

/* ---- what the manifest says ---- */

/* Without what stands behind it: the parameters of a bundle's name, the remark behind a plug-in's version. */
static fps__span field(const fps__manifest *manifest, fps__manifest_field which)
{
    fps__span value = manifest->values[which], part = {NULL, 0};
    if (which == FPS__BUNDLE_SYMBOLIC_NAME)
        fps__span_cut(&value, ";", &part);
    else if (which == FPS__PLUGIN_VERSION || which == FPS__IMPLEMENTATION_VERSION)
        fps__span_cut(&value, " (", &part);
    else
        part = value;
    return part;
}

static fps__span manifest_version(const fps__manifest *manifest)
{
    static const fps__manifest_field order[] = {FPS__PLUGIN_VERSION,       FPS__IMPLEMENTATION_VERSION,
                                                FPS__BUNDLE_VERSION,       FPS__PROJECT_VERSION,
                                                FPS__BUILD_VERSION,        FPS__VERSION,
                                                FPS__SPECIFICATION_VERSION};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        fps__span value = field(manifest, order[i]);
        if (is_version(value))
            return value;
    }
    return (fps__span){NULL, 0};
}

static void read_nebula(fps__span title, fps__java_name *name)
{
    fps__span rest = title, group, artifact;
    if (!memchr(title.data ? title.data : (const uint8_t *)"", '#', title.size) ||
        !fps__span_cut(&rest, "#", &group) || !fps__span_cut(&rest, ";", &artifact))
        return;
    if (is_name(group) && is_name(artifact))
        *name = (fps__java_name){group, artifact, is_version(rest) ? rest : (fps__span){NULL, 0}};
}

/* An artifact that the manifest names by itself. */
static fps__span manifest_artifact(const evidence *e)
{
    static const fps__manifest_field order[] = {FPS__SHORT_NAME,           FPS__MAVEN_ARTIFACT,
                                                FPS__ARTIFACT_ID,          FPS__IMPLEMENTATION_TITLE,
                                                FPS__BUNDLE_SYMBOLIC_NAME, FPS__SPECIFICATION_TITLE};
    if (e->nebula.artifact.size)
        return e->nebula.artifact;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        fps__span value = field(&e->manifest, order[i]);
        if (is_name(value))
            return value;
    }
    return (fps__span){NULL, 0};
}

/* ---- the pom of the jar itself ---- */

/* "ARTIFACT-VERSION", or the same before a classifier. */
static bool is_stem_of(fps__span stem, fps__span artifact, fps__span version)
{
    size_t size = artifact.size + 1 + version.size;
    return version.size && stem.size >= size && stem.data[artifact.size] == '-' &&
           same(fps__span_part(stem, 0, artifact.size), artifact) &&
           same(fps__span_part(stem, artifact.size + 1, version.size), version) &&
           (stem.size == size || memchr("-_.", stem.data[size], 3));
}

/* Whether the manifest names this artifact: as a title, or at the end of the name of a bundle or module. */
static bool manifest_names(const evidence *e, fps__span artifact)
{
    static const fps__manifest_field names[] = {
        FPS__SHORT_NAME,           FPS__MAVEN_ARTIFACT, FPS__ARTIFACT_ID,        FPS__IMPLEMENTATION_TITLE,
        FPS__BUNDLE_SYMBOLIC_NAME, FPS__BUNDLE_NAME,    FPS__SPECIFICATION_TITLE};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fps__span value = field(&e->manifest, names[i]);
        if (ends_with(value, artifact) &&
            (value.size == artifact.size || value.data[value.size - artifact.size - 1] == '.'))
            return true;
    }
    return false;
}

/* How well a pom agrees with file name and manifest; 0: it is of something else. `alone`: the only one. */
static unsigned agreement(const evidence *e, const fps_package *pom, bool alone)
{
    fps__span group, artifact, version = fps__span_of(pom->version);
    split_name(pom->name, &group, &artifact);
    fps__span rest = e->stem;
    bool grouped = group.size && rest.size > group.size + 1 && rest.data[group.size] == '.' &&
                   same(fps__span_part(rest, 0, group.size), group);
    if (grouped) /* a distribution that puts the group before the name */
        rest = fps__span_part(rest, group.size + 1, rest.size - group.size - 1);
    bool named = same(e->file.artifact, artifact) || same(rest, artifact);
    bool titled = manifest_names(e, artifact);
    if (is_stem_of(rest, artifact, version))
        return titled ? 7 : 6;
    if (named)
        return titled ? 5 : 4;
    bool same_version = e->file.version.size && same(e->file.version, version);
    if (titled && (!e->file.version.size || same_version))
        return 3;
    bool contradicted = manifest_artifact(e).size && !titled;
    if (alone && !e->file.version.size && !contradicted)
        return 2;
    return 0;
}

/* The pom that agrees best; of equals the one with the least name. */
static size_t choose_pom(const evidence *e, const fps_package *const *poms, size_t count)
{
    size_t best = count;
    unsigned most = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned now = agreement(e, poms[i], count == 1);
        bool better = now > most || (now && now == most && strcmp(poms[i]->name, poms[best]->name) < 0);
        best = better ? i : best;
        most = better ? now : most;
    }
    return best;
}

/* ---- the group, where no pom tells it ---- */

/* "com.example", as it can begin the name of a bundle, module or vendor. */
static bool is_reversed_host(fps__span text)
{
    static const char *const tops[] = {"com",   "org", "net", "io",   "dev", "edu",     "gov",   "de",
                                       "fr",    "uk",  "ch",  "at",   "nl",  "be",      "it",    "eu",
                                       "us",    "ca",  "me",  "info", "biz", "co",      "app",   "tech",
                                       "cloud", "ai",  "tv",  "in",   "br",  "se",      "no",    "fi",
                                       "pl",    "cz",  "ru",  "cn",   "jp",  "jakarta", "javax", "software"};
    const uint8_t *dot = text.size ? memchr(text.data, '.', text.size) : NULL;
    fps__span top = {text.data, dot ? (size_t)(dot - text.data) : 0};
    for (size_t i = 0; is_name(text) && i < sizeof tops / sizeof *tops; i++)
        if (fps__span_is(top, tops[i]))
            return true;
    return false;
}

/* A host that many projects share is no group by itself. */
static bool is_shared_host(fps__span group)
{
    static const char *const hosts[] = {"org.apache",    "org.eclipse",  "org.glassfish", "org.codehaus",
                                        "org.jboss",     "org.sonatype", "org.ow2",       "com.sun",
                                        "com.google",    "com.ibm",      "com.oracle",    "com.github",
                                        "com.microsoft", "io.github",    "net.java",      "net.sourceforge"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (fps__span_is(group, hosts[i]))
            return true;
    return !memchr(group.data ? group.data : (const uint8_t *)"", '.', group.size);
}

static void add_hint(fps__java_hints *hints, fps__span text, bool any)
{
    bool host = is_reversed_host(text);
    hints->host |= host;
    if (host || (any && text.size))
        hints->texts[hints->count++] = text;
}

/* "JUnit.org" is "org.junit" when it is reversed; a vendor that is no host leaves `reversed` empty. */
static void reverse_host(fps__span vendor, char *reversed, size_t size)
{
    const uint8_t *dot = vendor.size && is_name(vendor) ? memchr(vendor.data, '.', vendor.size) : NULL;
    size_t head = dot ? (size_t)(dot - vendor.data) : 0, tail = dot ? vendor.size - head - 1 : 0;
    if (!head || !tail || vendor.size >= size || memchr(dot + 1, '.', tail))
        return;
    memcpy(reversed, dot + 1, tail);
    reversed[tail] = '.';
    for (size_t i = 0; i < head; i++)
        reversed[tail + 1 + i] =
            (char)(vendor.data[i] >= 'A' && vendor.data[i] <= 'Z' ? vendor.data[i] + 32 : vendor.data[i]);
    reversed[vendor.size] = '\0';
}

/* Projects whose classes have another host name than their group. */
static const char *publisher_of(fps__span folder)
{
    static const char *const known[][2] = {
        {"com.sun.jna", "net.java.dev.jna"},
        {"dagger", "com.google.dagger"},
        {"net.jpountz", "org.lz4"},
        {"org.h2", "com.h2database"},
        {"org.koin", "io.insert-koin"},
        {"org.objectweb.asm", "org.ow2.asm"},
        {"org.openqa.selenium", "org.seleniumhq.selenium"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t size = strlen(known[i][0]);
        if (fps__span_starts(folder, known[i][0]) && (folder.size == size || folder.data[size] == '.'))
            return known[i][1];
    }
    return "";
}

/* Version 48 of class files is that of Java 1.4. */
static bool is_old(fps__span version)
{
    return version.size == 2 && version.data[0] == '4' && version.data[1] <= '8';
}

/* Reversed host names in the manifest, and the folder of the classes, which need not be one. */
static fps__java_hints find_hints(const evidence *e)
{
    static const fps__manifest_field fields[] = {FPS__BUNDLE_SYMBOLIC_NAME, FPS__AUTOMATIC_MODULE_NAME,
                                                 FPS__IMPLEMENTATION_VENDOR_ID, FPS__EXTENSION_NAME,
                                                 FPS__IMPLEMENTATION_TITLE};
    fps__java_hints hints = {.count = 0};
    add_hint(&hints, e->nebula.group, false);
    add_hint(&hints, fps__span_of(e->vendor), false);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        add_hint(&hints, field(&e->manifest, fields[i]), false);
    add_hint(&hints, field(&e->manifest, FPS__CLASS_FOLDER), true);
    add_hint(&hints, fps__span_of(publisher_of(field(&e->manifest, FPS__CLASS_FOLDER))), false);
    hints.old = is_old(field(&e->manifest, FPS__CLASS_VERSION));
    return hints;
}

/* Out of "GROUP.ARTIFACT"; empty when `name` is no such. Of an artifact of one word, "org.example.demo" may be the group too:
 * then nothing is said. */
static fps__span group_before(fps__span name, fps__span artifact)
{
    if (!is_reversed_host(name) || !artifact.size || !memchr(artifact.data, '-', artifact.size))
        return (fps__span){NULL, 0};
    if (name.size > artifact.size + 1 && name.data[name.size - artifact.size - 1] == '.' &&
        ends_with(name, artifact)) {
        return fps__span_part(name, 0, name.size - artifact.size - 1);
    }
    return (fps__span){NULL, 0};
}

/* A part of the group is `word`, or its last part begins with it: "stanford" and "edu.stanford.nlp", "h2" and "com.h2database". */
static bool has_word(fps__span group, fps__span word)
{
    size_t start = 0;
    for (size_t at = 0; at <= group.size; at++) {
        if (at < group.size && group.data[at] != '.')
            continue;
        fps__span part = fps__span_part(group, start, at - start);
        bool last = at == group.size && start > 0;
        if (same(part, word) ||
            (last && part.size > word.size && same(fps__span_part(part, 0, word.size), word)))
            return true;
        start = at + 1;
    }
    return false;
}

/* Out of "GROUP.REST", where the artifact is a word of the group, a dash and REST: how bundles get their names (Apache Felix
 * Maven Bundle Plugin, "Default Behavior"), and many modules. Empty when `name` is no such. */
static fps__span group_of_bundle(fps__span name, fps__span artifact)
{
    if (!is_reversed_host(name))
        return (fps__span){NULL, 0};
    for (size_t at = name.size; at-- > 0;) {
        size_t rest = name.size - at - 1, head = artifact.size > rest ? artifact.size - rest : 0;
        if (name.data[at] != '.' || head < 2 || artifact.data[head - 1] != '-' ||
            !ends_with(artifact, fps__span_part(name, at + 1, rest)))
            continue;
        fps__span group = fps__span_part(name, 0, at);
        if (has_word(group, fps__span_part(artifact, 0, head - 1)))
            return group;
    }
    return (fps__span){NULL, 0};
}

/* A group that the manifest says in so many words; empty when it says none. */
static fps__span said_group(const evidence *e, fps__span artifact)
{
    fps__span value = field(&e->manifest, FPS__GROUP_ID);
    if (!value.size && same(field(&e->manifest, FPS__MAVEN_ARTIFACT), artifact))
        value = field(&e->manifest, FPS__MAVEN_GROUP);
    if (!value.size && same(e->nebula.artifact, artifact))
        value = e->nebula.group;
    return is_name(value) ? value : (fps__span){NULL, 0};
}

/* A group by the names of bundle, module and vendor; empty when they give none. */
static fps__span derived_group(const evidence *e, fps__span artifact)
{
    static const fps__manifest_field names[] = {FPS__BUNDLE_SYMBOLIC_NAME, FPS__AUTOMATIC_MODULE_NAME,
                                                FPS__EXTENSION_NAME, FPS__IMPLEMENTATION_TITLE};
    static const fps__manifest_field vendors[] = {FPS__IMPLEMENTATION_VENDOR_ID, FPS__IMPLEMENTATION_VENDOR};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fps__span group = group_before(field(&e->manifest, names[i]), artifact);
        if (!is_shared_host(group))
            return group;
    }
    for (size_t i = 0; i < 2; i++) {
        fps__span group = group_of_bundle(field(&e->manifest, names[i]), artifact);
        if (!is_shared_host(group))
            return group;
    }
    /* sbt and Mill say the group as the vendor */
    for (size_t i = 0; i < sizeof vendors / sizeof *vendors; i++) {
        fps__span vendor = field(&e->manifest, vendors[i]);
        if (is_reversed_host(vendor) && !is_shared_host(vendor))
            return vendor;
    }
    /* "lwjgl.org" and "lwjgl-zstd": all that a jar of native libraries alone may tell */
    fps__span host = fps__span_of(e->vendor), rest = artifact, word;
    bool own = is_reversed_host(host) && fps__span_cut(&rest, "-", &word) && ends_with(host, word) &&
               host.size > word.size && host.data[host.size - word.size - 1] == '.';
    return own ? host : e->nebula.group;
}

static fps__span find_group(const evidence *e, fps__span artifact)
{
    fps__java_hints hints = find_hints(e);
    fps__span group = said_group(e, artifact);
    if (!group.size)
        group = fps__span_of(fps__java_group_of(artifact, &hints));
    return group.size ? group : derived_group(e, artifact);
}

/* ---- together ---- */

static evidence gather(const fps__jar *jar, const char *file)
{
    evidence e = {.manifest = fps__manifest_fields_of(fps__span_of(jar->manifest))};
    reverse_host(field(&e.manifest, FPS__IMPLEMENTATION_VENDOR), e.vendor, sizeof e.vendor);
    read_nebula(e.manifest.values[FPS__IMPLEMENTATION_TITLE], &e.nebula);
    if (!file)
        return e;
    fps__java_split_file(file, manifest_version(&e.manifest), &e.file);
    const uint8_t *end = (const uint8_t *)file + strlen(file);
    e.stem = (fps__span){e.file.artifact.data, (size_t)(end - e.file.artifact.data)};
    for (size_t i = e.stem.size; fps__java_is_archive(file) && i-- > 0;)
        if (e.stem.data[i] == '.') {
            e.stem.size = i;
            break;
        }
    return e;
}

/* "GROUP:ARTIFACT" as the name; without a group the artifact alone. */
static bool take_name(fps__arena *arena, fps__span group, fps__span artifact, const char **name)
{
    char text[MAX_NAME];
    fps__cursor cursor = {text, sizeof text, 0, false};
    fps__cursor_put(&cursor, (const char *)group.data, group.size);
    fps__cursor_put(&cursor, ":", group.size ? 1 : 0);
    fps__cursor_put(&cursor, (const char *)artifact.data, artifact.size);
    return fps__language_take(arena, (fps__span){(const uint8_t *)text, fps__cursor_finish(&cursor)}, name);
}

/* The version of a jar without a pom. The file name says it as it was published; a manifest may shorten it. */
static fps__span find_version(const evidence *e)
{
    if (is_version(e->file.version))
        return e->file.version;
    return e->nebula.version.size ? e->nebula.version : manifest_version(&e->manifest);
}

/* "12.6.1.jre11" is what was published where the pom says "12.6.1". */
static bool is_longer(fps__span version, fps__span of)
{
    return of.size && version.size > of.size + 1 && version.data[of.size] == '.' &&
           same(fps__span_part(version, 0, of.size), of);
}

static fps_status identify_pom(fps__arena *arena, const evidence *e, const fps_package *pom,
                               fps_package *facts)
{
    fps__span group, artifact, version = find_version(e);
    split_name(pom->name, &group, &artifact);
    facts->name = pom->name;
    facts->version = pom->version;
    facts->license = *facts->license ? facts->license : pom->license;
    bool longer = same(e->file.artifact, artifact) && is_longer(e->file.version, fps__span_of(pom->version));
    if (longer && !fps__language_take(arena, e->file.version, &facts->version))
        return FPS_ERROR_MEMORY;
    if (!group.size && !take_name(arena, find_group(e, artifact), artifact, &facts->name))
        return FPS_ERROR_MEMORY;
    if (!*facts->version && !fps__language_take(arena, version, &facts->version))
        return FPS_ERROR_MEMORY;
    return FPS_OK;
}

/* "demo-jakarta-2.1.jar" with the pom of demo 2.1 is made of that, and published beside it. */
static fps__span group_of_variant(const evidence *e, const fps_package *pom)
{
    fps__span group, artifact, file = e->file.artifact;
    split_name(pom->name, &group, &artifact);
    bool variant = file.size > artifact.size && file.data[artifact.size] == '-' &&
                   same(fps__span_part(file, 0, artifact.size), artifact) &&
                   same(e->file.version, fps__span_of(pom->version));
    return variant ? group : (fps__span){NULL, 0};
}

fps_status fps__jar_identify(fps__arena *arena, const fps__jar *jar, const char *file,
                             const fps_package *const *poms, size_t count, fps_package *facts, size_t *main)
{
    evidence e = gather(jar, file);
    *main = choose_pom(&e, poms, count);
    if (!fps__language_take(arena, field(&e.manifest, FPS__BUNDLE_LICENSE), &facts->license))
        return FPS_ERROR_MEMORY;
    if (*main < count)
        return identify_pom(arena, &e, poms[*main], facts);
    fps__span artifact = e.file.artifact, named = manifest_artifact(&e);
    if (!e.file.version.size && named.size && find_version(&e).size)
        artifact = named; /* "app.jar": what was built is said inside */
    if (!is_name(artifact))
        return FPS_ERROR_NOT_FOUND;
    fps__span group = find_group(&e, artifact);
    if (!group.size && count == 1)
        group = group_of_variant(&e, poms[0]);
    if (!take_name(arena, group, artifact, &facts->name) ||
        !fps__language_take(arena, find_version(&e), &facts->version))
        return FPS_ERROR_MEMORY;
    return *facts->name ? FPS_OK : FPS_ERROR_NOT_FOUND;
}
