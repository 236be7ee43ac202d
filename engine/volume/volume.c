/* Walks volumes: the disk image, its partitions, and each file system on them, with one walk for all formats. */
#include "volume/volume.h"

#include "util/arena.h"
#include "util/error.h"
#include "util/table.h"
#include "volume/disk.h"
#include "volume/filesystem.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    HEAD = 72 * 1024,      /* bytes: the last magic of a file system lies at 64 KiB */
    LINK_NAMES = 64 << 20, /* bytes of first names of files with several; later ones are files of their own */
    MOST_DIRECTORIES = 4 << 20,
    MOST_INNER = 8, /* devices in partitions */
    ROOT_FOLDER = 64,
    MOST_ROOT_FOLDERS = 64, /* that are tried */
};

/* A directory that the walk is in. */
typedef struct frame {
    size_t first, next; /* of its children: where they begin, and the next one */
    size_t names;       /* where their names begin */
    size_t path;        /* length of its path */
    bool bare;          /* nothing comes between that and the names in it */
} frame;

struct fps__volume {
    const fps__volume_budget *budget;
    fps__medium disk; /* the data, or what a disk image makes of them */
    fps__disk image;  /* without a format: there is none */
    uint64_t end;
    fps__partitions partitions;
    fps__disk inner[MOST_INNER]; /* devices of LVM in partitions, and what they are as disks */
    fps__medium inner_media[MOST_INNER];
    uint32_t inner_count;
    uint32_t next_partition;
    bool rooted;                   /* a root was chosen: paths are those of one tree */
    uint32_t root;                 /* the partition that is the root, by its place in the list */
    char root_folder[ROOT_FOLDER]; /* the folder of a file system that is the root; "": its own is */
    bool in_root;                  /* the file system that is walked has the root in such a folder */
    bool damaged_table;            /* is to be said */
    fps_status pending; /* what of all of a file system could not be read: the next answer of _next */
    fps_error pending_error;
    size_t prefix;      /* length of what comes before the paths of the file system */
    fps__filesystem fs; /* that is walked; without a format: none */
    fps__medium whole;  /* the partition that the current entry is; size 0: it is a file of `fs` */
    uint64_t size;      /* of the current file */
    FPS__ARRAY(frame) frames;
    fps__key_map directories; /* that were entered: nodes + 1 */
    fps__key_map links;       /* of files with several names: nodes + 1 */
    FPS__ARRAY(const char *) first_names;
    fps__arena names;
    char path[FPS__VOLUME_PATH];
    char target[FPS__VOLUME_PATH + 1];
};

static const fps__filesystem_format *const formats[] = {
    &fps__squashfs, &fps__ext,    &fps__iso9660, &fps__fat,   &fps__exfat, &fps__erofs_format,
    &fps__romfs,    &fps__cramfs, &fps__jffs2,   &fps__ubifs, &fps__xfs,   &fps__btrfs,
};
enum { FORMATS = sizeof formats / sizeof *formats };

/* ---- what it is ---- */

static const fps__filesystem_format *find_filesystem(fps__span head, uint64_t size, bool weak)
{
    for (size_t i = 0; i < FORMATS; i++)
        if ((weak || !formats[i]->weak) && formats[i]->identify(head, size))
            return formats[i];
    return NULL;
}

const char *fps__volume_identify(fps__span head)
{
    const fps__filesystem_format *format = find_filesystem(head, UINT64_MAX, false);
    if (format)
        return format->name;
    const fps__disk_format *image = fps__disk_find(head, UINT64_MAX);
    return image ? image->name : NULL;
}

const char *fps__volume_find(fps__span data)
{
    const fps__filesystem_format *format = find_filesystem(data, data.size, true);
    if (format)
        return format->name;
    const fps__disk_format *image = fps__disk_find(data, data.size);
    if (image)
        return image->name;
    return fps__partitions_identify(data, data.size) ? "a disk with partitions" : NULL;
}

/* ---- opening ---- */

static void close_filesystem(fps__volume *v)
{
    if (v->fs.format)
        v->fs.format->close(&v->fs);
    free(v->fs.children.items);
    free(v->fs.names.items);
    v->fs = (fps__filesystem){.format = NULL};
    v->frames.count = 0;
    v->first_names.count = 0;
    fps__key_map_clear(&v->directories);
    fps__key_map_clear(&v->links);
    fps__arena_reset(&v->names);
}

/* Lists a directory and makes it the one that is walked. What was listed before a failure is kept. */
static fps_status enter(fps__volume *v, uint64_t node, size_t path, bool bare, fps_error *error)
{
    bool fresh = true;
    frame entered = {v->fs.children.count, v->fs.children.count, v->fs.names.count, path, bare};
    if (v->directories.count >= MOST_DIRECTORIES)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, UINT64_MAX, "more than %d directories",
                         MOST_DIRECTORIES);
    if (node == UINT64_MAX || !fps__key_map_add(&v->directories, node + 1, &fresh))
        return fps__fail_memory(error);
    if (!fresh)
        return fps__filesystem_corrupt(error, UINT64_MAX, "a directory lies in two places, or in itself");
    if (FPS__ARRAY_PUSH(&v->frames, &entered, FPS__VOLUME_PATH) != FPS_OK)
        return fps__fail_memory(error);
    return v->fs.format->list(&v->fs, node, error);
}

/* Keeps the first failure that is of no entry: it is the next answer of _next. */
static void postpone(fps__volume *v, fps_status status, const fps_error *error)
{
    if (v->pending)
        return;
    v->pending = status;
    v->pending_error = *error;
}

/* Opens the file system of a medium; its paths follow the first `prefix` bytes of v->path. Of a root that cannot be listed
 * whole, what could be is given. */
static fps_status open_filesystem(fps__volume *v, const fps__filesystem_format *format,
                                  const fps__medium *medium, size_t prefix, fps_error *error)
{
    v->fs = (fps__filesystem){.format = format, .budget = v->budget, .medium = *medium, .end = medium->size};
    v->prefix = prefix;
    fps_status status = format->open(&v->fs, error);
    if (!status && v->fs.remark) {
        fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "%s: %s", format->name, v->fs.remark);
        postpone(v, FPS_ERROR_UNSUPPORTED, error);
    }
    if (!status)
        status = enter(v, v->fs.root, prefix, true, error);
    if (v->fs.end > medium->size)
        v->fs.end = medium->size;
    if (!v->frames.count || (status != FPS_ERROR_CORRUPT && status != FPS_ERROR_UNSUPPORTED))
        return status;
    postpone(v, status, error);
    return FPS_OK;
}

/* The first bytes of a medium, in memory or in `room` of HEAD bytes. */
static fps_status read_head(const fps__medium *medium, uint8_t *room, fps__span *head, fps_error *error)
{
    size_t size = medium->size < HEAD ? (size_t)medium->size : HEAD;
    *head = medium->span;
    if (!medium->read)
        return FPS_OK;
    *head = (fps__span){room, size};
    return fps__medium_copy(medium, 0, size, room, error);
}

/* A disk ends with its last partition, or with what lies behind that. */
static uint64_t end_of_partitions(const fps__volume *v)
{
    uint64_t end = v->partitions.behind_last < v->disk.size ? v->disk.size : 0; /* a second table ends it */
    for (uint32_t i = 0; i < v->partitions.count; i++) {
        const fps__partition *p = &v->partitions.items[i];
        end = p->offset + p->size > end ? p->offset + p->size : end;
    }
    return end;
}

static fps_status open_image(fps__volume *v, const fps__disk_format *format, fps_error *error)
{
    v->image = (fps__disk){.image = v->disk, .budget = v->budget};
    fps_status status = fps__disk_open(&v->image, format, &v->disk, error);
    v->end = v->image.end;
    if (!status && v->image.remark[0]) {
        fps__fail(error, FPS_ERROR_UNSUPPORTED, NULL, UINT64_MAX, "%s: %s", format->name, v->image.remark);
        postpone(v, FPS_ERROR_UNSUPPORTED, error);
    }
    return status;
}

/* Puts the volumes of a device into the list in place of the partition that it lies in. */
static void replace_partition(fps__volume *v, uint32_t index, const fps__partitions *volumes)
{
    fps__partition *items = v->partitions.items, whole = items[index];
    uint32_t room = FPS__MOST_PARTS - v->partitions.count + 1;
    uint32_t count = volumes->count < room ? volumes->count : room;
    memmove(items + index + count, items + index + 1, (v->partitions.count - index - 1) * sizeof *items);
    for (uint32_t i = 0; i < count; i++)
        items[index + i] = (fps__partition){volumes->items[i].offset, volumes->items[i].size, whole.number,
                                            v->inner_count, volumes->items[i].number};
    v->partitions.count += count - 1;
    v->partitions.damaged |= volumes->damaged || count < volumes->count;
}

/* The medium that a partition is: a part of the disk, or of a device in a partition. */
static fps__medium medium_of(const fps__volume *v, const fps__partition *partition)
{
    const fps__medium *disk = partition->inner ? &v->inner_media[partition->inner - 1] : &v->disk;
    return fps__medium_part(disk, partition->offset, partition->size);
}

/* Opens the device that lies in a partition, and puts its volumes in the place of that. A device that cannot be opened stays a partition,
 * and is named as such. *replaced: there is another partition at this index now. */
static fps_status open_device(fps__volume *v, uint32_t index, const fps__disk_format *format, bool *replaced,
                              fps_error *error)
{
    static const fps__disk none = {.format = NULL};
    fps__disk *disk = &v->inner[v->inner_count];
    fps__partitions *volumes = calloc(1, sizeof *volumes);
    if (!volumes)
        return fps__fail_memory(error);
    *disk = (fps__disk){.image = medium_of(v, &v->partitions.items[index]), .budget = v->budget};
    fps_status status = fps__disk_open(disk, format, &v->inner_media[v->inner_count++], error);
    if (!status)
        format->list(disk, volumes);
    *replaced = volumes->count;
    if (volumes->count)
        replace_partition(v, index, volumes);
    if (!volumes->count && status != FPS_ERROR_MEMORY && status != FPS_ERROR_LIMIT) {
        fps__disk_close(disk);
        *disk = none;
        v->inner_count--;
        status = FPS_OK;
    }
    free(volumes);
    return status;
}

/* Opens all devices with volumes that lie in partitions, and in volumes of such: LVM on a mirror. */
static fps_status open_inner(fps__volume *v, uint8_t *room, fps_error *error)
{
    fps_status status = FPS_OK;
    for (uint32_t i = 0; !status && i < v->partitions.count && v->inner_count < MOST_INNER;) {
        fps__medium part = medium_of(v, &v->partitions.items[i]);
        fps__span head;
        fps_error unread;
        bool replaced = false;
        const fps__disk_format *format =
            read_head(&part, room, &head, &unread) == FPS_OK ? fps__disk_find_inner(head, part.size) : NULL;
        if (format)
            status = open_device(v, i, format, &replaced, error);
        i += !replaced;
    }
    return status;
}

static fps_status open_disk(fps__volume *v, uint8_t *room, fps_error *error)
{
    fps__span head;
    fps_status status = FPS_OK;
    status = read_head(&v->disk, room, &head, error);
    const fps__disk_format *image = status ? NULL : fps__disk_find(head, v->disk.size);
    if (image)
        status = open_image(v, image, error);
    if (image && !status && image->list) {
        image->list(&v->image, &v->partitions);
        status = open_inner(v, room, error);
        v->damaged_table = v->partitions.damaged;
        return status;
    }
    if (image && !status)
        status = read_head(&v->disk, room, &head, error);
    if (status)
        return status;
    const fps__filesystem_format *format = find_filesystem(head, v->disk.size, true);
    if (format) {
        status = open_filesystem(v, format, &v->disk, 0, error);
        v->end = image ? v->end : v->fs.end;
        return status;
    }
    if (fps__partitions_identify(head, v->disk.size)) {
        status = fps__partitions_read(&v->disk, &v->partitions, error);
        if (!image)
            v->end = end_of_partitions(v);
        if (!status)
            status = open_inner(v, room, error);
        v->damaged_table = v->partitions.damaged;
        return status;
    }
    if (!image)
        return fps__fail(error, FPS_ERROR_FORMAT, NULL, UINT64_MAX,
                         "no file system or disk that can be read");
    v->partitions.count = 1; /* a disk without a table: whatever it is, it is handed on */
    v->partitions.items[0] = (fps__partition){.size = v->disk.size};
    return FPS_OK;
}

static fps_status open_medium(fps__volume **volume, const fps__medium *medium,
                              const fps__volume_budget *budget, fps_error *error)
{
    *volume = NULL;
    fps__volume *made = calloc(1, sizeof *made);
    uint8_t *room = malloc(HEAD);
    fps_status status = FPS_ERROR_MEMORY;
    fps_error unused;
    error = error ? error : &unused;
    if (made && room) {
        made->budget = budget;
        made->disk = *medium;
        made->end = medium->size;
        made->names.limit = LINK_NAMES;
        status = open_disk(made, room, error);
    } else {
        fps__fail_memory(error);
    }
    free(room);
    if (status)
        fps__volume_free(made);
    else
        *volume = made;
    return status;
}

fps_status fps__volume_open(fps__volume **volume, fps__span data, const fps__volume_budget *budget,
                            fps_error *error)
{
    return open_medium(volume, &(fps__medium){.span = data, .size = data.size}, budget, error);
}

fps_status fps__volume_open_source(fps__volume **volume, const fps__volume_source *source,
                                   const fps__volume_budget *budget, fps_error *error)
{
    return open_medium(volume,
                       &(fps__medium){.read = source->read, .user = source->user, .size = source->size},
                       budget, error);
}

void fps__volume_free(fps__volume *v)
{
    if (!v)
        return;
    close_filesystem(v);
    for (uint32_t i = 0; i < v->inner_count; i++)
        fps__disk_close(&v->inner[i]);
    fps__disk_close(&v->image);
    free(v->frames.items);
    free(v->first_names.items);
    fps__key_map_free(&v->directories);
    fps__key_map_free(&v->links);
    fps__arena_free(&v->names);
    free(v);
}

uint64_t fps__volume_end(const fps__volume *volume)
{
    return volume->end;
}

/* ---- walking ---- */

/* What comes before the paths of a file system that lie beside its root. */
static const char beside_root[] = "btrfs/";

/* The path of a child of the innermost directory, into v->path; its length, or 0 when it is too long. */
static size_t join(fps__volume *v, const frame *top, const char *name)
{
    size_t length = strlen(name), at = top->path;
    if (at + 1 + length + 1 > sizeof v->path)
        return 0;
    if (v->in_root && top == v->frames.items) /* the root's own paths may stand there */
        memcpy(v->path, beside_root, sizeof beside_root - 1);
    if (!top->bare)
        v->path[at++] = '/';
    memcpy(v->path + at, name, length + 1);
    return at + length;
}

/* The first name of a file that has several: remembered, or given as the link of this one. */
static fps_status note_link(fps__volume *v, uint64_t node, fps__volume_entry *entry, fps_error *error)
{
    bool fresh;
    if (node == UINT64_MAX)
        return FPS_OK;
    uint32_t *id = fps__key_map_add(&v->links, node + 1, &fresh);
    if (!id)
        return fps__fail_memory(error);
    if (!fresh) {
        entry->link = *id ? v->first_names.items[*id - 1] : NULL;
        return FPS_OK;
    }
    const char *name = fps__arena_string(&v->names, v->path);
    if (!name)
        return FPS_OK; /* there are too many: further names are files of their own */
    fps_status status = FPS__ARRAY_PUSH(&v->first_names, &name, UINT32_MAX - 1);
    if (!status)
        *id = (uint32_t)v->first_names.count;
    return status ? fps__fail_memory(error) : FPS_OK;
}

static fps_status take_child(fps__volume *v, const fps__child *child, size_t length, fps__volume_entry *entry,
                             fps_error *error)
{
    fps__node node = {.type = FPS__VOLUME_OTHER};
    fps_status status = v->fs.format->look(&v->fs, child->node, &node, error);
    entry->type = node.type;
    entry->modified = node.modified;
    entry->mode = node.mode;
    if (status || node.type == FPS__VOLUME_OTHER)
        return status;
    bool is_root = node.type == FPS__VOLUME_DIRECTORY && v->in_root && v->frames.count == 1 &&
                   strcmp(v->fs.names.items + child->name, v->root_folder) == 0;
    if (node.type == FPS__VOLUME_DIRECTORY)
        return enter(v, child->node, is_root ? 0 : length, is_root, error);
    if (node.type == FPS__VOLUME_SYMLINK) {
        if (!node.size || node.size >= sizeof v->target)
            return FPS_OK;
        memset(v->target, 0, sizeof v->target);
        status = v->fs.format->read(&v->fs, 0, (uint8_t *)v->target, (size_t)node.size, error);
        entry->target = status ? "" : v->target;
        return status;
    }
    entry->size = v->size = node.size;
    return node.links > 1 ? note_link(v, node.identity ? node.identity : child->node, entry, error) : FPS_OK;
}

/* The next entry of the file system that is open. FPS_ERROR_NOT_FOUND at its end. */
static fps_status walk(fps__volume *v, fps__volume_entry *entry, fps_error *error)
{
    while (v->frames.count) {
        frame *top = &v->frames.items[v->frames.count - 1];
        if (top->next < v->fs.children.count) {
            fps__child child = v->fs.children.items[top->next++];
            size_t length = join(v, top, v->fs.names.items + child.name);
            if (length)
                return take_child(v, &child, length, entry, error);
            v->path[top->path] = '\0';
            return fps__filesystem_corrupt(error, UINT64_MAX, "a path is longer than 4,095 bytes");
        }
        v->fs.children.count = top->first;
        v->fs.names.count = top->names;
        v->frames.count--;
    }
    return FPS_ERROR_NOT_FOUND;
}

/* ---- partitions ---- */

/* Writes the name of a partition before the paths in it; its length. */
static int name_partition(fps__volume *v, const fps__partition *partition, char mark)
{
    const char *kind = v->partitions.kind;
    unsigned number = partition->number;
    if (!number && !partition->inner)
        return snprintf(v->path, sizeof v->path, "disk@%llu%c", (unsigned long long)partition->offset, mark);
    if (partition->inner)
        return snprintf(v->path, sizeof v->path, "%s-%u-volume-%u%c", kind, number,
                        (unsigned)partition->volume, mark);
    return snprintf(v->path, sizeof v->path, "%s-%u%c", kind, number, mark);
}

/* Opens the next partition: a file system, or bytes that are handed on as one file. */
static fps_status next_partition(fps__volume *v, fps__volume_entry *entry, fps_error *error)
{
    if (v->damaged_table) {
        v->damaged_table = false;
        return fps__filesystem_corrupt(
            error, UINT64_MAX,
            "the table of partitions or volumes is damaged, or names some that do not lie on the disk, or too many");
    }
    if (v->next_partition >= v->partitions.count)
        return FPS_ERROR_NOT_FOUND;
    fps__partition *partition = &v->partitions.items[v->next_partition++];
    char mark = v->rooted ? '/' : '!';
    int length = name_partition(v, partition, mark);
    bool is_root = v->rooted && v->next_partition - 1 == v->root;
    v->in_root = is_root && *v->root_folder;
    if (is_root)
        length = v->in_root ? (int)(sizeof beside_root - 1) : 0;
    v->path[length] = '\0';
    fps__medium medium = medium_of(v, partition);
    uint8_t *room = malloc(HEAD);
    fps__span head;
    fps_status status = room ? read_head(&medium, room, &head, error) : fps__fail_memory(error);
    const fps__filesystem_format *format = status ? NULL : find_filesystem(head, medium.size, true);
    if (format)
        status = open_filesystem(v, format, &medium, (size_t)length, error);
    free(room);
    if (format && !status)
        return FPS_OK;
    if (format)
        close_filesystem(v);
    v->path[length ? length - 1 : 0] = '\0';
    if (status)
        return status;
    v->whole = medium;
    v->size = medium.size;
    *entry = (fps__volume_entry){.path = v->path, .size = medium.size, .target = ""};
    if (!medium.read)
        entry->bytes = medium.span;
    return FPS_OK;
}

static fps_status tell_pending(fps__volume *v, fps__volume_entry *entry, fps_error *error)
{
    fps_status pending = v->pending;
    size_t length = v->prefix ? v->prefix - 1 : 0;
    memcpy(v->target, v->path, length);
    v->target[length] = '\0';
    *entry = (fps__volume_entry){.path = v->target, .target = ""};
    *error = v->pending_error;
    v->pending = FPS_OK;
    return pending;
}

fps_status fps__volume_next(fps__volume *v, fps__volume_entry *entry, fps_error *error)
{
    fps_error unused;
    error = error ? error : &unused;
    v->whole.size = 0;
    v->size = 0;
    for (;;) {
        if (v->pending)
            return tell_pending(v, entry, error);
        *entry = (fps__volume_entry){.path = v->path, .target = ""};
        fps_status status = v->fs.format ? walk(v, entry, error) : FPS_ERROR_NOT_FOUND;
        if (status != FPS_ERROR_NOT_FOUND)
            return status;
        if (v->fs.format)
            close_filesystem(v);
        v->path[0] = '\0';
        status = next_partition(v, entry, error);
        if (status || !v->fs.format)
            return status;
    }
}

/* Whether a directory whose children are the last of the list, from `first` on, is that of a system. */
static bool holds_root(const fps__filesystem *fs, size_t first)
{
    bool etc = false, programs = false;
    for (size_t i = first; i < fs->children.count; i++) {
        const char *name = fs->names.items + fs->children.items[i].name;
        etc |= strcmp(name, "etc") == 0;
        programs |= strcmp(name, "usr") == 0 || strcmp(name, "bin") == 0 || strcmp(name, "lib") == 0;
    }
    return etc && programs;
}

/* The same of the file system that is open and in which the walk has not moved: its own directory, or, of one with subvolumes, the first
 * folder that holds a root. */
static bool find_root(fps__volume *v)
{
    fps__filesystem *fs = &v->fs;
    size_t count = fs->children.count, names = fs->names.count;
    bool found = holds_root(fs, 0);
    for (size_t i = 0; fs->format->subvolumes && !found && i < count && i < MOST_ROOT_FOLDERS; i++) {
        fps_error error;
        fps__node node = {.type = FPS__VOLUME_OTHER};
        const fps__child child = fs->children.items[i];
        if (fs->format->look(fs, child.node, &node, &error) != FPS_OK || node.type != FPS__VOLUME_DIRECTORY ||
            strlen(fs->names.items + child.name) >= ROOT_FOLDER)
            continue;
        found = fs->format->list(fs, child.node, &error) == FPS_OK && holds_root(fs, count);
        fs->children.count = count;
        fs->names.count = names;
        if (found)
            memcpy(v->root_folder, fs->names.items + child.name, strlen(fs->names.items + child.name) + 1);
    }
    return found;
}

bool fps__volume_choose_root(fps__volume *v)
{
    if (v->fs.format) {
        v->rooted = find_root(v);
        v->in_root = *v->root_folder && v->frames.count;
        if (v->in_root)
            v->prefix = v->frames.items[0].path = sizeof beside_root - 1;
        return v->rooted;
    }
    fps__volume_entry entry;
    fps_error error;
    bool damaged = v->damaged_table;
    fps_status pending = v->pending, status = FPS_OK;
    v->damaged_table = false;
    while (!v->rooted && v->next_partition < v->partitions.count && status != FPS_ERROR_LIMIT &&
           status != FPS_ERROR_MEMORY) {
        v->root = v->next_partition;
        status = next_partition(v, &entry, &error);
        v->rooted = !status && v->fs.format && find_root(v);
        if (v->fs.format)
            close_filesystem(v);
        v->pending = pending;
    }
    v->next_partition = 0;
    v->whole.size = 0;
    v->damaged_table = damaged;
    return v->rooted;
}

fps_status fps__volume_read(fps__volume *v, uint64_t offset, uint8_t *to, size_t size, fps_error *error)
{
    if (offset > v->size || size > v->size - offset)
        return fps__fail(error, FPS_ERROR_ARGUMENT, NULL, offset, "bytes behind the end of the file");
    if (!size)
        return FPS_OK;
    if (v->whole.size)
        return fps__medium_copy(&v->whole, offset, size, to, error);
    memset(to, 0, size);
    return v->fs.format->read(&v->fs, offset, to, size, error);
}
