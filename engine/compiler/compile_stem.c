/* sigbuild compile: the objects of a component and their stems, under which builds of one object are
 * compared. */
#include "compiler/compile_unit.h"

#include <stdlib.h>
#include <string.h>

static bool is_place(const char *folder, size_t length)
{
    static const char *const places[] = {"lib",  "lib64",   "lib32", "libx32", "bin",
                                         "sbin", "libexec", "usr",   "local"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (length == strlen(places[i]) && memcmp(folder, places[i], length) == 0)
            return true;
    return length > 10 && (memmem(folder, length, "-linux-", 7) != NULL);
}

/* Cuts what changes from release to release off a file name: everything behind ".so" or, for others, a
 * version at the end. */
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

char *fps__object_stem(const char *path, bool member, fps__arena *arena)
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
        folder = slash && !is_place(start, (size_t)(slash - start)) ? (size_t)(slash - start) : 0;
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

static bool number_stems(fps__unit_work *w)
{
    fps__object_ref **order = malloc((w->object_count + 1) * sizeof *order);
    if (!order)
        return false;
    for (size_t i = 0; i < w->object_count; i++)
        order[i] = &w->objects[i];
    qsort(order, w->object_count, sizeof *order, compare_stems);
    for (size_t i = 0; i < w->object_count; i++) {
        if (i && strcmp(order[i]->stem, order[i - 1]->stem) != 0 && w->stem_count < UINT16_MAX)
            w->stem_count++;
        order[i]->stem_id = w->stem_count;
    }
    w->stem_count++;
    w->stems = fps__arena_array(w->c->arena, w->stem_count, sizeof *w->stems);
    for (size_t i = 0; w->stems && i < w->object_count; i++)
        w->stems[order[i]->stem_id] = (fps__stem){order[i]->stem, order[i]->object->member, 0};
    free(order);
    if (!w->stems)
        return false;
    w->builds = calloc((size_t)w->stem_count * w->release_count, sizeof *w->builds);
    for (size_t i = 0; w->builds && i < w->object_count; i++)
        w->builds[(size_t)w->objects[i].stem_id * w->release_count + w->objects[i].release]++;
    return w->builds != NULL;
}

static bool is_variant(const fps__corpus_build *build)
{
    return strncmp(build->origin, "variant ", 8) == 0;
}

bool fps__unit_list_objects(fps__unit_work *w, bool variants)
{
    const fps__compile_component *component = &w->c->components[w->component];
    size_t total = 0;
    for (size_t b = 0; b < component->builds.count; b++)
        total += w->c->build_object[component->builds.items[b] + 1] -
                 w->c->build_object[component->builds.items[b]];
    w->objects = malloc((total + 1) * sizeof *w->objects);
    if (!w->objects)
        return false;
    for (size_t b = 0; b < component->builds.count; b++) {
        uint32_t build = component->builds.items[b];
        if (!variants && is_variant(&w->c->corpus->builds[build]))
            continue;
        for (uint32_t i = w->c->build_object[build]; i < w->c->build_object[build + 1]; i++) {
            if (w->c->left_out[i])
                continue;
            const fps__corpus_object *object = &w->c->corpus->objects[i];
            fps__object_ref ref = {object, fps__object_stem(object->path, object->member, w->c->arena), 0,
                                   w->c->build_release[build]};
            if (!ref.stem)
                return false;
            w->objects[w->object_count++] = ref;
        }
    }
    qsort(w->objects, w->object_count, sizeof *w->objects, compare_objects);
    return number_stems(w);
}
