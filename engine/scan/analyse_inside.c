/* What lies inside of other bytes: objects in an archive, archives behind an object, whatever a file of no known type
 * hides. One rule for all: a part that is recognised by all of its header is read as if it were a file. */
#include "archive/zip_layout.h"
#include "scan/embedded.h"
#include "scan/file_kind.h"
#include "scan/program_packages.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_MEMBERS = 1 << 20, MAX_PATH = 4096 };

static void say(fps__unpacking *u, const char *code, const char *path, uint64_t offset, const char *message)
{
    fps__unpacking_remark(
        u, &(fps_diagnostic){FPS_DIAGNOSTIC_PARTIAL, code, *path ? path : NULL, offset, message});
}

/* "PATH@OFFSET" */
static bool name_part(char name[MAX_PATH], const char *path, uint64_t offset)
{
    int length = snprintf(name, MAX_PATH, "%s@%llu", path, (unsigned long long)offset);
    return length > 0 && length < MAX_PATH;
}

static fps_status take_part(fps__unpacking *u, const char *path, const fps__part *part, fps__span bytes,
                            uint64_t offset, uint64_t *used)
{
    char name[MAX_PATH], message[128];
    *used = bytes.size;
    if (part->kind == FPS__PART_CONTAINER) {
        snprintf(message, sizeof message, "%s inside: fpscan cannot look into it", part->what);
        say(u, "unread-container", path, offset, message);
        return FPS_OK;
    }
    if (!name_part(name, path, offset)) {
        say(u, "archive-limit", path, offset, "the path of a part is too long");
        return FPS_OK;
    }
    if (part->kind == FPS__PART_OBJECT)
        return fps__unpacking_object(u, name, fps__file_object_kind(bytes, true), bytes, used);
    return fps__package_read_part(u->reading, name, bytes, used);
}

/* Bytes between two parts that nothing explains. */
static void judge_rest(fps__unpacking *u, const char *path, fps__span bytes, uint64_t offset, unsigned flags)
{
    char message[128];
    static const char signature[] = "APK Sig Block 42";
    enum { MAX_SIGNATURE = 1 << 16, TAIL = sizeof signature - 1 };
    if (!(flags & FPS__INSIDE_UNEXPLAINED) || !fps__could_be_a_program(bytes))
        return;
    if (bytes.size < MAX_SIGNATURE && memcmp(bytes.data + bytes.size - TAIL, signature, TAIL) == 0)
        return; /* Android's signatures of a zip archive */
    snprintf(message, sizeof message, "%zu bytes are no part of the file's format and were not looked at",
             bytes.size);
    say(u, "hidden-content", path, offset, message);
}

fps_status fps__unpacking_parts(fps__unpacking *u, const char *path, fps__span bytes, uint64_t offset,
                                unsigned flags)
{
    fps__part_search search = {.filter = &u->run->part_filter,
                               .bytes = bytes,
                               .no_objects = flags & FPS__INSIDE_NO_OBJECTS,
                               .deadline_ms = u->deadline_ms};
    fps_status status = FPS_OK;
    fps__part part;
    while (!status && search.from < bytes.size && fps__find_part(&search, &part)) {
        uint64_t used;
        judge_rest(u, path, fps__span_part(bytes, search.from, part.offset - search.from),
                   offset + search.from, flags);
        fps__span rest = fps__span_part(bytes, part.offset, bytes.size - part.offset);
        status = take_part(u, path, &part, rest, offset + part.offset, &used);
        search.from = (size_t)part.offset + (used ? (size_t)used : 1);
    }
    if (search.timed_out) {
        u->timed_out = true;
        return FPS_ERROR_CANCELLED;
    }
    if (!status && search.from < bytes.size)
        judge_rest(u, path, fps__span_part(bytes, search.from, bytes.size - search.from),
                   offset + search.from, flags);
    return status;
}

/* A file that is a file system or disk, though its first page does not tell, and what lies behind it. */
static fps_status take_volume(fps__unpacking *u, const char *path, fps__span bytes)
{
    uint64_t used = bytes.size;
    fps_status status = fps__package_read_part(u->reading, path, bytes, &used);
    if (status || used >= bytes.size)
        return status;
    return fps__unpacking_parts(u, path, fps__span_part(bytes, used, bytes.size - used), used, 0);
}

fps_status fps__unpacking_opaque(fps__unpacking *u, const char *path, fps__span bytes)
{
    fps__part_search search = {.filter = &u->run->part_filter, .bytes = bytes, .deadline_ms = u->deadline_ms};
    fps__part part;
    fps__span zip;
    if (fps__is_damaged_tar(bytes))
        say(u, "damaged-archive", path, 0,
            "the first header of a tar is damaged: its members are not read as files");
    if (fps__archive_find_volume(bytes))
        return take_volume(u, path, bytes);
    search.from = fps__archive_identify(bytes); /* a compressed text: what it begins with is known */
    uint64_t used;
    if (!fps__find_part(&search, &part)) {
        u->timed_out |= search.timed_out;
        return search.timed_out ? FPS_ERROR_CANCELLED : FPS_OK;
    }
    if (!fps__zip_is_local_header(fps__span_part(bytes, part.offset, bytes.size - part.offset)) ||
        !fps__find_zip(bytes, &zip))
        return fps__unpacking_parts(u, path, fps__span_part(bytes, search.from, bytes.size - search.from),
                                    search.from, 0);
    fps_status status = fps__package_read_part(u->reading, path, zip, &used);
    if (status)
        return status;
    return fps__unpacking_parts(u, path, fps__span_part(bytes, 0, bytes.size - zip.size), 0, 0);
}

/* A member of an ar archive that is an archive or a container. */
static fps_status take_member(fps__unpacking *u, const char *path, const fps__inside_place *place,
                              fps__span bytes)
{
    char name[MAX_PATH], message[128];
    const char *container = fps__archive_identify(bytes) ? NULL : fps__unread_container(bytes);
    int length = snprintf(name, sizeof name, "%s%s%s", path, *path ? "!" : "", place->name);
    if (length < 0 || length >= MAX_PATH) {
        say(u, "archive-limit", path, place->offset, "the path of a member is too long");
        return FPS_OK;
    }
    if (!container)
        return fps__package_read_part(u->reading, name, bytes, NULL);
    snprintf(message, sizeof message, "%s: fpscan cannot look into it", container);
    say(u, "unread-container", name, UINT64_MAX, message);
    return FPS_OK;
}

static fps_status look_inside(fps__unpacking *u, const char *path, fps__span bytes, const fps__inside *inside)
{
    fps_status status = FPS_OK;
    for (size_t i = 0; !status && i < inside->places.count; i++) {
        const fps__inside_place *place = &inside->places.items[i];
        fps__span part = fps__span_part(bytes, place->offset, place->size);
        if (place->flags & FPS__INSIDE_FILE)
            status = take_member(u, path, place, part);
        else
            status = fps__unpacking_parts(u, path, part, place->offset, place->flags);
    }
    return status;
}

/* Cuts off what lies behind the object: its last gap, if that reaches to the end. */
static uint64_t cut_end(fps__inside *inside, uint64_t size)
{
    const fps__inside_place *last =
        inside->places.count ? &inside->places.items[inside->places.count - 1] : NULL;
    if (!last || !(last->flags & FPS__INSIDE_UNEXPLAINED) || last->offset + last->size != size)
        return size;
    inside->places.count--;
    return last->offset;
}

/* True when objects lie too deep inside each other. */
static bool is_too_deep(fps__unpacking *u, const char *path)
{
    uint32_t most = u->run->scan->options.archive_depth;
    if (u->objects <= (most ? most : 8))
        return false;
    say(u, "archive-limit", path, UINT64_MAX, "objects lie too deep inside each other");
    return true;
}

fps_status fps__unpacking_object(fps__unpacking *u, const char *path, unsigned kind, fps__span bytes,
                                 uint64_t *used)
{
    fps__inside inside = {{NULL, 0, 0}};
    fps__analysed_member member = {.path = *path ? fps__unpacking_path(u, path) : "", .package = UINT32_MAX};
    fps__program program = {NULL, 0, NULL, UINT64_MAX};
    fps__scan_object what = {kind, bytes, u->deadline_ms, u->run->scan->options.no_archives ? NULL : &inside,
                             &program};
    bool good = !u->no_memory && FPS__ARRAY_RESERVE(&u->members, 1, MAX_MEMBERS) == FPS_OK &&
                fps__scan_analyse_object(u->run, u->worker, &what, &member.analysed, &u->timed_out);
    if (used)
        *used = cut_end(&inside, bytes.size);
    if (good)
        u->members.items[u->members.count++] = member;
    if (good)
        fps__unpacking_program(u, member.path, &program);
    fps_status status = good && !u->no_memory ? FPS_OK : FPS_ERROR_MEMORY;
    u->no_memory |= !good;
    u->objects++;
    /* A program in the first sectors of a disk image, which leaves them to others: AppImages of type 1 are ISO 9660. */
    bool is_volume = !status && what.inside && fps__archive_find_volume(bytes);
    if (is_volume)
        status = fps__package_read_part(u->reading, path, bytes, NULL);
    else if (!status && inside.places.count && !is_too_deep(u, path))
        status = look_inside(u, path, bytes, &inside);
    u->objects--;
    free(inside.places.items);
    return status;
}
