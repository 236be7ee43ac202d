/* Jars inside of one file: their poms and manifests while it is unpacked, and then what each of them is. */
#include "scan/jar_packages.h"

#include "inventory/language_java.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_JARS = 1 << 16,
    MAX_METADATA = 4 * 1024 * 1024, /* bytes of a metadata file */
};

static const char manifest_path[] = "META-INF/MANIFEST.MF";
static const char folder_field[] = "Class-Folder: ", version_field[] = "Class-Version: ";

/* The path inside the innermost archive. */
static const char *innermost(const char *path)
{
    const char *mark = strrchr(path, '!');
    return mark ? mark + 1 : path;
}

static bool is_manifest(const char *path)
{
    return strcmp(innermost(path), manifest_path) == 0;
}

/* A bill that a Spring Boot build puts into the jar: it names the application. */
static bool is_bill(const char *path)
{
    const char *inner = innermost(path);
    return strncmp(inner, "META-INF/sbom/", strlen("META-INF/sbom/")) == 0 && fps__java_is_bill(inner);
}

static bool is_pom(const char *path)
{
    char rooted[4096];
    int length = snprintf(rooted, sizeof rooted, "/%s", innermost(path));
    return length > 0 && (size_t)length < sizeof rooted && fps__java_is_pom(rooted);
}

bool fps__jar_wants(const char *path)
{
    return is_manifest(path) || is_pom(path) || is_bill(path);
}

/* ---- while the file is unpacked ---- */

/* Takes note of the jar whose files begin with the first `length` bytes of `root` (kept). */
static void add_jar(fps__unpacking *u, const char *root, size_t length, const char *manifest,
                    const char *folder)
{
    char *copy = root && manifest && folder ? fps__arena_text(&u->worker->kept, root, length) : NULL;
    if (!copy || FPS__ARRAY_RESERVE(&u->jars, 1, MAX_JARS) != FPS_OK) {
        u->no_memory = true;
        return;
    }
    u->jars.items[u->jars.count++] = (fps__unpacking_jar){copy, length, manifest, folder, 0};
}

void fps__jar_begins(fps__unpacking *u, const char *path)
{
    const char *whole = fps__java_is_archive(path) ? fps__unpacking_path(u, path) : NULL;
    size_t length = whole ? strlen(whole) : 0;
    char *root = whole ? fps__arena_alloc(&u->worker->kept, length + 2) : NULL;
    if (!whole)
        return;
    if (root) {
        memcpy(root, whole, length);
        root[length] = '!';
    }
    add_jar(u, root, length + 1, "", "");
}

void fps__jar_pause(fps__unpacking *u)
{
    fps__unpacking_folder *f = &u->folder;
    if (f->any) {
        f->root[f->root_length] = '\0';
        f->path[f->length] = '\0';
        const char *root = fps__unpacking_path(u, f->root);
        if (root)
            add_jar(u, root, strlen(root), "", fps__unpacking_keep(u, f->path));
        if (!u->no_memory)
            u->jars.items[u->jars.count - 1].version = f->version;
    }
    *f = (fps__unpacking_folder){.any = false};
}

/* Where the classes of a jar begin: below it, or in the folder of an application. */
static const char *class_path(const char *inner)
{
    static const char *const folders[] = {"BOOT-INF/classes/", "WEB-INF/classes/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(inner, folders[i], strlen(folders[i])) == 0)
            return inner + strlen(folders[i]);
    return strncmp(inner, "META-INF/", strlen("META-INF/")) == 0 ? NULL : inner;
}

/* The major version of a class file, 48 for Java 1.4; 0 where the bytes are no class. */
static unsigned class_version(fps__span head)
{
    bool is_class = head.size >= 8 && memcmp(head.data, "\xca\xfe\xba\xbe", 4) == 0;
    return is_class ? (unsigned)(head.data[6] << 8 | head.data[7]) : 0;
}

/* How many bytes of whole folders both begin with. */
static size_t common_folders(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t same = 0, end = 0;
    for (; same < a_length && same < b_length && a[same] == b[same]; same++)
        end = a[same] == '/' ? same : end;
    bool whole = (same == a_length || a[same] == '/') && (same == b_length || b[same] == '/');
    return whole ? same : end;
}

void fps__jar_passes(fps__unpacking *u, const char *path, fps__span head)
{
    fps__unpacking_folder *f = &u->folder;
    size_t length = strlen(path), suffix = strlen(".class");
    if (length <= suffix || strcmp(path + length - suffix, ".class") != 0)
        return;
    const char *inner = innermost(path), *folder = class_path(inner),
               *slash = folder ? strrchr(folder, '/') : NULL;
    size_t root = (size_t)(inner - path), size = slash ? (size_t)(slash - folder) : 0;
    if (!size || root >= sizeof f->root || size >= sizeof f->path)
        return;
    if (f->any && (root != f->root_length || memcmp(f->root, path, root) != 0))
        fps__jar_pause(u);
    if (!f->any) {
        memcpy(f->root, path, root);
        memcpy(f->path, folder, size);
        f->root_length = root;
        f->length = size;
        f->any = true;
    } else
        f->length = common_folders(f->path, f->length, folder, size);
    unsigned version = class_version(head);
    f->version = version > f->version ? version : f->version;
}

static void read_pom(fps__unpacking *u, const char *path, fps__span bytes)
{
    fps_package package = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    const char *whole = fps__unpacking_path(u, path), *fault = "";
    if (!whole)
        return;
    fps_status status = is_bill(path) ? fps__java_read_bill(&u->worker->kept, bytes, &package)
                                      : fps__java_read_pom(&u->worker->kept, whole, bytes, &package, &fault);
    u->no_memory |= status == FPS_ERROR_MEMORY;
    if (status == FPS_ERROR_CORRUPT && *fault)
        fps__unpacking_remark(
            u, &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, "broken-package-database", path, UINT64_MAX, fault});
    if (!*package.name || u->no_memory)
        return;
    const char *meta = strstr(innermost(whole), "META-INF/");
    const char *root = fps__arena_text(&u->worker->kept, whole, (size_t)(meta - whole));
    package.location = whole;
    fps__unpacking_add_package(u, &package, root);
}

void fps__jar_read(fps__unpacking *u, const char *path, fps__span bytes)
{
    if (bytes.size > MAX_METADATA)
        return;
    if (!is_manifest(path)) {
        read_pom(u, path, bytes);
        return;
    }
    const char *whole = fps__unpacking_path(u, path);
    if (whole)
        add_jar(u, whole, strlen(whole) - strlen(manifest_path),
                fps__jar_keep_manifest(&u->worker->kept, bytes), "");
}

void fps__jars_free(fps__unpacking *u)
{
    free(u->jars.items);
}

/* ---- the poms ---- */

typedef struct settling {
    fps__unpacking *u;
    uint32_t *poms; /* indexes of packages, sorted by innermost archive and path */
    size_t count;
} settling;

static size_t archive_length(const fps__unpacking *u, uint32_t pom)
{
    const char *location = u->packages.items[pom].location;
    return (size_t)(innermost(location) - location);
}

static int compare_archive(const fps__unpacking *u, uint32_t pom, const char *root, size_t length)
{
    size_t own = archive_length(u, pom);
    int order = memcmp(u->packages.items[pom].location, root, own < length ? own : length);
    return order ? order : FPS__COMPARE(own, length);
}

static int compare_poms(const void *left, const void *right, void *user)
{
    const fps__unpacking *u = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const char *other = u->packages.items[b].location;
    int order = compare_archive(u, a, other, archive_length(u, b));
    order = order ? order : strcmp(u->packages.items[a].location, other);
    return order ? order : FPS__COMPARE(a, b);
}

/* True when `b` is read of the file that `a` is of, or of a pom.xml beside it: "pom.properties" sorts before "pom.xml". */
static bool is_beside(const fps_package *a, const fps_package *b)
{
    const char *slash = strrchr(a->location, '/'), *other = strrchr(b->location, '/');
    if (!slash || !other || slash - a->location != other - b->location || is_bill(b->location))
        return strcmp(a->location, b->location) == 0;
    return strncmp(a->location, b->location, (size_t)(slash - a->location)) == 0;
}

/* Says once what pom.properties and pom.xml say twice. */
static void join_poms(settling *s)
{
    fps__unpacking *u = s->u;
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        fps_package *now = &u->packages.items[s->poms[i]];
        fps_package *before = kept ? &u->packages.items[s->poms[kept - 1]] : NULL;
        if (!before || !is_beside(before, now)) {
            s->poms[kept++] = s->poms[i];
            continue;
        }
        u->roots.items[s->poms[i]].repeated = true;
        if (!*before->version)
            before->version = now->version;
    }
    s->count = kept;
}

static bool list_poms(settling *s)
{
    fps__unpacking *u = s->u;
    s->poms = calloc(u->packages.count + 1, sizeof *s->poms);
    for (uint32_t i = 0; s->poms && i < u->packages.count; i++)
        if (u->packages.items[i].kind == FPS_PACKAGE_MAVEN)
            s->poms[s->count++] = i;
    if (s->poms && s->count)
        qsort_r(s->poms, s->count, sizeof *s->poms, compare_poms, u);
    if (s->poms)
        join_poms(s);
    return s->poms != NULL;
}

/* ---- a package for each jar ---- */

static void finish_package(fps__arena *arena, fps_package *package)
{
    package->source = package->name;
    package->source_version = package->version;
    package->purl = fps__inventory_purl(arena, package, "", "", "");
}

/* The poms of a jar begin at its root, whatever folder of it they lie in. */
static void gather_poms(settling *s, const fps__unpacking_jar *jar, size_t first, size_t count,
                        const fps_package **poms)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t pom = s->poms[first + i];
        poms[i] = &s->u->packages.items[pom];
        s->u->roots.items[pom].path = jar->root;
        s->u->roots.items[pom].length = jar->length;
    }
}

/* The name of the jar's file out of its root; NULL when it is not that of a Java archive. */
static const char *file_of(fps__arena *arena, const fps__unpacking_jar *jar)
{
    const char *file = jar->length ? fps__arena_text(arena, jar->root, jar->length - 1) : NULL;
    return file && fps__java_is_archive(file) ? file : NULL;
}

bool fps__jar_has_manifest(const char *manifest)
{
    return *manifest && strncmp(manifest, "Class-", strlen("Class-")) != 0;
}

/* classes.jar without a word about itself is a part of the library or plug-in that it lies in. */
static bool is_part(const char *file, const fps__unpacking_jar *jar, size_t poms)
{
    const char *slash = file ? strrchr(file, '/') : NULL, *mark = file ? strrchr(file, '!') : NULL;
    const char *base = slash > mark ? slash + 1 : mark ? mark + 1 : file;
    return base && !poms && !fps__jar_has_manifest(jar->manifest) && strcmp(base, "classes.jar") == 0;
}

static const char *manifest_location(fps__arena *arena, const char *root, size_t length)
{
    char *location = fps__arena_alloc(arena, length + sizeof manifest_path);
    if (location) {
        memcpy(location, root, length);
        memcpy(location + length, manifest_path, sizeof manifest_path);
    }
    return location;
}

static void add_jar_package(settling *s, const fps__unpacking_jar *jar, const char *file, fps_package *facts)
{
    fps__unpacking *u = s->u;
    facts->location = fps__jar_has_manifest(jar->manifest)
                          ? manifest_location(&u->worker->kept, jar->root, jar->length)
                          : file;
    u->no_memory |= !facts->location;
    if (u->no_memory)
        return;
    fps__unpacking_root *added = fps__unpacking_add_package(u, facts, jar->root);
    if (added)
        added->main = true;
}

static void settle_jar(settling *s, const fps__unpacking_jar *jar)
{
    fps__unpacking *u = s->u;
    fps__arena *arena = &u->worker->kept;
    size_t first, end, main;
    FPS__LOWER_BOUND(first, s->count, at, compare_archive(u, s->poms[at], jar->root, jar->length) < 0);
    FPS__LOWER_BOUND(end, s->count, at, compare_archive(u, s->poms[at], jar->root, jar->length) <= 0);
    size_t count = end - first;
    const char *file = file_of(arena, jar);
    const fps_package **poms = malloc((count + 1) * sizeof *poms);
    fps_package facts = fps__inventory_facts(FPS_PACKAGE_MAVEN);
    fps_status status = FPS_ERROR_MEMORY;
    if (poms) {
        gather_poms(s, jar, first, count, poms);
        status = is_part(file, jar, count)
                     ? FPS_ERROR_NOT_FOUND
                     : fps__jar_identify(arena, &(fps__jar){jar->manifest}, file, poms, count, &facts, &main);
    }
    free((void *)poms);
    u->no_memory |= status == FPS_ERROR_MEMORY;
    if (status)
        return;
    finish_package(arena, &facts);
    if (main == count) {
        add_jar_package(s, jar, file, &facts);
        return;
    }
    uint32_t pom = s->poms[first + main];
    facts.location = u->packages.items[pom].location;
    u->packages.items[pom] = facts;
    u->roots.items[pom].main = true;
}

static int compare_jars(const void *left, const void *right)
{
    const fps__unpacking_jar *a = left, *b = right;
    int order = strcmp(a->root, b->root);
    order = order ? order : -strcmp(a->manifest, b->manifest);
    return order ? order : strcmp(a->folder, b->folder);
}

/* The folder that all classes lie in by the `count` records of a jar, and its length. */
static const char *join_folders(const fps__unpacking_jar *jars, size_t count, size_t *length)
{
    const char *folder = "";
    bool any = false;
    *length = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(jars[i].folder);
        if (!jars[i].version && !size)
            continue;
        *length = any ? common_folders(folder, *length, jars[i].folder, size) : size;
        folder = any ? folder : jars[i].folder;
        any = true;
    }
    return folder;
}

/* The manifest of a jar, and the folder and version of its classes, from the `count` records that there are of it. The text's
 * form: see fps__jar. NULL without memory. */
static const char *join_records(fps__arena *arena, const fps__unpacking_jar *jars, size_t count)
{
    size_t length, used = strlen(jars[0].manifest), size = used + 512;
    const char *folder = join_folders(jars, count, &length);
    unsigned version = 0;
    for (size_t i = 0; i < count; i++)
        version = jars[i].version > version ? jars[i].version : version;
    char *text = fps__arena_alloc(arena, size);
    if (!text)
        return NULL;
    memcpy(text, jars[0].manifest, used);
    if (length) { /* at most the room in fps__unpacking_folder */
        used += (size_t)snprintf(text + used, size - used, "%s%.*s\n", folder_field, (int)length, folder);
        for (char *c = text + used - length - 1; *c != '\n'; c++)
            *c = (char)(*c == '/' ? '.' : *c);
    }
    if (version)
        snprintf(text + used, size - used, "%s%u\n", version_field, version);
    return text;
}

void fps__jars_settle(fps__unpacking *u)
{
    settling s = {.u = u};
    fps__jar_pause(u);
    if (!list_poms(&s)) {
        u->no_memory = true;
        return;
    }
    if (u->jars.count)
        qsort(u->jars.items, u->jars.count, sizeof *u->jars.items, compare_jars);
    for (size_t i = 0, end; i < u->jars.count && !u->no_memory; i = end) {
        fps__unpacking_jar *jar = &u->jars.items[i];
        for (end = i + 1; end < u->jars.count && strcmp(u->jars.items[end].root, jar->root) == 0;)
            end++;
        jar->manifest = join_records(&u->worker->kept, jar, end - i);
        if (!jar->manifest)
            u->no_memory = true;
        else if (jar->length)
            settle_jar(&s, jar);
        else
            u->manifest = jar->manifest;
    }
    for (size_t i = 0; i < u->packages.count; i++)
        if (u->packages.items[i].kind == FPS_PACKAGE_MAVEN)
            finish_package(&u->worker->kept, &u->packages.items[i]);
    free(s.poms);
}
