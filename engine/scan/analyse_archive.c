/* Looking at all of a file: packages, wheels, jars, tars, compressed files, objects, however they are nested. */
#include "program/python_archive.h"
#include "scan/archive_metadata.h"
#include "scan/embedded.h"
#include "scan/file_kind.h"
#include "scan/jar_packages.h"
#include "scan/listed_packages.h"
#include "scan/program_packages.h"
#include "scan/unpacking.h"

#include "util/error.h"

#include "util/clock.h"
#include <fpscan/object.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_MEMBERS = 1 << 20,
    MAX_PACKAGES = 1 << 16,
    RATIO = 200,               /* unpacked bytes for a packed one: above, it is a bomb */
    METADATA = 4 * 1024 * 1024 /* bytes of a metadata file */
};

const char *fps__unpacking_keep(fps__unpacking *u, const char *text)
{
    const char *copy = fps__arena_string(&u->worker->kept, text);
    u->no_memory |= !copy;
    return copy;
}

/* The path inside the outermost archive of one inside the package that was begun last. */
const char *fps__unpacking_path(fps__unpacking *u, const char *path)
{
    const char *prefix = u->prefixes.count ? u->prefixes.items[u->prefixes.count - 1] : "";
    size_t size = strlen(prefix) + strlen(path) + 1;
    char *joined = fps__arena_alloc(&u->worker->kept, size);
    if (joined)
        snprintf(joined, size, "%s%s", prefix, path);
    u->no_memory |= !joined;
    return joined;
}

void fps__unpacking_remark_at(fps__unpacking *u, const fps_diagnostic *diagnostic)
{
    if (FPS__ARRAY_RESERVE(&u->remarks, 1, MAX_MEMBERS) != FPS_OK) {
        u->no_memory = true;
        return;
    }
    u->incomplete |= strcmp(diagnostic->code, "out-of-memory") == 0;
    fps_diagnostic copy = *diagnostic;
    copy.code = fps__unpacking_keep(u, diagnostic->code);
    copy.message = fps__unpacking_keep(u, diagnostic->message);
    copy.path = diagnostic->path ? fps__unpacking_keep(u, diagnostic->path) : NULL;
    u->remarks.items[u->remarks.count++] = copy;
}

void fps__unpacking_remark(void *user, const fps_diagnostic *diagnostic)
{
    fps__unpacking *u = user;
    fps_diagnostic copy = *diagnostic;
    copy.path = diagnostic->path ? fps__unpacking_path(u, diagnostic->path) : NULL;
    fps__unpacking_remark_at(u, &copy);
}

/* ---- packages ---- */

/* Says once that no more packages are taken. */
static void say_full(fps__unpacking *u)
{
    if (!u->full)
        fps__unpacking_remark_at(
            u, &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, "inventory-limit", NULL, UINT64_MAX,
                                 "the file holds more than 65,536 packages; the rest was left out"});
    u->full = true;
}

fps__unpacking_root *fps__unpacking_add_package(fps__unpacking *u, const fps_package *package,
                                                const char *root)
{
    fps_status status = root ? FPS__ARRAY_RESERVE(&u->packages, 1, MAX_PACKAGES) : FPS_ERROR_MEMORY;
    if (!status)
        status = FPS__ARRAY_RESERVE(&u->roots, 1, MAX_PACKAGES);
    if (status == FPS_ERROR_LIMIT)
        say_full(u);
    u->no_memory |= status == FPS_ERROR_MEMORY;
    if (status)
        return NULL;
    u->packages.items[u->packages.count++] = *package;
    fps__unpacking_root *added = &u->roots.items[u->roots.count++];
    *added = (fps__unpacking_root){.path = root, .length = strlen(root)};
    return added;
}

static fps_status begin(void *user, const fps__package_info *info, const char *path, fps__span bytes)
{
    fps__unpacking *u = user;
    (void)bytes;
    fps__jar_pause(u);
    bool outermost = !u->prefixes.count;
    const char *inside = outermost ? "" : fps__unpacking_path(u, path);
    size_t size = inside ? strlen(inside) + 2 : 0;
    char *prefix = size ? fps__arena_alloc(&u->worker->kept, size) : NULL;
    if (!prefix || FPS__ARRAY_RESERVE(&u->prefixes, 1, 64) != FPS_OK) {
        u->no_memory = true;
        return FPS_ERROR_MEMORY;
    }
    snprintf(prefix, size, "%s%s", inside, *inside ? "!" : "");
    u->prefixes.items[u->prefixes.count++] = prefix;
    if (info->kind == FPS_PACKAGE_GENERIC)
        return FPS_OK;
    fps_package package = {.kind = info->kind,
                           .name = fps__unpacking_keep(u, info->name),
                           .version = fps__unpacking_keep(u, info->version),
                           .architecture = fps__unpacking_keep(u, info->architecture),
                           .source = fps__unpacking_keep(u, info->source),
                           .source_version = fps__unpacking_keep(u, info->source_version),
                           .supplier = "",
                           .license = fps__unpacking_keep(u, info->license),
                           .purl = "",
                           .location = inside,
                           .layer = UINT32_MAX,
                           .parent = UINT32_MAX};
    if (!u->no_memory)
        package.purl = fps__inventory_purl(&u->worker->kept, &package, "", "", "");
    fps__unpacking_add_package(u, &package, prefix);
    return u->no_memory ? FPS_ERROR_MEMORY : FPS_OK;
}

static void end(void *user)
{
    fps__unpacking *u = user;
    fps__jar_pause(u);
    u->prefixes.count -= u->prefixes.count > 0;
}

/* ---- files ---- */

static bool is_zip(fps__span bytes)
{
    return bytes.size >= 4 && memcmp(bytes.data, "PK\3\4", 4) == 0;
}

/* A container that cannot be looked into is a remark, and not wanted. */
static bool wanted(void *user, const char *path, fps__span head)
{
    enum { LEAST = 512 }; /* bytes: what is shorter hides nothing */
    fps__unpacking *u = user;
    if (head.data == u->whole.data)
        return !(u->kind & FPS__FILE_ARCHIVE);
    fps__jar_passes(u, path, head);
    if (fps__file_object_kind(head, false) || fps__metadata_wants(path) || fps__jar_wants(path) ||
        fps__list_wants(path))
        return true;
    if (is_zip(head))
        fps__jar_begins(u, path);
    const char *container = fps__archive_identify(head) ? NULL : fps__unread_container(head);
    if (container) {
        char message[128];
        snprintf(message, sizeof message, "%s: fpscan cannot look into it", container);
        fps__unpacking_remark(
            u, &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, "unread-container", path, UINT64_MAX, message});
        return false;
    }
    return !fps__archive_identify(head) && head.size >= LEAST && fps__may_hide(head, UINT64_MAX);
}

/* A metadata file: the package that it tells of, if it tells of one. */
static void read_metadata(fps__unpacking *u, const char *path, fps__span bytes)
{
    fps_package package;
    const char *start;
    if (bytes.size > METADATA || !path)
        return;
    if (fps__metadata_read(path, bytes, &u->worker->kept, &package, &start))
        fps__unpacking_add_package(u, &package, start);
}

/* Modules of Python that a bundle has frozen. */
static void read_python(fps__unpacking *u, const char *path, fps__span bytes)
{
    fps__program program;
    if (!path || fps__python_archive_read(&program, bytes, u->deadline_ms, &u->worker->kept) != FPS_OK) {
        u->no_memory = true;
        return;
    }
    if (program.fault)
        fps__unpacking_remark_at(u, &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, "broken-dependency-list", path,
                                                      program.fault_offset, program.fault});
    fps__unpacking_program(u, path, &program);
}

static fps_status take_file(void *user, const char *path, fps__span bytes)
{
    fps__unpacking *u = user;
    if (fps__deadline_passed(u->deadline_ms)) {
        u->timed_out = true;
        return FPS_ERROR_CANCELLED;
    }
    unsigned kind = fps__file_object_kind(bytes, true);
    if (bytes.data == u->whole.data)
        path = "";
    if (kind)
        return fps__unpacking_object(u, path, kind, bytes, NULL);
    if (fps__metadata_wants(path))
        read_metadata(u, fps__unpacking_path(u, path), bytes);
    else if (fps__jar_wants(path))
        fps__jar_read(u, path, bytes);
    else if (fps__list_wants(path))
        fps__list_read(u, fps__unpacking_path(u, path), path, bytes);
    if (u->no_memory)
        return FPS_ERROR_MEMORY;
    if (fps__is_python_archive(bytes))
        read_python(u, fps__unpacking_path(u, path), bytes);
    return fps__may_hide(bytes, bytes.size) ? fps__unpacking_opaque(u, path, bytes) : FPS_OK;
}

static fps_status take_rest(void *user, const char *path, fps__span bytes, uint64_t offset)
{
    return fps__unpacking_parts(user, path, bytes, offset, FPS__INSIDE_UNEXPLAINED);
}

static void take_reading(void *user, fps__package_reading *reading)
{
    fps__unpacking *u = user;
    u->reading = reading;
}

/* ---- out ---- */

/* True for a package that is the archive at its root itself; others are told of by a file in it. */
static bool is_archive(const fps__unpacking *u, uint32_t index)
{
    const fps__unpacking_root *r = &u->roots.items[index];
    if (r->main || r->listed)
        return r->main;
    const char *location = u->packages.items[index].location;
    size_t size = strlen(location);
    return r->length == size + (size > 0) && strncmp(r->path, location, size) == 0;
}

static int compare_roots(const void *left, const void *right, void *user)
{
    const fps__unpacking *u = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = strcmp(u->roots.items[a].path, u->roots.items[b].path);
    if (!order)
        order = is_archive(u, b) - is_archive(u, a);
    if (!order)
        order = strcmp(u->packages.items[a].name, u->packages.items[b].name);
    return order ? order : (a > b) - (a < b);
}

/* True when `b` says of the files of `a` what `a` says already: a wheel by its METADATA, a jar by another pom. */
static bool repeats(const fps__unpacking *u, uint32_t a, uint32_t b)
{
    const fps_package *first = &u->packages.items[a], *second = &u->packages.items[b];
    if (u->roots.items[a].listed || u->roots.items[b].listed)
        return false;
    if (first->kind != second->kind || strcmp(u->roots.items[a].path, u->roots.items[b].path) != 0)
        return false;
    bool same_version = first->kind != FPS_PACKAGE_MAVEN || strcmp(first->version, second->version) == 0;
    return same_version && strcmp(first->name, second->name) == 0;
}

/* Leaves out what a package says of itself a second time. */
static void drop_repeats(fps__unpacking *u, uint32_t *order)
{
    size_t kept = 0, count = 0;
    for (size_t i = 0; i < u->packages.count; i++)
        if (!u->roots.items[i].repeated)
            order[count++] = (uint32_t)i;
    if (count)
        qsort_r(order, count, sizeof *order, compare_roots, u);
    for (size_t i = 1, first = 0; i < count; i++) { /* those of one root follow one another */
        uint32_t before = order[i - 1], now = order[i];
        first = strcmp(u->roots.items[before].path, u->roots.items[now].path) == 0 ? first : i;
        u->roots.items[now].repeated =
            repeats(u, before, now) || (first != i && repeats(u, order[first], now));
    }
    for (size_t i = 0; i < u->packages.count; i++) {
        if (u->roots.items[i].repeated)
            continue;
        u->packages.items[kept] = u->packages.items[i];
        u->roots.items[kept++] = u->roots.items[i];
    }
    u->packages.count = u->roots.count = kept;
}

/* Place in `order` of the first package whose root is the first `length` bytes of `path`; the number of
 * packages when there is none. */
static size_t find_root(const fps__unpacking *u, const uint32_t *order, const char *path, size_t length)
{
    size_t low = 0, high = u->roots.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const fps__unpacking_root *r = &u->roots.items[order[middle]];
        int compared = strncmp(r->path, path, length);
        if (compared < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < u->roots.count && u->roots.items[order[low]].length == length &&
                 strncmp(u->roots.items[order[low]].path, path, length) == 0;
    return found ? low : u->roots.count;
}

/* The package whose root is just this; UINT32_MAX for none, and where several that lie beside each other
 * could be meant, as in a folder of installed Python packages. */
static uint32_t package_at(const fps__unpacking *u, const uint32_t *order, const char *path, size_t length)
{
    size_t place = find_root(u, order, path, length);
    if (place == u->roots.count)
        return UINT32_MAX;
    uint32_t found = order[place];
    bool alone = place + 1 == u->roots.count ||
                 strcmp(u->roots.items[order[place + 1]].path, u->roots.items[found].path) != 0;
    return alone || is_archive(u, found) ? found : UINT32_MAX;
}

/* The package of the longest root that `path` begins with, no longer than `length`. */
static uint32_t package_of(const fps__unpacking *u, const uint32_t *order, const char *path, size_t length)
{
    for (;; length--) {
        bool edge = !length || path[length - 1] == '/' || path[length - 1] == '!';
        uint32_t found = edge ? package_at(u, order, path, length) : UINT32_MAX;
        if (found != UINT32_MAX || !length)
            return found;
    }
}

/* An archive that is a package is the parent of those at its own root. */
static uint32_t parent_of(const fps__unpacking *u, const uint32_t *order, uint32_t index)
{
    const fps__unpacking_root *r = &u->roots.items[index];
    uint32_t first = order[find_root(u, order, r->path, r->length)];
    if (first != index && is_archive(u, first))
        return first;
    return r->length ? package_of(u, order, r->path, r->length - 1) : UINT32_MAX;
}

/* A list in the kept arena. */
static void *keep_items(fps__unpacking *u, const void *items, size_t count, size_t size)
{
    void *copy = fps__arena_copy(&u->worker->kept, items, count, size);
    u->no_memory |= count && !copy;
    return copy;
}

/* A zip archive, or a program that starts the one at its end, as executable jars are. */
static bool is_zip_file(const fps__unpacking *u)
{
    fps__span zip;
    return is_zip(u->whole) || ((u->kind & FPS__FILE_OPAQUE) && fps__find_zip(u->whole, &zip));
}

static void hand_over(fps__unpacking *u, fps__analysed_file *found)
{
    fps__jars_settle(u);
    uint32_t *order = calloc(u->packages.count + 1, sizeof *order);
    u->no_memory |= !order;
    if (order && u->packages.count) {
        drop_repeats(u, order);
        for (size_t i = 0; i < u->packages.count; i++)
            order[i] = (uint32_t)i;
        qsort_r(order, u->packages.count, sizeof *order, compare_roots, u);
        for (size_t i = 0; i < u->members.count; i++) {
            const char *path = u->members.items[i].path;
            u->members.items[i].package = package_of(u, order, path, strlen(path));
        }
        for (uint32_t i = 0; i < u->packages.count; i++)
            u->packages.items[i].parent = parent_of(u, order, i);
    }
    free(order);
    *found = (fps__analysed_file){
        .members = keep_items(u, u->members.items, u->members.count, sizeof *u->members.items),
        .count = u->members.count,
        .packages = keep_items(u, u->packages.items, u->packages.count, sizeof *u->packages.items),
        .package_count = u->packages.count,
        .manifest = u->manifest      ? u->manifest
                    : is_zip_file(u) ? ""
                                     : NULL,
        .diagnostics = keep_items(u, u->remarks.items, u->remarks.count, sizeof *u->remarks.items),
        .diagnostic_count = u->remarks.count,
    };
}

bool fps__scan_analyse_contents(fps__scan_run *run, fps__scan_worker *worker, unsigned kind, fps__span bytes,
                                uint64_t deadline_ms, fps__analysed_file *found, bool *incomplete)
{
    enum { FILES = 10 }; /* that an archive may take the time of: each member has that of a file */
    const fps_scan_options *options = &run->scan->options;
    if (kind & (FPS__FILE_ARCHIVE | FPS__FILE_OPAQUE))
        deadline_ms =
            fps__deadline_earlier(run->deadline_ms, fps__deadline_after(FILES * options->file_timeout_ms));
    fps__unpacking u = {
        .run = run, .worker = worker, .deadline_ms = deadline_ms, .whole = bytes, .kind = kind};
    fps__archive_limits limits = {.depth = options->archive_depth,
                                  .ratio = options->ratio_limit ? options->ratio_limit : RATIO,
                                  .file_size = options->memory_limit / 2,
                                  .deadline_ms = deadline_ms};
    fps__package_visitor visitor = {&u,        begin,       wanted, take_file, end, fps__unpacking_remark,
                                    take_rest, take_reading};
    fps_error error = {.offset = UINT64_MAX};
    fps_status status = fps__package_read("uncompressed", bytes, &limits, &visitor, &error);
    u.no_memory |= status == FPS_ERROR_MEMORY;
    if (u.timed_out)
        fps__unpacking_remark(
            &u,
            &(fps_diagnostic){
                FPS_DIAGNOSTIC_PARTIAL, "timeout", NULL, UINT64_MAX,
                "the time for an archive, ten times that of a file (--file-timeout), ran out before all of it was looked at"});
    u.prefixes.count = 0;
    hand_over(&u, found);
    free(u.members.items);
    free(u.packages.items);
    free(u.roots.items);
    free(u.remarks.items);
    fps__jars_free(&u);
    free(u.prefixes.items);
    *incomplete |= u.timed_out || u.incomplete;
    return !u.no_memory;
}
