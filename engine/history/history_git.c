/* Reads a git repository's tags as releases, through libgit2. Everything in it may be a stranger's.
 *
 * Nothing is checked out, no program is run, no hook, filter or submodule is followed: only tags, commits, trees and
 * blobs are read. The size of an object is asked for before it is read.
 */
#include "history/history_maker.h"
#include "history/history_rules.h"

#include "util/error.h"

#include <dirent.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

enum {
    MAX_TAGS = 100000,
    MAX_TAG_NAME = 1024,
    MAX_TAG_DEPTH = 16,          /* tags of tags */
    MAX_TREE_DEPTH = 64,         /* folders inside each other */
    MAX_PATH = 4096,             /* bytes */
    MAX_SMALL_OBJECT = 64 << 20, /* bytes of a tag, commit or tree */
    DATE_SIZE = 16,
};

struct fps__git {
    git_repository *repository;
    git_odb *objects;
    fps__key_map trees;  /* of releases, by a hash of their ids: the release, from 1 */
    fps__key_map judged; /* enum judgement, by a hash of the id: headers of loose objects are files to open */
    char *path;          /* as given */
};

/* What a release of a repository is read from. */
typedef struct git_where {
    git_oid tree;
} git_where;

static bool is_folder(const char *folder, const char *name)
{
    char path[MAX_PATH];
    struct stat facts;
    int used = snprintf(path, sizeof path, "%s/%s", folder, name);
    return used > 0 && (size_t)used < sizeof path && !stat(path, &facts) && S_ISDIR(facts.st_mode);
}

static bool exists(const char *folder, const char *name)
{
    char path[MAX_PATH];
    struct stat facts;
    int used = snprintf(path, sizeof path, "%s/%s", folder, name);
    return used > 0 && (size_t)used < sizeof path && !stat(path, &facts);
}

bool fps__history_is_repository(const char *path)
{
    return exists(path, ".git") ||
           (is_folder(path, "objects") && is_folder(path, "refs") && exists(path, "HEAD"));
}

static const char *last_message(void)
{
    const git_error *last = git_error_last();
    return last && last->message ? last->message : "libgit2 gives no reason";
}

/* ---- objects ---- */

enum judgement { UNJUDGED, REFUSED, TOO_LARGE, JUDGED_OTHER, JUDGED_TREE, JUDGED_BLOB };

/* What an object is by its header, which is read once. */
static enum judgement judge(fps__git *git, const git_oid *id, git_object_t *type)
{
    size_t size;
    bool fresh;
    *type = GIT_OBJECT_INVALID;
    uint32_t *known = fps__key_map_add(&git->judged, XXH3_64bits(id->id, GIT_OID_RAWSZ) | 1, &fresh);
    if (known && !fresh && (*known == JUDGED_TREE || *known == JUDGED_BLOB)) {
        *type = *known == JUDGED_TREE ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB;
        return *known;
    }
    enum judgement found = REFUSED;
    if (!git_odb_read_header(&size, type, git->objects, id))
        found = size > (*type == GIT_OBJECT_BLOB ? (size_t)FPS__MAKER_FILE : (size_t)MAX_SMALL_OBJECT)
                    ? TOO_LARGE
                : *type == GIT_OBJECT_TREE ? JUDGED_TREE
                : *type == GIT_OBJECT_BLOB ? JUDGED_BLOB
                                           : JUDGED_OTHER;
    if (known)
        *known = found;
    return found;
}

/* The type of an object that may be read: it is there, and not too large. */
static bool may_read(fps__git *git, const git_oid *id, git_object_t *type)
{
    return judge(git, id, type) >= JUDGED_OTHER;
}

static void write_date(const git_time *time, char date[DATE_SIZE])
{
    struct tm parts;
    time_t local = (time_t)(time->time + (git_time_t)time->offset * 60);
    date[0] = '\0';
    if (gmtime_r(&local, &parts) && parts.tm_year > -1900 && parts.tm_year < 8100)
        strftime(date, DATE_SIZE, "%Y-%m-%d", &parts);
}

/* Follows a tag to its tree. `date` is that of the tag, or of the commit. NULL, or what is wrong. */
static const char *find_tree(fps__git *git, const git_oid *start, git_oid *tree, char date[DATE_SIZE])
{
    git_oid id = *start;
    for (int depth = 0; depth < MAX_TAG_DEPTH; depth++) {
        git_object_t type;
        git_object *object = NULL;
        if (!may_read(git, &id, &type))
            return "its object is missing or too large";
        if (type == GIT_OBJECT_TREE) {
            *tree = id;
            return NULL;
        }
        if (type != GIT_OBJECT_TAG && type != GIT_OBJECT_COMMIT)
            return "it names a file, not a commit";
        if (git_object_lookup(&object, git->repository, &id, type))
            return "its object is damaged";
        const git_signature *who = type == GIT_OBJECT_TAG ? git_tag_tagger((git_tag *)object)
                                                          : git_commit_committer((git_commit *)object);
        if (!*date && who)
            write_date(&who->when, date);
        id = type == GIT_OBJECT_TAG ? *git_tag_target_id((git_tag *)object)
                                    : *git_commit_tree_id((git_commit *)object);
        git_object_free(object);
    }
    return "it is a tag of a tag of a tag, and so on";
}

/* ---- tags ---- */

typedef struct finding {
    fps__git *git;
    fps__maker *maker;
    fps__found_releases *found;
    size_t source, first; /* of this repository in `found` */
    size_t tags, loose;   /* tags, and files below refs/tags, so far */
    fps__table versions;
    fps_status status;
} finding;

static fps_status add_release(finding *now, const char *version, const char *tag, const git_oid *id)
{
    char date[DATE_SIZE] = "";
    git_where where;
    const char *fault = find_tree(now->git, id, &where.tree, date);
    if (fault) {
        fps__maker_diagnose(now->maker, "unreadable-release", now->git->path, "tag %s: %s", tag, fault);
        return FPS_OK;
    }
    fps__arena *arena = &now->found->arena;
    fps__found_release made = {.version = fps__arena_string(arena, version),
                               .tag = fps__arena_string(arena, tag),
                               .date = fps__arena_string(arena, date),
                               .where = fps__arena_copy(arena, &where, 1, sizeof where),
                               .source = now->source};
    if (!made.version || !made.tag || !made.date || !made.where)
        return FPS_ERROR_MEMORY;
    /* Of two tags of one version the shorter one is the plain one. Versions are few: tags are at most MAX_TAGS. */
    return FPS__ARRAY_PUSH(&now->found->items, &made, MAX_TAGS);
}

/* A tag that cannot be followed is named, and does not stand in the way of the others. */
static int see_tag(const char *name, void *user)
{
    finding *now = user;
    git_oid id;
    char version[FPS__MAX_VERSION];
    const char *tag = name + strlen("refs/tags/");
    if (++now->tags > MAX_TAGS) {
        now->status = FPS_ERROR_LIMIT;
        return -1;
    }
    if (strlen(tag) > MAX_TAG_NAME ||
        !fps__history_tag_version(tag, now->maker->has_tag ? &now->maker->tag : NULL,
                                  now->maker->history->component, version))
        return 0;
    if (git_reference_name_to_id(&id, now->git->repository, name))
        fps__maker_diagnose(now->maker, "unreadable-release", now->git->path, "tag %s: %s", tag,
                            last_message());
    else
        now->status = add_release(now, version, tag, &id);
    return now->status ? -1 : 0;
}

static int is_tag_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void find_damaged(finding *now, const char *name, int depth);

static void check_tag_file(finding *now, const char *name, const char *file, int depth)
{
    char inner[MAX_TAG_NAME], version[FPS__MAX_VERSION];
    git_reference *reference = NULL;
    int used = snprintf(inner, sizeof inner, "%s/%s", name, file);
    if (used <= 0 || (size_t)used >= sizeof inner || ++now->loose > MAX_TAGS)
        return;
    if (is_folder(git_repository_commondir(now->git->repository), inner))
        find_damaged(now, inner, depth + 1);
    else if (git_reference_lookup(&reference, now->git->repository, inner) &&
             fps__history_tag_version(file, NULL, now->maker->history->component, version))
        fps__maker_diagnose(now->maker, "unreadable-release", now->git->path, "tag %s: %s",
                            inner + strlen("refs/tags/"), last_message());
    git_reference_free(reference);
}

/* libgit2 passes over files below refs/tags that it cannot read: they are looked for here, and named. */
static void find_damaged(finding *now, const char *name, int depth)
{
    char path[MAX_PATH];
    struct dirent **files;
    int used = snprintf(path, sizeof path, "%s%s", git_repository_commondir(now->git->repository), name);
    if (used <= 0 || (size_t)used >= sizeof path || depth > MAX_TAG_DEPTH)
        return;
    int count = scandir(path, &files, is_tag_file, compare_names);
    for (int i = 0; i < count; i++) {
        check_tag_file(now, name, files[i]->d_name, depth);
        free(files[i]);
    }
    if (count >= 0)
        free(files);
}

/* Refuses to open what is not a repository; takes a folder with .git, which may be a file that names the folder. */
static int open_repository(git_repository **repository, const char *path)
{
    char inner[MAX_PATH], line[MAX_PATH];
    int used = snprintf(inner, sizeof inner, "%s/.git", path);
    if (used <= 0 || (size_t)used >= sizeof inner)
        return -1;
    FILE *file = is_folder(path, ".git") || !exists(path, ".git") ? NULL : fopen(inner, "rb");
    if (file) {
        size_t size = fread(line, 1, sizeof line - 1, file);
        fclose(file);
        line[size] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        if (strncmp(line, "gitdir: ", 8))
            return -1;
        used = line[8] == '/' ? snprintf(inner, sizeof inner, "%s", line + 8)
                              : snprintf(inner, sizeof inner, "%s/%s", path, line + 8);
        if (used <= 0 || (size_t)used >= sizeof inner)
            return -1;
        path = inner;
    } else if (is_folder(path, ".git")) {
        path = inner;
    }
    return git_repository_open_bare(repository, path);
}

static fps_status note_source(fps__git *git, fps__maker *maker, fps_error *error)
{
    char commit[GIT_OID_HEXSZ + 1] = "", date[DATE_SIZE] = "", where[FPS__MAX_VERSION + 8];
    git_oid head;
    git_object_t type;
    git_commit *found = NULL;
    if (!git_reference_name_to_id(&head, git->repository, "HEAD") && may_read(git, &head, &type) &&
        type == GIT_OBJECT_COMMIT && !git_commit_lookup(&found, git->repository, &head)) {
        git_oid_tostr(commit, sizeof commit, &head);
        const git_signature *who = git_commit_committer(found);
        if (who)
            write_date(&who->when, date);
        git_commit_free(found);
    }
    const char *given = maker->options->source;
    snprintf(where, sizeof where, "git:%.*s", FPS__MAX_VERSION, maker->history->component);
    return fps__maker_source(maker, given ? given : where, commit, date, error);
}

fps_status fps__git_open(fps__git **result, const char *path, size_t source, fps__maker *maker,
                         fps__found_releases *found, fps_error *error)
{
    fps__git *git = *result = calloc(1, sizeof *git);
    if (!git)
        return fps__fail_memory(error);
    git->path = strdup(path);
    if (git_libgit2_init() < 0 || !git->path) {
        free(git->path);
        free(git);
        *result = NULL;
        return fps__fail_memory(error);
    }
    if (open_repository(&git->repository, path) || git_repository_odb(&git->objects, git->repository))
        return fps__fail(error, FPS_ERROR_FORMAT, path, UINT64_MAX,
                         "not a git repository that can be read: %s", last_message());
    finding now = {.git = git, .maker = maker, .found = found, .source = source, .first = found->items.count};
    int got = git_reference_foreach_glob(git->repository, "refs/tags/*", see_tag, &now);
    if (now.status == FPS_ERROR_LIMIT)
        return fps__fail(error, now.status, path, UINT64_MAX, "more than %d tags", MAX_TAGS);
    if (now.status)
        return fps__fail_memory(error);
    if (got)
        return fps__fail(error, FPS_ERROR_CORRUPT, path, UINT64_MAX, "the tags cannot be read: %s",
                         last_message());
    find_damaged(&now, "refs/tags", 0);
    return note_source(git, maker, error);
}

void fps__git_free(fps__git *git)
{
    if (!git)
        return;
    fps__key_map_free(&git->trees);
    fps__key_map_free(&git->judged);
    git_odb_free(git->objects);
    git_repository_free(git->repository);
    git_libgit2_shutdown();
    free(git->path);
    free(git);
}

/* ---- trees ---- */

typedef struct walking {
    fps__git *git;
    fps__maker *maker;
    const fps__found_release *release;
    char path[MAX_PATH];
    fps_error *error;
} walking;

static fps_status unreadable(walking *now, const char *what)
{
    fps__maker_diagnose(now->maker, "unreadable-release", now->git->path, "tag %s, %s: %s", now->release->tag,
                        *now->path ? now->path : "the tree", what);
    return FPS_OK;
}

static fps_status read_blob(walking *now, const git_oid *id, unsigned kind)
{
    uint8_t key[FPS__MAKER_ID] = {0};
    git_object_t type;
    git_odb_object *blob = NULL;
    bool known;
    memcpy(key, id->id, GIT_OID_RAWSZ);
    enum judgement judged = judge(now->git, id, &type);
    if (judged == TOO_LARGE)
        return FPS_OK;
    if (judged != JUDGED_BLOB)
        return unreadable(now, "the file is missing or no file");
    fps_status status = fps__maker_file(now->maker, now->path, kind, key, &known, now->error);
    if (status || known)
        return status;
    if (git_odb_read(&blob, now->git->objects, id)) {
        status = fps__maker_read(now->maker, (fps__span){NULL, 0}, now->error);
        return status ? status : unreadable(now, "the file is damaged");
    }
    fps__span bytes = {git_odb_object_data(blob), git_odb_object_size(blob)};
    if (bytes.size > FPS__MAKER_FILE)
        bytes.size = 0; /* its header lied */
    status = fps__maker_read(now->maker, bytes, now->error);
    git_odb_object_free(blob);
    return status;
}

static fps_status walk_tree(walking *now, const git_oid *id, size_t used, int depth);

static fps_status walk_entry(walking *now, const git_tree_entry *entry, size_t used, int depth)
{
    const char *name = git_tree_entry_name(entry);
    size_t length = strlen(name);
    git_filemode_t mode = git_tree_entry_filemode(entry);
    if (++now->maker->entries > FPS__MAKER_ENTRIES)
        return fps__fail(now->error, FPS_ERROR_LIMIT, now->git->path, UINT64_MAX,
                         "tag %s has more than %d files", now->release->tag, FPS__MAKER_ENTRIES);
    if (used + length + 2 > sizeof now->path)
        return unreadable(now, "a path is too long");
    memcpy(now->path + used, name, length + 1);
    fps_status status = FPS_OK;
    if (mode == GIT_FILEMODE_TREE) {
        now->path[used + length] = '/';
        now->path[used + length + 1] = '\0';
        status = walk_tree(now, git_tree_entry_id(entry), used + length + 1, depth + 1);
    } else if (mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE) {
        unsigned kind = fps__maker_wants(now->maker, now->path, 0);
        if (kind)
            status = read_blob(now, git_tree_entry_id(entry), kind);
    }
    now->path[used] = '\0';
    return status;
}

static fps_status walk_tree(walking *now, const git_oid *id, size_t used, int depth)
{
    git_object_t type;
    git_tree *tree = NULL;
    if (depth > MAX_TREE_DEPTH)
        return unreadable(now, "too many folders inside each other");
    if (!may_read(now->git, id, &type) || type != GIT_OBJECT_TREE ||
        git_tree_lookup(&tree, now->git->repository, id))
        return unreadable(now, "the folder is missing, damaged or too large");
    fps_status status = FPS_OK;
    size_t count = git_tree_entrycount(tree);
    for (size_t i = 0; i < count && !status; i++)
        status = walk_entry(now, git_tree_entry_byindex(tree, i), used, depth);
    git_tree_free(tree);
    return status;
}

fps_status fps__git_read(fps__git *git, const fps__found_release *release, fps__maker *maker,
                         fps_error *error)
{
    const git_where *where = release->where;
    bool fresh;
    uint32_t *first = fps__key_map_add(&git->trees, XXH3_64bits(where->tree.id, GIT_OID_RAWSZ) | 1, &fresh);
    if (first && fresh)
        *first = maker->release;
    else if (first)
        fps__maker_doubt(maker, "tag %s: has the same files as tag %s", release->tag,
                         maker->history->releases.items[*first - 1].tag);
    walking now = {.git = git, .maker = maker, .release = release, .error = error};
    return walk_tree(&now, &where->tree, 0, 0);
}
