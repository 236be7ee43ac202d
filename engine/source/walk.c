/* The walk over a directory tree: names and inodes, one directory at a time, at any depth, with few open
 * descriptors.
 *
 * A directory is read to its end before its children are entered; only the names of children that wait are
 * kept, packed in one stack. So one read buffer serves all levels, and no position in a directory must ever
 * be found again. Of the directories on the way down the deepest OPEN_FRAMES stay open; a closed one is
 * opened again through ".." of its child and checked against its inode.
 */
#include "source/walk.h"

#include "util/array.h"
#include "util/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
    OPEN_FRAMES = 64,
    CHAINS = 1024,
    BUFFER_SIZE = 64 * 1024,       /* bytes for one getdents64 */
    MAX_PATH = 4 * 1024 * 1024,    /* bytes: 10,000 levels of the longest names there are */
    MAX_NAMES = 256 * 1024 * 1024, /* bytes of names of directories that wait */
    ASK_EVERY = 256,               /* names between two questions whether to go on */
    MAX_FRAMES = 2 * 1024 * 1024,
    DIRECTORY_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
};

/* A directory on the way from the root to where the walk is. */
typedef struct frame {
    int fd; /* -1 while closed */
    uint64_t device, inode;
    size_t path_length; /* of its own path, which is the start of walk->path */
    size_t names_start; /* its waiting children are walk->names from here on */
    uint32_t chain;     /* index + 1 of the next frame whose inode has the same hash, 0 for none */
} frame;

struct fps__walk {
    fps__walk_settings *settings;
    FPS__ARRAY(frame) frames;
    FPS__ARRAY(char) path;
    FPS__ARRAY(char) names; /* NUL-terminated */
    uint32_t chains[CHAINS];
    bool no_memory;          /* the walk fails */
    bool reading;            /* the top frame is not read to its end yet */
    size_t position, filled; /* in `buffer` */
    _Alignas(16) char buffer[BUFFER_SIZE];
};

/* What the walk wants to know of an inode. */
typedef struct facts {
    uint64_t device, inode, size;
    uint32_t mode, names;
    bool mount_root; /* something is mounted right here, as far as the kernel tells */
} facts;

void fps__walk_report(const fps__walk_settings *settings, fps_diagnostic_level level, const char *code,
                      const char *path, const char *message)
{
    fps_diagnostic diagnostic = {level, code, path, UINT64_MAX, message};
    if (settings->diagnostic)
        settings->diagnostic(settings->user, &diagnostic);
}

/* The same for a failed system call: "vanished" (a note) when the thing is gone, else "unreadable" (partial). */
static void report_io(const fps__walk_settings *settings, const char *path, int errno_value, const char *what)
{
    char message[256];
    bool gone = errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ELOOP;
    snprintf(message, sizeof message, "%s: %s", what, strerror(errno_value));
    fps__walk_report(settings, gone ? FPS_DIAGNOSTIC_NOTE : FPS_DIAGNOSTIC_PARTIAL,
                     gone ? "vanished" : "unreadable", path, message);
}

static bool get_facts(int fd, const char *name, facts *found)
{
    struct statx st;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name ? 0 : AT_EMPTY_PATH);
    if (statx(fd, name, flags, STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_INO | STATX_SIZE, &st) != 0)
        return false;
    *found = (facts){.device = makedev(st.stx_dev_major, st.stx_dev_minor),
                     .inode = st.stx_ino,
                     .size = st.stx_size,
                     .mode = st.stx_mode,
                     .names = st.stx_nlink,
                     .mount_root = (st.stx_attributes & st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0};
    return true;
}

static frame *top_frame(fps__walk *walk)
{
    return &walk->frames.items[walk->frames.count - 1];
}

static uint32_t *chain_of(fps__walk *walk, uint64_t device, uint64_t inode)
{
    uint64_t hash = (inode ^ device << 32) * UINT64_C(0x9e3779b97f4a7c15);
    return &walk->chains[(hash >> 32) % CHAINS];
}

/* True when the directory is one of those on the way to it: a bind mount of an ancestor, or a damaged file
 * system. */
static bool is_loop(fps__walk *walk, const facts *found)
{
    uint32_t at = *chain_of(walk, found->device, found->inode);
    while (at) {
        const frame *ancestor = &walk->frames.items[at - 1];
        if (ancestor->device == found->device && ancestor->inode == found->inode)
            return true;
        at = ancestor->chain;
    }
    return false;
}

/* True when an array of the walk has room. A lack of memory ends the walk. */
static bool has_room(fps__walk *walk, fps_status reserved)
{
    walk->no_memory |= reserved == FPS_ERROR_MEMORY;
    return reserved == FPS_OK;
}

/* Makes walk->path the path of the child `name` of the top frame, or of the root. False when it gets too
 * long. */
static bool set_path(fps__walk *walk, const char *name)
{
    size_t parent = walk->frames.count ? top_frame(walk)->path_length : 0;
    size_t length = strlen(name);
    walk->path.count = parent;
    if (!has_room(walk, FPS__ARRAY_RESERVE(&walk->path, length + 2, MAX_PATH)))
        return false;
    char *end = walk->path.items + parent;
    *end = '/';
    memcpy(end + 1, name, length + 1);
    walk->path.count = parent + 1 + length;
    return true;
}

static void report_top(fps__walk *walk, fps_diagnostic_level level, const char *code, const char *message)
{
    frame *top = top_frame(walk);
    if (top->path_length)
        walk->path.items[top->path_length] = '\0';
    fps__walk_report(walk->settings, level, code, top->path_length ? walk->path.items : "/", message);
}

/* True when what was found at walk->path must not be entered or read because of the file system that it is
 * on. */
static bool is_foreign(fps__walk *walk, int fd, const facts *found)
{
    fps__walk_settings *settings = walk->settings;
    bool other = walk->frames.count && found->device != walk->frames.items[0].device;
    if (settings->one_file_system && other) {
        fps__walk_report(settings, FPS_DIAGNOSTIC_NOTE, "other-file-system", walk->path.items,
                         "lies on another file system and is skipped as asked");
        return true;
    }
    const char *name = fps__source_pseudo_name(fd);
    if (!name)
        return false;
    char message[64];
    snprintf(message, sizeof message, "skipped: a pseudo file system (%s)", name);
    fps__walk_report(settings, FPS_DIAGNOSTIC_NOTE, "pseudo-file-system", walk->path.items, message);
    settings->counts.pseudo_skipped++;
    return true;
}

/* Makes the open directory `fd` the top frame. */
static bool push_frame(fps__walk *walk, int fd, const facts *found)
{
    if (!has_room(walk, FPS__ARRAY_RESERVE(&walk->frames, 1, MAX_FRAMES)))
        return false;
    bool root = walk->frames.count == 0;
    if (walk->frames.count >= OPEN_FRAMES) {
        frame *old = &walk->frames.items[walk->frames.count - OPEN_FRAMES];
        if (old->fd >= 0)
            close(old->fd);
        old->fd = -1;
    }
    uint32_t *chain = chain_of(walk, found->device, found->inode);
    walk->frames.items[walk->frames.count++] = (frame){.fd = fd,
                                                       .device = found->device,
                                                       .inode = found->inode,
                                                       .path_length = root ? 0 : walk->path.count,
                                                       .names_start = walk->names.count,
                                                       .chain = *chain};
    *chain = (uint32_t)walk->frames.count;
    walk->reading = true;
    walk->position = walk->filled = 0;
    return true;
}

/* Enters walk->path, opened as `fd`, unless a rule forbids it; takes over `fd`. */
static void enter(fps__walk *walk, int fd)
{
    facts found;
    fps__walk_settings *settings = walk->settings;
    const frame *parent = walk->frames.count ? top_frame(walk) : NULL;
    if (!get_facts(fd, "", &found)) {
        report_io(settings, walk->path.items, errno, "cannot look at directory");
    } else if ((!parent || found.mount_root || found.device != parent->device) &&
               is_foreign(walk, fd, &found)) {
        /* said so */
    } else if (is_loop(walk, &found)) {
        fps__walk_report(settings, FPS_DIAGNOSTIC_NOTE, "directory-loop", walk->path.items,
                         "is one of its own parent directories, mounted again");
    } else if (!push_frame(walk, fd, &found)) {
        fps__walk_report(settings, FPS_DIAGNOSTIC_PARTIAL, "too-deep", walk->path.items,
                         "too many directory levels");
    } else {
        return;
    }
    close(fd);
}

/* Opens the frame below a child that is being left, of which `child_fd` may be open. */
static int reopen(fps__walk *walk, const frame *parent, int child_fd)
{
    facts found;
    for (int attempt = child_fd >= 0 ? 0 : 1; attempt < 2; attempt++) {
        if (parent->path_length)
            walk->path.items[parent->path_length] = '\0';
        int fd = attempt == 0 ? openat(child_fd, "..", DIRECTORY_FLAGS)
                              : fps__root_open(&walk->settings->root,
                                               parent->path_length ? walk->path.items : "/", DIRECTORY_FLAGS);
        if (fd >= 0 && get_facts(fd, "", &found) && found.device == parent->device &&
            found.inode == parent->inode)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -1;
}

static void leave(fps__walk *walk)
{
    frame left = *top_frame(walk);
    *chain_of(walk, left.device, left.inode) = left.chain;
    walk->names.count = left.names_start;
    walk->frames.count--;
    if (walk->frames.count && top_frame(walk)->fd < 0) {
        frame *parent = top_frame(walk);
        parent->fd = reopen(walk, parent, left.fd);
        if (parent->fd < 0 && walk->names.count > parent->names_start) {
            report_top(walk, FPS_DIAGNOSTIC_PARTIAL, "unreadable",
                       "the directory was moved while it was walked");
            walk->names.count = parent->names_start;
        }
    }
    if (left.fd >= 0)
        close(left.fd);
}

/* Enters the last of the top frame's waiting children. */
static void descend(fps__walk *walk)
{
    size_t start = walk->names.count - 1;
    while (start > top_frame(walk)->names_start && walk->names.items[start - 1])
        start--;
    const char *name = walk->names.items + start;
    walk->names.count = start;
    if (!set_path(walk, name)) {
        report_top(walk, FPS_DIAGNOSTIC_PARTIAL, "too-deep", "a path below this directory is too long");
        return;
    }
    int fd = openat(top_frame(walk)->fd, name, DIRECTORY_FLAGS);
    if (fd < 0)
        report_io(walk->settings, walk->path.items, errno, "cannot open directory");
    else
        enter(walk, fd);
}

static void add_child(fps__walk *walk, const char *name)
{
    size_t size = strlen(name) + 1;
    if (fps__globs_match(&walk->settings->skip_dirs, walk->path.items))
        return;
    if (!has_room(walk, FPS__ARRAY_RESERVE(&walk->names, size, MAX_NAMES))) {
        fps__walk_report(walk->settings, FPS_DIAGNOSTIC_PARTIAL, "too-many-directories", walk->path.items,
                         "not entered: too many directories wait to be visited");
        return;
    }
    memcpy(walk->names.items + walk->names.count, name, size);
    walk->names.count += size;
}

/* True when a file over which something is mounted must not be read. */
static bool is_foreign_file(fps__walk *walk, const char *name, const facts *found)
{
    if (!found->mount_root)
        return false;
    int fd = openat(top_frame(walk)->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    bool foreign = fd >= 0 && is_foreign(walk, fd, found);
    if (fd >= 0)
        close(fd);
    return foreign;
}

/* Tells of a name; walk->path is its path. */
static void tell(fps__walk *walk, const char *name, uint32_t mode, uint64_t size)
{
    const fps__walk_settings *settings = walk->settings;
    fps__source_seen seen = {walk->path.items, NULL, size, mode};
    char target[4096];
    if (!settings->named)
        return;
    if (S_ISLNK(mode)) {
        ssize_t length = readlinkat(top_frame(walk)->fd, name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        seen.target = target;
    }
    settings->named(settings->named_user, &seen);
}

static uint32_t mode_of(unsigned char type)
{
    return type == DT_DIR ? S_IFDIR : type == DT_LNK ? S_IFLNK : 0;
}

/* Looks at one name. True when it is a regular file to hand out, with its facts. */
static bool look_at(fps__walk *walk, const struct dirent64 *item, facts *found)
{
    bool other = item->d_type != DT_DIR && item->d_type != DT_REG && item->d_type != DT_UNKNOWN;
    walk->settings->counts.entries++;
    if (other && !walk->settings->named)
        return false;
    if (!set_path(walk, item->d_name)) {
        report_top(walk, FPS_DIAGNOSTIC_PARTIAL, "too-deep", "a path below this directory is too long");
        return false;
    }
    if (other || item->d_type == DT_DIR) {
        tell(walk, item->d_name, mode_of(item->d_type), 0);
        if (!other)
            add_child(walk, item->d_name);
        return false;
    }
    if (!get_facts(top_frame(walk)->fd, item->d_name, found)) {
        report_io(walk->settings, walk->path.items, errno, "cannot look at file");
        return false;
    }
    tell(walk, item->d_name, found->mode, S_ISREG(found->mode) ? found->size : 0);
    if (S_ISDIR(found->mode))
        add_child(walk, item->d_name);
    return S_ISREG(found->mode) && !fps__globs_match(&walk->settings->skip_files, walk->path.items) &&
           !is_foreign_file(walk, item->d_name, found);
}

/* The next name in the top frame, NULL at its end. */
static const struct dirent64 *next_name(fps__walk *walk)
{
    for (;;) {
        if (walk->position >= walk->filled) {
            ssize_t got = getdents64(top_frame(walk)->fd, walk->buffer, sizeof walk->buffer);
            if (got < 0) {
                char message[128];
                snprintf(message, sizeof message, "cannot read directory: %s", strerror(errno));
                report_top(walk, FPS_DIAGNOSTIC_PARTIAL, "unreadable", message);
            }
            if (got <= 0) {
                walk->reading = false;
                return NULL;
            }
            walk->position = 0;
            walk->filled = (size_t)got;
        }
        const struct dirent64 *item = (const void *)(walk->buffer + walk->position);
        walk->position += item->d_reclen;
        const char *name = item->d_name;
        if (name[0] != '.' || (name[1] && (name[1] != '.' || name[2])))
            return item;
    }
}

fps_status fps__walk_open(fps__walk **walk, fps__walk_settings *settings, fps_error *error)
{
    *walk = calloc(1, sizeof **walk);
    if (!*walk || !set_path(*walk, "")) {
        fps__walk_close(*walk);
        *walk = NULL;
        return fps__fail_memory(error);
    }
    (*walk)->settings = settings;
    int fd = fps__root_open(&settings->root, "/", DIRECTORY_FLAGS);
    if (fd < 0)
        report_io(settings, "/", errno, "cannot open directory");
    else
        enter(*walk, fd);
    return FPS_OK;
}

/* Goes on to another directory, down or up. */
static void change_directory(fps__walk *walk)
{
    if (walk->names.count > top_frame(walk)->names_start)
        descend(walk);
    else
        leave(walk);
}

static bool is_interrupted(const fps__walk_settings *settings)
{
    return settings->interrupted && settings->interrupted(settings->user);
}

fps_status fps__walk_next(fps__walk *walk, fps__source_entry *entry, uint32_t *names, fps_error *error)
{
    facts found;
    fps__walk_settings *settings = walk->settings;
    while (walk->frames.count) {
        const struct dirent64 *item = walk->reading ? next_name(walk) : NULL;
        if (!item)
            change_directory(walk);
        if (item && look_at(walk, item, &found)) {
            *entry = (fps__source_entry){.path = strdup(walk->path.items),
                                         .size = found.size,
                                         .device = found.device,
                                         .inode = found.inode,
                                         .mode = found.mode};
            *names = found.names;
            return entry->path ? FPS_OK : fps__fail_memory(error);
        }
        if (walk->no_memory)
            break;
        if ((!item || settings->counts.entries % ASK_EVERY == 0) && is_interrupted(settings))
            return fps__fail(error, FPS_ERROR_CANCELLED, NULL, UINT64_MAX, "the walk was interrupted");
    }
    if (walk->no_memory)
        return fps__fail_memory(error);
    return fps__fail(error, FPS_ERROR_NOT_FOUND, NULL, UINT64_MAX, "no more entries");
}

void fps__walk_close(fps__walk *walk)
{
    if (!walk)
        return;
    for (size_t i = 0; i < walk->frames.count; i++) {
        if (walk->frames.items[i].fd >= 0)
            close(walk->frames.items[i].fd);
    }
    free(walk->frames.items);
    free(walk->path.items);
    free(walk->names.items);
    free(walk);
}
