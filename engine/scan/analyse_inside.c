/* What lies inside of other bytes: objects in an archive, archives behind an object, whatever a file of no known type
 * hides. One rule for all: a part that is recognised by all of its header is read as if it were a file. */
#include "archive/contents.h"
#include "archive/zip_layout.h"
#include "match/self_name.h"
#include "packed/packed.h"
#include "scan/embedded.h"
#include "scan/file_kind.h"
#include "scan/program_packages.h"

#include "util/clock.h"

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

/* Analyses one object or image and keeps what it is. */
static fps_status analyse_member(fps__unpacking *u, const char *path, fps__scan_object what)
{
    fps__analysed_member member = {.path = *path ? fps__unpacking_path(u, path) : "", .package = UINT32_MAX};
    fps__program program = {NULL, 0, NULL, UINT64_MAX, {NULL, 0}};
    bool incomplete = false;
    what.deadline_ms =
        fps__deadline_earlier(u->deadline_ms, fps__deadline_after(u->run->scan->options.file_timeout_ms));
    what.program = &program;
    bool good = !u->no_memory && FPS__ARRAY_RESERVE(&u->members, 1, MAX_MEMBERS) == FPS_OK &&
                fps__scan_analyse_object(u->run, u->worker, &what, &member.analysed, &incomplete);
    u->incomplete |= incomplete;
    if (good)
        u->members.items[u->members.count++] = member;
    if (good)
        fps__unpacking_program(u, member.path, &program);
    u->no_memory |= !good;
    return good && !u->no_memory ? FPS_OK : FPS_ERROR_MEMORY;
}

static fps_status take_part(fps__unpacking *u, const char *path, const fps__part *part, fps__span bytes,
                            uint64_t offset, uint64_t *used)
{
    char name[MAX_PATH], message[128];
    *used = bytes.size;
    if (part->kind == FPS__PART_CONTAINER) {
        snprintf(message, sizeof message, "%s inside: fpscan cannot look into it", part->what);
        say(u, "unread-container", path, offset, message);
        *used = part->go_on ? 1 : bytes.size;
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
    if (!(flags & FPS__INSIDE_UNEXPLAINED) || !fps__could_be_a_program(bytes) ||
        fps__is_relocation_list(bytes))
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
    const char *said = NULL; /* of a volume: it has copies of its header, and each is found */
    while (!status && search.from < bytes.size && fps__find_part(&search, &part)) {
        uint64_t used;
        if (part.go_on && part.what == said) {
            search.from = (size_t)part.offset + 1;
            continue;
        }
        said = part.go_on ? part.what : said;
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

/* Goes into what a program or a file of no known type carries, and says where that lies. */
static fps_status take_carried(fps__unpacking *u, const char *path, fps__span bytes, uint64_t *start,
                               uint64_t *end)
{
    uint64_t used;
    if (!fps__contents_find(bytes, start, end))
        return FPS_OK;
    return fps__package_read_part(u->reading, path, bytes, &used);
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

static fps_status search_opaque(fps__unpacking *u, const char *path, fps__span bytes)
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

/* Bytes of no format that are a program: firmware that says what it is, a WebAssembly module. A larger file is that of a whole
 * disk or memory, of which nothing tells what belongs together. */
static bool is_flat(fps__span bytes)
{
    enum { MOST = 128 << 20 };
    bool wasm = bytes.size >= 8 && memcmp(bytes.data, "\0asm\1\0\0\0", 8) == 0;
    return bytes.size <= MOST && (wasm || fps__has_self_name(bytes));
}

/* What lies inside of it was looked at. */
static fps_status take_flat(fps__unpacking *u, const char *path, fps__span bytes)
{
    return analyse_member(u, path,
                          (fps__scan_object){.kind = FPS__FILE_OPAQUE, .bytes = bytes, .file = bytes});
}

fps_status fps__unpacking_opaque(fps__unpacking *u, const char *path, fps__span bytes)
{
    uint64_t start, end;
    fps_status status = take_carried(u, path, bytes, &start, &end);
    if (!status && start)
        status = search_opaque(u, path, fps__span_part(bytes, 0, start));
    if (!status && end < bytes.size)
        status = fps__unpacking_parts(u, path, fps__span_part(bytes, end, bytes.size - end), end, 0);
    return status || !is_flat(bytes) ? status : take_flat(u, path, bytes);
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

/* Takes out of the places what lies in [start, end): it was looked at. */
static void leave_out(fps__inside *inside, uint64_t start, uint64_t end)
{
    size_t count = inside->places.count;
    for (size_t i = 0; i < count; i++) {
        fps__inside_place *place = &inside->places.items[i];
        uint64_t place_end = place->offset + place->size;
        if ((place->flags & FPS__INSIDE_FILE) || place->offset >= end || place_end <= start)
            continue;
        fps__inside_place behind = *place;
        place->size = place->offset < start ? start - place->offset : 0;
        behind.offset = end;
        behind.size = place_end > end ? place_end - end : 0;
        /* Places move when one is added, and stay when there is no room for it: then all of this one is looked at. */
        if (!place->size)
            *place = behind;
        else if (behind.size && FPS__ARRAY_PUSH(&inside->places, &behind, MAX_MEMBERS))
            place->size = place_end - place->offset;
    }
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

/* What an object carries at its end, and what lies in its places. `own` are its bytes without what lies behind it. */
static fps_status look_into_object(fps__unpacking *u, const char *path, fps__span own, fps__span bytes,
                                   fps__inside *inside)
{
    uint64_t start, end;
    fps_status status = take_carried(u, path, own, &start, &end);
    if (!status && end > start)
        leave_out(inside, start, end);
    return status || !inside->places.count ? status : look_inside(u, path, bytes, inside);
}

/* Analyses one object, and looks into what lies inside of it. */
static fps_status take_object(fps__unpacking *u, const char *path, fps__scan_object what, uint64_t *used)
{
    fps__inside inside = {{NULL, 0, 0}};
    bool looks_on = !u->run->scan->options.no_archives;
    what.inside = looks_on ? &inside : NULL;
    fps_status status = analyse_member(u, path, what);
    uint64_t whole = used ? cut_end(&inside, what.bytes.size) : what.bytes.size;
    if (used)
        *used = whole;
    u->objects++;
    if (!status && looks_on && !is_too_deep(u, path)) {
        /* A program in the first sectors of a disk image, which leaves them to others: AppImages of type 1 are ISO 9660. */
        if (fps__archive_find_volume(what.bytes))
            status = fps__package_read_part(u->reading, path, what.bytes, NULL);
        else
            status = look_into_object(u, path, fps__span_part(what.bytes, 0, whole), what.bytes, &inside);
    }
    u->objects--;
    free(inside.places.items);
    return status;
}

/* Memory for what a program unpacks to: as for a file of an archive, and under the same ratio. */
static uint64_t unpacked_limit(const fps__unpacking *u, fps__span bytes)
{
    enum { FREE = 64 << 20, RATIO = 200 };
    const fps_scan_options *options = &u->run->scan->options;
    uint64_t ratio = options->ratio_limit ? options->ratio_limit : RATIO, size = options->memory_limit / 2;
    uint64_t most = bytes.size > FREE / ratio ? bytes.size * ratio : FREE;
    return most / ratio < bytes.size / 2 || most > size ? size : most; /* a product that overflows is above */
}

/* A program that was unpacked. What it was before it was packed is the file's own object, if nothing but a loader lies beside
 * it; otherwise both are looked at. */
static fps_status take_unpacked(fps__unpacking *u, const char *path, fps__scan_object what,
                                const fps__unpacked *unpacked, uint64_t *used)
{
    char name[MAX_PATH], message[200];
    fps__span packed = what.bytes, bytes = {unpacked->data, unpacked->size};
    snprintf(message, sizeof message, "packed by UPX (%s): the %zu bytes that it unpacks to were scanned%s%s",
             unpacked->method, unpacked->size, unpacked->lacks ? ", without " : "",
             unpacked->lacks ? unpacked->lacks : "");
    fps__unpacking_remark(u,
                          &(fps_diagnostic){unpacked->lacks ? FPS_DIAGNOSTIC_PARTIAL : FPS_DIAGNOSTIC_NOTE,
                                            "packed-program", *path ? path : NULL, unpacked->start, message});
    what.told = true;
    if (unpacked->foreign > FPS__PACKED_LOADER) {
        fps_status status = take_object(u, path, what, used);
        if (status)
            return status;
        if (!name_part(name, path, unpacked->start)) {
            say(u, "archive-limit", path, unpacked->start, "the path of a part is too long");
            return FPS_OK;
        }
        return take_object(u, name, (fps__scan_object){.kind = what.kind, .bytes = bytes, .file = bytes},
                           NULL);
    }
    what.bytes = bytes;
    fps_status status = take_object(u, path, what, NULL);
    if (used) {
        *used = unpacked->end;
        return status;
    }
    fps__span behind = fps__span_part(packed, unpacked->end, packed.size - unpacked->end);
    return status || u->run->scan->options.no_archives
               ? status
               : fps__unpacking_parts(u, path, behind, unpacked->end, FPS__INSIDE_UNEXPLAINED);
}

/* True for a kernel that is an EFI program: most of it is the payload, which is looked at, and would pass for packed code. */
static bool is_carrier(const fps__unpacking *u, fps__span bytes)
{
    uint64_t start, end;
    return !u->run->scan->options.no_archives && fps__span_has(bytes, 0, 2) &&
           memcmp(bytes.data, "MZ", 2) == 0 && fps__contents_find(bytes, &start, &end) &&
           end - start >= bytes.size / 2;
}

fps_status fps__unpacking_object(fps__unpacking *u, const char *path, unsigned kind, fps__span bytes,
                                 uint64_t *used)
{
    fps__scan_object what = {.kind = kind, .bytes = bytes, .file = bytes, .told = is_carrier(u, bytes)};
    fps__packed_limits limits = {unpacked_limit(u, bytes), u->deadline_ms};
    fps__unpacked unpacked = {.data = NULL};
    fps_error error = {.offset = UINT64_MAX};
    fps_status status = kind & FPS__FILE_OBJECT_ARCHIVE ? FPS_ERROR_NOT_FOUND
                                                        : fps__packed_open(bytes, &limits, &unpacked, &error);
    if (status == FPS_OK) {
        status = take_unpacked(u, path, what, &unpacked, used);
        free(unpacked.data);
        return status;
    }
    if (status == FPS_ERROR_MEMORY) {
        u->no_memory = true;
        return status;
    }
    if (status != FPS_ERROR_NOT_FOUND) {
        char message[300];
        snprintf(message, sizeof message, "packed by UPX, and not to be unpacked: %.200s", error.message);
        say(u, "packed-program", path, error.offset, message);
        what.told = true;
        u->timed_out |= status == FPS_ERROR_CANCELLED;
    }
    return take_object(u, path, what, used);
}
