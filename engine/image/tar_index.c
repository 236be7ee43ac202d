/* Reading the headers of a tar archive, and finding members by name and through links. */
#include "image/tar_index.h"

#include "util/error.h"
#include "util/search.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    BLOCK = 512,
    MAX_MEMBERS = 200000,
    MAX_NAME = 4096,
    MAX_EXTENSION = 1024 * 1024,      /* bytes of one pax header */
    MAX_EXTENSIONS = 4 * 1024 * 1024, /* bytes of all before one member */
    MAX_KEPT = 64 * 1024 * 1024,
    MAX_NAMES = 64 * 1024 * 1024, /* bytes of all names and links */
    MAX_LINKS = 16,
};

/* Where the fields of a header lie (POSIX.1-1988 ustar). */
enum {
    NAME_AT = 0,
    NAME_SIZE = 100,
    SIZE_AT = 124,
    SIZE_SIZE = 12,
    CHECKSUM_AT = 148,
    TYPE_AT = 156,
    LINK_AT = 157,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    PREFIX_SIZE = 155,
};

typedef struct reading {
    fps__tar_index *index;
    const fps__tar_reader *reader;
    fps__arena extensions;   /* what extension headers say of the next member */
    uint64_t at;             /* bytes of the archive that lie behind */
    const char *name, *link; /* from extension headers, for the next member; NULL: as the header says */
    uint64_t size;           /* the same */
    bool size_given;
    uint32_t headers; /* of any type */
} reading;

static fps_status corrupt(const reading *r, const char *what, fps_error *error)
{
    return fps__fail(error, FPS_ERROR_CORRUPT, NULL, r->at, "%s", what);
}

/* FPS_ERROR_NOT_FOUND when the archive ends before the block. */
static fps_status read_block(reading *r, uint8_t *bytes, size_t size, fps_error *error)
{
    fps_status status = r->reader->read(r->reader->user, bytes, size, error);
    if (!status)
        r->at += size;
    return status;
}

static fps_status read_bytes(reading *r, uint8_t *bytes, size_t size, fps_error *error)
{
    fps_status status = read_block(r, bytes, size, error);
    return status == FPS_ERROR_NOT_FOUND ? corrupt(r, "the archive is cut off", error) : status;
}

static fps_status skip_bytes(reading *r, uint64_t size, fps_error *error)
{
    fps_status status = size ? r->reader->skip(r->reader->user, size, error) : FPS_OK;
    if (!status)
        r->at += size;
    return status;
}

static uint64_t padding(uint64_t size)
{
    return (BLOCK - size % BLOCK) % BLOCK;
}

/* ---- fields ---- */

/* Octal digits, or GNU's base-256 with the top bit set. */
static bool parse_number(const uint8_t *field, size_t size, uint64_t *value)
{
    uint64_t sum = 0;
    size_t i = 0;
    if (field[0] & 0x80) {
        sum = field[0] & 0x7f;
        for (i = 1; i < size; i++) {
            if (sum >> 55)
                return false;
            sum = sum << 8 | field[i];
        }
        *value = sum;
        return true;
    }
    while (i < size && field[i] == ' ')
        i++;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
        sum = sum << 3 | (uint64_t)(field[i] - '0');
    *value = sum;
    return i == size || field[i] == ' ' || field[i] == 0;
}

/* The sum over the header, its own field as blanks; some old writers added signed bytes. */
static bool checksum_fits(const uint8_t *header)
{
    uint64_t stated;
    int64_t unsigned_sum = 0, signed_sum = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        bool own = i >= CHECKSUM_AT && i < CHECKSUM_AT + 8;
        unsigned_sum += own ? ' ' : header[i];
        signed_sum += own ? ' ' : (int8_t)header[i];
    }
    return parse_number(header + CHECKSUM_AT, 8, &stated) &&
           ((int64_t)stated == unsigned_sum || (int64_t)stated == signed_sum);
}

static bool is_zero_block(const uint8_t *header)
{
    for (size_t i = 0; i < BLOCK; i++)
        if (header[i])
            return false;
    return true;
}

/* A normalised copy in the arena: no leading or trailing '/', no "." parts. NULL without memory. */
static const char *clean_name(fps__arena *arena, const char *name, size_t length)
{
    char *copy = fps__arena_alloc(arena, length + 1);
    if (!copy)
        return NULL;
    size_t used = 0, at = 0;
    while (at < length) {
        size_t end = at;
        while (end < length && name[end] != '/')
            end++;
        if (end > at && !(end - at == 1 && name[at] == '.')) {
            if (used)
                copy[used++] = '/';
            memcpy(copy + used, name + at, end - at);
            used += end - at;
        }
        at = end + 1;
    }
    copy[used] = '\0';
    return copy;
}

/* ---- extension headers ---- */

/* Reads the bytes of an extension header, NUL-terminated. */
static fps_status read_extension(reading *r, uint64_t size, char **text, fps_error *error)
{
    if (size > MAX_EXTENSION || r->extensions.used + size > MAX_EXTENSIONS)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, r->at,
                         "tar extension headers of more than %d bytes, or %d before one member",
                         MAX_EXTENSION, MAX_EXTENSIONS);
    *text = fps__arena_alloc(&r->extensions, (size_t)size + 1);
    if (!*text)
        return fps__fail_memory(error);
    fps_status status = size ? read_bytes(r, (uint8_t *)*text, (size_t)size, error) : FPS_OK;
    return status ? status : skip_bytes(r, padding(size), error);
}

static fps_status take_record(reading *r, char *key, char *value, fps_error *error)
{
    if (strcmp(key, "path") == 0)
        r->name = value;
    else if (strcmp(key, "linkpath") == 0)
        r->link = value;
    else if (strcmp(key, "size") == 0) {
        char *end;
        if (*value < '0' || *value > '9' || strlen(value) > 18)
            return corrupt(r, "a tar member with a bad pax size", error);
        r->size = strtoull(value, &end, 10);
        r->size_given = true;
        if (*end)
            return corrupt(r, "a tar member with a bad pax size", error);
    }
    return FPS_OK;
}

/* Records "LENGTH KEY=VALUE\n", the length counting all of it. */
static fps_status parse_pax(reading *r, char *text, size_t size, fps_error *error)
{
    fps_status status = FPS_OK;
    while (size && !status) {
        char *end;
        if (*text < '1' || *text > '9')
            return corrupt(r, "a damaged pax header", error);
        unsigned long long length = strtoull(text, &end, 10);
        if (length > size || *end != ' ' || (size_t)(end - text) + 2 > length || text[length - 1] != '\n')
            return corrupt(r, "a damaged pax header", error);
        char *equals = memchr(end + 1, '=', (size_t)(text + length - end) - 1);
        if (!equals)
            return corrupt(r, "a damaged pax header", error);
        *equals = '\0';
        text[length - 1] = '\0';
        status = take_record(r, end + 1, equals + 1, error);
        text += length;
        size -= (size_t)length;
    }
    return status;
}

/* ---- members ---- */

/* Sets name and link. A name that is too long is left out: nobody asks for such a one. */
static fps_status name_member(const reading *r, const uint8_t *header, fps__tar_member *member,
                              fps_error *error)
{
    const char *text = (const char *)header;
    char name[PREFIX_SIZE + NAME_SIZE + 2], link[NAME_SIZE + 1];
    bool ustar = memcmp(header + MAGIC_AT, "ustar\0", 6) == 0;
    fps__arena *arena = &r->index->arena;
    snprintf(name, sizeof name, "%.*s/%.*s", ustar ? PREFIX_SIZE : 0, text + PREFIX_AT, NAME_SIZE,
             text + NAME_AT);
    snprintf(link, sizeof link, "%.*s", NAME_SIZE, text + LINK_AT);
    const char *full = r->name ? r->name : name, *target = r->link ? r->link : link;
    size_t length = strlen(full), target_length = strlen(target);
    if (length > MAX_NAME || target_length > MAX_NAME) {
        member->type = FPS__TAR_OTHER;
        length = target_length = 0;
    }
    if (arena->used - r->index->kept > MAX_NAMES)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, r->at, "member names of more than %d bytes",
                         MAX_NAMES);
    bool links = member->type == FPS__TAR_SYMLINK || member->type == FPS__TAR_HARDLINK;
    member->name = clean_name(arena, full, length);
    member->link = links ? fps__arena_text(arena, target, target_length) : NULL;
    return member->name && (!links || member->link) ? FPS_OK : fps__fail_memory(error);
}

/* Keeps a document, or at least finds out that it is none by its first byte; *left is what is still to be
 * skipped. */
static fps_status keep_document(reading *r, fps__tar_member *member, uint64_t *left, fps_error *error)
{
    uint8_t first;
    fps_status status = read_bytes(r, &first, 1, error);
    *left = member->size - 1;
    if (status || (first != '{' && first != '['))
        return status;
    if (member->size > MAX_KEPT - r->index->kept)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, r->at, "documents of more than %d bytes together",
                         MAX_KEPT);
    uint8_t *bytes = fps__arena_alloc(&r->index->arena, (size_t)member->size);
    if (!bytes)
        return fps__fail_memory(error);
    bytes[0] = first;
    r->index->kept += member->size;
    *left = 0;
    status = member->size > 1 ? read_bytes(r, bytes + 1, (size_t)member->size - 1, error) : FPS_OK;
    if (!status)
        member->content = (fps__span){bytes, (size_t)member->size};
    return status;
}

static fps__tar_type type_of(uint8_t flag)
{
    switch (flag) {
    case '0':
    case '\0':
    case '7':
        return FPS__TAR_FILE;
    case '1':
        return FPS__TAR_HARDLINK;
    case '2':
        return FPS__TAR_SYMLINK;
    default:
        return FPS__TAR_OTHER;
    }
}

/* A member that is no extension header, and its bytes. */
static fps_status take_member(reading *r, const uint8_t *header, uint64_t size, fps_error *error)
{
    fps__tar_index *index = r->index;
    fps__tar_member member = {.offset = r->at, .size = size, .type = type_of(header[TYPE_AT])};
    fps_status status = FPS__ARRAY_RESERVE(&index->members, 1, MAX_MEMBERS);
    if (status == FPS_ERROR_LIMIT)
        return fps__fail(error, status, NULL, r->at, "more than %d members", MAX_MEMBERS);
    if (status)
        return fps__fail_memory(error);
    status = name_member(r, header, &member, error);
    if (status)
        return status;
    member.place = (uint32_t)index->members.count;
    r->name = r->link = NULL;
    r->size_given = false;
    fps__arena_reset(&r->extensions);
    uint64_t left = size;
    if (r->reader->keep && member.type == FPS__TAR_FILE && size && size <= FPS__TAR_DOCUMENT)
        status = keep_document(r, &member, &left, error);
    if (!status)
        status = skip_bytes(r, left + padding(size), error);
    index->members.items[index->members.count++] = member;
    return status;
}

static fps_status take_header(reading *r, const uint8_t *header, fps_error *error)
{
    uint64_t size;
    char *text;
    if (!checksum_fits(header))
        return r->headers ? corrupt(r, "a damaged tar header", error)
                          : fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not a tar archive");
    if (!parse_number(header + SIZE_AT, SIZE_SIZE, &size) || size > INT64_MAX - BLOCK - r->at)
        return corrupt(r, "a tar member with a bad size", error);
    if (++r->headers > 4 * MAX_MEMBERS)
        return fps__fail(error, FPS_ERROR_LIMIT, NULL, r->at, "more than %d tar headers", 4 * MAX_MEMBERS);
    uint8_t flag = header[TYPE_AT];
    if (flag == 'g')
        return skip_bytes(r, size + padding(size), error);
    if (flag == 'x' || flag == 'L' || flag == 'K') {
        fps_status status = read_extension(r, size, &text, error);
        if (status)
            return status;
        if (flag == 'x')
            return parse_pax(r, text, (size_t)size, error);
        *(flag == 'L' ? &r->name : &r->link) = text;
        return FPS_OK;
    }
    if (r->size_given) {
        size = r->size;
        if (size > INT64_MAX - BLOCK - r->at)
            return corrupt(r, "a tar member with a bad size", error);
    }
    /* links and directories have no bytes, whatever their size says */
    if (type_of(flag) != FPS__TAR_FILE && flag >= '1' && flag <= '6')
        size = 0;
    return take_member(r, header, size, error);
}

static int compare_members(const void *a, const void *b)
{
    const fps__tar_member *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static void sort_members(fps__tar_index *index)
{
    fps__tar_member *items = index->members.items;
    if (index->members.count)
        qsort(items, index->members.count, sizeof *items, compare_members);
    for (size_t i = 1; i < index->members.count; i++)
        if (items[i].type != FPS__TAR_OTHER && strcmp(items[i - 1].name, items[i].name) == 0)
            index->duplicates++;
}

fps_status fps__tar_index_read(fps__tar_index *index, const fps__tar_reader *reader, fps_error *error)
{
    uint8_t header[BLOCK];
    *index = (fps__tar_index){.kept = 0};
    reading r = {.index = index, .reader = reader};
    fps_status status = FPS_OK;
    bool ended = false;
    while (!status && !ended) {
        status = read_block(&r, header, BLOCK, error);
        if (status == FPS_ERROR_NOT_FOUND && r.headers) {
            status = FPS_OK; /* no zero blocks: many writers leave them out */
            break;
        }
        if (status && !r.headers && (status == FPS_ERROR_NOT_FOUND || status == FPS_ERROR_CORRUPT))
            status = fps__fail(error, FPS_ERROR_FORMAT, NULL, 0, "not a tar archive");
        if (status)
            break;
        ended = r.headers && is_zero_block(header);
        if (!ended)
            status = take_header(&r, header, error);
    }
    index->end = r.at;
    fps__arena_free(&r.extensions);
    sort_members(index);
    return status;
}

void fps__tar_index_free(fps__tar_index *index)
{
    fps__arena_free(&index->arena);
    free(index->members.items);
    *index = (fps__tar_index){.kept = 0};
}

/* ---- finding ---- */

const fps__tar_member *fps__tar_index_find(const fps__tar_index *index, const char *name)
{
    const fps__tar_member *members = index->members.items;
    size_t behind; /* of several of that name the last one counts */
    FPS__LOWER_BOUND(behind, index->members.count, at, strcmp(members[at].name, name) <= 0);
    return behind && strcmp(members[behind - 1].name, name) == 0 ? &members[behind - 1] : NULL;
}

/* Writes where a link leads to `path` (MAX_NAME bytes), from the directory part of `path` when it is
 * relative. False when it leaves the archive. */
static bool follow(char *path, const fps__tar_member *link)
{
    char joined[2 * MAX_NAME + 2];
    size_t used = 0;
    const char *slash = strrchr(path, '/');
    bool relative = link->type == FPS__TAR_SYMLINK && link->link[0] != '/';
    int length = snprintf(joined, sizeof joined, "%.*s/%s", relative && slash ? (int)(slash - path) : 0, path,
                          link->link);
    if (length < 0 || (size_t)length >= sizeof joined)
        return false;
    for (const char *part = joined, *end; *part; part = *end ? end + 1 : end) {
        end = part + strcspn(part, "/");
        size_t size = (size_t)(end - part);
        if (size == 0 || (size == 1 && *part == '.'))
            continue;
        if (size == 2 && memcmp(part, "..", 2) == 0) {
            if (!used)
                return false;
            while (used && path[--used] != '/')
                ;
            continue;
        }
        if (used + size + 2 > MAX_NAME)
            return false;
        if (used)
            path[used++] = '/';
        memmove(path + used, part, size);
        used += size;
    }
    path[used] = '\0';
    return used > 0;
}

const fps__tar_member *fps__tar_index_resolve(const fps__tar_index *index, const char *name)
{
    char path[MAX_NAME];
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    size_t length = strnlen(name, MAX_NAME);
    if (length == MAX_NAME)
        return NULL;
    memcpy(path, name, length + 1);
    for (unsigned links = 0; links <= MAX_LINKS; links++) {
        const fps__tar_member *found = fps__tar_index_find(index, path);
        if (!found || found->type == FPS__TAR_OTHER)
            return NULL;
        if (found->type == FPS__TAR_FILE)
            return found;
        if (!follow(path, found))
            return NULL;
    }
    return NULL;
}
