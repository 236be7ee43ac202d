/* sigbuild compile: what the passes over units share: the objects of a component, and their stems, under
 * which builds of one object are compared. */
#include "compiler/compile_unit.h"

#include "database/unit_name.h"
#include "util/error.h"
#include "util/search.h"

#include <stdlib.h>
#include <string.h>

static bool is_system_folder(const char *folder, size_t length)
{
    static const char *const folders[] = {"lib",  "lib64",   "lib32", "libx32", "bin",
                                          "sbin", "libexec", "usr",   "local"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (length == strlen(folders[i]) && memcmp(folder, folders[i], length) == 0)
            return true;
    return length > 10 && (memmem(folder, length, "-linux-", 7) != NULL);
}

/* The length of a file name without what changes from release to release: everything from ".so" on. */
static size_t stem_length(const char *name, size_t length)
{
    const char *so = strstr(name, ".so");
    if (so && so > name && (so[3] == '.' || so[3] == '\0')) {
        size_t end = (size_t)(so - name);
        const char *tag = memmem(name, end, ".cpython-", 9);
        return tag && tag > name ? (size_t)(tag - name) : end;
    }
    return length;
}

/* "usr/lib/x86_64-linux-gnu/libz.so.1.2.13" gives "libz", "usr/lib/libz.a(inflate.o)" gives
 * "libz.a(inflate.o)". */
static char *make_stem(const char *path, bool member, fps__arena *arena)
{
    const char *paren = member ? strchr(path, '(') : NULL;
    size_t path_length = paren ? (size_t)(paren - path) : strlen(path);
    const char *slash = memrchr(path, '/', path_length);
    const char *name = slash ? slash + 1 : path;
    size_t length = path_length - (size_t)(name - path);
    size_t folder = 0;
    if (!member) {
        length = stem_length(name, length);
        const char *before = slash ? memrchr(path, '/', (size_t)(slash - path)) : NULL;
        const char *start = slash ? (before ? before + 1 : path) : name;
        folder = slash && !is_system_folder(start, (size_t)(slash - start)) ? (size_t)(slash - start) : 0;
    }
    size_t tail = paren ? strlen(paren) : 0;
    char *stem = fps__arena_alloc(arena, folder + 1 + length + tail + 1);
    if (!stem)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < folder; i++) /* versions in folder names do not matter: "perl/5.36" */
        if (!strchr("0123456789.", slash[(ptrdiff_t)i - (ptrdiff_t)folder]))
            stem[used++] = slash[(ptrdiff_t)i - (ptrdiff_t)folder];
    if (used)
        stem[used++] = '/';
    memcpy(stem + used, name, length);
    used += length;
    while (!member && used > 1 && strchr("0123456789.-_", stem[used - 1])) /* "libdb-5.3", "python3.11" */
        used--;
    memcpy(stem + used, paren ? paren : "", tail);
    stem[used + tail] = '\0';
    return stem;
}

/* ---- objects in the order in which they found units: members, then the newest release ---- */

static int compare_objects(const void *a, const void *b)
{
    const fps__object_ref *left = a, *right = b;
    if (left->object->member != right->object->member)
        return left->object->member ? -1 : 1;
    if (left->release != right->release)
        return left->release > right->release ? -1 : 1;
    int order = strcmp(left->stem, right->stem);
    return order ? order : (left->object > right->object) - (left->object < right->object);
}

static int compare_stems(const void *a, const void *b)
{
    const fps__object_ref *left = *(fps__object_ref *const *)a, *right = *(fps__object_ref *const *)b;
    return strcmp(left->stem, right->stem);
}

/* Gives the objects the numbers of their stems, in the order of the names. False without memory. */
static bool number_stems(fps__unit_work *w)
{
    fps__object_ref **order = malloc((w->object_count + 1) * sizeof *order);
    if (!order)
        return false;
    for (size_t i = 0; i < w->object_count; i++)
        order[i] = &w->objects[i];
    qsort(order, w->object_count, sizeof *order, compare_stems);
    for (size_t i = 0; i < w->object_count; i++) {
        w->stem_count += i && strcmp(order[i]->stem, order[i - 1]->stem) != 0;
        order[i]->stem_id = w->stem_count;
    }
    w->stem_count++;
    free(order);
    w->stems = fps__arena_array(w->c->arena, w->stem_count, sizeof *w->stems);
    w->builds = calloc((size_t)w->stem_count * w->release_count, sizeof *w->builds);
    if (!w->stems || !w->builds)
        return false;
    for (size_t i = 0; i < w->object_count; i++) {
        const fps__object_ref *ref = &w->objects[i];
        w->stems[ref->stem_id] = (fps__stem){ref->stem, ref->object->member, 0};
        w->builds[(size_t)ref->stem_id * w->release_count + ref->release]++;
    }
    return true;
}

bool fps__unit_is_variant(const fps__corpus_build *build)
{
    static const char variant[] = "variant ";
    return strncmp(build->origin, variant, sizeof variant - 1) == 0;
}

static bool add_objects(fps__unit_work *w, uint32_t build)
{
    for (uint32_t i = w->c->build_object[build]; i < w->c->build_object[build + 1]; i++) {
        if (w->c->left_out[i])
            continue;
        const fps__corpus_object *object = &w->c->corpus->objects[i];
        const char *stem = make_stem(object->path, object->member, w->c->arena);
        if (!stem)
            return false;
        w->objects[w->object_count++] = (fps__object_ref){object, stem, 0, w->c->build_release[build]};
    }
    return true;
}

fps_status fps__unit_list_objects(fps__unit_work *w, bool variants, fps_error *error)
{
    const fps__compile_component *component = &w->c->components[w->component];
    size_t total = 0;
    for (size_t b = 0; b < component->builds.count; b++)
        total += w->c->build_object[component->builds.items[b] + 1] -
                 w->c->build_object[component->builds.items[b]];
    w->objects = malloc((total + 1) * sizeof *w->objects);
    bool ok = w->objects != NULL;
    for (size_t b = 0; ok && b < component->builds.count; b++) {
        uint32_t build = component->builds.items[b];
        if (variants || !fps__unit_is_variant(&w->c->corpus->builds[build]))
            ok = add_objects(w, build);
    }
    if (ok) {
        qsort(w->objects, w->object_count, sizeof *w->objects, compare_objects);
        ok = number_stems(w);
    }
    if (!ok)
        return fps__fail_memory(error);
    if (w->stem_count > FPS__MAX_STEMS)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX,
                         "component %s has %u objects of different names, %d is the most",
                         component->facts->id, w->stem_count, FPS__MAX_STEMS);
    return FPS_OK;
}

/* ---- units and entries ---- */

size_t fps__object_library(const fps__object_ref *ref, const char **name)
{
    const char *slash = ref->object->member ? NULL : strrchr(ref->stem, '/');
    *name = slash ? slash + 1 : ref->stem;
    size_t length = strcspn(*name, "(");
    return length > 2 && (*name)[length] == '(' && memcmp(*name + length - 2, ".a", 2) == 0 ? length - 2
                                                                                            : length;
}

uint32_t fps__unit_make(fps__unit_work *w, fps__stem *stem, fps__unit_kind kind, bool code)
{
    char name[512];
    fps__unit_name(name, sizeof name, kind, stem->name, fps__unit_is_numbered(kind) ? stem->clusters++ : 0);
    return fps__sink_unit(w->sink, &(fps__set_unit){w->component, name, code, NULL, kind});
}

void fps__unit_add_foreign(fps__unit_work *w, uint32_t feature, uint16_t flags)
{
    static const uint64_t none[1] = {0};
    fps__set_entry entry = {
        .component = w->component, .unit = FPS__NONE, .flags = (uint16_t)(FPS__ENTRY_FOREIGN | flags)};
    entry.any = entry.all = fps__sink_bit_set(w->sink, none, 0);
    fps__sink_add_entry(w->sink, w->c->corpus->features[feature].key, &entry);
}

int fps__compare_u64(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return FPS__COMPARE(left, right);
}
